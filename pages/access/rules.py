"""The rules of access of an installation, `data/access.toml`: which claims of a sign-in give which roles and units.

Checked as strictly as definitions are: an unknown key, role or a grant to nobody is a fault, and all faults are reported at
once. The file is read again when it changes, so a role that is taken away is gone at the next click.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from indicators.catalogue.errors import UsageError
from indicators.catalogue.parsing import Words, read_model


class Role(StrEnum):
    """What a person is to the service; roles add up.

    - `board`: shareable figures of the whole area.
    - `manager`: exact figures of the units named, shareable figures of all else.
    - `analyst`: exact figures of everything, uploads, entries, units and codes, withdrawals, rows set aside.
    - `admin`: access, settings and the audit log; figures shareable.
    """

    BOARD = "board"
    MANAGER = "manager"
    ANALYST = "analyst"
    ADMIN = "admin"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Claims(_Strict):
    """Which claims of the identity token are read: who somebody is, and the groups or roles they belong to."""

    user: Words = "email"
    name: Words = "name"
    groups: Words = "groups"


class Grant(_Strict):
    """A role for a group or a user; of a manager with the codes of the units."""

    role: Role
    group: Words | None = None
    user: Words | None = None
    provider: Words | None = None
    units: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if (self.group is None) == (self.user is None):
            raise ValueError("names a group or a user, one of the two")
        if (self.role is Role.MANAGER) != bool(self.units):
            raise ValueError("units are for managers, and a manager needs them")
        return self


class AccessRules(_Strict):
    """All rules. `contact` is whom a person without a role is told to ask; `session_hours` how long a sign-in lasts."""

    contact: Words
    session_hours: Annotated[float, Field(gt=0, le=24)] = 10
    claims: Claims = Claims()
    grants: Annotated[tuple[Grant, ...], Field(min_length=1)]

    def granted(self, claims: Mapping[str, Any]) -> tuple[Grant, ...]:
        """The grants that the claims of a sign-in match. A claim of another type than expected matches nothing."""
        user = claims.get(self.claims.user)
        groups = _texts(claims.get(self.claims.groups))
        return tuple(
            grant
            for grant in self.grants
            if grant.provider in (None, claims.get("provider"))
            and (
                grant.group in groups
                if grant.group is not None
                else isinstance(user, str) and _same_user(user, grant.user)
            )
        )


def _texts(claim: Any) -> frozenset[str]:
    """The texts of a claim that is one text or a list of them."""
    if isinstance(claim, str):
        return frozenset({claim})
    return (
        frozenset(one for one in claim if isinstance(one, str))
        if isinstance(claim, list | tuple)
        else frozenset()
    )


def _same_user(one: str, other: str | None) -> bool:
    """Whether two names of users are the same; addresses differ in case between providers."""
    return other is not None and one.strip().casefold() == other.strip().casefold()


def load_rules(path: Path) -> AccessRules:
    """The rules of a file. Raises UsageError with every fault at once; a file that is not there is a fault."""
    try:
        changed = path.stat()
    except OSError:
        raise UsageError("access_rules", path=path.name, faults="the file cannot be read") from None
    return _read(path, changed.st_mtime_ns, changed.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> AccessRules:
    return read_model(path, AccessRules, "access_rules")
