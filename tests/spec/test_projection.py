"""The pace to a target, and the projection with its refusals."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.analysis.control_chart import Break
from indicators.analysis.projection import fit, pace, project
from tests.spec.series import series

#: Deviations that add up to nothing and do not follow each other.
NOISE = [1.0, -1.0, 0.5, -1.5, 1.0, 0.0, -0.5, 1.0, -1.0, 1.5, -1.0, 0.0]
JANUARY = date(2024, 1, 1)


def rising(points: int, slope: float = 1.0, start: float = 40.0) -> list[float]:
    return [start + slope * place + NOISE[place % 12] for place in range(points)]


# Abramowitz and Stegun, table 26.10: the two-sided 95 % quantiles of Student's t, by degrees of freedom.
QUANTILES = {1: 12.706, 2: 4.303, 3: 3.182, 6: 2.447, 10: 2.228, 11: 2.201, 22: 2.074, 30: 2.042, 120: 1.980}


def by_hand(x: list[float], y: list[float], at: float) -> tuple[float, float, float]:
    """ŷ ± t(n − 2) · s · √(1 + 1/n + (x − x̄)² / Σ(xᵢ − x̄)²), s² = Σ(yᵢ − ŷᵢ)² / (n − 2), as textbooks have it.

    N. R. Draper and H. Smith, Applied Regression Analysis, section 1.4.
    """
    n = len(x)
    middle, height = math.fsum(x) / n, math.fsum(y) / n
    spread = math.fsum((one - middle) ** 2 for one in x)
    slope = math.fsum((a - middle) * (b - height) for a, b in zip(x, y, strict=True)) / spread
    left = [b - height - slope * (a - middle) for a, b in zip(x, y, strict=True)]
    half = QUANTILES[n - 2] * math.sqrt(math.fsum(one**2 for one in left) / (n - 2))
    half *= math.sqrt(1 + 1 / n + (at - middle) ** 2 / spread)
    value = height + slope * (at - middle)
    return value, value - half, value + half


@given(
    st.sampled_from(sorted(QUANTILES)).flatmap(
        lambda degrees: st.lists(st.floats(-1e3, 1e3), min_size=degrees + 2, max_size=degrees + 2)
    ),
    st.integers(-5, 130),
)
def test_the_line_and_its_interval_are_those_by_hand(values: list[float], at: int) -> None:
    x = [float(place) for place in range(len(values))]
    value, low, high = fit(x, values).at(at)
    hand, hand_low, hand_high = by_hand(x, values, at)
    assert value == pytest.approx(hand, rel=1e-9, abs=1e-6)
    # The table has three decimals, so the width is known to one part in 3 900.
    assert high - low == pytest.approx(hand_high - hand_low, rel=3e-4, abs=1e-6)
    assert high - value == pytest.approx(value - low, abs=1e-6 * (1 + abs(high)))


def test_the_interval_by_hand() -> None:
    # x̄ = 3, Σ(x − x̄)² = 10, ŷ = 2,2 + 0,6x, residuals −0,8 0,6 1 −0,6 −0,2, s² = 2,4 / 3; at x = 6 ŷ = 5,8,
    # half = 3,1824 · √0,8 · √(1 + 1/5 + 9/10) = 4,1248
    assert fit([1, 2, 3, 4, 5], [2, 4, 5, 4, 5]).at(6) == pytest.approx(
        (5.8, 5.8 - 4.1248, 5.8 + 4.1248), abs=0.0005
    )
    assert by_hand([1, 2, 3, 4, 5], [2, 4, 5, 4, 5], 6) == pytest.approx((5.8, 1.6752, 9.9248), abs=0.001)


def test_values_follow_each_other_from_the_correlation_of_neighbours_on() -> None:
    """Residuals of 1, 2, 4, 3, 5, 4, …: the correlation of neighbours by hand against 1,645 / √n − 2 / n."""
    for turn in range(1, 12):
        values = [10 + math.sin(place / turn) + NOISE[place % 12] / 2 for place in range(24)]
        slope, intercept = np.polyfit(range(24), values, 1)
        left = [value - intercept - slope * place for place, value in enumerate(values)]
        together = sum(a * b for a, b in pairwise(left)) / sum(one**2 for one in left)
        assert fit(list(range(24)), values).follow_each_other == (
            together + 2 / 24 > 1.645 / math.sqrt(24)
        ), turn


def test_a_line_without_chance_is_a_line() -> None:
    """What rounding leaves is not taken for values that follow each other."""
    for slope in (0.1, 0.3, 1 / 3, 0.7):
        assert not fit(list(range(24)), [41.7 + slope * place for place in range(24)]).follow_each_other


def test_it_holds_as_often_as_it_says() -> None:
    """Of 2 000 lines with normal chance of their own, 95 % of the next values but two lie within."""
    chance = np.random.default_rng(20250101)
    held = 0
    for _ in range(2000):
        values = 50 + 0.8 * np.arange(14) + chance.normal(0, 3, 14)
        _, low, high = fit(list(range(12)), list(values[:12])).at(13)
        held += low <= values[13] <= high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)


def test_a_projection_goes_on_with_the_line() -> None:
    found = project(series("seven_day_access", "month", JANUARY, rising(24)), date(2026, 3, 31))
    assert (found.reason, found.points, found.steps, found.period.label) == (None, 24, 3, "2026-03")
    assert found.value == pytest.approx(40 + 26, abs=0.6)
    assert found.per_quarter == pytest.approx(3, abs=0.1)
    assert found.low < found.value < found.high


def test_outlook() -> None:
    found = project(series("seven_day_access", "month", JANUARY, rising(24)), date(2026, 3, 31))
    assert [found.outlook(">=", level) for level in (50, 66, 80)] == ["on_course", "open", "off_course"]
    assert [found.outlook("<=", level) for level in (50, 66, 80)] == ["off_course", "open", "on_course"]
    assert [found.outlook("=", level) for level in (50, 66)] == ["off_course", "open"]


def test_shares_stay_within_0_and_100_and_days_above_0() -> None:
    high = project(series("seven_day_access", "month", JANUARY, rising(24, 1, 71.5)), date(2026, 6, 1))
    assert (high.value, high.high) == (100, 100)
    assert high.low < 100
    low = project(series("wait_median", "month", JANUARY, rising(24, -1, 28.5)), date(2026, 6, 1))
    assert (low.value, low.low) == (0, 0)
    assert low.high > 0


def test_a_gap_keeps_its_place() -> None:
    values = rising(24)
    holed = [None if place in (5, 6, 13) else value for place, value in enumerate(values)]
    found = project(series("seven_day_access", "month", JANUARY, holed), date(2026, 3, 1))
    assert found.points == 21
    assert found.value == pytest.approx(66, abs=0.6)


LAW = Break(date(2025, 1, 1), "law")


@pytest.mark.parametrize(
    ("values", "until", "breaks", "reason"),
    [
        (rising(24), date(2025, 12, 31), (), "not_ahead"),
        (rising(24), date(2025, 6, 30), (), "not_ahead"),
        ([], date(2026, 1, 1), (), "too_few_points"),
        (rising(7), date(2024, 9, 1), (), "too_few_points"),
        (rising(8), date(2024, 9, 1), (), "provisional_limits"),
        (rising(11), date(2024, 12, 1), (), "provisional_limits"),
        (rising(12), date(2025, 1, 1), (), None),
        (rising(23), date(2026, 1, 1), (LAW,), "break_inside"),
        (rising(24), date(2026, 1, 1), (LAW,), None),
        ([50.0] * 24, date(2026, 1, 1), (), "no_limits"),
        (rising(24), date(2026, 3, 31), (Break(date(2026, 3, 1), "law"),), "break_ahead"),
        (rising(24), date(2026, 3, 1), (Break(date(2026, 3, 31), "law"),), "break_ahead"),
        (rising(24), date(2026, 2, 28), (Break(date(2026, 3, 1), "law"),), None),
        (rising(24), date(2026, 8, 31), (), None),
        (rising(24), date(2026, 9, 1), (), "too_far"),
        (
            [50 + 20 * math.sin(place / 4) + NOISE[place % 12] for place in range(24)],
            date(2026, 1, 1),
            (),
            "not_a_line",
        ),
    ],
)
def test_what_the_data_does_not_carry(
    values: list[float], until: date, breaks: tuple[Break, ...], reason: str | None
) -> None:
    found = project(series("seven_day_access", "month", JANUARY, values), until, breaks)
    assert found.reason == reason
    assert (found.value is None) == (reason is not None)
    assert (found.outlook(">=", 50) is None) == (reason is not None)


def test_a_break_leaves_what_was_before_out_of_the_line() -> None:
    values = [10.0 + NOISE[place % 12] for place in range(12)] + rising(12)
    found = project(series("seven_day_access", "month", JANUARY, values), date(2026, 1, 1), (LAW,))
    assert (found.points, found.value) == (12, pytest.approx(52, abs=0.8))


@pytest.mark.parametrize(
    ("actual", "actual_end", "target", "target_end", "comparator", "per_quarter"),
    [
        (60, date(2024, 12, 31), 80, date(2025, 12, 31), ">=", 5),
        (60, date(2025, 9, 30), 80, date(2025, 12, 31), ">=", 20),
        (150, date(2022, 12, 31), 60, date(2025, 12, 31), "<=", -7.5),
        (81, date(2024, 12, 31), 80, date(2025, 12, 31), ">=", 0),
        (79, date(2024, 12, 31), 80, date(2025, 12, 31), "<=", 0),
        (60, date(2025, 1, 31), 61, date(2025, 2, 28), ">=", 3),
    ],
)
def test_pace(
    actual: float, actual_end: date, target: float, target_end: date, comparator: str, per_quarter: float
) -> None:
    found = pace(actual, actual_end, target, target_end, comparator)
    assert found.per_quarter == pytest.approx(per_quarter)
    assert found.per_quarter * found.quarters == pytest.approx(found.distance)


def test_there_is_no_pace_to_a_time_that_is_over() -> None:
    assert pace(60, date(2025, 12, 31), 80, date(2025, 12, 31), ">=") is None
