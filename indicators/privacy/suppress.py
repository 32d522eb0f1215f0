"""Suppression of small numbers: counts of persons and their events.

Counts 1–4 are suppressed and zero is shown. A share with at least 20 in the denominator and 1–4 on one side is shown as the
interval that follows; with fewer it is suppressed. A coverage that leaves out 1–4 is an interval likewise. A median and a mean
need 5, a 90th percentile 10, the longest wait a queue of 5. No suppressed count may follow from answers shown with it, from
totals over all groups of a split (shown or not) or from longer periods, else one more is suppressed (`disclosure`). All
thresholds are settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from indicators.catalogue.definition import SHARES
from indicators.engine.question import SUPPRESSED
from indicators.privacy.cells import SIDE_COUNTS, WAIT_BAND, enter_counts, rows_with_spans
from indicators.privacy.counted_answer import CountedAnswer
from indicators.privacy.disclosure import UNBOUNDED, Counts
from indicators.privacy.sums import (
    sum_chosen_groups,
    sum_in_rows,
    sum_into_series,
    sum_over_groups,
    sum_over_time,
)
from pipelines.settings import Settings

#: What a reader knows of the count behind a suppressed row: the least and the most it can be.
KNOWN_BOUNDS = ("known_low", "known_high")
#: The numbers of a row that may be suppressed or shown as an interval.
_NUMBERS = (
    *("value", "numerator", "denominator", "coverage", "low", "high", "coverage_low", "coverage_high"),
    *("possible_low", "possible_high", *SIDE_COUNTS),
)


def suppress(answers: Sequence[CountedAnswer], settings: Settings) -> list[pd.DataFrame]:
    """The rows of answers that are shown with each other with small numbers suppressed, in the same order.

    A suppressed row has the status `suppressed`, no value and no numerator; `known_low` and `known_high` say what a reader
    knows of the count behind it; `low` and `high` are a share's interval where it may be shown. A denominator of 1–4 is
    suppressed with its coverage. A coverage that leaves out 1–4 is suppressed, with `coverage_low` and `coverage_high` where
    the denominator is shown. So are side counts of 1–4. Rows of published figures (`published`) are exempt, and so is what
    published counts add to a queue (`published_part`): everybody knows it, so only the rest is suppressed or shown.
    """
    persons = [one for one in answers if one.definition.counts_persons and len(one.rows)]
    counts = Counts()
    for one in persons:
        one.cells = [enter_counts(counts, one, *row, settings) for row in rows_with_spans(one)]
    if counts.any_suppressed:
        for one in persons:
            sum_in_rows(counts, one)
            sum_over_groups(counts, one, settings.hide_below)
        sum_chosen_groups(counts, persons)
        sum_into_series(counts, persons)
        sum_over_time(counts, persons)
        counts.protect()
    low, high = counts.bounds()
    shown = {id(one): _with_suppressed(counts, low, high, one, settings) for one in persons}
    return [shown.get(id(one), one.rows) for one in answers]


def has_small(counted: CountedAnswer, settings: Settings) -> bool:
    """Whether an answer has a small number, which is always suppressed."""
    counts = Counts()
    if counted.definition.counts_persons and len(counted.rows):
        for row in rows_with_spans(counted):
            enter_counts(counts, counted, *row, settings)
    return counts.any_suppressed


def _with_suppressed(
    counts: Counts, low: np.ndarray, high: np.ndarray, one: CountedAnswer, settings: Settings
) -> pd.DataFrame:
    """The rows of an answer with what is suppressed taken out."""
    rows = one.rows
    # Cell by cell in a data frame would take most of the time of a small answer.
    numbers = {name: rows[name].to_numpy(float, copy=True) for name in _NUMBERS if name in rows}
    numbers |= {name: np.full(len(rows), np.nan) for name in KNOWN_BOUNDS}
    n, n_rows = rows["denominator"].to_numpy(float, copy=True), rows["n_rows"].to_numpy(float)
    mine = ~rows["published"].to_numpy(bool)

    def suppressed(kind: str) -> np.ndarray:
        return np.array(
            [kind in found and counts.is_suppressed(found[kind]) for found in one.cells], dtype=bool
        )

    no_n, no_coverage = suppressed("n"), suppressed("missing") | suppressed("n")
    statistic, quantile = one.statistic, one.definition.measure.quantile
    gone = suppressed("value") | suppressed("met")
    # The range of a suppressed row goes; the interval of a share of two sides is set below.
    _blank(numbers, gone, "low", "high")
    if statistic == "longest":
        gone |= mine & (n_rows > 0) & (n_rows < settings.longest_min_queue)
    elif statistic in ("quantile", "mean"):
        least = settings.p90_min_n if (quantile or 0) > 0.5 else settings.median_min_n
        gone |= mine & (n > 0) & (n < least)
    if statistic == "mean" or WAIT_BAND in one.splits:
        # A mean and its number of waits give their sum, and sums of all are shown; all of a band met the limit, or none.
        gone |= no_n
    if statistic == "mean":
        # With the share of the same cases its number of waits would say how few have not happened yet.
        undone = np.round(n_rows * numbers["coverage"] / 100) - n
        no_n |= mine & (undone > 0) & (undone < settings.hide_below)
    if statistic in SHARES:
        open_ended = np.isnan(numbers["value"])
        for at in np.flatnonzero(gone & ~no_n & ~open_ended & (n >= settings.share_min_n)):
            ends = _interval(counts, one.cells[at], low, high, n[at], settings.hide_below)
            if ends is not None:
                numbers["low"][at], numbers["high"][at] = (100 * end / n[at] for end in ends)
    for at in np.flatnonzero(suppressed("missing") & ~no_n & (n > 0)):
        cell = one.cells[at]["missing"]
        ends = (low[cell], high[cell])
        if 0 < counts.truth(cell) < settings.hide_below and n[at] >= settings.share_min_n:
            ends = (1, settings.hide_below - 1)
        if ends[1] - ends[0] < 1:
            ends = (0, UNBOUNDED)
        numbers["coverage_low"][at], numbers["coverage_high"][at] = (
            100 * n[at] / (n[at] + max(end, 0)) for end in ends[::-1]
        )
    _blank(numbers, gone, "value", "numerator", "possible_low", "possible_high")
    _blank(numbers, no_n, "denominator")
    _blank(numbers, no_coverage, "coverage", "possible_low", "possible_high")
    for name in SIDE_COUNTS:
        _blank(numbers, suppressed(name) | (mine & gone), name)
    if statistic == "distinct_persons":
        # Coverage is what is not left out: with the number of visits it would give the suppressed count.
        _blank(numbers, mine & np.isnan(numbers["left_out"]), "coverage")
    _set_known_bounds(numbers, one, counts, low, high)
    statuses = [SUPPRESSED if lost else status for lost, status in zip(gone, rows["status"], strict=True)]
    return rows.assign(**numbers, status=pd.Series(statuses, index=rows.index, dtype="str"))


def _set_known_bounds(
    numbers: Mapping[str, np.ndarray], one: CountedAnswer, counts: Counts, low: np.ndarray, high: np.ndarray
) -> None:
    """What a reader knows of the count behind a suppressed row: of a share its numerator, of a count its value."""
    kind = "met" if one.statistic in SHARES else "value"
    for at, found in enumerate(one.cells):
        if kind in found and counts.is_suppressed(found[kind]):
            for name, ends in zip(KNOWN_BOUNDS, (low, high), strict=True):
                numbers[name][at] = ends[found[kind]]


def _interval(
    counts: Counts, found: Mapping[str, int], low: np.ndarray, high: np.ndarray, n: float, small: int
) -> tuple[float, float] | None:
    """The least and the most a suppressed share's numerator may be shown to be; None where nothing may.

    Of one with few on a side it is what that says, of another what the rest leaves.
    """
    met = counts.truth(found["met"])
    if 0 < met < small or 0 < n - met < small:
        return (1.0, small - 1.0) if met < small else (n - small + 1, n - 1)
    ends = (max(low[found["met"]], 0.0), min(high[found["met"]], n))
    return None if ends[1] - ends[0] < 1 or ends == (0, n) else ends


def _blank(numbers: Mapping[str, np.ndarray], where: np.ndarray, *columns: str) -> None:
    """Take the numbers of some columns out of some rows."""
    for name in columns:
        if name in numbers:
            numbers[name][where] = np.nan
