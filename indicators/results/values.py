"""The values of every indicator as long tables: by area, by unit and by service, in every grain it has.

A table is of one level, so that a sum over its rows never holds a total next to its parts. `scope` is `all`, or
`headline` where the value is narrowed as on the pages and in the comparison with targets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from indicators.analysis.known_shares import share_is_known
from indicators.answers import answer
from indicators.catalogue.definition import DATASET_SPLITS, HIDDEN_DEBTS, Definition
from indicators.catalogue.labels import ALL_AREAS
from indicators.catalogue.periods import GRAINS, grain_of
from indicators.engine.measures import definitions_of
from indicators.engine.question import NO_DATA, Answer, Question
from indicators.service_debt.debt import GRAINS as DEBT_GRAINS
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: What the values of a table are split by, and its name.
LEVELS = ("area", "unit", "service")
ALL_ROWS, HEADLINE = "all", "headline"
#: The grain of a period that is no calendar period.
OWN_PERIOD = "own"
_NUMBERS = ("value", "numerator", "denominator", "coverage", "low", "high")
_COLUMNS = ("period", "period_start", "period_end", *_NUMBERS, "status", "complete")


@dataclass(frozen=True)
class Audience:
    """Whose results they are: shareable, or with exact numbers for those who may see them."""

    internal: bool = False

    @property
    def name(self) -> str:
        """Its name in files."""
        return "internal" if self.internal else "shareable"

    def of(self, question: Question) -> Question:
        """A question as it is asked for this audience."""
        return replace(question, suppress=not self.internal)


def values_by(snapshot: Snapshot, settings: Settings, level: str, audience: Audience) -> pd.DataFrame:
    """The values of every indicator that can be split by a level: one row per indicator, scope, grain, period and code.

    Values are unrounded, in the unit of the definition; shares and coverage are per cent. A period without data has no row.
    `known` is whether enough is recorded to tell a share, as pages and reports do; `demo` whether synthetic rows are behind
    the indicator's values of that grain.
    """
    counted = _with_data(snapshot)
    parts = [
        _long(found, question, level, scope, settings.monitoring_min_coverage_pct)
        for definition in definitions_of(snapshot).values()
        if level in definition.dimensions
        and {definition.id, definition.measure.dataset, definition.measure.statistic} & counted
        for question, scope in _questions(definition, level)
        for found in (answer(snapshot, audience.of(question), settings),)
    ]
    columns = ["indicator", "scope", "grain", *_COLUMNS[:3], level, *_COLUMNS[3:], "known", "demo"]
    known = [part for part in parts if len(part)]
    if not known:
        return pd.DataFrame({name: pd.Series(dtype=_kind(name)) for name in columns})
    # A figure of a period of its own comes with the answer of every grain.
    whole = pd.concat(known, ignore_index=True).drop_duplicates(
        ["indicator", "scope", "grain", "period", level]
    )
    whole = whole.sort_values(
        ["indicator", "scope", "grain", "period_start", "period_end", level], kind="stable"
    )
    return whole[columns].astype({name: _kind(name) for name in columns}).reset_index(drop=True)


def _with_data(snapshot: Snapshot) -> frozenset[str]:
    """The datasets that have rows, the indicators that have figures, and the statistics that are made of others."""
    figures = {indicator for (indicator,) in snapshot.rows("SELECT DISTINCT indicator FROM figures")}
    tables = {name: (name, "queue_counts") if name == "queue" else (name,) for name in DATASET_SPLITS}
    counted = {
        name
        for name, read in tables.items()
        if name != "figures" and any(snapshot.rows(f"SELECT 1 FROM {table} LIMIT 1") for table in read)
    }
    return frozenset({*figures, *counted, *HIDDEN_DEBTS})


def _questions(definition: Definition, level: str) -> Iterator[tuple[Question, str]]:
    """Every grain of an indicator, of all its rows and of the headline's."""
    grains: Sequence[str] = DEBT_GRAINS if definition.measure.statistic in HIDDEN_DEBTS else GRAINS
    for grain in grains:
        question = Question(definition.id, by=grain, area=ALL_AREAS, splits=(level,))
        yield question, ALL_ROWS
        if definition.headline_scope and level not in definition.headline_scope:
            yield replace(question, where=definition.headline_where()), HEADLINE


def _long(
    found: Answer, question: Question, level: str, scope: str, least_coverage_pct: float
) -> pd.DataFrame:
    """The rows of an answer in the columns of the table; those without data are left out."""
    own = found.own_periods.assign(complete=True) if len(found.own_periods) else found.own_periods
    rows = [part for part in (found.rows, own) if len(part)]
    if not rows:
        return pd.DataFrame()
    table = pd.concat([part[[*_COLUMNS, level]] for part in rows], ignore_index=True)
    table = table[table["status"] != NO_DATA]
    grains = [
        grain_of(start, end) or OWN_PERIOD
        for start, end in zip(table["period_start"], table["period_end"], strict=True)
    ]
    known = [
        not found.definition.is_share or share_is_known(row, least_coverage_pct)
        for row in table[["coverage"]].to_dict("records")
    ]
    return table.assign(indicator=question.indicator, scope=scope, grain=grains, known=known, demo=found.demo)


def _kind(name: str) -> str:
    """The type of a column."""
    if name in ("known", "demo", "complete"):
        return "bool"
    if name in _NUMBERS:
        return "float64"
    return "object" if name in ("period_start", "period_end") else "str"
