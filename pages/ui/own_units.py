"""A reader's own units, remembered on request in a cookie of unit codes: read by Streamlit, set by a line of script."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import streamlit as st

from indicators.wording.translations import _
from pages.ui import scripts

COOKIE = "takuuvahti_yksikot"
_COOKIE_SECONDS = 365 * 24 * 3600


def own_units() -> list[str]:
    """The units a reader has asked to be remembered; none where the cookie is missing or not ours."""
    try:
        written = base64.urlsafe_b64decode(str(st.context.cookies.get(COOKIE, ""))).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return []
    return [unit for unit in written.split("\n") if unit]


def remember_button(units: Sequence[str]) -> None:
    """A button that remembers the selected units; none where none is selected."""
    if units and st.button(
        _("Remember as my units"),
        type="tertiary",
        key="filters_remember",
        help=_(
            "The next time these units are chosen at once. This browser stores their codes in a "
            "cookie for a year."
        ),
    ):
        value = base64.urlsafe_b64encode("\n".join(units).encode()).decode()
        scripts.run(scripts.COOKIE, name=COOKIE, value=value, seconds=_COOKIE_SECONDS)
        st.toast(_("Your units are remembered in this browser."))
