"""The arithmetic of a queue: how long it will wait, what capacity it needs, when it is cleared, what that costs.

Formulas and their sources in `docs/rules_of_computation.md` (part B): Little's law for the target size, Kingman's for the
target capacity. Demand and capacity are entries a week; times are weeks unless a function says that any one unit will
do. Division by zero gives inf or nan, as the formulas do in the limit; nan in gives nan out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

#: Target wait ÷ mean wait: with exponential waits exp(−4) = 1,8 % then wait beyond the target (6: 0,25 %).
FACTOR = 4.0
#: Weeks in which a queue that is too long is to reach its target size.
RELIEF_WEEKS = 26.0


def _ratio(numerator: float, denominator: float) -> float:
    if denominator == 0:
        return math.nan if numerator == 0 or math.isnan(numerator) else math.copysign(math.inf, numerator)
    return numerator / denominator


def queue_load(demand: float, capacity: float) -> float:
    """Demand ÷ capacity, both a week: from 1 up the queue does not shrink.

    >>> round(queue_load(30, 27), 2)
    1.11
    """
    return _ratio(demand, capacity)


def target_mean_wait(target_wait: float, factor: float = FACTOR) -> float:
    """The mean wait at which nearly all wait less than the target, in the target's own unit.

    >>> target_mean_wait(52)
    13.0
    """
    return _ratio(target_wait, factor)


def target_queue_size(demand: float, target_wait: float, factor: float = FACTOR) -> float:
    """The queue at which the mean wait is the target's (Little's law): entries; demand a week, the wait in weeks.

    >>> target_queue_size(30, 52)
    390.0
    """
    return _ratio(demand * target_wait, factor)


def pressure(mean_wait: float, target_wait: float) -> float:
    """2 × mean wait ÷ target wait, both in one unit: above 1 the waits are too long for the target.

    >>> pressure(mean_wait=63, target_wait=126)
    1.0
    """
    return _ratio(2 * mean_wait, target_wait)


def target_capacity(
    demand: float,
    target_wait: float,
    factor: float = FACTOR,
    cv_demand: float = 1.0,
    cv_capacity: float = 1.0,
) -> float:
    """The capacity a week that keeps a queue at its target size (Kingman); the wait in weeks.

    `cv_demand` and `cv_capacity` are the coefficients of variation of the gaps between arrivals and between removals.

    >>> round(target_capacity(30, 18), 2)
    30.22
    """
    return demand + _ratio((cv_demand**2 + cv_capacity**2) / 2 * factor, target_wait)


def relief_capacity(
    demand: float,
    queue: float,
    target_queue: float,
    weeks: float = RELIEF_WEEKS,
    referrals: float = 0,
    cv_demand: float = 0.0,
) -> float:
    """The capacity a week that brings a queue to its target size in a number of weeks.

    Where the demand was counted from `referrals` with a coefficient of variation, its upper end is taken.

    >>> round(relief_capacity(30, 1200, 390, 26), 2)
    61.15
    """
    if referrals > 0:
        margin = 2 * demand * cv_demand / math.sqrt(referrals)
        if margin < 1:
            demand /= 1 - margin
    return demand + _ratio(queue - target_queue, weeks)


def weeks_to_clear(queue: float, target_queue: float, demand: float, capacity: float) -> float | None:
    """Weeks until a queue is at its target size: (queue − target) ÷ (capacity − demand); 0 where it is there already.

    None where it never is: where the capacity does not exceed the demand.

    >>> weeks_to_clear(1200, 390, demand=30, capacity=60), weeks_to_clear(1200, 390, demand=30, capacity=30)
    (27.0, None)
    """
    if queue <= target_queue:
        return 0.0
    if not capacity > demand:
        return None
    return (queue - target_queue) / (capacity - demand)


def cost_of_clearing(queue: float, target_queue: float, unit_cost: float) -> float:
    """Euros of the visits beyond the usual that bring a queue to its target size, at a price per visit.

    Each entry too many is one extra visit: what comes in meanwhile is met by the usual capacity.

    >>> cost_of_clearing(1200, 390, unit_cost=100)
    81000
    """
    return max(queue - target_queue, 0) * unit_cost


def affordable_visits(budget: float, unit_cost: float) -> float:
    """Extra visits that a budget pays, at a price per visit.

    >>> affordable_visits(540_000, 120)
    4500.0
    """
    return _ratio(budget, unit_cost)


def queue_by_day(
    entries: Iterable[tuple[date | None, date | None]], first: date, last: date
) -> Sequence[tuple[date, int]]:
    """How many wait on each day from `first` to `last`, from (came, left) of every entry.

    An entry waits from the day it came to the day before it left; without the second it still waits. One that left on
    the day it came or earlier never waits, and one without the first is not in the queue. Unlike in the package of
    docs/rules_of_computation.md, what left before `first` is gone, and what comes after `last` does no harm.

    >>> [n for _, n in queue_by_day([(date(2025, 1, 1), date(2025, 1, 3)), (date(2025, 1, 2), None)],
    ...                             date(2025, 1, 1), date(2025, 1, 4))]
    [1, 2, 1, 1]
    """
    days = (last - first).days + 1
    change = [0] * (days + 1)
    for came, left in entries:
        if came is None:
            continue
        start = max((came - first).days, 0)
        end = days if left is None else min(max((left - first).days, 0), days)
        if start < end:
            change[start] += 1
            change[end] -= 1
    found, waiting = [], 0
    for day in range(days):
        waiting += change[day]
        found.append((first + timedelta(days=day), waiting))
    return found


def mean_wait_days(entries: Iterable[tuple[date | None, date | None]], day: date) -> float:
    """The mean of the whole days that those waiting on a day have waited so far; nan where nobody waits.

    Days: for `pressure` the target must be in days too (the package takes it for weeks).
    """
    waited = [
        (day - came).days
        for came, left in entries
        if came is not None and came <= day and (left is None or left > day)
    ]
    return _ratio(sum(waited), len(waited))
