"""Before and after a dated change: equal windows of whole periods, the difference of the changes, what is hidden."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean, median

import pytest

from indicators.analysis.before_after import (
    LOW_COVERAGE,
    NO_CASES,
    NO_OTHERS,
    NO_WINDOW,
    NOT_WHOLE,
    NUMBERS_SUPPRESSED,
    SPLIT_BY_DAY,
    BeforeAfter,
    before_and_after,
    windows,
)
from indicators.analysis.intervals import (
    FOLLOW_EACH_OTHER,
    NO_VARIATION,
    NOT_INDEPENDENT,
    TOO_FEW,
    interval_of_series,
    interval_of_shares,
)
from indicators.catalogue.errors import BadQuestion
from indicators.engine.choices import published_series
from indicators.engine.question import Question
from indicators.programme.annotations import DatedChange, dated_changes
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import visit, visits
from tests.spec.table import rows_of

#: A Monday; eight weeks lie before it in the constructed extracts, eight from it on.
DAY, FIRST = date(2025, 3, 3), date(2025, 1, 6)
OURS, THEIRS = "TK-KOK-01", "TK-KOK-02"
#: Visits of a week, and how many of them within seven days; or waits of a week, one a visit.
Week = tuple[int, int] | list[int]

WINDOWS = """
day        | grain   | length | before            | parted   | after
-----------+---------+--------+-------------------+----------+------------------
2025-03-03 | week    | 2      | 2025-W08 2025-W09 |          | 2025-W10 2025-W11
2025-03-05 | week    | 2      | 2025-W08 2025-W09 | 2025-W10 | 2025-W11 2025-W12
2025-01-01 | month   | 2      | 2024-11 2024-12   |          | 2025-01 2025-02
2025-01-31 | month   | 1      | 2024-12           | 2025-01  | 2025-02
2025-02-10 | quarter | 2      | 2024-Q3 2024-Q4   | 2025-Q1  | 2025-Q2 2025-Q3
2024-12-30 | week    | 1      | 2024-W52          |          | 2025-W01
"""


@pytest.mark.parametrize("row", rows_of(WINDOWS), ids=lambda row: f"{row['day']} {row['grain']}")
def test_windows_are_equally_long_and_the_parted_period_is_in_neither(row: dict[str, str]) -> None:
    before, after, parted = windows(date.fromisoformat(row["day"]), row["grain"], int(row["length"]))
    told = [" ".join(period.label for period in found) for found in (before, after)]
    assert told == [row["before"], row["after"]]
    assert (parted.label if parted else "") == row["parted"]


# --- constructed extracts -------------------------------------------------------------------------------------------


def extract(weeks: Mapping[str, Callable[[int], Week]]) -> bytes:
    """Visits on the Wednesdays of 16 weeks: per unit what each week had (−8 … 7, 0 the first from the day on)."""
    lines = []
    for unit, of in weeks.items():
        for week in range(-8, 8):
            on = DAY + timedelta(weeks=week, days=2)
            had = of(week)
            for wait in had if isinstance(had, list) else [3] * had[1] + [20] * (had[0] - had[1]):
                key = 100_000 * (unit == OURS) + len(lines)
                assessed = "" if wait < 0 else f"{on - timedelta(days=wait):%d.%m.%Y}"
                lines.append(visit(key, unit=unit, unit_name=unit, assessed=assessed, visit=f"{on:%d.%m.%Y}"))
    return visits(*lines)


def look(
    folder: Path,
    weeks: Mapping[str, Callable[[int], Week]],
    indicator: str = "seven_day_access",
    *,
    last: date | Mapping[str, date] = date(2025, 4, 27),
    units: tuple[str, ...] = (OURS,),
    day: date = DAY,
    suppress: bool = False,
) -> BeforeAfter:
    """The view around the day in a warehouse that holds the extract alone."""
    settings: Settings = replace(load_settings({}), warehouse=folder / "warehouse")
    now, today = datetime(2025, 7, 1, 8, 0), date(2025, 7, 1)
    files = (
        {last: weeks} if isinstance(last, date) else {last[unit]: {unit: of} for unit, of in weeks.items()}
    )
    for until, those in files.items():
        name = f"kaynnit_{FIRST:%Y%m%d}-{until:%Y%m%d}.csv"
        # Rows after the window are there all the same: the window is what is known in full.
        options = LoadOptions(as_of=today)
        report = load_bytes(name, extract(those), options, settings, now=now, today=today)
        assert report.status == "loaded", report.findings
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    question = Question(indicator, by="week", area="18", suppress=suppress)
    return before_and_after(snapshot, question, settings, day=day, length=8, units=units)


def test_shares_that_rise_alike_differ_by_nothing(tmp_path: Path) -> None:
    found = look(
        tmp_path,
        {
            OURS: lambda week: (20, 10 if week < 0 else 14),
            THEIRS: lambda week: (40, 24 if week < 0 else 32),
        },
    )
    assert [
        period.label for period in (found.before[0], found.before[-1], found.after[0], found.after[-1])
    ] == [*("2025-W02", "2025-W09", "2025-W10", "2025-W17")]
    assert (found.affected.before.value, found.affected.after.value) == (50.0, 70.0)
    assert (found.affected.before.numerator, found.affected.before.denominator) == (80, 160)
    assert found.affected.before.coverage == 100
    assert found.others.change == pytest.approx(20.0)
    assert found.difference == pytest.approx(0.0)
    assert found.low < 0 < found.high
    assert found.apart is False
    assert len(found.affected.rows) == len(found.others.rows) == 16


def test_a_share_that_rises_alone_is_apart(tmp_path: Path) -> None:
    found = look(tmp_path, {OURS: lambda week: (20, 10 if week < 0 else 15), THEIRS: lambda week: (40, 24)})
    assert (found.affected.change, found.others.change) == (25.0, 0.0)
    assert found.difference == 25.0
    assert 0 < found.low < 25 < found.high
    assert found.apart is True


def wave(week: int) -> int:
    """What every week has of its own, without a drift, and without one week telling of the next."""
    return (0, 2, -2, 1, -1, 2, 0, -2)[week % 8]


def test_counts_that_rise_alike_differ_by_nothing_whatever_their_size(tmp_path: Path) -> None:
    found = look(
        tmp_path,
        {
            OURS: lambda week: ((10 + wave(week)) * (2 if week < 0 else 3), 0),
            THEIRS: lambda week: ((10 + wave(3 * week)) * (4 if week < 0 else 6), 0),
        },
        "visits",
    )
    assert found.relative
    assert found.affected.before.value == pytest.approx(20.0)
    assert found.affected.change == pytest.approx(50.0)
    assert found.others.change == pytest.approx(50.0)
    assert found.difference == pytest.approx(0.0)
    assert found.low < 0 < found.high


def test_waits_that_fall_alike_differ_by_nothing(tmp_path: Path) -> None:
    found = look(
        tmp_path,
        {
            OURS: lambda week: [20 + wave(week) - (week >= 0) * 5] * 6,
            THEIRS: lambda week: [30 + wave(3 * week) - (week >= 0) * 5] * 12,
        },
        "wait_median",
    )
    assert not found.relative
    assert (found.affected.before.value, found.affected.after.value) == (20.0, 15.0)
    assert (found.affected.before.denominator, found.others.after.denominator) == (48, 96)
    assert found.difference == 0.0
    assert found.low == pytest.approx(-found.high)


def test_periods_that_follow_each_other_or_do_not_vary_have_no_interval(tmp_path: Path) -> None:
    constant = {OURS: lambda week: [20] * 6, THEIRS: lambda week: [30] * 6}
    found = look(tmp_path / "constant", constant, "wait_median")
    assert (found.difference, found.low, found.no_interval) == (0.0, None, NO_VARIATION)
    drifting = {OURS: lambda week: [20 + week % 8] * 6, THEIRS: lambda week: [30] * 6}
    found = look(tmp_path / "drifting", drifting, "wait_median")
    assert (found.difference, found.low, found.no_interval) == (0.0, None, FOLLOW_EACH_OTHER)
    assert found.apart is None


def test_the_first_period_that_is_not_whole_ends_both_windows(tmp_path: Path) -> None:
    even = {OURS: lambda week: (20, 10), THEIRS: lambda week: (40, 20)}
    found = look(tmp_path, even, last=date(2025, 4, 9))
    assert (len(found.before), len(found.after)) == (5, 5)
    assert [(period.label, why) for period, why in found.left_out] == [
        *((f"2025-W0{week}", NOT_WHOLE) for week in (2, 3, 4)),
        *((f"2025-W{week}", NOT_WHOLE) for week in (15, 16, 17)),
    ]
    assert found.affected.before.denominator == 100


@pytest.mark.parametrize("silent", [OURS, THEIRS])
def test_a_group_that_falls_silent_shortens_the_windows_of_both(silent: str, tmp_path: Path) -> None:
    even = {OURS: lambda week: (20, 10), THEIRS: lambda week: (40, 20)}
    last = {OURS: date(2025, 4, 27), THEIRS: date(2025, 4, 27), silent: date(2025, 3, 23)}
    found = look(tmp_path, even, last=last)
    assert (len(found.before), len(found.after)) == (3, 3)
    assert (found.affected.after.denominator, found.others.after.denominator) == (60, 120)


def test_the_week_that_holds_the_day_is_left_out(tmp_path: Path) -> None:
    even = {OURS: lambda week: (20, 10), THEIRS: lambda week: (40, 20)}
    found = look(tmp_path, even, day=DAY + timedelta(days=1))
    assert [period.label for period, why in found.left_out if why == SPLIT_BY_DAY] == ["2025-W10"]
    assert (found.before[-1].label, found.after[0].label, len(found.after)) == ("2025-W09", "2025-W11", 7)


def test_a_day_without_data_around_it_has_no_windows(tmp_path: Path) -> None:
    found = look(tmp_path, {OURS: lambda week: (20, 10), THEIRS: lambda week: (40, 20)}, day=date(2025, 6, 2))
    assert (found.reason, found.before, found.difference, found.affected.rows) == (NO_WINDOW, (), None, None)


def test_without_other_units_there_is_a_change_and_no_difference(tmp_path: Path) -> None:
    weeks = {OURS: lambda week: (20, 10 if week < 0 else 12), THEIRS: lambda week: (40, 20)}
    for units in ((), (OURS, THEIRS)):
        found = look(tmp_path / str(len(units)), weeks, units=units)
        assert (found.reason, found.others, found.difference) == (NO_OTHERS, None, None)
        assert found.affected.change == pytest.approx(100 * (272 - 240) / 480 - 100 * 16 / 480)


def test_a_share_of_low_coverage_is_not_compared(tmp_path: Path) -> None:
    unknown = [-1] * 30
    found = look(
        tmp_path,
        {OURS: lambda week: [*[3] * 10, *[20] * 10, *unknown], THEIRS: lambda week: (40, 20)},
    )
    assert (found.reason, found.difference) == (LOW_COVERAGE, None)
    assert found.affected.before.coverage == 40


# --- hidden ---------------------------------------------------------------------------------------------------------


def test_a_share_with_a_hidden_week_is_shown_with_its_other_weeks(tmp_path: Path) -> None:
    found = look(
        tmp_path,
        {OURS: lambda week: (20, 17 if week == -3 else 10), THEIRS: lambda week: (40, 20)},
        suppress=True,
    )
    assert found.affected.before.numerator == pytest.approx(87, abs=10)
    assert (found.affected.rows["status"] == "suppressed").sum() == 1
    assert found.difference is not None


def test_a_hidden_window_hides_the_other_group_too(tmp_path: Path) -> None:
    found = look(
        tmp_path,
        {OURS: lambda week: (2, 2 if week < 0 and week != -3 else 1), THEIRS: lambda week: (40, 20)},
        suppress=True,
    )
    assert found.reason == NUMBERS_SUPPRESSED
    for group in (found.affected, found.others):
        assert group.rows is None
        assert group.change is None
        assert all(side.value is None and side.denominator is None for side in (group.before, group.after))


def test_a_hidden_count_or_wait_leaves_nothing_of_either_group(tmp_path: Path) -> None:
    few = {OURS: lambda week: (3 if week == 2 else 20, 0), THEIRS: lambda week: (40, 20)}
    for indicator in ("visits", "wait_median"):
        found = look(tmp_path / indicator, few, indicator, suppress=True)
        assert found.reason == NUMBERS_SUPPRESSED
        assert found.affected.before.value is found.others.after.value is None
        assert found.others.rows is None


def test_a_period_without_cases_is_left_out_of_means_in_both_groups(tmp_path: Path) -> None:
    some = {
        OURS: lambda week: [] if week == -3 else [20 + wave(week)] * 6,
        THEIRS: lambda week: [30] * 12,
    }
    found = look(tmp_path, some, "wait_median")
    assert [(period.label, why) for period, why in found.left_out] == [("2025-W07", NO_CASES)]
    assert found.affected.before.value == pytest.approx(
        fmean(20 + wave(week) for week in range(8) if week != 5)
    )
    assert found.others.before.denominator == 7 * 12


# --- second computations ----------------------------------------------------------------------------------------------


def test_the_windows_visit_by_visit(demo_settings: Settings) -> None:
    """The windows of the demo extract, counted from its visits one by one."""
    snapshot = Warehouse(demo_settings.warehouse).current()
    where = (("service", ("primary_care",)),)
    day, length = date(2025, 6, 4), 13
    rows = snapshot.rows(
        """SELECT unit::VARCHAR, visit_on, assessed_on FROM visits
           WHERE state = 'realised' AND client_contact AND counted AND area = '18' AND urgency = 'non_urgent'
             AND nature = 'curative' AND service = 'primary_care'"""
    )
    monday = date(2025, 6, 2)
    spans = [
        (monday - timedelta(weeks=13), monday),
        (monday + timedelta(weeks=1), monday + timedelta(weeks=14)),
    ]
    share = before_and_after(
        snapshot, Question("seven_day_access", by="week", where=where, suppress=False), demo_settings, day=day, length=length,
        units=(OURS,),
    )  # fmt: skip
    wait = before_and_after(
        snapshot, Question("wait_median", by="week", where=where, suppress=False), demo_settings, day=day, length=length,
        units=(OURS,),
    )  # fmt: skip
    assert (len(share.before), len(share.after)) == (13, 13)
    for group, of_waits, mine in (
        (share.affected, wait.affected, True),
        (share.others, wait.others, False),
    ):
        for side, mean, (first, end) in zip(
            (group.before, group.after), (of_waits.before, of_waits.after), spans, strict=True
        ):
            inside = [row for row in rows if (row[0] == OURS) is mine and first <= row[1] < end]
            waits = [
                ((on - assessed).days, (on - first).days // 7)
                for _, on, assessed in inside
                if assessed is not None and assessed <= on
            ]
            met = sum(days <= 7 for days, _ in waits)
            assert (side.numerator, side.denominator) == (met, len(waits))
            assert side.value == pytest.approx(100 * met / len(waits))
            assert side.coverage == pytest.approx(100 * len(waits) / len(inside))
            medians = [median(days for days, at in waits if at == week) for week in range(13)]
            assert mean.value == pytest.approx(fmean(medians))
            assert mean.denominator == len(waits)
            assert mean.coverage == pytest.approx(100 * len(waits) / len(inside))
    assert share.difference == pytest.approx(
        (share.affected.after.value - share.affected.before.value)
        - (share.others.after.value - share.others.before.value)
    )


def test_an_interval_of_shares_by_newcombes_example_and_its_symmetry() -> None:
    # 9 of 10 against 3 of 10, from Newcombe's table
    assert interval_of_shares([(9, 10), (3, 10)], (1, -1)) == pytest.approx((17.05, 80.90), abs=0.005)
    one = interval_of_shares([(56, 70), (48, 80)], (1, -1))
    other = interval_of_shares([(48, 80), (56, 70)], (1, -1))
    assert one == pytest.approx((-other[1], -other[0]))


def test_an_interval_of_series_as_welchs_textbook_formula() -> None:
    ours = ([10.0, 12.0, 9.0, 14.0, 11.0, 10.0], [15.0, 13.0, 18.0, 14.0, 16.0, 14.0])
    theirs = ([7.0, 8.0, 9.0, 7.0, 8.0, 8.0], [8.0, 9.0, 7.0, 9.0, 8.0, 8.0])
    (low, high), why = interval_of_series(ours, theirs, relative=False)
    gaps = [[a - b for a, b in zip(*pair, strict=True)] for pair in zip(ours, theirs, strict=True)]
    middles = [sum(gap) / 6 for gap in gaps]
    errors = [sum((x - m) ** 2 for x in gap) / 5 / 6 for gap, m in zip(gaps, middles, strict=True)]
    degrees = math.floor(sum(errors) ** 2 / sum(error**2 / 5 for error in errors))
    student = {8: 2.3060, 9: 2.2622, 10: 2.2281}[degrees]
    assert why is None
    assert (low + high) / 2 == pytest.approx(middles[1] - middles[0])
    assert (high - low) / 2 == pytest.approx(student * math.sqrt(sum(errors)), rel=1e-4)


@pytest.mark.parametrize("relative", [False, True])
def test_the_interval_holds_what_it_promises(relative: bool) -> None:
    """Series whose changes are known: about 95 of 100 intervals hold the true difference."""
    source = random.Random(20250303)
    held = told = 0
    for _ in range(2000):
        ours = [[source.gauss(level, 6) for _ in range(13)] for level in (60, 150)]
        theirs = [[source.gauss(level, 12) for _ in range(13)] for level in (240, 480)]
        interval, _ = interval_of_series(tuple(ours), tuple(theirs), relative=relative)
        if interval:
            told += 1
            held += interval[0] <= (150 - 100 if relative else 90 - 240) <= interval[1]
    assert told > 1800
    assert 0.935 < held / told < 0.965


@pytest.mark.parametrize(
    ("more", "held"),
    [(0.0, (0.935, 0.965)), (0.1, (0.84, 0.91))],
    ids=["chance alone", "weeks that vary by themselves"],
)
def test_the_interval_of_four_shares_holds_what_it_promises(more: float, held: tuple[float, float]) -> None:
    """About 95 of 100 where cases are drawn by chance alone; fewer where the share itself varies from week to week."""
    source = random.Random(20250304)
    truth, sizes, signs = (0.6, 0.7, 0.75, 0.8), (10, 10, 60, 60), (-1, 1, 1, -1)
    inside = 0
    for _ in range(1500):
        counts = []
        for share, n in zip(truth, sizes, strict=True):
            weeks = [source.gauss(share, more) for _ in range(10)]
            counts.append((sum(source.random() < week for week in weeks for _ in range(n)), 10 * n))
        low, high = interval_of_shares(counts, signs)
        inside += low <= 5 <= high
    assert held[0] < inside / 1500 < held[1]


def test_few_periods_have_no_interval() -> None:
    pair = ([10.0, 12.0, 11.0, 12.0, 10.0], [13.0, 15.0, 12.0, 15.0, 12.0])
    assert interval_of_series(pair, pair[::-1], relative=False) == (None, TOO_FEW)


# --- questions and choices --------------------------------------------------------------------------------------------


def test_people_on_both_sides_have_no_interval_and_other_questions_are_refused(
    demo_settings: Settings,
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    asked = {"day": date(2025, 3, 3), "length": 6, "units": ("HH-KOK-01",)}
    older = before_and_after(
        snapshot, Question("over_75_oral_health_share", by="month"), demo_settings, **asked
    )
    assert older.difference is not None
    assert (older.low, older.no_interval) == (None, NOT_INDEPENDENT)
    waiting = before_and_after(
        snapshot,
        Question("queue_length", by="week"),
        demo_settings,
        day=date(2025, 9, 1),
        length=8,
        units=(OURS,),
    )
    assert waiting.difference is not None
    assert (waiting.low, waiting.no_interval) == (None, NOT_INDEPENDENT)
    for question in (
        Question("guarantee_monitoring_coverage", by="month"),
        Question("visits", by="year"),
        Question("visits", by="month", splits=("service",)),
    ):
        with pytest.raises(BadQuestion):
            before_and_after(snapshot, question, demo_settings, **asked)


ANNOTATIONS = (
    b"area,unit,indicator,date,text_fi,text_sv,break\n"
    b"18,TK-KOK-01,visits,2025-03-03,Uusi ajanvaraus,Ny tidsbokning,no\n"
    b"18,TK-KOK-02,visits,2025-03-03,Uusi ajanvaraus,Ny tidsbokning,no\n"
    b"20,TK-KOK-03,visits,2025-03-03,Muualla,,no\n"
    b",,,2025-02-01,Kaikille,,yes\n"
    b"18,TK-KOK-03,queue_length,2025-03-03,Jono,,no\n"
)


def test_what_changed_is_told_with_the_units_it_is_of(tmp_path: Path) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    now, today = datetime(2025, 7, 1, 8, 0), date(2025, 7, 1)
    report = load_bytes("annotations.csv", ANNOTATIONS, LoadOptions(), settings, now=now, today=today)
    assert report.status == "loaded", report.findings
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    assert dated_changes(snapshot, "visits", "18") == (
        DatedChange(date(2025, 2, 1), "Kaikille", "", ()),
        DatedChange(date(2025, 3, 3), "Uusi ajanvaraus", "Ny tidsbokning", ("TK-KOK-01", "TK-KOK-02")),
    )


def test_published_figures_make_a_series_by_the_grain_they_come_in(tmp_path: Path) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    now, today = datetime(2026, 7, 1, 8, 0), date(2026, 7, 1)
    head = "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source\n"
    lines = [
        f"electronic_forms,18,,2025-{month:02d}-01,2025-{month:02d}-28,,,4,percent,,A\n"
        for month in range(1, 3)
    ]
    lines += [f"omaolo_services,18,,{year}-01-01,{year}-03-31,,,4,count,,A\n" for year in range(2019, 2026)]
    data = (head + "".join(lines)).encode()
    report = load_bytes("figures.csv", data, LoadOptions(), settings, now=now, today=today)
    assert report.status == "loaded", report.findings
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    assert dict(published_series(snapshot, 7)) == {("omaolo_services", "18"): ("quarter",)}
    assert dict(published_series(snapshot, 8)) == {}
