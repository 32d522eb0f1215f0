"""Targets against actuals: each target with the figure of its own period, and a verdict where there can be one.

A target belongs to a period and is compared in the unit it was written in, with its own comparator. Where its period has
no actual, the newest earlier one is shown with its own period, without a verdict. A direction ("decreases every
year") is a target of each of its years, compared with the year before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from indicators.analysis.queue_change import newly_counted
from indicators.answers import answer
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import Period, grain_of, periods_between, same_a_year_before, span
from indicators.engine.measures import definition_of, definitions_of
from indicators.engine.published_series import demo_is_separate, has_figures
from indicators.engine.question import (
    INCOMPLETE,
    NO_DATA,
    NO_DENOMINATOR,
    SUPPRESSED,
    Answer,
    LoadUsed,
    Question,
)
from indicators.kinds.visits import margin_quantile
from indicators.programme.verdicts import (
    DIRECTIONS,
    MET,
    NO_TARGET,
    NOT_DUE,
    NOT_MET,
    Actual,
    Target,
    decimals_needed,
    direction_verdict,
    distance_of,
    ends_of,
    step_verdict,
    too_little_recorded,
    verdict_of,
)
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

_NUMBERS = (
    *("value", "numerator", "denominator", "coverage", "low", "high"),
    *("possible_low", "possible_high"),
)


@dataclass(frozen=True)
class TargetResult:
    """One target with its actual, its verdict, and the newest earlier actual where its own period has none.

    `decimals` are those needed to see why the verdict is what it is; `distance` is actual − target in the target's
    unit, positive above it; `loads` are the loads behind the actual. Of a direction `before` is the actual of the year
    before, there is no distance, and `across_seam` whether one of the two was published and the other counted.
    `demo_actual` is what synthetic rows say next to a published series: shown, never judged. `new_queues` says that a
    direction has no verdict because queues that were not counted in the year before decide it; `unrecorded` that there is none
    because missing records decide it: coverage is low, and what the share of all may be lies on both sides.
    """

    target: Target
    actual: Actual
    verdict: str
    earlier: Actual | None
    decimals: int
    distance: float | None
    loads: tuple[LoadUsed, ...]
    before: Actual | None = None
    across_seam: bool = False
    demo_actual: Actual | None = None
    new_queues: bool = False
    unrecorded: bool = False

    @property
    def demo(self) -> bool:
        """Whether synthetic rows are behind the actual."""
        return any(load.demo for load in self.loads)


def read_targets(snapshot: Snapshot, area: str, year: int | None = None) -> list[Target]:
    """The targets of an area, first to last; with a year, those whose period has a day of it.

    A direction that is promised for several years is a target of each of them.
    """
    rows = snapshot.rows(
        """SELECT indicator, area, period_start, period_end, comparator, value, unit, as_written, cited_source
           FROM targets WHERE area = ? AND (? IS NULL OR ? BETWEEN year(period_start) AND year(period_end))
           ORDER BY period_start, period_end, indicator""",
        [area, year, year],
    )
    found = [
        Target(
            indicator,
            area_code,
            span(start, end),
            comparator or None,
            value,
            unit or "",
            as_written or "",
            cited,
        )
        for indicator, area_code, start, end, comparator, value, unit, as_written, cited in rows
    ]
    each = [one for target in found for one in _by_years(target)]
    if year is not None:
        each = [one for one in each if one.period.start.year <= year <= one.period.end.year]
    return sorted(each, key=lambda one: (one.period.start, one.period.end, one.indicator))


def _by_years(target: Target) -> list[Target]:
    """A direction for each whole calendar year of its period, or for its period where that has none; a level as it is."""
    if not target.is_direction:
        return [target]
    years = periods_between(target.period.start, target.period.end, "year")
    whole = [one for one in years if target.period.start <= one.start and one.end <= target.period.end]
    return [replace(target, period=one) for one in whole] or [target]


def target_areas(snapshot: Snapshot) -> list[str]:
    """Areas that have targets."""
    return [area for (area,) in snapshot.rows("SELECT DISTINCT area FROM targets ORDER BY area")]


def target_results(
    snapshot: Snapshot,
    settings: Settings,
    *,
    as_of: date,
    area: str | None = None,
    year: int | None = None,
    suppress: bool = True,
) -> list[TargetResult]:
    """Every target of an area (and year) with its actual and verdict; `as_of` decides what is due."""
    area = area or settings.default_area
    return [
        target_result(snapshot, settings, target, as_of=as_of, suppress=suppress)
        for target in read_targets(snapshot, area, year)
        if target.indicator in definitions_of(snapshot)
    ]


def target_result(
    snapshot: Snapshot,
    settings: Settings,
    target: Target,
    *,
    as_of: date,
    suppress: bool = True,
) -> TargetResult:
    """One target compared with what is known of its period, within the definition's headline scope.

    In the shareable view a verdict that the noise of its counts would change is suppressed: none is wrong.
    """
    found = _result(snapshot, settings, target, as_of, suppress)
    if (
        suppress
        and found.verdict in (MET, NOT_MET)
        and definition_of(snapshot, target.indicator).counts_persons
    ):
        exact = _result(snapshot, settings, target, as_of, False)
        return found if exact.verdict == found.verdict else replace(found, verdict=SUPPRESSED)
    return found


def _result(
    snapshot: Snapshot, settings: Settings, target: Target, as_of: date, suppress: bool
) -> TargetResult:
    """One target with its verdict in one view; none where missing records decide it."""
    found = _compared(snapshot, settings, target, as_of, suppress)
    if found.verdict in (MET, NOT_MET) and too_little_recorded(
        target, found.actual, found.before, settings.low_coverage_pct
    ):
        return replace(found, verdict=NOT_DUE, unrecorded=True)
    return found


def _compared(
    snapshot: Snapshot, settings: Settings, target: Target, as_of: date, suppress: bool
) -> TargetResult:
    """One target with the verdict of what is recorded."""
    definition = definition_of(snapshot, target.indicator)
    question = replace(target_question(target, definition), suppress=suppress)
    if target.is_direction:
        return _direction_result(snapshot, settings, target, answer(snapshot, question, settings), as_of)
    if definition.measure.statistic == "published" and not has_figures(snapshot, definition.id, target.area):
        actual = nothing(target.period)
        verdict = verdict_of(target, actual, as_of)
        return TargetResult(target, actual, verdict, None, definition.decimals, None, ())
    found = answer(snapshot, question, settings)
    actual = actual_of(found, 0) if len(found.rows) else nothing(target.period)
    actual, demo_actual, loads = _without_demo(snapshot, definition, target, found, actual)
    margin = _margin(snapshot, target, definition, actual)
    verdict = verdict_of(target, actual, as_of, margin)
    earlier = None
    if actual.value is None and actual.status in (NO_DATA, NO_DENOMINATOR):
        earlier, loads = newest_before(snapshot, settings, definition, target, suppress=suppress)
    if margin is not None and suppress and definition.counts_persons:
        # Exact to its decimals it would say of how many visits it is.
        margin = float(round(margin))
    distance = distance_of(target, actual, margin)
    if not definition.judged:
        verdict, distance = NO_TARGET, None
    elif definition.steps:
        # A step lasts until another is reported: one reached before the target's period is reached.
        actual, earlier = (
            (earlier, None) if actual.value is None and earlier is not None else (actual, earlier)
        )
        verdict, distance = step_verdict(target, actual, as_of, definition.better), None
    return TargetResult(
        target,
        actual,
        verdict,
        earlier,
        decimals_needed(target, actual, verdict, definition.decimals),
        distance,
        loads,
        demo_actual=demo_actual,
    )


def _without_demo(
    snapshot: Snapshot, definition: Definition, target: Target, found: Answer, actual: Actual
) -> tuple[Actual, Actual | None, tuple[LoadUsed, ...]]:
    """The actual of the series, what synthetic rows say next to it, and the loads behind the former."""
    if found.demo and demo_is_separate(snapshot, definition.id, target.area):
        return nothing(target.period), actual if actual.value is not None else None, ()
    return actual, None, found.loads


def _direction_result(
    snapshot: Snapshot, settings: Settings, target: Target, found: Answer, as_of: date
) -> TargetResult:
    """A direction compared with the same period of the year before; `found` has both."""
    definition = found.definition
    by_start = {start: actual_of(found, at) for at, start in enumerate(found.rows["period_start"])}
    year_before = same_a_year_before(target.period)
    actual = by_start.get(target.period.start, nothing(target.period))
    before = by_start.get(year_before.start, nothing(year_before))
    actual, demo_actual, loads = _without_demo(snapshot, definition, target, found, actual)
    if demo_actual is not None:
        before = nothing(year_before)
    across = bool(found.seams)
    verdict, new_queues = NO_TARGET, False
    if definition.judged:
        verdict = direction_verdict(target, actual, before, as_of, across_seam=across)
        if verdict in (MET, NOT_MET):
            new_queues = not _holds_for_the_same(snapshot, settings, target, found, verdict, as_of)
            verdict = NO_DATA if new_queues else verdict
    earlier = None
    if actual.value is None and actual.status in (NO_DATA, NO_DENOMINATOR):
        earlier, loads = newest_before(
            snapshot, settings, definition, target, suppress=found.question.suppress
        )
    level = replace(target, comparator=DIRECTIONS[target.comparator or ""], value=before.value)
    return TargetResult(
        target,
        actual,
        verdict,
        earlier,
        decimals_needed(level, actual, verdict, definition.decimals),
        None,
        loads,
        before,
        across,
        demo_actual,
        new_queues,
    )


def _holds_for_the_same(
    snapshot: Snapshot, settings: Settings, target: Target, found: Answer, verdict: str, as_of: date
) -> bool:
    """Whether a direction's verdict is the same without the queues that were not counted in the year before."""
    places = {start: place for place, start in enumerate(found.rows["period_start"])}
    now = places.get(target.period.start)
    then = places.get(same_a_year_before(target.period).start)
    if now is None or then is None:
        return True
    labels = found.rows["period"]
    new = newly_counted(snapshot, found, settings, labels.iloc[then], labels.iloc[now])
    ends = ends_of(actual_of(found, now))
    if not new or ends is None:
        return True
    alike = replace(actual_of(found, now), value=None, low=ends[0] - new, high=ends[1] - new)
    return direction_verdict(target, alike, actual_of(found, then), as_of) == verdict


def target_question(target: Target, definition: Definition) -> Question:
    """What `target_result` asks: the target's period, of a direction the same of the year before too."""
    where = definition.headline_where()
    periods = (same_a_year_before(target.period), target.period) if target.is_direction else (target.period,)
    return Question(target.indicator, area=target.area, where=where, periods=periods)


def _margin(snapshot: Snapshot, target: Target, definition: Definition, actual: Actual) -> float | None:
    """For a target in months of an indicator in days: the same percentile of the days beyond that many calendar months."""
    if target.unit != "months" or definition.unit != "days" or target.value is None or actual.value is None:
        return None
    if definition.measure.dataset != "visits" or actual.cited_source is not None:
        return None
    if target.value % 1:
        return None
    return margin_quantile(snapshot, definition.measure, target.period, target.area, int(target.value))


def newest_before(
    snapshot: Snapshot, settings: Settings, definition: Definition, target: Target, *, suppress: bool
) -> tuple[Actual | None, tuple[LoadUsed, ...]]:
    """The newest actual of a period that ended before a target's period began: of its own grain or by year, with its loads.

    One of the target's own grain is taken unless a year ended later, and one that is not complete began later too.
    """
    own = grain_of(target.period.start, target.period.end)
    newest: tuple[Actual | None, tuple[LoadUsed, ...]] = (None, ())
    for grain in (own, "year") if own in ("month", "quarter") else ("year",):
        question = Question(
            definition.id, by=grain, area=target.area, where=definition.headline_where(), suppress=suppress
        )
        found = answer(snapshot, question, settings)
        if found.demo and demo_is_separate(snapshot, definition.id, target.area):
            continue
        actuals = [actual_of(found, index) for index in range(len(found.rows))]
        known = [one for one in actuals if one.has_value and one.period.end < target.period.start]
        if known and (newest[0] is None or _ended_later(known[-1], newest[0])):
            newest = (known[-1], found.loads)
    return newest


def _ended_later(year: Actual, other: Actual) -> bool:
    """Whether a year ended after another actual's period and does not merely include it: an incomplete one began after it."""
    last = other.period.end
    return year.period.start > last or (year.period.end > last and year.status != INCOMPLETE)


def actual_of(found: Answer, index: int) -> Actual:
    """A row of an answer as an actual."""
    row = found.rows.iloc[index].to_dict()
    numbers: dict[str, Any] = {name: None if pd.isna(row[name]) else float(row[name]) for name in _NUMBERS}
    return Actual(
        Period(row["period_start"], row["period_end"], row["period"]),
        status=row["status"],
        as_of=row["as_of"],
        note=row["note"],
        cited_source=row["cited_source"],
        missing=row["missing"] or (),
        missing_units=() if row["cited_source"] is not None else found.missing_units.get(row["period"], ()),
        **numbers,
    )


def nothing(period: Period) -> Actual:
    """The actual of a period of which nothing is known."""
    return Actual(period, status=NO_DATA)
