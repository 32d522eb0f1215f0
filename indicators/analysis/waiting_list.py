"""The arithmetic of a queue: its target size, the capacity it needs to get there, when it is cleared, what that costs.

Formulas and their sources in `docs/rules_of_computation.md` (part B): Little's law for the target size. Demand and
capacity are entries a week, times are weeks. Division by zero gives inf or nan, as the formulas do in the limit; nan in
gives nan out.
"""

from __future__ import annotations

import math

#: Target wait ÷ mean wait: with exponential waits exp(−4) = 1,8 % then wait beyond the target (6: 0,25 %).
FACTOR = 4.0
#: Weeks in which a queue that is too long is to reach its target size.
RELIEF_WEEKS = 26.0


def _ratio(numerator: float, denominator: float) -> float:
    if denominator == 0:
        return math.nan if numerator == 0 or math.isnan(numerator) else math.copysign(math.inf, numerator)
    return numerator / denominator


def target_queue_size(demand: float, target_wait: float, factor: float = FACTOR) -> float:
    """The queue at which the mean wait is the target's (Little's law): entries; demand a week, the wait in weeks.

    >>> target_queue_size(30, 52)
    390.0
    """
    return _ratio(demand * target_wait, factor)


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
