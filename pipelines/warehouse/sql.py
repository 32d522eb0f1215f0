"""The small pieces of SQL that writing a version needs: literals, types, inserts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from indicators.catalogue.datasets import PROVENANCE, Dataset
from pipelines.warehouse.records import LoadRecord, Part
from pipelines.warehouse.tables import columns_sql, typed


def few_valued(dataset: Dataset) -> list[str]:
    """The text columns of a row-level dataset that have few values, all but its key."""
    columns = PROVENANCE | dataset.base
    return [name for name, kind in columns.items() if kind == "VARCHAR" and name not in dataset.key]


def typed_columns(types: Mapping[str, str]) -> str:
    """The column list of a SELECT that gives each column its type."""
    return ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in types.items())


def null_columns(types: Mapping[str, str]) -> str:
    """The column list of a SELECT of unknown values."""
    return ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in types.items())


def enum_type(values: Iterable[str | None] | None) -> str:
    """The ENUM type of some values, sorted; of none, one of the empty text."""
    known = sorted({value for value in values or () if value is not None}) or [""]
    return "ENUM (" + ", ".join(text_literal(value) for value in known) + ")"


def equal(names: Iterable[str], one: str, other: str) -> str:
    """Return the condition that rows of two tables agree in columns; NULL agrees with NULL."""
    return " AND ".join(f'{one}."{name}" IS NOT DISTINCT FROM {other}."{name}"' for name in names)


def count_rows(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    """Return how many rows a table has, or the text after FROM."""
    ((count,),) = connection.execute(f"SELECT count(*) FROM {rows}").fetchall()
    return count


def window_table(connection: duckdb.DuckDBPyConnection, part: Part) -> None:
    """Make the table `load_window` of the days a load covers in a dataset."""
    insert_new(connection, "load_window", typed("unit", first_on="DATE", last_on="DATE"), part.coverage)


def in_window(part: Part, table: str) -> str:
    """Return the condition that a row lies within `load_window`; the outermost days spare the reading of other years."""
    if not part.coverage:
        return "false"
    first, last = min(day for _, day, _ in part.coverage), max(day for _, _, day in part.coverage)
    return f"""{table}."{part.replaces_on}" BETWEEN DATE '{first}' AND DATE '{last}' AND EXISTS (SELECT 1 FROM load_window w
        WHERE {table}."{part.replaces_on}" BETWEEN w.first_on AND w.last_on
          AND (w.unit IS NULL OR w.unit = {table}.unit_code))"""


def insert_new(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    rows: Sequence[Sequence[object]],
    *,
    temporary: bool = True,
) -> None:
    kind = "OR REPLACE TEMP TABLE" if temporary else "TABLE"
    connection.execute(f"CREATE {kind} {table} ({columns_sql(columns)})")
    insert(connection, table, rows)


def listed(records: Sequence[LoadRecord]) -> str:
    return ", ".join(f"'{r.load_id}'" for r in records) or "NULL"


def quoted_path(path: Path) -> str:
    """The path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")


def text_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        names = [f"c{number}" for number in range(len(rows[0]))]
        arrow = pa.table([pa.array(column) for column in zip(*rows, strict=True)], names=names)
        connection.register("rows_to_insert", arrow)
        connection.execute(f"INSERT INTO {table} SELECT * FROM rows_to_insert")
        connection.unregister("rows_to_insert")
