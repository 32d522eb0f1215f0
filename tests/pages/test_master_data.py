"""The page of units and codes against real warehouses: what is decided takes effect, is told, and is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators.wording.translations import in_language
from pages.text import master_data as master_words
from pages.ui import loading
from pages.ui.jobs import JOBS
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from pipelines.warehouse.master import UNIT_FIELDS
from tests.access.sign_in import USER
from tests.pages.app import PATIENCE, all_words, assert_healthy, finding, open_page, table
from tests.pipelines.extracts import visit, visits

NOW, TODAY = datetime(2025, 6, 4, 8, 0), date(2025, 6, 4)


@pytest.fixture(autouse=True)
def _no_jobs_of_others() -> Iterator[None]:
    yield
    for job in JOBS.of_line("loading"):
        job.wait(PATIENCE)
        JOBS.forget(job.id)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse of twelve visits, seven of them with a profession nobody knows."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    lines = [visit(n, profession="Kuraattori") for n in range(1, 8)] + [visit(n) for n in range(8, 13)]
    load_bytes("kaynnit.csv", visits(*lines), LoadOptions(), settings, now=NOW, today=TODAY)
    return settings


@pytest.fixture
def page(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_page(monkeypatch, settings.warehouse, "master_data")


def rows(settings: Settings, sql: str) -> list[tuple]:
    return Warehouse(settings.warehouse).current().rows(sql)


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    for job in JOBS.of_line("loading"):
        assert job.wait(PATIENCE)
    page.run()
    assert_healthy(page)
    return page


def tab(page: AppTest, name: str) -> AppTest:
    """The page with a tab open."""
    page.query_params["nakyma"] = name
    page.run()
    assert_healthy(page)
    return page


def choose(page: AppTest, label: str, value: str) -> AppTest:
    return next(box for box in page.selectbox if box.label == label).set_value(value).run()


def told(page: AppTest) -> str:
    said = [all_words(page), *[str(e.value) for e in (*page.success, *page.warning)]]
    return "\n".join(said).replace("\\", "").replace("\xa0", " ")


PROFESSIONS = "SELECT profession, count(*) FROM visits GROUP BY ALL ORDER BY ALL"


def test_a_code_is_given_a_meaning_and_history_is_named_anew(settings: Settings, page: AppTest) -> None:
    assert_healthy(page)
    assert finding(page).startswith("1 koodi on tunnistamatta. Yleisin, Kuraattori, on 7 rivillä.")
    [_head, unknown] = table(page, "Tunnistamattomat koodit, eniten rivejä koskevat ensin")
    assert unknown == ["Kuraattori", "Ammattiryhmä", "Exreport: käynnit", "7"]
    loads = rows(settings, "SELECT count(*) FROM loads")
    choose(page, "Tarkoittaa", "social_worker")
    assert "Sen jälkeen koodi Kuraattori on Sosiaalityöntekijä (lähde Exreport: käynnit, rivejä 7)." in told(
        page
    )
    assert rows(settings, PROFESSIONS) == [("?Kuraattori", 7), ("doctor", 5)]
    press(page, "master_save_code")
    assert rows(settings, PROFESSIONS) == [("doctor", 5), ("social_worker", 7)]
    assert rows(settings, "SELECT count(*) FROM loads") == loads
    assert "1 päätös tallennettiin." in told(page)
    assert finding(page).startswith("Kaikki koodit on tunnistettu.")
    tab(page, "paatokset")
    decision = "Ammattiryhmä Kuraattori (Exreport: käynnit) tarkoittaa: Sosiaalityöntekijä"
    assert decision in told(page) and f"{USER}, " in told(page)

    page.button(key="back-0").click().run()
    assert "Sen jälkeen: Ammattiryhmä Kuraattori (Exreport: käynnit): lähteiden ja mukana" in told(page)
    assert rows(settings, PROFESSIONS) == [("doctor", 5), ("social_worker", 7)], "only after the button"
    press(page, "back-now-0")
    assert rows(settings, PROFESSIONS) == [("?Kuraattori", 7), ("doctor", 5)]
    assert [edit.values is None for edit in loading.decisions()] == [False, True]


def test_a_unit_gets_its_names_and_kind_and_gets_the_earlier_ones_back(
    settings: Settings, page: AppTest
) -> None:
    unit = "SELECT name_fi, name_sv, kind FROM units"
    assert rows(settings, unit) == [("Kokkolan pääterveysasema", None, None)]
    tab(page, "yksikot")
    assert page.button(key="master_save_unit").disabled
    next(box for box in page.text_input if box.label == "Nimi ruotsiksi").set_value("Karleby HVC").run()
    choose(page, "Tyyppi", "health_centre")
    press(page, "master_save_unit")
    assert rows(settings, unit) == [("Kokkolan pääterveysasema", "Karleby HVC", "health_centre")]
    assert "Kaikilla yksiköillä on tyyppi." in finding(page)
    choose(page, "Tyyppi", "hospital")
    press(page, "master_save_unit")
    assert rows(settings, unit)[0][2] == "hospital"
    tab(page, "paatokset")
    page.button(key="back-1").click().run()
    assert "tyyppi: Terveysasema" in told(page).lower().replace("terveysasema", "Terveysasema")
    press(page, "back-now-1")
    assert rows(settings, unit) == [("Kokkolan pääterveysasema", "Karleby HVC", "health_centre")]


def test_a_file_shows_what_it_changes_before_it_is_saved(settings: Settings, page: AppTest) -> None:
    text = loading.units_csv().decode("utf-8-sig").replace("Kokkolan pääterveysasema", "Kokkolan sote-asema")
    tab(page, "taulukkona").file_uploader[0].set_value(
        [("units.csv", text.encode("cp1252"), "text/csv")]
    ).run()
    assert_healthy(page)
    assert "Tiedosto muuttaa 1 yksikköä tai koodia:" in told(page)
    assert "Nimi suomeksi: Kokkolan sote-asema" in told(page)
    assert rows(settings, "SELECT name_fi FROM units") == [("Kokkolan pääterveysasema",)]
    press(page, "master_save_file")
    assert rows(settings, "SELECT name_fi FROM units") == [("Kokkolan sote-asema",)]


def test_a_file_that_is_none_of_ours_says_so_and_changes_nothing(settings: Settings, page: AppTest) -> None:
    tab(page, "taulukkona").file_uploader[0].set_value([("muu.csv", b"a;b\n1;2\n", "text/csv")]).run()
    assert not page.exception
    assert "Kenttä puuttuu tai on tuntematon" in page.error[0].value
    assert loading.decisions() == ()


def test_codes_go_out_and_come_back_with_two_meanings_in_time(settings: Settings, page: AppTest) -> None:
    text = loading.codes_csv().decode("utf-8-sig")
    line = "exreport_kaynnit;profession;Kuraattori;;;"
    assert line in text
    two = f"{line[:-3]};nurse;;9.3.2025\r\n{line[:-3]};psychologist;10.3.2025;"
    tab(page, "taulukkona").file_uploader[0].set_value(
        [("codes.csv", text.replace(line, two).encode(), "text/csv")]
    ).run()
    assert "terveydenhoitaja (9.3.2025 asti), Psykologi (10.3.2025 alkaen)" in told(page)
    press(page, "master_save_file")
    assert rows(settings, PROFESSIONS) == [("doctor", 5), ("psychologist", 7)]


@pytest.mark.parametrize(
    ("language", "title", "start"),
    [
        ("sv", "Enheter och koder", "1 kod är oidentifierad"),
        ("en", "Units and codes", "1 code has no meaning"),
    ],
)
def test_the_other_languages(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str, title: str, start: str
) -> None:
    page = open_page(monkeypatch, settings.warehouse, "master_data", kieli=language)
    assert_healthy(page)
    assert page.title[0].value == title and finding(page).startswith(start)
    assert "Yksikkö" not in all_words(page)


def test_with_figures_alone_it_says_that_there_is_nothing_to_map(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, figures_settings.warehouse, "master_data")
    assert_healthy(page)
    assert finding(page).startswith("Rivejä ei ole ladattu")


def test_without_a_warehouse_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, tmp_path / "nothing", "master_data")
    assert not page.exception
    assert "python -m pipelines setup" in [code.value for code in page.code]


def test_every_field_of_a_unit_has_its_words() -> None:
    assert set(master_words.FIELDS) == set(UNIT_FIELDS)
    with in_language("sv"):
        assert master_words.days(date(2025, 1, 1), None) == "från 1.1.2025"
