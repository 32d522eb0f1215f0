"""Counts of rows about persons, each a part of a whole and many of them groups of one total, small numbers suppressed.

It is the rule of `suppress` for tables of row counts that answer no question. A part of 1–4 is suppressed, and so
is one that leaves 1–4. A part, its rest, its whole and the totals over groups are protected from each other: none follows.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from indicators.privacy.disclosure import Counts
from pipelines.settings import Settings


@dataclass(frozen=True)
class RowShare:
    """A part of a whole as it is shown: `rows` of `of`, None where suppressed.

    `low` and `high` are the ends of the share in per cent; None where nothing of it is shown. They are equal where it is exact.
    """

    rows: int | None
    of: int | None
    low: float | None
    high: float | None

    @property
    def exact(self) -> float | None:
        """The share in per cent where it is shown exactly."""
        return self.low if self.low == self.high else None

    @classmethod
    def of_exact(cls, rows: int, of: int) -> RowShare:
        """A part of a whole as it is."""
        share = 100 * rows / of if of else None
        return cls(rows, of, share, share)


#: What is suppressed altogether.
SUPPRESSED_SHARE = RowShare(None, None, None, None)


def row_shares(
    parts: Mapping[Hashable, tuple[int, int]], settings: Settings, *, suppress: bool = True
) -> tuple[dict[Hashable, RowShare], RowShare]:
    """Groups of rows, each with its own whole, and the total over all of them, shown with each other.

    `parts` has, by group, how many rows and out of how many. Groups without a row are said by not being listed.
    """
    whole = sum(rows for rows, _ in parts.values()), sum(of for _, of in parts.values())
    if not suppress:
        return {group: RowShare.of_exact(*part) for group, part in parts.items()}, RowShare.of_exact(*whole)
    counts, small = Counts(), settings.hide_below
    cells = {group: _enter(counts, group, *part, small) for group, part in parts.items()}
    total = _enter(counts, ("total",), *whole, small)
    for at, cell in enumerate(total):
        counts.sums_to([mine[at] for mine in cells.values()], cell)
    counts.protect()
    shown = {group: _shown(counts, mine, settings) for group, mine in cells.items()}
    return shown, _shown(counts, total, settings)


def shares_of_one(
    parts: Mapping[Hashable, int], of: int, settings: Settings, *, apart: bool = True, suppress: bool = True
) -> dict[Hashable, RowShare]:
    """Parts of one whole, which is known by their shares; where they are `apart` what none of them has is a count too."""
    if not suppress:
        return {group: RowShare.of_exact(rows, of) for group, rows in parts.items()}
    counts, small = Counts(), settings.hide_below
    cells = {group: _enter(counts, group, rows, of, small, known_whole=True) for group, rows in parts.items()}
    left = of - sum(parts.values())
    if apart and 0 < left < small:
        rest = counts.add("rest", left)
        counts.suppress_small(rest, 1, small - 1)
        counts.sums_to([*(mine[0] for mine in cells.values()), rest], counts.total(of))
    counts.protect()
    return {group: _shown(counts, mine, settings) for group, mine in cells.items()}


def _enter(
    counts: Counts, key: Hashable, rows: int, of: int, small: int, *, known_whole: bool = False
) -> tuple[int, int, int]:
    """A part, its rest and its whole; those that are small are suppressed from the start."""
    part, rest = counts.add((key, "rows"), rows, of), counts.add((key, "rest"), of - rows, of)
    whole = counts.total(of) if known_whole else counts.add((key, "of"), of)
    counts.sums_to([part, rest], whole, components=True)
    counts.suppress_with(part, [rest])
    counts.suppress_with(rest, [part])
    counts.suppress_with(whole, [part])
    for cell in (part, rest, whole):
        if 0 < counts.truth(cell) < small and not (known_whole and cell == whole):
            counts.suppress_small(cell, 1, small - 1)
    return part, rest, whole


def _shown(counts: Counts, cells: tuple[int, int, int], settings: Settings) -> RowShare:
    part, rest, whole = cells
    rows, of, small = int(counts.truth(part)), int(counts.truth(whole)), settings.hide_below
    if counts.is_suppressed(whole) or (counts.is_suppressed(part) and of < settings.share_min_n):
        return RowShare(None, None if counts.is_suppressed(whole) else of, None, None)
    if not counts.is_suppressed(part):
        return RowShare.of_exact(rows, of)
    if 0 < rows < small:
        ends = (1, small - 1)
    elif 0 < counts.truth(rest) < small:
        ends = (of - small + 1, of - 1)
    else:
        return RowShare(None, of, None, None)
    return RowShare(None, of, *(100 * end / of for end in ends))
