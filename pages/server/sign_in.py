"""Signing in that fails, in words: Streamlit answers it in plain English, or goes back to the first page without a word.

One ASGI middleware around the addresses of signing in. It also brings a reader back in the language they left in.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from enum import Enum
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from indicators.catalogue.errors import TakuuvahtiError
from indicators.catalogue.languages import LANGUAGES
from indicators.wording.translations import N_, _, in_language, language
from pages.access.rules import load_rules
from pages.ui.language import PARAMETER
from pipelines.settings import load_settings

#: Streamlit's addresses: where signing in begins, and where the sign-in service sends a reader back to.
_LOGIN, _CALLBACK = "/auth/login", "/oauth2callback"
#: Streamlit's cookie of who is signed in.
_USER_COOKIE = "_streamlit_user"
_LANGUAGE_COOKIE, _LANGUAGE_SECONDS = "takuuvahti_language", 1800
#: What a sign-in service says where a person was not let in or turned back; all else is a fault of its own or of the set-up.
_DENIALS = {
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "login_required",
}


@dataclass(frozen=True)
class _Page:
    status: int
    title: str
    text: str


class Failure(Enum):
    """Why signing in came to nothing, and what the reader is told."""

    UNAVAILABLE = _Page(
        503,
        N_("The sign-in service is not available"),
        N_("Nobody can sign in just now. Try again in a few minutes."),
    )
    MISCONFIGURED = _Page(
        500,
        N_("Signing in is not set up correctly"),
        N_("Trying again does not help before the administrator has corrected the settings of sign-in."),
    )
    DENIED = _Page(
        403,
        N_("You were not signed in"),
        N_("The sign-in service did not let you in, or you turned back. Try again if you want to sign in."),
    )
    STALE = _Page(
        400,
        N_("Signing in was not finished"),
        N_("It took too long, or its page was opened again. Start signing in from the beginning."),
    )
    NOT_ACCEPTED = _Page(
        400,
        N_("Your sign-in was not accepted"),
        N_("The answer of the sign-in service could not be confirmed. Start signing in from the beginning."),
    )


class SignInFailures:
    """Answers a sign-in that fails with a page in the reader's language; all else passes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith((_LOGIN, _CALLBACK)):
            await self.app(scope, receive, send)
            return
        asked, replaced = _Asked(scope), False

        async def send_or_replace(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                answer = Headers(raw=message["headers"])
                failure = asked.failure(message["status"], answer)
                if failure is not None:
                    replaced = True
                    await page(asked, failure, answer.getlist("set-cookie"))(scope, receive, send)
                else:
                    asked.carry_language(MutableHeaders(raw=message["headers"]))
            if not replaced:
                await send(message)

        await self.app(scope, receive, send_or_replace)


class _Asked:
    """A request for one of the two addresses."""

    def __init__(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self.is_login = scope["path"].endswith(_LOGIN)
        self.start = scope["path"].removesuffix(_LOGIN if self.is_login else _CALLBACK) + "/"
        self.query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        try:
            self.cookies = SimpleCookie("; ".join(headers.getlist("cookie")))
        except CookieError:
            self.cookies = SimpleCookie()
        left = parse_qs(urlsplit(headers.get("referer", "")).query).get(PARAMETER, [""])[0]
        carried = self.cookies[_LANGUAGE_COOKIE].value if _LANGUAGE_COOKIE in self.cookies else ""
        self.language = next(
            (one for one in (left if self.is_login else "", carried) if one in LANGUAGES), None
        )

    def failure(self, status: int, answer: Headers) -> Failure | None:
        """What went wrong by Streamlit's answer; None where nothing did."""
        if self.is_login:
            return Failure.UNAVAILABLE if status >= 400 else None
        if status >= 400:
            return Failure.MISCONFIGURED
        if "error" in self.query:
            return Failure.DENIED if self.query["error"][0] in _DENIALS else Failure.UNAVAILABLE
        user = [
            cookie.partition("=")[2].partition(";")[0].strip('"')
            for cookie in answer.getlist("set-cookie")
            if cookie.startswith(f"{_USER_COOKIE}=")
        ]
        if "code" not in self.query or any(user):
            return None
        if user:
            return Failure.NOT_ACCEPTED
        # An answer opened again, of whom is signed in already: the first page shows it.
        return None if _USER_COOKIE in self.cookies else Failure.STALE

    def carry_language(self, answer: MutableHeaders) -> None:
        """Keep the language while a reader is at the sign-in service, and bring them back to the first page in it."""
        if self.language is None:
            return
        if self.is_login:
            kept = Response()
            kept.set_cookie(
                _LANGUAGE_COOKIE, self.language, max_age=_LANGUAGE_SECONDS, httponly=True, samesite="lax"
            )
            answer.append("set-cookie", kept.headers["set-cookie"])
        elif answer.get("location") == self.start:
            answer["location"] = f"{self.start}?{urlencode({PARAMETER: self.language})}"


def page(asked: _Asked, failure: Failure, cookies: list[str] | None = None) -> Response:
    """The page of a failure, with the cookies that Streamlit sets or takes away."""
    with in_language(asked.language or language()):
        response = _page(asked.start, failure)
    for cookie in cookies or ():
        response.headers.append("set-cookie", cookie)
    return response


def page_of_error(request: Request) -> Response | None:
    """The page after an unforeseen error at one of the two addresses: signing in is not set up; None at any other."""
    if not request.url.path.endswith((_LOGIN, _CALLBACK)):
        return None
    return page(_Asked(request.scope), Failure.MISCONFIGURED)


def _page(start: str, failure: Failure) -> Response:
    told = failure.value
    contact = _contact()
    texts = [_(told.text), _("Nothing was changed.")]
    if contact:
        texts.append(_("If it happens again, tell: {contact}.").format(contact=contact))
    back, back_words = f"{start}?{urlencode({PARAMETER: language()})}", _("Back to signing in")
    written = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
    return HTMLResponse(
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(_(told.title))} – Takuuvahti</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{html.escape(_(told.title))}</h1>{written}"
        f'<p><a href="{html.escape(back)}">{html.escape(back_words)}</a></p></main></body></html>',
        status_code=told.status,
    )


def _contact() -> str:
    """Whom to tell, by the rules of access; empty where they cannot be read."""
    try:
        return load_rules(load_settings().access_rules).contact
    except TakuuvahtiError:
        return ""


#: As the pages look, in light and in dark, without a file of theirs.
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 42rem; margin: 12vh auto; padding: 0 1.2rem; }
h1 { font-size: 1.75rem; font-weight: 650; line-height: 1.25; }
a { display: inline-block; padding: .5rem 0; }
"""
