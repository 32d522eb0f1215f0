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

from indicators.answers import answer
from indicators.catalogue import limits
from indicators.catalogue.errors import BadDefinition
from indicators.catalogue.limits import (
    ASSESSMENT,
    CONDITIONS,
    FIRST_CARE,
    REFERRAL_OR_UNKNOWN,
    WITHOUT_REFERRAL,
    Example,
    Limit,
    access_limits,
    changes_of,
    last_day_sql,
    limit_for,
    load_examples,
    load_limits,
    overlaps,
    services_with_limit,
)
from indicators.catalogue.weekdays import weekday_after
from indicators.engine.question import Question
from pipelines.checking.ages import age_groups
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
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
    return f"{example.service}-{example.stop_event}-{example.start_on}-{example.age}-{example.condition}"


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_limit_and_the_last_day_are_those_of_the_table(example: Example) -> None:
    for age_group in example.age_groups:
        limit = example.found_for(age_group)
        length = (
            None if limit is None else "unknown" if limit.value is None else f"{limit.value} {limit.unit}"
        )
        assert length == example.limit, age_group
        assert (limit.last_day(example.start_on) if limit else None) == example.last_day, age_group


def at(limit: Limit, day: date) -> set[str]:
    """The ages that the examples of a limit's rule speak of on a day."""
    rule = (limit.service, limit.start_event, limit.stop_event)
    return {
        group
        for one in EXAMPLES
        if (one.service, one.start_event, one.stop_event) == rule
        and one.start_on == day
        and limit.condition in ("", one.condition)
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
    if not limit.can_be_counted:
        assert [one.last_day for one in mine] == [None] * len(mine)
        return
    if limit.unit == "months" and limit.valid_to is None:
        assert any(one.start_on.day > one.last_day.day for one in mine), "no month is too short for it"


@pytest.mark.parametrize("service", ["child_welfare", "elderly_services"])
def test_the_seventh_weekday_of_a_tuesday_is_the_thursday_of_the_week_after(service: str) -> None:
    """THL's own example, and each kind of day off between."""
    found = {
        one.start_on: one.last_day
        for one in EXAMPLES
        if one.service == service and one.stop_event == "assessment_started" and one.limit == "7 weekdays"
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
        if (one.start_event, one.stop_event) != (ASSESSMENT, FIRST_CARE):
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
    visits, queue = [f"{VISIT_HEADER};Lähetteellä"], [QUEUE_HEADER]
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
        referral = {WITHOUT_REFERRAL: "E", REFERRAL_OR_UNKNOWN: "K" if number % 2 else ""}.get(
            one.condition, ""
        )
        visits.append(visit(number, **same, contacted="", booked="", visit=day) + f";{referral}")
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
        # A queue never tells whether there is a referral: it is judged as if there were one.
        if one.condition == WITHOUT_REFERRAL:
            limit = limit_for(one.service, one.start_on, one.age_groups[0])
            assert over[unit] == (limit is not None and on > limit.last_day(one.start_on)), (one, on)
        else:
            assert over[unit] == (within is False), (one, on)
        share = None if math.isnan(shares[unit]) else shares[unit]
        assert share == (None if within is None else 100.0 * within), (one, on)


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


Case = tuple[str, date, str, str | None]
REFERRALS = ("yes", "no", None)


def _by_sql(cases: list[Case]) -> list[date | None]:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE cases (n INTEGER, service VARCHAR, assessed_on DATE, age_group VARCHAR, with_referral VARCHAR)"
        )
        connection.executemany(
            "INSERT INTO cases VALUES (?, ?, ?, ?, ?)", [(n, *case) for n, case in enumerate(cases)]
        )
        last_day = last_day_sql(with_referral="with_referral")
        return [row[0] for row in connection.execute(f"SELECT {last_day} FROM cases ORDER BY n").fetchall()]


def _by_limits(cases: list[Case]) -> list[date | None]:
    found = [limit_for(*case) for case in cases]
    return [limit.last_day(case[1]) if limit else None for limit, case in zip(found, cases, strict=True)]


def test_the_sql_says_the_same_at_every_boundary() -> None:
    cases = [
        (one.service, one.start_on, group, referral)
        for one in EXAMPLES
        if (one.start_event, one.stop_event) == (ASSESSMENT, FIRST_CARE)
        for group in one.age_groups
        for referral in REFERRALS
    ]
    edges = {edge for limit in access_limits() for edge in (limit.valid_from, limit.valid_to) if edge}
    cases += [
        (service, edge + timedelta(days=shift), age, referral)
        for service in services_with_limit()
        for referral in REFERRALS
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
            st.sampled_from(REFERRALS),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_the_sql_says_the_same_on_any_day(cases: list[Case]) -> None:
    assert _by_sql(cases) == _by_limits(cases)


# What a page tells of the law beyond what the access indicators measure; blank dates are open.
HEALTH_CARE = """
service          | from                     | to                       | within     | age  | since      | until      | sure
-----------------+--------------------------+--------------------------+------------+------+------------+------------+-----
primary_care     | contact                  | assessment               | 3 weekdays | all  | 2005-03-01 | 2023-08-31 | A
primary_care     | contact                  | assessment               | 0 weekdays | all  | 2023-09-01 |            | A
primary_care     | other_professional_visit | doctor_visit             | 7 days     | all  | 2023-09-01 | 2024-12-31 | A
primary_care     | other_professional_visit | doctor_visit             | 7 days     | 0-22 | 2025-01-01 |            | B
primary_care     | other_professional_visit | doctor_visit             | unknown    | 23+  | 2025-01-01 |            | B
primary_care     | referral_received        | assessment_begun         | 21 days    | all  | 2005-03-01 |            | A
primary_care     | need_found               | first_care_event         | 3 months   | all  | 2005-03-01 |            | A
oral_health      | dentist_need_found       | dentist_visit            | 28 days    | 0-22 | 2025-01-01 |            | B
oral_health      | dentist_need_found       | dentist_visit            | unknown    | 23+  | 2025-01-01 |            | B
oral_health      | need_found_by_dentist    | specialist_dentist_visit | 3 months   | all  | 2023-09-01 | 2024-12-31 | A
oral_health      | oral_check               | dentist_visit            | 28 days    | all  | 2023-09-01 | 2024-12-31 | A
specialised_care | referral_received        | assessment_begun         | 21 days    | all  | 2005-03-01 |            | A
specialised_care | referral_received        | specialist_assessment    | 3 months   | all  | 2005-03-01 |            | A
adult_psychiatry | referral_received        | specialist_assessment    | 42 days    | 0-22 | 2005-03-01 |            | A
mental_health    | need_found               | therapy_started          | 28 days    | 0-22 | 2025-05-01 |            | B
mental_health    | need_found               | decision_carried_out     | 1 months   | 0-22 | 2025-05-01 |            | B
"""
SOCIAL_WELFARE = """
service             | from        | to                   | within        | age | for whom             | since      | until | sure
--------------------+-------------+----------------------+---------------+-----+----------------------+------------+-------+-----
child_welfare       | pending     | assessment_started   | 7 weekdays    | all |                      | 2015-04-01 |       | A
child_welfare       | pending     | assessment_ready     | 3 months      | all |                      | 2015-04-01 |       | A
family_services     | pending     | assessment_started   | 7 weekdays    | all | special_support      | 2015-04-01 |       | A
family_services     | pending     | assessment_ready     | 3 months      | all | special_support      | 2015-04-01 |       | A
elderly_services    | contact     | assessment_started   | 7 weekdays    | all | over_75_or_allowance | 2015-04-01 |       | B
adult_social_work   | pending     | decision_carried_out | 3 months      | all |                      | 2015-04-01 |       | B
disability_services | pending     | decision_carried_out | 3 months      | all |                      | 2025-01-01 |       | A
student_welfare     | request     | talk                 | 7 school_days | all |                      | 2014-08-01 |       | M
income_support      | application | decision             | 7 weekdays    | all |                      | 0001-01-01 |       | B
"""
OTHER_LIMITS = [*({**row, "for whom": ""} for row in rows_of(HEALTH_CARE)), *rows_of(SOCIAL_WELFARE)]


@pytest.mark.parametrize("row", OTHER_LIMITS, ids=lambda r: f"{r['service']} {r['to']} {r['since']}")
def test_the_other_limits_are_in_the_file_too(row: dict[str, str]) -> None:
    found = [
        {
            "service": limit.service,
            "from": limit.start_event,
            "to": limit.stop_event,
            "within": "unknown" if limit.value is None else f"{limit.value} {limit.unit}",
            "age": limit.age_group,
            "for whom": limit.condition,
            "since": limit.valid_from.isoformat(),
            "until": limit.valid_to.isoformat() if limit.valid_to else "",
            "sure": limit.certainty,
        }
        for limit in load_limits()
    ]
    assert row in found


# The legal basis of the outpatient and oral limits, by the day of the assessment and the age.
BASES = """
service       | assessed   | age  | basis
--------------+------------+------+--------------------------------------------------
primary_care  | 2023-08-31 | 0-22 | Laki 855/2004; terveydenhuoltolaki 1326/2010, 51 § 2 mom. (alkuperäinen)
primary_care  | 2024-10-31 | 23+  | Terveydenhuoltolaki 1326/2010, 51 a § 1 mom. (117/2023)
primary_care  | 2024-11-01 | 23+  | Terveydenhuoltolaki 1326/2010, 51 a § (116/2023 muutettuna, HE 55/2023)
primary_care  | 2025-01-01 | 23+  | Terveydenhuoltolaki 1326/2010, 51 a § (HE 134/2024)
mental_health | 2025-01-01 | 0-22 | Terveydenhuoltolaki 1326/2010, 51 a § (HE 134/2024) (B)
oral_health   | 2024-10-31 | 0-22 | Terveydenhuoltolaki 1326/2010, 51 b § 1 mom. (117/2023)
oral_health   | 2024-11-01 | 0-22 | Terveydenhuoltolaki 1326/2010, 51 b § 1 mom. (116/2023)
"""


@pytest.mark.parametrize("row", rows_of(BASES), ids=lambda row: f"{row['service']} {row['assessed']}")
def test_the_legal_basis_is_that_of_the_day(row: dict[str, str]) -> None:
    assert (
        limit_for(row["service"], date.fromisoformat(row["assessed"]), row["age"]).legal_basis == row["basis"]
    )


# Physiotherapy: the outpatient rule only where a first visit is known to be without a referral.
PHYSIOTHERAPY = """
assessed   | age     | referral | last day
-----------+---------+----------+-----------
2023-08-31 | 23+     | no       | 2023-11-30
2023-09-01 | 23+     | no       | 2023-09-15
2023-09-01 | 23+     | yes      | 2023-12-01
2023-09-01 | 0-22    |          | 2023-12-01
2025-01-01 | 0-22    | no       | 2025-01-15
2025-01-01 | 23+     | no       | 2025-04-01
2025-01-01 | unknown | no       |
2025-01-01 | 0-22    | yes      | 2025-04-01
2025-01-01 | unknown |          | 2025-04-01
2025-01-01 | 0-22    | ?J       | 2025-04-01
"""


@pytest.mark.parametrize("row", rows_of(PHYSIOTHERAPY), ids=lambda row: " ".join(row.values()))
def test_physiotherapy_without_a_referral_and_with_one(row: dict[str, str]) -> None:
    case = ("physiotherapy", date.fromisoformat(row["assessed"]), row["age"], row["referral"] or None)
    last = date.fromisoformat(row["last day"]) if row["last day"] else None
    assert _by_limits([case]) == _by_sql([case]) == [last]


def test_a_new_legal_basis_for_the_same_length_is_no_change() -> None:
    assert changes_of(["primary_care"]) == [date(2005, 3, 1), date(2023, 9, 1), date(2025, 1, 1)]
    assert date(2024, 11, 1) in changes_of(["oral_health"]) and date(2024, 11, 1) in changes_of()
    assert changes_of(["specialised_care"]) == [date(2005, 3, 1)]


def test_conditions_are_those_that_limits_have() -> None:
    assert {limit.condition for limit in load_limits()} == set(CONDITIONS)


def test_only_limits_from_the_assessment_to_the_first_care_event_judge_access() -> None:
    assert {(limit.start_event, limit.stop_event) for limit in access_limits()} == {(ASSESSMENT, FIRST_CARE)}
    assert set(services_with_limit()) == {
        *("primary_care", "mental_health", "substance_services", "physiotherapy"),
        *("oral_health", "adult_psychiatry", "specialised_care"),
    }


def test_what_is_not_certain_says_so_in_three_languages() -> None:
    check = {"fi": "arkistettava", "sv": "ontrolleras", "en": "heck"}
    for limit in load_limits():
        assert len(set(limit.note.values())) == 3, limit
        if limit.certainty != "A":
            assert limit.legal_basis.endswith(f"({limit.certainty})"), limit
            assert [word for language, word in check.items() if word not in limit.note[language]] == [], limit


def test_limits_that_would_both_apply_are_named() -> None:
    first = access_limits()[0]
    assert (
        overlaps([replace(first, condition=WITHOUT_REFERRAL), replace(first, condition=REFERRAL_OR_UNKNOWN)])
        == []
    )
    assert overlaps([first, replace(first, condition=WITHOUT_REFERRAL)]) != []
    later = replace(first, valid_from=date(2023, 8, 31), valid_to=None, value=14, unit="days")
    assert overlaps([first, later]) == ["primary_care assessment: 2005-03-01 and 2023-08-31 overlap"]
    assert overlaps([first, replace(later, valid_from=date(2023, 9, 1))]) == []
    assert overlaps([replace(first, age_group="0-22"), replace(later, age_group="23+")]) == []
    assert overlaps([replace(first, age_group="0-22"), replace(later, age_group="all")]) != []


def test_every_fault_of_the_file_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with limits.LIMITS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:7]
    rows[0]["value"] = "three"
    rows[1]["unit"] = "weeks"
    rows[2]["note_sv"] = ""
    rows[3]["certainty"] = "B"
    rows[4]["review"] = "soon"
    rows[5]["condition"] = "tall"
    rows[6]["value"] = ""
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
    assert [line for line in range(2, 9) if f"statutory_limits.csv:{line}:" not in told] == []
    for word in ("'three'", "'weeks'", "note_sv missing", "certainty (B)", "'soon'", "'tall'"):
        assert word in told
