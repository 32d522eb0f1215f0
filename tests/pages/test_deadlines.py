"""The deadlines page: its sentences in three languages, its numbers on the first warehouse, its states without numbers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label
from indicators.engine.question import Question
from indicators.programme.verdicts import Target
from indicators.wording import formats
from indicators.wording.translations import in_language
from pages.text import deadlines as deadline_words
from pages.text.sentences import Incomplete
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.pages.app import actions, all_words, assert_healthy, finding, first_screen, open_page, table

SOCIAL = definition("social_welfare_deadlines")
NOTHING = float("nan")


def row(status: str = "ok", **given: object) -> dict[str, object]:
    """The fourth quarter of 2025: 184 of 207 deadlines kept."""
    found: dict[str, object] = {
        "period": "2025-Q4",
        "period_start": date(2025, 10, 1),
        "period_end": date(2025, 12, 31),
        "value": 88.9,
        "numerator": 184.0,
        "denominator": 207.0,
        "status": status,
        "low": NOTHING,
        "high": NOTHING,
    }
    return found | given


def late(value: float = 5.0, status: str = "ok") -> dict[str, object]:
    return {"value": value, "status": status, "as_of": date(2025, 12, 31)}


CASES = {
    "kept": (
        (row(), late(), "Lapsiperheet 75,9 %"),
        "Vuoden 2025 4. neljänneksellä sosiaalihuollon määräajoista toteutui 88,9 % (184/207). Myöhässä oli 23 asiaa. "
        "Heikoin: Lapsiperheet 75,9 %. 31.12.2025 yli määräajan oli avoinna 5 asiaa.",
        "Under kvartal 4/2025 hölls 88,9 % av socialvårdens tidsfrister (184/207). 23 ärenden var försenade. "
        "Lägst: Lapsiperheet 75,9 %. Den 31.12.2025 var 5 ärenden fortfarande öppna över tidsfristen.",
        "In quarter 4 of 2025 88.9% of the deadlines of social welfare were met (184 of 207). 23 were late. "
        "Lowest: Lapsiperheet 75,9 %. On 31 Dec 2025 5 cases were still open past their deadline.",
    ),
    "over and not complete": (
        (row("incomplete_period"), None, "", Incomplete("2025-Q4", True, ("Kokkola",))),
        "4. neljännes 2025: tiedot ovat vajaat, joten jaksoa ei arvioida. Tiedossa olevista sosiaalihuollon määräajoista "
        "88,9 % toteutui (184/207). Päiviä puuttuu: Kokkola. Myöhässä oli 23 asiaa.",
        "Kvartal 4/2025: uppgifterna är ofullständiga, så perioden bedöms inte. Av socialvårdens kända tidsfrister hölls "
        "88,9 % (184/207). Dagar saknas: Kokkola. 23 ärenden var försenade.",
        "Quarter 4 of 2025: the data is incomplete, so the period is not judged. In the known cases 88.9% of the deadlines "
        "of social welfare were met (184 of 207). Days are missing of: Kokkola. 23 were late.",
    ),
    "over and not all due": (
        (row("incomplete_period"), None, "", Incomplete("2025-Q4", True)),
        "4. neljännes 2025: tiedot ovat vajaat, joten jaksoa ei arvioida. Tiedossa olevista sosiaalihuollon määräajoista "
        "88,9 % toteutui (184/207). Osa määräajoista päättyi vasta poiminnan jälkeen. Myöhässä oli 23 asiaa.",
        "Kvartal 4/2025: uppgifterna är ofullständiga, så perioden bedöms inte. Av socialvårdens kända tidsfrister hölls "
        "88,9 % (184/207). En del av tidsfristerna gick ut först efter uttaget. 23 ärenden var försenade.",
        "Quarter 4 of 2025: the data is incomplete, so the period is not judged. In the known cases 88.9% of the deadlines "
        "of social welfare were met (184 of 207). Some cases had not come due yet when the extract was made. 23 were late.",
    ),
    "going on": (
        (row("incomplete_period"), late(0.0), "", Incomplete("2025-Q4", False)),
        "4. neljännes 2025 on kesken, eikä sitä vielä arvioida: tähän mennessä sosiaalihuollon määräajoista toteutui "
        "88,9 % (184/207). Myöhässä oli 23 asiaa. 31.12.2025 yhtään asiaa ei ollut avoinna yli määräajan.",
        "Kvartal 4/2025 pågår och bedöms inte ännu: hittills hölls 88,9 % av socialvårdens tidsfrister "
        "(184/207). 23 ärenden var försenade. Den 31.12.2025 var inget ärende öppet över tidsfristen.",
        "Quarter 4 of 2025 is not complete and is not judged yet: so far 88.9% of the deadlines of social welfare were "
        "met (184 of 207). 23 were late. On 31 Dec 2025 no case was open past its deadline.",
    ),
    "hidden": (
        (row("suppressed", value=NOTHING, numerator=NOTHING), late(NOTHING, "suppressed"), ""),
        "Vuoden 2025 4. neljänneksellä määräaikoja päättyi niin vähän, että osuus on peitetty yksityisyyden "
        "suojaamiseksi. 31.12.2025 yli määräajan avoinna olleita asioita oli niin vähän, että luku on peitetty.",
        "Under kvartal 4/2025 gick så få tidsfrister ut att andelen är dold för att skydda integriteten. "
        "Den 31.12.2025 var så få ärenden öppna över tidsfristen att antalet är dolt.",
        "In quarter 4 of 2025 so few deadlines fell due that the share is suppressed to protect privacy. "
        "On 31 Dec 2025 so few cases were open past their deadline that the number is suppressed.",
    ),
    "an interval": (
        (row("suppressed", value=NOTHING, numerator=NOTHING, low=98.1, high=99.5), None, ""),
        "Vuoden 2025 4. neljänneksellä sosiaalihuollon määräajoista toteutui 98,1–99,5 % (n = 207): tarkka osuus on "
        "peitetty yksityisyyden suojaamiseksi.",
        "Under kvartal 4/2025 hölls 98,1–99,5 % av socialvårdens tidsfrister (n = 207): den exakta andelen är dold för "
        "att skydda integriteten.",
        "In quarter 4 of 2025 98.1–99.5% of the deadlines of social welfare were met (n = 207): the exact share is suppressed "
        "to protect privacy.",
    ),
    "none due": (
        (row("no_denominator", value=NOTHING), None, ""),
        "Vuoden 2025 4. neljänneksellä yhtään sosiaalihuollon määräaikaa ei päättynyt.",
        "Under kvartal 4/2025 gick ingen av socialvårdens tidsfrister ut.",
        "In quarter 4 of 2025 no deadline of social welfare fell due.",
    ),
    "no data": (
        (None, None, ""),
        "Tällä rajauksella ei ole tietoja sosiaalihuollon määräajoista.",
        "Det finns inga uppgifter om socialvårdens tidsfrister för den här avgränsningen.",
        "There is no data on deadlines of social welfare for this choice.",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("at", range(3), ids=("fi", "sv", "en"))
def test_the_finding_says_what_was_kept_and_what_is_still_open(case: str, at: int) -> None:
    (given, overdue, *rest), *expected = CASES[case]
    with in_language(("fi", "sv", "en")[at]):
        said = deadline_words.finding(given, overdue, SOCIAL, *rest).replace("\xa0", " ")
    assert said == expected[at]


def test_the_target_of_the_year_is_told_with_the_distance() -> None:
    def target(year: str, value: float) -> Target:
        return Target(SOCIAL.id, "18", parse_label(year), ">=", value, "percent", f"{value} %", None)

    with in_language("fi"):
        both = deadline_words.target_line([target("2024", 97.0), target("2025", 100.0)], row(), SOCIAL)
        old = deadline_words.target_line([target("2023-Q1", 100.0)], row(), SOCIAL)
    assert both.replace("\xa0", " ") == "Tavoitteesta (kaikki, 2025) puuttuu 11,1 %-yks."
    assert old.replace("\xa0", " ") == "Tavoite kaikki (1. neljännes 2023)."
    assert deadline_words.target_line([], row(), SOCIAL) == ""


def test_a_period_that_is_not_complete_is_held_against_no_target_and_nobody_is_lowest() -> None:
    target = Target(SOCIAL.id, "18", parse_label("2025"), ">=", 100.0, "percent", "100 %", None)
    half = row("incomplete_period")
    with in_language("fi"):
        said = deadline_words.target_line([target], half, SOCIAL).replace("\xa0", " ")
        finding_of_half = deadline_words.finding(half, None, SOCIAL, "Lapsiperheet 75,9 %")
    assert said == "Tavoite kaikki (2025)."
    assert "Heikoin" not in finding_of_half


def test_open_cases_of_a_unit_that_the_data_does_not_cover_are_not_known() -> None:
    shares = pd.DataFrame([row(unit="A"), row(unit="B")])
    overdue = pd.DataFrame({"unit": [], "value": [], "status": []})
    with in_language("fi"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadline_words.names, "names", lambda _split, codes: {code: code for code in codes})
        found = deadline_words.cases_table(shares, overdue, "unit", SOCIAL, ("B",))
    assert [(cells[0].text, cells[5].text, cells[5].plain) for cells in found.rows] == [
        ("A", "0", 0),
        ("B", "ei tietoa", None),
    ]


def test_a_hidden_row_of_the_table_hides_every_number_that_would_give_it_away() -> None:
    shares = pd.DataFrame(
        [
            row(unit="A"),
            row(
                "suppressed",
                unit="B",
                value=NOTHING,
                numerator=NOTHING,
                denominator=40.0,
                low=90.0,
                high=97.5,
            ),
        ]
    )
    overdue = pd.DataFrame([{"unit": "B", "value": NOTHING, "status": "suppressed"}])
    with in_language("fi"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadline_words.names, "names", lambda _split, codes: {code: code for code in codes})
        found = deadline_words.cases_table(shares, overdue, "unit", SOCIAL)
    first, second = ([cell.text.replace("\xa0", " ") for cell in cells] for cells in found.rows)
    assert first == ["A", "207", "184", "23", "88,9 %", "0"]
    assert second == ["B", "40", "■ peitetty", "■ peitetty", "■ peitetty (90–98 %)", "■ peitetty"]
    assert [cell.plain for cell in found.rows[1][2:]] == [None] * 4


def ask(settings: Settings, indicator: str, **more: object) -> list[dict]:
    question = Question(indicator, **{"suppress": False, **more})
    return answer(Warehouse(settings.warehouse).current(), question, settings).rows.to_dict("records")


def test_the_page_tells_of_the_newest_complete_quarter(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "deadlines")
    assert_healthy(app)
    quarter = [one for one in ask(demo_settings, SOCIAL.id, by="quarter") if one["status"] == "ok"][-1]
    with in_language("fi"):
        share = formats.value(quarter["value"], SOCIAL).replace("\xa0", " ")
    met, due = round(quarter["numerator"]), round(quarter["denominator"])
    assert (
        f"sosiaalihuollon määräajoista toteutui {share} ({met}/{due}). Myöhässä oli {due - met} asiaa."
        in finding(app)
    )
    assert "keksittyjä" in all_words(app)
    number, facts = first_screen(app)
    assert number.startswith(f"Sosiaalihuollon määräajat {share} Tavoite kaikki")
    assert facts["n"] == str(due) and facts["Myöhässä"] == str(due - met)
    # Every deadline in a row, each leading to the tab that shows it
    rows = {one[0]: one[1:] for one in table(app, "Kaikki määräajat, uusin jakso")[1:]}
    assert rows["Sosiaalihuollon määräajat"][0] == share
    assert len(rows) > 8
    asked = actions(app)
    assert 0 < len(asked) <= 4
    assert all("nakyma=" in address for _figure, _said, address in asked)


def test_due_met_late_and_open_by_client_group_and_unit(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "deadlines")
    whole = [one for one in ask(demo_settings, SOCIAL.id, by="quarter") if one["status"] == "ok"][-1]
    for split in ("palvelu", "yksikkö"):
        heading, *rows = table(app, f"Sosiaalihuollon määräajat: {split}")
        assert heading[1:] == ["Päättyi", "Ajoissa", "Myöhässä", "Osuus", "Avoinna ja myöhässä"]
        # What is hidden is never alone: it would follow from the whole.
        shown = [int(one[1]) for one in rows if one[1].isdigit()]
        assert len(rows) - len(shown) != 1
        assert (sum(shown) == whole["denominator"]) == (len(shown) == len(rows))
        assert sum(shown) <= whole["denominator"]
        shares = [float(one[4].split()[0].replace(",", ".")) for one in rows if one[4][0].isdigit()]
        assert shares == sorted(shares)
        for one in rows:
            if one[2].isdigit():
                assert int(one[1]) - int(one[2]) == int(one[3])
    open_late = ask(demo_settings, "social_welfare_overdue", by="quarter")[-1]
    # The demo data has nobody with a time in the Act whose assessment is open past it.
    assert open_late["value"] == 0
    assert "31.12.2025 yhtään asiaa ei ollut avoinna yli määräajan." in finding(app)


def test_the_two_parts_and_the_two_limits_stand_beside_each_other(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {}
    for tab, pairs in {
        "mielenterveys": (
            ("mental_health_first_contact_7d", "mental_health_guarantee"),
            ("substance_services_first_contact_7d", "substance_services_access"),
        ),
        "perheet": (
            ("child_family_needs_assessment_90d", "child_family_needs_assessment_3m"),
            ("child_welfare_7_weekdays", "child_welfare_notification_days"),
        ),
        "lahetteet": (),
    }.items():
        app = open_page(monkeypatch, demo_settings.warehouse, "deadlines", nakyma=tab)
        assert_healthy(app)
        shown = [one.value for one in app.subheader]
        for pair in pairs:
            first, second = (definition(name).text["fi"].name for name in pair)
            assert shown.index(second) == shown.index(first) + 1
        said[tab] = all_words(app)
    assert "Tavoite koskee jälkimmäistä." in said["mielenterveys"]
    assert "jakso arvioidaan" in said["lahetteet"].lower()
    assert (
        "Laki koskee arvioinnin aloittamista; poiminnasta näkyy lähetteen käsittelypäivä."
        in said["lahetteet"]
    )
    assert "Mitataan päätöstä arvioinnin aloittamisesta" in said["perheet"]
    assert (
        "Laki edellyttää, että arviointi aloitetaan viimeistään seitsemäntenä arkipäivänä." in said["perheet"]
    )
    # The demo data does not say who needs special support: three months are no more than a target there.
    assert (
        "Muille perheille se on tavoite, ei laki. Poiminnat eivät kerro, kuka tarvitsee erityistä tukea"
        in said["perheet"]
    )
    assert [one[1] for one in table(app, "Lähetteet yksiköittäin")[1:]]


@pytest.mark.parametrize(
    ("language", "title", "begins"),
    [("sv", "Tidsfrister", "Under kvartal"), ("en", "Deadlines", "In quarter")],
)
def test_the_page_speaks_the_language_of_the_address(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str, title: str, begins: str
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "deadlines", kieli=language)
    assert_healthy(app)
    assert app.title[0].value == title
    assert finding(app).startswith(begins)


def test_months_hide_what_is_small(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "deadlines", "board", jakso="month", nakyma="perheet"
    )
    assert_healthy(app)
    hidden = [
        one
        for one in table(app, definition("child_welfare_7_weekdays").text["fi"].name)[1:]
        if "peitetty" in one[-1]
    ]
    assert hidden
    assert all(one[2] == "peitetty" for one in hidden)


@pytest.mark.parametrize("address", [{"alue": "20"}, {}])
def test_where_nothing_is_loaded_the_page_says_so(
    demo_settings: Settings,
    figures_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    address: dict[str, str],
) -> None:
    settings = demo_settings if address else figures_settings
    app = open_page(monkeypatch, settings.warehouse, "deadlines", **address)
    assert_healthy(app)
    assert "Näytettäviä asioita ei ole" in all_words(app)
    assert "keksittyjä" not in all_words(app)


def test_without_a_warehouse_the_page_says_how_to_make_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = open_page(monkeypatch, tmp_path / "none", "deadlines")
    assert_healthy(app)
    assert "Tietoja ei ole vielä" in all_words(app)
