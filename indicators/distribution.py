"""How waits are spread: realised visits by the days waited, in bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from indicators.definition import Definition
from indicators.engine import answer
from indicators.errors import BadQuestion
from indicators.kinds import visits
from indicators.limits import access_limits
from indicators.question import ALL_AREAS, OK, SUPPRESSED, Answer, Question
from indicators.suppress import complementary
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: Last day of each band; the first three end where the 7 days and the 14 days of the law do.
BAND_ENDS = (0, 1, 3, 7, 14, 21, 30, 60, 90, 180, 365)


@dataclass(frozen=True)
class Distribution:
    """Waits of the visits a question speaks of, over all its periods together.

    `rows` has per band `from_days`, `to_days` (both included; the last has none), `count` (NaN where hidden), `share`
    in per cent and `status`; `denominator` is how many visits have a wait, None where hidden, `coverage` how many of all
    in per cent; `limits` are the statutory limits, as (value, unit), that the services asked for have or had.
    """

    answer: Answer
    rows: pd.DataFrame
    denominator: float | None
    coverage: float | None
    limits: tuple[tuple[int, str], ...]


def distribution(snapshot: Snapshot, question: Question, settings: Settings) -> Distribution:
    """The spread of the waits that a share or quantile over visits is computed from.

    The question's splits are ignored; its periods, dates, area and filters hold. Raises BadQuestion.
    """
    definition = question.checked()
    if definition.measure.dataset != "visits" or definition.measure.known is None:
        raise BadQuestion("unknown_split", indicator=definition.id, split="wait", known="–")
    found = answer(snapshot, question, settings)
    counts = _counts(snapshot, definition, found)
    total = int(counts["count"].sum())
    small = settings.hide_below
    hidden = np.zeros(len(counts), dtype=bool)
    if question.suppress and definition.counts_persons:
        numbers = counts["count"].to_numpy(float)
        hidden = (numbers > 0) & (numbers < small)
        frame = counts.assign(period="", band=range(len(counts)))
        hidden |= complementary(frame, ("band",), hidden, numbers, (1, small - 1))
    told = not (question.suppress and 0 < total < small)
    counts["status"] = np.where(hidden, SUPPRESSED, OK)
    counts["share"] = 100 * counts["count"] / total if total else np.nan
    counts.loc[hidden, ["count", "share"]] = np.nan
    if not told:
        counts[["count", "share"]], counts["status"] = np.nan, SUPPRESSED
    rows = found.rows
    seen, of_all = rows["denominator"].sum(), (100 * rows["denominator"] / rows["coverage"]).sum()
    return Distribution(
        found,
        counts,
        float(total) if told else None,
        float(100 * seen / of_all) if of_all else None,
        _limits(question),
    )


def _counts(snapshot: Snapshot, definition: Definition, found: Answer) -> pd.DataFrame:
    """One row per band with its number of visits."""
    where = found.question.where
    if found.area != ALL_AREAS:
        where = (*where, ("area", (found.area,)))
    edges = [*BAND_ENDS, None]
    rows = pd.DataFrame(
        {
            "from_days": [0, *(end + 1 for end in BAND_ENDS)],
            "to_days": pd.array(edges, dtype="Int64"),
            "count": np.zeros(len(edges)),
        }
    )
    if found.rows.empty:
        return rows
    first, last = found.rows["period_start"].min(), found.rows["period_end"].max()
    waits = visits.waits(snapshot, definition.measure, first, last, where)
    bands = np.searchsorted(np.array(BAND_ENDS), waits["wait_days"].to_numpy(), side="left")
    rows["count"] = np.bincount(bands, weights=waits["count"].to_numpy(float), minlength=len(edges))
    return rows


def _limits(question: Question) -> tuple[tuple[int, str], ...]:
    services = dict(question.where).get("service")
    return tuple(
        sorted(
            {
                (limit.value, limit.unit)
                for limit in access_limits()
                if (services is None or limit.service in services) and limit.valid_to is None
            },
            key=lambda pair: pair[0] * (30 if pair[1] == "months" else 1),
        )
    )
