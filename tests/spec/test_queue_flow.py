"""What came to the queues and what left them between two snapshots, counted a second time from the entries themselves."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from indicators.analysis.queue_flow import queue_flows
from indicators.engine.question import Question
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import queue, queue_entry
from tests.spec.test_actions import current, load, written

FIRST = date(2025, 3, 3)
WEEKS = [FIRST + timedelta(weeks=at) for at in range(6)]
QUESTION = Question("queue_length", by="week", area="18", suppress=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def test_flows_are_those_of_the_entries(settings: Settings) -> None:
    drawn, lines = random.Random(7), []
    waiting: dict[date, dict[str, set[str]]] = {}
    for day in WEEKS:
        # Unit B has no snapshot in the fourth week.
        for unit in "AB" if day != WEEKS[3] else "A":
            ids = {f"{unit}{at}" for at in range(40) if drawn.random() < 0.6} | {f"{unit}99"}
            own_wish = {one for one in ids if drawn.random() < 0.2}
            waiting.setdefault(day, {})[unit] = ids - own_wish
            lines += [
                queue_entry(
                    one,
                    snapshot=written(day),
                    unit=unit,
                    unit_name=unit,
                    reason="Potilaan oma toive" if one in own_wish else "Resurssi",
                )
                for one in sorted(ids)
            ]
    load(settings, "jono.csv", queue(*lines))
    wanted = []
    for before, day in pairwise(WEEKS):
        both = waiting[before].keys() & waiting[day].keys()
        arrived = sum(len(waiting[day][unit] - waiting[before][unit]) for unit in both)
        left = sum(len(waiting[before][unit] - waiting[day][unit]) for unit in both)
        wanted.append((day, float(arrived), float(left)))
    found = queue_flows(current(settings), QUESTION, settings)
    assert [(one.period.start, one.arrived.count, one.left.count) for one in found] == wanted


def test_small_flows_are_suppressed_in_the_shareable_view(settings: Settings) -> None:
    def entries(day: date, numbers: range) -> list[str]:
        fields = {"snapshot": written(day), "unit": "A", "unit_name": "A"}
        return [queue_entry(at, **fields) for at in numbers]

    # 3 come, and 40 leave.
    load(settings, "jono.csv", queue(*entries(WEEKS[0], range(60)), *entries(WEEKS[1], range(40, 63))))
    snapshot = current(settings)
    (exact,) = queue_flows(snapshot, QUESTION, settings)
    assert (exact.arrived.count, exact.left.count) == (3.0, 40.0)
    (shown,) = queue_flows(snapshot, replace(QUESTION, suppress=True), settings)
    assert shown.arrived.count is None and shown.arrived.suppressed
    assert shown.left.count is not None and abs(shown.left.count - 40) < 20
    own = replace(QUESTION, suppress=True, exact_units=("A",), where=(("unit", ("A",)),))
    assert queue_flows(snapshot, own, settings) == (exact,)


def test_a_first_snapshot_has_no_flow(settings: Settings) -> None:
    load(settings, "jono.csv", queue(queue_entry(1, snapshot=written(WEEKS[1]))))
    assert queue_flows(current(settings), QUESTION, settings) == ()
    assert queue_flows(current(settings), replace(QUESTION, area="20"), settings) == ()
