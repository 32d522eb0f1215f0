"""Jobs as files of the warehouse, so that every process of the server sees them: one file each, of its owner alone.

A process holds a lock as long as it runs, by which the others know that what it began is still under way. A line has a
lock as well: one job of it at a time, whichever process it is of.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.warehouse.swap_version import make_private, private_folder

#: The folder of jobs in the warehouse.
JOBS_FOLDER = "jobs"
_logger = logging.getLogger(__name__)


class JobRecord(BaseModel):
    """A job as written. `process` is the one that works on it; `outcome` is there once it has ended."""

    model_config = ConfigDict(frozen=True)

    id: str
    line: str
    kind: str
    title: str
    owner: str
    asked_at: datetime
    process: str
    begun: bool
    stage: str
    share: float
    outcome: str | None = None


class JobFiles:
    """The jobs of all processes, as this one sees and writes them."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(8)
        self._running: dict[Path, FileLock] = {}

    @property
    def process(self) -> str:
        """The name of this process."""
        return self._process

    def enter(self, folder: Path) -> None:
        """Make the folder, and let the other processes know that this one runs. Raises OSError where it cannot."""
        private_folder(folder)
        if folder not in self._running:
            lock = self._lock(folder, self._process)
            lock.acquire()
            self._running[folder] = lock

    def write(self, folder: Path, record: JobRecord) -> None:
        """Write a job in one step; where that is not possible, the others do not see how far it is."""
        path = folder / f"{record.id}.json"
        beside = path.with_suffix(".new")
        try:
            beside.write_text(record.model_dump_json(), encoding="utf-8")
            make_private(beside)
            beside.replace(path)
        except OSError:
            _logger.exception("a job cannot be written for the other processes")

    def is_there(self, folder: Path, job_id: str) -> bool:
        """Whether a job has not been put away, by any process."""
        return (folder / f"{job_id}.json").exists()

    def remove(self, folder: Path, job_id: str) -> None:
        """Put a job away."""
        with suppress(OSError):
            (folder / f"{job_id}.json").unlink()

    def of_others(self, folder: Path) -> Iterator[JobRecord]:
        """The jobs that other processes wrote; what another version of this software wrote is put away."""
        for path in folder.glob("*.json"):
            try:
                record = JobRecord.model_validate_json(path.read_bytes())
            except FileNotFoundError:
                continue
            except ValidationError:
                self.remove(folder, path.stem)
                continue
            if record.process != self._process:
                yield record

    def runs(self, folder: Path, process: str) -> bool:
        """Whether a process still runs; what a process that has ended left to know it by is removed."""
        lock = self._lock(folder, process)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        return False

    @contextmanager
    def turn(self, folder: Path, line: str) -> Iterator[None]:
        """Wait until no other process works on the line."""
        with FileLock(folder / f"{line}.line", mode=0o600):
            yield

    def _lock(self, folder: Path, process: str) -> FileLock:
        return FileLock(folder / f"{process}.runs", mode=0o600, thread_local=False)
