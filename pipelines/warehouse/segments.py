"""Segments: the rows of one dataset and year, with the tables made of them, in an immutable file that versions share.

A version names its segments in the table `segments`; where it is attached, their tables are views of its own, so that who reads
them sees whole datasets. A dataset without rows has no segment: its empty tables are in the version.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb

from indicators.catalogue.datasets import DATASETS, Dataset
from indicators.catalogue.summaries import CODES
from pipelines.errors import WarehouseDamaged
from pipelines.warehouse.sql import quoted_path
from pipelines.warehouse.tables import all_tables

#: The folder of segments in a warehouse.
SEGMENTS = "segments"
_ENDING = ".duckdb"
#: Tables whose rows may be the same in several segments.
_SHARED_ROWS = {one.table for one in CODES.values()}


@dataclass(frozen=True)
class Segment:
    """A row of the table `segments`: the year of its rows (None: they have no date), its file and size in bytes, its rows.

    `made_by` is the digest of all that its tables are made of besides the rows as they were loaded.
    """

    dataset: str
    year: int | None
    file: str
    bytes: int
    rows: int
    made_by: str

    @property
    def place(self) -> tuple[str, int | None]:
        """What a version has one segment of."""
        return self.dataset, self.year

    def attached_as(self, version: str) -> str:
        """The name of its database where a version is attached under a name."""
        return f"{version}_{self.dataset}_{self.year or 'undated'}"


def year_of(dataset: Dataset) -> str:
    """The SQL of the year of a row's segment: of the date that decides what its codes mean."""
    return f"year({dataset.code_date})"


def of_year(dataset: Dataset, year: int | None) -> str:
    """The SQL condition that a row belongs to a year's segment."""
    return f"{year_of(dataset)} IS NOT DISTINCT FROM {'NULL' if year is None else year}"


def segments_of(connection: duckdb.DuckDBPyConnection, version: str) -> tuple[Segment, ...]:
    """Return the segments of an attached version; none of one whose tables are all in its file."""
    names = ", ".join(field.name for field in fields(Segment))
    rows = connection.execute(f"SELECT {names} FROM {version}.segments ORDER BY dataset, year").fetchall()
    return tuple(Segment(*row) for row in rows)


def attach_segments(
    connection: duckdb.DuckDBPyConnection, folder: Path, version: str, segments: Sequence[Segment]
) -> SegmentTables:
    """Attach the segments of a version read-only; return their tables, of which no view is made yet.

    Raises WarehouseDamaged for a missing file or one of another size.
    """
    for segment in segments:
        path = folder / SEGMENTS / segment.file
        if not path.is_file() or path.stat().st_size != segment.bytes:
            raise WarehouseDamaged("warehouse_damaged", version=segment.file)
        connection.execute(f"ATTACH '{quoted_path(path)}' AS {segment.attached_as(version)} (READ_ONLY)")
    return SegmentTables(connection, version, segments)


@contextmanager
def attached_segments(
    connection: duckdb.DuckDBPyConnection, folder: Path, segments: Iterable[Segment]
) -> Iterator[dict[str, str]]:
    """The names of the databases of segments by file, those attached that are not yet, and detached in the end."""
    rows = connection.execute("SELECT path, database_name FROM duckdb_databases() WHERE path IS NOT NULL")
    there = {Path(path).name: name for path, name in rows.fetchall()}
    mine = {one.file: one.attached_as("written") for one in segments if one.file not in there}
    for file, name in mine.items():
        connection.execute(f"ATTACH '{quoted_path(folder / SEGMENTS / file)}' AS {name} (READ_ONLY)")
    yield there | mine
    for name in mine.values():
        connection.execute(f"DETACH {name}")


def rows_of_segments(connection: duckdb.DuckDBPyConnection, databases: Sequence[str], table: str) -> str:
    """The query of the rows that a table has in some databases of segments of one dataset."""
    return _rows_of(databases, table, ", ".join(_columns_of(connection, databases[0], table).values()))


def _rows_of(databases: Sequence[str], table: str, columns: str) -> str:
    union = " UNION " if table in _SHARED_ROWS else " UNION ALL "
    return union.join(f"SELECT {columns} FROM {name}.main.{table}" for name in databases)


def _columns_of(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> Mapping[str, str]:
    """The SQL of each column of a segment's table; ENUMs, each with the values of its segment, as text.

    Columns of a dataset that came after the segment was written are unknown.
    """
    rows = connection.execute(f"DESCRIBE {database}.main.{table}").fetchall()
    there = {
        name: f'"{name}"::VARCHAR AS "{name}"' if kind.startswith("ENUM") else f'"{name}"'
        for name, kind, *_ in rows
    }
    later = all_tables().get(table, {}) if table in DATASETS else {}
    return {name: f'NULL::{kind} AS "{name}"' for name, kind in later.items()} | there


class SegmentTables:
    """The tables of the segments of an attached version, each as one; safe to share between threads.

    What a query costs before it reads a row grows with the columns and segments it names, so a view is made when a query first
    names its table, and who knows which years it needs reads those alone.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, version: str, segments: Sequence[Segment]
    ) -> None:
        self._connection = connection
        self._version = version
        self._of: dict[str, list[Segment]] = {}
        for segment in segments:
            self._of.setdefault(segment.dataset, []).append(segment)
        self._dataset_of = self._tables()
        self._unseen = set(self._dataset_of)
        self._lock = threading.Lock()

    def _tables(self) -> dict[str, str]:
        """The dataset of each table. Segments of one dataset have the same tables."""
        of = {segments[0].attached_as(self._version): dataset for dataset, segments in self._of.items()}
        rows = self._connection.execute(
            "SELECT database_name, table_name FROM duckdb_tables() WHERE list_contains(?, database_name)",
            [list(of)],
        )
        return {table: of[database] for database, table in rows.fetchall()}

    def see(self, sql: str | None = None) -> None:
        """Make the views that a query needs, before it runs; without a query those of all tables."""
        wanted = [table for table in tuple(self._unseen) if sql is None or table in sql]
        for table in wanted:
            query = self.sql(table)
            with self._lock:
                if table in self._unseen:
                    view = f"{self._version}.main.{table}"
                    self._connection.cursor().execute(f"CREATE OR REPLACE VIEW {view} AS {query}")
                    self._unseen.discard(table)

    def __contains__(self, table: str) -> bool:
        return table in self._dataset_of

    def sql(
        self, table: str, years: Collection[int | None] | None = None, named: Collection[str] | None = None
    ) -> str:
        """The query of a table's rows in all segments: of some years, and of those of its columns that are `named`."""
        columns = self._columns_of(table)
        shown = [column for column in columns if named is None or column in named]
        selected = ", ".join(columns[column] for column in shown or list(columns)[:1])
        segments = self._of[self._dataset_of[table]]
        some = [one for one in segments if years is None or one.year in years]
        # Of years without a segment the table has no rows, but columns.
        names = [one.attached_as(self._version) for one in some or segments[:1]]
        query = _rows_of(names, table, selected)
        return query if some else f"{query} LIMIT 0"

    def _columns_of(self, table: str) -> Mapping[str, str]:
        segment = self._of[self._dataset_of[table]][0]
        known = _known_columns.get((segment.file, table))
        if known is None:
            known = _columns_of(self._connection.cursor(), segment.attached_as(self._version), table)
            _known_columns[segment.file, table] = known
        return known


#: The columns of the tables of segments that were read, whatever version names them: a file never changes, nor its name.
_known_columns: dict[tuple[str, str], Mapping[str, str]] = {}


def named_files(connection: duckdb.DuckDBPyConnection, path: Path) -> set[str]:
    """Return the files of the segments that the version in a file names."""
    connection.execute(f"ATTACH '{quoted_path(path)}' AS naming (READ_ONLY)")
    try:
        there = connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = 'naming' AND table_name = 'segments'"
        ).fetchall()
        rows = connection.execute("SELECT file FROM naming.segments").fetchall() if there else []
    finally:
        connection.execute("DETACH naming")
    return {file for (file,) in rows}


def segment_files(folder: Path) -> Iterator[Path]:
    """The files in the folder of segments, with what an interrupted writer left."""
    return (folder / SEGMENTS).glob(f"*{_ENDING}*")
