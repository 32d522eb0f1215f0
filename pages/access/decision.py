"""The one decision of access: who asks, from where, and what they may see and do."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pages.access.rules import AccessRules, Role

#: Headers by which a proxy tells of whom it asks for. Where one came, the address of the connection is the proxy's.
FORWARDING_HEADERS = (
    *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port"),
    *(
        "x-forwarded-server",
        "x-real-ip",
        "x-original-host",
        "x-client-ip",
        "cf-connecting-ip",
        "true-client-ip",
    ),
)


class Right(StrEnum):
    """What can be allowed besides looking at shareable figures."""

    LOAD = "load"
    ENTER = "enter"
    MASTER = "master"
    SET_ASIDE = "set_aside"
    ENTRIES = "entries"
    AUDIT = "audit"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.BOARD: frozenset(),
    Role.MANAGER: frozenset({Right.ENTRIES}),
    Role.ANALYST: frozenset({Right.LOAD, Right.ENTER, Right.MASTER, Right.SET_ASIDE, Right.ENTRIES}),
    Role.ADMIN: frozenset({Right.AUDIT}),
}


class AudienceKind(StrEnum):
    """What an audience sees exactly: everything, its own units, or nothing."""

    INTERNAL = "internal"
    OWN_UNITS = "own_units"
    SHAREABLE = "shareable"


@dataclass(frozen=True)
class Audience:
    """For whom figures are made: exact for all units, for some, or for none; what is not exact is shareable."""

    everything: bool = False
    units: frozenset[str] = frozenset()

    @property
    def kind(self) -> AudienceKind:
        if self.everything:
            return AudienceKind.INTERNAL
        return AudienceKind.OWN_UNITS if self.units else AudienceKind.SHAREABLE

    @property
    def is_internal(self) -> bool:
        """Whether any exact figure is in what is made for it."""
        return self.kind is not AudienceKind.SHAREABLE


SHAREABLE, INTERNAL = Audience(), Audience(everything=True)


class Outcome(StrEnum):
    """What a request comes to."""

    ALLOWED = "allowed"
    SIGN_IN = "sign_in"
    EXPIRED = "expired"
    NOT_VALID = "not_valid"
    NO_ROLE = "no_role"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True)
class Access:
    """The decision on a request: the outcome, who asks, in which roles, for which audience, with which rights."""

    outcome: Outcome
    user: str = ""
    name: str = ""
    roles: frozenset[Role] = frozenset()
    audience: Audience = SHAREABLE
    rights: frozenset[Right] = frozenset()
    contact: str = ""

    @property
    def allowed(self) -> bool:
        return self.outcome is Outcome.ALLOWED

    def may(self, right: Right | None) -> bool:
        """Whether an action is allowed; None is looking at figures."""
        return self.allowed and (right is None or right in self.rights)


@dataclass(frozen=True)
class Request:
    """What is known of a request: the headers, the address it came from, and the claims of its sign-in, if any.

    `signed_out` says that somebody has ended that sign-in, here or at another page.
    """

    headers: Mapping[str, str]
    address: str | None
    claims: Mapping[str, Any]
    signed_out: bool = False


@dataclass(frozen=True)
class Installation:
    """What an installation says: whether a provider is configured, whether the start declared one user, its rules.

    `clients` are the configured providers, each with the identifier by which it knows this application.
    """

    provider: bool
    single_user: bool
    rules: AccessRules | None
    clients: Mapping[str, str] = field(default_factory=dict)


def decide(request: Request, installation: Installation, now: datetime) -> Access:
    """What a request may see and do. `now` has a time zone.

    With a provider only a sign-in counts. Without one the application is one person's own, all rights, but only where the
    start said so and the request came from this machine, to this machine, through nobody; all else is told what to configure.
    """
    if installation.provider and installation.rules is not None:
        if request.signed_out:
            return Access(Outcome.SIGN_IN, contact=installation.rules.contact)
        return _of_sign_in(request.claims, installation, installation.rules, now)
    if not installation.provider and installation.single_user and is_local(request):
        return Access(Outcome.ALLOWED, roles=frozenset(Role), audience=INTERNAL, rights=frozenset(Right))
    return Access(Outcome.NOT_CONFIGURED)


def _is_for_us(claims: Mapping[str, Any], clients: Mapping[str, str]) -> bool:
    """Whether a sign-in was made by a provider that is still configured, for this application and nobody else.

    Authlib takes a token for another audience where this application is named as the authorised party.
    """
    provider, audience = claims.get("provider"), claims.get("aud")
    if provider is not None and clients and provider not in clients:
        return False
    client = clients.get(str(provider))
    if audience is None or client is None:
        return True
    return client in (audience if isinstance(audience, list | tuple) else [audience])


def _of_sign_in(
    claims: Mapping[str, Any], installation: Installation, rules: AccessRules, now: datetime
) -> Access:
    if claims.get("is_logged_in") is not True:
        return Access(Outcome.SIGN_IN, contact=rules.contact)
    user = claims.get(rules.claims.user)
    name = claims.get(rules.claims.name)
    who = user if isinstance(user, str) else ""
    called = name if isinstance(name, str) else who
    if not _is_for_us(claims, installation.clients):
        return Access(Outcome.NOT_VALID, who, called, contact=rules.contact)
    signed_in = claims.get("iat")
    if not isinstance(signed_in, int | float) or isinstance(signed_in, bool):
        return Access(Outcome.EXPIRED, who, called, contact=rules.contact)
    age = now - datetime.fromtimestamp(signed_in, UTC)
    # A minute lets the clocks of two machines differ.
    if age > timedelta(hours=rules.session_hours) or age < -timedelta(minutes=1):
        return Access(Outcome.EXPIRED, who, called, contact=rules.contact)
    grants = rules.granted(claims) if who else ()
    if not grants:
        return Access(Outcome.NO_ROLE, who, called, contact=rules.contact)
    roles = frozenset(grant.role for grant in grants)
    units = frozenset(unit for grant in grants for unit in grant.units)
    return Access(
        Outcome.ALLOWED,
        who,
        called,
        roles,
        Audience(everything=Role.ANALYST in roles, units=units),
        frozenset(right for role in roles for right in RIGHTS[role]),
        rules.contact,
    )


def is_local(request: Request) -> bool:
    """Whether a request came from this machine, to this machine by its own name, and through no proxy.

    >>> here = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}
    >>> is_local(Request(here, "127.0.0.1", {})), is_local(Request(here | {"X-Real-IP": "10.0.0.7"}, "127.0.0.1", {}))
    (True, False)
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    if any(name in headers for name in FORWARDING_HEADERS) or "host" not in headers:
        return False
    # A browser names in `Origin` the site its connection comes from, which a proxy that passes no other header leaves as it is.
    origin = urlsplit(headers.get("origin", "")).hostname or ""
    return all(map(is_loopback, (_host_of(headers["host"]), origin, request.address or "")))


def _host_of(header: str) -> str:
    """The host of a Host header without its port."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.rpartition(":")[0] if header.count(":") == 1 else header


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own, for connections from itself alone."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
