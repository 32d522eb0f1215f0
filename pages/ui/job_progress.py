"""Background jobs on a page: who starts them, their progress, what came of them, and what is previewed by one."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from indicators.wording.translations import _
from pages.access import session
from pages.access.decision import Right
from pages.text.markup import plain
from pages.text.upload import error_words, stage_words
from pages.ui import loading
from pages.ui.jobs import INSPECTING, JOBS, LOADING, RESULTS, Job, Progress, Work
from pipelines.identity_codes import mask
from pipelines.warehouse.audit import Event

#: How long a page waits for a quick job before it shows its progress instead.
PATIENCE_SECONDS = 1.5


#: What a kind of job needs, and what the audit log calls one that has changed the warehouse; others are loads.
_RIGHTS = {"master": Right.MASTER, "entry": Right.ENTER}
_EVENTS = {"master": Event.MAPPED, "entry": Event.ENTERED, "withdraw": Event.WITHDRAWN}


def submit_job(line: str, kind: str, title: str, work: Work) -> Job:
    """Start work in the background, recorded when it has changed the warehouse. Raises AccessRefused."""
    session.require(_RIGHTS.get(kind, Right.LOAD))
    now, _today = loading.now_and_today()
    warehouse, who = loading.settings().warehouse, session.user()

    def recorded(progress: Progress) -> Any:
        result = work(progress)
        if line == LOADING:
            session.append(
                warehouse, _EVENTS.get(kind, Event.LOADED), who, loading.version(), what=mask(title)
            )
            if loading.has_results():
                JOBS.start(RESULTS, RESULTS, RESULTS, who, now, lambda _progress: loading.refresh_results())
        return result

    return JOBS.start(line, kind, title, who, now, recorded)


def start_job(line: str, kind: str, title: str, work: Work) -> Job:
    """Start work in the background, and wait a moment in case it is quick. Raises AccessRefused."""
    job = submit_job(line, kind, title, work)
    job.wait(PATIENCE_SECONDS)
    return job


@st.fragment(run_every=1.0)
def watch(job_id: str) -> None:
    """The progress of a job, looked at every second; the page is run again when it has ended."""
    job = JOBS.get(job_id)
    if job is None or not job.open:
        st.rerun()
    else:
        st.progress(job.share, text=stage_words(job))


def show_outcome(job: Job, shown: Callable[[Any], None]) -> None:
    """What became of a job: its progress, its error, or its result as `shown`."""
    if job.open:
        watch(job.id)
    elif job.error is not None:
        st.error(plain(error_words(job.error)))
    else:
        shown(job.result)


def show_jobs(kind: str, shown: Callable[[Any], None]) -> None:
    """The jobs of a kind that write, until they are put away; `shown` shows a result."""
    for job in JOBS.of_line(LOADING):
        if job.kind != kind:
            continue
        with st.container(border=True):
            st.markdown(f"**{plain(job.title)}**")
            show_outcome(job, shown)
            if not job.open:
                st.button(_("Put away"), key=f"forget-{job.id}", on_click=JOBS.forget, args=(job.id,))


class Preview:
    """What something would change, worked out by a job and found again in the session under a mark."""

    def __init__(self, key: str) -> None:
        self._key = key

    @property
    def mark(self) -> Hashable:
        """What is previewed; None where nothing is."""
        looked = st.session_state.get(self._key)
        return None if looked is None else looked[0]

    def job(self, mark: Hashable) -> Job | None:
        """The job of a mark; None where another one or nothing is previewed, or the job is forgotten."""
        return JOBS.get(st.session_state[self._key][1]) if self.mark == mark else None

    def start(self, mark: Hashable, kind: str, title: str, work: Work) -> None:
        """Start a preview, in place of the one before."""
        self.close()
        st.session_state[self._key] = mark, start_job(INSPECTING, kind, title, work).id

    def close(self) -> None:
        """Put the preview away; nothing has changed."""
        looked = st.session_state.pop(self._key, None)
        if looked is not None:
            JOBS.forget(looked[1])
