"""A row or a thing to do that opens a tab shows it at the top of the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser
PATIENCE = 90_000


@pytest.mark.parametrize("width", [1440, 390])
def test_a_row_that_opens_a_tab_shows_it_at_the_top(browser: Browser, server: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fi-FI")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{server}/deadlines")
    page.get_by_role("link", name="Lähete 3 viikossa", exact=True).click(timeout=PATIENCE)
    tab = page.get_by_role("tab", name="Lähetteet", selected=True)
    expect(tab).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="Lähetteiden käsittely kolmessa viikossa").first).to_be_visible(
        timeout=PATIENCE
    )
    page.wait_for_timeout(1500)
    box = tab.bounding_box()
    assert box is not None and -1 <= box["y"] < 200
    assert "nakyma=lahetteet" in page.url
    page.go_back()
    expect(page.get_by_role("tab", name="Sosiaalihuolto", selected=True)).to_be_visible(timeout=PATIENCE)
    context.close()
