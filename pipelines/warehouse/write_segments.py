"""Writing the segments of a new version: what occurs in them, which are published as before, the files of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from indicators.catalogue import queue_flow
from indicators.catalogue.datasets import DATASETS, Dataset
from indicators.catalogue.summaries import DAYS, DERIVED, Overview, Summary
from pipelines.warehouse.published_rows import publish_row_level, publishing_rules
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.segment_rows import RowOrigin, SegmentRows, segment_rows
from pipelines.warehouse.segments import SEGMENTS, Segment
from pipelines.warehouse.sql import count_rows, few_valued, insert, insert_new, quoted_path, typed_columns
from pipelines.warehouse.swap_version import flush, make_private
from pipelines.warehouse.tables import NEW, OTHER_TABLES, all_tables, typed

#: The tables that say what occurs in each segment.
_UNITS, _CODES, _PLACES = "segment_units", "segment_codes", "segment_places"
#: Name under which the segment being written is attached.
_WRITTEN = "segment"


def made_by(eves_are_weekdays: bool) -> dict[str, str]:
    """Return the facts of a version that say what each table made of rows was made by."""
    facts = {one.fact: one.made_by(eves_are_weekdays, duckdb.__version__) for one in DERIVED}
    return {**facts, queue_flow.FACT: queue_flow.made_by(eves_are_weekdays, duckdb.__version__)}


#: The columns of a loaded row that tell of its unit.
UNIT_COLUMNS = {
    name: kind for name, kind in OTHER_TABLES[_UNITS].items() if name not in ("dataset", "year", "rows")
}


def units_sql(rows: str) -> str:
    """The query of the units of loaded rows, one row per load and unit as its source writes it."""
    names = ", ".join(UNIT_COLUMNS)
    return f"SELECT {names}, count(*) AS rows FROM ({rows}) GROUP BY ALL"


class Segments:
    """The segments of a version that is being built in the attached database `new`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path, eves_are_weekdays: bool) -> None:
        self._connection, self._folder = connection, folder
        self._eves_are_weekdays = eves_are_weekdays
        self._values: dict[tuple[str, int | None], Mapping[str, set[str]]] = {}
        for table in ("segments", _UNITS, _CODES, _PLACES):
            insert_new(connection, f"{NEW}.{table}", OTHER_TABLES[table], [], temporary=False)

    def plan(self, dataset: Dataset, records: Sequence[LoadRecord], origin: RowOrigin) -> list[SegmentRows]:
        """Return the segments of a row-level dataset that may have rows; `records` are the active loads with a part of it."""
        return segment_rows(self._connection, self._folder, dataset, records, origin)

    def look_through(self, planned: Sequence[SegmentRows], old: str | None) -> list[SegmentRows]:
        """Record which units and codes occur in the segments; return those that have rows, in order.

        Only the rows of segments that the version `old` has not are read.
        """
        taken_over = [one.place for one in planned if one.old is not None]
        for table in (_UNITS, _CODES):
            self._take_over(table, old, taken_over)
        found = []
        for one in sorted(planned, key=lambda one: (one.dataset.name, one.year or 0)):
            if one.old is not None or self._record_units(one):
                found.append(one)
        codes = {
            (source, domain, code)
            for (name, _), values in self._values.items()
            for domain, column in DATASETS[name].domains.items()
            for source in values["source"]
            for code in values[column]
        }
        known = self._connection.execute(
            f"SELECT DISTINCT source, domain, code FROM {NEW}.{_CODES}"
        ).fetchall()
        insert_new(self._connection, "occurring", typed("source domain code"), sorted(codes.union(known)))
        return found

    def _take_over(self, table: str, old: str | None, places: Sequence[tuple[str, int | None]]) -> None:
        if old is not None and places:
            named = [dataset if year is None else f"{dataset} {year}" for dataset, year in places]
            self._connection.execute(
                f"""INSERT INTO {NEW}.{table} FROM {old}.{table}
                    WHERE concat_ws(' ', dataset, year) IN (SELECT unnest(?)) ORDER BY ALL""",
                [named],
            )

    def _record_units(self, rows: SegmentRows) -> bool:
        """Record the units of a segment; return whether it has rows."""
        before = count_rows(self._connection, f"{NEW}.{_UNITS}")
        self._connection.execute(
            f"INSERT INTO {NEW}.{_UNITS} SELECT {_place(rows)}, * FROM ({self._units_query(rows)}) ORDER BY ALL"
        )
        if count_rows(self._connection, f"{NEW}.{_UNITS}") == before:
            return False
        self._values[rows.place] = self._values_of(rows)
        return True

    def _units_query(self, rows: SegmentRows) -> str:
        return units_sql(rows.query(UNIT_COLUMNS))

    def _values_of(self, rows: SegmentRows) -> dict[str, set[str]]:
        """Return the values of the columns of few values, and perhaps others."""
        names = few_valued(rows.dataset)
        found: dict[str, set[str]] = {name: set() for name in names}
        for table in rows.tables:
            for name, kind, *_ in self._connection.execute(f"SELECT * FROM {table} LIMIT 0").description:
                if name in found:
                    children: dict[str, Any] = dict(kind.children)
                    found[name] |= set(children["values"])
        if not rows.tables:
            lists = ", ".join(f'list(DISTINCT "{name}")' for name in names)
            texts = rows.query(dict.fromkeys(names, "VARCHAR"))
            (row,) = self._connection.execute(f"SELECT {lists} FROM ({texts})").fetchall()
            for name, values in zip(names, row, strict=True):
                found[name] = {value for value in values or () if value is not None}
        return found

    def publish(self, planned: Sequence[SegmentRows], old: str | None) -> list[Segment]:
        """Write the segments that are not published as before, and return them all.

        Codes have their meanings and units their areas by now.
        """
        digests = self._digests(planned)
        same = [one for one in planned if one.old is not None and one.old.made_by == digests[one.place]]
        self._take_over(_PLACES, old, [one.place for one in same])
        segments = [one.old for one in same if one.old is not None]
        written = [self._write(one) for one in planned if one not in same]
        digests = self._digests(planned)
        segments += [replace(segment, made_by=digests[segment.place]) for segment in written]
        there = {segment.dataset for segment in segments}
        for dataset in DATASETS.values():
            if dataset.row_level and dataset.name not in there:
                table = f"{NEW}.{dataset.name}"
                insert_new(self._connection, table, all_tables()[dataset.name], [], temporary=False)
                self._make_derived(dataset, NEW)
        return segments

    def record(self, segments: Sequence[Segment]) -> None:
        """Write the table of the segments that a version names."""
        rows = sorted(segments, key=lambda one: (one.dataset, one.year or 0))
        insert(self._connection, f"{NEW}.segments", [astuple(segment) for segment in rows])

    def _digests(self, planned: Sequence[SegmentRows]) -> dict[tuple[str, int | None], str]:
        """Return by segment the digest of all that its tables are made of besides the rows as they were loaded."""
        rules = {
            name: "\n".join([duckdb.__version__, publishing_rules(dataset), *self._derived_by(dataset)])
            for name, dataset in DATASETS.items()
            if dataset.row_level
        }
        meanings = self._connection.execute(
            f"""SELECT dataset, year, md5(string_agg(meaning, chr(10) ORDER BY meaning)) FROM (
                    SELECT c.dataset, c.year,
                           (c.source, c.domain, c.code, r.our, r.valid_from, r.valid_to, g.grouped, u.area)::VARCHAR AS meaning
                    FROM {NEW}.{_CODES} c
                    LEFT JOIN resolved r USING (source, domain, code)
                    LEFT JOIN our_codes g ON g.domain = c.domain AND g.code = r.our
                    LEFT JOIN {NEW}.units u ON c.domain = 'unit' AND u.unit = coalesce(r.our, c.code)
                ) GROUP BY ALL"""
        ).fetchall()
        meant = {(name, year): digest for name, year, digest in meanings}
        return {
            one.place: sha256(f"{rules[one.dataset.name]}\n{meant.get(one.place)}".encode()).hexdigest()[:32]
            for one in planned
        }

    def _derived_by(self, dataset: Dataset) -> list[str]:
        facts = made_by(self._eves_are_weekdays)
        return [f"{one.table} {facts[one.fact]}" for one in DERIVED if one.dataset == dataset.name]

    def _make_rows(self, rows: SegmentRows, table: str) -> None:
        """Make the table of the published rows of a segment."""
        values = self._values.get(rows.place) or self._values_of(rows)
        publish_row_level(self._connection, rows, values, table)

    def _derived_rows(self, _one: Summary | Overview, _rows: SegmentRows, query: str) -> str:
        """What the rows of a table of published rows are read from; `query` makes them."""
        return f"({query})"

    def _make_derived(self, dataset: Dataset, database: str, rows: SegmentRows | None = None) -> None:
        """Make the tables of published rows. Their codes are text, which is read as fast as an ENUM of all segments would be."""
        for one in DERIVED:
            if one.dataset == dataset.name:
                query = one.sql(self._eves_are_weekdays, f"{database}.{dataset.name}")
                columns = self._connection.execute(f"DESCRIBE {query}").fetchall()
                types = {name: "VARCHAR" if kind.startswith("ENUM") else kind for name, kind, *_ in columns}
                made = f"({query})" if rows is None else self._derived_rows(one, rows, query)
                self._connection.execute(
                    f"CREATE TABLE {database}.{one.table} AS SELECT {typed_columns(types)} FROM {made}"
                )

    def _write(self, rows: SegmentRows) -> Segment:
        """Write a segment; return it without the digest, for which its codes are recorded."""
        connection, dataset = self._connection, rows.dataset
        file = f"{dataset.name}-{rows.year or 'undated'}-{uuid4().hex}.duckdb"
        path = self._folder / SEGMENTS / file
        connection.execute(f"ATTACH '{quoted_path(path)}' AS {_WRITTEN}")
        make_private(path)
        table = f"{_WRITTEN}.{dataset.name}"
        self._make_rows(rows, table)
        self._make_derived(dataset, _WRITTEN, rows)
        place = _place(rows)
        connection.execute(
            f"""INSERT INTO {NEW}.{_PLACES} SELECT DISTINCT {place}, source, origin, unit
                FROM {_WRITTEN}.{DAYS[dataset.name].table} ORDER BY ALL"""
        )
        for domain, column in dataset.domains.items() if rows.old is None else ():
            connection.execute(
                f"""INSERT INTO {NEW}.{_CODES} SELECT DISTINCT {place}, source, '{domain}', {column}
                    FROM {table} WHERE {column} IS NOT NULL"""
            )
        count = count_rows(connection, table)
        connection.execute(f"CHECKPOINT {_WRITTEN}")
        connection.execute(f"DETACH {_WRITTEN}")
        flush(path)
        return Segment(dataset.name, rows.year, file, path.stat().st_size, count, "")


def _place(rows: SegmentRows) -> str:
    return f"'{rows.dataset.name}' AS dataset, {'NULL' if rows.year is None else rows.year}::INTEGER AS year"
