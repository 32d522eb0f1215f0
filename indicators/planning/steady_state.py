"""What a queue settles to under the same arrivals and visits every week, and in a word whether that can go on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indicators.planning.compartments import TOLERANCE, Order, Rates, share_out
from indicators.planning.theory import factor_of_share

GROWS, BY_LEAVING, LATE, TIGHT, SUSTAINABLE = ("grows", "by_leaving", "late", "tight", "sustainable")
#: A queue that has not settled after so many weeks grows without end; it has where a week changes it by less than this.
_WEEKS, _STILL = 50_000, 1e-9
#: A queue whose weekly change stays the same over so many weeks, to this part of it, grows evenly and never settles.
_LOOK_BACK, _EVEN = 100, 1e-8


@dataclass(frozen=True)
class SteadyState:
    """A queue that has settled, in people and visits a week; without `exists` it grows as long as this goes on.

    `needed` are the visits that also carry chance; `compartments` the people by age in weeks, the oldest pooled.
    """

    exists: bool
    word: str
    queue: float | None = None
    over: float | None = None
    share: float | None = None
    treated: float | None = None
    left: float | None = None
    unused: float | None = None
    needed: float | None = None
    compartments: tuple[float, ...] = ()


@dataclass(frozen=True)
class Setting:
    """Arrivals and visits a week, the limit in days (None: no limit), the share that is wanted within it (0–1).

    `top` is the oldest age, pooled and all over the limit; `cv_…` are the coefficients of variation of the gaps between arrivals
    and between visits, whose squares are variance ÷ mean of the weekly numbers; `usual_leaving` the share of arrivals that
    usually leave untreated.
    """

    arrivals: float
    visits: float
    order: Order
    limit_days: int | None
    target_share: float
    top: int
    usual_leaving: float
    cv_demand: float = 1.0
    cv_capacity: float = 1.0


def steady_state(setting: Setting, rates: Rates) -> SteadyState:
    """The state that an empty queue settles to, and the first word that fits it."""
    leave, weight, ready = (
        _padded(values, setting.top) for values in (rates.leave, rates.weight, rates.ready)
    )
    people, left, treated, change = np.zeros((1, setting.top + 1)), 0.0, 0.0, np.inf
    earlier = 0.0
    for week in range(_WEEKS):
        older = np.concatenate([[[setting.arrivals]], people[:, :-1]], axis=1)
        older[:, -1] += people[:, -1]
        leaving = older * leave
        present = older - leaving
        used = share_out(present, weight, ready * present, [(np.array([setting.visits]), setting.order)])
        now = np.maximum(present - used, 0.0)
        change, people = np.abs(now - people).max(), now
        left, treated = float(leaving.sum()), float(used.sum())
        if change < _STILL:
            break
        if week % _LOOK_BACK == 0:
            if abs(change - earlier) < _EVEN * change:
                break
            earlier = change
    if change >= _STILL:
        return SteadyState(False, GROWS)
    queue = float(people.sum())
    over, share, needed = None, None, None
    if setting.limit_days is not None:
        over = float(people[0] @ _share_over(setting, setting.limit_days))
        share = 1 - over / queue if queue > TOLERANCE else None
        spread = factor_of_share(setting.target_share) * (setting.cv_demand**2 + setting.cv_capacity**2) / 2
        needed = setting.arrivals - left + spread / (setting.limit_days / 7)
    return SteadyState(
        True,
        _word(setting, left, share, needed),
        queue,
        over,
        share,
        treated,
        left,
        setting.visits - treated,
        needed,
        tuple(people[0].tolist()),
    )


def _word(setting: Setting, left: float, share: float | None, needed: float | None) -> str:
    if left > setting.usual_leaving * setting.arrivals + TOLERANCE:
        return BY_LEAVING
    if share is not None and share < setting.target_share - TOLERANCE:
        return LATE
    return TIGHT if needed is not None and setting.visits < needed - TOLERANCE else SUSTAINABLE


def _share_over(setting: Setting, limit_days: int) -> np.ndarray:
    """The share of each age over the limit: the seven days of a week alike, all of the pooled ones."""
    days = 7 * np.arange(setting.top + 1)[:, None] + np.arange(7)
    shares = (days > limit_days).mean(axis=1)
    shares[-1] = 1.0
    return shares


def _padded(values: np.ndarray, top: int) -> np.ndarray:
    array = np.atleast_2d(np.asarray(values, float))[:, : top + 1]
    return np.pad(array, ((0, 0), (0, top + 1 - array.shape[1])), mode="edge")
