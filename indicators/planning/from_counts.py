"""A plan from counts alone: how many wait and are over the limit, or how many wait in each band; arrivals and visits are typed.

Nobody is known to leave, the longest waits go first, and nothing is calibrated: the shape of the queue is unknown, so the answer
is a range between two extreme shapes, all at the start of each band and all at its end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from indicators.catalogue.errors import UsageError
from indicators.planning.compartments import LONGEST, Projection, Rates
from indicators.planning.limits_by_week import LimitRule, last_day
from indicators.planning.runs import Draws, run
from indicators.planning.scenario import Scenario
from indicators.planning.state import Entry, QueueState, RuleGroup

#: The bands of days waited that queues are published in, the last without an end, and its last week here.
BANDS = ((0, 7), (8, 14), (15, 30), (31, 90), (91, 180), (181, None))
_LAST_WEEK = 51
#: How the people of a band are spread over its weeks.
EVEN, START, END = "even", "start", "end"
SHAPES = (EVEN, START, END)


@dataclass(frozen=True)
class Range:
    """One number by week: with people spread evenly, and the least and the most over the shapes."""

    even: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class CountsOutcome:
    """What becomes of a queue of which only counts are known; euros are offered visits × price."""

    queue: Range
    share: Range
    over: Range
    unused: float
    euros: float


@dataclass(frozen=True)
class CountsPlan:
    """A scenario beside today, from counts."""

    scenario: Scenario
    snapshot: date
    today: CountsOutcome
    planned: CountsOutcome


def plan_from_counts(
    scenario: Scenario,
    snapshot: date,
    rules: Sequence[LimitRule],
    bands: Mapping[tuple[int, int | None], float] | None = None,
) -> CountsPlan:
    """A scenario that types its `waiting` and `over`, or with `bands`, its arrivals and visits. Raises UsageError without them.

    `rules` are the limits of those who wait. Counts do not tell since when they wait: all are held against the limit that is in
    force on the snapshot day, as the count of those over it is.
    """
    typed = {"arrivals_a_week": scenario.arrivals_a_week, "visits_a_week": scenario.visits_a_week}
    if bands is None:
        typed |= {"waiting": scenario.waiting}
    missing = [name for name, value in typed.items() if value is None]
    if missing:
        raise UsageError("bad_scenario", faults=", ".join(missing))
    rules = _from_the_beginning(rules, snapshot)
    group = RuleGroup("all", rules)
    end = last_day(snapshot, rules)
    limit = None if end is None else (end - snapshot).days
    parts = (
        bands_of(scenario.waiting or 0.0, scenario.over or 0.0, limit) if bands is None else weeks_of(bands)
    )
    found = []
    for one in (scenario.without_changes, scenario):
        longest_first = replace(one, usual_order=LONGEST, reserved=None)
        runs = {
            shape: _run(QueueState(snapshot, spread(parts, shape), (group,)), longest_first)
            for shape in SHAPES
        }
        found.append(_outcome(runs, one, snapshot))
    return CountsPlan(scenario, snapshot, *found)


def _from_the_beginning(rules: Sequence[LimitRule], day: date) -> tuple[LimitRule, ...]:
    """The limit in force on a day as if it had always been, and those after it."""
    before = [rule for rule in rules if rule.valid_from <= day]
    in_force = [replace(max(before, key=lambda one: one.valid_from), valid_from=date.min)] if before else []
    return (*in_force, *(rule for rule in rules if rule.valid_from > day))


def bands_of(waiting: float, over: float, limit: int | None) -> dict[tuple[int, int], float]:
    """The weeks (first and last) of those within a limit in days, and as many weeks again of those over it.

    Without a limit the weeks are those of three months.

    >>> bands_of(100, 30, 14)
    {(0, 1): 70, (3, 4): 30}
    """
    days = 90 if limit is None else limit
    weeks = max((days - 6) // 7 + 1, 1)
    first = days // 7 + 1
    return {(0, weeks - 1): waiting - over, (first, first + weeks - 1): over}


def weeks_of(bands: Mapping[tuple[int, int | None], float]) -> dict[tuple[int, int], float]:
    """The weeks (first and last) of bands of days, each with its people.

    >>> weeks_of({(15, 30): 9, (181, None): 2})
    {(2, 4): 9, (26, 51): 2}
    """
    return {
        (
            (first + 1) // 7 if last is None else first // 7,
            _LAST_WEEK if last is None else (last - 1) // 7,
        ): count
        for (first, last), count in bands.items()
    }


def spread(parts: Mapping[tuple[int, int], float], shape: str) -> tuple[Entry, ...]:
    """People of weeks (first and last) as entries: evenly, or all in the first or the last week."""
    entries = []
    for (first, last), count in parts.items():
        ages = {EVEN: range(first, last + 1), START: range(first, first + 1), END: range(last, last + 1)}[
            shape
        ]
        entries += [Entry(0, count / len(ages), age=age) for age in ages if count]
    return tuple(entries)


def _run(state: QueueState, scenario: Scenario) -> Projection:
    nobody, everybody = np.zeros(1), np.ones(1)
    arrivals, visits = (
        np.full((1, scenario.weeks), level or 0.0)
        for level in (scenario.arrivals_a_week, scenario.visits_a_week)
    )
    draws = Draws(Rates(nobody, everybody), arrivals, visits, None)
    return run(state, draws, scenario.change(state.snapshot), pooled=False)


def _outcome(runs: Mapping[str, Projection], scenario: Scenario, snapshot: date) -> CountsOutcome:
    def range_of(name: str) -> Range:
        numbers = np.stack([np.asarray(getattr(runs[shape], name), float)[0] for shape in SHAPES])
        return Range(numbers[0], numbers.min(axis=0), numbers.max(axis=0))

    streams = scenario.change(snapshot).streams
    euros = sum(
        float(stream.visits.sum()) * one.price_eur
        for one, stream in zip(scenario.streams, streams, strict=True)
    )
    return CountsOutcome(
        range_of("queue"), range_of("share"), range_of("over"), float(runs[EVEN].unused.sum()), euros
    )
