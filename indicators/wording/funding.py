"""The line that is printed next to the emblem of who funds a project."""

from __future__ import annotations

from indicators.wording.translations import N_, _

#: By funding, as `data/reference/project_funding.csv` declares it.
STATEMENTS = {"next_generation_eu": N_("Funded by the European Union – NextGenerationEU")}


def statement(funding: str | None) -> str:
    """The funding line; empty without funding."""
    return _(STATEMENTS[funding]) if funding in STATEMENTS else ""
