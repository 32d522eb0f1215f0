"""What every drawing is made of: colours by what they mean, the size of a drawing, lines, texts, ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from indicators.wording import colours

#: Colours by meaning: on a page the variables of its style sheet, which know the theme; on paper the light values.
Ink = Mapping[str, str]
ON_PAGE: Ink = {name: f"var(--tv-{name})" for name in colours.INKS}
ON_PAPER: Ink = {name: light for name, (light, _dark) in colours.INKS.items()}
#: Fonts for programs that show a picture; the one typst brings is among them.
FONTS = "Arial, Helvetica, 'Liberation Sans', 'Libertinus Serif', sans-serif"
#: The width of a letter, in text heights.
GLYPH = 0.58
#: Two texts at the right end of a drawing are at least so many text heights apart.
APART = 1.15
#: An axis of a share begins at a whole step of these per cents.
_SHARE_STEP = 20
#: Steps between the ticks of a share; the widest that gives the fewest ticks is taken.
_SHARE_TICKS = (20, 10, 5)
_FEWEST_TICKS = 5


@dataclass(frozen=True)
class Size:
    """The size of a drawing and of its texts, and what is left free around it, in pixels or points."""

    width: float
    height: float
    left: float = 40.0
    right: float = 70.0
    top: float = 10.0
    bottom: float = 24.0
    text: float = 12.0

    @property
    def right_edge(self) -> float:
        """Where the drawing ends on the right."""
        return self.width - self.right

    @property
    def foot(self) -> float:
        """Where the axis of values begins."""
        return self.height - self.bottom


@dataclass(frozen=True)
class Scale:
    """From days and values to points of a drawing: the first and last day as ordinals, the ends of the axis and its step."""

    size: Size
    first: int
    last: int
    low: float
    high: float
    step: float

    def day(self, day: date) -> float:
        """Where a day is."""
        return self.x(day.toordinal())

    def x(self, ordinal: float) -> float:
        """Where the ordinal of a day is, at an end where it is beyond it."""
        share = (ordinal - self.first) / max(self.last - self.first, 1)
        return self.size.left + (self.size.right_edge - self.size.left) * min(max(share, 0.0), 1.0)

    def y(self, value: float) -> float:
        """Where a value is, at an end of the axis where it is beyond it."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.size.foot - (self.size.foot - self.size.top) * share


# Many parameters because a line has two ends and a form.
def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, *, dashes: str = "") -> str:
    """A straight line; `dashes` as SVG writes them."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


# Many parameters because a text has its place and its form.
def text(
    x: float, y: float, said: str, colour: str, *, anchor: str = "start", bold: bool = False, kind: str = ""
) -> str:
    """A text, escaped; `kind` is a class of the style sheet."""
    weight = ' font-weight="bold"' if bold else ""
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(said)}</text>'


def rectangle(x: float, y: float, width: float, height: float, colour: str, *, opacity: float = 1.0) -> str:
    """A filled rectangle."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" fill="{colour}"'
        + (f' fill-opacity="{opacity:g}"' if opacity < 1 else "")
        + "/>"
    )


def document(size: Size, pieces: Iterable[str], alt: str, font: str = "inherit") -> str:
    """A drawing as SVG; `alt` are the words for those who do not see it, without them it says nothing to them."""
    named = f'role="img" aria-label="{escape(alt, quote=True)}"' if alt else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size.width:g} {size.height:g}" '
        f'width="{size.width:g}" height="{size.height:g}" font-family="{font}" font-size="{size.text:g}" {named}>'
        f"{''.join(pieces)}</svg>"
    )


def value_axis(lowest: float, highest: float, *, is_share: bool) -> tuple[float, float, float]:
    """Where the axis of values begins and ends, and the step between its ticks: a share ends at 100 per cent, others begin at 0.

    >>> value_axis(64.0, 76.0, is_share=True), value_axis(3.0, 47.0, is_share=False)
    ((60.0, 100.0, 10), (0.0, 50.0, 10.0))
    """
    if is_share:
        low = min(math.floor(lowest / _SHARE_STEP) * _SHARE_STEP, 80.0)
        return float(low), 100.0, next(one for one in _SHARE_TICKS if (100 - low) / one + 1 >= _FEWEST_TICKS)
    step = tick_step(highest)
    return 0.0, max(math.ceil(highest / step), 1) * step, step


def tick_step(highest: float) -> float:
    """The widest step that gives five ticks from zero to a value: 1, 2 or 5 times a power of ten, at least one.

    >>> tick_step(3), tick_step(11), tick_step(47), tick_step(500)
    (1.0, 2.0, 10.0, 100.0)
    """
    # Four steps reach the value or pass it where three do not.
    most = max(highest / (_FEWEST_TICKS - 2), 1.0)
    power = 10.0 ** math.floor(math.log10(most))
    steps = [factor * power for factor in (10, 5, 2, 1, 0.5) if 1 <= factor * power < most]
    return float(steps[0] if steps else 1)
