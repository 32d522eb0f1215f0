"""Filters and language live in the address; they stay when the page changes and can be cleared at once."""

from __future__ import annotations

import base64
import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import own_units
from pipelines.settings import Settings
from tests.pages.app import assert_healthy, finding, open_page


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


def row_words(app: AppTest) -> dict[str, str]:
    """What the filter row says is chosen: the label of each button that opens a box, by its key."""
    found = {}
    for block in app.get("popover"):
        key = re.search(r"-(open_\w+|more_filters)$", block.proto.id)
        if key:
            found[key[1]] = block.proto.popover.label
    return found


def test_the_address_is_what_is_chosen(page) -> None:
    app = page(yksikko=["TK-KOK-01", "TK-KOK-02"], palvelu="kaikki", jakso="month", aika="52vk")
    assert box(app, "filter_yksikko").value == ["TK-KOK-01", "TK-KOK-02"]
    assert box(app, "filter_palvelu").value == []
    assert row_words(app) == {
        "open_unit": "2 yksikköä",
        "open_service": "Kaikki palvelut",
        "more_filters": "Lisää rajauksia",
    }
    assert box(app, "choice_jakso").value == "month"
    assert box(app, "filter_aika").value == "52vk"
    assert finding(app).startswith(("Joulukuussa", "Marraskuussa"))


def test_a_choice_is_written_to_the_address(page) -> None:
    app = page()
    box(app, "filter_yksikko").set_value(["TK-KOK-01"]).run()
    assert app.query_params["yksikko"] == "TK-KOK-01"
    assert row_words(app)["open_unit"] == "Kokkolan pääterveysasema"


def test_nothing_chosen_of_a_filter_with_a_default_means_everything(page) -> None:
    app = page()
    assert box(app, "filter_palvelu").value == ["primary_care"]
    assert row_words(app)["open_service"] == "Avosairaanhoito"
    box(app, "filter_palvelu").set_value([]).run()
    assert app.query_params["palvelu"] == "kaikki"
    assert row_words(app)["open_service"] == "Kaikki palvelut"


def test_what_the_row_does_not_say_stands_in_words_beside_it(page) -> None:
    app = page(ammatti=["doctor", "nurse"], kunta="272", kieli="fi")
    said = [str(one.value).replace("\xa0", " ") for one in app.caption]
    assert len([one for one in said if "Lääkäri, Sairaanhoitaja" in one and "Kokkola" in one]) == 1
    assert all("Keski-Pohjanmaan hyvinvointialue" in one for one in said if "Kokkola" in one)
    # Many values are counted rather than listed.
    options = [option for option in box(app, "filter_ammatti").options if "ei tietoja" not in str(option)]
    assert len(options) > 3


@pytest.mark.parametrize(
    ("language", "all_units", "two"),
    [
        ("fi", "Kaikki yksiköt", "2 yksikköä"),
        ("sv", "Alla enheter", "2 enheter"),
        ("en", "All units", "2 units"),
    ],
)
def test_the_row_speaks_the_language_of_the_page(page, language: str, all_units: str, two: str) -> None:
    assert row_words(page(kieli=language))["open_unit"] == all_units
    chosen = page(kieli=language, yksikko=["TK-KOK-01", "TK-KOK-02"])
    assert row_words(chosen)["open_unit"] == two


def test_clear_is_offered_only_where_something_is_chosen(page) -> None:
    assert not [one for one in page(kieli="sv").button if one.key == "filters_clear"]
    assert [one for one in page(jakso="month").button if one.key == "filters_clear"]


def test_clear_takes_every_filter_back_and_keeps_the_language(page) -> None:
    app = page(yksikko="TK-KOK-01", jakso="month", kieli="sv")
    next(button for button in app.button if button.key == "filters_clear").click().run()
    assert set(app.query_params) == {"kieli"}
    assert row_words(app)["open_unit"] == "Alla enheter"
    assert box(app, "filter_yksikko").value == []
    assert box(app, "choice_jakso").value == "week"


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
    assert "Keski-Pohjanmaan hyvinvointialue" in [one.value for one in app.caption]
    assert row_words(app)["open_unit"] == "Kaikki yksiköt"
    assert box(app, "choice_jakso").value == "week"
    assert box(app, "filter_aika").value == "26vk"


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
