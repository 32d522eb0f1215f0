"""The rows of a recognised file, field by field: codes into distinct texts, and those texts parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines import parsing
from pipelines.codes import Meaning
from pipelines.datasets import CODE, DATE, FIELDS, NUMBER, PARSED_KINDS, TRUTH, WHOLE, YEAR, Field
from pipelines.parsing import BLANK, NOT_READ, READ
from pipelines.reading import RawTable, coded, codes_of
from pipelines.recognise import Recognised


class Rows:
    """The fields of a file's rows: as codes into distinct texts, and parsed."""

    def __init__(self, raw: RawTable, found: Recognised) -> None:
        self.raw = raw
        self.found = found
        self.dataset = found.source.dataset
        self.fields = {field.name: field for field in FIELDS[self.dataset]}
        self.count = raw.table.num_rows
        self.numbers = raw.row_numbers
        formats = tuple(found.source.date_formats)
        if raw.detected.kind == "xlsx":
            formats = tuple(dict.fromkeys((*formats, *parsing.WORKBOOK_FORMATS)))
        self.formats = formats
        self.codes: dict[str, np.ndarray] = {}
        self.texts: dict[str, pa.Array] = {}
        self.parsed: dict[str, parsing.Parsed] = {}
        for name, field in self.fields.items():
            self._take(field, name)

    def _take(self, field: Field, name: str) -> None:
        column = self._column(name)
        self.codes[name], self.texts[name] = codes_of(column), column.dictionary
        if field.kind == DATE:
            self.parsed[name] = parsing.dates(column.dictionary, self.formats)
        elif field.kind == NUMBER:
            self.parsed[name] = parsing.numbers(column.dictionary)
        elif field.kind in (WHOLE, YEAR):
            self.parsed[name] = parsing.whole_numbers(column.dictionary)
        elif field.kind == TRUTH:
            self.parsed[name] = parsing.truths(column.dictionary)
        elif field.kind == CODE and field.domain in ("municipality", "area"):
            width = 3 if field.domain == "municipality" else 2
            self._retext(name, lambda text: text.zfill(width) if text.isdecimal() else text)
        elif field.kind not in PARSED_KINDS and field.kind != CODE and name in self.found.source.values:
            values = self.found.source.values[name]
            self._retext(name, lambda text: values.get(text, text))

    def _column(self, name: str) -> pa.DictionaryArray:
        """The texts of a field: from its columns in order of preference, from set rules, from a constant."""
        source = self.found.source
        column = _none(self.count)
        for position in self.found.columns.get(name, ()):
            column = _filled(column, self._raw(position))
        for rule in reversed([rule for rule in source.set_rules if rule.field == name]):
            if rule.when is None:
                column = _constant(rule.value, self.count)
            elif rule.when in self.found.when:
                there = codes_of(self._raw(self.found.when[rule.when])) >= 0
                column = _where(there, rule.value, column)
        if name in source.constants:
            column = _filled(column, _constant(source.constants[name], self.count))
        return column

    def _raw(self, position: int) -> pa.DictionaryArray:
        column = self.raw.table.column(position)
        return column.chunk(0) if column.num_chunks else _none(0)

    def _retext(self, name: str, change: Callable[[str], str]) -> None:
        """Write each distinct text of a field in another way; texts that become the same become one."""
        changed = pa.array([change(text) for text in self.texts[name].to_pylist()], pa.string())
        if not changed.equals(self.texts[name]):
            distinct = changed.dictionary_encode()
            self.codes[name] = per_row(codes_of(distinct), self.codes[name], -1)
            self.texts[name] = distinct.dictionary

    def canonical_codes(self, meaning: Meaning) -> None:
        for name, field in self.fields.items():
            if field.domain is not None:
                domain = field.domain
                self._retext(name, lambda text, domain=domain: meaning.written(domain, text))
                if self.dataset not in ("visits", "queue"):
                    # Aggregates have no column for their own code: they keep ours.
                    self._retext(name, lambda text, domain=domain: meaning.our(domain, text))

    def reading(self, name: str) -> np.ndarray:
        """How each row's value came out: READ, BLANK or NOT_READ."""
        codes = self.codes[name]
        if name not in self.parsed:
            return np.where(codes < 0, BLANK, READ).astype(np.int8)
        per_text = np.where(self.parsed[name].read, READ, NOT_READ).astype(np.int8)
        return per_row(per_text, codes, BLANK)

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
        return self.found.header(name, self.raw.headers)


def per_row(per_text: np.ndarray, codes: np.ndarray, missing: Any) -> np.ndarray:
    """Each row's value from the values of the distinct texts; code −1 takes `missing`."""
    table = np.append(per_text, np.array([missing], dtype=per_text.dtype))
    return table[codes]


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
    return _distinct(
        np.where(codes >= 0, codes, np.where(others >= 0, others + len(first.dictionary), -1)),
        pa.concat_arrays([first.dictionary, second.dictionary]),
    )


def _where(there: np.ndarray, value: str, column: pa.DictionaryArray) -> pa.DictionaryArray:
    return _distinct(
        np.where(there, len(column.dictionary), codes_of(column)),
        pa.concat_arrays([column.dictionary, pa.array([value], pa.string())]),
    )


def _distinct(codes: np.ndarray, texts: pa.Array) -> pa.DictionaryArray:
    once = texts.dictionary_encode()
    return coded(per_row(codes_of(once), codes, -1), once.dictionary)


def decoded(codes: np.ndarray, texts: pa.Array) -> pa.Array:
    return coded(codes, texts).dictionary_decode()
