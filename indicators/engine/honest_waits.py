"""Honest waits from rows: the share seen within some days of those assessed in a period, and the wait of who joins today.

Rows are needs: a visit that ends one, with its assessment, and entries that wait or left. Days run from the assessment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.dimensions import UNKNOWN
from indicators.catalogue.periods import Period
from indicators.catalogue.prepared_rows import record_key_sql
from indicators.catalogue.queue_flow import WAITS
from indicators.engine.cached import cached_per_version
from indicators.engine.coverage import data_coverage
from indicators.engine.question import Where
from indicators.kinds.request import where_sql
from indicators.planning.survival import HonestWaits, honest_waits_of
from pipelines.warehouse import Snapshot

#: The marks, in days, of the share seen.
DAYS = (7, 14, 30, 90)
#: The quantiles of the wait of who joins today: the middle and the interval of 80 of 100.
_QUANTILES = (0.1, 0.5, 0.9)
#: A wait is foretold from those assessed in so many days before.
_LOOK_BACK = 91


@dataclass(frozen=True)
class ExpectedWait:
    """The wait in days of who joins on a day, as it was for those of the 13 weeks before: middle and interval of 80 of 100.

    None where too few have been seen to say. `left_pct` of them left untreated; as they are, the wait is that of who stays.
    """

    day: date
    number: int
    middle: int | None
    low: int | None
    high: int | None
    left_pct: float


@dataclass(frozen=True)
class Backtest:
    """How often people who joined on past days were seen within the middle foretold then, and within the interval's end.

    `within_middle` and `within_high` are Kaplan–Meier shares (0–1) over `days` past days, None where nothing was foretold.
    """

    days: int
    within_middle: float | None
    within_high: float | None


def waits_of(
    snapshot: Snapshot, where: Where, period: Period, days: tuple[int, ...] = DAYS
) -> HonestWaits | None:
    """The shares seen within some days of those assessed in a period, as known on the newest day; None without anybody."""
    rows, until = _needs(snapshot, where)
    if until is None:
        return None
    start, end = np.datetime64(period.start), np.datetime64(period.end)
    chosen = rows[(rows["assessed_on"] >= start) & (rows["assessed_on"] <= end)]
    return _estimate(chosen, until, days) if len(chosen) else None


def expected_wait(snapshot: Snapshot, where: Where, day: date | None = None) -> ExpectedWait | None:
    """The wait of somebody who joins on a day (the newest one known), told from what was known on it; None without rows."""
    rows, until = _needs(snapshot, where)
    if until is None:
        return None
    day = min(day or until, until)
    recent = _as_known(rows, day)
    recent = recent[recent["assessed_on"] > np.datetime64(day - timedelta(days=_LOOK_BACK))]
    marks = tuple(range(2 * _LOOK_BACK))
    number = int(recent["n"].sum())
    if not number:
        return ExpectedWait(day, 0, None, None, None, 0.0)
    shares = [one.share for one in _estimate(recent, day, marks).within]
    low, middle, high = (
        next(
            (
                mark
                for mark, share in zip(marks, shares, strict=True)
                if share is not None and share >= wanted
            ),
            None,
        )
        for wanted in _QUANTILES
    )
    left = recent.loc[recent["left_on"].notna(), "n"].sum()
    return ExpectedWait(day, number, middle, low, high, 100 * float(left) / number)


def backtest(snapshot: Snapshot, where: Where, weeks: int = 26) -> Backtest:
    """Foretell the wait on each of so many past weeks from what was known then, and see what became of who joined that week."""
    rows, until = _needs(snapshot, where)
    told, within = 0, {"middle": [0.0, 0.0], "high": [0.0, 0.0]}
    for back in range(13, 13 + weeks if until else 13):
        day = (until or date.min) - timedelta(days=7 * back)
        foretold = expected_wait(snapshot, where, day)
        joined = rows[
            (rows["assessed_on"] > np.datetime64(day))
            & (rows["assessed_on"] <= np.datetime64(day + timedelta(days=7)))
        ]
        if foretold is None or foretold.middle is None or not len(joined):
            continue
        told += 1
        for name, sums in within.items():
            mark = getattr(foretold, name)
            share = None if mark is None else _estimate(joined, until or day, (mark,)).within[0].share
            if share is not None:
                sums[0] += share * float(joined["n"].sum())
                sums[1] += float(joined["n"].sum())
    shares = {name: seen / number if number else None for name, (seen, number) in within.items()}
    return Backtest(told, shares["middle"], shares["high"])


def _estimate(rows: pd.DataFrame, until: date, days: tuple[int, ...]) -> HonestWaits:
    seen, left = (rows[name].to_numpy("datetime64[D]") for name in ("visit_on", "left_on"))
    return honest_waits_of(
        rows["assessed_on"].to_numpy("datetime64[D]"), seen, left, rows["n"].to_numpy(int), until, days
    )


def _as_known(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    """Needs as they were known on a day."""
    on = np.datetime64(day)
    found = rows[rows["assessed_on"] <= on].copy()
    for name in ("visit_on", "left_on"):
        found.loc[found[name] > on, name] = pd.NaT
    return found


@cached_per_version(100)
def _needs(snapshot: Snapshot, where: Where) -> tuple[pd.DataFrame, date | None]:
    """Needs with an assessment by what became of them, and the newest day known.

    `n` needs each of an assessment and a visit, or the first snapshot without them (`left_on`). Entries without a person that are
    gone count as seen: their visits are among the rows.
    """
    units = data_coverage(snapshot, "queue")
    days = [day for found in units.snapshots.values() for day in found]
    condition, parameters = where_sql(where)
    visits = DATASETS["visits"].counted
    newest = snapshot.rows(
        f"SELECT max(snapshot_on) FROM queue WHERE {condition} AND {DATASETS['queue'].counted}", parameters
    )
    until = newest[0][0]
    if until is None or not days:
        return pd.DataFrame(), None
    rows = snapshot.frame(
        f"""WITH seen AS (
                -- one row per visit that ended a wait: of a person the first one after an assessment
                SELECT unit::VARCHAR AS unit, coalesce(service::VARCHAR, '{UNKNOWN}') AS service, person, assessed_on, visit_on
                FROM visits WHERE {condition} AND {visits} AND first_visit IS DISTINCT FROM 'no'
                  AND coalesce(urgency::VARCHAR, 'non_urgent') = 'non_urgent' AND assessed_on <= visit_on
                QUALIFY person IS NULL OR
                    row_number() OVER (PARTITION BY person, unit, service, assessed_on ORDER BY visit_on) = 1
            ), days AS (
                SELECT unit::VARCHAR AS unit, snapshot_on, lead(snapshot_on) OVER (
                    PARTITION BY unit ORDER BY snapshot_on) AS next_on
                FROM (SELECT DISTINCT unit, snapshot_on FROM queue WHERE {condition} AND {DATASETS["queue"].counted})
            ), entries AS (
                -- one row per entry, with the first snapshot without it
                SELECT {record_key_sql("queue")} AS entry, any_value(person) AS person, arg_max(q.unit::VARCHAR, q.snapshot_on)
                       AS unit, any_value(coalesce(service::VARCHAR, '{UNKNOWN}')) AS service,
                       arg_min(assessed_on, q.snapshot_on) AS assessed_on, max(q.snapshot_on) AS last_on
                FROM queue q WHERE {condition} AND {DATASETS["queue"].counted} AND {WAITS} AND assessed_on <= q.snapshot_on
                GROUP BY ALL
            ), unseen AS (
                -- entries whose person has no visit for them
                SELECT e.assessed_on, d.next_on AS left_on FROM entries e
                LEFT JOIN days d ON d.unit = e.unit AND d.snapshot_on = e.last_on
                WHERE NOT EXISTS (SELECT 1 FROM seen s WHERE s.person = e.person AND s.unit = e.unit AND s.service = e.service
                    AND s.assessed_on = e.assessed_on) AND (e.person IS NOT NULL OR d.next_on IS NULL)
            )
            SELECT assessed_on, visit_on, left_on, count(*) AS n
            FROM (SELECT assessed_on, visit_on, NULL::DATE AS left_on FROM seen
                  UNION ALL SELECT assessed_on, NULL, left_on FROM unseen)
            GROUP BY ALL""",
        [*parameters, *parameters, *parameters],
    )
    return rows, until
