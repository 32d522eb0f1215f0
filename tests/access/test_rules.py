"""The rules of access: every fault is named at once, and a claim gives what a grant says and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from indicators.catalogue.errors import UsageError
from pages.access.rules import AccessRules, Role, load_rules

RULES = """
contact = "tietohallinto@alue.fi"

[[grants]]
role = "board"
group = "hallitus"

[[grants]]
role = "manager"
user = "Anna.Esimies@alue.fi"
units = ["TK-KOK-01", "TK-KOK-02"]

[[grants]]
role = "analyst"
group = "tietopalvelu"
provider = "entra"
"""


def rules_of(folder: Path, text: str) -> AccessRules:
    path = folder / "access.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"email": "x@alue.fi", "groups": ["hallitus"]}, {Role.BOARD}),
        ({"email": "x@alue.fi", "groups": "hallitus"}, {Role.BOARD}),
        ({"email": "anna.esimies@ALUE.fi"}, {Role.MANAGER}),
        ({"email": "anna.esimies@alue.fi", "groups": ["hallitus"]}, {Role.MANAGER, Role.BOARD}),
        ({"email": "x@alue.fi", "groups": ["tietopalvelu"], "provider": "entra"}, {Role.ANALYST}),
        ({"email": "x@alue.fi", "groups": ["tietopalvelu"], "provider": "suomifi"}, set()),
        ({"email": "x@alue.fi", "groups": ["Hallitus"]}, set()),
        ({"email": "x@alue.fi", "groups": {"hallitus": True}}, set()),
        ({"email": "x@alue.fi", "groups": 7}, set()),
        ({"email": ["anna.esimies@alue.fi"]}, set()),
        ({"email": "xanna.esimies@alue.fi"}, set()),
        ({"groups": []}, set()),
        ({}, set()),
    ],
)
def test_claims_give_roles(tmp_path: Path, claims: dict[str, Any], roles: set[Role]) -> None:
    assert {grant.role for grant in rules_of(tmp_path, RULES).granted(claims)} == roles


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["contact", "grants"]),
        ("contact = 'x'\ngrants = []", ["grants"]),
        ("contact = 'x'\n[[grants]]\nrole = 'boss'\ngroup = 'g'", ["grants.1.role"]),
        ("contact = 'x'\n[[grants]]\nrole = 'board'", ["grants.1: names a group or a user"]),
        ("contact = 'x'\n[[grants]]\nrole = 'board'\ngroup = 'g'\nuser = 'u'", ["grants.1: names a group"]),
        ("contact = 'x'\n[[grants]]\nrole = 'manager'\ngroup = 'g'", ["grants.1: units are for managers"]),
        ("contact = 'x'\n[[grants]]\nrole = 'board'\ngroup = 'g'\nunits = ['u']", ["grants.1: units are"]),
        ("contact = 'x'\n[[grants]]\nrole = 'board'\ngroup = ''", ["grants.1.group"]),
        (
            "contact = 'x'\nsession_hours = 0\nhidden = 1\n[[grants]]\nrole = 'board'\ngroup = 'g'",
            ["session_hours", "hidden"],
        ),
        ("contact = ", ["Invalid value"]),
    ],
)
def test_every_fault_is_named(tmp_path: Path, text: str, faults: list[str]) -> None:
    with pytest.raises(UsageError) as raised:
        rules_of(tmp_path, text)
    for language in ("fi", "sv", "en"):
        assert all(fault in raised.value.message(language) for fault in faults)


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"access\.toml"):
        load_rules(tmp_path / "access.toml")


def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    claims = {"email": "x@alue.fi", "groups": ["hallitus"]}
    assert rules_of(tmp_path, RULES).granted(claims)
    changed = rules_of(tmp_path, RULES.replace('"hallitus"', '"valtuusto"'))
    assert not changed.granted(claims)
    # The same size, and another time of change.
    path = tmp_path / "access.toml"
    path.write_text(RULES.replace('"hallitus"', '"hallitut"'), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert not load_rules(path).granted(claims)
