"""What codes and indicators are called on a page, in the current language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indicators.catalogue.definition import Definition, Text
from indicators.catalogue.labels import name_of
from indicators.engine.choices import names_of_units
from pages.text.translations import N_, _, language
from pages.ui import cache

#: Dimensions in words, as a filter or a table's column is titled.
DIMENSIONS: Mapping[str, str] = {
    "area": N_("Area"),
    "unit": N_("Unit"),
    "service": N_("Service"),
    "patient_group": N_("Patient group"),
    "profession": N_("Profession"),
    "mode": N_("Contact mode"),
    "mode_code": N_("Contact mode, code"),
    "first_visit": N_("First or follow-up visit"),
    "age_group": N_("Age group"),
    "age_band": N_("Age"),
    "municipality": N_("Home municipality"),
}


def dimension(name: str) -> str:
    """What a dimension is called."""
    return _(DIMENSIONS[name])


def name(dimension: str, code: str) -> str:
    """What a code of a dimension is called; units by the newest published version."""
    return names(dimension, [code])[code]


def names(dimension: str, codes: Iterable[str]) -> dict[str, str]:
    """Codes, each once and in their order, and what they are called."""
    units = cache.cached_call(names_of_units) if dimension == "unit" else None
    current = language()
    return {code: name_of(dimension, code, current, units) for code in dict.fromkeys(codes)}


def text(definition: Definition) -> Text:
    """The words of an indicator."""
    return definition.text[language()]
