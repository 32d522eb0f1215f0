"""Where a wait is spent: from contact to assessment, to booking, to visit.

Days are whole calendar days and means are told, for only means of stages sum to the mean of the whole; they do so exactly.
A path is taken only where all four dates are there and in order: what is missing or reversed is counted beside it, since
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
from indicators.engine.question import NO_DATA, NO_DENOMINATOR, SUPPRESSED, Answer, Question
from indicators.kinds.sql import CountRequest
from indicators.kinds.visits import PATHS, stage_days
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: Stages in the order of the path; each ends with the event it is named by.
STAGES = ("to_assessment", "to_booking", "to_visit")
COMPLETE = "complete"


@dataclass(frozen=True)
class StageRow:
    """The waits of one period and combination of splits (`key`, in their order).

    `visits` are all realised visits concerned; `paths` counts them by how their path is known (PATHS), None where hidden.
    `days` are the summed days of each stage over the complete paths, None where these are none or too few to tell.
    `status` is that of the period, `suppressed` where the means are hidden, `no_denominator` without a complete path.
    """

    period: Period
    key: tuple[str, ...]
    visits: int | None
    paths: dict[str, int | None]
    days: tuple[int, int, int] | None
    status: str

    @property
    def means(self) -> tuple[Fraction, Fraction, Fraction] | None:
        """Mean days of each stage, in the order of STAGES; None where they are not told."""
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

    The question's periods, splits (unit, profession …), filters and area hold, and its indicator says which visits are
    concerned. Counts 1–4 are hidden, with as many others as they would follow from; means need as many complete paths
    as a median. Raises BadQuestion, also for an indicator that is not about waits of visits.
    """
    definition = question.checked()
    if definition.measure.dataset != "visits" or definition.measure.known is None:
        raise BadQuestion("unknown_split", indicator=definition.id, split="wait", known="–")
    counted, by_path = (answer(snapshot, asked, settings) for asked in stage_questions(question))
    if counted.rows.empty:
        return Stages(counted, ())
    where = question.where if counted.area == ALL_AREAS else (*question.where, ("area", (counted.area,)))
    periods = [
        Period(*row) for row in counted.rows[["period_start", "period_end", "period"]].to_numpy(object)
    ]
    asked = CountRequest(snapshot, definition.measure, sorted(set(periods)), None, question.splits, where)
    days = stage_days(asked)
    keys = ["period_start", *question.splits]
    summed = {
        tuple(row[: len(keys)]): tuple(row[len(keys) :]) for row in days[[*keys, *STAGES]].to_numpy(object)
    }
    paths: dict[tuple[object, ...], dict[str, int | None]] = defaultdict(lambda: dict.fromkeys(PATHS, 0))
    for *key, path, visits in by_path.rows[[*keys, "path", "value"]].to_numpy(object):
        paths[tuple(key)][path] = _whole(visits)
    least = settings.median_min_n if question.suppress and definition.counts_persons else 1
    statuses = _statuses(snapshot, question, settings)
    return Stages(
        counted,
        tuple(
            _row(
                period,
                tuple(key),
                _whole(visits),
                paths[tuple(key)],
                summed.get(tuple(key)),
                least,
                statuses[tuple(key)],
            )
            for period, (*key, visits, known) in zip(
                periods, counted.rows[[*keys, "value", "status"]].to_numpy(object), strict=True
            )
            if visits != 0 and known != NO_DATA
        ),
    )


def stage_questions(question: Question) -> tuple[Question, Question]:
    """What `stages` asks: the visits concerned, and by how their path is known."""
    counted = replace(question, eligible_count=True)
    return counted, replace(counted, splits=(*question.splits, "path"))


def _statuses(snapshot: Snapshot, question: Question, settings: Settings) -> dict[tuple[object, ...], str]:
    """Whether each period may be judged, by the completeness of its data and nothing else."""
    bare = answer(snapshot, replace(question, suppress=False, shown_with=()), settings).rows
    columns = bare[["period_start", *question.splits, "status"]].itertuples(index=False, name=None)
    return {tuple(row[:-1]): row[-1] for row in columns}


def _row(
    period: Period,
    key: tuple[str, ...],
    visits: int | None,
    paths: dict[str, int | None],
    days: tuple[int, ...] | None,
    least: int,
    status: str,
) -> StageRow:
    complete = paths[COMPLETE]
    if complete is None or 0 < complete < least:
        return StageRow(period, key[1:], visits, paths, None, SUPPRESSED)
    if complete == 0 or days is None:
        return StageRow(period, key[1:], visits, paths, None, NO_DENOMINATOR)
    first, second, third = (int(one) for one in days)
    return StageRow(period, key[1:], visits, paths, (first, second, third), status)


def _whole(count: float) -> int | None:
    return None if pd.isna(count) else int(count)
