"""From a file to rows that may be published: recognise, check, pseudonymise. Nothing is written here.

A file is read as texts, recognised by its headers, searched for person identifiers in wrong places, parsed (each distinct
value once) and checked by `pipelines.checking.schemas`; bad rows are set aside, persons replaced with pseudonyms.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.accepted_rows import base_rows, key_rows, quarantined_rows
from pipelines.checking.ages import Ages, ages
from pipelines.checking.check_rows import Checked, check
from pipelines.checking.codes import Meaning
from pipelines.checking.coverage import Coverage, coverage_of, period_of
from pipelines.checking.entered_figures import number_steps
from pipelines.checking.extract import Extract, KnownData, Window
from pipelines.checking.extract_dates import ROWS, Dated, newest_realised, stated_dates
from pipelines.checking.fields import CHOICES
from pipelines.checking.identity_code_scan import refuse_file_name, refuse_headers, search_columns
from pipelines.checking.personal_keys import pseudonymised_keys
from pipelines.checking.rows import Rows
from pipelines.findings import Finding, RefusedFile, finding
from pipelines.mapping.header_rows import better_header
from pipelines.mapping.recognise import Recognised, recognise
from pipelines.mapping.reshape import shaped
from pipelines.mapping.source import Source
from pipelines.pseudonyms import Pseudonymiser
from pipelines.reading.options import NOTHING_DECLARED
from pipelines.reading.table import Detected, RawTable, read_table
from pipelines.reading.unpacking import Limits
from pipelines.settings import Settings
from pipelines.warehouse.records import CodeRow

Progress = Callable[[str, float], None]
_HEADERS_FIT_NOTHING = ("unknown_layout", "missing_column")


@dataclass(frozen=True)
class PreparedPart:
    """What a file brings to one dataset.

    `accepted` are its base rows; `absent` the keys of rows of the file that do not, or no longer, belong to the dataset;
    `set_aside` the keys of rows too faulty to load; `window_on` the field whose day a stated window covers. `headers` has
    the fields that the file gives a value, `layout_headers` those of its layout, each with its column's header.
    """

    dataset: str
    accepted: pa.Table
    absent: pa.Table
    set_aside: pa.Table
    coverage: tuple[Coverage, ...]
    window_on: str | None
    headers: Mapping[str, str]
    layout_headers: Mapping[str, str]


@dataclass(frozen=True)
class Prepared:
    """A file that may be loaded: what it brings to each dataset, the main one first.

    `quarantined` are the rows set aside (row, reasons, fields: their texts as JSON, without what could tell who a person
    is); `rows_swallowed` counts rows that others of them have taken in with an open quotation mark.
    """

    source: str
    layout: str
    origin: str
    detected: Detected
    dated: Dated
    parts: tuple[PreparedPart, ...]
    quarantined: pa.Table
    findings: tuple[Finding, ...]
    rows_read: int
    rows_accepted: int
    content_hash: str
    period: Window | None
    code_map_rows: tuple[CodeRow, ...]
    rows_swallowed: int = 0

    @property
    def rows_quarantined(self) -> int:
        """How many rows of the file are set aside."""
        return self.quarantined.num_rows + self.rows_swallowed

    @property
    def extract_date(self) -> dt.date:
        """The day of the extract."""
        return self.dated.extract_date

    @property
    def window(self) -> Window | None:
        """The window stated for the file."""
        return self.dated.window

    @property
    def dataset(self) -> str:
        """The main dataset."""
        return self.parts[0].dataset

    @property
    def accepted(self) -> pa.Table:
        """The base rows of the main dataset."""
        return self.parts[0].accepted

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """The days covered in the main dataset."""
        return self.parts[0].coverage


@dataclass(frozen=True)
class _Output:
    """The rows of a file as one output sees them: all of them, those that belong to it, and the ages of these."""

    whole: Rows
    rows: Rows
    age: Ages | None


@dataclass(frozen=True)
class _CheckedFile:
    """A file after checking: its table, its layout, its dates, what its codes mean, its rows and what is wrong with them."""

    raw: RawTable
    found: Recognised
    dated: Dated
    meaning: Meaning
    outputs: tuple[_Output, ...]
    checked: Checked

    @property
    def belongs(self) -> np.ndarray:
        """Which rows belong to any output."""
        return np.logical_or.reduce([one.whole.taken for one in self.outputs])

    @property
    def loaded(self) -> list[np.ndarray]:
        """Per output the positions of the rows that are loaded: neither bad nor repeated."""
        return [
            np.flatnonzero(~self.checked.bad[one.rows.at] & ~np.isin(one.rows.at, repeats))
            for one, repeats in zip(self.outputs, self.checked.repeats, strict=True)
        ]


def prepare(
    extract: Extract,
    known: KnownData,
    key: Pseudonymiser,
    settings: Settings,
    today: dt.date,
    progress: Progress | None = None,
) -> Prepared:
    """Read, recognise, check and pseudonymise one file, in memory; `today` is the extract date where none is stated.

    The bytes of the extract are released once it is recognised.
    Raises RefusedFile where nothing of the file may be loaded, UsageError where the options are wrong.
    """
    report = progress or (lambda *_: None)
    extract.options.check()
    candidates = known.candidates(extract.options)
    refuse_file_name(extract.name)
    report("read", 0.0)
    raw, find_header = _read(extract, candidates, settings)
    report("recognise", 0.3)
    found = _recognised(raw, candidates, find_header)
    extract.release()
    lookalikes = search_columns(raw, found)
    if found.source.shape:
        columns_of_file = len(raw.headers)
        raw = shaped(raw, found.source)
        lookalikes += search_columns(raw, found, columns_of_file)
    raw, found = pseudonymised_keys(raw, found, key, extract.origin)
    report("check", 0.4)
    meaning = Meaning.of(found.source, known.code_map, known.units, known.measures)
    file = _check(raw, found, stated_dates(extract, raw, found, today), meaning, today)
    report("check", 0.7)
    lost = tuple(_lost_indicators(found))
    findings = [
        *lost,
        *_not_said(found.findings, lost),
        *lookalikes,
        *_file_findings(file),
        *_row_findings(file),
        *(_unmapped_indicators(file) if extract.options.mapping is not None else ()),
    ]
    if not extract.options.force:
        _refuse_bad_share(file, findings, settings)
    report("pseudonymise", 0.8)
    prepared = _prepared(file, findings, extract, key)
    report("done", 1.0)
    return prepared


def _read(
    extract: Extract, candidates: Sequence[Source], settings: Settings
) -> tuple[RawTable, Callable[[], Finding | None]]:
    """Return the table of a file, and a search for where else its headers may be. Raises RefusedFile."""
    options = extract.options
    only = candidates[0] if len(candidates) == 1 else None
    encoding = options.encoding or (only.encoding if only else None)
    declared = only.reading if only else NOTHING_DECLARED
    reading = dataclasses.replace(
        declared, sheet=options.sheet or declared.sheet, header_row=options.header_row or declared.header_row
    )
    limits = Limits(settings.largest_file_mb << 20, settings.largest_row_mb << 20)
    raw = read_table(
        extract.data,
        encoding=encoding,
        separator=options.separator or (only.separator if only else None),
        options=reading,
        limits=limits,
        literal=_literal_headers(candidates),
    )
    refuse_headers(raw.headers)
    return raw, lambda: better_header(extract.data, candidates, reading, limits, encoding)


def _literal_headers(candidates: Iterable[Source]) -> set[str]:
    """Return the headers of fields whose values are chosen from a list: `none` may be one of them."""
    return {
        header.lower()
        for source in candidates
        for output in source.outputs
        if output.dataset == "measures"
        for columns in output.versions.values()
        for field, headers in columns.items()
        if field in CHOICES
        for header in headers
    }


def _recognised(
    raw: RawTable, candidates: Sequence[Source], find_header: Callable[[], Finding | None]
) -> Recognised:
    """Return the source and layout of a file. Raises RefusedFile, with where its headers are if `find_header` finds them."""
    try:
        return recognise(raw.headers, candidates)
    except RefusedFile as refused:
        fault = refused
    elsewhere = find_header() if any(f.code in _HEADERS_FIT_NOTHING for f in fault.findings) else None
    # Where nothing else fits, the mapping that was named is the one the message is about.
    raise fault if elsewhere is None else RefusedFile([elsewhere])


def _check(raw: RawTable, found: Recognised, dated: Dated, meaning: Meaning, today: dt.date) -> _CheckedFile:
    """Parse and check the rows; where nothing states the extract date, the newest realised day of the rows is taken."""
    whole, outputs = _rows(raw, found, dated.extract_date, meaning)
    if dated.assumed:
        newest = newest_realised(outputs, meaning, today)
        if newest is not None:
            dated = dataclasses.replace(dated, extract_date=newest, extract_date_from=ROWS)
        if any(rule.taken_from for output in found.source.outputs for rule in output.set_rules):
            whole, outputs = _rows(raw, found, dated.extract_date, meaning)
    age = [ages(rows) if DATASETS[rows.dataset].row_level else None for rows in outputs]
    checked = check(outputs, meaning, dated.extract_date, age)
    return _CheckedFile(raw, found, dated, meaning, tuple(map(_Output, whole, outputs, age)), checked)


def _rows(
    raw: RawTable, found: Recognised, extract_date: dt.date, meaning: Meaning
) -> tuple[list[Rows], list[Rows]]:
    """Return the rows of the file as each output sees them: all of them, and those that belong to it."""
    whole = [Rows(raw, found, output, extract_date) for output in found.source.outputs]
    for rows in whole:
        rows.canonical_codes(meaning)
        number_steps(rows, meaning)
    return whole, [rows.chosen(rows.taken) for rows in whole]


def _lost_indicators(found: Recognised) -> Iterator[Finding]:
    for output in found.source.outputs:
        there = {*found.columns[output.dataset], *output.given}
        absent = output.versions[found.version].keys() - there
        if absent:
            from pipelines.checking.lost_indicators import lost_indicators

            lost = lost_indicators(output, found.version, absent)
            if lost is not None:
                yield lost


def _not_said(findings: Iterable[Finding], lost: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings about columns without those that lost indicators name as missing already: a fault is said once."""
    named = {column for one in lost for column in one.params["columns"]}
    for one in findings:
        if one.code != "absent_column" or named.isdisjoint(one.params["columns"]):
            yield one
        elif columns := [column for column in one.params["columns"] if column not in named]:
            yield finding("absent_column", count=len(columns), columns=columns)


def _unmapped_indicators(file: _CheckedFile) -> Iterator[Finding]:
    """Find what a mapping of one's own leaves out; of shipped ones it is known what their files can tell."""
    from pipelines.checking.lost_indicators import unmapped_indicators

    for one, loaded in zip(file.outputs, file.loaded, strict=True):
        if DATASETS[one.rows.dataset].row_level:
            at = np.flatnonzero(np.isin(one.rows.at, loaded))
            yield from unmapped_indicators(one.rows, at, file.found.version, file.meaning)


def _file_findings(file: _CheckedFile) -> Iterator[Finding]:
    """Find what concerns the file as a whole, once its layout is known."""
    raw, dated = file.raw, file.dated
    if not raw.rows_read:
        yield finding("nothing_delivered")
    elif dated.assumed:
        yield finding("extract_date_assumed", reason=dated.extract_date_from, extract_date=dated.extract_date)
    if raw.repeated:
        yield finding("repeated_header", count=len(raw.repeated), rows=raw.repeated)
    if raw.notes:
        yield finding("end_notes", count=len(raw.notes), rows=raw.notes)


def _row_findings(file: _CheckedFile) -> Iterator[Finding]:
    raw = file.raw
    yield from file.checked.findings
    if raw.ragged:
        yield finding("ragged_row", count=raw.ragged_rows, rows=raw.ragged)
    unused = np.flatnonzero(~file.belongs)
    if len(unused):
        yield finding("row_without_output", count=len(unused), rows=raw.row_numbers[unused])


def _refuse_bad_share(file: _CheckedFile, findings: Iterable[Finding], settings: Settings) -> None:
    """Raise RefusedFile where too many of the rows that belong to the source are bad."""
    raw = file.raw
    bad, belonging = (int(rows.sum()) + raw.ragged_rows for rows in (file.checked.bad, file.belongs))
    if bad <= settings.max_bad_rows_share * belonging:
        return
    too_many = finding(
        "too_many_bad_rows",
        count=bad,
        rows_read=belonging,
        share=round(100 * bad / belonging, 1),
        limit=round(100 * settings.max_bad_rows_share, 1),
    )
    raise file.found.refusal([too_many, *findings], raw.rows_read, bad)


def _prepared(
    file: _CheckedFile, findings: Iterable[Finding], extract: Extract, key: Pseudonymiser
) -> Prepared:
    raw, source, bad = file.raw, file.found.source, file.checked.bad
    outputs = list(zip(file.outputs, file.loaded, strict=True))
    parts = tuple(
        PreparedPart(
            one.rows.dataset,
            base_rows(one.rows, loaded, one.age, key, extract.origin, extract.options.published),
            key_rows(one.whole, one.whole.left_out & ~bad),
            key_rows(one.whole, one.whole.taken & bad),
            coverage_of(one.whole, one.rows, loaded, bad, file.meaning, file.dated),
            one.rows.output.window,
            one.rows.headers,
            one.rows.layout_headers,
        )
        for one, loaded in outputs
    )
    loaded_rows = np.zeros(raw.table.num_rows, dtype=bool)
    for one, loaded in outputs:
        loaded_rows[one.rows.at[loaded]] = True
    return Prepared(
        source=source.name,
        layout=file.found.version,
        origin=extract.origin,
        detected=raw.detected,
        dated=file.dated,
        parts=parts,
        quarantined=quarantined_rows(raw, file.found, file.checked),
        findings=tuple(findings),
        rows_read=raw.rows_read,
        rows_accepted=int(loaded_rows.sum()),
        content_hash=raw.content_hash,
        period=next(filter(None, (period_of(one.rows, loaded) for one, loaded in outputs)), None),
        code_map_rows=source.code_map_rows(),
        rows_swallowed=raw.ragged_rows - len(raw.ragged),
    )
