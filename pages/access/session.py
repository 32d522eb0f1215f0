"""The access of the run that is under way: what Streamlit knows of the request, decided once per run."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from indicators.catalogue.errors import TakuuvahtiError, UsageError
from pages.access import settings_changes
from pages.access.audience import audience
from pages.access.decision import Access, Audience, Installation, Request, Right, decide, is_loopback
from pages.access.rules import load_rules
from pages.access.sign_outs import end_sign_in, is_ended
from pages.ui import cache
from pipelines.command_line import user_name
from pipelines.identity_codes import mask
from pipelines.key_strength import weakness
from pipelines.warehouse.audit import AUDIT, AuditLog, Event

_of_run: ContextVar[Access | None] = ContextVar("access", default=None)
_SIGNED_IN, _VIEWED, _REFUSED = "access_signed_in", "access_viewed", "access_refused"
#: A shorter secret of the cookies could be guessed by trying: whoever knows it can sign in as anyone.
SHORTEST_COOKIE_SECRET = 32
_logger = logging.getLogger("takuuvahti.access")


class AccessRefused(TakuuvahtiError):
    """The roles of whoever asks do not reach what they ask for."""


def start_run() -> Access:
    """Decide the access of this run; to be called by the router before anything is shown.

    Raises UsageError with every fault of the access rules.
    """
    installation = record_settings()
    access = decide(_request(), installation, datetime.now(UTC))
    _of_run.set(access)
    if access.allowed and access.user and not st.session_state.get(_SIGNED_IN):
        st.session_state[_SIGNED_IN] = True
        record(Event.SIGNED_IN, roles=" ".join(sorted(access.roles)))
    return access


def record_settings() -> Installation:
    """Record what of the settings has changed, when the server starts and whenever a file changed before a run; return them.

    Raises UsageError with every fault of the access rules.
    """
    settings, listens = cache.settings(), str(st.get_option("server.address") or "")
    installation = _installation()
    settings_changes.record_changes(settings, listens, installation.rules, _auth(), datetime.now(UTC))
    return installation


def access() -> Access:
    """The access of this run, decided anew where a part of a page runs without the router."""
    found = _of_run.get(None)
    return found if found is not None else start_run()


class NotLogged(TakuuvahtiError):
    """What must not happen unlogged cannot be logged."""


def require(right: Right) -> None:
    """Raise AccessRefused, and record it, where this run may not do something."""
    if not access().may(right):
        record(Event.REFUSED, right=right)
        raise AccessRefused("access_refused", contact=access().contact or "–")


def recheck(
    right: Right | None, sees: Callable[[Audience], bool] = lambda _audience: True
) -> Callable[[Event, Mapping[str, str]], None]:
    """What this run's reader may do and see, to be decided again outside the run, by the rules and the clock of that moment.

    The function returned records an event, and raises AccessRefused where they may no longer do it, or see it.
    """
    request, who, warehouse = _request(), user(), cache.settings().warehouse

    def check(event: Event, details: Mapping[str, str]) -> None:
        asked = replace(request, signed_out=is_ended(warehouse, request.claims))
        now = decide(asked, _installation(), datetime.now(UTC))
        if not now.may(right) or not sees(now.audience):
            append(warehouse, Event.REFUSED, who, "", right=right or "exact")
            raise AccessRefused("access_refused", contact=now.contact or "–")
        if not append(warehouse, event, who, "", **details):
            raise NotLogged("not_logged")

    return check


def user() -> str:
    """Who is at the page: the signed-in user, else the user of the machine."""
    return access().user or user_name()


def record(event: Event, **details: str) -> bool:
    """Append what happens in this run to the audit log; where it cannot be written, to the server's output.

    Returns whether it is in the log.
    """
    return append(cache.settings().warehouse, event, user(), _version(), **details)


def record_or_refuse(event: Event, **details: str) -> None:
    """Append what must not happen unlogged. Raises NotLogged where the log cannot be written."""
    if not record(event, **details):
        raise NotLogged("not_logged")


def append(warehouse: Path, event: Event, who: str, version: str, **details: str) -> bool:
    """The same outside a run. Where no warehouse has been made there is nothing to record yet."""
    if not warehouse.is_dir():
        return False
    try:
        AuditLog(warehouse / AUDIT).append(event, datetime.now(UTC), who, version, **details)
    except OSError:
        _logger.exception("the audit log cannot be written: %s by %s", event, who)
        return False
    return True


def record_refusal(access: Access) -> None:
    """Record, once in a session, that somebody who is signed in may not go on; of nobody there is nothing to record."""
    if access.user and st.session_state.get(_REFUSED) != access.outcome:
        st.session_state[_REFUSED] = access.outcome
        record(Event.REFUSED, reason=access.outcome)


def record_view(page: str) -> None:
    """Record that a page is viewed, and for which audience, once for each address of a session."""
    address = {name: ",".join(st.query_params.get_all(name)) for name in sorted(st.query_params)}
    kind = audience().kind
    viewed = (page, kind, *address.items())
    if st.session_state.get(_VIEWED) != viewed:
        st.session_state[_VIEWED] = viewed
        record(
            Event.VIEWED, page=page, audience=kind, **{name: mask(value) for name, value in address.items()}
        )


def _version() -> str:
    """The name of the published version this run reads; empty where there is none."""
    try:
        return cache.current().path.stem
    except TakuuvahtiError:
        return ""


def sign_out() -> None:
    """Sign out of this sign-in, at every page that is open with it; to be called where a run begins."""
    try:
        end_sign_in(cache.settings().warehouse, st.user.to_dict(), datetime.now(UTC))
    except OSError:
        _logger.exception("a sign-out cannot be written: other open pages stay signed in")
    st.logout()


def may(right: Right) -> bool:
    """Whether this run may do something."""
    return access().may(right)


def providers() -> tuple[str, ...]:
    """The names of the configured providers, in the order of the secrets file; `default` is one without a name."""
    section = _auth()
    named = tuple(
        name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value
    )
    return named or (("default",) if "client_id" in section else ())


def _auth() -> Mapping[str, Any]:
    """The section of the secrets file that configures sign-in; empty where there is none."""
    try:
        section = st.secrets.get("auth", {})
    except (FileNotFoundError, StreamlitSecretNotFoundError):
        return {}
    return section if isinstance(section, Mapping) else {}


def _request() -> Request:
    headers = {name: str(value) for name, value in st.context.headers.items()}
    # Streamlit gives no address for a connection from this machine.
    claims = dict(st.user.to_dict())
    ended = is_ended(cache.settings().warehouse, claims)
    return Request(headers, st.context.ip_address or "127.0.0.1", claims, ended)


def _installation() -> Installation:
    """What this installation says. Raises UsageError with faults of the rules, or for cookies that could be forged."""
    settings, section, names = cache.settings(), _auth(), providers()
    # Without one in the file the server makes its own at each start.
    secret = str(section.get("cookie_secret", secrets.token_hex()))
    if names and (len(secret) < SHORTEST_COOKIE_SECRET or weakness(secret.encode()) is not None):
        raise UsageError("cookie_secret_weak", least=SHORTEST_COOKIE_SECRET)
    listens = st.get_option("server.address")
    return Installation(
        bool(names),
        settings.single_user and isinstance(listens, str) and is_loopback(listens),
        load_rules(settings.access_rules) if names else None,
        {name: str((section if name == "default" else section[name]).get("client_id", "")) for name in names},
    )
