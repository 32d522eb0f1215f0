"""From the document of a mapping to a `Source`, with every fault of it."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from indicators.catalogue.datasets import CODE, DATASETS, PERSON, TEXT
from indicators.catalogue.languages import LANGUAGES
from pipelines.checking.fields import DATE, FIELDS, STRETCHES
from pipelines.mapping.conditions import parse_conditions
from pipelines.mapping.shape import _SHAPE_KEYS, shape_of
from pipelines.mapping.source import Output, SetRule, Source
from pipelines.reading.dates import DATE_FORMATS, DayTaken, format_fault, names_day, names_two_years
from pipelines.reading.options import reading_options
from pipelines.reading.periods import ENDS, GRAINS, is_last

SCOPES = ("units", "origin")

#: Between headers in order of preference: the first that has a value in the row counts.
PREFERENCE = "|"

#: What a rule can take a value from besides the file's columns.
EXTRACT_DATE = "extract_date"

#: Keys of a file as a whole, and of one output of it; a file of one output may write both side by side.
_FILE_KEYS = {
    "name", "system", "titles", "file_scope", "person_id_space", "encoding", "separator", "date_formats",
    "values", "reading", *_SHAPE_KEYS,
}  # fmt: skip

_ROOT_KEYS = {"dataset", "outputs"}

_OUTPUT_KEYS = {"columns", "constants", "set", "where", "required", "window", "dates"}

_DATE_KEYS = {"day", "grain"}


def parse_document(document: Mapping[str, Any], faults: list[str], default_name: str) -> Source:
    name = _text(document, "name", faults, default_name)
    titles = _texts(document, "titles", faults)
    faults += [f"titles has no language {language!r}" for language in sorted(set(titles) - set(LANGUAGES))]
    scope = _text(document, "file_scope", faults, "units")
    if scope not in SCOPES:
        faults.append(f"file_scope {scope!r} is not one of {', '.join(SCOPES)}")
    outputs = _outputs(document, faults)
    reading = reading_options(document, faults)
    formats = _formats(document.get("date_formats", list(DATE_FORMATS)), faults)
    if reading.year_starts is None and any(map(names_two_years, formats)):
        faults.append(
            "date_formats names two years: say in [reading] in which month they begin, year_starts = 4"
        )
    if not any(map(names_day, formats)):
        faults += [
            f"date_formats has no form of a day: say which day of a period {name} takes, [dates.{name}] day"
            for output in outputs
            for name in sorted(_mapped_dates(output) - set(output.dates))
        ]
    if len({tuple(output.versions) for output in outputs}) > 1:
        faults.append("every output must have the same layout versions")
    return Source(
        name=name,
        system=_text(document, "system", faults, name),
        titles=MappingProxyType({language: titles.get(language, name) for language in LANGUAGES}),
        file_scope=scope,
        person_id_space=_text(document, "person_id_space", faults, name),
        outputs=outputs,
        values=_values(document.get("values", {}), [output.dataset for output in outputs], faults),
        date_formats=formats,
        encoding=_encoding(document, faults),
        separator=_separator(document, faults),
        reading=reading,
        shape=shape_of(document, faults),
    )


def _outputs(document: Mapping[str, Any], faults: list[str]) -> tuple[Output, ...]:
    """The outputs of a mapping: those of `outputs`, by dataset, or the only one, written in the file itself."""
    if "outputs" not in document:
        faults += [
            f"unknown key {key!r}" for key in sorted(set(document) - _FILE_KEYS - _OUTPUT_KEYS - {"dataset"})
        ]
        single = {key: value for key, value in document.items() if key in _OUTPUT_KEYS}
        return (_output(document.get("dataset"), single, faults, ""),)
    faults += [f"unknown key {key!r}" for key in sorted(set(document) - _FILE_KEYS - {"outputs"})]
    written = document["outputs"]
    if not isinstance(written, dict) or not written or not all(isinstance(v, dict) for v in written.values()):
        faults.append("outputs must be tables, one for each dataset: [outputs.visits]")
        return (_output(None, {}, faults, ""),)
    return tuple(_output(dataset, one, faults, f"outputs.{dataset}.") for dataset, one in written.items())


def _output(dataset: Any, written: Mapping[str, Any], faults: list[str], where: str) -> Output:
    faults += [f"unknown key {where + key!r}" for key in sorted(set(written) - _OUTPUT_KEYS)]
    if dataset not in FIELDS:
        faults.append(f"dataset {dataset!r} is not one of {', '.join(FIELDS)}")
        dataset = next(iter(FIELDS))
    fields = {field.name: field for field in FIELDS[dataset]}
    constants = _texts(written, "constants", faults)
    required = written.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        faults.append(f"{where}required must be a list of fields")
        required = []
    window = written.get("window", DATASETS[dataset].window_column)
    if window is not None and (window not in fields or fields[window].kind != DATE):
        faults.append(f"{where}window {window!r} is no date field of {dataset}")
        window = None
    faults += [
        f"{where}{key}: {name!r} is no field of {dataset}"
        for key, names in (("constants", constants), ("required", required))
        for name in sorted(set(names) - set(fields))
    ]
    output = Output(
        dataset=dataset,
        versions=_versions(written.get("columns", {}), fields, faults),
        constants=MappingProxyType(constants),
        set_rules=_rules(written.get("set", []), fields, faults),
        where=parse_conditions(written.get("where", []), f"{where}where", faults),
        required=frozenset(required),
        window=window,
        dates=_days_taken(dataset, written.get("dates", {}), f"{where}dates", faults),
    )
    for version, columns in output.versions.items():
        for group in output.required_groups():
            if not any(field in columns or field in output.given for field in group):
                faults.append(f"{where}columns.{version}: {' or '.join(group)} is required and not mapped")
    faults += [
        f"a person cannot be given as a constant: {field}"
        for field in sorted(output.given)
        if field in fields and fields[field].kind == PERSON
    ]
    return output


def _mapped_dates(output: Output) -> set[str]:
    days = {field.name for field in FIELDS[output.dataset] if field.kind == DATE}
    return days & {name for columns in output.versions.values() for name in columns}


def _days_taken(dataset: str, written: Any, where: str, faults: list[str]) -> Mapping[str, DayTaken]:
    """Return which day each date field takes of a period: the first and last of stretches; other fields as declared."""
    first, *ends = STRETCHES.get(dataset, ("",))
    taken = {first: DayTaken()} if first else {}
    taken |= {name: DayTaken(last=True) for name in ends}
    if not isinstance(written, dict) or not all(isinstance(one, dict) for one in written.values()):
        faults.append(f"{where} must be tables, one for each date field: [dates.period_end]")
        return MappingProxyType(taken)
    days = {field.name for field in FIELDS[dataset] if field.kind == DATE}
    for name, one in written.items():
        faults += [f"unknown key '{where}.{name}.{key}'" for key in sorted(set(one) - _DATE_KEYS)]
        if name not in days:
            faults.append(f"{where}: {name!r} is no date field of {dataset}")
        day, grain = one.get("day", ENDS[name in ends]), one.get("grain")
        if day not in ENDS:
            faults.append(f"{where}.{name}.day must be one of {', '.join(ENDS)}")
        elif grain is not None and grain not in GRAINS:
            faults.append(f"{where}.{name}.grain must be one of {', '.join(GRAINS)}")
        else:
            taken[name] = DayTaken(is_last(day), grain)
    return MappingProxyType(taken)


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
        unknown = sorted(set(rule) - {"field", "value", "from", "when"})
        if unknown or not all(isinstance(rule.get(key, ""), str) for key in ("field", "value", "from")):
            faults.append(f"set rule {number} must have field, value (or from), all texts, and perhaps when")
            continue
        if rule.get("field") not in fields:
            faults.append(f"set rule {number}: {rule.get('field')!r} is no field of the dataset")
        if ("value" in rule) == ("from" in rule):
            faults.append(f"set rule {number} must have a value, or say what it is taken from")
            continue
        if rule.get("from", EXTRACT_DATE) != EXTRACT_DATE:
            faults.append(f"set rule {number}: from can only be {EXTRACT_DATE!r}")
        when = parse_conditions(rule.get("when", []), f"set rule {number}: when", faults)
        rules.append(SetRule(rule.get("field", ""), rule.get("value", ""), when, rule.get("from")))
    return tuple(rules)


def _values(written: Any, datasets: list[str], faults: list[str]) -> Mapping[str, Mapping[str, str]]:
    domains = {
        field.domain or field.name
        for dataset in datasets
        for field in FIELDS[dataset]
        if field.kind in (CODE, TEXT)
    }
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
        # The fields are separated before they are decoded, so a separator must be itself in every encoding.
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
