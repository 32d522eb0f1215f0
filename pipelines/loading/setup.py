"""The first warehouse: the real figures that ship with the software, and demo extracts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from indicators.catalogue.places import FIGURES
from pipelines.checking.extract import LoadOptions
from pipelines.checking.extract_dates import dates_in_name
from pipelines.demo.population import EXTRACT_DATE, demo_window
from pipelines.demo.scales import DEFAULT_SCALE, scale_named
from pipelines.demo.write import write_demo
from pipelines.identity_codes import content_hash
from pipelines.loading.files import read_file
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import loads, published_snapshot, remove_demo
from pipelines.loading.report import LoadReport
from pipelines.settings import Settings
from pipelines.warehouse.records import ACTIVE, LoadRecord

#: The demo extracts that are loaded; the others it writes are for trying their layouts.
DEMO_SOURCES = (
    *("exreport_kaynnit", "exreport_jono", "exreport_lahetteet"),
    *("pirkko_asiakkuudet", "efica_ilmoitukset", "efica_palvelutarve"),
)
#: What is loaded with them of a scale that has annotations of its own.
ANNOTATIONS = "annotations"
#: The extract date of the shipped figures: fixed, so that first warehouses are alike.
FIGURES_AS_OF = date(2026, 1, 1)
#: Indicators are defined before any figure or target of them is loaded.
DEFINING = ("measures.csv",)


# Many parameters because the clock, the user and what hears of the progress are passed in.
def set_up(
    settings: Settings,
    *,
    demo: bool | None,
    today: date,
    now: datetime,
    loaded_by: str,
    scale: str = DEFAULT_SCALE,
    on_report: Callable[[LoadReport], None] = lambda _: None,
    on_withdrawn: Callable[[LoadRecord], None] = lambda _: None,
    on_demo: Callable[[], None] = lambda: None,
) -> list[LoadReport]:
    """Make the first warehouse, or complete it. Safe to repeat: what is loaded already stays as it is.

    A shipped file that a newer version of the software has changed is loaded again, and its earlier load is withdrawn
    (`on_withdrawn` is called with each). `demo` True loads the demo extracts of the scale, False takes all demo data
    away, None loads them where there is no warehouse yet or the demo data in it is other than they (`on_demo` is called
    before). Raises UsageError for demo data where there are real rows, and for an unknown scale.
    """
    scale_named(scale)
    first = published_snapshot(settings) is None
    reports = []
    for path in sorted(FIGURES.glob("*.csv"), key=lambda path: (path.name not in DEFINING, path.name)):
        # What the software ships replaces what it shipped before, whatever that had.
        options = LoadOptions(as_of=FIGURES_AS_OF, published=True, force=True, loaded_by=loaded_by)
        reports.append(load_bytes(path.name, read_file(path), options, settings, now=now, today=today))
        on_report(reports[-1])
        for record in _withdraw_earlier(reports[-1], settings, now):
            on_withdrawn(record)
    if demo is False:
        remove_demo(settings, now=now)
    elif demo or first or _active_demo(settings):
        reports += load_demo(
            settings,
            today=today,
            now=now,
            loaded_by=loaded_by,
            scale=scale,
            only_other=not (demo or first),
            on_report=on_report,
            on_withdrawn=on_withdrawn,
            on_demo=on_demo,
        )
    return reports


def _withdraw_earlier(report: LoadReport, settings: Settings, now: datetime) -> list[LoadRecord]:
    """Withdraw what earlier versions of the software shipped under the name of a file; return the loads that went.

    A frozen load stays: of its rows those count whose keys the file no longer has.
    """
    snapshot = published_snapshot(settings)
    if report.load_id is None or snapshot is None:
        return []
    earlier = [
        record
        for record in loads(snapshot)
        if (record.file, record.source, record.extract_date) == (report.file, report.source, FIGURES_AS_OF)
        and record.status == ACTIVE
        and not record.frozen
        and record.load_id < report.load_id
    ]
    return [withdraw(settings, record.load_id, now=now) for record in earlier]


# Many parameters because the clock, the user and what hears of the progress are passed in.
def load_demo(
    settings: Settings,
    *,
    today: date,
    now: datetime,
    loaded_by: str,
    scale: str = DEFAULT_SCALE,
    only_other: bool = False,
    on_report: Callable[[LoadReport], None] = lambda _: None,
    on_withdrawn: Callable[[LoadRecord], None] = lambda _: None,
    on_demo: Callable[[], None] = lambda: None,
) -> list[LoadReport]:
    """Make the demo extracts of a scale and load them, marked as demo, the smallest first.

    Demo data of another scale or an earlier version is taken away before; with `only_other` nothing is loaded where
    there is none such. Raises UsageError for an unknown scale and where there are real rows.
    """
    if not only_other:
        on_demo()
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        written = write_demo(Path(folder), scale=scale)
        # Each load writes the warehouse anew: the largest come last.
        paths = sorted(
            (path for path in written if _source_of(path, scale)), key=lambda path: path.stat().st_size
        )
        present = _active_demo(settings)
        shipped = {content_hash(read_file(path)) for path in paths}
        if any(record.content_hash not in shipped for record in present):
            if only_other:
                on_demo()
            remove_demo(settings, now=now)
            for record in present:
                on_withdrawn(record)
        elif only_other:
            return []
        for path in paths:
            options = _options(path, _source_of(path, scale), loaded_by)
            reports.append(load_bytes(path.name, read_file(path), options, settings, now=now, today=today))
            on_report(reports[-1])
    return reports


def _options(path: Path, source: str | None, loaded_by: str) -> LoadOptions:
    """How a demo extract is loaded.

    It holds whole calendar years: without a stated window, a unit closed on New Year's Day would seem to start later.
    Queues and annotations say their own dates.
    """
    named = dates_in_name(path.name)
    return LoadOptions(
        source=source,
        demo=True,
        as_of=EXTRACT_DATE if named is None else named[0],
        window=None if source in ("exreport_jono", ANNOTATIONS) else demo_window(),
        loaded_by=loaded_by,
    )


def demo_sources(scale: str = DEFAULT_SCALE) -> tuple[str, ...]:
    """The demo extracts of a scale that are loaded."""
    folder = scale_named(scale).folder
    own = folder is not None and (folder / f"{ANNOTATIONS}.csv").exists()
    return (*DEMO_SOURCES, *((ANNOTATIONS,) if own else ()))


def _source_of(path: Path, scale: str) -> str | None:
    return next((name for name in demo_sources(scale) if name in path.name), None)


def _active_demo(settings: Settings) -> list[LoadRecord]:
    snapshot = published_snapshot(settings)
    return [r for r in loads(snapshot) if r.demo and r.status == ACTIVE] if snapshot is not None else []
