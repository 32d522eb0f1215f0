"""The pieces of a first screen. Texts are escaped here; what is called `html` is safe to show as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from indicators.drawing.svg import Size
from indicators.wording import formats

#: The sizes in which a chart of the first screen is drawn: beside the number, and on a telephone.
WIDE, NARROW = (
    Size(820, 212, left=34, right=84, top=14, bottom=38, text=12),
    Size(358, 210, left=30, right=62, top=14, bottom=38, text=12),
)
#: What an action is about, which gives its colour.
ACTION_INKS = {
    "limit": "limit",
    "breach": "breach",
    "growth": "text",
    "coverage": "breach",
    "worsened": "limit",
    "missing": "breach",
    "missed": "limit",
}
#: The directions of a signal: whether the value rose, fell or varies as usual, and what that means.
_ARROWS = {
    "up": '<path d="M2 12c5 0 6-2 8-5M14 3l-5 0M14 3l0 5M10 7l4-4"/>',
    "down": '<path d="M2 4c5 0 6 2 8 5M14 13l-5 0M14 13l0-5M10 9l4 4"/>',
    "usual": '<path d="M1 9c2-8 5-8 7-1s5 7 7-1"/>',
    "unknown": '<path d="M2 8h3M7 8h3M12 8h3"/>',
}
_NUMBER = re.compile(r"^([^\d]*[\d\s\u00a0\u202f,.–−+-]*\d)(.*)$", re.S)


@dataclass(frozen=True)
class Action:
    """One thing to do: its figure, its kind (see `ACTION_INKS`), what it is, where, and the address that shows it."""

    figure: str
    kind: str
    what: str
    where: str
    href: str


@dataclass(frozen=True)
class Fact:
    """A line of small print at a number: its name and value; `kind` colours the value (an ink) where it asks for action."""

    name: str
    value: str
    kind: str = ""
    href: str = ""


def link(href: str, text: str) -> str:
    """A link to an address of the application."""
    return f'<a href="{escape(href, quote=True)}">{escape(text)}</a>'


def finding(text: str, strong: Sequence[str] = ()) -> str:
    """The finding; the texts in `strong` stand out where they first occur."""
    said = escape(_unbroken(text))
    for one in strong:
        shown = escape(_unbroken(one))
        # A number stands out by itself, not where it is part of a longer one or of a date.
        whole = rf"(?<![\w.,]){re.escape(shown)}(?!\w|[.,]\d)"
        said = re.sub(whole, lambda found: f"<strong>{found[0]}</strong>", said, count=1)
    return f'<p class="tv-finding" role="status">{said}</p>'


def _unbroken(text: str) -> str:
    """A text in which no line ends between n and its number."""
    return text.replace("n = ", f"n{formats.NBSP}={formats.NBSP}")


def verdict_badge(verdict: str, detail: str = "", *, alone: bool = False) -> str:
    """A verdict as its shape and word, with a remark; `alone` shows the shape and keeps the word for screen readers."""
    shape, word = formats.VERDICTS[verdict][0], escape(formats.capital(formats.verdict_word(verdict)))
    mark = f'<span class="tv-shape tv-{verdict}" aria-hidden="true">{shape}</span>'
    if alone:
        return f'<span title="{word}">{mark}<span class="tv-sr">{word}</span></span>'
    more = f' <span class="tv-small">{escape(detail)}</span>' if detail else ""
    return f'<p class="tv-badge">{mark}<span><strong>{word}</strong>{more}</span></p>'


# Many parameters because a signal has its direction, its meaning and its words.
def signal_badge(
    direction: str, words: str, reason: str = "", *, meaning: str = "", inline: bool = False
) -> str:
    """Signal or noise: an arrow that follows the value (up, down, usual, unknown), coloured by `meaning` (good, bad)."""
    arrow = (
        f'<svg class="tv-arrow tv-{meaning or "neutral"}" viewBox="0 0 16 16" width="18" height="18" '
        f'aria-hidden="true">{_ARROWS[direction]}</svg>'
    )
    if inline:
        return f'<span class="tv-nowrap">{arrow} {escape(words)}</span>'
    more = f'<br><span class="tv-small">{escape(reason)}</span>' if reason else ""
    return f'<p class="tv-badge">{arrow}<span><strong>{escape(words)}</strong>{more}</span></p>'


def number_block(
    heading: str, number: str, badges: Sequence[str] = (), facts: Sequence[Fact] = (), *, kind: str = ""
) -> str:
    """The number of a page under what it is of, its badges (HTML), and lines of name and value; `kind` is its ink."""
    found = _NUMBER.match(number)
    shown = (
        f"{escape(found[1])}<small>{escape(found[2])}</small>"
        if found
        else f'<span class="tv-word">{escape(number)}</span>'
    )
    lines = "".join(_fact(fact) for fact in facts)
    listed = f'<dl class="tv-lines">{lines}</dl>' if lines else ""
    coloured = f" tv-ink-{kind}" if kind else ""
    return (
        f'<div class="tv-number-block"><h2>{escape(heading)}</h2><p class="tv-headline{coloured}">{shown}</p>'
        f"{''.join(badges)}{listed}</div>"
    )


def _fact(fact: Fact) -> str:
    shown = link(fact.href, fact.value) if fact.href else escape(fact.value)
    coloured = f' class="tv-ink-{fact.kind}"' if fact.kind else ""
    return f"<div><dt>{escape(fact.name)}</dt><dd{coloured}>{shown}</dd></div>"


def action_list(heading: str, actions: Sequence[Action], remark: str, *, strip: bool = False) -> str:
    """What to do, each a link to what shows it, without one where the page does already.

    The remark follows, or is said in their place. `strip` sets them side by side.
    """
    items = "".join(
        f'<li><span class="tv-figure tv-ink-{ACTION_INKS[one.kind]}">{escape(one.figure)}</span>'
        f"<span>{link(one.href, one.what) if one.href else f'<strong>{escape(one.what)}</strong>'}"
        f'<br><span class="tv-small">{escape(one.where)}</span></span></li>'
        for one in actions
    )
    shown = f"<ul>{items}</ul>{note(remark)}" if items else f"<p>{escape(remark)}</p>"
    return f'<section class="tv-actions{" tv-strip" if strip else ""}"><h2>{escape(heading)}</h2>{shown}</section>'


def charts_of_widths(draw: Callable[[Size], str], wide: Size = WIDE, narrow: Size = NARROW) -> str:
    """A chart drawn for wide and for narrow screens, of which a screen shows one."""
    return f'<div class="tv-wide">{draw(wide)}</div><div class="tv-narrow">{draw(narrow)}</div>'


def titled(heading: str, html: str, remark_html: str = "") -> str:
    """A chart or table under its heading, with a remark at the right."""
    more = f'<p class="tv-small">{remark_html}</p>' if remark_html else ""
    return f'<div class="tv-titled"><div class="tv-title-line"><h2>{escape(heading)}</h2>{more}</div>{html}</div>'


def note(text: str) -> str:
    """A line of small print; empty where the text is."""
    return f'<p class="tv-small">{escape(text)}</p>' if text else ""


def funding_line(emblem_svg: str, name: str, statement: str) -> str:
    """The emblem of who funds a project, called by its name, with the funding line."""
    drawn = f'<span role="img" aria-label="{escape(name, quote=True)}">{emblem_svg}</span>'
    return f'<div class="tv-funding">{drawn}<p>{escape(statement)}</p></div>'


def hidden(text: str) -> str:
    """Words for those who do not see what stands there."""
    return f'<span class="tv-sr">{escape(text)}</span>'


def fold(summary: str, html: str, *, opened: bool = False) -> str:
    """What is one tap away, under a line that says what it is; `opened` by the address."""
    state = ' class="tv-opened" open' if opened else ""
    return f"<details{state}><summary>{escape(summary)}</summary>{html}</details>"


def columns(*html: str) -> str:
    """Pieces side by side where there is room."""
    return f'<div class="tv-columns">{"".join(f"<div>{one}</div>" for one in html)}</div>'


def sheet_grid(number: str = "", chart: str = "", actions: str = "", table: str = "") -> str:
    """The first screen below the finding: number and what to do at the left, the evidence at the right.

    Empty pieces are left out.
    """
    pieces = {"num": number, "chart": chart, "act": actions, "table": table}
    shown = "".join(f'<div class="tv-area-{name}">{html}</div>' for name, html in pieces.items() if html)
    return f'<div class="tv-sheet">{shown}</div>'
