"""Deciding by hand what units are and what codes mean, and the same as a file to edit in a spreadsheet.

A decision takes effect by publishing a new version: it re-labels all history without loading anything again.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.errors import UsageError
from pipelines.checking.codes import our_codes
from pipelines.loading.publication import Published, next_version, reconcile, republish, require_snapshot
from pipelines.quality.data_quality import UNKNOWN_CODE
from pipelines.settings import Settings
from pipelines.spreadsheet import from_cell, text_cell
from pipelines.warehouse import Snapshot
from pipelines.warehouse import master as stored
from pipelines.warehouse.master import CODES, MEANING_FIELDS, UNIT_FIELDS, UNITS, Edit
from pipelines.warehouse.swap_version import writer_lock

UNIT_HEADER = ("unit", *UNIT_FIELDS)
CODE_HEADER = ("source", "domain", "code", *MEANING_FIELDS)
#: Spreadsheets of this country separate with semicolons, and take a file with this mark for UTF-8.
BOM, SEPARATOR = "\ufeff", ";"


def unit_edit(unit: str, values: Mapping[str, str | None] | None, *, by: str, at: datetime) -> Edit:
    """Return the decision what a unit is: `values` by field; None takes earlier decisions back. Raises UsageError."""
    if values is not None:
        values = {name: value for name, value in values.items() if value not in (None, "")}
        unknown = sorted(set(values) - set(UNIT_FIELDS))
        if unknown:
            raise UsageError("master_field", fields=", ".join(unknown), known=", ".join(UNIT_FIELDS))
        _check_code("unit_kind", values.get("kind"))
        _check_code("area", values.get("area"))
        _check_days(values)
    return Edit(at, by, UNITS, (unit,), values)


def code_edit(
    source: str,
    domain: str,
    code: str,
    meanings: Sequence[Mapping[str, str | None]] | None,
    *,
    by: str,
    at: datetime,
) -> Edit:
    """Return the decision what a source's code means: its meanings in turn, each `our_code` and perhaps `valid_from`
    and `valid_to`; None takes earlier decisions back. Raises UsageError, also for meanings that overlap in time.
    """
    domains = {name for dataset in DATASETS.values() for name in dataset.domains or {}}
    if domain not in domains:
        raise UsageError("master_field", fields=domain, known=", ".join(sorted(domains)))
    values = None
    if meanings is not None:
        values = [{name: meaning.get(name) or None for name in MEANING_FIELDS} for meaning in meanings]
        for meaning in values:
            if not meaning["our_code"]:
                raise UsageError("master_code", value="", domain=domain)
            if domain != "unit":
                _check_code(domain, meaning["our_code"])
            _check_days(meaning)
        _check_overlap(values, code)
    return Edit(at, by, CODES, (source, domain, code), values)


def decide(settings: Settings, edits: Iterable[Edit], *, now: datetime) -> int:
    """Put decisions into force by publishing a version that follows them; return how many were new.

    All or nothing. Raises WarehouseMissing, WarehouseBusy, WarehouseDamaged.
    """
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        require_snapshot(settings)
        published = Published.read(settings)
        reconcile(settings, published)
        known = stored.read_edits(settings.warehouse)
        fresh = [edit for edit in edits if stored.in_force(known, edit.table).get(edit.key) != edit.values]
        if fresh:
            after = [*known, *fresh]
            stored.write_pending(settings.warehouse, after)
            republish(settings, next_version(settings, published, published.records, now, after))
        return len(fresh)


def export_units(settings: Settings) -> str:
    """Return all published units as a CSV that `in_file` reads back."""
    rows = require_snapshot(settings).rows(f"SELECT {', '.join(UNIT_HEADER)} FROM units ORDER BY unit")
    return _csv(UNIT_HEADER, rows)


def units_that_differ(
    settings: Settings, rows: Iterable[Mapping[str, str]], *, by: str, now: datetime
) -> list[Edit]:
    """Return the decisions that make units as the rows say, one row per unit with every field; changes nothing."""
    published = {
        row[0]: dict(zip(UNIT_FIELDS, _texts(row[1:]), strict=True))
        for row in require_snapshot(settings).rows(f"SELECT {', '.join(UNIT_HEADER)} FROM units")
    }
    decided = stored.in_force(stored.read_edits(settings.warehouse), UNITS)
    edits = []
    for row in rows:
        unit = row["unit"]
        was = published.get(unit, {})
        changed = {name: row[name] for name in UNIT_FIELDS if (row[name] or "") != (was.get(name) or "")}
        if unit and changed:
            values = {**decided.get((unit,), {}), **changed}
            edits.append(unit_edit(unit, values, by=by, at=now))
    return edits


def export_codes(settings: Settings) -> str:
    """Return every code's meaning, and the codes without one, as a CSV that `in_file` reads back."""
    snapshot = require_snapshot(settings)
    rows = snapshot.rows(f"SELECT {', '.join(CODE_HEADER)} FROM code_map ORDER BY ALL")
    unknown: list[tuple[Any, ...]] = []
    for dataset in DATASETS.values():
        for domain in dataset.domains or {}:
            unknown += snapshot.rows(
                f"""SELECT DISTINCT source::VARCHAR, '{domain}', substr("{domain}"::VARCHAR, 2), NULL, NULL, NULL
                    FROM {dataset.name} WHERE starts_with("{domain}"::VARCHAR, '?')"""
            )
    return _csv(CODE_HEADER, [*rows, *sorted(set(unknown))])


def codes_that_differ(
    settings: Settings, rows: Iterable[Mapping[str, str]], *, by: str, now: datetime
) -> list[Edit]:
    """Return the decisions that make codes mean what the rows say, one row per meaning; changes nothing."""
    wanted: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in rows:
        if row["our_code"]:
            meaning = {name: row[name] for name in MEANING_FIELDS}
            wanted.setdefault((row["source"], row["domain"], row["code"]), []).append(meaning)
    published: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    query = f"SELECT {', '.join(CODE_HEADER)} FROM code_map ORDER BY ALL"
    for source, domain, code, *values in require_snapshot(settings).rows(query):
        meaning = dict(zip(MEANING_FIELDS, _texts(values), strict=True))
        published.setdefault((source, domain, code), []).append(meaning)
    return [
        code_edit(*key, meanings, by=by, at=now)
        for key, meanings in wanted.items()
        if sorted(meanings, key=str) != sorted(published.get(key, []), key=str)
    ]


def in_file(settings: Settings, text: str, *, by: str, now: datetime) -> list[Edit]:
    """Return the decisions that a CSV of units or of codes would bring, by its header. Raises UsageError."""
    header = text.removeprefix(BOM).partition("\n")[0].split(SEPARATOR)[0].strip()
    if header == UNIT_HEADER[0]:
        return units_that_differ(settings, _rows(text, UNIT_HEADER), by=by, now=now)
    return codes_that_differ(settings, _rows(text, CODE_HEADER), by=by, now=now)


def taken_back(edits: Sequence[Edit], table: str, key: tuple[str, ...], *, by: str, at: datetime) -> Edit:
    """Return the decision that undoes the newest one about a unit or code. Raises KeyError where nothing was decided."""
    mine = [edit for edit in edits if (edit.table, edit.key) == (table, key)]
    if not mine:
        raise KeyError(key)
    return Edit(at, by, table, key, mine[-2].values if len(mine) > 1 else None)


@dataclass(frozen=True)
class CodeInUse:
    """A code of a source, how many rows have it, and its meanings (our code, first and last day; none where it has none
    yet). A unit's code without a meaning is one of ours. `unknown_rows` are those in which it means nothing: all of them,
    or those of days outside its meanings.
    """

    source: str
    domain: str
    code: str
    rows: int
    meanings: tuple[tuple[str, date | None, date | None], ...]
    unknown_rows: int = 0

    @property
    def unknown(self) -> bool:
        """Whether rows have it that it gives no meaning: the same codes as the quality of the data counts."""
        return self.unknown_rows > 0


def codes_in_use(snapshot: Snapshot) -> tuple[CodeInUse, ...]:
    """Every code of the published rows; those without a meaning first, then those that touch most rows."""
    meanings: dict[tuple[str, str, str], list[tuple[str, date | None, date | None]]] = {}
    for source, domain, code, *meaning in snapshot.rows(
        f"SELECT {', '.join(CODE_HEADER)} FROM code_map ORDER BY ALL"
    ):
        meanings.setdefault((source, domain, code.strip().lower()), []).append(tuple(meaning))
    counted: Counter[tuple[str, str, str]] = Counter()
    unknown: Counter[tuple[str, str, str]] = Counter()
    for dataset in DATASETS.values():
        for domain, column in (dataset.domains or {}).items():
            for source, code, ours, rows in snapshot.rows(
                f"""SELECT source::VARCHAR, code::VARCHAR, ours::VARCHAR, rows FROM (
                        SELECT source, "{column}" AS code, "{domain}" AS ours, count(*) AS rows FROM {dataset.name}
                        WHERE "{column}" IS NOT NULL GROUP BY ALL)"""
            ):
                counted[source, domain, code] += rows
                unknown[source, domain, code] += rows if (ours or "").startswith(UNKNOWN_CODE) else 0
    found = []
    for (source, domain, code), rows in counted.items():
        ours = tuple(meanings.get((source, domain, code.strip().lower()), ()))
        if not ours and (domain == "unit" or code in our_codes(domain)):
            ours = ((code, None, None),)
        found.append(CodeInUse(source, domain, code, rows, ours, unknown[source, domain, code]))
    return tuple(
        sorted(
            found,
            key=lambda one: (
                -one.unknown_rows,
                bool(one.meanings),
                -one.rows,
                one.source,
                one.domain,
                one.code,
            ),
        )
    )


@dataclass(frozen=True)
class UnitRow:
    """A unit as it is published."""

    unit: str
    area: str
    kind: str | None
    name_fi: str
    name_sv: str | None
    name_en: str | None
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    demo: bool


def units(snapshot: Snapshot) -> tuple[UnitRow, ...]:
    """Every unit, those without a kind first, then by code."""
    columns = ", ".join((*UNIT_HEADER, "demo"))
    rows = snapshot.rows(f"SELECT {columns} FROM units ORDER BY kind IS NOT NULL, unit")
    return tuple(UnitRow(*row) for row in rows)


def _check_code(domain: str, code: str | None) -> None:
    if code is not None and code not in our_codes(domain):
        raise UsageError("master_code", value=code, domain=domain)


def _check_days(values: Mapping[str, str | None]) -> None:
    days = []
    for name in ("valid_from", "valid_to"):
        value = values.get(name)
        try:
            days.append(date.fromisoformat(value) if value else None)
        except ValueError as error:
            raise UsageError("master_day", value=value) from error
    if days[0] and days[1] and days[0] > days[1]:
        raise UsageError("master_day", value=f"{days[0]}–{days[1]}")


def _check_overlap(meanings: Sequence[Mapping[str, str | None]], code: str) -> None:
    stretches = sorted((m["valid_from"] or "", m["valid_to"] or "9999-12-31") for m in meanings)
    for (_, last), (first, _) in itertools.pairwise(stretches):
        if first <= last:
            raise UsageError("master_overlap", value=code)


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(map(text_cell, _texts(row)) for row in rows)
    return BOM + out.getvalue()


def _texts(values: Iterable[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in values]


def _rows(text: str, header: Sequence[str]) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix(BOM)), delimiter=SEPARATOR)
    lacking = [name for name in header if name not in (reader.fieldnames or ())]
    if lacking:
        raise UsageError("master_field", fields=", ".join(lacking), known=", ".join(header))
    return [{name: _iso(name, from_cell((row[name] or "").strip())) for name in header} for row in reader]


def _iso(name: str, text: str) -> str:
    """A day as we write it: spreadsheets here write 2025-03-31 back as 31.3.2025."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text) if name.startswith("valid_") else None
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else text
