"""Where the headers of a file are, when its first row fits no layout: in another row or sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.findings import Finding, RefusedFile, finding
from pipelines.mapping.recognise import fits
from pipelines.mapping.source import Source
from pipelines.reading.encodings import text_bytes
from pipelines.reading.options import ReadingOptions
from pipelines.reading.table import SEPARATORS, first_records, is_workbook
from pipelines.reading.unpacking import Limits, unpacked
from pipelines.reading.workbook import masked_names, read_sheet, sheet_names

#: So many of the first rows of a table may be titles.
_ROWS_LOOKED_AT = 30
#: A header has at least so many columns, where nothing else shows that it is one.
_LEAST_COLUMNS = 3
#: A header may lack some of its names.
_NEARLY = 0.7


def better_header(
    data: bytes, candidates: Sequence[Source], options: ReadingOptions, limits: Limits, encoding: str | None
) -> Finding | None:
    """Return the finding that says in which row or sheet the headers are; None where no other row looks like headers.

    The sheet that was named is searched, and others where they fit a layout. Only names of sheets are quoted.
    """
    if options.header_row is not None and options.sheet is not None:
        return None
    inner, _ = unpacked(data, limits)
    if is_workbook(inner):
        return _in_workbook(inner, candidates, options)
    if options.header_row is not None:
        return None
    body, encoding = text_bytes(inner, encoding)
    tables = [first_records(body, encoding, separator, _ROWS_LOOKED_AT) for separator in SEPARATORS]
    for rows in tables:
        at = _fitting(rows, candidates)
        if at is not None:
            return _title(at + 1)
    widest = max(tables, key=lambda rows: max(map(_filled, rows), default=0))
    at = _below_titles(widest)
    return None if at is None else _title(at + 1)


def likely_table(data: bytes, limits: Limits, sheet: str | None) -> tuple[ReadingOptions, list[str]]:
    """Return sheet and header row of the likely table of an unknown file, and the titles above it.

    Sheet and header row are None where they are the first. Raises RefusedFile where the file cannot be read.
    """
    inner, _ = unpacked(data, limits)
    if is_workbook(inner):
        found = list(_sheets(inner, sheet_names(inner), ReadingOptions(sheet=sheet)))
        if not found:
            return ReadingOptions(sheet=sheet), []
        name, rows, first_row = max(found, key=lambda one: sum(map(_filled, one[1])))
        at = _likely_header(rows)
        options = ReadingOptions(
            sheet=sheet or (name if name != sheet_names(inner)[0] else None),
            header_row=first_row + at if at != _first_filled(rows) else None,
        )
        return options, [name, *_titles(rows[:at])]
    body, encoding = text_bytes(inner, None)
    tables = [first_records(body, encoding, separator, _ROWS_LOOKED_AT) for separator in SEPARATORS]
    widest = max(tables, key=lambda rows: sum(sorted(map(len, rows))[-_ROWS_LOOKED_AT // 2 :]))
    at = _likely_header(widest)
    return ReadingOptions(header_row=at + 1 if at != _first_filled(widest) else None), _titles(widest[:at])


def _titles(rows: Sequence[Sequence[str]]) -> list[str]:
    return [cell.strip() for row in rows for cell in row if cell.strip()]


def _likely_header(rows: Sequence[Sequence[str]]) -> int:
    """The first row that is nearly as wide as the widest."""
    most = max(map(_filled, rows), default=0)
    return next((at for at, row in enumerate(rows) if _filled(row) and _filled(row) >= _NEARLY * most), 0)


def _title(row: int, **more: Any) -> Finding:
    return finding("unknown_layout", reason="title", row=row, **more)


def _in_workbook(data: bytes, candidates: Sequence[Source], options: ReadingOptions) -> Finding | None:
    names = sheet_names(data)
    for name, rows, first_row in _sheets(data, names, options):
        at = _fitting(rows, candidates)
        if at is None:
            continue
        others = name != names[0] and options.sheet is None
        if not others:
            return _title(first_row + at)
        if _first_filled(rows) == at:
            return finding(
                "unknown_layout", reason="sheet", sheet=masked_names([name])[0], sheets=masked_names(names)
            )
        return finding(
            "unknown_layout",
            reason="sheet_title",
            sheet=masked_names([name])[0],
            sheets=masked_names(names),
            row=first_row + at,
        )
    sheet = read_sheet(data, options.sheet, _ROWS_LOOKED_AT)
    at = _below_titles(sheet.rows)
    if at is not None and options.header_row is None:
        return _title(sheet.first_row + at)
    if len(names) > 1 and options.sheet is None:
        return finding("unknown_layout", reason="sheets", sheets=masked_names(names))
    return None


def _sheets(
    data: bytes, names: Sequence[str], options: ReadingOptions
) -> Iterator[tuple[str, list[list[str]], int]]:
    for number in range(1, len(names) + 1):
        wanted = options.sheet or str(number)
        try:
            sheet = read_sheet(data, wanted, _ROWS_LOOKED_AT)
        except RefusedFile:
            continue
        yield sheet.name, sheet.rows, sheet.first_row
        if options.sheet is not None:
            return


def _fitting(rows: Sequence[Sequence[str]], candidates: Sequence[Source]) -> int | None:
    return next((at for at, row in enumerate(rows) if fits([cell.strip() for cell in row], candidates)), None)


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _first_filled(rows: Sequence[Sequence[str]]) -> int | None:
    return next((at for at, row in enumerate(rows) if _filled(row)), None)


def _below_titles(rows: Sequence[Sequence[str]]) -> int | None:
    """The first row as wide as the table, where the rows above it are at most half as wide: titles."""
    first = _first_filled(rows)
    most = max(map(_filled, rows), default=0)
    if first is None or most < _LEAST_COLUMNS or _filled(rows[first]) > most / 2:
        return None
    return next(at for at, row in enumerate(rows) if _filled(row) == most)
