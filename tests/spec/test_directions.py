"""A direction is a target: held against the year before, like for like, complete years only."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indicators.catalogue.periods import same_a_year_before, span
from indicators.cli import app
from indicators.programme.targets import nothing, read_targets, target_results
from indicators.programme.verdicts import Actual, Target, direction_verdict, too_little_recorded
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.spec.table import rows_of

NOW = datetime(2026, 1, 2, 8, 0)
AS_OF = NOW.date()
YEAR_2025, YEAR_2024 = (span(date(year, 1, 1), date(year, 12, 31)) for year in (2025, 2024))
FIGURES = (
    "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
)
TARGETS = "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source"

# A value, or low..high where only a range is known; a status after it where it is not ok.
TABLE = """
promise   | year before    | year                      | on         | verdict
----------+----------------+---------------------------+------------+--------
decreases | 89             | 24                        | 2026-01-02 | met
increases | 89             | 24                        | 2026-01-02 | not_met
increases | 70             | 70.0001                   | 2026-01-02 | met
increases | 70             | 70                        | 2026-01-02 | not_met
decreases | 70             | 70                        | 2026-01-02 | not_met
decreases | 0              | 0                         | 2026-01-02 | not_met
decreases | 89             | 24                        | 2025-12-31 | met
decreases | 89             | 24                        | 2025-12-30 | not_due
decreases | -              | 24                        | 2026-01-02 | no_data
decreases | 89             | -                         | 2026-01-02 | no_data
decreases | 89             | 24 incomplete_period      | 2026-01-02 | not_due
decreases | 89 incomplete_period | 24                  | 2026-01-02 | not_due
increases | 40..45         | 46..50                    | 2026-01-02 | met
increases | 40..45         | 45..50                    | 2026-01-02 | no_data
increases | 40..45         | 30..40                    | 2026-01-02 | not_met
increases | 40             | 41..50                    | 2026-01-02 | met
increases | 97..99 suppressed | 90                     | 2026-01-02 | not_met
increases | 89..99 suppressed | 90                     | 2026-01-02 | suppressed
increases | - suppressed   | 90                        | 2026-01-02 | suppressed
increases | 90             | - suppressed              | 2026-01-02 | suppressed
"""


def actual(told: str, period: object) -> Actual:
    """`24`, `40..45`, `-`, each with a status after it or `ok`."""
    text, _space, status = told.partition(" ")
    if text == "-":
        return replace(nothing(period), status=status or "no_data")
    low, _dots, high = text.partition("..")
    if high:
        return replace(nothing(period), low=float(low), high=float(high), status=status or "ok")
    return replace(nothing(period), value=float(text), status=status or "ok")


@pytest.mark.parametrize(
    "row", rows_of(TABLE), ids=lambda row: f"{row['promise']} {row['year before']} {row['year']}"
)
def test_the_verdict_of_a_direction(row: dict[str, str]) -> None:
    promised = Target("service_debt_visible", "18", YEAR_2025, row["promise"], None, "count", "", None)
    found = direction_verdict(
        promised,
        actual(row["year"], YEAR_2025),
        actual(row["year before"], YEAR_2024),
        date.fromisoformat(row["on"]),
    )
    assert found == row["verdict"]


def test_one_published_and_one_counted_year_are_not_like_for_like() -> None:
    promised = Target("service_debt_visible", "18", YEAR_2025, "decreases", None, "count", "", None)
    now, before = actual("24", YEAR_2025), actual("89", YEAR_2024)
    assert direction_verdict(promised, now, before, AS_OF, across_seam=True) == "no_data"


SHARES = """
promise   | level | year before | year          | unrecorded
----------+-------+-------------+---------------+-----------
increases | -     | 48 of 40–60 | 51 of 39–63   | yes
increases | -     | 48 of 40–45 | 51 of 46–63   | no
increases | -     | 48          | 51 of 48–63   | yes
increases | -     | 48          | 51 of 49–63   | no
decreases | -     | 48 of 40–60 | 51            | yes
increases | -     | 48          | 51            | no
>=        | 50    | -           | 51 of 39–63   | yes
>=        | 50    | -           | 51 of 50–63   | no
>=        | 50    | -           | 45 of 39–49   | no
>=        | 50    | -           | 51            | no
<         | 63    | -           | 51 of 39–63   | yes
"""


def share(told: str, period: object, coverage: float) -> Actual:
    """`51 of 39–63`: the share of what is recorded, and where that of all may lie; without it nothing is missing."""
    value, _of, possible = told.partition(" of ")
    if not possible:
        return actual(told, period)
    low, _dash, high = possible.partition("–")
    return replace(
        actual(value, period), coverage=coverage, possible_low=float(low), possible_high=float(high)
    )


@pytest.mark.parametrize("row", rows_of(SHARES), ids=lambda row: " ".join(row.values()))
def test_missing_records_that_decide_a_target_leave_it_without_a_verdict(row: dict[str, str]) -> None:
    level = None if row["level"] == "-" else float(row["level"])
    promised = Target("x", "18", YEAR_2025, row["promise"], level, "percent", "", None)
    for coverage, said in ((79.9, row["unrecorded"] == "yes"), (80.0, False)):
        now, before = (
            share(row[name], period, coverage)
            for name, period in (("year", YEAR_2025), ("year before", YEAR_2024))
        )
        assert too_little_recorded(promised, now, before, 80.0) is said


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        (date(2025, 1, 1), date(2025, 12, 31), "2024"),
        (date(2025, 10, 1), date(2025, 12, 31), "2024-Q4"),
        (date(2025, 2, 1), date(2025, 2, 28), "2024-02"),
        (date(2025, 3, 3), date(2025, 3, 9), "2024-W10"),
        # Week 53 has none of its number a year before.
        (date(2020, 12, 28), date(2021, 1, 3), "2019-W52"),
        (date(2024, 8, 1), date(2025, 7, 31), "2023-08-01–2024-07-31"),
    ],
)
def test_the_same_period_a_year_before(first: date, last: date, label: str) -> None:
    assert same_a_year_before(span(first, last)).label == label


def loaded(folder: Path, figures: list[str], targets: list[str]) -> tuple[Snapshot, Settings]:
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    for source, header, lines in (("figures", FIGURES, figures), ("targets", TARGETS, targets)):
        data = "\n".join([header, *lines, ""]).encode()
        report = load_bytes(
            f"{source}.csv", data, LoadOptions(source=source, as_of=AS_OF), own, now=NOW, today=AS_OF
        )
        assert report.status == "loaded", report.findings
        assert not report.rows_quarantined
    return Warehouse(own.warehouse).current(), own


def test_a_direction_of_several_years_is_a_target_of_each(tmp_path: Path) -> None:
    snapshot, own = loaded(
        tmp_path,
        [
            "service_debt_visible,18,,2023-12-31,2023-12-31,,,89,count,,x",
            "service_debt_visible,18,,2024-12-31,2024-12-31,,,89,count,,x",
            "service_debt_visible,18,,2025-12-31,2025-12-31,,,24,count,,x",
        ],
        ["service_debt_visible,18,2023-01-01,2025-12-31,decreases,,count,pienenee vuosittain,x"],
    )
    found = target_results(snapshot, own, as_of=AS_OF, area="18")
    assert [(one.target.period.label, one.verdict) for one in found] == [
        ("2023", "no_data"),
        ("2024", "not_met"),
        ("2025", "met"),
    ]
    assert [(one.before.value if one.before else None) for one in found] == [None, 89, 89]
    assert [one.period.label for one in read_targets(snapshot, "18", 2024)] == ["2024"]
    done = CliRunner().invoke(
        app, ["targets", "--year", "2025", "--format", "json", "--warehouse", str(own.warehouse)]
    )
    (row,) = json.loads(done.stdout)
    assert (row["verdict"], row["actual"], row["year_before"], row["target"], row["comparator"]) == (
        *("met", 24, 89, None),
        "decreases",
    )


def test_a_direction_of_a_share_shows_enough_decimals(tmp_path: Path) -> None:
    snapshot, own = loaded(
        tmp_path,
        [
            "electronic_forms,18,,2024-01-01,2024-12-31,39999,80000,,percent,,x",
            "electronic_forms,18,,2025-01-01,2025-12-31,40000,80000,,percent,,x",
        ],
        ["electronic_forms,18,2025-01-01,2025-12-31,increases,,percent,kasvaa vuosittain,x"],
    )
    (found,) = target_results(snapshot, own, as_of=AS_OF, area="18")
    assert (found.verdict, found.decimals) == ("met", 3)


def test_the_shipped_promises_of_direction_are_of_every_year(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse).current()
    found = [
        (one.indicator, one.period.label, one.comparator)
        for one in read_targets(snapshot, "18")
        if one.is_direction
    ]
    assert found == [
        (indicator, str(year), comparator)
        for year in (2023, 2024, 2025)
        for indicator, comparator in (
            ("digital_models_use", "increases"),
            ("service_debt_visible", "decreases"),
            ("seven_day_access_vulnerable", "increases"),
        )
    ]


def test_the_visible_debt_of_the_demo_went_down(demo_settings: Settings) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    found = {
        one.target.period.label: (one.verdict, one.actual.value, one.before.value if one.before else None)
        for one in target_results(snapshot, demo_settings, as_of=AS_OF, area="18", suppress=False)
        if one.target.indicator == "service_debt_visible"
    }
    assert found["2025"] == ("met", 24, 79)
    assert found["2024"] == ("no_data", 79, None)


QUEUES = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"


@pytest.mark.parametrize(
    ("units", "verdict", "new_queues"),
    [
        (("A;primary_care;100;24",), "met", False),
        (("A;primary_care;100;24", "B;primary_care;90;70"), "no_data", True),
        (("A;primary_care;100;24", "B;primary_care;90;10"), "met", False),
        (("A;primary_care;100;89", "A;oral_health;90;10"), "not_met", False),
        (("A;primary_care;100;95",), "not_met", False),
    ],
    ids=["the same", "a new one decides", "a new one does not matter", "another service", "grown"],
)
def test_a_queue_that_was_not_counted_the_year_before_decides_no_direction(
    tmp_path: Path, units: tuple[str, ...], verdict: str, new_queues: bool
) -> None:
    lines = ["2024-12-31;18;A;primary_care;100;89;;x", *(f"2025-12-31;18;{unit};;x" for unit in units)]
    _, own = loaded(
        tmp_path, [], ["service_debt_visible,18,2025-01-01,2025-12-31,decreases,,count,pienenee,x"]
    )
    data = "\n".join([QUEUES, *lines, ""]).encode()
    report = load_bytes("jonot.csv", data, LoadOptions(), own, now=NOW, today=AS_OF)
    assert report.status == "loaded", report.findings
    snapshot = Warehouse(own.warehouse).current()
    (found,) = target_results(snapshot, own, as_of=AS_OF, area="18", suppress=False)
    assert (found.verdict, found.new_queues) == (verdict, new_queues)
    (shared,) = target_results(snapshot, own, as_of=AS_OF, area="18")
    assert shared.verdict in (verdict, "suppressed", "no_data")
