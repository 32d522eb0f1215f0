"""The engine against the second implementation: on the demo extracts, and on extracts made around every boundary."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indicators.analysis.stages import stages
from indicators.answers import answer
from indicators.catalogue.places import ROOT
from indicators.engine.question import Question
from indicators.service_debt.debt import visible_debt
from pipelines.checking.extract import LoadOptions
from pipelines.demo.write import write_demo
from pipelines.loading.load import load_bytes
from pipelines.loading.master_data import decide, unit_edit
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.oracle import comparisons
from tests.oracle.assert_same import between, differences, engine_question, engine_rows
from tests.oracle.extracts import Delivery, what_is_known
from tests.oracle.generated import KINDS, TURNS, History, counts_text, histories, questions
from tests.oracle.model import GRAINS, IN_DEMO, INDICATORS, Asked, Oracle, splits_of
from tests.pipelines.extracts import VISIT_HEADER, visit

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)


def told(found: Sequence[str]) -> str:
    return "\n".join(found)


@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_indicator_by_every_grain_on_the_demo(
    indicator: str, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    assert bool(oracle.ask(Asked(indicator, "year"))) == (indicator in IN_DEMO)
    found = [
        text for by in GRAINS for text in differences(oracle, snapshot, Asked(indicator, by), demo_settings)
    ]
    assert not found, told(found)


@pytest.mark.parametrize("indicator", IN_DEMO)
def test_every_split_on_the_demo(
    indicator: str, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    found = []
    for number, split in enumerate(splits_of(indicator), start=INDICATORS.index(indicator)):
        asked = Asked(indicator, ("quarter", "year", "month")[number % 3], (split,))
        assert oracle.ask(asked)
        found += differences(oracle, snapshot, asked, demo_settings)
    assert not found, told(found)


PAIRS_AND_FILTERS = (
    Asked("seven_day_access", "week", ("unit",), (("service", ("primary_care",)),)),
    Asked("seven_day_access", "quarter", ("profession", "mode"), (("service", ("primary_care",)),)),
    Asked("access_within_limit", "quarter", ("service", "age_group")),
    Asked(
        "access_within_limit", "month", (), (("age_group", ("0-22",)), ("unit", ("TK-KOK-01", "TK-KOK-02")))
    ),
    Asked("wait_p90", "month", ("service", "profession"), (("mode", ("in_person",)),)),
    Asked("wait_median", "week", (), (("unit", ("DK-KOK-01",)),)),
    Asked("visits", "week", ("unit", "service")),
    Asked("visits", "year", ("unit", "mode_code", "first_visit")),
    Asked("patients", "quarter", ("unit",), (("age_band", ("13-17", "18-22", "23-29")),)),
    Asked("electronic_contacts", "month", ("municipality",), (("profession", ("doctor",)),)),
    Asked("remote_contacts", "month", ("municipality",), (("profession", ("doctor",)),)),
    Asked("oral_health_wait_days", "quarter", ("unit",), (("age_group", ("23+",)),)),
    Asked("queue_length", "week", ("unit", "service")),
    Asked("queue_length", "month", (), area="20"),
    Asked("queue_length", "week", ("area", "service"), area="all"),
    Asked("queue_over_limit", "month", ("service", "age_group")),
    Asked("queue_over_limit", "week", (), area="20"),
    Asked("queue_over_limit", "week", ("unit",), (("service", ("primary_care",)),)),
    Asked("service_debt_visible", "quarter", ("service", "age_group")),
    Asked("service_debt_visible", "month", ("unit",), area="20"),
    Asked("service_debt_visible", "year", ("area", "service"), area="all"),
    Asked("queue_longest_wait", "quarter", ("unit",), (("profession", ("dentist",)),)),
    Asked("seven_day_access", "month", (), date_from=date(2023, 11, 15), date_to=date(2024, 3, 1)),
    Asked("queue_length", "week", (), date_from=date(2025, 12, 1), date_to=date(2026, 1, 31)),
    Asked("visits", "month", (), (("unit", ("TK-OUTO-99",)),)),
    Asked("visits", "month", (), (("area", ("20",)),)),
)


@pytest.mark.parametrize("asked", PAIRS_AND_FILTERS, ids=lambda asked: f"{asked.indicator}-{asked.by}")
def test_pairs_of_splits_and_filters_on_the_demo(
    asked: Asked, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    found = differences(oracle, snapshot, asked, demo_settings)
    assert not found, told(found)


def test_the_register_layout_is_counted_the_same_way(tmp_path: Path) -> None:
    """AvoHILMO: urgency E alone is non-urgent, no age, professions unknown until mapped."""
    path = next(path for path in write_demo(tmp_path) if "avohilmo" in path.name)
    text = path.read_bytes().decode("latin-1")
    oracle, own = loaded(History((Delivery("avohilmo", text, date(2024, 1, 1)),), ()), tmp_path)
    snapshot = Warehouse(own.warehouse).current()
    assert oracle.ask(Asked("access_within_limit", "month"))[0].denominator > 100
    found = []
    for indicator in (
        "seven_day_access",
        "access_within_limit",
        "wait_p90",
        "patients",
        "electronic_contacts",
        "remote_contacts",
    ):
        for split in ("unit", "service", "profession", "age_group", "municipality", "first_visit"):
            found += differences(oracle, snapshot, Asked(indicator, "month", (split,)), own)
    assert not found, told(found)


def loaded(history: History, folder: Path) -> tuple[Oracle, Settings]:
    """Load a history into a new warehouse, and tell the oracle what was loaded."""
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    for number, delivery in enumerate(history.deliveries):
        options = LoadOptions(
            source=delivery.source,
            area=delivery.origin,
            as_of=delivery.extract_date,
            window=delivery.window,
            scope="origin" if delivery.whole_origin else "units",
            force=True,
        )
        data = delivery.text.encode("latin-1" if delivery.source == "avohilmo" else "cp1252")
        report = load_bytes(f"{number}.csv", data, options, own, now=NOW, today=TODAY)
        assert report.status == "loaded", report.findings
    if history.counts:
        data = counts_text(history.counts).encode()
        options = LoadOptions(source="queue_counts", as_of=TODAY)
        assert load_bytes("c.csv", data, options, own, now=NOW, today=TODAY).status == "loaded"
    known = what_is_known(history.deliveries, KINDS)
    seen = {row.unit for row in (*known.visits, *known.queue)}
    edits = [
        unit_edit(unit, {"kind": KINDS[unit]}, by="tests", at=NOW) for unit in sorted(seen & KINDS.keys())
    ]
    for unit, last in history.ends:
        values = {"successor": "Uusi"} if last is None else {"valid_to": last.isoformat()}
        kind = {"kind": KINDS[unit]} if unit in seen & KINDS.keys() else {}
        edits.append(unit_edit(unit, {**kind, **values}, by="tests", at=NOW))
    decide(own, edits, now=NOW)
    return Oracle(known, history.counts, dict(history.ends)), own


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[
        Phase.explicit,
        Phase.generate,
    ],  # a failing history is printed whole: shrinking means loading for minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(history=histories(), data=st.data())
def test_the_engine_agrees_around_every_boundary(history: History, data: st.DataObject) -> None:
    asked = data.draw(questions(min(TURNS, key=lambda turn: abs(turn - history.deliveries[0].extract_date))))
    with tempfile.TemporaryDirectory() as folder:
        oracle, own = loaded(history, Path(folder))
        snapshot = Warehouse(own.warehouse).current()
        found = [text for one in asked for text in differences(oracle, snapshot, one, own)]
        for one in asked:
            if one.indicator in ("seven_day_access", "oral_health_wait_days"):
                mine = comparisons.stages(oracle, one)
                theirs = {
                    (row.period.start, row.key): (
                        {p: n for p, n in row.paths.items() if n},
                        row.means,
                        row.status,
                    )
                    for row in stages(snapshot, engine_question(one), own).rows
                }
                found += [] if mine == theirs else [f"stages of {one}: {mine} but got {theirs}"]
            elif one.indicator == "service_debt_visible":
                rows = visible_debt(snapshot, engine_question(one), own).rows
                mine = comparisons.days_beyond(oracle, one)
                for *key, days in rows[["period_start", *one.splits, "days_beyond"]].to_numpy(object):
                    if not math.isnan(days) and days != mine[key[0], tuple(key[1:])]:
                        found.append(f"days beyond of {one}: {mine} but got {days} for {key}")
    assert not found, told(found)


@pytest.mark.parametrize("indicator", ["visits", "queue_length", "queue_over_limit", "service_debt_visible"])
def test_splits_add_up_to_the_total(indicator: str, snapshot: Snapshot, demo_settings: Settings) -> None:
    total = engine_rows(snapshot, Asked(indicator, "month"), demo_settings).set_index("period")["value"]
    assert total.min() > 0
    for split in splits_of(indicator):
        parts = engine_rows(snapshot, Asked(indicator, "month", (split,)), demo_settings)
        # The small demo says of no row who produced it.
        assert parts[split].nunique() > 1 or split in ("area", "producer")
        assert parts.groupby("period")["value"].sum().to_dict() == total.to_dict(), split


def run(demo: Settings, *words: str) -> str:
    """What `python -m indicators` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "indicators", *words],
        cwd=ROOT,
        env=os.environ | {"TAKUUVAHTI_WAREHOUSE": str(demo.warehouse)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_command_line_prints_the_same_numbers(oracle: Oracle, demo_settings: Settings) -> None:
    words = ("show", "access_within_limit", "--by", "quarter", "--split", "service,age_group", "--format")
    asked = Asked("access_within_limit", "quarter", ("service", "age_group"))
    columns = "indicator,period,period_start,period_end,service,age_group,value,numerator,denominator,coverage,status,low,high"
    numbers = ("value", "numerator", "denominator", "coverage", "low", "high")

    printed = run(demo_settings, *words, "csv")
    assert printed.splitlines()[0] == columns
    rows = [
        {name: (float(text) if text else None) if name in numbers else text for name, text in row.items()}
        for row in csv.DictReader(io.StringIO(printed))
    ]
    for told_rows in (rows, json.loads(run(demo_settings, *words, "json"))):
        assert list(told_rows[0]) == columns.split(",")
        for row in told_rows:
            for name in ("period_start", "period_end"):
                row[name] = date.fromisoformat(row[name])
        found = between(oracle.ask(asked), told_rows, asked.splits)
        assert not found, told(found)


def test_the_command_line_counts_by_week_in_the_default_area(oracle: Oracle, demo_settings: Settings) -> None:
    printed = list(csv.DictReader(io.StringIO(run(demo_settings, "show", "queue_length", "--format", "csv"))))
    mine = oracle.ask(Asked("queue_length", "week", area="18"))
    assert [(row["period"], float(row["value"])) for row in printed] == [
        (row.period, row.value) for row in mine
    ]
    by_area = run(demo_settings, "show", "queue_length", "--split", "area", "--format", "csv")
    assert {row["area"] for row in csv.DictReader(io.StringIO(by_area))} == {"18", "20"}


def figures_of(snapshot: Snapshot, demo_settings: Settings, indicator: str, **asked: object) -> list[tuple]:
    """Period, value, numerator and denominator of the rows that have a value."""
    rows = answer(snapshot, Question(indicator, **asked), demo_settings).rows
    rows = rows[rows["value"].notna()]
    return list(rows[["period", "value", "numerator", "denominator"]].itertuples(index=False, name=None))


def test_the_shipped_figures_are_those_of_the_plans(snapshot: Snapshot, demo_settings: Settings) -> None:
    before = {"by": "year", "date_to": date(2021, 12, 31)}
    needs = figures_of(snapshot, demo_settings, "child_family_needs_assessment_90d", **before)
    assert [(period, round(value, 1), int(n), int(of)) for period, value, n, of in needs] == [
        ("2019", 88.6, 698, 788),
        ("2020", 90.4, 810, 896),
        ("2021", 84.6, 643, 760),
    ]
    assert needs[2][1] == pytest.approx(100 * 643 / 760, rel=1e-12)
    visits = figures_of(snapshot, demo_settings, "child_health_clinic_visits")
    assert [row[:2] for row in visits] == [("2019", 21907), ("2020", 21358), ("2021", 19842)]
    asked = {"by": "year", "date_from": date(2020, 1, 1), "date_to": date(2020, 12, 31)}
    assert [row[:2] for row in figures_of(snapshot, demo_settings, "population", **asked)] == [
        ("2020", 67988)
    ]


TARGETS_OF_2025 = (
    ("oral_health_wait_days", "2025", "<=", 60, "60 pv"),
    ("health_centre_wait_days", "2025", "<", 7, "<7 vrk"),
    ("child_family_needs_assessment_90d", "2025", ">=", 100, "100 %"),
    ("child_doctor_check_18m_4y", "2025", ">=", 100, "100%"),
    ("mental_health_guarantee", "2025", ">=", 100, "100 %"),
    ("substance_services_access", "2025", ">=", 100, "100 %"),
    ("electronic_contacts", "2025", ">=", 45, "45 %"),
    ("electronic_forms", "2025", ">=", 45, "45 %"),
    ("omaolo_services", "2025", ">=", 33, "33 kpl"),
    ("low_threshold_groups", "2025", ">=", 12, "12"),
)


def test_targets_of_2025_keep_their_wording(
    oracle: Oracle, demo_settings: Settings, figures_settings: Settings
) -> None:
    printed = csv.DictReader(io.StringIO(run(demo_settings, "targets", "--year", "2025", "--format", "csv")))
    targets = {(row["indicator"], row["period"]): row for row in printed}
    for indicator, period, comparator, level, as_written in TARGETS_OF_2025:
        row = targets[indicator, period]
        assert (row["comparator"], float(row["target"]), row["as_written"]) == (comparator, level, as_written)
    # What was promised for the last quarter of 2025 is held against that quarter of the headline's service.
    promised = targets["seven_day_access", "2025-Q4"]
    assert (promised["comparator"], float(promised["target"])) == (">=", 80)
    assert "80 %:ia" in promised["as_written"]
    headline = (("service", ("primary_care",)),)
    actual = oracle.ask(Asked("seven_day_access", "quarter", where=headline, date_from=date(2025, 10, 1)))[0]
    assert float(promised["actual"]) == pytest.approx(actual.value, abs=1e-9)
    assert (int(promised["n"]), promised["verdict"]) == (actual.denominator, "not_met")
    # Without an actual of its own period the newest earlier one stands beside it, and nothing is judged.
    alone = csv.DictReader(io.StringIO(run(figures_settings, "targets", "--year", "2025", "--format", "csv")))
    (needs,) = [row for row in alone if row["indicator"] == "child_family_needs_assessment_90d"]
    assert (needs["actual"], needs["verdict"], needs["earlier_period"]) == ("", "no_data", "2021")
    assert float(needs["earlier_actual"]) == pytest.approx(100 * 643 / 760)


@pytest.mark.parametrize("without, value", [(0, 100), (2, 100), (3, 0)])
def test_a_health_centre_is_monitored_from_half_of_its_visits_on(
    without: int, value: float, tmp_path: Path
) -> None:
    lines = [visit(key, **({"assessed": ""} if key < without else {})) for key in range(4)]
    text = "\r\n".join([VISIT_HEADER, *lines, ""])
    oracle, own = loaded(History((Delivery("exreport_kaynnit", text, date(2025, 4, 1)),), ()), tmp_path)
    asked = Asked("guarantee_monitoring_coverage", "month")
    assert not differences(oracle, Warehouse(own.warehouse).current(), asked, own)
    assert oracle.ask(asked)[0].value == value
