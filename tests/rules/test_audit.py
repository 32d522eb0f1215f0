"""The audit of packages in `make lint`: faults stop it, missing data are said aloud, and neither is taken for the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.repository import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the audit is a script of bash")
FAULT = {"id": "PYSEC-1", "fix_versions": ["3.1.6"]}
#: Stands in for Python: answers as pip_audit would, and runs everything else.
STAND_IN = """#!{python}
import json, os, sys
if sys.argv[1:3] != ["-m", "pip_audit"]:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
answer = json.loads({answers!r})["lock" if "requirements.lock" in sys.argv else "canary"]
if answer is None:
    sys.exit("no connection")
print(json.dumps({{"dependencies": [{{"name": "jinja2", "version": "3.1.2", "vulns": answer}}]}}))
sys.exit(bool(answer))
"""


def audit(tmp_path: Path, canary: list | None, lock: list | None) -> subprocess.CompletedProcess[str]:
    stand_in = tmp_path / "python"
    answers = json.dumps({"canary": canary, "lock": lock})
    stand_in.write_text(STAND_IN.format(python=sys.executable, answers=answers))
    stand_in.chmod(0o755)
    return subprocess.run(
        [ROOT / ".ci" / "audit"], env={**os.environ, "PY": str(stand_in)}, capture_output=True, text=True
    )


def test_no_fault_among_the_packages(tmp_path: Path) -> None:
    ended = audit(tmp_path, [FAULT], [])
    assert (ended.returncode, ended.stdout) == (0, "No known faults in the locked packages.\n")


def test_a_fault_stops_and_says_which_version_mends_it(tmp_path: Path) -> None:
    ended = audit(tmp_path, [FAULT], [FAULT, {"id": "PYSEC-2", "fix_versions": []}])
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "jinja2 3.1.2 PYSEC-1 mended in 3.1.6",
        "jinja2 3.1.2 PYSEC-2 mended in no version",
    ]


@pytest.mark.parametrize("canary", [None, []])
def test_without_data_it_says_that_it_skips(tmp_path: Path, canary: list | None) -> None:
    ended = audit(tmp_path, canary, [])
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr.startswith("AUDIT SKIPPED")
