"""Before and after a dated change: the units it concerns beside the units without it. An association, never a cause.

Two windows of the same number of whole periods lie around the day; the period it falls into belongs to neither. Outwards
from the day the windows reach as far as every period is complete on both sides and in both groups, at most the length
asked for: the first period that is not ends them. What is held against chance is the difference of the changes,

    D = (after − before) of the units concerned − (after − before) of the other units,

so that what happens to all of them alike (a season, a change of law) is no difference. Its 95 % interval:

- **Shares** are Σ numerator / Σ denominator of each window. The interval is put together from the Wilson intervals of the four
  shares (MOVER): D − √Σ(distance to the end that makes D smaller)², D + √Σ(distance to the other end)². Source: R. G. Newcombe,
  Statistics in Medicine 17 (1998), method 10; G. Y. Zou, W. Huang, X. Zhang, Computational Statistics & Data Analysis 53 (2009).
  It knows the chance of single cases only: where a share varies from period to period by itself, it is too narrow.
- **Counts, waits and other figures** are the mean of the periods' values, and chance is judged by how the periods vary: of the
  periods' differences between the two groups, Welch's t. A count is told in per cent of the mean before, for a small group
  cannot change by as many as a large one; the variance of the ratio is taken to first order (delta method). Source: B. L.
  Welch, Biometrika 34 (1947). What is told of a day, such as a queue, has no interval, for much the same entries are in one
  period and the next. Values that follow each other carry less than they seem to (M. Bertrand, E. Duflo,
  S. Mullainathan, Quarterly Journal of Economics 119 (2004)): then there is no interval.

Suppressed values stay suppressed: where a period of a share's windows is, the windows are told without their periods; of
other figures, and where a window is suppressed itself, no number is told of either group, so that nothing follows from a total.
Whether the changes differ by more than chance is judged on true values all the same, and told where each suppressed value could
also be another one with the same verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from statistics import fmean, variance

import pandas as pd

from indicators.analysis.control_chart import GRAINS
from indicators.analysis.funnel import wilson
from indicators.analysis.signals import other_values
from indicators.answers import answer
from indicators.catalogue.definition import SHARES, Definition
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import Period, period_of, preceding, span
from indicators.engine.measures import definitions_of
from indicators.engine.question import NO_DENOMINATOR, OK, SUPPRESSED, Answer, Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

LEVEL = 0.95
#: Lengths of a window that can be chosen, in periods; far apart, for windows that differ by one period tell of it.
LENGTHS = {"week": (8, 13, 26, 52), "month": (3, 6, 12), "quarter": (2, 4, 8)}
#: Fewer periods than this on a side do not tell how they vary, nor whether they follow each other.
FEWEST_PERIODS = 6

#: Why a period is in neither window.
SPLIT_BY_DAY, NOT_WHOLE, NO_CASES = "split_by_day", "not_whole", "no_cases"
#: Why there is no difference, the first that applies.
NO_WINDOW, HIDDEN, NOTHING = "no_window", "hidden", "nothing"
LOW_COVERAGE, NO_BASE, NO_OTHERS = "low_coverage", "no_base", "no_others"
#: Why a difference has no interval.
NOT_INDEPENDENT, TOO_FEW, NO_VARIATION, FOLLOW_EACH_OTHER = (
    *("not_independent", "too_few_periods", "no_variation"),
    "follow_each_other",
)
REASONS = (NO_WINDOW, HIDDEN, NOTHING, LOW_COVERAGE, NO_BASE, NO_OTHERS)
NO_INTERVAL = (NOT_INDEPENDENT, TOO_FEW, NO_VARIATION, FOLLOW_EACH_OTHER)
#: What is told of a difference whose numbers are suppressed.
BY_CHANCE, HIGHER, LOWER = "by_chance", "higher", "lower"


@dataclass(frozen=True)
class Side:
    """One group in one window, in the definition's unit: of a share all its cases together, else the mean of the periods.

    `denominator` is what it rests on, `coverage` in per cent; None where the indicator has none or it is hidden.
    """

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    coverage: float | None = None


@dataclass(frozen=True)
class Group:
    """Some units together. `change` is after − before in the unit (shares: percentage points), of counts in per cent of
    before; `rows` are the periods of both windows, None where they are not told.
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
    `reason` (one of REASONS) is why there is no difference, `no_interval` (one of NO_INTERVAL) why it has no interval. Of a
    difference whose numbers are suppressed `verdict` is BY_CHANCE, HIGHER or LOWER, None where that is not told either.
    """

    definition: Definition
    day: date
    grain: str
    length: int
    before: tuple[Period, ...]
    after: tuple[Period, ...]
    left_out: tuple[tuple[Period, str], ...]
    concerned: Group
    others: Group | None
    relative: bool
    difference: float | None
    low: float | None
    high: float | None
    reason: str | None
    no_interval: str | None
    answers: tuple[Answer, ...]
    verdict: str | None = None

    @property
    def demo(self) -> bool:
        """Whether synthetic rows are behind it."""
        return any(found.demo for found in self.answers)

    @property
    def apart(self) -> bool | None:
        """Whether the interval leaves out 0: the changes differ by more than chance. None without an interval."""
        return None if self.low is None or self.high is None else not self.low <= 0 <= self.high


def windows(day: date, grain: str, length: int) -> tuple[list[Period], list[Period], Period | None]:
    """The periods before and after a day, first to last, and the one that the day parts (None where it starts one).

    >>> before, after, parted = windows(date(2025, 3, 12), "month", 2)
    >>> [p.label for p in before], parted.label, [p.label for p in after]
    (['2025-01', '2025-02'], '2025-03', ['2025-04', '2025-05'])
    """
    holding = period_of(day, grain)
    after = [period for period in _following(holding, length + 1) if period.start >= day][:length]
    return preceding(holding, length), after, None if holding.start == day else holding


def _following(first: Period, count: int) -> list[Period]:
    """So many periods of the grain of one, that one the first."""
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
    """An indicator before and after a day, in the `units` a change concerns beside the others; without units in all.

    The question has a grain (week, month, quarter), an area and filters other than `unit`. Raises BadQuestion, also where the
    indicator is not known by unit.
    """
    definition = question.checked(definitions_of(snapshot))
    if question.by not in GRAINS:
        raise BadQuestion("series_grain", by=question.by, known=", ".join(GRAINS))
    if "unit" not in definition.dimensions or question.splits:
        raise BadQuestion(
            "unknown_split", indicator=definition.id, split="unit", known=", ".join(definition.dimensions)
        )
    before, after, parted = windows(day, question.by, length)
    asked = replace(question, date_from=before[0].start, date_to=after[-1].end)
    there = units_between(snapshot, asked, settings)
    members = [tuple(sorted(units)), tuple(unit for unit in there if unit not in units)] if units else [()]
    members = members if len(members) > 1 and members[1] else members[:1]
    narrowed = [asked.narrowed("unit", *mine) for mine in members]
    # Whether a period is whole is no secret, but a hidden one does not say it.
    whole = [_whole(answer(snapshot, replace(one, suppress=False), settings)) for one in narrowed]
    reach = 0
    while reach < length and all(
        {before[-1 - reach].start, after[reach].start} <= starts for starts in whole
    ):
        reach += 1
    used_before, used_after = before[len(before) - reach :], after[:reach]
    left_out = [
        *((period, NOT_WHOLE) for period in before[: len(before) - reach]),
        *([(parted, SPLIT_BY_DAY)] if parted else []),
        *((period, NOT_WHOLE) for period in after[reach:]),
    ]
    share = definition.measure.statistic in SHARES
    of_windows = []
    if reach and share:
        stretches = tuple(span(used[0].start, used[-1].end) for used in (used_before, used_after))
        of_windows = [
            replace(one, by=None, date_from=None, date_to=None, periods=stretches) for one in narrowed
        ]
    together = (*narrowed, *of_windows)
    found, windows_found = (
        [answer(snapshot, replace(one, shown_with=together), settings) for one in asked_for]
        for asked_for in (narrowed, of_windows)
    )
    built = _build(definition, used_before, used_after, found, windows_found)
    left_out += [(period, NO_CASES) for period in built.without_cases]
    verdict = None
    if built.reason == HIDDEN:
        verdict = _verdict_of_suppressed(definition, used_before, used_after, found, windows_found, settings)
    reason = built.reason or _reason(built, settings)
    groups = built.groups(members)
    difference, low, high, no_interval = None, None, None, None
    if reason is None and len(groups) > 1:
        difference = (groups[0].change or 0.0) - (groups[1].change or 0.0)
        interval, no_interval = built.interval()
        low, high = interval or (None, None)
    return BeforeAfter(
        definition,
        day,
        question.by,
        length,
        tuple(used_before),
        tuple(used_after),
        tuple(sorted(left_out)),
        groups[0],
        groups[1] if len(groups) > 1 else None,
        built.relative,
        difference,
        low,
        high,
        reason,
        no_interval,
        tuple(found),
        verdict,
    )


def _build(
    definition: Definition,
    before: Sequence[Period],
    after: Sequence[Period],
    found: Sequence[Answer],
    of_windows: Sequence[Answer],
) -> _Built:
    """The windows from the answers of the periods and, of shares, of the windows."""
    built = _Built(definition, before, after, found)
    if of_windows:
        built.shares(of_windows)
    elif before:
        built.series()
    return built


def _verdict_of_suppressed(
    definition: Definition,
    before: Sequence[Period],
    after: Sequence[Period],
    found: Sequence[Answer],
    of_windows: Sequence[Answer],
    settings: Settings,
) -> str | None:
    """The verdict on true values, where each suppressed one could also be another one with the same verdict."""
    exact = [replace(one, rows=one.judged_rows, true_rows=None) for one in found]
    exact_windows = [replace(one, rows=one.judged_rows, true_rows=None) for one in of_windows]

    def judge(periods: Sequence[Answer], stretches: Sequence[Answer]) -> str | None:
        built = _build(definition, before, after, periods, stretches)
        if built.reason or _reason(built, settings):
            return None
        interval, _why = built.interval()
        if interval is None:
            return None
        return HIGHER if interval[0] > 0 else LOWER if interval[1] < 0 else BY_CHANCE

    verdict = judge(exact, exact_windows)
    shown, true = (of_windows, exact_windows) if of_windows else (found, exact)
    inside = {period.start for period in (*before, *after)}
    for at, one in enumerate(shown):
        rows, known = one.rows.to_dict("records"), true[at].rows.to_dict("records")
        for place, row in enumerate(rows):
            if row["status"] != SUPPRESSED or not (of_windows or row["period_start"] in inside):
                continue
            others = (
                [*true[:at], _with_value(true[at], place, other), *true[at + 1 :]]
                for other in other_values(definition, known[place], row)
            )
            if not any(
                (judge(exact, moved) if of_windows else judge(moved, ())) == verdict for moved in others
            ):
                return None
    return verdict


def _with_value(found: Answer, place: int, value: float) -> Answer:
    """The answer with another value in a row, of a share with its numerator."""
    rows = found.rows.copy()
    rows.iloc[place, rows.columns.get_loc("value")] = value
    if found.definition.measure.statistic in SHARES:
        rows.iloc[place, rows.columns.get_loc("numerator")] = value * rows["denominator"].iloc[place] / 100
    return replace(found, rows=rows)


def _whole(found: Answer) -> set[date]:
    """The first days of the periods that are complete, counted from rows."""
    rows = found.rows
    good = rows["status"].isin((OK, NO_DENOMINATOR)) & rows["cited_source"].isna()
    return set(rows.loc[good, "period_start"])


def _reason(built: _Built, settings: Settings) -> str | None:
    """Why windows that are told are still not held against each other."""
    sides = [side for pair in built.sides for side in pair]
    seen = [side.coverage for side in sides if side.coverage is not None]
    if any(coverage < settings.monitoring_min_coverage_pct for coverage in seen):
        return LOW_COVERAGE
    if built.relative and any(not pair[0].value for pair in built.sides):
        return NO_BASE
    return NO_OTHERS if len(built.sides) < 2 else None


class _Built:
    """The windows of one or two groups on the way to their difference."""

    def __init__(
        self,
        definition: Definition,
        before: Sequence[Period],
        after: Sequence[Period],
        found: Sequence[Answer],
    ) -> None:
        self.definition, self.before, self.after = definition, before, after
        self.relative = definition.unit == "count"
        inside = {period.start for period in (*before, *after)}
        self.rows = [one.rows[one.rows["period_start"].isin(inside)] for one in found]
        self.hidden = any((rows["status"] == SUPPRESSED).any() for rows in self.rows)
        self.sides: list[tuple[Side, Side]] = []
        self.without_cases: list[Period] = []
        #: Per group the values of the periods before and after.
        self.values: list[tuple[list[float], list[float]]] = []
        self.reason: str | None = None if before else NO_WINDOW

    def shares(self, of_windows: Sequence[Answer]) -> None:
        """Each window as one share of all its cases."""
        records = [one.rows.sort_values("period_start").to_dict("records") for one in of_windows]
        if any(row["status"] == SUPPRESSED for pair in records for row in pair):
            self.reason = HIDDEN
            return
        self.sides = [
            tuple(
                Side(*(_number(row[name]) for name in ("value", "numerator", "denominator", "coverage")))
                for row in pair
            )
            for pair in records
        ]
        if any(side.value is None for pair in self.sides for side in pair):
            self.reason = NOTHING

    def series(self) -> None:
        """Each window as the mean of its periods' values, of the periods that have one in every group."""
        if self.hidden:
            self.reason = HIDDEN
            return
        by_start = [rows.set_index("period_start") for rows in self.rows]
        told = {
            period
            for period in (*self.before, *self.after)
            if all(not pd.isna(rows.at[period.start, "value"]) for rows in by_start)
        }
        self.without_cases = [period for period in (*self.before, *self.after) if period not in told]
        stretches = [[p for p in periods if p in told] for periods in (self.before, self.after)]
        if not all(stretches):
            self.reason = NOTHING
            return
        for rows in by_start:
            pair = [rows.loc[[period.start for period in periods]] for periods in stretches]
            values = [[float(value) for value in part["value"]] for part in pair]
            self.values.append((values[0], values[1]))
            self.sides.append((_mean_of(pair[0]), _mean_of(pair[1])))

    def groups(self, members: Sequence[tuple[str, ...]]) -> list[Group]:
        """The groups as they are told."""
        nothing = (Side(None), Side(None))
        told = not self.hidden and self.reason != HIDDEN and bool(self.before)
        return [
            Group(
                units,
                *(self.sides[at] if self.sides else nothing),
                self.change(*self.sides[at]) if self.sides else None,
                self.rows[at] if told else None,
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
                (side.numerator, side.denominator) for before, after in self.sides for side in (after, before)
            ]
            if self.definition.measure.statistic != "share" or any(None in pair for pair in counts):
                return None, NOT_INDEPENDENT
            return interval_of_shares(counts, (1, -1, -1, 1)), None
        if self.definition.point_in_time:
            # Much the same entries wait on one day and the next.
            return None, NOT_INDEPENDENT
        return interval_of_series(*self.values, relative=self.relative)


def _mean_of(rows: pd.DataFrame) -> Side:
    """The mean of periods' values; n their sum, coverage that of all their rows together."""
    n = rows["denominator"].sum() if rows["denominator"].notna().all() else None
    covered = rows["coverage"].notna().all()
    if n and covered and (rows["coverage"] > 0).all():
        coverage = 100 * n / (100 * rows["denominator"] / rows["coverage"]).sum()
    else:
        coverage = rows["coverage"].mean() if covered else None
    return Side(fmean(rows["value"]), None, _number(n), _number(coverage))


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def interval_of_shares(
    counts: Sequence[tuple[float, float]], signs: Sequence[int], level: float = LEVEL
) -> tuple[float, float]:
    """The interval of a sum of independent shares with signs, from (numerator, denominator) each, in percentage points.

    Newcombe's example, 56 of 70 against 48 of 80:

    >>> tuple(round(end, 2) for end in interval_of_shares([(56, 70), (48, 80)], (1, -1)))
    (5.24, 33.39)
    """
    middle, down, up = 0.0, 0.0, 0.0
    for (numerator, denominator), sign in zip(counts, signs, strict=True):
        share = 100 * numerator / denominator
        low, high = wilson(numerator, denominator, level)
        below, above = (share - low, high - share) if sign > 0 else (high - share, share - low)
        middle, down, up = middle + sign * share, down + below**2, up + above**2
    return middle - math.sqrt(down), middle + math.sqrt(up)


def interval_of_series(
    concerned: tuple[Sequence[float], Sequence[float]],
    others: tuple[Sequence[float], Sequence[float]],
    *,
    relative: bool,
    level: float = LEVEL,
) -> tuple[tuple[float, float] | None, str | None]:
    """The interval of the difference of two groups' changes between means of periods, or why there is none.

    Each group is given as its values before and after, the groups' periods the same. `relative`: the changes are those of
    the means in per cent of the mean before, which is not 0.

    >>> up, level = ([5, 6, 5, 6, 5, 6], [9, 8, 9, 9, 8, 9]), ([5, 6, 6, 5, 5, 6], [6, 5, 6, 5, 5, 6])
    >>> tuple(round(end, 1) for end in interval_of_series(up, level, relative=False)[0])
    (2.5, 3.9)
    """
    groups = [(before, after, fmean(before), fmean(after)) for before, after in (concerned, others)]
    if relative:
        # To first order a ratio of means moves with after / base − ratio · before / base.
        weights = [(100 * later / base**2, 100 / base) for _, _, base, later in groups]
        difference = 100 * (groups[0][3] / groups[0][2] - groups[1][3] / groups[1][2])
    else:
        weights = [(1.0, 1.0)] * 2
        difference = groups[0][3] - groups[0][2] - (groups[1][3] - groups[1][2])
    gaps = [
        [weights[0][at] * mine - weights[1][at] * other for mine, other in zip(ours, theirs, strict=True)]
        for at, (ours, theirs) in enumerate(zip(concerned, others, strict=True))
    ]
    if min(map(len, gaps)) < FEWEST_PERIODS:
        return None, TOO_FEW
    parts = [variance(gap) / len(gap) for gap in gaps]
    error = math.sqrt(sum(parts))
    if math.isclose(error, 0.0, abs_tol=1e-9):
        return None, NO_VARIATION
    if _follow_each_other(gaps):
        return None, FOLLOW_EACH_OTHER
    degrees = sum(parts) ** 2 / sum(part**2 / (len(gap) - 1) for part, gap in zip(parts, gaps, strict=True))
    # Imported here, so that no other page waits for it.
    from scipy.stats import t

    half = float(t.ppf((1 + level) / 2, math.floor(degrees))) * error
    return (difference - half, difference + half), None


def _follow_each_other(gaps: Sequence[Sequence[float]]) -> bool:
    """Whether neighbours in the windows go together more than chance lets them, 1 time in 20; as for projections."""
    left = [[value - fmean(gap) for value in gap] for gap in gaps]
    squares = math.fsum(value**2 for part in left for value in part)
    together = math.fsum(a * b for part in left for a, b in pairwise(part))
    count = sum(map(len, left))
    return together / squares + 2 / count > 1.645 / math.sqrt(count)
