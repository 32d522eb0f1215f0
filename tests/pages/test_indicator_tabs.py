"""Tabs of the page of one indicator: variation with its signals and breaks, before and after a dated change."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators.analysis.before_after import BeforeAfter, Group, Side, before_and_after
from indicators.analysis.control_chart import Break, spc
from indicators.analysis.signals import spc_of
from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import period_of
from indicators.engine.question import OK, SUPPRESSED, Question
from indicators.programme.annotations import DatedChange
from indicators.wording import formats
from indicators.wording.translations import in_language
from pages import charts
from pages.text import before_after
from pages.text import signals as signal
from pages.text import variation as change_words
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.oracle.test_carried_on import loaded
from tests.pages.app import all_words, assert_healthy, finding, open_page, table, tiles, words

SEVEN_DAYS, VISITS = definition("seven_day_access"), definition("visits")
VARIATION = {"nakyma": "vaihtelu"}
AROUND = {"nakyma": "ennen-jalkeen", "tapahtuma": "oma"}
CALLED = {"TK-KOK-01": "Kokkolan pääterveysasema", "TK-KAU-01": "Kaustisen terveysasema"}


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def current(settings: Settings) -> Snapshot:
    return Warehouse(settings.warehouse).current()


def looked_at(
    settings: Settings,
    indicator: str = SEVEN_DAYS.id,
    grain: str = "week",
    suppress: bool = False,
    **more: object,
) -> BeforeAfter:
    where = definition(indicator).headline_where()
    question = Question(indicator, by=grain, area="18", where=where, suppress=suppress)
    asked = {"day": date(2025, 3, 12), "length": 13, "units": ("TK-KOK-01",), **more}
    return before_and_after(current(settings), question, settings, **asked)


def around_words(app: AppTest) -> str:
    """The sentences of before and after."""
    (found,) = [str(one.value) for one in app.html if 'class="tv-subheading"' in str(one.value)]
    return words(found)


# --- variation ------------------------------------------------------------------------------------------------------


def test_the_series_is_told_with_its_limits_its_signals_and_its_breaks(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "indicator", **VARIATION)
    assert_healthy(app)
    where = SEVEN_DAYS.headline_where()
    asked = Question(SEVEN_DAYS.id, by="month", area="18", where=where, suppress=False)
    found = answer(current(demo_settings), asked, demo_settings)
    last = found.rows[found.rows["status"] == OK].iloc[-1].to_dict()
    law = Break(date(2025, 1, 1), "laki")
    judged = spc_of(found, 80.0, (law,))
    with in_language("fi"):
        value, n = formats.cell(last, SEVEN_DAYS), formats.count(last, "denominator")
        limits = formats.interval(judged.limits.lower, judged.limits.upper, SEVEN_DAYS)
    assert finding(app).startswith(plain(f"Joulukuussa 2025 toteuma oli {value} (tavoite vähintään 80 %)."))
    said = all_words(app)
    assert plain(f"{SEVEN_DAYS.text['fi'].name}: {value} joulukuussa 2025 (n = {n}, kattavuus ") in said
    assert plain(f"Arvo mahtuu tavanomaiseen vaihteluun ({limits}).") in said
    # Every value that breaks a rule is told by its period.
    told = " ".join(words(str(element.value)) for element in app.html)
    runs = signal.runs(judged)
    assert runs
    with in_language("fi"):
        for run in runs[:8]:
            when, what = signal.run_words(run)
            assert f"{when} {plain(what)}" in told
    breaks = table(app, "Sarjan katkokset")
    assert [row[0] for row in breaks[1:]] == ["1.1.2025", "1.9.2023"]
    assert breaks[1][1].startswith("23 vuotta täyttäneiden")
    assert breaks[1][2] == "rajat lasketaan uudelleen: tammikuu 2025"
    assert breaks[2][2] == "ennen näytettyjä arvoja"


def test_the_choices_of_the_address_hold(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        mittari="queue_length",
        jakso="week",
        perusta="12",
        kieli="en",
        **VARIATION,
    )
    assert_healthy(app)
    found = answer(
        current(demo_settings), Question("queue_length", by="week", area="18", suppress=False), demo_settings
    )
    judged = spc_of(found, baseline=12)
    rows = table(app, "Values, mean and limits")
    shown = next(row for row in rows[1:] if row[6] == "complete")
    assert shown[2] == f"{judged.groups[0].mean:,.0f}"
    assert app.title[0].value == definition("queue_length").text["en"].name
    assert "The limits rest on the first 12 values" in all_words(app)


def test_another_indicator_is_chosen_and_stays(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "indicator", mittari="queue_length", **VARIATION)
    app.selectbox(key="filter_mittari").select("queue_over_limit").run()
    assert_healthy(app)
    assert app.title[0].value == definition("queue_over_limit").text["fi"].name
    assert app.query_params["nakyma"] in ("vaihtelu", ["vaihtelu"])


def test_a_series_begins_with_the_first_period_that_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A published year stands long before the rows; the seam between published and counted months is told."""
    snapshot, own = loaded(tmp_path, demo=False)
    rows = answer(snapshot, Question("adult_psychiatry_visits", by="month", area="18"), own).rows
    assert rows["status"].iloc[0] == "no_data"
    app = open_page(monkeypatch, own.warehouse, "indicator", mittari="adult_psychiatry_visits", **VARIATION)
    shown = table(app, "Arvot, keskiarvo ja rajat")[1:]
    assert shown[-1][0] == formats.period(rows["period"][rows["status"] != "no_data"].iloc[0])


def test_demo_data_beside_a_published_series_is_not_judged(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        mittari="child_family_needs_assessment_90d",
        **VARIATION,
    )
    assert_healthy(app)
    assert "vain yksittäisiä lukuja" in all_words(app)
    with pytest.raises(AssertionError):
        table(app, "Arvot, keskiarvo ja rajat")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_speaks_the_language_of_the_address(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    for more in (VARIATION, {**AROUND, "paiva": "2025-03-12", "koskee": "TK-KOK-01", "jakso": "week"}):
        app = open_page(monkeypatch, demo_settings.warehouse, "indicator", kieli=language, **more)
        assert_healthy(app)
        name = SEVEN_DAYS.text[language].name
        assert app.title[0].value == name
        assert plain(f"{name}{':' if more == VARIATION else ','} ") in all_words(app)


def test_hidden_periods_are_told_and_have_no_number(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        "board",
        yksikko="TK-VET-01",
        jakso="week",
        kieli="en",
        **VARIATION,
    )
    assert_healthy(app)
    assert (
        "■ suppressed in week 1/2026. It is suppressed to protect privacy: choose longer periods"
        in all_words(app)
    )
    # The page leads with the shortest periods that may be told, and says so.
    assert "In quarter 4 of 2025 the actual was 33.3%." in finding(app)
    assert "A week has too few cases, so longer periods are shown." in finding(app)
    some = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        "board",
        yksikko="TK-KOK-02",
        jakso="week",
        **VARIATION,
    )
    hidden = [row for row in table(some, "Arvot, keskiarvo ja rajat")[1:] if row[6] == "peitetty"]
    assert hidden
    assert all(row[1] == "peitetty" for row in hidden)


def test_published_figures_without_a_series_say_so(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for view in ("vaihtelu", "ennen-jalkeen"):
        app = open_page(
            monkeypatch,
            figures_settings.warehouse,
            "indicator",
            mittari="child_health_clinic_visits",
            nakyma=view,
        )
        assert_healthy(app)
        assert app.title[0].value == definition("child_health_clinic_visits").text["fi"].name
        assert finding(app).startswith("Vuonna 2021 toteuma oli 19 842.")
        words_of_view = "vain yksittäisiä lukuja" if view == "vaihtelu" else "Ennen ja jälkeen"
        assert words_of_view in all_words(app)


def test_a_published_series_with_enough_points_is_judged(
    figures_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(figures_settings, warehouse=tmp_path / "warehouse")
    shutil.copytree(figures_settings.warehouse, settings.warehouse)
    head = "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source\n"
    months = [period_of(date(2025, month, 1), "month") for month in range(1, 9)]
    lines = [
        f"electronic_forms,18,,{period.start},{period.end},,,{40 + at % 3},percent,,Raportti\n"
        for at, period in enumerate(months)
    ]
    report = load_bytes(
        "lomakkeet.csv", (head + "".join(lines)).encode(), LoadOptions(), settings,
        now=datetime(2026, 1, 3, 8, 0), today=date(2026, 1, 3),
    )  # fmt: skip
    assert report.status == "loaded", report.findings
    app = open_page(monkeypatch, settings.warehouse, "indicator", mittari="electronic_forms", **VARIATION)
    assert_healthy(app)
    assert finding(app).startswith("Elokuussa 2025 toteuma oli 41,0 %.")
    assert "41,0 % elokuussa 2025" in all_words(app)
    assert "Arviota ei vielä anneta: arvoja on 8, tarvitaan vähintään 12." in all_words(app)
    assert "Raportti" in all_words(app)


def test_without_a_warehouse_the_page_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, tmp_path / "none", "indicator")
    assert not app.exception
    assert "python -m pipelines setup" in str(app.code[0].value)


# --- before and after -----------------------------------------------------------------------------------------------


def test_before_and_after_beside_the_other_units(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        jakso="week",
        paiva="2025-03-12",
        koskee="TK-KOK-01",
        **AROUND,
    )
    assert_healthy(app)
    found = looked_at(demo_settings)
    ours, theirs = found.affected, found.others
    with in_language("fi"):
        before, after = (formats.value(side.value, SEVEN_DAYS) for side in (ours.before, ours.after))
        changes = [formats.points(group.change) for group in (ours, theirs)]
        difference = formats.points(found.difference)
        interval = plain(before_after.interval(found))
    said = around_words(app)
    assert plain(f"Kokkolan pääterveysasema: {before} (n = {ours.before.denominator:.0f}, kattavuus ") in said
    assert plain(f"{after} (n = {ours.after.denominator:.0f}, kattavuus ") in said
    assert plain(f"Muissa yksiköissä luku muuttui {changes[1]} Muutosten ero on {difference}") in said
    assert f"(95 %:n luottamusväli {interval})" in said
    assert said.endswith("Pelkkä sattuma voi saada aikaan yhtä suuren eron.")
    everything = all_words(app)
    assert "Ero ei todista, mistä muutos johtuu." in everything
    assert "asiakkaiden erilaisuus" in everything
    assert "Samaan aikaan myös: 1.1.2025: 23 vuotta täyttäneiden" in everything
    assert "Pois jätetty: viikko 11/2025: muutoksen päivä osuu jakson sisälle." in everything
    assert tiles(app)["Muutosten ero"].startswith(plain(difference))
    rows = table(app, "Ennen ja jälkeen")
    assert [row[0] for row in rows[1:4]] == ["Kokkolan pääterveysasema", "Muut yksiköt", "Muutosten ero"]
    assert (rows[1][1], rows[1][2]) == (plain(before), f"{ours.before.denominator:.0f}")
    assert rows[2][7] == plain(changes[1])
    periods = table(app, "Jokainen jakso ennen ja jälkeen")
    assert len(periods) == 1 + 26
    assert [row[1] for row in periods[1:]] == ["jälkeen"] * 13 + ["ennen"] * 13


def test_what_is_noted_of_all_units_leaves_none_without_it(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the reader follows a unit; who chooses units is told that the others have the change too."""
    law = {"nakyma": "ennen-jalkeen", "tapahtuma": "2025-01-01", "yksikko": "TK-KOK-01"}
    app = open_page(monkeypatch, demo_settings.warehouse, "indicator", **law)
    assert "kaikki yksiköt: " in around_words(app)
    assert "Muutos koskee kaikkia yksiköitä" in around_words(app)
    app = open_page(monkeypatch, demo_settings.warehouse, "indicator", koskee="TK-KOK-01", **law)
    assert "Muissa yksiköissä luku muuttui" in around_words(app)
    assert "muutos on myös niissä, joita ei ole valittu" in all_words(app)


def test_where_nothing_is_noted_a_day_is_offered(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        mittari="visits",
        nakyma="ennen-jalkeen",
        yksikko="TK-KOK-01",
    )
    assert_healthy(app)
    assert around_words(app).startswith("Käynnit, Kokkolan pääterveysasema: ")
    assert "ennen 1.10.2025" in around_words(app)


def test_hidden_periods_are_shown_as_hidden_beside_the_windows(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        "board",
        jakso="week",
        paiva="2025-03-03",
        koskee="TK-KAU-01",
        **AROUND,
    )
    assert_healthy(app)
    found = looked_at(demo_settings, suppress=True, day=date(2025, 3, 3), units=("TK-KAU-01",))
    assert plain(f"(n = {found.affected.before.denominator:.0f}, kattavuus ") in around_words(app)
    rows = table(app, "Jokainen jakso ennen ja jälkeen")[1:]
    assert any(cell.startswith("■ peitetty") for row in rows for cell in row)


def test_hidden_windows_have_no_number_in_either_group(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "indicator", "board", jakso="week", paiva="2025-03-03",
        koskee="TK-KAU-01", mittari="visits", kieli="en", **AROUND,
    )  # fmt: skip
    assert_healthy(app)
    assert "suppressed to protect privacy" in around_words(app)
    assert tiles(app) == {"Kaustisen terveysasema": "■ suppressed", "The other units": "■ suppressed"}
    for caption in ("Before and after", "Each period of the windows"):
        with pytest.raises(AssertionError):
            table(app, caption)


def test_windows_that_the_data_does_not_fill_say_what_is_left_out(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "indicator", jakso="month", paiva="2025-11-01", koskee="TK-KOK-01",
        ikkuna="6", **AROUND,
    )  # fmt: skip
    assert_healthy(app)
    everything = all_words(app)
    assert "Vertailussa 2 kuukautta kummallakin puolella: 1.9.–31.10.2025 ja 1.11.–31.12.2025." in everything
    assert (
        "toukokuu 2025 – elokuu 2025, tammikuu 2026 – huhtikuu 2026: tiedot vajaat tai puuttuvat"
        in everything
    )
    app = open_page(monkeypatch, demo_settings.warehouse, "indicator", paiva="9999-12-31", **AROUND)
    assert_healthy(app)
    assert "Päivän 31.12.2100 molemmin puolin ei ole kokonaisia jaksoja" in around_words(app)
    app = open_page(monkeypatch, demo_settings.warehouse, "indicator", paiva="2020-01-01", **AROUND)
    assert_healthy(app)
    assert "Päivän 1.1.2020 molemmin puolin ei ole kokonaisia jaksoja" in around_words(app)


def test_an_annotation_brings_its_day_and_its_units(
    demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(demo_settings, warehouse=tmp_path / "warehouse")
    shutil.copytree(demo_settings.warehouse, settings.warehouse)
    data = (
        b"area,unit,indicator,date,text_fi,text_sv,break\n"
        b"18,TK-KOK-01,seven_day_access,2025-06-02,Uusi ajanvaraus,Ny tidsbokning,yes\n"
    )
    report = load_bytes(
        "huomautukset.csv",
        data,
        LoadOptions(),
        settings,
        now=datetime(2026, 1, 3, 8, 0),
        today=date(2026, 1, 3),
    )
    assert report.status == "loaded", report.findings
    app = open_page(
        monkeypatch, settings.warehouse, "indicator", jakso="week", nakyma="ennen-jalkeen", kieli="sv"
    )
    assert_healthy(app)
    assert "Kokkolan pääterveysasema: " in around_words(app)
    assert "före 2.6.2025" in around_words(app)
    assert "2.6.2025: Ny tidsbokning (Kokkolan pääterveysasema)" in all_words(app)
    # In the variation of that unit it is a break, in that of the whole area it is not.
    for unit, there in (("TK-KOK-01", True), ("kaikki", False)):
        app = open_page(monkeypatch, settings.warehouse, "indicator", yksikko=unit, **VARIATION)
        days = [row[0] for row in table(app, "Sarjan katkokset")[1:]]
        assert ("2.6.2025" in days) is there


# --- words and figures ----------------------------------------------------------------------------------------------


def constructed(**changes: object) -> BeforeAfter:
    periods = [period_of(date(2025, month, 1), "month") for month in (1, 2, 3, 4)]
    told = BeforeAfter(
        SEVEN_DAYS, date(2025, 3, 1), "month", 2, tuple(periods[:2]), tuple(periods[2:]), (),
        Group(("TK-KOK-01",), Side(50.0, 50, 100, 90.0), Side(70.0, 70, 100, 90.0), 20.0, None),
        Group(("TK-KAU-01",), Side(60.0, 60, 100, 80.0), Side(65.0, 65, 100, 80.0), 5.0, None),
        False, 15.0, 2.0, 28.0, None, None, (),
    )  # fmt: skip
    return replace(told, **changes)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Hoitoon pääsy seitsemässä päivässä, Kokkolan pääterveysasema: 50,0 % (n = 100, kattavuus 90 %) ennen 1.3.2025 "
         "ja 70,0 % (n = 100, kattavuus 90 %) sen jälkeen, muutos +20,0 %-yks. Muissa yksiköissä luku muuttui "
         "+5,0 %-yks. Muutosten ero on +15,0 %-yks. (95 %:n luottamusväli +2,0 … +28,0 %-yks.). "
         "Muihin verrattuna luku parani enemmän kuin sattuma selittää."),
        ("sv", "Tillgång till vård inom sju dagar, Kokkolan pääterveysasema: 50,0 % (n = 100, täckning 90 %) före 1.3.2025 "
         "och 70,0 % (n = 100, täckning 90 %) därefter, förändring +20,0 procentenheter. I de övriga enheterna "
         "förändrades värdet +5,0 procentenheter. Skillnaden mellan förändringarna är +15,0 procentenheter (95 % "
         "konfidensintervall +2,0 … +28,0 procentenheter). "
         "Jämfört med de andra förbättrades värdet mer än slumpen förklarar."),
        ("en", "Access to care within seven days, Kokkolan pääterveysasema: 50.0% (n = 100, coverage 90%) before 1 Mar 2025 "
         "and 70.0% (n = 100, coverage 90%) after it, a change of +20.0 pp. In the other units the change was +5.0 pp. "
         "Difference of the changes +15.0 pp (95% interval +2.0 … +28.0 pp). "
         "Compared with the others the figure improved by more than chance explains."),
    ],
)  # fmt: skip
def test_the_sentence_of_a_difference(language: str, said: str) -> None:
    with in_language(language):
        assert plain(before_after.around(constructed(), CALLED)) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"difference": -15.0, "low": -28.0, "high": -2.0}, "luku heikkeni enemmän kuin sattuma selittää."),
        ({"definition": VISITS, "relative": True}, "Muihin verrattuna luku muuttui enemmän kuin sattuma selittää."),
        ({"low": -2.0}, "Pelkkä sattuma voi saada aikaan yhtä suuren eron."),
        ({"low": None, "high": None, "no_interval": "follow_each_other"}, "Luottamusväliä ei anneta: peräkkäisten jaksojen"),
        ({"difference": None, "reason": "low_coverage"}, "Kattavuus on niin alhainen"),
        ({"difference": None, "reason": "no_others", "others": None}, "Muutos koskee kaikkia yksiköitä"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_said(changes: dict[str, object], said: str) -> None:
    with in_language("fi"):
        assert said in before_after.around(constructed(**changes), CALLED)


def test_counts_change_in_per_cent_and_their_difference_in_points() -> None:
    found = constructed(definition=VISITS, relative=True)
    with in_language("fi"):
        assert plain(before_after.change(20.0, found)) == "+20,0 %"
        assert plain(before_after.difference(15.0, found)) == "+15,0 %-yks."
        drawn = charts.courses(found, CALLED)
    assert [[level[2] for level in course.levels] for course in drawn] == [
        pytest.approx([100, 140]),
        pytest.approx([100, 108.333], abs=0.001),
    ]


def test_what_an_association_does_not_rule_out() -> None:
    events = [
        DatedChange(date(2025, 2, 10), "Muutto", "", ("TK-KAU-01",)),
        DatedChange(date(2025, 3, 1), "Tämä", "", ()),
        DatedChange(date(2025, 6, 1), "Myöhemmin", "", ()),
    ]
    moved = Group(("TK-KAU-01",), Side(60.0, 60, 100, 80.0), Side(65.0, 65, 100, 70.0), 5.0, None)
    with in_language("fi"):
        same = plain(before_after.association(constructed(), events, CALLED))
        other = before_after.association(constructed(others=moved), (), CALLED)
        nothing = before_after.association(
            constructed(affected=Group((), Side(None), Side(None), None, None)), events, CALLED
        )
    assert same.endswith("Samaan aikaan myös: 10.2.2025: Muutto (Kaustisen terveysasema)")
    assert "kattavuus" not in same
    assert "Myös kattavuus muuttui" in other
    assert nothing == ""


def test_the_chart_breaks_at_the_day_and_draws_the_others_thin(demo_settings: Settings) -> None:
    found = looked_at(demo_settings)
    with in_language("fi"):
        drawn = charts.courses(found, CALLED)
        figure = charts.around(drawn, found.day, "12.3.2025", SEVEN_DAYS, "week", "%")
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [len(trace.x) for trace in lines] == [13, 13, 13, 13]
    assert all(max(before.x) < found.day <= min(after.x) for before, after in (lines[:2], lines[2:]))
    levels = [trace for trace in figure.data if trace.mode == "lines"]
    ours = [trace for trace in levels if trace.line.dash == "solid"]
    assert [trace.y[0] for trace in ours] == [found.affected.before.value, found.affected.after.value]
    assert all(trace.line.width < ours[0].line.width for trace in levels if trace not in ours)
    (mark,) = figure.layout.shapes
    assert mark.x0 == "2025-03-12"
    assert tuple(figure.layout.yaxis.range) == (0, 102)


def test_a_run_ends_at_a_break_and_goes_over_a_gap() -> None:
    days = [date(2025, 1, 1 + day) for day in range(22)]
    labels = [f"2025-W{week:02d}" for week in range(1, 23)]
    values = [
        10.0,
        11.0,
        9.0,
        10.0,
        12.0,
        9.0,
        10.0,
        11.0,
        40.0,
        None,
        41.0,
        42.0,
        10.0,
        9.0,
        11.0,
        10.0,
        9.0,
        10.0,
        9.0,
        10.0,
        9.0,
        10.0,
    ]
    found = spc(days, values, better="down", labels=labels)
    (run,) = [run for run in signal.runs(found) if run.rule == "above_limit"]
    assert (run.first, run.last, run.kind) == ("2025-W09", "2025-W12", "concern")
    # From the break on the same rule begins a run of its own, told first.
    broken = [*values[:8], 40.0, 41.0, 90.0, *[50.0 + one for one in values[:8]], 50.0, 51.0, 49.0]
    found = spc(days, broken, better="down", labels=labels, breaks=(Break(days[10], "laki"),))
    above = [run for run in signal.runs(found) if run.rule == "above_limit"]
    assert [(run.first, run.last) for run in above] == [("2025-W11", "2025-W11"), ("2025-W09", "2025-W10")]
    assert signal.runs(spc(days, [10.0] * 22, better="down", labels=labels)) == ()


def test_the_finding_of_a_series_says_what_is_not_judged_yet() -> None:
    days = [period_of(date(2025, month, 1), "month") for month in range(1, 13)]
    labels = [period.label for period in days]
    values = [70.0, 72.0, 69.0, 71.0, 70.0, 73.0, 68.0, 71.0, 70.0, 72.0, None, None]
    statuses = [OK] * 10 + [SUPPRESSED, "incomplete_period"]
    found = spc([p.start for p in days], values, better="up", labels=labels, statuses=statuses)
    rows = {label: {"denominator": 120.0, "coverage": 88.0} for label in labels}
    with in_language("fi"):
        said = plain(change_words.varies(found, rows, SEVEN_DAYS))
    assert said.startswith(
        "Hoitoon pääsy seitsemässä päivässä: 72,0 % lokakuussa 2025 (n = 120, kattavuus 88 %)."
    )
    assert "Vajaa, ei arvioida: joulukuu 2025." in said
    assert "Sen jälkeen peitetty: marraskuu 2025." in said
    assert "Arvo mahtuu tavanomaiseen vaihteluun" in said
