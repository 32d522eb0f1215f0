"""What the data covers: which days of which unit are known, and which periods are therefore complete.

A period is complete when every unit with data in the four periods before it covers each of its days; where none has,
the units with data in the period itself are the ones required, and where none has that either, the units that cover
any day of it (decision 10). A unit here is one that ever had a row of the service asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from indicators.catalogue.datasets import DATASETS, Dataset
from indicators.catalogue.periods import Period, gapless, periods_between, preceding
from indicators.engine.cached import cached_per_version
from indicators.engine.overviews import days_of
from indicators.engine.question import Missing, Where
from pipelines.warehouse import Snapshot

#: The number of periods before one that decide which units it needs.
LOOK_BACK = {"visits": 4, "referrals": 4, "cases": 4}


def _presence_sql(snapshot: Snapshot, dataset: Dataset) -> str:
    """One row per source, area, unit, service, day and kind with a row that happened. Codes become text once they are few."""
    of, kind = (", kind", ", kind::VARCHAR AS kind") if dataset.kind else ("", "")
    return f"""SELECT source::VARCHAR AS source, area::VARCHAR AS area, unit::VARCHAR AS unit,
                      coalesce(service::VARCHAR, 'unknown') AS service, day{kind}
               FROM (SELECT DISTINCT source, area, unit, service, day{of}
                     FROM {days_of(snapshot, dataset.name, "source area unit service day counts kind")} WHERE counts)"""


#: One row per area, unit, service and date with a count.
_COUNTED = """SELECT DISTINCT source, area, unit, coalesce(service, 'unknown') AS service, snapshot_on AS day
              FROM queue_counts WHERE unit IS NOT NULL"""


@dataclass(frozen=True)
class PeriodCompleteness:
    """The completeness of a period for some units: whether any day is covered, and which units are missing.

    `missing` are units; `queues`, of queues alone, which of their services.
    """

    covered: bool
    missing: tuple[str, ...]
    queues: tuple[Missing, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether it may be judged."""
        return self.covered and not self.missing


#: Periods without missing units, by whether any of their days is covered.
COMPLETE_BY_COVERED = {covered: PeriodCompleteness(covered, ()) for covered in (False, True)}


@dataclass(frozen=True, eq=False)
class DataCoverage:
    """The known days of a dataset in one published version.

    `stretches` has, per unit, disjoint covered stretches in order (of queues: one day each); `presence` one row per source,
    area, unit, service and day with data. Days that a source covers while another is the one that counts for the unit are
    not known. `snapshots` has, of queues, the days of each source and unit.
    """

    stretches: Mapping[str, tuple[tuple[date, date], ...]]
    presence: pd.DataFrame
    snapshots: Mapping[tuple[str, str], tuple[date, ...]]

    @cached_per_version()
    def ends(self, unit: str) -> tuple[np.ndarray, np.ndarray]:
        """The first and the last days of a unit's covered stretches."""
        stretches = self.stretches.get(unit, ())
        first, last = (np.array([s[end] for s in stretches], dtype="datetime64[D]") for end in (0, 1))
        return first, last

    def presence_of(self, where: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """The presence rows that fit filters on area, unit, service and kind; other filters do not matter here."""
        return self._fitting(_filters(where))

    def days_by_group(
        self, where: Mapping[str, Sequence[str]], keys: Sequence[str]
    ) -> Mapping[tuple[str, ...], Mapping[str, np.ndarray]]:
        """Per values of some columns and per unit the days, in order, of the presence rows that fit filters."""
        return self._days_by_group(_filters(where), tuple(keys))

    @cached_per_version(64)
    def _fitting(self, filters: Where) -> pd.DataFrame:
        rows = self.presence
        for name, values in filters:
            rows = rows.loc[rows[name].isin(values)]
        return rows

    @cached_per_version(64)
    def _days_by_group(
        self, filters: Where, keys: tuple[str, ...]
    ) -> Mapping[tuple[str, ...], Mapping[str, np.ndarray]]:
        rows = self._fitting(filters)
        found: dict[tuple[str, ...], dict[str, np.ndarray]] = {}
        days = rows["day"].to_numpy("datetime64[D]")
        for group, at in rows.groupby([*keys, "unit"]).indices.items():
            *key, unit = group if isinstance(group, tuple) else (group,)
            found.setdefault(tuple(key), {})[unit] = np.sort(days[at])
        return found

    def span(self, units: Iterable[str]) -> tuple[date, date] | None:
        """The first and last covered day of some units; None where nothing is covered."""
        found = [stretch for unit in units for stretch in self.stretches.get(unit, ())]
        return (min(a for a, _ in found), max(b for _, b in found)) if found else None

    @cached_per_version(64)
    def last_days(self, periods: tuple[Period, ...]) -> pd.DataFrame:
        """One row per unit and period with a snapshot in it: `unit`, `period` (its position) and `day`, the last one.

        For datasets that are known on single days.
        """
        rows = [(unit, day) for unit, found in self.stretches.items() for day, _ in found]
        return _last_days(pd.DataFrame(rows, columns=["unit", "day"]), periods)

    @cached_per_version(64)
    def last_snapshots(self, periods: tuple[Period, ...]) -> pd.DataFrame:
        """Which snapshot is used for a unit's service in a period: `unit`, `service`, `source`, `period` (position), `day`.

        It is the last one of the source that counted for the service last: another source's later snapshot of the unit
        says nothing of it.
        """
        present, days = self._in_order()
        chosen = present.assign(period=positions(present["day"].to_numpy(), periods))
        chosen = chosen[chosen["period"] >= 0].drop_duplicates(["period", "unit", "service"], keep="last")
        last = _last_days(days, periods)
        return chosen.drop(columns=["day", "area"]).merge(last, on=["source", "unit", "period"])

    @cached_per_version(1)
    def _in_order(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The presence rows in the order of their days and sources, and one row per snapshot of a source and unit."""
        rows = [(source, unit, day) for (source, unit), found in self.snapshots.items() for day in found]
        days = pd.DataFrame(rows, columns=["source", "unit", "day"])
        present = self.presence.sort_values(["day", "source"], kind="stable")
        return present, days.assign(day=days["day"].to_numpy("datetime64[D]"))


def _filters(where: Mapping[str, Sequence[str]]) -> Where:
    """The filters that say whose data is known."""
    return tuple((name, tuple(where[name])) for name in ("area", "unit", "service", "kind") if name in where)


def _last_days(rows: pd.DataFrame, periods: Sequence[Period]) -> pd.DataFrame:
    """The last `day` of each combination of the other columns in each `period` (position) that has one."""
    days = rows["day"].to_numpy("datetime64[D]")
    rows = rows.assign(day=days, period=positions(days, periods))
    keys = [*rows.columns.drop(["day", "period"]), "period"]
    return rows.loc[rows["period"] >= 0].groupby(keys, as_index=False)[["day"]].max()


def positions(days: np.ndarray, periods: Sequence[Period]) -> np.ndarray:
    """The position of the period that each day lies in, −1 where it lies in none; `periods` are in order and apart."""
    starts = np.array([period.start for period in periods], dtype="datetime64[D]")
    ends = np.array([period.end for period in periods], dtype="datetime64[D]")
    found = np.searchsorted(starts, days, side="right") - 1
    return np.where((found >= 0) & (days <= ends[np.maximum(found, 0)]), found, -1)


@cached_per_version()
def data_coverage(snapshot: Snapshot, dataset: str) -> DataCoverage:
    """What a published version knows of a dataset."""
    # Of several sources one counts: what another covers, all of whose rows do not count, is not known by it.
    day, same_day = (", day", "AND t.day = c.first_on") if dataset == "queue" else ("", "")
    with_days = days_of(snapshot, dataset, "source origin unit day used")
    rows = snapshot.rows(
        f"""WITH with_rows AS (
                -- one row per source, origin and unit (of queues: and snapshot) with rows
                SELECT source, origin, unit{day}, bool_or(used) AS counts FROM {with_days} GROUP BY ALL
            )
            SELECT c.unit, c.source, first_on, last_on FROM covered c
            LEFT JOIN with_rows t ON t.source::VARCHAR = c.source AND t.origin::VARCHAR = c.origin
                AND t.unit::VARCHAR = c.unit {same_day}
            WHERE dataset = ? AND coalesce(counts, true) ORDER BY c.unit, first_on, last_on""",
        [dataset],
    )
    presence = _presence(snapshot, _presence_sql(snapshot, DATASETS[dataset]))
    stretches: dict[str, list[tuple[date, date]]] = {}
    snapshots: dict[tuple[str, str], list[date]] = {}
    for unit, source, first, last in _of_counting_sources(rows, presence):
        mine = stretches.setdefault(unit, [])
        if dataset == "queue":
            snapshots.setdefault((source, unit), []).append(first)
        if mine and first <= mine[-1][1] + timedelta(days=1) and dataset != "queue":
            mine[-1] = (mine[-1][0], max(mine[-1][1], last))
        elif not mine or mine[-1] != (first, last):
            mine.append((first, last))
    return DataCoverage(
        {unit: tuple(found) for unit, found in stretches.items()},
        presence,
        {key: tuple(found) for key, found in snapshots.items()},
    )


def _of_counting_sources(
    rows: Sequence[tuple[str, str, date, date]], presence: pd.DataFrame
) -> list[tuple[str, str, date, date]]:
    """Covered stretches (unit, source, first and last day) without the months in which others count for the unit.

    One source counts in a month; what another covers of it says nothing about the rows that count.
    """
    sources: dict[str, set[str]] = {}
    for unit, source, *_ in rows:
        sources.setdefault(unit, set()).add(source)
    shared = {unit for unit, found in sources.items() if len(found) > 1}
    if not shared:
        return list(rows)
    mine = presence[presence["unit"].isin(shared)]
    months = mine["day"].to_numpy("datetime64[M]").astype("datetime64[D]").tolist()
    counting: dict[tuple[str, date], set[str]] = {}
    for unit, source, month in zip(mine["unit"], mine["source"], months, strict=True):
        counting.setdefault((unit, month), set()).add(source)
    found = []
    for unit, source, first, last in rows:
        if unit not in shared:
            found.append((unit, source, first, last))
            continue
        for month in periods_between(first, last, "month"):
            if source in counting.get((unit, month.start), {source}):
                found.append((unit, source, max(first, month.start), min(last, month.end)))
    return sorted(found, key=lambda piece: (piece[0], piece[2], piece[3], piece[1]))


@cached_per_version()
def count_coverage(snapshot: Snapshot) -> DataCoverage:
    """On which dates a published version has counts of queues, of whichever number."""
    presence = _presence(snapshot, _COUNTED)
    days = presence.groupby("unit")["day"].unique()
    return DataCoverage(
        {str(unit): tuple((day.date(), day.date()) for day in sorted(of)) for unit, of in days.items()},
        presence,
        {},
    )


@cached_per_version()
def queue_coverage(snapshot: Snapshot) -> DataCoverage:
    """On which dates a published version has snapshots or counts of queues."""
    return merge_coverage(data_coverage(snapshot, "queue"), count_coverage(snapshot))


def _presence(snapshot: Snapshot, sql: str) -> pd.DataFrame:
    presence = snapshot.frame(sql)
    presence["day"] = presence["day"].to_numpy().astype("datetime64[D]")
    return presence


class Completeness:
    """Judges periods for the units behind a row of an answer; of queues `queue_members.QueueCompleteness` does.

    `keys` are the splits among area, unit and service; a row is judged by the units that fit its own values of them.
    """

    def __init__(
        self,
        known: DataCoverage,
        dataset: str,
        periods: Sequence[Period],
        where: Mapping[str, Sequence[str]],
        keys: Sequence[str] = (),
    ) -> None:
        self._known = known
        self._at = {period.label: position for position, period in enumerate(periods)}
        self._starts = np.array([period.start for period in periods], dtype="datetime64[D]")
        self._ends = np.array([period.end for period in periods], dtype="datetime64[D]")
        back = LOOK_BACK[dataset]
        before = [
            periods[at - back].start
            if at >= back and gapless(periods[at - back : at + 1])
            else preceding(period, back)[0].start
            for at, period in enumerate(periods)
        ]
        self._before = np.array(before, dtype="datetime64[D]")
        self._groups = known.days_by_group(where, keys)
        self._judged: dict[tuple[str, ...], list[PeriodCompleteness]] = {}

    def of(self, label: str, key: tuple[str, ...] = ()) -> PeriodCompleteness:
        """The completeness of a period, by its label, for the units of a key."""
        if key not in self._judged:
            self._judged[key] = self._judge(key)
        return self._judged[key][self._at[label]]

    def _judge(self, key: tuple[str, ...]) -> list[PeriodCompleteness]:
        """The completeness of every period for the units of a key."""
        days = self._groups.get(key, {})
        units = sorted(days)
        if not units:
            return [PeriodCompleteness(False, ())] * len(self._starts)
        covered = np.array([self._covered_days(unit) for unit in units])
        after = self._ends + np.timedelta64(1, "D")
        before = np.array([_between(days[unit], self._before, self._starts) for unit in units])
        within = np.array([_between(days[unit], self._starts, after) for unit in units])
        required = np.where(before.any(axis=0), before, np.where(within.any(axis=0), within, covered > 0))
        length = (after - self._starts).astype(int)
        lacking = required & (covered < length)
        known = np.any(required & (covered > 0), axis=0)
        names = np.array(units, dtype=object)
        found = [COMPLETE_BY_COVERED[bool(is_known)] for is_known in known.tolist()]
        for at in np.flatnonzero(lacking.any(axis=0)).tolist():
            found[at] = PeriodCompleteness(found[at].covered, tuple(names[lacking[:, at]]))
        return found

    def _covered_days(self, unit: str) -> np.ndarray:
        """How many days of each period a unit covers."""
        first, last = self._known.ends(unit)
        overlap = np.minimum(last[:, None], self._ends) - np.maximum(first[:, None], self._starts)
        return np.maximum(overlap.astype(int) + 1, 0).sum(axis=0)


def _between(days: np.ndarray, first: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Per period, whether any of the ordered days lies from `first` to the day before `end`."""
    return np.greater(np.searchsorted(days, end), np.searchsorted(days, first))


def merge_coverage(one: DataCoverage, other: DataCoverage) -> DataCoverage:
    """Two kinds of snapshots as one: the days of both."""
    units = {*one.stretches, *other.stretches}
    return DataCoverage(
        {
            unit: tuple(sorted({*one.stretches.get(unit, ()), *other.stretches.get(unit, ())}))
            for unit in units
        },
        pd.concat([one.presence, other.presence], ignore_index=True),
        {**one.snapshots, **other.snapshots},
    )
