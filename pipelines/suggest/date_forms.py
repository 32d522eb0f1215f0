"""The forms of dates and periods in texts of an unknown file."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import pyarrow as pa

from pipelines.reading.dates import DayTaken, dates, format_fault, names_day
from pipelines.reading.periods import month_number

#: Forms of days, the likelier first, and what may follow them.
_DAYS = (
    *("d.m.yyyy", "yyyy-mm-dd", "yyyymmdd", "d/m/yyyy", "dd/mm/yy", "m/d/yyyy", "mm/dd/yy", "yyyy/mm/dd"),
    *("d.m.yy", "d-m-yyyy", "d mmm yyyy", "d. mmm yyyy", "d-mmm-yy", "d-mmm-yyyy", "d mmm yy", "mmm d, yyyy"),
    *("yyyy.mm.dd", "ddmmyyyy", "yy-mm-dd", "dd-mm-yy"),
)
_TIMES = ("", " H:MM", " H:MM:SS", " H.MM", " 'klo' H.MM", " 'kl.' H.MM", "THH:MM", "THH:MM:SS")
_DAY_FORMS = tuple(f"{day}{time}" for day in _DAYS for time in _TIMES)
#: Forms of periods. `T` before a number up to 3 is a third of a year before it is a quarter: both are tried.
_PERIOD_FORMS = (
    *("yyyy", "yyyy/yy", "yyyy/yyyy", "yyyy-yy", "yyyy-yyyy", "yyyy–yyyy", "yyyy–yy"),
    *("Qq yyyy/yyyy", "Qq yyyy/yy", "yyyy/yy Qq", "yyyy/yyyy Qq", "yyyy-yy Qq", "Qq yyyy-yy"),
    *(
        "yyyyQq",
        "q/yyyy",
        "yyyy-mm",
        "yyyy/mm",
        "m/yyyy",
        "m.yyyy",
        "m-yyyy",
        "yyyymm",
        "yyyy'M'mm",
        "yyyy_mm",
    ),
    *("mmm yyyy", "mmm-yy", "mmm yy", "mmm-yyyy", "mmm/yyyy", "yyyy mmm", "yyyy-mmm", "mmm.yyyy"),
    *("yyyy-Www", "yyyyWww", "yyyy-Ww", "w/yyyy"),
)
_YEARS = (dt.date(1990, 1, 1), dt.date(2099, 12, 31))
_FIRST_BIRTHS = dt.date(1900, 1, 1)
#: How many texts the possible forms are taken from.
_LOOKED_AT = 50
#: So much of the distinct values must be read for a column to be of that kind.
MOSTLY = 0.98
_ANY_STARTS = 4
#: What a number may be that follows a word, by what the word begins with.
_PART_WORDS = {
    "w": ("w", "wk", "week", "v", "vk", "vko", "viikko", "vecka", "uge", "uke"),
    "q": ("q", "k", "kv", "kvartal", "quarter", "qtr", "neljannes", "neljännes"),
    "t": ("t", "tertial", "tertiaali"),
    "h": ("h", "half", "halvar", "halvår", "puolivuosi"),
}
_TOKENS = re.compile(r"\d+|[^\W\d_]+|[\W_]+")
_MONTH_WORDS = ("m", "kk", "kuukausi", "month", "man", "manad", "månad")
_QUOTED = re.compile(r"'([^']*)'")
_FEW_TOKENS = 5
#: Of a text with more of these no form is made up.
_MOST_TOKENS = 9
_SAMPLES = 3


def date_forms(texts: Sequence[str]) -> list[str]:
    """The forms in which nearly all of the texts are dates of our time, the likelier first.

    >>> date_forms(["Q1 2011/2012", "Q2 2011/2012"]), date_forms(["12", "7"])
    (['Qq yyyy/yyyy'], [])
    >>> date_forms(["vko 1/2025", "vko 52/2024"]), date_forms(["RTT-March-2025"])
    (["'vko' w/yyyy"], ["'RTT'-mmm-yyyy"])
    """
    sample = [text for text in texts[:_LOOKED_AT] if any(map(str.isdecimal, text))]
    if not sample:
        return []
    signs = {_signs(text) for text in sample}
    array = pa.array(list(texts), pa.string())
    found = [form for form in (*_DAY_FORMS, *_PERIOD_FORMS) if _may_read(form, signs) and _read(array, form)]
    return found or [form for form in _made_up(sample) if _read(array, form)]


def is_day_form(form: str | None) -> bool:
    return form is not None and names_day(form)


def several_forms(texts: Sequence[str]) -> tuple[str, ...]:
    """A form of a day with and without a time of day, where some texts have one and others not."""
    signs = {_signs(text) for text in texts[:_LOOKED_AT]}
    array = pa.array(list(texts), pa.string())
    for base in _DAYS:
        if not _may_read(base, signs):
            continue
        family = tuple(f"{base}{time}" for time in _TIMES)
        if dates(array, family).read.sum() >= MOSTLY * len(array):
            return tuple(form for form in family if dates(array, [form]).read.any())
    return ()


def differ(form: str, other: str, texts: Sequence[str]) -> bool:
    """Whether another form reads other days of the same texts."""
    array = pa.array(list(texts), pa.string())
    for last in (False, True):
        taken = DayTaken(last=last, year_starts=_ANY_STARTS)
        days = [dates(array, [one], taken=taken).values for one in (form, other)]
        if (days[0] != days[1]).any():
            return True
    return False


def _read(array: pa.Array, form: str) -> bool:
    parsed = dates(array, [form], taken=DayTaken(year_starts=_ANY_STARTS))
    days = parsed.values[parsed.read]
    first = _FIRST_BIRTHS if names_day(form) else _YEARS[0]
    ours = (days >= np.datetime64(first)) & (days <= np.datetime64(_YEARS[1]))
    return bool(len(days) and ours.sum() >= MOSTLY * len(array))


@cache
def _signs(written: str) -> str:
    """Return the signs between the words and numbers of a text or form, without the points of abbreviated months.

    >>> _signs("1.3.2025 klo 9.05"), _signs("d.m.yyyy 'klo' H.MM"), _signs("d. mmm yyyy")
    ('..  .', '..  .', '  ')
    """
    plain = re.sub(r"(?<=[^\W\d_]{3})\.|\.(?= )", "", written)
    return re.sub(r"[^\W_]+|'", "", plain)


def _may_read(form: str, signs: set[str]) -> bool:
    """Whether a form has the signs of one of the texts; after a time of day more may follow."""
    own = _signs(form)
    return any(own == one or (":" in own and one.startswith(own)) for one in signs)


def _made_up(texts: Sequence[str]) -> list[str]:
    """Forms made of the words and numbers of a few texts: `Week ending 3 March 2025`, `1. kvartal 2025`."""
    forms: dict[str, None] = {}
    # The longest have the most digits.
    for text in sorted(texts, key=len)[-_SAMPLES:]:
        tokens = _TOKENS.findall(text)
        if len(tokens) <= _MOST_TOKENS:
            forms |= dict.fromkeys("".join(one) for one in itertools.product(*_choices(tokens)))
    return [form for form in forms if format_fault(form) is None and not _guesses(form)]


def _guesses(form: str) -> bool:
    """Whether a form assumes what a number is: a year of two digits, a month in `Period 3 2025`."""
    words = _QUOTED.findall(form)
    numbers = _QUOTED.sub("", form)
    if "yyyy" not in numbers and "mmm" not in numbers and not any(part in numbers for part in _PART_WORDS):
        return True
    return (
        bool(words)
        and "m" in numbers.replace("mmm", "")
        and not names_day(form)
        and not any(word.casefold() in _MONTH_WORDS for word in words)
    )


def _choices(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """What each word, number and sign of a text may be in a form."""
    words = [token.casefold() for token in tokens if token.isalpha() and not _is_month(token)]
    months = any(map(_is_month, tokens))
    hints = [
        part for part, known in _PART_WORDS.items() if not months and any(word in known for word in words)
    ]
    for token in tokens:
        if token.isdecimal():
            yield _of_number(token, hints)
        elif token.isalpha():
            yield ("mmm",) if _is_month(token) else (_literal(token, len(tokens)),)
        else:
            yield (token.replace("'", ""),)


def _is_month(token: str) -> bool:
    return len(token) > 2 and month_number(token) > 0


def _literal(token: str, count: int) -> str:
    """A word as a form names it. A capital before the number of a period needs no quotation marks."""
    return token if token in ("Q", "T", "W") and count <= _FEW_TOKENS else f"'{token}'"


def _of_number(token: str, hints: Sequence[str]) -> Sequence[str]:
    if len(token) == 4:
        return ("yyyy",)
    if len(token) > 2:
        return (f"'{token}'",)
    if hints:
        return (*(part for hint in hints for part in (("t", "q") if hint == "t" else (hint,))), "yy")
    return ("dd", "mm", "yy") if len(token) == 2 and token[0] == "0" else ("d", "m", "yy")
