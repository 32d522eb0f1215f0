"""Signing in through a real OpenID Connect provider, in a real browser: what each role sees, and what is refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, Page, expect

from pipelines.settings import Settings
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from tests.browser.conftest import serving
from tests.browser.roles import PAGES_OF_ROLES, expect_pages

pytestmark = pytest.mark.browser

PEOPLE = {
    "hallitus": ["board"],
    "esimies": ["managers"],
    "analyytikko": ["analysts"],
    "paakayttaja": ["admins"],
    "ulkopuolinen": ["others"],
}
#: Pages in the navigation that need a role, in Finnish.


@pytest.fixture(scope="module")
def application(demo_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an application whose people sign in at a provider; both run on this machine."""
    folder = tmp_path_factory.mktemp("sign-in")
    users = [
        User(sub=name, claims={"email": f"{name}@alue.fi", "name": name.title(), "groups": groups})
        for name, groups in PEOPLE.items()
    ]
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    with run_server_in_thread(user_claims=users) as provider:
        secrets = folder / "secrets.toml"
        secrets.write_text(
            f"""[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "00112233445566778899aabbccddeeff"
client_id = "takuuvahti"
client_secret = "made up for the tests"
server_metadata_url = "http://localhost:{provider.server_port}/.well-known/openid-configuration"
client_kwargs = {{ scope = "openid email profile groups", prompt = "login" }}
"""
        )
        options = (f"--secrets.files={secrets}",)
        with serving(demo_settings.warehouse, folder / "log", port=port, options=options) as address:
            yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fi-FI")
    yield context.new_page()
    context.close()


def sign_in(page: Page, address: str, who: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Kirjaudu sisään").click()
    page.locator("input[name=sub]").fill(who)
    page.locator("input[name=sub]").press("Enter")


def sign_out(page: Page) -> None:
    """Out of the application, and out of the provider, which asks."""
    page.get_by_role("button", name="Kirjaudu ulos").click(timeout=60_000)
    page.get_by_role("button", name="End session").click(timeout=60_000)


def test_nothing_is_shown_before_signing_in(application: str, page: Page) -> None:
    page.goto(f"{application}/queues")
    expect(page.get_by_role("heading", name="Kirjaudu sisään")).to_be_visible(timeout=60_000)
    assert "Jonot" not in page.inner_text("body")


@pytest.mark.parametrize(("who", "seen", "unseen"), PAGES_OF_ROLES)
def test_a_role_has_its_pages(
    application: str, page: Page, who: str, seen: list[str], unseen: list[str]
) -> None:
    sign_in(page, application, who)
    expect(page.get_by_test_id("stSidebarNav").get_by_text("Jonot")).to_be_visible(timeout=60_000)
    expect_pages(page, seen, unseen)


def test_an_address_beyond_the_role_is_refused_and_recorded(
    application: str, page: Page, demo_settings: Settings
) -> None:
    sign_in(page, application, "hallitus")
    expect(page.get_by_test_id("stSidebarNav").get_by_text("Jonot")).to_be_visible(timeout=60_000)
    page.goto(f"{application}/upload")
    expect(page.get_by_role("heading", name="Tämä sivu ei kuulu rooliisi")).to_be_visible(timeout=60_000)
    refused = [
        one
        for one in AuditLog(demo_settings.warehouse / AUDIT).entries()
        if one.event is Event.REFUSED and one.user == "hallitus@alue.fi"
    ]
    assert refused and refused[-1].details["page"] == "upload"


def test_somebody_without_a_role_is_told_whom_to_ask(application: str, page: Page) -> None:
    sign_in(page, application, "ulkopuolinen")
    expect(page.get_by_text("tietohallinto@alue.fi")).to_be_visible(timeout=60_000)
    sign_out(page)
    expect(page.get_by_role("button", name="Kirjaudu sisään")).to_be_visible(timeout=60_000)


def test_signing_out_ends_it(application: str, page: Page) -> None:
    sign_in(page, application, "analyytikko")
    sign_out(page)
    page.goto(f"{application}/queues")
    expect(page.get_by_role("heading", name="Kirjaudu sisään")).to_be_visible(timeout=60_000)


def test_a_forged_cookie_is_nobody(application: str, page: Page) -> None:
    sign_in(page, application, "analyytikko")
    expect(page.get_by_test_id("stSidebarNav").get_by_text("Jonot")).to_be_visible(timeout=60_000)
    cookies = page.context.cookies()
    signed = next(one for one in cookies if one["name"] == "_streamlit_user")
    assert signed["httpOnly"] and signed["sameSite"] == "Lax"
    page.context.add_cookies([{**signed, "value": signed["value"][:-4] + "AAAA"}])
    page.goto(f"{application}/queues")
    expect(page.get_by_role("heading", name="Kirjaudu sisään")).to_be_visible(timeout=60_000)


def test_the_same_address_is_exact_for_a_manager_and_suppressed_for_the_board(
    application: str, browser: Browser
) -> None:
    """Her own unit, in which few have waited too long."""
    told = {}
    for who in ("esimies", "hallitus", "analyytikko"):
        context = browser.new_context(locale="fi-FI")
        page = context.new_page()
        sign_in(page, application, who)
        expect(page.get_by_test_id("stSidebarNav").get_by_text("Jonot")).to_be_visible(timeout=60_000)
        page.goto(f"{application}/queues?yksikko=TK-KOK-02&nakyma=taulukko")
        row = page.get_by_role("row", name="Kälviän terveysasema, Avosairaanhoito")
        expect(row).to_be_visible(timeout=60_000)
        told[who] = page.locator(".tv-audience").inner_text(), row.inner_text()
        context.close()
    assert [line for line, _row in told.values()] == [
        "Sisäinen omien yksiköidesi osalta, muuten jaettavissa",
        "Jaettavissa",
        "Sisäinen – sisältää pieniä lukuja, ei jaettavaksi",
    ]
    assert "peitetty" in told["hallitus"][1]
    assert told["esimies"][1] == told["analyytikko"][1]
    assert "peitetty" not in told["esimies"][1]
