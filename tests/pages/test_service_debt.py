"""The page of service debt: the shipped example, choices, hidden and missing states; its sentences by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.engine.question import SUPPRESSED, Question
from indicators.service_debt.debt import (
    DebtSeries,
    debt_series,
    demand_adjusted_debt,
    hidden_debt,
    visible_debt,
)
from indicators.service_debt.demand import demands
from indicators.wording.translations import in_language
from pages import charts
from pages.text.service_debt import Visible, demand_finding, hidden_finding, visible_finding, weeks_words
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.conftest import start_from
from tests.pages.app import (
    actions,
    all_words,
    assert_healthy,
    finding,
    first_screen,
    numbers,
    open_page,
    table,
)
from tests.spec.series import series

NAME = "Lastenneuvolan käynnit"
SHIPPED = "Lastenneuvolan käynnit: 2 614 vähemmän kuin vuoden 2019 tasolla (2020–2021)."
BY_PERIOD = "Vajaus jaksoittain: 2020: 549; 2021: 2 065."


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def words(values: list[float | None], language: str = "fi", start: date = date(2019, 1, 1)) -> str:
    with in_language(language):
        return plain(hidden_finding("X", hidden_debt(series("visits", "year", start, values))))


#: The adjusted debt and the change of demand of what is itself demand.
OF_DEMAND = ("on itse kysyntää",) * 2


def test_the_shipped_example_comes_out_of_the_shipped_figures_alone(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "service_debt")
    assert_healthy(app)
    assert finding(app) == f"{SHIPPED} Näkyvää velkaa ei tiedetä: jonopoimintaa ei ole."
    assert BY_PERIOD in all_words(app)
    assert "Esittelyaineisto" not in all_words(app)
    (hidden, facts), (visible, _none) = numbers(app)
    assert hidden == "Piilevä velka 2020–2021 2 614" and visible == "Näkyvä palveluvelka ei tietoa"
    assert facts == {
        NAME: "",
        "Kysyntään suhteutettu velka": "0",
        "Kysynnän muutos": "−11 %",
        "Jäi vajaaksi": "2 614",
        "Korvattu": "0",
        "Kasvu": "0",
    }
    # Care given stands on the first screen, the most owed first; each row opens its series.
    first = [row[:3] for row in table(app, "Piilevä velka palveluittain")[1:]]
    assert first == [
        [NAME, "2 614", "0"],
        ["Korvaushoidon käynnit", "0", "4 668"],
        ["Aikuispsykiatrian käynnit", "0", "3 944"],
        ["Päihdekuntoutuksen käynnit", "0", "0"],
    ]
    assert [(figure, words_of) for figure, words_of, _address in actions(app)] == [
        ("4 668", "Korvaushoidon käynnit piilevä velka: mitä purkaminen vaatii")
    ]
    # the children in care fell by more than the visits: against them nothing is owed, and that is said
    assert table(app, f"Velan jaksot: {NAME}")[1:] == [
        ["2021", "21 907", "19 842", "+2 065", "2 614", "kasvatti velkaa", "−15 %", "18 555", "0"],
        ["2020", "21 907", "21 358", "+549", "549", "kasvatti velkaa", "−7 %", "20 375", "0"],
    ]
    assert "Kysyntä on vähentynyt vuodesta 2019: Lastenneuvolan asiakkaat −11 %." in all_words(app)
    assert "Kysyntään suhteutettuna piilevää velkaa ei ole." in all_words(app)
    assert "hoidotta jääneet eivät näy kysynnässä" in all_words(app)
    # people and referrals the same way; what is above the baseline is growth, no debt below zero
    app = open_page(monkeypatch, figures_settings.warehouse, "service_debt", nakyma="palvelut")
    by_name = {row[0]: row for row in table(app, "Piilevä velka palveluittain, kaikki luvut")}
    header = by_name["Palvelu ja luku"][1:4]
    assert header == ["Velka", "Kysyntään suhteutettu velka", "Kysynnän muutos"]
    assert by_name["Lastenneuvolan asiakkaat"][1:9] == [
        "1 773",
        *OF_DEMAND,
        "15 906",
        "14 133",
        "1 773",
        "0",
        "0",
    ]
    assert by_name["Aikuispsykiatrian lähetteet"][1:9] == [
        *("0", *OF_DEMAND),
        *("3 606", "4 505", "0", "0", "899"),
    ]
    assert by_name["Aikuispsykiatrian käynnit"][1:9] == [
        *("0", "3 944", "+25 %"),
        *("58 214", "68 998", "0", "0", "10 784"),
    ]
    assert by_name["Korvaushoidon käynnit"][1:4] == ["0", "4 668", "+36 %"]
    # without 2019 there is no debt, and it is not zero either
    assert "Koulun psyk. hoitaja, käynnit" not in by_name
    assert "ei ole: Koulun psyk. hoitaja, käynnit; Koulun psyk. hoitaja, asiakkaat" in all_words(app)


PSYCHIATRY = {
    "fi": (
        (
            "Aikuispsykiatrian käynnit: 10 784 enemmän kuin vuoden 2019 tasolla (2020–2021), joten velkaa ei ole.",
            "Velkaa ei ollut ennestään, joten ylitys on kasvua eikä velan pienenemistä.",
        ),
        "Kysyntä on kasvanut vuodesta 2019: Aikuispsykiatrian lähetteet +25 %, Aikuispsykiatrian potilaat +8 %. "
        "Kysyntään suhteutettu piilevä velka on 3 944.",
    ),
    "sv": (
        (
            "Vuxenpsykiatrins besök: 10 784 fler än på 2019 års nivå (2020–2021), alltså ingen skuld.",
            "Det fanns ingen tidigare skuld, så överskottet är tillväxt och minskar ingen skuld.",
        ),
        "Efterfrågan har ökat sedan 2019: Vuxenpsykiatrins remisser +25 %, Vuxenpsykiatrins patienter +8 %. "
        "I förhållande till efterfrågan är den latenta skulden 3 944.",
    ),
    "en": (
        (
            "Adult psychiatry visits: 10,784 more than at the level of 2019 (2020–2021), so nothing is owed.",
            "There was no debt before, so it is growth and no debt lessened.",
        ),
        "Demand has grown since 2019: Adult psychiatry referrals +25%, Adult psychiatry patients +8%. "
        "Against demand the hidden debt is 3,944.",
    ),
}


@pytest.mark.parametrize("language", PSYCHIATRY)
def test_visits_that_grew_less_than_referrals_owe_against_demand(
    language: str, figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch,
        figures_settings.warehouse,
        "service_debt",
        velka="adult_psychiatry_visits",
        kieli=language,
    )
    assert_healthy(app)
    plain_debt, against_demand = PSYCHIATRY[language]
    finding_words, remark = plain_debt
    assert finding(app).startswith(finding_words) and remark in plain(all_words(app))
    assert against_demand in plain(all_words(app))
    if language == "fi":
        number, facts = first_screen(app)
        assert number == "Piilevä velka 2020–2021 0"
        assert facts["Kysyntään suhteutettu velka"] == "3 944" and facts["Kysynnän muutos"] == "+25 %"
        assert table(app, "Velan jaksot: Aikuispsykiatrian käynnit")[1:] == [
            [
                "2021",
                "29 107",
                "35 689",
                "−6 582",
                "0",
                "kasvua, velkaa ei ollut",
                "+36 %",
                "39 633",
                "3 944",
            ],
            ["2020", "29 107", "33 309", "−4 202", "0", "kasvua, velkaa ei ollut", "+14 %", "33 094", "0"],
        ]
        cleared = open_page(
            monkeypatch,
            figures_settings.warehouse,
            "service_debt",
            velka="adult_psychiatry_visits",
            nakyma="purku",
        )
        taken = dict(table(cleared, "Mitä piilevän velan purkaminen vaatii")[1:])
        assert taken["Puuttuvia käyntejä"] == "3 944"
        assert "maksa" not in finding(app) and "kuro" not in all_words(app)


def test_without_demand_it_is_said_that_there_is_no_adjusted_debt() -> None:
    found = hidden_debt(series("visits", "year", date(2019, 1, 1), [100.0, 90.0, 80.0]))
    with in_language("fi"):
        said = plain(demand_finding([], found, 2019))
        assert said.startswith("Kysyntään suhteutettua velkaa ei voi laskea.")
        (known,) = demands(
            series("visits", "year", date(2019, 1, 1), [100.0, 90.0, 80.0]),
            [
                (
                    DebtSeries("x_referrals", None, "incoming"),
                    series("referrals", "year", date(2019, 1, 1), [10.0, 10.0]),
                )
            ],
        )
        assert plain(demand_finding([("Lähetteet", known)], found, 2019)) == (
            "Kysyntä on sama kuin vuonna 2019: Lähetteet ±0 %. Kysyntään suhteutettu piilevä velka on 10. "
            "1 jakson kysynnästä ei ole tietoa, eikä se ole tässä velassa."
        )


def test_what_clearing_takes_follows_the_numbers_given(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.cache.today", lambda: date(2025, 1, 1))
    app = open_page(monkeypatch, figures_settings.warehouse, "service_debt", nakyma="purku")
    empty = dict(table(app, "Mitä piilevän velan purkaminen vaatii")[1:])
    assert empty["Kustannus"] == "anna käynnin hinta"
    # 2 614 in 52 weeks
    assert empty["Lisäkäyntejä viikossa, jotta velka on purettu 31.12.2025"] == "51"
    app = open_page(
        monkeypatch, figures_settings.warehouse, "service_debt",
        hinta="100", lisa="100", raha="130700", valmis="2025-07-02",
    )  # fmt: skip
    assert_healthy(app)
    assert dict(table(app, "Mitä piilevän velan purkaminen vaatii")[1:]) == {
        "Puuttuvia käyntejä": "2 614",
        "Lisäkäyntejä viikossa, jotta velka on purettu 2.7.2025": "101",
        "Purkamisen kesto": "27 viikkoa",
        "Kustannus": "261 400 €",
        "Käyntejä, jotka raha riittää maksamaan": "1 307 (50 % puuttuvista)",
    }


def test_a_number_given_on_the_page_goes_to_the_address_and_back(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "service_debt", nakyma="purku")
    app.number_input(key="amount_hinta").set_value(50).run()
    assert_healthy(app)
    assert app.query_params["hinta"] == "50"
    assert dict(table(app, "Mitä piilevän velan purkaminen vaatii")[1:])["Kustannus"] == "130 700 €"
    app.date_input(key="day_valmis").set_value(date(2030, 1, 1)).run()
    assert app.query_params["valmis"] == "2030-01-01"
    assert "purettu 1.1.2030" in all_words(app)
    app.number_input(key="amount_hinta").set_value(None).run()
    assert "hinta" not in app.query_params
    assert dict(table(app, "Mitä piilevän velan purkaminen vaatii")[1:])["Kustannus"] == "anna käynnin hinta"


def test_only_care_given_can_be_made_up(figures_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(
        monkeypatch,
        figures_settings.warehouse,
        "service_debt",
        velka="child_health_clinic_patients",
        nakyma="purku",
    )
    assert "Vain annetulla hoidolla voi korvata vajausta" in all_words(app)
    assert "Puuttuvia käyntejä" not in all_words(app)


def test_months_against_a_later_baseline_year(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = {"velka": "visits.oral_health", "vertailuvuosi": "2024", "kieli": "sv"}
    app = open_page(monkeypatch, demo_settings.warehouse, "service_debt", **address)
    assert_healthy(app)
    rows = table(app, "Skuldens perioder: Munhälsovård: besök")
    assert [row[0] for row in rows[1:]][-1] == "januari 2025"
    assert "påhittade" in all_words(app)
    # An address of before, which gives numbers for clearing, opens what they are for.
    app = open_page(
        monkeypatch, demo_settings.warehouse, "service_debt", **address,
        jonopalvelu="oral_health", kysynta="30", kapasiteetti="60", tavoiteviikot="4", jonohinta="100",
    )  # fmt: skip
    assert_healthy(app)
    clearing = dict(table(app, "Vad avvecklingen av kön kräver")[1:])
    queue = int(clearing["Poster i kön"])
    assert clearing["Köns målstorlek"] == "30"
    assert clearing["Poster över målstorleken"] == str(queue - 30)
    assert clearing["Tid som krävs"] == f"{-(-(queue - 30) // 30)} veckor"
    assert int("".join(filter(str.isdigit, clearing["Kostnad för besöken utöver det vanliga"]))) == 100 * (
        queue - 30
    )


def test_hidden_numbers_stay_hidden_with_their_days(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "service_debt", "board", nakyma="palvelut")
    snapshot = Warehouse(demo_settings.warehouse).current()
    whole = visible_debt(
        snapshot, Question("service_debt_visible", by="month", splits=("service",)), demo_settings
    ).rows
    newest = whole[whole["period"] == whole["period"].iloc[-1]]
    hidden = newest[newest["status"] == SUPPRESSED]
    assert len(hidden)
    rows = table(app, "Näkyvä velka palveluittain, joulukuu 2025")[1:]
    assert [row[2:] for row in rows].count(["■ peitetty (1–10)", "■ peitetty"]) == len(hidden)
    first = table(app, "Näkyvä velka palveluittain")[1:]
    assert [row[2:] for row in first].count(["■ Peitetty", "■ Peitetty"]) == len(hidden)


def test_days_that_counts_do_not_tell_have_their_reason(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "service_debt", alue="20")
    # Who waits beyond the law now stands before the debt of years that are over.
    number, facts = numbers(app)[0]
    assert finding(app).index("jonomerkintää") < finding(app).index("piilevää velkaa")
    assert number == "Näkyvä palveluvelka 366" and facts["Tiedot"] == "tiedot vajaat"
    assert facts["Päiviä yli enimmäisajan"] == "ei tietoa"
    assert "koska kaikista jonoista ei ole rivitietoja" in all_words(app)


def test_scaling_needs_the_residents_of_the_services_own_age_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "service_debt", suhteutus="vaesto")
    assert "Ei suhteutettu: tämän palvelun oman ikäryhmän väestöä ei ole ladattu" in all_words(app)
    assert finding(app).startswith(SHIPPED)
    settings = replace(figures_settings, warehouse=tmp_path / "warehouse")
    now = datetime(2026, 1, 2, 8, 0)
    start_from(figures_settings, settings)
    header = (
        "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
    )
    lines = [
        f"population,18,child_health_clinic,{year}-12-31,{year}-12-31,,,{count},count,,test"
        for year, count in ((2019, 1000), (2020, 900), (2021, 900))
    ]
    report = load_bytes(
        "children.csv",
        "\n".join([header, *lines]).encode(),
        LoadOptions(),
        settings,
        now=now,
        today=now.date(),
    )
    assert report.status == "loaded"
    app = open_page(monkeypatch, settings.warehouse, "service_debt", suhteutus="vaesto")
    # a tenth fewer children: 19 716,3 expected
    assert table(app, f"Velan jaksot: {NAME}")[1][1:4] == ["19 716", "19 842", "−126"]
    assert "ei ole ladattu" not in all_words(app)
    # the whole population stays what it was
    from indicators.answers import answer

    asked = Question("population", by="year", date_from=date(2020, 1, 1), date_to=date(2020, 12, 31))
    assert answer(Warehouse(settings.warehouse).current(), asked, settings).rows["value"].tolist() == [67988]


def test_an_area_without_anything_says_what_to_load(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "service_debt", alue="01")
    assert_healthy(app)
    assert "Vertailtavia lukuja ei ole" in all_words(app)
    kainuu = open_page(monkeypatch, figures_settings.warehouse, "service_debt", alue="20", kieli="en")
    assert "queue entries had waited beyond the legal limit" in finding(kainuu)


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, tmp_path / "none", "service_debt")
    assert "python -m pipelines setup" in str(app.code[0].value)


def test_series_of_an_area(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse).current()
    found = {one.key: (one.kind, one.service) for one in debt_series(snapshot, "18")}
    assert found["child_health_clinic_visits"] == ("visits", "child_health_clinic")
    assert found["child_welfare_notifications"] == ("incoming", "child_welfare")
    assert "population" not in found and "child_welfare_notification_days" not in found


@pytest.mark.parametrize(
    ("values", "language", "expected"),
    [
        ([100.0, 90.0], "fi", "X: 10 vähemmän kuin vuoden 2019 tasolla (2020)."),
        ([100.0, 90.0, 130.0], "fi",
         "X: 20 enemmän kuin vuoden 2019 tasolla (2020–2021), joten velkaa ei ole. Vajaus jaksoittain: 2020: 10. "
         "Vajausta kertyi 10, josta myöhemmät jaksot korvasivat 10."),
        ([100.0, 130.0, 90.0], "fi",
         "X: velkaa on 10 vuoden 2019 tasoon verrattuna (2020–2021). Vajaus jaksoittain: 2021: 10."),
        ([100.0, 100.0], "sv", "X: lika många som på 2019 års nivå (2020)."),
        ([100.0, 90.0, None], "en",
         "X: 10 fewer than at the level of 2019 (2020). 1 period cannot be compared and is in no sum."),
        ([None, 90.0], "fi",
         "X: piilevää velkaa ei tiedetä, koska vuoteen 2019 verrattavia täydellisiä lukuja ei ole."),
        ([100.0, 90.0, 80.0, 70.0, 60.0], "en",
         "X: 100 fewer than at the level of 2019 (2020–2023). Shortest: 2021: 20; 2022: 30; 2023: 40."),
    ],
)  # fmt: skip
def test_the_hidden_debt_in_words(values: list[float | None], language: str, expected: str) -> None:
    assert words(values, language) == expected


def test_the_visible_debt_in_words() -> None:
    row = {"value": 1.0, "status": "ok", "as_of": date(2025, 3, 3), "period": "2025-03"}
    with in_language("fi"):
        assert plain(visible_finding(Visible(row, 12.0))) == (
            "3.3.2025 yli lain enimmäisajan oli odottanut 1 jonomerkintä. Enimmäisaika ylittyi yhteensä 12 vrk."
        )
        assert "peitetty" in visible_finding(Visible({**row, "status": SUPPRESSED}, None))
        assert "ei tiedetä" in visible_finding(Visible(None, None))
        assert [plain(weeks_words(weeks)) for weeks in (None, 0.0, 26.1)] == [
            "ei koskaan tällä kapasiteetilla",
            "ei purettavaa",
            "27 viikkoa",
        ]


def test_a_period_that_cannot_be_compared_is_a_gap_in_the_chart() -> None:
    found = hidden_debt(series("visits", "year", date(2019, 1, 1), [100.0, 90.0, None, 80.0]))
    with in_language("fi"):
        figure = charts.balance(found.periods, ["a", "b", "c"], "year", "kpl")
    assert list(figure.data[0].y) == [10, None, 20]
    assert list(figure.data[1].y) == [10, None, 30]
    assert len(figure.data) == 2


def test_the_debt_against_demand_is_a_dashed_line_of_its_own() -> None:
    visits = series("visits", "year", date(2019, 1, 1), [100.0, 110.0, 120.0])
    plain_debt = hidden_debt(visits)
    adjusted = demand_adjusted_debt(visits, series("referrals", "year", date(2019, 1, 1), [10.0, 12.0, 15.0]))
    with in_language("fi"):
        figure = charts.balance(plain_debt.periods, ["a", "b"], "year", "kpl", adjusted.periods)
    assert [list(trace.y) for trace in figure.data] == [[-10, -20], [0, 0], [10, 40]]
    assert figure.data[2].line.dash == "dash"
    assert {"<b>0</b>", "<b>40</b>"} <= {note.text for note in figure.layout.annotations}
