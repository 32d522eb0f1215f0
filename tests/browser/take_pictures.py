"""Pictures of every page for looking at: `make pictures`. Not part of the tests, but it uses their server.

They go to `tests/browser/pictures/`, by page, language, width and theme; the README's goes to `docs/pictures/`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pages.ui.page_registry import ENTRIES

ROOT = Path(__file__).resolve().parents[2]
PICTURES = Path(__file__).resolve().parent / "pictures"
README_PICTURE = ROOT / "docs" / "pictures" / "care_guarantee.png"
PAGES = tuple(entry.name for entry in ENTRIES)
LANGUAGES = ("fi", "sv", "en")
WIDTHS = {"wide": 1440, "phone": 390}
THEMES = ("light", "dark")
#: Longest page a picture is taken of, in pixels.
TALLEST = 12_000


def open_page(page: Page, address: str) -> None:
    """Open an address and wait until the page has been drawn."""
    page.goto(address, wait_until="networkidle")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_timeout(1_500)


def whole_height(page: Page) -> int:
    """Height the window needs for the page to be seen without scrolling."""
    height = page.evaluate("() => document.querySelector('[data-testid=\"stMain\"]')?.scrollHeight ?? 900")
    return min(max(int(height), 900), TALLEST)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_take_picture(
    browser: Browser, server: str, name: str, language: str, width: str, theme: str
) -> None:
    """One picture; fails where the page shows an exception."""
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, color_scheme=theme, locale=f"{language}-FI"
    )
    page = context.new_page()
    open_page(page, f"{server}/{name}?kieli={language}")
    page.set_viewport_size({"width": WIDTHS[width], "height": whole_height(page)})
    page.wait_for_timeout(500)
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{language}-{width}-{theme}.png")
    assert page.locator('[data-testid="stException"]').count() == 0
    context.close()


def test_take_the_picture_of_the_readme(browser: Browser, server: str) -> None:
    """The care guarantee page as a manager meets it, sharp on fine screens."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, device_scale_factor=1.5, locale="fi-FI", color_scheme="light"
    )
    page = context.new_page()
    open_page(page, f"{server}/care_guarantee")
    page.screenshot(path=README_PICTURE)
    assert page.locator('[data-testid="stException"]').count() == 0
    context.close()
