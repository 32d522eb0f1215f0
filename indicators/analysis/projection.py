"""How fast a series must go to reach its target, and where it will be by then if it goes on as it has.

The projection is a straight line by ordinary least squares (statsmodels) through the points since the last break, x counting
periods (gaps count), with the interval in which one further value lies with 95 % probability.

It is valid while the series stays linear with independent values: in such simulated series 94–97 of 100 values lay in the
interval; where a rise levels off or a series wanders, 65–90, the fewer the further it reaches. Hence no projection where the
data does not support one: each refusal has its code.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from indicators.analysis.control_chart import FULL_BASELINE, Break, SpcResult
from indicators.analysis.signals import spc_of
from indicators.catalogue.periods import Period, months_from, period_of, periods_between
from indicators.engine.question import Answer

LEVEL = 0.95
#: The quarters of each unit of a pace.
QUARTERS = {"year": 4, "quarter": 1}
#: Fewer points than this make no line at all; limits stay provisional to FULL_BASELINE.
FEWEST_POINTS = 8
#: A projection reaches at most this share of the points it rests on ahead.
REACH = 1 / 3
#: Residuals smaller than this share of the largest value are rounding.
_ROUNDING = 1e-9

TOO_FEW, BREAK_INSIDE, PROVISIONAL = "too_few_points", "break_inside", "provisional_limits"
NO_LIMITS, BREAK_AHEAD, TOO_FAR = "no_limits", "break_ahead", "too_far"
NOT_AHEAD, NOT_A_LINE = "not_ahead", "not_a_line"
#: Why there is no projection, in the order they are looked for.
REASONS = (
    NOT_AHEAD,
    TOO_FEW,
    BREAK_INSIDE,
    PROVISIONAL,
    NO_LIMITS,
    BREAK_AHEAD,
    TOO_FAR,
    NOT_A_LINE,
)

ON_COURSE, OFF_COURSE, OPEN = "on_course", "off_course", "open"
#: Lowest and highest value a unit can have.
BOUNDS = {"percent": (0.0, 100.0), "count": (0.0, math.inf), "days": (0.0, math.inf)}


@dataclass(frozen=True)
class Pace:
    """What is still to go: `distance` = target − actual in the target's unit, `per_quarter` of it in each quarter left.

    `quarters` are those from the end of the actual's period to the end of the target's; both figures are 0 where the
    target is met already.
    """

    distance: float
    quarters: float
    per_quarter: float


@dataclass(frozen=True)
class Projection:
    """Where a series will be in the period of a target if it goes on as it has, or why that cannot be said.

    `value`, `low` and `high` are in the definition's unit, clipped to what the unit allows; `per_quarter` is the slope;
    `points` is how many values it rests on, `steps` how many periods it reaches ahead. With a `reason` (one of REASONS) there are
    no numbers.
    """

    period: Period
    level: float
    value: float | None
    low: float | None
    high: float | None
    per_quarter: float | None
    points: int
    steps: int
    reason: str | None

    def outlook(self, comparator: str, target: float) -> str | None:
        """on_course where the whole interval meets a target, off_course where none of it does, else open.

        The comparator is >=, >, <= or <; None without a projection.
        """
        if self.low is None or self.high is None:
            return None
        if comparator in (">=", ">"):
            return ON_COURSE if self.low >= target else OFF_COURSE if self.high < target else OPEN
        if comparator in ("<=", "<"):
            return ON_COURSE if self.high <= target else OFF_COURSE if self.low > target else OPEN
        return OFF_COURSE if not self.low <= target <= self.high else OPEN


def pace(actual: float, actual_end: date, target: float, target_end: date, comparator: str) -> Pace | None:
    """The change a quarter that takes an actual to its target in time; None where the target's time is over.

    60 % at the end of 2024 and 80 % promised for the end of 2025: 5 points a quarter.

    >>> pace(60, date(2024, 12, 31), 80, date(2025, 12, 31), ">=")
    Pace(distance=20, quarters=4.0, per_quarter=5.0)
    """
    if target_end <= actual_end:
        return None
    quarters = months_from(actual_end, target_end) / 3
    met = (comparator in (">=", ">") and actual >= target) or (comparator in ("<=", "<") and actual <= target)
    if met:
        return Pace(0, quarters, 0.0)
    return Pace(target - actual, quarters, (target - actual) / quarters)


def pace_grain(actual: Period, target: Period) -> str:
    """The unit of a pace: a year where the actual and its target are of whole years, else a quarter.

    >>> pace_grain(Period(date(2025, 1, 1), date(2025, 3, 31), ""), Period(date(2026, 1, 1), date(2026, 12, 31), ""))
    'quarter'
    """
    whole = all(
        (one.start.month, one.start.day, one.end.month, one.end.day) == (1, 1, 12, 31)
        for one in (actual, target)
    )
    return "year" if whole else "quarter"


def project(
    found: Answer,
    until: date,
    breaks: Sequence[Break] = (),
    *,
    level: float = LEVEL,
) -> Projection:
    """The projection of an unsplit answer by week, month or quarter to the period that a day lies in.

    The points are those of the XmR chart: complete periods since the last of the breaks. Refused are (see
    REASONS): a period not ahead of the last point; fewer than 8 points; fewer than 12 since a break, or at all; a series
    without limits; a break before the period ends; more periods ahead than a third of the points; values that do not scatter
    about a line each by itself but follow each other. Raises BadQuestion.
    """
    breaks = (*breaks, *(Break(seam.date, "") for seam in found.seams))
    judged = spc_of(found, breaks=breaks)
    grain = str(found.grain)
    period = period_of(until, grain)
    last = judged.last
    end = last.date if last else period.start
    steps = max(len(periods_between(end, period.start, grain)) - 1, 0)
    points = judged.group.points if judged.group else 0
    reason = _reason(judged, steps, period, breaks)
    if reason is None:
        known = [
            (float(place), float(value))
            for place, (point, value) in enumerate(zip(judged.points, found.judged_values, strict=True))
            if point.group == len(judged.groups) - 1
        ]
        fitted = fit([place for place, _ in known], [value for _, value in known])
        if fitted.follow_each_other:
            reason = NOT_A_LINE
    if reason is not None:
        return Projection(period, level, None, None, None, None, points, steps, reason)
    lowest, highest = BOUNDS.get(found.definition.unit, (-math.inf, math.inf))
    quarters = months_from(period_of(end, grain).end, period.end) / 3
    value, low, high = (
        min(max(number, lowest), highest) for number in fitted.at(known[-1][0] + steps, level)
    )
    return Projection(period, level, value, low, high, fitted.slope * steps / quarters, points, steps, None)


def _reason(judged: SpcResult, steps: int, period: Period, breaks: Sequence[Break]) -> str | None:
    """Why a series carries no projection, before a line is tried; None where it may."""
    group, last = judged.group, judged.last
    total = sum(one.points for one in judged.groups)
    if group is None or last is None or total < FEWEST_POINTS:
        return TOO_FEW
    if steps == 0:
        return NOT_AHEAD
    if group.points < FULL_BASELINE:
        return BREAK_INSIDE if len(judged.groups) > 1 else PROVISIONAL
    if group.limits is None:
        return NO_LIMITS
    if any(last.date < one.date <= period.end for one in breaks):
        return BREAK_AHEAD
    return TOO_FAR if steps > REACH * group.points else None


@dataclass(frozen=True)
class Line:
    """A straight line by least squares: the fit of statsmodels, with the two numbers a projection needs of it."""

    fitted: Any

    @property
    def slope(self) -> float:
        """What the line rises from one x to the next."""
        return float(self.fitted.params[1])

    @property
    def follow_each_other(self) -> bool:
        """Whether neighbouring residuals correlate beyond the 5 % level.

        Of independent values the correlation is about −2/n after a line is fitted, with a standard error of 1/√n.
        Residuals that only rounding left are no chance.
        """
        from statsmodels.tsa.stattools import acf

        left, points = self.fitted.resid, self.fitted.nobs
        if np.allclose(left, 0, atol=_ROUNDING * np.abs(self.fitted.model.endog).max()):
            return False
        return bool(acf(left, nlags=1)[1] + 2 / points > 1.645 / math.sqrt(points))

    def at(self, x: float, level: float = LEVEL) -> tuple[float, float, float]:
        """The value on the line and the ends of the interval for one further value there."""
        there = self.fitted.get_prediction([[1.0, x]]).summary_frame(alpha=1 - level).iloc[0]
        return float(there["mean"]), float(there["obs_ci_lower"]), float(there["obs_ci_upper"])


def fit(x: Sequence[float], y: Sequence[float]) -> Line:
    """The line of least squares through at least three points. Raises ValueError for fewer.

    >>> line = fit([0, 1, 2, 3], [1, 3, 5, 7])
    >>> round(line.slope, 9), [round(number, 9) for number in line.at(4)]
    (2.0, [9.0, 9.0, 9.0])
    """
    # Imported here, so that no page without a projection waits for it.
    from statsmodels.regression.linear_model import OLS

    if len(x) < 3:
        raise ValueError("a line with an interval needs three points")
    return Line(OLS(np.asarray(y, float), np.column_stack([np.ones(len(x)), x])).fit())


def warm() -> None:
    """Import and use once what a projection needs, so that the first reader of one does not wait for it."""
    line = fit([0, 1, 2, 3], [1, 2, 4, 3])
    line.at(4)
    _ = line.follow_each_other
