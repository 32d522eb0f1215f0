"""The `reading` section of a mapping: which table of a file is read, and how its texts are."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

#: What may stand between the thousands of a number.
THOUSANDS_SIGNS = (",", ".", " ", "'", "\u2019")


@dataclass(frozen=True)
class ReadingOptions:
    """What is declared of the tables and texts of a file; None: not declared.

    `sheet` is the name, or the number from 1, of a sheet of a workbook; `header_row` the row that the headers
    stand in. `thousands` is the sign between thousands; the other one of comma and point is then the decimal sign.
    `missing` are placeholders besides the usual ones; `timezone` is the zone of times without an offset.
    `year_starts` is the month in which a year begins that is written as two, 2024/25; `blank_adds_zero` says that a
    blank among numbers that are added up counts as 0, where not all of them are blank; `end_notes` that the rows at the
    end in which only the first cell has anything are notes, and left out.
    """

    sheet: str | None = None
    header_row: int | None = None
    thousands: str | None = None
    missing: tuple[str, ...] = ()
    timezone: str | None = None
    year_starts: int | None = None
    blank_adds_zero: bool = False
    end_notes: bool = False


NOTHING_DECLARED = ReadingOptions()


def reading_options(document: Mapping[str, Any], faults: list[str]) -> ReadingOptions:
    """The section `reading` of a mapping; what is wrong with it is added to `faults`."""
    written = document.get("reading", {})
    if not isinstance(written, dict):
        faults.append("reading must be a table: [reading]")
        return NOTHING_DECLARED
    known = {field.name for field in fields(ReadingOptions)}
    faults += [f"unknown key 'reading.{key}'" for key in sorted(set(written) - known)]
    return ReadingOptions(
        sheet=_sheet(written.get("sheet"), faults),
        header_row=_header_row(written.get("header_row"), faults),
        thousands=_thousands(written.get("thousands"), faults),
        missing=_missing(written.get("missing", []), faults),
        timezone=_timezone(written.get("timezone"), faults),
        year_starts=_month(written.get("year_starts"), faults),
        blank_adds_zero=_truth("blank_adds_zero", written, faults),
        end_notes=_truth("end_notes", written, faults),
    )


def _sheet(sheet: Any, faults: list[str]) -> str | None:
    if sheet is None or (isinstance(sheet, str) and sheet.strip()):
        return sheet
    if isinstance(sheet, int) and not isinstance(sheet, bool) and sheet > 0:
        return str(sheet)
    faults.append("reading.sheet must be the name of a sheet, or its number from 1")
    return None


def _header_row(row: Any, faults: list[str]) -> int | None:
    if row is None or (isinstance(row, int) and not isinstance(row, bool) and row > 0):
        return row
    faults.append("reading.header_row must be a row number from 1")
    return None


def _thousands(sign: Any, faults: list[str]) -> str | None:
    if sign is None or sign in THOUSANDS_SIGNS:
        return sign
    faults.append("reading.thousands must be one of " + " ".join(f"{known!r}" for known in THOUSANDS_SIGNS))
    return None


def _missing(written: Any, faults: list[str]) -> tuple[str, ...]:
    texts = [written] if isinstance(written, str) else written
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        return tuple(texts)
    faults.append("reading.missing must be a list of texts")
    return ()


def _timezone(name: Any, faults: list[str]) -> str | None:
    if name is None or (isinstance(name, str) and name in zoneinfo.available_timezones()):
        return name
    faults.append('reading.timezone must be the name of a time zone, such as "UTC"')
    return None


def _month(month: Any, faults: list[str]) -> int | None:
    if month is None or (isinstance(month, int) and not isinstance(month, bool) and 1 <= month <= 12):
        return month
    faults.append("reading.year_starts must be the number of a month, 1 to 12")
    return None


def _truth(key: str, document: Mapping[str, Any], faults: list[str]) -> bool:
    written = document.get(key, False)
    if isinstance(written, bool):
        return written
    faults.append(f"reading.{key} must be true or false")
    return False
