"""What the columns of an unknown file hold, found out from what stands in them: dates, numbers, names."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.parsing import DayTaken, dates, names_day, number
from pipelines.persons import find_hetu
from pipelines.reading import RawTable, codes_of
from pipelines.warehouse.scales import fold

#: Forms of days, the likelier first, and what may stand after them.
_DAYS = (
    *("d.m.yyyy", "yyyy-mm-dd", "yyyymmdd", "d/m/yyyy", "dd/mm/yy", "m/d/yyyy", "mm/dd/yy", "yyyy/mm/dd"),
    *("d.m.yy", "d-m-yyyy", "d mmm yyyy", "d. mmm yyyy", "d-mmm-yy", "d-mmm-yyyy", "d mmm yy", "mmm d, yyyy"),
    *("yyyy.mm.dd", "ddmmyyyy", "yy-mm-dd"),
)
_TIMES = ("", " H:MM", " H:MM:SS", " H.MM", " 'klo' H.MM", "THH:MM", "THH:MM:SS")
_DAY_FORMS = tuple(f"{day}{time}" for day in _DAYS for time in _TIMES)
#: Forms of periods.
_PERIOD_FORMS = (
    *("yyyy", "yyyy/yy", "yyyy/yyyy", "yyyy-yy", "yyyy-yyyy", "yyyy–yyyy", "yyyy–yy"),
    *("Qq yyyy/yyyy", "Qq yyyy/yy", "yyyy/yy Qq", "yyyy/yyyy Qq", "yyyy-yy Qq", "Qq yyyy-yy"),
    *(
        "Qq yyyy",
        "yyyy Qq",
        "yyyyQq",
        "yyyy-Qq",
        "yyyy_Qq",
        "Qq/yyyy",
        "yyyy/Qq",
        "q/yyyy",
        "yyyy_Tq",
        "yyyyTq",
    ),
    *("yyyy-mm", "yyyy/mm", "m/yyyy", "m.yyyy", "m-yyyy", "yyyymm", "yyyy'M'mm", "yyyy_mm"),
    *("mmm yyyy", "mmm-yy", "mmm yy", "mmm-yyyy", "mmm/yyyy", "yyyy mmm", "yyyy-mmm", "mmm.yyyy"),
    *(
        "yyyy-Www",
        "yyyyWww",
        "yyyy-Ww",
        "'Week' w yyyy",
        "'vko' w/yyyy",
        "'vk' w/yyyy",
        "w/yyyy",
        "yyyy 'H'h",
        "yyyy'H'h",
    ),
)
_YEARS = (dt.date(1990, 1, 1), dt.date(2099, 12, 31))
_FIRST_BIRTHS = dt.date(1900, 1, 1)
#: So much of the distinct values must be read for a column to be of that kind.
_MOSTLY = 0.98
#: Numbers may have so many marks among them that are none.
_LEAST_NUMBERS = 0.5
_MOST_MARKS = 6
_LOOKED_AT = 5000
_WITH_COMMA = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_WITH_POINT = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_ANY_STARTS = 4
_SHORT = 3


@dataclass(frozen=True)
class Column:
    """One column of a file: its `texts` (distinct), and what they are. `forms` are those of its dates, `other_form`
    one that fits as well; `marks` are what stands among its numbers and is none; `thousands` the sign between thousands."""

    header: str
    texts: tuple[str, ...]
    rows: int
    filled: int
    forms: tuple[str, ...] = ()
    other_form: str | None = None
    is_number: bool = False
    marks: tuple[str, ...] = ()
    thousands: str | None = None
    is_person: bool = False

    @property
    def form(self) -> str | None:
        """The form of its dates, of several the first."""
        return self.forms[0] if self.forms else None

    @property
    def is_day(self) -> bool:
        return self.form in _DAY_FORMS

    @property
    def is_period(self) -> bool:
        return self.form in _PERIOD_FORMS

    @property
    def is_text(self) -> bool:
        return self.form is None and not self.is_number

    @property
    def is_key(self) -> bool:
        """Whether no two rows have the same value, or nearly none."""
        return self.rows > 1 and self.filled >= _MOSTLY * self.rows and len(self.texts) >= 0.9 * self.filled


def columns_of(raw: RawTable) -> list[Column]:
    """The columns of a file, in its order."""
    found = []
    for position, header in enumerate(raw.headers):
        column = raw.table.column(position)
        texts = column.chunk(0).dictionary if column.num_chunks else pa.array([], pa.string())
        filled = int((codes_of(column.chunk(0)) >= 0).sum()) if column.num_chunks else 0
        found.append(_column(header, texts, raw.table.num_rows, filled))
    return found


def _column(header: str, texts: pa.Array, rows: int, filled: int) -> Column:
    told = texts.drop_null()
    written = tuple(told.to_pylist())
    if not written:
        return Column(header, (), rows, 0)
    person = bool(find_hetu(told).written.any())
    looked_at = written[:_LOOKED_AT]
    fitting = [] if person else date_forms(looked_at)
    numbers, marks, thousands = _numbers(looked_at)
    # A number of eight digits may be a day, one of four a year: what reads as a date is one.
    if fitting:
        other = next((form for form in fitting[1:] if _differs(fitting[0], form, looked_at)), None)
        return Column(header, written, rows, filled, (fitting[0],), other, numbers, marks, thousands)
    several = () if person or numbers else _several_forms(looked_at)
    return Column(header, written, rows, filled, several, None, numbers, marks, thousands, person)


def date_forms(texts: Sequence[str]) -> list[str]:
    """The forms in which nearly all of the texts are dates of our time, the likelier first.

    >>> date_forms(["Q1 2011/2012", "Q2 2011/2012"]), date_forms(["12", "7"])
    (['Qq yyyy/yyyy'], [])
    """
    array = pa.array(list(texts), pa.string())
    found = []
    for form in (*_DAY_FORMS, *_PERIOD_FORMS):
        parsed = dates(array, [form], taken=DayTaken(year_starts=_ANY_STARTS))
        days = parsed.values[parsed.read]
        first = _FIRST_BIRTHS if names_day(form) else _YEARS[0]
        ours = (days >= np.datetime64(first)) & (days <= np.datetime64(_YEARS[1]))
        if len(days) and ours.sum() >= _MOSTLY * len(array):
            found.append(form)
    return found


def _several_forms(texts: Sequence[str]) -> tuple[str, ...]:
    """A form of a day with and without a time of day, where some texts have one and others not."""
    array = pa.array(list(texts), pa.string())
    for base in _DAYS:
        family = tuple(f"{base}{time}" for time in _TIMES)
        if dates(array, family).read.sum() >= _MOSTLY * len(array):
            alone = [form for form in family if dates(array, [form]).read.any()]
            return tuple(alone)
    return ()


def _differs(form: str, other: str, texts: Sequence[str]) -> bool:
    """Whether another form reads other days of the same texts."""
    array = pa.array(list(texts), pa.string())
    days = [dates(array, [one], taken=DayTaken(year_starts=_ANY_STARTS)).values for one in (form, other)]
    return bool((days[0] != days[1]).any())


def _numbers(texts: Sequence[str]) -> tuple[bool, tuple[str, ...], str | None]:
    """Whether the texts are numbers, what is none among them, and the sign between their thousands."""
    signs = [
        sign
        for sign, pattern in ((",", _WITH_COMMA), (".", _WITH_POINT))
        if any(pattern.fullmatch(text) for text in texts)
    ]
    for sign in (*signs, None):
        unread = [text for text in texts if number(text, sign) is None]
        marks = tuple(sorted(unread))
        if not unread or (
            len(texts) - len(unread) >= _LEAST_NUMBERS * len(texts) and len(marks) <= _MOST_MARKS
        ):
            return True, marks, sign
    return False, (), None


def words_match(header: str, words: Iterable[str]) -> int:
    """How well a header is called by one of the words: the length of the longest that one of its own begins or ends with.

    >>> words_match("Hoidon tarpeen arviointi", ["arvio", "hta"]), words_match("Huone", ["arvio"])
    (5, 0)
    >>> words_match("Remissnummer", ["nummer"])
    6
    """
    plain = " " + " ".join(re.split(r"[\W_]+", fold(re.sub(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])", " ", header)))) + " "
    best = 0
    for word in words:
        if not re.search(r"\w", word):
            best = max(best, word in header)
        # A short word is a word of its own, not the beginning or end of another.
        elif (
            f" {word} " in plain
            or (len(word) > _SHORT and f" {word}" in plain)
            or (len(word) > _SHORT + 1 and f"{word} " in plain)
        ):
            best = max(best, len(word))
    return best
