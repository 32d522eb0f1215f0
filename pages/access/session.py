"""The access of the run that is under way: what Streamlit knows of the request, decided once per run."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from pages.access.decision import (
    SHAREABLE,
    Access,
    Audience,
    Installation,
    Outcome,
    Request,
    Right,
    decide,
    is_loopback,
)
from pages.access.rules import load_rules
from pages.ui import cache

#: The address parameter by which an internal user sees the shareable view, and its value.
PREVIEW, SHAREABLE_VIEW = "yleiso", "jaettava"
_of_run: ContextVar[Access] = ContextVar("access")


def start_run() -> Access:
    """Decide the access of this run; to be called by the router before anything is shown.

    Raises UsageError with every fault of the access rules.
    """
    access = decide(_request(), _installation(), datetime.now(UTC))
    _of_run.set(access)
    return access


def access() -> Access:
    """The access of this run; outside a run nothing is allowed."""
    return _of_run.get(Access(Outcome.NOT_CONFIGURED))


def audience() -> Audience:
    """For whom the figures of this run are made."""
    return SHAREABLE if is_preview() else access().audience


def is_preview() -> bool:
    """Whether an internal user looks at the shareable view."""
    return access().audience.is_internal and st.query_params.get(PREVIEW) == SHAREABLE_VIEW


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
    return Request(headers, st.context.ip_address or "127.0.0.1", dict(st.user.to_dict()))


def _installation() -> Installation:
    settings = cache.settings()
    provider = bool(providers())
    listens = st.get_option("server.address")
    return Installation(
        provider,
        settings.single_user and isinstance(listens, str) and is_loopback(listens),
        load_rules(settings.access_rules) if provider else None,
    )
