"""Choosing one indicator of many: the software's own, or a measure of the plans by its theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from streamlit.delta_generator import DeltaGenerator

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import code_names
from indicators.wording.translations import N_, _, language
from pages.text import names
from pages.ui import address, cache, filters

#: In the address: the group that is listed.
GROUP = "aihe"
#: The group of the shipped definitions, and of measures without a theme.
SHIPPED, OTHER = "mittarit", "muut"
TITLES = {SHIPPED: N_("Indicators of the software"), OTHER: N_("Other measures")}


def group_of(definition: Definition) -> str:
    """The group an indicator is listed in: its theme, where it is a measure of the plans.

    >>> from indicators.catalogue.definition import definition
    >>> group_of(definition("visits"))
    'mittarit'
    """
    return SHIPPED if definition.theme is None else definition.theme or OTHER


def group_name(group: str) -> str:
    """What a group is called; a theme that has no name is called what its code is."""
    if group in TITLES:
        return _(TITLES[group])
    named = code_names().get(("theme", group))
    return named[language()] if named else group


def by_group(definitions: Iterable[Definition]) -> Mapping[str, tuple[Definition, ...]]:
    """Definitions by group: the software's first, then themes by name; each group in the order of names."""
    found: dict[str, list[Definition]] = {}
    for one in sorted(definitions, key=lambda one: names.text(one).name.casefold()):
        found.setdefault(group_of(one), []).append(one)
    order = sorted(found, key=lambda one: (one != SHIPPED, one == OTHER, group_name(one).casefold()))
    return {group: tuple(found[group]) for group in order}


def choose_group(groups: Mapping[str, tuple[Definition, ...]], default: str) -> str:
    """The group chosen, with how many indicators each has."""

    def said(group: str) -> str:
        return f"{group_name(group)} ({len(groups[group])})"

    return filters.choose(GROUP, _("Subject"), list(groups), default, said)


def choose_indicator(parameter: str, place: DeltaGenerator) -> Definition:
    """One indicator by its group, by default that of the indicator which the address names; the group's box is at a `place`."""
    known = cache.definitions()
    groups = by_group(known.values())
    asked = address.selected(parameter, known, groups[SHIPPED][0].id)
    with place:
        group = choose_group(groups, group_of(known[asked]))
    options = [one.id for one in groups[group]]
    chosen = filters.choose(
        parameter, _("Indicator"), options, options[0], lambda one: names.text(known[one]).name, always=True
    )
    return known[chosen]
