"""Texts in files that spreadsheets open: none of them is taken for a formula, and all come back as they were."""

from __future__ import annotations

import re

#: What goes before a text that would be a formula.
ESCAPE = "'"
#: A text that a spreadsheet takes for a formula: it begins with one of these; spaces before it do not count.
_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")
#: What is no formula: a number, and a minus alone.
_NUMBER = re.compile(r"-?(?:\d[\d \u00a0]*(?:[.,]\d+)?)?%?")


def text_cell(text: str) -> str:
    """Return the text as a cell that stays a text: an apostrophe is put before what would be a formula.

    A text of apostrophes and a formula gets one more, so that one can be removed again.

    >>> [text_cell(text) for text in ("=1+1", "+1", "-1+1", "-12,5", "-", "@x", "Kokkola", "'=1+1")]
    ["'=1+1", "'+1", "'-1+1", '-12,5', '-', "'@x", 'Kokkola', "''=1+1"]
    """
    return f"{ESCAPE}{text}" if _would_be_formula(text) else text


def from_cell(text: str) -> str:
    """The text that `text_cell` was given; any other text as it is.

    >>> from_cell("'=1+1"), from_cell("''=1+1"), from_cell("'s-Hertogenbosch"), from_cell("'-12,5")
    ('=1+1', "'=1+1", "'s-Hertogenbosch", "'-12,5")
    """
    return text[len(ESCAPE) :] if text.startswith(ESCAPE) and _would_be_formula(text) else text


def _would_be_formula(text: str) -> bool:
    """Whether a text, apostrophes at its beginning aside, is taken for a formula."""
    bare = text.lstrip(ESCAPE)
    return _FORMULA.match(bare) is not None and (_NUMBER.fullmatch(bare) is None or "\t" in bare)
