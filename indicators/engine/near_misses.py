"""What nearly was in time, and time that was lost: visits and entries just over a limit, missed times, repeated contacts.

Numbers are exact, for an internal audience. A visit or an entry is just over where it is one to three days late.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import pandas as pd

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import Period
from indicators.catalogue.prepared_rows import BOOKED, waiting_sql
from indicators.catalogue.queue_flow import WAITS
from indicators.engine.cached import cached_per_version
from indicators.engine.question import Where
from indicators.kinds.request import CountRequest, where_sql
from indicators.kinds.visits import counted_rows
from pipelines.warehouse import Snapshot

#: How many days late just over is, and within how many days a contact is a repeated one.
JUST_OVER_DAYS, REPEATED_DAYS = 3, 14
#: Days of the seven-day guarantee.
_LIMIT_DAYS = 7
_EXACTNESS = 1e-9


@dataclass(frozen=True)
class NearMiss:
    """The visits of one unit in a period: how many are judged, were in time, were one to three days late.

    `needed` is the fewest visits that would have had to be in time for the target; None without a target.
    """

    unit: str
    judged: int
    within: int
    just_over: int
    needed: int | None

    @property
    def is_within_reach(self) -> bool:
        """Whether the target is missed, and those just over would have been enough."""
        return self.needed is not None and 0 < self.needed <= self.just_over


@dataclass(frozen=True)
class LostTime:
    """Booked times of one unit in a period by what became of them, and contacts with people who came again.

    `known` is the number of all booked times whose outcome the extract tells; of `contacts` with a known person `repeated`
    had another of the same person and service in the 14 days before.
    """

    unit: str
    known: int
    cancelled: int
    missed: int
    contacts: int
    repeated: int


def needed_visits(judged: int, within: int, target_pct: float) -> int:
    """The fewest visits that would have had to be in time for a share of `target_pct` per cent; 0 where it is reached.

    >>> needed_visits(38, 31, 85), needed_visits(10, 8, 80), needed_visits(0, 0, 80)
    (2, 0, 0)
    """
    return max(ceil(judged * target_pct / 100 - _EXACTNESS) - within, 0)


def near_misses(
    snapshot: Snapshot,
    definition: Definition,
    period: Period,
    where: Where,
    target_pct: float | None = None,
) -> tuple[NearMiss, ...]:
    """The near misses of each unit, the one with most visits just over first; units without a judged visit are left out."""
    request = CountRequest(snapshot, definition.measure, [period], None, ("unit",), where)
    late = f"wait_days BETWEEN {_LIMIT_DAYS + 1} AND {_LIMIT_DAYS + JUST_OVER_DAYS}"
    rows = counted_rows(
        request, {"judged": "with_wait", "within": "wait_within_7_days"}, {"just_over": late}, ("wait_days",)
    )
    found = [
        NearMiss(
            one.unit,
            one.judged,
            one.within,
            one.just_over,
            None if target_pct is None else needed_visits(one.judged, one.within, target_pct),
        )
        for one in rows.itertuples()
        if one.judged
    ]
    return tuple(sorted(found, key=lambda one: (-one.just_over, one.unit)))


def lost_time(snapshot: Snapshot, period: Period, where: Where) -> tuple[LostTime, ...]:
    """What became of the booked times of each unit in a period, and contacts that were repeated, in the order of units."""
    condition, parameters = where_sql(where)
    day = "coalesce(visit_on, booked_for)"
    states = snapshot.frame(
        f"""SELECT unit::VARCHAR AS unit, count(*) FILTER (state IN ('realised', 'cancelled', 'no_show')) AS known,
                   count(*) FILTER (state = 'cancelled') AS cancelled, count(*) FILTER (state = 'no_show') AS missed
            FROM visits WHERE counted AND {condition} AND {day} BETWEEN ? AND ? GROUP BY ALL""",
        [*parameters, period.start, period.end],
    )
    repeats = snapshot.frame(
        f"""-- one row per unit; a contact is repeated where the same person and service had one in the days before
            SELECT unit, count(*) AS contacts, count(*) FILTER (visit_on - before <= {REPEATED_DAYS}) AS repeated
            FROM (SELECT unit::VARCHAR AS unit, visit_on, lag(visit_on) OVER (
                      PARTITION BY person, service ORDER BY visit_on, visit_id) AS before
                  FROM visits WHERE {DATASETS["visits"].counted} AND person IS NOT NULL AND {condition}
                    AND visit_on BETWEEN ?::DATE - {REPEATED_DAYS} AND ?)
            WHERE visit_on >= ? GROUP BY ALL""",
        [*parameters, period.start, period.end, period.start],
    )
    rows = states.merge(repeats, on="unit", how="outer").fillna(0).sort_values("unit", na_position="last")
    numbers = ("known", "cancelled", "missed", "contacts", "repeated")
    return tuple(
        LostTime(row["unit"], *(int(row[name]) for name in numbers))
        for row in rows.dropna(subset="unit").to_dict("records")
    )


def people_by_services(snapshot: Snapshot, period: Period, where: Where) -> dict[int, int]:
    """How many people had realised contacts with so many services in a period, by the number of services."""
    condition, parameters = where_sql(where)
    rows = snapshot.rows(
        f"""SELECT services, count(*) FROM (
                SELECT count(DISTINCT service) AS services FROM visits
                WHERE {DATASETS["visits"].counted} AND person IS NOT NULL AND service IS NOT NULL AND {condition}
                  AND visit_on BETWEEN ? AND ? GROUP BY person)
            GROUP BY ALL ORDER BY ALL""",
        [*parameters, period.start, period.end],
    )
    return dict(rows)


@cached_per_version(50)
def entries_by_limit(snapshot: Snapshot, where: Where, eves_are_weekdays: bool = False) -> pd.DataFrame:
    """Who waits on the newest snapshot of each unit, without persons and keys: one row per entry, the earliest limit first.

    Columns: `unit`, `service`, `profession`, `snapshot_on`, `waited_days`, `last_day` (the last day allowed; empty without a
    limit), `days_over` (negative before it), `booked_for` (empty without a time to come), `too_late`: booked for after it, and
    `deferred`: waiting for a medical reason, whose limit is judged by no indicator. Not urgent, and not waiting by own wish.
    """
    condition, parameters = where_sql(where)
    return snapshot.frame(
        f"""-- one row per entry; a unit that was counted later, and empty then, has none
            SELECT unit::VARCHAR AS unit, service::VARCHAR AS service, profession::VARCHAR AS profession,
                   snapshot_on, waited_days, judged_last_day AS last_day, snapshot_on - judged_last_day AS days_over,
                   CASE WHEN booking = '{BOOKED}' THEN booked_for END AS booked_for,
                   coalesce(booking = '{BOOKED}' AND booked_for > judged_last_day, false) AS too_late,
                   reason IS NOT DISTINCT FROM 'medical' AS deferred
            FROM ({waiting_sql(eves_are_weekdays)}) q WHERE {condition} AND {WAITS}
              AND NOT EXISTS (SELECT 1 FROM covered c WHERE c.dataset = 'queue' AND c.unit = q.unit::VARCHAR
                              AND c.source = q.source::VARCHAR AND c.first_on > q.snapshot_on)
            ORDER BY last_day NULLS LAST, waited_days DESC NULLS LAST, unit, service, profession, booked_for NULLS FIRST""",
        parameters,
    )
