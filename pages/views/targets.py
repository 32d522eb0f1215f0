"""What the page of targets asks: of every target, and of the indicator that is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from indicators.catalogue.definition import Definition
from indicators.engine.evaluate import has_row_data
from indicators.engine.question import Question, Where
from indicators.programme.targets import read_targets, target_question
from pages.ui import cache
from pages.views.view import EachByItself, PageView

#: The grain of the marks and projections of all targets.
MARK_GRAIN = "month"
GRAINS = ("month", "quarter", "year")
SPLITS = ("patient_group", "unit", "service")


def target_questions(definition: Definition, area: str) -> list[Question]:
    """The questions behind the actuals of an area's targets of an indicator."""
    mine = (one for one in cache.cached_call(read_targets, area) if one.indicator == definition.id)
    return [target_question(target, definition) for target in mine]


def headline_question(definition: Definition, area: str, grain: str | None) -> Question:
    """The headline of an indicator by periods; without a grain the published ones."""
    return Question(definition.id, by=grain, area=area, where=definition.headline_where())


def split_question(
    definition: Definition, area: str, where: Where, grain: str | None, split: str
) -> Question:
    """An indicator by a split over time, whatever values of the split are selected."""
    narrowed = tuple(part for part in where if part[0] != split)
    return Question(definition.id, by=grain, splits=(split,), area=area, where=narrowed)


def splits_of(definition: Definition) -> tuple[str, ...]:
    """The splits offered of an indicator."""
    return tuple(name for name in SPLITS if name in definition.dimensions)


@dataclass(frozen=True)
class ByIndicator(PageView):
    """The headlines of some indicators, each suppressed together with the actuals of its targets."""

    area: str
    indicators: tuple[str, ...]
    #: Grains of the headlines.
    grains: ClassVar[tuple[str, ...]] = GRAINS

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question of the view."""
        known = cache.definitions()
        return tuple(one for name in self.indicators for one in self._of(known[name]))

    def _of(self, definition: Definition) -> list[Question]:
        series = [headline_question(definition, self.area, grain) for grain in self.grains]
        return [*series, *target_questions(definition, self.area)]

    def shown_with(self, question: Question) -> tuple[Question, ...]:
        """The questions of the same indicator."""
        return tuple(one for one in self.questions if one.indicator == question.indicator)


@dataclass(frozen=True)
class TargetsView(ByIndicator):
    """The headline of every indicator with targets, by month, quarter and year."""

    def headline(self, definition: Definition, grain: str) -> Question | None:
        """The headline by periods; None of what is not counted from rows."""
        if not self.read(has_row_data, definition.id, self.area):
            return None
        return headline_question(definition, self.area, grain)


@dataclass(frozen=True)
class OpenedView(PageView):
    """The opened indicator by the selected grain, by year, by the grain of its XmR chart (`varies`) and by a split.

    `grain` is None of what is not counted from rows.
    """

    definition: Definition
    area: str
    where: Where
    grain: str | None
    varies: str
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
        """The indicator by the selected split."""
        return split_question(self.definition, self.area, self.where, self.grain, str(self.split))

    @cached_property
    def counted(self) -> bool:
        """Whether the indicator is counted from rows in the area."""
        return bool(self.read(has_row_data, self.definition.id, self.area))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question of the opened indicator."""
        found = [self.by(grain) for grain in dict.fromkeys((self.grain, "year"))]
        found += target_questions(self.definition, self.area)
        found += [self.variation(by) for by in dict.fromkeys((self.varies, MARK_GRAIN))]
        if self.split is not None:
            found.append(self.by_split)
        return tuple(found)

    def shown_with(self, question: Question) -> tuple[Question, ...]:  # noqa: ARG002
        """All of them; what is not counted from rows has nothing to suppress."""
        return self.questions if self.counted else ()


@dataclass(frozen=True)
class DemoLineView(EachByItself):
    """Demo rows next to a published series, which do not carry it on: a line of its own, by year."""

    definition: Definition
    area: str
    where: Where

    @property
    def line(self) -> Question:
        """The values of the demo rows alone."""
        return Question(self.definition.id, by="year", area=self.area, where=self.where, rows_only=True)

    @property
    def questions(self) -> Sequence[Question]:
        """The line."""
        return (self.line,)
