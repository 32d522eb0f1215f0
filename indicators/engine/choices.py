"""What the data can be asked for: the values its rows have, per dimension, for the choices of a filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import DATASET_SPLITS
from indicators.catalogue.labels import ALL_AREAS, UNKNOWN
from indicators.catalogue.periods import grain_of
from indicators.engine.coverage import data_coverage
from indicators.engine.overviews import codes_of, days_of
from indicators.engine.unit_names import unit_names
from pipelines.warehouse import Snapshot


def choices(snapshot: Snapshot, dataset: str, area: str) -> Mapping[str, tuple[str, ...]]:
    """By dimension our codes that rows of an area (`all` for every area) have, in alphabetical order.

    Rows without a code are `unknown`; areas are those of the whole dataset.
    """
    found = _codes(snapshot, codes_of(snapshot, dataset), area)
    if dataset == "queue":
        # Counts can replace rows, so their codes can be chosen too.
        counted = " UNION ALL ".join(
            f"SELECT area, '{name}' AS dimension, coalesce({name}, '{UNKNOWN}') AS code FROM queue_counts"
            for name in ("unit", "service", "area")
        )
        more = _codes(snapshot, f"({counted})", area)
        found = {name: found.get(name, set()) | more.get(name, set()) for name in found.keys() | more.keys()}
    return MappingProxyType({name: tuple(sorted(found.get(name, ()))) for name in DATASET_SPLITS[dataset]})


def _codes(snapshot: Snapshot, codes: str, area: str) -> dict[str, set[str]]:
    """The codes of each dimension in an area; areas of the whole dataset."""
    found: dict[str, set[str]] = {}
    for dimension, code in snapshot.rows(
        f"SELECT DISTINCT dimension, code FROM {codes} WHERE dimension = 'area' OR ? OR area = ?",
        [area == ALL_AREAS, area],
    ):
        found.setdefault(dimension, set()).add(code)
    return found


def has_values(snapshot: Snapshot, dataset: str, column: str, area: str) -> bool:
    """Whether any row of an area (`all` for every area) says anything in a column that extracts may lack."""
    found = snapshot.rows(
        f"""SELECT 1 FROM {dataset} WHERE {DATASETS[dataset].counted} AND (? OR area = ?) AND {column} IS NOT NULL LIMIT 1""",
        [area == ALL_AREAS, area],
    )
    return bool(found)


def queue_areas(snapshot: Snapshot) -> tuple[str, ...]:
    """Areas whose queues are known, from rows or from counts, in the order of their codes."""
    rows = snapshot.rows(
        f"""SELECT area::VARCHAR AS area FROM {days_of(snapshot, "queue", "area used")} WHERE used
            UNION SELECT area FROM queue_counts ORDER BY area"""
    )
    return tuple(area for (area,) in rows)


def last_day(snapshot: Snapshot, dataset: str, area: str) -> date | None:
    """The last day that the data of an area (`all` for every area) covers, with rows on it or not; None without any.

    A Sunday without visits is covered too. Of queues the last day of a snapshot or a count.
    """
    known = data_coverage(snapshot, dataset)
    units = known.presence_of({} if area == ALL_AREAS else {"area": (area,)})["unit"].unique()
    span = known.span(units)
    days = [] if span is None else [span[1]]
    if dataset == "queue":
        days += [
            day
            for (day,) in snapshot.rows(
                "SELECT max(snapshot_on) FROM queue_counts WHERE ? OR area = ?", [area == ALL_AREAS, area]
            )
            if day is not None
        ]
    return max(days, default=None)


def names_of_units(snapshot: Snapshot) -> Mapping[str, Mapping[str, str]]:
    """Unit code → names by language; the same as `labels.unit_names`, not to be changed."""
    return MappingProxyType(unit_names(snapshot))


def published_series(snapshot: Snapshot, least: int) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(indicator, area) → the grains (week, month, quarter) in which at least `least` figures have been published."""
    rows = snapshot.rows("SELECT DISTINCT indicator, area, period_start, period_end FROM figures")
    counts = Counter((indicator, area, grain_of(first, last)) for indicator, area, first, last in rows)
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for grain in ("week", "month", "quarter"):
        for indicator, area, of in counts:
            if of == grain and counts[indicator, area, of] >= least:
                found[indicator, area] = (*found.get((indicator, area), ()), grain)
    return MappingProxyType(found)


def queues_with_reasons(snapshot: Snapshot) -> frozenset[tuple[str, str]]:
    """The units and services whose queue entries have a reason: of others it is not known who waits by own wish."""
    return frozenset(
        snapshot.rows(
            f"""SELECT DISTINCT unit::VARCHAR, coalesce(service::VARCHAR, 'unknown')
                FROM {snapshot.rows_of("queue", named={"unit", "service", "counted", "reason"})}
                WHERE counted AND reason IS NOT NULL"""
        )
    )
