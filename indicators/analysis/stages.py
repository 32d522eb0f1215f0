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
from indicators.catalogue.prepared_rows import PATHS
from indicators.engine.question import (
    INCOMPLETE,
    NO_DATA,
    NO_DENOMINATOR,
    OK,
    SUPPRESSED,
    Answer,
    Question,
    periods_of,
)
from indicators.kinds.request import CountRequest
from indicators.kinds.visits import stage_days
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: Stages in the order of the path; each ends with the event it is named by.
STAGES = ("to_assessment", "to_booking", "to_visit")
COMPLETE = "complete"


@dataclass(frozen=True)
class StageRow:
    """The waits of one period and combination of splits (`key`, in their order).

    `visits` are all realised visits of the indicator; `paths` counts them by how their path is known (PATHS), None where
    suppressed. `means` are the mean days of each stage over the complete paths, in the order of STAGES, None where these are
    none or too few. `status` is that of the period, `suppressed` where the means are, `no_denominator` without a complete path.
    """

    period: Period
    key: tuple[str, ...]
    visits: int | None
    paths: dict[str, int | None]
    means: tuple[Fraction, Fraction, Fraction] | None
    status: str

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
    count. In the shareable view, but for exact units, counts are perturbed, and means are of tenths of a day and need as many
    complete paths as a median. Raises BadQuestion, also for an indicator that is not about waits of visits.
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
    keys = ["period_start", *question.splits]
    means = {
        tuple(key): (Fraction(int(first), n), Fraction(int(second), n), Fraction(int(third), n))
        for *key, n, first, second, third in stage_days(asked)[[*keys, "n", *STAGES]].to_numpy(object)
    }
    paths: dict[tuple[object, ...], dict[str, int | None]] = defaultdict(lambda: dict.fromkeys(PATHS, 0))
    for *key, path, visits in by_path.rows[[*keys, "path", "value"]].to_numpy(object):
        paths[tuple(key)][path] = _whole(visits)
    rows = []
    of_rows = counted.rows[[*keys, "value", "status", "complete"]].to_numpy(object)
    for period, (*of, visits, known, complete) in zip(periods, of_rows, strict=True):
        key = tuple(of)
        status = OK if complete else INCOMPLETE
        row = StageRow(period, key[1:], _whole(visits), paths[key], means.get(key), status)
        if visits != 0 and known != NO_DATA:
            unit = key[keys.index("unit")] if "unit" in keys else None
            exact = question.is_exact(None if unit is None else str(unit)) or not definition.counts_persons
            rows.append(_as_shown(row, settings.median_min_n, not exact))
    return Stages(counted, tuple(rows))


def stage_questions(question: Question) -> tuple[Question, Question]:
    """What `stages` asks: the visits of the indicator, and the same by how their path is known."""
    counted = replace(question, eligible_count=True)
    return counted, replace(counted, splits=(*question.splits, "path"))


def _as_shown(row: StageRow, least: int, shareable: bool) -> StageRow:
    """The row without its means where they rest on too few complete paths, or on none."""
    complete = row.paths[COMPLETE]
    if complete == 0 or row.means is None:
        return replace(row, means=None, status=NO_DENOMINATOR)
    if complete is None or (shareable and complete < least):
        return replace(row, means=None, status=SUPPRESSED)
    if not shareable:
        return row
    first, second, third = (Fraction(round(10 * mean), 10) for mean in row.means)
    return replace(row, means=(first, second, third))


def _whole(count: float) -> int | None:
    return None if pd.isna(count) else int(count)
