"""Loading a file: read and check it, work out what it changes, publish the next version.

A load is all or nothing. Reading and checking happen outside the writer lock; what the load changes is worked out against
the version that is current once the lock is acquired.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from indicators.catalogue.errors import UsageError
from pipelines.checking.codes import known_areas
from pipelines.checking.extract import Extract, LoadOptions
from pipelines.checking.prepare import Prepared, Progress, prepare
from pipelines.findings import Finding, RefusedFile
from pipelines.loading.blank_columns import blank_columns
from pipelines.loading.effect_findings import (
    effect_findings,
    overlap_findings,
    shrinking_finding,
    unchanged_load,
)
from pipelines.loading.lost_values import lost_values, without_repeats
from pipelines.loading.memory import memory_named
from pipelines.loading.publication import (
    NextVersion,
    Published,
    pseudonymiser_of,
    published_snapshot,
    reconcile,
    tidy,
)
from pipelines.loading.replacing import STAYING, attach_staying, effect_of_replacing, replaced_loads
from pipelines.loading.report import (
    INSPECTED,
    LOADED,
    UNCHANGED,
    LoadReport,
    PlannedLoad,
    load_report,
    refused_report,
    storable,
)
from pipelines.mapping.files import all_sources
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, archive, master
from pipelines.warehouse.build import build
from pipelines.warehouse.load_effect import Effect, Incoming, prepare_incoming
from pipelines.warehouse.reader import attach_version, connect
from pipelines.warehouse.records import ACTIVE, LoadRecord, Part, freeze_older, reconcile_statuses
from pipelines.warehouse.segment_rows import RowOrigin
from pipelines.warehouse.swap_version import OLD, write_version, writer_lock


def inspect_bytes(
    name: str,
    data: bytes,
    options: LoadOptions,
    settings: Settings,
    *,
    today: date,
    progress: Progress | None = None,
) -> LoadReport:
    """Return what the file is and what loading it would do. Raises KeyMismatch, WarehouseError, OutOfMemory, UsageError."""
    with memory_named(len(data)):
        published = Published.read(settings)
        load = _Load(_extract(name, data, options, settings), settings, progress)
        del data
        prepared = load.prepare(published, today, create_key=False)
        if isinstance(prepared, LoadReport):
            return prepared
        plan = load.plan(prepared, published, datetime.combine(today, datetime.min.time()))
        connection = connect(settings.memory_limit_mb)
        try:
            if published.snapshot is not None:
                attach_version(connection, published.snapshot.path, OLD)
            effect, findings, stopped = load.effect(connection, plan, prepared, published)
        finally:
            connection.close()
        if stopped:
            return refused_report(name, plan.record.origin, RefusedFile(stopped).findings, prepared)
        return load_report(INSPECTED, plan, prepared, effect, findings, load_id=None)


# Many parameters because the clock and the progress of the caller are passed in.
def load_bytes(
    name: str,
    data: bytes,
    options: LoadOptions,
    settings: Settings,
    *,
    now: datetime,
    today: date,
    progress: Progress | None = None,
) -> LoadReport:
    """Load a file: check it, archive what is accepted, publish the next version. All of it takes effect, or nothing.

    `now` is UTC without an offset. Raises KeyMismatch, WarehouseBusy, WarehouseDamaged, OutOfMemory and UsageError; what is wrong
    with the file is in the report.
    """
    with memory_named(len(data)):
        warehouse = Warehouse(settings.warehouse, settings.memory_limit_mb)
        load = _Load(_extract(name, data, options, settings), settings, progress)
        # A large file's bytes are not in memory while it is checked and published.
        del data
        prepared = load.prepare(
            Published(published_snapshot(settings, warehouse), ()), today, create_key=True
        )
        if isinstance(prepared, LoadReport):
            return prepared
        load.report_progress("wait", 0.0)
        with writer_lock(settings.warehouse, settings.lock_wait_seconds):
            published = Published.read(settings, warehouse)
            fingerprint = pseudonymiser_of(published.snapshot, create=True).fingerprint
            reconcile(settings, published)
            plan = load.plan(prepared, published, now)
            same = None if plan.replaces else unchanged_load(prepared, plan, published, settings.warehouse)
            if same is not None:
                report = load_report(
                    UNCHANGED, plan, prepared, Effect(), prepared.findings, load_id=same.load_id
                )
                return replace(report, rows_loaded=same.rows_loaded)
            return load.publish(plan, prepared, published, fingerprint, now)


def _extract(name: str, data: bytes, options: LoadOptions, settings: Settings) -> Extract:
    origin = options.area or settings.default_area
    if origin not in known_areas():
        raise UsageError("unknown_area", area=origin)
    return Extract(name, data, origin, options)


@dataclass(frozen=True)
class _Load:
    """One file that is inspected or loaded."""

    extract: Extract
    settings: Settings
    progress: Progress | None

    def report_progress(self, stage: str, done: float) -> None:
        if self.progress is not None:
            self.progress(stage, done)

    def prepare(self, published: Published, today: date, *, create_key: bool) -> Prepared | LoadReport:
        """Return the checked rows of the file, or the report of its refusal."""
        key = pseudonymiser_of(published.snapshot, create=create_key)
        known = published.known_data()
        try:
            return prepare(self.extract, known, key, self.settings, today, self.progress)
        except RefusedFile as refused:
            return replace(
                refused_report(self.extract.name, self.extract.origin, refused.findings, None),
                source=refused.source,
                layout=refused.layout,
                dataset=refused.dataset,
                rows_read=refused.rows_read,
                rows_quarantined=refused.rows_quarantined,
            )

    def plan(self, prepared: Prepared, published: Published, now: datetime) -> PlannedLoad:
        """Return the record of the load and the active loads it meets. Raises NotPossible: see `replaced_loads`."""
        sequence = max((r.sequence for r in published.records), default=0) + 1
        planned = _record(self.extract, prepared, sequence, now)
        if self.extract.options.mapping is not None:
            replaces = replaced_loads(prepared, planned, published.records, self.settings)
            planned = replace(planned, replaces=replaces)
        *before, record = reconcile_statuses([*published.records, planned])
        takes_demo_away = any(
            was.demo and was.status == ACTIVE and now_is.status != ACTIVE
            for was, now_is in zip(published.records, before, strict=True)
        )
        return PlannedLoad(record, [r for r in before if r.status == ACTIVE], takes_demo_away)

    def effect(
        self,
        connection: duckdb.DuckDBPyConnection,
        plan: PlannedLoad,
        prepared: Prepared,
        published: Published,
    ) -> tuple[Effect, tuple[Finding, ...], tuple[Finding, ...]]:
        """Return what the load changes and its findings; where some forbid it, what is said of that as well."""
        incoming, folder = Incoming(plan.record, _rows_by_dataset(prepared)), self.settings.warehouse
        if plan.replaces and published.old is not None:
            staying = attach_staying(connection, folder, incoming.rows, plan.earlier)
            effect = prepare_incoming(connection, folder, plan.earlier, incoming, staying)
            effect = effect_of_replacing(connection, effect, prepared.dataset, published.old)
        else:
            effect = prepare_incoming(connection, folder, plan.earlier, incoming, published.old)
        overlaps = overlap_findings(connection, plan, self.settings, published)
        blank = blank_columns(connection, plan, prepared, published, self.settings)
        said = without_repeats(prepared.findings, blank)
        findings = (*blank, *said, *effect_findings(plan, effect, published.snapshot), *overlaps)
        if self.extract.options.force:
            return effect, findings, ()
        shrinks = shrinking_finding(prepared, published.snapshot, plan, self.settings)
        lost = lost_values(connection, plan, prepared, published, self.settings)
        if shrinks is None and not lost:
            return effect, findings, ()
        return effect, findings, (*filter(None, [shrinks]), *lost, *without_repeats(findings, lost))

    def publish(
        self, plan: PlannedLoad, prepared: Prepared, published: Published, fingerprint: str, now: datetime
    ) -> LoadReport:
        """Archive the rows and publish the version with them; the caller holds the writer lock."""
        if plan.record.status != ACTIVE:
            raise UsageError("demo_beside_real")
        settings, folder = self.settings, self.settings.warehouse
        outcome: list[tuple[Effect, tuple[Finding, ...], NextVersion]] = []
        self.report_progress("effect", 0.0)

        def builder(connection: duckdb.DuckDBPyConnection) -> None:
            effect, findings, stopped = self.effect(connection, plan, prepared, published)
            if stopped:
                raise RefusedFile(stopped)
            record = replace(
                plan.record,
                rows_new=effect.new,
                rows_changed=effect.changed,
                rows_removed=effect.removed,
                findings=json.dumps([storable(f) for f in findings], ensure_ascii=False),
            )
            self.report_progress("archive", 0.0)
            rows = _rows_by_dataset(prepared)
            archive.write_pending(folder, record, rows, prepared.quarantined, fingerprint)
            self.report_progress("publish", 0.0)
            records = freeze_older(
                reconcile_statuses([*published.records, record]), settings.withdrawable_loads
            )
            version = NextVersion(records, master.read_edits(folder), fingerprint, now)
            replaced = [r for r in published.records if r.load_id in record.replaces]
            folded = {part.dataset for r in replaced for part in r.parts}
            staying = STAYING if replaced and published.old is not None else None
            origin = RowOrigin(published.old, folded, record, staying)
            build(connection, folder, version.content(settings), origin)
            outcome.append((effect, findings, version))

        try:
            write_version(
                folder, builder, memory_limit_mb=settings.memory_limit_mb, keep=settings.snapshots_kept
            )
        except RefusedFile as refused:
            return refused_report(plan.record.file, plan.record.origin, refused.findings, prepared)
        effect, findings, version = outcome[0]
        tidy(settings, version)
        self.report_progress("done", 1.0)
        return load_report(LOADED, plan, prepared, effect, findings, load_id=plan.record.load_id)


def _record(extract: Extract, prepared: Prepared, sequence: int, now: datetime) -> LoadRecord:
    window_from, window_to = prepared.window or (None, None)
    period_start, period_end = prepared.period or (None, None)
    names = ("content_hash", "source", "layout", "dataset", "origin", "extract_date", "rows_read")
    values: dict[str, Any] = {name: getattr(prepared, name) for name in (*names, "rows_quarantined")}
    return LoadRecord(
        **values,
        load_id=f"{sequence:06d}",
        sequence=sequence,
        file=extract.name,
        demo=extract.options.demo,
        status=ACTIVE,
        window_from=window_from,
        window_to=window_to,
        scope=prepared.dated.scope,
        rows_loaded=prepared.rows_accepted,
        period_start=period_start,
        period_end=period_end,
        loaded_at=now,
        loaded_by=extract.options.loaded_by,
        parts=tuple(
            Part(
                part.dataset,
                part.accepted.num_rows,
                tuple((c.unit_code, c.first_on, c.last_on) for c in part.coverage),
                # A queue extract is always the whole queue of its dates and units; another has a window only where one is
                # stated.
                part.window_on if part.dataset == "queue" or prepared.window is not None else None,
            )
            for part in prepared.parts
        ),
        code_map=() if prepared.source in all_sources() else tuple(prepared.code_map_rows),
    )


def _rows_by_dataset(prepared: Prepared) -> dict[str, archive.Rows]:
    return {
        part.dataset: archive.Rows(
            part.accepted,
            part.absent if part.absent.num_rows else None,
            part.set_aside if part.set_aside.num_rows else None,
        )
        for part in prepared.parts
    }


def utc_now() -> datetime:
    """The present moment in UTC without an offset, for entry points."""
    return datetime.now(UTC).replace(tzinfo=None)
