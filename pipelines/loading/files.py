"""Files on disk: their names, reading, writing, and loading one by its path."""

from __future__ import annotations

import contextlib
import os
from datetime import date, datetime
from pathlib import Path

from indicators.catalogue.errors import Reason, UsageError, reason_of
from pipelines.checking.extract import LoadOptions
from pipelines.errors import OutOfMemory
from pipelines.findings import finding
from pipelines.identity_codes import mask
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.report import LoadReport, refused_report
from pipelines.settings import Settings


def inspect_file(path: Path, options: LoadOptions, settings: Settings, *, today: date) -> LoadReport:
    """`inspect_bytes` of a file; one that is too large is refused without being read."""
    if _is_too_large(path, settings):
        return _refused_unread(path, options, settings)
    return inspect_bytes(shown_name(path), read_file(path), options, settings, today=today)


def load_file(
    path: Path, options: LoadOptions, settings: Settings, *, now: datetime, today: date
) -> LoadReport:
    """`load_bytes` of a file; one that is too large is refused without being read."""
    if _is_too_large(path, settings):
        return _refused_unread(path, options, settings)
    return load_bytes(shown_name(path), read_file(path), options, settings, now=now, today=today)


def _is_too_large(path: Path, settings: Settings) -> bool:
    with contextlib.suppress(OSError):
        return path.stat().st_size > settings.largest_file_mb << 20
    return False


def _refused_unread(path: Path, options: LoadOptions, settings: Settings) -> LoadReport:
    fault = finding("unreadable", reason="too_large")
    return refused_report(shown_name(path), options.area or settings.default_area, (fault,), None)


def shown_name(path: Path) -> str:
    r"""A file's name as text: bytes that are no UTF-8 are read as Windows-1252, and what no screen shows is `?`.

    >>> shown_name(Path("k\udce4ynnit.csv"))
    'käynnit.csv'
    """
    try:
        name = os.fsencode(path.name).decode("utf-8")
    except UnicodeDecodeError:
        name = os.fsencode(path.name).decode("cp1252", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises UsageError where there is none or it may not be read, OutOfMemory."""
    try:
        return path.read_bytes()
    except MemoryError as error:
        raise OutOfMemory("out_of_memory") from error
    except OSError as error:
        reason = Reason("not_there") if isinstance(error, FileNotFoundError) else reason_of(error, path)
        raise UsageError("unreadable_path", path=mask(str(path)), reason=reason) from error


def write_file(path: Path, data: bytes) -> None:
    """Write bytes to a file. Raises UsageError where it may not be written."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError("unwritable_path", path=path, reason=reason_of(error, path)) from error
