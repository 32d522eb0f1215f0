"""What is made of the answers, the slow and obvious way: stages of a wait, debts, changes and what a mix did.

Everything starts from the second implementation's own rows and answers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from tests.oracle.extracts import DAY, Row, wait_of
from tests.oracle.model import (
    COMPLETED,
    Asked,
    Oracle,
    Result,
    fits,
    last_day,
    next_start,
    percentile,
    start_of,
)

Key = tuple[date, tuple[str, ...]]


def rows_by_period(oracle: Oracle, asked: Asked) -> dict[Key, list[Row]]:
    """The visits that an indicator is about, by the first day of their period and split."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in oracle.known.visits:
        if COMPLETED[asked.indicator].concerns(row) and fits(row, asked):
            found[start_of(row.on, asked.by), tuple(getattr(row, name) for name in asked.splits)].append(row)
    return found


# Where a wait is spent


def path_of(row: Row) -> str:
    """What is wrong with the way of a visit from the contact over assessment and booking, if anything."""
    if row.contacted is None:
        return "no_contact"
    if row.assessed is None:
        return "no_assessment"
    if row.booked is None:
        return "no_booking"
    days = [row.contacted, row.assessed, row.booked, row.on]
    return "complete" if days == sorted(days) else "reversed"


def stages(
    oracle: Oracle, asked: Asked
) -> dict[Key, tuple[dict[str, int], tuple[Fraction, Fraction, Fraction] | None, str]]:
    """Per period and split: visits by the way they came, mean days of each stage of the whole ways, status."""
    groups, found = rows_by_period(oracle, asked), {}
    for result in oracle.ask(asked):
        rows = groups.get((result.period_start, result.split), [])
        if not rows:
            continue
        paths: dict[str, int] = defaultdict(int)
        for row in rows:
            paths[path_of(row)] += 1
        whole = [row for row in rows if path_of(row) == "complete"]
        days = (
            sum((row.assessed - row.contacted).days for row in whole),
            sum((row.booked - row.assessed).days for row in whole),
            sum((row.on - row.booked).days for row in whole),
        )
        status = result.status if whole else "no_denominator"
        first, second, third = (Fraction(one, max(len(whole), 1)) for one in days)
        means = (first, second, third) if whole else None
        found[result.period_start, result.split] = (dict(paths), means, status)
    return found


# What was owed and what is owed


def days_beyond(oracle: Oracle, asked: Asked) -> dict[Key, int]:
    """Person-days beyond the limit of what waits beyond it, by period and split; only of queues that are told by rows."""
    results = oracle.ask(asked)
    found = {(result.period_start, result.split): 0 for result in results}
    for start, end in sorted({(result.period_start, result.period_end) for result in results}):
        newest = {
            unit: max(inside)
            for unit, days in oracle.known.snapshots.items()
            if (inside := [day for day in days if start <= day <= end])
        }
        for row in oracle.known.queue:
            waits = row.urgency == "non_urgent" and row.reason not in ("own_wish", "medical")
            if row.on != newest.get(row.unit) or not waits or not row.assessed or not fits(row, asked):
                continue
            limit = last_day(row.service, row.age_group, row.assessed)
            if limit is not None and row.on > limit:
                found[start, tuple(getattr(row, name) for name in asked.splits)] += (row.on - limit).days
    return found


def owed(
    results: Sequence[Result],
    by: str,
    baseline: int,
    since: date,
    residents: Mapping[int, float] | None = None,
    demand: Sequence[Result] | None = None,
) -> list[tuple[date, float | None, float | None, float]]:
    """Per month or year from a day on: its first day, what was expected, what was done, and the debt so far.

    Expected is what the same month or year of the baseline did, in proportion to the residents where these are given,
    or to what came in (`demand`) where that is. What is done beyond it clears debt, and never more than there is.
    """
    done = {row.period_start: row.value for row in results if row.status == "ok"}
    came = {row.period_start: row.value for row in demand or () if row.status == "ok"}
    found, debt = [], 0.0
    for row in results:
        start = row.period_start
        early = start.year < since.year if by == "year" else start < since
        if early or start.year == baseline:
            continue
        expected = done.get(date(baseline, start.month, start.day))
        if expected is not None and residents is not None:
            before, now = residents.get(baseline), residents.get(start.year)
            expected = None if not before or now is None else expected * now / before
        if expected is not None and demand is not None:
            before, now = came.get(date(baseline, start.month, start.day)), came.get(start)
            expected = None if not before or now is None else expected * now / before
        actual = done.get(start)
        if expected is not None and actual is not None:
            debt = max(debt + expected - actual, 0.0)
        found.append((start, expected, actual, debt))
    return found


# What changed


def change(results: Sequence[Result], at: int, share: bool) -> tuple[float, int] | None:
    """What the up to four periods before one were together, and how many they are; None where nothing compares."""
    before = [row for row in results[max(0, at - 4) : at] if row.status == "ok"]
    if results[at].status != "ok" or not before:
        return None
    if any(row.value is None for row in (results[at], *before)):
        # Of a range no change is known.
        return None
    if not share:
        return sum(row.value for row in before) / len(before), len(before)
    whole = sum(row.denominator for row in before)
    return (100 * sum(row.numerator for row in before) / whole, len(before)) if whole else None


Counts = Mapping[str, tuple[float, float]]


def differ_by_chance(before: tuple[float, float], after: tuple[float, float]) -> bool:
    """Whether Newcombe's 95 % interval of the difference of two shares (numerator, denominator) holds 0."""

    def wilson(met: float, n: float) -> tuple[float, float, float]:
        z = 1.959963984540054
        centre, half = met + z * z / 2, z * math.sqrt(met * (n - met) / n + z * z / 4)
        return met / n, (centre - half) / (n + z * z), (centre + half) / (n + z * z)

    (first, first_low, first_high), (second, second_low, second_high) = wilson(*before), wilson(*after)
    down = math.hypot(second - second_low, first_high - first)
    up = math.hypot(second_high - second, first - first_low)
    return second - first - down <= 0 <= second - first + up


def within_and_mix(before: Counts, after: Counts, scale: float) -> tuple[float, float]:
    """How much of a change came about within groups and how much from their mix: the mean of both orders of changing.

    First the groups' own figures and then their weights, or the other way round.
    """
    figures, weights = [], []
    for counts in (before, after):
        whole = sum(n for _, n in counts.values())
        figures.append({name: scale * part / n for name, (part, n) in counts.items() if n})
        weights.append({name: n / whole for name, (_, n) in counts.items() if n})
    within = mix = 0.0
    for name in {*weights[0], *weights[1]}:
        w_0, w_1 = weights[0].get(name, 0), weights[1].get(name, 0)
        # A group of one period alone has not changed itself.
        r_0 = figures[0].get(name, figures[1].get(name))
        r_1 = figures[1].get(name, figures[0].get(name))
        within += ((r_1 - r_0) * w_0 + (r_1 - r_0) * w_1) / 2
        mix += ((w_1 - w_0) * r_1 + (w_1 - w_0) * r_0) / 2
    return within, mix


def counts_of(oracle: Oracle, asked: Asked, start: date) -> dict[str, tuple[int, int]]:
    """Per group of a question's one split, numerator and denominator of the period that starts on a day."""
    return {
        row.split[0]: (row.numerator, row.denominator)
        for row in oracle.ask(asked)
        if row.period_start == start and row.denominator
    }


# Limits in months


def days_over(oracle: Oracle, asked: Asked, start: date, months: int) -> float | None:
    """The 90th percentile of the days by which visits of a period went beyond so many calendar months."""
    end = next_start(start, asked.by) - DAY
    over = [
        (row.on - (row.assessed + relativedelta(months=months))).days
        for row in oracle.known.visits
        if start <= row.on <= end
        and COMPLETED[asked.indicator].concerns(row)
        and fits(row, asked)
        and wait_of(row) is not None
    ]
    return percentile(over, 0.9) if over else None
