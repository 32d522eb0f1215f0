"""Signing in that fails is told in words: a provider that is down, a refusal, and answers that prove nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from pages.server.protection import SECURITY_HEADERS
from pipelines.settings import Settings
from tests.access.sign_in import RULES
from tests.server.serving import free_port, serving

COOKIE_SECRET = "a secret of the cookies of these tests, and of no others"
CLIENT, CLIENT_SECRET = "takuuvahti", "a secret of the client, long enough to sign with it"
KEY, ANOTHER_KEY = (RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}) for _turn in range(2))
USER_COOKIE = "_streamlit_user"


@dataclass
class Provider:
    """A sign-in service that answers every code with what `token` makes of the claims; the code is the nonce."""

    address: str
    token: Callable[[dict[str, Any]], str | None]


def signed(claims: dict[str, Any], key: RSAKey = KEY) -> str:
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/jwks":
                self.answer({"keys": [KEY.as_dict(private=False)]})
            else:
                self.answer(
                    {
                        "issuer": provider.address,
                        "authorization_endpoint": f"{provider.address}/authorize",
                        "token_endpoint": f"{provider.address}/token",
                        "jwks_uri": f"{provider.address}/jwks",
                        "code_challenge_methods_supported": ["S256"],
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            now = int(time.time())
            claims = {"iss": provider.address, "sub": "1", "aud": CLIENT, "email": "x@alue.fi"}
            claims |= {"iat": now, "exp": now + 600, "nonce": form["code"][0], "groups": ["board"]}
            token = provider.token(claims)
            if token is None:
                self.answer({"error": "invalid_grant"}, 400)
            else:
                self.answer({"access_token": "a", "token_type": "Bearer", "id_token": token})

        def answer(self, content: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    found = Provider("", signed)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(found)) as server:
        found.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture(scope="module")
def port(
    provider: Provider, figures_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The application with a provider that works, one that is down and one whose address is another thing's."""
    folder = tmp_path_factory.mktemp("failures")
    secrets = folder / "secrets.toml"
    addresses = {
        "works": f"{provider.address}/.well-known/openid-configuration",
        "down": f"http://127.0.0.1:{free_port()}/.well-known/openid-configuration",
        "other": f"{provider.address}/jwks",
    }
    sections = "".join(
        f'[auth.{name}]\nclient_id = "{CLIENT}"\nclient_secret = "{CLIENT_SECRET}"\nserver_metadata_url = "{address}"\n'
        for name, address in addresses.items()
    )
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://localhost:1/oauth2callback"\ncookie_secret = "{COOKIE_SECRET}"\n{sections}'
    )
    named = {"TAKUUVAHTI_ACCESS_RULES": str(RULES), "TAKUUVAHTI_WARM_UP": "false"}
    options = ("--server.headless=true", f"--secrets.files={secrets}")
    with serving(figures_settings.warehouse, folder, *options, **named) as found:
        yield found
    assert (folder / "outgoing").read_text() == ""


@pytest.fixture
def browser(port: int, provider: Provider) -> Iterator[httpx.Client]:
    """A browser that follows no redirection by itself."""
    provider.token = signed
    with httpx.Client(base_url=f"http://localhost:{port}", timeout=60) as client:
        yield client


def login(browser: httpx.Client, name: str, **headers: str) -> httpx.Response:
    """Begin to sign in, as the page's button does."""
    claims = {"provider": name, "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(COOKIE_SECRET))
    return browser.get("/auth/login", params={"provider": token}, headers=headers)


def begun(browser: httpx.Client, **headers: str) -> dict[str, str]:
    """Begin at the provider that works; the parameters that it is asked with."""
    answer = login(browser, "works", **headers)
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def said(answer: httpx.Response) -> str:
    """The words of a page, which has the headers of every other and no trace of what went wrong inside."""
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("text/html")
    assert "Traceback" not in answer.text and "Error" not in answer.text
    assert USER_COOKIE not in browser_cookies(answer)
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.text))


def browser_cookies(answer: httpx.Response) -> list[str]:
    """The names of the cookies that an answer sets to something."""
    found = []
    for cookie in answer.headers.get_list("set-cookie"):
        name, _equals, rest = cookie.partition("=")
        if rest.partition(";")[0].strip('"'):
            found.append(name)
    return found


@pytest.mark.parametrize("name", ["down", "other"])
def test_a_provider_that_is_down_is_said(browser: httpx.Client, name: str) -> None:
    answer = login(browser, name)
    assert answer.status_code == 503
    words = said(answer)
    assert "Kirjautumispalvelu ei ole käytettävissä" in words and "tietohallinto@alue.fi" in words
    assert '<html lang="fi">' in answer.text and 'href="/?kieli=fi"' in answer.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("sv", "Inloggningstjänsten är inte tillgänglig"), ("en", "The sign-in service is not available")],
)
def test_it_is_said_in_the_readers_language(
    browser: httpx.Client, port: int, language: str, words: str
) -> None:
    answer = login(browser, "down", Referer=f"http://localhost:{port}/queues?kieli={language}")
    assert words in said(answer) and f'lang="{language}"' in answer.text


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("access_denied", 403, "Sinua ei kirjattu sisään"),
        ("login_required", 403, "Sinua ei kirjattu sisään"),
        ("server_error", 503, "Kirjautumispalvelu ei ole käytettävissä"),
        ("temporarily_unavailable", 503, "Kirjautumispalvelu ei ole käytettävissä"),
        ("<script>alert(1)</script>", 503, "Kirjautumispalvelu ei ole käytettävissä"),
    ],
)
def test_what_the_provider_answers_in_place_of_a_sign_in(
    browser: httpx.Client, error: str, status: int, words: str
) -> None:
    asked = begun(browser)
    answer = browser.get(
        "/oauth2callback", params={"error": error, "error_description": error, "state": asked["state"]}
    )
    assert answer.status_code == status
    assert words in said(answer) and "<script>" not in answer.text


@pytest.mark.parametrize("state", ["", "another"])
def test_an_answer_to_nothing_that_was_asked(browser: httpx.Client, state: str) -> None:
    asked = begun(browser)
    answer = browser.get("/oauth2callback", params={"code": asked["nonce"], "state": state})
    assert answer.status_code == 400
    assert "Kirjautuminen jäi kesken" in said(answer)


def test_an_answer_of_another_browser(browser: httpx.Client, port: int) -> None:
    asked = begun(browser)
    with httpx.Client(base_url=f"http://localhost:{port}") as another:
        answer = another.get("/oauth2callback", params={"code": asked["nonce"], "state": asked["state"]})
    assert "Kirjautuminen jäi kesken" in said(answer)


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        + "."
    )


def without(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda claims: signed({key: value for key, value in claims.items() if key != name})


def symmetric(claims: dict[str, Any]) -> str:
    """Signed with what everybody knows or the client's secret, instead of the provider's key."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))


FORGERIES: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "the code was used or is too old": lambda claims: None,
    "another audience": lambda claims: signed(claims | {"aud": "others"}),
    "several audiences and nobody named": lambda claims: signed(claims | {"aud": [CLIENT, "others"]}),
    "another authorised party": lambda claims: signed(claims | {"azp": "others"}),
    "another issuer": lambda claims: signed(claims | {"iss": "https://sign-in.example.com"}),
    "another nonce": lambda claims: signed(claims | {"nonce": "another"}),
    "no nonce": without("nonce"),
    "no audience": without("aud"),
    "no issuer": without("iss"),
    "no subject": without("sub"),
    "no end": without("exp"),
    "no beginning": without("iat"),
    "expired": lambda claims: signed(claims | {"iat": claims["iat"] - 7200, "exp": claims["exp"] - 7200}),
    "not yet valid": lambda claims: signed(claims | {"nbf": claims["exp"] + 3600}),
    "of the future": lambda claims: signed(
        claims | {"iat": claims["exp"] + 3600, "exp": claims["exp"] + 7200}
    ),
    "another key": lambda claims: signed(claims, ANOTHER_KEY),
    "no signature": unsigned,
    "a signature by a secret": symmetric,
    "changed after signing": lambda claims: _with_payload(signed(claims), claims | {"email": "boss@alue.fi"}),
    "another access token": lambda claims: signed(
        claims
        | {"at_hash": base64.urlsafe_b64encode(hashlib.sha256(b"b").digest()[:16]).decode().rstrip("=")}
    ),
    "not a token": lambda claims: "a.b.c",
}


def _with_payload(token: str, claims: dict[str, Any]) -> str:
    head, _payload, signature = token.split(".")
    return ".".join((head, unsigned(claims).split(".")[1], signature))


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_token_that_proves_nothing_is_not_accepted(
    browser: httpx.Client, provider: Provider, forgery: str
) -> None:
    asked = begun(browser)
    provider.token = FORGERIES[forgery]
    answer = browser.get("/oauth2callback", params={"code": asked["nonce"], "state": asked["state"]})
    assert answer.status_code == 400
    assert "Kirjautumistasi ei hyväksytty" in said(answer)
    assert USER_COOKIE not in browser.cookies


def test_a_sign_in_that_holds_goes_on_in_the_language_it_began_in(browser: httpx.Client, port: int) -> None:
    asked = begun(browser, Referer=f"http://localhost:{port}/?kieli=sv")
    assert asked["code_challenge_method"] == "S256"
    answer = browser.get("/oauth2callback", params={"code": asked["nonce"], "state": asked["state"]})
    assert (answer.status_code, answer.headers["location"]) == (302, "/?kieli=sv")
    assert USER_COOKIE in browser_cookies(answer)
    # The same answer once more, as by the browser's button back: whoever is signed in goes to the first page.
    again = browser.get("/oauth2callback", params={"code": asked["nonce"], "state": asked["state"]})
    assert (again.status_code, USER_COOKIE in browser.cookies) == (302, True)
    # Back from signing out at the provider.
    assert browser.get("/oauth2callback").status_code == 302


def test_all_else_is_answered_as_before(browser: httpx.Client) -> None:
    assert browser.get("/auth/login").headers["location"] == "/"
    assert browser.get("/auth/login", params={"provider": "forged"}).headers["location"] == "/"
    assert browser.get("/auth/logout").headers["location"] == "/"
