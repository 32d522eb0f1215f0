"""The page of entering figures against real warehouses: what is entered answers, what is wrong changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators.answers import answer
from indicators.catalogue.places import FIGURES
from indicators.engine.measures import definitions_of
from indicators.engine.question import Question
from indicators.programme.entries import entries
from indicators.wording.translations import in_language
from pages.text import figures as entry_words
from pages.ui import loading
from pages.ui.jobs import JOBS
from pipelines.checking.extract import LoadOptions
from pipelines.findings import finding
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.access.sign_in import USER
from tests.pages.app import PATIENCE, all_words, assert_healthy, open_page, table

NOW, TODAY = datetime(2026, 1, 2, 8, 0), date(2026, 1, 2)
INDICATOR, AREA = "public_oral_health_users", "18"
CAPTION = "Voimassa olevat tiedot, viimeksi ladattu ensin"


@pytest.fixture(autouse=True)
def _no_jobs_of_others() -> Iterator[None]:
    yield
    for line in ("loading", "inspecting"):
        for job in JOBS.of_line(line):
            job.wait(PATIENCE)
            JOBS.forget(job.id)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse of the shipped figures, targets and milestones; the clock of the loader stands."""
    monkeypatch.setattr(loading, "utc_now", lambda: NOW)
    monkeypatch.setattr(loading, "today_in_finland", lambda: TODAY)
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    for source, name in (("figures", "actuals"), ("targets", "targets"), ("milestones", "milestones")):
        data = (FIGURES / f"{name}.csv").read_bytes()
        options = LoadOptions(source=source, as_of=date(2025, 12, 1))
        load_bytes(f"{name}.csv", data, options, settings, now=NOW, today=TODAY)
    return settings


def opened(settings: Settings, monkeypatch: pytest.MonkeyPatch, **address: str) -> AppTest:
    return open_page(monkeypatch, settings.warehouse, "figures", **address)


def write(page: AppTest, turn: int = 0, **texts: str) -> AppTest:
    for name, text in texts.items():
        page.text_input(key=f"entry_{name}_{turn}").set_value(text)
    return page.run()


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    for line in ("inspecting", "loading"):
        for job in JOBS.of_line(line):
            assert job.wait(PATIENCE)
    return page.run()


def snapshot(settings: Settings) -> Snapshot:
    return Warehouse(settings.warehouse).current()


def value(settings: Settings, indicator: str, label: str) -> float | None:
    found = answer(snapshot(settings), Question(indicator, by="year", area=AREA), settings).rows
    row = found[found["period"] == label]
    return None if row.empty else float(row["value"].iloc[0])


def has_button(page: AppTest, key: str) -> bool:
    return any(button.key == key for button in page.button)


def test_a_figure_entered_answers_and_taken_back_is_gone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(settings, monkeypatch, mittari=INDICATOR)
    assert_healthy(page)
    before = value(settings, INDICATOR, "2025")
    page.number_input(key="entry_year_0").set_value(2025)
    write(page, numerator="37", denominator="50", cited_source="Vuosiraportti 2025, luku 3")
    press(page, "check")
    assert "Syöttö on uusi: se ei korvaa mitään." in all_words(page)
    assert value(settings, INDICATOR, "2025") == before, "a check changes nothing"

    press(page, "save")
    assert_healthy(page)
    assert "Syötön tallentaminen" in all_words(page)
    assert value(settings, INDICATOR, "2025") == 74.0 != before
    record = loading.contents().records[0]
    assert record.source == "figures" and record.loaded_by == USER
    first = table(page, CAPTION)[1]
    assert first[0] == "2025" and first[1] == "37 / 50 = 74,0 %" and first[2] == "Vuosiraportti 2025, luku 3"
    assert record.load_id in first[3] and USER in first[3]
    assert page.text_input(key="entry_numerator_1").value == "", "the form begins anew"

    press(page, "look")
    assert value(settings, INDICATOR, "2025") == 74.0
    press(page, "undo")
    assert_healthy(page)
    assert value(settings, INDICATOR, "2025") == before
    assert "Syötön peruminen" in all_words(page)
    assert "Syötön tallentaminen" not in all_words(page), "what no longer holds is not told"
    assert loading.contents().records[0].status == loading.WITHDRAWN
    assert not has_button(page, "look"), "loads of files are not taken back here"


@pytest.mark.parametrize(
    ("texts", "year", "said"),
    [
        ({"value": "174,5", "cited_source": "x"}, 2024, "Arvo: osuus on 0–100 %"),
        ({"numerator": "60", "denominator": "50", "cited_source": "x"}, 2024, "Osoittaja: osuus on 0–100 %"),
        (
            {"numerator": "6", "denominator": "0", "cited_source": "x"},
            2024,
            "Nimittäjä: nimittäjän pitää olla",
        ),
        (
            {"value": "70", "numerator": "6", "denominator": "10", "cited_source": "x"},
            2024,
            "Arvo: arvo ei vastaa osoittajasta ja nimittäjästä laskettua",
        ),
        ({"value": "noin 70", "cited_source": "x"}, 2024, "Arvo: tämä ei ole luku."),
        (
            {"numerator": "7", "denominator": "n. 5", "cited_source": "x"},
            2024,
            "Nimittäjä: tämä ei ole luku.",
        ),
        ({"cited_source": "x"}, 2024, "Täydennä: Arvo / Osoittaja."),
        ({"value": "70"}, 2024, "Lähde: kerro asiakirja ja sen kohta"),
        ({"numerator": "7", "cited_source": "x"}, 2024, "Täydennä: Nimittäjä."),
        ({"value": "70", "cited_source": "x"}, 2031, "Jakso: päivä ei ole mahdollinen."),
        (
            {"value": "70", "cited_source": "x", "note": "010190-123A"},
            2024,
            "henkilötunnuksen näköinen tieto",
        ),
    ],
)
def test_a_wrong_figure_gets_a_sentence_and_changes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, texts: dict[str, str], year: int, said: str
) -> None:
    version = snapshot(settings).version
    page = opened(settings, monkeypatch, mittari=INDICATOR)
    page.number_input(key="entry_year_0").set_value(year)
    write(page, **texts)
    press(page, "check")
    assert not page.exception
    shown = all_words(page).replace("\\", "")
    assert said in shown and "Mikään ei ole muuttunut." in shown
    assert "rivinumero" not in shown and "Sivuun" not in shown, "it speaks of fields, not of a file"
    assert "010190-123A" not in shown
    assert not has_button(page, "save")
    assert snapshot(settings).version == version


def test_what_was_checked_is_no_longer_offered_once_the_form_says_something_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(settings, monkeypatch, mittari=INDICATOR)
    write(page, value="70", cited_source="x")
    press(page, "check")
    assert has_button(page, "save")
    write(page, value="71")
    assert not has_button(page, "save")


def test_a_target_replaces_the_one_of_its_period_and_comes_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def level() -> float:
        found = entries(snapshot(settings), "targets", AREA, "oral_health_wait_days")
        return next(one.fields["value"] for one in found if one.fields["period_start"] == date(2023, 1, 1))

    page = opened(settings, monkeypatch, laji="targets", mittari="oral_health_wait_days")
    assert_healthy(page)
    page.number_input(key="entry_year_0").set_value(2023)
    page.selectbox(key="entry_comparator_0").set_value("<=")
    write(page, value="110", as_written="110 pv", cited_source="Tarkistettu suunnitelma")
    press(page, "check")
    assert "Syöttö korvaa nykyisen tiedon: ≤ 120 vrk · 120 pv" in all_words(page).replace("\\", "")
    press(page, "save")
    assert level() == 110
    assert table(page, CAPTION)[1][1] == "≤ 110 vrk · 110 pv"
    press(page, "look")
    press(page, "undo")
    assert level() == 120


def test_a_milestone_that_is_there_is_marked_as_achieved(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(settings, monkeypatch, laji="milestones")
    assert_healthy(page)
    page.selectbox(key="entry_known_0").select_index(1).run()
    page.date_input(key="entry_achieved_on_0_0").set_value(date(2024, 5, 2))
    assert page.selectbox(key="entry_status_0_0").options[1:] == ["kyllä", "ei tehty"]
    page.selectbox(key="entry_status_0_0").set_value("kyllä").run()
    count = len(entries(snapshot(settings), "milestones", AREA))
    press(page, "check")
    press(page, "save")
    assert_healthy(page)
    found = entries(snapshot(settings), "milestones", AREA)
    assert len(found) == count
    assert found[0].fields["achieved_on"] == date(2024, 5, 2) and found[0].fields["status"] == "kyllä"
    assert found[0].fields["planned_end"] is not None, "what was planned stays"


def test_an_annotation_in_swedish(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(settings, monkeypatch, laji="annotations", mittari=INDICATOR, kieli="sv")
    assert_healthy(page)
    assert page.title[0].value == "Mata in värden"
    press(page, "check")
    assert "Fyll i: Dag." in all_words(page)
    page.date_input(key="entry_date_0").set_value(date(2025, 3, 1))
    page.text_area(key="entry_text_fi_0").set_value("Uusi ajanvaraus")
    page.text_area(key="entry_text_sv_0").set_value("Ny tidsbokning")
    page.checkbox(key="entry_break_0").check().run()
    press(page, "check")
    press(page, "save")
    assert_healthy(page)
    assert "Inmatningen sparades som laddning" in page.success[0].value
    (kept,) = entries(snapshot(settings), "annotations", AREA, INDICATOR)
    assert kept.fields["break"] is True and kept.fields["text_fi"] == "Uusi ajanvaraus"
    assert table(page, "Gällande uppgifter, den senast laddade först")[1][1] == "Ny tidsbokning"


def test_without_a_warehouse_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, tmp_path / "none", "figures")
    assert not page.exception
    assert not has_button(page, "check")


def test_faults_are_plain_sentences_each_said_once() -> None:
    found = [
        finding("too_many_bad_rows", count=1, rows_read=1, share=100.0, limit=5.0),
        finding("missing_value", "value", 1, [2], column="value / as_written"),
        finding("impossible_date", "period_start", 1, [2], column="period_start", extract_date=TODAY),
        finding("impossible_date", "period_end", 1, [2], column="period_end", extract_date=TODAY),
    ]
    with in_language("en"):
        assert entry_words.faults("targets", found) == [
            "Fill in: Target level / As written.",
            "Period: the day is not possible. A period does not end before it begins or begin before 1990, and what has "
            "happened is not in the future.",
        ]


@pytest.mark.parametrize("what", ["figures", "targets", "milestones"])
def test_what_is_there_comes_out_as_a_file_that_changes_nothing_when_loaded_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    page = opened(settings, monkeypatch, laji=what)
    assert_healthy(page)
    there = entries(snapshot(settings), what, AREA)
    data, rows = entry_words.as_file(what, there), len(there)
    assert rows > 20
    report = inspect_bytes("korjattu.csv", data, LoadOptions(as_of=TODAY), settings, today=TODAY)
    assert (report.dataset, report.rows_read, report.rows_quarantined) == (what, rows, 0)
    assert not report.findings
    assert (report.rows_new, report.rows_changed, report.rows_removed) == (0, 0, 0)


def test_a_measure_is_defined_by_the_form_and_then_entered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(settings, monkeypatch, laji="measures")
    assert_healthy(page)
    page.selectbox(key="entry_unit_-1_0").set_value("stage").run()
    names = {"name_fi_-1": "Mallin vaihe", "name_sv_-1": "Modellens skede", "name_en_-1": "Stage"}
    write(
        page,
        **{"measure_-1": "mallin_vaihe", **names},
        **{"steps_stage_-1": "suunnittelu/kokeilu/käyttö", "cited_source_-1": "Suunnitelma 2026"},
    )
    press(page, "check")
    assert "Syöttö on uusi: se ei korvaa mitään." in all_words(page)
    press(page, "save")
    assert_healthy(page)
    assert definitions_of(snapshot(settings))["mallin_vaihe"].steps == ("suunnittelu", "kokeilu", "käyttö")
    assert table(page, CAPTION)[1][:2] == [
        "mallin_vaihe",
        "Mallin vaihe · yksi vaihe useista · suurempi on parempi",
    ]

    page = opened(settings, monkeypatch, mittari="mallin_vaihe")
    assert_healthy(page)
    assert page.selectbox(key="entry_value_mallin_vaihe_0").options == [
        *("–", "suunnittelu (1/3)", "kokeilu (2/3)", "käyttö (3/3)")
    ]
    page.number_input(key="entry_year_0").set_value(2025)
    page.selectbox(key="entry_value_mallin_vaihe_0").set_value("2")
    write(page, cited_source="Raportti")
    press(page, "check")
    press(page, "save")
    assert_healthy(page)
    assert value(settings, "mallin_vaihe", "2025") == 2
    assert table(page, CAPTION)[1][:2] == ["2025", "kokeilu (2/3)"]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"measure_-1": "visits"}, "Tunnus: tunnus on jo ohjelmiston omalla mittarilla."),
        ({"measure_-1": "Oma mittari"}, "Tunnus: käytä pieniä kirjaimia"),
        ({"measure_-1": "oma", "name_sv_-1": ""}, "Täydennä: Nimi ruotsiksi."),
    ],
)
def test_what_is_wrong_with_a_measure_is_said_of_its_field(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, texts: dict[str, str], said: str
) -> None:
    page = opened(settings, monkeypatch, laji="measures")
    names = {"name_fi_-1": "Oma", "name_sv_-1": "Egen", "name_en_-1": "Own", "cited_source_-1": "Raportti"}
    write(page, **(names | texts))
    press(page, "check")
    assert said in all_words(page)
    assert not has_button(page, "save")
