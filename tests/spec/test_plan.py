"""What happens if, and what it takes: scenarios of a queue as values, in both directions, with euros and the word on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from indicators.catalogue.errors import UsageError
from indicators.planning.compartments import CALIBRATED, LONGEST, NEWEST
from indicators.planning.from_counts import BANDS, plan_from_counts
from indicators.planning.limits_by_week import LimitRule
from indicators.planning.needed import BOOKED, NOT_READY, what_it_takes
from indicators.planning.plan import Basis, plan
from indicators.planning.scenario import (
    BOUGHT,
    OWN,
    Closure,
    PlannedStream,
    Scenario,
    Target,
    from_link,
    open_scenario,
    read_scenario,
    shipped_scenarios,
)
from indicators.planning.seasons import Season
from indicators.planning.state import Entry, QueueState, RuleGroup, about_to_breach
from indicators.planning.steady_state import BY_LEAVING, SUSTAINABLE
from indicators.planning.targets import NOT_BY_WEEK, OVER, QUEUE, SHARE
from tests.oracle.generated_queues import Truth, history

FLAT = Season((1.0,) * 53)
LIMITED = RuleGroup("all", (LimitRule(date(2000, 1, 1), 28, "days"),))
#: Five more come than are treated each week.
WEEKS = history(Truth(40, 35, 0.002, (0.3, 0.2, 0.2, 0.2, 0.3), 0.8, 1.0, 60), 60, 5)
SNAPSHOT = WEEKS.ends[-1]
ENTRIES = tuple(Entry(0, float(count), age=age) for age, count in enumerate(WEEKS.closing[-1]) if count)
BASIS = Basis(QueueState(SNAPSHOT, ENTRIES, (LIMITED,)), WEEKS, (FLAT, FLAT))
FIRST = SNAPSHOT + timedelta(days=1)


def stream(**changes: object) -> PlannedStream:
    fields = {"name": "A", "producer": BOUGHT, "first_day": FIRST, "last_day": FIRST + timedelta(days=83)}
    return PlannedStream(**(fields | {"visits_a_week": 20.0, "price_eur": 100.0} | changes))  # type: ignore[arg-type]


def scenario(**changes: object) -> Scenario:
    return Scenario(**({"name": "N", "area": "18", "service": "oral_health"} | changes))  # type: ignore[arg-type]


def test_a_scenario_equal_to_today_is_today() -> None:
    found = plan(BASIS, scenario(), runs=60)
    for name in ("queue", "over", "treated", "left"):
        np.testing.assert_array_equal(getattr(found.scenario.runs, name), getattr(found.today.runs, name))
    assert found.euros_per_treated is None and found.scenario.total_euros == 0
    assert not found.differences("queue")["median"].any()
    assert found.today.word == BY_LEAVING


def test_the_same_inputs_give_the_same_picture() -> None:
    one, again = (plan(BASIS, scenario(streams=(stream(),)), runs=40) for _ in range(2))
    assert one.seed == again.seed
    np.testing.assert_array_equal(one.scenario.runs.queue, again.scenario.runs.queue)
    assert scenario(area="20").seed(SNAPSHOT) != one.seed


def test_extra_visits_cost_and_treat() -> None:
    found = plan(BASIS, scenario(streams=(stream(), stream(name="B", producer=OWN, price_eur=50.0))), runs=60)
    assert found.scenario.euros == {BOUGHT: pytest.approx(12 * 20 * 100), OWN: pytest.approx(12 * 20 * 50)}
    assert found.scenario.visits == {BOUGHT: pytest.approx(240), OWN: pytest.approx(240)}
    more = (found.scenario.expected.treated - found.today.expected.treated).sum()
    assert found.euros_per_treated == pytest.approx(36_000 / more)
    assert found.more_treated["low_80"] <= found.more_treated["median"] <= found.more_treated["high_80"]
    used = found.scenario.expected.treated + found.scenario.expected.unused
    assert used.sum() == pytest.approx(BASIS.expected(scenario()).visits.sum() + 480)
    # Afterwards the visits are those of today again.
    assert found.scenario.word == BY_LEAVING
    for line in found.scenario.lines.values():
        assert (line["low_95"] <= line["median"]).all() and (line["median"] <= line["high_95"]).all()


def test_a_budget_is_spread_evenly_until_it_is_spent() -> None:
    whole = stream(visits_a_week=None, budget_eur=12_000.0)
    ends = [SNAPSHOT + timedelta(days=7 * week) for week in range(1, 15)]
    assert whole.visits(ends).tolist() == pytest.approx([10.0] * 12 + [0, 0])
    fast = stream(visits_a_week=50.0, budget_eur=12_000.0)
    assert fast.visits(ends).tolist() == pytest.approx([50, 50, 20] + [0] * 11)


def test_growth_and_closed_weeks() -> None:
    closed = Closure(SNAPSHOT + timedelta(days=8), SNAPSHOT + timedelta(days=21), 50.0)
    change = scenario(growth_pct=10.0, closures=(closed,)).change(SNAPSHOT)
    assert change.visits[:5].tolist() == pytest.approx([1, 0.5, 0.5, 1, 1])
    assert change.arrivals[51] == pytest.approx(1.1)
    base, worse = (plan(BASIS, scenario(closures=of), runs=30).scenario.expected for of in ((), (closed,)))
    assert (worse.queue >= base.queue - 1e-9).all() and worse.queue[0, 4] > base.queue[0, 4] + 20


def test_levels_that_are_typed_replace_the_measured_ones() -> None:
    found = plan(BASIS, scenario(arrivals_a_week=10.0, visits_a_week=30.0), runs=30)
    assert found.today.expected.arrivals[0, 0] == pytest.approx(10)
    assert found.today.expected.queue[0, -1] < 15 and found.today.word == SUSTAINABLE


def test_what_it_takes_reaches_its_target_and_one_visit_less_does_not() -> None:
    for kind, value in ((QUEUE, 60.0), (OVER, 0.0), (SHARE, 95.0)):
        wanted = scenario(target=Target(kind, value, SNAPSHOT + timedelta(weeks=13)), weeks=30)
        found = what_it_takes(BASIS, wanted, order={LONGEST: 1.0}, runs=100)
        assert found.plain.possible and found.plain.extra and found.by == 13
        until = SNAPSHOT + timedelta(weeks=13)

        def tried(extra: int, after: int, until: date = until, wanted: Scenario = wanted) -> np.ndarray:
            streams = (
                stream(visits_a_week=float(extra), last_day=until),
                stream(
                    visits_a_week=float(after),
                    first_day=until + timedelta(days=1),
                    last_day=SNAPSHOT + timedelta(weeks=30),
                ),
            )
            return wanted.target.wanted.met(
                plan(BASIS, replace(wanted, streams=streams), 5).scenario.expected
            )[0]

        extra, after = found.plain.extra, found.plain.extra_after or 0
        assert tried(extra, after)[12:].all()
        assert not tried(extra - 1, after)[12]
        assert after == 0 or not tried(extra, after - 1)[12:].all()
        # With chance it takes more, and the plain answer holds in fewer than 80 of 100 runs.
        assert found.likely is not None and found.likely.extra is not None and found.chance is not None
        assert found.likely.extra >= extra and found.chance < 0.8
        assert found.euros(100.0, 30) == pytest.approx(100 * (extra * 13 + after * 17))


def test_impossible_is_an_answer_with_its_cause() -> None:
    unready = replace(WEEKS, treated=WEEKS.treated * 0.5, left=WEEKS.left)
    basis = Basis(BASIS.state, replace(unready, present=WEEKS.present), (FLAT, FLAT))
    found = what_it_takes(
        basis, scenario(target=Target(QUEUE, 0.0, SNAPSHOT + timedelta(weeks=4))), likely=False
    )
    assert not found.plain.possible and found.plain.reason == NOT_BY_WEEK and found.cause == NOT_READY
    assert found.nearest is not None and found.nearest > 0.5
    # A time after the limit keeps somebody over it whatever is added.
    booked = Entry(0, 9.0, age=3, booked_for=SNAPSHOT + timedelta(weeks=10))
    state = replace(BASIS.state, entries=(*BASIS.state.entries, booked))
    found = what_it_takes(
        replace(BASIS, state=state),
        scenario(target=Target(OVER, 0.0, SNAPSHOT + timedelta(weeks=6))),
        order={LONGEST: 1.0},
        likely=False,
    )
    assert found.plain.reason == NOT_BY_WEEK and found.cause == BOOKED and found.nearest == pytest.approx(9)
    assert found.nearest_week is not None and found.nearest_week > 6


def test_who_is_about_to_breach() -> None:
    def on(days: int, booked: int | None = None) -> Entry:
        at = None if booked is None else SNAPSHOT + timedelta(days=booked)
        return Entry(0, 1.0, SNAPSHOT - timedelta(days=days), booked_for=at)

    # Limit 28 days: over already, last day today, in a week, in eight days, booked in time and too late.
    entries = (on(29), on(29, 3), on(28), on(21), on(20), on(20, 5), on(20, 30))
    found = about_to_breach(QueueState(SNAPSHOT, entries, (LIMITED,)), [0.0] * 6)
    assert (found.over, found.over_booked) == (2, 1)
    assert found.entries.tolist() == [2, 1, 0, 0, 0, 0]
    assert found.in_time.tolist() == [0, 1, 0, 0, 0, 0] and found.booked_late.tolist() == [0, 1, 0, 0, 0, 0]
    assert found.needed == 2
    # Who comes from now on has four weeks.
    coming = about_to_breach(QueueState(SNAPSHOT, (), (LIMITED,)), [10.0] * 8)
    assert coming.arrivals.tolist() == pytest.approx([0, 0, 0, 0, 10, 10, 10, 10])
    assert coming.needed == 5


FULL = scenario(
    units=("HH-KOK-01",),
    profession="dentist",
    growth_pct=2.0,
    reserved={LONGEST: 0.3, NEWEST: 0.1},
    streams=(stream(), stream(name="B", budget_eur=540_000.0, visits_a_week=None, order=CALIBRATED)),
    closures=(Closure(FIRST, FIRST),),
    target=Target(OVER, 0.0, FIRST),
    weeks=104,
)


def test_a_scenario_is_saved_opened_and_linked(tmp_path: Path) -> None:
    assert read_scenario(FULL.written()) == FULL
    assert from_link(FULL.to_link()) == FULL
    assert set(FULL.to_link()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    path = tmp_path / "one.json"
    path.write_text(FULL.to_json(), encoding="utf-8")
    assert open_scenario(path) == FULL


@pytest.mark.parametrize(
    "text", ["", "%%%", "AAAA", scenario().to_link()[:-9], "A" * 5000, "eJwDAAAAAAE"], ids=range(6)
)
def test_a_broken_link_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        from_link(text)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"weeks": 2}, "weeks"),
        ({"colour": 1}, "colour"),
        ({"usual_order": "best"}, "usual_order"),
        ({"target": {"kind": "share", "value": 101}}, "share"),
        ({"reserved": {"longest": 0.7, "newest": 0.6}}, "reserved"),
        ({"streams": [stream(last_day=SNAPSHOT).__dict__]}, "last_day"),
        ({"streams": [stream(visits_a_week=None).__dict__]}, "budget_eur"),
        ({"streams": [stream(budget_eur=5.0, price_eur=0.0).__dict__]}, "price_eur"),
    ],
)
def test_a_wrong_scenario_is_named(change: dict[str, object], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        read_scenario({**scenario().written(), **change})


def test_the_plans_own_case_ships() -> None:
    found = shipped_scenarios()["oral_health_540000"]
    assert [one.budget_eur for one in found.streams] == [540_000]
    assert found.service == "oral_health"
    moved = found.moved_to(date(2027, 2, 1))
    assert moved.streams[0].first_day == date(2027, 2, 1)
    assert (moved.streams[0].last_day - moved.streams[0].first_day) == timedelta(days=360)


def test_counts_alone_give_a_range() -> None:
    asked = scenario(
        waiting=100.0,
        over=30.0,
        arrivals_a_week=10.0,
        visits_a_week=12.0,
        streams=(stream(visits_a_week=3.0),),
    )
    found = plan_from_counts(asked, SNAPSHOT, LIMITED.rules)
    for outcome in (found.today, found.planned):
        for line in (outcome.queue, outcome.share, outcome.over):
            shown = ~np.isnan(line.even)
            assert (line.low[shown] <= line.even[shown] + 1e-9).all()
            assert (line.even[shown] <= line.high[shown] + 1e-9).all()
    # The length of the queue does not depend on its shape: 2 fewer each week, 5 fewer with the stream.
    assert found.today.queue.even[:3].tolist() == pytest.approx([98, 96, 94])
    assert found.planned.queue.low[:3].tolist() == pytest.approx([95, 90, 85])
    assert found.today.share.low[0] < found.today.share.high[0]
    assert found.planned.euros == pytest.approx(12 * 3 * 100) and found.today.euros == 0
    with pytest.raises(UsageError, match="visits_a_week"):
        plan_from_counts(scenario(waiting=1.0, arrivals_a_week=2.0), SNAPSHOT, LIMITED.rules)
    bands = dict(zip(BANDS, (10, 10, 20, 30, 10, 5), strict=True))
    banded = plan_from_counts(replace(asked, waiting=None), SNAPSHOT, LIMITED.rules, bands)
    assert banded.today.queue.even[0] == pytest.approx(83)
    assert banded.today.over.low[0] < banded.today.over.high[0]


def test_a_long_queue_is_tried_with_as_many_visits_as_clear_it() -> None:
    entries = tuple(Entry(0, 5000.0, age=age) for age in (1, 2))
    long = Basis(QueueState(SNAPSHOT, entries, (LIMITED,)), WEEKS, (FLAT, FLAT))
    wanted = scenario(target=Target(QUEUE, 100, SNAPSHOT + timedelta(weeks=20)))
    found = what_it_takes(long, wanted, order={LONGEST: 1.0}, likely=False)
    assert found.plain.possible and (found.plain.extra or 0) > 200
    assert found.most >= 10_000 / 20
