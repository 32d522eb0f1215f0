"""95 % intervals of shares, of sums of shares, and of the difference of two groups' changes between means of periods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist, fmean, variance

LEVEL = 0.95
#: Fewer periods than this on a side do not show how they vary, nor whether they are autocorrelated.
FEWEST_PERIODS = 6
#: Why a difference has no interval.
NOT_INDEPENDENT, TOO_FEW, NO_VARIATION, FOLLOW_EACH_OTHER = (
    *("not_independent", "too_few_periods", "no_variation"),
    "follow_each_other",
)
NO_INTERVAL = (NOT_INDEPENDENT, TOO_FEW, NO_VARIATION, FOLLOW_EACH_OTHER)


def z_of(level: float) -> float:
    """The two-sided normal quantile of a level.

    >>> round(z_of(0.95), 2), round(z_of(0.998), 2)
    (1.96, 3.09)
    """
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(numerator: float, denominator: float, level: float = LEVEL) -> tuple[float, float]:
    """The Wilson score interval of a share, in per cent; always within 0–100.

    >>> tuple(round(end, 1) for end in wilson(9, 10))
    (59.6, 98.2)

    Raises ValueError where the denominator is not positive.
    """
    if denominator <= 0:
        raise ValueError("no denominator")
    z, share = z_of(level), numerator / denominator
    middle = (share + z**2 / (2 * denominator)) / (1 + z**2 / denominator)
    spread = z * math.sqrt(share * (1 - share) / denominator + (z / (2 * denominator)) ** 2)
    spread /= 1 + z**2 / denominator
    # at 0 and 100 per cent an end is exactly there, but for rounding
    low = 0.0 if numerator == 0 else 100 * (middle - spread)
    high = 100.0 if numerator == denominator else 100 * (middle + spread)
    return low, high


def interval_of_shares(counts: Sequence[tuple[float, float]], signs: Sequence[int]) -> tuple[float, float]:
    """The interval of a sum of independent shares with signs, from (numerator, denominator) each, in percentage points.

    Newcombe's example, 56 of 70 against 48 of 80:

    >>> tuple(round(end, 2) for end in interval_of_shares([(56, 70), (48, 80)], (1, -1)))
    (5.24, 33.39)
    """
    middle, down, up = 0.0, 0.0, 0.0
    for (numerator, denominator), sign in zip(counts, signs, strict=True):
        share = 100 * numerator / denominator
        low, high = wilson(numerator, denominator)
        below, above = (share - low, high - share) if sign > 0 else (high - share, share - low)
        middle, down, up = middle + sign * share, down + below**2, up + above**2
    return middle - math.sqrt(down), middle + math.sqrt(up)


def interval_of_series(
    affected: tuple[Sequence[float], Sequence[float]],
    others: tuple[Sequence[float], Sequence[float]],
    *,
    relative: bool,
    level: float = LEVEL,
) -> tuple[tuple[float, float] | None, str | None]:
    """The interval of the difference of two groups' changes between means of periods, or why there is none.

    Each group is given as its values before and after, the groups' periods the same. `relative`: the changes are those of
    the means in per cent of the mean before, which is not 0.

    >>> up, level = ([5, 6, 5, 6, 5, 6], [9, 8, 9, 9, 8, 9]), ([5, 6, 6, 5, 5, 6], [6, 5, 6, 5, 5, 6])
    >>> tuple(round(end, 1) for end in interval_of_series(up, level, relative=False)[0])
    (2.5, 3.9)
    """
    groups = [(before, after, fmean(before), fmean(after)) for before, after in (affected, others)]
    if relative:
        # To first order a ratio of means moves with after / base − ratio · before / base.
        weights = [(100 * later / base**2, 100 / base) for _, _, base, later in groups]
        difference = 100 * (groups[0][3] / groups[0][2] - groups[1][3] / groups[1][2])
    else:
        weights = [(1.0, 1.0)] * 2
        difference = groups[0][3] - groups[0][2] - (groups[1][3] - groups[1][2])
    gaps = [
        [weights[0][at] * mine - weights[1][at] * other for mine, other in zip(ours, theirs, strict=True)]
        for at, (ours, theirs) in enumerate(zip(affected, others, strict=True))
    ]
    if min(map(len, gaps)) < FEWEST_PERIODS:
        return None, TOO_FEW
    variances = [variance(gap) / len(gap) for gap in gaps]
    error = math.sqrt(sum(variances))
    if math.isclose(error, 0.0, abs_tol=1e-9):
        return None, NO_VARIATION
    if _follow_each_other(gaps):
        return None, FOLLOW_EACH_OTHER
    degrees = sum(variances) ** 2 / sum(
        one**2 / (len(gap) - 1) for one, gap in zip(variances, gaps, strict=True)
    )
    # Imported here, so that no other page waits for it.
    from scipy.stats import t

    half = float(t.ppf((1 + level) / 2, math.floor(degrees))) * error
    return (difference - half, difference + half), None


def _follow_each_other(gaps: Sequence[Sequence[float]]) -> bool:
    """Whether neighbours in the windows correlate beyond the 5 % level, as for projections."""
    left = [[value - fmean(gap) for value in gap] for gap in gaps]
    squares = math.fsum(value**2 for one in left for value in one)
    products = math.fsum(a * b for one in left for a, b in pairwise(one))
    count = sum(map(len, left))
    return products / squares + 2 / count > 1.645 / math.sqrt(count)
