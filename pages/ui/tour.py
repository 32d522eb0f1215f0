"""The guided tour: offered on the first opening, five steps for each role, left at any time."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from indicators.wording.translations import _
from pages.access import session
from pages.sheet.pieces import link
from pages.text.tour import TOURS, Tour
from pages.ui import address, scripts, sheet

#: The address parameter, and what it says once the tour is declined or left.
PARAMETER, LEFT = "kierros", "ei"
COOKIE, TAKEN = "takuuvahti_kierros", "1"
_COOKIE_SECONDS = 365 * 24 * 3600
#: The page that offers the tour.
FIRST_PAGE = "overview"


def draw() -> None:
    """The step that the address names, or the offer on a first opening; nothing else."""
    asked = st.query_params.get(PARAMETER, "")
    if asked == LEFT:
        _remember()
        return
    code, _dash, number = asked.partition("-")
    tour = next((one for one in TOURS.values() if one.code == code), None)
    if tour is not None and number.isdecimal() and 1 <= int(number) <= len(tour.steps):
        _remember()
        sheet.show(_step(tour, int(number)), "tour")
    elif address.page_name() == FIRST_PAGE and not _is_remembered():
        sheet.show(_offer(), "tour")


def _is_remembered() -> bool:
    return bool(st.session_state.get(COOKIE)) or st.context.cookies.get(COOKIE) == TAKEN


def _remember() -> None:
    """Offer the tour no more in this browser."""
    if not _is_remembered():
        scripts.run(scripts.COOKIE, name=COOKIE, value=TAKEN, seconds=_COOKIE_SECONDS)
    st.session_state[COOKIE] = True


def _offer() -> str:
    mine = [tour for role, tour in TOURS.items() if role in session.access().roles]
    starts = " · ".join(link(_address(tour, 1), _(tour.whom)) for tour in mine)
    said, no = escape(_("New here? Five steps show where the answers are:")), _("No, thank you")
    return f'<p class="tv-tour" role="note">{said} {starts} · {link(_left(), no)}</p>'


def _step(tour: Tour, number: int) -> str:
    step, count = tour.steps[number - 1], len(tour.steps)
    ways = []
    if number > 1:
        ways.append(link(_address(tour, number - 1), _("Back")))
    if number < count:
        ways.append(link(_address(tour, number + 1), _("Next")))
    ways.append(link(_left(), _("Finish") if number == count else _("Leave the tour")))
    said = escape(_(step.text))
    return (
        f'<div class="tv-tour" role="note"><strong>{number}/{count}</strong> {said} '
        f'<span class="tv-nowrap">{" · ".join(ways)}</span></div>'
    )


def _address(tour: Tour, number: int) -> str:
    step = tour.steps[number - 1]
    asked = {**address.carried(), **step.parameters, PARAMETER: f"{tour.code}-{number}"}
    return f"{step.page}?{urlencode(asked, doseq=True)}"


def _left() -> str:
    return f"{address.page_name()}?{urlencode({**address.carried(), PARAMETER: LEFT}, doseq=True)}"
