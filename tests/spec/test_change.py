"""A period is compared only with whole periods, and only while it is whole itself; shares add up as sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from indicators.analysis.change import change_against
from indicators.catalogue.periods import span
from indicators.programme.targets import TargetResult, nothing, target_result
from indicators.programme.verdicts import Actual, Target, distance_of, verdict_of
from indicators.programme.year_summary import Ahead, pace_to, without_target, year_summary
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.pipelines.extracts import visit, visits
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


def test_the_noise_never_says_that_a_later_target_is_reached_or_not(tmp_path: Path) -> None:
    """What the shareable share says of a level between it and the true one is not said."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse", count_noise=6.0)
    days = [date(2025, 1, 1) + timedelta(days=6 * at) for at in range(60)]
    lines = [
        visit(
            at,
            assessed=f"{(day - timedelta(days=3 if at % 2 else 20)):%d.%m.%Y}",
            visit=f"{day:%d.%m.%Y}",
            contacted="",
            booked="",
        )
        for at, day in enumerate(days, 1)
    ]

    def load(name: str, data: bytes) -> Snapshot:
        now = datetime(2026, 1, 2, 8, 0)
        report = load_bytes(name, data, LoadOptions(), settings, now=now, today=now.date())
        assert report.status == "loaded", report.findings
        return Warehouse(settings.warehouse).current()

    snapshot = load("kaynnit_20250101-20251231.csv", visits(*lines))
    year = without_target(snapshot, "seven_day_access", "18", 2025)
    as_of = date(2026, 1, 2)
    true, shown = (
        target_result(snapshot, settings, year, as_of=as_of, suppress=suppress).actual.value
        for suppress in (False, True)
    )
    assert true != shown
    level = (true + shown) / 2
    header = "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source"
    target = f"seven_day_access,18,2027-01-01,2027-12-31,>=,{level},percent,,Suunnitelma"
    snapshot = load("tavoitteet.csv", f"{header}\n{target}\n".encode())
    for suppress in (False, True):
        summary = year_summary(snapshot, settings, as_of=as_of, area="18", year=2025, suppress=suppress)
        (ahead,) = summary.ahead
        said = (ahead.met, ahead.pace is None)
        assert said == ((False, True) if suppress else (true >= level, true >= level))
