"""Excel workbooks: their sheets as rows of texts."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import python_calamine

from pipelines.findings import unreadable
from pipelines.identity_codes import mask
from pipelines.reading.percent_cells import column_number, percent_cells, percent_text

_Found = TypeVar("_Found")
LARGEST_SHEET_CELLS = 40_000_000
PIECE = 4 << 20
#: How many names of sheets a message names.
_MOST_NAMES = 10


@dataclass(frozen=True)
class Sheet:
    """A sheet as texts: its `rows` from the row of number `first_row` on."""

    name: str
    rows: list[list[str]]
    first_row: int


def sheet_names(data: bytes) -> tuple[str, ...]:
    """The sheets of a workbook, in order. Raises RefusedFile with `unreadable`."""
    names, fault = _names(data)
    if fault is not None:
        raise unreadable(fault)
    return names


def masked_names(names: Sequence[str]) -> list[str]:
    """Return names of sheets as a message may name them."""
    return [mask(name) for name in names[:_MOST_NAMES]]


def read_sheet(data: bytes, wanted: str | None = None, most_rows: int | None = None) -> Sheet:
    """Return a sheet of a workbook by its name or its number from 1, by default the first.

    Case and surrounding space of a name do not count. Raises RefusedFile with `unreadable`.
    """
    names = sheet_names(data)
    at = _position(names, wanted)
    if at is None:
        raise unreadable("no_sheet", sheet=mask(wanted or ""), sheets=masked_names(names))
    _refuse_large_sheets(data)
    rows, (first, left), fault = _rows(data, at, most_rows)
    if fault is not None:
        raise unreadable(fault)
    shares = _in_parts(data, lambda archive: percent_cells(archive, at))
    texts = [
        [
            percent_text(cell)
            if shares and (row, column) in shares and type(cell) in (int, float)
            else cell_text(cell)
            for column, cell in enumerate(cells, left)
        ]
        for row, cells in enumerate(rows, first)
    ]
    return Sheet(names[at], texts, first + 1)


def _in_parts(data: bytes, look: Callable[[zipfile.ZipFile], _Found]) -> _Found:
    """Return what is found in the parts of a workbook. Raises RefusedFile with `unreadable`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return look(archive)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError):
        # The exception may quote the file: it must not travel with this one.
        fault = unreadable("workbook")
    raise fault


def _position(names: Sequence[str], wanted: str | None) -> int | None:
    if wanted is None:
        return 0
    plain = [name.strip().casefold() for name in names]
    if wanted.strip().casefold() in plain:
        return plain.index(wanted.strip().casefold())
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() else 0
    return number - 1 if 1 <= number <= len(names) else None


def _names(data: bytes) -> tuple[tuple[str, ...], str | None]:
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
            return tuple(workbook.sheet_names), None if workbook.sheet_names else "workbook"
    except python_calamine.PasswordError:
        return (), "encrypted"
    except (python_calamine.CalamineError, OSError, ValueError):
        return (), "workbook"


def _rows(data: bytes, at: int, most_rows: int | None) -> tuple[list[list[Any]], tuple[int, int], str | None]:
    """The rows of a sheet, the indexes of the first row and column of them, and a fault if any."""
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
            sheet = workbook.get_sheet_by_index(at)
            if sheet.height * sheet.width > LARGEST_SHEET_CELLS:
                return [], (0, 0), "too_large"
            start = sheet.start or (0, 0)
            return sheet.to_python(skip_empty_area=True, nrows=most_rows), start, None
    except (python_calamine.CalamineError, OSError, ValueError):
        return [], (0, 0), "workbook"


def cell_text(cell: Any) -> str:
    """A cell as in a CSV: days and times in ISO form, numbers without an exponent."""
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


def _refuse_large_sheets(data: bytes) -> None:
    """Raise RefusedFile where a worksheet would be too large to lay out."""

    def is_large(archive: zipfile.ZipFile) -> bool:
        sheets = [entry for entry in archive.infolist() if "/worksheets/" in f"/{entry.filename}".lower()]
        return any(sheet_cells(archive, entry) > LARGEST_SHEET_CELLS for entry in sheets)

    if _in_parts(data, is_large):
        raise unreadable("too_large")


_ROW = re.compile(rb"<(?:\w+:)?row\b")
_ROW_NUMBER = re.compile(rb"""\A[^>]*?\sr\s*=\s*["']([0-9]{1,7})["']""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_TAG_LENGTH, _LONGEST_SHEET_ROW = 64, 32 << 20
_CELL_COLUMN = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})[0-9]+["']""")


def sheet_cells(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return how many cells the rectangle from A1 to the last cell of a worksheet has, at most.

    The library lays out the whole rectangle, and ends the process where memory does not suffice: one stray cell in the
    far corner would be enough.
    """
    last_row = unnumbered = width = 0
    columns: set[bytes] = set()
    begun = b""
    with archive.open(entry) as stream:
        while True:
            piece = stream.read(PIECE)
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
                return (last_row + unnumbered) * max([width, *map(column_number, columns)])
