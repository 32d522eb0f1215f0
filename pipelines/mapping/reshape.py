"""Giving the table of a file the shape that its mapping declares (`pipelines.mapping.shape`).

The columns of the file keep their positions; made columns follow them. Everything stays text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.checking.fields import COUNTED
from pipelines.checking.rows import distinct, per_row, without_point_zero
from pipelines.identity_codes import MASK, usual_form
from pipelines.mapping.conditions import conditions_hold
from pipelines.mapping.shape import Group, Shape, Unpivot, joined_parts
from pipelines.mapping.source import Source
from pipelines.reading.numbers import is_ambiguous, is_percent, number
from pipelines.reading.options import ReadingOptions
from pipelines.reading.table import RawTable, coded, codes_of
from pipelines.warehouse.scales import fold

#: Decimals that a sum is rounded to: what floating-point numbers add is cut off.
_DECIMALS = 9


def shaped(raw: RawTable, source: Source) -> RawTable:
    """Return the table in the shape that the mapping declares. Rows count as they are afterwards."""
    shape = source.shape
    if not shape:
        return raw
    table = _Table(raw, source)
    table.fill_down(shape.fill_down)
    if shape.unpivot:
        table.unpivot(shape, shape.unpivot)
    for name, text in shape.joins.items():
        table.make(name, table.joined(text))
    for name, headers in shape.adds.items():
        table.make(name, table.added(headers, name))
    if shape.group:
        table.group(shape.group)
    return table.finished()


def filled_down(raw: RawTable, headers: Sequence[str]) -> RawTable:
    """The table with the blank cells of columns filled with the value above."""
    places = [raw.headers.index(header) for header in headers]
    table = raw.table
    filled = _filled_down([table.column(place).chunk(0) for place in places])
    for place, column in zip(places, filled, strict=True):
        table = table.set_column(place, table.column_names[place], column)
    return dataclasses.replace(raw, table=table)


def _filled_down(columns: Sequence[pa.DictionaryArray]) -> list[pa.DictionaryArray]:
    """Blank cells take the value above, up to the row in which a column before begins anew."""
    count = len(columns[0]) if columns else 0
    begins = np.zeros(count, dtype=bool)
    filled = []
    for column in columns:
        codes = codes_of(column)
        begins = begins | (codes >= 0)
        last = np.maximum.accumulate(np.where(begins, np.arange(count), -1)) if count else codes
        above = np.where(last >= 0, codes[np.maximum(last, 0)], -1) if count else codes
        filled.append(coded(above.astype(np.int32), column.dictionary))
    return filled


class _Table:
    """A table while it is being shaped: its headers, its columns by place, and the number of each row."""

    def __init__(self, raw: RawTable, source: Source) -> None:
        self._raw = raw
        self._source = source
        self._personal = source.personal()
        self.headers = list(raw.headers)
        self.columns = [
            column.chunk(0) if column.num_chunks else _blank(0) for column in raw.table.itercolumns()
        ]
        self.numbers = raw.row_numbers

    def finished(self) -> RawTable:
        names = [f"c{index}" for index in range(len(self.columns))]
        table = pa.table(dict(zip(names, self.columns, strict=True)))
        return dataclasses.replace(
            self._raw, headers=tuple(self.headers), table=table, row_numbers=self.numbers
        )

    def make(self, name: str, column: pa.DictionaryArray) -> None:
        self.headers.append(name)
        self.columns.append(column)

    def column(self, header: str) -> pa.DictionaryArray | None:
        """The texts under a header; None where there is none."""
        wanted = fold(header)
        at = next((at for at, one in enumerate(self.headers) if fold(one) == wanted), None)
        return None if at is None else self.columns[at]

    def fill_down(self, headers: Sequence[str]) -> None:
        at = [next(at for at, one in enumerate(self.headers) if fold(one) == fold(h)) for h in headers]
        for place, column in zip(at, _filled_down([self.columns[place] for place in at]), strict=True):
            self.columns[place] = column

    def unpivot(self, shape: Shape, unpivot: Unpivot) -> None:
        """Each row becomes one for each group of columns, in the order of the file."""
        divided = shape.divided(self._raw.headers, tuple(self._source.named_headers))
        count, times = len(self.numbers), len(divided)
        rows = np.repeat(np.arange(count), times)
        order = np.arange(count * times).reshape(times, count).T.ravel()
        values = [
            _stacked([self.column(headers[at]) for headers in divided.values()], order)
            for at in range(len(unpivot.values))
        ]
        self._take(rows)
        self.make(unpivot.name, coded(np.tile(np.arange(times), count), pa.array(list(divided), pa.string())))
        for name, column in zip(unpivot.values, values, strict=True):
            self.make(name, column)

    def joined(self, text: str) -> pa.DictionaryArray:
        """The text with the values of the row in it; blank where one of them is."""
        count = len(self.numbers)
        blank = np.zeros(count, dtype=bool)
        pieces: list[np.ndarray | str] = []
        for one, is_header in joined_parts(text):
            if not is_header:
                pieces.append(one)
                continue
            column = without_point_zero(self.column(one))
            texts, codes = column.dictionary.to_pylist(), codes_of(column)
            if fold(one) in self._personal:
                # However a person's id is written, it makes one key; one that was masked makes none.
                texts = [usual_form(text) for text in texts]
                blank |= per_row(np.array([text == MASK for text in texts], dtype=bool), codes, False)
            blank |= codes < 0
            pieces.append(per_row(np.array(texts, dtype=object), codes, ""))
        written = np.full(count, "", dtype=object)
        for piece in pieces:
            written = written + piece
        return pa.array(written, pa.string(), mask=blank).dictionary_encode()

    def added(self, headers: Sequence[str], name: str) -> pa.DictionaryArray:
        """The sum of several columns in each row."""
        count = len(self.numbers)
        texts = np.concatenate([_texts(self.column(header)) for header in headers])
        at = np.tile(np.arange(count), len(headers))
        return self._sums(texts, at, count, name)

    def group(self, group: Group) -> None:
        """Merge rows that belong and agree; in other columns values that differ become blank.

        A column that decides whether a row belongs keeps the value of the first row.
        """
        count = len(self.numbers)
        where = self._source.outputs[0].where
        belongs = conditions_hold(where, self.column, count)
        keys = pd.DataFrame({str(at): codes_of(self.column(one)) for at, one in enumerate(group.by)})
        keys["alone"] = np.where(belongs, -1, np.arange(count))
        of_group = keys.groupby(list(keys), sort=False).ngroup().to_numpy()
        groups = int(of_group.max()) + 1 if count else 0
        summed = {}
        for one in group.sums:
            counted = belongs & conditions_hold(one.when, self.column, count)
            sums = self._sums(_texts(self.column(one.column))[counted], of_group[counted], groups, one.name)
            # Where no row of a group meets the conditions, there is nothing to add: 0.
            none = np.setdiff1d(np.unique(of_group[belongs]), of_group[counted])
            summed[one.name] = _with_zeros(sums, none)
        _, first = np.unique(of_group, return_index=True)
        keeps = {fold(condition.column) for condition in where}
        agreed = []
        for header, column in zip(self.headers, self.columns, strict=True):
            codes = codes_of(column)
            alike = np.ones(groups, dtype=bool)
            if fold(header) not in keeps:
                alike[of_group[codes != codes[first][of_group]]] = False
            agreed.append(coded(np.where(alike, codes[first], -1), column.dictionary))
        self.columns = agreed
        self.numbers = self.numbers[first]
        for name, column in summed.items():
            self.make(name, column)

    def _take(self, rows: np.ndarray) -> None:
        self.columns = [coded(codes_of(column)[rows], column.dictionary) for column in self.columns]
        self.numbers = self.numbers[rows]

    def _sums(self, texts: np.ndarray, at: np.ndarray, count: int, name: str) -> pa.DictionaryArray:
        """Return the sum of the texts of each of `count` places, as a text; blank where a text is blank.

        A single text stays as written. Where a text is no number, all are joined, which is no number either.
        """
        reading = self._source.reading
        counted = _is_counted(self._source, name)
        written: list[str | None] = [None] * count
        for place, found in pd.Series(texts, dtype=object).groupby(at):
            written[int(place)] = _sum_text(found.to_list(), reading, counted)
        return pa.array(written, pa.string()).dictionary_encode()


def _sum_text(texts: Sequence[str | None], reading: ReadingOptions, counted: bool) -> str | None:
    given = [text for text in texts if text is not None]
    if not given or (len(given) < len(texts) and not reading.blank_adds_zero):
        return None
    if len(given) == 1:
        return given[0]
    if reading.thousands is None:
        unclear = next((text for text in given if is_ambiguous(text)), None)
        if unclear is not None:
            return unclear if counted else " + ".join(given)
    values = [None if is_percent(text) else number(text, reading.thousands) for text in given]
    if None in values:
        return " + ".join(given)
    total = round(sum((Decimal(repr(value)) for value in values), Decimal(0)), _DECIMALS).normalize()
    return _number_text(total, reading.thousands)


def _number_text(value: Decimal, thousands: str | None) -> str:
    """A number as the mapping reads it: never with three decimals, which could be thousands.

    >>> _number_text(Decimal("2.5E+1"), "."), _number_text(Decimal("12.5"), "."), _number_text(Decimal("1.125"), None)
    ('25', '12,5', '1.1250')
    """
    text = format(value, "f")
    if is_ambiguous(text):
        text += "0"
    return text.replace(".", ",") if thousands == "." else text


def _is_counted(source: Source, name: str) -> bool:
    """Whether a made column goes into a field in which a comma before three digits is not known to be a decimal sign."""
    return any(
        field in COUNTED.get(output.dataset, ()) and fold(name) in map(fold, headers)
        for output in source.outputs
        for columns in output.versions.values()
        for field, headers in columns.items()
    )


def _texts(column: pa.DictionaryArray) -> np.ndarray:
    return per_row(np.array(column.dictionary.to_pylist(), dtype=object), codes_of(column), None)


def _blank(count: int) -> pa.DictionaryArray:
    return coded(np.full(count, -1, dtype=np.int32), pa.array([], pa.string()))


def _stacked(columns: Iterable[pa.DictionaryArray], order: np.ndarray) -> pa.DictionaryArray:
    """Columns under one another, in another order."""
    codes: list[np.ndarray] = []
    texts: list[pa.Array] = []
    before = 0
    for column in columns:
        own = codes_of(column)
        codes.append(np.where(own >= 0, own + before, -1))
        texts.append(column.dictionary)
        before += len(column.dictionary)
    return distinct(np.concatenate(codes)[order], pa.concat_arrays(texts))


def _with_zeros(sums: pa.DictionaryArray, at: np.ndarray) -> pa.DictionaryArray:
    texts: Mapping[int, str] = dict.fromkeys(at.tolist(), "0")
    return pa.array(
        [texts.get(place, text) for place, text in enumerate(sums.to_pylist())], pa.string()
    ).dictionary_encode()
