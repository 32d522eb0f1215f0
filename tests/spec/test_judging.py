"""Series and targets with suppressed values are judged by what may be said of these."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from indicators.analysis.control_chart import Break
from indicators.analysis.projection import project
from indicators.analysis.signals import spc_of
from indicators.answers import answer
from indicators.catalogue.periods import span
from indicators.engine.question import Answer, Question
from indicators.programme.targets import target_result
from indicators.programme.verdicts import Target
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import visit, visits
from tests.spec.series import series

MONDAY = date(2025, 1, 6)
TARGET = 80.0
#: Of 40 visits a week so many in time: twenty weeks around half, then thirteen in which 2–4 are late, and suppressed.
POOR = [20, 21, 22, 21, 20] * 4
GOOD = [36, 37, 38, 37, 36, 38, 37, 36, 37, 38, 36, 37, 38]
CHANGED = MONDAY + timedelta(weeks=len(POOR))


def written(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


@pytest.fixture(scope="module")
def improved(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A unit with 40 visits a week, Monday to Sunday, that got better."""
    folder: Path = tmp_path_factory.mktemp("improved") / "warehouse"
    settings = replace(load_settings({}), warehouse=folder)
    lines = []
    for week, met in enumerate([*POOR, *GOOD]):
        for at in range(40):
            day = MONDAY + timedelta(weeks=week, days=at % 7)
            waited = 2 if at < met else 30
            lines.append(
                visit(len(lines) + 1, visit=written(day), assessed=written(day - timedelta(days=waited)))
            )
    extracted = MONDAY + timedelta(weeks=len(POOR) + len(GOOD))
    report = load_bytes(
        "kaynnit.csv",
        visits(*lines),
        LoadOptions(as_of=extracted),
        settings,
        now=datetime(2025, 12, 30, 8, 0),
        today=extracted,
    )
    assert report.status == "loaded", report.findings
    return settings


def weekly(settings: Settings) -> Answer:
    return answer(Warehouse(settings.warehouse).current(), Question("seven_day_access", by="week"), settings)


def test_suppressed_good_weeks_are_a_signal_for_the_better(improved: Settings) -> None:
    found = weekly(improved)
    assert list(found.rows["status"]) == ["ok"] * len(POOR) + ["suppressed"] * len(GOOD)
    judged = spc_of(found, TARGET)
    assert (judged.variation, judged.last.rule, judged.last.value) == (
        "improvement_high",
        "above_limit",
        None,
    )
    # Limits that hold both halves would say that the target is out of reach.
    assert (judged.assurance, judged.changed) == (None, True)
    assert {point.kind for point in judged.points[len(POOR) :]} == {"improvement"}


def test_a_suppressed_value_is_judged_as_two_and_a_half_cases(improved: Settings) -> None:
    found = weekly(improved)
    judged = spc_of(found, TARGET, [Break(CHANGED, "uusi malli")])
    poor, good = judged.groups
    assert poor.mean == pytest.approx(52.0, abs=3)
    assert good.mean == pytest.approx(found.judged_values[len(POOR) :].mean())
    # 2–4 of about 40 are late.
    assert good.mean == pytest.approx(92.5, abs=3)
    assert good.points == len(GOOD)
    assert [point.value for point in judged.points[len(POOR) :]] == [None] * len(GOOD)


def test_after_a_break_the_target_is_reached_reliably(improved: Settings) -> None:
    judged = spc_of(weekly(improved), TARGET, [Break(CHANGED, "uusi malli")])
    assert (judged.variation, judged.assurance, judged.unjudged) == ("common_cause", "pass", None)


ORDINARY = [50.0, 52.0, 48.0, 51.0, 49.0, 50.0, 52.0, 47.0, 50.0, 53.0, 48.0, 50.0]


@pytest.mark.parametrize(("count", "reason"), [(11, "too_few_values"), (12, None)])
def test_no_verdict_below_twelve_values(count: int, reason: str | None) -> None:
    judged = spc_of(series("seven_day_access", "week", MONDAY, ORDINARY[:count]), 90.0)
    assert judged.unjudged == reason
    assert (judged.variation is None, judged.assurance is None) == (reason is not None,) * 2


def test_no_verdict_from_limits_on_three_values() -> None:
    """Three alike and then a fall: the strongest signal, from nothing."""
    judged = spc_of(series("seven_day_access", "week", MONDAY, [50.0, 50.1, 50.0, 5.0]), 90.0)
    assert judged.unjudged == "too_few_values"
    assert {point.kind for point in judged.points} == {None}


@pytest.mark.parametrize("status", ["no_data", "no_denominator"])
def test_no_verdict_where_the_newest_period_is_not_known(status: str) -> None:
    label = {"2025-W14": status}
    judged = spc_of(series("seven_day_access", "week", MONDAY, [*ORDINARY, None], label), 90.0)
    assert (judged.last.label, judged.unjudged, judged.variation) == ("2025-W13", "newest_unknown", None)


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        # The week in which the data end is not over, so the one before it is the newest.
        (date(2025, 4, 5), None),
        (date(2025, 4, 6), "newest_unknown"),
        (date(2025, 10, 26), "newest_unknown"),
    ],
)
def test_a_series_that_ends_before_the_data_do_has_no_verdict(until: date, reason: str | None) -> None:
    judged = spc_of(series("seven_day_access", "week", MONDAY, ORDINARY), 90.0, until=until)
    assert judged.unjudged == reason


@pytest.mark.parametrize(("lacking", "reason"), [(1, None), (2, "newest_unknown")])
def test_periods_that_lack_units_are_not_known(lacking: int, reason: str | None) -> None:
    labels = [f"2025-W{14 + at}" for at in range(lacking)]
    found = series(
        "seven_day_access",
        "week",
        MONDAY,
        [*ORDINARY, *[50.0] * lacking],
        dict.fromkeys(labels, "incomplete_period"),
    )
    notes = found.rows.assign(note=[None] * 12 + ["TK-KOK-01"] * lacking)
    assert spc_of(replace(found, rows=notes), 90.0).unjudged == reason
    # What is not due yet lacks no unit.
    assert spc_of(replace(found, rows=notes.assign(note=None)), 90.0).unjudged is None


def test_a_projection_rests_on_suppressed_values_too(improved: Settings) -> None:
    projected = project(
        weekly(improved), CHANGED + timedelta(weeks=len(GOOD) + 2), [Break(CHANGED, "uusi malli")]
    )
    assert projected.points == len(GOOD)


@pytest.mark.parametrize(
    ("week", "level", "verdict"),
    [
        # 36, 37 and 38 of about 40 in time, of which 1–10 late is known: 75 to 97,5 per cent.
        (20, 60.0, "met"),
        (20, 99.0, "not_met"),
        (21, 92.0, "suppressed"),
        (22, 95.0, "suppressed"),
    ],
)
def test_the_verdict_on_a_suppressed_share_is_that_of_all_it_can_be(
    week: int, level: float, verdict: str, improved: Settings
) -> None:
    first = MONDAY + timedelta(weeks=week)
    target = Target(
        "seven_day_access", "18", span(first, first + timedelta(days=6)), ">=", level, "percent", "", None
    )
    snapshot, later = Warehouse(improved.warehouse).current(), date(2026, 2, 1)
    held = target_result(snapshot, improved, target, as_of=later)
    assert (held.actual.status, held.actual.value, held.distance) == ("suppressed", None, None)
    assert held.verdict == verdict
    exact = target_result(snapshot, improved, target, as_of=later, suppress=False)
    assert held.verdict in (exact.verdict, "suppressed")


def test_a_suppressed_share_of_a_period_that_is_not_over_has_no_verdict(improved: Settings) -> None:
    first = MONDAY + timedelta(weeks=20)
    target = Target(
        "seven_day_access", "18", span(first, first + timedelta(days=6)), ">=", 80.0, "percent", "", None
    )
    held = target_result(Warehouse(improved.warehouse).current(), improved, target, as_of=first)
    assert held.verdict == "suppressed"
