"""The queues a sum is made of: every unit and service that was ever counted and has not ended.

A row snapshot of a unit covers all its services: one without an entry in it is empty. A count covers its unit and
service alone, and a blank number of nothing. Who was counted is needed in every later period, until a count of 0 (an
empty queue), a successor or an end in master data: a date that says nothing of it is no zero.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.limits import services_with_limit
from indicators.catalogue.periods import Period
from indicators.engine.cached import cached_per_version
from indicators.engine.coverage import COMPLETE_BY_COVERED, PeriodCompleteness, data_coverage
from indicators.engine.question import Missing, Question
from pipelines.warehouse import Snapshot

#: The numbers that a count may have.
WAITING, OVER_LIMIT = "waiting", "over_limit"
#: The number of counts that each indicator of queues adds up.
COUNTED_BY = {"queue_length": WAITING, "queue_over_limit": OVER_LIMIT, "service_debt_visible": OVER_LIMIT}
_DAY = "datetime64[D]"
_NEVER = np.datetime64("NaT", "D")


def counted_column(definition: Definition, question: Question) -> str | None:
    """The number of counts that can replace rows; None where none can: counts know area, unit and service alone."""
    names = {*question.splits, *(name for name, _ in question.where)}
    return COUNTED_BY.get(definition.id) if names <= {"area", "unit", "service"} else None


@dataclass(frozen=True)
class Member:
    """The queue of a service of a unit, and its records: snapshots of rows and counts, in the order of time.

    Per record: its day; whether it is a snapshot of rows; the numbers counted (NaN where blank or of rows); whether the
    service, and the whole unit, had nobody waiting; whether a count is published. `first` is the day it was first counted.
    """

    area: str
    unit: str
    service: str
    first: np.datetime64
    days: np.ndarray
    rows: np.ndarray
    numbers: Mapping[str, np.ndarray]
    empty: np.ndarray
    unit_empty: np.ndarray
    published: np.ndarray

    @property
    def key(self) -> tuple[str, str, str]:
        """Area, unit and service."""
        return self.area, self.unit, self.service


@dataclass(frozen=True)
class Members:
    """All queues of a published version, and until when their units are: the last day, or never after a count."""

    members: tuple[Member, ...]
    last_days: Mapping[str, date | None]

    def of(self, where: Mapping[str, Sequence[str]]) -> tuple[Member, ...]:
        """Those that fit filters on area, unit and service; other filters do not matter here."""
        filters = {name: set(where[name]) for name in ("area", "unit", "service") if name in where}
        return tuple(
            member
            for member in self.members
            if all(getattr(member, name) in values for name, values in filters.items())
        )


@cached_per_version()
def queue_members(snapshot: Snapshot) -> Members:
    """The queues of a published version."""
    ends = snapshot.rows(
        "SELECT unit, valid_to FROM units WHERE valid_to IS NOT NULL OR successor IS NOT NULL"
    )
    return Members(_members(snapshot), dict(ends))


#: What is recorded of a queue: day, of rows or a count, waiting, over the limit, service empty, unit empty, published. Days are
#: ordinals here: many of them are compared.
_Record = tuple[int, bool, float, float, bool, bool, bool]
_EPOCH = date(1970, 1, 1).toordinal()


def _members(snapshot: Snapshot) -> tuple[Member, ...]:
    records: dict[tuple[str, str, str], list[_Record]] = {}
    first: dict[tuple[str, str, str], int] = {}
    by_unit: dict[str, list[tuple[str, int]]] = {}
    known = data_coverage(snapshot, "queue")
    for (source, unit), snapshots in known.snapshots.items():
        by_unit.setdefault(unit, []).extend((source, day.toordinal()) for day in snapshots)
    present_on: dict[tuple[str, str, str], set[int]] = {}
    sources: dict[tuple[str, str, str], set[str]] = {}
    columns = [known.presence[name].tolist() for name in ("source", "area", "unit", "service")]
    present_days = known.presence["day"].to_numpy(_DAY).astype(int) + _EPOCH
    for source, area, unit, service, day in zip(*columns, present_days.tolist(), strict=True):
        present_on.setdefault((area, unit, service), set()).add(day)
        sources.setdefault((area, unit, service), set()).add(source)
    for key, days in present_on.items():
        first[key] = min(days)
    full = {(unit, day) for (_, unit, _), days in present_on.items() for day in days}
    counts = snapshot.rows(
        """SELECT area, unit, service, snapshot_on, waiting, over_limit, coalesce(published, false) FROM queue_counts
           ORDER BY snapshot_on"""
    )
    for area, unit, service, day, waiting, over, published in counts:
        key = (area, unit, service or UNKNOWN)
        on = day.toordinal()
        first[key] = min(first.get(key, on), on)
        numbers = (np.nan if number is None else float(number) for number in (waiting, over))
        records.setdefault(key, []).append((on, False, *numbers, waiting == 0, waiting == 0, published))
    for key in first:
        mine, unit = sources.get(key), key[1]
        days = {day for source, day in by_unit.get(unit, ()) if mine is None or source in mine}
        records.setdefault(key, []).extend(
            (day, True, np.nan, np.nan, day not in present_on.get(key, ()), (unit, day) not in full, False)
            for day in days
        )
    return tuple(_member(key, first[key], records[key]) for key in sorted(first))


def _member(key: tuple[str, str, str], first: int, records: list[_Record]) -> Member:
    # Rows sort after a count of the same day, so that they are its newest record.
    ordered = sorted(records, key=lambda one: (one[0], one[1]))
    days, rows, waiting, over, empty, unit_empty, published = zip(*ordered, strict=True)
    return Member(
        *key,
        np.datetime64(first - _EPOCH, "D"),
        (np.array(days) - _EPOCH).astype(_DAY),
        np.array(rows, dtype=bool),
        {WAITING: np.array(waiting, dtype=float), OVER_LIMIT: np.array(over, dtype=float)},
        np.array(empty, dtype=bool),
        np.array(unit_empty, dtype=bool),
        np.array(published, dtype=bool),
    )


class QueueCompleteness:
    """Judges periods for the queues behind a row of an answer, as `coverage.Completeness` does for other datasets.

    `column` is the number of a count that replaces rows, None where none can: a queue known by counts alone then has
    no number, and a sum lacks it unless it was counted as empty. `keys` are the splits among area, unit and service;
    `with_limit` says that services without a statutory limit are not needed.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        periods: Sequence[Period],
        where: Mapping[str, Sequence[str]],
        column: str | None,
        keys: Sequence[str] = (),
        *,
        with_limit: bool = False,
    ) -> None:
        every = queue_members(snapshot)
        self._last_days, self._column = every.last_days, column
        self._periods = tuple(periods)
        self._at = {period.label: position for position, period in enumerate(self._periods)}
        self._starts = np.array([period.start for period in self._periods], dtype=_DAY)
        self._ends = np.array([period.end for period in self._periods], dtype=_DAY)
        self._exempt = with_limit
        members = every.of(where)
        self._members, self._units_recorded = members, self._recorded_units(members)
        self._groups: dict[tuple[str, ...], list[Member]] = {}
        for member in members:
            self._groups.setdefault(tuple(getattr(member, name) for name in keys), []).append(member)
        self._judged: dict[tuple[str, ...], list[PeriodCompleteness]] = {}
        self._newest = {member.key: self._newest_number(member) for member in members}
        self._last = {member.key: self._last_known(member) for member in members}
        self._empty = {member.key: self._was_empty(member) for member in members}
        self._missing_by_newest: dict[tuple[tuple[str, str, str], int], Missing] = {}

    def of(self, label: str, key: tuple[str, ...] = ()) -> PeriodCompleteness:
        """The completeness of a period, by its label, for the queues of a key."""
        if key not in self._judged:
            self._judged[key] = self._judge(self._groups.get(key, []))
        return self._judged[key][self._at[label]]

    def known(self, label: str) -> frozenset[tuple[str, str, str]]:
        """The queues of which a period has a number: area, unit and service."""
        at = self._at[label]
        return frozenset(key for key, days in self._last.items() if not np.isnat(days[at]))

    def oldest(self, label: str, among: Collection[tuple[str, str, str]] | None = None) -> date | None:
        """The oldest of the days on which the queues known in a period, or some of them, were last counted in it."""
        at = self._at[label]
        dated = ((key, days[at]) for key, days in self._last.items() if among is None or key in among)
        days = [day for _, day in dated if not np.isnat(day)]
        return min(days).item() if days else None

    def earlier(self, label: str) -> tuple[Missing, ...]:
        """The queues that a period has no number of, each with the day of its newest number before it.

        Those that were counted as 0 last are among them, those of units that have ended are not, nor are services that
        a snapshot of rows left empty.
        """
        at = self._at[label]
        ended = {
            unit for unit, last in self._last_days.items() if last is None or last < self._periods[at].end
        }
        return tuple(
            self._missing(member, at)
            for member in self._members
            if np.isnat(self._last[member.key][at])
            and member.first <= self._ends[at]
            and member.unit not in ended
            and not (self._empty[member.key][at] and self._newest_is_of_rows(member, at))
        )

    def _newest_is_of_rows(self, member: Member, at: int) -> bool:
        before = np.searchsorted(member.days, self._ends[at], "right") - 1
        return bool(before >= 0 and member.rows[before])

    def _recorded_units(self, members: Sequence[Member]) -> dict[tuple[str, str], np.ndarray]:
        """Per area and unit, whether any of its services has a record in each period."""
        found: dict[tuple[str, str], np.ndarray] = {}
        for member in members:
            within = np.searchsorted(member.days, self._ends, "right") > np.searchsorted(
                member.days, self._starts
            )
            place = member.area, member.unit
            found[place] = found.get(place, np.zeros(len(within), dtype=bool)) | within
        return found

    def _has_number(self, member: Member) -> np.ndarray:
        return member.rows | (~np.isnan(member.numbers[self._column]) if self._column else False)

    def _last_known(self, member: Member) -> np.ndarray:
        """Per period, the last day in it of which a number is known; NaT where there is none."""
        newest = self._newest[member.key]
        found = member.days[np.maximum(newest, 0)]
        return np.where((newest >= 0) & (found >= self._starts), found, _NEVER)

    def _judge(self, members: Sequence[Member]) -> list[PeriodCompleteness]:
        """The completeness of every period for some queues."""
        if not members:
            return [PeriodCompleteness(False, ())] * len(self._starts)
        last = np.array([self._last[member.key] for member in members])
        known = ~np.isnat(last)
        # An ended unit is not needed after its end.
        as_of = np.where(known.any(axis=0), np.fmax.reduce(last, axis=0), self._ends)
        lacking = np.array([self._is_needed(member, as_of) for member in members]) & ~known
        found = [COMPLETE_BY_COVERED[bool(any_known)] for any_known in known.any(axis=0)]
        for at in np.flatnonzero(lacking.any(axis=0)).tolist():
            missing = self._named([members[place] for place in np.flatnonzero(lacking[:, at]).tolist()], at)
            units = tuple(dict.fromkeys(one.unit for one in missing))
            found[at] = PeriodCompleteness(found[at].covered, units, missing)
        return found

    def _named(self, members: Sequence[Member], at: int) -> tuple[Missing, ...]:
        """What is said of queues that a period lacks: of a silent unit, those that were not empty where any was not."""
        waiting = {member.unit for member in members if not self._empty[member.key][at]}
        return tuple(
            self._missing(member, at)
            for member in members
            if member.unit not in waiting or not self._empty[member.key][at]
        )

    def _was_empty(self, member: Member) -> np.ndarray:
        """Per period, whether the last record of the queue, in the period or before, says that it was empty."""
        before = np.searchsorted(member.days, self._ends, "right") - 1
        return (before >= 0) & member.empty[np.maximum(before, 0)]

    def _newest_number(self, member: Member) -> np.ndarray:
        """Per period, the position of the queue's newest number in it or before; -1 where there is none."""
        numbered = np.flatnonzero(self._has_number(member))
        if not len(numbered):
            return np.full(len(self._ends), -1)
        at = np.searchsorted(member.days[numbered], self._ends, "right") - 1
        return np.where(at >= 0, numbered[np.maximum(at, 0)], -1)

    def _is_needed(self, member: Member, as_of: np.ndarray) -> np.ndarray:
        """Per period, whether a sum of it lacks the queue where no record in it has its number."""
        if self._exempt and member.service not in services_with_limit():
            return np.zeros(len(as_of), dtype=bool)
        at = np.searchsorted(member.days, self._ends, "right") - 1
        before = np.maximum(at, 0)
        # A service that a snapshot of its unit left empty is unknown again where the whole unit falls silent.
        out = member.unit_empty[before] | (
            member.empty[before] & self._units_recorded[member.area, member.unit]
        )
        needed = (member.first <= self._ends) & ~((at >= 0) & out)
        if member.unit in self._last_days:
            last = self._last_days[member.unit]
            needed &= False if last is None else as_of <= np.datetime64(last, "D")
        return needed

    def _missing(self, member: Member, at: int) -> Missing:
        newest = int(self._newest[member.key][at])
        if (member.key, newest) not in self._missing_by_newest:
            self._missing_by_newest[member.key, newest] = self._missing_since(member, newest)
        return self._missing_by_newest[member.key, newest]

    def _missing_since(self, member: Member, newest: int) -> Missing:
        """What is said of a queue whose newest number is at a position; -1 where it has none."""
        if newest < 0:
            return Missing(*member.key, None, None)
        day = member.days[newest].item()
        if member.rows[newest]:
            return Missing(*member.key, None, day, by_rows=True)
        number = float(member.numbers[self._column][newest]) if self._column else None
        return Missing(*member.key, number, day, published=bool(member.published[newest]))


def with_newest(
    missing: Sequence[Missing], numbers: Mapping[tuple[str, str, date], float]
) -> tuple[Missing, ...]:
    """Missing queues with the numbers of their newest row snapshots: one without an entry in it was empty."""
    return tuple(
        replace(one, newest=numbers.get((one.unit, one.service, one.day), 0.0))
        if one.by_rows and one.day is not None
        else one
        for one in missing
    )


def shareable(missing: Sequence[Missing], exact_units: Collection[str]) -> tuple[Missing, ...]:
    """Missing queues in the shareable view: of what is neither published nor of an exact unit without the number."""
    return tuple(
        one
        if one.published or one.newest is None or one.unit in exact_units
        else replace(one, newest=None, suppressed=True)
        for one in missing
    )
