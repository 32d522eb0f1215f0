"""The shareable view of counted rows: counts with the noise of their cell key, small ones not shown.

Counts 1–4 are suppressed, and at random some up to 10: a suppressed one is known to be 1–10. Zero is shown. A share is that of
its perturbed counts; with a suppressed side it is suppressed, from 20 in the denominator shown as the interval that follows. A
median and a mean need 5, a 90th percentile 10, the longest wait a queue of 5, in truth and as shown; percentiles are rounded up
to whole days and means to tenths, for an exact one says how many it is of. All thresholds are settings.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    low, high = np.full(len(counts), np.nan), np.full(len(counts), np.nan)

    def few(name: str, enough: int) -> np.ndarray:
        """Where a count is there and not enough, in truth or as it is shown."""
        return (true[name] > 0) & ((true[name] < enough) | ~(shown[name] >= enough))

    if "value" in true:
        suppressed = np.isnan(shown["value"])
        low[suppressed] = published[suppressed] + 1
        high[suppressed] = published[suppressed] + noise.most
        shown["value"], true["value"] = (of["value"] + published for of in (shown, true))
    elif measure.statistic in SHARES:
        shown["other"] = noise.perturbed(*_other_side(true, counts))
        suppressed = _protect_share(true, shown, few("n_known", settings.share_min_n), noise, low, high)
    elif measure.statistic == "longest":
        suppressed = few("n_rows", settings.longest_min_queue)
    else:
        enough = settings.p90_min_n if (measure.quantile or 0) > 0.5 else settings.median_min_n
        suppressed = few("n_done" if measure.statistic == "mean" else "n_known", enough)
    for name in _SIDE_COUNTS:
        if name in shown:
            shown[name] = np.where(suppressed, np.nan, shown[name])
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


def _other_side(true: Mapping[str, np.ndarray], counts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The number of those known that neither meet the condition nor possibly do, and its cell key."""
    number, key = true["n_known"].copy(), counts["n_known_key"].to_numpy(np.uint64)
    for name in ("n_met", "n_possible"):
        if name in true:
            number, key = number - true[name], key ^ counts[f"{name}_key"].to_numpy(np.uint64)
    return number, key


def _protect_share(
    true: Mapping[str, np.ndarray],
    shown: dict[str, np.ndarray],
    without_interval: np.ndarray,
    noise: Noise,
    low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    """Take out of `shown` what met of shares with a suppressed side, and set their intervals; which shares these are.

    What is shown of either side of the others is at least `hide_below`, as its count is.
    """
    n, met, least = true["n_known"], true["n_met"], noise.least
    possible = true.get("n_possible", np.zeros(len(n)))
    gone = {
        name: np.isnan(shown[name]) for name in ("n_known", "n_met", "other", "n_possible") if name in shown
    }
    suppressed = np.logical_or.reduce(list(gone.values()))
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
    interval = suppressed & ~without_interval & (possible == 0) & (gone["n_met"] ^ gone["other"])
    with np.errstate(divide="ignore"):
        ends = 100 / room, 100 * noise.most / room
    for side, at_bottom in ((gone["n_met"], True), (gone["other"], False)):
        mine = interval & side
        low[mine] = (ends[0] if at_bottom else 100 - ends[1])[mine]
        high[mine] = (ends[1] if at_bottom else 100 - ends[0])[mine]
    shown["n_met"] = np.where(suppressed, np.nan, shown["n_met"])
    return suppressed
