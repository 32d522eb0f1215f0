"""From the document of a mapping to a `Source`, with every fault of it."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from indicators.catalogue.datasets import CODE, DATASETS, PERSON, TEXT
from indicators.catalogue.languages import LANGUAGES
from pipelines.checking.fields import DATE, FIELDS, STRETCHES
from pipelines.mapping.conditions import parse_conditions
from pipelines.mapping.faults import Fault
from pipelines.mapping.personal_columns import misused, personal_headers
from pipelines.mapping.shape import _SHAPE_KEYS, Shape, shape_of
from pipelines.mapping.source import Output, SetRule, Source
from pipelines.reading.dates import DATE_FORMATS, DayTaken, format_fault, names_day, names_two_years
from pipelines.reading.options import reading_options
from pipelines.reading.periods import ENDS, GRAINS, is_last

SCOPES = ("units", "origin")

#: Between headers in order of preference: the first that has a value in the row counts.
PREFERENCE = "|"

#: What a rule can take a value from besides the file's columns.
EXTRACT_DATE = "extract_date"

#: The name of a layout version that its author gave none.
ONLY_VERSION = "1"

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
    faults += [
        Fault("no_language", key="[titles]", name=language, known=", ".join(LANGUAGES))
        for language in sorted(set(titles) - set(LANGUAGES))
    ]
    scope = _text(document, "file_scope", faults, "units")
    if scope not in SCOPES:
        faults.append(Fault("not_one_of", key="file_scope", value=scope, known=", ".join(SCOPES)))
    outputs = _outputs(document, faults)
    reading = reading_options(document, faults)
    formats = _formats(document.get("date_formats", list(DATE_FORMATS)), faults)
    if reading.year_starts is None and any(map(names_two_years, formats)):
        faults.append(Fault("two_years"))
    if not any(map(names_day, formats)):
        faults += [
            Fault("which_day", field=name)
            for output in outputs
            for name in sorted(_mapped_dates(output) - set(output.dates))
        ]
    if len({tuple(output.versions) for output in outputs}) > 1:
        faults.append(Fault("versions_differ"))
    shape = shape_of(document, faults)
    faults += _personal_columns(outputs, shape)
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
        shape=shape,
    )


def _outputs(document: Mapping[str, Any], faults: list[str]) -> tuple[Output, ...]:
    """The outputs of a mapping: those of `outputs`, by dataset, or the only one, written in the file itself."""
    if "outputs" not in document:
        faults += [
            Fault("unknown_key", key=key)
            for key in sorted(set(document) - _FILE_KEYS - _OUTPUT_KEYS - {"dataset"})
        ]
        single = {key: value for key, value in document.items() if key in _OUTPUT_KEYS}
        return (_output(document.get("dataset"), single, faults, ""),)
    faults += [Fault("unknown_key", key=key) for key in sorted(set(document) - _FILE_KEYS - {"outputs"})]
    written = document["outputs"]
    if not isinstance(written, dict) or not written or not all(isinstance(v, dict) for v in written.values()):
        faults.append(Fault("outputs_tables"))
        return (_output(None, {}, faults, ""),)
    return tuple(_output(dataset, one, faults, f"outputs.{dataset}.") for dataset, one in written.items())


def _output(dataset: Any, written: Mapping[str, Any], faults: list[str], where: str) -> Output:
    faults += [Fault("unknown_key", key=where + key) for key in sorted(set(written) - _OUTPUT_KEYS)]
    if dataset not in FIELDS:
        faults.append(Fault("not_one_of", key="dataset", value=dataset, known=", ".join(FIELDS)))
        dataset = next(iter(FIELDS))
    fields = {field.name: field for field in FIELDS[dataset]}
    constants = _texts(written, "constants", faults)
    required = written.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        faults.append(Fault("list_of_fields", key=f"{where}required"))
        required = []
    window = written.get("window", DATASETS[dataset].window_column)
    if window is not None and (window not in fields or fields[window].kind != DATE):
        faults.append(Fault("no_date_field", key=f"{where}window", name=window, dataset=dataset))
        window = None
    faults += [
        Fault("no_field", key=f"{where}{key}", name=name, dataset=dataset)
        for key, names in (("constants", constants), ("required", required))
        for name in sorted(set(names) - set(fields))
    ]
    output = Output(
        dataset=dataset,
        versions=_versions(written.get("columns", {}), f"{where}columns", dataset, faults),
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
                key = _table(f"{where}columns", version)
                faults.append(Fault("required_not_mapped", key=key, fields=" / ".join(group)))
    faults += [
        Fault("person_constant", field=field)
        for field in sorted(output.given)
        if field in fields and fields[field].kind == PERSON
    ]
    return output


def _personal_columns(outputs: Iterable[Output], shape: Shape) -> Iterator[Fault]:
    """Yield the faults of fields that would store what tells who a person is."""
    outputs = list(outputs)
    personal = personal_headers([columns for out in outputs for columns in out.versions.values()], shape)
    for output in outputs:
        for version, columns in output.versions.items():
            for field in misused(output.dataset, columns, personal):
                read = ", ".join(columns[field])
                name = "columns" if len(outputs) == 1 else f"outputs.{output.dataset}.columns"
                yield Fault("personal_column", key=_table(name, version), field=field, headers=read)


def _mapped_dates(output: Output) -> set[str]:
    days = {field.name for field in FIELDS[output.dataset] if field.kind == DATE}
    return days & {name for columns in output.versions.values() for name in columns}


def _days_taken(dataset: str, written: Any, where: str, faults: list[str]) -> Mapping[str, DayTaken]:
    """Return which day each date field takes of a period: the first and last of stretches; other fields as declared."""
    first, *ends = STRETCHES.get(dataset, ("",))
    taken = {first: DayTaken()} if first else {}
    taken |= {name: DayTaken(last=True) for name in ends}
    if not isinstance(written, dict) or not all(isinstance(one, dict) for one in written.values()):
        faults.append(Fault("date_tables", key=where))
        return MappingProxyType(taken)
    days = {field.name for field in FIELDS[dataset] if field.kind == DATE}
    for name, one in written.items():
        faults += [Fault("unknown_key", key=f"{where}.{name}.{key}") for key in sorted(set(one) - _DATE_KEYS)]
        if name not in days:
            faults.append(Fault("no_date_field", key=where, name=name, dataset=dataset))
        day, grain = one.get("day", ENDS[name in ends]), one.get("grain")
        if day not in ENDS:
            faults.append(Fault("must_be_one_of", key=f"{where}.{name}.day", known=", ".join(ENDS)))
        elif grain is not None and grain not in GRAINS:
            faults.append(Fault("must_be_one_of", key=f"{where}.{name}.grain", known=", ".join(GRAINS)))
        else:
            taken[name] = DayTaken(is_last(day), grain)
    return MappingProxyType(taken)


def _text(document: Mapping[str, Any], key: str, faults: list[str], default: str) -> str:
    value = document.get(key, default)
    if not isinstance(value, str) or not value.strip():
        faults.append(Fault("must_be_text", key=key))
        return default
    return value


def _texts(document: Mapping[str, Any], key: str, faults: list[str]) -> dict[str, str]:
    value = document.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        faults.append(Fault("must_be_texts", key=f"[{key}]"))
        return {}
    return dict(value)


def _versions(
    written: Any, table: str, dataset: str, faults: list[str]
) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The layout versions. A table of headers alone is the only version, which has no name."""
    fields = {field.name for field in FIELDS[dataset]}
    if not isinstance(written, dict) or not written:
        faults.append(Fault("columns_missing"))
        return MappingProxyType({})
    if not all(isinstance(value, dict) for value in written.values()):
        written = {ONLY_VERSION: written}
    versions = {}
    for version, columns in written.items():
        parsed = {}
        for field, cell in columns.items():
            if field not in fields:
                faults.append(Fault("no_field", key=_table(table, version), name=field, dataset=dataset))
            headers = tuple(cell.split(PREFERENCE)) if isinstance(cell, str) else cell
            if not isinstance(headers, list | tuple) or not all(
                isinstance(header, str) and header.strip() for header in headers
            ):
                faults.append(Fault("header_or_headers", key=f"{_table(table, version)} {field}"))
                continue
            parsed[field] = tuple(header.strip() for header in headers)
        versions[version] = MappingProxyType(parsed)
    return MappingProxyType(versions)


def _table(name: str, version: str) -> str:
    """How the author writes the table of a layout version.

    >>> _table("columns", ONLY_VERSION), _table("columns", "2024")
    ('[columns]', '[columns.2024]')
    """
    return f"[{name}]" if version == ONLY_VERSION else f"[{name}.{version}]"


def _rules(written: Any, fields: Mapping[str, Any], faults: list[str]) -> tuple[SetRule, ...]:
    if not isinstance(written, list) or not all(isinstance(rule, dict) for rule in written):
        faults.append(Fault("rules_list"))
        return ()
    rules = []
    for number, rule in enumerate(written, start=1):
        unknown = sorted(set(rule) - {"field", "value", "from", "when"})
        if unknown or not all(isinstance(rule.get(key, ""), str) for key in ("field", "value", "from")):
            faults.append(Fault("rule_keys", number=number))
            continue
        if rule.get("field") not in fields:
            faults.append(Fault("rule_field", number=number, name=rule.get("field")))
        if ("value" in rule) == ("from" in rule):
            faults.append(Fault("rule_value", number=number))
            continue
        if rule.get("from", EXTRACT_DATE) != EXTRACT_DATE:
            faults.append(Fault("rule_from", number=number, value=EXTRACT_DATE))
        when = parse_conditions(rule.get("when", []), f"[[set]] {number}: when", faults)
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
        faults.append(Fault("values_tables"))
        return MappingProxyType({})
    for domain, codes in written.items():
        if domain not in domains:
            faults.append(Fault("values_domain", name=domain, known=", ".join(sorted(domains))))
        if not all(isinstance(ours, str) and ours for ours in codes.values()):
            faults.append(Fault("values_code", name=domain))
        alike = Counter(code.strip().lower() for code in codes)
        faults += [Fault("values_twice", name=domain, code=code) for code in alike if alike[code] > 1]
    return MappingProxyType({domain: MappingProxyType(dict(codes)) for domain, codes in written.items()})


def _formats(written: Any, faults: list[str]) -> tuple[str, ...]:
    if not isinstance(written, list) or not written or not all(isinstance(one, str) for one in written):
        faults.append(Fault("formats_list"))
        return DATE_FORMATS
    faults += [Fault("format", fault=fault) for fault in map(format_fault, written) if fault]
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
    faults.append(Fault("encoding", name=encoding))
    return None


def _separator(document: Mapping[str, Any], faults: list[str]) -> str | None:
    separator = document.get("separator")
    if separator is not None and (
        not isinstance(separator, str) or len(separator) != 1 or separator in '"\r\n' or ord(separator) > 126
    ):
        faults.append(Fault("separator"))
        return None
    return separator
