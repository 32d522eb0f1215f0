"""Every page by axe, in a real browser: nothing serious of ours, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pages.ui.page_registry import ENTRIES

pytestmark = pytest.mark.browser
PATIENCE = 90_000
#: Rules that Streamlit's own elements break, and the elements of theirs that may.
FRAMEWORK: dict[str, tuple[str, ...]] = {}
#: How much a violation matters before it fails.
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module", params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=request.param, locale="fi-FI", bypass_csp=True
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", [entry.name for entry in ENTRIES])
def test_a_page_has_no_serious_fault(page: Page, server: str, name: str) -> None:
    page.goto(f"{server}/{name}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=PATIENCE)
    page.wait_for_timeout(1_000)
    found = [
        (one["id"], node["target"], node["html"][:160])
        for one in Axe().run(page).response["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
        if not any(part in node["html"] for part in FRAMEWORK.get(one["id"], ()))
    ]
    assert not found
