"""Which rows count: a pure function of the active loads, whatever order they came in.

A row survives when no newer load has its key, and no newer load that speaks of a window covers it. Newer means
a later extract date, and at the same date the later load. Keys of row-level data are unique within a source and
an origin; keys of aggregates are unique altogether. A load may have a key without a row: its file says that
there is none.

`build` writes a whole new version. Given the version before it and the rows of one further load it works from
those two; asked for everything, it reads the archive instead. Both give the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from indicators.catalogue.datasets import DATASETS, PROVENANCE
from pipelines.warehouse.master import Master
from pipelines.warehouse.published_rows import publish_codes, publish_row_level, publish_units
from pipelines.warehouse.records import ACTIVE, LoadRecord
from pipelines.warehouse.sql import insert, insert_new, listed
from pipelines.warehouse.surviving_rows import fold_query
from pipelines.warehouse.tables import OTHER_TABLES

COUNTS = "queue_counts"
#: Contents (SHA-256) of the queue counts that were shipped before it was asked whether counts are published.
SHIPPED_COUNTS = frozenset({"eb103f1d60679bdf0ca8efa99215e0e6f5250a01769fd95a999da8f5e12db2d8"})


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
    insert_new(connection, "loads_all", OTHER_TABLES["loads"], [r.values() for r in records])
    for dataset in DATASETS.values():
        mine = [r for r in active if r.part(dataset.name)]
        if incoming is not None and incoming.part(dataset.name):
            query = (
                f"SELECT * FROM surviving_old_{dataset.name} "
                f"UNION ALL BY NAME SELECT * FROM effective_{dataset.name}"
            )
        elif old is not None and dataset.name not in folded:
            base = ", ".join(f'"{name}"' for name in (*PROVENANCE, *dataset.base))
            query = f"SELECT {base} FROM {old}.{dataset.name} WHERE load_id IN ({listed(mine)})"
        else:
            query = fold_query(connection, folder, dataset, mine)
        if dataset.name == COUNTS:
            query = _with_shipped_published(query, mine)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW surviving_{dataset.name} AS {query}")
    publish_codes(connection, master.code_map, new)
    publish_units(connection, master, new)
    for dataset in DATASETS.values():
        if dataset.row_level:
            publish_row_level(connection, dataset, new)
        else:
            order = ", ".join(f'"{k}"' for k in dataset.key)
            connection.execute(
                f"CREATE TABLE {new}.{dataset.name} AS "
                f"SELECT * FROM surviving_{dataset.name} ORDER BY {order}, load_id"
            )
    _publish_covered(connection, active, new)
    connection.execute(f"CREATE TABLE {new}.loads AS SELECT * FROM loads_all ORDER BY sequence")
    _publish_findings(connection, records, new)
    insert_new(connection, f"{new}.meta", OTHER_TABLES["meta"], sorted(meta.items()), temporary=False)


def _with_shipped_published(query: str, records: Sequence[LoadRecord]) -> str:
    """Queue counts of which an earlier version did not say whether they are published: the shipped ones are."""
    shipped = [record for record in records if record.content_hash in SHIPPED_COUNTS]
    return f"""SELECT * REPLACE (CASE WHEN published IS NULL AND load_id IN ({listed(shipped)}) THEN true
                                      ELSE published END AS published) FROM ({query})"""


def _publish_covered(connection: duckdb.DuckDBPyConnection, active: Sequence[LoadRecord], new: str) -> None:
    """Covered days per dataset, source, origin and unit, overlapping and adjoining stretches made one."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE stretches (dataset VARCHAR, source VARCHAR, origin VARCHAR, "
        "unit_code VARCHAR, first_on DATE, last_on DATE, demo BOOLEAN)"
    )
    insert(
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
    insert_new(connection, f"{new}.findings", OTHER_TABLES["findings"], rows, temporary=False)
