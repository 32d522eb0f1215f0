"""The archive: accepted rows of every load as Parquet, one file per dataset, with the load's record inside.

The archive alone is enough to rebuild the warehouse. What a change writes is `.pending` until the version that counts
it is published; a crash in between is reconciled by the next writer. A withdrawn load leaves its record behind, without
rows.

Files have the columns of their dataset, and `gone` (only the key: a row that is no longer, or never was, one of the
dataset) and `set_aside` (only the key: a row too faulty to load).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from indicators.catalogue.datasets import DATASETS
from pipelines.errors import WarehouseDamaged
from pipelines.warehouse.records import WITHDRAWN, LoadRecord
from pipelines.warehouse.swap_version import flush, make_private, private_folder

ARCHIVE = "archive"
QUARANTINE = "quarantine"
DAMAGED = "damaged"
PENDING = ".pending"
_NEW = ".new"
GONE = "gone"
#: Of archive files since version 0.2; in earlier ones no row is marked so. A file without it is of an earlier format.
SET_ASIDE = "set_aside"
MARKS = (GONE, SET_ASIDE)
#: The columns of a file of rows that were set aside; `row` is unknown of those that were loaded once.
SET_ASIDE_SCHEMA = pa.schema([("row", pa.int64()), ("reasons", pa.string()), ("fields", pa.string())])
WITHDRAWN_ENDING = "-withdrawn.json"
_NAME = re.compile(r"[0-9]{6,}-(?:[a-z_]+\.parquet|withdrawn\.json)")
_RECORD, _KEY = b"takuuvahti.record", b"takuuvahti.key_fingerprint"
#: Marks of rewritten files: first written by an earlier version; cleaned of identity codes.
_EARLIER, _CLEANED = b"takuuvahti.earlier_format", b"takuuvahti.cleaned"


@dataclass(frozen=True)
class Rows:
    """The rows a load brings to one dataset, the keys of absent rows, and those of rows set aside (superseding
    nothing).
    """

    rows: pa.Table
    absent: pa.Table | None = None
    set_aside: pa.Table | None = None

    def table(self) -> pa.Table:
        """Return all of it in one table, as it is archived."""
        return self._marked(
            [(self.rows, False, False), (self.absent, True, False), (self.set_aside, False, True)]
        )

    def decided(self) -> pa.Table:
        """Return the rows and the keys that the load supersedes."""
        return self._marked([(self.rows, False, False), (self.absent, True, False)])

    @staticmethod
    def _marked(kinds: Sequence[tuple[pa.Table | None, bool, bool]]) -> pa.Table:
        marked = [
            table.append_column(GONE, pa.array([gone] * table.num_rows, pa.bool_())).append_column(
                SET_ASIDE, pa.array([aside] * table.num_rows, pa.bool_())
            )
            for at, (table, gone, aside) in enumerate(kinds)
            if table is not None and (at == 0 or table.num_rows)
        ]
        return pa.concat_tables(marked, promote_options="default")


@dataclass(frozen=True)
class Archived:
    """The head of an archive file: the load's record, the fingerprint of its key, and its columns.

    `earlier` is a file of an earlier format; `cleaned` one from which identity codes were removed.
    """

    record: LoadRecord
    key_fingerprint: str
    columns: tuple[str, ...] = ()
    earlier: bool = False
    cleaned: bool = False


def files(folder: Path) -> list[Path]:
    """Return the finished files of the archive by name; other files in the folder, such as copies, are left out."""
    inside = (folder / ARCHIVE).glob("*") if (folder / ARCHIVE).is_dir() else ()
    return sorted(path for path in inside if _NAME.fullmatch(path.name))


def files_of(path: Path) -> list[Path]:
    """Return all files of rows of the load that an archive file belongs to."""
    of_load = path.name.split("-")[0]
    return [
        one
        for one in files(path.parents[1])
        if one.suffix == ".parquet" and one.name.split("-")[0] == of_load
    ]


def archive_path(folder: Path, load_id: str, dataset: str) -> Path:
    """Return the archive file of a load's rows of a dataset: the finished one, else the pending one."""
    final = folder / ARCHIVE / f"{load_id}-{dataset}.parquet"
    pending = _pending(final)
    return pending if pending.exists() and not final.exists() else final


def load_ids(folder: Path) -> set[str]:
    """Return the loads in the archive, withdrawn ones included; not those still pending."""
    return {path.name.split("-")[0] for path in files(folder)}


def whole_path(folder: Path, load_id: str, dataset: str) -> Path:
    """Return the archive file of a load's rows of a dataset, read in full once. Raises WarehouseDamaged."""
    path = archive_path(folder, load_id, dataset)
    archived_rows(path)
    return path


def quarantine_path(folder: Path, load_id: str) -> Path:
    """Return the file of the rows that a load set aside."""
    return folder / QUARANTINE / f"{load_id}.parquet"


def write_pending(
    folder: Path, record: LoadRecord, rows: Mapping[str, Rows], quarantined: pa.Table, key_fingerprint: str
) -> None:
    """Write the rows of a load durably but not yet as part of the archive. Raises WarehouseDamaged for a known load id."""
    if record.load_id in load_ids(folder):
        raise WarehouseDamaged("not_built", folder=folder)
    for dataset, brought in rows.items():
        path = folder / ARCHIVE / f"{record.load_id}-{dataset}.parquet{PENDING}"
        _write(path, brought.table(), record, key_fingerprint)
    if quarantined.num_rows:
        _write(_pending(quarantine_path(folder, record.load_id)), quarantined, None, "")


def withdraw_pending(folder: Path, records: Iterable[LoadRecord], key_fingerprint: str) -> None:
    """Note loads as withdrawn, durably but not yet as part of the archive."""
    for record in records:
        path = folder / ARCHIVE / f"{record.load_id}{WITHDRAWN_ENDING}{PENDING}"
        private_folder(path.parent)
        head = {"key_fingerprint": key_fingerprint, "record": record.to_json()}
        path.write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
        make_private(path)
        flush(path)


def reconcile(folder: Path, records: Iterable[LoadRecord], aside_since: datetime | None = None) -> None:
    """Make the archive agree with the published `records`, after a publication or a crash.

    Pending files of published loads become final, others are deleted; of withdrawn loads only the record stays; rows
    set aside of frozen loads, and of loads before `aside_since`, are deleted.
    """
    known = {record.load_id: record for record in records}
    for path in _left_in(folder / ARCHIVE):
        name = path.name.removesuffix(PENDING)
        record = known.get(name.split("-")[0])
        withdrawn = record is not None and record.withdrawn_at is not None
        if name.endswith(WITHDRAWN_ENDING) == withdrawn and record is not None:
            _make_final(path)
        elif path.name.endswith(PENDING) or withdrawn:
            path.unlink()
    for path in _left_in(folder / QUARANTINE):
        record = known.get(path.name.split(".")[0])
        stays = (
            record is not None
            and record.withdrawn_at is None
            and not record.frozen
            and (aside_since is None or record.loaded_at >= aside_since)
        )
        if stays:
            _make_final(path)
        elif path.name.endswith(PENDING) or record is not None:
            path.unlink()
    for place in (ARCHIVE, QUARANTINE):
        if (folder / place).is_dir():
            flush(folder / place)


def _left_in(folder: Path) -> list[Path]:
    """Return the files of a folder; those that an interrupted rewriting left are deleted."""
    paths = sorted(folder.glob("*"))
    for path in paths:
        if path.name.endswith(_NEW):
            path.unlink()
    return [path for path in paths if not path.name.endswith(_NEW)]


def _pending(path: Path) -> Path:
    return path.with_name(path.name + PENDING)


def _make_final(path: Path) -> None:
    if path.name.endswith(PENDING):
        path.replace(path.with_name(path.name.removesuffix(PENDING)))


def adopt_pending(folder: Path) -> None:
    """Take pending loads whose files are all whole into the archive, where no version says whether they were published.

    Pending withdrawals are dropped.
    """
    pending: dict[str, list[Path]] = {}
    for path in sorted((folder / ARCHIVE).glob(f"*.parquet{PENDING}")):
        pending.setdefault(path.name.split("-")[0], []).append(path)
    for load_id, paths in pending.items():
        try:
            record = read_head(paths[0]).record
            whole = all(archived_rows(path) >= 0 for path in paths) and len(paths) == len(record.parts)
        except WarehouseDamaged:
            whole = False
        if whole and load_id not in load_ids(folder):
            for path in paths:
                _make_final(path)
            aside = _pending(quarantine_path(folder, load_id))
            if aside.exists():
                _make_final(aside)
    discard_pending(folder)


def discard_pending(folder: Path) -> None:
    """Delete what an unpublished change has written, where nothing is published at all."""
    for place in (ARCHIVE, QUARANTINE):
        for path in (folder / place).glob(f"*{PENDING}"):
            path.unlink()


def _read_whole(path: Path) -> Archived:
    """Return the head of an archive file, its rows read in full. Raises WarehouseDamaged."""
    if path.name.endswith(WITHDRAWN_ENDING):
        return read_withdrawn(path)
    archived_rows(path)
    return read_head(path)


def read_all(folder: Path, published: Iterable[LoadRecord] = ()) -> tuple[list[LoadRecord], str | None]:
    """Return the records of all archived loads, and the fingerprint of their key; every file is read in full.

    `published` are the loads of a published version. Raises WarehouseDamaged naming a file that cannot be read or is
    missing: one of a load's own, of a published load, or of a number between others.
    """
    records: dict[str, LoadRecord] = {}
    fingerprint = None
    for path in sorted(files(folder), key=lambda path: path.name.endswith(WITHDRAWN_ENDING)):
        head = _read_whole(path)
        records[head.record.load_id], fingerprint = head.record, head.key_fingerprint
    absent = missing_files(folder, [*records.values(), *(r for r in published if r.load_id not in records)])
    if absent:
        raise WarehouseDamaged("archive_damaged", file=absent[0])
    numbers = {record.sequence for record in records.values()}
    left_out = sorted(set(range(1, max(numbers, default=0) + 1)) - numbers)
    if left_out:
        raise WarehouseDamaged("archive_damaged", file=f"{left_out[0]:06d}-*")
    return sorted(records.values(), key=lambda record: record.sequence), fingerprint


def give_up_damaged(folder: Path, published: Iterable[LoadRecord], now: datetime) -> tuple[str, ...]:
    """Note loads whose archive files are missing or damaged as withdrawn, for good; return their ids.

    Damaged files are moved to a folder of their own. A load of which only the number is known leaves a record without
    rows.
    """
    records: dict[str, LoadRecord] = {}
    damaged: dict[str, list[Path]] = {}
    fingerprint = ""
    for path in files(folder):
        load_id = path.name.split("-")[0]
        try:
            head = _read_whole(path)
            records[load_id], fingerprint = head.record, head.key_fingerprint
        except WarehouseDamaged:
            damaged.setdefault(load_id, []).append(path)
    known = {record.load_id: record for record in published} | records
    missing = {name.split("-")[0] for name in missing_files(folder, known.values())}
    last = max((int(load_id) for load_id in [*known, *damaged]), default=0)
    unknown = {f"{number:06d}" for number in range(1, last + 1)} - known.keys()
    lost = sorted(damaged.keys() | missing | unknown)
    for load_id in lost:
        for path in [*damaged.get(load_id, ()), *(folder / ARCHIVE).glob(f"{load_id}-*")]:
            if path.exists():
                private_folder(folder / DAMAGED)
                path.replace(folder / DAMAGED / path.name)
        record = known.get(load_id) or _unknown_load(load_id, now)
        gone = replace(record, status=WITHDRAWN, withdrawn_at=record.withdrawn_at or now)
        withdraw_pending(folder, [gone], fingerprint)
        _make_final(folder / ARCHIVE / f"{load_id}{WITHDRAWN_ENDING}{PENDING}")
    return tuple(lost)


def _unknown_load(load_id: str, now: datetime) -> LoadRecord:
    """Return the record of a load of which nothing but its number is known."""
    texts = dict.fromkeys(("file", "content_hash", "source", "layout", "dataset", "origin", "loaded_by"), "")
    nothing = dict.fromkeys(("window_from", "window_to", "period_start", "period_end"))
    zero = dict.fromkeys(("rows_read", "rows_loaded", "rows_quarantined"), 0)
    values: dict[str, Any] = {**texts, **nothing, **zero, "parts": (), "code_map": ()}
    return LoadRecord(
        load_id=load_id,
        sequence=int(load_id),
        demo=False,
        status=WITHDRAWN,
        scope="units",
        extract_date=now.date(),
        loaded_at=now,
        withdrawn_at=now,
        **values,
    )


def missing_files(folder: Path, records: Iterable[LoadRecord]) -> list[str]:
    """Return the names of the archive files that loads should have and do not."""
    wanted: list[Path] = []
    for record in records:
        if record.withdrawn_at is None:
            wanted += [archive_path(folder, record.load_id, part.dataset) for part in record.parts]
        else:
            wanted.append(folder / ARCHIVE / f"{record.load_id}{WITHDRAWN_ENDING}")
    return sorted(path.name for path in wanted if not path.exists())


def read_withdrawn(path: Path) -> Archived:
    """Return the record of a withdrawn load. Raises WarehouseDamaged."""
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        return _of_file(path, Archived(LoadRecord.from_json(head["record"]), head["key_fingerprint"]))
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise WarehouseDamaged("archive_damaged", file=path.name) from error


def _of_file(path: Path, head: Archived) -> Archived:
    """Return the head where the file is what its name says. Raises ValueError where it is another load's."""
    load_id, _, dataset = path.name.removesuffix(PENDING).removesuffix(".parquet").partition("-")
    other = dataset in DATASETS and head.record.part(dataset) is None
    if load_id != head.record.load_id or other:
        raise ValueError
    return head


def read_head(path: Path) -> Archived:
    """Return the record in an archive file, without its rows. Raises WarehouseDamaged."""
    try:
        schema = pq.read_schema(path)
        head = schema.metadata or {}
        found = Archived(
            LoadRecord.from_json(head[_RECORD].decode()),
            head[_KEY].decode(),
            tuple(schema.names),
            earlier=_EARLIER in head or SET_ASIDE not in schema.names,
            cleaned=_CLEANED in head,
        )
        return _of_file(path, found)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError, RecursionError) as error:
        # The last three: the file was written by a version of the software with other records.
        raise WarehouseDamaged("archive_damaged", file=path.name) from error


def is_cleaned(folder: Path) -> bool:
    """Whether identity codes were ever removed from archived rows. Raises WarehouseDamaged."""
    return any(read_head(path).cleaned for path in files(folder) if path.suffix == ".parquet")


def prune(path: Path, keep: pa.Array, gone: pa.Array, key: tuple[str, ...], record: LoadRecord) -> None:
    """Leave rows out of an archive file for good, in one step: those of `keep` stay, of those of `gone` only the key."""
    table = pq.read_table(path)
    now_gone = pc.or_(table.column(GONE).combine_chunks(), gone)
    columns = {GONE: now_gone}
    for name in table.column_names:
        if name in key or name in MARKS:
            columns.setdefault(name, table.column(name))
        else:
            column = table.column(name)
            columns[name] = pc.if_else(now_gone, pa.scalar(None, column.type), column)
    rewrite(path, pa.table({name: columns[name] for name in table.column_names}).filter(keep), record)


def rewrite(path: Path, table: pa.Table, record: LoadRecord | None = None, *, cleaned: bool = False) -> None:
    """Replace the rows of a file in one step; the rest of its head stays.

    Without a `record` it is a file of rows set aside. `cleaned` says that identity codes were removed.
    """
    new = path.with_name(f"{path.name}{_NEW}")
    if record is None:
        _write(new, table, None, "")
    else:
        head = read_head(path)
        marks = {_EARLIER: head.earlier, _CLEANED: cleaned or head.cleaned}
        _write(new, table, record, head.key_fingerprint, [mark for mark, applies in marks.items() if applies])
    new.replace(path)


def rewrite_load(
    tables: Mapping[Path, pa.Table],
    change: Callable[[LoadRecord], LoadRecord],
    done: Callable[[LoadRecord], LoadRecord] = lambda record: record,
    *,
    cleaned: bool = False,
) -> None:
    """Replace archive files of one load, and its record in all of them.

    `change` makes the new record of the old one; after an interruption `done` of one that some files have already. The
    files of `tables` are written last, so that unchanged rows have the old record.
    """
    first = next(iter(tables))
    paths = files_of(first)
    records = {path: read_head(path).record for path in paths}
    newest = min(records.values(), key=lambda record: record.rows_loaded)
    begun = any(record.rows_loaded != newest.rows_loaded for record in records.values())
    record = done(newest) if begun else change(newest)
    for path in sorted(paths, key=lambda path: path in tables):
        table = tables[path] if path in tables else pq.read_table(path)
        # Whether a file is compacted is its own matter.
        rewrite(path, table, replace(record, frozen=records[path].frozen), cleaned=cleaned)


def _write(
    path: Path, table: pa.Table, record: LoadRecord | None, key_fingerprint: str, marks: Iterable[bytes] = ()
) -> None:
    private_folder(path.parent)
    # Without Arrow's own schema texts are read back as texts, whatever their type when they were written.
    with pq.ParquetWriter(
        path, table.schema, compression="zstd", store_schema=False, write_page_checksum=True
    ) as writer:
        writer.write_table(table)
        if record is not None:
            writer.add_key_value_metadata(
                {
                    _RECORD: record.to_json().encode(),
                    _KEY: key_fingerprint.encode(),
                    **dict.fromkeys(marks, b"1"),
                }
            )
    make_private(path)
    flush(path)


def archived_rows(path: Path) -> int:
    """Return how many rows of a dataset an archive file has, read in full. Raises WarehouseDamaged."""
    return int(pc.sum(counted(read_rows(path))).as_py() or 0)


def read_rows(path: Path) -> pa.Table:
    """Return all of an archive file. Raises WarehouseDamaged."""
    try:
        return pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raise WarehouseDamaged("archive_damaged", file=path.name) from error


def marks_of(table: pa.Table) -> dict[str, pa.BooleanArray]:
    """Return the marks of the rows of an archive file; without their column no row is marked."""
    nothing = pa.array([False] * table.num_rows, pa.bool_())
    return {
        name: table.column(name).combine_chunks() if name in table.column_names else nothing for name in MARKS
    }


def counted(table: pa.Table) -> pa.BooleanArray:
    """Return which rows of an archive file are rows of its dataset."""
    marks = marks_of(table)
    return pc.invert(pc.or_(marks[GONE], marks[SET_ASIDE]))


def read_set_aside(path: Path) -> list[dict[str, object]]:
    """Return the rows that a load set aside: `row`, `reasons` and `fields` of each. Raises WarehouseDamaged."""
    # A folder would be read as a table of no files.
    if not path.is_file():
        raise WarehouseDamaged("set_aside_damaged", file=path.name)
    try:
        return pq.read_table(path, page_checksum_verification=True).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise WarehouseDamaged("set_aside_damaged", file=path.name) from error
