"""The small pieces of SQL that writing a version needs: literals, types, inserts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from indicators.catalogue.datasets import PROVENANCE, Dataset
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.tables import columns_sql


def few_valued(dataset: Dataset) -> list[str]:
    """The text columns of a row-level dataset that have few values, all but its key."""
    columns = PROVENANCE | dataset.base
    return [name for name, kind in columns.items() if kind == "VARCHAR" and name not in dataset.key]


def typed_columns(types: Mapping[str, str]) -> str:
    """The column list of a SELECT that gives each column its type."""
    return ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in types.items())


def enum_type(values: Sequence[str | None] | None) -> str:
    known = sorted({value for value in values or () if value is not None}) or [""]
    return "ENUM (" + ", ".join(text_literal(value) for value in known) + ")"


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


def text_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        names = [f"c{number}" for number in range(len(rows[0]))]
        arrow = pa.table([pa.array(column) for column in zip(*rows, strict=True)], names=names)
        connection.register("rows_to_insert", arrow)
        connection.execute(f"INSERT INTO {table} SELECT * FROM rows_to_insert")
        connection.unregister("rows_to_insert")
