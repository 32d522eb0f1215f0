"""The uploader speaks the language of the page: what is seen of it, and what is read aloud."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser
PATIENCE = 90_000
#: Words of Streamlit's own uploader.
ENGLISH = re.compile(r"\b(drag|drop|browse|files?|upload|limit|per|here)\b", re.I)


@pytest.mark.parametrize(
    ("address", "button", "hint"),
    [
        ("upload?kieli=fi", "Valitse tiedostot", "tai pudota ne tähän"),
        ("upload?kieli=sv", "Välj filer", "eller släpp dem här"),
        ("master_data?nakyma=taulukkona&kieli=fi", "Valitse tiedosto", "tai pudota se tähän"),
    ],
)
def test_an_uploader_has_no_english_words(
    browser: Browser, server: str, address: str, button: str, hint: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{server}/{address}")
    zone = page.get_by_test_id("stFileUploaderDropzone")
    expect(zone).to_be_visible(timeout=PATIENCE)
    expect(zone.locator("button")).to_have_accessible_name(button, timeout=PATIENCE)
    # An icon is a word of its font, and is not read aloud.
    icons = zone.get_by_test_id("stIconMaterial").all_inner_texts()
    seen = zone.inner_text()
    for icon in icons:
        seen = seen.replace(icon, "", 1)
    assert not ENGLISH.search(seen)
    named = zone.evaluate(
        "zone => [zone, ...zone.querySelectorAll('*')].map(one => one.getAttribute('aria-label') ?? '').join(' ')"
    )
    assert not ENGLISH.search(named)
    shown = zone.get_by_test_id("stFileUploaderDropzoneInstructions").evaluate(
        "part => getComputedStyle(part, '::after').content"
    )
    assert hint in shown
    context.close()
