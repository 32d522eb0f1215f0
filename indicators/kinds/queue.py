"""The shapes over queue snapshots: how many wait, how many beyond the limit, how long the longest has waited.

A period's figure is that of each unit's last snapshot in it, summed (the longest: the maximum); where several sources
hold a unit, each tells of the services it counts for. Counts without rows (`queue_counts`) stand in for a unit, service
and period that has no row snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from indicators.coverage import Known, positions
from indicators.definition import Measure
from indicators.kinds.conditions import QUEUE_CONDITIONS
from indicators.kinds.sql import conjunction, split_sql, where_sql
from indicators.limits import last_day_sql
from indicators.periods import Period
from indicators.question import Where
from pipelines.warehouse import Snapshot

#: The waiting entries of the last snapshots that `chosen_rows` names, with how long they have waited.
ENTRIES = f"""
    WITH chosen AS (
        -- one row per period, unit and service: the snapshot that tells of it
        SELECT period::DATE AS period, unit::VARCHAR AS unit, service::VARCHAR AS service,
               source::VARCHAR AS source, snapshot_on::DATE AS snapshot_on
        FROM chosen_rows
    ), entries AS (
        -- one row per waiting entry of the chosen snapshots
        SELECT c.period, q.*,
               -- A date after the snapshot contradicts it: it starts no wait.
               q.snapshot_on - coalesce(
                   CASE WHEN assessed_on <= q.snapshot_on THEN assessed_on END,
                   CASE WHEN queued_on <= q.snapshot_on THEN queued_on END
               ) AS waited_days,
               CASE WHEN assessed_on <= q.snapshot_on THEN {last_day_sql("q.service")} END AS judged_last_day
        FROM queue q JOIN chosen c ON q.unit::VARCHAR = c.unit AND q.snapshot_on = c.snapshot_on
            AND q.source::VARCHAR = c.source AND {split_sql("q.service")} = c.service
        WHERE counted
    )"""


def compute(
    snapshot: Snapshot,
    measure: Measure,
    periods: Sequence[Period],
    known: Known,
    splits: Sequence[str],
    where: Where,
) -> pd.DataFrame:
    """One row per period and combination of splits that has entries, with the columns that `engine` assembles."""
    judged = QUEUE_CONDITIONS[measure.known] if measure.known else "true"
    met = QUEUE_CONDITIONS[measure.met] if measure.met else "false"
    columns = f"""count(*) AS n_rows,
                   count(*) FILTER ({judged}) AS n_known,
                   count(*) FILTER (({judged}) AND ({met})) AS n_met,
                   max(waited_days) AS longest,
                   count(*) FILTER (age_uncertain) AS uncertain_age,
                   min(snapshot_on) AS as_of"""
    return _of_last_snapshots(snapshot, columns, measure.rows, periods, known, splits, where)


def days_beyond(
    snapshot: Snapshot,
    measure: Measure,
    periods: Sequence[Period],
    known: Known,
    splits: Sequence[str],
    where: Where,
) -> pd.DataFrame:
    """Entries beyond the limit and their person-days beyond it (snapshot date − last day allowed).

    One row per period and combination of splits with an entry, beyond its limit or not: `period_start`, the splits,
    `entries`, `days`.
    """
    beyond = (
        f"({QUEUE_CONDITIONS[measure.known or 'judged_by_limit']}) AND ({QUEUE_CONDITIONS['over_limit']})"
    )
    columns = f"""count(*) FILTER ({beyond}) AS entries,
                   coalesce(sum(snapshot_on - judged_last_day) FILTER ({beyond}), 0)::BIGINT AS days"""
    found = _of_last_snapshots(snapshot, columns, measure.rows, periods, known, splits, where)
    found.insert(0, "period_start", [day.date() for day in found.pop("period")])
    return found


def _of_last_snapshots(
    snapshot: Snapshot,
    columns: str,
    rows: Sequence[str],
    periods: Sequence[Period],
    known: Known,
    splits: Sequence[str],
    where: Where,
) -> pd.DataFrame:
    """`columns` over the entries of each unit's last snapshot, by period (its first day) and splits."""
    chosen = known.last_snapshots(periods).rename(columns={"day": "snapshot_on"})
    chosen["period"] = [periods[position].start for position in chosen["period"]]
    filters, parameters = where_sql(where)
    names = "".join(f", {split_sql(split)} AS {split}" for split in splits)
    cursor = snapshot.cursor()
    cursor.register("chosen_rows", chosen)
    return cursor.execute(
        f"""{ENTRIES}
            SELECT period{names}, {columns}
            FROM entries WHERE {filters} AND {conjunction(QUEUE_CONDITIONS, rows)}
            GROUP BY ALL""",
        parameters,
    ).df()


def oldest_snapshots(periods: Sequence[Period], known: Known, units: Sequence[str]) -> dict[str, date]:
    """Per period name, the oldest of the units' last snapshots in it."""
    last = known.last_days(periods)
    oldest = last[last["unit"].isin(list(units))].groupby("period")["day"].min()
    return {periods[position].label: day.date() for position, day in oldest.items()}


def counts(
    snapshot: Snapshot,
    column: str,
    periods: Sequence[Period],
    known: Known,
    splits: Sequence[str],
    where: Where,
) -> pd.DataFrame:
    """Queue counts in the place of row snapshots: one row per period (its position) and combination of splits.

    `column` is `waiting` or `over_limit`. Of each unit and service the last count in the period is taken, unless the
    unit has a row snapshot in it.
    """
    filters, parameters = where_sql(where)
    rows = snapshot.frame(
        f"""SELECT snapshot_on AS as_of, area, unit, service, {column} AS counted FROM queue_counts
            WHERE {column} IS NOT NULL AND {filters} ORDER BY snapshot_on""",
        parameters,
    )
    rows["period"] = positions(rows["as_of"].to_numpy("datetime64[D]"), periods)
    rows = rows[rows["period"] >= 0]
    seen = known.last_days(periods)
    with_rows = set(zip(seen["unit"], seen["period"], strict=True))
    alone = [pair not in with_rows for pair in zip(rows["unit"], rows["period"], strict=True)]
    last = rows[np.array(alone, dtype=bool)].drop_duplicates(
        ["period", "area", "unit", "service"], keep="last"
    )
    return last.groupby(["period", *splits], as_index=False).agg(
        counted=("counted", "sum"), as_of=("as_of", "min")
    )
