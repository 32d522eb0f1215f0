"""Queueing theory beside simulation: what share a target means, and queues of single persons, event by event.

The formulas of load, target queue, pressure, target and relief capacity are in `analysis.waiting_list`; numbers are a week
and waits in weeks. The simulators are for a page about theory: the planner's weekly model is no queue with one server.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np


def factor_of_share(share: float) -> float:
    """How many mean waits a target is that a share of people (0–1, open) is to be served within. Raises ValueError.

    Waits are taken as exponential.

    >>> round(factor_of_share(0.92), 3)
    2.526
    """
    if not 0 < share < 1:
        raise ValueError(f"a share of {share} is not between 0 and 1")
    return -log(1 - share)


def share_within(factor: float) -> float:
    """The share (0–1) served within a target of so many mean waits, waits taken as exponential.

    >>> round(share_within(4), 3)
    0.982
    """
    return 1 - exp(-factor)


@dataclass(frozen=True)
class EventQueue:
    """A queue with one server: arrivals and visits a week, and how much the gaps and the service times vary (1: exponential).

    `waiting` people are there at the start.
    """

    arrivals: float
    visits: float
    cv_arrivals: float = 1.0
    cv_visits: float = 1.0
    waiting: int = 0

    def waits(self, people: int, runs: int, generator: np.random.Generator) -> np.ndarray:
        """The weeks that each of `people` who come one after another waits for service: runs × people.

        Lindley's recursion: a wait is the one before it and its service, less the gap, and never below 0.
        """
        shape = (runs, people)
        gaps = _drawn(generator, self.arrivals, self.cv_arrivals, shape)
        services = _drawn(generator, self.visits, self.cv_visits, shape)
        ahead = _drawn(generator, self.visits, self.cv_visits, (runs, self.waiting)).sum(axis=1)
        steps = np.concatenate([ahead[:, None] - gaps[:, :1], services[:, :-1] - gaps[:, 1:]], axis=1)
        path = np.cumsum(steps, axis=1)
        return path - np.minimum(np.minimum.accumulate(path, axis=1), 0.0)


def _drawn(
    generator: np.random.Generator, rate: float, variation: float, shape: tuple[int, int]
) -> np.ndarray:
    """Times with a mean of 1 ÷ rate and a coefficient of variation: gamma, or all the same where it is 0."""
    if variation <= 0:
        return np.full(shape, 1 / rate)
    form = 1 / variation**2
    return generator.gamma(form, 1 / (rate * form), shape)


def waits_for_slots(arrival_days: np.ndarray, slot_days: np.ndarray) -> np.ndarray:
    """The days that people wait for slots, first come first served; NaN for who has none. Both are sorted.

    A slot serves who came before its day; one that finds nobody is lost.

    >>> waits_for_slots(np.array([0.0, 0.0, 5.0]), np.array([0.0, 1.0, 2.0, 3.0])).tolist()
    [1.0, 2.0, nan]
    """
    order = np.arange(len(arrival_days))
    first = np.searchsorted(slot_days, arrival_days, "right")
    # Each takes the slot after the one before, or the first after the own arrival.
    taken = order + np.maximum.accumulate(first - order)
    days = np.append(slot_days, np.nan)[np.minimum(taken, len(slot_days))]
    return days - arrival_days
