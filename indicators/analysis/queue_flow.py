"""What came to the queues and what left them, between the last snapshots of one week and of the week before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from indicators.analysis.queue_outlook import Waiting
from indicators.catalogue.periods import Period, preceding
from indicators.engine.coverage import data_coverage
from indicators.engine.question import Question
from indicators.engine.resolve import resolve
from indicators.kinds.queue import flows
from indicators.privacy.cell_keys import noise_of
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

#: The directions of a flow, as `flows` calls them.
_DIRECTIONS = ("arrived", "gone")


@dataclass(frozen=True)
class Flow:
    """The entries that came to the queues and that left them in a period, for whatever reason."""

    period: Period
    arrived: Waiting
    left: Waiting


def queue_flows(snapshot: Snapshot, question: Question, settings: Settings) -> tuple[Flow, ...]:
    """The flows of the periods of a question about a queue's length, those with a snapshot before them, in their order.

    Its splits do not matter. In the shareable view each number has the noise of its own entries, and small ones are suppressed.
    """
    found = resolve(snapshot, replace(question, splits=()), settings)
    if found.known is None or not found.periods:
        return ()
    periods = [preceding(found.periods[0], 1)[0], *found.periods]
    request = replace(found.request, periods=periods)
    rows = flows(request, data_coverage(snapshot, "queue"))
    noise = noise_of(snapshot, settings) if found.shareable and not question.is_exact(None) else None
    by_start = {period.start: period for period in periods}
    shown = {}
    for name in _DIRECTIONS:
        counts = rows[name].to_numpy(float)
        if noise is not None:
            counts = noise.perturbed(counts, rows[f"{name}_key"].to_numpy(np.uint64))
        shown[name] = [
            Waiting(None, suppressed=True) if np.isnan(one) else Waiting(float(one)) for one in counts
        ]
    return tuple(
        Flow(by_start[start], arrived, left)
        for start, arrived, left in zip(rows["period_start"], shown["arrived"], shown["gone"], strict=True)
    )
