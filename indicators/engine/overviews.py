"""What rows a version has of a dataset: stored with it, or read from the rows of a version that has it not."""

from __future__ import annotations

from indicators.catalogue.queue_flow import FlowTable
from indicators.catalogue.summaries import CODES, DAYS, Overview
from indicators.engine.cached import cached_per_version
from pipelines.warehouse import Snapshot


def days_of(snapshot: Snapshot, dataset: str) -> str:
    """The SQL after FROM of the rows by load, place and day (`catalogue.summaries`)."""
    return stored_or_counted(snapshot, DAYS[dataset])


def codes_of(snapshot: Snapshot, dataset: str) -> str:
    """The SQL after FROM of the codes that counted rows have, by area and dimension."""
    return stored_or_counted(snapshot, CODES[dataset])


@cached_per_version()
def stored_or_counted(snapshot: Snapshot, one: Overview | FlowTable, eves_are_weekdays: bool = False) -> str:
    """The SQL after FROM of a table that follows from the rows: the stored one where it is still right, else its query."""
    return (
        one.table
        if snapshot.meta(one.fact) == one.made_by(eves_are_weekdays)
        else f"({one.sql(eves_are_weekdays)})"
    )
