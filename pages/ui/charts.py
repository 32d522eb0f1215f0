"""Charts: from the rows of an answer to a figure. Pure: the same rows give the same figure.

Colours have the meanings of `pages.ui.theme`; text takes the theme's colour. Tooltips say what the table says, with
the same words. Axes of shares go from 0 to 100, of counts from zero. Lines are for time, dots for comparison, a band
for what missing dates could hide. Drawn through `show`, without plotly's mode bar and without its cloud.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from indicators.definition import Definition
from indicators.periods import label_of
from indicators.question import INCOMPLETE, SUPPRESSED
from pages.ui import formats, theme
from pages.ui.texts import _, language

#: What Streamlit hands to plotly.js: no mode bar, nothing sent anywhere.
CONFIG = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "scrollZoom": False,
    "doubleClick": False,
    "responsive": True,
}
#: More lines than this in one plot cannot be told apart.
MOST_LINES = 6
_TICKS = 5
_SHARE_TICKS = (0, 20, 40, 60, 80, 100)
_HEIGHT = 340
_ROW_HEIGHT = 30


@dataclass(frozen=True)
class Step:
    """A level that holds from one day to another: a target, a limit; drawn as a step with its words."""

    start: date
    end: date
    value: float
    words: str


@dataclass(frozen=True)
class Break:
    """A day on which the rules changed, and what changed."""

    day: date
    words: str


@dataclass(frozen=True)
class Band:
    """Waits of `low` to `high` whole days, both included (`high` None: and longer); `count` None where hidden."""

    low: int
    high: int | None
    count: float | None


@dataclass(frozen=True)
class Mark:
    """A limit among the waits: the last day that is within it, and its words."""

    days: int
    words: str
    colour: str = theme.LIMIT


def hover(row: Mapping[str, Any], definition: Definition, heading: str) -> str:
    """What a tooltip says of a row: its value, n, coverage and period, as the table has them."""
    lines = [f"<b>{heading}</b>", formats.cell(row, definition)]
    if not formats.missing(row.get("denominator")):
        lines.append(_("n = {n}").format(n=formats.number(row["denominator"])))
    if not formats.missing(row.get("coverage")):
        lines.append(_("coverage {coverage}").format(coverage=formats.coverage(row)))
    if row["status"] == INCOMPLETE:
        lines.append(formats.status_word(INCOMPLETE))
    return "<br>".join(lines)


def trend(
    rows: pd.DataFrame,
    definition: Definition,
    grain: str,
    *,
    series: str | None = None,
    chosen: str | None = None,
    names: Mapping[str, str] | None = None,
    targets: Sequence[Step] = (),
    breaks: Sequence[Break] = (),
    band: bool = False,
    colour: str = theme.OURS,
) -> go.Figure:
    """Values over time: the chosen line strong, the others thin and grey, a target as a step with its words.

    `series` is the split whose values are the lines (`names` their names); without it there is one line. Incomplete
    periods are hollow, hidden and missing ones a gap. `band` draws the range that missing dates leave possible.
    """
    figure = go.Figure()
    rows = rows[rows["period_start"].notna()]
    lines = [(None, rows)] if series is None else list(rows.groupby(series, sort=True))
    others = [(code, part) for code, part in lines if series is not None and code != chosen]
    for code, part in others:
        _thin_line(figure, part, definition, (names or {}).get(code, str(code)))
    for code, part in lines:
        if series is None or code == chosen:
            name = "" if code is None else (names or {}).get(code, str(code))
            if band:
                _possible(figure, part)
            _strong_line(figure, part, definition, name, colour)
    span = _span(rows, targets)
    for step in targets:
        _step(figure, step, definition, span)
    for change in breaks:
        if span and span[0] < change.day < span[1]:
            _break(figure, change)
    _time_axis(figure, rows, grain)
    _value_axis(figure, rows, definition, [step.value for step in targets])
    return _finished(figure, _HEIGHT)


def small_multiples(
    rows: pd.DataFrame,
    definition: Definition,
    grain: str,
    series: str,
    names: Mapping[str, str],
    *,
    targets: Sequence[Step] = (),
    columns: int = 3,
) -> go.Figure:
    """One small trend per value of a split, all on one scale, in the order of `names`."""
    codes = [code for code in names if code in set(rows[series])]
    columns = max(1, min(columns, len(codes)))
    count = max(1, math.ceil(len(codes) / columns))
    figure = make_subplots(
        rows=count,
        cols=columns,
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        vertical_spacing=min(0.12, 0.5 / count),
        subplot_titles=[names[code] for code in codes] or None,
    )
    span = _span(rows, targets)
    for at, code in enumerate(codes):
        place = {"row": at // columns + 1, "col": at % columns + 1}
        _strong_line(figure, rows[rows[series] == code], definition, "", theme.OURS, label=False, **place)
        for step in targets:
            first, last = max(step.start, span[0]), min(step.end, span[1])
            figure.add_trace(
                go.Scatter(
                    x=[first, last],
                    y=[step.value, step.value],
                    mode="lines",
                    line={"color": theme.TARGET, "width": 1.5, "dash": "dash"},
                    hoverinfo="skip",
                ),
                **place,
            )
    _time_axis(figure, rows, grain, most=3)
    _value_axis(figure, rows, definition, [step.value for step in targets], title=False)
    figure.update_annotations(font_size=13)
    return _finished(figure, 60 + 150 * count, top=40, right=16)


def ranked(
    rows: pd.DataFrame,
    definition: Definition,
    series: str,
    names: Mapping[str, str],
    *,
    target: float | None = None,
    target_words: str = "",
    low_coverage_pct: float | None = None,
) -> go.Figure:
    """One dot per value of a split, worst first, with its number written beside it and the target as a line.

    A hidden share is drawn as the interval it lies in, else its name stands with the word for hidden, last. With
    `low_coverage_pct` a dot of lower coverage is hollow.
    """
    ordered = worst_first(rows, definition)
    labels = [names.get(code, str(code)) for code in ordered[series]]
    positions = list(range(len(ordered)))[::-1]
    figure = go.Figure()
    records = ordered.to_dict("records")
    texts, shown_x, shown_y, symbols, hovers, left = [], [], [], [], [], []
    for row, label, at in zip(records, labels, positions, strict=True):
        interval = not formats.missing(row["low"]) and formats.missing(row["value"])
        middle = (row["low"] + row["high"]) / 2 if interval else row["value"]
        if interval:
            figure.add_trace(
                go.Scatter(
                    x=[row["low"], row["high"]],
                    y=[at, at],
                    mode="lines",
                    line={"color": theme.OURS, "width": 5},
                    hoverinfo="skip",
                )
            )
        if formats.missing(middle):
            left.append((at, formats.cell(row, definition)))
            continue
        low = low_coverage_pct is not None and (
            formats.missing(row["coverage"]) or row["coverage"] < low_coverage_pct
        )
        shown_x.append(middle)
        shown_y.append(at)
        symbols.append("square" if interval else "circle-open" if low else "circle")
        texts.append(f"  {formats.cell(row, definition)}")
        hovers.append(hover(row, definition, label))
    figure.add_trace(
        go.Scatter(
            x=shown_x,
            y=shown_y,
            mode="markers+text",
            text=texts,
            textposition="middle right",
            marker={
                "color": theme.OURS,
                "opacity": 1,
                "size": 11,
                "symbol": symbols,
                "line": {"color": theme.OURS, "width": 2},
            },
            customdata=hovers,
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )
    for at, words in left:
        figure.add_annotation(x=0, y=at, text=words, showarrow=False, xanchor="left", xref="paper", xshift=6)
    if target is not None:
        figure.add_vline(x=target, line={"color": theme.TARGET, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=target, y=1, yref="paper", yanchor="bottom", text=target_words, showarrow=False
        )
    figure.update_yaxes(
        tickvals=positions,
        ticktext=labels,
        range=[-0.6, len(ordered) - 0.4],
        showgrid=False,
        zeroline=False,
        automargin=True,
    )
    if definition.is_share:
        figure.update_xaxes(
            range=[0, 112], tickvals=_SHARE_TICKS, ticktext=[formats.percent(at, 0) for at in _SHARE_TICKS]
        )
    else:
        figure.update_xaxes(rangemode="tozero", title={"text": formats.unit_word(definition)})
    figure.update_xaxes(zeroline=False)
    return _finished(figure, 90 + _ROW_HEIGHT * max(1, len(ordered)), top=34, right=48)


def bars(
    labels: Sequence[str],
    values: Sequence[float | None],
    words: Sequence[str],
    axis: str,
    colour: str = theme.OURS,
) -> go.Figure:
    """Horizontal bars of counts in the order given, the first on top, each with its words at its end."""
    positions = list(range(len(labels)))[::-1]
    figure = go.Figure(
        go.Bar(
            x=[0 if formats.missing(value) else value for value in values],
            y=positions,
            orientation="h",
            marker={"color": colour},
            text=[f" {text}" for text in words],
            textposition="outside",
            cliponaxis=False,
            customdata=[f"<b>{label}</b><br>{text}" for label, text in zip(labels, words, strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.update_yaxes(tickvals=positions, ticktext=list(labels), showgrid=False, automargin=True)
    figure.update_xaxes(rangemode="tozero", title={"text": axis}, zeroline=False)
    return _finished(figure, 90 + _ROW_HEIGHT * max(1, len(labels)), top=16, right=64)


def histogram(bands: Sequence[Band], marks: Sequence[Mark], axis: str) -> go.Figure:
    """Counts of waits in bands of whole days, with the limits marked; a hidden band is drawn as ■ on the axis."""
    labels = [band_words(band) for band in bands]
    hidden = [band.count is None for band in bands]
    counts = [band.count or 0 for band in bands]
    figure = go.Figure(
        go.Bar(
            x=list(range(len(bands))),
            y=counts,
            marker={"color": theme.OURS},
            text=[formats.VERDICTS["suppressed"][0] if gone else "" for gone in hidden],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                "<b>"
                + _("{days} days").format(days=label)
                + "</b><br>"
                + (formats.verdict("suppressed") if gone else formats.number(count))
                for label, gone, count in zip(labels, hidden, counts, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for at, mark in enumerate(sorted(marks, key=lambda mark: mark.days)):
        place = _after(bands, mark.days)
        if place is None:
            continue
        figure.add_vline(x=place, line={"color": mark.colour, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=place, y=1, yref="paper", yanchor="bottom", xanchor="left", xshift=-2,
            yshift=18 * at, text=mark.words, showarrow=False,
        )  # fmt: skip
    every = max(1, math.ceil(len(bands) / 16))
    figure.update_xaxes(
        tickvals=list(range(0, len(bands), every)),
        ticktext=labels[::every],
        tickangle=0,
        showgrid=False,
        title={"text": _("wait from the assessment of need, days")},
    )
    figure.update_yaxes(title={"text": axis}, rangemode="tozero", zeroline=False)
    return _finished(figure, _HEIGHT, top=30 + 18 * len(marks), right=24)


def band_words(band: Band) -> str:
    """The days of a band: 7, 8–14 or more than 90.

    >>> band_words(Band(8, 14, 3.0))
    '8–14'
    """
    if band.high is None:
        return _("over {days}").format(days=formats.number(band.low - 1))
    return formats.number(band.low) if band.low == band.high else f"{band.low}–{band.high}"


def worst_first(rows: pd.DataFrame, definition: Definition) -> pd.DataFrame:
    """Rows in the order worst first; hidden intervals by their middle, rows without any value last."""
    middle = rows["value"].fillna((rows["low"] + rows["high"]) / 2)
    ascending = definition.better != "down"
    order = middle.sort_values(ascending=ascending, kind="stable", na_position="last").index
    return rows.loc[order]


def sparkline(values: Iterable[float | None], target: float | None = None, colour: str = theme.OURS) -> str:
    """A small line as the address of an SVG picture; gaps where there is no value, the last point as a dot.

    Empty where there are fewer than two values.
    """
    points = [None if formats.missing(value) else float(value) for value in values]
    known = [value for value in points if value is not None]
    if len(known) < 2:
        return ""
    low, high = (
        min([*known, *([target] if target is not None else [])]),
        max([*known, *([target] if target is not None else [])]),
    )
    height = (high - low) or 1.0
    width = 100 / max(1, len(points) - 1)

    def place(at: int, value: float) -> str:
        return f"{at * width:.2f},{28 - 24 * (value - low) / height:.2f}"

    runs: list[list[str]] = [[]]
    for at, value in enumerate(points):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(at, value))
    lines = "".join(
        f'<polyline points="{" ".join(run)}" fill="none" stroke="{colour}" stroke-width="1.6" '
        'vector-effect="non-scaling-stroke"/>'
        for run in runs
        if len(run) > 1
    )
    level = ""
    if target is not None:
        y = 28 - 24 * (target - low) / height
        level = (
            f'<line x1="0" x2="100" y1="{y:.2f}" y2="{y:.2f}" stroke="{theme.TARGET}" stroke-width="1.2" '
            'stroke-dasharray="3 2" vector-effect="non-scaling-stroke"/>'
        )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 32" preserveAspectRatio="none">'
        f"{level}{lines}</svg>"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def show(figure: go.Figure, alt: str, key: str) -> None:
    """Draw a figure on the page; `alt` says in a sentence what is to be seen."""
    st.plotly_chart(figure, key=key, config=CONFIG, alt=alt, theme="streamlit")


def _thin_line(figure: go.Figure, rows: pd.DataFrame, definition: Definition, name: str) -> None:
    records = rows.to_dict("records")
    figure.add_trace(
        go.Scatter(
            x=rows["period_start"],
            y=rows["value"],
            mode="lines",
            line={"color": theme.faint(theme.OTHERS, 0.75), "width": 1.2},
            customdata=[
                hover(row, definition, f"{name}, {formats.period(row['period'])}") for row in records
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )


def _strong_line(
    figure: go.Figure,
    rows: pd.DataFrame,
    definition: Definition,
    name: str,
    colour: str,
    *,
    label: bool = True,
    **place: int,
) -> None:
    """A strong line with hollow points for incomplete periods and the interval of hidden shares."""
    records = rows.to_dict("records")
    heading = [
        f"{name}, {formats.period(row['period'])}" if name else formats.period(row["period"])
        for row in records
    ]
    hollow = [row["status"] == INCOMPLETE for row in records]
    size = 8 if len(records) <= 30 else 5
    figure.add_trace(
        go.Scatter(
            x=rows["period_start"],
            y=rows["value"],
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={
                "color": colour,
                "opacity": 1,
                "size": [size + 2 if open_ else size for open_ in hollow],
                "symbol": ["circle-open" if open_ else "circle" for open_ in hollow],
                "line": {"width": 2, "color": colour},
            },
            customdata=[hover(row, definition, text) for row, text in zip(records, heading, strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
            connectgaps=False,
            cliponaxis=False,
        ),
        **place,
    )
    for row, text in zip(records, heading, strict=True):
        if row["status"] == SUPPRESSED and not formats.missing(row["low"]):
            figure.add_trace(
                go.Scatter(
                    x=[row["period_start"]] * 2,
                    y=[row["low"], row["high"]],
                    mode="lines",
                    line={"color": colour, "width": 5},
                    customdata=[hover(row, definition, text)] * 2,
                    hovertemplate="%{customdata}<extra></extra>",
                ),
                **place,
            )
    known = rows[rows["value"].notna()]
    if label and len(known):
        last = known.iloc[-1].to_dict()
        words = formats.cell(last, definition)
        figure.add_annotation(
            x=last["period_start"],
            y=last["value"],
            text=f"<b>{words}</b>" + (f"<br>{name}" if name else ""),
            showarrow=False,
            xanchor="left",
            align="left",
            xshift=9,
        )


def _possible(figure: go.Figure, rows: pd.DataFrame) -> None:
    """The range that missing dates leave possible, as a band."""
    known = rows[rows["possible_low"].notna() & rows["possible_high"].notna()]
    if known.empty:
        return
    for column, fill in (("possible_low", None), ("possible_high", "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=known["period_start"],
                y=known[column],
                mode="lines",
                line={"width": 0},
                fill=fill,
                fillcolor=theme.faint(theme.OTHERS, 0.22),
                hoverinfo="skip",
            )
        )


def _step(figure: go.Figure, step: Step, definition: Definition, span: tuple[date, date] | None) -> None:
    if span is None:
        return
    first, last = max(step.start, span[0]), min(step.end, span[1])
    if first > last:
        return
    figure.add_trace(
        go.Scatter(
            x=[first, last],
            y=[step.value, step.value],
            mode="lines",
            line={"color": theme.TARGET, "width": 2, "dash": "dash"},
            customdata=[f"<b>{step.words}</b><br>{formats.value(step.value, definition)}"] * 2,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.add_annotation(
        x=first, y=step.value, text=step.words, showarrow=False, xanchor="left", yanchor="bottom", yshift=2
    )


def _break(figure: go.Figure, change: Break) -> None:
    figure.add_vline(x=change.day.isoformat(), line={"color": theme.OTHERS, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=change.day.isoformat(), y=0, yref="paper", text=change.words, showarrow=False, xanchor="left",
        yanchor="bottom", xshift=4, align="left", font={"size": 12},
    )  # fmt: skip


def _span(rows: pd.DataFrame, targets: Sequence[Step]) -> tuple[date, date] | None:
    if rows.empty:
        return (min(s.start for s in targets), max(s.end for s in targets)) if targets else None
    return min(rows["period_start"]), max(rows["period_start"])


def _time_axis(figure: go.Figure, rows: pd.DataFrame, grain: str, most: int = _TICKS) -> None:
    """Tick texts in the reader's language: a few periods, the year where it changes."""
    starts = sorted(set(rows["period_start"]))
    every = max(1, math.ceil(len(starts) / most))
    ticks = starts[::-1][::every][::-1]
    texts, year = [], None
    for start in ticks:
        label = label_of(start, grain)
        texts.append(formats.tick(label, with_year=label[:4] != year))
        year = label[:4]
    figure.update_xaxes(tickvals=ticks, ticktext=texts, tickangle=0, showgrid=False, zeroline=False)


def _value_axis(
    figure: go.Figure,
    rows: pd.DataFrame,
    definition: Definition,
    also: Sequence[float],
    *,
    title: bool = True,
) -> None:
    if definition.is_share:
        figure.update_yaxes(range=[0, 102])
    else:
        values = [value for value in [*rows["value"], *also] if not formats.missing(value)]
        figure.update_yaxes(range=[0, 1.12 * max([*values, 1])])
    _unit_of_values(figure, definition, words=title)


def _unit_of_values(figure: go.Figure, definition: Definition, *, words: bool = True) -> None:
    """The unit on the axis: per cent behind each number, other units in words above it, so that the plot stays wide."""
    figure.update_yaxes(zeroline=False)
    if definition.is_share:
        figure.update_yaxes(tickvals=_SHARE_TICKS, ticktext=[formats.percent(at, 0) for at in _SHARE_TICKS])
    elif words:
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", yanchor="bottom", xanchor="right", yshift=4,
            text=formats.unit_word(definition), showarrow=False,
        )  # fmt: skip


def _finished(figure: go.Figure, height: int, *, top: int = 28, right: int = 76) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": right, "t": top, "b": 8},
        showlegend=False,
        separators={"fi": ",\u00a0", "sv": ",\u00a0", "en": ".,"}[language()],
        hoverlabel={"align": "left"},
        dragmode=False,
        bargap=0.12,
    )
    figure.update_xaxes(fixedrange=True, automargin=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    return figure


def _after(bands: Sequence[Band], days: int) -> float | None:
    """Where on the axis the last day within a limit ends; None where the bands do not part there."""
    for at, band in enumerate(bands):
        if band.high == days:
            return at + 0.5
    return None
