"""Contacts done electronically and remotely: what is sure, what is a range, what a mapping of the modes makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label
from indicators.cli import app
from indicators.engine.question import Question
from indicators.programme.targets import target_result
from indicators.programme.verdicts import Target, decimals_needed
from indicators.wording import formats
from indicators.wording.translations import in_language
from pages.text import sentences
from pages.text.tables import answer_table
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.loading.master_data import code_edit, decide
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import VISIT_HEADER, visit
from tests.spec.table import rows_of

TODAY, NOW = date(2025, 4, 1), datetime(2025, 4, 1, 8, 0)

# How many visits of each mode, what R52 is mapped to, and what comes out in per cent; of 100 visits.
SHARES = """
R10 | R52 | R56 | other | mapped     | electronic | low | high | remote | why
----+-----+-----+-------+------------+------------+-----+------+--------+----
60  | 30  | 10  |       |            |            | 10  | 40   | 40     | telephone or video: a range
70  |     | 30  |       |            | 30         |     |      | 30     | R56 is sure
60  | 30  | 10  |       | electronic | 40         |     |      | 40     | mapped as electronic
60  | 30  | 10  |       | telephone  | 10         |     |      | 40     | mapped as telephone: remote, not electronic
70  | 30  |     |       |            |            | 0   | 30   | 30     | nothing is sure
100 |     |     |       |            | 0          |     |      | 0      | none is remote: a true zero
50  |     |     | 50    |            | 0          |     |      | 0      | an unknown mode is in the denominator alone
"""


def loaded(folder: Path, row: dict[str, str]) -> Settings:
    """A warehouse of the visits of March, so many of each mode."""
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    modes = [
        mode
        for column, mode in (("R10", "R10"), ("R52", "R52"), ("R56", "R56"), ("other", "Kirje"))
        for _ in range(int(row[column] or 0))
    ]
    lines = [visit(key, person=f"P{key}", mode=mode) for key, mode in enumerate(modes)]
    data = "\r\n".join([VISIT_HEADER, *lines, ""]).encode("cp1252")
    options = LoadOptions(as_of=TODAY, window=(date(2025, 3, 1), date(2025, 3, 31)))
    report = load_bytes("kaynnit.csv", data, options, own, now=NOW, today=TODAY)
    assert report.status == "loaded", report.findings
    if row["mapped"]:
        meaning = {"our_code": row["mapped"]}
        edit = code_edit("exreport_kaynnit", "mode_code", "R52", [meaning], by="tests", at=NOW)
        decide(own, [edit], now=NOW)
    return own


def told(own: Settings, indicator: str, *, suppress: bool = False, **asked: object) -> pd.Series:
    question = Question(indicator, by="month", suppress=suppress, **asked)
    rows = answer(Warehouse(own.warehouse).current(), question, own).rows
    return rows[rows["period"] == "2025-03"].iloc[0]


def number(text: str) -> float | None:
    return float(text) if text else None


def plain(row: pd.Series, *names: str) -> list[float | None]:
    return [None if pd.isna(row[name]) else round(row[name], 9) for name in names]


@pytest.mark.parametrize("row", rows_of(SHARES), ids=lambda row: row["why"])
def test_what_is_electronic_and_what_is_remote(row: dict[str, str], tmp_path: Path) -> None:
    own = loaded(tmp_path, row)
    found = told(own, "electronic_contacts")
    assert plain(found, "value", "low", "high") == [
        number(row[name]) for name in ("electronic", "low", "high")
    ]
    assert plain(found, "denominator", "numerator") == [100.0, number(row["electronic"])]
    assert found["status"] == "ok"
    assert plain(told(own, "remote_contacts"), "value", "low", "high") == [number(row["remote"]), None, None]


RANGE = {"R10": "60", "R52": "30", "R56": "10", "other": "", "mapped": ""}


@pytest.mark.parametrize(
    ("comparator", "level", "verdict"),
    [
        (">=", 5.0, "met"),
        (">", 10.0, "not_due"),
        (">=", 10.0, "met"),
        (">=", 45.0, "not_met"),
        (">=", 30.0, "not_due"),
        (">", 40.0, "not_met"),
    ],
)
def test_a_range_is_judged_only_where_all_of_it_is_on_one_side(
    comparator: str, level: float, verdict: str, tmp_path: Path
) -> None:
    own = loaded(tmp_path, RANGE)
    target = Target(
        "electronic_contacts", "18", parse_label("2025-03"), comparator, level, "percent", "x", None
    )
    snapshot = Warehouse(own.warehouse).current()
    result = target_result(snapshot, own, target, as_of=TODAY, suppress=False)
    assert (result.verdict, result.actual.value, result.distance) == (verdict, None, None)
    assert (result.actual.low, result.actual.high) == (10.0, 40.0)
    shared = target_result(snapshot, own, target, as_of=TODAY)
    assert shared.verdict == verdict or not {shared.verdict, verdict} <= {"met", "not_met"}
    assert (shared.actual.low, shared.actual.high) == pytest.approx((10.0, 40.0), abs=8)
    assert decimals_needed(target, result.actual, verdict, 1) == 1


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ((60, 30, 10), "ok"),
        ((60, 30, 3), "suppressed"),
        ((60, 3, 30), "suppressed"),
        ((3, 60, 30), "suppressed"),
    ],
)
def test_a_range_with_a_small_count_behind_it_is_hidden(
    counts: tuple[int, int, int], status: str, tmp_path: Path
) -> None:
    row = dict(zip(("R10", "R52", "R56"), map(str, counts), strict=True)) | {"other": "", "mapped": ""}
    found = told(loaded(tmp_path, row), "electronic_contacts", suppress=True)
    assert found["status"] == status
    assert pd.isna(found["low"]) == pd.isna(found["high"]) == (status == "suppressed")


def test_the_command_line_has_the_range_and_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = loaded(tmp_path, RANGE)
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(own.warehouse))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "fi")
    done = CliRunner().invoke(app, ["show", "electronic_contacts", "--by", "month", "--format", "json"])
    [row] = [row for row in json.loads(done.stdout) if row["period"] == "2025-03"]
    assert (row["value"], row["numerator"], row["denominator"], row["status"]) == (None, None, 100, "ok")
    assert (row["low"], row["high"]) == (10, 40)
    assert list(row)[-3:] == ["status", "low", "high"]
    said = CliRunner().invoke(app, ["show", "electronic_contacts", "--by", "month"])
    assert "R50, R51, R52, R55" in said.stderr
    exact = CliRunner().invoke(app, ["show", "remote_contacts", "--by", "month", "--format", "json"])
    [row] = [row for row in json.loads(exact.stdout) if row["period"] == "2025-03"]
    assert (row["value"], row["low"], row["high"]) == (40, None, None)


def test_pages_tell_the_range_and_why_it_is_none_narrower(tmp_path: Path) -> None:
    own = loaded(tmp_path, RANGE)
    meant = definition("electronic_contacts")
    row = told(own, meant.id)
    with in_language("fi"):
        assert formats.cell(row.to_dict(), meant).replace("\xa0", " ") == "10–40 %"
        table = answer_table(pd.DataFrame([row]), meant)
        assert "R50, R51, R52, R55" in sentences.why_range(meant)
        assert sentences.why_range(definition("remote_contacts")) == ""
    assert [cell.plain for cell in table.rows[0]][1:4] == [None, 10.0, 40.0]
    assert table.header[2:4] == ("Alaraja", "Yläraja")
