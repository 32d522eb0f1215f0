"""Signal or noise in words: the rules of the control chart and what a deviation is called."""

from __future__ import annotations

from collections.abc import Mapping

from indicators.analysis import control_chart as spc
from indicators.wording.translations import N_

#: What each rule says of a value, as the end of a sentence.
RULE_WORDS: Mapping[str, str] = {
    spc.ABOVE_LIMIT: N_("the value is above the upper limit of ordinary variation"),
    spc.BELOW_LIMIT: N_("the value is below the lower limit of ordinary variation"),
    spc.TREND_UP: N_("at least seven values in a row have risen"),
    spc.TREND_DOWN: N_("at least seven values in a row have fallen"),
    spc.NEAR_ABOVE: N_("at least two of three values in a row are close to the upper limit"),
    spc.NEAR_BELOW: N_("at least two of three values in a row are close to the lower limit"),
    spc.SHIFT_ABOVE: N_("at least seven values in a row are above the mean"),
    spc.SHIFT_BELOW: N_("at least seven values in a row are below the mean"),
}
#: Mark and word of the rule of a point.
KINDS: Mapping[str, tuple[str, str]] = {
    spc.COMMON: ("●", N_("ordinary variation")),
    spc.IMPROVEMENT: ("◆", N_("deviation for the better")),
    spc.CONCERN: ("✕", N_("deviation for the worse")),
    spc.NEUTRAL: ("◇", N_("change")),
}
#: Of a value beyond ordinary variation, a sentence that names the rule.
NOT_ORDINARY: Mapping[str, str] = {
    spc.IMPROVEMENT: N_("The figure differs from ordinary variation for the better: {rule}."),
    spc.CONCERN: N_("The figure differs from ordinary variation for the worse: {rule}."),
    spc.NEUTRAL: N_("The figure differs from ordinary variation: {rule}."),
}
