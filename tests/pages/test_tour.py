"""The guided tours: offered once, five steps that exist and that their role may open, left at any time."""

from __future__ import annotations

import re

import pytest

from pages.access.decision import RIGHTS
from pages.access.rules import Role
from pages.text.tour import TOURS
from pages.ui.page_registry import ENTRIES
from pipelines.settings import Settings
from tests.pages.app import all_words, assert_healthy, markup_of, open_page

NEEDS = {entry.name: entry.needs for entry in ENTRIES}


def tour(app: object) -> str:
    """What the tour says on a page; empty where it says nothing."""
    shown = [markup_of(str(one.value)) for one in app.html]  # type: ignore[attr-defined]
    return next((one for one in shown if 'class="tv-tour"' in one), "")


@pytest.mark.parametrize("role", TOURS)
def test_a_tour_has_five_steps_that_its_role_may_open(role: Role) -> None:
    steps = TOURS[role].steps
    assert len(steps) == 5
    for step in steps:
        assert step.page in NEEDS
        assert NEEDS[step.page] is None or NEEDS[step.page] in RIGHTS[role]


def test_it_is_offered_on_the_first_page_for_the_readers_roles(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", "board")
    assert "kierros=hallitus-1" in tour(app)
    assert "esihenkilo" not in tour(app)
    assert tour(open_page(monkeypatch, figures_settings.warehouse, "definitions", "board")) == ""


def test_a_step_goes_on_back_and_out(figures_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(
        monkeypatch,
        figures_settings.warehouse,
        "definitions",
        "analysts",
        kierros="analyytikko-5",
        kieli="sv",
    )
    assert_healthy(app)
    said = tour(app)
    assert "5/5" in said and "Avsluta" in said and "Nästa" not in said
    assert re.search(r'href="figures[?][^"]*kierros=analyytikko-4', said)
    assert "kieli=sv" in said


@pytest.mark.parametrize("asked", ["ei", "hallitus-6", "hallitus-0", "hallitus-x", "nobody-1", "<script>"])
def test_what_names_no_step_shows_none(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "definitions", kierros=asked)
    assert_healthy(app)
    assert tour(app) == ""
    assert "<script>" not in all_words(app)
