"""Keeping what is made of the same things over and over: figures and tables, shared by all sessions.

What is kept is found by the content of everything it is made of, and by the language. A new version, setting, target or
day changes what it is made of, so nothing has to be forgotten and nothing old can be shown. It is shared: nobody
changes it.
"""

from __future__ import annotations

import copyreg
import hashlib
import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from pages.text.translations import language

_MOST = 600
P, R = ParamSpec("P"), TypeVar("R")


@dataclass(frozen=True)
class _Wanted:
    content: bytes
    make: Callable[[], Any] = field(compare=False)


@lru_cache(maxsize=_MOST)
def _made(wanted: _Wanted) -> Any:
    return wanted.make()


class _Writer(pickle.Pickler):
    """Writes what figures are made of; a read-only mapping is its content."""

    dispatch_table = copyreg.dispatch_table.copy() | {MappingProxyType: lambda shown: (dict, (dict(shown),))}


def content_of(*parts: Any) -> bytes:
    """A mark that is the same only where the parts have the same content, in the same language."""
    written = io.BytesIO()
    _Writer(written, protocol=5).dump((language(), parts))
    return hashlib.blake2b(written.getbuffer(), digest_size=16).digest()


def kept(function: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function returns: one that is told everything by its arguments, and otherwise only the language.

    The arguments must be such that pickle can write them.
    """

    @wraps(function)
    def wrapped(*args: P.args, **named: P.kwargs) -> R:
        content = content_of(function.__module__, function.__qualname__, args, named)
        made: R = _made(_Wanted(content, lambda: function(*args, **named)))
        return made

    return wrapped
