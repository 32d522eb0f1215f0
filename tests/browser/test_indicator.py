"""The page of one indicator in a browser: former addresses on a fresh server, and what a click on a point, a row, a tab does."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from pipelines.settings import Settings
from tests.browser.conftest import serving

pytestmark = pytest.mark.browser
#: Milliseconds a page may take on a busy machine.
PATIENCE = 90_000


def page_of(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fi-FI").new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return page


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_former_addresses_go_on_from_a_fresh_server(
    browser: Browser, demo_settings: Settings, tmp_path: Path
) -> None:
    """Also the first request of all, before any session has told the server which pages there are."""
    page = page_of(browser)
    with serving(demo_settings.warehouse, tmp_path / "log") as server:
        page.goto(f"{server}/changes?mittari=queue_length&jakso=week&kieli=sv")
        expect(page.get_by_role("heading", level=1)).to_have_text("Köns längd")
        expect(page.get_by_role("tab", name="Variation")).to_have_attribute("aria-selected", "true")
        assert page.get_by_role("dialog").count() == 0
        assert urlsplit(page.url).path == "/indicator"
        assert (
            asked(page).items() >= {"mittari": ["queue_length"], "jakso": ["week"], "kieli": ["sv"]}.items()
        )
        page.goto(f"{server}/targets?mittari=wait_p90&kieli=fi")
        expect(page.get_by_role("heading", level=1)).to_have_text("Odotusajan 90. prosenttipiste")
        assert urlsplit(page.url).path == "/indicator"
        page.goto(f"{server}/targets?kieli=fi")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tilannekuva")
        assert urlsplit(page.url).path == "/overview"
        navigation = page.get_by_test_id("stSidebarNav")
        expect(navigation.get_by_role("link", name="Mittari")).to_be_visible()
        for former in ("targets", "changes"):
            assert navigation.locator(f'a[href$="/{former}"]').count() == 0


def test_a_point_a_row_and_a_tab_open_in_place_and_back_returns(browser: Browser, server: str) -> None:
    page = page_of(browser)
    page.goto(f"{server}/indicator?mittari=seven_day_access&kieli=fi")
    finding = page.locator(".tv-finding")
    expect(finding).to_contain_text("Joulukuussa 2025")
    page.locator('.tv-wide [data-href*="kausi=2025-08"] > rect').click()
    expect(finding).to_contain_text("Elokuussa 2025")
    assert asked(page)["kausi"] == ["2025-08"]
    page.get_by_role("link", name="Lääkäri", exact=True).click()
    expect(page.get_by_role("row", name="Lääkäri")).to_have_attribute("aria-current", "true")
    assert asked(page)["ammatti"] == ["doctor"]
    page.go_back()
    expect(page.locator('[aria-current="true"]')).to_have_count(0)
    assert "ammatti" not in asked(page)
    page.get_by_role("tab", name="Määritelmä").click()
    expect(page.get_by_text("Laskenta")).to_be_visible()
    assert asked(page)["nakyma"] == ["maaritelma"]
    page.reload()
    expect(page.get_by_text("Laskenta")).to_be_visible()
    expect(finding).to_contain_text("Elokuussa 2025")
