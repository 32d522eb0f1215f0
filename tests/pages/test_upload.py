"""The upload page against real warehouses: nothing changes before the button, what is said is what happened."""

from __future__ import annotations

import csv
import io
import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from streamlit.testing.v1 import AppTest

from indicators.catalogue.places import FIGURES
from indicators.wording.translations import in_language
from pages.access.decision import INTERNAL, RIGHTS, Access, Outcome, Right
from pages.access.rules import Role
from pages.access.session import AccessRefused
from pages.text import upload as upload_view
from pages.ui import downloads, loading, set_aside, withdrawal
from pages.ui.jobs import JOBS
from pages.ui.loading import LoadRecord
from pipelines.checking.extract import LoadOptions
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from pipelines.warehouse.swap_version import writer_lock
from tests.access.sign_in import RULES, USER, sign_in
from tests.conftest import start_from
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.rules.repository import ROOT

NOW, TODAY = datetime(2026, 1, 2, 8, 0), date(2026, 1, 2)
PATIENCE = 120
NAME = "kaynnit_20250331.csv"
HETU = "010190-123A"


@pytest.fixture(autouse=True)
def _no_jobs_of_others() -> Iterator[None]:
    """Jobs belong to the process: those of one test are not seen in the next."""
    yield
    for line in ("loading", "inspecting"):
        for job in JOBS.of_line(line):
            job.wait(PATIENCE)
            JOBS.forget(job.id)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a warehouse that is not there yet."""
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(tmp_path / "warehouse"))
    return load_settings()


@pytest.fixture
def figures(empty: Settings) -> Settings:
    """Settings of a warehouse with one file of figures."""
    path = ROOT / "data" / "figures" / "milestones.csv"
    load_bytes(path.name, path.read_bytes(), LoadOptions(as_of=TODAY), empty, now=NOW, today=TODAY)
    return empty


@pytest.fixture
def page() -> AppTest:
    """The page in the application, not yet run."""
    application = sign_in(AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE))
    return application.switch_page("pages/upload.py")


def settled(page: AppTest) -> AppTest:
    """The page once all its work has ended."""
    for line in ("inspecting", "loading"):
        for job in JOBS.of_line(line):
            assert job.wait(PATIENCE)
    page.run()
    assert not page.exception
    return page


def drop(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Drop files on the page and wait until they are inspected."""
    page.run()
    page.file_uploader[0].set_value([(name, data, "text/csv") for name, data in files]).run()
    return settled(page)


def press(page: AppTest, key: str) -> AppTest:
    """Press a button and wait until what it starts has ended."""
    page.button(key=key).click().run()
    return settled(page)


def said(page: AppTest) -> str:
    """Everything that stands on the page."""
    kinds = ("title", "header", "caption", "markdown", "error", "warning", "info", "success")
    parts = [str(element.value) for kind in kinds for element in page.get(kind)]
    parts += [
        re.sub(r"<style>.*?</style>", "", element.proto.body, flags=re.S) for element in page.get("html")
    ]
    parts += [expander.label for expander in page.expander]
    parts += [one.label for one in page.tabs]
    parts += [button.label for button in page.button]
    return "\n".join(parts).replace("\\", "").replace("\u00a0", " ")


def tab(page: AppTest, name: str) -> AppTest:
    """The page with a tab open."""
    page.query_params["nakyma"] = name
    return page.run()


def count(settings: Settings, table: str = "visits") -> int:
    """The rows that are published."""
    return Warehouse(settings.warehouse).current().rows(f"SELECT count(*) FROM {table}")[0][0]


def version(settings: Settings) -> str:
    """The name of the published version."""
    return Warehouse(settings.warehouse).current().path.name


def has_button(page: AppTest, key: str) -> bool:
    return any(button.key == key for button in page.button)


def test_a_file_is_shown_before_and_changes_the_visits_only_when_loaded(
    figures: Settings, page: AppTest
) -> None:
    name, before = "kaynnit_20250430.csv", version(figures)
    drop(page, (name, visits(visit(1), visit(2, visit="7.4.2025"), visit(3))))
    shown = said(page)
    assert "Exreport: käynnit (otsikoista)" in shown
    assert "30.4.2025 (tiedoston nimestä)" in shown
    assert "merkistö Windows-1252, erotin puolipiste" in shown
    assert "ei rajattu: rivejä vain lisätään ja korvataan" in shown
    assert "Lataaminen lisää 3 riviä." in shown
    assert [(metric.label, metric.value) for metric in page.metric] == [
        ("Uusia rivejä", "3"),
        ("Muuttuvia rivejä", "0"),
        ("Poistuvia rivejä", "0"),
        ("Sivuun siirretään", "0"),
    ]
    months = page.table[0].value
    assert list(months["Kuukausi"]) == ["maaliskuu 2025", "huhtikuu 2025"]
    assert list(months["Uusia rivejä"]) == ["2", "1"]
    assert version(figures) == before and count(figures) == 0

    press(page, "load")
    assert count(figures) == 3
    assert f"{name} ladattiin: uusia rivejä 3, muuttuneita 0, poistuneita 0" in said(page)
    assert not page.metric, "the file has left the basket"
    assert any(name in expander.label.replace("\\", "") for expander in page.expander)


def test_the_sheet_and_the_row_of_the_headers_are_chosen_on_the_page(
    figures: Settings, page: AppTest
) -> None:
    """A workbook with instructions on its first sheet and a title above the headers of the second."""
    rows = list(csv.reader(io.StringIO(visits(visit(1), visit(2)).decode("cp1252")), delimiter=";"))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("Ohje").write_row(0, 0, ["Katso toinen taulukko"])
        data = book.add_worksheet("Käynnit")
        for number, row in enumerate([["Käynnit maaliskuussa"], [], *rows]):
            data.write_row(number, 0, row)
    drop(page, ("kaynnit_20250430.xlsx", out.getvalue()))
    assert "Käynnit" in said(page) and not page.metric
    (sheet,) = (field for field in page.text_input if field.key.startswith("sheet-"))
    sheet.set_value("Käynnit").run()
    (header_row,) = (field for field in page.number_input if field.key.startswith("header-row-"))
    header_row.set_value(3).run()
    settled(page)
    assert [metric.value for metric in page.metric] == ["2", "0", "0", "0"]
    press(page, "load")
    assert count(figures) == 2


def test_a_correction_says_what_it_changes(figures: Settings, page: AppTest) -> None:
    load_bytes(NAME, visits(visit(1), visit(2), visit(3)), LoadOptions(), figures, now=NOW, today=TODAY)
    drop(
        page,
        ("kaynnit_20250301-20250331.csv", visits(visit(1, mode="R50"), visit(2), visit(4))),
    )
    assert "Lataaminen lisää 1 rivin, muuttaa 1 rivin ja poistaa 1 rivin." in said(page)
    assert "1.3.–31.3.2025 (tiedoston nimestä)" in said(page)
    press(page, "load")
    assert count(figures) == 3


def test_a_refused_file_changes_nothing_and_says_what_to_do(figures: Settings, page: AppTest) -> None:
    before = version(figures)
    drop(page, ("kaynnit.csv", visits(visit(1)).replace(b"Palvelu;", b"Jotain;")))
    shown = said(page)
    assert "Tästä tiedostosta ei voida ladata mitään sellaisenaan. Mitään ei ole muutettu." in shown
    assert "Pakollinen sarake Palvelu puuttuu" in shown and "Lisää sarake poimintaan" in shown
    assert not has_button(page, "load")
    assert version(figures) == before


def test_bad_rows_stop_a_file_until_a_person_overrules_it(figures: Settings, page: AppTest) -> None:
    drop(page, (NAME, visits(*(visit(key) for key in range(1, 5)), visit(5, visit="huomenna"))))
    shown = said(page)
    assert "1/5 (20,0 %)" in shown and "--force" not in shown
    assert "(rivinumerot: 6)" in shown
    assert not has_button(page, "load")
    page.checkbox[0].check().run()
    settled(page)
    assert "Tiedosto ladataan, vaikka havainnot muuten estäisivät sen." in said(page)
    assert "1 rivi siirretään sivuun." in said(page)
    press(page, "load")
    assert count(figures) == 4


def test_an_extract_that_has_shrunk_is_stopped_until_overruled(figures: Settings, page: AppTest) -> None:
    name = "kaynnit_20250301-20250331.csv"
    whole = visits(*(visit(key) for key in range(1, 11)))
    load_bytes(name, whole, LoadOptions(), figures, now=NOW, today=TODAY)
    drop(page, (name, visits(visit(1), visit(2))))
    assert "Poiminnan rivejä on 2, mutta ne korvaisivat saman jakson rivejä 10." in said(page)
    assert not has_button(page, "load")
    page.checkbox[0].check().run()
    settled(page)
    assert "Lataaminen poistaa 8 riviä." in said(page)
    press(page, "load")
    assert count(figures) == 2


def test_a_file_that_lost_a_column_is_stopped_until_overruled(figures: Settings, page: AppTest) -> None:
    load_bytes(NAME, visits(visit(1), visit(2)), LoadOptions(), figures, now=NOW, today=TODAY)
    text = visits(visit(1), visit(2)).decode("cp1252")
    text = text.replace("Hoidon tarpeen arviointi;", "").replace("3.3.2025 9:12;", "")
    drop(page, ("kaynnit_20250430.csv", text.encode("cp1252")))
    assert "tunnetuista arvoista häviäisi 2/2" in said(page)
    assert said(page).count("Hoidon tarpeen arviointi") == 1 and not has_button(page, "load")
    page.checkbox[0].check().run()
    settled(page)
    before = [one.value for one in page.warning if "Mitä tästä aineistosta ei voi kertoa" in one.value]
    assert "puuttuvat sarakkeen Hoidon tarpeen arviointi" in before[0]
    press(page, "load")
    # What is said before loading is said after it.
    assert before[0] in [one.value for one in page.warning]
    sql = "SELECT count(*) FROM visits WHERE assessed_on IS NULL"
    assert Warehouse(figures.warehouse).current().rows(sql) == [(2,)]


def test_overruling_can_be_taken_back(figures: Settings, page: AppTest) -> None:
    drop(page, (NAME, visits(*(visit(key) for key in range(1, 5)), visit(5, visit="huomenna"))))
    page.checkbox[0].check().run()
    settled(page)
    assert has_button(page, "load")
    page.checkbox[0].uncheck().run()
    settled(page)
    assert not has_button(page, "load")
    assert count(figures) == 0


def test_what_was_recognised_can_be_corrected(figures: Settings, page: AppTest) -> None:
    drop(page, ("kaynnit.csv", visits(visit(1), visit(2))))
    assert "(rivien uusin toteutunut päivä, koska tiedosto ei kerro)" in said(page)
    page.selectbox[0].set_value("20").run()
    next(d for d in page.date_input if d.label == "Poimintapäivä").set_value(date(2025, 4, 2)).run()
    next(d for d in page.date_input if d.label == "Poiminnan kattama jakso alkaa").set_value(
        date(2025, 3, 1)
    ).run()
    assert "Anna jakson alku ja loppu" in said(page)
    next(d for d in page.date_input if d.label == "Poiminnan kattama jakso päättyy").set_value(
        date(2025, 3, 31)
    ).run()
    settled(page)
    shown = said(page)
    assert "2.4.2025 (valitsit itse)" in shown and "1.3.–31.3.2025 (valitsit itse)" in shown
    assert "Kainuun hyvinvointialue" in shown
    press(page, "load")
    record = loading.contents().records[0]
    assert (record.origin, record.extract_date) == ("20", date(2025, 4, 2))
    assert (record.window_from, record.window_to) == (date(2025, 3, 1), date(2025, 3, 31))
    assert record.loaded_by == USER


def test_the_area_is_asked_with_the_default_chosen(
    figures: Settings, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_AREA", "06")
    drop(page, (NAME, visits(visit(1))))
    assert (page.selectbox[0].label, page.selectbox[0].value) == ("Alue, joka toimittaa tiedoston", "06")


def test_a_source_chosen_against_the_headers_says_so(figures: Settings, page: AppTest) -> None:
    drop(page, (NAME, visits(visit(1))))
    page.selectbox[1].set_value("exreport_jono").run()
    settled(page)
    assert "Pakollinen sarake" in said(page) and not has_button(page, "load")


def test_several_files_are_loaded_and_those_not_ready_stay(figures: Settings, page: AppTest) -> None:
    drop(
        page,
        (NAME, visits(visit(1))),
        ("rikki.csv", b"a;b\n1;2\n"),
        ("jono.csv", queue(queue_entry(1), queue_entry(2))),
    )
    assert "1 tiedosto ei ole valmis ladattavaksi ja jää tähän." in said(page)
    assert next(b for b in page.button if b.key == "load").label == "Lataa 2 tiedostoa"
    press(page, "load")
    assert (count(figures), count(figures, "queue")) == (1, 2)
    assert "**rikki.csv**" in said(page) and not has_button(page, "load")


def test_a_file_left_out_is_gone(figures: Settings, page: AppTest) -> None:
    drop(page, (NAME, visits(visit(1))))
    next(b for b in page.button if b.label == "Jätä pois").click().run()
    assert not has_button(page, "load") and NAME not in said(page)
    assert count(figures) == 0


def test_the_same_content_again_changes_nothing(figures: Settings, page: AppTest) -> None:
    load_bytes(NAME, visits(visit(1)), LoadOptions(), figures, now=NOW, today=TODAY)
    before = version(figures)
    drop(page, (NAME, visits(visit(1))))
    assert "Lataaminen ei muuta yhtään riviä" in said(page)
    press(page, "load")
    assert "on jo ladattu samansisältöisenä. Mitään ei muutettu." in said(page)
    assert version(figures) == before


def test_an_older_extract_is_said_to_be_older(figures: Settings, page: AppTest) -> None:
    load_bytes("kaynnit_20250430.csv", visits(visit(1)), LoadOptions(), figures, now=NOW, today=TODAY)
    drop(page, (NAME, visits(visit(1, mode="R50"))))
    assert "Poiminta (31.3.2025) on vanhempi kuin jo ladattu (30.4.2025)" in page.warning[0].value


def test_a_second_load_makes_the_effect_be_worked_out_anew(figures: Settings, page: AppTest) -> None:
    drop(page, (NAME, visits(visit(1))))
    assert "Lataaminen lisää 1 rivin." in said(page)
    load_bytes(NAME, visits(visit(1)), LoadOptions(), figures, now=NOW, today=TODAY)
    settled(page.run())
    assert "Lataaminen ei muuta yhtään riviä" in said(page)


def test_a_load_that_waits_is_seen_from_every_session_and_found_again(
    figures: Settings, page: AppTest
) -> None:
    drop(page, (NAME, visits(visit(1))))
    other = sign_in(
        AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE).switch_page("pages/upload.py")
    )
    with writer_lock(figures.warehouse, PATIENCE):
        page.button(key="load").click().run()
        other.run()
        for seen in (page, other):
            assert not seen.exception
            assert any("Odotetaan, että toinen lataus valmistuu" in p.text for p in seen.get("progress"))
            assert "Voit poistua sivulta: työ jatkuu" in said(seen)
        page.switch_page("pages/definitions.py").run()
        page.switch_page("pages/upload.py").run()
        assert page.get("progress")
        assert count(figures) == 0
    for seen in (settled(page), settled(other)):
        assert not seen.get("progress")
        assert f"{NAME} ladattiin: uusia rivejä 1" in said(seen)
    next(b for b in page.button if b.label == "Kuittaa nähdyksi").click().run()
    assert f"{NAME} ladattiin" not in said(page)
    assert count(figures) == 1


def test_a_busy_warehouse_is_a_sentence_and_changes_nothing(
    figures: Settings, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_LOCK_WAIT_SECONDS", "0.1")
    drop(page, (NAME, visits(visit(1))))
    with writer_lock(figures.warehouse, PATIENCE):
        press(page, "load")
    assert any("Mitään ei muutettu. Yritä uudelleen" in error.value for error in page.error)
    assert count(figures) == 0


def test_choices_outlive_another_page(figures: Settings, page: AppTest) -> None:
    drop(page, (NAME, visits(visit(1))))
    page.selectbox[0].set_value("20").run()
    next(d for d in page.date_input if d.label == "Poimintapäivä").set_value(date(2025, 4, 2)).run()
    page.switch_page("pages/definitions.py").run()
    page.switch_page("pages/upload.py").run()
    settled(page)
    assert page.selectbox[0].value == "20"
    assert "2.4.2025 (valitsit itse)" in said(page)


def test_identity_codes_are_nowhere(
    figures: Settings, page: AppTest, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level(logging.DEBUG):
        drop(
            page,
            (f"potilas_{HETU}.csv", visits(visit(1))),
            ("kaynnit.csv", visits(visit(1, person=HETU), visit(2, unit_name=f"Asema {HETU}"))),
            ("hyva.csv", visits(visit(1, person=HETU), visit(2, unit=""))),
        )
    shown = said(page)
    assert "potilas_***.csv" in shown and "Henkilötunnuksen näköinen tieto" in shown
    assert HETU not in shown and HETU not in str(page.main) and HETU not in caplog.text
    assert all(HETU.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_the_first_own_rows_take_the_demo_away_only_when_agreed(
    empty: Settings, page: AppTest, figures_settings: Settings
) -> None:
    small_demo(empty, figures_settings)
    before = version(empty)
    drop(page, (NAME, visits(visit(1), visit(2))))
    assert "poistaa samalla käytöstä kaikki esittelyaineiston käynnit ja jonot" in said(page)
    load = next(b for b in page.button if b.key == "load")
    assert load.disabled and version(empty) == before
    page.checkbox(key="agree-demo").check().run()
    press(page, "load")
    assert count(empty) == 2
    assert "Esittelyaineisto poistui: sivuilla näkyvät nyt vain omat tietosi." in said(page)
    tab(page, "esittelyaineisto")
    assert "Se ei näy millään sivulla" in said(page)


def test_demo_data_is_removed_when_understood_and_can_be_loaded_again(
    empty: Settings, page: AppTest, figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "DEFAULT_SCALE", "small")
    small_demo(empty, figures_settings)
    tab(page, "esittelyaineisto")
    assert "latauksia 1, keksittyjä rivejä 2" in said(page)
    assert next(b for b in page.button if b.key == "remove-demo").disabled
    page.checkbox(key="agree-remove").check().run()
    press(page, "remove-demo")
    assert count(empty) == 0
    assert "1 esittelyaineiston lataus poistettiin." in said(page)
    assert "Käyntejä ja jonoja ei ole." in said(page)
    press(page, "add-demo")
    assert count(empty) > 1000 and loading.contents().demo


def test_demo_data_is_not_offered_beside_own_rows(figures: Settings, page: AppTest) -> None:
    load_bytes(NAME, visits(visit(1)), LoadOptions(), figures, now=NOW, today=TODAY)
    tab(page, "esittelyaineisto")
    assert "Sitä ei myöskään voi ladata" in said(page)
    assert not has_button(page, "add-demo") and not has_button(page, "remove-demo")


def test_without_a_warehouse_the_page_makes_it(empty: Settings, page: AppTest) -> None:
    page.run()
    assert "Tietovarastoa ei vielä ole" in said(page)
    assert not page.file_uploader
    press(page, "make-plain")
    assert count(empty, "targets") > 0 and count(empty) == 0
    assert f"{len(list(FIGURES.glob('*.csv')))} tiedostoa ladattiin." in said(page)
    assert page.file_uploader and "Lataushistoria" in said(page)


def test_the_page_is_in_swedish(figures: Settings, page: AppTest) -> None:
    page.query_params["kieli"] = "sv"
    drop(page, (NAME, visits(visit(1), visit(2, visit="i morgon"))))
    shown = said(page)
    assert page.title[0].value == "Ladda uppgifter"
    assert "Exreport: besök (från rubrikerna)" in shown
    assert "Ingenting av den här filen kan laddas som den är." in shown
    assert "Datumet i kolumnen Käynti kan inte läsas" in shown
    assert "Laddningshistorik" in shown
    for finnish in ("Lataa", "rivi", "Poiminta", "esittely"):
        assert finnish not in shown.replace("rivit", "")


def test_a_damaged_warehouse_is_a_sentence(figures: Settings, page: AppTest) -> None:
    for path in (figures.warehouse / "versions").glob("*.duckdb"):
        path.write_bytes(b"broken")
    page.run()
    assert not page.exception
    assert any("ei voi lukea" in error.value for error in page.error)


def test_the_history_is_a_table_a_spreadsheet_opens(figures: Settings) -> None:
    load_bytes(
        NAME,
        visits(visit(1), visit(2), visit(2)),
        LoadOptions(loaded_by="=Aino"),
        figures,
        now=NOW,
        today=TODAY,
    )
    with in_language("fi"):
        text = upload_view.history_csv(loading.contents().records).decode("utf-8-sig")
    lines = text.splitlines()
    header, newest = list(csv.reader(lines[:2], delimiter=";"))
    told = dict(zip(header, newest, strict=False))
    assert told["Tiedosto"] == NAME and told["Lähde"] == "Exreport: käynnit"
    assert told["Ladattu"] == "2026-01-02 10:00" and told["Lataaja"] == "'=Aino"
    assert (told["Rivejä tiedostossa"], told["Ladattuja rivejä"], told["Tila"]) == ("3", "2", "käytössä")
    assert "Sama rivi on tiedostossa" in newest[-1]
    assert len(lines) == 3


def test_the_history_shows_ten_and_more_on_demand(figures: Settings, page: AppTest) -> None:
    for key in range(12):
        load_bytes(f"kaynnit_{key}.csv", visits(visit(key + 1)), LoadOptions(), figures, now=NOW, today=TODAY)
    page.run()
    assert sum("kaynnit_" in e.label.replace("\\", "") for e in page.expander) == 10
    page.button(key="more-history").click().run()
    assert sum("kaynnit_" in e.label.replace("\\", "") for e in page.expander) == 12


def test_the_effect_is_told_by_unit_with_names_where_known(figures: Settings, page: AppTest) -> None:
    load_bytes(NAME, visits(visit(1)), LoadOptions(), figures, now=NOW, today=TODAY)
    other = [visit(key, unit="TK-UUSI-01", unit_name="Uusi asema") for key in (2, 3)]
    drop(page, ("kaynnit_20250401.csv", visits(visit(1, mode="R50"), *other)))
    units = next(table.value for table in page.table if "Yksikkö" in table.value)
    assert list(units["Yksikkö"]) == ["TK-UUSI-01", "Kokkolan pääterveysasema (TK-KOK-01)"]
    assert list(units["Uusia rivejä"]) == ["2", "0"] and list(units["Muuttuvia rivejä"]) == ["0", "1"]


def test_a_load_is_withdrawn_after_it_was_shown_what_changes(figures: Settings, page: AppTest) -> None:
    load_bytes(NAME, visits(visit(1), visit(3)), LoadOptions(), figures, now=NOW, today=TODAY)
    whole = "kaynnit_20250301-20250331.csv"
    lines = (visit(1, mode="R50"), visit(2))
    load_bytes(whole, visits(*lines), LoadOptions(as_of=TODAY), figures, now=NOW, today=TODAY)
    record, before = loading.contents().records[0], version(figures)
    page.run()
    press(page, f"look-{record.load_id}")
    sentence = (
        "Käynnit: 1 rivi poistuu, 1 aiemman latauksen rivi palaa, 1 rivi palaa aiemman latauksen mukaiseksi."
    )
    assert sentence in said(page)
    assert version(figures) == before
    button = next(b for b in page.button if b.key == f"withdraw-{record.load_id}")
    assert button.disabled, "only after it was looked at"
    page.checkbox(key=f"agree-withdraw-{record.load_id}").check().run()
    press(page, f"withdraw-{record.load_id}")
    shown = said(page)
    assert f"Lataus {record.load_id} peruttiin. {sentence}" in shown
    assert "Saat sen takaisin lataamalla tiedoston uudelleen." in shown
    found = Warehouse(figures.warehouse).current().rows("SELECT visit_id, mode_code FROM visits ORDER BY 1")
    assert found == [("1", "R10"), ("3", "R10")]
    assert loading.contents().records[0].status == loading.WITHDRAWN
    assert not has_button(page, f"look-{record.load_id}")


def test_a_load_taken_away_elsewhere_is_no_longer_said_to_be_loaded(figures: Settings, page: AppTest) -> None:
    drop(page, (NAME, visits(visit(1), visit(2))))
    press(page, "load")
    assert f"{NAME} ladattiin" in said(page)
    withdraw(figures, loading.contents().records[0].load_id, now=NOW)
    page.run()
    assert f"{NAME} ladattiin" not in said(page)


def test_what_the_data_cannot_tell_is_said_above_the_button(figures: Settings, page: AppTest) -> None:
    lines = [visit(1), visit(2), *[visit(at, unit="") for at in range(10, 12)]]
    drop(page, (NAME, visits(*lines, *[visit(at) for at in range(20, 60)])))
    (box,) = [one.value for one in page.warning if "Mitä tästä aineistosta ei voi kertoa" in one.value]
    assert "Minkä jakson aineisto kattaa" in box and "2 riviä siirretään sivuun" in box
    without = visits(visit(1)).decode("cp1252").splitlines()
    at = without[0].split(";").index("Hoidon tarpeen arviointi") if "Hoidon tarpeen" in without[0] else 4
    cut = "\r\n".join(
        ";".join(cells[:at] + cells[at + 1 :]) for cells in (line.split(";") for line in without)
    )
    drop(page, ("ilman_20250401.csv", cut.encode("cp1252")))
    boxes = "\n".join(one.value for one in page.warning)
    assert "Sarakkeita puuttuu" in boxes or "ei voi laskea" in boxes


def pressed(page: AppTest, beginning: str) -> AppTest:
    """The page after the button of that kind, of the only file there, was pressed."""
    (key,) = [button.key for button in page.button if (button.key or "").startswith(f"{beginning}-")]
    return press(page, key)


def test_a_mapping_is_written_corrected_and_used_on_the_page(figures: Settings, page: AppTest) -> None:
    data = "Asiakas;Toimipiste;Palvelu;Kiire;Arvio;Käynti;Tila\n"
    data += "A17;KOK;Suun terveydenhuolto;Kiireetön;3.3.2025;10.3.2025;T\n"
    drop(page, ("lista_20250331.csv", data.encode()))
    assert "Nothing" not in said(page) and "oma lähdekuvaus" in said(page)
    pressed(page, "suggest")
    (text,) = page.text_area
    assert 'visit_id = "key"' in text.value and "# nature_code" in text.value
    text.set_value(text.value.replace("[columns]", "[colums]")).run()
    pressed(page, "use")
    assert "tuntematon avain 'colums'" in said(page) and not page.metric
    (text,) = page.text_area
    text.set_value(
        text.value.replace("[colums]", "[columns]").replace('# "T" = ""', '"T" = "realised"')
    ).run()
    pressed(page, "use")
    assert "Tiedosto luetaan tällä lähdekuvauksella" in said(page)
    assert "Lähdekuvauksessa ei ole kenttää nature_code" in said(page)
    press(page, "load")
    rows = (
        Warehouse(figures.warehouse)
        .current()
        .rows("SELECT source, state, visit_on - assessed_on FROM visits")
    )
    assert rows == [("lista", "realised", 7)]
    # The next file of the layout is offered the mapping used last.
    drop(page, ("lista_huhtikuu.csv", data.replace("10.3.2025", "10.4.2025").encode()))
    assert any("Käytä lähdekuvausta lista, jota käytettiin viimeksi" in one.label for one in page.button)
    pressed(page, "again")
    assert "Tiedosto luetaan tällä lähdekuvauksella" in said(page)
    assert [metric.value for metric in page.metric] == ["1", "0", "0", "0"]
    pressed(page, "remove")
    drop(page, ("muu.csv", b"Asiakas;Toimipiste\n1;2\n"))
    assert not any((button.key or "").startswith("again-") for button in page.button)


def test_a_mapping_in_use_can_be_left(figures: Settings, page: AppTest) -> None:
    drop(page, (NAME, visits(visit(1))))
    pressed(page, "suggest")
    pressed(page, "use")
    assert page.text_area[0].value
    pressed(page, "without")
    assert "Tiedosto luetaan tällä" not in said(page)
    assert "Exreport: käynnit (otsikoista)" in said(page)


def test_a_withdrawal_can_be_left_and_nothing_changes(figures: Settings, page: AppTest) -> None:
    load_bytes(NAME, visits(visit(1)), LoadOptions(), figures, now=NOW, today=TODAY)
    record, before = loading.contents().records[0], version(figures)
    press(page.run(), f"look-{record.load_id}")
    assert "Käynnit: 1 rivi poistuu." in said(page)
    press(page, f"keep-{record.load_id}")
    assert "Käynnit: 1 rivi poistuu." not in said(page)
    assert version(figures) == before and has_button(page, f"look-{record.load_id}")


def test_a_frozen_load_says_why_it_cannot_be_withdrawn(
    figures: Settings, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WITHDRAWABLE_LOADS", "2")
    settings = load_settings()
    for key in (1, 2, 3):
        load_bytes(f"{key}.csv", visits(visit(key)), LoadOptions(), settings, now=NOW, today=TODAY)
    page.run()
    frozen = [record for record in loading.contents().records if record.frozen]
    assert len(frozen) == 2
    assert not any(has_button(page, f"look-{record.load_id}") for record in frozen)
    assert "vain 2 uusinta latausta voi perua" in said(page)
    tab(page, "sailytys")
    assert "2 uusinta; vanhemmista säilytetään vain ne rivit" in said(page)


def test_rows_set_aside_are_listed_masked_and_come_back_corrected(figures: Settings, page: AppTest) -> None:
    lines = [visit(key) for key in range(1, 40)]
    data = visits(*lines, visit(40, visit="31.2.2025", person=HETU))
    load_bytes(NAME, data, LoadOptions(), figures, now=NOW, today=TODAY)
    record = loading.contents().records[0]
    page.run()
    see_rows_of(page, record.load_id)
    shown = said(page)
    assert "rivi 41: ei ole päivämäärä (visit_on)" in shown and "31.2.2025" in shown
    assert HETU not in str(page.main) and "***" in shown
    assert "Korjaa rivit Excelissä" in shown
    with in_language("fi"):
        name = upload_view.aside_name(record)
        taken = loading.set_aside_csv(record.load_id, "fi")
    assert name == f"sivuun_siirretyt_sisainen_{record.load_id}_20250331.csv"
    assert taken.decode("utf-8-sig").startswith("Syy;Käyntitunnus;")
    drop(page, (name, taken.replace(b"31.2.2025", b"28.2.2025")))
    assert "31.3.2025 (tiedoston nimestä)" in said(page)
    assert "Lataaminen lisää 1 rivin." in said(page)
    press(page, "load")
    assert count(figures) == 40


def see_rows_of(page: AppTest, load_id: str, reason: str = "korjaan päivämäärät") -> AppTest:
    """Ask for the rows that a load set aside, and give a reason."""
    press(page, f"aside-{load_id}")
    page.text_input(key=f"aside-reason-{load_id}").set_value(reason)
    return press(page, f"aside-told-{load_id}")


@pytest.fixture
def with_rows_aside(figures: Settings) -> LoadRecord:
    """A load of which one row was set aside: its day is no day of the calendar."""
    lines = [visit(key) for key in range(1, 40)]
    load_bytes(
        NAME, visits(*lines, visit(40, visit="31.2.2025")), LoadOptions(), figures, now=NOW, today=TODAY
    )
    return loading.contents().records[0]


def readings(settings: Settings) -> list[tuple[str, dict[str, str]]]:
    """Who read rows set aside, with what is recorded of it, oldest first."""
    entries = AuditLog(settings.warehouse / AUDIT).entries()
    return [(one.user, dict(one.details)) for one in entries if one.event is Event.ROWS_SEEN]


def test_rows_set_aside_are_read_for_a_reason_that_is_recorded(
    figures: Settings, page: AppTest, with_rows_aside: LoadRecord
) -> None:
    number = with_rows_aside.load_id
    page.run()
    press(page, f"aside-{number}")
    assert "31.2.2025" not in said(page)
    assert page.text_input(key=f"aside-reason-{number}").label == "Mihin tarvitset sivuun siirrettyjä rivejä?"
    for too_short in ("", "   x   "):
        page.text_input(key=f"aside-reason-{number}").set_value(too_short)
        page.button(key=f"aside-told-{number}").click().run()
        assert "Kirjoita muutamalla sanalla" in said(page) and "31.2.2025" not in said(page)
    assert not readings(figures)
    page.text_input(key=f"aside-reason-{number}").set_value(f"asiakas {HETU} soitti")
    press(page, f"aside-told-{number}")
    assert "31.2.2025" in said(page)
    recorded = {"load": number, "rows": "1", "reason": "asiakas *** soitti"}
    assert readings(figures) == [(USER, recorded)]
    # The reason holds for the session; every opening is recorded.
    press(page, f"hide-aside-{number}")
    press(page, f"aside-{number}")
    assert "31.2.2025" in said(page)
    assert readings(figures) == [(USER, recorded)] * 2


def test_one_person_is_not_asked_and_the_reading_is_recorded(
    figures: Settings, page: AppTest, with_rows_aside: LoadRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "pages.access.session.decide",
        lambda *_: Access(Outcome.ALLOWED, roles=frozenset(Role), audience=INTERNAL, rights=frozenset(Right)),
    )
    page.run()
    press(page, f"aside-{with_rows_aside.load_id}")
    assert "31.2.2025" in said(page)
    assert [details for _who, details in readings(figures)] == [
        {"load": with_rows_aside.load_id, "rows": "1"}
    ]


def test_rows_set_aside_are_not_shown_where_that_cannot_be_recorded(
    figures: Settings, page: AppTest, with_rows_aside: LoadRecord
) -> None:
    page.run()
    shutil.rmtree(figures.warehouse / AUDIT)
    (figures.warehouse / AUDIT).write_text("in the way")
    number = with_rows_aside.load_id
    press(page, f"aside-{number}")
    page.text_input(key=f"aside-reason-{number}").set_value("korjaan päivämäärät")
    page.button(key=f"aside-told-{number}").click().run()
    assert "Käyttölokiin ei voi kirjoittaa" in said(page) and "31.2.2025" not in said(page)


def test_rows_set_aside_go_with_the_right_to_them(
    figures: Settings, page: AppTest, with_rows_aside: LoadRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.run()
    see_rows_of(page, with_rows_aside.load_id)
    assert "31.2.2025" in said(page)
    monkeypatch.setitem(RIGHTS, Role.ANALYST, RIGHTS[Role.ANALYST] - {Right.SET_ASIDE})
    page.run()
    assert "Tähän tarvitaan toinen rooli" in said(page) and "31.2.2025" not in said(page)


def test_a_file_of_rows_is_refused_to_whoever_has_lost_the_role_since_the_page_was_drawn(
    figures: Settings,
    page: AppTest,
    with_rows_aside: LoadRecord,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    offered = []
    second_reading = set_aside.second_reading
    monkeypatch.setattr(
        set_aside,
        "second_reading",
        lambda record: offered.append(second_reading(record)) or offered[-1],
    )
    rules = tmp_path / "access.toml"
    rules.write_text(RULES.read_text())
    monkeypatch.setenv("TAKUUVAHTI_ACCESS_RULES", str(rules))
    page.run()
    see_rows_of(page, with_rows_aside.load_id)
    monkeypatch.setattr(
        "pages.access.session.providers",
        lambda: ("default",),  # the test runner has secrets within a run alone
    )
    taker = downloads.Taker(figures.warehouse, USER, "internal")
    taken = withdrawal.take_set_aside(with_rows_aside, "fi", taker, offered[-1])
    assert b"31.2.2025" in taken
    assert readings(figures)[-1][1]["taken"] == "csv"
    rules.write_text(RULES.read_text().replace('group = "analysts"', 'group = "others"'))
    with pytest.raises(AccessRefused):
        withdrawal.take_set_aside(with_rows_aside, "fi", taker, offered[-1])
    entries = list(AuditLog(figures.warehouse / AUDIT).entries())
    assert (entries[-1].event, entries[-1].user) == (Event.REFUSED, USER)
    assert len(readings(figures)) == 2


def test_every_dataset_has_its_words() -> None:
    assert set(upload_view.DATASETS) == set(loading.DATASETS)


def test_words_of_the_effect_follow_the_numbers() -> None:
    report = loading.LoadReport("a.csv", loading.INSPECTED, "18", rows_new=1, rows_quarantined=1)
    with in_language("fi"):
        assert upload_view.effect_sentence(report) == "Lataaminen lisää 1 rivin. 1 rivi siirretään sivuun."
        none = replace(report, rows_new=0, rows_quarantined=0)
        assert upload_view.effect_sentence(none).startswith("Lataaminen ei muuta yhtään riviä")
    with in_language("sv"):
        several = replace(report, rows_new=0, rows_changed=2, rows_removed=1200, rows_quarantined=0)
        assert upload_view.effect_sentence(several).replace("\u00a0", " ") == (
            "Laddningen ändrar 2 rader och tar bort 1 200 rader."
        )
    with in_language("en"):
        all_three = replace(report, rows_changed=2, rows_removed=3, rows_quarantined=0)
        assert upload_view.effect_sentence(all_three) == (
            "Loading adds 1 row, changes 2 rows and removes 3 rows."
        )


def test_every_stage_status_and_level_has_its_words() -> None:
    assert {"read", "recognise", "check", "pseudonymise"} <= set(upload_view.STAGES)
    assert {"wait", "effect", "archive", "publish", "files", "done"} <= set(upload_view.STAGES)
    assert set(upload_view.STATUSES) == {loading.ACTIVE, loading.SET_ASIDE, loading.WITHDRAWN}
    assert set(upload_view.LEVELS) == {"file", "row", "warning"}


def small_demo(settings: Settings, figures: Settings) -> None:
    """A warehouse with figures and two invented visits."""
    start_from(figures, settings)
    load_bytes(
        "demo_20250331.csv",
        visits(visit(901), visit(902)),
        LoadOptions(demo=True),
        settings,
        now=NOW,
        today=TODAY,
    )
