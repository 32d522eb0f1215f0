"""Periods: ISO weeks at the ends of years, quarters, what precedes, and names that lead back to the same days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.catalogue.periods import (
    GRAINS,
    Period,
    days_of_months,
    gapless,
    grain_of,
    months_from,
    parse_label,
    period_of,
    periods_between,
    preceding,
    same_weeks_a_year_before,
    span,
    start_of,
    week_53_of,
    weeks_of,
    whole_weeks,
)
from tests.spec.table import rows_of

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))

# A week belongs to the year its Thursday is in: the first days of January may be of the old year's last week.
WEEKS = """
day        | week     | start      | end
-----------+----------+------------+-----------
2020-12-31 | 2020-W53 | 2020-12-28 | 2021-01-03
2021-01-01 | 2020-W53 | 2020-12-28 | 2021-01-03
2021-01-03 | 2020-W53 | 2020-12-28 | 2021-01-03
2021-01-04 | 2021-W01 | 2021-01-04 | 2021-01-10
2022-01-01 | 2021-W52 | 2021-12-27 | 2022-01-02
2023-01-01 | 2022-W52 | 2022-12-26 | 2023-01-01
2024-12-29 | 2024-W52 | 2024-12-23 | 2024-12-29
2024-12-30 | 2025-W01 | 2024-12-30 | 2025-01-05
2024-12-31 | 2025-W01 | 2024-12-30 | 2025-01-05
2026-12-31 | 2026-W53 | 2026-12-28 | 2027-01-03
2027-01-01 | 2026-W53 | 2026-12-28 | 2027-01-03
"""

OTHERS = """
day        | grain   | label   | start      | end
-----------+---------+---------+------------+-----------
2024-02-29 | month   | 2024-02 | 2024-02-01 | 2024-02-29
2023-02-28 | month   | 2023-02 | 2023-02-01 | 2023-02-28
2024-12-31 | month   | 2024-12 | 2024-12-01 | 2024-12-31
2024-01-01 | quarter | 2024-Q1 | 2024-01-01 | 2024-03-31
2024-03-31 | quarter | 2024-Q1 | 2024-01-01 | 2024-03-31
2024-04-01 | quarter | 2024-Q2 | 2024-04-01 | 2024-06-30
2024-09-30 | quarter | 2024-Q3 | 2024-07-01 | 2024-09-30
2025-10-01 | quarter | 2025-Q4 | 2025-10-01 | 2025-12-31
2024-02-29 | year    | 2024    | 2024-01-01 | 2024-12-31
"""

# The same numbers of the year before: 53 weeks back after a year with a week 53, and week 53 against week 52.
A_YEAR_BEFORE = """
first    | last     | first before | last before
---------+----------+--------------+------------
2025-W10 | 2025-W10 | 2024-W10     | 2024-W10
2026-W52 | 2026-W52 | 2025-W52     | 2025-W52
2026-W53 | 2026-W53 | 2025-W52     | 2025-W52
2027-W01 | 2027-W01 | 2026-W01     | 2026-W01
2027-W05 | 2027-W17 | 2026-W05     | 2026-W17
2026-W41 | 2026-W53 | 2025-W41     | 2025-W52
2026-W51 | 2027-W10 | 2025-W51     | 2026-W10
2027-W45 | 2028-W05 | 2026-W45     | 2027-W05
2021-W01 | 2021-W13 | 2020-W01     | 2020-W13
"""

# The whole weeks up to a day: a Sunday ends its own.
WHOLE_WEEKS = """
day        | count | first    | last
-----------+-------+----------+---------
2025-07-27 | 13    | 2025-W18 | 2025-W30
2025-07-26 | 13    | 2025-W17 | 2025-W29
2025-07-21 | 1     | 2025-W29 | 2025-W29
2027-01-03 | 2     | 2026-W52 | 2026-W53
"""

PRECEDING = """
of       | count | before
---------+-------+-----------------------------------------
2025-W01 | 4     | 2024-W49 2024-W50 2024-W51 2024-W52
2021-W02 | 3     | 2020-W52 2020-W53 2021-W01
2024-03  | 2     | 2024-01 2024-02
2025-Q1  | 3     | 2024-Q2 2024-Q3 2024-Q4
2025     | 2     | 2023 2024
2025     | 0     |
"""


def _told(period: Period) -> tuple[str, str, str]:
    return period.label, period.start.isoformat(), period.end.isoformat()


@pytest.mark.parametrize("row", rows_of(WEEKS), ids=lambda r: r["day"])
def test_weeks_are_iso_weeks(row: dict[str, str]) -> None:
    period = period_of(date.fromisoformat(row["day"]), "week")
    assert _told(period) == (row["week"], row["start"], row["end"])


@pytest.mark.parametrize("row", rows_of(OTHERS), ids=lambda r: f"{r['grain']} {r['day']}")
def test_months_quarters_and_years_are_whole(row: dict[str, str]) -> None:
    period = period_of(date.fromisoformat(row["day"]), row["grain"])
    assert _told(period) == (row["label"], row["start"], row["end"])


@pytest.mark.parametrize("row", rows_of(PRECEDING), ids=lambda r: f"{r['of']} {r['count']}")
def test_what_precedes_is_of_the_same_grain_and_oldest_first(row: dict[str, str]) -> None:
    found = preceding(parse_label(row["of"]), int(row["count"]))
    assert " ".join(period.label for period in found) == row["before"]


def test_a_stretch_of_no_grain_is_preceded_by_stretches_of_its_length() -> None:
    found = preceding(span(date(2022, 1, 1), date(2022, 2, 15)), 2)
    assert [(p.start, p.end) for p in found] == [
        (date(2021, 10, 1), date(2021, 11, 15)),
        (date(2021, 11, 16), date(2021, 12, 31)),
    ]


def test_the_name_of_a_stretch_that_precedes_is_that_of_its_own_days() -> None:
    (before,) = preceding(span(date(2022, 1, 1), date(2022, 2, 15)), 1)
    assert before.label == "2021-11-16–2021-12-31"


@pytest.mark.parametrize(
    "start, end, label",
    [
        (date(2025, 1, 1), date(2025, 12, 31), "2025"),
        (date(2025, 10, 1), date(2025, 12, 31), "2025-Q4"),
        (date(2023, 1, 1), date(2025, 12, 31), "2023–2025"),
        (date(2023, 4, 1), date(2024, 12, 31), "2023-04-01–2024-12-31"),
        (date(2023, 9, 14), date(2023, 9, 14), "2023-09-14"),
    ],
)
def test_a_span_is_named_by_its_grain_where_it_has_one(start: date, end: date, label: str) -> None:
    assert span(start, end).label == label


@pytest.mark.parametrize(
    "label", ["", "2025-W54", "2021-W53", "2025-W00", "2025-13", "2025-Q5", "0000", "2025-1", "25"]
)
def test_a_name_of_no_period_is_none(label: str) -> None:
    assert parse_label(label) is None


def test_an_unknown_grain_is_refused() -> None:
    with pytest.raises(ValueError, match="fortnight"):
        start_of(date(2025, 1, 1), "fortnight")


@given(DAYS, st.sampled_from(GRAINS))
def test_a_day_lies_in_its_period_and_the_name_leads_back(day: date, grain: str) -> None:
    period = period_of(day, grain)
    assert day in period
    assert period.start - timedelta(days=1) not in period
    assert parse_label(period.label) == period
    assert grain_of(period.start, period.end) == grain
    assert period_of(period.start, grain) == period == period_of(period.end, grain)


@given(DAYS, st.integers(0, 800), st.sampled_from(GRAINS))
def test_periods_between_two_days_follow_without_gap_and_hold_both(
    first: date, length: int, grain: str
) -> None:
    last = first + timedelta(days=length)
    found = periods_between(first, last, grain)
    assert gapless(found)
    assert first in found[0]
    assert last in found[-1]
    assert sum(period.days for period in found) == (found[-1].end - found[0].start).days + 1
    assert len({period.label for period in found}) == len(found)


@given(DAYS, st.integers(1, 60), st.sampled_from(GRAINS))
def test_what_precedes_ends_where_the_period_begins(day: date, count: int, grain: str) -> None:
    period = period_of(day, grain)
    found = preceding(period, count)
    assert len(found) == count
    assert gapless([*found, period])
    assert {grain_of(p.start, p.end) for p in found} == {grain}


@given(DAYS, st.integers(0, 500), st.integers(1, 10))
def test_stretches_that_precede_keep_the_length(first: date, length: int, count: int) -> None:
    stretch = span(first, first + timedelta(days=length))
    assume(grain_of(stretch.start, stretch.end) is None)
    found = preceding(stretch, count)
    assert gapless([*found, stretch])
    assert {p.days for p in found} == {stretch.days}


@given(DAYS)
def test_a_gap_is_seen(day: date) -> None:
    week = period_of(day, "week")
    assert not gapless([*preceding(week, 2)[:1], week])


@pytest.mark.parametrize("row", rows_of(A_YEAR_BEFORE), ids=lambda row: f"{row['first']}–{row['last']}")
def test_the_same_weeks_a_year_before_are_those_of_the_same_numbers(row: dict[str, str]) -> None:
    weeks = {name: parse_label(label) for name, label in row.items()}
    before = same_weeks_a_year_before(span(weeks["first"].start, weeks["last"].end))
    assert (before.start, before.end) == (weeks["first before"].start, weeks["last before"].end)


@given(DAYS)
def test_a_week_a_year_before_has_the_same_number_unless_there_is_none(day: date) -> None:
    week = period_of(day, "week")
    before = same_weeks_a_year_before(week)
    year, number, _ = day.isocalendar()
    assert before.start.isocalendar()[:2] == (year - 1, min(number, weeks_of(year - 1)))
    assert (before.days, before.start.weekday()) == (7, 0)
    assert week_53_of(week) == (year if number == 53 else None)


@pytest.mark.parametrize("row", rows_of(WHOLE_WEEKS), ids=lambda row: row["day"])
def test_whole_weeks_end_with_the_last_sunday(row: dict[str, str]) -> None:
    found = whole_weeks(date.fromisoformat(row["day"]), int(row["count"]))
    first, last = parse_label(row["first"]), parse_label(row["last"])
    assert (found.start, found.end) == (first.start, last.end)


def test_a_month_has_the_length_that_the_calendar_gives_it() -> None:
    assert [(min(days), max(days)) for days in map(days_of_months, (1, 3, 6, 12))] == [
        *((28, 31), (89, 92)),
        *((181, 184), (365, 366)),
    ]
    assert months_from(date(2024, 12, 31), date(2025, 12, 31)) == 12
    assert months_from(date(2024, 1, 31), date(2024, 2, 29)) == 1
