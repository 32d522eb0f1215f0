"""Cells of a workbook that are shown with a percent sign are read as they are shown: 85.5 %, not 0.855."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.findings import RefusedFile
from pipelines.reading.percent_cells import percent_cells
from pipelines.reading.table import read_table
from pipelines.reading.workbook import read_sheet
from tests.pipelines.reading_helpers import codes, read

FIGURE = "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"


def book(
    cells: list[list[object]], form: str | None, sheet: str = "Luvut", first: tuple[int, int] = (0, 0)
) -> bytes:
    """A workbook of two sheets with the cells on the second; numbers below 10 have the form."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    shown, whole = made.add_format({"num_format": form} if form else {}), made.add_format({"bold": True})
    front = made.add_worksheet("Etusivu")
    front.write(0, 0, 0.5, made.add_format({"num_format": "0%"}))
    written = made.add_worksheet(sheet)
    for row, line in enumerate(cells, first[0]):
        for column, cell in enumerate(line, first[1]):
            small = isinstance(cell, float) and cell < 10
            written.write(row, column, cell, shown if small else whole)
    made.close()
    return out.getvalue()


def figures(form: str | None, value: float = 0.855, unit: str = "percent", numerator: float | None = None):
    row = ["seven_day_access", "18", "primary_care", "2024-01-01", "2024-12-31"]
    row += [numerator, None if numerator is None else 1000, value, unit, None, "x"]
    return read(book([FIGURE.split(","), row], form), source="figures", sheet="Luvut")


@pytest.mark.parametrize("form", ["0%", "0.00%", "0.0 %", '0.0"%"%', "[Red]0%;-0%", "# ##0,0%"])
def test_a_share_is_as_it_is_shown(form: str) -> None:
    assert figures(form).accepted["value"].to_pylist() == [85.5]


@pytest.mark.parametrize("form", [None, "0.000", '0.0"%"', "0.0\\%"])
def test_without_the_sign_a_number_is_what_it_is(form: str | None) -> None:
    assert figures(form).accepted["value"].to_pylist() == [0.855]


def test_a_percent_where_things_are_counted_is_told() -> None:
    assert "bad_number" in codes(figures("0%", value=85.0, numerator=0.855)) or "wrong_unit" in codes(
        figures("0%", value=0.5, unit="days")
    )


def test_the_cells_are_those_of_the_sheet_wherever_they_stand() -> None:
    data = book([["a", "b"], [0.25, 25.0], ["x", 0.07]], "0%", first=(3, 2))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert percent_cells(archive, 0) == {(0, 0)}
        assert percent_cells(archive, 1) == {(4, 2), (5, 3)}
        assert percent_cells(archive, 2) == set()
    assert read_sheet(data, "Luvut").rows == [["a", "b"], ["25 %", "25"], ["x", "7 %"]]


def test_a_workbook_without_styles_has_none(tmp_path: Path) -> None:
    data = book([["a"], [0.25]], "0%")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for entry in before.infolist():
            if entry.filename != "xl/styles.xml":
                after.writestr(entry, before.read(entry))
    with zipfile.ZipFile(out) as archive:
        assert percent_cells(archive, 1) == set()


def test_an_empty_first_sheet_names_the_others() -> None:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    made.add_worksheet("Tyhjä")
    made.add_worksheet("Tiedot").write(0, 0, "x")
    made.close()
    with pytest.raises(RefusedFile) as caught:
        read_table(out.getvalue())
    (found,) = caught.value.findings
    assert found.params == {"reason": "empty_sheet", "sheet": "Tyhjä", "sheets": ["Tiedot"]}
    assert "Tiedot" in found.message("fi")
