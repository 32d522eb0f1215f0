"""What the page of changes asks."""

from __future__ import annotations

from dataclasses import dataclass

from indicators.catalogue.definition import Definition
from indicators.engine.question import NO_DATA, Answer, Question
from pages.views.selection import Selection
from pages.views.view import PageView


@dataclass(frozen=True)
class ChangesView(PageView):
    """One indicator over time."""

    chosen: Selection
    opened: Definition

    @property
    def series(self) -> Question:
        """The indicator by the periods selected."""
        return self.chosen.question(self.opened)

    @property
    def whole(self) -> Question:
        """The indicator by all the periods there are."""
        return self.chosen.question(self.opened, whole=True)

    def from_first(self) -> Answer:
        """The series without the periods before the first of which anything is known: an old figure may be years back."""
        answer = self.ask(self.series)
        known = answer.rows["period_start"][answer.rows["status"] != NO_DATA]
        return answer if known.empty else answer.since(known.min())
