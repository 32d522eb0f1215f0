"""Which rows count: a pure function of the active loads, whatever order they came in.

A row survives when no newer load has a row of its key, and no newer load that speaks of a window covers it.
Newer means a later extract date, and at the same date the later load. Keys of row-level data are unique within
a source and an origin; keys of aggregates are unique altogether.

`build` writes a whole new version. Given the version before it and the rows of one further load it works from
those two; asked for everything, it reads the archive instead. Both give the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.settings import REFERENCE
from pipelines.warehouse.archive import CodeRow, archive_path
from pipelines.warehouse.records import ACTIVE, LoadRecord
from pipelines.warehouse.tables import (
    DATASETS,
    OTHER_TABLES,
    PROVENANCE,
    Dataset,
    all_tables,
    columns_sql,
)

#: Contact modes that are not contacts with the client: in no indicator.
NO_CONTACT = ("R60", "R71", "R72", "R80")
#: The date that decides which meaning of a code is in force.
CODE_DATE = {"visits": "coalesce(visit_on, booked_for, assessed_on)", "queue": "snapshot_on"}
SORT = {
    "visits": "area, unit, visit_on, source, origin, visit_id",
    "queue": "area, unit, snapshot_on, source, origin, entry_id",
}


@dataclass(frozen=True)
class Effect:
    """What a load does to the rows that count: rows added, replaced by other content, removed, kept out.

    `by_month` has (month as `2025-03`, rows new, changed, removed), for row-level data only.
    """

    new: int
    changed: int
    removed: int
    older: int
    by_month: tuple[tuple[str, int, int, int], ...] = ()


@dataclass(frozen=True)
class Incoming:
    """The accepted rows of a load that is about to be published or inspected."""

    record: LoadRecord
    rows: pa.Table


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
    """Work out what a load changes; leaves the temporary tables `effective` and `surviving_old` behind.

    `effective` has the rows of the load that count (those an even newer load has spoken of are left out),
    `surviving_old` the rows of the version before that stay. `old` is the attached database of that version, or
    None where there is none. `records` are the active loads before this one.
    """
    record, dataset = incoming.record, DATASETS[incoming.record.dataset]
    connection.register("incoming_rows", incoming.rows)
    columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in dataset.base.items())
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE effective AS
            SELECT ? AS load_id, ? AS source, ? AS origin, ? AS demo, {columns} FROM incoming_rows""",
        [record.load_id, record.source, record.origin, record.demo],
    )
    connection.unregister("incoming_rows")
    rivals = [r for r in records if r.dataset == record.dataset and _same_keys(r, record, dataset)]
    newer = [r for r in rivals if r.order > record.order]
    before = connection.execute("SELECT count(*) FROM effective").fetchone()[0]
    for load in newer:
        _drop_spoken_of(connection, folder, dataset, load)
    older = before - connection.execute("SELECT count(*) FROM effective").fetchone()[0]

    base = ", ".join(f'"{name}"' for name in (*PROVENANCE, *dataset.base))
    active = [r.load_id for r in records if r.dataset == record.dataset]
    if old is None or not active:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE surviving_old ({columns_sql(PROVENANCE | dataset.base)})"
        )
        return Effect(before - older, 0, 0, older, _months(_count_by_month(connection, dataset)))
    same_key = " AND ".join(f'o."{k}" IS NOT DISTINCT FROM e."{k}"' for k in key_columns(dataset))
    content = " OR ".join(f'o."{c}" IS DISTINCT FROM e."{c}"' for c in dataset.base)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE previous AS
            SELECT {base} FROM {old}.{dataset.name} WHERE load_id IN (SELECT unnest(?))""",
        [active],
    )
    covered, parameters = "false", None
    if record.replaces_window:
        _window_table(connection, record)
        covered = f"""o.source = $source AND o.origin = $origin AND o.load_id NOT IN (SELECT unnest($newer))
            AND EXISTS (SELECT 1 FROM load_window w
                WHERE o."{dataset.window_column}" BETWEEN w.first_on AND w.last_on
                  AND (w.unit IS NULL OR w.unit = o.unit_code))"""
        parameters = {
            "source": record.source,
            "origin": record.origin,
            "newer": [r.load_id for r in newer] or [""],
        }
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE surviving_old AS
            SELECT * FROM previous o
            WHERE NOT EXISTS (SELECT 1 FROM effective e WHERE {same_key}) AND NOT ({covered})""",
        parameters,
    )
    month = f"strftime(\"{dataset.window_column}\", '%Y-%m')" if dataset.window_column else "NULL"
    found = connection.execute(
        f"""WITH matched AS (
                -- one row per key that both have
                SELECT e.*, ({content}) AS differs FROM previous o JOIN effective e ON {same_key}
            ), events AS (
                SELECT {month} AS month, 'new' AS kind FROM effective e
                WHERE NOT EXISTS (SELECT 1 FROM previous o WHERE {same_key})
                UNION ALL
                SELECT {month}, 'changed' FROM matched WHERE differs
                UNION ALL
                SELECT {month}, 'removed' FROM previous e
                WHERE NOT EXISTS (SELECT 1 FROM surviving_old o WHERE {same_key})
                  AND NOT EXISTS (SELECT 1 FROM effective o WHERE {same_key})
            )
            SELECT month, count(*) FILTER (kind = 'new'), count(*) FILTER (kind = 'changed'),
                   count(*) FILTER (kind = 'removed')
            FROM events GROUP BY month ORDER BY month NULLS LAST"""
    ).fetchall()
    connection.execute("DROP TABLE previous")
    new, changed, removed = (sum(row[i] for row in found) for i in (1, 2, 3))
    return Effect(new, changed, removed, older, _months(found))


def _months(found: Sequence[tuple[str | None, int, int, int]]) -> tuple[tuple[str, int, int, int], ...]:
    return tuple(row for row in found if row[0] is not None)


def _count_by_month(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset
) -> list[tuple[str, int, int, int]]:
    if dataset.window_column is None:
        return []
    return connection.execute(
        f"""SELECT strftime("{dataset.window_column}", '%Y-%m') AS month, count(*), 0, 0
            FROM effective GROUP BY month ORDER BY month NULLS LAST"""
    ).fetchall()


def _same_keys(load: LoadRecord, other: LoadRecord, dataset: Dataset) -> bool:
    return not dataset.row_level or (load.source == other.source and load.origin == other.origin)


def _drop_spoken_of(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, newer: LoadRecord
) -> None:
    """Leave out of `effective` what a newer load has a row of, or covers with its window."""
    same = " AND ".join(f'a."{k}" IS NOT DISTINCT FROM effective."{k}"' for k in dataset.key)
    connection.execute(
        f"DELETE FROM effective WHERE EXISTS (SELECT 1 FROM read_parquet(?) a WHERE {same})",
        [str(archive_path(folder, newer.load_id))],
    )
    if newer.replaces_window:
        _window_table(connection, newer)
        connection.execute(
            f"""DELETE FROM effective WHERE EXISTS (SELECT 1 FROM load_window w
                WHERE effective."{dataset.window_column}" BETWEEN w.first_on AND w.last_on
                  AND (w.unit IS NULL OR w.unit = effective.unit_code))"""
        )


def _window_table(connection: duckdb.DuckDBPyConnection, record: LoadRecord) -> None:
    connection.execute("CREATE OR REPLACE TEMP TABLE load_window (unit VARCHAR, first_on DATE, last_on DATE)")
    _insert(connection, "load_window", record.coverage)


def build(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    records: Sequence[LoadRecord],
    code_map: Sequence[CodeRow],
    meta: dict[str, str],
    *,
    incoming: LoadRecord | None = None,
    old: str | None = None,
    new: str = "new",
) -> None:
    """Write every table of a new version.

    `records` are all loads of the new version, statuses settled. With `incoming`, that load's dataset is made
    of `surviving_old` and `effective` (see `prepare_incoming`). The other datasets are taken over from the
    attached database `old`; where that is None, they are folded from the archive.
    """
    active = [r for r in records if r.status == ACTIVE]
    _insert_new(connection, "loads_all", OTHER_TABLES["loads"], [r.values() for r in records])
    for dataset in DATASETS.values():
        mine = [r for r in active if r.dataset == dataset.name]
        if incoming is not None and incoming.dataset == dataset.name:
            query = "SELECT * FROM surviving_old UNION ALL BY NAME SELECT * FROM effective"
        elif old is not None:
            base = ", ".join(f'"{name}"' for name in (*PROVENANCE, *dataset.base))
            query = f"SELECT {base} FROM {old}.{dataset.name} WHERE load_id IN ({_listed(mine)})"
        else:
            query = _fold(connection, folder, dataset, mine)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW surviving_{dataset.name} AS {query}")
    _publish_codes(connection, code_map, new)
    _publish_units(connection, new)
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


def _fold(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, records: Sequence[LoadRecord]
) -> str:
    """The query of all surviving rows of a dataset, from the archive alone."""
    columns = PROVENANCE | dataset.base
    if not records:
        return (
            "SELECT "
            + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
            + " WHERE false"
        )
    parts = " UNION ALL BY NAME ".join(
        f"""SELECT '{r.load_id}' AS load_id, {_text(r.source)} AS source, {_text(r.origin)} AS origin,
                   {r.demo} AS demo, {r.sequence} AS sequence, DATE '{r.extract_date}' AS extract_date, *
            FROM read_parquet({_text(str(archive_path(folder, r.load_id)))})"""
        for r in records
    )
    keys = ", ".join(f'"{k}"' for k in key_columns(dataset))
    names = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns.items())
    windows = f"windows_{dataset.name}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {windows} (source VARCHAR, origin VARCHAR, sequence INTEGER, "
        "extract_date DATE, unit VARCHAR, first_on DATE, last_on DATE)"
    )
    _insert(
        connection,
        windows,
        [
            (r.source, r.origin, r.sequence, r.extract_date, *stretch)
            for r in records
            if dataset.row_level and r.replaces_window
            for stretch in r.coverage
        ],
    )
    removed = (
        f"""WHERE NOT EXISTS (SELECT 1 FROM {windows} w
            WHERE w.source = a.source AND w.origin = a.origin
              AND (w.extract_date, w.sequence) > (a.extract_date, a.sequence)
              AND a."{dataset.window_column}" BETWEEN w.first_on AND w.last_on
              AND (w.unit IS NULL OR w.unit = a.unit_code))"""
        if dataset.window_column
        else ""
    )
    return f"""
        -- one row per key: that of the newest load
        WITH newest AS (
            SELECT * FROM ({parts})
            QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY extract_date DESC, sequence DESC) = 1
        )
        SELECT {names} FROM newest a {removed}"""


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
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE our_codes AS
           SELECT domain, code, "group" AS grouped FROM read_csv(?, all_varchar = true)
           UNION ALL
           SELECT 'municipality', municipality_code, NULL FROM read_csv(?, all_varchar = true)""",
        [str(REFERENCE / "codes.csv"), str(REFERENCE / "municipalities_2026.csv")],
    )
    codes = " UNION ".join(
        f"SELECT DISTINCT source, '{domain}' AS domain, {column} AS code FROM surviving_{dataset.name} WHERE {column} IS NOT NULL"
        for dataset in DATASETS.values()
        for domain, column in (dataset.domains or {}).items()
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE occurring AS {codes}")
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


def _publish_units(connection: duckdb.DuckDBPyConnection, new: str) -> None:
    """One row per unit: the area is that of the load that brought it first, the name that of the newest."""
    seen = []
    for dataset in DATASETS.values():
        if dataset.domains:
            seen.append(
                f"""SELECT DISTINCT coalesce(r.our, s.unit_code) AS unit, s.origin AS area, s.unit_name, s.load_id, s.demo
                    FROM surviving_{dataset.name} s
                    LEFT JOIN resolved r ON r.domain = 'unit' AND r.source = s.source AND r.code = s.unit_code
                    WHERE s.unit_code IS NOT NULL"""
            )
    connection.execute(
        f"""CREATE TABLE {new}.units AS
            WITH seen AS (
                -- one row per unit and load
                SELECT unit, area, load_id, max(unit_name) AS unit_name, bool_and(demo) AS demo
                FROM ({" UNION ALL ".join(seen)}) GROUP BY ALL
                UNION ALL
                SELECT DISTINCT unit, area, load_id, unit, demo FROM surviving_queue_counts WHERE unit IS NOT NULL
            )
            SELECT unit, arg_min(area, sequence) AS area, NULL::VARCHAR AS kind,
                   coalesce(arg_max(unit_name, (extract_date, sequence)) FILTER (unit_name IS NOT NULL), unit) AS name_fi,
                   NULL::VARCHAR AS name_sv, NULL::VARCHAR AS name_en,
                   NULL::DATE AS valid_from, NULL::DATE AS valid_to, NULL::VARCHAR AS successor,
                   bool_and(s.demo) AS demo
            FROM seen s JOIN loads_all USING (load_id) GROUP BY unit ORDER BY unit"""
    )


def _publish_row_level(connection: duckdb.DuckDBPyConnection, dataset: Dataset, new: str) -> None:
    """Surviving rows with our codes beside the source's own, sorted the way they are asked for.

    Columns of few values become ENUMs: they are written and answered from several times faster than text.
    """
    domains = dataset.domains or {}
    columns = PROVENANCE | dataset.base
    few = [name for name, kind in columns.items() if kind == "VARCHAR" and name not in dataset.key]
    lists = ", ".join(f'list(DISTINCT "{name}")' for name in few)
    found = connection.execute(f"SELECT {lists} FROM surviving_{dataset.name}").fetchone()
    types = {name: _enum(values) for name, values in zip(few, found, strict=True)}
    base = ", ".join(f'"{name}"::{types.get(name, kind)} AS "{name}"' for name, kind in columns.items())
    ours, joins = {}, []
    for domain, column in domains.items():
        alias = f"means_{domain}"
        kind = _means(connection, alias, domain, types["source"], types[column], new)
        ours[domain] = f"coalesce({alias}.our, TRY_CAST({_unknown(domain, f's.{column}')} AS {kind}))"
        joins.append(
            f"""LEFT JOIN {alias} ON {alias}.source = s.source AND {alias}.code = s.{column}
                AND ({alias}.valid_from IS NULL OR {CODE_DATE[dataset.name]} >= {alias}.valid_from)
                AND ({alias}.valid_to IS NULL OR {CODE_DATE[dataset.name]} <= {alias}.valid_to)"""
        )
    derived = ours | {
        "area": "means_unit.area",
        "counted": "true",
        "mode": "coalesce(means_mode_code.mode, 'other')",
        "client_contact": "coalesce(means_mode_code.client_contact, true)",
    }
    final = ", ".join(
        f'{derived[name]} AS "{name}"' if name in derived else f's."{name}"'
        for name in all_tables()[dataset.name]
    )
    connection.execute(
        f"""CREATE TABLE {new}.{dataset.name} AS
            WITH typed AS MATERIALIZED (SELECT {base} FROM surviving_{dataset.name})
            SELECT {final} FROM typed s {" ".join(joins)}
            ORDER BY {SORT[dataset.name]}"""
    )


def _means(
    connection: duckdb.DuckDBPyConnection, table: str, domain: str, source_type: str, code_type: str, new: str
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
    areas = _enum(
        [area for (area,) in connection.execute(f"SELECT DISTINCT area FROM {new}.units").fetchall()]
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {table} AS
            SELECT o.source::{source_type} AS source, TRY_CAST(o.code AS {code_type}) AS code,
                   r.our::{kind} AS our, r.valid_from, r.valid_to, u.area::{areas} AS area,
                   CASE WHEN c.grouped IN ('in_person', 'remote') THEN c.grouped ELSE 'other' END
                       ::ENUM ('in_person', 'remote', 'other') AS mode,
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
            (r.dataset, r.source, r.origin, unit, first, last, r.demo)
            for r in active
            if r.row_level
            for unit, first, last in r.coverage
            if first <= last
        ],
    )
    connection.execute(
        f"""CREATE TABLE {new}.covered AS
            WITH units_of_origin AS (
                SELECT DISTINCT source, origin, unit FROM {new}.visits
                UNION SELECT DISTINCT source, origin, unit FROM {new}.queue
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
