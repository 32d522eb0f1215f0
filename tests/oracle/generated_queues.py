"""Queues made week by week from known parameters, whole people in every week: the truth that a calibration is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from indicators.planning.calibration import Weeks

FIRST = date(2024, 1, 8)
_AGES = 60


@dataclass(frozen=True)
class Truth:
    """What a queue is made with: arrivals and visits a week, how much they vary, who leaves and is treated by age."""

    arrivals: float
    visits: float
    leave: float
    weights: tuple[float, ...]
    ready: float
    dispersion: float
    start: int

    def weight(self, ages: int = _AGES) -> np.ndarray:
        return np.array([self.weights[min(age, len(self.weights) - 1)] for age in range(ages)])


def drawn_truth(seed: int) -> Truth:
    draw = np.random.default_rng(seed)
    arrivals = float(draw.uniform(8, 120))
    leave = float(draw.uniform(0.0, 0.03))
    return Truth(
        arrivals,
        arrivals * float(draw.uniform(0.82, 1.0)),
        leave,
        tuple(draw.uniform(0.05, 0.5, 6).tolist()),
        float(draw.uniform(0.5, 0.95)),
        float(draw.uniform(1, 3)),
        int(arrivals * draw.uniform(2, 8)),
    )


def history(truth: Truth, weeks: int, seed: int) -> Weeks:
    """So many weeks of a queue, by age on the closing day."""
    draw = np.random.default_rng(seed)
    people = draw.multinomial(truth.start, np.ones(8) / 8).astype(float)
    people = np.pad(people, (0, _AGES - 8))
    tables: dict[str, list[np.ndarray]] = {name: [] for name in ("present", "left", "treated", "arrived")}
    for _week in range(weeks):
        older = np.concatenate([[0.0], people[:-1]])
        older[-1] += people[-1]
        arrived = np.zeros(_AGES)
        arrived[0] = _numbers(draw, truth.arrivals, truth.dispersion)
        present = older + arrived
        left = draw.binomial(present.astype(int), truth.leave).astype(float)
        staying = present - left
        most = np.floor(staying * np.where(np.arange(_AGES) == 0, truth.ready, 1.0))
        treated = _treated(
            draw, staying, most, truth.weight(), _numbers(draw, truth.visits, truth.dispersion)
        )
        people = staying - treated
        for name, table in (("present", present), ("left", left), ("treated", treated), ("arrived", arrived)):
            tables[name].append(table)
    ends = tuple(FIRST + timedelta(days=7 * week) for week in range(weeks))
    return Weeks(ends, *(np.array(tables[name]) for name in ("present", "left", "treated", "arrived")))


def _numbers(draw: np.random.Generator, mean: float, dispersion: float) -> int:
    extra = dispersion - 1
    if extra > 1e-9:
        mean = mean * draw.gamma(mean / extra, extra / mean)
    return int(draw.poisson(mean))


def _treated(
    draw: np.random.Generator, staying: np.ndarray, most: np.ndarray, weight: np.ndarray, visits: int
) -> np.ndarray:
    """One visit after another goes to an age by chance, in proportion to weight × people, until the ages are full."""
    treated = np.zeros(len(staying))
    left = int(min(visits, most.sum()))
    while left > 0:
        pull = np.where(treated < most, staying * weight, 0.0)
        if pull.sum() <= 0:
            break
        taken = np.minimum(draw.multinomial(left, pull / pull.sum()), most - treated)
        treated += taken
        left -= int(taken.sum())
    return treated
