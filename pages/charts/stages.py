"""What a chart of the stages of a wait draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicators.analysis.stages import STAGES, StageRow
from pages import charts
from pages.text import formats
from pages.text.causes import STAGE_WORDS
from pages.text.translations import _


def stacks(rows: Sequence[StageRow], called: Mapping[str, str]) -> list[charts.Stack]:
    """The bars of a split, the longest wait first; rows without means have none."""
    known = [row for row in rows if row.means is not None and row.whole is not None]
    found = []
    for row in sorted(known, key=lambda row: -(row.whole or 0)):
        means = row.means or ()
        name = called[row.key[0]]
        found.append(
            charts.Stack(
                name,
                tuple(float(mean) for mean in means),
                tuple(
                    f"<b>{name}</b><br>{_(STAGE_WORDS[stage])}: {formats.days(float(mean))}"
                    for stage, mean in zip(STAGES, means, strict=True)
                ),
                formats.days(float(row.whole or 0)),
            )
        )
    return found
