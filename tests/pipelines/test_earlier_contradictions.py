"""Counts that contradict themselves in an archive of a version without that rule: listed by check, set aside by rebuild.

`tests/fixtures/formats/faults/0.1-counts.tar.xz` is a warehouse as version 0.1 left it. Queue counts, load 1: A 100, B 300 and
C 50 on 6.1.; 2: A −3, B 90 of which 120 beyond the limit, C −2 beyond it, D 40, E 7 of which 7, on 13.1.; 3: A 5 of which
9 and C 60 on 6.1. again; 4: a withdrawn one with a contradiction. 5: progress of 140 %, 60 % and −5 %.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.findings import LANGUAGES
from pipelines.loading import history
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import stored_findings
from pipelines.quality import contradictions
from pipelines.quality.check import Problem, check
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import archive

COUNTS = Path(__file__).parents[1] / "fixtures" / "formats" / "faults" / "0.1-counts.tar.xz"
NOW, TODAY = datetime(2026, 12, 2, 8, 0), date(2026, 12, 2)
HEADER = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.unpack_archive(COUNTS, tmp_path)
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def told(own: Settings) -> list[Problem]:
    return [problem for problem in check(own, today=TODAY) if problem.code == "contradiction"]


def counts(own: Settings) -> list[tuple[object, ...]]:
    return published_snapshot(own).rows(
        "SELECT day(snapshot_on), unit, waiting, over_limit, load_id FROM queue_counts ORDER BY 1, 2"
    )


def test_check_lists_them_by_load(settings: Settings) -> None:
    assert [(p.level, p.subject, p.detail) for p in told(settings)] == [
        (
            "error",
            "000002",
            "jonot_20250114.csv (3): 2025-01-13 / 18 / A / primary_care: waiting -3, over_limit 0; "
            "2025-01-13 / 18 / B / primary_care: waiting 90, over_limit 120; "
            "2025-01-13 / 18 / C / primary_care: waiting 50, over_limit -2",
        ),
        (
            "error",
            "000003",
            "jonot_20250121.csv (1): 2025-01-06 / 18 / A / primary_care: waiting 5, over_limit 9",
        ),
        (
            "error",
            "000005",
            "valot_20250701.csv (2): 18 / P / investment_1 / 2025-01-01 / 2025-06-30 / progress: progress_pct 140; "
            "18 / P / investment_3 / 2025-01-01 / 2025-06-30 / progress: progress_pct -5",
        ),
    ]


def test_rebuild_sets_them_aside_and_earlier_rows_of_their_keys_count_again(settings: Settings) -> None:
    made = rebuild(settings, now=NOW)
    assert [(one.load_id, one.dataset, one.rows) for one in made.contradicting] == [
        ("000002", "queue_counts", 3),
        ("000003", "queue_counts", 1),
        ("000005", "traffic_lights", 2),
    ]
    assert counts(settings) == [
        (6, "A", 100, 10, "000001"),
        (6, "B", 300, 20, "000001"),
        (6, "C", 60, 6, "000003"),
        (13, "D", 40, 4, "000002"),
        (13, "E", 7, 7, "000002"),
    ]
    assert published_snapshot(settings).rows("SELECT progress_pct FROM traffic_lights") == [(60,)]
    assert told(settings) == []
    assert [p for p in check(settings, today=TODAY) if p.code.startswith("archive")] == []


def test_the_history_tells_rows_set_aside_and_why(settings: Settings) -> None:
    rebuild(settings, now=NOW)
    second = next(record for record in loads(published_snapshot(settings)) if record.load_id == "000002")
    assert (second.rows_read, second.rows_loaded, second.rows_quarantined) == (5, 2, 3)
    assert [(f.code, f.field, f.count, f.params["column"]) for f in stored_findings(second)] == [
        ("contradiction", "over_limit", 3, "over_guarantee"),
        ("contradiction", "waiting", 1, "waiting"),
    ]
    lines = history.quarantine_csv(settings, "000003", "en").splitlines()
    assert lines == [
        f"Reason;{HEADER}",
        "the number is below zero or larger than its whole (over_limit);2025-01-06;18;A;primary_care;5;9;;x",
    ]


def test_the_next_rebuild_has_none_to_set_aside(settings: Settings) -> None:
    rebuild(settings, now=NOW)
    rows = counts(settings)
    before = {p: p.read_bytes() for p in settings.warehouse.rglob("*.parquet")}
    assert rebuild(settings, now=NOW).contradicting == ()
    assert counts(settings) == rows
    assert {p: p.read_bytes() for p in settings.warehouse.rglob("*.parquet")} == before


@pytest.mark.parametrize("killed_before", range(4))
def test_a_rebuild_killed_between_two_files_is_completed_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, killed_before: int
) -> None:
    class Killed(BaseException):
        pass

    rewrite, calls = archive.rewrite, []

    def die(*arguments: object, **named: object) -> None:
        if len(calls) == killed_before:
            raise Killed
        calls.append(arguments)
        rewrite(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(archive, "rewrite", die)
        with pytest.raises(Killed):
            rebuild(settings, now=NOW)
    rebuild(settings, now=NOW)
    assert [(row[1], row[2]) for row in counts(settings)] == [
        *(("A", 100), ("B", 300), ("C", 60), ("D", 40), ("E", 7))
    ]
    records = {record.load_id: record for record in loads(published_snapshot(settings))}
    assert {i: (r.rows_loaded, r.rows_quarantined) for i, r in records.items() if i != "000004"} == {
        "000001": (3, 0),
        "000002": (2, 3),
        "000003": (1, 1),
        "000005": (1, 2),
    }
    assert len(history.quarantine_csv(settings, "000002", "fi").splitlines()) == 4


def test_a_corrected_file_replaces_them_and_a_load_is_withdrawn_as_ever(settings: Settings) -> None:
    rebuild(settings, now=NOW)
    rows = ["2025-01-13;18;A;primary_care;30;3;;x", "2025-01-13;18;B;primary_care;90;12;;x"]
    data = "\n".join([HEADER, *rows, ""]).encode()
    report = load_bytes("jonot_20250115.csv", data, LoadOptions(), settings, now=NOW, today=TODAY)
    assert (report.status, report.rows_new) == ("loaded", 2)
    withdraw(settings, "000003", now=NOW)
    assert counts(settings)[:3] == [
        *((6, "A", 100, 10, "000001"), (6, "B", 300, 20, "000001"), (6, "C", 50, 5, "000001"))
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rebuild_and_check_say_so(settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", language)
    result = CliRunner().invoke(app, ["check"])
    assert (result.exit_code, result.output.count("waiting -3")) == (1, 1)
    assert "python -m pipelines rebuild" in result.output
    result = CliRunner().invoke(app, ["rebuild"])
    assert (result.exit_code, result.output.count("waiting -3")) == (0, 1)
    assert CliRunner().invoke(app, ["check"]).exit_code == 0


def test_the_rules_are_those_of_files_that_are_loaded() -> None:
    assert set(contradictions.RULED) == {"queue_counts", "traffic_lights"}


def test_an_archive_file_that_cannot_be_read_is_told_as_such(settings: Settings) -> None:
    path = settings.warehouse / archive.ARCHIVE / "000003-queue_counts.parquet"
    path.write_bytes(path.read_bytes()[:200])
    codes = {(problem.code, problem.subject) for problem in check(settings, today=TODAY)}
    assert {("archive_damaged", "000003"), ("contradiction", "000002")} <= codes


def test_records_of_a_load_of_two_datasets_agree_after_a_kill(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts and lights of one load: its record stands in both files, and both say the same in the end."""
    folder = settings.warehouse / archive.ARCHIVE
    own, lights = folder / "000002-queue_counts.parquet", folder / "000002-traffic_lights.parquet"
    record = archive.read_head(own).record
    both = replace(record, parts=(*record.parts, replace(record.parts[0], dataset="traffic_lights", rows=3)))
    archive.rewrite(own, pq.read_table(own), both)
    shutil.copyfile(own, lights)
    changed = {own: pq.read_table(own)}

    class Killed(BaseException):
        pass

    write, written = archive.rewrite, []

    def once(*arguments: object, **named: object) -> None:
        if written:
            raise Killed
        written.append(arguments)
        write(*arguments, **named)

    def lose(record: archive.LoadRecord) -> archive.LoadRecord:
        return replace(record, rows_loaded=record.rows_loaded - 2)

    with monkeypatch.context() as patched:
        patched.setattr(archive, "rewrite", once)
        with pytest.raises(Killed):
            archive.rewrite_load(changed, lose)
    archive.rewrite_load(changed, lose)
    assert {archive.read_head(path).record.rows_loaded for path in (own, lights)} == {record.rows_loaded - 2}
