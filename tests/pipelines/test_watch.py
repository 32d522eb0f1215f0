"""An inbox: what arrives is loaded once it is complete, and moved; what is refused is moved as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from indicators.catalogue.errors import UsageError
from indicators.catalogue.places import ROOT
from pipelines.checking.extract import LoadOptions
from pipelines.errors import KeyMismatch
from pipelines.loading.files import load_file
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.watch import Arrived, Inbox
from pipelines.settings import Settings, load_settings
from pipelines.warehouse.swap_version import writer_lock
from tests.pipelines.extracts import visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse", lock_wait_seconds=0.1)


@pytest.fixture
def inbox(tmp_path: Path, settings: Settings) -> Inbox:
    folder = tmp_path / "in" / "saapuvat"
    folder.mkdir(parents=True)
    return Inbox(folder, settings, LoadOptions(loaded_by="test"), "fi")


def look(inbox: Inbox, now: datetime = NOW) -> list[Arrived]:
    return list(inbox.look(lambda: now, lambda: TODAY))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_complete_files_are_loaded_and_moved_with_their_findings(inbox: Inbox) -> None:
    (inbox.folder / "kaynnit_20250401.csv").write_bytes(visits(visit(1)))
    (inbox.folder / "outo.csv").write_bytes(b"x;y\r\n1;2\r\n")
    assert look(inbox) == []
    arrived = look(inbox)
    assert [(a.name, a.report.status) for a in arrived] == [
        ("kaynnit_20250401.csv", "loaded"),
        ("outo.csv", "refused"),
    ]
    done, failed = inbox.folder.parent / "done", inbox.folder.parent / "failed"
    assert files(inbox.folder) == []
    assert files(done) == ["kaynnit_20250401.csv", "kaynnit_20250401.csv.findings.json"]
    assert files(failed) == ["outo.csv", "outo.csv.findings.json"]
    assert (failed / "outo.csv").read_bytes() == b"x;y\r\n1;2\r\n"
    told = json.loads((failed / "outo.csv.findings.json").read_text(encoding="utf-8"))
    assert (told["status"], told["findings"][0]["code"]) == ("refused", "unknown_layout")
    assert [r.file for r in loads(published_snapshot(inbox.settings))] == ["kaynnit_20250401.csv"]


def test_a_file_that_still_grows_waits(inbox: Inbox) -> None:
    whole = visits(visit(1), visit(2))
    path = inbox.folder / "kaynnit.csv"
    path.write_bytes(whole[:300])
    (inbox.folder / "toinen.csv.part").write_bytes(whole)
    (inbox.folder / "~$taulukko.xlsx").write_bytes(b"lock")
    assert look(inbox) == []
    path.write_bytes(whole)
    assert look(inbox) == []
    assert [a.report.rows_loaded for a in look(inbox)] == [2]
    assert files(inbox.folder) == ["toinen.csv.part", "~$taulukko.xlsx"]


def test_a_file_met_again_after_a_crash_is_moved_and_not_loaded_twice(inbox: Inbox) -> None:
    data = visits(visit(1))
    load_bytes("kaynnit.csv", data, LoadOptions(), inbox.settings, now=NOW, today=TODAY)
    (inbox.folder / "kaynnit.csv").write_bytes(data)
    look(inbox)
    assert [a.report.status for a in look(inbox)] == ["unchanged"]
    assert files(inbox.folder) == []
    assert len(loads(published_snapshot(inbox.settings))) == 1


def test_two_files_of_one_name_are_both_kept(inbox: Inbox) -> None:
    for number in (1, 2):
        (inbox.folder / "kaynnit.csv").write_bytes(visits(visit(number)))
        look(inbox)
        look(inbox)
    done = files(inbox.folder.parent / "done")
    assert [name for name in done if name.endswith(".csv")] == ["kaynnit (2).csv", "kaynnit.csv"]


def test_a_busy_warehouse_leaves_the_file_waiting(inbox: Inbox) -> None:
    (inbox.folder / "kaynnit.csv").write_bytes(visits(visit(1)))
    look(inbox)
    with writer_lock(inbox.settings.warehouse, 1):
        (waiting,) = look(inbox)
    assert waiting.report is None
    assert "kirjoittanut" in waiting.waits_for
    assert files(inbox.folder) == ["kaynnit.csv"]
    look(inbox)
    assert [a.report.status for a in look(inbox)] == ["loaded"]


def test_another_key_stops_the_watch(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    load_bytes("a.csv", visits(visit(1)), LoadOptions(), inbox.settings, now=NOW, today=TODAY)
    monkeypatch.setenv("TAKUUVAHTI_KEY", "quite another key, also long enough to be one")
    (inbox.folder / "kaynnit.csv").write_bytes(visits(visit(2)))
    look(inbox)
    with pytest.raises(KeyMismatch):
        look(inbox)
    assert files(inbox.folder) == ["kaynnit.csv"]


def test_what_was_moved_is_deleted_after_the_set_days(inbox: Inbox) -> None:
    (inbox.folder / "outo.csv").write_bytes(b"x;y\r\n1;2\r\n")
    look(inbox)
    look(inbox)
    failed = inbox.folder.parent / "failed"
    keeps = timedelta(days=inbox.settings.watch_keep_days)
    look(inbox, NOW + keeps)
    assert len(files(failed)) == 2
    look(inbox, NOW + keeps + timedelta(minutes=1))
    assert files(failed) == []


def test_the_inbox_must_exist_and_lie_outside_the_warehouse(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        Inbox(tmp_path / "puuttuu", settings, LoadOptions(), "fi")
    inside = settings.warehouse / "saapuvat"
    inside.mkdir(parents=True)
    with pytest.raises(UsageError, match="lies in the warehouse"):
        Inbox(inside, settings, LoadOptions(), "fi")


def test_the_command_loads_what_is_there_and_stops(inbox: Inbox) -> None:
    (inbox.folder / "kaynnit.csv").write_bytes(visits(visit(1)))
    environment = os.environ | {
        "TAKUUVAHTI_WAREHOUSE": str(inbox.settings.warehouse),
        "TAKUUVAHTI_WATCH_SETTLE_SECONDS": "0.1",
    }
    words = [sys.executable, "-m", "pipelines", "watch", str(inbox.folder), "--once"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "kaynnit.csv: ladattu" in done.stdout
    assert files(inbox.folder) == []


def test_a_file_replaced_while_it_is_loaded_is_loaded_next(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = inbox.folder / "kaynnit_20250401.csv"
    path.write_bytes(visits(visit(1)))
    look(inbox)

    def replaced(*args: object, **options: object) -> object:
        report = load_file(*args, **options)
        path.write_bytes(visits(visit(1), visit(2)))
        return report

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("pipelines.loading.watch.load_file", replaced)
        assert [(a.report.rows_loaded, a.moved_to) for a in look(inbox)] == [(1, None)]
    assert files(inbox.folder) == [path.name]
    look(inbox)
    assert [a.report.rows_loaded for a in look(inbox)] == [2]
    done = inbox.folder.parent / "done"
    assert (done / path.name).read_bytes() == visits(visit(1), visit(2))
    assert published_snapshot(inbox.settings).rows("SELECT count(*) FROM visits") == [(2,)]


def test_a_file_replaced_as_it_is_moved_goes_back(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    path = inbox.folder / "kaynnit_20250401.csv"
    path.write_bytes(visits(visit(1)))
    look(inbox)
    move = shutil.move

    def late(source: Path, target: Path) -> object:
        if source == path:
            path.write_bytes(visits(visit(1), visit(2)))
        return move(source, target)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("pipelines.loading.watch.shutil.move", late)
        assert [a.moved_to for a in look(inbox)] == [None]
    assert (files(inbox.folder), files(inbox.folder.parent / "done")) == ([path.name], [])
    look(inbox)
    assert [a.report.rows_loaded for a in look(inbox)] == [2]


@pytest.mark.skipif(sys.platform != "linux", reason="the system has no such names")
def test_names_that_fit_nowhere_stop_no_other_file(inbox: Inbox) -> None:
    folder = os.fsencode(inbox.folder)
    for name in (
        b"k\xe4ynnit_20250401.csv",
        b"a" * 244 + b".csv",
        b"line\nbreak.csv",
        "ä".encode() * 120 + b".csv",
    ):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(b"x;y\r\n1;2\r\n")
    (inbox.folder / "zz_kaynnit_20250402.csv").write_bytes(visits(visit(1)))
    look(inbox)
    arrived = look(inbox)
    assert sorted(a.report.status for a in arrived) == ["loaded", "refused", "refused", "refused", "refused"]
    assert files(inbox.folder) == []
    failed = files(inbox.folder.parent / "failed")
    assert len(failed) == 8
    assert "käynnit_20250401.csv" in failed
    assert "line?break.csv" in [a.name for a in arrived]


def test_a_place_that_is_no_folder_keeps_files_in_the_inbox_and_loads_them_once(inbox: Inbox) -> None:
    (inbox.folder.parent / "done").write_text("a file")
    for number in (1, 2):
        (inbox.folder / f"kaynnit_2025040{number}.csv").write_bytes(visits(visit(number)))
    look(inbox)
    assert [(a.moved_to, bool(a.waits_for)) for a in look(inbox)] == [(None, True)] * 2
    assert look(inbox) == []
    assert published_snapshot(inbox.settings).rows("SELECT count(*) FROM visits") == [(2,)]
    (inbox.folder.parent / "done").unlink()
    later = NOW + timedelta(minutes=2)
    assert [a.report.status for _ in range(2) for a in look(inbox, later)] == ["unchanged"] * 2
    assert files(inbox.folder) == []


def test_an_inbox_that_is_away_for_a_while_is_waited_for(inbox: Inbox) -> None:
    inbox.folder.rmdir()
    assert look(inbox) == []
    inbox.folder.mkdir()
    (inbox.folder / "kaynnit_20250401.csv").write_bytes(visits(visit(1)))
    look(inbox)
    assert [a.report.status for a in look(inbox)] == ["loaded"]


@pytest.mark.skipif(os.name == "nt", reason="the system has no such rights")
def test_only_the_owner_may_open_what_was_handled(inbox: Inbox) -> None:
    (inbox.folder / "outo.csv").write_bytes(b"x;y\r\n1;2\r\n")
    look(inbox)
    look(inbox)
    failed = inbox.folder.parent / "failed"
    assert not [path for path in (failed, *failed.iterdir()) if path.stat().st_mode & 0o077]


def test_a_file_that_another_watcher_takes_is_not_told(inbox: Inbox) -> None:
    for day in (1, 2):
        (inbox.folder / f"kaynnit_2025040{day}.csv").write_bytes(visits(visit(day)))
    assert look(inbox) == []
    arrived = inbox.look(lambda: NOW, lambda: TODAY)
    assert next(arrived).report.status == "loaded"
    (inbox.folder / "kaynnit_20250402.csv").unlink()
    assert list(arrived) == []
