"""Tables: how a page shows them, and how a spreadsheet takes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from indicators.catalogue.definition import Definition
from indicators.engine.question import NO_DATA, NO_DENOMINATOR, SUPPRESSED, has_range
from indicators.wording import formats
from indicators.wording.translations import _
from pages.text import names
from pages.ui.cache import cached_by_content
from pipelines.spreadsheet import text_cell

_BOM = "\ufeff"
Plain = str | int | float | None


@dataclass(frozen=True)
class Cell:
    """A cell: its text on the page, and its value in a spreadsheet."""

    text: str
    plain: Plain


#: A cell, or the text or whole number it shows.
Value = Cell | str | int


@dataclass(frozen=True)
class Table:
    """A table. `right` says of each column whether it is aligned right; `has_status` whether statuses explain missing numbers.

    `note` goes with every row of its file.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: tuple[bool, ...]
    caption: str = ""
    has_status: bool = False
    note: str = ""

    @classmethod
    def of(
        cls,
        caption: str,
        header: Sequence[str],
        rows: Iterable[Iterable[Value]],
        right: Iterable[int] = (),
        *,
        has_status: bool = False,
        note: str = "",
    ) -> Table:
        """The table of some values; `right` are the positions of the columns aligned to the right."""
        aligned = set(right)
        cells = tuple(tuple(_as_cell(value) for value in row) for row in rows)
        return cls(
            tuple(header), cells, tuple(at in aligned for at in range(len(header))), caption, has_status, note
        )

    def csv(self, mark: str = "") -> bytes:
        """The table as CSV; its note and a mark, such as that of demo data, go with every row.

        A missing number is an empty field where a status explains it, else the words of the page.
        """
        note = "; ".join(filter(None, (mark, self.note)))
        more = [note] if note else []
        header = [*self.header, *([_("Note")] if note else [])]
        return csv_bytes(header, [[*map(self._field, row), *more] for row in self.rows])

    def _field(self, cell: Cell) -> Plain:
        return cell.text if formats.missing(cell.plain) and not self.has_status else cell.plain


def _as_cell(value: Value) -> Cell:
    if isinstance(value, Cell):
        return value
    return Cell(formats.number(value), value) if isinstance(value, int) else Cell(value, value)


def value_cell(row: Mapping[str, Any] | None, definition: Definition) -> Cell:
    """The value of a result row with its status; no information without a row."""
    return (
        Cell(formats.status_word(NO_DATA), None)
        if row is None
        else Cell(formats.marked(row, definition), _float(row["value"]))
    )


def count_cell(count: float | None) -> Cell:
    """A count; None is one that is suppressed."""
    return Cell(
        formats.verdict(SUPPRESSED) if count is None else formats.number(count),
        None if count is None else round(count),
    )


def n_cell(row: Mapping[str, Any], column: str = "denominator") -> Cell:
    """A count of a result row, or the word for why there is none."""
    return Cell(formats.count(row, column), formats.counted(row, column))


def coverage_cell(row: Mapping[str, Any]) -> Cell:
    """The coverage of a result row in per cent."""
    return Cell(formats.coverage(row), None if row["status"] == NO_DENOMINATOR else _float(row["coverage"]))


def day_cell(day: date | None) -> Cell:
    """A day; no information without one."""
    return Cell(formats.day(day), day.isoformat()) if day else Cell(formats.status_word(NO_DATA), None)


def period_cell(label: str) -> Cell:
    """A period by its name."""
    return Cell(formats.period(label), label)


def _float(value: Any) -> float | None:
    return None if formats.missing(value) else float(value)


def answer_table(
    rows: pd.DataFrame, definition: Definition, splits: Sequence[str] = (), *, caption: str = ""
) -> Table:
    """One row per result row of an answer, the newest period first: value, counts, coverage, status."""
    ordered = rows.sort_values("period_start", ascending=False, kind="stable")
    # Names are looked up here: they are arguments of what is cached by content.
    called = {split: names.names(split, ordered[split]) for split in splits}
    return _answer_table(ordered, definition, called, [names.dimension(split) for split in splits], caption)


@cached_by_content
def _answer_table(
    rows: pd.DataFrame,
    definition: Definition,
    called: Mapping[str, Mapping[str, str]],
    dimensions: Sequence[str],
    caption: str,
) -> Table:
    shares = definition.is_share
    has_n = bool(rows["denominator"].notna().any()) or shares
    has_coverage = bool(rows["coverage"].notna().any())
    records = rows.to_dict("records")
    ranged = any(map(has_range, records))
    texts = [_("Period"), *dimensions]
    numbers = [
        f"{names.text(definition).short}, {formats.unit_word(definition)}",
        *([_("Lower bound"), _("Upper bound")] * ranged),
        *([_("Numerator")] * shares),
        *([_("n")] * has_n),
        *([_("Coverage, %")] * has_coverage),
    ]
    body = []
    for row in records:
        cells = [period_cell(row["period"]), *(of[row[split]] for split, of in called.items())]
        cells.append(Cell(formats.cell(row, definition), _float(row["value"])))
        if ranged:
            cells += [_end(row, definition, end) for end in ("low", "high")]
        if shares:
            cells.append(n_cell(row, "numerator"))
        if has_n:
            cells.append(n_cell(row))
        if has_coverage:
            cells.append(coverage_cell(row))
        body.append([*cells, formats.status_word(row["status"])])
    right = range(len(texts), len(texts) + len(numbers))
    return Table.of(caption, [*texts, *numbers, _("Status")], body, right, has_status=True)


def _end(row: Mapping[str, Any], definition: Definition, end: str) -> Cell:
    """An end of the range of a row; where there is no range, its value is both ends."""
    amount = row[end] if has_range(row) else row["value"]
    return Cell("" if formats.missing(amount) else formats.value(amount, definition), _float(amount))


def csv_bytes(header: Sequence[str], rows: Iterable[Iterable[Plain]]) -> bytes:
    """A table as CSV: semicolons, decimal commas, UTF-8 with a byte order mark; a missing number is an empty field.

    >>> csv_bytes(["osuus"], [[71.25], ["=1+1"]]).decode("utf-8-sig")
    "osuus\\r\\n71,25\\r\\n'=1+1\\r\\n"
    """
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([_field(text) for text in header])
    writer.writerows([_field(value) for value in row] for row in rows)
    return (_BOM + written.getvalue()).encode("utf-8")


def _field(value: Plain) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        text = f"{value:.6f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text.replace(".", ",")
    return text_cell(value) if isinstance(value, str) else str(value)


def worst_first(rows: pd.DataFrame, definition: Definition) -> pd.DataFrame:
    """The rows worst first; suppressed ones by the middle of what may be said of them, rows without any value last."""
    middle = rows["value"].fillna((rows["low"] + rows["high"]) / 2)
    order = middle.sort_values(ascending=definition.better != "down", kind="stable", na_position="last").index
    return rows.loc[order]
