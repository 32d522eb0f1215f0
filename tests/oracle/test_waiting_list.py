"""The arithmetic of queues against what NHSRwaitinglist computed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.analysis import waiting_list

FUNCTIONS = json.loads(
    (Path(__file__).parents[1] / "oracle_cases" / "waitinglist_cases.json").read_text(encoding="utf-8")
)["functions"]
#: Their function → ours, and their argument → ours.
SCALARS: dict[str, tuple[Callable[..., float], dict[str, str]]] = {
    "calc_target_queue_size": (waiting_list.target_queue_size, {}),
    "calc_relief_capacity": (
        waiting_list.relief_capacity,
        {
            "queue_size": "queue",
            "target_queue_size": "target_queue",
            "time_to_target": "weeks",
            "num_referrals": "referrals",
        },
    ),
}
SCALAR_CASES = [(name, case) for name in SCALARS for case in FUNCTIONS[name]]


def number(value: Any) -> float:
    """Their null and NaN are nan, their Inf is inf."""
    return math.nan if value is None else float(value)


def same(ours: float, theirs: Any) -> bool:
    theirs = number(theirs)
    return (math.isnan(ours) and math.isnan(theirs)) or math.isclose(ours, theirs, rel_tol=1e-11)


@pytest.mark.parametrize(("name", "case"), SCALAR_CASES, ids=[case["id"] for _, case in SCALAR_CASES])
def test_formulas(name: str, case: dict[str, Any]) -> None:
    ours, names = SCALARS[name]
    given = {names.get(key, key): value for key, value in case["args"].items()}
    if not case["ok"]:
        # texts and truth values in place of numbers: what our types forbid
        assert any(isinstance(value, str | bool) for value in given.values())
        return
    length = max((len(value) for value in given.values() if isinstance(value, list)), default=None)
    for place in range(length or 1):
        mine = {
            key: number(value[place] if isinstance(value, list) else value) for key, value in given.items()
        }
        assert same(ours(**mine), case["value"][place] if length else case["value"])


def test_the_summary_follows_from_the_formulas() -> None:
    """The target size and the relief capacity of wl_stats from the figures they rest on."""
    seen = 0
    for case in FUNCTIONS["wl_stats"]:
        if not case["ok"]:
            continue
        found, target = case["value"], case["args"].get("target_wait", 4)
        demand = number(found["mean_demand"])
        goal = waiting_list.target_queue_size(demand, target)
        assert same(goal, found["target_queue_size"])
        if found["relief_capacity"] is not None:
            assert same(
                waiting_list.relief_capacity(demand, found["queue_size"], goal), found["relief_capacity"]
            )
        seen += 1
    assert seen > 20


@given(st.floats(1, 1e4), st.floats(0, 1e4), st.floats(0, 500), st.floats(1, 200))
def test_relief_capacity_clears_the_queue_in_its_time(
    queue: float, target: float, demand: float, weeks: float
) -> None:
    capacity = waiting_list.relief_capacity(demand, queue, target, weeks)
    found = waiting_list.weeks_to_clear(queue, target, demand, capacity)
    if queue <= target:
        assert found == 0
    elif capacity > demand * (1 + 1e-6):
        assert found == pytest.approx(weeks, rel=1e-3)


@pytest.mark.parametrize(("capacity", "weeks"), [(29, None), (30, None), (math.nan, None), (31, 810)])
def test_a_queue_without_spare_capacity_is_never_cleared(capacity: float, weeks: float | None) -> None:
    assert waiting_list.weeks_to_clear(1200, 390, 30, capacity) == weeks
