"""What came to the queues and what left them, over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from indicators.analysis.queue_flow import Flow
from indicators.wording import colours
from indicators.wording.translations import _
from pages.charts.drawing import HEIGHT, Drawing, finish, scatter, shared_figure, tick_texts

_TICKS = 5


@shared_figure
def flows(found: Sequence[Flow], words: Sequence[str]) -> go.Figure:
    """Those who arrived and those who left by week, each a line with its name; `words` are the tooltips."""
    places = list(range(len(found)))
    figure = Drawing()
    arrived, left = [one.arrived.count for one in found], [one.left.count for one in found]
    above = (_last(arrived) or 0.0) >= (_last(left) or 0.0)
    for name, colour, dash, shift, values in (
        (_("arrived"), colours.OTHERS, "dot", 9 if above else -9, arrived),
        (_("left"), colours.OURS, "solid", -9 if above else 9, left),
    ):
        line = {"color": colour, "width": 2.5, "dash": dash}
        marker = {"color": colour, "size": 6}
        figure.add_trace(
            scatter(x=places, y=values, mode="lines+markers", line=line, marker=marker, hover=words)
        )
        at = next((at for at in reversed(places) if values[at] is not None), None)
        if at is not None:
            figure.add_annotation(
                x=at, y=values[at], text=name, showarrow=False, xanchor="left", xshift=9, yshift=shift, font={"color": colour},
            )  # fmt: skip
    known = [count for count in (*arrived, *left) if count is not None]
    ticks = places[::-1][:: max(1, math.ceil(len(found) / _TICKS))][::-1]
    figure.update_layout(
        xaxis={
            "tickvals": ticks,
            "ticktext": tick_texts([found[at].period.start for at in ticks], "week"),
            "tickangle": 0,
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={"zeroline": True, "range": [0, 1.15 * max([*known, 1])], "tickformat": ",d"},
    )
    return finish(figure, HEIGHT)


def _last(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)
