"""This period against those before it: the change of a share, a count or a wait, in plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from indicators.catalogue.definition import Definition
from indicators.engine.question import OK, Answer


@dataclass(frozen=True)
class Change:
    """A whole period's value and that of the whole periods just before it.

    `before` is of a share Σ numerator / Σ denominator, else the mean of the periods; `difference` is now − before in the
    unit (of shares: percentage points). `periods` of the `among` periods just before are used: the others are suppressed,
    not complete or not known.
    """

    period: str
    value: float
    before: float
    difference: float
    periods: int
    among: int


def change_against(found: Answer, index: int, earlier: int = 4) -> Change | None:
    """The change of one row of an unsplit answer against up to `earlier` rows just before it, since the last seam.

    None where the row or all the earlier ones have no value to compare: what is suppressed or not complete is not compared.
    Nor are several shares whose numerators and denominators are not known: their mean would be no share.
    """
    before_it = found.rows.iloc[max(0, index - earlier) : index]
    day = found.rows["period_start"].iloc[index]
    seam = max((one.date for one in found.seams if one.date <= day), default=date.min)
    before_it = before_it[before_it["period_start"].map(lambda start: start >= seam).astype(bool)]
    rows = before_it[before_it["status"] == OK]
    value = found.rows["value"].iloc[index]
    if rows.empty or pd.isna(value) or found.rows["status"].iloc[index] != OK:
        return None
    before = _combined_value(found.definition, rows)
    if before is None:
        return None
    difference = float(value) - before
    return Change(
        found.rows["period"].iloc[index], float(value), before, difference, len(rows), len(before_it)
    )


def _combined_value(definition: Definition, rows: pd.DataFrame) -> float | None:
    if definition.is_share and rows["denominator"].notna().all() and rows["numerator"].notna().all():
        total = rows["denominator"].sum()
        return float(100 * rows["numerator"].sum() / total) if total else None
    if definition.is_share and len(rows) > 1:
        return None
    return float(rows["value"].mean())
