"""The page of comparison: Sotkanet's shares without an order, cautions, own rows, the funnel of units, the states."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indicators.analysis.funnel import funnel, funnel_of
from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import period_of
from indicators.engine.question import NO_DATA, OK, SUPPRESSED, Question
from indicators.programme.benchmarks import Benchmark, newest_comparable_year, residents, sotkanet
from indicators.wording import colours
from indicators.wording.translations import in_language
from pages import charts
from pages.charts.references import references
from pages.text.benchmarks import profession
from pages.text.compare import Compared, place, units_finding
from pages.text.compare import finding as finding_words
from pages.text.compare import numbers as own_numbers
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.pages.app import all_words, assert_healthy, finding, numbers, open_page, table

ACCESS = definition("seven_day_access")
YEAR = period_of(date(2024, 1, 1), "year")
OWN = Benchmark("18", YEAR, 35.0, 7, "doctor", "all", "THL, Sotkanet 6411", None)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def test_the_published_figures_alone(figures_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "compare")
    assert_healthy(app)
    assert finding(app) == (
        "Keski-Pohjanmaan hyvinvointialue, 2025: kiireettömistä lääkärikäynneistä 47,1 % toteutui seitsemässä päivässä "
        "(Sotkanet). Koko maassa osuus oli 45,3 %. Huomaa: vajaa vuosi."
    )
    said = all_words(app)
    assert "Esittelyaineisto" not in said
    app = open_page(monkeypatch, figures_settings.warehouse, "compare", vuosi="2024")
    said = all_words(app)
    # Three numbers: the area, the country with the span of the areas, own rows that are not loaded.
    assert numbers(app) == [
        ("Keski-Pohjanmaan hyvinvointialue 35,0 %", {"Sotkanet": "2024"}),
        ("Koko maa 56,6 %", {"Sotkanet": "2024", "22 aluetta": "29,6–78,9 %"}),
        ("Lääkärikäynnit omista tiedoista laskettuna ei tietoa", {"Mitä tehdä": "Lataa käyntipoiminta"}),
    ]
    assert "Osuuksien takana olevia käyntimääriä ei ole julkaistu" in said
    rows = table(app, "Alueet asukasmäärän mukaan, 2024")[1:]
    # the country, then 22 areas by their size, none of them with an interval
    assert len(rows) == 23
    assert (rows[0][0], rows[0][2]) == ("Koko maa", "56,6 %")
    sizes = [int(row[1].replace(" ", "")) for row in rows[1:]]
    assert sizes == sorted(sizes, reverse=True)
    assert {row[3] for row in rows} == {"luottamusväliä ei ole"}
    assert not any(word in said for word in ("sija", "paras", "huonoin", "Paras", "Huonoin"))
    app = open_page(monkeypatch, figures_settings.warehouse, "compare", nakyma="yksikot")
    assert "Tämän alueen yksiköistä ei ole rivitietoja" in all_words(app)


def test_every_former_address_opens_what_it_speaks_of(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(**address: str) -> str:
        app = open_page(monkeypatch, demo_settings.warehouse, "compare", **address)
        assert_healthy(app)
        shown = {box.label for box in (*app.selectbox, *app.multiselect)}
        return " ".join(name for name in ("Neljännes", "Vertailtavat alueet") if name in shown)

    assert opened() == ""
    assert opened(neljannes="2025-Q1") == opened(mittari="access_within_limit") == "Neljännes"
    assert opened(kaynnit="laakari") == opened(nakyma="yksikot") == "Neljännes"
    assert opened(rinnalla="20") == opened(nakyma="vuodet") == "Vertailtavat alueet"
    assert opened(nakyma="alueet", neljannes="2025-Q1") == ""


def test_what_is_made_up_is_marked_where_it_is_shown(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def banner(**address: str) -> bool:
        app = open_page(monkeypatch, demo_settings.warehouse, "compare", **address)
        return any('class="tv-demo"' in str(one.value) for one in app.html)

    assert not banner() and not banner(nakyma="maa")
    assert banner(nakyma="yksikot") and banner(nakyma="vuodet")


@pytest.mark.parametrize(
    ("year", "language", "caution"),
    [
        ("2021", "fi", "kuntien aj"),
        ("2022", "en", "figure of the municipal era"),
        ("2025", "en", "partial year"),
    ],
)
def test_years_that_need_care_say_so(
    year: str, language: str, caution: str, figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "compare", vuosi=year, kieli=language)
    assert_healthy(app)
    assert caution in finding(app)
    assert caution in " ".join(value for _number, facts in numbers(app) for value in facts.values())


def test_own_rows_stand_beside_and_say_that_they_are_made_up(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    where = (*ACCESS.headline_where(), ("profession", ("doctor",)))
    row = answer(
        snapshot, Question(ACCESS.id, by="year", where=where, suppress=False), demo_settings
    ).rows.iloc[-1]
    app = open_page(monkeypatch, demo_settings.warehouse, "compare", kieli="sv")
    assert_healthy(app)
    share = f"{row['value']:.1f}".replace(".", ",")
    number, facts = numbers(app)[-1]
    assert number == f"Läkarbesök beräknade utifrån egna uppgifter {share} %"
    assert facts["Period"] == "2025" and int(facts["n"].replace(" ", "")) > 100
    assert "påhittade" in facts["Anmärkning"]


def test_units_are_a_funnel_with_the_hidden_ones_said(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    where = (*ACCESS.headline_where(), ("profession", ("doctor",)))
    period = period_of(date(2025, 10, 1), "quarter")
    asked = Question(ACCESS.id, splits=("unit",), where=where, periods=(period,))
    found = answer(snapshot, asked, demo_settings)
    hidden = found.rows[found.rows["status"] == SUPPRESSED]
    assert len(hidden)
    app = open_page(
        monkeypatch, demo_settings.warehouse, "compare", "board", kaynnit="laakari", neljannes="2025-Q4"
    )
    assert_healthy(app)
    rows = table(app, "Yksiköt käyntimäärän mukaan, 4. neljännes 2025")[1:]
    assert len(rows) == len(found.rows)
    assert sum(row[1].startswith("■ peitetty") for row in rows) == len(hidden)
    drawn = funnel(found)
    first = max(drawn.points, key=lambda one: one.denominator or 0)
    assert first.value is not None
    assert rows[0][1] == f"{first.value:.1f} %".replace(".", ",")
    # A suppressed unit has its place in words where that tells no number, and is said to be suppressed where it does.
    with in_language("fi"):
        places = {plain(place(one.place)) for one in drawn.points if one.value is None}
    assert {row[5] for row in rows if row[1].startswith("■ peitetty")} == places


def test_an_area_without_figures_or_rows_and_no_warehouse(
    figures_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch, figures_settings.warehouse, "compare", alue="01", rinnalla=["18", "20"], kieli="en"
    )
    assert_healthy(app)
    assert finding(app).startswith("East Uusimaa wellbeing services county, 2025: 48.2% of non-urgent")
    app = open_page(monkeypatch, tmp_path / "none", "compare")
    assert "python -m pipelines setup" in str(app.code[0].value)


def test_the_finding_without_figures() -> None:
    row = {"value": None, "status": SUPPRESSED, "period": "2025", "denominator": None, "coverage": None}
    row |= {"low": None, "high": None, "numerator": None}
    with in_language("en"):
        nothing = Compared("A", "2020", None, None, (), {**row, "status": NO_DATA})
        assert finding_words(nothing, ACCESS) == "Sotkanet has no figure of A for 2020."
        assert "no information" in own_numbers(nothing, ACCESS, "upload")[-1]
        found = Compared("A", "2024", OWN, None, (OWN,), row)
        said = plain(finding_words(found, ACCESS))
        assert "■ suppressed" in plain(own_numbers(found, ACCESS, "upload")[-1])
    assert said == "A, 2024: 35.0% of non-urgent doctor visits took place within 7 days (Sotkanet)."


def test_the_own_area_and_the_country_have_colours_of_their_own() -> None:
    figures = [replace(OWN, area=area) for area in ("18", "FI", "20")]
    with in_language("fi"):
        lines = references(figures, ACCESS, ("18", "FI", "20"), own="18")
    assert [line.colour for line in lines] == [colours.OURS, colours.BENCHMARK, colours.OTHERS]


def test_units_in_words() -> None:
    called = {"a": "A", "b": "B", "c": "C"}
    apart = funnel_of(
        [("a", 90.0, 900, 1000, OK), ("b", 50.0, 500, 1000, OK), ("c", None, None, None, SUPPRESSED)]
    )
    alike = funnel_of([("a", 50.0, 50, 100, OK), ("b", 52.0, 52, 100, OK)])
    nothing = funnel_of([("c", None, None, None, SUPPRESSED)])
    with in_language("fi"):
        said = plain(units_finding(apart, called, ACCESS))
        assert said.startswith(
            "Kaikki yksiköt yhteensä: 70,0 %. Poikkeavat enemmän kuin sattuma selittää: A, B. Peitetty: C. "
            "Yksiköt eroavat toisistaan kauttaaltaan"
        )
        assert plain(units_finding(alike, called, ACCESS)) == (
            "Kaikki yksiköt yhteensä: 51,0 %. "
            "Yksikään arvioitavissa olevista 2 yksiköstä ei eroa siitä enempää kuin sattuma selittää."
        )
        assert "ei voi verrata" in units_finding(nothing, called, ACCESS)


def test_a_unit_that_differs_by_more_than_chance_is_a_filled_dot() -> None:
    shares = [("a", 90.0, 900, 1000, OK), ("b", 50.0, 500, 1000, OK), ("c", 70.0, 700, 1000, OK)]
    with in_language("fi"):
        figure = charts.funnel(funnel_of(shares), {}, {"a": "", "b": "", "c": ""}, "x")
    assert list(figure.data[-1].marker.symbol) == ["circle", "circle", "circle-open"]


def test_the_funnel_draws_limits_and_no_hidden_unit() -> None:
    apart = funnel_of(
        [("a", 90.0, 900, 1000, OK), ("b", 50.0, 1, 2, OK), ("c", None, None, None, SUPPRESSED)]
    )
    with in_language("fi"):
        figure = charts.funnel(apart, {"a": "A", "b": "B"}, {"a": "", "b": "", "c": ""}, "x")
    points = figure.data[-1]
    assert list(points.x) == [1000, 2]
    assert list(points.marker.symbol) == ["circle-open", "circle-open"]
    assert points.marker.color[0] != points.marker.color[1]
    inner, outer = figure.data[2], figure.data[0]
    # the lower limits: those of 99,8 % lie further out
    assert outer.y[-1] < inner.y[-1] < apart.centre < figure.data[1].y[-1]


def test_names_in_the_funnel_do_not_overlap_and_the_farthest_out_has_one() -> None:
    units = [(f"u{at}", 30.0 + at, 30 + at, 100, OK) for at in range(6)]
    crowd = funnel_of([*units, ("all", 70.0, 7000, 10_000, OK), ("up", 99.0, 990, 1000, OK)])
    called = {one.key: f"Keski-Pohjanmaan yksikkö {one.key}" for one in crowd.points}
    with in_language("fi"):
        figure = charts.funnel(crowd, called, dict.fromkeys(called, ""), "x")
    named = [one for one in figure.layout.annotations if "yksikkö" in one.text]
    assert len({one.place for one in crowd.points}) == 2 and 2 <= len(named) < len(units)
    farthest = max((one for one in crowd.points), key=lambda one: abs(one.z or 0.0))
    assert any(farthest.key in one.text for one in named)
    for at, one in enumerate(named):
        for other in named[at + 1 :]:
            assert abs(one.y - other.y) >= 11 or one.xanchor != other.xanchor or abs(one.x - other.x) > 3000


def test_areas_are_drawn_by_size_and_the_own_one_last() -> None:
    with in_language("fi"):
        areas = [charts.Sized(100_000, 35.0, "a", own="A"), charts.Sized(200_000, 60.0, "b")]
        figure = charts.by_size(areas, "as.", level=(50.0, "FI"), hollow=False)
    assert list(figure.data[0].x) == [200_000, 100_000]
    other, own = figure.data[0].marker.color
    assert other != own


def test_a_year_of_few_areas_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    every = sotkanet()
    few = tuple(one for one in every if one.period.label != "2025" or one.area in ("FI", "18"))
    monkeypatch.setattr("indicators.programme.benchmarks.sotkanet", lambda: few)
    assert newest_comparable_year() == "2024"


def test_reference_years_and_residents() -> None:
    # The newest year is partial, which the page says; a year of few areas is not opened.
    assert newest_comparable_year() == "2025"
    size = residents()
    # 22 areas and Åland; the sum is what Statistics Finland gives for the country
    assert len(size) == 24
    assert size["FI"] == 5_652_881
    with in_language("fi"):
        assert profession("nurse (remote first contact)") == f"{profession('nurse')}, etänä tehty ensiyhteys"
