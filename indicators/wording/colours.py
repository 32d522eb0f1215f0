"""The colours of pages and reports and what each means: one meaning, one colour, in every chart.

Plotly's marks are written in one colour for both backgrounds, with at least 3 : 1 against each: the server does not know
which one the reader sees. The style sheet shows those that have a meaning in its ink. `tests/pages/test_palette.py` computes
contrast and distinctness.
"""

from __future__ import annotations

LIGHT = {
    "background": "#ffffff",
    "panel": "#f3f5f8",
    "text": "#1a1f26",
    "link": "#0b57a4",
    "border": "#d5dae1",
}
DARK = {
    "background": "#12171e",
    "panel": "#1b222c",
    "text": "#e8ebf0",
    "link": "#7fb8ff",
    "border": "#37404c",
}

#: Fixed meanings.
OURS = "#0f92f7"
TARGET = "#017b37"
LIMIT = "#db1f0f"
BREACH = "#cb8315"
BENCHMARK = "#8b44b8"
#: Everything that is there for comparison only.
OTHERS = "#7d8793"
#: What is drawn in each; a page shows it in the ink of that name.
MEANINGS = {
    "ours": OURS,
    "target": TARGET,
    "limit": LIMIT,
    "breach": BREACH,
    "benchmark": BENCHMARK,
    "others": OTHERS,
}
#: The same meanings on a first screen and on paper, where a text may have them: light and dark, each 4.5 : 1 as text.
INKS = {
    "ours": ("#114eb7", "#5099fe"),
    "target": ("#22785f", "#6ad3a5"),
    "limit": ("#970b24", "#fa6674"),
    "breach": ("#905e01", "#df9f20"),
    "benchmark": ("#632877", "#c3a9e3"),
    "others": ("#8a939e", "#7d8793"),
    "muted": ("#59636e", "#a5aeb9"),
    "hairline": ("#dde2e8", "#2f3843"),
    "panel": (LIGHT["panel"], DARK["panel"]),
    "paper": (LIGHT["background"], DARK["background"]),
    "text": (LIGHT["text"], DARK["text"]),
}
#: Ten categories, the meanings first.
CATEGORIES = (
    *(OURS, TARGET, LIMIT, BREACH, BENCHMARK),
    *("#126df5", "#9d69c1", "#5d9591", "#b2307a", "#fd4576"),
)
#: The stages of a wait, in their order.
STAGES = (CATEGORIES[7], CATEGORIES[6], CATEGORIES[8])
#: Share of the text colour in muted text; the rest is background.
MUTED_PCT = 74


def faint(colour: str, opacity: float) -> str:
    """A colour let through, as plotly and style sheets write it.

    >>> faint("#0f92f7", 0.2)
    'rgba(15, 146, 247, 0.2)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"
