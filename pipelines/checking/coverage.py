"""Which days a file tells of: the period of its rows, and the days of which a unit's data is known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.codes import NO_CONTACT, Meaning
from pipelines.checking.extract_dates import Dated
from pipelines.checking.fields import STRETCHES
from pipelines.checking.rows import Rows


@dataclass(frozen=True)
class Coverage:
    """Days (or a snapshot date) of which a unit's data is known; no unit: of the whole origin."""

    unit_code: str | None
    first_on: dt.date
    last_on: dt.date


_PERIODS = {
    **{dataset.name: (dataset.day, dataset.day) for dataset in DATASETS.values() if dataset.day},
    "annotations": ("date", "date"),
    **STRETCHES,
}


def period_of(rows: Rows, kept: np.ndarray) -> tuple[dt.date, dt.date] | None:
    """The first and last day that the accepted rows tell of."""
    names = _PERIODS.get(rows.dataset)
    if names is None:
        return None
    first, last = (rows.days(name)[kept] for name in names)
    first, last = first[~np.isnat(first)], last[~np.isnat(last)]
    return (first.min().item(), last.max().item()) if len(first) and len(last) else None


def coverage_of(
    whole: Rows,
    rows: Rows,
    kept: np.ndarray,
    bad: np.ndarray,
    meaning: Meaning,
    dated: Dated,
    scope: str,
) -> tuple[Coverage, ...]:
    """The days covered: the stated window, or from a unit's first realised contact (referrals and cases: first
    arrival) to the day before the extract, or to the newest such day where the extract date is a guess; of queues
    each snapshot date.

    Of a queue picked out of a larger file the units of that file are covered: one without an entry has an
    empty queue.
    """
    if not DATASETS[rows.dataset].row_level:
        return ()
    window = dated.window
    names = rows.texts["unit_code"].to_pylist()
    if rows.dataset == "queue":
        seen = ~bad & (whole.codes["unit_code"] >= 0) & ~np.isnat(whole.days("snapshot_on"))
        if not rows.output.where:
            seen[:] = False
            seen[rows.at[kept]] = True
        pairs = pd.DataFrame({"unit": whole.codes["unit_code"][seen], "on": whole.days("snapshot_on")[seen]})
        if scope == "origin":
            pairs["unit"] = -1
        pairs = pairs.drop_duplicates().sort_values(["on", "unit"])
        return tuple(
            Coverage(names[unit] if unit >= 0 else None, on.date(), on.date())
            for unit, on in zip(pairs["unit"], pairs["on"], strict=True)
        )
    if window is not None and scope == "origin":
        return (Coverage(None, *window),)
    units = rows.codes["unit_code"][kept]
    if window is not None:
        here = whole.codes["unit_code"][~bad] if rows.output.where else units
        return tuple(Coverage(names[unit], *window) for unit in np.unique(here[here >= 0]))
    event = np.ones(len(kept), dtype=bool)
    if rows.dataset == "visits":
        event = rows.is_our("state_code", meaning, {"realised"})[kept]
        event &= ~rows.is_our("mode_source_code", meaning, NO_CONTACT)[kept]
    days = rows.days(DATASETS[rows.dataset].day)[kept][event].astype("datetime64[s]")
    first = pd.Series(days).groupby(units[event]).min()
    if not len(days):
        return ()
    last = dated.extract_date - dt.timedelta(days=1)
    if dated.assumed:
        newest = days[~np.isnat(days) & (days <= np.datetime64(dated.extract_date, "s"))]
        last = newest.max().astype("datetime64[D]").item() if len(newest) else last
    return tuple(Coverage(names[unit], on.date(), last) for unit, on in first.items() if on.date() <= last)
