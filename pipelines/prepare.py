"""From a file to rows that may be published: recognise, check, pseudonymise. Nothing is written here.

The way of a file: read as texts → recognised by its headers → searched for person identifiers in wrong
places → parsed, distinct value by distinct value → checked by the schemas of `pipelines.datasets` → bad rows
set aside → persons replaced with pseudonyms → base rows of the dataset.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.ages import Ages, age_groups, ages
from pipelines.checking import Checked, check
from pipelines.codes import NO_CONTACT, CodeMapRow, Indicator, Meaning
from pipelines.datasets import STRETCHES, key_fields
from pipelines.entered import number_steps
from pipelines.errors import UsageError
from pipelines.findings import ROWS_TOLD, Finding, RefusedFile, finding
from pipelines.mapping import Source
from pipelines.parsing import dates
from pipelines.persons import MASK, Pseudonymiser, any_hetu, holds_hetu, mask, pseudonyms
from pipelines.reading import Detected, RawTable, coded, codes_of, read_table
from pipelines.recognise import Recognised, recognise
from pipelines.rows import Rows, date_formats, distinct, per_row
from pipelines.settings import Settings
from pipelines.warehouse.tables import DATASETS

Progress = Callable[[str, float], None]

_ARROW = {
    "VARCHAR": pa.dictionary(pa.int32(), pa.string()),
    "UUID": pa.dictionary(pa.int32(), pa.string()),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
}


@dataclass(frozen=True)
class Coverage:
    """Days (or a snapshot date) of which a unit's data is known; no unit: of the whole origin."""

    unit_code: str | None
    first_on: dt.date
    last_on: dt.date


@dataclass(frozen=True)
class PreparedPart:
    """What a file brings to one dataset. `accepted` holds base rows; `absent` the keys of rows that the file
    has and of which it says that they do not belong to this dataset (or no longer do); `window_on` the field
    whose day a stated window speaks of."""

    dataset: str
    accepted: pa.Table
    absent: pa.Table
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
    extract_date: dt.date
    window: tuple[dt.date, dt.date] | None
    scope: str
    parts: tuple[PreparedPart, ...]
    quarantined: pa.Table
    findings: tuple[Finding, ...]
    rows_read: int
    rows_accepted: int
    content_hash: str
    period: tuple[dt.date, dt.date] | None
    code_map_rows: tuple[CodeMapRow, ...]

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
    force: bool = False,
    published: bool = False,
    progress: Progress | None = None,
) -> Prepared:
    """Read, recognise, check and pseudonymise one file, in memory.

    `source` names one of `sources`, `mapping` brings another; without either the headers decide. `as_of` and
    `window` go before what the file says of its date and window; `today` is the extract date of a file that
    says nothing. `measures` are the indicators defined in the warehouse. `force` loads a file in spite of too many bad
    rows; `published` holds for the counts of queues that do not say themselves whether they have been published.

    Raises RefusedFile where nothing of the file may be loaded, UsageError where the call is wrong.
    """
    told = progress or (lambda stage, done: None)
    if window is not None and window[0] > window[1]:
        raise UsageError("bad_window_option", value=f"{window[0]}..{window[1]}")
    if scope not in (None, "units", "origin"):
        raise UsageError("bad_scope_option", value=scope)
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
    extract_date, window = _dates_of(file_name, raw, found, as_of, window, today)
    scope = scope or found.source.file_scope
    meaning = Meaning.of(found.source, code_map, known_units, measures)
    whole = [Rows(raw, found, output, extract_date) for output in found.source.outputs]
    for rows in whole:
        rows.canonical_codes(meaning)
        number_steps(rows, meaning)
    outputs = [rows.chosen(rows.taken) for rows in whole]
    age = [ages(rows) if DATASETS[rows.dataset].row_level else None for rows in outputs]
    checked = check(outputs, meaning, extract_date, age)
    told("check", 0.7)
    findings = [*found.findings, *checked.findings]
    bad_rows = int(checked.bad.sum()) + raw.ragged_rows
    if raw.ragged:
        findings.append(finding("ragged_row", count=raw.ragged_rows, rows=raw.ragged))
    unused = np.flatnonzero(~np.logical_or.reduce([rows.taken for rows in whole]))
    if len(unused):
        findings.append(
            finding("row_without_output", count=len(unused), rows=raw.row_numbers[unused[:ROWS_TOLD]])
        )
    _refuse_bad_share(raw, found, findings, bad_rows, settings, force)

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
                _absent(all_rows, checked.bad),
                _coverage(all_rows, rows, kept, checked.bad, meaning, extract_date, window, scope),
                rows.output.window,
            )
        )
        period = period or _period(rows, kept)
    quarantined = _quarantined(raw, found, checked)
    told("done", 1.0)
    return Prepared(
        source=found.source.name,
        layout=found.version,
        origin=origin,
        detected=raw.detected,
        extract_date=extract_date,
        window=window,
        scope=scope,
        parts=tuple(parts),
        quarantined=quarantined,
        findings=tuple(findings),
        rows_read=raw.rows_read,
        rows_accepted=int(counted.sum()),
        content_hash=raw.content_hash,
        period=period,
        code_map_rows=found.source.code_map_rows(),
    )


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
    raw: RawTable,
    found: Recognised,
    as_of: dt.date | None,
    window: tuple[dt.date, dt.date] | None,
    today: dt.date,
) -> tuple[dt.date, tuple[dt.date, dt.date] | None]:
    """The extract date and the stated window. A date after today is a slip, not the date of an extract."""
    named = dates_in_name(file_name)
    has_window = any(
        output.window is not None and output.dataset != "queue" for output in found.source.outputs
    )
    if not has_window:
        window = None
    elif window is None and named is not None and named[1] is not None:
        window = named[0], named[1]
    if as_of is not None:
        return as_of, window
    snapshots = _snapshots(raw, found)
    past = snapshots[snapshots <= np.datetime64(today)]
    if len(past):
        return past.max().item(), window
    if named is not None and named[1] is None and named[0] <= today:
        return named[0], window
    return today, window


def _snapshots(raw: RawTable, found: Recognised) -> np.ndarray:
    """The snapshot dates that a queue's own column has, each at least once."""
    positions = found.columns.get("queue", {}).get("snapshot_on", ())
    days = [
        parsed.values[parsed.read]
        for position in positions
        if raw.table.num_rows
        for parsed in [dates(raw.table.column(position).chunk(0).dictionary, date_formats(raw, found))]
    ]
    return np.concatenate(days) if days else np.array([], dtype="datetime64[D]")


def _refuse_misplaced_persons(raw: RawTable, found: Recognised) -> None:
    faults = []
    for position, header in enumerate(raw.headers):
        column = raw.table.column(position).chunk(0) if raw.table.num_rows else None
        if column is None or position in found.persons or not any_hetu(column.dictionary):
            continue
        wrong = np.array([holds_hetu(text or "") for text in column.dictionary.to_pylist()], dtype=bool)
        rows = np.flatnonzero(per_row(wrong, codes_of(column), False))
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


def _absent(rows: Rows, bad: np.ndarray) -> pa.Table:
    """The keys, in one dataset, of the rows of a file that do not belong to that dataset."""
    names = key_fields(rows.dataset)
    at = np.flatnonzero(~rows.taken & ~bad) if rows.output.where else np.array([], dtype=np.int64)
    kinds = _arrow_types(rows.dataset)
    columns = {}
    for name in names:
        if name in rows.parsed:
            days = rows.days(name)[at]
            columns[name] = pa.array(days, mask=np.isnat(days)).cast(kinds[name])
        else:
            columns[name] = coded(rows.codes[name][at], rows.texts[name]).cast(kinds[name])
    return pa.table(columns).drop_null()


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
        raw.headers[position]: [
            text if text is None else MASK if hidden else mask(text)
            for text in raw.table.column(position).take(pa.array(at)).to_pylist()
        ]
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


_PERIODS = {
    "visits": ("visit_on", "visit_on"),
    "queue": ("snapshot_on", "snapshot_on"),
    "referrals": ("received_on", "received_on"),
    "cases": ("arrived_on", "arrived_on"),
    "queue_counts": ("snapshot_on", "snapshot_on"),
    "annotations": ("date", "date"),
    **STRETCHES,
}


def _period(rows: Rows, kept: np.ndarray) -> tuple[dt.date, dt.date] | None:
    """The first and last day that the accepted rows tell of."""
    names = _PERIODS.get(rows.dataset)
    if names is None:
        return None
    first, last = (rows.days(name)[kept] for name in names)
    first, last = first[~np.isnat(first)], last[~np.isnat(last)]
    return (first.min().item(), last.max().item()) if len(first) and len(last) else None


def _coverage(
    whole: Rows,
    rows: Rows,
    kept: np.ndarray,
    bad: np.ndarray,
    meaning: Meaning,
    extract_date: dt.date,
    window: tuple[dt.date, dt.date] | None,
    scope: str,
) -> tuple[Coverage, ...]:
    """The days covered: the stated window, or from a unit's first realised contact (referrals and cases: first
    arrival) to the day before the extract; of queues each snapshot date.

    Of a queue picked out of a larger file the units of that file are covered: one without an entry has an
    empty queue.
    """
    if not DATASETS[rows.dataset].row_level:
        return ()
    names = rows.texts["unit_code"].to_pylist()
    if rows.dataset == "queue":
        seen = ~bad & (whole.codes["unit_code"] >= 0) & ~np.isnat(whole.days("snapshot_on"))
        if not rows.output.where:
            seen[:] = False
            seen[rows.at[kept]] = True
        pairs = pd.DataFrame({"unit": whole.codes["unit_code"][seen], "on": whole.days("snapshot_on")[seen]})
        if scope == "origin":
            pairs["unit"] = -1
        pairs = pairs.drop_duplicates().sort_values(["on", "unit"])
        return tuple(
            Coverage(names[unit] if unit >= 0 else None, on.date(), on.date())
            for unit, on in zip(pairs["unit"], pairs["on"], strict=True)
        )
    if window is not None and scope == "origin":
        return (Coverage(None, *window),)
    units = rows.codes["unit_code"][kept]
    if window is not None:
        here = whole.codes["unit_code"][~bad] if rows.output.where else units
        return tuple(Coverage(names[unit], *window) for unit in np.unique(here[here >= 0]))
    event = np.ones(len(kept), dtype=bool)
    first_field = {"referrals": "received_on", "cases": "arrived_on"}.get(rows.dataset, "visit_on")
    if rows.dataset == "visits":
        event = rows.is_our("state_code", meaning, {"realised"})[kept]
        event &= ~rows.is_our("mode_source_code", meaning, NO_CONTACT)[kept]
    days = rows.days(first_field)[kept][event].astype("datetime64[s]")
    first = pd.Series(days).groupby(units[event]).min()
    last = extract_date - dt.timedelta(days=1)
    return tuple(Coverage(names[unit], on.date(), last) for unit, on in first.items() if on.date() <= last)
