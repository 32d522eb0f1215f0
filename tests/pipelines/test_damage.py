"""Damaged, lost and foreign files of a warehouse: each is named with what to do, nothing is lost or counted twice, and the
command that the sentence names works."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from indicators.cli import app as indicators_app
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.errors import KeyMismatch, WarehouseDamaged
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.master_data import decide, unit_edit
from pipelines.loading.publication import published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.pseudonyms import KEY_FILE, KEY_VARIABLE, load_key
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse of two loads of forty visits each, with a decision and rows set aside."""
    made = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    load(made, range(1, 41), date(2025, 4, 1), extra=[visit(99, visit="32.3.2025")])
    load(made, range(41, 81), date(2025, 4, 2))
    decide(made, [unit_edit("TK-KOK-01", {"name_fi": "Asema"}, by="test", at=NOW)], now=NOW)
    return made


def load(settings: Settings, numbers: range, day: date, extra: list[str] | None = None) -> LoadReport:
    data = visits(*(visit(number) for number in numbers), *(extra or []))
    return load_bytes("kaynnit.csv", data, LoadOptions(as_of=day), settings, now=NOW, today=TODAY)


def count(settings: Settings) -> int:
    snapshot = published_snapshot(settings)
    return snapshot.rows("SELECT count(*) FROM visits")[0][0] if snapshot else 0


def run(settings: Settings, *words: str) -> Result:
    environment = {"TAKUUVAHTI_WAREHOUSE": str(settings.warehouse), "TAKUUVAHTI_DEFAULT_LANGUAGE": "en"}
    which = indicators_app if words[0] == "show" else app
    result = CliRunner().invoke(which, list(words), env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def newest(settings: Settings) -> Path:
    return sorted((settings.warehouse / "versions").glob("*.duckdb"))[-1]


def rot(path: Path, share: float = 0.5) -> None:
    """Change bytes in the middle of a file."""
    data = bytearray(path.read_bytes())
    middle = int(len(data) * share)
    data[middle : middle + 64] = bytes(255 - byte for byte in data[middle : middle + 64])
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


LOST: dict[str, Callable[[Path], None]] = {
    "versions and pointer": lambda folder: (
        shutil.rmtree(folder / "versions"),
        (folder / "CURRENT").unlink(),
    ),
    "pointer": lambda folder: (folder / "CURRENT").unlink(),
    "pointer is rubbish": lambda folder: (folder / "CURRENT").write_bytes(b"\xff\xfe\x00"),
    "pointer names another file": lambda folder: (folder / "CURRENT").write_text("../../etc/passwd"),
    "pointer names a version that is gone": lambda folder: (folder / "CURRENT").write_text("00000099.duckdb"),
    "pointer is a folder": lambda folder: ((folder / "CURRENT").unlink(), (folder / "CURRENT").mkdir()),
    "versions": lambda folder: shutil.rmtree(folder / "versions"),
}


@pytest.mark.parametrize("state", LOST)
def test_nothing_is_loaded_beside_an_archive_that_is_not_published(settings: Settings, state: str) -> None:
    LOST[state](settings.warehouse)
    archived = {path.name: path.read_bytes() for path in (settings.warehouse / "archive").iterdir()}
    with pytest.raises(WarehouseDamaged, match="rebuild"):
        load(settings, range(81, 121), date(2025, 4, 3))
    assert {path.name: path.read_bytes() for path in (settings.warehouse / "archive").iterdir()} == archived
    pointer = settings.warehouse / "CURRENT"
    if pointer.is_dir():
        pointer.rmdir()
    assert run(settings, "rebuild").exit_code == 0
    assert count(settings) == 80
    load(settings, range(81, 121), date(2025, 4, 3))
    assert count(settings) == 120


def test_an_older_copy_of_the_versions_loads_nothing_over_the_archive(
    settings: Settings, tmp_path: Path
) -> None:
    folder = settings.warehouse
    shutil.copytree(folder / "versions", tmp_path / "versions")
    pointed = (folder / "CURRENT").read_text()
    load(settings, range(81, 121), date(2025, 4, 3))
    shutil.rmtree(folder / "versions")
    shutil.copytree(tmp_path / "versions", folder / "versions")
    (folder / "CURRENT").write_text(pointed)
    with pytest.raises(WarehouseDamaged, match="rebuild"):
        load(settings, range(121, 161), date(2025, 4, 4))
    assert run(settings, "check").exit_code == 1
    rebuild(settings, now=NOW)
    assert count(settings) == 120


@pytest.mark.parametrize("harm", [Path.unlink, cut, rot])
@pytest.mark.parametrize("load_id", ["000001", "000002"])
def test_a_lost_archive_file_is_named_and_what_is_published_stays(
    settings: Settings, harm: Callable[[Path], None], load_id: str
) -> None:
    harm(settings.warehouse / "archive" / f"{load_id}-visits.parquet")
    told = run(settings, "rebuild")
    assert (told.exit_code, count(settings)) == (3, 80)
    assert load_id in told.output
    checked = run(settings, "check")
    assert checked.exit_code == 1 and f"{load_id}-visits.parquet" in checked.output
    accepted = run(settings, "rebuild", "--accept-loss")
    assert accepted.exit_code == 0 and load_id in accepted.output
    assert count(settings) == 40
    again = range(1, 41) if load_id == "000001" else range(41, 81)
    assert load(settings, again, date(2025, 4, 5)).load_id == "000003"
    assert count(settings) == 80
    assert run(settings, "rebuild").exit_code == 0
    assert count(settings) == 80


@pytest.mark.parametrize("harm", [cut, lambda path: rot(path, 0.3), lambda path: rot(path, 0.9), Path.unlink])
def test_a_damaged_version_is_named_and_made_again(settings: Settings, harm: Callable[[Path], None]) -> None:
    harm(newest(settings))
    checked = run(settings, "check")
    shown = run(settings, "show", "visits", "--by", "month")
    assert "Traceback" not in checked.output + shown.output
    if checked.exit_code == 3:
        assert "rebuild" in checked.output
    else:
        # The bytes that changed hold nothing.
        assert shown.exit_code == 0
    assert run(settings, "rebuild").exit_code == 0
    assert count(settings) == 80


def test_damaged_files_beside_the_versions_are_named(settings: Settings) -> None:
    folder = settings.warehouse
    withdraw(settings, "2", now=NOW)
    for path, command, exit_code in [
        (folder / "archive" / "000002-withdrawn.json", "rebuild", 3),
        (folder / "quarantine" / "000001.parquet", "quarantine 1", 3),
        (folder / "master" / "edits.jsonl", "rebuild", 3),
    ]:
        whole = path.read_bytes()
        cut(path)
        told, checked = run(settings, *command.split()), run(settings, "check")
        assert (told.exit_code, checked.exit_code) == (exit_code, 1), (path, told.output, checked.output)
        assert path.name in told.output and path.name in checked.output.replace("\n", "")
        path.write_bytes(whole)
    assert run(settings, "rebuild").exit_code == 0
    assert count(settings) == 40


def test_lost_decisions_are_noticed_before_the_next_load(settings: Settings) -> None:
    (settings.warehouse / "master" / "edits.jsonl").unlink()
    with pytest.raises(WarehouseDamaged, match="edits"):
        load(settings, range(81, 121), date(2025, 4, 3))
    assert run(settings, "check").exit_code == 1


def test_a_key_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.setattr("pipelines.pseudonyms.platformdirs.user_config_path", lambda name: tmp_path / name)
    (tmp_path / "takuuvahti" / KEY_FILE).mkdir(parents=True)
    with pytest.raises(KeyMismatch, match=KEY_FILE):
        load_key(create=True)
    (tmp_path / "takuuvahti" / KEY_FILE).rmdir()
    (tmp_path / "takuuvahti").rmdir()
    (tmp_path / "takuuvahti").write_text("")
    with pytest.raises(KeyMismatch, match="takuuvahti"):
        load_key(create=True)


def test_a_user_without_a_name_loads(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("pipelines.command_line.getpass.getuser", nobody)
    path = tmp_path / "kaynnit_20250403.csv"
    path.write_bytes(visits(*(visit(number) for number in range(81, 91))))
    assert run(settings, "load", str(path)).exit_code == 0
    assert count(settings) == 90


@pytest.mark.skipif(os.name == "nt", reason="the system has no such rights")
def test_only_the_owner_may_open_what_a_warehouse_holds(settings: Settings) -> None:
    def opened() -> list[str]:
        everything = [settings.warehouse, *settings.warehouse.rglob("*")]
        return [str(path) for path in everything if path.stat().st_mode & 0o077]

    assert opened() == []
    for path in (settings.warehouse, newest(settings), settings.warehouse / "archive"):
        path.chmod(0o755)
    assert "rights" in run(settings, "check", "--json").output
    assert opened() == []


def test_a_row_set_aside_leaves_the_earlier_one_in_force(settings: Settings) -> None:
    data = visits(*(visit(number) for number in range(2, 60)), visit(1, visit="45.3.2025"))
    options = LoadOptions(as_of=date(2025, 4, 9), window=(date(2025, 3, 1), date(2025, 3, 31)))
    report = load_bytes("kaynnit.csv", data, options, settings, now=NOW, today=TODAY)
    found = {finding.code: finding.count for finding in report.findings}
    assert (report.status, found["bad_date"], found["earlier_row_stays"]) == ("loaded", 1, 1)
    kept = "SELECT count(*) FROM visits WHERE visit_id = '1'"
    gone = "SELECT count(*) FROM visits WHERE visit_id = '60'"
    for _ in range(2):
        snapshot = published_snapshot(settings)
        assert (snapshot.rows(kept), snapshot.rows(gone)) == ([(1,)], [(0,)])
        rebuild(settings, now=NOW)
    # A late older extract does not bring back what the window removed, and the row set aside keeps nothing away.
    late = load_bytes(
        "kaynnit.csv",
        visits(visit(1, profession="Hoitaja"), visit(60)),
        LoadOptions(as_of=date(2025, 4, 5)),
        settings,
        now=NOW,
        today=TODAY,
    )
    assert late.status == "loaded"
    for _ in range(2):
        snapshot = published_snapshot(settings)
        assert (snapshot.rows(kept), snapshot.rows(gone)) == ([(1,)], [(0,)])
        assert snapshot.rows("SELECT load_id FROM visits WHERE visit_id = '1'") == [(late.load_id,)]
        rebuild(settings, now=NOW)


def test_a_late_older_extract_is_no_shrunk_one(settings: Settings) -> None:
    data = visits(*(visit(number) for number in range(1, 11)))
    options = LoadOptions(as_of=date(2025, 3, 30), window=(date(2025, 3, 1), date(2025, 3, 29)))
    report = load_bytes("kaynnit.csv", data, options, settings, now=NOW, today=TODAY)
    assert (report.status, [f.code for f in report.findings]) == ("loaded", ["older_extract"])
    assert count(settings) == 80


def test_the_same_bytes_on_a_later_date_are_delivered_again(settings: Settings) -> None:
    again = load(settings, range(41, 81), date(2025, 4, 9))
    assert (again.status, again.rows_new, again.rows_changed) == ("loaded", 0, 0)
    covered = published_snapshot(settings).rows("SELECT max(last_on) FROM covered WHERE dataset = 'visits'")
    assert covered == [(date(2025, 4, 8),)]
    assert load(settings, range(41, 81), date(2025, 4, 9)).status == "unchanged"
    older = load(settings, range(41, 51), date(2025, 4, 5))
    assert [finding.code for finding in older.findings] == ["older_extract"]
