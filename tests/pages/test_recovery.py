"""No small number can be worked out from everything a page tells: what it shows, draws, says and gives to download."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from indicators.engine import answer
from indicators.periods import span
from indicators.question import Question
from pipelines.load import LoadOptions, load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pages.app import assert_healthy, open_page
from tests.pages.attack import Record, families, recovered, taken_down
from tests.pipelines.extracts import queue, queue_entry, visit, visits

FIRST, EXTRACTED = date(2025, 8, 4), date(2025, 12, 29)
#: Visits a week of each unit.
UNITS = {"TK-KOK-01": 26.0, "TK-KAN-01": 7.0, "HH-KAU-01": 3.0, "TK-PER-01": 0.5}


def made_up_visits(seed: int) -> bytes:
    """An extract of units so small that many of their weeks and groups are hidden."""
    draw = random.Random(seed)
    lines = []
    day = FIRST
    while day < EXTRACTED:
        for unit, weekly in UNITS.items():
            for _ in range(int(weekly / 7 + draw.random())):
                waited = draw.choice((0, 2, 6, 7, 8, 12, 40, None))
                assessed = None if waited is None else day - timedelta(days=waited)
                lines.append(
                    visit(
                        len(lines) + 1,
                        unit=unit,
                        profession=draw.choice(("Lääkäri", "Sairaanhoitaja", "Sairaanhoitaja")),
                        mode=draw.choice(("R10", "R10", "R10", "R52")),
                        contacted=_written(assessed) if draw.random() < 0.9 else "",
                        assessed=_written(assessed),
                        booked=_written(assessed) if draw.random() < 0.9 else "",
                        visit=_written(day),
                    )
                )
        day += timedelta(days=1)
    return visits(*lines)


def _written(day: date | None) -> str:
    return "" if day is None else f"{day.day}.{day.month}.{day.year}"


@pytest.fixture(scope="module", params=(1, 2, 3))
def small_units(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of nothing but made-up visits of small units."""
    folder: Path = tmp_path_factory.mktemp("small") / "warehouse"
    settings = replace(load_settings({}), warehouse=folder)
    report = load_bytes(
        "kaynnit.csv",
        made_up_visits(request.param),
        LoadOptions(as_of=EXTRACTED),
        settings,
        now=datetime(2025, 12, 30, 8, 0),
        today=EXTRACTED,
    )
    assert report.status == "loaded"
    return settings


#: Views of the care guarantee, which tells most of one thing at once.
VIEWS = [
    {},
    {"yksikko": ["TK-KAN-01"], "vaiheet": "profession", "vertaa": "service"},
    {"yksikko": ["TK-KAN-01", "HH-KAU-01"], "jakso": "month", "muutos": "vuosi"},
]


@pytest.mark.parametrize("address", VIEWS, ids=["default", "one-unit", "two-units"])
def test_no_small_number_follows_from_the_care_guarantee(
    address: dict[str, str | list[str]], small_units: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken_down(monkeypatch) as records:
        assert_healthy(open_page(monkeypatch, small_units.warehouse, "care_guarantee", **address))
    _assert_nothing_recovered(records)


def _assert_nothing_recovered(records: list[Record]) -> None:
    every = families(records)
    assert every
    assert [words for family in every.values() for words in recovered(family)] == []


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("overview", {}),
        ("targets", {}),
        ("targets", {"mittari": "seven_day_access", "jakso": "month", "vaihtelu": "quarter"}),
        ("targets", {"mittari": "child_welfare_7_weekdays", "jakso": "month"}),
        ("targets", {"mittari": "electronic_contacts", "jakso": "month"}),
        ("targets", {"mittari": "seven_day_access_vulnerable", "jakso": "month"}),
        ("deadlines", {}),
        ("deadlines", {"jakso": "month"}),
        ("queues", {"jakso": "month"}),
        ("service_debt", {}),
        ("compare", {}),
        ("data_quality", {}),
        ("changes", {}),
        (
            "changes",
            {
                "mittari": "seven_day_access",
                "nakyma": "ennen-jalkeen",
                "jakso": "week",
                "koskee": "TK-KAN-01",
            },
        ),
    ],
    ids=str,
)
def test_no_small_number_follows_from_a_page(
    page: str,
    address: dict[str, str],
    demo_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with taken_down(monkeypatch) as records:
        assert_healthy(open_page(monkeypatch, demo_settings.warehouse, page, **address))
    _assert_nothing_recovered(records)


def test_no_small_number_follows_from_ranges(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the counts a range is made of none that is small follows, nor from a year and its quarters by unit and service."""
    asked = [
        Question("electronic_contacts", by=by, splits=splits, date_from=date(2025, 7, 1))
        for by in ("month", "quarter")
        for splits in ((), ("unit",), ("service",))
    ]
    snapshot = Warehouse(demo_settings.warehouse).current()
    with taken_down(monkeypatch) as records:
        rows = answer(snapshot, replace(asked[-1], beside=tuple(asked)), demo_settings).rows
    assert {"suppressed", "ok"} <= set(rows["status"])
    _assert_nothing_recovered(records)


#: The most entries of a unit in the queue of a service.
QUEUES = {"TK-KOK-01": 14, "TK-KAN-01": 5, "HH-KAU-01": 3, "TK-PER-01": 1}


def made_up_queues(seed: int) -> bytes:
    """Snapshots of queues so small that many of their services are hidden."""
    draw = random.Random(seed)
    lines: list[str] = []
    for day in (date(2025, month, 1) for month in (10, 11, 12)):
        for unit, most in QUEUES.items():
            for service in ("Avosairaanhoito", "Suun terveydenhuolto", "Mielenterveyspalvelut"):
                for _ in range(draw.randint(0, most)):
                    since = day - timedelta(days=draw.choice((5, 20, 100, 200, 300)))
                    lines.append(
                        queue_entry(
                            len(lines) + 1,
                            snapshot=_written(day),
                            person=f"J{len(lines)}",
                            unit=unit,
                            service=service,
                            urgency=draw.choice(("Kiireetön", "Kiireetön", "Kiireetön", "Kiireellinen")),
                            assessed=_written(since) if draw.random() < 0.85 else "",
                            queued=_written(since),
                            reason=draw.choice(("Resurssi", "Resurssi", "Potilaan oma toive")),
                        )
                    )
    return queue(*lines)


@pytest.fixture(scope="module", params=(1, 4, 12))
def small_queues(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of nothing but made-up queues of small units."""
    folder: Path = tmp_path_factory.mktemp("queues") / "warehouse"
    settings = replace(load_settings({}), warehouse=folder)
    report = load_bytes(
        "jono.csv",
        made_up_queues(request.param),
        LoadOptions(as_of=EXTRACTED),
        settings,
        now=datetime(2025, 12, 30, 8, 0),
        today=EXTRACTED,
    )
    assert report.status == "loaded", report.findings
    return settings


@pytest.mark.parametrize(
    ("page", "address"),
    [("queues", {}), ("queues", {"jakso": "month"}), ("service_debt", {})],
    ids=["weeks", "months", "debt"],
)
def test_no_small_number_follows_from_small_queues(
    page: str, address: dict[str, str], small_queues: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken_down(monkeypatch) as records:
        assert_healthy(open_page(monkeypatch, small_queues.warehouse, page, **address))
    _assert_nothing_recovered(records)


def test_the_attack_works_out_a_week_that_is_hidden_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six visits a week and three in one of them; the weeks and all of them together, hidden apart and together."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    first, weeks = date(2025, 9, 1), 6
    days = [
        first + timedelta(weeks=week, days=day)
        for week in range(weeks)
        for day in range(3 if week == 2 else 6)
    ]
    lines = [visit(at + 1, assessed=_written(day), visit=_written(day)) for at, day in enumerate(days)]
    load_bytes(
        "k.csv",
        visits(*lines),
        LoadOptions(as_of=EXTRACTED),
        settings,
        now=datetime(2025, 12, 30),
        today=EXTRACTED,
    )
    snapshot = Warehouse(settings.warehouse).current()
    window = span(first, first + timedelta(days=7 * weeks - 1))
    weekly = Question("seven_day_access", by="week", date_from=window.start, date_to=window.end)
    whole = Question("seven_day_access", periods=(window,))

    def attacked(*questions: Question) -> list[str]:
        with taken_down(monkeypatch) as records:
            for question in questions:
                answer(snapshot, question, settings)
        return [words for family in families(records).values() for words in recovered(family)]

    assert any("n of seven_day_access 2025-W38 [] = 3" in words for words in attacked(weekly, whole))
    assert attacked(*(replace(one, beside=(weekly, whole)) for one in (weekly, whole))) == []
