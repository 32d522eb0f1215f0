"""Near misses and lost time as small tables: one to three days late, missed times, repeated contacts, several services."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from indicators.catalogue.definition import definition
from indicators.catalogue.periods import period_of
from indicators.engine.near_misses import (
    LostTime,
    NearMiss,
    entries_by_limit,
    lost_time,
    near_misses,
    people_by_services,
)
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.spec.test_actions import NOW, YOUNG, current, load, written

MARCH = period_of(date(2025, 3, 10), "month")
AREA = (("area", ("18",)),)
ACCESS = definition("seven_day_access")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def waited(key: int, days: int, unit: str = "A", **changes: str) -> str:
    seen = date(2025, 3, 24)
    start = written(seen - timedelta(days=days))
    given = {"contacted": start, "assessed": start, "booked": start, "visit": written(seen)}
    return visit(key, unit=unit, unit_name=unit, **{**given, **changes})


def test_visits_of_one_to_three_days_late_are_near_misses(settings: Settings) -> None:
    days = {"A": (0, 7, 7, 8, 10, 11, 40), "B": (3, 9), "C": (8,)}
    lines = [
        waited(100 * at + number, wait, unit)
        for at, (unit, waits) in enumerate(days.items())
        for number, wait in enumerate(waits)
    ]
    lines += [
        waited(900, 9, assessed=""),
        waited(901, 9, urgency="Kiireellinen"),
        waited(902, 9, nature="TH"),
        waited(903, 9, "B", visit="1.4.2025", assessed="23.3.2025"),
        waited(904, 9, "C", service="Suun terveydenhuolto", profession="Hammaslääkäri"),
    ]
    load(settings, "kaynnit.csv", visits(*lines))
    primary = (*AREA, ("service", ("primary_care",)))
    found = near_misses(current(settings), ACCESS, MARCH, primary, target_pct=80)
    assert found == (
        NearMiss("A", judged=7, within=3, just_over=2, needed=3),
        NearMiss("B", judged=2, within=1, just_over=1, needed=1),
        NearMiss("C", judged=1, within=0, just_over=1, needed=1),
    )
    assert [one.is_within_reach for one in found] == [False, True, True]
    (alone,) = near_misses(current(settings), ACCESS, MARCH, (*primary, ("unit", ("B",))))
    assert alone.needed is None and not alone.is_within_reach


def test_the_fewest_visits_that_reach_the_target_do_and_one_less_does_not(settings: Settings) -> None:
    lines = [waited(number, 7 if number < 13 else 9) for number in range(23)]
    load(settings, "kaynnit.csv", visits(*lines))
    for target in (50, 56.5, 60, 80, 100):
        (one,) = near_misses(current(settings), ACCESS, MARCH, AREA, target)
        assert 100 * (one.within + one.needed) / one.judged >= target
        assert one.needed == 0 or 100 * (one.within + one.needed - 1) / one.judged < target


def test_missed_times_and_repeated_contacts_are_counted(settings: Settings) -> None:
    lines = [
        waited(1, 3),
        waited(2, 3, person="P0000001", visit="27.3.2025"),
        waited(
            3, 3, person="P0000001", visit="31.3.2025", service="Fysioterapia", profession="Fysioterapeutti"
        ),
        waited(
            4,
            3,
            person="P0000004",
            visit="20.2.2025",
            assessed="20.2.2025",
            contacted="20.2.2025",
            booked="20.2.2025",
        ),
        waited(
            5,
            3,
            person="P0000004",
            visit="6.3.2025",
            assessed="6.3.2025",
            contacted="6.3.2025",
            booked="6.3.2025",
        ),
        waited(6, 3, state="Peruttu"),
        waited(7, 3, state="Saapumatta"),
        waited(8, 3, "B", state="Saapumatta"),
        waited(9, 3, "B", person=""),
        waited(10, 3, "B", state="Siirretty"),
    ]
    load(settings, "kaynnit.csv", visits(*lines))
    found = lost_time(current(settings), MARCH, AREA)
    assert found == (
        LostTime("A", known=6, cancelled=1, missed=1, contacts=4, repeated=2),
        LostTime("B", known=2, cancelled=0, missed=1, contacts=0, repeated=0),
    )
    assert people_by_services(current(settings), MARCH, AREA) == {1: 1, 2: 1}


def test_entries_are_listed_by_their_limit_without_persons(settings: Settings) -> None:
    def entry(key: int, start: str, **changes: str) -> str:
        return queue_entry(key, assessed=start, queued=start, born=YOUNG, **changes)

    lines = [
        entry(1, "20.3.2025"),
        entry(2, "10.3.2025", booked_for="2.4.2025"),
        entry(3, "19.3.2025", booked_for="2.4.2025"),
        entry(4, "20.3.2025", booked_for="20.3.2025"),
        entry(5, "1.2.2025", reason="Potilaan oma toive"),
        entry(6, "1.2.2025", urgency="Kiireellinen"),
        entry(7, "1.2.2025", snapshot="24.3.2025"),
        queue_entry(8, assessed="", queued="21.3.2025", born=YOUNG),
    ]
    load(settings, "jono.csv", queue(*lines))
    found = entries_by_limit(current(settings), AREA)
    assert not {"person", "entry_id", "age_group", "municipality"} & set(found.columns)
    shown = [
        (one.waited_days, one.last_day, one.days_over, one.booked_for, one.too_late)
        for one in found.astype(object).where(found.notna(), None).itertuples()
    ]
    day = lambda number, month=4: date(2025, month, number)  # noqa: E731
    dates = [tuple(value.date() if hasattr(value, "date") else value for value in row) for row in shown]
    assert dates == [
        (21, day(24, 3), 7, day(2), True),
        (12, day(2), -2, day(2), False),
        (11, day(3), -3, None, False),
        (11, day(3), -3, None, False),
        (10, None, None, None, False),
    ]


def test_a_queue_that_was_empty_later_has_no_entries_to_book(settings: Settings) -> None:
    load(settings, "jono.csv", queue(queue_entry(1, unit="A"), queue_entry(2, unit="B")))
    assert list(entries_by_limit(current(settings), AREA)["unit"]) == ["A", "B"]
    later = queue(queue_entry(2, unit="B", snapshot="7.4.2025"))
    load(settings, "jono2.csv", later)
    # Nothing newer is known of A: a file that has no row of a unit says nothing of it.
    assert sorted(entries_by_limit(current(settings), AREA)["unit"]) == ["A", "B"]
    nobody = LoadOptions(source="exreport_jono", as_of=date(2025, 4, 14), scope="origin")
    report = load_bytes(
        "jono3.csv",
        queue(queue_entry(2, unit="B", snapshot="14.4.2025")),
        nobody,
        settings,
        now=NOW,
        today=NOW.date(),
    )
    assert report.status == "loaded", report.findings
    assert list(entries_by_limit(current(settings), AREA)["unit"]) == ["B"]
