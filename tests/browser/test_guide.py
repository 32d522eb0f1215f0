"""The user guide in a browser, under the policy that pages are sent with: its pictures show, its links open pages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser
PATIENCE = 90_000


def test_pictures_show_and_a_link_opens_its_tab_in_the_same_language(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900}, locale="sv-FI")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server}/guide?kieli=sv&nakyma=esihenkilo")
    pictures = page.locator(".tv-guide img")
    expect(pictures.first).to_be_visible(timeout=PATIENCE)
    seen = pictures.evaluate_all(
        "parts => parts.map((one) => [one.naturalWidth, one.getBoundingClientRect().right])"
    )
    assert seen
    assert all(width > 0 and right <= 390 for width, right in seen)
    page.locator(".tv-guide").get_by_role("link", name="Vart dagarna går").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vårdgaranti", timeout=PATIENCE)
    address = urlsplit(page.url)
    assert (address.path, parse_qs(address.query)) == (
        "/care_guarantee",
        {"kieli": ["sv"], "nakyma": ["vaiheet"]},
    )
    context.close()
