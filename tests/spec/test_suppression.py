"""The rule for small numbers as tables: what of an answer about persons is shown, told as an interval, or hidden."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.answers import answer
from indicators.catalogue.definition import Definition, definition, load_definitions
from indicators.catalogue.periods import Period, period_of, periods_between, span
from indicators.engine import evaluate as engine
from indicators.engine.question import Question
from indicators.privacy.counted_answer import CountedAnswer
from indicators.privacy.suppress import suppress as suppress_together
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.spec.table import rows_of

SETTINGS = load_settings({})
INTERVALS = ("low", "high", "possible_low", "possible_high", "coverage_low", "coverage_high")
NUMBERS = ("value", "numerator", "denominator", "coverage", "left_out", "uncertain_age")


def answer_rows(cells: list[dict[str, object]], published: bool = False) -> pd.DataFrame:
    """Rows in the form the engine hands to the rule; a share's value follows from its numerator and denominator."""
    rows = []
    for cell in cells:
        row = dict.fromkeys((*NUMBERS, *INTERVALS), np.nan)
        row |= {"period": "2025", "period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}
        row |= {"status": "ok", "n_rows": 100.0, "published": published, "published_part": 0.0, **cell}
        if "numerator" in cell and cell["denominator"]:
            row["value"] = 100 * cell["numerator"] / cell["denominator"]
            row["possible_low"] = row["possible_high"] = row["value"]
        rows.append(row)
    frame = pd.DataFrame(rows)
    frame[list(NUMBERS)] = frame[list(NUMBERS)].astype(float)
    return frame


def suppress(rows: pd.DataFrame, of: Definition, splits: tuple[str, ...], settings: Settings) -> pd.DataFrame:
    """The rows of one answer after the rule."""
    periods = (period_of(date(2025, 1, 1), "year"),)
    (found,) = suppress_together([CountedAnswer(rows, of, splits, (), periods, "year")], settings)
    return found


def shown(indicator: str, cell: dict[str, object]) -> pd.Series:
    """One row after the rule."""
    return suppress(answer_rows([cell]), definition(indicator), (), SETTINGS).iloc[0]


COUNTS = """
value | shown
------+------
0     | 0
1     |
4     |
5     | 5
"""


@pytest.mark.parametrize("indicator", ["visits", "patients", "queue_length", "queue_over_limit"])
@pytest.mark.parametrize("row", rows_of(COUNTS), ids=lambda row: row["value"])
def test_counts_of_one_to_four_are_hidden(indicator: str, row: dict[str, str]) -> None:
    found = shown(indicator, {"value": float(row["value"])})
    if row["shown"]:
        assert (found["value"], found["status"]) == (float(row["shown"]), "ok")
    else:
        assert np.isnan(found["value"])
        assert found["status"] == "suppressed"


# met of n; what is shown: the share, or the interval it lies in; and whether n is shown
SHARES = """
met | n   | share | low  | high | n shown
----+-----+-------+------+------+--------
0   | 20  | 0     |      |      | yes
20  | 20  | 100   |      |      | yes
5   | 20  | 25    |      |      | yes
4   | 20  |       | 5    | 20   | yes
1   | 20  |       | 5    | 20   | yes
16  | 20  |       | 80   | 95   | yes
19  | 20  |       | 80   | 95   | yes
15  | 20  | 75    |      |      | yes
98  | 100 |       | 96   | 99   | yes
3   | 19  |       |      |      | yes
16  | 19  |       |      |      | yes
5   | 19  | 26.3  |      |      | yes
5   | 10  | 50    |      |      | yes
3   | 6   |       |      |      | yes
0   | 5   | 0     |      |      | yes
5   | 5   | 100   |      |      | yes
0   | 4   |       |      |      | no
4   | 4   |       |      |      | no
1   | 2   |       |      |      | no
"""


@pytest.mark.parametrize("row", rows_of(SHARES), ids=lambda row: f"{row['met']}-{row['n']}")
def test_shares_with_few_on_one_side_are_intervals_or_hidden(row: dict[str, str]) -> None:
    cell = {"numerator": int(row["met"]), "denominator": int(row["n"]), "coverage": 50.0}
    found = shown("seven_day_access", cell)
    if row["share"]:
        assert found["status"] == "ok"
        assert (round(found["value"], 1), found["numerator"]) == (float(row["share"]), int(row["met"]))
    else:
        assert found["status"] == "suppressed"
        assert found[["value", "numerator", "possible_low", "possible_high"]].isna().all()
    for name in ("low", "high"):
        assert found[name] == pytest.approx(float(row[name] or "nan"), nan_ok=True)
    assert found[["denominator", "coverage"]].notna().tolist() == [row["n shown"] == "yes"] * 2


QUANTILES = """
indicator             | n  | shown | n shown
----------------------+----+-------+--------
wait_median           | 4  |       | no
wait_median           | 5  | yes   | yes
wait_p90              | 4  |       | no
wait_p90              | 5  |       | yes
wait_p90              | 9  |       | yes
wait_p90              | 10 | yes   | yes
oral_health_wait_days | 9  |       | yes
oral_health_wait_days | 10 | yes   | yes
"""


@pytest.mark.parametrize("row", rows_of(QUANTILES), ids=lambda row: f"{row['indicator']}-{row['n']}")
def test_percentiles_need_enough_waits(row: dict[str, str]) -> None:
    found = shown(row["indicator"], {"value": 12.0, "denominator": float(row["n"]), "coverage": 50.0})
    assert (found["status"], found["value"] == 12) == (
        ("ok", True) if row["shown"] else ("suppressed", False)
    )
    assert found[["denominator", "coverage"]].notna().tolist() == [row["n shown"] == "yes"] * 2


@pytest.mark.parametrize(
    ("entries", "status"), [(0, "no_data"), (1, "suppressed"), (4, "suppressed"), (5, "ok")]
)
def test_the_longest_wait_needs_a_queue(entries: int, status: str) -> None:
    before = "ok" if entries else "no_data"
    value = 300.0 if entries else np.nan
    cell = {"value": value, "n_rows": float(entries), "status": before}
    found = shown("queue_longest_wait", cell)
    assert found["status"] == status
    assert np.isnan(found["value"]) == (status != "ok")


@pytest.mark.parametrize("status", ["no_data", "no_denominator"])
@pytest.mark.parametrize("indicator", ["visits", "seven_day_access", "wait_median", "queue_longest_wait"])
def test_what_has_no_value_is_not_called_suppressed(indicator: str, status: str) -> None:
    found = shown(indicator, {"status": status, "n_rows": 0.0})
    assert found["status"] == status


def test_side_counts_of_one_to_four_are_hidden_too() -> None:
    assert np.isnan(shown("patients", {"value": 50.0, "left_out": 4.0})["left_out"])
    assert shown("patients", {"value": 50.0, "left_out": 5.0})["left_out"] == 5
    assert shown("visits", {"value": 50.0, "uncertain_age": 0.0})["uncertain_age"] == 0
    assert np.isnan(shown("visits", {"value": 3.0, "uncertain_age": 0.0})["uncertain_age"])


@pytest.mark.parametrize(("left_out", "told"), [(3.0, False), (0.0, True), (7.0, True)])
def test_coverage_does_not_say_how_few_visits_are_without_a_person(left_out: float, told: bool) -> None:
    found = shown("patients", {"value": 37.0, "left_out": left_out, "coverage": 100 - 2.5 * left_out})
    assert found["value"] == 37.0
    assert np.isfinite(found["coverage"]) == np.isfinite(found["left_out"]) == told


def test_published_figures_are_exempt() -> None:
    rows = answer_rows([{"value": 3.0}], published=True)
    assert suppress(rows, definition("visits"), (), SETTINGS)["value"].tolist() == [3.0]
    counted = [found for found in load_definitions().values() if not found.row_level]
    assert all(not found.counts_persons for found in counted)
    rows = answer_rows([{"value": 3.0}])
    assert suppress(rows, counted[0], (), SETTINGS)["value"].tolist() == [3.0]


def test_thresholds_are_settings() -> None:
    strict = replace(SETTINGS, hide_below=11, p90_min_n=30)
    rows = suppress(answer_rows([{"value": 10.0}]), definition("visits"), (), strict)
    assert rows["status"].tolist() == ["suppressed"]
    rows = suppress(answer_rows([{"value": 9.0, "denominator": 29.0}]), definition("wait_p90"), (), strict)
    assert rows["status"].tolist() == ["suppressed"]


# counts along one split, and those that are shown; the total of the line is known
LINES = """
counts      | shown
------------+-----------
3 20 30     | - - 30
3 0 30      | - 0 -
2 3 30      | - - 30
1 1 30      | - - -
4 4 30 40   | - - - 40
1 2 4 30    | - - - 30
10 20 30    | 10 20 30
0 0 3       | 0 0 -
"""


@pytest.mark.parametrize("row", rows_of(LINES), ids=lambda row: row["counts"])
def test_a_hidden_count_does_not_follow_from_the_total(row: dict[str, str]) -> None:
    cells = [{"unit": str(place), "value": float(count)} for place, count in enumerate(row["counts"].split())]
    found = suppress(answer_rows(cells), definition("visits"), ("unit",), SETTINGS)["value"]
    assert ["-" if np.isnan(value) else f"{value:.0f}" for value in found] == row["shown"].split()


def possible(line: list[tuple[int, int] | None], total: int) -> list[set[int]]:
    """Per hidden cell, the counts it can have when the hidden ones sum to `total`; None: any count from 0."""
    choices = [range(total + 1) if bounds is None else range(bounds[0], bounds[1] + 1) for bounds in line]
    ways = [way for way in itertools.product(*choices) if sum(way) == total]
    return [{way[place] for way in ways} for place in range(len(line))]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from((0, 1, 2, 3, 4, 5, 7, 12)), min_size=2, max_size=4))
def test_nobody_can_work_out_a_hidden_count(counts: list[int]) -> None:
    cells = [{"unit": str(place), "value": float(count)} for place, count in enumerate(counts)]
    found = suppress(answer_rows(cells), definition("visits"), ("unit",), SETTINGS)["value"]
    hidden = [place for place, value in enumerate(found) if np.isnan(value)]
    assert {place for place, count in enumerate(counts) if 0 < count < 5} <= set(hidden)
    left = [place for place, value in enumerate(found) if value > 0]
    if not hidden or not left:
        return  # with nothing else to hide, the total is as small as the cells and is hidden itself
    bounds = [(1, 4) if counts[place] < 5 else None for place in hidden]
    for place, choices in zip(hidden, possible(bounds, sum(counts[place] for place in hidden)), strict=True):
        assert counts[place] >= 5 or len(choices) > 1


# numerator/denominator along one split; what is known of each afterwards: the share, or nothing
SHARE_LINES = """
cells                  | shares shown  | denominators shown
-----------------------+---------------+-------------------
98/100 50/100 60/200   | - - 30        | 100 100 200
98/100 50/100          | - -           | 100 100
4/40 39/40 50/100      | - - -         | 40 40 100
3/40 38/40 50/100      | - - 50        | 40 40 100
2/3 50/100 60/200      | - - 30        | - - 200
0/30 50/100            | 0 50          | 30 100
"""


@pytest.mark.parametrize("row", rows_of(SHARE_LINES), ids=lambda row: row["cells"])
def test_a_hidden_share_does_not_follow_from_the_total(row: dict[str, str]) -> None:
    cells = []
    for place, cell in enumerate(row["cells"].split()):
        met, n = cell.split("/")
        cells.append({"unit": str(place), "numerator": int(met), "denominator": int(n), "coverage": 80.0})
    found = suppress(answer_rows(cells), definition("seven_day_access"), ("unit",), SETTINGS)
    for column, expected in (("value", "shares shown"), ("denominator", "denominators shown")):
        told = ["-" if np.isnan(value) else f"{value:.0f}" for value in found[column]]
        assert told == row[expected].split()
    assert (found["coverage"].isna() == found["denominator"].isna()).all()


def test_a_hidden_number_of_waits_does_not_follow_from_the_total() -> None:
    cells = [
        {"unit": unit, "value": 9.0, "denominator": n} for unit, n in (("A", 3.0), ("B", 40.0), ("C", 90.0))
    ]
    found = suppress(answer_rows(cells), definition("wait_median"), ("unit",), SETTINGS)
    assert found["denominator"].notna().tolist() == [False, False, True]
    assert found["value"].notna().tolist() == [False, True, True]


def test_lines_run_along_each_of_two_splits() -> None:
    counts = {("A", "x"): 3, ("A", "y"): 20, ("B", "x"): 30, ("B", "y"): 40}
    cells = [{"unit": unit, "service": service, "value": float(n)} for (unit, service), n in counts.items()]
    found = suppress(answer_rows(cells), definition("visits"), ("unit", "service"), SETTINGS)
    # A hidden cell needs another one in its row and in its column, and those need one in theirs.
    assert found["value"].isna().sum() >= 3
    assert found.loc[(found["unit"] == "A"), "value"].isna().all()
    assert found.loc[(found["service"] == "x"), "value"].isna().all()


def test_hidden_stays_hidden_in_the_whole_answer() -> None:
    """No number of a suppressed row is left from which the value could be computed."""
    cells = [{"unit": "A", "numerator": 2, "denominator": 30, "coverage": 60.0, "uncertain_age": 2.0}]
    found = suppress(answer_rows(cells), definition("access_within_limit"), ("unit",), SETTINGS).iloc[0]
    left = (
        found.drop(["period", "period_start", "period_end", "unit", "status", "published", "n_rows"])
        # What the rule itself says of the count, for those who judge: no answer has these columns.
        .drop(["known_low", "known_high", "published_part"])
        .dropna()
        .to_dict()
    )
    assert left == pytest.approx({"denominator": 30, "coverage": 60, "low": 100 / 30, "high": 400 / 30})


@pytest.mark.parametrize("other", [6, 7, 8, 9])
def test_what_is_hidden_to_protect_another_is_told_as_far_as_that_tells_nothing(other: int) -> None:
    total = 273
    cells = [("in_person", total - other, 453), ("other", other, 10), ("remote", 765, 845)]
    found = suppress(
        answer_rows([{"mode": mode, "numerator": met, "denominator": n} for mode, met, n in cells]),
        definition("seven_day_access"),
        ("mode",),
        SETTINGS,
    ).set_index("mode")
    assert found["status"].tolist() == ["suppressed", "suppressed", "ok"]
    # The same interval whatever the few were: 273 less 9 … 273 less 6 of 453.
    assert found.loc["in_person", ["low", "high"]].tolist() == pytest.approx(
        [100 * 264 / 453, 100 * 267 / 453]
    )
    assert found.loc["other", ["low", "high"]].isna().all()
    assert found["numerator"].isna().tolist() == [True, True, False]


# visits with a wait, all visits; the coverage that is told, or the interval it lies in
COVERAGES = """
n   | of  | coverage | low  | high
----+-----+----------+------+------
100 | 100 | 100      |      |
100 | 105 | 95.2     |      |
100 | 104 |          | 96.2 | 99.0
20  | 21  |          | 83.3 | 95.2
19  | 20  |          | 0    | 100
"""


@pytest.mark.parametrize("row", rows_of(COVERAGES), ids=lambda row: f"{row['n']}-{row['of']}")
def test_a_coverage_that_leaves_out_few_is_an_interval(row: dict[str, str]) -> None:
    n, every = int(row["n"]), int(row["of"])
    cell = {"numerator": 10, "denominator": n, "coverage": 100 * n / every, "n_rows": float(every)}
    found = shown("seven_day_access", cell)
    assert found["denominator"] == n
    for name, expected in (("coverage", "coverage"), ("coverage_low", "low"), ("coverage_high", "high")):
        assert found[name] == pytest.approx(float(row[expected] or "nan"), abs=0.05, nan_ok=True)
    assert np.isnan(found["possible_low"]) == (not row["coverage"])


def test_a_hidden_week_does_not_follow_from_the_weeks_and_all_of_them_together() -> None:
    weeks = periods_between(date(2025, 3, 3), date(2025, 3, 30), "week")
    whole = span(date(2025, 3, 3), date(2025, 3, 30))
    counts = (30.0, 3.0, 40.0, 50.0)

    def told(periods: tuple[Period, ...], values: tuple[float, ...]) -> CountedAnswer:
        cells = [
            {"period": period.label, "period_start": period.start, "period_end": period.end, "value": value}
            for period, value in zip(periods, values, strict=True)
        ]
        return CountedAnswer(answer_rows(cells), definition("visits"), (), (), periods, None)

    by_week, together = suppress_together(
        [told(tuple(weeks), counts), told((whole,), (sum(counts),))], SETTINGS
    )
    assert by_week["value"].isna().tolist() == [True, True, False, False]
    assert together["value"].tolist() == [123]
    (alone,) = suppress_together([told(tuple(weeks), counts)], SETTINGS)
    assert alone["value"].isna().tolist() == [False, True, False, False]


@pytest.mark.parametrize("indicator", ["seven_day_access", "access_within_limit", "access_data_coverage"])
def test_a_band_of_waits_hides_its_numerator_too(indicator: str, demo_settings: Settings) -> None:
    """Within the seven days a band's numerator is its number of visits; of another limit it may be any part of them."""
    snapshot = Warehouse(demo_settings.warehouse).current()
    asked = Question(indicator, by="month", splits=("wait_band",))
    counted, told = (
        answer(snapshot, replace(asked, suppress=hides), demo_settings).rows for hides in (False, True)
    )
    n, met = counted["denominator"], counted["numerator"]
    small = [(count > 0) & (count < 5) for count in (n, met, n - met)]
    assert any(some.any() for some in small)
    assert told.loc[small[0] | small[1] | small[2], ["value", "numerator"]].isna().all(axis=None)
    assert told.loc[told["denominator"].isna(), ["value", "numerator"]].isna().all(axis=None)


def test_a_view_is_one_whatever_its_questions_name_in_their_turn(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question beside others may come from a view of its own; all are hidden together once, in the same way."""
    snapshot = Warehouse(demo_settings.warehouse).current()
    weeks, months = (Question("seven_day_access", by=by) for by in ("week", "month"))
    sets: list[list[str | None]] = []

    def noted(told: list[CountedAnswer], settings: Settings) -> list[pd.DataFrame]:
        sets.append([one.grain for one in told])
        return suppress_together(told, settings)

    monkeypatch.setattr(engine, "suppress", noted)
    view = (weeks, replace(months, shown_with=(weeks, months)))
    rows = [answer(snapshot, replace(one, shown_with=view), demo_settings).rows for one in (weeks, months)]
    assert sets == [["month", "week"]]
    assert [len(one) > 0 for one in rows] == [True, True]


@pytest.mark.parametrize(("done", "told"), [(40.0, True), (39.0, False), (36.0, False), (35.0, True)])
def test_the_number_of_waits_does_not_say_how_few_have_not_happened(done: float, told: bool) -> None:
    """Of 50 cases 40 are due, as the share beside the mean says."""
    cell = {"value": 6.5, "denominator": done, "coverage": 80.0, "n_rows": 50.0}
    found = shown("child_welfare_notification_days", cell)
    assert (found["value"], found["status"]) == (6.5, "ok")
    assert np.isfinite(found["denominator"]) == told
