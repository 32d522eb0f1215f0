"""What is written for spreadsheets comes back as it was: no cell is a formula, and nothing else is changed."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.checking.extract import LoadOptions
from pipelines.loading import master_data as master
from pipelines.loading.history import quarantine_csv
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.reading.table import MISSING, read_table
from pipelines.settings import load_settings
from pipelines.spreadsheet import from_cell, text_cell
from tests.pipelines.extracts import VISIT_HEADER, visit

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
SIGNS = "'=+-@＝＋－＠\t 1,%aÖ\u00a0"
TEXTS = st.one_of(st.text(SIGNS, max_size=6), st.text(max_size=8))
#: As a file's cells are kept once they are read: trimmed, with something in them, and in one line.
KEPT = TEXTS.map(lambda text: " ".join(text.split())).filter(
    lambda text: text and text.upper() not in MISSING and text.isprintable()
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
QUICK = settings(deadline=None, max_examples=150, database=None, derandomize=True)


@QUICK
@given(TEXTS)
def test_every_text_comes_back(text: str) -> None:
    assert from_cell(text_cell(text)) == text


@QUICK
@given(TEXTS)
def test_only_the_escape_is_taken_off(cell: str) -> None:
    """What no text is written as is read as it stands."""
    assert from_cell(cell) == cell or text_cell(from_cell(cell)) == cell


@QUICK
@given(TEXTS)
def test_no_cell_is_a_formula_but_a_number(text: str) -> None:
    cell = text_cell(text)
    if cell.lstrip(" \u00a0").startswith(FORMULAS):
        assert cell == text
        assert not set(cell) - set("-0123456789,.% \u00a0") or not any(c.isascii() for c in cell.strip("-"))


@QUICK
@given(st.lists(st.lists(KEPT, min_size=2, max_size=2), min_size=1, max_size=5))
def test_a_table_written_for_spreadsheets_reads_back(rows: list[list[str]]) -> None:
    header = ["=otsikko", "-Yksikkö"]
    out, book_out = io.StringIO(), io.BytesIO()
    written = [[text_cell(text) for text in row] for row in [header, *rows]]
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(written)
    book = xlsxwriter.Workbook(book_out, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(written):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()
    for data in (out.getvalue().encode("utf-8-sig"), book_out.getvalue()):
        raw = read_table(data)
        assert raw.headers == tuple(header)
        assert [list(row.values()) for row in raw.table.to_pylist()] == rows


@pytest.mark.parametrize(
    "name", ["=1+1", "+358 terveysasema", "-päivystys", "@koti", "'=1+1", "'s-Hertogenbosch", "＝SUMMA(A1)"]
)
def test_a_row_set_aside_comes_back_as_it_was_once_corrected(tmp_path: Path, name: str) -> None:
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    options = LoadOptions(as_of=date(2025, 4, 1))
    # As the source wrote it: an apostrophe of the text's own stands behind one that the reader takes off.
    line = visit(60, visit="31.2.2025", unit_name=text_cell(name))
    lines = [VISIT_HEADER, *(visit(number) for number in range(1, 60)), line, ""]
    report = load_bytes("kaynnit.csv", "\r\n".join(lines).encode(), options, own, now=NOW, today=TODAY)
    assert report.rows_quarantined == 1
    corrected = quarantine_csv(own, report.load_id, "fi").replace("31.2.2025", "28.2.2025")
    again = load_bytes("korjattu.csv", corrected.encode("utf-8-sig"), options, own, now=NOW, today=TODAY)
    assert (again.status, again.rows_loaded) == ("loaded", 1)
    found = published_snapshot(own).rows("SELECT unit_name FROM visits WHERE visit_id = '60'")
    assert found == [(name,)]


@pytest.mark.parametrize("name", ["=1+1", "'=1+1", "+358 terveysasema"])
def test_units_and_codes_written_out_and_read_back_change_nothing(tmp_path: Path, name: str) -> None:
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    lines = [VISIT_HEADER, visit(1, unit=text_cell(name), unit_name=text_cell(name)), ""]
    load_bytes("kaynnit_20250401.csv", "\r\n".join(lines).encode(), LoadOptions(), own, now=NOW, today=TODAY)
    units, codes = master.export_units(own), master.export_codes(own)
    assert text_cell(name) in units
    assert master.decide(own, master.in_file(own, units, by="tests", now=NOW), now=NOW) == 0
    assert master.decide(own, master.in_file(own, codes, by="tests", now=NOW), now=NOW) == 0
