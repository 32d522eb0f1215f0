"""From text to dates and numbers, in the forms extracts write them. Works on distinct values at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.mapping.faults import Fault
from pipelines.reading.parsed import Parsed
from pipelines.reading.periods import last_days, month_number, period_days

#: The forms every source may use unless its mapping says otherwise. A time of day may be followed by a fraction of a
#: second and an offset from UTC.
DATE_FORMATS = (
    "d.m.yyyy",
    "d.m.yyyy H:MM",
    "d.m.yyyy H:MM:SS",
    "d.m.yyyy H.MM",
    "d.m.yyyy H.MM.SS",
    "d.m.yyyy klo H.MM",
    "d.m.yyyy klo H:MM",
    "yyyy-mm-dd",
    "yyyy-mm-dd H:MM",
    "yyyy-mm-dd H:MM:SS",
    "yyyy-mm-ddTHH:MM",
    "yyyy-mm-ddTHH:MM:SS",
    "yyyymmdd",
)

#: Date cells of a workbook have no written form; they are handed on in this one.
WORKBOOK_FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd HH:MM:SS")

#: The zone whose calendar days count.
LOCAL_ZONE = "Europe/Helsinki"

#: Of years written with two digits those up to this one are of this century, unless stated otherwise.
LATEST_SHORT_YEAR = 68

# The token's pattern: "d" takes one or two digits as Finns write it, "dd" exactly two. A year of fewer than
# four digits is read literally (1.2.25 is in the year 25): it is found impossible instead of guessed.
_DAY_TOKENS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "yy": r"(?P<short_year>[0-9]{2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "mm": r"(?P<month>[0-9]{2})",
    "m": r"(?P<month>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "H": r"(?P<hour>[0-9]{1,2})",
    "MM": r"(?P<minute>[0-9]{2})",
    "SS": r"(?P<second>[0-9]{2})",
    "mmm": r"(?P<month_name>\p{L}+\.?)",
}

# Parts of a year are tokens only in a form that has no day: `yyyy-mm-ddtHH:MM` has none of them.
_PERIOD_TOKENS = {
    "q": r"(?P<quarter>[1-4])",
    "t": r"(?P<third>[1-3])",
    "h": r"(?P<half>[12])",
    "ww": r"(?P<week>[0-9]{2})",
    "w": r"(?P<week>[0-9]{1,2})",
}

_TOKENS = {**_DAY_TOKENS, **_PERIOD_TOKENS}

#: Words in a form are quoted with apostrophes where their letters would be tokens.
_QUOTED = re.compile(r"'([^']+)'")

_DAY_TOKEN, _ANY_TOKEN = (
    re.compile("|".join([_QUOTED.pattern, *sorted(tokens, key=len, reverse=True)]))
    for tokens in (_DAY_TOKENS, _TOKENS)
)

_PARTS = (
    *("year", "short_year", "next_year", "short_next_year", "month", "day", "hour", "minute", "second"),
    *("quarter", "third", "half", "week"),
)

#: Of these a form without a day may have one.
_PART_OF_YEAR = frozenset({"month", "quarter", "third", "half", "week"})

_LATEST = {"hour": 23, "minute": 59, "second": 59}

_FRACTION = r"(?:[.,][0-9]{1,9})?"

_OFFSET = r"(?: ?(?P<offset>Z|z|UTC|[+\-][0-9]{2}(?::?[0-9]{2})?))?"


def format_fault(written: str) -> Fault | None:
    """What is wrong with a date format of a mapping, in words; None where nothing is.

    >>> format_fault("d.m.yyyy H:MM"), str(format_fault("%d.%m.%Y"))
    (None, "'%d.%m.%Y' has no year: yyyy (or yy)")
    """
    parts = _parts(written)
    within = _PART_OF_YEAR & set(parts)
    if len(set(parts)) != len(parts):
        return Fault("form_twice", form=written)
    if "year" not in parts:
        return Fault("form_no_year", form=written)
    if "day" in parts:
        if within != {"month"} or "next_year" in parts:
            return Fault("form_day", form=written)
    elif len(within) > 1:
        return Fault("form_several", form=written, parts=", ".join(sorted(within)))
    elif {"hour", "minute", "second"} & set(parts):
        return Fault("form_time", form=written)
    elif "next_year" in parts and "week" in parts:
        return Fault("form_week", form=written)
    return None


def names_two_years(written: str) -> bool:
    """Whether a form is of a year that goes from one calendar year into the next.

    >>> names_two_years("yyyy/yy"), names_two_years("d.m.yyyy")
    (True, False)
    """
    return "next_year" in _parts(written)


def _parts(written: str) -> list[str]:
    """Return the parts of a date that a form has; of two years the second is the next one."""
    return [
        part.removeprefix("short_").replace("month_name", "month")
        for part in re.findall(r"\?P<(\w+)>", _pattern(written))
        if part != "offset"
    ]


def _pieces(written: str) -> list[tuple[str, bool]]:
    """A format in its tokens (True) and the text between them (False)."""
    token_of = _DAY_TOKEN if names_day(written) else _ANY_TOKEN
    pieces: list[tuple[str, bool]] = []
    end = 0
    for token in token_of.finditer(written):
        quoted = _QUOTED.fullmatch(token.group())
        pieces += [
            (written[end : token.start()], False),
            (quoted[1], False) if quoted else (token.group(), True),
        ]
        end = token.end()
    return [*pieces, (written[end:], False)]


def names_day(written: str) -> bool:
    """Whether a form is of a day, not of a longer period.

    >>> names_day("d.m.yyyy"), names_day("mmm yyyy")
    (True, False)
    """
    return any(match.group() in ("d", "dd") for match in _DAY_TOKEN.finditer(written))


@cache
def _pattern(written: str) -> str:
    pattern = ""
    short_year = "." in written and names_day(written)
    pieces = _pieces(written)
    for text, is_token in pieces:
        if not is_token:
            pattern += re.escape(text)
            continue
        found = _TOKENS[text]
        if text in ("yyyy", "yy") and "year>" in pattern:
            found = found.replace("year>", "next_year>")
        pattern += found.replace("{4}", "{1,4}") if short_year and text == "yyyy" else found
    if ("MM", True) in pieces:
        pattern += (_FRACTION if ("SS", True) in pieces else "") + _OFFSET
    return f"^{pattern}$" if names_day(written) else f"(?i)^{pattern}$"


@dataclass(frozen=True)
class DayTaken:
    """Which day a date field takes where a text is of a period: its first or `last`.

    A text of a day is itself a period of `grain`, where one is declared, beginning on it. `year_starts` is the month in
    which a year written as two begins.
    """

    last: bool = False
    grain: str | None = None
    year_starts: int | None = None


FIRST_DAY = DayTaken()


def dates(
    texts: pa.Array,
    formats: Iterable[str] = DATE_FORMATS,
    zone: str | None = None,
    latest_short_year: int = LATEST_SHORT_YEAR,
    taken: DayTaken = FIRST_DAY,
) -> Parsed:
    """Return the calendar days (datetime64[D]) of texts; a time of day must be a real one and is then dropped.

    Days are those of Finland: a time with an offset, or of another `zone`, is converted first.

    >>> parsed = dates(pa.array(["1.2.2025 9:05", "31.2.2025", "20250301", "1.2.25", "2025-03-02T22:30:00Z"]))
    >>> [str(value) if read else None for value, read in zip(parsed.values, parsed.read)]
    ['2025-02-01', None, '2025-03-01', '0025-02-01', '2025-03-03']
    """
    values = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[D]")
    read = np.zeros(len(texts), dtype=bool)
    for written in formats:
        left = np.flatnonzero(~read)
        if not len(left):
            break
        found = pc.extract_regex(texts.take(pa.array(left)), _pattern(written))
        matched = np.flatnonzero(np.asarray(found.is_valid()))
        if not len(matched):
            continue
        parts = {
            field.name: found.field(index).take(pa.array(matched)) for index, field in enumerate(found.type)
        }
        numbers = _numbers(parts, latest_short_year)
        if "day" in numbers:
            days, real = _days(numbers)
            if "minute" in numbers:
                days = _local_days(days, real, numbers, parts["offset"], zone)
            if taken.last and taken.grain is not None:
                days = last_days(days, taken.grain)
        else:
            first, last, real = period_days(numbers, taken.year_starts)
            days = last if taken.last else first
        rows = left[matched[real]]
        values[rows] = days[real]
        read[rows] = True
    return Parsed(values, read)


def _numbers(parts: Mapping[str, pa.Array], latest_short_year: int) -> dict[str, np.ndarray]:
    """Return the parts of dates as numbers: years with their centuries, months of names; 0 where a name is no month."""
    numbers = {name: np.asarray(parts[name].cast(pa.int32())) for name in _PARTS if name in parts}
    for name in ("year", "next_year"):
        if f"short_{name}" in numbers:
            short = numbers.pop(f"short_{name}")
            century = np.where(short <= latest_short_year, 2000, 1900)
            if name == "next_year":
                # 2024/25, and 1999/00.
                century = numbers["year"] // 100 * 100 + np.where(numbers["year"] % 100 == 99, 100, 0)
            numbers[name] = short + century
    if "month_name" in parts:
        names = [month_number(name) for name in parts["month_name"].to_pylist()]
        numbers["month"] = np.array(names, dtype=np.int32)
    return numbers


#: Days that systems write where there is none: the first and last day they know.
_NO_DAYS = np.array(
    ["0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01"], dtype="datetime64[D]"
)

_NEVER = np.array([2999, 9999]) - 1970


def stands_for_none(days: np.ndarray) -> np.ndarray:
    """Return which days are placeholders for no day.

    >>> list(stands_for_none(np.array(["9999-12-31", "1900-01-01", "2025-03-10"], dtype="datetime64[D]")))
    [np.True_, np.True_, np.False_]
    """
    return np.isin(days, _NO_DAYS) | np.isin(days.astype("datetime64[Y]").astype(np.int64), _NEVER)


def _days(numbers: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    year, month, day = numbers["year"], numbers["month"], numbers["day"]
    real = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    for name, latest in _LATEST.items():
        if name in numbers:
            real &= numbers[name] <= latest
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    # A day past the end of its month runs over into the next one.
    return days, real & (days.astype("datetime64[M]") == months)


def _local_days(
    days: np.ndarray, real: np.ndarray, numbers: Mapping[str, np.ndarray], offset: pa.Array, zone: str | None
) -> np.ndarray:
    """The days in Finland of times of day elsewhere: where an offset is written, or in `zone`."""
    written = np.asarray(pc.not_equal(pc.fill_null(offset, ""), ""))
    elsewhere = real & (written | (zone not in (None, LOCAL_ZONE)))
    # Beyond these years pandas knows no time, and none is meant.
    elsewhere &= (numbers["year"] >= 1700) & (numbers["year"] <= 2200)
    if not elsewhere.any():
        return days
    at = np.flatnonzero(elsewhere)
    minutes = (numbers["hour"] * 60 + numbers["minute"])[at]
    times = days[at].astype("datetime64[s]") + (minutes * 60).astype("timedelta64[s]")
    texts = offset.take(pa.array(at)).to_pylist()
    naive = pd.DatetimeIndex(times)
    moved = naive - pd.to_timedelta([_offset_minutes(text) for text in texts], unit="m")
    utc = moved.tz_localize("UTC")
    if zone not in (None, LOCAL_ZONE):
        there = naive.tz_localize(
            zone, ambiguous=np.ones(len(naive), dtype=bool), nonexistent="shift_forward"
        )
        utc = utc.where(written[at], there.tz_convert("UTC"))
    local = utc.tz_convert(LOCAL_ZONE).tz_localize(None)
    turned = days.copy()
    turned[at] = local.to_numpy().astype("datetime64[D]")
    return turned


def _offset_minutes(text: str | None) -> int:
    """How far a time is from UTC.

    >>> _offset_minutes("+02:00"), _offset_minutes("-0330"), _offset_minutes("Z"), _offset_minutes("+03")
    (120, -210, 0, 180)
    """
    if not text or text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "")
    return int(f"{text[0]}1") * (int(digits[:2]) * 60 + int(digits[2:] or 0))
