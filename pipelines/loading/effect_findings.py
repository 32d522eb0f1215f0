"""Findings about what a load does to what is loaded already: nothing, replace rows, shrink an extract, leave units out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.prepare import Prepared, PreparedPart
from pipelines.findings import Finding, finding, written_day
from pipelines.loading.overlaps import overlapping_sources
from pipelines.loading.publication import Published, code_map_of
from pipelines.loading.report import PlannedLoad
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, archive, master
from pipelines.warehouse.build import COUNTS
from pipelines.warehouse.load_effect import Effect
from pipelines.warehouse.records import ACTIVE, LoadRecord, Part


def unchanged_load(
    prepared: Prepared, plan: PlannedLoad, published: Published, folder: Path
) -> LoadRecord | None:
    """Return the active load of the same content of which nothing has been superseded since, if there is one.

    A load of an earlier version is not the same where the file has more than that version stored.
    """
    snapshot = published.snapshot
    if snapshot is None:
        return None
    for record in published.records:
        # With a later extract date it was delivered again: the source says that nothing has changed since.
        if (
            record.status == ACTIVE
            and _content_and_window(record) == _content_and_window(plan.record)
            and plan.record.extract_date <= record.extract_date
            and all(_is_whole(snapshot, record.load_id, part) for part in record.parts)
            and all(_is_as_published(snapshot, record.load_id, part) for part in prepared.parts)
            and all(_has_same_columns(folder, record.load_id, part) for part in prepared.parts)
        ):
            return record
    return None


def _is_as_published(snapshot: Snapshot, load_id: str, part: PreparedPart) -> bool:
    """Whether as many queue counts of a load are published as in the same file now."""
    if part.dataset != COUNTS:
        return True
    before = snapshot.rows("SELECT count(*) FROM queue_counts WHERE load_id = ? AND published", [load_id])
    return before[0][0] == part.accepted.column("published").to_pylist().count(True)


def _has_same_columns(folder: Path, load_id: str, part: PreparedPart) -> bool:
    """Whether a load archived every column that the same file fills now."""
    if not DATASETS[part.dataset].row_level:
        return True
    known = archive.read_head(archive.archive_path(folder, load_id, part.dataset)).columns
    rows = part.accepted
    return all(name in known or rows.column(name).null_count == rows.num_rows for name in rows.column_names)


def _content_and_window(record: LoadRecord) -> tuple[object, ...]:
    return (
        *(record.content_hash, record.source, record.origin),
        *(record.window_from, record.window_to, record.scope),
    )


def _is_whole(snapshot: Snapshot, load_id: str, part: Part) -> bool:
    counted = snapshot.rows(f"SELECT count(*) FROM {part.dataset} WHERE load_id = ?", [load_id])
    return counted[0][0] == part.rows


def effect_findings(plan: PlannedLoad, effect: Effect, snapshot: Snapshot | None) -> tuple[Finding, ...]:
    """Find older rows, rows that stay because their newer ones were set aside, and units missing from a queue."""
    found = []
    if plan.replaces:
        found.append(finding("load_replaced", count=len(plan.replaces), loads=list(plan.replaces)))
    if effect.older:
        newest = max(r.extract_date for r in plan.earlier if r.part(plan.record.dataset))
        days = (written_day(plan.record.extract_date), written_day(newest))
        found.append(finding("older_extract", count=effect.older, extract_date=days[0], newest=days[1]))
    if effect.unchanged:
        found.append(finding("earlier_row_stays", count=effect.unchanged))
    if plan.record.part("queue") and snapshot is not None:
        previous, missing = _missing_units(plan.record, snapshot)
        if previous is not None and missing:
            params: dict[str, Any] = {"previous": written_day(previous), "units": missing}
            found.append(finding("unit_missing", "unit_code", len(missing), **params))
    return tuple(found)


def overlap_findings(
    connection: duckdb.DuckDBPyConnection, plan: PlannedLoad, settings: Settings, published: Published
) -> tuple[Finding, ...]:
    """Find the sources whose rows do not count because another has the same quantity."""
    if published.snapshot is None:
        return ()
    edits = master.read_edits(settings.warehouse)
    code_map = master.master_of(code_map_of([*published.records, plan.record]), edits).code_map
    return overlapping_sources(connection, plan.record, code_map, published.snapshot)


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
    prepared: Prepared, snapshot: Snapshot | None, plan: PlannedLoad, settings: Settings
) -> Finding | None:
    """Return the finding that forbids the load because it would shrink what it replaces too much."""
    older = [r.load_id for r in plan.earlier if r.order < plan.record.order]
    for part in plan.record.parts:
        replaced = _rows_in_window(plan.record, part, snapshot, older)
        # A file without rows that covers a whole area would mean that nothing happened there: that is never assumed.
        is_empty = prepared.rows_read == 0 and bool(part.coverage)
        if is_empty or part.rows < settings.shrunk_share * replaced:
            return finding("extract_shrunk", count=part.rows, replaced=replaced)
    return None


def _rows_in_window(record: LoadRecord, part: Part, snapshot: Snapshot | None, older: list[str]) -> int:
    """Return how many published rows of older loads the part replaces: those inside the days it covers."""
    if snapshot is None:
        return 0
    stretches = [stretch for stretch in part.coverage if stretch[1] <= stretch[2]]
    if not stretches or not part.replaces_on:
        return 0
    cursor = snapshot.cursor()
    units, first_days, last_days = zip(*stretches, strict=True)
    days = [pa.array(column, pa.date32()) for column in (first_days, last_days)]
    window = pa.table([pa.array(units, pa.string()), *days], names=["unit", "first_on", "last_on"])
    cursor.register("load_window", window)
    (count,) = cursor.execute(
        f"""SELECT count(*) FROM {part.dataset} o WHERE source = ? AND origin = ? AND NOT demo
            AND load_id IN (SELECT unnest(?)) AND o."{part.replaces_on}" BETWEEN ? AND ? AND EXISTS (
                SELECT 1 FROM load_window w WHERE o."{part.replaces_on}" BETWEEN w.first_on AND w.last_on
                AND (w.unit IS NULL OR w.unit = o.unit_code))""",
        [record.source, record.origin, older, min(first_days), max(last_days)],
    ).fetchone() or (0,)
    return count
