"""Number tiles: one number that matters, with what it is of and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """One number: what it is, how much, against what, how it moved.

    `verdict` is a name of `formats.VERDICTS`; `trend` the values of the small line, `trend_words` its text alternative,
    `target` a level in it. `hollow` marks a number of an earlier period than the one selected; `link` is the address
    its title leads to.
    """

    title: str
    number: str
    details: tuple[str, ...] = ()
    verdict: str | None = None
    change: str | None = None
    trend: tuple[float | None, ...] = ()
    trend_words: str = ""
    target: float | None = None
    first: bool = False
    hollow: bool = False
    link: str = ""
