"""What a reader takes out: tables as CSV for a Finnish spreadsheet, and a log of who took what.

The log says when, who (where sign-in is on), from which page, what was asked and how many rows; never the rows. It is
`downloads.log` in the folder of the warehouse.
"""

from __future__ import annotations

import csv
import io
import logging
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path

import streamlit as st

from pages.text.translations import in_language, language
from pipelines.spreadsheet import text_cell

LOG_FILE = "downloads.log"
_BOM = "\ufeff"
Plain = str | int | float | None


def csv_bytes(header: Sequence[str], rows: Sequence[Sequence[Plain]]) -> bytes:
    """A table as CSV: semicolons, decimal commas, UTF-8 with a byte order mark; no number is an empty field.

    >>> csv_bytes(["osuus"], [[71.25], ["=1+1"]]).decode("utf-8-sig")
    "osuus\\r\\n71,25\\r\\n'=1+1\\r\\n"
    """
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([_field(text) for text in header])
    writer.writerows([_field(value) for value in row] for row in rows)
    return (_BOM + written.getvalue()).encode("utf-8")


def _field(value: Plain) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        text = f"{value:.6f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text.replace(".", ",")
    return text_cell(value) if isinstance(value, str) else str(value)


def later(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """A file that is made when it is taken, in the language of now: Streamlit asks for it outside the run."""
    spoken = language()

    @wraps(make)
    def made() -> bytes:
        with in_language(spoken):
            return make()

    return made


def log(folder: Path, who: str, page: str, what: str, rows: int) -> None:
    """Write one line of the log: who took what from where."""
    _logger(folder).info("%s\t%s\t%s\t%d", who, page, what, rows)


def reader() -> str:
    """The signed-in reader's address; `-` where sign-in is not on."""
    return str(st.user.get("email") or "-")


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
