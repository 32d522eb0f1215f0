"""Master data decided by hand: what units are, and what codes mean.

Every decision is a line of `master/edits.jsonl`: when, who, about what, and the values from then on (none: back to what
the shipped files and the loads say). The last line about a thing is in force. As in the archive, a change is `.pending`
until the version that follows it is published.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from indicators.catalogue.places import reference_rows
from pipelines.errors import WarehouseDamaged
from pipelines.warehouse.records import CodeRow
from pipelines.warehouse.swap_version import flush, make_private, private_folder

UNITS, CODES = "units", "code_map"
#: The fields of a unit, in the order of the published table.
UNIT_FIELDS = ("area", "kind", "name_fi", "name_sv", "name_en", "valid_from", "valid_to", "successor")
#: The fields of each meaning of a code.
MEANING_FIELDS = ("our_code", "valid_from", "valid_to")
#: Fact of a published version: how many edits it follows.
EDITS_FOLLOWED = "master_edits"
_PENDING = ".pending"


@dataclass(frozen=True)
class Edit:
    """One decision. `key` is (unit,) or (source, domain, code); `values` the unit's fields, or the meanings of the
    code; None takes the earlier decisions back. `at` is UTC without an offset.
    """

    at: datetime
    by: str
    table: str
    key: tuple[str, ...]
    values: Any

    def to_json(self) -> str:
        """The edit as a line of the file."""
        row = {"at": self.at.isoformat(timespec="seconds"), "by": self.by, "table": self.table}
        return json.dumps(row | {"key": self.key, "values": self.values}, ensure_ascii=False)

    @staticmethod
    def from_json(line: str) -> Edit:
        """The edit written by `to_json`."""
        row = json.loads(line)
        return Edit(
            datetime.fromisoformat(row["at"]), row["by"], row["table"], tuple(row["key"]), row["values"]
        )


@dataclass(frozen=True)
class Master:
    """Master data of a version: every meaning of a code, and by unit what was decided, or what demo units are."""

    code_map: tuple[CodeRow, ...]
    units: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    demo_units: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def master_of(code_map: Iterable[CodeRow], edits: Sequence[Edit]) -> Master:
    """Return the master data in force: shipped and loaded meanings, overridden by decisions."""
    units = {key[0]: values for key, values in in_force(edits, UNITS).items()}
    decided = in_force(edits, CODES)
    taken = {_same(key) for key in decided}
    shipped = [row for row in code_map if _same(row[:3]) not in taken]
    ours = [
        (*key, *(meaning.get(name) for name in MEANING_FIELDS))
        for key, meanings in decided.items()
        for meaning in meanings
    ]
    demo = {row["unit"]: (row["kind"], row["name_fi"]) for row in reference_rows("demo_units.csv")}
    return Master((*shipped, *ours), units, demo)


def in_force(edits: Sequence[Edit], table: str) -> dict[tuple[str, ...], Any]:
    """Return everything decided in a table, by key, without what was taken back."""
    last = {edit.key: edit.values for edit in edits if edit.table == table}
    return {key: values for key, values in last.items() if values is not None}


def _same(key: tuple[str, ...]) -> tuple[str, str, str]:
    """The key as codes are compared: upper and lower case and spaces around do not count."""
    source, domain, code = key
    return source, domain, code.strip().lower()


def edits_path(folder: Path) -> Path:
    """The file of all edits."""
    return folder / "master" / "edits.jsonl"


def read_edits(folder: Path) -> list[Edit]:
    """Return all edits, oldest first. Raises WarehouseDamaged naming the line that cannot be read."""
    path = edits_path(folder)
    if not path.exists():
        return []
    edits = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WarehouseDamaged("edits_damaged", file=path, line="–") from error
    for number, line in enumerate(lines, start=1):
        try:
            edits += [Edit.from_json(line)] if line else []
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise WarehouseDamaged("edits_damaged", file=path, line=number) from error
    return edits


def write_pending(folder: Path, edits: Sequence[Edit]) -> None:
    """Write all edits durably, but not yet in force."""
    path = edits_path(folder)
    private_folder(path.parent)
    pending = path.with_name(path.name + _PENDING)
    pending.write_text("".join(edit.to_json() + "\n" for edit in edits), encoding="utf-8")
    make_private(pending)
    flush(pending)


def reconcile(folder: Path, followed: int) -> None:
    """After a publication or a crash: put the pending edits into force if the published version follows them."""
    path = edits_path(folder)
    pending = path.with_name(path.name + _PENDING)
    if not pending.exists():
        return
    if len(pending.read_text(encoding="utf-8").splitlines()) == followed:
        pending.replace(path)
        flush(path.parent)
    else:
        pending.unlink()


def adopt_pending(folder: Path) -> None:
    """Put pending edits into force where no version says whether they were published; delete a damaged file of them."""
    path = edits_path(folder)
    pending = path.with_name(path.name + _PENDING)
    if not pending.exists():
        return
    try:
        for line in pending.read_text(encoding="utf-8").splitlines():
            Edit.from_json(line)
    except (OSError, KeyError, TypeError, ValueError, RecursionError):
        pending.unlink()
    else:
        pending.replace(path)


def check_complete(folder: Path, followed: int) -> None:
    """Raises WarehouseDamaged where the file has fewer edits than the published version follows."""
    found = len(read_edits(folder))
    if found < followed:
        raise WarehouseDamaged("edits_damaged", file=edits_path(folder), line=found + 1)
