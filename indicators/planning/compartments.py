"""The stock and flow of a queue by weeks waited: one week after another, people conserved, for many runs at once.

State: people by group and age in whole weeks, real numbers. Each week everybody grows a week older and arrivals come in; a
share of each age leaves untreated; booked entries are treated in their week; the other visits are shared out by order; the rest
waits. Visits that nobody can use are unused, never somebody's. In every order neither the queue nor the number over the limit
rises when visits do; the share within the limit has no such property.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from indicators.planning.limits_by_week import (
    WEEKDAYS,
    LimitRule,
    dates_of_week,
    shares_of_cohorts,
    shares_of_dates,
)

#: Who is treated first: as measured by age, the longest waits, the newest.
CALIBRATED, LONGEST, NEWEST = "calibrated", "longest", "newest"
#: Of visits, the share of each order; what no share names is as calibrated.
Order = Mapping[str, float]
#: From the leavers expected in each run to those drawn.
Chance = Callable[[np.ndarray], np.ndarray]
#: Numbers closer than this are the same number of people.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Waiting:
    """People who wait at the start, of one age in weeks or with one date of start, booked for a week (1 is the first) or not."""

    count: float
    age: int | None = None
    start: date | None = None
    booked: int | None = None


@dataclass(frozen=True)
class Group:
    """People with the same limits: who waits, and who comes each week (one number a week, or runs × weeks)."""

    waiting: Sequence[Waiting]
    arrivals: np.ndarray
    rules: Sequence[LimitRule] = ()
    weekday_weights: Sequence[float] = WEEKDAYS


@dataclass(frozen=True)
class Rates:
    """By age in weeks, the last value standing for all older ages; arrays may have a first axis of runs.

    `leave`: the share of those present who leave untreated in a week. `weight`: the share of the others who are treated, as
    measured. `ready`: the most of the others who can be treated in one week. `arrival_ages`: the shares of arrivals by age.
    """

    leave: np.ndarray
    weight: np.ndarray
    ready: np.ndarray = field(default_factory=lambda: np.ones(1))
    arrival_ages: np.ndarray = field(default_factory=lambda: np.ones(1))


@dataclass(frozen=True)
class Stream:
    """Visits of each week (one number a week, or runs × weeks) and whom they go to."""

    visits: np.ndarray
    order: Order


@dataclass(frozen=True)
class Projection:
    """What becomes of a queue: arrays of runs × weeks in people, `ages_end` of runs × ages after the last week.

    `share` is the share within the limit of those who have one, NaN where nobody has; `longest` the oldest week at or above
    which half a person waits, −1 where there is none; `overbooked` whether more were booked than there were visits.
    """

    opening: np.ndarray
    arrivals: np.ndarray
    left: np.ndarray
    treated: np.ndarray
    treated_booked: np.ndarray
    unused: np.ndarray
    overbooked: np.ndarray
    queue: np.ndarray
    over: np.ndarray
    limited: np.ndarray
    longest: np.ndarray
    ages_end: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """The share within the limit, 0–1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.limited > TOLERANCE, 1 - self.over / self.limited, np.nan)


def project(
    snapshot: date,
    groups: Sequence[Group],
    rates: Rates,
    streams: Sequence[Stream],
    *,
    top: int | None = None,
    chance_to_leave: Chance | None = None,
) -> Projection:
    """Run a queue from a snapshot on, a week for each visit number of the streams; the first stream are the usual visits.

    `top` pools all ages from there on: everybody of them with a limit must be over it. `chance_to_leave` draws how many leave.
    """
    weeks = int(np.asarray(streams[0].visits).shape[-1])
    visits = [np.atleast_2d(np.asarray(stream.visits, float)) for stream in streams]
    coming = [_by_week(group.arrivals, weeks) for group in groups]
    runs = max([array.shape[0] for array in (*visits, *coming, *map(np.atleast_2d, vars(rates).values()))])
    queue = _Queue.of(snapshot, groups, rates, weeks, runs, top)
    queue.chance_to_leave = chance_to_leave
    found: dict[str, list[np.ndarray]] = {}
    for week in range(weeks):
        arriving = np.stack([np.broadcast_to(array[:, week], runs) for array in coming], axis=1)
        offered = [
            (np.broadcast_to(array[:, week], runs), stream.order)
            for array, stream in zip(visits, streams, strict=True)
        ]
        for name, numbers in queue.advance(week, arriving, offered).items():
            found.setdefault(name, []).append(numbers)
    columns = {name: np.stack(numbers, axis=1) for name, numbers in found.items()}
    return Projection(**columns, ages_end=queue.by_age())


def _by_week(numbers: np.ndarray, weeks: int) -> np.ndarray:
    """Numbers as runs × weeks, one number standing for every week."""
    array = np.asarray(numbers, float)
    return np.broadcast_to(np.atleast_2d(array), (np.atleast_2d(array).shape[0], weeks))


@dataclass
class _Queue:
    """A queue under way. `free` are those without a booked week (runs × lots × ages), `booked` those with one.

    A group has two lots, those known by date and those known by week, as they pass their limits on different days; `over` and
    `limited` have their shares by lot, week and age.
    """

    free: np.ndarray
    booked: list[tuple[int, int, int, float, np.ndarray, float]]
    over: np.ndarray
    limited: np.ndarray
    leave: np.ndarray
    weight: np.ndarray
    ready: np.ndarray
    arrival_ages: np.ndarray
    week: int = 0
    chance_to_leave: Chance | None = None

    @classmethod
    def of(
        cls,
        snapshot: date,
        groups: Sequence[Group],
        rates: Rates,
        weeks: int,
        runs: int,
        top: int | None = None,
    ) -> _Queue:
        oldest = max([_age(one, snapshot) for group in groups for one in group.waiting], default=0)
        ages = oldest + weeks + np.atleast_2d(rates.arrival_ages).shape[-1]
        top = ages - 1 if top is None else min(top, ages - 1)
        days = [snapshot + timedelta(days=7 * (week + 1)) for week in range(weeks)]
        free = np.zeros((runs, 2 * len(groups), top + 1))
        over, limited = np.zeros((2, 2 * len(groups), weeks, top + 1))
        booked = []
        for number, group in enumerate(groups):
            dated: dict[int, dict[date, float]] = {}
            for one in group.waiting:
                age, lot = _age(one, snapshot), 2 * number + (one.start is None)
                if one.booked is not None:
                    starts = _starts(one, snapshot, group)
                    shares, with_limit = shares_of_dates(starts, group.rules, days)
                    booked.append((one.booked, lot, age, one.count, shares, with_limit))
                    continue
                free[:, lot, min(age, top)] += one.count
                if one.start is not None:
                    of_age = dated.setdefault(age, {})
                    of_age[one.start] = of_age.get(one.start, 0.0) + one.count
            over[2 * number], limited[2 * number] = _shares_of_dated(dated, group.rules, days, top)
            over[2 * number + 1], limited[2 * number + 1] = shares_of_cohorts(
                days, top + 1, group.rules, group.weekday_weights
            )
        leave, weight, ready = (
            _by_age(values, top + 1) for values in (rates.leave, rates.weight, rates.ready)
        )
        ages_of_arrivals = _pooled(np.atleast_2d(np.asarray(rates.arrival_ages, float)), top + 1)
        return cls(free, booked, over, limited, leave, weight, ready, ages_of_arrivals)

    def by_age(self) -> np.ndarray:
        """People by age, booked ones included: runs × ages."""
        found = self.free.sum(axis=1)
        for _week, _lot, age, count, _over, _limited in self._still_booked():
            found[:, min(age + self.week, found.shape[1] - 1)] += count
        return found

    def _still_booked(self) -> list[tuple[int, int, int, float, np.ndarray, float]]:
        return [one for one in self.booked if one[0] > self.week]

    def _shares_leaving(self, people: np.ndarray) -> np.ndarray:
        """The share of each age that leaves this week; drawn, never more than all."""
        if self.chance_to_leave is None:
            return self.leave
        expected = np.einsum("ra,ra->r", people, np.broadcast_to(self.leave, people.shape))
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(expected > 0, self.chance_to_leave(expected) / expected, 0.0)
        return np.minimum(self.leave * factor[:, None], 1.0)

    def _grow_older(self, arriving: np.ndarray) -> None:
        """Everybody is a week older, and arrivals are in."""
        oldest = self.free[:, :, -1].copy()
        self.free[:, :, 1:] = self.free[:, :, :-1].copy()
        self.free[:, :, -1] += oldest
        self.free[:, :, 0] = 0.0
        shares = self.arrival_ages
        self.free[:, 1::2, : shares.shape[1]] += arriving[:, :, None] * shares[:, None, :]

    def advance(
        self, week: int, arriving: np.ndarray, offered: Sequence[tuple[np.ndarray, Order]]
    ) -> dict[str, np.ndarray]:
        """One week: everybody older, arrivals in, leavers and treated out. Returns what the week was, one number a run."""
        opening = _of_each_run(self.free) + sum(one[3] for one in self._still_booked())
        self.week = week + 1
        self._grow_older(arriving)
        people = self.free.sum(axis=1)
        leaving = self._shares_leaving(people)
        left = _of_each_run(people * leaving)
        people *= 1 - leaving
        treated_booked = sum(one[3] for one in self.booked if one[0] == self.week)
        left_over = _after_booked(offered, float(treated_booked))
        treated = share_out(people, self.weight, self.ready * people, left_over)
        seen = _of_each_run(treated)
        with np.errstate(divide="ignore", invalid="ignore"):
            staying = np.where(people > 0, np.maximum(1 - treated / people, 0.0), 1.0)
        self.free *= ((1 - leaving) * staying)[:, None, :]
        over, limited = (
            self.free.reshape(len(opening), -1) @ shares[:, week].ravel()
            for shares in (self.over, self.limited)
        )
        everybody = people * staying
        for _week, _lot, age_then, count, shares_over, with_limit in self._still_booked():
            over, limited = over + count * shares_over[week], limited + count * with_limit
            everybody[:, min(age_then + self.week, everybody.shape[1] - 1)] += count
        total = sum(numbers for numbers, _order in offered)
        from_above = np.cumsum(everybody[:, ::-1], axis=1)[:, ::-1]
        return {
            "opening": opening,
            "arrivals": arriving.sum(axis=1),
            "left": left,
            "treated": seen + treated_booked,
            "treated_booked": np.full(len(opening), float(treated_booked)),
            "unused": np.maximum(sum(visits for visits, _ in left_over) - seen, 0.0),
            "overbooked": np.asarray(treated_booked > total + TOLERANCE),
            "queue": _of_each_run(everybody),
            "over": over,
            "limited": limited,
            "longest": (from_above >= 0.5 - TOLERANCE).sum(axis=1) - 1,
        }


def _of_each_run(numbers: np.ndarray) -> np.ndarray:
    """The sums over all axes but the first; as a product, which is several times faster for short rows."""
    flat = numbers.reshape(len(numbers), -1)
    return flat @ np.ones(flat.shape[1])


def _age(one: Waiting, snapshot: date) -> int:
    if one.start is not None:
        return (snapshot - one.start).days // 7
    return one.age or 0


def _starts(one: Waiting, snapshot: date, group: Group) -> dict[date, float]:
    """The days on which some who wait may have begun, each with its weight."""
    if one.start is not None:
        return {one.start: one.count}
    return dates_of_week(snapshot, one.age or 0, group.weekday_weights)


def _shares_of_dated(
    dated: Mapping[int, Mapping[date, float]], rules: Sequence[LimitRule], days: Sequence[date], top: int
) -> tuple[np.ndarray, np.ndarray]:
    """Of people known by date, by week and age: the shares over and with a limit; `dated` are they by age on the snapshot."""
    over, limited = np.zeros((2, len(days), top + 1))
    known = {age: shares_of_dates(starts, rules, days) for age, starts in dated.items()}
    for age, (shares, with_limit) in known.items():
        for week in range(min(len(days), top - age - 1)):
            over[week, age + week + 1], limited[week, age + week + 1] = shares[week], with_limit
    counts = {age: sum(starts.values()) for age, starts in dated.items()}
    for week in range(len(days)):
        # The oldest are pooled: with those of before, whom all the same limits have passed.
        pooled = {age: count for age, count in counts.items() if age + week + 1 >= top}
        people = sum(pooled.values())
        if people > 0:
            over[week, top] = sum(count * known[age][0][week] for age, count in pooled.items()) / people
            limited[week, top] = sum(count * known[age][1] for age, count in pooled.items()) / people
    return over, limited


def _pooled(shares: np.ndarray, ages: int) -> np.ndarray:
    """Shares by age, those of older ages than there are added to the oldest."""
    if shares.shape[1] <= ages:
        return shares
    return np.concatenate([shares[:, : ages - 1], shares[:, ages - 1 :].sum(axis=1, keepdims=True)], axis=1)


def _by_age(values: np.ndarray, ages: int) -> np.ndarray:
    """Rates for every age, the last of them for all older ones: runs × ages."""
    array = np.atleast_2d(np.asarray(values, float))[:, :ages]
    return np.pad(array, ((0, 0), (0, ages - array.shape[1])), mode="edge")


def _after_booked(
    offered: Sequence[tuple[np.ndarray, Order]], booked: float
) -> list[tuple[np.ndarray, Order]]:
    """Visits without those that booked entries take, of the usual ones first."""
    taken, found = np.full_like(np.asarray(offered[0][0], float), booked), []
    for visits, order in offered:
        used = np.minimum(visits, taken)
        taken = taken - used
        found.append((visits - used, order))
    return found


def share_out(
    people: np.ndarray, weight: np.ndarray, most: np.ndarray, offered: Sequence[tuple[np.ndarray, Order]]
) -> np.ndarray:
    """Who is treated by age (runs × ages): the longest waits first, then the newest, then as calibrated.

    `people` are those there are, `most` those who can be treated, `weight` the measured share of each age. What one order
    cannot use passes to the next.
    """
    treated = np.zeros_like(people)
    rest = np.zeros(len(people))
    for order in (LONGEST, NEWEST):
        if not any(of.get(order) for _visits, of in offered) and not rest.any():
            continue
        rest = rest + sum(visits * of.get(order, 0.0) for visits, of in offered)
        room = most - treated
        inward = room[:, ::-1] if order == LONGEST else room
        before = np.cumsum(inward, axis=1) - inward
        taken = np.clip(rest[:, None] - before, 0.0, inward)
        taken = taken[:, ::-1] if order == LONGEST else taken
        treated = treated + taken
        rest = np.maximum(rest - _of_each_run(taken), 0.0)
    named = [(visits, sum(of.get(order, 0.0) for order in (LONGEST, NEWEST))) for visits, of in offered]
    rest = rest + sum(visits * (1 - share) for visits, share in named)
    return treated + _as_calibrated((people - treated) * weight, most - treated, rest)


def _as_calibrated(wanted: np.ndarray, room: np.ndarray, visits: np.ndarray) -> np.ndarray:
    """Visits in proportion to what each age is wont to get, at most its room; what is left to ages that are wont to get none."""
    visits = np.minimum(visits, _of_each_run(room))
    full = np.zeros(wanted.shape, dtype=bool)
    for _step in range(wanted.shape[1] + 1):
        open_weight = _of_each_run(np.where(full, 0.0, wanted))
        left = visits - _of_each_run(np.where(full, room, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(open_weight > 0, left / open_weight, 0.0)
        now = full | ((factor[:, None] * wanted >= room) & (wanted > 0))
        if (now == full).all():
            break
        full = now
    taken = np.where(full, room, np.minimum(np.maximum(factor, 0.0)[:, None] * wanted, room))
    rest, others = np.maximum(visits - _of_each_run(taken), 0.0), np.where(wanted > 0, 0.0, room)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where((total := _of_each_run(others)) > 0, rest / total, 0.0)
    return taken + np.minimum(part, 1.0)[:, None] * others
