"""Errors a person can act on, each with the exit code the command line ends with.

Exit codes: 1 findings stopped a load or a check failed, 2 wrong usage, 3 the warehouse is busy or damaged.
"""

from __future__ import annotations


class TakuuvahtiError(Exception):
    """Base of all expected errors; the message is a sentence for the user."""

    exit_code = 1


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
