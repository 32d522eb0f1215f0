"""Writing the weekly flow of queues: a segment of each year in which queues were counted.

The flow of a year follows from the queues and visits near it (`indicators.catalogue.queue_flow`); its segment is taken over from
the version before while these are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import duckdb

from indicators.catalogue import queue_flow
from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.summaries import DAYS
from pipelines.warehouse.segments import SEGMENTS, Segment, attached_segments, rows_of_segments, segments_of
from pipelines.warehouse.sql import count_rows, insert_new, quoted_path
from pipelines.warehouse.swap_version import flush, make_private
from pipelines.warehouse.tables import NEW, OTHER_TABLES

_QUEUE, _VISITS = DATASETS["queue"], DATASETS["visits"]
#: Name under which the segment being written is attached.
_WRITTEN = "flow_segment"


def publish_flow(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    segments: Sequence[Segment],
    old: str | None,
    eves_are_weekdays: bool,
) -> list[Segment]:
    """Return the segments of the flow of a version that is being built, each written where no version before has it.

    `segments` are those of its rows. Without any queue its table is empty, and in the file of the version.
    """
    years = sorted(one.year for one in segments if one.dataset == _QUEUE.name and one.year is not None)
    if not years:
        columns = OTHER_TABLES[queue_flow.TABLE]
        insert_new(connection, f"{NEW}.{queue_flow.TABLE}", columns, [], temporary=False)
        return []
    before = {} if old is None else {s.place: s for s in segments_of(connection, old)}
    rule = queue_flow.made_by(eves_are_weekdays, duckdb.__version__)
    found = []
    with _rows_as_published(connection, folder, segments) as cursor:
        for year in years:
            made_by = _inputs(cursor, segments, year, rule)
            same = before.get((queue_flow.TABLE, year))
            if same is None or same.made_by != made_by:
                same = _write(cursor, folder, year, eves_are_weekdays, made_by)
            found.append(same)
    return found


@contextmanager
def _rows_as_published(
    connection: duckdb.DuckDBPyConnection, folder: Path, segments: Sequence[Segment]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor for which queues, visits, units and covered days are those of the version that is being built."""
    mine = [one for one in segments if one.dataset in (_QUEUE.name, _VISITS.name)]
    cursor = connection.cursor()
    with attached_segments(cursor, folder, mine) as databases:
        for dataset, table in ((_QUEUE, "queue"), (_QUEUE, DAYS["queue"].table), (_VISITS, "visits")):
            names = [databases[one.file] for one in mine if one.dataset == dataset.name]
            query = rows_of_segments(cursor, names, table) if names else f"FROM {NEW}.{table}"
            cursor.execute(f"CREATE TEMP VIEW {table} AS {query}")
        for table in ("units", "covered"):
            cursor.execute(f"CREATE TEMP VIEW {table} AS FROM {NEW}.{table}")
        yield cursor
    cursor.close()


def _inputs(cursor: duckdb.DuckDBPyConnection, segments: Sequence[Segment], year: int, rule: str) -> str:
    """The digest of all that the flow of a year follows from: files of whole years, and the rows of the next one near it."""
    first, last = queue_flow.first_and_last_near(year)
    files = [
        one.file
        for one in segments
        if one.year is not None
        and (one.dataset == _QUEUE.name or (one.dataset == _VISITS.name and one.year >= first.year))
        and one.year <= year
    ]
    queues = cursor.execute(
        f"SELECT md5(string_agg(w::VARCHAR, chr(10))) FROM ({queue_flow.queue_weeks_sql()}) w"
    ).fetchall()
    successors = cursor.execute(
        "SELECT md5(string_agg((unit, successor)::VARCHAR, chr(10) ORDER BY unit)) FROM units WHERE successor IS NOT NULL"
    ).fetchall()
    later = [
        cursor.execute(
            f"""SELECT count(*), bit_xor(hash(r)) FROM {dataset.name} r
                WHERE {dataset.day} > DATE '{year}-12-31' AND {dataset.day} <= DATE '{last}'"""
        ).fetchall()
        for dataset in (_QUEUE, _VISITS)
    ]
    return sha256(repr((rule, sorted(files), queues, successors, later)).encode()).hexdigest()[:32]


def _write(
    cursor: duckdb.DuckDBPyConnection, folder: Path, year: int, eves_are_weekdays: bool, made_by: str
) -> Segment:
    file = f"{queue_flow.TABLE}-{year}-{uuid4().hex}.duckdb"
    path = folder / SEGMENTS / file
    cursor.execute(f"ATTACH '{quoted_path(path)}' AS {_WRITTEN}")
    make_private(path)
    table = f"{_WRITTEN}.{queue_flow.TABLE}"
    cursor.execute(f"CREATE TABLE {table} AS {queue_flow.queue_flow_sql(eves_are_weekdays, year)}")
    count = count_rows(cursor, table)
    cursor.execute(f"CHECKPOINT {_WRITTEN}")
    cursor.execute(f"DETACH {_WRITTEN}")
    flush(path)
    return Segment(queue_flow.TABLE, year, file, path.stat().st_size, count, made_by)
