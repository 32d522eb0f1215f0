"""The one cache of the pages, and the only place where they read the clock, the settings and the published version.

Whatever is asked is asked for the audience of the run, here and nowhere else. An entry is found by the version and what
was asked of it, which says for whom, or by the content of all arguments and the language. Entries are shared between
sessions, so nobody changes them. The least recently used go first; those of a version go with it.
"""

from __future__ import annotations

import copyreg
import hashlib
import inspect
import io
import os
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from functools import lru_cache, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from indicators.answers import answer
from indicators.catalogue.definition import Definition, load_definitions
from indicators.engine.measures import definitions_of
from indicators.engine.question import Answer, Question
from indicators.wording.translations import language
from pages.access.audience import audience, complete, suppresses
from pipelines.errors import WarehouseMissing
from pipelines.settings import SETTINGS_FILE, Settings, load_settings, today_in_finland
from pipelines.warehouse import Snapshot, Warehouse

_MAX_ENTRIES = 2600
#: The environment variables of settings.
_NAMES = tuple(f"TAKUUVAHTI_{field.name.upper()}" for field in fields(Settings))
P, R = ParamSpec("P"), TypeVar("R")


def settings() -> Settings:
    """The settings as they are now, in a run as they were at its start: read again when their file or the environment changed."""
    if _pin.settings is not None:
        return _pin.settings
    environment = tuple((name, os.environ[name]) for name in _NAMES if name in os.environ)
    found = _settings(environment, SETTINGS_FILE.stat().st_mtime_ns)
    if _pin.runs:
        _pin.settings = found
    return found


@lru_cache(maxsize=4)
def _settings(
    environment: tuple[tuple[str, str], ...],
    changed: int,  # noqa: ARG001  (part of the key)
) -> Settings:
    return load_settings(dict(environment))


@lru_cache(maxsize=4)
def _warehouse(folder: Path, memory_limit_mb: int) -> Warehouse:
    return Warehouse(folder, memory_limit_mb)


def warehouse() -> Warehouse:
    """The warehouse of the settings, with its newest version open once for all."""
    now = settings()
    return _warehouse(now.warehouse, now.memory_limit_mb)


def today() -> date:
    """Today in Finland."""
    return today_in_finland()


class _Pin(threading.local):
    """The settings and the version that the run of this thread is pinned to; None until the run first asks for them."""

    runs: int = 0
    settings: Settings | None = None
    snapshot: Snapshot | None = None
    warehouse: Path | None = None


_pin = _Pin()


@contextmanager
def one_version() -> Iterator[None]:
    """Pin this thread to the version that is newest when first asked for: around each run of a page or fragment."""
    _pin.runs += 1
    try:
        yield
    finally:
        _pin.runs -= 1
        if _pin.runs == 0:
            _pin.settings = None
        if _pin.runs == 0 and _pin.snapshot is not None:
            released, _pin.snapshot = _pin.snapshot, None
            _entries.release(released)


def current() -> Snapshot:
    """The newest published version, or the one this run is pinned to. Raises WarehouseMissing or WarehouseDamaged."""
    now = settings()
    if _pin.snapshot is not None and _pin.warehouse == now.warehouse:
        return _pin.snapshot
    snapshot = warehouse().current()
    _entries.drop_other_versions(snapshot)
    if _pin.runs:
        _pin.snapshot, _pin.warehouse = snapshot, now.warehouse
    return snapshot


def definitions() -> Mapping[str, Definition]:
    """All definitions of the newest version by id; the shipped ones alone where nothing is published yet."""
    try:
        return definitions_of(current())
    except WarehouseMissing:
        return load_definitions()


def ask(question: Question) -> Answer:
    """The answer to a question from the newest version. Pages ask through their view (`pages.views.view.PageView`)."""
    snapshot, now, question = current(), settings(), complete(question)
    found: Answer = _entries.get((snapshot, question, now), lambda: answer(snapshot, question, now))
    return found


def cached_call(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """`function(snapshot, *arguments, **named)` for the newest version, computed once. The arguments must be hashable.

    Questions among the arguments, and `suppress` where the function takes it, are those of the audience of the run.
    """
    snapshot = current()
    asked = tuple(map(_of_audience, arguments))
    more = {name: _of_audience(value) for name, value in named.items()}
    if _takes_suppress(function):
        more["suppress"] = suppresses()
    key = (snapshot, function, asked, tuple(sorted(more.items())))
    return _entries.get(key, lambda: function(snapshot, *asked, **more))


def _of_audience(argument: Any) -> Any:
    return complete(argument) if isinstance(argument, Question) else argument


@lru_cache(maxsize=256)
def _takes_suppress(function: Callable[..., Any]) -> bool:
    return "suppress" in inspect.signature(function).parameters


def of_address(name: str, asked: tuple[Any, ...], make: Callable[[], R]) -> R:
    """What is made once for what an address asks, in a version, a language, for an audience, with these settings, on a day."""
    key = (current(), "of address", name, asked, language(), audience(), settings(), today())
    found: R = _entries.get(key, make)
    return found


def cached_by_content(function: Callable[P, R]) -> Callable[P, R]:
    """Cache a function that depends on its arguments and the language alone. The arguments must be picklable."""

    @wraps(function)
    def wrapped(*args: P.args, **named: P.kwargs) -> R:
        key = (content_of(function.__module__, function.__qualname__, args, named),)
        found: R = _entries.get(key, lambda: function(*args, **named))
        return found

    return wrapped


def content_of(*parts: Any) -> bytes:
    """A digest that is the same only where the parts have the same content, in the same language."""
    written = io.BytesIO()
    _Writer(written, protocol=5).dump((language(), parts))
    return hashlib.blake2b(written.getbuffer(), digest_size=16).digest()


class _Writer(pickle.Pickler):
    """Writes a read-only mapping by its content."""

    dispatch_table = copyreg.dispatch_table.copy() | {MappingProxyType: lambda shown: (dict, (dict(shown),))}


def clear() -> None:
    """Drop every entry and every open version."""
    _entries.clear()
    _warehouse.cache_clear()


class _Entries:
    """Entries by key: (snapshot, what was asked …) or (content,). A key that is being computed is waited for."""

    def __init__(self, max_entries: int) -> None:
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[Any, ...], Future[Any]] = OrderedDict()
        self._snapshot: Snapshot | None = None

    def get(self, key: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
        while True:
            with self._lock:
                future = self._found.get(key)
                mine = future is None
                if future is None:
                    future = self._found[key] = Future()
                    if len(self._found) > self._max_entries:
                        self._found.popitem(last=False)
                else:
                    self._found.move_to_end(key)
            if mine:
                self._fill(future, key, compute)
            try:
                return future.result()
            except CancelledError:
                # Whoever computed it failed: compute it here, and raise the fault here.
                continue

    def _fill(self, future: Future[Any], key: tuple[Any, ...], compute: Callable[[], Any]) -> None:
        try:
            future.set_result(compute())
        finally:
            if not future.done():
                with self._lock:
                    self._found.pop(key, None)
                future.cancel()

    def drop_other_versions(self, snapshot: Snapshot) -> None:
        """Drop the entries of other versions, and with them the versions themselves."""
        with self._lock:
            if snapshot is not self._snapshot:
                self._snapshot = snapshot
                self._drop(lambda owner: owner is not snapshot)

    def release(self, snapshot: Snapshot) -> None:
        """Drop the entries of a version that a run has ended with, unless it is the newest one."""
        with self._lock:
            if snapshot is not self._snapshot:
                self._drop(lambda owner: owner is snapshot)

    def _drop(self, is_old: Callable[[Snapshot], bool]) -> None:
        for key in [key for key in self._found if isinstance(key[0], Snapshot) and is_old(key[0])]:
            del self._found[key]

    def clear(self) -> None:
        with self._lock:
            self._snapshot = None
            self._found.clear()


_entries = _Entries(_MAX_ENTRIES)
