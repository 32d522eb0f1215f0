"""What a load would do to what is loaded already: nothing, replace rows, shrink an extract, leave units out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.prepare import Prepared, PreparedPart
from pipelines.findings import Finding, finding
from pipelines.loading.overlaps import overlapping_sources
from pipelines.loading.publication import code_map_of, records_of
from pipelines.loading.report import LoadOptions, PlannedLoad, storable_day
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, archive, master
from pipelines.warehouse.build import COUNTS
from pipelines.warehouse.load_effect import Effect
from pipelines.warehouse.records import ACTIVE, LoadRecord, Part


def unchanged_load(
    prepared: Prepared, plan: PlannedLoad, records: list[LoadRecord], snapshot: Snapshot | None, folder: Path
) -> LoadRecord | None:
    """The active load of the same content of which nothing has been superseded since, if there is one.

    One that an earlier version made is not the same where the file now says more than that version asked for.
    """
    for record in records:
        same, this = (_content_and_window(of) for of in (record, plan.record))
        if record.status != ACTIVE or same != this or snapshot is None:
            continue
        if plan.record.extract_date > record.extract_date:
            # Delivered again: the source says that nothing has changed since.
            continue
        counts = all(_still_counts(snapshot, record.load_id, part) for part in record.parts)
        if (
            counts
            and all(_as_published(snapshot, record.load_id, part) for part in prepared.parts)
            and all(_knows_as_much(folder, record.load_id, part) for part in prepared.parts)
        ):
            return record
    return None


def _as_published(snapshot: Snapshot, load_id: str, part: PreparedPart) -> bool:
    """Whether as many queue counts of a load are published as in the same file now."""
    if part.dataset != COUNTS:
        return True
    before = snapshot.rows("SELECT count(*) FROM queue_counts WHERE load_id = ? AND published", [load_id])
    return before[0][0] == part.accepted.column("published").to_pylist().count(True)


def _knows_as_much(folder: Path, load_id: str, part: PreparedPart) -> bool:
    """Whether a load archived every column that the same file fills now."""
    if not DATASETS[part.dataset].row_level:
        return True
    known = archive.read_head(archive.archive_path(folder, load_id, part.dataset)).columns
    rows = part.accepted
    return all(name in known or rows.column(name).null_count == rows.num_rows for name in rows.column_names)


def _content_and_window(record: LoadRecord) -> tuple[object, ...]:
    """The content of a load and what it was said to speak of."""
    return (
        *(record.content_hash, record.source, record.origin),
        *(record.window_from, record.window_to, record.scope),
    )


def _still_counts(snapshot: Snapshot, load_id: str, part: Part) -> bool:
    counted = snapshot.rows(f"SELECT count(*) FROM {part.dataset} WHERE load_id = ?", [load_id])
    return counted[0][0] == part.rows


def effect_findings(plan: PlannedLoad, effect: Effect, snapshot: Snapshot | None) -> tuple[Finding, ...]:
    found = []
    if effect.older:
        newest = max(r.extract_date for r in plan.earlier if r.part(plan.record.dataset))
        found.append(
            finding(
                "older_extract",
                count=effect.older,
                extract_date=storable_day(plan.record.extract_date),
                newest=storable_day(newest),
            )
        )
    if effect.standing:
        found.append(finding("earlier_row_stays", count=effect.standing))
    if plan.record.part("queue") and snapshot is not None:
        previous, missing = _missing_units(plan.record, snapshot)
        if previous is not None and missing:
            found.append(
                finding(
                    "unit_missing", "unit_code", len(missing), previous=storable_day(previous), units=missing
                )
            )
    return tuple(found)


def overlap_findings(
    connection: duckdb.DuckDBPyConnection, plan: PlannedLoad, settings: Settings, snapshot: Snapshot | None
) -> tuple[Finding, ...]:
    if snapshot is None:
        return ()
    edits = master.read_edits(settings.warehouse)
    code_map = master.master_of(code_map_of([*records_of(snapshot), plan.record]), edits).code_map
    return overlapping_sources(connection, plan.record, code_map, snapshot)


def _missing_units(record: LoadRecord, snapshot: Snapshot) -> tuple[date | None, list[str]]:
    """The date of the newest earlier queue snapshot of the source and origin, and its units this file lacks."""
    part = record.part("queue")
    here = {unit for unit, _, _ in part.coverage} if part else set()
    if part is None or None in here or not part.coverage:
        return None, []
    first = min(day for _, day, _ in part.coverage)
    rows = snapshot.rows(
        """WITH earlier AS (
               SELECT snapshot_on, unit_code FROM queue
               WHERE source = ? AND origin = ? AND snapshot_on < ? AND demo = ?
           )
           SELECT DISTINCT snapshot_on, unit_code FROM earlier
           WHERE snapshot_on = (SELECT max(snapshot_on) FROM earlier) ORDER BY unit_code""",
        [record.source, record.origin, first, record.demo],
    )
    return (rows[0][0] if rows else None), [str(unit) for _, unit in rows if unit not in here]


def shrinking_finding(
    prepared: Prepared,
    snapshot: Snapshot | None,
    plan: PlannedLoad,
    settings: Settings,
    options: LoadOptions,
) -> Finding | None:
    """The finding that forbids the load because it would shrink what it replaces too much."""
    if options.force:
        return None
    older = [r.load_id for r in plan.earlier if r.order < plan.record.order]
    for part in plan.record.parts:
        replaced = _rows_in_window(plan.record, part, snapshot, older)
        # A file without rows that speaks of a whole area says that nothing happened there: that is never assumed.
        says_nothing = prepared.rows_read == 0 and bool(part.coverage)
        if says_nothing or part.rows < settings.shrunk_share * replaced:
            return finding("extract_shrunk", count=part.rows, replaced=replaced)
    return None


def _rows_in_window(record: LoadRecord, part: Part, snapshot: Snapshot | None, older: list[str]) -> int:
    """How many published rows of older loads the part replaces: those inside the days it covers."""
    if snapshot is None:
        return 0
    stretches = [stretch for stretch in part.coverage if stretch[1] <= stretch[2]]
    if not stretches or not part.replaces_on:
        return 0
    cursor = snapshot.cursor()
    cursor.register(
        "load_window",
        pa.table(
            [
                pa.array([u for u, _, _ in stretches], pa.string()),
                pa.array([a for _, a, _ in stretches], pa.date32()),
                pa.array([b for _, _, b in stretches], pa.date32()),
            ],
            names=["unit", "first_on", "last_on"],
        ),
    )
    return cursor.execute(
        f"""SELECT count(*) FROM {part.dataset} o WHERE source = ? AND origin = ? AND NOT demo
            AND load_id IN (SELECT unnest(?)) AND EXISTS (
                SELECT 1 FROM load_window w WHERE o."{part.replaces_on}" BETWEEN w.first_on AND w.last_on
                AND (w.unit IS NULL OR w.unit = o.unit_code))""",
        [record.source, record.origin, older],
    ).fetchone()[0]
