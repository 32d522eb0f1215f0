"""How long setting up and loading take, beside DuckDB alone reading the same file into a typed table.

Run with `make bench`. Everything is measured in one run on one machine, so the ratios mean more than the seconds.
Every command is a process of its own, timed as a user waits for it, from start to end; the time Python needs to start
and import is also given by itself. The runs of DuckDB and of the load of a county's year alternate, and their medians
are compared, so that a machine that is busy with other work slows both alike. Exits with 1 where a limit is broken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pipelines.demo.write import write_demo

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 3
#: What a load of a county's year may take: so many times DuckDB's own time, and so much memory.
MOST_TIMES_DUCKDB = 4.0
MOST_MEMORY_MB = 1500
#: A key of the benchmark's own; nothing it makes is kept.
KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"


@dataclass(frozen=True)
class Run:
    """What one process took: seconds waited, seconds of processor time of all its threads, memory at its peak
    in millions of bytes."""

    seconds: float
    processor_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Measured:
    """One thing measured several times, and the seconds it may take where there is a limit."""

    what: str
    runs: tuple[Run, ...]
    allowed: float | None = None

    @property
    def seconds(self) -> float:
        return median(run.seconds for run in self.runs)

    @property
    def processor_seconds(self) -> float:
        return median(run.processor_seconds for run in self.runs)

    @property
    def peak_mb(self) -> float:
        return max(run.peak_mb for run in self.runs)

    @property
    def kept(self) -> bool:
        """Whether the limit holds, judged by the quickest run: what else the machine does is not its fault."""
        return self.allowed is None or min(run.seconds for run in self.runs) <= self.allowed


def main() -> int:
    """Measure, print the tables, and say by the exit code whether every limit was kept."""
    with tempfile.TemporaryDirectory() as name:
        small = measure_small(Path(name))
    show("The demo of two years, 40 000 visits", small)
    with tempfile.TemporaryDirectory() as name:
        alone, load, newer = measure_county(Path(name))
    show("A county's year, 1.4 million visits", [alone, load, newer])
    times = load.seconds / alone.seconds
    processor_times = load.processor_seconds / alone.processor_seconds
    peak = max(load.peak_mb, newer.peak_mb)
    print(
        f"\nThe load took {times:.1f} × the time of DuckDB alone (allowed {MOST_TIMES_DUCKDB:.0f}), "
        f"{processor_times:.1f} × its processor time, and {peak:.0f} MB (allowed {MOST_MEMORY_MB})."
    )
    kept = times <= MOST_TIMES_DUCKDB and peak <= MOST_MEMORY_MB and all(item.kept for item in small)
    print("Every limit was kept." if kept else "A limit was broken.")
    return int(not kept)


def measure_small(folder: Path) -> list[Measured]:
    """Setting up, and loading an extract of the demo's size."""
    extracts = [folder / f"extracts-{number}" for number in range(REPEATS)]
    made = [
        pipelines(folder, "demo", "--out", str(out), "--seed", str(100 + number))
        for number, out in enumerate(extracts)
    ]
    visits = [next(out.glob("*kaynnit*.csv")) for out in extracts]
    alone = [duckdb_alone(visits[0], folder / f"alone-{number}.duckdb") for number in range(REPEATS)]
    start = [pipelines(folder, "--help") for _ in range(REPEATS)]
    warehouses = [folder / f"warehouse-{number}" for number in range(REPEATS)]
    setup = [pipelines(warehouse, "setup", "--scale", "small") for warehouse in warehouses]
    showcase = [pipelines(folder / f"showcase-{number}", "setup") for number in range(REPEATS)]
    # The first real extract takes the demo data away; each later one replaces the rows of the one before.
    first = [
        pipelines(warehouse, "load", str(visits[0]), "--as-of", "2026-01-01") for warehouse in warehouses
    ]
    again = [
        pipelines(warehouses[0], "load", str(path), "--as-of", f"2026-02-{number + 1:02d}")
        for number, path in enumerate(visits)
    ]
    return [
        Measured("DuckDB alone: the visits into a typed table", tuple(alone)),
        Measured("Python starts and imports", tuple(start)),
        Measured("synthetic extracts written", tuple(made), 5.0),
        Measured("setup: first warehouse with figures and the small demo", tuple(setup), 30.0),
        Measured("setup: the same with the showcase, 300 000 visits", tuple(showcase), 45.0),
        Measured("load: first real extract, demo data taken away", tuple(first), 5.0),
        Measured("load: newer extract of the same visits", tuple(again), 5.0),
    ]


def measure_county(folder: Path) -> tuple[Measured, Measured, Measured]:
    """Loading the year of a whole county: DuckDB alone, the first load, and a newer extract that replaces it."""
    this, later = (
        next(
            path
            for path in write_demo(folder / f"county-{seed}", "county", 1, seed)
            if "kaynnit" in path.name
        )
        for seed in (18, 19)
    )
    alone, first, newer = [], [], []
    for number in range(REPEATS):
        warehouse = folder / f"warehouse-{number}"
        alone.append(duckdb_alone(this, folder / f"alone-{number}.duckdb"))
        first.append(pipelines(warehouse, "load", str(this), "--as-of", "2026-01-01"))
        newer.append(pipelines(warehouse, "load", str(later), "--as-of", "2026-01-02"))
    return (
        Measured("DuckDB alone: the visits into a typed table", tuple(alone)),
        Measured("load: checked, pseudonymised, archived, published", tuple(first)),
        Measured("load: newer extract of the same visits", tuple(newer)),
    )


def duckdb_alone(path: Path, database: Path) -> Run:
    """What DuckDB alone takes to read a file of visits."""
    return run([sys.executable, "-m", "tests.bench.duckdb_alone", str(path), str(database)], {})


def pipelines(warehouse: Path, *arguments: str) -> Run:
    """What a command of the pipelines takes."""
    environment = {"TAKUUVAHTI_KEY": KEY, "TAKUUVAHTI_WAREHOUSE": str(warehouse)}
    return run([sys.executable, "-m", "pipelines", *arguments], environment)


def run(command: list[str], environment: dict[str, str]) -> Run:
    """Run a command to its end. Ends the benchmark where it fails."""
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=said, stderr=subprocess.STDOUT
        )
        # Unlike the totals of all children, this tells what the one process took.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def show(title: str, results: list[Measured]) -> None:
    """Print a table of medians; the first line is what the others are compared with."""
    alone = results[0]
    print(f"\n{title:<52}{'seconds':>9}{'× DuckDB':>10}{'processor':>11}{'MB':>7}{'allowed s':>11}")
    for item in results:
        allowed = "" if item.allowed is None else f"{item.allowed:.0f}"
        print(
            f"{item.what:<52}{item.seconds:>9.2f}{item.seconds / alone.seconds:>10.1f}"
            f"{item.processor_seconds:>11.2f}{item.peak_mb:>7.0f}{allowed:>11}"
        )


if __name__ == "__main__":
    sys.exit(main())
