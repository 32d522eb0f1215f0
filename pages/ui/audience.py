"""The line of a page that says for whom it is made, the switch to the shareable view, and what is shared from there."""

from __future__ import annotations

import html
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from indicators.wording.translations import _
from pages.access import session
from pages.access.audience import audience, start_run
from pages.access.decision import SHAREABLE
from pages.text.audience import audience_words
from pages.ui import address, report_buttons, scripts
from pages.ui.report_buttons import Offer

_SWITCH, _PRINT = "audience_switch", "audience_print"
#: Session keys: how often the reader has asked to print, and whether the page that is drawn is to be printed.
_TURN, _PRINTING = "audience_print_turn", "audience_printing"


def choose() -> None:
    """Make the run for the reader's own audience, or shareable where that is selected. Called before a page is drawn."""
    start_run(SHAREABLE if address.is_shareable() else session.access().audience)


def marks(html_of_others: str, *, told: bool, report: Offer | None) -> None:
    """The small print of the head of a page: other marks as given, and where `told` for whom the page is made.

    That stands on every printed page too. With what is shared from here: the shareable view, its link, printing, a report.
    """
    shown = html_of_others
    if told:
        said = audience_words()
        shown += f'<p class="tv-audience tv-{audience().kind}" role="note">{html.escape(said)}</p>'
        st.html(
            f'<style>@media print {{ @page {{ @top-left {{ content: "{said}"; font: 8pt sans-serif; }} }} }}</style>'
        )
    st.html(f'<div class="tv-marks">{shown}</div>')
    with st.popover(_("Share or print"), type="tertiary", key="audience_share"):
        if told and session.access().audience.is_internal:
            _switch()
        st.button(_("Print this page"), icon=":material/print:", key=_PRINT, on_click=_ask_to_print)
        if report is not None:
            report_buttons.draw(report)


def _switch() -> None:
    st.session_state[_SWITCH] = address.is_shareable()
    st.toggle(
        _("Show as shareable"),
        key=_SWITCH,
        on_change=lambda: address.show_shareable(st.session_state[_SWITCH]),
        help=_(
            "Shows what others see: small numbers are hidden. It stays on from page to page until you turn it off."
        ),
    )
    shareable = _("A link to the shareable view of this page:")
    st.html(f'<p class="tv-note">{html.escape(shareable)}</p>')
    st.code(_shareable_link(), language=None, wrap_lines=True)
    st.button(
        _("Print the shareable view"),
        icon=":material/print:",
        key=f"{_PRINT}_shareable",
        on_click=_ask_to_print_shareable,
    )


def _shareable_link() -> str:
    """The address of what is on screen, in its shareable view."""
    here = urlsplit(st.context.url or "")
    asked = {name: st.query_params.get_all(name) for name in st.query_params} | {
        address.AUDIENCE: [address.SHAREABLE]
    }
    return urlunsplit((here.scheme, here.netloc, here.path, urlencode(asked, doseq=True), ""))


def _ask_to_print_shareable() -> None:
    address.show_shareable(True)
    _ask_to_print()


def _ask_to_print() -> None:
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.session_state[_PRINTING] = True


def print_if_asked() -> None:
    """Open the browser's print dialogue once the page has been drawn. Called after a page is drawn."""
    if st.session_state.pop(_PRINTING, False):
        scripts.run(scripts.PRINT, turn=st.session_state[_TURN])
