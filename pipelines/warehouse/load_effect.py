"""What one further load changes in a published version: which of its rows count, and which older rows they supersede."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from indicators.catalogue.datasets import DATASETS, PROVENANCE, Dataset
from pipelines.warehouse.archive import SET_ASIDE, Rows, whole_path
from pipelines.warehouse.records import LoadRecord, Part
from pipelines.warehouse.sql import (
    count_rows,
    enum_type,
    equal,
    few_valued,
    in_window,
    typed_columns,
    window_table,
)
from pipelines.warehouse.surviving_rows import archived_rows, key_columns
from pipelines.warehouse.tables import columns_sql


def same_key(dataset: Dataset) -> str:
    """Return the condition that a row of `o` has the key of one of `e`."""
    return equal(key_columns(dataset), "o", "e")


#: What may happen to a row.
NEW, CHANGED, REMOVED = "new", "changed", "removed"


@dataclass(frozen=True)
class Effect:
    """What a load does to the rows that count: rows added, replaced by other content, removed, left out (`older`).

    `unchanged` are rows that stay because the load's own row of their key was set aside. `by_month` has (month as `2025-03`,
    rows new, changed, removed) where rows have a day, `by_unit` (the source's code of the unit, rows new, changed, removed)
    where they have a unit.
    """

    new: int = 0
    changed: int = 0
    removed: int = 0
    older: int = 0
    by_month: tuple[tuple[str, int, int, int], ...] = ()
    by_unit: tuple[tuple[str, int, int, int], ...] = ()
    unchanged: int = 0


@dataclass(frozen=True)
class Incoming:
    """The accepted rows of a load that is about to be published or inspected, by dataset."""

    record: LoadRecord
    rows: Mapping[str, Rows]


def prepare_incoming(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    records: Sequence[LoadRecord],
    incoming: Incoming,
    old: str | None,
) -> Effect:
    """Work out what a load changes; return its effect on the main dataset. Leaves two temporary tables per dataset.

    `effective_<dataset>` are the rows of the load that count, `surviving_old_<dataset>` the rows that stay of the
    version attached as `old` (None: there is none). `records` are the active loads before this one.
    """
    effects = [
        _IncomingPart(connection, incoming.record, part, incoming.rows[part.dataset], old).prepare(
            folder, records
        )
        for part in incoming.record.parts
    ]
    return effects[0]


@dataclass(frozen=True)
class _IncomingPart:
    """The rows of a load for one dataset, against the version `old`."""

    connection: duckdb.DuckDBPyConnection
    record: LoadRecord
    part: Part
    brought: Rows
    old: str | None

    @property
    def dataset(self) -> Dataset:
        return DATASETS[self.part.dataset]

    @property
    def effective(self) -> str:
        return f"effective_{self.part.dataset}"

    @property
    def surviving_old(self) -> str:
        return f"surviving_old_{self.part.dataset}"

    def prepare(self, folder: Path, records: Sequence[LoadRecord]) -> Effect:
        dataset = self.dataset
        columns = PROVENANCE | dataset.base | self._enum_types()
        self._make_effective(columns)
        same_dataset = [r for r in records if r.part(dataset.name)]
        newer = [r for r in same_dataset if self._has_same_keys(r) and r.order > self.record.order]
        before = count_rows(self.connection, self.effective)
        for load in newer:
            _drop_superseded(self.connection, folder, dataset, load, self.effective)
        older = before - count_rows(self.connection, self.effective)
        if self.old is None or not same_dataset:
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {self.surviving_old} ({columns_sql(columns)})"
            )
            return _effect(
                self.connection, dataset, f"SELECT *, '{NEW}' AS kind FROM {self.effective}", older
            )
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE previous AS SELECT {typed_columns(columns)}
                FROM {self.old}.{dataset.name} WHERE load_id IN (SELECT unnest(?))""",
            [[r.load_id for r in same_dataset]],
        )
        unchanged = self._make_surviving_old(newer, older)
        events = _events(dataset, "previous", self.effective, self.surviving_old)
        effect = replace(_effect(self.connection, dataset, events, older), unchanged=unchanged)
        self.connection.execute("DROP TABLE previous")
        return effect

    def _make_effective(self, columns: Mapping[str, str]) -> None:
        record = self.record
        self.connection.register("incoming_rows", self.brought.rows)
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {self.effective} AS SELECT {typed_columns(columns)} FROM
                (SELECT ? AS load_id, ? AS source, ? AS origin, ? AS demo, * FROM incoming_rows)""",
            [record.load_id, record.source, record.origin, record.demo],
        )
        self.connection.unregister("incoming_rows")

    def _has_same_keys(self, other: LoadRecord) -> bool:
        record = self.record
        return not self.dataset.row_level or (record.source, record.origin) == (other.source, other.origin)

    def _make_surviving_old(self, newer: Sequence[LoadRecord], older: int) -> int:
        """Make the table of the rows of `previous` that stay; return how many do because theirs was set aside."""
        dataset, brought = self.dataset, self.brought
        same_source, parameters = "true", {}
        if dataset.row_level:
            same_source = "o.source = $source AND o.origin = $origin"
            parameters = {"source": self.record.source, "origin": self.record.origin}
        superseded = []
        aside = self._has_key_of("set_aside_keys", brought.set_aside)
        if self.part.replaces_on:
            window_table(self.connection, self.part)
            superseded.append(f"({in_window(self.part, 'o')} AND NOT {aside})")
        if older or brought.absent is not None:
            # Keys without an effective row: the file says there is none, or a newer load has removed it.
            superseded.append(self._has_key_of("load_keys", brought.decided()))
        covered, newest = "false", {}
        if superseded:
            covered = (
                f"{same_source} AND o.load_id NOT IN (SELECT unnest($newer)) AND ({' OR '.join(superseded)})"
            )
            newest = {"newer": [r.load_id for r in newer] or [""]}
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {self.surviving_old} AS SELECT * FROM previous o
                WHERE NOT EXISTS (SELECT 1 FROM {self.effective} e WHERE {same_key(dataset)})
                  AND NOT ({covered})""",
            parameters | newest if superseded else None,
        )
        return count_rows(
            self.connection, f"{self.surviving_old} o WHERE {same_source} AND {aside}", parameters
        )

    def _has_key_of(self, table: str, rows: pa.Table | None) -> str:
        """Make a table of the keys of some rows; return the condition that a row of `o` has one of them."""
        if rows is None or not rows.num_rows:
            return "false"
        key = {name: self.dataset.base[name] for name in self.dataset.key}
        self.connection.register("rows_with_keys", rows)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT DISTINCT {typed_columns(key)} FROM rows_with_keys"
        )
        self.connection.unregister("rows_with_keys")
        return f"EXISTS (SELECT 1 FROM {table} k WHERE {equal(self.dataset.key, 'k', 'o')})"

    def _enum_types(self) -> dict[str, str]:
        """Return the ENUM types of what the load brings to a row-level dataset and what the version before has."""
        dataset, rows = self.dataset, self.brought.rows
        if not dataset.row_level:
            return {}
        values: dict[str, set[str | None]] = {
            name: {str(getattr(self.record, name))}
            if name in PROVENANCE
            else set(pc.unique(rows[name]).to_pylist())
            for name in few_valued(dataset)
        }
        if self.old is not None:
            table = self.connection.execute(f"SELECT * FROM {self.old}.{dataset.name} LIMIT 0")
            for name, kind, *_ in list(table.description):
                if name in values and kind.id == "enum":
                    children: dict[str, Any] = dict(kind.children)
                    values[name] |= set(children["values"])
                elif name in values:
                    # A table without rows, or one made of the archive, has no ENUMs.
                    query = f'SELECT DISTINCT "{name}"::VARCHAR FROM {self.old}.{dataset.name}'
                    values[name] |= {text for (text,) in self.connection.execute(query).fetchall()}
        return {name: enum_type(texts) for name, texts in values.items()}


def _events(dataset: Dataset, before: str, changed: str, unchanged: str | None = None) -> str:
    """Return the query of the rows that are new, changed or removed, one row each with the `kind` of its change.

    The rows of `before` become those of `changed`, and of `unchanged` where others stay.
    """
    content = " OR ".join(f'o."{c}" IS DISTINCT FROM e."{c}"' for c in dataset.base)
    same = same_key(dataset)
    stays = [f"NOT EXISTS (SELECT 1 FROM {table} o WHERE {same})" for table in (unchanged, changed) if table]
    return f"""
        SELECT e.*, '{NEW}' AS kind FROM {changed} e WHERE NOT EXISTS (SELECT 1 FROM {before} o WHERE {same})
        UNION ALL BY NAME
        SELECT e.*, '{CHANGED}' AS kind FROM {before} o JOIN {changed} e ON {same} WHERE {content}
        UNION ALL BY NAME
        SELECT e.*, '{REMOVED}' AS kind FROM {before} e WHERE {" AND ".join(stays)}"""


def compare(connection: duckdb.DuckDBPyConnection, dataset: Dataset, before: str, after: str) -> Effect:
    """Return what turns the rows of `before` into those of `after`, both with base columns and provenance."""
    return _effect(connection, dataset, _events(dataset, before, after), 0)


def _effect(connection: duckdb.DuckDBPyConnection, dataset: Dataset, events: str, older: int) -> Effect:
    """Count events, one row per change with its `kind`, in all, by month and by unit."""
    month = f"strftime(\"{dataset.window_column}\", '%Y-%m')" if dataset.window_column else "NULL::VARCHAR"
    unit = "unit_code::VARCHAR" if "unit_code" in dataset.base else "NULL::VARCHAR"
    kinds = ", ".join(f"count(*) FILTER (kind = '{kind}')" for kind in (NEW, CHANGED, REMOVED))
    found = connection.execute(
        f"""WITH events AS ({events}), placed AS (SELECT {month} AS month, {unit} AS unit, kind FROM events)
            SELECT grouping(month) = 0, grouping(unit) = 0, month, unit, {kinds} FROM placed
            GROUP BY GROUPING SETS ((month), (unit), ()) ORDER BY month NULLS LAST, unit NULLS LAST"""
    ).fetchall()
    new, changed, removed = next((row[4:] for row in found if not row[0] and not row[1]), (0, 0, 0))
    return Effect(
        *(new, changed, removed, older),
        tuple((month, *counts) for by_month, _, month, _, *counts in found if by_month and month is not None),
        tuple((unit, *counts) for _, by_unit, _, unit, *counts in found if by_unit and unit is not None),
    )


def _drop_superseded(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, newer: LoadRecord, effective: str
) -> None:
    """Leave out of the effective rows what a newer load has the key of, or covers with its window."""
    same = equal(dataset.key, "a", effective)
    archived = archived_rows(dataset, [whole_path(folder, newer.load_id, dataset.name)])
    connection.execute(
        f"DELETE FROM {effective} WHERE EXISTS (SELECT 1 FROM {archived} a WHERE {same} AND NOT a.{SET_ASIDE})"
    )
    part = newer.part(dataset.name)
    if part is not None and part.replaces_on:
        window_table(connection, part)
        connection.execute(
            f"""DELETE FROM {effective} WHERE {in_window(part, effective)}
                AND NOT EXISTS (SELECT 1 FROM {archived} a WHERE {same} AND a.{SET_ASIDE})"""
        )
