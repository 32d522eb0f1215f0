"""Pace and projection in words: pure, in three languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from indicators.analysis.projection import REASONS, Projection, pace_grain, project
from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label, period_of
from indicators.engine.question import Question
from indicators.programme.targets import nothing
from indicators.programme.verdicts import Target
from indicators.programme.year_summary import pace_to
from indicators.wording.translations import in_language
from pages.text import projections as outlook_words
from pages.text import targets as target_view
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

SEVEN_DAYS = definition("seven_day_access")
TARGET = Target(SEVEN_DAYS.id, "18", parse_label("2026-Q4"), ">=", 80.0, "percent", "80 %", None)
FOUND = Projection(period_of(date(2026, 12, 31), "month"), 0.95, 84.2, 81.0, 87.4, 1.5, 36, 12, None)
AS_OF = date(2026, 1, 2)


def said(language: str, found: Projection, target: Target | None = TARGET) -> str:
    with in_language(language):
        return outlook_words.projection_words(found, target, SEVEN_DAYS).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fi", "Joulukuu 2026: ennuste 84,2 %, 95 %:n todennäköisyydellä 81–87 %. Tällä kehityksellä tavoite saavutetaan."),
        ("sv", "December 2026: prognos 84,2 %, med 95 % sannolikhet 81–87 %. Med denna utveckling nås målet."),
        ("en", "December 2026: 84.2%, with 95% probability 81–87%. At this rate the target is reached."),
    ],
)  # fmt: skip
def test_a_projection_has_its_interval_and_says_whether_that_keeps_the_target(
    language: str, expected: str
) -> None:
    assert said(language, FOUND) == expected


def test_an_interval_on_both_sides_leaves_it_open() -> None:
    assert said("fi", replace(FOUND, low=78.0)).endswith("Tavoitteen saavuttaminen on vielä avoinna.")
    assert said("fi", replace(FOUND, low=60.0, high=79.0)).endswith(
        "Tällä kehityksellä tavoitetta ei saavuteta."
    )
    assert "tavoite" not in said("fi", FOUND, None)
    assert "tavoite" not in said("fi", FOUND, replace(TARGET, unit="months"))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words_in_every_language(reason: str) -> None:
    none = replace(FOUND, value=None, low=None, high=None, per_quarter=None, reason=reason)
    for language, begins in (("fi", "Ei ennustetta: "), ("sv", "Ingen prognos: "), ("en", "No projection: ")):
        assert said(language, none).startswith(begins)
    assert len({said("fi", replace(none, reason=one)) for one in REASONS}) == len(REASONS)
    with in_language("fi"):
        assert outlook_words.assumptions(none, TARGET, SEVEN_DAYS) == ""


def test_the_assumptions_are_told() -> None:
    with in_language("fi"):
        told = outlook_words.assumptions(FOUND, TARGET, SEVEN_DAYS).replace("\xa0", " ")
    assert "tavoitteeseen vähintään 80 %: suora viiva 36 arvon kautta" in told
    assert "+1,5 %-yks. neljänneksessä, 12 jaksoa eteenpäin" in told


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        (70.0, "fi", "+2,5 %-yks. neljänneksessä"),
        (70.0, "sv", "+2,5 procentenheter per kvartal"),
        (70.0, "en", "+2.5 pp a quarter"),
        (85.0, "fi", "Taso on jo saavutettu."),
    ],
)
def test_the_pace_is_told_per_quarter(value: float, language: str, expected: str) -> None:
    actual = replace(nothing(parse_label("2025-Q4")), value=value, status="ok")
    found = outlook_words.pace_to_target(TARGET, actual, SEVEN_DAYS, AS_OF)
    with in_language(language):
        assert outlook_words.pace_words(found, TARGET, SEVEN_DAYS, AS_OF).replace("\xa0", " ") == expected


def test_the_overview_and_the_page_of_targets_tell_one_pace() -> None:
    """60 % in the first quarter of 2025, 80 % promised for 2026: seven quarters are left."""
    promised = replace(TARGET, period=parse_label("2026"))
    first = replace(nothing(parse_label("2025-Q1")), value=60.0, status="ok")
    day = date(2025, 6, 1)
    with in_language("fi"):
        overview = target_view.pace_words(pace_to(promised, first), SEVEN_DAYS)
        found = outlook_words.pace_to_target(promised, first, SEVEN_DAYS, day)
        grain = pace_grain(first.period, promised.period)
        own = outlook_words.pace_words(found, promised, SEVEN_DAYS, day, grain).replace("\xa0", " ")
    assert own == "+2,9 %-yks. neljänneksessä"
    assert "+2,9" in overview and "vuodessa" not in overview.replace("neljännesvuodessa", "")
    year = replace(nothing(parse_label("2024")), value=60.0, status="ok")
    with in_language("fi"):
        found = outlook_words.pace_to_target(promised, year, SEVEN_DAYS, day)
        assert pace_grain(year.period, promised.period) == "year"
        own = outlook_words.pace_words(found, promised, SEVEN_DAYS, day, "year").replace("\xa0", " ")
        assert own == "+10,0 %-yks. vuodessa"
        assert "+10,0" in target_view.pace_words(pace_to(promised, year), SEVEN_DAYS)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fi", "+2,9 %-yks. neljänneksessä, lähtötaso 60,0 % (1. neljännes 2025)"),
        ("sv", "+2,9 %-yks. neljänneksessä, utgångsläge 60,0 % (kvartal 1/2025)"),
        ("en", "+2,9 %-yks. neljänneksessä, starting from 60.0% (quarter 1 of 2025)"),
    ],
)
def test_a_pace_says_where_it_starts_from(language: str, expected: str) -> None:
    first = replace(nothing(parse_label("2025-Q1")), value=60.0, status="ok")
    with in_language(language):
        told = outlook_words.from_start("+2,9 %-yks. neljänneksessä", first, SEVEN_DAYS)
    assert told.replace("\xa0", " ") == expected
    assert outlook_words.from_start("x", replace(first, value=None), SEVEN_DAYS) == "x"


def test_after_its_time_a_target_needs_no_pace() -> None:
    past = date(2027, 1, 1)
    actual = replace(nothing(parse_label("2025-Q4")), value=70.0)
    assert outlook_words.pace_to_target(TARGET, actual, SEVEN_DAYS, past) is None
    with in_language("fi"):
        assert outlook_words.pace_words(None, TARGET, SEVEN_DAYS, past) == "Tavoitejakso on päättynyt."


def test_a_series_cut_before_its_end_is_projected_to_a_target_ahead(demo_settings: Settings) -> None:
    """Contacts done remotely, as known at the end of September 2025, to the end of that year."""
    meant = definition("remote_contacts")
    snapshot = Warehouse(demo_settings.warehouse).current()
    cut = answer(snapshot, Question(meant.id, by="month", date_to=date(2025, 9, 30)), demo_settings)
    later = answer(snapshot, Question(meant.id, periods=(parse_label("2025-12"),)), demo_settings).rows.iloc[
        0
    ]
    found = project(cut, date(2025, 12, 31))
    assert found.reason is None
    assert found.low <= later["value"] <= found.high
    with in_language("fi"):
        words = outlook_words.projection_words(found, None, meant).replace("\xa0", " ")
    assert words.startswith("Joulukuu 2025: ennuste ")


def test_a_pace_starts_from_a_complete_period_alone() -> None:
    actual = replace(nothing(parse_label("2025-Q4")), value=60.0, status="ok")
    assert outlook_words.pace_to_target(TARGET, actual, SEVEN_DAYS, AS_OF).per_quarter == 5.0
    half = replace(actual, status="incomplete_period")
    assert outlook_words.pace_to_target(TARGET, half, SEVEN_DAYS, AS_OF) is None
