"""Errors a person can act on, each with the exit code the command line ends with.

The sentences are in `errors.toml`, by language; an error carries its code and the values in it.
"""

from __future__ import annotations

from indicators.catalogue.errors import TakuuvahtiError

#: What `--help` of both command lines says of their exit codes.
EXIT_CODES = (
    "Exit codes: 0 done, 1 findings stopped a load or a check failed, 2 wrong usage, "
    "3 the warehouse is missing, busy or damaged."
)


class WarehouseError(TakuuvahtiError):
    """The warehouse cannot be used now: missing, busy, damaged, or pseudonymised with another key."""

    exit_code = 3


class WarehouseMissing(WarehouseError):
    """There is no published version in the folder yet."""


class WarehouseBusy(WarehouseError):
    """Another writer had the lock for longer than the setting allows."""


class WarehouseDamaged(WarehouseError):
    """A file that the published version names is missing or unreadable."""


class OutOfMemory(WarehouseError):
    """What the process may use of memory is not enough for a load; nothing is changed."""


class KeyMismatch(WarehouseError):
    """The pseudonymisation key is missing or is not the one this warehouse was made with."""


class SparkMissing(TakuuvahtiError):
    """Spark cannot be used here: its packages or Java are not installed, or it does not start."""

    exit_code = 2


class NotPortable(TakuuvahtiError):
    """A query has something that Spark does not know or would answer otherwise; nothing is published."""
