"""What the tests of the reading side share: a small extract as a table of texts, and a call of prepare()."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pipelines.mapping import all_sources
from pipelines.persons import Pseudonymiser
from pipelines.prepare import Prepared, prepare
from pipelines.settings import load_settings

TODAY = dt.date(2025, 6, 30)
KEY = b"a key for tests only, of 32 byte"
UNITS = ("TK-KOK-01", "TK-KAN-01")

VISITS = (
    "Käyntitunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;Yhteystapa;"
    "Kiireellisyys;Käynnin luonne;Ensikäynti;Yhteydenotto;Hoidon tarpeen arviointi;Ajanvaraus tehty;Käynti;Tila"
).split(";")
VISIT = dict(
    zip(
        VISITS,
        (
            "1000231;P0048213;1956;272;TK-KOK-01;Kokkolan pääterveysasema;Avosairaanhoito;Lääkäri;R10;Kiireetön;"
            "SH;K;3.3.2025;3.3.2025 9:12;3.3.2025;10.3.2025 13:30;Toteutunut"
        ).split(";"),
        strict=True,
    )
)
QUEUE = (
    "Poimintapäivä;Jonotunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;"
    "Kiireellisyys;Hoidon tarpeen arviointi;Jonoon asetettu;Varattu aika;Jonotuksen syy"
).split(";")
ENTRY = dict(
    zip(
        QUEUE,
        (
            "10.3.2025;J1;P0048213;1956;272;TK-KOK-01;Kokkolan pääterveysasema;Suun terveydenhuolto;Hammaslääkäri;"
            "Kiireetön;3.2.2025;4.2.2025;;Resurssi"
        ).split(";"),
        strict=True,
    )
)


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


def read(data: bytes | list[dict[str, str]], file_name: str = "extract.csv", **options: Any) -> Prepared:
    """prepare() with the shipped sources, a fixed day and a fixed key; rows are written as a file first.

    Few rows make a great share of each bad one, so the file is not refused for that unless the test asks.
    """
    if isinstance(data, list):
        data = written(data)
    given = {
        "sources": all_sources(),
        "origin": "18",
        "today": TODAY,
        "pseudonymise": Pseudonymiser(KEY),
        "known_units": UNITS,
        "settings": load_settings({}),
        "force": True,
        **options,
    }
    return prepare(data, file_name, **given)


def codes(prepared: Prepared) -> list[str]:
    """The codes of the findings, in order."""
    return [found.code for found in prepared.findings]
