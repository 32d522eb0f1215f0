"""Loads, set-ups and inspections in the background: they outlive a rerun, and are found again.

Jobs belong to the process, not to a session. Each line is worked off one job at a time, in the order they came;
against writers of other processes the warehouse's own lock holds.
"""

from __future__ import annotations

import logging
import secrets
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from indicators.catalogue.errors import TakuuvahtiError

Progress = Callable[[str, float], None]
Work = Callable[[Progress], Any]

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
#: How many finished jobs can be looked at; the history of loads has all.
MAX_FINISHED = 30

_log = logging.getLogger(__name__)


@dataclass
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
    """The jobs of this process.

    >>> jobs = Jobs()
    >>> job = jobs.start("load", "kind", "a.csv", "me", datetime(2026, 1, 1), lambda progress: 42)
    >>> job.wait(5), job.result
    (True, 42)
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._lines: dict[str, ThreadPoolExecutor] = {}

    def start(self, line: str, kind: str, title: str, owner: str, asked_at: datetime, work: Work) -> Job:
        """Put work at the end of a line. `work` gets a function to report its stage and share to."""
        job = Job(secrets.token_hex(8), line, kind, title, owner, asked_at)

        def progress(stage: str, share: float) -> None:
            job.stage, job.share = stage, min(max(share, 0.0), 1.0)

        def run() -> Any:
            job.begun.set()
            return work(progress)

        with self._guard:
            if line not in self._lines:
                self._lines[line] = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"line-{line}")
            self._jobs[job.id] = job
            future = self._lines[line].submit(run)
            finished = [known for known in self._jobs.values() if not known.open]
            for old in finished[: max(len(finished) - MAX_FINISHED, 0)]:
                del self._jobs[old.id]
        future.add_done_callback(partial(_end, job))
        return job

    def get(self, job_id: str) -> Job | None:
        """The job of an id; None where it is forgotten or the process was started anew."""
        with self._guard:
            return self._jobs.get(job_id)

    def of_line(self, line: str) -> list[Job]:
        """The jobs of a line that are known, oldest first."""
        with self._guard:
            return [job for job in self._jobs.values() if job.line == line]

    def before(self, job: Job) -> int:
        """How many jobs of its line are still to be finished before its turn comes."""
        earlier = self.of_line(job.line)
        return sum(other.open for other in earlier[: earlier.index(job)]) if job in earlier else 0

    def forget(self, job_id: str) -> None:
        """Drop a finished job and its result; one that is open stays."""
        with self._guard:
            job = self._jobs.get(job_id)
            if job is not None and not job.open:
                del self._jobs[job_id]


def _end(job: Job, future: Future[Any]) -> None:
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
    job.ended.set()


#: The one registry of the running application.
JOBS = Jobs()
