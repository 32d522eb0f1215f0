"""Areas and units with their uncertainty."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.analysis.funnel import (
    CONTROL_LEVEL,
    WARNING_LEVEL,
    control_limits,
    curve,
    funnel,
    funnel_of,
    wilson,
)
from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import period_of
from indicators.engine.question import Answer, Question
from indicators.programme.benchmarks import sotkanet
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

LEVELS = st.sampled_from([WARNING_LEVEL, CONTROL_LEVEL])
SHARES = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(SHARES, st.integers(1, 99), LEVELS)
def test_outside_the_limits_is_where_the_own_interval_leaves_the_centre_out(
    share: tuple[int, int], centre: int, level: float
) -> None:
    low, high = wilson(*share, level)
    lower, upper = control_limits(centre, share[1], level)
    value = 100 * share[0] / share[1]
    if min(abs(low - centre), abs(high - centre)) > 1e-9:
        assert (lower <= value <= upper) == (low <= centre <= high)


@given(SHARES, LEVELS)
def test_an_interval_holds_its_share_and_stays_within_0_and_100(share: tuple[int, int], level: float) -> None:
    low, high = wilson(*share, level)
    assert 0 <= low <= 100 * share[0] / share[1] <= high <= 100
    assert low < high


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    # E. B. Wilson's method 3 in R. G. Newcombe, Statistics in Medicine 17 (1998), table I
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.00, 16.11), (1, 29, 0.61, 17.18)],
)
def test_published_intervals(numerator: int, denominator: int, low: float, high: float) -> None:
    assert wilson(numerator, denominator) == pytest.approx((low, high), abs=0.005)


def test_places() -> None:
    found = funnel_of(
        [
            ("middle", 50.0, 500, 1000, "ok"),
            ("other", 50.0, 5000, 10000, "ok"),
            ("warned", 53.5, 535, 1000, "ok"),
            ("outside", 40.0, 400, 1000, "ok"),
            ("few", 100.0, 9, 9, "ok"),
            ("hidden", math.nan, math.nan, 40, "suppressed"),
            ("incomplete", 10.0, 100, 1000, "incomplete_period"),
            ("benchmark", 61.2, math.nan, math.nan, "ok"),
            ("empty", math.nan, 0, 0, "no_denominator"),
        ]
    )
    assert found.centre == pytest.approx(100 * 6444 / 13009)
    assert {point.key: point.place for point in found.points} == {
        "middle": "within",
        "other": "within",
        "warned": "beyond_warning",
        "outside": "beyond_control",
        "few": "too_few",
        "hidden": "suppressed",
        "incomplete": "incomplete_period",
        "benchmark": "no_interval_known",
        "empty": "no_value",
    }
    by_key = {point.key: point for point in found.points}
    assert (by_key["benchmark"].low, by_key["benchmark"].high) == (None, None)
    assert by_key["few"].low is not None
    assert by_key["hidden"].value is None
    assert found.overdispersion == pytest.approx(sum(p.z**2 for p in found.points if p.z is not None) / 4)


def test_benchmarks_have_no_interval_that_is_known() -> None:
    shares = [(one.area, one.value, None, None, "ok") for one in sotkanet() if one.period.label == "2024"]
    found = funnel_of(shares)
    assert len(found.points) > 20
    assert {point.place for point in found.points} == {"no_interval_known"}
    assert found.centre is None
    assert found.limits(100) is None
    assert curve(found, [100, 200], CONTROL_LEVEL) == []


def test_a_suppressed_unit_has_no_place_and_counts_in_the_centre_as_it_is_judged() -> None:
    rows = pd.DataFrame(
        {
            "period": "2025-Q2", "unit": ["a", "b", "c"], "value": [50.0, 52.0, math.nan],
            "numerator": [500.0, 520.0, math.nan], "denominator": [1000.0, 1000.0, 100.0],
            "status": ["ok", "ok", "suppressed"], "low": [math.nan, math.nan, 96.0], "high": [math.nan, math.nan, 99.0],
        }
    )  # fmt: skip
    asked = Question("seven_day_access", splits=("unit",))
    found = funnel(Answer(asked, definition(asked.indicator), None, "18", rows, (), {}))
    # Two and a half of the hundred are late.
    assert found.centre == pytest.approx(100 * (1020 + 97.5) / 2100)
    hidden = found.points[2]
    assert (hidden.place, hidden.value, hidden.low, hidden.z) == ("suppressed", None, None, None)


def test_the_curve_narrows() -> None:
    found = funnel_of([("a", 50.0, 50, 100, "ok")])
    widths = [upper - lower for _, lower, upper in curve(found, [10, 100, 1000], CONTROL_LEVEL)]
    assert widths == sorted(widths, reverse=True)
    assert found.overdispersion is None


def test_units_of_the_warehouse(demo_settings: Settings) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    quarter = period_of(date(2025, 5, 1), "quarter")
    asked = Question("seven_day_access", splits=("unit",), periods=(quarter,))
    told = answer(snapshot, asked, demo_settings)
    found = funnel(told)
    places = {point.place for point in found.points}
    assert {"beyond_control", "within"} & places
    hidden = list(told.rows["status"] == "suppressed")
    assert any(hidden)
    assert [point.value is None for point in found.points] == hidden
    exact = funnel(answer(snapshot, replace(asked, suppress=False), demo_settings))
    assert found.centre == pytest.approx(exact.centre, abs=2)
    assert {point.place for point in found.points if point.value is None} == {"suppressed"}
    with pytest.raises(BadQuestion):
        funnel(answer(snapshot, Question("visits", splits=("unit",), periods=(quarter,)), demo_settings))
