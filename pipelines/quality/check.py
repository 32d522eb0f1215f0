"""Is the warehouse whole, fresh, fully mapped and reviewed? For people and for schedulers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.errors import KeyMismatch, WarehouseDamaged, WarehouseMissing
from pipelines.findings import written_day
from pipelines.identity_codes import mask
from pipelines.key_strength import weakness
from pipelines.loading.publication import loads
from pipelines.pseudonyms import Pseudonymiser, load_key
from pipelines.quality import contradictions, data_quality, earlier_loads, stored_identity_codes
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse, archive, master
from pipelines.warehouse.audit import AUDIT, AuditLog
from pipelines.warehouse.reader import POINTER as CURRENT
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.swap_version import close_to_others

#: The code of the problem that the published version cannot be read: the command ends with another exit code.
NOT_READABLE = "not_readable"
IDENTITY_CODE = "person_id_in_wrong_place"
#: How many gaps of the audit log are named.
MOST_GAPS = 5


@dataclass(frozen=True)
class Problem:
    """One thing found: `level` is `error` (the check fails) or `warning` (worth knowing)."""

    code: str
    level: str
    subject: str
    detail: str


def check(settings: Settings, *, today: date) -> list[Problem]:
    """Return all problems of the warehouse, errors first; of an unreadable version only those of the files next to it.

    Raises WarehouseMissing where nothing was ever loaded.
    """
    found = list(_files(settings))
    snapshot = None
    try:
        snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
        snapshot.read_through()
        records = loads(snapshot)
    except WarehouseMissing:
        if not archive.load_ids(settings.warehouse):
            raise
        records = []
        found.append(Problem(NOT_READABLE, "error", CURRENT, ""))
    except WarehouseDamaged as error:
        records = []
        found.append(Problem(NOT_READABLE, "error", str(error.params.get("version", CURRENT)), ""))
    found += [
        *_archive(settings, records, snapshot is not None),
        *_identity_codes(settings, snapshot),
        *_contradictions(settings),
        *_audit(settings),
    ]
    if records and snapshot is not None:
        found += [*_freshness(snapshot, today), *_unmapped(snapshot), *_sudden(snapshot)]
        found += [*_decisions(snapshot, settings), *_earlier_loads(settings, snapshot, records)]
    found += [*_reviews(today), *_key_fault(snapshot if records else None)]
    return sorted(found, key=lambda problem: (problem.level != "error", problem.code, problem.subject))


def _files(settings: Settings) -> Iterator[Problem]:
    """Close files and folders of the warehouse that others may read or write, and report how many."""
    opened = close_to_others(settings.warehouse)
    if opened:
        yield Problem("rights", "warning", str(settings.warehouse), str(opened))


def _audit(settings: Settings) -> Iterator[Problem]:
    """Report where entries of the audit log are missing, changed or unreadable."""
    gaps = AuditLog(settings.warehouse / AUDIT).problems()
    if gaps:
        yield Problem("audit_gap", "error", AUDIT, ", ".join(gaps[:MOST_GAPS]))


def _archive(settings: Settings, records: Sequence[LoadRecord], published: bool) -> Iterator[Problem]:
    """Compare the archive with the history: every load's files are there, whole, and no others."""
    for name in archive.missing_files(settings.warehouse, records):
        yield Problem("archive_damaged", "error", name.split("-")[0], name)
    for path in archive.files(settings.warehouse):
        try:
            if path.name.endswith(archive.WITHDRAWN_ENDING):
                archive.read_withdrawn(path)
            else:
                rows, record = archive.archived_rows(path), archive.read_head(path).record
                part = record.part(path.stem.split("-", 1)[1])
                # Of frozen loads only rows that still count stay in the archive.
                if part is not None and rows != part.rows and not record.frozen:
                    yield Problem("archive_rows", "error", record.load_id, f"{rows} / {part.rows}")
        except WarehouseDamaged:
            yield Problem("archive_damaged", "error", path.name.split("-")[0], path.name)
    if published and records:
        for load_id in sorted(archive.load_ids(settings.warehouse) - {r.load_id for r in records}):
            yield Problem("not_built", "error", load_id, "")
    for path in sorted((settings.warehouse / archive.QUARANTINE).glob("*.parquet")):
        try:
            archive.read_set_aside(path)
        except WarehouseDamaged:
            yield Problem("set_aside_damaged", "error", path.stem, path.name)


def _identity_codes(settings: Settings, snapshot: Snapshot | None) -> Iterator[Problem]:
    """Identity codes that an earlier search let in, by load and column."""
    found = stored_identity_codes.stored_codes(settings.warehouse)
    if not found and snapshot is not None:
        try:
            found = stored_identity_codes.published(settings.warehouse, snapshot)
        except WarehouseDamaged:
            # Told by the looks at the archive and at the version.
            found = []
    for one in found:
        code = IDENTITY_CODE if one.load_id is not None else f"{IDENTITY_CODE}_decided"
        yield Problem(code, "error", one.load_id or one.column, f"{one.column} ({one.rows})")


def _contradictions(settings: Settings) -> Iterator[Problem]:
    """Rows whose counts contradict each other, of earlier versions; they count until the warehouse is rebuilt."""
    for one in contradictions.contradicting(settings.warehouse):
        yield Problem(contradictions.CONTRADICTION, "error", one.load_id, one.in_words)


def _earlier_loads(
    settings: Settings, snapshot: Snapshot, records: Sequence[LoadRecord]
) -> Iterator[Problem]:
    """What of active loads somebody should look at; none of it is a fault of the warehouse."""
    try:
        earlier = earlier_loads.earlier_load_ids(settings.warehouse, records)
    except WarehouseDamaged:
        # Told by the look at the archive.
        earlier = frozenset()
    for record in earlier_loads.assumed_dates(records, earlier):
        detail = f"{written_day(record.extract_date)} ({mask(record.file)})"
        yield Problem(earlier_loads.ASSUMED, "warning", record.load_id, detail)
    for record, blank in earlier_loads.went_blank(records):
        yield Problem(
            earlier_loads.WENT_BLANK, "warning", record.load_id, mask(f"{blank.column} {blank.months}")
        )
    for one in earlier_loads.perhaps_thousands(snapshot, records, earlier):
        detail = f"{one.file}, {one.key}: {one.field} {one.value:g}"
        yield Problem("ambiguous_number", "warning", one.load_id, detail)


def _decisions(snapshot: Snapshot, settings: Settings) -> Iterator[Problem]:
    """Compare the file of decisions about units and codes with the version that follows it."""
    try:
        master.check_complete(settings.warehouse, int(snapshot.meta(master.EDITS_FOLLOWED) or 0))
    except WarehouseDamaged as error:
        yield Problem("edits_damaged", "error", str(error.params["file"]), str(error.params["line"]))


def _key_fault(snapshot: Snapshot | None) -> Iterator[Problem]:
    """Whether the key is available that persons were pseudonymised with, and whether it could be guessed."""
    wanted = None if snapshot is None else snapshot.meta("key_fingerprint")
    if not wanted:
        return
    try:
        key = load_key(create=False)
    except KeyMismatch:
        key = None
    if key is None or Pseudonymiser(key).fingerprint != wanted:
        yield Problem("key", "error", wanted, "")
    elif weakness(key) is not None:
        yield Problem("key_weak", "warning", wanted, "")


def _freshness(snapshot: Snapshot, today: date) -> Iterator[Problem]:
    for one in data_quality.freshness(snapshot, today):
        if one.late:
            detail = f"{one.newest_row or '–'} ({one.extracted})"
            yield Problem("not_fresh", "error", f"{one.source} {one.origin}", detail)


def _unmapped(snapshot: Snapshot) -> Iterator[Problem]:
    for one in data_quality.unmapped(snapshot):
        yield Problem(
            "unmapped_code", "warning", f"{one.source} {one.domain}", f"{mask(one.code)} ({one.rows})"
        )


def _reviews(today: date) -> Iterator[Problem]:
    for one in data_quality.reviews(today):
        yield Problem("review_overdue", "error", f"{one.kind} {one.name}", f"{one.due}")


def _sudden(snapshot: Snapshot) -> Iterator[Problem]:
    """Sudden changes in the newest week or snapshot of each unit; the page shows earlier ones too."""
    for one in data_quality.sudden_changes(snapshot):
        if one.newest:
            detail = f"{one.first_on}: {one.rows} ({one.median:g})"
            yield Problem("sudden_change", "warning", f"{one.source} {mask(one.unit)}", detail)
