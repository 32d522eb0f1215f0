"""A published series continued by extracts: which of the two is used for a period, where they meet, where they differ.

Rows are used for periods that they cover fully, publications for the others; the two are never averaged. Where they meet the
series has a seam, which is a break. Synthetic rows do not continue a published series: an answer has either published figures
or synthetic rows, never both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from indicators.catalogue.conditions import SUPPLY_CONDITIONS
from indicators.catalogue.definition import Definition, load_definitions
from indicators.catalogue.periods import Period, grain_of, span
from indicators.engine.cached import cached_per_version
from indicators.engine.combined_rows import Columns
from indicators.engine.coverage import data_coverage
from indicators.engine.overviews import days_of
from indicators.engine.question import NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED, Question, Seam
from indicators.kinds import figures as published
from pipelines.warehouse import Snapshot

#: What decides a group of an answer: everything but the service, which a publication may leave unsaid.
_NOT_OF_GROUP = "service"


@cached_per_version()
def has_demo_rows(snapshot: Snapshot, dataset: str) -> bool:
    """Whether the rows of a dataset that count are synthetic; such rows and real ones are never there together."""
    rows = days_of(snapshot, dataset, "used demo")
    return bool(snapshot.rows(f"SELECT 1 FROM {rows} WHERE used AND demo LIMIT 1"))


def has_figures(snapshot: Snapshot, indicator: str, area: str) -> bool:
    """Whether any figure of an indicator was published or entered for an area."""
    return bool(published.read_figures(snapshot, indicator, area, ()))


def demo_is_separate(snapshot: Snapshot, indicator: str, area: str) -> bool:
    """Whether an area's rows of an indicator are synthetic and next to a published series, which they do not continue."""
    definition = load_definitions().get(indicator)
    if definition is None or not definition.row_level or not has_figures(snapshot, indicator, area):
        return False
    dataset = definition.measure.dataset
    if not has_demo_rows(snapshot, dataset):
        return False
    supply = dict(SUPPLY_CONDITIONS[name] for name in definition.measure.rows if name in SUPPLY_CONDITIONS)
    return not data_coverage(snapshot, dataset).presence_of({"area": (area,), **supply}).empty


def reconcile(
    computed: Columns, shown: Columns, splits: Sequence[str], definition: Definition
) -> tuple[Columns, Columns]:
    """The rows counted and the figures published that are used: for each period and group one of them alone.

    Rows that cover the period fully, else a publication of the whole period, else rows that cover a part of it. With the
    definition's `figures_first` a figure of the whole period comes before any rows. A figure of a day is no whole period:
    rows of a later day, though of fewer units, are not replaced by it.
    """
    if not len(computed.get("period", ())) or not len(shown["period"]):
        return computed, shown
    by = ["period", *(split for split in splits if split != _NOT_OF_GROUP)]
    mine: list[tuple[str, ...]] = list(zip(*(computed[name] for name in by), strict=True))
    theirs: list[tuple[str, ...]] = list(zip(*(shown[name] for name in by), strict=True))
    statuses: dict[tuple[str, ...], set[str]] = {}
    for key, status in zip(mine, computed["status"], strict=True):
        statuses.setdefault(key, set()).add(status)
    whole = zip(theirs, shown["status"], strict=True) if not definition.point_in_time else ()
    whole_published = {key for key, status in whole if status == OK}
    by_rows = {
        key
        for key, found in statuses.items()
        if (
            OK in found
            and found <= {OK, NO_DENOMINATOR}
            and not (definition.figures_first and key in whole_published)
        )
        or (key not in whole_published and found - {NO_DATA})
    }
    published_keys = set(theirs)
    return (
        _only(computed, [key in by_rows or key not in published_keys for key in mine]),
        _only(shown, [key not in by_rows for key in theirs]),
    )


def _only(rows: Columns, chosen: Sequence[bool]) -> Columns:
    """The chosen rows."""
    return {name: values[np.array(chosen, dtype=bool)] for name, values in rows.items()}


def seams_of(rows: pd.DataFrame) -> tuple[Seam, ...]:
    """Where an answer goes over from figures published to rows counted or back, first to last.

    The day is the first of the first period of the other; periods without a value may lie between.
    """
    if rows["published"].nunique() < 2:
        return ()
    valued = rows[rows["value"].notna() | rows["low"].notna() | (rows["status"] == SUPPRESSED)]
    found: list[Seam] = []
    before: bool | None = None
    for start, mine in valued.groupby("period_start", sort=True):
        kinds = set(mine["published"])
        now = kinds.pop() if len(kinds) == 1 else None
        if before is not None and now is not None and now != before:
            found.append(Seam(start, to_rows=not now))
        before = before if now is None else now
    return tuple(found)


def own_periods(
    figures: Sequence[published.Figure], periods: Sequence[Period]
) -> tuple[list[published.Figure], list[Period]]:
    """Figures whose stretch of days is no calendar period and lies within none of the periods asked, with these stretches.

    They are points of their own period.
    """
    mine = [
        figure
        for figure in figures
        if grain_of(figure.start, figure.end) is None
        and not figure.point
        and not any(period.start <= figure.start and figure.end <= period.end for period in periods)
    ]
    return mine, sorted({span(figure.start, figure.end) for figure in mine})


@dataclass(frozen=True)
class Difference:
    """A period that rows cover fully and a figure was published of: both values in the definition's unit.

    `by_rows` is NaN where it is suppressed, then `status` says so. `rows_count` is whether the series uses the rows.
    """

    indicator: str
    area: str
    service: str | None
    period: Period
    by_rows: float
    published: float
    status: str
    rows_count: bool
    cited_source: str | None


def questions_of_differences(
    snapshot: Snapshot, area: str, *, suppress: bool
) -> list[tuple[published.Figure, Question]]:
    """Every published figure of an area whose indicator is counted from real rows, with the question to its rows."""
    found = []
    for definition in load_definitions().values():
        if not definition.row_level or demo_is_separate(snapshot, definition.id, area):
            continue
        for figure in published.read_figures(snapshot, definition.id, area, ()):
            narrowed = figure.service if "service" in definition.dimensions else None
            where = (("service", (narrowed,)),) if narrowed else ()
            period = span(figure.start, figure.end)
            question = Question(
                definition.id, area=area, where=where, periods=(period,), suppress=suppress, rows_only=True
            )
            found.append((figure, question))
    return found


def difference_of(figure: published.Figure, found: pd.DataFrame, definition: Definition) -> Difference | None:
    """A figure next to what rows say of the same period; None unless rows cover it fully and the figure has a value."""
    value = published.value_of(figure, definition)
    if found.empty or value is None or found["status"].iloc[0] not in (OK, SUPPRESSED):
        return None
    return Difference(
        definition.id,
        figure.area,
        figure.service,
        span(figure.start, figure.end),
        float(found["value"].iloc[0]),
        value,
        found["status"].iloc[0],
        not definition.figures_first,
        figure.cited_source,
    )
