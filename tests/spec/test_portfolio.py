"""Projects and their money: the sums of the shipped budgets, what does not agree in them, time gone by, milestones."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

import pytest

from indicators.programme.portfolio import (
    BudgetLine,
    Milestone,
    Money,
    Portfolio,
    disagreements,
    money,
    odd_periods,
    portfolio,
    portfolio_areas,
    source_notes,
)
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.rules.repository import ROOT

BUDGETS = ROOT / "data" / "figures" / "project_budgets.csv"


@pytest.fixture(scope="module")
def known(figures_settings: Settings) -> dict[str, Portfolio]:
    snapshot = Warehouse(figures_settings.warehouse).current()
    return {area: portfolio(snapshot, area) for area in portfolio_areas(snapshot)}


def printed(column: str, **where: str) -> float:
    """The sum of a column of the shipped file, cell by cell."""
    with BUDGETS.open(encoding="utf-8", newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if all(row[name] == value for name, value in where.items())
        ]
    assert rows
    return sum(float(row[column]) for row in rows)


def line(level: str, budget: float | None, actual: float | None = None, **more: object) -> BudgetLine:
    blank = BudgetLine("18", "P", "i1", "x", level, "2024", budget, actual, None, None, "000001")
    return replace(blank, **more)  # type: ignore[arg-type]


def test_areas_with_projects(known: dict[str, Portfolio]) -> None:
    assert set(known) == {"06", "18", "20"}
    assert not any(found.demo for found in known.values())
    assert [load.file for load in known["06"].loads] == ["traffic_lights.csv", "project_budgets.csv"]


def test_satakunta_adds_up_by_investment(known: dict[str, Portfolio]) -> None:
    lines = known["06"].lines
    for investment, budget, actual in (
        ("investment_1", 950000, 529310),
        ("investment_2", 240000, 135657),
        ("investment_4", 430000, 232736),
    ):
        found = money([one for one in lines if one.investment == investment])
        assert found is not None
        assert (found.budget, found.actual) == (budget, actual)
        assert found.budget == printed("budget_eur", area_code="06", investment=investment, level="total")
    whole = money(lines)
    assert whole is not None
    assert (whole.budget, whole.actual, whole.remaining) == (1_620_000, 897_703, 722_297)
    assert whole.used_pct == pytest.approx(55.41, abs=0.005)
    assert disagreements(lines) == ()


def test_kainuu_by_year_and_the_euro_that_does_not_add_up(known: dict[str, Portfolio]) -> None:
    lines = known["20"].lines
    by_year = {
        year: money([one for one in lines if one.years == year]) for year in ("2020", "2021", "2022", "2023")
    }
    assert {year: (found.budget, found.actual) for year, found in by_year.items() if found} == {
        "2020": (355_301, 255_840),
        "2021": (840_630, 699_477),
        "2022": (2_171_520, 1_349_094),
        "2023": (1_669_815, 897_414),
    }
    whole = money(lines)
    assert whole is not None
    assert (whole.budget, whole.actual) == (
        printed("budget_eur", area_code="20", level="total"),
        printed("actual_eur", area_code="20", level="total"),
    )
    assert whole.counted_until == date(2023, 8, 31)
    # 243 of 365 days of the fourth of four years
    assert whole.elapsed_pct(whole.counted_until) == pytest.approx(100 * (366 + 365 + 365 + 243) / 1461)
    assert [(one.years, one.what, one.printed, one.computed) for one in disagreements(lines)] == [
        ("2022", "actual", 1_349_094, 1_349_093)
    ]


def test_the_plan_of_the_default_area_has_no_actuals_and_a_total_that_its_table_does_not_make(
    known: dict[str, Portfolio],
) -> None:
    plan = known["18"].of("Keski-Pohjanmaan Kestävä kasvu")
    found = money(plan.lines)
    assert found is not None
    assert (found.budget, found.actual, found.remaining, found.used_pct) == (8_320_270, None, None, None)
    assert found.budget == printed("budget_eur", area_code="18", level="item")
    assert (found.start, found.end) == (date(2023, 1, 1), date(2025, 12, 31))
    (only,) = disagreements(plan.lines)
    assert (only.what, only.printed, only.computed, only.difference) == (
        "budget",
        8_380_270,
        8_320_270,
        60_000,
    )


def test_a_printed_period_beyond_the_budget_is_told(known: dict[str, Portfolio]) -> None:
    assert [(light.investment, light.end) for light in odd_periods(known["06"])] == [
        ("investment_4", date(2023, 12, 31))
    ]


def test_not_reported_is_not_zero() -> None:
    found = money([line("total", 100.0), line("total", 50.0, 0.0, investment="i2")])
    assert found is not None
    assert (found.budget, found.actual) == (150, 0)
    assert money([line("detail", 5.0), line("memo", 6.0)]) is None
    assert Money(0.0, 5.0, date(2024, 1, 1), date(2024, 12, 31), date(2024, 12, 31)).used_pct is None


def test_spending_and_budget_of_different_rows_are_not_held_against_each_other() -> None:
    lacks_spending = money(
        [line("total", 100.0, 40.0, investment="i1"), line("total", 50.0, investment="i2")]
    )
    lacks_budget = money(
        [line("total", 100.0, 40.0, investment="i1"), line("total", None, 7.0, investment="i2")]
    )
    for found in (lacks_spending, lacks_budget):
        assert found.partial and found.used_pct is None and found.remaining is None
    # A year to come has no spending to report: what is used so far is held against the whole.
    coming = money([line("total", 100.0, 40.0, years="2023"), line("total", 60.0, years="2024")])
    assert (coming.counted_until, coming.end) == (date(2023, 12, 31), date(2024, 12, 31))
    assert (coming.used_pct, coming.remaining, coming.partial) == (25.0, 120.0, False)


def test_time_gone_by_stays_between_its_ends() -> None:
    year = Money(1.0, 1.0, date(2023, 1, 1), date(2023, 12, 31), date(2023, 12, 31))
    assert [
        round(year.elapsed_pct(day), 1) for day in (date(2022, 12, 31), date(2023, 1, 1), date(2030, 1, 1))
    ] == [
        0.0,
        0.3,
        100.0,
    ]


def test_milestones_have_scales_and_are_overdue_only_without_a_report(known: dict[str, Portfolio]) -> None:
    steps = known["18"].milestones
    assert len(steps) == 200
    assert not any(step.reported for step in steps)
    assert sum(step.overdue(date(2024, 1, 1)) for step in steps) == sum(
        step.planned_end is not None and step.planned_end.year <= 2023 for step in steps
    )
    assert ("valmistelu", "kokeilu ja arviointi", "käyttöönotto", "juurruttaminen") in [
        step.scale for step in steps
    ]
    step = steps[0]
    assert step.overdue(date(2030, 1, 1))
    assert not replace(step, status="kyllä").overdue(date(2030, 1, 1))
    assert isinstance(step, Milestone)


def test_notes_of_the_sources_are_of_projects_that_are_there(known: dict[str, Portfolio]) -> None:
    assert source_notes()
    for note in source_notes():
        assert note.project in known[note.area].projects
        assert all(note.text(language).strip() for language in ("fi", "sv", "en"))
    # one of them says what its rows say
    groups = printed("budget_eur", area_code="20", cost_item="Palvelujen ostot yhteensä")
    assert groups - printed("actual_eur", area_code="20", cost_item="Palvelujen ostot yhteensä") == 897_403
