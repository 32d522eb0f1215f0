"""Names and values under each other, uncut tables, and texts from outside made harmless for Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

import streamlit as st

#: Markdown's own characters, and those without which an address of the web or of mail is no link.
_SPECIAL = re.compile(r"([\\`*_{}\[\]#<>$~|^@]|:(?=[\w/])|(?<=www)\.)", re.IGNORECASE)
_STYLE = """<style>
dl.tv-facts {display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .3rem 1.25rem; margin: 0; padding: 0}
dl.tv-facts dt {color: color-mix(in srgb, currentColor 74%, transparent)}
dl.tv-facts dd {margin: 0; overflow-wrap: anywhere; max-width: 52rem}
@media (max-width: 640px) {dl.tv-facts {grid-template-columns: 1fr; gap: 0} dl.tv-facts dd {margin-bottom: .6rem}}
</style>"""


def plain(text: str) -> str:
    """A text that Markdown shows as it is.

    >>> plain("a_b*c").replace(chr(92), "!"), plain("http://x.fi").replace(chr(92), "!")
    ('a!_b!*c', 'http!://x.fi')
    """
    return _SPECIAL.sub(r"\\\1", text)


def facts_html(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values as a description list; on a narrow screen each name stands above its value."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in pairs)
    return f'<dl class="tv-facts">{rows}</dl>'


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Draw names and values under each other."""
    st.html(_STYLE + facts_html(pairs))


def uncut_tables(key: str) -> None:
    """Let the tables in the container of a key stand in full, without a scroll box of their own."""
    st.html(f"<style>.st-key-{key} .tv-table {{ max-height: none; }}</style>")
