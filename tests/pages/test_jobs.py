"""Background work and the door to the loader: order, progress, errors as sentences, nothing about persons."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from indicators.catalogue.errors import UsageError
from pages.text.upload import error_words
from pages.ui import loading
from pages.ui.job_files import JOBS_FOLDER
from pages.ui.jobs import DONE, FAILED, LOADING, MAX_FINISHED, QUEUED, RUNNING, Job, Jobs, Progress
from pipelines.checking.extract import LoadOptions
from pipelines.errors import WarehouseBusy
from pipelines.findings import kinds
from pipelines.warehouse.swap_version import writer_lock
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.rules.repository import ROOT

ASKED = datetime(2026, 1, 2, 8, 0)
PATIENCE = 60


def start(jobs: Jobs, work: object, line: str = "load") -> Job:
    return jobs.start(line, "load", "a.csv", "me", ASKED, work)  # type: ignore[arg-type]


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the door to the loader takes for the warehouse."""
    folder = tmp_path / "warehouse"
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(folder))
    monkeypatch.setenv("TAKUUVAHTI_LOCK_WAIT_SECONDS", "30")
    return folder


def silent(stage: str, share: float) -> None:
    """Progress that nobody looks at."""


def test_jobs_of_a_line_follow_each_other_and_say_how_many_are_before() -> None:
    jobs, gate, order = Jobs(), threading.Event(), []

    def first(progress: Progress) -> str:
        progress("read", 0.25)
        gate.wait(PATIENCE)
        order.append("first")
        return "first"

    one = start(jobs, first)
    two = start(jobs, lambda progress: order.append("second"))
    aside = start(jobs, lambda progress: order.append("aside"), line="inspect")
    assert aside.wait(PATIENCE)
    assert (one.state, one.stage, one.share) == (RUNNING, "read", 0.25)
    assert (two.state, jobs.before(two), jobs.before(one)) == (QUEUED, 1, 0)
    gate.set()
    assert two.wait(PATIENCE)
    assert order == ["aside", "first", "second"]
    assert (one.state, one.result, jobs.before(two)) == (DONE, "first", 0)


def test_a_job_is_found_again_by_its_id_until_it_is_forgotten() -> None:
    jobs, gate = Jobs(), threading.Event()
    job = start(jobs, lambda progress: gate.wait(PATIENCE))
    jobs.forget(job.id)
    assert jobs.get(job.id) is job, "an open job stays"
    gate.set()
    assert job.wait(PATIENCE)
    jobs.forget(job.id)
    assert jobs.get(job.id) is None


def test_only_so_many_finished_jobs_are_kept() -> None:
    jobs = Jobs()
    for _ in range(MAX_FINISHED + 5):
        assert start(jobs, lambda progress: None).wait(PATIENCE)
    assert len(jobs.of_line("load")) == MAX_FINISHED + 1


def test_what_finished_long_ago_is_put_away_with_the_next_job(warehouse: Path) -> None:
    here, there = others(warehouse)
    old = start(here, lambda progress: 1, LOADING)
    assert old.wait(PATIENCE)
    newer = there.start(LOADING, "load", "b.csv", "me", ASKED + timedelta(days=2), lambda progress: 2)
    assert newer.wait(PATIENCE)
    assert [job.id for job in here.of_line(LOADING)] == [newer.id]


def test_an_expected_error_is_a_sentence_in_each_language() -> None:
    def work(progress: Progress) -> None:
        raise UsageError("unknown_area", area="99")

    job = start(Jobs(), work)
    assert job.wait(PATIENCE)
    assert job.state == FAILED and job.result is None
    assert loading.error_sentence(job.error, "sv").startswith("Okänt område: 99.")
    assert loading.error_sentence(job.error, "fi").startswith("Tuntematon alue: 99.")


def test_an_unforeseen_error_is_logged_without_its_message_and_lets_go_of_the_bytes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work(progress: Progress) -> None:
        raise ValueError(bytes.fromhex("3031303139302d31323341").decode())

    with caplog.at_level(logging.ERROR):
        job = start(Jobs(), work)
        assert job.wait(PATIENCE)
    assert loading.error_sentence(job.error, "fi") is None
    assert "ValueError" in caplog.text and "010190" not in caplog.text
    assert job.error is not None and job.error.__traceback__ is None


def others(warehouse: Path) -> tuple[Jobs, Jobs]:
    """The jobs as two processes of the server have them."""
    return Jobs(lambda: warehouse / JOBS_FOLDER), Jobs(lambda: warehouse / JOBS_FOLDER)


def test_a_job_is_seen_by_another_process_with_its_progress_and_its_report(warehouse: Path) -> None:
    (here, there), gate, told = others(warehouse), threading.Event(), threading.Event()

    def work(progress: Progress) -> object:
        progress("read", 0.25)
        told.set()
        gate.wait(PATIENCE)
        return loading.load(
            "kaynnit.csv", visits(visit(1), visit(2, visit="31.2.2025")), LoadOptions(force=True), progress
        )

    job = start(here, work, LOADING)
    assert told.wait(PATIENCE)
    seen = there.of_line(LOADING)[0]
    assert (seen.id, seen.title, seen.owner, seen.asked_at) == (job.id, job.title, job.owner, job.asked_at)
    assert (seen.state, seen.stage, seen.share) == (RUNNING, "read", 0.25)
    there.forget(job.id)
    assert there.get(job.id) is not None, "an open job stays"
    gate.set()
    assert job.wait(PATIENCE)
    ended = there.get(job.id)
    assert ended is not None and ended.state == DONE and ended.error is None
    assert ended.result.rows_loaded == job.result.rows_loaded == 1
    assert [f.message("fi") for f in ended.result.findings] == [f.message("fi") for f in job.result.findings]
    assert loading.may_overrule(ended.result) == loading.may_overrule(job.result)
    there.forget(job.id)
    assert here.get(job.id) is None and here.of_line(LOADING) == []


def test_two_processes_work_off_a_line_one_at_a_time(warehouse: Path) -> None:
    (here, there), gate, begun = others(warehouse), threading.Event(), threading.Event()
    order: list[str] = []

    def first(progress: Progress) -> None:
        begun.set()
        gate.wait(PATIENCE)
        order.append("here")

    one = start(here, first, LOADING)
    assert begun.wait(PATIENCE)
    later = ASKED + timedelta(seconds=1)
    two = there.start(LOADING, "load", "b.csv", "me", later, lambda progress: order.append("there"))
    assert not two.wait(0.5)
    assert (two.state, there.before(two), here.before(two)) == (QUEUED, 1, 1)
    gate.set()
    assert one.wait(PATIENCE) and two.wait(PATIENCE)
    assert order == ["here", "there"]


def test_errors_of_another_process_are_sentences_and_never_quote(warehouse: Path) -> None:
    here, there = others(warehouse)

    def foreseen(progress: Progress) -> None:
        raise UsageError("unknown_area", area="99")

    def unforeseen(progress: Progress) -> None:
        raise ValueError(bytes.fromhex("3031303139302d31323341").decode())

    jobs = [start(here, work, LOADING) for work in (foreseen, unforeseen)]
    assert all(job.wait(PATIENCE) for job in jobs)
    expected, other = (there.get(job.id) for job in jobs)
    assert expected is not None and other is not None
    for language in ("fi", "sv", "en"):
        assert loading.error_sentence(expected.error, language) == jobs[0].error.message(language)  # type: ignore[union-attr]
    assert loading.error_sentence(other.error, "fi") is None
    assert "ValueError" in error_words(other.error)
    written = b"".join(path.read_bytes() for path in (warehouse / JOBS_FOLDER).iterdir())
    assert b"010190" not in written
    assert all(path.stat().st_mode & 0o077 == 0 for path in (warehouse / JOBS_FOLDER).glob("*.json"))


def test_the_job_of_a_process_that_was_killed_has_failed_and_lets_others_work(warehouse: Path) -> None:
    code = (
        "import os, sys, threading, time; from datetime import datetime; from pathlib import Path;"
        "from pages.ui.jobs import Jobs;"
        "jobs = Jobs(lambda: Path(sys.argv[1]));"
        "job = jobs.start('loading', 'load', 'a.csv', 'me', datetime(2026, 1, 2), lambda progress: time.sleep(60));"
        "job.begun.wait(60); print('begun', flush=True)"
    )
    command = [sys.executable, "-c", code, str(warehouse / JOBS_FOLDER)]
    _here, there = others(warehouse)
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline() == b"begun\n"
        (seen,) = there.of_line(LOADING)
        assert seen.open
    finally:
        process.kill()
        process.communicate()
    (left,) = there.of_line(LOADING)
    assert left.state == FAILED
    assert "lataushistoriasta" in error_words(left.error)
    mine = start(there, lambda progress: 1, LOADING)
    assert mine.wait(PATIENCE) and mine.result == 1
    there.forget(left.id)
    assert [job.id for job in there.of_line(LOADING)] == [mine.id]


def test_what_a_withdrawal_changed_is_the_same_in_another_process(warehouse: Path) -> None:
    here, there = others(warehouse)
    report = loading.load("kaynnit.csv", visits(visit(1), visit(2)), LoadOptions(), silent)
    job = start(here, lambda progress: loading.withdraw(str(report.load_id), progress), LOADING)
    many = start(here, lambda progress: [report, report], LOADING)
    assert job.wait(PATIENCE) and many.wait(PATIENCE)
    withdrawn, loaded = there.get(job.id), there.get(many.id)
    assert withdrawn is not None and loaded is not None
    assert withdrawn.result == job.result
    # Days in the sentences of findings are written out as the history has them.
    assert [replace(one, findings=()) for one in loaded.result] == [replace(report, findings=())] * 2


def test_a_load_waits_for_another_writer_and_says_so(warehouse: Path) -> None:
    jobs, told = Jobs(), []
    waiting = threading.Event()

    def work(progress: Progress) -> object:
        def both(stage: str, share: float) -> None:
            told.append((stage, share))
            progress(stage, share)
            if stage == "wait":
                waiting.set()

        return loading.load("kaynnit.csv", visits(visit(1)), LoadOptions(loaded_by="test"), both)

    with writer_lock(warehouse, 5):
        job = start(jobs, work)
        assert waiting.wait(PATIENCE)
        assert job.state == RUNNING and job.stage == "wait"
        assert not loading.contents().published
    assert job.wait(PATIENCE)
    assert job.result.status == loading.LOADED
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert [stage for stage, _ in told][-3:] == ["archive", "publish", "done"]


def test_a_load_gives_up_on_a_writer_that_does_not_end(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_LOCK_WAIT_SECONDS", "0.1")
    with writer_lock(warehouse, 5):
        job = start(
            Jobs(), lambda progress: loading.load("kaynnit.csv", visits(visit(1)), LoadOptions(), progress)
        )
        assert job.wait(PATIENCE)
    assert isinstance(job.error, WarehouseBusy)
    assert "Mitään ei muutettu" in loading.error_sentence(job.error, "fi")
    assert not loading.contents().published


def test_inspecting_tells_the_effect_and_changes_nothing(warehouse: Path) -> None:
    report = loading.inspect("kaynnit_20250331.csv", visits(visit(1), visit(2)), LoadOptions(), silent)
    assert (report.status, report.rows_new, report.source) == (loading.INSPECTED, 2, "exreport_kaynnit")
    assert loading.date_came_from(report) == loading.FILE_NAME
    assert loading.window_came_from(report, LoadOptions()) == loading.NOWHERE
    assert not warehouse.exists()


def test_where_dates_come_from(warehouse: Path) -> None:
    by_hand = LoadOptions(as_of=date(2025, 4, 2), window=(date(2025, 3, 1), date(2025, 3, 31)))
    report = loading.inspect("kaynnit.csv", visits(visit(1)), by_hand, silent)
    assert loading.date_came_from(report) == loading.BY_HAND
    assert loading.window_came_from(report, by_hand) == loading.BY_HAND

    named = "kaynnit_20250301-20250331.csv"
    report = loading.inspect(named, visits(visit(1)), LoadOptions(), silent)
    assert loading.date_came_from(report) == loading.FILE_NAME
    assert loading.window_came_from(report, LoadOptions()) == loading.FILE_NAME

    report = loading.inspect("jono_20250101.csv", queue(queue_entry(1)), LoadOptions(), silent)
    assert report.extract_date == date(2025, 3, 31)
    assert loading.date_came_from(report) == loading.COLUMN

    report = loading.inspect("kaynnit.csv", visits(visit(1)), LoadOptions(), silent)
    assert report.extract_date == date(2025, 3, 10)
    assert loading.date_came_from(report) == loading.ROWS


def test_a_name_with_an_identity_code_is_refused_and_never_told(warehouse: Path) -> None:
    name = "potilas_010190-123A.csv"
    report = loading.inspect(name, visits(visit(1)), LoadOptions(), silent)
    assert report.status == loading.REFUSED
    assert [found.code for found in report.findings] == ["person_id_in_wrong_place"]
    assert report.file == "potilas_***.csv"
    assert not loading.may_overrule(report)
    for language in ("fi", "sv", "en"):
        assert "010190" not in " ".join(loading.sentence(f, language) for f in report.findings)


def test_a_person_may_overrule_bad_rows_but_not_a_missing_column(warehouse: Path) -> None:
    bad = visits(*(visit(key) for key in range(1, 5)), visit(5, visit="huomenna"))
    report = loading.inspect("kaynnit.csv", bad, LoadOptions(), silent)
    assert report.status == loading.REFUSED and loading.may_overrule(report)
    forced = loading.inspect("kaynnit.csv", bad, LoadOptions(force=True), silent)
    assert (forced.status, forced.rows_new, forced.rows_quarantined) == (loading.INSPECTED, 4, 1)
    missing = visits(visit(1)).replace("Palvelu".encode("cp1252"), b"Jotain")
    assert not loading.may_overrule(loading.inspect("kaynnit.csv", missing, LoadOptions(), silent))


def test_the_first_real_rows_take_the_demo_away_and_it_is_said_before(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "DEFAULT_SCALE", "small")
    stages: list[tuple[str, float]] = []
    loading.make_warehouse("test", True, lambda stage, share: stages.append((stage, share)))
    assert stages[0] == ("files", 0.0) and stages[-1] == ("files", 1.0)
    before = loading.contents()
    assert before.published and before.demo and not before.real_rows
    assert loading.inspect("kaynnit.csv", visits(visit(1)), LoadOptions(), silent).takes_demo_away
    assert loading.take_demo_away(silent) == len(before.demo)
    after = loading.contents()
    assert not after.demo and any(record.dataset == "targets" for record in after.records)
    assert loading.take_demo_away(silent) == 0
    assert {report.status for report in loading.add_demo("test", silent)} == {loading.LOADED}
    assert loading.contents().demo


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_no_sentence_names_an_option_of_the_command_line(language: str) -> None:
    for kind in kinds().values():
        for reason in kind.reasons or (None,):
            found = loading.Finding(kind.code, kind.level, params={"reason": reason} if reason else {})
            shown = loading.sentence(found, language)
            assert shown.strip() and "--" not in shown, shown


def test_an_upload_is_not_spilled_to_a_temporary_file() -> None:
    loading.keep_uploads_in_memory()
    content = b"x" * (3 * loading.MEGABYTE)
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\n'

    async def body() -> AsyncIterator[bytes]:
        yield head
        yield content
        yield b"\r\n--b--\r\n"

    headers = Headers({"content-type": "multipart/form-data; boundary=b"})
    form = asyncio.run(MultiPartParser(headers, body()).parse())
    upload = form["f"]
    assert not isinstance(upload, str) and upload.size == len(content)
    assert upload._in_memory


def test_every_area_and_source_has_a_name_in_each_language() -> None:
    for language in ("fi", "sv", "en"):
        assert len(loading.area_names(language)) == 23
        assert all(loading.source_titles(language).values())
    assert loading.area_names("fi")["18"] == "Keski-Pohjanmaan hyvinvointialue"
    assert loading.source_title("own_mapping", "fi") == "own_mapping"


def test_times_are_told_in_finnish_time() -> None:
    assert loading.local_time(datetime(2026, 7, 1, 9, 0)) == datetime(2026, 7, 1, 12, 0)


def test_settings_come_from_the_environment(warehouse: Path) -> None:
    assert loading.settings().warehouse == warehouse
    assert replace(loading.settings(), default_area="20").default_area == "20"
