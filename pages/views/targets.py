"""What is asked of every target of an area: the headline of its indicator over time."""

from __future__ import annotations

from dataclasses import dataclass

from indicators.catalogue.definition import Definition
from indicators.engine.evaluate import has_row_data
from indicators.engine.question import Question
from pages.views.view import PageView

#: The grain of the marks and projections of all targets.
MARK_GRAIN = "month"


def headline_question(definition: Definition, area: str, grain: str | None) -> Question:
    """The headline of an indicator by periods; without a grain the published ones."""
    return Question(definition.id, by=grain, area=area, where=definition.headline_where())


@dataclass(frozen=True)
class TargetsView(PageView):
    """The headline of every indicator with targets, by month, quarter and year."""

    area: str

    def headline(self, definition: Definition, grain: str) -> Question | None:
        """The headline by periods; None of what is not counted from rows."""
        if not self.read(has_row_data, definition.id, self.area):
            return None
        return headline_question(definition, self.area, grain)
