"""Names of our codes by language: services, professions, modes, ages, municipalities, areas, units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from indicators.catalogue.definition import GROUP_SPLIT, load_definitions
from indicators.catalogue.dimensions import UNKNOWN as UNKNOWN
from indicators.catalogue.languages import read_sentences, texts_of_row
from indicators.catalogue.places import reference_rows

#: The whole country, as published figures call it.
COUNTRY = "FI"
#: All areas together.
ALL_AREAS = "all"
_SENTENCES = Path(__file__).with_name("labels.toml")


@cache
def code_names() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """(dimension, our code) → names by language, from the reference data; units are in the warehouse."""
    names: dict[tuple[str, str], Mapping[str, str]] = {}
    for row in reference_rows("codes.csv"):
        names[row["domain"], row["code"]] = texts_of_row(row, "name")
    for row in reference_rows("municipalities_2026.csv"):
        names["municipality", row["municipality_code"]] = texts_of_row(
            {**row, "name_en": row["name_fi"]}, "name"
        )
    for row in reference_rows("wellbeing_counties.csv"):
        names["area", row["hyvinvointialue_code"]] = texts_of_row(row, "name")
    for definition in load_definitions().values():
        for group in definition.measure.groups:
            names[GROUP_SPLIT, group.code] = group.name
    sentences = read_sentences(_SENTENCES)
    names["area", COUNTRY], names["area", ALL_AREAS] = sentences["country"], sentences["all_areas"]
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
        return read_sentences(_SENTENCES)["not_known"][language]
    if code.startswith("?"):
        return read_sentences(_SENTENCES)["unknown_code"][language].format(code=code[1:])
    return code
