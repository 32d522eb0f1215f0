"""Loaded counts that contradict each other: below zero, a part above its whole, a share above 100 %.

Such rows of a file are set aside. Version 0.1 had no such rule: rows in an archive of it are reported, and set aside
when the warehouse is rebuilt. Their numbers stay in the archive, marked as set aside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.check_rows import failures
from pipelines.checking.entered_figures import counted_columns
from pipelines.checking.schemas import counted_rules
from pipelines.errors import WarehouseDamaged
from pipelines.findings import finding
from pipelines.identity_codes import mask
from pipelines.mapping.files import all_sources
from pipelines.warehouse import archive
from pipelines.warehouse.records import LoadRecord, without_rows

CONTRADICTION = "contradiction"
RULED = {
    name: pandera.DataFrameSchema(rules, name=name) for name in DATASETS if (rules := counted_rules(name))
}
#: How many rows of a load are listed one by one.
_MOST_EXAMPLES = 5


@dataclass(frozen=True)
class Contradicting:
    """The contradicting rows of a load in one dataset: how many, and the first of them in words."""

    load_id: str
    file: str
    dataset: str
    rows: int
    examples: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The file, the number of rows and the first: `jonot.csv (1): 2025-01-06 / 18 / A: waiting -3`."""
        more = "; …" if self.rows > len(self.examples) else ""
        return f"{self.file} ({self.rows}): {'; '.join(self.examples)}{more}"


def contradicting(folder: Path) -> list[Contradicting]:
    """Return the archived rows that count and contradict each other, by load. Unreadable files are left out."""
    found = []
    for path in _files(folder):
        with suppress(WarehouseDamaged):
            found += [one for one, _ in _of_file(path)]
    return found


def set_aside(folder: Path) -> list[Contradicting]:
    """Set aside every contradicting archived row; return which they were.

    An earlier row of its key counts again. Each file is replaced in one step, the rows set aside first. The caller
    holds the writer lock, and has made sure that every file can be read. Raises WarehouseDamaged.
    """
    done = []
    for path in _files(folder):
        for examples, wrong in _of_file(path):
            head = archive.read_head(path)
            table = pq.read_table(path)
            _add_to_set_aside(folder, head.record, table, wrong)
            _mark(path, table, wrong, examples.dataset)
            done.append(examples)
    return done


def _files(folder: Path) -> list[Path]:
    return [path for path in archive.files(folder) if path.stem.partition("-")[2] in RULED]


def _of_file(path: Path) -> Iterator[tuple[Contradicting, Mapping[int, tuple[str, ...]]]]:
    """Return what contradicts in an archive file: in words, and the fields by row. Raises WarehouseDamaged."""
    dataset = path.stem.partition("-")[2]
    record, table = archive.read_head(path).record, archive.read_rows(path)

    def numbers(name: str) -> np.ndarray:
        if name not in table.column_names:
            return np.full(table.num_rows, np.nan)
        return table.column(name).cast(pa.float64()).to_numpy()

    failed = failures(counted_columns(dataset, numbers), RULED[dataset])
    counted = archive.counted(table).to_numpy(zero_copy_only=False)
    wrong: dict[int, tuple[str, ...]] = {}
    for (field, _), at in failed.items():
        for row in at[counted[at]].tolist():
            wrong[row] = (*wrong.get(row, ()), field)
    if wrong:
        first = table.take(pa.array(sorted(wrong)[:_MOST_EXAMPLES])).to_pylist()
        examples = tuple(_in_words(dataset, row) for row in first)
        yield Contradicting(record.load_id, mask(record.file), dataset, len(wrong), examples), wrong


def _in_words(dataset: str, row: Mapping[str, Any]) -> str:
    """The key of a row and its numbers: `2025-02-03 / 18 / A / primary_care: waiting 5, over_limit 9`."""
    key = " / ".join(str(row[name]) for name in DATASETS[dataset].key if row[name] not in (None, ""))
    names = dict.fromkeys(name.partition(":")[0] for name in RULED[dataset].columns)
    numbers = ", ".join(f"{name} {row[name]:g}" for name in names if row[name] is not None)
    return mask(f"{key}: {numbers}")


def _add_to_set_aside(
    folder: Path, record: LoadRecord, table: pa.Table, wrong: Mapping[int, tuple[str, ...]]
) -> None:
    """Add rows to those their load set aside. Which rows of the file they were is no longer known."""
    path = archive.quarantine_path(folder, record.load_id)
    try:
        rows = archive.read_set_aside(path) if path.exists() else []
    except WarehouseDamaged:
        # The check names it; the numbers stay in the archive.
        return
    headers = _headers(record)
    for at in sorted(wrong):
        texts = {
            headers.get(name, name): None if value is None else mask(str(value))
            for name, value in table.slice(at, 1).to_pylist()[0].items()
            if name not in archive.MARKS
        }
        row: dict[str, object] = {
            "row": None,
            "reasons": " ".join(f"{CONTRADICTION}:{field}" for field in wrong[at]),
            "fields": json.dumps(texts, ensure_ascii=False),
        }
        # One that was interrupted here has written it already.
        if row not in rows:
            rows.append(row)
    archive.rewrite(path, pa.Table.from_pylist(rows, schema=archive.SET_ASIDE_SCHEMA))


def _headers(record: LoadRecord) -> Mapping[str, str]:
    source = all_sources().get(record.source)
    versions = [output.versions.get(record.layout, {}) for output in source.outputs] if source else []
    return {field: headers[0] for version in versions for field, headers in version.items()}


def _mark(path: Path, table: pa.Table, wrong: Mapping[int, tuple[str, ...]], dataset: str) -> None:
    """Mark rows of an archive file as set aside, and count them so in the records of their load."""
    marks = archive.marks_of(table)
    here = np.zeros(table.num_rows, dtype=bool)
    here[list(wrong)] = True
    marks[archive.SET_ASIDE] = pc.or_(marks[archive.SET_ASIDE], pa.array(here))
    columns = {name: table.column(name) for name in table.column_names} | marks

    def examples(record: LoadRecord) -> LoadRecord:
        headers = _headers(record)
        findings = json.loads(record.findings)
        for field in sorted({field for fields in wrong.values() for field in fields}):
            count = sum(field in fields for fields in wrong.values())
            found = finding(CONTRADICTION, field, count, column=headers.get(field, field))
            findings.append(asdict(found))
        return without_rows(
            replace(record, findings=json.dumps(findings, ensure_ascii=False)), {dataset: len(wrong)}
        )

    archive.rewrite_load({path: pa.table(columns)}, examples)
