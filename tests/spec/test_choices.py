"""The values offered in filters: those the rows have, asked for one dimension at a time."""

from __future__ import annotations

import pytest

from indicators.catalogue.definition import DATASET_SPLITS
from indicators.engine.choices import choices
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

COUNTED = {"visits": "counted AND client_contact AND state = 'realised'"}


@pytest.mark.parametrize("area", ["18", "20", "all"])
@pytest.mark.parametrize("dataset", ["visits", "queue", "referrals", "cases"])
def test_choices_are_the_values_of_the_rows(demo_settings: Settings, dataset: str, area: str) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    expected = {}
    for dimension in DATASET_SPLITS[dataset]:
        here = "true" if area == "all" or dimension == "area" else f"area = '{area}'"
        rows = snapshot.rows(
            f"""SELECT DISTINCT coalesce({dimension}::VARCHAR, 'unknown') FROM {dataset}
                WHERE {COUNTED.get(dataset, "counted")} AND {here}"""
        )
        if dataset == "queue" and dimension in ("unit", "service", "area"):
            # What counts alone have can be chosen too.
            rows += snapshot.rows(
                f"SELECT DISTINCT coalesce({dimension}::VARCHAR, 'unknown') FROM queue_counts WHERE {here}"
            )
        expected[dimension] = tuple(sorted({code for (code,) in rows}))
    assert dict(choices(snapshot, dataset, area)) == expected


def test_a_value_that_is_not_there_is_offered_as_unknown(demo_settings: Settings) -> None:
    offered = choices(Warehouse(demo_settings.warehouse).current(), "visits", "18")
    assert "unknown" in offered["first_visit"]
    assert "None" not in offered["first_visit"]
