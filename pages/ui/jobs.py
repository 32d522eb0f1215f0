"""Loads, set-ups and inspections in the background: they outlive a rerun, and are found again.

Jobs belong to the server, not to a session. Each line is worked off one job at a time, in the order they came. The lines
that change something are shared by all processes of the server, through files of the warehouse (`job_files`): each sees the
others' jobs, how far they are and what came of them. Against writers outside the server the warehouse's own lock holds.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from indicators.catalogue.errors import TakuuvahtiError
from pages.ui import cache
from pages.ui.job_files import JOBS_FOLDER, JobFiles, JobRecord
from pipelines.errors import WarehouseError
from pipelines.loading.outcomes import read_outcome, write_outcome

Progress = Callable[[str, float], None]
Work = Callable[[Progress], Any]

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
#: The line of everything that writes to the warehouse, and that of inspections, which change nothing.
LOADING, INSPECTING = "loading", "inspecting"
#: The line of the results folders, which are made again once the warehouse has changed.
RESULTS = "results"
#: The lines of which every process sees every job.
SHARED = frozenset({LOADING, RESULTS})
#: Seconds between two notes for the other processes of how far a job is.
_NOTE_SECONDS = 0.5
#: How many finished jobs can be looked at, and for how long, until the next one is started; the history of loads has all.
MAX_FINISHED, KEPT = 30, timedelta(days=1)

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """One piece of work. `title` and `owner` are shown and hold nothing about patients; `share` (0–1) of it is done."""

    id: str
    line: str
    kind: str
    title: str
    owner: str
    asked_at: datetime
    stage: str = ""
    share: float = 0.0
    begun: threading.Event = field(default_factory=threading.Event, repr=False)
    ended: threading.Event = field(default_factory=threading.Event, repr=False)
    result: Any = None
    error: BaseException | None = None
    #: Where the other processes see it; None where it is of this one alone.
    folder: Path | None = field(default=None, repr=False)

    @property
    def state(self) -> str:
        """`queued`, `running`, `done` or `failed`."""
        if self.ended.is_set():
            return DONE if self.error is None else FAILED
        return RUNNING if self.begun.is_set() else QUEUED

    @property
    def open(self) -> bool:
        """Whether it is not finished yet."""
        return not self.ended.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, at most so long; whether it has come."""
        return self.ended.wait(seconds)


class Jobs:
    """The jobs of this process, and those that others wrote to the folder; without one there are no others.

    >>> jobs = Jobs()
    >>> job = jobs.start("load", "kind", "a.csv", "me", datetime(2026, 1, 1), lambda progress: 42)
    >>> job.wait(5), job.result
    (True, 42)
    """

    def __init__(self, folder: Callable[[], Path | None] = lambda: None) -> None:
        self._guard = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._lines: dict[str, ThreadPoolExecutor] = {}
        self._folder = folder
        self._files = JobFiles()

    def start(self, line: str, kind: str, title: str, owner: str, asked_at: datetime, work: Work) -> Job:
        """Put work at the end of a line. `work` gets a function to report its stage and share to."""
        job = Job(secrets.token_hex(8), line, kind, title, owner, asked_at, folder=self._shared_folder(line))
        self._write(job)
        for old in self._outdated(asked_at):
            self._drop(old)
        with self._guard:
            if line not in self._lines:
                self._lines[line] = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"line-{line}")
            self._jobs[job.id] = job
            future = self._lines[line].submit(self._work_off, job, work)
        future.add_done_callback(partial(self._end, job))
        return job

    def get(self, job_id: str) -> Job | None:
        """The job of an id; None where it is put away or the process that alone knew it was started anew."""
        with self._guard:
            own = self._jobs.get(job_id)
        if own is not None and not self._is_put_away(own):
            return own
        return next((job for job in self._known() if job.id == job_id), None)

    def of_line(self, line: str) -> list[Job]:
        """The jobs of a line that are known, oldest first."""
        return [job for job in self._known() if job.line == line]

    def before(self, job: Job) -> int:
        """How many jobs of its line are still to be finished before its turn comes."""
        line = self.of_line(job.line)
        ids = [other.id for other in line]
        return sum(other.open for other in line[: ids.index(job.id)]) if job.id in ids else 0

    def forget(self, job_id: str) -> None:
        """Put away a finished job and its result, in every process; one that is open stays."""
        job = self.get(job_id)
        if job is not None and not job.open:
            self._drop(job)

    def _work_off(self, job: Job, work: Work) -> Any:
        noted = time.monotonic()

        def progress(stage: str, share: float) -> None:
            nonlocal noted
            is_new, job.stage, job.share = stage != job.stage, stage, min(max(share, 0.0), 1.0)
            if is_new or time.monotonic() - noted > _NOTE_SECONDS:
                noted = time.monotonic()
                self._write(job)

        with self._turn(job):
            job.begun.set()
            self._write(job)
            return work(progress)

    def _end(self, job: Job, future: Future[Any]) -> None:
        _take_outcome(job, future)
        try:
            self._write(job, write_outcome(job.result, job.error) if job.folder is not None else None)
        finally:
            job.ended.set()

    def _known(self) -> list[Job]:
        """All jobs, oldest first: this process's own but those that another has put away, and those of the others."""
        with self._guard:
            for job in [job for job in self._jobs.values() if self._is_put_away(job)]:
                del self._jobs[job.id]
            own = list(self._jobs.values())
        folder = self._folder()
        others = [] if folder is None else list(self._of_others(folder))
        return sorted([*own, *others], key=lambda job: job.asked_at)

    def _is_put_away(self, job: Job) -> bool:
        return job.folder is not None and not job.open and not self._files.is_there(job.folder, job.id)

    def _outdated(self, now: datetime) -> list[Job]:
        """The finished jobs that nobody has put away: those asked for over a day ago, and the oldest above the limit."""
        finished = [job for job in self._known() if not job.open]
        newest = finished[-MAX_FINISHED:]
        return [job for job in finished if job not in newest or now - job.asked_at > KEPT]

    def _drop(self, job: Job) -> None:
        with self._guard:
            self._jobs.pop(job.id, None)
        if job.folder is not None:
            self._files.remove(job.folder, job.id)

    def _shared_folder(self, line: str) -> Path | None:
        """Where a job of a line is written; None where it is of this process alone, or nothing can be written."""
        folder = self._folder() if line in SHARED else None
        try:
            if folder is not None:
                self._files.enter(folder)
        except OSError:
            _log.exception("the other processes cannot see the jobs of this one")
            return None
        return folder

    @contextmanager
    def _turn(self, job: Job) -> Iterator[None]:
        if job.folder is None:
            yield
            return
        with self._files.turn(job.folder, job.line):
            yield

    def _write(self, job: Job, outcome: str | None = None) -> None:
        if job.folder is not None:
            self._files.write(
                job.folder,
                JobRecord(
                    **{
                        name: getattr(job, name)
                        for name in ("id", "line", "kind", "title", "owner", "asked_at")
                    },
                    process=self._files.process,
                    begun=job.begun.is_set(),
                    stage=job.stage,
                    share=job.share,
                    outcome=outcome,
                ),
            )

    def _of_others(self, folder: Path) -> Iterator[Job]:
        """The jobs of other processes as they are now; one whose process has ended without it has failed."""
        for record in self._files.of_others(folder):
            names = {"id", "line", "kind", "title", "owner", "asked_at", "stage", "share"}
            job = Job(**record.model_dump(include=names), folder=folder)
            if record.begun:
                job.begun.set()
            if record.outcome is not None:
                try:
                    job.result, job.error = read_outcome(record.outcome)
                except ValueError:
                    # Written by another version of this software: the history of loads has it.
                    self._files.remove(folder, record.id)
                    continue
                job.ended.set()
            elif not self._files.runs(folder, record.process):
                job.error = WarehouseError("job_interrupted")
                job.ended.set()
            yield job


def _take_outcome(job: Job, future: Future[Any]) -> None:
    """Keep what came of the work. Of an unforeseen error the place is logged, never its message, which could
    quote a row; and the frames of every error are let go of, as they hold the bytes of the file."""
    error = future.exception()
    if error is None:
        job.result = future.result()
    elif not isinstance(error, TakuuvahtiError):
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("A job stopped with %s\n%s", type(error).__name__, frames)
    link = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    job.error = error


#: The one registry of the running application.
JOBS = Jobs(lambda: cache.settings().warehouse / JOBS_FOLDER)
