"""The weekly sheet mailed through a real SMTP server on the loopback."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from typer.testing import CliRunner

from indicators.catalogue.errors import UsageError
from pipelines.cli import app
from pipelines.delivery.deliveries import load_deliveries, may_see_exactly
from pipelines.delivery.send import CannotSend, deliver
from pipelines.settings import Settings

#: The server of the tests asks for a password without encryption, which it warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
NOW = datetime(2026, 1, 5, 5, 0)
REFUSED, PASSWORD = "gone@alue.fi", "salasana"


class Mailbox:
    """What the server has received: the envelope's readers with each message. It knows no `REFUSED`."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == REFUSED:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        found = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(found, EmailMessage)
        self.received.append((envelope.rcpt_tos, found))
        return "250 OK"


def sign_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(
        success=isinstance(data, LoginPassword) and data.password == PASSWORD.encode(), handled=False
    )


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mail server that asks for a password, and its port."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        auth_required=True,
        auth_require_tls=False,
        authenticator=sign_in,
    )
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def settings(
    demo_settings: Settings, tmp_path: Path, mailbox: tuple[Mailbox, int], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of the demo warehouse with the mail server; its log goes to a folder of the test."""
    (tmp_path / "warehouse").mkdir()
    for path in demo_settings.warehouse.iterdir():
        (tmp_path / "warehouse" / path.name).symlink_to(path)
    return replace(
        demo_settings,
        warehouse=tmp_path / "warehouse",
        deliveries=tmp_path / "deliveries.toml",
        access_rules=tmp_path / "access.toml",
        smtp_host="127.0.0.1",
        smtp_port=mailbox[1],
        smtp_security="none",
        smtp_user="takuuvahti",
        smtp_password=PASSWORD,
        mail_from="takuuvahti@alue.fi",
        public_address="https://takuuvahti.alue.fi",
    )


def listed(settings: Settings, *sheets: str) -> None:
    settings.deliveries.write_text("\n".join(f"[[sheets]]\n{sheet}" for sheet in sheets), encoding="utf-8")


SHARED = 'to = ["a@alue.fi", "b@alue.fi"]\nunits = ["TK-KOK-01"]\nlanguage = "sv"'
INTERNAL = 'to = ["a@alue.fi", "b@alue.fi"]\nunits = ["TK-KOK-01"]\ninternal = true'


def test_each_reader_gets_a_message_of_their_own_with_the_sheet(
    settings: Settings, mailbox: tuple[Mailbox, int]
) -> None:
    listed(settings, SHARED)
    done = deliver(settings, now=NOW)
    assert [(one.to, one.status) for one in done] == [("a@alue.fi", "sent"), ("b@alue.fi", "sent")]
    assert [to for to, _message in mailbox[0].received] == [["a@alue.fi"], ["b@alue.fi"]]
    for [to], message in mailbox[0].received:
        assert message["To"] == to
        assert message["From"] == "takuuvahti@alue.fi"
        assert message["Subject"] == "Veckosammandrag TK-KOK-01 (fritt att dela)"
        assert "Mon, 05 Jan 2026 05:00:00" in message["Date"]
        body = message.get_body(("plain",))
        assert body is not None
        assert "https://takuuvahti.alue.fi" in body.get_content()
        [sheet] = message.iter_attachments()
        assert sheet.get_content_type() == "application/pdf"
        assert str(sheet.get_filename()).startswith("veckosammandrag_18_TK-KOK-01_")
        assert "_far_delas_sv.pdf" in str(sheet.get_filename())
        assert sheet.get_content().startswith(b"%PDF-")


def test_the_log_says_who_got_what_and_is_private(settings: Settings) -> None:
    listed(settings, SHARED)
    deliver(settings, now=NOW)
    log = settings.warehouse / "deliveries.log"
    assert log.read_text(encoding="utf-8").splitlines() == [
        f"2026-01-05T05:00:00\t{to}\tTK-KOK-01\tshareable\tsent\t" for to in ("a@alue.fi", "b@alue.fi")
    ]
    assert log.stat().st_mode & 0o077 == 0


def test_a_dry_run_makes_the_sheet_and_sends_nothing(
    settings: Settings, mailbox: tuple[Mailbox, int]
) -> None:
    listed(settings, SHARED)
    done = deliver(replace(settings, smtp_host=""), now=NOW, dry_run=True)
    assert [one.status for one in done] == ["dry_run", "dry_run"]
    assert done[0].file.endswith("_far_delas_sv.pdf")
    assert not mailbox[0].received


def test_internal_sheets_go_only_to_those_whom_the_rules_name(
    settings: Settings, mailbox: tuple[Mailbox, int]
) -> None:
    settings.access_rules.write_text(
        '[[grants]]\nrole = "manager"\nuser = "B@alue.fi"\nunits = ["TK-KOK-01", "TK-KOK-02"]\n',
        encoding="utf-8",
    )
    listed(settings, INTERNAL)
    done = {one.to: one.status for one in deliver(settings, now=NOW)}
    assert done == {"a@alue.fi": "not_allowed", "b@alue.fi": "sent"}
    [(readers, message)] = mailbox[0].received
    assert readers == ["b@alue.fi"]
    assert "sisäinen" in message["Subject"]
    [sheet] = message.iter_attachments()
    assert "_sisainen_fi.pdf" in str(sheet.get_filename())


@pytest.mark.parametrize(
    ("grant", "may"),
    [
        ('role = "analyst"\nuser = "a@alue.fi"', True),
        ('role = "manager"\nuser = "a@alue.fi"\nunits = ["U1", "U2"]', True),
        ('role = "manager"\nuser = "a@alue.fi"\nunits = ["U1"]', False),
        ('role = "board"\nuser = "a@alue.fi"', False),
        ('role = "admin"\nuser = "a@alue.fi"', False),
        ('role = "analyst"\ngroup = "a@alue.fi"', False),
        ('role = "analyst"\nuser = "b@alue.fi"', False),
    ],
)
def test_who_may_see_exact_numbers_of_units(tmp_path: Path, grant: str, may: bool) -> None:
    rules = tmp_path / "access.toml"
    rules.write_text(f"[[grants]]\n{grant}\n", encoding="utf-8")
    assert may_see_exactly(rules, "a@alue.fi", ("U1", "U2")) is may


def test_without_rules_nobody_may_see_exact_numbers(tmp_path: Path) -> None:
    assert not may_see_exactly(tmp_path / "none.toml", "a@alue.fi", ("U1",))


def test_a_refused_reader_or_unknown_unit_stops_no_other(
    settings: Settings, mailbox: tuple[Mailbox, int]
) -> None:
    listed(
        settings,
        'to = ["x@alue.fi"]\nunits = ["XX"]',
        f'to = ["{REFUSED}", "b@alue.fi"]\nunits = ["TK-KOK-01"]',
    )
    done = {one.to: (one.status, one.reason) for one in deliver(settings, now=NOW)}
    assert done["x@alue.fi"][0] == "failed"
    assert "XX" in done["x@alue.fi"][1]
    assert done[REFUSED] == ("failed", "550 no such user")
    assert done["b@alue.fi"] == ("sent", "")
    assert len(mailbox[0].received) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_password": "other"},
        {"smtp_security": "starttls"},
        {"smtp_security": "tls"},
        {"smtp_port": 1},
        {"smtp_host": ""},
        {"mail_from": ""},
    ],
    ids=lambda wrong: next(iter(wrong)) + str(next(iter(wrong.values()))),
)
def test_a_server_that_cannot_be_used_gets_nothing(
    settings: Settings, mailbox: tuple[Mailbox, int], wrong: dict[str, Any]
) -> None:
    listed(settings, SHARED)
    with pytest.raises(CannotSend) as error:
        deliver(replace(settings, **wrong), now=NOW)
    assert PASSWORD not in error.value.message("en")
    assert not mailbox[0].received


@pytest.mark.parametrize(
    ("sheet", "named"),
    [
        ('to = []\nunits = ["U"]', "sheets.1.to"),
        ('to = ["nobody"]\nunits = ["U"]', "sheets.1.to.1"),
        ('to = ["a@b.fi\\r\\nBcc: c@d.fi"]\nunits = ["U"]', "sheets.1.to.1"),
        ('to = ["a@b.fi"]\nunits = []', "sheets.1.units"),
        ('to = ["a@b.fi"]\nunits = ["U"]\nlanguage = "xx"', "sheets.1.language"),
        ('to = ["a@b.fi"]\nunits = ["U"]\nsecret = true', "sheets.1.secret"),
        ("to = [", "deliveries.toml"),
    ],
)
def test_faults_of_the_list_are_named(tmp_path: Path, sheet: str, named: str) -> None:
    path = tmp_path / "deliveries.toml"
    path.write_text(f"[[sheets]]\n{sheet}\n", encoding="utf-8")
    with pytest.raises(UsageError) as error:
        load_deliveries(path)
    assert named in error.value.message("en")


def test_the_command_says_what_became_of_each(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    listed(settings, SHARED, INTERNAL)
    names = (
        "warehouse",
        "deliveries",
        "access_rules",
        "smtp_host",
        "smtp_port",
        "smtp_security",
        "smtp_user",
    )
    for name in (*names, "smtp_password", "mail_from"):
        monkeypatch.setenv(f"TAKUUVAHTI_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "fi")
    done = CliRunner().invoke(app, ["deliver"])
    assert done.exit_code == 1, done.stderr
    assert "a@alue.fi: lähetetty veckosammandrag_18_TK-KOK-01_" in done.stdout
    assert done.stdout.count("ei lähetetty. Käyttöoikeuksissa") == 2


def test_the_password_is_in_no_text_of_the_settings(settings: Settings) -> None:
    assert PASSWORD not in repr(settings)
