"""Areas or units side by side with their uncertainty: which shares differ from the whole by more than chance.

A funnel: around the share of all (Σ numerator ÷ Σ denominator), limits that narrow as the denominator grows. The limits
are those of the score test, θ ± z·√(θ(1 − θ)/n); a share lies outside them exactly when its own Wilson interval, at the
same level, leaves θ out, so that chart and intervals never contradict each other. 95 % warns, 99,8 % alarms, as Sotkanet's
and the NHS's funnels do. Source: D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in
Medicine 24 (2005); E. B. Wilson, JASA 22 (1927).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.analysis.intervals import wilson, z_of
from indicators.catalogue.errors import BadQuestion
from indicators.engine.question import INCOMPLETE, OK, SUPPRESSED, Answer, records

#: Two-sided levels of the inner and the outer limits.
WARNING_LEVEL, CONTROL_LEVEL = 0.95, 0.998
#: Fewer expected on either side than this: the limits are rough and the place is not judged.
FEWEST_EXPECTED = 5
WITHIN, WARNED, OUTSIDE = "within", "beyond_warning", "beyond_control"
TOO_FEW, NO_INTERVAL, NO_VALUE = "too_few", "no_interval_known", "no_value"
_FIGURES = ("value", "numerator", "denominator")
#: Key, value in per cent, numerator, denominator, status.
Share = tuple[str, float | None, float | None, float | None, str]
#: What is said of a place: how it lies in the funnel, or why nothing is said.
PLACES = (WITHIN, WARNED, OUTSIDE, TOO_FEW, NO_INTERVAL, NO_VALUE, INCOMPLETE, SUPPRESSED)


@dataclass(frozen=True)
class FunnelPoint:
    """One area or unit.

    `value` is its share in per cent, None where suppressed or not there; `low` and `high` its Wilson interval at 95 %, None
    where its denominator is not known or it is suppressed; `z` how many standard errors of chance it lies from the share of
    all; `place` one of PLACES.
    """

    key: str
    value: float | None
    denominator: float | None
    low: float | None
    high: float | None
    z: float | None
    place: str


@dataclass(frozen=True)
class Funnel:
    """Points and the centre they are compared with: the share of all in per cent, None where nothing is known.

    `overdispersion` is the mean of z²: around 1 where only chance sets the places apart. Far above it the places differ
    all over, and being outside is no news about one of them; None with fewer than two judged.
    """

    centre: float | None
    points: tuple[FunnelPoint, ...]
    overdispersion: float | None

    def limits(self, denominator: float, level: float = CONTROL_LEVEL) -> tuple[float, float] | None:
        """The limits in per cent at a denominator, cut at 0 and 100 for drawing; None without a centre."""
        if self.centre is None or denominator <= 0:
            return None
        return control_limits(self.centre, denominator, level)


def control_limits(centre: float, denominator: float, level: float = CONTROL_LEVEL) -> tuple[float, float]:
    """Where a share of a denominator lies at a level if only chance sets it apart from the centre; per cent, 0–100.

    >>> tuple(round(end, 1) for end in control_limits(50, 100, 0.95))
    (40.2, 59.8)
    """
    share = centre / 100
    spread = 100 * z_of(level) * math.sqrt(share * (1 - share) / denominator)
    return max(centre - spread, 0.0), min(centre + spread, 100.0)


def funnel(found: Answer) -> Funnel:
    """The funnel of an answer to a share, of one period and one split (area, unit …).

    The centre is that of all complete shares, by Σ numerator ÷ Σ denominator, a suppressed one as it is judged: without them
    a centre of few misses would be too low. A share
    without its denominator, such as a benchmark, has no interval that is known, and is drawn without one. Raises BadQuestion
    where the answer is of another kind.
    """
    if not found.definition.is_share or len(found.question.splits) != 1 or found.rows["period"].nunique() > 1:
        raise BadQuestion("not_a_funnel", indicator=found.definition.id)
    split, rows = found.question.splits[0], found.rows
    shares = ((row[split], *(row[name] for name in _FIGURES), row["status"]) for row in records(rows))
    likely = (found.judged_values * rows["denominator"] / 100)[rows["status"] == SUPPRESSED].dropna()
    return funnel_of(shares, list(zip(likely, rows["denominator"][likely.index], strict=True)))


def funnel_of(shares: Iterable[Share], suppressed: Sequence[tuple[float, float]] = ()) -> Funnel:
    """The funnel of (key, value in per cent, numerator, denominator, status); nan is None.

    `suppressed` are the likely numerators and the denominators of suppressed shares, for the centre.
    """
    shares = [(key, _known(value), _known(n), _known(d), status) for key, value, n, d, status in shares]
    summed = [
        (n, d)
        for _, value, n, d, status in shares
        if status == OK and value is not None and n is not None and d
    ]
    summed += suppressed
    total = math.fsum(d for _, d in summed)
    centre = 100 * math.fsum(n for n, _ in summed) / total if total else None
    points = tuple(_point(centre, share) for share in shares)
    squares = [
        point.z**2 for point in points if point.place in (WITHIN, WARNED, OUTSIDE) and point.z is not None
    ]
    return Funnel(centre, points, math.fsum(squares) / len(squares) if len(squares) > 1 else None)


def _known(number: float | None) -> float | None:
    return None if number is None or math.isnan(number) else float(number)


def _point(centre: float | None, share_of: Share) -> FunnelPoint:
    key, value, numerator, denominator, status = share_of
    if status == SUPPRESSED:
        return FunnelPoint(key, None, denominator, None, None, None, SUPPRESSED)
    if value is None:
        return FunnelPoint(key, None, denominator, None, None, None, NO_VALUE)
    if numerator is None or not denominator or centre is None:
        place = INCOMPLETE if status == INCOMPLETE else NO_INTERVAL
        return FunnelPoint(key, value, denominator, None, None, None, place)
    low, high = wilson(numerator, denominator)
    expected = denominator * centre / 100
    if status == INCOMPLETE or min(expected, denominator - expected) < FEWEST_EXPECTED:
        place = INCOMPLETE if status == INCOMPLETE else TOO_FEW
        return FunnelPoint(key, value, denominator, low, high, None, place)
    share = centre / 100
    z = (numerator / denominator - share) / math.sqrt(share * (1 - share) / denominator)
    return FunnelPoint(key, value, denominator, low, high, z, _place(z))


def _place(z: float) -> str:
    if abs(z) > z_of(CONTROL_LEVEL):
        return OUTSIDE
    return WARNED if abs(z) > z_of(WARNING_LEVEL) else WITHIN


def curve(found: Funnel, denominators: Sequence[float], level: float) -> list[tuple[float, float, float]]:
    """(denominator, lower, upper) at each denominator, for drawing; empty without a centre."""
    limits = [(n, found.limits(n, level)) for n in denominators]
    return [(n, *pair) for n, pair in limits if pair is not None]
