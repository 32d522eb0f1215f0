"""Which projects the European Union funds, as `data/reference/project_funding.csv` declares; without a row there, none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indicators.catalogue.places import reference_rows


def funding_of_project(area: str, project: str) -> str | None:
    """The funding of a project; None where none is declared."""
    found = [row["funding"] for row in _declared() if (row["area_code"], row["project"]) == (area, project)]
    return found[0] if found else None


def funding_of_targets(area: str, cited: Iterable[str | None]) -> str | None:
    """The funding of the project whose document any of some targets of an area is cited from; None where none is declared.

    A citation is the whole name of a document, or that name and a place in it.
    """
    mine = [row for row in _declared() if row["area_code"] == area]
    found = [
        row["funding"] for one in cited for row in mine if f"{one or ''} ".startswith(f"{row['document']} ")
    ]
    return found[0] if found else None


def _declared() -> tuple[Mapping[str, str], ...]:
    return reference_rows("project_funding.csv")
