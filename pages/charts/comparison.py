"""Units and areas side by side: ranked, funnel, by size, against a plan."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from indicators.analysis.funnel import (
    CONTROL_LEVEL,
    NO_INTERVAL,
    OUTSIDE,
    TOO_FEW,
    WARNING_LEVEL,
    Funnel,
    FunnelPoint,
    curve,
)
from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages.charts.drawing import (
    HEIGHT,
    MORE_THAN_CHANCE,
    ORDINARY,
    Drawing,
    bar,
    finish,
    scatter,
    share_axis,
    shared_figure,
)
from pages.charts.series import hover, hover_rest
from pages.text.tables import worst_first

#: Height of a row of a ranking, with name, n and coverage above its dot.
_RANKED_HEIGHT = 50


@dataclass(frozen=True)
class Emphasis:
    """What a ranking sets apart: dots of lower coverage than so many per cent are hollow; others than the chosen grey."""

    low_coverage_pct: float | None = None
    chosen: tuple[str, ...] = ()


@shared_figure
def ranked(
    rows: pd.DataFrame,
    definition: Definition,
    split: str,
    names: Mapping[str, str],
    *,
    level: tuple[float, str] | None = None,
    emphasis: Emphasis = Emphasis(),
) -> go.Figure:
    """One dot per value of a split, worst first, with its number next to it; a `level` and its words as a line.

    A suppressed share is drawn as the interval it lies in, else it comes last with the word for suppressed. A dot of
    an incomplete period is hollow and says so.
    """
    ordered = worst_first(rows, definition)
    records = ordered.to_dict("records")
    labels = [names.get(code, str(code)) for code in ordered[split]]
    positions = list(range(len(ordered)))[::-1]
    figure = Drawing()
    points: list[tuple[float, int, str, str, str]] = []
    for row, label, at in zip(records, labels, positions, strict=True):
        interval = not formats.missing(row["low"]) and formats.missing(row["value"])
        middle = (row["low"] + row["high"]) / 2 if interval else row["value"]
        figure.add_annotation(
            x=1, y=at, xref="paper", text=formats.short_cell(row, definition), showarrow=False, xanchor="left"
        )
        if formats.missing(middle):
            continue
        grey = emphasis.chosen and row[split] not in emphasis.chosen
        colour = colours.OTHERS if grey else colours.OURS
        if interval:
            ends = [row["low"], row["high"]]
            line = {"color": colour, "width": 5}
            figure.add_trace(scatter(x=ends, y=[at, at], mode="lines", line=line, hoverinfo="skip"))
        open_ = _is_hollow(row, emphasis.low_coverage_pct)
        symbol = "square" if interval else "circle-open" if open_ else "circle"
        points.append((middle, at, symbol, hover(row, definition, label), colour))
    of_points = [point[4] for point in points]
    symbols = [point[2] for point in points]
    figure.add_trace(
        scatter(
            x=[point[0] for point in points],
            y=[point[1] for point in points],
            mode="markers",
            marker=_dots(of_points, 11, symbols),
            hover=[point[3] for point in points],
            cliponaxis=False,
        )
    )
    if level is not None:
        figure.add_vline(x=level[0], line={"color": colours.TARGET, "width": 2, "dash": "dash"})
        figure.add_annotation(x=level[0], y=1, yref="paper", yanchor="bottom", text=level[1], showarrow=False)
    _ranking_axes(figure, definition, labels, [hover_rest(row) for row in records])
    return finish(figure, 96 + _RANKED_HEIGHT * max(1, len(ordered)), top=50, right=96)


def _is_hollow(row: Mapping[str, Any], low_coverage_pct: float | None) -> bool:
    if row["status"] == INCOMPLETE:
        return True
    coverage = row["coverage"]
    return low_coverage_pct is not None and (formats.missing(coverage) or coverage < low_coverage_pct)


def _dots(colour: Any, size: Any, symbol: Any) -> dict[str, Any]:
    """Opaque dots with a rim of their own colour."""
    rim = {"color": colour, "width": 2}
    return {"color": colour, "opacity": 1, "size": size, "symbol": symbol, "line": rim}


def _ranking_axes(
    figure: Drawing, definition: Definition, labels: Sequence[str], rests: Sequence[str]
) -> None:
    figure.update_yaxes(
        tickvals=list(range(len(labels)))[::-1],
        ticktext=[
            f'{label}<br><span style="font-size:11px">{rest}</span><br>{formats.NBSP}' if rest else label
            for label, rest in zip(labels, rests, strict=True)
        ],
        range=[-0.5, len(labels) - 0.1],
        # The names are above their rows: next to them they would leave a telephone no room for the plot.
        ticklabelposition="inside top",
        ticks="",
        showgrid=True,
        zeroline=False,
        automargin=False,
    )
    if definition.is_share:
        texts = [*map(formats.number, (0, 50)), formats.percent(100, 0)]
        figure.update_xaxes(range=[0, 103], tickvals=(0, 50, 100), ticktext=texts)
    else:
        figure.update_xaxes(rangemode="tozero", title={"text": formats.unit_word(definition)})
    figure.update_xaxes(zeroline=False)


#: Letters of a line of a unit's name in a funnel, and the room of a name: a part of the width of a telephone's chart, and points
#: of a share.
_LABEL_LETTERS, _LABEL_WIDTH, _LABEL_HEIGHT = 17, 0.34, 11.0


@shared_figure
def funnel(found: Funnel, names: Mapping[str, str], words: Mapping[str, str], level_words: str) -> go.Figure:
    """Shares against their n, with the share of all and the limits around it that narrow as n grows.

    Those outside the outer limits are named next to their point where there is room, the others in tooltip and table.
    A point that differs by more than chance is filled. One whose limits would be rough, or whose period is incomplete, is grey.
    Without a value or an n nothing is drawn.
    """
    drawn = [one for one in found.points if one.value is not None and one.denominator]
    most = max((one.denominator or 0 for one in drawn), default=1) * 1.12
    grid = [most * step / 60 for step in range(1, 61)]
    figure = Drawing()
    for level, width, dash in ((CONTROL_LEVEL, 1.6, "solid"), (WARNING_LEVEL, 1.2, "dot")):
        curves = curve(found, grid, level)
        line = {"color": colours.OTHERS, "width": width, "dash": dash}
        for side in (1, 2):
            x, y = [point[0] for point in curves], [point[side] for point in curves]
            figure.add_trace(scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip"))
    if found.centre is not None:
        figure.add_hline(y=found.centre, line={"color": colours.OTHERS, "width": 1.5})
        _label_level(figure, found.centre, level_words)
    symbols = [MORE_THAN_CHANCE if one.place == OUTSIDE else ORDINARY for one in drawn]
    not_judged = (TOO_FEW, NO_INTERVAL, INCOMPLETE)
    figure.add_trace(
        scatter(
            x=[one.denominator for one in drawn],
            y=[one.value for one in drawn],
            mode="markers",
            marker=_dots(
                [colours.OTHERS if one.place in not_judged else colours.OURS for one in drawn], 10, symbols
            ),
            hover=[words[one.key] for one in drawn],
            cliponaxis=False,
        )
    )
    for one, right in _named(drawn, most):
        figure.add_annotation(
            x=one.denominator, y=one.value, text="<br>".join(wrap(names.get(one.key, one.key), _LABEL_LETTERS)),
            showarrow=False, align="left" if right else "right", xanchor="left" if right else "right",
            xshift=9 if right else -9, font={"size": 11},
        )  # fmt: skip
    figure.update_layout(
        xaxis={
            "range": [0, most],
            "title": {"text": _("n")},
            "showgrid": False,
            "zeroline": False,
            "tickformat": ",d",
        },
        yaxis=share_axis(),
    )
    return finish(figure, HEIGHT + 40, right=86)


def _named(drawn: Sequence[FunnelPoint], most: float) -> Iterator[tuple[FunnelPoint, bool]]:
    """The points outside the outer limits that have room for a name at their right (or left), the farthest out first."""
    taken: list[tuple[float, float, float, float]] = []
    outside = [one for one in drawn if one.place == OUTSIDE]
    for one in sorted(outside, key=lambda one: -abs(one.z or 0.0)):
        x, y = (one.denominator or 0.0) / most, one.value or 0.0
        for right in (x < 0.5, x >= 0.5):
            first, last = (x, x + _LABEL_WIDTH) if right else (x - _LABEL_WIDTH, x)
            box = (first, last, y - _LABEL_HEIGHT / 2, y + _LABEL_HEIGHT / 2)
            apart = all(
                box[1] <= other[0] or other[1] <= box[0] or box[3] <= other[2] or other[3] <= box[2]
                for other in taken
            )
            if apart and first >= 0 and last <= 1:
                taken.append(box)
                yield one, right
                break


def _label_level(figure: Drawing, level: float, words: str) -> None:
    figure.add_annotation(
        x=1, y=level, xref="paper", text=words, showarrow=False, xanchor="left", align="left", xshift=4,
        font={"size": 11},
    )  # fmt: skip


@dataclass(frozen=True)
class Sized:
    """An area by its size: residents, share, what a tooltip says; `own` marks the selected one, with its name."""

    size: float
    value: float
    words: str
    own: str = ""


@shared_figure
def by_size(areas: Sequence[Sized], axis: str, *, level: tuple[float, str] | None, hollow: bool) -> go.Figure:
    """Shares against the size of what they are of, on a logarithmic axis; `level` is that of all of them, with its words."""
    figure = Drawing()
    if level is not None:
        figure.add_hline(y=level[0], line={"color": colours.BENCHMARK, "width": 2, "dash": "dash"})
        _label_level(figure, *level)
    drawn = sorted(areas, key=lambda one: bool(one.own))
    of_dots = [colours.OURS if one.own else colours.OTHERS for one in drawn]
    sizes = [13 if one.own else 9 for one in drawn]
    figure.add_trace(
        scatter(
            x=[one.size for one in drawn],
            y=[one.value for one in drawn],
            mode="markers",
            marker=_dots(of_dots, sizes, "circle-open" if hollow else "circle"),
            hover=[one.words for one in drawn],
            cliponaxis=False,
        )
    )
    for own in (one for one in drawn if one.own):
        figure.add_annotation(
            x=math.log10(own.size), y=own.value, text=f"<b>{own.own}</b>", showarrow=False,
            xanchor="left", align="left", xshift=11,
            # away from the level's line
            yanchor="bottom" if level is not None and own.value >= level[0] else "top",
        )  # fmt: skip
    ticks = [size for size in (50_000, 100_000, 200_000, 400_000, 800_000) if drawn]
    ends = [one.size for one in drawn]
    figure.update_layout(
        xaxis={
            "type": "log",
            "tickvals": ticks,
            "ticktext": [formats.number(size) for size in ticks],
            "range": [math.log10(0.8 * min(ends)), math.log10(1.25 * max(ends))] if drawn else None,
            "title": {"text": axis},
            "showgrid": False,
            "zeroline": False,
        },
        yaxis=share_axis(),
    )
    return finish(figure, HEIGHT + 40, right=86)


@shared_figure
def against_plan(
    labels: Sequence[str],
    plans: Sequence[float | None],
    actuals: Sequence[float | None],
    words: Sequence[str],
    axis: str,
) -> go.Figure:
    """Actuals as bars against what was planned, marked by an upright line; an actual not reported has no bar."""
    places = list(range(len(labels)))[::-1]
    figure = Drawing(bar(x=actuals, y=places, orientation="h", marker={"color": colours.OURS}, hover=words))
    figure.add_trace(
        scatter(
            x=plans,
            y=places,
            mode="markers",
            marker={
                "symbol": "line-ns",
                "size": 20,
                "color": colours.TARGET,
                "line": {"width": 4, "color": colours.TARGET},
            },
            hover=words,
            cliponaxis=False,
        )
    )
    figure.update_yaxes(tickvals=places, ticktext=list(labels), showgrid=False, automargin=True)
    figure.update_xaxes(
        rangemode="tozero", title={"text": axis}, zeroline=False, nticks=4, tickangle=0, tickformat=",.0f"
    )
    return finish(figure, 100 + 34 * max(1, len(labels)), top=12, right=24)
