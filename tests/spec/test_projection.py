"""The pace to a target, and the projection with its refusals."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.projection import fit, pace, project, t_quantile
from indicators.spc import Break
from tests.spec.series import series

#: Deviations that add up to nothing and do not follow each other.
NOISE = [1.0, -1.0, 0.5, -1.5, 1.0, 0.0, -0.5, 1.0, -1.0, 1.5, -1.0, 0.0]
JANUARY = date(2024, 1, 1)


def rising(points: int, slope: float = 1.0, start: float = 40.0) -> list[float]:
    return [start + slope * place + NOISE[place % 12] for place in range(points)]


@pytest.mark.parametrize(
    ("level", "degrees", "quantile"),
    # Abramowitz and Stegun, table 26.10
    [
        (0.95, 1, 12.706),
        (0.95, 2, 4.303),
        (0.95, 3, 3.182),
        (0.95, 10, 2.228),
        (0.95, 11, 2.201),
        (0.95, 30, 2.042),
        (0.95, 120, 1.980),
        (0.8, 10, 1.372),
        (0.99, 21, 2.831),
    ],
)
def test_quantiles_of_t(level: float, degrees: int, quantile: float) -> None:
    assert t_quantile(level, degrees) == pytest.approx(quantile, abs=0.0005)


@given(st.lists(st.floats(-1e3, 1e3), min_size=8, max_size=40))
def test_the_line_is_that_of_numpy(values: list[float]) -> None:
    line = fit(list(range(len(values))), values)
    slope, intercept = np.polyfit(range(len(values)), values, 1)
    assert (line.slope, line.intercept) == pytest.approx((slope, intercept), abs=1e-6)


def test_the_interval_by_hand() -> None:
    # x̄ = 3, Σ(x − x̄)² = 10, ŷ = 2,2 + 0,6x, residuals −0,8 0,6 1 −0,6 −0,2, s² = 2,4 / 3; at x = 6 ŷ = 5,8,
    # half = 3,1824 · √0,8 · √(1 + 1/5 + 9/10) = 4,1248
    line = fit([1, 2, 3, 4, 5], [2, 4, 5, 4, 5])
    assert line.at(6) == pytest.approx((5.8, 5.8 - 4.1248, 5.8 + 4.1248), abs=0.0005)


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
