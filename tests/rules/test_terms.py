"""One word for each concept: the words that another word stands for are in no text a user reads."""

from __future__ import annotations

import re

import pytest

from tests.rules.written_texts import texts

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
