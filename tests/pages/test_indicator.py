"""The page of one indicator: number, target and verdict, trend, pace, splits, benchmarks, table; and the table of the years."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from indicators.analysis import control_chart as spc
from indicators.analysis.projection import Projection
from indicators.analysis.signals import spc_of
from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label
from indicators.engine.question import Question
from indicators.programme.benchmarks import DOCTOR_VISITS, Benchmark, benchmarks_for
from indicators.programme.targets import nothing, target_results
from indicators.programme.verdicts import Target
from indicators.programme.year_summary import target_years
from indicators.wording import colours, formats
from indicators.wording.translations import in_language
from pages import charts
from pages.access import audience
from pages.access.decision import INTERNAL
from pages.text import indicator as indicator_words
from pages.text import projections
from pages.text import targets as view
from pages.ui import cache
from pages.ui.target_outlook import Outlook
from pages.ui.target_years import years_html
from pages.views.indicator_parts import parts_of
from pages.views.targets import TargetsView
from pages.views.view import PageView
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.pages.app import all_words, assert_healthy, finding, markup_of, open_page, table, words

AS_OF = date(2026, 1, 2)
FAMILIES, ACCESS = definition("child_family_needs_assessment_90d"), definition("seven_day_access")


# --- the page ----------------------------------------------------------------------------------------------------


def test_any_indicator_can_be_opened(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(
        monkeypatch,
        figures_settings.warehouse,
        "indicator",
        kieli="fi",
        mittari="child_health_clinic_visits",
        nakyma="taulukko",
    )
    assert_healthy(app)
    rows = table(app, definition("child_health_clinic_visits").text["fi"].name)
    assert [row[:2] for row in rows[1:]] == [["2021", "19 842"], ["2020", "21 358"], ["2019", "21 907"]]
    assert finding(app) == "Vuonna 2021 toteuma oli 19 842."


def test_figures_alone_open_what_is_known(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "indicator", kieli="fi", nakyma="taulukko")
    assert_healthy(app)
    assert app.title[0].value == FAMILIES.text["fi"].name
    assert finding(app) == (
        "Vuonna 2021 toteuma oli 84,6 %. Tavoite on 100 % (2025): tavoitteeseen +15,4 %-yks., "
        "eli +3,8 %-yks. vuodessa. Tavoitejakso päättyi 31.12.2025."
    )
    said = all_words(app)
    assert "n 643/760" in said
    assert "○ −15,4 %-yks. tavoitteesta tavoite kaikki; tavoitejakso on päättynyt" in said
    rows = table(app, FAMILIES.text["fi"].name)
    assert [row[1] for row in rows[1:]] == ["84,6 %", "90,4 %", "88,6 %"]
    assert "keksittyjä" not in said


def test_every_year_has_its_target(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(figures_settings.warehouse))
    snapshot = Warehouse(figures_settings.warehouse, figures_settings.memory_limit_mb).current()
    results = target_results(snapshot, figures_settings, as_of=AS_OF, area="18")
    with cache.one_version(), in_language("fi"):
        said = words(years_html(results, target_years(snapshot, "18"), Outlook(TargetsView("18"), AS_OF)))
    assert "150 pv – ei tietoa 120 pv – ei tietoa 90 pv – ei tietoa 60 pv – ei tietoa" in said
    assert "”Käytössä on 9-12 digihoitopolkua”" in said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "År 2021 var utfallet 84,6 %."),
        ("en", "In 2021 the actual was 84.6%."),
    ],
)
def test_languages(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings, language: str, said: str
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "indicator", kieli=language)
    assert_healthy(app)
    assert finding(app).startswith(said)


def test_an_indicator_without_any_figure(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(
        monkeypatch, figures_settings.warehouse, "indicator", kieli="fi", mittari="electronic_forms"
    )
    assert_healthy(app)
    assert "Toteumaa ei ole. Lukua ei ole vielä syötetty eikä ladattu." in all_words(app)
    assert "Piirrettävää ei vielä ole" in all_words(app)


def test_an_area_without_targets(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(
        monkeypatch, figures_settings.warehouse, "indicator", kieli="fi", alue="20", mittari="queue_length"
    )
    assert_healthy(app)
    assert "Tahti ja ennuste" not in all_words(app)
    assert "tavoite" not in finding(app)


def test_without_a_warehouse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = open_page(monkeypatch, tmp_path / "none", "indicator", kieli="fi")
    assert not app.exception
    assert "Tietoja ei ole vielä" in all_words(app)


def test_published_figures_stand_beside_doctor_visits_only(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    warning = "2021–2022 ovat kuntien ajan lukuja, ja 2025 on vajaa"
    address = {"kieli": "fi", "mittari": "seven_day_access"}
    every = open_page(monkeypatch, demo_settings.warehouse, "indicator", **address)
    assert warning not in all_words(every)
    doctors = open_page(monkeypatch, demo_settings.warehouse, "indicator", nakyma="vertailu", **address)
    assert_healthy(doctors)
    assert warning in all_words(doctors)
    rows = table(doctors, "Julkaistut vertailuluvut")
    assert ["Koko maa", "2024", "56,6 %", "", "THL, Sotkanet 6411"] in rows
    assert {row[3] for row in rows if row[1] == "2021"} == {"kuntien ajan luku"}
    assert {row[3] for row in rows if row[1] == "2025"} == {"vajaa vuosi"}
    # Our values are those of doctor visits, whatever the page shows of all.
    ours = table(doctors, ACCESS.text["fi"].name)
    found = answer(
        Warehouse(demo_settings.warehouse).current(),
        Question(
            ACCESS.id, by="year", area="18", where=(*ACCESS.headline_where(), DOCTOR_VISITS), suppress=False
        ),
        demo_settings,
    )
    with in_language("fi"):
        assert ours[1][1] == formats.cell(found.rows.iloc[-1].to_dict(), ACCESS).replace("\xa0", " ")


def test_demo_shows_verdicts_breaks_and_parts(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        kieli="fi",
        mittari="oral_health_wait_days",
        jako="unit",
    )
    assert_healthy(app)
    said = all_words(app)
    assert "Esittelyaineisto: luvut ovat keksittyjä" in said
    # A month is not the target's period: its distance is told, and the verdict of the year in the small print.
    assert "vrk tavoitteesta tavoite enintään 60 vrk; tavoitejakso on päättynyt" in said
    assert "vrk, ▲ ei saavutettu" in said
    assert "A, B: mikä muuttui" in said and "A = 1.11.2024: " in said
    assert "Hammaslääkäri" in said and "Kokkolan hammashoitola" in said


def test_a_verdict_is_given_for_the_targets_own_period_alone(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    badge = re.compile(r'<p class="tv-badge"><span class="tv-shape tv-(\w+)"')
    for asked, verdict in (
        ({}, "not_due"),
        ({"jakso": "quarter"}, "not_met"),
        ({"yksikko": "TK-KOK-01"}, None),
    ):
        app = open_page(
            monkeypatch, demo_settings.warehouse, "indicator", kieli="fi", mittari=ACCESS.id, **asked
        )
        assert_healthy(app)
        found = badge.findall("".join(markup_of(str(one.value)) for one in app.html))
        assert found == ([] if verdict is None else [verdict])
    assert "Koko alueen tavoite vähintään 80 %" in all_words(app)


def test_a_period_of_the_trend_can_be_looked_at(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "indicator", kieli="fi", mittari=ACCESS.id)
    links = re.findall(r'data-href="([^"]*)"', "".join(markup_of(str(one.value)) for one in app.html))
    asked = parse_qs(urlsplit(html.unescape(next(one for one in links if "2025-08" in one))).query)
    assert (asked["kausi"], asked["mittari"]) == (["2025-08"], [ACCESS.id])
    earlier = open_page(monkeypatch, demo_settings.warehouse, "indicator", **asked)
    assert finding(earlier).startswith("Elokuussa 2025 toteuma oli ")
    assert finding(app).startswith("Joulukuussa 2025 toteuma oli ")


def test_what_is_not_open_is_not_asked(monkeypatch: pytest.MonkeyPatch, demo_settings: Settings) -> None:
    """The first screen asks for the series, its split and the targets; a further split is asked for where it is opened."""
    asked: list[Question] = []
    ask = cache.ask
    monkeypatch.setattr("pages.ui.cache.ask", lambda question: asked.append(question) or ask(question))
    for tab, expected in (
        ({"nakyma": "maaritelma", "jako": "unit"}, {("profession",)}),
        ({}, {("profession",)}),
        ({"jako": "unit"}, {("profession",), ("unit",)}),
    ):
        asked.clear()
        assert_healthy(open_page(monkeypatch, demo_settings.warehouse, "indicator", mittari=ACCESS.id, **tab))
        assert {question.splits for question in asked if question.splits} == expected
        assert {question.by for question in asked} <= {"month", "year"}


def test_hidden_parts_stay_hidden(monkeypatch: pytest.MonkeyPatch, demo_settings: Settings) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        "board",
        kieli="fi",
        mittari="access_within_limit",
        jako="unit",
        jakso="quarter",
    )
    assert_healthy(app)
    rows = [
        row
        for row in table(app, f"{definition('access_within_limit').text['fi'].name} – Yksikkö")
        if "peitetty" in row[2]
    ]
    assert rows
    # of a hidden share neither value nor numerator is told, only the interval that follows from it
    assert all(row[3] == "peitetty" for row in rows)


# --- figures and tables, without the page ------------------------------------------------------------------------


def test_the_target_line_steps_and_stays_as_a_reference(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse, figures_settings.memory_limit_mb).current()
    found = answer(snapshot, Question(FAMILIES.id, by="year", area="18"), figures_settings)
    steps = [
        charts.Step(date(year, 1, 1), date(year, 12, 31), value, f"{value} %")
        for year, value in ((2022, 90), (2023, 94), (2024, 97), (2025, 100))
    ]
    after = charts.Step(date(2025, 12, 31), date(2026, 11, 1), 100, "päättynyt")
    with in_language("fi"):
        figure = charts.against_targets(found.rows, FAMILIES, targets=steps, after=after)
    green = [trace for trace in figure.data if trace.line.color == colours.TARGET]
    assert [tuple(trace.y) for trace in green] == [(90, 90), (94, 94), (97, 97), (100, 100), (100, 100)]
    assert [trace.line.dash for trace in green] == ["solid"] * 4 + ["dot"]
    ours = next(trace for trace in figure.data if trace.line.color == colours.OURS)
    # a year's value stands in the middle of the year
    assert [pd.Timestamp(day).date() for day in ours.x] == [
        date(2019, 7, 2),
        date(2020, 7, 1),
        date(2021, 7, 2),
    ]
    assert list(figure.layout.xaxis.ticktext) == [str(year) for year in range(2019, 2027)]
    assert list(figure.layout.yaxis.range) == [0, 102]


def test_labels_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    figures = benchmarks_for("seven_day_access", (("profession", ("doctor",)),), ("FI", "18"))
    lines = [
        charts.Reference(
            area,
            tuple(charts.middle(one.period.start, one.period.end) for one in own),
            tuple(45.0 for _one in own),
            tuple("" for _one in own),
            tuple(one.caution is not None for one in own),
        )
        for area in ("FI", "18")
        if (own := [one for one in figures if one.area == area])
    ]
    nothing = pd.DataFrame(columns=["period_start", "period_end", "value", "low", "status"])
    with in_language("fi"):
        figure = charts.against_targets(nothing, ACCESS, references=lines)
    first, second = (note.yshift for note in figure.layout.annotations if note.text in ("FI", "18"))
    assert abs(first - second) > 14.9
    assert figure.data[0].marker.symbol[0] == "circle-open"


def test_municipal_era_and_partial_years_are_marked() -> None:
    figures: tuple[Benchmark, ...] = benchmarks_for(
        "seven_day_access", (("profession", ("doctor",)),), ("18",)
    )
    assert {one.period.label: one.caution for one in figures if one.caution} == {
        "2021": "municipal_era",
        "2022": "municipal_era",
        "2025": "partial",
    }


def test_the_download_opens_in_a_finnish_spreadsheet(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    # Measures are named by the warehouse that the page reads.
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(figures_settings.warehouse))
    snapshot = Warehouse(figures_settings.warehouse, figures_settings.memory_limit_mb).current()
    results = target_results(snapshot, figures_settings, as_of=AS_OF, area="18", year=2025)
    with in_language("fi"):
        data = view.results_table(results, AS_OF, 80).csv()
    assert data.startswith("\ufeff".encode())
    lines = data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Mittari;Mittarin tunnus;Jakso;Tavoite suunnitelman sanoin;")
    own = next(line.split(";") for line in lines if ";child_family_needs_assessment_90d;" in line)
    assert own[2:6] == ["2025", "100 %", "≥", "100"]
    assert own[13:15] == ["2021", "84,605263"]
    assert len(lines) == 1 + len(results)


# --- signal, pace, projection --------------------------------------------------------------------------------------


def test_the_points_of_the_variation_can_be_shorter_than_those_of_the_page(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    for points, begins in ((None, ("tammikuu 2026", "joulukuu 2025")), ("week", ("viikko",))):
        more = {} if points is None else {"vaihtelu": points}
        app = open_page(
            monkeypatch,
            demo_settings.warehouse,
            "indicator",
            kieli="fi",
            mittari=ACCESS.id,
            nakyma="vaihtelu",
            **more,
        )
        assert_healthy(app)
        rows = table(app, "Arvot, keskiarvo ja rajat")
        assert rows[0][2:5] == ["Keskiarvo", "Alaraja", "Yläraja"]
        assert rows[1][0].startswith(begins)


def test_a_target_ahead_has_pace_and_projection_and_a_past_one_says_that_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    asked = {"kieli": "fi", "mittari": "oral_health_wait_days", "nakyma": "taulukko"}
    app = open_page(monkeypatch, demo_settings.warehouse, "indicator", **asked)
    assert "Tahti ja ennuste Tavoitejakso päättyi 31.12.2025." in all_words(app)
    assert "Tavoitejakso on päättynyt." in all_words(app)
    monkeypatch.setattr("pages.ui.cache.today", lambda: date(2025, 6, 1))
    early = open_page(monkeypatch, demo_settings.warehouse, "indicator", **asked)
    assert_healthy(early)
    assert "Ei ennustetta: tavoitejakso ei ole uusimman arvon jälkeen." in all_words(early)
    assert "tavoitejakso 2025 päättyy 31.12.2025" in all_words(early)


def test_a_range_is_told_with_its_reason_and_judged_where_all_of_it_is_on_one_side(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        kieli="fi",
        mittari="electronic_contacts",
        jakso="year",
        nakyma="taulukko",
    )
    assert_healthy(app)
    said = all_words(app)
    assert "Yhteystavoista R50, R51, R52, R55 ei näe, onko kyse puhelimesta vai videosta" in said
    assert "8–37 %" in said and "6–28 %" in said
    # 37 % at the most is less than the 45 % promised.
    assert finding(app).endswith("Tavoitetta (45 %) ei saavutettu.")


def test_single_figures_make_no_series(monkeypatch: pytest.MonkeyPatch, demo_settings: Settings) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        kieli="sv",
        mittari="child_health_clinic_visits",
        nakyma="vaihtelu",
    )
    assert_healthy(app)
    assert "bara enstaka värden" in all_words(app)


# --- parts of a split -----------------------------------------------------------------------------------------------


def test_parts_are_worst_first_and_those_of_few_cases_last(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    """By a slow second way: each part's own answer."""
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    audience.start_run(INTERNAL)
    where = ACCESS.headline_where()
    asked = Question(ACCESS.id, by="month", area="18", where=where, splits=("unit",), suppress=False)
    with cache.one_version():
        parts = PageView.read(parts_of, asked, demo_settings, "2025-12", ())
        assert PageView.read(parts_of, asked, demo_settings, "2025-12", ()) is parts
    snapshot = Warehouse(demo_settings.warehouse).current()
    shares = {}
    for part in parts:
        alone = Question(
            ACCESS.id, by="month", area="18", where=(*where, ("unit", (part.code,))), suppress=False
        )
        found = answer(snapshot, alone, demo_settings)
        (row,) = found.rows[found.rows["period"] == "2025-12"].to_dict("records")
        assert part.row is not None
        assert (part.row["value"], part.row["denominator"]) == (row["value"], row["denominator"])
        assert part.is_small == (row["denominator"] < demo_settings.share_min_n)
        before = found.rows[found.rows["period"].isin(["2025-08", "2025-09", "2025-10", "2025-11"])]
        shares[part.code] = 100 * before["numerator"].sum() / before["denominator"].sum()
        assert part.change == pytest.approx(row["value"] - shares[part.code])
        judged = spc_of(found).last
        assert part.judged is not None and part.judged.last is not None and judged is not None
        assert (part.judged.last.label, part.judged.last.kind) == (judged.label, judged.kind)
    order = [(part.is_small, part.row["value"]) for part in parts]
    assert order == sorted(order)
    assert {part.is_small for part in parts} == {True, False}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Heikentynyt aidosti: A. Parantunut aidosti: B, C ja 1 muu"),
        ("sv", "Verkligen försämrat: A. Verkligen förbättrat: B, C och 1 till"),
        ("en", "Really worsened: A. Really improved: B, C and 1 more"),
    ],
)
def test_the_heading_of_a_split_says_what_has_really_changed(language: str, said: str) -> None:
    kinds = {
        "A": spc.CONCERN,
        "B": spc.IMPROVEMENT,
        "C": spc.IMPROVEMENT,
        "D": spc.IMPROVEMENT,
        "E": spc.COMMON,
    }
    with in_language(language):
        assert indicator_words.split_finding("Unit", kinds) == said
        assert indicator_words.split_finding("Unit", {"E": None}).startswith("Unit,")


@pytest.mark.parametrize(
    ("newest", "figures"),
    [
        (60.0, ["+20,0", "+2,0", "75,0\xa0%"]),
        (85.0, ["85,0\xa0%"]),
    ],
)
def test_pace_and_projection_in_lines(newest: float, figures: list[str]) -> None:
    target = Target(ACCESS.id, "18", parse_label("2025-Q4"), ">=", 80.0, "percent", "80 %", None)
    actual = replace(nothing(parse_label("2024-Q4")), value=newest, status="ok")
    ahead = Projection(parse_label("2025-12"), 0.95, 75.0, 71.0, 79.0, 2.0, 36, 12, None)
    with in_language("fi"):
        found = projections.pace_to_target(target, actual, ACCESS, date(2025, 1, 2))
        items = projections.pace_items(actual, target, found, ahead, ACCESS)
    assert [item.figure for item in items] == figures
    if newest < 80:
        assert items[0].what == "%-yks. tavoitteeseen"
        assert "+5,0\xa0%-yks. neljänneksessä" in items[0].where
        assert items[2].what == "Tällä kehityksellä tavoitetta ei saavuteta." and "71–79" in items[2].where
