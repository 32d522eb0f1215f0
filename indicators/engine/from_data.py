"""From a question and a published version to an answer: rows counted and figures published, small numbers suppressed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from weakref import WeakKeyDictionary

import pandas as pd

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import ALL_AREAS, COUNTRY
from indicators.catalogue.periods import Period, periods_between
from indicators.engine import published_series as series
from indicators.engine.combined_rows import INTERNAL_COLUMNS, combine_rows, frame_of_figures
from indicators.engine.counted_rows import (
    assign_status,
    completeness_of,
    compute_rows,
    counted_column,
    with_newest_numbers,
)
from indicators.engine.coverage import DataCoverage, PeriodCompleteness, data_coverage, queue_coverage
from indicators.engine.loads_used import loads_behind
from indicators.engine.measures import definition_of, definitions_of
from indicators.engine.question import NO_DATA, SUPPRESSED, Answer, Question, Where
from indicators.engine.queue_members import shareable
from indicators.engine.scope import area_of, narrowed_where, supply_filters
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
    data. Where no rows are known, published figures stand in. Raises BadQuestion.
    """
    mine = replace(question, shown_with=())
    if not (question.shown_with and question.suppress):
        return _answer_together(snapshot, (mine,), settings)[mine]
    # Whatever a question beside it names in its turn: one view has one set of questions, and hides the same for each.
    shown = tuple(sorted({replace(one, shown_with=()) for one in (mine, *question.shown_with)}, key=repr))
    found = _answer_view(snapshot, shown, settings)[mine]
    return replace(found, question=question, rows=found.rows.copy())


def _answer_together(
    snapshot: Snapshot, questions: Sequence[Question], settings: Settings
) -> dict[Question, Answer]:
    """The answers to questions that are shown beside each other; all of them hide small numbers, or it is but one."""
    counted = [_counted(snapshot, question, settings) for question in questions]
    rows = suppress(counted, settings) if questions[0].suppress else [told.rows for told in counted]
    return {
        question: replace(
            _build_answer(snapshot, question, told, shown),
            suppress_below=settings.hide_below if question.suppress else 0,
        )
        for question, told, shown in zip(questions, counted, rows, strict=True)
    }


def has_small_numbers(snapshot: Snapshot, question: Question, settings: Settings) -> bool:
    """Whether any number of an answer is small. Raises BadQuestion."""
    return has_small(_counted(snapshot, replace(question, shown_with=()), settings), settings)


#: Per version the newest views: their questions are asked one by one, and answered once.
_views: WeakKeyDictionary[Snapshot, dict[tuple[object, ...], dict[Question, Answer]]] = WeakKeyDictionary()
_VIEWS_KEPT = 32
_views_lock = threading.Lock()


def _answer_view(
    snapshot: Snapshot, questions: tuple[Question, ...], settings: Settings
) -> dict[Question, Answer]:
    """The answers of a view, which last as long as their version does."""
    with _views_lock:
        kept = _views.setdefault(snapshot, {})
        found = kept.get((questions, settings))
    if found is None:
        found = _answer_together(snapshot, questions, settings)
        with _views_lock:
            kept[questions, settings] = found
            while len(kept) > _VIEWS_KEPT:
                del kept[next(iter(kept))]
    return found


def _counted(snapshot: Snapshot, question: Question, settings: Settings) -> CountedAnswer:
    """What is counted for a question, before small numbers are hidden. Raises BadQuestion."""
    definition = question.checked(definitions_of(snapshot))
    area = area_of(question, settings)
    figures = published.read_figures(
        snapshot, definition.id, None if area == ALL_AREAS else area, _figure_where(question)
    )
    if question.rows_only or not _figures_can(question):
        figures = []
    if area == ALL_AREAS and not any("area" in names for names in (question.splits, dict(question.where))):
        # The whole country is no area beside its areas: together they would be counted twice.
        figures = [figure for figure in figures if figure.area != COUNTRY]
    where = narrowed_where(question.where, area)
    known = _known(snapshot, definition, question)
    if (
        figures
        and _has_rows(known, definition, where)
        and series.has_demo_rows(snapshot, definition.measure.dataset)
    ):
        # Synthetic rows carry no published series on: an answer is of the one or of the other.
        grain = _grain(question, definition, None, where, figures)
        if published.tell_any(figures, _periods(question, grain, None, where, figures)):
            known = None
        else:
            figures = []
    grain = _grain(question, definition, known, where, figures)
    periods = _periods(question, grain, known, supply_filters(definition, where), figures)
    own = _own_periods(definition, question, periods, figures)
    if known is None and len(own) and not question.by and not published.tell_any(figures, periods):
        periods = []
    rows, missing = _rows(snapshot, definition, question, grain, periods, known, where, figures, settings)
    protected_last = question.protected_last or (question.by == "year" and not question.splits)
    return CountedAnswer(
        rows,
        definition,
        question.splits,
        where,
        tuple(periods),
        grain,
        question.eligible_count,
        protected_last,
        area,
        missing,
        own_periods=own,
    )


def _own_periods(
    definition: Definition,
    question: Question,
    periods: Sequence[Period],
    figures: Sequence[published.Figure],
) -> pd.DataFrame:
    """Figures of a stretch of days that is no calendar period and in none of the periods asked, each as a row of its own."""
    first, last = question.date_from or date.min, question.date_to or date.max
    mine = [figure for figure in figures if figure.start <= last and figure.end >= first]
    alone, stretches = ([], []) if question.periods else series.own_periods(mine, periods)
    if not alone:
        return _no_rows(definition.id, question.splits)
    shown = published.compute(definition, alone, stretches, question.splits)
    rows = combine_rows([frame_of_figures(shown)], question.splits, stretches)
    rows.insert(0, "indicator", definition.id)
    return rows


@lru_cache(maxsize=256)
def _no_rows(indicator: str, splits: tuple[str, ...]) -> pd.DataFrame:
    """An answer's rows where there are none; read, never written."""
    rows = combine_rows([], splits, [])
    rows.insert(0, "indicator", indicator)
    return rows


def _build_answer(snapshot: Snapshot, question: Question, told: CountedAnswer, rows: pd.DataFrame) -> Answer:
    """The answer from the rows that are shown."""
    behind = rows if told.own_periods.empty else pd.concat([rows, told.own_periods])
    loads = loads_behind(snapshot, told.definition, behind, told.area)
    units = {label: standing.missing for label, standing in told.missing.items()}
    queues = {label: standing.queues for label, standing in told.missing.items() if standing.queues}
    if question.suppress:
        queues = {label: shareable(missing) for label, missing in queues.items()}
        rows["missing"] = pd.Series(
            [shareable(missing or ()) for missing in rows["missing"]], dtype=object, index=rows.index
        )
    true = None
    if (rows["status"] == SUPPRESSED).any():
        known = [name for name in KNOWN_BOUNDS if name in rows]
        true = told.rows.drop(columns=list(INTERNAL_COLUMNS)).assign(**{name: rows[name] for name in known})
        true = true.reset_index(drop=True)
    return Answer(
        question,
        told.definition,
        told.grain,
        told.area,
        rows.drop(columns=[*INTERNAL_COLUMNS, *KNOWN_BOUNDS], errors="ignore").reset_index(drop=True),
        loads,
        units,
        series.seams_of(rows),
        told.own_periods.drop(columns=list(INTERNAL_COLUMNS)),
        queues,
        true,
    )


def has_row_data(snapshot: Snapshot, indicator: str, area: str) -> bool:
    """Whether an indicator's series rests on single rows in an area, not on published figures alone.

    Synthetic rows beside a published series are no part of it.
    """
    found = definition_of(snapshot, indicator)
    if not found.row_level or series.demo_stands_apart(snapshot, found.id, area):
        return False
    where = supply_filters(found, narrowed_where((), area))
    return not data_coverage(snapshot, found.measure.dataset).presence_of(dict(where)).empty


def _grain(
    question: Question,
    definition: Definition,
    known: DataCoverage | None,
    where: Where,
    figures: Sequence[published.Figure],
) -> str | None:
    """The grain asked for; unsaid, weeks of what is known by rows, else the finest that the figures come in."""
    if question.periods:
        return None
    if question.by:
        return question.by
    by_rows = _has_rows(known, definition, where)
    return "week" if by_rows or not figures else published.grain_of_figures(figures)


def _has_rows(known: DataCoverage | None, definition: Definition, where: Where) -> bool:
    """Whether any row of the services and units asked is known."""
    return known is not None and not known.presence_of(dict(supply_filters(definition, where))).empty


def _figures_can(question: Question) -> bool:
    """Whether published figures, which know only area and service, can answer."""
    names = {*question.splits, *(name for name, _ in question.where)}
    return names <= {"area", "service"} and not question.eligible_count and not question.rows_only


def _figure_where(question: Question) -> Where:
    return tuple(part for part in question.where if part[0] in ("area", "service"))


def _known(snapshot: Snapshot, definition: Definition, question: Question) -> DataCoverage | None:
    """The known days behind a row-level indicator; of queues with the counts that stand in, where they can."""
    if not definition.row_level:
        return None
    if counted_column(definition, question) is not None:
        return queue_coverage(snapshot)
    return data_coverage(snapshot, definition.measure.dataset)


def _periods(
    question: Question,
    grain: str | None,
    known: DataCoverage | None,
    where: Where,
    figures: Sequence[published.Figure],
) -> list[Period]:
    if question.periods:
        return sorted(question.periods)
    ends: list[date] = []
    if known is not None:
        units = known.presence_of(dict(where))["unit"].unique()
        ends += known.span(units) or ()
    ends += [day for figure in figures for day in (figure.start, figure.end)]
    first = question.date_from or min(ends, default=None)
    last = question.date_to or max(ends, default=None)
    if first is None or last is None or first > last or grain is None:
        return []
    return periods_between(first, last, grain)


def _rows(
    snapshot: Snapshot,
    definition: Definition,
    question: Question,
    grain: str | None,
    periods: list[Period],
    known: DataCoverage | None,
    where: Where,
    figures: Sequence[published.Figure],
    settings: Settings,
) -> tuple[pd.DataFrame, dict[str, PeriodCompleteness]]:
    splits = question.splits
    computed, shown, missing = pd.DataFrame(), pd.DataFrame(), {}
    if periods and known is not None and not _tells(known, definition, where):
        if not splits:
            computed = _nothing_known(periods)
    elif periods and known is not None:
        computed = compute_rows(snapshot, definition, periods, grain, question, where, known, settings)
        standings = completeness_of(
            snapshot, definition, question, periods, supply_filters(definition, where), known
        )
        computed, missing = assign_status(
            computed, definition, periods, splits, supply_filters(definition, where), known, standings
        )
        if definition.measure.dataset == "queue":
            computed, missing = with_newest_numbers(snapshot, definition, where, computed, missing, settings)
    if periods and figures:
        shown = frame_of_figures(published.compute(definition, figures, periods, splits))
        computed, shown = series.reconcile(computed, shown, splits, definition)
        by_figures = set(shown["period"]) - set(computed.get("period", ()))
        missing = {label: units for label, units in missing.items() if label not in by_figures}
    rows = combine_rows([computed, shown], splits, periods)
    rows.insert(0, "indicator", definition.id)
    return rows, missing


def _tells(known: DataCoverage, definition: Definition, where: Where) -> bool:
    """Whether rows can tell anything of an indicator; which units are covered is told of those without rows too."""
    return definition.measure.statistic == "units_covered" or _has_rows(known, definition, where)


def _nothing_known(periods: Sequence[Period]) -> pd.DataFrame:
    """The rows of periods of which no row tells."""
    labels = [period.label for period in periods]
    return pd.DataFrame(
        {
            "period": labels,
            "status": NO_DATA,
            "published": False,
            "n_rows": 0.0,
            "missing": pd.Series([()] * len(labels), dtype=object),
        }
    )
