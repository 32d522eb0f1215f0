"""What a plan rests on and what the command prints, from rows of a model of single persons; honest waits of the same rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.limits import limit_for
from indicators.catalogue.periods import span
from indicators.cli import app
from indicators.engine.honest_waits import backtest, expected_wait, waits_of
from indicators.engine.queue_basis import (
    basis_of,
    breaches_of,
    breaks_of,
    rules_of,
    visits_per_treated,
    weeks_of,
)
from indicators.engine.queue_flow import queue_flow
from indicators.planning.calibration import LEVELS_ONLY
from indicators.planning.limits_by_week import last_day
from indicators.planning.plan import plan
from indicators.planning.scenario import Scenario, Target
from indicators.planning.survival import Need, honest_waits
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.spec.test_actions import current, load, written
from tests.spec.test_weekly_flow import DAYS, FIRST, told

WHERE = (("area", ("18",)), ("service", ("primary_care",)))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(tmp_path / "warehouse"))
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def test_a_plan_rests_on_the_newest_snapshot_and_the_weeks_before(settings: Settings) -> None:
    truth, snapshot = told(settings, 6, 400)
    found = basis_of(snapshot, WHERE)
    waiting = sum(
        number for (_unit, week, _age), number in truth.counts["closing"].items() if week == len(DAYS) - 1
    )
    assert (found.state.snapshot, found.state.waiting) == (DAYS[-1], waiting)
    assert found.state.own_wish > 0 and found.state.without_limit == 0
    # Two limits: 14 days under 23, three months else; arrivals are shared out as those who came lately.
    assert [days for _group, days in found.state.limits()] == [14, 90 + 2]
    assert sum(group.arrival_share for group in found.state.groups) == pytest.approx(1)
    assert found.weeks.ends == tuple(DAYS[1:]) and found.calibration.grade == LEVELS_ONLY
    np.testing.assert_array_equal(found.weeks.queue, queue_flow(snapshot, WHERE).closing.sum(axis=1))
    over = sum(
        number for (_unit, week, _age), number in truth.counts["over"].items() if week == len(DAYS) - 1
    )
    assert found.weeks.share is not None
    assert found.weeks.share[-1] == pytest.approx(1 - over / waiting)
    # Without doing anything: who is over, and whose last day comes.
    breaches = breaches_of(found)
    assert breaches.over == over and breaches.entries.sum() > 0 and breaches.arrivals.sum() > 0
    # Half of the persons' visits are follow-ups, which end no wait.
    per_treated = visits_per_treated(snapshot, WHERE, found)
    assert per_treated is not None and 1.5 < per_treated < 3
    # The model's first week begins with the same people.
    made = plan(found, Scenario("N", "18", "primary_care", weeks=8), runs=20)
    assert made.today.expected.opening[0, 0] == waiting


def test_weeks_before_a_break_do_not_calibrate(settings: Settings) -> None:
    _truth, snapshot = told(settings, 6, 200)
    flow = queue_flow(snapshot, WHERE)
    assert weeks_of(flow, (DAYS[4],)).ends == tuple(DAYS[5:])
    assert breaks_of(snapshot, WHERE) == ()
    # Nor does one of fourteen days, or one in which visits are not known; the others do.
    gap = replace(flow, before=(*flow.before[:5], DAYS[4], *flow.before[6:]))
    assert weeks_of(gap).ends == (*DAYS[1:6], *DAYS[7:])
    assert weeks_of(gap).consecutive.ends == tuple(DAYS[7:])
    unknown = replace(flow, visits_known=np.arange(13) < 12)
    assert weeks_of(unknown).ends == tuple(DAYS[1:-1])


def test_too_few_weeks_are_no_plan(settings: Settings) -> None:
    load(settings, "jono.csv", queue(queue_entry(1)))
    with pytest.raises(BadQuestion):
        basis_of(current(settings), WHERE)


@pytest.mark.parametrize(
    "service", ["primary_care", "oral_health", "specialised_care", "physiotherapy", "nothing"]
)
@pytest.mark.parametrize("age_group", ["0-22", "23+", "unknown"])
def test_rules_of_a_plan_are_the_limits(service: str, age_group: str) -> None:
    rules = rules_of(service, age_group)
    for back in range(0, 3000, 13):
        start = date(2026, 3, 1) - timedelta(days=back)
        limit = limit_for(service, start, age_group)
        assert last_day(start, rules) == (limit.last_day(start) if limit else None)


def test_the_command_prints_the_numbers_of_the_functions(settings: Settings, tmp_path: Path) -> None:
    _truth, snapshot = told(settings, 6, 400)
    words = ["plan", "--service", "primary_care", "--runs", "30", "--target", "queue=20", "--needed"]
    done = CliRunner().invoke(app, [*words, "--by", "2025-09-30", "--format", "json"])
    assert done.exit_code == 0, done.output
    values = json.loads(done.stdout)
    asked = Scenario("primary_care", "18", "primary_care", target=Target("queue", 20.0, date(2025, 9, 30)))
    made = plan(basis_of(snapshot, asked.where), asked, 30)
    assert values["today"]["lines"]["queue"]["median"] == pytest.approx(
        made.today.lines["queue"]["median"].tolist()
    )
    assert values["seed"] == made.seed and values["needed"]["by_week"] == asked.by_week(
        made.basis.state.snapshot
    )
    # What it saves can be opened again, and gives the same.
    path = tmp_path / "one.json"
    path.write_text(json.dumps(values["scenario"]), encoding="utf-8")
    again = CliRunner().invoke(app, ["plan", str(path), "--runs", "30", "--format", "json"])
    assert json.loads(again.stdout)["today"] == values["today"]
    table = CliRunner().invoke(app, words).stdout
    assert "Jonossa, viikko 13" in table and "Tavoite vaatii lisäkäyntejä viikossa" in table
    rows = CliRunner().invoke(app, ["plan", str(path), "--runs", "30", "--format", "csv"]).stdout
    assert len(rows.splitlines()) == 1 + 52


@pytest.mark.parametrize(
    "words", [["plan"], ["plan", "no.json"], ["plan", "--service", "primary_care", "--target", "share=120"]]
)
def test_a_wrong_call_is_refused(settings: Settings, words: list[str]) -> None:
    told(settings, 6, 60)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2


def test_honest_waits_are_those_of_the_persons(settings: Settings) -> None:
    """Seen in the week or listed first, left, and still waiting; one who was seen long after the newest day is not known."""
    needs, lines, entries = [], [], []
    for number in range(90):
        start = FIRST + timedelta(days=number % 30)
        person, day = f"P{number:07d}", written(start)
        seen = start + timedelta(days=number // 2) if number % 3 else None
        left = start + timedelta(days=25) if number % 9 == 0 else None
        for at, on in enumerate(DAYS):
            if start <= on and (seen is None or on < seen) and (left is None or on < left):
                fields = {"snapshot": written(on), "assessed": day, "queued": day}
                entries.append(queue_entry(number, person=person, unit="A", unit_name="A", **fields))
                gone = DAYS[at + 1] if at + 1 < len(DAYS) else None
        if seen is not None:
            fields = {"contacted": day, "assessed": day, "booked": day, "visit": written(seen)}
            lines.append(visit(number, person=person, unit="A", unit_name="A", **fields))
        needs.append(Need(start, seen, gone if left is not None else None))
    load(settings, "kaynnit.csv", visits(*lines))
    load(settings, "jono.csv", queue(*entries))
    snapshot = current(settings)
    found = waits_of(snapshot, WHERE, span(FIRST, FIRST + timedelta(days=40)))
    wanted = honest_waits(needs, DAYS[-1], (7, 14, 30, 90))
    assert found == wanted
    assert wanted.left == 10 and wanted.waiting > 5
    # Who counts the seen alone thinks that waits are shorter.
    assert found is not None and found.completed_only[1] is not None
    assert found.completed_only[1] > (found.within[1].share or 0)
    assert waits_of(snapshot, WHERE, span(date(2020, 1, 1), date(2020, 2, 1))) is None


def test_the_expected_wait_is_tried_on_past_days(settings: Settings) -> None:
    lines = []
    for number in range(900):
        start = FIRST - timedelta(days=300) + timedelta(days=number // 3)
        seen = start + timedelta(days=5 + number * 7 % 20)
        day = written(start)
        fields = {"contacted": day, "assessed": day, "booked": day, "visit": written(seen)}
        lines.append(visit(number, person=f"P{number:07d}", unit="A", unit_name="A", **fields))
    fields = {"snapshot": written(FIRST), "assessed": written(FIRST), "queued": written(FIRST)}
    entries = [queue_entry(9000, person="P9999999", unit="A", unit_name="A", **fields)]
    load(settings, "kaynnit.csv", visits(*lines))
    load(settings, "jono.csv", queue(*entries))
    snapshot = current(settings)
    told_wait = expected_wait(snapshot, (("unit", ("A",)),))
    assert told_wait is not None
    # Waits are 5 to 24 days, each as often; who came lately has not waited long enough to be known.
    marks = (told_wait.low, told_wait.middle, told_wait.high)
    assert all(
        mark is not None and abs(mark - wanted) <= 1 for mark, wanted in zip(marks, (6, 14, 22), strict=True)
    )
    tried = backtest(snapshot, (("unit", ("A",)),), weeks=12)
    assert tried.days == 12 and tried.within_middle == pytest.approx(0.5, abs=0.05)
    assert tried.within_high == pytest.approx(0.9, abs=0.05)
    assert expected_wait(snapshot, (("unit", ("X",)),)) is None
