"""Cases of social welfare that are open and late on a day, counted case by case in Python."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from dateutil.relativedelta import relativedelta

from indicators.engine import answer
from indicators.question import Question
from indicators.weekdays import weekday_after
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse


@pytest.fixture(scope="module")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


def late(row: dict, day: date) -> bool:
    """Whether one case is past its deadline on a day without what it waits for."""
    arrived = row["arrived_on"]
    if row["kind"] == "notification":
        due, done = weekday_after(arrived, 7), row["decided_on"]
    elif row["client_group"] == "families":
        due, done = arrived + relativedelta(months=3), row["ready_on"]
    elif row["age_band"] == "75+":
        due, done = weekday_after(arrived, 7), row["started_on"]
    else:
        return False
    return due < day and (done is None or done > day)


@pytest.fixture(scope="module")
def cases(snapshot: Snapshot) -> list[dict]:
    names = ("unit", "kind", "client_group", "age_band", "arrived_on", "started_on", "decided_on", "ready_on")
    rows = snapshot.rows(f"SELECT {', '.join(names)} FROM cases WHERE counted")
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_what_is_open_and_late_on_the_last_day_of_each_week(
    snapshot: Snapshot, cases: list[dict], demo_settings: Settings
) -> None:
    asked = Question(
        "social_welfare_overdue", by="week", date_to=date(2025, 12, 28), splits=("unit",), suppress=False
    )
    rows = answer(snapshot, asked, demo_settings).rows
    found = {(row.period_end, row.unit): row.value for row in rows.itertuples()}
    weeks = answer(snapshot, replace(asked, splits=()), demo_settings).rows
    expected: dict[tuple[date, str], int] = {}
    for day in weeks["period_end"]:
        for case in cases:
            if late(case, day):
                key = (day, case["unit"])
                expected[key] = expected.get(key, 0) + 1
    assert found == expected
    assert list(weeks["as_of"]) == list(weeks["period_end"])
    assert weeks["value"].sum() == sum(expected.values()) > 100
