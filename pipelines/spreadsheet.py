"""Texts in files that spreadsheets open: none of them is taken for a formula, and all come back as they were."""

from __future__ import annotations

import re

#: A text that a spreadsheet takes for a formula: it begins with one of these; spaces before it do not count.
_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")
#: What is no formula: a number, and a minus alone.
_NUMBER = re.compile(r"-?(?:\d[\d  ]*(?:[.,]\d+)?)?%?")
_ESCAPED = re.compile(r"'(?=\s*[=+\-@\t\r＝＋－＠])")


def text_cell(text: str) -> str:
    """The text as a cell that stays a text: an apostrophe goes before what would be a formula. Numbers stay numbers.

    >>> [text_cell(text) for text in ("=1+1", "+1", "-1+1", "-12,5", "-", "@x", "Kokkola")]
    ["'=1+1", "'+1", "'-1+1", '-12,5', '-', "'@x", 'Kokkola']
    """
    if _FORMULA.match(text) is None or (_NUMBER.fullmatch(text) is not None and "\t" not in text):
        return text
    return f"'{text}"


def from_cell(text: str) -> str:
    """The text that `text_cell` was given.

    >>> from_cell("'=1+1"), from_cell("'s-Hertogenbosch")
    ('=1+1', "'s-Hertogenbosch")
    """
    return _ESCAPED.sub("", text, count=1) if text.startswith("'") else text
