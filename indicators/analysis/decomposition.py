"""Honest improvement: how much of a change came about within the groups, and how much from their mix.

A share (or a mean wait) of all is the weighted mean of those of its groups. Between two periods it changes because the
groups' own figures change (`within`) and because more falls to the fast ones (`mix`): a remote contact or a nurse's visit
is quick, so a service can look better while no group got better. The split is Kitagawa's, symmetric in time:

    within = (r₁ − r₀) · (w₀ + w₁) / 2        mix = (w₁ − w₀) · ((r₀ + r₁) / 2 − (R₀ + R₁) / 2)

with r the group's figure, w its share of the denominator, R the figure of all. R makes each group's mix show whether it
was better than the whole, and changes no sum, for Σ(w₁ − w₀) = 0. A group that appears or disappears has no change of its
own: all it does is mix. Everything is computed in fractions, so the terms sum to the change exactly.
Source: E. M. Kitagawa, Components of a Difference Between Two Rates, JASA 50 (1955).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from indicators.analysis.intervals import interval_of_shares
from indicators.answers import answer
from indicators.catalogue.definition import Definition
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.periods import Period
from indicators.engine.question import OK, SUPPRESSED, Answer, Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: The group of all that is suppressed or too small to be shown alone.
REST = "rest"
#: Why a change is not split: a total is suppressed, there is nothing to divide by, a period may not be judged, or the change
#: is within chance, so that it has no causes.
NUMBERS_SUPPRESSED, NOTHING, NOT_JUDGED, CHANCE = (
    "hidden",
    "no_denominator",
    "period_not_judged",
    "within_chance",
)
#: Per group, numerator and denominator; of a mean wait the days and the visits.
Counts = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class MixTerm:
    """One group's part in a change, in the unit of the figure (per cent points, days).

    `before` and `after` are the group's own figures, None where it has no denominator; the weights are its shares of the
    denominator, 0–1.
    """

    group: str
    before: Fraction | None
    after: Fraction | None
    weight_before: Fraction
    weight_after: Fraction
    within: Fraction
    mix: Fraction


@dataclass(frozen=True)
class Mix:
    """A change split: `change` = after − before = `within` + `mix`, exactly; the terms in the order of their groups."""

    before: Fraction
    after: Fraction
    terms: tuple[MixTerm, ...]

    @property
    def change(self) -> Fraction:
        """After − before."""
        return self.after - self.before

    @property
    def within(self) -> Fraction:
        """What changed within the groups."""
        return sum((term.within for term in self.terms), Fraction(0))

    @property
    def mix(self) -> Fraction:
        """What came from more or less falling to the groups."""
        return sum((term.mix for term in self.terms), Fraction(0))


@dataclass(frozen=True)
class MixResult:
    """A split change, or the reason why there is none (suppressed, no_denominator, period_not_judged, within_chance).

    `answer` is the unsplit answer of the two periods, for its loads and statuses. `before` and `after` are the figure of all in
    the two periods where the change is within chance.
    """

    mix: Mix | None
    reason: str | None
    answer: Answer
    before: float | None = None
    after: float | None = None


def decompose(before: Counts, after: Counts, scale: int = 1) -> Mix | None:
    """Split the change of `scale` · Σ numerator / Σ denominator by groups; None where a period has no denominator.

    Every group got faster and yet the whole got slower, because more fell to the slow one:

    >>> found = decompose({"nurse": (90, 100), "doctor": (5, 10)}, {"nurse": (95, 100), "doctor": (60, 100)}, scale=100)
    >>> [round(float(part), 1) for part in (found.change, found.within, found.mix)]
    [-8.9, 6.5, -15.3]
    """
    totals = []
    for counts in (before, after):
        denominator = sum((Fraction(d) for _, d in counts.values()), Fraction(0))
        if denominator == 0:
            return None
        numerator = sum((Fraction(n) for n, _ in counts.values()), Fraction(0))
        totals.append((scale * numerator / denominator, denominator))
    (all_before, sum_before), (all_after, sum_after) = totals
    middle = (all_before + all_after) / 2
    terms = []
    for group in sorted({*before, *after}):
        r_0, w_0 = _rate(before, group, sum_before, scale)
        r_1, w_1 = _rate(after, group, sum_after, scale)
        of_0, of_1 = (r_1 if r_0 is None else r_0), (r_0 if r_1 is None else r_1)
        if of_0 is None or of_1 is None:
            continue
        within = (of_1 - of_0) * (w_0 + w_1) / 2
        mixed = (w_1 - w_0) * ((of_0 + of_1) / 2 - middle)
        terms.append(MixTerm(group, r_0, r_1, w_0, w_1, within, mixed))
    return Mix(all_before, all_after, tuple(terms))


def _rate(counts: Counts, group: str, total: Fraction, scale: int) -> tuple[Fraction | None, Fraction]:
    """A group's figure and its share of the denominator."""
    numerator, denominator = (Fraction(number) for number in counts.get(group, (0, 0)))
    if denominator == 0:
        return None, Fraction(0)
    return scale * numerator / denominator, denominator / total


def share_mix(
    snapshot: Snapshot, question: Question, before: Period, after: Period, settings: Settings
) -> MixResult:
    """Split the change of a share between two periods by the question's one split, in per cent points.

    Groups whose numbers are suppressed in either period are pooled as `rest`: the total less the groups shown, which
    reveals no more than these do; what changed between them is part of its `within`. Raises BadQuestion, also where the
    indicator is no share or the splits are not one.
    """
    definition = _checked(question, "share")
    whole, grouped = (answer(snapshot, asked, settings) for asked in mix_questions(question, before, after))
    reason = _reason(whole, before, after)
    if reason:
        return MixResult(None, reason, whole)
    totals = [
        _of_period(whole.rows, period)[["numerator", "denominator"]].iloc[0] for period in (before, after)
    ]
    if any(total.isna().any() for total in totals):
        return MixResult(None, NUMBERS_SUPPRESSED, whole)
    sides = [(float(total["numerator"]), float(total["denominator"])) for total in totals]
    if all(n > 0 for _met, n in sides) and not more_than_chance(*sides):
        return MixResult(None, CHANCE, whole, *(100 * met / n for met, n in sides))
    split = question.splits[0]
    suppressed = set(grouped.rows.loc[grouped.rows["status"] == SUPPRESSED, split])
    counts = []
    for period, total in zip((before, after), totals, strict=True):
        shown = {
            row[split]: (row["numerator"], row["denominator"])
            for row in _of_period(grouped.rows, period).to_dict("records")
            if row[split] not in suppressed and row["denominator"] > 0
        }
        if suppressed:
            rest = [
                total[name] - sum(pair[place] for pair in shown.values())
                for place, name in enumerate(total.index)
            ]
            if rest[1] > 0:
                # Of perturbed numbers the rest may not be a share by itself.
                shown[REST] = (min(max(rest[0], 0.0), rest[1]), rest[1])
        counts.append(shown)
    found = decompose(counts[0], counts[1], scale=100 if definition.is_share else 1)
    return MixResult(found, None if found else NOTHING, whole)


def more_than_chance(before: tuple[float, float], after: tuple[float, float]) -> bool:
    """Whether a share changed by more than chance alone brings about: the 95 % interval of the change leaves out 0.

    Each period is given by numerator and denominator. Of 75 visits ten points are nothing:

    >>> more_than_chance((55, 75), (47, 75)), more_than_chance((550, 750), (470, 750))
    (False, True)
    """
    low, high = interval_of_shares((after, before), (1, -1))
    return not low <= 0 <= high


def _checked(question: Question, statistic: str) -> Definition:
    definition = question.checked()
    if definition.measure.statistic != statistic or not definition.row_level or len(question.splits) != 1:
        raise BadQuestion("cannot_be_split_in_mix", indicator=definition.id)
    return definition


def mix_questions(question: Question, before: Period, after: Period) -> tuple[Question, Question]:
    """What `share_mix` asks: the two periods as a whole, and by the split."""
    asked = replace(question, by=None, date_from=None, date_to=None, periods=(before, after))
    return replace(asked, splits=()), asked


def _reason(whole: Answer, before: Period, after: Period) -> str | None:
    """Why the change of the whole cannot be shown; None where it can."""
    statuses = {
        status for period in (before, after) for status in _of_period(whole.rows, period)["status"].tolist()
    }
    if SUPPRESSED in statuses:
        return NUMBERS_SUPPRESSED
    return None if statuses == {OK} else NOT_JUDGED


def _of_period(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    return rows.loc[[start == period.start for start in rows["period_start"]]]
