"""Which pages each role has in the navigation, whatever provider people sign in through."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page, expect

LOADING, ENTERING, UNITS, LOG = "Tietojen lataaminen", "Lukujen syöttö", "Yksiköt ja koodit", "Käyttöloki"
#: Who signs in, with the pages of the role and those it does not have.
PAGES_OF_ROLES = [
    ("hallitus", [], [LOADING, ENTERING, UNITS, LOG]),
    ("esimies", [], [LOADING, ENTERING, UNITS, LOG]),
    ("analyytikko", [LOADING, ENTERING, UNITS], [LOG]),
    ("paakayttaja", [LOG], [LOADING, ENTERING, UNITS]),
]


def expect_pages(page: Page, seen: Sequence[str], unseen: Sequence[str]) -> None:
    """The pages that the navigation has and those that it does not have."""
    navigation = page.get_by_test_id("stSidebarNav")
    for name in seen:
        expect(navigation.get_by_text(name)).to_be_visible()
    for name in unseen:
        expect(navigation.get_by_text(name)).to_be_hidden()
