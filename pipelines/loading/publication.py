"""What is published now, and the next version of it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import duckdb

from pipelines.checking.codes import Indicator
from pipelines.checking.extract import KnownData
from pipelines.errors import KeyMismatch, WarehouseDamaged, WarehouseMissing
from pipelines.mapping.files import all_sources
from pipelines.pseudonyms import Pseudonymiser, load_key, refuse_weak
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse, archive, compaction, master
from pipelines.warehouse.audit import AUDIT, AuditLog
from pipelines.warehouse.build import SegmentsMaker, VersionContent, build
from pipelines.warehouse.measures import read_measures
from pipelines.warehouse.reader import readable_first
from pipelines.warehouse.records import WITHDRAWN, CodeRow, LoadRecord, own_code_map, reconcile_statuses
from pipelines.warehouse.segment_rows import RowOrigin
from pipelines.warehouse.swap_version import OLD, write_version, writer_lock
from pipelines.warehouse.tables import SCHEMA_VERSION
from pipelines.warehouse.write_segments import Segments


@dataclass(frozen=True)
class Published:
    """The published version (None: nothing was ever published) and the history of its loads, oldest first."""

    snapshot: Snapshot | None
    records: tuple[LoadRecord, ...]

    @classmethod
    def read(cls, settings: Settings, warehouse: Warehouse | None = None) -> Published:
        """Read what is published now. Raises WarehouseDamaged."""
        snapshot = published_snapshot(settings, warehouse)
        return cls(snapshot, tuple(records_of(snapshot)))

    @property
    def old(self) -> str | None:
        """The name the version is attached under while the next one is built; None where there is none."""
        return None if self.snapshot is None else OLD

    @property
    def edits_followed(self) -> int:
        """How many decisions by hand the version follows."""
        return _edits_followed(self.snapshot)

    def known_data(self) -> KnownData:
        """Return what is known before a file is read, decisions by hand included."""
        snapshot = self.snapshot
        if snapshot is None:
            return KnownData(all_sources(), code_map_of(()))
        code_map = snapshot.rows("SELECT source, domain, code, our_code, valid_from, valid_to FROM code_map")
        units = frozenset(unit for (unit,) in snapshot.rows("SELECT unit FROM units"))
        measures = {one.id: Indicator(one.unit, steps=one.steps) for one in read_measures(snapshot)}
        return KnownData(all_sources(), code_map, units, measures)


def _edits_followed(snapshot: Snapshot | None) -> int:
    return 0 if snapshot is None else int(snapshot.meta(master.EDITS_FOLLOWED) or 0)


@dataclass(frozen=True)
class NextVersion:
    """What the next version is made of: all loads, the decisions by hand it follows, the key's fingerprint, the moment."""

    records: Sequence[LoadRecord]
    edits: Sequence[master.Edit]
    fingerprint: str
    now: datetime

    def content(self, settings: Settings) -> VersionContent:
        """Return the loads, the master data in force and the facts of the version."""
        facts = {
            "schema_version": str(SCHEMA_VERSION),
            "published_at": self.now.isoformat(timespec="seconds"),
            "key_fingerprint": self.fingerprint,
            master.EDITS_FOLLOWED: str(len(self.edits)),
        }
        decided = master.master_of(code_map_of(self.records), self.edits)
        return VersionContent(self.records, decided, facts, settings.eves_are_weekdays)


def reconcile(settings: Settings, published: Published) -> None:
    """Make the files next to the versions agree with the published one; the caller holds the writer lock."""
    if published.snapshot is None:
        archive.discard_pending(settings.warehouse)
        master.reconcile(settings.warehouse, 0)
    else:
        archive.reconcile(settings.warehouse, published.records)
        master.reconcile(settings.warehouse, published.edits_followed)
        master.check_complete(settings.warehouse, published.edits_followed)


def republish(
    settings: Settings,
    version: NextVersion,
    *,
    folded: Collection[str] = (),
    from_nothing: bool = False,
    rows_by: SegmentsMaker = Segments,
) -> None:
    """Publish a version; the caller holds the writer lock.

    The datasets in `folded`, and with `from_nothing` all, are folded from the archive. The others are taken over
    from the version before, which is right where no load left out had replaced rows of one that stays. `rows_by` makes what
    works out the rows.
    """
    origin = RowOrigin(None if from_nothing else OLD, folded)
    write_version(
        settings.warehouse,
        lambda connection: build(connection, settings.warehouse, version.content(settings), origin, rows_by),
        memory_limit_mb=settings.memory_limit_mb,
        keep=settings.snapshots_kept,
        follows=not from_nothing,
    )
    tidy(settings, version)


def tidy(settings: Settings, version: NextVersion) -> None:
    """After a publication: make pending files final, delete rows set aside long ago, compact frozen loads.

    The version is out whatever happens here; what fails is done by the next writer.
    """
    with contextlib.suppress(OSError, duckdb.Error, WarehouseDamaged):
        oldest = version.now - timedelta(days=settings.set_aside_keep_days)
        archive.reconcile(settings.warehouse, version.records, oldest)
        master.reconcile(settings.warehouse, len(version.edits))
        compaction.compact(settings, version.records)
        oldest_entry = (version.now - timedelta(days=settings.audit_keep_days)).date()
        AuditLog(settings.warehouse / AUDIT).remove_before(oldest_entry, version.now.replace(tzinfo=UTC))


def remove_demo(settings: Settings, *, now: datetime) -> int:
    """Take all demo data away for good, archive included. Return how many loads went; 0 changes nothing."""
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        published = Published.read(settings)
        demo = {r.load_id for r in published.records if r.demo and r.status != WITHDRAWN}
        if published.snapshot is None or not demo:
            return 0
        reconcile(settings, published)
        # Demo and real rows are never active together, so no demo row can have replaced a real one.
        republish(settings, without_loads(settings, published, demo, now))
        return len(demo)


def without_loads(
    settings: Settings, published: Published, load_ids: Collection[str], now: datetime
) -> NextVersion:
    """Return the version without some loads, which are noted in the archive as withdrawn, pending its publication."""
    gone = {
        r.load_id: replace(r, status=WITHDRAWN, withdrawn_at=now)
        for r in published.records
        if r.load_id in load_ids
    }
    version = next_version(settings, published, [gone.get(r.load_id, r) for r in published.records], now)
    archive.withdraw_pending(settings.warehouse, gone.values(), version.fingerprint)
    return version


def next_version(
    settings: Settings,
    published: Published,
    records: Sequence[LoadRecord],
    now: datetime,
    edits: Sequence[master.Edit] | None = None,
) -> NextVersion:
    """Return the version of `records` that follows the published one; `edits` are by default the decisions in force."""
    edits = master.read_edits(settings.warehouse) if edits is None else edits
    fingerprint = published.snapshot.meta("key_fingerprint") if published.snapshot is not None else None
    return NextVersion(reconcile_statuses(records), edits, fingerprint or "", now)


def loads(snapshot: Snapshot) -> list[LoadRecord]:
    """Return the history of loads, newest first."""
    return list(reversed(records_of(snapshot)))


def require_snapshot(settings: Settings) -> Snapshot:
    """Return the published version. Raises WarehouseMissing where nothing is published."""
    snapshot = published_snapshot(settings)
    if snapshot is None:
        raise WarehouseMissing("warehouse_missing", folder=settings.warehouse)
    return snapshot


def reconcile_with_newest_readable(settings: Settings) -> tuple[list[LoadRecord], int]:
    """Make the files next to the versions agree with the newest version that can be read, whatever its structure.

    Returns its loads and how many decisions it follows; nothing where no version can be read: then a load that is whole
    in the archive counts, though nobody knows whether it was published. The caller holds the writer lock.
    """
    for path in readable_first(settings.warehouse):
        try:
            snapshot = Snapshot(path, settings.memory_limit_mb, any_structure=True)
            records, followed = records_of(snapshot), _edits_followed(snapshot)
        except WarehouseDamaged:
            continue
        archive.reconcile(settings.warehouse, records)
        master.reconcile(settings.warehouse, followed)
        return records, followed
    archive.adopt_pending(settings.warehouse)
    master.adopt_pending(settings.warehouse)
    return [], 0


def published_snapshot(settings: Settings, warehouse: Warehouse | None = None) -> Snapshot | None:
    """Return the published version, None where nothing was ever published; `warehouse` does not open one twice.

    Raises WarehouseDamaged where loads are archived that no published version has: rebuild comes before loading.
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
    """Return the history of loads, oldest first."""
    if snapshot is None:
        return []
    sql = "SELECT * FROM loads ORDER BY sequence"
    cursor = snapshot.cursor(sql).execute(sql)
    names = [column[0] for column in cursor.description]
    return [LoadRecord.from_row(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def pseudonymiser_of(snapshot: Snapshot | None, *, create: bool) -> Pseudonymiser:
    """Return the pseudonymisation key, checked against the one the warehouse was made with.

    Without a warehouse the key is made where there is none, and a weak one is refused; without `create` a passing one is
    used. A warehouse that was made with a weak key goes on with it. Raises KeyMismatch.
    """
    wanted = snapshot.meta("key_fingerprint") if snapshot is not None else None
    if wanted is None and not create:
        return Pseudonymiser(secrets.token_bytes(32))
    key = Pseudonymiser(load_key(create=wanted is None))
    if wanted is not None and key.fingerprint != wanted:
        raise KeyMismatch("key_mismatch", wanted=wanted)
    if wanted is None:
        refuse_weak(key.key)
    return key


def code_map_of(records: Sequence[LoadRecord]) -> list[CodeRow]:
    """Return the shipped meanings of codes, and those that analysts' own mappings brought."""
    shipped = [row for source in all_sources().values() for row in source.code_map_rows()]
    return [*shipped, *own_code_map(records)]
