"""The rows of one further load against a published version: which count, and what they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from indicators.catalogue.datasets import DATASETS, PROVENANCE, Dataset
from pipelines.warehouse.archive import SET_ASIDE, Rows, whole_path
from pipelines.warehouse.records import LoadRecord, Part
from pipelines.warehouse.sql import enum_type, few_valued, insert, typed_columns
from pipelines.warehouse.surviving_rows import archived_rows, key_columns
from pipelines.warehouse.tables import columns_sql

#: What may happen to a row.
NEW, CHANGED, REMOVED = "new", "changed", "removed"


@dataclass(frozen=True)
class Effect:
    """What a load does to the rows that count: rows added, replaced by other content, removed, kept out (`older`).

    `standing` are rows that stay as they were because the load's own row of their key was set aside.

    `by_month` has (month as `2025-03`, rows new, changed, removed) where rows have a day, `by_unit` (the source's
    code of the unit, rows new, changed, removed) where they have a unit.
    """

    new: int
    changed: int
    removed: int
    older: int
    by_month: tuple[tuple[str, int, int, int], ...] = ()
    by_unit: tuple[tuple[str, int, int, int], ...] = ()
    standing: int = 0


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
    """Work out what a load changes; leaves temporary tables behind, two for each of its datasets.

    `effective_<dataset>` has the rows of the load that count (those an even newer load has spoken of are left
    out), `surviving_old_<dataset>` the rows of the version before that stay. `old` is the attached database of
    that version, or None where there is none. `records` are the active loads before this one. The effect told
    is that on the main dataset.
    """
    effects = [
        _prepare_part(connection, folder, records, incoming.record, part, incoming.rows[part.dataset], old)
        for part in incoming.record.parts
    ]
    return effects[0]


def _prepare_part(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    records: Sequence[LoadRecord],
    record: LoadRecord,
    part: Part,
    brought: Rows,
    old: str | None,
) -> Effect:
    dataset = DATASETS[part.dataset]
    effective, surviving_old = f"effective_{dataset.name}", f"surviving_old_{dataset.name}"
    connection.register("incoming_rows", brought.rows)
    columns = PROVENANCE | dataset.base
    columns |= _held_types(connection, dataset, record, brought, old)
    typed = typed_columns(columns)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {effective} AS
            SELECT {typed} FROM
                (SELECT ? AS load_id, ? AS source, ? AS origin, ? AS demo, * FROM incoming_rows)""",
        [record.load_id, record.source, record.origin, record.demo],
    )
    connection.unregister("incoming_rows")
    rivals = [r for r in records if r.part(dataset.name) and _same_keys(r, record, dataset)]
    newer = [r for r in rivals if r.order > record.order]
    before = connection.execute(f"SELECT count(*) FROM {effective}").fetchone()[0]
    for load in newer:
        _drop_superseded(connection, folder, dataset, load, effective)
    older = before - connection.execute(f"SELECT count(*) FROM {effective}").fetchone()[0]

    active = [r.load_id for r in records if r.part(dataset.name)]
    if old is None or not active:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {surviving_old} ({columns_sql(columns)})")
        return _effect(connection, dataset, f"SELECT *, '{NEW}' AS kind FROM {effective}", older)
    same_key = " AND ".join(f'o."{k}" IS NOT DISTINCT FROM e."{k}"' for k in key_columns(dataset))
    content = " OR ".join(f'o."{c}" IS DISTINCT FROM e."{c}"' for c in dataset.base)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE previous AS
            SELECT {typed_columns(columns)} FROM {old}.{dataset.name} WHERE load_id IN (SELECT unnest(?))""",
        [active],
    )
    not_newer = "o.load_id NOT IN (SELECT unnest($newer))"
    same_source = "o.source = $source AND o.origin = $origin" if dataset.row_level else "true"
    spoken_of = []
    aside = _keys_set_aside(connection, dataset, brought.set_aside)
    if part.replaces_on:
        _window_table(connection, part)
        spoken_of.append(
            f"""(EXISTS (SELECT 1 FROM load_window w
                WHERE o."{part.replaces_on}" BETWEEN w.first_on AND w.last_on
                  AND (w.unit IS NULL OR w.unit = o.unit_code)) AND NOT {aside})"""
        )
    if older or brought.absent is not None:
        # Keys without an effective row: the file says there is none, or a newer load has removed it.
        connection.register("brought", brought.spoken_of())
        names = ", ".join(f'"{k}"::{dataset.base[k]} AS "{k}"' for k in dataset.key)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE load_keys AS SELECT DISTINCT {names} FROM brought")
        connection.unregister("brought")
        same = " AND ".join(f'k."{name}" IS NOT DISTINCT FROM o."{name}"' for name in dataset.key)
        spoken_of.append(f"EXISTS (SELECT 1 FROM load_keys k WHERE {same})")
    covered, parameters = "false", None
    if spoken_of:
        covered = f"{same_source} AND {not_newer} AND ({' OR '.join(spoken_of)})"
        parameters = {"newer": [r.load_id for r in newer] or [""]}
        if dataset.row_level:
            parameters |= {"source": record.source, "origin": record.origin}
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {surviving_old} AS
            SELECT * FROM previous o
            WHERE NOT EXISTS (SELECT 1 FROM {effective} e WHERE {same_key}) AND NOT ({covered})""",
        parameters,
    )
    events = f"""
        SELECT e.*, '{NEW}' AS kind FROM {effective} e
        WHERE NOT EXISTS (SELECT 1 FROM previous o WHERE {same_key})
        UNION ALL BY NAME
        SELECT e.*, '{CHANGED}' AS kind FROM previous o JOIN {effective} e ON {same_key} WHERE {content}
        UNION ALL BY NAME
        SELECT e.*, '{REMOVED}' AS kind FROM previous e
        WHERE NOT EXISTS (SELECT 1 FROM {surviving_old} o WHERE {same_key})
          AND NOT EXISTS (SELECT 1 FROM {effective} o WHERE {same_key})"""
    effect = _effect(connection, dataset, events, older)
    standing = connection.execute(
        f"SELECT count(*) FROM {surviving_old} o WHERE {same_source} AND {aside}",
        {"source": record.source, "origin": record.origin} if dataset.row_level else None,
    ).fetchone()[0]
    connection.execute("DROP TABLE previous")
    return replace(effect, standing=standing)


def _keys_set_aside(connection: duckdb.DuckDBPyConnection, dataset: Dataset, keys: pa.Table | None) -> str:
    """The condition that a row of `o` has the key of a row that a load set aside."""
    if keys is None or not keys.num_rows:
        return "false"
    connection.register("set_aside", keys)
    names = ", ".join(f'"{k}"::{dataset.base[k]} AS "{k}"' for k in dataset.key)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE set_aside_keys AS SELECT DISTINCT {names} FROM set_aside"
    )
    connection.unregister("set_aside")
    same = " AND ".join(f'k."{name}" IS NOT DISTINCT FROM o."{name}"' for name in dataset.key)
    return f"EXISTS (SELECT 1 FROM set_aside_keys k WHERE {same})"


def _held_types(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    record: LoadRecord,
    brought: Rows,
    old: str | None,
) -> dict[str, str]:
    """The ENUM types that hold what a load brings to a row-level dataset beside what the version before has."""
    if not dataset.row_level:
        return {}
    values: dict[str, set[str | None]] = {
        **{name: {str(getattr(record, name))} for name in few_valued(dataset) if name in PROVENANCE},
        **{
            name: set(pc.unique(brought.rows[name]).to_pylist())
            for name in few_valued(dataset)
            if name in dataset.base
        },
    }
    if old is not None:
        before = connection.execute(f"SELECT * FROM {old}.{dataset.name} LIMIT 0").description
        for name, kind, *_ in before:
            # A table without rows has no ENUMs.
            if name in values and kind.id == "enum":
                values[name] |= set(dict(kind.children)["values"])
    return {name: enum_type(list(texts)) for name, texts in values.items()}


def compare(connection: duckdb.DuckDBPyConnection, dataset: Dataset, before: str, after: str) -> Effect:
    """What turns the rows of the table or query `before` into those of `after`; both have a dataset's base columns
    and where they came from."""
    same_key = " AND ".join(f'o."{k}" IS NOT DISTINCT FROM e."{k}"' for k in key_columns(dataset))
    content = " OR ".join(f'o."{c}" IS DISTINCT FROM e."{c}"' for c in dataset.base)
    events = f"""
        SELECT e.*, '{NEW}' AS kind FROM {after} e WHERE NOT EXISTS (SELECT 1 FROM {before} o WHERE {same_key})
        UNION ALL BY NAME
        SELECT e.*, '{CHANGED}' AS kind FROM {before} o JOIN {after} e ON {same_key} WHERE {content}
        UNION ALL BY NAME
        SELECT e.*, '{REMOVED}' AS kind FROM {before} e
        WHERE NOT EXISTS (SELECT 1 FROM {after} o WHERE {same_key})"""
    return _effect(connection, dataset, events, 0)


def _effect(connection: duckdb.DuckDBPyConnection, dataset: Dataset, events: str, older: int) -> Effect:
    """Events, one row per row that changes with the `kind` of its change, counted in all, by month and by unit."""
    month = f"strftime(\"{dataset.window_column}\", '%Y-%m')" if dataset.window_column else "NULL::VARCHAR"
    unit = "unit_code::VARCHAR" if "unit_code" in dataset.base else "NULL::VARCHAR"
    kinds = ", ".join(f"count(*) FILTER (kind = '{kind}')" for kind in (NEW, CHANGED, REMOVED))
    found = connection.execute(
        f"""WITH events AS ({events}), placed AS (SELECT {month} AS month, {unit} AS unit, kind FROM events)
            SELECT grouping(month) = 0, grouping(unit) = 0, month, unit, {kinds} FROM placed
            GROUP BY GROUPING SETS ((month), (unit), ()) ORDER BY month NULLS LAST, unit NULLS LAST"""
    ).fetchall()
    whole = next((row[4:] for row in found if not row[0] and not row[1]), (0, 0, 0))
    return Effect(
        *whole,
        older,
        tuple((month, *counts) for by_month, _, month, _, *counts in found if by_month and month is not None),
        tuple((unit, *counts) for _, by_unit, _, unit, *counts in found if by_unit and unit is not None),
    )


def _same_keys(load: LoadRecord, other: LoadRecord, dataset: Dataset) -> bool:
    return not dataset.row_level or (load.source == other.source and load.origin == other.origin)


def _drop_superseded(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, newer: LoadRecord, effective: str
) -> None:
    """Leave out of the effective rows what a newer load has the key of, or covers with its window."""
    same = " AND ".join(f'a."{k}" IS NOT DISTINCT FROM {effective}."{k}"' for k in dataset.key)
    archived = archived_rows(dataset, [whole_path(folder, newer.load_id, dataset.name)])
    connection.execute(
        f"DELETE FROM {effective} WHERE EXISTS (SELECT 1 FROM {archived} a WHERE {same} AND NOT a.{SET_ASIDE})"
    )
    part = newer.part(dataset.name)
    if part is not None and part.replaces_on:
        _window_table(connection, part)
        connection.execute(
            f"""DELETE FROM {effective} WHERE EXISTS (SELECT 1 FROM load_window w
                WHERE {effective}."{part.replaces_on}" BETWEEN w.first_on AND w.last_on
                  AND (w.unit IS NULL OR w.unit = {effective}.unit_code))
                AND NOT EXISTS (SELECT 1 FROM {archived} a WHERE {same} AND a.{SET_ASIDE})"""
        )


def _window_table(connection: duckdb.DuckDBPyConnection, part: Part) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE load_window (unit VARCHAR, first_on DATE, last_on DATE)")
    insert(connection, "load_window", part.coverage)
