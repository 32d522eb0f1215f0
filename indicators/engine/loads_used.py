"""The loads behind an answer: what the sources line of a page prints."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import ALL_AREAS
from indicators.catalogue.summaries import DAYS
from indicators.engine.cached import cached_per_version
from indicators.engine.overviews import days_of
from indicators.engine.question import NO_DATA, LoadUsed
from indicators.engine.queue_members import COUNTED_BY
from pipelines.warehouse import Snapshot


class _Stretch(NamedTuple):
    """The dataset, area and days of an active load."""

    dataset: str
    origin: str
    first: date | None
    last: date | None


def loads_behind(
    snapshot: Snapshot, definition: Definition, rows: pd.DataFrame, area: str
) -> tuple[LoadUsed, ...]:
    """The active loads behind an answer, newest first: those whose rows count in its periods, whatever else they bring.

    Where no row counts, those that say so.
    """
    if rows.empty:
        return ()
    figures = rows["published"].to_numpy(bool)
    cited = rows["load_ids"].to_numpy(object)[figures]
    ids = {load_id for listed in cited for load_id in listed or ()}
    counted = ~figures
    if figures.any():
        # A gap next to published figures comes from no load.
        counted &= rows["status"].to_numpy(object) != NO_DATA
    if definition.row_level and counted.any():
        first = min(rows["period_start"].to_numpy(object)[counted])
        last = max(rows["period_end"].to_numpy(object)[counted])
        dataset = definition.measure.dataset
        ids |= _with_rows(snapshot, dataset, first, last, area)
        if definition.id in COUNTED_BY:
            ids |= _with_rows(snapshot, "queue_counts", first, last, area)
        if not ids:
            ids |= _with_period(snapshot, dataset, first, last, area)
    return tuple(load for load, _ in _loads(snapshot) if load.load_id in ids)


@cached_per_version()
def _loads(snapshot: Snapshot) -> list[tuple[LoadUsed, _Stretch | None]]:
    """All loads, newest first, the active ones with their stretch."""
    rows = snapshot.rows(
        # Booked visits lie ahead of the extract: they are no data of their days.
        """SELECT load_id, source, file, extract_date, period_start, least(period_end, extract_date), demo,
                  status = 'loaded', dataset, origin, period_end
           FROM loads ORDER BY extract_date DESC, sequence DESC"""
    )
    return [
        (LoadUsed(*row[:7]), _Stretch(dataset, origin, row[4], period_end) if active else None)
        for *row, active, dataset, origin, period_end in rows
    ]


def _with_rows(snapshot: Snapshot, dataset: str, first: date, last: date, area: str) -> set[str]:
    """The loads that have rows of a dataset in an area, from one day to another; of what runs until it is done, until then."""
    since = date.min if DATASETS[dataset].open_ended else first
    return {
        load_id
        for load_id, of, days in _days_of_loads(snapshot, dataset)
        if area in (ALL_AREAS, of)
        and np.searchsorted(days, np.datetime64(last, "D"), "right")
        > np.searchsorted(days, np.datetime64(since, "D"))
    }


@cached_per_version()
def _days_of_loads(snapshot: Snapshot, dataset: str) -> list[tuple[str, str, np.ndarray]]:
    """Of every load and area the days that its counting rows of a dataset are of, in order."""
    rows = (
        days_of(snapshot, dataset, "load_id area day used")
        if dataset in DAYS
        else "(SELECT *, snapshot_on AS day, true AS used FROM queue_counts)"
    )
    found = snapshot.rows(
        f"""SELECT load_id::VARCHAR, area::VARCHAR, list_sort(list(DISTINCT day))
            FROM {rows} WHERE used AND day IS NOT NULL GROUP BY ALL"""
    )
    return [(load_id, area, np.array(days, dtype="datetime64[D]")) for load_id, area, days in found]


def _with_period(snapshot: Snapshot, dataset: str, first: date, last: date, area: str) -> set[str]:
    """The active loads of a dataset with days of an area from one to another."""
    return {
        load.load_id
        for load, stretch in _loads(snapshot)
        if stretch is not None
        and stretch.dataset == dataset
        and area in (ALL_AREAS, stretch.origin)
        and (
            stretch.first is None
            or (stretch.first <= last and stretch.last is not None and stretch.last >= first)
        )
    }
