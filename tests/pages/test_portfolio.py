"""The page of projects: money, lights, milestones, what does not agree; languages and states; words by themselves."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from indicators.engine.question import LoadUsed
from indicators.programme.portfolio import Light, Milestone, Portfolio
from indicators.wording.translations import in_language
from pages import charts
from pages.text.milestones import milestone_state
from pages.text.portfolio import finding as finding_words
from pages.text.portfolio import investment, status
from pipelines.settings import Settings
from tests.pages.app import actions, all_words, assert_healthy, finding, first_screen, open_page, table

STEP = Milestone(
    "18", "P", "tp 1", "Malli", ("kuvattu", "ei kuvattu"), date(2024, 1, 1), date(2024, 6, 30), None, None, None, None, "1"
)  # fmt: skip
STAGED = replace(STEP, scale=("kokeilu", "käyttöönotto", "juurruttaminen"))
SHARED = replace(STEP, scale=("valmistumisaste %",))
LIGHT = Light("06", "P", None, date(2022, 1, 1), date(2022, 12, 31), "costs", "deviation", None, None, "1")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.cache.today", lambda: date(2025, 7, 1))


def test_the_plan_of_the_default_area(figures_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio")
    assert_healthy(app)
    assert finding(app) == (
        "Keski-Pohjanmaan Kestävä kasvu: budjetti on 8 320 270 €. Toteumaa ei ole raportoitu. "
        "166 välitavoitetta: raportoituja 0, määräpäivän ohittaneita ilman raporttia 121."
    )
    # What is not reported is one line of small print, not a tile or a column; 913 of 1 096 days.
    number, facts = first_screen(app)
    assert number == "Budjetti 2023–2025 8 320 270 €"
    assert facts == {
        "Käytetty": "ei raportoitu",
        "Aikaa kulunut 1.7.2025": "83,3 %",
        "Välitavoitteita myöhässä ilman raporttia": "121 / 166",
    }
    assert all_words(app).count("ei raportoitu") == 1
    # The work packages, the most late first
    packages = table(app, "Työpaketit, eniten myöhässä olevia ensin")
    assert packages[0] == ["Työpaketti", "Myöhässä ilman raporttia", "Yhteensä", "Seuraava määräpäivä"]
    assert len(packages) == 18
    late = [int(row[1]) for row in packages[1:]]
    assert late == sorted(late, reverse=True) and sum(late) == 121
    assert next(row for row in packages if row[0] == "Inv 4 tp 3")[1:3] == ["6", "8"]
    assert "Asteikko" not in all_words(app)
    # Each thing to do leads to what shows it.
    (figure, said, address), *more = actions(app)
    assert (figure, said) == (
        "121",
        f"välitavoitetta on myöhässä ilman raporttia Eniten: {packages[1][0]} ({late[0]})",
    )
    assert f"tyopaketti={quote_plus(packages[1][0])}" in address
    assert ("–", "Raportoimatta: toteuma, 45 välitavoitetta Syötä tai lataa raportti") in [
        one[:2] for one in more
    ]


def test_a_work_package_and_the_money_are_a_click_away(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", tyopaketti="Inv 4 tp 3")
    assert_healthy(app)
    opened = table(app, "Inv 4 tp 3")
    assert len(opened) == 1 + 8
    assert all(re.fullmatch(r"määräpäivästä \d+ päivää", row[3]) for row in opened[1:7])
    assert "Työpaketit, eniten" not in all_words(app) and "Kaikki työpaketit" in all_words(app)
    assert "Näistä välitavoitteista ei ole raportoitu mitään." in all_words(app)
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", nakyma="raha")
    rows = table(app, "Budjetti ja toteuma")
    assert rows[0] == ["Investointi", "Budjetti", "Aikaa kulunut"]
    assert ["Pilari 3", "400 000 €"] in [row[:2] for row in rows]
    assert rows[-1][:2] == ["Yhteensä", "8 320 270 €"]
    budgets = [int(row[1].replace(" ", "").removesuffix("€")) for row in rows[1:-1]]
    assert budgets == sorted(budgets, reverse=True)
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", nakyma="lahteet")
    said = all_words(app)
    assert "2023–2025: lähteessä budjetti on yhteensä 8 380 270 €" in said
    assert "riveistä laskettuna 8 320 270 €" in said
    assert "3 001 000 €" in said and "3 211 000 €" in said
    assert "Esittelyaineisto" not in said


def test_kainuu_by_year_to_the_day_it_was_counted(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", alue="20", kieli="sv")
    assert_healthy(app)
    assert finding(app) == (
        "HELLÄ: av budgeten på 5 037 266 € hade 3 201 825 € (63,6 %) använts till och med 31.8.2023. "
        "Då hade 91,6 % av tiden gått."
    )
    rows = {row[0]: row[1:] for row in table(app, "Budget och utfall")}
    assert rows["2023"] == ["1 669 815 €", "897 414 €", "53,7 %", "772 401 €", "66,6 %", "31.8.2023"]
    assert rows["Sammanlagt"][3] == "1 835 441 €"
    said = all_words(app)
    assert "2022: i källan" not in said
    app = open_page(
        monkeypatch, figures_settings.warehouse, "portfolio", alue="20", kieli="sv", nakyma="lahteet"
    )
    said = all_words(app)
    assert "2022: i källan är utfallet sammanlagt 1 349 094 €" in said and "1 349 093 €" in said
    assert "2 732 855 €" in said and "1 835 442 €" in said
    app = open_page(
        monkeypatch, figures_settings.warehouse, "portfolio", alue="20", kieli="sv", nakyma="kulurivit"
    )
    # spending without a budget has no share, and it is not zero
    printed = table(app, "Budgetens alla rader så som de står i källan")
    machines = [row for row in printed if row[0] == "Koneet ja kalusto" and row[3] == "2023"]
    assert [row[4:8] for row in machines] == [["0 €", "559 €", "ingen budget", "−559 €"]]


def test_satakunta_has_its_lights_with_shape_and_word(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", alue="06", kieli="en")
    assert_healthy(app)
    number, facts = first_screen(app)
    assert number.startswith("Used of the budget 55.4") and facts["Remaining"] == "€722,297"
    # Money is open first where spending is reported; the investment furthest ahead of its time first.
    used = [float(row[3].rstrip("%")) for row in table(app, "Budget against actual")[1:-1]]
    assert used == sorted(used, reverse=True)
    address = {"alue": "06", "kieli": "en"}
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", nakyma="liikennevalot", **address)
    said = all_words(app)
    assert "Costs ▲ deviation ▲ deviation ▲ deviation" in said
    assert "Staff ▲ deviation ● as planned ● as planned" in said
    assert "Progress 90% 90% 90%" in said
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", nakyma="lahteet", **address)
    assert "Investment 4: the period of the report is printed as 1 Jan 2022 – 31 Dec 2023" in all_words(app)


def test_what_asks_for_action_is_said_with_the_worst_first(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", alue="06", kieli="en")
    said = all_words(app)
    assert "rows of the budget are overrun" in said
    assert "deviations in the newest traffic lights" in said


def test_the_demo_mark_is_of_the_project_that_is_shown() -> None:
    real, demo = (LoadUsed(name, "s", "f", date(2025, 1, 1), None, None, name == "2") for name in "12")
    known = Portfolio((), (), (STEP, replace(STEP, project="Q", load_id="2")), (real, demo))
    assert known.demo and known.of("Q").demo and not known.of("P").demo


def test_an_address_that_groups_money_opens_the_money(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", jaottelu="vuodet")
    assert table(app, "Budjetti ja toteuma")[0][0] == "Vuosi"


def test_an_area_without_projects_and_no_warehouse(
    figures_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", alue="01")
    assert_healthy(app)
    assert "Tämän alueen hankkeita ei ole" in all_words(app)
    app = open_page(monkeypatch, tmp_path / "none", "portfolio")
    assert "python -m pipelines setup" in str(app.code[0].value)


@pytest.mark.parametrize(
    ("step", "verdict", "expected"),
    [
        (STEP, "no_data", "ei raportoitu, määräpäivä on ohi"),
        (replace(STEP, planned_end=date(2026, 1, 1)), "no_data", "ei raportoitu, määräpäivä on edessä"),
        # Done is the first word of a scale whose second denies it, and the last of a scale of stages.
        (replace(STEP, status="kuvattu"), "met", "raportoitu: kuvattu"),
        (replace(STEP, status="ei kuvattu"), "not_met", "raportoitu: ei kuvattu"),
        (replace(STEP, status="ei kuvattu", planned_end=date(2026, 1, 1)), "not_due", "raportoitu: ei kuvattu"),
        (replace(STAGED, status="Käyttöönotto"), "not_met", "raportoitu: Käyttöönotto"),
        (replace(STAGED, status="Juurruttaminen"), "met", "raportoitu: Juurruttaminen"),
        (replace(STAGED, status="kokeilu", planned_end=date(2026, 1, 1)), "not_due", "raportoitu: kokeilu"),
        (replace(SHARED, status="100 %"), "met", "raportoitu: 100 %"),
        (replace(SHARED, status="60"), "not_met", "raportoitu: 60"),
        (replace(STEP, scale=(), status="tehty"), "not_due", "raportoitu: tehty"),
        (replace(STEP, status="kuvattu", achieved_on=date(2024, 6, 30)), "met", "saavutettu 30.6.2024, ajallaan"),
        (replace(STEP, achieved_on=date(2024, 7, 1)), "not_met", "saavutettu 1.7.2024, myöhässä"),
        (replace(STEP, achieved_on=date(2024, 7, 1), planned_end=None), "met", "saavutettu 1.7.2024"),
    ],
)  # fmt: skip
def test_how_a_milestone_stands(step: Milestone, verdict: str, expected: str) -> None:
    with in_language("fi"):
        assert milestone_state(step, date(2025, 7, 1)) == (verdict, expected)


def test_lights_and_names_that_are_not_known_stay_as_written() -> None:
    with in_language("sv"):
        assert status(LIGHT) == ("not_met", "avvikelse")
        assert status(replace(LIGHT, status="keltainen")) == ("not_due", "keltainen")
        assert status(replace(LIGHT, status=None)) == ("no_data", "inte rapporterat")
        assert status(None) == ("no_data", "inte rapporterat")
        assert (investment("pillar_3"), investment("hanke 7")) == ("Pelare 3", "hanke 7")
        assert finding_words("P", None, (), date(2025, 1, 1)) == "P: ingen budget har laddats."


def test_an_actual_that_is_not_reported_has_no_bar() -> None:
    with in_language("fi"):
        figure = charts.against_plan(["a", "b"], [10.0, 20.0], [None, 5.0], ["", ""], "€")
    assert list(figure.data[0].x) == [None, 5.0]
    assert list(figure.data[1].x) == [10.0, 20.0]


@pytest.mark.parametrize(
    ("area", "project", "funded"),
    [
        ("18", "Keski-Pohjanmaan Kestävä kasvu", True),
        ("18", "Soite 2.0 rakenneuudistus", False),
        ("06", "Kestävän kasvun Satakunta", True),
        ("20", "HELLÄ", False),
    ],
)
def test_the_emblem_is_on_the_page_of_a_project_that_the_union_funds(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch, area: str, project: str, funded: bool
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "portfolio", alue=area, hanke=project)
    assert_healthy(app)
    assert ("Euroopan unionin rahoittama – NextGenerationEU" in all_words(app)) is funded
