"""The values of an indicator over time: published figures, rows that carry them on, demo data apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from indicators.catalogue.periods import grain_of
from indicators.engine.published_series import demo_is_separate
from indicators.engine.question import SUPPRESSED, Answer, Seam
from pages.text import signals
from pages.views.indicator import IndicatorView


@dataclass(frozen=True)
class Series:
    """The answer of the selected grain, the rows drawn with published years before them, all answers, and demo data."""

    answer: Answer
    rows: pd.DataFrame
    answers: tuple[Answer, ...]
    demo: Answer | None

    @classmethod
    def of(cls, view: IndicatorView) -> Series:
        """The series of an opened indicator."""
        answer = view.from_first(view.grain)
        rows, answers = answer.rows, (answer,)
        if len(answer.own_periods):
            rows = pd.concat([part for part in (rows, answer.own_periods) if len(part)])
            rows = rows.sort_values(["period_start", "period_end"], kind="stable", ignore_index=True)
        if view.grain not in (None, "year"):
            yearly = view.ask(view.by("year"))
            published = _published_before(yearly.rows, rows)
            if not published.empty:
                later = rows.loc[[start > published["period_end"].max() for start in rows["period_start"]]]
                rows, answers = pd.concat([published, later], ignore_index=True), (answer, yearly)
        demo = _demo_line(view)
        return cls(answer, rows, (*answers, *([] if demo is None else [demo])), demo)

    @property
    def seams(self) -> tuple[signals.Break, ...]:
        """Where the rows go over from published figures to counted ones or back, by the answer and between years."""
        answer, rows = self.answer, self.rows
        if not answer.definition.row_level or answer.grain in (None, "year"):
            return signals.seams(answer)
        known = rows[rows["value"].notna()]
        is_year = [
            grain_of(*days) == "year" for days in zip(known["period_start"], known["period_end"], strict=True)
        ]
        years = known[is_year]
        counted = known.loc[[cited is None for cited in known["cited_source"]]]
        later = counted[counted["period_start"] > years["period_end"].max()] if len(years) else years
        seam = (Seam(later["period_start"].min(), True),) if len(later) else ()
        return signals.seams(replace(answer, seams=(*seam, *answer.seams)))


def _published_before(yearly: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The published years that end before the first known of some rows."""
    known = rows[rows["value"].notna() | (rows["status"] == SUPPRESSED)]
    first = known["period_start"].min() if len(known) else date.max
    return yearly[
        [
            cited is not None and end < first
            for cited, end in zip(yearly["cited_source"], yearly["period_end"], strict=True)
        ]
    ]


def _demo_line(view: IndicatorView) -> Answer | None:
    """Demo rows next to a published series, by year; None where there are none."""
    if not view.read(demo_is_separate, view.opened.id, view.area):
        return None
    found = view.ask(view.demo_line.line)
    return found if found.rows["value"].notna().any() else None
