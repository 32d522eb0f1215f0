"""Calibration and chance against queues whose parameters are known, and laws that every projection keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from indicators.planning.calibration import (
    FULL,
    LEVELS_ONLY,
    PROVISIONAL,
    TYPED,
    Weeks,
    calibrate,
    pools_of,
    usual_of,
)
from indicators.planning.compartments import CALIBRATED, LONGEST, NEWEST, Stream
from indicators.planning.limits_by_week import LimitRule
from indicators.planning.runs import Change, Draws, bands, draw, ends_of, expected, run
from indicators.planning.seasons import Season, measured
from indicators.planning.state import Entry, QueueState, RuleGroup
from indicators.planning.validation import state_of, validate
from tests.oracle.generated_queues import Truth, drawn_truth, history

FLAT = Season((1.0,) * 53)
HISTORIES, AHEAD = 60, 13
LIMITED = RuleGroup("limited", (LimitRule(date(2000, 1, 1), 28, "days"),))
#: A queue with many people, so that chance is small.
LARGE = Truth(100, 95, 0.01, (0.3, 0.2, 0.1, 0.1, 0.2, 0.4), 0.6, 1.0, 500)


def coverage(histories: int = HISTORIES, runs: int = 300) -> dict[str, float]:
    """The shares of weeks ahead inside the two bands, over queues of known parameters that go on as they did."""
    inside: dict[str, list[float]] = {"80": [], "95": []}
    for seed in range(histories):
        calibrated_on = 52 if seed % 2 else 26
        weeks = history(drawn_truth(seed), calibrated_on + AHEAD, 1000 + seed)
        before, after = weeks.between(0, calibrated_on), weeks.between(calibrated_on, len(weeks))
        draws = draw(before, (FLAT, FLAT), after.ends, seed, runs=runs)
        told = bands(run(state_of(before, (RuleGroup("all"),)), draws, Change.none(AHEAD)).queue)
        for name, of in inside.items():
            low, high = told[f"low_{name}"] - 0.5, told[f"high_{name}"] + 0.5
            of.append(float(((after.queue >= low) & (after.queue <= high)).mean()))
    return {name: float(np.mean(of)) for name, of in inside.items()}


def test_bands_hold_as_often_as_they_say() -> None:
    found = coverage()
    assert 0.70 <= found["80"] <= 0.90
    assert found["95"] >= 0.88


def test_parameters_lie_within_their_intervals() -> None:
    held: dict[str, list[bool]] = {"arrivals": [], "visits": [], "leave": []}
    for seed in range(60):
        truth = replace(drawn_truth(seed), visits=drawn_truth(seed).arrivals * 0.9)
        weeks = history(truth, 52, 3000 + seed)
        drawn = calibrate(weeks, (FLAT, FLAT), runs=300, generator=np.random.default_rng(seed))
        leave = drawn.rates.leave @ weeks.present.sum(axis=0) / weeks.present.sum()
        for name, values in (("arrivals", drawn.arrivals), ("visits", drawn.visits), ("leave", leave)):
            low, high = np.quantile(values, [0.025, 0.975])
            # A block bootstrap of 26 weeks is a little narrow.
            wider = 0.1 * (high - low)
            held[name].append(bool(low - wider <= getattr(truth, name) <= high + wider))
    assert {name: np.mean(of) >= 0.85 for name, of in held.items()} == dict.fromkeys(held, True), held


def test_rates_are_ratios_of_sums_and_shrunk() -> None:
    weeks = history(LARGE, 52, 1)
    found = calibrate(weeks, (FLAT, FLAT))
    assert found.grade == FULL
    at = pools_of(weeks) == 4
    left, present = weeks.left[:, at].sum(), weeks.present[:, at].sum()
    mean = weeks.left.sum() / weeks.present.sum()
    assert found.rates.leave[0][4] == pytest.approx((left + 20 * mean) / (present + 20))
    assert found.rates.leave[0][4] == found.rates.leave[0][7]
    # What is usual elsewhere counts where the service's other units have enough person-weeks, else the unit's own mean.
    others = [history(replace(LARGE, leave=0.2), 52, 2)]
    with_usual = calibrate(weeks, (FLAT, FLAT), usual_of(others))
    assert with_usual.rates.leave[0][4] > found.rates.leave[0][4]
    assert usual_of([]) is None
    assert found.arrivals[0] == pytest.approx(weeks.arrived[-26:].sum() / 26)
    assert found.usual_leaving == pytest.approx(weeks.left.sum() / weeks.arrived.sum())
    ready = weeks.treated[:, 0] / (weeks.present[:, 0] - weeks.left[:, 0])
    assert found.rates.ready.tolist() == [pytest.approx(ready.max()), 1.0]


def test_few_weeks_calibrate_less() -> None:
    grades = [calibrate(history(LARGE, number, 1), (FLAT, FLAT)).grade for number in (11, 12, 26, 52, 80)]
    assert grades == [TYPED, LEVELS_ONLY, PROVISIONAL, FULL, FULL]
    usual = usual_of([history(replace(LARGE, leave=0.2), 52, 2)])
    thin = calibrate(history(LARGE, 20, 1), (FLAT, FLAT), usual)
    assert usual is not None
    assert (usual.person_weeks[:3] > 200).all()
    assert thin.rates.leave[0][:3].tolist() == pytest.approx(usual.leave[:3].tolist())


def test_a_cleaned_list_is_no_rate() -> None:
    weeks = history(LARGE, 52, 1)
    left = weeks.left.copy()
    left[40, 3] += 60
    cleaned = calibrate(replace(weeks, left=left, present=weeks.present + (left - weeks.left)), (FLAT, FLAT))
    assert cleaned.cleaned == (weeks.ends[40],)
    plain = calibrate(weeks, (FLAT, FLAT))
    assert cleaned.rates.leave[0][3] == pytest.approx(plain.rates.leave[0][3], rel=0.1)


def test_a_drift_of_demand_is_told() -> None:
    weeks = history(LARGE, 52, 1)
    growing = replace(weeks, arrived=weeks.arrived * (1 + np.arange(52) / 100)[:, None])
    trend = calibrate(growing, (FLAT, FLAT)).trend
    assert trend is not None
    assert trend == pytest.approx(52 / 138, rel=0.5)


def test_a_season_is_measured_from_two_years() -> None:
    ends = ends_of(date(2023, 1, 2), 130)
    quiet = np.array([30 <= (end - timedelta(days=3)).isocalendar().week <= 33 for end in ends])
    found = measured(np.where(quiet, 50.0, 100.0), ends)
    factors = found.factors(ends)
    assert np.mean(found.by_week or ()) == pytest.approx(1)
    # Half-way to 1: in the middle of the quiet weeks a quarter less than around them.
    middle = np.array([(end - timedelta(days=3)).isocalendar().week == 31 for end in ends])
    assert factors[middle].mean() / factors[~quiet].mean() == pytest.approx(0.755, abs=0.03)
    # Of less than two years working days tell it, and what is typed stands.
    short = replace(measured(np.full(60, 9.0), ends[:60]), typed={date(2025, 1, 6): 0.1})
    assert short.factors([date(2024, 12, 30), date(2025, 1, 6), date(2025, 1, 20)]).tolist() == [
        0.4,
        0.1,
        1.0,
    ]


def state(people: float = 1.0) -> QueueState:
    entries = [Entry(0, people * count, age=age) for age, count in enumerate((40, 30, 25, 20, 12, 6, 3))]
    return QueueState(date(2025, 3, 3), tuple(entries), (LIMITED,))


def draws_of(weeks: int = 40, arrivals: float = 40.0, visits: float = 38.0) -> Draws:
    known = expected(calibrate(history(LARGE, 52, 1), (FLAT, FLAT)), ends_of(state().snapshot, weeks))
    return replace(known, arrivals=np.full((1, weeks), arrivals), visits=np.full((1, weeks), visits))


@pytest.mark.parametrize(
    "order", [{CALIBRATED: 1.0}, {LONGEST: 1.0}, {NEWEST: 1.0}, {LONGEST: 0.3, NEWEST: 0.2}]
)
def test_more_visits_never_make_a_longer_queue(order: dict[str, float]) -> None:
    weeks, drawn = 20, np.random.default_rng(2)
    base = drawn.uniform(20, 60, weeks)
    for week in range(0, weeks, 3):
        more = base.copy()
        more[week] += 7
        found = run(
            state(),
            replace(draws_of(weeks), visits=np.stack([base, more]), arrivals=np.full((2, weeks), 40.0)),
            Change(np.ones(weeks), np.ones(weeks), order=order),
        )
        assert (found.queue[1] <= found.queue[0] + 1e-9).all()
        assert (found.over[1] <= found.over[0] + 1e-9).all()


def test_twice_the_people_make_twice_of_everything() -> None:
    one = run(state(), draws_of(), Change.none(40))
    two = run(state(2), draws_of(arrivals=80, visits=76), Change.none(40))
    for name in ("queue", "over", "treated", "left", "unused", "limited"):
        np.testing.assert_allclose(getattr(two, name), 2 * getattr(one, name), atol=1e-9)
    np.testing.assert_allclose(two.share, one.share, atol=1e-12)


def test_people_are_conserved_and_weeks_counted_with_chance() -> None:
    weeks = history(LARGE, 52, 1)
    drawn = draw(weeks, (FLAT, FLAT), ends_of(weeks.ends[-1], 52), 1, runs=50)
    found = run(state_of(weeks, (LIMITED,)), drawn, Change.none(52))
    balance = found.opening + found.arrivals - found.left - found.treated - found.queue
    assert np.abs(balance).max() < 1e-8
    np.testing.assert_allclose(found.treated + found.unused, drawn.visits, atol=1e-8)
    # Who waits at the end of each week, by age, is everybody who came and neither left nor was treated: Little's law.
    assert found.queue[:, -1].sum() == pytest.approx(found.ages_end.sum())


def test_arrivals_are_whole_people_as_dispersed_as_they_were() -> None:
    for dispersion in (1.0, 3.0):
        weeks = history(replace(LARGE, dispersion=dispersion), 52, 4)
        drawn = draw(weeks, (FLAT, FLAT), ends_of(weeks.ends[-1], 30), 1, runs=400).arrivals
        assert (drawn == np.floor(drawn)).all()
        # Within a run, so that the doubt about the level is not in it.
        within = (drawn.var(axis=1, ddof=1) / drawn.mean(axis=1)).mean()
        assert within == pytest.approx(calibrate(weeks, (FLAT, FLAT)).dispersion, rel=0.1)


def test_pooled_ages_change_nothing_that_is_told() -> None:
    change = Change(np.ones(40), np.ones(40), [Stream(np.full(40, 2.0), {LONGEST: 1.0})])
    pooled, whole = (run(state(), draws_of(), change, pooled=one) for one in (True, False))
    for name in ("queue", "over", "share", "treated", "left", "longest"):
        np.testing.assert_allclose(getattr(pooled, name), getattr(whole, name), atol=1e-9)


def test_a_scenario_equal_to_today_gives_the_numbers_of_today() -> None:
    weeks = history(LARGE, 52, 1)
    first, again = (draw(weeks, (FLAT, FLAT), ends_of(weeks.ends[-1], 20), 7, runs=40) for _ in range(2))
    nothing = Change(np.ones(20), np.ones(20), [Stream(np.zeros(20), {LONGEST: 1.0})])
    here = state_of(weeks, (LIMITED,))
    np.testing.assert_array_equal(run(here, first, Change.none(20)).queue, run(here, again, nothing).queue)


def test_held_out_weeks_tell_how_good_the_model_is() -> None:
    weeks = history(replace(LARGE, visits=88, leave=0.001), 104, 1)
    ages = np.arange(weeks.present.shape[1])
    over = np.array([row[ages > 4].sum() + row[4] * 0.8 for row in weeks.closing])
    told = validate(
        replace(weeks, share=1 - over / weeks.queue), lambda _weeks: (FLAT, FLAT), 3, groups=(LIMITED,)
    )
    assert told is not None
    assert (told.origins, told.held, told.weeks) == (4, 13, 52)
    assert told.wape is not None and told.wape_shape is not None
    assert told.wape < 0.15 and told.wape_shape < told.wape
    assert not told.is_poor and not told.is_small
    assert told.share_error_points is not None and told.share_error_points < 10
    few = validate(history(LARGE, 30, 1), lambda _weeks: (FLAT, FLAT), 3)
    assert few is not None and (few.origins, few.held) == (2, 8)
    assert validate(history(LARGE, 15, 1), lambda _weeks: (FLAT, FLAT), 3) is None


def test_a_model_of_another_queue_is_poor() -> None:
    weeks = history(LARGE, 80, 1)
    changed = history(replace(LARGE, arrivals=20, start=0), 26, 2)
    joined = Weeks(
        ends_of(weeks.ends[0], 93),
        *(
            np.concatenate([getattr(weeks, name)[:67], getattr(changed, name)])
            for name in ("present", "left", "treated", "arrived")
        ),
    )
    told = validate(joined, lambda _weeks: (FLAT, FLAT), 3, origins=2)
    assert told is not None and told.is_poor
