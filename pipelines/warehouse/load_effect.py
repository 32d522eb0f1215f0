"""What one further load changes in a published version: which of its rows count, and which older rows they supersede."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from indicators.catalogue.datasets import DATASETS, PROVENANCE, Dataset
from pipelines.warehouse.archive import SET_ASIDE, Rows, whole_path
from pipelines.warehouse.previous_rows import PreviousRows
from pipelines.warehouse.records import LoadRecord, Part
from pipelines.warehouse.segments import year_of
from pipelines.warehouse.sql import (
    count_rows,
    enum_type,
    equal,
    few_valued,
    in_window,
    insert_new,
    text_literal,
    typed_columns,
    window_table,
)
from pipelines.warehouse.surviving_rows import archived_rows, key_columns


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
    """Work out what a load changes; return its effect on the main dataset. Leaves three temporary tables per dataset.

    `effective_<dataset>` are the rows of the load that count, `superseded_<dataset>` the keys of the rows that go of the
    version attached as `old` (None: there is none), `touched_<dataset>` the years of either. `records` are the active loads
    before this one.
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
    def superseded(self) -> str:
        return f"superseded_{self.part.dataset}"

    def prepare(self, folder: Path, records: Sequence[LoadRecord]) -> Effect:
        dataset = self.dataset
        self._make_effective()
        same_dataset = [r for r in records if r.part(dataset.name)]
        newer = [r for r in same_dataset if self._has_same_keys(r) and r.order > self.record.order]
        before = count_rows(self.connection, self.effective)
        for load in newer:
            _drop_superseded(self.connection, folder, dataset, load, self.effective)
        older = before - count_rows(self.connection, self.effective)
        previous = PreviousRows(self.connection, dataset, self.old if same_dataset else None, same_dataset)
        unchanged = self._make_superseded(previous, newer, older)
        return replace(_effect(self.connection, dataset, self._events(), older), unchanged=unchanged)

    def _make_effective(self) -> None:
        record = self.record
        columns = PROVENANCE | self.dataset.base | self._enum_types()
        self.connection.register("incoming_rows", _with_uuids(self.brought.rows, self.dataset))
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {self.effective} AS SELECT {typed_columns(columns)} FROM
                (SELECT ? AS load_id, ? AS source, ? AS origin, ? AS demo, * FROM incoming_rows)""",
            [record.load_id, record.source, record.origin, record.demo],
        )
        self.connection.unregister("incoming_rows")

    def _has_same_keys(self, other: LoadRecord) -> bool:
        record = self.record
        return not self.dataset.row_level or (record.source, record.origin) == (other.source, other.origin)

    def _make_superseded(self, previous: PreviousRows, newer: Sequence[LoadRecord], older: int) -> int:
        """Make the tables of what goes of the rows before; return how many stay because theirs was set aside."""
        dataset, brought = self.dataset, self.brought
        same_source = "true"
        if dataset.row_level:
            source, origin = text_literal(self.record.source), text_literal(self.record.origin)
            same_source = f"o.source = {source} AND o.origin = {origin}"
        aside = self._has_key_of("set_aside_keys", brought.set_aside)
        covered = []
        if self.part.replaces_on:
            window_table(self.connection, self.part)
            covered.append(f"{in_window(self.part, 'o')} AND NOT {aside}")
        if older or brought.absent is not None:
            # Keys without an effective row: the file says there is none, or a newer load has removed it.
            covered.append(self._has_key_of("load_keys", brought.decided()))
        replaced = self._key_in(self.effective)
        newer_ids = ", ".join(text_literal(r.load_id) for r in newer) or "''"
        gone = [f"{same_source} AND o.load_id NOT IN ({newer_ids}) AND {one}" for one in covered]
        rows = previous.query()
        if dataset.row_level:
            rows = previous.query_of(self._touched(previous, (f"{same_source} AND {replaced}", *gone)))
        content = " OR ".join(f'o."{c}" IS DISTINCT FROM e."{c}"' for c in dataset.base)
        columns = ", ".join(f'o."{column}"' for column in self._event_columns(key_columns(dataset)))
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {self.superseded} AS
                SELECT {columns}, true AS replaced, ({content}) AS changed
                FROM ({rows}) o JOIN {self.effective} e ON {same_key(dataset)}
                UNION ALL
                SELECT {columns}, false, false FROM ({rows}) o
                WHERE ({" OR ".join(f"({one})" for one in gone) or "false"}) AND NOT {replaced}"""
        )
        if aside == "false":
            return 0
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE rows_set_aside AS FROM ({previous.query()}) o WHERE {same_source} AND {aside}"
        )
        return count_rows(self.connection, surviving_old(dataset, "rows_set_aside"))

    def _touched(self, previous: PreviousRows, superseded: Sequence[str]) -> set[int | None]:
        """Make the table of the years in which rows come or go, and return them; rows go that meet one condition.

        Of other years no more is read than the columns that the conditions need.
        """
        year = f"SELECT DISTINCT {year_of(self.dataset)} FROM"
        touched = _first_column(self.connection, f"{year} {self.effective}")
        for condition in superseded:
            others = previous.query_of(one for one in previous.years if one not in touched)
            touched |= _first_column(self.connection, f"{year} ({others}) o WHERE {condition}")
        insert_new(
            self.connection, f"touched_{self.part.dataset}", {"year": "INTEGER"}, [(one,) for one in touched]
        )
        return touched

    def _event_columns(self, columns: Sequence[str] = ()) -> list[str]:
        """Some columns, and those that changes are counted by."""
        day, unit = self.dataset.window_column, "unit_code"
        counted = [*([day] if day else []), *([unit] if unit in self.dataset.base else [])]
        return list(dict.fromkeys([*columns, *counted]))

    def _events(self) -> str:
        """Return the query of the rows that are new, changed or removed, one row each with the `kind` of its change."""
        columns = self._event_columns()
        of_load, of_old = ("".join(f'{table}."{name}", ' for name in columns) for table in "eo")
        same = same_key(self.dataset)
        return f"""
            SELECT {of_load}'{NEW}' AS kind FROM {self.effective} e
            WHERE NOT EXISTS (SELECT 1 FROM {self.superseded} o WHERE o.replaced AND {same})
            UNION ALL BY NAME
            SELECT {of_load}'{CHANGED}' AS kind FROM {self.superseded} o JOIN {self.effective} e ON {same} WHERE o.changed
            UNION ALL BY NAME
            SELECT {of_old}'{REMOVED}' AS kind FROM {self.superseded} o WHERE NOT o.replaced"""

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
        return self._key_in(table)

    def _key_in(self, table: str) -> str:
        """The condition that a row of `o`, of row-level data of the source and origin of the load, has a key in a table."""
        key = self.dataset.key
        if self.dataset.row_level:
            # Keys of rows are known; this is the form in which DuckDB reads nothing of other rows but their keys.
            columns, wanted = (", ".join(f'{of}"{name}"' for name in key) for of in ("o.", ""))
            return f"(({columns}) IN (SELECT {f'({wanted})' if len(key) > 1 else wanted} FROM {table}))"
        return f"EXISTS (SELECT 1 FROM {table} k WHERE {equal(key, 'k', 'o')})"

    def _enum_types(self) -> dict[str, str]:
        """Return the ENUM types of what the load brings to a row-level dataset."""
        rows, few = self.brought.rows, few_valued(self.dataset) if self.dataset.row_level else []
        return {
            name: enum_type(
                [str(getattr(self.record, name))] if name in PROVENANCE else pc.unique(rows[name]).to_pylist()
            )
            for name in few
        }


def touched_years(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> set[int | None]:
    """Return the years in which `prepare_incoming` found rows of a row-level dataset to come or go."""
    return _first_column(connection, f"FROM touched_{dataset.name}")


def _with_uuids(rows: pa.Table, dataset: Dataset) -> pa.Table:
    """The rows with their UUIDs as such: each distinct text is read once, where DuckDB would read it in every row."""
    for at, (name, kind) in enumerate(zip(rows.column_names, rows.schema.types, strict=True)):
        if dataset.base.get(name) == "UUID" and pa.types.is_dictionary(kind):
            uuids = [_uuids(chunk) for chunk in rows.column(name).chunks]
            rows = rows.set_column(at, name, pa.chunked_array(uuids, type=pa.uuid()))
    return rows


def _uuids(texts: pa.DictionaryArray) -> pa.ExtensionArray:
    values = texts.dictionary
    data = bytes.fromhex("".join(pc.fill_null(values, "0" * 32).to_pylist()))
    _, given = values.is_valid().buffers()
    distinct = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(values), [given, pa.py_buffer(data)])
    return pa.ExtensionArray.from_storage(pa.uuid(), distinct.take(texts.indices))


def _first_column(connection: duckdb.DuckDBPyConnection, query: str) -> set[int | None]:
    return {row[0] for row in connection.execute(query).fetchall()}


def surviving_old(dataset: Dataset, rows: str) -> str:
    """Return the text after FROM of those of some rows of the version before that stay, as `o`."""
    return f"{rows} o WHERE NOT EXISTS (SELECT 1 FROM superseded_{dataset.name} e WHERE {same_key(dataset)})"


def _changes(dataset: Dataset, before: str, after: str) -> str:
    """Return the query of the rows that are new, changed or removed, one row each with the `kind` of its change."""
    content = " OR ".join(f'o."{c}" IS DISTINCT FROM e."{c}"' for c in dataset.base)
    same = same_key(dataset)
    return f"""
        SELECT e.*, '{NEW}' AS kind FROM {after} e WHERE NOT EXISTS (SELECT 1 FROM {before} o WHERE {same})
        UNION ALL BY NAME
        SELECT e.*, '{CHANGED}' AS kind FROM {before} o JOIN {after} e ON {same} WHERE {content}
        UNION ALL BY NAME
        SELECT e.*, '{REMOVED}' AS kind FROM {before} e WHERE NOT EXISTS (SELECT 1 FROM {after} o WHERE {same})"""


def compare(connection: duckdb.DuckDBPyConnection, dataset: Dataset, before: str, after: str) -> Effect:
    """Return what turns the rows of `before` into those of `after`, both with base columns and provenance."""
    return _effect(connection, dataset, _changes(dataset, before, after), 0)


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
