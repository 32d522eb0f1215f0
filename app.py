"""The router: page set-up, language, style sheet, navigation. `streamlit run app.py`.

Streamlit imports this file as the server's application, and runs it as the script of every page.
"""

import streamlit as st

from pages.server import browser, protection
from pages.ui import cache, filters, opening, registry, scripts, texts, theme, warming
from pages.ui.texts import _, language


def draw() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Takuuvahti", layout="wide", initial_sidebar_state="auto")
    texts.start_run()
    opening.start()
    st.html(theme.STYLE)
    with cache.one_version():
        page = registry.navigation()
        filters.start_run(registry.name_of(page))
        scripts.run(scripts.DOCUMENT_LANGUAGE, language=language(), skip=_("Skip to the content"))
        with st.sidebar:
            filters.language_choice()
            st.caption(_("Takuuvahti: access to care in time"))
        page.run()
    warming.start()


if __name__ == "__main__":
    draw()
else:
    app = st.App(
        __file__,
        lifespan=browser.opened,
        middleware=protection.middleware(),
        exception_handlers={413: protection.too_large, Exception: protection.failed},
    )
