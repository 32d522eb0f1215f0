"""Which loads an answer names: those whose rows count in it, whatever other datasets they also brought."""

from __future__ import annotations

import pytest

from indicators.answers import answer
from indicators.engine.question import Question
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


@pytest.mark.parametrize(
    ("indicator", "area", "sources", "demo"),
    [
        ("visits", "18", {"exreport_kaynnit"}, True),
        ("queue_length", "18", {"exreport_jono"}, True),
        ("queue_length", "20", {"queue_counts"}, False),
        ("mental_health_guarantee", "18", {"exreport_lahetteet", "pirkko_asiakkuudet"}, True),
        ("child_health_clinic_visits", "18", {"figures"}, False),
    ],
)
def test_the_loads_behind_an_answer(
    demo_settings: Settings, indicator: str, area: str, sources: set[str], demo: bool
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    found = answer(snapshot, Question(indicator, by="year", area=area), demo_settings)
    assert {load.source for load in found.loads} == sources
    assert found.demo is demo
