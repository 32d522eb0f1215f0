"""A question to the indicators, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from indicators.catalogue.definition import DERIVED_SPLITS, Definition, find_definition, load_definitions
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import GRAINS, Period

#: Statuses of a result row, the strongest first.
SUPPRESSED, NO_DATA, NO_DENOMINATOR, INCOMPLETE, OK = (
    "suppressed",
    "no_data",
    "no_denominator",
    "incomplete_period",
    "ok",
)
STATUSES = (SUPPRESSED, NO_DATA, NO_DENOMINATOR, INCOMPLETE, OK)
Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Question:
    """A question to an indicator: its periods, splits and filters.

    - `by`: a grain. None: weeks, and for published figures the finest grain they come in.
    - `area`: an area code, or `all`. None: the setting `default_area`, and all areas where the question is split or
      filtered by area.
    - `where`: per dimension the values to include; every dimension must match.
    - `periods`: given stretches of days instead of `by`.
    - `date_from`, `date_to`: the first and last day to report, instead of the days that are covered.
    - `suppress`: whether the shareable view is asked for: counts of persons perturbed and small ones suppressed
      (`privacy.shareable`). `exact_units`: the units of which it is exact all the same.
    - `eligible_count`: asks for the number of rows the indicator looks at, with a date or without, instead of its value.
    - `rows_only`: leaves published figures out. Of synthetic rows next to a published series it asks for their own line.
    """

    indicator: str
    by: str | None = None
    splits: tuple[str, ...] = ()
    area: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    where: Where = ()
    periods: tuple[Period, ...] = ()
    suppress: bool = True
    exact_units: tuple[str, ...] = ()
    eligible_count: bool = False
    rows_only: bool = False

    def narrowed(self, dimension: str, *values: str) -> Question:
        """The same question for these values of a dimension alone; without values the filter is lifted."""
        rest = tuple(part for part in self.where if part[0] != dimension)
        return replace(self, where=(*rest, (dimension, tuple(values))) if values else rest)

    def is_exact(self, unit: str | None) -> bool:
        """Whether counts of persons of a unit, or with None those of all units asked for, are exact."""
        if unit is not None:
            return not self.suppress or unit in self.exact_units
        asked = dict(self.where).get("unit", ())
        return not self.suppress or (bool(asked) and set(asked) <= set(self.exact_units))

    def checked(self, known: Mapping[str, Definition] | None = None) -> Definition:
        """The definition asked for, of those known, by default the shipped ones.

        Raises BadQuestion where the question cannot be answered.
        """
        found = find_definition(load_definitions() if known is None else known, self.indicator)
        if self.by is not None and self.by not in GRAINS:
            raise BadQuestion("unknown_grain", by=self.by)
        for split in (*self.splits, *(name for name, _ in self.where)):
            if split in DERIVED_SPLITS.get(found.measure.dataset, ()):
                continue
            if split not in found.dimensions:
                raise BadQuestion(
                    "unknown_split", indicator=found.id, split=split, known=", ".join(found.dimensions)
                )
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise BadQuestion("bad_dates", first=self.date_from, last=self.date_to)
        return found.of_rows() if self.eligible_count else found


@dataclass(frozen=True)
class Seam:
    """The first day of rows after publications (`to_rows`), or of publications after rows."""

    date: date
    to_rows: bool


@dataclass(frozen=True)
class LoadUsed:
    """One load behind an answer: what the sources line of a page prints."""

    load_id: str
    source: str
    file: str
    extract_date: date
    period_start: date | None
    period_end: date | None
    demo: bool


@dataclass(frozen=True)
class Missing:
    """A queue that a sum lacks: `newest` is its newest known number and `day` the day of that, None where none is known.

    `by_rows` says that it was counted from rows; `published` that it is a published count; `suppressed` that the number
    is not shown because it may be small.
    """

    area: str
    unit: str
    service: str
    newest: float | None
    day: date | None
    by_rows: bool = False
    published: bool = False
    suppressed: bool = False

    def to_dict(self) -> dict[str, object]:
        """The form that the command line prints."""
        newest = int(self.newest) if self.newest is not None else None
        day = None if self.day is None else self.day.isoformat()
        return {"unit": self.unit, "service": self.service, "newest": newest, "date": day}


#: Columns of an answer besides `indicator`, the period and the splits.
CONTRACT_COLUMNS = ("value", "numerator", "denominator", "coverage", "status", "low", "high")
EXTRA_COLUMNS = (
    *("possible_low", "possible_high", "left_out", "uncertain_age", "as_of", "note", "missing", "complete"),
)


@dataclass(frozen=True)
class Answer:
    """The answer: one row per period and combination of splits, in the order of time and then of the splits.

    Columns of `rows`: `indicator`, `period`, `period_start`, `period_end` (datetime.date objects), one per split
    (our code, `unknown` where the source had none), then
    `value`          in the definition's unit, unrounded; NaN where the status says that there is none, or only a range is known
    `numerator`, `denominator`  counts of rows, NaN where the indicator has none or they are suppressed
    `coverage`       per cent of the rows looked at that the value could use, 0–100
    `status`         ok, suppressed, no_denominator, incomplete_period or no_data
    `low`, `high`    what may be said of a suppressed count or share; where only a range is known, its ends
    `possible_low`, `possible_high`  where a share would lie if the rows without dates were known
    `left_out`       rows without a person, for distinct persons
    `uncertain_age`  rows whose age group hangs on the missing birthday
    `as_of`          the day a figure of waiting describes: of a queue its oldest snapshot
    `note`           codes of units that are missing from an incomplete period, joined by spaces, or the remark of a
                     published figure
    `complete`       whether the data covers all of the period, also where the value is suppressed
    `missing`        of a queue, the `Missing` that its sum lacks, each with its newest number
    `cited_source`   of a published figure, the document it was read from

    `missing_units` says, per period name, which units make it incomplete; `missing` of queues which of their services, for
    all that is asked. `loads` are the loads behind the rows, newest first; `demo` is whether any of them is synthetic.
    `seams` are the breaks between published figures and rows. `own_periods` has, in the columns of `rows`, the figures
    whose period is no calendar period and lies within none of the periods asked: each is a point of its own, in no series.
    """

    question: Question
    definition: Definition
    grain: str | None
    area: str
    rows: pd.DataFrame
    loads: tuple[LoadUsed, ...]
    missing_units: dict[str, tuple[str, ...]]
    seams: tuple[Seam, ...] = ()
    own_periods: pd.DataFrame = field(default_factory=pd.DataFrame)
    missing: dict[str, tuple[Missing, ...]] = field(default_factory=dict)

    @property
    def judged_values(self) -> pd.Series:
        """The values that signals rest on; a suppressed count of 1–10 as 2,5, one side of a share likewise, else NaN.

        Most of what is suppressed is below five.
        """
        rows = self.rows
        case = 100 / rows["denominator"] if self.definition.is_share else 1.0
        at_top = self.definition.is_share & (rows["low"] + rows["high"] > 100)
        likely = (rows["low"] + 1.5 * case).where(~at_top, rows["high"] - 1.5 * case)
        return rows["value"].where(rows["status"] != SUPPRESSED, likely)

    def since(self, day: date) -> Answer:
        """The answer from the periods on that begin on a day or later."""
        later = self.rows["period_start"] >= day
        return replace(self, rows=self.rows[later].reset_index(drop=True))

    @property
    def demo(self) -> bool:
        """Whether synthetic rows are behind the answer."""
        return any(load.demo for load in self.loads)


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of an answer, each as column → value."""
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def periods_of(rows: pd.DataFrame) -> list[Period]:
    """The period of each row of an answer."""
    columns = (rows[name].tolist() for name in ("period_start", "period_end", "period"))
    return [Period(*row) for row in zip(*columns, strict=True)]


def has_range(row: Mapping[str, Any]) -> bool:
    """Whether only a range is known of a row's value: it is not suppressed, more is not known.

    >>> has_range({"status": OK, "value": None, "low": 3.0}), has_range({"status": SUPPRESSED, "value": None, "low": 3.0})
    (True, False)
    """
    return row["status"] != SUPPRESSED and bool(pd.isna(row["value"])) and not pd.isna(row["low"])


def with_value(rows: pd.DataFrame) -> pd.Series:
    """Which rows of an answer have a value or, where only that is known, its range."""
    return rows["value"].notna() | (rows["low"].notna() & (rows["status"] != SUPPRESSED))
