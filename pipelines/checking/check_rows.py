"""Checking the rows of a file against the schemas, and making findings of what fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandera.engines.pandas_engine import Engine

from indicators.catalogue.languages import ENGLISH, LANGUAGES
from pipelines.checking.ages import Ages
from pipelines.checking.codes import Meaning, listed_codes
from pipelines.checking.entered_figures import counted_columns, direction_reading, entered_columns
from pipelines.checking.fields import CHOICES, DATE, INTERVALS, MAIN_NUMBERS, ONE_OF, STRETCHES, key_fields
from pipelines.checking.rows import Rows
from pipelines.checking.schemas import CODE_SCHEMA, RULE_FIELDS, interval_column, row_schema
from pipelines.findings import ROW, WARNING, Finding, finding, kinds
from pipelines.identity_codes import mask
from pipelines.mapping.files import all_sources
from pipelines.reading.parsed import AMBIGUOUS, BLANK, NOT_READ, READ


@dataclass(frozen=True)
class Checked:
    """Which rows of a file are bad and why, in positions of the file; `repeats` are the repeated rows of each output."""

    bad: np.ndarray
    repeats: tuple[np.ndarray, ...]
    findings: tuple[Finding, ...]
    reasons: tuple[tuple[str, str, np.ndarray], ...]


def check(
    outputs: Sequence[Rows], meaning: Meaning, extract_date: dt.date, age: Sequence[Ages | None]
) -> Checked:
    """Check the rows of a file, each output by the rules of its dataset.

    A row that is bad for one output is set aside as a whole; a fault seen through several outputs is one finding.
    """
    failed_rules = [
        failures(_columns(rows, meaning, years), row_schema(rows.dataset, extract_date, rows.output.required))
        for rows, years in zip(outputs, age, strict=True)
    ]
    bad = np.zeros(outputs[0].raw.table.num_rows, dtype=bool)
    reported = _ReportedFindings()
    for rows, failed in zip(outputs, failed_rules, strict=True):
        for (field, code), at in failed.items():
            if kinds()[code].level == ROW:
                bad[rows.at[at]] = True
                reported.row(rows, code, field, at, extract_date)
    repeats = []
    for rows, failed in zip(outputs, failed_rules, strict=True):
        repeated = np.array([], dtype=np.int64)
        for (field, code), at in failed.items():
            if kinds()[code].level == WARNING:
                loaded = at[~bad[rows.at[at]]]
                if code == "repeated_row":
                    repeated = loaded
                if len(loaded):
                    reported.row(rows, code, field, loaded, extract_date)
        repeats.append(rows.at[repeated])
        loaded_rows = ~bad[rows.at]
        loaded_rows[repeated] = False
        for field, at, codes in _unknown_codes(rows, meaning, loaded_rows):
            reported.codes(rows, field, at, codes)
    return Checked(bad, tuple(repeats), tuple(reported.findings), tuple(reported.reasons))


class _ReportedFindings:
    """The findings so far; what an earlier output reported of the same rows is not reported again."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.reasons: list[tuple[str, str, np.ndarray]] = []
        self._reported_rows: dict[tuple[str, str], np.ndarray] = {}

    def row(self, rows: Rows, code: str, field: str, at: np.ndarray, extract_date: dt.date) -> None:
        made = _row_finding(rows, code, field, at, extract_date)
        column = "key" if field == "key" else made.params["column"]
        if self._is_new(code, column, rows.at[at]):
            self.findings.append(made)
            if made.level == ROW:
                self.reasons.append((field, code, rows.at[at]))

    def codes(self, rows: Rows, field: str, at: np.ndarray, codes: Sequence[str]) -> None:
        column = rows.header(field)
        if self._is_new("unknown_code", column, rows.at[at]):
            numbers = rows.numbers[at]
            params: dict[str, Any] = {"column": column, "codes": list(codes)}
            source, domain = rows.found.source, rows.fields[field].domain
            if all_sources().get(source.name) is not source:
                params |= {"reason": "mapping", "domain": domain}
                if domain is not None and listed_codes(domain, ENGLISH):
                    params["reason"] = "constant_listed" if rows.is_constant(field) else "mapping_listed"
                    params |= {f"possible_{lang}": listed_codes(domain, lang) for lang in LANGUAGES}
            self.findings.append(finding("unknown_code", field, len(at), numbers, **params))

    def _is_new(self, code: str, column: str, at: np.ndarray) -> bool:
        earlier = self._reported_rows.get((code, column))
        self._reported_rows[code, column] = at if earlier is None else np.union1d(earlier, at)
        return earlier is None or not np.isin(at, earlier).all()


def _row_finding(rows: Rows, code: str, field: str, at: np.ndarray, extract_date: dt.date) -> Finding:
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
        if field == "birth_year" and not len(rows.texts[field]) and len(rows.texts["age"]):
            field = "age"
        column = rows.header(field)
    params: dict[str, Any] = {"column": column}
    if code == "bad_date":
        params["formats"] = list(rows.formats)
    if code == "not_a_choice":
        params["choices"] = CHOICES[field]
    if code == "impossible_date":
        params["extract_date"] = extract_date
    return finding(code, field, len(at), rows.numbers[at], **params)


def _columns(rows: Rows, meaning: Meaning, age: Ages | None) -> dict[str, np.ndarray]:
    """Return the columns that the row schema checks, one value per row of the file."""
    columns: dict[str, np.ndarray] = {}
    days: dict[str, np.ndarray] = {}
    for name, field in rows.fields.items():
        columns[f"{name}:reading"] = rows.reading(name)
        if field.kind == DATE:
            days[name] = rows.days(name)
            columns[name] = days[name]
    if rows.dataset in ONE_OF:
        each = [
            _reading_for_one_of(columns[f"{name}:reading"], rows.dataset, name)
            for name in ONE_OF[rows.dataset]
        ]
        if rows.dataset == "targets":
            each.append(direction_reading(rows))
        readings = np.stack(each)
        columns["one_of:reading"] = np.where(
            (readings == READ).any(axis=0),
            READ,
            np.where((readings == NOT_READ).any(axis=0), NOT_READ, BLANK),
        ).astype(np.int8)
    if rows.dataset in STRETCHES:
        first, last = STRETCHES[rows.dataset]
        columns["stretch_days"] = _days_between(days[first], days[last])
    for first, last in INTERVALS.get(rows.dataset, ()):
        columns[interval_column(first, last)] = _days_between(days[first], days[last])
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
    columns |= entered_columns(rows, meaning) | counted_columns(rows.dataset, rows.values)
    columns["key:variants"], columns["key:repeat"] = _key_columns(rows)
    return columns


def _reading_for_one_of(reading: np.ndarray, dataset: str, name: str) -> np.ndarray:
    """Return a field's reading for the rule that one of several is required; a number with its own rule counts as read."""
    own = [AMBIGUOUS, *([NOT_READ] if name in MAIN_NUMBERS.get(dataset, ()) else [])]
    return np.where(np.isin(reading, own), READ, reading)


def _days_between(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    between = last - first
    return np.where(np.isnat(between), np.nan, between.astype(np.int64))


def _key_columns(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Return how many different contents each row's key has, and whether the row repeats an earlier one.

    The content is what the mapping uses, as written. A row whose key is blank has a key of its own.
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


def _key_part(rows: Rows, name: str) -> np.ndarray:
    """Return one column of the key as numbers: days of a date, codes of texts."""
    if rows.fields[name].kind != DATE:
        return rows.codes[name].astype(np.int64)
    days = rows.days(name)
    # An unreadable date makes no key; the row is set aside anyway.
    return np.where(np.isnat(days), -1, days.astype(np.int64) + 1_000_000)


def _combined(parts: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Return one number for each combination of the columns, counted from 0."""
    combined = np.zeros(count, dtype=np.int64)
    for part in parts:
        narrow, values = pd.factorize(part)
        combined, _ = pd.factorize(combined * len(values) + narrow)
    return combined


def failures(columns: Mapping[str, Any], schema: Any) -> dict[tuple[str, str], np.ndarray]:
    """Return the positions of the rows that fail each check, by field and finding code, in the order of the schema.

    Rules are about single values, so each distinct value is checked once, check by check: validating a frame makes
    reports of its failures, which quote values and take longer than the checks.
    """
    failed: dict[tuple[str, str], np.ndarray] = {}
    for name, rule in schema.columns.items():
        values = pd.Series(pd.unique(columns[name]))
        if not len(values):
            continue
        typed = np.all(rule.dtype.check(Engine.dtype(values.dtype), values))
        if not typed or (values.hasnans and not rule.nullable):
            raise TypeError(f"The column {name} of the schema {schema.name} is not of the declared type.")
        for check in rule.checks:
            cases = check(values).failure_cases
            if cases is None or not len(cases):
                continue
            at = np.flatnonzero(pd.Series(columns[name], copy=False).isin(cases))
            # Rules with a condition have a column of their own, `visit_on:realised`; age_years has its field.
            key = name.split(":")[0], check.error
            failed[key] = np.union1d(failed[key], at) if key in failed else at
    return failed


def _unknown_codes(
    rows: Rows, meaning: Meaning, loaded: np.ndarray
) -> list[tuple[str, np.ndarray, list[str]]]:
    """Return per field with codes unknown to the master data: the field, its rows, the codes with their counts."""
    used: list[tuple[str, str, bool, int, int]] = []
    for name, field in rows.fields.items():
        if field.domain is None:
            continue
        codes = rows.codes[name]
        counts = np.bincount(codes[loaded & (codes >= 0)], minlength=len(rows.texts[name]))
        used += [
            (name, text, meaning.is_known(field.domain, text), at, int(counts[at]))
            for at, text in enumerate(rows.texts[name].to_pylist())
            if counts[at]
        ]
    if not used:
        return []
    codes_used = pd.DataFrame(used, columns=["field", "code", "known", "at", "count"])
    failed = failures({str(name): codes_used[name] for name in codes_used}, CODE_SCHEMA)
    unknown = codes_used.iloc[failed.get(("known", "unknown_code"), np.array([], int))]
    found = []
    for name, group in unknown.groupby("field", sort=False):
        positions = np.flatnonzero(loaded & np.isin(rows.codes[str(name)], group["at"].to_numpy()))
        common = group.sort_values(["count", "code"], ascending=[False, True])
        examples = [f"{mask(code)} ({n})" for code, n in zip(common["code"], common["count"], strict=True)]
        found.append((str(name), positions, examples))
    return found
