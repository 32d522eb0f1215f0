"""Segments: a load writes those whose rows or meanings it changes; the others are shared by the versions that name them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indicators.catalogue import prepared_rows
from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.places import FIGURES
from indicators.catalogue.queue_flow import TABLE as FLOW
from indicators.catalogue.queue_flow import queue_flow_sql
from indicators.catalogue.summaries import DERIVED
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.errors import WarehouseDamaged
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.master_data import code_edit, decide, unit_edit
from pipelines.loading.publication import published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot
from pipelines.warehouse.reader import current_version_path
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.pipelines.unsegmented import make_unsegmented

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
#: What says when and how a version came about, not what is in it.
HISTORY = {"loads", "findings", "meta", "segments"}
TARGETS = (FIGURES / "targets.csv").read_bytes()
#: The segments of rows; those of the flow have tests of their own, as it is made of rows of several years.
OF_ROWS = f"SELECT dataset, year, rows, made_by FROM segments WHERE dataset <> '{FLOW}' ORDER BY ALL"


def of_year(key: object, year: int, **changes: str) -> str:
    days = dict.fromkeys(("contacted", "assessed", "booked"), f"3.3.{year}")
    return visit(key, **{**days, "visit": f"10.3.{year}", **changes})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse with visits of two years and a time that was booked and never came about, and a queue."""
    folder = tmp_path_factory.mktemp("segments") / "warehouse"
    made = replace(load_settings({}), warehouse=folder, shrunk_share=0.0)
    for year, first in ((2024, 1), (2025, 11)):
        lines = [of_year(key, year, unit=f"TK-KOK-0{key % 2 + 1}") for key in range(first, first + 6)]
        load(made, visits(*lines), as_of=date(year, 4, 1))
    load(
        made,
        visits(visit(99, contacted="", assessed="", booked="", visit="", state="Peruttu")),
        as_of=date(2025, 4, 2),
    )
    load(made, queue(queue_entry(1), queue_entry(2)), "jono.csv")
    return made


@pytest.fixture
def settings(made: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(made.warehouse, tmp_path / "warehouse")
    return replace(made, warehouse=tmp_path / "warehouse")


def load(settings: Settings, data: bytes, name: str = "kaynnit.csv", **options: object) -> LoadReport:
    report = load_bytes(name, data, LoadOptions(**options), settings, now=NOW, today=TODAY)
    assert report.status == "loaded", [finding.message() for finding in report.findings]
    return report


def files(settings: Settings) -> dict[str, str]:
    rows = published_snapshot(settings).rows("SELECT dataset, year, file FROM segments")
    return {f"{dataset} {year or 'undated'}": file for dataset, year, file in rows}


def written(settings: Settings, change: Callable[[], object]) -> set[str]:
    """The segments of rows that a change wrote anew or took away."""
    return {place for place in written_of_all(settings, change) if not place.startswith(FLOW)}


def written_of_all(settings: Settings, change: Callable[[], object]) -> set[str]:
    before = files(settings)
    change()
    after = files(settings)
    assert_like_rebuilt(settings)
    return {place for place in {*before, *after} if before.get(place) != after.get(place)}


def content(snapshot: Snapshot) -> dict[str, list[tuple]]:
    tables = {name for (name,) in snapshot.rows("SELECT DISTINCT table_name FROM duckdb_tables()")}
    assert tables > HISTORY
    return {name: snapshot.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in sorted(tables - HISTORY)}


def assert_like_rebuilt(settings: Settings) -> None:
    snapshot = published_snapshot(settings)
    before, made_by = content(snapshot), snapshot.rows(OF_ROWS)
    kept = current_version_path(settings.warehouse)
    rebuild(settings, now=NOW)
    rebuilt = published_snapshot(settings)
    assert content(rebuilt) == before
    assert rebuilt.rows(OF_ROWS) == made_by
    (settings.warehouse / "CURRENT").write_text(kept.name, encoding="ascii")


def test_each_year_of_a_dataset_has_a_segment_sorted_as_questions_read_it(settings: Settings) -> None:
    of_rows = {"visits 2024", "visits 2025", "visits undated", "queue 2025"}
    assert set(files(settings)) == {*of_rows, f"{FLOW} 2025"}
    snapshot = published_snapshot(settings)
    for dataset, year, rows, _made_by in snapshot.rows(OF_ROWS):
        table = f"published_{dataset}_{year or 'undated'}.{dataset}"
        stored = snapshot.rows(f"SELECT * FROM {table}")
        assert len(stored) == rows
        assert stored == snapshot.rows(f"SELECT * FROM {table} ORDER BY {DATASETS[dataset].sort_order}")
    assert snapshot.rows("SELECT count(*), count(DISTINCT visit_id) FROM visits") == [(13, 13)]


@pytest.mark.parametrize("one", DERIVED, ids=lambda one: one.table)
def test_tables_made_of_segments_are_those_made_of_all_rows(settings: Settings, one) -> None:
    snapshot = published_snapshot(settings)
    assert snapshot.rows(f"FROM {one.table} ORDER BY ALL") == snapshot.rows(
        f"FROM ({one.sql(False)}) ORDER BY ALL"
    )


def test_a_load_writes_the_years_of_its_rows(settings: Settings) -> None:
    new = visits(of_year(21, 2025), of_year(22, 2025))
    assert written(settings, lambda: load(settings, new, as_of=date(2025, 4, 5))) == {"visits 2025"}
    targets = (settings, TARGETS, "targets.csv")
    assert written(settings, lambda: load(*targets, source="targets", as_of=date(2025, 4, 6))) == set()
    entries = queue(queue_entry(3, snapshot="30.4.2025"))
    assert written(settings, lambda: load(settings, entries, "jono2.csv")) == {"queue 2025"}


def test_a_row_that_moves_to_another_year_leaves_its_old_one(settings: Settings) -> None:
    moved = visits(of_year(1, 2025))
    assert written(settings, lambda: load(settings, moved, as_of=date(2025, 4, 5))) == {
        "visits 2024",
        "visits 2025",
    }
    assert published_snapshot(settings).rows("SELECT visit_on FROM visits WHERE visit_id = '1'") == [
        (date(2025, 3, 10),)
    ]
    realised = visits(of_year(99, 2025))
    assert written(settings, lambda: load(settings, realised, as_of=date(2025, 4, 6))) == {
        "visits 2025",
        "visits undated",
    }
    assert "visits undated" not in files(settings)


def test_a_window_writes_the_years_it_takes_rows_from(settings: Settings) -> None:
    window = (date(2024, 3, 1), date(2024, 3, 31))
    newer = visits(of_year(3, 2024, unit="TK-KOK-02"))
    report = []
    change = lambda: report.append(load(settings, newer, as_of=date(2025, 5, 1), window=window))  # noqa: E731
    assert written(settings, change) == {"visits 2024"}
    assert (report[0].rows_new, report[0].rows_changed, report[0].rows_removed) == (0, 0, 2)
    whole = (date(2024, 1, 1), date(2025, 12, 31))
    both = visits(of_year(3, 2024, unit="TK-KOK-02"), of_year(1, 2024, unit="TK-KOK-02"))
    change = lambda: load(settings, both, as_of=date(2025, 5, 2), window=whole)  # noqa: E731
    assert written(settings, change) == {"visits 2024", "visits 2025"}


def test_a_late_older_extract_writes_nothing_it_does_not_change(settings: Settings) -> None:
    older = visits(of_year(1, 2024), of_year(2, 2024))
    newer = visits(of_year(1, 2024, profession="Hoitaja"), of_year(2, 2024))
    load(settings, newer, as_of=date(2025, 5, 1))
    assert written(settings, lambda: load(settings, older, as_of=date(2025, 4, 20))) == set()


def test_withdrawing_writes_the_segments_whose_rows_come_back_or_go(settings: Settings) -> None:
    moved = load(settings, visits(of_year(1, 2025)), as_of=date(2025, 4, 5))
    assert written(settings, lambda: withdraw(settings, moved.load_id, now=NOW)) == {
        "visits 2024",
        "visits 2025",
    }
    new = load(settings, visits(of_year(31, 2025)), as_of=date(2025, 4, 6))
    assert written(settings, lambda: withdraw(settings, new.load_id, now=NOW)) == {"visits 2025"}


def test_a_decision_writes_the_segments_in_which_its_code_occurs(settings: Settings) -> None:
    load(settings, visits(of_year(41, 2025, unit="TK-UUSI")), as_of=date(2025, 4, 5))
    area = unit_edit("TK-UUSI", {"area": "17"}, by="test", at=NOW)
    assert written(settings, lambda: decide(settings, [area], now=NOW)) == {"visits 2025"}
    assert published_snapshot(settings).rows("SELECT area FROM visits WHERE visit_id = '41'") == [("17",)]
    name = unit_edit("TK-UUSI", {"area": "17", "name_fi": "Uusi"}, by="test", at=NOW)
    assert written(settings, lambda: decide(settings, [name], now=NOW)) == set()
    source = "exreport_kaynnit"
    meaning = code_edit(source, "profession", "Lääkäri", [{"our_code": "nurse"}], by="test", at=NOW)
    of_visits = {"visits 2024", "visits 2025", "visits undated"}
    assert written(settings, lambda: decide(settings, [meaning], now=NOW)) == of_visits
    assert published_snapshot(settings).rows("SELECT DISTINCT profession FROM visits") == [("nurse",)]


def test_a_limit_that_summaries_depend_on_writes_them_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared_rows, "last_day_sql", lambda **_limits: "assessed_on + 1")
    new = visits(of_year(51, 2025))
    assert {"visits 2024", "visits 2025"} <= written(
        settings, lambda: load(settings, new, as_of=date(2025, 4, 5))
    )


def test_a_version_reads_its_own_segments_until_it_is_pruned(settings: Settings) -> None:
    few = replace(settings, snapshots_kept=2)
    before = Snapshot(current_version_path(settings.warehouse))
    rows, first = content(before), set(files(settings).values())
    for key in (61, 62):
        load(few, visits(of_year(key, 2025)), as_of=date(2025, 4, key - 50))
    assert content(before) == rows
    on_disk = {path.name for path in (settings.warehouse / "segments").iterdir()}
    named = set().union(
        *(
            {file for (file,) in Snapshot(path).rows("SELECT file FROM segments")}
            for path in (settings.warehouse / "versions").glob("*.duckdb")
        )
    )
    assert on_disk == named
    # What is left over is the first segment of the visits of 2025, and the flow that was made of it.
    assert len(first - on_disk) == 2


def test_a_query_makes_the_views_of_the_tables_it_names(settings: Settings) -> None:
    snapshot = Snapshot(current_version_path(settings.warehouse))
    made = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    assert snapshot.rows(made) == []
    every = snapshot.rows("SELECT count(*) FROM visits")
    assert snapshot.rows(made) == [("visits",)]
    by_year = [
        snapshot.rows(f"SELECT count(*) FROM {snapshot.rows_of('visits', [year])}")
        for year in (2024, 2025, None)
    ]
    assert all(rows[0][0] > 0 for rows in by_year)
    assert sum(rows[0][0] for rows in by_year) == every[0][0]
    assert snapshot.rows(f"SELECT count(*) FROM {snapshot.rows_of('visits', [1999])}") == [(0,)]
    named = snapshot.frame(
        f"SELECT * FROM {snapshot.rows_of('visits', None, {'unit', 'visit_on', 'nothing'})}"
    )
    assert sorted(named.columns) == ["unit", "visit_on"]
    assert snapshot.rows_of("loads", [2025]) == "loads"


def test_what_an_interrupted_writer_left_goes_with_the_next_publication(settings: Settings) -> None:
    left = settings.warehouse / "segments" / "visits-2025-0123.duckdb"
    for path in (left, left.with_name(left.name + ".wal")):
        path.write_bytes(b"half")
    load(settings, TARGETS, "targets.csv", source="targets", as_of=date(2025, 4, 6))
    assert not list(left.parent.glob("visits-2025-0123*"))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _rot(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:8192] + bytes(255 - byte for byte in data[8192:]))


@pytest.mark.parametrize("harm", [Path.unlink, _cut, _rot])
def test_a_damaged_segment_is_a_damaged_version_and_made_again(
    settings: Settings, harm: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(published_snapshot(settings))
    harm(settings.warehouse / "segments" / files(settings)["visits 2024"])
    with pytest.raises(WarehouseDamaged, match="rebuild"):
        published_snapshot(settings).read_through()
    if harm is not _rot:
        with pytest.raises(WarehouseDamaged, match="rebuild"):
            load(settings, visits(of_year(71, 2025)), as_of=date(2025, 4, 5))
    environment = {"TAKUUVAHTI_WAREHOUSE": str(settings.warehouse), "TAKUUVAHTI_DEFAULT_LANGUAGE": "en"}
    checked = CliRunner().invoke(app, ["check"], env=environment)
    assert checked.exit_code == 3 and "rebuild" in checked.output
    rebuild(settings, now=NOW)
    published_snapshot(settings).read_through()
    assert content(published_snapshot(settings)) == before


def test_a_version_with_all_rows_in_its_file_is_read_and_becomes_segmented(settings: Settings) -> None:
    before = content(published_snapshot(settings))
    make_unsegmented(settings)
    older = published_snapshot(settings)
    tables = [name for name in before if not name.startswith("segment")]
    assert {name: older.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in tables} == {
        name: before[name] for name in tables
    }
    assert older.meta("made_by_visits_summary") is not None
    load(settings, visits(of_year(81, 2025)), as_of=date(2025, 4, 5))
    assert {"visits 2024", "visits 2025", "queue 2025"} <= set(files(settings))
    assert_like_rebuilt(settings)


def _weekly_entries(first: date, weeks: int) -> bytes:
    """Entries that come, wait some weeks and go, in weekly snapshots."""
    days = [first + timedelta(weeks=at) for at in range(weeks)]
    lines = [
        queue_entry(key, snapshot=f"{day:%d.%m.%Y}", person=f"P{key:07d}", assessed=f"{start:%d.%m.%Y}")
        for key in range(weeks * 2)
        for start in [first + timedelta(days=key * 7 // 2 - 3)]
        for day in days
        if start <= day < start + timedelta(days=20 + key % 4 * 9)
    ]
    return queue(*lines)


@pytest.fixture(scope="module")
def made_flowing(made: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse with a queue in weekly snapshots of three years, and visits in which some of its entries end."""
    settings = replace(made, warehouse=tmp_path_factory.mktemp("flowing") / "warehouse")
    load(settings, _weekly_entries(date(2023, 11, 6), 110), "jono.csv", as_of=date(2025, 12, 20))
    seen = [visit_of_entry(key) for key in range(0, 220, 3)]
    load(settings, visits(*seen), as_of=date(2025, 12, 20))
    return settings


def visit_of_entry(key: int, **changes: str) -> str:
    start = date(2023, 11, 6) + timedelta(days=key * 7 // 2 - 3)
    end = start + timedelta(days=21 + key % 4 * 9)
    given = dict.fromkeys(("contacted", "assessed", "booked"), f"{start:%d.%m.%Y}")
    return visit(key, **{**given, "visit": f"{end:%d.%m.%Y}", **changes})


@pytest.fixture
def flowing(made_flowing: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(made_flowing.warehouse, tmp_path / "flowing")
    return replace(made_flowing, warehouse=tmp_path / "flowing")


def assert_flow_is_whole(settings: Settings) -> None:
    snapshot = published_snapshot(settings)
    stored = snapshot.rows(f"FROM {FLOW} ORDER BY ALL")
    assert stored == snapshot.rows(f"FROM ({queue_flow_sql()}) ORDER BY ALL")
    assert {row[6] for row in stored} >= {"arrived", "treated", "left", "closing", "over"}


@pytest.mark.parametrize(
    ("key", "changes", "years"),
    [
        (1, {}, {2023, 2024, 2025}),
        (100, {}, {2024, 2025}),
        (130, {}, {2024, 2025}),
        (205, {}, {2025}),
        (90, {"unit": "TK-KOK-02", "visit": "2.6.2025"}, {2024, 2025}),
    ],
)
def test_the_flow_of_the_years_near_a_visit_is_written(
    flowing: Settings, key: int, changes: dict[str, str], years: set[int]
) -> None:
    assert_flow_is_whole(flowing)
    new = visits(visit_of_entry(key, **changes))
    written_now = written_of_all(flowing, lambda: load(flowing, new, as_of=date(2025, 12, 21)))
    assert {place for place in written_now if place.startswith(FLOW)} == {f"{FLOW} {year}" for year in years}
    assert_flow_is_whole(flowing)


def test_a_successor_of_a_unit_writes_the_flow(flowing: Settings) -> None:
    merged = unit_edit("TK-KOK-01", {"successor": "TK-KOK-02"}, by="test", at=NOW)
    flows = {f"{FLOW} {year}" for year in (2023, 2024, 2025)}
    assert flows <= written_of_all(flowing, lambda: decide(flowing, [merged], now=NOW))
    assert_flow_is_whole(flowing)
    assert published_snapshot(flowing).rows(f"SELECT DISTINCT unit FROM {FLOW}") == [("TK-KOK-02",)]
