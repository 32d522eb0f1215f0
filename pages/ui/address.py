"""The address of a page holds what a reader has selected, so that a link shows the same view; the session carries it on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from indicators.catalogue.dimensions import DIMENSIONS
from indicators.catalogue.languages import LANGUAGES
from pages.ui.language import PARAMETER
from pages.ui.own_units import own_units

#: The address parameter of each dimension.
PARAMETERS: Mapping[str, str] = {
    name: one.address
    for name, one in sorted(DIMENSIONS.items(), key=lambda named: named[0] != "area")
    if one.address is not None
}
GRAIN, SPAN = "jakso", "aika"
#: The address parameter, and the key in the session, of the view that may be shared.
AUDIENCE, SHAREABLE = "yleiso", "jaettava"
#: In the address: a dimension that has a default is not narrowed.
EVERYTHING = "kaikki"
#: In the address: none of the values of a choice that has some by default.
NOTHING = "ei"
_FILTERS = (GRAIN, SPAN, *PARAMETERS.values())
_CARRIED, _PAGE, _STARTED = "filters_kept", "filters_page", "filters_started"


def start_run(page: str) -> None:
    """Put into the address what the session carries. Called by the router before a page is drawn.

    Where the page has changed and the address names nothing, it gets what was selected on the page before; on a
    reader's first visit their own units.
    """
    changed = st.session_state.get(_PAGE) not in (page, None)
    st.session_state[_PAGE] = page
    bare = not is_narrowed()
    if changed and bare:
        for key, values in carried().items():
            st.query_params[key] = values
    if not st.session_state.get(_STARTED):
        st.session_state[_STARTED] = True
        own = own_units()
        if own and bare:
            st.query_params[PARAMETERS["unit"]] = own
    if st.query_params.get(PARAMETER) in LANGUAGES:
        st.session_state[PARAMETER] = st.query_params[PARAMETER]
    elif PARAMETER in st.session_state:
        st.query_params[PARAMETER] = st.session_state[PARAMETER]
    if st.query_params.get(AUDIENCE) == SHAREABLE:
        st.session_state[AUDIENCE] = SHAREABLE
    elif AUDIENCE in st.session_state:
        st.query_params[AUDIENCE] = SHAREABLE
    carry()


def page_name() -> str:
    """The name of the page that is drawn, as in its address."""
    return str(st.session_state.get(_PAGE, ""))


def carried() -> dict[str, list[str]]:
    """The parameters that a link to another page carries: language, audience and filters."""
    return {key: list(values) for key, values in st.session_state.get(_CARRIED, {}).items()}


def carry() -> None:
    """Carry what the address says now to other pages."""
    params = st.query_params
    st.session_state[_CARRIED] = {
        key: params.get_all(key) for key in (PARAMETER, AUDIENCE, *_FILTERS) if key in params
    }


def is_shareable() -> bool:
    """Whether the view that may be shared is selected."""
    return AUDIENCE in st.session_state


def show_shareable(wanted: bool) -> None:
    """Select the view that may be shared, or the reader's own."""
    for place in (st.session_state, st.query_params):
        if wanted:
            place[AUDIENCE] = SHAREABLE
        elif AUDIENCE in place:
            del place[AUDIENCE]
    carry()


def selected(parameter: str, options: Collection[str], default: str) -> str:
    """The option a parameter selects, or the default; also of a choice that is drawn further down."""
    written = st.query_params.get(parameter)
    return written if written is not None and written in options else default


def selected_values(dimension: str, default: Sequence[str] = ()) -> tuple[str, ...]:
    """The values of a dimension selected; the default where the address does not name it."""
    written = st.query_params.get_all(PARAMETERS[dimension])
    if not written:
        return tuple(default)
    return () if written == [EVERYTHING] else tuple(dict.fromkeys(written))


def write(parameter: str, values: list[str], default: list[str]) -> None:
    """Put a choice into the address; the default is left out of it."""
    if values != default:
        st.query_params[parameter] = values or [EVERYTHING]
    elif parameter in st.query_params:
        del st.query_params[parameter]
    carry()


def is_narrowed() -> bool:
    """Whether the address selects anything by filter, grain or span."""
    return any(key in st.query_params for key in _FILTERS)


def clear() -> None:
    """Take filters, grain and span out of the address."""
    for key in _FILTERS:
        if key in st.query_params:
            del st.query_params[key]
    carry()
