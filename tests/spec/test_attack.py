"""No suppressed count follows from pairs of shareable views, of counties made up to be small."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.spec.attack import COUNTED, Guess, guesses, success

FIRST, EXTRACTED = date(2025, 8, 4), date(2025, 12, 29)
#: Visits a week of each unit, and the most entries of a unit in the queue of a service.
UNITS = {"TK-KOK-01": 26.0, "TK-KAN-01": 7.0, "HH-KAU-01": 3.0, "TK-PER-01": 0.5}
QUEUES = {"TK-KOK-01": 14, "TK-KAN-01": 5, "HH-KAU-01": 3, "TK-PER-01": 1}


def _written(day: date | None) -> str:
    return "" if day is None else f"{day.day}.{day.month}.{day.year}"


def made_up_visits(seed: int) -> bytes:
    """Visits of units so small that many of their weeks and groups are suppressed."""
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
                        assessed=_written(assessed),
                        visit=_written(day),
                    )
                )
        day += timedelta(days=1)
    return visits(*lines)


def made_up_queues(seed: int) -> bytes:
    """Snapshots of queues so small that many of their services are suppressed."""
    draw = random.Random(seed)
    lines: list[str] = []
    for day in (date(2025, month, 1) for month in (9, 10, 11, 12)):
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
                            assessed=_written(since) if draw.random() < 0.85 else "",
                            queued=_written(since),
                        )
                    )
    return queue(*lines)


@pytest.fixture(scope="module", params=(1, 2, 3))
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of made-up visits and queues."""
    settings = replace(load_settings({}), warehouse=tmp_path_factory.mktemp("small") / "warehouse")
    for name, data in (("kaynnit", made_up_visits(request.param)), ("jono", made_up_queues(request.param))):
        now = datetime(2025, 12, 30, 8, 0)
        options = LoadOptions(as_of=EXTRACTED)
        report = load_bytes(f"{name}.csv", data, options, settings, now=now, today=EXTRACTED)
        assert report.status == "loaded", report.findings
    return settings


def attacked(snapshot: Snapshot, settings: Settings) -> list[Guess]:
    """Every guess of every indicator, split and grain that is attacked."""
    splits = {"visits": ("unit", "profession", "mode"), "queue_length": ("unit", "service")}
    return [
        guess
        for indicator in COUNTED
        for split in splits["queue_length" if "queue" in indicator else "visits"]
        for by in ("week", "month")
        for guess in guesses(snapshot, settings, indicator, split, by)
    ]


def test_no_suppressed_count_is_worked_out_from_a_pair_of_views(small: Settings) -> None:
    found = attacked(Warehouse(small.warehouse).current(), small)
    told = success(found)
    assert set(told) >= {"all and all others together", "all, the others known exactly"}
    assert [one.words for one in found if one.worked_out] == []
    for pair, (tried, right, _) in told.items():
        # Without knowing anything one in four guesses is right, and more where some counts are commoner.
        assert tried < 30 or right / tried < 0.55, pair


def test_the_attack_works_out_counts_that_have_no_noise(small: Settings) -> None:
    exact = replace(small, count_noise=0.01)
    found = attacked(Warehouse(small.warehouse).current(), exact)
    for tried, right, worked_out in success(found).values():
        assert right == worked_out == tried
