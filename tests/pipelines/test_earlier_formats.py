"""Warehouses made by earlier versions open, upgrade and give the figures that they gave.

`tests/fixtures/formats/<version>.tar.xz` holds a warehouse as that version left it – its archive, its newest published
version, rows set aside, decisions by hand, a withdrawn load – and `answers.csv`, what that version answered: every
indicator by month and year, without a split, by unit and by service.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from indicators.answers import answer
from indicators.catalogue.definition import load_definitions
from indicators.catalogue.places import FIGURES as FIGURES_SHIPPED
from indicators.engine.measures import definitions_of
from indicators.engine.question import INCOMPLETE, OK, SUPPRESSED, Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.loading.rebuild import rebuild
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse

FORMATS = Path(__file__).parents[1] / "fixtures" / "formats"
NOW = datetime(2025, 7, 2, 8, 0)
FIGURES = ("value", "numerator", "denominator", "coverage")
#: Indicators whose figures are meant to differ from what a version answered: "Numbers that changed" has the reasons.
CHANGED: Mapping[str, frozenset[str]] = {
    "0.1": frozenset(
        {
            # Physiotherapy, and who has a time in the Act; a count that names no number beyond the limit is no zero.
            *("access_within_limit", "queue_over_limit", "service_debt_visible"),
            *("social_welfare_deadlines", "social_welfare_overdue"),
            # The modes that are electronic for sure; people whose 8th day falls in the period.
            *("electronic_contacts", "mental_health_not_contacted_in_week"),
            # More than in the baseline year is not paid back unless a debt was there before.
            "service_debt_hidden",
        }
    )
}
#: Indicators of which queues known by counts alone are missing since: a complete figure may be an incomplete one now.
INCOMPLETE_NOW = {"0.1": frozenset({"queue_longest_wait", "queue_own_wish", "queue_urgent"})}
Key = tuple[str, str, str, str, str]


@pytest.fixture(params=sorted(path.name.removesuffix(".tar.xz") for path in FORMATS.glob("*.tar.xz")))
def earlier(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[str, Settings, dict[Key, tuple[str, ...]]]:
    """A version's name, the settings of its warehouse, and what it answered by indicator, grain, split, period and key."""
    shutil.unpack_archive(FORMATS / f"{request.param}.tar.xz", tmp_path)
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as file:
        answers = {
            (row["indicator"], row["by"], row["split"], row["period"], row["key"]): (
                *(row[name] for name in FIGURES),
                row["status"],
            )
            for row in csv.DictReader(file)
        }
    return request.param, replace(load_settings({}), warehouse=tmp_path / "warehouse"), answers


def test_an_earlier_warehouse_is_rebuilt_and_gives_the_same_figures(
    earlier: tuple[str, Settings, dict[Key, tuple[str, ...]]],
) -> None:
    version, settings, before = earlier
    rebuild(settings, now=NOW)
    snapshot = Warehouse(settings.warehouse).current()
    wanted = {key: told for key, told in before.items() if key[0] not in CHANGED[version]}
    found = {}
    for indicator, by, split in sorted({key[:3] for key in wanted}):
        assert indicator in load_definitions()
        found |= _answers(snapshot, settings, indicator, by, split)
    for key, told in wanted.items():
        if key[0] in INCOMPLETE_NOW[version] and told[-1] == OK and found[key][-1] == INCOMPLETE:
            wanted[key] = (*told[:-1], INCOMPLETE)
    # What the earlier version suppressed it did not answer.
    wanted = {key: told for key, told in wanted.items() if told[-1] != SUPPRESSED}
    now = {key: found.get(key) or ("",) * len(told) for key, told in wanted.items()}
    for key, told in wanted.items():
        now[key] = tuple(mine if theirs else theirs for mine, theirs in zip(now[key], told, strict=True))
    assert now == wanted


def test_an_earlier_warehouse_keeps_its_loads_and_decisions(
    earlier: tuple[str, Settings, dict[Key, tuple[str, ...]]],
) -> None:
    _, settings, _ = earlier
    rebuild(settings, now=NOW)
    snapshot = Warehouse(settings.warehouse).current()
    assert snapshot.rows("SELECT count(*), count(*) FILTER (status = 'withdrawn') FROM loads") == [(27, 1)]
    assert snapshot.rows("SELECT kind FROM units WHERE unit = 'UUSI-1'") == [("health_centre",)]


def _answers(
    snapshot: Snapshot, settings: Settings, indicator: str, by: str, split: str
) -> dict[Key, tuple[str, ...]]:
    splits = (split,) if split else ()
    rows = answer(
        snapshot, Question(indicator, by=by, splits=splits, area="18", suppress=False), settings
    ).rows
    return {
        (indicator, by, split, row["period"], row[split] if split else ""): (
            *("" if pd.isna(row[name]) else f"{float(row[name]):.6g}" for name in FIGURES),
            row["status"],
        )
        for _, row in rows.iterrows()
    }


def test_a_measure_can_be_defined_in_an_earlier_warehouse_without_rebuilding_it(
    earlier: tuple[str, Settings, dict[Key, tuple[str, ...]]],
) -> None:
    """Its published version has no table of measures: it is read as having none, and the next version has it."""
    _, settings, _ = earlier
    assert definitions_of(Warehouse(settings.warehouse).current()) == load_definitions()
    path = FIGURES_SHIPPED / "measures.csv"
    report = load_bytes(path.name, path.read_bytes(), LoadOptions(), settings, now=NOW, today=NOW.date())
    assert (report.status, report.rows_new) == ("loaded", 139)
    assert len(definitions_of(Warehouse(settings.warehouse).current())) == len(load_definitions()) + 139
