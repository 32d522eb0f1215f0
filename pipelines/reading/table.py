"""From the bytes of a file to a table of texts: the header, the separator, the rows.

Every cell is text, trimmed; the usual placeholders are missing. Columns are dictionary-encoded, because everything that
follows looks at distinct values only.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.findings import unreadable
from pipelines.identity_codes import content_hash, mask
from pipelines.reading.encodings import AS_UTF8, text_bytes
from pipelines.reading.open_quotes import swallowed_rows
from pipelines.reading.options import NOTHING_DECLARED, ReadingOptions
from pipelines.reading.unpacking import PIECE, Limits, unpacked
from pipelines.reading.workbook import masked_names, read_sheet, sheet_names
from pipelines.spreadsheet import ESCAPE, from_cell

SEPARATORS = (";", ",", "\t", "|")
#: What databases, spreadsheets and statistics programs write where there is nothing, in capitals.
BLANK = ("", "-", "..")
MISSING = (
    *(*BLANK, "NULL", "(NULL)", "\\N", "NAN", "NAT", "NONE", "NA", "N/A", "<NA>"),
    # Excel's error of a value that is not available, in English, Finnish and Swedish.
    *("#N/A", "#PUUTTUU!", "#PUUTTUU", "#SAKNAS!", "#SAKNAS"),
)

#: As many as a worksheet can have; every column costs memory of its own.
MOST_COLUMNS = 16_384
#: Each block has a dictionary of its own for every column until they are united: few blocks unite quicker.
_BLOCK = 32 << 20
_HEADER_WITHIN = 1 << 20
#: A line that gives spreadsheets the separator of a file.
_SEPARATOR_LINE = re.compile(rb"\"?sep=(\\t|.)\"?[ \t]*\r?\n", re.IGNORECASE)


@dataclass(frozen=True)
class Detected:
    """How the file was written."""

    kind: str
    compressed: str | None
    encoding: str | None
    separator: str | None


@dataclass(frozen=True)
class RawTable:
    """A file as texts. One row of `table` per data row; blank rows are left out.

    `headers` are as written (trimmed); the columns of `table` are named c0, c1 … and hold dictionary<int32, string> in
    one chunk. `row_numbers` count the header as row 1 (or its declared row), blank rows included. `notes` are the last
    rows of one cell, where the mapping leaves them out; `ragged` rows with another number of fields, `ragged_rows` how
    many rows they may have swallowed; `repeated` rows that repeat the header, left out.
    """

    headers: tuple[str, ...]
    table: pa.Table
    row_numbers: np.ndarray
    ragged: tuple[int, ...]
    ragged_rows: int
    detected: Detected
    content_hash: str
    repeated: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()

    @property
    def rows_read(self) -> int:
        return self.table.num_rows + self.ragged_rows


def read_table(
    data: bytes,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    options: ReadingOptions = NOTHING_DECLARED,
    limits: Limits = Limits(),  # noqa: B008
    literal: Collection[str] = (),
) -> RawTable:
    """Read a file's bytes; `encoding` and `separator` override what would be detected.

    In columns whose headers are in `literal` (lower case) a word such as `none` is a value, and only the signs of
    `BLANK` are missing. Raises RefusedFile with `unreadable`, never anything else.
    """
    inner, compressed = unpacked(data, limits)
    if is_workbook(inner):
        cells = _sheet_cells(inner, options)
        detected = Detected("xlsx", compressed, None, None)
    else:
        body, encoding = text_bytes(inner, encoding)
        headers, separator, start, header_row = _header(body, encoding, separator, options.header_row)
        _refuse_giant_rows(body, start, limits)
        cells = _text_cells(body, start, headers, (separator, encoding), header_row)
        detected = Detected("csv", compressed, encoding, separator)
    missing = pa.array([*MISSING, *(text.strip().upper() for text in options.missing)])
    columns = [
        _clean(column, pa.array(BLANK) if header.lower() in literal else missing)
        for header, column in zip(cells.headers, cells.columns, strict=True)
    ]
    stays, repeated = _rows_to_keep(cells.headers, columns)
    notes = _end_notes(columns, cells.numbers, cells.single) if options.end_notes else []
    stays &= ~np.isin(cells.numbers, notes)
    table = pa.table({f"c{index}": column for index, column in enumerate(columns)})
    if not stays.all():
        table = table.take(pa.array(np.flatnonzero(stays))).combine_chunks()
    return RawTable(
        cells.headers,
        table,
        cells.numbers[stays],
        tuple(number for number in cells.ragged if number not in notes),
        cells.ragged_rows - len(set(cells.ragged) & set(notes)),
        detected,
        content_hash(data),
        tuple(int(number) for number in cells.numbers[repeated]),
        tuple(notes),
    )


@dataclass(frozen=True)
class _Cells:
    """The cells of a file as written, by column; the numbers of its rows, and of its ragged ones (`single`: one field)."""

    headers: tuple[str, ...]
    columns: list[pa.DictionaryArray]
    numbers: np.ndarray
    ragged: Sequence[int] = ()
    ragged_rows: int = 0
    single: Sequence[int] = ()


def _text_cells(
    body: bytes, start: int, headers: tuple[str, ...], form: tuple[str, str], header_row: int
) -> _Cells:
    """Return the cells of a text; `form` is its separator and encoding."""
    separator, encoding = form
    columns, fields, ragged_rows = _rows_of(body, start, headers, separator, encoding)
    ragged = [header_row + at for at, _ in fields]
    single = [header_row + at for at, count in fields if count == 1]
    numbers = header_row + 1 + np.arange(len(columns[0]) + len(ragged))
    if ragged:
        numbers = numbers[~np.isin(numbers, ragged)]
    run_on = swallowed_rows(columns, body, separator, _inner(encoding))
    if run_on:
        ragged = sorted([*ragged, *numbers[list(run_on)].tolist()])
        ragged_rows += len(run_on) + sum(run_on.values())
        stay = pa.array(np.setdiff1d(np.arange(len(numbers)), list(run_on)))
        columns, numbers = [column.take(stay) for column in columns], numbers[stay.to_numpy()]
    return _Cells(headers, columns, numbers, ragged, ragged_rows, single)


def _end_notes(
    columns: Sequence[pa.DictionaryArray], numbers: np.ndarray, single: Sequence[int]
) -> list[int]:
    """Return the numbers of the last rows with only the first cell filled; `single` are ragged ones of one field."""
    filled = np.sum([codes_of(column) >= 0 for column in columns], axis=0)
    first = codes_of(columns[0]) >= 0
    last = int(numbers[(filled > 1) | ((filled == 1) & ~first)].max(initial=0))
    single_cells = numbers[(filled == 1) & first]
    return sorted(int(number) for number in (*single_cells, *single) if number > last)


def is_workbook(data: bytes) -> bool:
    """Whether unpacked bytes are an Excel workbook."""
    return data[:4] == b"PK\x03\x04"


def codes_of(column: pa.DictionaryArray) -> np.ndarray:
    """The index of each row's value in the dictionary; −1 where the value is missing."""
    return np.asarray(column.indices.fill_null(-1))


def coded(codes: np.ndarray, values: pa.Array) -> pa.DictionaryArray:
    """The reverse of `codes_of`."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), values)


def first_records(body: bytes, encoding: str, separator: str, most: int) -> list[tuple[str, ...]]:
    """The first records of a text, trimmed, blank ones included."""
    _, records = _beginning(body, encoding, separator)
    return [record for record, _ in itertools.islice(records, most)]


# --- the header ---


def _header(
    body: bytes, encoding: str, separator: str | None, header_row: int | None
) -> tuple[tuple[str, ...], str, int, int]:
    """Return the header record, its separator, the byte where the data begins, and the header's row number.

    The header is the first record with a value, and counts as row 1; or the declared record.
    """
    skipped = 0
    single_cells = _SEPARATOR_LINE.match(body)
    if single_cells:
        separator = separator or (single_cells[1].decode("latin-1") if single_cells[1] != rb"\t" else "\t")
        skipped = single_cells.end()
        body = body[skipped : skipped + _HEADER_WITHIN]
    best: tuple[tuple[str, ...], str, int] | None = None
    for candidate in (separator,) if separator else SEPARATORS:
        beginning, records = _beginning(body, encoding, candidate)
        for number, (record, used) in enumerate(records, start=1):
            if number == header_row or (header_row is None and any(record)):
                if best is None or len(record) > len(best[0]):
                    best = (
                        record,
                        candidate,
                        skipped + len(beginning[:used].encode(_inner(encoding), "replace")),
                    )
                break
    if best is None and header_row is not None:
        raise unreadable("no_header_row", row=header_row)
    if best is None or len(best[0]) > MOST_COLUMNS:
        raise unreadable("empty" if not body[:_HEADER_WITHIN].strip() else "structure")
    return *best, header_row or 1


def _inner(encoding: str) -> str:
    return "utf-8" if encoding == "utf-16" else encoding


def _beginning(
    body: bytes, encoding: str, separator: str
) -> tuple[str, Iterator[tuple[tuple[str, ...], int]]]:
    """The beginning of a text, and its records, each with the characters used up to its end."""
    decoder = codecs.getincrementaldecoder(_inner(encoding))("replace")
    text = decoder.decode(body[:_HEADER_WITHIN])

    def records() -> Iterator[tuple[tuple[str, ...], int]]:
        used = 0

        def lines() -> Iterator[str]:
            nonlocal used
            for line in io.StringIO(text, newline=""):
                used += len(line)
                yield line

        try:
            for record in csv.reader(lines(), delimiter=separator):
                yield tuple(map(_read_cell, record)), used
        except csv.Error:
            return

    return text, records()


def _refuse_giant_rows(body: bytes, start: int, limits: Limits) -> None:
    """Raise RefusedFile where a row is longer than the limit: a quotation mark is not closed, or it is no table.

    Checked before rows are parsed, which takes time and memory in proportion to the longest.
    """
    if len(body) - start <= limits.row or (b'"' not in body and _has_short_lines(body, start, limits.row)):
        return
    view = np.frombuffer(body, dtype=np.uint8)
    quoted, end_of_row = 0, start
    for at in range(start, len(view), PIECE):
        piece = view[at : at + PIECE]
        ends = piece == ord("\n")
        quotes = piece == ord('"')
        if quoted or quotes.any():
            inside = (np.cumsum(quotes, dtype=np.int64) + quoted) % 2
            ends &= inside == 0
            quoted = int(inside[-1])
        found = np.flatnonzero(ends)
        edges = np.concatenate([[end_of_row], found + at, [at + len(piece)]])
        if np.diff(edges).max() > limits.row:
            long = int(edges[np.diff(edges).argmax()])
            raise unreadable("giant_row", row=body.count(b"\n", 0, long + 1) + 1, megabytes=limits.row >> 20)
        end_of_row = int(edges[-2])


def _has_short_lines(body: bytes, start: int, longest: int) -> bool:
    """Whether no line is longer than so many bytes; only about one line in so many bytes is looked at."""
    while len(body) - start > longest:
        end = body.rfind(b"\n", start + 1, start + longest + 1)
        if end < 0:
            return False
        start = end
    return True


# --- the rows ---


def _rows_of(
    body: bytes, start: int, headers: Sequence[str], separator: str, encoding: str
) -> tuple[list[pa.DictionaryArray], list[tuple[int, int]], int]:
    """Return the columns of the headers, and the ragged rows as `_fields` does.

    Rows may end in separators that the header does not have, and the other way round.
    """
    _, records = _beginning(body[start : start + _HEADER_WITHIN], encoding, separator)
    first = next((record for record, _ in records if any(record)), ())
    width = len(headers)
    if len(first) > width and not any(first[width:]):
        columns, ragged, swallowed = _fields(body, start, len(first), separator, encoding)
        if not ragged and not any(_filled(column).any() for column in columns[width:]):
            return columns[:width], ragged, swallowed
    elif len(first) < width and not any(headers[len(first) :]) and first:
        columns, ragged, swallowed = _fields(body, start, len(first), separator, encoding)
        nothing = pa.array([None] * len(columns[0]), pa.string()).dictionary_encode()
        return [*columns, *[nothing] * (width - len(first))], ragged, swallowed
    columns, ragged, swallowed = _fields(body, start, width, separator, encoding)
    if ragged and separator.encode() + b"\n" in body.replace(b"\r\n", b"\n"):
        trimmed = _without_last_separators(body[start:], width, separator, encoding)
        return _fields(trimmed, 0, width, separator, encoding)
    return columns, ragged, swallowed


def _filled(column: pa.DictionaryArray) -> np.ndarray:
    """Which rows have anything but space in a column."""
    filled = np.array([bool(text.strip()) for text in column.dictionary.to_pylist()], dtype=bool)
    return np.append(filled, False)[codes_of(column)]


def _without_last_separators(body: bytes, width: int, separator: str, encoding: str) -> bytes:
    """The text with what is blank beyond the width of the header taken off each row."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    text = io.StringIO(body.decode(_inner(encoding)), newline="")
    try:
        for record in csv.reader(text, delimiter=separator):
            width_kept = width if not any(cell.strip() for cell in record[width:]) else len(record)
            writer.writerow(record[:width_kept])
    except csv.Error:
        return body
    return out.getvalue().encode(_inner(encoding))


def _fields(
    body: bytes, start: int, width: int, separator: str, encoding: str
) -> tuple[list[pa.DictionaryArray], list[tuple[int, int]], int]:
    """Return the columns as texts; the ragged rows (number from 1, number of fields, 0 where it swallowed others); and
    how many rows they are.

    Bytes that are no ASCII are never separators in any encoding here, so distinct values are decoded after parsing.
    """
    names = [f"c{index}" for index in range(width)]
    data = pa.py_buffer(body)[start:]
    if not memoryview(data).nbytes:
        return [pa.array([], pa.string()).dictionary_encode() for _ in names], [], 0
    convert = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.binary())),
        strings_can_be_null=False,
        check_utf8=False,
    )
    whole = min(max(len(body) + 1, _BLOCK), (1 << 31) - 1)
    # The quick way has no way of telling which rows are ragged: where any is, the file is read again by one
    # thread, which counts them; and in one block if a quoted field should be longer than a block.
    for threads, block in ((True, _BLOCK), (False, _BLOCK), (False, whole)):
        ragged: list[tuple[int, int]] = []
        swallowed = 0

        def note(row: pyarrow.csv.InvalidRow, ragged: list[tuple[int, int]] = ragged) -> str:
            nonlocal swallowed
            more = row.text.strip("\r\n").count("\n")
            ragged.append((row.number, 0 if more else row.actual_columns))
            swallowed += more
            return "skip"

        if not threads and encoding not in AS_UTF8:
            # A ragged row is handed over as a text, and is taken for UTF-8.
            data, encoding = pa.py_buffer(body[start:].decode(encoding).encode("utf-8")), "utf-8"
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(data),
                read_options=pyarrow.csv.ReadOptions(
                    column_names=names, use_threads=threads, block_size=block
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=separator,
                    newlines_in_values=b'"' in body,
                    ignore_empty_lines=False,
                    invalid_row_handler=None if threads else note,
                ),
                convert_options=convert,
            )
        except (pa.ArrowInvalid, UnicodeError):
            # The message may quote a row: it is dropped here and must not travel with another exception.
            continue
        chunked = table.columns[::-1]
        del table
        # One column after another, each let go of when it is united: they are never in memory twice.
        columns = [_texts(_single_chunk(chunked.pop()), encoding) for _ in names]
        # What dividing the text took is given back before the rest of the load wants memory.
        pa.default_memory_pool().release_unused()
        return columns, ragged, len(ragged) + swallowed
    raise unreadable("structure")


def _single_chunk(column: pa.ChunkedArray) -> pa.DictionaryArray:
    if not column.num_chunks:
        return pa.array([], pa.binary()).dictionary_encode()
    united = column.unify_dictionaries().combine_chunks()
    return united.chunk(0) if isinstance(united, pa.ChunkedArray) else united


def _texts(column: pa.DictionaryArray, encoding: str) -> pa.DictionaryArray:
    values = column.dictionary
    if encoding in AS_UTF8:
        texts = values.cast(pa.string())
    else:
        joined = values.buffers()[2]
        if joined is None or joined.to_pybytes().isascii():
            texts = values.cast(pa.string())
        else:
            texts = pa.array([value.decode(encoding) for value in values.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(column.indices, texts)


def _clean(column: pa.DictionaryArray, placeholders: pa.Array) -> pa.DictionaryArray:
    """Return the texts trimmed, without spreadsheet escapes, placeholders missing, each distinct text once."""
    values = column.dictionary
    trimmed = pc.utf8_trim_whitespace(values)
    if pc.any(pc.starts_with(trimmed, ESCAPE)).as_py():
        trimmed = pa.array(
            [None if text is None else _read_cell(text) for text in trimmed.to_pylist()], pa.string()
        )
    missing = pc.is_in(pc.utf8_upper(trimmed), placeholders)
    if not pc.any(missing).as_py() and trimmed.equals(values):
        return column
    distinct = pc.if_else(missing, pa.scalar(None, pa.string()), trimmed).dictionary_encode()
    if isinstance(distinct, pa.ChunkedArray):
        distinct = distinct.combine_chunks()
    renumbered = np.append(codes_of(distinct), -1)
    return coded(renumbered[codes_of(column)], distinct.dictionary)


def _read_cell(text: str) -> str:
    """A cell's text, trimmed, as it was before it was written for a spreadsheet."""
    return from_cell(text.strip()).strip()


def _rows_to_keep(
    headers: Sequence[str], columns: Sequence[pa.DictionaryArray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows with a value that do not repeat the header, and those that do (one truth per row)."""
    filled = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        if filled.all():
            break
        filled |= codes_of(column) >= 0
    again = filled.copy()
    named = [(header.casefold(), column) for header, column in zip(headers, columns, strict=True) if header]
    # The column with the fewest values first: where no value of it is its header, no other has to be looked at.
    for header, column in sorted(named, key=lambda one: len(one[1].dictionary)):
        if not again.any():
            break
        same = pc.equal(pc.utf8_lower(column.dictionary), header)
        at = np.flatnonzero(np.asarray(same))
        again &= np.isin(codes_of(column), at)
    if not named:
        again[:] = False
    return filled & ~again, again


# --- workbooks ---


def _sheet_cells(data: bytes, options: ReadingOptions) -> _Cells:
    sheet = read_sheet(data, options.sheet)
    if options.header_row is None:
        at = next((index for index, row in enumerate(sheet.rows) if any(text.strip() for text in row)), None)
        if at is None:
            others = masked_names([name for name in sheet_names(data) if name != sheet.name])
            raise unreadable("empty_sheet" if others else "empty", sheet=mask(sheet.name), sheets=others)
    else:
        at = options.header_row - sheet.first_row
        if not 0 <= at < len(sheet.rows):
            raise unreadable("no_header_row", row=options.header_row)
    headers = tuple(map(_read_cell, sheet.rows[at]))
    body = sheet.rows[at + 1 :]
    columns = [
        pa.array([row[index] if index < len(row) else "" for row in body], pa.string()).dictionary_encode()
        for index in range(len(headers))
    ]
    return _Cells(headers, columns, sheet.first_row + at + 1 + np.arange(len(body)))
