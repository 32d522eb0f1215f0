"""The shapes over visits: share, count, distinct persons and quantile of realised contacts with the client."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from indicators.catalogue.conditions import VISIT_CONDITIONS
from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import GROUP_SPLIT, Measure
from indicators.catalogue.limits import last_day_sql
from indicators.catalogue.periods import Period
from indicators.kinds.request import Count, CountRequest, conjunction, with_period_start
from pipelines.warehouse import Snapshot

#: Last day of each band of waits but the last; the third and fifth end where 7 and 14 days of the law do.
BAND_ENDS = (0, 1, 3, 7, 14, 21, 30, 60, 90, 180, 365)
#: How a visit's path is known, the first that applies: a date that is not there, dates in the wrong order, or whole.
PATHS = ("no_contact", "no_assessment", "no_booking", "reversed", "complete")
_BANDS = " ".join(f"WHEN wait_days <= {end} THEN '{band:02d}'" for band, end in enumerate(BAND_ENDS))


def visits_sql(eves_are_weekdays: bool = False) -> str:
    """Realised contacts with the client, each with its wait, the band of it, its path and the last day allowed."""
    last_day = last_day_sql(with_referral="with_referral", eves_are_weekdays=eves_are_weekdays)
    return f"""
    -- one row per realised visit that is a contact with the client and counts
    SELECT *, CASE WHEN assessed_on <= visit_on THEN visit_on - assessed_on END AS wait_days,
           CASE {_BANDS} WHEN wait_days IS NOT NULL THEN '{len(BAND_ENDS):02d}' END AS wait_band,
           CASE WHEN contacted_on IS NULL THEN 'no_contact'
                WHEN assessed_on IS NULL THEN 'no_assessment'
                WHEN booked_on IS NULL THEN 'no_booking'
                WHEN NOT (contacted_on <= assessed_on AND assessed_on <= booked_on AND booked_on <= visit_on)
                THEN 'reversed' ELSE 'complete' END AS path,
           {last_day} AS last_day
    FROM visits
    WHERE {DATASETS["visits"].counted}"""


def visits_of(measure: Measure, eves_are_weekdays: bool = False) -> str:
    """The SQL of the visits a measure looks at, before its rows and filters: of named groups with the one each fits."""
    visits = visits_sql(eves_are_weekdays)
    if not measure.groups:
        return visits
    cases = " ".join(
        f"WHEN {' AND '.join(_among(name, values) for name, values in group.where)} THEN '{group.code}'"
        for group in measure.groups
    )
    return f"""SELECT * FROM (SELECT *, CASE {cases} END AS {GROUP_SPLIT} FROM ({visits}))
               WHERE {GROUP_SPLIT} IS NOT NULL"""


def _among(column: str, values: Sequence[str]) -> str:
    """The condition that a code is one of some; false of none."""
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column}::VARCHAR IN ({listed})" if values else "false"


def compute(request: CountRequest) -> pd.DataFrame:
    """One row per period and combination of splits that has rows, with the columns that `engine` assembles.

    `n_possible` are those of which it is not known whether they meet the condition: visits of the `possible_modes`.
    """
    measure = request.measure
    known = VISIT_CONDITIONS[measure.known or "all"]
    met = VISIT_CONDITIONS[measure.met] if measure.met else _among("mode_code", measure.met_modes)
    possible = _among("mode_code", measure.possible_modes)
    quantile = (
        f"quantile_cont(wait_days, {measure.quantile}) FILTER ({known})"
        if measure.statistic == "quantile"
        else "NULL"
    )
    # Of visits, or of the people behind them.
    of = "person" if measure.statistic == "person_share" else None
    counts = {
        "n_rows": Count(of=of),
        "n_known": Count(known, of),
        "n_met": Count(f"({known}) AND ({met})", of),
        "n_possible": Count(possible),
        "uncertain_age": Count(f"({known}) AND age_uncertain"),
        "left_out": Count("person IS NULL"),
    }
    if measure.statistic == "distinct_persons":
        counts["persons"] = Count(of="person")
    return _of_visits(
        request, f"{request.count_columns(counts)}, {quantile} AS quantile, NULL::DATE AS as_of"
    )


def _of_visits(request: CountRequest, columns: str, condition: str = "true") -> pd.DataFrame:
    """`columns` over the visits of a measure that meet a condition, by period (its first day) and splits."""
    period, asked, parameters = request.rows_of_periods("visit_on")
    return request.snapshot.frame(
        f"""SELECT {period} AS period{request.split_columns}, {columns}
            FROM ({visits_of(request.measure, request.eves_are_weekdays)})
            WHERE {asked} AND {conjunction(VISIT_CONDITIONS, request.measure.rows)} AND {condition}
            GROUP BY ALL""",
        parameters,
    )


def units_covered(request: CountRequest, least_pct: float) -> pd.DataFrame:
    """Health centres with any visit, and those of them where at least `least_pct` of the measure's visits fulfil `known`.

    One without a visit of the measure cannot be monitored: it counts, and is none of these.
    """
    rows = conjunction(VISIT_CONDITIONS, request.measure.rows)
    known = VISIT_CONDITIONS[request.measure.known or "all"]
    period, asked, parameters = request.rows_of_periods("visit_on")
    splits = "".join(f", {split}" for split in request.splits)
    return request.snapshot.frame(
        f"""WITH by_unit AS (
                -- one row per period, splits and health centre
                SELECT {period} AS period{request.split_columns}, unit::VARCHAR AS centre,
                       count(*) FILTER ({rows} AND {known}) * 100.0 / nullif(count(*) FILTER ({rows}), 0) AS covered_pct
                FROM ({visits_of(request.measure)})
                WHERE {asked} AND unit::VARCHAR IN (SELECT unit FROM units WHERE kind = 'health_centre')
                GROUP BY ALL
            )
            SELECT period{splits}, count(*) AS n_rows, count(*) AS n_known,
                   count(*) FILTER (covered_pct >= ?) AS n_met, 0 AS uncertain_age, 0 AS left_out
            FROM by_unit GROUP BY ALL""",
        [*parameters, least_pct],
    )


def margin_quantile(
    snapshot: Snapshot, measure: Measure, period: Period, area: str, months: int
) -> float | None:
    """The measure's quantile of the days by which visits went beyond a number of calendar months from the assessment.

    Negative within the limit. None where no visit of the period has a wait.
    """
    conditions = conjunction(VISIT_CONDITIONS, measure.rows)
    found = snapshot.rows(
        f"""SELECT quantile_cont(visit_on - (assessed_on + INTERVAL {months} MONTH)::DATE, ?) FROM ({visits_of(measure)})
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
    return with_period_start(_of_visits(request, columns, "path = 'complete'"))
