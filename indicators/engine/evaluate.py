"""From a question to an answer: rows counted and figures published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from indicators.catalogue.periods import Period
from indicators.engine import published_series as series
from indicators.engine.combined_rows import INTERNAL_COLUMNS, Columns, combine_rows, frame_of_figures
from indicators.engine.counted_rows import assign_status, compute_rows, objects, with_newest_numbers
from indicators.engine.coverage import PeriodCompleteness, data_coverage
from indicators.engine.loads_used import loads_behind
from indicators.engine.measures import definition_of, definitions_of
from indicators.engine.question import NO_DATA, Answer, Question
from indicators.engine.resolve import ResolvedQuestion, resolve
from indicators.engine.scope import narrowed_where, supply_filters
from indicators.kinds import figures as published
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot


def answer_from_data(snapshot: Snapshot, question: Question, settings: Settings) -> Answer:
    """Answer a question from the rows and figures of one published version.

    Completed figures belong to the period of the visit, waiting ones to the snapshot date. A period that the data
    does not fully cover is `incomplete_period`; one it does not cover at all is `no_data`. Unsplit, there is a row for
    every period from the first to the last that is covered (or asked for by dates); split, only where there is
    data. Where no rows are known, published figures are used. Raises BadQuestion.
    """
    found = resolve(snapshot, question, settings)
    own = _own_periods(found)
    only_own = len(own) and found.known is None and not question.by
    if only_own and not published.tell_any(found.figures, found.periods):
        found = replace(found, periods=())
    rows, missing = _rows(found)
    loads = loads_behind(
        snapshot, found.definition, rows if own.empty else pd.concat([rows, own]), found.area
    )
    units = {label: period.missing for label, period in missing.items()}
    queues = {label: period.queues for label, period in missing.items() if period.queues}
    seams = series.seams_of(rows)
    return Answer(
        question,
        found.definition,
        found.grain,
        found.area,
        rows.iloc[:, : -len(INTERNAL_COLUMNS)],
        loads,
        units,
        seams,
        own if own.empty else own.drop(columns=list(INTERNAL_COLUMNS)),
        queues,
    )


def _own_periods(found: ResolvedQuestion) -> pd.DataFrame:
    """Figures of a stretch of days that is no calendar period and in none of the periods asked, each as a row of its own."""
    question = found.question
    first, last = question.date_from or date.min, question.date_to or date.max
    mine = [figure for figure in found.figures if figure.start <= last and figure.end >= first]
    alone, stretches = ([], []) if question.periods else series.own_periods(mine, found.periods)
    if not alone:
        return pd.DataFrame()
    shown = published.compute(found.definition, alone, stretches, question.splits)
    rows = combine_rows([frame_of_figures(shown)], question.splits, stretches)
    rows.insert(0, "indicator", found.definition.id)
    return rows


def _rows(found: ResolvedQuestion) -> tuple[pd.DataFrame, dict[str, PeriodCompleteness]]:
    """The rows of an answer, and the periods that lack units."""
    definition, splits = found.definition, found.question.splits
    computed: Columns = {}
    shown: Columns = {}
    missing: dict[str, PeriodCompleteness] = {}
    # Which units are covered is counted over those without rows too, and so is which queues a number lacks.
    over_all = definition.measure.statistic == "units_covered" or definition.measure.dataset == "queue"
    countable = over_all or found.has_rows
    if found.periods and found.known is not None and countable:
        computed, missing = assign_status(found, compute_rows(found))
        if definition.measure.dataset == "queue":
            computed, missing = with_newest_numbers(found, computed, missing)
    elif found.periods and found.known is not None and not splits:
        computed = _no_data(found.periods)
    if found.periods and found.figures:
        figures = frame_of_figures(published.compute(definition, found.figures, found.periods, splits))
        shown = {name: figures[name].to_numpy() for name in figures}
        computed, shown = series.reconcile(computed, shown, splits, definition)
        by_figures = set(shown["period"]) - set(computed.get("period", ()))
        missing = {label: units for label, units in missing.items() if label not in by_figures}
    rows = combine_rows([computed, shown], splits, found.periods)
    rows.insert(0, "indicator", definition.id)
    return rows, missing


def _no_data(periods: Sequence[Period]) -> Columns:
    """Rows of periods without data."""
    length = len(periods)
    return {
        "period": objects([period.label for period in periods]),
        "status": objects([NO_DATA] * length),
        "published": np.zeros(length, dtype=bool),
        "missing": objects([()] * length),
    }


def has_row_data(snapshot: Snapshot, indicator: str, area: str) -> bool:
    """Whether an indicator's series rests on single rows in an area, not on published figures alone.

    Synthetic rows next to a published series are no part of it.
    """
    found = definition_of(snapshot, indicator)
    if not found.row_level or series.demo_is_separate(snapshot, found.id, area):
        return False
    where = supply_filters(found, narrowed_where((), area))
    return not data_coverage(snapshot, found.measure.dataset).presence_of(dict(where)).empty


def with_row_data(snapshot: Snapshot, area: str) -> frozenset[str]:
    """The indicators whose series rest on single rows in an area."""
    return frozenset(name for name in definitions_of(snapshot) if has_row_data(snapshot, name, area))
