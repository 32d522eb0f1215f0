"""From the bytes of a file to the bytes of the table in it: .gz and .zip, and limits that hold while unpacking."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from pipelines.findings import unreadable

#: An archive may unpack to so many times its size. 1.4 million visits are 250 MB and pack to a tenth.
LARGEST_RATIO = 250
#: Small archives may pack better than the ratio: a file of one repeated row does no harm.
RATIO_MATTERS_FROM = 64 << 20
PIECE = 4 << 20
#: Only a CSV is unpacked: an archive in an archive would escape the limits.
_PACKED = (b"PK", b"\x1f\x8b")
_MAC_FOLDER = "__MACOSX/"

#: How an old Excel file or a password-protected workbook begins, and the part that distinguishes them.
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"


@dataclass(frozen=True)
class Limits:
    """How much of a file is read, in bytes: of the file unpacked, and of one row of it."""

    file: int = 1 << 30
    row: int = 8 << 20

    def too_large(self, size: int, packed: int) -> bool:
        """Whether an archive of `packed` bytes may not unpack to `size`."""
        return size > self.file or (size > RATIO_MATTERS_FROM and size > packed * LARGEST_RATIO)


def unpacked(data: bytes, limits: Limits) -> tuple[bytes, str | None]:
    """Return the file itself, out of .gz or .zip, and how it was packed; a workbook, a zip too, stays as it is.

    Raises RefusedFile with `unreadable`.
    """
    if len(data) > limits.file:
        raise unreadable("too_large")
    inner, fault, packed = data, None, None
    if data[:2] == b"\x1f\x8b":
        inner, fault = _gunzip(data, limits)
        packed = "gz"
        if fault is None and inner[:2] in _PACKED:
            fault = "archive"
    elif data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        inner, fault, packed = _unzip(data, limits)
    elif data.startswith(_COMPOUND_FILE):
        fault = "encrypted" if _ENCRYPTED_PART in data else "old_excel"
    if fault is not None:
        raise unreadable(fault)
    return inner, packed


def _gunzip(data: bytes, limits: Limits) -> tuple[bytes, str | None]:
    """The content, measured first: what is too large is never in memory."""
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while piece := stream.read(PIECE):
                size += len(piece)
                if limits.too_large(size, len(data)):
                    return b"", "too_large"
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return stream.read(size), None
    except (OSError, EOFError, zlib.error):
        return b"", "archive"


def _unzip(data: bytes, limits: Limits) -> tuple[bytes, str | None, str | None]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [
                entry
                for entry in archive.infolist()
                if not entry.is_dir() and not entry.filename.startswith(_MAC_FOLDER)
            ]
            if any(entry.flag_bits & 0x1 for entry in files):
                return b"", "encrypted", None
            if any(entry.filename == "[Content_Types].xml" for entry in files):
                if limits.too_large(sum(entry.file_size for entry in files), len(data)):
                    return b"", "too_large", None
                return data, None, None
            if any(entry.filename == "mimetype" for entry in files) and _OPEN_DOCUMENT in data[:200]:
                return b"", "open_document", None
            if len(files) != 1:
                return b"", "archive", None
            inner, fault = _unzipped(archive, files[0], limits)
            return inner, "archive" if inner[:2] in _PACKED else fault, "zip"
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError):
        return b"", "archive", None


def _unzipped(archive: zipfile.ZipFile, entry: Any, limits: Limits) -> tuple[bytes, str | None]:
    """The only file of a zip. Its size is in the archive, and no more than that is ever unpacked."""
    if limits.too_large(entry.file_size, max(entry.compress_size, 1)):
        return b"", "too_large"
    return archive.read(entry), None
