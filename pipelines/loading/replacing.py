"""A file that was loaded with another mapping: its new load takes the place of the old one, in one publication.

The old load is set aside, not withdrawn: where the new one is withdrawn, it counts again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from indicators.catalogue.datasets import DATASETS, PROVENANCE
from pipelines.checking.prepare import Prepared
from pipelines.loading.history import NotPossible
from pipelines.settings import Settings
from pipelines.warehouse import archive
from pipelines.warehouse.load_effect import Effect, compare, surviving_old
from pipelines.warehouse.records import ACTIVE, WITHDRAWN, LoadRecord
from pipelines.warehouse.sql import insert_new, typed_columns
from pipelines.warehouse.surviving_rows import surviving_rows_query
from pipelines.warehouse.tables import OTHER_TABLES

#: The database with the rows that count without the loads replaced.
STAYING = "staying"


def replaced_loads(
    prepared: Prepared, record: LoadRecord, records: Sequence[LoadRecord], settings: Settings
) -> tuple[str, ...]:
    """Return the loads of the same file, source and area that brought other rows or meanings, to be replaced by `record`.

    Raises NotPossible where the newest of them can no longer be taken back.
    """
    same = (record.content_hash, record.source, record.origin)
    of_file = [r for r in records if r.status != WITHDRAWN and (r.content_hash, r.source, r.origin) == same]
    active = [r for r in of_file if r.status == ACTIVE]
    if not active or _brought_the_same(settings.warehouse, active[-1], record, prepared):
        return ()
    if active[-1].frozen:
        raise NotPossible("load_frozen", load_id=active[-1].load_id, newest=settings.withdrawable_loads)
    return tuple(r.load_id for r in of_file)


def _brought_the_same(folder: Path, earlier: LoadRecord, record: LoadRecord, prepared: Prepared) -> bool:
    """Whether a load brought the rows and meanings that the file brings now; of a compacted one only what is left."""
    if earlier.code_map != record.code_map:
        return False
    if {part.dataset for part in earlier.parts} != {part.dataset for part in record.parts}:
        return False
    for part in prepared.parts:
        stored = archive.read_rows(archive.archive_path(folder, earlier.load_id, part.dataset))
        counted = stored.filter(archive.counted(stored))
        if earlier.frozen and counted.num_rows < part.accepted.num_rows:
            continue
        if counted.num_rows != part.accepted.num_rows or any(
            not _texts(counted, name).equals(_texts(part.accepted, name))
            for name in part.accepted.column_names
            # Earlier versions lacked columns: what a file has in them is loaded as before.
            if name in counted.column_names
        ):
            return False
    return True


def _texts(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return column.cast(kind).combine_chunks()


def attach_staying(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    datasets: Collection[str],
    records: Sequence[LoadRecord],
) -> str:
    """Attach a database with the rows of datasets that the loads `records` alone give; return its name."""
    connection.execute(f"ATTACH ':memory:' AS {STAYING}")
    for table in ("segments", "segment_units"):
        insert_new(connection, f"{STAYING}.{table}", OTHER_TABLES[table], [], temporary=False)
    for name in datasets:
        mine = [r for r in records if r.part(name)]
        query = surviving_rows_query(connection, folder, DATASETS[name], mine)
        connection.execute(f"CREATE TABLE {STAYING}.main.{name} AS {query}")
    return STAYING


def effect_of_replacing(
    connection: duckdb.DuckDBPyConnection, effect: Effect, dataset: str, published: str
) -> Effect:
    """Return what changes in a dataset of the database `published`, once `prepare_incoming` has made what comes of it."""
    columns = typed_columns(PROVENANCE | DATASETS[dataset].base)
    stays = surviving_old(DATASETS[dataset], f"{STAYING}.{dataset}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE with_it AS SELECT {columns} FROM {published}.{dataset}")
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE without_it AS SELECT {columns} FROM
            (SELECT * FROM {stays} UNION ALL BY NAME SELECT * FROM effective_{dataset})"""
    )
    changed = compare(connection, DATASETS[dataset], "with_it", "without_it")
    return replace(changed, older=effect.older, unchanged=effect.unchanged)
