"""Values on the first warehouse as text, at the decimals the definitions declare.

A number that changes shows in a diff of `values/`. After a change that is meant:
    TAKUUVAHTI_WRITE_GOLDEN=1 python -m pytest tests/golden
and a line under "Numbers that changed" in CHANGELOG.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from indicators.definition import load_definitions
from indicators.engine import answer
from indicators.question import Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse

VALUES = Path(__file__).parent / "values"
#: Those that are computed; published figures stand as they are.
COMPUTED = sorted(d.id for d in load_definitions().values() if d.measure.statistic != "published")
ASKED = (
    {"by": "year"},
    {"by": "quarter"},
    {"by": "quarter", "splits": ("service",)},
    {"by": "year", "splits": ("unit",)},
    {"by": "year", "splits": ("profession",)},
    {"by": "year", "splits": ("age_group",)},
)


@pytest.fixture(scope="module")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


@pytest.mark.parametrize("indicator", COMPUTED)
def test_values_are_the_golden_ones(indicator: str, snapshot: Snapshot, demo_settings: Settings) -> None:
    written = "\n".join(
        _as_text(indicator, asked, snapshot, demo_settings)
        for asked in ASKED
        if set(asked.get("splits", ())) <= set(load_definitions()[indicator].dimensions)
    )
    path = VALUES / f"{indicator}.txt"
    if os.environ.get("TAKUUVAHTI_WRITE_GOLDEN") == "1":
        VALUES.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == written


def test_no_golden_file_is_left_over() -> None:
    assert sorted(path.stem for path in VALUES.glob("*.txt")) == COMPUTED


def _as_text(indicator: str, asked: dict, snapshot: Snapshot, settings: Settings) -> str:
    decimals = max(load_definitions()[indicator].decimals, 1)
    rows = answer(snapshot, Question(indicator, suppress=False, **asked), settings).rows
    heading = " ".join(["by", asked["by"], "split", *asked.get("splits", ("–",))])
    lines = [heading]
    for row in rows.to_dict("records"):
        names = [str(row["period"]), *(str(row[split]) for split in asked.get("splits", ()))]
        numbers = [_number(row["value"], decimals)]
        numbers += [_number(row[name], 0) for name in ("numerator", "denominator")]
        numbers.append(_number(row["coverage"], 1))
        lines.append(" | ".join([*names, *numbers, row["status"]]))
    return "\n".join(lines) + "\n"


def _number(value: float, decimals: int) -> str:
    return "–" if pd.isna(value) else f"{value:.{decimals}f}"
