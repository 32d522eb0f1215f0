"""No small number can be worked out from everything a page tells: what it shows, draws, says and gives to download."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from indicators.analysis import signals as judging
from indicators.analysis.control_chart import SpcResult
from indicators.answers import answer
from indicators.catalogue.periods import span
from indicators.engine.question import Question
from indicators.programme import targets
from indicators.programme.verdicts import Target
from pages.ui.address import GRAIN, PARAMETERS, SPAN
from pages.ui.page_registry import ENTRIES
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pages.app import assert_healthy, open_page
from tests.pages.attack import Records, every_recovered, families, taken_down
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


def made_of(folder: Path, **extracts: bytes) -> Settings:
    """A warehouse of nothing but these extracts, by the names of their files."""
    settings = replace(load_settings({}), warehouse=folder / "warehouse")
    for name, data in extracts.items():
        options, now = LoadOptions(as_of=EXTRACTED), datetime(2025, 12, 30, 8, 0)
        report = load_bytes(f"{name}.csv", data, options, settings, now=now, today=EXTRACTED)
        assert report.status == "loaded", report.findings
    return settings


@pytest.fixture(scope="module", params=(1, 2, 3))
def small_units(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of nothing but made-up visits of small units."""
    return made_of(tmp_path_factory.mktemp("small"), kaynnit=made_up_visits(request.param))


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
        assert_healthy(
            open_page(monkeypatch, small_units.warehouse, "care_guarantee", yleiso="jaettava", **address)
        )
    _assert_nothing_recovered(records)


def _assert_nothing_recovered(records: Records) -> None:
    assert families(records)
    assert every_recovered(records) == []


@pytest.mark.parametrize("address", [{}, {"tarkkuus": "year"}], ids=["months", "years"])
def test_no_small_month_follows_from_the_year_of_a_debt(
    address: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty visits a month, three in May 2025: the list compares months, the series opened may be told by years."""
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    days = [
        date(year, month, 1 + at)
        for year in (2024, 2025)
        for month in range(1, 13)
        for at in range(3 if (year, month) == (2025, 5) else 20)
    ]
    lines = [visit(at + 1, assessed=_written(day), visit=_written(day)) for at, day in enumerate(days)]
    until = date(2026, 1, 1)
    options = LoadOptions(as_of=until, window=(date(2024, 1, 1), date(2025, 12, 31)))
    report = load_bytes("k.csv", visits(*lines), options, settings, now=datetime(2026, 1, 2), today=until)
    assert report.status == "loaded"
    opened = {"velka": "visits.primary_care", "vertailuvuosi": "2024", **address}
    with taken_down(monkeypatch) as records:
        assert_healthy(
            open_page(monkeypatch, settings.warehouse, "service_debt", yleiso="jaettava", **opened)
        )
    _assert_nothing_recovered(records)


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
        assert_healthy(open_page(monkeypatch, demo_settings.warehouse, page, yleiso="jaettava", **address))
    _assert_nothing_recovered(records)


#: Addresses in every form that all pages know: grains and spans, and each filter by itself and with others.
ADDRESSES: tuple[dict[str, str | list[str]], ...] = (
    {},
    {"jakso": "month", "aika": "kaikki"},
    {"jakso": "quarter", "palvelu": "primary_care", "tapa": "R10"},
    {"jakso": "year", "alue": "all", "kaynti": "true", "ika": "18-64"},
    {"yksikko": ["TK-KAN-01", "HH-KAU-01"], "ammatti": "nurse", "kunta": "272"},
)


@pytest.fixture(scope="module")
def small_everything(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of made-up visits and queues of small units."""
    return made_of(tmp_path_factory.mktemp("everything"), kaynnit=made_up_visits(2), jono=made_up_queues(2))


@pytest.mark.parametrize("page", [entry.name for entry in ENTRIES])
def test_no_small_number_follows_from_any_page_of_the_registry(
    page: str, small_everything: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each address is a view of its own; a page that tells nothing of persons has nothing to be attacked."""
    for address in ADDRESSES:
        with taken_down(monkeypatch) as records:
            assert_healthy(
                open_page(monkeypatch, small_everything.warehouse, page, yleiso="jaettava", **address)
            )
        assert every_recovered(records) == [], address


def test_every_filter_of_the_pages_is_in_an_address_that_is_attacked() -> None:
    known = {*PARAMETERS.values(), GRAIN, SPAN}
    assert {name for address in ADDRESSES for name in address} == known


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
        rows = answer(snapshot, replace(asked[-1], shown_with=tuple(asked)), demo_settings).rows
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
    return made_of(tmp_path_factory.mktemp("queues"), jono=made_up_queues(request.param))


@pytest.mark.parametrize(
    ("page", "address"),
    [("queues", {}), ("queues", {"jakso": "month"}), ("service_debt", {})],
    ids=["weeks", "months", "debt"],
)
def test_no_small_number_follows_from_small_queues(
    page: str, address: dict[str, str], small_queues: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken_down(monkeypatch) as records:
        assert_healthy(open_page(monkeypatch, small_queues.warehouse, page, yleiso="jaettava", **address))
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
        return every_recovered(records)

    assert any("n of seven_day_access 2025-W38 [] = 3" in words for words in attacked(weekly, whole))
    assert attacked(*(replace(one, shown_with=(weekly, whole)) for one in (weekly, whole))) == []


def improved(folder: Path, weeks: Sequence[int]) -> Settings:
    """A warehouse of a unit with 40 visits a week, so many of them in time."""
    settings = replace(load_settings({}), warehouse=folder / "warehouse")
    lines = []
    for week, met in enumerate(weeks):
        for at in range(40):
            day = date(2025, 1, 6) + timedelta(weeks=week, days=at % 7)
            assessed = day - timedelta(days=2 if at < met else 30)
            lines.append(visit(len(lines) + 1, assessed=_written(assessed), visit=_written(day)))
    until = date(2025, 1, 6) + timedelta(weeks=len(weeks))
    options, now = LoadOptions(as_of=until), datetime(2025, 12, 30)
    assert load_bytes("k.csv", visits(*lines), options, settings, now=now, today=until).status == "loaded"
    return settings


#: Twenty weeks around half in time, then thirteen with 2–4 late.
BETTER = [*[20, 21, 22, 21, 20] * 4, *[36, 37, 38, 37, 36, 38, 37, 36, 37, 38, 36, 37, 38]]


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("care_guarantee", {}),
        ("changes", {"mittari": "seven_day_access", "jakso": "week"}),
        ("changes", {"mittari": "seven_day_access", "jakso": "week", "perusta": "24"}),
        ("targets", {"mittari": "seven_day_access", "vaihtelu": "week"}),
    ],
    ids=str,
)
def test_no_verdict_tells_a_suppressed_number(
    page: str, address: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = improved(tmp_path, BETTER)
    with taken_down(monkeypatch) as records:
        assert_healthy(open_page(monkeypatch, settings.warehouse, page, yleiso="jaettava", **address))
    assert page == "targets" or any(one.words.startswith("series") for one in records.verdicts)
    _assert_nothing_recovered(records)


def judged_weeks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What can be worked out from the weeks of a warehouse, judged and shown."""
    asked = Question("seven_day_access", by="week")
    with taken_down(monkeypatch) as records:
        judging.spc_of(answer(Warehouse(settings.warehouse).current(), asked, settings), 80.0)
    assert records.verdicts
    return every_recovered(records)


def test_the_attack_works_out_a_number_from_limits_it_goes_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One week alone is suppressed: n × mean less the other weeks is its value."""
    settings = improved(tmp_path, [*[20, 21, 22, 21] * 4, 38])
    assert judged_weeks(settings, monkeypatch) == []
    monkeypatch.setattr(judging, "_shareable", _with_its_limits)
    assert judged_weeks(settings, monkeypatch) != []


def _with_its_limits(result: SpcResult, hidden: Sequence[int], *_more: object) -> SpcResult:
    """A series that shows the mean and the limits of its true values."""
    points = tuple(
        replace(point, value=None) if at in hidden else point for at, point in enumerate(result.points)
    )
    return replace(result, points=points)


def test_the_attack_works_out_a_number_from_a_verdict_that_only_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the 36 to 39 of 40 that a week can have only 39 reach 96 per cent."""
    settings = improved(tmp_path, [*[20, 21, 22, 21] * 4, 39])
    snapshot, week = Warehouse(settings.warehouse).current(), date(2025, 4, 28)
    target = Target(
        "seven_day_access", "18", span(week, week + timedelta(days=6)), ">=", 96.0, "percent", "", None
    )

    def attacked() -> list[str]:
        with taken_down(monkeypatch) as records:
            targets.target_result(snapshot, settings, target, as_of=date(2026, 2, 1))
        return every_recovered(records)

    assert attacked() == []
    monkeypatch.setattr(targets, "_verdict_of_suppressed", lambda *_given: "met")
    assert any(words.startswith("worked out by a verdict") for words in attacked())
