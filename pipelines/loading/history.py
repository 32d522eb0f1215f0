"""Withdrawing loads, what withdrawing one would change, and the rows a load has set aside."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from indicators.catalogue.datasets import DATASETS, PROVENANCE
from indicators.catalogue.errors import TakuuvahtiError, UsageError
from pipelines.errors import WarehouseDamaged
from pipelines.identity_codes import mask
from pipelines.loading.publication import (
    Published,
    reconcile,
    records_of,
    republish,
    require_snapshot,
    without_loads,
)
from pipelines.settings import Settings
from pipelines.spreadsheet import text_cell
from pipelines.texts import text
from pipelines.warehouse import archive
from pipelines.warehouse.load_effect import Effect, compare
from pipelines.warehouse.reader import attach_version, connect
from pipelines.warehouse.records import ACTIVE, WITHDRAWN, LoadRecord, reconcile_statuses
from pipelines.warehouse.sql import typed_columns
from pipelines.warehouse.surviving_rows import surviving_rows_query
from pipelines.warehouse.swap_version import OLD, writer_lock


class NotPossible(TakuuvahtiError):
    """What is asked for cannot be done with this load; nothing was changed."""


def withdraw(settings: Settings, load_id: str, *, now: datetime) -> LoadRecord:
    """Take a load away, as if it had never been loaded; its record stays in the history.

    Raises UsageError for an unknown load, NotPossible for one withdrawn already or frozen, WarehouseMissing,
    WarehouseBusy, WarehouseDamaged.
    """
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        require_snapshot(settings)
        published = Published.read(settings)
        reconcile(settings, published)
        record = withdrawable(published.records, load_id, settings)
        version = without_loads(settings, published, {record.load_id}, now)
        changed = {
            part.dataset
            for before, after in zip(published.records, version.records, strict=True)
            if (before.status == ACTIVE) != (after.status == ACTIVE)
            for part in before.parts
        }
        republish(settings, version, folded=changed)
        return next(r for r in version.records if r.load_id == record.load_id)


@dataclass(frozen=True)
class Withdrawal:
    """What taking a load away would change, for the published version `version`.

    `effects` are by dataset, the main one first: rows that come back (new), that are again as an earlier load has them
    (changed), and that go (removed). `demo_returns` counts the demo loads that are active again.
    """

    record: LoadRecord
    effects: tuple[tuple[str, Effect], ...]
    demo_returns: int
    version: str


def withdrawal(settings: Settings, load_id: str) -> Withdrawal:
    """Return what `withdraw` would do; reads the archive of the load's datasets whole. Raises as `withdraw` does."""
    snapshot = require_snapshot(settings)
    records = records_of(snapshot)
    record = withdrawable(records, load_id, settings)
    after = reconcile_statuses(
        replace(r, status=WITHDRAWN) if r.load_id == record.load_id else r for r in records
    )
    was_active = {r.load_id for r in records if r.status == ACTIVE}
    active = [r for r in after if r.status == ACTIVE]
    # Demo loads come back as a whole and are counted apart.
    stay = [r for r in active if r.load_id in was_active or not r.demo]
    effects = []
    connection = connect(settings.memory_limit_mb)
    try:
        attach_version(connection, snapshot.path, OLD)
        for part in record.parts if record.status == ACTIVE else ():
            dataset = DATASETS[part.dataset]
            mine = [r for r in stay if r.part(dataset.name)]
            query = surviving_rows_query(connection, settings.warehouse, dataset, mine)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE without_it AS {query}")
            names = typed_columns(PROVENANCE | dataset.base)
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE with_it AS SELECT {names} FROM {OLD}.{dataset.name}"
            )
            effects.append((dataset.name, compare(connection, dataset, "with_it", "without_it")))
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise WarehouseDamaged("archive_damaged", file=record.load_id) from error
    finally:
        connection.close()
    return Withdrawal(record, tuple(effects), len(active) - len(stay), snapshot.version)


def withdrawable(records: Sequence[LoadRecord], load_id: str, settings: Settings) -> LoadRecord:
    """Return the load of that id. Raises UsageError for an unknown one, NotPossible where it is withdrawn or frozen."""
    record = _find(records, load_id)
    if record.status == WITHDRAWN:
        raise NotPossible("load_withdrawn", load_id=record.load_id)
    if record.frozen:
        raise NotPossible("load_frozen", load_id=record.load_id, newest=settings.withdrawable_loads)
    return record


def quarantine_csv(settings: Settings, load_id: str, language: str) -> str:
    """Return the rows a load set aside as CSV with semicolons: the reason in the first column, then the file's own.

    What could tell who a person is is masked and must be restored from the source system before corrected rows are
    loaded; a row too broken to be read has only its number, one set aside after loading has none.

    Raises UsageError for an unknown load, NotPossible where its rows are deleted.
    """
    record = _find(records_of(require_snapshot(settings)), load_id)
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
    """Return how many rows a text of `quarantine_csv` has, its header left out."""
    return sum(1 for _ in csv.reader(io.StringIO(quarantined), delimiter=";")) - 1


def _why(row: dict[str, object], language: str) -> str:
    """`rivi 7: päivämäärä ei kelpaa (visit_on)`; several faults are separated by commas."""
    faults = []
    for reason in str(row["reasons"]).split():
        code, _, field = reason.partition(":")
        sentence = text(f"fault_{code}", language)
        faults.append(f"{sentence} ({field})" if field else sentence)
    if row["row"] is None:
        return ", ".join(faults)
    return text("quarantine_row", language, row=row["row"], faults=", ".join(faults))


def _find(records: Sequence[LoadRecord], load_id: str) -> LoadRecord:
    for record in records:
        if record.load_id == load_id or record.load_id == load_id.zfill(6):
            return record
    raise UsageError("unknown_load", load_id=load_id)
