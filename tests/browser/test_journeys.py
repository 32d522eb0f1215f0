"""A few real journeys through the running application."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
#: Milliseconds a page may take on a busy machine.
PATIENCE = 90_000


def opened(browser: Browser, address: str, *, width: int = 1280) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, locale="fi-FI").new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    expect(page.locator(".tv-finding")).to_be_visible(timeout=PATIENCE)
    return page


def test_a_deep_link_on_a_fresh_server_goes_through_the_router(browser: Browser, server: str) -> None:
    """The first request of all: navigation, language and style are there, and nobody says that a page is missing."""
    page = opened(browser, f"{server}/care_guarantee?kieli=sv")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vårdgaranti")
    expect(page.get_by_role("link", name="Vårdgaranti")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    assert page.get_by_role("dialog").count() == 0
    assert urlsplit(page.url).path == "/care_guarantee"


def test_language_and_filters_follow_to_the_next_page(browser: Browser, server: str) -> None:
    page = opened(browser, f"{server}/care_guarantee?kieli=sv&yksikko=TK-KOK-01")
    page.get_by_role("link", name="Köer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Köer", timeout=PATIENCE)
    expect(page.get_by_text("Kokkolan pääterveysasema").first).to_be_visible()
    address = parse_qs(urlsplit(page.url).query)
    assert address["kieli"] == ["sv"]
    assert address["yksikko"] == ["TK-KOK-01"]


def test_nothing_is_asked_of_another_host(browser: Browser, server: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/care_guarantee")
    expect(page.locator(".tv-finding")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".stPlotlyChart").first).to_be_visible(timeout=PATIENCE)
    assert not [url for url in asked if not url.startswith((server, "data:", "blob:"))]


@pytest.mark.parametrize("width", [320, 640])
def test_a_narrow_window_does_not_scroll_sideways(browser: Browser, server: str, width: int) -> None:
    """320 px; and 1280 px at 200 % zoom, which is 640 px."""
    page = opened(browser, f"{server}/care_guarantee", width=width)
    expect(page.locator(".stPlotlyChart").first).to_be_visible(timeout=PATIENCE)
    inner, outer = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return [main.scrollWidth, main.clientWidth] }"
    )
    assert inner <= outer


def test_own_units_are_chosen_on_the_next_visit(browser: Browser, server: str) -> None:
    context = browser.new_context(locale="fi-FI")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server}/care_guarantee?yksikko=TK-KOK-02")
    page.get_by_role("button", name="Kälviän terveysasema").click()
    page.get_by_role("button", name="Muista omina yksiköinäni").click()
    expect(page.get_by_text("Yksikkösi muistetaan tässä selaimessa.")).to_be_visible(timeout=PATIENCE)
    again = context.new_page()
    again.goto(f"{server}/care_guarantee")
    expect(again.get_by_role("button", name="Kälviän terveysasema")).to_be_visible(timeout=PATIENCE)


def settled(page: Page) -> None:
    """Wait until the page is drawn."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def number(page: Page) -> str:
    return page.locator(".tv-headline").first.inner_text()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_manager_goes_from_the_list_to_the_queue_and_back(
    browser: Browser, server: str, width: int
) -> None:
    page = opened(browser, f"{server}/care_guarantee", width=width)
    page.wait_for_selector(".tv-actions a")
    whole = number(page)
    unit = page.locator(".tv-data tbody th a").first
    name = unit.inner_text()
    unit.click()
    expect(page.locator(".tv-selected")).to_contain_text(name, timeout=PATIENCE)
    settled(page)
    page.wait_for_function("() => location.search.includes('yksikko=')", timeout=PATIENCE)
    # What was clicked keeps the focus, and the page stays where it was.
    assert page.evaluate("() => document.activeElement.textContent") == name
    page.reload()
    expect(page.locator(".tv-selected")).to_contain_text(name, timeout=PATIENCE)
    page.go_back()
    expect(page.locator(".tv-selected")).to_have_count(0, timeout=PATIENCE)
    settled(page)
    assert number(page) == whole
    page.locator(".tv-actions a").first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Hoitotakuu", timeout=PATIENCE)
    assert page.evaluate("() => document.querySelector('.stMain').scrollTop") == 0


@pytest.mark.parametrize("width", [1440, 390])
def test_a_board_member_opens_a_target(browser: Browser, server: str, width: int) -> None:
    page = opened(browser, f"{server}/overview", width=width)
    target = page.locator(".tv-data tbody th a").first
    name = target.inner_text()
    target.click()
    expect(page.locator(".tv-headline").first).to_be_visible(timeout=PATIENCE)
    assert urlsplit(page.url).path == "/indicator"
    top = page.get_by_role("heading", level=1).bounding_box()
    assert top is not None and top["y"] < 150, name


def test_by_keyboard_alone_from_the_overview_to_the_depth_of_a_target(browser: Browser, server: str) -> None:
    page = opened(browser, f"{server}/overview")
    target = page.locator(".tv-data tbody th a").first
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.closest('.tv-data tbody th') !== null"):
            break
    assert target.evaluate("(part) => part === document.activeElement")
    page.keyboard.press("Enter")
    expect(page.locator(".tv-headline").first).to_be_visible(timeout=PATIENCE)
    settled(page)
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.getAttribute('role') === 'tab'"):
            break
    first = page.evaluate("() => document.activeElement.textContent")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator('[role="tab"][aria-selected="true"]')).not_to_have_text(first, timeout=PATIENCE)
    page.wait_for_function("() => location.search.includes('nakyma=')", timeout=PATIENCE)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_manager_plans_a_queue_and_shares_the_scenario(browser: Browser, server: str, width: int) -> None:
    """From the queues to the plan; more visits; another reader opens the address and sees the same."""
    page = opened(browser, f"{server}/queues?yksikko=HH-KOK-01&palvelu=oral_health", width=width)
    page.get_by_role("link", name="Suunnittele tätä jonoa").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jonon suunnittelu", timeout=PATIENCE)
    expect(page.locator(".tv-finding")).to_contain_text("Jos mikään ei muutu", timeout=PATIENCE)
    settled(page)
    page.get_by_role("spinbutton", name="Käyntejä viikossa").first.fill("5")
    page.get_by_role("spinbutton", name="Käynnin hinta, €").first.fill("100")
    page.get_by_role("button", name="Laske").click()
    expect(page.locator(".tv-finding")).to_contain_text("Se maksaa 26 000 €", timeout=PATIENCE)
    settled(page)
    # The names of Streamlit's own buttons are in the reader's language too.
    expect(page.get_by_role("button", name="Selitys: Käyntejä viikossa").first).to_be_visible()
    page.get_by_role("link", name="Enimmäisajassa").click()
    page.wait_for_function("() => location.search.includes('luku=share')", timeout=PATIENCE)
    settled(page)
    told = page.locator(".tv-finding").inner_text()
    other = opened(browser, page.url, width=width)
    expect(other.locator(".tv-finding")).to_have_text(told, timeout=PATIENCE)


@pytest.mark.parametrize("name", ["overview", "care_guarantee", "indicator", "queues", "queue_plan"])
def test_a_printed_page_is_cut_nowhere(browser: Browser, server: str, name: str) -> None:
    """On A4: nothing is wider than the sheet, charts are whole, navigation and controls are away."""
    page = opened(browser, f"{server}/{name}")
    settled(page)
    scaled = """(name) => { dispatchEvent(new Event(name));
        return [...document.querySelectorAll("svg.main-svg")].map((chart) => [chart.getAttribute("viewBox"),
            `0 0 ${chart.getAttribute("width")} ${chart.getAttribute("height")}`]) }"""
    # A browser does not draw a chart anew for the paper: it is scaled from the size it has on the screen.
    assert all(box == size for box, size in page.evaluate(scaled, "beforeprint"))
    assert not any(box for box, _size in page.evaluate(scaled, "afterprint"))
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})  # 210 mm less two margins of 14 mm
    wider = page.evaluate(
        """() => [...document.querySelectorAll(".stMainBlockContainer :is(svg, table, .js-plotly-plot, .main-svg)")]
            .filter((part) => part.checkVisibility() && part.getBoundingClientRect().right > innerWidth + 1)
            .map((part) => part.outerHTML.slice(0, 80))"""
    )
    assert not wider
    assert not page.locator(".stSidebar").is_visible()


def test_a_printed_page_says_what_it_is_narrowed_to(browser: Browser, server: str) -> None:
    page = opened(browser, f"{server}/care_guarantee?yksikko=TK-KOK-01&kieli=fi")
    expect(page.locator(".tv-paper")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".tv-paper")).to_be_visible()
    expect(page.locator(".tv-paper")).to_contain_text("Kokkolan pääterveysasema")


def test_what_is_printed_is_shareable_and_says_so_on_every_page(browser: Browser, server: str) -> None:
    page = opened(browser, f"{server}/queues")
    internal, shareable = "Sisäinen – sisältää pieniä lukuja, ei jaettavaksi", "Jaettavissa"
    expect(page.locator(".tv-audience")).to_have_text(internal)
    assert on_printed_pages(page) == f'"{internal}"'
    page.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1 } }")
    page.get_by_role("button", name="Jaa tai tulosta").click()
    page.get_by_role("button", name="Tulosta jaettava näkymä").click()
    page.wait_for_function("() => window.printed > 0", timeout=PATIENCE)
    expect(page.locator(".tv-audience")).to_have_text(shareable)
    assert on_printed_pages(page) == f'"{shareable}"'
    assert parse_qs(urlsplit(page.url).query)["yleiso"] == ["jaettava"]
    page.get_by_role("link", name="Hoitotakuu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hoitotakuu", timeout=PATIENCE)
    expect(page.locator(".tv-audience")).to_have_text(shareable)
    page.get_by_role("button", name="Jaa tai tulosta").click()
    page.get_by_text("Näytä jaettavana").click()
    expect(page.locator(".tv-audience")).to_have_text(internal, timeout=PATIENCE)
    assert page.evaluate("() => window.printed") == 1


def on_printed_pages(page: Page) -> str:
    """What stands in the margin of every printed page."""
    return page.evaluate(
        """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
            .filter((rule) => rule.conditionText === "print" || rule.media?.mediaText === "print")
            .flatMap((rule) => [...rule.cssRules])
            .flatMap((rule) => [...(rule.cssRules ?? [])])
            .map((rule) => rule.style?.content).filter(Boolean).join(" ")"""
    )
