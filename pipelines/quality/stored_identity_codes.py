"""Identity codes in what is already loaded: found by the search of today, reported without their value, and removed.

Files with one outside the column of persons are refused, but an earlier search knew fewer ways of writing one: some may
be in the archive, the rows set aside, the history of loads and the decisions by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from indicators.catalogue.datasets import DATASETS, TEXT, Dataset
from pipelines.checking.fields import FIELDS
from pipelines.errors import WarehouseDamaged
from pipelines.identity_codes import find_hetu, holds_hetu, mask, mask_texts
from pipelines.warehouse import Snapshot, archive, master
from pipelines.warehouse.records import LoadRecord, without_rows

#: What becomes of a field with an identity code: an optional one is emptied; of a required one the row is set aside, of
#: a key it goes; in other texts the code is masked.
BLANKED, SET_ASIDE, MASKED = "blanked", "set_aside", "masked"
#: Columns that say the same of many people.
_OF_AGE = ("age_group", "age_band")
#: Places in the record of a load with texts of its file, as they are reported.
FILE_NAME, FINDINGS, CODES, COVERAGE = "loads.file", "loads.findings", "loads.code_map", "loads.parts"
_ASIDE = "quarantine"
#: The place of codes in decisions about units and codes, which belong to no load.
DECISIONS = "edits.jsonl"


@dataclass(frozen=True)
class StoredCodes:
    """Identity codes in one place: the load (None: no load), `dataset.column`, how many rows, how they are removed."""

    load_id: str | None
    column: str
    rows: int
    removal: str


def stored_codes(folder: Path) -> list[StoredCodes]:
    """Return where identity codes are next to the published versions, by load and column. Unreadable files are left out."""
    found: list[StoredCodes] = []
    for path in _files(folder):
        with suppress(WarehouseDamaged):
            found += _of_file(path)
    for path in _aside_files(folder):
        with suppress(WarehouseDamaged):
            found += _masked_aside(path)[1]
    with suppress(WarehouseDamaged):
        found += _masked_edits(folder)[1]
    return found


def _of_file(path: Path) -> list[StoredCodes]:
    if path.name.endswith(archive.WITHDRAWN_ENDING):
        return _of_record(archive.read_withdrawn(path).record)
    record = archive.read_head(path).record
    in_rows = [one for one, _ in _of_rows(path, record.load_id)]
    return in_rows + (_of_record(record) if path == archive.files_of(path)[0] else [])


def published(folder: Path, snapshot: Snapshot) -> list[StoredCodes]:
    """Return where identity codes are in the published rows though they were removed from the archive.

    An interrupted removal leaves such a version; rebuilding replaces it. Raises WarehouseDamaged.
    """
    found: list[StoredCodes] = []
    for dataset in DATASETS.values() if archive.is_cleaned(folder) else ():
        for name, kind in dataset.base.items():
            if kind != "VARCHAR" or name in _OF_AGE:
                continue
            column = f'"{name}"::VARCHAR'
            rows = snapshot.frame(
                f"SELECT load_id::VARCHAR AS load_id, {column} AS text, count(*) AS rows "
                f"FROM {dataset.name} WHERE {column} IS NOT NULL GROUP BY ALL"
            )
            seen = find_hetu(pa.array(rows["text"], pa.string()))
            wrong = rows[seen.written | seen.bare if _is_free(dataset, name) else seen.written]
            for load_id, count in wrong.groupby("load_id")["rows"].sum().items():
                found.append(StoredCodes(str(load_id), f"{dataset.name}.{name}", int(count), BLANKED))
    return found


def _is_free(dataset: Dataset, name: str) -> bool:
    """Whether a column has names and free text, where a code is recognised without its separator too."""
    field = next((field for field in FIELDS[dataset.name] if field.name == name), None)
    return field is not None and field.kind == TEXT and name not in dataset.key


def remove(folder: Path) -> list[StoredCodes]:
    """Remove identity codes from everything next to the published versions; return what was removed.

    The caller holds the writer lock, and has made sure that every file can be read. Raises WarehouseDamaged.
    """
    removed: list[StoredCodes] = []
    by_load: dict[str, list[Path]] = {}
    for path in _files(folder):
        by_load.setdefault(path.name.split("-")[0], []).append(path)
    for load_id, paths in sorted(by_load.items()):
        removed += _remove_from_load(folder, load_id, paths)
    for path in _aside_files(folder):
        # Of a damaged file nothing in the warehouse depends; the check names it.
        with suppress(WarehouseDamaged):
            table, found = _masked_aside(path)
            if found:
                archive.rewrite(path, table)
                removed += found
    edits, found = _masked_edits(folder)
    if found:
        master.write_pending(folder, edits)
        master.reconcile(folder, len(edits))
    return removed + found


def _files(folder: Path) -> list[Path]:
    """Return the archive files with a meaning: rows of a dataset, and records of withdrawn loads."""
    return [
        path
        for path in archive.files(folder)
        if path.name.endswith(archive.WITHDRAWN_ENDING) or _dataset_of(path) in DATASETS
    ]


def _dataset_of(path: Path) -> str:
    return path.stem.partition("-")[2]


def _aside_files(folder: Path) -> list[Path]:
    return sorted((folder / archive.QUARANTINE).glob("*.parquet"))


# --- rows ---


def _of_rows(path: Path, load_id: str) -> Iterator[tuple[StoredCodes, pa.Array]]:
    """Return the columns of an archive file that have codes, each with a truth per row.

    Without its separator a code counts in names and free text alone, as in a file that is loaded.
    """
    dataset = DATASETS[_dataset_of(path)]
    fields = {field.name: field for field in FIELDS[dataset.name]}
    for name, kind in dataset.base.items():
        if kind != "VARCHAR" or name in _OF_AGE:
            continue
        column = _column(path, name)
        if column is None:
            continue
        field = fields.get(name)
        values = pc.unique(column).drop_null()
        seen = find_hetu(values)
        wrong = seen.written | seen.bare if _is_free(dataset, name) else seen.written
        if not wrong.any():
            continue
        truths = pc.is_in(column, value_set=values.filter(pa.array(wrong))).combine_chunks()
        required = name in dataset.key or (field is not None and field.required)
        removal = SET_ASIDE if required else BLANKED
        yield StoredCodes(load_id, f"{dataset.name}.{name}", pc.sum(truths).as_py(), removal), truths


def _column(path: Path, name: str) -> pa.ChunkedArray | None:
    """Return one column of an archive file, None where it has none of that name; all at once would take much memory."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            return file.read(columns=[name]).column(name) if name in file.schema_arrow.names else None
    except (OSError, pa.ArrowException) as error:
        raise WarehouseDamaged("archive_damaged", file=path.name) from error


def _without(path: Path, found: Sequence[tuple[StoredCodes, pa.Array]]) -> tuple[pa.Table, int]:
    """Return the rows of an archive file without the codes, and how many of its rows no longer count.

    Where the key of a row has no code, the key stays, marked as set aside: it supersedes nothing.
    """
    dataset = DATASETS[_dataset_of(path)]
    table = pq.read_table(path)
    nothing = pa.array([False] * table.num_rows, pa.bool_())
    marks = archive.marks_of(table)
    by_column = {one.column.partition(".")[2]: truths for one, truths in found}
    required = {one.column.partition(".")[2] for one, _ in found if one.removal == SET_ASIDE}
    dropped = aside = nothing
    for name in required:
        if name in dataset.key:
            dropped = pc.or_(dropped, by_column[name])
        else:
            aside = pc.or_(aside, by_column[name])
    removed_rows = pc.and_(archive.counted(table), pc.or_(dropped, aside))
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name)
        if name not in marks and name not in dataset.key:
            emptied = pc.or_(aside, by_column.get(name, nothing))
            column = pc.if_else(emptied, pa.scalar(None, column.type), column)
        columns[name] = column
    if archive.SET_ASIDE in table.column_names or pc.any(aside).as_py():
        columns[archive.SET_ASIDE] = pc.or_(marks[archive.SET_ASIDE], aside)
        columns[archive.GONE] = pc.and_(marks[archive.GONE], pc.invert(aside))
    return pa.table(columns).filter(pc.invert(dropped)), pc.sum(removed_rows).as_py() or 0


def _remove_from_load(folder: Path, load_id: str, paths: Sequence[Path]) -> list[StoredCodes]:
    withdrawn = [path for path in paths if path.name.endswith(archive.WITHDRAWN_ENDING)]
    if withdrawn:
        head = archive.read_withdrawn(withdrawn[0])
        found = _of_record(head.record)
        if found:
            archive.withdraw_pending(folder, [_masked_record(head.record, {})], head.key_fingerprint)
            pending = withdrawn[0].with_name(withdrawn[0].name + archive.PENDING)
            pending.replace(withdrawn[0])
        return found
    in_rows = {path: list(_of_rows(path, load_id)) for path in paths}
    found = [one for of_file in in_rows.values() for one, _ in of_file]
    found += _of_record(archive.read_head(paths[0]).record)
    if not found:
        return []
    tables, removed_rows = {}, {}
    for path, of_file in in_rows.items():
        table, rows = _without(path, of_file)
        if of_file:
            tables[path], removed_rows[_dataset_of(path)] = table, rows
    archive.rewrite_load(
        tables or {paths[0]: pq.read_table(paths[0])},
        lambda record: _masked_record(record, removed_rows),
        lambda record: _masked_record(record, {}),
        cleaned=True,
    )
    return found


# --- other files ---


def _of_record(record: LoadRecord) -> list[StoredCodes]:
    masked = _masked_record(record, {})
    codes = len(record.code_map) - len(masked.code_map)
    stretches = sum(len(part.coverage) for part in record.parts)
    stretches -= sum(len(part.coverage) for part in masked.parts)
    counts = {
        FILE_NAME: int(masked.file != record.file),
        FINDINGS: int(masked.findings != record.findings),
        CODES: codes,
        COVERAGE: stretches,
    }
    return [StoredCodes(record.load_id, place, count, MASKED) for place, count in counts.items() if count]


def _masked_record(record: LoadRecord, removed_rows: Mapping[str, int]) -> LoadRecord:
    """Return the record without codes, and without the rows that its datasets lose with them."""
    parts = tuple(
        replace(
            part, coverage=tuple(s for s in part.coverage if s[0] is None or not holds_hetu(s[0], bare=False))
        )
        for part in record.parts
    )
    findings = json.loads(record.findings)
    masked = mask_texts(findings)
    masked_record = replace(
        record,
        file=mask(record.file),
        findings=record.findings if masked == findings else json.dumps(masked, ensure_ascii=False),
        code_map=tuple(row for row in record.code_map if not holds_hetu(row[2], bare=False)),
        parts=parts,
    )
    return without_rows(masked_record, removed_rows)


def _masked_aside(path: Path) -> tuple[pa.Table, list[StoredCodes]]:
    """Return the rows that a load set aside, masked, and which of their columns were not."""
    rows = archive.read_set_aside(path)
    counts: dict[str, int] = {}
    for row in rows:
        fields = json.loads(str(row["fields"]))
        shown = {mask(header): text and mask(text) for header, text in fields.items()}
        if shown == fields:
            continue
        row["fields"] = json.dumps(shown, ensure_ascii=False)
        for header, text in fields.items():
            if shown.get(header) != text:
                column = f"{_ASIDE}.{mask(header)}"
                counts[column] = counts.get(column, 0) + 1
    found = [StoredCodes(path.stem, column, count, MASKED) for column, count in sorted(counts.items())]
    return pa.Table.from_pylist(rows, schema=archive.SET_ASIDE_SCHEMA), found


def _masked_edits(folder: Path) -> tuple[list[master.Edit], list[StoredCodes]]:
    """Return the decisions without codes, as many as before: one about a unit or code with one in it becomes empty."""
    edits, changed = [], 0
    for edit in master.read_edits(folder):
        key = tuple(map(mask, edit.key))
        masked = replace(edit, key=key, values=mask_texts(edit.values) if key == edit.key else None)
        changed += masked != edit
        edits.append(masked)
    return edits, [StoredCodes(None, DECISIONS, changed, MASKED)] if changed else []
