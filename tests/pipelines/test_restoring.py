"""The restore that docs/operations.md describes, done for real."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.errors import KeyMismatch
from pipelines.loading import master_data as master
from pipelines.loading.history import quarantine_csv, withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LOADED
from pipelines.pseudonyms import KEY_VARIABLE
from pipelines.quality.check import check
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import queue, queue_entry, visit, visits

NOW = datetime(2025, 5, 1, 12, tzinfo=UTC).replace(tzinfo=None)
TODAY = date(2025, 5, 1)
#: What the document says to copy.
COPIED = ("archive", "master", "quarantine")


def load(settings: Settings, name: str, data: bytes, as_of: date | None = None) -> str:
    report = load_bytes(name, data, LoadOptions(as_of=as_of), settings, now=NOW, today=TODAY)
    assert report.status == LOADED
    return report.load_id


def tables(settings: Settings) -> dict[str, list[tuple]]:
    snapshot = published_snapshot(settings)
    names = [name for (name,) in snapshot.rows("SELECT table_name FROM duckdb_tables() ORDER BY 1")]
    # The names of files say nothing of what is in them.
    return {name: snapshot.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in names if name != "segments"}


@pytest.fixture
def lost(tmp_path: Path) -> Settings:
    """A warehouse with several loads, one withdrawn, rows set aside and a decision by hand."""
    settings = replace(load_settings({}), warehouse=tmp_path / "lost", max_bad_rows_share=0.6)
    load(
        settings, "a.csv", visits(visit(1, visit="31.3.2025"), visit(2, visit="31.2.2025")), date(2025, 4, 1)
    )
    gone = load(settings, "b.csv", visits(visit(3, visit="1.4.2025")), date(2025, 4, 2))
    load(settings, "jono.csv", queue(queue_entry(1)))
    withdraw(settings, gone, now=NOW)
    master.decide(
        settings, [master.unit_edit("TK-KOK-01", {"name_sv": "Karleby"}, by="analyst", at=NOW)], now=NOW
    )
    return settings


def restored(lost: Settings, folder: Path) -> Settings:
    for name in COPIED:
        shutil.copytree(lost.warehouse / name, folder / name)
    settings = replace(lost, warehouse=folder)
    shutil.rmtree(lost.warehouse)
    return settings


def test_a_restored_warehouse_is_the_lost_one_row_for_row(lost: Settings, tmp_path: Path) -> None:
    before = tables(lost)
    rows_set_aside = quarantine_csv(lost, "000001", "en")
    settings = restored(lost, tmp_path / "new")
    rebuild(settings, now=NOW)
    assert tables(settings) == before
    assert quarantine_csv(settings, "000001", "en") == rows_set_aside
    assert not [p for p in check(settings, today=date(2025, 4, 5)) if p.level == "error"]
    load(settings, "c.csv", visits(visit(4)), date(2025, 4, 9))


def test_without_its_key_a_restored_warehouse_is_read_and_not_loaded_into(
    lost: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = restored(lost, tmp_path / "new")
    monkeypatch.setenv(KEY_VARIABLE, "another key of sufficient length")
    rebuild(settings, now=NOW)
    assert tables(settings)["visits"]
    with pytest.raises(KeyMismatch):
        load_bytes("c.csv", visits(visit(4)), LoadOptions(), settings, now=NOW, today=TODAY)
