"""Signal or noise in words: the rules of the control chart and what a deviation is called."""

from __future__ import annotations

from collections.abc import Mapping

from indicators.analysis import control_chart as spc
from indicators.analysis.control_chart import SpcResult
from indicators.wording import formats
from indicators.wording.translations import N_, _

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
#: What a point is by the rules.
KINDS: Mapping[str, str] = {
    spc.COMMON: N_("ordinary variation"),
    spc.IMPROVEMENT: N_("deviation for the better"),
    spc.CONCERN: N_("deviation for the worse"),
    spc.NEUTRAL: N_("change"),
}
#: Of a value beyond ordinary variation, a sentence that names the rule.
NOT_ORDINARY: Mapping[str, str] = {
    spc.IMPROVEMENT: N_("The figure differs from ordinary variation for the better: {rule}."),
    spc.CONCERN: N_("The figure differs from ordinary variation for the worse: {rule}."),
    spc.NEUTRAL: N_("The figure differs from ordinary variation: {rule}."),
}
#: Of a run whose newest value goes against it.
TURNED: Mapping[str, str] = {
    spc.IMPROVEMENT: N_("Most recently it got worse, though."),
    spc.CONCERN: N_("Most recently it got better, though."),
}


def run_span(result: SpcResult, label: str | None) -> str:
    """The first and the last period of the run that a period's value is in; empty where it stands alone or is ordinary."""
    run = result.run_to(label)
    if len(run) < 2:
        return ""
    return f"{formats.period(run[0].label)} – {formats.period(run[-1].label)}"


def rule_words(result: SpcResult, label: str) -> str:
    """The rule that the value of a period meets, with the periods of its run; empty where it meets none."""
    point = next((one for one in result.points if one.label == label), None)
    if point is None or point.rule is None:
        return ""
    span, rule = run_span(result, label), _(RULE_WORDS[point.rule])
    return f"{rule} ({span})" if span else rule


def turned_words(result: SpcResult, label: str | None) -> str:
    """That the newest value of a run goes against it, in a sentence; empty where it does not."""
    kind = result.kind_of(label)
    return _(TURNED[kind]) if kind is not None and kind in TURNED and result.turned(label) else ""
