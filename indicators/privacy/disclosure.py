"""Which further counts to suppress, so that no suppressed one follows from those that are shown.

A reader sees counts and knows how they add up: groups sum to all, weeks to the thirteen weeks, those in time and those late
to all with dates. A suppressed count follows where these sums and what is known of each (a suppressed small number is 1–4,
none is negative) leave it a single value. Then one more count of a sum is suppressed, the smallest, until nothing follows.
Source: secondary cell suppression; L. Willenborg and T. de Waal, Elements of Statistical Disclosure Control (2001), chapter 6.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping, Sequence

import numpy as np

#: More than any count.
UNBOUNDED = 1e12
#: Rounds of narrowing after which bounds are taken as they are; each is a bound, if not the narrowest.
_ROUNDS = 50
#: More sums than this are not solved at once: it would take seconds. Their bounds are still used.
_MOST_SUMS = 1500


class Counts:
    """Counts by key, the sums they are in, and what a reader sees of them.

    >>> counts = Counts()
    >>> cells = [counts.add(name, truth) for name, truth in (("a", 3), ("b", 20), ("c", 30))]
    >>> counts.sums_to(cells, counts.total(53))
    >>> counts.suppress_small(cells[0], 1, 4)
    >>> counts.protect()
    >>> [counts.is_suppressed(cell) for cell in cells]
    [True, True, False]
    """

    def __init__(self) -> None:
        self._index: dict[Hashable, int] = {}
        self._truth: list[float] = []
        self._size: list[float] = []
        self._fixed: list[bool] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._suppressed: set[int] = set()
        self._latent: set[int] = set()
        self._guarded: set[int] = set()
        self._along: dict[int, tuple[int, ...]] = {}
        self._sums: list[tuple[tuple[int, ...], int]] = []
        self._component_sums: set[int] = set()
        self._known_sums: set[tuple[tuple[int, ...], int]] = set()

    def add(self, key: Hashable, truth: float, size: float | None = None) -> int:
        """A count that is shown, by its key; the same key is the same count. `size` orders what is suppressed first."""
        if key in self._index:
            return self._index[key]
        self._index[key] = len(self._truth)
        return self._new(truth, truth if size is None else size, fixed=False)

    def find(self, key: Hashable) -> int | None:
        """The count of a key, None where there is none."""
        return self._index.get(key)

    def total(self, truth: float) -> int:
        """A total that is shown elsewhere and cannot be suppressed here."""
        return self._new(truth, truth, fixed=True)

    def latent(self, key: Hashable = None) -> int:
        """A count that is never shown, only part or sum of others that are; with a key that of the key."""
        if key in self._index:
            return self._index[key]
        if key is not None:
            self._index[key] = len(self._truth)
        cell = self._new(0, 0, fixed=True)
        self._latent.add(cell)
        return cell

    def is_shown(self, cell: int) -> bool:
        """Whether a count is one that is shown, if it is not suppressed."""
        return cell not in self._latent

    def protect_last(self, cell: int) -> None:
        """Say that a count is suppressed only where it is small itself."""
        self._fixed[cell] = True

    def truth(self, cell: int) -> float:
        """What a count is."""
        return self._truth[cell]

    @property
    def any_suppressed(self) -> bool:
        """Whether any count is suppressed."""
        return bool(self._suppressed)

    def _new(self, truth: float, size: float, *, fixed: bool) -> int:
        self._truth.append(truth)
        self._size.append(size)
        self._fixed.append(fixed)
        self._low.append(0.0)
        self._high.append(UNBOUNDED)
        return len(self._truth) - 1

    def sums_to(self, cells: Sequence[int], total: int, *, components: bool = False) -> None:
        """Say that counts sum to another; `components` of one figure, of which the figure is suppressed last."""
        known_sum = (tuple(sorted(cells)), total)
        if list(cells) != [total] and known_sum not in self._known_sums:
            self._known_sums.add(known_sum)
            if components:
                self._component_sums.add(len(self._sums))
            self._sums.append((tuple(cells), total))

    def suppress_with(self, cell: int, others: Iterable[int]) -> None:
        """Say that these counts are suppressed with another."""
        self._along[cell] = (*self._along.get(cell, ()), *others)

    def suppress_small(self, cell: int, low: float, high: float) -> None:
        """Suppress a count of which a reader knows that it is from `low` to `high`, and protect it from following."""
        self._low[cell], self._high[cell] = max(self._low[cell], low), min(self._high[cell], high)
        self._suppress(cell)

    def at_most(self, cell: int, high: float) -> None:
        """Say that a reader knows of a count, if it is suppressed or latent, that it is no more than this."""
        self._high[cell] = min(self._high[cell], high)

    def _suppress(self, cell: int) -> list[int]:
        """Suppress a count and what goes along with it; returns all that are newly suppressed."""
        self._guarded.add(cell)
        waiting, gone = [cell], []
        while waiting:
            one = waiting.pop()
            if one not in self._suppressed:
                self._suppressed.add(one)
                gone.append(one)
                waiting += self._along.get(one, ())
        return gone

    def is_suppressed(self, cell: int) -> bool:
        """Whether a count is suppressed."""
        return cell in self._suppressed

    def protect(self) -> None:
        """Suppress further counts until no suppressed one follows; where nothing is left to suppress, it stays as it is."""
        if not self._suppressed:
            return
        of: dict[int, list[int]] = {}
        for place, (cells, total) in enumerate(self._sums):
            for cell in (*cells, total):
                of.setdefault(cell, []).append(place)
        # The sums that suppress nothing yet.
        whole = {
            place
            for place in range(len(self._sums))
            if place not in self._component_sums and self._suppressed.isdisjoint(self._members(place))
        }
        given_up: set[int] = set()
        while True:
            determined: dict[int, float] = {}
            followed = self._followed(determined, given_up)
            if not followed:
                determined = self._determined()
                followed = self._followed(determined, given_up)
            followed = [cell for cell in followed if cell in of]
            if not followed:
                return
            touched: set[int] = set()
            for cell in followed:
                if touched.isdisjoint(of[cell]):
                    chosen = self._next(self._reached(cell, of, determined), of, whole)
                    if chosen is None:
                        given_up.add(cell)
                    else:
                        for gone in self._suppress(chosen):
                            touched.update(of.get(gone, ()))
                        whole -= touched

    def _followed(self, determined: Mapping[int, float], but: Container[int]) -> list[int]:
        """The suppressed counts that are left a single value, where the `determined` ones are known; without those of `but`."""
        low, high = self.bounds(determined)
        return [cell for cell in sorted(self._guarded) if high[cell] - low[cell] < 0.5 and cell not in but]

    def _reached(
        self, cell: int, of: Mapping[int, Sequence[int]], determined: Mapping[int, float]
    ) -> list[int]:
        """The sums of a count, and those through which latent counts are determined in them."""
        mine = list(of[cell])
        latent = {
            one for place in mine for one in self._members(place) if one in determined and one in self._latent
        }
        return list(dict.fromkeys([*mine, *(place for one in sorted(latent) for place in of[one])]))

    def _next(self, sums: Iterable[int], of: Mapping[int, Sequence[int]], whole: set[int]) -> int | None:
        """The count to suppress in any of these sums: the smallest whose other sums suppress something already.

        A total, one of nothing, or the figure whose components they are, only where there is no other. Where the sums have no
        other, those that share latent counts with them are searched.
        """
        reached = list(dict.fromkeys(sums))
        new = reached
        while new:
            shown = [
                (
                    place in self._component_sums,
                    self._size[cell] <= 0,
                    cell == self._sums[place][1],
                    len(whole.intersection(of[cell])) - (place in whole),
                    self._size[cell],
                    cell,
                )
                for place in new
                for cell in self._members(place)
                if cell not in self._suppressed and not self._fixed[cell]
            ]
            if shown:
                return min(shown)[-1]
            latent = {cell for place in new for cell in self._members(place) if cell in self._latent}
            new = sorted({place for cell in latent for place in of[cell]} - set(reached))
            reached += new
        return None

    def _members(self, place: int) -> tuple[int, ...]:
        cells, total = self._sums[place]
        return (*cells, total)

    def _determined(self) -> dict[int, float]:
        """The counts, suppressed or latent, that the sums leave a single solution whatever a count may be; with it.

        Sums that have no unknown count in common are solved apart from each other.
        """
        unknown = self._suppressed | self._latent
        places = [place for place in range(len(self._sums)) if not unknown.isdisjoint(self._members(place))]
        found: dict[int, float] = {}
        for group in self._linked(places, unknown):
            cells = sorted({cell for place in group for cell in self._members(place) if cell in unknown})
            if len(group) > _MOST_SUMS or (len(group) == 1 and len(cells) > 1):
                # Too many to solve, or one sum that says nothing of its single counts.
                continue
            columns = {cell: at for at, cell in enumerate(cells)}
            matrix, known = np.zeros((len(group), len(cells))), np.zeros(len(group))
            for at, place in enumerate(group):
                summands, total = self._sums[place]
                for cell, sign in (*((cell, 1.0) for cell in summands), (total, -1.0)):
                    if cell in columns:
                        matrix[at, columns[cell]] += sign
                    else:
                        known[at] -= sign * self._truth[cell]
            found |= _single_solutions(matrix, known, cells)
        return found

    def _linked(self, places: Iterable[int], unknown: Container[int]) -> list[list[int]]:
        """The sums in groups that have no unknown count in common; within a group one leads to the next by such counts."""
        groups: dict[int, list[int]] = {}
        group_of: dict[int, int] = {}
        for place in places:
            mine = {cell for cell in self._members(place) if cell in unknown}
            joined = {group_of[cell] for cell in mine if cell in group_of}
            # The smaller groups go into the largest.
            into = max(joined, key=lambda group: len(groups[group]), default=place)
            groups.setdefault(into, []).append(place)
            for other in joined - {into}:
                for moved in groups.pop(other):
                    groups[into].append(moved)
                    group_of.update((cell, into) for cell in self._members(moved) if cell in unknown)
            group_of.update(dict.fromkeys(mine, into))
        return list(groups.values())

    def bounds(self, determined: Mapping[int, float] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The least and the most each count can be for who sees what is shown and knows the sums, and what is determined."""
        truth = np.array(self._truth, dtype=float)
        hidden = np.zeros(len(truth), dtype=bool)
        hidden[[*self._suppressed, *self._latent]] = True
        low = np.where(hidden, self._low, truth)
        high = np.where(hidden, self._high, truth)
        for known, value in (determined or {}).items():
            low[known] = high[known] = value
        active = [
            (cells, total)
            for cells, total in self._sums
            if hidden[total] or any(hidden[cell] for cell in cells)
        ]
        if not active:
            return low, high
        cell = np.array([one for cells, total in active for one in (*cells, total)])
        place = np.repeat(np.arange(len(active)), [len(cells) + 1 for cells, _ in active])
        sign = np.array([one for cells, _ in active for one in (*(1,) * len(cells), -1)])
        for _ in range(_ROUNDS):
            # Each sum says Σ sign · count = 0: what the others leave bounds each count.
            least = np.where(sign > 0, low[cell], -high[cell])
            most = np.where(sign > 0, high[cell], -low[cell])
            rest_least = np.bincount(place, least)[place] - least
            rest_most = np.bincount(place, most)[place] - most
            new_low, new_high = low.copy(), high.copy()
            np.maximum.at(new_low, cell, np.where(sign > 0, -rest_most, rest_least))
            np.minimum.at(new_high, cell, np.where(sign > 0, -rest_least, rest_most))
            new_low[~hidden], new_high[~hidden] = truth[~hidden], truth[~hidden]
            if (new_low == low).all() and (new_high == high).all():
                break
            low, high = new_low, new_high
        return low, high


def _single_solutions(matrix: np.ndarray, known: np.ndarray, cells: Sequence[int]) -> dict[int, float]:
    """The cells, one per column, that the equations leave one solution, with it.

    A cell is determined where its unit vector lies in the row space of the matrix: where the projection on it is 1.
    """
    by_row = len(matrix) <= matrix.shape[1]
    scale, axes = np.linalg.eigh(matrix @ matrix.T if by_row else matrix.T @ matrix)
    real = scale > 1e-9
    axes, scale = axes[:, real], scale[real]
    # An orthonormal basis of the row space, one axis a row.
    basis = (axes.T @ matrix) / np.sqrt(scale)[:, None] if by_row else axes.T
    solution = basis.T @ ((basis @ (matrix.T @ known)) / scale)
    share = (basis**2).sum(axis=0)
    return {cells[at]: float(round(solution[at])) for at in np.flatnonzero(share > 1 - 1e-6).tolist()}
