"""How a year stands: what is judged, what is promised for later, and the pace to it."""

from __future__ import annotations

from datetime import date

import pytest

from indicators.analysis.projection import QUARTERS, pace
from indicators.catalogue.definition import load_definitions
from indicators.catalogue.periods import Period, parse_label, span
from indicators.programme.targets import has_figures, target_results
from indicators.programme.verdicts import Actual, Target
from indicators.programme.year_summary import (
    Pace,
    headline,
    headline_results,
    pace_to,
    target_years,
    year_summary,
)
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse

AS_OF = date(2026, 1, 2)


@pytest.fixture(scope="module")
def figures(figures_settings: Settings) -> Snapshot:
    return Warehouse(figures_settings.warehouse, figures_settings.memory_limit_mb).current()


@pytest.fixture(scope="module")
def demo(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse, demo_settings.memory_limit_mb).current()


def period(label: str) -> Period:
    found = parse_label(label)
    assert found is not None
    return found


def target(label: str, value: float | None, comparator: str | None = ">=", unit: str = "percent") -> Target:
    return Target("seven_day_access", "18", period(label), comparator, value, unit, "", None)


def actual(label: str, value: float | None) -> Actual:
    return Actual(period(label), value, None, None, None, "ok", None, None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("promised", "known", "pace"),
    [
        # the end of 2024 is four quarters from the end of 2025
        (target("2025-Q4", 80.0), actual("2024", 70.0), Pace(10.0, 4, "quarter")),
        (target("2025-Q4", 80.0), actual("2025-Q3", 70.0), Pace(10.0, 1, "quarter")),
        (target("2025", 100.0), actual("2021", 84.0), Pace(16.0, 4, "year")),
        # fewer days: the way is downwards
        (target("2025", 60.0, "<=", "days"), actual("2023", 100.0), Pace(-40.0, 2, "year")),
        # reached, no level, no value, a limit in months, no period left
        (target("2025-Q4", 80.0), actual("2024", 80.0), None),
        (target("2025-Q4", None, None), actual("2024", 70.0), None),
        (target("2025-Q4", 80.0), actual("2024", None), None),
        (target("2025", 1.0, "<", "months"), actual("2024", 40.0), None),
        (target("2024", 80.0), actual("2025", 70.0), None),
    ],
)
def test_pace(promised: Target, known: Actual, pace: Pace | None) -> None:
    assert pace_to(promised, known) == pace


#: Actual and target that are years apart, quarters apart, and parts of a quarter apart.
APART = (
    ("2024", "2026"),
    ("2025-Q1", "2026"),
    ("2025-Q1", "2025-Q4"),
    ("2025-02", "2026"),
    ("2025-W10", "2026-Q2"),
)


@pytest.mark.parametrize(("known", "promised"), APART)
def test_there_is_one_pace(known: str, promised: str) -> None:
    """What the overview tells is what the page of targets tells, in the same unit of time."""
    found = pace_to(target(promised, 80.0), actual(known, 60.0))
    same = pace(60.0, period(known).end, 80.0, period(promised).end, ">=")
    assert found is not None and same is not None
    assert found.grain == ("year" if known == "2024" else "quarter")
    assert found.each * found.periods == pytest.approx(found.left) == 20
    assert found.each == pytest.approx(same.per_quarter * QUARTERS[found.grain])


def test_from_the_first_quarter_to_the_next_year_are_seven_quarters() -> None:
    found = pace_to(target("2026", 80.0), actual("2025-Q1", 60.0))
    assert found == Pace(20.0, 7.0, "quarter")
    assert found.each == pytest.approx(2.857, abs=0.001)


def test_pace_in_each_period() -> None:
    assert Pace(10.0, 4, "quarter").each == 2.5


def test_a_whole_stretch_is_told_in_years() -> None:
    promised = Target("x", "18", span(date(2023, 1, 1), date(2025, 12, 31)), ">=", 10.0, "count", "10", None)
    assert pace_to(promised, actual("2022", 4.0)) == Pace(6.0, 3, "year")


def test_headline_indicators_are_defined_and_few() -> None:
    assert set(headline()) <= set(load_definitions())
    assert headline()[0] == "seven_day_access"
    assert len(headline()) <= 6


def test_years_of_targets(figures: Snapshot) -> None:
    assert target_years(figures, "18") == (2020, 2021, 2022, 2023, 2024, 2025)
    assert target_years(figures, "16") == (2020, 2021, 2022, 2023)
    assert target_years(figures, "06") == (2025,)
    assert target_years(figures, "20") == ()


def test_every_indicator_with_targets_stands_in_one_place(demo: Snapshot, demo_settings: Settings) -> None:
    promised = {one.target.indicator for one in target_results(demo, demo_settings, as_of=AS_OF, area="18")}
    for year in target_years(demo, "18"):
        standing = year_summary(demo, demo_settings, as_of=AS_OF, area="18", year=year)
        places = [
            {one.target.indicator for one in standing.results},
            {one.target.indicator for one in standing.ahead},
            {one.indicator for one in standing.later},
            {one.indicator for one in standing.ended},
        ]
        assert sum(len(place) for place in places) == len(promised)
        assert set.union(*places) == promised


def test_what_is_promised_for_later_has_no_verdict(demo: Snapshot, demo_settings: Settings) -> None:
    standing = year_summary(demo, demo_settings, as_of=AS_OF, area="18", year=2024)
    ahead = {one.target.indicator: one for one in standing.ahead}
    seven = ahead["seven_day_access"]
    assert seven.result.verdict == "no_target"
    assert seven.pace is not None
    assert seven.pace.periods == 4
    assert seven.pace.left == pytest.approx(80 - seven.result.actual.value)
    assert seven.result.demo


def test_headline_against_the_last_target_of_the_year(demo: Snapshot, demo_settings: Settings) -> None:
    found = headline_results(demo, demo_settings, as_of=AS_OF, area="18", year=2025)
    assert [one.target.indicator for one in found] == list(headline())
    assert found[0].target.period.label == "2025-Q4"
    assert {one.target.indicator for one in found if one.verdict == "no_target"} == {
        "access_within_limit",
        "queue_over_limit",
    }


def test_figures_of_an_area(figures: Snapshot) -> None:
    assert has_figures(figures, "child_family_needs_assessment_90d", "18")
    assert not has_figures(figures, "child_family_needs_assessment_90d", "06")
    assert not has_figures(figures, "electronic_forms", "18")
