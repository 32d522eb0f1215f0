"""What a load holds of the same quantity, area, service and month as another source: who counts, who does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from pipelines.findings import Finding, finding
from pipelines.warehouse import Snapshot
from pipelines.warehouse.priority import Holding, winners
from pipelines.warehouse.records import CodeRow, LoadRecord
from pipelines.warehouse.state import CODE_DATE, NO_CONTACT, held_query
from pipelines.warehouse.tables import DATASETS, Dataset


def overlapping_sources(
    connection: duckdb.DuckDBPyConnection,
    record: LoadRecord,
    code_map: Sequence[CodeRow],
    snapshot: Snapshot,
) -> tuple[Finding, ...]:
    """One finding for each dataset and source whose rows will not count, because of the load or in the load.

    Looks at the tables `effective_…` that `prepare_incoming` left, and at the published version.
    """
    found = []
    for part in record.parts:
        dataset = DATASETS[part.dataset]
        if not dataset.row_level:
            continue
        held = snapshot.rows(
            held_query(dataset, dataset.name, "source <> ? AND demo = ?"), [record.source, record.demo]
        )
        rows = {Holding(*row[:-1]): row[-1] for row in held}
        coming = _holdings(connection, dataset, record, code_map, snapshot) if rows else {}
        shared = {held.place for held in rows} & {held.place for held in coming}
        rows |= coming
        counted = winners(dataset.name, [held for held in rows if held.place in shared])
        found += _losers(dataset, counted, rows)
    return tuple(found)


def _losers(dataset: Dataset, counted: dict[Holding, bool], rows: dict[Holding, int]) -> Iterable[Finding]:
    winner = {held.place: held.source for held, counts in counted.items() if counts}
    lost: dict[str, list[Holding]] = {}
    for held, counts in counted.items():
        # Plans that give way to what happened are no overlap.
        if not counts and held.realised:
            lost.setdefault(held.source, []).append(held)
    for source, holdings in sorted(lost.items()):
        yield finding(
            "overlapping_sources",
            None,
            sum(rows[held] for held in holdings),
            dataset=dataset.name,
            source=source,
            counted=sorted({winner[held.place] for held in holdings}),
            services=sorted({held.service or "–" for held in holdings}),
            months=sorted({f"{held.month:%Y-%m}" for held in holdings if held.month}),
        )


def _holdings(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    record: LoadRecord,
    code_map: Sequence[CodeRow],
    snapshot: Snapshot,
) -> dict[Holding, int]:
    """What the load is about to hold that has happened, in our codes, with its rows counted."""
    ours = {
        (domain, code.strip().lower()): our
        for source, domain, code, our, *_ in code_map
        if source == record.source
    }
    areas = dict(snapshot.rows("SELECT unit, area FROM units"))
    domains = dataset.domains or {}
    wanted = [name for name in ("unit", "service", "kind", "state", "mode_code") if name in domains]
    columns = ", ".join(f'"{domains[name]}"' for name in wanted)
    found: dict[Holding, int] = {}
    for *codes, month, count in connection.execute(
        f"SELECT {columns}, date_trunc('month', {CODE_DATE[dataset.name]})::DATE, count(*) "
        f"FROM effective_{dataset.name} GROUP BY ALL"
    ).fetchall():
        said = {
            name: code and ours.get((name, code.strip().lower()), code)
            for name, code in zip(wanted, codes, strict=True)
        }
        if dataset.name == "visits" and (said["state"] != "realised" or said["mode_code"] in NO_CONTACT):
            continue
        area = areas.get(said["unit"], record.origin)
        held = Holding(record.source, area, said["service"], said.get("kind"), month, True)
        found[held] = found.get(held, 0) + count
    return found
