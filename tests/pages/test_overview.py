"""The overview: the finding, the tiles, the table, with the shipped figures alone and with demo data."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from indicators.catalogue.definition import definition, load_definitions
from indicators.catalogue.periods import parse_label, span
from indicators.programme.targets import TargetResult, target_results
from indicators.programme.verdicts import Actual, Target
from indicators.wording import formats
from indicators.wording.translations import in_language
from pages.text import targets as view
from pages.ui import markup, target_board
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.pages.app import (
    actions,
    all_words,
    assert_healthy,
    finding,
    first_screen,
    markup_of,
    open_page,
    table,
    words,
)
from tests.pages.shown import shown
from tests.spec.test_measures import FIGURES_HEADER, load

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
        "Keski-Pohjanmaan hyvinvointialue, 2025: 30 tavoitetta. Yhtään ei voi arvioida. 25 jäi ilman lukuja, "
        "5 tavoitteelle ei annettu lukua. Palvelutarve 90 päivässä, 2021: 84,6 % (643/760). Tavoite 2025 on 100 %."
    )


def folded(app: AppTest) -> dict[str, dict[str, list[str]]]:
    """What is folded: its line, its reasons, and what is listed under each."""
    found = {}
    for summary, inner in re.findall(
        r"<details><summary>(.*?)</summary>(.*?)</details>", markup_in(app), re.S
    ):
        reasons = re.findall(r'<p class="tv-small">(.*?)</p>(?:<ul>(.*?)</ul>)?', inner, re.S)
        found[words(summary)] = {
            words(reason): [words(item) for item in re.findall(r"<li>(.*?)</li>", listed, re.S)]
            for reason, listed in reasons
        }
    return found


def markup_in(app: AppTest) -> str:
    return "".join(markup_of(str(one.value)) for one in app.html)


def test_an_earlier_actual_is_told_with_its_own_year_and_no_verdict(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi")
    mine = [item for reasons in folded(app).values() for items in reasons.values() for item in items]
    [said] = [
        item for item in mine if item.startswith("Lapsiperheiden palvelutarpeen arvioinnit 90 päivässä")
    ]
    assert said.replace(" :", ":") == (
        "Lapsiperheiden palvelutarpeen arvioinnit 90 päivässä: 100 %, 2021: 84,6 % (643/760)"
    )
    # Nothing can be compared, so no row has a verdict.
    assert 'scope="rowgroup"' not in markup_in(app)
    assert "▲" not in markup_in(app) and "●" not in markup_in(app)


def test_what_is_missing_is_folded_with_its_reasons(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi")
    snapshot = Warehouse(figures_settings.warehouse).current()
    results = target_results(snapshot, figures_settings, as_of=AS_OF, area="18", year=2025)
    without, no_level = (
        [one for one in results if one.verdict == verdict] for verdict in ("no_data", "no_target")
    )
    reasons = folded(app)[f"– Ei tietoa: {len(without)} tavoitetta"]
    levels = folded(app)[f"Ei vertailutasoa: {len(no_level)} tavoitetta"]
    assert sum(map(len, levels.values())) == len(no_level)
    counts = {reason: len(items) for reason, items in reasons.items()}
    # The finding and what is to be decided count the same.
    assert sum(counts.values()) == len(without)
    assert f"{len(without)} jäi ilman lukuja" in finding(app)
    assert f"{len(without)} tavoitetta ilman tietoja" in all_words(app)
    assert counts["Lukua ei ole vielä syötetty eikä ladattu."] == 14
    assert counts["Jakson käyntejä ei ole ladattu: lataa käyntipoiminta."] == 6
    assert [
        count for reason, count in counts.items() if reason.startswith("Jakson lähetteitä tai asiakkuuksia")
    ] == [3]
    assert [
        count for reason, count in counts.items() if reason.startswith("Jakson sosiaalihuollon asioita")
    ] == [1]
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    assert "keksittyjä" not in all_words(app)


def test_targets_stand_as_they_were_written(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", kieli="fi", vuosi="2022")
    said = all_words(app)
    for written in ("yli 10 %", "150 pv", "<1 kk", "5 kpl"):
        assert written in said
    assert "”(tavoitetaso määritellään myöhemmin)”" in said
    others = next(line for line in folded(app) if line.startswith("Muiden vuosien tavoitteita:"))
    assert "Tavoite alkaa myöhemmin:" in " ".join(folded(app)[others])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "sv",
            "Mellersta Österbottens välfärdsområde, 2025: 30 mål. Inget av dem kan bedömas. "
            "För 25 saknas uppgift och 5 mål saknar nivå.",
        ),
        (
            "en",
            "Central Ostrobothnia wellbeing services county, 2025: 30 targets. None can be judged. "
            "For 25 there is no information, and 5 have no level.",
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


def test_a_missed_target_of_a_countys_own_measure_is_to_be_decided(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(figures_settings, warehouse=tmp_path / "warehouse")
    shutil.copytree(figures_settings.warehouse, settings.warehouse)
    row = "ips_coach_caseload,18,,2023-01-01,2024-12-31,,,31,count,,Raportti"
    assert load(settings, "luvut.csv", f"{FIGURES_HEADER}\n{row}\n").status == "loaded"
    app = open_page(monkeypatch, settings.warehouse, "overview", kieli="fi", vuosi="2024")
    assert_healthy(app)
    links = [parse_qs(urlsplit(link).query) for _figure, _said, link in actions(app)]
    assert ["ips_coach_caseload"] in [query.get("mittari") for query in links]


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


def board(app: AppTest, year: int = 2025) -> dict[str, list[list[str]]]:
    """The rows of the board by the heading of their group; what a row remarks is its last cell."""
    [table] = re.findall(
        rf"<table><caption[^>]*>Vuoden {year} tavoitteet, (?:(?!</table>).)*</table>", markup_in(app), re.S
    )
    groups: dict[str, list[list[str]]] = {}
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table.partition("</thead>")[2], re.S):
        remark = re.search(r'<br><span class="tv-small">(.*?)</span>', row)
        cells = [
            words(cell)
            for cell in re.findall(
                r"<t[hd][^>]*>(.*?)</t[hd]>", row.replace(remark[0], "") if remark else row, re.S
            )
        ]
        if 'scope="rowgroup"' in row:
            groups[cells[0]] = []
        else:
            groups[list(groups)[-1]].append([*cells, words(remark[1]) if remark else ""])
    return groups


def demo_results(settings: Settings, year: int = 2025, *, suppress: bool = False) -> list[TargetResult]:
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    return list(target_results(snapshot, settings, as_of=AS_OF, area="18", year=year, suppress=suppress))


def test_demo_is_marked_and_counted(monkeypatch: pytest.MonkeyPatch, demo_settings: Settings) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi")
    assert_healthy(app)
    results = demo_results(demo_settings)
    verdicts = [one.verdict for one in results]
    said = finding(app)
    # Two promises of direction: the visible debt; of people in vulnerable positions missing records decide.
    assert verdicts.count("met") == 1
    assert "seven_day_access_vulnerable" in {one.target.indicator for one in results if one.unrecorded}
    assert f"1 tavoite saavutettiin, {verdicts.count('not_met')} jäi saavuttamatta" in said
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


@pytest.mark.parametrize(("role", "suppress"), [("analysts", False), ("board", True)])
def test_the_board_has_a_row_per_target_by_verdict(
    role: str, suppress: bool, monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", role, kieli="fi")
    groups = board(app)
    results = demo_results(demo_settings, suppress=suppress)
    order = [
        verdict
        for verdict in ("not_met", "met", "not_due", "suppressed")
        if any(one.verdict == verdict for one in results)
    ]
    with in_language("fi"):
        for heading, verdict in zip(groups, order, strict=False):
            mine = [one for one in results if one.verdict == verdict]
            shape, word = formats.VERDICTS[verdict][0], formats.capital(formats.verdict_word(verdict))
            assert heading == f"{shape} {word} {len(mine)}".replace("\xa0", " ")
            assert len(groups[heading]) == len(mine)
            rows = {row[0]: row for row in groups[heading]}
            assert len(rows) == len(mine)
            for one in mine:
                meant = view.definition_of(one)
                row = rows[meant.text["fi"].short]
                shown = [
                    meant.text["fi"].short,
                    view.value(one, meant),
                    view.in_words(one.target) or "ei tasoa",
                ]
                shown.append(view.distance(one, meant) or "–")
                assert row[:4] == [cell.replace("\xa0", " ") for cell in shown]
                low = view.unrecorded(one, meant) or view.low_coverage(
                    one.actual, meant, demo_settings.low_coverage_pct
                )
                assert low.replace("\xa0", " ") in row[-1]
                assert ("tiedot vajaat" in row[-1]) == (one.actual.status == "incomplete_period")
    # Without a level or an actual there is no row, and nothing is counted twice.
    compared = [one for one in results if one.verdict in order]
    assert sum(len(rows) for heading, rows in groups.items() if heading[0] in "▲●○■") == len(compared)
    without = [one for one in results if one.verdict == "no_data"]
    assert f"– Ei tietoa: {len(without)} tavoitetta" in folded(app)


def test_every_row_leads_to_its_indicator_and_has_its_trend(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi")
    rows = re.findall(r'<tr><th scope="row"[^>]*><a href="([^"]*)">(.*?)</a>(.*?)</tr>', markup_in(app), re.S)
    short = {one.text["fi"].short: name for name, one in load_definitions().items()}
    assert len(rows) == sum(map(len, board(app).values()))
    for link, name, cells in rows:
        told = urlsplit(html.unescape(link))
        assert told.path == "indicator"
        asked = parse_qs(told.query)
        assert asked["mittari"] == [short[html.unescape(name)]]
        assert (asked["alue"], asked["kieli"]) == (["18"], ["fi"])
        if "<svg" in cells and 'role="img"' in cells:
            assert re.search(r'aria-label="Kehitys: [^"]+ [\d,−]', cells)
    assert sum('role="img"' in cells for _link, _name, cells in rows) > 5


def test_a_link_opens_the_period_of_the_number_that_was_clicked(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi")
    clicked = [
        (figure, parse_qs(urlsplit(link).query))
        for figure, _said, link in actions(app)
        if link.startswith("indicator?")
    ]
    assert clicked
    for figure, asked in clicked:
        there = open_page(
            monkeypatch,
            demo_settings.warehouse,
            "indicator",
            **{name: values[0] for name, values in asked.items()},
        )
        assert f" {figure} " in first_screen(there)[0].replace("\xa0", " ")


def test_a_level_of_all_or_none_is_a_word() -> None:
    period = parse_label("2025")
    assert period is not None
    said = []
    with in_language("fi"):
        for comparator, value, unit in (
            (">=", 100.0, "percent"),
            (">=", 99.0, "percent"),
            (">=", 100.0, "count"),
            ("<=", 0.0, "count"),
        ):
            target = Target("seven_day_access", "18", period, comparator, value, unit, "", None)
            said.append(view.in_words(target).replace("\xa0", " "))
    assert said == ["kaikki", "vähintään 99 %", "vähintään 100", "ei yhtään"]


def test_the_direction_is_the_signal_of_the_indicators_page(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    overview = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi")
    said = {row[0]: row[5] for rows in board(overview).values() for row in rows}
    (period,) = re.findall(r'<th scope="col"[^>]*>Suunta kuukausittain, (.*?)</th>', markup_in(overview))
    words_of = {"Parantunut aidosti", "Heikentynyt aidosti", "Muuttunut aidosti", "Tavanomaista vaihtelua"}
    compared = 0
    for name in ("oral_health_wait_days", "seven_day_access", "health_centre_wait_days"):
        app = open_page(monkeypatch, demo_settings.warehouse, "indicator", kieli="fi", mittari=name)
        head = first_screen(app)[0]
        found = [one for one in words_of if one in head]
        if found:
            compared += 1
            assert formats.capital(words(period)) in head, "the period that both judge"
            assert said[definition(name).text["fi"].short] == found[0][0].lower() + found[0][1:]
    assert compared > 1


@pytest.mark.parametrize("role", ["analysts", "board"])
def test_what_to_decide_follows_from_the_results(
    role: str, monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", role, kieli="fi")
    assert "Päätettäväksi" in markup_in(app)
    missed = {
        view.definition_of(one).text["fi"].short
        for one in demo_results(demo_settings, suppress=role == "board")
        if one.verdict == "not_met"
    }
    unreported = 0
    for _figure, said, link in actions(app):
        if "mitä muutetaan, jotta tavoite saavutetaan?" in said:
            assert said.split(":")[0] in missed
            assert link.startswith("indicator?")
        if "kuka raportoi?" in said:
            unreported += 1
            told = urlsplit(link)
            asked = {name: values[0] for name, values in parse_qs(told.query).items()}
            assert told.path == "overview"
            there = open_page(monkeypatch, demo_settings.warehouse, "overview", role, **asked)
            [opened] = re.findall(
                r'<details class="tv-opened" open><summary>(.*?)</summary>', markup_in(there)
            )
            assert words(opened).startswith("– Ei tietoa: ")
    assert unreported == 1
    assert len(actions(app)) == 3


def test_low_coverage_is_told_beside_the_number(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    """Where too many dates are missing, the row says so, also where it says more: the share of all, or that it is low."""
    monkeypatch.setenv("TAKUUVAHTI_LOW_COVERAGE_PCT", "99")
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi")
    rows = {row[0]: row for rows in board(app).values() for row in rows}
    said = rows["Hoitoon 7 päivässä"][-1]
    assert said.startswith("4. neljännes 2025 · Ei arvioitavissa: kirjauksia puuttuu, osuus voi olla")


def test_what_is_promised_for_later_shows_distance_and_pace(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi", vuosi="2024")
    groups = board(app, 2024)
    later = groups["Myöhemmät tavoitteet: ero ja tarvittava tahti"]
    [row] = [row for row in later if row[0] == "Hoitoon 7 päivässä"]
    assert row[2] == "vähintään 80 % (4. neljännes 2025)"
    assert "neljänneksessä" in row[-1]
    assert row[3] == "–"
    judged = [row[0] for heading, rows in groups.items() if heading[0] in "▲●" for row in rows]
    assert "Hoitoon 7 päivässä" not in judged


def tables_offered(app: AppTest) -> list[str]:
    """The tables that can be taken from a page; reports have tests of their own."""
    return [one.key for one in app.get("download_button") if not one.key.startswith("report_")]


def test_all_years_and_the_files_are_one_tap_away(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings
) -> None:
    shut = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi")
    assert [one.label for one in shut.expander][:2] == ["Kaikki vuodet: 2020–2025", "Taulukko ja lataukset"]
    assert "Tavoitteet ja toteumat 2020–2025" not in all_words(shut)
    assert not tables_offered(shut)
    years = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi", nakyma="vuodet")
    heading, *rows = table(years, "Tavoitteet ja toteumat 2020–2025")
    assert heading == ["Mittari", "2020", "2021", "2022", "2023", "2024", "2025"]
    for year in (2024, 2025):
        for one in demo_results(demo_settings, year):
            called = view.definition_of(one).text["fi"].name
            [row] = [row for row in rows if row[0] == called or row[0].startswith(f"{called} ")]
            with in_language("fi"):
                assert formats.verdict(one.verdict).replace("\xa0", " ") in " ".join(row[1:])
    files = open_page(monkeypatch, demo_settings.warehouse, "overview", kieli="fi", nakyma="taulukko")
    [(_heading, *rows)] = shown("overview", demo_settings, monkeypatch, nakyma="taulukko").downloads.values()
    assert len(rows) == len(demo_results(demo_settings))
    assert len(tables_offered(files)) == 1
    assert "Tavoitteet ja toteumat 2020–2025" not in all_words(files)


# --- words -------------------------------------------------------------------------------------------------------


def test_the_finding_counts_every_verdict() -> None:
    results = [
        *(result("met", 90.0), result("not_met", 70.0), result("not_due", 70.0)),
        *(result("suppressed", status="suppressed"), result("no_data", status="no_data")),
    ]
    with in_language("fi"):
        assert view.year_finding(results, 2025, "Alue") == (
            "Alue, 2025: 5 tavoitetta. 1 tavoite saavutettiin, 1 jäi saavuttamatta, 1 ei ole vielä arvioitavissa, "
            "1:stä arvio on peitetty, 1 jäi ilman lukuja."
        )


MET, MISSED, LATER, ABSENT = "met", "not_met", "not_due", "no_data"


@pytest.mark.parametrize(
    ("verdicts", "fi", "sv", "en"),
    [
        (
            [MISSED] * 6 + [ABSENT] * 12,
            "18 tavoitetta. Yhtään tavoitetta ei saavutettu, 6 jäi saavuttamatta, 12 jäi ilman lukuja.",
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
            "3 tavoitetta. 2 ei ole vielä arvioitavissa, 1 jäi ilman lukuja.",
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


def test_demo_data_beside_published_figures_is_not_called_missing() -> None:
    absent = result("no_data", status="no_data")
    shown = replace(absent, demo_actual=replace(absent.actual, value=88.0, status="ok"))
    with in_language("fi"):
        assert "ei ole ladattu" in view.what_is_missing(absent, ACCESS, AS_OF, 80)
        assert "vain esittelyaineistoa" in view.what_is_missing(shown, ACCESS, AS_OF, 80)


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
