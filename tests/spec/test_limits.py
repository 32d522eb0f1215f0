"""The law as tables: which limit an assessment on a day has, and the last day it allows."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators import limits
from indicators.errors import BadDefinition
from indicators.limits import (
    ASSESSMENT,
    FIRST_CARE,
    access_limits,
    last_day_sql,
    limit_for,
    load_limits,
    overlaps,
    services_with_limit,
)
from pipelines.ages import age_groups
from tests.spec.table import rows_of

AGES = ("0-22", "23+", "unknown")

# The age group is the one on the day of the assessment; a blank limit says that the law sets none for the row.
BOUNDARIES = """
service            | assessed   | age     | limit    | last day
-------------------+------------+---------+----------+-----------
primary_care       | 2005-02-28 | 23+     |          |
primary_care       | 2005-03-01 | 23+     | 3 months | 2005-06-01
primary_care       | 2023-08-31 | 0-22    | 3 months | 2023-11-30
primary_care       | 2023-08-31 | unknown | 3 months | 2023-11-30
primary_care       | 2023-09-01 | 0-22    | 14 days  | 2023-09-15
primary_care       | 2023-09-01 | 23+     | 14 days  | 2023-09-15
primary_care       | 2023-09-01 | unknown | 14 days  | 2023-09-15
primary_care       | 2024-10-31 | 23+     | 14 days  | 2024-11-14
primary_care       | 2024-11-01 | 0-22    | 14 days  | 2024-11-15
primary_care       | 2024-11-01 | 23+     | 14 days  | 2024-11-15
primary_care       | 2024-12-31 | unknown | 14 days  | 2025-01-14
primary_care       | 2025-01-01 | 0-22    | 14 days  | 2025-01-15
primary_care       | 2025-01-01 | 23+     | 3 months | 2025-04-01
primary_care       | 2025-01-01 | unknown |          |
mental_health      | 2025-01-01 | 23+     | 3 months | 2025-04-01
substance_services | 2025-01-01 | 0-22    | 14 days  | 2025-01-15
physiotherapy      | 2024-12-31 | 23+     | 14 days  | 2025-01-14
oral_health        | 2023-08-31 | 23+     | 6 months | 2024-02-29
oral_health        | 2023-09-01 | 23+     | 4 months | 2024-01-01
oral_health        | 2024-10-31 | 0-22    | 4 months | 2025-02-28
oral_health        | 2024-11-01 | 23+     | 3 months | 2025-02-01
oral_health        | 2024-11-01 | unknown | 3 months | 2025-02-01
oral_health        | 2024-12-31 | 23+     | 3 months | 2025-03-31
oral_health        | 2025-01-01 | 0-22    | 3 months | 2025-04-01
oral_health        | 2025-01-01 | 23+     | 6 months | 2025-07-01
oral_health        | 2025-01-01 | unknown |          |
adult_psychiatry   | 2024-06-15 | 0-22    | 3 months | 2024-09-15
adult_psychiatry   | 2024-06-15 | 23+     | 6 months | 2024-12-15
adult_psychiatry   | 2024-06-15 | unknown |          |
specialised_care   | 2024-06-15 | unknown | 6 months | 2024-12-15
child_welfare      | 2024-06-15 | 0-22    |          |
unheard_of         | 2024-06-15 | 23+     |          |
"""

# Calendar months, clamped to the end of a shorter month; days are counted from the day after the assessment.
MONTH_ENDS = """
service      | assessed   | age  | last day
-------------+------------+------+-----------
oral_health  | 2023-10-31 | 23+  | 2024-02-29
oral_health  | 2022-10-31 | 23+  | 2023-04-30
oral_health  | 2022-08-31 | 23+  | 2023-02-28
oral_health  | 2024-11-30 | 23+  | 2025-02-28
oral_health  | 2025-08-31 | 23+  | 2026-02-28
oral_health  | 2027-08-29 | 23+  | 2028-02-29
primary_care | 2025-01-31 | 23+  | 2025-04-30
primary_care | 2025-11-30 | 23+  | 2026-02-28
primary_care | 2027-11-30 | 23+  | 2028-02-29
primary_care | 2024-02-29 | 23+  | 2024-03-14
primary_care | 2024-02-15 | 23+  | 2024-02-29
primary_care | 2025-02-15 | 0-22 | 2025-03-01
"""


@pytest.mark.parametrize(
    "row", rows_of(BOUNDARIES), ids=lambda r: f"{r['service']} {r['assessed']} {r['age']}"
)
def test_the_limit_is_that_of_the_day_and_the_age(row: dict[str, str]) -> None:
    assessed = date.fromisoformat(row["assessed"])
    limit = limit_for(row["service"], assessed, row["age"])
    assert (f"{limit.value} {limit.unit}" if limit else "") == row["limit"]
    assert (limit.last_day(assessed).isoformat() if limit else "") == row["last day"]


@pytest.mark.parametrize("row", rows_of(MONTH_ENDS), ids=lambda r: f"{r['service']} {r['assessed']}")
def test_months_are_calendar_months_with_the_end_clamped(row: dict[str, str]) -> None:
    assessed = date.fromisoformat(row["assessed"])
    limit = limit_for(row["service"], assessed, row["age"])
    assert limit is not None
    assert limit.last_day(assessed).isoformat() == row["last day"]


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
        (r["service"], date.fromisoformat(r["assessed"]), r["age"])
        for r in rows_of(BOUNDARIES) + rows_of(MONTH_ENDS)
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


def test_a_weekday_limit_has_no_last_day_without_a_calendar() -> None:
    limit = next(limit for limit in load_limits() if limit.unit == "weekdays")
    with pytest.raises(ValueError, match="weekdays"):
        limit.last_day(date(2024, 6, 17))


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
