"""Personal identity codes (henkilötunnus): found by shape in texts, and masked."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MASK = "***"

#: The letters of a henkilötunnus, and of one without its separator.
_SHORTEST_HETU = 11

_SHORTEST_BARE = _SHORTEST_HETU - 1

_DAY, _MONTH = r"(?:0[1-9]|[12][0-9]|3[01])", r"(?:0[1-9]|1[0-2])"

_SEPARATOR = "-+YXWVUA-F"

_CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"

_SHAPE = rf"{_DAY}{_MONTH}[0-9][0-9][{_SEPARATOR}yxwvua-f][0-9]{{3}}[0-9A-FHJ-NPR-Ya-fhj-npr-y]"

#: The shape of a henkilötunnus anywhere in a text (A: by shape, not by checksum).
HETU = re.compile(rf"(?<![0-9]){_SHAPE}(?![0-9])")


_WHOLE = re.compile(_SHAPE)

_CENTURY = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}

# The same written otherwise. After normalising (see `_plain`) any of its characters may be apart by spaces.
_GAP = r"\s{0,3}"

_SPACED = re.compile(
    rf"(?<![0-9])(?=[0-9])({_GAP.join(['[0-9]'] * 6)}{_GAP}[{_SEPARATOR}]{_GAP}"
    rf"{_GAP.join(['[0-9]'] * 3)}{_GAP}[0-9A-FHJ-NPR-Y])(?![0-9])",
    re.IGNORECASE,
)

# Without one of the separators: nothing, or up to three other signs, in the place of a separator.
_BARE = re.compile(
    rf"(?<![0-9A-Za-z])({_GAP.join(['[0-9]'] * 6)})[^0-9A-Za-z]{{0,3}}"
    rf"({_GAP.join(['[0-9]'] * 3)}){_GAP}([0-9A-FHJ-NPR-Y])(?![0-9A-Za-z])",
    re.IGNORECASE,
)

_BIRTHDAY = re.compile(rf"{_DAY}{_MONTH}[0-9][0-9]")

# The same for RE2, for finding only: in texts of ASCII by the digits of the day and month, in others by what may
# come out when they are normalised.
_S = " {0,3}"

_DATE_RE2 = _S.join(
    (rf"(?:0{_S}[1-9]|[12]{_S}[0-9]|3{_S}[01])", rf"(?:0{_S}[1-9]|1{_S}[0-2])", "[0-9]", "[0-9]")
)

_NUMBER_RE2 = _S.join(("[0-9]", "[0-9]", "[0-9]", "[0-9A-Za-z]"))

_ASCII_RE2 = (
    rf"(?:^|[^0-9]){_DATE_RE2}{_S}[{_SEPARATOR}yxwvua-f]{_S}{_NUMBER_RE2}(?:[^0-9]|$)"
    rf"|(?:^|[^0-9A-Za-z]){_DATE_RE2}[^0-9A-Za-z]{{0,3}}{_NUMBER_RE2}(?:[^0-9A-Za-z]|$)"
)

_DIGIT_RE2 = r"[0-9\xb2\xb3\xb9\xbc-\xbe]|[^\x00-\x{65f}]"

_DIGITS = 9

_OTHER_RE2 = r"[^\x00-\x7F]*(?:\pN[^\pL\pN]{0,6}){6}\pL?(?:[^\pL\pN]{0,6}\pN){3}[^\pL\pN]{0,6}[\pL\pN]"

#: Signs that look like a dash and are none by their class.
_DASHES = frozenset("\u2212\u2043\u02d7\u00ac\u2500\u30fc\u23af\u2796")

#: A hyphen that is seen only at the end of a line, in the place of the separator; anywhere else it is invisible.
_SOFT_HYPHEN = re.compile(r"(?<=\d{6})\u00ad(?=\d{3})")

#: Letters and signs that show nothing.
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def _plain(text: str) -> str:
    """A text as it would be typed: full-width and other forms of characters made usual, every dash a hyphen, what
    cannot be seen left out, every space a plain one. As long as what can be seen of it."""
    if text.isascii() and text.isprintable():
        return text
    plain = []
    for letter in unicodedata.normalize("NFKC", _SOFT_HYPHEN.sub("-", text)):
        kind = unicodedata.category(letter)
        if letter in _UNSEEN or kind in ("Cf", "Mn", "Me"):
            continue
        if kind == "Pd" or letter in _DASHES:
            letter = "-"
        elif kind == "Nd":
            letter = str(unicodedata.digit(letter))
        elif kind in ("Zs", "Zl", "Zp", "Cc"):
            letter = " "
        plain.append(letter)
    return "".join(plain)


def _spaced(text: str) -> Iterator[re.Match[str]]:
    """Where a normalised text has the shape, its characters perhaps apart."""
    for found in _SPACED.finditer(text):
        if _WHOLE.fullmatch("".join(found[1].split())):
            yield found


def _bare(text: str) -> Iterator[re.Match[str]]:
    """Where a normalised text has one without its separator, known by its check character."""
    for found in _BARE.finditer(text):
        day, number, check = ("".join(part.split()) for part in found.groups())
        if _BIRTHDAY.fullmatch(day) and _CHECKS[int(day + number) % len(_CHECKS)] == check.upper():
            yield found


def _is_parted(found: re.Match[str]) -> bool:
    """Whether another sign, and nothing else, is in the place of the separator: `131052 308T`."""
    day, number, check = found.groups()
    return len(found[0]) > len(day + number + check) == _SHORTEST_HETU - 1


def holds_hetu(text: str, bare: bool = True) -> bool:
    """Whether a text has something of the shape of a henkilötunnus in it, however it is written.

    With another separator it is recognised by its check character; with `bare` also without any, which ids and codes
    match by chance.

    >>> holds_hetu("soita 010190-123A"), holds_hetu("kaynnit_20250301-20250331.csv")
    (True, False)
    >>> holds_hetu("131052\u2011308T"), holds_hetu("131052308T"), holds_hetu("131052308T", bare=False)
    (True, True, False)
    """
    if len(text) < _SHORTEST_BARE and text.isascii():
        return False
    if HETU.search(text) is not None:
        return True
    plain = _plain(text)
    return any(True for _ in _spaced(plain)) or any(bare or _is_parted(found) for found in _bare(plain))


@dataclass(frozen=True)
class Found:
    """Which of distinct texts have something of the shape of a henkilötunnus, and which one without a separator."""

    written: np.ndarray
    bare: np.ndarray


def find_hetu(values: pa.Array) -> Found:
    """Search distinct texts; only those that may have one are looked at closely."""
    written, bare = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    suspects = _suspects(values)
    for at, text in zip(suspects.tolist(), values.take(pa.array(suspects)).to_pylist(), strict=True):
        written[at] = holds_hetu(text, bare=False)
        bare[at] = not written[at] and any(True for _ in _bare(_plain(text)))
    return Found(written, bare)


def _suspects(values: pa.Array) -> np.ndarray:
    """Where a text may have one. The quickest look goes first, for what most columns hold is short or has no digits."""
    at = _where(pc.greater_equal(pc.binary_length(values), _SHORTEST_BARE))
    if not len(at):
        return at
    long = values if len(at) == len(values) else values.take(pa.array(at))
    ascii_only = pc.string_is_ascii(long)
    maybe = np.array(pc.fill_null(pc.match_substring_regex(long, _ASCII_RE2), False))
    others = _where(pc.invert(ascii_only))
    if len(others):
        maybe[others] = False
        texts = long.take(pa.array(others))
        numbered = _where(pc.greater_equal(pc.count_substring_regex(texts, _DIGIT_RE2), _DIGITS))
        if len(numbered):
            # This pattern takes longer to be understood than to be looked for.
            found = _where(pc.match_substring_regex(texts.take(pa.array(numbered)), _OTHER_RE2))
            maybe[others[numbered[found]]] = True
    return at[maybe]


def _where(truths: pa.Array) -> np.ndarray:
    return np.flatnonzero(np.asarray(pc.fill_null(truths, False)))


def mask(text: str) -> str:
    """The text with everything of the shape of a henkilötunnus blotted out.

    >>> mask("asiakas 010190-123A odottaa"), mask("asiakas 131052308T odottaa")
    ('asiakas *** odottaa', 'asiakas *** odottaa')
    """
    masked = HETU.sub(MASK, text)
    if not holds_hetu(masked):
        return masked
    plain = _plain(masked)
    for search in (_spaced, _bare):
        while found := next(search(plain), None):
            plain = plain[: found.start()] + MASK + plain[found.end() :]
    return plain


def mask_texts(value: Any) -> Any:
    """What was read from JSON with every text in it masked; names of values stay.

    >>> mask_texts({"codes": ["KOK 010190-123A (1)"], "count": 1})
    {'codes': ['KOK *** (1)'], 'count': 1}
    """
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {name: mask_texts(inner) for name, inner in value.items()}
    return [mask_texts(inner) for inner in value] if isinstance(value, list) else value


def places_with_hetu(value: Any, place: str = "") -> Iterator[str]:
    """Where texts of what was read from JSON or TOML have something of the shape of a henkilötunnus, names included.

    >>> list(places_with_hetu({"constants": {"unit": "KOK 010190-123A"}, "where": ["x"]}))
    ['constants.unit']
    """
    if isinstance(value, str) and holds_hetu(value, bare=False):
        yield place
    for name, inner in value.items() if isinstance(value, dict) else ():
        if holds_hetu(name, bare=False):
            yield mask(f"{place}.{name}")
        yield from places_with_hetu(inner, f"{place}.{name}" if place else name)
    for inner in value if isinstance(value, list) else ():
        yield from places_with_hetu(inner, place)


def usual_form(text: str) -> str:
    """A person identifier trimmed, and a henkilötunnus as it is usually written, whatever its dash and spaces.

    >>> usual_form(" 131052\u2013308t"), usual_form("p 1")
    ('131052-308T', 'p 1')
    """
    return identifier(text)[0]


def identifier(text: str) -> tuple[str, bool]:
    """The usual form of a person identifier, and whether it is a henkilötunnus."""
    trimmed = text.strip()
    if _WHOLE.fullmatch(trimmed) is not None:
        return trimmed.upper(), True
    if len(trimmed) >= _SHORTEST_HETU:
        typed = "".join(_plain(trimmed).split())
        if _WHOLE.fullmatch(typed) is not None:
            return typed.upper(), True
    return trimmed, False


def birth_date(text: str) -> dt.date | None:
    """The birth date that a henkilötunnus states; None for anything else and for a day that never was.

    >>> birth_date("010190-123A"), birth_date("010105B123A"), birth_date("310290-123A")
    (datetime.date(1990, 1, 1), datetime.date(2005, 1, 1), None)
    """
    hetu = usual_form(text)
    if _WHOLE.fullmatch(hetu) is None:
        return None
    year = _CENTURY[hetu[6]] + int(hetu[4:6])
    try:
        return dt.date(year, int(hetu[2:4]), int(hetu[:2]))
    except ValueError:
        return None


def births(values: pa.Array) -> np.ndarray:
    """The birth dates that distinct identifiers state (datetime64[D]), NaT where they state none."""
    if not find_hetu(values).written.any():
        return np.full(len(values), np.datetime64("NaT"), dtype="datetime64[D]")
    return np.array([birth_date(text) for text in values.to_pylist()], dtype="datetime64[D]")


def content_hash(data: bytes) -> str:
    """SHA-256 of a file's bytes, by which the same file is known again."""
    return hashlib.sha256(data).hexdigest()
