"""Loading through the front door: what counts afterwards, what is refused, what others see meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.catalogue.errors import UsageError
from indicators.catalogue.places import ROOT
from pipelines.checking.extract import LoadOptions
from pipelines.errors import KeyMismatch, WarehouseBusy
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.report import LoadReport
from pipelines.loading.setup import DEMO_SOURCES, remove_demo, set_up
from pipelines.settings import Settings, load_settings
from pipelines.warehouse.swap_version import writer_lock
from tests.conftest import start_from
from tests.pipelines.extracts import queue, queue_entry, visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse", lock_wait_seconds=0.2)


def load(settings: Settings, data: bytes, name: str = "kaynnit.csv", **options: object) -> LoadReport:
    return load_bytes(name, data, LoadOptions(**options), settings, now=NOW, today=TODAY)


def visit_ids(settings: Settings) -> list[str]:
    snapshot = published_snapshot(settings)
    return (
        []
        if snapshot is None
        else [row[0] for row in snapshot.rows("SELECT visit_id FROM visits ORDER BY 1")]
    )


def test_a_first_load_counts_and_is_in_the_history(settings: Settings) -> None:
    report = load(settings, visits(visit(1), visit(2, visit="11.3.2025")), "kaynnit_20250401.csv")
    assert (report.status, report.rows_read, report.rows_loaded, report.rows_new) == ("loaded", 2, 2, 2)
    assert (report.extract_date, report.period_start, report.period_end) == (
        date(2025, 4, 1),
        date(2025, 3, 10),
        date(2025, 3, 11),
    )
    snapshot = published_snapshot(settings)
    assert [(r.load_id, r.status) for r in loads(snapshot)] == [("000001", "loaded")]
    found = snapshot.rows(
        "SELECT service, profession, mode, urgency, nature, first_visit, state, area, visit_on - assessed_on FROM visits"
    )
    assert found == [
        ("primary_care", "doctor", "in_person", "non_urgent", "curative", "yes", "realised", "18", d)
        for d in (7, 8)
    ]


def test_persons_are_pseudonyms_and_groups(settings: Settings) -> None:
    load(settings, visits(visit(1, person="131052-308T", born=""), visit(2, person="131052-308t", born="")))
    rows = published_snapshot(settings).rows("SELECT DISTINCT person, age_band FROM visits")
    assert len(rows) == 1
    assert rows[0][1] == "65-74"
    assert "131052" not in str(rows[0][0])
    for path in settings.warehouse.rglob("*"):
        if path.is_file():
            assert b"131052-308" not in path.read_bytes().upper()


def test_the_same_content_again_changes_nothing(settings: Settings) -> None:
    data = visits(visit(1))
    first = load(settings, data)
    version = published_snapshot(settings).version
    again = load(settings, data, "toinen_nimi.csv")
    assert (again.status, again.load_id) == ("unchanged", first.load_id)
    assert published_snapshot(settings).version == version


def test_the_same_content_said_to_speak_of_its_whole_origin_is_loaded(settings: Settings) -> None:
    load(settings, queue(queue_entry(1, unit="TK-KAU-01", snapshot="24.3.2025")), "jono_1.csv")
    newer = queue(queue_entry(2))
    load(settings, newer, "jono_2.csv")
    again = load(settings, newer, "jono_2.csv", scope="origin")
    assert again.status == "loaded"
    assert load(settings, newer, "jono_2.csv", scope="origin").status == "unchanged"
    empty = "SELECT 1 FROM covered WHERE unit = 'TK-KAU-01' AND first_on = DATE '2025-03-31'"
    assert published_snapshot(settings).rows(empty) == [(1,)]


def test_a_newer_extract_replaces_rows_of_its_keys(settings: Settings) -> None:
    load(settings, visits(visit(1), visit(2)), as_of=date(2025, 4, 1))
    report = load(settings, visits(visit(2, visit="12.3.2025"), visit(3)), as_of=date(2025, 4, 2))
    assert (report.rows_new, report.rows_changed, report.rows_removed) == (1, 1, 0)
    assert visit_ids(settings) == ["1", "2", "3"]


def test_an_older_extract_neither_overwrites_nor_restores(settings: Settings) -> None:
    load(
        settings, visits(visit(2, visit="12.3.2025")), "kaynnit_20250301-20250331.csv", as_of=date(2025, 4, 2)
    )
    report = load(settings, visits(visit(1), visit(2)), as_of=date(2025, 4, 1))
    assert report.rows_new == report.rows_changed == 0
    assert [f.count for f in report.findings if f.code == "older_extract"] == [2]
    rows = published_snapshot(settings).rows("SELECT visit_id, visit_on FROM visits")
    assert rows == [("2", date(2025, 3, 12))]


def test_a_stated_window_removes_what_the_extract_lacks(settings: Settings) -> None:
    before = visits(
        *(visit(n) for n in (1, 2, 3)),
        visit(4, unit="TK-KAU-01"),
        visit(5, visit="2.4.2025", state="Varattu"),
    )
    load(settings, before, as_of=date(2025, 4, 1))
    report = load(
        settings, visits(visit(1), visit(2)), "kaynnit_20250301-20250331.csv", as_of=date(2025, 4, 2)
    )
    assert report.rows_removed == 1
    assert visit_ids(settings) == ["1", "2", "4", "5"]


def test_a_shrunk_window_is_refused_unless_forced(settings: Settings) -> None:
    load(settings, visits(*(visit(n) for n in range(1, 9))), as_of=date(2025, 4, 1))
    small, name = visits(visit(1), visit(2)), "kaynnit_20250301-20250331.csv"
    refused = load(settings, small, name, as_of=date(2025, 4, 2))
    assert (refused.status, [f.code for f in refused.findings if f.level == "file"]) == (
        "refused",
        ["extract_shrunk"],
    )
    assert len(visit_ids(settings)) == 8
    assert load(settings, small, name, as_of=date(2025, 4, 2), force=True).status == "loaded"
    assert visit_ids(settings) == ["1", "2"]


def test_a_queue_extract_is_the_whole_queue_of_its_day_and_units(settings: Settings) -> None:
    load(settings, queue(queue_entry(1), queue_entry(2), queue_entry(3, unit="TK-KAU-01")), "jono.csv")
    report = load(settings, queue(queue_entry(2)), "jono_korjattu.csv")
    assert report.rows_removed == 1
    rows = published_snapshot(settings).rows("SELECT entry_id, unit FROM queue ORDER BY 1")
    assert rows == [("2", "TK-KOK-01"), ("3", "TK-KAU-01")]


def test_a_unit_missing_from_the_next_queue_is_named(settings: Settings) -> None:
    load(settings, queue(queue_entry(1), queue_entry(2, unit="TK-KAU-01")), "jono1.csv")
    report = load(settings, queue(queue_entry(1, snapshot="1.4.2025")), "jono2.csv")
    messages = [f.message("fi") for f in report.findings if f.code == "unit_missing"]
    assert len(messages) == 1
    assert "TK-KAU-01" in messages[0]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x00\x01\x02\xff\x00", "unreadable"),
        (b"", "unreadable"),
        (b"a;b;c\r\n1;2;3\r\n", "unknown_layout"),
        (visits(visit(1)).replace("Yksikkökoodi".encode("cp1252"), b"Yksikkkodi"), "missing_column"),
        (visits(visit(1, unit_name="Matti 131052-308T")), "person_id_in_wrong_place"),
        (visits(visit(1), visit(2, visit="31.2.2025")), "too_many_bad_rows"),
    ],
)
def test_a_refused_file_changes_nothing_and_says_why(settings: Settings, data: bytes, code: str) -> None:
    load(settings, visits(visit(7)))
    version = published_snapshot(settings).version
    files = {p for p in settings.warehouse.rglob("*") if p.is_file()}
    report = load(settings, data)
    assert report.status == "refused"
    assert code in [f.code for f in report.findings if f.level == "file"]
    assert published_snapshot(settings).version == version
    assert {p for p in settings.warehouse.rglob("*") if p.is_file()} == files
    for finding in report.findings:
        for language in ("fi", "sv", "en"):
            assert "131052" not in finding.message(language)


def test_an_identity_code_in_a_file_name_is_not_said(settings: Settings, tmp_path: Path) -> None:
    named = tmp_path / "potilas_131052-308T.csv"
    missing = run(settings, "pipelines", "load", str(named))
    named.write_bytes(visits(visit(1)))
    said = [
        missing,
        run(settings, "pipelines", "inspect", str(named)),
        run(settings, "pipelines", "load", str(named), "--json"),
    ]
    assert [done.returncode for done in said] == [2, 1, 1]
    for done in said:
        assert "potilas_***.csv" in done.stdout + done.stderr
        assert "131052" not in done.stdout + done.stderr


def test_a_counted_queue_without_a_unit_is_set_aside(settings: Settings) -> None:
    """Beside the counts of the area's units it would be counted twice."""
    heading = "snapshot_date,area_code,unit,service,waiting,over_guarantee,note,source\n"
    rows = "2025-03-31,18,,primary_care,100,,,A report\n2025-03-31,18,TK-KOK-01,primary_care,60,,,A report\n"
    report = load(settings, (heading + rows).encode(), "jonot_20250401.csv", force=True)
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
    assert [f.code for f in report.findings] == ["missing_value"]


def test_inspect_changes_nothing_and_foretells_the_load(settings: Settings) -> None:
    load(settings, visits(visit(1), visit(2)), as_of=date(2025, 4, 1))
    version = published_snapshot(settings).version
    data = visits(visit(2, visit="12.3.2025"), visit(3))
    options = LoadOptions(as_of=date(2025, 4, 2))
    seen = inspect_bytes("kaynnit.csv", data, options, settings, today=TODAY)
    assert (seen.status, published_snapshot(settings).version) == ("inspected", version)
    done = load_bytes("kaynnit.csv", data, options, settings, now=NOW, today=TODAY)
    for name in (
        "rows_read",
        "rows_loaded",
        "rows_new",
        "rows_changed",
        "rows_removed",
        "by_month",
        "by_unit",
        "extract_date",
    ):
        assert getattr(seen, name) == getattr(done, name)


def test_another_key_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    load(settings, visits(visit(1)))
    monkeypatch.setenv("TAKUUVAHTI_KEY", "quite another key, also long enough to be one")
    with pytest.raises(KeyMismatch):
        load(settings, visits(visit(2)))
    assert visit_ids(settings) == ["1"]


def test_a_second_writer_gives_up_with_a_sentence(settings: Settings) -> None:
    load(settings, visits(visit(1)))
    with writer_lock(settings.warehouse, 1), pytest.raises(WarehouseBusy, match="Nothing was changed"):
        threading_load(settings)
    assert visit_ids(settings) == ["1"]


def threading_load(settings: Settings) -> None:
    """Load from another thread, as another writer would, and bring its exception back."""
    caught: list[BaseException] = []

    def run() -> None:
        try:
            load(settings, visits(visit(2)))
        except WarehouseBusy as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if caught:
        raise caught[0]


def test_codes_with_commas_and_numbers_stay_whole(settings: Settings) -> None:
    codes = ["A, B", "KOKKOLA 1", "KOKKOLA, 1", "C (3)"]
    report = load(settings, visits(*(visit(at, unit=code, unit_name="") for at, code in enumerate(codes))))
    assert report.status == "loaded"
    snapshot = published_snapshot(settings)
    assert snapshot.rows("SELECT DISTINCT unit FROM visits ORDER BY 1") == [(code,) for code in sorted(codes)]
    assert snapshot.rows(
        "SELECT unit, coalesce(name_fi, unit) FROM units WHERE unit IN (SELECT unit FROM visits) ORDER BY 1"
    ) == [(code, code) for code in sorted(codes)]
    (unknown,) = (found for found in report.findings if found.code == "unknown_code")
    assert sorted(unknown.params["codes"]) == sorted(f"{code} (1)" for code in codes)


def test_an_unknown_area_is_refused(settings: Settings) -> None:
    with pytest.raises(UsageError, match="Area 99"):
        load(settings, visits(visit(1)), area="99")


def test_real_rows_take_the_demo_away_and_demo_never_comes_beside_them(
    settings: Settings, demo_settings: Settings
) -> None:
    start_from(demo_settings, settings)
    before = published_snapshot(settings)
    figures = before.rows("SELECT * FROM figures ORDER BY ALL")
    assert before.rows("SELECT bool_and(demo), count(*) > 30000 FROM visits") == [(True, True)]
    seen = inspect_bytes("kaynnit.csv", visits(visit(1)), LoadOptions(), settings, today=TODAY)
    assert seen.takes_demo_away
    assert load(settings, visits(visit(1))).takes_demo_away
    after = published_snapshot(settings)
    assert after.rows("SELECT visit_id, demo FROM visits") == [("1", False)]
    assert after.rows("SELECT count(*) FROM queue") == [(0,)]
    assert after.rows("SELECT unit FROM units WHERE area = '18'") == [("TK-KOK-01",)]
    assert after.rows("SELECT * FROM figures ORDER BY ALL") == figures
    with pytest.raises(UsageError, match="never mixed"):
        set_up(settings, demo=True, scale="small", today=TODAY, now=NOW, loaded_by="test")
    assert visit_ids(settings) == ["1"]


def test_demo_is_taken_away_without_a_trace_in_the_figures(
    settings: Settings, demo_settings: Settings, figures_settings: Settings
) -> None:
    without = {
        t: published_snapshot(figures_settings).rows(f"SELECT * FROM {t} ORDER BY ALL")
        for t in ("figures", "units", "covered")
    }
    start_from(demo_settings, settings)
    assert published_snapshot(settings).rows("SELECT count(*) > 0 FROM visits") == [(True,)]
    assert remove_demo(settings, now=NOW) == len(DEMO_SOURCES)
    snapshot = published_snapshot(settings)
    assert snapshot.rows("SELECT count(*) FROM visits") == [(0,)]
    assert {t: snapshot.rows(f"SELECT * FROM {t} ORDER BY ALL") for t in without} == without
    assert remove_demo(settings, now=NOW) == 0


def test_set_up_twice_changes_nothing(settings: Settings, demo_settings: Settings) -> None:
    start_from(demo_settings, settings)
    version = published_snapshot(settings).version
    again = set_up(settings, demo=None, scale="small", today=TODAY, now=NOW, loaded_by="test")
    assert {report.status for report in again} == {"unchanged"}
    assert published_snapshot(settings).version == version


def run(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "TAKUUVAHTI_WAREHOUSE": str(settings.warehouse),
        "TAKUUVAHTI_DEFAULT_LANGUAGE": "fi",
    }
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


def test_the_command_line_prints_the_contract(settings: Settings, tmp_path: Path) -> None:
    good, bad = tmp_path / "kaynnit_20250401.csv", tmp_path / "outo.csv"
    good.write_bytes(visits(visit(1), visit(2, visit="1.3.2025")))
    bad.write_bytes(b"x;y\r\n1;2\r\n")
    done = run(settings, "pipelines", "load", str(good), str(bad), "--json")
    assert (done.returncode, done.stderr) == (1, "")
    first, second = json.loads(done.stdout)["loads"]
    assert list(first) == [
        "load_id",
        "file",
        "source",
        "layout",
        "origin",
        "status",
        "extract_date",
        "window",
        "rows_read",
        "rows_loaded",
        "rows_quarantined",
        "rows_new",
        "rows_changed",
        "rows_removed",
        "period_start",
        "period_end",
        "demo",
        "findings",
    ]
    assert (first["status"], first["rows_new"], first["extract_date"], first["demo"]) == (
        "loaded",
        2,
        "2025-04-01",
        False,
    )
    warning = next(f for f in first["findings"] if f["code"] == "wait_before_assessment")
    assert (warning["level"], warning["count"], warning["rows"]) == ("warning", 1, [3])
    assert second["status"] == "refused"
    history = json.loads(run(settings, "pipelines", "loads", "--json").stdout)["loads"]
    assert [entry["load_id"] for entry in history] == ["000001"]
    assert {"loaded_at", "loaded_by", "withdrawn_at"} <= set(history[0])


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("pipelines", "load", "puuttuu.csv"), 2, "puuttuu.csv"),
        (("pipelines", "load", "README.md", "--area", "99"), 2, "99"),
        (("pipelines", "load", "README.md", "--window", "maaliskuu"), 2, "maaliskuu"),
        (("pipelines", "loads"), 3, "setup"),
        (("pipelines", "inspect", "README.md", "--as-of", "31.2.2025"), 2, "31.2.2025"),
    ],
)
def test_wrong_usage_is_one_sentence(
    settings: Settings, words: tuple[str, ...], code: int, says: str
) -> None:
    done = run(settings, *words)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_readers_are_not_disturbed_by_loads(settings: Settings, demo_settings: Settings) -> None:
    """Four command lines and a snapshot held open read while loads are published one after another."""
    start_from(demo_settings, settings)
    held = published_snapshot(settings)
    count = held.rows("SELECT count(*) FROM visits")
    environment = os.environ | {"TAKUUVAHTI_WAREHOUSE": str(settings.warehouse)}
    words = [sys.executable, "-m", "indicators", "show", "visits", "--by", "year", "--format", "json"]
    readers = [
        subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for number in range(1, 7):
        assert (
            load(settings, visits(*(visit(n) for n in range(1, number + 1))), f"k{number}.csv").status
            == "loaded"
        )
        assert held.rows("SELECT count(*) FROM visits") == count
    for reader in readers:
        out, err = reader.communicate(timeout=120)
        assert reader.returncode == 0, err
        assert json.loads(out)
    assert len(visit_ids(settings)) == 6
