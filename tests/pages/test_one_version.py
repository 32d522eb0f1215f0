"""No page fails and none shows two versions at once while data is loaded and withdrawn."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from indicators.engine.question import Question
from pages.ui import cache
from pages.ui.page_registry import ENTRIES
from pipelines.checking.extract import LoadOptions
from pipelines.loading.history import withdraw
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot
from tests.pages.app import assert_healthy, open_page
from tests.pipelines.extracts import visit, visits

TODAY = date(2025, 12, 29)
NOW = datetime(2025, 12, 30, 8, 0)
UNITS = ("TK-KOK-01", "TK-KAN-01")
PAGES = [entry.name for entry in ENTRIES]


def load(settings: Settings, unit: str) -> str:
    """Load thirteen weeks of visits of a unit, six a week; returns the load's id."""
    lines = []
    for at in range(78):
        day = date(2025, 9, 1) + timedelta(weeks=at // 6, days=at % 6)
        assessed = day - timedelta(days=at % 11)
        lines.append(
            visit(
                f"{unit}-{at}",
                person=f"P{unit}{at}",
                unit=unit,
                assessed=f"{assessed:%d.%m.%Y}",
                visit=f"{day:%d.%m.%Y}",
            )
        )
    report = load_bytes(
        f"{unit}.csv", visits(*lines), LoadOptions(as_of=TODAY), settings, now=NOW, today=TODAY
    )
    assert report.status == "loaded"
    assert report.load_id is not None
    return report.load_id


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse of one unit's visits."""
    found = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    load(found, UNITS[0])
    return found


@contextmanager
def asked_versions(
    monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[int], None] = lambda _asked: None
) -> Iterator[list[str]]:
    """The versions that are asked meanwhile; `meanwhile` is called before each with how many were asked."""
    found: list[str] = []
    get = cache._entries.get

    def watched(key: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
        if isinstance(key[0], Snapshot):
            meanwhile(len(found))
            found.append(key[0].version)
        return get(key, compute)

    with monkeypatch.context() as patched:
        patched.setattr(cache._entries, "get", watched)
        yield found


@pytest.mark.parametrize("page", ["overview", "care_guarantee", "data_quality"])
def test_a_page_shows_the_version_it_began_with(
    page: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(asked: int) -> None:
        if asked == 3:
            load(settings, UNITS[1])

    with asked_versions(monkeypatch, publish) as versions:
        assert_healthy(open_page(monkeypatch, settings.warehouse, page))
    assert len(versions) > 4
    assert set(versions) == {versions[0]}
    with asked_versions(monkeypatch) as later:
        assert_healthy(open_page(monkeypatch, settings.warehouse, page))
    assert set(later).isdisjoint(versions)


def test_a_version_is_released_with_its_answers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    cache.clear()
    question = Question("visits", by="week")
    with cache.one_version():
        before = cache.ask(question)
        load(settings, UNITS[1])
        reader = threading.Thread(target=cache.ask, args=[question])
        reader.start()
        reader.join()
        with cache.one_version():
            assert cache.ask(question).rows.equals(before.rows)
        cache.ask(Question("visits", by="month"))
    assert len({key[0] for key in cache._entries._found if isinstance(key[0], Snapshot)}) == 1
    # Asked outside a run the numbers are shareable: about twice as many.
    assert cache.ask(question).rows["value"].sum() > 1.3 * before.rows["value"].sum()


def test_no_page_fails_while_loads_come_and_go(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = threading.Event()
    changes: list[str] = []

    def change() -> None:
        while not stopped.is_set():
            changes.append(load(settings, UNITS[1]))
            withdraw(settings, changes[-1], now=NOW)

    writer = threading.Thread(target=change)
    writer.start()
    try:
        # All pages once, and then on until enough has changed.
        for opened, page in enumerate(itertools.cycle(PAGES)):
            if opened >= len(PAGES) and len(changes) > 2:
                break
            assert writer.is_alive()
            with asked_versions(monkeypatch) as versions:
                assert_healthy(open_page(monkeypatch, settings.warehouse, page))
            assert len(set(versions)) <= 1
    finally:
        stopped.set()
        writer.join()
