"""A load under a limit of memory from outside ends with a sentence, and changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipelines.extracts import visit, visits
from tests.rules.repository import ROOT

resource = pytest.importorskip("resource")
#: Above what Python and the libraries take by themselves, in bytes.
LIMITS = [1_000 << 20, 1_800 << 20]
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
