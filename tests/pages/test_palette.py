"""The colours can be seen and told apart: contrast by WCAG, distinctness also for readers who do not see all hues."""

import itertools
import re
import tomllib

import pytest
from coloraide import Color

from indicators.drawing.svg import ON_PAGE, ON_PAPER
from indicators.wording import colours
from pages.ui import styles
from tests.rules.repository import ROOT

BACKGROUNDS = {"light": colours.LIGHT, "dark": colours.DARK}
MEANINGS = (colours.OURS, colours.TARGET, colours.LIMIT, colours.BREACH, colours.BENCHMARK)
SIGHTS = (None, "protan", "deutan", "tritan")
#: Least distance of two colours in OKLab, in hundredths, however they are seen; meanings more than categories.
CATEGORIES_APART, MEANINGS_APART = 8.0, 9.0


def seen(colour: str, sight: str | None) -> Color:
    """A colour as a reader with that sight sees it."""
    return Color(colour) if sight is None else Color(colour).filter(sight)


def apart(one: str, other: str, sight: str | None) -> float:
    return 100 * seen(one, sight).distance(seen(other, sight), space="oklab")


@pytest.mark.parametrize("mode", BACKGROUNDS)
@pytest.mark.parametrize("ground", ["background", "panel"])
@pytest.mark.parametrize("colour", [*colours.CATEGORIES, colours.OTHERS])
def test_marks_stand_out_from_the_background(colour: str, ground: str, mode: str) -> None:
    least = 3.0 if ground == "background" else 2.7
    assert Color(colour).contrast(Color(BACKGROUNDS[mode][ground])) >= least


@pytest.mark.parametrize("sight", SIGHTS)
def test_categories_are_told_apart(sight: str | None) -> None:
    near = {
        (one, other): distance
        for one, other in itertools.combinations(colours.CATEGORIES, 2)
        if (distance := apart(one, other, sight)) < CATEGORIES_APART
    }
    assert not near


@pytest.mark.parametrize("sight", SIGHTS)
def test_meanings_are_told_apart(sight: str | None) -> None:
    near = {
        (one, other): distance
        for one, other in itertools.combinations(MEANINGS, 2)
        if (distance := apart(one, other, sight)) < MEANINGS_APART
    }
    assert not near


#: Inks of first screens that texts are set in, and where these stand.
TEXT_INKS = ("ours", "target", "limit", "breach", "benchmark", "muted", "text")
INKS_OF = {
    mode: {name: pair[at] for name, pair in colours.INKS.items()} for at, mode in enumerate(BACKGROUNDS)
}


@pytest.mark.parametrize("mode", BACKGROUNDS)
@pytest.mark.parametrize("ground", ["paper", "panel"])
@pytest.mark.parametrize("ink", TEXT_INKS)
def test_inks_can_be_read_as_text(ink: str, ground: str, mode: str) -> None:
    mine = INKS_OF[mode]
    under = Color(mine[ground])
    assert Color(mine[ink]).contrast(under) >= 4.5
    if ground == "paper":
        # Also in a row that is selected, which is tinted.
        tinted = under.mix(Color(mine["ours"]), 0.1, space="srgb")
        assert Color(mine[ink]).contrast(tinted) >= 4.5


@pytest.mark.parametrize("mode", BACKGROUNDS)
def test_bars_and_areas_of_others_stand_out(mode: str) -> None:
    assert Color(INKS_OF[mode]["others"]).contrast(Color(INKS_OF[mode]["paper"])) >= 3


@pytest.mark.parametrize("mode", BACKGROUNDS)
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_meanings_of_inks_are_told_apart(sight: str | None, mode: str) -> None:
    near = {
        (one, other): distance
        for one, other in itertools.combinations(TEXT_INKS[:5], 2)
        if (distance := apart(INKS_OF[mode][one], INKS_OF[mode][other], sight)) < MEANINGS_APART
    }
    assert not near


def test_the_page_has_every_ink_in_both_themes_and_paper_the_light_ones() -> None:
    for name, (light, dark) in colours.INKS.items():
        assert (
            f"--tv-{name}: {light};" in styles.SHEET_STYLE or f"--tv-{name}: {light} " in styles.SHEET_STYLE
        )
        assert f"--tv-{name}: light-dark({light}, {dark})" in styles.SHEET_STYLE
        assert ON_PAPER[name] == light
        assert ON_PAGE[name] == f"var(--tv-{name})"
    assert INKS_OF["light"]["paper"] == colours.LIGHT["background"]
    assert INKS_OF["dark"]["paper"] == colours.DARK["background"]


def test_charts_of_plotly_have_the_inks_of_first_screens() -> None:
    assert set(colours.MEANINGS) <= set(colours.INKS)
    assert tuple(colours.MEANINGS.values()) == (*MEANINGS, colours.OTHERS)
    for name, colour in colours.MEANINGS.items():
        red, green, blue = (round(255 * part) for part in Color(colour).coords())
        # As plotly.js writes them: marks as rgb, texts as they are given.
        for written in (f"rgb({red}, {green}, {blue})", colour):
            for what in ("fill", "stroke"):
                rule = rf'{what}: ?{re.escape(written)}"\][^}}]*{{ {what}: var\(--tv-{name}\) !important; }}'
                assert re.search(rule, styles.STYLE), (name, what)


def test_there_are_ten_categories_and_the_meanings_are_among_them() -> None:
    assert len(set(colours.CATEGORIES)) == 10
    assert colours.CATEGORIES[: len(MEANINGS)] == MEANINGS


@pytest.mark.parametrize("mode", BACKGROUNDS)
@pytest.mark.parametrize("ground", ["background", "panel"])
def test_text_links_and_muted_text_can_be_read(mode: str, ground: str) -> None:
    mine = BACKGROUNDS[mode]
    under = Color(mine[ground])
    muted = under.mix(Color(mine["text"]), colours.MUTED_PCT / 100, space="srgb")
    for text in (Color(mine["text"]), Color(mine["link"]), muted):
        assert text.contrast(under) >= 4.5


def test_streamlit_has_the_same_colours() -> None:
    configured = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert tuple(configured["chartCategoricalColors"]) == colours.CATEGORIES
    for mode, mine in BACKGROUNDS.items():
        assert configured[mode]["backgroundColor"] == mine["background"]
        assert configured[mode]["secondaryBackgroundColor"] == mine["panel"]
        assert configured[mode]["textColor"] == mine["text"]
        assert configured[mode]["linkColor"] == mine["link"]


def test_the_style_sheet_uses_no_other_colour() -> None:
    used = set(re.findall(r"#[0-9a-f]{6}\b", styles.STYLE + styles.BOARD_STYLE))
    assert used <= {*colours.CATEGORIES, colours.OTHERS}
    inks = {colour for pair in colours.INKS.values() for colour in pair}
    assert set(re.findall(r"#[0-9a-f]{6}\b", styles.SHEET_STYLE)) <= inks
