"""A reader as the server knows one: cookies, and a WebSocket over which pages are asked for; no browser draws them."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import ExitStack
from http.cookies import SimpleCookie

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from deploy.processes import COOKIE

_PATIENCE_SECONDS = 120
#: Streamlit's cookie by which a page shows that it is of this site.
_XSRF = "_streamlit_xsrf"


class Reader:
    """Somebody at the address of a port of this machine, with the cookies that the server gave them."""

    def __init__(self, port: int, **cookies: str) -> None:
        self.port = port
        self.cookies = dict(cookies)
        self.wire: ClientConnection | None = None
        self.session = ""
        self._opened = ExitStack()

    @property
    def process(self) -> str:
        """The process that the proxy's cookie names; empty without one."""
        return self.cookies.get(COOKIE, "")

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> int:
        """One request with the cookies; returns the status."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=_PATIENCE_SECONDS)
        try:
            connection.request(method, path, body or None, {"Cookie": self._written(), **_named(headers)})
            response = connection.getresponse()
            response.read()
            self._note(response.headers.get_all("Set-Cookie") or [])
            return response.status
        finally:
            connection.close()

    def connect(self, **headers: str) -> None:
        """Open the WebSocket, as a page does once it has come; with further headers, as a proxy may add them."""
        self.close()
        self.wire = self._opened.enter_context(
            connect(
                f"ws://localhost:{self.port}/_stcore/stream",
                subprotocols=[Subprotocol("streamlit"), Subprotocol(self.cookies.get(_XSRF, "-"))],
                origin=Origin(f"http://localhost:{self.port}"),
                additional_headers={"Cookie": self._written(), **_named(headers)},
                max_size=None,
                compression=None,
                # A busy server may take longer than a client's signs of life; browsers send none.
                ping_interval=None,
                open_timeout=_PATIENCE_SECONDS,
            )
        )
        if self.wire.response is not None:
            self._note(self.wire.response.headers.get_all("Set-Cookie"))

    def open(self, page: str, query: str = "", pressed: str = "") -> list[ForwardMsg]:
        """What the server sends for a page at an address, a button pressed on it, to its end. Connects where needed."""
        if self.wire is None:
            self.connect()
        request = BackMsg()
        if pressed:
            request.rerun_script.widget_states.widgets.add(id=pressed, trigger_value=True)
        request.rerun_script.query_string = query
        request.rerun_script.page_name = page
        assert self.wire is not None
        self.wire.send(request.SerializeToString())
        return list(self._until_finished(self.wire))

    def _until_finished(self, wire: ClientConnection) -> Iterator[ForwardMsg]:
        while True:
            message = ForwardMsg()
            message.ParseFromString(wire.recv(timeout=_PATIENCE_SECONDS, decode=False))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id or self.session
            yield message
            if kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return

    def close(self) -> None:
        """Close the WebSocket."""
        self._opened.close()
        self.wire = None

    def _written(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _note(self, sent: list[str]) -> None:
        for one in sent:
            for name, morsel in SimpleCookie(one).items():
                self.cookies[name] = morsel.value


def _named(headers: dict[str, str]) -> dict[str, str]:
    """Headers by name; `_` stands for `-`."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
