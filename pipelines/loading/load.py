"""Loading a file: read and check it, work out what it changes, publish the next version.

A load is all or nothing. Reading and checking happen outside the writer lock; what the load changes is worked
out against the version that is current once the lock is held.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb

from indicators.catalogue.errors import UsageError
from pipelines.checking.prepare import Prepared, prepare
from pipelines.findings import Finding, RefusedFile
from pipelines.loading.effects import effect_findings, overlap_findings, shrinking_finding, unchanged_load
from pipelines.loading.publication import (
    code_map_of,
    known_areas,
    known_codes,
    known_measures,
    known_units,
    meta,
    pseudonymiser_of,
    published_snapshot,
    records_of,
    settle,
    tidy,
)
from pipelines.loading.report import (
    INSPECTED,
    LOADED,
    UNCHANGED,
    LoadOptions,
    LoadReport,
    PlannedLoad,
    load_report,
    refused_report,
    storable,
)
from pipelines.mapping.source import all_sources
from pipelines.persons import Pseudonymiser
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse, archive, master
from pipelines.warehouse.build import build
from pipelines.warehouse.load_effect import Effect, Incoming, prepare_incoming
from pipelines.warehouse.publish import OLD, write_version, writer_lock
from pipelines.warehouse.reader import CONNECT_CONFIG, attach_version
from pipelines.warehouse.records import ACTIVE, LoadRecord, Part, settle_frozen, settle_statuses

Progress = Callable[[str, float], None]


def inspect_bytes(
    name: str,
    data: bytes,
    options: LoadOptions,
    settings: Settings,
    *,
    today: date,
    progress: Progress | None = None,
) -> LoadReport:
    """What the file is and what loading it would do. Changes nothing.

    Raises KeyMismatch, WarehouseError and UsageError; what is wrong with the file stands in the report.
    """
    snapshot = published_snapshot(settings)
    key = pseudonymiser_of(snapshot, create=False)
    prepared = _prepare(name, data, options, settings, snapshot, key, today, progress)
    if isinstance(prepared, LoadReport):
        return prepared
    now = datetime.combine(today, datetime.min.time())
    plan = _plan(name, prepared, options, records_of(snapshot), now)
    connection = duckdb.connect(config={**CONNECT_CONFIG, "memory_limit": f"{settings.memory_limit_mb}MB"})
    try:
        if snapshot is not None:
            attach_version(connection, snapshot.path, OLD)
        effect = prepare_incoming(
            connection,
            settings.warehouse,
            plan.earlier,
            Incoming(plan.record, _brought(prepared)),
            OLD if snapshot is not None else None,
        )
        overlaps = overlap_findings(connection, plan, settings, snapshot)
    finally:
        connection.close()
    findings = (*prepared.findings, *effect_findings(plan, effect, snapshot), *overlaps)
    stopped = shrinking_finding(prepared, snapshot, plan, settings, options)
    if stopped:
        return refused_report(name, plan.record.origin, (*findings, stopped), prepared)
    return load_report(INSPECTED, plan, prepared, effect, findings, load_id=None)


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
    """Load a file: check it, archive what is accepted, publish the next version.

    `now` is UTC without an offset. Either the whole load takes effect or nothing changes. Raises KeyMismatch,
    WarehouseBusy, WarehouseDamaged and UsageError; what is wrong with the file stands in the report.
    """
    warehouse = Warehouse(settings.warehouse, settings.memory_limit_mb)
    snapshot = published_snapshot(settings, warehouse)
    key = pseudonymiser_of(snapshot, create=True)
    prepared = _prepare(name, data, options, settings, snapshot, key, today, progress)
    # A large file's bytes are not held while it is published.
    del data
    if isinstance(prepared, LoadReport):
        return prepared
    _say(progress, "wait", 0.0)
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        snapshot = published_snapshot(settings, warehouse)
        fingerprint = pseudonymiser_of(snapshot, create=True).fingerprint
        records = records_of(snapshot)
        settle(settings, snapshot)
        plan = _plan(name, prepared, options, records, now)
        same = unchanged_load(prepared, plan, records, snapshot, settings.warehouse)
        if same is not None:
            return replace(
                load_report(
                    UNCHANGED, plan, prepared, Effect(0, 0, 0, 0), prepared.findings, load_id=same.load_id
                ),
                rows_loaded=same.rows_loaded,
            )
        return _publish(plan, prepared, options, settings, snapshot, fingerprint, now, progress)


def _plan(
    name: str,
    prepared: Prepared,
    options: LoadOptions,
    records: list[LoadRecord],
    now: datetime,
) -> PlannedLoad:
    sequence = max((r.sequence for r in records), default=0) + 1
    window_from, window_to = prepared.window or (None, None)
    period_start, period_end = prepared.period or (None, None)
    record = LoadRecord(
        load_id=f"{sequence:06d}",
        sequence=sequence,
        file=name,
        content_hash=prepared.content_hash,
        source=prepared.source,
        layout=prepared.layout,
        dataset=prepared.dataset,
        origin=prepared.origin,
        demo=options.demo,
        status=ACTIVE,
        extract_date=prepared.extract_date,
        window_from=window_from,
        window_to=window_to,
        scope=prepared.scope,
        rows_read=prepared.rows_read,
        rows_loaded=prepared.rows_accepted,
        rows_quarantined=prepared.rows_quarantined,
        rows_new=0,
        rows_changed=0,
        rows_removed=0,
        period_start=period_start,
        period_end=period_end,
        loaded_at=now,
        loaded_by=options.loaded_by,
        withdrawn_at=None,
        frozen=False,
        parts=tuple(
            Part(
                part.dataset,
                part.accepted.num_rows,
                tuple((c.unit_code, c.first_on, c.last_on) for c in part.coverage),
                # A queue extract is always the whole queue of its dates and units; another speaks of a window
                # only where one is stated.
                part.window_on if part.dataset == "queue" or prepared.window is not None else None,
            )
            for part in prepared.parts
        ),
        code_map=() if prepared.source in all_sources() else tuple(prepared.code_map_rows),
        findings="[]",
    )
    settled = settle_statuses([*records, record])
    active = [r for r in settled[:-1] if r.status == ACTIVE]
    takes = any(
        was.status == ACTIVE and now_is.status != ACTIVE
        for was, now_is in zip(records, settled[:-1], strict=True)
    )
    return PlannedLoad(settled[-1], active, takes)


def _publish(
    plan: PlannedLoad,
    prepared: Prepared,
    options: LoadOptions,
    settings: Settings,
    snapshot: Snapshot | None,
    fingerprint: str,
    now: datetime,
    progress: Progress | None,
) -> LoadReport:
    if plan.record.status != ACTIVE:
        raise UsageError("demo_beside_real")
    outcome: list[tuple[LoadRecord, Effect, tuple[Finding, ...]]] = []
    brought = _brought(prepared)
    _say(progress, "effect", 0.0)

    def builder(connection: duckdb.DuckDBPyConnection) -> None:
        old = OLD if snapshot is not None else None
        effect = prepare_incoming(
            connection, settings.warehouse, plan.earlier, Incoming(plan.record, brought), old
        )
        overlaps = overlap_findings(connection, plan, settings, snapshot)
        findings = (*prepared.findings, *effect_findings(plan, effect, snapshot), *overlaps)
        stopped = shrinking_finding(prepared, snapshot, plan, settings, options)
        if stopped:
            raise RefusedFile((*findings, stopped))
        record = replace(
            plan.record,
            rows_new=effect.new,
            rows_changed=effect.changed,
            rows_removed=effect.removed,
            findings=json.dumps([storable(f) for f in findings], ensure_ascii=False),
        )
        _say(progress, "archive", 0.0)
        archive.write_pending(settings.warehouse, record, brought, prepared.quarantined, fingerprint)
        _say(progress, "publish", 0.0)
        records = settle_frozen(settle_statuses([*records_of(snapshot), record]), settings.withdrawable_loads)
        edits = master.read_edits(settings.warehouse)
        build(
            connection,
            settings.warehouse,
            records,
            master.master_of(code_map_of(records), edits),
            meta(fingerprint, now, edits),
            incoming=record,
            old=old,
        )
        outcome.append((record, effect, findings))
        published.append((records, edits))

    published: list[tuple[list[LoadRecord], list[master.Edit]]] = []
    try:
        write_version(
            settings.warehouse,
            builder,
            memory_limit_mb=settings.memory_limit_mb,
            keep=settings.snapshots_kept,
        )
    except RefusedFile as refused:
        return refused_report(plan.record.file, plan.record.origin, refused.findings, prepared)
    record, effect, findings = outcome[0]
    tidy(settings, *published[0], now)
    _say(progress, "done", 1.0)
    return load_report(LOADED, plan, prepared, effect, findings, load_id=record.load_id)


def _brought(prepared: Prepared) -> dict[str, archive.Rows]:
    """The rows of each dataset, as they are archived and published."""
    return {
        part.dataset: archive.Rows(
            part.accepted,
            part.absent if part.absent.num_rows else None,
            part.set_aside if part.set_aside.num_rows else None,
        )
        for part in prepared.parts
    }


def _prepare(
    name: str,
    data: bytes,
    options: LoadOptions,
    settings: Settings,
    snapshot: Snapshot | None,
    key: Pseudonymiser,
    today: date,
    progress: Progress | None,
) -> Prepared | LoadReport:
    origin = options.area or settings.default_area
    if origin not in known_areas():
        raise UsageError("unknown_area", area=origin)
    try:
        return prepare(
            data,
            name,
            sources=all_sources(),
            source=options.source,
            mapping=options.mapping,
            origin=origin,
            as_of=options.as_of,
            today=today,
            window=options.window,
            scope=options.scope,
            sheet=options.sheet,
            header_row=options.header_row,
            pseudonymise=key,
            code_map=known_codes(snapshot),
            known_units=known_units(snapshot),
            measures=known_measures(snapshot),
            settings=settings,
            force=options.force,
            published=options.published,
            progress=progress,
        )
    except RefusedFile as refused:
        return replace(
            refused_report(name, origin, refused.findings, None),
            source=refused.source,
            layout=refused.layout,
            dataset=refused.dataset,
            rows_read=refused.rows_read,
            rows_quarantined=refused.rows_quarantined,
        )


def _say(progress: Progress | None, stage: str, done: float) -> None:
    if progress is not None:
        progress(stage, done)


def utc_now() -> datetime:
    """The present moment in UTC without an offset, for entry points."""
    return datetime.now(UTC).replace(tzinfo=None)
