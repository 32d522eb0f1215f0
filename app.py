"""The router: page set-up, language, style sheet, navigation. `streamlit run app.py`.

Streamlit imports this file as the server's application, and runs it as the script of every page.
"""

import json

import streamlit as st

from indicators.wording import translations
from indicators.wording.translations import _, language
from pages.access import gate
from pages.server import protection, start
from pages.text.streamlits_words import streamlits_words
from pages.ui import address, cache, page_registry, prewarm, scripts, styles
from pages.ui.language import language_choice


def draw() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Takuuvahti", layout="wide", initial_sidebar_state="auto")
    translations.start_run()
    prewarm.start()
    st.html(styles.SHEET_STYLE)
    st.html(styles.STYLE)
    scripts.run(
        scripts.DOCUMENT_LANGUAGE,
        language=language(),
        skip=_("Skip to the content"),
        labels=json.dumps(streamlits_words()),
    )
    scripts.run(scripts.LINKS)
    if not gate.opened():
        return
    with cache.one_version():
        page = page_registry.navigation()
        address.start_run(page_registry.name_of(page))
        with st.sidebar:
            language_choice()
            st.caption(_("Takuuvahti: access to care in time"))
            gate.account()
        page.run()
    prewarm.import_heavy()


if __name__ == "__main__":
    draw()
else:
    app = st.App(
        __file__,
        lifespan=start.lifespan,
        middleware=protection.middleware(),
        exception_handlers={413: protection.too_large, Exception: protection.failed},
    )
