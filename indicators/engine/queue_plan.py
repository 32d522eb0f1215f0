"""A plan of a queue as a page shows it, without its runs: the known weeks, today and the scenario, small enough to be kept.

Scenarios are given as the text of their link, which is the same for the same scenario. Numbers are exact: who may see them is
the page's to decide, by `can_be_shared` for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from indicators.analysis import waiting_list
from indicators.engine.question import Where
from indicators.engine.queue_basis import basis_of, breaches_of, visits_per_treated
from indicators.engine.queue_flow import SMALLEST_SHAREABLE, QueueFlow, queue_flow, queues_of
from indicators.planning.compartments import LONGEST
from indicators.planning.needed import WhatItTakes, what_it_takes
from indicators.planning.plan import Basis, plan
from indicators.planning.scenario import Scenario, from_link
from indicators.planning.state import Breaches
from indicators.planning.theory import factor_of_share
from indicators.planning.told import plan_values, week_rows
from pipelines.warehouse import Snapshot

#: Half a person waits: the longest wait of a week is the oldest age at or above which so many are.
_HALF = 0.5
#: By number of a plan (`plan.LINES`) its bands, each by week; None where a week has none.
Lines = Mapping[str, Mapping[str, Sequence[float | None]]]


@dataclass(frozen=True)
class History:
    """The known weeks of a queue by their snapshot: waiting, over the limit, share within it (0–1), longest wait in weeks."""

    days: tuple[date, ...]
    queue: tuple[float | None, ...]
    over: tuple[float | None, ...]
    share: tuple[float | None, ...]
    longest: tuple[float | None, ...]

    def of(self, name: str) -> tuple[float | None, ...]:
        """One of `plan.LINES`."""
        found: tuple[float | None, ...] = getattr(self, name)
        return found


@dataclass(frozen=True)
class Now:
    """A queue on its newest snapshot, and what goes through it in a week.

    `over_medical` of those over wait for a medical reason.
    """

    waiting: float
    over: float
    over_medical: float
    share: float | None
    longest_weeks: int
    booked: float
    without_limit: float
    own_wish: int
    arrivals_a_week: float
    visits_a_week: float
    usual_leaving: float
    limit_days: int | None

    @property
    def limited(self) -> float:
        """How many have a limit: those whom the share is of."""
        return self.waiting - self.without_limit

    @property
    def need_a_week(self) -> float:
        """Who come in a week, less usual leavers: so many visits are needed."""
        return self.arrivals_a_week * (1 - self.usual_leaving)

    @property
    def load(self) -> float:
        """Demand less usual leavers ÷ visits: from 1 up the queue does not shrink."""
        return waiting_list.queue_load(self.need_a_week, self.visits_a_week)


@dataclass(frozen=True)
class Case:
    """What becomes of a queue, as it is or under a scenario: sums over the horizon, weeks counted from the snapshot."""

    word: str
    steady_queue: float | None
    needed_visits_a_week: float | None
    holds_from_week: int | None
    holds_from_low: int | None
    holds_from_high: int | None
    holds_chance: float
    treated: float
    left: float
    unused: float
    overbooked_weeks: int
    euros: Mapping[str, float]
    extra_visits: Mapping[str, float]
    lines: Lines
    more_treated: Mapping[str, float] | None = None
    euros_per_treated: float | None = None

    @property
    def total_euros(self) -> float:
        """All that is spent."""
        return sum(self.euros.values())

    def at(self, name: str, week: int, band: str = "median") -> float | None:
        """A number of `plan.LINES` in a week (1 is the first)."""
        return self.lines[name][band][week - 1]


@dataclass(frozen=True)
class Calibrated:
    """The weeks that a plan rests on: their grade and days, and how demand drifts (a year's part of its level, if at all)."""

    grade: str
    weeks: int
    first: date
    last: date
    cleaned: int
    emptied: int
    trend: float | None


@dataclass(frozen=True)
class QueuePlan:
    """A scenario beside the queue as it is; `values` and `rows` are what is exported.

    From `oldest_age` weeks on the runs count all who wait together: a longest wait of so many is that or more.
    """

    scenario: Scenario
    snapshot: date
    ends: tuple[date, ...]
    seed: int
    history: History
    now: Now
    calibrated: Calibrated
    today: Case
    planned: Case
    values: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    oldest_age: int

    @cached_property
    def has_changes(self) -> bool:
        """Whether the scenario differs from the queue as it is."""
        return self.scenario != self.scenario.without_changes


def queue_plan(snapshot: Snapshot, link: str, eves_are_weekdays: bool = False) -> QueuePlan:
    """The plan of a scenario. Raises UsageError for a link that is none, BadQuestion where too few weeks are known."""
    scenario = from_link(link)
    basis = basis_of(snapshot, scenario.where, eves_are_weekdays)
    flow = queue_flow(snapshot, scenario.where, eves_are_weekdays)
    found = plan(basis, scenario)
    values = plan_values(found)
    calibration = basis.calibration
    return QueuePlan(
        scenario,
        basis.state.snapshot,
        found.ends,
        found.seed,
        history_of(flow),
        _now(basis, flow, scenario),
        Calibrated(
            calibration.grade,
            len(calibration.window),
            calibration.window[0],
            calibration.window[-1],
            len(calibration.cleaned),
            len(calibration.emptied),
            calibration.trend,
        ),
        Case(**values["today"]),
        Case(**values["planned"]),
        values,
        week_rows(found),
        values["oldest_age_weeks"],
    )


def history_of(flow: QueueFlow) -> History:
    """The known weeks of a flow."""
    limited, over = flow.limited.sum(axis=1), flow.over.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(limited > 0, 1 - over / limited, np.nan)
    from_age_on = flow.closing[:, ::-1].cumsum(axis=1)[:, ::-1]
    longest = (from_age_on >= _HALF).sum(axis=1) - 1.0
    return History(
        flow.days,
        *(
            tuple(None if np.isnan(value) else float(value) for value in values)
            for values in (flow.closing.sum(axis=1), over, share, np.maximum(longest, 0.0))
        ),
    )


def _now(basis: Basis, flow: QueueFlow, scenario: Scenario) -> Now:
    state, found = basis.state, basis.calibration
    factors = basis.with_levels(scenario).factors
    limited, over = float(flow.limited[-1].sum()), float(flow.over[-1].sum())
    return Now(
        state.waiting,
        over,
        min(state.over_medical, over),
        1 - over / limited if limited else None,
        state.oldest,
        state.booked,
        state.without_limit,
        state.own_wish,
        float(found.arrivals[0] * factors[0]),
        float(found.visits[0] * factors[1]),
        found.usual_leaving,
        state.main_limit,
    )


# Many parameters because each is a choice of who asks.
def queue_needs(
    snapshot: Snapshot,
    link: str,
    *,
    longest_first: bool = True,
    likely: bool = True,
    eves_are_weekdays: bool = False,
) -> WhatItTakes:
    """What the target of a scenario takes beside what it already has."""
    scenario = from_link(link)
    basis = basis_of(snapshot, scenario.where, eves_are_weekdays)
    return what_it_takes(basis, scenario, order={LONGEST: 1.0} if longest_first else None, likely=likely)


def queue_breaches(snapshot: Snapshot, where: Where, eves_are_weekdays: bool = False) -> Breaches:
    """Who passes the limit in the coming weeks if nothing is done."""
    return breaches_of(basis_of(snapshot, where, eves_are_weekdays))


@dataclass(frozen=True)
class Theory:
    """What formulas say of a queue in people and visits a week, for a share served within its limit; None without a limit.

    `sustainable_visits` keep the queue at its target size against chance; `relief_visits` bring it there in 26 weeks.
    `visits_per_treated` are all visits of the units for each one treated.
    """

    demand: float
    load: float
    target_mean_weeks: float | None
    target_queue: float | None
    pressure: float | None
    sustainable_visits: float | None
    relief_visits: float | None
    visits_per_treated: float | None


def queue_theory(snapshot: Snapshot, where: Where, share: float, eves_are_weekdays: bool = False) -> Theory:
    """The formulas of a queue for a share (0–1, open) to be served within its limit."""
    basis = basis_of(snapshot, where, eves_are_weekdays)
    found, state = basis.calibration, basis.state
    demand = float(found.arrivals[0]) * (1 - found.usual_leaving)
    load = waiting_list.queue_load(demand, float(found.visits[0]))
    per_treated = visits_per_treated(snapshot, where, basis)
    if state.main_limit is None:
        return Theory(demand, load, None, None, None, None, None, per_treated)
    weeks, factor = state.main_limit / 7, factor_of_share(share)
    size = waiting_list.target_queue_size(demand, weeks, factor)
    variation = float(np.sqrt(found.dispersion)), float(np.sqrt(found.visits_dispersion))
    mean = state.waiting / demand if demand > 0 else 0.0
    return Theory(
        demand,
        load,
        waiting_list.target_mean_wait(weeks, factor),
        size,
        waiting_list.pressure(mean, weeks),
        waiting_list.target_capacity(demand, weeks, factor, *variation),
        waiting_list.relief_capacity(demand, state.waiting, size),
        per_treated,
    )


def can_be_shared(snapshot: Snapshot, where: Where, eves_are_weekdays: bool = False) -> bool:
    """Whether a plan of a queue may be shown to everybody: no number of it is of few, and none follows from others shown.

    A unit's may where every unit's of the area and service may: what is shown of the area would else tell the small one by a
    subtraction. A profession's never may.
    """
    filters = dict(where)
    if "profession" in filters or len(filters.get("service", ())) != 1:
        return False
    wider = tuple(one for one in where if one[0] in ("area", "service"))
    flows = [queue_flow(snapshot, wider, eves_are_weekdays)]
    if "unit" in filters:
        units = sorted({unit for _area, unit, _service in queues_of(snapshot, wider)})
        flows += [queue_flow(snapshot, (*wider, ("unit", (unit,))), eves_are_weekdays) for unit in units]
    return all(_is_large(flow) for flow in flows)


def _is_large(flow: QueueFlow) -> bool:
    over, limited = flow.over.sum(axis=1), flow.limited.sum(axis=1)
    stocks = np.concatenate([over, limited - over])
    return flow.is_shareable and bool(((stocks == 0) | (stocks >= SMALLEST_SHAREABLE)).all())
