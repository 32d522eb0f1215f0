"""The router: page set-up, language, style sheet, navigation. `streamlit run app.py`."""

import json

import streamlit as st

from pages.text import translations
from pages.text.translations import _, language
from pages.ui import address, cache, page_registry, prewarm, styles
from pages.ui.language import language_choice

st.set_page_config(page_title="Takuuvahti", layout="wide", initial_sidebar_state="auto")
translations.start_run()
prewarm.start()
st.html(styles.STYLE)
with cache.one_version():
    page = page_registry.navigation()
    address.start_run(page_registry.name_of(page))
    # Streamlit's page and its link past the navigation are English.
    skip = json.dumps(_("Skip to the content"))
    st.html(
        f'<script>document.documentElement.lang = "{language()}"; '
        f"document.querySelector('[data-testid=\"stSkipToContent\"]')?.replaceChildren({skip})</script>",
        unsafe_allow_javascript=True,
    )
    with st.sidebar:
        language_choice()
        st.caption(_("Takuuvahti: access to care in time"))
    page.run()
prewarm.import_heavy()
