"""Before and after a dated change: the units it affects and the units without it. An association, never a cause.

Two windows of the same number of whole periods lie around the day; the period it falls into belongs to neither. Outwards
from the day the windows reach as far as every period is complete on both sides and in both groups, at most the length
asked for. What is tested against chance is the difference of the changes,

    D = (after − before) of the affected units − (after − before) of the other units,

so that what happens to all of them alike (a season, a change of law) is no difference. Its 95 % interval:

- **Shares** are Σ numerator / Σ denominator of each window. The interval combines the Wilson intervals of the four
  shares (MOVER): D − √Σ(distance to the end that makes D smaller)², D + √Σ(distance to the other end)². Source: R. G. Newcombe,
  Statistics in Medicine 17 (1998), method 10; G. Y. Zou, W. Huang, X. Zhang, Computational Statistics & Data Analysis 53 (2009).
  It knows the chance of single cases only: where a share varies from period to period by itself, it is too narrow.
- **Counts, waits and other figures** are the mean of the periods' values, and chance is judged by how the periods vary: of the
  periods' differences between the two groups, Welch's t. A count is shown in per cent of the mean before, for a small group
  cannot change by as many as a large one; the variance of the ratio is taken to first order (delta method). Source: B. L.
  Welch, Biometrika 34 (1947). A figure of a day, such as a queue, has no interval: much the same entries are in one
  period and the next. Autocorrelated values carry less information than they seem to (M. Bertrand, E. Duflo,
  S. Mullainathan, Quarterly Journal of Economics 119 (2004)): then there is no interval.

Of the shareable view the numbers are its perturbed ones. Where a window of a share or a period of another figure is suppressed
there is no number of either group.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from statistics import fmean

import pandas as pd

from indicators.analysis.control_chart import GRAINS
from indicators.analysis.intervals import NOT_INDEPENDENT, interval_of_series, interval_of_shares
from indicators.answers import answer
from indicators.catalogue.definition import SHARES, Definition
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import Period, period_of, preceding, span
from indicators.engine.measures import definitions_of
from indicators.engine.question import NO_DENOMINATOR, OK, SUPPRESSED, Answer, Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: Lengths of a window that can be chosen, in periods; far apart: two windows that differ by one period reveal it.
LENGTHS = {"week": (8, 13, 26, 52), "month": (3, 6, 12), "quarter": (2, 4, 8)}


#: Why a period is in neither window.
SPLIT_BY_DAY, NOT_WHOLE, NO_CASES = "split_by_day", "not_whole", "no_cases"


#: Why there is no difference, the first that applies.
NO_WINDOW, NUMBERS_SUPPRESSED, NOTHING = "no_window", "hidden", "nothing"


LOW_COVERAGE, NO_BASE, NO_OTHERS = "low_coverage", "no_base", "no_others"


REASONS = (NO_WINDOW, NUMBERS_SUPPRESSED, NOTHING, LOW_COVERAGE, NO_BASE, NO_OTHERS)


@dataclass(frozen=True)
class Side:
    """One group in one window, in the definition's unit: of a share that of all its cases, else the mean of the periods.

    `coverage` is in per cent; numbers are None where the indicator has none or they are suppressed.
    """

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    coverage: float | None = None


@dataclass(frozen=True)
class Group:
    """Some units. `change` is after − before in the unit (shares: percentage points), of counts in per cent of
    before; `rows` are the periods of both windows, None where they are suppressed.
    """

    units: tuple[str, ...]
    before: Side
    after: Side
    change: float | None
    rows: pd.DataFrame | None


@dataclass(frozen=True)
class BeforeAfter:
    """The view around a day.

    `before` and `after` are the periods of the windows, first to last; `left_out` those that would have belonged to them, each
    with SPLIT_BY_DAY, NOT_WHOLE or NO_CASES. `relative` says that changes and their difference are in per cent of before.
    `reason` (one of REASONS) is why there is no difference, `no_interval` (one of NO_INTERVAL) why it has no interval."""

    definition: Definition
    day: date
    grain: str
    length: int
    before: tuple[Period, ...]
    after: tuple[Period, ...]
    left_out: tuple[tuple[Period, str], ...]
    affected: Group
    others: Group | None
    relative: bool
    difference: float | None
    low: float | None
    high: float | None
    reason: str | None
    no_interval: str | None
    answers: tuple[Answer, ...]

    @property
    def demo(self) -> bool:
        """Whether synthetic rows are behind it."""
        return any(found.demo for found in self.answers)

    @property
    def apart(self) -> bool | None:
        """Whether the interval leaves out 0: the changes differ by more than chance. None without an interval."""
        return None if self.low is None or self.high is None else not self.low <= 0 <= self.high


def windows(day: date, grain: str, length: int) -> tuple[list[Period], list[Period], Period | None]:
    """The periods before and after a day, first to last, and the one that the day splits (None where it starts one).

    >>> before, after, parted = windows(date(2025, 3, 12), "month", 2)
    >>> [p.label for p in before], parted.label, [p.label for p in after]
    (['2025-01', '2025-02'], '2025-03', ['2025-04', '2025-05'])
    """
    holding = period_of(day, grain)
    after = [period for period in _following(holding, length + 1) if period.start >= day][:length]
    return preceding(holding, length), after, None if holding.start == day else holding


def _following(first: Period, count: int) -> list[Period]:
    """A number of periods of the grain of one, that one the first."""
    grain = {7: "week"}.get(first.days) or ("month" if first.days < 32 else "quarter")
    found = [first]
    while len(found) < count:
        found.append(period_of(date.fromordinal(found[-1].end.toordinal() + 1), grain))
    return found


def units_between(snapshot: Snapshot, question: Question, settings: Settings) -> tuple[str, ...]:
    """The units that have cases of a question at all, in the order of their codes."""
    by_unit = answer(snapshot, replace(question, splits=("unit",), by="year"), settings)
    return tuple(sorted(set(by_unit.rows["unit"])))


def before_and_after(
    snapshot: Snapshot,
    question: Question,
    settings: Settings,
    *,
    day: date,
    length: int,
    units: Sequence[str] = (),
) -> BeforeAfter:
    """An indicator before and after a day, in the `units` that a change affects and in the others; without units in all.

    The question has a grain (week, month, quarter), an area and filters other than `unit`. Raises BadQuestion, also where the
    indicator is not known by unit.
    """
    definition, grain = _checked(snapshot, question)
    before, after, parted = windows(day, grain, length)
    asked = replace(question, date_from=before[0].start, date_to=after[-1].end)
    members = [tuple(sorted(units))]
    if units:
        others = tuple(unit for unit in units_between(snapshot, asked, settings) if unit not in units)
        members += [others] if others else []
    narrowed = [asked.narrowed("unit", *mine) for mine in members]
    whole = [_whole(answer(snapshot, one, settings)) for one in narrowed]
    reach = _reach(before, after, whole)
    left_out = [(period, NOT_WHOLE) for period in (*before[: length - reach], *after[reach:])]
    left_out += [(parted, SPLIT_BY_DAY)] if parted else []
    used = _Windows(definition, tuple(before[length - reach :]), tuple(after[:reach]))
    answers = _answers(snapshot, settings, used, narrowed)
    built = _build(definition, used.before, used.after, *answers)
    reason = built.reason or _reason(built, settings)
    affected, *rest = built.groups(members)
    difference, low, high, no_interval = None, None, None, None
    if reason is None and rest:
        difference = (affected.change or 0.0) - (rest[0].change or 0.0)
        interval, no_interval = built.interval()
        low, high = interval or (None, None)
    left_out += [(period, NO_CASES) for period in built.without_cases]
    return BeforeAfter(
        definition,
        day,
        grain,
        length,
        used.before,
        used.after,
        tuple(sorted(left_out)),
        affected,
        rest[0] if rest else None,
        built.relative,
        difference,
        low,
        high,
        reason,
        no_interval,
        tuple(answers[0]),
    )


def _checked(snapshot: Snapshot, question: Question) -> tuple[Definition, str]:
    """The definition and the grain of a question that can be compared by unit. Raises BadQuestion."""
    definition = question.checked(definitions_of(snapshot))
    if question.by is None or question.by not in GRAINS:
        raise BadQuestion("series_grain", by=question.by, known=", ".join(GRAINS))
    if "unit" not in definition.dimensions or question.splits:
        raise BadQuestion(
            "unknown_split", indicator=definition.id, split="unit", known=", ".join(definition.dimensions)
        )
    return definition, question.by


def _reach(before: Sequence[Period], after: Sequence[Period], whole: Sequence[set[date]]) -> int:
    """How many periods on each side, outwards from the day, are whole in every group."""
    pairs = zip(reversed(before), after, strict=True)
    starts = set.intersection(*whole)
    return len(list(takewhile(lambda pair: pair[0].start in starts and pair[1].start in starts, pairs)))


@dataclass(frozen=True)
class _Windows:
    """The periods of both windows that are used, first to last."""

    definition: Definition
    before: tuple[Period, ...]
    after: tuple[Period, ...]


def _answers(
    snapshot: Snapshot, settings: Settings, used: _Windows, narrowed: Sequence[Question]
) -> tuple[list[Answer], list[Answer]]:
    """Per group the answers of the periods and, of shares, of the two windows."""
    of_windows = []
    if used.before and used.definition.measure.statistic in SHARES:
        stretches = tuple(span(one[0].start, one[-1].end) for one in (used.before, used.after))
        of_windows = [
            replace(one, by=None, date_from=None, date_to=None, periods=stretches) for one in narrowed
        ]
    ask = [[answer(snapshot, one, settings) for one in of] for of in (narrowed, of_windows)]
    return ask[0], ask[1]


def _build(
    definition: Definition,
    before: Sequence[Period],
    after: Sequence[Period],
    found: Sequence[Answer],
    of_windows: Sequence[Answer],
) -> _Built:
    """The windows from the answers of the periods and, of shares, of the windows."""
    built = _Built(_Windows(definition, tuple(before), tuple(after)), found)
    if of_windows:
        built.shares(of_windows)
    elif before:
        built.series()
    return built


def _whole(found: Answer) -> set[date]:
    """The first days of the periods that are complete, counted from rows."""
    rows = found.rows
    good = rows["status"].isin((OK, NO_DENOMINATOR)) | (
        (rows["status"] == SUPPRESSED) & rows["complete"].eq(True)
    )
    good &= rows["cited_source"].isna()
    return set(rows.loc[good, "period_start"])


def _reason(built: _Built, settings: Settings) -> str | None:
    """Why windows that are shown are still not compared; None where they are."""
    sides = [side for pair in built.sides for side in pair]
    least = settings.monitoring_min_coverage_pct
    if any(side.coverage is not None and side.coverage < least for side in sides):
        return LOW_COVERAGE
    if built.relative and any(not pair[0].value for pair in built.sides):
        return NO_BASE
    return NO_OTHERS if len(built.sides) < 2 else None


class _Built:
    """The windows of one or two groups on the way to their difference."""

    def __init__(self, used: _Windows, found: Sequence[Answer]) -> None:
        self.used = used
        self.definition, self.periods = used.definition, (*used.before, *used.after)
        self.relative = used.definition.unit == "count"
        inside = {period.start for period in self.periods}
        self.rows = [one.rows[one.rows["period_start"].isin(inside)] for one in found]
        self.sides: list[tuple[Side, Side]] = []
        self.without_cases: list[Period] = []
        #: Per group the values of the periods before and after.
        self.values: list[tuple[list[float], list[float]]] = []
        self.reason: str | None = None if used.before else NO_WINDOW

    def shares(self, of_windows: Sequence[Answer]) -> None:
        """Each window as one share of all its cases."""
        pairs = [one.rows.sort_values("period_start") for one in of_windows]
        if any((rows["status"] == SUPPRESSED).any() for rows in pairs):
            self.reason = NUMBERS_SUPPRESSED
            return
        for rows in pairs:
            numbers = rows[["value", "numerator", "denominator", "coverage"]].itertuples(index=False)
            before, after = (Side(*map(_number, row)) for row in numbers)
            self.sides.append((before, after))
        if any(side.value is None for pair in self.sides for side in pair):
            self.reason = NOTHING

    def series(self) -> None:
        """Each window as the mean of its periods' values, of the periods that have one in every group."""
        if any((rows["status"] == SUPPRESSED).any() for rows in self.rows):
            self.reason = NUMBERS_SUPPRESSED
            return
        by_start = [rows.set_index("period_start") for rows in self.rows]
        lacking = {start for rows in by_start for start in rows.index[rows["value"].isna()]}
        self.without_cases = [period for period in self.periods if period.start in lacking]
        stretches = [
            [period for period in periods if period.start not in lacking]
            for periods in (self.used.before, self.used.after)
        ]
        if not all(stretches):
            self.reason = NOTHING
            return
        for rows in by_start:
            pair = [rows.loc[[period.start for period in periods]] for periods in stretches]
            values = [[float(value) for value in part["value"]] for part in pair]
            self.values.append((values[0], values[1]))
            self.sides.append((_mean_of(pair[0]), _mean_of(pair[1])))

    def groups(self, members: Sequence[tuple[str, ...]]) -> list[Group]:
        """The groups as they are shown."""
        nothing = (Side(None), Side(None))
        shown = self.reason != NUMBERS_SUPPRESSED and bool(self.used.before)
        return [
            Group(
                units,
                *(self.sides[at] if self.sides else nothing),
                self.change(*self.sides[at]) if self.sides else None,
                self.rows[at] if shown else None,
            )
            for at, units in enumerate(members)
        ]

    def change(self, before: Side, after: Side) -> float | None:
        if before.value is None or after.value is None:
            return None
        if self.relative:
            return 100 * (after.value / before.value - 1) if before.value else None
        return after.value - before.value

    def interval(self) -> tuple[tuple[float, float] | None, str | None]:
        """The interval of the difference of two groups' changes, or why there is none."""
        if self.definition.measure.statistic in SHARES:
            counts = [
                (side.numerator, side.denominator)
                for before, after in self.sides
                for side in (after, before)
                if side.numerator is not None and side.denominator is not None
            ]
            if self.definition.measure.statistic != "share" or len(counts) < 2 * len(self.sides):
                return None, NOT_INDEPENDENT
            return interval_of_shares(counts, (1, -1, -1, 1)), None
        if self.definition.point_in_time:
            # Much the same entries wait on one day and the next.
            return None, NOT_INDEPENDENT
        return interval_of_series(*self.values, relative=self.relative)


def _mean_of(rows: pd.DataFrame) -> Side:
    """The mean of periods' values; the denominator is their sum, the coverage that of all their rows."""
    n, coverage = (rows[name].to_numpy(float) for name in ("denominator", "coverage"))
    covered = coverage.mean()
    if n.sum() > 0 and (coverage > 0).all():
        covered = 100 * n.sum() / (100 * n / coverage).sum()
    return Side(fmean(rows["value"]), None, _number(n.sum()), _number(covered))


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
