"""Counts by the smallest parts of periods, days or weeks within a month, of which those of periods of any grain are summed.

A page asks the same measure by month, quarter and year; what DuckDB takes to plan a query is most of what a small answer takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.periods import Period
from indicators.engine.cached import cached_per_version
from indicators.engine.coverage import positions
from indicators.engine.question import Where
from indicators.kinds.request import CountRequest
from pipelines.warehouse import Snapshot

#: The column with the day of a part.
PART = "part_on"


@cached_per_version(500)
def counts_by_part(snapshot: Snapshot, sql: str, parameters: tuple[object, ...]) -> pd.DataFrame:
    """The counts of a query by the days of its column `part_on`, and by others."""
    return snapshot.frame(sql, parameters)


@cached_per_version(500)
def _services_asked(snapshot: Snapshot, sql: str, parameters: tuple[object, ...]) -> set[str]:  # noqa: ARG001  (the key)
    """The services of which the same was asked alone."""
    return set()


def counts_of(
    request: CountRequest, query: Callable[[CountRequest], tuple[str, tuple[object, ...]]]
) -> pd.DataFrame:
    """The counts of the query of a request without splits; who asks a second service the same is told of all of them at once.

    A page goes through the services: a query by service takes little longer than one of a single service, whose first asker
    does not wait for the others. The frame is shared, and not to be changed.
    """
    (service, *others), rest = _services(request)
    if request.splits or others or service in (None, UNKNOWN):
        return counts_by_part(request.snapshot, *query(request))
    sql, parameters = query(replace(request, where=rest, splits=("service",)))
    asked = _services_asked(request.snapshot, sql, parameters)
    asked.add(service)
    if len(asked) == 1:
        return counts_by_part(request.snapshot, *query(request))
    found = counts_by_part(request.snapshot, sql, parameters)
    return found[found["service"] == service].drop(columns="service").reset_index(drop=True)


def _services(request: CountRequest) -> tuple[Sequence[str | None], Where]:
    """The services that a request is filtered by, and its other filters."""
    rest = tuple(one for one in request.where if one[0] != "service")
    return dict(request.where).get("service") or (None,), rest


def are_apart(periods: Sequence[Period]) -> bool:
    """Whether periods follow each other without a day in two of them: counts of parts are then those of periods."""
    return all(one.end < other.start for one, other in pairwise(periods))


def by_period(parts: pd.DataFrame, periods: Sequence[Period], *keys: str) -> pd.DataFrame:
    """Counts by part as one row per period that has any, and per values of the columns `keys`; cell keys are combined."""
    at = positions(parts[PART].to_numpy("datetime64[D]"), periods)
    inside = np.flatnonzero(at >= 0)
    columns = {name: parts[name].to_numpy()[inside] for name in parts.columns.drop(PART)}
    group = at = at[inside]
    for key in keys:
        codes, values = pd.factorize(columns[key], use_na_sentinel=False)
        group = group * len(values) + codes
    _groups, first, place = np.unique(group, return_index=True, return_inverse=True)
    starts = np.array([period.start for period in periods], dtype="datetime64[us]")
    found = {"period": starts[at[first]]}
    for name, values in columns.items():
        if name in keys:
            found[name] = values[first]
            continue
        found[name] = np.zeros(len(first), values.dtype)
        (np.bitwise_xor if name.endswith("_key") else np.add).at(found[name], place, values)
    return pd.DataFrame(found)
