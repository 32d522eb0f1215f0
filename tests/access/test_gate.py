"""What somebody meets who may not go on, in the application: an ended session, a changed role, a sign-in for others."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.access.sign_outs import SIGNED_OUT, end_sign_in, is_ended
from pipelines.settings import Settings
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from tests.access.sign_in import PROVIDER, RULES, USER, sign_in
from tests.conftest import start_from
from tests.rules.repository import ROOT

HOUR = 3600


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> Path:
    """The rules of access of an application over a warehouse of its own."""
    settings = type(figures_settings)(**vars(figures_settings) | {"warehouse": tmp_path / "warehouse"})
    start_from(figures_settings, settings)
    path = tmp_path / "access.toml"
    path.write_text(RULES.read_text())
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    monkeypatch.setenv("TAKUUVAHTI_ACCESS_RULES", str(path))
    return path


def application(page: str | None = "definitions") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    return app if page is None else app.switch_page(f"pages/{page}.py")


def title(app: AppTest) -> str:
    assert not app.exception
    return str(app.title[0].value)


def refusals(rules: Path) -> list[tuple[str, dict[str, str]]]:
    entries = AuditLog(rules.parent / "warehouse" / AUDIT).entries()
    return [(one.user, dict(one.details)) for one in entries if one.event is Event.REFUSED]


def test_a_session_ends_while_its_page_is_open(rules: Path) -> None:
    app = sign_in(application()).run()
    assert title(app) == "Määritelmät"
    sign_in(app, "analysts", iat=int(time.time()) - 11 * HOUR).run()
    assert title(app) == "Istuntosi on päättynyt"
    assert [button.label for button in app.button] == ["Kirjaudu sisään"]
    app.run()
    assert refusals(rules) == [(USER, {"reason": "expired"})]


def test_a_sign_out_counts_at_every_open_page(rules: Path) -> None:
    signed_in = int(time.time())
    here, there = (sign_in(application(), iat=signed_in).run() for _tab in range(2))
    elsewhere = sign_in(application(), iat=signed_in - 60).run()
    assert [title(app) for app in (here, there, elsewhere)] == ["Määritelmät"] * 3
    here.button(key="sign-out").click().run()
    assert title(there.run()) == "Kirjaudu sisään"
    # Another sign-in of the same person goes on, and so does the next one.
    assert title(elsewhere.run()) == "Määritelmät"
    assert title(sign_in(application(), iat=signed_in + 1).run()) == "Määritelmät"
    assert refusals(rules) == []


def test_what_was_signed_out_of_long_ago_is_forgotten(tmp_path: Path) -> None:
    now = datetime(2026, 1, 2, 8, tzinfo=UTC)
    old, new = {"email": USER, "iat": 1}, {"email": USER, "iat": 2}
    end_sign_in(tmp_path, old, now)
    left = next((tmp_path / SIGNED_OUT).iterdir())
    assert left.stat().st_mode & 0o077 == 0
    os.utime(left, (now.timestamp(), now.timestamp()))
    end_sign_in(tmp_path, new, now + timedelta(hours=24))
    assert is_ended(tmp_path, old) and is_ended(tmp_path, new)
    end_sign_in(tmp_path, new, now + timedelta(hours=26))
    assert not is_ended(tmp_path, old)


def test_a_role_that_is_taken_away_is_gone_at_the_next_click(rules: Path) -> None:
    app = sign_in(application("upload"), "analysts").run()
    assert title(app) == "Tietojen lataaminen"
    rules.write_text(RULES.read_text().replace('group = "analysts"', 'group = "others"'))
    app.run()
    assert title(app) == "Sinulla ei ole vielä käyttöoikeutta"
    assert refusals(rules) == [(USER, {"reason": "no_role"})]


def test_a_role_that_changes_takes_the_page_and_leaves_the_rest(rules: Path) -> None:
    app = sign_in(application("upload"), "analysts").run()
    rules.write_text(RULES.read_text() + '\n[[grants]]\nrole = "board"\ngroup = "analysts"\n')
    assert title(app.run()) == "Tietojen lataaminen"
    rules.write_text(
        RULES.read_text().replace('group = "analysts"', 'group = "others"')
        + '\n[[grants]]\nrole = "board"\ngroup = "analysts"\n'
    )
    assert title(app.run()) == "Tämä sivu ei kuulu rooliisi"
    assert refusals(rules) == [(USER, {"page": "upload"})]


def test_rules_with_a_fault_let_nobody_in(rules: Path) -> None:
    app = sign_in(application()).run()
    rules.write_text("grants = 7")
    app.run()
    assert not app.title and "access.toml" in app.error[0].value


@pytest.mark.parametrize(
    "claims",
    [
        {"provider": "default", "aud": "others", "azp": "takuuvahti"},
        {"provider": "removed", "aud": "takuuvahti"},
    ],
)
def test_a_sign_in_for_another_application_shows_nothing(rules: Path, claims: dict[str, Any]) -> None:
    app = sign_in(application(), "analysts", **claims).run()
    assert title(app) == "Kirjautumisesi ei koske tätä sovellusta"
    assert [button.label for button in app.button] == ["Kirjaudu ulos"]
    assert refusals(rules) == [(USER, {"reason": "not_valid"})]
    assert (
        title(sign_in(application(), "analysts", provider="default", aud="takuuvahti").run()) == "Määritelmät"
    )


@pytest.mark.parametrize("secret", ["", "short", "x" * 64, "0123456789" * 6])
def test_cookies_that_could_be_forged_let_nobody_in(rules: Path, secret: str) -> None:
    app = sign_in(application())
    app.secrets["auth"] = PROVIDER | {"cookie_secret": secret}
    app.run()
    assert not app.title and "cookie_secret" in app.error[0].value
    assert not app.get("html") or "Määritelmät" not in str(app.main)


def test_a_provider_whose_settings_lack_something_is_said(rules: Path) -> None:
    app = sign_in(application(None), is_logged_in=False)
    app.secrets["auth"] = {"client_id": "takuuvahti"}
    app.run()
    app.button(key="sign-in-default").click().run()
    assert title(app) == "Kirjaudu sisään"
    assert "Kirjautumisen asetuksissa on virhe" in app.error[0].value
