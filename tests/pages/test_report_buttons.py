"""Reports taken from a page: as exact as their reader may see, made when asked for, and logged."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import streamlit as st
from python_calamine import CalamineWorkbook

from indicators.report.content import Asked, weekly_sheet
from indicators.report.words import actions
from indicators.results.values import Audience
from indicators.wording.translations import in_language
from pages.ui.report_buttons import FORMATS
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from pipelines.warehouse.audit import AuditLog, Event
from tests.pages.app import actions as page_actions
from tests.pages.app import assert_healthy, open_page

OWN, OTHER = "TK-KOK-01", "TK-PER-01"


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Callable[[], bytes]]]:
    """The reports that a page offers: the name of the file, and what makes it."""
    found: dict[str, Callable[[], bytes]] = {}
    button = st.download_button

    def noticed(label: str, data: Any = None, file_name: str | None = None, **more: Any) -> bool:
        if str(more.get("key", "")).startswith("report_"):
            found[str(file_name)] = data
        return button(label, data=data, file_name=file_name, **more)

    monkeypatch.setattr(st, "download_button", noticed)
    yield found


def test_the_board_takes_the_report_of_the_year_it_looks_at(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, offered: dict[str, Callable[[], bytes]]
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", "board", vuosi="2024")
    assert_healthy(app)
    assert len(offered) == len(FORMATS)
    assert all("_18_" in name and name.rpartition(".")[0].endswith("_jaettavissa_fi") for name in offered)
    pdf = next(make for name, make in offered.items() if name.endswith(".pdf"))
    assert pdf().startswith(b"%PDF")
    book = next(make for name, make in offered.items() if name.endswith(".xlsx"))
    read = CalamineWorkbook.from_filelike(io.BytesIO(book()))
    first = str(read.get_sheet_by_index(0).to_python())
    assert "2024" in first


@pytest.mark.parametrize(
    ("group", "unit", "word"),
    [
        ("managers", OWN, "sisainen"),
        ("managers", OTHER, "jaettavissa"),
        ("board", OWN, "jaettavissa"),
        ("analysts", OTHER, "sisainen"),
    ],
)
def test_a_sheet_is_exact_only_for_those_who_may_see_its_units(
    demo_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    offered: dict[str, Callable[[], bytes]],
    group: str,
    unit: str,
    word: str,
) -> None:
    open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", group, yksikko=unit)
    assert offered
    assert all(f"_{unit}_" in name and f"_{word}_fi." in name for name in offered)


def test_the_shareable_view_offers_a_shareable_report(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, offered: dict[str, Callable[[], bytes]]
) -> None:
    open_page(monkeypatch, demo_settings.warehouse, "overview", "analysts", yleiso="jaettava")
    assert offered
    assert all("_jaettavissa_" in name for name in offered)


def test_taking_a_report_is_logged(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, offered: dict[str, Callable[[], bytes]]
) -> None:
    open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", "managers", yksikko=OWN)
    next(make for name, make in offered.items() if name.endswith(".pptx"))()
    log = AuditLog(demo_settings.warehouse / "audit")
    taken = [entry for entry in log.entries() if entry.event == Event.DOWNLOADED]
    assert any("report pptx" in str(entry) and OWN in str(entry) for entry in taken)


def test_the_weekly_sheet_has_the_same_things_to_do_as_the_page(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "care_guarantee", "analysts", yksikko=OWN, palvelu="kaikki"
    )
    asked = Asked("18", date(2026, 1, 2), Audience(internal=True), units=(OWN,))
    sheet = weekly_sheet(Warehouse(demo_settings.warehouse).current(), demo_settings, asked)
    with in_language("fi"):
        said = actions(sheet)
    shown = page_actions(app)
    assert len(shown) == len(sheet.work.alerts) > 0
    for line, (figure, what, _address) in zip(said, shown, strict=False):
        assert line.replace("\xa0", " ").replace(" · ", " ") == f"{figure} {what}".replace(" · ", " ")
