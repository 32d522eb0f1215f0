"""Weekdays of the Finnish calendar: every day but Saturdays, Sundays and public holidays.

Midsummer Eve and Christmas Eve are no weekdays either unless the setting `eves_are_weekdays` says so; the law leaves
them open.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np

#: As the package names them, which lists them among the public holidays.
_EVES = ("Juhannusaatto", "Jouluaatto")


@cache
def _calendar(first_year: int, last_year: int, eves_are_weekdays: bool) -> np.busdaycalendar:
    # No limit of a visit is counted in weekdays, and a load does without.
    import holidays

    found = holidays.country_holidays("FI", years=range(first_year, last_year + 1), language="fi")
    days_off = [day for day, name in found.items() if not (eves_are_weekdays and name in _EVES)]
    return np.busdaycalendar(holidays=days_off)


def weekday_after(day: date, number: int, eves_are_weekdays: bool = False) -> date:
    """The n-th weekday after a day, which itself is not counted; 0 is the day itself.

    THL's example: what arrives on a Tuesday is due by the Thursday of the following week, the seventh weekday.

    >>> weekday_after(date(2025, 9, 2), 7)
    datetime.date(2025, 9, 11)
    """
    return day + timedelta(days=weekdays_ahead(day, day, number, eves_are_weekdays)[0])


def weekdays_ahead(first: date, last: date, number: int, eves_are_weekdays: bool = False) -> list[int]:
    """For each day from `first` to `last`, how many days ahead the n-th weekday after it is.

    >>> weekdays_ahead(date(2025, 9, 1), date(2025, 9, 2), 7)
    [9, 9]
    """
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    if not number:
        return [0] * len(days)
    # A year has over 200 weekdays.
    calendar = _calendar(first.year, last.year + 1 + number // 200, eves_are_weekdays)
    ahead = np.busday_offset(days, number, roll="backward", busdaycal=calendar) - days
    return [int(count) for count in ahead.astype(int)]


def weekdays_between(after: date, until: date, eves_are_weekdays: bool = False) -> int:
    """How many weekdays there are after a day (not included) until another (included).

    >>> weekdays_between(date(2025, 12, 22), date(2025, 12, 29))
    2
    """
    one = timedelta(days=1)
    calendar = _calendar(after.year, (until + one).year, eves_are_weekdays)
    return int(np.busday_count(after + one, until + one, busdaycal=calendar))
