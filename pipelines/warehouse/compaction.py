"""Compacting the archive: of frozen loads only the rows that can still count stay, so that it does not grow without bound.

A row of a frozen load is dead when another frozen load supersedes it: neither will ever be withdrawn. Where the other has
the row's key, the row goes; where a window has removed it, its key stays, because it still supersedes rows of even older
extracts. Leaving dead rows out changes nothing that counts, so a crash half-way is harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from indicators.catalogue.datasets import DATASETS, Dataset
from pipelines.settings import Settings
from pipelines.warehouse.archive import GONE, archive_path, prune, read_head
from pipelines.warehouse.reader import connect
from pipelines.warehouse.records import ACTIVE, LoadRecord
from pipelines.warehouse.surviving_rows import superseded_query


def compact(settings: Settings, records: Sequence[LoadRecord]) -> int:
    """Leave the dead rows of frozen loads out of the archive; return how many files were rewritten.

    Does nothing unless a load has been frozen since. The caller holds the writer lock.
    """
    written = 0
    for dataset in DATASETS.values():
        frozen = [r for r in records if r.frozen and r.status == ACTIVE and r.part(dataset.name)]
        fresh = [r for r in frozen if not _is_compacted(settings, r, dataset)]
        if fresh:
            written += _compact(settings, dataset, frozen, {r.load_id for r in fresh})
    return written


def _is_compacted(settings: Settings, record: LoadRecord, dataset: Dataset) -> bool:
    """The record in an archive file is written frozen when the file is compacted."""
    return read_head(archive_path(settings.warehouse, record.load_id, dataset.name)).record.frozen


def _compact(settings: Settings, dataset: Dataset, frozen: Sequence[LoadRecord], fresh: set[str]) -> int:
    connection = connect(settings.memory_limit_mb)
    try:
        query = superseded_query(connection, settings.warehouse, dataset, frozen)
        dead = connection.execute(
            f"""SELECT load_id, list(file_row_number) FILTER (place > 1) AS replaced,
                       list(file_row_number) FILTER (place = 1) AS removed
                FROM ({query}) WHERE place > 1 OR (covered AND NOT {GONE}) GROUP BY load_id"""
        ).fetchall()
    finally:
        connection.close()
    found = {load_id: (replaced or [], removed or []) for load_id, replaced, removed in dead}
    written = 0
    for record in frozen:
        if record.load_id in found or record.load_id in fresh:
            path = archive_path(settings.warehouse, record.load_id, dataset.name)
            _prune(path, dataset, record, *found.get(record.load_id, ([], [])))
            written += 1
    return written


def _prune(path: Path, dataset: Dataset, record: LoadRecord, replaced: list[int], removed: list[int]) -> None:
    rows = pq.read_metadata(path).num_rows
    keep, gone = np.ones(rows, dtype=bool), np.zeros(rows, dtype=bool)
    keep[replaced] = False
    gone[removed] = True
    prune(path, pa.array(keep), pa.array(gone), dataset.key, record)
