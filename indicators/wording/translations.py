"""Texts of pages and reports: English sentences as message keys, other languages from the catalogues in `data/locale`.

Each page has a catalogue of its own, `shared.po` holds what several pages use. The language is in the address
(`?kieli=sv`), stays for the session, and is the setting `default_language` where nothing is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from indicators.catalogue.messages import translations
from pipelines.settings import load_settings

_forced: ContextVar[str | None] = ContextVar("language", default=None)
#: What knows the language a reader has chosen; empty where nothing does.
_choices: list[Callable[[], str | None]] = []
#: The language of the run that is under way in this thread.
_of_run: ContextVar[str | None] = ContextVar("language_of_run", default=None)


def N_(message: str) -> str:
    """Mark a message that is translated later, when it is shown."""
    return message


def _(message: str) -> str:
    """The message in the current language."""
    return translations(language()).gettext(message)


def ngettext(singular: str, plural: str, count: float) -> str:
    """The message in the form that the count takes in the current language."""
    return translations(language()).ngettext(singular, plural, round(count))


def language() -> str:
    """The code of the current language."""
    return _forced.get() or _of_run.get() or _asked_for()


def start_run() -> None:
    """Read the reader's language once for a run, not at every word. Called by the router first of all."""
    _of_run.set(_asked_for())


def read_choice_from(choice: Callable[[], str | None]) -> None:
    """Ask this function for the language a reader has chosen; it returns None where there is none."""
    _choices[:] = [choice]


def _asked_for() -> str:
    """The language a reader has chosen, else the default one."""
    return next((chosen for choice in _choices if (chosen := choice())), _default())


@contextmanager
def in_language(name: str) -> Iterator[None]:
    """Everything said inside is said in this language, whatever the session's is.

    >>> with in_language("sv"):
    ...     language()
    'sv'
    """
    token = _forced.set(name)
    try:
        yield
    finally:
        _forced.reset(token)


@cache
def _default() -> str:
    return load_settings().default_language
