"""What the server does when it starts: it keeps page files out of the navigation, records changed settings, opens the browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from streamlit import cli_util, config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App
from streamlit.web.server.server_util import get_display_address, get_url

from indicators.catalogue.errors import TakuuvahtiError
from pages.access import session


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[None]:
    """Record what of the settings has changed; open the application's address, unless the server runs headless.

    The socket already listens. Faults of the settings are said by every page. Streamlit would show the first reader the
    file names of the folder `pages` as its navigation, until the router has drawn its own.
    """
    PagesManager.uses_pages_directory = False
    with suppress(TakuuvahtiError):
        session.record_settings()
    if not config.get_option("server.headless"):
        cli_util.open_browser(
            get_url(get_display_address(config.get_option("server.address") or "localhost"))
        )
    yield
