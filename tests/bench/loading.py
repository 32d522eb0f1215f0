"""How long setting up and loading take, beside DuckDB alone reading the same file into a typed table.

Run with `make bench`. Everything is measured in one run on one machine, so the ratios mean more than the
seconds. The commands are timed as a user waits for them, from start to end of the process; the time Python needs
to start and import is also given by itself. Exits with 1 where a command takes longer than it may.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.demo import write_demo
from pipelines.warehouse.reader import CONNECT_CONFIG

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 3
#: A key of the benchmark's own; nothing it makes is kept.
KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

DATE_COLUMNS = ("Yhteydenotto", "Hoidon tarpeen arviointi", "Ajanvaraus tehty", "Käynti")


@dataclass(frozen=True)
class Measured:
    """One thing measured: seconds taken, and seconds allowed where there is a limit."""

    what: str
    seconds: float
    allowed: float | None = None


def main() -> int:
    """Measure, print the table, and say by the exit code whether every limit was kept."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = best_of(lambda number: write_demo(folder / f"extracts-{number}", seed=100 + number))
        visits = [next((folder / f"extracts-{number}").glob("*kaynnit*.csv")) for number in range(REPEATS)]
        alone = best_of(lambda number: read_with_duckdb(visits[0], folder / f"alone-{number}.duckdb"))
        environment = {**os.environ, "TAKUUVAHTI_KEY": KEY}

        def run(warehouse: str, *arguments: str) -> None:
            command = [sys.executable, "-m", "pipelines", *arguments]
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**environment, "TAKUUVAHTI_WAREHOUSE": str(folder / warehouse)},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")

        start = best_of(lambda number: run("none", "--help"))
        setup = best_of(lambda number: run(f"warehouse-{number}", "setup", "--demo"))
        # The first real extract takes the demo data away; each later one replaces the rows of the one before.
        first = once(lambda: run("warehouse-0", "load", str(visits[0]), "--as-of", "2026-01-01"))
        again = best_of(
            lambda number: run(
                "warehouse-0", "load", str(visits[number]), "--as-of", f"2026-02-{number + 1:02d}"
            )
        )
    results = [
        Measured("DuckDB alone: the visits into a typed table", alone),
        Measured("Python starts and imports", start),
        Measured("synthetic extracts written", made, 5.0),
        Measured("setup: first warehouse with figures and demo", setup, 30.0),
        Measured("load: first real extract, demo data taken away", first, 5.0),
        Measured("load: newer extract of the same visits", again, 5.0),
    ]
    show(results, alone)
    return int(any(item.allowed is not None and item.seconds > item.allowed for item in results))


def read_with_duckdb(path: Path, database: Path) -> None:
    """What anybody could do in a few lines: no checks, no codes, no pseudonyms, no history."""
    transcoded = database.with_suffix(".csv")
    transcoded.write_text(path.read_bytes().decode("cp1252"), encoding="utf-8", newline="")
    dates = ", ".join(
        f"try_strptime(split_part(\"{column}\", ' ', 1), '%d.%m.%Y')::DATE AS \"{column}\""
        for column in DATE_COLUMNS
    )
    with duckdb.connect(database, config=CONNECT_CONFIG) as connection:
        connection.execute(
            f"""CREATE TABLE visits AS
                SELECT * REPLACE ({dates}, try_cast("Syntymävuosi" AS SMALLINT) AS "Syntymävuosi")
                FROM read_csv(?, delim = ';', header = true, all_varchar = true)""",
            [str(transcoded)],
        )
        connection.execute("CHECKPOINT")


def once(work: Callable[[], object]) -> float:
    """Seconds one run takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def best_of(work: Callable[[int], object]) -> float:
    """Seconds the quickest of the repeats takes; each is told its number."""
    return min(once(lambda number=number: work(number)) for number in range(REPEATS))


def show(results: list[Measured], alone: float) -> None:
    """Print the table."""
    print(f"{'':<50}{'seconds':>9}{'× DuckDB':>10}{'allowed':>9}")
    for item in results:
        allowed = "" if item.allowed is None else f"{item.allowed:.0f}"
        print(f"{item.what:<50}{item.seconds:>9.2f}{item.seconds / alone:>10.1f}{allowed:>9}")


if __name__ == "__main__":
    sys.exit(main())
