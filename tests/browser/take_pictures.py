"""Pictures of every page for looking at: `make pictures`. Not part of the tests. They show the demo that `setup` loads.

They go to `tests/browser/pictures/`, by page, language, width and theme; the README's goes to `docs/pictures/`, those of the
user guide to `data/locale/<language>/guide/pictures/`. `pytest tests/browser/take_pictures.py -k guide` takes the latter alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pages.text import guide
from pages.ui.page_registry import ENTRIES
from pipelines.loading.setup import set_up
from pipelines.settings import load_settings
from tests.browser.conftest import serving
from tests.browser.guide_pictures import PICTURES as GUIDE_PICTURES
from tests.browser.guide_pictures import take
from tests.conftest import NOW, TODAY

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


@pytest.fixture(scope="module")
def showcase(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application over the demo that `python -m pipelines setup` loads."""
    folder = tmp_path_factory.mktemp("showcase")
    settings = replace(load_settings({}), warehouse=folder / "warehouse")
    set_up(settings, demo=None, today=TODAY, now=NOW, loaded_by="tests")
    with serving(settings.warehouse, folder / "log") as address:
        yield address


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_take_picture(
    browser: Browser, showcase: str, name: str, language: str, width: str, theme: str
) -> None:
    """One picture; fails where the page shows an exception."""
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, color_scheme=theme, locale=f"{language}-FI"
    )
    page = context.new_page()
    open_page(page, f"{showcase}/{name}?kieli={language}")
    page.set_viewport_size({"width": WIDTHS[width], "height": whole_height(page)})
    page.wait_for_timeout(500)
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{language}-{width}-{theme}.png")
    assert page.locator('[data-testid="stException"]').count() == 0
    context.close()


def test_take_the_picture_of_the_readme(browser: Browser, showcase: str) -> None:
    """The care guarantee page as a manager meets it, sharp on fine screens."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, device_scale_factor=1.5, locale="fi-FI", color_scheme="light"
    )
    page = context.new_page()
    open_page(page, f"{showcase}/care_guarantee")
    page.screenshot(path=README_PICTURE)
    assert page.locator('[data-testid="stException"]').count() == 0
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", GUIDE_PICTURES)
def test_take_a_picture_of_the_guide(browser: Browser, showcase: str, name: str, language: str) -> None:
    """A part of a page, its places numbered, as the user guide shows it."""
    picture = GUIDE_PICTURES[name]
    context = browser.new_context(
        viewport={"width": picture.width, "height": 2400},
        device_scale_factor=guide.SCALE,
        locale=f"{language}-FI",
        color_scheme="light",
        bypass_csp=True,
    )
    page = context.new_page()
    asked = "&" if "?" in picture.address else "?"
    open_page(page, f"{showcase}/{picture.address}{asked}kieli={language}")
    take(page, picture, guide.folder(language) / "pictures" / f"{name}.png")
    assert page.locator('[data-testid="stException"]').count() == 0
    context.close()
