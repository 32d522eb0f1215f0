"""The `reading` section of a mapping: how the texts of a file are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

#: What may stand between the thousands of a number.
THOUSANDS_SIGNS = (",", ".", " ", "'", "\u2019")


@dataclass(frozen=True)
class ReadingOptions:
    """What a mapping declares of the texts of its files; None: not declared.

    `thousands` is the sign between thousands. The other one of comma and point is then the decimal sign.
    """

    thousands: str | None = None


NOTHING_DECLARED = ReadingOptions()


def reading_options(document: Mapping[str, Any], faults: list[str]) -> ReadingOptions:
    """The section `reading` of a mapping; what is wrong with it is added to `faults`."""
    written = document.get("reading", {})
    if not isinstance(written, dict):
        faults.append("reading must be a table: [reading]")
        return NOTHING_DECLARED
    known = {field.name for field in fields(ReadingOptions)}
    faults += [f"unknown key 'reading.{key}'" for key in sorted(set(written) - known)]
    return ReadingOptions(thousands=_thousands(written.get("thousands"), faults))


def _thousands(sign: Any, faults: list[str]) -> str | None:
    if sign is None or sign in THOUSANDS_SIGNS:
        return sign
    faults.append("reading.thousands must be one of " + " ".join(f"{known!r}" for known in THOUSANDS_SIGNS))
    return None
