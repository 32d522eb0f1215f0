"""What codes mean: the code lists of the reference files, and the code map of a source."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipelines.mapping import Source
from pipelines.recognise import fold
from pipelines.settings import DEFINITIONS, REFERENCE

CodeMapRow = tuple[str, str, str, str, dt.date | None, dt.date | None]

#: Contact modes that are no contact with the client.
NO_CONTACT = frozenset({"R60", "R71", "R72", "R80"})
COMPARATORS = frozenset({"<=", ">=", "<", ">", "="})
#: What figures and targets are measured in; months only of targets.
MEASURE_UNITS = frozenset({"percent", "days", "months", "count", "ratio", "points", "euros"})
WHOLE_COUNTRY = "FI"


@cache
def definitions() -> Mapping[str, Mapping[str, Any]]:
    """What the definitions of the indicators say, by id."""
    return {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted(DEFINITIONS.glob("*.toml"))
    }


@cache
def indicator_units() -> Mapping[str, str]:
    """The unit of each indicator that has a definition, by id."""
    return {indicator: str(said["unit"]) for indicator, said in definitions().items()}


@cache
def below_zero() -> frozenset[str]:
    """The indicators that may be below zero: a debt that has been paid back and more."""
    return frozenset(
        indicator
        for indicator, said in definitions().items()
        if said["measure"]["statistic"] == "hidden_debt"
    )


@cache
def our_codes() -> Mapping[str, frozenset[str]]:
    """Our codes by domain, from the reference files and the definitions of the indicators."""
    domains: dict[str, set[str]] = {}
    with (REFERENCE / "codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            domains.setdefault(row["domain"], set()).add(row["code"])
    with (REFERENCE / "municipalities_2026.csv").open(encoding="utf-8", newline="") as file:
        domains["municipality"] = {row["municipality_code"] for row in csv.DictReader(file)}
    with (REFERENCE / "wellbeing_counties.csv").open(encoding="utf-8", newline="") as file:
        domains["area"] = {row["hyvinvointialue_code"] for row in csv.DictReader(file)} | {WHOLE_COUNTRY}
    domains["comparator"] = set(COMPARATORS)
    domains["measure_unit"] = set(MEASURE_UNITS)
    domains["indicator"] = set(indicator_units())
    return {domain: frozenset(codes) for domain, codes in domains.items()}


@dataclass(frozen=True)
class Meaning:
    """What the codes of one source mean: by domain their code → ours, and the codes known as they are."""

    ours: Mapping[str, Mapping[str, str]]
    known: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, source: Source, code_map: Iterable[CodeMapRow], known_units: Iterable[str]) -> Meaning:
        ours = {domain: dict(codes) for domain, codes in source.values.items()}
        for mapped_source, domain, code, our_code, _, _ in code_map:
            if mapped_source == source.name:
                ours.setdefault(domain, {})[code] = our_code
        return cls(ours, {**our_codes(), "unit": frozenset(known_units)})

    def is_known(self, domain: str, code: str) -> bool:
        return code in self.ours.get(domain, {}) or code in self.known.get(domain, frozenset())

    def our(self, domain: str, code: str) -> str:
        return self.ours.get(domain, {}).get(code, code)

    def written(self, domain: str, text: str) -> str:
        """A code as the code list writes it: case, ä/ö and spaces do not count."""
        if self.is_known(domain, text):
            return text
        return self._folded(domain).get(fold(text), text)

    def _folded(self, domain: str) -> dict[str, str]:
        known = self.known.get(domain, frozenset()) if domain != "unit" else frozenset()
        codes = [*known, *self.ours.get(domain, {})]
        return {fold(code): code for code in sorted(codes)}
