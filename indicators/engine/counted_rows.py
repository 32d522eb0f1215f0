"""The rows of an indicator counted from single rows, each with its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from indicators.catalogue.definition import SHARES
from indicators.catalogue.periods import Period
from indicators.engine.coverage import Completeness, PeriodCompleteness, data_coverage
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK
from indicators.engine.queue_members import QueueCompleteness, with_newest
from indicators.engine.resolve import ResolvedQuestion
from indicators.kinds import cases, queue, visits
from indicators.kinds.request import CountRequest

#: What judges periods.
AnyCompleteness = Completeness | QueueCompleteness
#: Splits and filters that say which units a row needs to be complete.
_UNIT_KEYS = ("area", "unit", "service")
_COUNT_STATISTICS = ("count", "count_met", "distinct_persons", "late_persons", "open")


def compute_rows(found: ResolvedQuestion) -> pd.DataFrame:
    """The rows of a row-level indicator as counted, one per period and splits with data."""
    measure = found.definition.measure
    counts = _counts(found)
    labels = {period.start: period.label for period in found.periods}
    value, numerator, denominator, coverage = _numbers_of(measure.statistic, counts)
    days = counts["as_of"] if "as_of" in counts and measure.dataset != "visits" else None
    rows = pd.DataFrame(
        {
            "period": [labels[day.date()] for day in counts["period"]],
            **{split: counts[split] for split in found.question.splits},
            "value": value,
            "numerator": numerator,
            "denominator": denominator,
            "coverage": coverage,
            "low": np.nan,
            "high": np.nan,
            "n_rows": counts["n_rows"].to_numpy(float),
            "uncertain_age": counts["uncertain_age"].to_numpy(float),
            "left_out": counts["left_out"].to_numpy(float)
            if measure.statistic == "distinct_persons"
            else np.nan,
            "pending": counts["n_pending"].to_numpy(float) if "n_pending" in counts else 0.0,
            "published_part": 0.0,
            "as_of": None
            if days is None
            else pd.Series([None if pd.isna(day) else day.date() for day in days], dtype=object),
        }
    )
    if measure.possible_modes:
        _set_range(rows, counts["n_met"].to_numpy(float), counts["n_possible"].to_numpy(float))
    column = found.counted_column
    return rows if column is None else _with_counts(rows, found.request, column)


def _counts(found: ResolvedQuestion) -> pd.DataFrame:
    """What the kind of the indicator counts, by period (its first day) and splits."""
    request, measure = found.request, found.definition.measure
    if measure.statistic == "units_covered":
        return visits.units_covered(request, found.settings.monitoring_min_coverage_pct)
    if measure.dataset == "visits":
        return visits.compute(request)
    if measure.dataset == "queue":
        return queue.compute(request, data_coverage(found.snapshot, "queue"))
    if measure.statistic == "open":
        return cases.open_on(request, _last_known_days(found))
    return cases.compute(request)


def _set_range(rows: pd.DataFrame, met: np.ndarray, possible: np.ndarray) -> None:
    """Set the range instead of the share where it is not known of some rows whether they meet the condition."""
    known = rows["denominator"].to_numpy(float)
    ranged = possible > 0
    rows.loc[ranged, "low"] = 100 * met[ranged] / known[ranged]
    rows.loc[ranged, "high"] = 100 * (met + possible)[ranged] / known[ranged]
    rows.loc[ranged, ["value", "numerator"]] = np.nan


def _numbers_of(statistic: str, found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Value, numerator, denominator and coverage of counted rows."""
    n_rows = found["n_rows"].to_numpy(float)
    n_known, n_met = found["n_known"].to_numpy(float), found["n_met"].to_numpy(float)
    nothing = np.full(len(found), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = np.where(n_rows > 0, 100 * n_known / n_rows, np.nan)
        share = np.where(n_known > 0, 100 * n_met / n_known, np.nan)
    if statistic in SHARES:
        return share, n_met, n_known, coverage
    if statistic == "mean":
        return found["mean_days"].to_numpy(float), nothing, found["n_done"].to_numpy(float), coverage
    if statistic == "quantile":
        return found["quantile"].to_numpy(float), nothing, n_known, coverage
    if statistic == "count_met":
        return n_met, nothing, nothing, coverage
    if statistic == "distinct_persons":
        with_person = 100 * (n_rows - found["left_out"].to_numpy(float)) / n_rows
        return found["persons"].to_numpy(float), nothing, nothing, with_person
    if statistic == "late_persons":
        return found["persons"].to_numpy(float), nothing, nothing, nothing
    if statistic == "longest":
        return found["longest"].to_numpy(float), nothing, nothing, nothing
    return n_rows, nothing, nothing, nothing


def _with_counts(rows: pd.DataFrame, request: CountRequest, column: str) -> pd.DataFrame:
    """Queue figures with the counts that replace missing row snapshots added; `n_rows` stays that of entries."""
    found = queue.counts(request, data_coverage(request.snapshot, "queue"), column)
    if found.empty:
        return rows
    found["period"] = [request.periods[position].label for position in found["period"]]
    found = found.rename(columns={"counted": "value"}).assign(n_rows=0.0)
    both = pd.concat([rows, found], ignore_index=True)
    first = ("coverage", "numerator", "denominator", "uncertain_age", "left_out", "pending")
    return both.groupby(["period", *request.splits], as_index=False, sort=False).agg(
        {
            **dict.fromkeys(("value", "n_rows", "published_part"), "sum"),
            **dict.fromkeys((*first, "low", "high"), "first"),
            "as_of": lambda days: min((day for day in days if not pd.isna(day)), default=None),
        }
    )


def _completeness(found: ResolvedQuestion, keys: Sequence[str]) -> AnyCompleteness:
    """What judges the completeness of the periods of rows that are split by some keys."""
    dataset, where = found.definition.measure.dataset, dict(found.supply)
    if dataset != "queue":
        known = data_coverage(found.snapshot, dataset)
        return Completeness(known, dataset, found.periods, where, keys)
    limited = "service_with_limit" in found.definition.measure.rows
    return QueueCompleteness(
        found.snapshot, found.periods, where, found.counted_column, keys, with_limit=limited
    )


def assign_status(
    found: ResolvedQuestion, rows: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, PeriodCompleteness]]:
    """The rows with their statuses, unsplit with a row for every period; and the periods that lack units."""
    measure, periods = found.definition.measure, found.periods
    keys = tuple(split for split in found.question.splits if split in _UNIT_KEYS)
    completeness, whole = _completeness(found, keys), _completeness(found, ())
    if not found.question.splits:
        rows = _with_every_period(rows, measure.statistic, periods, whole)
        if measure.statistic == "open":
            days = _last_known_days(found)
            rows["as_of"] = [days.get(label) for label in rows["period"]]
    value, n_rows, pending = (rows[name].to_numpy(float) for name in ("value", "n_rows", "pending"))
    # Of a range no value is known, but it is shown.
    unknown = np.isnan(np.where(np.isnan(value), rows["low"].to_numpy(float), value))
    statuses, notes, missing = [], [], []
    of = zip(rows["period"], *(rows[key] for key in keys), strict=True)
    for at, (label, *key) in enumerate(of):
        period = completeness.of(label, tuple(key))
        missing.append(period.queues)
        if not period.covered and unknown[at] and not n_rows[at]:
            statuses.append(NO_DATA)
        elif unknown[at]:
            statuses.append(NO_DENOMINATOR)
        else:
            # Cases that are not yet due could still change the share.
            statuses.append(INCOMPLETE if pending[at] > 0 or not period.complete else OK)
        notes.append(None if statuses[-1] == NO_DATA else " ".join(period.missing) or None)
    possible = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    if measure.statistic == "share" and measure.dataset == "visits":
        share, covered = value / 100, rows["coverage"].to_numpy(float) / 100
        possible = 100 * (share * covered), 100 * (share * covered + 1 - covered)
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
    found: ResolvedQuestion, rows: pd.DataFrame, missing: dict[str, PeriodCompleteness]
) -> tuple[pd.DataFrame, dict[str, PeriodCompleteness]]:
    """Rows and incomplete periods whose missing queues have their newest numbers."""
    every = [*rows["missing"], *(period.queues for period in missing.values())]
    wanted = {(one.unit, one.service, one.day) for of in every for one in of if one.by_rows and one.day}
    numbers = queue.numbers_of_snapshots(found.request, data_coverage(found.snapshot, "queue"), wanted)
    rows["missing"] = pd.Series(
        [with_newest(of, numbers) for of in rows["missing"]], dtype=object, index=rows.index
    )
    return rows, {
        label: replace(period, queues=with_newest(period.queues, numbers))
        for label, period in missing.items()
    }


def _last_known_days(found: ResolvedQuestion) -> dict[str, date]:
    """Per period name its last day, or the last known day before it: the day that an open figure describes."""
    known = found.known
    span = None if known is None else known.span(known.presence_of(dict(found.supply))["unit"].unique())
    if span is None:
        return {}
    return {p.label: min(p.end, span[1]) for p in found.periods if p.start <= span[1] and p.end >= span[0]}
