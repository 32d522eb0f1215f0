"""A reader who works out suppressed counts of 1–4 from pairs of shareable views that differ by one filter, period or split.

The reader knows the method and the size of the noise, and takes of each suppressed count the most probable, given the
difference of two views: of all and of all others together, of all and of the others one by one, of a longer period and of
the rest of it; or given that the sum is suppressed too. The intruder also knows the others exactly, as the manager of all of
them does. A count is worked out where its best guess is all but certain and right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

import numpy as np

from indicators.answers import answer
from indicators.engine.question import SUPPRESSED, Question
from indicators.privacy.cell_keys import Noise
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

SMALL = (1, 2, 3, 4)
#: From this probability on a guess counts as knowledge.
CERTAIN = 0.95
#: The columns of an answer that count cases.
COUNTED = {
    "visits": "value",
    "seven_day_access": "denominator",
    "queue_length": "value",
    "queue_over_limit": "value",
}
#: A group's count by period and group; None is suppressed.
Table = Mapping[tuple[str, str], float | None]


@dataclass(frozen=True)
class Guess:
    """The best guess of a suppressed count: which pair of views it rests on, how sure the reader is, whether it is right."""

    pair: str
    words: str
    probability: float
    right: bool

    @property
    def worked_out(self) -> bool:
        return self.right and self.probability >= CERTAIN


def guesses(snapshot: Snapshot, settings: Settings, indicator: str, split: str, by: str) -> Iterator[Guess]:
    """A guess from every pair of views, of every suppressed count of an indicator by a split and a grain."""
    column = COUNTED[indicator]

    def table(question: Question, *, exact: bool = False) -> Table:
        rows = answer(snapshot, replace(question, suppress=not exact), settings).rows
        places = zip(rows["period"], rows[split] if question.splits else [""] * len(rows), strict=True)
        values = zip(rows[column], rows["status"], strict=True)
        return {
            place: (None if np.isnan(value) and status == SUPPRESSED else float(np.nan_to_num(value)))
            for place, (value, status) in zip(places, values, strict=True)
        }

    parted, whole = Question(indicator, by=by, splits=(split,)), Question(indicator, by=by)
    truth, shown, totals = table(parted, exact=True), table(parted), table(whole)
    gone = chances_of_suppression(settings.count_noise, settings.hide_below)
    candidates = np.arange(1, len(gone) // 2)
    groups = sorted({group for _, group in truth})
    without = {
        group: table(replace(whole, where=((split, tuple(one for one in groups if one != group)),)))
        for group in groups
        if len(groups) > 1
    }
    longer = table(Question(indicator, by="year", splits=(split,)))
    for place, count in truth.items():
        if count not in SMALL or shown.get(place) is not None:
            continue
        period, group = place
        words = f"{indicator} {period} {split}={group} is {count:.0f}"

        def best(pair: str, chances: np.ndarray, words: str = words, count: float = count) -> Guess:
            chances = chances * gone[1 : len(chances) + 1]
            at = int(np.argmax(chances))
            return Guess(pair, words, float(chances[at] / chances.sum()), at + 1 == count)

        def guess(pair: str, difference: float, noises: int) -> Guess:
            """What the difference of two views leaves of a count, which carries so many noises."""
            distances = (difference - candidates) ** 2 / (2 * noises * settings.count_noise**2)
            return best(pair, np.exp(distances.min() - distances))

        others = [(one, shown[one]) for one in truth if one[0] == period and one != place]
        total, rest = totals.get((period, "")), without.get(group, {}).get((period, ""))
        if (period, "") in totals and total is None:
            # Of a suppressed sum the chance that it is, by what each count may be.
            known = int(sum(truth[one] or 0.0 for one, _ in others))
            if known < len(gone) // 2:
                yield best("the sum suppressed, the others known exactly", gone[candidates + known])
            hidden = sum(value is None for _, value in others)
            if all(not value for _, value in others):
                each = gone[: len(candidates) + 1] * (np.arange(len(candidates) + 1) > 0)
                rest_of = np.array([1.0])
                for _ in range(hidden):
                    rest_of = np.convolve(rest_of, each / each.sum())
                sums = [gone[at : at + len(rest_of)] @ rest_of[: len(gone[at:])] for at in candidates]
                yield best("the sum suppressed, and the others", np.array(sums))
        if total is not None:
            if rest is not None:
                yield guess("all and all others together", total - rest, 2)
            if all(value is not None for _, value in others):
                yield guess(
                    "all and the others one by one", total - sum(v for _, v in others if v), 1 + len(others)
                )
            known = sum(truth[one] or 0.0 for one, _ in others)
            yield guess("all, the others known exactly", total - known, 1)
        year = longer.get((period[:4], group))
        same = [shown[one] for one in truth if one[1] == group and one[0][:4] == period[:4] and one != place]
        # A queue of a year is that of its last day, no sum.
        if (
            by == "month"
            and "queue" not in indicator
            and year is not None
            and all(value is not None for value in same)
        ):
            yield guess("a year and its other months", year - sum(v for v in same if v), 1 + len(same))


@cache
def chances_of_suppression(spread: float, least: int) -> np.ndarray:
    """How probable it is that a count is suppressed, by the count; far enough for the sums of a few."""
    noise = Noise(b"attack", spread, least)
    drawn, counts = noise.of(np.arange(20_000, dtype=np.uint64)), np.arange(60)
    chances = np.array([(count + drawn < least).mean() for count in counts])
    chances[counts < least], chances[counts > noise.most], chances[0] = 1, 0, 0
    return chances


def success(found: list[Guess]) -> dict[str, tuple[int, int, int]]:
    """Per pair of views: how many counts were attacked, guessed right, and worked out."""
    ordered = sorted(found, key=lambda one: one.pair)
    told = {}
    for pair, mine in groupby(ordered, key=lambda one: one.pair):
        listed = list(mine)
        told[pair] = (len(listed), sum(one.right for one in listed), sum(one.worked_out for one in listed))
    return told
