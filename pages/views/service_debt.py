"""What the page of service debt asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from indicators.analysis.queue_change import only_beyond_limit
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import Period
from indicators.engine.question import NO_DATA, Answer, Missing, Question
from indicators.service_debt.debt import VISIBLE_DEBT, DebtSeries, VisibleDebt, visible_debt
from pages.ui import cache
from pages.views.view import PageView, known_periods

LENGTH = definition("queue_length")


def listed_grain(series: DebtSeries) -> str:
    """The grain of a series in the list of all: by month what is counted from rows, published figures by year."""
    return "month" if series.row_level else "year"


@dataclass(frozen=True)
class ServiceDebtView(PageView):
    """Every series of the area in the grains shown, each suppressed by itself; the queues beyond the limit.

    `period` is the newest month with a snapshot, None without one.
    """

    area: str
    every: tuple[DebtSeries, ...]
    grains: frozenset[str]
    period: Period | None

    @classmethod
    def of(cls, area: str, every: Sequence[DebtSeries], grain: str) -> ServiceDebtView:
        """The view of an area, its opened series in a grain."""
        months = known_periods(Question(VISIBLE_DEBT, by="month", area=area))
        known = months[months["status"] != NO_DATA]
        period = None if known.empty else Period(*known[["period_start", "period_end", "period"]].iloc[-1])
        return cls(area, tuple(every), frozenset({grain, *map(listed_grain, every)}), period)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question of the page."""
        return tuple(one for group in self._groups for one in group)

    @cached_property
    def _groups(self) -> tuple[tuple[Question, ...], ...]:
        """The questions suppressed together: the grains of a series, its population, the queues."""
        series = [
            tuple(one.question(self.area, grain) for grain in sorted(self.grains)) for one in self.every
        ]
        asked = (one.population(self.area) for one in self.every)
        populations = [(question,) for question in dict.fromkeys(asked) if question is not None]
        return (*series, *populations, self.queues)

    def shown_with(self, question: Question) -> tuple[Question, ...]:
        """The questions of its group; a population by itself."""
        bare = replace(question, shown_with=())
        group = next((group for group in self._groups if bare in group), ())
        return group if len(group) > 1 else ()

    def series(self, series: DebtSeries, grain: str) -> Answer:
        """The answer of a series in a grain."""
        return self.ask(series.question(self.area, grain))

    def population(self, series: DebtSeries) -> Answer | None:
        """The residents of the service's own age group; None where none are loaded."""
        question = series.population(self.area)
        answer = None if question is None else self.ask(question)
        return answer if answer is not None and answer.rows["value"].notna().any() else None

    @property
    def queues(self) -> tuple[Question, ...]:
        """Entries beyond the limit in all and by service, and the lengths of the queues by service."""
        if self.period is None:
            return ()
        whole = Question(VISIBLE_DEBT, area=self.area, periods=(self.period,))
        by_service = replace(whole, splits=("service",))
        return whole, by_service, replace(by_service, indicator=LENGTH.id)

    @cached_property
    def visible(self) -> tuple[VisibleDebt, VisibleDebt] | None:
        """The visible debt of the newest month with a snapshot, in all and by service; None without one."""
        if not self.queues:
            return None
        whole, by_service, _lengths = self.queues
        return (
            self.compute(visible_debt, whole, cache.settings()),
            self.compute(visible_debt, by_service, cache.settings()),
        )

    def lengths(self) -> dict[str, dict[str, object]]:
        """The rows of the lengths of the queues on the same snapshots, by service."""
        rows = self.ask(self.queues[2]).rows if self.queues else None
        return {} if rows is None else {row["service"]: row for row in rows.to_dict("records")}

    def only_beyond_limit(self) -> tuple[Missing, ...]:
        """The queues of which only the part beyond the limit is known."""
        found = self.compute(only_beyond_limit, self.queues[0], cache.settings()) if self.queues else {}
        return next(iter(found.values()), ())
