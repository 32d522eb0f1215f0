"""Which archived rows survive: those that no newer load has the key of, or covers with its window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from indicators.catalogue.datasets import PROVENANCE, Dataset
from pipelines.warehouse.archive import GONE, MARKS, SET_ASIDE, archive_path, whole_path
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.segments import year_of
from pipelines.warehouse.sql import count_rows, equal, insert_new, null_columns, text_literal, typed_columns
from pipelines.warehouse.tables import typed

#: What says which of two loads is newer.
_NEWNESS = {"sequence": "INTEGER", "extract_date": "DATE"}


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
    return surviving_sql(dataset, superseded_query(connection, folder, dataset, records))


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
    paths = [archive_path(folder, r.load_id, dataset.name) for r in records]
    rows = archived_rows(dataset, paths)
    for table in load_tables(dataset, records, [str(path) for path in paths]):
        insert_new(connection, table.name, table.columns, table.rows)
    aside = f"keys_set_aside_{dataset.name}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {aside} AS {set_aside_sql(dataset, rows)}")
    return superseded_sql(dataset, records, rows, any_aside=count_rows(connection, aside) > 0)


@dataclass(frozen=True)
class LoadTable:
    """A small table of what loads say of themselves: its name, its columns with their types, its rows."""

    name: str
    columns: dict[str, str]
    rows: Sequence[Sequence[object]]


def load_tables(
    dataset: Dataset, records: Sequence[LoadRecord], filenames: Sequence[str]
) -> tuple[LoadTable, LoadTable]:
    """Return the tables of the loads by the file of their rows, and of their windows, that `superseded_sql` reads."""
    archived = [
        (name, r.load_id, r.source, r.origin, r.demo, r.sequence, r.extract_date)
        for name, r in zip(filenames, records, strict=True)
    ]
    windows = [
        (r.load_id, r.source, r.origin, r.sequence, r.extract_date, part.replaces_on, *stretch)
        for r in records
        if (part := r.part(dataset.name)) and part.replaces_on
        for stretch in part.coverage
    ]
    return (
        LoadTable(f"archived_{dataset.name}", typed("filename", **PROVENANCE, **_NEWNESS), archived),
        LoadTable(
            f"windows_{dataset.name}",
            typed("load_id source origin", **_NEWNESS)
            | typed("replaces_on unit", first_on="DATE", last_on="DATE"),
            windows,
        ),
    )


def _every_row(dataset: Dataset, rows: str) -> str:
    """The query of archived rows with what is known of their loads; `rows` have `filename` and `file_row_number`."""
    of_load = ", ".join(f'l."{name}"' for name in (*PROVENANCE, *_NEWNESS))
    of_row = ", ".join(f'r."{name}"' for name in (*dataset.base, *MARKS, "file_row_number"))
    return f"(SELECT {of_load}, {of_row} FROM {rows} r JOIN archived_{dataset.name} l USING (filename))"


def set_aside_sql(dataset: Dataset, rows: str) -> str:
    """The query of the keys of rows that loads set aside, for the table `keys_set_aside_<dataset>`."""
    keys = ", ".join(f'"{k}"' for k in key_columns(dataset))
    return f"SELECT load_id, {keys} FROM {_every_row(dataset, rows)} WHERE {SET_ASIDE}"


def superseded_sql(dataset: Dataset, records: Sequence[LoadRecord], rows: str, *, any_aside: bool) -> str:
    """The query that `superseded_query` returns, of any archived rows; the tables it reads are there."""
    names = key_columns(dataset)
    keys = ", ".join(f'"{k}"' for k in names)
    # A row whose newer one was set aside stays. Where none was, this is not asked of each row.
    aside = (
        f"""(SELECT {keys}, list(load_id) AS aside_by FROM keys_set_aside_{dataset.name} GROUP BY {keys})"""
    )
    joined = f" p LEFT JOIN {aside} k ON {equal(names, 'k', 'p')}" if any_aside else " p"
    columns = "p.*, k.aside_by" if any_aside else "p.*"
    return f"""
        WITH placed AS (
            -- one row per archived row
            SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY extract_date DESC, sequence DESC) AS place
            FROM {_every_row(dataset, rows)} WHERE NOT {SET_ASIDE}
        )
        SELECT *, ({_covered_condition(dataset, records, any_aside)}) AS covered FROM (SELECT {columns} FROM placed{joined}) a"""


def surviving_sql(dataset: Dataset, superseded: str) -> str:
    """The query of the rows that survive, of those of `superseded_sql`, with their provenance."""
    return f"""SELECT {typed_columns(PROVENANCE | dataset.base)} FROM ({superseded})
               WHERE place = 1 AND NOT covered AND NOT {GONE}"""


def _covered_condition(dataset: Dataset, records: Sequence[LoadRecord], any_aside: bool) -> str:
    """Return the condition that a newer load covers a row of `a` with its window."""
    parts = [part for r in records if (part := r.part(dataset.name))]
    # Each window is about one column; which one differs between sources.
    inside = " OR ".join(
        f"""(w.replaces_on = {text_literal(column)} AND a."{column}" BETWEEN w.first_on AND w.last_on)"""
        for column in sorted({part.replaces_on for part in parts if part.replaces_on})
    )
    if not inside:
        return "false"
    stays = "AND NOT coalesce(list_contains(a.aside_by, w.load_id), false)" if any_aside else ""
    # Windows of one unit and those of a whole origin by themselves: the few of a row's unit are found by hashing.
    return " OR ".join(
        f"""EXISTS (SELECT 1 FROM windows_{dataset.name} w
            WHERE w.source = a.source AND w.origin = a.origin AND {unit}
              AND (w.extract_date > a.extract_date OR (w.extract_date = a.extract_date AND w.sequence > a.sequence))
              AND ({inside}) {stays})"""
        for unit in ("w.unit = a.unit_code", "w.unit IS NULL")
    )
