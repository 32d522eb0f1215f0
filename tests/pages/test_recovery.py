"""No small number can be worked out from everything a page tells: what it shows, draws, says and gives to download."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.load import LoadOptions, load_bytes
from pipelines.settings import Settings, load_settings
from tests.pages.app import assert_healthy, open_page
from tests.pages.attack import families, recovered, taken_down
from tests.pipelines.extracts import visit, visits

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


VIEWS = [
    ("care_guarantee", {}),
    ("care_guarantee", {"yksikko": ["TK-KAN-01"]}),
    ("care_guarantee", {"yksikko": ["TK-KAN-01", "HH-KAU-01"], "vaiheet": "profession"}),
    ("care_guarantee", {"jakso": "month"}),
    ("data_quality", {}),
    ("overview", {}),
    ("targets", {"mittari": "seven_day_access"}),
]


@pytest.mark.parametrize(("page", "address"), VIEWS, ids=lambda part: str(part))
def test_no_small_number_can_be_worked_out(
    page: str, address: dict[str, str | list[str]], small_units: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken_down(monkeypatch) as records:
        assert_healthy(open_page(monkeypatch, small_units.warehouse, page, **address))
    assert records
    found = [words for family in families(records).values() for words in recovered(family)]
    assert found == []
