"""What the page of comparison asks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.periods import Period
from indicators.engine.question import Question
from indicators.programme.benchmarks import COMPARABLE, DOCTOR_VISITS
from pages.views.view import PageView

ACCESS = definition(COMPARABLE)


@dataclass(frozen=True)
class CompareView(PageView):
    """Doctor visits of the area by year; the units of the area for one indicator, by quarter and in one of them."""

    area: str
    opened: Definition = ACCESS
    doctors_only: bool = False
    quarter: Period | None = None

    def of_units(self, opened: Definition, doctors_only: bool) -> CompareView:
        """The view with the indicator and visits that units are compared by."""
        return replace(self, opened=opened, doctors_only=doctors_only)

    @property
    def doctors(self) -> Question:
        """The share of doctor visits counted from rows, by year."""
        where = (*ACCESS.headline_where(), DOCTOR_VISITS)
        return Question(COMPARABLE, by="year", area=self.area, where=where)

    @property
    def quarters(self) -> Question:
        """The opened indicator by quarter."""
        where = (*self.opened.headline_where(), *((DOCTOR_VISITS,) if self.doctors_only else ()))
        return Question(self.opened.id, by="quarter", area=self.area, where=where)

    @property
    def units(self) -> Question:
        """The opened indicator by unit in the selected quarter."""
        periods = () if self.quarter is None else (self.quarter,)
        return replace(self.quarters, by=None, splits=("unit",), periods=periods)
