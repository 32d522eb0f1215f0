"""How well the model would have foretold weeks that are known: fitted without them, and run through them as things were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from indicators.planning.calibration import TYPED_UNDER, Usual, Weeks, calibrate
from indicators.planning.runs import Change, Draws, bands, draw, expected, run
from indicators.planning.seasons import Season
from indicators.planning.state import Entry, QueueState, RuleGroup

#: Weeks that are held out, fewer where fewer than so many exist; from how many origins; with how many runs.
HELD, FEWER_HELD, ENOUGH, ORIGINS, RUNS = 13, 8, 39, 4, 400
#: Of a shorter queue an error is told in entries.
SMALL_QUEUE = 20
#: The seasons of arrivals and of visits that are known at the end of some weeks.
SeasonsOf = Callable[[Weeks], tuple[Season, Season]]


@dataclass(frozen=True)
class Validation:
    """The model against held-out weeks, from one to four origins together.

    `wape` is Σ|median − actual| ÷ Σ actual of the queue, `wape_as_it_is` the same for “the queue stays as it is”, `wape_shape`
    for the model with the actual arrivals and visits put in. `mean_error` is in entries, with its sign; `share_error_points` the
    mean absolute error of the share within the limit, None where it is not known. `inside` of `weeks` lay in the 80 % band.
    """

    origins: int
    held: int
    weeks: int
    inside: int
    wape: float | None
    wape_as_it_is: float | None
    wape_shape: float | None
    mean_error: float
    mean_queue: float
    share_error_points: float | None

    @property
    def is_small(self) -> bool:
        """Whether the queue is so short that its error is told in entries."""
        return self.mean_queue < SMALL_QUEUE

    @property
    def is_poor(self) -> bool:
        """Whether the plan is shown with a warning: worse than no change at all, or under half of the weeks in the band."""
        worse = self.wape is not None and self.wape_as_it_is is not None and self.wape > self.wape_as_it_is
        return worse or 2 * self.inside < self.weeks


def validate(
    weeks: Weeks,
    seasons_of: SeasonsOf,
    seed: int,
    usual: Usual | None = None,
    groups: Sequence[RuleGroup] = (RuleGroup("all"),),
    origins: int = ORIGINS,
) -> Validation | None:
    """Hold out the last weeks, from several origins where history allows; None where it is too short to hold any out."""
    held = HELD if len(weeks) >= ENOUGH else FEWER_HELD
    at = [len(weeks) - held * (back + 1) for back in range(origins)]
    at = [origin for origin in at if origin >= TYPED_UNDER]
    if not at:
        return None
    found = [_from_origin(weeks, origin, held, seasons_of, seed, usual, groups) for origin in at]
    actual, median, shape, as_it_is, inside, shares = (
        np.concatenate(column) for column in zip(*found, strict=True)
    )
    total = actual.sum()

    def wape(told: np.ndarray) -> float | None:
        return float(np.abs(told - actual).sum() / total) if total > 0 else None

    known = shares[~np.isnan(shares)]
    return Validation(
        len(at),
        held,
        len(actual),
        int(inside.sum()),
        wape(median),
        wape(as_it_is),
        wape(shape),
        float((median - actual).mean()),
        float(actual.mean()),
        float(np.abs(known).mean() * 100) if len(known) else None,
    )


# Many parameters because each origin needs all that the calibration does.
def _from_origin(
    weeks: Weeks,
    origin: int,
    held: int,
    seasons_of: SeasonsOf,
    seed: int,
    usual: Usual | None,
    groups: Sequence[RuleGroup],
) -> tuple[np.ndarray, ...]:
    """Actual queue, median, the model with what came and was done, no change, in the band or not, errors of the share."""
    before, after = weeks.between(0, origin), weeks.between(origin, origin + held)
    state = state_of(before, groups)
    seasons = seasons_of(before)
    draws = draw(before, seasons, after.ends, seed + origin, usual, RUNS)
    projected = run(state, draws, Change.none(held))
    told = bands(projected.queue)
    calibration = calibrate(before, seasons, usual)
    given = Draws(
        expected(calibration, after.ends).rates,
        after.arrived.sum(axis=1)[None],
        after.treated.sum(axis=1)[None],
        None,
    )
    shape = run(state, given, Change.none(held)).queue[0]
    # Whole people are counted: half a one at the edge of the band is in it.
    inside = (after.queue >= told["low_80"] - 0.5) & (after.queue <= told["high_80"] + 0.5)
    shares = np.full(held, np.nan)
    if after.share is not None and any(group.rules for group in groups):
        shares = bands(projected.share)["median"] - after.share
    return after.queue, told["median"], shape, np.full(held, before.queue[-1]), inside, shares


def state_of(weeks: Weeks, groups: Sequence[RuleGroup]) -> QueueState:
    """The queue at the end of some weeks, known by age alone: shared out to groups as arrivals are, nobody booked."""
    entries = tuple(
        Entry(number, float(count) * group.arrival_share, age=int(age))
        for age, count in enumerate(weeks.closing[-1])
        if count > 0
        for number, group in enumerate(groups)
    )
    return QueueState(weeks.ends[-1], entries, tuple(groups))
