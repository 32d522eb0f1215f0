"""Weekdays of the Finnish calendar: Saturdays, Sundays and public holidays are none.

Midsummer Eve and Christmas Eve are no weekdays either unless the setting `eves_are_weekdays` says so; the law leaves
them open.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import holidays

#: As the package names them, which lists them among the public holidays.
_EVES = ("Juhannusaatto", "Jouluaatto")


@cache
def _days_off(year: int, eves_are_weekdays: bool) -> frozenset[date]:
    found = holidays.country_holidays("FI", years=year, language="fi")
    return frozenset(day for day, name in found.items() if not (eves_are_weekdays and name in _EVES))


def is_weekday(day: date, eves_are_weekdays: bool = False) -> bool:
    """Whether a day is a weekday.

    >>> is_weekday(date(2025, 6, 20)), is_weekday(date(2025, 6, 20), eves_are_weekdays=True)
    (False, True)
    """
    return day.weekday() < 5 and day not in _days_off(day.year, eves_are_weekdays)


def weekday_after(day: date, number: int, eves_are_weekdays: bool = False) -> date:
    """The n-th weekday after a day, which itself is not counted; 0 is the day itself.

    THL's example: what arrives on a Tuesday is due by the Thursday of the following week, the seventh weekday.

    >>> weekday_after(date(2025, 9, 2), 7)
    datetime.date(2025, 9, 11)
    """
    left = number
    while left:
        day += timedelta(days=1)
        left -= is_weekday(day, eves_are_weekdays)
    return day


def weekdays_ahead(first: date, last: date, number: int, eves_are_weekdays: bool = False) -> list[int]:
    """For each day from `first` to `last`, how many days ahead the n-th weekday after it is.

    >>> weekdays_ahead(date(2025, 9, 1), date(2025, 9, 2), 7)
    [9, 9]
    """
    end = weekday_after(last, number, eves_are_weekdays)
    days = [first + timedelta(days=step) for step in range((end - first).days + 1)]
    weekdays = [step for step, day in enumerate(days) if is_weekday(day, eves_are_weekdays)]
    ahead, at = [], 0
    for step in range((last - first).days + 1):
        while at < len(weekdays) and weekdays[at] <= step:
            at += 1
        ahead.append(weekdays[at + number - 1] - step if number else 0)
    return ahead
