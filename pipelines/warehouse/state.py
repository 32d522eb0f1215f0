"""Which rows count: a pure function of the active loads, whatever order they came in.

A row survives when no newer load has its key, and no newer load that speaks of a window covers it. Newer means
a later extract date, and at the same date the later load. Keys of row-level data are unique within a source and
an origin; keys of aggregates are unique altogether. A load may have a key without a row: its file says that
there is none.

`build` writes a whole new version. Given the version before it and the rows of one further load it works from
those two; asked for everything, it reads the archive instead. Both give the same rows.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.settings import REFERENCE
from pipelines.warehouse.archive import GONE, SET_ASIDE, Rows, archive_path, whole_path
from pipelines.warehouse.master import UNIT_FIELDS, Master
from pipelines.warehouse.priority import Holding, winners
from pipelines.warehouse.records import ACTIVE, CodeRow, LoadRecord, Part
from pipelines.warehouse.tables import (
    DATASETS,
    OTHER_TABLES,
    PROVENANCE,
    Dataset,
    all_tables,
    columns_sql,
)

COUNTS = "queue_counts"
#: Contents (SHA-256) of the queue counts that were shipped before it was asked whether counts are published.
SHIPPED_COUNTS = frozenset({"eb103f1d60679bdf0ca8efa99215e0e6f5250a01769fd95a999da8f5e12db2d8"})
#: Contact modes that are not contacts with the client: in no indicator.
NO_CONTACT = ("R60", "R71", "R72", "R80")
#: The groups of contact modes, as a type.
MODES = "ENUM ('in_person', 'remote', 'other')"
#: The date that decides which meaning of a code is in force.
CODE_DATE = {
    "visits": "coalesce(visit_on, booked_for, assessed_on)",
    "queue": "snapshot_on",
    "referrals": "received_on",
    "cases": "arrived_on",
}
SORT = {
    "visits": "area, unit, visit_on, source, origin, visit_id",
    "queue": "area, unit, snapshot_on, source, origin, entry_id",
    "referrals": "area, unit, received_on, source, origin, referral_id",
    "cases": "area, unit, arrived_on, source, origin, case_id",
}


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


#: A kind of change: rows of `e` that are not in the other, that differ in it, and the reverse.
NEW, CHANGED, REMOVED = "new", "changed", "removed"


@dataclass(frozen=True)
class Incoming:
    """The accepted rows of a load that is about to be published or inspected, by dataset."""

    record: LoadRecord
    rows: Mapping[str, Rows]


def key_columns(dataset: Dataset) -> list[str]:
    """The columns that make a row's key, with the source and origin it is unique in."""
    return (["source", "origin"] if dataset.row_level else []) + list(dataset.key)


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
    typed = _as(columns)
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
        _drop_spoken_of(connection, folder, dataset, load, effective)
    older = before - connection.execute(f"SELECT count(*) FROM {effective}").fetchone()[0]

    active = [r.load_id for r in records if r.part(dataset.name)]
    if old is None or not active:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {surviving_old} ({columns_sql(columns)})")
        return _effect(connection, dataset, f"SELECT *, '{NEW}' AS kind FROM {effective}", older)
    same_key = " AND ".join(f'o."{k}" IS NOT DISTINCT FROM e."{k}"' for k in key_columns(dataset))
    content = " OR ".join(f'o."{c}" IS DISTINCT FROM e."{c}"' for c in dataset.base)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE previous AS
            SELECT {_as(columns)} FROM {old}.{dataset.name} WHERE load_id IN (SELECT unnest(?))""",
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
        **{name: {str(getattr(record, name))} for name in _few(dataset) if name in PROVENANCE},
        **{
            name: set(pc.unique(brought.rows[name]).to_pylist())
            for name in _few(dataset)
            if name in dataset.base
        },
    }
    if old is not None:
        before = connection.execute(f"SELECT * FROM {old}.{dataset.name} LIMIT 0").description
        for name, kind, *_ in before:
            # A table without rows has no ENUMs.
            if name in values and kind.id == "enum":
                values[name] |= set(dict(kind.children)["values"])
    return {name: _enum(list(texts)) for name, texts in values.items()}


def _few(dataset: Dataset) -> list[str]:
    """The text columns of a row-level dataset that have few values, all but its key."""
    columns = PROVENANCE | dataset.base
    return [name for name, kind in columns.items() if kind == "VARCHAR" and name not in dataset.key]


def _as(types: Mapping[str, str]) -> str:
    """The column list of a SELECT that gives each column its type."""
    return ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in types.items())


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


def _drop_spoken_of(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, newer: LoadRecord, effective: str
) -> None:
    """Leave out of the effective rows what a newer load has the key of, or covers with its window."""
    same = " AND ".join(f'a."{k}" IS NOT DISTINCT FROM {effective}."{k}"' for k in dataset.key)
    archived = _archived(dataset, [whole_path(folder, newer.load_id, dataset.name)])
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


def _archived(dataset: Dataset, paths: Sequence[Path]) -> str:
    """The query of the rows of archive files of a dataset, with their file and position.

    What files of an earlier version lack is unknown: a column is NULL, and no row is marked as set aside.
    """
    files = ", ".join(_text(str(path)) for path in paths)
    read = f"read_parquet([{files}], filename = true, file_row_number = true, union_by_name = true)"
    columns = ", ".join(
        f'NULL::{kind} AS "{name}"' for name, kind in {**dataset.base, SET_ASIDE: "BOOLEAN"}.items()
    )
    return f"""(SELECT * REPLACE (coalesce({SET_ASIDE}, false) AS {SET_ASIDE}) FROM
                (SELECT {columns} WHERE false UNION ALL BY NAME SELECT * FROM {read}))"""


def _window_table(connection: duckdb.DuckDBPyConnection, part: Part) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE load_window (unit VARCHAR, first_on DATE, last_on DATE)")
    _insert(connection, "load_window", part.coverage)


def build(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    records: Sequence[LoadRecord],
    master: Master,
    meta: dict[str, str],
    *,
    incoming: LoadRecord | None = None,
    folded: Collection[str] = (),
    old: str | None = None,
    new: str = "new",
) -> None:
    """Write every table of a new version.

    `records` are all loads of the new version, statuses settled; `master` is what was decided by hand. The
    datasets of `incoming` are made of the tables that `prepare_incoming` left. Those named in `folded`, and all
    where there is no `old`, are folded from the archive; the others are taken over from the attached database
    `old`.
    """
    active = [r for r in records if r.status == ACTIVE]
    _insert_new(connection, "loads_all", OTHER_TABLES["loads"], [r.values() for r in records])
    for dataset in DATASETS.values():
        mine = [r for r in active if r.part(dataset.name)]
        if incoming is not None and incoming.part(dataset.name):
            query = (
                f"SELECT * FROM surviving_old_{dataset.name} "
                f"UNION ALL BY NAME SELECT * FROM effective_{dataset.name}"
            )
        elif old is not None and dataset.name not in folded:
            base = ", ".join(f'"{name}"' for name in (*PROVENANCE, *dataset.base))
            query = f"SELECT {base} FROM {old}.{dataset.name} WHERE load_id IN ({_listed(mine)})"
        else:
            query = fold_query(connection, folder, dataset, mine)
        if dataset.name == COUNTS:
            query = _with_shipped_published(query, mine)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW surviving_{dataset.name} AS {query}")
    _publish_codes(connection, master.code_map, new)
    _publish_units(connection, master, new)
    for dataset in DATASETS.values():
        if dataset.row_level:
            _publish_row_level(connection, dataset, new)
        else:
            order = ", ".join(f'"{k}"' for k in dataset.key)
            connection.execute(
                f"CREATE TABLE {new}.{dataset.name} AS "
                f"SELECT * FROM surviving_{dataset.name} ORDER BY {order}, load_id"
            )
    _publish_covered(connection, active, new)
    connection.execute(f"CREATE TABLE {new}.loads AS SELECT * FROM loads_all ORDER BY sequence")
    _publish_findings(connection, records, new)
    _insert_new(connection, f"{new}.meta", OTHER_TABLES["meta"], sorted(meta.items()), temporary=False)


def fold_query(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, records: Sequence[LoadRecord]
) -> str:
    """The query of all surviving rows of a dataset, from the archive alone."""
    columns = PROVENANCE | dataset.base
    if not records:
        return _no_rows(columns)
    for record in records:
        whole_path(folder, record.load_id, dataset.name)
    winners = superseded_query(connection, folder, dataset, records)
    return f"SELECT {_as(columns)} FROM ({winners}) WHERE place = 1 AND NOT covered AND NOT {GONE}"


def _no_rows(columns: Mapping[str, str]) -> str:
    return (
        "SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items()) + " WHERE false"
    )


def _with_shipped_published(query: str, records: Sequence[LoadRecord]) -> str:
    """Queue counts of which an earlier version did not say whether they are published: the shipped ones are."""
    shipped = [record for record in records if record.content_hash in SHIPPED_COUNTS]
    return f"""SELECT * REPLACE (CASE WHEN published IS NULL AND load_id IN ({_listed(shipped)}) THEN true
                                      ELSE published END AS published) FROM ({query})"""


def superseded_query(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, records: Sequence[LoadRecord]
) -> str:
    """The query of every archived row of some loads, with what speaks of it.

    `place` counts the loads that have the row's key, the newest being 1; `covered` says whether a newer load
    covers the row with its window. `file_row_number` is its position in its load's file.
    """
    archived, windows = f"archived_{dataset.name}", f"windows_{dataset.name}"
    paths = [archive_path(folder, r.load_id, dataset.name) for r in records]
    _insert_new(
        connection,
        archived,
        {
            "filename": "VARCHAR",
            **PROVENANCE,
            "sequence": "INTEGER",
            "extract_date": "DATE",
        },
        [
            (str(path), r.load_id, r.source, r.origin, r.demo, r.sequence, r.extract_date)
            for path, r in zip(paths, records, strict=True)
        ],
    )
    parts = [(r, part) for r in records if (part := r.part(dataset.name)) and part.replaces_on]
    _insert_new(
        connection,
        windows,
        {
            "load_id": "VARCHAR",
            "source": "VARCHAR",
            "origin": "VARCHAR",
            "sequence": "INTEGER",
            "extract_date": "DATE",
            "replaces_on": "VARCHAR",
            "unit": "VARCHAR",
            "first_on": "DATE",
            "last_on": "DATE",
        },
        [
            (r.load_id, r.source, r.origin, r.sequence, r.extract_date, part.replaces_on, *stretch)
            for r, part in parts
            for stretch in part.coverage
        ],
    )
    same_key = " AND ".join(f'k."{name}" IS NOT DISTINCT FROM a."{name}"' for name in key_columns(dataset))
    # A window speaks of one column; which one differs between sources.
    inside = " OR ".join(
        f"""(w.replaces_on = {_text(column)} AND a."{column}" BETWEEN w.first_on AND w.last_on)"""
        for column in sorted({part.replaces_on for _, part in parts if part.replaces_on})
    )
    covered = (
        f"""EXISTS (SELECT 1 FROM {windows} w
            WHERE w.source = a.source AND w.origin = a.origin
              AND (w.extract_date, w.sequence) > (a.extract_date, a.sequence)
              AND ({inside}) AND (w.unit IS NULL OR w.unit = a.unit_code)
              AND NOT EXISTS (SELECT 1 FROM keys_set_aside k WHERE k.load_id = w.load_id AND {same_key}))"""
        if inside
        else "false"
    )
    keys = ", ".join(f'"{k}"' for k in key_columns(dataset))
    return f"""
        WITH every_row AS (
            -- one row per archived row
            SELECT l.* EXCLUDE (filename), r.* EXCLUDE (filename)
            FROM {_archived(dataset, paths)} r JOIN {archived} l USING (filename)
        ), keys_set_aside AS (
            SELECT * FROM every_row WHERE {SET_ASIDE}
        ), placed AS (
            SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY extract_date DESC, sequence DESC) AS place
            FROM every_row WHERE NOT {SET_ASIDE}
        )
        SELECT *, {covered} AS covered FROM placed a"""


def _publish_codes(connection: duckdb.DuckDBPyConnection, code_map: Sequence[CodeRow], new: str) -> None:
    """The table `code_map`, and `resolved`: what every code that occurs means, one row per meaning in time.

    Of two meanings of one code, case and spaces around apart, the later one in `code_map` counts: with both,
    every row of that code would be there twice.
    """
    one_each = {
        (source, domain, code.strip().lower(), valid_from): (source, domain, code, ours, valid_from, valid_to)
        for source, domain, code, ours, valid_from, valid_to in code_map
    }
    _insert_new(
        connection,
        f"{new}.code_map",
        OTHER_TABLES["code_map"],
        sorted(one_each.values(), key=str),
        temporary=False,
    )
    _insert_new(
        connection, "our_codes", {"domain": "VARCHAR", "code": "VARCHAR", "grouped": "VARCHAR"}, _our_codes()
    )
    occurring: set[tuple[str, str, str]] = set()
    for dataset in DATASETS.values():
        if dataset.domains and _has_rows(connection, dataset):
            # All its codes in one reading of the rows, which may be a fold of the whole archive.
            lists = ", ".join(f"list(DISTINCT {column})" for column in dataset.domains.values())
            found = connection.execute(
                f"SELECT source, {lists} FROM surviving_{dataset.name} GROUP BY source"
            )
            for source, *codes in found.fetchall():
                for domain, mine in zip(dataset.domains, codes, strict=True):
                    occurring |= {(source, domain, code) for code in mine if code is not None}
    columns = {"source": "VARCHAR", "domain": "VARCHAR", "code": "VARCHAR"}
    _insert_new(connection, "occurring", columns, sorted(occurring))
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE resolved AS
            SELECT o.source, o.domain, o.code, m.our_code AS our, m.valid_from, m.valid_to
            FROM occurring o
            JOIN {new}.code_map m ON m.source = o.source AND m.domain = o.domain
                                 AND lower(trim(m.code)) = lower(trim(o.code))
            UNION ALL
            SELECT o.source, o.domain, o.code, c.code, NULL, NULL
            FROM occurring o
            JOIN our_codes c ON c.domain = o.domain AND c.code = o.code
            WHERE NOT EXISTS (SELECT 1 FROM {new}.code_map m WHERE m.source = o.source AND m.domain = o.domain
                              AND lower(trim(m.code)) = lower(trim(o.code)))"""
    )


@cache
def _our_codes() -> list[tuple[str, str, str | None]]:
    """The domain, code and group of every code of the shipped lists."""
    with (REFERENCE / "codes.csv").open(encoding="utf-8", newline="") as file:
        codes = [(row["domain"], row["code"], row["group"] or None) for row in csv.DictReader(file)]
    with (REFERENCE / "municipalities_2026.csv").open(encoding="utf-8", newline="") as file:
        return codes + [("municipality", row["municipality_code"], None) for row in csv.DictReader(file)]


def _publish_units(connection: duckdb.DuckDBPyConnection, master: Master, new: str) -> None:
    """One row per unit: the area is that of the load that brought it first, the name that of the newest.

    What has been decided by hand goes before both.
    """
    seen = []
    for dataset in DATASETS.values():
        if dataset.domains:
            seen.append(
                f"""SELECT DISTINCT coalesce(r.our, s.unit_code) AS unit, s.origin AS area, s.unit_name, s.load_id, s.demo
                    FROM surviving_{dataset.name} s
                    LEFT JOIN resolved r ON r.domain = 'unit' AND r.source = s.source AND r.code = s.unit_code
                    WHERE s.unit_code IS NOT NULL"""
            )
    decided = {"unit": "VARCHAR", **{name: OTHER_TABLES["units"][name] for name in UNIT_FIELDS}}
    rows = [(unit, *(values.get(name) for name in UNIT_FIELDS)) for unit, values in master.units.items()]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE decided_units ({columns_sql(decided)})")
    if rows:
        connection.executemany(
            f"INSERT INTO decided_units VALUES ({', '.join('?' * len(decided))})", sorted(rows, key=str)
        )
    _insert_new(
        connection,
        "demo_units",
        {"unit": "VARCHAR", "kind": "VARCHAR", "name_fi": "VARCHAR"},
        [(unit, *known) for unit, known in sorted(master.demo_units.items())],
    )
    connection.execute(
        f"""CREATE TABLE {new}.units AS
            WITH seen AS (
                -- one row per unit and load
                SELECT unit, area, load_id, max(unit_name) AS unit_name, bool_and(demo) AS demo
                FROM ({" UNION ALL ".join(seen)}) GROUP BY ALL
                UNION ALL
                SELECT DISTINCT unit, area, load_id, unit, demo FROM surviving_queue_counts WHERE unit IS NOT NULL
            ), loaded AS (
                -- one row per unit that occurs
                SELECT unit, arg_min(area, sequence) AS area,
                       arg_max(unit_name, (extract_date, sequence)) FILTER (unit_name IS NOT NULL) AS name,
                       bool_and(s.demo) AS demo
                FROM seen s JOIN loads_all USING (load_id) GROUP BY unit
            ), known AS (
                SELECT * FROM loaded
                UNION ALL
                SELECT unit, area, NULL, false FROM decided_units d
                WHERE area IS NOT NULL AND NOT EXISTS (SELECT 1 FROM loaded l WHERE l.unit = d.unit)
            )
            SELECT k.unit, coalesce(d.area, k.area) AS area, coalesce(d.kind, CASE WHEN k.demo THEN m.kind END) AS kind,
                   coalesce(d.name_fi, k.name, CASE WHEN k.demo THEN m.name_fi END, k.unit) AS name_fi, d.name_sv, d.name_en,
                   d.valid_from, d.valid_to, d.successor, k.demo
            FROM known k LEFT JOIN decided_units d USING (unit) LEFT JOIN demo_units m USING (unit)
            ORDER BY k.unit"""
    )


def _has_rows(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> bool:
    """Whether any row of a dataset survives."""
    return connection.execute(f"SELECT 1 FROM surviving_{dataset.name} LIMIT 1").fetchone() is not None


def _publish_row_level(connection: duckdb.DuckDBPyConnection, dataset: Dataset, new: str) -> None:
    """Surviving rows with our codes beside the source's own, sorted the way they are asked for.

    Columns of few values become ENUMs: they are written and answered from several times faster than text.
    """
    if not _has_rows(connection, dataset):
        _insert_new(connection, f"{new}.{dataset.name}", all_tables()[dataset.name], [], temporary=False)
        return
    domains = dataset.domains or {}
    few = _few(dataset)
    lists = ", ".join(f'list(DISTINCT "{name}")' for name in few)
    found = connection.execute(f"SELECT {lists} FROM surviving_{dataset.name}").fetchone()
    types = {name: _enum(values) for name, values in zip(few, found, strict=True)}
    base = _as(PROVENANCE | dataset.base | types)
    areas = _enum(
        [area for (area,) in connection.execute(f"SELECT DISTINCT area FROM {new}.units").fetchall()]
    )
    ours, joins = {}, []
    for domain, column in domains.items():
        alias = f"means_{domain}"
        kind = _means(connection, alias, domain, types["source"], types[column], areas, new)
        ours[domain] = f"coalesce({alias}.our, TRY_CAST({_unknown(domain, f's.{column}')} AS {kind}))"
        joins.append(
            f"""LEFT JOIN {alias} ON {alias}.source = s.source AND {alias}.code = s.{column}
                AND ({alias}.valid_from IS NULL OR {CODE_DATE[dataset.name]} >= {alias}.valid_from)
                AND ({alias}.valid_to IS NULL OR {CODE_DATE[dataset.name]} <= {alias}.valid_to)"""
        )
    derived = ours | {
        "area": "means_unit.area",
        "counted": "true",
        "mode": f"coalesce(means_mode_code.mode, 'other'::{MODES})",
        "client_contact": "coalesce(means_mode_code.client_contact, true)",
    }
    final = ", ".join(
        f'{derived[name]} AS "{name}"' if name in derived else f's."{name}"'
        for name in all_tables()[dataset.name]
    )
    placed = f"""WITH typed AS MATERIALIZED (SELECT {base} FROM surviving_{dataset.name})
            SELECT {final} FROM typed s {" ".join(joins)}"""
    sources = found[few.index("source")] or []
    if len(sources) > 1:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE placed AS {placed}")
        placed = _one_source_counts(connection, dataset)
    connection.execute(f"CREATE TABLE {new}.{dataset.name} AS {placed} ORDER BY {SORT[dataset.name]}")
    connection.execute("DROP TABLE IF EXISTS placed")


#: What a source must have of a month for the month to be its: something that happened.
REALISED = {"visits": "state = 'realised' AND client_contact"}


def holdings_query(dataset: Dataset, table: str, where: str = "true") -> str:
    """The query of what the sources hold in a published table, one row per `Holding`, with its rows counted."""
    kind = "kind" if "kind" in (dataset.domains or {}) else "NULL"
    return f"""SELECT source::VARCHAR AS source, area::VARCHAR AS area, service::VARCHAR AS service,
                      {kind}::VARCHAR AS kind, {_month(dataset)} AS month,
                      bool_or({REALISED.get(dataset.name, "true")}) AS realised, count(*) AS rows
               FROM {table} WHERE {where} GROUP BY ALL ORDER BY ALL"""


def _month(dataset: Dataset) -> str:
    return f"date_trunc('month', {CODE_DATE[dataset.name]})::DATE"


def _one_source_counts(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> str:
    """The query of the rows in `placed`, where only those of one source count in each area, service and month."""
    held = connection.execute(holdings_query(dataset, "placed")).fetchall()
    counted = winners(dataset.name, [Holding(*row[:-1]) for row in held])
    _insert_new(
        connection,
        "counting",
        {
            "source": "VARCHAR",
            "area": "VARCHAR",
            "service": "VARCHAR",
            "kind": "VARCHAR",
            "month": "DATE",
            "counts": "BOOLEAN",
        },
        [(h.source, h.area, h.service, h.kind, h.month, counts) for h, counts in counted.items()],
    )
    parts = ["area", "service", *(["kind"] if "kind" in (dataset.domains or {}) else [])]
    same = " AND ".join(f"c.{name} IS NOT DISTINCT FROM p.{name}::VARCHAR" for name in ["source", *parts])
    return f"""SELECT p.* REPLACE (c.counts AS counted) FROM placed p
               JOIN counting c ON {same} AND c.month IS NOT DISTINCT FROM {_month(dataset)}"""


def _means(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    domain: str,
    source_type: str,
    code_type: str,
    areas: str,
    new: str,
) -> str:
    """Make the table of what the codes of a domain mean, with what follows from it; returns the type of `our`.

    One row per source, code and time it has that meaning.
    """
    meanings = connection.execute(
        f"""SELECT DISTINCT unnest([our, {_unknown(domain, "code")}]) FROM resolved WHERE domain = ?
            UNION SELECT DISTINCT {_unknown(domain, "code")} FROM occurring WHERE domain = ?""",
        [domain, domain],
    ).fetchall()
    kind = _enum([value for (value,) in meanings])
    no_contact = ", ".join(f"'{code}'" for code in NO_CONTACT)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {table} AS
            SELECT o.source::{source_type} AS source, TRY_CAST(o.code AS {code_type}) AS code,
                   r.our::{kind} AS our, r.valid_from, r.valid_to, u.area::{areas} AS area,
                   CASE WHEN c.grouped IN ('in_person', 'remote') THEN c.grouped ELSE 'other' END
                       ::{MODES} AS mode,
                   coalesce(r.our NOT IN ({no_contact}), true) AS client_contact
            FROM occurring o
            LEFT JOIN resolved r ON r.source = o.source AND r.domain = o.domain AND r.code = o.code
            LEFT JOIN our_codes c ON c.domain = o.domain AND c.code = r.our
            LEFT JOIN {new}.units u ON o.domain = 'unit' AND u.unit = coalesce(r.our, o.code)
            WHERE o.domain = ? AND TRY_CAST(o.source AS {source_type}) IS NOT NULL
              AND TRY_CAST(o.code AS {code_type}) IS NOT NULL""",
        [domain],
    )
    return kind


def _unknown(domain: str, code: str) -> str:
    """The SQL of how a code without a meaning appears; a unit without one is its own code."""
    return code if domain == "unit" else f"'?' || {code}"


def _enum(values: Sequence[str | None] | None) -> str:
    known = sorted({value for value in values or () if value is not None}) or [""]
    return "ENUM (" + ", ".join(_text(value) for value in known) + ")"


def _publish_covered(connection: duckdb.DuckDBPyConnection, active: Sequence[LoadRecord], new: str) -> None:
    """Covered days per dataset, source, origin and unit, overlapping and adjoining stretches made one."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE stretches (dataset VARCHAR, source VARCHAR, origin VARCHAR, "
        "unit_code VARCHAR, first_on DATE, last_on DATE, demo BOOLEAN)"
    )
    _insert(
        connection,
        "stretches",
        [
            (part.dataset, r.source, r.origin, unit, first, last, r.demo)
            for r in active
            for part in r.parts
            for unit, first, last in part.coverage
            if first <= last
        ],
    )
    units = " UNION ".join(
        f"SELECT DISTINCT source, origin, unit FROM {new}.{dataset.name}"
        for dataset in DATASETS.values()
        if dataset.row_level
    )
    connection.execute(
        f"""CREATE TABLE {new}.covered AS
            WITH units_of_origin AS (
                {units}
            ), named AS (
                -- one row per stated stretch and unit; a stretch without a unit speaks of every unit of its origin
                SELECT s.dataset, s.source, s.origin, coalesce(r.our, s.unit_code) AS unit, first_on, last_on, demo
                FROM stretches s
                LEFT JOIN resolved r ON r.domain = 'unit' AND r.source = s.source AND r.code = s.unit_code
                WHERE s.unit_code IS NOT NULL
                UNION ALL
                SELECT s.dataset, s.source, s.origin, o.unit, first_on, last_on, demo
                FROM stretches s JOIN units_of_origin o USING (source, origin) WHERE s.unit_code IS NULL
            ), started AS (
                SELECT *, CASE WHEN first_on <= 1 + max(last_on) OVER (
                        PARTITION BY dataset, source, origin, unit ORDER BY first_on, last_on
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                    AND dataset <> 'queue' THEN 0 ELSE 1 END AS starts
                FROM (SELECT DISTINCT * FROM named)
            ), numbered AS (
                SELECT *, sum(starts) OVER (
                    PARTITION BY dataset, source, origin, unit ORDER BY first_on, last_on) AS island
                FROM started
            )
            SELECT dataset, source, origin, u.area, n.unit, min(first_on) AS first_on, max(last_on) AS last_on,
                   bool_or(n.demo) AS demo
            FROM numbered n LEFT JOIN {new}.units u USING (unit)
            GROUP BY dataset, source, origin, u.area, n.unit, island
            ORDER BY dataset, area, unit, first_on, source, origin"""
    )


def _publish_findings(connection: duckdb.DuckDBPyConnection, records: Sequence[LoadRecord], new: str) -> None:
    rows = [
        (
            r.load_id,
            finding["code"],
            finding["level"],
            finding["field"],
            finding["count"],
            json.dumps(finding["rows"]),
            json.dumps(finding.get("params", {}), ensure_ascii=False),
        )
        for r in records
        for finding in json.loads(r.findings)
    ]
    _insert_new(connection, f"{new}.findings", OTHER_TABLES["findings"], rows, temporary=False)


def _insert_new(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    rows: Sequence[Sequence[object]],
    *,
    temporary: bool = True,
) -> None:
    kind = "OR REPLACE TEMP TABLE" if temporary else "TABLE"
    connection.execute(f"CREATE {kind} {table} ({columns_sql(columns)})")
    _insert(connection, table, rows)


def _listed(records: Sequence[LoadRecord]) -> str:
    return ", ".join(f"'{r.load_id}'" for r in records) or "NULL"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        names = [f"c{number}" for number in range(len(rows[0]))]
        arrow = pa.table([pa.array(column) for column in zip(*rows, strict=True)], names=names)
        connection.register("rows_to_insert", arrow)
        connection.execute(f"INSERT INTO {table} SELECT * FROM rows_to_insert")
        connection.unregister("rows_to_insert")
