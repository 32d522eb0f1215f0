"""Which archived rows survive: those that no newer load has the key of, or covers with its window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from indicators.catalogue.datasets import PROVENANCE, Dataset
from pipelines.warehouse.archive import GONE, SET_ASIDE, archive_path, whole_path
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.segments import year_of
from pipelines.warehouse.sql import count_rows, equal, insert_new, null_columns, text_literal, typed_columns
from pipelines.warehouse.tables import typed


def key_columns(dataset: Dataset) -> list[str]:
    """Return the columns of a row's key, with the source and origin it is unique in."""
    return (["source", "origin"] if dataset.row_level else []) + list(dataset.key)


def archived_rows(dataset: Dataset, paths: Sequence[Path]) -> str:
    """Return the query of the rows of archive files of a dataset, with their file and position.

    Columns that files of an earlier version lack are NULL; no row of theirs is marked as set aside.
    """
    files = ", ".join(text_literal(str(path)) for path in paths)
    read = f"read_parquet([{files}], filename = true, file_row_number = true, union_by_name = true)"
    columns = null_columns({**dataset.base, SET_ASIDE: "BOOLEAN"})
    return f"""(SELECT * REPLACE (coalesce({SET_ASIDE}, false) AS {SET_ASIDE}) FROM
                (SELECT {columns} WHERE false UNION ALL BY NAME SELECT * FROM {read}))"""


def surviving_rows_query(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, records: Sequence[LoadRecord]
) -> str:
    """Return the query of all surviving rows of a dataset, from the archive alone. Raises WarehouseDamaged."""
    columns = PROVENANCE | dataset.base
    if not records:
        return f"SELECT {null_columns(columns)} WHERE false"
    for record in records:
        whole_path(folder, record.load_id, dataset.name)
    rows = superseded_query(connection, folder, dataset, records)
    return f"SELECT {typed_columns(columns)} FROM ({rows}) WHERE place = 1 AND NOT covered AND NOT {GONE}"


def fold(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, records: Sequence[LoadRecord]
) -> list[tuple[int | None, str, int]]:
    """Work out from the archive which rows of a row-level dataset survive, without reading more than that takes.

    Leaves the table `folded_<dataset>`, the place of each surviving row in its file, for `folded_query`. Returns years, loads
    and how many rows of the load survive in the year. Raises WarehouseDamaged.
    """
    folded = f"folded_{dataset.name}"
    if not records:
        return []
    for record in records:
        whole_path(folder, record.load_id, dataset.name)
    rows = superseded_query(connection, folder, dataset, records)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {folded} AS SELECT load_id, file_row_number, {year_of(dataset)} AS year
            FROM ({rows}) WHERE place = 1 AND NOT covered AND NOT {GONE}"""
    )
    return connection.execute(
        f"SELECT year, load_id, count(*) FROM {folded} GROUP BY ALL ORDER BY ALL"
    ).fetchall()


def folded_query(folder: Path, dataset: Dataset, year: int | None, load_ids: Sequence[str]) -> str:
    """Return the query of the rows of a year that `fold` found to survive, all of these loads."""
    paths = [archive_path(folder, load_id, dataset.name) for load_id in load_ids]
    columns = ", ".join(
        f'{"l" if name in PROVENANCE else "r"}."{name}"::{kind} AS "{name}"'
        for name, kind in (PROVENANCE | dataset.base).items()
    )
    return f"""SELECT {columns} FROM {archived_rows(dataset, paths)} r JOIN archived_{dataset.name} l USING (filename)
               JOIN folded_{dataset.name} f ON f.load_id = l.load_id AND f.file_row_number = r.file_row_number
               WHERE f.year IS NOT DISTINCT FROM {"NULL" if year is None else year}"""


def superseded_query(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, records: Sequence[LoadRecord]
) -> str:
    """Return the query of every archived row of some loads, with what supersedes it.

    `place` ranks the loads that have the row's key, the newest being 1; `covered` is whether a newer load covers the row
    with its window. `file_row_number` is its position in its load's file.
    """
    archived, paths = (
        f"archived_{dataset.name}",
        [archive_path(folder, r.load_id, dataset.name) for r in records],
    )
    insert_new(
        connection,
        archived,
        typed("filename", **PROVENANCE, sequence="INTEGER", extract_date="DATE"),
        [
            (str(path), r.load_id, r.source, r.origin, r.demo, r.sequence, r.extract_date)
            for path, r in zip(paths, records, strict=True)
        ],
    )
    keys = ", ".join(f'"{k}"' for k in key_columns(dataset))
    every_row = f"""(SELECT l.* EXCLUDE (filename), r.* EXCLUDE (filename)
                     FROM {archived_rows(dataset, paths)} r JOIN {archived} l USING (filename))"""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE keys_set_aside_{dataset.name} AS
            SELECT load_id, {keys}
            FROM {every_row} WHERE {SET_ASIDE}"""
    )
    covered = _covered_condition(connection, dataset, records)
    return f"""
        WITH placed AS (
            -- one row per archived row
            SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY extract_date DESC, sequence DESC) AS place
            FROM {every_row} WHERE NOT {SET_ASIDE}
        )
        SELECT *, ({covered}) AS covered FROM placed a"""


def _covered_condition(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, records: Sequence[LoadRecord]
) -> str:
    """Return the condition that a newer load covers a row of `a` with its window; makes the table of the windows."""
    windows = f"windows_{dataset.name}"
    parts = [(r, part) for r in records if (part := r.part(dataset.name)) and part.replaces_on]
    insert_new(
        connection,
        windows,
        typed("load_id source origin", sequence="INTEGER", extract_date="DATE")
        | typed("replaces_on unit", first_on="DATE", last_on="DATE"),
        [
            (r.load_id, r.source, r.origin, r.sequence, r.extract_date, part.replaces_on, *stretch)
            for r, part in parts
            for stretch in part.coverage
        ],
    )
    # Each window is about one column; which one differs between sources.
    inside = " OR ".join(
        f"""(w.replaces_on = {text_literal(column)} AND a."{column}" BETWEEN w.first_on AND w.last_on)"""
        for column in sorted({part.replaces_on for _, part in parts if part.replaces_on})
    )
    if not inside:
        return "false"
    aside = f"keys_set_aside_{dataset.name}"
    any_aside = count_rows(connection, aside) > 0
    # A row whose newer one was set aside stays. Where none was, this is not asked of each row.
    stays = f"""AND NOT EXISTS (SELECT 1 FROM {aside} k
                                WHERE k.load_id = w.load_id AND {equal(key_columns(dataset), "k", "a")})"""
    # Windows of one unit and those of a whole origin by themselves: the few of a row's unit are found by hashing.
    return " OR ".join(
        f"""EXISTS (SELECT 1 FROM {windows} w
            WHERE w.source = a.source AND w.origin = a.origin AND {unit}
              AND (w.extract_date, w.sequence) > (a.extract_date, a.sequence) AND ({inside}) {stays if any_aside else ""})"""
        for unit in ("w.unit = a.unit_code", "w.unit IS NULL")
    )
