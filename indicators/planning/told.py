"""A plan as plain values: what the command line prints and a page exports, with the inputs and the seed it came from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from indicators.planning.needed import WhatItTakes
from indicators.planning.plan import LINES, Outcome, Plan
from indicators.planning.runs import oldest_age
from indicators.planning.validation import Validation

#: The weeks after the snapshot that a plan is read at.
READ_AT = (4, 13, 26, 52)


def plan_values(
    plan: Plan, needed: WhatItTakes | None = None, validation: Validation | None = None
) -> dict[str, Any]:
    """Everything a plan says: shares 0–1, entries, visits a week, euros; what is not there is None."""
    basis, state = plan.basis, plan.basis.state
    found = basis.calibration
    return {
        "scenario": plan.scenario.scenario.written(),
        "seed": plan.seed,
        "runs": len(plan.scenario.runs.queue),
        "oldest_age_weeks": oldest_age(state),
        "snapshot": state.snapshot.isoformat(),
        "now": {
            "waiting": state.waiting,
            "booked": state.booked,
            "without_limit": state.without_limit,
            "over_medical": state.over_medical,
            "own_wish": state.own_wish,
            "longest_weeks": state.oldest,
            "arrivals_a_week": float(found.arrivals[0] * basis.factors[0]),
            "visits_a_week": float(found.visits[0] * basis.factors[1]),
            "usual_leaving": found.usual_leaving,
        },
        "calibration": {
            "grade": found.grade,
            "weeks": len(found.window),
            "from": found.window[0].isoformat(),
            "to": found.window[-1].isoformat(),
            "cleaned": [day.isoformat() for day in found.cleaned],
            "emptied": [day.isoformat() for day in found.emptied],
            "arrivals_dispersion": found.dispersion,
            "trend_a_year": found.trend,
        },
        "validation": validation_values(validation),
        "today": _outcome(plan.today),
        "planned": _outcome(plan.scenario)
        | {"more_treated": dict(plan.more_treated), "euros_per_treated": plan.euros_per_treated},
        "difference": {name: _lines(plan.differences(name)) for name in LINES},
        "weeks": [end.isoformat() for end in plan.ends],
        "needed": None if needed is None else _needed(needed),
    }


def validation_values(found: Validation | None) -> dict[str, Any] | None:
    """How well the model would have foretold known weeks, as plain values; None where it was not tried."""
    return None if found is None else asdict(found) | {"poor": found.is_poor}


def written_json(values: Mapping[str, Any]) -> str:
    """A plan as JSON."""
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def _outcome(outcome: Outcome) -> dict[str, Any]:
    low, high = outcome.holds_weeks
    return {
        "word": outcome.word,
        "steady_queue": outcome.steady.queue,
        "needed_visits_a_week": outcome.steady.needed,
        "holds_from_week": outcome.holds_from,
        "holds_from_low": low,
        "holds_from_high": high,
        "holds_chance": outcome.holds_chance,
        **{name: _number(getattr(outcome.expected, name).sum()) for name in ("treated", "left", "unused")},
        "overbooked_weeks": int(outcome.expected.overbooked.sum()),
        "euros": dict(outcome.euros),
        "extra_visits": dict(outcome.visits),
        "lines": {name: _lines(line) for name, line in outcome.lines.items()},
    }


def _lines(line: Mapping[str, np.ndarray]) -> dict[str, list[float | None]]:
    return {name: [_number(value) for value in values] for name, values in line.items()}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 6)


def _needed(found: WhatItTakes) -> dict[str, Any]:
    return {
        "first_week": found.first,
        "by_week": found.by,
        "order": None if found.order is None else dict(found.order),
        "most": found.most,
        "plain": asdict(found.plain),
        "plain_chance": found.chance,
        "likely": None if found.likely is None else asdict(found.likely),
        "cause": found.cause,
        "nearest": found.nearest,
        "nearest_week": found.nearest_week,
    }


def week_rows(plan: Plan) -> list[dict[str, Any]]:
    """One row per week: the median and the 80 % band of every number, as today and as planned."""
    return [
        {
            "week": week + 1,
            "to": end.isoformat(),
            **{
                f"{name}_{case}{'' if of == 'median' else '_' + of}": _number(outcome.lines[name][of][week])
                for case, outcome in (("today", plan.today), ("planned", plan.scenario))
                for name in LINES
                for of in ("median", "low_80", "high_80")
            },
        }
        for week, end in enumerate(plan.ends)
    ]
