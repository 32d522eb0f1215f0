"""From bytes to the bytes of a text: detecting encodings, and naming what is no table of texts."""

from __future__ import annotations

import codecs
import re

from pipelines.findings import unreadable
from pipelines.reading.unpacking import PIECE

#: Encodings whose text is converted to UTF-8 for reading.
AS_UTF8 = ("utf-8", "utf-16")

# Bytes that Windows-1252 leaves undefined: with one of them a text can only be ISO-8859-1.
_NOT_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_UTF8_CHARACTERS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
#: How much text on either side of a byte that is no UTF-8 shows whether the rest is.
_AROUND = 1 << 19
#: A character of two bytes whose bytes were taken for two characters and encoded again: ä → Ã¤, Ä → Ã„.
_TWICE = re.compile(rb"\xc3\x83(?:\xc2[\x80-\xbf]|\xe2\x80[\x90-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe])")
_MARK_TWICE = "\ufeff".encode().decode("cp1252").encode("utf-8")

_WEB_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|style|script|div)\b", re.IGNORECASE)
_JSON = re.compile(rb"[\[{]\s*(?:[\[{\"\]}]|[0-9]+\s*[,\]])")
_LOOKED_AT = 4096


def text_bytes(data: bytes, encoding: str | None) -> tuple[bytes, str]:
    """Return the bytes of the text without its byte-order mark, and their encoding (UTF-16 becomes UTF-8).

    `encoding` overrides what would be detected. Raises RefusedFile with `unreadable`.
    """
    if _is_blank(data):
        raise unreadable("empty")
    if data.startswith(b"%PDF"):
        raise unreadable("pdf")
    marked = _marked_encoding(data)
    if marked is not None and marked != "utf-8" and encoding is None:
        encoding = marked
    if encoding is not None and codecs.lookup(encoding).name.startswith("utf-16"):
        return _checked_text(_from_utf16(data, encoding)), "utf-16"
    for mark in (codecs.BOM_UTF8, _MARK_TWICE):
        while data.startswith(mark):
            data = data[len(mark) :]
    data = _checked_text(data)
    if encoding is not None:
        if _first_undecodable(data, encoding) is not None:
            raise unreadable("not_decodable", encoding=encoding)
        return data, encoding
    found = _detected_encoding(data, certain=marked == "utf-8")
    if found == "utf-8" and (twice := _TWICE.search(data)):
        raise unreadable("encoded_twice", encoding="UTF-8", row=_row(data, twice.start()), byte=twice.start())
    return data, found


def _marked_encoding(data: bytes) -> str | None:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    return None


def _from_utf16(data: bytes, encoding: str) -> bytes:
    text = None
    try:
        text = data.decode(encoding).removeprefix("\ufeff").encode("utf-8")
    except UnicodeError:
        text = None
    if text is None:
        raise unreadable("not_decodable", encoding="UTF-16")
    return text


def _checked_text(data: bytes) -> bytes:
    if b"\0" in data:
        raise unreadable("not_text")
    if _is_blank(data):
        raise unreadable("empty")
    beginning = data[:_LOOKED_AT].lstrip()
    if beginning.startswith(b"<"):
        raise unreadable("web_page" if _WEB_PAGE.search(beginning) else "xml")
    if _JSON.match(beginning):
        raise unreadable("json")
    return data


def _is_blank(data: bytes) -> bool:
    """Whether there is nothing to read; unlike `strip` it makes no copy of a large file."""
    return not data or data.isspace()


def _detected_encoding(data: bytes, certain: bool) -> str:
    """UTF-8, Windows-1252 or ISO-8859-1. A text that is UTF-8 but for a few bytes is refused: guessed to be of
    another encoding, all its letters would be wrong; `certain`: a byte-order mark gives its encoding."""
    at = _first_undecodable(data, "utf-8")
    if at is None:
        return "utf-8"
    around = data[max(0, at - _AROUND) : at + _AROUND]
    characters = _UTF8_CHARACTERS.findall(around)
    wrong = len(_NOT_ASCII.findall(around)) - sum(map(len, characters))
    if certain or len(characters) >= wrong:
        raise unreadable("stray_byte", encoding="UTF-8", row=_row(data, at), byte=f"0x{data[at]:02X}")
    return "iso-8859-1" if any(byte in data for byte in _NOT_CP1252) else "windows-1252"


def _row(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _first_undecodable(data: bytes, encoding: str) -> int | None:
    """Where the bytes are no text of the encoding; piece by piece, so that there is no second copy in memory."""
    if data.isascii():
        return None
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    view = memoryview(data)
    for start in range(0, len(data), PIECE):
        waiting = decoder.getstate()[0]
        try:
            decoder.decode(view[start : start + PIECE], start + PIECE >= len(data))
        except UnicodeDecodeError as error:
            return start - len(waiting) + error.start
        except UnicodeError:
            return start
    return None
