"""The care guarantee page on the first warehouse: the numbers, their units, the languages, the states without numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label, span
from indicators.engine.question import Question
from indicators.wording import formats
from indicators.wording.translations import in_language
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.pages.app import all_words, assert_healthy, finding, open_page, table, tiles

SEVEN_DAYS = definition("seven_day_access")


def ask(settings: Settings, **more: object) -> list[dict]:
    """What the engine says of the headline, as records."""
    question = Question(SEVEN_DAYS.id, where=SEVEN_DAYS.headline_where(), **{"suppress": False, **more})
    return answer(Warehouse(settings.warehouse).current(), question, settings).rows.to_dict("records")


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def test_the_finding_tells_of_the_newest_complete_week(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    assert_healthy(app)
    week = [row for row in ask(demo_settings, by="week") if row["status"] == "ok"][-1]
    with in_language("fi"):
        share, n = formats.cell(week, SEVEN_DAYS), formats.count(week, "denominator")
        expected = f"{formats.in_period(week['period'])} kiireettömistä käynneistä {share} toteutui"
    assert finding(app).startswith(plain(expected))
    assert f"(n = {plain(n)}, kattavuus " in finding(app)
    # Periods that are over lack data: nothing goes on any more.
    assert "Tiedot ovat vajaat, joten jaksoa ei arvioida: " in finding(app)
    assert "kesken" not in finding(app)


def test_the_target_period_has_its_verdict_in_words(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter = ask(demo_settings, periods=(parse_label("2025-Q4"),))[0]
    with in_language("fi"):
        share = plain(formats.cell(quarter, SEVEN_DAYS))
    tile = tiles(open_page(monkeypatch, demo_settings.warehouse, "care_guarantee"))[
        "Tavoitejakso: 4. neljännes 2025"
    ]
    assert tile.startswith(share)
    assert ("▲ ei saavutettu" if quarter["value"] < 80 else "● saavutettu") in tile
    assert "Tavoite vähintään 80 %" in tile


def test_doctors_and_remote_contacts_stand_by_themselves(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = tiles(open_page(monkeypatch, demo_settings.warehouse, "care_guarantee"))
    recent = span(date(2025, 9, 29), date(2025, 12, 28))
    split = {row["profession"]: row for row in ask(demo_settings, periods=(recent,), splits=("profession",))}
    with in_language("fi"):
        assert shown["Lääkäri"].startswith(plain(formats.cell(split["doctor"], SEVEN_DAYS)))
    assert "Etäasiointi" in shown
    assert "kattavuus" in shown["Lääkäri"]
    law = next(text for title, text in shown.items() if title.startswith("Lain enimmäisajassa"))
    assert "Vain ensikäynnit" in law


def test_units_stand_worst_first_with_n_and_coverage(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    heading, *rows = table(app, "Vertailu heikoimmasta alkaen")
    assert heading == ["Jakso", "Yksikkö", "Hoitoon 7 päivässä, %", "Osoittaja", "n", "Kattavuus, %", "Tila"]
    shares = [float(row[2].split()[0].replace(",", ".")) for row in rows if row[6] == "täydellinen"]
    assert len(shares) > 3
    assert shares == sorted(shares)


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
        monkeypatch, demo_settings.warehouse, "care_guarantee", "board", yksikko="TK-VET-01", aika="13vk"
    )
    assert_healthy(app)
    assert "peitetty yksityisyyden suojaamiseksi" in finding(app)
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
    first = next(iter(tiles(app).values()))
    assert first.startswith("ei tiedetä")
    # What is not known is not held against the target either.
    assert "avoitteesta" not in first
    assert "avoitetta" not in first


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
    (tmp_path / "versions").mkdir()
    for settings, name in ((figures_settings, "00000001.duckdb"), (demo_settings, "00000002.duckdb")):
        named = (settings.warehouse / "CURRENT").read_text(encoding="ascii").strip()
        (tmp_path / "versions" / name).write_bytes((settings.warehouse / "versions" / named).read_bytes())
    (tmp_path / "CURRENT").write_text("00000001.duckdb", encoding="ascii")
    app = open_page(monkeypatch, tmp_path, "care_guarantee")
    assert "Näytettäviä käyntejä ei ole" in all_words(app)
    (tmp_path / "CURRENT").write_text("00000002.duckdb", encoding="ascii")
    app.run()
    assert finding(app).startswith("Viikolla ")


def test_the_settings_of_a_test_do_not_leak(demo_settings: Settings) -> None:
    assert replace(demo_settings).monitoring_min_coverage_pct == 50


def test_the_finding_says_whether_the_week_is_signal_or_noise(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
    week = [row for row in ask(demo_settings, by="week") if row["status"] == "ok"][-1]
    _heading, *rows = table(app, "Arvot, keskiarvo ja rajat")
    with in_language("fi"):
        mine = next(row for row in rows if row[0] == formats.period(week["period"]))
    assert mine[1] == plain(f"{week['value']:.1f} %".replace(".", ","))
    expected = {
        "●": "Muutos mahtuu tavanomaiseen vaihteluun.",
        "◆": "Luku poikkeaa tavanomaisesta vaihtelusta parempaan",
        "✕": "Luku poikkeaa tavanomaisesta vaihtelusta huonompaan",
    }[mine[5][0]]
    assert expected in finding(app)
    means = {row[2] for row in rows if row[2].endswith("%")}
    assert len(means) == 2, "the change of law makes two stretches"
    assert "1 = rajat alkavat uudestaan" in all_words(app)
    assert {"Vaihtelu", "Tavoitteen varmuus"} <= set(tiles(app))


def test_the_change_is_split_beside_the_headline(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee")
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
    assert "Muutoksesta " + rows[0][3] in all_words(app)
    other = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", muutos="vuosi")
    assert "samoilla viikoilla vuotta aiemmin" in all_words(other)
    assert table(other, "Mistä muutos koostuu, %-yks.") != [heading, *rows]


def test_the_days_of_a_wait_are_told_by_stage_with_what_is_missing(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", vaiheet="profession")
    assert_healthy(app)
    assert "Pullonkaula on vastaanottoaikojen määrä" in all_words(app)
    heading, *rows = table(app, "Vaiheiden kesto keskimäärin, pisin ensin")
    assert heading[-1] == "Päivät väärässä järjestyksessä"
    assert rows[0][0] == "Lääkäri"
    parts_of = [float(cell.split()[0].replace(",", ".")) for cell in rows[1][1:5]]
    assert sum(parts_of[:3]) == pytest.approx(parts_of[3], abs=0.6)
