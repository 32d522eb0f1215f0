"""Every former address opens the place that answers it now, with what its parameters meant."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from indicators.catalogue.definition import definition
from pages.ui import former_addresses
from pages.ui.page_registry import ENTRIES, FORMER
from pipelines.settings import Settings
from tests.pages.app import all_words, assert_healthy, open_page, table

Address = dict[str, str]
#: Former page, its parameters → the page that answers now, and the parameters there.
NOW: tuple[tuple[str, Address, str, Address], ...] = (
    ("targets", {}, "overview", {}),
    ("targets", {"kieli": "sv", "alue": "20"}, "overview", {"kieli": "sv", "alue": "20"}),
    ("targets", {"yleiso": "jaettava"}, "overview", {"yleiso": "jaettava"}),
    ("targets", {"mittari": "wait_p90"}, "indicator", {"mittari": "wait_p90"}),
    (
        "targets",
        {"mittari": "wait_p90", "alue": "18", "kieli": "en", "jakso": "quarter"},
        "indicator",
        {"mittari": "wait_p90", "alue": "18", "kieli": "en", "jakso": "quarter"},
    ),
    # The opened indicator was that of the whole area, whatever filters other pages had left.
    (
        "targets",
        {"mittari": "wait_p90", "yksikko": "TK-KOK-01", "palvelu": "oral_health"},
        "indicator",
        {"mittari": "wait_p90"},
    ),
    (
        "targets",
        {"mittari": "wait_p90", "vaihtelu": "week"},
        "indicator",
        {"mittari": "wait_p90", "vaihtelu": "week", "nakyma": "vaihtelu"},
    ),
    (
        "targets",
        {"mittari": "wait_p90", "jako": "unit"},
        "indicator",
        {"mittari": "wait_p90", "jako": "unit", "nakyma": "jaottelut"},
    ),
    (
        "targets",
        {"mittari": "seven_day_access", "vertailu": "laakari", "rinnalla": "FI"},
        "indicator",
        {"mittari": "seven_day_access", "rinnalla": "FI", "nakyma": "vertailu", "ammatti": "doctor"},
    ),
    (
        "targets",
        {"mittari": "seven_day_access", "vertailu": "kaikki"},
        "indicator",
        {"mittari": "seven_day_access"},
    ),
    ("changes", {}, "indicator", {"nakyma": "vaihtelu"}),
    (
        "changes",
        {"mittari": "queue_length", "jakso": "week", "aika": "52vk", "perusta": "12", "yksikko": "TK-KOK-01"},
        "indicator",
        {
            "mittari": "queue_length",
            "jakso": "week",
            "aika": "52vk",
            "perusta": "12",
            "yksikko": "TK-KOK-01",
            "nakyma": "vaihtelu",
        },
    ),
    (
        "changes",
        {"mittari": "visits", "ryhma": "completed", "palvelu": "kaikki", "yleiso": "jaettava"},
        "indicator",
        {"mittari": "visits", "palvelu": "kaikki", "yleiso": "jaettava", "nakyma": "vaihtelu"},
    ),
    ("changes", {"ryhma": "waiting"}, "indicator", {"mittari": "queue_over_limit", "nakyma": "vaihtelu"}),
    (
        "changes",
        {
            "mittari": "seven_day_access",
            "nakyma": "ennen-jalkeen",
            "tapahtuma": "oma",
            "paiva": "2025-03-12",
            "koskee": "TK-KOK-01",
            "ikkuna": "26",
            "jakso": "week",
        },
        "indicator",
        {
            "mittari": "seven_day_access",
            "nakyma": "ennen-jalkeen",
            "tapahtuma": "oma",
            "paiva": "2025-03-12",
            "koskee": "TK-KOK-01",
            "ikkuna": "26",
            "jakso": "week",
        },
    ),
)


def lists(address: Address) -> dict[str, list[str]]:
    return {name: [value] for name, value in address.items()}


def written(app: AppTest) -> dict[str, list[str]]:
    """The address of an opened page."""
    return {
        name: value if isinstance(value, list) else [value] for name, value in dict(app.query_params).items()
    }


@pytest.mark.parametrize(("page", "asked", "now", "there"), NOW)
def test_a_former_address_goes_on(page: str, asked: Address, now: str, there: Address) -> None:
    assert former_addresses.now(page, lists(asked)) == (now, lists(there))


def test_every_former_address_is_in_the_list() -> None:
    assert {page for page, *_more in NOW} == set(FORMER)
    assert {now for _page, _asked, now, _there in NOW} <= {entry.name for entry in ENTRIES}


@pytest.mark.parametrize(("page", "asked", "now", "there"), [NOW[1], NOW[8], NOW[-1], NOW[-2]])
def test_it_opens_the_page_there(
    page: str,
    asked: Address,
    now: str,
    there: Address,
    demo_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, page, **asked)
    assert_healthy(app)
    assert written(app).items() >= lists(there).items()
    assert app.session_state["filters_page"] == now


def test_what_was_chosen_is_shown_there(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before and after the day, in the units, in the windows of the former page."""
    asked = NOW[-1][1]
    app = open_page(monkeypatch, demo_settings.warehouse, "changes", kieli="fi", **asked)
    assert app.title[0].value == definition("seven_day_access").text["fi"].name
    assert "Kokkolan pääterveysasema: " in all_words(app) and "ennen 12.3.2025" in all_words(app)
    assert len(table(app, "Jokainen jakso ennen ja jälkeen")) == 1 + 2 * 26
