"""Mappings: what is known of a source's files, as data.

A shipped source is a folder of `pipelines/sources` with `source.toml`, `columns.csv` (a row per field of ours,
a column per layout version, a cell is their header) and `values.csv` (their code → our code). An analyst's own
mapping is one TOML file that says the same. Both become the same document and go through the same parser.

A file usually brings one dataset. Where a row of theirs means several of ours, the mapping has an output for
each: its dataset, its columns, and the condition under which a row belongs to it.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.errors import UsageError
from pipelines.checking.fields import CODE, DATE, FIELDS, PERSON, STRETCHES, TEXT, required_columns
from pipelines.findings import LANGUAGES
from pipelines.mapping.conditions import Condition, parse_conditions
from pipelines.mapping.shape import _SHAPE_KEYS, NO_SHAPE, Shape, shape_of
from pipelines.persons import mask, places_with_hetu
from pipelines.reading.dates import DATE_FORMATS, DayTaken, format_fault, names_day, names_two_years
from pipelines.reading.options import NOTHING_DECLARED, ReadingOptions, reading_options
from pipelines.reading.periods import ENDS, GRAINS, is_last

SOURCES = Path(__file__).parents[1] / "sources"
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


@dataclass(frozen=True)
class SetRule:
    """Gives a field a value where its conditions hold (always, where it has none).

    The value is a text, or the extract's date where `taken_from` says so. The rules of a field are tried in
    order; the first that applies counts and goes before the column.
    """

    field: str
    value: str
    when: tuple[Condition, ...]
    taken_from: str | None = None


@dataclass(frozen=True)
class Output:
    """What a file's rows become in one dataset.

    `versions` has, per layout version, the headers of each field in order of preference. A row belongs to the
    output where all conditions of `where` hold. `required` are fields every row must have besides those the
    dataset demands; `window` is the date field that a stated window speaks of. `dates` says which day a date field
    takes where a text tells of a period.
    """

    dataset: str
    versions: Mapping[str, Mapping[str, tuple[str, ...]]]
    constants: Mapping[str, str]
    set_rules: tuple[SetRule, ...]
    where: tuple[Condition, ...]
    required: frozenset[str]
    window: str | None
    dates: Mapping[str, DayTaken] = dataclasses.field(default_factory=lambda: MappingProxyType({}))

    @property
    def given(self) -> frozenset[str]:
        """Fields that have a value even where no column is mapped."""
        return frozenset(self.constants) | {rule.field for rule in self.set_rules}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition that looks at a column, of the output and of its rules."""
        return (*self.where, *(condition for rule in self.set_rules for condition in rule.when))

    def required_groups(self) -> tuple[tuple[str, ...], ...]:
        """The fields a layout must have: of each group at least one."""
        return (*required_columns(self.dataset), *((name,) for name in sorted(self.required)))


@dataclass(frozen=True)
class Source:
    """Everything known of one source's files.

    `outputs` are the datasets they bring, the main one first; `values` has, per code domain (or text field),
    their code → ours.
    """

    name: str
    system: str
    titles: Mapping[str, str]
    file_scope: str
    person_id_space: str
    outputs: tuple[Output, ...]
    values: Mapping[str, Mapping[str, str]]
    date_formats: tuple[str, ...]
    encoding: str | None
    separator: str | None
    reading: ReadingOptions = NOTHING_DECLARED
    shape: Shape = NO_SHAPE

    @property
    def named_headers(self) -> frozenset[str]:
        """Every header that the outputs name, of columns of the file or made ones."""
        mapped = {
            header
            for output in self.outputs
            for columns in output.versions.values()
            for headers in columns.values()
            for header in headers
        }
        return frozenset(mapped | {c.column for output in self.outputs for c in output.conditions})

    @property
    def dataset(self) -> str:
        """The main dataset."""
        return self.outputs[0].dataset

    @property
    def versions(self) -> tuple[str, ...]:
        """The layout versions, the same for every output."""
        return tuple(self.outputs[0].versions)

    def code_map_rows(self) -> tuple[tuple[str, str, str, str, None, None], ...]:
        """The value maps as rows of the code map: (source, domain, code, our_code, valid_from, valid_to)."""
        domains = {
            field.domain for out in self.outputs for field in FIELDS[out.dataset] if field.kind == CODE
        }
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
        name = path.name if path.is_dir() else path.stem
        # What a mapping says is stored with its loads.
        places = places_with_hetu({"name": name} | document)
        faults += [f"{place} has something of the shape of a personal identity code" for place in places]
        source = _parse(document, faults, name)
    if faults:
        raise MappingFault(mask(path.name), [mask(fault) for fault in faults])
    return source


def _toml(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(
            f"{path.name} is no TOML: {error}. To the left of = a name with ä, spaces or signs stands in quotation marks"
        )
    except OSError:
        faults.append(f"{path.name} cannot be opened")
    return {}


def _folder_document(folder: Path, faults: list[str]) -> dict[str, Any]:
    """The folder as the document that the single-file form would be."""
    document = _toml(folder / "source.toml", faults)
    columns = _csv(folder / "columns.csv", faults)
    names = [name for name in columns[0] if name not in ("dataset", "field")] if columns else []
    # A folder of several outputs has a column `dataset` that says which of them a row belongs to.
    for dataset in dict.fromkeys(row.get("dataset", "") for row in columns):
        mine = [row for row in columns if row.get("dataset", "") == dataset]
        headers = {name: {row["field"]: row[name] for row in mine if row[name]} for name in names}
        if not dataset:
            document["columns"] = headers
        elif isinstance(document.get("outputs", {}).get(dataset), dict):
            document["outputs"][dataset]["columns"] = headers
        else:
            faults.append(f"columns.csv has {dataset!r}, source.toml has no such output")
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
        alone = {key: value for key, value in document.items() if key in _OUTPUT_KEYS}
        return (_output(document.get("dataset"), alone, faults, ""),)
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
    """Which day each date field takes of a period; others take only days. A stretch of days goes from the first to
    the last."""
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
