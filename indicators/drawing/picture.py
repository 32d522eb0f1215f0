"""A drawing as a picture that stands by itself: white ground, title, what it is of, where its numbers come from.

A picture is SVG with plain shapes and texts in fonts every program has; as PNG it is made of that SVG by typst, without a
browser or network.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from indicators.drawing.svg import FONTS, GLYPH, ON_PAPER, Size, rectangle, text

#: How a picture can be taken, by the ending of its file.
PICTURE_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
#: The size in which a chart is drawn for a picture.
PICTURE = Size(820, 340, left=46, right=92, top=18, bottom=44, text=12)
_MARGIN, _TITLE, _SMALL, _LINE = 18.0, 17.0, 11.5, 1.4
_PIXELS_PER_INCH = 192.0
_ROOT = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.S)
#: What no XML document may contain (XML 1.0, production 2): names from a file may.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SIZES = re.compile(r'\b(width|height|font-size)="([\d.]+)"')


@dataclass(frozen=True)
class Picture:
    """A drawing (SVG in the colours of paper) with its words.

    `subtitle` says what it is of, `mark` that its data is made up, `alt` what is seen in it, `notes` how it is read, its
    source, for whom it is made.
    """

    title: str
    drawing: str
    subtitle: str = ""
    mark: str = ""
    alt: str = ""
    notes: Sequence[str] = ()

    def svg(self) -> str:
        """The picture as SVG, without the characters that XML does not allow."""
        size = {name: float(value) for name, value in _SIZES.findall(self.drawing[: self.drawing.index(">")])}
        width = size["width"] + 2 * _MARGIN
        lines = [
            *((said, _TITLE, "text", True) for said in _wrapped(self.title, width, _TITLE)),
            *((said, _SMALL, "muted", False) for said in _wrapped(self.subtitle, width, _SMALL)),
            *((said, _SMALL, "breach", True) for said in _wrapped(self.mark, width, _SMALL)),
        ]
        above, top = _written(lines, _MARGIN)
        top += _SMALL
        notes = [
            (said, _SMALL, "muted", False)
            for one in self.notes
            if one
            for said in _wrapped(one, width, _SMALL)
        ]
        below, foot = _written(notes, top + size["height"] + _SMALL)
        height = math.ceil(foot + _MARGIN)
        inner = _ROOT.search(self.drawing)
        drawn = (
            f'<g transform="translate({_MARGIN:g} {top:g})" font-size="{size["font-size"]:g}">'
            f"{inner[1] if inner else ''}</g>"
        )
        named = f"<title>{escape(self.title)}</title><desc>{escape(self.alt)}</desc>"
        made = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}" '
            f'height="{height}" font-family="{FONTS}" role="img">{named}'
            f"{rectangle(0, 0, width, height, ON_PAPER['paper'])}{above}{drawn}{below}</svg>"
        )
        return _NOT_IN_XML.sub("", made)


def file_of(svg: str, kind: str) -> bytes:
    """A picture as a file of a kind of `PICTURE_TYPES`."""
    return png(svg) if kind == "png" else svg.encode()


def png(svg: str) -> bytes:
    """An SVG as PNG, with the fonts that come with typst."""
    # A heavy package that only whoever takes a picture needs.
    import typst

    made = typst.compile(
        b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")',
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
        sys_inputs={"svg": svg},
        format="png",
        ppi=_PIXELS_PER_INCH,
    )
    return bytes(made)


def _wrapped(said: str, width: float, size: float) -> list[str]:
    return wrap(said, int((width - 2 * _MARGIN) / (size * GLYPH)))


def _written(lines: Sequence[tuple[str, float, str, bool]], top: float) -> tuple[str, float]:
    """Lines (words, size, ink, bold) below each other, and where they end."""
    written = []
    for said, size, ink, bold in lines:
        written.append(
            f'<g font-size="{size:g}">{text(_MARGIN, top + size, said, ON_PAPER[ink], bold=bold)}</g>'
        )
        top += size * _LINE
    return "".join(written), top
