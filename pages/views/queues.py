"""What the page of queues asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from indicators.analysis.change import Change
from indicators.analysis.queue_change import LikeForLike, earlier_numbers, queue_change
from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.periods import Period, period_of
from indicators.engine.question import NO_DATA, Missing, Question
from indicators.wording import formats
from pages.ui import cache
from pages.views.selection import Selection
from pages.views.view import PageView

LENGTH, OVER = definition("queue_length"), definition("queue_over_limit")
LONGEST, OWN_WISH = definition("queue_longest_wait"), definition("queue_own_wish")
URGENT = definition("queue_urgent")
#: The columns of the table of units and services.
COLUMNS = (LENGTH, OVER, LONGEST, OWN_WISH)
#: The newest row of each unit and service.
Places = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class QueuesView(PageView):
    """The queue over time, by unit and by service; `older` are periods of queues that the newest snapshot lacks."""

    chosen: Selection
    period: Period | None
    older: tuple[Period, ...] = ()

    @classmethod
    def of(cls, chosen: Selection) -> QueuesView:
        """The view of a selection."""
        for one in (LENGTH, OVER):
            rows = cls.ask(chosen.question(one)).rows
            rows = rows[rows["status"] != NO_DATA]
            if len(rows):
                break
        else:
            return cls(chosen, None)
        period = Period(*rows[["period_start", "period_end", "period"]].iloc[-1])
        queues = [one for of in (LENGTH, OVER) for one in _earlier(chosen, of, period)]
        older = {period_of(one.day, chosen.grain) for one in queues if one.day is not None}
        return cls(chosen, period, tuple(sorted(older)))

    @property
    def by_service(self) -> Question:
        """The length of the queue by service over time."""
        return self.chosen.question(LENGTH, splits=("service",))

    @property
    def by_unit(self) -> Question:
        """Entries beyond the limit by unit, on the newest snapshot."""
        return self.chosen.question_of(OVER, () if self.period is None else (self.period,), ("unit",))

    def by_place(self, of: Definition) -> Question:
        """An indicator by unit and service on the newest snapshot, and where queues that it lacks were counted last."""
        periods = () if self.period is None else (*self.older, self.period)
        return self.chosen.question_of(of, periods, ("unit", "service"))

    @cached_property
    def places(self) -> Mapping[str, Places]:
        """Per indicator of the table, the newest row of each unit and service."""
        if self.period is None:
            return {}
        return {one.id: self._newest_rows(one, self.period) for one in COLUMNS}

    def _newest_rows(self, of: Definition, period: Period) -> Places:
        """The rows of the newest snapshot, and of the queues it lacks the newest older ones."""
        lacking = {
            (one.unit, one.service) for one in _earlier(self.chosen, OVER if of is OVER else LENGTH, period)
        }
        rows = (
            (row["unit"], row["service"], row) for row in self.ask(self.by_place(of)).rows.to_dict("records")
        )
        return {
            (unit, service): row
            for unit, service, row in rows
            if row["period"] == period.label or (unit, service) in lacking
        }

    def missing(self, of: Definition) -> tuple[Missing, ...]:
        """The queues that an indicator lacks on the newest snapshot."""
        if self.period is None or of not in (LENGTH, OVER):
            return ()
        return self.ask(self.chosen.question(of)).missing.get(self.period.label, ())

    def missing_with_numbers(self, of: Definition) -> tuple[Missing, ...]:
        """The queues that an indicator lacks, with the newest numbers that are not suppressed."""
        rows = self.places.get(of.id, {})
        return tuple(
            replace(one, newest=float(row["value"]), suppressed=False)
            if one.newest is None
            and (row := rows.get((one.unit, one.service))) is not None
            and not formats.missing(row["value"])
            else one
            for one in self.missing(of)
        )

    def part_only(self) -> tuple[Missing, ...]:
        """The queues of which the newest snapshot has only those beyond the limit."""
        if self.period is None:
            return ()
        over = self.places[OVER.id]
        return tuple(
            replace(one, newest=float(row["value"]), day=row["as_of"], suppressed=False)
            for one in self.missing(LENGTH)
            if (row := over.get((one.unit, one.service))) is not None
            and row["period"] == self.period.label
            and not formats.missing(row["value"])
        )

    def number_only(self) -> tuple[Missing, ...]:
        """The queues of which only counts are known, where others are known by rows: not how long or why one waits."""
        row = self.newest_row(LONGEST)
        if row is None or row["status"] == NO_DATA:
            return ()
        lacking = {(one.unit, one.service) for one in self.missing(LENGTH)}
        return tuple(one for one in self.not_in_rows if (one.unit, one.service) not in lacking)

    @cached_property
    def not_in_rows(self) -> tuple[Missing, ...]:
        """The queues of which the newest snapshot has no rows, and which were not counted as empty."""
        if self.period is None:
            return ()
        return self.ask(self.by_place(OWN_WISH)).missing.get(self.period.label, ())

    def newest_row(self, of: Definition) -> Mapping[str, Any] | None:
        """The row of an indicator for the newest snapshot; None where it has none."""
        if self.period is None:
            return None
        rows = self.ask(self.chosen.question(of)).rows
        mine = rows[rows["period"] == self.period.label]
        return None if mine.empty else mine.iloc[0].to_dict()

    def change(self, of: Definition) -> Change | LikeForLike | None:
        """The change of a count on the newest snapshot, like for like."""
        if self.period is None:
            return None
        question = self.chosen.question(of)
        return self.read(queue_change, question, cache.settings(), self.period.label)


def _earlier(chosen: Selection, of: Definition, period: Period) -> tuple[Missing, ...]:
    """The queues that the newest snapshot lacks, each with the day of its newest number."""
    return cache.cached_call(earlier_numbers, chosen.question(of), cache.settings(), period)
