"""An answer before suppression, with the counts behind each of its rows."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import Period
from indicators.engine.coverage import PeriodCompleteness
from indicators.engine.question import Where

COUNTS = ("count", "count_met", "distinct_persons", "late_persons", "open")
#: Statistics whose counts do not sum over groups: a person counts once in each.
_NO_SUMS = ("distinct_persons", "late_persons", "person_share", "longest", "units_covered")
Groups = frozenset[tuple[str, frozenset[str]]]
Days = tuple[date, date]
#: First and last day, and the groups.
Span = tuple[date, date, Groups]
#: What a count is of, the rows and conditions, and its span.
Key = tuple[Hashable, date, date, Groups]
#: The counts of a sum, by their kind and what they are of.
Line = dict[tuple[str, Hashable], list[int]]


@dataclass
class CountedAnswer:
    """One answer before suppression: its rows, what was asked, the periods it is reported by.

    - `where`: the filters, the area among them.
    - `eligible_count`: its values are the rows that other answers judge.
    - `protected_last`: it is suppressed only where it is small itself.
    - `cells`: per row its counts by kind: `value`; of shares `met`, `other` and, where a definition has such, `possible`;
      `n`, the denominator; `missing`, what coverage leaves out; the side counts.
    - `keys`: what each count is of; `totals`: the same of sums over its groups that another answer reports by other
      periods.
    - `own_periods`: published figures next to the rows, which are never suppressed.

    The column `n_rows` of `rows` is the number of entries behind a row.
    """

    rows: pd.DataFrame
    definition: Definition
    splits: tuple[str, ...]
    where: Where
    periods: tuple[Period, ...]
    grain: str | None
    eligible_count: bool = False
    protected_last: bool = False
    area: str = ""
    missing: dict[str, PeriodCompleteness] = field(default_factory=dict)
    own_periods: pd.DataFrame = field(default_factory=pd.DataFrame)
    cells: list[dict[str, int]] = field(default_factory=list)
    keys: dict[int, Key] = field(default_factory=dict)
    totals: dict[int, Key] = field(default_factory=dict)

    @property
    def statistic(self) -> str:
        """The statistic of the definition."""
        return self.definition.measure.statistic

    @property
    def sums(self) -> bool:
        """Whether its counts sum over groups."""
        return self.statistic not in _NO_SUMS

    @property
    def sums_in_time(self) -> bool:
        """Whether its counts sum over time, which those of a day do not."""
        return self.sums and self.statistic != "open" and self.definition.measure.dataset != "queue"
