"""`python -m indicators plan`: what happens to a queue under a scenario, and what a target takes, for scripts and terminals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from indicators.catalogue.errors import UsageError
from indicators.engine.queue_basis import basis_of, validation_of
from indicators.planning.compartments import LONGEST
from indicators.planning.needed import what_it_takes
from indicators.planning.plan import Plan, plan
from indicators.planning.scenario import Scenario, Target, open_scenario, shipped_scenarios
from indicators.planning.targets import OVER, QUEUE, SHARE
from indicators.planning.told import READ_AT, plan_values, week_rows
from indicators.planning.told import written_json as written_json
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot


def scenario_of(named: str | None, area: str, units: list[str], service: str | None) -> Scenario:
    """The scenario of a file, of a name that ships, or a queue as it is. Raises UsageError."""
    if named is not None:
        shipped = shipped_scenarios()
        return shipped[named] if named in shipped else open_scenario(Path(named))
    if service is None:
        raise UsageError("bad_scenario", faults="--service")
    return Scenario(", ".join([*units, service]), area, service, tuple(units))


def with_target(scenario: Scenario, written: str | None, by: date | None) -> Scenario:
    """The scenario with a target such as share=90, queue=120, over=0. Raises UsageError."""
    if written is None:
        return scenario if by is None else replace(scenario, target=replace(scenario.target, by=by))
    kind, equals, value = written.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if kind not in (SHARE, QUEUE, OVER) or not equals or number < 0 or (kind == SHARE and number > 100):
        raise UsageError("bad_scenario", faults=f"--target {written}")
    return replace(scenario, target=Target(kind, number, by or scenario.target.by))


def planned(
    snapshot: Snapshot, settings: Settings, scenario: Scenario, *, runs: int, needed: bool, moved: bool
) -> tuple[Plan, dict[str, Any]]:
    """A plan and its values. `moved`: its first stream begins on the first day after the snapshot."""
    eves = settings.eves_are_weekdays
    basis = basis_of(snapshot, scenario.where, eves)
    if moved:
        scenario = scenario.moved_to(basis.state.snapshot + timedelta(days=1))
    found = plan(basis, scenario, runs)
    takes = what_it_takes(basis, scenario, order={LONGEST: 1.0}, runs=runs) if needed else None
    return found, plan_values(found, takes, validation_of(snapshot, scenario.where, eves))


def summary_rows(values: dict[str, Any]) -> pd.DataFrame:
    """What a terminal shows: one row per number, as today and as planned."""
    rows = [{"what": name, "today": value, "planned": value} for name, value in values["now"].items()]
    for week in READ_AT:
        if week <= len(values["weeks"]):
            for name in ("queue", "over", "share", "longest"):
                cells = {
                    case: _band(values[case]["lines"][name], week, 3 if name == "share" else 0)
                    for case in ("today", "planned")
                }
                rows.append({"what": f"{name} week {week}", **cells})
    for name in ("word", "holds_from_week", "holds_chance", "treated", "left", "unused"):
        rows.append({"what": name, "today": values["today"][name], "planned": values["planned"][name]})
    rows.append({"what": "euros", "today": 0, "planned": sum(values["planned"]["euros"].values())})
    rows.append(
        {"what": "euros_per_treated", "today": None, "planned": values["planned"]["euros_per_treated"]}
    )
    needed = values["needed"]
    if needed is not None:
        for name in ("plain", "likely"):
            answer = needed[name]
            told = (
                "–" if answer is None else answer["reason"] or f"{answer['extra']} + {answer['extra_after']}"
            )
            rows.append({"what": f"needed_{name}", "today": None, "planned": told})
    validation = values["validation"]
    if validation is not None:
        told = f"{validation['inside']}/{validation['weeks']}"
        rows.append({"what": "held_out_weeks_in_band", "today": told, "planned": told})
    table = pd.DataFrame(rows)
    return table.map(
        lambda cell: "–" if cell is None else f"{cell:.10g}" if isinstance(cell, float) else str(cell)
    )


def _band(lines: dict[str, list[float | None]], week: int, decimals: int) -> str:
    low, middle, high = (lines[name][week - 1] for name in ("low_80", "median", "high_80"))
    if low is None or middle is None or high is None:
        return "–"
    return f"{middle:.{decimals}f} ({low:.{decimals}f}–{high:.{decimals}f})"


def weekly(found: Plan) -> pd.DataFrame:
    """A plan as one row per week."""
    return pd.DataFrame(week_rows(found))
