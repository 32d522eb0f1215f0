"""The arithmetic of queues against what NHSRwaitinglist computed, and what is done otherwise on purpose."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date, timedelta
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
    "calc_queue_load": (waiting_list.queue_load, {}),
    "calc_target_mean_wait": (waiting_list.target_mean_wait, {}),
    "calc_target_queue_size": (waiting_list.target_queue_size, {}),
    "calc_waiting_list_pressure": (waiting_list.pressure, {}),
    "calc_target_capacity": (waiting_list.target_capacity, {}),
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
BEFORE, AFTER = (
    "who left before the window is not waiting in it",
    "who comes after the window does not stop the count; the package does, with an error",
)
#: Queues by day where the package is not followed, and why (docs/rules_of_computation.md, wl_queue_size). Minimal: see the test.
OTHERWISE = {
    "wl_queue_size_removal_before_referral": BEFORE,
    "wl_queue_size_gen_08": AFTER,
    "wl_queue_size_gen_29": AFTER,
    "wl_queue_size_gen_30": AFTER,
    "wl_queue_size_gen_47": AFTER,
    "wl_queue_size_gen_53": AFTER,
    "wl_queue_size_gen_54": AFTER,
}


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


def entries_of(case: dict[str, Any]) -> list[tuple[date | None, date | None]]:
    listed = {key.lower(): days for key, days in case["args"]["waiting_list"].items()}
    return [
        tuple(date.fromisoformat(day) if day else None for day in pair)
        for pair in zip(listed["referral"], listed["removal"], strict=True)
    ]


def window_of(case: dict[str, Any]) -> tuple[date, date]:
    came = [day for day, _ in entries_of(case) if day is not None]
    first, last = (case["args"][key] for key in ("start_date", "end_date"))
    return (
        date.fromisoformat(first) if first else min(came),
        date.fromisoformat(last) if last else max(came),
    )


@pytest.mark.parametrize(
    "case", FUNCTIONS["wl_queue_size"], ids=[c["id"] for c in FUNCTIONS["wl_queue_size"]]
)
def test_queue_by_day(case: dict[str, Any]) -> None:
    first, last = window_of(case)
    ours = waiting_list.queue_by_day(entries_of(case), first, last)
    theirs = case["ok"] and list(
        zip(map(date.fromisoformat, case["value"]["dates"]), case["value"]["queue_size"], strict=True)
    )
    if case["id"] in OTHERWISE:
        assert ours != theirs, "agrees: take it off the list"
    else:
        assert ours == theirs


def test_the_list_of_defects_names_cases_that_exist() -> None:
    assert OTHERWISE.keys() <= {case["id"] for case in FUNCTIONS["wl_queue_size"]}


def test_the_summary_follows_from_the_formulas() -> None:
    """Every figure of wl_stats from the ones it rests on; its mean wait is in days though its target is in weeks."""
    seen = 0
    for case in FUNCTIONS["wl_stats"]:
        if not case["ok"]:
            continue
        found, target = case["value"], case["args"].get("target_wait", 4)
        demand = number(found["mean_demand"])
        assert same(waiting_list.queue_load(demand, number(found["mean_capacity"])), found["load"])
        goal = waiting_list.target_queue_size(demand, target)
        assert same(goal, found["target_queue_size"])
        if found["target_capacity"] is not None:
            cvs = number(found["cv_arrival"]), number(found["cv_removal"])
            assert same(waiting_list.target_capacity(demand, target, 4, *cvs), found["target_capacity"])
        if found["relief_capacity"] is not None:
            assert same(
                waiting_list.relief_capacity(demand, found["queue_size"], goal), found["relief_capacity"]
            )
        # the defect: days held against weeks. Right is the target in days: a seventh of theirs
        right = waiting_list.pressure(number(found["mean_wait"]), 7 * target)
        assert same(7 * right, found["pressure"])
        seen += 1
    assert seen > 20


DAYS = st.integers(0, 60).map(lambda days: date(2025, 1, 1) + timedelta(days=days))
ENTRIES = st.lists(st.tuples(DAYS, DAYS | st.none()), max_size=30)


@given(ENTRIES, DAYS, st.integers(0, 40))
def test_the_queue_of_a_day_is_who_came_and_has_not_left(
    entries: list[tuple[date, date | None]], first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    ours = waiting_list.queue_by_day(entries, first, last)
    assert [day for day, _ in ours] == [first + timedelta(days=n) for n in range(length + 1)]
    for day, waiting in ours:
        here = [(came, left) for came, left in entries if came <= day and (left is None or day < left)]
        assert waiting == len(here)
        mean = waiting_list.mean_wait_days(entries, day)
        assert (
            math.isnan(mean)
            if not here
            else mean * len(here) == pytest.approx(sum((day - came).days for came, _ in here))
        )


def test_who_was_removed_before_the_window_is_gone() -> None:
    """`removed_before_window` of docs/rules_of_computation.md: the package says 4."""
    entries = [
        (date(2025, 1, 1), date(2025, 1, 3)),
        (date(2025, 1, 2), date(2025, 1, 4)),
        (date(2025, 1, 3), None),
        (date(2025, 1, 4), None),
    ]
    assert waiting_list.queue_by_day(entries, date(2025, 1, 10), date(2025, 1, 10)) == [
        (date(2025, 1, 10), 2)
    ]


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
