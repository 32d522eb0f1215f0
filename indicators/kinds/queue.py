"""The shapes over queue snapshots: how many wait, how many beyond the limit, how long the longest has waited.

A period's figure is that of each unit's last snapshot in it, summed (the longest: the maximum); where several sources
have a unit, each is used for the services it counts for. Counts without rows (`queue_counts`) replace row snapshots where
a unit, service and period has none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from indicators.catalogue.conditions import QUEUE_CONDITIONS
from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import Measure
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.limits import last_day_sql
from indicators.engine.coverage import DataCoverage, positions
from indicators.kinds.request import Count, CountRequest, conjunction, split_sql, where_sql, with_period_start

#: When an entry passes its legal limit: it has, within so many days of the snapshot (the first that applies), or later.
OVER, LATER = "over", "later"
WITHIN_7, WITHIN_14 = "within_7_days", "within_14_days"
BREACH_DAYS = {WITHIN_7: 7, WITHIN_14: 14}
#: Whether an entry has a time booked for the day of the snapshot or later.
BOOKED, NOT_BOOKED = "booked", "not_booked"


def entries_sql(eves_are_weekdays: bool) -> str:
    """The waiting entries of the last snapshots that `chosen_rows` names, with how long they have waited.

    `limit_band` says when an entry passes its limit if it goes on waiting: it is over already, or so many days after the
    snapshot it will be; `unknown` where it cannot be judged.
    """
    bands = " ".join(
        f"WHEN snapshot_on + {days} > judged_last_day THEN '{band}'" for band, days in BREACH_DAYS.items()
    )
    return f"""
    WITH chosen AS (
        -- one row per period, unit and service: the snapshot that is used
        SELECT period::DATE AS period, unit::VARCHAR AS unit, service::VARCHAR AS service,
               source::VARCHAR AS source, snapshot_on::DATE AS snapshot_on
        FROM chosen_rows
    ), judged AS (
        -- one row per waiting entry of the chosen snapshots
        SELECT c.period, q.*,
               -- A date after the snapshot contradicts it: it starts no wait.
               q.snapshot_on - coalesce(
                   CASE WHEN assessed_on <= q.snapshot_on THEN assessed_on END,
                   CASE WHEN queued_on <= q.snapshot_on THEN queued_on END
               ) AS waited_days,
               CASE WHEN assessed_on <= q.snapshot_on
                    THEN {last_day_sql("q.service", eves_are_weekdays=eves_are_weekdays)} END AS judged_last_day
        FROM queue q JOIN chosen c ON q.unit::VARCHAR = c.unit AND q.snapshot_on = c.snapshot_on
            AND q.source::VARCHAR = c.source AND {split_sql("q.service")} = c.service
        WHERE {DATASETS["queue"].counted}
    ), entries AS (
        -- the same, with the splits that are worked out of its dates
        SELECT *, waited_days // 7 AS waited_weeks,
               CASE WHEN judged_last_day IS NULL THEN NULL
                    WHEN snapshot_on > judged_last_day THEN '{OVER}'
                    {bands}
                    ELSE '{LATER}' END AS limit_band,
               -- A time that has passed while the entry still waits is no booked time.
               CASE WHEN booked_for >= snapshot_on THEN '{BOOKED}' ELSE '{NOT_BOOKED}' END AS booking
        FROM judged
    )"""


def compute(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """One row per period and combination of splits that has entries, with the columns that `engine` assembles."""
    judged, met = _conditions(request.measure)
    counts = {
        "n_rows": Count(),
        "n_known": Count(judged),
        "n_met": Count(f"({judged}) AND ({met})"),
        "uncertain_age": Count("age_uncertain"),
    }
    return _of_last_snapshots(
        request,
        known,
        f"{request.count_columns(counts)}, max(waited_days) AS longest, min(snapshot_on) AS as_of",
    )


def _conditions(measure: Measure) -> tuple[str, str]:
    """The SQL of whether an entry can be judged, and of whether it meets what is counted."""
    return (
        QUEUE_CONDITIONS[measure.known] if measure.known else "true",
        QUEUE_CONDITIONS[measure.met] if measure.met else "false",
    )


def numbers_of_snapshots(
    request: CountRequest, known: DataCoverage, wanted: Collection[tuple[str, str, date]]
) -> dict[tuple[str, str, date], float]:
    """What a measure counts in single row snapshots, by unit, service and day; one without an entry is not there.

    The periods and splits of the request do not matter.
    """
    if not wanted:
        return {}
    judged, met = _conditions(request.measure)
    columns = f"""count(*) AS n_rows, count(*) FILTER (({judged}) AND ({met})) AS n_met, max(waited_days) AS longest"""
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
    rows = _of_chosen(replace(request, splits=("unit", "service")), columns, chosen)
    column = {"count_met": "n_met", "longest": "longest"}.get(request.measure.statistic, "n_rows")
    keys = zip(rows["unit"], rows["service"], [day.date() for day in rows["period"]], strict=True)
    return dict(zip(keys, rows[column].astype(float), strict=True))


def days_beyond(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """Entries beyond the limit and their person-days beyond it (snapshot date − last day allowed).

    One row per period and combination of splits with an entry, beyond its limit or not: `period_start`, the splits,
    `entries`, `days`.
    """
    judged = QUEUE_CONDITIONS[request.measure.known or "judged_by_limit"]
    beyond = f"({judged}) AND ({QUEUE_CONDITIONS['over_limit']})"
    columns = f"""count(*) FILTER ({beyond}) AS entries,
                   coalesce(sum(snapshot_on - judged_last_day) FILTER ({beyond}), 0)::BIGINT AS days"""
    return with_period_start(_of_last_snapshots(request, known, columns))


def first_limit_days(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """The first of the last days allowed: one row per period and combination of splits, `first_limit` empty without a limit."""
    return with_period_start(_of_last_snapshots(request, known, "min(judged_last_day) AS first_limit"))


def flows(request: CountRequest, known: DataCoverage) -> pd.DataFrame:
    """Entries that came to a queue and that left it between the last snapshots of a period and of the one before it.

    One row per period that has any: `period_start`, `arrived`, `left`, and their cell keys where asked for. Only units with a
    snapshot in both periods count; the periods of the request follow each other. An entry is known by its source's own id.
    """
    chosen, places = _consecutive(request, known)
    filters, parameters = where_sql(request.where)
    cursor = request.snapshot.cursor()
    cursor.register("chosen_rows", chosen)
    cursor.register("places", places)
    same = "o.source = e.source AND o.origin = e.origin AND o.entry_id = e.entry_id AND o.unit = e.unit"
    of_place = "p.source = e.source::VARCHAR AND p.unit = e.unit::VARCHAR"
    counts = {"arrived": Count("direction = 'arrived'"), "gone": Count("direction = 'gone'")}
    found = cursor.execute(
        f"""{entries_sql(request.eves_are_weekdays)}, of_measure AS (
                SELECT * FROM entries WHERE {filters} AND {conjunction(QUEUE_CONDITIONS, request.measure.rows)}
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
            SELECT period, {request.count_columns(counts)} FROM moved GROUP BY ALL ORDER BY period""",
        parameters,
    ).df()
    return with_period_start(found)


def _consecutive(request: CountRequest, known: DataCoverage) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The snapshots used of each period, and of which source and unit there is one both in a period and the one before."""
    starts = [period.start for period in request.periods]
    chosen = known.last_snapshots(request.periods).rename(columns={"day": "snapshot_on"})
    chosen["period"] = [starts[position] for position in chosen["period"]]
    rows = []
    for (source, unit), days in known.snapshots.items():
        at = set(positions(np.array(sorted(days), dtype="datetime64[D]"), request.periods).tolist())
        rows += [
            (starts[place], starts[place - 1], source, unit) for place in at if place > 0 and place - 1 in at
        ]
    return chosen, pd.DataFrame(rows, columns=["period", "before", "source", "unit"])


def _of_last_snapshots(request: CountRequest, known: DataCoverage, columns: str) -> pd.DataFrame:
    """`columns` over the entries of each unit's last snapshot, by period (its first day) and splits."""
    chosen = known.last_snapshots(request.periods).rename(columns={"day": "snapshot_on"})
    chosen["period"] = [request.periods[position].start for position in chosen["period"]]
    return _of_chosen(request, columns, chosen)


def _of_chosen(request: CountRequest, columns: str, chosen: pd.DataFrame) -> pd.DataFrame:
    """`columns` over the entries of the snapshots that `chosen` names (see `entries_sql`), by its `period` and splits."""
    filters, parameters = where_sql(request.where)
    cursor = request.snapshot.cursor()
    cursor.register("chosen_rows", chosen)
    return cursor.execute(
        f"""{entries_sql(request.eves_are_weekdays)}
            SELECT period{request.split_columns}, {columns}
            FROM entries WHERE {filters} AND {conjunction(QUEUE_CONDITIONS, request.measure.rows)}
            GROUP BY ALL""",
        parameters,
    ).df()


def counts(request: CountRequest, known: DataCoverage, column: str) -> pd.DataFrame:
    """Queue counts where there are no row snapshots: one row per period (its position) and combination of splits.

    `column` is `waiting` or `over_limit`. Of each unit and service the last known number in the period is taken, unless
    the unit has a row snapshot in it. `published_part` is how many of `value` are published counts;
    `value_key` the cell key of the others. A count has no records: it has the key of its place and its number, so that those
    waiting and those of them beyond the limit differ by two noises, and one that stays the same cannot be averaged over days.
    """
    periods, splits = request.periods, request.splits
    filters, parameters = where_sql(request.where)
    rows = request.snapshot.frame(
        f"""SELECT snapshot_on AS as_of, area, unit, coalesce(service, '{UNKNOWN}') AS service,
                   {column}::DOUBLE AS value,
                   CASE WHEN published THEN {column} ELSE 0 END::DOUBLE AS published_part,
                   CASE WHEN published THEN 0::UBIGINT ELSE hash(area, unit, service, {column}::BIGINT) END AS value_key
            FROM queue_counts
            WHERE {column} IS NOT NULL AND {filters} ORDER BY snapshot_on""",
        parameters,
    )
    rows["period"] = positions(rows["as_of"].to_numpy("datetime64[D]"), periods)
    rows = rows[rows["period"] >= 0]
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
