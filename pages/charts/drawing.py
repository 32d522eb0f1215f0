"""How every chart is drawn and sent: traces, axes, ticks, and no markup but our own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import wraps
from textwrap import wrap
from typing import Any, ParamSpec

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import label_of
from indicators.wording import formats
from pages.ui.cache import cached_by_content, content_of

_TICKS = 5
SHARE_TICKS = (0, 20, 40, 60, 80, 100)
HEIGHT = 340
#: Symbols of ordinary variation and of what is more than chance, in every chart that is judged.
ORDINARY, MORE_THAN_CHANCE = "circle-open", "circle"
#: Pixels between two labels at the ends of lines.
LABEL_GAP = 15
#: Height of a row of the ranking, which has n and coverage under the name.
RANK_HEIGHT = 40
P = ParamSpec("P")


def shared_figure(function: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """Cache a figure by content, with a digest of its arguments as its `meta`."""

    @cached_by_content
    @wraps(function)
    def marked(*args: P.args, **named: P.kwargs) -> go.Figure:
        figure = function(*args, **named)
        figure.update_layout(meta=content_of(function.__name__, args, named).hex())
        return figure

    return marked


Trace = dict[str, Any]


class Drawing:
    """A figure as plain dictionaries, with the methods of plotly's: plotly checks every property as it is set, which is slow."""

    def __init__(self, *traces: Trace) -> None:
        self._traces = list(traces)
        self._layout: dict[str, Any] = {"shapes": [], "annotations": []}

    def add_trace(self, trace: Trace) -> None:
        self._traces.append(trace)

    def add_annotation(self, **annotation: Any) -> None:
        self._layout["annotations"].append(annotation)

    def add_vline(self, x: Any, **line: Any) -> None:
        place = {"x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
        self._layout["shapes"].append({"type": "line", **place, **line})

    def add_hline(self, y: Any, **line: Any) -> None:
        place = {"x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y"}
        self._layout["shapes"].append({"type": "line", **place, **line})

    def update_layout(self, **properties: Any) -> None:
        for name, value in properties.items():
            if isinstance(value, dict):
                self._layout[name] = {**self._layout.get(name, {}), **value}
            else:
                self._layout[name] = value

    def update_xaxes(self, **properties: Any) -> None:
        self.update_layout(xaxis=properties)

    def update_yaxes(self, **properties: Any) -> None:
        self.update_layout(yaxis=properties)

    def finished(self) -> go.Figure:
        return go.Figure({"data": self._traces, "layout": self._layout}, _validate=False)


def scatter(**properties: Any) -> Trace:
    return _trace("scatter", properties)


def bar(**properties: Any) -> Trace:
    return _trace("bar", properties)


def _trace(kind: str, properties: dict[str, Any]) -> Trace:
    """A trace; columns of a frame as lists, a missing value as None; `hover` has the tooltip of each point."""
    trace: Trace = {"type": kind}
    for name, value in properties.items():
        if name == "hover":
            trace |= {"customdata": list(value), "hovertemplate": "%{customdata}<extra></extra>"}
        elif isinstance(value, pd.Series):
            trace[name] = [None if formats.missing(item) else item for item in value]
        else:
            trace[name] = value
    return trace


def wrapped_name(name: str) -> list[str]:
    """A name on as many short lines as it needs, so that bars keep their room on a phone."""
    return wrap(name, 22) or [""]


#: The beginning of a tag that no chart of ours writes.
_FOREIGN = re.compile(r'<(?!/?b>|br>|/span>|span style="[^"<>]*">|extra></extra>|/extra>)')
_TEXTS_OF_TRACES = ("text", "hovertext", "customdata", "name")


def escape_foreign_markup(figure: go.Figure) -> None:
    """Show what looks like markup as it is written, but for our own bold, lines and spans: a name is never a link."""
    for annotation in figure.layout.annotations:
        annotation.text, annotation.hovertext = _shown(annotation.text), _shown(annotation.hovertext)
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.ticktext = _shown(axis.ticktext)
    for trace in figure.data:
        for name in _TEXTS_OF_TRACES:
            if name in trace and trace[name] is not None:
                trace[name] = _shown(trace[name])


def _shown(text: Any) -> Any:
    """A text, or a sequence of them, as `escape_foreign_markup` leaves it; anything else as it is."""
    if isinstance(text, str):
        return _FOREIGN.sub("&lt;", text) if "<" in text else text
    if isinstance(text, list | tuple | np.ndarray) and any(
        isinstance(one, str) and "<" in one for one in text
    ):
        return [_shown(one) for one in text]
    return text


def time_ticks(rows: pd.DataFrame, grain: str, most: int = _TICKS) -> dict[str, Any]:
    """A time axis with texts in the reader's language: a few periods, the year where it changes."""
    starts = sorted(set(rows["period_start"]))
    every = max(1, math.ceil(len(starts) / most))
    ticks = starts[::-1][::every][::-1]
    texts = tick_texts(ticks, grain)
    return {"tickvals": ticks, "ticktext": texts, "tickangle": 0, "showgrid": False, "zeroline": False}


def tick_texts(starts: Iterable[date], grain: str) -> list[str]:
    """The texts of periods on an axis: the year where it changes."""
    texts, year = [], ""
    for start in starts:
        label = label_of(start, grain)
        texts.append(formats.tick(label, with_year=label[:4] != year))
        year = label[:4]
    return texts


def share_axis() -> dict[str, Any]:
    """An axis from 0 to 100 per cent, with room for the point at its end."""
    texts = [formats.percent(at, 0) for at in SHARE_TICKS]
    return {"range": [0, 102], "tickvals": SHARE_TICKS, "ticktext": texts, "zeroline": False}


def value_ticks(rows: pd.DataFrame, definition: Definition, also: Sequence[float]) -> dict[str, Any]:
    """A value axis: shares from 0 to 100 per cent, everything else from zero, or from below where a value is."""
    if definition.is_share:
        return share_axis()
    values = [value for value in [*rows["value"], *also] if not formats.missing(value)]
    low, high = 1.12 * min([*values, 0]), 1.12 * max([*values, 1])
    # Between whole numbers as small as these nothing is counted.
    whole = {"dtick": 1} if high - low <= _TICKS and all(float(one).is_integer() for one in values) else {}
    return {"range": [low, high], "zeroline": False, "tickformat": ",.6~g", **whole}


def label_unit(figure: Drawing, definition: Definition) -> None:
    """The unit above a value axis, so that the plot stays wide; per cent follow each number instead."""
    if not definition.is_share:
        label_axis(figure, formats.unit_word(definition))


def label_axis(figure: Drawing, text: str) -> None:
    """A text above a value axis."""
    figure.add_annotation(
        x=0, y=1, xref="paper", yref="paper", yanchor="bottom", xanchor="left", yshift=4, text=text, showarrow=False,
    )  # fmt: skip


def finish(
    figure: Drawing, height: int, *, top: int = 28, right: int = 76, showlegend: bool = False
) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": right, "t": top, "b": 8},
        showlegend=showlegend,
        separators=formats.separators(),
        hoverlabel={"align": "left"},
        dragmode=False,
        bargap=0.12,
    )
    figure.update_xaxes(fixedrange=True, automargin=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    return figure.finished()
