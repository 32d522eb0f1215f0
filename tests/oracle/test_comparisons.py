"""What is made of the answers against the second implementation: verdicts, stages, debts, changes and mixes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from indicators.analysis.change import change_against
from indicators.analysis.decomposition import CHANCE, NOT_JUDGED, share_mix
from indicators.analysis.stages import stages
from indicators.answers import answer
from indicators.catalogue.periods import period_of
from indicators.programme.targets import target_result
from indicators.programme.verdicts import Target, verdict_of
from indicators.service_debt.debt import hidden_debt, visible_debt
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot
from tests.oracle import comparisons
from tests.oracle.assert_same import engine_question
from tests.oracle.figures import CARRIED_ON, PER_CENT, Promise, verdict
from tests.oracle.model import IN_DEMO, INDICATORS, Asked, Oracle

TODAY = date(2026, 1, 2)
#: Indicators whose headline, and so the comparison with a target, is of primary care.
OF_PRIMARY_CARE = ("seven_day_access", "access_data_coverage", "wait_median", "wait_p90")
PRIMARY_CARE = (("service", ("primary_care",)),)


@pytest.mark.parametrize("indicator", [name for name in INDICATORS if name not in CARRIED_ON])
def test_targets_just_kept_and_just_missed(
    indicator: str, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    """A level of the actual itself, a hair below and above it, held with every comparator."""
    seen = set()
    where = PRIMARY_CARE if indicator in OF_PRIMARY_CARE else ()
    for day, by in ((date(2025, 11, 1), "quarter"), (date(2026, 1, 1), "month")):
        period = period_of(day, by)
        asked = Asked(indicator, by, where=where, date_from=period.start, date_to=period.end)
        (actual,) = oracle.ask(asked)
        level = next((known for known in (actual.value, actual.low) if known is not None), 1.0)
        ends = (actual.low, actual.high)
        target = Target(indicator, "18", period, ">=", level, "count", "", None)
        held = target_result(snapshot, demo_settings, target, as_of=TODAY, suppress=False)
        promise = Promise(indicator, "18", period.start, period.end, ">=", level, "count")
        first = verdict(promise, actual.value, actual.status, TODAY, ends=ends)
        assert held.verdict == first, (actual, held.actual)
        around = {level, *(end for end in ends if end is not None)}
        for near_by in (at + shift for at in around for shift in (-1e-6, 0, 1e-6)):
            for comparator in ("<", "<=", ">", ">=", "="):
                promise = replace(promise, comparator=comparator, level=near_by)
                expected = verdict(promise, actual.value, actual.status, TODAY, ends=ends)
                near = replace(target, comparator=comparator, value=near_by)
                assert verdict_of(near, held.actual, TODAY) == expected, (near, actual, held.actual)
                seen.add(expected)
    assert {"met", "not_met"} <= seen


@pytest.mark.parametrize("indicator", ["health_centre_wait_days", "oral_health_wait_days"])
def test_a_limit_in_months_is_one_of_the_calendar(
    indicator: str, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    seen = set()
    for month in (3, 9, 12):
        period = period_of(date(2025, month, 1), "month")
        asked = Asked(indicator, "month", date_from=period.start, date_to=period.end)
        (actual,) = oracle.ask(asked)
        for months in (1, 2, 6):
            over = comparisons.days_over(oracle, asked, period.start, months)
            for comparator in ("<", ">="):
                target = Target(indicator, "18", period, comparator, months, "months", "", None)
                promise = Promise(indicator, "18", period.start, period.end, comparator, months, "months")
                expected = verdict(promise, actual.value, actual.status, TODAY, over)
                found = target_result(snapshot, demo_settings, target, as_of=TODAY, suppress=False)
                assert (found.verdict, found.distance) == (expected, pytest.approx(over))
                seen.add(expected)
    assert seen == {"met", "not_met"}


STAGES_ASKED = (
    Asked("wait_median", "month"),
    Asked("wait_median", "quarter", ("unit",)),
    Asked("seven_day_access", "quarter", ("profession", "mode"), PRIMARY_CARE),
    Asked("oral_health_wait_days", "week", (), (("age_group", ("23+",)),)),
    # The last months have no data: nothing is told of them.
    Asked("wait_median", "month", date_from=date(2025, 5, 1), date_to=date(2026, 3, 31)),
)


@pytest.mark.parametrize("asked", STAGES_ASKED, ids=str)
def test_the_stages_of_a_wait(
    asked: Asked, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    expected = comparisons.stages(oracle, asked)
    found = {
        (row.period.start, row.key): (
            {path: count for path, count in row.paths.items() if count},
            row.means,
            row.status,
        )
        for row in stages(snapshot, engine_question(asked), demo_settings).rows
    }
    assert found == expected
    assert sum(days is not None for _, days, _ in expected.values()) > 5


@pytest.mark.parametrize(
    "asked",
    [
        Asked("service_debt_visible", "quarter"),
        Asked("service_debt_visible", "year", ("service",)),
        Asked("service_debt_visible", "quarter", ("unit",), (("age_group", ("0-22",)),)),
    ],
    ids=str,
)
def test_days_beyond_the_limit(
    asked: Asked, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    rows = visible_debt(snapshot, engine_question(asked), demo_settings).rows
    keys = ["period_start", *asked.splits]
    found = {
        (row[0], tuple(row[1:-1])): row[-1]
        for row in rows[[*keys, "days_beyond"]].itertuples(index=False, name=None)
    }
    expected = comparisons.days_beyond(oracle, asked)
    told = {key: days for key, days in found.items() if not math.isnan(days)}
    assert told == {key: days for key, days in expected.items() if key in told}
    assert len(told) == len([row for row in oracle.ask(asked) if row.value is not None])
    assert sum(told.values()) > 100


@pytest.mark.parametrize("by", ["month", "year"])
@pytest.mark.parametrize("indicator", ["visits", "patients"])
def test_care_that_did_not_happen(
    indicator: str, by: str, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    for service in ("primary_care", "oral_health"):
        asked = Asked(indicator, by, where=(("service", (service,)),))
        found = hidden_debt(
            answer(snapshot, engine_question(asked), demo_settings),
            baseline_year=2024,
            start=date(2025, 1, 1),
        )
        expected = comparisons.owed(oracle.ask(asked), by, 2024, date(2025, 1, 1))
        told = [(one.period.start, one.expected, one.realised, one.balance) for one in found.periods]
        assert told == expected
        assert sum(done is not None and was is not None for _, was, done, _ in expected) in (1, 12)


@pytest.mark.parametrize("indicator", IN_DEMO)
def test_this_period_against_those_before_it(
    indicator: str, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    compared = 0
    for by in ("month", "quarter"):
        asked = Asked(indicator, by, rows_only=True)
        results, found = oracle.ask(asked), answer(snapshot, engine_question(asked), demo_settings)
        for at in range(len(results)):
            expected, told = (
                comparisons.change(results, at, indicator in PER_CENT),
                change_against(found, at),
            )
            if expected is None:
                assert told is None
                continue
            compared += 1
            before, periods = expected
            assert (told.before, told.periods) == (pytest.approx(before), periods)
            assert told.difference == pytest.approx(results[at].value - before)
    # Electronic contacts are a range throughout, and a range has no change.
    assert compared > 10 or indicator == "electronic_contacts"


def pairs() -> Iterator[tuple[date, date, str]]:
    """Periods to compare: a quarter with the same of the year before, neighbours, and one the data does not cover."""
    yield date(2024, 7, 1), date(2025, 7, 1), "quarter"
    yield date(2025, 2, 1), date(2025, 3, 1), "month"
    yield date(2025, 10, 1), date(2026, 1, 1), "quarter"


@pytest.mark.parametrize("split", ["profession", "mode", "unit"])
@pytest.mark.parametrize("indicator", ["seven_day_access", "access_within_limit", "remote_contacts"])
def test_what_the_mix_did_to_a_share(
    indicator: str, split: str, oracle: Oracle, snapshot: Snapshot, demo_settings: Settings
) -> None:
    if (indicator, split) == ("remote_contacts", "mode"):
        split = "age_band"
    for first, second, by in pairs():
        asked = Asked(indicator, by, (split,), PRIMARY_CARE)
        before, after = period_of(first, by), period_of(second, by)
        found = share_mix(snapshot, replace(engine_question(asked), by=None), before, after, demo_settings)
        whole = {row.period_start: row for row in oracle.ask(Asked(indicator, by, where=PRIMARY_CARE))}
        if any(start not in whole or whole[start].status != "ok" for start in (first, second)):
            assert (found.mix, found.reason) == (None, NOT_JUDGED)
            continue
        sides = [(whole[start].numerator, whole[start].denominator) for start in (first, second)]
        if comparisons.differ_by_chance(*sides):
            # Too small to have causes.
            assert (found.mix, found.reason) == (None, CHANCE)
            continue
        counts = [comparisons.counts_of(oracle, asked, start) for start in (first, second)]
        told = (float(found.mix.within), float(found.mix.mix))
        assert told == pytest.approx(comparisons.within_and_mix(*counts, 100), abs=1e-9)
        assert sum(told) == pytest.approx(whole[second].value - whole[first].value, abs=1e-9)
