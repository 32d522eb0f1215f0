"""Targets against actuals: each target with the figure of its own period, and a verdict where there can be one.

A target belongs to a period and is compared in the unit it was written in, with its own comparator. Where its period has
no actual, the newest earlier one stands beside it with its own period, without a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from indicators.definition import Definition, load_definitions
from indicators.engine import answer
from indicators.kinds.visits import margin_quantile
from indicators.periods import Period, days_of_months, grain_of, span
from indicators.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, SUPPRESSED, Answer, LoadUsed, Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

MET, NOT_MET, NOT_DUE, NOTHING, NO_TARGET, HIDDEN = (
    "met",
    "not_met",
    "not_due",
    "no_data",
    "no_target",
    "suppressed",
)
VERDICTS = (MET, NOT_MET, NOT_DUE, NOTHING, NO_TARGET, HIDDEN)
#: Decimals tried before giving up showing why a verdict is what it is.
MOST_DECIMALS = 4


@dataclass(frozen=True)
class Target:
    """One promise: a level for a period, as it was written. `value` is None where no level was given."""

    indicator: str
    area: str
    period: Period
    comparator: str | None
    value: float | None
    unit: str
    as_written: str
    cited_source: str | None


@dataclass(frozen=True)
class Actual:
    """What is known for a period: a value in the definition's unit with what it rests on.

    `low` and `high` are the interval of a hidden share; `possible_low` and `possible_high` where the share would lie if
    the missing dates were known; `coverage_low` and `coverage_high` where a coverage lies that leaves out too few to be told.
    """

    period: Period
    value: float | None
    numerator: float | None
    denominator: float | None
    coverage: float | None
    status: str
    low: float | None
    high: float | None
    possible_low: float | None
    possible_high: float | None
    as_of: date | None
    note: str | None
    cited_source: str | None
    coverage_low: float | None = None
    coverage_high: float | None = None


@dataclass(frozen=True)
class TargetResult:
    """One target with its actual, its verdict, and the newest earlier actual where its own period has none.

    `decimals` are those needed to see why the verdict is what it is; `distance` is actual − target in the target's
    unit, positive above it; `loads` are the loads behind the actual.
    """

    target: Target
    actual: Actual
    verdict: str
    earlier: Actual | None
    decimals: int
    distance: float | None
    loads: tuple[LoadUsed, ...]

    @property
    def demo(self) -> bool:
        """Whether synthetic rows are behind the actual."""
        return any(load.demo for load in self.loads)


def read_targets(snapshot: Snapshot, area: str, year: int | None = None) -> list[Target]:
    """The targets of an area, those of a year first to last; with a year, those whose period has a day of it."""
    rows = snapshot.rows(
        """SELECT indicator, area, period_start, period_end, comparator, value, unit, as_written, cited_source
           FROM targets WHERE area = ? AND (? IS NULL OR ? BETWEEN year(period_start) AND year(period_end))
           ORDER BY period_start, period_end, indicator""",
        [area, year, year],
    )
    return [
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
        if target.indicator in load_definitions()
    ]


def target_result(
    snapshot: Snapshot,
    settings: Settings,
    target: Target,
    *,
    as_of: date,
    suppress: bool = True,
    beside: tuple[Question, ...] = (),
) -> TargetResult:
    """One target held against what is known of its period, within the definition's headline scope.

    `beside` are the questions that are shown beside it (`Question.beside`).
    """
    definition = load_definitions()[target.indicator]
    if definition.measure.statistic == "published" and not has_figures(snapshot, definition.id, target.area):
        actual = nothing(target.period)
        verdict = verdict_of(target, actual, as_of)
        return TargetResult(target, actual, verdict, None, definition.decimals, None, ())
    question = replace(target_question(target), suppress=suppress, beside=beside)
    found = answer(snapshot, question, settings)
    actual = actual_of(found, 0) if len(found.rows) else nothing(target.period)
    margin = _margin(snapshot, target, definition, actual)
    verdict = verdict_of(target, actual, as_of, margin)
    earlier, loads = None, found.loads
    if actual.value is None and actual.status in (NO_DATA, NO_DENOMINATOR):
        earlier, loads = newest_before(snapshot, settings, definition, target, suppress=suppress)
    return TargetResult(
        target,
        actual,
        verdict,
        earlier,
        decimals_needed(target, actual, verdict, definition.decimals),
        distance_of(target, actual, margin),
        loads,
    )


def target_question(target: Target) -> Question:
    """What `target_result` asks."""
    where = load_definitions()[target.indicator].headline_where()
    return Question(target.indicator, area=target.area, where=where, periods=(target.period,), leading=True)


def has_figures(snapshot: Snapshot, indicator: str, area: str) -> bool:
    """Whether any figure of an indicator was published or entered for an area."""
    return bool(
        snapshot.rows("SELECT 1 FROM figures WHERE indicator = ? AND area = ? LIMIT 1", [indicator, area])
    )


def verdict_of(target: Target, actual: Actual, as_of: date, margin: float | None = None) -> str:
    """met, not_met, not_due, no_data, no_target or suppressed, from unrounded values.

    A period that has not ended, or that the data does not fully cover, is not due. A hidden share of a whole period is judged
    only where its whole interval is on one side. `margin` replaces the comparison for a limit in calendar months: the held
    percentile of days beyond it. Where single waits are not known, days are held against so many of the shortest and of
    the longest months, and nothing is said where these differ.
    """
    if target.value is None or target.comparator is None:
        return NO_TARGET
    if actual.status == SUPPRESSED:
        # What is noted of hidden rows are the units whose days are missing.
        if actual.low is None or actual.high is None or target.period.end > as_of or actual.note:
            return HIDDEN
        sides = {_holds(target.comparator, end, target.value) for end in (actual.low, actual.high)}
        return HIDDEN if len(sides) > 1 else (MET if sides.pop() else NOT_MET)
    if actual.value is None:
        return NOT_DUE if target.period.end > as_of else NOTHING
    if target.period.end > as_of or actual.status == INCOMPLETE:
        return NOT_DUE
    if margin is not None:
        return MET if _holds(target.comparator, margin, 0) else NOT_MET
    if target.unit == "months":
        if target.value % 1:
            # The calendar has no part of a month.
            return NOTHING
        sides = {_holds(target.comparator, actual.value, days) for days in days_of_months(int(target.value))}
        return NOTHING if len(sides) > 1 else MET if sides.pop() else NOT_MET
    return MET if _holds(target.comparator, actual.value, target.value) else NOT_MET


def reached(target: Target, value: float) -> bool:
    """Whether a value in the target's unit reaches the target's level; False where it has none."""
    if target.value is None or target.comparator is None:
        return False
    return _holds(target.comparator, value, target.value)


def _holds(comparator: str, value: float, level: float) -> bool:
    """Whether value ⋈ level holds.

    >>> _holds(">", 10, 10), _holds(">=", 10, 10)
    (False, True)
    """
    return {
        ">=": value >= level,
        ">": value > level,
        "<=": value <= level,
        "<": value < level,
        "=": value == level,
    }[comparator]


def decimals_needed(target: Target, actual: Actual, verdict: str, decimals: int) -> int:
    """The fewest decimals, from those declared, at which the rounded numbers say what the verdict says.

    79,96 % misses 80 %: with one decimal it would read 80,0 %, so two are shown.
    """
    if (
        target.value is None
        or actual.value is None
        or verdict not in (MET, NOT_MET)
        or target.unit == "months"
    ):
        return decimals
    truth = _holds(target.comparator or "=", actual.value, target.value)
    for tried in range(decimals, MOST_DECIMALS + 1):
        if _holds(target.comparator or "=", round(actual.value, tried), round(target.value, tried)) == truth:
            return tried
    return MOST_DECIMALS


def distance_of(target: Target, actual: Actual, margin: float | None = None) -> float | None:
    """Actual − target, in the target's unit (a limit in months: days beyond it).

    None where either is missing, or the actual's period is not complete: what is not judged has no distance either.
    """
    if actual.status == INCOMPLETE:
        return None
    if margin is not None:
        return margin
    if target.value is None or actual.value is None or target.unit == "months":
        return None
    return actual.value - target.value


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

    One of the target's own grain stands unless a year ended later, and one that is not complete began later too.
    """
    own = grain_of(target.period.start, target.period.end)
    newest: tuple[Actual | None, tuple[LoadUsed, ...]] = (None, ())
    for grain in (own, "year") if own in ("month", "quarter") else ("year",):
        question = Question(
            definition.id, by=grain, area=target.area, where=definition.headline_where(), suppress=suppress
        )
        found = answer(snapshot, question, settings)
        told = [actual_of(found, index) for index in range(len(found.rows))]
        known = [one for one in told if one.value is not None and one.period.end < target.period.start]
        if known and (newest[0] is None or _ended_later(known[-1], newest[0])):
            newest = (known[-1], found.loads)
    return newest


def _ended_later(year: Actual, other: Actual) -> bool:
    """Whether a year ended after another actual's period and does not merely hold it: an incomplete one began after it."""
    last = other.period.end
    return year.period.start > last or (year.period.end > last and year.status != INCOMPLETE)


def actual_of(found: Answer, index: int) -> Actual:
    """A row of an answer as an actual."""
    row = found.rows.iloc[index]
    return Actual(
        Period(row["period_start"], row["period_end"], row["period"]),
        *(_number(row[name]) for name in ("value", "numerator", "denominator", "coverage")),
        row["status"],
        *(_number(row[name]) for name in ("low", "high", "possible_low", "possible_high")),
        row["as_of"],
        row["note"],
        row["cited_source"],
        *(_number(row[name]) for name in ("coverage_low", "coverage_high")),
    )


def nothing(period: Period) -> Actual:
    """The actual of a period of which nothing is known."""
    return Actual(period, *(None,) * 4, NO_DATA, *(None,) * 7)


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
