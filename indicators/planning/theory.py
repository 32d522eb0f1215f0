"""What queueing theory says of a queue from five numbers: load, target queue, pressure, target and relief capacity.

Numbers a week, waits in weeks, unless said. `factor` is how many mean waits the target is: waits taken as exponential, a share p is
served within the target with the factor −ln(1 − p), 2.5 for 92 %. Sources: Little's law, Kingman's approximation, and N. Walton and
others, waiting list methods of the NHS (the R package NHSRwaitinglist), whose formulas these are.
"""

from __future__ import annotations

from math import exp, inf, log, nan, sqrt

#: A target of four mean waits: 98 % are served within it.
FACTOR = 4.0


def factor_of_share(share: float) -> float:
    """How many mean waits a target is that a share of people (0–1, open) is to be served within. Raises ValueError.

    >>> round(factor_of_share(0.92), 3)
    2.526
    """
    if not 0 < share < 1:
        raise ValueError(f"a share of {share} is not between 0 and 1")
    return -log(1 - share)


def share_within(factor: float) -> float:
    """The share (0–1) served within a target of so many mean waits."""
    return 1 - exp(-factor)


def load(demand: float, capacity: float) -> float:
    """Demand against capacity; at 1 or more the queue grows."""
    return _divided(demand, capacity)


def target_mean_wait(target_wait: float, factor: float = FACTOR) -> float:
    """The mean wait with which the target is kept."""
    return _divided(target_wait, factor)


def target_queue(demand: float, target_wait: float, factor: float = FACTOR) -> float:
    """The length of the queue with which the target is kept (Little's law)."""
    return _divided(demand * target_wait, factor)


def pressure(mean_wait: float, target_wait: float) -> float:
    """Twice the mean wait against the target, both in the same unit; above 1 the target is in danger."""
    return _divided(2 * mean_wait, target_wait)


def target_capacity(
    demand: float, target_wait: float, factor: float = FACTOR, cv_demand: float = 1, cv_capacity: float = 1
) -> float:
    """The capacity that keeps a queue of the target length, with room for chance (Kingman)."""
    return demand + (cv_demand**2 + cv_capacity**2) / 2 * _divided(factor, target_wait)


def relief_capacity(
    demand: float,
    queue: float,
    target: float,
    weeks: float = 26,
    referrals: int = 0,
    cv_demand: float = 0,
) -> float:
    """The capacity that brings a queue to its target length in so many weeks.

    With the number of referrals that demand was measured from, demand is taken as high as it may well be.
    """
    if referrals > 0:
        doubt = 2 * demand * cv_demand / sqrt(referrals)
        demand = demand / (1 - doubt) if doubt < 1 else demand
    return demand + _divided(queue - target, weeks)


def _divided(number: float, by: float) -> float:
    if by == 0:
        return nan if number == 0 else inf if number > 0 else -inf
    return number / by
