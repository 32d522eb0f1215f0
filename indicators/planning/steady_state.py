"""What a queue settles to under the same arrivals and visits every week, and in a word whether that can go on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indicators.planning.compartments import TOLERANCE, Order, Rates, share_out
from indicators.planning.theory import factor_of_share

GROWS, BY_LEAVING, LATE, TIGHT, SUSTAINABLE = ("grows", "by_leaving", "late", "tight", "sustainable")
#: A queue that has not settled after so many weeks grows without end; it has where a week changes it by less than this.
_WEEKS, _STILL = 50_000, 1e-9
#: After so many weeks at a time it is tried to leap to the settled state, in so many steps.
_LEAP_EVERY, _LEAPS = 60, 12
#: So many of the oldest age take what visits they can get, as a queue without end does.
_WITHOUT_END = 1e7


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
    step = _Week.of(setting, rates)
    people, left, treated = step.settled()
    if people is None:
        return SteadyState(False, GROWS)
    queue = float(people.sum())
    over, share, needed = None, None, None
    if setting.limit_days is not None:
        over = float(people @ _share_over(setting, setting.limit_days))
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
        tuple(people.tolist()),
    )


@dataclass(frozen=True)
class _Week:
    """One week of a queue under the same arrivals and visits, for many states (rows) at once; the oldest age is pooled."""

    setting: Setting
    leave: np.ndarray
    weight: np.ndarray
    ready: np.ndarray

    @classmethod
    def of(cls, setting: Setting, rates: Rates) -> _Week:
        return cls(
            setting, *(_padded(values, setting.top) for values in (rates.leave, rates.weight, rates.ready))
        )

    def after(self, people: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Who waits a week later, and how many left and were treated."""
        older = np.concatenate([np.full((len(people), 1), self.setting.arrivals), people[:, :-1]], axis=1)
        older[:, -1] += people[:, -1]
        leaving = older * self.leave
        present = older - leaving
        visits = np.full(len(people), self.setting.visits)
        used = share_out(present, self.weight, self.ready * present, [(visits, self.setting.order)])
        return np.maximum(present - used, 0.0), leaving.sum(axis=1), used.sum(axis=1)

    def settled(self) -> tuple[np.ndarray | None, float, float]:
        """The state that an empty queue settles to, with its leavers and treated; None where it grows."""
        people = np.zeros((1, self.setting.top + 1))
        if self._grows():
            return None, 0.0, 0.0
        for week in range(_WEEKS):
            now, left, treated = self.after(people)
            change, people = np.abs(now - people).max(), now
            if change < _STILL:
                return people[0], float(left[0]), float(treated[0])
            if week % _LEAP_EVERY == _LEAP_EVERY - 1:
                people = self._leap(people)
        return None, 0.0, 0.0

    def _grows(self) -> bool:
        """Whether a queue of which nobody of the oldest age leaves grows even from where it is longest."""
        if self.leave[0, -1] > 0:
            return False
        people = np.zeros((1, self.setting.top + 1))
        for _week in range(2 * self.setting.top + 2):
            people[0, -1] = _WITHOUT_END
            people, _left, _treated = self.after(people)
        return bool(people[0, -1] > _WITHOUT_END * (1 + 1e-12) + _STILL)

    def _leap(self, people: np.ndarray) -> np.ndarray:
        """A state much nearer to the settled one: Newton's steps; the state itself where they lead nowhere.

        A week keeps order, so the settled state is nowhere below a state that an empty queue comes to.
        """
        found = people
        for _step in range(_LEAPS):
            size = np.maximum(found, 1.0) * 1e-7
            tried = np.concatenate([found, found + np.diagflat(size)])
            after = self.after(tried)[0]
            slopes = ((after[1:] - after[0]) / size.T).T
            try:
                found = found + np.linalg.solve(np.eye(len(size[0])) - slopes, after[0] - found[0])
            except np.linalg.LinAlgError:
                return people
            if not np.isfinite(found).all() or (found < people - 1e-6 * (1 + people)).any():
                return people
            if np.abs(self.after(found)[0] - found).max() < _STILL / 10:
                return found
        return people


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
