"""From text to dates and numbers, in the forms extracts write them. Works on distinct values at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: The forms every source may use unless its mapping says otherwise.
DATE_FORMATS = (
    "d.m.yyyy",
    "d.m.yyyy H:MM",
    "d.m.yyyy H:MM:SS",
    "yyyy-mm-dd",
    "yyyy-mm-dd HH:MM",
    "yyyy-mm-dd HH:MM:SS",
    "yyyy-mm-ddTHH:MM",
    "yyyy-mm-ddTHH:MM:SS",
    "yyyymmdd",
)
#: Date cells of a workbook have no written form; they are handed on in this one.
WORKBOOK_FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd HH:MM:SS")

#: How a value came out. A check of a required or an optional value looks at this, never at the value.
READ, BLANK, NOT_READ, AMBIGUOUS = 0, 1, 2, 3

# The token's pattern: "d" takes one or two digits as Finns write it, "dd" exactly two. A year of fewer than
# four digits is read as it stands (1.2.25 is in the year 25): it is found impossible instead of guessed.
_TOKENS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "mm": r"(?P<month>[0-9]{2})",
    "m": r"(?P<month>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "H": r"(?P<hour>[0-9]{1,2})",
    "MM": r"(?P<minute>[0-9]{2})",
    "SS": r"(?P<second>[0-9]{2})",
}
_TOKEN = re.compile("|".join(sorted(_TOKENS, key=len, reverse=True)))
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_LATEST = {"hour": 23, "minute": 59, "second": 59}


@dataclass(frozen=True)
class Parsed:
    """Values of distinct texts and whether each could be read; what could not has a meaningless value."""

    values: np.ndarray
    read: np.ndarray


def format_fault(written: str) -> str | None:
    """What is wrong with a date format of a mapping, in words; None where nothing is.

    >>> format_fault("d.m.yyyy H:MM"), format_fault("%d.%m.%Y")
    (None, "'%d.%m.%Y' has no yyyy, mm (or m) and dd (or d)")
    """
    tokens = _TOKEN.findall(written)
    parts = [_TOKENS[token].split("<")[1].split(">")[0] for token in tokens]
    if len(set(parts)) != len(parts):
        return f"{written!r} has a part twice"
    if not {"year", "month", "day"} <= set(parts):
        return f"{written!r} has no yyyy, mm (or m) and dd (or d)"
    return None


@cache
def _pattern(written: str) -> str:
    pattern, end = "", 0
    short_year = "." in written
    for token in _TOKEN.finditer(written):
        pattern += re.escape(written[end : token.start()])
        found = _TOKENS[token.group()]
        pattern += found.replace("{4}", "{1,4}") if short_year and token.group() == "yyyy" else found
        end = token.end()
    return f"^{pattern}{re.escape(written[end:])}$"


def dates(texts: pa.Array, formats: Iterable[str] = DATE_FORMATS) -> Parsed:
    """Calendar days (datetime64[D]) of texts; the time of day must be a real one and is then dropped.

    >>> parsed = dates(pa.array(["1.2.2025 9:05", "31.2.2025", "20250301", "1.2.25"]))
    >>> [str(value) if read else None for value, read in zip(parsed.values, parsed.read)]
    ['2025-02-01', None, '2025-03-01', '0025-02-01']
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
        parts = {field.name: found.field(index) for index, field in enumerate(found.type)}
        numbers = {
            name: np.asarray(parts[name].take(pa.array(matched)).cast(pa.int32()))
            for name in _PARTS
            if name in parts
        }
        year, month, day = numbers["year"], numbers["month"], numbers["day"]
        real = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
        for name, latest in _LATEST.items():
            if name in numbers:
                real &= numbers[name] <= latest
        months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
        days = months.astype("datetime64[D]") + (day - 1)
        # A day past the end of its month runs over into the next one.
        real &= days.astype("datetime64[M]") == months
        rows = left[matched[real]]
        values[rows] = days[real]
        read[rows] = True
    return Parsed(values, read)


_SPACES = " \u00a0\u202f"
_SIGN = r"[+\-\u2212]?"
#: Twelve, or twelve thousand: only the source knows.
_AMBIGUOUS = re.compile(rf"{_SIGN}[0-9]{{1,3}}[.,][0-9]{{3}}")


@cache
def _number_pattern(thousands: str | None) -> re.Pattern[str]:
    between = re.escape(_SPACES + (thousands or ""))
    decimal = "".join(sign for sign in ".," if sign != thousands)
    return re.compile(rf"{_SIGN}(?:[0-9]{{1,3}}(?:[{between}][0-9]{{3}})+|[0-9]+)(?:[{decimal}][0-9]+)?")


def number(text: str, thousands: str | None = None) -> float | None:
    """A number with a decimal comma or point, thousands by space or no-break space; None for anything else.

    `thousands` is a sign that stands between thousands as well; it is then never the decimal sign.

    >>> number("1 234,5"), number("84.6"), number("-3"), number("1,2,3"), number("n. 20")
    (1234.5, 84.6, -3.0, None, None)
    >>> number("25,335", thousands=","), number("1.234.567,5", thousands="."), number("2,5", thousands=",")
    (25335.0, 1234567.5, None)
    """
    if _number_pattern(thousands).fullmatch(text) is None:
        return None
    bare = text.translate(dict.fromkeys(map(ord, _SPACES + (thousands or ""))))
    value = float(bare.replace(",", ".").replace("\u2212", "-"))
    return value if np.isfinite(value) else None


def is_ambiguous(text: str) -> bool:
    """Whether a comma or point of a number may stand between thousands or before decimals.

    >>> is_ambiguous("12,000"), is_ambiguous("-1.250"), is_ambiguous("12,5"), is_ambiguous("1200,000")
    (True, True, False, False)
    """
    return _AMBIGUOUS.fullmatch(text) is not None


def numbers(texts: pa.Array, thousands: str | None = None) -> Parsed:
    """Numbers (float64) of texts."""
    found = [number(text, thousands) for text in texts.to_pylist()]
    return Parsed(
        np.array([np.nan if value is None else value for value in found], dtype=float),
        np.array([value is not None for value in found], dtype=bool),
    )


def whole_numbers(texts: pa.Array, thousands: str | None = None) -> Parsed:
    """Whole numbers (float64) of texts; a number with a fraction is not one."""
    parsed = numbers(texts, thousands)
    read = parsed.read & (np.abs(parsed.values) < 2**53)
    read &= np.floor(np.where(read, parsed.values, 0)) == np.where(read, parsed.values, 0)
    return Parsed(parsed.values, read)


_TRUTHS = {
    **dict.fromkeys(("yes", "kyllä", "ja", "true", "tosi", "1", "k", "y"), True),
    **dict.fromkeys(("no", "ei", "nej", "false", "epätosi", "0", "e", "n"), False),
}


def truths(texts: pa.Array) -> Parsed:
    """Yes or no (bool), in Finnish, Swedish or English."""
    found = [_TRUTHS.get(text.casefold()) for text in texts.to_pylist()]
    return Parsed(
        np.array([bool(value) for value in found], dtype=bool),
        np.array([value is not None for value in found], dtype=bool),
    )
