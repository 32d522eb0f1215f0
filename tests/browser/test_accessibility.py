"""Every page in a real browser: nothing serious of ours by axe, no sideways scrolling, a visible focus, nothing that moves.

What is checked is declared in `data/reference/accessibility.toml`, from which the accessibility statement is written.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from indicators.wording.colours import INKS
from pages.text.accessibility import Checked, load_evaluation
from pages.ui.address import AUDIENCE, SHAREABLE
from pages.ui.page_registry import ENTRIES

pytestmark = pytest.mark.browser
PATIENCE = 90_000
EVALUATION = load_evaluation()
PAGES = tuple(entry.name for entry in ENTRIES)
#: How much a violation matters before it fails.
GRAVE = ("serious", "critical")
#: The background of a page in each theme, as the browser says it.
PAPER = {
    theme: f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"
    for theme, colour in zip(("light", "dark"), INKS["paper"], strict=True)
}
#: Steps of the Tab key looked at on each page.
STEPS = 25
#: What sticks out of the window, is cut by a box around it, or makes the page scroll sideways; not what scrolls by itself.
_OUTSIDE = """() => {
    const main = document.querySelector('[data-testid="stMain"]'), found = [];
    if (main.scrollWidth > main.clientWidth + 1) found.push(`page: ${main.scrollWidth} of ${main.clientWidth}`);
    for (const part of main.querySelectorAll("h1, h2, h3, p, li, a, button, label, summary, input, th, td, svg, img, dt, dd")) {
        const box = part.getBoundingClientRect();
        if (!box.width || !box.height || part.closest(".tv-sr, .tv-hidden, [aria-hidden=true]")) continue;
        let scrolls = false, clipped = null;
        for (let up = part.parentElement; up && up !== main; up = up.parentElement) {
            const style = getComputedStyle(up), edge = up.getBoundingClientRect();
            if (/auto|scroll/.test(style.overflowX)) { scrolls = true; break; }
            if (/hidden|clip/.test(style.overflowX) && edge.width > 1 && box.right > edge.right + 2) clipped = up;
        }
        const out = box.right > main.getBoundingClientRect().right + 1 || box.left < main.getBoundingClientRect().left - 1;
        if (!scrolls && (out || clipped)) found.push(`${out ? "outside" : "cut"}: ${part.outerHTML.slice(0, 120)}`);
    }
    return found;
}"""
#: What has the focus, and whether that is seen: an outline or a shadow of its own or of what is around it.
_FOCUS = """() => {
    const part = document.activeElement;
    if (!part || part === document.body) return null;
    const seen = (one) => {
        const style = getComputedStyle(one);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
    };
    let around = part, far = 0;
    while (around && far < 5 && !seen(around)) { around = around.parentElement; far += 1; }
    const box = part.getBoundingClientRect();
    return { seen: Boolean(around) && far < 5, html: part.outerHTML.slice(0, 120), x: box.x, y: box.y };
}"""


def named(checked: Checked) -> str:
    return f"{checked.language}-{checked.audience}"


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[dict[str, Page]]:
    """A window for each language, which keeps what it has loaded of the application."""
    opened: dict[str, Page] = {}
    for language in EVALUATION.languages:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            locale=f"{language}-FI",
            bypass_csp=True,
            reduced_motion="reduce",
        )
        opened[language] = context.new_page()
    yield opened
    for page in opened.values():
        page.context.close()


@pytest.fixture(
    scope="module",
    params=[(checked, name) for checked in EVALUATION.checked for name in PAGES],
    ids=lambda param: f"{named(param[0])}-{param[1]}",
)
def page(windows: dict[str, Page], server: str, request: pytest.FixtureRequest) -> Page:
    """A page, drawn, in a language and for an audience."""
    checked, name = request.param
    page = windows[checked.language]
    page.set_viewport_size({"width": 1280, "height": 900})
    open_view(page, server, checked, name)
    return page


def open_view(page: Page, server: str, checked: Checked, name: str) -> None:
    """Open a page in a language and for an audience, and wait until it is drawn."""
    shareable = f"&{AUDIENCE}={SHAREABLE}" if checked.audience == "shareable" else ""
    page.goto(f"{server}/{name}?kieli={checked.language}{shareable}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page is drawn, and its charts with it."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=PATIENCE)
    page.wait_for_timeout(500)


@pytest.mark.parametrize("theme", EVALUATION.themes)
def test_a_page_has_no_serious_fault(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    expect(page.locator(".stApp")).to_have_css("background-color", PAPER[theme], timeout=PATIENCE)
    assert not serious_faults(page)


def serious_faults(page: Page) -> list[tuple[str, list[str], str]]:
    """What axe finds of a grave impact and the statement does not name: rule, element, its HTML."""
    report = Axe().run(page).response
    assert report["testEngine"]["version"] == EVALUATION.engine
    return [
        (one["id"], node["target"], node["html"][:160])
        for one in report["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
        if not EVALUATION.excuses(one["id"], node["html"])
    ]


@pytest.mark.parametrize("checked", [one for one in EVALUATION.checked if one.tabs], ids=named)
@pytest.mark.parametrize("name", PAGES)
def test_no_tab_has_a_serious_fault(
    windows: dict[str, Page], server: str, name: str, checked: Checked
) -> None:
    page = windows[checked.language]
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme=EVALUATION.themes[0], reduced_motion="reduce")
    open_view(page, server, checked, name)
    found = {}
    for number in range(1, page.get_by_role("tab").count()):
        tab = page.get_by_role("tab").nth(number)
        title = tab.inner_text()
        tab.click()
        expect(page.get_by_role("tab").nth(number)).to_have_attribute(
            "aria-selected", "true", timeout=PATIENCE
        )
        settle(page)
        found[title] = serious_faults(page)
    assert not any(found.values()), found


def test_the_focus_is_seen(page: Page) -> None:
    page.evaluate("() => document.activeElement?.blur()")
    unseen, stops = [], set()
    for _step in range(STEPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is not None:
            stops.add(focus["html"])
            if not focus["seen"]:
                unseen.append(focus["html"])
    assert not unseen
    assert len(stops) > 5


def test_nothing_moves_for_those_who_ask_for_it(page: Page) -> None:
    moving = page.evaluate(
        "() => document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getTiming().iterations"
        " === Infinity).map((one) => one.animationName ?? one.transitionProperty)"
    )
    assert not moving


@pytest.mark.parametrize("width", EVALUATION.widths)
def test_nothing_is_cut_in_a_narrow_window(page: Page, width: int) -> None:
    """320 px; and 1280 px at 200 % zoom, which is 640 px."""
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(700)
    assert not page.evaluate(_OUTSIDE)
