"""What came to the queues, what left them and who passes the limit, week by week."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from indicators.wording import formats
from pages.charts.drawing import (
    HEIGHT,
    LABEL_GAP,
    Drawing,
    bar,
    finish,
    scatter,
    shared_figure,
    tick_texts,
)

_TICKS = 5
#: Share of the height of a plot that a label at the end of a line takes.
_LABEL_SHARE = LABEL_GAP / (HEIGHT - 90)


@dataclass(frozen=True)
class Weekly:
    """Numbers of weeks under one name, in a colour of a fixed meaning."""

    name: str
    colour: str
    values: tuple[float | None, ...]
    dash: str = "solid"


@shared_figure
def flows(weeks: Sequence[date], lines: Sequence[Weekly], words: Sequence[str]) -> go.Figure:
    """Numbers by week, each a line with its name; `words` are the tooltips of the weeks."""
    places = list(range(len(weeks)))
    figure = Drawing()
    top = 1.15 * max([*(value for one in lines for value in one.values if value is not None), 1])
    ends = _apart({at: last for at, one in enumerate(lines) if (last := _last(one.values)) is not None}, top)
    for at, one in enumerate(lines):
        line = {"color": one.colour, "width": 2.5, "dash": one.dash}
        marker = {"color": one.colour, "size": 6 if len(weeks) <= 60 else 3}
        figure.add_trace(
            scatter(x=places, y=list(one.values), mode="lines+markers", line=line, marker=marker, hover=words)
        )
        if at in ends:
            place = next(place for place in reversed(places) if one.values[place] is not None)
            figure.add_annotation(
                x=place, y=ends[at], text=one.name, showarrow=False, xanchor="left", xshift=9,
                font={"color": one.colour},
            )  # fmt: skip
    figure.update_layout(
        xaxis=_weeks_axis(weeks), yaxis={"zeroline": True, "range": [0, top], "tickformat": ",d"}
    )
    return finish(figure, HEIGHT)


@shared_figure
def weekly_bars(weeks: Sequence[date], parts: Sequence[Weekly], words: Sequence[Sequence[str]]) -> go.Figure:
    """Numbers by week, under its first day, as bars whose parts stand on each other; `words` are each part's tooltips."""
    figure = Drawing()
    for one, said in zip(parts, words, strict=True):
        figure.add_trace(
            bar(
                x=list(range(len(weeks))),
                y=list(one.values),
                name=one.name,
                marker={"color": one.colour},
                hover=said,
            )
        )
    figure.update_layout(
        barmode="stack", bargap=0.35, xaxis=_weeks_axis(weeks, by_day=True),
        yaxis={"zeroline": True, "rangemode": "tozero", "tickformat": ",d"},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom",
        "x": 0, "traceorder": "normal", "itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    return finish(figure, HEIGHT, top=56, showlegend=True)


def _weeks_axis(weeks: Sequence[date], *, by_day: bool = False) -> dict[str, Any]:
    places = list(range(len(weeks)))
    ticks = places if by_day else places[::-1][:: max(1, math.ceil(len(weeks) / _TICKS))][::-1]
    shown = [weeks[at] for at in ticks]
    return {
        "tickvals": ticks,
        "ticktext": [formats.day_and_month(day) for day in shown] if by_day else tick_texts(shown, "week"),
        "tickangle": 0,
        "showgrid": False,
        "zeroline": False,
    }


def _apart(ends: dict[int, float], top: float) -> dict[int, float]:
    """Where labels stand at the ends of lines: the lowest at its end, each other at least a line above the one below."""
    found: dict[int, float] = {}
    below = -math.inf
    for at, value in sorted(ends.items(), key=lambda item: item[1]):
        below = max(value, below + _LABEL_SHARE * top)
        found[at] = below
    return found


def _last(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)
