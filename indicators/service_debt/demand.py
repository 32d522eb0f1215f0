"""How demand for a service changed since the baseline year, and the hidden debt against it.

Demand is measured, for the same service, by referrals and notifications before people in care. Referrals come in whether or
not they can be answered; people in care are those who got in, so where care is not given they fall with it and a debt
would vanish. One series is used for the whole debt: two measures one after the other would make a step of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from indicators.engine.question import Answer
from indicators.service_debt.debt import (
    BASELINE_YEAR,
    DISTURBANCE,
    INCOMING,
    PEOPLE,
    VISITS,
    DebtSeries,
    HiddenDebt,
    demand_adjusted_debt,
    judged_values,
)

#: What measures demand, the best first.
PREFERRED = (INCOMING, PEOPLE)


@dataclass(frozen=True)
class Demand:
    """How one demand series went over the periods of a debt that it can be compared in.

    `before` is the demand in the same periods of the baseline year, `now` in the periods themselves, both summed;
    `adjusted` is the debt with what is expected following this demand.
    """

    series: DebtSeries
    before: float
    now: float
    adjusted: HiddenDebt

    @property
    def change_pct(self) -> float:
        """By how many per cent demand was above (below zero: under) that of the baseline year."""
        return 100 * (self.now / self.before - 1)


def demand_series(every: Iterable[DebtSeries], of: DebtSeries) -> tuple[DebtSeries, ...]:
    """The series that measure the demand for what a series of visits counts, the preferred first; none of another series.

    They are of the same service, or published in the same family of counts where that names no service.
    """
    if of.kind != VISITS:
        return ()
    found = [
        one
        for one in every
        if one.kind in PREFERRED
        and (
            (one.service is not None and one.service == of.service)
            or (not of.row_level and one.family == of.family)
        )
    ]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                PREFERRED.index(one.kind),
                one.family != of.family,
                one.row_level != of.row_level,
                one.key,
            ),
        )
    )


def demands(
    found: Answer,
    answers: Sequence[tuple[DebtSeries, Answer]],
    *,
    baseline_year: int = BASELINE_YEAR,
    start: date = DISTURBANCE,
) -> tuple[Demand, ...]:
    """How demand went by each series that can be compared with an answer's debt, in the order given.

    The first is the one that adjusts the debt. `answers` are demand series with their answers, of the same grain.
    Synthetic demand is not compared with real visits, nor real demand with synthetic ones. Raises BadQuestion.
    """
    compared = []
    for series, answer in answers:
        if answer.demo != found.demo:
            continue
        adjusted = demand_adjusted_debt(found, answer, baseline_year=baseline_year, start=start)
        known = judged_values(answer)
        days = [one.period.start for one in adjusted.compared]
        if days:
            before = sum(known[day.replace(year=baseline_year)] for day in days)
            compared.append(Demand(series, before, sum(known[day] for day in days), adjusted))
    return tuple(compared)
