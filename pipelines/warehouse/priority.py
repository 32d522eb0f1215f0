"""One source counts at a time: which one, for a quantity, area, service and month (`source_priority.csv`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from indicators.catalogue.places import reference_rows

#: The rank of a source that the file does not name: after the sources of rows, before those of counts.
UNNAMED = 8


@dataclass(frozen=True)
class Holding:
    """A source has rows of a quantity for an area, service, kind and month (its first day; None: no date is known).

    `realised` says that some of it has happened.
    """

    source: str
    area: str | None
    service: str | None
    kind: str | None
    month: date | None
    realised: bool

    @property
    def place(self) -> tuple[str | None, str | None, str | None, date | None]:
        """What only one source at a time counts for."""
        return (self.area, self.service, self.kind, self.month)


def winners(quantity: str, holdings: Iterable[Holding]) -> dict[Holding, bool]:
    """Return which of the holdings count: of each place those of one source.

    A source with nothing but plans gives way to one that has what happened; then the rank decides, then the name.
    """
    best: dict[object, tuple[bool, int, str]] = {}
    orders = {}
    for holding in holdings:
        order = (
            not holding.realised,
            rank(quantity, holding.area, holding.source, holding.month),
            holding.source,
        )
        orders[holding] = order
        best[holding.place] = min(order, best.get(holding.place, order))
    return {holding: order == best[holding.place] for holding, order in orders.items()}


def rank(quantity: str, area: str | None, source: str, month: date | None) -> int:
    """The rank of a source, 1 being first; a row for the area goes before one for all areas.

    >>> rank("visits", "18", "exreport_kaynnit", date(2025, 3, 1))
    1
    >>> rank("visits", "18", "a mapping of our own", date(2025, 3, 1))
    8
    """
    for wanted in (area, ""):
        for row in reference_rows("source_priority.csv"):
            if (row["quantity"], row["source"], row["area"]) == (quantity, source, wanted) and _in_force(
                row, month
            ):
                return int(row["rank"])
    return UNNAMED


def _in_force(row: Mapping[str, str], month: date | None) -> bool:
    first, last = row["valid_from"], row["valid_to"]
    if month is None:
        return not first and not last
    return (not first or month >= date.fromisoformat(first)) and (
        not last or month <= date.fromisoformat(last)
    )
