"""A journey through the real application in a real browser, as its users take it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipelines.settings import Settings
from tests.browser.conftest import serving
from tests.pipelines.extracts import visit, visits

pytestmark = pytest.mark.browser
PATIENCE = 90_000
UNIT, UNIT_NAME = "TK-KOK-01", "Kokkolan pääterveysasema"


@pytest.fixture
def address(demo_settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The application over a warehouse of its own, which the journey may change."""
    shutil.copytree(demo_settings.warehouse, tmp_path / "warehouse")
    with serving(tmp_path / "warehouse", tmp_path / "log") as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="fi-FI")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context.new_page()
    context.close()


def finding(page: Page) -> str:
    """The sentence a page opens with, once the page is drawn."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(page.locator(".tv-finding")).to_be_visible()
    return page.locator(".tv-finding").inner_text().replace("\u00a0", " ")


def go(page: Page, name: str) -> None:
    """Open a page by the navigation."""
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def own_extract() -> bytes:
    """Thirteen weeks of real visits of one unit: 30 of every 40 within seven days."""
    lines = []
    for week in range(13):
        for number in range(40):
            assessed = date(2026, 1, 5) + timedelta(weeks=week, days=number % 5)
            seen = assessed + timedelta(days=3 if number % 4 else 12)
            lines.append(
                visit(
                    100 * week + number + 1,
                    assessed=f"{assessed.day}.{assessed.month}.{assessed.year}",
                    contacted="",
                    booked="",
                    visit=f"{seen.day}.{seen.month}.{seen.year}",
                )
            )
    return visits(*lines)


def test_from_the_overview_to_a_number_of_ones_own(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name="Tilannekuva", level=1)).to_be_visible()
    assert "Keski-Pohjanmaan hyvinvointialue" in finding(page)
    expect(page.locator(".tv-demo")).to_be_visible()

    go(page, "Hoitotakuu")
    everyone = finding(page)
    assert re.search(r"kiireettömään hoitoon pääsi seitsemässä päivässä \d+,\d %", everyone)

    page.get_by_role("button", name="Kaikki yksiköt").click()
    page.get_by_role("combobox", name="Yksikkö").click()
    page.get_by_role("combobox", name="Yksikkö").fill("pääterveys")
    page.get_by_role("option", name=UNIT_NAME).click()
    expect(page.locator(".tv-finding")).not_to_have_text(everyone)
    page.keyboard.press("Escape")
    assert f"yksikko={UNIT}" in page.url

    page.get_by_role("radio", name="Svenska").or_(page.get_by_role("button", name="Svenska")).first.click()
    expect(page.get_by_role("heading", name="Vårdgaranti", level=1)).to_be_visible()
    assert "kieli=sv" in page.url and f"yksikko={UNIT}" in page.url
    demo = finding(page)

    go(page, "Ladda uppgifter")
    page.locator('input[type="file"]').set_input_files(
        {"name": "kaynnit_20260406.csv", "mimeType": "text/csv", "buffer": own_extract()}
    )
    page.get_by_text("Exreport: besök").first.wait_for()
    page.get_by_text("Jag godkänner att demomaterialet tas bort").click()
    page.get_by_role("button", name="Ladda", exact=True).first.click()
    page.get_by_role("link", name="Se vårdgarantin").first.click()
    expect(page.get_by_role("heading", name="Vårdgaranti", level=1)).to_be_visible()
    expect(page.locator(".tv-demo")).to_have_count(0)
    own = finding(page)
    assert own != demo
    assert "75,0 %" in page.locator("body").inner_text().replace("\u00a0", " ")
    assert page.locator('[data-testid="stException"]').count() == 0
