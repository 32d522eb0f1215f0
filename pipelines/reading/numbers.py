"""From text to numbers, and to yes or no, in the forms extracts write them."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa

from pipelines.reading.parsed import Parsed

_SPACES = " \u00a0\u202f\u2007\u2009"

#: An apostrophe is written straight or curved.
_APOSTROPHES = "'\u2019"

_SIGN = r"[+\-\u2212]?"

#: Twelve, or twelve thousand: only the source knows.
_AMBIGUOUS = re.compile(rf"{_SIGN}[0-9]{{1,3}}[.,][0-9]{{3}}")


@cache
def _number_pattern(thousands: str | None) -> re.Pattern[str]:
    between = re.escape(_thousands_signs(thousands))
    decimal = "".join(sign for sign in ".," if sign != thousands)
    # No number of thousands begins with 0: `0,500` is not 500.
    parted = rf"[1-9][0-9]{{0,2}}(?:[{between}][0-9]{{3}})+"
    return re.compile(rf"{_SIGN}(?:{parted}|[0-9]+)(?:[{decimal}][0-9]+)?")


def _thousands_signs(declared: str | None) -> str:
    return _SPACES + (_APOSTROPHES if declared in tuple(_APOSTROPHES) else declared or "")


_PERCENT = re.compile(rf"[{_SPACES}]*%$")


def is_percent(text: str) -> bool:
    """Whether a number is written with a percent sign."""
    return text.endswith("%")


def number(text: str, thousands: str | None = None) -> float | None:
    """A number with a decimal comma or point, thousands by space or no-break space; None for anything else.

    `thousands` is another sign between thousands, then never the decimal sign. A percent sign after the number is
    ignored.

    >>> number("1 234,5"), number("84.6"), number("-3"), number("1,2,3"), number("n. 20")
    (1234.5, 84.6, -3.0, None, None)
    >>> number("25,335", thousands=","), number("1.234.567,5", thousands="."), number("2,5", thousands=",")
    (25335.0, 1234567.5, None)
    >>> number("25\u2019335", thousands="'"), number("0,500", thousands=","), number("25\u2009335")
    (25335.0, None, 25335.0)
    >>> number("85,5 %"), number("%")
    (85.5, None)
    """
    text = _PERCENT.sub("", text) if is_percent(text) else text
    if _number_pattern(thousands).fullmatch(text) is None:
        return None
    bare = text.translate(dict.fromkeys(map(ord, _thousands_signs(thousands))))
    value = float(bare.replace(",", ".").replace("\u2212", "-"))
    return value if np.isfinite(value) else None


def is_ambiguous(text: str) -> bool:
    """Whether a comma or point of a number may separate thousands or decimals.

    >>> is_ambiguous("12,000"), is_ambiguous("-1.250"), is_ambiguous("12,5"), is_ambiguous("1200,000")
    (True, True, False, False)
    """
    return _AMBIGUOUS.fullmatch(text) is not None


def numbers(texts: pa.Array, thousands: str | None = None, percent: bool = False) -> Parsed:
    """Numbers (float64) of texts; those with a percent sign only with `percent`."""
    found = [
        number(text, thousands) if percent or not is_percent(text) else None for text in texts.to_pylist()
    ]
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
