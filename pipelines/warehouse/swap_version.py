"""Publishing a new version of the warehouse: build it, then swap the pointer.

A reader sees the old version or the new one. A crash leaves the pointer on the last published version; the next writer
removes what it left behind.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from indicators.catalogue.errors import Reason, reason_of
from pipelines.errors import WarehouseBusy, WarehouseError
from pipelines.identity_codes import mask
from pipelines.warehouse.reader import (
    POINTER,
    VERSIONS,
    attach_version,
    connect,
    current_version_path,
)
from pipelines.warehouse.segments import SEGMENTS, named_files, segment_files
from pipelines.warehouse.sql import quoted_path
from pipelines.warehouse.tables import NEW

BUILDING = ".building"
#: Name under which the version that the next one follows is attached.
OLD = "old"
#: What DuckDB raises where it cannot write: at once, at the end of a statement, and ever after.
_NOT_WRITTEN = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.FatalException,
)
#: Memory for reading what versions name.
_SMALL_MB = 100
Builder = Callable[[duckdb.DuckDBPyConnection], None]


def private_folder(path: Path) -> None:
    """Make a folder, with those above it, that only its owner may enter."""
    path.mkdir(parents=True, exist_ok=True)
    make_private(path)


def make_private(path: Path) -> None:
    """Give the rights of a file or folder to its owner alone, where the system has such rights."""
    if os.name != "nt":
        path.chmod(0o700 if path.is_dir() else 0o600)


def close_to_others(folder: Path) -> int:
    """Make everything in a warehouse private; return how many files and folders others could open."""
    opened = 0
    for path in (folder, *folder.rglob("*")) if folder.is_dir() and os.name != "nt" else ():
        with suppress(OSError):
            if path.stat().st_mode & 0o077 and not path.is_symlink():
                make_private(path)
                opened += 1
    return opened


@contextmanager
def writer_lock(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Let one writer in at a time. Raises WarehouseBusy after `wait_seconds`, WarehouseError for an unwritable folder."""
    try:
        private_folder(folder)
        lock = FileLock(folder / "write.lock", mode=0o600)
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise WarehouseBusy("warehouse_busy", folder=folder, seconds=round(wait_seconds)) from error
    except OSError as error:
        raise WarehouseError("disk", reason=_reason_with_file(error)) from error
    try:
        yield
    except OSError as error:
        raise WarehouseError("disk", reason=_reason_with_file(error)) from error
    finally:
        lock.release()


def write_version(
    folder: Path, builder: Builder, *, memory_limit_mb: int = 1200, keep: int = 5, follows: bool = True
) -> Path:
    """Build the next version, publish it and return its path; the caller holds the writer lock.

    `builder` gets a connection with the empty database `new`, and `old` (read-only) where the version follows another.
    Whatever it raises leaves everything as it was. Raises WarehouseError where the disk is full or the folder cannot be
    written.
    """
    versions = folder / VERSIONS
    for place in (versions, folder / SEGMENTS):
        private_folder(place)
    for leftover in versions.glob(f"*{BUILDING}*"):
        leftover.unlink()
    old = current_version_path(folder) if follows else None
    numbers = [int(path.stem) for path in versions.glob("*.duckdb") if path.stem.isdigit()]
    target = versions / f"{max(numbers, default=0) + 1:08d}.duckdb"
    building = target.with_suffix(BUILDING)
    connection = connect(memory_limit_mb)
    try:
        connection.execute(f"SET temp_directory = '{quoted_path(folder / 'spill')}'")
        connection.execute(f"ATTACH '{quoted_path(building)}' AS {NEW}")
        make_private(building)
        if old is not None:
            attach_version(connection, old, OLD)
        builder(connection)
        connection.execute(f"CHECKPOINT {NEW}")
        connection.execute(f"DETACH {NEW}")
        connection.close()
        flush(building)
        flush(folder / SEGMENTS)
        building.replace(target)
        point_to(folder, target.name)
    except (OSError, *_NOT_WRITTEN) as error:
        reason = _reason_with_file(error) if isinstance(error, OSError) else _database_reason(error)
        raise WarehouseError("disk", reason=reason) from error
    finally:
        connection.close()
        for leftover in versions.glob(f"{building.name}*"):
            leftover.unlink()
        if not target.exists():
            _delete_unnamed_segments(folder)
    prune(folder, keep)
    return target


def _reason_with_file(error: OSError) -> Reason:
    """Return why the system does not write; with the file, where the reason is neither the disk nor the rights."""
    reason = reason_of(error)
    if reason.code != "other" or error.filename is None:
        return reason
    return Reason(reason.code, mask(f"{reason.detail}: {Path(os.fsdecode(error.filename)).name}"))


def _database_reason(error: duckdb.Error) -> Reason:
    if isinstance(error, duckdb.OutOfMemoryException):
        return Reason("out_of_memory")
    if os.strerror(errno.ENOSPC) in str(error):
        return Reason("disk_full")
    return Reason("other", mask(str(error).partition("\n")[0]))


def point_to(folder: Path, name: str) -> None:
    """Make a finished version file the current one, durably and in one step."""
    pointer = folder / f"{POINTER}.new"
    pointer.write_text(name, encoding="ascii")
    make_private(pointer)
    flush(pointer)
    pointer.replace(folder / POINTER)
    flush(folder)


def prune(folder: Path, keep: int) -> None:
    """Delete all but the newest `keep` versions, and the segments that only they name.

    A file that a reader has open may refuse; it goes next time.
    """
    current = current_version_path(folder)
    files = sorted((folder / VERSIONS).glob("*.duckdb"))
    for path in files[: -max(keep, 1)]:
        if path != current:
            with suppress(PermissionError):
                path.unlink()
    _delete_unnamed_segments(folder)


def _delete_unnamed_segments(folder: Path) -> None:
    """Delete the segments that no version names; none where a version cannot be read."""
    named: set[str] = set()
    connection = connect(_SMALL_MB)
    try:
        for path in (folder / VERSIONS).glob("*.duckdb"):
            named |= named_files(connection, path)
    except duckdb.Error:
        return
    finally:
        connection.close()
    for path in segment_files(folder):
        if path.name not in named:
            with suppress(PermissionError):
                path.unlink()


def flush(path: Path) -> None:
    """Force a file or folder to the disk. Windows cannot open folders and needs no flush of them."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
