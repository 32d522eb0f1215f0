"""What is wanted of a queue, when it holds again, and the fewest visits that reach it and keep it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from indicators.planning.compartments import TOLERANCE, Projection

SHARE, QUEUE, OVER = "share", "queue", "over"
#: Why a target cannot be reached: not by its week whatever the visits, or reached and not kept.
NOT_BY_WEEK, NOT_HELD = "not_by_week", "not_held"
#: Fewer people than this are nobody.
NOBODY = 0.5


@dataclass(frozen=True)
class Wanted:
    """A target: at least a share within the limit (0–1), or at most so many waiting or over the limit (0: nobody)."""

    kind: str
    value: float

    def met(self, found: Projection) -> np.ndarray:
        """Whether each run meets it in each week; of a share also where nobody with a limit waits."""
        if self.kind == SHARE:
            return np.isnan(found.share) | (found.share >= self.value - TOLERANCE)
        numbers = found.queue if self.kind == QUEUE else found.over
        if self.value == 0:
            return numbers < NOBODY
        return numbers <= self.value + TOLERANCE


def holds_from(met: np.ndarray) -> np.ndarray:
    """The first week (1 is the first) from which a target is met to the end, by run; 0 where it is not."""
    kept = np.logical_and.accumulate(met[:, ::-1], axis=1)[:, ::-1]
    return np.where(kept.any(axis=1), kept.argmax(axis=1) + 1, 0)


@dataclass(frozen=True)
class Needed:
    """The fewest whole visits more a week that reach a target by a week (`extra`) and keep it after (`extra_after`).

    None where it is impossible, with its `reason`. `monotone`: no greater number fails. `emptied`: it is met with nobody waiting.
    """

    possible: bool
    reason: str | None = None
    extra: int | None = None
    extra_after: int | None = None
    monotone: bool = True
    emptied: bool = False


#: The projections with so many visits more a week until the week of the target, and so many after it: one run each pair.
Try = Callable[[np.ndarray, np.ndarray], Projection]


def least_visits(attempt: Try, wanted: Wanted, by: int, most: int) -> Needed:
    """The fewest visits more that reach what is wanted in week `by`, then the fewest after it that keep it to the end.

    Every whole number up to `most` is tried at once: of the share within the limit more visits can be worse.
    """
    numbers = np.arange(most + 1)
    first = attempt(numbers, np.zeros(most + 1))
    reached = wanted.met(first)[:, by - 1]
    if not reached.any():
        return Needed(False, NOT_BY_WEEK, monotone=bool(_is_monotone(reached)))
    extra = int(reached.argmax())
    after = attempt(np.full(most + 1, extra), numbers)
    kept = wanted.met(after)[:, by - 1 :].all(axis=1)
    found = Needed(True, None, extra, None, _is_monotone(reached), bool(first.queue[extra, by - 1] < NOBODY))
    if not kept.any():
        return Needed(False, NOT_HELD, extra, None, found.monotone, found.emptied)
    return Needed(True, None, extra, int(kept.argmax()), found.monotone, found.emptied)


def _is_monotone(reached: np.ndarray) -> bool:
    """Whether no number fails that is greater than one that does not."""
    return bool((np.logical_or.accumulate(reached) == reached).all())
