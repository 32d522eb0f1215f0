"""The balance of a service debt over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from indicators.catalogue.periods import label_of
from indicators.service_debt.debt import DebtPeriod
from pages.charts import theme
from pages.charts.drawing import HEIGHT, Drawing, bar, finish, scatter, shared_figure
from pages.text import formats


@shared_figure
def balance(
    periods: Sequence[DebtPeriod],
    words: Sequence[str],
    grain: str,
    axis: str,
    adjusted: Sequence[DebtPeriod] = (),
) -> go.Figure:
    """What each period fell short (above zero) or was above (below) as bars, and the debt so far as a line.

    A period that could not be compared is a gap in both. `words` are what a tooltip says of each. `adjusted` are the same
    periods against demand: a dashed line.
    """
    places = list(range(len(periods)))
    known = [one for one in periods if one.short is not None]
    figure = Drawing(
        bar(
            x=places,
            y=[one.short for one in periods],
            marker={"color": theme.faint(theme.OTHERS, 0.7)},
            hover=words,
        )
    )
    sums = [None if one.short is None else one.balance for one in periods]
    figure.add_trace(
        scatter(
            x=places,
            y=sums,
            mode="lines+markers",
            line={"color": theme.OURS, "width": 2.5},
            marker={"color": theme.OURS, "size": 8 if len(periods) <= 30 else 5, "opacity": 1},
            hover=words,
            connectgaps=False,
            cliponaxis=False,
        )
    )
    against = [None if one.short is None else one.balance for one in adjusted]
    if any(value is not None for value in against):
        figure.add_trace(
            scatter(
                x=places,
                y=against,
                mode="lines+markers",
                line={"color": theme.BREACH, "width": 2.5, "dash": "dash"},
                marker={"color": theme.BREACH, "size": 8 if len(periods) <= 30 else 5, "symbol": "diamond"},
                hover=words,
                connectgaps=False,
                cliponaxis=False,
            )
        )
    spread = [0.0, *(float(y) for y in (*sums, *against) if y is not None)]
    spread += [float(one.short or 0) for one in known]
    low, high = min(spread), max(spread)
    room = 0.1 * ((high - low) or 1)
    ends = [
        next((one for one in reversed(list(enumerate(of))) if one[1].short is not None), None)
        for of in (periods, adjusted)
    ]
    close = ends[0] and ends[1] and abs(ends[0][1].balance - ends[1][1].balance) < room
    for end, colour, shift in ((ends[0], None, -8), (ends[1], theme.BREACH, 8)):
        if end is not None:
            figure.add_annotation(
                x=end[0], y=end[1].balance, text=f"<b>{formats.number(end[1].balance)}</b>",
                showarrow=False, xanchor="left", xshift=9, yshift=shift if close else 0, font={"color": colour},
            )  # fmt: skip
    every = max(1, math.ceil(len(periods) / 8))
    ticks = places[::-1][::every][::-1]
    texts, year = [], None
    for at in ticks:
        label = label_of(periods[at].period.start, grain)
        texts.append(formats.tick(label, with_year=label[:4] != year))
        year = label[:4]
    figure.update_layout(
        xaxis={
            "tickvals": ticks,
            "ticktext": texts,
            "tickangle": 0,
            "showgrid": False,
            "zeroline": False,
            "range": [-0.6, len(periods) - 0.4],
        },
        yaxis={"zeroline": True, "range": [low - room * (low < 0), high + room], "tickformat": ",d"},
    )
    figure.add_annotation(
        x=0, y=1, xref="paper", yref="paper", yanchor="bottom", xanchor="left", yshift=4, text=axis,
        showarrow=False,
    )  # fmt: skip
    return finish(figure, HEIGHT)
