"""Killed, out of disk, not allowed to write, two at once: what is published stays whole, and the next load works."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.catalogue.places import ROOT
from pipelines.checking.extract import LoadOptions
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot
from tests.pipelines.extracts import visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
UNIX = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no such signal")
#: Runs the command line in a process of its own that kills itself before or after a call of one function.
KILLED = """
import os, signal, sys
import importlib
module, function, when, count, *words = sys.argv[1:]
module, calls = importlib.import_module(module), 0
real = getattr(module, function)
def wrapped(*args, **kwargs):
    global calls
    calls += 1
    if when == "before" and calls == int(count):
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*args, **kwargs)
    if when == "after" and calls == int(count):
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(module, function, wrapped)
from pipelines.cli import app
app(words)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, data: bytes, name: str = "kaynnit.csv", **options: object) -> LoadReport:
    return load_bytes(name, data, LoadOptions(**options), settings, now=NOW, today=TODAY)


def run(
    settings: Settings, *words: str, before_start: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "TAKUUVAHTI_WAREHOUSE": str(settings.warehouse),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TAKUUVAHTI_DEFAULT_LANGUAGE": "en",
    }
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=before_start,
    )


def ids(settings: Settings) -> list[str]:
    return [
        row[0] for row in published_snapshot(settings).rows("SELECT visit_id FROM visits ORDER BY visit_id")
    ]


def in_order(settings: Settings) -> bool:
    """The archive agrees with what is published, and nothing half-done is left."""
    before = ids(settings)
    rebuild(settings, now=NOW)
    left = [p for p in settings.warehouse.rglob("*") if p.suffix in (".pending", ".new", ".building", ".wal")]
    named = {
        file
        for path in (settings.warehouse / "versions").iterdir()
        for (file,) in Snapshot(path).rows("SELECT file FROM segments")
    }
    left += [path for path in (settings.warehouse / "segments").iterdir() if path.name not in named]
    return ids(settings) == before and not left


@UNIX
@pytest.mark.parametrize(
    ("module", "function", "when", "count", "counts"),
    [
        ("pipelines.warehouse.archive", "write_pending", "before", 1, False),
        ("pipelines.warehouse.archive", "write_pending", "after", 1, False),
        ("pipelines.warehouse.build", "_publish_covered", "before", 1, False),
        ("pipelines.warehouse.write_segments", "flush", "before", 1, False),
        ("pipelines.warehouse.swap_version", "point_to", "before", 1, False),
        ("pipelines.warehouse.swap_version", "point_to", "after", 1, True),
        ("pipelines.loading.load", "tidy", "before", 1, True),
        ("pipelines.warehouse.archive", "reconcile", "after", 2, True),
    ],
)
def test_a_killed_load_counts_wholly_or_not_at_all(
    settings: Settings, tmp_path: Path, module: str, function: str, when: str, count: int, counts: bool
) -> None:
    load(settings, visits(visit(1), visit(2)), as_of=date(2025, 4, 1))
    path = tmp_path / "kaynnit_20250402.csv"
    path.write_bytes(visits(visit(2, visit="12.3.2025"), visit(3)))
    killed = run(settings, "-c", KILLED, module, function, when, str(count), "load", str(path))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ids(settings) == (["1", "2", "3"] if counts else ["1", "2"])
    report = load(settings, path.read_bytes(), path.name)
    assert report.status == ("unchanged" if counts else "loaded")
    assert ids(settings) == ["1", "2", "3"]
    load(settings, visits(visit(4)), as_of=date(2025, 4, 3))
    assert ids(settings) == ["1", "2", "3", "4"]
    assert in_order(settings)


@UNIX
@pytest.mark.parametrize(
    ("function", "when", "withdrawn"), [("write_version", "before", False), ("write_version", "after", True)]
)
def test_a_killed_withdrawal_counts_wholly_or_not_at_all(
    settings: Settings, function: str, when: str, withdrawn: bool
) -> None:
    load(settings, visits(visit(1)), as_of=date(2025, 4, 1))
    gone = load(settings, visits(visit(2)), as_of=date(2025, 4, 2))
    killed = run(
        settings, "-c", KILLED, "pipelines.loading.publication", function, when, "1", "withdraw", gone.load_id
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ids(settings) == (["1"] if withdrawn else ["1", "2"])
    load(settings, visits(visit(3)), as_of=date(2025, 4, 3))
    assert ids(settings) == (["1", "3"] if withdrawn else ["1", "2", "3"])
    assert in_order(settings)
    if not withdrawn:
        withdraw(settings, gone.load_id, now=NOW)
        assert ids(settings) == ["1", "3"]


@UNIX
@pytest.mark.parametrize("limit", [2_000, 60_000, 1_000_000])
def test_a_full_disk_changes_nothing(settings: Settings, tmp_path: Path, limit: int) -> None:
    """No file may grow beyond the limit: the archive cannot be written, or not the version."""
    import resource

    load(settings, visits(visit(1)), as_of=date(2025, 4, 1))
    path = tmp_path / "kaynnit_20250402.csv"
    path.write_bytes(visits(*(visit(number) for number in range(1, 5000))))
    full = run(
        settings,
        *("-m", "pipelines", "load", str(path)),
        before_start=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert full.returncode == 3, full.stdout + full.stderr
    assert "Traceback" not in full.stderr
    assert ids(settings) == ["1"]
    assert load(settings, path.read_bytes(), path.name).rows_loaded == 4999
    assert in_order(settings)


def _no_privilege_to_write_anywhere() -> None:
    """Whoever runs the tests, permissions of files hold in the process to be started."""
    if os.geteuid() == 0:
        drop_from_bounding_set, override_permissions = 24, 1
        ctypes.CDLL(None, use_errno=True).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="how to drop the privilege is known for Linux only")
def test_a_folder_that_may_not_be_written_is_said(settings: Settings, tmp_path: Path) -> None:
    load(settings, visits(visit(1)), as_of=date(2025, 4, 1))
    path = tmp_path / "kaynnit_20250402.csv"
    path.write_bytes(visits(visit(2)))
    folders = [p for p in (settings.warehouse, *settings.warehouse.rglob("*")) if p.is_dir()]
    files = [p for p in settings.warehouse.rglob("*") if p.is_file()]
    for place in (*files, *folders):
        place.chmod(place.stat().st_mode & 0o555)
    try:
        refused = run(
            settings,
            *("-m", "pipelines", "load", str(path)),
            before_start=_no_privilege_to_write_anywhere,
        )
        assert refused.returncode == 3, refused.stdout + refused.stderr
        assert "Traceback" not in refused.stderr
        assert ids(settings) == ["1"]
    finally:
        for place in (*folders, *files):
            place.chmod(place.stat().st_mode | 0o700)
    assert load(settings, path.read_bytes(), path.name).status == "loaded"


def test_two_writers_wait_for_each_other(settings: Settings, tmp_path: Path) -> None:
    load(settings, visits(visit(1)), as_of=date(2025, 4, 1))
    environment = os.environ | {"TAKUUVAHTI_WAREHOUSE": str(settings.warehouse)}
    writers = []
    for number in (2, 3, 4):
        path = tmp_path / f"kaynnit{number}.csv"
        path.write_bytes(visits(visit(number)))
        words = [sys.executable, "-m", "pipelines", "load", str(path)]
        writers.append(subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL))
    assert [writer.wait(timeout=300) for writer in writers] == [0, 0, 0]
    assert ids(settings) == ["1", "2", "3", "4"]
    assert [r.load_id for r in loads(published_snapshot(settings))] == [
        "000004",
        "000003",
        "000002",
        "000001",
    ]
