"""Loading what arrives in a folder. Refused files are moved as they are, and may hold personal data.

A file is complete when neither its size nor its time has changed between two looks; that asks nothing of the
system and holds on network drives too. A file is loaded before it is moved, so that after a crash it is met
again, recognised as loaded, and moved.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines.errors import KeyMismatch, UsageError, WarehouseError
from pipelines.load import REFUSED, LoadOptions, LoadReport, load_file
from pipelines.persons import mask
from pipelines.settings import Settings

DONE, FAILED = "done", "failed"
#: Names of files that are still being written, by the programs that write them.
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".download")
FINDINGS = ".findings.json"

Look = tuple[int, int]


@dataclass(frozen=True)
class Arrived:
    """What became of a file: its report and where it is now, or why it was left waiting.

    `name` is as it may be shown: without anything of the shape of an identity code.
    """

    name: str
    report: LoadReport | None
    moved_to: Path | None
    waits_for: str = ""


@dataclass
class Inbox:
    """A folder whose files are loaded. `done` and `failed` lie beside it.

    Raises UsageError where there is no such folder, or where it lies in the warehouse.
    """

    folder: Path
    settings: Settings
    options: LoadOptions
    language: str

    def __post_init__(self) -> None:
        self._looks: dict[Path, Look] = {}
        if not self.folder.is_dir():
            raise UsageError("no_inbox", folder=self.folder)
        if self.settings.warehouse.resolve() in (self.folder.resolve(), *self.folder.resolve().parents):
            raise UsageError("inbox_in_warehouse", folder=self.folder)

    def look(self, now: Callable[[], datetime], today: Callable[[], date]) -> Iterator[Arrived]:
        """Load the files that have not changed since the look before this one, and move them.

        A file that the warehouse cannot take now stays and is tried again. Raises KeyMismatch: with another
        key no file can be loaded.
        """
        before, self._looks = self._looks, dict(self._files())
        complete = [path for path, look in self._looks.items() if before.get(path) == look]
        for path in sorted(complete, key=lambda path: (self._looks[path][1], path.name)):
            yield self._take(path, now, today())
            self._looks.pop(path, None)
        self._empty(now())

    def _files(self) -> Iterator[tuple[Path, Look]]:
        for path in sorted(self.folder.iterdir()):
            name = path.name.lower()
            if name.startswith((".", "~$")) or name.endswith(UNFINISHED) or not path.is_file():
                continue
            state = path.stat()
            yield path, (state.st_size, state.st_mtime_ns)

    def _take(self, path: Path, now: Callable[[], datetime], today: date) -> Arrived:
        try:
            report = load_file(path, self.options, self.settings, now=now(), today=today)
        except KeyMismatch:
            raise
        except (WarehouseError, UsageError) as error:
            return Arrived(mask(path.name), None, None, error.message(self.language))
        folder = self.folder.resolve().parent / (FAILED if report.status == REFUSED else DONE)
        return Arrived(mask(path.name), report, _move(path, folder, report, now(), self.language))

    def _empty(self, now: datetime) -> None:
        """Delete what has lain in `done` and `failed` for longer than the setting says."""
        oldest = _seconds(now) - self.settings.watch_keep_days * 86_400
        for name in (DONE, FAILED):
            folder = self.folder.resolve().parent / name
            for path in folder.iterdir() if folder.is_dir() else ():
                if path.is_file() and path.stat().st_mtime < oldest:
                    path.unlink()


def _move(path: Path, folder: Path, report: LoadReport, now: datetime, language: str) -> Path:
    """Move a file and write its findings beside it. One of the same name is never overwritten."""
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem} ({number}){path.suffix}"
    shutil.move(path, target)
    # The days it is kept are counted from now.
    os.utime(target, (_seconds(now), _seconds(now)))
    found = json.dumps(report.to_dict(language), ensure_ascii=False, indent=2)
    target.with_name(target.name + FINDINGS).write_text(found, encoding="utf-8")
    os.utime(target.with_name(target.name + FINDINGS), (_seconds(now), _seconds(now)))
    return target


def _seconds(now: datetime) -> float:
    return now.replace(tzinfo=UTC).timestamp()
