"""Answers and targets as tables for other programs: CSV, JSON, Parquet, Excel and plain text."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from indicators.catalogue.errors import BadQuestion, TakuuvahtiError, reason_of
from indicators.catalogue.labels import name_of
from indicators.engine.question import CONTRACT_COLUMNS, Answer
from indicators.programme.targets import TargetResult
from pipelines.spreadsheet import text_cell

#: Formats of `--format`; the last two are written to a file.
TEXT_FORMATS, FILE_FORMATS = ("table", "csv", "json"), ("parquet", "xlsx")
FORMATS = (*TEXT_FORMATS, *FILE_FORMATS)
#: No cell of a workbook is a formula, a link or a number that the table has as a text.
TEXT_STAYS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: Characters of a wording that fit a table on a terminal.
WORDING_SHOWN = 40
#: Decimals of a number on a terminal, unless more are needed.
_SHOWN_DECIMALS = 2
#: The columns of the table of targets, also where it is empty.
TARGET_COLUMNS = (
    *("indicator", "area", "period", "period_start", "period_end", "target", "comparator", "unit"),
    *("as_written", "actual", "numerator", "n", "coverage", "actual_low", "actual_high", "status"),
    *("verdict", "earlier_period", "earlier_actual", "year_before", "demo", "demo_actual", "source"),
)


class CannotWrite(TakuuvahtiError):
    """The file to write to cannot be written."""

    exit_code = 2


def answer_table(
    answer: Answer, language: str | None = None, units: Mapping[str, Mapping[str, str]] | None = None
) -> pd.DataFrame:
    """The rows of an answer in the columns of the contract; with a language, a name column after each split.

    Figures of a period of their own are among them in the order of time.
    Values are unrounded; dates are ISO texts; what is not there is missing, never 0.
    """
    splits = answer.question.splits
    columns = ["indicator", "period", "period_start", "period_end", *splits, *CONTRACT_COLUMNS]
    rows = answer.rows[columns].copy()
    if len(answer.own_periods):
        rows = pd.concat([part for part in (rows, answer.own_periods[columns]) if len(part)])
        rows = rows.sort_values(["period_start", "period_end", *splits], kind="stable", ignore_index=True)
    for name in ("period_start", "period_end"):
        rows[name] = [day.isoformat() for day in rows[name]]
    if language is not None:
        for split in splits:
            names = [name_of(split, code, language, units) for code in rows[split]]
            rows.insert(rows.columns.get_loc(split) + 1, f"{split}_name", names)
    return rows


def with_missing(table: pd.DataFrame, answer: Answer) -> pd.DataFrame:
    """The table of an answer about queues with the list `missing` in each row: what its sum lacks, and its newest number."""
    if answer.definition.measure.dataset != "queue":
        return table
    return table.assign(missing=[[one.to_dict() for one in of or ()] for of in answer.rows["missing"]])


def targets_table(results: Sequence[TargetResult]) -> pd.DataFrame:
    """One row per target: what was promised, what is, and the verdict; values unrounded."""
    rows = [
        {
            "indicator": result.target.indicator,
            "area": result.target.area,
            "period": result.target.period.label,
            "period_start": result.target.period.start.isoformat(),
            "period_end": result.target.period.end.isoformat(),
            "target": result.target.value,
            "comparator": result.target.comparator,
            "unit": result.target.unit,
            "as_written": result.target.as_written,
            "actual": result.actual.value,
            "numerator": result.actual.numerator,
            "n": result.actual.denominator,
            "coverage": result.actual.coverage,
            "actual_low": result.actual.low,
            "actual_high": result.actual.high,
            "status": result.actual.status,
            "verdict": result.verdict,
            "earlier_period": result.earlier.period.label if result.earlier else None,
            "earlier_actual": result.earlier.value if result.earlier else None,
            "year_before": result.before.value if result.before else None,
            "demo": result.demo,
            "demo_actual": result.demo_actual.value if result.demo_actual else None,
            "source": result.target.cited_source,
        }
        for result in results
    ]
    return pd.DataFrame(rows, columns=TARGET_COLUMNS)


def shown_targets(results: Sequence[TargetResult]) -> pd.DataFrame:
    """The table of targets for a terminal: wordings cut, numbers with the decimals that show why the verdict is what it is."""
    table = targets_table(results)
    table["as_written"] = table["as_written"].map(shortened)
    for name in ("target", "actual", "year_before"):
        table[name] = [
            _shown(value, max(_SHOWN_DECIMALS, result.decimals))
            for value, result in zip(table[name], results, strict=True)
        ]
    return table


def shortened(wording: str | None) -> str | None:
    """A wording cut to what fits a terminal.

    >>> shortened("yli 10 %"), len(shortened("x" * 200))
    ('yli 10 %', 40)
    """
    if not isinstance(wording, str) or len(wording) <= WORDING_SHOWN:
        return wording
    return wording[: WORDING_SHOWN - 1].rstrip() + "…"


def written(table: pd.DataFrame, kind: str) -> str:
    """A table as text in one of the text formats. Whole numbers are written whole."""
    if kind == "json":
        records = [{name: _plain(value) for name, value in row.items()} for row in table.to_dict("records")]
        return json.dumps(records, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    if kind == "csv":
        buffer = io.StringIO()
        plain = {
            text_cell(name): pd.Series([_cell(_plain(v)) for v in table[name]], dtype=object)
            for name in table
        }
        pd.DataFrame(plain).to_csv(buffer, index=False, lineterminator="\n")
        return buffer.getvalue()
    shown = table.map(_shown)
    return shown.to_string(index=False) + "\n" if len(shown) else ", ".join(table.columns) + "\n"


def write(table: pd.DataFrame, kind: str, path: Path) -> None:
    """Write a table to a file in any format. Raises CannotWrite and BadQuestion (an unknown format)."""
    if kind not in FORMATS:
        raise BadQuestion("unknown_format", format=kind, known=", ".join(FORMATS))
    made = io.BytesIO()
    if kind == "parquet":
        table.to_parquet(made, index=False)
    elif kind == "xlsx":
        with pd.ExcelWriter(
            made, engine="xlsxwriter", engine_kwargs={"options": TEXT_STAYS_TEXT}
        ) as workbook:
            table.to_excel(workbook, index=False)
    else:
        made.write(written(table, kind).encode("utf-8"))
    write_bytes(made.getvalue(), path)


def write_bytes(data: bytes, path: Path) -> None:
    """Write a file. Raises CannotWrite."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise CannotWrite("cannot_write", path=path, reason=reason_of(error, path)) from error


def _cell(value: object) -> object:
    return text_cell(value) if isinstance(value, str) else value


def _plain(value: object) -> object:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def _shown(value: object, decimals: int = _SHOWN_DECIMALS) -> str:
    plain = _plain(value)
    if plain is None:
        return "–"
    return f"{plain:.{decimals}f}" if isinstance(plain, float) else str(plain)
