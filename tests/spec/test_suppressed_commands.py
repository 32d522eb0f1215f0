"""Answers of the command line with small numbers suppressed: what one does not tell does not follow from two."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from indicators.cli import app
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import visit, visits

MONDAY = date(2025, 3, 3)


def loaded(folder: Path, weeks: list[dict[str, int]]) -> Settings:
    """A warehouse of visits: per week and unit so many."""
    settings = replace(load_settings({}), warehouse=folder / "warehouse")
    lines = []
    for week, units in enumerate(weeks):
        for unit, count in units.items():
            for at in range(count):
                day = MONDAY + timedelta(weeks=week, days=at % 5)
                written = f"{day.day}.{day.month}.{day.year}"
                lines.append(visit(len(lines) + 1, unit=unit, assessed=written, contacted="", visit=written))
    until = MONDAY + timedelta(weeks=len(weeks))
    options = LoadOptions(as_of=until, window=(MONDAY, until - timedelta(days=1)))
    report = load_bytes(
        "k.csv", visits(*lines), options, settings, now=datetime(2026, 1, 2), today=date(2026, 1, 2)
    )
    assert report.status == "loaded"
    return settings


def shown(settings: Settings, *arguments: str) -> pd.DataFrame:
    """The answer of `show visits --suppress`."""
    result = CliRunner().invoke(
        app,
        [
            "show",
            "visits",
            "--suppress",
            "--format",
            "json",
            "--warehouse",
            str(settings.warehouse),
            *arguments,
        ],
    )
    assert result.exit_code == 0, result.output
    return pd.DataFrame(json.loads(result.stdout))


CASES = [
    [{"TK-KOK-01": 4, "TK-KAN-01": 4}],
    [{"TK-KOK-01": 4, "TK-KAN-01": 40}],
    [{"TK-KOK-01": 3, "TK-KAN-01": 1, "TK-PER-01": 6}],
    [{"TK-KOK-01": 12, "TK-KAN-01": 3}, {"TK-KOK-01": 9, "TK-KAN-01": 7}],
]


@pytest.mark.parametrize("weeks", CASES, ids=str)
def test_two_commands_do_not_solve_what_one_does_not_tell(
    weeks: list[dict[str, int]], tmp_path: Path
) -> None:
    """The reader asks by unit and without a split, by week and by year, and knows that suppressed is 1–4 or protects one."""
    settings = loaded(tmp_path, weeks)
    units = sorted({unit for week in weeks for unit in week})
    by_unit = shown(settings, "--by", "week", "--split", "unit")
    in_all = shown(settings, "--by", "week")
    year = shown(settings, "--by", "year")
    labels = sorted(in_all["period"])
    cells = [(label, unit) for label in labels for unit in units]
    truth = {
        (label, unit): week.get(unit, 0) for label, week in zip(labels, weeks, strict=True) for unit in units
    }
    told = {
        (row["period"], row["unit"]): None if row["status"] == "suppressed" else row["value"]
        for row in by_unit.to_dict("records")
    }
    totals = {
        row["period"]: None if row["status"] == "suppressed" else row["value"]
        for row in in_all.to_dict("records")
    }
    # One that is not small may be suppressed too, to protect another.
    most = max(truth.values()) + 6
    choices = [
        [told[cell]] if told.get(cell) is not None else range(1, most + 1) if cell in told else [0]
        for cell in cells
    ]
    possible: dict[tuple[str, str], set[float]] = {cell: set() for cell in cells}
    for world in product(*choices):
        counts = dict(zip(cells, world, strict=True))
        sums = {label: sum(counts[label, unit] for unit in units) for label in labels}
        if any(totals[label] is not None and totals[label] != sums[label] for label in labels):
            continue
        # Something is suppressed for its own sake only where it is small.
        if any(told[cell] is None for cell in told) and not any(
            0 < counts[cell] < 5 for cell in told if told[cell] is None
        ):
            continue
        yearly = year["value"].iloc[0] if year["status"].iloc[0] != "suppressed" else None
        if yearly is not None and yearly != sum(sums.values()):
            continue
        for cell, count in counts.items():
            possible[cell].add(count)
    for cell, count in truth.items():
        if 0 < count < 5:
            assert told[cell] is None
            assert len(possible[cell]) > 1, (cell, possible[cell])


def test_a_suppressed_answer_says_nothing_else_beside_another_question(tmp_path: Path) -> None:
    """Asked by unit alone four and four are suppressed; eight, their sum, must not turn out to be both of them."""
    settings = loaded(tmp_path, CASES[0])
    by_unit = shown(settings, "--by", "week", "--split", "unit")
    in_all = shown(settings, "--by", "week")
    assert set(by_unit["status"]) == {"suppressed"}
    told = in_all["value"].iloc[0]
    # Both units are 1–4: a told sum of eight leaves four and four alone.
    worlds = [pair for pair in product(range(1, 5), repeat=2) if pd.isna(told) or sum(pair) == told]
    assert len(worlds) > 1
