"""Judging a series on its true values, and what of that may be shown where small numbers are suppressed.

Means, limits, signals and marks are computed before suppression: with the suppressed values left out a series of few misses
would be judged by its worst periods. What is shown leaves no suppressed number to be worked out:

- a mean or a limit into which a suppressed value goes is not shown: n × mean less the other values would give it back;
- a verdict is shown in words, and only where each suppressed value could also be another one, within what is known of it, with
  the same words. Else the newest value alone is judged, and where that would reveal a number too, nothing is.

No verdict is given from fewer than 12 values, nor where the newest period is not known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from indicators.analysis.control_chart import (
    CONCERN,
    FAIL,
    FULL_BASELINE,
    GRAINS,
    IMPROVEMENT,
    NEWEST_UNKNOWN,
    PASS,
    TOO_FEW_VALUES,
    VERDICT_SUPPRESSED,
    Break,
    SpcPoint,
    SpcResult,
    spc,
)
from indicators.catalogue.definition import SHARES, Definition
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import period_of, preceding
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED, Answer
from indicators.privacy.counted_answer import COUNTS

#: The number of newest periods that may lack units before the newest value counts as not known.
_MOST_INCOMPLETE = 1
#: Which points show their verdict: every one, the newest alone, none.
_EVERY, _NEWEST, _NONE = 2, 1, 0


def spc_of(
    found: Answer,
    target: float | None = None,
    breaks: Sequence[Break] = (),
    *,
    baseline: int | None = None,
    until: date | None = None,
) -> SpcResult:
    """Judge the series of an unsplit answer by week, month or quarter, on its true values.

    Only rows with the status ok count: incomplete and empty periods are gaps. Suppressed ones count but have no value in the
    result, nor do mean and limits that rest on them. A break, and a seam between published figures and rows, starts a new
    group at the first period that begins on its day or later. `baseline` fixes the limits by that many first values of each
    group, at least 12. `until` is the last day of which anything is known: where the series ends before the last whole
    period up to then, its newest value is not known. Raises BadQuestion for a split answer,
    another grain or too short a baseline.
    """
    if found.question.splits:
        raise BadQuestion("series_is_split", indicator=found.definition.id)
    if found.grain not in GRAINS:
        raise BadQuestion("series_grain", by=found.grain, known=", ".join(GRAINS))
    shown, true = found.rows, found.judged_rows
    breaks = sorted((*breaks, *(Break(seam.date, "") for seam in found.seams)), key=lambda one: one.date)
    ok = (true["status"] == OK).to_numpy()
    result = spc(
        list(true["period_start"]),
        [float(value) if good else None for value, good in zip(true["value"], ok, strict=True)],
        better=found.definition.better,
        target=target,
        breaks=breaks,
        baseline=baseline,
        labels=list(shown["period"]),
        statuses=list(shown["status"]),
    )
    result = _without_contradiction(_without_provisional(result))
    reason = _unjudged(result, found, until)
    if reason is not None:
        result = replace(result, variation=None, assurance=None, changed=False, unjudged=reason)
    suppressed = [place for place in _known(result) if result.points[place].status == SUPPRESSED]
    if not suppressed:
        return result
    return _shareable(result, suppressed, found, baseline)


def _known(result: SpcResult) -> list[int]:
    """The places that have a value."""
    return [place for place, point in enumerate(result.points) if point.value is not None]


def _without_provisional(result: SpcResult) -> SpcResult:
    """The series without what provisional limits would say of its values."""
    points = [
        replace(point, rule=None, kind=None)
        if point.group is not None and result.groups[point.group].provisional
        else point
        for point in result.points
    ]
    return replace(result, points=tuple(points))


def _without_contradiction(result: SpcResult) -> SpcResult:
    """Limits that hold what was before a change and after it do not say how the target is met from now on."""
    last = result.last
    if last is None or (result.assurance, last.kind) not in ((FAIL, IMPROVEMENT), (PASS, CONCERN)):
        return result
    return replace(result, assurance=None, changed=True)


def _unjudged(result: SpcResult, found: Answer, until: date | None) -> str | None:
    """Why no verdict is given of the newest value; None where one is."""
    last = result.last
    if last is None:
        return None
    later = found.rows[found.rows["period_start"] > last.date]
    if later["status"].isin((NO_DATA, NO_DENOMINATOR)).any():
        return NEWEST_UNKNOWN
    notes = later["note"] if "note" in later else pd.Series(None, index=later.index, dtype=object)
    lacking = (later["status"] == INCOMPLETE) & notes.notna()
    if lacking.sum() > _MOST_INCOMPLETE:
        return NEWEST_UNKNOWN
    if until is not None:
        period = period_of(until, str(found.grain))
        newest = period if period.end <= until else preceding(period, 1)[0]
        if newest.start > found.rows["period_start"].iloc[-1]:
            return NEWEST_UNKNOWN
    group = result.group
    return TOO_FEW_VALUES if group is not None and group.points < FULL_BASELINE else None


def exact_answer(found: Answer) -> Answer:
    """The answer before suppression, to be judged and never shown."""
    return replace(found, rows=found.judged_rows, true_rows=None)


def alternative_values(found: Answer, place: int) -> Iterator[float]:
    """What else the suppressed value of a row could be, within what a reader knows of it; nearest first."""
    true, shown = (rows.iloc[place].to_dict() for rows in (found.judged_rows, found.rows))
    return other_values(found.definition, true, shown)


def alternative_answers(found: Answer, place: int) -> Iterator[Answer]:
    """The answer before suppression with each other value that the suppressed one of a row could have."""
    exact = exact_answer(found)
    at = {name: exact.rows.columns.get_loc(name) for name in ("value", "numerator")}
    for value in alternative_values(found, place):
        rows = exact.rows.copy()
        rows.iloc[place, at["value"]] = value
        if found.definition.measure.statistic in SHARES:
            rows.iloc[place, at["numerator"]] = value * rows["denominator"].iloc[place] / 100
        yield replace(exact, rows=rows)


def other_values(
    definition: Definition, true: Mapping[Any, Any], shown: Mapping[Any, Any]
) -> Iterator[float]:
    """What else a suppressed value could be: one case more or less, where that is within what is known of it.

    `true` is the row before suppression with its `known_low` and `known_high`, `shown` the row after.
    """
    statistic = definition.measure.statistic
    value = float(true["value"])
    low, high = (
        _bound(true.get(name), least) for name, least in (("known_low", 0.0), ("known_high", math.inf))
    )
    if statistic in SHARES:
        met, n = float(true["numerator"]), float(true["denominator"])
        for one in (met - 1, met + 1):
            if max(low, 0.0) <= one <= min(high, n) and n > 0:
                yield 100 * one / n
        if pd.isna(shown["denominator"]):
            yield from (100 * met / other for other in (n - 1, n + 1) if other >= max(met, 1.0))
    elif statistic in COUNTS:
        yield from (one for one in (value - 1, value + 1) if max(low, 0.0) <= one <= high)
    else:
        yield from (one for one in (value - 1, value + 1) if one >= 0)


def _bound(known: float | None, otherwise: float) -> float:
    return otherwise if known is None or pd.isna(known) else float(known)


def _shareable(
    result: SpcResult, suppressed: Sequence[int], found: Answer, baseline: int | None
) -> SpcResult:
    """The series as it may be shown: without its suppressed values, and with those of the verdicts that do not reveal them."""
    groups, points = list(result.groups), list(result.points)
    unjudged = result.unjudged
    for at, group in enumerate(result.groups):
        mine = [place for place in _known(result) if points[place].group == at]
        gone = {place for place in mine if place in suppressed}
        if not gone:
            continue
        newest = at == len(groups) - 1
        shown = _EVERY
        if not group.provisional:
            others = {place: list(alternative_values(found, place)) for place in gone}
            shown = _judged_points(result, mine, others, baseline, newest)
        if not gone.isdisjoint(mine[:baseline]):
            groups[at] = replace(group, mean=None, limits=None, withheld=True)
        for place in mine:
            judged = shown == _EVERY or (shown == _NEWEST and place == mine[-1])
            points[place] = _without_number(points[place], place in gone, judged)
        if newest and shown == _NONE and unjudged is None:
            unjudged = VERDICT_SUPPRESSED
    if unjudged is not None:
        result = replace(result, variation=None, assurance=None, changed=False, unjudged=unjudged)
    return replace(result, points=tuple(points), groups=tuple(groups))


def _without_number(point: SpcPoint, suppressed: bool, judged: bool) -> SpcPoint:
    """A point of a stretch with suppressed values: without its own where it is one, and judged or not."""
    return replace(
        point,
        value=None if suppressed else point.value,
        side=0,
        outside=False,
        near=False,
        rule=point.rule if judged else None,
        kind=point.kind if judged else None,
    )


def _judged_points(
    result: SpcResult,
    mine: Sequence[int],
    others: Mapping[int, Sequence[float]],
    baseline: int | None,
    newest: bool,
) -> int:
    """Which points of a stretch may show their verdict: the most for which each suppressed value could be another one.

    `others` are, by place, what else a suppressed value could be.
    """
    dates = [result.points[place].date for place in mine]
    values = [result.points[place].value for place in mine]

    def words(given: Sequence[float | None], level: int) -> tuple[object, ...]:
        judged = spc(dates, given, better=result.better, target=result.target, baseline=baseline)
        rules = tuple(point.rule for point in judged.points)
        marks = (judged.variation, judged.assurance) if newest else ()
        return (judged.limits is None, *(rules if level == _EVERY else rules[-1:]), *marks)

    for level in (_EVERY, _NEWEST) if newest else (_EVERY,):
        wanted = words(values, level)
        if all(
            any(words([*values[:at], other, *values[at + 1 :]], level) == wanted for other in others[place])
            for at, place in enumerate(mine)
            if place in others
        ):
            return level
    return _NONE
