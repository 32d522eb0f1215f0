"""One calendar on the pages: every block ends with the period that the finding speaks of, weeks are those of ISO 8601."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from indicators.engine.choices import last_day
from indicators.wording import formats
from indicators.wording.translations import in_language
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pages.app import all_words, assert_healthy, finding, open_page
from tests.pipelines.extracts import visit, visits

NOW = datetime(2028, 1, 2, 8, 0)
MONDAY_TO_FRIDAY = range(5)


def world(
    folder: Path, *files: tuple[date, date, Iterable[str]], in_time: tuple[int, ...] = (5, 5)
) -> Settings:
    """A warehouse of stated windows: each unit has eight visits on every Monday to Friday, of them so many of a file in time."""
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    key = 0
    for number, (first, last, units) in enumerate(files):
        lines = []
        for day in (first + timedelta(days=step) for step in range((last - first).days + 1)):
            if day.weekday() not in MONDAY_TO_FRIDAY:
                continue
            for unit in units:
                for one in range(8):
                    key += 1
                    assessed = day - timedelta(days=3 if one < in_time[number] else 10)
                    lines.append(
                        visit(
                            key, unit=unit, unit_name=unit, visit=f"{day:%d.%m.%Y}", booked="",
                            assessed=f"{assessed:%d.%m.%Y}", contacted=f"{assessed:%d.%m.%Y}",
                        )
                    )  # fmt: skip
        options = LoadOptions(window=(first, last), as_of=last + timedelta(days=1))
        report = load_bytes(f"{number}.csv", visits(*lines), options, own, now=NOW, today=NOW.date())
        assert report.status == "loaded", report.findings
    return own


@pytest.fixture(scope="module")
def to_sunday(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two units to Sunday the 27th of July 2025, whose newest visits are of Friday."""
    folder = tmp_path_factory.mktemp("to_sunday")
    return world(folder, (date(2025, 2, 3), date(2025, 7, 27), ("TK-1", "TK-2")))


@pytest.fixture(scope="module")
def one_silent(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same, but of the last week one unit has delivered nothing yet."""
    return world(
        tmp_path_factory.mktemp("one_silent"),
        (date(2025, 2, 3), date(2025, 7, 20), ("TK-1", "TK-2")),
        (date(2025, 7, 21), date(2025, 7, 27), ("TK-1",)),
    )


def test_the_last_day_is_the_last_one_covered(to_sunday: Settings) -> None:
    assert last_day(Warehouse(to_sunday.warehouse).current(), "visits", "18") == date(2025, 7, 27)
    assert last_day(Warehouse(to_sunday.warehouse).current(), "visits", "20") is None


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
def test_every_block_ends_with_the_period_of_the_finding(
    grain: str, to_sunday: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tabs = ("odotusajat", "ryhmat", "ajassa")
    opened = [
        open_page(monkeypatch, to_sunday.warehouse, "care_guarantee", jakso=grain, nakyma=tab) for tab in tabs
    ]
    for app in opened:
        assert_healthy(app)
    told, weeks = {
        "week": ("2025-W30", "28.4.–27.7.2025"),
        "month": ("2025-06", "31.3.–29.6.2025"),
        "quarter": ("2025-Q2", "31.3.–29.6.2025"),
    }[grain]
    with in_language("fi"):
        assert finding(app).startswith(formats.in_period(told).replace("\xa0", " "))
    for app in opened:
        words = all_words(app)
        assert weeks in words or weeks.replace("–", ".–") in words
        if grain == "week":
            assert "20.7.2025" not in words


def test_a_unit_that_is_silent_moves_every_block_to_the_week_before(
    one_silent: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tab in ("odotusajat", "ryhmat", "ajassa"):
        app = open_page(monkeypatch, one_silent.warehouse, "care_guarantee", nakyma=tab)
        assert_healthy(app)
        assert finding(app).startswith("Viikolla 29/2025")
        said = all_words(app).split("Lähteet")[0]
        assert "21.4.–20.7.2025" in said
        assert "28.4." not in said and "–27.7.2025" not in said


def test_the_units_of_the_quality_page_end_with_its_month(
    to_sunday: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, to_sunday.warehouse, "data_quality", nakyma="kirjaukset")
    assert_healthy(app)
    assert "31.3.–29.6.2025" in all_words(app)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Vuonna 2026 on viikko 53, jota edellisenä vuonna ei ole: sitä verrataan viikkoon 52."),
        ("sv", "År 2026 har en vecka 53 som saknas året innan: den jämförs med vecka 52."),
    ],
)
def test_the_same_weeks_a_year_before_have_the_same_numbers(
    language: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From week 51 of 2026 to week 10 of 2027, with a week 53 among them."""
    own = world(
        tmp_path,
        (date(2025, 11, 3), date(2026, 3, 15), ("TK-1", "TK-2")),
        (date(2026, 10, 5), date(2027, 3, 14), ("TK-1", "TK-2")),
        in_time=(5, 7),
    )
    app = open_page(
        monkeypatch, own.warehouse, "care_guarantee", muutos="vuosi", nakyma="muutos", kieli=language
    )
    assert_healthy(app)
    words = all_words(app)
    assert said in words
    if language == "fi":
        assert "15.12.2025–8.3.2026" in words
        assert "14.12.2026–14.3.2027" in words
    other = all_words(
        open_page(monkeypatch, own.warehouse, "care_guarantee", nakyma="muutos", kieli=language)
    )
    assert said not in other
