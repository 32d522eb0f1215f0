"""The colours can be seen and told apart: contrast by WCAG, distinctness also for readers who do not see all hues."""

import itertools
import re
import tomllib

import pytest
from coloraide import Color

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
    used = set(re.findall(r"#[0-9a-f]{6}\b", styles.STYLE))
    assert used <= {*colours.CATEGORIES, colours.OTHERS}
