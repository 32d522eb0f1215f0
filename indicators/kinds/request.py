"""What every kind is asked, and the pieces of SQL that follow from it: periods, splits, filters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import duckdb
import pandas as pd

from indicators.catalogue.conditions import CONDITIONS
from indicators.catalogue.definition import GROUP_SPLIT, Measure
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.periods import Period
from indicators.catalogue.prepared_rows import WORD, record_key_sql
from indicators.catalogue.summaries import KEY, NUMBER, SEGMENT, SUMMARIES, Summary
from indicators.engine.cached import cached_per_version
from indicators.engine.question import Where
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Count:
    """A count of the rows that meet an SQL condition, or of the distinct values of the SQL expression `of` in them."""

    condition: str = "true"
    of: str | None = None


@dataclass(frozen=True)
class Rows:
    """What counts are made of: single rows, or the groups of a summary, each with its number of rows.

    `read` gives the SQL after FROM of the rows that have columns of some names, from a table or a query of its rows;
    `day` is the column with the day of a row; `conditions` are those of the dataset, as SQL over these rows; `key` is the SQL of
    the key of a row or of a group, and `keyed` whether each count is asked with its cell key.
    """

    table: str
    read: Callable[[str, Collection[str]], str]
    day: str
    conditions: Mapping[str, str]
    key: str
    keyed: bool
    grouped: bool = False

    def sql(self, snapshot: Snapshot, years: Collection[int], *pieces: str) -> str:
        """The SQL after FROM of the rows of some years, with the columns that the pieces of a query over them name.

        What DuckDB takes for a query before it reads a row grows with the columns, theirs and those worked out, and the segments.
        """
        named = set(WORD.findall(" ".join(pieces)))
        needed = named.union(WORD.findall(self.read("", named)))
        return self.read(snapshot.rows_of(self.table, years or None, needed), named)

    def count(self, count: Count) -> str:
        """The SQL of a count."""
        if self.grouped:
            return f"coalesce(sum(CASE WHEN {count.condition} THEN {NUMBER} END), 0)::BIGINT"
        # DuckDB takes half as long for this as for FILTER.
        counted = f"CASE WHEN {count.condition} THEN {count.of or 'true'} END"
        return f"count({'DISTINCT ' if count.of else ''}{counted})"

    def count_columns(self, counts: Mapping[str, Count]) -> str:
        """The SQL of counts as columns of their names; keyed, each is followed by its cell key, `<name>_key`."""
        return ", ".join(
            f"{self.count(one)} AS {name}" + (f", {self._key_of(one)} AS {name}_key" if self.keyed else "")
            for name, one in counts.items()
        )

    def _key_of(self, count: Count) -> str:
        key = f"hash({count.of})" if count.of else self.key
        counted = f"CASE WHEN ({count.condition}) AND {count.of or 'true'} IS NOT NULL THEN {key} END"
        return f"coalesce(bit_xor({'DISTINCT ' if count.of else ''}{counted}), 0)"


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

    def rows(self, read: Callable[[str, Collection[str]], str], day: str) -> Rows:
        """The single rows, as they are read."""
        dataset = self.measure.dataset
        return Rows(dataset, read, day, CONDITIONS[dataset], record_key_sql(dataset), self.keyed)

    def summary(self, columns: Collection[str] = ()) -> Rows | None:
        """The first summary of the version that has what is asked for and `columns` besides; None where none has.

        Numbers of people cannot be added up over groups.
        """
        measure = self.measure
        if measure.statistic in OF_PEOPLE:
            return None
        groups = [name for group in measure.groups for name, _values in group.where]
        columns = {*self.splits, *(name for name, _values in self.where), *groups, *columns} - {GROUP_SPLIT}
        conditions = {*measure.rows, *filter(None, (measure.known, measure.met))}
        for one in SUMMARIES:
            has_all = columns <= one.columns and conditions <= one.conditions.keys()
            if one.dataset == measure.dataset and has_all and self._holds(one):
                return Rows(one.table, _as_stored, one.day, one.conditions, KEY, self.keyed, grouped=True)
        return None

    def _holds(self, summary: Summary) -> bool:
        """Whether the version has a summary that is still right, and the periods are made of its groups."""
        if summary.day == SEGMENT and self.grain is None and not all(map(_of_segments, self.periods)):
            return False
        return _is_right(self.snapshot, summary, self.eves_are_weekdays)

    @property
    def years(self) -> range:
        """The years of the periods."""
        return range(min(p.start for p in self.periods).year, max(p.end for p in self.periods).year + 1)

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


def _as_stored(rows: str, _named: Collection[str]) -> str:
    """The groups of a summary."""
    return rows


#: Statistics of which a number is one of people.
OF_PEOPLE = ("distinct_persons", "person_share")


@cached_per_version()
def _is_right(snapshot: Snapshot, summary: Summary, eves_are_weekdays: bool) -> bool:
    """Whether a version has a summary that was made by the query and the program of today."""
    return snapshot.meta(summary.fact) == summary.made_by(eves_are_weekdays, duckdb.__version__)


def _of_segments(period: Period) -> bool:
    """Whether a period begins and ends with a week or a month."""
    after = period.end + timedelta(days=1)
    return all(day.day == 1 or day.weekday() == 0 for day in (period.start, after))


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
