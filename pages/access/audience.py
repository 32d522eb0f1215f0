"""The audience of the run that is under way, for which every question is completed. Unless told otherwise it is shareable."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import replace

from indicators.engine.question import Question
from pages.access.decision import SHAREABLE, Audience

_of_run: ContextVar[Audience] = ContextVar("audience", default=SHAREABLE)


def start_run(audience: Audience) -> None:
    """Make all that this run shows for an audience; to be called before a page is drawn."""
    _of_run.set(audience)


def audience() -> Audience:
    """The audience of this run."""
    return _of_run.get()


def suppresses() -> bool:
    """Whether small numbers are suppressed for the audience, but for those of its own units."""
    return not audience().everything


def complete(question: Question) -> Question:
    """A question as the audience may ask it: exact, exact for its own units, or shareable."""
    units = tuple(sorted(audience().units)) if suppresses() else ()
    return replace(question, suppress=suppresses(), exact_units=units)
