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
from pages.views.view import PageView

LENGTH = definition("queue_length")


def listed_grain(series: DebtSeries) -> str:
    """The grain of a series in the list of all: by month what is counted from rows, published figures by year."""
    return "month" if series.row_level else "year"


@dataclass(frozen=True)
class ServiceDebtView(PageView):
    """Every series of the area, and the queues beyond the limit.

    `period` is the newest month with a snapshot, None without one.
    """

    area: str
    every: tuple[DebtSeries, ...]
    period: Period | None

    @classmethod
    def of(cls, area: str, every: Sequence[DebtSeries]) -> ServiceDebtView:
        """The view of an area."""
        months = cls.ask(Question(VISIBLE_DEBT, by="month", area=area)).rows
        known = months[months["status"] != NO_DATA]
        period = None if known.empty else Period(*known[["period_start", "period_end", "period"]].iloc[-1])
        return cls(area, tuple(every), period)

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
            self.read(visible_debt, whole, cache.settings()),
            self.read(visible_debt, by_service, cache.settings()),
        )

    def lengths(self) -> dict[str, dict[str, object]]:
        """The rows of the lengths of the queues on the same snapshots, by service."""
        rows = self.ask(self.queues[2]).rows if self.queues else None
        return {} if rows is None else {row["service"]: row for row in rows.to_dict("records")}

    def only_beyond_limit(self) -> tuple[Missing, ...]:
        """The queues of which only the part beyond the limit is known."""
        found = self.read(only_beyond_limit, self.queues[0], cache.settings()) if self.queues else {}
        return next(iter(found.values()), ())
