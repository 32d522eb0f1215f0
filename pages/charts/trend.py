"""A figure over time: trend, targets against actuals, the small line of a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from indicators.catalogue.definition import Definition
from indicators.wording import colours
from pages.charts import series
from pages.charts.drawing import (
    HEIGHT,
    SHARE_TICKS,
    Drawing,
    finish,
    label_unit,
    shared_figure,
    time_ticks,
    value_ticks,
)
from pages.charts.series import Break, Reference, Step


# Many parameters because each is a part of the chart that may be missing.
@shared_figure
def trend(
    rows: pd.DataFrame,
    definition: Definition,
    grain: str,
    *,
    targets: Sequence[Step] = (),
    breaks: Sequence[Break] = (),
    band: bool = False,
    colour: str = colours.OURS,
) -> go.Figure:
    """Values over time, a target as a step with its words; `band` draws the range that missing dates leave possible."""
    figure = Drawing()
    rows = rows[rows["period_start"].notna()]
    line = series.with_gaps(rows, grain)
    if band:
        series.draw_possible_range(figure, line)
    series.draw_main_line(figure, line, definition, colour)
    span = series.days_spanned(rows, targets)
    for step in targets:
        series.draw_step(figure, step, definition, span)
    for change in breaks:
        if span and span[0] < change.day < span[1]:
            series.draw_break(figure, change)
    figure.update_layout(
        xaxis=time_ticks(rows, grain), yaxis=value_ticks(rows, definition, [step.value for step in targets])
    )
    label_unit(figure, definition)
    return finish(figure, HEIGHT)


@shared_figure
def against_targets(
    rows: pd.DataFrame,
    definition: Definition,
    *,
    targets: Sequence[Step] = (),
    after: Step | None = None,
    breaks: Sequence[Break] = (),
    references: Sequence[Reference] = (),
) -> go.Figure:
    """Values in the middle of their periods, targets as steps over theirs, lines to compare with, numbered breaks.

    `after` is the last target's level once its period has ended, a dotted line with its words.
    """
    figure = Drawing()
    for reference in references:
        series.draw_reference(figure, reference)
    known = rows[rows["period_start"].notna()]
    placed = known.assign(
        period_start=[
            series.middle(a, b) for a, b in zip(known["period_start"], known["period_end"], strict=True)
        ]
    )
    for step in [*targets, *([after] if after else [])]:
        series.draw_target_of_period(figure, step, dotted=step is after)
    if len(placed):
        series.draw_main_line(figure, placed, definition, colours.OURS, label=False)
    span = series.span_of(rows, [*targets, *([after] if after else [])], references)
    if span:
        for change in breaks:
            if span[0] < change.day < span[1]:
                series.draw_number(figure, change)
        series.set_day_axis(figure, *span)
    compared = [value for reference in references for value in reference.values]
    values = value_ticks(rows, definition, [*(step.value for step in targets), *compared])
    figure.update_layout(yaxis=values)
    label_unit(figure, definition)
    series.label_ends(figure, placed, definition, references, values["range"])
    return finish(figure, HEIGHT + 20, top=44, right=92)


@shared_figure
def small(
    rows: pd.DataFrame,
    definition: Definition,
    grain: str,
    targets: Sequence[Step] = (),
    top: float | None = None,
) -> go.Figure:
    """One of several small trends on one scale: shares 0 to 100, others 0 to `top`."""
    figure = Drawing()
    series.draw_main_line(figure, series.with_gaps(rows, grain), definition, colours.OURS, label=False)
    span = series.days_spanned(rows, targets)
    for step in targets:
        if span and max(step.start, span[0]) <= min(step.end, span[1]):
            level = series.level_trace(step, max(step.start, span[0]), min(step.end, span[1]), definition)
            figure.add_trace(level)
    values = value_ticks(rows, definition, [step.value for step in targets])
    if definition.is_share:
        values |= {"tickvals": SHARE_TICKS[::5], "ticktext": values["ticktext"][::5]}
    elif top is not None:
        values |= {"range": [0, 1.12 * max(top, 1)], "nticks": 3}
    figure.update_layout(xaxis=time_ticks(rows, grain, 3), yaxis=values)
    return finish(figure, 150, top=6, right=14)
