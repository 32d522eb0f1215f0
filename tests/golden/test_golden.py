"""Values on the first warehouse as text, at the decimals the definitions declare; of indicators that come ready counted
also on figures made up here, for most of them have no published ones yet.

A number that changes shows in a diff of `values/`. After a change that is meant:
    TAKUUVAHTI_WRITE_GOLDEN=1 python -m pytest tests/golden
and a line under "Numbers that changed" in CHANGELOG.md.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zlib import crc32

import pandas as pd
import pytest

from indicators.answers import answer
from indicators.catalogue.definition import Definition, load_definitions
from indicators.engine.question import Question, has_range
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.oracle.figures import CARRIED_ON

VALUES = Path(__file__).parent / "values"
INDICATORS = sorted(load_definitions())
ASKED = (
    {"by": "year"},
    {"by": "quarter"},
    {"by": "quarter", "splits": ("service",)},
    {"by": "year", "splits": ("unit",)},
    {"by": "year", "splits": ("profession",)},
    {"by": "year", "splits": ("age_group",)},
    {"by": "year", "splits": ("patient_group",)},
)


OF_FIGURES = (
    {"by": "year"},
    {"by": "quarter"},
    {"by": "year", "splits": ("service",)},
    {"by": "year", "splits": ("area",)},
)
NOW = datetime(2026, 1, 2, 8, 0)
#: A whole year for one area, and the quarters of the next; of another area the first three, by service.
YEAR = ("2023-01-01", "2023-12-31")
QUARTERS = (
    *(("2024-01-01", "2024-03-31"), ("2024-04-01", "2024-06-30")),
    *(("2024-07-01", "2024-09-30"), ("2024-10-01", "2024-12-31")),
)
PLACES = (
    *(("18", "", stretch) for stretch in (YEAR, *QUARTERS)),
    *(("20", service, stretch) for service in ("primary_care", "oral_health") for stretch in QUARTERS[:3]),
)


def made_up_of(definition: Definition) -> bool:
    """Whether figures are made up of an indicator: of those that come ready counted, also where rows carry them on."""
    return definition.family == "aggregate" or definition.id in CARRIED_ON


def made_up() -> bytes:
    """Figures of every indicator that comes ready counted, out of nothing but its name."""
    lines = [
        "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
    ]
    for definition in load_definitions().values():
        seed = crc32(definition.id.encode())
        for area, service, (first, last) in PLACES if made_up_of(definition) else ():
            seed = (seed * 1103515245 + 12345) % 2**31
            whole = 20 + seed % 200
            part = seed // 1000 % whole
            numbers = f"{part},{whole}," if definition.is_share and seed % 5 else f",,{part / 2:g}"
            lines.append(f"{definition.id},{area},{service},{first},{last},{numbers},,,made up")
    return "\n".join([*lines, ""]).encode()


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Settings]:
    """A warehouse of made-up figures alone."""
    own = replace(load_settings({}), warehouse=tmp_path_factory.mktemp("made_up") / "warehouse")
    options = LoadOptions(source="figures", as_of=date(2026, 1, 1))
    report = load_bytes("figures.csv", made_up(), options, own, now=NOW, today=NOW.date())
    assert report.status == "loaded", report.findings
    return Warehouse(own.warehouse).current(), own


@pytest.fixture(scope="module")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


@pytest.mark.parametrize("indicator", INDICATORS)
def test_values_are_the_golden_ones(
    indicator: str, snapshot: Snapshot, demo_settings: Settings, figures: tuple[Snapshot, Settings]
) -> None:
    written = "\n".join(
        _as_text(indicator, asked, snapshot, demo_settings)
        for asked in ASKED
        if set(asked.get("splits", ())) <= set(load_definitions()[indicator].dimensions)
    )
    if indicator in CARRIED_ON:
        # Demo rows carry no published series on: they are a line of their own.
        written += "\ndemo rows alone\n" + "\n".join(
            _as_text(indicator, {**asked, "rows_only": True}, snapshot, demo_settings)
            for asked in ASKED
            if set(asked.get("splits", ())) <= set(load_definitions()[indicator].dimensions)
        )
    if made_up_of(load_definitions()[indicator]):
        written += "\nmade-up figures\n" + "\n".join(
            _as_text(indicator, {"area": "all" if "splits" in asked else "18", **asked}, *figures)
            for asked in OF_FIGURES
            if set(asked.get("splits", ())) <= set(load_definitions()[indicator].dimensions)
        )
    assert re.search(r"\| \d.* (ok|incomplete_period)$", written, re.MULTILINE)
    path = VALUES / f"{indicator}.txt"
    if os.environ.get("TAKUUVAHTI_WRITE_GOLDEN") == "1":
        VALUES.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == written


def test_no_golden_file_is_left_over() -> None:
    assert sorted(path.stem for path in VALUES.glob("*.txt")) == INDICATORS


def _as_text(indicator: str, asked: dict, snapshot: Snapshot, settings: Settings) -> str:
    decimals = max(load_definitions()[indicator].decimals, 1)
    rows = answer(snapshot, Question(indicator, suppress=False, **asked), settings).rows
    heading = " ".join(["by", asked["by"], "split", *asked.get("splits", ("–",))])
    lines = [heading]
    for row in rows.to_dict("records"):
        names = [str(row["period"]), *(str(row[split]) for split in asked.get("splits", ()))]
        value = _number(row["value"], decimals)
        if has_range(row):
            value = f"{_number(row['low'], decimals)} to {_number(row['high'], decimals)}"
        numbers = [value]
        numbers += [_number(row[name], 0) for name in ("numerator", "denominator")]
        numbers.append(_number(row["coverage"], 1))
        lines.append(" | ".join([*names, *numbers, row["status"]]))
    return "\n".join(lines) + "\n"


def _number(value: float, decimals: int) -> str:
    return "–" if pd.isna(value) else f"{value:.{decimals}f}"
