"""The language a reader has chosen: in the address, else in the session; and the choice of it."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from indicators.catalogue.languages import LANGUAGES
from indicators.wording import translations
from indicators.wording.translations import _, language

#: The address parameter, and the key in the session.
PARAMETER = "kieli"


def chosen_language() -> str | None:
    """The language a reader has chosen; None outside a run, or where none is chosen."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    chosen = (st.query_params.get(PARAMETER), st.session_state.get(PARAMETER))
    return next((str(one) for one in chosen if one in LANGUAGES), None)


translations.read_choice_from(chosen_language)


def language_choice() -> None:
    """The choice of language, each by its own name."""
    key = "choice_of_language"
    st.session_state[key] = language()

    def change() -> None:
        chosen = st.session_state[key] or language()
        st.session_state[PARAMETER] = chosen
        st.query_params[PARAMETER] = chosen

    st.segmented_control(
        _("Language"),
        list(LANGUAGES),
        width="stretch",
        wrap=False,
        format_func=lambda code: LANGUAGES[code].name,
        key=key,
        on_change=change,
        required=True,
    )
