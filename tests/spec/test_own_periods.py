"""Figures of a period that is no calendar period: a point of its own, held only against a target of the same period."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indicators.answers import answer
from indicators.cli import app
from indicators.engine.question import Question
from indicators.programme.targets import target_results
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app as pipelines_app
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse

NOW = datetime(2026, 1, 2, 8, 0)
AS_OF = NOW.date()
HEADER = "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
OWN = "over_75_living_at_home,18,,2024-08-01,2025-07-31,,,91,percent,,Raportti"
TARGETS = (
    "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source\n"
    "over_75_living_at_home,18,2024-08-01,2025-07-31,>=,90,percent,90 %,x\n"
    "over_75_living_at_home,18,2025-01-01,2025-12-31,>=,94,percent,94 %,x\n"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Settings]:
    own = replace(load_settings({}), warehouse=tmp_path_factory.mktemp("own") / "warehouse")
    for source, text in (("figures", f"{HEADER}\n{OWN}\n"), ("targets", TARGETS)):
        report = load_bytes(
            f"{source}.csv",
            text.encode(),
            LoadOptions(source=source, as_of=AS_OF),
            own,
            now=NOW,
            today=AS_OF,
        )
        assert report.status == "loaded", report.findings
    return Warehouse(own.warehouse).current(), own


@pytest.mark.parametrize("by", [None, "week", "month", "quarter", "year"])
def test_it_is_a_point_of_its_own_period_by_every_grain(
    by: str | None, world: tuple[Snapshot, Settings]
) -> None:
    snapshot, own = world
    found = answer(snapshot, Question("over_75_living_at_home", by=by), own)
    (row,) = found.own_periods.to_dict("records")
    assert (row["period_start"], row["period_end"], row["value"], row["status"]) == (
        *(date(2024, 8, 1), date(2025, 7, 31)),
        *(91, "ok"),
    )
    assert found.rows["value"].isna().all()
    assert bool(len(found.rows)) == (by is not None)
    assert [load.source for load in found.loads] == ["figures"]


def test_it_is_in_the_table_of_the_command_line(world: tuple[Snapshot, Settings]) -> None:
    words = ["show", "over_75_living_at_home", "--warehouse", str(world[1].warehouse), "--format", "json"]
    (row,) = json.loads(CliRunner().invoke(app, words).stdout)
    assert (row["period_start"], row["period_end"], row["value"]) == ("2024-08-01", "2025-07-31", 91)
    by_year = json.loads(CliRunner().invoke(app, [*words, "--by", "year"]).stdout)
    assert [one["period_start"] for one in by_year] == ["2024-01-01", "2024-08-01", "2025-01-01"]
    outside = json.loads(CliRunner().invoke(app, [*words, "--from", "2025-08-01"]).stdout)
    assert not [one for one in outside if one["value"] is not None]


def test_it_is_held_only_against_a_target_of_the_same_period(world: tuple[Snapshot, Settings]) -> None:
    snapshot, own = world
    found = {
        one.target.period.label: (one.verdict, one.actual.value)
        for one in target_results(snapshot, own, as_of=AS_OF, area="18")
    }
    assert found == {"2024-08-01–2025-07-31": ("met", 91), "2025": ("no_data", None)}


def test_a_part_of_a_year_stays_a_part_of_its_year(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse).current()
    found = answer(snapshot, Question("school_psych_nurse_visits", by="year"), figures_settings)
    assert list(found.rows["status"]) == ["ok", "ok", "incomplete_period"]
    assert found.own_periods.empty
    monthly = answer(snapshot, Question("school_psych_nurse_visits", by="month"), figures_settings)
    assert list(monthly.own_periods["period"]) == ["2022-01-01–2022-02-15"]


def test_inspect_says_so(tmp_path: Path) -> None:
    path = tmp_path / "luvut.csv"
    path.write_text(f"{HEADER}\n{OWN}\n", encoding="utf-8")
    words = ["inspect", str(path), "--json", "--as-of", "2026-01-02", "--warehouse", str(tmp_path / "w")]
    (load,) = json.loads(CliRunner().invoke(pipelines_app, words).stdout)["loads"]
    assert [(found["code"], found["level"], found["rows"]) for found in load["findings"]] == [
        ("own_period", "warning", [2])
    ]
    assert load["rows_loaded"] == 1
