"""Signing in to the application in the test runner of Streamlit: the claims a provider would give, and the rules of access."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

RULES = Path(__file__).with_name("access.toml")
#: Who the tests are, where nothing else is said.
USER = "tests@alue.fi"
PROVIDER = {
    "client_id": "takuuvahti",
    "server_metadata_url": "https://sign-in.alue.fi/.well-known/openid-configuration",
}


def sign_in(app: AppTest, *groups: str, **claims: Any) -> AppTest:
    """The same application with somebody of these groups signed in; an analyst where none is given."""
    app.secrets["auth"] = PROVIDER
    app.user = {
        "is_logged_in": True,
        "email": USER,
        "name": "Testi Henkilö",
        "groups": list(groups or ("analysts", "admins")),
        "iat": int(time.time()),
    } | claims
    return app
