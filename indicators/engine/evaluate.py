"""From a question to an answer: rows counted and figures published, small numbers suppressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from indicators.catalogue.periods import Period
from indicators.engine import published_series as series
from indicators.engine.cached import cached_per_version
from indicators.engine.combined_rows import INTERNAL_COLUMNS, combine_rows, frame_of_figures
from indicators.engine.counted_rows import assign_status, compute_rows, with_newest_numbers
from indicators.engine.coverage import PeriodCompleteness, data_coverage
from indicators.engine.loads_used import loads_behind
from indicators.engine.measures import definition_of
from indicators.engine.question import NO_DATA, SUPPRESSED, Answer, Question
from indicators.engine.queue_members import shareable
from indicators.engine.resolve import ResolvedQuestion, resolve
from indicators.engine.scope import narrowed_where, supply_filters
from indicators.kinds import figures as published
from indicators.privacy.counted_answer import CountedAnswer
from indicators.privacy.suppress import KNOWN_BOUNDS, has_small, suppress
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot


def answer_from_data(snapshot: Snapshot, question: Question, settings: Settings) -> Answer:
    """Answer a question from the rows and figures of one published version.

    Completed figures belong to the period of the visit, waiting ones to the snapshot date. A period that the data
    does not fully cover is `incomplete_period`; one it does not cover at all is `no_data`. Unsplit, there is a row for
    every period from the first to the last that is covered (or asked for by dates); split, only where there is
    data. Where no rows are known, published figures are used. Raises BadQuestion.
    """
    mine = replace(question, shown_with=())
    if not (question.shown_with and question.suppress):
        return _answer_all(snapshot, (mine,), settings)[mine]
    # Whatever a question shown with it names in its turn: a view is one set of questions, and suppresses the same for each.
    shown = tuple(sorted({replace(one, shown_with=()) for one in (mine, *question.shown_with)}, key=repr))
    found = _answer_view(snapshot, shown, settings)[mine]
    return replace(found, question=question, rows=found.rows.copy())


@cached_per_version(32)
def _answer_view(
    snapshot: Snapshot, questions: tuple[Question, ...], settings: Settings
) -> dict[Question, Answer]:
    """The answers of a view, whose questions are asked one by one."""
    return _answer_all(snapshot, questions, settings)


def _answer_all(
    snapshot: Snapshot, questions: Sequence[Question], settings: Settings
) -> dict[Question, Answer]:
    """The answers to questions that are shown with each other; either all of them are suppressed, or it is but one."""
    counted = [_count(snapshot, question, settings) for question in questions]
    rows = suppress(counted, settings) if questions[0].suppress else [one.rows for one in counted]
    return {
        question: replace(
            _build_answer(snapshot, question, one, shown),
            suppress_below=settings.hide_below if question.suppress else 0,
        )
        for question, one, shown in zip(questions, counted, rows, strict=True)
    }


def has_small_numbers(snapshot: Snapshot, question: Question, settings: Settings) -> bool:
    """Whether any number of an answer is small. Raises BadQuestion."""
    return has_small(_count(snapshot, replace(question, shown_with=()), settings), settings)


def _count(snapshot: Snapshot, question: Question, settings: Settings) -> CountedAnswer:
    """What is counted for a question, before small numbers are suppressed. Raises BadQuestion."""
    found = resolve(snapshot, question, settings)
    own = _own_periods(found)
    only_own = len(own) and found.known is None and not question.by
    if only_own and not published.tell_any(found.figures, found.periods):
        found = replace(found, periods=())
    rows, missing = _rows(found)
    return CountedAnswer(
        rows,
        found.definition,
        question.splits,
        found.where,
        tuple(found.periods),
        found.grain,
        question.eligible_count,
        question.protected_last or (question.by == "year" and not question.splits),
        found.area,
        missing,
        own_periods=own,
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
    """The rows of an answer before suppression, and the periods that lack units."""
    definition, splits = found.definition, found.question.splits
    computed, shown = pd.DataFrame(), pd.DataFrame()
    missing: dict[str, PeriodCompleteness] = {}
    # Which units are covered is counted over those without rows too.
    countable = definition.measure.statistic == "units_covered" or found.has_rows
    if found.periods and found.known is not None and countable:
        computed, missing = assign_status(found, compute_rows(found))
        if definition.measure.dataset == "queue":
            computed, missing = with_newest_numbers(found, computed, missing)
    elif found.periods and found.known is not None and not splits:
        computed = _no_data(found.periods)
    if found.periods and found.figures:
        shown = frame_of_figures(published.compute(definition, found.figures, found.periods, splits))
        computed, shown = series.reconcile(computed, shown, splits, definition)
        by_figures = set(shown["period"]) - set(computed.get("period", ()))
        missing = {label: units for label, units in missing.items() if label not in by_figures}
    rows = combine_rows([computed, shown], splits, found.periods)
    rows.insert(0, "indicator", definition.id)
    return rows, missing


def _no_data(periods: Sequence[Period]) -> pd.DataFrame:
    """Rows of periods without data."""
    labels = [period.label for period in periods]
    missing = pd.Series([()] * len(labels), dtype=object)
    return pd.DataFrame(
        {"period": labels, "status": NO_DATA, "published": False, "n_rows": 0.0, "missing": missing}
    )


def _build_answer(
    snapshot: Snapshot, question: Question, counted: CountedAnswer, rows: pd.DataFrame
) -> Answer:
    """The answer from the rows that are shown."""
    behind = rows if counted.own_periods.empty else pd.concat([rows, counted.own_periods])
    loads = loads_behind(snapshot, counted.definition, behind, counted.area)
    units = {label: period.missing for label, period in counted.missing.items()}
    queues = {label: period.queues for label, period in counted.missing.items() if period.queues}
    if question.suppress:
        queues = {label: shareable(missing) for label, missing in queues.items()}
        rows["missing"] = pd.Series(
            [shareable(missing or ()) for missing in rows["missing"]], dtype=object, index=rows.index
        )
    true = None
    if (rows["status"] == SUPPRESSED).any():
        known = [name for name in KNOWN_BOUNDS if name in rows]
        true = counted.rows.drop(columns=list(INTERNAL_COLUMNS)).assign(
            **{name: rows[name] for name in known}
        )
        true = true.reset_index(drop=True)
    internal = [*INTERNAL_COLUMNS, *KNOWN_BOUNDS]
    return Answer(
        question,
        counted.definition,
        counted.grain,
        counted.area,
        rows.drop(columns=internal, errors="ignore").reset_index(drop=True),
        loads,
        units,
        series.seams_of(rows),
        counted.own_periods.drop(columns=internal, errors="ignore"),
        queues,
        true,
    )


def has_row_data(snapshot: Snapshot, indicator: str, area: str) -> bool:
    """Whether an indicator's series rests on single rows in an area, not on published figures alone.

    Synthetic rows next to a published series are no part of it.
    """
    found = definition_of(snapshot, indicator)
    if not found.row_level or series.demo_is_separate(snapshot, found.id, area):
        return False
    where = supply_filters(found, narrowed_where((), area))
    return not data_coverage(snapshot, found.measure.dataset).presence_of(dict(where)).empty
