"""Files a reader downloads, and the log (`downloads.log`) of who downloaded what: when, page, rows; never the rows."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from pages.access import session
from pages.text.translations import in_language, language
from pipelines.identity_codes import mask
from pipelines.warehouse.audit import Event

LOG_FILE = "downloads.log"


def later(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """A file made on demand in the language of this run: Streamlit asks for it outside the run."""
    chosen = language()

    @wraps(make)
    def made() -> bytes:
        with in_language(chosen):
            return make()

    return made


def log(folder: Path, who: str, page: str, what: str, rows: int) -> None:
    """Write one line of the log: who took what from where."""
    _logger(folder).info("%s\t%s\t%s\t%d", who, page, what, rows)
    session.append(folder, Event.DOWNLOADED, who, "", page=page, what=mask(what), rows=str(rows))


def _logger(folder: Path) -> logging.Logger:
    """The logger of a warehouse; where its folder cannot be written, the lines go to the server's output."""
    logger = logging.getLogger(f"takuuvahti.downloads.{abs(hash(folder))}")
    if not logger.handlers:
        handler: logging.Handler
        try:
            handler = logging.FileHandler(folder / LOG_FILE, encoding="utf-8")
        except OSError:
            handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s\t%(message)s", "%Y-%m-%dT%H:%M:%S%z"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    return logger
