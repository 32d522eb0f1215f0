"""A queue's parameters from its own weeks: who leaves and who is treated by age, levels of arrivals and visits, and their chance.

Rates are ratios of sums over weeks, shrunk towards the service's other units, or the unit's own mean, where a pool of ages is
thin. Arrays are weeks × ages in whole weeks waited; numbers are entries and visits a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from indicators.planning.compartments import Rates
from indicators.planning.seasons import Season

#: The last so many weeks calibrate; of levels the last so many. Fewer weeks: provisional, only levels, nothing but what is typed.
WINDOW, LEVEL_WINDOW, PROVISIONAL_UNDER, LEVELS_UNDER, TYPED_UNDER = 52, 26, 52, 26, 12
FULL, PROVISIONAL, LEVELS_ONLY, TYPED = "full", "provisional", "levels_only", "typed"
#: The first age of each pool of ages; a pool with fewer person-weeks joins its younger neighbour.
POOLS = (0, 1, 2, 3, 4, 8, 13, 26)
FEWEST_PERSON_WEEKS = 30
#: How many person-weeks of what is usual a pool is mixed with, and how many the service's other units need to say it.
SHRINKAGE, USUAL_NEEDS = 20.0, 200
#: A week with so many people of age 0 or more tells how many of them can be treated at once.
READY_NEEDS = 20
#: Leavers of a week above so many times the median are a list that was cleaned.
SPIKE = 4.0
#: A trend of this many standard errors is told.
TREND_T = 2.0
#: What weeks are drawn in when chance is drawn.
BLOCK = 4


@dataclass(frozen=True)
class Weeks:
    """Weeks of a queue in order, of which some may be missing: numbers by age on the closing snapshot.

    `present` waited or came during the week; `left` went untreated or moved away; `treated` were; `arrived` came or moved in.
    `share` is the share within the limit at the end of each week (0–1), NaN where nobody has one; None where it is not known.
    """

    ends: tuple[date, ...]
    present: np.ndarray
    left: np.ndarray
    treated: np.ndarray
    arrived: np.ndarray
    share: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ends)

    def last(self, number: int) -> Weeks:
        """The last so many."""
        return self.between(len(self) - min(number, len(self)), len(self))

    def between(self, first: int, end: int) -> Weeks:
        """Those from a position to before another."""
        return Weeks(
            self.ends[first:end],
            self.present[first:end],
            self.left[first:end],
            self.treated[first:end],
            self.arrived[first:end],
            None if self.share is None else self.share[first:end],
        )

    @property
    def consecutive(self) -> Weeks:
        """The newest of them that follow one another without a gap."""
        gaps = [
            place
            for place in range(1, len(self))
            if self.ends[place] - self.ends[place - 1] != timedelta(days=7)
        ]
        return self.between(max(gaps, default=0), len(self))

    @property
    def closing(self) -> np.ndarray:
        """Who waits at the end of each week, by age."""
        return self.present - self.left - self.treated

    @property
    def queue(self) -> np.ndarray:
        """How many wait at the end of each week."""
        return self.closing.sum(axis=1)


@dataclass(frozen=True)
class Usual:
    """What is usual in a service's other units, by pool of ages: shares leaving and treated, and person-weeks behind them."""

    leave: np.ndarray
    weight: np.ndarray
    person_weeks: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """What a queue's own weeks say of it. Arrays of one value each, or of one a run where weeks are drawn.

    `dispersion` of arrivals and of visits is variance ÷ mean against what their level and season expect, of arrivals at least 1.
    `cleaned` are weeks whose leavers count as a cleaned list; `emptied` those that ended with nobody waiting, so that visits
    understate what could be done. `usual_leaving` is the share of arrivals that leave untreated; `trend` a drift of arrivals, a
    year's part of the level, where it is more than chance.
    """

    grade: str
    rates: Rates
    arrivals: np.ndarray
    visits: np.ndarray
    arrivals_season: Season
    visits_season: Season
    dispersion: float
    visits_dispersion: float
    visit_ratios: np.ndarray
    usual_leaving: float
    window: tuple[date, ...] = ()
    cleaned: tuple[date, ...] = ()
    emptied: tuple[date, ...] = ()
    trend: float | None = None
    weeks: Weeks | None = field(default=None, repr=False)


def pools_of(weeks: Weeks) -> np.ndarray:
    """The pool of each age (position of its first age), after thin pools joined their younger neighbours."""
    of_age = np.searchsorted(POOLS, np.arange(weeks.present.shape[1]), "right") - 1
    person_weeks = np.bincount(of_age, weeks.present.sum(axis=0), len(POOLS))
    joined = np.arange(len(POOLS))
    for pool in range(len(POOLS) - 1, 0, -1):
        if person_weeks[pool] < FEWEST_PERSON_WEEKS:
            joined[joined == pool] = pool - 1
            person_weeks[pool - 1] += person_weeks[pool]
    return joined[of_age]


def usual_of(others: Sequence[Weeks]) -> Usual | None:
    """What is usual in a service's other units; None where there are none."""
    sums = np.zeros((3, len(POOLS)))
    for weeks in others:
        of_age = np.searchsorted(POOLS, np.arange(weeks.present.shape[1]), "right") - 1
        for row, table in enumerate((weeks.left, weeks.treated, weeks.present)):
            sums[row] += np.bincount(of_age, table.sum(axis=0), len(POOLS))
    left, treated, present = sums
    if not present.sum():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        return Usual(np.nan_to_num(left / present), np.nan_to_num(treated / (present - left)), present)


def grade_of(weeks: int) -> str:
    """How much a number of weeks can calibrate."""
    if weeks < TYPED_UNDER:
        return TYPED
    if weeks < LEVELS_UNDER:
        return LEVELS_ONLY
    return PROVISIONAL if weeks < PROVISIONAL_UNDER else FULL


def calibrate(
    weeks: Weeks,
    seasons: tuple[Season, Season],
    usual: Usual | None = None,
    *,
    runs: int = 0,
    generator: np.random.Generator | None = None,
) -> Calibration:
    """Calibrate on the last 52 of some weeks; `seasons` are those of arrivals and of visits. Raises ValueError without a week.

    With `runs` the weeks are drawn anew for each, in circular blocks of four, and every parameter is estimated again.
    """
    if not len(weeks):
        raise ValueError("no week to calibrate on")
    mine = weeks.last(WINDOW)
    times = _drawn(len(mine), runs, generator) if generator is not None else np.ones((1, len(mine)))
    recent = min(LEVEL_WINDOW, len(mine))
    newest = _drawn(recent, runs, generator) if generator is not None else np.ones((1, recent))
    totals = [table.sum(axis=1) for table in (mine.arrived, mine.treated)]
    factors = [season.factors(mine.ends) for season in seasons]
    levels = [
        (newest @ total[-recent:]) / np.maximum(newest @ factor[-recent:], 1e-9)
        for total, factor in zip(totals, factors, strict=True)
    ]
    cleaned = _spikes(mine.left.sum(axis=1))
    grade = grade_of(len(mine))
    ends = np.array(mine.ends)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = factors[1] * (totals[1].sum() / factors[1].sum())
        ratios = np.where(expected > 0, totals[1] / expected, 1.0)
    return Calibration(
        grade,
        _rates(mine, times, cleaned, usual, by_age=grade != LEVELS_ONLY),
        levels[0],
        levels[1],
        *seasons,
        max(_dispersion(totals[0], factors[0]), 1.0),
        _dispersion(totals[1], factors[1]),
        ratios,
        _share(mine.left[~cleaned].sum(), mine.arrived[~cleaned].sum()),
        mine.ends,
        tuple(ends[cleaned].tolist()),
        tuple(ends[mine.queue < 0.5].tolist()),
        _trend(totals[0], factors[0]),
        mine,
    )


def _rates(
    weeks: Weeks, times: np.ndarray, cleaned: np.ndarray, usual: Usual | None, *, by_age: bool
) -> Rates:
    """Rates by age from weeks that count so many `times` each (runs × weeks)."""
    of_age = pools_of(weeks)
    pools = np.eye(len(POOLS))[of_age]
    whole = ~cleaned[:, None]
    left, at_risk = (times @ ((table * whole) @ pools) for table in (weeks.left, weeks.present))
    treated, staying = (times @ (table @ pools) for table in (weeks.treated, weeks.present - weeks.left))
    leave = _shrunk(left, at_risk, None if usual is None else usual.leave, usual, by_age=by_age)
    weight = _shrunk(treated, staying, None if usual is None else usual.weight, usual, by_age=by_age)
    rest = weeks.present[:, 0] - weeks.left[:, 0]
    many = rest >= READY_NEEDS
    ready = float((weeks.treated[many, 0] / rest[many]).max()) if many.any() else 1.0
    by_pool = [values[:, of_age] if by_age else values[:, _all_pools(of_age)] for values in (leave, weight)]
    came = times @ weeks.arrived[:, : max(np.flatnonzero(weeks.arrived.any(axis=0)), default=0) + 1]
    total = came.sum(axis=1, keepdims=True)
    ages = np.where(total > 0, came / np.maximum(total, 1e-9), np.eye(came.shape[1])[0])
    return Rates(by_pool[0], by_pool[1], np.array([min(ready, 1.0), 1.0]), ages)


def _all_pools(of_age: np.ndarray) -> np.ndarray:
    return np.searchsorted(POOLS, np.arange(len(of_age)), "right") - 1


def _shrunk(
    events: np.ndarray, base: np.ndarray, shares: np.ndarray | None, usual: Usual | None, *, by_age: bool
) -> np.ndarray:
    """(events + κ × what is usual) ÷ (base + κ) by run and pool; without `by_age` what is usual alone."""
    own = events.sum(axis=1, keepdims=True) / np.maximum(base.sum(axis=1, keepdims=True), 1e-9)
    mean = np.broadcast_to(own, events.shape)
    if usual is not None and shares is not None:
        mean = np.where(usual.person_weeks >= USUAL_NEEDS, shares, mean)
    if not by_age:
        return np.clip(mean, 0.0, 1.0)
    return np.clip((events + SHRINKAGE * mean) / (base + SHRINKAGE), 0.0, 1.0)


def _drawn(weeks: int, runs: int, generator: np.random.Generator) -> np.ndarray:
    """How many times each week is drawn in each run: circular blocks of consecutive weeks."""
    blocks = -(-weeks // BLOCK)
    starts = generator.integers(0, weeks, (runs, blocks))
    at = (starts[:, :, None] + np.arange(BLOCK)).reshape(runs, -1)[:, :weeks] % weeks
    times = np.zeros((runs, weeks))
    np.add.at(times, (np.arange(runs)[:, None], at), 1)
    return times


def _spikes(left: np.ndarray) -> np.ndarray:
    """The weeks in which so many left that the list was cleaned."""
    return left > SPIKE * max(float(np.median(left)), 1.0)


def _dispersion(numbers: np.ndarray, factors: np.ndarray) -> float:
    """Variance ÷ mean of weekly numbers against what their level and season expect."""
    expected = factors * (numbers.sum() / max(factors.sum(), 1e-9))
    there = expected > 0
    if there.sum() < 2:
        return 1.0
    squares = (numbers[there] - expected[there]) ** 2 / expected[there]
    return float(squares.sum() / (there.sum() - 1))


def _trend(numbers: np.ndarray, factors: np.ndarray) -> float | None:
    """The yearly drift of the last weeks' arrivals as a part of their level; None where it may be chance."""
    numbers, factors = numbers[-LEVEL_WINDOW:], factors[-LEVEL_WINDOW:]
    expected = factors * (numbers.sum() / max(factors.sum(), 1e-9))
    there = expected > 0
    if there.sum() < TYPED_UNDER:
        return None
    residuals = numbers[there] / expected[there] - 1
    weeks = np.flatnonzero(there) - np.flatnonzero(there).mean()
    spread = (weeks**2).sum()
    slope = float((weeks * residuals).sum() / spread)
    rest = residuals - residuals.mean() - slope * weeks
    error = np.sqrt((rest**2).sum() / (len(weeks) - 2) / spread)
    return slope * 52 if error > 0 and abs(slope / error) > TREND_T else None


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0
