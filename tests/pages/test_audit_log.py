"""The page of the audit log: in the reader's language, the newest first, more on demand, searched by any word."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines.settings import Settings
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from tests.pages.app import all_words, assert_healthy, open_page, table

CAPTION = "Käyttöloki, uusin ensin"


@pytest.fixture
def logged(figures_settings: Settings) -> Settings:
    """A log of forty views of the queues."""
    log = AuditLog(figures_settings.warehouse / AUDIT)
    for at in range(40):
        now = datetime(2026, 11, 30, 8, at, tzinfo=UTC)
        log.append(Event.VIEWED, now, f"lukija{at:02d}", "00000001", page="queues", audience="internal")
    return figures_settings


def test_entries_are_in_the_readers_language_and_more_come_on_demand(
    logged: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, logged.warehouse, "audit", "admins")
    assert_healthy(page)
    rows = table(page, CAPTION)[1:]
    assert len(rows) == 20
    assert any("sivu: Jonot, lukijakunta: sisäinen näkymä" in row[4] for row in rows)
    assert not any("audience" in cell for row in rows for cell in row)
    page.button(key="more-audit").click().run()
    assert len(table(page, CAPTION)[1:]) > 20
    page.text_input[0].set_value("queues lukija07").run()
    assert [row[2] for row in table(page, CAPTION)[1:]] == ["lukija07"]
    assert "Hakuosumia: 1." in all_words(page)
