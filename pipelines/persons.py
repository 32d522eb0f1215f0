"""Person identifiers: recognised by shape, replaced with a keyed hash before anything is written.

A henkilötunnus never leaves this process: what is stored is the HMAC-SHA256 of it, under a key that is kept
outside the warehouse and outside the repository.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import platformdirs
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import KeyMismatch, reason_of

KEY_VARIABLE = "TAKUUVAHTI_KEY"
KEY_FILE = "pseudonym.key"
#: A shorter key could be guessed by trying.
SHORTEST_KEY = 16
MASK = "***"

_SHAPE = (
    r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9][0-9]"
    r"[-+YXWVUA-Fyxwvua-f][0-9]{3}[0-9A-FHJ-NPR-Ya-fhj-npr-y]"
)
#: The shape of a henkilötunnus anywhere in a text (A: by shape, not by checksum).
HETU = re.compile(rf"(?<![0-9]){_SHAPE}(?![0-9])")
#: The same for RE2, which knows no lookbehind. It may take in a neighbouring character: for finding only.
HETU_RE2 = rf"(?:^|[^0-9]){_SHAPE}(?:[^0-9]|$)"

_WHOLE = re.compile(_SHAPE)
_CENTURY = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}


def holds_hetu(text: str) -> bool:
    """Whether a text has something of the shape of a henkilötunnus in it.

    >>> holds_hetu("soita 010190-123A"), holds_hetu("kaynnit_20250301-20250331.csv")
    (True, False)
    """
    return HETU.search(text) is not None


def any_hetu(values: pa.Array) -> bool:
    """The same for a whole array of texts at once."""
    return bool(pc.any(pc.match_substring_regex(values, HETU_RE2)).as_py())


def mask(text: str) -> str:
    """The text with everything of the shape of a henkilötunnus blotted out.

    >>> mask("asiakas 010190-123A odottaa")
    'asiakas *** odottaa'
    """
    return HETU.sub(MASK, text)


def is_hetu(text: str) -> bool:
    """Whether the whole text, trimmed, is of the shape of a henkilötunnus.

    >>> is_hetu(" 010190-123a "), is_hetu("P0048213")
    (True, False)
    """
    return _WHOLE.fullmatch(text.strip()) is not None


def birth_date(text: str) -> dt.date | None:
    """The birth date that a henkilötunnus states; None for anything else and for a day that never was.

    >>> birth_date("010190-123A"), birth_date("010105B123A"), birth_date("310290-123A")
    (datetime.date(1990, 1, 1), datetime.date(2005, 1, 1), None)
    """
    hetu = text.strip().upper()
    if _WHOLE.fullmatch(hetu) is None:
        return None
    year = _CENTURY[hetu[6]] + int(hetu[4:6])
    try:
        return dt.date(year, int(hetu[2:4]), int(hetu[:2]))
    except ValueError:
        return None


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
        text = raw.strip()
        said = f"hetu\0{text.upper()}" if is_hetu(text) else f"local\0{id_space}\0{origin}\0{text}"
        return hmac.digest(self.key, said.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


def pseudonyms(values: pa.Array, pseudonymiser: Pseudonymiser, id_space: str, origin: str) -> pa.Array:
    """The pseudonyms of distinct identifiers. One that was masked is nobody: the row stays without a person."""
    return pa.array(
        [
            None if text.strip() == MASK else pseudonymiser.pseudonym(text, id_space, origin)
            for text in values.to_pylist()
        ],
        pa.string(),
    )


def births(values: pa.Array) -> np.ndarray:
    """The birth dates that distinct identifiers state (datetime64[D]), NaT where they state none."""
    if not any_hetu(values):
        return np.full(len(values), np.datetime64("NaT"), dtype="datetime64[D]")
    return np.array([birth_date(text) for text in values.to_pylist()], dtype="datetime64[D]")


def key_path() -> Path:
    """Where the key is kept when the environment does not give it: the user's own configuration folder."""
    return platformdirs.user_config_path("takuuvahti") / KEY_FILE


def load_key(create: bool, environment: Mapping[str, str] | None = None) -> bytes:
    """The pseudonymisation key: from TAKUUVAHTI_KEY, else from the key file.

    With `create` a missing file is made, readable by its owner alone. Raises KeyMismatch where there is no
    key, where it cannot be read or made, or where it is too short to protect anybody.
    """
    environment = os.environ if environment is None else environment
    given = environment.get(KEY_VARIABLE)
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


def content_hash(data: bytes) -> str:
    """SHA-256 of a file's bytes, by which the same file is known again."""
    return hashlib.sha256(data).hexdigest()
