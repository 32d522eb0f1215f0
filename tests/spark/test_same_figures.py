"""A version by Spark has the rows and summaries of one by DuckDB, row for row and type for type."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from typer.testing import CliRunner

from indicators.catalogue.queue_flow import TABLE as FLOW
from indicators.catalogue.summaries import DERIVED
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.demo.write import write_demo
from pipelines.errors import WarehouseError
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.master_data import code_edit, decide, unit_edit
from pipelines.loading.publication import require_snapshot
from pipelines.loading.rebuild import build, rebuild
from pipelines.loading.report import LOADED, UNCHANGED
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import archive
from pipelines.warehouse.reader import current_version_path
from pipelines.warehouse.tables import all_tables
from tests.oracle.generated import NEAR_DAYS, TURNS, WAITS, History, histories, written
from tests.pipelines.extracts import queue, queue_entry, visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
MASTER = "local[2]"
#: The digest of the flow names the files it was made of, which each building names anew.
SEGMENTS = (
    f"SELECT dataset, year, rows, CASE WHEN dataset <> '{FLOW}' THEN made_by END FROM segments ORDER BY ALL"
)


def load(settings: Settings, data: bytes, name: str = "kaynnit.csv", **options: object) -> str:
    report = load_bytes(name, data, LoadOptions(force=True, **options), settings, now=NOW, today=TODAY)
    assert report.status == "loaded", [finding.message() for finding in report.findings]
    return report.load_id


def copied(settings: Settings, folder: Path) -> Settings:
    shutil.copytree(settings.warehouse, folder)
    return replace(settings, warehouse=folder)


def content(settings: Settings) -> dict[str, list[tuple]]:
    """Every table of the published version, and the types of its columns."""
    snapshot = require_snapshot(settings)
    tables = [*all_tables(), *(one.table for one in DERIVED)]
    found = {name: snapshot.rows(f"FROM {name} ORDER BY ALL") for name in tables if name != "segments"}
    types = {f"{name}: types": snapshot.rows(f"DESCRIBE {name}") for name in tables}
    return found | types | {"segments": snapshot.rows(SEGMENTS)}


def assert_same(settings: Settings, tmp_path: Path) -> Settings:
    """Build by both engines from copies of a warehouse and compare all; return the settings of the one by Spark."""
    by_duckdb = copied(settings, tmp_path / "duckdb")
    by_spark = copied(settings, tmp_path / "spark")
    build(by_duckdb, "duckdb", now=NOW)
    before = current_version_path(by_spark.warehouse)
    left = by_spark.warehouse / "spark" / "of_a_killed_build"
    left.mkdir(parents=True)
    build(by_spark, "spark", MASTER, now=NOW)
    assert current_version_path(by_spark.warehouse) != before
    expected, found = content(by_duckdb), content(by_spark)
    assert {name for name in expected if expected[name] != found.get(name)} == set()
    assert expected.keys() == found.keys()
    assert not (by_spark.warehouse / "spark").exists(), "what Spark wrote goes with the publication"
    return by_spark


@pytest.fixture(scope="module")
def demo_with_register(demo_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The small demo, and the same visits as the national register has them: two sources, of which one counts a month."""
    folder = tmp_path_factory.mktemp("demo")
    settings = copied(demo_settings, folder / "warehouse")
    (register,) = (path for path in write_demo(folder / "extracts", "small") if "avohilmo" in path.name)
    load(settings, register.read_bytes(), register.name, demo=True)
    return settings


def test_the_small_demo_with_two_sources_of_visits_is_the_same(
    demo_with_register: Settings, tmp_path: Path
) -> None:
    settings = assert_same(demo_with_register, tmp_path)
    snapshot = require_snapshot(settings)
    counted = snapshot.rows("SELECT source, bool_or(counted), bool_or(NOT counted) FROM visits GROUP BY ALL")
    assert len(counted) > 1
    assert any(not_counted for _, _, not_counted in counted)
    assert snapshot.rows("SELECT count(DISTINCT key) > 1000 FROM visits_summary") == [(True,)]


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse in which all happened that decides which rows survive and what they mean."""
    folder = tmp_path_factory.mktemp("eventful")
    settings = replace(load_settings({}), warehouse=folder / "warehouse", shrunk_share=0.0)
    march = (date(2025, 3, 1), date(2025, 3, 31))
    few = [visit(key, unit=f"TK-KOK-0{key % 2 + 1}") for key in range(1, 30)]
    unknown = [
        visit(40, mode="R59"),
        visit(41, service="Uusi palvelu", profession="Hoitokoordinaattori"),
        visit(42, municipality="999"),
        visit(43, unit="?yksikkö 'x'"),
    ]
    undated = visit(50, contacted="", assessed="", booked="", visit="", state="Peruttu")
    load(settings, visits(*few, *unknown, undated), as_of=date(2025, 4, 1))
    # A newer extract corrects a row, says nothing of others in its window, and has one too faulty to load, which stays.
    corrected = [visit(1, profession="Sairaanhoitaja"), visit(2), visit(3, visit="31.2.2025"), *few[5:20]]
    load(settings, visits(*corrected), as_of=date(2025, 5, 1), window=march, scope="origin")
    # A late older one, another area's with the same keys, and one that is withdrawn.
    load(settings, visits(*(visit(key, mode="R52") for key in range(1, 60))), as_of=date(2025, 3, 20))
    load(settings, visits(*few[:7], undated), as_of=date(2025, 4, 15), area="20")
    gone = load(settings, visits(visit(1, mode="R56"), visit(200)), as_of=date(2025, 6, 1))
    weeks = [date(2025, 3, 3) + timedelta(weeks=week) for week in range(6)]
    for week, snapshot in enumerate(weeks):
        entries = [queue_entry(key, snapshot=written(snapshot)) for key in range(week, week + 9)]
        load(settings, queue(*entries), "jono.csv", as_of=snapshot)
    load(
        settings,
        queue(queue_entry(7, snapshot=written(weeks[2]))),
        "jono.csv",
        as_of=weeks[5] + timedelta(days=1),
    )
    withdraw(settings, gone, now=NOW)
    meaning = [
        {"our_code": "nurse", "valid_to": "2025-03-09"},
        {"our_code": "doctor", "valid_from": "2025-03-10"},
    ]
    edits = [
        code_edit("exreport_kaynnit", "profession", "Lääkäri", meaning, by="tests", at=NOW),
        unit_edit("TK-KOK-02", {"successor": "TK-KOK-01", "kind": "health_centre"}, by="tests", at=NOW),
        unit_edit("TK-KOK-01", {"area": "20"}, by="tests", at=NOW),
    ]
    decide(settings, edits, now=NOW)
    return settings


def test_what_loads_supersede_cover_and_set_aside_is_the_same(eventful: Settings, tmp_path: Path) -> None:
    aside = [
        path
        for path in archive.files(eventful.warehouse)
        if path.name.endswith("visits.parquet") and any(pq.read_table(path)["set_aside"].to_pylist())
    ]
    assert aside, "a row set aside, whose older one stays"
    settings = assert_same(eventful, tmp_path)
    snapshot = require_snapshot(settings)
    assert snapshot.rows("SELECT count(*) FROM visits WHERE visit_id = '3' AND origin = '18'") == [(1,)]
    assert snapshot.rows("SELECT count(*) FROM visits WHERE visit_id = '200'") == [(0,)]
    assert {None, 2025} == {
        year for (year,) in snapshot.rows("SELECT year FROM segments WHERE dataset = 'visits'")
    }
    # The next load follows what Spark made as it follows any version: years that it does not touch are taken over.
    before = set(snapshot.rows("SELECT file FROM segments WHERE dataset = 'visits' AND year = 2025"))
    load(settings, visits(visit(900, assessed="3.3.2024", visit="4.3.2024")), as_of=date(2025, 7, 1))
    after = require_snapshot(settings).rows(
        "SELECT file FROM segments WHERE dataset = 'visits' AND year = 2025"
    )
    assert set(after) == before
    followed = content(settings)
    rebuild(settings, now=NOW)
    rebuilt = content(settings)
    versions = {"meta", "loads", "findings"}
    assert {name for name in rebuilt if rebuilt[name] != followed[name]} <= versions


def boundary_lines() -> Iterator[str]:
    """Visits assessed around the days on which limits changed, on both sides of every limit, of either age and none."""
    key = 0
    for turn in TURNS:
        for near in NEAR_DAYS:
            start = turn + timedelta(days=near)
            for wait in WAITS[1:]:
                on = start + (timedelta(days=wait) if isinstance(wait, int) else wait)
                for service in ("Avosairaanhoito", "Suun terveydenhuolto", "Aikuispsykiatria"):
                    born = ("", str(start.year - 22), str(start.year - 40))[key % 3]
                    key += 1
                    yield visit(key, service=service, born=born, assessed=written(start), visit=written(on))


def test_the_boundary_days_of_limits_are_the_same(tmp_path: Path) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    load(settings, visits(*boundary_lines()), as_of=date(2026, 1, 1))
    assert_same(settings, tmp_path)
    judged = require_snapshot(settings).rows(
        "SELECT is_within_limit, sum(n)::INTEGER FROM visits_summary WHERE is_judged_by_limit GROUP BY ALL"
    )
    assert min(count for _, count in judged) > 50
    assert len(judged) == 2


@examples(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(made=st.lists(histories(), min_size=5, max_size=5))
def test_generated_extracts_one_after_another_are_the_same(
    made: list[History], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Five histories in one warehouse: their keys meet, so that each extract meets those of the others."""
    folder = tmp_path_factory.mktemp("generated")
    settings = replace(load_settings({}), warehouse=folder / "warehouse")
    for number, delivery in enumerate(one for history in made for one in history.deliveries):
        options = {"area": delivery.origin, "as_of": delivery.extract_date, "window": delivery.window}
        scope = "origin" if delivery.whole_origin else "units"
        data = delivery.text.encode("cp1252")
        # The same extract twice changes nothing, and is said to.
        chosen = LoadOptions(force=True, source=delivery.source, scope=scope, **options)
        report = load_bytes(f"{number}.csv", data, chosen, settings, now=NOW, today=TODAY)
        assert report.status in (LOADED, UNCHANGED), report.findings
    assert_same(settings, folder)


def test_build_is_rebuild_and_says_what_it_cannot(eventful: Settings, tmp_path: Path) -> None:
    settings = copied(eventful, tmp_path / "warehouse")
    before = content(settings)
    runner, warehouse = CliRunner(), ["--warehouse", str(settings.warehouse)]
    made, again = (runner.invoke(app, [command, *warehouse]) for command in ("build", "rebuild"))
    assert made.exit_code == again.exit_code == 0
    assert made.stdout == again.stdout
    versions = {"meta", "loads", "findings"}
    assert {name for name, rows in content(settings).items() if rows != before[name]} <= versions
    current = current_version_path(settings.warehouse)
    for wrong in (
        ["--engine", "hadoop"],
        ["--master", "local"],
        ["--engine", "spark", "--area", "18"],
        ["--area", "18"],
    ):
        refused = runner.invoke(app, ["build", *wrong, *warehouse])
        assert refused.exit_code == 2, wrong
        assert "Traceback" not in refused.output
    assert current_version_path(settings.warehouse) == current


def test_where_spark_breaks_off_the_version_before_stays(eventful: Settings, tmp_path: Path) -> None:
    settings = copied(eventful, tmp_path / "warehouse")
    current = current_version_path(settings.warehouse)
    path = next(path for path in archive.files(settings.warehouse) if path.name.endswith("visits.parquet"))
    table = pq.read_table(path)
    at = table.schema.names.index("visit_on")
    texts = table.column("visit_on").cast("string")
    pq.write_table(table.set_column(at, pa.field("visit_on", pa.string()), texts), path)
    with pytest.raises(WarehouseError) as raised:
        build(settings, "spark", MASTER, now=NOW)
    assert raised.value.code == "spark_failed"
    assert "2025" not in str(raised.value), "no value of a row is in the message"
    assert raised.value.exit_code == 3
    assert current_version_path(settings.warehouse) == current
    assert not (settings.warehouse / "spark").exists()
