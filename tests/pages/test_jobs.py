"""Background work and the door to the loader: order, progress, errors as sentences, nothing about persons."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from indicators.catalogue.errors import UsageError
from pages.ui import loading
from pages.ui.jobs import DONE, FAILED, MAX_FINISHED, QUEUED, RUNNING, Job, Jobs, Progress
from pipelines.checking.extract import LoadOptions
from pipelines.errors import WarehouseBusy
from pipelines.findings import kinds
from pipelines.warehouse.swap_version import writer_lock
from tests.pipelines.extracts import queue, queue_entry, visit, visits

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
