"""The last day of a deadline, in Python and in SQL: a number of days, calendar months or weekdays after its start.

The start is day 0. Months are calendar months with the end clamped (31 January + 1 month = 28 or 29 February); of
weekdays the n-th after the start counts, and 0 is the start itself.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from dateutil.relativedelta import relativedelta

from indicators.catalogue.weekdays import weekday_after, weekdays_ahead

DAYS, MONTHS, WEEKDAYS = "days", "months", "weekdays"
#: The units that a last day can be worked out in.
UNITS = (DAYS, MONTHS, WEEKDAYS)
#: The first and last start of which the SQL knows the weekdays after it; no date before it is ever loaded.
_EARLIEST, _LATEST = date(1990, 1, 1), date(2079, 12, 31)
#: The character for 0 days ahead.
_ZERO = ord("0")


def due_day(start: date, value: int, unit: str, eves_are_weekdays: bool = False) -> date:
    """The last day of a deadline; the setting matters for weekdays alone. Raises ValueError for another unit.

    >>> due_day(date(2024, 1, 31), 1, "months"), due_day(date(2025, 9, 2), 7, "weekdays")
    (datetime.date(2024, 2, 29), datetime.date(2025, 9, 11))
    """
    if unit == DAYS:
        return start + timedelta(days=value)
    if unit == MONTHS:
        return start + relativedelta(months=value)
    if unit == WEEKDAYS:
        return weekday_after(start, value, eves_are_weekdays)
    raise ValueError(f"{unit!r} is none of {', '.join(UNITS)}")


def due_day_sql(start: str, value: int, unit: str, eves_are_weekdays: bool = False) -> str:
    """The SQL of the same day for a date column. Raises ValueError for another unit.

    >>> due_day_sql("arrived_on", 3, "months")
    '(arrived_on + INTERVAL 3 MONTH)::DATE'
    """
    if unit == DAYS:
        return f"({start} + {value})"
    if unit == MONTHS:
        return f"({start} + INTERVAL {value} MONTH)::DATE"
    if unit == WEEKDAYS:
        ahead = _days_ahead(value, eves_are_weekdays)
        place = f"date_diff('day', DATE '{_EARLIEST}', {start})::INTEGER + 1"
        return (
            f"CASE WHEN {start} BETWEEN DATE '{_EARLIEST}' AND DATE '{_LATEST}' "
            f"THEN {start} + ord(substring('{ahead}', {place}, 1)) - {_ZERO} END"
        )
    raise ValueError(f"{unit!r} is none of {', '.join(UNITS)}")


@cache
def _days_ahead(number: int, eves_are_weekdays: bool) -> str:
    """How many days ahead the n-th weekday is of each day since 1990, one character a day.

    A constant text is what the database looks into fastest: a list of as many numbers takes ten times as long.
    """
    ahead = weekdays_ahead(_EARLIEST, _LATEST, number, eves_are_weekdays)
    return "".join(chr(_ZERO + days) for days in ahead)
