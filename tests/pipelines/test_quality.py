"""How good the data is: each number from a small warehouse whose answer can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.loading.master_data import codes_in_use, decide, unit_edit
from pipelines.loading.publication import published_snapshot
from pipelines.loading.report import LoadReport
from pipelines.quality import data_quality as quality
from pipelines.quality.check import check
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.pipelines.test_sources import IN_CARE, pirkko

NOW, TODAY = datetime(2025, 6, 4, 8, 0), date(2025, 6, 4)
MONDAY = date(2025, 3, 3)
SOURCE, UNIT = "exreport_kaynnit", "TK-KOK-01"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, data: bytes, name: str = "kaynnit.csv", **options: object) -> LoadReport:
    report = load_bytes(name, data, LoadOptions(**options), settings, now=NOW, today=TODAY)
    assert report.status == "loaded", [f.message("en") for f in report.findings]
    return report


def day(value: date) -> str:
    return f"{value.day}.{value.month}.{value.year}"


def weeks(*rows: int, unit: str = UNIT, first: int = 1) -> list[str]:
    """Visits of weeks one after another, so many in each, all on its Wednesday."""
    lines = []
    for at, count in enumerate(rows):
        on = MONDAY + timedelta(days=7 * at + 2)
        for _ in range(count):
            lines.append(
                visit(first + len(lines), unit=unit, assessed=day(on), contacted=day(on), visit=day(on))
            )
    return lines


def window(weeks_covered: int) -> tuple[date, date]:
    return MONDAY, MONDAY + timedelta(days=7 * weeks_covered - 1)


def test_the_rhythm_is_that_of_the_extracts_and_late_is_twice_it_and_a_day(settings: Settings) -> None:
    for at in range(3):
        load(
            settings,
            visits(visit(at + 1, visit="31.3.2025")),
            as_of=date(2025, 4, 1) + timedelta(days=at * 3),
        )
    snapshot = published_snapshot(settings)
    [fresh] = quality.freshness(snapshot, date(2025, 4, 14))
    assert (fresh.newest, fresh.rhythm_days, fresh.age_days) == (date(2025, 4, 7), 3, 7)
    assert fresh.due == date(2025, 4, 14) and not fresh.late
    assert quality.freshness(snapshot, date(2025, 4, 15))[0].late


def test_one_extract_is_taken_for_weekly_and_demo_data_is_never_late(settings: Settings) -> None:
    load(settings, visits(visit(1)), demo=True, as_of=date(2025, 4, 1))
    [fresh] = quality.freshness(published_snapshot(settings), TODAY)
    assert (fresh.demo, fresh.rhythm_days, fresh.late) == (True, 7, False)
    load(settings, visits(visit(2, visit="31.3.2025")), as_of=date(2025, 4, 1))
    [fresh] = quality.freshness(published_snapshot(settings), date(2025, 4, 16))
    assert not fresh.demo and fresh.late is False
    assert quality.freshness(published_snapshot(settings), date(2025, 4, 17))[0].late


def test_unknown_codes_are_told_with_their_rows_and_share(settings: Settings) -> None:
    lines = [visit(n, profession="Kuraattori") for n in (1, 2, 3)]
    load(settings, visits(*lines, visit(4, service="Uusi"), visit(5), visit(6, profession="")))
    told = quality.unmapped(published_snapshot(settings))
    assert [(one.domain, one.code, one.rows, one.of) for one in told] == [
        ("profession", "Kuraattori", 3, 5),
        ("service", "Uusi", 1, 6),
    ]


def test_a_code_is_one_in_all_datasets_of_its_source_and_as_many_as_can_be_given_a_meaning(
    settings: Settings,
) -> None:
    # A pathway in care is a referral and a visit, both with the municipality.
    load(settings, pirkko(IN_CARE.replace(";272;", ";999;")), "pirkko.csv", force=True)
    load(settings, visits(visit(1, profession="Kuraattori"), visit(2)))
    snapshot = published_snapshot(settings)
    told = {(one.source, one.domain, one.code): one.rows for one in quality.unmapped(snapshot)}
    decided = {
        (one.source, one.domain, one.code): one.unknown_rows for one in codes_in_use(snapshot) if one.unknown
    }
    assert (
        told
        == decided
        == {
            ("exreport_kaynnit", "profession", "Kuraattori"): 1,
            ("pirkko_asiakkuudet", "municipality", "999"): 2,
        }
    )


def test_missing_and_contradictory_dates_are_counted_by_unit(settings: Settings) -> None:
    lines = [
        visit(1, assessed=""),
        visit(2, assessed="", urgency="Päivystys"),
        visit(3, contacted="1.3.2025", assessed="12.3.2025"),
        visit(4, contacted="20.3.2025", assessed="10.3.2025", visit="21.3.2025"),
        visit(5, unit="TK-KOK-02"),
    ]
    load(settings, visits(*lines))
    load(settings, queue(queue_entry(1, assessed="", booked_for="30.3.2025"), queue_entry(2)), "jono.csv")
    told = {(f.code, f.unit): (f.rows, f.of) for f in quality.date_faults(published_snapshot(settings))}
    assert told["no_assessment", UNIT] == (1, 3)
    assert told["no_assessment", "TK-KOK-02"] == (0, 1)
    assert told["visit_before_assessment", UNIT] == (1, 2)
    assert told["assessment_before_contact", UNIT] == (1, 2)
    assert told["queue_no_assessment", UNIT] == (1, 2)
    assert told["queue_appointment_passed", UNIT] == (1, 1)
    assert ("case_decided_before", UNIT) not in told


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ((20, 20, 20, 20, 9), [(9, 20.0, True)]),
        ((20, 20, 20, 20, 10), []),
        ((20, 20, 20, 20, 41), [(41, 20.0, True)]),
        ((20, 20, 20, 20, 40), []),
        ((19, 19, 19, 19, 1), []),
        ((20, 20, 20, 1), []),
        ((20, 20, 20, 20, 1, 20), [(1, 20.0, False)]),
        ((20, 20, 20, 20, 0), [(0, 20.0, True)]),
        ((20, 20, 20, 20, 1, 20, 20, 20, 20), []),
    ],
)
def test_a_sudden_change_is_under_half_or_over_twice_the_median(
    settings: Settings, rows: tuple[int, ...], found: list[tuple[int, float, bool]]
) -> None:
    load(settings, visits(*weeks(*rows)), window=window(len(rows)))
    told = quality.sudden_changes(published_snapshot(settings))
    assert [(one.rows, one.median, one.newest) for one in told] == found


def test_a_week_that_is_not_known_in_full_is_not_held_against_others(settings: Settings) -> None:
    load(settings, visits(*weeks(20, 20, 20, 20, 1)), window=(MONDAY, MONDAY + timedelta(days=33)))
    assert quality.sudden_changes(published_snapshot(settings)) == ()


def test_queues_are_compared_by_snapshot(settings: Settings) -> None:
    lines = []
    for at, count in enumerate((20, 20, 20, 20, 45)):
        on = day(MONDAY + timedelta(days=7 * at))
        lines += [queue_entry(n, snapshot=on, assessed="1.3.2025", queued="1.3.2025") for n in range(count)]
    load(settings, queue(*lines), "jono.csv")
    [one] = quality.sudden_changes(published_snapshot(settings))
    assert (one.dataset, one.first_on, one.rows) == ("queue", MONDAY + timedelta(days=28), 45)


def test_days_that_are_not_covered_are_told_and_closed_units_are_not_missed(settings: Settings) -> None:
    load(settings, visits(*weeks(1)), window=window(1), as_of=date(2025, 6, 1))
    later = visit(50, visit="26.3.2025"), visit(51, unit="TK-KOK-02", visit="26.3.2025")
    load(settings, visits(*later), window=(date(2025, 3, 24), date(2025, 3, 30)), as_of=date(2025, 6, 2))
    last = visit(60, visit="1.4.2025")
    load(settings, visits(last), window=(date(2025, 3, 31), date(2025, 4, 6)), as_of=date(2025, 6, 3))
    told = quality.uncovered(published_snapshot(settings))
    assert [(gap.unit, gap.first_on, gap.last_on, gap.days, gap.goes_on, gap.leads) for gap in told] == [
        ("TK-KOK-02", date(2025, 3, 3), date(2025, 3, 23), 21, False, True),
        (UNIT, date(2025, 3, 10), date(2025, 3, 23), 14, False, False),
        ("TK-KOK-02", date(2025, 3, 31), date(2025, 4, 6), 7, True, False),
    ]


def test_a_unit_has_no_gap_before_the_day_that_the_master_data_gives_it(settings: Settings) -> None:
    load(settings, visits(*weeks(1), visit(50, visit="26.3.2025")), window=window(4))
    load(
        settings,
        visits(visit(51, unit="TK-KOK-02", visit="26.3.2025")),
        window=(date(2025, 3, 24), date(2025, 3, 30)),
    )
    opened = unit_edit("TK-KOK-02", {"valid_from": "2025-03-22"}, by="analyst", at=NOW)
    decide(settings, [opened], now=NOW)
    [gap] = quality.uncovered(published_snapshot(settings))
    assert (gap.unit, gap.first_on, gap.last_on, gap.leads) == (
        "TK-KOK-02",
        date(2025, 3, 22),
        date(2025, 3, 23),
        True,
    )


def test_a_unit_without_rows_at_the_end_is_silent(settings: Settings) -> None:
    lines = [*weeks(1, 1, 1, 1), *weeks(1, unit="TK-KOK-02", first=100)]
    load(settings, visits(*lines), window=window(4))
    told = {
        unit.unit: (unit.silent_days, unit.silent) for unit in quality.units(published_snapshot(settings))
    }
    assert told == {UNIT: (4, False), "TK-KOK-02": (25, True)}


def test_rows_set_aside_are_counted_by_reason(settings: Settings) -> None:
    lines = [visit(n) for n in range(1, 60)]
    load(settings, visits(*lines, visit(60, visit="31.2.2025"), visit(61, unit=""), visit(62, unit="")))
    told = quality.set_aside(published_snapshot(settings))
    assert [(one.code, one.rows, one.loads, one.of) for one in told] == [
        ("missing_value", 2, 1, 62),
        ("bad_date", 1, 1, 62),
    ]


def test_reviews_are_overdue_after_their_day() -> None:
    assert quality.reviews(date(2026, 1, 1)) == ()
    overdue = quality.reviews(date(2027, 2, 1))
    assert {review.kind for review in overdue} == {"limit", "definition"}
    assert quality.Review("definition", "seven_day_access", date(2027, 1, 31)) in overdue
    assert quality.reviews(date(2027, 1, 31)) == ()


def test_check_says_the_same(settings: Settings) -> None:
    lines = weeks(20, 20, 20, 20, 1)
    lines[0] = visit(1, profession="Kuraattori", contacted="5.3.2025", assessed="5.3.2025", visit="5.3.2025")
    load(settings, visits(*lines), window=window(5), as_of=date(2025, 4, 8))
    found = check(settings, today=date(2027, 2, 1))
    codes = {problem.code: problem.level for problem in found}
    assert codes == {
        "not_fresh": "error",
        "review_overdue": "error",
        "sudden_change": "warning",
        "unmapped_code": "warning",
    }
    sudden = next(problem for problem in found if problem.code == "sudden_change")
    assert (sudden.subject, sudden.detail) == (f"{SOURCE} {UNIT}", "2025-03-31: 1 (20)")
