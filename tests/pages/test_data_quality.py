"""The page of data quality against real warehouses: the numbers, the words, three languages, nothing, small counts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators.privacy.cell_keys import Noise
from indicators.wording.translations import in_language
from pages.text import data_quality as quality_words
from pages.ui.loading import quality
from pipelines.checking.extract import LoadOptions
from pipelines.findings import kinds
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from tests.pages.app import actions, all_words, assert_healthy, finding, first_screen, open_page, table
from tests.pipelines.extracts import visits
from tests.pipelines.test_quality import visit, weeks, window

NOW, TODAY = datetime(2025, 6, 4, 8, 0), date(2025, 6, 4)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse with five weeks of visits: a sudden fall, an unknown code, dates missing, rows set aside."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    lines = weeks(30, 30, 30, 30, 6)
    for at in range(8):
        lines[at] = visit(at + 1, profession="Kuraattori", assessed="", contacted="", visit="5.3.2025")
    lines[8] = visit(9, service="Kokeilu", contacted="5.3.2025", assessed="5.3.2025", visit="5.3.2025")
    lines += [visit(900 + at, unit="") for at in range(6)]
    options = LoadOptions(window=window(5), as_of=date(2025, 4, 8))
    report = load_bytes("kaynnit.csv", visits(*lines), options, settings, now=NOW, today=TODAY)
    assert report.status == "loaded", [found.message("en") for found in report.findings]
    return settings


def test_the_finding_and_the_tables_say_what_is_wrong(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, settings.warehouse, "data_quality")
    assert_healthy(page)
    told = finding(page)
    assert told.startswith("Lähteistä 1 / 1 on myöhässä: uusin poiminta on odotettua vanhempi.")
    number, facts = first_screen(page)
    assert number == "Käynnit, joilla on arviointipäivä, huhtikuu 2025 (tiedot vajaat) 100,0 %"
    assert int(facts.pop("Käynnit")) > 0
    assert facts == {
        "Myöhässä olevat lähteet": "1 / 1",
        "Uusin poiminta": "8.4.2025",
        "Tunnistamattomat koodit": "2",
        "Äkilliset muutokset rivimäärissä": "1",
    }
    [_head, sources] = table(page, "Lähteet")
    assert sources[0] == "Exreport: käynnit" and sources[1] == "8.4.2025" and sources[4] == "7 vrk"
    assert sources[2] == "2.4.2025"
    assert sources[6] == "▲ myöhässä"
    # What to do, the gravest first, each a link to what shows it
    asked = [(figure, said.split(" Exreport")[0]) for figure, said, _address in actions(page)]
    assert asked[0] == ("1", "lähde on myöhässä: lataa uusi poiminta")
    assert [figure for figure, _said in asked] == ["1", "1", "2", "1"]
    for said, (_figure, found) in zip(
        ("lähde on", "äkillinen muutos", "koodia on tunnistamatta Kuraattori, Kokeilu", "syy, jonka"),
        asked,
        strict=True,
    ):
        assert found.startswith(said)
    page = opened_at(settings, monkeypatch, "rivit")
    [_head, sudden] = table(page, "Äkilliset muutokset, uusin ensin")
    assert sudden[0] == "viikko 14/2025" and sudden[3:] == ["6", "30", "▼ vähemmän (−80 %)"]
    [_head, aside] = table(page, "Sivuun siirretyt rivit")
    assert aside[0] == "Pakollinen tieto puuttuu" and aside[2:4] == ["6", "4,5 %"]
    page = opened_at(settings, monkeypatch, "koodit")
    codes = table(page, "Tunnistamattomat koodit, eniten rivejä koskevat ensin")[1:]
    assert codes[0][:2] == ["Kuraattori", "Ammattiryhmä"] and codes[0][3:] == ["8", "6,3 %"]
    page = opened_at(settings, monkeypatch, "kirjaukset")
    dates = table(page, "Päivämäärien virheet, yleisin ensin")[1:]
    assert dates == [
        ["Kiireetön sairaanhoitokäynti ilman arviointipäivää", "Exreport: käynnit", "8", "126", "6,3 %"]
    ]
    page = opened_at(settings, monkeypatch, "luvut")
    assert "Lähteet eivät ole päällekkäisiä" in all_words(page)


def opened_at(settings: Settings, monkeypatch: pytest.MonkeyPatch, tab: str, *groups: str) -> AppTest:
    """The page with a tab open."""
    page = open_page(monkeypatch, settings.warehouse, "data_quality", *groups, nakyma=tab)
    assert_healthy(page)
    return page


def test_a_heading_sorts_a_table_and_the_address_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(order: str) -> str:
        address = {"nakyma": "koodit", "jarjestys": order}
        page = open_page(monkeypatch, settings.warehouse, "data_quality", **address)
        return table(page, "Tunnistamattomat koodit, eniten rivejä koskevat ensin")[1][0]

    assert [first(order) for order in ("", "codes.3", "-codes.3", "codes.0", "-codes.0", "nothing")] == [
        "Kuraattori", "Kokeilu", "Kuraattori", "Kokeilu", "Kuraattori", "Kuraattori",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "told"),
    [("board", ["■ peitetty", "1–8 %"]), ("managers", ["■ peitetty", "1–8 %"]), ("analysts", ["1", "0,8 %"])],
)
def test_counts_of_few_rows_are_for_the_internal_audience(
    role: str, told: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened_at(settings, monkeypatch, "koodit", role)
    codes = table(page, "Tunnistamattomat koodit, eniten rivejä koskevat ensin")[1:]
    assert codes[1][0] == "Kokeilu" and codes[1][3:] == told


def loaded_with_faults(folder: Path, faults: dict[str, tuple[int, int]]) -> Settings:
    """A warehouse of visits in each unit's one week, so many of them with the assessment before the contact."""
    settings = replace(load_settings({}), warehouse=folder / "warehouse")
    lines = [
        visit(
            f"{unit}{at}",
            unit=unit,
            contacted="5.3.2025",
            assessed="4.3.2025" if at < wrong else "5.3.2025",
            visit="6.3.2025",
        )
        for unit, (wrong, of) in faults.items()
        for at in range(of)
    ]
    options = LoadOptions(window=window(1), as_of=date(2025, 4, 8))
    report = load_bytes("kaynnit.csv", visits(*lines), options, settings, now=NOW, today=TODAY)
    assert report.status == "loaded", [found.message("en") for found in report.findings]
    return settings


FAULTS, BY_UNIT = "Päivämäärien virheet, yleisin ensin", "Päivämäärien virheet yksiköittäin"
SUPPRESSED = "■ peitetty"


def told_rows(page: AppTest, caption: str) -> list[list[str]]:
    """Rows, looked at and share of the rows of a table of faults that speak of contacts."""
    return [row[-3:] for row in table(page, caption)[1:] if any("yhteydenotto" in cell for cell in row)]


def test_a_small_number_of_faults_is_hidden_and_the_others_are_perturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve, nine and three faults: the three are not told, and the others need not add up."""
    faults = {"TK-KOK-01": (12, 40), "TK-KAN-01": (9, 40), "TK-PER-01": (3, 40)}
    page = opened_at(loaded_with_faults(tmp_path, faults), monkeypatch, "kirjaukset", "board")
    whole, units = told_rows(page, FAULTS), told_rows(page, BY_UNIT)
    assert len(whole) == 1 and len(units) == 3
    counts = [row[0] for row in (*whole, *units)]
    assert counts.count(SUPPRESSED) == 1
    shown = sorted(int(count) for count in counts if count != SUPPRESSED)
    assert shown == pytest.approx([9, 12, 24], abs=8)


def test_a_share_that_leaves_few_is_told_as_an_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = loaded_with_faults(tmp_path, {"TK-KOK-01": (28, 30)})
    page = opened_at(settings, monkeypatch, "kirjaukset", "board")
    ((rows, of, share),) = told_rows(page, FAULTS)
    assert (rows, int(of)) == (SUPPRESSED, pytest.approx(30, abs=10))
    assert re.fullmatch(r"\d\d–9\d %", share)
    assert "93,3" not in all_words(page)
    internal = opened_at(settings, monkeypatch, "kirjaukset", "analysts")
    assert told_rows(internal, FAULTS) == [["28", "30", "93,3 %"]]


def test_few_visits_with_a_date_do_not_follow_from_the_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of thirty visits 28 have an assessment date: no share and no count tells that two have none."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    lines = [
        visit(at, contacted="", assessed="" if at < 2 else "5.3.2025", visit="5.3.2025") for at in range(30)
    ]
    options = LoadOptions(window=window(1), as_of=date(2025, 4, 8))
    assert load_bytes("k.csv", visits(*lines), options, settings, now=NOW, today=TODAY).status == "loaded"
    page = opened_at(settings, monkeypatch, "kirjaukset", "board")
    assert "93,3" not in all_words(page) and "6,7" not in all_words(page)
    assert table(page, FAULTS)[1][-3] == SUPPRESSED


@pytest.mark.parametrize(
    ("language", "title", "start"),
    [
        ("sv", "Uppgifternas kvalitet", "1 källa av 1 är försenad"),
        ("en", "Data quality", "1 source of 1 is late"),
    ],
)
def test_the_other_languages(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str, title: str, start: str
) -> None:
    page = open_page(monkeypatch, settings.warehouse, "data_quality", kieli=language)
    assert_healthy(page)
    assert page.title[0].value == title and finding(page).startswith(start)
    assert "Lähde" not in all_words(page)


def test_with_figures_alone_it_says_what_is_missing(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, figures_settings.warehouse, "data_quality")
    assert_healthy(page)
    assert "ei ole ladattu" in finding(page) and "Lataa poiminta" in all_words(page)


def test_demo_data_is_marked_and_not_judged(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, demo_settings.warehouse, "data_quality")
    assert_healthy(page)
    assert finding(page).startswith("Mukana on vain esittelyaineistoa")
    assert "Esittelyaineisto" in all_words(page)
    assert {row[6] for row in table(page, "Lähteet")[1:]} == {"○ esittelyaineisto, ei arvioida"}


def test_without_a_warehouse_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, tmp_path / "nothing", "data_quality")
    assert not page.exception
    assert "python -m pipelines setup" in [code.value for code in page.code]


def test_every_fault_and_reason_has_its_words() -> None:
    assert set(quality_words.FAULTS) == set(quality.DATE_FAULTS)
    assert set(quality_words.REASONS) == {code for code, one in kinds().items() if one.level == "row"}
    assert set(quality_words.REVIEWED) == {quality.LIMIT, quality.DEFINITION}


def test_every_source_fresh_is_said_with_the_newest_day() -> None:
    fresh = [quality.Fresh("exreport_kaynnit", "18", False, *[date(2025, 6, 1)] * 3, 3, 7)]
    heard = {}
    for language in ("fi", "sv", "en"):
        with in_language(language):
            heard[language] = quality_words.finding(fresh, None)
    assert heard == {
        "fi": "Kaikki lähteet ovat ajan tasalla; uusin poiminta on päivältä 1.6.2025.",
        "sv": "Alla källor är färska; det nyaste uttaget är från 1.6.2025.",
        "en": "Every source is fresh; the newest extract is of 1 Jun 2025.",
    }


def test_the_order_of_suppressed_numbers_is_not_that_of_the_true_ones() -> None:
    """Four codes of one to four rows, sorted by their rows and then by name, tell each number."""
    codes = [
        quality.Unmapped("exreport_kaynnit", "service", code, rows, 400)
        for code, rows in (("D", 4), ("C", 3), ("B", 2), ("A", 1), ("E", 1))
    ]
    noise = Noise(b"secret of the tests", 2.0, 5)
    internal, shareable = (
        [
            row[0].text
            for row in quality_words.codes_table(quality_words.RowCounts(of, load_settings({})), codes).rows
        ]
        for of in (None, noise)
    )
    assert internal == ["D", "C", "B", "A", "E"]
    assert shareable == ["A", "B", "C", "D", "E"]


def test_months_without_a_column_are_the_first_thing_to_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next month's file has no day of assessment: nothing known is lost, and its share will be missing."""
    lines = [
        visit(5000 + at, assessed="", contacted="9.4.2025", visit=f"{9 + at % 20}.4.2025") for at in range(60)
    ]
    options = LoadOptions(as_of=date(2025, 5, 2))
    report = load_bytes("huhtikuu.csv", visits(*lines), options, settings, now=NOW, today=TODAY)
    assert report.status == "loaded"
    page = open_page(monkeypatch, settings.warehouse, "data_quality")
    assert_healthy(page)
    first = actions(page)[0]
    assert "sarake on tyhjä uusimmilta kuukausilta" in " ".join(first)
    assert "Hoidon tarpeen arviointi 2025-04" in " ".join(first)
