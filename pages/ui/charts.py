"""Charts: from the rows of an answer to a figure. Pure: the same rows give the same figure.

Colours have the meanings of `pages.ui.theme`; text takes the theme's colour. Tooltips say what the table says, with
the same words. Axes of shares go from 0 to 100, of counts from zero. Lines are for time, dots for comparison, a band
for what missing dates could hide. Drawn through `show`, without plotly's mode bar and without its cloud.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from textwrap import wrap
from typing import Any, ParamSpec

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from indicators.analysis.control_chart import COMMON, CONCERN, IMPROVEMENT, NEUTRAL, SpcResult
from indicators.analysis.funnel import CONTROL_LEVEL, WARNING_LEVEL, Funnel, curve
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import label_of, period_of, periods_between, start_of
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, SUPPRESSED, has_range
from indicators.service_debt.debt import DebtPeriod
from pages.ui import formats, theme
from pages.ui.kept import content_of, kept
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
#: Figures whose written form is kept.
_MOST_SENT = 600
_SHARE_TICKS = (0, 20, 40, 60, 80, 100)
_HEIGHT = 340
#: Pixels between two labels at the ends of lines.
_LABEL_GAP = 15
#: Height of the two lines of a mark's words.
_MARK_HEIGHT = 32
#: Symbol and colour of what a point of an XmR chart tells: the colours are those of verdicts.
_SIGNALS = {
    COMMON: ("circle", theme.OURS),
    IMPROVEMENT: ("diamond", theme.TARGET),
    CONCERN: ("x", theme.LIMIT),
    NEUTRAL: ("diamond-open", theme.OURS),
}
#: Height of a row of the ranking, which has n and coverage under the name.
_RANK_HEIGHT = 40


P = ParamSpec("P")


def _shared(function: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """Keep a figure, with the mark of what it was made of as its `meta`: by that `show` finds what it sent before."""

    @kept
    @wraps(function)
    def marked(*args: P.args, **named: P.kwargs) -> go.Figure:
        figure = function(*args, **named)
        figure.update_layout(meta=content_of(function.__name__, args, named).hex())
        return figure

    return marked


_Trace = dict[str, Any]


class _Drawing:
    """A figure while it is drawn, as plain dictionaries.

    plotly checks every property as it is set, which takes many times longer than drawing; the tests check the finished
    figures instead. The methods are those of plotly's figures.
    """

    def __init__(self, *traces: _Trace) -> None:
        self._traces = list(traces)
        self._layout: dict[str, Any] = {"shapes": [], "annotations": []}

    def add_trace(self, trace: _Trace) -> None:
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


def _scatter(**properties: Any) -> _Trace:
    return _trace("scatter", properties)


def _bar(**properties: Any) -> _Trace:
    return _trace("bar", properties)


def _trace(kind: str, properties: dict[str, Any]) -> _Trace:
    """A trace; columns of a frame as lists, a missing value as None."""
    listed = {
        name: [None if formats.missing(item) else item for item in value]
        if isinstance(value, pd.Series)
        else value
        for name, value in properties.items()
    }
    return {"type": kind, **listed}


@dataclass(frozen=True)
class Step:
    """A level that holds from one day to another: a target, a limit; drawn as a step with its words.

    `faint` where the level is only a reference there: before or after the period it was promised for.
    """

    start: date
    end: date
    value: float
    words: str
    faint: bool = False


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
    lines = [f"<b>{heading}</b>", formats.cell(row, definition), *_basis(row)]
    if row["status"] == INCOMPLETE:
        lines.append(formats.status_word(INCOMPLETE))
    return "<br>".join(lines)


@_shared
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
    figure = _Drawing()
    rows = rows[rows["period_start"].notna()]
    lines = [(None, rows)] if series is None else list(rows.groupby(series, sort=True))
    lines = [(code, _with_gaps(part, grain)) for code, part in lines]
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
    figure.update_layout(
        xaxis=_time_ticks(rows, grain),
        yaxis=_value_ticks(rows, definition, [step.value for step in targets]),
    )
    _unit_words(figure, definition)
    return _finished(figure, _HEIGHT)


@dataclass(frozen=True)
class Reference:
    """A line to compare with: where its points lie in time, their values, what a tooltip says, which are hollow."""

    name: str
    days: tuple[date, ...]
    values: tuple[float, ...]
    words: tuple[str, ...]
    hollow: tuple[bool, ...]


def middle(first: date, last: date) -> date:
    """The day in the middle of a period: where its value is drawn beside targets that hold from day to day.

    >>> middle(date(2025, 1, 1), date(2025, 12, 31))
    datetime.date(2025, 7, 2)
    """
    return first + (last - first) / 2


@_shared
def against_targets(
    rows: pd.DataFrame,
    definition: Definition,
    *,
    targets: Sequence[Step] = (),
    after: Step | None = None,
    breaks: Sequence[Break] = (),
    references: Sequence[Reference] = (),
) -> go.Figure:
    """Values in the middle of their periods, the target as steps that hold in its periods, lines to compare with.

    `after` is the last target's level once its period has ended, a dotted line with its words. Periods of different
    lengths may stand beside each other. Changes of the rules are numbered; the page says what each is.
    """
    figure = _Drawing()
    for reference in references:
        _reference(figure, reference)
    known = rows[rows["period_start"].notna()]
    placed = known.assign(
        period_start=[middle(a, b) for a, b in zip(known["period_start"], known["period_end"], strict=True)]
    )
    for step in [*targets, *([after] if after else [])]:
        _promise(figure, step, dotted=step is after)
    if len(placed):
        _strong_line(figure, placed, definition, "", theme.OURS, label=False)
    span = span_of(rows, [*targets, *([after] if after else [])], references)
    if span:
        for change in breaks:
            if span[0] < change.day < span[1]:
                _numbered(figure, change)
        _day_axis(figure, *span)
    beside = [value for reference in references for value in reference.values]
    values = _value_ticks(rows, definition, [*(step.value for step in targets), *beside])
    figure.update_layout(yaxis=values)
    _unit_words(figure, definition)
    _end_labels(figure, placed, definition, references, values["range"])
    return _finished(figure, _HEIGHT + 20, top=44, right=92)


def span_of(
    rows: pd.DataFrame, targets: Sequence[Step], references: Sequence[Reference] = ()
) -> tuple[date, date] | None:
    """The first and last day that a chart of values, targets and lines to compare with shows; None of nothing."""
    known = rows[rows["value"].notna() | rows["low"].notna()]
    days = [*known["period_start"], *known["period_end"]]
    days += [day for step in targets for day in (step.start, step.end)]
    days += [day for reference in references for day in reference.days]
    return (min(days), max(days)) if days else None


def _reference(figure: _Drawing, reference: Reference) -> None:
    figure.add_trace(
        _scatter(
            x=list(reference.days),
            y=list(reference.values),
            mode="lines+markers",
            line={"color": theme.BENCHMARK, "width": 1.4},
            marker={
                "color": theme.BENCHMARK,
                "size": 6,
                "symbol": ["circle-open" if hollow else "circle" for hollow in reference.hollow],
                "line": {"width": 1.5, "color": theme.BENCHMARK},
            },
            customdata=list(reference.words),
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )


def _end_labels(
    figure: _Drawing,
    rows: pd.DataFrame,
    definition: Definition,
    references: Sequence[Reference],
    scale: Sequence[float],
) -> None:
    """Our newest value and the names of the lines at their ends, moved apart where they would cover each other."""
    labels = [(line.values[-1], line.days[-1], line.name) for line in references]
    known = rows[rows["value"].notna()]
    if len(known):
        last = known.iloc[-1].to_dict()
        labels.append((last["value"], last["period_start"], f"<b>{formats.cell(last, definition)}</b>"))
    pixels = (_HEIGHT - 50) / (scale[1] - scale[0])
    placed, lines_before = -math.inf, 0
    for value, day, text in sorted(labels):
        wanted, lines = value * pixels, 1 + text.count("<br>")
        placed = max(wanted, placed + _LABEL_GAP * (lines + lines_before) / 2)
        lines_before = lines
        figure.add_annotation(
            x=day, y=value, text=text, showarrow=False, xanchor="left", align="left", xshift=9,
            yshift=placed - wanted, font={"size": 12 if text.startswith("<b>") else 11},
        )  # fmt: skip


def _promise(figure: _Drawing, step: Step, *, dotted: bool) -> None:
    """A target's level over its period with its number above; dotted where it only stays as a reference."""
    figure.add_trace(
        _scatter(
            x=[step.start, step.end],
            y=[step.value, step.value],
            mode="lines",
            line={
                "color": theme.TARGET,
                "width": 1.5 if dotted else 2.5,
                "dash": "dot" if dotted else "solid",
            },
            customdata=[f"<b>{step.words}</b>"] * 2,
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )
    figure.add_annotation(
        x=step.end if dotted else middle(step.start, step.end), y=step.value, text=step.words, showarrow=False,
        xanchor="right" if dotted else "center", yanchor="bottom",
        # Above the number, and not under the line, where the newest value has its own: a telephone is narrow.
        yshift=15 if dotted else 2, font={"size": 11},
    )  # fmt: skip


def _numbered(figure: _Drawing, change: Break, *, below: bool = False) -> None:
    figure.add_vline(x=change.day.isoformat(), line={"color": theme.OTHERS, "width": 1.2, "dash": "dot"})
    figure.add_annotation(
        x=change.day.isoformat(), y=0 if below else 1, yref="paper", yanchor="bottom", text=change.words,
        showarrow=False, font={"size": 11}, bordercolor=theme.OTHERS, borderwidth=1, borderpad=2, yshift=3,
        xshift=9 if below else 0,
    )  # fmt: skip


def _day_axis(figure: _Drawing, first: date, last: date) -> None:
    """Years named in their middle, parted by thin lines; where fewer than two years are shown, the quarters."""
    years = range(first.year, last.year + 1)
    if len(years) > 2:
        every = math.ceil(len(years) / 8)
        ticks = [date(year, 7, 1) for year in years]
        texts = [str(year) if (years[-1] - year) % every == 0 else "" for year in years]
        borders = [date(year, 1, 1) for year in years[1:]]
    else:
        starts = [date(year, month, 1) for year in years for month in (1, 4, 7, 10)]
        ticks = [date(start.year, start.month + 1, 15) for start in starts]
        texts = [
            formats.tick(label_of(start, "quarter"), with_year=start.month == 1 or at == 0)
            for at, start in enumerate(starts)
        ]
        borders = [date(year, 1, 1) for year in years[1:]]
    for border in borders:
        figure.add_vline(
            x=border.isoformat(), line={"color": theme.faint(theme.OTHERS, 0.25), "width": 1}, layer="below"
        )
    start, end = date(first.year, 1, 1), date(last.year, 12, 31)
    figure.update_xaxes(
        tickvals=ticks, ticktext=texts, tickangle=0, showgrid=False, zeroline=False, range=[start, end]
    )


@_shared
def small(
    rows: pd.DataFrame,
    definition: Definition,
    grain: str,
    targets: Sequence[Step] = (),
    top: float | None = None,
) -> go.Figure:
    """One of several small trends that stand side by side on one scale: shares 0 to 100, others 0 to `top`.

    A figure of its own, so that as many stand beside each other as the window has room for.
    """
    figure = _Drawing()
    _strong_line(figure, _with_gaps(rows, grain), definition, "", theme.OURS, label=False)
    span = _span(rows, targets)
    for step in targets:
        if span and max(step.start, span[0]) <= min(step.end, span[1]):
            level = _level(step, max(step.start, span[0]), min(step.end, span[1]), definition)
            figure.add_trace(level)
    values = _value_ticks(rows, definition, [step.value for step in targets])
    if definition.is_share:
        values |= {"tickvals": _SHARE_TICKS[::5], "ticktext": values["ticktext"][::5]}
    elif top is not None:
        values |= {"range": [0, 1.12 * max(top, 1)], "nticks": 3}
    figure.update_layout(xaxis=_time_ticks(rows, grain, 3), yaxis=values)
    return _finished(figure, 150, top=6, right=14)


@_shared
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
    rests = [_rest(row) for row in ordered.to_dict("records")]
    positions = list(range(len(ordered)))[::-1]
    figure = _Drawing()
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
                _scatter(
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
        _scatter(
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
    return _finished(figure, 80 + _RANK_HEIGHT * max(1, len(ordered)), top=34, right=96)


def _rest(row: Mapping[str, Any]) -> str:
    """What a value rests on: n and coverage, as far as they are known, and that its period is not complete."""
    said = _basis(row)
    if row["status"] == INCOMPLETE:
        said.append(formats.status_word(INCOMPLETE))
    return ", ".join(said)


def _basis(row: Mapping[str, Any]) -> list[str]:
    """n and coverage of a row, where there is something they are of."""
    if formats.missing(row.get("denominator")) or row["status"] == NO_DENOMINATOR:
        return []
    said = [_("n = {n}").format(n=formats.number(row["denominator"]))]
    if formats.has_coverage(row):
        said.append(_("coverage {coverage}").format(coverage=formats.coverage(row)))
    return said


@_shared
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
    figure = _Drawing(
        _bar(
            x=places,
            y=[one.short for one in periods],
            marker={"color": theme.faint(theme.OTHERS, 0.7)},
            customdata=list(words),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    sums = [None if one.short is None else one.balance for one in periods]
    figure.add_trace(
        _scatter(
            x=places,
            y=sums,
            mode="lines+markers",
            line={"color": theme.OURS, "width": 2.5},
            marker={"color": theme.OURS, "size": 8 if len(periods) <= 30 else 5, "opacity": 1},
            customdata=list(words),
            hovertemplate="%{customdata}<extra></extra>",
            connectgaps=False,
            cliponaxis=False,
        )
    )
    against = [None if one.short is None else one.balance for one in adjusted]
    if any(value is not None for value in against):
        figure.add_trace(
            _scatter(
                x=places,
                y=against,
                mode="lines+markers",
                line={"color": theme.BREACH, "width": 2.5, "dash": "dash"},
                marker={"color": theme.BREACH, "size": 8 if len(periods) <= 30 else 5, "symbol": "diamond"},
                customdata=list(words),
                hovertemplate="%{customdata}<extra></extra>",
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
    return _finished(figure, _HEIGHT)


@_shared
def funnel(found: Funnel, names: Mapping[str, str], words: Mapping[str, str], level_words: str) -> go.Figure:
    """Shares against their n, with the share of all and the limits around it that narrow as n grows.

    Those outside the outer limits are named beside their point; the others are named in tooltip and table. Points whose
    limits would be rough, or whose period is not complete, are hollow. Without a value or an n nothing is drawn.
    """
    drawn = [one for one in found.points if one.value is not None and one.denominator]
    most = max((one.denominator or 0 for one in drawn), default=1) * 1.12
    grid = [most * step / 60 for step in range(1, 61)]
    figure = _Drawing()
    for level, width, dash in ((CONTROL_LEVEL, 1.6, "solid"), (WARNING_LEVEL, 1.2, "dot")):
        lines = curve(found, grid, level)
        for side in (1, 2):
            figure.add_trace(
                _scatter(
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
        _scatter(
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
        yaxis=_share_axis(),
    )
    return _finished(figure, _HEIGHT + 40, right=86)


@_shared
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
    figure = _Drawing()
    if level is not None:
        figure.add_hline(y=level, line={"color": theme.BENCHMARK, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=1, y=level, xref="paper", text=level_words, showarrow=False, xanchor="left", align="left",
            xshift=4, font={"size": 11},
        )  # fmt: skip
    order = sorted(range(len(sizes)), key=lambda at: at == own)
    colours = [theme.OURS if at == own else theme.OTHERS for at in order]
    figure.add_trace(
        _scatter(
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
        yaxis=_share_axis(),
    )
    return _finished(figure, _HEIGHT + 40, right=86)


@_shared
def against_plan(
    labels: Sequence[str],
    plans: Sequence[float | None],
    actuals: Sequence[float | None],
    words: Sequence[str],
    axis: str,
) -> go.Figure:
    """Actuals as bars against what was planned, marked by an upright line; an actual not reported has no bar."""
    places = list(range(len(labels)))[::-1]
    figure = _Drawing(
        _bar(
            x=actuals,
            y=places,
            orientation="h",
            marker={"color": theme.OURS},
            customdata=list(words),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.add_trace(
        _scatter(
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
    return _finished(figure, 100 + 34 * max(1, len(labels)), top=12, right=24)


@_shared
def histogram(bands: Sequence[Band], marks: Sequence[Mark], axis: str) -> go.Figure:
    """Counts of waits in bands of whole days, with the limits marked; a hidden band has no bar but ■ on the axis."""
    bands = _trimmed(bands, max((mark.days for mark in marks), default=0))
    labels = [band_words(band) for band in bands]
    words = [
        "<b>"
        + _("{days} days").format(days=label)
        + "</b><br>"
        + (formats.verdict("suppressed") if band.count is None else formats.number(band.count))
        for label, band in zip(labels, bands, strict=True)
    ]
    counts = [band.count for band in bands]
    figure = _Drawing(
        _bar(
            x=list(range(len(bands))),
            y=counts,
            marker={"color": theme.OURS},
            cliponaxis=False,
            customdata=words,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for at, count in enumerate(counts):
        if count is None:
            figure.add_annotation(
                x=at, y=0, yanchor="bottom", text=formats.VERDICTS["suppressed"][0], hovertext=words[at],
                showarrow=False,
            )  # fmt: skip
    for at, mark in enumerate(sorted(marks, key=lambda mark: mark.days)):
        place = _after(bands, mark.days)
        if place is None:
            continue
        # A label beyond the middle is written towards the left, so that it stays inside on a phone.
        leftwards = place > len(bands) / 2
        figure.add_vline(x=place, line={"color": mark.colour, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=place, y=1, yref="paper", yanchor="bottom", xanchor="right" if leftwards else "left",
            xshift=2 if leftwards else -2, yshift=_MARK_HEIGHT * at, text=mark.words, showarrow=False,
            align="right" if leftwards else "left",
        )  # fmt: skip
    figure.update_layout(
        xaxis={
            "tickvals": list(range(len(bands))),
            "ticktext": labels,
            "range": [-0.6, len(bands) - 0.4],
            "showgrid": False,
            "title": {"text": _("wait, days")},
        },
        yaxis={"range": [0, 1.15 * max([*(count for count in counts if count), 1])], "zeroline": False},
    )
    figure.add_annotation(
        x=0, y=1, xref="paper", yref="paper", yanchor="bottom", xanchor="left", yshift=4, text=axis,
        showarrow=False,
    )  # fmt: skip
    return _finished(figure, _HEIGHT, top=30 + _MARK_HEIGHT * len(marks), right=24)


def band_words(band: Band) -> str:
    """The days of a band: 7, 8–14 or more than 90.

    >>> band_words(Band(8, 14, 3.0))
    '8–14'
    """
    if band.high is None:
        return _("over {days}").format(days=formats.number(band.low - 1))
    return formats.number(band.low) if band.low == band.high else f"{band.low}–{band.high}"


def _trimmed(bands: Sequence[Band], least: int) -> list[Band]:
    """The bands without those empty at the end, but always up to the band in which `least` days lie."""
    last = max(
        (at for at, band in enumerate(bands) if band.count is None or band.count > 0 or band.low <= least),
        default=0,
    )
    return list(bands[: last + 1])


@dataclass(frozen=True)
class Projected:
    """Where a series is expected to be on a day, with its interval and what a tooltip says of it."""

    day: date
    value: float
    low: float
    high: float
    words: str


@_shared
def xmr(
    result: SpcResult,
    definition: Definition,
    grain: str,
    told: Mapping[str, str],
    targets: Sequence[Step] = (),
    ahead: Projected | None = None,
) -> go.Figure:
    """An XmR chart: values with mean and limits between breaks; what is beyond ordinary variation has its own shape.

    `told` has what each point says, by the name of its period. Provisional limits are dotted. Limits of a share are drawn
    within 0–100; breaks are numbered, the page says what each is.
    """
    figure = _Drawing()
    frame = pd.DataFrame(
        {"period_start": [p.date for p in result.points], "value": [p.value for p in result.points]}
    )
    frame["value"] = frame["value"].astype(float)
    span = (min(frame["period_start"]), max(frame["period_start"]))
    for step in targets:
        _step(figure, step, definition, span)
    bounds = (0.0, 100.0) if definition.is_share else (0.0, math.inf)
    levels: list[float] = []
    for group in result.groups:
        days = [result.points[group.first].date, result.points[group.last].date]
        lines = [] if group.mean is None else [(group.mean, "solid")]
        if group.limits is not None:
            dash = "dot" if group.provisional else "dash"
            lines += [(group.limits.lower, dash), (group.limits.upper, dash)]
        for level, dash in lines:
            drawn = min(max(level, bounds[0]), bounds[1])
            levels.append(drawn)
            figure.add_trace(
                _scatter(
                    x=days, y=[drawn] * 2, mode="lines", hoverinfo="skip",
                    line={"color": theme.OTHERS, "width": 1.5, "dash": dash},
                )
            )  # fmt: skip
    kinds = [point.kind or COMMON for point in result.points]
    size = 7 if len(result.points) <= 60 else 5
    figure.add_trace(
        _scatter(
            x=frame["period_start"],
            y=frame["value"],
            mode="lines+markers",
            line={"color": theme.faint(theme.OURS, 0.55), "width": 1.2},
            marker={
                "color": [_SIGNALS[kind][1] for kind in kinds],
                "symbol": [_SIGNALS[kind][0] for kind in kinds],
                "size": [size if kind == COMMON else size + 3 for kind in kinds],
                "opacity": 1,
            },
            customdata=[
                f"<b>{formats.period(p.label)}</b><br>"
                + (
                    formats.status_word(p.status)
                    if p.value is None
                    else f"{formats.value(p.value, definition)}<br>{told.get(p.label, '')}"
                )
                for p in result.points
            ],
            hovertemplate="%{customdata}<extra></extra>",
            connectgaps=False,
            cliponaxis=False,
        )
    )
    if ahead is not None:
        figure.add_trace(
            _scatter(
                x=[ahead.day],
                y=[ahead.value],
                mode="markers",
                marker={"symbol": "circle-open", "size": 10, "color": theme.OURS, "line": {"width": 2}},
                error_y={
                    "array": [ahead.high - ahead.value],
                    "arrayminus": [ahead.value - ahead.low],
                    "color": theme.OURS,
                    "thickness": 2,
                },
                customdata=[ahead.words],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
        levels += [ahead.high]
    restarts = [group for group in result.groups if group.reason is not None]
    for at, group in enumerate(restarts, start=1):
        _numbered(figure, Break(result.points[group.first].date, str(at)), below=True)
    values = _value_ticks(frame, definition, [*levels, *(step.value for step in targets)])
    figure.update_layout(xaxis=_time_ticks(frame, grain, most=3), yaxis=values)
    _limit_labels(figure, result, definition, bounds, values["range"])
    _unit_words(figure, definition)
    return _finished(figure, _HEIGHT, top=36, right=64)


def _limit_labels(
    figure: _Drawing,
    result: SpcResult,
    definition: Definition,
    bounds: tuple[float, float],
    scale: Sequence[float],
) -> None:
    """The newest mean and limits at the end of their lines, moved apart where they would cover each other."""
    group = result.group
    if group is None or group.mean is None:
        return
    levels = [group.mean]
    if group.limits is not None:
        levels += [group.limits.lower, group.limits.upper]
    pixels = (_HEIGHT - 60) / (scale[1] - scale[0])
    placed = -math.inf
    for level in sorted(levels):
        drawn = min(max(level, bounds[0]), bounds[1])
        wanted = drawn * pixels
        placed = max(wanted, placed + _LABEL_GAP)
        figure.add_annotation(
            x=result.points[group.last].date, y=drawn, showarrow=False, xanchor="left", xshift=9,
            yshift=placed - wanted, text=formats.value(level, definition), font={"size": 11},
        )  # fmt: skip


@dataclass(frozen=True)
class Course:
    """A group around a day: its name, its periods (middle day, value, what a tooltip says; none where they are not told)
    and its levels before and after, each from one day to another with what a tooltip says of it.
    """

    name: str
    points: tuple[tuple[date, float | None, str], ...]
    levels: tuple[tuple[date, date, float, str], ...]


@_shared
def around(
    courses: Sequence[Course], day: date, day_words: str, definition: Definition, grain: str, axis: str
) -> go.Figure:
    """What came before a marked day and after it: the first course strong, the others thin and grey; named above.

    The levels of the windows are lines from their first day to their last; lines of periods break at the day.
    """
    figure = _Drawing()
    for at, course in reversed(list(enumerate(courses))):
        colour, width = (theme.OURS, 2.5) if at == 0 else (theme.OTHERS, 1.2)
        for part in ([p for p in course.points if p[0] < day], [p for p in course.points if p[0] >= day]):
            figure.add_trace(
                _scatter(
                    x=[p[0] for p in part],
                    y=[p[1] for p in part],
                    mode="lines+markers",
                    line={"color": theme.faint(colour, 0.55 if at == 0 else 0.75), "width": 1.4},
                    marker={"color": colour, "opacity": 1, "size": 7 if at == 0 else 4},
                    customdata=[p[2] for p in part],
                    hovertemplate="%{customdata}<extra></extra>",
                    connectgaps=False,
                    cliponaxis=False,
                )
            )
        for first, last, value, words in course.levels:
            figure.add_trace(
                _scatter(
                    x=[first, last],
                    y=[value] * 2,
                    mode="lines",
                    line={"color": colour, "width": width, "dash": "solid" if at == 0 else "dash"},
                    customdata=[words] * 2,
                    hovertemplate="%{customdata}<extra></extra>",
                    cliponaxis=False,
                )
            )
    figure.add_vline(x=day.isoformat(), line={"color": theme.OTHERS, "width": 2, "dash": "dot"})
    figure.add_annotation(
        x=day.isoformat(), y=0, yref="paper", yanchor="bottom", xanchor="left", xshift=4, text=day_words,
        showarrow=False,
    )  # fmt: skip
    drawn = [level for course in courses for level in course.levels]
    frame = pd.DataFrame(
        {
            "period_start": [start_of(level[0], grain) for level in drawn],
            "value": [level[2] for level in drawn],
        }
    )
    values = [p[1] for course in courses for p in course.points if p[1] is not None]
    scale = _value_ticks(frame, definition, values)
    first, last = min(level[0] for level in drawn), max(level[1] for level in drawn)
    starts = [period.start for period in periods_between(first, last, grain)]
    ticks = _time_ticks(pd.DataFrame({"period_start": starts}), grain, most=3)
    ticks["tickvals"] = [middle(start, period_of(start, grain).end) for start in ticks["tickvals"]]
    figure.update_layout(xaxis=ticks, yaxis=scale)
    above = [
        f'<span style="color:{theme.OURS if at == 0 else theme.OTHERS}">{"━━" if at == 0 else "┅┅"}</span> {course.name}'
        for at, course in enumerate(courses)
    ]
    for line, text in enumerate(reversed([*above, *([] if definition.is_share else [axis])])):
        # Above the plot, where no line can run through it.
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", yanchor="bottom", xanchor="left", yshift=4 + 17 * line, text=text,
            showarrow=False,
        )  # fmt: skip
    return _finished(figure, _HEIGHT + 20, top=66, right=14)


@dataclass(frozen=True)
class Stack:
    """One bar of stages: its name, the length of each stage in the order of the stages, what a tooltip says of each."""

    name: str
    lengths: tuple[float, ...]
    words: tuple[str, ...]
    total: str


@_shared
def stacked(stacks: Sequence[Stack], stages: Sequence[str], axis: str) -> go.Figure:
    """Horizontal bars whose stages sum to the whole, the first on top, the total at the end of each."""
    figure = _Drawing()
    positions = list(range(len(stacks)))[::-1]
    for at, stage in enumerate(stages):
        figure.add_trace(
            _bar(
                x=[stack.lengths[at] for stack in stacks],
                y=positions,
                orientation="h",
                name=stage,
                marker={"color": theme.STAGES[at]},
                customdata=[stack.words[at] for stack in stacks],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    for stack, position in zip(stacks, positions, strict=True):
        figure.add_annotation(
            x=sum(stack.lengths), y=position, text=stack.total, showarrow=False, xanchor="left", xshift=6,
        )  # fmt: skip
    figure.update_yaxes(
        tickvals=positions, ticktext=["<br>".join(_wrapped(stack.name)) for stack in stacks], showgrid=False
    )
    figure.update_xaxes(rangemode="tozero", title={"text": axis}, zeroline=False)
    # The order of the stages is part of what is shown, so it stands above the bars, in their colours.
    figure.update_layout(
        barmode="stack", legend={"orientation": "h", "y": 1.0, "yanchor": "bottom",
        "x": 0, "traceorder": "normal", "itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    height = 120 + _RANK_HEIGHT * max(1, len(stacks))
    return _finished(figure, height, top=56, right=64, showlegend=True)


def _wrapped(name: str) -> list[str]:
    """A name on as many short lines as it needs, so that bars keep their room on a phone."""
    return wrap(name, 22) or [""]


def worst_first(rows: pd.DataFrame, definition: Definition) -> pd.DataFrame:
    """Rows in the order worst first; hidden intervals by their middle, rows without any value last.

    A hidden count is at least one: where fewer is better it stands before the zeros.
    """
    middle = rows["value"].fillna((rows["low"] + rows["high"]) / 2)
    if definition.unit == "count" and definition.better == "down":
        middle = middle.mask(middle.isna() & (rows["status"] == SUPPRESSED), 0.5)
    ascending = definition.better != "down"
    order = middle.sort_values(ascending=ascending, kind="stable", na_position="last").index
    return rows.loc[order]


def sparkline(values: Iterable[float | None], target: float | None = None, colour: str = theme.OURS) -> str:
    """A small line as the address of an SVG picture; gaps where there is no value, a value between gaps as a dot.

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
        f'<polyline points="{" ".join(run if len(run) > 1 else run * 2)}" fill="none" stroke="{colour}" '
        f'stroke-width="{1.6 if len(run) > 1 else 3}" stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
        for run in runs
        if run
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


#: The beginning of a tag that no chart of ours writes.
_FOREIGN = re.compile(r'<(?!/?b>|br>|/span>|span style="[^"<>]*">|extra></extra>|/extra>)')
_TEXTS_OF_TRACES = ("text", "hovertext", "customdata", "name")


def show(figure: go.Figure, alt: str, key: str) -> None:
    """Draw a figure on the page; `alt` says in a sentence what is to be seen."""
    if figure.layout.meta is None:
        _send(figure, alt, key)
    else:
        _sent(figure.layout.meta, alt, key, figure)


def _send(figure: go.Figure, alt: str, key: str) -> None:
    _no_foreign_markup(figure)
    st.plotly_chart(figure, key=key, config=CONFIG, alt=alt, theme="streamlit")


def _no_foreign_markup(figure: go.Figure) -> None:
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
    """A text, or a sequence of them, as `_no_foreign_markup` leaves it; anything else as it is."""
    if isinstance(text, str):
        return _FOREIGN.sub("&lt;", text) if "<" in text else text
    if isinstance(text, list | tuple | np.ndarray) and any(
        isinstance(one, str) and "<" in one for one in text
    ):
        return [_shown(one) for one in text]
    return text


@st.cache_data(max_entries=_MOST_SENT, show_spinner=False)
def _sent(content: str, alt: str, key: str, _figure: go.Figure) -> None:  # noqa: ARG001  (what it is kept by)
    """Streamlit repeats what it sent for the same content: writing a figure out takes longer than making a page."""
    _send(_figure, alt, key)


def _with_gaps(rows: pd.DataFrame, grain: str) -> pd.DataFrame:
    """The rows of a line with one for every period between its first and last: what is not told is a gap, not a slope.

    A split answer has rows only where there is data.
    """
    if len(rows) < 2:
        return rows
    there = set(rows["period"])
    every = periods_between(min(rows["period_start"]), max(rows["period_start"]), grain)
    absent = [
        {"period": one.label, "period_start": one.start, "period_end": one.end, "status": NO_DATA}
        for one in every
        if one.label not in there
    ]
    # Published figures may come in periods of other lengths: those have no places between them.
    if not absent or not there <= {one.label for one in every}:
        return rows
    found = pd.concat([rows.astype(object), pd.DataFrame(absent, dtype=object)], ignore_index=True)
    numbers = [name for name in rows if pd.api.types.is_float_dtype(rows[name])]
    return found.astype(dict.fromkeys(numbers, float)).sort_values("period_start", ignore_index=True)


def _thin_line(figure: _Drawing, rows: pd.DataFrame, definition: Definition, name: str) -> None:
    records = rows.to_dict("records")
    figure.add_trace(
        _scatter(
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
    for row in filter(has_range, records):
        figure.add_trace(
            _scatter(
                x=[row["period_start"]] * 2,
                y=[row["low"], row["high"]],
                mode="lines",
                line={"color": theme.faint(theme.OTHERS, 0.75), "width": 2},
                customdata=[hover(row, definition, f"{name}, {formats.period(row['period'])}")] * 2,
                hovertemplate="%{customdata}<extra></extra>",
            )
        )


def _strong_line(
    figure: _Drawing,
    rows: pd.DataFrame,
    definition: Definition,
    name: str,
    colour: str,
    *,
    label: bool = True,
    **place: str,
) -> None:
    """A strong line with hollow points for incomplete periods; of hidden shares and ranges a bar from end to end."""
    records = rows.to_dict("records")
    heading = [
        f"{name}, {formats.period(row['period'])}" if name else formats.period(row["period"])
        for row in records
    ]
    hollow = [row["status"] == INCOMPLETE for row in records]
    size = 8 if len(records) <= 30 else 5
    figure.add_trace(
        _scatter(
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
            **place,
        )
    )
    for row, text in zip(records, heading, strict=True):
        if formats.missing(row["value"]) and not formats.missing(row["low"]):
            figure.add_trace(
                _scatter(
                    x=[row["period_start"]] * 2,
                    y=[row["low"], row["high"]],
                    mode="lines",
                    line={"color": colour, "width": 5},
                    customdata=[hover(row, definition, text)] * 2,
                    hovertemplate="%{customdata}<extra></extra>",
                    **place,
                )
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


def _possible(figure: _Drawing, rows: pd.DataFrame) -> None:
    """The range that missing dates leave possible, as a band for each stretch of periods in which it is known."""
    there = rows["possible_low"].notna() & rows["possible_high"].notna()
    for _stretch, known in rows[there].groupby((~there).cumsum()[there]):
        for column, fill in (("possible_low", None), ("possible_high", "tonexty")):
            figure.add_trace(
                _scatter(
                    x=known["period_start"],
                    y=known[column],
                    mode="lines",
                    line={"width": 0},
                    fill=fill,
                    fillcolor=theme.faint(theme.OTHERS, 0.22),
                    hoverinfo="skip",
                )
            )


def _step(figure: _Drawing, step: Step, definition: Definition, span: tuple[date, date] | None) -> None:
    if span is None:
        return
    first, last = max(step.start, span[0]), min(step.end, span[1])
    if first > last:
        return
    figure.add_trace(_level(step, first, last, definition))
    if step.words:
        # Above the plot, where no line can run through it.
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=6,
            text=f'<span style="color:{theme.TARGET}">┅┅</span> {step.words}', showarrow=False,
        )  # fmt: skip


def _level(step: Step, first: date, last: date, definition: Definition, **place: str) -> _Trace:
    """The line of a step; faint where the level is only a reference."""
    words = f"<b>{step.words}</b><br>" if step.words else ""
    return _scatter(
        x=[first, last],
        y=[step.value, step.value],
        mode="lines",
        line={
            "color": theme.TARGET,
            "width": 1.5 if step.faint else 3,
            "dash": "dot" if step.faint else "solid",
        },
        customdata=[words + formats.value(step.value, definition)] * 2,
        hovertemplate="%{customdata}<extra></extra>",
        **place,
    )


def _break(figure: _Drawing, change: Break) -> None:
    figure.add_vline(x=change.day.isoformat(), line={"color": theme.OTHERS, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=change.day.isoformat(), y=0, yref="paper", text=change.words, showarrow=False, xanchor="left",
        yanchor="bottom", xshift=4, align="left", font={"size": 12},
    )  # fmt: skip


def _span(rows: pd.DataFrame, targets: Sequence[Step]) -> tuple[date, date] | None:
    if rows.empty:
        return (min(s.start for s in targets), max(s.end for s in targets)) if targets else None
    return min(rows["period_start"]), max(rows["period_start"])


def _time_ticks(rows: pd.DataFrame, grain: str, most: int = _TICKS) -> dict[str, Any]:
    """A time axis with texts in the reader's language: a few periods, the year where it changes."""
    starts = sorted(set(rows["period_start"]))
    every = max(1, math.ceil(len(starts) / most))
    ticks = starts[::-1][::every][::-1]
    texts, year = [], None
    for start in ticks:
        label = label_of(start, grain)
        texts.append(formats.tick(label, with_year=label[:4] != year))
        year = label[:4]
    return {"tickvals": ticks, "ticktext": texts, "tickangle": 0, "showgrid": False, "zeroline": False}


def _share_axis() -> dict[str, Any]:
    """An axis from 0 to 100 per cent, with room for the point at its end."""
    texts = [formats.percent(at, 0) for at in _SHARE_TICKS]
    return {"range": [0, 102], "tickvals": _SHARE_TICKS, "ticktext": texts, "zeroline": False}


def _value_ticks(rows: pd.DataFrame, definition: Definition, also: Sequence[float]) -> dict[str, Any]:
    """A value axis: shares from 0 to 100 per cent, everything else from zero, or from below where a value is."""
    if definition.is_share:
        return _share_axis()
    values = [value for value in [*rows["value"], *also] if not formats.missing(value)]
    return {"range": [1.12 * min([*values, 0]), 1.12 * max([*values, 1])], "zeroline": False}


def _unit_words(figure: _Drawing, definition: Definition) -> None:
    """The unit above a value axis, so that the plot stays wide; per cent stand behind each number instead."""
    if not definition.is_share:
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", yanchor="bottom", xanchor="left", yshift=4,
            text=formats.unit_word(definition), showarrow=False,
        )  # fmt: skip


def _finished(
    figure: _Drawing, height: int, *, top: int = 28, right: int = 76, showlegend: bool = False
) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": right, "t": top, "b": 8},
        showlegend=showlegend,
        separators={"fi": ",\u00a0", "sv": ",\u00a0", "en": ".,"}[language()],
        hoverlabel={"align": "left"},
        dragmode=False,
        bargap=0.12,
    )
    figure.update_xaxes(fixedrange=True, automargin=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    return figure.finished()


def _after(bands: Sequence[Band], days: int) -> float | None:
    """Where on the axis the last day within a limit ends; None where the bands do not part there."""
    for at, band in enumerate(bands):
        if band.high == days:
            return at + 0.5
    return None
