"""Making the sheets of the list and mailing them over SMTP, one message per reader; each is a line of `deliveries.log`."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from tempfile import TemporaryDirectory

from indicators.catalogue.errors import TakuuvahtiError
from pipelines.delivery.deliveries import Sheet, load_deliveries, may_see_exactly
from pipelines.loading.results import run_indicators
from pipelines.settings import Settings
from pipelines.texts import text
from pipelines.warehouse.swap_version import make_private

LOG_FILE = "deliveries.log"
SENT, DRY, NOT_ALLOWED, FAILED = "sent", "dry_run", "not_allowed", "failed"
_TIMEOUT_SECONDS = 30


class CannotSend(TakuuvahtiError):
    """The mail server is not configured or cannot be reached."""

    exit_code = 2


@dataclass(frozen=True)
class Delivered:
    """What became of one message: `status` is one of SENT, DRY, NOT_ALLOWED, FAILED; `reason` why it failed."""

    to: str
    sheet: Sheet
    status: str
    file: str = ""
    reason: str = ""


def deliver(settings: Settings, *, now: datetime, dry_run: bool = False) -> list[Delivered]:
    """Make and mail every sheet of the list; with `dry_run` all but the mailing is done.

    One that fails stops no other. Raises UsageError for faults of the list, CannotSend where no server is reached.
    """
    if not (settings.smtp_host and settings.mail_from) and not dry_run:
        raise CannotSend("no_mail_server")
    sheets = load_deliveries(settings.deliveries).sheets
    with TemporaryDirectory() as made, _server(settings, dry_run) as server:
        done = [
            one
            for at, sheet in enumerate(sheets)
            for one in _deliver_sheet(settings, sheet, Path(made) / str(at), server, now)
        ]
    _log(settings.warehouse / LOG_FILE, done, now)
    return done


def _deliver_sheet(
    settings: Settings, sheet: Sheet, folder: Path, server: smtplib.SMTP | None, now: datetime
) -> Iterator[Delivered]:
    """Make one sheet and send it to each of its readers."""
    allowed = [
        to for to in sheet.to if not sheet.internal or may_see_exactly(settings.access_rules, to, sheet.units)
    ]
    yield from (Delivered(to, sheet, NOT_ALLOWED) for to in sheet.to if to not in allowed)
    if not allowed:
        return
    options = [word for unit in sheet.units for word in ("--unit", unit)]
    options += ["--area", sheet.area] if sheet.area else []
    options += ["--internal"] if sheet.internal else []
    run = run_indicators(
        settings, "report", "--sheet", "--language", sheet.language, "--out", str(folder), *options
    )
    files = sorted(folder.rglob("*.pdf"))
    if run.returncode or not files:
        reason = run.stderr.strip().rpartition("\n")[2]
        yield from (Delivered(to, sheet, FAILED, reason=reason) for to in allowed)
        return
    for to in allowed:
        if server is None:
            yield Delivered(to, sheet, DRY, files[0].name)
            continue
        try:
            server.send_message(message(settings, sheet, to, files[0], now))
        except (smtplib.SMTPException, OSError) as error:
            yield Delivered(to, sheet, FAILED, files[0].name, reason_of_mail(error))
        else:
            yield Delivered(to, sheet, SENT, files[0].name)


def message(settings: Settings, sheet: Sheet, to: str, file: Path, now: datetime) -> EmailMessage:
    """The message to one reader, with the sheet as its attachment. It names no other reader."""
    audience = text("mail_internal" if sheet.internal else "mail_shareable", sheet.language)
    made = EmailMessage()
    made["From"], made["To"] = settings.mail_from, to
    made["Subject"] = text("mail_subject", sheet.language, units=", ".join(sheet.units), audience=audience)
    made["Date"] = format_datetime(now.replace(tzinfo=UTC))
    made["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2] or None)
    made["Auto-Submitted"] = "auto-generated"
    address = (
        text("mail_address", sheet.language, address=settings.public_address)
        if settings.public_address
        else ""
    )
    body = text("mail_body", sheet.language, audience=audience)
    made.set_content("\n\n".join(part for part in (body, address) if part) + "\n")
    made.add_attachment(file.read_bytes(), maintype="application", subtype="pdf", filename=file.name)
    return made


@contextmanager
def _server(settings: Settings, dry_run: bool) -> Iterator[smtplib.SMTP | None]:
    """A connection to the mail server of the settings; None in a dry run. Raises CannotSend."""
    if dry_run:
        yield None
        return
    server: smtplib.SMTP | None = None
    try:
        context = ssl.create_default_context()
        if settings.smtp_security == "tls":
            server = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS)
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except (smtplib.SMTPException, OSError) as error:
        if server is not None:
            server.close()
        named = f"{settings.smtp_host}:{settings.smtp_port}"
        raise CannotSend("mail_server_fails", server=named, reason=reason_of_mail(error)) from error
    with server:
        yield server


def reason_of_mail(error: Exception) -> str:
    """Why a message or a connection failed, in the server's words, on one line and without what was sent.

    >>> reason_of_mail(smtplib.SMTPRecipientsRefused({"a@b.fi": (550, b"no such user")}))
    '550 no such user'
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, refusal = next(iter(error.recipients.values()))
        return f"{code} {refusal.decode(errors='replace')}"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return " ".join(str(error).split()) or type(error).__name__


def _log(path: Path, done: list[Delivered], now: datetime) -> None:
    """Append a line per message: when, to whom, which units, for whom, what became of it. Numbers are in none."""
    path.touch(mode=0o600)
    make_private(path)
    with path.open("a", encoding="utf-8") as log:
        for one in done:
            audience = "internal" if one.sheet.internal else "shareable"
            parts = (
                now.isoformat(timespec="seconds"),
                one.to,
                ",".join(one.sheet.units),
                audience,
                one.status,
                one.reason,
            )
            log.write("\t".join(parts) + "\n")
