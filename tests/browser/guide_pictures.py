"""Which pictures the user guide has: the page and what of it is seen, which places are numbered, and how they are taken."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
#: A file with something to remark on.
EXTRACT = ROOT / "tests" / "fixtures" / "extracts" / "wait_before_assessment" / "kaynnit_20250430.csv"
#: Colours of a picture: enough for lines, words and the edges of letters.
COLOURS = 64
#: Pixels around what is seen.
MARGIN = 12
#: Pixels across the number of a place.
MARK = 22
#: The number beside the chart drawn for narrow windows, so that its letters are read on a telephone.
_NUMBER_AND_CHART = """
.tv-sheet { grid-template-columns: 15rem minmax(0, 25rem) !important; grid-template-areas: "num chart" !important; }
.tv-sheet > :not(.tv-area-num, .tv-area-chart) { display: none !important; }
.tv .tv-wide { display: none !important; } .tv .tv-narrow { display: block !important; }
"""
_MARK = """([places, size]) => places.forEach((place, at) => {
    const part = [...document.querySelectorAll(place)].find((one) => one.getClientRects().length);
    const { x, y } = part.getBoundingClientRect();
    const mark = document.createElement("div");
    mark.textContent = at + 1;
    mark.style.cssText = `position:fixed;z-index:9;left:${x - size - 4}px;top:${y}px;width:${size}px;
        height:${size}px;border-radius:50%;background:#1a1f26;color:#fff;font:600 13px/${size}px sans-serif;text-align:center`;
    document.body.append(mark);
})"""
#: The box around all that is seen of some places; where it is too tall it ends with a row or a paragraph.
_BOX = """([places, tallest]) => {
    const boxes = places.flatMap((place) => [...document.querySelectorAll(place)]
        .filter((one) => one.getClientRects().length).slice(0, 1).map((one) => one.getBoundingClientRect()));
    const x = Math.min(...boxes.map((one) => one.left)), y = Math.min(...boxes.map((one) => one.top));
    let bottom = Math.max(...boxes.map((one) => one.bottom));
    if (bottom - y > tallest) {
        const ends = [...document.querySelectorAll(".stMain :is(tr, p, svg)")].map((one) => one.getBoundingClientRect().bottom);
        bottom = Math.max(...ends.filter((one) => one <= y + tallest));
    }
    return [x, y, Math.max(...boxes.map((one) => one.right)) - x, bottom - y];
}"""


def choose_file(page: Page) -> None:
    """Give the page of loading data a file, and wait for what its checks say."""
    page.set_input_files('[data-testid="stFileUploaderDropzoneInput"]', EXTRACT)
    page.locator('[data-testid="stMetric"]').first.wait_for(timeout=60_000)
    page.wait_for_timeout(1_500)
    # The first closed one is where the recognised source is put right; those after it are details.
    page.locator('.stMain [data-testid="stExpander"]:has(details:not([open]))').evaluate_all(
        "parts => parts.slice(1, 3).forEach((part) => { part.style.display = 'none'; })"
    )


def _nothing(_page: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True)
class Picture:
    """A picture: the page's address, the places that are in it, those numbered, the window's width, the most pixels of height."""

    address: str
    places: tuple[str, ...]
    marked: tuple[str, ...] = ()
    width: int = 950
    tallest: int = 900
    style: str = ""
    before: Callable[[Page], None] = _nothing


PICTURES = {
    "manager-week": Picture(
        "care_guarantee",
        (".tv-area-num", ".tv-area-chart"),
        (
            ".tv-area-num .tv-headline",
            ".tv-area-num .tv-badge",
            ".tv-area-num .tv-badge ~ .tv-badge",
            ".tv-area-num .tv-lines > div:nth-child(3)",
            ".tv-area-chart .tv-narrow",
        ),
        style=_NUMBER_AND_CHART,
    ),
    "manager-actions": Picture("care_guarantee", (".tv-actions",), width=860),
    "manager-units": Picture("care_guarantee", (".tv-title-line:has(~ .tv-data)", ".tv-data"), width=1080),
    "analyst-upload": Picture(
        "upload",
        ('[data-testid="stVerticalBlock"]:has(> [class*="st-key-area-"])',),
        (
            ".stMain dl.tv-facts",
            '[data-testid="stMetric"]',
            '[data-testid="stAlert"]',
            '[data-testid="stExpander"]:has(details[open])',
        ),
        before=choose_file,
    ),
    "analyst-quality": Picture("data_quality", (".tv-sheet",), tallest=640),
    "analyst-check": Picture("indicator?nakyma=taulukko", (".stTabs .tv-table",), tallest=380),
    "board-overview": Picture(
        "overview?kierros=ei",
        (".tv-finding", ".tv-actions", ".tv-data"),
        (".tv-finding", ".tv-actions", ".tv-data tbody tr:nth-child(2)", ".tv-data thead th:last-child"),
        width=1180,
        tallest=560,
    ),
    "board-indicator": Picture("indicator", (".tv-sheet",), width=1080, tallest=800),
}


def take(page: Page, picture: Picture, file: Path) -> None:
    """Write the picture of a page that is drawn."""
    picture.before(page)
    for place in (*picture.places, *(() if picture.style else picture.marked)):
        page.locator(place).first.wait_for(timeout=60_000)
    if picture.style:
        page.add_style_tag(content=picture.style)
    page.evaluate(_MARK, [list(picture.marked), MARK])
    x, y, width, height = page.evaluate(_BOX, [list(picture.places), picture.tallest])
    left = MARGIN + (MARK - 6 if picture.marked else 0)
    clip = {
        "x": max(x - left, 0),
        "y": max(y - MARGIN, 0),
        "width": width + left + MARGIN,
        "height": height + 2 * MARGIN,
    }
    taken = Image.open(io.BytesIO(page.screenshot(clip=clip, animations="disabled")))
    file.parent.mkdir(parents=True, exist_ok=True)
    drawn = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    drawn.save(file, optimize=True)
