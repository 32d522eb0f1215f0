"""What the page of planning a queue asks: which queue, its plan, what a target takes, and who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from indicators.catalogue.definition import definition
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.weekdays import weekdays_between
from indicators.engine.choices import last_day, queue_areas
from indicators.engine.question import NO_DATA, Answer, Question, Where
from indicators.engine.queue_basis import rules_of, validation_of
from indicators.engine.queue_flow import queues_of
from indicators.engine.queue_plan import (
    QueuePlan,
    Theory,
    can_be_shared,
    queue_breaches,
    queue_needs,
    queue_plan,
    queue_theory,
)
from indicators.planning.from_counts import CountsPlan, plan_from_counts
from indicators.planning.needed import WhatItTakes
from indicators.planning.scenario import Scenario
from indicators.planning.state import Breaches
from indicators.planning.validation import Validation
from indicators.wording import formats
from pages.access.audience import audience
from pages.ui import cache
from pages.views.view import PageView

LENGTH, OVER = definition("queue_length"), definition("queue_over_limit")
#: Newest snapshots of units may be so many days apart.
_RECENT = timedelta(days=27)
#: In a week without a public holiday.
_WEEKDAYS = 5
#: The age group whose limits queues known by counts alone are held against.
_ADULTS = "23+"
#: Why a queue was opened: it is of an own unit, or has most beyond the limit.
OF_OWN, MOST_OVER = "own", "most_over"


@dataclass(frozen=True)
class OneQueue:
    """A queue, and how many are beyond the limit in it; None where that is suppressed or not known."""

    unit: str
    service: str
    over: float | None


@dataclass(frozen=True)
class OpenedQueue:
    """The queue that is planned where an address leaves it open (no unit: all), and why it is that one."""

    unit: str
    service: str
    why: str


@dataclass(frozen=True)
class Counts:
    """The newest numbers of a queue as the audience sees them, None where they are suppressed or not known, and their day."""

    waiting: float | None
    over: float | None
    day: date


@dataclass(frozen=True)
class QueuePlanView(PageView):
    """A scenario of one queue, and others of the same queue that it is compared with."""

    scenario: Scenario
    compared: tuple[Scenario, ...] = ()

    @classmethod
    def queues(cls, area: str) -> tuple[OneQueue, ...]:
        """The queues of an area, most beyond the limit first; in the shareable view by what is shown alone."""
        newest = cls.read(last_day, "queue", area)
        if newest is None:
            return ()
        asked = Question(
            OVER.id, by="week", splits=("unit", "service"), area=area, date_from=newest - _RECENT
        )
        rows = _newest(cls.ask(asked)) or _newest(cls.ask(replace(asked, indicator=LENGTH.id)))
        found = [OneQueue(*key, _number(row)) for key, row in rows.items() if key[1] != UNKNOWN]
        return tuple(sorted(found, key=lambda one: (-(one.over or 0.0), one.unit, one.service)))

    @classmethod
    def areas(cls) -> tuple[str, ...]:
        """The areas whose queues are known."""
        found: tuple[str, ...] = cls.read(queue_areas)
        return found

    @classmethod
    def default_queue(
        cls, queues: tuple[OneQueue, ...], units: tuple[str, ...], services: tuple[str, ...]
    ) -> OpenedQueue | None:
        """What is planned where an address leaves it open; None without any queue.

        Where the audience sees exact numbers: the queue with most beyond the limit, of its own units if it has any, whether or
        not the model foretells it: trying several costs more than the screen, and what is worst is what is to be planned. For
        others a unit's queue is mostly too small to be shown: all units.
        """
        mine = [
            one
            for one in queues
            if (not units or one.unit in units) and (not services or one.service in services)
        ] or list(queues)
        if not mine:
            return None
        own, worst = audience().units, mine[0]
        of_own = next((one for one in mine if one.unit in own), None)
        if services and not units and (of_own or audience().everything):
            return OpenedQueue("", (of_own or worst).service, MOST_OVER)
        if of_own is not None:
            return OpenedQueue(of_own.unit, of_own.service, OF_OWN)
        return OpenedQueue(worst.unit if audience().everything else "", worst.service, MOST_OVER)

    @property
    def where(self) -> Where:
        """The queue as filters."""
        return self.scenario.where

    @property
    def is_exact(self) -> bool:
        """Whether the audience may see exact numbers of every unit of the queue."""
        units = set(self.scenario.units)
        return audience().everything or bool(units and units <= audience().units)

    @cached_property
    def may_be_seen(self) -> bool:
        """Whether the audience may see the plan at all: its exact numbers, or those of a queue that can be shared."""
        return self.is_exact or bool(self.read(can_be_shared, self.where, self._eves))

    @property
    def has_rows(self) -> bool:
        """Whether weekly rows of the queue are known, and not counts alone."""
        return bool(self.read(queues_of, tuple(part for part in self.where if part[0] != "profession")))

    @property
    def _eves(self) -> bool:
        return cache.settings().eves_are_weekdays

    def is_short(self, end: date) -> bool:
        """Whether a week that ends on a day has fewer weekdays than five."""
        return weekdays_between(end - timedelta(days=7), end, self._eves) < _WEEKDAYS

    def plan(self, scenario: Scenario | None = None) -> QueuePlan:
        """The plan of the scenario, or of another one of the queue. Raises BadQuestion where too few weeks are known."""
        asked = scenario or self.scenario
        if asked.where != self.where:
            raise ValueError("a plan of another queue than the view's")
        found: QueuePlan = self._read(queue_plan, asked.to_link(), self._eves)
        return found

    def validation(self) -> Validation | None:
        """How well the model would have foretold the newest weeks; None where too few are known."""
        found: Validation | None = self._read(validation_of, self.where, self._eves)
        return found

    def breaches(self) -> Breaches:
        """Who passes the limit in the coming weeks if nothing is done."""
        found: Breaches = self._read(queue_breaches, self.where, self._eves)
        return found

    def needs(self, *, longest_first: bool, likely: bool) -> WhatItTakes:
        """What the scenario's target takes beside what the scenario already has."""
        found: WhatItTakes = self._read(
            queue_needs,
            self.scenario.to_link(),
            longest_first=longest_first,
            likely=likely,
            eves_are_weekdays=self._eves,
        )
        return found

    def theory(self, share: float) -> Theory:
        """What formulas say of the queue, for a share (0–1) that is to be served within the limit."""
        found: Theory = self._read(queue_theory, self.where, share, self._eves)
        return found

    def _read(self, function: Any, *arguments: Any, **named: Any) -> Any:
        """Nothing of a queue is read that the audience may not see, whatever a link asks for."""
        if not self.may_be_seen:
            raise ValueError("a queue that the audience may not see")
        return self.read(function, *arguments, **named)

    def counted(self) -> Answer:
        """The length of the queue over the last weeks, as the other pages count it: its loads are those of the plan."""
        newest = self.read(last_day, "queue", self.scenario.area)
        return self.ask(self._question(LENGTH.id, newest))

    def _question(self, indicator: str, newest: date | None) -> Question:
        return Question(
            indicator,
            by="week",
            area=self.scenario.area,
            date_from=None if newest is None else newest - _RECENT,
            where=tuple(part for part in self.where if part[0] != "area"),
        )

    def counts(self) -> Counts:
        """The numbers that a plan from counts begins with: those typed, else the newest known."""
        newest = self.read(last_day, "queue", self.scenario.area)
        rows = [_last(self.ask(self._question(of.id, newest))) for of in (LENGTH, OVER)]
        known = [None if row is None else _number(row) for row in rows]
        days = [row["as_of"] for row in rows if row is not None and not formats.missing(row["as_of"])]
        typed = self.scenario.waiting, self.scenario.over
        waiting, over = (now if given is None else given for given, now in zip(typed, known, strict=True))
        return Counts(waiting, over, max(days, default=newest or cache.today()))

    def plan_from_counts(self, counts: Counts) -> CountsPlan | None:
        """The range between two extreme shapes of the queue; None until it is known who waits, comes and is treated."""
        if counts.waiting is None or None in (self.scenario.arrivals_a_week, self.scenario.visits_a_week):
            return None
        typed = replace(self.scenario, waiting=counts.waiting, over=min(counts.over or 0.0, counts.waiting))
        return plan_from_counts(typed, counts.day, rules_of(typed.service, _ADULTS))


def _newest(answer: Answer) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The newest row with anything known of each unit and service."""
    rows = answer.rows[answer.rows["status"] != NO_DATA]
    return {(row["unit"], row["service"]): row for row in rows.sort_values("period_start").to_dict("records")}


def _last(answer: Answer) -> Mapping[str, Any] | None:
    rows = answer.rows[answer.rows["status"] != NO_DATA]
    return None if rows.empty else rows.iloc[-1].to_dict()


def _number(row: Mapping[str, Any]) -> float | None:
    return None if formats.missing(row["value"]) else float(row["value"])
