"""What the page of the overview asks: the trends of headline indicators and targets."""

from __future__ import annotations

from dataclasses import dataclass

from indicators.catalogue.definition import Definition
from indicators.engine.evaluate import has_row_data
from indicators.engine.question import Question
from pages.views.targets import headline_question
from pages.views.view import PageView


@dataclass(frozen=True)
class OverviewView(PageView):
    """The headline of each indicator by quarter and year, and its published periods."""

    area: str

    def trend(self, definition: Definition) -> Question:
        """What a small trend shows: quarters of what is counted from rows, else the published periods."""
        by_rows = self.read(has_row_data, definition.id, self.area)
        return self.series(definition, "quarter" if by_rows else None)

    def series(self, definition: Definition, grain: str | None) -> Question:
        """The headline by quarter or year; without a grain the published periods."""
        return headline_question(definition, self.area, grain)
