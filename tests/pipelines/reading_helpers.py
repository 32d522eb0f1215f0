"""What the tests of the reading side share: a small extract as a table of texts, and a call of prepare()."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from pipelines.checking.extract import Extract, KnownData, LoadOptions
from pipelines.checking.prepare import Prepared, prepare
from pipelines.mapping.files import all_sources
from pipelines.pseudonyms import Pseudonymiser
from pipelines.settings import load_settings

TODAY = dt.date(2025, 6, 30)
KEY = b"a key for tests only, of 32 byte"
UNITS = ("TK-KOK-01", "TK-KAN-01")

VISIT = {
    "Käyntitunnus": "1000231",
    "Potilas": "P0048213",
    "Syntymävuosi": "1956",
    "Kotikunta": "272",
    "Yksikkökoodi": "TK-KOK-01",
    "Yksikkö": "Kokkolan pääterveysasema",
    "Palvelu": "Avosairaanhoito",
    "Ammattiryhmä": "Lääkäri",
    "Yhteystapa": "R10",
    "Kiireellisyys": "Kiireetön",
    "Käynnin luonne": "SH",
    "Ensikäynti": "K",
    "Yhteydenotto": "3.3.2025",
    "Hoidon tarpeen arviointi": "3.3.2025 9:12",
    "Ajanvaraus tehty": "3.3.2025",
    "Käynti": "10.3.2025 13:30",
    "Tila": "Toteutunut",
}
ENTRY = {
    "Poimintapäivä": "10.3.2025",
    "Jonotunnus": "J1",
    "Potilas": "P0048213",
    "Syntymävuosi": "1956",
    "Kotikunta": "272",
    "Yksikkökoodi": "TK-KOK-01",
    "Yksikkö": "Kokkolan pääterveysasema",
    "Palvelu": "Suun terveydenhuolto",
    "Ammattiryhmä": "Hammaslääkäri",
    "Kiireellisyys": "Kiireetön",
    "Hoidon tarpeen arviointi": "3.2.2025",
    "Jonoon asetettu": "4.2.2025",
    "Varattu aika": "",
    "Jonotuksen syy": "Resurssi",
}


def visit(**changes: str) -> dict[str, str]:
    """A visit that nothing is wrong with, with changes; spaces of a header are written as underscores."""
    return _changed(VISIT, changes)


def entry(**changes: str) -> dict[str, str]:
    """A queue entry that nothing is wrong with, with changes."""
    return _changed(ENTRY, changes)


def _changed(row: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    renamed = {name.replace("_", " "): value for name, value in changes.items()}
    if unknown := set(renamed) - set(row):
        raise KeyError(unknown)
    return {**row, **renamed}


def written(rows: list[dict[str, str]], encoding: str = "cp1252", separator: str = ";") -> bytes:
    """The rows as a file, CRLF, header first."""
    lines = [separator.join(rows[0]), *(separator.join(row.values()) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def read(
    data: bytes | list[dict[str, str]], file_name: str = "extract_20250630.csv", **options: Any
) -> Prepared:
    """prepare() with the shipped sources, a fixed day and a fixed key; rows are written as a file first.

    Few rows make a great share of each bad one, so the file is not refused for that unless the test asks.
    """
    if isinstance(data, list):
        data = written(data)
    return prepared_extract(Extract(file_name, data, "18"), **{"force": True, **options})


def prepared_extract(extract: Extract, **given: Any) -> Prepared:
    """prepare() of an extract; `given` are its options, what is known before, its origin, and the arguments of prepare()."""
    names = {field.name for field in dataclasses.fields(LoadOptions)}
    options = LoadOptions(**{name: value for name, value in given.items() if name in names})
    known = {"sources": all_sources(), "units": frozenset(UNITS)}
    known |= {name: given[name] for name in ("sources", "code_map", "units", "measures") if name in given}
    return prepare(
        dataclasses.replace(extract, origin=given.get("origin", extract.origin), options=options),
        KnownData(**known),
        given.get("key", Pseudonymiser(KEY)),
        given.get("settings", load_settings({})),
        given.get("today", TODAY),
        given.get("progress"),
    )


def codes(prepared: Prepared) -> list[str]:
    """The codes of the findings, in order."""
    return [found.code for found in prepared.findings]
