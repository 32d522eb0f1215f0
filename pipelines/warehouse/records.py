"""The record of a load: what the history shows, what the archive carries, what decides which rows count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from pipelines.warehouse.tables import DATASETS

ACTIVE, WITHDRAWN, SET_ASIDE = "loaded", "withdrawn", "set_aside"


@dataclass(frozen=True)
class LoadRecord:
    """One load of one file.

    `coverage` is a list of (unit code or None for every unit of the origin, first day, last day), both days
    included. `status` is `loaded`, `withdrawn`, or `set_aside` for demo loads while real rows are loaded.
    `loaded_at` and `withdrawn_at` are UTC without an offset.
    """

    load_id: str
    sequence: int
    file: str
    content_hash: str
    source: str
    layout: str
    dataset: str
    origin: str
    demo: bool
    status: str
    extract_date: date
    window_from: date | None
    window_to: date | None
    scope: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_new: int
    rows_changed: int
    rows_removed: int
    period_start: date | None
    period_end: date | None
    loaded_at: datetime
    loaded_by: str
    withdrawn_at: datetime | None
    coverage: tuple[tuple[str | None, date, date], ...]
    findings: str

    @property
    def order(self) -> tuple[date, int]:
        """Newer means a later extract date, and at the same date the later load."""
        return (self.extract_date, self.sequence)

    @property
    def row_level(self) -> bool:
        """Whether the load brings rows about single persons' events rather than aggregate figures."""
        return DATASETS[self.dataset].row_level

    @property
    def replaces_window(self) -> bool:
        """Whether rows missing from this load, inside its coverage, are gone.

        A queue extract is always the whole queue of its dates and units; a visit extract speaks of a window
        only where one is stated.
        """
        return self.dataset == "queue" or self.window_from is not None

    def values(self) -> list[Any]:
        """The record as a row of the table `loads`, in column order."""
        row = asdict(self)
        row["coverage"] = coverage_to_json(self.coverage)
        return list(row.values())

    def to_json(self) -> str:
        """The record as text for the archive; `from_json` reads it back."""
        row = asdict(self)
        row["coverage"] = coverage_to_json(self.coverage)
        return json.dumps(row, default=lambda value: value.isoformat(), ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> LoadRecord:
        """The record written by `to_json`."""
        return LoadRecord.from_row(json.loads(text))

    @staticmethod
    def from_row(row: dict[str, Any]) -> LoadRecord:
        """The record from a row of the table `loads` (or its JSON form)."""
        known = {field.name: row.get(field.name) for field in fields(LoadRecord)}
        for name in ("extract_date", "window_from", "window_to", "period_start", "period_end"):
            if isinstance(known[name], str):
                known[name] = date.fromisoformat(known[name])
        for name in ("loaded_at", "withdrawn_at"):
            if isinstance(known[name], str):
                known[name] = datetime.fromisoformat(known[name])
        known["coverage"] = coverage_from_json(known["coverage"])
        return LoadRecord(**known)


def coverage_to_json(coverage: Iterable[tuple[str | None, date, date]]) -> str:
    """Coverage as JSON text: a list of [unit or null, first day, last day]."""
    return json.dumps(
        [[unit, first.isoformat(), last.isoformat()] for unit, first, last in coverage], ensure_ascii=False
    )


def coverage_from_json(text: str) -> tuple[tuple[str | None, date, date], ...]:
    """The inverse of `coverage_to_json`.

    >>> coverage_from_json('[["A", "2025-01-01", "2025-01-31"]]')
    (('A', datetime.date(2025, 1, 1), datetime.date(2025, 1, 31)),)
    """
    return tuple(
        (unit, date.fromisoformat(first), date.fromisoformat(last)) for unit, first, last in json.loads(text)
    )


def settle_statuses(records: Iterable[LoadRecord]) -> list[LoadRecord]:
    """Demo rows are active only while no real row-level load is: the two are never in one figure."""
    records = list(records)
    real = any(r.row_level and not r.demo and r.status == ACTIVE for r in records)
    settled = []
    for record in records:
        if record.demo and record.row_level and record.status != WITHDRAWN:
            record = replace(record, status=SET_ASIDE if real else ACTIVE)
        settled.append(record)
    return settled
