"""What every kind is asked, and the pieces of SQL that follow from it: periods, splits, filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import Measure
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.periods import Period
from indicators.engine.question import Where
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Count:
    """A count of the rows that meet an SQL condition, or of the distinct values of the SQL expression `of` in them."""

    condition: str = "true"
    of: str | None = None


@dataclass(frozen=True)
class CountRequest:
    """A measure to be counted from the rows of a version: by periods and splits, under filters.

    `grain` is None where the periods are stretches of days of no one grain. `keyed` asks each count for its cell key: the
    exclusive or of the keys of the records counted, equal for equal sets of records (`privacy.cell_keys`).
    """

    snapshot: Snapshot
    measure: Measure
    periods: Sequence[Period]
    grain: str | None
    splits: Sequence[str]
    where: Where
    eves_are_weekdays: bool = False
    keyed: bool = False

    def count_columns(self, counts: Mapping[str, Count]) -> str:
        """The SQL of counts as columns of their names; keyed, each is followed by its cell key, `<name>_key`."""
        return ", ".join(column for name, one in counts.items() for column in self._columns(name, one))

    def _columns(self, name: str, count: Count) -> Iterator[str]:
        # DuckDB takes half as long for this as for FILTER.
        counted = f"CASE WHEN {count.condition} THEN {count.of or 'true'} END"
        yield f"count({'DISTINCT ' if count.of else ''}{counted}) AS {name}"
        if self.keyed:
            key = f"hash({count.of})" if count.of else self._record_key
            keyed = f"CASE WHEN ({count.condition}) AND {count.of or 'true'} IS NOT NULL THEN {key} END"
            yield f"coalesce(bit_xor({'DISTINCT ' if count.of else ''}{keyed}), 0) AS {name}_key"

    @property
    def _record_key(self) -> str:
        """The SQL of a row's key; an entry of a queue has the same in every snapshot."""
        return f"hash(source::VARCHAR, origin::VARCHAR, {DATASETS[self.measure.dataset].key[-1]})"

    @property
    def split_columns(self) -> str:
        """The SQL of the splits as further columns of a SELECT, each after a comma."""
        return "".join(f", {split_sql(split)} AS {split}" for split in self.splits)

    def rows_of_periods(self, column: str) -> tuple[str, str, list[object]]:
        """The SQL of a row's period (its first day), the condition that it has one and fits the filters, its parameters."""
        first, last = min(p.start for p in self.periods), max(p.end for p in self.periods)
        condition, parameters = where_sql(self.where)
        condition = f"{column} BETWEEN ? AND ? AND {condition}"
        if self.grain is not None:
            return f"date_trunc('{self.grain}', {column})::DATE", condition, [first, last, *parameters]
        cases = " ".join(
            f"WHEN {column} BETWEEN DATE '{p.start}' AND DATE '{p.end}' THEN DATE '{p.start}'"
            for p in self.periods
        )
        period = f"CASE {cases} END"
        return period, f"{condition} AND {period} IS NOT NULL", [first, last, *parameters]


def split_sql(split: str) -> str:
    """The SQL of a split's value as text."""
    return f"coalesce({split}::VARCHAR, '{UNKNOWN}')"


def where_sql(where: Where) -> tuple[str, list[object]]:
    """The SQL of filters and its parameters: any value of a dimension, every dimension."""
    conditions: list[str] = ["true"]
    parameters: list[object] = []
    for name, values in where:
        known = [value for value in values if value != UNKNOWN]
        column = f"{name}::VARCHAR IN ({', '.join('?' * len(known))})" if known else "false"
        conditions.append(f"({column} OR {name} IS NULL)" if UNKNOWN in values else column)
        if UNKNOWN in values and name in ("age_group", "age_band"):
            conditions[-1] = f"({conditions[-1]} OR {name}::VARCHAR = '{UNKNOWN}')"
        parameters += known
    return " AND ".join(conditions), parameters


def conjunction(conditions: Mapping[str, str], names: Sequence[str]) -> str:
    """All named conditions together."""
    return " AND ".join(f"({conditions[name]})" for name in names) or "true"


def with_period_start(found: pd.DataFrame) -> pd.DataFrame:
    """The rows of a query with `period_start`, a date, instead of `period`."""
    found.insert(0, "period_start", [day.date() for day in found.pop("period")])
    return found
