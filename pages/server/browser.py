"""What `streamlit run` does for a plain script and not for an application: it opens the reader's browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamlit import cli_util, config
from streamlit.starlette import App
from streamlit.web.server.server_util import get_display_address, get_url


@asynccontextmanager
async def opened(_app: App) -> AsyncIterator[None]:
    """Open the application's address when it has started, unless it runs headless; its socket already listens."""
    if not config.get_option("server.headless"):
        cli_util.open_browser(
            get_url(get_display_address(config.get_option("server.address") or "localhost"))
        )
    yield
