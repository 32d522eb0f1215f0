"""Where a wait is spent: from contact to assessment, to booking, to visit.

Days are whole calendar days and means are told, for only means of stages sum to the mean of the whole; they do so exactly.
A path is taken only where all four dates are there and in order: what is missing or reversed is counted beside it, since
the visits without a booking date may well be the slow ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from indicators.engine import answer
from indicators.errors import BadQuestion
from indicators.kinds.visits import PATHS
from indicators.kinds.visits import stages as counted_stages
from indicators.periods import Period
from indicators.question import ALL_AREAS, NO_DENOMINATOR, SUPPRESSED, Answer, Question
from indicators.suppress import complementary
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
    found = answer(snapshot, question, settings)
    if found.rows.empty:
        return Stages(found, ())
    periods = {
        row.period_start: Period(row.period_start, row.period_end, row.period)
        for row in found.rows[["period", "period_start", "period_end"]].itertuples(index=False)
    }
    where = question.where if found.area == ALL_AREAS else (*question.where, ("area", (found.area,)))
    rows = counted_stages(snapshot, definition.measure, sorted(periods.values()), question.splits, where)
    rows["hidden"] = False
    if question.suppress and definition.counts_persons:
        rows["hidden"] = _hidden(rows, question.splits, settings.hide_below)
    statuses = _statuses(snapshot, question, settings)
    least = settings.median_min_n if question.suppress and definition.counts_persons else 1
    keys = ["period_start", *question.splits]
    told = [
        _row(periods[key[0]], key[1:], group, least, settings.hide_below if least > 1 else 1, statuses[key])
        for key, group in rows.groupby(keys, sort=True)
    ]
    return Stages(found, tuple(told))


def _hidden(rows: pd.DataFrame, splits: tuple[str, ...], small: int) -> np.ndarray:
    """The counts to hide: small ones, and those they would follow from; the paths of a group are one more split."""
    counts = rows["visits"].to_numpy(float)
    hidden = (counts > 0) & (counts < small)
    frame = rows.assign(period=rows["period_start"])
    return hidden | complementary(frame, (*splits, "path"), hidden, counts, (1, small - 1))


def _statuses(snapshot: Snapshot, question: Question, settings: Settings) -> dict[tuple[object, ...], str]:
    """Whether each period may be judged, by the completeness of its data and nothing else."""
    bare = answer(snapshot, replace(question, suppress=False), settings).rows
    columns = bare[["period_start", *question.splits, "status"]].itertuples(index=False, name=None)
    return {tuple(row[:-1]): row[-1] for row in columns}


def _row(
    period: Period, key: tuple[str, ...], group: pd.DataFrame, least: int, small: int, status: str
) -> StageRow:
    paths: dict[str, int | None] = dict.fromkeys(PATHS, 0)
    for path, visits, hidden in zip(group["path"], group["visits"], group["hidden"], strict=True):
        paths[path] = None if hidden else int(visits)
    total = int(group["visits"].sum())
    complete = paths[COMPLETE]
    days = None
    if complete is None or 0 < complete < least:
        status = SUPPRESSED
    elif complete == 0:
        status = NO_DENOMINATOR
    else:
        whole = group[group["path"] == COMPLETE].iloc[0]
        days = tuple(int(whole[stage]) for stage in STAGES)
    return StageRow(period, tuple(key), None if 0 < total < small else total, paths, days, status)
