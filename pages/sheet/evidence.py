"""The evidence of a first screen: the one trend with its limits and targets; verdict and signal as badges. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Any

import pandas as pd

from indicators.analysis import control_chart as spc
from indicators.analysis.control_chart import SpcPoint, SpcResult
from indicators.catalogue.definition import Definition
from indicators.drawing.picture import PICTURE, Picture
from indicators.drawing.svg import ON_PAPER
from indicators.drawing.trend import DatedBreak, Level, Trend, trend
from indicators.engine.question import INCOMPLETE, OK
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import MET, NOT_DUE, NOT_MET, Target
from indicators.wording import formats
from indicators.wording import targets as target_wording
from indicators.wording.signals import RULE_WORDS, rule_words, run_span, turned_words
from indicators.wording.translations import N_, _
from pages.sheet.pieces import charts_of_widths, signal_badge, titled, verdict_badge
from pages.text import sentences
from pages.text import targets as target_words

#: So many points can be told apart; of more the newest are drawn.
MOST_POINTS = 52
#: What a signal is called, by what it means.
SIGNALS: Mapping[str, str] = {
    spc.COMMON: N_("Ordinary variation"),
    spc.IMPROVEMENT: N_("Really improved"),
    spc.CONCERN: N_("Really worsened"),
    spc.NEUTRAL: N_("Really changed"),
}
_MEANINGS = {spc.IMPROVEMENT: "good", spc.CONCERN: "bad"}


@dataclass(frozen=True)
class TrendChart:
    """A trend under its heading; `alt` says what is seen in it."""

    heading: str
    drawn: Trend
    judged: SpcResult
    alt: str = ""

    def html(self) -> str:
        """The chart on a first screen, with how to read it at the right."""
        shown = charts_of_widths(lambda size: trend(self.drawn, size, alt=self.alt))
        return titled(self.heading, shown, _reading(self.drawn, self.judged))

    def picture(self, *notes: str, title: str = "") -> Picture:
        """The chart to take away, with how to read it and other notes; `title` where its heading is short of what it is."""
        drawing = trend(replace(self.drawn, tips={}, links={}), PICTURE, ink=ON_PAPER)
        reading = _reading(self.drawn, self.judged)
        return Picture(title or self.heading, drawing, alt=self.alt, notes=(reading, *notes))


# Many parameters because each is a part of the chart that may be missing.
def trend_chart(
    heading: str,
    rows: pd.DataFrame,
    definition: Definition,
    judged: SpcResult,
    *,
    targets: Sequence[Level] = (),
    breaks: Sequence[DatedBreak] = (),
    label: str | None = None,
    link: Callable[[str], str] | None = None,
    alt: str = "",
) -> TrendChart:
    """The trend of the newest periods; `link` gives the address that judges a period."""
    shown = rows[rows["period_start"].notna()].tail(MOST_POINTS)
    labels = list(shown["period"])
    drawn = Trend(
        shown,
        definition,
        judged,
        targets=targets,
        breaks=breaks,
        judged=label,
        links={one: link(one) for one in labels} if link is not None else {},
        tips={row["period"]: _tip(row, definition) for row in shown.to_dict("records")},
    )
    return TrendChart(heading, drawn, judged, alt)


def _tip(row: Mapping[str, Any], definition: Definition) -> str:
    """What is said of a point: period, value, n, coverage."""
    said = [f"{formats.period(row['period'])}: {formats.short_marked(row, definition)}"]
    if not formats.missing(row["denominator"]):
        said.append(f"n{formats.NBSP}={formats.NBSP}{formats.count(row, 'denominator')}")
    if formats.has_coverage(row):
        said.append(_("coverage {coverage}").format(coverage=formats.coverage(row)))
    return ", ".join(said)


def _reading(drawn: Trend, judged: SpcResult) -> str:
    """What shading, filled and hollow points mean, as far as they are drawn."""
    said = []
    limits, definition = judged.limits, drawn.definition
    if limits is not None and not judged.provisional:
        low, high = limits.lower, limits.upper
        if definition.is_share:
            low, high = max(low, 0.0), min(high, 100.0)
        span = formats.interval(max(low, 0.0), high, definition)
        said.append(_("Shading: ordinary variation {span}").format(span=span))
    if any(point.kind not in (None, spc.COMMON) for point in judged.points if point.label in drawn.tips):
        said.append(_("Filled point: more than chance"))
    if drawn.rows["status"].eq(INCOMPLETE).any():
        said.append(_("Hollow dashed point: not complete"))
    lowest = drawn.lowest()
    if definition.is_share and lowest > 0:
        said.append(_("The axis begins at {value}").format(value=formats.percent(lowest, 0)))
    return ". ".join(said)


def signal_of(
    judged: SpcResult, label: str | None, why_not: str = "", *, told: bool = False, of: str = ""
) -> str:
    """Signal or noise of a period as a badge; `why_not` is said where there is no verdict.

    `of` names what varies, where the verdict above it is of something else. `told` where the finding above it says of which
    periods that is and whether the newest goes against it: then the rule alone.
    """
    kind = judged.kind_of(label)
    if kind is None:
        few = judged.group is not None and judged.group.points < spc.FULL_BASELINE
        return signal_badge("unknown", _("Too few values") if few else _("Cannot be judged"), why_not)
    words = _(SIGNALS[kind])
    if of:
        words = f"{of}: {words[:1].lower()}{words[1:]}"
    if kind == spc.COMMON:
        return signal_badge("usual", words)
    point = next(one for one in judged.points if one.label == label)
    reason = (
        _(RULE_WORDS[point.rule])
        if told and point.rule is not None
        else formats.one_after_another(
            [f"{rule_words(judged, point.label)}.", turned_words(judged, point.label)]
        ).removesuffix(".")
    )
    return signal_badge(_direction(point), words, reason, meaning=_MEANINGS.get(kind, ""))


def _direction(point: SpcPoint) -> str:
    upward = (spc.ABOVE_LIMIT, spc.TREND_UP, spc.NEAR_ABOVE, spc.SHIFT_ABOVE)
    return "up" if point.rule in upward else "down"


def signal_in_row(judged: SpcResult) -> str:
    """The newest signal of a series in a table, in a word or two."""
    last = judged.last
    kind = None if last is None else judged.kind_of(last.label)
    if last is None or kind is None:
        few = judged.unjudged == spc.TOO_FEW_VALUES
        return signal_badge("unknown", _("too few values") if few else _("cannot be judged"), inline=True)
    words = _(SIGNALS[kind])
    said = words[:1].lower() + words[1:]
    direction = "usual" if kind == spc.COMMON else _direction(last)
    badge = signal_badge(direction, said, meaning=_MEANINGS.get(kind, ""), inline=True)
    span, turned = run_span(judged, last.label), turned_words(judged, last.label)
    more = formats.one_after_another([f"{span}." if span else "", turned]).removesuffix(".")
    return f'{badge}<br><span class="tv-small">{escape(more)}</span>' if more else badge


def target_badge(
    row: Mapping[str, Any] | None,
    target: Target | None,
    definition: Definition,
    result: TargetResult | None,
    today: date,
) -> str:
    """The verdict where what is shown is the target's own period; else how far it is from the target, and until when.

    Empty without a target; no distance where the period is not complete or its value not known. `result` is that of the
    target's own period where what is shown is what the target is of.
    """
    if target is None:
        return ""
    level = _("target {target}").format(target=sentences.target_words(target, definition))
    if row is not None and result is not None and row["period"] == target.period.label:
        return verdict_badge(result.verdict, level)
    ends = (
        _("the target period {period} ends on {day}").format(
            period=formats.period(target.period.label), day=formats.day(target.period.end)
        )
        if target.period.end >= today
        else _("the target period has ended")
    )
    value = None if row is None or row["status"] != OK else row["value"]
    if target.value is None or target.unit != definition.unit or formats.missing(value):
        # There is nothing yet to wait for once the period is over: then the target itself is what can be said.
        if target.period.end < today:
            return _target_line(formats.capital(level), ends)
        return verdict_badge(NOT_DUE, f"{level}; {ends}")
    exact = sentences.with_decimals_of_target(definition, value, target)
    distance = formats.change(float(value) - target.value, exact)  # type: ignore[arg-type]
    far = _("{distance} from the target").format(distance=distance)
    return _target_line(far, f"{level}; {ends}")


def _target_line(said: str, remark: str) -> str:
    """A line of a target that is not judged."""
    return (
        f'<p class="tv-badge"><span class="tv-shape tv-{NOT_DUE}" aria-hidden="true">{formats.VERDICTS[NOT_DUE][0]}</span>'
        f'<span><strong>{escape(said)}</strong> <span class="tv-small">{escape(remark)}</span></span></p>'
    )


def verdict_fact(result: TargetResult, definition: Definition) -> tuple[str, str]:
    """The target's own period as a line of small print: its name, and verdict and actual."""
    verdict = target_wording.verdict(result)
    said = (
        f"{target_words.value(result, definition)}, {verdict}"
        if result.verdict in (MET, NOT_MET)
        else verdict
    )
    return _("Target period {period}").format(period=formats.period(result.target.period.label)), said
