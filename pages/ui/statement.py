"""The accessibility statement as HTML: on its page, and under the sign-in, where nobody has to be let in to read it."""

from __future__ import annotations

import html

import streamlit as st

from indicators.wording.translations import _
from pages.text import accessibility
from pages.text.accessibility import Section
from pages.ui import page_registry
from pages.ui.markup import table_html
from pages.ui.styles import GUIDE_STYLE
from pipelines.settings import Settings


def statement_html(settings: Settings) -> str:
    """The sections of the statement."""
    parts = accessibility.sections(accessibility.load_evaluation(), settings, len(page_registry.ENTRIES))
    return f'<div class="tv tv-guide">{"".join(map(_section, parts))}</div>'


def fold(settings: Settings) -> None:
    """The statement one tap away, for those who have not signed in."""
    summary = html.escape(_("Accessibility statement"))
    said = html.escape(accessibility.finding(accessibility.load_evaluation()))
    st.html(GUIDE_STYLE)
    st.html(
        f'<details class="tv-help"><summary>{summary}</summary><p>{said}</p>{statement_html(settings)}</details>'
    )


def _section(section: Section) -> str:
    said = "".join(f"<p>{html.escape(text)}</p>" for text in section.paragraphs)
    if section.items:
        said += "<ul>" + "".join(f"<li>{html.escape(text)}</li>" for text in section.items) + "</ul>"
    if section.facts:
        rows = "".join(
            f"<dt>{html.escape(name)}</dt><dd>{_value(value)}</dd>" for name, value in section.facts
        )
        said += f'<dl class="tv-facts">{rows}</dl>'
    if section.table is not None:
        said += table_html(section.table)
    return f"<h2>{html.escape(section.heading)}</h2>{said}"


def _value(value: str) -> str:
    """A value, as a link where it is an address."""
    shown = html.escape(value)
    if " " in value:
        return shown
    if "@" in value:
        return f'<a href="mailto:{shown}">{shown}</a>'
    if value.startswith("https://"):
        return f'<a href="{shown}">{shown}</a>'
    return f'<a href="https://{shown}">{shown}</a>' if value.startswith("www.") else shown
