"""Cells of a workbook that are shown with a percent sign: 0.855 is shown as 85.5 %. The library reads only the number."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import IO

_PIECE = 4 << 20
#: Styles and lists of sheets are small; what is larger is not looked at.
_LARGEST_PART = 64 << 20
#: Forms of numbers that every workbook has: `0%` and `0.00%`.
_BUILT_IN = frozenset({b"9", b"10"})

_FORM = re.compile(rb"<(?:\w+:)?numFmt\s([^>]*)>")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b([^>]*)>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"""(?:\w+:)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PLACE = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})")
#: Text within the form of a number, where a percent sign is only a sign.
_LITERAL = re.compile(rb"""&quot;.*?&quot;|'[^']*'|\\.|_.""")


def percent_cells(archive: zipfile.ZipFile, at: int) -> set[tuple[int, int]]:
    """Return row and column, from 0, of the cells of sheet number `at` (from 0) shown with a percent sign.

    Raises what reading a zip raises.
    """
    styles = _percent_styles(_part(archive, "xl/styles.xml"))
    path = _path_of(archive, at) if styles else None
    if path is None:
        return set()
    with archive.open(path) as stream:
        return set(_cells_of(stream, styles))


def percent_text(number: float) -> str:
    """A number as a cell shows it with a percent sign.

    >>> percent_text(0.855), percent_text(0.07), percent_text(1)
    ('85.5 %', '7 %', '100 %')
    """
    shown = (Decimal(repr(number)) * 100).normalize()
    return f"{shown:f} %"


def _part(archive: zipfile.ZipFile, path: str) -> bytes:
    """A part of the workbook, nothing where it has none or where it is too large."""
    found = next((one for one in archive.infolist() if one.filename.lstrip("/").lower() == path), None)
    return b"" if found is None or found.file_size > _LARGEST_PART else archive.read(found)


def _attributes(written: bytes) -> dict[bytes, bytes]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(written)}


def _percent_styles(styles: bytes) -> frozenset[bytes]:
    """The numbers of the styles of cells that have a percent sign."""
    forms = set(_BUILT_IN)
    for written in _FORM.findall(styles):
        form = _attributes(written)
        if b"%" in _LITERAL.sub(b"", form.get(b"formatCode", b"")):
            forms.add(form.get(b"numFmtId", b""))
    found = _CELL_STYLES.search(styles)
    own = _STYLE.findall(found[0]) if found else []
    return frozenset(
        str(number).encode()
        for number, written in enumerate(own)
        if _attributes(written).get(b"numFmtId") in forms
    )


def _path_of(archive: zipfile.ZipFile, at: int) -> str | None:
    sheets = _SHEET.findall(_part(archive, "xl/workbook.xml"))
    if at >= len(sheets):
        return None
    wanted = _attributes(sheets[at]).get(b"id")
    for written in _RELATION.findall(_part(archive, "xl/_rels/workbook.xml.rels")):
        relation = _attributes(written)
        if relation.get(b"Id") == wanted:
            target = relation.get(b"Target", b"").decode("utf-8", "replace")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return path if path in archive.namelist() else None
    return None


def _cells_of(stream: IO[bytes], styles: frozenset[bytes]) -> Iterator[tuple[int, int]]:
    begun = b""
    while piece := stream.read(_PIECE):
        begun += piece
        # The last tag may go on in the next piece.
        whole = begun.rfind(b"<")
        for written in _CELL.findall(begun[:whole]):
            cell = _attributes(written)
            place = _PLACE.fullmatch(cell.get(b"r", b"")) if cell.get(b"s") in styles else None
            if place:
                yield int(place[2]) - 1, column_number(place[1]) - 1
        begun = begun[whole:]


def column_number(letters: bytes) -> int:
    """The number of a column that a workbook names by letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
