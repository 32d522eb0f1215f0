"""The area and filters of a question, and whose data it needs."""

from __future__ import annotations

from indicators.catalogue.conditions import SUPPLY_CONDITIONS
from indicators.catalogue.definition import Definition
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.labels import ALL_AREAS, area_codes
from indicators.engine.question import Question, Where
from pipelines.settings import Settings


def area_of(question: Question, settings: Settings) -> str:
    """The area of a question; unsaid, the default one, unless it is split or filtered by area. Raises BadQuestion."""
    by_area = "area" in question.splits or any(name == "area" for name, _ in question.where)
    area = question.area or (ALL_AREAS if by_area else settings.default_area)
    if area not in area_codes():
        raise BadQuestion("no_such_area", area=area)
    return area


def narrowed_where(where: Where, area: str) -> Where:
    """The filters and the area asked for, each dimension once: a value must pass all of them."""
    filters: dict[str, tuple[str, ...]] = {}
    for name, values in where if area == ALL_AREAS else (*where, ("area", (area,))):
        filters[name] = tuple(value for value in values if value in filters.get(name, values))
    return tuple(filters.items())


def supply_filters(definition: Definition, where: Where) -> Where:
    """The filters that say whose data a period needs: those asked, and the services and kind of rows an indicator is of."""
    measure = definition.measure
    mine = [SUPPLY_CONDITIONS[name] for name in measure.rows if name in SUPPLY_CONDITIONS]
    services = [dict(group.where).get("service", ()) for group in measure.groups]
    if services and all(services):
        mine.append(("service", tuple(dict.fromkeys(service for of in services for service in of))))
    return narrowed_where((*where, *mine), ALL_AREAS)
