"""One word for each concept: the words that another word stands for are in no text a user reads."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from tests.rules.repository import ROOT

#: What is written in place of each. A pattern is of a whole word where it begins or ends with `\b`.
AVOIDED = {
    "fi": {
        r"hoitopääsy": "hoitoonpääsy",
        r"asiointitap": "yhteystapa",
        r"sairaanhoidolli": "sairaanhoitokäynti",
        r"etäkontakt": "etäasiointi",
        r"jonorivi|jonottaj": "jonomerkintä, jonossa odottava",
        r"ei-kiireelli": "kiireetön",
        r"heikossa asemassa": "haavoittuvassa asemassa",
        r"hoitovel[ak]": "palveluvelka",
        r"kuro[ai]": "velka pienenee, jono puretaan",
        r"hammashoito(?!la)|hammashoidon": "suun terveydenhuolto",
        r"psykkari": "psykiatrinen sairaanhoitaja",
        r"neljännesvuo": "neljännes",
        r"tavoitekau": "tavoitejakso",
        r"saavuttamatta jäänyt|vailla ": "ei saavutettu, ei tietoa",
        r"ontto|ontost": "rengas (○)",
        r"lukutiedosto|valmiiksi laskettu": "tiedostona ladattu luku, luku on saatu valmiina",
        r"\bsyrjään": "sivuun siirretty",
        r"peitenim": "salattu tunniste",
        r"elpymis": "Suomen kestävän kasvun ohjelma",
        r"\bihmi": "henkilö, asiakas",
        r"lain määräai[kj]": "lain enimmäisaika",
        r"(?:tieto|rivi|poiminta)nne\b|lataatte": "sinä-muoto",
    },
    "sv": {
        r"köpost|köuttag": "poster i kön, uttag ur kön",
        r"egen vilja|egen önskan": "på egen begäran",
        r"vårdtillgång": "tillgång till vård",
        r"tidsgräns|lagens tid\b": "maximitid, tidsfrist",
        r"behovsbedömning": "bedömning av vårdbehovet",
        r"brådskandegrad|\bbrådska\b": "brådskegrad",
        r"\bakut": "brådskande, jour",
        r"missbrukarvård": "missbrukartjänster",
        r"tandvård": "munhälsovård",
        r"psykiatrisk skötare": "psykiatrisk sjukskötare",
        r"substitutionsvård": "substitutionsbehandling",
        r"vårdstig|digital väg": "digital vårdväg",
        r"\bår fyllda": "personer som fyllt … år",
        r"vårdskuld|dold skuld|dolda skuld": "serviceskuld, latent skuld",
        r"återhämtning": "programmet för hållbar tillväxt i Finland",
        r"\bmätare": "indikator",
        r"\bsiffra|siffrorna|sifferfil": "värde, antal",
        r"iakttagels": "observation",
        r"åt sidan": "undanlagd",
        r"\båterta|ta tillbaka|tas tillbaka|togs tillbaka": "ångra",
        r"ihålig": "ring (○)",
        r"utan betydelse": "oidentifierad",
        r"\bduger\b": "kan användas",
        r"egna rader": "egna uppgifter",
        r"\b(?:ni|era|ert)\b": "du",
    },
}
FILES = (
    *sorted((ROOT / "indicators").rglob("*.toml")),
    *sorted((ROOT / "pipelines").glob("*.toml")),
    *(ROOT / "data" / "reference" / name for name in ("statutory_limits.csv", "codes.csv")),
    ROOT / "data" / "figures" / "annotations.csv",
)


def _written(tree: Any, language: str, *, said: bool = False) -> Iterator[str]:
    """The texts of a language in a tree of tables: under its code, or under a name that ends with it."""
    if isinstance(tree, str):
        if said:
            yield tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield from _written(value, language, said=said or key == language or key.endswith(f"_{language}"))
    elif isinstance(tree, list):
        for value in tree:
            yield from _written(value, language, said=said)


@cache
def texts(language: str) -> tuple[tuple[str, str], ...]:
    """Every text of a language that a user reads, with the name of its file."""
    found: list[tuple[str, str]] = []
    for path in FILES:
        content = path.read_text(encoding="utf-8")
        tree: Any = (
            tomllib.loads(content) if path.suffix == ".toml" else list(csv.DictReader(content.splitlines()))
        )
        found += [(path.name, text) for text in _written(tree, language)]
    for path in sorted((ROOT / "pages" / "locale" / language).glob("*.po")):
        found += [(path.name, text) for text in _messages(path, language)]
    return tuple(found)


def _messages(path: Path, language: str) -> Iterator[str]:
    with path.open("rb") as file:
        for message in read_po(file, locale=language):
            if message.id:
                yield from [message.string] if isinstance(message.string, str) else message.string


@pytest.mark.parametrize("language", AVOIDED)
def test_no_text_has_a_word_that_another_stands_for(language: str) -> None:
    """Wordings of plans, which stand in quotes, are left as they are."""
    faults = [
        f"{name}: write {better}, not {hit[0]}: {text}"
        for name, text in texts(language)
        for pattern, better in AVOIDED[language].items()
        if (hit := re.search(pattern, re.sub("”[^”]*”", "", text), re.IGNORECASE))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", AVOIDED)
def test_texts_of_every_file_are_read(language: str) -> None:
    assert {name for name, _text in texts(language)} >= {
        *(
            "findings.toml",
            "errors.toml",
            "visits.toml",
            "codes.csv",
            "statutory_limits.csv",
            "annotations.csv",
        ),
        *("shared.po", "queues.po"),
    }
    assert all(isinstance(text, str) for _name, text in texts(language))
