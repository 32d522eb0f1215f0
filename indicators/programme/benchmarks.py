"""Benchmark lines from the reference data: other areas and the country, each with its source and its warning.

Sotkanet's indicator 6411 (share waiting over 7 days) follows THL's shares of *doctor* visits, so it is drawn next to
doctor visits alone until its definition has been checked. Its 2021 and 2022 are municipal-era figures and 2025 is partial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from indicators.catalogue.labels import COUNTRY
from indicators.catalogue.periods import Period, parse_label
from indicators.catalogue.places import reference_rows
from indicators.engine.question import Where

#: The indicator that the shares of Sotkanet and THL are shown with, and the filter that makes them comparable.
COMPARABLE, DOCTOR_VISITS = "seven_day_access", ("profession", ("doctor",))
MUNICIPAL_ERA, PARTIAL = "municipal_era", "partial"
_CAUTIONS = {2021: MUNICIPAL_ERA, 2022: MUNICIPAL_ERA, 2025: PARTIAL}
_WITHIN_DAYS = {"7 d": 7, "14 d": 14}


@dataclass(frozen=True)
class Benchmark:
    """One benchmark figure: a share in per cent of an area (`FI` the country) in a period.

    `within_days` is its limit; `profession` and `population` as the publisher says them; `caution` is
    `municipal_era`, `partial` or None.
    """

    area: str
    period: Period
    value: float
    within_days: int
    profession: str
    population: str
    publisher: str
    caution: str | None


#: The part of the areas that makes a year worth comparing.
ENOUGH_AREAS = 0.8


@cache
def sotkanet() -> tuple[Benchmark, ...]:
    """Doctor visits within 7 days by area and year, in the order of areas and years."""
    return tuple(
        Benchmark(
            row["hyvinvointialue_code"],
            period,
            float(row["share_within_7d_pct_derived"]),
            7,
            "doctor",
            "all",
            "THL, Sotkanet 6411",
            _CAUTIONS.get(int(row["year"])),
        )
        for row in reference_rows("sotkanet_care_access_by_hva_2020_2025.csv")
        if row["share_within_7d_pct_derived"] and (period := parse_label(row["year"]))
    )


@cache
def published_by_thl() -> tuple[Benchmark, ...]:
    """National shares that THL published for a month or year, with their profession, ages and limit."""
    return tuple(
        Benchmark(
            COUNTRY, period, float(row["share_pct"]), days, row["profession"], row["population"], "THL", None
        )
        for row in reference_rows("thl_published_national_benchmarks.csv")
        if row["publisher"] == "THL"
        and (period := parse_label(row["period"]))
        and (days := _WITHIN_DAYS.get(row["limit"]))
    )


@cache
def residents() -> Mapping[str, int]:
    """Residents of the areas on 31 December 2025 (Statistics Finland), and of the country as `FI`, their sum."""
    found = {
        row["hyvinvointialue_code"]: int(row["population_2025"])
        for row in reference_rows("wellbeing_county_population_2025.csv")
    }
    return MappingProxyType({**found, COUNTRY: sum(found.values())})


def newest_comparable_year() -> str:
    """The newest year of which at least four areas in five have a share: what is partial says so."""
    areas: dict[str, set[str]] = {}
    for found in sotkanet():
        areas.setdefault(found.period.label, set()).add(found.area)
    every = set().union(*areas.values())
    return max(year for year, known in areas.items() if len(known) >= ENOUGH_AREAS * len(every))


def benchmarks_for(indicator: str, where: Where, areas: tuple[str, ...]) -> tuple[Benchmark, ...]:
    """The benchmark figures of areas that may be shown with an indicator narrowed so; none where they would mislead.

    >>> benchmarks_for("seven_day_access", (), ("18",))
    ()
    >>> benchmarks_for("seven_day_access", (("profession", ("doctor",)),), ("FI",))[0].period.label
    '2021'
    """
    if indicator != COMPARABLE or DOCTOR_VISITS not in where:
        return ()
    return tuple(found for found in sotkanet() if found.area in areas)
