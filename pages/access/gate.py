"""What somebody sees who may not go on: sign-in, an ended session, no role, or what to configure."""

from __future__ import annotations

import html
import logging

import streamlit as st
from streamlit.errors import StreamlitAuthError

from indicators.catalogue.errors import TakuuvahtiError
from indicators.wording.translations import N_, _, language
from pages.access import session
from pages.access.decision import Access, Outcome
from pages.ui import address, statement
from pipelines.settings import load_settings
from pipelines.warehouse.audit import Event

_TITLES = {
    Outcome.SIGN_IN: N_("Sign in"),
    Outcome.EXPIRED: N_("Your session has ended"),
    Outcome.NOT_VALID: N_("Your sign-in is not for this application"),
    Outcome.NO_ROLE: N_("You have no access yet"),
    Outcome.NOT_CONFIGURED: N_("Sign-in is not configured"),
}
_TEXTS = {
    Outcome.SIGN_IN: N_(
        "Takuuvahti shows figures to people with a role in the service. Sign in with your work account."
    ),
    Outcome.EXPIRED: N_("Sign in again to go on. Nothing was changed."),
    Outcome.NOT_VALID: N_(
        "The sign-in service named another application than this one. Sign out and sign in again. If it happens again, "
        "tell: {contact}."
    ),
    Outcome.NO_ROLE: N_(
        "You are signed in as {name}, but no role has been given to you. Ask for one: {contact}."
    ),
    Outcome.NOT_CONFIGURED: N_(
        "This address shows nothing until a sign-in provider and the access rules are configured: the operations document "
        "says how. On your own computer, start the application with make run and open it at localhost."
    ),
}
_logger = logging.getLogger("takuuvahti.access")


def opened() -> bool:
    """Whether this run may go on; else what stands in the way is drawn. Called by the router before anything is shown."""
    try:
        access = session.start_run()
    except TakuuvahtiError as error:
        st.error(error.message(language()))
        return False
    if not access.allowed:
        _draw(access)
    return access.allowed


def _draw(access: Access) -> None:
    """The page of an outcome other than allowed, with the way on where there is one."""
    session.record_refusal(access)
    st.title(_(_TITLES[access.outcome]), anchor=False)
    text = _(_TEXTS[access.outcome]).format(name=access.name or access.user or "–", contact=access.contact)
    st.html(f'<p class="tv-finding" role="status">{html.escape(text)}</p>')
    if access.outcome in (Outcome.SIGN_IN, Outcome.EXPIRED):
        _sign_in_buttons()
    elif access.outcome in (Outcome.NO_ROLE, Outcome.NOT_VALID):
        st.button(_("Sign out"), on_click=session.sign_out)
    statement.fold(load_settings())


def refusal() -> None:
    """What a page shows to somebody whose roles do not reach it, or who may not go on at all."""
    if not session.access().allowed:
        _draw(session.access())
        return
    session.record(Event.REFUSED, page=address.page_name())
    st.title(_("This page is not for your role"), anchor=False)
    text = _("Nothing was changed. If you need it in your work, ask: {contact}.")
    st.html(f'<p class="tv-finding">{html.escape(text.format(contact=session.access().contact))}</p>')


def _sign_in_buttons() -> None:
    """A button for each provider."""
    providers = session.providers()
    for provider in providers:
        label = (
            _("Sign in") if len(providers) == 1 else _("Sign in with {provider}").format(provider=provider)
        )
        st.button(label, key=f"sign-in-{provider}", type="primary", on_click=_sign_in, args=(provider,))


def _sign_in(provider: str) -> None:
    """Go to a provider, or say that its settings lack something: what, is in the server's output."""
    try:
        st.login(provider)
    except StreamlitAuthError:
        _logger.exception("signing in through %s is not set up", provider)
        st.error(
            _("Signing in is not set up correctly")
            + ". "
            + _("Trying again does not help before the administrator has corrected the settings of sign-in.")
        )


def account() -> None:
    """Who is signed in and the way out, for the sidebar; nothing where the application is one person's own."""
    access = session.access()
    if access.user:
        st.caption(_("Signed in: {name}").format(name=access.name))
        st.button(_("Sign out"), on_click=_sign_out, key="sign-out")


def _sign_out() -> None:
    session.record(Event.SIGNED_OUT)
    session.sign_out()
