"""A table of a page as a workbook that filters, under a line of what it is."""

from __future__ import annotations

import io

import xlsxwriter

from indicators.answer_tables import TEXT_STAYS_TEXT
from pages.text.tables import Table

#: The line of what it is, and the line of the headings.
_MARK, _HEAD = 0, 2
_WIDTH = 22


def workbook(table: Table, mark: str) -> bytes:
    """A table as an xlsx file; no cell of it is a formula. `mark` says what it is of."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {**TEXT_STAYS_TEXT, "in_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "text_wrap": True})
        sheet.write_string(_MARK, 0, mark)
        for at, title in enumerate(table.header):
            sheet.write_string(_HEAD, at, title, bold)
        for down, row in enumerate(table.rows, start=_HEAD + 1):
            for at, cell in enumerate(row):
                if isinstance(cell.plain, int | float):
                    sheet.write_number(down, at, cell.plain)
                else:
                    sheet.write_string(down, at, cell.text if cell.plain is None else cell.plain)
        sheet.set_column(0, len(table.header) - 1, _WIDTH)
        sheet.autofilter(_HEAD, 0, _HEAD + len(table.rows), len(table.header) - 1)
        sheet.freeze_panes(_HEAD + 1, 1)
    return made.getvalue()
