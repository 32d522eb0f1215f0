"""The reference files that ship with the software, as rows."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from indicators.catalogue.places import REFERENCE


@cache
def reference_rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a CSV file of `data/reference`, cell texts by column.

    >>> reference_rows("wellbeing_counties.csv")[0]["hyvinvointialue_code"]
    '01'
    """
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
