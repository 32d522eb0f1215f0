"""The Content-Security-Policy in a real browser: the pages' own scripts run, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.server.protection import CONTENT_SECURITY_POLICY
from pages.ui import scripts
from pipelines.settings import Settings
from tests.server.serving import serving

PATIENCE = 90_000


def test_the_policy_names_scripts_and_allows_no_unknown_one() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    allowed = rules["script-src"].split()
    assert allowed[0] == "'self'"
    assert len(allowed) > len(scripts.SCRIPTS)
    assert all(source.startswith("'sha256-") for source in allowed[1:])
    assert not [rule for rule, value in rules.items() if "http" in value or "*" in value or "eval" in value]


@pytest.fixture(scope="module")
def address(figures_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("policy")
    with serving(figures_settings.warehouse, folder, TAKUUVAHTI_SINGLE_USER="true") as port:
        yield f"http://localhost:{port}"
    assert (folder / "outgoing").read_text() == ""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fi-FI")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["upload", "indicator"])
def test_a_pages_scripts_run_and_nothing_is_fetched_elsewhere(page: Page, address: str, name: str) -> None:
    violations: list[str] = []
    elsewhere: list[str] = []
    page.on(
        "console",
        lambda message: violations.append(message.text) if "Security Policy" in message.text else None,
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
            else elsewhere.append(request.url)
        ),
    )
    page.goto(f"{address}/{name}")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(page.locator("html")).to_have_attribute("lang", "fi", timeout=PATIENCE)
    expect(page.get_by_test_id("stSkipToContent")).to_have_text("Siirry sisältöön")
    if name == "upload":
        zone = page.get_by_test_id("stFileUploaderDropzone")
        expect(zone.locator("button")).to_have_attribute("aria-label", "Valitse tiedostot")
    assert (violations, elsewhere) == ([], [])


@pytest.mark.browser
def test_a_script_that_got_into_a_page_does_not_run(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    ran = page.evaluate(
        """async () => {
            const script = document.createElement("script");
            script.textContent = "window.written = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", '<img src="x" onerror="window.handled = true">');
            const outside = document.createElement("script");
            outside.src = "https://elsewhere.example.com/a.js";
            document.body.append(outside);
            let evaluated = true;
            // What the tests' own tool runs at once may evaluate text; what a timer runs is the page's.
            await new Promise((resolve) => setTimeout(() => {
                try { new Function("window.made = true")(); } catch { evaluated = false; }
                resolve();
            }));
            let fetched = true;
            try { await fetch("https://elsewhere.example.com/"); } catch { fetched = false; }
            await new Promise((resolve) => setTimeout(resolve, 500));
            return [window.written, window.handled, window.made, evaluated, fetched].map(Boolean);
        }"""
    )
    assert ran == [False] * 5
