"""From a file to rows that may be published: recognise, check, pseudonymise. Nothing is written here.

The way of a file: read as texts → recognised by its headers → searched for person identifiers in wrong places →
parsed, distinct value by distinct value → checked by the schemas of `pipelines.datasets` → bad rows set aside →
persons replaced with pseudonyms → base rows of the dataset.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandera.errors import SchemaErrors

from pipelines import parsing
from pipelines.datasets import (
    CODE,
    CODE_SCHEMA,
    DATE,
    FIELDS,
    NUMBER,
    NUMBER_KINDS,
    ONE_OF,
    PARSED_KINDS,
    RULE_FIELDS,
    STRETCHES,
    TRUTH,
    WHOLE,
    YEAR,
    Field,
    key_fields,
    row_schema,
)
from pipelines.errors import UsageError
from pipelines.findings import ROW, ROWS_TOLD, WARNING, Finding, RefusedFile, finding, kinds
from pipelines.mapping import Source
from pipelines.parsing import BLANK, NOT_READ, READ
from pipelines.persons import MASK, Pseudonymiser, any_hetu, holds_hetu, mask, pseudonyms
from pipelines.reading import Detected, RawTable, coded, codes_of, read_table
from pipelines.recognise import Recognised, fold, recognise
from pipelines.settings import REFERENCE, Settings
from pipelines.warehouse.tables import DATASETS

CodeMapRow = tuple[str, str, str, str, dt.date | None, dt.date | None]
Progress = Callable[[str, float], None]

#: Contact modes that are no contact with the client.
NO_CONTACT = frozenset({"R60", "R71", "R72", "R80"})
#: Up to which age (exclusive) each band goes.
AGE_BANDS = (
    (7, "0-6"),
    (13, "7-12"),
    (18, "13-17"),
    (23, "18-22"),
    (30, "23-29"),
    (65, "30-64"),
    (75, "65-74"),
)
OLDEST_BAND = "75+"
UNKNOWN = "unknown"
#: The age the statutory limits change at.
ADULT_FROM = 23
COMPARATORS = frozenset({"<=", ">=", "<", ">", "="})
WHOLE_COUNTRY = "FI"

#: So many rows are checked at a time, which bounds what a file of nothing but faults can cost.
_SLICE = 200_000
_ARROW = {
    "VARCHAR": pa.string(), "DATE": pa.date32(), "BOOLEAN": pa.bool_(), "DOUBLE": pa.float64(), "BIGINT": pa.int64(),
}  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """Days (or a snapshot date) of which a unit's data is known; no unit: of the whole origin."""

    unit_code: str | None
    first_on: dt.date
    last_on: dt.date


@dataclass(frozen=True)
class Prepared:
    """A file that may be loaded. `accepted` holds base rows of the dataset, `quarantined` the rows set aside
    (row, reasons, fields: their texts as JSON, without what could tell who a person is)."""

    source: str
    layout: str
    dataset: str
    origin: str
    detected: Detected
    extract_date: dt.date
    window: tuple[dt.date, dt.date] | None
    scope: str
    accepted: pa.Table
    quarantined: pa.Table
    findings: tuple[Finding, ...]
    rows_read: int
    content_hash: str
    period: tuple[dt.date, dt.date] | None
    code_map_rows: tuple[CodeMapRow, ...]
    coverage: tuple[Coverage, ...]


def prepare(
    data: bytes,
    file_name: str,
    *,
    sources: Mapping[str, Source],
    origin: str,
    today: dt.date,
    pseudonymise: Pseudonymiser,
    settings: Settings,
    source: str | None = None,
    mapping: Source | None = None,
    as_of: dt.date | None = None,
    window: tuple[dt.date, dt.date] | None = None,
    scope: str | None = None,
    code_map: Iterable[CodeMapRow] = (),
    known_units: Iterable[str] = (),
    encoding: str | None = None,
    separator: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Prepared:
    """Read, recognise, check and pseudonymise one file, in memory.

    `source` names one of `sources`, `mapping` brings another; without either the headers decide. `as_of` and
    `window` go before what the file says of its date and window; `today` is the extract date of a file that
    says nothing. `force` loads a file in spite of too many bad rows.

    Raises RefusedFile where nothing of the file may be loaded, UsageError where the call is wrong.
    """
    told = progress or (lambda stage, done: None)
    if window is not None and window[0] > window[1]:
        raise UsageError(f"The window {window[0]}..{window[1]} ends before it begins.")
    if scope not in (None, "units", "origin"):
        raise UsageError(f"The scope {scope!r} is neither units nor origin.")
    candidates = _candidates(sources, source, mapping)
    if holds_hetu(file_name):
        raise RefusedFile([finding("person_id_in_wrong_place", reason="file_name")])

    told("read", 0.0)
    alone = candidates[0] if len(candidates) == 1 else None
    raw = read_table(
        data,
        encoding=encoding or (alone.encoding if alone else None),
        separator=separator or (alone.separator if alone else None),
    )
    for position, header in enumerate(raw.headers, start=1):
        if holds_hetu(header):
            raise RefusedFile(
                [finding("person_id_in_wrong_place", reason="header", position=position)],
                content_hash=raw.content_hash,
            )
    told("recognise", 0.3)
    found = recognise(raw.headers, candidates)
    _refuse_misplaced_persons(raw, found)

    told("check", 0.4)
    rows = _Rows(raw, found)
    extract_date, window = _dates_of(file_name, rows, as_of, window, today)
    scope = scope or found.source.file_scope
    meaning = _Meaning.of(found.source, code_map, known_units)
    rows.canonical_codes(meaning)
    age = rows.frame_ages() if found.source.dataset in ("visits", "queue") else None
    checked = _check(rows, meaning, extract_date, age)
    told("check", 0.7)
    findings = [*found.findings, *checked.findings]
    bad_rows = int(checked.bad.sum()) + raw.ragged_rows
    if raw.ragged:
        findings.append(finding("ragged_row", count=raw.ragged_rows, rows=raw.ragged))
    _refuse_bad_share(raw, found, findings, bad_rows, settings, force)

    told("pseudonymise", 0.8)
    kept = np.flatnonzero(~checked.bad & ~checked.repeat)
    accepted = _accepted(rows, kept, age, pseudonymise, origin)
    quarantined = _quarantined(rows, checked)
    covered = _coverage(rows, kept, meaning, extract_date, window, scope)
    told("done", 1.0)
    return Prepared(
        source=found.source.name,
        layout=found.version,
        dataset=found.source.dataset,
        origin=origin,
        detected=raw.detected,
        extract_date=extract_date,
        window=window,
        scope=scope,
        accepted=accepted,
        quarantined=quarantined,
        findings=tuple(findings),
        rows_read=raw.rows_read,
        content_hash=raw.content_hash,
        period=_period(rows, kept),
        code_map_rows=found.source.code_map_rows(),
        coverage=covered,
    )


def _candidates(
    sources: Mapping[str, Source], source: str | None, mapping: Source | None
) -> tuple[Source, ...]:
    if mapping is not None:
        if source is not None:
            raise UsageError("Give a source or a mapping, not both.")
        return (mapping,)
    if source is None:
        return tuple(sources.values())
    if source not in sources:
        raise UsageError(f"There is no source {source!r}. Known: {', '.join(sorted(sources))}.")
    return (sources[source],)


# --- persons in wrong places ----------------------------------------------------------------------------------


def _refuse_misplaced_persons(raw: RawTable, found: Recognised) -> None:
    faults = []
    for position, header in enumerate(raw.headers):
        column = raw.table.column(position).chunk(0) if raw.table.num_rows else None
        if column is None or position in found.persons or not any_hetu(column.dictionary):
            continue
        wrong = np.array([holds_hetu(text or "") for text in column.dictionary.to_pylist()], dtype=bool)
        rows = np.flatnonzero(_lookup(wrong, codes_of(column), False))
        if len(rows):
            told = raw.row_numbers[rows[:ROWS_TOLD]]
            faults.append(
                finding(
                    "person_id_in_wrong_place",
                    None,
                    len(rows),
                    told,
                    reason="column",
                    column=header or f"({position + 1})",
                )
            )
    if faults:
        raise RefusedFile(
            faults,
            source=found.source.name,
            layout=found.version,
            dataset=found.source.dataset,
            rows_read=raw.rows_read,
            content_hash=raw.content_hash,
        )


def _refuse_bad_share(
    raw: RawTable,
    found: Recognised,
    findings: Sequence[Finding],
    bad_rows: int,
    settings: Settings,
    force: bool,
) -> None:
    if force or bad_rows <= settings.max_bad_rows_share * raw.rows_read:
        return
    too_many = finding(
        "too_many_bad_rows",
        count=bad_rows,
        rows_read=raw.rows_read,
        share=round(100 * bad_rows / raw.rows_read, 1),
        limit=round(100 * settings.max_bad_rows_share, 1),
    )
    raise RefusedFile(
        [too_many, *findings],
        source=found.source.name,
        layout=found.version,
        dataset=found.source.dataset,
        rows_read=raw.rows_read,
        rows_quarantined=bad_rows,
        content_hash=raw.content_hash,
    )


# --- what codes mean ------------------------------------------------------------------------------------------


@cache
def our_codes() -> Mapping[str, frozenset[str]]:
    """Our codes by domain, from the reference files."""
    domains: dict[str, set[str]] = {}
    with (REFERENCE / "codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            domains.setdefault(row["domain"], set()).add(row["code"])
    with (REFERENCE / "municipalities_2026.csv").open(encoding="utf-8", newline="") as file:
        domains["municipality"] = {row["municipality_code"] for row in csv.DictReader(file)}
    with (REFERENCE / "wellbeing_counties.csv").open(encoding="utf-8", newline="") as file:
        domains["area"] = {row["hyvinvointialue_code"] for row in csv.DictReader(file)} | {WHOLE_COUNTRY}
    domains["comparator"] = set(COMPARATORS)
    return {domain: frozenset(codes) for domain, codes in domains.items()}


@dataclass(frozen=True)
class _Meaning:
    """What the codes of one source mean: by domain their code → ours, and the codes known as they are."""

    ours: Mapping[str, Mapping[str, str]]
    known: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, source: Source, code_map: Iterable[CodeMapRow], known_units: Iterable[str]) -> _Meaning:
        ours = {domain: dict(codes) for domain, codes in source.values.items()}
        for mapped_source, domain, code, our_code, _, _ in code_map:
            if mapped_source == source.name:
                ours.setdefault(domain, {})[code] = our_code
        return cls(ours, {**our_codes(), "unit": frozenset(known_units)})

    def is_known(self, domain: str, code: str) -> bool:
        return code in self.ours.get(domain, {}) or code in self.known.get(domain, frozenset())

    def our(self, domain: str, code: str) -> str:
        return self.ours.get(domain, {}).get(code, code)

    def written(self, domain: str, text: str) -> str:
        """A code as the code list writes it: case, ä/ö and spaces do not count."""
        if self.is_known(domain, text):
            return text
        return self._folded(domain).get(fold(text), text)

    def _folded(self, domain: str) -> dict[str, str]:
        known = self.known.get(domain, frozenset()) if domain != "unit" else frozenset()
        codes = [*known, *self.ours.get(domain, {})]
        return {fold(code): code for code in sorted(codes)}


# --- the rows, parsed -----------------------------------------------------------------------------------------


class _Rows:
    """The fields of a file's rows: as codes into distinct texts, and parsed."""

    def __init__(self, raw: RawTable, found: Recognised) -> None:
        self.raw = raw
        self.found = found
        self.dataset = found.source.dataset
        self.fields = {field.name: field for field in FIELDS[self.dataset]}
        self.count = raw.table.num_rows
        self.numbers = raw.row_numbers
        formats = tuple(found.source.date_formats)
        if raw.detected.kind == "xlsx":
            formats = tuple(dict.fromkeys((*formats, *parsing.WORKBOOK_FORMATS)))
        self.formats = formats
        self.codes: dict[str, np.ndarray] = {}
        self.texts: dict[str, pa.Array] = {}
        self.parsed: dict[str, parsing.Parsed] = {}
        for name, field in self.fields.items():
            self._take(field, name)

    def _take(self, field: Field, name: str) -> None:
        column = self._column(name)
        self.codes[name], self.texts[name] = codes_of(column), column.dictionary
        if field.kind == DATE:
            self.parsed[name] = parsing.dates(column.dictionary, self.formats)
        elif field.kind == NUMBER:
            self.parsed[name] = parsing.numbers(column.dictionary)
        elif field.kind in (WHOLE, YEAR):
            self.parsed[name] = parsing.whole_numbers(column.dictionary)
        elif field.kind == TRUTH:
            self.parsed[name] = parsing.truths(column.dictionary)
        elif field.kind == CODE and field.domain in ("municipality", "area"):
            width = 3 if field.domain == "municipality" else 2
            self._retext(name, lambda text: text.zfill(width) if text.isdecimal() else text)
        elif field.kind not in PARSED_KINDS and field.kind != CODE and name in self.found.source.values:
            values = self.found.source.values[name]
            self._retext(name, lambda text: values.get(text, text))

    def _column(self, name: str) -> pa.DictionaryArray:
        """The texts of a field: from its columns in order of preference, from set rules, from a constant."""
        source = self.found.source
        column = _none(self.count)
        for position in self.found.columns.get(name, ()):
            column = _filled(column, self._raw(position))
        for rule in reversed([rule for rule in source.set_rules if rule.field == name]):
            if rule.when is None:
                column = _constant(rule.value, self.count)
            elif rule.when in self.found.when:
                there = codes_of(self._raw(self.found.when[rule.when])) >= 0
                column = _where(there, rule.value, column)
        if name in source.constants:
            column = _filled(column, _constant(source.constants[name], self.count))
        return column

    def _raw(self, position: int) -> pa.DictionaryArray:
        column = self.raw.table.column(position)
        return column.chunk(0) if column.num_chunks else _none(0)

    def _retext(self, name: str, change: Callable[[str], str]) -> None:
        """Write each distinct text of a field in another way; texts that become the same become one."""
        changed = pa.array([change(text) for text in self.texts[name].to_pylist()], pa.string())
        if not changed.equals(self.texts[name]):
            distinct = changed.dictionary_encode()
            self.codes[name] = _lookup(codes_of(distinct), self.codes[name], -1)
            self.texts[name] = distinct.dictionary

    def canonical_codes(self, meaning: _Meaning) -> None:
        for name, field in self.fields.items():
            if field.domain is not None:
                domain = field.domain
                self._retext(name, lambda text, domain=domain: meaning.written(domain, text))
                if self.dataset not in ("visits", "queue"):
                    # Aggregates have no column for their own code: they keep ours.
                    self._retext(name, lambda text, domain=domain: meaning.our(domain, text))

    def reading(self, name: str) -> np.ndarray:
        """How each row's value came out: READ, BLANK or NOT_READ."""
        codes = self.codes[name]
        if name not in self.parsed:
            return np.where(codes < 0, BLANK, READ).astype(np.int8)
        per_text = np.where(self.parsed[name].read, READ, NOT_READ).astype(np.int8)
        return _lookup(per_text, codes, BLANK)

    def days(self, name: str) -> np.ndarray:
        """The dates of a field (datetime64[D]), NaT where there is none."""
        return _lookup(self.parsed[name].values, self.codes[name], np.datetime64("NaT"))

    def values(self, name: str) -> np.ndarray:
        """The numbers of a field, NaN where there is none."""
        parsed = self.parsed[name]
        return _lookup(np.where(parsed.read, parsed.values, np.nan), self.codes[name], np.nan)

    def is_our(self, name: str, meaning: _Meaning, wanted: Iterable[str]) -> np.ndarray:
        """Which rows' code of a field means one of ours."""
        domain = self.fields[name].domain or name
        per_text = np.array(
            [meaning.our(domain, text) in wanted for text in self.texts[name].to_pylist()], dtype=bool
        )
        return _lookup(per_text, self.codes[name], False)

    def header(self, name: str) -> str:
        return self.found.header(name, self.raw.headers)

    def frame_ages(self) -> _Ages:
        later = "visit_on" if self.dataset == "visits" else "snapshot_on"
        start = self.days("assessed_on")
        start = np.where(np.isnat(start), self.days(later), start)
        return _ages(self, start)


def _lookup(per_text: np.ndarray, codes: np.ndarray, missing: Any) -> np.ndarray:
    """Each row's value from the values of the distinct texts; code −1 takes `missing`."""
    table = np.append(per_text, np.array([missing], dtype=per_text.dtype))
    return table[codes]


def _none(count: int) -> pa.DictionaryArray:
    return coded(np.full(count, -1, dtype=np.int32), pa.array([], pa.string()))


def _constant(value: str, count: int) -> pa.DictionaryArray:
    return coded(np.zeros(count, dtype=np.int32), pa.array([value], pa.string()))


def _filled(first: pa.DictionaryArray, second: pa.DictionaryArray) -> pa.DictionaryArray:
    """The first's values, and the second's where the first has none."""
    if not len(first.dictionary):
        return second
    codes = codes_of(first)
    others = codes_of(second)
    return _distinct(
        np.where(codes >= 0, codes, np.where(others >= 0, others + len(first.dictionary), -1)),
        pa.concat_arrays([first.dictionary, second.dictionary]),
    )


def _where(there: np.ndarray, value: str, column: pa.DictionaryArray) -> pa.DictionaryArray:
    return _distinct(
        np.where(there, len(column.dictionary), codes_of(column)),
        pa.concat_arrays([column.dictionary, pa.array([value], pa.string())]),
    )


def _distinct(codes: np.ndarray, texts: pa.Array) -> pa.DictionaryArray:
    once = texts.dictionary_encode()
    return coded(_lookup(codes_of(once), codes, -1), once.dictionary)


# --- ages -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Ages:
    """Age of each row on its start event's day: in years (NaN unknown) and whether it may be a year less.

    `born` are the birth dates that the distinct person identifiers state.
    """

    years: np.ndarray
    uncertain: np.ndarray

    @property
    def known(self) -> np.ndarray:
        return (self.years >= 0) & (self.years <= 120)


def _ages(rows: _Rows, start: np.ndarray) -> _Ages:
    """A full birth date gives the age exactly; a birth year alone the difference of years, where exactly 23 may
    still be 22 and counts as 22, to the stricter rule."""
    start_year = start.astype("datetime64[Y]").astype(np.int64) + 1970
    start_known = ~np.isnat(start)
    by_year = np.where(start_known, start_year - rows.values("birth_year"), np.nan)
    uncertain = by_year == ADULT_FROM
    years = np.where(uncertain, ADULT_FROM - 1, by_year)
    born = rows.days("birth_date")
    stated = _births(rows)
    born = np.where(np.isnat(stated), born, stated)
    exact = start_known & ~np.isnat(born)
    if exact.any():
        full = _full_years(born[exact], start[exact])
        years[exact] = full
        uncertain[exact] = False
    return _Ages(years, uncertain)


def _births(rows: _Rows) -> np.ndarray:
    from pipelines.persons import birth_date

    texts = rows.texts["person"]
    if not any_hetu(texts):
        return np.full(rows.count, np.datetime64("NaT"), dtype="datetime64[D]")
    per_text = np.array([birth_date(text) for text in texts.to_pylist()], dtype="datetime64[D]")
    return _lookup(per_text, rows.codes["person"], np.datetime64("NaT"))


def _full_years(born: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Completed years of age; who is born on 29 February has a birthday on 1 March in other years."""
    year, born_year = on.astype("datetime64[Y]"), born.astype("datetime64[Y]")
    month = born.astype("datetime64[M]")
    month_of_year = (month - born_year.astype("datetime64[M]")).astype(np.int64)
    day_of_month = (born - month.astype("datetime64[D]")).astype(np.int64)
    birthday = (year.astype("datetime64[M]") + month_of_year).astype("datetime64[D]") + day_of_month
    return (year - born_year).astype(np.int64) - (on < birthday)


def age_groups(years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The age group and band codes of ages in years; NaN and impossible ages are unknown.

    >>> group, band = age_groups(np.array([6.0, 22, 23, 75, 121, np.nan]))
    >>> list(group), list(band)
    (['0-22', '0-22', '23+', '23+', 'unknown', 'unknown'], ['0-6', '18-22', '23-29', '75+', 'unknown', 'unknown'])
    """
    known = (years >= 0) & (years <= 120)
    limits = np.array([limit for limit, _ in AGE_BANDS])
    names = np.array([name for _, name in AGE_BANDS] + [OLDEST_BAND, UNKNOWN], dtype=object)
    at = np.where(known, np.searchsorted(limits, np.where(known, years, 0), side="right"), len(names) - 1)
    group = np.where(known, np.where(years < ADULT_FROM, "0-22", "23+"), UNKNOWN).astype(object)
    return group, names[at]


# --- dates of the file ----------------------------------------------------------------------------------------

_NAME_DATES = re.compile(r"_(\d{8})(?:-(\d{8}))?(?:\.[A-Za-z0-9]+)*$")


def dates_in_name(file_name: str) -> tuple[dt.date, dt.date | None] | None:
    """The date, or the two dates of a window, that a file's name ends with.

    >>> dates_in_name("kaynnit_20250301-20250331.csv")
    (datetime.date(2025, 3, 1), datetime.date(2025, 3, 31))
    >>> dates_in_name("jono_20250310.csv.gz"), dates_in_name("kaynnit_99999999.csv")
    ((datetime.date(2025, 3, 10), None), None)
    """
    found = _NAME_DATES.search(file_name)
    if found is None:
        return None
    days = []
    for text in found.groups():
        if text is not None:
            try:
                days.append(dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC).date())
            except ValueError:
                return None
    if len(days) == 2 and days[0] > days[1]:
        return None
    return days[0], days[1] if len(days) == 2 else None


def _dates_of(
    file_name: str,
    rows: _Rows,
    as_of: dt.date | None,
    window: tuple[dt.date, dt.date] | None,
    today: dt.date,
) -> tuple[dt.date, tuple[dt.date, dt.date] | None]:
    """The extract date and the stated window. A date after today is a slip, not the date of an extract."""
    named = dates_in_name(file_name)
    has_window = DATASETS[rows.dataset].window_column is not None and rows.dataset != "queue"
    if not has_window:
        window = None
    elif window is None and named is not None and named[1] is not None:
        window = named[0], named[1]
    if as_of is not None:
        return as_of, window
    if rows.dataset == "queue":
        snapshots = rows.days("snapshot_on")
        past = snapshots[~np.isnat(snapshots) & (snapshots <= np.datetime64(today))]
        if len(past):
            return past.max().item(), window
    if named is not None and named[1] is None and named[0] <= today:
        return named[0], window
    return today, window


# --- checking -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Checked:
    """Which rows are bad, why, and which repeat an earlier row."""

    bad: np.ndarray
    repeat: np.ndarray
    findings: tuple[Finding, ...]
    reasons: tuple[tuple[str, str, np.ndarray], ...]


def _check(rows: _Rows, meaning: _Meaning, extract_date: dt.date, age: _Ages | None) -> _Checked:
    frame = _frame(rows, meaning, age)
    failures = _failures(frame, row_schema(rows.dataset, extract_date))
    bad = np.zeros(rows.count, dtype=bool)
    repeat = np.zeros(rows.count, dtype=bool)
    reasons = []
    for (field, code), at in failures.items():
        if kinds()[code].level == ROW:
            bad[at] = True
            reasons.append((field, code, at))
    found = [_row_finding(rows, code, field, at, extract_date) for field, code, at in reasons]
    for (field, code), at in failures.items():
        if kinds()[code].level == WARNING:
            loaded = at[~bad[at]]
            if code == "repeated_row":
                repeat[loaded] = True
            if len(loaded):
                found.append(_row_finding(rows, code, field, loaded, extract_date))
    found += _unknown_codes(rows, meaning, ~bad & ~repeat)
    return _Checked(bad, repeat, tuple(found), tuple(reasons))


def _row_finding(rows: _Rows, code: str, field: str, at: np.ndarray, extract_date: dt.date) -> Finding:
    if field == "one_of":
        column = " / ".join(rows.header(name) for name in ONE_OF[rows.dataset])
        field = ONE_OF[rows.dataset][0]
    elif field == "key":
        field = key_fields(rows.dataset)[-1]
        column = ", ".join(rows.header(name) for name in key_fields(rows.dataset))
    elif field == "stretch_days":
        field = STRETCHES[rows.dataset][1]
        column = rows.header(field)
    else:
        field = RULE_FIELDS.get(field, field)
        column = rows.header(field)
    params: dict[str, Any] = {"column": column}
    if code == "bad_date":
        params["formats"] = list(rows.formats)
    if code == "impossible_date":
        params["extract_date"] = extract_date
    return finding(code, field, len(at), rows.numbers[at[:ROWS_TOLD]], **params)


def _frame(rows: _Rows, meaning: _Meaning, age: _Ages | None) -> pd.DataFrame:
    """The frame that the row schema looks at: one row per row of the file."""
    columns: dict[str, np.ndarray] = {}
    days: dict[str, np.ndarray] = {}
    for name, field in rows.fields.items():
        columns[f"{name}:reading"] = rows.reading(name)
        if field.kind == DATE:
            days[name] = rows.days(name)
            columns[name] = days[name].astype("datetime64[s]")
    if rows.dataset in ONE_OF:
        readings = np.stack([columns[f"{name}:reading"] for name in ONE_OF[rows.dataset]])
        columns["one_of:reading"] = np.where(
            (readings == READ).any(axis=0),
            READ,
            np.where((readings == NOT_READ).any(axis=0), NOT_READ, BLANK),
        ).astype(np.int8)
    if rows.dataset in STRETCHES:
        first, last = STRETCHES[rows.dataset]
        columns["stretch_days"] = _days_between(days[first], days[last])
    if age is not None:
        columns["age_years"] = age.years
    if rows.dataset == "visits":
        realised = rows.is_our("state_code", meaning, {"realised"})
        reading, visit = columns["visit_on:reading"], columns["visit_on"]
        never = np.datetime64("NaT")
        columns["visit_on:required"] = np.where(realised, reading, READ).astype(np.int8)
        columns["visit_on:optional"] = np.where(realised, READ, reading).astype(np.int8)
        columns["visit_on:realised"] = np.where(realised, visit, never)
        columns["visit_on:planned"] = np.where(realised, never, visit)
        wait = _days_between(days["assessed_on"], days["visit_on"])
        columns["wait_days"] = np.where(realised, wait, np.nan)
    columns["key:variants"], columns["key:repeat"] = _key_columns(rows)
    return pd.DataFrame(columns, copy=False)


def _days_between(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    known = ~np.isnat(first) & ~np.isnat(last)
    between = np.full(len(first), np.nan)
    between[known] = (last[known] - first[known]).astype(float)
    return between


def _key_columns(rows: _Rows) -> tuple[np.ndarray, np.ndarray]:
    """How many different contents each row's key has, and whether the row repeats an earlier one.

    The content is what the mapping uses, as written. A row whose key is blank stands for itself.
    """
    variants = np.ones(rows.count, dtype=np.int32)
    repeat = np.zeros(rows.count, dtype=np.int8)
    keys = [_key_part(rows, name) for name in key_fields(rows.dataset)]
    optional = {name for name in key_fields(rows.dataset) if not rows.fields[name].required}
    whole = np.ones(rows.count, dtype=bool)
    for name, part in zip(key_fields(rows.dataset), keys, strict=True):
        if name not in optional:
            whole &= part >= 0
    key = _combined(keys, rows.count)
    at = np.flatnonzero(whole & (np.bincount(key, minlength=1)[key] > 1)) if rows.count else np.array([], int)
    if not len(at):
        return variants, repeat
    contents = pd.DataFrame({name: codes[at] for name, codes in rows.codes.items()}, copy=False)
    content = contents.groupby(list(contents), sort=False).ngroup().to_numpy()
    twice = pd.DataFrame({"key": key[at], "content": content})
    different = twice.groupby("key")["content"].transform("nunique").to_numpy()
    variants[at] = different
    repeat[at] = twice.duplicated().to_numpy() & (different == 1)
    return variants, repeat


def _key_part(rows: _Rows, name: str) -> np.ndarray:
    """The part of the key, as numbers: days of a date, codes of texts."""
    if rows.fields[name].kind != DATE:
        return rows.codes[name].astype(np.int64)
    days = rows.days(name)
    # An unreadable date makes no key; the row is set aside anyway.
    return np.where(np.isnat(days), -1, days.astype(np.int64) + 1_000_000)


def _combined(parts: Sequence[np.ndarray], count: int) -> np.ndarray:
    """One number for each combination of the parts, counted from 0."""
    combined = np.zeros(count, dtype=np.int64)
    for part in parts:
        _, narrow = np.unique(part, return_inverse=True)
        combined = combined * (int(narrow.max(initial=0)) + 1) + narrow
        _, combined = np.unique(combined, return_inverse=True)
    return combined


def _failures(frame: pd.DataFrame, schema: Any) -> dict[tuple[str, str], np.ndarray]:
    """Positions of the rows that fail each check, by field and finding code, in the order of the schema.

    pandera reports by raising. Its exception quotes values, so it is emptied here and never travels on.
    """
    failed: dict[tuple[str, str], list[np.ndarray]] = {}
    for start in range(0, len(frame), _SLICE):
        cases = None
        try:
            schema.validate(frame.iloc[start : start + _SLICE], lazy=True)
        except SchemaErrors as errors:
            cases = errors.failure_cases[["column", "check", "index"]]
        if cases is None:
            continue
        for (column, check), group in cases.groupby(["column", "check"], sort=False):
            if check not in kinds():
                raise TypeError(
                    f"The column {column} of the schema {schema.name} is not of the declared type."
                )
            # Rules with a condition have a column of their own, `visit_on:realised`; age_years has its field.
            field = column.split(":")[0]
            at = group["index"].to_numpy(dtype=np.int64)
            failed.setdefault((field, check), []).append(at)
    return {key: np.unique(np.concatenate(parts)) for key, parts in failed.items()}


def _unknown_codes(rows: _Rows, meaning: _Meaning, loaded: np.ndarray) -> list[Finding]:
    """One finding per field with codes that the master data does not know."""
    used: list[dict[str, Any]] = []
    for name, field in rows.fields.items():
        if field.domain is None:
            continue
        codes = rows.codes[name]
        counts = np.bincount(codes[loaded & (codes >= 0)], minlength=len(rows.texts[name]))
        for at, text in enumerate(rows.texts[name].to_pylist()):
            if counts[at]:
                used.append(
                    {
                        "field": name,
                        "code": text,
                        "known": meaning.is_known(field.domain, text),
                        "at": at,
                        "count": int(counts[at]),
                    }
                )
    if not used:
        return []
    codes_used = pd.DataFrame(used)
    failures = _failures(codes_used, CODE_SCHEMA)
    unknown = codes_used.iloc[failures.get(("known", "unknown_code"), np.array([], int))]
    found = []
    for name, group in unknown.groupby("field", sort=False):
        at = np.flatnonzero(loaded & np.isin(rows.codes[name], group["at"].to_numpy()))
        common = group.sort_values(["count", "code"], ascending=[False, True])
        told = [
            f"{mask(code)} ({count})" for code, count in zip(common["code"], common["count"], strict=True)
        ]
        found.append(
            finding(
                "unknown_code",
                name,
                len(at),
                rows.numbers[at[:ROWS_TOLD]],
                column=rows.header(name),
                codes=told,
            )
        )
    return found


# --- what comes out -------------------------------------------------------------------------------------------


def _accepted(
    rows: _Rows, kept: np.ndarray, age: _Ages | None, pseudonymise: Pseudonymiser, origin: str
) -> pa.Table:
    """The base rows of the dataset, in the order of the file."""
    base = DATASETS[rows.dataset].base
    arrays: dict[str, pa.Array] = {}
    if age is not None:
        hidden, _ = pseudonyms(rows.texts["person"], pseudonymise, rows.found.source.person_id_space, origin)
        arrays["person"] = _decoded(rows.codes["person"][kept], hidden)
        group, band = age_groups(age.years[kept])
        arrays["age_group"] = pa.array(group, pa.string())
        arrays["age_band"] = pa.array(band, pa.string())
        arrays["age_uncertain"] = pa.array(age.uncertain[kept] & age.known[kept])
    for name, kind in base.items():
        if name in arrays:
            continue
        codes = rows.codes[name][kept]
        if name not in rows.parsed:
            arrays[name] = _decoded(codes, rows.texts[name])
            continue
        parsed = rows.parsed[name]
        missing = _lookup(~parsed.read, codes, True)
        values = _lookup(parsed.values, codes, np.zeros(1, parsed.values.dtype)[0])
        if kind == "BIGINT":
            values = np.where(missing, 0, values).astype(np.int64)
        arrays[name] = pa.array(values, mask=missing).cast(_ARROW[kind])
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in base.items()])
    return pa.table([arrays[name] for name in base], schema=schema)


def _decoded(codes: np.ndarray, texts: pa.Array) -> pa.Array:
    return coded(codes, texts).dictionary_decode()


def _quarantined(rows: _Rows, checked: _Checked) -> pa.Table:
    """The rows set aside: number, reasons, and the fields the mapping uses, without the person and birth date.

    Of ragged rows only the number is kept: which of their fields is the person cannot be known.
    """
    why: dict[int, list[str]] = {}
    for field, code, at in checked.reasons:
        for row in at.tolist():
            why.setdefault(row, []).append(f"{code}:{field}")
    at = np.array(sorted(why), dtype=np.int64)
    texts = {
        rows.raw.headers[position]: [
            text if text is None else MASK if name in ("person", "birth_date") else mask(text)
            for text in rows.raw.table.column(position).take(pa.array(at)).to_pylist()
        ]
        for name, found in rows.found.columns.items()
        for position in found
    }
    numbers = rows.numbers[at].tolist()
    reasons = [" ".join(why[row]) for row in at.tolist()]
    fields = [
        json.dumps(dict(zip(texts, told, strict=True)), ensure_ascii=False)
        for told in zip(*texts.values(), strict=True)
    ]
    for number in rows.raw.ragged:
        numbers.append(number)
        reasons.append("ragged_row")
        fields.append("{}")
    return pa.table(
        {
            "row": pa.array(numbers, pa.int64()),
            "reasons": pa.array(reasons, pa.string()),
            "fields": pa.array(fields, pa.string()),
        }
    )


_PERIODS = {
    "visits": ("visit_on", "visit_on"),
    "queue": ("snapshot_on", "snapshot_on"),
    "queue_counts": ("snapshot_on", "snapshot_on"),
    "annotations": ("date", "date"),
    **STRETCHES,
}


def _period(rows: _Rows, kept: np.ndarray) -> tuple[dt.date, dt.date] | None:
    """The first and last day that the accepted rows tell of."""
    names = _PERIODS.get(rows.dataset)
    if names is None:
        return None
    first, last = (rows.days(name)[kept] for name in names)
    first, last = first[~np.isnat(first)], last[~np.isnat(last)]
    return (first.min().item(), last.max().item()) if len(first) and len(last) else None


def _coverage(
    rows: _Rows,
    kept: np.ndarray,
    meaning: _Meaning,
    extract_date: dt.date,
    window: tuple[dt.date, dt.date] | None,
    scope: str,
) -> tuple[Coverage, ...]:
    """The days covered: of visits the stated window, or from a unit's first realised contact to the day before
    the extract; of queues each snapshot date."""
    if rows.dataset not in ("visits", "queue"):
        return ()
    units = rows.codes["unit_code"][kept]
    names = rows.texts["unit_code"].to_pylist()
    if rows.dataset == "queue":
        pairs = pd.DataFrame({"unit": units, "on": rows.days("snapshot_on")[kept]})
        if scope == "origin":
            pairs["unit"] = -1
        pairs = pairs.drop_duplicates().sort_values(["on", "unit"])
        return tuple(
            Coverage(names[unit] if unit >= 0 else None, on.date(), on.date())
            for unit, on in zip(pairs["unit"], pairs["on"], strict=True)
        )
    if window is not None:
        if scope == "origin":
            return (Coverage(None, *window),)
        return tuple(Coverage(names[unit], *window) for unit in np.unique(units))
    contact = rows.is_our("state_code", meaning, {"realised"})[kept]
    contact &= ~rows.is_our("mode_source_code", meaning, NO_CONTACT)[kept]
    first = (
        pd.Series(rows.days("visit_on")[kept][contact].astype("datetime64[s]")).groupby(units[contact]).min()
    )
    last = extract_date - dt.timedelta(days=1)
    return tuple(Coverage(names[unit], on.date(), last) for unit, on in first.items() if on.date() <= last)


__all__ = ["NUMBER_KINDS", "Coverage", "Prepared", "age_groups", "dates_in_name", "our_codes", "prepare"]
