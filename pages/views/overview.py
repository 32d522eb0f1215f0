"""What the page of the overview asks: the trends of headline indicators and targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from indicators.catalogue.definition import Definition
from indicators.engine.evaluate import has_row_data
from indicators.engine.question import Question
from pages.views.targets import ByIndicator, headline_question


@dataclass(frozen=True)
class OverviewView(ByIndicator):
    """The headline of each indicator by quarter and year, and its published periods by themselves."""

    grains: ClassVar[tuple[str, ...]] = ("quarter", "year")

    def _of(self, definition: Definition) -> list[Question]:
        return [*super()._of(definition), self.trend(definition)]

    def shown_with(self, question: Question) -> tuple[Question, ...]:
        """The questions of the same indicator; published periods by themselves."""
        if _is_published(question):
            return ()
        return tuple(one for one in super().shown_with(question) if not _is_published(one))

    def trend(self, definition: Definition) -> Question:
        """What a small trend shows: quarters of what is counted from rows, else the published periods."""
        by_rows = self.read(has_row_data, definition.id, self.area)
        return self.series(definition, "quarter" if by_rows else None)

    def series(self, definition: Definition, grain: str | None) -> Question:
        """The headline by quarter or year; without a grain the published periods."""
        return headline_question(definition, self.area, grain)


def _is_published(question: Question) -> bool:
    """Whether a question asks for the published periods, whatever they are."""
    return question.by is None and not question.periods
