"""What the page of targets asks: of every target, and of the indicator that is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from indicators.catalogue.definition import Definition
from indicators.engine.evaluate import has_row_data
from indicators.engine.question import Question, Where
from pages.views.view import PageView

#: The grain of the marks and projections of all targets.
MARK_GRAIN = "month"
GRAINS = ("month", "quarter", "year")
SPLITS = ("patient_group", "unit", "service")


def headline_question(definition: Definition, area: str, grain: str | None) -> Question:
    """The headline of an indicator by periods; without a grain the published ones."""
    return Question(definition.id, by=grain, area=area, where=definition.headline_where())


def splits_of(definition: Definition) -> tuple[str, ...]:
    """The splits offered of an indicator."""
    return tuple(name for name in SPLITS if name in definition.dimensions)


@dataclass(frozen=True)
class TargetsView(PageView):
    """The headline of every indicator with targets, by month, quarter and year."""

    area: str

    def headline(self, definition: Definition, grain: str) -> Question | None:
        """The headline by periods; None of what is not counted from rows."""
        if not self.read(has_row_data, definition.id, self.area):
            return None
        return headline_question(definition, self.area, grain)


@dataclass(frozen=True)
class OpenedView(PageView):
    """The opened indicator by the selected grain, by year, by the grain of its XmR chart and by a split.

    `grain` is None of what is not counted from rows.
    """

    definition: Definition
    area: str
    where: Where
    grain: str | None
    split: str | None

    @property
    def series(self) -> Question:
        """The indicator by the selected grain."""
        return self.by(self.grain)

    def by(self, grain: str | None) -> Question:
        """The indicator by a grain."""
        return Question(self.definition.id, by=grain, area=self.area, where=self.where)

    def variation(self, grain: str) -> Question:
        """The headline of the XmR chart."""
        return headline_question(self.definition, self.area, grain)

    @property
    def by_split(self) -> Question:
        """The indicator by the selected split, whatever values of the split are selected."""
        split = str(self.split)
        return replace(self.series.narrowed(split), splits=(split,))

    @cached_property
    def counted(self) -> bool:
        """Whether the indicator is counted from rows in the area."""
        return bool(self.read(has_row_data, self.definition.id, self.area))


@dataclass(frozen=True)
class DemoLineView(PageView):
    """Demo rows next to a published series, which do not carry it on: a line of its own, by year."""

    definition: Definition
    area: str
    where: Where

    @property
    def line(self) -> Question:
        """The values of the demo rows alone."""
        return Question(self.definition.id, by="year", area=self.area, where=self.where, rows_only=True)
