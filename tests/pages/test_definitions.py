"""The definitions page: everything that is defined is said, in the reader's language, and found by search and address."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from indicators.catalogue import definition as defined
from indicators.catalogue.definition import load_definitions
from indicators.catalogue.limits import AGE_GROUPS, CERTAINTIES, CONDITIONS, load_examples, load_limits
from indicators.wording.translations import in_language
from pages.text import definitions as definition_words
from pipelines.settings import Settings, load_settings
from tests.access.sign_in import sign_in
from tests.pages.app import markup_of
from tests.rules.repository import ROOT


@pytest.fixture
def page(figures_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page in the application, not yet run."""
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(figures_settings.warehouse))
    application = sign_in(AppTest.from_file(ROOT / "app.py", default_timeout=60))
    application.switch_page("pages/definitions.py")
    return application


def said(page: AppTest) -> str:
    """Everything that stands on the page."""
    parts = [
        element.value
        for kind in ("title", "header", "subheader", "caption", "markdown")
        for element in page.get(kind)
    ]
    parts += [
        html.unescape(re.sub(r"<style>.*?</style>", "", markup_of(element.proto.body), flags=re.S))
        for element in page.get("html")
    ]
    parts += [expander.label for expander in page.expander]
    return "\n".join(str(part) for part in parts)


def titles(page: AppTest) -> list[str]:
    """The names of the definitions that are shown, folded or in full."""
    names = {d.text["fi"].name for d in load_definitions().values()}
    folded = [name for name in _summaries(page) if name in names]
    return folded + [one.value for one in page.subheader if one.value in names]


def _summaries(page: AppTest) -> list[str]:
    return [
        html.unescape(name)
        for element in page.get("html")
        for name in re.findall(r"<summary>(.*?)</summary>", markup_of(element.proto.body))
    ]


def test_every_definition_is_shown_with_all_its_texts(page: AppTest) -> None:
    shown, listed = [], []
    for group in definition_words.FAMILIES:
        page.query_params["aihe"] = group
        page.run()
        assert not page.exception
        listed += titles(page)
        shown.append(said(page))
    assert page.title[0].value == "Määritelmät"
    assert sorted(listed) == sorted(d.text["fi"].name for d in load_definitions().values())
    # With the 139 measures that are defined as data.
    assert f"Määriteltyjä mittareita on {len(load_definitions()) + 139}." in shown[0]
    everything = "\n".join(shown)
    assert "Arviointipäivä on päivä 0, ja seitsemäs päivä kuuluu mukaan." in everything
    assert "seven_day_access" in everything and "Palvelu: Avosairaanhoito" in everything
    assert "31.1.2027" in everything


def test_measures_are_listed_by_their_subject(page: AppTest) -> None:
    page.query_params["aihe"] = "money"
    page.run()
    assert not page.exception
    listed = _summaries(page)
    assert "Rakenteellinen kustannussäästö" in listed
    assert "Kuvatut palveluketjut" not in listed and not titles(page)
    counts = [int(text.rpartition("(")[2].rstrip(")")) for text in page.selectbox[0].options]
    assert sum(counts) == len(load_definitions()) + 139


def test_the_address_opens_a_measure(page: AppTest) -> None:
    page.query_params["mittari"] = "rdi_model_stage"
    page.run()
    assert not page.exception
    shown = said(page)
    assert "Vaiheet: valmistelu → kokeilu ja arviointi → käyttöönotto → juurruttaminen." in shown
    assert "KP-RRF 2022 luku 4.2.3 tp 4" in shown


def test_the_address_opens_one_indicator(page: AppTest) -> None:
    page.query_params["mittari"] = "queue_length"
    page.run()
    name = load_definitions()["queue_length"].text["fi"].name
    assert titles(page) == [name] and name not in _summaries(page)
    assert load_definitions()["queue_length"].text["fi"].formula in said(page)


def test_an_unknown_indicator_is_said_and_all_are_shown(page: AppTest) -> None:
    page.query_params["mittari"] = "nothing_such"
    page.run()
    assert any("Tällaista mittaria ei ole" in info.value for info in page.info)
    assert len(titles(page)) > 20 and len(page.selectbox[0].options) > 3


def test_search_finds_by_words_of_any_text_and_says_when_there_are_none(page: AppTest) -> None:
    page.run()
    page.text_input(key="haku").set_value("Jonon PITUUS").run()
    assert "Jonon pituus" in titles(page)
    assert 0 < len(titles(page)) < len(load_definitions())
    page.text_input(key="haku").set_value("avaruusalus").run()
    assert not titles(page)
    assert any("Hakusanoja ei löytynyt" in info.value for info in page.info)


def test_limits_have_their_dates_and_what_is_not_sure_says_check(page: AppTest) -> None:
    page.query_params["nakyma"] = "enimmaisajat"
    page.run()
    shown = said(page)
    assert "1.9.2023–31.10.2024" in shown and "1.11.–31.12.2024" in shown
    assert "Terveydenhuoltolaki 1326/2010, 51 a § 1 mom. (117/2023)" in shown
    assert "pituus ei tiedossa: tarkistettava laista" in shown
    assert "viimeistään 7. koulun työpäivänä" in shown
    assert "erityistä tukea tarvitseva lapsi" in shown and "yli 75-vuotiaat tai ylin hoitotuki" in shown
    assert "ensikäynti ilman lähetettä" in shown and "lähetteellä, tai lähetteestä ei tietoa" in shown
    assert "ylitys ei yksin ole lain rikkomus" in shown
    assert "Suomen kestävän kasvun ohjelman tavoite, ei lain enimmäisaika" in shown
    assert "viimeistään 7. arkipäivänä" in shown
    assert "tarkistettava laista" in shown and "tarkista: luettu toissijaisesta lähteestä" in shown
    assert "(M)" not in shown and "(B)" not in shown
    assert "9999" not in shown and "1.1.1<" not in shown
    for limit in load_limits():
        assert limit.note["fi"].split(".")[0] in shown


def test_every_example_of_the_law_is_shown_as_the_tests_have_it(page: AppTest) -> None:
    page.query_params["nakyma"] = "enimmaisajat"
    page.run()
    shown = "".join(markup_of(element.proto.body) for element in page.get("html"))
    tables = re.findall(r"<caption>Esimerkkejä rajapäiviltä</caption>.*?</table>", shown, re.S)
    rows = [row for body in tables for row in body.split("<tr>")[2:]]
    assert len(rows) == len(load_examples())
    told = sorted(tuple(re.findall(r"\d{1,2}\.\d{1,2}\.\d{4}", row)) for row in rows)
    assert told == sorted(
        tuple(f"{day.day}.{day.month}.{day.year}" for day in (one.start_on, one.last_day) if day)
        for one in load_examples()
    )
    seventh = [
        re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row.replace("\xa0", " ")) for row in rows if "2.9.2025" in row
    ]
    assert [
        *("ti 2.9.2025", "kaikki", "viimeistään 7. arkipäivänä", "to 11.9.2025"),
        "asian vireilletulo → palvelutarpeen arviointi aloitettu",
    ] in seventh
    assert (
        sum(">ei enimmäisaikaa<" in row for row in rows)
        == sum(one.limit is None for one in load_examples())
        > 10
    )


def test_thresholds_are_those_of_the_settings(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKUUVAHTI_HIDE_BELOW", "7")
    monkeypatch.setenv("TAKUUVAHTI_P90_MIN_N", "13")
    page.query_params["nakyma"] = "peittaminen"
    page.run()
    assert "1–6" in said(page) and "vähintään 13 tapausta" in said(page)
    assert "1–6" not in f"1–{load_settings({}).hide_below - 1}"


def test_the_page_is_in_swedish(page: AppTest) -> None:
    page.query_params["kieli"] = "sv"
    page.run()
    shown = said(page)
    assert page.title[0].value == "Definitioner"
    assert load_definitions()["seven_day_access"].text["sv"].what in shown
    page.query_params["nakyma"] = "enimmaisajat"
    shown += said(page.run())
    assert "ska kontrolleras i lagen" in shown and "första vårdhändelsen" in shown
    for finnish in ("Mitä lasketaan", "hoidon tarpeen", "tapausta"):
        assert finnish not in shown


def test_the_page_needs_no_warehouse(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, page: AppTest
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", f"{tmp_path}/none")
    page.run()
    assert not page.exception
    assert len(titles(page)) > 20


def test_a_review_whose_day_has_passed_is_marked() -> None:
    one = load_definitions()["seven_day_access"]
    late = replace(one, review=date(2026, 1, 1))
    with in_language("fi"):
        assert not definition_words.overdue(one, date(2026, 12, 1))
        told = dict(definition_words.described(late, date(2026, 1, 2)))["Tarkistetaan viimeistään"]
        assert told == "1.1.2026 – päivä on mennyt: tarkista määritelmä"
        assert (
            dict(definition_words.described(late, date(2026, 1, 1)))["Tarkistetaan viimeistään"] == "1.1.2026"
        )


def test_every_kind_of_definition_and_limit_has_its_words() -> None:
    assert set(definition_words.FAMILIES) == set(defined.FAMILIES)
    assert set(definition_words.UNITS) == set(defined.UNITS)
    assert set(definition_words.BETTER) == set(defined.BETTER)
    assert set(definition_words.COVERAGE) == {*defined.STATISTICS, *defined.CASE_STATISTICS}
    assert set(definition_words.AGES) == set(AGE_GROUPS)
    assert set(definition_words.CERTAINTIES) == set(CERTAINTIES)
    assert set(definition_words.CONDITIONS) == set(CONDITIONS)
    used = {event for limit in load_limits() for event in (limit.start_event, limit.stop_event)}
    assert set(definition_words.EVENTS) == used
