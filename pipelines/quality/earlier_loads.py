"""What loads made by earlier versions cannot know, and which of them somebody should look at.

Nothing is guessed or changed: fields that an earlier format lacks are unknown.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.codes import shipped_indicators
from pipelines.checking.extract_dates import dates_in_name
from pipelines.checking.fields import COUNTED, PART_OF, WITH_DECIMALS
from pipelines.identity_codes import mask
from pipelines.loading.publication import records_of
from pipelines.reading.dates import LOCAL_ZONE
from pipelines.warehouse import Snapshot, archive
from pipelines.warehouse.build import COUNTS, SHIPPED_COUNTS
from pipelines.warehouse.measures import read_measures
from pipelines.warehouse.records import ACTIVE, WITHDRAWN, LoadRecord

ASSUMED, WENT_BLANK = "extract_date_assumed", "column_went_blank"
#: How the files of the page of entering figures are called: their extract date is the day of the entry.
_ENTERED = "lukujen_syotto_"
#: The day of a row in its series, of the datasets that have counted numbers.
_DAY = {
    COUNTS: "snapshot_on",
    "figures": "period_start",
    "targets": "period_start",
    "project_budgets": "year",
}
#: Columns of the key that say of when a row is.
_OF_TIME = frozenset({*_DAY.values(), "period_end"})
_EUROS = "euros"
_THOUSAND = 1000.0
#: A true value and its neighbour in the series are at most so many times apart.
_TIMES_APART = 4.0
_DECIMALS, _CENTS = 3, 2
_NEARLY = 1e-9


@dataclass(frozen=True)
class Unknown:
    """Fields of a dataset that the loads cannot know, because the version that made them did not read them."""

    dataset: str
    fields: tuple[str, ...]
    load_ids: tuple[str, ...]


@dataclass(frozen=True)
class Suspect:
    """A number that may be a thousandth of what its file has: the load, the row's key, the field and its value."""

    load_id: str
    file: str
    key: str
    field: str
    value: float


def earlier_load_ids(folder: Path, records: Sequence[LoadRecord]) -> frozenset[str]:
    """The loads, withdrawn ones aside, whose archive files are of an earlier format. Raises WarehouseDamaged."""
    return frozenset(
        record.load_id
        for record in records
        if record.status != WITHDRAWN
        for part in record.parts
        if archive.read_head(archive.archive_path(folder, record.load_id, part.dataset)).earlier
    )


def unknown_fields(folder: Path, records: Sequence[LoadRecord]) -> tuple[Unknown, ...]:
    """Return what loads do not know, by dataset and fields. Raises WarehouseDamaged.

    Whether queue counts are published is known of the shipped ones.
    """
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for record in records:
        for part in record.parts if record.status != WITHDRAWN else ():
            head = archive.read_head(archive.archive_path(folder, record.load_id, part.dataset))
            lacking = tuple(name for name in DATASETS[part.dataset].base if name not in head.columns)
            if lacking and not _is_shipped_counts(record):
                found.setdefault((part.dataset, lacking), []).append(record.load_id)
    return tuple(Unknown(*what, tuple(load_ids)) for what, load_ids in sorted(found.items()))


def known_published(folder: Path, records: Sequence[LoadRecord]) -> tuple[str, ...]:
    """Return the loads of queue counts that do not say whether they are published, and are: the shipped ones."""
    return tuple(
        record.load_id
        for record in records
        if record.status != WITHDRAWN
        and _is_shipped_counts(record)
        and "published" not in archive.read_head(archive.archive_path(folder, record.load_id, COUNTS)).columns
    )


def _is_shipped_counts(record: LoadRecord) -> bool:
    return record.part(COUNTS) is not None and record.content_hash in SHIPPED_COUNTS


def assumed_dates(records: Sequence[LoadRecord], earlier: Collection[str]) -> list[LoadRecord]:
    """Return the active loads whose file does not state their extract date.

    Earlier versions took the day of loading. Whether a date was given in the command was not recorded.
    """
    return [
        record
        for record in records
        if record.status == ACTIVE
        and not record.demo
        and (_says_assumed(record) or (record.load_id in earlier and _is_day_of_loading(record)))
    ]


@dataclass(frozen=True)
class BlankColumn:
    """A load whose months lack the values of a column that its source had before; column and months as its file has them."""

    load_id: str
    source: str
    column: str
    months: str


def blank_columns(snapshot: Snapshot) -> tuple[BlankColumn, ...]:
    """The columns that months of the loads in use lack, the newest load first."""
    if not snapshot.rows("FROM findings WHERE code = ? LIMIT 1", [WENT_BLANK]):
        return ()
    return tuple(one for _, one in went_blank(records_of(snapshot)[::-1]))


def went_blank(records: Sequence[LoadRecord]) -> Iterator[tuple[LoadRecord, BlankColumn]]:
    """Yield the active loads whose months lack a column that the source had before, with the column and the months; a
    newer load of the source that covers their period has mended it, or says the same of itself."""
    active = [record for record in records if record.status == ACTIVE and not record.demo]
    for record in active:
        if not any(_covers(other, record) for other in active):
            for found in json.loads(record.findings):
                if found["code"] == WENT_BLANK:
                    said = found["params"]
                    yield (
                        record,
                        BlankColumn(record.load_id, record.source, str(said["column"]), str(said["months"])),
                    )


def _covers(newer: LoadRecord, record: LoadRecord) -> bool:
    """Whether a newer load of the same source has all of a load's period."""
    if (newer.source, newer.origin, newer.dataset) != (record.source, record.origin, record.dataset):
        return False
    if None in (newer.period_start, newer.period_end, record.period_start, record.period_end):
        return False
    starts, ends = (newer.period_start, record.period_start), (newer.period_end, record.period_end)
    return newer.order > record.order and starts[0] <= starts[1] and ends[0] >= ends[1]  # type: ignore[operator]


def _says_assumed(record: LoadRecord) -> bool:
    return any(found["code"] == ASSUMED for found in json.loads(record.findings))


def _is_day_of_loading(record: LoadRecord) -> bool:
    loaded_on = record.loaded_at.replace(tzinfo=UTC).astimezone(ZoneInfo(LOCAL_ZONE)).date()
    # A queue extract has its dates in a column of its own.
    if record.extract_date != loaded_on or record.dataset == "queue" or record.file.startswith(_ENTERED):
        return False
    named = dates_in_name(record.file)
    return named is None or (named[1] or named[0]) != record.extract_date


# --- numbers that may have lost their thousands ---


def perhaps_thousands(
    snapshot: Snapshot, records: Sequence[LoadRecord], earlier: Collection[str]
) -> list[Suspect]:
    """Return counted numbers of earlier loads that may have been read as a thousandth of what was written.

    Earlier versions read `21,907` as 21.907 and `12,000` as 12. The first has decimals where things are counted; the
    second falls to a thousandth of its series, or below a number that counts a part of it.
    """
    files = {record.load_id: record.file for record in records if record.load_id in earlier}
    if not files:
        return []
    units = {name: one.unit for name, one in shipped_indicators().items()}
    units |= {measure.id: measure.unit for measure in read_measures(snapshot)}
    found = []
    for dataset in _DAY:
        rows = _rows(snapshot, dataset, units)
        for field in _counted(dataset):
            wrong = [
                row for row in rows if row["load_id"] in files and _has_lost_decimals(dataset, field, row)
            ]
            wrong += _fallen(dataset, field, [row for row in rows if row not in wrong], files)
            found += [
                Suspect(row["load_id"], mask(files[row["load_id"]]), _key(dataset, row), field, row[field])
                for row in wrong
            ]
    return sorted(found, key=lambda one: (one.load_id, one.key, one.field))


def _counted(dataset: str) -> tuple[str, ...]:
    return (*COUNTED.get(dataset, ()), *(("value",) if "value" in DATASETS[dataset].base else ()))


def _rows(snapshot: Snapshot, dataset: str, units: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of a dataset in the order of their days, each with the unit its numbers are in."""
    key = DATASETS[dataset].key
    unit = ("unit",) if dataset in ("figures", "targets") else ()
    names = tuple(dict.fromkeys((*key, *_counted(dataset), *unit, "load_id")))
    columns = ", ".join(f'"{name}"' for name in names)
    rows = [dict(zip(names, row, strict=True)) for row in snapshot.rows(f"SELECT {columns} FROM {dataset}")]
    for row in rows:
        row["of_unit"] = (row["unit"] or units.get(row["indicator"], "")) if unit else ""
        for name in _counted(dataset):
            row[name] = None if row[name] is None else float(row[name])
    return sorted(rows, key=lambda row: str(row[_DAY[dataset]] or ""))


def _is_counted(dataset: str, field: str, row: Mapping[str, Any]) -> bool:
    return field in COUNTED.get(dataset, ()) or row["of_unit"] not in WITH_DECIMALS


def _could_be_thousandth(number: float | None) -> TypeGuard[float]:
    """Whether one to three digits precede the decimal sign: `1.25` is 1,250 perhaps, `0.25` is not."""
    return number is not None and 1 <= abs(number) < _THOUSAND


def _has_lost_decimals(dataset: str, field: str, row: Mapping[str, Any]) -> bool:
    """Whether a number of things has decimals, at most three; of euros, which have two, exactly three."""
    number = row[field]
    if not _could_be_thousandth(number) or not _is_counted(dataset, field, row):
        return False
    usual = _CENTS if dataset == "project_budgets" or row["of_unit"] == _EUROS else 0
    return _fits(number, _DECIMALS) and not _fits(number, usual)


def _fits(number: float, decimals: int) -> bool:
    return abs(round(number, decimals) - number) < _NEARLY


def _fallen(
    dataset: str, field: str, rows: Sequence[dict[str, Any]], files: Collection[str]
) -> list[dict[str, Any]]:
    """Return whole numbers of earlier loads that are about a thousandth of their neighbours in the series or their
    part.
    """
    series: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        if row[field] is not None and _is_counted(dataset, field, row):
            which = tuple(row[name] for name in DATASETS[dataset].key if name not in _OF_TIME)
            series.setdefault(which, []).append(row)
    fallen: list[dict[str, Any]] = []
    for one in series.values():
        for direction in (one, one[::-1]):
            last = None
            for row in direction:
                if row["load_id"] in files and _is_thousandth_of(row[field], last):
                    fallen.append(row)
                else:
                    last = row[field]
    part, whole = PART_OF.get(dataset, ("", ""))
    if field == whole:
        fallen += [row for row in rows if row["load_id"] in files and _is_below_part(row[field], row[part])]
    return [row for at, row in enumerate(fallen) if row not in fallen[:at]]


def _is_thousandth_of(number: float, other: float | None) -> bool:
    if other is None or abs(other) < _THOUSAND or not _could_be_thousandth(number):
        return False
    return _THOUSAND / _TIMES_APART <= other / number <= _THOUSAND * _TIMES_APART


def _is_below_part(number: float | None, part: float | None) -> bool:
    return part is not None and _could_be_thousandth(number) and number < part <= number * _THOUSAND


def _key(dataset: str, row: Mapping[str, Any]) -> str:
    """The key of a row in words: `2025-02-03 / 18 / A / primary_care`."""
    values = [row[name] for name in DATASETS[dataset].key]
    return mask(" / ".join(str(value) for value in values if value not in (None, "")))
