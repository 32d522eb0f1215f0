"""What rows a version has of a dataset: stored with it, or read from the rows of a version that has it not."""

from __future__ import annotations

from indicators.catalogue.summaries import CODES, DAYS, Overview
from indicators.engine.cached import cached_per_version
from pipelines.warehouse import Snapshot


def days_of(snapshot: Snapshot, dataset: str) -> str:
    """The SQL after FROM of the rows by load, place and day (`catalogue.summaries`)."""
    return _stored(snapshot, DAYS[dataset].table) or f"({DAYS[dataset].sql()})"


def codes_of(snapshot: Snapshot, dataset: str) -> str:
    """The SQL after FROM of the codes that counted rows have, by area and dimension."""
    return _stored(snapshot, CODES[dataset].table) or f"({CODES[dataset].sql()})"


_BY_TABLE: dict[str, Overview] = {one.table: one for one in (*DAYS.values(), *CODES.values())}


@cached_per_version()
def _stored(snapshot: Snapshot, table: str) -> str | None:
    one = _BY_TABLE[table]
    return table if snapshot.meta(one.fact) == one.made_by() else None
