"""Open every page once after a publication, so that no reader waits for what a version is first asked.

What a page asks follows from the data, so a thread of the server opens the pages over the websocket as a browser does,
whenever the version, the day or a setting changes. A failure costs nothing but the time it would have saved.
"""

from __future__ import annotations

import atexit
import gc
import logging
import threading
import time
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from indicators.analysis import projection
from indicators.catalogue.errors import TakuuvahtiError
from pages.ui import cache as answers
from pages.ui.language import PARAMETER
from pages.ui.page_registry import ENTRIES
from pipelines.settings import Settings
from pipelines.warehouse.reader import current_version_path

_EVERY_SECONDS = 2
_PATIENCE_SECONDS = 120
#: Seconds after the first page before a second of imports takes a core from the pages after it.
_IMPORT_AFTER_SECONDS = 15
logger = logging.getLogger("takuuvahti.pages")

#: What answers depend on besides the questions.
State = tuple[Path, Settings, date]


def start() -> None:
    """To be called by the router: begins once in a server, and nowhere else."""
    if (
        answers.settings().warm_up
        and answers.settings().single_user
        and runtime.exists()
        and isinstance(runtime.get_instance(), runtime.Runtime)
    ):
        _begin(f"localhost:{st.get_option('server.port')}/{st.get_option('server.baseUrlPath').strip('/')}")


@cache
def _begin(server: str) -> None:
    threading.Thread(target=_watch, args=[server], name="prewarm", daemon=True).start()


def _watch(server: str) -> None:
    opened = None
    while True:
        opened = open_what_is_new(server, opened)
        time.sleep(_EVERY_SECONDS)


def open_what_is_new(server: str, opened: State | None) -> State | None:
    """Open every page if what answers depend on is no longer `opened`; returns what it is now."""
    state = _state()
    if state is not None and state != opened:
        for entry in ENTRIES:
            if state == _state():
                _open(server, entry.name, state[1].default_language)
    return state


def _state() -> State | None:
    try:
        now = answers.settings()
        path = current_version_path(now.warehouse)
    except (TakuuvahtiError, OSError):
        return None
    return None if path is None else (path, now, answers.today())


def _open(server: str, page: str, language: str) -> None:
    try:
        for _message in visit(server, page, language):
            pass
    except (WebSocketException, OSError, EOFError) as error:
        logger.info("the page %s was not opened beforehand: %r", page, error)


def visit(server: str, page: str, language: str) -> Iterator[ForwardMsg]:
    """What a server sends for a page in a new session, to its end. `server` is host and port, with its path if any."""
    request = BackMsg()
    request.rerun_script.query_string = f"{PARAMETER}={language}"
    request.rerun_script.page_name = page
    address = f"ws://{server.rstrip('/')}/_stcore/stream"
    # As a browser on this machine: who is one person's own application answers nobody else.
    origin = Origin(f"http://{server.partition('/')[0]}")
    with connect(
        address, subprotocols=[Subprotocol("streamlit")], origin=origin, max_size=None, compression=None
    ) as wire:
        wire.send(request.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(wire.recv(timeout=_PATIENCE_SECONDS, decode=False))
            yield message
            if (
                message.WhichOneof("type") == "script_finished"
                and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            ):
                return


@cache
def import_heavy() -> None:
    """Import in the background what is slow to import and needed by few pages; once per process, when the first have come."""
    later = threading.Timer(_IMPORT_AFTER_SECONDS, _settle)
    later.name, later.daemon = "import-heavy", True
    later.start()


def _settle() -> None:
    projection.warm()
    # All that is imported stays: looking through it for garbage takes a tenth of a second, in the middle of some page.
    gc.collect()
    gc.freeze()
    # At the end it is garbage like the rest, and not reported as leaked.
    atexit.register(gc.unfreeze)
