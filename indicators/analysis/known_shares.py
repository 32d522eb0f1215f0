"""Whether enough is recorded to speak of a share at all: the same on pages and in reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


def share_is_known(row: Mapping[str, Any], least_pct: float) -> bool:
    """Whether the coverage of a row, in per cent, is at least `least_pct`, the setting `monitoring_min_coverage_pct`.

    True where coverage does not apply.

    >>> share_is_known({"coverage": 1.0}, 50.0), share_is_known({"coverage": None}, 50.0)
    (False, True)
    """
    return pd.isna(row["coverage"]) or bool(row["coverage"] >= least_pct)
