"""Care guarantee, week by week: which share of non-urgent visits was reached in seven days and within the law."""

from __future__ import annotations

from functools import partial

from indicators.choices import last_day
from indicators.definition import definition
from pages.ui import cache, charts, filters, names, parts
from pages.ui.texts import _

SEVEN_DAYS = definition("seven_day_access")
DIMENSIONS = (*("area", "unit", "service", "profession", "mode", "first_visit", "age_band", "municipality"),)


def draw() -> None:
    """The page."""
    chosen = filters.row(
        "visits",
        DIMENSIONS,
        defaults=SEVEN_DAYS.headline_scope,
        grains=("week", "month", "quarter"),
        last=partial(cache.remembered, last_day, "visits"),
    )
    answer = cache.ask(chosen.question(SEVEN_DAYS))
    parts.heading(_("Care guarantee"), names.text(SEVEN_DAYS).what, answer)
    figure = charts.trend(answer.rows, SEVEN_DAYS, chosen.grain, band=True)
    table = parts.answer_table(answer.rows, SEVEN_DAYS)
    parts.chart_block(figure, names.text(SEVEN_DAYS).name, table, "trend", what="seven_day_access")
    parts.sources(answer)
    parts.definition_block(SEVEN_DAYS)


parts.guarded(draw)
