"""The published version as the structure before wrote it: every table in the file of the version."""

from __future__ import annotations

import shutil

import duckdb
import pandas as pd

from pipelines.loading.publication import published_snapshot
from pipelines.settings import Settings
from pipelines.warehouse.reader import current_version_path

_OF_SEGMENTS = ("segments", "segment_units", "segment_codes", "segment_places")


def make_unsegmented(settings: Settings) -> None:
    """Replace the published version, which nobody has open, by one with the same tables and no segments."""
    path = current_version_path(settings.warehouse)
    tables = _tables(settings)
    path.unlink()
    shutil.rmtree(settings.warehouse / "segments")
    with duckdb.connect(path) as connection:
        for name, (rows, types) in tables.items():
            columns = ", ".join(f'"{column}"::{kind} AS "{column}"' for column, kind in types.items())
            connection.register("rows", rows)
            connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM rows")
            connection.unregister("rows")
        connection.execute("UPDATE meta SET value = '3' WHERE key = 'schema_version'")


def _tables(settings: Settings) -> dict[str, tuple[pd.DataFrame, dict[str, str]]]:
    """Rows and types of every table, by name."""
    snapshot = published_snapshot(settings)
    found = {}
    for (name,) in snapshot.rows("SELECT DISTINCT table_name FROM duckdb_tables() ORDER BY ALL"):
        if name not in _OF_SEGMENTS:
            types = dict(snapshot.rows(f"SELECT column_name, column_type FROM (DESCRIBE {name})"))
            found[name] = snapshot.frame(f"FROM {name}"), types
    return found
