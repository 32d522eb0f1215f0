"""What a load of one month's visits takes as the warehouse grows: time, processor time, memory and disk written.

Run with `make bench`, or as `python -m tests.bench.growth --years N` for another number of years beside one (10 years are 14
million visits, and take most of an hour). The same extract is loaded again and again into a warehouse of one year of a
county and into one of more, in turn, so that a machine that is busy with other work slows both alike; each time it is a
newer extract of its month, whose rows it replaces. Exits with 1 where the larger warehouse takes more than the limit.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from datetime import date
from pathlib import Path
from statistics import median

from pipelines.demo.population import demo_window
from pipelines.demo.write import write_demo
from tests.bench.county import by_year
from tests.bench.loading import Run, pipelines

REPEATS = 3
YEARS = 3
#: How much more a load may take of a warehouse of more years.
MOST_TIMES_ONE_YEAR = 1.3
_MEGABYTE = 1e6
#: A line of a visit of the newest year's last month.
_MONTH = re.compile(rb"\.12\.\d{4}(?: [\d:.]+)?;[^;]*$")


def main() -> int:
    """Measure, print the table, and say by the exit code whether the limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=YEARS, help="years of the larger warehouse")
    years = parser.parse_args().years
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = _visits_by_year(folder / "extracts", years)
        month = _month_of(parts[max(parts)])
        warehouses = {1: folder / "one", years: folder / "more"}
        for count, warehouse in warehouses.items():
            for year in sorted(parts)[-count:]:
                _load(warehouse, parts[year], date(year + 1, 1, 1), (date(year, 1, 1), date(year, 12, 31)))
        runs: dict[int, list[tuple[Run, float]]] = {count: [] for count in warehouses}
        window = (date(max(parts), 12, 1), date(max(parts), 12, 31))
        for number in range(REPEATS):
            for count, warehouse in warehouses.items():
                before = _files(warehouse)
                run = _load(warehouse, month, date(max(parts) + 1, 1, 2 + number), window)
                new = _files(warehouse).items() - before.items()
                runs[count].append((run, sum(size for _, (_, size) in new) / _MEGABYTE))
    return _show(runs, years)


def _visits_by_year(folder: Path, years: int) -> dict[int, Path]:
    """The visits of a county as one file for each year."""
    first, last = demo_window(years)
    found: dict[int, Path] = {}
    for path in write_demo(folder, "county", years):
        if "kaynnit" in path.name:
            found = dict(by_year(path, first.year, last.year))
        else:
            path.unlink()
    return found


def _month_of(path: Path) -> Path:
    """The last month of a file of a year's visits, in a file of its own."""
    month = path.with_name("visits_of_december.csv")
    with path.open("rb") as lines, month.open("wb") as file:
        file.write(next(lines))
        file.writelines(line for line in lines if _MONTH.search(line))
    return month


def _load(warehouse: Path, extract: Path, as_of: date, window: tuple[date, date]) -> Run:
    stretch = f"{window[0]}..{window[1]}"
    return pipelines(warehouse, "load", str(extract), "--as-of", str(as_of), "--window", stretch)


def _files(warehouse: Path) -> dict[Path, tuple[int, int]]:
    """Every file of a warehouse, with what tells it from another of its name, and its bytes."""
    return {
        path: (path.stat().st_ino, path.stat().st_size) for path in warehouse.rglob("*") if path.is_file()
    }


def _show(runs: dict[int, list[tuple[Run, float]]], years: int) -> int:
    """Print the medians and the ratios; return 1 where the limit is broken."""
    title = "A month of a county's visits into a warehouse of"
    print(f"\n{title:<52}{'seconds':>9}{'processor':>11}{'MB':>7}{'MB written':>12}")
    medians = {}
    for count, measured in runs.items():
        medians[count] = [
            median(getattr(run, name) for run, _ in measured)
            for name in ("seconds", "processor_seconds", "peak_mb")
        ] + [median(written for _, written in measured)]
        seconds, processor, peak, written = medians[count]
        what = f"{count} year{'s' if count > 1 else ''}, {1.4 * count:.1f} million visits"
        print(f"{what:<52}{seconds:>9.2f}{processor:>11.2f}{peak:>7.0f}{written:>12.1f}")
    ratios = [more / one for one, more in zip(medians[1], medians[years], strict=True)]
    print(f"{'times':<52}{ratios[0]:>9.2f}{ratios[1]:>11.2f}{ratios[2]:>7.2f}{ratios[3]:>12.2f}")
    kept = max(ratios[1], ratios[3]) <= MOST_TIMES_ONE_YEAR
    print(f"Processor time and disk: at most {MOST_TIMES_ONE_YEAR} times. {'Kept.' if kept else 'Broken.'}")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
