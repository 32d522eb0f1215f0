"""Rows of visits and queues as they are counted: with what follows from their dates and from the limits in force, as SQL."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.limits import last_day_sql

#: A word of SQL that may name a column.
WORD = re.compile(r"[a-z_][a-z_0-9]*")
#: Last day of each band of waits but the last; the third and fifth end where 7 and 14 days of the law do.
BAND_ENDS = (0, 1, 3, 7, 14, 21, 30, 60, 90, 180, 365)
#: How a visit's path is known, the first that applies: a date that is not there, dates in the wrong order, or whole.
PATHS = ("no_contact", "no_assessment", "no_booking", "reversed", "complete")
_BANDS = " ".join(f"WHEN wait_days <= {end} THEN '{band:02d}'" for band, end in enumerate(BAND_ENDS))
#: When an entry passes its legal limit: it has, within so many days of the snapshot (the first that applies), or later.
OVER, LATER = "over", "later"
WITHIN_7, WITHIN_14 = "within_7_days", "within_14_days"
BREACH_DAYS = {WITHIN_7: 7, WITHIN_14: 14}
_BREACHES = " ".join(
    f"WHEN snapshot_on + {days} > judged_last_day THEN '{band}'" for band, days in BREACH_DAYS.items()
)
#: The columns that preparing adds to those of each dataset.
PREPARED_COLUMNS = {
    "visits": ("wait_days", "wait_band", "path", "last_day", "without_person", "segment_on"),
    "queue": ("waited_days", "judged_last_day", "waited_weeks", "limit_band", "booking"),
}
#: Whether an entry has a time booked for the day of the snapshot or later.
BOOKED, NOT_BOOKED = "booked", "not_booked"


def visits_sql(
    eves_are_weekdays: bool = False, rows: str = "visits", named: Collection[str] | None = None
) -> str:
    """Realised contacts with the client, each with what follows from its dates (PREPARED_COLUMNS).

    `rows` is what they are read from: the table, or a query of its rows. Of what follows only what is `named` is worked out.
    """
    last_day = last_day_sql(with_referral="with_referral", eves_are_weekdays=eves_are_weekdays)
    columns = {
        "wait_days": " CASE WHEN assessed_on <= visit_on THEN date_diff('day', assessed_on, visit_on) END AS wait_days",
        "wait_band": f"""
           CASE {_BANDS} WHEN wait_days IS NOT NULL THEN '{len(BAND_ENDS):02d}' END AS wait_band""",
        "path": """
           CASE WHEN contacted_on IS NULL THEN 'no_contact'
                WHEN assessed_on IS NULL THEN 'no_assessment'
                WHEN booked_on IS NULL THEN 'no_booking'
                WHEN NOT (contacted_on <= assessed_on AND assessed_on <= booked_on AND booked_on <= visit_on)
                THEN 'reversed' ELSE 'complete' END AS path""",
        "last_day": f"\n           {last_day} AS last_day",
        "without_person": " person IS NULL AS without_person",
        "segment_on": """
           -- the part of a week that lies in one month: periods of every grain are made of such parts
           greatest(date_trunc('week', visit_on), date_trunc('month', visit_on))::DATE AS segment_on""",
    }
    return f"""
    -- one row per realised visit that is a contact with the client and counts
    SELECT *{_worked_out(columns, _with_made_of(columns, named))}
    FROM {rows}
    WHERE {DATASETS["visits"].counted}"""


def waiting_sql(
    eves_are_weekdays: bool = False, rows: str = "queue", named: Collection[str] | None = None
) -> str:
    """The waiting entries of snapshots, each with how long it has waited and the last day allowed.

    `limit_band` says when an entry passes its limit if it goes on waiting: it is over already, or so many days after the
    snapshot it will be; NULL where it cannot be judged. `rows` is what they are read from: the table, or a query of its rows;
    of what follows from their dates only what is `named` is worked out.
    """
    last_day = last_day_sql(eves_are_weekdays=eves_are_weekdays)
    columns = {
        "waited_days": """
               -- A date after the snapshot contradicts it: it starts no wait.
               date_diff('day', coalesce(
                   CASE WHEN assessed_on <= snapshot_on THEN assessed_on END,
                   CASE WHEN queued_on <= snapshot_on THEN queued_on END
               ), snapshot_on) AS waited_days""",
        "judged_last_day": f"""
               CASE WHEN assessed_on <= snapshot_on THEN {last_day} END AS judged_last_day""",
    }
    splits = {
        "waited_weeks": " waited_days // 7 AS waited_weeks",
        "limit_band": f"""
           CASE WHEN judged_last_day IS NULL THEN NULL
                WHEN snapshot_on > judged_last_day THEN '{OVER}'
                {_BREACHES}
                ELSE '{LATER}' END AS limit_band""",
        "booking": f"""
           -- A time that has passed while the entry still waits is no booked time.
           CASE WHEN booked_for >= snapshot_on THEN '{BOOKED}' ELSE '{NOT_BOOKED}' END AS booking""",
    }
    needed = _with_made_of(columns | splits, named)
    return f"""
    -- one row per waiting entry and snapshot, with the splits that are worked out of its dates
    SELECT *{_worked_out(splits, needed)}
    FROM (
        SELECT *{_worked_out(columns, needed)}
        FROM {rows} WHERE {DATASETS["queue"].counted}
    )"""


def _with_made_of(columns: Mapping[str, str], named: Collection[str] | None) -> set[str]:
    """Those of some columns that are named, all where nothing is, with the others that they are made of."""
    needed = {name for name in columns if named is None or name in named}
    for name in reversed(list(columns)):
        if name in needed:
            needed.update(WORD.findall(columns[name]))
    return needed


def _worked_out(columns: Mapping[str, str], needed: Collection[str]) -> str:
    """The SQL of the columns that are needed, each after a comma."""
    return "".join(f",{sql}" for name, sql in columns.items() if name in needed)


def record_key_sql(dataset: str) -> str:
    """The SQL of a row's key, for the cell keys of counts; an entry of a queue has the same in every snapshot."""
    return f"hash(source::VARCHAR, origin::VARCHAR, {DATASETS[dataset].key[-1]})"
