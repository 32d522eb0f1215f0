"""Periods of figures: ISO weeks, months, quarters and years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import pairwise

from dateutil.relativedelta import relativedelta

GRAINS = ("week", "month", "quarter", "year")
_STEP = {
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}
_LABEL = re.compile(r"(\d{4})(?:-W(\d\d)|-Q([1-4])|-(\d\d))?$")


@dataclass(frozen=True, order=True)
class Period:
    """A stretch of whole days, both ends included, and its name.

    >>> period_of(date(2025, 1, 1), "week")
    Period(start=datetime.date(2024, 12, 30), end=datetime.date(2025, 1, 5), label='2025-W01')
    """

    start: date
    end: date
    label: str

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1


def start_of(day: date, grain: str) -> date:
    """The first day of the period of a grain that a day lies in.

    >>> start_of(date(2025, 5, 20), "quarter")
    datetime.date(2025, 4, 1)
    """
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if grain == "year":
        return day.replace(month=1, day=1)
    raise ValueError(grain)


def label_of(start: date, grain: str) -> str:
    """The name of the period of a grain that starts on a day.

    >>> [label_of(date(2025, 1, 1), grain) for grain in ("month", "quarter", "year")]
    ['2025-01', '2025-Q1', '2025']
    """
    if grain == "week":
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02d}"
    if grain == "month":
        return f"{start:%Y-%m}"
    if grain == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return str(start.year)


@lru_cache(maxsize=8192)
def period_of(day: date, grain: str) -> Period:
    """The period of a grain that a day lies in."""
    start = start_of(day, grain)
    return Period(start, start + _STEP[grain] - timedelta(days=1), label_of(start, grain))


def periods_between(first: date, last: date, grain: str) -> list[Period]:
    """Every period of a grain that has a day from `first` to `last`, in order.

    >>> [p.label for p in periods_between(date(2024, 12, 31), date(2025, 1, 1), "month")]
    ['2024-12', '2025-01']
    """
    found = []
    period = period_of(first, grain)
    while period.start <= last:
        found.append(period)
        period = period_of(period.end + timedelta(days=1), grain)
    return found


def preceding(period: Period, count: int) -> list[Period]:
    """The periods of the same grain just before one, oldest first; a period of no grain has stretches of its length.

    >>> [p.label for p in preceding(period_of(date(2025, 1, 1), "quarter"), 2)]
    ['2024-Q3', '2024-Q4']
    """
    grain = grain_of(period.start, period.end)
    found = [period]
    while len(found) <= count:
        end = found[-1].start - timedelta(days=1)
        found.append(period_of(end, grain) if grain else span(end - timedelta(days=period.days - 1), end))
    return found[:0:-1]


def same_a_year_before(period: Period) -> Period:
    """The period of the same name a year before: of a week the same ISO week, of week 53 week 52.

    >>> same_a_year_before(period_of(date(2025, 2, 1), "month")).label
    '2024-02'
    >>> same_a_year_before(span(date(2024, 8, 1), date(2025, 7, 31))).label
    '2023-08-01–2024-07-31'
    """
    grain = grain_of(period.start, period.end)
    if grain == "week":
        year, week, _ = period.start.isocalendar()
        return period_of(date.fromisocalendar(year - 1, min(week, weeks_of(year - 1)), 1), "week")
    start = period.start - relativedelta(years=1)
    if grain:
        return period_of(start, grain)
    return span(start, period.end + timedelta(days=1) - relativedelta(years=1) - timedelta(days=1))


def whole_weeks(last: date, count: int) -> Period:
    """The last `count` whole weeks (Monday to Sunday) up to a day.

    >>> whole_weeks(date(2025, 3, 14), 2)
    Period(start=datetime.date(2025, 2, 24), end=datetime.date(2025, 3, 9), label='2025-02-24–2025-03-09')
    """
    end = last - timedelta(days=(last.weekday() + 1) % 7)
    return span(end - timedelta(days=7 * count - 1), end)


def same_weeks_a_year_before(weeks: Period) -> Period:
    """The weeks of the same ISO numbers a year before a stretch of whole weeks; week 52 where that year has no week 53.

    >>> same_weeks_a_year_before(parse_label("2027-W05")).label, same_weeks_a_year_before(parse_label("2026-W53")).label
    ('2026-W05', '2025-W52')
    """
    first, last = (same_a_year_before(period_of(day, "week")) for day in (weeks.start, weeks.end))
    return span(first.start, last.end)


def weeks_of(year: int) -> int:
    """How many ISO weeks a year has: 52 or 53.

    >>> weeks_of(2025), weeks_of(2026)
    (52, 53)
    """
    return date(year, 12, 28).isocalendar().week


def week_53_of(weeks: Period) -> int | None:
    """The year whose week 53 lies in a stretch of whole weeks; None where none does.

    >>> week_53_of(whole_weeks(date(2027, 1, 10), 13)), week_53_of(whole_weeks(date(2026, 1, 11), 13))
    (2026, None)
    """
    found = (period.start.isocalendar() for period in periods_between(weeks.start, weeks.end, "week"))
    return next((year for year, week, _ in found if week == 53), None)


def months_from(first: date, last: date) -> float:
    """Calendar months from the end of one day to the end of another: whole ones between ends of months.

    >>> months_from(date(2025, 1, 31), date(2025, 2, 28)), months_from(date(2025, 1, 31), date(2025, 2, 14))
    (1.0, 0.5)
    """
    found = []
    for day in (first, last):
        length = period_of(day, "month").days
        found.append(12 * day.year + day.month - 1 + day.day / length)
    return found[1] - found[0]


@cache
def days_of_months(months: int) -> frozenset[int]:
    """How many days a number of calendar months can have.

    >>> sorted(days_of_months(1)), sorted(days_of_months(2))
    ([28, 29, 30, 31], [59, 60, 61, 62])
    """
    first = date(2023, 1, 1)
    starts = [first + timedelta(days=step) for step in range((date(2027, 1, 1) - first).days)]
    return frozenset((start + relativedelta(months=months) - start).days for start in starts)


def grain_of(start: date, end: date) -> str | None:
    """The grain of which a stretch of days is exactly one period; None where it is none.

    >>> grain_of(date(2025, 10, 1), date(2025, 12, 31)), grain_of(date(2022, 1, 1), date(2022, 2, 15))
    ('quarter', None)
    """
    for grain in GRAINS:
        period = period_of(start, grain)
        if (period.start, period.end) == (start, end):
            return grain
    return None


def span(start: date, end: date) -> Period:
    """Any stretch of days as a period, named by its grain where it is one.

    >>> span(date(2023, 1, 1), date(2025, 12, 31)).label
    '2023–2025'
    """
    grain = grain_of(start, end)
    return Period(start, end, label_of(start, grain) if grain else span_label(start, end))


def span_label(start: date, end: date) -> str:
    """How a stretch of days that is no single period is named.

    >>> span_label(date(2022, 1, 1), date(2022, 2, 15))
    '2022-01-01–2022-02-15'
    """
    if start == end:
        return start.isoformat()
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return f"{start.year}–{end.year}"
    return f"{start.isoformat()}–{end.isoformat()}"


def parse_label(label: str) -> Period | None:
    """The period of a name such as `2025-W10`; None where it names none.

    >>> parse_label("2025-W10").start
    datetime.date(2025, 3, 3)
    """
    match = _LABEL.match(label)
    if match is None:
        return None
    year, week, quarter, month = match.groups()
    try:
        if week:
            return period_of(date.fromisocalendar(int(year), int(week), 1), "week")
        if quarter:
            return period_of(date(int(year), 3 * int(quarter), 1), "quarter")
        if month:
            return period_of(date(int(year), int(month), 1), "month")
        return period_of(date(int(year), 1, 1), "year")
    except ValueError:
        return None


def gapless(periods: Sequence[Period]) -> bool:
    """Whether each period starts the day after the one before it ends."""
    return all(a.end + timedelta(days=1) == b.start for a, b in pairwise(periods))
