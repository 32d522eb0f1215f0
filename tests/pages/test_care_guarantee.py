"""The care guarantee page on the first warehouse: the numbers, their units, the languages, the states without numbers."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from indicators.analysis.control_chart import Break, SpcResult
from indicators.analysis.queue_outlook import outlook
from indicators.analysis.signals import spc_of
from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label, period_of, span, whole_weeks
from indicators.engine import evaluate
from indicators.engine.choices import last_day
from indicators.engine.question import Question
from indicators.engine.resolve import ResolvedQuestion, resolve
from indicators.programme.annotations import annotations_for
from indicators.wording import actions as action_words
from indicators.wording import formats
from indicators.wording.signals import KINDS, RULE_WORDS
from indicators.wording.translations import _, in_language
from pages.access import audience
from pages.access.decision import INTERNAL, SHAREABLE
from pages.text import signals
from pages.text.names import name
from pages.ui import cache
from pages.views.actions import ActionsView
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse
from pipelines.warehouse.segments import SEGMENTS
from tests.pages.app import (
    actions,
    all_words,
    assert_healthy,
    finding,
    first_screen,
    markup_of,
    open_page,
    table,
    tiles,
    words,
)

SEVEN_DAYS, LAW = definition("seven_day_access"), definition("access_within_limit")


def ask(settings: Settings, **more: object) -> list[dict]:
    """What the engine says of the headline, as records."""
    question = Question(SEVEN_DAYS.id, **{"where": SEVEN_DAYS.headline_where(), "suppress": False, **more})
    return answer(Warehouse(settings.warehouse).current(), question, settings).rows.to_dict("records")


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def known_weeks(settings: Settings) -> list[dict]:
    return [row for row in ask(settings, by="week") if row["status"] == "ok"]


# --- the finding and its number --------------------------------------------------------------------------------------


def test_the_finding_tells_of_the_newest_complete_week(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    assert_healthy(app)
    *earlier, week = known_weeks(demo_settings)
    with in_language("fi"):
        share, n = plain(formats.cell(week, SEVEN_DAYS)), plain(formats.count(week, "denominator"))
        coverage = plain(formats.percent(week["coverage"], 0))
        when, period = formats.in_period(week["period"]), formats.period(week["period"])
        before = plain(formats.percent(sum(row["value"] for row in earlier[-4:]) / 4))
    said = finding(app)
    assert said.startswith(
        f"{plain(when)} kiireettömään hoitoon pääsi seitsemässä päivässä {share} (tavoite vähintään 80 %)."
    )
    head, small_print = first_screen(app)
    assert head.startswith(f"{plain(period).capitalize()}, hoitoon 7 päivässä {share}")
    assert small_print["Käynnit, joiden päivät tiedetään"] == n
    assert small_print["Kattavuus"] == coverage
    weighed = sum(row["numerator"] for row in earlier[-4:]) / sum(row["denominator"] for row in earlier[-4:])
    assert small_print["4 edellisellä viikolla"] in (before, f"{100 * weighed:.1f} %".replace(".", ","))
    # Periods that are over lack data: nothing goes on any more.
    assert "Tiedot ovat vajaat, joten jaksoa ei arvioida: viikko 1/2026." in all_words(app)
    assert "kesken" not in said


def test_the_share_within_the_limit_of_the_law_has_its_range_where_coverage_is_low(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = known_weeks(demo_settings)[-1]
    question = Question(
        LAW.id, where=SEVEN_DAYS.headline_where(), periods=(parse_label(week["period"]),), suppress=False
    )
    row = answer(Warehouse(demo_settings.warehouse).current(), question, demo_settings).rows.iloc[0].to_dict()
    monkeypatch.setenv("TAKUUVAHTI_LOW_COVERAGE_PCT", "5")
    with in_language("fi"):
        share, possible = (
            formats.cell(row, LAW),
            formats.interval(row["possible_low"], row["possible_high"], LAW),
        )
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    assert first_screen(app)[1]["Lain enimmäisajassa"] == plain(share)
    monkeypatch.setenv("TAKUUVAHTI_LOW_COVERAGE_PCT", "99")
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    said = plain(f"{share}, kaikista käynneistä laskettuna {possible}")
    assert first_screen(app)[1]["Lain enimmäisajassa"] == said
    monkeypatch.setenv("TAKUUVAHTI_MONITORING_MIN_COVERAGE_PCT", "95")
    said = first_screen(open_page(monkeypatch, demo_settings.warehouse, "care_guarantee"))[1]
    assert said["Lain enimmäisajassa"] == "ei tiedetä"


def test_low_coverage_has_the_range_of_all_visits_beside_the_share(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = known_weeks(demo_settings)[-1]
    monkeypatch.setenv("TAKUUVAHTI_LOW_COVERAGE_PCT", "99")
    with in_language("fi"):
        possible = plain(formats.interval(week["possible_low"], week["possible_high"], SEVEN_DAYS))
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    assert first_screen(app)[1]["Kaikista käynneistä laskettuna"] == possible


def test_only_the_targets_own_period_has_its_verdict(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter = ask(demo_settings, periods=(parse_label("2025-Q4"),))[0]
    mark, word = ("▲", "Ei saavutettu") if quarter["value"] < 80 else ("●", "Saavutettu")
    with in_language("fi"):
        share = plain(formats.cell(quarter, SEVEN_DAYS))
    for grain in ("week", "month"):
        head, small_print = first_screen(
            open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", jakso=grain)
        )
        row = [row for row in ask(demo_settings, by=grain) if row["status"] == "ok"][-1]
        with in_language("fi"):
            distance = plain(formats.change(row["value"] - 80, SEVEN_DAYS))
        said = f"○ {distance} tavoitteesta tavoite vähintään 80 %; tavoitejakso on päättynyt"
        assert said in head
        assert "aavutettu" not in head and "▲" not in head and "●" not in head
        assert small_print["Tavoitejakso: 4. neljännes 2025"] == f"{share}, {mark} {word.lower()}"
    head, small_print = first_screen(
        open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", jakso="quarter")
    )
    assert head.startswith(
        f"4. neljännes 2025, hoitoon 7 päivässä {share} {mark} {word} tavoite vähintään 80 %"
    )
    assert "tavoitteesta" not in head
    assert "Tavoitejakso: 4. neljännes 2025" not in small_print


def test_a_unit_is_not_judged_by_the_target_of_the_area(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "care_guarantee", yksikko="TK-KOK-01", jakso="quarter"
    )
    head, small_print = first_screen(app)
    assert "%-yks. tavoitteesta" in head
    assert "aavutettu" not in head
    assert not [name for name in small_print if name.startswith("Tavoitejakso")]


def test_until_its_end_the_target_period_says_when_it_ends(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.cache.today", lambda: date(2025, 12, 30))
    head, _small_print = first_screen(open_page(monkeypatch, demo_settings.warehouse, "care_guarantee"))
    assert "tavoitteesta" in head and "31.12.2025" in head
    assert "päättynyt" not in head


# --- the period that is judged ---------------------------------------------------------------------------------------


def test_a_period_of_the_trend_is_judged_by_its_address(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = known_weeks(demo_settings)[-10]
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", kausi=week["period"])
    with in_language("fi"):
        when, share = formats.in_period(week["period"]), plain(formats.cell(week, SEVEN_DAYS))
    assert finding(app).startswith(f"{when} kiireettömään hoitoon pääsi seitsemässä päivässä {share}")
    head, small_print = first_screen(app)
    assert share in head
    assert small_print["Käynnit, joiden päivät tiedetään"] == f"{week['denominator']:.0f}"
    # The units are of the thirteen weeks that end with it.
    recent = whole_weeks(week["period_end"], 13)
    rows = ask(demo_settings, periods=(recent,), splits=("unit",))
    assert {row[2] for row in unit_rows(app).values()} == {
        plain(formats.number(row["denominator"])) for row in rows if row["denominator"] > 0
    }


def test_every_point_of_the_trend_leads_to_its_period(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", aika="13vk", kieli="fi")
    links = [html.unescape(link) for link in re.findall(r'data-href="([^"]*)"', markup(app))]
    asked = [parse_qs(urlsplit(link).query) for link in links]
    assert {urlsplit(link).path for link in links} == {"care_guarantee"}
    shown = [row["period"] for row in ask(demo_settings, by="week")][-13:]
    assert {one["kausi"][0] for one in asked} == set(shown)
    assert all((one["aika"], one["kieli"]) == (["13vk"], ["fi"]) for one in asked)


@pytest.mark.parametrize("asked", ["2019-W01", "nonsense", ""])
def test_an_unknown_period_is_passed_over(
    asked: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", kausi=asked)
    with in_language("fi"):
        assert finding(app).startswith(formats.in_period(known_weeks(demo_settings)[-1]["period"]))


def test_a_period_that_is_not_complete_is_not_judged_though_it_is_asked_for(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = ask(demo_settings, by="week")[-1]
    assert last["status"] == "incomplete_period"
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", kausi=last["period"])
    assert_healthy(app)
    assert "tiedot ovat vajaat, joten jaksoa ei arvioida" in finding(app)
    head, small_print = first_screen(app)
    assert "%-yks." not in head
    assert "○ Tavoite vähintään 80 % tavoitejakso on päättynyt" in head
    assert "Tavanomaista" not in head and "aidosti" not in head
    assert not [name for name in small_print if "edellis" in name]


def test_a_small_unit_leads_with_the_shortest_period_that_can_be_told(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", "board", yksikko="TK-PER-01")
    assert_healthy(app)
    narrowed = (*SEVEN_DAYS.headline_where(), ("unit", ("TK-PER-01",)))
    newest = {}
    for grain in ("week", "month", "quarter"):
        rows = ask(demo_settings, by=grain, where=narrowed, suppress=True)
        complete = [
            row
            for row in rows
            if row["status"] == "ok" or (row["status"] == "suppressed" and not row["note"])
        ]
        newest[grain] = complete[-1]
    assert newest["week"]["status"] == "suppressed"
    least = demo_settings.share_min_n
    told = next(row for row in newest.values() if row["status"] == "ok" and row["denominator"] >= least)
    with in_language("fi"):
        assert finding(app).startswith(plain(formats.in_period(told["period"])))
    assert "Viikossa on liian vähän käyntejä, joten luvut ovat pidemmältä jaksolta." in finding(app)
    # To those who see all, a week of so few visits says as little: it is told how many there were.
    mine = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", yksikko="TK-PER-01")
    exact = ask(demo_settings, by="week", where=narrowed)
    visits = next(row["denominator"] for row in reversed(exact) if row["status"] == "ok")
    assert visits < demo_settings.share_min_n
    assert f"Viimeisimmässä viikossa on liian vähän käyntejä (n = {visits:.0f})" in finding(mine)
    told = next(
        row
        for grain in ("month", "quarter")
        for row in [
            [one for one in ask(demo_settings, by=grain, where=narrowed) if one["status"] == "ok"][-1]
        ]
        if row["denominator"] >= demo_settings.share_min_n
    )
    with in_language("fi"):
        assert finding(mine).startswith(plain(formats.in_period(told["period"])))


# --- the units -------------------------------------------------------------------------------------------------------


def markup(app: AppTest) -> str:
    return "".join(markup_of(str(one.value)) for one in app.html)


def compared(app: AppTest, what: str = "Yksiköt") -> list[list[str]]:
    """The table of the last 13 weeks, whose caption says which they are."""
    [caption] = set(re.findall(rf"<caption[^>]*>({what}, 13 viikkoa [^<]+)</caption>", markup(app)))
    return table(app, html.unescape(caption))


def unit_rows(app: AppTest, what: str = "Yksiköt") -> dict[str, list[str]]:
    """The rows of the table of units, by name."""
    _heading, *rows = compared(app, what)
    return {row[0]: row for row in rows}


def test_units_stand_worst_first_with_n_coverage_and_change(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    assert compared(app)[0] == [
        *("Yksikkö", "Osuus ▴", "n", "Kattavuus", "Muutos, %\u2011yks.", "Kehitys"),
        *("Yli enim­mäisajan", "Ylittyy 7 vrk:ssa", "14 vrk:ssa"),
    ]
    shown = unit_rows(app)
    recent = whole_weeks(known_weeks(demo_settings)[-1]["period_end"], 13)
    before = whole_weeks(recent.start - timedelta(days=1), 13)
    with in_language("fi"):
        weeks, earlier = (plain(formats.day_span(one.start, one.end)) for one in (recent, before))
    assert f"Yksiköt, 13 viikkoa {weeks}" in plain(markup(app))
    assert f"Muutos jaksosta {earlier}" in plain(markup(app))
    was = {row["unit"]: row for row in ask(demo_settings, periods=(before,), splits=("unit",))}
    rows = [row for row in ask(demo_settings, periods=(recent,), splits=("unit",)) if row["denominator"] > 0]
    assert len(rows) == len(shown) > 3
    with in_language("fi"):
        for row in rows:
            cells = shown[name("unit", row["unit"])]
            assert cells[2:4] == [
                plain(formats.number(row["denominator"])),
                plain(formats.percent(row["coverage"], 0)),
            ]
            if row["coverage"] < demo_settings.monitoring_min_coverage_pct:
                assert (cells[1], cells[4]) == ("ei tiedetä", "–")
                continue
            assert cells[1] == plain(formats.cell(row, SEVEN_DAYS))
            earlier = was[row["unit"]]["value"]
            assert cells[4] == plain(formats.signed(row["value"] - earlier, 1))
    shares = [float(row[1].split()[0].replace(",", ".")) for row in shown.values() if row[1][0].isdigit()]
    assert shares == sorted(shares)
    # What is not known is neither the worst nor a zero.
    assert [row[1] for row in shown.values()][-1] == "ei tiedetä"


@pytest.mark.parametrize(
    ("order", "column", "descending"),
    [("-n", 2, True), ("n", 2, False), ("-osuus", 1, True), ("-yli", 6, True)],
)
def test_units_are_sorted_by_the_address(
    order: str, column: int, descending: bool, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", jarjestys=order)
    cells = [row[column] for row in unit_rows(app).values()]
    numbers = [float(cell.split()[0].replace(",", ".")) for cell in cells if cell[0].isdigit()]
    assert numbers == sorted(numbers, reverse=descending)
    assert len(set(numbers)) > 1
    unknown = [at for at, cell in enumerate(cells) if not cell[0].isdigit()]
    assert unknown == list(range(len(numbers), len(cells)))
    said = "descending" if descending else "ascending"
    assert markup(app).count(f'aria-sort="{said}"') == 1


def test_an_unknown_order_is_worst_first(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    worst = list(unit_rows(open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")))
    for order in ("kehitys", "-", "nonsense"):
        app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", jarjestys=order)
        assert list(unit_rows(app)) == worst


def test_a_row_narrows_the_page_and_widens_it_again(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", jarjestys="n", kieli="fi")
    links = {
        words(label): parse_qs(urlsplit(html.unescape(link)).query)
        for link, label in re.findall(r'<th scope="row"[^>]*><a href="([^"]*)">(.*?)</a>', markup(app))
    }
    narrow = links["Kokkolan pääterveysasema"]
    assert narrow == {"jarjestys": ["n"], "kieli": ["fi"], "yksikko": ["TK-KOK-01"]}
    mine = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "care_guarantee",
        **{key: value[0] for key, value in narrow.items()},
    )
    # The table stays whole, the row is marked, and its link leads back to all.
    assert list(unit_rows(mine)) == list(unit_rows(app))
    [selected] = re.findall(r'<tr class="tv-selected" aria-current="true">(.*?)</tr>', markup(mine), re.S)
    assert words(selected).startswith("Kokkolan pääterveysasema")
    assert "yksikko=kaikki" in selected
    narrowed = (*SEVEN_DAYS.headline_where(), ("unit", ("TK-KOK-01",)))
    month = [row for row in ask(demo_settings, by="month", where=narrowed) if row["status"] == "ok"][-1]
    assert month["denominator"] >= demo_settings.share_min_n
    head, small_print = first_screen(mine)
    with in_language("fi"):
        assert plain(formats.cell(month, SEVEN_DAYS)) in head
    assert small_print["Käynnit, joiden päivät tiedetään"] == f"{month['denominator']:.0f}"


def test_services_are_compared_in_the_place_of_units(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", vertaa="service")
    assert_healthy(app)
    rows = unit_rows(app, "Palvelut")
    assert "Avosairaanhoito" in rows
    assert "vertaa=unit" in markup(app)
    other = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    assert "vertaa=service" in markup(other)


@pytest.mark.parametrize(("groups", "exact"), [(("analysts",), True), (("board",), False)])
def test_the_queue_of_each_unit_is_that_of_the_outlook(
    groups: tuple[str, ...], exact: bool, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    base = Question("queue_length", area="18", where=(("service", ("primary_care",)),), suppress=not exact)
    week = period_of(last_day(snapshot, "queue", "18"), "week")
    found = outlook(lambda asked: answer(snapshot, asked, demo_settings), base, week, by=("unit",))
    shown = unit_rows(open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", *groups))
    compared = 0
    with in_language("fi"):
        for (unit,), one in found.items():
            if (cells := shown.get(name("unit", unit))) is None:
                continue
            compared += 1
            for cell, waiting in zip(cells[6:], (one.over, one.within_7, one.within_14), strict=True):
                hidden = "■ Peitetty" if waiting.suppressed else "–"
                assert cell == (hidden if waiting.count is None else f"{waiting.count:.0f}")
    assert compared > 3
    # Of a unit without a queue nothing is known: that is no zero.
    assert shown["Keski-Pohjanmaan digiklinikka"][6:] == ["–", "–", "–"]
    assert any("■" in cell for row in shown.values() for cell in row[6:]) is not exact


# --- what to do ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("groups", [("analysts",), ("board",)])
@pytest.mark.parametrize("unit", [None, "TK-KOK-03"])
def test_what_to_do_is_what_the_data_asks(
    groups: tuple[str, ...], unit: str | None, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = SEVEN_DAYS.headline_where()
    address = {}
    if unit is not None:
        where, address = (("unit", (unit,)), *where), {"yksikko": unit}
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", *groups, **address)
    assert "Mitä tehdä maanantaina" in markup(app)
    shown = actions(app)
    audience.start_run(INTERNAL if groups == ("analysts",) else SHAREABLE)
    try:
        with in_language("fi"):
            work = ActionsView.work("18", where)
            asked = action_words.actions(work, name)
            remark = plain(action_words.note(work, name))
    finally:
        audience.start_run(SHAREABLE)
    assert [one[0] for one in shown] == [plain(one.figure) for one in asked]
    assert [one[1] for one in shown] == [plain(f"{one.what} {one.where}") for one in asked]
    for (_figure, _words, link), one in zip(shown, asked, strict=True):
        told = urlsplit(link)
        assert told.path == (one.page or "indicator")
        assert parse_qs(told.query).items() >= one.query.items()
        if one.indicator:
            assert parse_qs(told.query)["mittari"] == [one.indicator]
            assert parse_qs(told.query)["yksikko"] == list(dict(one.scope or ())["unit"])
    assert remark in all_words(app)
    assert len(shown) <= 5


@pytest.mark.parametrize(
    ("language", "title", "begins", "demo"),
    [
        ("sv", "Vårdgaranti", "Vecka ", "Demomaterial: värdena är påhittade"),
        ("en", "Care guarantee", "In week ", "Demo data: the numbers are made up"),
        ("fi", "Hoitotakuu", "Viikolla ", "Esittelyaineisto: luvut ovat keksittyjä"),
    ],
)
def test_the_page_speaks_the_language_of_the_address(
    demo_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    title: str,
    begins: str,
    demo: str,
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", kieli=language)
    assert_healthy(app)
    assert app.title[0].value == title
    assert finding(app).startswith(begins)
    assert demo in all_words(app)


def test_a_small_choice_is_hidden_everywhere(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small unit's week: the finding says why there is no number, and no table has one."""
    app = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "care_guarantee",
        "board",
        yksikko="TK-VET-01",
        nakyma="taulukko",
    )
    assert_healthy(app)
    assert "■" in first_screen(app)[0] or "ei tiedetä" in first_screen(app)[0]
    hidden = [row for row in table(app, SEVEN_DAYS.text["fi"].name)[1:] if row[-1] == "peitetty"]
    assert hidden
    assert all(row[1].startswith("■ peitetty") and row[2] == "peitetty" for row in hidden)


def test_a_choice_without_visits_says_so_and_what_to_do(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", alue="20")
    assert_healthy(app)
    assert finding(app) == "Tällä rajauksella ei ole käyntitietoja."
    assert "Tyhjennä rajaukset, valitse toinen alue tai lataa poiminta." in all_words(app)
    assert "keksittyjä" not in all_words(app)


def test_the_shipped_figures_alone_are_no_visits(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "care_guarantee")
    assert_healthy(app)
    assert "ei ole" in finding(app)
    assert "Näytettäviä käyntejä ei ole" in all_words(app)


def test_too_low_coverage_says_that_the_share_is_not_known(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_MONITORING_MIN_COVERAGE_PCT", "99")
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    assert_healthy(app)
    assert "osuutta ei voi kertoa" in finding(app)
    head, small_print = first_screen(app)
    assert "hoitoon 7 päivässä ei tiedetä" in head
    # What is not known is not held against the target either.
    assert "avoitteesta" not in head
    assert "avoitetta" not in head
    assert small_print["Lain enimmäisajassa"] == "ei tiedetä"
    assert {row[1] for row in unit_rows(app).values()} == {"ei tiedetä"}
    assert "<strong>" not in "".join(re.findall(r'<p class="tv-finding".*?</p>', markup(app)))


def test_without_a_warehouse_the_page_says_how_to_make_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = open_page(monkeypatch, tmp_path / "none", "care_guarantee")
    assert_healthy(app)
    assert "Tietoja ei ole vielä" in all_words(app)
    assert [block.value for block in app.code] == ["python -m pipelines setup"]


def test_a_damaged_warehouse_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "v1.duckdb").write_bytes(b"no database")
    (tmp_path / "CURRENT").write_text("v1.duckdb", encoding="ascii")
    app = open_page(monkeypatch, tmp_path, "care_guarantee", kieli="sv")
    assert not app.exception
    assert len(app.error) == 1
    assert "Datalagret" in app.error[0].value or "datalagret" in app.error[0].value


def test_what_was_not_foreseen_is_logged_and_told(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError("secret detail")

    cache.clear()
    monkeypatch.setattr("pages.text.care_guarantee.seven_days", broken)
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    assert not app.exception
    assert app.error[0].value.startswith("Sivua ei voitu näyttää. Mitään ei muutettu.")
    assert "secret detail" not in all_words(app)
    assert "secret detail" in caplog.text


def test_newly_published_data_shows_at_the_next_interaction(
    demo_settings: Settings,
    figures_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The pointer moves from a version without visits to one with them, while the reader looks at the page."""
    for folder in ("versions", SEGMENTS):
        (tmp_path / folder).mkdir()
    for settings, version in ((figures_settings, "00000001.duckdb"), (demo_settings, "00000002.duckdb")):
        named = (settings.warehouse / "CURRENT").read_text(encoding="ascii").strip()
        (tmp_path / "versions" / version).write_bytes((settings.warehouse / "versions" / named).read_bytes())
        for segment in (settings.warehouse / SEGMENTS).glob("*"):
            shutil.copy(segment, tmp_path / SEGMENTS)
    (tmp_path / "CURRENT").write_text("00000001.duckdb", encoding="ascii")
    app = open_page(monkeypatch, tmp_path, "care_guarantee")
    assert "Näytettäviä käyntejä ei ole" in all_words(app)
    (tmp_path / "CURRENT").write_text("00000002.duckdb", encoding="ascii")
    app.run()
    assert finding(app).startswith("Viikolla ")


def test_the_settings_of_a_test_do_not_leak(demo_settings: Settings) -> None:
    assert replace(demo_settings).monitoring_min_coverage_pct == 50


# --- signal or noise -------------------------------------------------------------------------------------------------


def judged(settings: Settings, by: str = "week") -> SpcResult:
    """All the weeks, or other periods, there are, judged."""
    snapshot = Warehouse(settings.warehouse).current()
    question = Question(SEVEN_DAYS.id, where=SEVEN_DAYS.headline_where(), by=by, suppress=False)
    notes = annotations_for(snapshot, SEVEN_DAYS.id, "18")
    breaks = [Break(one.date, one.text("fi")) for one in notes if one.starts_anew]
    return spc_of(answer(snapshot, question, settings), 80.0, breaks)


#: What is said of a month, in the finding and at the number.
SAID = {
    "common_cause": ("Muutos mahtuu tavanomaiseen vaihteluun.", "Tavanomaista vaihtelua"),
    "improvement": ("Luku on parantunut enemmän kuin sattuma selittää", "Parantunut aidosti"),
    "concern": ("Luku on heikentynyt enemmän kuin sattuma selittää", "Heikentynyt aidosti"),
}


def test_months_decide_and_the_signal_of_a_week_is_secondary(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    months = judged(demo_settings, "month")
    assert months.last is not None
    points = {point.kind: point for point in judged(demo_settings).points if point.kind is not None}
    assert len(points) > 1
    for kind, point in points.items():
        app = open_page(
            monkeypatch, demo_settings.warehouse, "care_guarantee", kausi=point.label, aika="kaikki"
        )
        with in_language("fi"):
            assert plain(signals.leading_grain_words(months)) in finding(app)
            assert not [said for said, _badge in SAID.values() if said in finding(app)]
            assert plain(f"Viikoittain, mikä ei ratkaise: {_(KINDS[kind])}.") in words(markup(app))
            assert plain(formats.capital(formats.period(months.last.label))) in first_screen(app)[0]


def test_finding_and_number_say_whether_the_month_is_signal_or_noise(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = judged(demo_settings, "month")
    points = {point.kind: point for point in found.points if point.kind is not None}
    assert points
    for kind, point in points.items():
        app = open_page(
            monkeypatch,
            demo_settings.warehouse,
            "care_guarantee",
            kausi=point.label,
            aika="kaikki",
            jakso="month",
        )
        sentence, badge = SAID[kind]
        assert sentence in finding(app)
        head = first_screen(app)[0]
        assert badge in head
        assert not [other for name, (_said, other) in SAID.items() if name != kind and other in head]
        if point.rule is not None:
            with in_language("fi"):
                assert plain(_(RULE_WORDS[point.rule])) in head
                run = found.run_to(point.label)
                span = plain(f"{formats.period(run[0].label)} – {formats.period(run[-1].label)}")
                assert (span in finding(app)) == (len(run) > 1)
                assert span not in head.partition(plain(_(RULE_WORDS[point.rule])))[2], "said once"


def test_the_trend_has_a_point_per_week_its_limits_and_its_breaks(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", aika="52vk")
    [wide, _narrow] = re.findall(r"<svg(?:(?!</svg>).)*tv-point.*?</svg>", markup(app), re.S)
    rows = ask(demo_settings, by="week")[-52:]
    assert wide.count("<circle") == sum(row["value"] == row["value"] for row in rows)
    tips = [words(tip) for tip in re.findall(r'<g class="tv-tip">(.*?)</g>', wide, re.S)]
    with in_language("fi"):
        for tip, row in zip(tips, rows, strict=True):
            assert tip.startswith(plain(f"{formats.period(row['period'])}: {formats.cell(row, SEVEN_DAYS)}"))
            assert f"n = {row['denominator']:.0f}" in tip
            assert ("tiedot vajaat" in tip) == (row["status"] == "incomplete_period")
    found = judged(demo_settings)
    assert len({group.mean for group in found.groups}) == 2, "the change of law makes two stretches"
    first = len(found.points) - 52
    stretches = [group for group in found.groups if group.last > first and not group.provisional]
    assert wide.count('fill-opacity="0.12"') == len(stretches) > 0


# --- what is one tap away --------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """Every question that is computed meanwhile."""
    found: list[Question] = []

    def watched(snapshot: Snapshot, question: Question, settings: Settings) -> ResolvedQuestion:
        found.append(question)
        return resolve(snapshot, question, settings)

    monkeypatch.setattr(evaluate, "resolve", watched)
    cache.clear()
    return found


#: The tabs, and what only each of them asks for: an indicator, and what it is split by.
ONLY_HERE = {
    "odotusajat": set(),
    "ryhmat": {("seven_day_access", ("profession",)), ("seven_day_access", ("mode",))},
    "vaiheet": {("wait_median", ("unit",)), ("wait_median", ())},
}


@pytest.mark.parametrize("tab", ["odotusajat", "ryhmat", "muutos", "vaiheet", "ajassa", "taulukko"])
def test_a_tab_is_computed_only_when_it_is_open(
    tab: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, asked: list[Question]
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", nakyma=tab)
    assert_healthy(app)
    done = {(one.indicator, one.splits) for one in asked}
    for name_of_tab, theirs in ONLY_HERE.items():
        if name_of_tab == tab:
            assert done >= theirs
        elif tab != "muutos" or name_of_tab == "vaiheet":
            assert not done & theirs
    assert len(app.get("plotly_chart")) == {"odotusajat": 1, "vaiheet": 1}.get(tab, 0) or tab == "ajassa"
    # What is asked a second time is not computed again.
    asked.clear()
    app.run()
    assert asked == []


def test_an_unknown_tab_is_the_first(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", nakyma="nonsense")
    assert_healthy(app)
    assert "Odotusajat päivien mukaan" in all_words(app)


def test_doctors_and_remote_contacts_stand_by_themselves(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = tiles(open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", nakyma="ryhmat"))
    recent = span(date(2025, 9, 29), date(2025, 12, 28))
    split = {row["profession"]: row for row in ask(demo_settings, periods=(recent,), splits=("profession",))}
    with in_language("fi"):
        assert shown["Lääkäri"].startswith(plain(formats.cell(split["doctor"], SEVEN_DAYS)))
    assert "Etäasiointi" in shown
    assert "kattavuus" in shown["Lääkäri"]


def test_each_unit_over_time_stands_worst_first_with_n_and_coverage(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", nakyma="ajassa")
    heading, *rows = table(app, "Vertailu heikoimmasta alkaen")
    assert heading == ["Jakso", "Yksikkö", "Hoitoon 7 päivässä, %", "Osoittaja", "n", "Kattavuus, %", "Tila"]
    shares = [float(row[2].split()[0].replace(",", ".")) for row in rows if row[6] == "täydellinen"]
    assert len(shares) > 3
    assert shares == sorted(shares)


def test_the_table_has_every_period_and_what_the_figures_mean(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", nakyma="taulukko", aika="kaikki")
    _heading, *rows = table(app, SEVEN_DAYS.text["fi"].name)
    weeks = ask(demo_settings, by="week")
    with in_language("fi"):
        assert [row[0] for row in rows] == [formats.period(row["period"]) for row in reversed(weeks)]
    assert "Mitä luvut tarkoittavat" in [one.label for one in app.expander]
    assert LAW.text["fi"].name in all_words(app)


def test_the_change_is_split_beside_the_headline(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", nakyma="muutos")
    heading, *rows = table(app, "Mistä muutos koostuu, %-yks.")
    assert heading[0] == "Jaottelu"
    number = {
        row[0]: [
            float(cell.split()[0].replace("±", "").replace("−", "-").replace(",", ".")) for cell in row[1:]
        ]
        for row in rows
    }
    assert {"Ammattiryhmä", "Yhteystapa", "Yksikkö"} == set(number)
    for within, mix, whole in number.values():
        assert within + mix == pytest.approx(whole, abs=0.11)
    assert len({whole for _within, _mix, whole in number.values()}) == 1
    other = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", muutos="vuosi", nakyma="muutos")
    assert table(other, "Mistä muutos koostuu, %-yks.") != [heading, *rows]


def test_the_days_of_a_wait_are_told_by_stage_with_what_is_missing(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(
        monkeypatch, demo_settings.warehouse, "care_guarantee", vaiheet="profession", nakyma="vaiheet"
    )
    assert_healthy(app)
    assert "Pullonkaula on vastaanottoaikojen määrä" in all_words(app)
    heading, *rows = table(app, "Vaiheiden kesto keskimäärin, pisin ensin")
    assert heading[-1] == "Päivät väärässä järjestyksessä"
    assert rows[0][0] == "Lääkäri"
    parts_of = [float(cell.split()[0].replace(",", ".")) for cell in rows[1][1:5]]
    assert sum(parts_of[:3]) == pytest.approx(parts_of[3], abs=0.6)
