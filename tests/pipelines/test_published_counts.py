"""Whether queue counts have been published: said of a file or in it, and by what an earlier version left."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indicators.catalogue.places import ROOT
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.loading.load import load_bytes
from pipelines.loading.rebuild import rebuild
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse

NOW = datetime(2025, 12, 1, 8, 0)
HEADER = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"
ROWS = ("2025-01-06;18;A;primary_care;3;;;x", "2025-01-06;18;B;primary_care;4;;;x")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, header: str, rows: tuple[str, ...], **options: object) -> str:
    data = "\n".join([header, *rows, ""]).encode()
    report = load_bytes("jonot.csv", data, LoadOptions(**options), settings, now=NOW, today=NOW.date())
    return report.status


def published(settings: Settings) -> dict[str, bool | None]:
    snapshot = Warehouse(settings.warehouse).current()
    return dict(snapshot.rows("SELECT unit, published FROM queue_counts"))


def test_counts_are_not_published_unless_said(settings: Settings) -> None:
    assert load(settings, HEADER, ROWS) == "loaded"
    assert published(settings) == {"A": False, "B": False}
    # Said of the same file afterwards it is no longer the same.
    assert load(settings, HEADER, ROWS, published=True) == "loaded"
    assert published(settings) == {"A": True, "B": True}
    assert load(settings, HEADER, ROWS, published=True) == "unchanged"
    rebuild(settings, now=NOW)
    assert published(settings) == {"A": True, "B": True}


def test_a_row_says_it_before_the_file(settings: Settings) -> None:
    rows = (f"{ROWS[0]};ei", f"{ROWS[1]};", "2025-01-06;18;C;primary_care;4;;;x;kyllä")
    assert load(settings, f"{HEADER};published", rows, published=True) == "loaded"
    assert published(settings) == {"A": False, "B": True, "C": True}


def test_the_command_line_says_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    path = tmp_path / "jonot.csv"
    path.write_text("\n".join([HEADER, *ROWS, ""]), encoding="utf-8")
    assert CliRunner().invoke(app, ["load", str(path), "--published"]).exit_code == 0
    assert published(settings) == {"A": True, "B": True}


def test_the_shipped_counts_are_published(figures_settings: Settings) -> None:
    assert set(published(figures_settings).values()) == {True}


def test_an_earlier_warehouse_opens_and_knows_the_shipped_counts_once_it_is_made_again(
    tmp_path: Path,
) -> None:
    shutil.unpack_archive(ROOT / "tests" / "fixtures" / "formats" / "0.1.tar.xz", tmp_path)
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    assert set(published(settings).values()) == {None}
    rebuild(settings, now=NOW)
    found = published(settings)
    assert found.pop("Toholampi") is None
    assert set(found.values()) == {True}
