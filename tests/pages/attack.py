"""A reader who tries to work out hidden small numbers from everything a page tells: by linear programming, and by verdicts.

Every answer behind a page is taken down as the page gets it. The reader knows how the counts hang together, whatever the page
makes of it: each is the sum of the entries of some days, groups and outcomes. Those sums are the unknowns, as finely as anything
told distinguishes them; what is told, and the rule itself (a small number is 1–4), are the equations and bounds. A hidden number
is worked out where its least and its most possible value are the same.

What is told in words (see `verdicts`) is no equation. Of each hidden number another world is looked for, with other counts that
keep every equation: where none of those tried leaves the verdicts, signals, means and limits as they are told, the number
counts as worked out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import pairwise, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity, vstack

from indicators.catalogue.definition import SHARES, Definition
from indicators.engine import evaluate as engine
from indicators.kinds.visits import BAND_ENDS
from indicators.privacy.counted_answer import CountedAnswer
from indicators.privacy.suppress import suppress
from pages.ui import cache
from pipelines.settings import Settings
from tests.pages.verdicts import Place, Verdict, World, verdicts_taken_down

#: How an entry came out: kept the limit, did not, or is not known.
MET, OTHER, MISSING = "met", "other", "missing"
OUTCOMES = (MET, OTHER, MISSING)
SMALL = 5


@dataclass(frozen=True)
class Record:
    """One answer as it was counted and as it was shown."""

    told: CountedAnswer
    counted: pd.DataFrame
    shown: pd.DataFrame


class Records(list[Record]):
    """Everything that was counted and shown, and the verdicts that were told of it."""

    verdicts: list[Verdict]


@contextmanager
def taken_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """Everything that is counted, shown and judged meanwhile."""
    found = Records()

    def watched(told: Sequence[CountedAnswer], settings: Settings) -> list[pd.DataFrame]:
        shown = suppress(told, settings)
        found.extend(Record(one, one.rows.copy(), rows) for one, rows in zip(told, shown, strict=True))
        return shown

    with verdicts_taken_down(monkeypatch) as verdicts, monkeypatch.context() as patched:
        found.verdicts = verdicts
        patched.setattr(engine, "suppress", watched)
        cache.clear()
        engine._answer_view.cache_clear()
        yield found
    engine._answer_view.cache_clear()


@dataclass(frozen=True)
class Fact:
    """A count over some entries: which days, groups and outcomes; what it is; what is known of it."""

    words: str
    days: tuple[date, date]
    groups: dict[str, frozenset[str]]
    outcomes: frozenset[str]
    truth: float
    low: float
    high: float

    @property
    def is_secret(self) -> bool:
        """Whether it is a small number."""
        return 0 < self.truth < SMALL


def families(records: Sequence[Record]) -> dict[object, list[Record]]:
    """The records by what they count; each kind of entry is attacked by itself."""
    found: dict[object, list[Record]] = {}
    for record in records:
        if record.told.definition.counts_persons and len(record.counted):
            found.setdefault(family_of(record.told.definition), []).append(record)
    return found


def family_of(definition: Definition) -> object:
    """What an indicator counts."""
    measure = definition.measure
    key = (
        *(measure.dataset, frozenset(measure.rows), measure.deadlines, measure.period),
        *(measure.met_modes, measure.groups),
    )
    if measure.statistic in (
        *("distinct_persons", "person_share", "longest", "late_persons"),
        *("open", "count_met", "mean"),
    ):
        return (*key, measure.statistic, measure.met)
    return key


def every_recovered(records: Records) -> list[str]:
    """The hidden small numbers that can be worked out from everything that was told, in words."""
    return [
        words
        for key, family in families(records).items()
        for words in recovered(family, [one for one in records.verdicts if family_of(one.definition) == key])
    ]


def facts(record: Record, known: str) -> Iterator[Fact]:
    """What a record tells or hides, count by count."""
    definition = record.told.definition
    for (_, counted), (_, shown) in zip(record.counted.iterrows(), record.shown.iterrows(), strict=True):
        if counted["published"] or counted["status"] == "no_data":
            continue
        groups = {name: frozenset(values) for name, values in record.told.where}
        groups |= {split: frozenset((counted[split],)) for split in record.told.splits}
        days = (counted["period_start"], counted["period_end"])
        words = f"{definition.id} {counted['period']} {[counted[split] for split in record.told.splits]}"
        for kind, outcomes, truth, low, high in _numbers(definition, counted, shown, known):
            if not math.isnan(truth):
                yield Fact(f"{kind} of {words}", days, groups, frozenset(outcomes), truth, low, high)


def nothings(record: Record) -> Iterator[Fact]:
    """Of a split answer, the groups that a period has no row of: there is nothing of them."""
    splits = list(record.told.splits)
    if not splits:
        return
    where = {name: frozenset(values) for name, values in record.told.where}
    there = set(record.counted[["period_start", *splits]].itertuples(index=False, name=None))
    values = [sorted(record.counted[split].unique()) for split in splits]
    for period in record.told.periods:
        for groups in product(*values):
            if (period.start, *groups) not in there:
                chosen = where | {split: frozenset((one,)) for split, one in zip(splits, groups, strict=True)}
                yield Fact("nothing", (period.start, period.end), chosen, frozenset(OUTCOMES), 0, 0, 0)


def _numbers(
    definition: Definition, counted: pd.Series, shown: pd.Series, known: str
) -> Iterator[tuple[str, Sequence[str], float, float, float]]:
    measure = definition.measure
    value, met, n, coverage = (counted[name] for name in ("value", "numerator", "denominator", "coverage"))
    if measure.statistic in ("count", "open", "late_persons", "count_met", "distinct_persons"):
        yield ("value", OUTCOMES, value, *_seen(value, shown["value"]))
        return
    if measure.statistic == "longest" or math.isnan(n):
        return
    of_all = measure.known == "all"
    yield ("n", OUTCOMES if of_all else (MET, OTHER), n, *_seen(n, shown["denominator"]))
    if measure.possible_modes:
        yield from _range_of(counted, shown)
    elif measure.statistic in ("share", "person_share"):
        sides = ((MET, OTHER), (MISSING,)) if of_all and measure.met == known else ((MET,), (OTHER,))
        low, high = _seen_of(met, n, shown)
        told_n = not math.isnan(shown["denominator"])
        yield "met", sides[0], met, low, high
        yield "other", sides[1], n - met, *((n - high, n - low) if told_n else (0, math.inf))
    if not of_all and not math.isnan(coverage) and measure.statistic != "person_share":
        missing = round(counted["n_rows"] * (1 - coverage / 100))
        low, high = (0, math.inf) if math.isnan(shown["coverage"]) else (missing, missing)
        if not math.isnan(shown["coverage_low"]):
            low, high = (
                100 * n / shown[end] - n if shown[end] else math.inf
                for end in ("coverage_high", "coverage_low")
            )
        yield "missing", (MISSING,), missing, low, high


def _range_of(
    counted: pd.Series, shown: pd.Series
) -> Iterator[tuple[str, Sequence[str], float, float, float]]:
    """The three counts a range is made of: surely met, perhaps, not. Told ends tell all three."""
    n = counted["denominator"]
    if math.isnan(counted["low"]):
        truths = {MET: counted["numerator"], MISSING: 0.0, OTHER: n - counted["numerator"]}
    else:
        low, high = (round(counted[end] * n / 100) for end in ("low", "high"))
        truths = {MET: low, MISSING: high - low, OTHER: n - high}
    has_values = not math.isnan(shown["value"]) or (
        shown["status"] != "suppressed" and not math.isnan(shown["low"])
    )
    for outcome, truth in truths.items():
        if has_values:
            seen = (truth, truth)
        elif truths[MISSING] == 0:
            seen = _seen_of(truths[MET], n, shown)
            seen = seen if outcome == MET else (0, 0) if outcome == MISSING else (n - seen[1], n - seen[0])
        else:
            seen = (0, math.inf)
        yield (outcome, (outcome,), truth, *seen)


def _seen(truth: float, shown: float) -> tuple[float, float]:
    """What is known of a count that is shown, or that is small, or that may be anything."""
    if not math.isnan(shown):
        return truth, truth
    return (1, SMALL - 1) if 0 < truth < SMALL else (0, math.inf)


def _seen_of(met: float, n: float, shown: pd.Series) -> tuple[float, float]:
    """What is known of the numerator of a share: the interval told, or which side is small, or that one is."""
    if not math.isnan(shown["numerator"]):
        return met, met
    if not math.isnan(shown["low"]):
        return n * shown["low"] / 100, n * shown["high"] / 100
    if math.isnan(shown["denominator"]):
        return 0, math.inf
    if not (0 < met < SMALL or 0 < n - met < SMALL):
        return 0, n
    if n < 2 * SMALL:
        return 1, n - 1
    return (1, SMALL - 1) if met < SMALL else (n - SMALL + 1, n - 1)


def recovered(records: Sequence[Record], verdicts: Sequence[Verdict] = ()) -> list[str]:
    """The hidden small numbers of one family of records that can be worked out, in words; also those that are shown."""
    shares = [
        r.told.definition.measure for r in records if r.told.definition.measure.known not in (None, "all")
    ]
    known = shares[0].known if shares else ""
    every = [fact for record in records for fact in (*facts(record, known), *nothings(record))]
    listed = [record.told for record in records if record.told.splits]
    found = [f"shown: {fact.words}" for fact in every if fact.is_secret and fact.low == fact.high]
    if found or not any(fact.is_secret for fact in every):
        return found
    if not records[0].told.sums:
        return _told_alone(every, verdicts)
    if not records[0].told.sums_in_time:
        # What is counted on a day is no part of what is counted on another.
        return [
            words
            for days in dict.fromkeys(fact.days for fact in every)
            for words in _worked_out([fact for fact in every if fact.days == days], listed)
        ] + _told_alone(every, verdicts)
    return _worked_out(every, listed, verdicts, known)


def _told_alone(every: Sequence[Fact], verdicts: Sequence[Verdict]) -> list[str]:
    """The hidden counts that stand in no sum over time of which every other small number would be told otherwise."""
    truths = {(*fact.days, frozenset(fact.groups.items())): fact for fact in every}
    found = []
    for place, fact in truths.items():
        mine = [one for one in verdicts if place in one.places]
        if not fact.is_secret or not mine:
            continue

        def world(asked: Place, place: Place = place, other: int = 0) -> tuple[float, float]:
            return (other if asked == place else truths[asked].truth), math.nan

        others = [count for count in range(1, SMALL) if count != fact.truth]
        if not any(
            all(one.holds(partial(world, place=place, other=other)) for one in mine) for other in others
        ):
            found.append(f"worked out by a verdict: {fact.words} = {fact.truth:.0f}")
    return found


class _Worlds:
    """The worlds that keep every equation, and whether they are told as the true one is."""

    def __init__(
        self,
        bounds: dict[str, Any],
        truths: np.ndarray,
        matrix: csr_matrix,
        unknowns: Sequence[Unknown],
        verdicts: Sequence[Verdict],
        known: str,
    ) -> None:
        self._bounds, self._unknowns, self._verdicts, self._known = bounds, unknowns, verdicts, known
        self._lines: dict[object, np.ndarray] = {}
        true = linprog(np.zeros(len(unknowns)), A_eq=matrix, b_eq=truths, bounds=(0, None), method="highs")
        assert true.status == 0, true.message
        self._true = true.x
        assert all(one.holds(self._world(one, self._true)) for one in verdicts)

    def one_with_another(self, goal: np.ndarray, truth: float, ends: Sequence[np.ndarray]) -> bool:
        """Whether some world is told alike in which the count of a line is another: a step towards its ends, or the nearest."""
        return self.one_towards(goal, truth, ends) or any(
            world is not None and self._is_told(world)
            for world in (self._nearest(goal, truth + step) for step in (-1.0, 1.0))
        )

    def one_towards(self, goal: np.ndarray, truth: float, ends: Sequence[np.ndarray]) -> bool:
        """Whether a step towards some ends, of which the count of a line is another, is told alike."""
        for end in ends:
            far = abs(goal @ end - truth)
            if far > 1e-6 and self._is_told(self._true + (end - self._true) * min(1.0, 1 / far)):
                return True
        return False

    def _nearest(self, goal: np.ndarray, wanted: float) -> np.ndarray | None:
        """The world with a count as wanted that differs the least from the true one."""
        size = len(self._true)
        none = csr_matrix((self._bounds["A_eq"].shape[0], size))
        more = csr_matrix((self._bounds["A_ub"].shape[0], size))
        one = identity(size, format="csr")
        found = linprog(
            np.concatenate([np.zeros(size), np.ones(size)]),
            A_eq=vstack(
                [hstack([self._bounds["A_eq"], none]), csr_matrix(np.concatenate([goal, np.zeros(size)]))]
            ),
            b_eq=np.append(self._bounds["b_eq"], wanted),
            A_ub=vstack([hstack([self._bounds["A_ub"], more]), hstack([one, -one]), hstack([-one, -one])]),
            b_ub=np.concatenate([self._bounds["b_ub"], self._true, -self._true]),
            bounds=(0, None),
            method="highs",
        )
        return found.x[:size] if found.status == 0 else None

    def _is_told(self, x: np.ndarray) -> bool:
        return all(one.holds(self._world(one, x)) for one in self._verdicts)

    def _world(self, verdict: Verdict, x: np.ndarray) -> World:
        measure = verdict.definition.measure
        of_all = measure.known == "all"
        if measure.statistic in SHARES:
            all_of = OUTCOMES if of_all else (MET, OTHER)
            met = (MET, OTHER) if of_all and measure.met == self._known else (MET,)
        else:
            met = all_of = OUTCOMES

        def world(place: Place) -> tuple[float, float]:
            return self._count(place, met, x), self._count(place, all_of, x)

        return world

    def _count(self, place: Place, outcomes: Sequence[str], x: np.ndarray) -> float:
        key = (place, tuple(outcomes))
        if key not in self._lines:
            fact = Fact("", place[:2], dict(place[2]), frozenset(outcomes), 0, 0, 0)
            self._lines[key] = np.array(_row(fact, self._unknowns))
        return float(np.round(self._lines[key] @ x, 9))


def _worked_out(
    every: Sequence[Fact], listed: Sequence[CountedAnswer], verdicts: Sequence[Verdict] = (), known: str = ""
) -> list[str]:
    found = []
    unknowns = _unknowns(every, listed)
    rows = {(fact.days, frozenset(fact.groups.items()), fact.outcomes): fact for fact in every}
    matrix = csr_matrix(np.array([_row(fact, unknowns) for fact in rows.values()]))
    # Several records may tell of the same count: what is known of it is what they say together.
    low = np.full(len(rows), 0.0)
    high = np.full(len(rows), np.inf)
    place = {key: at for at, key in enumerate(rows)}
    for fact in every:
        at = place[fact.days, frozenset(fact.groups.items()), fact.outcomes]
        low[at], high[at] = max(low[at], fact.low), min(high[at], fact.high)
    exact = np.isclose(low, high)
    limited = ~exact & np.isfinite(high)
    bounds = {
        "A_eq": matrix[exact],
        "b_eq": low[exact],
        "A_ub": csr_matrix(np.vstack([matrix[limited].toarray(), -matrix[~exact].toarray()])),
        "b_ub": np.concatenate([high[limited], -low[~exact]]),
    }
    truths = np.array([fact.truth for fact in rows.values()])
    judged = {place for one in verdicts for place in one.places}
    worlds = _Worlds(bounds, truths, matrix, unknowns, verdicts, known) if verdicts else None
    # Worlds that keep every equation, found on the way: two of them in which a count differs tell that it is not known.
    known_worlds: list[np.ndarray] = []
    for at, ((days, groups, _outcomes), fact) in enumerate(rows.items()):
        if fact.is_secret:
            goal = matrix[at].toarray().ravel()
            by_verdict = worlds is not None and (*days, groups) in judged
            values = np.array([*(world @ goal for world in known_worlds), fact.truth])
            if values.max() - values.min() > 1 - 1e-6:
                values = values[:-1]
                ends = [known_worlds[values.argmin()], known_worlds[values.argmax()]]
                if not by_verdict or (worlds is not None and worlds.one_towards(goal, fact.truth, ends)):
                    continue
            least = linprog(goal, bounds=(0, None), method="highs", **bounds)
            assert least.status == 0, (fact.words, least.message)
            known_worlds.append(least.x)
            ends = [least.x]
            if fact.truth - least.fun <= 1 - 1e-6 or by_verdict:
                most = linprog(-goal, bounds=(0, None), method="highs", **bounds)
                if most.status == 0 and -most.fun - least.fun < 1 - 1e-6:
                    found.append(f"worked out: {fact.words} = {fact.truth:.0f}")
                    continue
                if most.status == 0:
                    known_worlds.append(most.x)
                    ends.append(most.x)
            if by_verdict and worlds is not None and not worlds.one_with_another(goal, fact.truth, ends):
                found.append(f"worked out by a verdict: {fact.words} = {fact.truth:.0f}")
    return found


@dataclass(frozen=True)
class Unknown:
    """The entries of some days, one group of each split that anything tells of those days, and an outcome."""

    first: date
    last: date
    groups: dict[str, str]
    outcome: str


def _unknowns(every: Sequence[Fact], listed: Sequence[CountedAnswer]) -> list[Unknown]:
    starts = sorted({day for fact in every for day in (fact.days[0], fact.days[1] + timedelta(days=1))})
    found = []
    for first, after in pairwise(starts):
        last = after - timedelta(days=1)
        here = [fact for fact in every if fact.days[0] <= first and last <= fact.days[1]]
        values: dict[str, set[str]] = {}
        for fact in here:
            for name, chosen in fact.groups.items():
                values.setdefault(name, set()).update(chosen)
        for name in values:
            if not _lists_all(name, first, last, listed):
                values[name].add("(another)")
        for groups in product(*(sorted(chosen) for chosen in values.values())):
            of = dict(zip(values, groups, strict=True))
            found += [Unknown(first, last, of, outcome) for outcome in OUTCOMES if _can_be(of, outcome)]
    return found


def _lists_all(name: str, first: date, last: date, listed: Sequence[CountedAnswer]) -> bool:
    """Whether some answer has a row for every group of a split in these days."""
    return any(
        name in told.splits
        and name not in dict(told.where)
        and any(period.start <= first and last <= period.end for period in told.periods)
        for told in listed
    )


def _can_be(groups: dict[str, str], outcome: str) -> bool:
    """Whether such entries can be: a band of waits is wholly within the seven days or wholly beyond."""
    band, path = groups.get("wait_band"), groups.get("path")
    if band is not None and band != "(another)":
        if band == "unknown":
            return outcome == MISSING
        if outcome == MISSING or (outcome == MET) != (int(band) <= BAND_ENDS.index(7)):
            return False
    if path == "no_assessment":
        return outcome == MISSING
    return not (path == "complete" and outcome == MISSING)


def _row(fact: Fact, unknowns: Sequence[Unknown]) -> list[float]:
    return [
        float(
            fact.days[0] <= one.first
            and one.last <= fact.days[1]
            and one.outcome in fact.outcomes
            and all(one.groups[name] in chosen for name, chosen in fact.groups.items())
        )
        for one in unknowns
    ]
