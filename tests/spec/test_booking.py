"""Who passes the limit, counted a second time from single entries; waits by unit and by day against the slow way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import ceil
from pathlib import Path

import numpy as np
import pytest

from indicators.answers import answer
from indicators.engine.booking import WEEKS, passing_by, who_passes
from indicators.engine.honest_waits import backtest, expected_wait, waits_by_unit
from indicators.engine.near_misses import entries_by_limit
from indicators.engine.question import Question
from indicators.engine.queue_basis import basis_of, breaches_of
from indicators.planning.survival import days_until, honest_waits_of, share_within, shares_by_day
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import queue, queue_entry
from tests.spec.test_actions import YOUNG, current, load, written

AREA = (("area", ("18",)),)
DAY = date(2025, 3, 31)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def entry(key: int, days: int, unit: str = "A", **changes: str) -> str:
    """An entry of a child in primary care whose last day is `days` after the snapshot: the limit is 14 days."""
    start = written(DAY + timedelta(days=days - 14))
    given = {"snapshot": written(DAY), "assessed": start, "queued": start, "born": YOUNG}
    return queue_entry(key, unit=unit, unit_name=unit, **{**given, **changes})


def test_who_passes_is_counted_by_the_week_of_the_last_day(settings: Settings) -> None:
    lines = [
        *(entry(number, days) for number, days in enumerate((-3, -1, 0, 1, 7, 8, 14))),
        # Over already, with a time.
        entry(10, -5, booked_for=written(DAY + timedelta(days=2))),
        # A time after the limit, and one on its last day.
        entry(11, 3, booked_for=written(DAY + timedelta(days=4))),
        entry(12, 3, booked_for=written(DAY + timedelta(days=3))),
        entry(13, -9, reason="Lääketieteellinen"),
        entry(14, 5, "B", assessed=""),
        entry(15, 6, "B"),
    ]
    load(settings, "jono.csv", queue(*lines))
    found = who_passes(current(settings), AREA)
    assert found is not None and found.day == DAY and not found.has_arrivals
    breaches = found.breaches
    assert (breaches.over, breaches.over_booked) == (3, 1)
    assert breaches.entries.tolist() == [4, 2, 0, 0, 0, 0, 0, 0]
    assert breaches.booked_late.tolist() == [1, *[0] * 7]
    assert breaches.in_time.tolist() == [1, *[0] * 7]
    assert (found.waiting, found.deferred, found.without_limit) == (13, 1, 1)
    # Four in the first week: three a week would let one pass.
    assert breaches.needed == 4
    a, b = passing_by(entries_by_limit(current(settings), AREA), "unit")
    assert (a.key, a.waiting, a.over, a.over_unbooked, a.soon_unbooked, a.booked_late, a.needed) == (
        *("A", 11, 3, 2, 5, 1),
        3,
    )
    assert (b.key, b.waiting, b.over, b.soon_unbooked, b.needed) == ("B", 2, 0, 1, 1)
    assert who_passes(current(settings), (("area", ("20",)),)) is None


def test_who_passes_agrees_with_the_indicator_and_with_the_plan(demo_settings: Settings) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    found = who_passes(snapshot, AREA)
    assert found is not None and found.has_arrivals
    over = (
        answer(snapshot, Question("queue_over_limit", area="18", by="week", suppress=False), demo_settings)
        .rows["value"]
        .iloc[-1]
    )
    assert found.breaches.over == over
    entries = entries_by_limit(snapshot, AREA)
    for split in ("unit", "service", "profession"):
        groups = passing_by(entries, split)
        assert sum(one.waiting for one in groups) == found.waiting
        assert sum(one.over for one in groups) == over
        assert sum(one.soon_unbooked for one in groups) == found.breaches.entries[:4].sum()
        assert sum(one.over - one.over_unbooked for one in groups) == found.breaches.over_booked
    # The plan counts entries deferred for a medical reason too.
    plan = breaches_of(basis_of(snapshot, AREA), WEEKS)
    deferred = entries[entries["deferred"] & (entries["days_over"] > 0)]
    assert plan.over == over + len(deferred)
    assert (plan.arrivals >= found.breaches.arrivals).all()
    assert 0.5 * plan.arrivals.sum() < found.breaches.arrivals.sum()
    due = np.cumsum(found.breaches.entries + found.breaches.arrivals)
    assert found.breaches.needed == max(ceil(total / week - 1e-9) for week, total in enumerate(due, start=1))


def test_new_entries_are_not_foretold_by_age(demo_settings: Settings) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    found = who_passes(snapshot, (*AREA, ("age_band", ("30-64",))))
    assert found is not None and not found.has_arrivals and not found.breaches.arrivals.any()


def test_waits_by_unit_are_those_of_each_unit_by_itself(demo_settings: Settings) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    found = waits_by_unit(snapshot, AREA)
    assert len(found) > 5
    for unit, (wait, tried) in found.items():
        alone = (*AREA, ("unit", (unit,)))
        assert (wait, tried) == (expected_wait(snapshot, alone), backtest(snapshot, alone)), unit


def test_shares_by_day_are_those_of_the_estimate() -> None:
    drawn = np.random.default_rng(5)
    until = np.datetime64("2025-06-30")
    for number in range(20):
        count = 2 + 20 * number
        assessed = until - drawn.integers(0, 120, count).astype("timedelta64[D]")
        seen = assessed + drawn.integers(0, 150, count).astype("timedelta64[D]")
        left = np.full(count, np.datetime64("NaT"), "datetime64[D]")
        gone = drawn.random(count) < 0.2
        left[gone] = assessed[gone] + 10
        seen[gone | (drawn.random(count) < 0.3)] = np.datetime64("NaT")
        weights = drawn.integers(1, 4, count)
        marks = tuple(range(0, 140, 7))
        wanted = honest_waits_of(assessed, seen, left, weights, until.item(), marks)
        shares = shares_by_day(assessed, seen, left, weights, until.item())
        for one in wanted.within:
            share = share_within(shares, one.days)
            assert (share is None) == (one.share is None), one
            assert share is None or share == pytest.approx(one.share, abs=1e-12)
        half = days_until(shares, 0.5)
        assert half is None or (shares[half] >= 0.5 and (half == 0 or shares[half - 1] < 0.5))
    assert share_within(np.zeros(0), 3) is None and days_until(np.zeros(0), 0.5) is None
