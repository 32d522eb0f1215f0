"""The finding in a sentence, for every case in three languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from indicators.analysis.change import Change
from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label, span
from indicators.engine.question import Question
from indicators.programme.verdicts import Target
from indicators.wording import formats
from indicators.wording.translations import in_language
from pages.text import sentences
from pages.text.care_guarantee import TooShort, not_judged, seven_days
from pages.text.sentences import Incomplete
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse

SEVEN_DAYS = definition("seven_day_access")
LANGUAGES = ("fi", "sv", "en")
NOTHING = float("nan")


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings({})


def row(status: str = "ok", **given: object) -> dict[str, object]:
    """A result row of week 10/2025: 881 of 1 234 visits, coverage 92 %, unless given otherwise."""
    found: dict[str, object] = {
        "period": "2025-W10",
        "value": 71.4,
        "numerator": 881.0,
        "denominator": 1234.0,
        "coverage": 92.0,
        "status": status,
        "low": NOTHING,
        "high": NOTHING,
        "possible_low": 65.7,
        "possible_high": 73.7,
    }
    return found | given


def target(value: float | None = 80.0, comparator: str | None = ">=") -> Target:
    period = span(date(2025, 10, 1), date(2025, 12, 31))
    return Target("seven_day_access", "18", period, comparator, value, "percent", "80 %", "KP-RRF 2022")


def said(language: str, settings: Settings, given: dict[str, object] | None, **more: object) -> str:
    with in_language(language):
        return seven_days(given, SEVEN_DAYS, settings, **more).replace("\xa0", " ")


CASES = {
    "a share": (
        row(),
        {},
        "Viikolla 10/2025 kiireettömään hoitoon pääsi seitsemässä päivässä 71,4 %.",
        "Vecka 10/2025 fick 71,4 % icke-brådskande vård inom sju dagar.",
        "In week 10/2025 71.4% of non-urgent visits took place within seven days of the assessment of need.",
    ),
    # What n and coverage are, and where the share of all may lie, stands at the number.
    "coverage low": (
        row(coverage=62.0, possible_low=44.27, possible_high=82.27),
        {},
        "Viikolla 10/2025 kiireettömään hoitoon pääsi seitsemässä päivässä 71,4 %.",
        "Vecka 10/2025 fick 71,4 % icke-brådskande vård inom sju dagar.",
        "In week 10/2025 71.4% of non-urgent visits took place within seven days of the assessment of need.",
    ),
    "with its target": (
        row(),
        {"target": target()},
        "Viikolla 10/2025 kiireettömään hoitoon pääsi seitsemässä päivässä 71,4 % (tavoite vähintään 80 %).",
        "Vecka 10/2025 fick 71,4 % icke-brådskande vård inom sju dagar (mål minst 80 %).",
        "In week 10/2025 71.4% of non-urgent visits took place within seven days of the assessment of need "
        "(target at least 80%).",
    ),
    "with decimals that say on which side it is": (
        row(value=79.96),
        {"target": target()},
        "Viikolla 10/2025 kiireettömään hoitoon pääsi seitsemässä päivässä 79,96 % (tavoite vähintään 80 %).",
        "Vecka 10/2025 fick 79,96 % icke-brådskande vård inom sju dagar (mål minst 80 %).",
        "In week 10/2025 79.96% of non-urgent visits took place within seven days of the assessment of need "
        "(target at least 80%).",
    ),
    "coverage too low": (
        row(value=70.0, coverage=9.0, denominator=120.0, possible_low=6.3, possible_high=97.3),
        {"target": target(), "signal": ""},
        "Viikolla 10/2025 osuutta ei voi kertoa: arviointipäivä on kirjattu vain 9 % kiireettömistä käynneistä "
        "(n = 120). Käynneistä, joilla on päivämäärät, osuus on 70,0 %. Kaikista käynneistä laskettuna osuus olisi "
        "6–97 %.",
        "Vecka 10/2025 kan andelen inte anges: bedömningsdagen är antecknad för bara 9 % av de icke-brådskande "
        "besöken (n = 120). Av besöken med datum är andelen 70,0 %. Räknat på alla besök skulle andelen vara 6–97 %.",
        "In week 10/2025 the share is not known: the assessment date is recorded for only 9% of non-urgent visits "
        "(n = 120). Of the visits with dates it is 70.0%. Counted of all visits the share would be 6–97%.",
    ),
    "over and not complete": (
        row("incomplete_period", period="2025-03"),
        {"itself": Incomplete("2025-03", True, tuple("ABCDEFGH"))},
        "Maaliskuu 2025: tiedot ovat vajaat, joten jaksoa ei arvioida. Tiedossa olevista käynneistä 71,4 % toteutui "
        "seitsemässä päivässä (n = 1 234, kattavuus 92 %). Päiviä puuttuu 8 yksiköltä.",
        "Mars 2025: uppgifterna är ofullständiga, så perioden bedöms inte. Av de kända besöken genomfördes 71,4 % inom "
        "sju dagar (n = 1 234, täckning 92 %). Dagar saknas för 8 enheter.",
        "March 2025: the data is incomplete, so the period is not judged. Of the visits known 71.4% took place within "
        "seven days (n = 1,234, coverage 92%). Days are missing of 8 units.",
    ),
    "going on": (
        row("incomplete_period", period="2025-03"),
        {"itself": Incomplete("2025-03", False, ("A",))},
        "Maaliskuu 2025 on kesken, eikä sitä vielä arvioida: tähän mennessä seitsemässä päivässä toteutui "
        "71,4 % (n = 1 234, kattavuus 92 %).",
        "Mars 2025 pågår och bedöms inte ännu: hittills 71,4 % inom sju dagar (n = 1 234, täckning 92 %).",
        "March 2025 is not complete and is not judged yet: so far 71.4% within seven days (n = 1,234, "
        "coverage 92%).",
    ),
    "hidden": (
        row("suppressed", value=NOTHING, numerator=NOTHING, denominator=NOTHING, coverage=NOTHING),
        {},
        "Viikolla 10/2025 käyntejä on niin vähän, että osuus on peitetty yksityisyyden suojaamiseksi. Valitse "
        "pidempi jakso tai väljempi rajaus.",
        "Vecka 10/2025 är besöken så få att andelen döljs för att skydda integriteten. Välj en längre "
        "period eller en vidare avgränsning.",
        "In week 10/2025 there are so few visits that the share is suppressed to protect privacy. Look at a "
        "longer period or a wider choice.",
    ),
    "hidden but its interval": (
        row("suppressed", value=NOTHING, denominator=150.0, low=97.3, high=99.3),
        {},
        "Viikolla 10/2025 kiireettömistä käynneistä 97–99 % toteutui seitsemässä päivässä (n = 150, "
        "kattavuus 92 %). Tarkka osuus on peitetty yksityisyyden suojaamiseksi.",
        "Vecka 10/2025 genomfördes 97–99 % av de icke-brådskande besöken inom sju dagar (n = 150, täckning "
        "92 %). Den exakta andelen döljs för att skydda integriteten.",
        "In week 10/2025 97–99% of non-urgent visits took place within seven days (n = 150, coverage 92%): "
        "the exact share is suppressed to protect privacy.",
    ),
    "no dates": (
        row("no_denominator", value=NOTHING, denominator=0.0),
        {},
        "Viikolla 10/2025 ei ole kiireettömiä käyntejä, joiden arviointipäivä tiedetään, joten osuutta ei voi "
        "laskea.",
        "Vecka 10/2025 finns inga icke-brådskande besök med en känd bedömningsdag, så andelen kan inte "
        "beräknas.",
        "In week 10/2025 there is no non-urgent visit with a known assessment date: there is nothing to "
        "compute from.",
    ),
    "no data": (
        row("no_data", value=NOTHING, period="2025"),
        {},
        "Vuonna 2025 tällä rajauksella ei ole käyntitietoja.",
        "År 2025 finns det inga besöksuppgifter för den här avgränsningen.",
        "In 2025 there is no visit data for this choice.",
    ),
    "nothing at all": (
        None,
        {},
        "Tällä rajauksella ei ole käyntitietoja.",
        "Det finns inga besöksuppgifter för den här avgränsningen.",
        "There is no visit data for this choice.",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_finding(case: str, language: str, settings: Settings) -> None:
    given, more, *texts = CASES[case]
    assert said(language, settings, given, **more) == texts[LANGUAGES.index(language)]


@pytest.mark.parametrize(
    ("language", "signal", "too_short", "ends"),
    [
        ("fi", "A.", None, "71,4 %. A."),
        (
            "fi",
            "A.",
            "week",
            "71,4 %. A. Viikossa on liian vähän käyntejä, joten luvut ovat pidemmältä jaksolta.",
        ),
        (
            "fi",
            "",
            "month",
            "71,4 %. Kuukaudessa on liian vähän käyntejä, joten luvut ovat neljänneksiltä.",
        ),
        ("sv", "", "week", "En vecka har för få besök, så värdena gäller en längre period."),
        ("sv", "", "month", "En månad har för få besök, så värdena gäller kvartal."),
        ("en", "", "week", "A week has too few visits, so longer periods are shown."),
        ("en", "", "month", "A month has too few visits, so quarters are shown."),
        (
            "fi",
            "",
            "week 5",
            "Viimeisimmässä viikossa on liian vähän käyntejä (n = 5), joten luvut ovat pidemmältä jaksolta.",
        ),
        ("sv", "", "month 7", "Den senaste månaden har för få besök (n = 7), så värdena gäller kvartal."),
    ],
)
def test_the_finding_ends_with_its_signal_and_why_longer_periods_are_shown(
    language: str, signal: str, too_short: str | None, ends: str, settings: Settings
) -> None:
    why = None if too_short is None else TooShort(*too_short.split())
    why = why and replace(why, visits=None if why.visits is None else float(why.visits))
    assert said(language, settings, row(), signal=signal, too_short=why).endswith(ends)


def test_a_share_of_few_visits_says_so(settings: Settings) -> None:
    few = row(denominator=float(settings.share_min_n - 1))
    assert said("fi", settings, few).endswith("Käyntejä on niin vähän (n = 19), että osuus on epävarma.")
    assert "epävarma" not in said("fi", settings, row(denominator=float(settings.share_min_n)))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "fi",
            "Tiedot ovat vajaat, joten jaksoja ei arvioida: viikko 11/2025, viikko 12/2025. Päiviä puuttuu: A, B. "
            "Viikko 13/2025 on kesken, eikä sitä vielä arvioida.",
        ),
        (
            "sv",
            "Uppgifterna är ofullständiga, så perioderna bedöms inte: vecka 11/2025, vecka 12/2025. Dagar saknas: A, B. "
            "Vecka 13/2025 pågår och bedöms inte ännu.",
        ),
        (
            "en",
            "The data is incomplete, so these periods are not judged: week 11/2025, week 12/2025. "
            "Days are missing of: A, B. Week 13/2025 is not complete yet and is not judged.",
        ),
    ],
)
def test_what_is_over_lacks_data_and_only_what_goes_on_is_unfinished(language: str, expected: str) -> None:
    later = [
        Incomplete("2025-W11", True, ("A",)),
        Incomplete("2025-W12", True, ("A", "B")),
        Incomplete("2025-W13", False, ("A",)),
    ]
    with in_language(language):
        assert not_judged(later).replace("\xa0", " ") == expected
        assert not_judged(()) == ""


@pytest.mark.parametrize(("today", "over"), [(date(2025, 3, 9), False), (date(2025, 3, 10), True)])
def test_a_period_is_over_from_the_day_after_it(today: date, over: bool, demo_settings: Settings) -> None:
    found = answer(Warehouse(demo_settings.warehouse).current(), Question("seven_day_access"), demo_settings)
    week = {"period": "2025-W10", "period_end": date(2025, 3, 9)}
    assert Incomplete.of(week, found, today).over == over


@pytest.mark.parametrize(
    ("value", "comparator", "expected"),
    [
        (85.0, ">=", "Se on tavoitetta (vähintään 80 %, 4. neljännes 2025) parempi: ero 5,0 %-yks."),
        (75.0, "<=", "Se on tavoitetta (enintään 80 %, 4. neljännes 2025) parempi: ero 5,0 %-yks."),
        (85.0, "<", "Tavoitteesta (alle 80 %, 4. neljännes 2025) puuttuu 5,0 %-yks."),
        (79.96, ">=", "Tavoitteesta (vähintään 80 %, 4. neljännes 2025) puuttuu 0,04 %-yks."),
        (80.0, ">=", "Se on tavoitteen tasolla (vähintään 80 %, 4. neljännes 2025)."),
    ],
)
def test_distance_follows_the_direction_of_the_target(value: float, comparator: str, expected: str) -> None:
    with in_language("fi"):
        found = sentences.against_target(value, target(comparator=comparator), SEVEN_DAYS)
    assert found.replace("\xa0", " ") == expected


def test_a_target_without_a_level_is_not_compared() -> None:
    assert sentences.against_target(70.0, target(None, None), SEVEN_DAYS) == ""


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["ok", "ok", "incomplete_period"], 1),
        (["ok", "suppressed", "no_data"], 1),
        (["no_data", "incomplete_period"], 1),
        (["no_denominator", "no_data"], 0),
        (["no_data", "no_data"], 1),
        ([], None),
    ],
)
def test_the_newest_complete_period_is_told_of(statuses: list[str], expected: int | None) -> None:
    rows = pd.DataFrame({"status": statuses, "note": [None] * len(statuses)})
    assert sentences.finding_row(rows) == expected


def test_a_hidden_period_that_is_not_complete_is_not_told_of() -> None:
    rows = pd.DataFrame({"status": ["ok", "suppressed"], "note": [None, "TK-KOK-01"]})
    assert sentences.finding_row(rows) == 0


def test_every_period_has_words_to_begin_a_sentence() -> None:
    for label in ("2025-W01", "2025-12", "2025-Q3", "2025"):
        assert parse_label(label) is not None
        for language in LANGUAGES:
            assert said(language, load_settings({}), row(period=label))[0].isupper()


@pytest.mark.parametrize(
    ("language", "change", "said"),
    [
        ("fi", Change("2025-W10", 71.4, 74.9, -3.5, 1, 1), "edellisellä viikolla"),
        ("fi", Change("2025-03", 71.4, 70.4, 1.0, 3, 3), "3 edellisessä kuussa"),
        ("fi", Change("2025-Q1", 71.4, 71.4, 0.0, 4, 4), "4 edellisellä neljänneksellä"),
        ("fi", Change("2025-W10", 71.4, 74.9, -3.5, 2, 4), "niillä edellisistä jaksoista, jotka voi arvioida (2/4)"),
        ("sv", Change("2025-03", 71.4, 74.9, -3.5, 1, 1), "föregående månad"),
        ("sv", Change("2025-Q1", 71.4, 70.4, 1.0, 4, 4), "de 4 föregående kvartalen"),
        ("en", Change("2025-W10", 71.4, 74.9, -3.5, 1, 1), "the week before"),
        ("en", Change("2025", 71.4, 70.4, 1.0, 2, 2), "the 2 years before"),
    ],
)  # fmt: skip
def test_a_change_is_told_with_what_it_is_held_against(language: str, change: Change, said: str) -> None:
    with in_language(language):
        assert sentences.earlier(change).replace("\xa0", " ") == said


def test_a_suppressed_share_is_told_with_its_signal(settings: Settings) -> None:
    hidden = row("suppressed", value=NOTHING, denominator=150.0, low=97.3, high=99.3)
    told = said("fi", settings, hidden, signal="Luku on heikentynyt.")
    assert told.endswith("yksityisyyden suojaamiseksi. Luku on heikentynyt.")


def test_a_share_that_is_not_known_or_not_complete_is_not_judged(settings: Settings) -> None:
    for given in (row(coverage=9.0), row("incomplete_period"), row("no_denominator"), row("no_data")):
        told = said("fi", settings, given, signal="Arvio.", target=target(), too_short=TooShort("week"))
        assert "Arvio." not in told and "80" not in told


@pytest.mark.parametrize(
    ("count", "said"),
    [
        *(
            (1, "1:stä"),
            (2, "2:sta"),
            (3, "3:sta"),
            (4, "4:stä"),
            (5, "5:stä"),
            (6, "6:sta"),
            (7, "7:stä"),
            (8, "8:sta"),
        ),
        *(
            (9, "9:stä"),
            (10, "10:stä"),
            (11, "11:sta"),
            (12, "12:sta"),
            (19, "19:sta"),
            (20, "20:stä"),
            (21, "21:stä"),
        ),
        *((22, "22:sta"), (30, "30:stä"), (100, "100:sta"), (112, "112:sta"), (120, "120:stä")),
    ],
)
def test_a_number_takes_the_ending_of_its_last_word(count: int, said: str) -> None:
    with in_language("fi"):
        assert formats.elative(count) == said
    for language in ("sv", "en"):
        with in_language(language):
            assert formats.elative(count) == str(count)
