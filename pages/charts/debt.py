"""The balance of a service debt over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from indicators.service_debt.debt import DebtPeriod
from indicators.wording import colours, formats
from pages.charts.drawing import HEIGHT, Drawing, bar, finish, label_axis, scatter, shared_figure, tick_texts


@shared_figure
def balance(
    periods: Sequence[DebtPeriod],
    words: Sequence[str],
    grain: str,
    axis: str,
    adjusted: Sequence[DebtPeriod] = (),
) -> go.Figure:
    """The shortfall of each period as bars, and the debt as a line, against demand (`adjusted`) as a dashed one.

    A period that could not be compared is a gap. `words` are the tooltips.
    """
    places = list(range(len(periods)))
    short = [one.shortfall for one in periods]
    figure = Drawing(
        bar(x=places, y=short, marker={"color": colours.faint(colours.OTHERS, 0.7)}, hover=words)
    )
    sums, against = (
        [None if one.shortfall is None else one.balance for one in of] for of in (periods, adjusted)
    )
    _draw_balance(figure, sums, words, {"color": colours.OURS, "width": 2.5}, {"opacity": 1})
    if any(value is not None for value in against):
        line = {"color": colours.BREACH, "width": 2.5, "dash": "dash"}
        _draw_balance(figure, against, words, line, {"symbol": "diamond"})
    known = [float(value) for value in (0.0, *sums, *against, *short) if value is not None]
    low, high = min(known), max(known)
    room = 0.1 * ((high - low) or 1)
    ends = [
        next(((at, of[at]) for at in reversed(range(len(of))) if of[at] is not None), None)
        for of in (sums, against)
    ]
    close = ends[0] and ends[1] and abs(ends[0][1] - ends[1][1]) < room
    for end, colour, shift in zip(ends, (None, colours.BREACH), (-8, 8), strict=True):
        if end is not None:
            figure.add_annotation(
                x=end[0], y=end[1], text=f"<b>{formats.number(end[1])}</b>", showarrow=False, xanchor="left",
                xshift=9, yshift=shift if close else 0, font={"color": colour},
            )  # fmt: skip
    ticks = places[::-1][:: max(1, math.ceil(len(periods) / 8))][::-1]
    figure.update_layout(
        xaxis={
            "tickvals": ticks,
            "ticktext": tick_texts([periods[at].period.start for at in ticks], grain),
            "tickangle": 0,
            "showgrid": False,
            "zeroline": False,
            "range": [-0.6, len(periods) - 0.4],
        },
        yaxis={"zeroline": True, "range": [low - room * (low < 0), high + room], "tickformat": ",d"},
    )
    label_axis(figure, axis)
    return finish(figure, HEIGHT)


def _draw_balance(
    figure: Drawing,
    values: Sequence[float | None],
    words: Sequence[str],
    line: Mapping[str, object],
    marker: Mapping[str, object],
) -> None:
    size = 8 if len(values) <= 30 else 5
    figure.add_trace(
        scatter(
            x=list(range(len(values))),
            y=values,
            mode="lines+markers",
            line=line,
            marker={"color": line["color"], "size": size, **marker},
            hover=words,
            connectgaps=False,
            cliponaxis=False,
        )
    )
