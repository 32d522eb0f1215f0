"""The shapes over queue snapshots: how many wait, how many beyond the limit, how long the longest has waited.

A period's figure is that of each unit's last snapshot in it, summed (the longest: the maximum); where several sources
have a unit, each is used for the services it counts for. Counts without rows (`queue_counts`) replace row snapshots where
a unit, service and period has none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import Measure
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.prepared_rows import waiting_sql
from indicators.engine.cached import cached_per_version
from indicators.engine.coverage import DataCoverage, positions
from indicators.kinds.request import (
    Count,
    CountRequest,
    Rows,
    conjunction,
    split_sql,
    where_sql,
    with_period_start,
)
from pipelines.warehouse import Snapshot

#: One row per period, unit and service: the snapshot that is used, as `chosen_rows` names it.
_CHOSEN = """SELECT period::DATE AS period, unit, service, source, snapshot_on::DATE AS snapshot_on FROM chosen_rows"""

#: What a snapshot is of.
_PLACE = ("source", "unit", "service")


def _single(request: CountRequest) -> Rows:
    """Every waiting entry of the snapshots that are used as a row of its own, with the `period` of the snapshot."""

    def read(rows: str, named: Collection[str]) -> str:
        return f"({waiting_sql(request.eves_are_weekdays, _used(rows, DATASETS['queue'].counted), named)})"

    return request.rows(read, "period")


def _used(rows: str, condition: str = "true") -> str:
    """The rows of the snapshots that are used."""
    return f"""(SELECT c.period, q.* FROM {rows} q JOIN ({_CHOSEN}) c
                ON q.unit::VARCHAR = c.unit AND q.snapshot_on = c.snapshot_on AND q.source::VARCHAR = c.source
                AND {split_sql("q.service")} = c.service WHERE {condition})"""


def _counted(request: CountRequest, columns: Collection[str] = ()) -> Rows:
    """The rows that counts are made of; `columns` are needed besides those of the question."""
    rows = request.summary(columns)
    if rows is None:
        return _single(request)
    return replace(rows, read=lambda stored, _named: _used(stored), day="period")


def compute(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """One row per period and combination of splits that has entries, with the columns that `engine` assembles."""
    return _counts_of_chosen(request, known, _last_snapshots(request, known))


def _counts_of_chosen(request: CountRequest, known: DataCoverage, chosen: pd.DataFrame) -> pd.DataFrame:
    """The counts of a measure in the snapshots that `chosen` names, by its `period` and splits.

    Without further splits they are summed from those of every snapshot, which serve every grain and the newest numbers too.
    """
    by_snapshot = request.summary() if set(request.splits) <= {"unit", "service"} else None
    rows = by_snapshot or _counted(request)
    judged, met = _conditions(rows, request.measure)
    counts = {
        "n_rows": Count(),
        "n_known": Count(judged),
        "n_met": Count(f"({judged}) AND ({met})"),
        "uncertain_age": Count("age_uncertain"),
    }
    columns = f"{rows.count_columns(counts)}, {_longest(rows)} AS longest"
    if by_snapshot is None:
        return _of_chosen(request, rows, f"{columns}, min(snapshot_on) AS as_of", chosen)
    filters, parameters = where_sql(request.where)
    place = (
        f"snapshot_on, source::VARCHAR AS source, unit::VARCHAR AS unit, {split_sql('service')} AS service"
    )
    where = f"{filters} AND {conjunction(rows.conditions, request.measure.rows)}"
    years = {day.year for days in known.snapshots.values() for day in days}
    read = rows.sql(request.snapshot, years, place, columns, where)
    sql = f"SELECT {place}, {columns} FROM {read} WHERE {where} GROUP BY ALL"
    return _sum_of_chosen(*_by_snapshot(request.snapshot, sql, tuple(parameters)), chosen, request.splits)


@cached_per_version(200)
def _by_snapshot(
    snapshot: Snapshot, sql: str, parameters: tuple[object, ...]
) -> tuple[Mapping[tuple[int, str, str, str], int], Mapping[str, np.ndarray]]:
    """Counts of single snapshots of a source, unit and service: the position of each, and the counts by name."""
    found = snapshot.frame(sql, parameters)
    keys = [_day_numbers(found.pop("snapshot_on")), *(found.pop(name).tolist() for name in _PLACE)]
    positions_of = {key: at for at, key in enumerate(zip(*keys, strict=True))}
    return positions_of, {name: found[name].to_numpy() for name in found}


def _sum_of_chosen(
    positions_of: Mapping[tuple[int, str, str, str], int],
    counts: Mapping[str, np.ndarray],
    chosen: pd.DataFrame,
    splits: Sequence[str],
) -> pd.DataFrame:
    """Counts of the snapshots that are used, summed by period and splits; the longest is the longest of them."""
    days = _day_numbers(chosen["snapshot_on"])
    keys = zip(days, *(chosen[name].tolist() for name in _PLACE), strict=True)
    at = np.array([positions_of.get(key, -1) for key in keys], dtype=int)
    used = np.flatnonzero(at >= 0)
    groups: dict[tuple[object, ...], int] = {}
    by = zip(_day_numbers(chosen["period"]), *(chosen[split].tolist() for split in splits), strict=True)
    of_row = list(by)
    group = np.array([groups.setdefault(of_row[row], len(groups)) for row in used.tolist()], dtype=int)
    periods, *values = zip(*groups, strict=True) if groups else ((), *((),) * len(splits))
    found: dict[str, object] = {"period": np.array(periods, dtype="datetime64[D]").astype("datetime64[us]")}
    found |= {split: pd.array(list(of), dtype="str") for split, of in zip(splits, values, strict=True)}
    for name, every in counts.items():
        mine = every[at[used]]
        if name == "longest":
            longest = np.full(len(groups), np.nan)
            np.fmax.at(longest, group, mine.astype(float))
            found[name] = longest if np.isnan(longest).any() else longest.astype(np.int64)
            continue
        found[name] = total = np.zeros(len(groups), every.dtype)
        (np.bitwise_xor if name.endswith("_key") else np.add).at(total, group, mine)
    oldest = np.full(len(groups), np.iinfo(np.int64).max)
    np.minimum.at(oldest, group, np.array(days, dtype=np.int64)[used])
    return pd.DataFrame(found | {"as_of": oldest.astype("datetime64[D]").astype("datetime64[us]")})


def _day_numbers(days: pd.Series) -> list[int]:
    """Days as their number since 1970."""
    return pd.to_datetime(days).to_numpy("datetime64[D]").astype(int).tolist()


def _longest(rows: Rows) -> str:
    return "max(longest)" if rows.grouped else "max(waited_days)"


def _conditions(rows: Rows, measure: Measure) -> tuple[str, str]:
    """The SQL of whether an entry can be judged, and of whether it meets what is counted."""
    return (
        rows.conditions[measure.known] if measure.known else "true",
        rows.conditions[measure.met] if measure.met else "false",
    )


def numbers_of_snapshots(
    request: CountRequest, known: DataCoverage, wanted: Collection[tuple[str, str, date]]
) -> dict[tuple[str, str, date], float]:
    """What a measure counts in single row snapshots, by unit, service and day; one without an entry is not there.

    The periods and splits of the request do not matter.
    """
    if not wanted:
        return {}
    request = replace(request, splits=("unit", "service"))
    days = {key: frozenset(found) for key, found in known.snapshots.items()}
    chosen = pd.DataFrame(
        [
            (day, unit, service, source, day)
            for unit, service, day in wanted
            for (source, of), found in days.items()
            if of == unit and day in found
        ],
        columns=["period", "unit", "service", "source", "snapshot_on"],
    )
    rows = _counts_of_chosen(request, known, chosen)
    column = {"count_met": "n_met", "longest": "longest"}.get(request.measure.statistic, "n_rows")
    keys = zip(rows["unit"], rows["service"], [day.date() for day in rows["period"]], strict=True)
    return dict(zip(keys, rows[column].astype(float), strict=True))


def days_beyond(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """Entries beyond the limit and their person-days beyond it (snapshot date − last day allowed).

    One row per period and combination of splits with an entry, beyond its limit or not: `period_start`, the splits,
    `entries`, `days`.
    """
    rows = _counted(request)
    beyond = f"({rows.conditions[request.measure.known or 'judged_by_limit']}) AND ({rows.conditions['over_limit']})"
    days = "days_over" if rows.grouped else "snapshot_on - judged_last_day"
    columns = f"""{rows.count(Count(beyond))} AS entries,
                  coalesce(sum({days}) FILTER ({beyond}), 0)::BIGINT AS days"""
    return with_period_start(_of_last_snapshots(request, known, rows, columns))


def first_limit_days(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """The first of the last days allowed: one row per period and combination of splits, `first_limit` empty without a limit."""
    columns = "min(judged_last_day) AS first_limit"
    return with_period_start(_of_last_snapshots(request, known, _single(request), columns))


def flows(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """Entries that came to a queue and that left it between the last snapshots of a period and of the one before it.

    One row per period that has any: `period_start`, `arrived`, `left`, and their cell keys where asked for. Only units with a
    snapshot in both periods count; the periods of the request follow each other. An entry is known by its source's own id.
    """
    chosen, places = _consecutive(request, known)
    filters, parameters = where_sql(request.where)
    same = "o.source = e.source AND o.origin = e.origin AND o.entry_id = e.entry_id AND o.unit = e.unit"
    of_place = "p.source = e.source::VARCHAR AND p.unit = e.unit::VARCHAR"
    counts = {"arrived": Count("direction = 'arrived'"), "gone": Count("direction = 'gone'")}
    rows = _single(request)
    where = f"{filters} AND {conjunction(rows.conditions, request.measure.rows)}"
    columns = rows.count_columns(counts)
    read = rows.sql(request.snapshot, _years_of(chosen), same, of_place, where, columns)
    found = request.snapshot.frame(
        f"""WITH of_measure AS (
                SELECT * FROM {read} WHERE {where}
            ), moved AS (
                -- one row per entry and period in which it came or left
                SELECT e.* REPLACE (p.period::DATE AS period), 'arrived' AS direction
                FROM of_measure e JOIN places p ON p.period = e.period AND {of_place}
                WHERE NOT EXISTS (SELECT 1 FROM of_measure o WHERE o.period = p.before AND {same})
                UNION ALL
                SELECT e.* REPLACE (p.period::DATE AS period), 'gone' AS direction
                FROM of_measure e JOIN places p ON p.before = e.period AND {of_place}
                WHERE NOT EXISTS (SELECT 1 FROM of_measure o WHERE o.period = p.period AND {same})
            )
            SELECT period, {columns} FROM moved GROUP BY ALL ORDER BY period""",
        parameters,
        {"chosen_rows": chosen, "places": places},
    )
    return with_period_start(found)


def _consecutive(request: CountRequest, known: DataCoverage) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The snapshots used of each period, and of which source and unit there is one both in a period and the one before."""
    starts = [period.start for period in request.periods]
    chosen = known.last_snapshots(tuple(request.periods)).rename(columns={"day": "snapshot_on"})
    chosen["period"] = [starts[position] for position in chosen["period"]]
    rows = []
    for (source, unit), days in known.snapshots.items():
        at = set(positions(np.array(sorted(days), dtype="datetime64[D]"), request.periods).tolist())
        rows += [
            (starts[place], starts[place - 1], source, unit) for place in at if place > 0 and place - 1 in at
        ]
    return chosen, pd.DataFrame(rows, columns=["period", "before", "source", "unit"])


def _of_last_snapshots(request: CountRequest, known: DataCoverage, rows: Rows, columns: str) -> pd.DataFrame:
    """`columns` over the entries of each unit's last snapshot, by period (its first day) and splits."""
    return _of_chosen(request, rows, columns, _last_snapshots(request, known))


def _last_snapshots(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """The snapshots that are used in the periods, as `_CHOSEN` reads them."""
    chosen = known.last_snapshots(tuple(request.periods)).rename(columns={"day": "snapshot_on"})
    chosen["period"] = [request.periods[position].start for position in chosen["period"]]
    return chosen


def _of_chosen(request: CountRequest, rows: Rows, columns: str, chosen: pd.DataFrame) -> pd.DataFrame:
    """`columns` over the entries of the snapshots that `chosen` names, by its `period` and splits."""
    filters, parameters = where_sql(request.where)
    shown = f"period{request.split_columns}, {columns}"
    where = f"{filters} AND {conjunction(rows.conditions, request.measure.rows)}"
    read = rows.sql(request.snapshot, _years_of(chosen), shown, where)
    sql = f"SELECT {shown} FROM {read} WHERE {where} GROUP BY ALL"
    return request.snapshot.frame(sql, parameters, {"chosen_rows": chosen})


def _years_of(chosen: pd.DataFrame) -> set[int]:
    """The years of the snapshots that are used."""
    days = chosen["snapshot_on"].to_numpy("datetime64[D]")
    return set((np.unique(days.astype("datetime64[Y]")).astype(int) + 1970).tolist())


def counts(request: CountRequest, known: DataCoverage, column: str) -> pd.DataFrame:
    """Queue counts where there are no row snapshots: one row per period (its position) and combination of splits.

    `column` is `waiting` or `over_limit`. Of each unit and service the last known number in the period is taken, unless
    the unit has a row snapshot in it. `published_part` is how many of `value` are published counts;
    `value_key` the cell key of the others. A count has no records: it has the key of its place and its number, so that those
    waiting and those of them beyond the limit differ by two noises, and one that stays the same cannot be averaged over days.
    """
    periods, splits = tuple(request.periods), request.splits
    rows = _counts_of(request.snapshot, column)
    for name, values in request.where:
        rows = rows[rows[name].fillna(UNKNOWN).isin(values)]
    rows = rows.assign(period=positions(rows["as_of"].to_numpy("datetime64[D]"), periods))
    rows = rows[rows["period"] >= 0]
    if rows.empty:
        return rows.reindex(columns=["period", *splits, "value", "published_part", "value_key", "as_of"])
    last_days = known.last_days(periods)
    with_rows = set(zip(last_days["unit"], last_days["period"], strict=True))
    alone = [pair not in with_rows for pair in zip(rows["unit"], rows["period"], strict=True)]
    last = rows[np.array(alone, dtype=bool)].drop_duplicates(
        ["period", "area", "unit", "service"], keep="last"
    )
    found = last.groupby(["period", *splits], as_index=False).agg(
        value=("value", "sum"),
        published_part=("published_part", "sum"),
        value_key=("value_key", np.bitwise_xor.reduce),
        as_of=("as_of", "min"),
    )
    return found.assign(as_of=[day.date() for day in found["as_of"]])


@cached_per_version()
def _counts_of(snapshot: Snapshot, column: str) -> pd.DataFrame:
    """Every count of queues that has a number, in the order of days; `value_key` is 0 of those that are published."""
    return snapshot.frame(
        f"""SELECT snapshot_on AS as_of, area, unit, coalesce(service, '{UNKNOWN}') AS service,
                   {column}::DOUBLE AS value,
                   CASE WHEN published THEN {column} ELSE 0 END::DOUBLE AS published_part,
                   CASE WHEN published THEN 0::UBIGINT ELSE hash(area, unit, service, {column}::BIGINT) END AS value_key
            FROM queue_counts WHERE {column} IS NOT NULL ORDER BY snapshot_on"""
    )
