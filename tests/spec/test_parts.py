"""Counts summed from days, or weeks within a month, are those of the periods counted as they are, and serve every grain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from indicators.answers import answer
from indicators.catalogue.definition import CASE_DATASETS, load_definitions
from indicators.catalogue.periods import Period
from indicators.engine.question import Question
from indicators.engine.resolve import resolve
from indicators.kinds import cases, visits
from indicators.kinds.parts import are_apart
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse

AREA = "18"
COUNTED = [
    one
    for one in load_definitions().values()
    if one.measure.dataset in ("visits", *CASE_DATASETS)
    and one.measure.statistic not in ("open", "distinct_persons", "person_share", "late_persons")
]


@pytest.fixture(scope="module")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


def _questions(indicator: str) -> Iterator[Question]:
    for suppress in (True, False):
        base = Question(indicator, area=AREA, suppress=suppress)
        for grain in ("week", "month", "quarter", "year"):
            yield replace(base, by=grain)
        yield replace(base, by="week", date_from=date(2024, 12, 20), date_to=date(2025, 1, 20))


@pytest.mark.parametrize("indicator", [one.id for one in COUNTED])
def test_parts_sum_to_the_periods(
    indicator: str, snapshot: Snapshot, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [one for one in _questions(indicator) if resolve(snapshot, one, demo_settings).periods]
    by_parts = [_counts(snapshot, question, demo_settings) for question in asked]
    for kind in (visits, cases):
        monkeypatch.setattr(kind, "are_apart", lambda _periods: False)
    for question, found in zip(asked, by_parts, strict=True):
        counted = _counts(snapshot, question, demo_settings)
        pd.testing.assert_frame_equal(found, counted, check_exact=True)


def _counts(snapshot: Snapshot, question: Question, settings: Settings) -> pd.DataFrame:
    """What is counted with its cell keys, in the order of periods."""
    of = resolve(snapshot, question, settings).request
    if of.measure.dataset in CASE_DATASETS:
        found = cases.compute(of)
    elif of.measure.statistic == "units_covered":
        found = visits.units_covered(of, 80.0)
    else:
        found = visits.compute(of)
    found = found.sort_values("period", ignore_index=True)
    return found[sorted(found.columns)]


def test_another_grain_reads_nothing_more(
    snapshot: Snapshot, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = Question("mental_health_guarantee", area=AREA, by="month")
    monthly = answer(snapshot, question, demo_settings).rows
    frame, read = Snapshot.frame, []

    def noted(self: Snapshot, sql: str, *more: object) -> pd.DataFrame:
        read.append(sql)
        return frame(self, sql, *more)

    monkeypatch.setattr(Snapshot, "frame", noted)
    yearly = answer(snapshot, replace(question, by="year"), demo_settings).rows
    assert read == []
    assert len(yearly) < len(monthly)


def test_periods_that_share_a_day_are_not_counted_by_parts() -> None:
    january = Period(date(2025, 1, 1), date(2025, 1, 31), "2025-01")
    assert are_apart([january, Period(date(2025, 2, 1), date(2025, 2, 28), "2025-02")])
    assert not are_apart([january, Period(date(2025, 1, 31), date(2025, 2, 28), "stretch")])
