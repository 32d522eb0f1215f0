"""What the server refuses and sends, asked over the network of a running application."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from pages.server.protection import SECURITY_HEADERS, Refusals, ResponseHeaders, failed, too_large
from pipelines.settings import Settings
from tests.server.serving import Answer, ask, handshake, read_answer, serving

PUBLIC = "https://takuuvahti.example.fi"
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("protection")


@pytest.fixture(scope="module")
def port(figures_settings: Settings, folder: Path) -> Iterator[int]:
    """The application without a public address and with a limit of one megabyte; it asks no other machine, ever."""
    with serving(
        figures_settings.warehouse, folder, "--server.headless=true", "--server.maxUploadSize=1"
    ) as found:
        yield found
    assert (folder / "outgoing").read_text() == ""


@pytest.fixture(scope="module")
def public_port(figures_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The application with a public address of https."""
    folder = tmp_path_factory.mktemp("public")
    named = {"TAKUUVAHTI_PUBLIC_ADDRESS": PUBLIC, "TAKUUVAHTI_WARM_UP": "false"}
    with serving(figures_settings.warehouse, folder, **named) as found:
        yield found
    assert (folder / "outgoing").read_text() == ""


def assert_protected(answer: Answer) -> None:
    for name, value in SECURITY_HEADERS.items():
        assert answer.one(name) == value
    assert not [name for name, _value in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/queues?area=18", 200),
        ("GET", "/favicon.png", 200),
        ("GET", "/_stcore/health", 200),
        ("OPTIONS", "/_stcore/health", 204),
        ("GET", "/_stcore/host-config", 200),
        ("OPTIONS", "/_stcore/upload_file/a/b", 204),
        ("GET", "/queues/", 301),
        ("GET", "/auth/logout", 302),
        ("GET", "/oauth2callback", 302),
        ("GET", "//elsewhere.example.com", 400),
        ("PUT", "/_stcore/upload_file/a/b", 403),
        ("GET", "/media/nothing.csv", 404),
        ("GET", "/component/nothing/index.html", 404),
        ("GET", "/_stcore/metrics", 404),
        ("POST", "/", 405),
    ],
)
def test_every_kind_of_response_has_the_headers(port: int, method: str, path: str, status: int) -> None:
    answer = ask(port, path, method)
    assert answer.status == status
    assert_protected(answer)
    assert "Strict-Transport-Security" not in dict(answer.headers)


def test_only_assets_are_stored_by_browsers(port: int) -> None:
    page = ask(port, "/")
    asset = page.body.decode().partition('src="./')[2].partition('"')[0]
    assert page.one("Cache-Control") == "no-store"
    assert "immutable" in ask(port, f"/{asset}").one("Cache-Control")
    for path in ("/_stcore/health", "/_stcore/host-config", "/media/nothing.csv", "/queues/"):
        assert ask(port, path).one("Cache-Control") == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        *("/_stcore/metrics", "/_stcore/metrics?families=session", "/_stcore/%6detrics"),
        *("/_stcore/agent/openapi.json", "/_stcore/agent/interact", "/_stcore/agent/mcp"),
        *("/_stcore/script-health-check", "/_stcore/stream/other", "/_stcore/healthy", "/_stcore/later"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_what_no_page_needs_is_closed(port: int, path: str, method: str) -> None:
    answer = ask(port, path, method)
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    "origin",
    [
        *("https://elsewhere.example.com", "http://localhost", "http://localhost:3000", "http://127.0.0.1:1"),
        *("null", "", "http://localhost.example.com", PUBLIC),
    ],
)
def test_a_websocket_of_another_site_is_refused(port: int, folder: Path, origin: str) -> None:
    answer = handshake(port, Origin=origin)
    assert answer.status == 403
    assert_protected(answer)
    assert (folder / "outgoing").read_text() == ""


def test_two_origins_are_refused(port: int) -> None:
    two = f"http://localhost:{port}\r\nOrigin: {PUBLIC}"
    assert handshake(port, Origin=two).status == 400
    answer = ask(port, "/_stcore/upload_file/a/b", "PUT", Origin=f"http://localhost:{port}, {PUBLIC}")
    assert answer.status == 403


def test_a_websocket_of_this_site_or_of_no_browser_passes(port: int) -> None:
    assert handshake(port, Origin=f"http://localhost:{port}").status == 101
    assert handshake(port).status == 101


@pytest.mark.parametrize("host", ["takuuvahti.example.fi", "127.0.0.1:8501", "takuuvahti"])
def test_the_public_address_passes_whatever_host_the_proxy_sends(public_port: int, host: str) -> None:
    assert handshake(public_port, Host=host, Origin=PUBLIC).status == 101
    assert handshake(public_port, Host=host, Origin="http://takuuvahti.example.fi:81").status == 403
    assert handshake(public_port, Host=host, Origin="https://elsewhere.example.com").status == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_another_site_changes_nothing(port: int, method: str) -> None:
    answer = ask(port, "/_stcore/upload_file/a/b", method, Origin="https://elsewhere.example.com")
    assert (answer.status, answer.body) == (403, b"")
    assert_protected(answer)


def test_behind_https_cookies_and_connections_are_secure(port: int, public_port: int) -> None:
    plain, secure = ask(port, "/_stcore/health"), ask(public_port, "/_stcore/health")
    assert "SameSite=Lax" in plain.one("Set-Cookie")
    assert "Secure" not in plain.one("Set-Cookie")
    assert "SameSite=Lax; Secure" in secure.one("Set-Cookie")
    assert secure.one("Strict-Transport-Security") == "max-age=31536000"
    assert_protected(secure)


@pytest.fixture
def session(port: int) -> Iterator[tuple[str, str]]:
    """A session as a page opens it: its number, and the token against other sites' requests."""
    token = ask(port, "/_stcore/health").one("Set-Cookie").partition("=")[2].partition(";")[0]
    request = BackMsg()
    request.rerun_script.query_string = ""
    with connect(
        f"ws://localhost:{port}/_stcore/stream",
        origin=Origin(f"http://localhost:{port}"),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        close_timeout=0.5,
    ) as wire:
        wire.send(request.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "new_session":
            message.ParseFromString(wire.recv(timeout=60, decode=False))
        yield message.new_session.initialize.session_id, token


class Upload:
    """A file on its way, written to the wire by hand."""

    def __init__(self, port: int, number: str, token: str, framing: str) -> None:
        self.sent = 0
        self.chunked = framing.startswith("Transfer-Encoding")
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=30)
        head = (
            f"PUT /_stcore/upload_file/{number}/file HTTP/1.1\r\nHost: localhost:{port}\r\n"
            f"Cookie: _streamlit_xsrf={token}\r\nX-Xsrftoken: {token}\r\n{framing}\r\n"
            "Content-Type: multipart/form-data; boundary=edge\r\n\r\n"
        )
        self.wire.sendall(head.encode())
        self.send(b'--edge\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\n')

    def send(self, piece: bytes) -> bool:
        """Whether the server still takes it."""
        self.sent += len(piece)
        try:
            self.wire.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if self.chunked else piece)
        except OSError:
            return False
        self.wire.settimeout(0.02)
        try:
            return not self.wire.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        except OSError:
            return False
        finally:
            self.wire.settimeout(30)

    def end(self) -> Answer:
        return read_answer(self.wire)


def test_a_file_within_the_limit_arrives(port: int, session: tuple[str, str]) -> None:
    upload = Upload(port, *session, "Transfer-Encoding: chunked")
    assert upload.send(b"x" * 1000)
    upload.send(b"\r\n--edge--\r\n")
    upload.wire.sendall(b"0\r\n\r\n")
    assert upload.end().status == 204


def test_a_file_without_a_length_is_cut_as_it_streams(port: int, session: tuple[str, str]) -> None:
    upload = Upload(port, *session, "Transfer-Encoding: chunked")
    while upload.send(b"x" * 65536) and upload.sent < 20 * MEGABYTE:
        pass
    assert 2 * MEGABYTE < upload.sent < 4 * MEGABYTE
    answer = upload.end()
    assert (answer.status, answer.body) == (413, b"")
    assert_protected(answer)


def test_a_file_that_says_it_is_too_large_is_refused_before_it_comes(
    port: int, session: tuple[str, str]
) -> None:
    answer = Upload(port, *session, f"Content-Length: {3 * MEGABYTE}").end()
    assert (answer.status, answer.body) == (413, b"")


def test_a_file_between_the_limit_and_its_framing_is_refused_without_words(
    port: int, session: tuple[str, str]
) -> None:
    upload = Upload(port, *session, "Transfer-Encoding: chunked")
    assert upload.send(b"x" * (MEGABYTE + 1000))
    upload.send(b"\r\n--edge--\r\n")
    upload.wire.sendall(b"0\r\n\r\n")
    answer = upload.end()
    assert (answer.status, answer.body) == (413, b"")


def test_no_more_is_taken_than_a_length_says(port: int, session: tuple[str, str]) -> None:
    upload = Upload(port, *session, "Content-Length: 100")
    while upload.send(b"x" * 65536) and upload.sent < 20 * MEGABYTE:
        pass
    assert upload.sent < 4 * MEGABYTE
    assert upload.end().status in {0, 400}


def test_no_other_address_takes_a_large_body(port: int) -> None:
    assert ask(port, "/oauth2callback", "POST", Content_Length=str(MEGABYTE)).status == 413
    assert ask(port, "/", Content_Length=str(MEGABYTE)).status == 413


def answered(application: Starlette, path: str) -> Answer:
    """What an application of ASGI answers, without a server."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"h")]}
    scope |= {
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "server": ("h", 80),
        "client": ("h", 1),
    }
    # In a thread: a browser of another test may hold this one's event loop.
    with suppress(ZeroDivisionError), ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, application(scope, receive, send)).result()
    headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    return Answer(sent[0]["status"], headers, sent[1]["body"])


def small_application(public: str) -> Starlette:
    """The protection around pages that set cookies and that fail."""

    async def cookies(_request: Request) -> Response:
        response = Response()
        response.set_cookie("_streamlit_user", "a", httponly=True, samesite="lax")
        response.raw_headers.append((b"set-cookie", b"_streamlit_session=b; path=/"))
        response.raw_headers.append((b"set-cookie", b"_streamlit_xsrf=c; Path=/"))
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    async def fails(_request: Request) -> Response:
        raise ZeroDivisionError

    address = urlsplit(public)
    return Starlette(
        routes=[Route("/cookies", cookies), Route("/fails", fails), Route("/auth/login", fails)],
        middleware=[Middleware(ResponseHeaders, public=address), Middleware(Refusals, public=address)],
        exception_handlers={413: too_large, Exception: failed},
    )


@pytest.mark.parametrize(("public", "secure"), [("", ""), (PUBLIC, "; Secure")])
def test_cookies_are_hidden_from_scripts_and_other_sites(public: str, secure: str) -> None:
    answer = answered(small_application(public), "/cookies")
    assert answer.all("set-cookie") == [
        f"_streamlit_user=a; HttpOnly; Path=/; SameSite=lax{secure}",
        f"_streamlit_session=b; path=/; SameSite=Lax; HttpOnly{secure}",
        f"_streamlit_xsrf=c; Path=/; SameSite=Lax{secure}",
    ]
    assert_protected(answer)


def test_an_unforeseen_error_tells_nothing_and_has_the_headers() -> None:
    answer = answered(small_application(""), "/fails")
    assert (answer.status, answer.body) == (500, b"")
    assert answer.one("cache-control") == "no-store"
    assert_protected(answer)


def test_an_unforeseen_error_of_signing_in_is_a_page_in_words() -> None:
    answer = answered(small_application(""), "/auth/login")
    assert answer.status == 500 and "Kirjautumisen asetuksissa on virhe" in answer.body.decode()
    assert answer.one("cache-control") == "no-store"
    assert_protected(answer)
