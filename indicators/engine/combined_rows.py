"""Rows counted and figures published as the rows of one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from indicators.catalogue.periods import Period
from indicators.engine.question import (
    CONTRACT_COLUMNS,
    EXTRA_COLUMNS,
    INCOMPLETE,
    NO_DATA,
    NO_DENOMINATOR,
    OK,
)

#: Columns of counted rows that no answer has, the last ones.
INTERNAL_COLUMNS = ("published", "load_ids")
#: Rows as their columns by name, all of one length: arrays, or the columns of a frame.
Columns = Mapping[str, Any]
_OWN_COLUMNS = ("cited_source", *INTERNAL_COLUMNS)
_NUMBERS = frozenset(
    {
        *("value", "numerator", "denominator", "coverage", "low", "high", "possible_low", "possible_high"),
        *("left_out", "uncertain_age"),
    }
)


def frame_of_figures(shown: pd.DataFrame) -> pd.DataFrame:
    """Published figures in the columns of an answer."""
    rows = shown.copy()
    for name in ("value", "numerator", "denominator"):
        rows[name] = rows[name].astype(float)
    rows["status"] = [
        NO_DENOMINATOR if pd.isna(value) else OK if complete else INCOMPLETE
        for value, complete in zip(rows["value"], shown["complete"], strict=True)
    ]
    rows["published"] = True
    return rows


def combine_rows(tables: Sequence[Columns], splits: Sequence[str], periods: Sequence[Period]) -> pd.DataFrame:
    """Rows computed and figures published in one frame: a figure counts where nothing was computed.

    Unsplit, periods without either have a row as well. One row per period and splits, in their order.
    """
    filled = [table for table in tables if len(table.get("period", ()))]
    by_label = {period.label: period for period in periods}
    keys = [
        key
        for table in filled
        for key in zip(*(table[name].tolist() for name in ("period", *splits)), strict=True)
    ]
    keys = [(label, *map(str, values)) for label, *values in keys]
    statuses = [status for table in filled for status in table["status"].tolist()]
    times = Counter(keys)
    first: dict[tuple[str, ...], int] = {}
    for at, (key, status) in enumerate(zip(keys, statuses, strict=True)):
        if status != NO_DATA or times[key] == 1:
            first.setdefault(key, at)
    if not splits:
        absent = [label for label in by_label if (label,) not in first]
        if absent:
            filled.append(pd.DataFrame({"period": absent, "status": NO_DATA, "published": False}))
            first |= {(label,): len(keys) + at for at, label in enumerate(absent)}
    order = sorted(first, key=lambda key: (by_label[key[0]].start, *key[1:]))
    of = [by_label[label] for label, *_ in order]
    return _frame(filled, splits, np.array([first[key] for key in order], dtype=int), of)


def _frame(
    tables: Sequence[Columns], splits: Sequence[str], order: np.ndarray, periods: Sequence[Period]
) -> pd.DataFrame:
    """Rows of tables, by their position under each other, with every column of an answer there and of its type.

    `periods` has the period of each row. Made column by column at once, over one index: setting columns one after another, or
    aligning them, takes most of the time of a small answer.
    """
    index = pd.RangeIndex(len(periods))
    columns: dict[str, object] = {
        "period": pd.array([period.label for period in periods], dtype="str"),
        "period_start": [period.start for period in periods],
        "period_end": [period.end for period in periods],
    }
    for name in (*splits, *CONTRACT_COLUMNS, *EXTRA_COLUMNS, *_OWN_COLUMNS):
        kind = float if name in _NUMBERS else object
        found = [
            np.asarray(table[name], kind) if name in table else np.full(len(table["period"]), np.nan, kind)
            for table in tables
        ]
        values = np.concatenate([np.empty(0, kind), *found])[order]
        if name in _NUMBERS:
            columns[name] = values
        elif name == "published":
            columns[name] = values.astype(bool)
        elif name in splits or name == "status":
            columns[name] = pd.array([str(value) for value in values], dtype="str")
        else:
            columns[name] = pd.Series(np.where(pd.isna(values), None, values), index, dtype=object)
    return pd.DataFrame(columns, index)
