"""Loading what arrives in a folder. Refused files are moved as they are, and may contain personal data.

A file is complete when neither its size nor its time has changed between two looks, on network drives too. It is loaded
before it is moved, so that after a crash it is recognised as loaded, and moved.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from indicators.catalogue.errors import UsageError, reason_of
from pipelines.checking.extract import LoadOptions
from pipelines.errors import KeyMismatch, WarehouseError
from pipelines.identity_codes import mask
from pipelines.loading.files import load_file, shown_name
from pipelines.loading.report import REFUSED, LoadReport
from pipelines.settings import Settings
from pipelines.warehouse.swap_version import make_private, private_folder

DONE, FAILED = "done", "failed"
#: Names of files that are still being written, by the programs that write them.
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".download")
FINDINGS = ".findings.json"
#: After so long a file that could not be moved is tried again.
TRIED_AGAIN = timedelta(minutes=1)
#: Bytes that a name may have on common file systems.
LONGEST_NAME = 255

Look = tuple[int, int]


@dataclass(frozen=True)
class Arrived:
    """What became of a file: its report and where it is now, or why it waits. `name` is masked.

    Without a place it stays in the inbox: another file had come under its name meanwhile.
    """

    name: str
    report: LoadReport | None
    moved_to: Path | None
    waits_for: str = ""


@dataclass
class Inbox:
    """A folder whose files are loaded; `done` and `failed` are next to it.

    Raises UsageError where there is no such folder, or where it is in the warehouse.
    """

    folder: Path
    settings: Settings
    options: LoadOptions
    language: str

    def __post_init__(self) -> None:
        self._looks: dict[Path, Look] = {}
        #: Files that could not be moved: how they looked, and when they are tried again.
        self._stuck: dict[Path, tuple[Look, datetime]] = {}
        if not self.folder.is_dir():
            raise UsageError("no_inbox", folder=self.folder)
        if self.settings.warehouse.resolve() in (self.folder.resolve(), *self.folder.resolve().parents):
            raise UsageError("inbox_in_warehouse", folder=self.folder)

    def look(self, now: Callable[[], datetime], today: Callable[[], date]) -> Iterator[Arrived]:
        """Load the files that have not changed since the look before this one, and move them.

        A file that the warehouse cannot take now is tried again; one that cannot be read or moved is reported and left.
        Raises KeyMismatch: with another key no file can be loaded.
        """
        before, self._looks = self._looks, dict(self._files())
        complete = [path for path, look in self._looks.items() if before.get(path) == look]
        for path in sorted(complete, key=lambda path: (self._looks[path][1], path.name)):
            look = self._looks[path]
            if self._stuck.get(path, (None, now()))[0] == look and now() < self._stuck[path][1]:
                continue
            try:
                yield self._take(path, look, now, today())
            except OSError as error:
                if not path.exists() and not path.is_symlink():
                    # Somebody else has taken it: another watcher, or who put it there.
                    continue
                self._stuck[path] = look, now() + TRIED_AGAIN
                yield Arrived(mask(shown_name(path)), None, None, reason_of(error).text(self.language))
            self._looks.pop(path, None)
        self._empty(now())

    def _files(self) -> Iterator[tuple[Path, Look]]:
        """The files that may be loaded, and how they look now; nothing while the folder cannot be read."""
        with suppress(OSError):
            for path in sorted(self.folder.iterdir()):
                name = path.name.lower()
                if name.startswith((".", "~$")) or name.endswith(UNFINISHED):
                    continue
                # A file may be gone again by now.
                with suppress(OSError):
                    if path.is_file():
                        yield path, _look_of(path)

    def _take(self, path: Path, look: Look, now: Callable[[], datetime], today: date) -> Arrived:
        name = shown_name(path)
        try:
            before = _content_of(path)
            report = load_file(path, self.options, self.settings, now=now(), today=today)
        except KeyMismatch:
            raise
        except (WarehouseError, UsageError) as error:
            return Arrived(mask(name), None, None, error.message(self.language))
        folder = self.folder.resolve().parent / (FAILED if report.status == REFUSED else DONE)
        if _look_of(path) != look:
            # Replaced under its name while it was being loaded: what lies there now is loaded next.
            return Arrived(mask(name), report, None)
        moved = _move(path, folder, report, now(), self.language)
        if _content_of(moved) != before:
            _put_back(moved, path)
            return Arrived(mask(name), report, None)
        return Arrived(mask(name), report, moved)

    def _empty(self, now: datetime) -> None:
        """Delete what has been in `done` and `failed` for longer than the setting."""
        oldest = _seconds(now) - self.settings.watch_keep_days * 86_400
        for name in (DONE, FAILED):
            folder = self.folder.resolve().parent / name
            for path in folder.iterdir() if folder.is_dir() else ():
                with suppress(OSError):
                    if path.is_file() and path.stat().st_mtime < oldest:
                        path.unlink()


def _content_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _look_of(path: Path) -> Look:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _move(path: Path, folder: Path, report: LoadReport, now: datetime, language: str) -> Path:
    """Move a file and write its findings next to it, under a name that fits both. Nothing is ever overwritten."""
    private_folder(folder)
    stem, suffix = _fitting(shown_name(path))
    target = _free(folder, stem, suffix)
    found = json.dumps(report.to_dict(language), ensure_ascii=False, indent=2)
    findings = target.with_name(target.name + FINDINGS)
    # First: where there is no room for it the file stays in the inbox and is tried again.
    findings.write_text(found, encoding="utf-8")
    try:
        shutil.move(path, target)
    except OSError:
        findings.unlink()
        raise
    for moved in (target, findings):
        make_private(moved)
        # The days until it is deleted are counted from now.
        os.utime(moved, (_seconds(now), _seconds(now)))
    return target


def _fitting(name: str) -> tuple[str, str]:
    """A name's stem and ending, cut so that the name with a number and the findings' ending fits any file system.

    >>> [len(part.encode()) for part in _fitting("ä" * 240 + ".csv")]
    [224, 4]
    """
    suffix = Path(name).suffix
    suffix = suffix if len(suffix.encode()) <= 10 else ""
    stem = re.sub(r"[/\\:*?\"<>|]", "_", name.removesuffix(suffix)).strip(" .") or "_"
    room = LONGEST_NAME - len(FINDINGS) - len(" (999)") - 11
    return stem.encode()[:room].decode("utf-8", "ignore"), suffix


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A path of that name in a folder, numbered where there is a file of the name already."""
    target, number = folder / f"{stem}{suffix}", 1
    while target.exists():
        number += 1
        target = folder / f"{stem} ({number}){suffix}"
    return target


def _put_back(moved: Path, path: Path) -> None:
    """Return a file that is not the one that was loaded to the inbox, without overwriting another."""
    moved.with_name(moved.name + FINDINGS).unlink(missing_ok=True)
    shutil.move(moved, _free(path.parent, path.stem, path.suffix))


def _seconds(now: datetime) -> float:
    return now.replace(tzinfo=UTC).timestamp()
