"""Reading mappings: the shipped folders of `pipelines/sources`, and single TOML files.

A shipped source is a folder with `source.toml`, `columns.csv` (one row per field, one column per layout version) and
`values.csv` (their code → our code). A single file says the same. Both become one document."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from indicators.catalogue.errors import UsageError
from pipelines.identity_codes import mask, places_with_hetu
from pipelines.mapping.document import parse_document
from pipelines.mapping.source import Source

SOURCES = Path(__file__).parents[1] / "sources"


class MappingFault(UsageError):
    """A mapping that cannot be used; `faults` are all of its faults."""

    def __init__(self, where: str, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("bad_mapping", where=where, faults="; ".join(faults))


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
    document = _folder_document(path, faults) if path.is_dir() else _toml(path, faults)
    if not faults:
        name = path.name if path.is_dir() else path.stem
        # What a mapping says is stored with its loads.
        places = places_with_hetu({"name": name} | document)
        faults += [f"{place} has something of the shape of a personal identity code" for place in places]
        source = parse_document(document, faults, name)
    if faults:
        raise MappingFault(mask(path.name), [mask(fault) for fault in faults])
    return source


def _toml(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(
            f"{path.name} is no TOML: {error}. To the left of = a name with ä, spaces or signs is in quotation marks"
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
