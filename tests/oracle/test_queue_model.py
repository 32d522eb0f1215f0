"""The stock and flow of a queue, the fewest visits, the steady state and honest waits, against cases computed elsewhere."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indicators.planning.compartments import Group, Order, Projection, Rates, Stream, Waiting, project
from indicators.planning.limits_by_week import LimitRule
from indicators.planning.steady_state import Setting, steady_state
from indicators.planning.survival import Need, honest_waits
from indicators.planning.targets import Wanted, holds_from, least_visits

_CASES = Path(__file__).parents[1] / "oracle_cases"
COMPARTMENTS = json.loads((_CASES / "compartment_cases.json").read_text(encoding="utf-8"))["cases"]
SURVIVAL = json.loads((_CASES / "survival_cases.json").read_text(encoding="utf-8"))["cases"]
#: How far numbers may be apart: people, shares, people of a steady state; each and a billionth of the number.
PEOPLE, SHARE, STEADY = 1e-6, 1e-9, 1e-4
BY_WEEK = (
    *("opening", "arrivals", "left", "treated", "treated_booked", "unused"),
    *("queue", "over", "limited", "share", "longest"),
)


def of_kind(kind: str) -> Any:
    found = [case for case in COMPARTMENTS if case["kind"] == kind]
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


def order_of(written: str | dict[str, float]) -> Order:
    return {written: 1.0} if isinstance(written, str) else written


def groups_of(given: dict[str, Any]) -> list[Group]:
    found = []
    for group in given["groups"]:
        waiting = [
            Waiting(
                one["count"],
                one.get("age"),
                date.fromisoformat(one["start"]) if "start" in one else None,
                one.get("booked"),
            )
            for one in group["waiting"]
        ]
        rules = [
            LimitRule(date.fromisoformat(rule["valid_from"]), rule["value"], rule["unit"])
            for rule in group["rules"]
        ]
        weights = {"weekday_weights": group["weekday_weights"]} if "weekday_weights" in group else {}
        found.append(Group(waiting, np.array(group["arrivals"], float), rules, **weights))
    return found


def rates_of(given: dict[str, Any]) -> Rates:
    by_age = (np.array(given[name], float) for name in ("leave", "weight", "ready"))
    return Rates(*by_age, np.array(given.get("arrival_ages", [1.0]), float))


def streams_of(given: dict[str, Any]) -> list[Stream]:
    usual = Stream(np.array(given["capacity"], float), order_of(given["order"]))
    return [
        usual,
        *(
            Stream(np.array(one["capacity"], float), order_of(one["order"]))
            for one in given.get("streams", [])
        ),
    ]


def projected(given: dict[str, Any], streams: list[Stream]) -> Projection:
    return project(date.fromisoformat(given["snapshot"]), groups_of(given), rates_of(given), streams)


def assert_near(ours: float | None, theirs: float | None, within: float) -> None:
    if theirs is None:
        assert ours is None or np.isnan(ours) or ours == -1
    else:
        assert ours is not None
        assert abs(ours - theirs) <= within + 1e-9 * abs(theirs)


def test_there_are_as_many_cases_as_were_made() -> None:
    kinds = [case["kind"] for case in COMPARTMENTS]
    assert (len(kinds), set(kinds), len(SURVIVAL)) == (49, {"project", "inverse", "steady"}, 20)


@of_kind("project")
def test_projection(case: dict[str, Any]) -> None:
    given, wanted = case["input"], case["output"]
    found = projected(given, streams_of(given))
    for name in BY_WEEK:
        assert len(getattr(found, name)[0]) == len(wanted[name])
        for ours, theirs in zip(getattr(found, name)[0], wanted[name], strict=True):
            assert_near(float(ours), theirs, SHARE if name == "share" else PEOPLE)
    ages = np.pad(wanted["ages_end"], (0, found.ages_end.shape[1] - len(wanted["ages_end"])))
    np.testing.assert_allclose(found.ages_end[0], ages, rtol=1e-9, atol=PEOPLE)
    target = Wanted(given["target"]["kind"], given["target"]["value"])
    assert (int(holds_from(target.met(found))[0]) or None) == wanted["holds_from"]
    balance = found.opening + found.arrivals - found.left - found.treated - found.queue
    assert np.abs(balance).max() <= 1e-9 * max(1.0, found.queue.max())


@of_kind("inverse")
def test_fewest_visits(case: dict[str, Any]) -> None:
    given, wanted = case["input"], case["output"]
    usual = np.array(given["capacity"], float)
    weeks = np.arange(1, len(usual) + 1)

    def attempt(until: np.ndarray, after: np.ndarray) -> Projection:
        within = (weeks >= given["from"]) & (weeks <= given["by"])
        extra = np.where(within, until[:, None], 0.0) + np.where(weeks > given["by"], after[:, None], 0.0)
        if given.get("extra_order") is None:
            return projected(given, [Stream(usual + extra, order_of(given["order"]))])
        return projected(
            given,
            [Stream(usual, order_of(given["order"])), Stream(extra, order_of(given["extra_order"]))],
        )

    target = Wanted(given["target"]["kind"], given["target"]["value"])
    found = least_visits(attempt, target, given["by"], given["max_extra"])
    for name in ("possible", "reason", "extra", "extra_after", "monotone", "emptied"):
        if name in wanted:
            assert getattr(found, name) == wanted[name], name
    if found.possible and found.extra:
        # Put back it reaches the target, and one visit a week less does not.
        tried = attempt(np.array([found.extra, found.extra - 1]), np.full(2, found.extra_after))
        assert target.met(tried)[:, given["by"] - 1].tolist() == [True, False]


@of_kind("steady")
def test_steady_state(case: dict[str, Any]) -> None:
    given, wanted = case["input"], case["output"]
    setting = Setting(
        given["arrivals"],
        given["capacity"],
        order_of(given["order"]),
        given["limit_days"],
        given["target_share"],
        given["top"],
        given["usual_leaving"],
        given["cv_demand"],
        given["cv_capacity"],
    )
    found = steady_state(setting, rates_of(given))
    assert (found.exists, found.word) == (wanted["exists"], wanted["word"])
    for name in ("queue", "over", "share", "treated", "left", "unused", "needed"):
        if wanted[name] is not None:
            assert_near(getattr(found, name), wanted[name], STEADY)
    if wanted["compartments"]:
        np.testing.assert_allclose(found.compartments, wanted["compartments"], atol=STEADY)


@pytest.mark.parametrize("case", SURVIVAL, ids=[case["id"] for case in SURVIVAL])
def test_honest_waits(case: dict[str, Any]) -> None:
    given, wanted = case["input"], case["output"]

    def day(written: str | None) -> date | None:
        return date.fromisoformat(written) if written else None

    needs = [
        Need(date.fromisoformat(row["assessed"]), day(row["seen"]), day(row["left"])) for row in given["rows"]
    ]
    found = honest_waits(needs, date.fromisoformat(given["snapshot"]), given["days"])
    assert (found.number, found.waiting) == (wanted["n"], wanted["waiting"])
    names = {"share": "share", "error": "se", "low": "low", "high": "high", "at_risk": "at_risk"}
    for ours, theirs in zip(found.within, wanted["within"], strict=True):
        for mine, name in names.items():
            assert (getattr(ours, mine) is None) == (theirs[name] is None), (ours.days, mine)
            assert_near(getattr(ours, mine), theirs[name], SHARE)
    for share, theirs in zip(found.completed_only, wanted["completed_only"], strict=True):
        assert (share is None) == (theirs["share"] is None)
        assert_near(share, theirs["share"], SHARE)
