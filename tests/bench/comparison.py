"""The same file and the same five questions in Takuuvahti, in DuckDB and SQLite by hand, and in pandas and polars.

Run with `make bench`, or as `python -m tests.bench.comparison --years N` for more years than one (10 years are 14 million visits,
and take long). Each tool is a process of its own, which reads the visits of a county's years, keeps them where it answers
from, and then answers each question several times, of which the quickest counts. By hand means: no pseudonyms, no history, no
suppression, no coverage; pandas checks its rows with pandera. Every answer is compared with that of Takuuvahti, cell by cell, so
that what is timed is the same work; the benchmark ends where they differ.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipelines.demo.population import demo_window
from pipelines.demo.write import write_demo
from tests.bench import tools
from tests.bench.county import by_year
from tests.bench.loading import KEY, run

TIMES = 3
#: Shares and medians agree when they do to this.
NEAR = 1e-6
_COMMAND = (sys.executable, "-m", "tests.bench.comparison")


def main() -> int:
    """Measure, compare the answers, print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=1, help="years of visits, 1.4 million each")
    parser.add_argument("--tool", choices=tools.TOOLS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.folder and not asked.tool:
        _write_extracts(asked.folder, asked.years)
        return 0
    if asked.tool:
        measured = _measured(tools.TOOLS[asked.tool], asked.folder)
        _result(asked.folder, asked.tool).write_text(json.dumps(measured), encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: the memory of this one would count as that of those it starts.
        run([*_COMMAND, "--folder", name, "--years", str(asked.years)], {})
        found = {tool: _in_its_own_process(tool, folder) for tool in tools.TOOLS}
    ours = found[tools.OURS]
    for tool, one in found.items():
        for question, cells in one["cells"].items():
            if not _agree(cells, ours["cells"][question]):
                raise SystemExit(f"{tool} answers {question} otherwise than {tools.OURS}")
    _show(found, asked.years)
    return 0


def _write_extracts(folder: Path, years: int) -> None:
    """Write the visits of a county, a file for each year, without what not every tool reads alike."""
    first, last = demo_window(years)
    for path in write_demo(folder / "demo", "county", years):
        if "kaynnit" in path.name:
            for year, part in by_year(path, first.year, last.year):
                tools.without_faults(part, folder / f"visits_{year}.csv", year)
                part.unlink()


def _in_its_own_process(tool: str, folder: Path) -> dict:
    """Seconds of loading, milliseconds of each question, its cells, and the memory of a tool."""
    used = run([*_COMMAND, "--tool", tool, "--folder", str(folder)], {"TAKUUVAHTI_KEY": KEY})
    measured = json.loads(_result(folder, tool).read_text(encoding="utf-8"))
    # What a load in a process of its own took at its peak counts as well.
    measured["peak_mb"] = max(measured["peak_mb"], used.peak_mb)
    return measured


def _result(folder: Path, tool: str) -> Path:
    return folder / f"{tool}.json"


def _measured(tool: Callable[[], tools.Tool], folder: Path) -> dict:
    using = tool()
    begun, processor = time.perf_counter(), time.process_time()
    peak = using.load(sorted(folder.glob("visits_*.csv")), folder)
    seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    times, cells = {}, {}
    for question in tools.QUESTIONS:
        times[question] = min(_timed(using, question) for _ in range(TIMES))
        cells[question] = sorted(using.cells(question))
    return {
        "load_s": seconds,
        "processor_s": processor if peak is None else peak.processor_seconds,
        "peak_mb": 0.0 if peak is None else peak.peak_mb,
        "ms": times,
        "cells": cells,
    }


def _timed(using: tools.Tool, question: str) -> float:
    using.forget()
    begun = time.perf_counter()
    using.cells(question)
    return 1000 * (time.perf_counter() - begun)


def _agree(cells: list[float], ours: list[float]) -> bool:
    return len(cells) == len(ours) and all(
        abs(one - other) <= NEAR for one, other in zip(cells, ours, strict=True)
    )


def _show(found: dict[str, dict], years: int) -> None:
    names = list(found)
    print(f"\n{f'{1.4 * years:.1f} million visits':<44}" + "".join(f"{name:>14}" for name in names))
    for what, key in (
        ("loading, seconds", "load_s"),
        ("loading, processor seconds", "processor_s"),
        ("memory at its peak, MB", "peak_mb"),
    ):
        print(f"{what:<44}" + "".join(f"{found[name][key]:>14.1f}" for name in names))
    for question, what in tools.QUESTIONS.items():
        print(f"{f'{what}, ms':<44}" + "".join(f"{found[name]['ms'][question]:>14.0f}" for name in names))
    print(
        f"The answers of all are the same: {sum(len(cells) for cells in found[tools.OURS]['cells'].values())} cells."
    )


if __name__ == "__main__":
    sys.exit(main())
