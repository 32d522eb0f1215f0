"""Which segments a new version has: where the rows of each come from, and which have the rows of one of the version before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from indicators.catalogue.datasets import Dataset
from pipelines.warehouse.load_effect import surviving_old, touched_years
from pipelines.warehouse.previous_rows import PreviousRows
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.segments import Segment, of_year
from pipelines.warehouse.sql import typed_columns
from pipelines.warehouse.surviving_rows import fold, folded_query


@dataclass(frozen=True)
class RowOrigin:
    """Where the rows of a new version come from.

    The datasets of `incoming` are made of the tables that `prepare_incoming` left. Those in `folded`, and all where there is
    no `old`, are folded from the archive; the others are taken over from the attached database `old`.
    """

    old: str | None = None
    folded: Collection[str] = ()
    incoming: LoadRecord | None = None

    def comes_in(self, dataset: Dataset) -> bool:
        """Whether the incoming load brings something to a dataset."""
        return self.incoming is not None and self.incoming.part(dataset.name) is not None

    def is_folded(self, dataset: Dataset) -> bool:
        """Whether the rows of a dataset are worked out from the archive."""
        return not self.comes_in(dataset) and (self.old is None or dataset.name in self.folded)


@dataclass(frozen=True)
class SegmentRows:
    """The rows of one segment as they were loaded: the queries whose rows they are together.

    `old` is the segment of the version before with the same rows. `tables` are those whose ENUMs have every value of the columns
    of few values; without any the rows tell.
    """

    dataset: Dataset
    year: int | None
    queries: tuple[str, ...]
    old: Segment | None = None
    tables: tuple[str, ...] = ()

    def query(self, types: Mapping[str, str]) -> str:
        """The query of the columns of these types: cast one by one, for a union of two ENUMs would be text."""
        columns = typed_columns(types)
        return " UNION ALL ".join(f"SELECT {columns} FROM ({query})" for query in self.queries)

    @property
    def place(self) -> tuple[str, int | None]:
        """What a version has one segment of."""
        return self.dataset.name, self.year


def segment_rows(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    dataset: Dataset,
    records: Sequence[LoadRecord],
    origin: RowOrigin,
) -> list[SegmentRows]:
    """Return the segments of a row-level dataset that may have rows; `records` are the active loads with a part of it."""
    previous = PreviousRows(connection, dataset, origin.old, records)
    found = []
    if origin.is_folded(dataset):
        by_year: dict[int | None, dict[str, int]] = {}
        for year, load_id, rows in fold(connection, folder, dataset, records):
            by_year.setdefault(year, {})[load_id] = rows
        for year, of_loads in by_year.items():
            query = folded_query(folder, dataset, year, list(of_loads))
            # Without a load, rows only come back: where there are as many, they are the same.
            found.append(SegmentRows(dataset, year, (query,), previous.same_segment(year, of_loads)))
        return found
    touched = touched_years(connection, dataset) if origin.comes_in(dataset) else set()
    for year in {*previous.years, *touched}:
        query, table = previous.query_of([year]), previous.table_of(year)
        tables: tuple[str, ...] = (table,) if table is not None else ()
        if year not in touched:
            found.append(SegmentRows(dataset, year, (query,), previous.whole_segment(year), tables))
            continue
        incoming = f"effective_{dataset.name}"
        queries: tuple[str, ...] = (f"SELECT * FROM {incoming} WHERE {of_year(dataset, year)}",)
        if year in previous.years:
            queries = (f"SELECT * FROM {surviving_old(dataset, f'({query})')}", *queries)
        if table is not None or year not in previous.years:
            tables = (*tables, incoming)
        found.append(SegmentRows(dataset, year, queries, tables=tables))
    return found
