"""What a load takes of the memory: a limit from outside ends it with a sentence, and a file that was read is let go of."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.settings import load_settings
from tests.pipelines.extracts import visit, visits
from tests.rules.repository import ROOT

resource = pytest.importorskip("resource")
#: Above what Python and the libraries take by themselves, in bytes.
LIMITS = [1_000 << 20, 1_800 << 20]
NOW = datetime(2025, 5, 1, 8)
SAYS = "Muisti ei riitä tiedoston käsittelyyn. Mitään ei muutettu."


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 200 megabytes."""
    path = tmp_path_factory.mktemp("large") / "kaynnit_20250430.csv"
    header, row, _ = visits(visit(1)).split(b"\r\n")
    rows = (row.replace(b"1;", b"%d;" % number, 1) for number in range(1, 1_300_001))
    path.write_bytes(b"\r\n".join([header, *rows, b""]))
    return path


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is that of Linux")
def test_a_limit_from_outside_is_told_in_a_sentence(large: Path, tmp_path: Path, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", "load", str(large), "--warehouse", str(tmp_path / "w")],
        cwd=ROOT,
        env=os.environ | {"TAKUUVAHTI_DEFAULT_LANGUAGE": "fi"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr[: len(SAYS)]) == (3, SAYS), done.stderr[-500:]
    assert len(done.stderr.splitlines()) == 1
    assert not list((tmp_path / "w").glob("**/*.duckdb"))


@pytest.mark.parametrize("loads", [True, False], ids=["load", "inspect"])
def test_the_bytes_of_a_file_are_let_go_of_once_it_is_read(tmp_path: Path, loads: bool) -> None:
    data = visits(*(visit(number) for number in range(1, 50)))
    held: dict[str, int] = {}
    settings = replace(load_settings({}), warehouse=tmp_path / "w")
    before = sys.getrefcount(data)

    def progress(stage: str, _done: float) -> None:
        held.setdefault(stage, sys.getrefcount(data) - before)

    name, today = "kaynnit_20250430.csv", date(2025, 5, 1)
    if loads:
        report = load_bytes(name, data, LoadOptions(), settings, now=NOW, today=today, progress=progress)
    else:
        report = inspect_bytes(name, data, LoadOptions(), settings, today=today, progress=progress)
    assert report.status in ("loaded", "inspected")
    assert held["read"] > 0 == held["check"] == held["pseudonymise"]
