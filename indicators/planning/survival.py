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
    """How many needs count, how many still wait, the shares seen within some days, and of those seen alone."""

    number: int
    waiting: int
    within: tuple[SeenWithin, ...]
    completed_only: tuple[float | None, ...]
    completed: int


def honest_waits(needs: Sequence[Need], known_until: date, days: Sequence[int]) -> HonestWaits:
    """The shares seen within each of `days`, from what is known on a day. A visit before its assessment does not count."""
    # Statistics are heavy to import, and few pages need them.
    from statsmodels.duration.survfunc import SurvfuncRight

    counted = [
        one for one in needs if one.assessed <= known_until and not (one.seen and one.seen < one.assessed)
    ]
    ends = [_end(one, known_until) for one in counted]
    waits = np.array([(day - one.assessed).days for one, (day, _) in zip(counted, ends, strict=True)], float)
    seen = np.array([was_seen for _, was_seen in ends], dtype=bool)
    estimate = SurvfuncRight(waits, seen.astype(int)) if seen.any() else None
    within = tuple(_within(mark, waits, estimate) for mark in days)
    of_seen = waits[seen]
    completed = tuple(float((of_seen <= mark).mean()) if len(of_seen) else None for mark in days)
    waiting = sum(_end(one, known_until) == (known_until, False) and one.left is None for one in counted)
    return HonestWaits(len(counted), waiting, within, completed, len(of_seen))


def _end(one: Need, known_until: date) -> tuple[date, bool]:
    """The day until which a need was followed, and whether it ended with a visit: seen on a day counts before gone on it."""
    if one.seen is not None and one.seen <= known_until and (one.left is None or one.seen <= one.left):
        return one.seen, True
    if one.left is not None and one.left <= known_until:
        return max(one.left, one.assessed), False
    return known_until, False


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
