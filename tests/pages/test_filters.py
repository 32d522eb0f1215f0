"""Filters and language live in the address; they stay when the page changes and can be cleared at once."""

from __future__ import annotations

import base64

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import own_units
from pipelines.settings import Settings
from tests.pages.app import all_words, assert_healthy, finding, open_page


@pytest.fixture
def page(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch):
    def opened(**address: str | list[str]) -> AppTest:
        app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", **address)
        assert_healthy(app)
        return app

    return opened


def box(app: AppTest, key: str):
    return next(
        w for kind in (app.multiselect, app.selectbox, app.segmented_control) for w in kind if w.key == key
    )


def test_the_address_is_what_is_chosen(page) -> None:
    app = page(yksikko=["TK-KOK-01", "TK-KOK-02"], palvelu="kaikki", jakso="month", aika="52vk")
    assert box(app, "filter_yksikko").value == ["TK-KOK-01", "TK-KOK-02"]
    assert box(app, "filter_palvelu").value == []
    said = all_words(app)
    assert (
        "Kokkolan pääterveysasema, Kälviän terveysasema · kaikki palvelut · kuukausittain · 52 viikkoa"
        in said
    )
    assert finding(app).startswith(("Joulukuussa", "Marraskuussa"))


def test_a_choice_is_written_to_the_address(page) -> None:
    app = page()
    box(app, "filter_yksikko").set_value(["TK-KOK-01"]).run()
    assert app.query_params["yksikko"] == "TK-KOK-01"
    assert "Kokkolan pääterveysasema" in all_words(app)


def test_nothing_chosen_of_a_filter_with_a_default_means_everything(page) -> None:
    app = page()
    assert box(app, "filter_palvelu").value == ["primary_care"]
    box(app, "filter_palvelu").set_value([]).run()
    assert app.query_params["palvelu"] == "kaikki"
    assert "kaikki palvelut" in all_words(app)


def test_clear_takes_every_filter_back_and_keeps_the_language(page) -> None:
    app = page(yksikko="TK-KOK-01", jakso="month", kieli="sv")
    next(button for button in app.button if button.key == "filters_clear").click().run()
    assert set(app.query_params) == {"kieli"}
    assert "alla enheter" in all_words(app)


def test_the_language_is_changed_by_its_own_name(page) -> None:
    app = page()
    choice = next(w for w in app.segmented_control if w.key == "choice_of_language")
    assert [option.content if hasattr(option, "content") else option for option in choice.options] == [
        "Suomi",
        "Svenska",
        "English",
    ]
    choice.set_value("en").run()
    assert app.query_params["kieli"] == "en"
    assert app.title[0].value == "Care guarantee"


def test_what_the_address_cannot_mean_is_passed_over(page) -> None:
    app = page(jakso="tunti", aika="aina", kieli="de", alue="999")
    assert app.title[0].value == "Hoitotakuu"
    assert "Keski-Pohjanmaan hyvinvointialue · kaikki yksiköt" in all_words(app)


def test_a_value_without_data_is_offered_and_marked(page) -> None:
    options = [str(option) for option in box(page(), "filter_ammatti").options]
    assert "Hammaslääkäri" in " ".join(options)
    assert any(option.endswith("(ei tietoja)") for option in options)


def test_own_units_are_read_from_the_cookie_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        cookies: dict[str, str] = {}  # noqa: RUF012

    monkeypatch.setattr(own_units.st, "context", Context)
    assert own_units.own_units() == []
    Context.cookies = {own_units.COOKIE: base64.urlsafe_b64encode("TK-KOK-01\nTK-ÄÖ".encode()).decode()}
    assert own_units.own_units() == ["TK-KOK-01", "TK-ÄÖ"]
    Context.cookies = {own_units.COOKIE: "not base64 at all"}
    assert own_units.own_units() == []
