"""The published version as the structure before wrote it: every table in the file of the version."""

from __future__ import annotations

import shutil

import duckdb

from pipelines.loading.publication import published_snapshot
from pipelines.settings import Settings
from pipelines.warehouse.reader import current_version_path

_OF_SEGMENTS = ("segments", "segment_units", "segment_codes", "segment_places")


def make_unsegmented(settings: Settings) -> None:
    """Replace the published version by one with the same tables and no segments."""
    snapshot = published_snapshot(settings)
    path = current_version_path(settings.warehouse)
    tables = {name: snapshot.frame(f"FROM {name}") for name in _tables(snapshot)}
    types = {
        name: dict(snapshot.rows(f"SELECT column_name, column_type FROM (DESCRIBE {name})"))
        for name in tables
    }
    path.unlink()
    shutil.rmtree(settings.warehouse / "segments")
    with duckdb.connect(path) as connection:
        for name, frame in tables.items():
            columns = ", ".join(f'"{column}"::{kind} AS "{column}"' for column, kind in types[name].items())
            connection.register("rows", frame)
            connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM rows")
            connection.unregister("rows")
        connection.execute("UPDATE meta SET value = '3' WHERE key = 'schema_version'")


def _tables(snapshot: object) -> list[str]:
    names = snapshot.rows("SELECT DISTINCT table_name FROM duckdb_tables() ORDER BY ALL")
    return [name for (name,) in names if name not in _OF_SEGMENTS]
