"""Errors a person can act on, each with the exit code the command line ends with.

Exit codes: 1 findings stopped a load or a check failed, 2 wrong usage, 3 the warehouse is busy or damaged.
The sentences stand in `errors.toml` in three languages; an error carries its code and the values in it.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("fi", "sv", "en")


class TakuuvahtiError(Exception):
    """Base of all expected errors.

    `code` names the sentence in `errors.toml`, `params` fill it. Never holds data about persons.

    >>> UsageError("unknown_area", area="99").message("en").startswith("Area 99")
    True
    """

    exit_code = 1

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The sentence for the user: what happened, whether anything changed, what to do."""
        return sentences()[self.code][language].format(**self.params)


class UsageError(TakuuvahtiError):
    """The call itself is wrong: an unknown name, a date that is none, options that exclude each other."""

    exit_code = 2


class WarehouseError(TakuuvahtiError):
    """The warehouse cannot be used now: missing, busy, damaged, or pseudonymised with another key."""

    exit_code = 3


class WarehouseMissing(WarehouseError):
    """There is no published version in the folder yet."""


class WarehouseBusy(WarehouseError):
    """Another writer held the lock for longer than the setting allows."""


class WarehouseDamaged(WarehouseError):
    """A file that the published version names is missing or unreadable."""


class KeyMismatch(WarehouseError):
    """The pseudonymisation key is missing or is not the one this warehouse was made with."""


@cache
def sentences() -> dict[str, dict[str, str]]:
    """All error sentences by code and language."""
    with Path(__file__).with_name("errors.toml").open("rb") as file:
        return tomllib.load(file)
