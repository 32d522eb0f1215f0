"""Who in a queue is beyond the legal limit, who passes it next, and who of them has no booked time.

Every entry is judged by its own rule. Days count from the snapshot: who passes the limit within 7 days would be beyond it
on the seventh day after the snapshot. A booked time is one for the day of the snapshot or later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from indicators.answers import answer
from indicators.catalogue.periods import Period
from indicators.catalogue.prepared_rows import (
    LATER,
    NOT_BOOKED,
    OVER,
    WITHIN_7,
    WITHIN_14,
)
from indicators.engine.coverage import data_coverage
from indicators.engine.question import SUPPRESSED, Answer, Question
from indicators.engine.resolve import resolve
from indicators.kinds.queue import first_limit_days
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

OVER_LIMIT = "queue_over_limit"
LIMIT_BAND, BOOKING = "limit_band", "booking"
#: How to get an answer.
Ask = Callable[[Question], Answer]
#: The unit and the service of a queue; fewer where the question is split by fewer.
Key = tuple[str, ...]
#: The first day after which an entry of a group is beyond its limit, by the group's key, limit band and booking.
FirstDays = Mapping[tuple[Key, str, str], date]


@dataclass(frozen=True)
class Waiting:
    """A number of entries: `count` is None where it is suppressed (it is then not zero) or not known (`suppressed` False).

    >>> Waiting(3.0) + Waiting(None, suppressed=True), Waiting(0.0).is_some, Waiting(None, suppressed=True).is_some
    (Waiting(count=None, suppressed=True), False, True)
    """

    count: float | None
    suppressed: bool = False

    def __add__(self, other: Waiting) -> Waiting:
        if self.count is None or other.count is None:
            return Waiting(None, suppressed=self.suppressed or other.suppressed)
        return Waiting(self.count + other.count)

    @property
    def is_some(self) -> bool:
        """Whether anybody waits so, shown or suppressed."""
        return self.suppressed or bool(self.count)


NOBODY, NOT_KNOWN = Waiting(0.0), Waiting(None)


@dataclass(frozen=True)
class QueueOutlook:
    """The entries of one group of queues by when they pass the limit; numbers of entries on the newest snapshots.

    `within_14` includes those within 7 days. `…_unbooked` are those of them without a booked time; they, and the outlook,
    are not known of a queue of which only counts are. `as_of` is the oldest snapshot behind the numbers.
    """

    key: Key
    over: Waiting = NOBODY
    over_unbooked: Waiting = NOBODY
    within_7: Waiting = NOBODY
    within_7_unbooked: Waiting = NOBODY
    within_14: Waiting = NOBODY
    within_14_unbooked: Waiting = NOBODY
    as_of: date | None = None

    @property
    def numbers(self) -> tuple[Waiting, ...]:
        """Every number."""
        return (
            self.over,
            self.over_unbooked,
            self.within_7,
            self.within_7_unbooked,
            self.within_14,
            self.within_14_unbooked,
        )


def outlook_questions(base: Question, period: Period, by: tuple[str, ...]) -> tuple[Question, ...]:
    """What `outlook` asks: those beyond the limit, and all that can be judged by limit band without and with booking."""
    over = replace(
        base,
        indicator=OVER_LIMIT,
        by=None,
        splits=by,
        periods=(period,),
        date_from=None,
        date_to=None,
        eligible_count=False,
    )
    bands = replace(over, splits=(*by, LIMIT_BAND), eligible_count=True)
    return over, bands, replace(bands, splits=(*by, LIMIT_BAND, BOOKING))


def outlook(
    ask: Ask,
    base: Question,
    period: Period,
    by: tuple[str, ...] = ("unit", "service"),
    *,
    totals: bool = True,
) -> dict[Key, QueueOutlook]:
    """The outlook of each group of queues with an entry or a count in a period, by the values of `by`.

    `base` has the area, the filters and the audience; its indicator and periods do not matter. Without `totals` those who
    pass the limit are asked for without a booked time alone: then their numbers in all are not known.
    """
    questions = outlook_questions(base, period, by)
    over, booked = ask(questions[0]).rows, ask(questions[-1]).rows
    bands = ask(questions[1]).rows if totals else booked.iloc[:0]
    numbers: dict[Key, dict[str, Waiting]] = {}
    days: dict[Key, list[date]] = {}
    known: set[Key] = set()
    for rows in (bands, booked):
        for key, row in _by_key(rows, by):
            known.add(key)
            if row[LIMIT_BAND] in (OVER, WITHIN_7, WITHIN_14) and row.get(BOOKING, NOT_BOOKED) == NOT_BOOKED:
                name = row[LIMIT_BAND] + ("_unbooked" if BOOKING in row else "")
                numbers.setdefault(key, {})[name] = waiting_of(row)
    for key, row in _by_key(over, by):
        numbers.setdefault(key, {})[OVER] = waiting_of(row)
        days.setdefault(key, []).append(row["as_of"])
    found = {}
    for key in sorted({*known, *numbers}):
        mine = numbers.get(key, {})
        # Of counts alone nothing else is known.
        nothing = NOBODY if key in known else NOT_KNOWN
        soon, later = (mine.get(band, nothing if totals else NOT_KNOWN) for band in (WITHIN_7, WITHIN_14))
        over = mine.get(OVER, nothing)
        unbooked = [mine.get(f"{band}_unbooked", nothing) for band in (OVER, WITHIN_7, WITHIN_14)]
        found[key] = QueueOutlook(
            key,
            over,
            _at_most(unbooked[0], over),
            soon,
            _at_most(unbooked[1], soon),
            soon + later,
            _at_most(unbooked[1] + unbooked[2], soon + later),
            min((day for day in days.get(key, ()) if isinstance(day, date)), default=None),
        )
    return found


def _at_most(part: Waiting, whole: Waiting) -> Waiting:
    """A part that is not more than its whole: in the shareable view each number has a noise of its own."""
    if part.count is None or whole.count is None:
        return part
    return Waiting(min(part.count, whole.count))


def waiting_of(row: Mapping[str, Any]) -> Waiting:
    """The number of an answer's row."""
    value = row["value"]
    if row["status"] == SUPPRESSED:
        return Waiting(None, suppressed=True)
    return NOT_KNOWN if pd.isna(value) else Waiting(float(value))


def _by_key(rows: pd.DataFrame, by: tuple[str, ...]) -> Iterator[tuple[Key, dict[str, Any]]]:
    for row in rows.to_dict("records"):
        yield tuple(str(row[split]) for split in by), {str(name): value for name, value in row.items()}


def first_days(snapshot: Snapshot, question: Question, settings: Settings) -> FirstDays:
    """The first last allowed day of each group of entries that an outlook counts with booking, where its number is shown.

    `question` is the last of `outlook_questions`. A day belongs to single entries, so that of a suppressed number is not told.
    """
    shown = answer(snapshot, question, settings).rows
    shown = shown[shown["value"].notna()]
    by = tuple(split for split in question.splits if split not in (LIMIT_BAND, BOOKING))
    places = {(*key, str(row[LIMIT_BAND]), str(row[BOOKING])) for key, row in _by_key(shown, by)}
    request = resolve(snapshot, question, settings).request
    days = first_limit_days(request, data_coverage(snapshot, "queue"))
    return {
        (tuple(key[:-2]), key[-2], key[-1]): day.date()
        for *key, day in days[[*question.splits, "first_limit"]].itertuples(index=False)
        if tuple(key) in places and key[-2] != LATER and not pd.isna(day)
    }
