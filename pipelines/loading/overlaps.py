"""Which source counts where a load has the same quantity as another.

Of two sources of rows one counts for an area, service and month. Queue counts replace missing rows: they do not count
where there is a snapshot of rows of their unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import duckdb

from indicators.catalogue.datasets import DATASETS, Dataset
from pipelines.findings import USUAL, Finding, finding
from pipelines.warehouse import Snapshot
from pipelines.warehouse.build import COUNTS
from pipelines.warehouse.load_effect import touched_years
from pipelines.warehouse.priority import Holding, rank, winners
from pipelines.warehouse.published_rows import NO_CONTACT, holdings_query
from pipelines.warehouse.records import CodeRow, LoadRecord

#: Why one of two sources counts that have no order: its name comes first.
BY_NAME = "by_name"


def overlapping_sources(
    connection: duckdb.DuckDBPyConnection, record: LoadRecord, code_map: Sequence[CodeRow], snapshot: Snapshot
) -> tuple[Finding, ...]:
    """Return one finding for each dataset and source whose rows will not count, because of the load or in the load.

    Reads the tables `effective_…` of `prepare_incoming`, and the published version.
    """
    found: list[Finding] = []
    for part in record.parts:
        dataset = DATASETS[part.dataset]
        if not dataset.row_level:
            continue
        # A place that two sources share lies in one segment.
        years = touched_years(connection, dataset) & _years_of_others(snapshot, dataset, record.source)
        holding = snapshot.rows(
            holdings_query(dataset, snapshot.rows_of(dataset.name, years), "source <> ? AND demo = ?"),
            [record.source, record.demo],
        )
        rows = {Holding(*row[:-1]): row[-1] for row in holding}
        coming = _holdings(connection, dataset, record, code_map, snapshot) if rows else {}
        shared = {holding.place for holding in rows} & {holding.place for holding in coming}
        rows |= coming
        counted = winners(dataset.name, [holding for holding in rows if holding.place in shared])
        found += _losing_sources(dataset, counted, rows)
    found += _counts_replaced_by_rows(connection, record, code_map, snapshot)
    return tuple(found)


def _years_of_others(snapshot: Snapshot, dataset: Dataset, source: str) -> set[int | None]:
    """Return the years in which other sources have rows."""
    others = "SELECT DISTINCT year FROM segment_places WHERE dataset = ? AND source <> ?"
    return {year for (year,) in snapshot.rows(others, [dataset.name, source])}


def _counts_replaced_by_rows(
    connection: duckdb.DuckDBPyConnection, record: LoadRecord, code_map: Sequence[CodeRow], snapshot: Snapshot
) -> Iterable[Finding]:
    """Return a finding for each source of queue counts that are in no figure, because of the load or in the load.

    A row snapshot covers every service of its unit, in the week and month of its date.
    """
    if record.part(COUNTS):
        of_counts = f"SELECT unit, service, snapshot_on, source FROM effective_{COUNTS}"
        counts = connection.execute(of_counts).fetchall()
        of_rows = "SELECT DISTINCT unit, first_on, source FROM covered WHERE dataset = 'queue'"
        snapshots = snapshot.rows(of_rows)
    elif record.part("queue"):
        counts = snapshot.rows(
            f"SELECT c.unit, c.service, c.snapshot_on, l.source FROM {COUNTS} c JOIN loads l USING (load_id)"
        )
        snapshots = _snapshots_of(record, code_map, snapshot)
    else:
        return
    row_sources = {(unit, _stretch(day)): source for unit, day, source in snapshots}
    losing: dict[str, list[tuple[str, str | None, date]]] = {}
    for unit, service, day, source in counts:
        if (unit, _stretch(day)) in row_sources:
            losing.setdefault(source, []).append((unit, service, day))
    for source, uncounted in sorted(losing.items()):
        yield finding(
            "overlapping_sources",
            "waiting",
            len(uncounted),
            dataset="queue",
            source=source,
            counted=sorted({row_sources[unit, _stretch(day)] for unit, _, day in uncounted}),
            services=sorted({service or "–" for _, service, _ in uncounted}),
            months=sorted({f"{day:%Y-%m}" for *_, day in uncounted}),
            units=sorted({unit for unit, *_ in uncounted}),
        )


def _snapshots_of(
    record: LoadRecord, code_map: Sequence[CodeRow], snapshot: Snapshot
) -> list[tuple[str, date, str]]:
    """Return units, days and source of the row snapshots of a load; without a unit, every unit of the origin."""
    ours = _our_codes(record, code_map)
    every = [unit for (unit,) in snapshot.rows("SELECT unit FROM units WHERE area = ?", [record.origin])]
    part = record.part("queue")
    return [
        (unit, day, record.source)
        for code, day, _ in (part.coverage if part else ())
        for unit in (every if code is None else [ours.get(("unit", code.strip().lower()), code)])
    ]


def _stretch(day: date) -> tuple[date, int]:
    """Return the week and the month of a day: days that share them are in the same period of every grain."""
    return day - timedelta(days=day.weekday()), day.month


def _our_codes(record: LoadRecord, code_map: Sequence[CodeRow]) -> dict[tuple[str, str], str]:
    return {
        (domain, code.strip().lower()): our
        for source, domain, code, our, *_ in code_map
        if source == record.source
    }


def _losing_sources(
    dataset: Dataset, counted: dict[Holding, bool], rows: dict[Holding, int]
) -> Iterable[Finding]:
    winner = {holding.place: holding for holding, counts in counted.items() if counts}
    losing: dict[str, list[Holding]] = {}
    for holding, counts in counted.items():
        # Plans that give way to what happened are no overlap.
        if not counts and holding.realised:
            losing.setdefault(holding.source, []).append(holding)
    for source, holdings in sorted(losing.items()):
        by_name = any(
            _rank(dataset, holding) == _rank(dataset, winner[holding.place]) for holding in holdings
        )
        yield finding(
            "overlapping_sources",
            None,
            sum(rows[holding] for holding in holdings),
            dataset=dataset.name,
            source=source,
            reason=BY_NAME if by_name else USUAL,
            counted=sorted({winner[holding.place].source for holding in holdings}),
            services=sorted({holding.service or "–" for holding in holdings}),
            months=sorted({f"{holding.month:%Y-%m}" for holding in holdings if holding.month}),
        )


def _rank(dataset: Dataset, holding: Holding) -> int:
    return rank(dataset.name, holding.area, holding.source, holding.month)


def _holdings(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    record: LoadRecord,
    code_map: Sequence[CodeRow],
    snapshot: Snapshot,
) -> dict[Holding, int]:
    """Return what the load is about to hold that has happened, in our codes, with its rows counted."""
    ours = _our_codes(record, code_map)
    areas = dict(snapshot.rows("SELECT unit, area FROM units"))
    domains = dataset.domains or {}
    wanted = [name for name in ("unit", "service", "kind", "state", "mode_code") if name in domains]
    columns = ", ".join(f'"{domains[name]}"' for name in wanted)
    found: dict[Holding, int] = {}
    for *codes, month, count in connection.execute(
        f"SELECT {columns}, date_trunc('month', {dataset.code_date})::DATE, count(*) "
        f"FROM effective_{dataset.name} GROUP BY ALL"
    ).fetchall():
        ours_by_domain = {
            name: code and ours.get((name, code.strip().lower()), code)
            for name, code in zip(wanted, codes, strict=True)
        }
        if dataset.name == "visits" and (
            ours_by_domain["state"] != "realised" or ours_by_domain["mode_code"] in NO_CONTACT
        ):
            continue
        area = areas.get(ours_by_domain["unit"], record.origin)
        holding = Holding(
            record.source, area, ours_by_domain["service"], ours_by_domain.get("kind"), month, True
        )
        found[holding] = found.get(holding, 0) + count
    return found
