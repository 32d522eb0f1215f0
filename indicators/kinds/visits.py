"""The shapes over visits: share, count, distinct persons and quantile of realised contacts with the client."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd

from indicators.catalogue.conditions import VISIT_CONDITIONS
from indicators.catalogue.definition import GROUP_SPLIT, Measure
from indicators.catalogue.periods import Period, period_of
from indicators.catalogue.prepared_rows import visits_sql
from indicators.kinds.parts import PART, are_apart, by_period, counts_of
from indicators.kinds.request import (
    OF_PEOPLE,
    Count,
    CountRequest,
    Rows,
    conjunction,
    where_sql,
    with_period_start,
)
from pipelines.warehouse import Snapshot

#: Grains whose periods lie within a year each.
_WITHIN_YEARS = ("month", "quarter", "year")


def _single(request: CountRequest) -> Rows:
    """Every visit as a row of its own."""
    return request.rows(
        lambda rows, named: f"({visits_sql(request.eves_are_weekdays, rows, named)})", "visit_on"
    )


def _grouped(measure: Measure, rows: str) -> str:
    """Rows before those of the measure and its filters; where it names groups, with the one each is in."""
    if not measure.groups:
        return rows
    cases = " ".join(
        f"WHEN {' AND '.join(_among(name, values) for name, values in group.where)} THEN '{group.code}'"
        for group in measure.groups
    )
    return f"""(SELECT * FROM (SELECT *, CASE {cases} END AS {GROUP_SPLIT} FROM {rows})
                WHERE {GROUP_SPLIT} IS NOT NULL)"""


def _among(column: str, values: Sequence[str]) -> str:
    """The condition that a code is one of some; false of none."""
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column}::VARCHAR IN ({listed})" if values else "false"


def compute(request: CountRequest) -> pd.DataFrame:
    """One row per period and combination of splits that has rows, with the columns that `engine` assembles.

    `n_possible` are those of which it is not known whether they meet the condition: visits of the `possible_modes`.
    """
    measure = request.measure
    modes = ("mode_code",) if measure.met_modes or measure.possible_modes else ()
    waits = ("wait_days",) if measure.statistic == "quantile" else ()
    rows = request.summary((*modes, *waits)) or _single(request)
    known = rows.conditions[measure.known or "all"]
    met = rows.conditions[measure.met] if measure.met else _among("mode_code", measure.met_modes)
    # Of visits, or of the people behind them.
    of = "person" if measure.statistic == "person_share" else None
    counts = {
        "n_rows": Count(of=of),
        "n_known": Count(known, of),
        "n_met": Count(f"({known}) AND ({met})", of),
        "uncertain_age": Count(f"({known}) AND age_uncertain"),
        "left_out": Count("without_person"),
    }
    if measure.possible_modes:
        counts["n_possible"] = Count(_among("mode_code", measure.possible_modes))
    if measure.statistic == "distinct_persons":
        counts["persons"] = Count(of="person")
    columns = rows.count_columns(counts)
    if waits and rows.grouped:
        waited = rows.count(Count(f"({known}) AND wait_days IS NOT NULL"))
        columns = f"wait_days, {waited} AS waits, {columns}"
        return _with_quantile(measure, _of_visits(request, rows, columns, *waits), request.splits)
    if waits:
        columns += f", quantile_cont(wait_days, {measure.quantile}) FILTER ({known}) AS quantile"
    if waits or measure.statistic in OF_PEOPLE:
        return _of_periods(request, rows, columns)
    return _of_visits(request, rows, columns)


def counted_rows(
    request: CountRequest,
    named: Mapping[str, str],
    further: Mapping[str, str],
    columns: Collection[str] = (),
) -> pd.DataFrame:
    """How many of a measure's visits meet each of some conditions, by period and splits: `named` ones, or SQL over `columns`."""
    rows = request.summary(columns) or _single(request)
    conditions = {name: rows.conditions[condition] for name, condition in named.items()} | dict(further)
    return _of_visits(
        request, rows, rows.count_columns({name: Count(sql) for name, sql in conditions.items()})
    )


def _of_visits(
    request: CountRequest, rows: Rows, columns: str, *keys: str, condition: str = "true"
) -> pd.DataFrame:
    """`columns` over the visits of a measure that meet a condition, by period (its first day) and splits.

    They are sums, but for `keys`, by which the rows are grouped as well.
    """
    if request.splits or not are_apart(request.periods):
        return request.snapshot.frame(*_select(request, rows, columns, condition))

    def query(asked: CountRequest) -> tuple[str, tuple[object, ...]]:
        filters, parameters = where_sql(asked.where)
        years = f"{rows.day} BETWEEN DATE '{asked.years[0]}-01-01' AND DATE '{asked.years[-1]}-12-31'"
        shown = f"{rows.day}::DATE AS {PART}{asked.split_columns}, {columns}"
        where = (
            f"{years} AND {filters} AND {conjunction(rows.conditions, asked.measure.rows)} AND {condition}"
        )
        sql = f"SELECT {shown} FROM {_of_measure(asked, rows, shown, where)} WHERE {where} GROUP BY ALL"
        return sql, tuple(parameters)

    return by_period(counts_of(request, query), request.periods, *keys)


def _of_periods(request: CountRequest, rows: Rows, columns: str) -> pd.DataFrame:
    """`columns`, which are no sums, over the visits of a measure, by period (its first day) and splits."""
    if request.splits or request.grain not in _WITHIN_YEARS:
        return request.snapshot.frame(*_select(request, rows, columns))
    # Of whole years, so that services known from different days on are asked the same.
    years = tuple(period_of(date(year, 1, 1), "year") for year in request.years)

    def query(asked: CountRequest) -> tuple[str, tuple[object, ...]]:
        sql, parameters = _select(replace(asked, periods=years), rows, columns)
        return sql, tuple(parameters)

    found = counts_of(request, query)
    starts = pd.to_datetime([period.start for period in request.periods])
    return found[found["period"].isin(starts)].reset_index(drop=True)


def _select(
    request: CountRequest, rows: Rows, columns: str, condition: str = "true"
) -> tuple[str, list[object]]:
    period, asked, parameters = request.rows_of_periods(rows.day)
    shown = f"{period} AS period{request.split_columns}, {columns}"
    where = f"{asked} AND {conjunction(rows.conditions, request.measure.rows)} AND {condition}"
    sql = f"SELECT {shown} FROM {_of_measure(request, rows, shown, where)} WHERE {where} GROUP BY ALL"
    return sql, parameters


def _of_measure(request: CountRequest, rows: Rows, *pieces: str) -> str:
    """The rows of the measure's groups and the periods asked, with the columns that pieces of the query name."""
    grouped = _grouped(request.measure, "")
    return _grouped(request.measure, rows.sql(request.snapshot, request.years, grouped, *pieces))


def _with_quantile(measure: Measure, by_days: pd.DataFrame, splits: Sequence[str]) -> pd.DataFrame:
    """Counts and the quantile of the waits, from how many waited how long: the number that `quantile_cont` has of single rows.

    `by_days` has one row per period, splits and days waited, with the number of those who waited so long, `waits`.
    """
    keys = ["period", *splits]
    by_days = by_days.sort_values([*keys, "wait_days"], kind="stable", ignore_index=True)
    days, waits = by_days.pop("wait_days").to_numpy(float), by_days.pop("waits").to_numpy(np.int64)
    first = np.flatnonzero(~by_days.duplicated(keys))
    found = by_days.loc[first, keys].reset_index(drop=True)
    for name in by_days.columns.drop(keys):
        together = np.bitwise_xor if name.endswith("_key") else np.add
        values = by_days[name].to_numpy()
        found[name] = together.reduceat(values, first) if len(first) else values[:0]
    waited = np.cumsum(waits)
    ends = waited[np.append(first[1:], len(waits)) - 1] if len(first) else waited
    before = waited[first] - waits[first]
    place = (ends - before - 1) * float(measure.quantile or 0)
    below, above = (
        np.append(days, np.nan)[np.searchsorted(waited, before + end(place), side="right")]
        for end in (np.floor, np.ceil)
    )
    places = zip(place.tolist(), below.tolist(), above.tolist(), (ends > before).tolist(), strict=True)
    return found.assign(quantile=[_between(*one) if any_ else np.nan for *one, any_ in places])


def _between(place: float, below: float, above: float) -> float:
    """The number between two neighbours at a place; NaN where there are none. Rounded where DuckDB rounds."""
    part = place - floor(place) if below < above else 0.0
    return float(Fraction(below) * Fraction(1 - part) + Fraction(above * part)) if part else below


def units_covered(request: CountRequest, least_pct: float) -> pd.DataFrame:
    """Health centres with any visit, and those of them where at least `least_pct` of the measure's visits fulfil `known`.

    One without a visit of the measure cannot be monitored: it counts, and is none of these.
    """
    rows = request.summary(("unit",)) or _single(request)
    of_measure = conjunction(rows.conditions, request.measure.rows)
    known = rows.conditions[request.measure.known or "all"]
    counts = {"known": Count(f"{of_measure} AND {known}"), "visits": Count(of_measure)}
    columns = ", ".join(f"{rows.count(one)} AS {name}" for name, one in counts.items())
    health_centre = "unit::VARCHAR IN (SELECT unit FROM units WHERE kind = 'health_centre')"
    # One row per period, splits and health centre.
    centres = _of_visits(
        replace(request, measure=replace(request.measure, rows=())),
        rows,
        f"unit::VARCHAR AS centre, {columns}",
        "centre",
        condition=health_centre,
    )
    with np.errstate(invalid="ignore"):
        monitored = 100.0 * centres.pop("known") / centres.pop("visits") >= least_pct
    found = centres.assign(n_rows=1, n_met=monitored.astype(int)).drop(columns="centre")
    found = found.groupby(["period", *request.splits], as_index=False, sort=False, dropna=False).sum()
    return found.assign(n_known=found["n_rows"], uncertain_age=0, left_out=0)


def margin_quantile(
    snapshot: Snapshot, measure: Measure, period: Period, area: str, months: int
) -> float | None:
    """The measure's quantile of the days by which visits went beyond a number of calendar months from the assessment.

    Negative within the limit. None where no visit of the period has a wait.
    """
    request = CountRequest(snapshot, measure, [period], None, (), ())
    conditions = conjunction(VISIT_CONDITIONS, measure.rows)
    rows = _of_measure(request, _single(request), "visit_on assessed_on area wait_days", conditions)
    found = snapshot.rows(
        f"""SELECT quantile_cont(visit_on - (assessed_on + INTERVAL {months} MONTH)::DATE, ?)
            FROM {rows}
            WHERE visit_on BETWEEN ? AND ? AND area = ? AND {conditions} AND wait_days IS NOT NULL""",
        [measure.quantile, period.start, period.end, area],
    )
    return found[0][0]


def stage_days(request: CountRequest) -> pd.DataFrame:
    """The summed whole days of the stages contact → assessment → booking → visit, over the complete paths.

    One row per period and splits that has any: `period_start`, the splits, `n` paths, `to_assessment`, `to_booking`,
    `to_visit`.
    """
    columns = """count(*) AS n, sum(assessed_on - contacted_on) AS to_assessment, sum(booked_on - assessed_on) AS to_booking,
                 sum(visit_on - booked_on) AS to_visit"""
    return with_period_start(_of_visits(request, _single(request), columns, condition="path = 'complete'"))
