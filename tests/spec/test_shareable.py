"""The shareable view as tables: which counts, shares and waits are shown, as what, and which are suppressed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from indicators.answers import answer
from indicators.catalogue.definition import definition, load_definitions
from indicators.engine.question import Question
from indicators.privacy.cell_keys import Noise, noise_of
from indicators.privacy.row_shares import RowShare, row_share
from indicators.privacy.shareable import VALUE_COUNTS, Shareable, shareable
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.spec.table import rows_of

SETTINGS = load_settings({})
#: A key of which the noise is zero, whatever is made of it by exclusive or: what is shown is then the rule alone.
STILL = 0
NOISE = next(
    noise
    for at in range(1000)
    if (noise := Noise(b"secret %d" % at, SETTINGS.count_noise, SETTINGS.hide_below)).of(np.array([STILL]))[0]
    == 0
)


def view_of(indicator: str, settings: Settings = SETTINGS, key: int = STILL, **counts: float) -> Shareable:
    """One counted row in the shareable view."""
    measure = definition(indicator).measure
    named = {name: [count] for name, count in counts.items()}
    keys = {f"{name}_key": np.array([key], np.uint64) for name in counts if name != "quantile"}
    rows = pd.DataFrame(named | keys)
    if measure.statistic in VALUE_COUNTS:
        rows = rows.assign(
            value=rows[VALUE_COUNTS[measure.statistic]].astype(float), value_key=np.uint64(key)
        )
    return shareable(rows, measure, replace(NOISE, least=settings.hide_below), settings, np.array([False]))


COUNTS = """
count | shown | low | high
------+-------+-----+-----
0     | 0     |     |
1     |       | 1   | 10
4     |       | 1   | 10
5     | 5     |     |
900   | 900   |     |
"""


def test_a_suppressed_count_is_not_known_to_be_below_five() -> None:
    """From whether a sum is suppressed nothing follows of its parts: some of 5–10 are suppressed too, all above are shown."""
    keys = np.arange(20_000, dtype=np.uint64)
    gone = {
        count: np.isnan(NOISE.perturbed(np.full(len(keys), count), keys)).mean() for count in range(1, 14)
    }
    assert all(gone[count] == 1 for count in range(1, 5))
    assert 0.25 < gone[5] < 0.5
    assert 0 < gone[9] < gone[8] < gone[6]
    assert all(gone[count] == 0 for count in range(NOISE.most + 1, 14))


@pytest.mark.parametrize("indicator", ["visits", "queue_length"])
@pytest.mark.parametrize("row", rows_of(COUNTS), ids=lambda row: row["count"])
def test_counts_of_one_to_four_are_suppressed(indicator: str, row: dict[str, str]) -> None:
    found = view_of(indicator, n_rows=float(row["count"]), n_known=0.0, n_met=0.0)
    assert found.suppressed.tolist() == [not row["shown"]]
    for column, numbers in (("shown", found.counts["value"]), ("low", found.low), ("high", found.high)):
        assert list(numbers) == pytest.approx([float(row[column] or "nan")], nan_ok=True)


# met of n; the share that is shown, or the interval it lies in
SHARES = """
met | n   | share | low  | high
----+-----+-------+------+-----
0   | 20  | 0     |      |
20  | 20  | 100   |      |
5   | 20  | 25    |      |
4   | 20  |       | 5    | 50
1   | 20  |       | 5    | 50
16  | 20  |       | 50   | 95
19  | 20  |       | 50   | 95
15  | 20  | 75    |      |
98  | 100 |       | 90   | 99
3   | 19  |       |      |
16  | 19  |       |      |
5   | 19  | 26.3  |      |
5   | 10  | 50    |      |
3   | 6   |       |      |
5   | 5   | 100   |      |
0   | 4   |       |      |
4   | 4   |       |      |
1   | 2   |       |      |
"""


@pytest.mark.parametrize("row", rows_of(SHARES), ids=lambda row: f"{row['met']}-{row['n']}")
def test_shares_with_few_on_one_side_are_intervals_or_suppressed(row: dict[str, str]) -> None:
    n, met = float(row["n"]), float(row["met"])
    found = view_of("seven_day_access", n_rows=n, n_known=n, n_met=met, n_possible=0.0)
    counts = found.counts.iloc[0]
    assert found.suppressed.tolist() == [not row["share"]]
    assert 100 * counts["n_met"] / counts["n_known"] == pytest.approx(
        float(row["share"] or "nan"), abs=0.05, nan_ok=True
    )
    assert [*found.low, *found.high] == pytest.approx(
        [float(row[name] or "nan") for name in ("low", "high")], nan_ok=True
    )
    assert np.isnan(counts["n_known"]) == (n < SETTINGS.hide_below)


QUANTILES = """
indicator             | n  | shown
----------------------+----+------
wait_median           | 4  |
wait_median           | 5  | 13
wait_p90              | 4  |
wait_p90              | 9  |
wait_p90              | 10 | 13
oral_health_wait_days | 9  |
oral_health_wait_days | 10 | 13
"""


@pytest.mark.parametrize("row", rows_of(QUANTILES), ids=lambda row: f"{row['indicator']}-{row['n']}")
def test_percentiles_need_enough_waits_and_are_whole_days(row: dict[str, str]) -> None:
    n = float(row["n"])
    found = view_of(row["indicator"], n_rows=2 * n, n_known=n, n_met=0.0, quantile=12.4)
    assert list(found.counts["quantile"]) == pytest.approx([float(row["shown"] or "nan")], nan_ok=True)
    assert found.suppressed.tolist() == [not row["shown"]]


@pytest.mark.parametrize(
    ("days", "limit", "within"), [(7.0, 7, True), (7.1, 7, False), (6.9, 7, True), (14.0, 14, True)]
)
def test_rounding_a_percentile_does_not_change_which_limit_it_keeps(
    days: float, limit: int, within: bool
) -> None:
    found = view_of("wait_p90", n_rows=50.0, n_known=50.0, n_met=0.0, quantile=days)
    assert (found.counts["quantile"].iloc[0] <= limit) == within == (days <= limit)


@pytest.mark.parametrize(("entries", "gone"), [(0, False), (1, True), (4, True), (5, False)])
def test_the_longest_wait_needs_a_queue(entries: int, gone: bool) -> None:
    rows = {"n_rows": float(entries), "n_known": 0.0, "n_met": 0.0}
    assert view_of("queue_longest_wait", **rows).suppressed.tolist() == [gone]


def test_side_counts_of_one_to_four_are_suppressed_too() -> None:
    def left_out(count: float) -> float:
        rows = {"n_rows": 50.0, "n_known": 50.0, "n_met": 0.0, "persons": 40.0}
        return float(view_of("patients", left_out=count, **rows).counts["left_out"].iloc[0])

    assert [left_out(0), left_out(5)] == [0, 5]
    assert np.isnan(left_out(4))


def test_thresholds_are_settings() -> None:
    strict = replace(SETTINGS, hide_below=11, p90_min_n=30)
    assert view_of("visits", strict, n_rows=10.0, n_known=0.0, n_met=0.0).suppressed.all()
    assert view_of("wait_p90", strict, n_rows=29.0, n_known=29.0, n_met=0.0, quantile=3.0).suppressed.all()


def test_the_noise_is_that_of_the_records_and_of_the_secret() -> None:
    keys = np.arange(40_000, dtype=np.uint64)
    drawn = NOISE.of(keys)
    assert drawn.mean() == pytest.approx(0, abs=0.05)
    assert drawn.std() == pytest.approx(SETTINGS.count_noise, rel=0.02)
    # Of a bounded noise its ends would tell the count.
    assert np.abs(drawn).max() > 3 * SETTINGS.count_noise
    assert (NOISE.of(keys[::-1]) == drawn[::-1]).all()
    other = Noise(b"another secret", SETTINGS.count_noise, SETTINGS.hide_below).of(keys)
    assert abs(np.corrcoef(drawn, other)[0, 1]) < 0.02
    neighbours = abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1])
    assert neighbours < 0.02


@pytest.fixture(scope="module")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


def rows_by_period(snapshot: Snapshot, question: Question) -> pd.DataFrame:
    return answer(snapshot, question, SETTINGS).rows.set_index("period")


def test_the_same_records_give_the_same_number_by_whatever_question(snapshot: Snapshot) -> None:
    plain = rows_by_period(snapshot, Question("visits", by="month"))["value"]
    every = tuple(
        answer(snapshot, Question("visits", by="year", splits=("profession",)), SETTINGS).rows["profession"]
    )
    filtered = rows_by_period(
        snapshot, Question("visits", by="month", where=(("profession", tuple(dict.fromkeys(every))),))
    )["value"]
    exact = rows_by_period(snapshot, Question("visits", by="month", suppress=False))["value"]
    assert plain.equals(filtered)
    assert (plain != exact).any()
    # Two indicators that look at the same visits have the same denominator.
    week, fortnight = (
        rows_by_period(snapshot, Question(name, by="month"))["denominator"]
        for name in ("seven_day_access", "wait_median")
    )
    exact_of = [
        rows_by_period(snapshot, Question(name, by="month", suppress=False))["denominator"]
        for name in ("seven_day_access", "wait_median")
    ]
    same = exact_of[0] == exact_of[1]
    assert week[same].equals(fortnight[same])


@pytest.mark.parametrize("indicator", [one.id for one in load_definitions().values() if one.counts_persons])
@pytest.mark.parametrize("splits", [(), ("unit",)], ids=["all", "unit"])
def test_no_small_count_is_in_any_answer(indicator: str, splits: tuple[str, ...], snapshot: Snapshot) -> None:
    """Of every indicator: what is small is suppressed, and what is shown is no small number."""
    if not set(splits) <= set(definition(indicator).dimensions):
        pytest.skip("not known by unit")
    asked = Question(indicator, by="month", splits=splits)
    exact, shown = (
        answer(snapshot, replace(asked, suppress=suppress), SETTINGS).rows for suppress in (False, True)
    )
    keys = ["period", *splits]
    both = exact.merge(shown, on=keys, suffixes=("", "_shown"), how="outer", indicator=True)
    assert (both["_merge"] == "both").all()
    sides = ["numerator", "denominator", "left_out", "uncertain_age"]
    if definition(indicator).unit == "count":
        sides.append("value")
    for name in sides:
        count, told = (both[column].astype(float) for column in (name, f"{name}_shown"))
        small = (count > 0) & (count < SETTINGS.hide_below) & ~both["cited_source"].notna()
        assert told[small].isna().all(), name
        assert not ((told > 0) & (told < SETTINGS.hide_below) & ~both["cited_source"].notna()).any(), name
        assert (told[count == 0].fillna(0) == 0).all(), name
    left = both["status_shown"] == "suppressed"
    assert both.loc[left, ["value_shown", "numerator_shown", "possible_low_shown"]].isna().all(axis=None)
    assert (both.loc[~left, "status"] == both.loc[~left, "status_shown"]).all()
    assert both.loc[~left & both["value"].notna(), "value_shown"].notna().all()


def test_published_figures_are_exempt(snapshot: Snapshot) -> None:
    published = [one for one in load_definitions().values() if one.measure.statistic == "published"]
    asked = [Question(one.id, by="year") for one in published]
    rows = [
        [answer(snapshot, replace(one, suppress=suppress), SETTINGS).rows for suppress in (False, True)]
        for one in asked
    ]
    assert any(len(exact) for exact, _ in rows)
    assert all(exact.equals(shown) for exact, shown in rows)


def test_units_of_the_reader_are_exact_and_nobody_elses(snapshot: Snapshot) -> None:
    by_unit = Question("visits", by="week", splits=("unit",))
    exact = answer(snapshot, replace(by_unit, suppress=False), SETTINGS).rows
    mine = exact["unit"].iloc[0]
    shared = answer(snapshot, by_unit, SETTINGS).rows
    found = answer(snapshot, replace(by_unit, exact_units=(mine,)), SETTINGS).rows
    own = found["unit"] == mine
    assert found.loc[own, "value"].equals(exact.loc[own, "value"])
    assert found.loc[~own, "value"].equals(shared.loc[~own, "value"])
    assert not shared.loc[own, "value"].equals(exact.loc[own, "value"])
    # Filtered to it alone it is exact too; with another unit, and unsplit over all, it is not.
    for units, is_exact in (((mine,), True), ((mine, exact["unit"].iloc[-1]), False), ((), False)):
        where = (("unit", units),) if units else ()
        asked = replace(by_unit, splits=(), where=where)
        bare, told = (
            answer(snapshot, one, SETTINGS).rows["value"]
            for one in (replace(asked, suppress=False), replace(asked, exact_units=(mine,)))
        )
        assert bare.equals(told) == is_exact, units


# rows of a whole; what is shown of them
ROW_SHARES = """
rows | of  | shown | whole | low  | high
-----+-----+-------+-------+------+------
0    | 100 | 0     | 100   | 0    | 0
100  | 100 | 100   | 100   | 100  | 100
50   | 100 | 50    | 100   | 50   | 50
3    | 100 |       | 100   | 1    | 4
98   | 100 |       | 100   | 96   | 99
3    | 19  |       | 19    |      |
2    | 4   |       |       |      |
0    | 0   | 0     | 0     |      |
"""


@pytest.mark.parametrize("row", rows_of(ROW_SHARES), ids=lambda row: f"{row['rows']}-{row['of']}")
def test_row_counts_of_tables_follow_the_same_rule(row: dict[str, str]) -> None:
    still = replace(NOISE, spread=1e-6)
    found = row_share("dates", int(row["rows"]), int(row["of"]), still, SETTINGS)
    told = {name: float(row[name]) if row[name] else None for name in ("shown", "whole", "low", "high")}
    assert found == RowShare(*(None if value is None else pytest.approx(value) for value in told.values()))
    exact = row_share("dates", int(row["rows"]), int(row["of"]), None, SETTINGS)
    assert (exact.rows, exact.of) == (int(row["rows"]), int(row["of"]))


def test_the_secret_is_that_of_the_key_of_the_warehouse(snapshot: Snapshot) -> None:
    noise = noise_of(snapshot, SETTINGS)
    assert noise.spread == SETTINGS.count_noise
    assert (snapshot.meta("key_fingerprint") or "").encode() not in noise.secret
