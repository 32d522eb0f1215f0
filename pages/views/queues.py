"""What the page of queues asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from indicators.analysis.actions import Alert, book_first
from indicators.analysis.change import Change
from indicators.analysis.queue_change import LikeForLike, earlier_numbers, queue_change
from indicators.analysis.queue_flow import Flow, queue_flows
from indicators.analysis.queue_outlook import (
    LIMIT_BAND,
    FirstDays,
    QueueOutlook,
    first_days,
    outlook,
    outlook_questions,
)
from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.periods import Period, period_of, preceding
from indicators.engine.question import NO_DATA, Missing, Question
from indicators.programme.targets import TargetResult, read_targets, target_result
from indicators.programme.verdicts import MET, NOT_MET
from indicators.wording import formats
from pages.ui import cache
from pages.views.selection import Selection
from pages.views.targets import MARK_GRAIN
from pages.views.view import PageView

LENGTH, OVER = definition("queue_length"), definition("queue_over_limit")
LONGEST, OWN_WISH = definition("queue_longest_wait"), definition("queue_own_wish")
URGENT = definition("queue_urgent")
#: The columns of the table of units and services.
COLUMNS = (LENGTH, OVER, LONGEST, OWN_WISH)
#: So many weeks the small line of a unit shows, and its change is told over.
COURSE_WEEKS, CHANGE_WEEKS = 26, 13
#: The newest row of each unit and service.
Places = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class QueuesView(PageView):
    """The queue over time, by unit and by service; `period` is that of the newest snapshots, None without any.

    What every unit has is asked for all units and narrowed here: it is the same for whatever units are selected.
    """

    chosen: Selection
    period: Period | None

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
        return cls(chosen, Period(*rows[["period_start", "period_end", "period"]].iloc[-1]))

    @cached_property
    def older(self) -> tuple[Period, ...]:
        """The periods of queues that the newest snapshot lacks."""
        if self.period is None:
            return ()
        queues = [one for of in (LENGTH, OVER) for one in _earlier(self.chosen, of, self.period)]
        found = {period_of(one.day, self.chosen.grain) for one in queues if one.day is not None}
        return tuple(sorted(found))

    @property
    def everywhere(self) -> Question:
        """The length of the queues of every unit, whether selected or not."""
        return self.chosen.question(LENGTH).narrowed("unit")

    def outlook_of_all(self) -> QueueOutlook | None:
        """When the entries selected pass their limits; None where nothing is known of them."""
        units = self.chosen.of("unit")
        if self.period is None:
            return None
        if len(units) == 1:
            return self.outlook_by_unit().get(units)
        return outlook(self.ask, self.chosen.question(LENGTH), self.period, ()).get(())

    def outlook_by_unit(self) -> Mapping[tuple[str, ...], QueueOutlook]:
        """The same of every unit, whether selected or not."""
        return {} if self.period is None else outlook(self.ask, self.everywhere, self.period, ("unit",))

    def to_book(self, most: int) -> tuple[tuple[Alert, ...], FirstDays]:
        """Where a time is to be booked first among the units selected, and the first limit days of the queues."""
        if self.period is None:
            return (), {}
        every = outlook(self.ask, self.everywhere, self.period, totals=False)
        question = outlook_questions(self.everywhere, self.period, ("unit", "service"))[-1]
        selected = {key: one for key, one in every.items() if self._is_selected(key[0])}
        return book_first(selected, most), self.read(first_days, question, cache.settings())

    def days_of_queues(self) -> Mapping[tuple[str, str], date | None]:
        """The queues of the units selected on the newest snapshot, each with the day of its number."""
        if self.period is None:
            return {}
        question = replace(self.lengths_by_unit(), splits=("unit", "service"))
        rows = self.ask(question).rows
        rows = rows[rows["unit"].map(self._is_selected).astype(bool)]
        days = [None if formats.missing(day) else day for day in rows["as_of"]]
        return dict(zip(zip(rows["unit"], rows["service"], strict=True), days, strict=True))

    def _is_selected(self, unit: str) -> bool:
        units = self.chosen.of("unit")
        return not units or unit in units

    def lengths_by_unit(self) -> Question:
        """The length of the queue of every unit on the newest snapshot."""
        periods = () if self.period is None else (self.period,)
        return replace(self.everywhere, by=None, date_from=None, periods=periods, splits=("unit",))

    def course_by_unit(self, until: date) -> Question:
        """The length of the queue of every unit by week, the last 26 up to a day."""
        first = preceding(period_of(until, "week"), COURSE_WEEKS - 1)[0].start
        return replace(self.everywhere, by="week", date_from=first, date_to=until, splits=("unit",))

    def waited(self) -> tuple[Question, Question]:
        """Everybody waiting, by the days waited, and those judged by the law by when they pass their limit too.

        In the shareable view by whole weeks: of single days most numbers would be suppressed.
        """
        periods = () if self.period is None else (self.period,)
        split = "waited_days" if self.noise() is None else "waited_weeks"
        whole = replace(self.chosen.question_of(LENGTH, periods, (split,)), eligible_count=True)
        judged = replace(self.chosen.question_of(OVER, periods, (split, LIMIT_BAND)), eligible_count=True)
        return whole, judged

    def flows(self) -> tuple[Flow, ...]:
        """What came to the queues and what left them, in the weeks of the time selected."""
        found: tuple[Flow, ...] = self.read(
            queue_flows, self.chosen.question(LENGTH, by="week"), cache.settings()
        )
        return found

    @property
    def judged(self) -> Question:
        """Those beyond the limit in all the months there are, which decide whether the number changed."""
        return self.chosen.question(OVER, by=MARK_GRAIN, whole=True)

    def promised(self, as_of: date) -> tuple[TargetResult, ...]:
        """The newest judged target of each indicator that counts those beyond the limit; none where the view is narrowed."""
        if self.chosen.where:
            return ()
        known = cache.definitions()
        targets = {
            one.indicator: one
            for one in self.read(read_targets, self.chosen.area)
            if one.indicator in known and known[one.indicator].law_allows_none and one.period.end <= as_of
        }
        results = [self.read(target_result, cache.settings(), one, as_of=as_of) for one in targets.values()]
        return tuple(one for one in results if one.verdict in (MET, NOT_MET))

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

    def places(self, of: Definition) -> Places:
        """The rows of each unit and service on the newest snapshot, and of the queues it lacks the newest older ones."""
        if self.period is None:
            return {}
        if of.id not in self._places:
            self._places[of.id] = self._newest_rows(of, self.period)
        return self._places[of.id]

    @cached_property
    def _places(self) -> dict[str, Places]:
        return {}

    def _newest_rows(self, of: Definition, period: Period) -> Places:
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
        missing = self.missing(of)
        rows = self.places(of) if missing else {}
        return tuple(
            replace(one, newest=float(row["value"]), suppressed=False)
            if one.newest is None
            and (row := rows.get((one.unit, one.service))) is not None
            and not formats.missing(row["value"])
            else one
            for one in missing
        )

    def part_only(self) -> tuple[Missing, ...]:
        """The queues of which the newest snapshot has only those beyond the limit."""
        missing = self.missing(LENGTH)
        if self.period is None or not missing:
            return ()
        over = self.places(OVER)
        return tuple(
            replace(one, newest=float(row["value"]), day=row["as_of"], suppressed=False)
            for one in missing
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
        found = self.ask(self.chosen.question_of(OWN_WISH, (self.period,)))
        return found.missing.get(self.period.label, ())

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
