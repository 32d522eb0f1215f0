"""Who passes the limit in coming weeks if nothing is done, in all and by group. Numbers are exact, for an internal audience.

The limit is judged as the indicators judge it: not of entries that are deferred for a medical reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.dimensions import UNKNOWN
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.prepared_rows import record_key_sql
from indicators.catalogue.queue_flow import WAITS
from indicators.engine.cached import cached_per_version
from indicators.engine.near_misses import entries_by_limit
from indicators.engine.question import Where
from indicators.engine.queue_basis import basis_of, breaches_of
from indicators.kinds.request import where_sql
from indicators.planning.state import Breaches
from pipelines.warehouse import Snapshot

#: So many coming weeks are looked at, and so many of them are soon.
WEEKS, SOON_WEEKS = 8, 4
#: The filters by which arrivals are known.
FLOW_FILTERS = ("area", "unit", "service", "profession")
#: New entries are as often deferred as those of so many days.
_RECENT_DAYS = 182


@dataclass(frozen=True)
class WhoPasses:
    """Who passes the limit in each of the eight weeks after the newest snapshot of each unit, the newest of them on `day`.

    `has_arrivals`: new entries are among them, which takes twelve known weeks of the queue and no filter on people.
    `without_limit` and `deferred` of the `waiting` entries are in no week.
    """

    day: date
    breaches: Breaches
    has_arrivals: bool
    waiting: int
    without_limit: int
    deferred: int


@dataclass(frozen=True)
class Passing:
    """The entries of one unit, service or profession by their limit, each on the newest snapshot of its unit.

    `soon_unbooked` pass it within four weeks and have no time, `booked_late` are not over and have a time only after it.
    `needed` is the least number of visits a week, over eight weeks, with which none of those now waiting without a time
    passes; those over already and new entries are not in it.
    """

    key: str
    waiting: int
    over: int
    over_unbooked: int
    soon_unbooked: int
    booked_late: int
    needed: int


@cached_per_version(100)
def who_passes(snapshot: Snapshot, where: Where, eves_are_weekdays: bool = False) -> WhoPasses | None:
    """Who passes the limit in coming weeks; None where nobody waits. New entries are foretold as plans foretell them."""
    entries = entries_by_limit(snapshot, where, eves_are_weekdays)
    if entries.empty:
        return None
    arrivals = np.zeros(WEEKS)
    has_arrivals = all(name in FLOW_FILTERS for name, _values in where)
    try:
        if has_arrivals:
            foretold = breaches_of(basis_of(snapshot, where, eves_are_weekdays), WEEKS).arrivals
            arrivals = foretold * _judged_share(snapshot, where)
    except BadQuestion:
        has_arrivals = False
    rows = _judged(entries)
    by_week = _by_week(rows)
    over = rows["over"]
    return WhoPasses(
        entries["snapshot_on"].max().date(),
        Breaches(
            float(over.sum()),
            float((over & ~rows["unbooked"]).sum()),
            by_week["entries"],
            arrivals,
            by_week["booked_late"],
            by_week["in_time"],
            needed=_needed(by_week["entries"] + arrivals),
        ),
        has_arrivals,
        len(entries),
        int((entries["last_day"].isna() & ~entries["deferred"]).sum()),
        int(entries["deferred"].sum()),
    )


def passing_by(entries: pd.DataFrame, split: str) -> tuple[Passing, ...]:
    """Entries as `entries_by_limit` lists them, by unit, service or profession; those most urgent first."""
    rows = _judged(entries)
    codes, keys = pd.factorize(entries[split].fillna(UNKNOWN).astype(str))
    over, unbooked, week = (rows[name].to_numpy() for name in ("over", "unbooked", "week"))
    coming = week <= WEEKS

    def number(chosen: np.ndarray) -> list[int]:
        counted: list[int] = np.bincount(codes[chosen], minlength=len(keys)).tolist()
        return counted

    due = np.zeros((len(keys), WEEKS))
    chosen = coming & unbooked
    np.add.at(due, (codes[chosen], week[chosen].astype(int) - 1), 1)
    found = zip(
        map(str, keys),
        number(np.full(len(rows), fill_value=True)),
        number(over),
        number(over & unbooked),
        due[:, :SOON_WEEKS].sum(axis=1).astype(int).tolist(),
        number(~np.isnan(week) & rows["too_late"].to_numpy(bool)),
        map(_needed, due),
        strict=True,
    )
    every = (Passing(*one) for one in found)
    return tuple(sorted(every, key=lambda one: (-one.over_unbooked, -one.soon_unbooked, -one.over, one.key)))


def _judged(entries: pd.DataFrame) -> pd.DataFrame:
    """Entries with whether they are over, have no time, and in which week their limit is: none where over or not judged."""
    days = entries["days_over"].to_numpy(float, na_value=np.nan)
    days = np.where(entries["deferred"], np.nan, days)
    week = np.where(days <= 0, np.maximum(np.ceil(-days / 7), 1), np.nan)
    return entries.assign(over=days > 0, unbooked=entries["booked_for"].isna(), week=week)


def _by_week(rows: pd.DataFrame) -> Mapping[str, np.ndarray]:
    coming = rows[rows["week"] <= WEEKS]
    kinds = {
        "entries": coming["unbooked"],
        "booked_late": coming["too_late"],
        "in_time": ~coming["unbooked"] & ~coming["too_late"],
    }
    return {
        name: np.bincount(coming.loc[chosen, "week"].astype(int), minlength=WEEKS + 1)[1:].astype(float)
        for name, chosen in kinds.items()
    }


def _needed(due: np.ndarray) -> int:
    """The least constant number a week that lets none pass."""
    return int(np.ceil((np.cumsum(due) / np.arange(1, len(due) + 1)).max(initial=0.0) - 1e-9))


def _judged_share(snapshot: Snapshot, where: Where) -> float:
    """The share (0–1) of the entries of the last half year whose limit is judged: not deferred for a medical reason."""
    condition, parameters = where_sql(where)
    counted = f"{condition} AND {DATASETS['queue'].counted} AND {WAITS}"
    newest = snapshot.rows(f"SELECT max(snapshot_on) FROM queue WHERE {counted}", parameters)[0][0]
    if newest is None:
        return 1.0
    rows = snapshot.rows(
        f"""SELECT count(DISTINCT entry) FILTER (reason IS DISTINCT FROM 'medical') / nullif(count(DISTINCT entry), 0)
            FROM (SELECT {record_key_sql("queue")} AS entry, reason FROM queue WHERE {counted} AND snapshot_on > ?)""",
        [*parameters, newest - timedelta(days=_RECENT_DAYS)],
    )
    return float(rows[0][0] or 0.0)
