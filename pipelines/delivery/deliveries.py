"""The list of deliveries, `data/deliveries.toml`: which sheet goes to whom. Faults are reported all at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from indicators.catalogue.languages import LANGUAGES
from indicators.catalogue.parsing import Words, one_of, read_model

Address = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r'^[^@\s<>,;:"]+@[^@\s<>,;:"]+$')]


class Sheet(BaseModel):
    """One sheet: its units, its readers, its language; exact numbers only where `internal`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    units: Annotated[tuple[Words, ...], Field(min_length=1)]
    area: Words | None = None
    language: Annotated[str, one_of(LANGUAGES)] = "fi"
    internal: bool = False


class Deliveries(BaseModel):
    """All sheets of the list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheets: Annotated[tuple[Sheet, ...], Field(min_length=1)]


def load_deliveries(path: Path) -> Deliveries:
    """The deliveries of a file. Raises UsageError with every fault at once; a file that is not there is a fault."""
    return read_model(path, Deliveries, "deliveries")


def may_see_exactly(rules: Path, address: str, units: tuple[str, ...]) -> bool:
    """Whether the rules of access give a person by name exact figures of all these units.

    What a group is given is not known here: who is in it only the sign-in service knows.
    """
    try:
        with rules.open("rb") as file:
            grants = tomllib.load(file).get("grants", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    mine = [
        grant
        for grant in grants
        if isinstance(grant, dict) and str(grant.get("user", "")).strip().casefold() == address.casefold()
    ]
    own = {unit for grant in mine if grant.get("role") == "manager" for unit in grant.get("units", [])}
    return any(grant.get("role") == "analyst" for grant in mine) or set(units) <= own
