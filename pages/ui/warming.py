"""What is slow to import and needed by few pages is imported in the background, after the first page has been drawn."""

from __future__ import annotations

import threading
from functools import cache

from indicators.analysis import projection


@cache
def start() -> None:
    """Begin, once for each process."""
    threading.Thread(target=projection.warm, name="warming", daemon=True).start()
