"""Judging a series: means, limits, signals and marks of an answer's values.

Of the shareable view a suppressed value counts as 2.5 cases: left out, a series of few misses would be judged by its worst
periods. No verdict is given from fewer than 12 values, nor where the newest period is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from indicators.analysis.control_chart import (
    CONCERN,
    FAIL,
    FULL_BASELINE,
    GRAINS,
    IMPROVEMENT,
    NEWEST_UNKNOWN,
    PASS,
    TOO_FEW_VALUES,
    Break,
    SpcResult,
    spc,
)
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import period_of, preceding
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED, Answer, Question

#: The number of newest periods that may lack units before the newest value counts as not known.
_MOST_INCOMPLETE = 1


def spc_of(
    found: Answer,
    target: float | None = None,
    breaks: Sequence[Break] = (),
    *,
    baseline: int | None = None,
    until: date | None = None,
) -> SpcResult:
    """Judge the series of an unsplit answer by week, month or quarter.

    Only complete rows with a value count: incomplete and empty periods are gaps. Suppressed ones count, with no value in the
    result. A break, and a seam between published figures and rows, starts a new
    group at the first period that begins on its day or later. `baseline` fixes the limits by that many first values of each
    group, at least 12. `until` is the last day of which anything is known: where the series ends before the last whole
    period up to then, its newest value is not known. Raises BadQuestion for a split answer,
    another grain or too short a baseline.
    """
    if found.question.splits:
        raise BadQuestion("series_is_split", indicator=found.definition.id)
    if found.grain not in GRAINS:
        raise BadQuestion("series_grain", by=found.grain, known=", ".join(GRAINS))
    shown = found.rows
    breaks = sorted((*breaks, *(Break(seam.date, "") for seam in found.seams)), key=lambda one: one.date)
    judged = found.judged_values.where(shown["status"].isin((OK, SUPPRESSED)) & shown["complete"].eq(True))
    result = spc(
        list(shown["period_start"]),
        [None if pd.isna(value) else float(value) for value in judged],
        better=found.definition.better,
        target=target,
        breaks=breaks,
        baseline=baseline,
        labels=list(shown["period"]),
        statuses=list(shown["status"]),
    )
    result = _without_contradiction(_without_provisional(result))
    reason = _unjudged(result, found, until)
    if reason is not None:
        result = replace(result, variation=None, assurance=None, changed=False, unjudged=reason)
    points = [replace(point, value=None) if point.status == SUPPRESSED else point for point in result.points]
    return replace(result, points=tuple(points))


def known_until(found: Answer, ask: Callable[[Question], Answer]) -> date | None:
    """The last day of the newest whole period of an indicator in its area, whatever units and groups an answer is of.

    None where the answer is not narrowed: its own newest period is that.
    """
    where = found.definition.headline_where()
    if set(found.question.where) <= set(where):
        return None
    rows = ask(replace(found.question, where=where, by=found.grain, date_from=None)).rows
    # Of a suppressed period that is not complete the note says so.
    whole = ~rows["status"].isin((NO_DATA, INCOMPLETE)) & ~(
        rows["status"].eq(SUPPRESSED) & rows["note"].map(bool)
    )
    known = rows["period_end"][whole]
    return None if known.empty else known.max()


def _without_provisional(result: SpcResult) -> SpcResult:
    """The series without what provisional limits would say of its values."""
    points = [
        replace(point, rule=None, kind=None)
        if point.group is not None and result.groups[point.group].provisional
        else point
        for point in result.points
    ]
    return replace(result, points=tuple(points))


def _without_contradiction(result: SpcResult) -> SpcResult:
    """Limits that hold what was before a change and after it do not say how the target is met from now on."""
    last = result.last
    if last is None or (result.assurance, last.kind) not in ((FAIL, IMPROVEMENT), (PASS, CONCERN)):
        return result
    return replace(result, assurance=None, changed=True)


def _unjudged(result: SpcResult, found: Answer, until: date | None) -> str | None:
    """Why no verdict is given of the newest value; None where one is."""
    last = result.last
    if last is None:
        return None
    later = found.rows[found.rows["period_start"] > last.date]
    if later["status"].isin((NO_DATA, NO_DENOMINATOR)).any():
        return NEWEST_UNKNOWN
    notes = later["note"] if "note" in later else pd.Series(None, index=later.index, dtype=object)
    lacking = (later["status"] == INCOMPLETE) & notes.notna()
    if lacking.sum() > _MOST_INCOMPLETE:
        return NEWEST_UNKNOWN
    if until is not None:
        period = period_of(until, str(found.grain))
        newest = period if period.end <= until else preceding(period, 1)[0]
        if newest.start > found.rows["period_start"].iloc[-1]:
            return NEWEST_UNKNOWN
    group = result.group
    return TOO_FEW_VALUES if group is not None and group.points < FULL_BASELINE else None
