"""The audit log says which settings changed, from what to what, and nothing of a secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.access import settings_changes
from pages.access.rules import AccessRules
from pages.access.settings_changes import record_changes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from tests.access.sign_in import RULES as RULES_FILE
from tests.access.sign_in import sign_in
from tests.rules.repository import ROOT

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
RULES: dict[str, Any] = {
    "contact": "tietohallinto@alue.fi",
    "grants": [
        {"role": "board", "group": "hallitus"},
        {"role": "manager", "user": "anna@alue.fi", "units": ["A"]},
        {"role": "manager", "user": "anna@alue.fi", "units": ["B"]},
    ],
}
AUTH = {
    "redirect_uri": "https://takuuvahti.alue.fi/oauth2callback",
    "cookie_secret": "a secret of the cookies, long enough",
    "keycloak": {"client_id": "takuuvahti", "client_secret": "the first secret", "server_metadata_url": "u"},
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "warehouse").mkdir()
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def record(settings: Settings, auth: Any = None, **rules: Any) -> dict[str, str]:
    """What is recorded anew with these settings; as by a server that has just started."""
    before = len(entries(settings))
    settings_changes._recorded.clear()
    record_changes(
        settings, "localhost", AccessRules.model_validate(RULES | rules), AUTH if auth is None else auth, NOW
    )
    return {name: value for one in entries(settings)[before:] for name, value in one.details.items()}


def entries(settings: Settings) -> list[Any]:
    found = list(AuditLog(settings.warehouse / AUDIT).entries())
    assert all((one.event, one.user) == (Event.SETTINGS_CHANGED, "") for one in found)
    assert not AuditLog(settings.warehouse / AUDIT).problems()
    return found


def test_all_are_recorded_once_and_then_what_changed(settings: Settings) -> None:
    first = record(settings)
    assert first["hide_below"] == "– → 5" and first["server.address"] == "– → localhost"
    assert first["access.board group hallitus"] == "– → granted"
    assert first["access.manager user anna@alue.fi"] == "– → A B"
    assert first["sign_in.keycloak.client_id"] == "– → takuuvahti"
    assert first["sign_in.keycloak.client_secret"] == first["sign_in.cookie_secret"] == "changed"
    assert {"definition.seven_day_access", "statutory_limits"} <= set(first)
    assert record(settings) == {}
    assert record(replace(settings, hide_below=10)) == {"hide_below": "5 → 10"}
    assert record(settings) == {"hide_below": "10 → 5"}


def test_grants_are_recorded_one_by_one(settings: Settings) -> None:
    record(settings)
    changed = record(
        settings,
        session_hours=8,
        grants=[
            {"role": "analyst", "group": "hallitus", "provider": "keycloak"},
            {"role": "manager", "user": "anna@alue.fi", "units": ["A"]},
        ],
    )
    assert changed == {
        "access.analyst group hallitus of keycloak": "– → granted",
        "access.board group hallitus": "granted → –",
        "access.manager user anna@alue.fi": "A B → A",
        "access.session_hours": "10 → 8",
    }


@pytest.mark.parametrize("place", ["cookie_secret", "keycloak"])
def test_of_a_secret_only_that_it_changed(settings: Settings, place: str) -> None:
    record(settings)
    secret = "an entirely different secret"
    changed = record(
        settings,
        AUTH | {place: secret if place == "cookie_secret" else AUTH[place] | {"client_secret": secret}},
    )
    name = "sign_in." + ("cookie_secret" if place == "cookie_secret" else "keycloak.client_secret")
    assert changed == {name: "changed"}
    written = b"".join(path.read_bytes() for path in settings.warehouse.rglob("*") if path.is_file())
    for never in (secret, AUTH["cookie_secret"], AUTH["keycloak"]["client_secret"]):
        assert never.encode() not in written
    assert (settings.warehouse / AUDIT / "SETTINGS").stat().st_mode & 0o077 == 0


def test_rules_that_no_longer_count_are_recorded(settings: Settings) -> None:
    record(settings)
    record_changes(settings, "localhost", None, {}, NOW)
    assert entries(settings)[-1].details["access.board group hallitus"] == "granted → –"


def test_without_a_warehouse_nothing_is_recorded_and_later_all(settings: Settings) -> None:
    settings.warehouse.rmdir()
    assert record(settings) == {} and not settings.warehouse.exists()
    settings.warehouse.mkdir()
    assert "hide_below" in record(settings)


def test_what_was_recorded_last_is_recorded_again_where_its_file_is_lost(settings: Settings) -> None:
    record(settings)
    (settings.warehouse / AUDIT / "SETTINGS").write_text("[")
    assert record(settings)["hide_below"] == "– → 5"


def test_many_changes_make_entries_that_can_be_read(settings: Settings) -> None:
    grants = [{"role": "board", "group": str(number) + "ä" * 900} for number in range(200)]
    assert len(record(settings, grants=grants)) > 200
    log = AuditLog(settings.warehouse / AUDIT)
    log.append(Event.SETTINGS_CHANGED, NOW)
    assert not log.problems()


def test_a_changed_file_is_recorded_at_the_next_click(
    figures_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, warehouse = tmp_path / "access.toml", tmp_path / "warehouse"
    rules.write_text(RULES_FILE.read_text())
    warehouse.mkdir()
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(warehouse))
    monkeypatch.setenv("TAKUUVAHTI_ACCESS_RULES", str(rules))
    app = sign_in(AppTest.from_file(ROOT / "app.py", default_timeout=120)).switch_page("pages/definitions.py")
    app.run()
    rules.write_text(RULES_FILE.read_text().replace('group = "admins"', 'group = "others"'))
    app.run()
    found = [one for one in AuditLog(warehouse / AUDIT).entries() if one.event is Event.SETTINGS_CHANGED]
    assert found[-1].details == {
        "access.admin group admins": "granted → –",
        "access.admin group others": "– → granted",
    }
