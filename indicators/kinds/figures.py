"""Published and entered figures: aggregates that count as they are, and instead of rows that are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.periods import GRAINS, Period, gapless, grain_of
from indicators.engine.cached import cached_per_version
from indicators.engine.question import Where
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Figure:
    """One figure of one area, service and stretch of days, as it was published or entered."""

    area: str
    service: str | None
    start: date
    end: date
    numerator: float | None
    denominator: float | None
    value: float | None
    unit: str | None
    note: str | None
    cited_source: str | None
    load_id: str

    @property
    def point(self) -> bool:
        """Whether it describes one day."""
        return self.start == self.end


def read_figures(snapshot: Snapshot, indicator: str, area: str | None, where: Where) -> list[Figure]:
    """The figures of an indicator that fit the filters, in the order of time; `area` None is every area."""
    figures = [one for one in _figures(snapshot).get(indicator, ()) if area is None or one.area == area]
    for name, values in where:
        figures = [figure for figure in figures if (getattr(figure, name) or UNKNOWN) in values]
    return figures


@cached_per_version()
def _figures(snapshot: Snapshot) -> Mapping[str, Sequence[Figure]]:
    """All figures of a published version by indicator, in the order of time."""
    rows = snapshot.rows(
        """SELECT indicator, area, service, period_start, period_end, numerator, denominator, value, unit, note,
                  cited_source, load_id
           FROM figures ORDER BY period_start, period_end, area, service"""
    )
    found: dict[str, list[Figure]] = {}
    for indicator, *row in rows:
        found.setdefault(indicator, []).append(Figure(*row))
    return found


def grain_of_figures(figures: Sequence[Figure]) -> str:
    """The finest grain that figures come in; years where they come in none."""
    grains = {grain_of(figure.start, figure.end) for figure in figures}
    return next((grain for grain in GRAINS if grain in grains), "year")


def tell_any(figures: Sequence[Figure], periods: Sequence[Period]) -> bool:
    """Whether a figure lies within any of the periods."""
    return any(
        period.start <= figure.start and figure.end <= period.end for figure in figures for period in periods
    )


def value_of(figure: Figure, definition: Definition) -> float | None:
    """The value of one figure: of its numerator and denominator where it has both, else as given."""
    found = _combine(definition, [figure], True)
    return None if found is None else found["value"]


def compute(
    definition: Definition, figures: Sequence[Figure], periods: Sequence[Period], splits: Sequence[str]
) -> pd.DataFrame:
    """One row per period and combination of splits that has figures.

    A figure of exactly the period is taken as it is. Otherwise figures that lie within the period are combined where that
    is right: counts that add up, and shares by Σ numerator / Σ denominator; they are complete where they fill the period
    without a gap. One that does not add up is taken alone, as a part of its period.
    """
    rows = []
    groups: dict[tuple[str, ...], list[Figure]] = {}
    for figure in figures:
        groups.setdefault(tuple(getattr(figure, split) or UNKNOWN for split in splits), []).append(figure)
    for key, mine in sorted(groups.items()):
        for period in periods:
            found = _of_period(definition, mine, period)
            if found is not None:
                rows.append({"period": period.label, **dict(zip(splits, key, strict=True)), **found})
    columns = ["period", *splits, "value", "numerator", "denominator"]
    columns += ["complete", "note", "cited_source", "load_ids"]
    return pd.DataFrame(rows, columns=columns)


def _of_period(definition: Definition, figures: Sequence[Figure], period: Period) -> dict[str, Any] | None:
    inside = [figure for figure in figures if period.start <= figure.start and figure.end <= period.end]
    if not inside:
        return None
    areas: dict[str, list[Figure]] = {}
    for figure in inside:
        areas.setdefault(figure.area, []).append(figure)
    chosen: list[Figure] = []
    complete = True
    for mine in areas.values():
        if definition.point_in_time:
            chosen += _of_last_day(mine)
            continue
        of_area, whole = _of_area(mine, period)
        chosen += of_area
        complete = complete and whole
    places = {(figure.area, figure.service) for figure in chosen}
    if not definition.point_in_time and len(chosen) > len(places) and not _adds(definition, chosen):
        start, end = max((figure.start, figure.end) for figure in chosen)
        chosen, complete = [figure for figure in chosen if (figure.start, figure.end) == (start, end)], False
    return _combine(definition, chosen, complete and not _lacks_a_place(definition, figures, chosen, period))


def _lacks_a_place(
    definition: Definition, figures: Sequence[Figure], chosen: Sequence[Figure], period: Period
) -> bool:
    """Whether an area, or a service of an area known by services, had a figure before the period's end and is not in it.

    What was known once and is not known now is no zero. Only a state that was 0 last is not missed.
    """
    areas = {figure.area for figure in chosen}
    places = {(figure.area, figure.service) for figure in chosen}
    newest: dict[tuple[str, str | None], Figure] = {}
    for figure in figures:
        if figure.end <= period.end:
            newest[figure.area, figure.service] = figure
    return any(
        (area not in areas or not {(area, None), (area, service)} & places)
        and (service is not None or area not in areas)
        and not (definition.point_in_time and figure.value == 0)
        for (area, service), figure in newest.items()
    )


def _of_last_day(figures: Sequence[Figure]) -> list[Figure]:
    """The figures of an area on its last day: one of all services, else one of each, the longest of several."""
    last = max(figure.end for figure in figures)
    found: dict[str | None, Figure] = {}
    for figure in sorted(figures, key=lambda figure: figure.start):
        if figure.end == last:
            found.setdefault(figure.service, figure)
    return [found[None]] if None in found else list(found.values())


def _of_area(figures: Sequence[Figure], period: Period) -> tuple[list[Figure], bool]:
    """The figures of an area in a period, without overlaps, and whether they fill it.

    Those of all services come before those of single ones, unless only these fill the period.
    """
    chains: dict[str | None, tuple[list[Figure], bool]] = {}
    for service in dict.fromkeys(figure.service for figure in figures):
        chains[service] = _chain([figure for figure in figures if figure.service == service], period)
    single = [chain for service, chain in chains.items() if service is not None]
    if None in chains and (chains[None][1] or not single or not all(whole for _, whole in single)):
        return chains[None]
    return [figure for chain, _ in single for figure in chain], all(whole for _, whole in single)


def _chain(figures: Sequence[Figure], period: Period) -> tuple[list[Figure], bool]:
    """Figures of one place after each other, the longest of those that begin on a day; whether they fill the period."""
    chain: list[Figure] = []
    for figure in sorted(figures, key=lambda figure: (figure.start, -figure.end.toordinal())):
        if not chain or figure.start > chain[-1].end:
            chain.append(figure)
    tiles = [Period(figure.start, figure.end, "") for figure in chain]
    return chain, gapless(tiles) and tiles[0].start == period.start and tiles[-1].end == period.end


def _adds(definition: Definition, figures: Sequence[Figure]) -> bool:
    return definition.adds_up or all(
        figure.numerator is not None and figure.denominator is not None for figure in figures
    )


def _combine(definition: Definition, figures: Sequence[Figure], complete: bool) -> dict[str, Any] | None:
    """One row of several figures; None where they cannot be one."""
    # A figure of all services includes those of single ones of the same days.
    whole = {(figure.area, figure.start, figure.end) for figure in figures if figure.service is None}
    figures = [
        figure
        for figure in figures
        if figure.service is None or (figure.area, figure.start, figure.end) not in whole
    ]
    if len(figures) > 1 and not _adds(definition, figures):
        return None
    numerators = [figure.numerator for figure in figures if figure.numerator is not None]
    denominators = [figure.denominator for figure in figures if figure.denominator is not None]
    numerator = denominator = value = None
    if len(numerators) == len(denominators) == len(figures):
        numerator, denominator = sum(numerators), sum(denominators)
        if denominator:
            value = (100 if definition.is_share else 1) * numerator / denominator
    else:
        # A figure whose number is not known leaves the sum unknown.
        given = [figure.value for figure in figures if figure.value is not None]
        value = sum(given) if len(given) == len(figures) else None
    return {
        "value": value,
        "numerator": numerator,
        "denominator": denominator,
        "complete": complete,
        "note": "; ".join(dict.fromkeys(figure.note for figure in figures if figure.note)) or None,
        "cited_source": "; ".join(dict.fromkeys(f.cited_source for f in figures if f.cited_source)) or None,
        "load_ids": tuple(dict.fromkeys(figure.load_id for figure in figures)),
    }
