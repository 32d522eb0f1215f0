"""The overview: the finding, the tiles, the table, with the shipped figures alone and with demo data."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label, span
from indicators.programme.targets import TargetResult, target_results
from indicators.programme.verdicts import Actual, Target
from indicators.wording.translations import in_language
from pages.text import targets as view
from pages.ui import markup, target_board
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.pages.app import all_words, assert_healthy, finding, open_page, tiles, words

AS_OF = date(2026, 1, 2)
ACCESS, ORAL = definition("seven_day_access"), definition("oral_health_wait_days")


def result(verdict: str, value: float | None = None, **changes: object) -> TargetResult:
    """A target of 80 % for 2025 with its actual."""
    period = parse_label("2025")
    assert period is not None
    known = {
        **{
            "numerator": None,
            "denominator": None,
            "coverage": None,
            "status": "ok",
            "low": None,
            "high": None,
        },
        **{"possible_low": None, "possible_high": None, "as_of": None, "note": None, "cited_source": None},
        **changes,
    }
    promised = Target("seven_day_access", "18", period, ">=", 80.0, "percent", "80 %", "plan")
    distance = None if value is None else value - 80
    return TargetResult(promised, Actual(period, value, **known), verdict, None, 1, distance, ())


# --- with the shipped figures alone ------------------------------------------------------------------------------


def test_figures_alone_say_that_nothing_can_be_said(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi")
    assert_healthy(app)
    assert finding(app) == (
        "Keski-Pohjanmaan hyvinvointialue, 2025: 25 tavoitetta. Niitä ei voi arvioida, koska toteumia ei ole "
        "ladattu. Lisäksi 5 on luvattu ilman tavoitetasoa. Yhdestä tavoitteesta on aiempi toteuma. "
        "Palvelutarve 90 päivässä, 2021: 84,6 % (643/760). Tavoite 2025 on 100 %."
    )


def test_an_earlier_actual_is_hollow_with_its_own_year_and_no_verdict(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi")
    tile = tiles(app)["Palvelutarve 90 päivässä"]
    assert tile == "84,6 % Aiempi luku: 2021 (643/760) Ei tietoa: 2025 Tavoite 2025: 100 %"
    markup = next(str(one.value) for one in app.html if 'class="tv-tiles"' in str(one.value))
    assert markup.count("tv-hollow") == 1
    assert row_of(app, "Lapsiperheiden palvelutarpeen arvioinnit 90 päivässä") == [
        *("Lapsiperheiden palvelutarpeen arvioinnit 90 päivässä", "100 %", "2021: 84,6 % (643/760)"),
        *("– ei tietoa", "", "", ""),
    ]


def test_what_is_missing_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi")
    said = all_words(app)
    assert "– Ei tietoa (14) Lukua ei ole vielä syötetty eikä ladattu." in said
    assert "– Ei tietoa (6) Jakson käyntejä ei ole ladattu: lataa käyntipoiminta." in said
    assert "– Ei tietoa (3) Jakson lähetteitä tai asiakkuuksia ei ole ladattu" in said
    assert "– Ei tietoa (1) Jakson sosiaalihuollon asioita ei ole ladattu" in said
    assert "keksittyjä" not in said


def test_targets_stand_as_they_were_written(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi", vuosi="2022")
    said = all_words(app)
    for written in ("yli 10 %", "150 pv", "<1 kk", "5 kpl"):
        assert written in said
    assert "”(tavoitetaso määritellään myöhemmin)”" in said
    assert "Tavoite alkaa myöhemmin:" in said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "Mellersta Österbottens välfärdsområde, 2025: 25 mål. De kan inte bedömas eftersom"),
        (
            "en",
            "Central Ostrobothnia wellbeing services county, 2025: 25 targets. They cannot be judged, because",
        ),
    ],
)
def test_languages(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings, language: str, said: str
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli=language)
    assert_healthy(app)
    assert finding(app).startswith(said)
    assert ("84.6%" if language == "en" else "84,6 %") in all_words(app)


def test_an_area_without_targets(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi", alue="20")
    assert_healthy(app)
    assert finding(app).startswith("Kainuun hyvinvointialue: ei tavoitteita vuodelle")
    assert "lataa alueen tavoitteet tavoitetiedostona" in all_words(app)


def test_another_area(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi", alue="06")
    assert finding(app).startswith("Satakunnan hyvinvointialue, 2025: 2 tavoitetta.")


def test_without_a_warehouse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = open_page(monkeypatch, tmp_path / "none", "overview", kieli="fi")
    assert not app.exception
    assert "Tietoja ei ole vielä" in all_words(app)
    assert app.code[0].value == "python -m pipelines setup"


# --- with demo data ----------------------------------------------------------------------------------------------


def test_demo_is_marked_and_counted(monkeypatch: pytest.MonkeyPatch, demo_settings: Settings) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi")
    assert_healthy(app)
    snapshot = Warehouse(demo_settings.warehouse, demo_settings.memory_limit_mb).current()
    results = target_results(snapshot, demo_settings, as_of=AS_OF, area="18", year=2025, suppress=False)
    verdicts = [one.verdict for one in results]
    said = finding(app)
    # Two promises of direction: people in vulnerable positions, the visible debt.
    assert verdicts.count("met") == 2
    assert f"2 tavoitetta saavutettiin, {verdicts.count('not_met')} jäi saavuttamatta" in said
    assert verdicts.count("not_met") > 0
    assert "Esittelyaineisto: luvut ovat keksittyjä" in all_words(app)
    seven = next(one for one in results if one.target.indicator == "seven_day_access")
    with in_language("fi"):
        value = view.value(seven, ACCESS).replace("\xa0", " ")
        rests_on = view.basis(seven.actual).replace("\xa0", " ")
    assert (
        f"Hoitoon 7 päivässä, 4. neljännes 2025: {value} ({rests_on}). Tavoitetta (vähintään 80 %) ei saavutettu."
        in said
    )
    assert tiles(app)["Hoitoon 7 päivässä"].startswith(f"{value} ▲ ei saavutettu")


def test_low_coverage_is_told_beside_the_number(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    """Where too many dates are missing, the tile says what the share of all may be."""
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi")
    assert "Kattavuus on alhainen: kaikkien osuus voi olla" in tiles(app)["Hoitoon lain enimmäisajassa"]


def test_what_is_promised_for_later_shows_distance_and_pace(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi", vuosi="2024")
    tile = tiles(app)["Hoitoon 7 päivässä"]
    assert "Tavoite 4. neljännes 2025: ≥ 80 %" in tile
    assert "neljänneksessä" in tile
    assert "saavutettu" not in tile
    assert "Tavoite myöhemmin: matka ja tarvittava vauhti" in all_words(app)


# --- words -------------------------------------------------------------------------------------------------------


def test_the_finding_counts_every_verdict() -> None:
    results = [
        *(result("met", 90.0), result("not_met", 70.0), result("not_due", 70.0)),
        *(result("suppressed", status="suppressed"), result("no_data", status="no_data")),
    ]
    with in_language("fi"):
        assert view.year_finding(results, 2025, "Alue") == (
            "Alue, 2025: 5 tavoitetta. 1 tavoite saavutettiin, 1 jäi saavuttamatta, 1 ei ole vielä arvioitavissa, "
            "1:stä arvio on peitetty, 1:stä ei ole tietoa."
        )


MET, MISSED, LATER, ABSENT = "met", "not_met", "not_due", "no_data"


@pytest.mark.parametrize(
    ("verdicts", "fi", "sv", "en"),
    [
        (
            [MISSED] * 6 + [ABSENT] * 12,
            "18 tavoitetta. Yhtään tavoitetta ei saavutettu, 6 jäi saavuttamatta, 12:sta ei ole tietoa.",
            "18 mål. Inget mål har nåtts, 6 nåddes inte och för 12 saknas uppgift.",
            "18 targets. No target was reached, 6 were not reached, and for 12 there is no information.",
        ),
        (
            [MET] * 3 + [MISSED],
            "4 tavoitetta. 3 tavoitetta saavutettiin, 1 jäi saavuttamatta.",
            "4 mål. 3 mål har nåtts och 1 nåddes inte.",
            "4 targets. 3 targets were reached, and 1 was not reached.",
        ),
        (
            [MET],
            "1 tavoite. 1 tavoite saavutettiin.",
            "1 mål. 1 mål har nåtts.",
            "1 target. 1 target was reached.",
        ),
        # Nothing could be judged: none was missed either.
        (
            [LATER] * 2 + [ABSENT],
            "3 tavoitetta. 2 ei ole vielä arvioitavissa, 1:stä ei ole tietoa.",
            "3 mål. 2 kan ännu inte bedömas och för 1 saknas uppgift.",
            "3 targets. 2 cannot be judged yet, and for 1 there is no information.",
        ),
        (
            [ABSENT] * 2,
            "2 tavoitetta. Niitä ei voi arvioida, koska toteumia ei ole ladattu.",
            "2 mål. De kan inte bedömas eftersom utfall inte har laddats.",
            "2 targets. They cannot be judged, because no actuals of the year are loaded.",
        ),
    ],
)
def test_the_counts_of_verdicts_are_sentences(verdicts: list[str], fi: str, sv: str, en: str) -> None:
    results = [
        result(one, None if one == ABSENT else 70.0, status="no_data" if one == ABSENT else "ok")
        for one in verdicts
    ]
    for language, said in (("fi", fi), ("sv", sv), ("en", en)):
        with in_language(language):
            assert view.year_finding(results, 2025, "A") == f"A, 2025: {said}"


def test_a_hidden_actual_shows_its_interval_and_says_why() -> None:
    hidden = result("suppressed", status="suppressed", low=76.0, high=84.0)
    with in_language("fi"):
        assert words(target_board.actual_html(hidden, ACCESS)) == "■ peitetty (76–84 %)"
        assert "henkilön voisi tunnistaa" in view.what_is_missing(hidden, ACCESS, AS_OF, 80)
        assert words(markup.mark("suppressed")) == "■ peitetty"


def test_low_coverage_tells_what_the_share_may_be() -> None:
    low = result("met", 90.0, coverage=50.0, possible_low=45.0, possible_high=95.0)
    with in_language("fi"):
        said = view.what_is_missing(low, ACCESS, AS_OF, 80).replace("\xa0", " ")
        assert said == "Kattavuus on alhainen: kaikkien osuus voi olla 45–95 %."
        assert view.what_is_missing(low, ACCESS, AS_OF, 50) == ""


def test_a_running_period_says_when_it_ends() -> None:
    with in_language("fi"):
        running = view.what_is_missing(result("not_due", 70.0), ACCESS, date(2025, 6, 1), 80)
        assert running == "Jakso päättyy 31.12.2025."


def test_days_show_the_decimal_that_decides() -> None:
    period = parse_label("2025")
    assert period is not None
    promised = Target("oral_health_wait_days", "18", period, "<=", 60.0, "days", "60 pv", None)
    known = Actual(period, 60.4, None, None, None, "ok", *(None,) * 7)
    missed = TargetResult(promised, known, "not_met", None, 1, 0.4, ())
    with in_language("fi"):
        assert view.value(missed, ORAL) == "60,4\xa0vrk"
        assert view.distance(missed, ORAL) == "+0,4\xa0vrk"


@pytest.mark.parametrize(
    ("unit", "comparator", "value", "written", "shown", "quoted"),
    [
        ("months", "<", 1.0, "<1 kk", "<1\xa0kk", ""),
        ("percent", ">", 10.0, "yli 10 %", "yli\xa010\xa0%", ""),
        ("count", ">=", 8.0, "uusia digipolkuja valmistuu 2/Q", "≥\xa08", "uusia digipolkuja valmistuu 2/Q"),
        (
            "euros",
            ">=",
            11e6,
            "11 M € rakenteellinen säästö",
            "≥\xa011\xa0000\xa0000\xa0€",
            "11 M € rakenteellinen säästö",
        ),
        ("percent", None, None, "osuus kasvaa", "osuus kasvaa", "osuus kasvaa"),
    ],
)
def test_a_target_is_shown_as_written(
    unit: str, comparator: str | None, value: float | None, written: str, shown: str, quoted: str
) -> None:
    period = span(date(2025, 1, 1), date(2025, 12, 31))
    promised = Target("seven_day_access", "18", period, comparator, value, unit, written, None)
    with in_language("fi"):
        assert (view.wording(promised), view.quote(promised)) == (shown, quoted)


def row_of(app: AppTest, name: str) -> list[str]:
    """The cells of an indicator's row in the board table."""
    for one in app.html:
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", str(one.value), re.S):
            cells = [words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
            if cells[0] == name:
                return cells
    raise AssertionError(name)
