"""What a board decides on: the main target missed, those missed by most, what really got worse, what nobody reports on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.analysis.actions import is_judged
from indicators.analysis.control_chart import CONCERN, SpcResult
from indicators.engine.question import NO_DATA
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import MET, NOT_MET

#: Kinds of decisions, in the order they are shown.
MISSED, WORSE, UNREPORTED = "missed", "worsened", "missing"
MOST = 3


@dataclass(frozen=True)
class Decision:
    """One thing to decide: its kind and the targets it is about, several only of those that nobody reports on."""

    kind: str
    results: tuple[TargetResult, ...]

    @property
    def result(self) -> TargetResult:
        """The first of its targets."""
        return self.results[0]


def decisions(
    results: Sequence[TargetResult], judged: Mapping[str, SpcResult], headline: Sequence[str] = ()
) -> tuple[Decision, ...]:
    """At most three things to decide from the targets of an area and the series of their indicators.

    Of an indicator with several targets the last one that is judged counts. `judged` has the series of those indicators of
    which there is one. The first of the `headline` indicators that is judged is the main target: missed, it comes first.
    """
    last = _last_judged(results)
    main = main_target(results, headline)
    missed = sorted(
        (one for one in last.values() if one.verdict == NOT_MET),
        key=lambda one: (one.target.indicator != main, *_by_shortfall(one)),
    )
    silent = without_data(results)
    worse = [one for one in _one_each(results) if _got_worse(judged.get(one.target.indicator))]
    found = [Decision(MISSED, (one,)) for one in missed[:1]]
    said = {one.target.indicator for one in missed[:1]}
    found += [Decision(WORSE, (one,)) for one in worse if one.target.indicator not in said][:1]
    said |= {one.result.target.indicator for one in found}
    room = MOST - len(found) - bool(silent)
    more = [one for one in missed if one.target.indicator not in said][:room]
    found[1:1] = [Decision(MISSED, (one,)) for one in more]
    if silent:
        found.append(Decision(UNREPORTED, silent))
    return tuple(found[:MOST])


def main_target(results: Sequence[TargetResult], headline: Sequence[str]) -> str | None:
    """The first of the headline indicators that is judged; None where none is."""
    judged = _last_judged(results)
    return next((name for name in headline if name in judged), None)


def missed_targets(results: Sequence[TargetResult]) -> int:
    """How many indicators have missed the last of their targets that is judged."""
    return sum(one.verdict == NOT_MET for one in _last_judged(results).values())


def _last_judged(results: Sequence[TargetResult]) -> dict[str, TargetResult]:
    """The last judged target of each indicator."""
    last: dict[str, TargetResult] = {}
    for one in sorted(results, key=lambda one: one.target.period.end):
        if one.verdict in (MET, NOT_MET):
            last[one.target.indicator] = one
    return last


def without_data(results: Sequence[TargetResult]) -> tuple[TargetResult, ...]:
    """The targets of whose period nothing is known that could be compared with their level: what every count of them counts."""
    return tuple(one for one in results if one.verdict == NO_DATA)


def _one_each(results: Sequence[TargetResult]) -> list[TargetResult]:
    """One result of each indicator, the last with a value."""
    found: dict[str, TargetResult] = {}
    for one in sorted(results, key=lambda one: (one.actual.has_value, one.target.period.end)):
        found[one.target.indicator] = one
    return [found[one.target.indicator] for one in results if found[one.target.indicator] is one]


def _got_worse(result: SpcResult | None) -> bool:
    return (
        result is not None
        and is_judged(result)
        and result.last is not None
        and result.last.kind == CONCERN
        and result.last.value is not None
    )


def _by_shortfall(result: TargetResult) -> tuple[float, str]:
    """Sorts the target missed by the largest part of its level first; without a distance last."""
    level, distance = result.target.value, result.distance
    if distance is None:
        return math.inf, result.target.indicator
    return -abs(distance) / abs(level) if level else -math.inf, result.target.indicator
