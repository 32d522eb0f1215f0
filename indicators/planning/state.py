"""Who waits in a queue on a day, by the rules of their limits; what a plan starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from indicators.planning.compartments import Group, Waiting
from indicators.planning.limits_by_week import WEEKDAYS, LimitRule, last_day


@dataclass(frozen=True)
class Entry:
    """People who wait alike: the day of start, or where only that is known the age in whole weeks; `booked_for` a day to come.

    `medical`: their care is postponed for a medical reason.
    """

    group: int
    count: float
    start: date | None = None
    age: int | None = None
    booked_for: date | None = None
    medical: bool = False


@dataclass(frozen=True)
class RuleGroup:
    """People with the same limits; `arrival_share` is their part of arrivals, `weekday_weights` are of their assessments."""

    name: str
    rules: tuple[LimitRule, ...] = ()
    weekday_weights: tuple[float, ...] = WEEKDAYS
    arrival_share: float = 1.0


@dataclass(frozen=True)
class QueueState:
    """A queue on a snapshot day. `own_wish` wait beside it by their own wish and are not planned for."""

    snapshot: date
    entries: tuple[Entry, ...]
    groups: tuple[RuleGroup, ...] = (RuleGroup("all"),)
    own_wish: int = 0

    @property
    def waiting(self) -> float:
        """How many wait."""
        return sum(one.count for one in self.entries)

    @property
    def booked(self) -> float:
        """How many of them have a time to come."""
        return sum(one.count for one in self.entries if one.booked_for is not None)

    @property
    def without_limit(self) -> float:
        """How many of them have no limit."""
        return sum(one.count for one in self.entries if self._last_day(one) is None)

    @property
    def over_medical(self) -> float:
        """How many of them wait for a medical reason and are beyond their limit."""
        return sum(count for one, end, count in _last_days(self) if one.medical and end < self.snapshot)

    @property
    def oldest(self) -> int:
        """The age in whole weeks of who has waited longest; 0 where nobody waits."""
        return max((self._age(one) for one in self.entries), default=0)

    @property
    def longest_limit(self) -> int:
        """The days of the longest limit of those who come now; 0 where none has one."""
        return max((days for _group, days in self.limits()), default=0)

    def limits(self) -> list[tuple[RuleGroup, int]]:
        """The groups that have a limit for a start on the snapshot day, with its days."""
        ends = [(group, last_day(self.snapshot, group.rules)) for group in self.groups]
        return [(group, (end - self.snapshot).days) for group, end in ends if end is not None]

    @property
    def main_limit(self) -> int | None:
        """The days of the limit of most of those who come and have one; None where none has."""
        found = self.limits()
        return max(found, key=lambda one: one[0].arrival_share)[1] if found else None

    def week_of(self, day: date) -> int:
        """The number of the week that a day lies in, 1 being the first after the snapshot; days until then are in it too."""
        return max(-((self.snapshot - day).days // 7), 1)

    def compartment_groups(self, arrivals: np.ndarray) -> list[Group]:
        """The groups as the stock and flow has them, arrivals (weeks, or runs × weeks) shared out."""
        found = []
        for number, group in enumerate(self.groups):
            waiting = [
                Waiting(
                    one.count,
                    one.age,
                    one.start,
                    None if one.booked_for is None else self.week_of(one.booked_for),
                )
                for one in self.entries
                if one.group == number
            ]
            share = np.asarray(arrivals, float) * group.arrival_share
            found.append(Group(waiting, share, group.rules, group.weekday_weights))
        return found

    def _age(self, one: Entry) -> int:
        return one.age or 0 if one.start is None else (self.snapshot - one.start).days // 7

    def _last_day(self, one: Entry) -> date | None:
        start = self.snapshot - timedelta(days=7 * (one.age or 0)) if one.start is None else one.start
        return last_day(start, self.groups[one.group].rules)


@dataclass(frozen=True)
class Breaches:
    """Who passes the limit if nothing is done, by week: entries without a time, expected arrivals, those booked too late.

    `over` are over already (`over_booked` of them have a time), `in_time` booked before their last day; `needed` is the least
    number of visits a week that lets nobody pass who is not over yet. `booked_late_medical` of those booked late are postponed
    for a medical reason.
    """

    over: float
    over_booked: float
    entries: np.ndarray
    arrivals: np.ndarray
    booked_late: np.ndarray
    in_time: np.ndarray
    needed: int
    booked_late_medical: float = 0.0


def about_to_breach(state: QueueState, arrivals: Sequence[float]) -> Breaches:
    """Whose last day falls in each of as many coming weeks as there are `arrivals` (a week)."""
    weeks = len(arrivals)
    by_week = {name: np.zeros(weeks) for name in ("entries", "arrivals", "booked_late", "in_time")}
    over = over_booked = late_medical = 0.0
    for one, end, count in _last_days(state):
        if end < state.snapshot:
            over += count
            over_booked += count if one.booked_for else 0.0
        elif (week := state.week_of(end)) <= weeks:
            name = (
                "entries" if one.booked_for is None else "in_time" if one.booked_for <= end else "booked_late"
            )
            by_week[name][week - 1] += count
            late_medical += count if name == "booked_late" and one.medical else 0.0
    for group in state.groups:
        for back in range(7 * weeks):
            start = state.snapshot + timedelta(days=1 + back)
            last = last_day(start, group.rules)
            if last is not None and (week := state.week_of(last)) <= weeks:
                part = group.weekday_weights[start.weekday()] / sum(group.weekday_weights)
                by_week["arrivals"][week - 1] += arrivals[back // 7] * group.arrival_share * part
    due = np.cumsum(by_week["entries"] + by_week["arrivals"]) / np.arange(1, weeks + 1)
    needed = int(np.ceil(due.max(initial=0.0) - 1e-9))
    return Breaches(over, over_booked, **by_week, needed=needed, booked_late_medical=late_medical)


def _last_days(state: QueueState) -> list[tuple[Entry, date, float]]:
    """The entries with a limit, each with its last day and how many; of an age in weeks each day of the week a part."""
    found = []
    for one in state.entries:
        group = state.groups[one.group]
        if one.start is not None:
            starts = {one.start: one.count}
        else:
            newest = state.snapshot - timedelta(days=7 * (one.age or 0))
            week = [newest - timedelta(days=back) for back in range(7)]
            total = sum(group.weekday_weights)
            starts = {day: one.count * group.weekday_weights[day.weekday()] / total for day in week}
        for start, count in starts.items():
            end = last_day(start, group.rules)
            if end is not None:
                found.append((one, end, count))
    return found
