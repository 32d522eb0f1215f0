"""A queue with chance: many runs of the same weeks, in which the parameters, arrivals, visits and leavers are drawn.

The same draws serve every scenario of a queue, so that scenarios differ run by run by what they change alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from indicators.planning.calibration import Calibration, Usual, Weeks, calibrate
from indicators.planning.compartments import CALIBRATED, Chance, Order, Projection, Rates, Stream, project
from indicators.planning.seasons import Season
from indicators.planning.state import QueueState

RUNS = 1000
#: The quantiles of the line and of the two bands.
QUANTILES = {"low_95": 0.025, "low_80": 0.1, "median": 0.5, "high_80": 0.9, "high_95": 0.975}
#: Ages are pooled from here on, or from the age at which every limit is passed and nobody waits longer now.
_FEWEST_AGES, _MOST_AGES = 27, 60
#: Poisson numbers of a greater mean are drawn by three moments; of a smaller one they are fewer than so many.
_SMALL_MEAN, _MOST_EVENTS = 6.0, 28


@dataclass(frozen=True)
class Draws:
    """Numbers of each run (rows) and week before a scenario changes them; one row is the expectation without chance.

    `leaving` are uniform numbers that say how many leave; None where as many leave as are expected.
    """

    rates: Rates
    arrivals: np.ndarray
    visits: np.ndarray
    leaving: np.ndarray | None

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.arrivals)

    def some(self, runs: int) -> Draws:
        """The first so many runs."""
        by_run = (np.atleast_2d(values) for values in vars(self.rates).values())
        rates = Rates(*(values[:runs] if len(values) == self.runs else values for values in by_run))
        leaving = None if self.leaving is None else self.leaving[:runs]
        return Draws(rates, self.arrivals[:runs], self.visits[:runs], leaving)


@dataclass(frozen=True)
class Change:
    """What a scenario does to a queue, by week: factors of arrivals and of usual visits, extra visits, whom the usual go to."""

    arrivals: np.ndarray
    visits: np.ndarray
    streams: Sequence[Stream] = ()
    order: Order = field(default_factory=lambda: {CALIBRATED: 1.0})

    @classmethod
    def none(cls, weeks: int) -> Change:
        """Everything as it is."""
        return cls(np.ones(weeks), np.ones(weeks))


def ends_of(snapshot: date, weeks: int) -> tuple[date, ...]:
    """The last days of the weeks after a snapshot."""
    return tuple(snapshot + timedelta(days=7 * (week + 1)) for week in range(weeks))


def expected(calibration: Calibration, ends: Sequence[date]) -> Draws:
    """What is expected of the weeks that end on some days, without chance."""
    arrivals = calibration.arrivals[:1, None] * calibration.arrivals_season.factors(ends)
    visits = calibration.visits[:1, None] * calibration.visits_season.factors(ends)
    return Draws(calibration.rates, arrivals, visits, None)


def draw(
    weeks: Weeks,
    seasons: tuple[Season, Season],
    ends: Sequence[date],
    seed: int,
    usual: Usual | None = None,
    runs: int = RUNS,
) -> Draws:
    """Draw the weeks that end on some days, `runs` times, from a queue's own `weeks`.

    Parameters are estimated again from drawn weeks; arrivals are Poisson, mixed to their dispersion; visits vary as those of a
    drawn week did.
    """
    generator = np.random.default_rng(seed)
    drawn = calibrate(weeks, seasons, usual, runs=runs, generator=generator)
    shape = (runs, len(ends))
    means = drawn.arrivals[:, None] * drawn.arrivals_season.factors(ends)
    extra = drawn.dispersion - 1
    if extra > 1e-9:
        # Mean 1 and a variance that makes the variance of the mixed numbers dispersion × mean.
        form = np.maximum(means, 1e-9) / extra
        means = means * generator.gamma(form, 1.0) / form
    arrivals = generator.poisson(means).astype(float)
    ratios = drawn.visit_ratios[generator.integers(0, len(drawn.visit_ratios), shape)]
    visits = drawn.visits[:, None] * drawn.visits_season.factors(ends) * ratios
    return Draws(drawn.rates, arrivals, visits, generator.random(shape))


def run(state: QueueState, draws: Draws, change: Change, *, pooled: bool = True) -> Projection:
    """What becomes of a queue under a change, in every run. `pooled` counts the oldest ages together, for speed."""
    streams = [Stream(draws.visits * change.visits, change.order), *change.streams]
    chance = None if draws.leaving is None else _leavers(draws.leaving)
    return project(
        state.snapshot,
        state.compartment_groups(draws.arrivals * change.arrivals),
        draws.rates,
        streams,
        top=oldest_age(state) if pooled else None,
        chance_to_leave=chance,
    )


def _leavers(uniform: np.ndarray) -> Chance:
    """Draws leavers week after week from uniform numbers of runs × weeks."""
    week = iter(range(uniform.shape[1]))
    return lambda leavers: poisson_quantile(uniform[:, next(week)], leavers)


def oldest_age(state: QueueState) -> int:
    """The age in weeks from which all are counted together: every limit is passed there."""
    of_limit = -(-state.longest_limit // 7) + 2
    return max(_FEWEST_AGES, of_limit, min(state.oldest + 1, _MOST_AGES))


def poisson_quantile(share: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The quantiles of Poisson numbers of different means: exact where the mean is small, else to the third moment.

    >>> poisson_quantile(np.array([0.0, 0.5, 0.99]), np.array([3.0, 3.0, 0.0])).tolist()
    [0.0, 3.0, 0.0]
    """
    # Whoever plans no queue does without it.
    from scipy.special import ndtri

    normal = ndtri(np.clip(share, 1e-9, 1 - 1e-9))
    large = mean + np.sqrt(mean) * normal + (normal**2 - 1) / 6
    small = np.minimum(mean, _SMALL_MEAN)
    term = np.exp(-small)
    reached, found = term.copy(), np.zeros_like(small)
    for number in range(1, _MOST_EVENTS):
        found += reached < share
        term = term * small / number
        reached += term
    return np.where(mean > _SMALL_MEAN, np.maximum(large, 0.0), found)


def bands(numbers: np.ndarray) -> dict[str, np.ndarray]:
    """The median and the two bands of runs × weeks, by the names of QUANTILES; what a run has not is left out."""
    missing = np.isnan(numbers)
    of = np.nanquantile if missing.any() else np.quantile
    known = ~missing.all(axis=0)
    found = np.full((len(QUANTILES), numbers.shape[1]), np.nan)
    if known.any():
        found[:, known] = of(numbers[:, known], list(QUANTILES.values()), axis=0)
    return dict(zip(QUANTILES, found, strict=True))
