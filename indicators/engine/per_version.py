"""What follows from a published version alone: worked out once, and let go with the version."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from pipelines.warehouse import Snapshot

P = ParamSpec("P")
T = TypeVar("T")


def once_per_version(
    function: Callable[Concatenate[Snapshot, P], T],
) -> Callable[Concatenate[Snapshot, P], T]:
    """Remember what a function of a published version and of hashable arguments returns; read, never written.

    For functions of few different arguments: nothing is forgotten while the version lasts.
    """
    remembered: WeakKeyDictionary[Snapshot, dict[tuple[Any, ...], T]] = WeakKeyDictionary()

    @wraps(function)
    def once(snapshot: Snapshot, *arguments: P.args, **named: P.kwargs) -> T:
        found = remembered.setdefault(snapshot, {})
        key = (*arguments, *named.items())
        if key not in found:
            found[key] = function(snapshot, *arguments, **named)
        return found[key]

    return once
