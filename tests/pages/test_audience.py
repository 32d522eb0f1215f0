"""For whom a page is made: said at its head, in the names of its files and in the log; and the switch to the shareable view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.page_registry import ENTRIES, has_figures_of_persons
from pipelines.settings import Settings
from pipelines.warehouse.audit import AUDIT, AuditLog, Entry, Event
from tests.access.sign_in import USER
from tests.conftest import start_from
from tests.pages.app import all_words, assert_healthy, finding, markup_of, open_page, table, tiles

INTERNAL = {
    "fi": "Sisäinen – sisältää pieniä lukuja, ei jaettavaksi",
    "sv": "Internt – innehåller små tal, får inte delas",
    "en": "Internal – contains small numbers, not to be shared",
}
OWN_UNITS = {
    "fi": "Sisäinen omien yksiköidesi osalta, muuten jaettavissa",
    "sv": "Internt för dina egna enheter, övrigt får delas",
    "en": "Internal for your own units, the rest may be shared",
}
SHAREABLE = {"fi": "Jaettavissa", "sv": "Får delas", "en": "May be shared"}
#: Language → the ends of names of files, internal and shareable.
FILES = {
    "fi": ("_sisainen.csv", "_jaettavissa.csv"),
    "sv": ("_internt.csv", "_far_delas.csv"),
    "en": ("_internal.csv", "_shareable.csv"),
}
ROLES = {"analysts": INTERNAL, "managers": OWN_UNITS, "board": SHAREABLE, "admins": SHAREABLE}
WITH_FIGURES = [entry.name for entry in ENTRIES if has_figures_of_persons(entry.name) and not entry.needs]
#: What opens the files of pages whose first view has none.
WITH_FILES = {page: {"nakyma": "taulukko"} for page in ("overview", "indicator", "queues", "queue_plan")}
WITHOUT = [entry.name for entry in ENTRIES if not has_figures_of_persons(entry.name)]
#: Where codes are mended, for those who may, and where they are shown, for others.
_CODES = re.compile(r"master_data\?yleiso=jaettava|data_quality\?yleiso=jaettava&amp;amp;nakyma=koodit")
#: The units of the manager in the tests' rules of access, in Finnish.
OWN = ("Kokkolan pääterveysasema", "Kälviän terveysasema")


def lines(app: AppTest) -> list[str]:
    """What the page says of its audience."""
    said = (re.search(r'<p class="tv-audience[^>]*>(.*?)</p>', str(element.value)) for element in app.html)
    return [found[1] for found in said if found]


def shown_words(app: AppTest) -> list[str]:
    """What the page says in its own markup."""
    return [str(element.value) for element in app.html if 'class="tv-' in str(element.value)]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The tables that pages offer, by the name of the file."""
    offered: dict[str, object] = {}

    def noticed(_label: str, *, data: object, file_name: str, **_more: object) -> None:
        if file_name.endswith(".csv"):
            offered[file_name] = data

    monkeypatch.setattr(st, "download_button", noticed)
    yield offered


@pytest.mark.parametrize("page", WITH_FIGURES)
def test_a_page_says_for_whom_it_is_made(
    page: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, files: dict[str, object]
) -> None:
    for role, words in ROLES.items():
        files.clear()
        app = open_page(monkeypatch, demo_settings.warehouse, page, role, **WITH_FILES.get(page, {}))
        assert_healthy(app)
        assert lines(app) == [words["fi"]]
        end = FILES["fi"][words is SHAREABLE]
        assert files and all(name.endswith(end) and name.isascii() for name in files)
        switches = [one for one in app.toggle if one.key == "audience_switch"]
        assert len(switches) == (words is not SHAREABLE)


@pytest.mark.parametrize("language", FILES)
def test_it_says_so_in_the_language_of_the_page(
    language: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, files: dict[str, object]
) -> None:
    for role, words in ROLES.items():
        files.clear()
        app = open_page(monkeypatch, demo_settings.warehouse, "queues", role, kieli=language)
        assert lines(app) == [words[language]]
        assert all(name.endswith(FILES[language][words is SHAREABLE]) for name in files)


@pytest.mark.parametrize("page", WITHOUT)
def test_a_page_without_figures_of_persons_says_nothing(
    page: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, files: dict[str, object]
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, page)
    assert_healthy(app)
    assert lines(app) == []
    assert not [name for name in files if name.endswith(FILES["fi"])]


@pytest.mark.parametrize("page", WITH_FIGURES)
def test_the_shareable_view_of_somebody_internal_is_that_of_all_others(
    page: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(*groups: str) -> tuple[object, ...]:
        app = open_page(monkeypatch, demo_settings.warehouse, page, *groups, yleiso="jaettava")
        assert_healthy(app)
        shown = [
            _CODES.sub("", str(one.value))
            for one in app.html
            if not any(kind in str(one.value) for kind in ("tv-note", "tv-tour"))
        ]
        return (
            lines(app),
            finding(app),
            tiles(app),
            shown,
            [one.proto.spec for one in app.get("plotly_chart")],
        )

    assert seen("analysts") == seen("managers") == seen("board")


def test_the_switch_goes_with_the_reader_and_is_left_again(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "queues")
    exact = shown_words(app)
    app.toggle(key="audience_switch").set_value(True).run()
    assert app.query_params["yleiso"] in ("jaettava", ["jaettava"])
    assert lines(app) == [SHAREABLE["fi"]]
    assert shown_words(app) != exact
    app.switch_page("pages/data_quality.py").run()
    assert app.query_params["yleiso"] in ("jaettava", ["jaettava"])
    assert lines(app) == [SHAREABLE["fi"]]
    app.switch_page("pages/queues.py").run()
    app.toggle(key="audience_switch").set_value(False).run()
    assert "yleiso" not in app.query_params
    assert lines(app) == [INTERNAL["fi"]]
    assert shown_words(app) == exact


def test_a_link_inside_a_page_keeps_the_shareable_view(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", yleiso="jaettava")
    links = re.findall(r'href="([^"#]*)"', "".join(markup_of(str(one.value)) for one in app.html))
    assert len([link for link in links if link.startswith("indicator?")]) > 3
    assert all("yleiso=jaettava" in link for link in links)


@pytest.mark.parametrize("value", ["sisainen", "internal", "kaikki", "everything", "", "JAETTAVA"])
def test_no_address_makes_a_page_internal(
    value: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "queues", "board", yleiso=value)
    assert lines(app) == [SHAREABLE["fi"]]
    assert all_words(app) == all_words(open_page(monkeypatch, demo_settings.warehouse, "queues", "board"))


def test_what_is_linked_is_shareable_and_what_is_printed_says_for_whom_it_is(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "queues", jakso="month")
    [link] = [str(one.value) for one in app.code]
    assert link.endswith("?jakso=month&yleiso=jaettava")
    app.button(key="audience_print").click().run()
    assert lines(app) == [INTERNAL["fi"]]
    assert [one for one in app.html if "@top-left" in str(one.value) and INTERNAL["fi"] in str(one.value)]
    app.button(key="audience_print_shareable").click().run()
    assert lines(app) == [SHAREABLE["fi"]]
    assert [one for one in app.html if "@top-left" in str(one.value) and SHAREABLE["fi"] in str(one.value)]
    others = open_page(monkeypatch, demo_settings.warehouse, "queues", "board")
    assert not [one for one in others.button if one.key == "audience_print_shareable"]


def recorded(settings: Settings, event: Event) -> list[Entry]:
    every = AuditLog(settings.warehouse / AUDIT).entries()
    return [one for one in every if one.event is event and one.user == USER]


def test_the_log_says_for_whom_a_page_and_a_file_were_made(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, files: dict[str, object], tmp_path: Path
) -> None:
    # Other tests write to the log of the warehouse they share.
    settings = replace(demo_settings, warehouse=tmp_path / "warehouse")
    start_from(demo_settings, settings)
    for role, kind in (("analysts", "internal"), ("managers", "own_units"), ("board", "shareable")):
        files.clear()
        open_page(monkeypatch, settings.warehouse, "queues", role, jakso="month", nakyma="taulukko")
        viewed = recorded(settings, Event.VIEWED)[-1].details
        assert viewed == {"page": "queues", "audience": kind, "jakso": "month", "nakyma": "taulukko"}
        next(iter(files.values()))()
        taken = recorded(settings, Event.DOWNLOADED)[-1].details
        assert (taken["page"], taken["audience"]) == ("queues", kind)


# --- the same address by manager, board and analyst ------------------------------------------------------------------


def queue_cells(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, *groups: str, **address: str
) -> dict[str, list[str]]:
    """The cells of the table of units and services, by its first."""
    app = open_page(monkeypatch, settings.warehouse, "queues", *groups, nakyma="taulukko", **address)
    assert_healthy(app)
    caption = next(
        match[1]
        for one in app.html
        if (match := re.search(r"<caption>(Jono yksiköittäin[^<]*)</caption>", str(one.value)))
    )
    _header, *rows = table(app, caption)
    return {row[0]: row[1:] for row in rows}


def test_the_same_address_is_exact_for_an_analyst_and_suppressed_for_the_board(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, shareable = (queue_cells(demo_settings, monkeypatch, role) for role in ("analysts", "board"))
    assert not [cell for row in exact.values() for cell in row if "peitetty" in cell]
    assert [cell for row in shareable.values() for cell in row if "peitetty" in cell]
    assert cache.settings().hide_below == 5
    small = {("1", "2", "3", "4")[at] for at in range(4)}
    # The longest wait is no count.
    assert not [
        row for row in shareable.values() for at, cell in enumerate(row[:4]) if at != 2 and cell in small
    ]


def test_a_manager_sees_her_own_units_exactly_and_nobody_elses(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, shareable, hers = (
        queue_cells(demo_settings, monkeypatch, role) for role in ("analysts", "board", "managers")
    )
    own = {name for name in exact if name.startswith(OWN)}
    assert {name: hers[name] for name in own} == {name: exact[name] for name in own}
    assert {name: hers[name] for name in own} != {name: shareable[name] for name in own}
    assert {name: row for name, row in hers.items() if name not in own} == {
        name: row for name, row in shareable.items() if name not in own
    }


def test_a_manager_sees_her_own_unit_exactly_by_its_filter(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = {"yksikko": "TK-KOK-02"}
    exact, shareable, hers = (
        queue_cells(demo_settings, monkeypatch, role, **address) for role in ("analysts", "board", "managers")
    )
    assert hers == exact != shareable
