"""A sum of figures that lacks an area or service told of before is not complete: not told is not zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from indicators.catalogue.definition import definition
from indicators.catalogue.periods import Period, period_of
from indicators.kinds.figures import Figure, compute

#: Year, service (- is all), value.
CountedAnswer = tuple[int, str, float]


def figure(year: int, service: str, value: float, area: str = "18") -> Figure:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return Figure(
        area, None if service == "-" else service, first, last, None, None, value, None, None, None, "1"
    )


def year(number: int) -> Period:
    return period_of(date(number, 1, 1), "year")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((("a", 100), ("b", 50)), True),
        ((("a", 100),), False),
        # Nobody did anything of it last year: of what adds up over time that says nothing of this one.
        ((("a", 100), ("b", 0)), True),
        ((("-", 160),), True),
    ],
)
def test_a_service_told_of_before_is_missed(told: Sequence[tuple[str, float]], expected: bool) -> None:
    figures = [figure(2023, "a", 90), figure(2023, "b", 40), *(figure(2024, *one) for one in told)]
    rows = compute(definition("child_health_clinic_visits"), figures, [year(2023), year(2024)], ())
    assert list(rows["complete"]) == [True, expected]
    assert rows["value"].iloc[1] == sum(value for _, value in told)


def test_a_service_told_of_later_is_not_missed_before() -> None:
    figures = [figure(2023, "a", 90), figure(2024, "a", 90), figure(2024, "b", 40)]
    rows = compute(definition("child_health_clinic_visits"), figures, [year(2023), year(2024)], ())
    assert list(rows["complete"]) == [True, True]


def test_an_area_told_of_before_is_missed_among_all() -> None:
    figures = [figure(2023, "-", 90), figure(2023, "-", 70, "20"), figure(2024, "-", 95)]
    rows = compute(definition("child_health_clinic_visits"), figures, [year(2023), year(2024)], ())
    assert (list(rows["value"]), list(rows["complete"])) == ([160, 95], [True, False])
    # By area each stands for itself.
    rows = compute(definition("child_health_clinic_visits"), figures, [year(2024)], ("area",))
    assert list(rows["complete"]) == [True]


@pytest.mark.parametrize(("last", "expected"), [(40, False), (0, True)])
def test_a_state_that_was_nobody_is_not_missed(last: float, expected: bool) -> None:
    day, before = date(2024, 12, 31), date(2024, 6, 30)
    figures = [
        Figure("18", "b", before, before, None, None, last, None, None, None, "1"),
        Figure("18", "a", day, day, None, None, 100, None, None, None, "1"),
    ]
    rows = compute(definition("population"), figures, [year(2024)], ())
    assert (list(rows["value"]), list(rows["complete"])) == ([100], [expected])
