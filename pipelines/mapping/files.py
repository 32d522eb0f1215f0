"""Reading mappings: the shipped folders of `pipelines/sources`, and single TOML files.

A shipped source is a folder with `source.toml`, `columns.csv` (one row per field, one column per layout version) and
`values.csv` (their code → our code). A single file says the same. Both become one document."""

from __future__ import annotations

import codecs
import csv
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from indicators.catalogue.errors import SENTENCES, UsageError
from indicators.catalogue.languages import read_sentences
from pipelines.identity_codes import mask, places_with_hetu
from pipelines.mapping.document import parse_document
from pipelines.mapping.faults import Fault
from pipelines.mapping.source import Source

SOURCES = Path(__file__).parents[1] / "sources"

#: Where, in the words of `tomllib`, a text is no TOML, and those of its faults that are something written twice.
_PLACE = re.compile(r"at line (\d+), column (\d+)")
_TWICE = re.compile(r"twice|overwrite|mutate|redefine|already", re.IGNORECASE)


class MappingFault(UsageError):
    """A mapping that cannot be used; `faults` are all of its faults."""

    def __init__(self, where: str, faults: Sequence[str]) -> None:
        self.faults = tuple(map(mask, faults))
        self._faults = tuple(faults)
        super().__init__("bad_mapping", where=where)

    def message(self, language: str) -> str:
        """What is wrong, in the words of the language, without what could be an identity code."""
        said = [one.text(language) if isinstance(one, Fault) else one for one in self._faults]
        sentence = read_sentences(SENTENCES)[self.code][language]
        return sentence.format(where=self.params["where"], faults="; ".join(map(mask, said)))


@cache
def all_sources() -> Mapping[str, Source]:
    """Return every shipped source by name. Raises MappingFault with the faults of all of them at once.

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
    """Return a source from its folder or from a single TOML file. Raises MappingFault with all its faults."""
    faults: list[str] = []
    if path.is_dir():
        return _source(_folder_document(path, faults), path.name, path.name, faults)
    return _source(_toml(path, faults), path.name, path.stem, faults)


def parse_mapping(data: bytes, file_name: str) -> Source:
    """Return a source from the bytes of a TOML file. Raises MappingFault with all its faults."""
    faults: list[str] = []
    return _source(_document(data, file_name, faults), file_name, Path(file_name).stem, faults)


def _source(document: dict[str, Any], file_name: str, name: str, faults: list[str]) -> Source:
    if not faults:
        # What a mapping says is stored with its loads.
        faults += [Fault("identity_code", key=place) for place in places_with_hetu({"name": name} | document)]
        source = parse_document(document, faults, name)
    if faults:
        raise MappingFault(mask(file_name), faults)
    return source


def _toml(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return _document(path.read_bytes(), path.name, faults)
    except OSError:
        faults.append(Fault("cannot_open", file=path.name))
        return {}


def mapping_text(data: bytes) -> str:
    """The text of a TOML file, which Windows may have written as UTF-16 or with a mark at its beginning.

    Raises UnicodeDecodeError.
    """
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return data.decode(encoding).replace("\r\n", "\n")


def _document(data: bytes, file_name: str, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(mapping_text(data))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line, column = place.groups() if place else (data.count(b"\n") + 1, 1)
        code = "toml_twice" if _TWICE.search(str(error)) else "no_toml"
        faults.append(Fault(code, file=file_name, line=line, column=column))
    except UnicodeDecodeError as error:
        faults.append(Fault("not_utf8", file=file_name, line=data[: error.start].count(b"\n") + 1))
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
            faults.append(Fault("no_output", file="columns.csv", name=dataset))
    values: dict[str, dict[str, str]] = {}
    if (folder / "values.csv").exists():
        for row in _csv(folder / "values.csv", faults):
            known = values.setdefault(row["domain"], {})
            if row["code"] in known:
                faults.append(Fault("csv_twice", file="values.csv", domain=row["domain"], name=row["code"]))
            known[row["code"]] = row["our_code"]
    if values:
        document["values"] = values
    return document


def _csv(path: Path, faults: list[str]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, restkey="", restval=""))
    except (OSError, UnicodeDecodeError, csv.Error):
        faults.append(Fault("csv_unreadable", file=path.name))
        return []
    if any("" in row for row in rows):
        faults.append(Fault("csv_cells", file=path.name))
        return []
    return rows
