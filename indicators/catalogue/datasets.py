"""The kinds of data, each declared here and in `fields.csv` once: fields, key, day, what counts as realised, sort order."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from indicators.catalogue.places import csv_rows

#: Columns every row-level or aggregate row carries about where it came from.
PROVENANCE = {"load_id": "VARCHAR", "source": "VARCHAR", "origin": "VARCHAR", "demo": "BOOLEAN"}


#: The kinds of values a field of an extract has, with the DuckDB type of its column.
TEXT, CODE, PERSON, DATE, YEAR, NUMBER, WHOLE, TRUTH = (
    "text", "code", "person", "date", "year", "number", "whole", "truth",
)  # fmt: skip
_TYPES = {TEXT: "VARCHAR", CODE: "VARCHAR", DATE: "DATE", NUMBER: "DOUBLE", WHOLE: "BIGINT", TRUTH: "BOOLEAN"}
#: What is stored of a person, and the fields of an extract that it is made of, which are not stored.
_PERSON = {
    "person": "UUID", "age_group": "VARCHAR", "age_band": "VARCHAR", "age_uncertain": "BOOLEAN", "over_75": "BOOLEAN",
}  # fmt: skip
_BIRTH = ("birth_year", "birth_date", "age")


def _fields() -> dict[str, list[dict[str, str]]]:
    rows = itertools.groupby(csv_rows(Path(__file__).with_name("fields.csv")), key=lambda row: row["dataset"])
    return {dataset: list(fields) for dataset, fields in rows}


#: The fields of each dataset, one row of `fields.csv` each, in the order of their columns.
FIELD_ROWS = _fields()


@dataclass(frozen=True)
class Dataset:
    """One kind of data: its columns, its key, the day a row belongs to.

    - `key`: the columns that identify a row within a source and an origin (row level) or altogether (aggregates).
    - `day`: the column with the day a row belongs to; `dated_by`: the SQL of the date that decides which meaning of a
      code is in force, by default that day.
    - `realised`: the SQL condition of rows that happened; `kind`: the SQL of what kind of row it is, where a unit may
      have data of one kind alone.
    - `open_ended`: whether a row also describes the days after its day.
    """

    name: str
    key: tuple[str, ...]
    row_level: bool = False
    day: str = ""
    dated_by: str = ""
    realised: str = "true"
    kind: str = ""
    open_ended: bool = False

    @cached_property
    def base(self) -> dict[str, str]:
        """The columns a reader of extracts delivers, in order, with DuckDB types."""
        found: dict[str, str] = {}
        for row in FIELD_ROWS[self.name]:
            if row["kind"] == PERSON:
                found |= _PERSON
            elif row["field"] not in _BIRTH:
                found[row["field"]] = _TYPES[row["kind"]]
        return found

    @property
    def domains(self) -> dict[str, str]:
        """Per code domain, which is the column of our codes, the column with the source's own code."""
        named = {"mode_source_code": "mode_code"}
        return {
            named.get(name, name.removesuffix("_code")): name for name in self.base if name.endswith("_code")
        }

    @property
    def counted(self) -> str:
        """The SQL condition of rows that indicators count."""
        return f"counted AND {self.realised}" if self.row_level else "true"

    @property
    def code_date(self) -> str:
        """The SQL of the date that decides which meaning of a code is in force."""
        return self.dated_by or self.day

    @property
    def window_column(self) -> str | None:
        """The column whose date decides whether a stated window covers a row; None where windows have no meaning."""
        return self.day if self.row_level else None

    @property
    def sort_order(self) -> str:
        """The SQL of the order of published rows, which is how queries read them."""
        return f"area, unit, {self.day}, source, origin, {self.key[-1]}"


DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            "visits",
            ("visit_id",),
            row_level=True,
            day="visit_on",
            dated_by="coalesce(visit_on, booked_for, assessed_on)",
            realised="state = 'realised' AND client_contact",
        ),
        Dataset(
            "queue",
            ("snapshot_on", "entry_id"),
            row_level=True,
            day="snapshot_on",
        ),
        Dataset(
            "referrals",
            ("referral_id",),
            row_level=True,
            day="received_on",
            kind="CASE WHEN state_code IS NULL THEN 'referral' ELSE 'pathway' END",
            open_ended=True,
        ),
        Dataset(
            "cases",
            ("case_id",),
            row_level=True,
            day="arrived_on",
            kind="kind",
            open_ended=True,
        ),
        Dataset(
            "figures",
            ("indicator", "area", "service", "period_start", "period_end"),
        ),
        Dataset(
            "targets",
            ("indicator", "area", "period_start", "period_end"),
        ),
        Dataset(
            "queue_counts",
            ("snapshot_on", "area", "unit", "service"),
            day="snapshot_on",
        ),
        Dataset(
            "project_budgets",
            ("area", "project", "investment", "cost_item", "level", "year"),
        ),
        Dataset(
            "traffic_lights",
            ("area", "project", "investment", "report_period_start", "report_period_end", "aspect"),
        ),
        Dataset(
            "milestones",
            ("area", "project", "work_package", "milestone"),
        ),
        Dataset(
            "annotations",
            ("area", "unit", "indicator", "date"),
        ),
        Dataset(
            "measures",
            ("measure",),
        ),
        Dataset(
            "risks",
            ("area", "project", "risk"),
        ),
        Dataset(
            "annual_clock",
            ("area", "project", "what", "timing"),
        ),
        Dataset(
            "target_groups",
            ("area", "project", "target_group"),
        ),
    )
}
