"""A report as a workbook: a sheet a table, cells typed as they are, definitions and sources on sheets of their own."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter

from indicators.answer_tables import TEXT_STAYS_TEXT
from indicators.report import tables, words
from indicators.report.content import Report
from indicators.report.tables import Table
from indicators.wording.audience import audience_words
from indicators.wording.colours import LIGHT
from indicators.wording.funding import statement
from indicators.wording.translations import _

_LONGEST_NAME, _WIDEST, _NARROWEST, _WIDTH_OF_FIRST = 31, 40, 10, 100
#: The height of a line, in points.
_LINE = 15.5
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")


def workbook_tables(report: Report) -> list[Table]:
    """The tables of the workbook, in their order; those without anything in them are left out."""
    found = [
        tables.targets(report, report.results) if report.results else None,
        tables.changes(report),
        tables.series(report),
        tables.by_unit(report),
        tables.queues(report),
        tables.debt(report),
        tables.coverage(report),
        tables.definitions(report),
        tables.sources(report),
    ]
    return [table for table in found if table is not None and table.rows]


def workbook(report: Report) -> bytes:
    """The report as an xlsx file."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {**TEXT_STAYS_TEXT, "in_memory": True}) as book:
        book.set_properties(
            {"title": words.title(report), "subject": audience_words(report.asked.audience.name)}
        )
        styles = _Styles(book)
        _first_sheet(book, styles, report)
        for table in workbook_tables(report):
            _sheet(book, styles, table, report)
    return made.getvalue()


class _Styles:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **properties})
        return self._made[key]


def _first_sheet(
    book: xlsxwriter.Workbook,
    styles: _Styles,
    report: Report,
) -> None:
    sheet = book.add_worksheet(_sheet_name(_("About")))
    sheet.set_column(0, 0, _WIDTH_OF_FIRST)
    lines = [
        (f"{words.title(report)} · {words.area_name(report)}", styles.of(bold=True, font_size=14)),
        (audience_words(report.asked.audience.name), styles.of(bold=True)),
        (words.made(report.asked, report.loads), styles.of()),
        (words.published(report), styles.of()),
        (statement(report.funding), styles.of()),
        (words.units_named(report), styles.of()),
        *(
            (said, styles.of(text_wrap=True))
            for said in words.actions(report) or (*words.finding(report), *words.to_decide(report))
        ),
        *((said, styles.of(text_wrap=True)) for said in words.caveats(report)),
    ]
    for at, (said, style) in enumerate(line for line in lines if line[0]):
        sheet.write_string(at, 0, said, style)
        sheet.set_row(at, _LINE * math.ceil(len(said) / _WIDTH_OF_FIRST) + (4 if at == 0 else 0))
    _for_print(sheet, report)


def _sheet(book: xlsxwriter.Workbook, styles: _Styles, table: Table, report: Report) -> None:
    sheet = book.add_worksheet(_sheet_name(table.name))
    sheet.write_string(0, 0, table.caption, styles.of(bold=True, font_size=12))
    sheet.write_string(
        1, 0, f"{words.area_name(report)} · {audience_words(report.asked.audience.name)}", styles.of()
    )
    header = {"bold": True, "bottom": 1, "text_wrap": True, "bg_color": LIGHT["panel"]}
    for at, said in enumerate(table.header):
        place = {"align": "right"} if table.numbers[at] else {"align": "left", "indent": 1}
        sheet.write_string(3, at, said, styles.of(**header, **place))
        sheet.set_column(at, at, _width(table, at))
    sheet.set_row(3, _height(table, table.header))
    for down, row in enumerate(table.rows, start=4):
        sheet.set_row(down, _height(table, [cell.text for cell in row]))
        for at, cell in enumerate(row):
            _write(sheet, styles, (down, at), cell, table)
    sheet.freeze_panes(4, 1)
    sheet.autofilter(3, 0, 3 + len(table.rows), len(table.header) - 1)
    _for_print(sheet, report)
    sheet.repeat_rows(3)


def _write(sheet: Any, styles: _Styles, place: tuple[int, int], cell: tables.Cell, table: Table) -> None:
    """Write a cell by the type of its value; the word for why a number is missing stands where the number would."""
    plain, decimals, number = cell.plain, table.decimals[place[1]], table.numbers[place[1]]
    if isinstance(plain, date):
        sheet.write_datetime(*place, plain, styles.of(num_format="d.m.yyyy", align="left", indent=1))
    elif isinstance(plain, int | float):
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        sheet.write_number(*place, plain, styles.of(num_format=pattern))
    else:
        side = {"align": "right"} if number else {"align": "left", "indent": 1}
        sheet.write_string(*place, cell.text, styles.of(text_wrap=True, **side))


def _height(table: Table, texts: Sequence[str]) -> float:
    """The height of a row in points: as many lines as its longest cell needs in its column."""
    lines = max(math.ceil(len(said) / _width(table, at)) for at, said in enumerate(texts))
    return _LINE * max(lines, 1)


def _for_print(sheet: Any, report: Report) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{audience_words(report.asked.audience.name)}&R&P/&N")


def _width(table: Table, at: int) -> int:
    # A heading goes on as many lines as it needs.
    texts = [*table.header[at].split(), *(row[at].text for row in table.rows)]
    return min(max(max(map(len, texts)), _NARROWEST), _WIDEST) + 2


def _sheet_name(name: str) -> str:
    return _NOT_IN_NAMES.sub(" ", name)[:_LONGEST_NAME]


def sheet_names(tables_of_book: Sequence[Table]) -> list[str]:
    """The names of the sheets, the first one included."""
    return [_sheet_name(_("About")), *(_sheet_name(table.name) for table in tables_of_book)]
