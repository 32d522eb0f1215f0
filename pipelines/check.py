"""Is the warehouse whole, fresh and fully mapped? For people and for schedulers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.errors import WarehouseDamaged
from pipelines.load import loads
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot
from pipelines.warehouse.archive import archive_path, archived_rows
from pipelines.warehouse.records import WITHDRAWN
from pipelines.warehouse.tables import DATASETS

#: Row-level sources are expected weekly; two weeks and a day without one is trouble.
EXPECTED_RHYTHM_DAYS = 15
#: Of an extract the newest row is at most so much older than the extract itself, where it is as new as it says.
NEWEST_ROW_DAYS = 7


@dataclass(frozen=True)
class Problem:
    """One thing found: `level` is `error` (the check fails) or `warning` (worth knowing)."""

    code: str
    level: str
    subject: str
    detail: str


def check(snapshot: Snapshot, settings: Settings, *, today: date) -> list[Problem]:
    """All problems of the published warehouse, errors first."""
    found = [*_archive(snapshot, settings), *_freshness(snapshot, today), *_unmapped(snapshot)]
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
    """Sources whose data is old, by the earlier of two days: the newest extract date, and the newest realised visit,
    snapshot or arrival and a week. An extract date alone could be that of an old file loaded today."""
    newest_rows = " UNION ALL ".join(
        f"SELECT source, origin, max({d.window_column}) AS day FROM {d.name} WHERE NOT demo"
        + (" AND state = 'realised'" if d.name == "visits" else "")
        + " GROUP BY ALL"
        for d in DATASETS.values()
        if d.row_level
    )
    rows = snapshot.rows(
        f"""WITH extracts AS (
                SELECT source, origin, max(extract_date) AS extracted FROM loads
                WHERE status = 'loaded' AND NOT demo AND dataset IN (SELECT unnest(?)) GROUP BY ALL
            ), newest AS (SELECT source, origin, max(day) AS day FROM ({newest_rows}) GROUP BY ALL)
            SELECT source, origin, extracted, day FROM extracts LEFT JOIN newest USING (source, origin)
            ORDER BY ALL""",
        [[d.name for d in DATASETS.values() if d.row_level]],
    )
    return [
        Problem("not_fresh", "error", f"{source} {origin}", f"{day or '–'} ({extracted})")
        for source, origin, extracted, day in rows
        if day is None
        or (today - min(extracted, day + timedelta(days=NEWEST_ROW_DAYS))).days > EXPECTED_RHYTHM_DAYS
    ]


def _unmapped(snapshot: Snapshot) -> list[Problem]:
    problems = []
    for dataset in DATASETS.values():
        for domain in dataset.domains or {}:
            rows = snapshot.rows(
                f"""SELECT source, "{domain}", count(*) FROM {dataset.name}
                    WHERE "{domain}" LIKE '?%' GROUP BY ALL ORDER BY ALL"""
            )
            problems += [
                Problem("unmapped_code", "warning", f"{source} {domain}", f"{code[1:]} ({count})")
                for source, code, count in rows
            ]
    return problems
