"""What decides figures and access, as it is now; the audit log records what of it has changed since it last knew.

Settings of the file and the environment, the rules of access, the sign-in services, the definitions and the statutory
limits. Of a secret only that it changed is recorded. The pseudonymisation key is none of them: a warehouse takes no other.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from indicators.catalogue.limits import LIMITS
from indicators.catalogue.places import ROOT
from pages.access.rules import AccessRules, Grant
from pipelines.settings import Settings
from pipelines.warehouse.audit import AUDIT, AuditLog

#: What of a sign-in service may be read by whoever reads the log; all else of it is a secret.
_PUBLIC = {
    "redirect_uri",
    "client_id",
    "server_metadata_url",
    "authorize_url",
    "api_base_url",
    "client_kwargs",
}
#: Characters of a name or a value that are recorded.
_LONGEST = 300
#: Rounds that make a secret's fingerprint slow to try, and its bytes, too few to find the secret again.
_ROUNDS, _FINGERPRINT_BYTES = 100_000, 3
_logger = logging.getLogger("takuuvahti.access")
#: What was last recorded by this process, by the folder of its warehouse.
_recorded: dict[Path, tuple[Any, ...]] = {}


def record_changes(
    settings: Settings, listens: str, rules: AccessRules | None, auth: Mapping[str, Any], now: datetime
) -> None:
    """Record what has changed since the log last knew, by this process or an earlier one; cheap where nothing has.

    `listens` is the address that the server listens at, `auth` the section of the secrets that configures sign-in; without
    `rules` nobody signs in. Where no warehouse has been made, or the log cannot be written, it is tried again at the next call.
    """
    written = json.dumps(auth, sort_keys=True, default=str)
    state = (settings, listens, rules, hashlib.sha256(written.encode()).digest())
    if _recorded.get(settings.warehouse) == state or not settings.warehouse.is_dir():
        return
    public = {
        **_of_settings(settings, listens),
        **_of_definitions(),
        **(_of_rules(rules) if rules is not None else {}),
    }
    secrets = {}
    for name, value in _of_sign_in(auth):
        if name.rpartition(".")[2] in _PUBLIC:
            public[name] = value
        else:
            secrets[name] = _fingerprint(name, value)
    public = {name[:_LONGEST]: value[:_LONGEST] for name, value in public.items()}
    try:
        AuditLog(settings.warehouse / AUDIT).record_settings(public, secrets, now)
    except OSError:
        _logger.exception("the audit log cannot be written: settings")
        return
    _recorded[settings.warehouse] = state


def _of_settings(settings: Settings, listens: str) -> dict[str, str]:
    found = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return _known(found | {"server.address": listens})


def _known(values: Mapping[str, Any]) -> dict[str, str]:
    """The values that are set."""
    return {name: str(value) for name, value in values.items() if value is not None}


@cache
def _of_definitions() -> dict[str, str]:
    """Digests of the files that figures follow from, as this process read them."""
    files = {f"definition.{path.stem}": path for path in (ROOT / "indicators" / "definitions").glob("*.toml")}
    files["statutory_limits"] = LIMITS
    return {name: hashlib.sha256(path.read_bytes()).hexdigest()[:8] for name, path in sorted(files.items())}


def _of_rules(rules: AccessRules) -> dict[str, str]:
    found = {"access.contact": rules.contact, "access.session_hours": f"{rules.session_hours:g}"}
    found |= _known({f"access.claims.{name}": value for name, value in rules.claims.model_dump().items()})
    for grant in rules.grants:
        name = _name_of(grant)
        units = {*found.get(name, "").split(), *grant.units} if grant.units else {"granted"}
        found[name] = " ".join(sorted(units))
    return found


def _name_of(grant: Grant) -> str:
    whom = f"group {grant.group}" if grant.group is not None else f"user {grant.user}"
    return f"access.{grant.role} {whom}" + (f" of {grant.provider}" if grant.provider else "")


def _of_sign_in(auth: Mapping[str, Any], place: str = "sign_in") -> Iterator[tuple[str, str]]:
    """The settings of the sign-in services by dotted name."""
    for key, value in auth.items():
        name = f"{place}.{key}"
        if isinstance(value, Mapping) and key not in _PUBLIC:
            yield from _of_sign_in(value, name)
        elif isinstance(value, Mapping):
            yield name, json.dumps(dict(value), sort_keys=True, default=str)
        else:
            yield name, str(value)


def _fingerprint(name: str, secret: str) -> str:
    """Tells a secret from another one, and says nothing of it."""
    digest = hashlib.pbkdf2_hmac("sha256", secret.encode(), name.encode(), _ROUNDS)
    return digest[:_FINGERPRINT_BYTES].hex()
