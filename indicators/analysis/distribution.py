"""How waits are spread: realised visits by the days waited, in bands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from indicators.answers import answer
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.labels import UNKNOWN
from indicators.catalogue.prepared_rows import BAND_ENDS
from indicators.engine.question import OK, SUPPRESSED, Answer, Question
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: The split by days waited.
WAIT_BAND = "wait_band"


@dataclass(frozen=True)
class Distribution:
    """Waits of the visits of one period.

    `rows` has per band `from_days`, `to_days` (both included; the last has none), `count` (NaN where suppressed), `share`
    in per cent and `status`. `whole` is the unsplit answer, whose denominator are the visits that have a wait.
    """

    whole: Answer
    rows: pd.DataFrame

    @property
    def row(self) -> dict[str, Any] | None:
        """The result row of the period; None where there is nothing."""
        return None if self.whole.rows.empty else self.whole.rows.iloc[0].to_dict()


def distribution(snapshot: Snapshot, question: Question, settings: Settings) -> Distribution:
    """The spread of the waits that a share or quantile over visits is computed from.

    The question's splits are ignored; its one period, area and filters apply. Raises BadQuestion.
    """
    definition = question.checked()
    if definition.measure.dataset != "visits" or definition.measure.known is None:
        raise BadQuestion("unknown_split", indicator=definition.id, split="wait", known="–")
    whole, by_band = (answer(snapshot, asked, settings) for asked in distribution_questions(question))
    edges = [*BAND_ENDS, None]
    rows = pd.DataFrame(
        {
            "from_days": [0, *(end + 1 for end in BAND_ENDS)],
            "to_days": pd.array(edges, dtype="Int64"),
            "count": np.zeros(len(edges)),
        }
    )
    for band, count in zip(by_band.rows["wait_band"], by_band.rows["denominator"], strict=True):
        if band != UNKNOWN:
            rows.loc[int(band), "count"] = count
    total = whole.rows["denominator"].sum(skipna=False)
    if np.isnan(total):
        rows["count"] = np.nan
    rows["status"] = np.where(rows["count"].isna(), SUPPRESSED, OK)
    rows["share"] = 100 * rows["count"] / total if total else np.nan
    return Distribution(whole, rows)


def distribution_questions(question: Question) -> tuple[Question, Question]:
    """What `distribution` asks: the visits with a wait as a whole, and by band."""
    return replace(question, splits=()), replace(question, splits=(WAIT_BAND,))
