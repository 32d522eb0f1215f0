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
from pipelines.demo.write import write_demo
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
    on_report: Callable[[LoadReport], None] = lambda _: None,
    on_withdrawn: Callable[[LoadRecord], None] = lambda _: None,
) -> list[LoadReport]:
    """Make the first warehouse, or complete it. Safe to repeat: what is loaded already stays as it is.

    A shipped file that a newer version of the software has changed is loaded again, and its earlier load is withdrawn
    (`on_withdrawn` is called with each). `demo` True loads the demo extracts, False takes all demo data away, None loads
    them where there is no warehouse yet. Raises UsageError for demo data where there are real rows.
    """
    first = published_snapshot(settings) is None
    reports = []
    for path in sorted(FIGURES.glob("*.csv"), key=lambda path: (path.name not in DEFINING, path.name)):
        options = LoadOptions(as_of=FIGURES_AS_OF, published=True, loaded_by=loaded_by)
        reports.append(load_bytes(path.name, read_file(path), options, settings, now=now, today=today))
        on_report(reports[-1])
        for record in _withdraw_earlier(reports[-1], settings, now):
            on_withdrawn(record)
    if demo is False:
        remove_demo(settings, now=now)
    elif demo or first:
        reports += load_demo(settings, today=today, now=now, loaded_by=loaded_by, on_report=on_report)
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


def load_demo(
    settings: Settings,
    *,
    today: date,
    now: datetime,
    loaded_by: str,
    on_report: Callable[[LoadReport], None] = lambda _: None,
) -> list[LoadReport]:
    """Make the small demo extracts and load them, marked as demo."""
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        for path in write_demo(Path(folder)):
            source = next((name for name in DEMO_SOURCES if name in path.name), None)
            if source is None:
                continue
            # The extract holds whole calendar years: without a stated window, a unit closed on New Year's Day would seem
            # to start later. Queues say their own dates.
            named = dates_in_name(path.name)
            options = LoadOptions(
                source=source,
                demo=True,
                as_of=EXTRACT_DATE if named is None else named[0],
                window=None if source == "exreport_jono" else demo_window(),
                loaded_by=loaded_by,
            )
            reports.append(load_bytes(path.name, read_file(path), options, settings, now=now, today=today))
            on_report(reports[-1])
    return reports
