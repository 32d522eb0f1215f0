"""The engine against the second implementation: on the demo extracts, and on extracts made around every boundary."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.demo import demo_window, write_demo
from pipelines.load import LoadOptions, load_bytes
from pipelines.settings import FIGURES, Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.oracle.compare import differences
from tests.oracle.extracts import Delivery, what_is_known
from tests.oracle.generated import TURNS, History, counts_text, histories, questions
from tests.oracle.model import GRAINS, INDICATORS, Asked, Count, Oracle, splits_of

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)


@pytest.fixture(scope="module")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """What the demo extracts say, read without the loader."""
    deliveries = []
    for path in write_demo(tmp_path_factory.mktemp("demo")):
        text = path.read_bytes().decode("cp1252")
        if "exreport_kaynnit" in path.name:
            deliveries.append(Delivery("exreport_kaynnit", text, date(2026, 1, 1), demo_window()))
        elif "exreport_jono" in path.name:
            deliveries.append(Delivery("exreport_jono", text, date(2025, 12, 29)))
    return Oracle(what_is_known(deliveries), shipped_counts())


def shipped_counts() -> list[Count]:
    """The counted queues that ship with the software."""
    with (FIGURES / "queue_snapshots.csv").open(encoding="utf-8", newline="") as file:
        return [
            Count(
                date.fromisoformat(row["snapshot_date"]),
                row["area_code"],
                row["unit"],
                row["service"],
                int(row["waiting"]) if row["waiting"] else None,
                int(row["over_guarantee"]) if row["over_guarantee"] else None,
            )
            for row in csv.DictReader(file)
        ]


def told(found: Sequence[str]) -> str:
    return "\n".join(found)


@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_indicator_by_every_grain_on_the_demo(
    indicator: str, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    assert oracle.ask(Asked(indicator, "year"))
    found = [
        text for by in GRAINS for text in differences(oracle, snapshot, Asked(indicator, by), demo_settings)
    ]
    assert not found, told(found)


@pytest.mark.parametrize("indicator", INDICATORS)
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
    Asked("oral_health_wait_days", "quarter", ("unit",), (("age_group", ("23+",)),)),
    Asked("queue_length", "week", ("unit", "service")),
    Asked("queue_length", "month", (), area="20"),
    Asked("queue_length", "week", ("area", "service"), area="all"),
    Asked("queue_over_limit", "month", ("service", "age_group")),
    Asked("queue_over_limit", "week", (), area="20"),
    Asked("queue_over_limit", "week", ("unit",), (("service", ("primary_care",)),)),
    Asked("queue_longest_wait", "quarter", ("unit",), (("profession", ("dentist",)),)),
    Asked("seven_day_access", "month", (), date_from=date(2023, 11, 15), date_to=date(2024, 3, 1)),
    Asked("queue_length", "week", (), date_from=date(2025, 12, 1), date_to=date(2026, 1, 31)),
    Asked("visits", "month", (), (("unit", ("TK-OUTO-99",)),)),
)


@pytest.mark.parametrize("asked", PAIRS_AND_FILTERS, ids=lambda asked: f"{asked.indicator}-{asked.by}")
def test_pairs_of_splits_and_filters_on_the_demo(
    asked: Asked, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    found = differences(oracle, snapshot, asked, demo_settings)
    assert not found, told(found)


def loaded(history: History, folder: Path) -> tuple[Oracle, Settings]:
    """Load a history into a new warehouse, and tell the oracle what was loaded."""
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    counted = []
    for number, delivery in enumerate(history.deliveries):
        options = LoadOptions(
            source=delivery.source,
            area=delivery.origin,
            as_of=delivery.extract_date,
            window=delivery.window,
            scope="origin" if delivery.whole_origin else "units",
            force=True,
        )
        data = delivery.text.encode("cp1252")
        report = load_bytes(f"{number}.csv", data, options, own, now=NOW, today=TODAY)
        assert report.status == "loaded", report.findings
        counted.append(delivery)
    if history.counts:
        data = counts_text(history.counts).encode()
        options = LoadOptions(source="queue_counts", as_of=TODAY)
        assert load_bytes("c.csv", data, options, own, now=NOW, today=TODAY).status == "loaded"
    return Oracle(what_is_known(counted), history.counts), own


@settings(
    max_examples=10,
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
    assert not found, told(found)
