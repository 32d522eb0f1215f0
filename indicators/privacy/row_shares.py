"""Counts of rows about persons, each a part of a whole, as the shareable view shows them: tables that answer no question."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from indicators.privacy.cell_keys import Noise
from pipelines.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class RowShare:
    """A part of a whole as it is shown: `rows` of `of`, None where suppressed.

    `low` and `high` are the ends of the share in per cent; None where nothing of it is shown. They are equal where it is one
    number.
    """

    rows: int | None
    of: int | None
    low: float | None
    high: float | None

    @property
    def exact(self) -> float | None:
        """The share in per cent where it is shown as one number."""
        return self.low if self.low == self.high else None


def row_share(name: Hashable, rows: int, of: int, noise: Noise | None, settings: Settings) -> RowShare:
    """`rows` of `of`, known by a name; with `noise` perturbed, and suppressed where the part or its rest is small.

    A share with a small side is the interval that follows where its whole is large enough.
    """
    if not of:
        return RowShare(rows, of, None, None)
    if noise is None:
        return RowShare(rows, of, 100 * rows / of, 100 * rows / of)
    whole, part, rest = (
        noise.of_name((name, what), count)
        for what, count in (("of", of), ("rows", rows), ("rest", of - rows))
    )
    if math.isnan(whole):
        return RowShare(None, None, None, None)
    if rows in (0, of):
        share = 100.0 * bool(rows)
        return RowShare(round(whole) if rows else 0, round(whole), share, share)
    if math.isnan(part) or math.isnan(rest):
        ends = (1, noise.most) if math.isnan(part) else (whole - noise.most, whole - 1)
        low, high = (100 * end / whole for end in ends)
        told = min(of, whole) >= settings.share_min_n and math.isnan(part) != math.isnan(rest)
        return RowShare(None, round(whole), low if told else None, high if told else None)
    edge = min(noise.least, whole / 2)
    part = min(max(part, edge), whole - edge)
    return RowShare(round(part), round(whole), 100 * part / whole, 100 * part / whole)


def most_first(
    found: Iterable[T], shown: Callable[[T], int | None], name: Callable[[T], tuple[str, ...]]
) -> list[T]:
    """What a table lists, by the number that it shows of each and then by name: the true order would tell suppressed ones."""
    return sorted(found, key=lambda one: (-(shown(one) or 0), name(one)))
