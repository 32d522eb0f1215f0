"""Pseudonyms of persons: HMAC-SHA256 of an identifier, under a key outside the warehouse and the repository."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
import pyarrow as pa

from indicators.catalogue.errors import reason_of
from pipelines.errors import KeyMismatch
from pipelines.identity_codes import MASK, identifier
from pipelines.key_strength import SHORTEST_KEY, weakness

KEY_VARIABLE = "TAKUUVAHTI_KEY"

KEY_FILE = "pseudonym.key"


@dataclass(frozen=True)
class Pseudonymiser:
    """Gives the same person the same pseudonym as long as the key is the same."""

    key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """What the warehouse keeps to know the key again; the key cannot be found out from it."""
        return hmac.digest(self.key, b"fingerprint", "sha256").hex()[:16]

    def pseudonym(self, raw: str, id_space: str, origin: str) -> str:
        """32 hexadecimal digits. A henkilötunnus gives the same ones from every source, another id only
        within its id space and origin.

        >>> someone = Pseudonymiser(b"k" * 32)
        >>> someone.pseudonym("010190-123a ", "x", "18") == someone.pseudonym("010190-123A", "y", "20")
        True
        >>> someone.pseudonym("P1", "x", "18") == someone.pseudonym("P1", "x", "20")
        False
        """
        text, of_hetu = identifier(raw)
        message = f"hetu\0{text}" if of_hetu else f"local\0{id_space}\0{origin}\0{text}"
        return hmac.digest(self.key, message.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


def pseudonyms(values: pa.Array, pseudonymiser: Pseudonymiser, id_space: str, origin: str) -> pa.Array:
    """The pseudonyms of distinct identifiers. One that was masked is nobody: the row stays without a person."""
    return pa.array(
        [
            None if text.strip() == MASK else pseudonymiser.pseudonym(text, id_space, origin)
            for text in values.to_pylist()
        ],
        pa.string(),
    )


def key_path() -> Path:
    """Where the key is stored when the environment does not give it: the user's own configuration folder."""
    return platformdirs.user_config_path("takuuvahti") / KEY_FILE


def load_key(create: bool) -> bytes:
    """Return the pseudonymisation key: from TAKUUVAHTI_KEY, else from the key file.

    With `create` a missing file is made, readable by its owner alone. Raises KeyMismatch where there is no key, where
    it cannot be read or made, or where it is too short. Whether it could be guessed all the same says `weakness`.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given is not None:
        return _checked(given.strip().encode("utf-8"), KEY_VARIABLE)
    path = key_path()
    try:
        there = path.exists()
        if not there and create:
            _write_key(path)
            there = True
    except OSError as error:
        raise KeyMismatch("key_unwritable", path=path, reason=reason_of(error, path)) from error
    if not there:
        raise KeyMismatch("key_missing", path=path)
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise KeyMismatch("key_unreadable", path=path, reason=reason_of(error, path)) from error
    return _checked(text.strip().encode("utf-8"), str(path))


def _write_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link never replaces: where two first loads race, both go on with the key of the first.
        with contextlib.suppress(FileExistsError):
            os.link(written, path)
    finally:
        written.unlink()


def _checked(key: bytes, where: str) -> bytes:
    if len(key) < SHORTEST_KEY:
        raise KeyMismatch("key_too_short", where=where, length=len(key), least=SHORTEST_KEY)
    return key


def refuse_weak(key: bytes) -> None:
    """Raise KeyMismatch for a key that a new warehouse must not begin with; existing ones go on with theirs."""
    found = weakness(key)
    if found is not None:
        where = KEY_VARIABLE if KEY_VARIABLE in os.environ else key_path()
        raise KeyMismatch(f"key_{found}", where=where)
