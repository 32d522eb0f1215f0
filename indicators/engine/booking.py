"""Who passes the limit in coming weeks if nothing is done, in all and by group. Numbers are exact, for an internal audience."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from indicators.catalogue.dimensions import UNKNOWN
from indicators.catalogue.errors import BadQuestion
from indicators.engine.cached import cached_per_version
from indicators.engine.near_misses import entries_by_limit
from indicators.engine.question import Where
from indicators.engine.queue_basis import basis_of, breaches_of, state_of_rows
from indicators.planning.state import Breaches, about_to_breach
from pipelines.warehouse import Snapshot

#: So many coming weeks are looked at, and so many of them are soon.
WEEKS, SOON_WEEKS = 8, 4
#: The filters by which arrivals are known.
FLOW_FILTERS = ("area", "unit", "service", "profession")


@dataclass(frozen=True)
class WhoPasses:
    """Who passes the limit in each of the eight weeks after a snapshot.

    `has_arrivals`: new entries are among them, which takes twelve known weeks of the queue and no filter on people. `waiting`
    entries were counted on the day, `without_limit` of them are in no week; `elsewhere` were counted on another day and are
    not in the weeks.
    """

    day: date
    breaches: Breaches
    has_arrivals: bool
    waiting: int
    without_limit: int
    elsewhere: int


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
    """Who passes the limit in coming weeks, from the day on which most units were counted last; None where nobody waits."""
    entries = entries_by_limit(snapshot, where, eves_are_weekdays)
    if entries.empty:
        return None
    day = entries["snapshot_on"].mode().max().date()
    state = state_of_rows(snapshot, where, day)
    try:
        if any(name not in FLOW_FILTERS for name, _values in where):
            raise BadQuestion("no_queue_to_plan", queue="")
        basis = basis_of(snapshot, where, eves_are_weekdays)
        breaches, has_arrivals = breaches_of(replace(basis, state=state), WEEKS), True
    except BadQuestion:
        breaches, has_arrivals = about_to_breach(state, [0.0] * WEEKS), False
    counted = entries[entries["snapshot_on"] == np.datetime64(day)]
    without_limit = int(counted["last_day"].isna().sum())
    return WhoPasses(
        day, breaches, has_arrivals, len(counted), without_limit, len(entries) - len(counted)
    )


def passing_by(entries: pd.DataFrame, split: str) -> tuple[Passing, ...]:
    """Entries as `entries_by_limit` lists them, by unit, service or profession; those most urgent first."""
    rows = entries.assign(
        key=entries[split].fillna(UNKNOWN),
        over=(entries["days_over"] > 0).fillna(False).astype(bool),
        unbooked=entries["booked_for"].isna(),
        week=np.maximum(np.ceil(-entries["days_over"].to_numpy(float, na_value=np.nan) / 7), 1),
    )
    found = [_passing(str(key), mine) for key, mine in rows.groupby("key", sort=True)]
    return tuple(
        sorted(found, key=lambda one: (-one.over_unbooked, -one.soon_unbooked, -one.over, one.key))
    )


def _passing(key: str, rows: pd.DataFrame) -> Passing:
    over, unbooked = rows["over"], rows["unbooked"]
    coming = rows.loc[~over & unbooked & (rows["week"] <= WEEKS), "week"].to_numpy(int)
    by_week = np.bincount(coming, minlength=WEEKS + 1)[1:]
    due = np.cumsum(by_week) / np.arange(1, WEEKS + 1)
    return Passing(
        key,
        waiting=len(rows),
        over=int(over.sum()),
        over_unbooked=int((over & unbooked).sum()),
        soon_unbooked=int(by_week[:SOON_WEEKS].sum()),
        booked_late=int((~over & rows["too_late"]).sum()),
        needed=int(np.ceil(due.max(initial=0.0))),
    )
