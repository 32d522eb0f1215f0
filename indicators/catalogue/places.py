"""Where the files that ship with the software are, and how they are read."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "data" / "reference"
FIGURES = ROOT / "data" / "figures"
LOCALE = ROOT / "data" / "locale"


@cache
def read_toml(path: Path) -> dict[str, Any]:
    """A shipped TOML file, read once; not to be changed. Raises TOMLDecodeError."""
    with path.open("rb") as file:
        return tomllib.load(file)


def csv_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a shipped CSV file (UTF-8, comma), each as column → text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def reference_rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a CSV file of `data/reference`, read once; not to be changed.

    >>> reference_rows("wellbeing_counties.csv")[0]["hyvinvointialue_code"]
    '01'
    """
    return tuple(csv_rows(REFERENCE / name))
