"""What `build` takes by each engine as the archive grows: time, processor time, memory, and what that means for a country.

Run as `python -m tests.bench.spark` where Spark is installed (`make test-spark` installs it); `--areas N` for another
number of areas beside one. Every area delivers the visits of the showcase, about 300 000 of two years. Processor time and
memory are those of all processes, of Java and the workers as well, read from `/proc`, so that it is measured on Linux. What
grows with the rows is the slope between the two archives; a country's is that slope times its people, at the visits a head
of the county scale.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from indicators.catalogue.places import reference_rows
from pipelines.demo.scales import SCALES
from pipelines.demo.write import write_demo
from tests.bench.loading import KEY, ROOT, pipelines

AREAS = 4
ENGINES = ("duckdb", "spark")
#: The area whose visits the scale `county` has.
COUNTY = "18"
YEARS = 10
#: Assumed of a rented core, in euros an hour; a run is repeated when all of history is to be made anew, not at each load.
EUROS_A_CORE_HOUR = 0.05
_PAUSE = 0.25
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Built:
    """What a build took: seconds waited, processor seconds of all processes, their memory at its peak in MB."""

    seconds: float
    processor_seconds: float
    peak_mb: float


def main() -> int:
    """Measure, and print the tables that `docs/scale.md` quotes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=AREAS, help="areas of the larger archive")
    areas = parser.parse_args().areas
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (extract,) = (
            path for path in write_demo(folder / "extracts", "showcase", 2) if "kaynnit" in path.name
        )
        with extract.open("rb") as lines:
            visits = sum(1 for _ in lines) - 1
        found = {}
        for count in (1, areas):
            warehouse = folder / f"areas-{count}"
            for row in reference_rows("wellbeing_counties.csv")[:count]:
                pipelines(
                    warehouse,
                    "load",
                    str(extract),
                    "--as-of",
                    "2026-01-01",
                    "--area",
                    row["hyvinvointialue_code"],
                )
            archived = sum(path.stat().st_size for path in (warehouse / "archive").iterdir()) / 1e6
            for engine in ENGINES:
                found[engine, count] = _build(warehouse, engine)
                _line(
                    f"{engine}, {count * visits / 1e6:.2f} million visits, {archived:.0f} MB archived",
                    found[engine, count],
                )
    return _country(found, areas, (areas - 1) * visits / 1e6)


def _line(what: str, built: Built) -> None:
    print(
        f"{what:<56}{built.seconds:>8.0f} s{built.processor_seconds:>8.0f} s processor{built.peak_mb:>8.0f} MB",
        flush=True,
    )


def _country(found: dict[tuple[str, int], Built], areas: int, millions: float) -> int:
    people = {
        row["hyvinvointialue_code"]: int(row["population_2025"])
        for row in reference_rows("wellbeing_county_population_2025.csv")
    }
    a_year = SCALES["county"].visits_per_year / people[COUNTY] * sum(people.values()) / 1e6
    print(
        f"\nA country of {sum(people.values()) / 1e6:.1f} million people: {a_year:.0f} million visits a year"
    )
    for engine in ENGINES:
        slope = (found[engine, areas].processor_seconds - found[engine, 1].processor_seconds) / millions
        hours = slope * a_year * YEARS / 3600
        print(
            f"{engine}: {slope:.0f} s of processor a million visits; {YEARS} years {hours:.0f} core hours, "
            f"{hours * EUROS_A_CORE_HOUR:.2f} € at {EUROS_A_CORE_HOUR} € a core hour"
        )
    return 0


def _build(warehouse: Path, engine: str) -> Built:
    """Build a warehouse again by an engine, watching all of its processes. Ends the benchmark where it fails."""
    command = [sys.executable, "-m", "pipelines", "build", "--engine", engine]
    environment = {**os.environ, "TAKUUVAHTI_KEY": KEY, "TAKUUVAHTI_WAREHOUSE": str(warehouse)}
    ticks: dict[int, int] = {}
    begun, peak = time.perf_counter(), 0.0
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        memory = 0.0
        for pid in _descendants(process.pid):
            used = _used(pid)
            if used is not None:
                ticks[pid], memory = used[0], memory + used[1]
        peak = max(peak, memory)
        time.sleep(_PAUSE)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Built(time.perf_counter() - begun, sum(ticks.values()) / _TICKS, peak)


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    # A thread of Java starts the daemon of the workers: children are asked of every thread.
    for task in Path(f"/proc/{pid}/task").glob("[0-9]*/children"):
        try:
            children += task.read_text(encoding="ascii").split()
        except OSError:
            continue
    return [pid, *(one for child in set(children) for one in _descendants(int(child)))]


def _used(pid: int) -> tuple[int, float] | None:
    """The processor ticks of a process, and its resident memory in MB; None where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[11]) + int(fields[12]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
