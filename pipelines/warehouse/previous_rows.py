"""The rows that a dataset has in the version before, by year, as a new version takes them over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import duckdb

from indicators.catalogue.datasets import PROVENANCE, Dataset
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.segments import Segment, of_year, segments_of, year_of
from pipelines.warehouse.sql import listed, null_columns


class PreviousRows:
    """The rows of loads that are still active, of one dataset of the version attached as `old` (None: there is none)."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        dataset: Dataset,
        old: str | None,
        active: Sequence[LoadRecord],
    ) -> None:
        self._connection, self._dataset, self._old = connection, dataset, old
        self._types = PROVENANCE | dataset.base
        self._active = {r.load_id for r in active}
        self._loads = f"load_id IN ({listed(active)})"
        self._columns = ", ".join(f'"{column}"' for column in self._types)
        self._segments: dict[int | None, Segment] = {}
        self._rows: dict[int | None, dict[str, int]] = {}
        self._years: list[int | None] = []
        if old is None or not dataset.row_level:
            return
        self._segments = {s.year: s for s in segments_of(connection, old) if s.dataset == dataset.name}
        self._years = list(self._segments)
        for year, load_id, rows in connection.execute(
            f"SELECT year, load_id, sum(rows)::BIGINT FROM {old}.segment_units WHERE dataset = ? GROUP BY ALL",
            [dataset.name],
        ).fetchall():
            self._rows.setdefault(year, {})[load_id] = rows
        if not self._segments:
            # A version of the structure before has all rows in one table.
            years = connection.execute(f"SELECT DISTINCT {year_of(dataset)} FROM {old}.{dataset.name}")
            self._years = [year for (year,) in years.fetchall()]

    @property
    def years(self) -> list[int | None]:
        """The years of the rows of a row-level dataset; None is that of rows without a date."""
        return self._years

    def query(self) -> str:
        """The query of all rows."""
        if self._old is None:
            return f"SELECT {null_columns(self._types)} WHERE false"
        return f"SELECT {self._columns} FROM {self._old}.{self._dataset.name} WHERE {self._loads}"

    def query_of(self, years: Iterable[int | None]) -> str:
        """The query of the rows of some years, which reads no others."""
        wanted = set(years)
        each = [self._query_of(year) for year in self._years if year in wanted]
        return " UNION ALL ".join(each) or f"{self.query()} AND false"

    def _query_of(self, year: int | None) -> str:
        table = self.table_of(year)
        if table is None:
            return f"{self.query()} AND {of_year(self._dataset, year)}"
        there = {name for name, *_ in self._connection.execute(f"DESCRIBE {table}").fetchall()}
        # Columns that came after the segment was written are unknown.
        columns = ", ".join(
            f'"{name}"' if name in there else f'NULL::{kind} AS "{name}"'
            for name, kind in self._types.items()
        )
        return f"SELECT {columns} FROM {table} WHERE {self._loads}"

    def table_of(self, year: int | None) -> str | None:
        """The table of the segment of a year; None where there is none."""
        segment = self._segments.get(year)
        if segment is None or self._old is None:
            return None
        return f"{segment.attached_as(self._old)}.{self._dataset.name}"

    def whole_segment(self, year: int | None) -> Segment | None:
        """The segment of a year of which every row is taken over; None where there is none."""
        segment = self._segments.get(year)
        return segment if self._active.issuperset(self._rows.get(year, ())) else None

    def same_segment(self, year: int | None, rows: Mapping[str, int]) -> Segment | None:
        """The segment of a year that has so many rows of each load; None where it has others."""
        return self._segments.get(year) if self._rows.get(year) == rows else None
