"""Hiding small numbers: counts of persons and their events (extracts.md, Readings).

Counts 1–4 are hidden and zero is shown. A share with at least 20 in the denominator and 1–4 on one side is shown as the
interval that follows; with fewer it is hidden. A median and a mean need 5, a 90th percentile 10, the longest wait
a queue of 5. Within one answer a hidden cell must not follow from its neighbours and their total: then one more is hidden.
All thresholds are settings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from indicators.definition import Definition
from indicators.question import SUPPRESSED
from pipelines.settings import Settings

COUNTS = ("count", "count_met", "distinct_persons")


def suppress(
    rows: pd.DataFrame, definition: Definition, splits: Sequence[str], settings: Settings
) -> pd.DataFrame:
    """The rows of an answer with small numbers hidden; `n_rows` must say how many entries are behind a row.

    A hidden row has the status `suppressed`, no value and no numerator; `low` and `high` where a share's interval
    may be told. Rows of published figures (`published`) are exempt.
    """
    if not definition.counts_persons or rows.empty:
        return rows
    rows = rows.copy()
    small = settings.hide_below
    mine = ~rows["published"].to_numpy(bool)
    statistic = definition.measure.statistic
    if statistic in COUNTS:
        counts = rows["value"].to_numpy(float)
        hidden = mine & (counts > 0) & (counts < small)
        if definition.adds_up:
            hidden |= complementary(rows, splits, hidden, counts, small)
        _hide(rows, hidden)
    elif statistic == "share":
        numerator, denominator = rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float)
        other = denominator - numerator
        few_met, few_other = (numerator > 0) & (numerator < small), (other > 0) & (other < small)
        hidden = mine & (few_met | few_other)
        more = complementary(rows, splits, hidden, np.minimum(numerator, other), small, by=denominator)
        with np.errstate(divide="ignore", invalid="ignore"):
            # k of one side is hidden, 1 … small − 1; the other side is what is left of the denominator
            low = np.where(few_met, 1, denominator - small + 1)
            high = np.where(few_met, small - 1, denominator - 1)
            told = hidden & (denominator >= settings.share_min_n)
            rows["low"] = np.where(told, 100 * low / denominator, np.nan)
            rows["high"] = np.where(told, 100 * high / denominator, np.nan)
        _hide(rows, hidden | (mine & more))
        rows.loc[mine & (denominator > 0) & (denominator < small), ["denominator", "coverage"]] = np.nan
    elif statistic == "longest":
        _hide(rows, mine & (rows["n_rows"].to_numpy(float) < settings.longest_min_queue))
    else:
        least = settings.median_min_n if definition.measure.quantile == 0.5 else settings.p90_min_n
        counts = rows["denominator"].to_numpy(float)
        _hide(rows, mine & (counts > 0) & (counts < least))
        rows.loc[mine & (counts > 0) & (counts < small), ["denominator", "coverage"]] = np.nan
    return rows


def complementary(
    rows: pd.DataFrame,
    splits: Sequence[str],
    hidden: np.ndarray,
    counts: np.ndarray,
    small: int,
    by: np.ndarray | None = None,
) -> np.ndarray:
    """The further cells to hide, so that no hidden one follows from a total and the cells that are shown.

    Along each split a line of cells sums to a total that may be known. Where it holds one hidden cell, or hidden
    cells that can only be all 1 or all the largest hidden count, the smallest shown cell that is not zero is hidden
    too, until no line needs it.
    """
    extra = np.zeros(len(rows), dtype=bool)
    order = counts if by is None else by
    lines = [
        group
        for split in splits
        for group in rows.groupby(
            ["period", *(other for other in splits if other != split)], sort=False, observed=True
        ).indices.values()
    ]
    changed = bool(splits)
    while changed:
        changed = False
        for line in lines:
            gone = hidden[line] | extra[line]
            shown = line[~gone & (counts[line] > 0)]
            if gone.any() and len(shown) and _follows(counts[line][gone], extra[line][gone], small):
                extra[shown[np.argmin(order[shown])]] = True
                changed = True
    return extra


def _follows(counts: np.ndarray, extra: np.ndarray, small: int) -> bool:
    if len(counts) == 1:
        return True
    return not extra.any() and counts.sum() in (len(counts), (small - 1) * len(counts))


def _hide(rows: pd.DataFrame, hidden: np.ndarray) -> None:
    rows.loc[hidden, ["value", "numerator", "possible_low", "possible_high"]] = np.nan
    rows.loc[hidden, "status"] = SUPPRESSED
