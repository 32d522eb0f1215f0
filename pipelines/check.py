"""Is the warehouse whole, fresh, fully mapped and reviewed? For people and for schedulers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines import quality
from pipelines.errors import WarehouseDamaged
from pipelines.load import loads
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot
from pipelines.warehouse.archive import archive_path, archived_rows
from pipelines.warehouse.records import WITHDRAWN


@dataclass(frozen=True)
class Problem:
    """One thing found: `level` is `error` (the check fails) or `warning` (worth knowing)."""

    code: str
    level: str
    subject: str
    detail: str


def check(snapshot: Snapshot, settings: Settings, *, today: date) -> list[Problem]:
    """All problems of the published warehouse, errors first."""
    found = [
        *_archive(snapshot, settings),
        *_freshness(snapshot, today),
        *_unmapped(snapshot),
        *_reviews(today),
        *_sudden(snapshot),
    ]
    return sorted(found, key=lambda problem: (problem.level != "error", problem.code, problem.subject))


def _archive(snapshot: Snapshot, settings: Settings) -> list[Problem]:
    problems = []
    for record in loads(snapshot):
        if record.status == WITHDRAWN:
            continue
        for part in record.parts:
            path = archive_path(settings.warehouse, record.load_id, part.dataset)
            try:
                rows = archived_rows(path)
            except WarehouseDamaged:
                problems.append(Problem("archive_damaged", "error", record.load_id, path.name))
                continue
            # Of frozen loads only what still counts is kept.
            if rows != part.rows and not record.frozen:
                detail = f"{rows} rows, {part.rows} loaded"
                problems.append(Problem("archive_rows", "error", record.load_id, detail))
    return problems


def _freshness(snapshot: Snapshot, today: date) -> list[Problem]:
    return [
        Problem(
            "not_fresh", "error", f"{one.source} {one.origin}", f"{one.newest_row or '–'} ({one.extracted})"
        )
        for one in quality.freshness(snapshot, today)
        if one.late
    ]


def _unmapped(snapshot: Snapshot) -> list[Problem]:
    return [
        Problem("unmapped_code", "warning", f"{one.source} {one.domain}", f"{one.code} ({one.rows})")
        for one in quality.unmapped(snapshot)
    ]


def _reviews(today: date) -> list[Problem]:
    return [
        Problem("review_overdue", "error", f"{one.kind} {one.name}", f"{one.due}")
        for one in quality.reviews(today)
    ]


def _sudden(snapshot: Snapshot) -> list[Problem]:
    """Of the newest week or snapshot of each unit; the page shows earlier ones too."""
    return [
        Problem(
            "sudden_change",
            "warning",
            f"{one.source} {one.unit}",
            f"{one.first_on}: {one.rows} ({one.median:g})",
        )
        for one in quality.sudden_changes(snapshot)
        if one.newest
    ]
