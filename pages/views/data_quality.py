"""What the page of data quality asks."""

from __future__ import annotations

from dataclasses import dataclass

from indicators.catalogue.definition import definition, load_definitions
from indicators.catalogue.periods import Period, whole_weeks
from indicators.engine.published_series import Difference, difference_of, questions_of_differences
from indicators.engine.question import Question
from indicators.kinds.figures import Figure
from pages.text.sentences import finding_row
from pages.views.view import PageView

COVERAGE = definition("access_data_coverage")
#: Weeks that units are compared over.
COMPARED_WEEKS = 13


@dataclass(frozen=True)
class DataQualityView(PageView):
    """The coverage of assessment dates by month and unit in the `recent` weeks, and what is both published and counted."""

    area: str
    recent: Period | None
    figures: tuple[tuple[Figure, Question], ...]

    @classmethod
    def of(cls, area: str) -> DataQualityView:
        """The view of an area."""
        rows = cls.ask(Question(COVERAGE.id, by="month", area=area)).rows
        at = finding_row(rows)
        recent = None if at is None else whole_weeks(rows.iloc[at]["period_end"], COMPARED_WEEKS)
        return cls(area, recent, tuple(cls.read(questions_of_differences, area)))

    @property
    def by_month(self) -> Question:
        """The coverage by month."""
        return Question(COVERAGE.id, by="month", area=self.area)

    @property
    def by_unit(self) -> Question:
        """The coverage of the last 13 weeks by unit."""
        periods = () if self.recent is None else (self.recent,)
        return Question(COVERAGE.id, splits=("unit",), area=self.area, periods=periods)

    def differences(self) -> list[Difference]:
        """The published figures whose periods extracts cover fully, each with what they give."""
        known = load_definitions()
        found = (
            difference_of(figure, self.ask(question).rows, known[question.indicator])
            for figure, question in self.figures
        )
        return [one for one in found if one is not None]
