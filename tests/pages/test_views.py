"""A view answers its own questions alone, each suppressed with those it is shown with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from indicators.catalogue.definition import definition
from indicators.engine.question import Question
from pages.ui import cache
from pages.views.care_guarantee import SEVEN_DAYS, WITHIN_LIMIT, CareGuaranteeView
from pages.views.selection import Selection
from pages.views.view import EachByItself, NotAQuestionOfTheView, PageView, known_periods
from pipelines.settings import Settings

BY_MONTH, BY_YEAR = (Question("visits", by=grain) for grain in ("month", "year"))


@dataclass(frozen=True)
class TwoGrains(PageView):
    @property
    def questions(self) -> tuple[Question, ...]:
        return BY_MONTH, BY_YEAR


@dataclass(frozen=True)
class TwoAlone(EachByItself):
    @property
    def questions(self) -> tuple[Question, ...]:
        return BY_MONTH, BY_YEAR


@pytest.fixture(autouse=True)
def _warehouse(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))


def test_a_question_is_suppressed_with_all_the_others_of_its_view() -> None:
    assert TwoGrains().ask(BY_MONTH).question.shown_with == (BY_MONTH, BY_YEAR)
    assert TwoAlone().ask(BY_MONTH).question.shown_with == ()


@pytest.mark.parametrize("view", [TwoGrains(), TwoAlone()])
def test_a_view_refuses_what_is_not_among_its_questions(view: PageView) -> None:
    for other in (Question("visits", by="week"), replace(BY_MONTH, suppress=False)):
        with pytest.raises(NotAQuestionOfTheView):
            view.ask(other)


def test_known_periods_have_no_number() -> None:
    periods = known_periods(BY_MONTH)
    assert len(periods)
    assert set(periods) == {"period", "period_start", "period_end", "status", "note"}


def test_the_care_guarantee_is_suppressed_with_its_waits_and_not_with_the_limit_of_the_law() -> None:
    area = cache.settings().default_area
    chosen = Selection(area, SEVEN_DAYS.headline_where(), "week", 26, None)
    view = CareGuaranteeView.of(chosen, "edelliset", "unit", "unit")
    assert {one.indicator for one in view.shown_with(view.series)} == {SEVEN_DAYS.id}
    assert view.shown_with(chosen.question(definition(WITHIN_LIMIT.id))) == ()
