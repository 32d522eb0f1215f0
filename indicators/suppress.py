"""Hiding small numbers: counts of persons and their events.

Counts 1–4 are hidden and zero is shown. A share with at least 20 in the denominator and 1–4 on one side is shown as the
interval that follows; with fewer it is hidden. A median and a mean need 5, a 90th percentile 10, the longest wait
a queue of 5. Within one answer a hidden cell must not follow from its neighbours and their total: then one more is hidden.
All thresholds are settings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from indicators.definition import SHARES, Definition
from indicators.question import SUPPRESSED
from pipelines.settings import Settings

COUNTS = ("count", "count_met", "distinct_persons", "open")


def suppress(
    rows: pd.DataFrame, definition: Definition, splits: Sequence[str], settings: Settings
) -> pd.DataFrame:
    """The rows of an answer with small numbers hidden; `n_rows` must say how many entries are behind a row.

    A hidden row has the status `suppressed`, no value and no numerator; `low` and `high` where a share's interval
    may be told. A denominator of 1–4 is hidden with its coverage, and so are side counts of 1–4 (of
    persons with the coverage that follows from them). Rows of published
    figures (`published`) are exempt.
    """
    if not definition.counts_persons or rows.empty:
        return rows
    rows = rows.copy()
    small = settings.hide_below
    mine = ~rows["published"].to_numpy(bool)
    statistic = definition.measure.statistic
    if statistic in COUNTS:
        counts = _numbers(rows["value"])
        hidden = mine & (counts > 0) & (counts < small)
        if definition.adds_up:
            hidden |= complementary(rows, splits, hidden, counts, (1, small - 1))
        _hide(rows, hidden)
    elif statistic == "longest":
        entries = _numbers(rows["n_rows"])
        _hide(rows, mine & (entries > 0) & (entries < settings.longest_min_queue))
    else:
        n = _numbers(rows["denominator"])
        few = mine & (n > 0) & (n < small)
        unknown = few | complementary(rows, splits, few, n, (1, small - 1))
        if statistic in SHARES:
            _hide_shares(rows, splits, mine, unknown, n, settings)
        else:
            least = settings.p90_min_n if (definition.measure.quantile or 0) > 0.5 else settings.median_min_n
            _hide(rows, mine & (n > 0) & (n < least))
        rows.loc[unknown, ["denominator", "coverage"]] = np.nan
    for name in ("left_out", "uncertain_age"):
        side = _numbers(rows[name])
        gone = (rows["status"] == SUPPRESSED).to_numpy() | ((side > 0) & (side < small))
        rows.loc[mine & gone, name] = np.nan
        if name == "left_out" and statistic == "distinct_persons":
            # Coverage is what is not left out: beside the number of visits it would say the hidden count.
            rows.loc[mine & gone, "coverage"] = np.nan
    return rows


def _hide_shares(
    rows: pd.DataFrame,
    splits: Sequence[str],
    mine: np.ndarray,
    unknown: np.ndarray,
    n: np.ndarray,
    settings: Settings,
) -> None:
    """Hide shares with few on one side, and those whose denominator is hidden (`unknown`)."""
    small = settings.hide_below
    met = _numbers(rows["numerator"])
    few_met, few_other = (met > 0) & (met < small), (n - met > 0) & (n - met < small)
    hidden = mine & (few_met | few_other)
    # What the numerator can be for who sees that it is hidden: 1–4 on the side that is small.
    low = np.where(few_met, 1, n - small + 1)
    high = np.where(few_met, small - 1, n - 1)
    either = n < 2 * small
    low, high = np.where(either, 1, low), np.where(either, n - 1, high)
    nothing_known = n < small
    low, high = np.where(nothing_known, 0, low), np.where(nothing_known, small - 1, high)
    more = complementary(rows, splits, hidden, met, (low, high), order=n, extra=unknown & ~hidden)
    low, high = low.astype(float), high.astype(float)
    if len(splits) == 1:
        _bound_what_protects(rows, mine & hidden, mine & more & ~hidden, met, n, low, high)
    told = mine & (hidden | more) & (n >= settings.share_min_n) & ~np.isnan(low)
    with np.errstate(divide="ignore", invalid="ignore"):
        rows["low"] = np.where(told, 100 * low / n, np.nan)
        rows["high"] = np.where(told, 100 * high / n, np.nan)
    _hide(rows, hidden | (mine & more))


def _bound_what_protects(
    rows: pd.DataFrame,
    hidden: np.ndarray,
    extra: np.ndarray,
    met: np.ndarray,
    n: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> None:
    """Set the bounds of shares that are hidden only to protect another: what is left of the total for every value
    the protected ones may have, so that the interval tells nothing of them. NaN where several protect together.
    """
    low[extra], high[extra] = np.nan, np.nan
    for line in rows.groupby("period", sort=False).indices.values():
        own = line[extra[line]]
        others = line[hidden[line]]
        if len(own) == 1 and len(others):
            rest = met[own[0]] + met[others].sum()
            low[own] = max(0.0, rest - high[others].sum())
            high[own] = min(n[own[0]], rest - low[others].sum())


def complementary(
    rows: pd.DataFrame,
    splits: Sequence[str],
    hidden: np.ndarray,
    counts: np.ndarray,
    bounds: tuple[np.ndarray | int, np.ndarray | int],
    order: np.ndarray | None = None,
    extra: np.ndarray | None = None,
) -> np.ndarray:
    """The further cells to hide, so that no hidden one follows from a total and the cells that are shown.

    Along each split a line of cells sums to a total that may be known. `bounds` are the least and most that a hidden
    cell can be. Where the total leaves one of them no choice, the smallest shown cell (by `order`, else by count)
    that is not zero is hidden too, until no line needs it. `extra` are cells that are hidden already for another
    reason, with a count that could be anything.
    """
    extra = np.zeros(len(rows), dtype=bool) if extra is None else extra.copy()
    order = counts if order is None else order
    low, high = (np.broadcast_to(np.asarray(bound, dtype=float), len(rows)) for bound in bounds)
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
            gone = line[hidden[line] | extra[line]]
            shown = line[~(hidden[line] | extra[line]) & (order[line] > 0)]
            if len(shown) and _follows(counts[gone], low[gone], high[gone], extra[gone]):
                extra[shown[np.argmin(order[shown])]] = True
                changed = True
    return extra


def _follows(counts: np.ndarray, low: np.ndarray, high: np.ndarray, extra: np.ndarray) -> bool:
    """Whether the sum of hidden cells leaves one of them, within its bounds, a single possible count."""
    total = counts.sum()
    low, high = np.where(extra, 0, low), np.where(extra, total, high)
    least = np.maximum(low, total - (high.sum() - high))
    most = np.minimum(high, total - (low.sum() - low))
    return bool((least >= most)[~extra].any())


def _numbers(column: pd.Series) -> np.ndarray:
    """The numbers of a column, 0 where there is none."""
    return np.nan_to_num(column.to_numpy(float))


def _hide(rows: pd.DataFrame, hidden: np.ndarray) -> None:
    rows.loc[hidden, ["value", "numerator", "possible_low", "possible_high"]] = np.nan
    rows.loc[hidden, "status"] = SUPPRESSED
