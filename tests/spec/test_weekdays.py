"""The weekdays of social welfare as tables: which days count, and which day the seventh weekday is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from indicators.catalogue.weekdays import weekday_after, weekdays_ahead
from tests.spec.table import rows_of

# THL's own example first: contact on a Tuesday, the Thursday of the following week at the latest.
SEVENTH = """
arrived    | seventh    | with eves  | why
-----------+------------+------------+-------------------------------------------------
2025-09-02 | 2025-09-11 | 2025-09-11 | THL: Tuesday to the Thursday of the following week
2025-09-05 | 2025-09-16 | 2025-09-16 | the day of arrival is not counted
2025-09-06 | 2025-09-16 | 2025-09-16 | a Saturday like the Friday before it
2025-09-07 | 2025-09-16 | 2025-09-16 | and the Sunday
2025-04-09 | 2025-04-22 | 2025-04-22 | Good Friday and Easter Monday
2025-04-18 | 2025-04-30 | 2025-04-30 | arrived on Good Friday
2025-04-22 | 2025-05-02 | 2025-05-02 | May Day, a Thursday
2025-05-20 | 2025-05-30 | 2025-05-30 | Ascension Day
2025-06-11 | 2025-06-23 | 2025-06-20 | Midsummer Eve, on Midsummer Eve itself
2025-06-19 | 2025-07-01 | 2025-06-30 | Midsummer Eve within
2024-12-05 | 2024-12-17 | 2024-12-17 | Independence Day, a Friday
2025-12-05 | 2025-12-16 | 2025-12-16 | Independence Day, a Saturday
2024-12-13 | 2024-12-27 | 2024-12-24 | Christmas Eve, on Christmas Eve itself
2024-12-23 | 2025-01-08 | 2025-01-07 | Christmas, New Year's Day and Epiphany
"""

WEEKDAYS = """
day        | weekday | with eves
-----------+---------+----------
2025-06-19 | yes     | yes
2025-06-20 | no      | yes
2025-06-21 | no      | no
2025-06-23 | yes     | yes
2024-06-21 | no      | yes
2024-12-23 | yes     | yes
2024-12-24 | no      | yes
2024-12-25 | no      | no
2024-12-26 | no      | no
2024-12-31 | yes     | yes
2025-01-06 | no      | no
2025-04-17 | yes     | yes
2025-05-29 | no      | no
2025-12-24 | no      | yes
"""


@pytest.mark.parametrize("row", rows_of(SEVENTH), ids=lambda row: f"{row['arrived']} {row['why']}")
def test_the_seventh_weekday_after_a_day(row: dict[str, str]) -> None:
    arrived = date.fromisoformat(row["arrived"])
    assert weekday_after(arrived, 7).isoformat() == row["seventh"]
    assert weekday_after(arrived, 7, eves_are_weekdays=True).isoformat() == row["with eves"]


@pytest.mark.parametrize("row", rows_of(WEEKDAYS), ids=lambda row: row["day"])
def test_which_days_are_weekdays(row: dict[str, str]) -> None:
    day = date.fromisoformat(row["day"])
    before = day - timedelta(days=1)
    assert (weekday_after(before, 1) == day) == (row["weekday"] == "yes")
    assert (weekday_after(before, 1, eves_are_weekdays=True) == day) == (row["with eves"] == "yes")


@pytest.mark.parametrize("eves", [False, True])
@pytest.mark.parametrize("number", [0, 1, 3, 7])
def test_the_days_ahead_say_the_same_of_every_day(number: int, eves: bool) -> None:
    first, last = date(2024, 11, 20), date(2025, 7, 10)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    ahead = weekdays_ahead(first, last, number, eves)
    assert [day + timedelta(days=days_on) for day, days_on in zip(days, ahead, strict=True)] == [
        weekday_after(day, number, eves) for day in days
    ]
