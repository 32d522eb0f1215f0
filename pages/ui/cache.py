"""Every cached access to the warehouse and the indicators, and the only place where pages read the clock.

The published version is looked up at every interaction, so that newly published data shows at the next one. Answers
are kept under the version and the whole question; they are shared between sessions, so a page never changes the
frame of an answer but works on a copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from indicators.question import Answer, Question
from pipelines.settings import SETTINGS_FILE, Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse

_FINLAND = ZoneInfo("Europe/Helsinki")
_ANSWERS_KEPT = 600
#: What the environment may say of the settings.
_NAMES = tuple(f"TAKUUVAHTI_{field.name.upper()}" for field in fields(Settings))


def settings() -> Settings:
    """The settings as they are now: read again when their file or the environment has changed."""
    named = tuple((name, os.environ[name]) for name in _NAMES if name in os.environ)
    return _settings(named, SETTINGS_FILE.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _settings(environment: tuple[tuple[str, str], ...], changed: int) -> Settings:
    return load_settings(dict(environment))


@lru_cache(maxsize=4)
def _warehouse(folder: Path, memory_limit_mb: int) -> Warehouse:
    return Warehouse(folder, memory_limit_mb)


def current() -> Snapshot:
    """The newest published version. Raises WarehouseMissing or WarehouseDamaged."""
    now = settings()
    return _warehouse(now.warehouse, now.memory_limit_mb).current()


def ask(question: Question) -> Answer:
    """The answer to a question from the newest version, computed once per version. Not to be changed."""
    return _answer(current(), question, settings())


def remembered(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """`function(snapshot, *arguments, **named)` for the newest version, computed once per version.

    The function is one of `indicators` that takes the snapshot first; the arguments must be hashable.
    """
    return _computed(function, current(), arguments, tuple(sorted(named.items())))


@lru_cache(maxsize=_ANSWERS_KEPT)
def _answer(snapshot: Snapshot, question: Question, now: Settings) -> Answer:
    # Imported here, so that pages open quickly where nothing has to be computed.
    from indicators.engine import answer

    return answer(snapshot, question, now)


@lru_cache(maxsize=_ANSWERS_KEPT)
def _computed(
    function: Callable[..., Any], snapshot: Snapshot, arguments: tuple[Any, ...], named: tuple[Any, ...]
) -> Any:
    return function(snapshot, *arguments, **dict(named))


def clear() -> None:
    """Forget every answer and every open version."""
    for kept in (_answer, _computed, _warehouse):
        kept.cache_clear()


def today() -> date:
    """Today in Finland."""
    return datetime.now(_FINLAND).date()
