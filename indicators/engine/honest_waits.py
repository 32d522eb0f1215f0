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
from indicators.planning.survival import HonestWaits, days_until, honest_waits_of, share_within, shares_by_day
from pipelines.warehouse import Snapshot

#: The marks, in days, of the share seen.
DAYS = (7, 14, 30, 90)
#: The quantiles of the wait of who joins today: the middle and the interval of 80 of 100.
_QUANTILES = (0.1, 0.5, 0.9)
#: A wait is foretold from those assessed in so many days before.
_LOOK_BACK = 91
#: A forecast is tried on so many past weeks.
_BACKTEST_WEEKS = 26


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
    return None if until is None else _expected(_Needs.of(rows), min(day or until, until))


def backtest(snapshot: Snapshot, where: Where, weeks: int = _BACKTEST_WEEKS) -> Backtest:
    """Foretell the wait on each of so many past weeks from what was known then, and see what became of who joined that week."""
    rows, until = _needs(snapshot, where)
    return Backtest(0, None, None) if until is None else _backtest(_Needs.of(rows), until, weeks)


@cached_per_version(100)
def waits_by_unit(snapshot: Snapshot, where: Where) -> dict[str, tuple[ExpectedWait, Backtest]]:
    """The wait of who joins each unit on its newest day, and how often that held in the past: as of the unit by itself."""
    rows, until = _needs(snapshot, where, by_unit=True)
    if until is None:
        return {}
    found = {}
    for unit, mine in rows.groupby("unit", sort=True):
        newest = mine["until"].max()
        if not pd.isna(newest):
            needs = _Needs.of(mine)
            found[str(unit)] = (
                _expected(needs, newest.date()),
                _backtest(needs, newest.date(), _BACKTEST_WEEKS),
            )
    return found


@dataclass(frozen=True)
class _Needs:
    """Needs as columns."""

    assessed: np.ndarray
    seen: np.ndarray
    left: np.ndarray
    number: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Needs:
        assessed, seen, left = (
            rows[name].to_numpy("datetime64[D]") for name in ("assessed_on", "visit_on", "left_on")
        )
        return cls(assessed, seen, left, rows["n"].to_numpy(int))

    def assessed_in(self, after: date, until: date) -> _Needs:
        """Those assessed after a day and until another one."""
        chosen = (self.assessed > np.datetime64(after)) & (self.assessed <= np.datetime64(until))
        return _Needs(self.assessed[chosen], self.seen[chosen], self.left[chosen], self.number[chosen])

    def shares(self, known_until: date) -> np.ndarray:
        """The shares seen by day, as known on a day."""
        return shares_by_day(self.assessed, self.seen, self.left, self.number, known_until)


def _expected(needs: _Needs, day: date) -> ExpectedWait:
    recent = needs.assessed_in(day - timedelta(days=_LOOK_BACK), day)
    number = int(recent.number.sum())
    if not number:
        return ExpectedWait(day, 0, None, None, None, 0.0)
    shares = recent.shares(day)[: 2 * _LOOK_BACK]
    low, middle, high = (days_until(shares, wanted) for wanted in _QUANTILES)
    left = recent.number[recent.left <= np.datetime64(day)].sum()
    return ExpectedWait(day, number, middle, low, high, 100 * float(left) / number)


def _backtest(needs: _Needs, until: date, weeks: int) -> Backtest:
    told, within = 0, {"middle": [0.0, 0.0], "high": [0.0, 0.0]}
    for back in range(13, 13 + weeks):
        day = until - timedelta(days=7 * back)
        foretold = _expected(needs, day)
        joined = needs.assessed_in(day, day + timedelta(days=7))
        if foretold.middle is None or not len(joined.number):
            continue
        told += 1
        shares = joined.shares(until)
        for name, sums in within.items():
            mark = getattr(foretold, name)
            share = None if mark is None else share_within(shares, mark)
            if share is not None:
                sums[0] += share * float(joined.number.sum())
                sums[1] += float(joined.number.sum())
    shares_held = {name: seen / number if number else None for name, (seen, number) in within.items()}
    return Backtest(told, shares_held["middle"], shares_held["high"])


def _estimate(rows: pd.DataFrame, until: date, days: tuple[int, ...]) -> HonestWaits:
    seen, left = (rows[name].to_numpy("datetime64[D]") for name in ("visit_on", "left_on"))
    return honest_waits_of(
        rows["assessed_on"].to_numpy("datetime64[D]"), seen, left, rows["n"].to_numpy(int), until, days
    )


@cached_per_version(100)
def _needs(snapshot: Snapshot, where: Where, *, by_unit: bool = False) -> tuple[pd.DataFrame, date | None]:
    """Needs with an assessment by what became of them, and the newest day known.

    `n` needs each of an assessment and a visit, or the first snapshot without them (`left_on`). Entries without a person that are
    gone count as seen: their visits are among the rows. With `by_unit` each unit's are those it has by itself, an entry that
    moved in both, and `until` is its own newest day.
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
    split, of_unit = (", unit, until", ", q.unit AS of_unit") if by_unit else ("", "")
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
                SELECT {record_key_sql("queue")} AS entry{of_unit}, any_value(person) AS person,
                       arg_max(q.unit::VARCHAR, q.snapshot_on) AS unit,
                       any_value(coalesce(service::VARCHAR, '{UNKNOWN}')) AS service,
                       arg_min(assessed_on, q.snapshot_on) AS assessed_on, max(q.snapshot_on) AS last_on
                FROM queue q WHERE {condition} AND {DATASETS["queue"].counted} AND {WAITS} AND assessed_on <= q.snapshot_on
                GROUP BY ALL
            ), unseen AS (
                -- entries whose person has no visit for them
                SELECT e.unit, e.assessed_on, d.next_on AS left_on FROM entries e
                LEFT JOIN days d ON d.unit = e.unit AND d.snapshot_on = e.last_on
                WHERE NOT EXISTS (SELECT 1 FROM seen s WHERE s.person = e.person AND s.unit = e.unit AND s.service = e.service
                    AND s.assessed_on = e.assessed_on) AND (e.person IS NOT NULL OR d.next_on IS NULL)
            )
            SELECT assessed_on, visit_on, left_on{split}, count(*) AS n
            FROM (SELECT unit, assessed_on, visit_on, NULL::DATE AS left_on FROM seen
                  UNION ALL SELECT unit, assessed_on, NULL, left_on FROM unseen)
            LEFT JOIN (SELECT unit, max(snapshot_on) AS until FROM days GROUP BY ALL) USING (unit)
            GROUP BY ALL""",
        [*parameters, *parameters, *parameters],
    )
    return rows, until
