"""What a user has saved under a name: one file each user in the warehouse, which nobody else's page opens.

What is saved is text that whoever saves it can read again; this module does not know what it means.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from pipelines.warehouse.swap_version import make_private, private_folder

#: The folder in the warehouse.
SAVED = "saved"
#: A user saves no more than so many, of so many characters, under names of so many.
MOST, LONGEST_TEXT, LONGEST_NAME = 50, 8000, 80


@dataclass(frozen=True)
class Saved:
    """Something saved: its name, unique among those of its user, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class SavedByUser:
    """What one user has saved of one kind, such as "scenarios". `user` is their name as the access knows it."""

    warehouse: Path
    kind: str
    user: str

    @property
    def _path(self) -> Path:
        """A digest: a name may hold what no file name may, and tells who it is."""
        return self.warehouse / SAVED / f"{self.kind}_{hashlib.sha256(self.user.encode()).hexdigest()}.json"

    def all(self) -> tuple[Saved, ...]:
        """Everything saved, in the order of saving; nothing where the file is damaged. Raises OSError."""
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(Saved(str(row["name"]), str(row["text"])) for row in rows)
        except FileNotFoundError:
            return ()
        except (ValueError, TypeError, KeyError):
            return ()

    def save(self, saved: Saved) -> bool:
        """Save under a name, in the place of what has it. Returns whether there was room. Raises OSError, ValueError."""
        if not saved.name or len(saved.name) > LONGEST_NAME or len(saved.text) > LONGEST_TEXT:
            raise ValueError("a name and a text of some length are saved")
        with self._lock():
            there = self.all()
            others = [one for one in there if one.name != saved.name]
            if len(others) == len(there) == MOST:
                return False
            self._write([*others, saved])
        return True

    def delete(self, name: str) -> Saved | None:
        """Delete what has a name; returns it, None where nothing has. Raises OSError."""
        with self._lock():
            there = self.all()
            gone = next((one for one in there if one.name == name), None)
            if gone is not None:
                self._write([one for one in there if one is not gone])
        return gone

    def _lock(self) -> FileLock:
        private_folder(self.warehouse / SAVED)
        return FileLock(self._path.with_suffix(".lock"))

    def _write(self, rows: Sequence[Saved]) -> None:
        written = self._path.with_suffix(".new")
        written.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False), encoding="utf-8")
        make_private(written)
        written.replace(self._path)
