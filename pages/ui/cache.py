"""Every cached access to the warehouse and the indicators, and the only place where pages read the clock.

The published version is looked up once in every run of a page, so that newly published data shows at the next
interaction and no page shows two versions at once. Answers are cached under the version and the whole question; they are
shared between sessions, so a page never changes the frame of an answer but works on a copy.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from indicators.answers import answer
from indicators.catalogue.definition import Definition, load_definitions
from indicators.engine.measures import definitions_of
from indicators.engine.question import Answer, Question
from pipelines.errors import WarehouseMissing
from pipelines.settings import SETTINGS_FILE, Settings, load_settings, today_in_finland
from pipelines.warehouse import Snapshot, Warehouse

_ANSWERS_KEPT = 2000
#: What the environment may say of the settings.
_NAMES = tuple(f"TAKUUVAHTI_{field.name.upper()}" for field in fields(Settings))


def settings() -> Settings:
    """The settings as they are now: read again when their file or the environment has changed."""
    named = tuple((name, os.environ[name]) for name in _NAMES if name in os.environ)
    return _settings(named, SETTINGS_FILE.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _settings(
    environment: tuple[tuple[str, str], ...],
    changed: int,  # noqa: ARG001  (what it is kept by)
) -> Settings:
    return load_settings(dict(environment))


@lru_cache(maxsize=4)
def _warehouse(folder: Path, memory_limit_mb: int) -> Warehouse:
    return Warehouse(folder, memory_limit_mb)


class _Pin(threading.local):
    """The version that the run of this thread is pinned to. None of it yet, until the run first asks for one."""

    runs: int = 0
    snapshot: Snapshot | None = None


_pin = _Pin()


@contextmanager
def one_version() -> Iterator[None]:
    """Meanwhile `current` gives this thread one version, whatever is published: around each run of a page or fragment.

    It is the version that is newest when it is first asked for. Where runs are nested the outermost decides.
    """
    _pin.runs += 1
    try:
        yield
    finally:
        _pin.runs -= 1
        if _pin.runs == 0 and _pin.snapshot is not None:
            released, _pin.snapshot = _pin.snapshot, None
            _kept.release(released)


def current() -> Snapshot:
    """The newest published version, or the one that this run began with. Raises WarehouseMissing or WarehouseDamaged."""
    now = settings()
    if _pin.snapshot is not None and _pin.snapshot.path.is_relative_to(now.warehouse):
        return _pin.snapshot
    snapshot = _warehouse(now.warehouse, now.memory_limit_mb).current()
    _kept.keep_only(snapshot)
    if _pin.runs:
        _pin.snapshot = snapshot
    return snapshot


def definitions() -> Mapping[str, Definition]:
    """All definitions of the newest version by id; the shipped ones alone where nothing is published yet."""
    try:
        return definitions_of(current())
    except WarehouseMissing:
        return load_definitions()


def ask(question: Question) -> Answer:
    """The answer to a question from the newest version, computed once per version. Not to be changed."""
    snapshot, now = current(), settings()
    found: Answer = _kept.of((snapshot, question, now), lambda: answer(snapshot, question, now))
    return found


def remembered(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """`function(snapshot, *arguments, **named)` for the newest version, computed once per version.

    The function is one of `indicators` that takes the snapshot first; the arguments must be hashable.
    """
    snapshot = current()
    key = (snapshot, function, arguments, tuple(sorted(named.items())))
    return _kept.of(key, lambda: function(snapshot, *arguments, **named))


class _Kept:
    """Answers by what was asked, the snapshot first. Whoever asks what is just being computed waits for it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[Any, ...], Future[Any]] = OrderedDict()
        self._snapshot: Snapshot | None = None

    def of(self, key: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
        while True:
            with self._lock:
                future = self._found.get(key)
                mine = future is None
                if future is None:
                    future = self._found[key] = Future()
                    if len(self._found) > self._most:
                        self._found.popitem(last=False)
                else:
                    self._found.move_to_end(key)
            if mine:
                self._fill(future, key, compute)
            try:
                return future.result()
            except CancelledError:
                # Whoever computed it failed: try oneself, and meet the fault oneself.
                continue

    def _fill(self, future: Future[Any], key: tuple[Any, ...], compute: Callable[[], Any]) -> None:
        try:
            future.set_result(compute())
        finally:
            if not future.done():
                with self._lock:
                    self._found.pop(key, None)
                future.cancel()

    def keep_only(self, snapshot: Snapshot) -> None:
        """Forget the answers of other versions, and with them the versions themselves."""
        with self._lock:
            if snapshot is not self._snapshot:
                self._snapshot = snapshot
                self._drop(lambda key: key[0] is not snapshot)

    def release(self, snapshot: Snapshot) -> None:
        """Forget the answers of a version that a run has ended with, where it is no longer the newest one."""
        with self._lock:
            if snapshot is not self._snapshot:
                self._drop(lambda key: key[0] is snapshot)

    def _drop(self, is_old: Callable[[tuple[Any, ...]], bool]) -> None:
        for key in [key for key in self._found if is_old(key)]:
            del self._found[key]

    def clear(self) -> None:
        with self._lock:
            self._snapshot = None
            self._found.clear()


_kept = _Kept(_ANSWERS_KEPT)


def clear() -> None:
    """Forget every answer and every open version."""
    _kept.clear()
    _warehouse.cache_clear()


def today() -> date:
    """Today in Finland."""
    return today_in_finland()
