"""The one door from the pages to the loader. What it returns holds no identity code: names of files are masked."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from starlette.formparsers import MultiPartParser

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.errors import TakuuvahtiError
from indicators.catalogue.places import FIGURES, REFERENCE
from pages.ui.cache import settings, warehouse
from pages.ui.jobs import Progress
from pipelines.checking.codes import our_codes
from pipelines.checking.extract import LoadOptions
from pipelines.checking.extract_dates import BY_HAND, COLUMN, FILE_NAME, ROWS, TODAY
from pipelines.demo.scales import DEFAULT_SCALE
from pipelines.findings import Finding
from pipelines.identity_codes import mask as safe_name
from pipelines.loading import master_data as master
from pipelines.loading.history import Withdrawal, quarantine_csv, withdrawal
from pipelines.loading.history import withdraw as take_back
from pipelines.loading.load import inspect_bytes, load_bytes, utc_now
from pipelines.loading.overlaps import BY_NAME
from pipelines.loading.publication import loads, published_snapshot, remove_demo
from pipelines.loading.report import (
    INSPECTED,
    LOADED,
    REFUSED,
    UNCHANGED,
    LoadReport,
    stored_findings,
)
from pipelines.loading.results import refresh_results as write_results
from pipelines.loading.setup import demo_sources, load_demo, set_up
from pipelines.mapping.files import all_sources, parse_mapping
from pipelines.mapping.remembered import Remembered, mapping_for, remember
from pipelines.quality import data_quality as quality
from pipelines.quality import earlier_loads
from pipelines.quality.earlier_loads import BlankColumn
from pipelines.reading.unpacking import Limits
from pipelines.settings import today_in_finland
from pipelines.suggest.first_mapping import suggest
from pipelines.suggest.writing import source_name
from pipelines.warehouse.master import Edit, read_edits
from pipelines.warehouse.records import ACTIVE, SET_ASIDE, WITHDRAWN, LoadRecord
from pipelines.warehouse.scales import steps_of

MEGABYTE = 1024 * 1024
#: The largest file the page takes. What kind it is shows in its content, not in its name.
MAX_MEGABYTES = 300
#: Findings that stop a file and that a person may overrule after looking.
OVERRULED = ("too_many_bad_rows", "extract_shrunk", "values_lost")
#: The dataset whose rows may have been published.
QUEUE_COUNTS = "queue_counts"
#: Findings of a file that may be loaded which are shown above the button.
_SHOWN_FIRST = ("older_extract", "extract_date_assumed", "nothing_delivered")
#: Where an extract date or a window came from.
LOADING_DAY, NOWHERE = TODAY, "nowhere"

#: The share of a whole load that is done when a stage begins.
_BEGINS = {"wait": 0.5, "effect": 0.55, "archive": 0.7, "publish": 0.75}
_OPTION = re.compile(r"\s*\(--[a-z-]+[^()]*\)")
_TIME_ZONE = ZoneInfo("Europe/Helsinki")

_log = logging.getLogger(__name__)


def keep_uploads_in_memory() -> None:
    """Let no uploaded file spill to a temporary file, as Starlette does over a megabyte: identity codes are never written."""
    MultiPartParser.spool_max_size = (MAX_MEGABYTES + 1) * MEGABYTE


def now_and_today() -> tuple[datetime, date]:
    """The present moment in UTC without an offset, and the present day in Finland."""
    return utc_now(), today_in_finland()


def local_time(moment: datetime) -> datetime:
    """A moment in UTC without an offset as Finnish local time without one, seconds cut off.

    >>> local_time(datetime(2026, 1, 1, 22, 30, 15))
    datetime.datetime(2026, 1, 2, 0, 30)
    """
    return moment.replace(tzinfo=UTC).astimezone(_TIME_ZONE).replace(tzinfo=None, second=0, microsecond=0)


@cache
def source_titles(language: str) -> Mapping[str, str]:
    """The shipped sources by name, with their title in the language, in the order of the titles."""
    titles = {name: source.titles[language] for name, source in all_sources().items()}
    return dict(sorted(titles.items(), key=lambda item: item[1].casefold()))


def source_title(source: str | None, language: str) -> str:
    """The title of a source; its own name where it is not a shipped one."""
    return source_titles(language).get(source or "", source or "")


@cache
def area_names(language: str) -> Mapping[str, str]:
    """The wellbeing services counties by code, with their name in the language."""
    with (REFERENCE / "wellbeing_counties.csv").open(encoding="utf-8", newline="") as file:
        return {row["hyvinvointialue_code"]: row[f"name_{language}"] for row in csv.DictReader(file)}


def file_scope(source: str | None) -> str:
    """Whether a source's file speaks of the units in it or of its whole origin, unless a person says otherwise."""
    known = all_sources().get(source or "")
    return known.file_scope if known is not None else "units"


def headers(source: str) -> Mapping[str, str]:
    """Field → header of a source's newest layout, in the order of its columns. Raises KeyError for an unknown one."""
    found = all_sources()[source]
    return {field: names[0] for field, names in found.outputs[0].versions[found.versions[-1]].items()}


def written_csv(source: str, row: Mapping[str, str] | None = None) -> bytes:
    """A file of a source with one row as somebody wrote it (field → text), or with its headers alone.

    >>> written_csv("annotations", {"date": "2025-03-01"}).decode("utf-8-sig").splitlines()[0]
    'area;unit;indicator;date;text_fi;text_sv;break'
    """
    columns = headers(source)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns.values())
    if row is not None:
        writer.writerow([row.get(field, "") for field in columns])
    return text.getvalue().encode("utf-8-sig")


def has_window(dataset: str | None) -> bool:
    """Whether a window can be stated for a file of the dataset; a queue's is always its own dates."""
    return dataset in DATASETS and dataset != "queue" and DATASETS[dataset].row_level


def sentence(found: Finding, language: str) -> str:
    """What a finding says, without the names of command-line options.

    >>> from pipelines.findings import finding
    >>> "--" in sentence(finding("extract_shrunk", count=1, replaced=9), "en")
    False
    """
    return _OPTION.sub("", found.message(language))


def is_shown_first(found: Finding) -> bool:
    """Whether a finding of a file that may be loaded is shown above the button: sources that only names order are one."""
    return found.code in _SHOWN_FIRST or found.params.get("reason") == BY_NAME


def may_overrule(report: LoadReport) -> bool:
    """Whether all that stops the file is something a person may overrule after looking at it."""
    stopping = [found.code for found in report.findings if found.level == "file"]
    return report.status == REFUSED and bool(stopping) and all(code in OVERRULED for code in stopping)


def fits_nothing(report: LoadReport | None) -> bool:
    """Whether a file was refused because its headers are those of no layout."""
    return report is not None and any(f.code in ("unknown_layout", "missing_column") for f in report.findings)


def mapping_name(file_name: str) -> str:
    """The name of the file of a first mapping: that of its source."""
    return f"{source_name(file_name)}.toml"


def remembered_mapping(data: bytes) -> Remembered | None:
    """The mapping used last whose columns a file has."""
    now = settings()
    return mapping_for(now.warehouse, data, Limits(now.largest_file_mb << 20, now.largest_row_mb << 20))


def first_mapping(name: str, data: bytes, options: LoadOptions, language: str) -> str:
    """A first mapping for a file, as text. Raises RefusedFile where the file cannot be read."""
    return suggest(data, name, settings(), language, sheet=options.sheet, header_row=options.header_row)


def date_came_from(report: LoadReport) -> str:
    """Where the extract date of a report came from: said by hand, a column, the file's name, the rows or the day."""
    return report.extract_date_from or LOADING_DAY


def window_came_from(report: LoadReport, options: LoadOptions) -> str:
    """Where the window of a report came from; a queue's are the dates in it."""
    if report.dataset == "queue":
        return COLUMN
    if report.window is None:
        return NOWHERE
    return BY_HAND if options.window is not None else FILE_NAME


def inspect(name: str, data: bytes, options: LoadOptions, progress: Progress) -> LoadReport:
    """What a file is and what loading it would do; changes nothing. Raises TakuuvahtiError unless the file is at fault."""
    report = inspect_bytes(
        name, data, options, settings(), today=today_in_finland(), progress=_whole(progress, inspection=True)
    )
    return replace(report, file=safe_name(report.file))


def load(
    name: str, data: bytes, options: LoadOptions, progress: Progress, *, mapping_text: str = ""
) -> LoadReport:
    """Load one file; it takes effect whole or not at all. Its own mapping is remembered. Raises TakuuvahtiError."""
    report = load_bytes(
        name,
        data,
        options,
        settings(),
        now=utc_now(),
        today=today_in_finland(),
        progress=_whole(progress, inspection=False),
    )
    if report.status == LOADED and options.mapping is not None:
        remember(settings().warehouse, options.mapping, mapping_text)
    return replace(report, file=safe_name(report.file))


def _whole(report: Progress, *, inspection: bool) -> Callable[[str, float], None]:
    """From the shares of the steps to the share of all of it."""
    part = 0.9 if inspection else _BEGINS["wait"]
    begun: list[str] = []

    def progress(stage: str, share: float) -> None:
        if stage in _BEGINS:
            begun.append(stage)
            report(stage, _BEGINS[stage])
        elif stage != "done":
            report(stage, part * share)
        elif begun:
            report(stage, 1.0)

    return progress


def make_warehouse(loaded_by: str, demo: bool, progress: Progress) -> list[LoadReport]:
    """The first warehouse: the shipped figures and, where wished, the demo data. Raises TakuuvahtiError."""
    whole = len(list(FIGURES.glob("*.csv"))) + (len(demo_sources(DEFAULT_SCALE)) if demo else 0)
    return set_up(
        settings(),
        demo=demo,
        scale=DEFAULT_SCALE,
        today=today_in_finland(),
        now=utc_now(),
        loaded_by=loaded_by,
        on_report=_counted(progress, whole),
    )


def add_demo(loaded_by: str, progress: Progress) -> list[LoadReport]:
    """Make and load the demo data. Raises UsageError where there are real rows."""
    return load_demo(
        settings(),
        scale=DEFAULT_SCALE,
        today=today_in_finland(),
        now=utc_now(),
        loaded_by=loaded_by,
        on_report=_counted(progress, len(demo_sources(DEFAULT_SCALE))),
    )


def take_demo_away(progress: Progress) -> int:
    """Take all demo data away for good. Returns how many loads went. Raises WarehouseBusy."""
    progress("wait", 0.0)
    return remove_demo(settings(), now=utc_now())


def has_results() -> bool:
    """Whether the settings name a results folder."""
    return bool(settings().results_folder or settings().results_internal_folder)


def refresh_results() -> None:
    """Write the results folders that the settings name; the server's log says which stay as they were."""
    for reason in write_results(settings()):
        _log.warning("results folder: %s", safe_name(reason))


def look_at_withdrawal(load_id: str, progress: Progress) -> Withdrawal:
    """What withdrawing a load would change; changes nothing. Raises TakuuvahtiError where it cannot be withdrawn."""
    progress("effect", 0.1)
    return withdrawal(settings(), load_id)


def withdraw(load_id: str, progress: Progress) -> Withdrawal:
    """Withdraw a load, and say what that changed. Raises TakuuvahtiError; then nothing was changed."""
    progress("effect", 0.1)
    changed = withdrawal(settings(), load_id)
    progress("publish", 0.5)
    take_back(settings(), load_id, now=utc_now())
    return changed


@dataclass(frozen=True)
class SetAside:
    """The rows of a load that were set aside: the first header is that of the reason, the others are the file's own."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def rows_set_aside(load_id: str, language: str) -> SetAside:
    """The rows of a load that were set aside, masked. Raises TakuuvahtiError where they no longer exist."""
    header, *rows = csv.reader(io.StringIO(quarantine_csv(settings(), load_id, language)), delimiter=";")
    return SetAside(tuple(header), tuple(tuple(row) for row in rows))


def set_aside_csv(load_id: str, language: str) -> bytes:
    """The same for a spreadsheet, as the loader reads it back. Raises TakuuvahtiError."""
    return quarantine_csv(settings(), load_id, language).encode("utf-8-sig")


def decisions() -> tuple[Edit, ...]:
    """Every decision about units and codes made by hand, oldest first."""
    return tuple(read_edits(settings().warehouse))


def decide(edits: tuple[Edit, ...], progress: Progress) -> int:
    """Put decisions into force; returns how many were new. Raises TakuuvahtiError; then nothing was changed."""
    progress("publish", 0.3)
    return master.decide(settings(), edits, now=utc_now())


def unit_decisions(row: Mapping[str, str], by: str) -> tuple[Edit, ...]:
    """The decision that makes a unit as the row says; none where it is so already. Raises UsageError."""
    return tuple(master.units_that_differ(settings(), [row], by=by, now=utc_now()))


def code_decision(
    source: str, domain: str, code: str, ours: str, valid: tuple[date | None, date | None], by: str
) -> Edit:
    """The decision what a code means, from one day to another or always. Raises UsageError."""
    first, last = (day.isoformat() if day else None for day in valid)
    meaning = {"our_code": ours, "valid_from": first, "valid_to": last}
    return master.code_edit(source, domain, code, [meaning], by=by, at=utc_now())


def take_back_decision(edit: Edit, by: str) -> Edit:
    """The decision that undoes the newest one about the same unit or code."""
    return master.taken_back(decisions(), edit.table, edit.key, by=by, at=utc_now())


def decisions_in_file(data: bytes, by: str) -> tuple[Edit, ...]:
    """What a CSV of units or codes would change, in UTF-8 or Windows-1252. Raises UsageError where it is neither."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return tuple(master.in_file(settings(), text, by=by, now=utc_now()))


def units_csv() -> bytes:
    """All units as a file that `decisions_in_file` reads back."""
    return master.export_units(settings()).encode("utf-8")


def themes() -> frozenset[str]:
    """The themes that measures are grouped by."""
    return our_codes("theme")


def codes_csv() -> bytes:
    """What every code means, and those without a meaning, as a file that `decisions_in_file` reads back."""
    return master.export_codes(settings()).encode("utf-8")


def version() -> str:
    """The name of the newest published version; empty where there is none."""
    snapshot = published_snapshot(settings(), warehouse())
    return snapshot.path.stem if snapshot is not None else ""


def _counted(progress: Progress, whole: int) -> Callable[[LoadReport], None]:
    """Progress of several files: one by one."""
    progress("files", 0.0)
    seen: list[str] = []

    def count_report(report: LoadReport) -> None:
        seen.append(report.file)
        progress("files", len(seen) / max(whole, 1))

    return count_report


@dataclass(frozen=True)
class Contents:
    """What is loaded: the history newest first, and which of it is demo data or real row-level data."""

    published: bool
    records: tuple[LoadRecord, ...] = ()
    version: str = ""

    @property
    def demo(self) -> tuple[LoadRecord, ...]:
        """Demo loads that are still there, counted or set aside."""
        return tuple(record for record in self.records if record.demo and record.status != WITHDRAWN)

    @property
    def real_rows(self) -> tuple[LoadRecord, ...]:
        """Real loads about single events that count now."""
        return tuple(
            record
            for record in self.records
            if record.row_level and not record.demo and record.status == ACTIVE
        )


def contents() -> Contents:
    """The history as it is published now, if it is. Raises WarehouseDamaged where the version cannot be opened."""
    snapshot = published_snapshot(settings(), warehouse())
    if snapshot is None:
        return Contents(published=False)
    return Contents(published=True, records=tuple(loads(snapshot)), version=snapshot.version)


def error_sentence(error: BaseException, language: str) -> str | None:
    """The sentence of an expected error; None for one that nobody foresaw."""
    return error.message(language) if isinstance(error, TakuuvahtiError) else None
