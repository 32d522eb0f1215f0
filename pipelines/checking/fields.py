"""The field dictionary: what a mapping can fill in each dataset, one row of `indicators/catalogue/fields.csv` per field.

Its columns: `kind` of value; `required` (`row`: every row must have it, `column`: it must be mapped); `domain`, the code
list of its values; `event`, whether a date is of something `realised` by the extract's date or `planned`; `number_is`,
`one_of`, `stretch` and `not_before`: see the tables below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indicators.catalogue.datasets import (
    DATASETS,
    DATE,
    FIELD_ROWS,
    NUMBER,
    TRUTH,
    WHOLE,
    YEAR,
)

OLDEST_YEARS = 120

PARSED_KINDS = (DATE, YEAR, NUMBER, WHOLE, TRUTH)

NUMBER_KINDS = (NUMBER, WHOLE)

#: What a date is of: something that has happened by the extract's date, a plan, or either.
REALISED, PLANNED, EITHER = "realised", "planned", "either"


@dataclass(frozen=True)
class Field:
    """One field a mapping can fill; `domain` is the code list of its values.

    `required` fields must be mapped and every row must have them; `column_required` ones must be mapped.
    """

    name: str
    kind: str
    required: bool = False
    column_required: bool = False
    domain: str | None = None
    event: str = EITHER


FIELDS: Mapping[str, tuple[Field, ...]] = {
    dataset: tuple(
        Field(
            row["field"],
            row["kind"],
            row["required"] == "row",
            row["required"] == "column",
            row["domain"] or None,
            row["event"] or EITHER,
        )
        for row in rows
    )
    for dataset, rows in FIELD_ROWS.items()
}


def _numbers(kind: str) -> Mapping[str, tuple[str, ...]]:
    """The fields by dataset whose numbers are of a kind."""
    return {
        dataset: names
        for dataset, rows in FIELD_ROWS.items()
        if (names := tuple(row["field"] for row in rows if kind in row["number_is"].split()))
    }


#: Fields in which a comma or point before exactly three digits cannot be known to be a decimal sign: numbers of things, and
#: euros. The value of a figure or target is one of them by its unit.
COUNTED = _numbers("counted")
#: The numbers an aggregate row is there for: one that is written but cannot be read sets the row aside.
MAIN_NUMBERS = _numbers("main")
#: Main numbers that may be left blank: the number is not known.
MAY_BE_UNKNOWN = _numbers("may_be_unknown")
#: Fields whose numbers may be written with a percent sign; of a value the unit must then be percent.
PERCENTS = _numbers("percent")
#: Counts outside `NUMBERS`, never negative; and shares in per cent.
COUNTS, SHARES = _numbers("count"), _numbers("share")
#: Of counts, one that counts some of what another counts.
PART_OF: Mapping[str, tuple[str, str]] = {"queue_counts": ("over_limit", "waiting")}
#: The number fields of figures and targets.
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "figures": ("value", "numerator", "denominator"),
    "targets": ("value",),
}
#: Units in which three decimals are nothing unusual.
WITH_DECIMALS = frozenset({"percent", "days", "months", "ratio", "points"})

#: At least one of these must be mapped, and every row must have one of them; the first names the rule.
ONE_OF: Mapping[str, tuple[str, ...]] = {
    dataset: tuple(row["field"] for row in sorted(some, key=lambda row: row["one_of"]))
    for dataset, rows in FIELD_ROWS.items()
    if (some := [row for row in rows if row["one_of"]])
}
#: Stretches of days whose end must not precede their start.
STRETCHES: Mapping[str, tuple[str, str]] = {
    dataset: (ends["start"], ends["end"])
    for dataset, rows in FIELD_ROWS.items()
    if (ends := {row["stretch"]: row["field"] for row in rows if row["stretch"]})
}
#: Pairs of dates of which the second must not precede the first, besides assessment and visit: otherwise there is no
#: interval between them.
INTERVALS: Mapping[str, tuple[tuple[str, str], ...]] = {
    dataset: pairs
    for dataset, rows in FIELD_ROWS.items()
    if (pairs := tuple((first, row["field"]) for row in rows for first in row["not_before"].split()))
}

#: What a measure's unit and direction are chosen from: how it is counted, shown and coloured hangs on them.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "unit": ("percent", "days", "count", "ratio", "points", "euros", "stage", "yes_no"),
    "better": ("up", "down", "none"),
}


def field_of(dataset: str, name: str) -> Field:
    """Return the field of that name. Raises KeyError."""
    return {field.name: field for field in FIELDS[dataset]}[name]


def required_columns(dataset: str) -> tuple[tuple[str, ...], ...]:
    """The fields a layout must have: of each group at least one.

    >>> required_columns("queue")[-1]
    ('assessed_on', 'queued_on')
    """
    alone = tuple((field.name,) for field in FIELDS[dataset] if field.required or field.column_required)
    return (*alone, ONE_OF[dataset]) if dataset in ONE_OF else alone


def key_fields(dataset: str) -> tuple[str, ...]:
    """The fields that identify a row within one file."""
    return DATASETS[dataset].key
