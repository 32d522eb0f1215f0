"""The second implementation of indicators that no module of this folder names: composed from what their file says.

Every condition and statistic of visits and queue entries is written anew here; nothing is shared with the engine but the
names. An indicator that needs another condition, a deadline or a group of its own is written by hand in `model`, `cases`
or `debt`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from indicators.catalogue.definition import Definition, load_definitions
from tests.oracle import cases, debt, figures, model
from tests.oracle.extracts import Row, wait_of
from tests.oracle.model import Figures

Condition = Callable[[Row], bool]


def _of(service: str) -> Condition:
    return lambda row: row.service == service


#: Conditions that narrow to a service, by name, with the service.
SERVICES: Mapping[str, str] = MappingProxyType(
    {
        "primary_care": "primary_care",
        "oral_health": "oral_health",
        "adult_psychiatry": "adult_psychiatry",
        "substance_rehabilitation": "substance_services",
        "opioid_substitution": "opioid_substitution",
        "child_health_clinic": "child_health_clinic",
        "school_psych_nurse": "school_psych_nurse",
    }
)
OF_VISITS: Mapping[str, Condition] = MappingProxyType(
    {
        **{name: _of(service) for name, service in SERVICES.items()},
        "non_urgent": lambda row: row.urgency == "non_urgent",
        "curative": lambda row: row.nature == "curative",
        "first_or_blank": lambda row: row.first_visit != "no",
        "service_with_limit": lambda row: row.service in model.WITH_LIMIT,
        "dentist": lambda row: row.profession == "dentist",
        "all": lambda row: True,
        "with_wait": lambda row: wait_of(row) is not None,
        "wait_within_7_days": lambda row: (wait_of(row) or 0) <= 7,
        "wait_over_7_days": lambda row: (wait_of(row) or 0) > 7,
        "judged_by_limit": lambda row: model.judged_until(row) is not None,
        "within_limit": lambda row: row.on <= (model.judged_until(row) or row.on),
        "age_known": lambda row: row.age_band != "unknown",
        "aged_75": lambda row: row.age_band == "75+",
    }
)
OF_QUEUE: Mapping[str, Condition] = MappingProxyType(
    {
        "non_urgent": lambda row: row.urgency == "non_urgent",
        "not_non_urgent": lambda row: row.urgency != "non_urgent",
        "not_own_wish": lambda row: row.reason != "own_wish",
        "own_wish": lambda row: row.reason == "own_wish",
        "not_medical": lambda row: row.reason != "medical",
        "service_with_limit": lambda row: row.service in model.WITH_LIMIT,
    }
)


def all_of(names: Sequence[str], conditions: Mapping[str, Condition]) -> Condition:
    """Whether a row meets every one of some conditions. Raises KeyError for one that is not written here."""
    chosen = [conditions[name] for name in names]
    return lambda row: all(condition(row) for condition in chosen)


def completed(definition: Definition) -> model.Measure:
    """The rows of an indicator of visits, and what is made of them. Raises KeyError where its kind is not written here."""
    measure = definition.measure
    known = OF_VISITS[measure.known or "all"]
    met = OF_VISITS[measure.met or "all"]

    def share(rows: Sequence[Row]) -> Figures:
        judged = [row for row in rows if known(row)]
        hits = sum(1 for row in judged if met(row))
        share_of_known = 100 * len(judged) / len(rows) if rows else None
        return (100 * hits / len(judged) if judged else None), hits, len(judged), share_of_known, None

    statistics: dict[str, Callable[[Sequence[Row]], Figures]] = {
        "share": share,
        "count": model.number_of_visits,
        "distinct_persons": model.number_of_patients,
    }
    if measure.quantile is not None:
        statistics["quantile"] = model.wait_percentile(measure.quantile)
    if measure.met_modes or measure.groups:
        raise KeyError(definition.id)
    return model.Measure(all_of(measure.rows, OF_VISITS), statistics[measure.statistic])


def register() -> None:
    """Write a second implementation of every indicator that has none yet, where its kind allows it."""
    written = {*model.INDICATORS, *cases.INDICATORS, *figures.READY_MADE, *debt.INDICATORS}
    for definition in load_definitions().values():
        name, measure = definition.id, definition.measure
        if name in written:
            continue
        figures.PER_CENT |= {name} if definition.unit == "percent" else set()
        figures.SUMS |= {name} if definition.adds_up else set()
        figures.OF_A_DAY |= {name} if definition.point_in_time else set()
        services = tuple(SERVICES[row] for row in measure.rows if row in SERVICES)
        if measure.dataset == "visits":
            model.COMPLETED[name] = completed(definition)
            model.FIXED[name] = tuple(one for one in model.VISIT_SPLITS if one not in definition.dimensions)
        elif measure.dataset == "queue" and measure.statistic == "count":
            model.WAITING[name] = (all_of(measure.rows, OF_QUEUE), model.entries, None)
        elif measure.dataset == "figures" and measure.statistic == "published":
            figures.READY_MADE += (name,)
        if services:
            model.OF_SERVICES[name] = services
    model.INDICATORS = (*model.COMPLETED, *model.WAITING)
    model.IN_DEMO = tuple(name for name in model.INDICATORS if name not in model.NOT_IN_DEMO)
