"""What a load is asked for, what is planned, and what is reported of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from pipelines.checking.prepare import Prepared
from pipelines.findings import Finding, written_day
from pipelines.identity_codes import mask, mask_texts
from pipelines.warehouse.load_effect import Effect
from pipelines.warehouse.records import LoadRecord

LOADED, UNCHANGED, REFUSED, INSPECTED = "loaded", "unchanged", "refused", "inspected"
#: What `--json` prints of a load, in order; others script against these names.
JSON_FIELDS = (
    *("load_id", "file", "source", "layout", "origin", "status", "extract_date", "window"),
    *("rows_read", "rows_loaded", "rows_quarantined", "rows_new", "rows_changed", "rows_removed"),
    *("period_start", "period_end", "demo"),
)


@dataclass(frozen=True)
class LoadReport:
    """What happened, or would happen, to one file; the same whether inspected, loaded or refused."""

    file: str
    status: str
    origin: str
    load_id: str | None = None
    source: str | None = None
    layout: str | None = None
    dataset: str | None = None
    detected: dict[str, Any] = field(default_factory=dict)
    extract_date: date | None = None
    extract_date_from: str | None = None
    window: tuple[date, date] | None = None
    window_from: str | None = None
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_removed: int = 0
    period_start: date | None = None
    period_end: date | None = None
    demo: bool = False
    takes_demo_away: bool = False
    by_month: tuple[tuple[str, int, int, int], ...] = ()
    by_unit: tuple[tuple[str, int, int, int], ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_dict(self, language: str) -> dict[str, Any]:
        """The report in the form that `--json` prints; see the README of the command line."""
        values = {name: _plain(getattr(self, name)) for name in JSON_FIELDS}
        return values | {"findings": [finding_to_dict(f, language) for f in self.findings]}


def finding_to_dict(finding: Finding, language: str) -> dict[str, Any]:
    """A finding as `--json` prints it."""
    values = {name: getattr(finding, name) for name in ("code", "level", "field", "count")}
    return values | {"rows": list(finding.rows), "message": finding.message(language)}


def record_to_dict(record: LoadRecord, language: str) -> dict[str, Any]:
    """A load of the history as `loads --json` prints it."""
    report = replace(_of_record(record), file=mask(record.file), findings=stored_findings(record))
    return report.to_dict(language) | {
        "loaded_at": record.loaded_at.isoformat(timespec="seconds"),
        "loaded_by": record.loaded_by,
        "withdrawn_at": record.withdrawn_at and record.withdrawn_at.isoformat(timespec="seconds"),
    }


def _of_record(record: LoadRecord) -> LoadReport:
    return LoadReport(dataset=record.dataset, **{name: getattr(record, name) for name in JSON_FIELDS})


def stored_findings(record: LoadRecord) -> tuple[Finding, ...]:
    """Return the findings of a load of the history."""
    return _findings_in(record.findings)


@lru_cache(maxsize=512)
def _findings_in(text: str) -> tuple[Finding, ...]:
    stored = mask_texts(json.loads(text))
    return tuple(Finding(**{**found, "rows": tuple(found["rows"])}) for found in stored)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class PlannedLoad:
    """A load about to happen: its record, and the active loads it meets."""

    record: LoadRecord
    earlier: list[LoadRecord]
    takes_demo_away: bool

    @property
    def replaces(self) -> tuple[str, ...]:
        """The loads of the same file that this one takes the place of."""
        return self.record.replaces


def storable(finding: Finding) -> dict[str, Any]:
    """A finding as the record of its load stores it."""
    params = {
        name: written_day(value) if isinstance(value, date) else value
        for name, value in finding.params.items()
    }
    return asdict(replace(finding, params=params)) | {"rows": list(finding.rows)}


def refused_report(
    name: str, origin: str, findings: tuple[Finding, ...], prepared: Prepared | None
) -> LoadReport:
    """Return the report of a file of which nothing is loaded; a name may be what it is refused for."""
    report = LoadReport(file=mask(name), status=REFUSED, origin=origin, findings=findings)
    if prepared is None:
        return report
    names = ("source", "layout", "dataset", "extract_date", "rows_read", "rows_quarantined")
    values = {name: getattr(prepared, name) for name in names}
    return replace(report, detected=asdict(prepared.detected), **values)


def load_report(
    status: str,
    plan: PlannedLoad,
    prepared: Prepared,
    effect: Effect,
    findings: tuple[Finding, ...],
    *,
    load_id: str | None,
) -> LoadReport:
    """Return the report of a file that is loaded, unchanged, or could be loaded."""
    return replace(
        _of_record(plan.record),
        status=status,
        load_id=load_id,
        detected=asdict(prepared.detected),
        extract_date_from=prepared.dated.extract_date_from,
        window_from=prepared.dated.window_from,
        rows_new=effect.new,
        rows_changed=effect.changed,
        rows_removed=effect.removed,
        takes_demo_away=plan.takes_demo_away,
        by_month=effect.by_month,
        by_unit=effect.by_unit,
        findings=findings,
    )
