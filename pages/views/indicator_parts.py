"""The parts of an indicator by a split, in one period: value, change, course and signal. Computed once for each audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from indicators.analysis.change import change_against
from indicators.analysis.control_chart import GRAINS as SPC_GRAINS
from indicators.analysis.control_chart import Break, SpcResult
from indicators.analysis.signals import spc_of
from indicators.engine.question import Answer, Question
from indicators.wording import formats
from pages.text.tables import worst_first
from pages.views.view import PageView
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: Earlier periods that one is compared with; a year is compared with the year before.
EARLIER = 4
#: Periods that the small line of a part shows.
COURSE_PERIODS = 26

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One value of a split.

    `row` is that of the period looked at, None where it has none; `change` against the periods before it; `values` its course
    with its `first` and `last` known row; `judged` None of years.
    """

    code: str
    row: Record | None
    change: float | None
    values: tuple[float | None, ...]
    first: Record
    last: Record
    judged: SpcResult | None
    is_small: bool

    @property
    def kind(self) -> str | None:
        """What the period looked at signals; None where that is not judged."""
        return None if self.judged is None or self.row is None else self.judged.kind_of(self.row["period"])


def parts_of(
    snapshot: Snapshot,  # noqa: ARG001  (what is computed belongs to a version)
    question: Question,
    settings: Settings,
    label: str | None,
    breaks: tuple[Break, ...],
) -> tuple[Part, ...]:
    """The parts of a question's only split of which anything is known, worst first in the period of a label.

    Those of fewer cases than a share or a wait should be read from are last. The answer is asked through the view, where
    the page that shows it too finds it.
    """
    answer = PageView.ask(question)
    (split,) = question.splits
    found: dict[str, Part] = {}
    newest = []
    for code, own in answer.rows.groupby(split, sort=True):
        rows = own.reset_index(drop=True)
        known = rows[rows["value"].notna() | rows["low"].notna()]
        if known.empty:
            continue
        at = next(iter(rows.index[rows["period"] == label]), None)
        found[str(code)] = _part(str(code), replace(answer, rows=rows), known, at, breaks, settings)
        newest.append(known.iloc[[-1]] if at is None else rows.iloc[[at]])
    if not newest:
        return ()
    ordered = worst_first(pd.concat(newest, ignore_index=True), answer.definition)[split]
    return tuple(sorted((found[str(code)] for code in ordered), key=lambda part: part.is_small))


def earlier_than(answer: Answer) -> int:
    """How many periods before it a period of an answer is compared with."""
    return 1 if answer.grain in (None, "year") else EARLIER


# Many parameters because a part is taken out of an answer for a period, its breaks and the settings.
def _part(
    code: str,
    answer: Answer,
    known: pd.DataFrame,
    at: int | None,
    breaks: tuple[Break, ...],
    settings: Settings,
) -> Part:
    row = None if at is None else answer.rows.iloc[at].to_dict()
    change = None if at is None else change_against(answer, at, earlier_than(answer))
    alone = replace(answer, question=replace(answer.question, splits=()))
    least = settings.share_min_n if answer.definition.is_share else settings.p90_min_n
    return Part(
        code,
        row,
        None if change is None else change.difference,
        tuple(
            None if formats.missing(value) else float(value)
            for value in answer.rows["value"][-COURSE_PERIODS:]
        ),
        known.iloc[0].to_dict(),
        known.iloc[-1].to_dict(),
        spc_of(alone, None, breaks) if answer.grain in SPC_GRAINS else None,
        row is not None and not formats.missing(row["denominator"]) and bool(row["denominator"] < least),
    )
