"""What is published now, and the next version of it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb

from indicators.catalogue.places import REFERENCE
from pipelines.checking.codes import Indicator
from pipelines.errors import KeyMismatch, WarehouseDamaged, WarehouseMissing
from pipelines.mapping.source import all_sources
from pipelines.persons import Pseudonymiser, load_key
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse, archive, compaction, master
from pipelines.warehouse.build import build
from pipelines.warehouse.measures import read_measures
from pipelines.warehouse.publish import OLD, write_version, writer_lock
from pipelines.warehouse.reader import readable_first
from pipelines.warehouse.records import WITHDRAWN, CodeRow, LoadRecord, own_code_map, settle_statuses
from pipelines.warehouse.tables import SCHEMA_VERSION


def settle(settings: Settings, snapshot: Snapshot | None) -> None:
    """Make what lies beside the versions say what the published one says; the caller holds the writer lock."""
    if snapshot is None:
        archive.discard_pending(settings.warehouse)
        master.settle(settings.warehouse, 0)
    else:
        followed = int(snapshot.meta(master.EDITS_FOLLOWED) or 0)
        archive.settle(settings.warehouse, records_of(snapshot))
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
            master.master_of(code_map_of(records), followed),
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
        snapshot = published_snapshot(settings)
        records = records_of(snapshot)
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
    return list(reversed(records_of(snapshot)))


def current_or_none(settings: Settings) -> Snapshot | None:
    """The published version, or None where nothing is published yet."""
    return published_snapshot(settings)


def reconcile_with_newest_readable(settings: Settings) -> tuple[list[LoadRecord], int]:
    """Settle what lies beside the versions by the newest version that can be read, whatever its structure.

    Returns its history of loads and how many decisions by hand it follows; nothing where no version can be read. Then a
    load whose rows are whole in the archive counts although nobody knows any more whether it was published: nothing
    that came in is lost. The caller holds the writer lock.
    """
    for path in readable_first(settings.warehouse):
        try:
            snapshot = Snapshot(path, settings.memory_limit_mb, any_structure=True)
            records = records_of(snapshot)
            followed = int(snapshot.meta(master.EDITS_FOLLOWED) or 0)
        except WarehouseDamaged:
            continue
        archive.settle(settings.warehouse, records)
        master.settle(settings.warehouse, followed)
        return records, followed
    archive.adopt_pending(settings.warehouse)
    master.adopt_pending(settings.warehouse)
    return [], 0


def published_snapshot(settings: Settings, warehouse: Warehouse | None = None) -> Snapshot | None:
    """The published version, or None where nothing was ever published; of a warehouse that was asked before, not opened anew.

    Raises WarehouseDamaged where loads are archived that no published version has: nothing may be loaded beside them
    before the warehouse is made again from its archive.
    """
    # Looked at first: whatever is archived by now is in every version read after it.
    archived = archive.load_ids(settings.warehouse)
    try:
        snapshot = (warehouse or Warehouse(settings.warehouse, settings.memory_limit_mb)).current()
    except WarehouseMissing:
        snapshot = None
    published = snapshot.rows("SELECT load_id FROM loads") if snapshot is not None else []
    if archived - {load_id for (load_id,) in published}:
        raise WarehouseDamaged("not_built", folder=settings.warehouse)
    return snapshot


def records_of(snapshot: Snapshot | None) -> list[LoadRecord]:
    if snapshot is None:
        return []
    cursor = snapshot.cursor().execute("SELECT * FROM loads ORDER BY sequence")
    names = [column[0] for column in cursor.description]
    return [LoadRecord.from_row(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def pseudonymiser_of(snapshot: Snapshot | None, *, create: bool) -> Pseudonymiser:
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


def code_map_of(records: list[LoadRecord]) -> list[CodeRow]:
    """The shipped meanings of codes, and those that analysts' own mappings brought."""
    shipped = [row for source in all_sources().values() for row in source.code_map_rows()]
    return [*shipped, *own_code_map(records)]


def known_codes(snapshot: Snapshot | None) -> list[CodeRow]:
    """What codes mean in the published version, decisions by hand included."""
    if snapshot is None:
        return code_map_of([])
    return snapshot.rows("SELECT source, domain, code, our_code, valid_from, valid_to FROM code_map")


def known_units(snapshot: Snapshot | None) -> set[str]:
    return {row[0] for row in snapshot.rows("SELECT unit FROM units")} if snapshot is not None else set()


def known_measures(snapshot: Snapshot | None) -> dict[str, Indicator]:
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
