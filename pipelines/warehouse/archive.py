"""The archive: accepted rows of every load as Parquet, with the load's record inside the file.

The archive alone is enough to make the warehouse again. A file is written as `.pending` before the version that
counts it is published, and gets its final name after; a crash in between is settled by the next writer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.warehouse.publish import flush
from pipelines.warehouse.records import LoadRecord

ARCHIVE = "archive"
QUARANTINE = "quarantine"
PENDING = ".pending"
_RECORD, _CODES = b"takuuvahti.record", b"takuuvahti.code_map"

CodeRow = tuple[str, str, str, str, str | None, str | None]


@dataclass(frozen=True)
class Archived:
    """What stands in the head of an archive file: the record, and the code map of an analyst's own mapping."""

    record: LoadRecord
    code_map: tuple[CodeRow, ...]


def archive_path(folder: Path, load_id: str) -> Path:
    """The archive file of a load: the finished one, else the one still pending."""
    final = folder / ARCHIVE / f"{load_id}.parquet"
    pending = final.with_name(final.name + PENDING)
    return pending if pending.exists() and not final.exists() else final


def write_pending(
    folder: Path, record: LoadRecord, rows: pa.Table, quarantined: pa.Table, code_map: tuple[CodeRow, ...]
) -> None:
    """Write the rows of a load, accepted and set aside, durably but not yet as part of the archive."""
    head = {_RECORD: record.to_json().encode(), _CODES: json.dumps(code_map, ensure_ascii=False).encode()}
    tables = [(ARCHIVE, rows.replace_schema_metadata(head))]
    if quarantined.num_rows:
        tables.append((QUARANTINE, quarantined))
    for place, table in tables:
        (folder / place).mkdir(parents=True, exist_ok=True)
        path = folder / place / f"{record.load_id}.parquet{PENDING}"
        pq.write_table(table, path, compression="zstd")
        flush(path)


def finish(folder: Path, load_id: str) -> None:
    """Give the files of a published load their final names."""
    for place in (ARCHIVE, QUARANTINE):
        pending = folder / place / f"{load_id}.parquet{PENDING}"
        if pending.exists():
            pending.replace(pending.with_name(f"{load_id}.parquet"))


def settle(folder: Path, published: set[str]) -> None:
    """After a crash: finish the files of published loads, drop those of loads that never were published."""
    for place in (ARCHIVE, QUARANTINE):
        for pending in (folder / place).glob(f"*{PENDING}"):
            load_id = pending.name.removesuffix(f".parquet{PENDING}")
            if load_id in published:
                finish(folder, load_id)
            else:
                pending.unlink()


def remove(folder: Path, load_id: str) -> None:
    """Delete the files of a load that has been taken away for good."""
    for place in (ARCHIVE, QUARANTINE):
        for path in (folder / place).glob(f"{load_id}.parquet*"):
            path.unlink()


def read_head(path: Path) -> Archived:
    """The record and code map of an archive file, without its rows."""
    head = pq.read_schema(path).metadata or {}
    return Archived(
        LoadRecord.from_json(head[_RECORD].decode()),
        tuple(tuple(row) for row in json.loads(head[_CODES])),
    )
