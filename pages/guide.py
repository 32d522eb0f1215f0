"""The user guide: a chapter for each role, as it is written in the folder of the reader's language."""

from __future__ import annotations

import streamlit as st

from indicators.wording.translations import _, language
from pages.access import session
from pages.text import guide
from pages.text.tour import TOURS
from pages.ui import components
from pages.ui.styles import GUIDE_STYLE

#: The address parameter of the open chapter.
VIEW = "nakyma"


def draw() -> None:
    """The page; the chapter of a role the reader has comes first."""
    st.html(GUIDE_STYLE)
    components.heading(
        _("User guide"), _("How to read the figures and what to do with them, a chapter for each role.")
    )
    roles = sorted(guide.CHAPTERS, key=lambda role: role not in session.access().roles)
    opened, place = components.tabs(VIEW, {guide.CHAPTERS[role]: _(TOURS[role].whom) for role in roles})
    with place:
        role = next(role for role in roles if guide.CHAPTERS[role] == opened)
        st.html(guide.chapter_html(role, language(), _link))


def _link(target: guide.Target) -> str:
    return components.link_address(target.page, target.parameters)


components.guarded(draw)
