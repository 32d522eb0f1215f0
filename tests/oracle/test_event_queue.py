"""The simulators of single persons against the queue M/M/1 and against what another package's simulator averages to."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.analysis.waiting_list import target_queue_size
from indicators.planning.theory import EventQueue, factor_of_share, share_within, waits_for_slots

_CASES = Path(__file__).parents[1] / "oracle_cases" / "waitinglist_cases.json"
MOMENTS = [
    case
    for case in json.loads(_CASES.read_text(encoding="utf-8"))["functions"]["wl_simulator_moments"]
    if case["args"].keys() == {"start_date", "end_date", "demand", "capacity", "replicates"}
]


@pytest.mark.parametrize(("arrivals", "visits"), [(8.0, 10.0), (5.0, 10.0)])
def test_waits_are_those_of_exponential_gaps_and_services(arrivals: float, visits: float) -> None:
    waits = EventQueue(arrivals, visits).waits(6000, 400, np.random.default_rng(1))[:, 1500:]
    load = arrivals / visits
    assert waits.mean() == pytest.approx(load / (visits - arrivals), rel=0.03)
    for weeks in (0.0, 0.1, 0.5):
        assert (waits > weeks).mean() == pytest.approx(load * np.exp(-(visits - arrivals) * weeks), rel=0.04)


def test_without_chance_nobody_waits_who_need_not() -> None:
    waits = EventQueue(8, 10, 0, 0).waits(50, 2, np.random.default_rng(1))
    assert np.abs(waits).max() < 1e-12
    # Who is there at the start is served first, and the backlog shrinks with every gap.
    waits = EventQueue(8, 10, 0, 0, waiting=10).waits(60, 1, np.random.default_rng(1))[0]
    wanted = np.maximum(10 / 10 - 1 / 8 + np.arange(60) * (1 / 10 - 1 / 8), 0)
    np.testing.assert_allclose(waits, wanted, atol=1e-12)


@given(
    st.lists(st.integers(0, 30), max_size=20).map(sorted),
    st.lists(st.integers(0, 40), max_size=20).map(sorted),
)
def test_slots_serve_who_came_first(arrivals: list[int], slots: list[int]) -> None:
    queue, wanted = list(range(len(arrivals))), [np.nan] * len(arrivals)
    for slot in slots:
        if queue and arrivals[queue[0]] < slot:
            first = queue.pop(0)
            wanted[first] = slot - arrivals[first]
    found = waits_for_slots(np.array(arrivals, float), np.array(slots, float))
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("case", MOMENTS, ids=[case["id"] for case in MOMENTS])
def test_a_simulated_list_averages_to_the_same(case: dict[str, Any]) -> None:
    args, runs, draw = case["args"], 300, np.random.default_rng(11)
    days = (date.fromisoformat(args["end_date"]) - date.fromisoformat(args["start_date"])).days
    a_day = args["capacity"] / 7
    slots = np.ceil(np.arange(0, int((days - 1) * a_day) + 1) / a_day) if a_day else np.array([])
    found = []
    for _run in range(runs):
        came = np.sort(draw.integers(0, days + 1, draw.poisson(args["demand"] * days / 7))).astype(float)
        waits = waits_for_slots(came, slots)
        seen = ~np.isnan(waits)
        found.append((len(came), seen.sum(), (~seen).sum(), waits[seen].mean() if seen.any() else np.nan))
    names = ("referrals", "removed", "open_at_end", "mean_wait_days_of_removed")
    for name, values in zip(names, np.array(found, float).T, strict=True):
        wanted, spread = case["value"]["mean"][name], case["value"]["sd"][name]
        if wanted is None:
            assert np.isnan(values).all()
        else:
            # Both are means of 300 runs: within four standard errors of their difference.
            within = 4 * np.sqrt((spread**2 + values.var()) / runs) + 1e-9
            assert abs(values.mean() - wanted) <= within, name


def test_a_share_and_its_factor_belong_together() -> None:
    assert share_within(factor_of_share(0.92)) == pytest.approx(0.92)
    # 92 % within 18 weeks with 30 a week: the queue that does it.
    assert target_queue_size(30, 18, factor_of_share(0.92)) == pytest.approx(213.8, abs=0.1)
    for share in (0.0, 1.0):
        with pytest.raises(ValueError, match="not between"):
            factor_of_share(share)
