"""The weekly flow of a queue: who waited, came, was treated, left and moved, by age in weeks, reconciled.

A week runs from one snapshot (not included) to the next (included); ages are whole weeks waited on the closing snapshot.
Numbers are entries, exact: for an internal audience. The query is that of `catalogue.queue_flow`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd

from indicators.catalogue import queue_flow as kinds
from indicators.catalogue.dimensions import UNKNOWN
from indicators.engine.cached import cached_per_version
from indicators.engine.coverage import data_coverage
from indicators.engine.overviews import days_of
from indicators.engine.question import Where
from indicators.kinds.request import where_sql
from pipelines.warehouse import Snapshot

#: A stock of fewer entries than this is shown to those alone who may see small numbers; 0 is no such stock.
SMALLEST_SHAREABLE = 20


@dataclass(frozen=True)
class QueueFlow:
    """The flow of one or several queues: one row per week in each array, one column per age in whole weeks.

    `before` and `days` are the opening and the closing snapshots. `arrived` and `treated` contain those who were seen without
    ever being listed, `unlisted` of them. `limited` of `closing` have a limit, and `over` are beyond it. `returned` are entries
    back after a gap, in which they count as waiting; `redated` those whose date of start was changed, which the first one
    stands for. `opening` is by age on the opening snapshot.
    """

    before: tuple[date, ...]
    days: tuple[date, ...]
    opening: np.ndarray
    arrived: np.ndarray
    moved_in: np.ndarray
    treated: np.ndarray
    left: np.ndarray
    moved_out: np.ndarray
    closing: np.ndarray
    limited: np.ndarray
    over: np.ndarray
    unlisted: np.ndarray
    returned: np.ndarray
    redated: np.ndarray
    #: Whether visits are known on every day of the week: else who was treated looks like who left.
    visits_known: np.ndarray

    @property
    def difference(self) -> np.ndarray:
        """What the rows do not explain of each week: closing − (opening + arrived + moved in − treated − left − moved out)."""
        change = self.arrived + self.moved_in - self.treated - self.left - self.moved_out
        return self.closing.sum(axis=1) - self.opening.sum(axis=1) - change.sum(axis=1)

    @property
    def is_shareable(self) -> bool:
        """Whether every weekly stock is 0 or large enough for the shareable view."""
        stocks = np.concatenate([self.opening.sum(axis=1), self.closing.sum(axis=1)])
        return bool(((stocks == 0) | (stocks >= SMALLEST_SHAREABLE)).all())

    @property
    def seven_days(self) -> np.ndarray:
        """Whether each week is one of exactly 7 days."""
        return np.array(
            [(day - before).days == 7 for before, day in zip(self.before, self.days, strict=True)], bool
        )

    def table(self) -> pd.DataFrame:
        """One row per week with the sums over all ages, the columns in the order of the reconciliation."""
        names = ("opening", "arrived", "moved_in", "treated", "left", "moved_out")
        found = {name: getattr(self, name).sum(axis=1) for name in names}
        found |= {"difference": self.difference, "closing": self.closing.sum(axis=1)}
        found |= {name: getattr(self, name).sum(axis=1) for name in ("unlisted", "returned", "redated")}
        return pd.DataFrame({"before": self.before, "week": self.days, **found}).astype(
            dict.fromkeys(found, "int64")
        )


@cached_per_version(200)
def queue_flow(snapshot: Snapshot, where: Where, eves_are_weekdays: bool = False) -> QueueFlow:
    """The flow of the queues that fit filters on area, unit, service and profession, in the weeks in which all are known."""
    weeks = _weeks(snapshot, where)
    most = weeks.groupby("snapshot_on").size().max()
    known = weeks.dropna(subset="before_on").groupby(["snapshot_on", "before_on"]).size()
    pairs = [(before.date(), day.date()) for (day, before), number in known.items() if number == most]
    rows = _rows(snapshot, where, eves_are_weekdays)
    return _assembled(snapshot, rows, pairs, where, sorted(weeks["unit"].unique()))


def _assembled(
    snapshot: Snapshot, rows: pd.DataFrame, pairs: list[tuple[date, date]], where: Where, units: list[str]
) -> QueueFlow:
    before, days = zip(*pairs, strict=True) if pairs else ((), ())
    ages = int(rows["age"].max()) + 2 if len(rows) else 1
    closes, opens = (np.array(found, "datetime64[ns]") for found in (days, before))
    by_kind = {
        kind: (mine["snapshot_on"].to_numpy("datetime64[ns]"), mine["age"].to_numpy(), mine["n"].to_numpy())
        for kind, mine in rows.groupby("kind")
    }

    def table(*names: str, of: np.ndarray = closes) -> np.ndarray:
        found = np.zeros((len(days), ages))
        for on, age, number in (by_kind[name] for name in names if name in by_kind):
            at = np.minimum(np.searchsorted(of, on), max(len(of) - 1, 0))
            there = of[at] == on if len(of) else np.zeros(len(on), bool)
            np.add.at(found, (at[there], age[there]), number[there])
        return found

    of_profession = any(name == "profession" for name, _values in where)
    moved_in, moved_out = (
        table(moved, *([changed] if of_profession else []))
        for moved, changed in (
            (kinds.MOVED_IN, kinds.PROFESSION_IN),
            (kinds.MOVED_OUT, kinds.PROFESSION_OUT),
        )
    )
    return QueueFlow(
        before,
        days,
        table(kinds.CLOSING, of=opens),
        table(kinds.ARRIVED, kinds.ARRIVED_UNLISTED),
        moved_in,
        table(kinds.TREATED, kinds.TREATED_UNLISTED),
        table(kinds.LEFT),
        moved_out,
        table(kinds.CLOSING),
        table(kinds.LIMITED),
        table(kinds.OVER),
        table(kinds.TREATED_UNLISTED),
        table(kinds.RETURNED),
        table(kinds.REDATED),
        _with_visits(snapshot, before, days, units),
    )


def _rows(snapshot: Snapshot, where: Where, eves_are_weekdays: bool) -> pd.DataFrame:
    """The flow's rows of some queues, by week, kind and age."""
    condition, parameters = where_sql(where)
    table, counted = kinds.TABLE, {}
    if snapshot.meta(kinds.FACT) != kinds.made_by(eves_are_weekdays, duckdb.__version__):
        table, counted = "counted_flow", {"counted_flow": _counted(snapshot, eves_are_weekdays)}
    return snapshot.frame(
        f"""SELECT before_on, snapshot_on, kind, age, sum(n)::BIGINT AS n
            FROM (SELECT * REPLACE (nullif(service, '{UNKNOWN}') AS service, nullif(profession, '{UNKNOWN}') AS profession)
                  FROM {table}) WHERE {condition}
            GROUP BY ALL ORDER BY snapshot_on, kind, age""",
        parameters,
        counted,
    )


@cached_per_version()
def queues_of(snapshot: Snapshot, where: Where) -> tuple[tuple[str, str, str], ...]:
    """The queues that fit filters: area, unit and service of each, in order."""
    rows = _weeks(snapshot, where)[["area", "unit", "service"]].drop_duplicates()
    return tuple(rows.itertuples(index=False, name=None))


def _weeks(snapshot: Snapshot, where: Where) -> pd.DataFrame:
    """Which queues of some filters are known on which snapshots, whatever the profession."""
    weeks = _weeks_of_all(snapshot)
    for name, values in where:
        if name != "profession":
            weeks = weeks[weeks[name].fillna(UNKNOWN).isin(values)]
    return weeks


@cached_per_version()
def _weeks_of_all(snapshot: Snapshot) -> pd.DataFrame:
    return snapshot.frame(kinds.queue_weeks_sql(days_of(snapshot, "queue")))


@cached_per_version()
def _counted(snapshot: Snapshot, eves_are_weekdays: bool) -> pd.DataFrame:
    """The whole flow, counted once in a version that does not store it: seconds for each year of a county."""
    years = snapshot.rows("SELECT DISTINCT year(snapshot_on) FROM queue ORDER BY ALL")
    days = days_of(snapshot, "queue")
    found = [snapshot.frame(kinds.queue_flow_sql(eves_are_weekdays, year, days)) for (year,) in years]
    return pd.concat(found) if found else snapshot.frame(kinds.queue_flow_sql(eves_are_weekdays, days=days))


def _with_visits(
    snapshot: Snapshot, before: tuple[date, ...], days: tuple[date, ...], units: list[str]
) -> np.ndarray:
    """Whether visits of every unit are known on each day of each week."""
    stretches = data_coverage(snapshot, "visits").stretches
    return np.array(
        [
            all(
                any(
                    first <= start + timedelta(days=1) and end <= last
                    for first, last in stretches.get(unit, ())
                )
                for unit in units
            )
            for start, end in zip(before, days, strict=True)
        ],
        bool,
    )
