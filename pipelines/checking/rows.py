"""The rows of a recognised file, field by field: codes into distinct texts, and those texts parsed."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indicators.catalogue.datasets import CODE, DATASETS, PERSON, TEXT
from pipelines.checking.codes import Meaning
from pipelines.checking.fields import (
    COUNTED,
    DATE,
    FIELDS,
    NUMBER,
    NUMBER_KINDS,
    PARSED_KINDS,
    PERCENTS,
    TRUTH,
    YEAR,
    Field,
)
from pipelines.mapping.conditions import Condition, conditions_hold
from pipelines.mapping.recognise import Recognised, fold
from pipelines.mapping.source import Output
from pipelines.reading.dates import (
    FIRST_DAY,
    LATEST_SHORT_YEAR,
    WORKBOOK_FORMATS,
    DayTaken,
    dates,
    names_day,
    stands_for_none,
)
from pipelines.reading.numbers import is_ambiguous, numbers, truths, whole_numbers
from pipelines.reading.parsed import AMBIGUOUS, BLANK, NOT_READ, READ, Parsed
from pipelines.reading.table import RawTable, coded, codes_of


class Rows:
    """The fields of one output of a file, row by row: as codes into distinct texts, and parsed.

    `at` are the positions in the file of the rows that belong to the output; `taken` is whether each row of the file
    does.
    """

    def __init__(self, raw: RawTable, found: Recognised, output: Output, extract_date: dt.date) -> None:
        self.raw = raw
        self.found = found
        self.output = output
        self.dataset = output.dataset
        self.fields = {field.name: field for field in FIELDS[self.dataset]}
        self.count = raw.table.num_rows
        self.at = np.arange(self.count)
        self.numbers = raw.row_numbers
        self.formats = date_formats(raw, found)
        self._extract_date = extract_date.isoformat()
        self.codes: dict[str, np.ndarray] = {}
        self.texts: dict[str, pa.Array] = {}
        self.parsed: dict[str, Parsed] = {}
        self._ambiguous: dict[str, np.ndarray] = {}
        for name, field in self.fields.items():
            self._take(field, name)
        self.taken = self._holds(output.where)

    def chosen(self, wanted: np.ndarray) -> Rows:
        """The same fields of only the rows that `wanted` (one truth per row) names."""
        if wanted.all():
            return self
        at = np.flatnonzero(wanted)
        fewer = copy.copy(self)
        fewer.count, fewer.at, fewer.numbers = len(at), self.at[at], self.numbers[at]
        fewer.codes = {name: codes[at] for name, codes in self.codes.items()}
        fewer.taken = self.taken[at]
        return fewer

    def _take(self, field: Field, name: str) -> None:
        column = self._column(name)
        if field.kind in (CODE, PERSON) or (field.kind == TEXT and name in DATASETS[self.dataset].key):
            column = without_point_zero(column)
        self.codes[name], self.texts[name] = codes_of(column), column.dictionary
        if field.kind == DATE:
            formats = self.formats
            if any(rule.field == name and rule.taken_from for rule in self.output.set_rules):
                formats = tuple(dict.fromkeys((*formats, "yyyy-mm-dd")))
            self._take_dates(field, column, formats)
        elif field.kind in (*NUMBER_KINDS, YEAR):
            self._take_numbers(field, column.dictionary)
        elif field.kind == TRUTH:
            self.parsed[name] = truths(column.dictionary)
        elif field.kind == CODE and field.domain in ("municipality", "area"):
            width = 3 if field.domain == "municipality" else 2
            self._retext(name, lambda text: text.zfill(width) if text.isdecimal() else text)
        elif field.kind not in PARSED_KINDS and field.kind != CODE and name in self.found.source.values:
            values = self.found.source.values[name]
            self._retext(name, lambda text: values.get(text, text))

    def _take_numbers(self, field: Field, texts: pa.Array) -> None:
        """Parse a field's numbers; where things are counted, an ambiguous one is not read."""
        name, thousands = field.name, self.found.source.reading.thousands
        if field.kind == NUMBER:
            parsed = numbers(texts, thousands, name in PERCENTS.get(self.dataset, ()))
        else:
            parsed = whole_numbers(texts, thousands)
        if field.kind in NUMBER_KINDS and thousands is None:
            ambiguous = np.array([is_ambiguous(text) for text in texts.to_pylist()], dtype=bool)
            self._ambiguous[name] = ambiguous
            if name in COUNTED.get(self.dataset, ()):
                parsed = Parsed(parsed.values, parsed.read & ~ambiguous)
        self.parsed[name] = parsed

    def _take_dates(self, field: Field, column: pa.DictionaryArray, formats: tuple[str, ...]) -> None:
        """Parse a field's dates; where a date may be missing, a placeholder day is none."""
        latest = LATEST_SHORT_YEAR
        if field.name == "birth_date":
            # Nobody is born after the extract.
            latest = int(self._extract_date[2:4])
        reading = self.found.source.reading
        taken = day_taken(self.found, self.output, field.name)
        if field.name not in self.output.dates:
            # Which day of a month or year something happened on is not known.
            formats = tuple(filter(names_day, formats))
        parsed = dates(column.dictionary, formats, reading.timezone, latest, taken)
        self.parsed[field.name] = parsed
        if not field.required and field.name not in self.output.required:
            none = np.flatnonzero(stands_for_none(parsed.values))
            if len(none):
                codes = self.codes[field.name].copy()
                codes[np.isin(codes, none)] = -1
                self.codes[field.name] = codes

    def _column(self, name: str) -> pa.DictionaryArray:
        """The texts of a field: from its columns in order of preference, from set rules, from a constant."""
        column = _none(self.count)
        for position in self.found.columns[self.dataset].get(name, ()):
            column = _filled(column, self._raw(position))
        for rule in reversed([rule for rule in self.output.set_rules if rule.field == name]):
            value = self._extract_date if rule.taken_from else rule.value
            column = _where(self._holds(rule.when), value, column)
        if name in self.output.constants:
            column = _filled(column, _constant(self.output.constants[name], self.count))
        return column

    def _holds(self, conditions: Iterable[Condition]) -> np.ndarray:
        return conditions_hold(conditions, self._looked_at, self.count)

    def _looked_at(self, header: str) -> pa.DictionaryArray | None:
        position = self.found.when.get(fold(header))
        return None if position is None else self._raw(position)

    def _raw(self, position: int) -> pa.DictionaryArray:
        column = self.raw.table.column(position)
        return column.chunk(0) if column.num_chunks else _none(0)

    def _retext(self, name: str, change: Callable[[str], str]) -> None:
        """Write each distinct text of a field in another way; texts that become the same become one."""
        changed = pa.array([change(text) for text in self.texts[name].to_pylist()], pa.string())
        if not changed.equals(self.texts[name]):
            column = distinct(self.codes[name], changed)
            self.codes[name], self.texts[name] = codes_of(column), column.dictionary

    def canonical_codes(self, meaning: Meaning) -> None:
        for name, field in self.fields.items():
            if field.domain is not None:
                self._retext(name, partial(meaning.written, field.domain))
                if not DATASETS[self.dataset].row_level:
                    # Aggregates have no column for their own code, only for ours.
                    self._retext(name, partial(meaning.our, field.domain))

    def rewrite_numbers(self, name: str, column: pa.DictionaryArray) -> None:
        """Replace the texts of a field of numbers."""
        self.codes[name], self.texts[name] = codes_of(column), column.dictionary
        self._take_numbers(self.fields[name], column.dictionary)

    def reading(self, name: str) -> np.ndarray:
        """Return how each row's value was read: READ, BLANK, NOT_READ, or AMBIGUOUS where a whole number is expected."""
        codes = self.codes[name]
        if name not in self.parsed:
            return np.where(codes < 0, BLANK, READ).astype(np.int8)
        per_text = np.where(self.parsed[name].read, READ, NOT_READ).astype(np.int8)
        if name in COUNTED.get(self.dataset, ()) and name in self._ambiguous:
            per_text[self._ambiguous[name]] = AMBIGUOUS
        return per_row(per_text, codes, BLANK)

    def ambiguous(self, name: str) -> np.ndarray:
        """Which rows' number has a sign that may part thousands or decimals, where none is declared."""
        per_text = self._ambiguous.get(name)
        if per_text is None:
            return np.zeros(self.count, dtype=bool)
        return per_row(per_text, self.codes[name], False)

    @property
    def left_out(self) -> np.ndarray:
        """The rows of which a filter says that their key has no row in the dataset.

        Rows of aggregates share keys with others, and say nothing of the one that was loaded.
        """
        return ~self.taken & (bool(self.output.where) and DATASETS[self.dataset].row_level)

    def days(self, name: str) -> np.ndarray:
        """The dates of a field (datetime64[D]), NaT where there is none."""
        return per_row(self.parsed[name].values, self.codes[name], np.datetime64("NaT"))

    def values(self, name: str) -> np.ndarray:
        """The numbers of a field, NaN where there is none."""
        parsed = self.parsed[name]
        return per_row(np.where(parsed.read, parsed.values, np.nan), self.codes[name], np.nan)

    def is_our(self, name: str, meaning: Meaning, wanted: Iterable[str]) -> np.ndarray:
        """Which rows' code of a field means one of ours."""
        domain = self.fields[name].domain or name
        per_text = np.array(
            [meaning.our(domain, text) in wanted for text in self.texts[name].to_pylist()], dtype=bool
        )
        return per_row(per_text, self.codes[name], False)

    def header(self, name: str) -> str:
        """Their header of a field of ours, for messages; of a column that the file lacks the one of its layout."""
        return self.headers.get(name) or self.layout_headers.get(name, name)

    def is_constant(self, name: str) -> bool:
        """Whether a constant of the mapping is all that a field has."""
        ruled = any(rule.field == name for rule in self.output.set_rules)
        return name in self.output.constants and name not in self.found.columns[self.dataset] and not ruled

    @property
    def headers(self) -> dict[str, str]:
        """The fields that the file gives a value, with the header of their column; of a constant or a rule the field's name."""
        columns = self.found.columns[self.dataset]
        return {name: name for name in self.output.given} | {
            name: self.raw.headers[positions[0]] for name, positions in columns.items()
        }

    @property
    def layout_headers(self) -> dict[str, str]:
        """The fields of the layout, with the header that is wanted most."""
        return {name: headers[0] for name, headers in self.output.versions[self.found.version].items()}


def date_formats(raw: RawTable, found: Recognised) -> tuple[str, ...]:
    """The date formats of a file: those of its mapping, and of a workbook those that its dates come out in."""
    formats = tuple(found.source.date_formats)
    if raw.detected.kind == "xlsx":
        formats = tuple(dict.fromkeys((*formats, *WORKBOOK_FORMATS)))
    return formats


def day_taken(found: Recognised, output: Output, name: str) -> DayTaken:
    """Return which day of a period a date field of an output takes."""
    taken = output.dates.get(name, FIRST_DAY)
    return dataclasses.replace(taken, year_starts=found.source.reading.year_starts)


def per_row(per_text: np.ndarray, codes: np.ndarray, missing: Any) -> np.ndarray:
    """Each row's value from the values of the distinct texts; code −1 takes `missing`."""
    table = np.append(per_text, np.array([missing], dtype=per_text.dtype))
    return table[codes]


#: A whole number as a database or spreadsheet writes it that takes keys for numbers with decimals.
_POINT_ZERO = r"^([0-9]+)[.,]0+$"


def without_point_zero(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """Keys and codes without the decimals that a number of theirs has got: 1000231.0 is 1000231."""
    if (
        not len(column.dictionary)
        or not pc.any(pc.match_substring_regex(column.dictionary, _POINT_ZERO)).as_py()
    ):
        return column
    return distinct(codes_of(column), pc.replace_substring_regex(column.dictionary, _POINT_ZERO, r"\1"))


def _none(count: int) -> pa.DictionaryArray:
    return coded(np.full(count, -1, dtype=np.int32), pa.array([], pa.string()))


def _constant(value: str, count: int) -> pa.DictionaryArray:
    return coded(np.zeros(count, dtype=np.int32), pa.array([value], pa.string()))


def _filled(first: pa.DictionaryArray, second: pa.DictionaryArray) -> pa.DictionaryArray:
    """The first's values, and the second's where the first has none."""
    if not len(first.dictionary):
        return second
    codes = codes_of(first)
    others = codes_of(second)
    return distinct(
        np.where(codes >= 0, codes, np.where(others >= 0, others + len(first.dictionary), -1)),
        pa.concat_arrays([first.dictionary, second.dictionary]),
    )


def _where(there: np.ndarray, value: str, column: pa.DictionaryArray) -> pa.DictionaryArray:
    return distinct(
        np.where(there, len(column.dictionary), codes_of(column)),
        pa.concat_arrays([column.dictionary, pa.array([value], pa.string())]),
    )


def distinct(codes: np.ndarray, texts: pa.Array) -> pa.DictionaryArray:
    """Each row's text, texts that are the same made one."""
    once = texts.dictionary_encode()
    return coded(per_row(codes_of(once), codes, -1), once.dictionary)
