"""What is kept of figures and answers: the same for the same content, another where anything in it is another."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from indicators.catalogue.definition import definition
from indicators.engine.question import Question
from indicators.wording.translations import in_language
from pages import charts
from pages.ui import cache
from pages.ui.cache import cached_by_content
from pages.ui.page_registry import ENTRIES
from pipelines.loading.setup import set_up
from pipelines.settings import Settings, load_settings
from tests.access.sign_in import sign_in
from tests.conftest import NOW, TODAY, start_from
from tests.pages.app import PATIENCE
from tests.pages.opening import opened
from tests.rules.repository import ROOT

WAIT = definition("wait_median")


def weeks(*values: float) -> pd.DataFrame:
    """Rows of an answer, one a week from the first Monday of 2025."""
    rows = []
    for at, value in enumerate(values):
        start = date(2025, 1, 6) + timedelta(weeks=at)
        known = {
            "value": value,
            "denominator": 50.0,
            "coverage": 90.0,
            "status": "ok",
            "low": None,
            "high": None,
        }
        rows.append({"period": f"2025-W{at + 2:02d}", "period_start": start, **known})
    return pd.DataFrame(rows)


def test_the_same_content_is_made_once() -> None:
    with in_language("fi"):
        assert charts.trend(weeks(5, 6), WAIT, "week") is charts.trend(weeks(5, 6), WAIT, "week")


@pytest.mark.parametrize(
    "other",
    [
        lambda: charts.trend(weeks(5, 7), WAIT, "week"),
        lambda: charts.trend(weeks(5, 6), replace(WAIT, decimals=2), "week"),
        lambda: charts.trend(weeks(5, 6), WAIT, "week", colour="#000000"),
        lambda: charts.trend(
            weeks(5, 6), WAIT, "week", targets=[charts.Step(date(2025, 1, 1), date(2025, 12, 31), 7, "7")]
        ),
    ],
    ids=["value", "definition", "colour", "target"],
)
def test_other_content_makes_another_figure(other: Callable[[], go.Figure]) -> None:
    with in_language("fi"):
        first, second = charts.trend(weeks(5, 6), WAIT, "week"), other()
    assert first is not second
    assert first.layout.meta != second.layout.meta


def test_a_figure_is_kept_for_each_language() -> None:
    said = {}
    for language in ("fi", "sv", "fi"):
        with in_language(language):
            said[language] = charts.trend(weeks(5, 6), WAIT, "week")
    assert said["fi"].layout.meta != said["sv"].layout.meta
    ticks = {language: figure.layout.xaxis.ticktext[0] for language, figure in said.items()}
    assert ticks == {"fi": "vk 2<br>2025", "sv": "v. 2<br>2025"}


def test_what_fails_is_not_kept() -> None:
    calls = []

    @cached_by_content
    def fails_once(name: str) -> str:
        calls.append(name)
        if len(calls) == 1:
            raise ValueError(name)
        return name

    with pytest.raises(ValueError, match="a"):
        fails_once("a")
    assert [fails_once("a"), fails_once("a")] == ["a", "a"]
    assert calls == ["a", "a"]


@pytest.mark.parametrize("page", [entry.name for entry in ENTRIES])
def test_plotly_accepts_every_figure(
    monkeypatch: pytest.MonkeyPatch, demo_settings: Settings, page: str
) -> None:
    """Figures are drawn unchecked; here plotly checks each property of those that the pages send."""
    for spec in figures(opened(page, demo_settings, monkeypatch)):
        checked = go.Figure(json.loads(spec))
        assert len(checked.data) >= 1


def figures(application: AppTest) -> list[str]:
    """The figures of a page as they are sent."""
    return [element.proto.spec for element in application.get("plotly_chart")]


# --- a page over versions, languages and settings -------------------------------------------------------------------


def test_a_page_that_was_seen_follows_version_language_and_settings(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    start_from(demo_settings, settings)
    finnish = figures(opened("queues", settings, monkeypatch, yleiso="jaettava", nakyma="saapuneet"))
    assert figures(again("fi")) == finnish
    swedish = figures(again("sv"))
    assert swedish != finnish
    assert figures(again("fi")) == finnish

    monkeypatch.setenv("TAKUUVAHTI_HIDE_BELOW", "400")
    hidden = figures(again("fi"))
    assert hidden != finnish
    monkeypatch.delenv("TAKUUVAHTI_HIDE_BELOW")
    assert figures(again("fi")) == finnish

    before = cache.current()
    set_up(settings, demo=False, today=TODAY, now=NOW, loaded_by="tests")
    assert cache.current() is not before
    assert figures(again("fi")) != finnish


def again(language: str) -> AppTest:
    """The page of queues in a new session, with everything that is kept."""
    application = sign_in(AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE))
    application.query_params["kieli"] = language
    application.query_params["yleiso"] = "jaettava"
    application.query_params["nakyma"] = "saapuneet"
    application.switch_page("pages/queues.py").run()
    assert not application.exception
    return application


# --- answers --------------------------------------------------------------------------------------------------------


def test_answers_of_an_old_version_are_let_go(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    start_from(figures_settings, settings)
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    cache.clear()
    question = Question("queue_length", by="month")
    first = cache.ask(question)
    assert cache.ask(question) is first
    set_up(settings, demo=True, scale="small", today=TODAY, now=NOW, loaded_by="tests")
    second = cache.ask(question)
    assert second is not first
    assert len(second.rows) > len(first.rows)
    assert {key[0] for key in cache._entries._found} == {cache.current()}


def test_who_asks_what_is_being_computed_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(figures_settings.warehouse))
    cache.clear()
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def slow(_snapshot: object) -> object:
        calls.append(1)
        begun.set()
        assert go_on.wait(30)
        return object()

    found: list[object] = []
    readers = [threading.Thread(target=lambda: found.append(cache.cached_call(slow))) for _ in range(2)]
    readers[0].start()
    assert begun.wait(30)
    readers[1].start()
    readers[1].join(0.2)
    assert readers[1].is_alive()
    go_on.set()
    for reader in readers:
        reader.join(30)
    assert len(calls) == 1
    assert found[0] is found[1]


def test_who_waited_for_what_failed_tries_alone(
    monkeypatch: pytest.MonkeyPatch, figures_settings: Settings
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(figures_settings.warehouse))
    cache.clear()
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def fails_once(_snapshot: object) -> int:
        calls.append(1)
        if len(calls) == 1:
            begun.set()
            assert go_on.wait(30)
            raise ValueError
        return 7

    faults: list[ValueError] = []

    def first() -> None:
        try:
            cache.cached_call(fails_once)
        except ValueError as fault:
            faults.append(fault)

    found: list[int] = []
    one = threading.Thread(target=first)
    two = threading.Thread(target=lambda: found.append(cache.cached_call(fails_once)), daemon=True)
    one.start()
    assert begun.wait(30)
    two.start()
    two.join(0.2)
    assert two.is_alive()
    go_on.set()
    one.join(30)
    two.join(30)
    assert (len(faults), found) == (1, [7])
