"""Every source of rows has a place in the order of sources."""

from __future__ import annotations

import pytest

from indicators.catalogue.datasets import DATASETS
from pipelines.mapping.files import all_sources
from pipelines.mapping.source import Source
from pipelines.warehouse.priority import UNNAMED, rank


@pytest.mark.parametrize("source", all_sources().values(), ids=lambda one: one.name)
def test_a_source_of_rows_has_a_priority(source: Source) -> None:
    """Without one its rows would give way to every other source's: `data/reference/source_priority.csv`."""
    unnamed = [
        output.dataset
        for output in source.outputs
        if DATASETS[output.dataset].row_level and rank(output.dataset, "", source.name, None) == UNNAMED
    ]
    assert not unnamed
