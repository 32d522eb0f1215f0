"""What the page of one indicator asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from indicators.analysis.control_chart import SHIFT_POINTS
from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import ALL_AREAS, COUNTRY, area_codes
from indicators.engine.choices import published_series
from indicators.engine.evaluate import has_row_data, with_row_data
from indicators.engine.measures import with_figures
from indicators.engine.question import NO_DATA, SUPPRESSED, Answer, Question, Where
from indicators.programme.benchmarks import DOCTOR_VISITS
from indicators.programme.targets import TargetResult, read_targets, target_result
from pages.text.sentences import finding_row
from pages.views.selection import Selection
from pages.views.view import PageView
from pipelines.settings import Settings

#: The grains of what is counted from rows, and the one shown where none is selected.
ROW_GRAINS = ("week", "month", "quarter", "year")
FIRST_GRAIN = "month"
#: Published figures make a series from so many on: the shortest run a rule looks for.
FEWEST_PUBLISHED = SHIFT_POINTS
#: The splits offered of an indicator, the first on the first screen.
SPLITS = (
    *("patient_group", "profession", "unit", "service", "mode", "first_visit"),
    *("age_group", "age_band", "municipality"),
)


def splits_of(definition: Definition) -> tuple[str, ...]:
    """The splits offered of an indicator."""
    return tuple(name for name in SPLITS if name in definition.dimensions)


@dataclass(frozen=True)
class IndicatorView(PageView):
    """One indicator over time, with the filters and periods selected.

    `grain` is None of published figures that make no series: they are shown in the periods they have.
    """

    opened: Definition
    chosen: Selection
    by_rows: bool
    grain: str | None

    @classmethod
    def grains(cls, indicator: str, area: str) -> tuple[str, ...]:
        """The grains in which an indicator makes a series in an area; none where it makes none."""
        if cls.is_counted(indicator, area):
            return ROW_GRAINS
        published = cls.read(published_series, FEWEST_PUBLISHED)
        return tuple(published.get((indicator, area), ()))

    @classmethod
    def is_counted(cls, indicator: str, area: str) -> bool:
        """Whether an indicator is counted from rows in an area."""
        return bool(cls.read(has_row_data, indicator, area))

    @classmethod
    def known(cls, area: str) -> frozenset[str]:
        """The indicators of which anything is known in an area: rows, or a figure that was published or entered."""
        found: frozenset[str] = cls.read(with_figures, area) | cls.read(with_row_data, area)
        return found

    @classmethod
    def of(cls, opened: Definition, chosen: Selection) -> IndicatorView:
        """The view of a selection: in its grain, or in the next longer one whose newest complete period is not suppressed."""
        by_rows = cls.is_counted(opened.id, chosen.area)
        grains = cls.grains(opened.id, chosen.area)
        asked = cls(opened, chosen, by_rows, chosen.grain if chosen.grain in grains else None)
        if asked.grain is None or not by_rows:
            return asked
        for grain in grains[grains.index(asked.grain) :]:
            tried = replace(asked, grain=grain)
            rows = tried.ask(tried.series).rows
            at = finding_row(rows)
            if at is None or rows["status"].iloc[at] != SUPPRESSED:
                return tried
        return asked

    @property
    def too_short(self) -> str | None:
        """The grain asked for, where so few cases fall in its periods that longer ones are shown; None where they are not."""
        return self.chosen.grain if self.by_rows and self.chosen.grain != self.grain else None

    @property
    def area(self) -> str:
        """The area selected."""
        return self.chosen.area

    @property
    def where(self) -> Where:
        """The filters that hold: those selected, of published figures those of the headline."""
        if not self.by_rows:
            return self.opened.headline_where()
        return tuple(part for part in self.chosen.where if part[0] in self.opened.dimensions)

    @property
    def is_headline(self) -> bool:
        """Whether what is shown is what the targets are of: the whole area in the scope of the headline."""
        return set(self.where) == set(self.opened.headline_where())

    @property
    def series(self) -> Question:
        """The indicator by the periods selected."""
        return self.by(self.grain)

    def by(self, grain: str | None) -> Question:
        """The indicator by a grain."""
        first = self.chosen.first if self.by_rows else None
        return Question(self.opened.id, by=grain, area=self.area, date_from=first, where=self.where)

    def from_first(self, grain: str | None) -> Answer:
        """The series from the first period of which anything is known: a published year may lie far back."""
        answer = self.ask(self.by(grain))
        known = answer.rows["period_start"][answer.rows["status"] != NO_DATA]
        return answer if known.empty else answer.since(known.min())

    def by_split(self, split: str) -> Question:
        """The indicator by a split, whatever values of the split are selected."""
        return replace(self.series.narrowed(split), splits=(split,))

    def around(self, grain: str) -> Question:
        """All the periods there are, of all units: what before and after a change is computed from."""
        question = self.chosen.question(self.opened, by=grain, whole=True)
        return question.narrowed("unit")

    @property
    def doctors(self) -> IndicatorView:
        """The headline of doctor visits by year: what published shares are compared with."""
        where = (*self.opened.headline_where(), DOCTOR_VISITS)
        return replace(self, chosen=replace(self.chosen, where=where, weeks=0), grain="year")

    def of_area(self, area: str) -> Question:
        """The headline of another area by year."""
        return Question(self.opened.id, by="year", area=area, where=self.opened.headline_where())

    def other_areas(self) -> list[str]:
        """The other areas in which anything of the indicator is known."""
        name = self.opened.id
        return [
            code
            for code in area_codes()
            if code not in (COUNTRY, ALL_AREAS, self.area) and name in self.known(code)
        ]

    def results(self, settings: Settings, as_of: date) -> Sequence[TargetResult]:
        """The targets of the indicator in the area, first to last, each with its actual and verdict."""
        mine = [one for one in self.read(read_targets, self.area) if one.indicator == self.opened.id]
        return [self.read(target_result, settings, one, as_of=as_of) for one in mine]

    @cached_property
    def demo_line(self) -> DemoLineView:
        """Demo rows next to a published series."""
        return DemoLineView(self.opened, self.area, self.where)


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
