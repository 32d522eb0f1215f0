"""What rows a version has of a dataset: stored with it, or read from the rows of a version that has it not."""

from __future__ import annotations

from indicators.catalogue.summaries import CODES, DAYS, Overview
from indicators.engine.cached import cached_per_version
from pipelines.warehouse import Snapshot


def days_of(snapshot: Snapshot, dataset: str, columns: str | None = None) -> str:
    """The SQL after FROM of the rows by load, place and day (`catalogue.summaries`); `columns` the columns read."""
    return _from(snapshot, DAYS[dataset], columns)


def codes_of(snapshot: Snapshot, dataset: str) -> str:
    """The SQL after FROM of the codes that counted rows have, by area and dimension."""
    return _from(snapshot, CODES[dataset])


@cached_per_version()
def _from(snapshot: Snapshot, one: Overview, columns: str | None = None) -> str:
    if snapshot.meta(one.fact) != one.made_by():
        return f"({one.sql()})"
    return snapshot.rows_of(one.table, named=None if columns is None else columns.split())
