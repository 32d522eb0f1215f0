"""The demo extracts as the second implementation reads them, and the warehouse they were loaded into."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from indicators.catalogue.places import FIGURES, REFERENCE
from pipelines.demo.population import demo_window
from pipelines.demo.write import write_demo
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.oracle import by_kind
from tests.oracle.extracts import Delivery, what_is_known
from tests.oracle.model import Count, Oracle

by_kind.register()


@pytest.fixture(scope="session")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """What the demo extracts say, read without the loader."""
    deliveries = []
    for path in write_demo(tmp_path_factory.mktemp("demo")):
        text = path.read_bytes().decode("cp1252")
        if "exreport_kaynnit" in path.name:
            deliveries.append(Delivery("exreport_kaynnit", text, date(2026, 1, 1), demo_window()))
        elif "exreport_jono" in path.name:
            deliveries.append(Delivery("exreport_jono", text, date(2025, 12, 29)))
    return Oracle(what_is_known(deliveries, demo_kinds()), shipped_counts())


@pytest.fixture(scope="session")
def oracle_of_figures() -> Oracle:
    """Nothing but what is published: of an answer that tells published figures synthetic rows are no part."""
    return Oracle(what_is_known([], demo_kinds()), shipped_counts())


def demo_kinds() -> dict[str, str]:
    """What kind of unit the made-up units are."""
    with (REFERENCE / "demo_units.csv").open(encoding="utf-8", newline="") as file:
        return {row["unit"]: row["kind"] for row in csv.DictReader(file)}


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
