"""An area's year: that year's targets with their actuals, what is promised later, what has ended.

Where only the end of a stretch is promised (80 % by the last quarter of 2025), an earlier year has no verdict but the
distance to the promise and the pace needed to meet it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from indicators.analysis.projection import QUARTERS, pace, pace_grain
from indicators.catalogue.definition import load_definitions
from indicators.catalogue.errors import BadDefinition
from indicators.catalogue.periods import period_of
from indicators.catalogue.places import read_toml
from indicators.engine.measures import definition_of, definitions_of
from indicators.engine.question import OK
from indicators.programme.targets import TargetResult, read_targets, target_result
from indicators.programme.verdicts import MET, NOT_MET, Actual, Target, decimals_needed, reached
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

HEADLINE = Path(__file__).with_name("headline.toml")


@dataclass(frozen=True)
class Pace:
    """What is left from an actual to a target, and how much that is in each period until the target's period ends.

    `left` and `each` are in the target's unit, signed towards the target; `periods` is how many periods of `grain` (quarter or
    year, by the calendar) are left, not always whole ones.
    """

    left: float
    periods: float
    grain: str

    @property
    def each(self) -> float:
        """The change needed in each of the periods left."""
        return self.left / self.periods


@dataclass(frozen=True)
class Ahead:
    """A target of a later period, with the actual of the year looked at; `pace` is None where there is none.

    `sure` is False where the noise of the shareable view changes whether the target is reached already: neither is said.
    """

    target: Target
    result: TargetResult
    pace: Pace | None
    sure: bool = True

    @property
    def met(self) -> bool:
        """Whether the year's actual, of a complete year and in the target's unit, reaches the later target already."""
        actual = self.result.actual
        if not self.sure or not actual.has_value or actual.status != OK or self.target.unit == "months":
            return False
        ends = (actual.low, actual.high) if actual.ranged else (actual.value,)
        return all(end is not None and reached(self.target, end) for end in ends)


@dataclass(frozen=True)
class YearSummary:
    """A year of an area.

    `results` are the targets whose period has a day of the year; `ahead` those indicators promised only for later of
    which the year has an actual; `later` the first targets of those of which it has none; `ended` the last targets of
    indicators whose promises ended before the year.
    """

    area: str
    year: int
    results: tuple[TargetResult, ...]
    ahead: tuple[Ahead, ...]
    later: tuple[Target, ...]
    ended: tuple[Target, ...]

    @property
    def demo(self) -> bool:
        """Whether synthetic rows are behind any actual."""
        return any(result.demo for result in (*self.results, *(one.result for one in self.ahead)))


def headline() -> tuple[str, ...]:
    """The indicators that matter most, first to last. Raises BadDefinition where one is not defined."""
    named = tuple(read_toml(HEADLINE)["indicators"])
    unknown = [name for name in named if name not in load_definitions()]
    if unknown:
        raise BadDefinition("bad_definitions", faults=f"{HEADLINE.name}: {', '.join(unknown)}")
    return named


def target_years(snapshot: Snapshot, area: str) -> tuple[int, ...]:
    """The years in which an area has targets, first to last, the years between them included."""
    targets = read_targets(snapshot, area)
    if not targets:
        return ()
    first = min(target.period.start.year for target in targets)
    return tuple(range(first, max(target.period.end.year for target in targets) + 1))


def year_summary(
    snapshot: Snapshot, settings: Settings, *, as_of: date, area: str, year: int, suppress: bool = True
) -> YearSummary:
    """An area's year; `as_of` decides what is due."""
    judge = partial(target_result, snapshot, settings, as_of=as_of, suppress=suppress)
    by_indicator: dict[str, list[Target]] = {}
    for target in read_targets(snapshot, area):
        if target.indicator in definitions_of(snapshot):
            by_indicator.setdefault(target.indicator, []).append(target)
    results: list[TargetResult] = []
    ahead: list[Ahead] = []
    later: list[Target] = []
    ended: list[Target] = []
    for targets in by_indicator.values():
        now = [t for t in targets if t.period.start.year <= year <= t.period.end.year]
        coming = [t for t in targets if t.period.start.year > year]
        results += [judge(target) for target in now]
        if not now and coming:
            found = judge(without_target(snapshot, coming[0].indicator, area, year))
            if not found.actual.has_value:
                later.append(coming[0])
            else:
                value = found.actual.value
                side = MET if value is not None and reached(coming[0], value) else NOT_MET
                enough = decimals_needed(coming[0], found.actual, side, found.decimals)
                found = replace(found, decimals=enough)
                one = Ahead(coming[0], found, pace_to(coming[0], found.actual))
                if suppress and definition_of(snapshot, coming[0].indicator).counts_persons:
                    exact = target_result(snapshot, settings, found.target, as_of=as_of, suppress=False)
                    if replace(one, result=exact).met != one.met:
                        one = replace(one, pace=None, sure=False)
                ahead.append(one)
        elif not now:
            ended.append(targets[-1])
    return YearSummary(area, year, tuple(results), tuple(ahead), tuple(later), tuple(ended))


def without_target(snapshot: Snapshot, indicator: str, area: str, year: int) -> Target:
    """No target at all of a year, by which an indicator's actual is found, or the newest earlier one."""
    unit = definition_of(snapshot, indicator).unit
    return Target(indicator, area, period_of(date(year, 1, 1), "year"), None, None, unit, "", None)


def pace_to(target: Target, actual: Actual) -> Pace | None:
    """The pace needed from an actual to a later target: a year where both are of whole years, else a quarter.

    None where there is nothing to compare, the actual's period is not complete, the target is already reached, or its time
    is over.
    """
    if target.value is None or target.comparator is None or actual.value is None or target.unit == "months":
        return None
    if actual.status != OK:
        return None
    if reached(target, actual.value):
        return None
    found = pace(actual.value, actual.period.end, target.value, target.period.end, target.comparator)
    if found is None or not found.distance:
        return None
    grain = pace_grain(actual.period, target.period)
    return Pace(found.distance, found.quarters / QUARTERS[grain], grain)


def headline_results(
    snapshot: Snapshot, settings: Settings, *, as_of: date, area: str, year: int, suppress: bool = True
) -> tuple[TargetResult, ...]:
    """The headline indicators of a year in their order: against the year's last target, else the actual alone."""
    targets = {target.indicator: target for target in read_targets(snapshot, area, year)}
    judge = partial(target_result, snapshot, settings, as_of=as_of, suppress=suppress)
    return tuple(
        judge(targets[name] if name in targets else without_target(snapshot, name, area, year))
        for name in headline()
    )
