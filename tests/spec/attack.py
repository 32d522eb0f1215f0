"""A reader who works out suppressed counts of 1–4 from pairs of shareable views that differ by one filter, period or split.

The reader knows the method and the size of the noise, and takes of each suppressed count the most probable of 1–4, given the
difference of two views: of all and of all others together, of all and of the others one by one, of a longer period and of
the rest of it. The intruder also knows the others exactly, as the manager of all of them does. A count is worked out
where its best guess is all but certain and right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from indicators.answers import answer
from indicators.engine.question import SUPPRESSED, Question
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

        def guess(
            pair: str, difference: float, noises: int, words: str = words, count: float = count
        ) -> Guess:
            distances = (difference - np.array(SMALL)) ** 2 / (2 * noises * settings.count_noise**2)
            chances = np.exp(distances.min() - distances)
            best = int(np.argmax(chances))
            return Guess(pair, words, float(chances[best] / chances.sum()), SMALL[best] == count)

        others = [(one, shown[one]) for one in truth if one[0] == period and one != place]
        total, rest = totals.get((period, "")), without.get(group, {}).get((period, ""))
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


def success(found: list[Guess]) -> dict[str, tuple[int, int, int]]:
    """Per pair of views: how many counts were attacked, guessed right, and worked out."""
    ordered = sorted(found, key=lambda one: one.pair)
    told = {}
    for pair, mine in groupby(ordered, key=lambda one: one.pair):
        listed = list(mine)
        told[pair] = (len(listed), sum(one.right for one in listed), sum(one.worked_out for one in listed))
    return told
