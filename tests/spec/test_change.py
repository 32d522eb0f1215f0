"""A period is compared only with whole periods, and only while it is whole itself; shares add up as sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from indicators.analysis.change import change_against
from indicators.catalogue.periods import span
from indicators.programme.targets import TargetResult, nothing, target_result
from indicators.programme.verdicts import Actual, Target, distance_of, verdict_of
from indicators.programme.year_summary import Ahead, pace_to
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.spec.series import series

FIRST = date(2025, 1, 1)


def test_a_count_that_lacks_a_unit_has_not_fallen() -> None:
    found = series("queue_length", "month", FIRST, [100.0, 104.0, 60.0])
    assert change_against(found, 2).difference == pytest.approx(-42)
    found.rows.loc[2, "status"] = "incomplete_period"
    assert change_against(found, 2) is None


def test_shares_without_their_counts_are_not_averaged() -> None:
    found = series("electronic_forms", "quarter", FIRST, [10.0, 30.0, 50.0])
    found.rows[["numerator", "denominator"]] = np.nan
    assert change_against(found, 2) is None
    assert change_against(found, 2, 1).before == 30.0
    found.rows["numerator"], found.rows["denominator"] = [10.0, 270.0, 50.0], [100.0, 900.0, 100.0]
    assert change_against(found, 2).before == 28.0


def test_a_change_tells_how_many_of_the_periods_before_it_rests_on() -> None:
    found = series("queue_length", "month", FIRST, [100.0, None, 104.0, None, 60.0])
    change = change_against(found, 4)
    assert (change.before, change.periods, change.among) == (102.0, 2, 4)
    whole = change_against(found, 0, 4)
    assert whole is None


def test_a_period_that_is_not_complete_has_no_distance_and_no_pace() -> None:
    quarter = span(date(2025, 1, 1), date(2025, 3, 31))
    target = Target(
        "seven_day_access", "18", span(date(2025, 10, 1), date(2025, 12, 31)), ">=", 80.0, "percent", "", None
    )
    actual = Actual(quarter, 60.0, 60.0, 100.0, 90.0, "ok", None, None, None, None, None, None, None)
    half = replace(actual, status="incomplete_period")
    assert distance_of(target, actual) == -20
    assert pace_to(target, actual).each == pytest.approx(20 / 3)
    assert distance_of(target, half) is None
    assert pace_to(target, half) is None
    for one, kept in ((replace(actual, value=85.0), True), (replace(half, value=85.0), False)):
        result = TargetResult(target, one, "no_target", None, 1, None, ())
        assert Ahead(target, result, pace_to(target, one)).met is kept


@pytest.mark.parametrize("days", [1, 20, 31, 46, 400])
def test_a_part_of_a_month_is_no_limit_of_the_calendar(days: float, demo_settings: Settings) -> None:
    """A month and a half is neither one month nor two, with the single waits known or not."""
    year = span(date(2024, 1, 1), date(2024, 12, 31))
    target = Target("health_centre_wait_days", "18", year, "<", 1.5, "months", "", None)
    actual = replace(nothing(year), value=days, status="ok")
    assert verdict_of(target, actual, date(2026, 1, 2)) == "no_data"
    snapshot = Warehouse(demo_settings.warehouse).current()
    held = target_result(snapshot, demo_settings, target, as_of=date(2026, 1, 2))
    assert held.actual.value is not None
    assert (held.verdict, held.distance) == ("no_data", None)
