"""Put HTML of our own, with inline SVG, into a page: Streamlit's own elements take SVG out."""

from __future__ import annotations

from pages.ui import scripts


def show(html: str, key: str) -> None:
    """Show HTML whose texts are escaped; `key` tells the sheets of a page apart."""
    scripts.run(scripts.SHEET, before=f'<div class="tv" id="tv-{key}"></div>', html=html)
