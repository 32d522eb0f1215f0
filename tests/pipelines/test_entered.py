"""The rules of figures, targets, milestones and annotations, row by row: what a person may write, by hand or in a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.catalogue.places import FIGURES
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.report import LoadReport
from pipelines.mapping.files import all_sources
from pipelines.settings import Settings, load_settings

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
SHARE = {"indicator": "electronic_forms", "unit": "percent"}
COUNT = {"indicator": "omaolo_services", "unit": "count"}
DAYS = {"indicator": "oral_health_wait_days", "unit": "days"}
BESIDE = {"area": "18", "period_start": "2024-01-01", "period_end": "2024-12-31", "cited_source": "Raportti"}
STEP = {
    "area": "18",
    "project": "Hanke",
    "work_package": "tp 1",
    "milestone": "Malli",
    "cited_source": "Raportti",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def inspected(settings: Settings, source: str, row: dict[str, str]) -> LoadReport:
    versions = all_sources()[source].outputs[0].versions["1"]
    lines = [
        ";".join(names[0] for names in versions.values()),
        ";".join(row.get(field, "") for field in versions),
    ]
    data = "\n".join(lines).encode()
    return inspect_bytes(
        "syotto_20260102.csv", data, LoadOptions(source=source, force=True), settings, today=TODAY
    )


def codes(report: LoadReport) -> list[str]:
    return [f"{found.code} {found.field}" for found in report.findings]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (SHARE | {"value": "0"}, []),
        (SHARE | {"value": "100"}, []),
        (SHARE | {"value": "100,1"}, ["share_out_of_range value"]),
        (SHARE | {"value": "-0,1"}, ["share_out_of_range value"]),
        (SHARE | {"numerator": "10", "denominator": "10"}, []),
        (SHARE | {"numerator": "11", "denominator": "10"}, ["share_out_of_range numerator"]),
        (SHARE | {"numerator": "-1", "denominator": "10"}, ["share_out_of_range numerator"]),
        (SHARE | {"numerator": "1", "denominator": "0"}, ["zero_denominator denominator"]),
        (SHARE | {"numerator": "0", "denominator": "0"}, []),
        (SHARE | {"numerator": "1"}, ["missing_value denominator"]),
        (SHARE | {"value": "5", "denominator": "20"}, ["missing_value numerator"]),
        # A value beside its parts agrees to its last decimal, rounded or cut off.
        (SHARE | {"value": "88,58", "numerator": "698", "denominator": "788"}, []),
        (SHARE | {"value": "88,57", "numerator": "698", "denominator": "788"}, []),
        (SHARE | {"value": "88,56", "numerator": "698", "denominator": "788"}, ["value_contradicts value"]),
        (SHARE | {"value": "89", "numerator": "698", "denominator": "788"}, []),
        (SHARE | {"value": "88", "numerator": "698", "denominator": "788"}, []),
        (SHARE | {"value": "90", "numerator": "698", "denominator": "788"}, ["value_contradicts value"]),
        (SHARE | {"value": "0,8858", "numerator": "698", "denominator": "788"}, ["value_contradicts value"]),
        # Another unit than the indicator's is told; without one its own is meant, with its rules.
        (SHARE | {"value": "5", "unit": "count"}, ["wrong_unit unit"]),
        (SHARE | {"value": "101", "unit": ""}, ["share_out_of_range value"]),
        (DAYS | {"value": "1", "unit": "months"}, ["wrong_unit unit"]),
        (COUNT | {"value": "5", "unit": "kpl"}, []),
        (SHARE | {"value": "101", "unit": "%"}, ["share_out_of_range value"]),
        (COUNT | {"value": "5", "unit": "laatikkoa"}, ["unknown_code unit"]),
        (COUNT | {"value": "0"}, []),
        (COUNT | {"value": "250"}, []),
        (COUNT | {"value": "-1"}, ["negative_number value"]),
        (DAYS | {"value": "-0,5"}, ["negative_number value"]),
        # More was done than expected.
        (COUNT | {"indicator": "service_debt_hidden", "value": "-500"}, []),
        (COUNT | {"indicator": "service_debt_visible", "value": "-1"}, ["negative_number value"]),
        (DAYS | {"value": "4,12", "numerator": "412", "denominator": "100"}, []),
        (COUNT | {"value": ""}, ["missing_value value"]),
        (COUNT | {"value": "5", "cited_source": ""}, ["no_source cited_source"]),
        (COUNT | {"value": "5", "period_end": ""}, ["missing_value period_end"]),
        (COUNT | {"value": "5", "period_end": "2023-12-31"}, ["impossible_date period_end"]),
        (
            COUNT | {"value": "5", "period_start": "2027-01-01", "period_end": "2027-12-31"},
            ["impossible_date period_start"],
        ),
        # A period that lies in no calendar period is kept as it is, and told.
        (
            COUNT | {"value": "5", "period_start": "2024-08-01", "period_end": "2025-07-31"},
            ["own_period period_end"],
        ),
        (COUNT | {"value": "5", "period_start": "2024-12-30", "period_end": "2025-01-05"}, []),
        (COUNT | {"value": "5", "period_start": "2025-01-01", "period_end": "2025-02-15"}, []),
        # What has no definition or name is kept and told.
        (COUNT | {"value": "5", "indicator": "omaolo"}, ["unknown_indicator indicator"]),
        (COUNT | {"value": "5", "indicator": "Omaolo_Services"}, []),
        (COUNT | {"value": "5", "area": "99"}, ["unknown_code area"]),
        (COUNT | {"value": "5", "service": "hieronta"}, ["unknown_code service"]),
    ],
)
def test_a_figure(settings: Settings, row: dict[str, str], found: list[str]) -> None:
    assert codes(inspected(settings, "figures", BESIDE | row)) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (SHARE | {"comparator": "≥", "value": "80"}, []),
        (SHARE | {"as_written": "kasvaa vuosittain"}, []),
        (SHARE | {"value": "80"}, ["missing_value comparator"]),
        (SHARE | {"comparator": "yli", "value": "80"}, ["unknown_comparator comparator"]),
        (SHARE | {"comparator": ">=", "value": "180"}, ["share_out_of_range value"]),
        (DAYS | {"comparator": "<", "value": "1", "unit": "months"}, []),
        (DAYS | {"comparator": "<", "value": "-1"}, ["negative_number value"]),
        (COUNT | {"comparator": ">=", "value": "5", "unit": "months"}, ["wrong_unit unit"]),
        (SHARE | {"comparator": ">="}, ["missing_value value"]),
        # A direction has no level, and needs no other words.
        (SHARE | {"comparator": "increases"}, []),
        (SHARE | {"comparator": "Decreases"}, []),
        (SHARE | {"comparator": "increases", "as_written": "kasvaa vuosittain"}, []),
        (SHARE | {"comparator": "Decreases", "as_written": "pienenee vuosittain"}, []),
        (SHARE | {"comparator": "increases", "value": "80"}, ["direction_with_level comparator"]),
        (SHARE | {"as_written": "80 %", "cited_source": ""}, ["no_source cited_source"]),
    ],
)
def test_a_target(settings: Settings, row: dict[str, str], found: list[str]) -> None:
    assert codes(inspected(settings, "targets", BESIDE | row)) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"scale": "kuvattu/ei kuvattu", "status": "Ei  kuvattu"}, []),
        ({"scale": "kuvattu/ei kuvattu"}, []),
        ({"scale": "kuvattu/ei kuvattu", "status": "melkein"}, ["status_off_scale status"]),
        ({"scale": "suunniteltu / valmisteltu / käytössä", "status": "valmisteltu"}, []),
        ({"scale": "valmistumisaste %", "status": "100 %"}, []),
        ({"scale": "valmistumisaste %", "status": "37,5"}, []),
        ({"scale": "valmistumisaste %", "status": "101"}, ["status_off_scale status"]),
        ({"scale": "valmistumisaste %", "status": "valmis"}, ["status_off_scale status"]),
        ({"scale": "", "status": "kesken"}, []),
        ({"planned_start": "2024-06-01", "planned_end": "2024-05-31"}, ["impossible_date planned_end"]),
        ({"achieved_on": "2026-02-01"}, ["impossible_date achieved_on"]),
        ({"cited_source": ""}, ["no_source cited_source"]),
    ],
)
def test_a_milestone(settings: Settings, row: dict[str, str], found: list[str]) -> None:
    assert codes(inspected(settings, "milestones", STEP | row)) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"indicator": "seven_day_access", "area": "18"}, []),
        ({"indicator": "seven_days"}, ["unknown_code indicator"]),
        ({"area": "99"}, ["unknown_code area"]),
        ({"unit": "TK-EI-OLE"}, ["unknown_code unit"]),
        ({"text_fi": ""}, ["missing_value text_fi"]),
        ({"date": ""}, ["missing_value date"]),
    ],
)
def test_an_annotation(settings: Settings, row: dict[str, str], found: list[str]) -> None:
    whole = {"date": "2025-03-01", "text_fi": "Uusi ajanvaraus", "break": "no"} | row
    assert codes(inspected(settings, "annotations", whole)) == found


@pytest.mark.parametrize("path", sorted(FIGURES.glob("*.csv")), ids=lambda path: path.stem)
def test_the_shipped_figures_pass_without_a_finding(settings: Settings, path: Path) -> None:
    if path.stem.startswith("measure_"):
        # Their indicators are defined first.
        defined, options = FIGURES / "measures.csv", LoadOptions(as_of=TODAY)
        load_bytes(defined.name, defined.read_bytes(), options, settings, now=NOW, today=TODAY)
    report = inspect_bytes(path.name, path.read_bytes(), LoadOptions(as_of=TODAY), settings, today=TODAY)
    assert report.rows_quarantined == 0 and report.rows_loaded == report.rows_read > 0
    # Some counts of queues tell only how many are over the limit, and a figure is of another stretch than a year.
    told = {"queue_snapshots": ["blank_number waiting"], "measure_actuals": ["own_period period_end"]}
    assert codes(report) == told.get(path.stem, [])
