"""The days a file covers: the period of its rows, and the days of which a unit's data is known."""

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


def period_of(rows: Rows, loaded: np.ndarray) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day of the accepted rows; None of datasets without days."""
    names = _PERIODS.get(rows.dataset)
    if names is None:
        return None
    first, last = (rows.days(name)[loaded] for name in names)
    first, last = first[~np.isnat(first)], last[~np.isnat(last)]
    return (first.min().item(), last.max().item()) if len(first) and len(last) else None


def coverage_of(
    whole: Rows, rows: Rows, loaded: np.ndarray, bad: np.ndarray, meaning: Meaning, dated: Dated
) -> tuple[Coverage, ...]:
    """Return the days covered by the rows at `loaded`.

    Of queues each snapshot date, of others the stated window; without one, from a unit's first realised contact (referrals
    and cases: first arrival) to the day before the extract, or to the newest such day where the extract date is assumed.
    A queue picked out of a larger file covers the units of that file: one without an entry has an empty queue.
    """
    if not DATASETS[rows.dataset].row_level:
        return ()
    names = rows.texts["unit_code"].to_pylist()
    if rows.dataset == "queue":
        return _snapshot_coverage(whole, rows, loaded, bad, dated.scope)
    if dated.window is not None and dated.scope == "origin":
        return (Coverage(None, *dated.window),)
    units = rows.codes["unit_code"][loaded]
    if dated.window is not None:
        here = whole.codes["unit_code"][~bad] if rows.output.where else units
        return tuple(Coverage(names[unit], *dated.window) for unit in np.unique(here[here >= 0]))
    event = np.ones(len(loaded), dtype=bool)
    if rows.dataset == "visits":
        event = rows.is_our("state_code", meaning, {"realised"})[loaded]
        event &= ~rows.is_our("mode_source_code", meaning, NO_CONTACT)[loaded]
    days = rows.days(DATASETS[rows.dataset].day)[loaded][event].astype("datetime64[s]")
    if not len(days):
        return ()
    first = pd.Series(days).groupby(units[event]).min()
    last = dated.extract_date - dt.timedelta(days=1)
    if dated.assumed:
        newest = days[~np.isnat(days) & (days <= np.datetime64(dated.extract_date, "s"))]
        last = newest.max().astype("datetime64[D]").item() if len(newest) else last
    return tuple(Coverage(names[unit], on.date(), last) for unit, on in first.items() if on.date() <= last)


def _snapshot_coverage(
    whole: Rows, rows: Rows, loaded: np.ndarray, bad: np.ndarray, scope: str
) -> tuple[Coverage, ...]:
    """Return each snapshot date of each unit; or of the whole origin, by `scope`."""
    units, days = whole.codes["unit_code"], whole.days("snapshot_on")
    if rows.output.where:
        seen = ~bad & (units >= 0) & ~np.isnat(days)
    else:
        seen = np.zeros(len(units), dtype=bool)
        seen[rows.at[loaded]] = True
    pairs = pd.DataFrame({"unit": -1 if scope == "origin" else units[seen], "on": days[seen]})
    pairs = pairs.drop_duplicates().sort_values(["on", "unit"])
    names = rows.texts["unit_code"].to_pylist()
    return tuple(
        Coverage(names[unit] if unit >= 0 else None, on.date(), on.date())
        for unit, on in zip(pairs["unit"], pairs["on"], strict=True)
    )
