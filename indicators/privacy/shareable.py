"""The shareable view of counted rows: counts with the noise of their cell key, small ones not shown.

Counts 1–4 are suppressed and known to be 1–4; zero is shown. A share is that of its perturbed counts; with 1–4 on one side it
is suppressed, and from 20 in the denominator shown as the interval that follows. A median and a mean need 5, a 90th percentile
10, the longest wait a queue of 5; percentiles are rounded up to whole days and means to tenths, for an exact one says
how many it is of. All thresholds are settings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from indicators.catalogue.definition import SHARES, Measure
from indicators.privacy.cell_keys import Noise
from pipelines.settings import Settings

#: The counts of a row of each statistic that has a count for its value.
VALUE_COUNTS = {
    "count": "n_rows",
    "count_met": "n_met",
    "open": "n_rows",
    "distinct_persons": "persons",
    "late_persons": "persons",
}
_SIDE_COUNTS = ("uncertain_age", "left_out")
#: What a floating-point number of days may lie above the true one.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Shareable:
    """Counted rows as they are shown: the columns of `counts` perturbed, NaN where they are not shown.

    `suppressed` are the rows without a value because it is small; `low` and `high` what may be said of it instead, in the
    unit of the value, NaN where nothing.
    """

    counts: pd.DataFrame
    suppressed: np.ndarray
    low: np.ndarray
    high: np.ndarray


def exact(counts: pd.DataFrame) -> Shareable:
    """Counted rows as they are."""
    nothing = np.full(len(counts), np.nan)
    return Shareable(counts, np.zeros(len(counts), dtype=bool), nothing, nothing)


def shareable(
    counts: pd.DataFrame, measure: Measure, noise: Noise, settings: Settings, known: np.ndarray
) -> Shareable:
    """Counted rows in the shareable view, but for the rows of `known`, which stay exact.

    `counts` has the columns of the kinds with their cell keys, where a count is the value that as `value`, and of a queue the
    part of it that is published (`published_part`), which everybody knows.
    """
    true = {name: counts[name].to_numpy(float) for name in counts if f"{name}_key" in counts}
    published = (
        counts["published_part"].to_numpy(float) if "published_part" in counts else np.zeros(len(counts))
    )
    if "value" in true:
        true["value"] = true["value"] - published
    shown = {name: noise.perturbed(true[name], counts[f"{name}_key"].to_numpy(np.uint64)) for name in true}
    least, low, high = settings.hide_below, np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    suppressed = np.zeros(len(counts), dtype=bool)

    def small(count: np.ndarray) -> np.ndarray:
        return (count > 0) & (count < least)

    if "value" in true:
        suppressed = np.isnan(shown["value"])
        low[suppressed] = published[suppressed] + 1
        high[suppressed] = published[suppressed] + least - 1
        shown["value"], true["value"] = (of["value"] + published for of in (shown, true))
    elif measure.statistic in SHARES:
        suppressed = _protect_share(true, shown, settings, low, high)
    elif measure.statistic == "longest":
        suppressed = (true["n_rows"] > 0) & (true["n_rows"] < settings.longest_min_queue)
    else:
        n = true["n_done" if measure.statistic == "mean" else "n_known"]
        enough = settings.p90_min_n if (measure.quantile or 0) > 0.5 else settings.median_min_n
        suppressed = (n > 0) & (n < enough)
    for name in _SIDE_COUNTS:
        if name in shown:
            shown[name] = np.where(suppressed | small(true[name]), np.nan, shown[name])
    # Rounded up, a number of days is within a limit of whole days exactly when it was before.
    rounded = {
        name: np.ceil(counts[name].to_numpy(float) * scale - _ROUNDING) / scale
        for name, scale in (("quantile", 1), ("mean_days", 10), ("longest", 1))
        if name in counts
    }
    without = {name: np.where(suppressed, np.nan, numbers) for name, numbers in rounded.items()}
    columns = {name: np.where(known, true[name], shown[name]) for name in true}
    columns |= {name: np.where(known, counts[name].to_numpy(float), without[name]) for name in without}
    suppressed &= ~known
    low[known] = high[known] = np.nan
    return Shareable(counts.assign(**columns), suppressed, low, high)


def _protect_share(
    true: dict[str, np.ndarray],
    shown: dict[str, np.ndarray],
    settings: Settings,
    low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    """Take out of `shown` what met of shares with a small side, and set their intervals; which shares these are.

    What is shown of either side of the others is at least `hide_below`, as its count is.
    """
    n, met, least = true["n_known"], true["n_met"], settings.hide_below
    possible = true.get("n_possible", np.zeros(len(n)))
    sides = met, possible, n - met - possible
    few = [(side > 0) & (side < least) for side in sides]
    suppressed = few[0] | few[1] | few[2] | ((n > 0) & (n < least))
    inner = (met > 0) & (met < n) & ~suppressed
    room = np.where(inner, np.maximum(shown["n_known"], 2 * least), shown["n_known"])
    shown["n_known"] = room
    shown["n_met"] = np.where(inner, np.clip(shown["n_met"], least, room - least), shown["n_met"])
    if "n_possible" in shown:
        open_ended = (possible > 0) & (met + possible < n)
        rest = room - shown["n_met"]
        shown["n_possible"] = np.where(
            open_ended, np.clip(shown["n_possible"], 0, rest), np.where(possible > 0, rest, 0.0)
        )
    interval = suppressed & (n >= settings.share_min_n) & (possible == 0)
    from_above = interval & (n - met < least)
    low[interval] = 100 / room[interval]
    high[interval] = 100 * (least - 1) / room[interval]
    low[from_above], high[from_above] = 100 - high[from_above], 100 - low[from_above]
    shown["n_met"] = np.where(suppressed, np.nan, shown["n_met"])
    return suppressed
