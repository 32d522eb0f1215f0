"""Reading the published warehouse while others write the next version.

A version is an immutable DuckDB file that names the segments with its rows; `CURRENT` names the newest. Each version gets an
in-memory connection of its own with the files attached read-only: DuckDB keeps showing the old contents of a path it has
once opened, and a process that writes a file shuts out all readers of it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pandas as pd

from pipelines.errors import WarehouseDamaged, WarehouseMissing
from pipelines.warehouse.segments import SegmentTables, attach_segments, segments_of
from pipelines.warehouse.sql import quoted_path
from pipelines.warehouse.tables import READABLE_SCHEMAS, SCHEMA_VERSION, UNSEGMENTED, all_tables

#: Nothing is ever fetched from the network, and nothing is printed while a query runs.
_CONFIG = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": "2"}
#: What DuckDB raises where a file that it reads is cut short or has changed.
DAMAGED = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
POINTER = "CURRENT"
VERSIONS = "versions"
ATTACHED = "published"
#: What follows the name of a version where its file is attached: the name itself has views on the segments and the file.
_FILE = "_file"
_VERSION_NAME = re.compile(r"[0-9]+\.duckdb")


def connect(memory_limit_mb: int, **config: str) -> duckdb.DuckDBPyConnection:
    """Return a connection in memory with the limits and habits all of them share."""
    limits = {**_CONFIG, "memory_limit": f"{memory_limit_mb}MB"}
    connection = duckdb.connect(config={**limits, **config})
    connection.execute("SET enable_progress_bar = false")
    return connection


@contextmanager
def damage_named(version: str = "") -> Iterator[None]:
    """Turn what DuckDB raises for a damaged version into WarehouseDamaged, which says what to do."""
    try:
        yield
    except duckdb.Error as error:
        # A block whose checksum is wrong is a plain error, of no kind.
        if isinstance(error, DAMAGED) or type(error) is duckdb.Error:
            raise WarehouseDamaged("warehouse_damaged", version=version) from error
        raise


class Snapshot:
    """One published version, open for reading. Safe to share between threads: every call has its own cursor."""

    def __init__(self, path: Path, memory_limit_mb: int = 1200, *, any_structure: bool = False) -> None:
        """Open a version. Raises WarehouseDamaged, also for another structure unless `any_structure`."""
        self.path = path
        self.version = path.stem
        self._connection = connect(memory_limit_mb, temp_directory="")
        self._of_thread = threading.local()
        try:
            made_by, self._segments = _attach(self._connection, path, ATTACHED)
        except (duckdb.Error, WarehouseDamaged) as error:
            self._connection.close()
            raise WarehouseDamaged("warehouse_damaged", version=self.version) from error
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        if made_by not in (None, *READABLE_SCHEMAS) and not any_structure:
            raise WarehouseDamaged("warehouse_schema", version=made_by, wanted=SCHEMA_VERSION)

    def cursor(self, sql: str | None = None) -> duckdb.DuckDBPyConnection:
        """Return a fresh cursor for a query, or for any; its temporary tables and frames are its own. Raises WarehouseDamaged."""
        with damage_named(self.version):
            if self._segments is not None:
                self._segments.see(sql)
            cursor = self._connection.cursor()
            cursor.execute(f"SET search_path = '{ATTACHED}.main,{ATTACHED}{_FILE}.main'")
            return cursor

    def _own_cursor(self, sql: str) -> duckdb.DuckDBPyConnection:
        """The cursor of this thread for a query whose answer is taken whole before the next; a fresh one takes a tenth of it."""
        if self._segments is not None:
            self._segments.see(sql)
        if not hasattr(self._of_thread, "cursor"):
            self._of_thread.cursor = self.cursor(sql)
        found: duckdb.DuckDBPyConnection = self._of_thread.cursor
        return found

    def frame(
        self,
        sql: str,
        parameters: Sequence[Any] | dict[str, Any] = (),
        tables: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    ) -> pd.DataFrame:
        """The answer of a query as a data frame; `tables` are frames that it reads by their names."""
        with damage_named(self.version):
            cursor = self.cursor(sql) if tables else self._own_cursor(sql)
            for name, table in tables.items():
                cursor.register(name, table)
            return cursor.execute(sql, parameters).df()

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The answer of a query as tuples."""
        with damage_named(self.version):
            return self._own_cursor(sql).execute(sql, parameters).fetchall()

    def rows_of(
        self, table: str, years: Collection[int | None] | None = None, named: Collection[str] | None = None
    ) -> str:
        """The SQL after FROM of a table's rows, of a segmented one of some years and of those columns that are `named`.

        The years are those of the segments (`Dataset.code_date`). Rows of others may be among them, and so may other columns.
        """
        if self._segments is None or table not in self._segments:
            return table
        with damage_named(self.version):
            return f"({self._segments.sql(table, years, named)})"

    def read_through(self) -> None:
        """Read every block of the version and its segments, so that a damaged one is noticed. Raises WarehouseDamaged."""
        tables = "SELECT database_name, schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
        for database, schema, table in self.rows(tables):
            self.rows(f'SELECT count(hash(t)) FROM "{database}"."{schema}"."{table}" t')

    def meta(self, key: str) -> str | None:
        """One fact of the version, such as `published_at`; None where it is not recorded."""
        return self._facts.get(key)

    @cached_property
    def _facts(self) -> dict[str, str | None]:
        return dict(self.rows("SELECT key, value FROM meta"))


class Warehouse:
    """A warehouse folder. `current()` is cheap enough to be asked at every interaction."""

    def __init__(self, folder: Path, memory_limit_mb: int = 1200) -> None:
        self.folder = folder
        self._memory_limit_mb = memory_limit_mb
        self._lock = threading.Lock()
        self._open: Snapshot | None = None

    def current(self) -> Snapshot:
        """Return the newest published version; the same object while nothing new is published.

        Raises WarehouseMissing where nothing is published, WarehouseDamaged where the version cannot be opened.
        """
        with self._lock:
            # A version may be pruned between reading its name and opening it; the next name is then there.
            for attempt in (1, 2, 3):
                path = current_version_path(self.folder)
                if path is None:
                    raise WarehouseMissing("warehouse_missing", folder=self.folder)
                if self._open is not None and self._open.path == path:
                    return self._open
                try:
                    self._open = Snapshot(path, self._memory_limit_mb)
                except WarehouseDamaged:
                    if attempt == 3 or current_version_path(self.folder) == path:
                        raise
                else:
                    return self._open
            raise WarehouseMissing("warehouse_missing", folder=self.folder)


def current_version_path(folder: Path) -> Path | None:
    """Return the file of the newest published version, None where there is none. Raises WarehouseDamaged."""
    try:
        name = (folder / POINTER).read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise WarehouseDamaged("pointer_damaged", file=folder / POINTER) from error
    if _VERSION_NAME.fullmatch(name) is None:
        raise WarehouseDamaged("pointer_damaged", file=folder / POINTER)
    return folder / VERSIONS / name


def readable_first(folder: Path) -> list[Path]:
    """Return the version files to try in turn: the published one, then the others, newest first."""
    try:
        current = current_version_path(folder)
    except WarehouseDamaged:
        current = None
    others = sorted((folder / VERSIONS).glob("*.duckdb"), reverse=True)
    return [path for path in dict.fromkeys([current, *others]) if path is not None and path.is_file()]


def attach_version(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> str | None:
    """Attach a published version read-only under a name; return the structure it was made with, None if it has none.

    Its tables are views, those of its segments as well. Of an older structure that is still read, columns it lacks are NULL.
    Raises WarehouseDamaged for a segment that is not whole.
    """
    made_by, segments = _attach(connection, path, name)
    if segments is not None:
        segments.see()
        for table in _columns_of(connection, f"{name}{_FILE}"):
            if table not in segments:
                connection.execute(f"CREATE VIEW {name}.main.{table} AS FROM {name}{_FILE}.main.{table}")
    return made_by


def _attach(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str
) -> tuple[str | None, SegmentTables | None]:
    """Attach a version and its segments, of which no view is made yet; of an older structure, without any, all are made."""
    file = f"{name}{_FILE}"
    connection.execute(f"ATTACH '{quoted_path(path)}' AS {file} (READ_ONLY)")
    connection.execute(f"ATTACH ':memory:' AS {name}")
    found = connection.execute(f"SELECT value FROM {file}.meta WHERE key = 'schema_version'").fetchall()
    made_by = str(found[0][0]) if found else None
    segmented = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = 'segments'"
    if connection.execute(segmented, [file]).fetchall():
        return made_by, attach_segments(connection, path.parents[1], name, segments_of(connection, file))
    there = _columns_of(connection, file)
    older = made_by in READABLE_SCHEMAS and made_by not in (UNSEGMENTED, str(SCHEMA_VERSION))
    same = set() if older else there.keys()
    for table in same:
        connection.execute(f"CREATE VIEW {name}.main.{table} AS FROM {file}.main.{table}")
    _fill_out(connection, file, name, there, all_tables().keys() - same)
    return made_by, None


def _columns_of(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, set[str]]:
    """The columns of a database's tables."""
    there: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ?", [database]
    ).fetchall():
        there.setdefault(table, set()).add(column)
    return there


def _fill_out(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    name: str,
    there: Mapping[str, set[str]],
    tables: Collection[str],
) -> None:
    """Make views of the tables of today on those of a file of an older structure."""
    for table, columns in all_tables().items():
        if table not in tables:
            continue
        known = there.get(table, set())
        named = ", ".join(
            f'"{column}"' if column in known else f'NULL::{kind} AS "{column}"'
            for column, kind in columns.items()
        )
        rows = f"FROM {file}.main.{table}" if known else "WHERE false"
        if table == "meta":
            # What was made of its rows is not among the views.
            rows += " WHERE NOT starts_with(key, 'made_by_')"
        connection.execute(f"CREATE VIEW {name}.main.{table} AS SELECT {named} {rows}")
