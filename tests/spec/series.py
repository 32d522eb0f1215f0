"""Answers made by hand: a series of values as the engine would give it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from indicators.catalogue.definition import definition
from indicators.catalogue.periods import period_of
from indicators.engine.question import INCOMPLETE, NO_DATA, OK, Answer, Question


def series(
    indicator: str,
    grain: str,
    first: date,
    values: Sequence[float | None],
    statuses: dict[str, str] | None = None,
    splits: tuple[str, ...] = (),
) -> Answer:
    """An unsplit answer with these values from the period of a day on; None is a period without data.

    Periods are whole but those with the status that says otherwise.
    """
    rows, day = [], first
    for value in values:
        period = period_of(day, grain)
        status = (statuses or {}).get(period.label, NO_DATA if value is None else OK)
        rows.append((indicator, period.label, period.start, period.end, value, status))
        day = date.fromordinal(period.end.toordinal() + 1)
    frame = pd.DataFrame(
        rows, columns=["indicator", "period", "period_start", "period_end", "value", "status"]
    ).astype({"value": float})
    nothing = float("nan")
    frame = frame.assign(
        denominator=nothing, low=nothing, high=nothing, complete=frame["status"] != INCOMPLETE
    )
    return Answer(
        Question(indicator, by=grain, splits=splits), definition(indicator), grain, "18", frame, (), {}
    )
