"""The decision of access, as a table: who asks, from where, and what comes of it."""

from __future__ import annotations

from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from indicators.engine.question import Question
from pages.access.audience import complete, start_run
from pages.access.decision import (
    FORWARDING_HEADERS,
    SHAREABLE,
    Audience,
    Installation,
    Outcome,
    Request,
    Right,
    decide,
)
from pages.access.rules import AccessRules, Role

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
RULES = AccessRules.model_validate(
    {
        "contact": "tietohallinto@alue.fi",
        "session_hours": 10,
        "grants": [
            {"role": "board", "group": "board"},
            {"role": "manager", "group": "managers", "units": ["A", "B"]},
            {"role": "analyst", "group": "analysts"},
            {"role": "admin", "group": "admins"},
        ],
    }
)
WITH_PROVIDER, ONE_USER = Installation(True, False, RULES), Installation(False, True, None)
HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


def signed_in(*groups: str, **claims: Any) -> Request:
    stated = {"is_logged_in": True, "email": "x@alue.fi", "groups": list(groups), "iat": NOW.timestamp()}
    return Request(HERE, "127.0.0.1", stated | claims)


@pytest.mark.parametrize(
    ("groups", "audience", "rights"),
    [
        (["board"], SHAREABLE, set()),
        (["managers"], Audience(units=frozenset("AB")), {Right.ENTRIES}),
        (
            ["analysts"],
            Audience(everything=True),
            {Right.LOAD, Right.ENTER, Right.MASTER, Right.SET_ASIDE, Right.ENTRIES},
        ),
        (["admins"], SHAREABLE, {Right.AUDIT}),
        (["managers", "admins"], Audience(units=frozenset("AB")), {Right.ENTRIES, Right.AUDIT}),
    ],
)
def test_roles_give_audience_and_rights(groups: list[str], audience: Audience, rights: set[Right]) -> None:
    found = decide(signed_in(*groups), WITH_PROVIDER, NOW)
    assert (found.outcome, found.audience, found.rights) == (Outcome.ALLOWED, audience, rights)
    assert all(found.may(right) == (right in rights) for right in Right)


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ({"is_logged_in": False}, Outcome.SIGN_IN),
        ({"is_logged_in": "true"}, Outcome.SIGN_IN),
        ({"groups": ["others"]}, Outcome.NO_ROLE),
        ({"email": None}, Outcome.NO_ROLE),
        ({"email": ""}, Outcome.NO_ROLE),
        ({"iat": None}, Outcome.EXPIRED),
        ({"iat": "2026"}, Outcome.EXPIRED),
        ({"iat": True}, Outcome.EXPIRED),
        ({"iat": (NOW - timedelta(hours=10, seconds=1)).timestamp()}, Outcome.EXPIRED),
        ({"iat": (NOW - timedelta(hours=9, minutes=59)).timestamp()}, Outcome.ALLOWED),
        ({"iat": (NOW + timedelta(seconds=30)).timestamp()}, Outcome.ALLOWED),
        ({"iat": (NOW + timedelta(hours=1)).timestamp()}, Outcome.EXPIRED),
    ],
)
def test_a_sign_in_that_does_not_hold(claims: dict[str, Any], outcome: Outcome) -> None:
    found = decide(signed_in("board", **claims), WITH_PROVIDER, NOW)
    assert found.outcome is outcome
    if outcome is not Outcome.ALLOWED:
        assert not found.audience.is_internal and not found.rights and not found.roles


CLIENTS = {"entra": "takuuvahti", "default": "takuuvahti"}


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ({"provider": "entra", "aud": "takuuvahti"}, Outcome.ALLOWED),
        ({"provider": "default", "aud": ["others", "takuuvahti"], "azp": "takuuvahti"}, Outcome.ALLOWED),
        ({"provider": "entra", "aud": "others", "azp": "takuuvahti"}, Outcome.NOT_VALID),
        ({"provider": "entra", "aud": ["others"], "azp": "takuuvahti"}, Outcome.NOT_VALID),
        ({"provider": "entra", "aud": []}, Outcome.NOT_VALID),
        ({"provider": "entra", "aud": "takuuvahti-test"}, Outcome.NOT_VALID),
        ({"provider": "entra", "aud": {"takuuvahti": 1}}, Outcome.NOT_VALID),
        ({"provider": "removed", "aud": "takuuvahti"}, Outcome.NOT_VALID),
    ],
)
def test_a_sign_in_for_another_application_or_by_a_removed_provider(
    claims: dict[str, Any], outcome: Outcome
) -> None:
    found = decide(signed_in("analysts", **claims), Installation(True, False, RULES, CLIENTS), NOW)
    assert found.outcome is outcome
    assert found.may(None) == (outcome is Outcome.ALLOWED) and bool(found.rights) == found.allowed


def test_one_persons_own_application_has_every_right() -> None:
    found = decide(Request(HERE, "127.0.0.1", {}), ONE_USER, NOW)
    assert (
        found.allowed
        and found.audience.everything
        and found.rights == set(Right)
        and found.roles == set(Role)
    )


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, "127.0.0.1"),
        ({"Host": "localhost:8501"}, "127.0.0.1"),
        (HERE | {"Host": "takuuvahti.alue.fi"}, "127.0.0.1"),
        (HERE | {"Host": "localhost.alue.fi:8501"}, "127.0.0.1"),
        (HERE | {"Host": "10.0.0.5:8501"}, "127.0.0.1"),
        (HERE | {"Origin": "https://takuuvahti.alue.fi"}, "127.0.0.1"),
        (HERE, "10.0.0.7"),
        (HERE, None),
    ],
)
def test_one_persons_own_application_is_nobody_elses(headers: dict[str, str], address: str | None) -> None:
    found = decide(Request(headers, address, {}), ONE_USER, NOW)
    assert found.outcome is Outcome.NOT_CONFIGURED and not found.rights and not found.audience.is_internal


@pytest.mark.parametrize("name", FORWARDING_HEADERS)
def test_a_forwarding_header_closes_it(name: str) -> None:
    for written in (name, name.title(), name.upper()):
        assert not decide(Request(HERE | {written: ""}, "127.0.0.1", {}), ONE_USER, NOW).allowed


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "127.0.0.1:8501", "127.8.8.8", "[::1]:8501", "localhost.:80"]
)
def test_names_of_this_machine(host: str) -> None:
    assert decide(Request(HERE | {"Host": host}, "::1", {}), ONE_USER, NOW).allowed


@pytest.mark.parametrize("installation", [Installation(False, False, None), Installation(True, True, None)])
def test_without_rules_or_a_start_that_says_so_nothing_is_shown(installation: Installation) -> None:
    assert decide(signed_in("analysts"), installation, NOW).outcome is Outcome.NOT_CONFIGURED


def test_with_a_provider_being_local_is_not_enough() -> None:
    found = decide(Request(HERE, "127.0.0.1", {}), Installation(True, True, RULES), NOW)
    assert found.outcome is Outcome.SIGN_IN


@pytest.mark.parametrize(
    ("audience", "units", "exact"),
    [
        (Audience(everything=True), None, True),
        (Audience(units=frozenset("AB")), frozenset("A"), True),
        (Audience(units=frozenset("AB")), frozenset("AB"), True),
        (Audience(units=frozenset("AB")), frozenset("AC"), False),
        (Audience(units=frozenset("AB")), frozenset(), False),
        (Audience(units=frozenset("AB")), None, False),
        (SHAREABLE, frozenset("A"), False),
    ],
)
def test_exact_figures_are_of_ones_own_units(
    audience: Audience, units: frozenset[str] | None, exact: bool
) -> None:
    def completed() -> Question:
        start_run(audience)
        return complete(Question("visits", where=() if units is None else (("unit", tuple(units)),)))

    assert copy_context().run(completed).is_exact(None) == exact
