"""What a reader has selected in the filter row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import Period, start_of
from indicators.engine.question import Question


@dataclass(frozen=True)
class Selection:
    """Area, filters, grain and span. `where` has only the dimensions that are narrowed; `weeks` 0 is all time."""

    area: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    grain: str
    weeks: int
    last: date | None

    @property
    def first(self) -> date | None:
        """The first day selected, the start of a period; None where all time is."""
        if self.last is None or self.weeks == 0:
            return None
        return start_of(self.last - timedelta(weeks=self.weeks - 1), self.grain)

    def of(self, dimension: str) -> tuple[str, ...]:
        """The values selected of a dimension; none where it is not narrowed."""
        return dict(self.where).get(dimension, ())

    @property
    def one_unit(self) -> str | None:
        """The unit selected; None where it is not one alone."""
        units = self.of("unit")
        return units[0] if len(units) == 1 else None

    def question(
        self,
        definition: Definition,
        *,
        by: str | None = None,
        splits: tuple[str, ...] = (),
        whole: bool = False,
    ) -> Question:
        """The question to an indicator, filtered by the dimensions it has; `whole` asks for all time."""
        return Question(
            definition.id,
            by=by or self.grain,
            splits=splits,
            area=self.area,
            date_from=None if whole else self.first,
            where=tuple(part for part in self.where if part[0] in definition.dimensions),
        )

    def question_of(
        self, definition: Definition, periods: tuple[Period, ...], splits: tuple[str, ...] = ()
    ) -> Question:
        """The question to an indicator about given periods alone."""
        question = self.question(definition, splits=splits)
        return replace(question, by=None, date_from=None, periods=periods)
