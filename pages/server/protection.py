"""What the server refuses before Streamlit sees it, and what it adds to every response.

Two ASGI middlewares around Streamlit's own application, and within them that of signing in. `Refusals` answers requests
that no page makes: closed addresses of Streamlit (404), another site's WebSocket or change (403), a body that is too
large (413, as it streams).
`ResponseHeaders` sends the security headers and the flags of cookies.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from indicators.catalogue.errors import TakuuvahtiError
from pages.server.sign_in import SignInFailures, page_of_error
from pages.ui import scripts
from pipelines.settings import load_settings

#: Everything of this origin alone. Inline scripts are known ones; inline styles are Streamlit's way of styling.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        " ".join(("script-src 'self'", *scripts.sources())),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000"

#: What pages need of Streamlit's addresses under `_stcore`; metrics, the agent API and whatever comes later are closed.
_CORE = "/_stcore/"
_OPEN_CORE = {"health", "host-config", "stream"}
_OPEN_CORE_FOLDERS = ("upload_file/", "bidi-components/")
_UPLOAD = f"{_CORE}upload_file/"
#: Bytes a form adds around an uploaded file, and the most that any other request may bring.
_FRAMING_BYTES = 1024 * 1024
_OTHER_BODY_BYTES = 64 * 1024
#: The one cookie that scripts read: they send it back to show that they are of this site.
_SCRIPT_COOKIE = "_streamlit_xsrf"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def middleware() -> list[Middleware]:
    """The middlewares in their order, outermost first, for the public address of the settings.

    Where the settings cannot be read, which every page says, there is no public address.
    """
    try:
        public = urlsplit(load_settings().public_address)
    except TakuuvahtiError:
        public = urlsplit("")
    return [Middleware(ResponseHeaders, public=public), Middleware(Refusals, public=public)]


async def too_large(_request: Request, _error: Exception) -> Response:
    """The answer where Streamlit itself finds a body too large: no words, as it has no language."""
    return Response(status_code=413)


async def failed(request: Request, _error: Exception) -> Response:
    """The answer after an unforeseen error, made outside the middlewares, with the same headers.

    Words only where somebody signs in, which a fault in its settings ends in.
    """
    response = page_of_error(request) or Response(status_code=500)
    response.headers.update({**SECURITY_HEADERS, "Cache-Control": "no-store"})
    return response


class ResponseHeaders:
    """Adds the security headers, forbids storing what is no asset of Streamlit, and sets the flags of cookies.

    Strict-Transport-Security and the cookies' flag Secure come with a public address of https alone. Headers that
    open a response to other sites are removed.
    """

    def __init__(self, app: ASGIApp, public: SplitResult) -> None:
        self.app = app
        self.secure = public.scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                message["headers"] = self._headers(message.get("headers", ()))
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _headers(self, sent: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        headers = MutableHeaders(
            raw=[
                (name, self._cookie(value) if name.lower() == b"set-cookie" else value)
                for name, value in sent
                if not name.lower().startswith(b"access-control-")
            ]
        )
        headers.update(SECURITY_HEADERS)
        if self.secure:
            headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
        # Streamlit calls its hashed files immutable.
        if "immutable" not in headers.get("Cache-Control", ""):
            headers["Cache-Control"] = "no-store"
        return headers.raw

    def _cookie(self, value: bytes) -> bytes:
        text = value.decode("latin-1")
        present = {part.partition("=")[0].strip().lower() for part in text.split(";")[1:]}
        wanted = {"samesite": "SameSite=Lax"}
        if not text.startswith(f"{_SCRIPT_COOKIE}="):
            wanted["httponly"] = "HttpOnly"
        if self.secure:
            wanted["secure"] = "Secure"
        return "; ".join([text, *(flag for name, flag in wanted.items() if name not in present)]).encode(
            "latin-1"
        )


class Refusals:
    """Refuses closed addresses, what other sites ask for, and bodies above the limit; failures of signing in are within it.

    A WebSocket that is let through has a Host that agrees with its Origin. Streamlit would ask a service outside for
    this machine's address to compare it with any other Origin.
    """

    def __init__(self, app: ASGIApp, public: SplitResult) -> None:
        self.app = SignInFailures(app)
        self.public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
        elif _is_closed(scope["path"]):
            await _refuse(404, scope, receive, send)
        elif scope["type"] == "websocket":
            if self._is_own(scope):
                await self.app(_with_host_of_origin(scope), receive, send)
            else:
                await _refuse(403, scope, receive, send)
        elif scope["method"] not in _SAFE_METHODS and not self._is_own(scope):
            await _refuse(403, scope, receive, send)
        else:
            await self._pass_within_limit(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        """Whether no browser asks, or one that shows a page of this server."""
        headers = Headers(scope=scope)
        origins, hosts = headers.getlist("origin"), headers.getlist("host")
        if not origins:
            return True
        if len(origins) > 1 or len(hosts) > 1:
            return False
        origin = urlsplit(origins[0].lower())
        public = bool(self.public.netloc) and origin[:2] == (self.public.scheme, self.public.netloc.lower())
        return public or (bool(origin.netloc) and [origin.netloc] == [host.lower() for host in hosts])

    async def _pass_within_limit(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = _OTHER_BODY_BYTES
        if scope["method"] == "PUT" and _UPLOAD in scope["path"]:
            limit = int(st.get_option("server.maxUploadSize")) * 1024 * 1024 + _FRAMING_BYTES
        received, answered = 0, False

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit and not answered:
                raise _BodyTooLarge
            return message

        async def send_and_note(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        declared = Headers(scope=scope).get("content-length", "0")
        try:
            if not declared.isdigit() or int(declared) > limit:
                raise _BodyTooLarge
            await self.app(scope, receive_within_limit, send_and_note)
        except _BodyTooLarge:
            await _refuse(413, scope, receive, send)


class _BodyTooLarge(Exception):
    """More came than the limit; nothing has been answered yet."""


def _is_closed(path: str) -> bool:
    _base, core, rest = path.partition(_CORE)
    return bool(core) and rest not in _OPEN_CORE and not rest.startswith(_OPEN_CORE_FOLDERS)


def _with_host_of_origin(scope: Scope) -> Scope:
    """The same request with the Host that its Origin names: what a proxy ought to have passed on."""
    origin = HTTPConnection(scope).headers.get("origin")
    if origin is None:
        return scope
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {**scope, "headers": [*headers, (b"host", urlsplit(origin).netloc.encode("latin-1"))]}


async def _refuse(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    """An answer without words, after which the connection ends."""
    response = Response(status_code=status, headers={"Connection": "close"})
    if scope["type"] == "http":
        await response(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await WebSocket(scope, receive, send).close(code=1008)
