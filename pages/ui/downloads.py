"""Files a reader downloads, and the log (`downloads.log`) of who downloaded what: when, page, rows; never the rows."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

import streamlit as st

from indicators.wording.translations import in_language, language
from pages.access import session
from pages.access.audience import audience
from pages.ui import cache
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


# Many parameters because Streamlit's button is told them one by one.
def button(label: str, make: Callable[[], bytes], *, name: str, mime: str, key: str, icon: str) -> None:
    """A quiet button for a file that is made when it is asked for."""
    st.download_button(
        label,
        data=later(make),
        file_name=name,
        mime=mime,
        key=key,
        on_click="ignore",
        type="tertiary",
        icon=f":material/{icon}:",
    )


@dataclass(frozen=True)
class Taker:
    """Who takes a file, for which audience it is made, and where: known in a run alone, Streamlit asks for it outside."""

    folder: Path
    who: str
    audience: str

    @classmethod
    def of_run(cls) -> Taker:
        """The reader of this run."""
        return cls(cache.settings().warehouse, session.user(), audience().kind)

    def log(self, page: str, what: str, rows: int) -> None:
        """Write one line of the log: who took what from where."""
        _logger(self.folder).info("%s\t%s\t%s\t%d", self.who, page, what, rows)
        taken = {"page": page, "audience": self.audience, "what": mask(what), "rows": str(rows)}
        session.append(self.folder, Event.DOWNLOADED, self.who, "", **taken)


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
