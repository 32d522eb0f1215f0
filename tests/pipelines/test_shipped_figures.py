"""The figures that ship with the software: every row of every file is loaded and comes out as it was written."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.places import FIGURES
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.setup import FIGURES_AS_OF, set_up
from pipelines.mapping.files import all_sources
from pipelines.settings import Settings, load_settings
from pipelines.warehouse.records import LoadRecord

#: Rows of each shipped file.
FILES = {
    "actuals.csv": 51,
    "annotations.csv": 30,
    "annual_clock.csv": 34,
    "measure_actuals.csv": 33,
    "measure_targets.csv": 14,
    "measures.csv": 139,
    "milestones.csv": 200,
    "project_budgets.csv": 181,
    "queue_snapshots.csv": 18,
    "risks.csv": 24,
    "target_groups.csv": 13,
    "targets.csv": 71,
    "traffic_lights.csv": 24,
}


def shipped(name: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """The headers and the rows of a shipped file, as they are written."""
    with (FIGURES / name).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, [tuple(row) for row in rows]


def written(value: object) -> str:
    """A value of the warehouse as the files write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def same_number(cell: str, kind: str) -> str:
    """A cell of a file; a number as the warehouse writes it, whose trailing zeros (90.40) are not kept."""
    return written(float(cell)) if cell and kind == "DOUBLE" else cell


def records(settings: Settings) -> dict[str, LoadRecord]:
    snapshot = published_snapshot(settings)
    assert snapshot is not None
    return {record.file: record for record in loads(snapshot)}


def test_every_shipped_file_is_told(figures_settings: Settings) -> None:
    assert {path.name for path in FIGURES.glob("*.csv")} == set(FILES) == set(records(figures_settings))


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_every_row_comes_out_unchanged(figures_settings: Settings, name: str, count: int) -> None:
    record = records(figures_settings)[name]
    assert (record.rows_read, record.rows_loaded, record.rows_new, record.rows_quarantined) == (
        *(count,) * 3,
        0,
    )
    versions = all_sources()[record.source].outputs[0].versions["1"]
    headers = {field: names for field, names in versions.items() if field in DATASETS[record.dataset].base}
    header, rows = shipped(name)
    fields = [next(field for field, names in headers.items() if column in names) for column in header]
    listed = ", ".join(f'"{field}"' for field in fields)
    kinds = [DATASETS[record.dataset].base[field] for field in fields]
    expected = Counter(tuple(map(same_number, row, kinds)) for row in rows)
    snapshot = published_snapshot(figures_settings)
    assert snapshot is not None
    found = snapshot.rows(f"SELECT {listed} FROM {record.dataset} WHERE load_id = ?", [record.load_id])
    assert Counter(tuple(written(cell) for cell in row) for row in found) == expected


def test_setup_again_brings_what_is_new_and_takes_away_what_is_no_longer_shipped(tmp_path: Path) -> None:
    """An installation of an earlier version: a target that its file had and this one has not, and one entered since."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    today, now = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
    text = (FIGURES / "targets.csv").read_text(encoding="utf-8")
    header, first = text.splitlines()[:2]
    gone = first.replace("150", "151").replace("2022-", "2019-")

    def load(name: str, row: str, as_of: date) -> None:
        options = LoadOptions(as_of=as_of, loaded_by="tests")
        data = f"{header}\n{row}\n".encode()
        assert load_bytes(name, data, options, settings, now=now, today=today).status == "loaded"

    load("targets.csv", gone, FIGURES_AS_OF)
    load("tavoite.csv", first.replace("2022-", "2018-"), today)
    withdrawn: list[str] = []
    set_up(
        settings,
        demo=False,
        today=today,
        now=now,
        loaded_by="tests",
        on_withdrawn=lambda record: withdrawn.append(record.file),
    )
    snapshot = published_snapshot(settings)
    assert snapshot is not None
    years = {row[0] for row in snapshot.rows("SELECT DISTINCT year(period_start) FROM targets")}
    assert withdrawn == ["targets.csv"]
    assert 2018 in years
    assert 2019 not in years


def test_measures_are_loaded_before_the_figures_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(tmp_path / "warehouse"))
    named = [str(FIGURES / name) for name in ("measure_actuals.csv", "measure_targets.csv", "measures.csv")]
    result = CliRunner().invoke(app, ["load", *named, "--json"])
    assert result.exit_code == 0, result.output
    assert [(one["file"], one["rows_loaded"]) for one in json.loads(result.stdout)["loads"]] == [
        ("measures.csv", 139),
        ("measure_actuals.csv", 33),
        ("measure_targets.csv", 14),
    ]
