"""Measures: indicators defined as data. Each of the shipped ones is entered, shown, given a target and judged."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indicators.answers import answer
from indicators.catalogue.definition import load_definitions
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.languages import LANGUAGES
from indicators.catalogue.places import FIGURES
from indicators.cli import app
from indicators.engine.measure_notes import counted_as, counted_per
from indicators.engine.measures import definition_of, definitions_of, measure_definition
from indicators.engine.question import Question
from indicators.programme.targets import TargetResult, target_results
from pipelines.checking.extract import LoadOptions
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.loading.rebuild import rebuild
from pipelines.loading.report import LoadReport
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot
from pipelines.warehouse.measures import Measure, read_measures
from tests.spec.table import rows_of

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
AREA, LAST_DAY = "18", "2024-12-31"
FIGURES_HEADER = (
    "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
)
TARGETS_HEADER = "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source"
#: Measures whose scale the source does not say: shown, never judged.
NOT_JUDGED = {
    *("oral_health_client_feedback", "oral_health_staff_feedback", "flexible_booking_feedback"),
    *("service_chain_staff_experience", "guidance_feedback", "multi_service_feedback"),
    *("change_coaching_feedback", "rehabilitation_advice_feedback", "financial_advice_experience"),
    *("unemployed_coordination_rating", "academy_satisfaction", "digital_support_feedback"),
    *("digital_paths_app_feedback", "chatbot_feedback", "digital_desktop_feedback"),
    *("knowledge_management_maturity", "client_satisfaction", "staff_satisfaction", "staff_change_survey"),
    *("cyber_security_readiness", "digital_path_satisfaction", "client_feedback_qpro"),
    *("digital_services_maturity", "client_experience_pilot"),
}


def load(settings: Settings, name: str, text: str) -> LoadReport:
    options = LoadOptions(as_of=date(2026, 1, 1), loaded_by="tests")
    return load_bytes(name, text.encode(), options, settings, now=NOW, today=TODAY)


def shipped() -> list[dict[str, str]]:
    with (FIGURES / "measures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def snapshot_of(settings: Settings) -> Snapshot:
    snapshot = published_snapshot(settings)
    assert snapshot is not None
    return snapshot


def by_hand(measures: Iterable[Measure], *, reached: bool) -> tuple[str, str]:
    """The figures and targets of 2024 as a person writes them, each target reached or not."""
    figures, targets = [FIGURES_HEADER], [TARGETS_HEADER]
    for one in measures:
        comparator, promised, good, bad = ">=", "20", "20", "19"
        if one.better == "down":
            comparator, bad = "<=", "21"
        if one.unit == "yes_no":
            promised, good, bad = "kyllä", "Kyllä", "ei"
        elif one.steps:
            promised, good, bad = one.steps[-1], one.steps[-1].upper(), one.steps[0]
        actual = good if reached else bad
        figures.append(f"{one.id},{AREA},,2024-01-01,{LAST_DAY},,,{actual},{one.unit},,Raportti")
        targets.append(
            f"{one.id},{AREA},2024-01-01,{LAST_DAY},{comparator},{promised},{one.unit},,Suunnitelma"
        )
    return "\n".join(figures) + "\n", "\n".join(targets) + "\n"


@pytest.fixture(scope="module", params=[True, False], ids=["reached", "not reached"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, dict[str, TargetResult], bool]:
    """A warehouse of all shipped measures, each with a figure and a target of 2024, and the verdicts."""
    settings = replace(load_settings({}), warehouse=tmp_path_factory.mktemp("measures") / "warehouse")
    assert (
        load(settings, "measures.csv", (FIGURES / "measures.csv").read_text(encoding="utf-8")).status
        == "loaded"
    )
    for name, text in zip(
        ("luvut.csv", "tavoitteet.csv"),
        by_hand(read_measures(snapshot_of(settings)), reached=request.param),
        strict=True,
    ):
        report = load(settings, name, text)
        assert (report.status, report.rows_loaded, [f.code for f in report.findings]) == ("loaded", 139, [])
    results = target_results(snapshot_of(settings), settings, as_of=TODAY, area=AREA, suppress=False)
    return settings, {one.target.indicator: one for one in results}, request.param


@pytest.mark.parametrize("row", shipped(), ids=lambda row: row["id"])
def test_a_measure_is_entered_shown_given_a_target_and_judged(
    world: tuple[Settings, dict[str, TargetResult], bool], row: dict[str, str]
) -> None:
    settings, results, reached = world
    found = definition_of(snapshot_of(settings), row["id"])
    assert (found.unit, found.better, found.family, found.theme) == tuple(
        row[name] for name in ("unit", "better", "family", "theme")
    )
    assert [found.text[language].name for language in LANGUAGES] == [row[f"name_{x}"] for x in LANGUAGES]
    assert row["as_written"] in found.text["fi"].what
    assert row["source"] in found.text["sv"].source
    shown = answer(snapshot_of(settings), Question(row["id"], by="year", area=AREA), settings).rows
    assert shown[["period", "status"]].to_numpy().tolist() == [["2024", "ok"]]
    result = results[row["id"]]
    assert result.actual.value == shown["value"].iloc[0]
    judged = "no_target" if row["id"] in NOT_JUDGED else "met" if reached else "not_met"
    # Of one step yes and no differ; of a stage without steps nothing is known.
    assert result.verdict == judged


def test_those_without_a_scale_are_the_ones_that_say_so() -> None:
    assert {row["id"] for row in shipped() if "scale not said" in row["kind"]} | {
        "staff_change_survey"
    } == NOT_JUDGED


# A stage of three steps promised for 2024 (step 2) and looked at on a day: when it is met.
STEPS = """
comparator | figures                      | as of      | verdict
-----------+------------------------------+------------+--------
>=         | 2024-06-30:kokeilu           | 2024-08-01 | met
>=         | 2024-06-30:käyttö            | 2024-08-01 | met
=          | 2024-06-30:käyttö            | 2025-01-10 | met
>=         | 2023-05-31:kokeilu           | 2025-01-10 | met
>=         | 2024-06-30:suunnittelu       | 2024-12-30 | not_due
>=         | 2024-06-30:suunnittelu       | 2025-01-10 | not_met
>=         | 2024-02-01:kokeilu 2024-06-30:suunnittelu | 2025-01-10 | not_met
>=         | 2025-03-01:käyttö            | 2025-06-01 | no_data
>=         |                              | 2024-08-01 | not_due
>=         |                              | 2025-01-10 | no_data
>          | 2024-06-30:kokeilu           | 2025-01-10 | not_met
"""
DEFINED = (
    "id,name_fi,name_sv,name_en,unit,better,kind,per,family,theme,as_written,source\n"
    "malli,Mallin vaihe,Modellens skede,Stage of the model,stage,up,stage: suunnittelu/kokeilu/käyttö,,,,,Suunnitelma\n"
)


@pytest.mark.parametrize(
    "row", rows_of(STEPS), ids=lambda row: f"{row['comparator']} {row['figures']} {row['as of']}"
)
def test_a_stage_is_met_when_it_is_reached(row: dict[str, str], tmp_path: Path) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    load(settings, "measures.csv", DEFINED)
    figures = [one.split(":") for one in row["figures"].split()]
    if figures:
        lines = [f"malli,{AREA},,{day},{day},,,{step},stage,,Raportti" for day, step in figures]
        assert load(settings, "luvut.csv", "\n".join([FIGURES_HEADER, *lines, ""])).rows_loaded == len(lines)
    target = f"malli,{AREA},2024-01-01,{LAST_DAY},{row['comparator']},kokeilu,stage,,Suunnitelma"
    load(settings, "tavoitteet.csv", f"{TARGETS_HEADER}\n{target}\n")
    as_of = date.fromisoformat(row["as of"])
    (result,) = target_results(snapshot_of(settings), settings, as_of=as_of, area=AREA)
    assert (result.verdict, result.target.value) == (row["verdict"], 2)


def test_one_lookup_of_shipped_definitions_and_measures(figures_settings: Settings) -> None:
    known = definitions_of(snapshot_of(figures_settings))
    own = list(load_definitions())
    assert list(known)[: len(own)] == own
    themes = [known[name].theme for name in list(known)[len(own) :]]
    assert len(themes) == 139
    assert themes == sorted(themes)
    with pytest.raises(BadQuestion, match="guided_self_care_trained"):
        definition_of(snapshot_of(figures_settings), "guided_self_care_train")


def test_the_command_line_shows_a_measure_in_every_format(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(figures_settings.warehouse))
    for kind in ("table", "csv", "json"):
        done = CliRunner().invoke(app, ["show", "swedish_speaking_share", "--format", kind])
        assert (done.exit_code, done.stderr) == (0, "")
        assert "swedish_speaking_share" in done.stdout


def test_a_measure_lasts_through_a_rebuild_and_goes_with_its_load(tmp_path: Path) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    report = load(settings, "measures.csv", DEFINED)
    assert (report.rows_new, report.rows_loaded) == (1, 1)
    rebuild(settings, now=NOW)
    assert definition_of(snapshot_of(settings), "malli").steps == ("suunnittelu", "kokeilu", "käyttö")
    # A newer row of the same id stands in its place.
    load(settings, "measures.csv", DEFINED.replace("Mallin vaihe", "Vaihe"))
    assert definition_of(snapshot_of(settings), "malli").text["fi"].name == "Vaihe"
    withdraw(settings, "000002", now=NOW)
    assert definition_of(snapshot_of(settings), "malli").text["fi"].name == "Mallin vaihe"
    withdraw(settings, "000001", now=NOW)
    assert "malli" not in definitions_of(snapshot_of(settings))


def test_a_figure_of_an_indicator_nobody_knows_is_set_aside_with_advice(tmp_path: Path) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    load(settings, "measures.csv", DEFINED)
    rows = [f"malli,{AREA},,2024-06-{day:02d},2024-06-{day:02d},,,1,stage,,Raportti" for day in range(1, 29)]
    report = load(
        settings, "luvut.csv", "\n".join([FIGURES_HEADER, *rows, rows[0].replace("malli", "mali"), ""])
    )
    assert (report.rows_loaded, report.rows_quarantined) == (28, 1)
    assert [(f.code, f.field, f.level) for f in report.findings] == [
        ("unknown_indicator", "indicator", "row")
    ]
    assert "määrittele mittari" in report.findings[0].message("fi")


#: How a figure is counted beyond its unit, and of what it is told: notes as they are written, and what a reader sees.
NOTES = """
unit    | kind              | per                                | language | says
--------+-------------------+------------------------------------+----------+-----
count   | count             | area                               | fi | Mistä lasketaan: hyvinvointialue.
count   | count             | area                               | sv | Vad det räknas för: välfärdsområde.
count   | count a year      | area; unit                         | fi | vuodessa. Mistä lasketaan: hyvinvointialue, yksikkö.
count   | count a year      | area; unit                         | sv | antal per år. Vad det räknas för: välfärdsområde, enhet.
count   | count a year      | area; unit                         | en | Counted as: count a year. Counted per: area, unit.
euros   | euro              | service oral_health                | sv | Vad det räknas för: Munhälsovård.
percent | percent           | service primary_care, oral_health  | fi | Mistä lasketaan: Avosairaanhoito, Suun terveydenhuolto.
percent | percent           | area; service primary_care         | en | Counted per: area, Primary outpatient care.
count   | käyntiä           | 1 000 asukasta                     | fi | lasketaan: ”käyntiä”. Mistä lasketaan: ”1 000 asukasta”.
count   | käyntiä           | 1 000 asukasta                     | en | Counted as: “käyntiä”. Counted per: “1 000 asukasta”.
count   | count             | service oma                        | fi | Mistä lasketaan: ”service oma”.
stage   | stage: alku/loppu |                                    | fi | Vaiheet: alku → loppu.
"""


@pytest.mark.parametrize(
    "row", rows_of(NOTES), ids=lambda row: f"{row['kind']}-{row['per']}-{row['language']}"
)
def test_a_definition_says_how_and_of_what_its_figure_is_counted(row: dict[str, str]) -> None:
    own = Measure(*"mmmm", row["unit"], "up", row["kind"], row["per"], "aggregate", "", "", "")
    assert measure_definition(own).text[row["language"]].formula.endswith(row["says"])


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_note_of_the_shipped_measures_is_said_in_the_readers_language(
    language: str, figures_settings: Settings
) -> None:
    measures = read_measures(snapshot_of(figures_settings))
    said = [say(one, language) for one in measures for say in (counted_as, counted_per)]
    assert len(measures) == len(shipped()) and sum(map(bool, said)) > len(measures)
    # What nobody translated stands in quotes.
    assert not [text for text in said if "”" in text]
