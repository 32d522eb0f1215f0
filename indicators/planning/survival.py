"""Honest waits: the share seen within some days of those whose need was assessed, counting those who still wait.

The Kaplan–Meier estimate: people still waiting, or gone without a visit, count as long as they waited. The share answers
“had nobody left”. Beside it the share of those who have been seen, which leaves out who waits longest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log

import numpy as np

#: The standard normal quantile of 95 % intervals.
_Z = 1.959963984540054


@dataclass(frozen=True)
class Need:
    """One person's need: assessed on a day, then seen, or gone without a visit, or neither."""

    assessed: date
    seen: date | None = None
    left: date | None = None


@dataclass(frozen=True)
class SeenWithin:
    """The share (0–1) seen within so many days, with its standard error and 95 % interval.

    None beyond the longest time known, and no interval where the share is 0 or 1; `at_risk` is how many still waited on that day.
    """

    days: int
    share: float | None
    error: float | None
    low: float | None
    high: float | None
    at_risk: int

    @property
    def known(self) -> bool:
        """Whether anybody has been followed for so long."""
        return self.share is not None


@dataclass(frozen=True)
class HonestWaits:
    """How many needs count, how many still wait, the shares seen within some days, and of those seen alone.

    `left` went without a visit: the shares say what would be had nobody left.
    """

    number: int
    waiting: int
    within: tuple[SeenWithin, ...]
    completed_only: tuple[float | None, ...]
    completed: int
    left: int = 0


def honest_waits(needs: Sequence[Need], known_until: date, days: Sequence[int]) -> HonestWaits:
    """The shares seen within each of `days`, from what is known on a day. A visit before its assessment does not count."""
    columns = [[getattr(need, name) for need in needs] for name in ("assessed", "seen", "left")]
    assessed, seen, left = (np.array(column, "datetime64[D]") for column in columns)
    return honest_waits_of(assessed, seen, left, np.ones(len(needs), int), known_until, days)


# Many parameters because each column of the needs is one.
def honest_waits_of(
    assessed: np.ndarray,
    seen: np.ndarray,
    left: np.ndarray,
    number: np.ndarray,
    known_until: date,
    days: Sequence[int],
) -> HonestWaits:
    """The same of needs as columns of days (NaT where there is none), so many alike in each row.

    Seen on a day counts before gone on it.
    """
    # Statistics are heavy to import, and few pages need them.
    from statsmodels.duration.survfunc import SurvfuncRight

    until = np.datetime64(known_until)
    counts = (assessed <= until) & ~(seen < assessed)
    assessed, seen, left = (np.repeat(column[counts], number[counts]) for column in (assessed, seen, left))
    was_seen = (seen <= until) & ~(left < seen)
    has_left = ~was_seen & (left <= until)
    end = np.where(was_seen, seen, np.where(has_left, np.maximum(left, assessed), until))
    waits = (end - assessed).astype(int).astype(float)
    estimate = SurvfuncRight(waits, was_seen.astype(int)) if was_seen.any() else None
    within = tuple(_within(mark, waits, estimate) for mark in days)
    of_seen = waits[was_seen]
    completed = tuple(float((of_seen <= mark).mean()) if len(of_seen) else None for mark in days)
    waiting = int((~was_seen & np.isnat(left)).sum())
    return HonestWaits(len(waits), waiting, within, completed, len(of_seen), int(has_left.sum()))


def _within(mark: int, waits: np.ndarray, estimate: object) -> SeenWithin:
    at_risk = int((waits >= mark).sum())
    longest = waits.max(initial=-1)
    share, error = 0.0, 0.0
    if estimate is not None:
        times, left, errors = (
            np.asarray(getattr(estimate, name)) for name in ("surv_times", "surv_prob", "surv_prob_se")
        )
        at = int(np.searchsorted(times, mark, "right")) - 1
        if at >= 0:
            share, error = 1 - float(left[at]), float(errors[at])
    all_seen = share >= 1 - 1e-12
    if mark > longest and not all_seen:
        return SeenWithin(mark, None, None, None, None, at_risk)
    if all_seen or share <= 0:
        return SeenWithin(mark, min(share, 1.0), 0.0, None, None, at_risk)
    rest = 1 - share
    spread = exp(_Z * error / (rest * abs(log(rest))))
    return SeenWithin(mark, share, error, 1 - rest ** (1 / spread), 1 - rest**spread, at_risk)
