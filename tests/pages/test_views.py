"""Whatever a page asks is asked for the audience of its run: its questions, and functions that suppress."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from indicators.engine.question import Question
from pages.access import audience
from pages.access.decision import INTERNAL, SHAREABLE, Audience
from pages.ui import cache
from pages.views.view import PageView
from pipelines.settings import Settings

MANAGER = Audience(units=frozenset({"TK-KOK-02", "TK-KOK-01"}))
#: Audience → `suppress` and `exact_units` of every question.
AUDIENCES = {
    INTERNAL: (False, ()),
    MANAGER: (True, ("TK-KOK-01", "TK-KOK-02")),
    Audience(everything=True, units=frozenset({"TK-KOK-01"})): (False, ()),
    SHAREABLE: (True, ()),
}
BY_UNIT = Question("queue_over_limit", by="week", splits=("unit",))


@pytest.fixture(autouse=True)
def _warehouse(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    cache.clear()
    yield
    audience.start_run(SHAREABLE)


def of_question(_snapshot: object, question: Question) -> tuple[bool, tuple[str, ...]]:
    return question.suppress, question.exact_units


def of_parameter(_snapshot: object, *, suppress: bool = True) -> bool:
    return suppress


@pytest.mark.parametrize("made_for", AUDIENCES, ids=lambda one: one.kind)
@pytest.mark.parametrize("asked", [{}, {"suppress": False}, {"exact_units": ("TK-KAN-01",)}], ids=str)
def test_every_question_is_one_of_the_audience(made_for: Audience, asked: dict[str, object]) -> None:
    """Also one that names another audience itself."""
    audience.start_run(made_for)
    question = Question("visits", by="month", **asked)
    answer = PageView.ask(question)
    assert (answer.question.suppress, answer.question.exact_units) == AUDIENCES[made_for]
    assert PageView.read(of_question, question) == AUDIENCES[made_for]
    assert (
        PageView.read(of_parameter) == PageView.read(of_parameter, suppress=False) == AUDIENCES[made_for][0]
    )


def test_without_an_audience_it_is_shareable() -> None:
    """Such as in a thread that no page runs in."""
    found: list[bool] = []
    audience.start_run(INTERNAL)
    thread = threading.Thread(target=lambda: found.append(PageView.ask(BY_UNIT).question.suppress))
    thread.start()
    thread.join()
    assert found == [True]


def test_a_cached_answer_never_crosses_audiences() -> None:
    """Sessions of all roles ask the same at once, over and over: each gets what it gets alone."""
    alone = {}
    for made_for in AUDIENCES:
        cache.clear()
        audience.start_run(made_for)
        alone[made_for] = PageView.ask(BY_UNIT).rows
    assert not alone[INTERNAL].equals(alone[SHAREABLE])
    cache.clear()
    together = threading.Barrier(2 * len(AUDIENCES))
    wrong: list[Audience] = []

    def ask(made_for: Audience) -> None:
        audience.start_run(made_for)
        together.wait(30)
        for _turn in range(20):
            answer = PageView.ask(BY_UNIT)
            told = PageView.read(of_question, BY_UNIT), PageView.read(of_parameter)
            if not answer.rows.equals(alone[made_for]) or told != (
                AUDIENCES[made_for],
                AUDIENCES[made_for][0],
            ):
                wrong.append(made_for)

    sessions = [threading.Thread(target=ask, args=[one]) for one in AUDIENCES for _ in range(2)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join(60)
    assert not wrong
