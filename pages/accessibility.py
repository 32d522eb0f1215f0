"""The accessibility statement, as the law on digital services asks for it, written from what the tests check."""

from __future__ import annotations

import streamlit as st

from indicators.wording.translations import _
from pages.text import accessibility
from pages.ui import cache, components
from pages.ui.statement import statement_html
from pages.ui.styles import GUIDE_STYLE


def draw() -> None:
    """The page."""
    st.html(GUIDE_STYLE)
    components.heading(_("Accessibility statement"), accessibility.finding(accessibility.load_evaluation()))
    st.html(statement_html(cache.settings()))


components.guarded(draw)
