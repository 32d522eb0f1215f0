"""What a board decides on: the target missed by most, what really got worse, what nobody reports on, as a small table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from indicators.analysis.control_chart import SpcResult, spc
from indicators.catalogue.periods import parse_label
from indicators.programme.decisions import MOST, decisions, without_data
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Actual, Target
from tests.spec.table import rows_of

SHARE, WAIT, WAIT_90, OVER, SCANNERS, COACHING = (
    *("seven_day_access", "wait_median", "wait_p90"),
    *("queue_over_limit", "intraoral_scanners", "change_coaching_units"),
)
NAMES = {
    "share": SHARE,
    "wait": WAIT,
    "p90": WAIT_90,
    "over": OVER,
    "scanners": SCANNERS,
    "coaching": COACHING,
}


def result(name: str, verdict: str, level: float, value: float | None, period: str = "2025") -> TargetResult:
    found = parse_label(period)
    assert found is not None
    target = Target(NAMES[name], "18", found, ">=", level, "percent", f"≥ {level:g}", None)
    distance = None if value is None else value - level
    status = "no_data" if value is None else "ok"
    return TargetResult(target, Actual(found, value, status=status), verdict, None, 1, distance, ())


def series(*, worse: bool) -> SpcResult:
    days = [date(2024, month, 1) for month in range(1, 13)] + [date(2025, 1, 1)]
    return spc(days, [70, 71, 70, 72, 71, 70, 71, 72, 70, 71, 70, 71, 40 if worse else 71], better="up")


CASES = """
results                                                              | worse | decided
---------------------------------------------------------------------+-------+--------------------------------
                                                                     |       |
share met 80 85                                                      |       |
share not_met 80 71                                                  |       | missed share
share not_met 80 71, wait not_met 7 21                               |       | missed wait, missed share
share met 80 85                                                      | share | worsened share
share not_met 80 71                                                  | share | missed share
share not_met 80 71, wait met 7 5                                    | wait  | missed share, worsened wait
scanners no_data 3 -, coaching no_data 15 -                          |       | missing scanners+coaching
share not_met 80 71, wait not_met 7 21, over met 1 0, scanners no_data 3 - | over | missed wait, worsened over, missing scanners
share not_met 80 71, wait not_met 7 21, p90 not_met 10 11, scanners no_data 3 - | | missed wait, missed share, missing scanners
share not_due 80 71                                                  |       |
share suppressed 80 -                                                |       |
"""


@pytest.mark.parametrize("row", rows_of(CASES), ids=lambda row: row["results"] or "nothing")
def test_decisions(row: dict[str, str]) -> None:
    given = [part.split() for part in row["results"].split(", ") if part]
    results = [
        result(name, verdict, float(level), None if value == "-" else float(value))
        for name, verdict, level, value in given
    ]
    judged = {one.target.indicator: series(worse=False) for one in results}
    judged |= {NAMES[name]: series(worse=True) for name in row["worse"].split()}
    found = decisions(results, judged)
    by_id = {code: name for name, code in NAMES.items()}
    said = [f"{one.kind} {'+'.join(by_id[of.target.indicator] for of in one.results)}" for one in found]
    assert ", ".join(said) == row["decided"]
    assert len(found) <= MOST


def test_of_several_targets_of_an_indicator_the_last_judged_one_counts() -> None:
    earlier = result("share", "not_met", 80, 60, "2025-Q1")
    later = result("share", "met", 80, 85, "2025-Q2")
    not_due = result("share", "not_due", 80, 50, "2025-Q3")
    assert decisions([later, earlier, not_due], {}) == ()
    again = replace(later, verdict="not_met")
    assert [one.result for one in decisions([again, earlier], {})] == [again]


def test_what_is_without_data_is_so_by_its_verdict_alone() -> None:
    """The same targets as every other count of them: an earlier figure says nothing of this year."""
    one, other = result("scanners", "no_data", 3, None), result("coaching", "no_target", 3, None)
    earlier = replace(one, earlier=Actual(one.target.period, 2.0))
    assert without_data([earlier, other, one]) == (earlier, one)
    assert [found.results for found in decisions([earlier, other, one], {})] == [(earlier, one)]


def test_the_main_target_comes_first_where_it_is_missed() -> None:
    share, wait = result("share", "not_met", 80, 71), result("wait", "not_met", 7, 21)
    assert [one.result for one in decisions([wait, share], {}, (OVER, SHARE))] == [share, wait]
    met = replace(share, verdict="met")
    assert [one.result for one in decisions([wait, met], {}, (SHARE, WAIT))] == [wait]
