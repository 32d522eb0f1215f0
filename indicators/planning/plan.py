"""What happens to a queue under a scenario, beside what happens as today: lines with bands, the word on it, euros.

Numbers are entries and visits of whole queues, shares 0–1, weeks counted from the snapshot (1 is the first after it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from indicators.planning.calibration import Calibration, Usual, Weeks, calibrate
from indicators.planning.compartments import Projection
from indicators.planning.runs import RUNS, Change, Draws, bands, draw, ends_of, expected, run
from indicators.planning.scenario import Scenario
from indicators.planning.seasons import Season
from indicators.planning.state import QueueState
from indicators.planning.steady_state import Setting, SteadyState, steady_state
from indicators.planning.targets import holds_from

#: The numbers of a queue that lines are drawn of.
LINES = ("queue", "over", "share", "longest")
#: With a target of everybody within the limit, that many are asked for where a formula needs some chance to be late.
_NEARLY_ALL = 0.999


@dataclass(frozen=True)
class Basis:
    """What a plan rests on: who waits, the queue's own weeks, seasons of arrivals and visits, what is usual elsewhere.

    `factors` multiply the levels of arrivals and of visits, where somebody knows them better than the weeks do.
    """

    state: QueueState
    weeks: Weeks
    seasons: tuple[Season, Season]
    usual: Usual | None = None
    factors: tuple[float, float] = (1.0, 1.0)

    @cached_property
    def calibration(self) -> Calibration:
        """What the weeks say."""
        return calibrate(self.weeks, self.seasons, self.usual)

    def with_levels(self, scenario: Scenario) -> Basis:
        """The same with the levels that a scenario types in place of the measured ones."""
        typed = (scenario.arrivals_a_week, scenario.visits_a_week)
        levels = (float(self.calibration.arrivals[0]), float(self.calibration.visits[0]))
        factors = [
            1.0 if number is None or level <= 0 else number / level
            for number, level in zip(typed, levels, strict=True)
        ]
        return replace(self, factors=(factors[0], factors[1]))

    def draws(self, scenario: Scenario, runs: int = RUNS) -> Draws:
        """The runs of a scenario's horizon; the same for all scenarios of the queue."""
        snapshot = self.state.snapshot
        ends = ends_of(snapshot, scenario.weeks)
        return self._scaled(draw(self.weeks, self.seasons, ends, scenario.seed(snapshot), self.usual, runs))

    def expected(self, scenario: Scenario) -> Draws:
        """The horizon without chance."""
        return self._scaled(expected(self.calibration, ends_of(self.state.snapshot, scenario.weeks)))

    def _scaled(self, draws: Draws) -> Draws:
        of_arrivals, of_visits = self.factors
        return replace(draws, arrivals=draws.arrivals * of_arrivals, visits=draws.visits * of_visits)


@dataclass(frozen=True)
class Outcome:
    """What becomes of a queue: without chance (`expected`) and in every run, the word on it, and what is spent.

    `euros` are by producer, offered visits × price whether used or not.
    """

    scenario: Scenario
    expected: Projection
    runs: Projection
    steady: SteadyState
    euros: Mapping[str, float]
    visits: Mapping[str, float]

    @cached_property
    def lines(self) -> Mapping[str, Mapping[str, np.ndarray]]:
        """By number of LINES its median and bands, one value a week."""
        return {name: bands(np.asarray(getattr(self.runs, name), float)) for name in LINES}

    @property
    def word(self) -> str:
        """In a word whether it can go on, by its last regime."""
        return self.steady.word

    @property
    def holds_from(self) -> int | None:
        """The first week from which the target is kept to the end, without chance; None where it is not."""
        return int(holds_from(self.scenario.target.wanted.met(self.expected))[0]) or None

    @property
    def holds_chance(self) -> float:
        """The share of runs (0–1) in which the target is kept from some week to the end."""
        return float((holds_from(self.scenario.target.wanted.met(self.runs)) > 0).mean())

    @property
    def holds_weeks(self) -> tuple[int | None, int | None]:
        """The weeks from which it is kept in the 10th and the 90th of 100 runs; None where that one never keeps it."""
        found = holds_from(self.scenario.target.wanted.met(self.runs)).astype(float)
        found[found == 0] = np.inf
        low, high = np.quantile(found, [0.1, 0.9], method="inverted_cdf")
        return (int(low) if np.isfinite(low) else None, int(high) if np.isfinite(high) else None)

    @property
    def total_euros(self) -> float:
        """All that is spent."""
        return float(sum(self.euros.values()))


@dataclass(frozen=True)
class Plan:
    """A scenario beside the queue as it is today, run with the same numbers."""

    basis: Basis
    today: Outcome
    scenario: Outcome
    seed: int
    ends: tuple[date, ...]

    @property
    def more_treated(self) -> Mapping[str, float]:
        """How many more are treated than as today: median and bands over the runs."""
        found = self.scenario.runs.treated.sum(axis=1) - self.today.runs.treated.sum(axis=1)
        return {name: float(value) for name, value in bands(found[:, None]).items() for value in [value[0]]}

    @property
    def euros_per_treated(self) -> float | None:
        """Euros for each one treated more than as today, without chance; None where that is nobody."""
        more = float((self.scenario.expected.treated - self.today.expected.treated).sum())
        return self.scenario.total_euros / more if more > 0 and self.scenario.total_euros else None

    def differences(self, name: str) -> Mapping[str, np.ndarray]:
        """Scenario − today of a number of LINES, run by run: median and bands by week."""
        return bands(
            np.asarray(getattr(self.scenario.runs, name), float)
            - np.asarray(getattr(self.today.runs, name), float)
        )


def plan(basis: Basis, scenario: Scenario, runs: int = RUNS, today: Outcome | None = None) -> Plan:
    """What happens if a scenario is done, beside as today; `today` is that of another scenario of the queue and horizon."""
    basis = basis.with_levels(scenario)
    draws, without = basis.draws(scenario, runs), basis.expected(scenario)
    snapshot = basis.state.snapshot
    as_it_is = scenario.without_changes
    today = today or _outcome(basis, as_it_is, draws, without)
    changed = today if scenario == as_it_is else _outcome(basis, scenario, draws, without)
    return Plan(basis, today, changed, scenario.seed(snapshot), ends_of(snapshot, scenario.weeks))


def _outcome(basis: Basis, scenario: Scenario, draws: Draws, without: Draws) -> Outcome:
    snapshot = basis.state.snapshot
    change = scenario.change(snapshot)
    euros: dict[str, float] = {}
    visits: dict[str, float] = {}
    for one, stream in zip(scenario.streams, change.streams, strict=True):
        offered = float(stream.visits.sum())
        visits[one.producer] = visits.get(one.producer, 0.0) + offered
        euros[one.producer] = euros.get(one.producer, 0.0) + offered * one.price_eur
    return Outcome(
        scenario,
        run(basis.state, without, change, pooled=False),
        run(basis.state, draws, change),
        _steady(basis, scenario, change),
        euros,
        visits,
    )


def _steady(basis: Basis, scenario: Scenario, change: Change) -> SteadyState:
    """The state that the last regime settles to: demand at the end of the horizon, visits after the last dated change."""
    found = basis.calibration
    streams = sum(float(stream.visits[-1]) for stream in change.streams)
    wanted = scenario.target.wanted
    share = min(wanted.value, _NEARLY_ALL) if wanted.kind == "share" and wanted.value > 0 else 0.9
    limit = basis.state.main_limit
    setting = Setting(
        float(found.arrivals[0] * basis.factors[0] * change.arrivals[-1]),
        float(found.visits[0] * basis.factors[1] * change.visits[-1] + streams),
        change.order,
        limit,
        share,
        max(26, (limit or 0) // 7 + 2),
        found.usual_leaving,
        float(np.sqrt(found.dispersion)),
        float(np.sqrt(found.visits_dispersion)),
    )
    return steady_state(setting, found.rates)
