"""Going back: withdrawing loads, making the warehouse again from its archive, and the rows set aside."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from indicators.catalogue.datasets import DATASETS, PROVENANCE, Dataset
from indicators.catalogue.errors import TakuuvahtiError, UsageError
from pipelines.errors import WarehouseDamaged, WarehouseMissing
from pipelines.loading import publication
from pipelines.persons import mask
from pipelines.quality import contradictions, earlier_loads
from pipelines.quality import stored_identity_codes as identity_codes
from pipelines.settings import Settings
from pipelines.spreadsheet import text_cell
from pipelines.texts import text
from pipelines.warehouse import Snapshot, archive, master
from pipelines.warehouse.load_effect import Effect, compare
from pipelines.warehouse.publish import OLD, prune, writer_lock
from pipelines.warehouse.reader import CONNECT_CONFIG, attach_version
from pipelines.warehouse.records import ACTIVE, WITHDRAWN, LoadRecord, settle_statuses
from pipelines.warehouse.surviving_rows import fold_query


class NotPossible(TakuuvahtiError):
    """What is asked for cannot be done with this load; nothing was changed."""


def withdraw(settings: Settings, load_id: str, *, now: datetime) -> LoadRecord:
    """Take a load away, as if it had never been loaded; its record stays in the history.

    Raises UsageError where there is no such load, NotPossible where it is withdrawn already or too old (it is
    frozen), WarehouseMissing, WarehouseBusy, WarehouseDamaged.
    """
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        snapshot = _published(settings)
        publication.settle(settings, snapshot)
        records = list(reversed(publication.loads(snapshot)))
        record = withdrawable(records, load_id, settings)
        gone = replace(record, status=WITHDRAWN, withdrawn_at=now)
        after = settle_statuses(gone if r.load_id == record.load_id else r for r in records)
        changed = {
            part.dataset
            for was, now_is in zip(records, after, strict=True)
            if (was.status == ACTIVE) != (now_is.status == ACTIVE)
            for part in was.parts
        }
        fingerprint = snapshot.meta("key_fingerprint") or ""
        archive.withdraw_pending(settings.warehouse, [gone], fingerprint)
        publication.republish(settings, after, fingerprint, now, folded=changed)
        return gone


@dataclass(frozen=True)
class Withdrawal:
    """What taking a load away would change.

    `effects` are by dataset, the main one of the load first: rows that come back (new), that are again as an earlier
    load says (changed), and that go (removed). `demo_returns` counts the loads of demo data that are shown again.
    `version` names the published version this was worked out for.
    """

    record: LoadRecord
    effects: tuple[tuple[str, Effect], ...]
    demo_returns: int
    version: str


def withdrawal(settings: Settings, load_id: str) -> Withdrawal:
    """What `withdraw` would do with a load. Changes nothing; reads the archive of the load's datasets whole.

    Raises as `withdraw` does, and WarehouseDamaged where the archive cannot be read.
    """
    snapshot = _published(settings)
    records = list(reversed(publication.loads(snapshot)))
    record = withdrawable(records, load_id, settings)
    after = settle_statuses(
        replace(r, status=WITHDRAWN) if r.load_id == record.load_id else r for r in records
    )
    was_active = {r.load_id for r in records if r.status == ACTIVE}
    back = [r for r in after if r.status == ACTIVE and r.load_id not in was_active]
    stay = [r for r in after if r.status == ACTIVE and r.load_id in was_active]
    effects = []
    connection = duckdb.connect(config={**CONNECT_CONFIG, "memory_limit": f"{settings.memory_limit_mb}MB"})
    try:
        connection.execute("SET enable_progress_bar = false")
        attach_version(connection, snapshot.path, OLD)
        for part in record.parts if record.status == ACTIVE else ():
            dataset = DATASETS[part.dataset]
            mine = [r for r in stay if r.part(dataset.name)]
            query = fold_query(connection, settings.warehouse, dataset, mine)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE without_it AS {query}")
            names = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in _columns(dataset).items())
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE with_it AS SELECT {names} FROM {OLD}.{dataset.name}"
            )
            effects.append((dataset.name, compare(connection, dataset, "with_it", "without_it")))
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise WarehouseDamaged("archive_damaged", file=record.load_id) from error
    finally:
        connection.close()
    return Withdrawal(record, tuple(effects), len(back), snapshot.version)


def withdrawable(records: list[LoadRecord], load_id: str, settings: Settings) -> LoadRecord:
    """The load of that id, where it can be withdrawn.

    Raises UsageError where there is no such load, NotPossible where it is withdrawn already or frozen.
    """
    record = _find(records, load_id)
    if record.status == WITHDRAWN:
        raise NotPossible("load_withdrawn", load_id=record.load_id)
    if record.frozen:
        raise NotPossible("load_frozen", load_id=record.load_id, newest=settings.withdrawable_loads)
    return record


def _columns(dataset: Dataset) -> dict[str, str]:
    return PROVENANCE | dataset.base


def rebuild(settings: Settings, *, now: datetime, accept_loss: bool = False) -> Rebuilt:
    """Make the warehouse again from the archive and the master data alone.

    Raises WarehouseMissing where nothing is archived, WarehouseDamaged naming a file that is missing or cannot be read;
    the published version stays. With `accept_loss` loads without whole archive files are left out instead, and counted as
    withdrawn; damaged files are moved aside, not deleted. Identity codes that the search of today finds are removed, and
    with them the versions that were published before. Rows whose counts contradict themselves are set aside.
    """
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        published, followed = publication.reconcile_with_newest_readable(settings)
        lost = archive.give_up_damaged(settings.warehouse, published, now) if accept_loss else ()
        if not accept_loss:
            master.check_complete(settings.warehouse, followed)
        records, fingerprint = archive.read_all(settings.warehouse, published)
        if not records or fingerprint is None:
            raise WarehouseMissing("archive_empty", folder=settings.warehouse)
        removed = identity_codes.remove(settings.warehouse)
        contradicting = contradictions.set_aside(settings.warehouse)
        if removed or contradicting:
            records, fingerprint = archive.read_all(settings.warehouse, published)
        settled = settle_statuses(records)
        publication.republish(settings, settled, fingerprint, now, folded=(), from_nothing=True)
        if removed or archive.is_cleaned(settings.warehouse):
            prune(settings.warehouse, keep=1)
        return Rebuilt(
            sum(record.status == ACTIVE for record in settled),
            lost,
            earlier_loads.unknown_fields(settings.warehouse, settled),
            earlier_loads.known_published(settings.warehouse, settled),
            tuple(removed),
            tuple(contradicting),
        )


@dataclass(frozen=True)
class Rebuilt:
    """A warehouse made again: how many loads count in it, the ids of those that were given up as lost, and what became of
    loads that an earlier version made: what they do not know, which of them are queue counts known to be published,
    where identity codes were removed, and which rows were set aside because their counts contradict themselves."""

    active: int
    lost: tuple[str, ...] = ()
    unknown: tuple[earlier_loads.Unknown, ...] = ()
    published: tuple[str, ...] = ()
    removed: tuple[identity_codes.Held, ...] = ()
    contradicting: tuple[contradictions.Contradicting, ...] = ()


def quarantine_csv(settings: Settings, load_id: str, language: str) -> str:
    """The rows of a load that were set aside, for a spreadsheet: why in the first column, then the file's own.

    Separated by semicolons. What could tell who a person is stands masked, so the person identifiers must be
    put back from the source system before the corrected rows are loaded; a row too broken to be read has only
    its number, and one that was set aside after it had been loaded has none.

    Raises UsageError where there is no such load, NotPossible where its rows are no longer kept.
    """
    record = _find(publication.loads(_published(settings)), load_id)
    path = archive.quarantine_path(settings.warehouse, record.load_id)
    rows = []
    if path.exists():
        rows = archive.read_set_aside(path)
    elif record.rows_quarantined:
        raise NotPossible("quarantine_gone", load_id=record.load_id)
    fields = [json.loads(str(row["fields"])) for row in rows]
    headers = list(dict.fromkeys(header for row in fields for header in row))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([text("quarantine_reason", language), *map(text_cell, headers)])
    for row, values in zip(rows, fields, strict=True):
        writer.writerow(
            [_why(row, language), *(text_cell(mask(values.get(header) or "")) for header in headers)]
        )
    return out.getvalue()


def rows_of(quarantined: str) -> int:
    """How many rows a text of `quarantine_csv` has, its header left out."""
    return sum(1 for _ in csv.reader(io.StringIO(quarantined), delimiter=";")) - 1


def _why(row: dict[str, object], language: str) -> str:
    """`rivi 7: päivämäärä ei kelpaa (visit_on)`; several faults are told one after another."""
    faults = []
    for reason in str(row["reasons"]).split():
        code, _, field = reason.partition(":")
        told = text(f"fault_{code}", language)
        faults.append(f"{told} ({field})" if field else told)
    if row["row"] is None:
        return ", ".join(faults)
    return text("quarantine_row", language, row=row["row"], faults=", ".join(faults))


def _published(settings: Settings) -> Snapshot:
    snapshot = publication.current_or_none(settings)
    if snapshot is None:
        raise WarehouseMissing("warehouse_missing", folder=settings.warehouse)
    return snapshot


def _find(records: list[LoadRecord], load_id: str) -> LoadRecord:
    for record in records:
        if record.load_id == load_id or record.load_id == load_id.zfill(6):
            return record
    raise UsageError("unknown_load", load_id=load_id)
