"""Rows as they are published: with our codes, units and the one source that counts, sorted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import duckdb

from indicators.catalogue.datasets import PROVENANCE, Dataset
from indicators.catalogue.places import reference_rows
from pipelines.warehouse.master import UNIT_FIELDS, Master
from pipelines.warehouse.priority import UNNAMED, Holding, winners
from pipelines.warehouse.records import CodeRow
from pipelines.warehouse.segment_rows import SegmentRows
from pipelines.warehouse.sql import enum_type, few_valued, insert_new
from pipelines.warehouse.tables import NEW, OTHER_TABLES, all_tables, typed

#: Contact modes that are not contacts with the client: in no indicator.
NO_CONTACT = ("R60", "R71", "R72", "R80")
#: The groups of contact modes, as a type.
MODES = "ENUM ('in_person', 'remote', 'other')"


def publish_codes(connection: duckdb.DuckDBPyConnection, code_map: Sequence[CodeRow]) -> None:
    """Make the table `code_map`, and `resolved`: what every code that occurs means, one row per meaning in time.

    The table `occurring` has the codes, and perhaps others. Of two meanings of one code (case and spaces ignored) the later in
    `code_map` counts, so that no row is doubled.
    """
    one_each = {
        (source, domain, code.strip().lower(), valid_from): (source, domain, code, ours, valid_from, valid_to)
        for source, domain, code, ours, valid_from, valid_to in code_map
    }
    rows = sorted(one_each.values(), key=str)
    insert_new(connection, f"{NEW}.code_map", OTHER_TABLES["code_map"], rows, temporary=False)
    insert_new(connection, "our_codes", typed("domain code grouped"), _our_codes())
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE resolved AS
            SELECT o.source, o.domain, o.code, m.our_code AS our, m.valid_from, m.valid_to
            FROM occurring o
            JOIN {NEW}.code_map m ON m.source = o.source AND m.domain = o.domain
                                 AND lower(trim(m.code)) = lower(trim(o.code))
            UNION ALL
            SELECT o.source, o.domain, o.code, c.code, NULL, NULL
            FROM occurring o
            JOIN our_codes c ON c.domain = o.domain AND c.code = o.code
            WHERE NOT EXISTS (SELECT 1 FROM {NEW}.code_map m WHERE m.source = o.source AND m.domain = o.domain
                              AND lower(trim(m.code)) = lower(trim(o.code)))"""
    )


@cache
def _our_codes() -> list[tuple[str, str, str | None]]:
    codes = [(row["domain"], row["code"], row["group"] or None) for row in reference_rows("codes.csv")]
    municipalities = reference_rows("municipalities_2026.csv")
    return codes + [("municipality", row["municipality_code"], None) for row in municipalities]


def publish_units(connection: duckdb.DuckDBPyConnection, master: Master) -> None:
    """Make the table `units`, one row per unit: area of the first load that has it, name of the newest, then decisions."""
    decided = {name: OTHER_TABLES["units"][name] for name in ("unit", *UNIT_FIELDS)}
    rows = [(unit, *(values.get(name) for name in UNIT_FIELDS)) for unit, values in master.units.items()]
    insert_new(connection, "decided_units", decided, sorted(rows, key=str))
    demo = [(unit, *known) for unit, known in sorted(master.demo_units.items())]
    insert_new(connection, "demo_units", typed("unit kind name_fi"), demo)
    connection.execute(
        f"""CREATE TABLE {NEW}.units AS
            WITH seen AS (
                -- one row per unit and load
                SELECT unit, area, load_id, max(unit_name) AS unit_name, bool_and(demo) AS demo
                FROM (
                    SELECT coalesce(r.our, s.unit_code) AS unit, s.origin AS area, s.unit_name, s.load_id, s.demo
                    FROM {NEW}.segment_units s
                    LEFT JOIN resolved r ON r.domain = 'unit' AND r.source = s.source AND r.code = s.unit_code
                    WHERE s.unit_code IS NOT NULL
                ) GROUP BY ALL
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


def publish_row_level(
    connection: duckdb.DuckDBPyConnection,
    rows: SegmentRows,
    values: Mapping[str, Collection[str]],
    table: str,
) -> None:
    """Publish the rows of a segment in a table: with our codes and the source's own, in the dataset's sort order.

    `values` are those of the columns of few values, which become ENUMs: sorted and written several times faster than text.
    """
    dataset = rows.dataset
    types = published_types(connection, dataset, values)
    for domain, column in dataset.domains.items():
        casts = {"source": types["source"], "code": types[column], "our": types[domain]}
        query = means_sql(domain, casts | {"area": types["area"], "mode": MODES})
        connection.execute(f"CREATE OR REPLACE TEMP TABLE means_{domain} AS {query}")
    loaded = {name: types[name] for name in PROVENANCE | dataset.base}
    placed = (
        f"""WITH typed AS MATERIALIZED ({rows.query(loaded)}) {placed_sql(dataset, "typed", types, MODES)}"""
    )
    if len(values["source"]) > 1:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE placed AS {placed}")
        placed = _one_source_counts(connection, dataset)
    connection.execute(f"CREATE TABLE {table} AS {placed} ORDER BY {dataset.sort_order}")
    connection.execute("DROP TABLE IF EXISTS placed")


def published_types(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, values: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """The types of the columns of a published segment: texts of few values, our codes and areas as ENUMs."""
    areas = connection.execute(f"SELECT DISTINCT area FROM {NEW}.units").fetchall()
    meanings = _meanings(connection)
    return (
        all_tables()[dataset.name]
        | {name: enum_type(values[name]) for name in few_valued(dataset)}
        | {domain: enum_type(meanings.get(domain, ())) for domain in dataset.domains}
        | {"area": enum_type([area for (area,) in areas])}
        | ({"mode": MODES} if "mode_code" in dataset.domains else {})
    )


def placed_sql(dataset: Dataset, rows: str, kinds: Mapping[str, str], modes: str) -> str:
    """The query of loaded rows with our codes and areas, from the tables `means_<domain>`; all of them count as yet.

    Codes are of types `kinds` by domain, groups of contact modes of the type `modes`.
    """
    joins = " ".join(
        f"""LEFT JOIN means_{domain} ON means_{domain}.source = s.source AND means_{domain}.code = s.{column}
            AND (means_{domain}.valid_from IS NULL OR {dataset.code_date} >= means_{domain}.valid_from)
            AND (means_{domain}.valid_to IS NULL OR {dataset.code_date} <= means_{domain}.valid_to)"""
        for domain, column in dataset.domains.items()
    )
    return f"SELECT {_final_columns(dataset, kinds, modes)} FROM {rows} s {joins}"


def _final_columns(dataset: Dataset, kinds: Mapping[str, str], modes: str = MODES) -> str:
    """The column list of published rows: of loaded rows `s` and the meanings of their codes, of types `kinds` by domain."""
    derived = {
        domain: f"coalesce(means_{domain}.our, TRY_CAST({_unknown(domain, f's.{column}')} AS {kinds[domain]}))"
        for domain, column in dataset.domains.items()
    } | {
        "area": "means_unit.area",
        "counted": "true",
        "mode": f"coalesce(means_mode_code.mode, 'other'::{modes})",
        "client_contact": "coalesce(means_mode_code.client_contact, true)",
    }
    return ", ".join(
        f'{derived[name]} AS "{name}"' if name in derived else f's."{name}"'
        for name in all_tables()[dataset.name]
    )


def publishing_rules(dataset: Dataset) -> str:
    """A text of all that decides how loaded rows are published, besides the meanings of their codes and the areas of units."""
    columns = _final_columns(dataset, dict.fromkeys(dataset.domains, ""))
    priority = reference_rows("source_priority.csv")
    return "\n".join(
        map(str, (columns, all_tables()[dataset.name], dataset, NO_CONTACT, MODES, UNNAMED, priority))
    )


def holdings_query(dataset: Dataset, table: str, where: str = "true") -> str:
    """The query of what the sources hold in a published table, one row per `Holding`, with its rows counted."""
    kind = "kind" if "kind" in (dataset.domains or {}) else "NULL"
    return f"""SELECT source::VARCHAR AS source, area::VARCHAR AS area, service::VARCHAR AS service,
                      {kind}::VARCHAR AS kind, {_month(dataset)} AS month,
                      bool_or({dataset.realised}) AS realised, count(*) AS rows
               FROM {table} WHERE {where} GROUP BY ALL ORDER BY ALL"""


def _month(dataset: Dataset) -> str:
    return f"date_trunc('month', {dataset.code_date})::DATE"


def _one_source_counts(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> str:
    """The query of the rows in `placed`, where only those of one source count in each area, service and month."""
    holdings = connection.execute(holdings_query(dataset, "placed")).fetchall()
    insert_new(connection, "counting", COUNTING, counting_rows(dataset, holdings))
    return counted_sql(dataset, "placed")


#: The columns of the table of what counts.
COUNTING = typed("source area service kind", month="DATE", counts="BOOLEAN")


def counting_rows(dataset: Dataset, holdings: Sequence[Sequence[Any]]) -> list[tuple[object, ...]]:
    """The rows of the table `counting`, which says of each holding whether it counts; of the rows of `holdings_query`."""
    counted = winners(dataset.name, [Holding(*row[:-1]) for row in holdings])
    return [(h.source, h.area, h.service, h.kind, h.month, counts) for h, counts in counted.items()]


def counted_sql(dataset: Dataset, placed: str) -> str:
    """The query of published rows: of placed rows, where the table `counting` says which source counts."""
    names = ["source", "area", "service", *(["kind"] if "kind" in (dataset.domains or {}) else [])]
    same = " AND ".join(f"c.{name} IS NOT DISTINCT FROM p.{name}::VARCHAR" for name in names)
    columns = ", ".join(
        "c.counts AS counted" if name == "counted" else f'p."{name}"' for name in all_tables()[dataset.name]
    )
    return f"""SELECT {columns} FROM {placed} p
               JOIN counting c ON {same} AND c.month IS NOT DISTINCT FROM {_month(dataset)}"""


def _meanings(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """By domain, everything that a code of it may appear as."""
    found: dict[str, set[str]] = {}
    rows = connection.execute(
        "SELECT domain, code, our FROM occurring LEFT JOIN resolved USING (source, domain, code)"
    )
    for domain, code, our in rows.fetchall():
        # A unit without a meaning is its own code.
        found.setdefault(domain, set()).add(code if domain == "unit" else f"?{code}")
        if our is not None:
            found[domain].add(our)
    return found


def means_sql(domain: str, casts: Mapping[str, str]) -> str:
    """The query of the meanings of a domain's codes, one row per source, code and validity, with types `casts`."""
    no_contact = ", ".join(f"'{code}'" for code in NO_CONTACT)
    return f"""SELECT o.source::{casts["source"]} AS source, TRY_CAST(o.code AS {casts["code"]}) AS code,
                   r.our::{casts["our"]} AS our, r.valid_from, r.valid_to, u.area::{casts["area"]} AS area,
                   CASE WHEN c.grouped IN ('in_person', 'remote') THEN c.grouped ELSE 'other' END
                       ::{casts["mode"]} AS mode,
                   coalesce(r.our NOT IN ({no_contact}), true) AS client_contact
            FROM occurring o
            LEFT JOIN resolved r ON r.source = o.source AND r.domain = o.domain AND r.code = o.code
            LEFT JOIN our_codes c ON c.domain = o.domain AND c.code = r.our
            LEFT JOIN {NEW}.units u ON o.domain = 'unit' AND u.unit = coalesce(r.our, o.code)
            WHERE o.domain = '{domain}' AND TRY_CAST(o.source AS {casts["source"]}) IS NOT NULL
              AND TRY_CAST(o.code AS {casts["code"]}) IS NOT NULL"""


def _unknown(domain: str, code: str) -> str:
    """The SQL of how a code without a meaning appears; a unit without one is its own code."""
    return code if domain == "unit" else f"'?' || {code}"
