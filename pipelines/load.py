"""Loading a file: read and check it, work out what it changes, publish the next version.

A load is all or nothing. Reading and checking happen outside the writer lock; what the load changes is worked
out against the version that is current once the lock is held.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.codes import Indicator
from pipelines.errors import (
    KeyMismatch,
    Reason,
    UsageError,
    WarehouseDamaged,
    WarehouseMissing,
    reason_of,
)
from pipelines.findings import Finding, RefusedFile, finding
from pipelines.mapping import Source, all_sources
from pipelines.overlaps import overlapping_sources
from pipelines.persons import Pseudonymiser, load_key, mask, mask_texts
from pipelines.prepare import Prepared, PreparedPart, prepare
from pipelines.settings import REFERENCE, Settings
from pipelines.warehouse import Snapshot, Warehouse, archive, compaction, master
from pipelines.warehouse.measures import read_measures
from pipelines.warehouse.publish import OLD, write_version, writer_lock
from pipelines.warehouse.reader import CONNECT_CONFIG, attach_version, readable_first
from pipelines.warehouse.records import (
    ACTIVE,
    WITHDRAWN,
    CodeRow,
    LoadRecord,
    Part,
    own_code_map,
    settle_frozen,
    settle_statuses,
)
from pipelines.warehouse.state import COUNTS, Effect, Incoming, build, prepare_incoming
from pipelines.warehouse.tables import DATASETS, SCHEMA_VERSION

Progress = Callable[[str, float], None]

LOADED, UNCHANGED, REFUSED, INSPECTED = "loaded", "unchanged", "refused", "inspected"

#: What `--json` prints of a load, in order; others script against these names.
JSON_FIELDS = (
    *("load_id", "file", "source", "layout", "origin", "status", "extract_date", "window"),
    *("rows_read", "rows_loaded", "rows_quarantined", "rows_new", "rows_changed", "rows_removed"),
    *("period_start", "period_end", "demo"),
)


@dataclass(frozen=True)
class LoadOptions:
    """What the person says about a file; None means: find out.

    `area` is the origin of the file, `window` the first and last day it speaks of in full, `scope` whether
    that is so for the units in it or for the whole origin. `sheet` and `header_row` say where its headers stand.
    `published` says that its queue counts have been published, where a row does not say otherwise.
    """

    source: str | None = None
    mapping: Source | None = None
    area: str | None = None
    as_of: date | None = None
    window: tuple[date, date] | None = None
    scope: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    force: bool = False
    published: bool = False
    demo: bool = False
    loaded_by: str = ""


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
    return {
        "code": finding.code,
        "level": finding.level,
        "field": finding.field,
        "count": finding.count,
        "rows": list(finding.rows),
        "message": finding.message(language),
    }


def record_to_dict(record: LoadRecord, language: str) -> dict[str, Any]:
    """A load of the history as `loads --json` prints it."""
    report = LoadReport(
        **{name: getattr(record, name) for name in JSON_FIELDS if name not in ("file", "window")},
        file=mask(record.file),
        window=None if record.window_from is None else (record.window_from, record.window_to),
        findings=stored_findings(record),
    )
    return report.to_dict(language) | {
        "loaded_at": record.loaded_at.isoformat(timespec="seconds"),
        "loaded_by": record.loaded_by,
        "withdrawn_at": record.withdrawn_at and record.withdrawn_at.isoformat(timespec="seconds"),
    }


def stored_findings(record: LoadRecord) -> tuple[Finding, ...]:
    """The findings of a load of the history."""
    kept = mask_texts(json.loads(record.findings))
    return tuple(Finding(**{**found, "rows": tuple(found["rows"])}) for found in kept)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


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
    snapshot = _current(settings)
    key = _key(snapshot, create=False)
    prepared = _prepare(name, data, options, settings, snapshot, key, today, progress)
    if isinstance(prepared, LoadReport):
        return prepared
    now = datetime.combine(today, datetime.min.time())
    plan = _plan(name, prepared, options, _records(snapshot), now)
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
        overlaps = _overlaps(connection, plan, settings, snapshot)
    finally:
        connection.close()
    findings = (*prepared.findings, *_effect_findings(plan, effect, snapshot), *overlaps)
    stopped = _stops(prepared, snapshot, plan, settings, options)
    if stopped:
        return _refused(name, plan.record.origin, (*findings, stopped), prepared)
    return _report(INSPECTED, plan, prepared, effect, findings, load_id=None)


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
    snapshot = _current(settings)
    key = _key(snapshot, create=True)
    prepared = _prepare(name, data, options, settings, snapshot, key, today, progress)
    # A large file's bytes are not held while it is published.
    del data
    if isinstance(prepared, LoadReport):
        return prepared
    _say(progress, "wait", 0.0)
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        snapshot = _current(settings)
        fingerprint = _key(snapshot, create=True).fingerprint
        records = _records(snapshot)
        settle(settings, snapshot)
        plan = _plan(name, prepared, options, records, now)
        same = _unchanged(prepared, plan, records, snapshot, settings.warehouse)
        if same is not None:
            return replace(
                _report(
                    UNCHANGED, plan, prepared, Effect(0, 0, 0, 0), prepared.findings, load_id=same.load_id
                ),
                rows_loaded=same.rows_loaded,
            )
        return _publish(plan, prepared, options, settings, snapshot, fingerprint, now, progress)


@dataclass(frozen=True)
class _Plan:
    """A load about to happen: its record, and the active loads it meets."""

    record: LoadRecord
    earlier: list[LoadRecord]
    takes_demo_away: bool


def _plan(
    name: str,
    prepared: Prepared,
    options: LoadOptions,
    records: list[LoadRecord],
    now: datetime,
) -> _Plan:
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
    return _Plan(settled[-1], active, takes)


def _publish(
    plan: _Plan,
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
        overlaps = _overlaps(connection, plan, settings, snapshot)
        findings = (*prepared.findings, *_effect_findings(plan, effect, snapshot), *overlaps)
        stopped = _stops(prepared, snapshot, plan, settings, options)
        if stopped:
            raise RefusedFile((*findings, stopped))
        record = replace(
            plan.record,
            rows_new=effect.new,
            rows_changed=effect.changed,
            rows_removed=effect.removed,
            findings=json.dumps([_stored(f) for f in findings], ensure_ascii=False),
        )
        _say(progress, "archive", 0.0)
        archive.write_pending(settings.warehouse, record, brought, prepared.quarantined, fingerprint)
        _say(progress, "publish", 0.0)
        records = settle_frozen(settle_statuses([*_records(snapshot), record]), settings.withdrawable_loads)
        edits = master.read_edits(settings.warehouse)
        build(
            connection,
            settings.warehouse,
            records,
            master.master_of(_code_map(records), edits),
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
        return _refused(plan.record.file, plan.record.origin, refused.findings, prepared)
    record, effect, findings = outcome[0]
    tidy(settings, *published[0], now)
    _say(progress, "done", 1.0)
    return _report(LOADED, plan, prepared, effect, findings, load_id=record.load_id)


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


def settle(settings: Settings, snapshot: Snapshot | None) -> None:
    """Make what lies beside the versions say what the published one says; the caller holds the writer lock."""
    if snapshot is None:
        archive.discard_pending(settings.warehouse)
        master.settle(settings.warehouse, 0)
    else:
        followed = int(snapshot.meta(master.EDITS_FOLLOWED) or 0)
        archive.settle(settings.warehouse, _records(snapshot))
        master.settle(settings.warehouse, followed)
        master.check_complete(settings.warehouse, followed)


def republish(
    settings: Settings,
    records: list[LoadRecord],
    fingerprint: str,
    now: datetime,
    *,
    folded: Collection[str],
    edits: list[master.Edit] | None = None,
    from_nothing: bool = False,
) -> None:
    """Publish a version of the loads in `records`; the caller holds the writer lock.

    The datasets in `folded` are folded anew from the archive. The others are taken over from the version
    before, which is right only where no load that is left out had replaced rows of one that stays; with
    `from_nothing` all are folded. `edits` are the decisions by hand to follow, by default those in force.
    """
    followed = master.read_edits(settings.warehouse) if edits is None else edits

    def builder(connection: duckdb.DuckDBPyConnection) -> None:
        build(
            connection,
            settings.warehouse,
            records,
            master.master_of(_code_map(records), followed),
            meta(fingerprint, now, followed),
            folded=folded,
            old=None if from_nothing else OLD,
        )

    write_version(
        settings.warehouse,
        builder,
        memory_limit_mb=settings.memory_limit_mb,
        keep=settings.snapshots_kept,
        follows=not from_nothing,
    )
    tidy(settings, records, followed, now)


def tidy(settings: Settings, records: list[LoadRecord], edits: list[master.Edit], now: datetime) -> None:
    """After a publication: what was pending becomes final, rows set aside long ago go, frozen loads are compacted.

    The version is out whatever happens here; what fails is done by the next writer.
    """
    with contextlib.suppress(OSError, duckdb.Error, WarehouseDamaged):
        archive.settle(settings.warehouse, records, now - timedelta(days=settings.set_aside_keep_days))
        master.settle(settings.warehouse, len(edits))
        compaction.compact(settings, records)


def remove_demo(settings: Settings, *, now: datetime) -> int:
    """Take all demo data away for good, archive included. Returns how many loads went; 0 changes nothing."""
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        snapshot = _current(settings)
        records = _records(snapshot)
        demo = {r.load_id for r in records if r.demo and r.status != WITHDRAWN}
        if snapshot is None or not demo:
            return 0
        settle(settings, snapshot)
        after = [replace(r, status=WITHDRAWN, withdrawn_at=now) if r.load_id in demo else r for r in records]
        fingerprint = snapshot.meta("key_fingerprint") or ""
        archive.withdraw_pending(settings.warehouse, [r for r in after if r.load_id in demo], fingerprint)
        # Demo and real rows are never active together, so no demo row can have replaced a real one.
        republish(settings, settle_statuses(after), fingerprint, now, folded=())
        return len(demo)


def loads(snapshot: Snapshot) -> list[LoadRecord]:
    """The history of loads, newest first."""
    return list(reversed(_records(snapshot)))


def current_or_none(settings: Settings) -> Snapshot | None:
    """The published version, or None where nothing is published yet."""
    return _current(settings)


def settle_by_newest_readable(settings: Settings) -> tuple[list[LoadRecord], int]:
    """Settle what lies beside the versions by the newest version that can be read, whatever its structure.

    Returns its history of loads and how many decisions by hand it follows; nothing where no version can be read. Then a
    load whose rows are whole in the archive counts although nobody knows any more whether it was published: nothing
    that came in is lost. The caller holds the writer lock.
    """
    for path in readable_first(settings.warehouse):
        try:
            snapshot = Snapshot(path, settings.memory_limit_mb, any_structure=True)
            records = _records(snapshot)
            followed = int(snapshot.meta(master.EDITS_FOLLOWED) or 0)
        except WarehouseDamaged:
            continue
        archive.settle(settings.warehouse, records)
        master.settle(settings.warehouse, followed)
        return records, followed
    archive.adopt_pending(settings.warehouse)
    master.adopt_pending(settings.warehouse)
    return [], 0


def _current(settings: Settings) -> Snapshot | None:
    """The published version, or None where nothing was ever published.

    Raises WarehouseDamaged where loads are archived that no published version has: nothing may be loaded beside them
    before the warehouse is made again from its archive.
    """
    # Looked at first: whatever is archived by now is in every version read after it.
    archived = archive.load_ids(settings.warehouse)
    try:
        snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    except WarehouseMissing:
        snapshot = None
    published = snapshot.rows("SELECT load_id FROM loads") if snapshot is not None else []
    if archived - {load_id for (load_id,) in published}:
        raise WarehouseDamaged("not_built", folder=settings.warehouse)
    return snapshot


def _records(snapshot: Snapshot | None) -> list[LoadRecord]:
    if snapshot is None:
        return []
    cursor = snapshot.cursor().execute("SELECT * FROM loads ORDER BY sequence")
    names = [column[0] for column in cursor.description]
    return [LoadRecord.from_row(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _key(snapshot: Snapshot | None, *, create: bool) -> Pseudonymiser:
    """The pseudonymisation key, checked against the one the warehouse was made with.

    Without a warehouse the key is made where there is none, or, where it may not be, a passing one is used.
    """
    wanted = snapshot.meta("key_fingerprint") if snapshot is not None else None
    if wanted is None and not create:
        return Pseudonymiser(secrets.token_bytes(32))
    key = Pseudonymiser(load_key(create=wanted is None))
    if wanted is not None and key.fingerprint != wanted:
        raise KeyMismatch("key_mismatch", wanted=wanted)
    return key


def _code_map(records: list[LoadRecord]) -> list[CodeRow]:
    """The shipped meanings of codes, and those that analysts' own mappings brought."""
    shipped = [row for source in all_sources().values() for row in source.code_map_rows()]
    return [*shipped, *own_code_map(records)]


def _known_codes(snapshot: Snapshot | None) -> list[CodeRow]:
    """What codes mean in the published version, decisions by hand included."""
    if snapshot is None:
        return _code_map([])
    return snapshot.rows("SELECT source, domain, code, our_code, valid_from, valid_to FROM code_map")


def _known_units(snapshot: Snapshot | None) -> set[str]:
    return {row[0] for row in snapshot.rows("SELECT unit FROM units")} if snapshot is not None else set()


def _known_measures(snapshot: Snapshot | None) -> dict[str, Indicator]:
    """The indicators that are defined in the warehouse, by id."""
    measures = () if snapshot is None else read_measures(snapshot)
    return {one.id: Indicator(one.unit, steps=one.steps) for one in measures}


def meta(fingerprint: str, now: datetime, edits: list[master.Edit]) -> dict[str, str]:
    """The facts of a version about to be published."""
    return {
        "schema_version": str(SCHEMA_VERSION),
        "published_at": now.isoformat(timespec="seconds"),
        "key_fingerprint": fingerprint,
        master.EDITS_FOLLOWED: str(len(edits)),
    }


def known_areas() -> set[str]:
    """Codes of the areas that deliver extracts."""
    text = (REFERENCE / "wellbeing_counties.csv").read_text(encoding="utf-8").splitlines()
    return {line.split(",", 1)[0] for line in text[1:]}


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
            code_map=_known_codes(snapshot),
            known_units=_known_units(snapshot),
            measures=_known_measures(snapshot),
            settings=settings,
            force=options.force,
            published=options.published,
            progress=progress,
        )
    except RefusedFile as refused:
        return replace(
            _refused(name, origin, refused.findings, None),
            source=refused.source,
            layout=refused.layout,
            dataset=refused.dataset,
            rows_read=refused.rows_read,
            rows_quarantined=refused.rows_quarantined,
        )


def _unchanged(
    prepared: Prepared, plan: _Plan, records: list[LoadRecord], snapshot: Snapshot | None, folder: Path
) -> LoadRecord | None:
    """The active load of the same content of which nothing has been superseded since, if there is one.

    One that an earlier version made is not the same where the file now says more than that version asked for.
    """
    for record in records:
        same, this = (_said(of) for of in (record, plan.record))
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


def _said(record: LoadRecord) -> tuple[object, ...]:
    """The content of a load and what it was said to speak of."""
    return (
        *(record.content_hash, record.source, record.origin),
        *(record.window_from, record.window_to, record.scope),
    )


def _still_counts(snapshot: Snapshot, load_id: str, part: Part) -> bool:
    counted = snapshot.rows(f"SELECT count(*) FROM {part.dataset} WHERE load_id = ?", [load_id])
    return counted[0][0] == part.rows


def _effect_findings(plan: _Plan, effect: Effect, snapshot: Snapshot | None) -> tuple[Finding, ...]:
    found = []
    if effect.older:
        newest = max(r.extract_date for r in plan.earlier if r.part(plan.record.dataset))
        found.append(
            finding(
                "older_extract",
                count=effect.older,
                extract_date=_day(plan.record.extract_date),
                newest=_day(newest),
            )
        )
    if effect.standing:
        found.append(finding("earlier_row_stays", count=effect.standing))
    if plan.record.part("queue") and snapshot is not None:
        previous, missing = _missing_units(plan.record, snapshot)
        if previous is not None and missing:
            found.append(
                finding("unit_missing", "unit_code", len(missing), previous=_day(previous), units=missing)
            )
    return tuple(found)


def _overlaps(
    connection: duckdb.DuckDBPyConnection, plan: _Plan, settings: Settings, snapshot: Snapshot | None
) -> tuple[Finding, ...]:
    if snapshot is None:
        return ()
    edits = master.read_edits(settings.warehouse)
    code_map = master.master_of(_code_map([*_records(snapshot), plan.record]), edits).code_map
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


def _stops(
    prepared: Prepared,
    snapshot: Snapshot | None,
    plan: _Plan,
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


def _stored(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "level": finding.level,
        "field": finding.field,
        "count": finding.count,
        "rows": list(finding.rows),
        "params": {
            name: _day(value) if isinstance(value, date) else value for name, value in finding.params.items()
        },
    }


def _refused(name: str, origin: str, findings: tuple[Finding, ...], prepared: Prepared | None) -> LoadReport:
    # A name may be what the file is refused for.
    report = LoadReport(file=mask(name), status=REFUSED, origin=origin, findings=findings)
    if prepared is None:
        return report
    return replace(
        report,
        source=prepared.source,
        layout=prepared.layout,
        dataset=prepared.dataset,
        detected=asdict(prepared.detected),
        extract_date=prepared.extract_date,
        rows_read=prepared.rows_read,
        rows_quarantined=prepared.rows_quarantined,
    )


def _report(
    status: str,
    plan: _Plan,
    prepared: Prepared,
    effect: Effect,
    findings: tuple[Finding, ...],
    *,
    load_id: str | None,
) -> LoadReport:
    record = plan.record
    return LoadReport(
        file=record.file,
        status=status,
        origin=record.origin,
        load_id=load_id,
        source=record.source,
        layout=record.layout,
        dataset=record.dataset,
        detected=asdict(prepared.detected),
        extract_date=record.extract_date,
        extract_date_from=prepared.dated.extract_date_from,
        window=prepared.window,
        window_from=prepared.dated.window_from,
        rows_read=record.rows_read,
        rows_loaded=record.rows_loaded,
        rows_quarantined=record.rows_quarantined,
        rows_new=effect.new,
        rows_changed=effect.changed,
        rows_removed=effect.removed,
        period_start=record.period_start,
        period_end=record.period_end,
        demo=record.demo,
        takes_demo_away=plan.takes_demo_away,
        by_month=effect.by_month,
        by_unit=effect.by_unit,
        findings=findings,
    )


def _day(day: date) -> str:
    """A day as the findings print it, in a form that can be stored."""
    return f"{day.day}.{day.month}.{day.year}"


def _say(progress: Progress | None, stage: str, done: float) -> None:
    if progress is not None:
        progress(stage, done)


def utc_now() -> datetime:
    """The present moment in UTC without an offset, for entry points."""
    return datetime.now(UTC).replace(tzinfo=None)


def inspect_file(path: Path, options: LoadOptions, settings: Settings, *, today: date) -> LoadReport:
    """What `inspect_bytes` says of a file; one that is too large is refused without being read."""
    if _is_too_large(path, settings):
        return _refused_unread(path, options, settings)
    return inspect_bytes(shown_name(path), read_file(path), options, settings, today=today)


def load_file(
    path: Path, options: LoadOptions, settings: Settings, *, now: datetime, today: date
) -> LoadReport:
    """What `load_bytes` does with a file; one that is too large is refused without being read."""
    if _is_too_large(path, settings):
        return _refused_unread(path, options, settings)
    return load_bytes(shown_name(path), read_file(path), options, settings, now=now, today=today)


def _is_too_large(path: Path, settings: Settings) -> bool:
    with contextlib.suppress(OSError):
        return path.stat().st_size > settings.largest_file_mb << 20
    return False


def _refused_unread(path: Path, options: LoadOptions, settings: Settings) -> LoadReport:
    fault = finding("unreadable", reason="too_large")
    return _refused(shown_name(path), options.area or settings.default_area, (fault,), None)


def shown_name(path: Path) -> str:
    r"""A file's name as text: bytes that are no UTF-8 are read as Windows-1252, and what no screen shows is `?`.

    >>> shown_name(Path("k\udce4ynnit.csv"))
    'käynnit.csv'
    """
    try:
        name = os.fsencode(path.name).decode("utf-8")
    except UnicodeDecodeError:
        name = os.fsencode(path.name).decode("cp1252", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises UsageError where there is none or it may not be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = Reason("not_there") if isinstance(error, FileNotFoundError) else reason_of(error, path)
        raise UsageError("unreadable_path", path=mask(str(path)), reason=reason) from error


def write_file(path: Path, data: bytes) -> None:
    """Write bytes to a file. Raises UsageError where it may not be written."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError("unwritable_path", path=path, reason=reason_of(error, path)) from error
