"""Number tiles: one number that matters, with what it is of and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """One number or word: what it is, how much, and lines of small print."""

    title: str
    number: str
    details: tuple[str, ...] = ()
