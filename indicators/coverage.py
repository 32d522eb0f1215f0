"""What the data covers: which days of which unit are known, and which periods are therefore complete.

A period is complete when every unit with data in the four periods before it covers each of its days; where none has,
the units with data in the period itself are the ones required, and where none has that either, the units that cover
any day of it (extracts.md's reading, and decision 10). A unit here is one that ever had a row of the service asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from indicators.periods import Period, preceding
from pipelines.warehouse import Snapshot

#: So many periods before one decide which units it needs.
LOOK_BACK = {"visits": 4, "queue": 1}
#: Datasets known on single days.
_SNAPSHOTS = ("queue", "queue_counts")
_PRESENCE = {
    # one row per area, unit, service and day with a realised contact
    "visits": """SELECT DISTINCT area::VARCHAR AS area, unit::VARCHAR AS unit,
                        coalesce(service::VARCHAR, 'unknown') AS service, visit_on AS day
                 FROM visits WHERE state = 'realised' AND client_contact AND counted""",
    # one row per area, unit, service and snapshot with an entry
    "queue": """SELECT DISTINCT area::VARCHAR AS area, unit::VARCHAR AS unit,
                       coalesce(service::VARCHAR, 'unknown') AS service, snapshot_on AS day
                FROM queue WHERE counted""",
    # one row per area, unit, service and date with a count
    "queue_counts": """SELECT DISTINCT area, unit, coalesce(service, 'unknown') AS service, snapshot_on AS day
                       FROM queue_counts WHERE unit IS NOT NULL""",
}


@dataclass(frozen=True)
class Standing:
    """How a period stands for some units: whether any day of it is covered, and who makes it incomplete."""

    covered: bool
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether it may be judged."""
        return self.covered and not self.missing


@dataclass(frozen=True)
class Known:
    """The known days of a dataset in one published version.

    `stretches` has, per unit, disjoint covered stretches in order (of queues: one day each); `presence` one row per
    area, unit, service and day with data.
    """

    stretches: Mapping[str, tuple[tuple[date, date], ...]]
    presence: pd.DataFrame

    def concerned(self, where: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """The presence rows that fit filters on area, unit and service; other filters do not matter here."""
        rows = self.presence
        for name in ("area", "unit", "service"):
            if name in where:
                rows = rows[rows[name].isin(list(where[name]))]
        return rows

    def span(self, units: Iterable[str]) -> tuple[date, date] | None:
        """The first and last covered day of some units; None where nothing is covered."""
        found = [stretch for unit in units for stretch in self.stretches.get(unit, ())]
        return (min(a for a, _ in found), max(b for _, b in found)) if found else None

    def covered_days(self, unit: str, period: Period) -> int:
        """How many days of a period a unit covers."""
        return sum(
            max(0, (min(last, period.end) - max(first, period.start)).days + 1)
            for first, last in self.stretches.get(unit, ())
        )

    def last_in(self, unit: str, period: Period) -> date | None:
        """The last covered day of a unit in a period, which for queues is its last snapshot."""
        ends = [
            min(last, period.end)
            for first, last in self.stretches.get(unit, ())
            if first <= period.end and last >= period.start
        ]
        return max(ends, default=None)


_KNOWN: WeakKeyDictionary[Snapshot, dict[str, Known]] = WeakKeyDictionary()


def known_days(snapshot: Snapshot, dataset: str) -> Known:
    """What a published version knows of a dataset; worked out once per version."""
    cached = _KNOWN.setdefault(snapshot, {})
    if dataset not in cached:
        presence = snapshot.frame(_PRESENCE[dataset])
        presence["day"] = presence["day"].to_numpy().astype("datetime64[D]")
        rows = (
            snapshot.rows("SELECT DISTINCT unit, snapshot_on, snapshot_on FROM queue_counts ORDER BY ALL")
            if dataset == "queue_counts"
            else snapshot.rows(
                "SELECT unit, first_on, last_on FROM covered WHERE dataset = ? ORDER BY unit, first_on, last_on",
                [dataset],
            )
        )
        stretches: dict[str, list[tuple[date, date]]] = {}
        for unit, first, last in rows:
            mine = stretches.setdefault(unit, [])
            if mine and first <= mine[-1][1] + timedelta(days=1) and dataset not in _SNAPSHOTS:
                mine[-1] = (mine[-1][0], max(mine[-1][1], last))
            elif not mine or mine[-1] != (first, last):
                mine.append((first, last))
        cached[dataset] = Known({unit: tuple(found) for unit, found in stretches.items()}, presence)
    return cached[dataset]


class Completeness:
    """Judges periods for the units behind a row of an answer.

    `keys` are the splits among area, unit and service; a row is judged by the units that fit its own values of them.
    """

    def __init__(
        self,
        known: Known,
        dataset: str,
        periods: Sequence[Period],
        where: Mapping[str, Sequence[str]],
        keys: Sequence[str] = (),
    ) -> None:
        self._known = known
        self._dataset = dataset
        self._back = LOOK_BACK[dataset]
        self._keys = tuple(keys)
        self._periods = {period.label: period for period in periods}
        self._rows = known.concerned(where)
        self._standing: dict[tuple[str, tuple[str, ...]], Standing] = {}
        self._data: dict[tuple[str, ...], tuple[set[str], dict[str, np.ndarray]]] = {}

    def of(self, label: str, key: tuple[str, ...] = ()) -> Standing:
        """How a period, named by its label, stands for the units of a key."""
        if (label, key) not in self._standing:
            self._standing[label, key] = self._judge(self._periods[label], key)
        return self._standing[label, key]

    def _judge(self, period: Period, key: tuple[str, ...]) -> Standing:
        concerned, days = self._units(key)
        before = preceding(period, self._back)
        required = {unit for unit in concerned if self._has_data(days, unit, before[0].start, before[-1].end)}
        if not required:
            required = {unit for unit in concerned if self._has_data(days, unit, period.start, period.end)}
        if not required:
            required = {unit for unit in concerned if self._known.covered_days(unit, period)}
        if self._dataset == "queue":
            here = {unit for unit in concerned if self._known.last_in(unit, period)}
            return Standing(bool(here), tuple(sorted(required - here)))
        counts = {unit: self._known.covered_days(unit, period) for unit in required}
        return Standing(
            any(counts.values()), tuple(sorted(unit for unit, count in counts.items() if count < period.days))
        )

    def _has_data(self, days: Mapping[str, np.ndarray], unit: str, first: date, last: date) -> bool:
        if self._dataset == "queue":
            return any(first <= day <= last for day, _ in self._known.stretches.get(unit, ()))
        mine = days[unit]
        at = np.searchsorted(mine, np.datetime64(first))
        return bool(at < len(mine) and mine[at] <= np.datetime64(last))

    def _units(self, key: tuple[str, ...]) -> tuple[set[str], dict[str, np.ndarray]]:
        if key not in self._data:
            rows = self._rows
            for name, value in zip(self._keys, key, strict=True):
                rows = rows[rows[name] == value]
            days = {
                str(unit): np.unique(group.to_numpy().astype("datetime64[D]"))
                for unit, group in rows.groupby("unit", observed=True)["day"]
            }
            self._data[key] = (set(days), days)
        return self._data[key]


def together(one: Known, other: Known) -> Known:
    """Two kinds of snapshots as one: the days of both."""
    units = {*one.stretches, *other.stretches}
    return Known(
        {
            unit: tuple(sorted({*one.stretches.get(unit, ()), *other.stretches.get(unit, ())}))
            for unit in units
        },
        pd.concat([one.presence, other.presence], ignore_index=True),
    )
