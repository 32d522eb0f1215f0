"""Put HTML of our own, with inline SVG, into a page: Streamlit's own elements take SVG out."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui import address, cache, scripts


def show(html: str | Callable[[], str], key: str) -> None:
    """Show HTML whose texts are escaped; `key` tells the sheets of a page apart.

    What is given as a function is made once for an address: it may depend on the address, the published version, the
    audience, the language, the settings and the day alone.
    """
    made = html if isinstance(html, str) else cache.of_address(f"{address.page_name()} {key}", asked(), html)
    scripts.run(scripts.SHEET, before=f'<div class="tv" id="tv-{key}"></div>', html=made)


def asked() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What the address says besides the page."""
    return tuple(sorted((name, tuple(st.query_params.get_all(name))) for name in st.query_params))
