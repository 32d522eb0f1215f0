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
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED, Missing
from indicators.engine.queue_members import QueueCompleteness, with_newest
from indicators.engine.queue_members import shareable as shareable_queues
from indicators.engine.resolve import ResolvedQuestion
from indicators.kinds import cases, queue, visits
from indicators.privacy.cell_keys import noise_of
from indicators.privacy.shareable import VALUE_COUNTS, Shareable, exact, shareable

#: Rows as their columns by name, arrays of one length.
Columns = dict[str, np.ndarray]
#: What judges periods.
AnyCompleteness = Completeness | QueueCompleteness
#: Splits and filters that say which units a row needs to be complete.
_UNIT_KEYS = ("area", "unit", "service")


def objects(values: Sequence[object]) -> np.ndarray:
    """Values of any kind, sequences among them, as a column."""
    column = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        column[place] = value
    return column


def compute_rows(found: ResolvedQuestion) -> Columns:
    """The rows of a row-level indicator as counted, one per period and splits with data, in the view that is asked for.

    `n_rows` is the true number of rows behind each, `suppressed` whether its value is small and not shown. As columns by name:
    a frame is made once, when all of them are there, for changing it step by step takes most of the time of a small answer.
    """
    measure = found.definition.measure
    counted = _with_value(_counts(found), found)
    view = _view(found, counted)
    counts, labels = view.counts, {period.start: period.label for period in found.periods}
    value, numerator, denominator, coverage = _numbers_of(measure.statistic, counts)
    days = counts["as_of"] if "as_of" in counts and measure.dataset != "visits" else None
    length = len(counts)
    rows = {
        "period": objects([labels[day] for day in counts["period"].dt.date]),
        **{split: counts[split].to_numpy(object) for split in found.question.splits},
        "value": value,
        "numerator": numerator,
        "denominator": denominator,
        "coverage": coverage,
        "low": view.low,
        "high": view.high,
        "n_rows": counted["n_rows"].to_numpy(float),
        "suppressed": view.suppressed,
        "uncertain_age": counts["uncertain_age"].to_numpy(float),
        "left_out": counts["left_out"].to_numpy(float)
        if measure.statistic == "distinct_persons"
        else np.full(length, np.nan),
        "pending": counts["n_pending"].to_numpy(float) if "n_pending" in counts else np.zeros(length),
        "as_of": objects(
            [None] * length if days is None else [None if pd.isna(day) else day.date() for day in days]
        ),
    }
    if measure.possible_modes:
        _set_range(rows, counts["n_met"].to_numpy(float), counts["n_possible"].to_numpy(float))
    return rows


def _view(found: ResolvedQuestion, counted: pd.DataFrame) -> Shareable:
    """Counted rows in the view that is asked for: exact, shareable, or exact for some units."""
    if not found.shareable:
        return exact(counted)
    question = found.question
    units = counted["unit"] if "unit" in question.splits else [None] * len(counted)
    known = np.array([question.is_exact(unit) for unit in units], dtype=bool)
    noise = noise_of(found.snapshot, found.settings)
    return shareable(counted, found.definition.measure, noise, found.settings, known)


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


def _with_value(counted: pd.DataFrame, found: ResolvedQuestion) -> pd.DataFrame:
    """Counted rows with the count that is their value, of a statistic that has one, and its cell key.

    Of a queue the counts that replace missing row snapshots are in it; `n_rows` stays the number of entries.
    """
    name = VALUE_COUNTS.get(found.definition.measure.statistic)
    if name is None:
        return counted
    counted["value"] = counted[name].astype(float)
    if found.request.keyed:
        counted["value_key"] = counted[f"{name}_key"]
    if found.counted_column is None:
        return counted
    more = queue.counts(found.request, data_coverage(found.snapshot, "queue"), found.counted_column)
    if more.empty:
        return counted.assign(published_part=0.0)
    starts = [found.periods[position].start for position in more["period"]]
    more = more.assign(period=pd.to_datetime(starts), as_of=pd.to_datetime(more["as_of"]))
    absent = {column: counted[column].dtype.type(0) for column in counted if column not in more}
    both = pd.concat([counted.assign(published_part=0.0), more.assign(**absent)], ignore_index=True)
    keys = ["period", *found.question.splits]
    how = {column: "sum" for column in both if column not in keys} | {"as_of": "min"}
    # A period and group has a row of each at most, and an absent key is 0: their sum is their exclusive or.
    return both.groupby(keys, as_index=False, sort=False).agg(how)


def _set_range(rows: Columns, met: np.ndarray, possible: np.ndarray) -> None:
    """Set the range instead of the share where it is not known of some rows whether they meet the condition."""
    ranged = (possible > 0) & ~np.isnan(met)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = {"low": 100 * met / rows["denominator"], "high": 100 * (met + possible) / rows["denominator"]}
    for name in ("low", "high", "value", "numerator"):
        rows[name] = np.where(ranged, ends.get(name, np.nan), rows[name])


def _numbers_of(statistic: str, found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Value, numerator, denominator and coverage of counted rows."""
    n_rows = found["n_rows"].to_numpy(float)
    n_known, n_met = found["n_known"].to_numpy(float), found["n_met"].to_numpy(float)
    nothing = np.full(len(found), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = np.where(n_rows > 0, np.minimum(100 * n_known / n_rows, 100.0), np.nan)
        share = np.where(n_known > 0, 100 * n_met / n_known, np.nan)
    if statistic in SHARES:
        return share, n_met, n_known, coverage
    if statistic == "mean":
        return found["mean_days"].to_numpy(float), nothing, found["n_done"].to_numpy(float), coverage
    if statistic == "quantile":
        return found["quantile"].to_numpy(float), nothing, n_known, coverage
    if statistic == "longest":
        return found["longest"].to_numpy(float), nothing, nothing, nothing
    if statistic == "distinct_persons":
        coverage = 100 * (n_rows - found["left_out"].to_numpy(float)) / n_rows
    elif statistic != "count_met":
        coverage = nothing
    return found["value"].to_numpy(float), nothing, nothing, coverage


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


def assign_status(found: ResolvedQuestion, rows: Columns) -> tuple[Columns, dict[str, PeriodCompleteness]]:
    """The rows with their statuses, unsplit with a row for every period; and the periods that lack units."""
    measure, periods = found.definition.measure, found.periods
    keys = tuple(split for split in found.question.splits if split in _UNIT_KEYS)
    whole = _completeness(found, ())
    completeness = _completeness(found, keys) if keys else whole
    if not found.question.splits:
        rows = _with_every_period(rows, measure.statistic, periods, whole)
        if measure.statistic == "open":
            days = _last_known_days(found)
            rows["as_of"] = objects([days.get(label) for label in rows["period"]])
    value, n_rows, pending, suppressed = (rows[name] for name in ("value", "n_rows", "pending", "suppressed"))
    # Of a range no value is known, but it is shown.
    unknown = np.isnan(np.where(np.isnan(value), rows["low"], value))
    statuses, notes, missing, complete = [], [], [], []
    of = zip(rows["period"], *(rows[key] for key in keys), strict=True)
    for at, (label, *key) in enumerate(of):
        period = completeness.of(label, tuple(key))
        missing.append(period.queues)
        # Cases that are not yet due could still change the share.
        complete.append(period.complete and not pending[at] > 0)
        if suppressed[at]:
            statuses.append(SUPPRESSED)
        elif not period.covered and unknown[at] and not n_rows[at]:
            statuses.append(NO_DATA)
        elif unknown[at]:
            statuses.append(NO_DENOMINATOR)
        else:
            statuses.append(OK if complete[-1] else INCOMPLETE)
        notes.append(None if statuses[-1] == NO_DATA else " ".join(period.missing) or None)
    possible = np.full(len(value), np.nan), np.full(len(value), np.nan)
    if measure.statistic == "share" and measure.dataset == "visits":
        share, covered = value / 100, rows["coverage"] / 100
        possible = 100 * (share * covered), 100 * (share * covered + 1 - covered)
    judged = rows | {
        "status": objects(statuses),
        "note": objects(notes),
        "missing": objects(missing),
        "complete": objects(complete),
        "possible_low": possible[0],
        "possible_high": possible[1],
        "published": np.zeros(len(value), dtype=bool),
    }
    return judged, {p.label: whole.of(p.label) for p in periods if whole.of(p.label).missing}


def _with_every_period(
    rows: Columns, statistic: str, periods: Sequence[Period], whole: AnyCompleteness
) -> Columns:
    """The unsplit rows with one for every period: where days are covered and nothing is counted there is none of it."""
    places = {label: place for place, label in enumerate(rows["period"])}
    place = np.array([places.get(period.label, -1) for period in periods], dtype=int)
    filled = {}
    for name, values in rows.items():
        absent = {"n_rows": 0.0, "suppressed": False}.get(name, None if values.dtype == object else np.nan)
        # The last row, which place -1 stands for, is of the periods without one.
        filled[name] = np.append(values, np.array([absent], dtype=values.dtype))[place]
    filled["period"] = objects([period.label for period in periods])
    covered = np.array([whole.of(period.label).covered for period in periods], dtype=bool)
    nothing = covered & (filled["n_rows"] == 0) & np.isnan(filled["value"])
    zeros = ["value"] if statistic in VALUE_COUNTS else []
    zeros += ["numerator", "denominator"] if statistic in SHARES else []
    zeros += ["denominator"] if statistic in ("quantile", "mean") else []
    for name in zeros:
        filled[name] = np.where(nothing, 0.0, filled[name])
    if isinstance(whole, QueueCompleteness):
        # An empty snapshot has no entry to carry its date.
        filled["as_of"] = objects([whole.oldest(period.label) for period in periods])
    return filled


def with_newest_numbers(
    found: ResolvedQuestion, rows: Columns, missing: dict[str, PeriodCompleteness]
) -> tuple[Columns, dict[str, PeriodCompleteness]]:
    """Rows and incomplete periods whose missing queues have their newest numbers."""
    every = [*rows["missing"], *(period.queues for period in missing.values())]
    wanted = {(one.unit, one.service, one.day) for of in every for one in of if one.by_rows and one.day}
    numbers = queue.numbers_of_snapshots(found.request, data_coverage(found.snapshot, "queue"), wanted)

    def newest(of: tuple[Missing, ...]) -> tuple[Missing, ...]:
        known = with_newest(of, numbers)
        return shareable_queues(known, found.question.exact_units) if found.shareable else known

    rows = rows | {"missing": objects([newest(of) for of in rows["missing"]])}
    return rows, {label: replace(period, queues=newest(period.queues)) for label, period in missing.items()}


def _last_known_days(found: ResolvedQuestion) -> dict[str, date]:
    """Per period name its last day, or the last known day before it: the day that an open figure describes."""
    known = found.known
    span = None if known is None else known.span(known.presence_of(dict(found.supply))["unit"].unique())
    if span is None:
        return {}
    return {p.label: min(p.end, span[1]) for p in found.periods if p.start <= span[1] and p.end >= span[0]}
