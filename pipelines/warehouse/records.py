"""The record of a load: what the history shows, what the archive carries, what decides which rows count."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from indicators.catalogue.datasets import DATASETS

#: (unit code or None for every unit of the origin, first day, last day), both days included.
Stretch = tuple[str | None, date, date]
#: (source, domain, code, our code, first and last day of the meaning, as days or in ISO form).
CodeRow = tuple[str, str, str, str, date | str | None, date | str | None]
ACTIVE, WITHDRAWN, SET_ASIDE = "loaded", "withdrawn", "set_aside"

_DAYS = ("extract_date", "window_from", "window_to", "period_start", "period_end")
_MOMENTS = ("loaded_at", "withdrawn_at")


@dataclass(frozen=True)
class Part:
    """What a load brings to one dataset: how many rows, and the days it covers.

    `replaces_on` is the column whose day decides whether a row missing from the load is gone, within the days covered;
    None where the load only adds and replaces rows.
    """

    dataset: str
    rows: int
    coverage: tuple[Stretch, ...] = ()
    replaces_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class LoadRecord:
    """One load of one file.

    `parts` are what it brings to each dataset, the main one, `dataset`, first. `status` is `loaded`, `withdrawn`, or
    `set_aside` for demo loads while real rows are loaded. A `frozen` load can no longer be withdrawn. `code_map` are the
    meanings of codes that an analyst's own mapping brought; `replaces` the loads of the same file with another mapping,
    `set_aside` as long as this one is not withdrawn. `loaded_at` and `withdrawn_at` are UTC without an offset.
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
    rows_new: int = 0
    rows_changed: int = 0
    rows_removed: int = 0
    period_start: date | None
    period_end: date | None
    loaded_at: datetime
    loaded_by: str
    withdrawn_at: datetime | None = None
    frozen: bool = False
    parts: tuple[Part, ...]
    code_map: tuple[CodeRow, ...]
    findings: str = "[]"
    replaces: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[date, int]:
        """Newer means a later extract date, and at the same date the later load."""
        return (self.extract_date, self.sequence)

    @property
    def row_level(self) -> bool:
        """Whether the load brings rows about single persons' events rather than aggregate figures."""
        return any(DATASETS[part.dataset].row_level for part in self.parts)

    @property
    def window(self) -> tuple[date, date] | None:
        """The first and last day of the stated window; None where none is stated."""
        return (
            None if self.window_from is None or self.window_to is None else (self.window_from, self.window_to)
        )

    def part(self, dataset: str) -> Part | None:
        """What the load brings to a dataset; None where it brings nothing."""
        return next((part for part in self.parts if part.dataset == dataset), None)

    def values(self) -> list[Any]:
        """The record as a row of the table `loads`, in column order."""
        return list(self._row().values())

    def to_json(self) -> str:
        """The record as text for the archive; `from_json` reads it back."""
        return _json(self._row())

    def _row(self) -> dict[str, Any]:
        parts = [_by_name(part) for part in self.parts]
        written = {"parts": parts, "code_map": self.code_map, "replaces": self.replaces}
        return _by_name(self) | {name: _json(value) for name, value in written.items()}

    @staticmethod
    def from_json(text: str) -> LoadRecord:
        """The record written by `to_json`."""
        return LoadRecord.from_row(json.loads(text))

    @staticmethod
    def from_row(row: dict[str, Any]) -> LoadRecord:
        """The record from a row of the table `loads` (or its JSON form)."""
        known: dict[str, Any] = {field.name: row.get(field.name) for field in fields(LoadRecord)}
        for kind, names in ((date, _DAYS), (datetime, _MOMENTS)):
            known |= {name: kind.fromisoformat(known[name]) for name in names if isinstance(known[name], str)}
        known["parts"] = tuple(
            Part(
                part["dataset"],
                part["rows"],
                tuple(
                    (unit, date.fromisoformat(first), date.fromisoformat(last))
                    for unit, first, last in part["coverage"]
                ),
                part["replaces_on"],
            )
            for part in json.loads(known["parts"])
        )
        known["code_map"] = tuple(tuple(row) for row in json.loads(known["code_map"]))
        known["replaces"] = tuple(json.loads(known["replaces"] or "[]"))
        return LoadRecord(**known)


def _by_name(one: LoadRecord | Part) -> dict[str, Any]:
    """The fields as they are: unlike `asdict` it does not copy every covered stretch."""
    return {field.name: getattr(one, field.name) for field in fields(one)}


def _json(value: Any) -> str:
    return json.dumps(value, default=lambda day: day.isoformat(), ensure_ascii=False)


def reconcile_statuses(records: Iterable[LoadRecord]) -> list[LoadRecord]:
    """Set aside what another load takes the place of.

    Demo loads are active only while no real row-level load is: the two are never in one figure. A load that another one
    replaces is active only where that one is withdrawn.
    """
    records = list(records)
    there = [r for r in records if r.status != WITHDRAWN]
    real = any(r.row_level and not r.demo for r in there)
    replaced = {load_id for r in there for load_id in r.replaces}
    aside = {r.load_id for r in there if (r.demo and real) or r.load_id in replaced}
    return [
        r if r.status == WITHDRAWN else replace(r, status=SET_ASIDE if r.load_id in aside else ACTIVE)
        for r in records
    ]


def freeze_older(records: Iterable[LoadRecord], withdrawable: int) -> list[LoadRecord]:
    """Freeze the loads older than the newest `withdrawable` ones; what was frozen once stays so."""
    records = list(records)
    newest = sorted((r.sequence for r in records if r.status != WITHDRAWN), reverse=True)
    limit = newest[withdrawable] if len(newest) > withdrawable else 0
    return [replace(r, frozen=True) if r.sequence <= limit and r.status != WITHDRAWN else r for r in records]


def without_rows(record: LoadRecord, removed_rows: Mapping[str, int]) -> LoadRecord:
    """Return the record of a load of which so many rows, by dataset, were set aside after it was loaded."""
    # One row of a file may be one of several datasets.
    rows = max(removed_rows.values(), default=0)
    parts = tuple(replace(part, rows=part.rows - removed_rows.get(part.dataset, 0)) for part in record.parts)
    return replace(
        record,
        parts=parts,
        rows_loaded=record.rows_loaded - rows,
        rows_quarantined=record.rows_quarantined + rows,
    )


def own_code_map(records: Iterable[LoadRecord]) -> list[CodeRow]:
    """Return the meanings of codes that analysts' own mappings brought: of each mapping those of its newest load."""
    newest: dict[str, LoadRecord] = {}
    for record in records:
        if record.status == ACTIVE and record.code_map:
            known = newest.get(record.source)
            newest[record.source] = record if known is None or record.sequence > known.sequence else known
    return [row for _, record in sorted(newest.items()) for row in record.code_map]
