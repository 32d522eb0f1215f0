"""The days of calendar periods, from how extracts write them: a year, a financial year, a quarter, a week."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

#: Months in Finnish, Swedish and English: each name may also be cut after the letters before the bar.
_MONTHS = (
    ("tammi|kuu", "jan|uari", "jan|uary"),
    ("helmi|kuu", "feb|ruari", "feb|ruary"),
    ("maalis|kuu", "mar|s", "mar|ch"),
    ("huhti|kuu", "apr|il", "apr|il"),
    ("touko|kuu", "maj|", "may|"),
    ("kesä|kuu", "jun|i", "jun|e"),
    ("heinä|kuu", "jul|i", "jul|y"),
    ("elo|kuu", "aug|usti", "aug|ust"),
    ("syys|kuu", "sep|tember", "sept|ember"),
    ("loka|kuu", "okt|ober", "oct|ober"),
    ("marras|kuu", "nov|ember", "nov|ember"),
    ("joulu|kuu", "dec|ember", "dec|ember"),
)
#: Endings that Finnish names take: in January, of January, Jan.
_ENDINGS = ("", "ta", "ssa", "n")
_MONTH_OF = {
    name: number
    for number, names in enumerate(_MONTHS, start=1)
    for written in names
    for stem, rest in [written.split("|")]
    for name in (
        stem,
        f"{stem}k" if rest == "kuu" else stem,
        *(f"{stem}{rest}{ending}" for ending in (_ENDINGS if rest == "kuu" else ("",))),
    )
}
#: How many months the periods of a year have, by the part of a date that numbers them.
PARTS_OF_YEAR = {"quarter": 3, "third": 4, "half": 6}
#: The periods a date may be declared the first day of.
GRAINS = ("week", "month", "quarter", "third", "half", "year")
_MONTHS_OF = {"month": 1, **PARTS_OF_YEAR, "year": 12}
_FIRST, _LAST = "first", "last"
#: Which day of a period is meant.
ENDS = (_FIRST, _LAST)


def month_number(name: str) -> int:
    """The month of a name in Finnish, Swedish or English, whole or cut; 0 where it is none.

    >>> [month_number(name) for name in ("Tammikuu", "helmik.", "mars", "Sept", "maaliskuuta", "monday")]
    [1, 2, 3, 9, 3, 0]
    """
    return _MONTH_OF.get(name.casefold().rstrip("."), 0)


def is_last(end: str) -> bool:
    """Whether the last day of a period is meant."""
    return end == _LAST


def period_days(
    numbers: Mapping[str, np.ndarray], year_starts: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return first and last days (datetime64[D]) of the periods that the numbers name, and which of them are real.

    `numbers` has a year and at most one of month, quarter, third, half and week. With a `next_year`, which must follow
    the year, the year begins with the month `year_starts`.

    >>> first, last, real = period_days(
    ...     {"year": np.array([2011, 2025]), "next_year": np.array([2012, 2027]), "quarter": np.array([4, 1])}, 4)
    >>> [str(day) for day in (first[0], last[0])], list(real)
    (['2012-01-01', '2012-03-31'], [np.True_, np.False_])
    """
    year = numbers["year"]
    real = year >= 1
    if "week" in numbers:
        first, real_week = _week_days(year, numbers["week"])
        return first, first + 6, real & real_week
    at, length = np.zeros(len(year), dtype=np.int64), 12
    begins = 1 if year_starts is None or "next_year" not in numbers else year_starts
    for part, months in PARTS_OF_YEAR.items():
        if part in numbers:
            at, length = (numbers[part] - 1) * months, months
            real = real & (numbers[part] >= 1) & (numbers[part] <= 12 // months)
    if "month" in numbers:
        month = numbers["month"]
        real = real & (month >= 1) & (month <= 12)
        at, length = (month - begins) % 12, 1
    if "next_year" in numbers:
        real = real & (numbers["next_year"] == year + 1)
    begin = (year.astype(np.int64) - 1970) * 12 + begins - 1 + at
    first = begin.astype("datetime64[M]").astype("datetime64[D]")
    last = (begin + length).astype("datetime64[M]").astype("datetime64[D]") - 1
    return first, last, real


def _week_days(year: np.ndarray, week: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The Mondays of ISO weeks, and which of them the year has."""
    monday = _first_monday(year) + 7 * (week.astype(np.int64) - 1)
    return monday, (week >= 1) & (monday < _first_monday(year + 1))


def _first_monday(year: np.ndarray) -> np.ndarray:
    """The Monday of each year's first ISO week: of the week that 4 January is in."""
    fourth = (year.astype(np.int64) - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3
    return fourth - (fourth.astype(np.int64) + 3) % 7


def last_days(first: np.ndarray, grain: str) -> np.ndarray:
    """The last days of periods of a grain that begin on the days `first`.

    >>> [str(day) for day in last_days(np.array(["2024-01-01", "2024-01-31"], dtype="datetime64[D]"), "month")]
    ['2024-01-31', '2024-02-28']
    """
    if grain == "week":
        return first + 6
    months = first.astype("datetime64[M]")
    after = months + _MONTHS_OF[grain]
    of_month = (first - months.astype("datetime64[D]")).astype(np.int64)
    in_month = ((after + 1).astype("datetime64[D]") - after.astype("datetime64[D]")).astype(np.int64)
    return after.astype("datetime64[D]") + np.minimum(of_month, in_month - 1) - 1
