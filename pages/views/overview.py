"""What the page of the overview asks: the trends of headline indicators and targets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from indicators.catalogue.definition import Definition
from indicators.engine.from_data import has_row_data
from indicators.engine.question import Question
from pages.ui import cache
from pages.views.targets import target_questions
from pages.views.view import PageView


@dataclass(frozen=True)
class OverviewView(PageView):
    """Each indicator's headline by quarter and year, suppressed together with the actuals of its targets."""

    area: str
    indicators: tuple[str, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question of the page."""
        known = cache.definitions()
        return tuple(one for name in self.indicators for one in self._of(known[name]))

    def _of(self, definition: Definition) -> list[Question]:
        series = [self.series(definition, by) for by in ("quarter", "year")]
        return [self.trend(definition), *series, *target_questions(definition, self.area)]

    def shown_with(self, question: Question) -> tuple[Question, ...]:
        """The questions of the same indicator; published periods by themselves."""
        if _is_published(question):
            return ()
        return tuple(
            one for one in self.questions if one.indicator == question.indicator and not _is_published(one)
        )

    def trend(self, definition: Definition) -> Question:
        """What a small trend shows: quarters of what is counted from rows, else the published periods."""
        by_rows = self.read(has_row_data, definition.id, self.area)
        return self.series(definition, "quarter" if by_rows else None)

    def series(self, definition: Definition, grain: str | None) -> Question:
        """The headline by quarter or year; without a grain the published periods."""
        return Question(definition.id, by=grain, area=self.area, where=definition.headline_where())


def _is_published(question: Question) -> bool:
    """Whether a question asks for the published periods, whatever they are."""
    return question.by is None and not question.periods
