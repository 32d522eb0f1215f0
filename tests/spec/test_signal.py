"""An answer judged: which of its rows count, and what the marks say."""

from __future__ import annotations

from datetime import date

import pytest

from indicators.analysis.control_chart import Break
from indicators.analysis.signals import spc_of
from indicators.answers import answer
from indicators.catalogue.errors import BadQuestion
from indicators.engine.question import Question
from indicators.programme.annotations import annotations_for
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.spec.series import series

#: Twelve values around 50, then seven above.
VALUES = [50.0, 52.0, 48.0, 51.0, 49.0, 50.0, 52.0, 47.0, 50.0, 53.0, 48.0, 50.0]
SHIFTED = [*VALUES, 51.0, 52.0, 51.0, 53.0, 52.0, 51.0, 52.0]


@pytest.mark.parametrize(
    ("indicator", "variation"),
    [("seven_day_access", "improvement_high"), ("wait_median", "concern_high"), ("visits", "neutral_high")],
)
def test_the_direction_is_the_definitions(indicator: str, variation: str) -> None:
    found = spc_of(series(indicator, "month", date(2024, 1, 1), SHIFTED), baseline=12)
    assert (found.variation, found.last.rule) == (variation, "shift_above")


@pytest.mark.parametrize(
    ("target", "assurance"), [(30.0, "pass"), (50.0, "inconsistent"), (70.0, "fail"), (None, None)]
)
def test_the_target_against_the_limits(target: float | None, assurance: str | None) -> None:
    found = spc_of(series("seven_day_access", "week", date(2024, 1, 1), VALUES), target)
    assert found.assurance == assurance


def test_a_series_without_a_direction_has_no_assurance() -> None:
    assert spc_of(series("visits", "week", date(2024, 1, 1), VALUES), 1000.0).assurance is None


def test_only_rows_that_may_be_judged_count() -> None:
    statuses = {"2024-03": "incomplete_period", "2024-07": "suppressed", "2025-01": "incomplete_period"}
    values = [50.0, 52.0, 5.0, 51.0, 49.0, 50.0, None, 47.0, 50.0, 53.0, None, 50.0, 999.0]
    found = spc_of(series("seven_day_access", "month", date(2024, 1, 1), values, statuses))
    gaps = {point.label: point.status for point in found.points if point.value is None}
    assert gaps == {**statuses, "2024-11": "no_data"}
    assert (found.last.label, found.group.points) == ("2024-12", 9)
    # Nine values carry no verdict.
    assert (found.provisional, found.variation, found.unjudged) == (True, None, "too_few_values")


def test_limits_restart_where_the_law_changed() -> None:
    law = Break(date(2025, 1, 1), "14 days under 23 only")
    found = spc_of(
        series("access_within_limit", "month", date(2024, 1, 1), VALUES + [value + 30 for value in VALUES]),
        breaks=[law],
    )
    assert [group.reason for group in found.groups] == [None, law.reason]
    assert found.groups[1].mean == pytest.approx(found.groups[0].mean + 30)
    assert {point.rule for point in found.points} == {None}
    # without the break the change itself is the signal, and the limits are too wide for either half
    assert {
        point.rule
        for point in spc_of(
            series(
                "access_within_limit", "month", date(2024, 1, 1), VALUES + [value + 30 for value in VALUES]
            )
        ).points
    } != {None}


def test_what_is_no_series_is_refused() -> None:
    with pytest.raises(BadQuestion):
        spc_of(series("visits", "month", date(2024, 1, 1), VALUES, splits=("unit",)))
    with pytest.raises(BadQuestion):
        spc_of(series("visits", "year", date(2024, 1, 1), VALUES))
    with pytest.raises(BadQuestion):
        spc_of(series("visits", "month", date(2024, 1, 1), VALUES), baseline=11)


def test_the_series_of_the_warehouse(demo_settings: Settings) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    asked = Question("access_within_limit", by="month")
    found = answer(snapshot, asked, demo_settings)
    events = [one for one in annotations_for(snapshot, asked.indicator, "18") if one.starts_anew]
    judged = spc_of(found, 90.0, [Break(one.date, one.text("fi")) for one in events])
    assert [point.label for point in judged.points] == list(found.rows["period"])
    assert [point.value for point in judged.points if point.value is not None] == [
        value
        for value, status in zip(found.rows["value"], found.rows["status"], strict=True)
        if status == "ok"
    ]
    assert judged.variation is not None
    starts = [judged.points[group.first].date for group in judged.groups[1:]]
    assert starts
    assert all(any(one.date <= start for one in events) for start in starts)
