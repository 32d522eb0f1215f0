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
_EXACTNESS = 1e-12


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

    counts, waits, was_seen, has_left = _outcomes(assessed, seen, left, known_until)
    waits, was_seen, has_left = (
        np.repeat(column, number[counts]) for column in (waits.astype(float), was_seen, has_left)
    )
    estimate = SurvfuncRight(waits, was_seen.astype(int)) if was_seen.any() else None
    within = tuple(_within(mark, waits, estimate) for mark in days)
    of_seen = waits[was_seen]
    completed = tuple(float((of_seen <= mark).mean()) if len(of_seen) else None for mark in days)
    waiting = int((~was_seen & np.isnat(np.repeat(left[counts], number[counts]))).sum())
    return HonestWaits(len(waits), waiting, within, completed, len(of_seen), int(has_left.sum()))


def shares_by_day(
    assessed: np.ndarray, seen: np.ndarray, left: np.ndarray, number: np.ndarray, known_until: date
) -> np.ndarray:
    """The shares (0–1) of `honest_waits_of` within each whole day from 0 to the longest wait, counted; empty without needs.

    For many estimates of short histories, which take a thousandth of the time so.
    """
    counts, waits, was_seen, _has_left = _outcomes(assessed, seen, left, known_until)
    if not len(waits):
        return np.zeros(0)
    weights = number[counts]
    ended = np.bincount(waits, weights)
    at_risk = np.cumsum(ended[::-1])[::-1]
    events = np.bincount(waits, weights * was_seen, minlength=len(ended))
    return 1 - np.cumprod(1 - events / at_risk)


def share_within(shares: np.ndarray, days: int) -> float | None:
    """The share within some days of such shares by day; None beyond the longest wait, unless all were seen by then."""
    if days < len(shares):
        return float(shares[days])
    return 1.0 if len(shares) and shares[-1] >= 1 - _EXACTNESS else None


def days_until(shares: np.ndarray, share: float) -> int | None:
    """The fewest days within which a share is reached; None where that is not known."""
    reached = np.flatnonzero(shares >= share - _EXACTNESS)
    return int(reached[0]) if len(reached) else None


def _outcomes(
    assessed: np.ndarray, seen: np.ndarray, left: np.ndarray, known_until: date
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Which needs count, and of those the whole days waited, who was seen, and who is gone without a visit."""
    until = np.datetime64(known_until)
    counts = (assessed <= until) & ~(seen < assessed)
    assessed, seen, left = (column[counts] for column in (assessed, seen, left))
    was_seen = (seen <= until) & ~(left < seen)
    has_left = ~was_seen & (left <= until)
    end = np.where(was_seen, seen, np.where(has_left, np.maximum(left, assessed), until))
    return counts, (end - assessed).astype(int), was_seen, has_left


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
    all_seen = share >= 1 - _EXACTNESS
    if mark > longest and not all_seen:
        return SeenWithin(mark, None, None, None, None, at_risk)
    if all_seen or share <= 0:
        return SeenWithin(mark, min(share, 1.0), 0.0, None, None, at_risk)
    rest = 1 - share
    spread = exp(_Z * error / (rest * abs(log(rest))))
    return SeenWithin(mark, share, error, 1 - rest ** (1 / spread), 1 - rest**spread, at_risk)
