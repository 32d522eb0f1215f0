"""What codes and indicators are called on a page, in the current language."""

from __future__ import annotations

from collections.abc import Iterable

from indicators.catalogue.definition import Definition, Text
from indicators.catalogue.dimensions import DIMENSIONS
from indicators.catalogue.labels import name_of
from indicators.engine.choices import names_of_units
from indicators.engine.question import Where
from indicators.wording.translations import language
from pages.ui import cache


def dimension(name: str) -> str:
    """What a dimension is called."""
    return DIMENSIONS[name].title[language()]


def name(dimension: str, code: str) -> str:
    """What a code of a dimension is called; units by the newest published version."""
    return names(dimension, [code])[code]


def names(dimension: str, codes: Iterable[str]) -> dict[str, str]:
    """Codes, each once and in their order, and what they are called."""
    units = cache.cached_call(names_of_units) if dimension == "unit" else None
    current = language()
    return {code: name_of(dimension, code, current, units) for code in dict.fromkeys(codes)}


def scope(area: str, where: Where) -> str:
    """An area and every code that figures are narrowed to, by their names."""
    narrowed = (", ".join(names(dimension, codes).values()) for dimension, codes in where)
    return " · ".join((name("area", area), *narrowed))


def by(definition: Definition, split: str, *narrowed: str) -> str:
    """The title of an indicator that is split, and what else it is narrowed to: a period, a kind of visits."""
    return ", ".join((f"{text(definition).name} – {dimension(split)}", *narrowed))


def text(definition: Definition) -> Text:
    """The words of an indicator."""
    return definition.text[language()]
