"""XmR charts against 159 series that NHSRplotthedots computed, and what is done otherwise on purpose."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.analysis.control_chart import (
    ABOVE_LIMIT,
    BELOW_LIMIT,
    NEAR_ABOVE,
    NEAR_BELOW,
    SHIFT_ABOVE,
    SHIFT_BELOW,
    TREND_DOWN,
    TREND_UP,
    Break,
    SpcResult,
    spc,
)
from indicators.catalogue.errors import BadQuestion

CASES = json.loads(
    (Path(__file__).parents[1] / "oracle_cases" / "spc_cases.json").read_text(encoding="utf-8")
)["cases"]
BETTER = {"increase": "up", "decrease": "down", "neutral": "none"}
RULE_OF = {
    "Common Cause": None,
    "Above UCL": ABOVE_LIMIT,
    "Below LCL": BELOW_LIMIT,
    "7 Point Trend (Increasing)": TREND_UP,
    "7 Point Trend (Decreasing)": TREND_DOWN,
    "2 in 3 Above CL": NEAR_ABOVE,
    "2 in 3 Below CL": NEAR_BELOW,
    "7 Points Above CL": SHIFT_ABOVE,
    "7 Points Below CL": SHIFT_BELOW,
}
KIND_OF = {
    "common_cause": "common_cause",
    "special_cause_improvement": "improvement",
    "special_cause_concern": "concern",
    "special_cause_neutral_high": "neutral",
    "special_cause_neutral_low": "neutral",
}
DROPPED = "missing values are dropped first: the neighbours of a gap are neighbours"
#: Cases where the package is not followed, and why (docs/rules_of_computation.md, Edge cases). The list is minimal: see the test.
OTHERWISE = {
    "constant_int_noscreen": "a constant series has no limits, screened or not",
    "constant_decimal_noscreen": "a constant series has no limits, screened or not",
    "na_breaks_shift": DROPPED,
    "na_last": "the last value speaks, not the gap after it",
    "na_two": DROPPED + "; the package stops with an error",
    "na_all": "a series without values has no marks; the package stops with an error",
    "na_fuzz_1": DROPPED + "; the package stops with an error",
    "na_fuzz_2": DROPPED,
    "na_fuzz_3": DROPPED,
    "na_fuzz_4": DROPPED + "; the package stops with an error",
    "facet_targets": "a series without a target has no assurance",
    "facet_bad_target": "a target belongs to its series, so one for an unknown series cannot be given",
}


def results(case: dict[str, Any]) -> Iterator[tuple[str, SpcResult]]:
    """Ours, one per facet in the order of their names."""
    given = case["input"]
    names = given["facet"] or ["no facet"] * len(given["date"])
    for name in sorted(set(names)):
        rows = sorted(
            (date.fromisoformat(day), value)
            for day, value, facet in zip(given["date"], given["value"], names, strict=True)
            if facet == name
        )
        target, rebase = given["target"], given["rebase"] or []
        days = rebase.get(name, []) if isinstance(rebase, dict) else rebase
        yield (
            name,
            spc(
                [day for day, _ in rows],
                [value for _, value in rows],
                better=BETTER[given["improvement_direction"]],
                target=target.get(name) if isinstance(target, dict) else target,
                breaks=[Break(date.fromisoformat(day), "rebase") for day in days],
                baseline=given["fix_after_n_points"],
                screen=given["screen_outliers"],
            ),
        )


def same(ours: float | None, theirs: float | str | None) -> bool:
    if theirs in (None, "NaN"):
        return ours is None
    return ours is not None and math.isclose(ours, theirs, rel_tol=1e-11, abs_tol=1e-11)


def disagreements(case: dict[str, Any]) -> list[str]:
    """Where ours differs from the package; empty where it agrees in everything."""
    if not case["ok"]:
        try:
            list(results(case))
        except BadQuestion:
            return []
        return ["the package stops"]
    faults, place = [], 0
    points = case["output"]["points"]
    for (name, ours), icon in zip(results(case), case["output"]["icons"], strict=True):
        for point in ours.points:
            theirs = {column: values[place] for column, values in points.items()}
            place += 1
            where = f"{name} {point.date}"
            if (theirs["f"], theirs["x"]) != (name, point.date.isoformat()):
                faults.append(f"{where}: order")
            if point.value is None:
                faults += [f"{where}: gap"] if theirs["special_cause_type"] != "Common Cause" else []
                continue
            group = ours.groups[point.group]
            limits = group.limits
            checks = {
                "mean": same(group.mean, theirs["mean_col"]),
                "lower": same(limits and limits.lower, theirs["lpl"]),
                "upper": same(limits and limits.upper, theirs["upl"]),
                "side": point.side == theirs["relative_to_mean"],
                "outside": point.outside == bool(theirs["outside_limits"]),
                "near": point.near == bool(theirs["close_to_limits"]),
                "rule": point.rule == RULE_OF[theirs["special_cause_type"]],
                "kind": point.kind == KIND_OF[theirs["point_type"]],
                # their flag is for fewer than 13 rows though their text says 12
                "provisional": group.provisional == theirs["short_group_warning"] or group.points == 12,
                # their groups count from 0, or from 1 where the series begins with a rebase
                "group": point.group == theirs["rebase_group"] - points["rebase_group"][0],
            }
            faults += [f"{where}: {what}" for what, good in checks.items() if not good]
        if ours.variation != icon["variation_icon"]:
            faults.append(f"{name}: variation {ours.variation}")
        if ours.assurance != icon["assurance_icon"]:
            faults.append(f"{name}: assurance {ours.assurance}")
    return faults


def test_all_series_are_there() -> None:
    assert len(CASES) == 159


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_agrees_with_the_package_but_for_its_traps(case: dict[str, Any]) -> None:
    faults = disagreements(case)
    if case["id"] in OTHERWISE:
        assert faults, "agrees: take it off the list"
    else:
        assert not faults


def test_the_list_of_traps_names_series_that_exist() -> None:
    assert OTHERWISE.keys() <= {case["id"] for case in CASES}


MONTHS = [date(2020 + month // 12, month % 12 + 1, 1) for month in range(60)]
VALUES = st.lists(st.integers(0, 1000).map(lambda value: value / 10), min_size=2, max_size=len(MONTHS))


@given(VALUES, st.data())
def test_a_gap_changes_nothing_but_its_own_place(values: list[float], data: st.DataObject) -> None:
    gaps = data.draw(st.sets(st.integers(0, len(values)), max_size=5))
    holed: list[float | None] = list(values)
    for place in sorted(gaps, reverse=True):
        holed.insert(place, None)
    holed = holed[: len(MONTHS)]
    whole = [value for value in holed if value is not None]
    with_gaps = spc(MONTHS[: len(holed)], holed, better="up", target=50)
    without = spc(MONTHS[: len(whole)], whole, better="up", target=50)
    judged = [(p.value, p.side, p.rule, p.kind) for p in with_gaps.points if p.value is not None]
    assert judged == [(p.value, p.side, p.rule, p.kind) for p in without.points]
    assert (with_gaps.variation, with_gaps.assurance) == (without.variation, without.assurance)
    assert with_gaps.limits == without.limits
    assert len(with_gaps.points) == len(holed)


@given(VALUES)
def test_upside_down_is_the_mirror_image(values: list[float]) -> None:
    """Turning the series and its direction over keeps every judgement: whole numbers of tenths, so nothing is rounded."""
    tenths = [round(10 * value) for value in values]
    ours = spc(MONTHS[: len(values)], tenths, better="up")
    turned = spc(MONTHS[: len(values)], [-value for value in tenths], better="down")
    assert [p.kind for p in ours.points] == [p.kind for p in turned.points]
    assert [p.side for p in ours.points] == [-p.side for p in turned.points]


@given(VALUES, st.integers(1, 58))
def test_a_break_makes_two_series_of_one(values: list[float], at: int) -> None:
    months = MONTHS[: len(values)]
    ours = spc(months, values, better="down", breaks=[Break(MONTHS[at], "law")])
    parts = [spc(months[:at], values[:at], better="down"), spc(months[at:], values[at:], better="down")]
    parts = [part for part in parts if part.points]
    assert [p.rule for p in ours.points] == [p.rule for part in parts for p in part.points]
    assert [g.limits for g in ours.groups] == [g.limits for part in parts for g in part.groups]


def test_a_spike_in_a_constant_series_has_no_limits_and_accuses_nobody() -> None:
    values = [5.0] * 9 + [50.0] + [5.0] * 9
    ours = spc(MONTHS[:19], values, better="up", target=10)
    assert ours.limits is None
    assert {point.rule for point in ours.points} == {None}
    assert ours.assurance == "inconsistent"


def test_a_break_within_a_period_starts_with_the_next_and_keeps_its_reason() -> None:
    values = [1.0, 2.0] * 10
    ours = spc(
        MONTHS[:20],
        values,
        better="up",
        breaks=[Break(date(2020, 9, 15), "law"), Break(date(2019, 1, 1), "x")],
    )
    assert [(group.first, group.last, group.reason) for group in ours.groups] == [
        (0, 8, None),
        (9, 19, "law"),
    ]
    assert ours.provisional


def test_twelve_points_are_enough() -> None:
    values = [1.0, 2.0] * 6
    assert not spc(MONTHS[:12], values, better="up").provisional
    assert spc(MONTHS[:11], values[:11], better="up").provisional


@pytest.mark.parametrize("dates", [[MONTHS[0], MONTHS[0]], [MONTHS[1], MONTHS[0]]])
def test_dates_in_disorder_are_refused(dates: list[date]) -> None:
    with pytest.raises(ValueError, match="order"):
        spc(dates, [1.0, 2.0], better="up")
