"""The shapes over referrals, pathways and cases of social welfare: met by their due day, how long they took, how many.

A case enters a share, and those late are counted, once its due day has passed at the extract's date, whatever its outcome,
so that the newest period is not all quick ones; until all its cases are due the period is incomplete.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from indicators.catalogue.conditions import CONDITIONS, SUPPLY_CONDITIONS
from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import Deadline, Measure
from indicators.catalogue.due_dates import UNITS, due_day_sql
from indicators.catalogue.limits import last_day_sql
from indicators.kinds.parts import PART, are_apart, by_period, counts_of
from indicators.kinds.request import Count, CountRequest, conjunction, where_sql

#: The day of a case that decides its period. A case is overdue from the day after its due day.
_PERIOD_DAYS: Mapping[str | None, str] = MappingProxyType(
    {"start": "start_on", "stop": "stop_on", "due": "due_on", "overdue": "due_on + 1", None: "due_on"}
)
#: The day on which a pathway ended without what it waited for; referrals and cases of social welfare have none.
_ENDED = {"referrals": "ended_on", "cases": "NULL::DATE"}
#: Statistics of which a number is one of people.
_OF_PEOPLE = ("late_persons",)
#: Of what is late on a day: who or what counts once, and what else must hold for it to be still open.
_OPEN = {
    "referrals": (
        "coalesce(person::VARCHAR, concat_ws('/', source, origin, referral_id))",
        "(f.ended_on IS NULL OR f.ended_on > d.day::DATE)",
    ),
    "cases": ("concat_ws('/', source, origin, case_id)", "true"),
}


def compute(request: CountRequest) -> pd.DataFrame:
    """One row per period and combination of splits that has cases, with the columns that `engine` assembles.

    `n_rows` are all cases of the period, `n_known` those that have entered, `n_pending` those not yet due, `n_met` those
    that have entered and met their deadline, `n_done` those that have entered and happened, `mean_days` the mean days
    from start to stop of the latter. Where people are counted, `persons` are the distinct people
    with a case that has entered and happened after its due day or not at all; a pathway that ended by its due day counts
    for nobody.
    """
    measure = request.measure
    rows = request.rows(_as_named, "period_on")
    counts = {
        "n_rows": Count(),
        "n_known": Count("entered"),
        "n_met": Count("entered AND stop_on <= due_on"),
        "n_done": Count("entered AND stop_on IS NOT NULL"),
        "uncertain_age": Count("age_uncertain"),
    }
    of_people = measure.statistic in _OF_PEOPLE
    if of_people:
        counted, _ = _OPEN[measure.dataset]
        ended = _ENDED[measure.dataset]
        late = f"entered AND coalesce(stop_on > due_on, {ended} IS NULL OR {ended} > due_on)"
        counts["persons"] = Count(late, counted)
    columns = f"""{rows.count_columns(counts)},
                   count(*) FILTER (NOT entered AND NOT contradicts AND due_on >= extract_date) AS n_pending,
                   coalesce(sum(stop_on - start_on) FILTER (entered), 0)::BIGINT AS days"""
    if of_people or request.splits or not are_apart(request.periods):
        period, asked, parameters = request.rows_of_periods(rows.day)
        found = request.snapshot.frame(
            *_select(request, f"{period} AS period{request.split_columns}, {columns}", asked, parameters)
        )
    else:

        def query(asked: CountRequest) -> tuple[str, tuple[object, ...]]:
            filters, values = where_sql(asked.where)
            sql, _ = _select(asked, f"period_on AS {PART}{asked.split_columns}, {columns}", filters, values)
            return sql, tuple(values)

        found = by_period(counts_of(request, query), request.periods)
    days, done = found.pop("days").to_numpy(float), found["n_done"].to_numpy(float)
    return found.assign(mean_days=np.divide(days, done, out=np.full(len(found), np.nan), where=done > 0))


def _select(
    request: CountRequest, shown: str, asked: str, parameters: list[object]
) -> tuple[str, list[object]]:
    facts = _facts(request, shown, asked)
    return f"WITH facts AS ({facts}) SELECT {shown} FROM facts WHERE {asked} GROUP BY ALL", parameters


def open_on(request: CountRequest, days: Mapping[str, date]) -> pd.DataFrame:
    """How many were late on a day: their deadline had passed, and what they waited for had not happened.

    `days` has the day of each period, by its name. One row per period and combination of splits with anyone. Of pathways
    people are counted, each once, and none that had ended by the day; of cases of social welfare the cases.
    """
    filters, parameters = where_sql(request.where)
    asked = [(p.start, days[p.label]) for p in request.periods if p.label in days]
    days_asked = pd.DataFrame(asked, columns=["period", "day"], dtype="datetime64[s]")
    counted, going_on = _OPEN[request.measure.dataset]
    rows = request.rows(_as_named, "due_on")
    columns = rows.count_columns({"n_rows": Count(of=counted), "uncertain_age": Count("age_uncertain")})
    return request.snapshot.frame(
        f"""WITH facts AS ({_facts(request, request.split_columns, columns, going_on, filters)})
            SELECT d.period::DATE AS period{request.split_columns}, {columns}, 0 AS n_known, 0 AS n_met,
                   any_value(d.day::DATE) AS as_of
            FROM days_asked d JOIN facts f
              ON f.due_on < d.day::DATE AND NOT f.contradicts AND (f.stop_on IS NULL OR f.stop_on > d.day::DATE) AND {going_on}
            WHERE {filters} GROUP BY ALL""",
        parameters,
        {"days_asked": days_asked},
    )


def _as_named(rows: str, _named: Collection[str]) -> str:
    """The cases as they are read."""
    return rows


def _facts(request: CountRequest, *pieces: str) -> str:
    """The SQL of the cases of every deadline of a measure, with the columns that pieces of a query over them name."""

    def of(rows: str) -> str:
        return " UNION ALL BY NAME ".join(
            _facts_of(request.measure, deadline, rows, request.eves_are_weekdays)
            for deadline in request.measure.deadlines
        )

    return of(request.rows(_as_named, "").sql(request.snapshot, (), of(""), *pieces))


def _facts_of(measure: Measure, deadline: Deadline, read: str, eves_are_weekdays: bool) -> str:
    """The SQL of the cases of one deadline: one row per case with its start, stop, due day and whether it has entered.

    A stop before its start contradicts it: there is no interval, and the case never enters.
    """
    dataset, start = measure.dataset, f"t.{deadline.start}"
    due = "NULL::DATE"
    if deadline.unit in UNITS:
        due = due_day_sql(start, deadline.value, deadline.unit, eves_are_weekdays)
    elif deadline.unit == "access_limit":
        supply = [
            SUPPLY_CONDITIONS[name] for name in (*measure.rows, *deadline.rows) if name in SUPPLY_CONDITIONS
        ]
        due = last_day_sql(
            "t.service",
            start,
            "t.age_group",
            eves_are_weekdays=eves_are_weekdays,
            services=dict(supply).get("service"),
        )
    entered = "due_on IS NOT NULL AND due_on < extract_date"
    if measure.period == "stop":
        entered = "stop_on IS NOT NULL"
    elif deadline.unit == "none":
        entered = "true"
    rows = conjunction(CONDITIONS[dataset], (*measure.rows, *deadline.rows))
    return f"""
        SELECT * EXCLUDE (stop_on), CASE WHEN NOT contradicts THEN stop_on END AS stop_on,
               {entered} AND NOT contradicts AS entered, {_PERIOD_DAYS[measure.period]} AS period_on FROM (
            -- one row per case
            SELECT t.*, t.{deadline.start} AS start_on, t.{deadline.stop} AS stop_on, {due} AS due_on, l.extract_date,
                   coalesce(t.{deadline.stop} < t.{deadline.start}, false) AS contradicts
            FROM {read} t JOIN loads l ON l.load_id = t.load_id::VARCHAR
            WHERE {DATASETS[dataset].counted} AND {rows}
        )"""
