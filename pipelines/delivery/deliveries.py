"""The list of deliveries, `data/deliveries.toml`: which sheet goes to whom. Faults are reported all at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from indicators.catalogue.errors import UsageError
from indicators.catalogue.languages import LANGUAGES

Address = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r'^[^@\s<>,;:"]+@[^@\s<>,;:"]+$')]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Sheet(BaseModel):
    """One sheet: its units, its readers, its language; exact numbers only where `internal`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    units: Annotated[tuple[Word, ...], Field(min_length=1)]
    area: Word | None = None
    language: str = "fi"
    internal: bool = False

    @field_validator("language")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"is none of {', '.join(LANGUAGES)}")
        return value


class Deliveries(BaseModel):
    """All sheets of the list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheets: Annotated[tuple[Sheet, ...], Field(min_length=1)]


def load_deliveries(path: Path) -> Deliveries:
    """The deliveries of a file. Raises UsageError with every fault at once; a file that is not there is a fault."""
    try:
        with path.open("rb") as file:
            return Deliveries.model_validate(tomllib.load(file))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError("deliveries", path=path.name, faults=str(error)) from None
    except ValidationError as error:
        faults = (
            f"{'.'.join(str(part + 1 if isinstance(part, int) else part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise UsageError("deliveries", path=path.name, faults="; ".join(faults)) from None


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
