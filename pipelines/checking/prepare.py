"""From a file to rows that may be published: recognise, check, pseudonymise. Nothing is written here.

The way of a file: read as texts → recognised by its headers → searched for person identifiers in wrong
places → parsed, distinct value by distinct value → checked by the schemas of `pipelines.checking.fields` → bad rows
set aside → persons replaced with pseudonyms → base rows of the dataset.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.errors import UsageError
from pipelines.checking.ages import Ages, age_groups, ages
from pipelines.checking.check_rows import Checked, check
from pipelines.checking.codes import CodeMapRow, Indicator, Meaning
from pipelines.checking.coverage import Coverage, coverage_of, period_of
from pipelines.checking.entered_figures import number_steps
from pipelines.checking.extract_dates import ROWS, Dated, newest_realised, stated_dates
from pipelines.checking.fields import CHOICES, field_of, key_fields
from pipelines.checking.lost_indicators import lost_indicators
from pipelines.checking.rows import Rows, distinct, per_row
from pipelines.findings import ROWS_TOLD, Finding, RefusedFile, finding
from pipelines.mapping.header_rows import better_header
from pipelines.mapping.recognise import Recognised, recognise
from pipelines.mapping.reshape import shaped
from pipelines.mapping.source import Source
from pipelines.persons import MASK, Pseudonymiser, find_hetu, holds_hetu, mask, pseudonyms
from pipelines.reading.options import NOTHING_DECLARED
from pipelines.reading.table import Detected, RawTable, coded, codes_of, read_table
from pipelines.reading.unpacking import Limits
from pipelines.settings import Settings

Progress = Callable[[str, float], None]
_HEADERS_FIT_NOTHING = ("unknown_layout", "missing_column")

_ARROW = {
    "VARCHAR": pa.dictionary(pa.int32(), pa.string()),
    "UUID": pa.dictionary(pa.int32(), pa.string()),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
}


@dataclass(frozen=True)
class PreparedPart:
    """What a file brings to one dataset. `accepted` holds base rows; `absent` the keys of rows that the file
    has and of which it says that they do not belong to this dataset (or no longer do); `set_aside` the keys of rows
    too faulty to load; `window_on` the field whose day a stated window speaks of."""

    dataset: str
    accepted: pa.Table
    absent: pa.Table
    set_aside: pa.Table
    coverage: tuple[Coverage, ...]
    window_on: str | None


@dataclass(frozen=True)
class Prepared:
    """A file that may be loaded: what it brings to each dataset, the main one first, and `quarantined`, the
    rows set aside (row, reasons, fields: their texts as JSON, without what could tell who a person is)."""

    source: str
    layout: str
    origin: str
    detected: Detected
    dated: Dated
    scope: str
    parts: tuple[PreparedPart, ...]
    quarantined: pa.Table
    findings: tuple[Finding, ...]
    rows_read: int
    rows_accepted: int
    content_hash: str
    period: tuple[dt.date, dt.date] | None
    code_map_rows: tuple[CodeMapRow, ...]
    #: Rows that others of `quarantined` have taken in with an open quotation mark.
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
    def window(self) -> tuple[dt.date, dt.date] | None:
        """The days it is said to speak of in full."""
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
    measures: Mapping[str, Indicator] = MappingProxyType({}),
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    force: bool = False,
    published: bool = False,
    progress: Progress | None = None,
) -> Prepared:
    """Read, recognise, check and pseudonymise one file, in memory.

    `source` names one of `sources`, `mapping` brings another; without either the headers decide. `as_of` and
    `window` go before what the file says of its date and window; `today` is the extract date of a file that
    says nothing. `sheet` and `header_row` say which table of the file is read. `measures` are the indicators defined in
    the warehouse. `force` loads a file in spite of too many bad rows; `published` holds for the counts of queues that do
    not say themselves whether they have been published.

    Raises RefusedFile where nothing of the file may be loaded, UsageError where the call is wrong.
    """
    told = progress or (lambda *_: None)
    if window is not None and window[0] > window[1]:
        raise UsageError("bad_window_option", value=f"{window[0]}..{window[1]}")
    if scope not in (None, "units", "origin"):
        raise UsageError("bad_scope_option", value=scope)
    candidates = _candidates(sources, source, mapping)
    if holds_hetu(file_name):
        raise RefusedFile([finding("person_id_in_wrong_place", reason="file_name")])

    told("read", 0.0)
    alone = candidates[0] if len(candidates) == 1 else None
    encoding = encoding or (alone.encoding if alone else None)
    options = alone.reading if alone else NOTHING_DECLARED
    options = dataclasses.replace(
        options, sheet=sheet or options.sheet, header_row=header_row or options.header_row
    )
    limits = Limits(settings.largest_file_mb << 20, settings.largest_row_mb << 20)
    raw = read_table(
        data,
        encoding=encoding,
        separator=separator or (alone.separator if alone else None),
        options=options,
        limits=limits,
        literal=_literal_headers(candidates),
    )
    for position, header in enumerate(raw.headers, start=1):
        if holds_hetu(header):
            raise RefusedFile(
                [finding("person_id_in_wrong_place", reason="header", position=position)],
                content_hash=raw.content_hash,
            )
    told("recognise", 0.3)
    found = _recognised(raw, candidates, lambda: better_header(data, candidates, options, limits, encoding))
    lookalikes = _search_for_persons(raw, found)
    if found.source.shape:
        of_the_file = len(raw.headers)
        raw = shaped(raw, found.source)
        lookalikes += _search_for_persons(raw, found, of_the_file)

    told("check", 0.4)
    scope = scope or found.source.file_scope
    meaning = Meaning.of(found.source, code_map, known_units, measures)
    dated = stated_dates(file_name, raw, found, as_of, window, today)
    whole, outputs = _rows(raw, found, dated.extract_date, meaning)
    if dated.assumed:
        newest = newest_realised(outputs, meaning, today)
        if newest is not None:
            dated = dataclasses.replace(dated, extract_date=newest, extract_date_from=ROWS)
        if any(rule.taken_from for output in found.source.outputs for rule in output.set_rules):
            whole, outputs = _rows(raw, found, dated.extract_date, meaning)
    extract_date = dated.extract_date
    age = [ages(rows) if DATASETS[rows.dataset].row_level else None for rows in outputs]
    checked = check(outputs, meaning, extract_date, age)
    told("check", 0.7)
    findings = [*_lost(found), *found.findings, *lookalikes, *_file_findings(raw, dated), *checked.findings]
    bad_rows = int(checked.bad.sum()) + raw.ragged_rows
    if raw.ragged:
        findings.append(finding("ragged_row", count=raw.ragged_rows, rows=raw.ragged))
    belongs = np.logical_or.reduce([rows.taken for rows in whole])
    unused = np.flatnonzero(~belongs)
    if len(unused):
        findings.append(
            finding("row_without_output", count=len(unused), rows=raw.row_numbers[unused[:ROWS_TOLD]])
        )
    _refuse_bad_share(raw, found, findings, bad_rows, int(belongs.sum()) + raw.ragged_rows, settings, force)

    told("pseudonymise", 0.8)
    parts = []
    counted = np.zeros(raw.table.num_rows, dtype=bool)
    period = None
    for all_rows, rows, years, repeats in zip(whole, outputs, age, checked.repeats, strict=True):
        keeps = ~checked.bad[rows.at] & ~np.isin(rows.at, repeats)
        kept = np.flatnonzero(keeps)
        counted[rows.at[kept]] = True
        parts.append(
            PreparedPart(
                rows.dataset,
                _accepted(rows, kept, years, pseudonymise, origin, published),
                _keys(all_rows, all_rows.left_out & ~checked.bad),
                _keys(all_rows, all_rows.taken & checked.bad),
                coverage_of(all_rows, rows, kept, checked.bad, meaning, dated, scope),
                rows.output.window,
            )
        )
        period = period or period_of(rows, kept)
    quarantined = _quarantined(raw, found, checked)
    told("done", 1.0)
    return Prepared(
        source=found.source.name,
        layout=found.version,
        origin=origin,
        detected=raw.detected,
        dated=dated,
        scope=scope,
        parts=tuple(parts),
        quarantined=quarantined,
        findings=tuple(findings),
        rows_read=raw.rows_read,
        rows_accepted=int(counted.sum()),
        content_hash=raw.content_hash,
        period=period,
        code_map_rows=found.source.code_map_rows(),
        rows_swallowed=raw.ragged_rows - len(raw.ragged),
    )


def _literal_headers(candidates: Iterable[Source]) -> set[str]:
    """Headers of fields whose values are chosen from a list: `none` may be one of them."""
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
    raw: RawTable, candidates: Sequence[Source], better: Callable[[], Finding | None]
) -> Recognised:
    """What the file was taken for; where its headers fit nothing, `better` may know where they stand."""
    try:
        return recognise(raw.headers, candidates)
    except RefusedFile as refused:
        fault = refused
    elsewhere = better() if any(one.code in _HEADERS_FIT_NOTHING for one in fault.findings) else None
    # A mapping that was named for the file stays the one to be told of, where nothing else is known to fit.
    if elsewhere is None:
        raise fault
    raise RefusedFile([elsewhere], content_hash=raw.content_hash)


def _lost(found: Recognised) -> Iterator[Finding]:
    """What of the indicators cannot be computed from the file."""
    for output in found.source.outputs:
        lost = lost_indicators(output, found.version, found.columns[output.dataset])
        if lost is not None:
            yield lost


def _rows(
    raw: RawTable, found: Recognised, extract_date: dt.date, meaning: Meaning
) -> tuple[list[Rows], list[Rows]]:
    """The rows of the file as each output sees them: all of them, and those that belong to it."""
    whole = [Rows(raw, found, output, extract_date) for output in found.source.outputs]
    for rows in whole:
        rows.canonical_codes(meaning)
        number_steps(rows, meaning)
    return whole, [rows.chosen(rows.taken) for rows in whole]


def _file_findings(raw: RawTable, dated: Dated) -> list[Finding]:
    """What is noticed of the file as a whole, once its layout is known."""
    found = []
    if not raw.rows_read:
        found.append(finding("nothing_delivered"))
    elif dated.assumed:
        found.append(
            finding("extract_date_assumed", reason=dated.extract_date_from, extract_date=dated.extract_date)
        )
    if raw.repeated:
        found.append(finding("repeated_header", count=len(raw.repeated), rows=raw.repeated))
    if raw.notes:
        found.append(finding("end_notes", count=len(raw.notes), rows=raw.notes))
    return found


def _candidates(
    sources: Mapping[str, Source], source: str | None, mapping: Source | None
) -> tuple[Source, ...]:
    if mapping is not None:
        if source is not None:
            raise UsageError("source_and_mapping")
        return (mapping,)
    if source is None:
        return tuple(sources.values())
    if source not in sources:
        raise UsageError("unknown_source", source=source, known=", ".join(sorted(sources)))
    return (sources[source],)


def _search_for_persons(raw: RawTable, found: Recognised, first: int = 0) -> list[Finding]:
    """Raises RefusedFile where an identity code stands outside the columns of persons, from the column `first` on.

    Without its separator one is known by its check character, which ids and codes have by chance: in names and
    free text it refuses the file, elsewhere it is a warning.
    """
    faults, lookalikes = [], []
    for position, header in list(enumerate(raw.headers))[first:]:
        column = raw.table.column(position).chunk(0) if raw.table.num_rows else None
        if column is None or position in found.persons:
            continue
        seen = find_hetu(column.dictionary)
        if not seen.written.any() and not seen.bare.any():
            continue
        free = position in found.free_text
        codes = codes_of(column)
        params = {"reason": "column", "column": header or f"({position + 1})"}
        rows = np.flatnonzero(per_row(seen.written | (seen.bare & free), codes, False))
        if len(rows):
            told = raw.row_numbers[rows[:ROWS_TOLD]]
            faults.append(finding("person_id_in_wrong_place", None, len(rows), told, **params))
        rows = np.flatnonzero(per_row(seen.bare & ~np.bool_(free), codes, False))
        if len(rows):
            told = raw.row_numbers[rows[:ROWS_TOLD]]
            lookalikes.append(finding("person_id_lookalike", None, len(rows), told, **params))
    if faults:
        raise RefusedFile(
            faults,
            source=found.source.name,
            layout=found.version,
            dataset=found.source.dataset,
            rows_read=raw.rows_read,
            content_hash=raw.content_hash,
        )
    return lookalikes


def _refuse_bad_share(
    raw: RawTable,
    found: Recognised,
    findings: Sequence[Finding],
    bad_rows: int,
    belonging: int,
    settings: Settings,
    force: bool,
) -> None:
    """Raises RefusedFile where too many of the rows that belong to the source are bad."""
    if force or bad_rows <= settings.max_bad_rows_share * belonging:
        return
    too_many = finding(
        "too_many_bad_rows",
        count=bad_rows,
        rows_read=belonging,
        share=round(100 * bad_rows / belonging, 1),
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


def _accepted(
    rows: Rows, kept: np.ndarray, age: Ages | None, pseudonymise: Pseudonymiser, origin: str, published: bool
) -> pa.Table:
    """The base rows of the dataset, in the order of the file."""
    base = _arrow_types(rows.dataset)
    arrays: dict[str, pa.Array] = {}
    if age is not None:
        hidden = pseudonyms(rows.texts["person"], pseudonymise, rows.found.source.person_id_space, origin)
        arrays["person"] = distinct(rows.codes["person"][kept], hidden)
        years_at, years = pd.factorize(age.years[kept], use_na_sentinel=False)
        group, band = age_groups(years)
        arrays["age_group"] = distinct(years_at, pa.array(group, pa.string()))
        arrays["age_band"] = distinct(years_at, pa.array(band, pa.string()))
        arrays["age_uncertain"] = pa.array(age.uncertain[kept] & age.known[kept])
        arrays["over_75"] = pa.array(age.over_75[kept], mask=~age.known[kept])
    for name, kind in base.items():
        if name in arrays:
            continue
        codes = rows.codes[name][kept]
        if name not in rows.parsed:
            arrays[name] = coded(codes, rows.texts[name]).cast(kind)
            continue
        parsed = rows.parsed[name]
        missing = per_row(~parsed.read, codes, True)
        values = per_row(parsed.values, codes, np.zeros(1, parsed.values.dtype)[0])
        if kind == pa.int64():
            values = np.where(missing, 0, values).astype(np.int64)
        arrays[name] = pa.array(values, mask=missing).cast(kind)
    if "published" in arrays:
        arrays["published"] = pc.fill_null(arrays["published"], published)
    return pa.table([arrays[name] for name in base], schema=pa.schema(base.items()))


def _arrow_types(dataset: str) -> dict[str, pa.DataType]:
    """The types that the base columns of a dataset are handed on in: dictionaries, but the key is all distinct."""
    shape = DATASETS[dataset]
    return {
        name: pa.string() if kind == "VARCHAR" and name in shape.key else _ARROW[kind]
        for name, kind in shape.base.items()
    }


def _keys(rows: Rows, wanted: np.ndarray) -> pa.Table:
    """The keys, in one dataset, of some rows of a file; rows whose key cannot be read are left out."""
    at = np.flatnonzero(wanted)
    kinds = _arrow_types(rows.dataset)
    columns = {}
    for name in key_fields(rows.dataset):
        if name in rows.parsed:
            days = rows.days(name)[at]
            columns[name] = pa.array(days, mask=np.isnat(days)).cast(kinds[name])
        else:
            columns[name] = coded(rows.codes[name][at], rows.texts[name]).cast(kinds[name])
    found = pa.table(columns)
    for name in columns:
        if field_of(rows.dataset, name).required:
            found = found.filter(pc.is_valid(found[name]))
    return found


def _quarantined(raw: RawTable, found: Recognised, checked: Checked) -> pa.Table:
    """The rows set aside: number, reasons, and the fields the mapping uses, without person and birth date.

    Of ragged rows only the number is kept: which of their fields is the person cannot be known.
    """
    why: dict[int, list[str]] = {}
    for field, code, at in checked.reasons:
        for row in at.tolist():
            why.setdefault(row, []).append(f"{code}:{field}")
    at = np.array(sorted(why), dtype=np.int64)
    texts = {
        raw.headers[position]: _shown(raw.table.column(position), at, hidden) if len(at) else []
        for position, hidden in sorted(found.used.items())
    }
    numbers = raw.row_numbers[at].tolist()
    reasons = [" ".join(why[row]) for row in at.tolist()]
    fields = [
        json.dumps(dict(zip(texts, told, strict=True)), ensure_ascii=False)
        for told in zip(*texts.values(), strict=True)
    ]
    for number in raw.ragged:
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


def _shown(column: pa.ChunkedArray, at: np.ndarray, hidden: bool) -> list[str | None]:
    """The texts of some rows of a column without what could tell who a person is."""
    there = column.chunk(0)
    used, which = np.unique(codes_of(there)[at], return_inverse=True)
    texts = there.dictionary.take(pa.array(used, mask=used < 0)).to_pylist()
    shown = [text if text is None else MASK if hidden else mask(text) for text in texts]
    return [shown[one] for one in which.tolist()]
