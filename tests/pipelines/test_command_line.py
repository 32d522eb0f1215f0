"""What the command line of the pipelines says to a person, and the code it ends with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from indicators.catalogue.errors import reason_of
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.findings import LANGUAGES, finding, kinds
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.quality.check import check
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import queue, queue_entry, visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    folder = tmp_path / "warehouse"
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(folder))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "fi")
    monkeypatch.setenv("TAKUUVAHTI_WATCH_SETTLE_SECONDS", "0.1")
    return replace(load_settings({}), warehouse=folder)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def load(settings: Settings, data: bytes, name: str, today: date = TODAY, **options: object) -> None:
    report = load_bytes(name, data, LoadOptions(**options), settings, now=NOW, today=today)
    assert report.status == "loaded"


def stale(settings: Settings, today: date) -> list[tuple[str, str]]:
    problems = check(settings, today=today)
    return [(p.subject, p.detail) for p in problems if p.code == "not_fresh"]


# --- freshness ---


def test_an_old_file_loaded_today_is_not_fresh(settings: Settings) -> None:
    """An extract date of today does not make its rows newer; bookings ahead freshen nothing."""
    booked = visit(2, visit="2.1.2026", state="Varattu")
    load(settings, visits(visit(1), booked), "kaynnit.csv", as_of=TODAY)
    assert stale(settings, TODAY) == [("exreport_kaynnit 18", "2025-03-10 (2026-01-02)")]


def test_a_source_is_fresh_for_a_fortnight_after_a_week_from_its_newest_row(settings: Settings) -> None:
    load(settings, visits(visit(1)), "kaynnit.csv", as_of=TODAY)
    assert stale(settings, date(2025, 3, 10) + timedelta(days=7 + 15)) == []
    assert stale(settings, date(2025, 3, 10) + timedelta(days=7 + 16)) != []


def test_an_old_extract_date_is_old_whatever_its_rows(settings: Settings) -> None:
    load(settings, queue(queue_entry(1)), "jono.csv", as_of=date(2025, 3, 31))
    assert stale(settings, date(2025, 4, 15)) == []
    assert stale(settings, date(2025, 4, 16)) == [("exreport_jono 18", "2025-03-31 (2025-03-31)")]


# --- levels ---


@pytest.mark.parametrize(
    ("language", "warning", "error"),
    [("fi", "huomautus", "virhe"), ("sv", "anmärkning", "fel"), ("en", "warning", "error")],
)
def test_levels_are_said_in_the_readers_language(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    warning: str,
    error: str,
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", language)
    path = tmp_path / "kaynnit_20250401.csv"
    path.write_bytes(visits(visit(1), visit(1)))
    assert f"\n  {warning}: " in run("inspect", path).output
    path.write_bytes(visits(visit(1, visit="45.3.2025")))
    assert f"\n  {error}: " in run("inspect", path).output


# --- demo data goes and comes back ---


def test_it_is_said_when_demo_data_goes_and_comes_back(settings: Settings, tmp_path: Path) -> None:
    load(settings, visits(visit(7)), "demo.csv", demo=True)
    path = tmp_path / "kaynnit_20250401.csv"
    path.write_bytes(visits(visit(1)))
    assert "lataaminen poistaisi samalla kaiken esittelyaineiston" in run("inspect", path).stdout
    assert "kaikki esittelyaineisto poistui samalla" in run("load", path).stdout
    path.write_bytes(visits(visit(1), visit(2)))
    assert "esittelyaineisto" not in run("load", path).stdout
    assert "esittelyaineisto" not in run("withdraw", "3").stdout
    assert "esittelyaineisto on taas luvuissa" in run("withdraw", "2").stdout


# --- reports and findings ---


def test_the_rows_of_a_report_add_up(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "kaynnit_20250401.csv"
    good = [visit(n) for n in range(1, 41)]
    path.write_bytes(visits(*good, visit(1), visit(2), visit(99, visit="31.2.2025")))
    for words in ("inspect", "load"):
        said = run(words, path).stdout
        assert "Rivejä luettu 43, ladat" in said
        assert " 40, sivuun siirret" in said
        assert " 1, toistoja 2; uusia 40," in said
        assert "Poimintapäivä 1.4.2025 (tiedoston nimestä). Poiminnan kattamaa jaksoa ei ole kerrottu" in said


def test_the_remainder_of_row_numbers_is_that_of_all_rows() -> None:
    found = finding("bad_number", "value", 53, range(2, 55), column="value")
    for language, label in (("fi", "rivinumerot"), ("sv", "radnummer"), ("en", "row numbers")):
        assert f"{label}: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 (+ 43))" in found.message(language)
    few = finding("bad_number", "value", 2, [2, 3], column="value")
    assert "(rivinumerot: 2, 3)" in few.message("fi")


def test_findings_are_true_before_and_after_loading() -> None:
    """`inspect` shows the same sentences as `load`: none of them says that something was done."""
    done = {
        "fi": ("siirrettiin", "ladattiin", "jätettiin", "hylättiin", "ei ladattu", "ohitettiin"),
        "sv": ("sattes", "laddades", "utelämnades", "hoppades", "ersatte "),
        "en": (" were ", " was "),
    }
    for code, kind in kinds().items():
        for texts in (kind.texts, *kind.fields.values(), *kind.reasons.values()):
            for language in LANGUAGES:
                assert not [word for word in done[language] if word in texts[language]], code
                assert "{count} riv" not in texts[language] or "/" in texts[language], code


def test_units_are_not_asked_to_be_added_to_a_code_list(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "kaynnit_20250401.csv"
    path.write_bytes(visits(visit(1, service="Hieronta")))
    said = run("inspect", path).stdout
    assert "Uusia yksiköitä: TK-KOK-01 (1). Niitä ei ole yksikköluettelossa" in said
    assert "Tuntemattomia koodeja sarakkeessa Palvelu: Hieronta (1)." in said
    assert "sarakkeessa Yksikkökoodi" not in said


# --- the history ---


def test_the_history_is_explained_and_its_columns_hold(settings: Settings) -> None:
    load(settings, visits(*(visit(n) for n in range(1, 201))), "kaynnit_20250401.csv")
    load(settings, queue(queue_entry(1)), "jono.csv", as_of=date(2025, 3, 31))
    heading, newest, oldest = run("loads").stdout.splitlines()
    assert "+ uusia, ~ muuttuneita, - poistuneita, ! sivuun siirrettyjä" in heading
    assert newest.index("jono.csv") == oldest.index("kaynnit_20250401.csv")
    assert newest.index("~0") == oldest.index("~0")


# --- wrong usage and exit codes ---


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = run("demo", "--out", tmp_path / "file" / "x")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Kansioon {tmp_path / 'file' / 'x'} ei voi kirjoittaa: ")
    assert len(done.stderr.splitlines()) == 1


def test_reasons_are_told_in_the_language(tmp_path: Path) -> None:
    done = run("load", tmp_path / "puuttuu.csv")
    assert (done.exit_code, "(sitä ei ole)" in done.stderr) == (2, True)
    assert reason_of(OSError("no errno"), tmp_path).text("sv") == "det är en mapp"
    assert reason_of(OSError("no errno"), tmp_path / "a" / "b").text("fi") == "kansiota ei ole"
    assert reason_of(PermissionError(13, "x"), tmp_path).text("fi") == "siihen ei ole oikeutta"
    assert reason_of(OSError("no errno"), tmp_path / "b").text("en") == "the system does not say why"


def test_a_watch_that_looks_once_fails_with_a_refused_file(settings: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "in" / "saapuvat"
    inbox.mkdir(parents=True)
    (inbox / "kaynnit.csv").write_bytes(visits(visit(1)))
    assert run("watch", inbox, "--once").exit_code == 0
    (inbox / "outo.csv").write_bytes(b"x;y\r\n1;2\r\n")
    assert run("watch", inbox, "--once").exit_code == 1


def test_the_help_tells_the_exit_codes() -> None:
    said = " ".join(run("--help").stdout.split())
    assert "0 done, 1 findings stopped" in said


# --- where the extract date comes from, which table is read ---


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("kaynnit.csv", [], "Poimintapäivä 10.3.2025 (oletettu: rivien uusin toteutunut päivä)."),
        ("kaynnit.csv", ["--as-of", "2025-04-01"], "Poimintapäivä 1.4.2025 (annettu komennossa)."),
        (
            "kaynnit_1.3.2025-31.3.2025.csv",
            [],
            "Poimintapäivä 31.3.2025 (tiedoston nimestä). Poiminnan kattama jakso 1.3.2025–31.3.2025 (tiedoston nimestä).",
        ),
        (
            "kaynnit_20250401.csv",
            ["--window", "2025-03-01..2025-03-31"],
            "Poiminnan kattama jakso 1.3.2025–31.3.2025 (annettu komennossa).",
        ),
    ],
)
def test_extract_date_and_window_are_told_with_what_says_them(
    settings: Settings, tmp_path: Path, name: str, options: list[str], told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(visits(visit(1)))
    for command in ("inspect", "load"):
        said = run(command, path, *options)
        assert said.exit_code == 0 and told in said.stdout
        assert ("oletettu" in said.stdout) == ("Poimintapäivää ei ole kerrottu" in said.stdout)


def test_the_header_row_is_an_option(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "kaynnit_20250401.csv"
    path.write_bytes("Käynnit;;\r\n".encode("cp1252") + visits(visit(1)))
    refused = run("load", path)
    assert refused.exit_code == 1 and "--header-row 2" in refused.stdout
    assert run("load", path, "--header-row", 2).exit_code == 0


def test_a_file_that_is_too_large_is_refused_and_the_others_loaded(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_LARGEST_FILE_MB", "1")
    large, small = tmp_path / "a_20250401.csv", tmp_path / "b_20250401.csv"
    large.write_bytes(b"a;b\r\n" * (1 << 18))
    small.write_bytes(visits(visit(1)))
    said = run("load", large, small)
    assert said.exit_code == 1
    assert "a_20250401.csv: ei ladattu" in said.stdout and "b_20250401.csv: ladattu" in said.stdout


def test_a_file_without_rows_empties_no_area(settings: Settings, tmp_path: Path) -> None:
    empty = tmp_path / "kaynnit_20250301-20250331.csv"
    empty.write_bytes(visits())
    for loaded_before in (False, True):
        if loaded_before:
            load(settings, visits(visit(1)), "kaynnit_20250320.csv")
        refused = run("load", empty, "--scope", "origin")
        assert refused.exit_code == 1
        assert f"korvaisivat saman jakson rivejä {int(loaded_before)}." in refused.stdout
        assert "vain otsikkorivi" in refused.stdout
    assert run("load", empty).exit_code == 0
    assert published_snapshot(settings).rows("SELECT count(*) FROM visits") == [(1,)]
    assert run("load", empty, "--scope", "origin", "--force").exit_code == 0
    assert published_snapshot(settings).rows("SELECT count(*) FROM visits") == [(0,)]
