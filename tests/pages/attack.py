"""A reader who tries to work out hidden small numbers from everything a page tells, by linear programming.

Every answer behind a page is taken down as the page gets it. The reader knows how the counts hang together, whatever the page
makes of it: each is the sum of the entries of some days, groups and outcomes. Those sums are the unknowns, as finely as anything
told distinguishes them; what is told, and the rule itself (a small number is 1–4), are the equations and bounds. A hidden number
is worked out where its least and its most possible value are the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from indicators import engine
from indicators.definition import Definition
from indicators.kinds.visits import BAND_ENDS
from indicators.suppress import Told, suppress
from pages.ui import cache
from pipelines.settings import Settings

#: How an entry came out: kept the limit, did not, or is not known.
MET, OTHER, MISSING = "met", "other", "missing"
OUTCOMES = (MET, OTHER, MISSING)
SMALL = 5


@dataclass(frozen=True)
class Record:
    """One answer as it was counted and as it was shown."""

    told: Told
    counted: pd.DataFrame
    shown: pd.DataFrame


@contextmanager
def taken_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Record]]:
    """Everything that is counted and shown meanwhile."""
    found: list[Record] = []

    def watched(told: Sequence[Told], settings: Settings) -> list[pd.DataFrame]:
        shown = suppress(told, settings)
        found.extend(Record(one, one.rows.copy(), rows) for one, rows in zip(told, shown, strict=True))
        return shown

    with monkeypatch.context() as patched:
        patched.setattr(engine, "suppress", watched)
        cache.clear()
        engine._views.clear()
        yield found
    engine._views.clear()


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
        measure = record.told.definition.measure
        if record.told.definition.counts_persons and len(record.counted):
            key = (
                measure.dataset,
                frozenset(measure.rows),
                measure.deadlines,
                measure.period,
                measure.met_modes,
                measure.groups,
            )
            if measure.statistic in (
                "distinct_persons",
                "person_share",
                "longest",
                "late_persons",
                "open",
                "count_met",
                "mean",
            ):
                key = (*key, measure.statistic, measure.met)
            found.setdefault(key, []).append(record)
    return found


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
    is_told = not math.isnan(shown["value"]) or (
        shown["status"] != "suppressed" and not math.isnan(shown["low"])
    )
    for outcome, truth in truths.items():
        if is_told:
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


def recovered(records: Sequence[Record]) -> list[str]:
    """The hidden small numbers of one family of records that can be worked out, in words; also those that are shown."""
    shares = [
        r.told.definition.measure for r in records if r.told.definition.measure.known not in (None, "all")
    ]
    known = shares[0].known if shares else ""
    every = [fact for record in records for fact in (*facts(record, known), *nothings(record))]
    listed = [record.told for record in records if record.told.splits]
    found = [f"shown: {fact.words}" for fact in every if fact.is_secret and fact.low == fact.high]
    if found or not any(fact.is_secret for fact in every) or not records[0].told.sums:
        return found
    if not records[0].told.sums_in_time:
        # What is counted on a day is no part of what is counted on another.
        return [
            words
            for days in dict.fromkeys(fact.days for fact in every)
            for words in _worked_out([fact for fact in every if fact.days == days], listed)
        ]
    return _worked_out(every, listed)


def _worked_out(every: Sequence[Fact], listed: Sequence[Told]) -> list[str]:
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
    for at, fact in enumerate(rows.values()):
        if fact.is_secret:
            goal = matrix[at].toarray().ravel()
            least = linprog(goal, bounds=(0, None), method="highs", **bounds)
            assert least.status == 0, (fact.words, least.message)
            if fact.truth - least.fun > 1 - 1e-6:
                continue
            most = linprog(-goal, bounds=(0, None), method="highs", **bounds)
            if most.status == 0 and -most.fun - least.fun < 1 - 1e-6:
                found.append(f"worked out: {fact.words} = {fact.truth:.0f}")
    return found


@dataclass(frozen=True)
class Unknown:
    """The entries of some days, one group of each split that anything tells of those days, and an outcome."""

    first: date
    last: date
    groups: dict[str, str]
    outcome: str


def _unknowns(every: Sequence[Fact], listed: Sequence[Told]) -> list[Unknown]:
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


def _lists_all(name: str, first: date, last: date, listed: Sequence[Told]) -> bool:
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
