"""The results folders that programs such as Power BI read: made again after a publication, where the settings name any."""

from __future__ import annotations

import os
import subprocess
import sys

from indicators.catalogue.places import ROOT
from pipelines.settings import Settings


def run_indicators(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the indicators on the warehouse of these settings, in a process of its own.

    The pipelines know no indicator: numbers are made by the command that anyone can run.
    """
    return subprocess.run(  # noqa: S603  (the words are our own, and no shell reads them)
        [sys.executable, "-m", "indicators", *words],
        cwd=ROOT,
        env={**os.environ, "TAKUUVAHTI_WAREHOUSE": str(settings.warehouse), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def refresh_results(settings: Settings) -> list[str]:
    """Write the results folders that the settings name; return what each that failed says, as people read it."""
    wanted = ((settings.results_folder, ()), (settings.results_internal_folder, ("--internal",)))
    done = [
        run_indicators(settings, "results", "--out", str(folder), *words)
        for folder, words in wanted
        if folder
    ]
    return [one.stderr.strip().rpartition("\n")[2] for one in done if one.returncode]
