"""Every source of rows has a place in the order of sources, and two without one are told about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.mapping.files import all_sources, parse_mapping
from pipelines.mapping.source import Source
from pipelines.settings import load_settings
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


MAPPING = """
name = "{name}"
dataset = "visits"
columns = {{ visit_id = "nro", visit_on = "kaynti" }}
constants = {{ state_code = "realised", service_code = "primary_care", unit_code = "TK1" }}
"""


def test_two_sources_that_only_their_names_order_are_warned_about(tmp_path: Path) -> None:
    """Mappings named after their files make two sources of one system, of which one would silently not count."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    for name, key in (("kaynnit_a", 1), ("kaynnit_b", 2)):
        mapping = parse_mapping(MAPPING.format(name=name).encode(), "oma.toml")
        data = f"nro;kaynti\n{key};10.3.2025\n".encode()
        options = LoadOptions(mapping=mapping, as_of=date(2025, 4, key))
        report = load_bytes(
            "k.csv", data, options, settings, now=datetime(2026, 1, 2), today=date(2026, 1, 2)
        )
    (found,) = (one for one in report.findings if one.code == "overlapping_sources")
    assert found.params["source"] == "kaynnit_b"
    for language, said in (("fi", "sama nimi (name)"), ("sv", "samma namn (name)"), ("en", "the same name")):
        assert said in found.message(language)
    assert "Ei vaadi toimia" not in found.message("fi")
