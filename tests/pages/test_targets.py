"""Targets: the table of the years, and an indicator opened: trend, target line, comparison, parts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.engine.question import Question
from indicators.programme.benchmarks import Benchmark, benchmarks_for
from indicators.programme.targets import target_results
from indicators.wording import colours
from indicators.wording.translations import in_language
from pages import charts
from pages.text import targets as view
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.pages.app import all_words, assert_healthy, finding, open_page, table

AS_OF = date(2026, 1, 2)
FAMILIES, ACCESS = definition("child_family_needs_assessment_90d"), definition("seven_day_access")


# --- the page ----------------------------------------------------------------------------------------------------


def test_any_indicator_can_be_opened(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(
        monkeypatch, figures_settings.warehouse, "targets", kieli="fi", mittari="child_health_clinic_visits"
    )
    assert_healthy(app)
    rows = table(app, definition("child_health_clinic_visits").text["fi"].name)
    assert [row[:2] for row in rows[1:]] == [["2021", "19 842"], ["2020", "21 358"], ["2019", "21 907"]]
    assert "Vuonna 2021 toteuma oli 19 842." in all_words(app)


def test_figures_alone_open_what_is_known(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "targets", kieli="fi")
    assert_healthy(app)
    said = all_words(app)
    assert finding(app).startswith("Keski-Pohjanmaan hyvinvointialue, 2020–2025: 81 tavoitetta.")
    assert (
        "Vuonna 2021 toteuma oli 84,6 % (643/760). Tavoite on 100 % (2025): tavoitteeseen +15,4 %-yks., "
        "eli +3,8 %-yks. vuodessa. Tavoitejakso päättyi 31.12.2025."
    ) in said
    rows = table(app, FAMILIES.text["fi"].name)
    assert [row[1] for row in rows[1:]] == ["84,6 %", "90,4 %", "88,6 %"]
    assert "keksittyjä" not in said


def test_every_year_has_its_target(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "targets", kieli="fi")
    said = all_words(app)
    assert "150 pv – ei tietoa 120 pv – ei tietoa 90 pv – ei tietoa 60 pv – ei tietoa" in said
    assert "”Käytössä on 9-12 digihoitopolkua”" in said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "År 2021 var utfallet 84,6 % (643/760)."),
        ("en", "In 2021 the actual was 84.6% (643/760)."),
    ],
)
def test_languages(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings, language: str, said: str
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "targets", kieli=language)
    assert_healthy(app)
    assert said in all_words(app)


def test_an_indicator_without_any_figure(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(
        monkeypatch, figures_settings.warehouse, "targets", kieli="fi", mittari="electronic_forms"
    )
    assert_healthy(app)
    assert "Toteumaa ei ole. Lukua ei ole vielä syötetty eikä ladattu." in all_words(app)
    assert "Piirrettävää ei vielä ole" in all_words(app)


def test_an_area_without_targets(monkeypatch: pytest.MonkeyPatch, figures_settings: Settings) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "targets", kieli="fi", alue="20")
    assert_healthy(app)
    assert finding(app) == "Kainuun hyvinvointialue: ei tavoitteita."
    assert "lataa alueen tavoitteet tavoitetiedostona" in all_words(app)


def test_without_a_warehouse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = open_page(monkeypatch, tmp_path / "none", "targets", kieli="fi")
    assert not app.exception
    assert "Tietoja ei ole vielä" in all_words(app)


def test_published_figures_stand_beside_doctor_visits_only(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    warning = "2021–2022 ovat kuntien ajan lukuja, ja 2025 on vajaa"
    address = {"kieli": "fi", "mittari": "seven_day_access"}
    every = open_page(monkeypatch, figures_settings.warehouse, "targets", **address)
    assert warning not in all_words(every)
    doctors = open_page(monkeypatch, figures_settings.warehouse, "targets", vertailu="laakari", **address)
    assert_healthy(doctors)
    assert warning in all_words(doctors)
    rows = table(doctors, "Rinnalla julkaistut luvut")
    assert ["Koko maa", "2024", "56,6 %", "", "THL, Sotkanet 6411"] in rows
    assert {row[3] for row in rows if row[1] == "2021"} == {"kuntien ajan luku"}
    assert {row[3] for row in rows if row[1] == "2025"} == {"vajaa vuosi"}


def test_demo_shows_verdicts_breaks_and_parts(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "targets", kieli="fi", mittari="oral_health_wait_days"
    )
    assert_healthy(app)
    said = all_words(app)
    assert "Esittelyaineisto: luvut ovat keksittyjä" in said
    assert "▲ ei saavutettu" in said
    assert "1 = 1.9.2023: Hoitotakuu tiukkeni" in said
    assert "Heikoin ensin, uusimman luvun mukaan." in said
    assert "Kokkolan hammashoitola" in said


def test_hidden_parts_stay_hidden(monkeypatch: pytest.MonkeyPatch, demo_settings: Settings) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "targets",
        "board",
        kieli="fi",
        mittari="access_within_limit",
        jako="unit",
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


def test_each_indicator_from_rows_has_its_direction_and_the_opened_one_its_chart(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "targets", kieli="fi", mittari="seven_day_access")
    assert_healthy(app)
    said = all_words(app)
    assert "Suunta: ◆ poikkeama parempaan" in said
    rows = table(app, "Arvot, keskiarvo ja rajat")
    assert rows[0][2:5] == ["Keskiarvo", "Alaraja", "Yläraja"]
    assert rows[1][0] in ("tammikuu 2026", "joulukuu 2025")
    weeks = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "targets",
        kieli="fi",
        mittari="seven_day_access",
        vaihtelu="week",
    )
    assert table(weeks, "Arvot, keskiarvo ja rajat")[1][0].startswith("viikko")


def test_a_target_ahead_has_pace_and_projection_and_a_past_one_says_that_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "targets", kieli="fi", mittari="oral_health_wait_days"
    )
    assert "Tavoitteen aika on päättynyt." in all_words(app)
    monkeypatch.setattr("pages.ui.cache.today", lambda: date(2025, 6, 1))
    early = open_page(
        monkeypatch, demo_settings.warehouse, "targets", kieli="fi", mittari="oral_health_wait_days"
    )
    assert_healthy(early)
    assert "Ei ennustetta: tavoitejakso ei ole uusimman arvon jälkeen." in all_words(early)


def test_a_range_is_told_with_its_reason_and_judged_where_all_of_it_is_on_one_side(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "targets", kieli="fi", mittari="electronic_contacts"
    )
    assert_healthy(app)
    words = all_words(app).replace("\xa0", " ")
    assert "Yhteystavoista R50, R51, R52, R55 ei näe, onko kyse puhelimesta vai videosta" in words
    assert "Pystyjana on vaihteluväli, jolla osuus on." in words
    assert "8–37 %" in words and "6–28 %" in words
    # 37 % at the most is less than the 45 % promised.
    assert "Tavoitetta (45 %, 2025) ei saavutettu: 8–37 %." in words


def test_single_figures_make_no_series(monkeypatch: pytest.MonkeyPatch, demo_settings: Settings) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "targets", kieli="sv", mittari="child_health_clinic_visits"
    )
    assert_healthy(app)
    assert "bara enstaka värden" in all_words(app)
