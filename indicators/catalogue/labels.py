"""Names of our codes in three languages: services, professions, modes, ages, municipalities, areas, units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from indicators.catalogue.definition import GROUP_SPLIT, load_definitions
from indicators.catalogue.places import REFERENCE, csv_rows

#: The whole country, as published figures call it.
COUNTRY = "FI"
#: All areas together.
ALL_AREAS = "all"
#: The code where the source has none.
UNKNOWN = "unknown"
_UNKNOWN_CODE = {"fi": "tuntematon koodi {code}", "sv": "okänd kod {code}", "en": "unknown code {code}"}
_NOT_KNOWN = {"fi": "ei tiedossa", "sv": "inte känt", "en": "not known"}
_SPECIAL_AREAS = {
    COUNTRY: {"fi": "Koko maa", "sv": "Hela landet", "en": "The whole country"},
    ALL_AREAS: {"fi": "Kaikki alueet yhteensä", "sv": "Alla områden tillsammans", "en": "All areas together"},
}


@cache
def code_names() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """(dimension, our code) → names by language, from the reference data; units are in the warehouse."""
    names: dict[tuple[str, str], dict[str, str]] = {}
    for row in csv_rows(REFERENCE / "codes.csv"):
        names[row["domain"], row["code"]] = {lang: row[f"name_{lang}"] for lang in ("fi", "sv", "en")}
    for row in csv_rows(REFERENCE / "municipalities_2026.csv"):
        names["municipality", row["municipality_code"]] = {
            "fi": row["name_fi"],
            "sv": row["name_sv"],
            "en": row["name_fi"],
        }
    for row in csv_rows(REFERENCE / "wellbeing_counties.csv"):
        names["area", row["hyvinvointialue_code"]] = {
            lang: row[f"name_{lang}"] for lang in ("fi", "sv", "en")
        }
    for definition in load_definitions().values():
        for group in definition.measure.groups:
            names[GROUP_SPLIT, group.code] = dict(group.name)
    for code, texts in _SPECIAL_AREAS.items():
        names["area", code] = texts
    return MappingProxyType(names)


def area_codes() -> tuple[str, ...]:
    """The areas that can be asked for: the counties, the whole country and all areas together."""
    return tuple(code for domain, code in code_names() if domain == "area")


def name_of(
    dimension: str, code: str, language: str, units: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """What a code is called in a language; an unknown source code is called that, and blank is `ei tiedossa`.

    >>> name_of("service", "primary_care", "fi"), name_of("profession", "?Kuraattori", "en")
    ('Avosairaanhoito', 'unknown code Kuraattori')
    """
    if dimension == "unit" and units and code in units:
        return units[code][language]
    names = code_names().get((dimension, code))
    if names is not None:
        return names[language]
    if code == UNKNOWN:
        return _NOT_KNOWN[language]
    if code.startswith("?"):
        return _UNKNOWN_CODE[language].format(code=code[1:])
    return code
