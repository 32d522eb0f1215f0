"""Where a wait is spent: from contact to assessment, to booking, to visit.

Days are whole calendar days, and means are used because only means of stages sum to the mean of the whole, exactly. A path
counts only where all four dates are there and in order; paths with a missing or reversed date are counted separately, since
the visits without a booking date may well be the slow ones.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from indicators.answers import answer
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.labels import ALL_AREAS
from indicators.catalogue.periods import Period
from indicators.engine.question import NO_DATA, NO_DENOMINATOR, SUPPRESSED, Answer, Question, periods_of
from indicators.kinds.request import CountRequest
from indicators.kinds.visits import PATHS, stage_days
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: Stages in the order of the path; each ends with the event it is named by.
STAGES = ("to_assessment", "to_booking", "to_visit")
COMPLETE = "complete"


@dataclass(frozen=True)
class StageRow:
    """The waits of one period and combination of splits (`key`, in their order).

    `visits` are all realised visits of the indicator; `paths` counts them by how their path is known (PATHS), None where
    suppressed. `days` are the summed days of each stage over the complete paths, None where these are none or too few.
    `status` is that of the period, `suppressed` where the means are, `no_denominator` without a complete path.
    """

    period: Period
    key: tuple[str, ...]
    visits: int | None
    paths: dict[str, int | None]
    days: tuple[int, int, int] | None
    status: str

    @property
    def means(self) -> tuple[Fraction, Fraction, Fraction] | None:
        """Mean days of each stage, in the order of STAGES; None where they are suppressed or there are none."""
        complete = self.paths[COMPLETE]
        if self.days is None or not complete:
            return None
        first, second, third = (Fraction(days, complete) for days in self.days)
        return first, second, third

    @property
    def whole(self) -> Fraction | None:
        """Mean days from contact to visit: the sum of the means, exactly."""
        return None if self.means is None else sum(self.means, Fraction(0))

    @property
    def coverage(self) -> float | None:
        """Per cent of the visits whose path is complete, 0–100."""
        complete = self.paths[COMPLETE]
        return None if complete is None or not self.visits else 100 * complete / self.visits


@dataclass(frozen=True)
class Stages:
    """The stages of a question, in the order of time and then of the splits; `answer` names the loads behind them."""

    answer: Answer
    rows: tuple[StageRow, ...]


def stages(snapshot: Snapshot, question: Question, settings: Settings) -> Stages:
    """The waits of a question about visits (`wait_median` …), split into their stages.

    The question's periods, splits (unit, profession …), filters and area apply, and its indicator says which visits
    count. Counts 1–4 are suppressed, with those they would follow from; means need as many complete paths as a
    median. Raises BadQuestion, also for an indicator that is not about waits of visits.
    """
    definition = question.checked()
    if definition.measure.dataset != "visits" or definition.measure.known is None:
        raise BadQuestion("unknown_split", indicator=definition.id, split="wait", known="–")
    counted, by_path = (answer(snapshot, asked, settings) for asked in stage_questions(question))
    if counted.rows.empty:
        return Stages(counted, ())
    where = question.where if counted.area == ALL_AREAS else (*question.where, ("area", (counted.area,)))
    periods = periods_of(counted.rows)
    asked = CountRequest(snapshot, definition.measure, sorted(set(periods)), None, question.splits, where)
    days = stage_days(asked)
    keys = ["period_start", *question.splits]
    summed = {
        tuple(key): (int(first), int(second), int(third))
        for *key, first, second, third in days[[*keys, *STAGES]].to_numpy(object)
    }
    paths: dict[tuple[object, ...], dict[str, int | None]] = defaultdict(lambda: dict.fromkeys(PATHS, 0))
    for *key, path, visits in by_path.rows[[*keys, "path", "value"]].to_numpy(object):
        paths[tuple(key)][path] = _whole(visits)
    least = settings.median_min_n if question.suppress and definition.counts_persons else 1
    statuses = _statuses(snapshot, question, settings)
    rows = []
    of_rows = counted.rows[[*keys, "value", "status"]].to_numpy(object)
    for period, (*of, visits, known) in zip(periods, of_rows, strict=True):
        key = tuple(of)
        row = StageRow(period, key[1:], _whole(visits), paths[key], summed.get(key), statuses[key])
        if visits != 0 and known != NO_DATA:
            rows.append(_suppressed(row, least))
    return Stages(counted, tuple(rows))


def stage_questions(question: Question) -> tuple[Question, Question]:
    """What `stages` asks: the visits of the indicator, and the same by how their path is known."""
    counted = replace(question, eligible_count=True)
    return counted, replace(counted, splits=(*question.splits, "path"))


def _statuses(snapshot: Snapshot, question: Question, settings: Settings) -> dict[tuple[object, ...], str]:
    """Whether each period may be judged, by the completeness of its data and nothing else."""
    bare = answer(snapshot, replace(question, suppress=False, shown_with=()), settings).rows
    columns = bare[["period_start", *question.splits, "status"]].itertuples(index=False, name=None)
    return {tuple(row[:-1]): row[-1] for row in columns}


def _suppressed(row: StageRow, least: int) -> StageRow:
    """The row without its means where they rest on too few complete paths, or on none."""
    complete = row.paths[COMPLETE]
    if complete is None or 0 < complete < least:
        return replace(row, days=None, status=SUPPRESSED)
    if complete == 0 or row.days is None:
        return replace(row, days=None, status=NO_DENOMINATOR)
    return row


def _whole(count: float) -> int | None:
    return None if pd.isna(count) else int(count)
