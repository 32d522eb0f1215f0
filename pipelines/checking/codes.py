"""What codes mean: the code lists of the reference files, and the code map of a source."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

from indicators.catalogue.languages import texts_of_row
from indicators.catalogue.places import reference_rows
from pipelines.mapping.recognise import fold
from pipelines.mapping.source import Source
from pipelines.warehouse.records import CodeRow
from pipelines.warehouse.scales import STEPPED

#: Contact modes that are no contact with the client.
NO_CONTACT = frozenset({"R60", "R71", "R72", "R80"})
#: Of a level, and of a direction against the year before.
DIRECTIONS = frozenset({"increases", "decreases"})
COMPARATORS = frozenset({"<=", ">=", "<", ">", "="}) | DIRECTIONS
#: What figures and targets are measured in; months only of targets.
MEASURE_UNITS = frozenset({"percent", "days", "months", "count", "ratio", "points", "euros", *STEPPED})
#: The unit that only targets have.
MONTHS = "months"
#: Which way a measure gets better, and its family.
BETTER = frozenset({"up", "down", "none"})
FAMILIES = frozenset({"completed", "waiting", "aggregate"})
WHOLE_COUNTRY = "FI"
#: More codes than these are looked up in `data/reference/codes.csv`.
MOST_LISTED = 20


@dataclass(frozen=True)
class Indicator:
    """What a figure of an indicator is: its unit, whether it may be below zero, the steps of a stage or yes and no."""

    unit: str
    below_zero: bool = False
    steps: tuple[str, ...] = ()


@cache
def shipped_indicators() -> Mapping[str, Indicator]:
    """Return the indicators with a shipped definition, by id."""
    from indicators.catalogue.definition import load_definitions

    return {
        indicator: Indicator(definition.unit, definition.measure.statistic == "hidden_debt")
        for indicator, definition in load_definitions().items()
    }


@cache
def our_codes(domain: str) -> frozenset[str]:
    """Our codes of a domain, from the reference files or the definitions of the indicators; of another one none.

    >>> sorted(our_codes("better"))
    ['down', 'none', 'up']
    """
    if domain == "indicator":
        return frozenset(shipped_indicators())
    return _reference_codes().get(domain, frozenset())


@cache
def _reference_codes() -> Mapping[str, frozenset[str]]:
    domains: dict[str, set[str]] = {}
    for row in reference_rows("codes.csv"):
        domains.setdefault(row["domain"], set()).add(row["code"])
    return {domain: frozenset(codes) for domain, codes in domains.items()} | {
        "municipality": frozenset(r["municipality_code"] for r in reference_rows("municipalities_2026.csv")),
        "area": known_areas() | {WHOLE_COUNTRY},
        "comparator": COMPARATORS,
        "measure_unit": MEASURE_UNITS,
        "better": BETTER,
        "measure_family": FAMILIES,
    }


@cache
def names_of_codes(domain: str, language: str) -> Mapping[str, str]:
    """What our codes are called in a language, in the order of the code list."""
    return {
        row["code"]: texts_of_row(row, "name")[language]
        for row in reference_rows("codes.csv")
        if row["domain"] == domain
    }


def listed_codes(domain: str, language: str) -> str:
    """Our codes of a domain, each with its name; nothing where they are too many to be listed.

    >>> listed_codes("nature", "en"), listed_codes("unit", "en")
    ('curative (Curative), preventive (Preventive)', '')
    """
    codes, names = our_codes(domain), names_of_codes(domain, language)
    if len(codes) > MOST_LISTED:
        return ""
    return ", ".join(f"{code} ({names[code]})" if code in names else code for code in sorted(codes))


@cache
def known_areas() -> frozenset[str]:
    """The codes of the areas that deliver extracts."""
    return frozenset(row["hyvinvointialue_code"] for row in reference_rows("wellbeing_counties.csv"))


@dataclass(frozen=True)
class Meaning:
    """What the codes of one source mean: by domain their code → ours; the units and measures the warehouse knows."""

    ours: Mapping[str, Mapping[str, str]]
    units: frozenset[str]
    measures: Mapping[str, Indicator]

    @classmethod
    def of(
        cls,
        source: Source,
        code_map: Iterable[CodeRow],
        known_units: Iterable[str],
        measures: Mapping[str, Indicator] = MappingProxyType({}),
    ) -> Meaning:
        ours = {domain: dict(codes) for domain, codes in source.values.items()}
        for mapped_source, domain, code, our_code, _, _ in code_map:
            if mapped_source == source.name:
                ours.setdefault(domain, {})[code] = our_code
        return cls(ours, frozenset(known_units), measures)

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """The indicators a figure or target may have: the shipped ones, and the measures of the warehouse."""
        return {**self.measures, **shipped_indicators()}

    def _known(self, domain: str) -> Collection[str]:
        """The codes of a domain that are known as they are."""
        if domain == "unit":
            return self.units
        return self.indicators if domain == "indicator" else our_codes(domain)

    def is_known(self, domain: str, code: str) -> bool:
        return code in self.ours.get(domain, {}) or code in self._known(domain)

    def our(self, domain: str, code: str) -> str:
        return self.ours.get(domain, {}).get(code, code)

    def written(self, domain: str, text: str) -> str:
        """A code as the code list writes it: case, ä/ö and spaces do not count."""
        if self.is_known(domain, text):
            return text
        return self._folded(domain).get(fold(text), text)

    def _folded(self, domain: str) -> dict[str, str]:
        known = self._known(domain) if domain != "unit" else ()
        codes = [*known, *self.ours.get(domain, {})]
        return {fold(code): code for code in sorted(codes)}
