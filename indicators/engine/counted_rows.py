"""The rows of an indicator counted from single rows, each with its status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from indicators.catalogue.definition import SHARES, Definition
from indicators.catalogue.periods import Period
from indicators.engine.coverage import Completeness, DataCoverage, PeriodCompleteness, data_coverage
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, Question, Where
from indicators.engine.queue_members import QueueCompleteness, with_newest
from indicators.engine.scope import supply_filters
from indicators.kinds import cases, queue, visits
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: What judges periods.
AnyCompleteness = Completeness | QueueCompleteness
#: Splits and filters that say which units a row needs to be complete.
_UNIT_KEYS = ("area", "unit", "service")
_COUNT_STATISTICS = ("count", "count_met", "distinct_persons", "late_persons", "open")
#: The column of `queue_counts` that tells what a measure counts.
COUNTED_BY = {
    "queue_length": "waiting",
    "queue_over_limit": "over_limit",
    "service_debt_visible": "over_limit",
}


def counted_column(definition: Definition, question: Question) -> str | None:
    """The number of a count that can stand in for rows; None where none can: counts know area, unit and service alone."""
    names = {*question.splits, *(name for name, _ in question.where)}
    return COUNTED_BY.get(definition.id) if names <= {"area", "unit", "service"} else None


def compute_rows(
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
        days = last_known_days(known, periods, supply_filters(definition, where))
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


def completeness_of(
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


def assign_status(
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
            told = last_known_days(known, periods, where)
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


def with_newest_numbers(
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


def last_known_days(known: DataCoverage, periods: list[Period], where: Where) -> dict[str, date]:
    """Per period name its last day, or the last known day before it: the day on which an open figure is told."""
    span = known.span(known.presence_of(dict(where))["unit"].unique())
    if span is None:
        return {}
    return {p.label: min(p.end, span[1]) for p in periods if p.start <= span[1] and p.end >= span[0]}
