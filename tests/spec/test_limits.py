"""The law as tables: which limit an assessment on a day has, and the last day it allows."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators import limits
from indicators.engine import answer
from indicators.errors import BadDefinition
from indicators.limits import (
    ASSESSMENT,
    FIRST_CARE,
    Example,
    Limit,
    access_limits,
    last_day_sql,
    limit_for,
    load_examples,
    load_limits,
    overlaps,
    rule_for,
    services_with_limit,
)
from indicators.question import Question
from indicators.weekdays import weekday_after
from pipelines.ages import age_groups
from pipelines.load import LoadOptions, load_bytes
from pipelines.settings import load_settings
from pipelines.warehouse import Warehouse
from tests.oracle.extracts import SERVICES
from tests.pipelines.extracts import QUEUE_HEADER, VISIT_HEADER, queue_entry, visit
from tests.spec.table import rows_of

AGES = ("0-22", "23+", "unknown")

#: The table of the law: data/reference/statutory_limit_examples.csv, which the page of definitions shows too.
EXAMPLES = load_examples()
ONE_DAY = timedelta(days=1)


def named(example: Example) -> str:
    return f"{example.service}-{example.stop_event}-{example.start_on}-{example.age}"


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_limit_and_the_last_day_are_those_of_the_table(example: Example) -> None:
    for age_group in example.age_groups:
        limit = rule_for(
            example.service, example.start_event, example.stop_event, example.start_on, age_group
        )
        assert (f"{limit.value} {limit.unit}" if limit else None) == example.limit, age_group
        assert (limit.last_day(example.start_on) if limit else None) == example.last_day, age_group


def at(limit: Limit, day: date) -> set[str]:
    """The ages that the examples of a limit's rule speak of on a day."""
    rule = (limit.service, limit.start_event, limit.stop_event)
    return {
        group
        for one in EXAMPLES
        if (one.service, one.start_event, one.stop_event) == rule and one.start_on == day
        for group in one.age_groups
    }


@pytest.mark.parametrize(
    "limit", load_limits(), ids=lambda one: f"{one.limit}-{one.service}-{one.valid_from}"
)
def test_every_limit_has_its_boundaries_in_the_table(limit: Limit) -> None:
    """Every age on the day before, the day of and the day after each day on which it begins or ends."""
    changes = [limit.valid_from] if limit.valid_from != date.min else []
    changes += [limit.valid_to + ONE_DAY] if limit.valid_to else []
    for day in changes:
        after = weekday_after(day, 1) if limit.unit == "weekdays" else day + ONE_DAY
        for needed in (day - ONE_DAY, day, after):
            assert at(limit, needed) == set(AGES), needed
    mine = [one for one in EXAMPLES if one.found() == limit]
    assert mine
    if limit.unit == "months" and limit.valid_to is None:
        assert any(one.start_on.day > one.last_day.day for one in mine), "no month is too short for it"


@pytest.mark.parametrize("service", ["child_welfare", "elderly_services"])
def test_the_seventh_weekday_of_a_tuesday_is_the_thursday_of_the_week_after(service: str) -> None:
    """THL's own example, and each kind of day off between."""
    found = {
        one.start_on: one.last_day for one in EXAMPLES if one.service == service and one.limit == "7 weekdays"
    }
    assert found[date(2025, 9, 2)] == date(2025, 9, 11)
    assert (date(2025, 9, 2).isoweekday(), date(2025, 9, 11).isoweekday()) == (2, 4)
    longest = {day: (last - day).days for day, last in found.items()}
    assert {longest[day] for day in (date(2025, 9, 2), date(2025, 9, 5))} == {9, 11}
    assert min(longest[day] for day in (date(2024, 12, 13), date(2024, 12, 23), date(2025, 6, 11))) > 11


def one_day_on_each_side() -> list[tuple[str, Example, str, date, bool | None]]:
    """Per example from the assessment to the first care event and per age it speaks of: a name, the birth date, and a
    visit a day before the last day, on it and a day after it; whether it was in time (None: no limit)."""
    found = []
    for number, one in enumerate(EXAMPLES):
        if one.stop_event != FIRST_CARE:
            continue
        for group in one.age_groups:
            # Of 23 years from that very day on, of 22 until the day after it.
            born = one.start_on - relativedelta(years=23) + timedelta(days=int(group == "0-22"))
            person = f"{born:%d%m%y}{'A' if born.year >= 2000 else '-'}900X" if group != "unknown" else "P1"
            last = one.last_day or one.start_on + timedelta(days=7)
            for shift in (-1, 0, 1):
                within = None if one.last_day is None else shift <= 0
                found.append((f"U{number}{group}{shift}", one, person, last + timedelta(days=shift), within))
    return found


def test_a_visit_and_a_queue_at_the_limit_and_a_day_on_either_side(tmp_path: Path) -> None:
    """Every example goes through the loader and the engine, with the age told by the birth date to the day."""
    services = {ours: theirs for theirs, ours in SERVICES.items()}
    visits, queue = [VISIT_HEADER], [QUEUE_HEADER]
    cases = one_day_on_each_side()
    for number, (unit, one, person, on, _) in enumerate(cases):
        start, day = (f"{d.day}.{d.month}.{d.year}" for d in (one.start_on, on))
        same = {
            "person": person,
            "born": "",
            "unit": unit,
            "service": services[one.service],
            "assessed": start,
        }
        visits.append(visit(number, **same, contacted="", booked="", visit=day))
        queue.append(queue_entry(number, **same, snapshot=day, queued=start))
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    for name, lines, source in (("v.csv", visits, "exreport_kaynnit"), ("q.csv", queue, "exreport_jono")):
        options = LoadOptions(source=source, as_of=date(2028, 6, 1), force=True)
        data = "\r\n".join([*lines, ""]).encode("cp1252")
        report = load_bytes(name, data, options, own, now=datetime(2028, 6, 2), today=date(2028, 6, 2))
        assert (report.status, report.rows_loaded) == ("loaded", len(cases))
    snapshot = Warehouse(own.warehouse).current()
    asked = {"by": "week", "splits": ("unit",), "suppress": False}
    in_time = answer(snapshot, Question("access_within_limit", **asked), own).rows
    late = answer(snapshot, Question("queue_over_limit", **asked), own).rows
    shares = dict(zip(in_time["unit"], in_time["value"], strict=True))
    over = dict(zip(late["unit"], late["value"], strict=True))
    assert len(shares) == len(over) == len(cases)
    for unit, one, _, on, within in cases:
        share = None if math.isnan(shares[unit]) else shares[unit]
        assert share == (None if within is None else 100.0 * within), (one, on)
        assert over[unit] == (within is False), (one, on)


def test_the_age_the_limits_change_at_is_23() -> None:
    day = date(2025, 1, 1)
    groups, _ = age_groups(np.array([0, 22, 23, 90, np.nan]))
    found = [limit_for("primary_care", day, group) for group in groups]
    assert [limit and limit.unit for limit in found] == ["days", "days", "months", "months", None]


@pytest.mark.parametrize(
    "months, last", [(1, date(2023, 2, 28)), (13, date(2024, 2, 29)), (2, date(2023, 3, 31))]
)
def test_a_month_from_the_31st_of_january(months: int, last: date) -> None:
    limit = replace(access_limits()[0], value=months, unit="months")
    assert limit.last_day(date(2023, 1, 31)) == last


def test_the_seven_days_that_were_cancelled_were_never_in_force() -> None:
    access = [(limit.value, limit.unit) for limit in access_limits()]
    assert (7, "days") not in access
    assert all(
        limit_for("primary_care", date(2024, 11, 1) + timedelta(days=days), age).value == 14
        for days in range(61)
        for age in AGES
    )


def _by_sql(cases: list[tuple[str, date, str]]) -> list[date | None]:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE cases (n INTEGER, service VARCHAR, assessed_on DATE, age_group VARCHAR)"
        )
        connection.executemany(
            "INSERT INTO cases VALUES (?, ?, ?, ?)", [(n, *case) for n, case in enumerate(cases)]
        )
        return [
            row[0] for row in connection.execute(f"SELECT {last_day_sql()} FROM cases ORDER BY n").fetchall()
        ]


def _by_limits(cases: list[tuple[str, date, str]]) -> list[date | None]:
    found = [limit_for(*case) for case in cases]
    return [limit.last_day(case[1]) if limit else None for limit, case in zip(found, cases, strict=True)]


def test_the_sql_says_the_same_at_every_boundary() -> None:
    cases = [
        (one.service, one.start_on, group)
        for one in EXAMPLES
        if one.stop_event == FIRST_CARE
        for group in one.age_groups
    ]
    edges = {edge for limit in access_limits() for edge in (limit.valid_from, limit.valid_to) if edge}
    cases += [
        (service, edge + timedelta(days=shift), age)
        for service in services_with_limit()
        for edge in sorted(edges)
        for shift in (-1, 0, 1)
        for age in AGES
    ]
    assert _by_sql(cases) == _by_limits(cases)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*services_with_limit(), "child_welfare"]),
            st.dates(date(2004, 1, 1), date(2029, 12, 31)),
            st.sampled_from(AGES),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_the_sql_says_the_same_on_any_day(cases: list[tuple[str, date, str]]) -> None:
    assert _by_sql(cases) == _by_limits(cases)


# What a page tells of the law beyond what the access indicators measure; blank dates are open.
OTHER_LIMITS = """
service            | from                    | to                    | within      | age  | since      | until      | sure
-------------------+-------------------------+-----------------------+-------------+------+------------+------------+-----
primary_care       | contact                 | assessment            | 3 weekdays  | all  | 2005-03-01 | 2023-08-31 | A
primary_care       | contact                 | assessment            | 0 weekdays  | all  | 2023-09-01 |            | A
primary_care       | other_professional_visit| doctor_visit          | 7 days      | all  | 2023-09-01 | 2024-12-31 | A
specialised_care   | referral_received       | referral_handled      | 21 days     | all  | 2005-03-01 |            | A
specialised_care   | referral_received       | specialist_assessment | 3 months    | all  | 2005-03-01 |            | A
adult_psychiatry   | referral_received       | specialist_assessment | 42 days     | 0-22 | 2005-03-01 |            | A
mental_health      | need_found              | therapy_started       | 28 days     | 0-22 | 2025-05-01 |            | B
child_welfare      | notification_received   | assessment_decision   | 7 weekdays  | all  | 0001-01-01 |            | A
family_services    | pending                 | assessment_ready      | 3 months    | all  | 0001-01-01 |            | A
elderly_services   | contact                 | assessment_started    | 7 weekdays  | all  | 0001-01-01 |            | B
adult_social_work  | pending                 | decision_carried_out  | 3 months    | all  | 0001-01-01 |            | M
"""


@pytest.mark.parametrize("row", rows_of(OTHER_LIMITS), ids=lambda r: f"{r['service']} {r['to']} {r['since']}")
def test_the_other_limits_are_in_the_file_too(row: dict[str, str]) -> None:
    found = [
        {
            "service": limit.service,
            "from": limit.start_event,
            "to": limit.stop_event,
            "within": f"{limit.value} {limit.unit}",
            "age": limit.age_group,
            "since": limit.valid_from.isoformat(),
            "until": limit.valid_to.isoformat() if limit.valid_to else "",
            "sure": limit.certainty,
        }
        for limit in load_limits()
    ]
    assert row in found


def test_only_limits_from_the_assessment_to_the_first_care_event_judge_access() -> None:
    assert {(limit.start_event, limit.stop_event) for limit in access_limits()} == {(ASSESSMENT, FIRST_CARE)}
    assert set(services_with_limit()) == {
        *("primary_care", "mental_health", "substance_services", "physiotherapy"),
        *("oral_health", "adult_psychiatry", "specialised_care"),
    }


def test_what_is_not_certain_says_so_in_three_languages() -> None:
    check = {"fi": "arkistettava", "sv": "ontrollera", "en": "heck"}
    for limit in load_limits():
        assert len(set(limit.note.values())) == 3, limit
        if limit.certainty != "A":
            assert limit.legal_basis.endswith(f"({limit.certainty})"), limit
            assert [word for language, word in check.items() if word not in limit.note[language]] == [], limit


def test_limits_that_would_both_apply_are_named() -> None:
    first = access_limits()[0]
    later = replace(first, valid_from=date(2023, 8, 31), valid_to=None, value=14, unit="days")
    assert overlaps([first, later]) == ["primary_care assessment: 2005-03-01 and 2023-08-31 overlap"]
    assert overlaps([first, replace(later, valid_from=date(2023, 9, 1))]) == []
    assert overlaps([replace(first, age_group="0-22"), replace(later, age_group="23+")]) == []
    assert overlaps([replace(first, age_group="0-22"), replace(later, age_group="all")]) != []


def test_every_fault_of_the_file_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with limits.LIMITS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:5]
    rows[0]["value"] = "three"
    rows[1]["unit"] = "weeks"
    rows[2]["note_sv"] = ""
    rows[3]["certainty"] = "B"
    rows[4]["review"] = "soon"
    broken = tmp_path / "statutory_limits.csv"
    with broken.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setattr(limits, "LIMITS", broken)
    load_limits.cache_clear()
    try:
        with pytest.raises(BadDefinition) as caught:
            load_limits()
    finally:
        load_limits.cache_clear()
    told = str(caught.value)
    assert [line for line in range(2, 7) if f"statutory_limits.csv:{line}:" not in told] == []
    for word in ("'three'", "'weeks'", "note_sv missing", "certainty (B)", "'soon'"):
        assert word in told
