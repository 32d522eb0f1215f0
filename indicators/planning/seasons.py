"""How much of a usual week each week of the year is: measured from two years, else from its working days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from indicators.catalogue.weekdays import weekdays_between

#: Weeks of history that a season can be measured from, and those of the centred mean.
FEWEST_WEEKS, _CENTRED = 104, 53
_WEEKS_OF_YEAR = 53


@dataclass(frozen=True)
class Season:
    """Factors of weeks: by week of the year where they are measured, else working days ÷ 5; `typed` weeks stand as they are.

    `typed` are factors by the last day of a week.
    """

    by_week: tuple[float, ...] | None = None
    eves_are_weekdays: bool = False
    typed: Mapping[date, float] = field(default_factory=dict)

    def factors(self, ends: Sequence[date]) -> np.ndarray:
        """The factor of each week that ends on a day (included), 1 being a usual one."""
        return np.array([self.typed.get(end, self._usual(end)) for end in ends], float)

    def _usual(self, end: date) -> float:
        if self.by_week is None:
            return weekdays_between(end - timedelta(days=7), end, self.eves_are_weekdays) / 5
        return self.by_week[_week_of_year(end)]


def measured(numbers: np.ndarray, ends: Sequence[date], *, eves_are_weekdays: bool = False) -> Season:
    """The season of weekly numbers that end on consecutive days; of fewer than two years, that of working days.

    Each week against the mean of the 53 around it, averaged by week of the year and over three weeks, half-way to 1, with a mean
    of 1 over the year.
    """
    if len(numbers) < FEWEST_WEEKS or not np.sum(numbers):
        return Season(eves_are_weekdays=eves_are_weekdays)
    half = _CENTRED // 2
    centre = np.convolve(numbers, np.ones(_CENTRED) / _CENTRED, "valid")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.asarray(numbers, float)[half:-half] / centre
    of = np.array([_week_of_year(end) for end in ends])[half:-half]
    known = np.isfinite(ratios)
    sums = np.bincount(of[known], ratios[known], _WEEKS_OF_YEAR)
    counts = np.bincount(of[known], minlength=_WEEKS_OF_YEAR)
    there = np.flatnonzero(counts)
    around = np.arange(_WEEKS_OF_YEAR)
    whole = np.interp(around, there, sums[there] / counts[there], period=_WEEKS_OF_YEAR)
    smooth = (np.roll(whole, 1) + whole + np.roll(whole, -1)) / 3
    shrunk = (smooth + 1) / 2
    return Season(tuple((shrunk / shrunk.mean()).tolist()), eves_are_weekdays)


def _week_of_year(end: date) -> int:
    """The ISO week of the middle of a week that ends on a day, from 0."""
    return (end - timedelta(days=3)).isocalendar().week - 1
