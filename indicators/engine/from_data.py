"""From a question and a published version to an answer: rows counted and figures published, small numbers suppressed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from indicators.catalogue.definition import SHARES, Definition
from indicators.catalogue.labels import COUNTRY, area_codes
from indicators.catalogue.measures import definition_of, definitions_of
from indicators.catalogue.periods import Period, periods_between
from indicators.engine import published_series as series
from indicators.engine.coverage import (
    Completeness,
    DataCoverage,
    PeriodCompleteness,
    data_coverage,
    queue_coverage,
)
from indicators.engine.per_version import once_per_version
from indicators.engine.question import (
    ALL_AREAS,
    CONTRACT_COLUMNS,
    EXTRA_COLUMNS,
    INCOMPLETE,
    NO_DATA,
    NO_DENOMINATOR,
    OK,
    SUPPRESSED,
    Answer,
    LoadUsed,
    Question,
    Where,
)
from indicators.engine.queue_members import QueueCompleteness, shareable, with_newest
from indicators.errors import BadQuestion
from indicators.kinds import cases, queue, visits
from indicators.kinds import figures as published
from indicators.kinds.conditions import SUPPLY_CONDITIONS
from indicators.privacy.suppress import KNOWN_BOUNDS, CountedAnswer, has_small, suppress
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: What judges periods.
AnyCompleteness = Completeness | QueueCompleteness
#: Splits and filters that say which units a row needs to be complete.
_UNIT_KEYS = ("area", "unit", "service")
_COUNT_STATISTICS = ("count", "count_met", "distinct_persons", "late_persons", "open")
#: The column of `queue_counts` that tells what a measure counts.
_COUNTED = {
    "queue_length": "waiting",
    "queue_over_limit": "over_limit",
    "service_debt_visible": "over_limit",
}
#: Columns of counted rows that no answer has.
_NOT_TOLD = ("published", "n_rows", "published_part", "load_ids")
_OWN_COLUMNS = ("cited_source", "published", "n_rows", "published_part", "load_ids")
_NUMBERS = frozenset(
    {
        *("value", "numerator", "denominator", "coverage", "low", "high", "possible_low", "possible_high"),
        *("coverage_low", "coverage_high", "left_out", "uncertain_age", "n_rows", "published_part"),
    }
)
#: The day a row of a dataset belongs to, and the datasets whose rows also tell of the days after it.
_DAYS = {
    "visits": "visit_on",
    "queue": "snapshot_on",
    "queue_counts": "snapshot_on",
    "referrals": "received_on",
    "cases": "arrived_on",
}
_RUNNING = ("referrals", "cases")


def answer_from_data(snapshot: Snapshot, question: Question, settings: Settings) -> Answer:
    """Answer a question from the rows and figures of one published version.

    Completed figures belong to the period of the visit, waiting ones to the snapshot date. A period that the data
    does not fully cover is `incomplete_period`; one it does not cover at all is `no_data`. Unsplit, there is a row for
    every period from the first to the last that is covered (or asked for by dates); split, only where there is
    data. Where no rows are known, published figures stand in. Raises BadQuestion.
    """
    mine = replace(question, shown_with=())
    if not (question.shown_with and question.suppress):
        return _together(snapshot, (mine,), settings)[mine]
    # Whatever a question beside it names in its turn: one view has one set of questions, and hides the same for each.
    shown = tuple(sorted({replace(one, shown_with=()) for one in (mine, *question.shown_with)}, key=repr))
    found = _view(snapshot, shown, settings)[mine]
    return replace(found, question=question, rows=found.rows.copy())


def _together(
    snapshot: Snapshot, questions: Sequence[Question], settings: Settings
) -> dict[Question, Answer]:
    """The answers to questions that are shown beside each other; all of them hide small numbers, or it is but one."""
    counted = [_counted(snapshot, question, settings) for question in questions]
    rows = suppress(counted, settings) if questions[0].suppress else [told.rows for told in counted]
    return {
        question: replace(
            _told(snapshot, question, told, shown),
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


def _view(snapshot: Snapshot, questions: tuple[Question, ...], settings: Settings) -> dict[Question, Answer]:
    """The answers of a view, which last as long as their version does."""
    with _views_lock:
        kept = _views.setdefault(snapshot, {})
        found = kept.get((questions, settings))
    if found is None:
        found = _together(snapshot, questions, settings)
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
    periods = _periods(question, grain, known, _supply(definition, where), figures)
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


def _told(snapshot: Snapshot, question: Question, told: CountedAnswer, rows: pd.DataFrame) -> Answer:
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
        true = told.rows.drop(columns=list(_NOT_TOLD)).assign(**{name: rows[name] for name in known})
        true = true.reset_index(drop=True)
    return Answer(
        question,
        told.definition,
        told.grain,
        told.area,
        rows.drop(columns=[*_NOT_TOLD, *KNOWN_BOUNDS], errors="ignore").reset_index(drop=True),
        loads,
        units,
        series.seams_of(rows),
        told.own_periods.drop(columns=list(_NOT_TOLD)),
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
    where = _supply(found, narrowed_where((), area))
    return not data_coverage(snapshot, found.measure.dataset).presence_of(dict(where)).empty


def area_of(question: Question, settings: Settings) -> str:
    """The area of a question; unsaid, the default one, unless it is split or filtered by area. Raises BadQuestion."""
    by_area = "area" in question.splits or any(name == "area" for name, _ in question.where)
    area = question.area or (ALL_AREAS if by_area else settings.default_area)
    if area not in area_codes():
        raise BadQuestion("unknown_area", area=area)
    return area


def narrowed_where(where: Where, area: str) -> Where:
    """The filters and the area asked for, each dimension once: what is let through is let through by all of them."""
    parts: dict[str, tuple[str, ...]] = {}
    for name, values in where if area == ALL_AREAS else (*where, ("area", (area,))):
        parts[name] = tuple(value for value in values if value in parts.get(name, values))
    return tuple(parts.items())


def _supply(definition: Definition, where: Where) -> Where:
    """The filters that say whose data a period needs: those asked, and the services and kind of rows an indicator is of."""
    measure = definition.measure
    mine = [SUPPLY_CONDITIONS[name] for name in measure.rows if name in SUPPLY_CONDITIONS]
    services = [dict(group.where).get("service", ()) for group in measure.groups]
    if services and all(services):
        mine.append(("service", tuple(dict.fromkeys(service for of in services for service in of))))
    return narrowed_where((*where, *mine), ALL_AREAS)


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
    return known is not None and not known.presence_of(dict(_supply(definition, where))).empty


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


def counted_column(definition: Definition, question: Question) -> str | None:
    """The number of a count that can stand in for rows; None where none can: counts know area, unit and service alone."""
    names = {*question.splits, *(name for name, _ in question.where)}
    return _COUNTED.get(definition.id) if names <= {"area", "unit", "service"} else None


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
        computed = _compute(snapshot, definition, periods, grain, question, where, known, settings)
        standings = _standings(snapshot, definition, question, periods, _supply(definition, where), known)
        computed, missing = _assign_status(
            computed, definition, periods, splits, _supply(definition, where), known, standings
        )
        if definition.measure.dataset == "queue":
            computed, missing = _with_newest(snapshot, definition, where, computed, missing, settings)
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


def _compute(
    snapshot: Snapshot,
    definition: Definition,
    periods: list[Period],
    grain: str | None,
    question: Question,
    where: Where,
    known: DataCoverage,
    settings: Settings,
) -> pd.DataFrame:
    """The rows of a row-level indicator as counted, one per period and splits with data."""
    measure, splits, eves = definition.measure, question.splits, settings.eves_are_weekdays
    if measure.statistic == "units_covered":
        least = settings.monitoring_min_coverage_pct
        found = visits.units_covered(snapshot, measure, periods, grain, splits, where, least)
    elif measure.dataset == "visits":
        found = visits.compute(snapshot, measure, periods, grain, splits, where, eves)
    elif measure.dataset == "queue":
        counted = data_coverage(snapshot, "queue")
        found = queue.compute(snapshot, measure, periods, counted, splits, where, eves)
    elif measure.statistic == "open":
        days = _last_known(known, periods, _supply(definition, where))
        found = cases.open_on(snapshot, measure, periods, days, splits, where, eves)
    else:
        found = cases.compute(snapshot, measure, periods, grain, splits, where, eves)
    labels = {period.start: period.label for period in periods}
    value, numerator, denominator, coverage = _figures_of(definition, found)
    dated = "as_of" in found and measure.dataset != "visits"
    days = found["as_of"] if dated else []
    rows = pd.DataFrame(
        {
            "period": [labels[day.date()] for day in found["period"]],
            **{split: found[split] for split in splits},
            "value": value,
            "numerator": numerator,
            "denominator": denominator,
            "coverage": coverage,
            "low": np.nan,
            "high": np.nan,
            "n_rows": found["n_rows"].to_numpy(float),
            "uncertain_age": found["uncertain_age"].to_numpy(float),
            "left_out": found["left_out"].to_numpy(float)
            if measure.statistic == "distinct_persons"
            else np.nan,
            "pending": found["n_pending"].to_numpy(float) if "n_pending" in found else 0.0,
            "published_part": 0.0,
            "as_of": pd.Series([None if pd.isna(day) else day.date() for day in days], dtype=object)
            if dated
            else None,
        }
    )
    if measure.possible_modes:
        _tell_range(rows, found["n_met"].to_numpy(float), found["n_possible"].to_numpy(float))
    column = counted_column(definition, question)
    return rows if column is None else _with_counts(rows, snapshot, column, periods, splits, where)


def _tell_range(rows: pd.DataFrame, met: np.ndarray, possible: np.ndarray) -> None:
    """Where it is not known of some whether they meet the condition, the range in the place of the share."""
    known = rows["denominator"].to_numpy(float)
    ranged = possible > 0
    rows.loc[ranged, "low"] = 100 * met[ranged] / known[ranged]
    rows.loc[ranged, "high"] = 100 * (met + possible)[ranged] / known[ranged]
    rows.loc[ranged, ["value", "numerator"]] = np.nan


def _figures_of(
    definition: Definition, found: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Value, numerator, denominator and coverage of counted rows."""
    n_rows = found["n_rows"].to_numpy(float)
    n_known, n_met = found["n_known"].to_numpy(float), found["n_met"].to_numpy(float)
    nothing = np.full(len(found), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = np.where(n_rows > 0, 100 * n_known / n_rows, np.nan)
        share = np.where(n_known > 0, 100 * n_met / n_known, np.nan)
    statistic = definition.measure.statistic
    if statistic in SHARES:
        return share, n_met, n_known, coverage
    if statistic == "mean":
        return found["mean_days"].to_numpy(float), nothing, found["n_done"].to_numpy(float), coverage
    if statistic == "quantile":
        return found["quantile"].to_numpy(float), nothing, n_known, coverage
    if statistic == "count_met":
        return n_met, nothing, nothing, coverage
    if statistic == "distinct_persons":
        seen = 100 * (n_rows - found["left_out"].to_numpy(float)) / n_rows
        return found["persons"].to_numpy(float), nothing, nothing, seen
    if statistic == "late_persons":
        return found["persons"].to_numpy(float), nothing, nothing, nothing
    if statistic == "longest":
        return found["longest"].to_numpy(float), nothing, nothing, nothing
    return n_rows, nothing, nothing, nothing


def _with_counts(
    rows: pd.DataFrame,
    snapshot: Snapshot,
    column: str,
    periods: list[Period],
    splits: tuple[str, ...],
    where: Where,
) -> pd.DataFrame:
    """Queue figures with the counts that stand in for missing row snapshots added; `n_rows` stays that of entries."""
    found = queue.counts(snapshot, column, periods, data_coverage(snapshot, "queue"), splits, where)
    if found.empty:
        return rows
    found["period"] = [periods[position].label for position in found["period"]]
    found = found.rename(columns={"counted": "value"}).assign(n_rows=0.0)
    both = pd.concat([rows, found], ignore_index=True)
    first = ("coverage", "numerator", "denominator", "uncertain_age", "left_out", "pending")
    return both.groupby(["period", *splits], as_index=False, sort=False).agg(
        {
            **dict.fromkeys(("value", "n_rows", "published_part"), "sum"),
            **dict.fromkeys((*first, "low", "high"), "first"),
            "as_of": lambda days: min((day for day in days if not pd.isna(day)), default=None),
        }
    )


def _standings(
    snapshot: Snapshot,
    definition: Definition,
    question: Question,
    periods: list[Period],
    where: Where,
    known: DataCoverage,
) -> Callable[[Sequence[str]], AnyCompleteness]:
    """What judges the periods of rows that are split by some keys."""
    dataset = definition.measure.dataset
    if dataset != "queue":
        return lambda keys: Completeness(known, dataset, periods, dict(where), keys)
    column = counted_column(definition, question)
    limited = "service_with_limit" in definition.measure.rows
    return lambda keys: QueueCompleteness(snapshot, periods, dict(where), column, keys, with_limit=limited)


def _assign_status(
    rows: pd.DataFrame,
    definition: Definition,
    periods: list[Period],
    splits: tuple[str, ...],
    where: Where,
    known: DataCoverage,
    standings: Callable[[Sequence[str]], AnyCompleteness],
) -> tuple[pd.DataFrame, dict[str, PeriodCompleteness]]:
    """The rows with their statuses; unsplit, with a row for every period."""
    keys = tuple(split for split in splits if split in _UNIT_KEYS)
    completeness, whole = standings(keys), standings(())
    if not splits:
        rows = _with_every_period(rows, definition.measure.statistic, periods, whole)
        if definition.measure.statistic == "open":
            told = _last_known(known, periods, where)
            rows["as_of"] = [told.get(label) for label in rows["period"]]
    value, n_rows, pending = (rows[name].to_numpy(float) for name in ("value", "n_rows", "pending"))
    # Of a range no value is known, but it is told.
    unknown = np.isnan(np.where(np.isnan(value), rows["low"].to_numpy(float), value))
    statuses, notes, missing = [], [], []
    of = zip(rows["period"], *(rows[key] for key in keys), strict=True)
    for at, (label, *key) in enumerate(of):
        standing = completeness.of(label, tuple(key))
        missing.append(standing.queues)
        if not standing.covered and unknown[at] and not n_rows[at]:
            statuses.append(NO_DATA)
        elif unknown[at]:
            statuses.append(NO_DENOMINATOR)
        else:
            # Cases that are not yet due could still change the share.
            statuses.append(INCOMPLETE if pending[at] > 0 or not standing.complete else OK)
        notes.append(None if statuses[-1] == NO_DATA else " ".join(standing.missing) or None)
    possible = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    if definition.measure.statistic == "share" and definition.measure.dataset == "visits":
        share, seen = value / 100, rows["coverage"].to_numpy(float) / 100
        possible = 100 * (share * seen), 100 * (share * seen + 1 - seen)
    rows = rows.assign(
        status=statuses,
        note=pd.Series(notes, dtype=object, index=rows.index),
        missing=pd.Series(missing, dtype=object, index=rows.index),
        possible_low=possible[0],
        possible_high=possible[1],
        published=False,
    )
    return rows, {p.label: whole.of(p.label) for p in periods if whole.of(p.label).missing}


def _with_every_period(
    rows: pd.DataFrame, statistic: str, periods: Sequence[Period], whole: AnyCompleteness
) -> pd.DataFrame:
    """The unsplit rows with one for every period: where days are covered and nothing is counted there is none of it."""
    rows = rows.set_index("period").reindex([period.label for period in periods]).reset_index()
    rows["n_rows"] = rows["n_rows"].astype(float).fillna(0.0)
    covered = np.array([whole.of(period.label).covered for period in periods], dtype=bool)
    nothing = covered & ((rows["n_rows"] == 0) & rows["value"].isna()).to_numpy()
    zeros = ["value"] if statistic in _COUNT_STATISTICS else []
    zeros += ["numerator", "denominator"] if statistic in SHARES else []
    zeros += ["denominator"] if statistic in ("quantile", "mean") else []
    for name in zeros if nothing.any() else ():
        rows[name] = np.where(nothing, 0.0, rows[name].to_numpy(float))
    if isinstance(whole, QueueCompleteness):
        # An empty snapshot has no entry to carry its date.
        rows["as_of"] = [whole.oldest(period.label) for period in periods]
    return rows


def _with_newest(
    snapshot: Snapshot,
    definition: Definition,
    where: Where,
    rows: pd.DataFrame,
    missing: dict[str, PeriodCompleteness],
    settings: Settings,
) -> tuple[pd.DataFrame, dict[str, PeriodCompleteness]]:
    """Rows and standings whose missing queues have their newest numbers."""
    every = [*rows["missing"], *(standing.queues for standing in missing.values())]
    wanted = {(one.unit, one.service, one.day) for of in every for one in of if one.by_rows and one.day}
    numbers = queue.numbers_of_snapshots(
        snapshot,
        definition.measure,
        wanted,
        data_coverage(snapshot, "queue"),
        where,
        settings.eves_are_weekdays,
    )
    rows["missing"] = pd.Series(
        [with_newest(of, numbers) for of in rows["missing"]], dtype=object, index=rows.index
    )
    return rows, {
        label: replace(standing, queues=with_newest(standing.queues, numbers))
        for label, standing in missing.items()
    }


def _last_known(known: DataCoverage, periods: list[Period], where: Where) -> dict[str, date]:
    """Per period name its last day, or the last known day before it: the day on which an open figure is told."""
    span = known.span(known.presence_of(dict(where))["unit"].unique())
    if span is None:
        return {}
    return {p.label: min(p.end, span[1]) for p in periods if p.start <= span[1] and p.end >= span[0]}


def frame_of_figures(shown: pd.DataFrame) -> pd.DataFrame:
    """Published figures in the columns of an answer."""
    rows = shown.drop(columns="complete")
    for name in ("value", "numerator", "denominator"):
        rows[name] = rows[name].astype(float)
    rows["status"] = [
        NO_DENOMINATOR if pd.isna(value) else OK if complete else INCOMPLETE
        for value, complete in zip(rows["value"], shown["complete"], strict=True)
    ]
    rows["published"] = True
    return rows


def combine_rows(
    parts: Sequence[pd.DataFrame], splits: Sequence[str], periods: Sequence[Period]
) -> pd.DataFrame:
    """Rows computed and figures published in one frame: a figure stands where nothing was computed.

    Unsplit, periods that none tells have a row as well. One row per period and splits, in their order.
    """
    filled = [part for part in parts if len(part)]
    by_label = {period.label: period for period in periods}
    keys = [
        key
        for part in filled
        for key in zip(*(part[name].tolist() for name in ("period", *splits)), strict=True)
    ]
    keys = [(label, *map(str, values)) for label, *values in keys]
    statuses = [status for part in filled for status in part["status"].tolist()]
    times, first = Counter(keys), {}
    for at, (key, status) in enumerate(zip(keys, statuses, strict=True)):
        if status != NO_DATA or times[key] == 1:
            first.setdefault(key, at)
    if not splits:
        absent = [label for label in by_label if (label,) not in first]
        if absent:
            filled.append(pd.DataFrame({"period": absent, "status": NO_DATA, "published": False}))
            first |= {(label,): len(keys) + at for at, label in enumerate(absent)}
    order = sorted(first, key=lambda key: (by_label[key[0]].start, *key[1:]))
    frame = _frame(filled, splits, np.array([first[key] for key in order], dtype=int))
    frame.insert(1, "period_start", [by_label[label].start for label, *_ in order])
    frame.insert(2, "period_end", [by_label[label].end for label, *_ in order])
    return frame


def _frame(parts: Sequence[pd.DataFrame], splits: Sequence[str], order: np.ndarray) -> pd.DataFrame:
    """Rows of parts, by their position under each other, with every column of an answer there and of its type.

    Made column by column at once: setting columns one after another takes most of the time of a small answer.
    """
    columns: dict[str, object] = {}
    for name in ("period", *splits, *CONTRACT_COLUMNS, *EXTRA_COLUMNS, *_OWN_COLUMNS):
        kind = float if name in _NUMBERS else object
        found = [
            part[name].to_numpy(kind) if name in part.columns else np.full(len(part), np.nan, kind)
            for part in parts
        ]
        values = np.concatenate([np.empty(0, kind), *found])[order]
        if name in _NUMBERS:
            columns[name] = values
        elif name == "published":
            columns[name] = values.astype(bool)
        elif name in splits or name in ("period", "status"):
            columns[name] = pd.Series([str(value) for value in values], dtype="str")
        else:
            columns[name] = pd.Series([_or_none(value) for value in values], dtype=object)
    return pd.DataFrame(columns)


def _or_none(value: object) -> object:
    return (
        None if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)) else value
    )


class _Stretch(NamedTuple):
    """The dataset, area and days that an active load tells of."""

    dataset: str
    origin: str
    first: date | None
    last: date | None


def loads_behind(
    snapshot: Snapshot, definition: Definition, rows: pd.DataFrame, area: str
) -> tuple[LoadUsed, ...]:
    """The active loads behind an answer, newest first: those whose rows count in its periods, whatever else they bring.

    Where no row counts, those that say so.
    """
    if rows.empty:
        return ()
    figures = rows["published"].to_numpy(bool)
    ids = {load_id for listed in rows["load_ids"][figures] for load_id in listed or ()}
    counted = rows[~figures]
    if figures.any():
        # A gap beside published figures is told by no load.
        counted = counted[counted["status"] != NO_DATA]
    if definition.row_level and len(counted):
        first, last = counted["period_start"].min(), counted["period_end"].max()
        dataset = definition.measure.dataset
        ids |= _with_rows(snapshot, dataset, first, last, area)
        if definition.id in _COUNTED:
            ids |= _with_rows(snapshot, "queue_counts", first, last, area)
        if not ids:
            ids |= _with_period(snapshot, dataset, first, last, area)
    return tuple(load for load, _ in _loads(snapshot) if load.load_id in ids)


@once_per_version
def _loads(snapshot: Snapshot) -> list[tuple[LoadUsed, _Stretch | None]]:
    """All loads, newest first; of an active one what it tells of."""
    rows = snapshot.rows(
        # Booked visits lie ahead of the extract: they are no data of their days.
        """SELECT load_id, source, file, extract_date, period_start, least(period_end, extract_date), demo,
                  status = 'loaded', dataset, origin, period_end
           FROM loads ORDER BY extract_date DESC, sequence DESC"""
    )
    return [
        (LoadUsed(*row[:7]), _Stretch(dataset, origin, row[4], period_end) if active else None)
        for *row, active, dataset, origin, period_end in rows
    ]


def _with_rows(snapshot: Snapshot, dataset: str, first: date, last: date, area: str) -> set[str]:
    """The loads that have rows of a dataset in an area, from one day to another; of what runs until it is done, until then."""
    since = date.min if dataset in _RUNNING else first
    return {
        load_id
        for load_id, of, days in _days_of_loads(snapshot, dataset)
        if area in (ALL_AREAS, of)
        and np.searchsorted(days, np.datetime64(last, "D"), "right")
        > np.searchsorted(days, np.datetime64(since, "D"))
    }


@once_per_version
def _days_of_loads(snapshot: Snapshot, dataset: str) -> list[tuple[str, str, np.ndarray]]:
    """Of every load and area the days that its counting rows of a dataset are of, in order."""
    counting = "true" if dataset == "queue_counts" else "counted"
    day = _DAYS[dataset]
    found = snapshot.rows(
        f"""SELECT load_id::VARCHAR, area::VARCHAR, list_sort(list(day))
            FROM (SELECT DISTINCT load_id, area, {day} AS day FROM {dataset} WHERE {counting} AND {day} IS NOT NULL)
            GROUP BY ALL"""
    )
    return [(load_id, area, np.array(days, dtype="datetime64[D]")) for load_id, area, days in found]


def _with_period(snapshot: Snapshot, dataset: str, first: date, last: date, area: str) -> set[str]:
    """The active loads of a dataset that tell of an area's days from one to another."""
    return {
        load.load_id
        for load, tells in _loads(snapshot)
        if tells is not None
        and tells.dataset == dataset
        and area in (ALL_AREAS, tells.origin)
        and (tells.first is None or (tells.first <= last and tells.last is not None and tells.last >= first))
    }
