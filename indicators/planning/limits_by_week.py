"""How much of a cohort that is known by its week of start, or by its dates, is over its limit on a snapshot day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from indicators.catalogue.due_dates import due_day

#: Assessments are alike on the five weekdays where nothing else is known.
WEEKDAYS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class LimitRule:
    """A limit from the day of start: so many `days` or calendar `months`, for waits that began on `valid_from` or later.

    Without a `value` these have none.
    """

    valid_from: date
    value: int | None
    unit: str = "days"


def last_day(start: date, rules: Sequence[LimitRule]) -> date | None:
    """The last day allowed for a wait that began on a day, by the rule in force then; None before the first rule."""
    in_force = [rule for rule in rules if rule.valid_from <= start]
    if not in_force:
        return None
    rule = max(in_force, key=lambda one: one.valid_from)
    return None if rule.value is None else _due(start, rule.value, rule.unit)


#: Runs ask for the same days again and again.
_due = cache(due_day)


def shares_of_dates(
    starts: Mapping[date, float], rules: Sequence[LimitRule], days: Sequence[date]
) -> tuple[np.ndarray, float]:
    """Of a cohort with counts by date of start: the share over its limit on each of some days, and the share with a limit."""
    total = sum(starts.values())
    if total <= 0:
        return np.zeros(len(days)), 0.0
    over, limited = np.zeros(len(days)), 0.0
    for start, count in starts.items():
        last = last_day(start, rules)
        if last is not None:
            limited += count / total
            over += np.array([day > last for day in days]) * (count / total)
    return over, limited


def dates_of_week(snapshot: date, age: int, weights: Sequence[float] = WEEKDAYS) -> dict[date, float]:
    """The seven days on which a cohort that is so many whole weeks old on a day began, each with its weight."""
    newest = snapshot - timedelta(days=7 * age)
    days = (newest - timedelta(days=back) for back in range(7))
    return {day: weights[day.weekday()] for day in days}


def shares_of_cohorts(
    days: Sequence[date], ages: int, rules: Sequence[LimitRule], weights: Sequence[float] = WEEKDAYS
) -> tuple[np.ndarray, np.ndarray]:
    """Of cohorts known by week: the shares over the limit and with a limit, by day (rows) and age in weeks (columns)."""
    oldest = days[0] - timedelta(days=7 * ages)
    starts = [oldest + timedelta(days=one) for one in range((days[-1] - oldest).days + 1)]
    ends = [last_day(start, rules) for start in starts]
    # Ordinals, so that a wait without a limit is never over and is told by its 0.
    last = np.array([end.toordinal() if end else 0 for end in ends])
    weight = np.array([weights[start.weekday()] for start in starts])
    on = np.array([day.toordinal() for day in days])
    back = 7 * np.arange(ages)[:, None] + np.arange(7)
    at = (on - oldest.toordinal())[:, None, None] - back
    of_week, limited = weight[at], last[at] > 0
    total = of_week.sum(axis=2)
    over = (of_week * (limited & (on[:, None, None] > last[at]))).sum(axis=2) / total
    return over, (of_week * limited).sum(axis=2) / total
