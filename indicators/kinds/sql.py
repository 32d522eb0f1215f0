"""The pieces of SQL that every shape needs: periods, splits, filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.periods import Period
from indicators.engine.question import Where


def period_sql(column: str, periods: Sequence[Period], grain: str | None) -> tuple[str, str, list[object]]:
    """The SQL of a row's period (its first day), the condition that it has one, and that condition's parameters."""
    first, last = min(p.start for p in periods), max(p.end for p in periods)
    between = f"{column} BETWEEN ? AND ?"
    if grain is not None:
        return f"date_trunc('{grain}', {column})::DATE", between, [first, last]
    cases = " ".join(
        f"WHEN {column} BETWEEN DATE '{p.start}' AND DATE '{p.end}' THEN DATE '{p.start}'" for p in periods
    )
    period = f"CASE {cases} END"
    return period, f"{between} AND {period} IS NOT NULL", [first, last]


def split_sql(split: str) -> str:
    """The SQL of a split's value as text."""
    return f"coalesce({split}::VARCHAR, '{UNKNOWN}')"


def where_sql(where: Where) -> tuple[str, list[object]]:
    """The SQL of filters and its parameters: any value of a dimension, every dimension."""
    parts, parameters = ["true"], []
    for name, values in where:
        known = [value for value in values if value != UNKNOWN]
        column = f"{name}::VARCHAR IN ({', '.join('?' * len(known))})" if known else "false"
        parts.append(f"({column} OR {name} IS NULL)" if UNKNOWN in values else column)
        if UNKNOWN in values and name in ("age_group", "age_band"):
            parts[-1] = f"({parts[-1]} OR {name}::VARCHAR = '{UNKNOWN}')"
        parameters += known
    return " AND ".join(parts), parameters


def conjunction(conditions: Mapping[str, str], names: Sequence[str]) -> str:
    """All named conditions together."""
    return " AND ".join(f"({conditions[name]})" for name in names) or "true"
