"""Summaries: the rows of a dataset counted by the columns that questions mostly ask for, stored in the published version.

A question that needs no other column is answered from a summary, which has fewer and narrower rows than the dataset; the numbers
are the same. A version tells by a digest of the query what its summaries were made by: where the limits, a condition or a
setting have changed since, single rows answer until the next publication.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from indicators.catalogue.conditions import CONDITIONS
from indicators.catalogue.datasets import DATASETS, Dataset
from indicators.catalogue.dimensions import UNKNOWN, splits_of
from indicators.catalogue.prepared_rows import PREPARED_COLUMNS, WORD, record_key_sql, visits_sql, waiting_sql

#: The prepared rows of each dataset that has a summary.
_PREPARED = {"visits": visits_sql, "queue": waiting_sql}
#: A group's number of rows and their cell key: the exclusive or of the keys of the records.
NUMBER, KEY = "n", "key"


@dataclass(frozen=True)
class Derived:
    """A table that a version stores of the rows of a dataset."""

    table: str
    dataset: str

    @property
    def fact(self) -> str:
        """The name of the version's fact that says what it was made by."""
        return f"made_by_{self.table}"


@dataclass(frozen=True, eq=False)
class Summary(Derived):
    """One summary: a table with a row per combination of its columns that occurs.

    `by` are columns of the prepared rows, `day` is the one that has a group's day; `stored` are conditions that need more columns
    than these, each a column of its own (`is_…`); `aggregates` are worked out of the rows of a group.
    """

    day: str
    by: tuple[str, ...]
    stored: tuple[str, ...]
    aggregates: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that filters, splits and conditions can use."""
        return frozenset(self.by)

    @cached_property
    def conditions(self) -> Mapping[str, str]:
        """The conditions of the dataset that it can tell, as SQL over the summary: as they are, or the column stored."""
        columns = _columns_of(self.dataset) - self.columns
        return {
            name: f'"is_{name}"' if name in self.stored else sql
            for name, sql in CONDITIONS[self.dataset].items()
            if name in self.stored or columns.isdisjoint(WORD.findall(sql))
        }

    def sql(self, eves_are_weekdays: bool, rows: str | None = None) -> str:
        """The query that makes it from the dataset's rows, one row per group."""
        stored = "".join(
            f', ({CONDITIONS[self.dataset][name]}) IS TRUE AS "is_{name}"' for name in self.stored
        )
        aggregates = "".join(f", {sql} AS {name}" for name, sql in self.aggregates.items())
        return f"""SELECT {", ".join(self.by)}{stored}, count(*) AS {NUMBER},
                          bit_xor({record_key_sql(self.dataset)}) AS {KEY}{aggregates}
                   FROM ({_PREPARED[self.dataset](eves_are_weekdays, rows or self.dataset)})
                   GROUP BY ALL"""

    def made_by(self, eves_are_weekdays: bool, program: str) -> str:
        """The digest of the query and of the program, with its version, whose hashes are in it."""
        return sha256(f"{program} {self.sql(eves_are_weekdays)}".encode()).hexdigest()[:16]


def _columns_of(dataset: str) -> frozenset[str]:
    """The columns of prepared rows that conditions may name."""
    known = DATASETS[dataset]
    return frozenset((*known.base, *known.domains, "area", "mode", *PREPARED_COLUMNS[dataset]))


#: The day of a group of visits: the first of those that lie in one week and one month.
SEGMENT = "segment_on"
_VISITS = (
    SEGMENT,
    "area",
    "unit",
    "service",
    "profession",
    "producer",
    "mode",
    "age_uncertain",
    "without_person",
)
_CARE = ("urgency", "nature", "first_visit")
#: The smallest first: of those that have what is asked the first is used.
SUMMARIES: tuple[Summary, ...] = (
    Summary(
        "visits_summary",
        "visits",
        SEGMENT,
        (*_VISITS, *_CARE),
        ("with_wait", "wait_within_7_days", "wait_over_7_days", "judged_by_limit", "within_limit"),
    ),
    Summary(
        "ages_summary",
        "visits",
        SEGMENT,
        (
            SEGMENT,
            "area",
            "unit",
            "service",
            "age_band",
            "urgency",
            "nature",
            "age_uncertain",
            "without_person",
        ),
        ("with_wait", "wait_within_7_days"),
    ),
    Summary("modes_summary", "visits", SEGMENT, (*_VISITS, "mode_code"), ()),
    Summary(
        "waits_summary",
        "visits",
        SEGMENT,
        (*_VISITS, *_CARE, "wait_days", "wait_band"),
        ("judged_by_limit", "within_limit"),
    ),
    Summary(
        "queue_summary",
        "queue",
        "snapshot_on",
        (
            *(
                "snapshot_on",
                "source",
                "area",
                "unit",
                "service",
                "profession",
                "producer",
                "urgency",
                "reason",
            ),
            *("limit_band", "booking", "age_uncertain"),
        ),
        ("judged_by_limit", "over_limit"),
        {"longest": "max(waited_days)", "days_over": "sum(date_diff('day', judged_last_day, snapshot_on))"},
    ),
)


@dataclass(frozen=True)
class Overview(Derived):
    """A small table of what rows a dataset has, made by a query of its rows, which stand in it as `{rows}`."""

    query: str

    def sql(self, _eves_are_weekdays: bool = False, rows: str | None = None) -> str:
        """The query that makes it."""
        return self.query.format(rows=rows or self.dataset)

    def made_by(self, _eves_are_weekdays: bool = False, _program: str = "") -> str:
        """The digest of the query."""
        return sha256(self.query.encode()).hexdigest()[:16]


def _days(dataset: Dataset) -> Overview:
    """Rows by load, place and day: `counts` where indicators count them, `used` where their source is the one that counts.

    `year` is that of the segment a row lies in, also where it has no day.
    """
    kind = f", {dataset.kind} AS kind" if dataset.kind else ""
    return Overview(
        f"{dataset.name}_days",
        dataset.name,
        f"""SELECT load_id, source, origin, demo, area, unit, service{kind}, {dataset.day} AS day,
                   year({dataset.code_date}) AS year, counted AS used, ({dataset.counted}) IS TRUE AS counts, count(*) AS n
            FROM {{rows}} GROUP BY ALL""",
    )


def _codes(dataset: Dataset, dimensions: Sequence[str]) -> Overview:
    """The codes that counted rows have, by area and dimension; `unknown` where a row has none."""
    each = " UNION ALL ".join(
        f"""SELECT area::VARCHAR AS area, '{name}' AS dimension, coalesce({name}::VARCHAR, '{UNKNOWN}') AS code
            FROM {{rows}} WHERE {dataset.counted} GROUP BY ALL"""
        for name in dimensions
    )
    return Overview(f"{dataset.name}_codes", dataset.name, each)


_OF_ROWS = [dataset for dataset in DATASETS.values() if dataset.row_level]
#: By dataset, on which days it has rows, and which codes.
DAYS = {dataset.name: _days(dataset) for dataset in _OF_ROWS}
CODES = {dataset.name: _codes(dataset, splits_of(dataset.name)) for dataset in _OF_ROWS}
#: All that a version stores of its rows besides them.
DERIVED: tuple[Summary | Overview, ...] = (*SUMMARIES, *DAYS.values(), *CODES.values())
