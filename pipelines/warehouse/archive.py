"""The archive: accepted rows of every load as Parquet, one file a dataset, with the load's record inside.

The archive alone is enough to make the warehouse again. What a change writes is `.pending` until the version
that counts it is published, and gets its final name after; a crash in between is settled by the next writer.
A withdrawn load leaves its record behind, without rows.

Files beside the columns of their dataset have `gone`: a row of which only the key is there, and which is no
longer, or never was, one of the dataset.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.errors import WarehouseDamaged
from pipelines.warehouse.publish import flush
from pipelines.warehouse.records import LoadRecord

ARCHIVE = "archive"
QUARANTINE = "quarantine"
PENDING = ".pending"
_NEW = ".new"
GONE = "gone"
_WITHDRAWN = "-withdrawn.json"
_RECORD, _KEY = b"takuuvahti.record", b"takuuvahti.key_fingerprint"


@dataclass(frozen=True)
class Rows:
    """What a load brings to one dataset: its rows, and the keys of rows it says are not there."""

    rows: pa.Table
    absent: pa.Table | None = None

    def table(self) -> pa.Table:
        """Both in one, as they are archived."""
        there = self.rows.append_column(GONE, pa.array([False] * self.rows.num_rows, pa.bool_()))
        if self.absent is None or not self.absent.num_rows:
            return there
        missing = self.absent.append_column(GONE, pa.array([True] * self.absent.num_rows, pa.bool_()))
        return pa.concat_tables([there, missing], promote_options="default")


@dataclass(frozen=True)
class Archived:
    """What stands in the head of an archive file: the record, and which key its persons were hidden with."""

    record: LoadRecord
    key_fingerprint: str


def archive_path(folder: Path, load_id: str, dataset: str) -> Path:
    """The archive file of a load's rows of a dataset: the finished one, else the one still pending."""
    final = folder / ARCHIVE / f"{load_id}-{dataset}.parquet"
    pending = final.with_name(final.name + PENDING)
    return pending if pending.exists() and not final.exists() else final


def quarantine_path(folder: Path, load_id: str) -> Path:
    """The file of the rows of a load that were set aside."""
    return folder / QUARANTINE / f"{load_id}.parquet"


def write_pending(
    folder: Path, record: LoadRecord, rows: Mapping[str, Rows], quarantined: pa.Table, key_fingerprint: str
) -> None:
    """Write the rows of a load, accepted and set aside, durably but not yet as part of the archive."""
    for dataset, brought in rows.items():
        path = folder / ARCHIVE / f"{record.load_id}-{dataset}.parquet{PENDING}"
        _write(path, brought.table(), record, key_fingerprint)
    if quarantined.num_rows:
        path = quarantine_path(folder, record.load_id)
        _write(path.with_name(path.name + PENDING), quarantined, None, "")


def withdraw_pending(folder: Path, records: Iterable[LoadRecord], key_fingerprint: str) -> None:
    """Note loads as withdrawn, durably but not yet as part of the archive."""
    for record in records:
        path = folder / ARCHIVE / f"{record.load_id}{_WITHDRAWN}{PENDING}"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = {"key_fingerprint": key_fingerprint, "record": record.to_json()}
        path.write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
        flush(path)


def settle(folder: Path, records: Iterable[LoadRecord]) -> None:
    """Make the archive say what the published `records` say, after a publication or a crash.

    Pending files of published loads get their final names, those of others go; of withdrawn loads only the
    record stays, of frozen ones the rows set aside go.
    """
    known = {record.load_id: record for record in records}
    for path in sorted((folder / ARCHIVE).glob("*")):
        if path.name.endswith(_NEW):
            path.unlink()
            continue
        name = path.name.removesuffix(PENDING)
        record = known.get(name.split("-")[0])
        withdrawn = record is not None and record.withdrawn_at is not None
        if name.endswith(_WITHDRAWN) == withdrawn and record is not None:
            if path.name.endswith(PENDING):
                path.replace(path.with_name(name))
        elif path.name.endswith(PENDING) or withdrawn:
            path.unlink()
    for path in sorted((folder / QUARANTINE).glob("*")):
        record = known.get(path.name.split(".")[0])
        kept = record is not None and record.withdrawn_at is None and not record.frozen
        if kept and path.name.endswith(PENDING):
            path.replace(path.with_name(path.name.removesuffix(PENDING)))
        elif not kept and (path.name.endswith(PENDING) or record is not None):
            path.unlink()
    for place in (ARCHIVE, QUARANTINE):
        if (folder / place).is_dir():
            flush(folder / place)


def discard_pending(folder: Path) -> None:
    """Drop what a change that was not published has written, where nothing is published at all."""
    for place in (ARCHIVE, QUARANTINE):
        for path in (folder / place).glob(f"*{PENDING}"):
            path.unlink()


def read_all(folder: Path) -> tuple[list[LoadRecord], str | None]:
    """The records of all archived loads, and the fingerprint of the key their persons were hidden with.

    Raises WarehouseDamaged naming a file that cannot be read, or one that a load says it has and is missing.
    """
    records: dict[str, LoadRecord] = {}
    fingerprint = None
    for path in sorted((folder / ARCHIVE).glob("*.parquet")):
        archived = read_head(path)
        records[archived.record.load_id] = archived.record
        fingerprint = archived.key_fingerprint
    for path in sorted((folder / ARCHIVE).glob(f"*{_WITHDRAWN}")):
        head = json.loads(path.read_text(encoding="utf-8"))
        record, fingerprint = LoadRecord.from_json(head["record"]), head["key_fingerprint"]
        records[record.load_id] = record
    for record in records.values():
        for part in record.parts if record.withdrawn_at is None else ():
            if not archive_path(folder, record.load_id, part.dataset).exists():
                raise WarehouseDamaged("archive_damaged", file=f"{record.load_id}-{part.dataset}.parquet")
    return sorted(records.values(), key=lambda record: record.sequence), fingerprint


def read_head(path: Path) -> Archived:
    """The record in an archive file, without its rows.

    Raises WarehouseDamaged where the file is not readable.
    """
    try:
        head = pq.read_schema(path).metadata or {}
        return Archived(LoadRecord.from_json(head[_RECORD].decode()), head[_KEY].decode())
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        # The last three: the file was written by a version of the software with other records.
        raise WarehouseDamaged("archive_damaged", file=path.name) from error


def prune(path: Path, keep: pa.Array, gone: pa.Array, key: tuple[str, ...], record: LoadRecord) -> None:
    """Leave rows out of an archive file for good: only those of `keep` stay; of those of `gone` only the key.

    The file is replaced in one step. Rows are told apart by their position.
    """
    head = read_head(path)
    table = pq.read_table(path)
    now_gone = pc.or_(table.column(GONE).combine_chunks(), gone)
    columns = {}
    for name in table.column_names:
        column = table.column(name)
        hidden = name not in key and name != GONE
        columns[name] = (
            now_gone
            if name == GONE
            else pc.if_else(now_gone, pa.scalar(None, column.type), column)
            if hidden
            else column
        )
    pruned = pa.table(columns).filter(keep)
    new = path.with_name(f"{path.name}{_NEW}")
    _write(new, pruned, record, head.key_fingerprint)
    new.replace(path)


def _write(path: Path, table: pa.Table, record: LoadRecord | None, key_fingerprint: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without Arrow's own schema texts come back as texts, however they were held when they were written.
    with pq.ParquetWriter(path, table.schema, compression="zstd", store_schema=False) as writer:
        writer.write_table(table)
        if record is not None:
            writer.add_key_value_metadata(
                {_RECORD: record.to_json().encode(), _KEY: key_fingerprint.encode()}
            )
    flush(path)


def archived_rows(path: Path) -> int:
    """How many rows of a dataset an archive file holds, read in full so that a damaged file is noticed.

    Raises WarehouseDamaged where the file is not readable.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise WarehouseDamaged("archive_damaged", file=path.name) from error
    return table.num_rows - int(pc.sum(table.column(GONE).cast(pa.int64())).as_py() or 0)
