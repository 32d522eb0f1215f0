"""From the bytes of a file to a table of texts: encodings, separators, archives, workbooks.

Nothing here knows what the columns mean. Every cell is text, trimmed; blank, `-`, `..`, `NULL` are missing.
The columns are dictionary-encoded, because everything that follows looks at distinct values only.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import python_calamine

from pipelines.findings import Finding, RefusedFile, finding
from pipelines.persons import content_hash

SEPARATORS = (";", ",", "\t", "|")
MISSING = ("", "-", "..", "NULL")

#: Limits on what an archive may unpack to. 1.4 million visits are 250 MB and pack to a tenth.
LARGEST_UNPACKED = 1 << 30
LARGEST_RATIO = 250
#: Small archives may pack better than the ratio: a file of one repeated row does no harm.
RATIO_MATTERS_FROM = 64 << 20
LARGEST_SHEET_CELLS = 40_000_000
#: As many as a worksheet can have; every column costs memory of its own.
MOST_COLUMNS = 16_384
_PIECE = 4 << 20
#: Only a CSV is unpacked: an archive in an archive would escape the limits.
_PACKED = (b"PK", b"\x1f\x8b")
#: Each block has a dictionary of its own for every column until they are united: few blocks unite quicker.
_BLOCK = 32 << 20
_HEADER_WITHIN = 1 << 20

#: Encodings whose text is held as UTF-8 while it is read.
_AS_UTF8 = ("utf-8", "utf-16")
#: How a password-protected workbook begins, and the part in it that says so.
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")

# Bytes that Windows-1252 leaves undefined: with one of them a text can only be ISO-8859-1.
_NOT_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")


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

    `headers` are as written (trimmed); the columns of `table` are named c0, c1 … in their order and hold
    dictionary<int32, string> in one chunk. `row_numbers` count the header as row 1, blank rows included.
    `ragged` are the numbers of rows with another number of fields, and `ragged_rows` how many rows they may
    have swallowed (an open quotation mark takes in the rows that follow).
    """

    headers: tuple[str, ...]
    table: pa.Table
    row_numbers: np.ndarray
    ragged: tuple[int, ...]
    ragged_rows: int
    detected: Detected
    content_hash: str

    @property
    def rows_read(self) -> int:
        return self.table.num_rows + self.ragged_rows


def read_table(data: bytes, *, encoding: str | None = None, separator: str | None = None) -> RawTable:
    """Read a file's bytes; `encoding` and `separator` override what would be detected.

    Raises RefusedFile with `unreadable`, never anything else.
    """
    digest = content_hash(data)
    inner, compressed = _unpacked(data)
    if inner[:4] == b"PK\x03\x04":
        headers, table, row_numbers = _workbook(inner)
        return RawTable(headers, table, row_numbers, (), 0, Detected("xlsx", compressed, None, None), digest)
    body, encoding = _text_bytes(inner, encoding)
    headers, separator, start = _header(body, encoding, separator)
    columns, ragged, ragged_rows = _fields(body, start, headers, separator, encoding)
    cleaned = [_clean(column) for column in columns]
    table, kept = _without_blank_rows(cleaned)
    numbers = np.arange(2, 2 + len(cleaned[0]) + len(ragged))
    if ragged:
        numbers = numbers[~np.isin(numbers, ragged)]
    detected = Detected("csv", compressed, encoding, separator)
    return RawTable(headers, table, numbers[kept], tuple(ragged), ragged_rows, detected, digest)


def codes_of(column: pa.DictionaryArray) -> np.ndarray:
    """The index of each row's value in the dictionary; −1 where the value is missing."""
    return np.asarray(column.indices.fill_null(-1))


def coded(codes: np.ndarray, values: pa.Array) -> pa.DictionaryArray:
    """The reverse of `codes_of`."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), values)


def _unreadable(reason: str, **params: Any) -> RefusedFile:
    return RefusedFile([_unreadable_finding(reason, **params)])


def _unreadable_finding(reason: str, **params: Any) -> Finding:
    return finding("unreadable", reason=reason, **params)


# --- archives ---


def _unpacked(data: bytes) -> tuple[bytes, str | None]:
    """The file itself, out of .gz or .zip. A workbook is a zip too and stays as it is."""
    if data[:2] == b"\x1f\x8b":
        inner, fault = _gunzip(data)
        if fault is None and inner[:2] in _PACKED:
            fault = "archive"
        if fault is not None:
            raise _unreadable(fault)
        return inner, "gz"
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        inner, fault, packed = _unzip(data)
        if fault is not None:
            raise _unreadable(fault)
        return inner, packed
    if data.startswith(_COMPOUND_FILE) and _ENCRYPTED_PART in data:
        raise _unreadable("encrypted")
    return data, None


def _too_large(size: int, packed: int) -> bool:
    return size > LARGEST_UNPACKED or (size > RATIO_MATTERS_FROM and size > packed * LARGEST_RATIO)


def _read_within(stream: Any, packed: int) -> tuple[bytes, str | None]:
    pieces, size = [], 0
    while piece := stream.read(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if _too_large(size, packed):
            return b"", "too_large"
    return b"".join(pieces), None


def _gunzip(data: bytes) -> tuple[bytes, str | None]:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return _read_within(stream, len(data))
    except (OSError, EOFError, zlib.error):
        return b"", "archive"


def _unzip(data: bytes) -> tuple[bytes, str | None, str | None]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [
                entry
                for entry in archive.infolist()
                if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
            ]
            if any(entry.flag_bits & 0x1 for entry in files):
                return b"", "encrypted", None
            if any(entry.filename == "[Content_Types].xml" for entry in files):
                if _too_large(sum(entry.file_size for entry in files), len(data)):
                    return b"", "too_large", None
                sheets = [entry for entry in files if "/worksheets/" in f"/{entry.filename}".lower()]
                if any(_sheet_cells(archive, entry) > LARGEST_SHEET_CELLS for entry in sheets):
                    return b"", "too_large", None
                return data, None, None
            if len(files) != 1:
                return b"", "archive", None
            with archive.open(files[0]) as stream:
                inner, fault = _read_within(stream, max(files[0].compress_size, 1))
            return inner, "archive" if inner[:2] in _PACKED else fault, "zip"
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError):
        return b"", "archive", None


_ROW = re.compile(rb"<(?:\w+:)?row\b")
_ROW_NUMBER = re.compile(rb"""\A[^>]*?\sr\s*=\s*["']([0-9]{1,7})["']""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_TAG_LENGTH, _LONGEST_SHEET_ROW = 64, 32 << 20
_CELL_COLUMN = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})[0-9]+["']""")


def _sheet_cells(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """How many cells the rectangle from A1 to the last cell of a worksheet has, at most.

    The library that reads workbooks lays out the whole rectangle before it can be asked, and ends the process
    where memory does not suffice: one stray cell in the far corner would be enough.
    """
    last_row = unnumbered = width = 0
    columns: set[bytes] = set()
    begun = b""
    with archive.open(entry) as stream:
        while True:
            piece = stream.read(_PIECE)
            begun += piece
            _, *rows = _ROW.split(begun)
            # The last row may go on in the next piece.
            begun = b"<row" + rows.pop() if piece and rows else begun[-_TAG_LENGTH:]
            if len(begun) > _LONGEST_SHEET_ROW:
                return LARGEST_SHEET_CELLS + 1
            for row in rows:
                number = _ROW_NUMBER.match(row)
                unnumbered += number is None
                last_row = max(last_row, int(number[1]) if number else 0)
                width = max(width, len(_CELL.findall(row)))
                columns.update(_CELL_COLUMN.findall(row))
            if not piece:
                return (last_row + unnumbered) * max([width, *map(_column_number, columns)])


def _column_number(letters: bytes) -> int:
    """The number of a column that a workbook calls by letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


# --- text ---


def _text_bytes(data: bytes, encoding: str | None) -> tuple[bytes, str]:
    """The bytes of the text without its byte-order mark, and their encoding (UTF-16 becomes UTF-8)."""
    if _is_blank(data):
        raise _unreadable("empty")
    marked = _marked_encoding(data)
    if marked is not None and marked != "utf-8" and encoding is None:
        encoding = marked
    if encoding is not None and codecs.lookup(encoding).name.startswith("utf-16"):
        data = _from_utf16(data, encoding)
        return _checked_text(data), "utf-16"
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    data = _checked_text(data)
    if encoding is None:
        return data, _detected_encoding(data)
    if not _decodes(data, encoding):
        raise _unreadable("not_decodable", encoding=encoding)
    return data, encoding


def _marked_encoding(data: bytes) -> str | None:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    return None


def _from_utf16(data: bytes, encoding: str) -> bytes:
    text = None
    try:
        text = data.decode(encoding).removeprefix("\ufeff").encode("utf-8")
    except UnicodeError:
        text = None
    if text is None:
        raise _unreadable("not_decodable", encoding="UTF-16")
    return text


def _checked_text(data: bytes) -> bytes:
    if b"\0" in data:
        raise _unreadable("not_text")
    if _is_blank(data):
        raise _unreadable("empty")
    return data


def _is_blank(data: bytes) -> bool:
    """Whether there is nothing to read; unlike `strip` it makes no copy of a large file."""
    return not data or data.isspace()


def _detected_encoding(data: bytes) -> str:
    if _decodes(data, "utf-8"):
        return "utf-8"
    return "iso-8859-1" if any(byte in data for byte in _NOT_CP1252) else "windows-1252"


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether the bytes are a text of the encoding; piece by piece, so that no second copy is held."""
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    view = memoryview(data)
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(view[start : start + _PIECE], start + _PIECE >= len(data))
    except UnicodeError:
        return False
    return True


def _header(body: bytes, encoding: str, separator: str | None) -> tuple[tuple[str, ...], str, int]:
    """The header record, its separator, and the byte where the data begins."""
    inner = "utf-8" if encoding == "utf-16" else encoding
    decoder = codecs.getincrementaldecoder(inner)("replace")
    beginning = decoder.decode(body[:_HEADER_WITHIN])
    best: tuple[tuple[str, ...], str, int] | None = None
    for candidate in (separator,) if separator else SEPARATORS:
        record, used = _first_record(beginning, candidate)
        if record is not None and (best is None or len(record) > len(best[0])):
            best = record, candidate, len(beginning[:used].encode(inner, "replace"))
    if best is None or len(best[0]) > MOST_COLUMNS:
        raise _unreadable("empty" if not beginning.strip() else "structure")
    return best


def _first_record(text: str, separator: str) -> tuple[tuple[str, ...] | None, int]:
    used = 0

    def lines() -> Iterator[str]:
        nonlocal used
        for line in io.StringIO(text, newline=""):
            used += len(line)
            yield line

    try:
        for record in csv.reader(lines(), delimiter=separator):
            if any(cell.strip() for cell in record):
                return tuple(cell.strip() for cell in record), used
    except csv.Error:
        return None, 0
    return None, 0


def _fields(
    body: bytes, start: int, headers: Sequence[str], separator: str, encoding: str
) -> tuple[list[pa.DictionaryArray], list[int], int]:
    """The columns as texts; the numbers of the ragged rows, and how many rows they stand for.

    Bytes that are no ASCII are never separators in any encoding that gets here, so the text is decoded after
    it was divided, distinct value by distinct value.
    """
    names = [f"c{index}" for index in range(len(headers))]
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
        ragged: list[int] = []
        swallowed = 0

        def note(row: pyarrow.csv.InvalidRow, ragged: list[int] = ragged) -> str:
            nonlocal swallowed
            # The header record was cut off and counts as row 1.
            ragged.append(row.number + 1)
            swallowed += row.text.strip("\r\n").count("\n")
            return "skip"

        if not threads and encoding not in _AS_UTF8:
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
        columns = [_texts(column, encoding) for column in _single_chunks(table)]
        del table
        # What dividing the text took is given back before the rest of the load wants memory.
        pa.default_memory_pool().release_unused()
        return columns, ragged, len(ragged) + swallowed
    raise _unreadable("structure")


def _single_chunks(table: pa.Table) -> list[pa.DictionaryArray]:
    table = table.unify_dictionaries().combine_chunks()
    return [
        column.chunk(0) if column.num_chunks else pa.array([], pa.binary()).dictionary_encode()
        for column in table.columns
    ]


def _texts(column: pa.DictionaryArray, encoding: str) -> pa.DictionaryArray:
    values = column.dictionary
    if encoding in _AS_UTF8:
        texts = values.cast(pa.string())
    else:
        joined = values.buffers()[2]
        if joined is None or joined.to_pybytes().isascii():
            texts = values.cast(pa.string())
        else:
            texts = pa.array([value.decode(encoding) for value in values.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(column.indices, texts)


def _clean(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """Trimmed, with missing values missing, and each distinct text once."""
    values = column.dictionary
    trimmed = pc.utf8_trim_whitespace(values)
    missing = pc.is_in(pc.utf8_upper(trimmed), pa.array(MISSING))
    if not pc.any(missing).as_py() and trimmed.equals(values):
        return column
    distinct = pc.if_else(missing, pa.scalar(None, pa.string()), trimmed).dictionary_encode()
    if isinstance(distinct, pa.ChunkedArray):
        distinct = distinct.combine_chunks()
    renumbered = np.append(codes_of(distinct), -1)
    return coded(renumbered[codes_of(column)], distinct.dictionary)


def _without_blank_rows(columns: list[pa.DictionaryArray]) -> tuple[pa.Table, np.ndarray]:
    """The rows with anything in them, and their positions."""
    names = [f"c{index}" for index in range(len(columns))]
    filled = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        if filled.all():
            break
        filled |= codes_of(column) >= 0
    kept = np.flatnonzero(filled)
    table = pa.table(dict(zip(names, columns, strict=True)))
    if len(kept) < len(filled):
        table = table.take(pa.array(kept)).combine_chunks()
    return table, kept


# --- workbooks ---


def _workbook(data: bytes) -> tuple[tuple[str, ...], pa.Table, np.ndarray]:
    rows, first_row, fault = _sheet_rows(data)
    if fault is not None:
        raise _unreadable(fault)
    texts = [[_cell_text(cell) for cell in row] for row in rows]
    header_at = next((index for index, row in enumerate(texts) if any(text.strip() for text in row)), None)
    if header_at is None:
        raise _unreadable("empty")
    headers = tuple(text.strip() for text in texts[header_at])
    body = texts[header_at + 1 :]
    columns = []
    for index in range(len(headers)):
        values = pa.array([row[index] if index < len(row) else "" for row in body], pa.string())
        columns.append(_clean(values.dictionary_encode()))
    table, kept = _without_blank_rows(columns)
    return headers, table, kept + first_row + header_at + 2


def _sheet_rows(data: bytes) -> tuple[list[list[Any]], int, str | None]:
    """The rows of the first sheet, the index of the first of them in the sheet, and a fault if any."""
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
            if not workbook.sheet_names:
                return [], 0, "workbook"
            sheet = workbook.get_sheet_by_index(0)
            if sheet.height * sheet.width > LARGEST_SHEET_CELLS:
                return [], 0, "too_large"
            start = sheet.start[0] if sheet.start else 0
            return sheet.to_python(skip_empty_area=True), start, None
    except python_calamine.PasswordError:
        return [], 0, "encrypted"
    except (python_calamine.CalamineError, OSError, ValueError):
        return [], 0, "workbook"


def _cell_text(cell: Any) -> str:
    """A cell as it would stand in a CSV: days and times in ISO form, numbers without an exponent."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, dt.datetime):
        cell = cell.replace(microsecond=0)
        return cell.strftime("%Y-%m-%d %H:%M:%S") if cell.time() != dt.time() else cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return "" if cell is None else str(cell)
