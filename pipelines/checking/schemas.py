"""The pandera schemas that check rows: every row and column rule is declared here.

A check carries the code of the finding that its failures become. The frame that a schema looks at has, per field `f`,

f               the parsed value, for dates
f:reading       how it came out: 0 read, 1 blank, 2 not readable

and the columns that a rule about several fields is stated on (`wait_days`, `age_years`, `key:variants` …), which
`pipelines.checking.check_rows` computes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from types import MappingProxyType

import pandas as pd
import pandera.pandas as pandera

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.fields import (
    CHOICES,
    COUNTED,
    COUNTS,
    DATE,
    EITHER,
    FIELDS,
    INTERVALS,
    MAIN_NUMBERS,
    MAY_BE_UNKNOWN,
    NUMBER_KINDS,
    NUMBERS,
    OLDEST_YEARS,
    ONE_OF,
    PARSED_KINDS,
    PART_OF,
    PLANNED,
    REALISED,
    SHARES,
    STRETCHES,
    Field,
    field_of,
)
from pipelines.reading.parsed import AMBIGUOUS, BLANK, NOT_READ

EARLIEST = dt.date(1990, 1, 1)

#: A plan may lie so many years after the extract.
PLAN_YEARS = 2


def latest_plan(extract_date: dt.date) -> dt.date:
    """The last day a plan may have: two years after the extract, in February's case the month's last day.

    >>> latest_plan(dt.date(2024, 2, 29))
    datetime.date(2026, 2, 28)
    """
    year = extract_date.year + PLAN_YEARS
    try:
        return extract_date.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def _not(state: int, code: str) -> pandera.Check:
    return pandera.Check.ne(state, error=code)


def _state(*checks: pandera.Check) -> pandera.Column:
    return pandera.Column("int8", list(checks))


def _amount(check: pandera.Check) -> pandera.Column:
    return pandera.Column(float, [check], nullable=True)


def _at_least_0(code: str) -> pandera.Column:
    return _amount(pandera.Check.ge(0, error=code))


def _day(latest: dt.date | None) -> pandera.Column:
    last = pd.Timestamp.max.floor("D") if latest is None else pd.Timestamp(latest)
    check = pandera.Check.in_range(pd.Timestamp(EARLIEST), last, error="impossible_date")
    return pandera.Column("datetime64[s]", [check], nullable=True)


def row_schema(
    dataset: str, extract_date: dt.date, required: Collection[str] = ()
) -> pandera.DataFrameSchema:
    """Return the rules of one row of a dataset, for an extract of that date; `required` are further required fields."""
    latest = {REALISED: extract_date, PLANNED: latest_plan(extract_date), EITHER: None}
    columns: dict[str, pandera.Column] = {}
    for field in FIELDS[dataset]:
        checks = _reading_checks(dataset, field, required)
        if checks:
            columns[f"{field.name}:reading"] = _state(*checks)
        if field.kind == DATE and (dataset, field.name) != VISIT_DAY and field.name != "birth_date":
            columns[field.name] = _day(latest[field.event])
    if dataset in ONE_OF:
        # A row in which none of them can be read has no content.
        code = "bad_number" if field_of(dataset, ONE_OF[dataset][0]).kind in NUMBER_KINDS else "bad_date"
        columns["one_of:reading"] = _state(_not(BLANK, "missing_value"), _not(NOT_READ, code))
    if dataset in STRETCHES:
        columns["stretch_days"] = _at_least_0("impossible_date")
    if DATASETS[dataset].row_level:
        age = pandera.Check.in_range(0, OLDEST_YEARS, error="birth_year_out_of_range")
        columns["age_years"] = _amount(age)
    if dataset == "visits":
        # A visit's day is required, and must have passed, where the visit was realised; else it is a plan.
        columns |= {
            "visit_on:required": _state(_not(BLANK, "missing_value"), _not(NOT_READ, "bad_date")),
            "visit_on:optional": _state(_not(NOT_READ, "bad_optional_value")),
            "visit_on:realised": _day(extract_date),
            "visit_on:planned": _day(latest[PLANNED]),
            "wait_days": _at_least_0("wait_before_assessment"),
        }
    columns |= {
        interval_column(first, last): _at_least_0("negative_interval")
        for first, last in INTERVALS.get(dataset, ())
    }
    columns |= entered_rules(dataset) | counted_rules(dataset)
    columns["key:variants"] = pandera.Column("int32", [pandera.Check.le(1, error="duplicate_key")])
    columns["key:repeat"] = _state(pandera.Check.eq(0, error="repeated_row"))
    return pandera.DataFrameSchema(columns, name=dataset)


def _reading_checks(dataset: str, field: Field, required: Collection[str]) -> list[pandera.Check]:
    checks = []
    if field.required or field.name in required:
        checks.append(_not(BLANK, "missing_value"))
    if field.kind in PARSED_KINDS and (dataset, field.name) != VISIT_DAY:
        checks.append(_not(NOT_READ, _unreadable_code(dataset, field, required)))
    if field.name in MAY_BE_UNKNOWN.get(dataset, ()):
        checks.append(_not(BLANK, "blank_number"))
    if field.name in COUNTED.get(dataset, ()):
        checks.append(_not(AMBIGUOUS, "ambiguous_number"))
    return checks


def interval_column(first: str, last: str) -> str:
    """What the days from one date of a row to another are called in the frame that is checked."""
    return f"{last}:after_{first}"


def counted_rules(dataset: str) -> dict[str, pandera.Column]:
    """Return the rules of counts, on the columns of `counted_columns`: none is negative, no part exceeds its whole."""

    code = "contradiction"
    rules = {f"{name}:least": _at_least_0(code) for name in COUNTS.get(dataset, ())}
    share = pandera.Check.in_range(0, 100, error=code)
    rules |= {f"{name}:share": _amount(share) for name in SHARES.get(dataset, ())}
    if dataset in PART_OF:
        rules[f"{PART_OF[dataset][0]}:excess"] = _amount(pandera.Check.le(0, error=code))
    return rules


def entered_rules(dataset: str) -> dict[str, pandera.Column]:
    """The rules of what a person may write by hand, on the columns of `pipelines.checking.entered_figures`."""

    missing = _not(BLANK, "missing_value")
    source = {"cited_source:given": _state(_not(BLANK, "no_source"))}
    share = pandera.Check.in_range(0, 100, error="share_out_of_range")
    if dataset == "milestones":
        return source | {"status:scale": _state(_not(NOT_READ, "status_off_scale"))}
    if dataset == "measures":
        return source | {
            "measure:form": _state(_not(NOT_READ, "bad_id")),
            "measure:free": _state(_not(NOT_READ, "id_taken")),
            **{f"{name}:choice": _state(_not(NOT_READ, "not_a_choice")) for name in CHOICES},
        }
    if dataset not in NUMBERS:
        return {}
    rules = source | {
        "indicator:known": _state(_not(NOT_READ, "unknown_indicator")),
        "unit:indicator": _state(_not(NOT_READ, "wrong_unit")),
        "value:percent": _state(_not(NOT_READ, "wrong_unit")),
        "value:counted": _state(_not(AMBIGUOUS, "ambiguous_number")),
        "value:step": _state(_not(NOT_READ, "step_off_scale")),
        "value:share": _amount(share),
        **{
            f"{name}:least": _at_least_0("negative_number")
            for name in NUMBERS[dataset]
            if name != "denominator"
        },
    }
    if dataset == "targets":
        return rules | {
            "comparator:needed": _state(missing),
            "comparator:known": _state(_not(NOT_READ, "unknown_comparator")),
            "comparator:level": _state(_not(NOT_READ, "direction_with_level")),
        }
    return rules | {
        "period_end:calendar": _state(_not(NOT_READ, "own_period")),
        "numerator:needed": _state(missing),
        "denominator:needed": _state(missing),
        "denominator:positive": _amount(pandera.Check.gt(0, error="zero_denominator")),
        "numerator:share": _amount(share),
        "value:apart": _amount(pandera.Check.le(1, error="value_contradicts")),
    }


#: The day of a visit has rules of its own: it is required or planned, by the state of the visit.
VISIT_DAY = ("visits", "visit_on")

#: The field that the finding of a rule about several fields names.
RULE_FIELDS: Mapping[str, str] = MappingProxyType({"wait_days": "visit_on", "age_years": "birth_year"})


def _unreadable_code(dataset: str, field: Field, required: Collection[str]) -> str:
    if field.name in MAIN_NUMBERS.get(dataset, ()):
        return "bad_number"
    if not field.required and field.name not in required:
        return "bad_optional_value"
    return "bad_date" if field.kind == DATE else "bad_number"


#: One row per distinct code of a file: whether the master data knows it.
CODE_SCHEMA = pandera.DataFrameSchema(
    {
        "field": pandera.Column(str),
        "code": pandera.Column(str),
        "known": pandera.Column(bool, [pandera.Check.eq(True, error="unknown_code")]),
    },
    name="codes",
)
