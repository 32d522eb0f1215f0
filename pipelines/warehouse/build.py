"""Building a version: which rows count is a pure function of the active loads, in whatever order they came.

A row survives when no newer load has its key or covers it with its window. Newer means a later extract date, and at the
same date the later load. Keys of row-level data are unique within a source and an origin; keys of aggregates
altogether. A load may have a key without a row: its file says that there is none.

A version is made from the version before and one further load, or from the archive; both give the same rows. Segments that
have the rows of one of the version before, published alike, are taken over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from indicators.catalogue.datasets import DATASETS, Dataset
from pipelines.warehouse.load_effect import surviving_old
from pipelines.warehouse.master import Master
from pipelines.warehouse.previous_rows import PreviousRows
from pipelines.warehouse.published_rows import publish_codes, publish_units
from pipelines.warehouse.records import ACTIVE, LoadRecord
from pipelines.warehouse.segment_rows import RowOrigin
from pipelines.warehouse.sql import insert_new, listed
from pipelines.warehouse.surviving_rows import surviving_rows_query
from pipelines.warehouse.tables import NEW, OTHER_TABLES, typed
from pipelines.warehouse.write_flow import publish_flow
from pipelines.warehouse.write_segments import Segments, made_by

#: What makes the segments of a version, of a connection, the folder and whether eves are weekdays.
SegmentsMaker = Callable[[duckdb.DuckDBPyConnection, Path, bool], Segments]
COUNTS = "queue_counts"
#: Contents (SHA-256) of the queue counts that were shipped before it was asked whether counts are published.
SHIPPED_COUNTS = frozenset({"eb103f1d60679bdf0ca8efa99215e0e6f5250a01769fd95a999da8f5e12db2d8"})


@dataclass(frozen=True)
class VersionContent:
    """What a version is made of: all its loads, statuses reconciled, the master data in force, and its facts by name.

    `eves_are_weekdays` says by which weekdays the limits of its summaries are counted.
    """

    records: Sequence[LoadRecord]
    master: Master
    facts: Mapping[str, str]
    eves_are_weekdays: bool = False


def build(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    content: VersionContent,
    origin: RowOrigin,
    rows_by: SegmentsMaker = Segments,
) -> None:
    """Write every table of a new version into the attached database `new`, and the segments that no version before has.

    `rows_by` makes what works out the rows of the segments: DuckDB, or another that gives the same.
    """
    records = content.records
    active = [r for r in records if r.status == ACTIVE]
    insert_new(connection, "loads_all", OTHER_TABLES["loads"], [r.values() for r in records])
    segments = rows_by(connection, folder, content.eves_are_weekdays)
    planned = []
    for dataset in DATASETS.values():
        mine = [r for r in active if r.part(dataset.name)]
        if dataset.row_level:
            planned += segments.plan(dataset, mine, origin)
        else:
            query = _aggregate_rows(connection, folder, dataset, mine, origin)
            if dataset.name == COUNTS:
                query = _with_shipped_published(query, mine)
            connection.execute(f"CREATE OR REPLACE TEMP VIEW surviving_{dataset.name} AS {query}")
    planned = segments.look_through(planned, origin.old)
    publish_codes(connection, content.master.code_map)
    publish_units(connection, content.master)
    for dataset in DATASETS.values():
        if not dataset.row_level:
            order = ", ".join(f'"{k}"' for k in dataset.key)
            connection.execute(
                f"CREATE TABLE {NEW}.{dataset.name} AS "
                f"SELECT * FROM surviving_{dataset.name} ORDER BY {order}, load_id"
            )
    of_rows = segments.publish(planned, origin.old)
    _publish_covered(connection, active)
    of_flow = publish_flow(connection, folder, of_rows, origin.old, content.eves_are_weekdays)
    segments.record([*of_rows, *of_flow])
    connection.execute(f"CREATE TABLE {NEW}.loads AS SELECT * FROM loads_all ORDER BY sequence")
    _publish_findings(connection, records)
    facts = sorted({**content.facts, **made_by(content.eves_are_weekdays)}.items())
    insert_new(connection, f"{NEW}.meta", OTHER_TABLES["meta"], facts, temporary=False)


def _aggregate_rows(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    dataset: Dataset,
    records: Sequence[LoadRecord],
    origin: RowOrigin,
) -> str:
    if origin.is_folded(dataset):
        return surviving_rows_query(connection, folder, dataset, records)
    previous = f"({PreviousRows(connection, dataset, origin.before(dataset), records).query()})"
    if origin.comes_in(dataset):
        return f"""SELECT * FROM {surviving_old(dataset, previous)}
                   UNION ALL BY NAME SELECT * FROM effective_{dataset.name}"""
    return f"SELECT * FROM {previous}"


def _with_shipped_published(query: str, records: Sequence[LoadRecord]) -> str:
    """Queue counts of which an earlier version did not say whether they are published: the shipped ones are."""
    shipped = [record for record in records if record.content_hash in SHIPPED_COUNTS]
    return f"""SELECT * REPLACE (CASE WHEN published IS NULL AND load_id IN ({listed(shipped)}) THEN true
                                      ELSE published END AS published) FROM ({query})"""


def _publish_covered(connection: duckdb.DuckDBPyConnection, active: Sequence[LoadRecord]) -> None:
    """Covered days per dataset, source, origin and unit, overlapping and adjoining stretches made one."""
    columns = typed("dataset source origin unit_code", first_on="DATE", last_on="DATE", demo="BOOLEAN")
    stretches = [
        (part.dataset, r.source, r.origin, unit, first, last, r.demo)
        for r in active
        for part in r.parts
        for unit, first, last in part.coverage
        if first <= last
    ]
    insert_new(connection, "stretches", columns, stretches)
    connection.execute(
        f"""CREATE TABLE {NEW}.covered AS
            WITH units_of_origin AS (
                SELECT DISTINCT source, origin, unit FROM {NEW}.segment_places
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
            FROM numbered n LEFT JOIN {NEW}.units u USING (unit)
            GROUP BY dataset, source, origin, u.area, n.unit, island
            ORDER BY dataset, area, unit, first_on, source, origin"""
    )


def _publish_findings(connection: duckdb.DuckDBPyConnection, records: Sequence[LoadRecord]) -> None:
    rows = [
        (
            r.load_id,
            *(finding[name] for name in ("code", "level", "field", "count")),
            json.dumps(finding["rows"]),
            json.dumps(finding.get("params", {}), ensure_ascii=False),
        )
        for r in records
        for finding in json.loads(r.findings)
    ]
    insert_new(connection, f"{NEW}.findings", OTHER_TABLES["findings"], rows, temporary=False)
