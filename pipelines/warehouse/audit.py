"""The audit log of a warehouse: who saw, loaded, changed or was refused what, appended and never changed.

One JSON object per line, a file per month in `audit/`. Each entry carries its number and the hash of the entry before it, so
that an entry that is missing or was changed shows; `HEAD` holds the number and hash of the newest one, `SETTINGS` the
settings recorded last. No entry holds data about clients: filters are codes of units, services and periods.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from filelock import FileLock

#: What the entry before the first one is.
_START = "0" * 64
_HEAD, _SETTINGS = "HEAD", "SETTINGS"
#: What stands for no setting, and for the change of any secret.
_NOT_SET, _SECRET_CHANGED = "–", "changed"
#: The folder of the log in the warehouse.
AUDIT = "audit"
#: An entry is shorter than so many bytes.
_TAIL = 65_536


class Event(StrEnum):
    """What happened."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    VIEWED = "viewed"
    DOWNLOADED = "downloaded"
    LOADED = "loaded"
    WITHDRAWN = "withdrawn"
    MAPPED = "mapped"
    ENTERED = "entered"
    ROWS_SEEN = "rows_seen"
    SETTINGS_CHANGED = "settings_changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Entry:
    """One entry: what happened when, by whom (empty: nobody signed in), over which published version, and its details."""

    event: Event
    at: datetime
    user: str = ""
    version: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    previous: str = _START


class AuditLog:
    """The audit log in a folder of the warehouse. Several processes may append to it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, event: Event, at: datetime, user: str = "", version: str = "", **details: str) -> Entry:
        """Append an entry and return it. Raises OSError where it cannot be written: then nothing is done unlogged."""
        with self._lock():
            return self._append(event, at, user, version, details)

    def record_settings(self, settings: Mapping[str, str], secrets: Mapping[str, str], at: datetime) -> int:
        """Append what differs from the settings that were recorded last; returns how many do. Raises OSError.

        All settings are recorded the first time. Of secrets, given as fingerprints, the log says that they changed.
        """
        with self._lock():
            known, known_secrets = self._known_settings()
            changes = {
                name: f"{known.get(name, _NOT_SET)} → {settings.get(name, _NOT_SET)}"
                for name in _differing(known, settings)
            }
            changes |= dict.fromkeys(_differing(known_secrets, secrets), _SECRET_CHANGED)
            for details in _in_entries(changes):
                self._append(Event.SETTINGS_CHANGED, at, "", "", details)
            if changes:
                self._replace(_SETTINGS, json.dumps([dict(settings), dict(secrets)], ensure_ascii=False))
        return len(changes)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock", mode=0o600):
            yield

    def _append(
        self, event: Event, at: datetime, user: str, version: str, details: Mapping[str, str]
    ) -> Entry:
        number, previous = self._newest()
        entry = Entry(event, at, user, version, details, number + 1, previous)
        line = _line(entry)
        path = self._file(at)
        # What a crash left of a line stays as it is, and is named by `problems`.
        torn = path.exists() and not _ends_a_line(path)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, b"\n" * torn + line.encode() + b"\n")
        finally:
            os.close(handle)
        self._write_head(f"{entry.number} {_hash(line)}\n")
        return entry

    def entries(self) -> Iterator[Entry]:
        """The entries, oldest first. Lines that are no entry are left out: `problems` names them."""
        for _, line in self._lines():
            entry = _entry(line)
            if entry is not None:
                yield entry

    def problems(self) -> list[str]:
        """Where an entry is missing, changed or unreadable: file and line of the first entry after it, or `HEAD`."""
        found: list[str] = []
        expected: tuple[int, str] | None = None
        removed = {1: _START}
        first: tuple[str, Entry] | None = None
        for place, line in self._lines():
            entry = _entry(line)
            if entry is None or (expected is not None and (entry.number, entry.previous) != expected):
                found.append(place)
            if entry is None:
                continue
            first = first or (place, entry)
            if entry.event is Event.REMOVED:
                removed[int(entry.details["up_to"]) + 1] = entry.details["digest"]
            expected = entry.number + 1, _hash(line)
        if first is not None and removed.get(first[1].number) != first[1].previous:
            found.insert(0, first[0])
        number, digest = self._newest()
        if (number + 1, digest) != (expected or (1, _START)):
            found.append(_HEAD)
        return found

    def remove_before(self, day: date, at: datetime) -> int:
        """Remove the months that ended before a day, and append that they were. Returns the number of files removed."""
        old = [path for path in self._files() if path.stem < f"{day:%Y-%m}"]
        if not old:
            return 0
        last = old[-1].read_text(encoding="utf-8").splitlines()[-1]
        entry = _entry(last)
        if entry is None:
            return 0
        self.append(Event.REMOVED, at, up_to=str(entry.number), digest=_hash(last))
        for path in old:
            path.unlink()
        return len(old)

    def _file(self, at: datetime) -> Path:
        """The file of an entry's month, or a newer one where another process has begun it: entries are in order across files."""
        return max([self.folder / f"{at:%Y-%m}.jsonl", *self._files()[-1:]])

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("????-??.jsonl"))

    def _lines(self) -> Iterator[tuple[str, str]]:
        for path in self._files():
            with path.open(encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, start=1):
                    yield f"{path.name}:{number}", line.rstrip("\n")

    def _newest(self) -> tuple[int, str]:
        """Number and hash of the newest entry, also where a crash came between the entry and `HEAD`."""
        number, digest = self._head()
        for path in self._files()[-1:]:
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - _TAIL))
                lines = file.read().decode("utf-8", "replace").splitlines()
            entry = _entry(lines[-1]) if lines else None
            if entry is not None and (entry.number, entry.previous) == (number + 1, digest):
                return entry.number, _hash(lines[-1])
        return number, digest

    def _head(self) -> tuple[int, str]:
        try:
            number, _, digest = (self.folder / _HEAD).read_text(encoding="utf-8").partition(" ")
            return int(number), digest.strip()
        except FileNotFoundError:
            return 0, _START

    def _known_settings(self) -> tuple[dict[str, str], dict[str, str]]:
        """Settings and fingerprints of secrets as recorded last; none where their file is not there or not whole."""
        try:
            settings, secrets = json.loads((self.folder / _SETTINGS).read_text(encoding="utf-8"))
            return dict(settings), dict(secrets)
        except (FileNotFoundError, ValueError, TypeError):
            return {}, {}

    def _write_head(self, text: str) -> None:
        """Write the number and hash in place: one line within a sector, never shorter than the one before.

        Replacing the file by another would make every view of a page wait for the disk.
        """
        handle = os.open(self.folder / _HEAD, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)

    def _replace(self, name: str, text: str) -> None:
        beside = self.folder / f"{name}.new"
        beside.write_text(text, encoding="utf-8")
        beside.chmod(0o600)
        beside.replace(self.folder / name)


def _differing(known: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in {*known, *now} if known.get(name) != now.get(name)]


def _in_entries(changes: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The changes by name, as many in one entry as keep it well below `_TAIL`."""
    entry: dict[str, str] = {}
    for name in sorted(changes):
        if entry and len(json.dumps([entry, name, changes[name]])) > _TAIL // 2:
            yield entry
            entry = {}
        entry[name] = changes[name]
    if entry:
        yield entry


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _line(entry: Entry) -> str:
    return json.dumps(asdict(entry) | {"at": entry.at.isoformat()}, ensure_ascii=False, separators=(",", ":"))


def _entry(line: str) -> Entry | None:
    """A line as an entry; None where it is none."""
    try:
        read = json.loads(line)
        details = {str(name): str(value) for name, value in read["details"].items()}
        return Entry(
            Event(read["event"]),
            datetime.fromisoformat(read["at"]),
            str(read["user"]),
            str(read["version"]),
            details,
            int(read["number"]),
            str(read["previous"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
