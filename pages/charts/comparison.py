"""Units and areas side by side: ranked, funnel, by size, against a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from indicators.analysis.funnel import CONTROL_LEVEL, WARNING_LEVEL, Funnel, curve
from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE
from pages.charts import theme
from pages.charts.drawing import HEIGHT, RANK_HEIGHT, Drawing, bar, finish, scatter, share_axis, shared_figure
from pages.charts.series import hover, hover_rest
from pages.text import formats
from pages.text.tables import worst_first
from pages.text.translations import _


@shared_figure
def ranked(
    rows: pd.DataFrame,
    definition: Definition,
    series: str,
    names: Mapping[str, str],
    *,
    target: float | None = None,
    target_words: str = "",
    low_coverage_pct: float | None = None,
    chosen: Sequence[str] = (),
) -> go.Figure:
    """One dot per value of a split, worst first, with its number written beside it and the target as a line.

    A hidden share is drawn as the interval it lies in, else it stands last with the word for hidden. A dot of a period
    that is not complete is hollow and says so; with `low_coverage_pct` one of lower coverage is hollow too. Where some are
    `chosen` the others are grey.
    """
    ordered = worst_first(rows, definition)
    labels = [names.get(code, str(code)) for code in ordered[series]]
    rests = [hover_rest(row) for row in ordered.to_dict("records")]
    positions = list(range(len(ordered)))[::-1]
    figure = Drawing()
    records = ordered.to_dict("records")
    shown_x, shown_y, symbols, hovers, colours = [], [], [], [], []
    for row, label, at in zip(records, labels, positions, strict=True):
        interval = not formats.missing(row["low"]) and formats.missing(row["value"])
        middle = (row["low"] + row["high"]) / 2 if interval else row["value"]
        figure.add_annotation(
            x=1, y=at, xref="paper", text=formats.short_cell(row, definition), showarrow=False, xanchor="left"
        )
        if formats.missing(middle):
            continue
        colour = theme.OTHERS if chosen and row[series] not in chosen else theme.OURS
        if interval:
            figure.add_trace(
                scatter(
                    x=[row["low"], row["high"]],
                    y=[at, at],
                    mode="lines",
                    line={"color": colour, "width": 5},
                    hoverinfo="skip",
                )
            )
        low = row["status"] == INCOMPLETE or (
            low_coverage_pct is not None
            and (formats.missing(row["coverage"]) or row["coverage"] < low_coverage_pct)
        )
        shown_x.append(middle)
        shown_y.append(at)
        symbols.append("square" if interval else "circle-open" if low else "circle")
        hovers.append(hover(row, definition, label))
        colours.append(colour)
    figure.add_trace(
        scatter(
            x=shown_x,
            y=shown_y,
            mode="markers",
            marker={
                "color": colours,
                "opacity": 1,
                "size": 11,
                "symbol": symbols,
                "line": {"color": colours, "width": 2},
            },
            customdata=hovers,
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )
    if target is not None:
        figure.add_vline(x=target, line={"color": theme.TARGET, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=target, y=1, yref="paper", yanchor="bottom", text=target_words, showarrow=False
        )
    figure.update_yaxes(
        tickvals=positions,
        ticktext=[
            f'{label}<br><span style="font-size:11px">{rest}</span>' if rest else label
            for label, rest in zip(labels, rests, strict=True)
        ],
        range=[-0.6, len(ordered) - 0.4],
        showgrid=True,
        zeroline=False,
        automargin=True,
    )
    if definition.is_share:
        figure.update_xaxes(
            range=[0, 103],
            tickvals=(0, 50, 100),
            ticktext=[*map(formats.number, (0, 50)), formats.percent(100, 0)],
        )
    else:
        figure.update_xaxes(rangemode="tozero", title={"text": formats.unit_word(definition)})
    figure.update_xaxes(zeroline=False)
    return finish(figure, 80 + RANK_HEIGHT * max(1, len(ordered)), top=34, right=96)


@shared_figure
def funnel(found: Funnel, names: Mapping[str, str], words: Mapping[str, str], level_words: str) -> go.Figure:
    """Shares against their n, with the share of all and the limits around it that narrow as n grows.

    Those outside the outer limits are named beside their point; the others are named in tooltip and table. Points whose
    limits would be rough, or whose period is not complete, are hollow. Without a value or an n nothing is drawn.
    """
    drawn = [one for one in found.points if one.value is not None and one.denominator]
    most = max((one.denominator or 0 for one in drawn), default=1) * 1.12
    grid = [most * step / 60 for step in range(1, 61)]
    figure = Drawing()
    for level, width, dash in ((CONTROL_LEVEL, 1.6, "solid"), (WARNING_LEVEL, 1.2, "dot")):
        lines = curve(found, grid, level)
        for side in (1, 2):
            figure.add_trace(
                scatter(
                    x=[line[0] for line in lines],
                    y=[line[side] for line in lines],
                    mode="lines",
                    line={"color": theme.OTHERS, "width": width, "dash": dash},
                    hoverinfo="skip",
                )
            )
    if found.centre is not None:
        figure.add_hline(y=found.centre, line={"color": theme.OTHERS, "width": 1.5})
        figure.add_annotation(
            x=1, y=found.centre, xref="paper", text=level_words, showarrow=False, xanchor="left", align="left",
            xshift=4, font={"size": 11},
        )  # fmt: skip
    hollow = [one.place in ("too_few", "no_interval_known", INCOMPLETE) for one in drawn]
    figure.add_trace(
        scatter(
            x=[one.denominator for one in drawn],
            y=[one.value for one in drawn],
            mode="markers",
            marker={
                "color": theme.OURS,
                "opacity": 1,
                "size": 10,
                "symbol": [
                    "circle-open" if open_ else "diamond" if one.place == "beyond_control" else "circle"
                    for one, open_ in zip(drawn, hollow, strict=True)
                ],
                "line": {"width": 2, "color": theme.OURS},
            },
            customdata=[words[one.key] for one in drawn],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )
    for one in drawn:
        if one.place == "beyond_control":
            right = (one.denominator or 0) < most / 2
            figure.add_annotation(
                x=one.denominator, y=one.value, text="<br>".join(wrap(names.get(one.key, one.key), 17)),
                showarrow=False, align="left" if right else "right", xanchor="left" if right else "right",
                xshift=9 if right else -9, font={"size": 11},
            )  # fmt: skip
    figure.update_layout(
        xaxis={"range": [0, most], "title": {"text": _("n")}, "showgrid": False, "zeroline": False},
        yaxis=share_axis(),
    )
    return finish(figure, HEIGHT + 40, right=86)


@shared_figure
def by_size(
    sizes: Sequence[float],
    values: Sequence[float],
    words: Sequence[str],
    *,
    own: int | None,
    own_words: str,
    level: float | None,
    level_words: str,
    axis: str,
    hollow: bool,
) -> go.Figure:
    """Shares against the size of what they are of, on a scale of sizes that doubles: the own one strong, others grey.

    `level` is that of all of them together; `hollow` draws every point as one of a period that is not complete.
    """
    figure = Drawing()
    if level is not None:
        figure.add_hline(y=level, line={"color": theme.BENCHMARK, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=1, y=level, xref="paper", text=level_words, showarrow=False, xanchor="left", align="left",
            xshift=4, font={"size": 11},
        )  # fmt: skip
    order = sorted(range(len(sizes)), key=lambda at: at == own)
    colours = [theme.OURS if at == own else theme.OTHERS for at in order]
    figure.add_trace(
        scatter(
            x=[sizes[at] for at in order],
            y=[values[at] for at in order],
            mode="markers",
            marker={
                "color": colours,
                "opacity": 1,
                "size": [13 if at == own else 9 for at in order],
                "symbol": "circle-open" if hollow else "circle",
                "line": {"width": 2, "color": colours},
            },
            customdata=[words[at] for at in order],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )
    if own is not None:
        figure.add_annotation(
            x=math.log10(sizes[own]), y=values[own], text=f"<b>{own_words}</b>", showarrow=False,
            xanchor="left", align="left", xshift=11,
            # away from the level's line
            yanchor="bottom" if level is not None and values[own] >= level else "top",
        )  # fmt: skip
    ticks = [size for size in (50_000, 100_000, 200_000, 400_000, 800_000) if sizes]
    figure.update_layout(
        xaxis={
            "type": "log",
            "tickvals": ticks,
            "ticktext": [formats.number(size) for size in ticks],
            "range": [math.log10(0.8 * min(sizes)), math.log10(1.25 * max(sizes))] if sizes else None,
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
    figure = Drawing(
        bar(
            x=actuals,
            y=places,
            orientation="h",
            marker={"color": theme.OURS},
            customdata=list(words),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.add_trace(
        scatter(
            x=plans,
            y=places,
            mode="markers",
            marker={
                "symbol": "line-ns",
                "size": 20,
                "color": theme.TARGET,
                "line": {"width": 4, "color": theme.TARGET},
            },
            customdata=list(words),
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(tickvals=places, ticktext=list(labels), showgrid=False, automargin=True)
    figure.update_xaxes(
        rangemode="tozero", title={"text": axis}, zeroline=False, nticks=4, tickangle=0, tickformat=",.0f"
    )
    return finish(figure, 100 + 34 * max(1, len(labels)), top=12, right=24)
