"""Mappings: what is known of a source's files, as data.

A shipped source is a folder of `pipelines/sources` with `source.toml`, `columns.csv` (a row per field of ours,
a column per layout version, a cell is their header) and `values.csv` (their code → our code). An analyst's own
mapping is one TOML file that says the same. Both become the same document and go through the same parser.
"""

from __future__ import annotations

import codecs
import csv
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipelines.datasets import CODE, FIELDS, PERSON, TEXT, required_columns
from pipelines.errors import UsageError
from pipelines.findings import LANGUAGES
from pipelines.parsing import DATE_FORMATS, format_fault

SOURCES = Path(__file__).with_name("sources")
SCOPES = ("units", "origin")
#: Between headers in order of preference: the first that has a value in the row counts.
PREFERENCE = "|"

_KEYS = {
    "name", "system", "dataset", "titles", "file_scope", "person_id_space", "encoding", "separator",
    "date_formats", "columns", "constants", "values", "set",
}  # fmt: skip


@dataclass(frozen=True)
class SetRule:
    """Gives a field a value where a column of theirs has one (or always, without `when`).

    The rules of a field are tried in order; the first that applies counts and goes before the column.
    """

    field: str
    value: str
    when: str | None


@dataclass(frozen=True)
class Source:
    """Everything known of one source's files.

    `versions` has, per layout version, the headers of each field in order of preference; `values` has, per
    code domain (or text field), their code → ours.
    """

    name: str
    system: str
    dataset: str
    titles: Mapping[str, str]
    file_scope: str
    person_id_space: str
    versions: Mapping[str, Mapping[str, tuple[str, ...]]]
    constants: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    date_formats: tuple[str, ...]
    set_rules: tuple[SetRule, ...]
    encoding: str | None
    separator: str | None

    @property
    def given(self) -> frozenset[str]:
        """Fields that have a value even where no column is mapped."""
        return frozenset(self.constants) | {rule.field for rule in self.set_rules}

    def code_map_rows(self) -> tuple[tuple[str, str, str, str, None, None], ...]:
        """The value maps as rows of the code map: (source, domain, code, our_code, valid_from, valid_to)."""
        domains = {field.domain for field in FIELDS[self.dataset] if field.kind == CODE}
        return tuple(
            (self.name, domain, code, ours, None, None)
            for domain, codes in sorted(self.values.items())
            if domain in domains
            for code, ours in codes.items()
        )


class MappingFault(UsageError):
    """A mapping that cannot be used; `faults` are all of its faults."""

    def __init__(self, where: str, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("bad_mapping", where=where, faults="; ".join(faults))


@cache
def all_sources() -> Mapping[str, Source]:
    """Every shipped source by name.

    Raises MappingFault with the faults of all of them at once.

    >>> all_sources()["exreport_kaynnit"].dataset
    'visits'
    """
    sources: dict[str, Source] = {}
    faults: list[str] = []
    for folder in sorted(path.parent for path in SOURCES.glob("*/source.toml")):
        try:
            sources[folder.name] = load_mapping(folder)
        except MappingFault as fault:
            faults += [f"{folder.name}: {one}" for one in fault.faults]
    if faults:
        raise MappingFault("sources", faults)
    return MappingProxyType(sources)


def load_mapping(path: Path) -> Source:
    """A source from its folder or from a single TOML file.

    Raises MappingFault naming everything that is wrong with it.
    """
    faults: list[str] = []
    document = _folder_document(path, faults) if path.is_dir() else _toml(path, faults)
    if not faults:
        source = _parse(document, faults, path.name if path.is_dir() else path.stem)
    if faults:
        raise MappingFault(path.name, faults)
    return source


def _toml(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{path.name} is no TOML: {error}")
    except OSError:
        faults.append(f"{path.name} cannot be opened")
    return {}


def _folder_document(folder: Path, faults: list[str]) -> dict[str, Any]:
    """The folder as the document that the single-file form would be."""
    document = _toml(folder / "source.toml", faults)
    columns = _csv(folder / "columns.csv", faults)
    if columns:
        names = [name for name in columns[0] if name != "field"]
        document["columns"] = {
            name: {row["field"]: row[name] for row in columns if row[name]} for name in names
        }
    values: dict[str, dict[str, str]] = {}
    if (folder / "values.csv").exists():
        for row in _csv(folder / "values.csv", faults):
            known = values.setdefault(row["domain"], {})
            if row["code"] in known:
                faults.append(f"values.csv has {row['domain']} {row['code']!r} twice")
            known[row["code"]] = row["our_code"]
    if values:
        document["values"] = values
    return document


def _csv(path: Path, faults: list[str]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, restkey="", restval=""))
    except (OSError, UnicodeDecodeError, csv.Error):
        faults.append(f"{path.name} cannot be read")
        return []
    if any("" in row for row in rows):
        faults.append(f"{path.name} has a row with too many cells")
        return []
    return rows


def _parse(document: Mapping[str, Any], faults: list[str], default_name: str) -> Source:
    faults += [f"unknown key {key!r}" for key in sorted(set(document) - _KEYS)]
    dataset = document.get("dataset")
    if dataset not in FIELDS:
        faults.append(f"dataset {dataset!r} is not one of {', '.join(FIELDS)}")
        dataset = next(iter(FIELDS))
    fields = {field.name: field for field in FIELDS[dataset]}
    name = _text(document, "name", faults, default_name)
    system = _text(document, "system", faults, name)
    titles = _texts(document, "titles", faults)
    faults += [f"titles has no language {language!r}" for language in sorted(set(titles) - set(LANGUAGES))]
    scope = _text(document, "file_scope", faults, "units")
    if scope not in SCOPES:
        faults.append(f"file_scope {scope!r} is not one of {', '.join(SCOPES)}")
    versions = _versions(document.get("columns", {}), fields, faults)
    constants = _texts(document, "constants", faults)
    faults += [f"constants: {key!r} is no field of {dataset}" for key in sorted(set(constants) - set(fields))]
    rules = _rules(document.get("set", []), fields, faults)
    source = Source(
        name=name,
        system=system,
        dataset=dataset,
        titles=MappingProxyType({language: titles.get(language, name) for language in LANGUAGES}),
        file_scope=scope,
        person_id_space=_text(document, "person_id_space", faults, name),
        versions=versions,
        constants=MappingProxyType(constants),
        values=_values(document.get("values", {}), dataset, faults),
        date_formats=_formats(document.get("date_formats", list(DATE_FORMATS)), faults),
        set_rules=rules,
        encoding=_encoding(document, faults),
        separator=_separator(document, faults),
    )
    for version, columns in versions.items():
        for group in required_columns(dataset):
            if not any(field in columns or field in source.given for field in group):
                faults.append(f"columns.{version}: {' or '.join(group)} is required and not mapped")
    faults += [
        f"a person cannot be given as a constant: {field}"
        for field in sorted(source.given)
        if field in fields and fields[field].kind == PERSON
    ]
    return source


def _text(document: Mapping[str, Any], key: str, faults: list[str], default: str) -> str:
    value = document.get(key, default)
    if not isinstance(value, str) or not value.strip():
        faults.append(f"{key} must be a text")
        return default
    return value


def _texts(document: Mapping[str, Any], key: str, faults: list[str]) -> dict[str, str]:
    value = document.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        faults.append(f"{key} must be a table of texts")
        return {}
    return dict(value)


def _versions(
    written: Any, fields: Mapping[str, Any], faults: list[str]
) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The layout versions. A table of headers alone is the only version, named 1."""
    if not isinstance(written, dict) or not written:
        faults.append("columns is missing")
        return MappingProxyType({})
    if not all(isinstance(value, dict) for value in written.values()):
        written = {"1": written}
    versions = {}
    for version, columns in written.items():
        parsed = {}
        for field, cell in columns.items():
            if field not in fields:
                faults.append(f"columns.{version}: {field!r} is no field of the dataset")
            headers = tuple(cell.split(PREFERENCE)) if isinstance(cell, str) else cell
            if not isinstance(headers, list | tuple) or not all(
                isinstance(header, str) and header.strip() for header in headers
            ):
                faults.append(
                    f"columns.{version}.{field} must be a header, or headers in order of preference"
                )
                continue
            parsed[field] = tuple(header.strip() for header in headers)
        versions[version] = MappingProxyType(parsed)
    return MappingProxyType(versions)


def _rules(written: Any, fields: Mapping[str, Any], faults: list[str]) -> tuple[SetRule, ...]:
    if not isinstance(written, list) or not all(isinstance(rule, dict) for rule in written):
        faults.append("set must be a list of rules: [[set]]")
        return ()
    rules = []
    for number, rule in enumerate(written, start=1):
        unknown = sorted(set(rule) - {"field", "value", "when"})
        if unknown or not all(isinstance(rule.get(key, ""), str) for key in ("field", "value", "when")):
            faults.append(f"set rule {number} must have field, value and perhaps when, all texts")
            continue
        if rule.get("field") not in fields:
            faults.append(f"set rule {number}: {rule.get('field')!r} is no field of the dataset")
        if "value" not in rule:
            faults.append(f"set rule {number} has no value")
            continue
        rules.append(SetRule(rule.get("field", ""), rule["value"], rule.get("when")))
    return tuple(rules)


def _values(written: Any, dataset: str, faults: list[str]) -> Mapping[str, Mapping[str, str]]:
    domains = {field.domain or field.name for field in FIELDS[dataset] if field.kind in (CODE, TEXT)}
    if not isinstance(written, dict) or not all(isinstance(codes, dict) for codes in written.values()):
        faults.append("values must be tables of codes, one for each domain")
        return MappingProxyType({})
    for domain, codes in written.items():
        if domain not in domains:
            faults.append(f"values: {domain!r} is none of {', '.join(sorted(domains))}")
        if not all(isinstance(ours, str) and ours for ours in codes.values()):
            faults.append(f"values.{domain}: every code needs a code of ours")
        alike = Counter(code.strip().lower() for code in codes)
        faults += [
            f"values.{domain}: {code!r} is there twice, but for its case" for code in alike if alike[code] > 1
        ]
    return MappingProxyType({domain: MappingProxyType(dict(codes)) for domain, codes in written.items()})


def _formats(written: Any, faults: list[str]) -> tuple[str, ...]:
    if not isinstance(written, list) or not written or not all(isinstance(one, str) for one in written):
        faults.append("date_formats must be a list of texts such as d.m.yyyy")
        return DATE_FORMATS
    faults += [f"date_formats: {fault}" for fault in map(format_fault, written) if fault]
    return tuple(written)


def _encoding(document: Mapping[str, Any], faults: list[str]) -> str | None:
    encoding = document.get("encoding")
    if encoding is None:
        return None
    try:
        # The fields are told apart before they are decoded, so a separator must be itself in every encoding.
        if ';,\t|"\n'.encode(codecs.lookup(encoding).name) == b';,\t|"\n':
            return encoding
        if codecs.lookup(encoding).name.startswith("utf-16"):
            return encoding
    except (LookupError, TypeError):
        pass
    faults.append(f"encoding {encoding!r} is not known")
    return None


def _separator(document: Mapping[str, Any], faults: list[str]) -> str | None:
    separator = document.get("separator")
    if separator is not None and (
        not isinstance(separator, str) or len(separator) != 1 or separator in '"\r\n' or ord(separator) > 126
    ):
        faults.append("separator must be one character")
        return None
    return separator
