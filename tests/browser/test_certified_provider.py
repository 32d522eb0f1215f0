"""Signing in through a certified OpenID Connect server, `oidc-provider` of npm, in a real browser.

`make provider` installs it into `tests/browser/provider/`. Without it these tests are skipped, loudly; with
TAKUUVAHTI_REQUIRE_PROVIDER=1 that is an error.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipelines.settings import Settings
from pipelines.warehouse.audit import AUDIT, AuditLog
from tests.access.sign_in import RULES
from tests.browser.conftest import PATIENCE, serving
from tests.browser.roles import LOADING, PAGES_OF_ROLES, expect_pages

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).with_name("provider")
MILLISECONDS = 60_000
PEOPLE = {
    "hallitus": ["board"],
    "esimies": ["managers"],
    "analyytikko": ["analysts"],
    "paakayttaja": ["admins"],
    "ulkopuolinen": ["others"],
}
#: Pages in the navigation that need a role, in Finnish.


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


@dataclass
class Provider:
    """The server, the file of its people, and the port it listens at."""

    folder: Path
    redirect_uri: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def write(self, **changed: dict[str, object]) -> None:
        """Everybody who can sign in, with their claims."""
        people = {
            name: {"email": f"{name}@alue.fi", "name": name.title(), "groups": groups}
            for name, groups in PEOPLE.items()
        }
        (self.folder / "people.json").write_text(json.dumps(people | changed))

    def start(self) -> None:
        command = ["node", "server.mjs", str(self.port), self.redirect_uri, str(self.folder / "people.json")]
        with (self.folder / "provider.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=FOLDER, stdout=log, stderr=log)
        for _attempt in range(PATIENCE * 4):
            try:
                with urllib.request.urlopen(f"{self.address}/.well-known/openid-configuration", timeout=5):  # noqa: S310 – our own
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.25)
        pytest.fail((self.folder / "provider.log").read_text(errors="replace")[-3000:])

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=15)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("certified")
    (found / "access.toml").write_text(RULES.read_text())
    return found


@pytest.fixture(scope="module")
def application_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def provider(folder: Path, application_port: int) -> Iterator[Provider]:
    if shutil.which("node") is None or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        reason = "NO CERTIFIED PROVIDER: install Node.js and run `make provider` to sign in through it"
        if os.environ.get("TAKUUVAHTI_REQUIRE_PROVIDER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    found = Provider(folder, f"http://localhost:{application_port}/oauth2callback")
    found.write()
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def application(
    provider: Provider, demo_settings: Settings, folder: Path, application_port: int
) -> Iterator[str]:
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f"""[auth]
redirect_uri = "{provider.redirect_uri}"
cookie_secret = "a secret of the cookies of these tests, and of no others"

[auth.certified]
client_id = "takuuvahti"
client_secret = "made up for the tests"
server_metadata_url = "{provider.address}/.well-known/openid-configuration"
client_kwargs = {{ scope = "openid email profile groups", prompt = "login" }}
"""
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAKUUVAHTI_ACCESS_RULES", str(folder / "access.toml"))
        options = (f"--secrets.files={secrets}",)
        with serving(
            demo_settings.warehouse, folder / "log", port=application_port, options=options
        ) as address:
            yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fi-FI")
    yield context.new_page()
    context.close()


def sign_in(page: Page, address: str, who: str, button: str = "Kirjaudu sisään") -> None:
    page.goto(address)
    page.get_by_role("button", name=button).click(timeout=MILLISECONDS)
    page.locator("input[name=login]").fill(who, timeout=MILLISECONDS)
    page.get_by_role("button", name="Go on").click()


def expect_page(page: Page, name: str = "Jonot") -> None:
    expect(page.get_by_test_id("stSidebarNav").get_by_text(name)).to_be_visible(timeout=MILLISECONDS)


def expect_heading(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=MILLISECONDS)


def sign_out(page: Page) -> None:
    """Out of the application, and out of the provider, which asks."""
    page.get_by_role("button", name="Kirjaudu ulos").click(timeout=MILLISECONDS)
    page.get_by_role("button", name="Yes, sign me out").click(timeout=MILLISECONDS)
    expect_heading(page, "Kirjaudu sisään")


@pytest.mark.parametrize(("who", "seen", "unseen"), PAGES_OF_ROLES)
def test_a_role_has_its_pages_and_a_way_out(
    application: str, page: Page, who: str, seen: list[str], unseen: list[str]
) -> None:
    sign_in(page, application, who)
    expect_page(page)
    expect_pages(page, seen, unseen)
    sign_out(page)
    page.goto(f"{application}/queues")
    expect_heading(page, "Kirjaudu sisään")


def test_somebody_without_a_role_is_refused_and_recorded(
    application: str, page: Page, demo_settings: Settings
) -> None:
    sign_in(page, application, "ulkopuolinen")
    expect(page.get_by_text("tietohallinto@alue.fi")).to_be_visible(timeout=MILLISECONDS)
    newest = list(AuditLog(demo_settings.warehouse / AUDIT).entries())[-1]
    assert (newest.user, newest.details) == ("ulkopuolinen@alue.fi", {"reason": "no_role"})


@pytest.mark.parametrize("missing", ["email", "groups"])
def test_a_claim_that_is_missing_gives_no_role(
    application: str, provider: Provider, page: Page, missing: str
) -> None:
    claims = {"email": "x@alue.fi", "name": "X", "groups": ["analysts"]}
    provider.write(vajaa={name: value for name, value in claims.items() if name != missing})
    sign_in(page, application, "vajaa")
    expect_heading(page, "Sinulla ei ole vielä käyttöoikeutta")


def test_turning_back_at_the_provider_is_said_in_ones_language(application: str, page: Page) -> None:
    page.goto(f"{application}/queues?kieli=sv")
    page.get_by_role("button", name="Logga in").click(timeout=MILLISECONDS)
    page.get_by_role("button", name="Cancel").click(timeout=MILLISECONDS)
    expect_heading(page, "Du loggades inte in")
    page.get_by_role("link", name="Tillbaka till inloggningen").click()
    page.get_by_role("button", name="Logga in").click(timeout=MILLISECONDS)
    page.locator("input[name=login]").fill("hallitus", timeout=MILLISECONDS)
    page.get_by_role("button", name="Go on").click()
    expect_page(page, "Köer")


def test_an_answer_of_the_provider_serves_once(application: str, page: Page, browser: Browser) -> None:
    answers: list[str] = []
    page.on(
        "request", lambda request: answers.append(request.url) if "/oauth2callback" in request.url else None
    )
    sign_in(page, application, "analyytikko")
    expect_page(page)
    [answer] = answers
    another = browser.new_context(locale="fi-FI")
    stolen = another.new_page()
    stolen.goto(answer)
    expect_heading(stolen, "Kirjautuminen jäi kesken")
    stolen.goto(f"{application}/queues")
    expect_heading(stolen, "Kirjaudu sisään")
    another.close()


def test_a_role_that_changes_at_the_provider_counts_from_the_next_sign_in(
    application: str, provider: Provider, page: Page
) -> None:
    changed = {"email": "vaihtuva@alue.fi", "name": "Vaihtuva", "groups": ["board"]}
    provider.write(vaihtuva=changed)
    sign_in(page, application, "vaihtuva")
    expect_page(page)
    expect(page.get_by_test_id("stSidebarNav").get_by_text(LOADING)).to_be_hidden()
    provider.write(vaihtuva=changed | {"groups": ["board", "analysts"]})
    sign_out(page)
    sign_in(page, application, "vaihtuva")
    expect_page(page, LOADING)


def test_a_rule_that_changes_counts_at_the_next_click(application: str, folder: Path, page: Page) -> None:
    sign_in(page, application, "analyytikko")
    expect_page(page, LOADING)
    try:
        (folder / "access.toml").write_text(
            RULES.read_text().replace('group = "analysts"', 'group = "others"')
        )
        page.get_by_test_id("stSidebarNav").get_by_text(LOADING).click()
        expect_heading(page, "Sinulla ei ole vielä käyttöoikeutta")
    finally:
        (folder / "access.toml").write_text(RULES.read_text())


def test_a_session_that_ends_is_said_at_the_next_click(application: str, folder: Path, page: Page) -> None:
    sign_in(page, application, "analyytikko")
    expect_page(page, LOADING)
    try:
        (folder / "access.toml").write_text("session_hours = 0.0001\n" + RULES.read_text())
        time.sleep(0.5)
        page.get_by_test_id("stSidebarNav").get_by_text(LOADING).click()
        expect_heading(page, "Istuntosi on päättynyt")
    finally:
        (folder / "access.toml").write_text(RULES.read_text())
    page.get_by_role("button", name="Kirjaudu sisään").click()
    page.locator("input[name=login]").fill("analyytikko", timeout=MILLISECONDS)
    page.get_by_role("button", name="Go on").click()
    expect_page(page, LOADING)


def test_a_provider_that_goes_down(
    application: str, provider: Provider, page: Page, browser: Browser
) -> None:
    """Whoever is signed in goes on and can sign out; nobody else gets in, and is told why."""
    sign_in(page, application, "hallitus")
    expect_page(page)
    provider.stop()
    try:
        page.get_by_test_id("stSidebarNav").get_by_text("Jonot").click()
        expect(page).to_have_url(re.compile("/queues"), timeout=MILLISECONDS)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Jonot", timeout=MILLISECONDS)
        page.get_by_role("button", name="Kirjaudu ulos").click(timeout=MILLISECONDS)
        expect_heading(page, "Kirjaudu sisään")
        page.get_by_role("button", name="Kirjaudu sisään").click()
        expect_heading(page, "Kirjautumispalvelu ei ole käytettävissä")
        expect(page.get_by_text("tietohallinto@alue.fi")).to_be_visible()
    finally:
        provider.start()
    page.get_by_role("link", name="Takaisin kirjautumiseen").click()
    sign_in(page, application, "hallitus")
    expect_page(page)
