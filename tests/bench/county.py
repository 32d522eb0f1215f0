"""The warehouse of a county with five years behind it: about 7 million visits, made once and kept.

The extracts are those of `python -m pipelines demo --scale county --years 5`. The visits are loaded year by year, as a
county would that starts with its history: memory then does not grow with the years. The warehouse is kept in
`data/bench`, beside a mark of the code that made it; other code makes it anew.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from indicators.catalogue.places import ROOT
from pipelines.checking.extract import LoadOptions
from pipelines.checking.extract_dates import dates_in_name
from pipelines.demo.population import EXTRACT_DATE, demo_window
from pipelines.demo.write import write_demo
from pipelines.loading.files import read_file
from pipelines.loading.load import load_bytes
from pipelines.loading.report import LOADED
from pipelines.loading.setup import DEMO_SOURCES, set_up
from pipelines.settings import Settings, load_settings

YEARS = 5
FOLDER = ROOT / "data" / "bench"
_VISITS, _QUEUE = "exreport_kaynnit", "exreport_jono"
_TODAY, _NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
#: The year of a visit: the last of a line's dates.
_YEAR = re.compile(rb"\.(\d{4})(?: [\d:.]+)?;[^;]*$")


def county_settings() -> Settings:
    """Settings of the warehouse, which is made where the present code has not made it yet."""
    settings = replace(load_settings({}), warehouse=FOLDER / "county")
    made_by, mark = FOLDER / "county.made_by", _code()
    if not made_by.exists() or made_by.read_text(encoding="ascii") != mark:
        shutil.rmtree(FOLDER, ignore_errors=True)
        _make(replace(settings, snapshots_kept=1))
        made_by.write_text(mark, encoding="ascii")
    return settings


def _make(settings: Settings) -> None:
    set_up(settings, demo=False, today=_TODAY, now=_NOW, loaded_by="bench")
    with tempfile.TemporaryDirectory() as name:
        for path in write_demo(Path(name), "county", YEARS):
            source = next((source for source in DEMO_SOURCES if source in path.name), None)
            if source is None:
                continue
            named = dates_in_name(path.name)
            as_of = EXTRACT_DATE if named is None else named[0]
            first, last = demo_window(YEARS)
            parts = [(path, (first, last))]
            if source == _VISITS:
                parts = [
                    (part, (max(first, date(year, 1, 1)), min(last, date(year, 12, 31))))
                    for year, part in by_year(path, first.year, last.year)
                ]
            for part, window in parts:
                options = LoadOptions(
                    source=source,
                    demo=True,
                    as_of=as_of,
                    window=None if source == _QUEUE else window,
                    loaded_by="bench",
                )
                report = load_bytes(part.name, read_file(part), options, settings, now=_NOW, today=_TODAY)
                if report.status != LOADED:
                    raise SystemExit(f"{part.name}: {[str(finding) for finding in report.findings]}")


def by_year(path: Path, first: int, last: int) -> Iterator[tuple[int, Path]]:
    """A file of visits as one file for each year, with what lies after the last year, or has no date, in that."""
    parts = {year: path.with_name(f"{path.stem}_{year}.csv") for year in range(first, last + 1)}
    files = {year: part.open("wb") for year, part in parts.items()}
    with path.open("rb") as lines:
        header = next(lines)
        for file in files.values():
            file.write(header)
        for line in lines:
            found = _YEAR.search(line)
            year = last if found is None else int(found[1])
            files[min(max(year, first), last)].write(line)
    for file in files.values():
        file.close()
    path.unlink()
    yield from parts.items()


def _code() -> str:
    """A mark of the code and tables that make a warehouse."""
    mark = hashlib.sha256()
    for folder, kinds in ((ROOT / "pipelines", (".py", ".toml", ".csv")), (ROOT / "data", (".csv",))):
        for path in sorted(folder.rglob("*")):
            if path.suffix in kinds and FOLDER not in path.parents and "warehouse" not in path.parts:
                mark.update(path.read_bytes())
    return mark.hexdigest()
