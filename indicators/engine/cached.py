"""The one cache of `indicators`: what follows from a published version alone is computed once, and freed with the version.

Shipped files are read once a process (`functools.cache` in the catalogue); nothing else is cached.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

#: A published version, or an object computed from one, known by its identity.
V = TypeVar("V")
P = ParamSpec("P")
T = TypeVar("T")
_lock = threading.Lock()


def cached_per_version(
    most: int = 2000,
) -> Callable[[Callable[Concatenate[V, P], T]], Callable[Concatenate[V, P], T]]:
    """Cache what a function of a version and of hashable arguments returns; callers read it, never change it.

    Of each version the newest `most` results are held. `cache_clear` of the function frees them.
    """

    def decorate(function: Callable[Concatenate[V, P], T]) -> Callable[Concatenate[V, P], T]:
        cached: WeakKeyDictionary[V, dict[tuple[Any, ...], T]] = WeakKeyDictionary()

        @wraps(function)
        def call(version: V, /, *arguments: P.args, **named: P.kwargs) -> T:
            key = (arguments, tuple(named.items()))
            with _lock:
                found = cached.setdefault(version, {})
                if key in found:
                    return found[key]
            result = function(version, *arguments, **named)
            with _lock:
                found[key] = result
                while len(found) > most:
                    del found[next(iter(found))]
            return result

        call.__dict__["cache_clear"] = cached.clear
        return call

    return decorate
