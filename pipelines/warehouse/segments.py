"""Segments: the rows of one dataset and year, with the tables made of them, in an immutable file that versions share.

A version names its segments in the table `segments`; where it is attached, their tables are views of its own, so that who reads
them sees whole datasets. A dataset without rows has no segment: its empty tables are in the version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb

from indicators.catalogue.datasets import Dataset
from indicators.catalogue.summaries import CODES
from pipelines.errors import WarehouseDamaged
from pipelines.warehouse.sql import quoted_path

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
    connection: duckdb.DuckDBPyConnection, folder: Path, version: str, segments: Iterable[Segment]
) -> None:
    """Attach segments read-only, and make the views on all of them in the database of the version.

    Raises WarehouseDamaged for a missing file or one of another size.
    """
    databases: dict[str, list[str]] = {}
    for segment in segments:
        path, name = folder / SEGMENTS / segment.file, segment.attached_as(version)
        if not path.is_file() or path.stat().st_size != segment.bytes:
            raise WarehouseDamaged("warehouse_damaged", version=segment.file)
        connection.execute(f"ATTACH '{quoted_path(path)}' AS {name} (READ_ONLY)")
        databases.setdefault(segment.dataset, []).append(name)
    for names in databases.values():
        for table, columns in _columns_of(connection, names[0]).items():
            query = _rows_of(names, table, columns)
            connection.execute(f"CREATE OR REPLACE VIEW {version}.main.{table} AS {query}")


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
    return _rows_of(databases, table, _columns_of(connection, databases[0])[table])


def _rows_of(databases: Sequence[str], table: str, columns: str) -> str:
    union = " UNION " if table in _SHARED_ROWS else " UNION ALL "
    return union.join(f"SELECT {columns} FROM {name}.main.{table}" for name in databases)


def _columns_of(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """The columns of a segment's tables; ENUMs, each with the values of its segment, as text."""
    rows = connection.execute(
        """SELECT table_name, string_agg(
               CASE WHEN starts_with(data_type, 'ENUM') THEN format('"{0}"::VARCHAR AS "{0}"', column_name)
                    ELSE format('"{}"', column_name) END, ', ' ORDER BY column_index) FROM duckdb_columns()
           WHERE database_name = ? GROUP BY table_name ORDER BY table_name""",
        [database],
    )
    return dict(rows.fetchall())


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
