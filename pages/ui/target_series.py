"""The values of an indicator over time as pages draw them: published figures, rows that carry them on, demo data apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import grain_of
from indicators.engine.published_series import demo_stands_apart
from indicators.engine.question import SUPPRESSED, Answer, Question, Seam, Where
from pages import charts
from pages.text import formats
from pages.text import signals as signal
from pages.text.translations import _
from pages.ui import cache


def carried_on(
    opened: Definition, area: str, where: Where, grain: str | None, together: tuple[Question, ...]
) -> tuple[Answer, pd.DataFrame, tuple[Answer, ...]]:
    """The values over time, with the answers they are from.

    Where rows give finer periods, the published years of which there are none stand before them; figures of a period of
    their own stand among them.
    """
    answer = cache.ask(Question(opened.id, by=grain, area=area, where=where, shown_with=together))
    rows = answer.rows
    if len(answer.own_periods):
        rows = pd.concat([part for part in (rows, answer.own_periods) if len(part)])
        rows = rows.sort_values(["period_start", "period_end"], kind="stable", ignore_index=True)
    if grain in (None, "year"):
        return answer, rows, (answer,)
    yearly = cache.ask(Question(opened.id, by="year", area=area, where=where, shown_with=together))
    known = rows[rows["value"].notna() | (rows["status"] == SUPPRESSED)]
    first = known["period_start"].min() if len(known) else date.max
    published = yearly.rows[
        [
            cited is not None and end < first
            for cited, end in zip(yearly.rows["cited_source"], yearly.rows["period_end"], strict=True)
        ]
    ]
    if published.empty:
        return answer, rows, (answer,)
    later = rows.loc[[start > published["period_end"].max() for start in rows["period_start"]]]
    return answer, pd.concat([published, later], ignore_index=True), (answer, yearly)


def seams(answer: Answer, rows: pd.DataFrame) -> tuple[signal.Break, ...]:
    """The seams of the values drawn: those of the answer, and where finer periods counted from rows follow published years."""
    if not answer.definition.row_level or answer.grain in (None, "year"):
        return signal.seams(answer)
    told = rows[rows["value"].notna()]
    years = told[
        [grain_of(*days) == "year" for days in zip(told["period_start"], told["period_end"], strict=True)]
    ]
    rows_alone = told.loc[[cited is None for cited in told["cited_source"]]]
    later = rows_alone[rows_alone["period_start"] > years["period_end"].max()] if len(years) else years
    seam = (Seam(later["period_start"].min(), True),) if len(later) else ()
    return signal.seams(replace(answer, seams=(*seam, *answer.seams)))


def demo_line(opened: Definition, area: str, where: Where) -> Answer | None:
    """What demo rows say beside a published series, by year: a line of its own; None where there is none."""
    if not cache.cached_call(demo_stands_apart, opened.id, area):
        return None
    found = cache.ask(Question(opened.id, by="year", area=area, where=where, rows_only=True))
    return found if found.rows["value"].notna().any() else None


def demo_reference(demo: Answer) -> charts.Reference:
    """Demo data as a line of its own, every point hollow."""
    known = demo.rows[demo.rows["value"].notna()]
    name = _("Demo data")
    words = [
        f"{name}, {formats.period(row['period'])}: {formats.marked(row, demo.definition)}"
        for row in known.to_dict("records")
    ]
    days = [charts.middle(a, b) for a, b in zip(known["period_start"], known["period_end"], strict=True)]
    return charts.Reference(name, tuple(days), tuple(known["value"]), tuple(words), (True,) * len(known))
