"""What the columns of an unknown file contain: dates, numbers, names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pipelines.identity_codes import find_hetu
from pipelines.reading.numbers import number
from pipelines.reading.table import RawTable, codes_of
from pipelines.suggest.date_forms import MOSTLY, date_forms, differ, is_day_form, several_forms
from pipelines.warehouse.scales import fold

#: Numbers may have so many marks among them that are none.
_LEAST_NUMBERS = 0.5
_MOST_MARKS = 6
_LOOKED_AT = 5000
_FEW_WORDS = 0.1
_WITH_COMMA = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_WITH_POINT = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_SHORT = 3
#: Letters of an identity code, with a sign or two around it.
_LONGEST_CODE = 13


@dataclass(frozen=True)
class Column:
    """One column of a file and its distinct `texts`. `forms` are those of its dates, `other_form` another that fits;
    `marks` are non-numbers among its numbers; `thousands` the sign between thousands; `words` non-dates among its
    dates, in a row of totals; `codes` number the texts of the rows, below 0 of blank cells. `has_identity_codes` where any text
    has a personal identity code: the column is the person only where most are one (`is_person`), else it is for nothing.
    """

    header: str
    texts: tuple[str, ...]
    rows: int
    filled: int
    forms: tuple[str, ...] = ()
    other_form: str | None = None
    is_number: bool = False
    marks: tuple[str, ...] = ()
    thousands: str | None = None
    has_identity_codes: bool = False
    is_person: bool = False
    words: tuple[str, ...] = ()
    code_by_text: Mapping[str, int] = field(default_factory=dict, compare=False)
    codes: np.ndarray = field(default_factory=lambda: np.array([], dtype=np.int32), compare=False)

    @property
    def form(self) -> str | None:
        """The form of its dates, of several the first."""
        return self.forms[0] if self.forms else None

    @property
    def is_day(self) -> bool:
        return is_day_form(self.form)

    @property
    def is_text(self) -> bool:
        return self.form is None and not self.is_number

    @property
    def is_key(self) -> bool:
        """Whether no two rows have the same value, or nearly none."""
        return self.rows > 1 and self.filled >= MOSTLY * self.rows and len(self.texts) >= 0.9 * self.filled

    def code_of(self, text: str) -> int:
        """The number in `codes` of a text."""
        return self.code_by_text[text]

    def values(self) -> np.ndarray:
        """The number of each row; nan where there is none."""
        read = {text: number(text, self.thousands) for text in self.texts}
        by_code = {self.code_by_text[text]: value for text, value in read.items() if value is not None}
        return np.array([by_code.get(code, np.nan) for code in self.codes.tolist()], dtype=float)

    @property
    def has_zeros_in_front(self) -> bool:
        return self.is_number and any(re.fullmatch(r"0\d+", text) for text in self.texts)


def columns_of(raw: RawTable) -> list[Column]:
    """The columns of a file, in its order."""
    columns = [column.chunk(0) for column in raw.table.itercolumns() if column.num_chunks]
    if not columns:
        return [Column(header, (), 0, 0) for header in raw.headers]
    return [
        _column(header, codes_of(column), column.dictionary)
        for header, column in zip(raw.headers, columns, strict=True)
    ]


def _column(header: str, codes: np.ndarray, texts: pa.Array) -> Column:
    rows, filled = len(codes), int((codes >= 0).sum())
    _, first = np.unique(codes[codes >= 0], return_index=True)
    once = codes[codes >= 0][np.sort(first)]
    distinct_texts = texts.take(pa.array(once))
    written = tuple(distinct_texts.to_pylist())
    numbered = dict(zip(written, once.tolist(), strict=True))
    if not written:
        return Column(header, (), rows, 0, codes=codes)
    with_code = find_hetu(distinct_texts).written
    person = bool(with_code.any())
    looked_at = written[:_LOOKED_AT]
    words = () if person else _words_among(looked_at)
    dated = [text for text in looked_at if text not in words]
    fitting = [] if person else date_forms(dated)
    numbers, marks, thousands = _numbers(looked_at)
    # A number of eight digits may be a day, one of four a year: what reads as a date is one.
    if fitting:
        other = next((form for form in fitting[1:] if differ(fitting[0], form, dated)), None)
        forms: tuple[str, ...] = (fitting[0],)
    else:
        other, forms = None, () if person or numbers else several_forms(dated)
    words = words if forms else ()
    # A comment that names somebody is no column of people: most texts are a code and nothing else.
    alone = with_code & np.array([len(text.strip()) <= _LONGEST_CODE for text in written])
    people = bool(alone.mean() > 0.5)
    return Column(
        header,
        written,
        rows,
        filled,
        forms,
        other,
        numbers,
        marks,
        thousands,
        person,
        people,
        words,
        numbered,
        codes,
    )


def _words_among(texts: Sequence[str]) -> tuple[str, ...]:
    """Return texts without a digit among others that have some: the labels of a row of totals or averages."""
    words = tuple(text for text in texts if not any(map(str.isdecimal, text)))
    return words if len(words) <= _FEW_WORDS * len(texts) else ()


def _numbers(texts: Sequence[str]) -> tuple[bool, tuple[str, ...], str | None]:
    """Whether the texts are numbers, the non-numbers among them, and the sign between their thousands."""
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
    """Return how well a header matches words: the length of the longest that a word of it begins or ends with.

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
