"""What the tabs of the queues ask of single entries: who passes the limit, the flow, honest waits, near misses.

Their numbers are exact, so that they are for who may see every unit selected exactly, and for nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import pandas as pd

from indicators.catalogue.definition import definition
from indicators.catalogue.labels import ALL_AREAS
from indicators.catalogue.periods import Period
from indicators.engine.booking import FLOW_FILTERS, Passing, WhoPasses, passing_by, who_passes
from indicators.engine.choices import last_day
from indicators.engine.honest_waits import (
    Backtest,
    ExpectedWait,
    backtest,
    expected_wait,
    waits_by_unit,
    waits_of,
)
from indicators.engine.near_misses import (
    LostTime,
    NearMiss,
    entries_by_limit,
    lost_time,
    near_misses,
    people_by_services,
)
from indicators.engine.question import Where
from indicators.engine.queue_flow import QueueFlow, queue_flow
from indicators.planning.survival import HonestWaits
from indicators.programme.targets import read_targets
from indicators.programme.verdicts import Target
from pages.access.audience import audience
from pages.access.decision import Audience
from pages.ui import cache
from pages.views.selection import Selection
from pages.views.view import PageView
from pipelines.warehouse import Snapshot

SEVEN_DAYS = definition("seven_day_access")


def sees_exactly(who: Audience, units: tuple[str, ...]) -> bool:
    """Whether an audience sees the exact numbers of some units, or of all where none is named."""
    return who.everything or bool(units and set(units) <= who.units)


@dataclass(frozen=True)
class QueueDepthView(PageView):
    """The entries of the queues selected, for those who may see them."""

    chosen: Selection

    @property
    def is_exact(self) -> bool:
        """Whether the audience of the run may see the exact numbers of what is selected."""
        return sees_exactly(audience(), self.chosen.of("unit"))

    @property
    def own_units(self) -> tuple[str, ...]:
        """The units that the audience may see exactly where it may not see all; none for others."""
        return () if audience().everything else tuple(sorted(audience().units))

    @property
    def where(self) -> Where:
        """What is selected, as filters."""
        area = () if self.chosen.area == ALL_AREAS else (("area", (self.chosen.area,)),)
        return (*area, *self.chosen.where)

    @property
    def has_flow(self) -> bool:
        """Whether the flow is known by all that is narrowed: it is not by age and municipality."""
        return all(name in FLOW_FILTERS for name, _values in self.where)

    @property
    def _eves(self) -> bool:
        return cache.settings().eves_are_weekdays

    def _exactly(self) -> None:
        """Nothing is read that the audience may not see, whatever is asked for."""
        if not self.is_exact:
            raise ValueError("exact numbers that the audience may not see")

    # --- who passes the limit ----------------------------------------------------------------------------------------

    def who_passes(self) -> WhoPasses | None:
        """Who passes the limit in the coming weeks; None where nobody waits."""
        self._exactly()
        found: WhoPasses | None = self.read(who_passes, self.where, self._eves)
        return found

    @cached_property
    def entries(self) -> pd.DataFrame:
        """Every entry, without persons, by its limit."""
        self._exactly()
        found: pd.DataFrame = self.read(entries_by_limit, self.where, self._eves)
        return found

    def passing_by(self, split: str) -> tuple[Passing, ...]:
        """The entries by unit, service or profession."""
        return passing_by(self.entries, split)

    # --- flow --------------------------------------------------------------------------------------------------------

    def flow(self) -> QueueFlow:
        """The flow in all the weeks there are."""
        self._exactly()
        found: QueueFlow = self.read(queue_flow, self.where, self._eves)
        return found

    # --- waits -------------------------------------------------------------------------------------------------------

    @property
    def span(self) -> Period | None:
        """The days of the time selected; None where nothing is known."""
        last = self.chosen.last
        return None if last is None else Period(self.chosen.first or date.min, last, "")

    def waits(self) -> HonestWaits | None:
        """The shares seen of those assessed in the time selected; None without any."""
        self._exactly()
        if self.span is None:
            return None
        found: HonestWaits | None = self.read(waits_of, self.where, self.span)
        return found

    def expected(self) -> tuple[ExpectedWait | None, Backtest]:
        """The wait of who joins today in all that is selected, and how often it held."""
        self._exactly()
        return self.read(expected_wait, self.where), self.read(backtest, self.where)

    def expected_by_unit(self) -> dict[str, tuple[ExpectedWait, Backtest]]:
        """The same of each unit."""
        self._exactly()
        found: dict[str, tuple[ExpectedWait, Backtest]] = self.read(waits_by_unit, self.where)
        return found

    # --- near misses -------------------------------------------------------------------------------------------------

    @property
    def visit_span(self) -> Period | None:
        """As long a time as is selected, until the newest visit of the area; None without visits."""
        newest = self.read(last_day, "visits", self.chosen.area)
        if newest is None:
            return None
        of_visits = replace(self.chosen, last=newest)
        return Period(of_visits.first or date.min, newest, "")

    @property
    def seven_day_where(self) -> Where | None:
        """What is selected of what the target of seven days is of; None where that is nothing."""
        scope = dict(SEVEN_DAYS.headline_where())
        for name, values in scope.items():
            selected = self.chosen.of(name)
            scope[name] = tuple(one for one in values if not selected or one in selected)
        if not all(scope.values()):
            return None
        others = tuple(part for part in self.where if part[0] not in scope)
        return (*others, *scope.items())

    def target(self) -> Target | None:
        """The newest target of seven days that has a level."""
        found = [one for one in self.read(read_targets, self.chosen.area) if one.indicator == SEVEN_DAYS.id]
        return found[-1] if found and found[-1].value is not None else None

    def near_misses(self) -> tuple[NearMiss, ...]:
        """The visits one to three days late of each unit, and how many would have reached the target."""
        self._exactly()
        target = self.target()
        if self.visit_span is None or self.seven_day_where is None:
            return ()
        level = None if target is None else target.value
        found: tuple[NearMiss, ...] = self.read(
            _seven_day_misses, self.visit_span, self.seven_day_where, level
        )
        return found

    def lost_time(self) -> tuple[LostTime, ...]:
        """What became of booked times, and repeated contacts, by unit."""
        self._exactly()
        if self.visit_span is None:
            return ()
        found: tuple[LostTime, ...] = self.read(lost_time, self.visit_span, self.where)
        return found

    def people_by_services(self) -> dict[int, int]:
        """How many people came to so many services."""
        self._exactly()
        if self.visit_span is None:
            return {}
        found: dict[int, int] = self.read(people_by_services, self.visit_span, self.where)
        return found


def _seven_day_misses(
    snapshot: Snapshot, period: Period, where: Where, level: float | None
) -> tuple[NearMiss, ...]:
    return near_misses(snapshot, SEVEN_DAYS, period, where, level)
