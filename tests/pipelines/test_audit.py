"""The audit log: appended by several processes at once, and what is missing or changed in it shows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.command_line import user_name
from pipelines.loading.load import load_bytes
from pipelines.settings import load_settings
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from tests.pipelines.extracts import visit, visits

AT = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
MONTH = "2026-11.jsonl"


def log_of(folder: Path, entries: int = 3) -> AuditLog:
    log = AuditLog(folder / "audit")
    for number in range(entries):
        log.append(Event.VIEWED, AT, "anna", "000001", page=f"page {number}")
    return log


def test_entries_are_read_as_they_were_appended(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    assert [(one.number, one.event, one.user, one.at, one.details["page"]) for one in log.entries()] == [
        (number + 1, Event.VIEWED, "anna", AT, f"page {number}") for number in range(3)
    ]
    assert not log.problems()
    assert not AuditLog(tmp_path / "none").problems()
    assert (log.folder / MONTH).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("line", range(3))
def test_a_missing_entry_shows(tmp_path: Path, line: int) -> None:
    log = log_of(tmp_path)
    path = log.folder / MONTH
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{one}\n" for at, one in enumerate(lines) if at != line), encoding="utf-8")
    assert log.problems() == ["HEAD" if line == 2 else f"{MONTH}:{line + 1}"]


@pytest.mark.parametrize("line", range(3))
def test_a_changed_entry_shows(tmp_path: Path, line: int) -> None:
    log = log_of(tmp_path)
    path = log.folder / MONTH
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[line] = json.dumps(json.loads(lines[line]) | {"user": "bertta"}, separators=(",", ":"))
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert log.problems() == ["HEAD" if line == 2 else f"{MONTH}:{line + 2}"]


def test_a_removed_file_and_an_unreadable_line_show(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    log.append(Event.VIEWED, AT.replace(month=12))
    (log.folder / MONTH).unlink()
    assert log.problems() == ["2026-12.jsonl:1"]
    with (log.folder / "2026-12.jsonl").open("a") as file:
        file.write("not an entry\n")
    assert "2026-12.jsonl:2" in log.problems()


def test_old_months_go_and_that_is_no_gap(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    log.append(Event.VIEWED, AT.replace(year=2027))
    assert log.remove_before(date(2027, 1, 1), AT.replace(year=2027)) == 1
    assert not log.problems()
    assert [one.event for one in log.entries()] == [Event.VIEWED, Event.REMOVED]
    assert log.remove_before(date(2027, 1, 1), AT.replace(year=2027)) == 0
    (log.folder / "2027-11.jsonl").unlink()
    assert log.problems() == ["HEAD"]


def test_an_entry_of_a_month_that_has_ended_follows_those_of_the_next(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    log.append(Event.VIEWED, datetime(2026, 12, 1, 0, 0, 0, 1, tzinfo=UTC), "anna", "000001")
    late = log.append(Event.VIEWED, datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), "bo", "000001")
    after = log.append(Event.VIEWED, datetime(2026, 12, 1, 0, 0, 2, tzinfo=UTC), "anna", "000001")
    assert not log.problems()
    assert [one.number for one in log.entries()] == [1, 2, 3, 4, late.number, after.number] == [*range(1, 7)]


def test_a_crash_between_an_entry_and_its_head_is_no_gap(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    head = (log.folder / "HEAD").read_bytes()
    log.append(Event.VIEWED, AT)
    (log.folder / "HEAD").write_bytes(head)
    assert not log.problems()
    assert log.append(Event.VIEWED, AT).number == 4
    assert not log.problems()


def test_a_torn_line_is_named_and_the_next_entry_is_whole(tmp_path: Path) -> None:
    log = log_of(tmp_path, 2)
    with (log.folder / MONTH).open("a") as file:
        file.write('{"event":"viewed","at":"20')
    assert log.append(Event.VIEWED, AT).number == 3
    assert log.problems() == [f"{MONTH}:3"]


def test_processes_append_at_once(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom datetime import datetime, UTC\n"
        "from pipelines.warehouse.audit import AuditLog, Event\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "for n in range(50): log.append(Event.VIEWED, datetime(2026, 11, 29, tzinfo=UTC), sys.argv[2])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "audit"), str(n)]) for n in range(3)
    ]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    log = AuditLog(tmp_path / "audit")
    assert not log.problems()
    assert sorted(one.user for one in log.entries()) == [str(n) for n in range(3) for _ in range(50)]


def test_rows_set_aside_taken_by_command_are_recorded_or_not_given(tmp_path: Path) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    lines = [*(visit(number) for number in range(1, 40)), visit(40, visit="31.2.2025")]
    now, today = datetime(2026, 1, 2, 8, 0), date(2026, 1, 2)
    load_bytes("kaynnit_20250331.csv", visits(*lines), LoadOptions(), settings, now=now, today=today)
    command = ["quarantine", "1", "--warehouse", str(settings.warehouse)]
    assert "31.2.2025" in CliRunner().invoke(app, command).output
    [entry] = AuditLog(settings.warehouse / AUDIT).entries()
    assert (entry.event, entry.user) == (Event.ROWS_SEEN, user_name())
    assert entry.details == {"load": "000001", "rows": "1", "taken": "quarantine"}
    shutil.rmtree(settings.warehouse / AUDIT)
    (settings.warehouse / AUDIT).write_text("in the way")
    refused = CliRunner().invoke(app, command)
    assert (refused.exit_code, "31.2.2025" in refused.output) == (3, False)
