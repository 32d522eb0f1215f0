"""Mappings that files were loaded with: stored beside the warehouse as their authors wrote them, and found for the next file.

One for each source, the one used last. They are a convenience: a load has all that it needs of its own mapping.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.findings import RefusedFile
from pipelines.identity_codes import mask
from pipelines.mapping.files import MappingFault, parse_mapping
from pipelines.mapping.recognise import fits
from pipelines.mapping.source import Source
from pipelines.reading.table import is_workbook, read_table
from pipelines.reading.unpacking import Limits, unpacked
from pipelines.warehouse.swap_version import make_private, private_folder

FOLDER = "mappings"
#: So much of a text file shows its headers.
_LOOKED_AT = 1 << 18


@dataclass(frozen=True)
class Remembered:
    """A mapping that was used: the name of its source, its text, and when (UTC without an offset)."""

    source: str
    text: str
    used_at: datetime


def remember(warehouse: Path, source: Source, text: str) -> None:
    """Store the text of a mapping that a file was loaded with, without identity codes. A disk that is full stores none."""
    with contextlib.suppress(OSError):
        folder = warehouse / FOLDER
        private_folder(folder)
        path = folder / f"{hashlib.sha256(source.name.encode()).hexdigest()[:16]}.toml"
        written = path.with_suffix(f".{os.getpid()}")
        written.write_text(mask(text), encoding="utf-8")
        make_private(written)
        written.replace(path)


def mapping_for(warehouse: Path, data: bytes, limits: Limits) -> Remembered | None:
    """Return the mapping used last whose columns a file has; None where none of those remembered fits it."""
    found = sorted(_remembered(warehouse), key=lambda one: one[0].used_at, reverse=True)
    if not found:
        return None
    try:
        inner, _ = unpacked(data, limits)
    except RefusedFile:
        return None
    if not is_workbook(inner):
        inner = _first_lines(inner)
    return next((one for one, source in found if _has_columns(inner, source, limits)), None)


def _remembered(warehouse: Path) -> Iterator[tuple[Remembered, Source]]:
    for path in sorted((warehouse / FOLDER).glob("*.toml")):
        # A mapping of an earlier version may have become wrong; one that another process replaces is read next time.
        with contextlib.suppress(OSError, UnicodeDecodeError, MappingFault):
            text = path.read_text(encoding="utf-8")
            source = parse_mapping(text.encode(), path.name)
            used = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
            yield Remembered(source.name, text, used), source


def _first_lines(data: bytes) -> bytes:
    """The beginning of a text; all of it where a character may have more bytes than one of a line's end shows."""
    if len(data) <= _LOOKED_AT or b"\0" in data[:_LOOKED_AT]:
        return data
    return data[: data.rfind(b"\n", 0, _LOOKED_AT) + 1] or data


def _has_columns(data: bytes, source: Source, limits: Limits) -> bool:
    try:
        raw = read_table(
            data,
            encoding=source.encoding,
            separator=source.separator,
            options=source.reading,
            limits=limits,
        )
    except RefusedFile:
        return False
    return fits(raw.headers, [source])
