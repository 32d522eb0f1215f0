"""Signal or noise: XmR charts of a series, with limits, the four rules and the marks of the last point.

The limits come from the moving ranges of the series itself: mean ± 2,66 · mean moving range. The rules are those of the
health field's "Making Data Count", in `docs/rules_of_computation.md` (part A), with its traps avoided:

- missing values are dropped before anything is computed; their place stays in the result as a gap;
- a series without a moving range (constant, or constant but for a spike) has no limits, and nothing in it is judged;
- limits start anew at a break, a dated change of law or method that the caller names: never by themselves;
- limits are not clipped: drawing a share within 0–100 % is the chart's business.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from indicators.catalogue.errors import BadQuestion
from indicators.engine.question import NO_DATA, OK

#: 3 / d2 and the screening bound D4 for moving ranges of two, as the field rounds them.
LIMIT_FACTOR, SCREENING_FACTOR = 2.66, 3.267
#: Near limits lie at two thirds of the way from the mean to the limits.
NEAR_SHARE = 2 / 3
TREND_POINTS, SHIFT_POINTS, WINDOW_POINTS, WINDOW_NEAR = 7, 7, 3, 2
#: Fewer points than this make provisional limits, and are too few for a fixed baseline.
FULL_BASELINE = 12
GRAINS = ("week", "month", "quarter")

#: Rules a point can break, the strongest first; the one that applies first names it.
ABOVE_LIMIT, BELOW_LIMIT = "above_limit", "below_limit"
TREND_UP, TREND_DOWN = "trend_up", "trend_down"
NEAR_ABOVE, NEAR_BELOW = "two_of_three_above", "two_of_three_below"
SHIFT_ABOVE, SHIFT_BELOW = "shift_above", "shift_below"
_HIGH = (ABOVE_LIMIT, TREND_UP, NEAR_ABOVE, SHIFT_ABOVE)

COMMON, IMPROVEMENT, CONCERN, NEUTRAL = "common_cause", "improvement", "concern", "neutral"
#: Marks of the last point: whether the process as it is meets the target.
PASS, FAIL, INCONSISTENT = "pass", "fail", "inconsistent"
#: Why no verdict is given: too few values since the last break, or the newest period is not known.
TOO_FEW_VALUES, NEWEST_UNKNOWN = "too_few_values", "newest_unknown"


@dataclass(frozen=True)
class Break:
    """A day from which on a series is another one, and why: a change of law or of method."""

    date: date
    reason: str


@dataclass(frozen=True)
class Limits:
    """Mean and limits in the unit of the series, from `points` values. Not clipped."""

    mean: float
    mean_moving_range: float
    points: int

    @property
    def lower(self) -> float:
        """Mean − 2,66 · mean moving range."""
        return self.mean - LIMIT_FACTOR * self.mean_moving_range

    @property
    def upper(self) -> float:
        """Mean + 2,66 · mean moving range."""
        return self.mean + LIMIT_FACTOR * self.mean_moving_range

    @property
    def near_lower(self) -> float:
        """Two thirds of the way from the mean to the lower limit."""
        return self.mean - NEAR_SHARE * LIMIT_FACTOR * self.mean_moving_range

    @property
    def near_upper(self) -> float:
        """Two thirds of the way from the mean to the upper limit."""
        return self.mean + NEAR_SHARE * LIMIT_FACTOR * self.mean_moving_range


@dataclass(frozen=True)
class SpcGroup:
    """A stretch of the series between breaks: one mean and one pair of limits.

    `first` and `last` are the places of its first and last value in the series; `reason` is why it starts, None for the
    first; `limits` is None without a moving range; `points` counts its values, baseline or not.
    """

    first: int
    last: int
    mean: float | None
    limits: Limits | None
    points: int
    reason: str | None

    @property
    def provisional(self) -> bool:
        """Whether it has too few values for its limits to be relied on."""
        return self.points < FULL_BASELINE


@dataclass(frozen=True)
class SpcPoint:
    """One place of the series.

    `value` is None in a gap; then `group`, `rule` and `kind` are None too. `side` is the sign of value − mean; `near` is
    beyond a near limit but not outside; `rule` is the strongest it breaks or None; `kind` is common_cause, improvement, concern,
    neutral. Of a suppressed value `value` is None, but it has a group and, where that may be shown, a kind and a rule. A value
    that is not judged has no kind.
    """

    date: date
    label: str
    value: float | None
    status: str
    group: int | None = None
    side: int = 0
    outside: bool = False
    near: bool = False
    rule: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class SpcResult:
    """A series judged: its points in the order of time, its groups, and the marks of its last value.

    `variation` is common_cause, or improvement, concern or neutral with `_high` or `_low`; None without a value.
    `assurance` is pass, fail or inconsistent, None without a target or a direction; without limits it is `inconsistent`, for
    neither meeting nor missing the target can be said. Where no verdict is given both are None, and `unjudged` says why;
    `changed` says that assurance alone is not shown, because the newest value signals a change that contradicts it.
    """

    points: tuple[SpcPoint, ...]
    groups: tuple[SpcGroup, ...]
    better: str
    target: float | None
    variation: str | None
    assurance: str | None
    unjudged: str | None = None
    changed: bool = False

    def kind_of(self, label: str | None) -> str | None:
        """The kind of the value of a period; None in a gap, without limits, and where no verdict is given."""
        point = next((one for one in self.points if one.label == label), None)
        if point is None or point.group is None or self.groups[point.group].limits is None:
            return None
        return None if self.unjudged is not None and point == self.last else point.kind

    def run_to(self, label: str | None) -> tuple[SpcPoint, ...]:
        """The neighbouring values of one kind that end with a period's; empty where it is ordinary or has no kind.

        A gap does not part them, a break does.
        """
        known = [one for one in self.points if one.group is not None]
        at = next((place for place, one in enumerate(known) if one.label == label), None)
        if at is None or self.kind_of(label) in (None, COMMON):
            return ()
        found = [known[at]]
        for one in reversed(known[:at]):
            if (one.kind, one.group) != (found[0].kind, found[0].group):
                break
            found.insert(0, one)
        return tuple(found)

    def turned(self, label: str | None) -> bool:
        """Whether the value of a period goes against its run: it improved over the run but fell last, or the other way round."""
        run = self.run_to(label)
        if len(run) < 2 or run[-1].value is None or run[-2].value is None or self.better == "none":
            return False
        step = (run[-1].value - run[-2].value) * (1 if self.better == "up" else -1)
        return step < 0 if run[-1].kind == IMPROVEMENT else step > 0

    @property
    def group(self) -> SpcGroup | None:
        """The newest group, whose limits describe the present."""
        return self.groups[-1] if self.groups else None

    @property
    def limits(self) -> Limits | None:
        """The limits that describe the present; None where there are none."""
        return self.groups[-1].limits if self.groups else None

    @property
    def provisional(self) -> bool:
        """Whether the newest group has too few values for its limits to be relied on."""
        return self.groups[-1].provisional if self.groups else True

    @property
    def last(self) -> SpcPoint | None:
        """The newest point that has a value, shown or suppressed."""
        return next((point for point in reversed(self.points) if point.group is not None), None)


# Many parameters because a chart is one series with the choices of its reader, each with a default.
def spc(
    dates: Sequence[date],
    values: Sequence[float | None],
    *,
    better: str,
    target: float | None = None,
    breaks: Sequence[Break] = (),
    baseline: int | None = None,
    screen: bool = True,
    labels: Sequence[str] | None = None,
    statuses: Sequence[str] | None = None,
) -> SpcResult:
    """Judge a series given in the order of time, one value (or None) per date.

    `better` is up, down or none; `screen` leaves moving ranges of 3,267 times their mean or more out of the limits, once
    (the value stays in the mean and on the chart). Raises BadQuestion for a baseline under 12, ValueError for dates
    that are not in order or occur twice.

    >>> months = [date(2025, month, 1) for month in range(1, 13)]
    >>> found = spc(months, [5, 6, 5, 7, 6, 5, 6, 7, 5, 6, 5, 20], better="up")
    >>> found.variation, round(found.limits.upper, 2), found.provisional
    ('improvement_high', 10.11, False)
    """
    if baseline is not None and baseline < FULL_BASELINE:
        raise BadQuestion("short_baseline", points=baseline, least=FULL_BASELINE)
    if any(later <= earlier for earlier, later in pairwise(dates)):
        raise ValueError("dates are not in order")
    points = [
        SpcPoint(
            day,
            labels[place] if labels else day.isoformat(),
            None if value is None else float(value),
            statuses[place] if statuses else NO_DATA if value is None else OK,
        )
        for place, (day, value) in enumerate(zip(dates, values, strict=True))
    ]
    present = [place for place, point in enumerate(points) if point.value is not None]
    groups: list[SpcGroup] = []
    for places, reason in _stretches(dates, present, breaks):
        mine = [value for place in places if (value := points[place].value) is not None]
        mean, limits = limits_of(mine[:baseline], screen=screen)
        for place, (side, outside, near, rule) in zip(places, _judge(mine, mean, limits), strict=True):
            marks: dict[str, Any] = {"side": side, "outside": outside, "near": near, "rule": rule}
            points[place] = replace(points[place], group=len(groups), kind=kind_of(rule, better), **marks)
        groups.append(SpcGroup(places[0], places[-1], mean, limits, len(places), reason))
    last = points[present[-1]] if present else None
    return SpcResult(
        tuple(points),
        tuple(groups),
        better,
        target,
        None if last is None else variation_of(last.rule, better),
        None if last is None else assurance_of(groups[-1].limits, better, target),
    )


def _stretches(
    dates: Sequence[date], present: Sequence[int], breaks: Sequence[Break]
) -> list[tuple[list[int], str | None]]:
    """The places with a value between breaks, and why each stretch starts; a break before the first value is none."""
    days = [dates[place] for place in present]
    starts: dict[int, str] = {}
    for one in sorted(breaks, key=lambda one: one.date):
        at = bisect_left(days, one.date)
        if 0 < at < len(days):
            starts[at] = f"{starts[at]}; {one.reason}" if at in starts else one.reason
    edges = [0, *sorted(starts), len(present)]
    return [(list(present[first:end]), starts.get(first)) for first, end in pairwise(edges) if first < end]


def limits_of(values: Sequence[float], *, screen: bool = True) -> tuple[float, Limits | None]:
    """The mean of a stretch and its limits, None where no moving range (or only 0) is left.

    >>> limits_of([0.1] * 20)
    (0.1, None)
    """
    mean = math.fsum(values) / len(values)
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    if not ranges:
        return mean, None
    average = math.fsum(ranges) / len(ranges)
    if screen:
        used = [one for one in ranges if one < SCREENING_FACTOR * average]
        average = math.fsum(used) / len(used) if used else 0.0
    return mean, Limits(mean, average, len(values)) if average > 0 else None


def _judge(
    values: Sequence[float], mean: float, limits: Limits | None
) -> list[tuple[int, bool, bool, str | None]]:
    """Per value of a stretch: side, outside, near, and the first rule that applies."""
    sides = [(value > mean) - (value < mean) for value in values]
    if limits is None:
        return [(side, False, False, None) for side in sides]
    outside = [value > limits.upper or value < limits.lower for value in values]
    near = [
        not out and (value > limits.near_upper or value < limits.near_lower)
        for value, out in zip(values, outside, strict=True)
    ]
    trend, pairs, shift = _trends(values), _two_of_three(sides, near), _shifts(sides)
    judged = []
    for place, side in enumerate(sides):
        if outside[place]:
            rule = ABOVE_LIMIT if side > 0 else BELOW_LIMIT
        elif trend[place]:
            rule = TREND_UP if trend[place] > 0 else TREND_DOWN
        elif pairs[place]:
            rule = NEAR_ABOVE if side > 0 else NEAR_BELOW
        elif shift[place]:
            rule = SHIFT_ABOVE if side > 0 else SHIFT_BELOW
        else:
            rule = None
        judged.append((side, outside[place], near[place], rule))
    return judged


def _trends(values: Sequence[float]) -> list[int]:
    """+1 or −1 for values of seven that strictly rise or fall; a tie breaks it.

    At a peak shared by two trends the step to the next value decides.
    """
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(values)]
    flagged = [False] * len(values)
    for first in range(len(values) - TREND_POINTS + 1):
        window = steps[first : first + TREND_POINTS - 1]
        if abs(sum(window)) == len(window):
            flagged[first : first + TREND_POINTS] = [True] * TREND_POINTS
    return [
        0
        if not flag
        else steps[place]
        if place + 1 < len(values) and flagged[place + 1]
        else steps[place - 1]
        for place, flag in enumerate(flagged)
    ]


def _two_of_three(sides: Sequence[int], near: Sequence[bool]) -> list[bool]:
    """The near values of three in a row on one side of which at least two are near."""
    flagged = [False] * len(sides)
    for first in range(len(sides) - WINDOW_POINTS + 1):
        window = range(first, first + WINDOW_POINTS)
        if (
            abs(sum(sides[place] for place in window)) == WINDOW_POINTS
            and sum(near[place] for place in window) >= WINDOW_NEAR
        ):
            for place in window:
                flagged[place] = flagged[place] or near[place]
    return flagged


def _shifts(sides: Sequence[int]) -> list[bool]:
    """The values of seven in a row strictly on one side of the mean."""
    flagged = [False] * len(sides)
    for first in range(len(sides) - SHIFT_POINTS + 1):
        if abs(sum(sides[first : first + SHIFT_POINTS])) == SHIFT_POINTS:
            flagged[first : first + SHIFT_POINTS] = [True] * SHIFT_POINTS
    return flagged


def kind_of(rule: str | None, better: str) -> str:
    """What a rule means in a direction (up, down, none): common_cause, improvement, concern or neutral.

    >>> kind_of("shift_below", "down"), kind_of("trend_up", "none"), kind_of(None, "up")
    ('improvement', 'neutral', 'common_cause')
    """
    if rule is None:
        return COMMON
    if better == "none":
        return NEUTRAL
    return IMPROVEMENT if (rule in _HIGH) == (better == "up") else CONCERN


def variation_of(rule: str | None, better: str) -> str:
    """The variation mark of a point: its kind, and whether it is high or low.

    >>> variation_of("shift_below", "down"), variation_of(None, "down")
    ('improvement_low', 'common_cause')
    """
    kind = kind_of(rule, better)
    return kind if rule is None else f"{kind}_{'high' if rule in _HIGH else 'low'}"


def assurance_of(limits: Limits | None, better: str, target: float | None) -> str | None:
    """The assurance mark: whether the process as it is will always, never, or by chance meet a target.

    A target exactly on a limit, and any target without limits, is `inconsistent`; without a target or a direction None.
    """
    if target is None or better == "none":
        return None
    if limits is None or limits.lower <= target <= limits.upper:
        return INCONSISTENT
    return PASS if (target < limits.lower) == (better == "up") else FAIL
