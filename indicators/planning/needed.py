"""What it takes: the fewest extra visits a week that reach what is wanted by a week and keep it after, also with chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from indicators.planning.compartments import Order, Projection, Stream
from indicators.planning.plan import Basis
from indicators.planning.runs import RUNS, Change, Draws, run
from indicators.planning.scenario import Scenario
from indicators.planning.targets import QUEUE, SHARE, Needed, Wanted, least_visits

#: In how many of 100 runs the likely answer holds.
LIKELY = 0.8
#: It is looked for in so many runs, and then told by all.
_FEW_RUNS = 200
#: So many visits more a week are tried at least, and at most.
FEWEST_TRIED, MOST_TRIED = 200, 2000
#: Why a target is out of reach: entries booked beyond their limit, not ready to be treated sooner, too few visits or weeks.
BOOKED, NOT_READY, TOO_FEW = "booked", "not_ready", "too_few"


@dataclass(frozen=True)
class WhatItTakes:
    """The fewest extra visits a week from week `first` until week `by` (`extra`), and after it (`extra_after`).

    `plain` is the answer without chance, reached in the share `chance` of the runs, often little more than half; `likely` is that
    for 80 of 100 runs, None where no number does. Where it is impossible, `cause` says why, `nearest` how near the most visits
    come in week `by` (a share 0–1, or entries), and `nearest_week` when they first meet it.
    """

    first: int
    by: int
    order: Order | None
    most: int
    plain: Needed
    likely: Needed | None
    chance: float | None = None
    cause: str | None = None
    nearest: float | None = None
    nearest_week: int | None = None

    def euros(self, price: float, weeks: int, *, likely: bool = False) -> float | None:
        """What the visits cost over so many weeks at a price; None where there is no answer."""
        found = self.likely if likely else self.plain
        if found is None or found.extra is None or found.extra_after is None:
            return None
        return price * (found.extra * (self.by - self.first + 1) + found.extra_after * (weeks - self.by))


@dataclass(frozen=True)
class _Search:
    """Tries of extra visits beside what a scenario has: in an order of their own, or in that of the usual ones."""

    basis: Basis
    change: Change
    draws: Draws
    order: Order | None
    first: int
    by: int

    def attempt(self, until: np.ndarray, after: np.ndarray, weeks: int | None = None) -> Projection:
        """One run for each number, or all runs for a single one, over the first `weeks`."""
        weeks = weeks or len(self.change.arrivals)
        number = np.arange(1, weeks + 1)
        extra = np.where(number <= self.by, until[:, None], after[:, None]) * (number >= self.first)
        draws = Draws(
            self.draws.rates,
            self.draws.arrivals[:, :weeks],
            self.draws.visits[:, :weeks],
            None if self.draws.leaving is None else self.draws.leaving[:, :weeks],
        )
        streams = [Stream(np.atleast_2d(one.visits)[:, :weeks], one.order) for one in self.change.streams]
        change = replace(
            self.change,
            arrivals=self.change.arrivals[:weeks],
            visits=self.change.visits[:weeks],
            streams=streams,
        )
        # Extra visits without an order of their own go to whom the usual ones go.
        streams.append(Stream(extra, change.order if self.order is None else self.order))
        return run(self.basis.state, draws, change)

    def chance(self, until: int, after: int, wanted: Wanted, weeks: int) -> float:
        """The share of runs in which the target is met from week `by` to week `weeks`."""
        found = self.attempt(np.array([until]), np.array([after]), weeks)
        return float(wanted.met(found)[:, self.by - 1 :].all(axis=1).mean())


# Many parameters because each is a choice of who asks.
def what_it_takes(
    basis: Basis,
    scenario: Scenario,
    *,
    order: Order | None = None,
    first: int = 1,
    most: int | None = None,
    runs: int = RUNS,
    likely: bool = True,
) -> WhatItTakes:
    """The fewest extra visits beside what a scenario already has, from week `first` on, at most `most` a week.

    Without `most` as many are tried as treat all who wait by the week and all who come: not under 200, not over 2,000. `order`
    says whom they go to, None: as the usual visits do.
    """
    basis = basis.with_levels(scenario)
    snapshot = basis.state.snapshot
    wanted, by = scenario.target.wanted, scenario.by_week(snapshot)
    change = scenario.change(snapshot)
    if most is None:
        clearing = ceil(basis.state.waiting / by + basis.expected(scenario).arrivals.max())
        most = min(max(clearing, FEWEST_TRIED), MOST_TRIED)
    search = _Search(basis, change, basis.expected(scenario), order, first, by)
    plain = least_visits(search.attempt, wanted, by, most)
    found = WhatItTakes(first, by, order, most, plain, None)
    if not plain.possible:
        return _with_cause(found, search, wanted, basis)
    if not likely:
        return found
    drawn = replace(search, draws=basis.draws(scenario, runs))
    answer, chance = _likely(drawn, wanted, plain, most, scenario.weeks)
    return replace(found, likely=answer, chance=chance)


def _likely(
    search: _Search, wanted: Wanted, plain: Needed, most: int, weeks: int
) -> tuple[Needed | None, float | None]:
    """The fewest visits that reach and keep the target in enough runs, and the chance that the plain answer has."""
    of_plain = search.chance(plain.extra or 0, plain.extra_after or 0, wanted, weeks)
    few = replace(search, draws=search.draws.some(_FEW_RUNS))
    monotone = wanted.kind != SHARE

    def least(near: int, chance: Callable[[_Search, int], float]) -> int | None:
        rough = _least(lambda number: chance(few, number) >= LIKELY, most, near, monotone=monotone)
        return _refined(
            lambda number: chance(search, number) >= LIKELY, most if rough is None else rough, most
        )

    extra = least(plain.extra or 0, lambda runs, number: runs.chance(number, 0, wanted, search.by))
    if extra is None:
        return None, of_plain
    after = least(plain.extra_after or 0, lambda runs, number: runs.chance(extra, number, wanted, weeks))
    if after is None:
        return None, of_plain
    return Needed(True, None, extra, after, plain.monotone, plain.emptied), of_plain


def _refined(enough: Callable[[int], bool], near: int, most: int) -> int | None:
    """The least number around one found with fewer runs that is enough with all of them."""
    if enough(near):
        while near > 0 and enough(near - 1):
            near -= 1
        return near
    return next((number for number in range(near + 1, most + 1) if enough(number)), None)


def _least(enough: Callable[[int], bool], most: int, near: int, *, monotone: bool) -> int | None:
    """The least number that is enough: by halves where a greater number is never worse, else the first one from 0 on.

    Numbers far below the answer without chance are not tried one by one: half of the runs need more than that.
    """
    if not monotone:
        first = max(near - max(near // 5, 3), 0)
        return next((number for number in range(first, most + 1) if enough(number)), None)
    if not enough(most):
        return None
    low, high = -1, most
    if near <= most and not enough(near):
        low = near
    while high - low > 1:
        middle = (low + high) // 2 if high - low < 20 else low + min(8, (high - low) // 2)
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def _with_cause(found: WhatItTakes, search: _Search, wanted: Wanted, basis: Basis) -> WhatItTakes:
    """Why a target is out of reach, and what is possible instead."""
    numbers = np.arange(found.most + 1)
    tried = search.attempt(numbers, numbers)
    at = found.by - 1
    if wanted.kind == SHARE:
        values = np.where(np.isnan(tried.share[:, at]), 1.0, tried.share[:, at])
        best = int(values.argmax())
        nearest = float(values[best])
    else:
        best = found.most
        nearest = float((tried.queue if wanted.kind == QUEUE else tried.over)[best, at])
    met = wanted.met(tried)[best]
    cause = TOO_FEW
    if tried.unused[best, at] > 0.5:
        cause = BOOKED if basis.state.booked and tried.over[best, at] > 0.5 else NOT_READY
    return replace(
        found, cause=cause, nearest=nearest, nearest_week=int(met.argmax()) + 1 if met.any() else None
    )
