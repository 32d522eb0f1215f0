"""A figure of the pages drawn as SVG in the colours of paper, from the same traces, so that it can be taken away.

It knows what the figures of this folder use, not all of plotly: lines, markers, bands between lines, bars, texts, lines
across the plot, linear and logarithmic axes, one legend.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from html import escape, unescape
from typing import Any

import plotly.graph_objects as go

from indicators.drawing.picture import PICTURE
from indicators.drawing.svg import GLYPH, ON_PAPER, Size, document, line, rectangle, tick_step
from indicators.wording import formats

_TEXT, _LINE = 12.0, 1.25
_DASHES = {"dot": "2 3", "dash": "6 4"}
_TAG = re.compile(r"(</?b>|<br>|<span style=\"[^\"<>]*\">|</span>)")
_STYLE = re.compile(r"(color|font-size):\s*([^;\"]+)")
_COLOUR = re.compile(r"rgba\((\d+), (\d+), (\d+), ([\d.]+)\)")
#: Where a text stands at its place: as SVG says it.
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
Dict = Mapping[str, Any]


def figure_svg(figure: go.Figure, width: float = PICTURE.width) -> str:
    """The figure as SVG, as high as on a page."""
    plain = figure.to_plotly_json()
    traces, layout = plain["data"], plain["layout"]
    plot = _Plot.of(traces, layout, width)
    pieces = [*_axes(plot, layout)]
    for shape in layout.get("shapes", ()):
        pieces.append(_shape(plot, shape))
    bars: dict[float, float] = {}
    for at, trace in enumerate(traces):
        if trace["type"] == "bar":
            pieces += _bars(plot, trace, bars, layout)
        else:
            pieces += _scatter(plot, trace, traces[at - 1] if at else None)
    pieces += [_annotation(plot, one) for one in layout.get("annotations", ())]
    if layout.get("showlegend"):
        pieces.append(_legend(plot, traces))
    return document(plot.size, pieces, "", "inherit")


@dataclass(frozen=True)
class _Axis:
    """From values to points: between which values it runs, where these lie, whether it is logarithmic, its ticks."""

    low: float
    high: float
    first: float
    last: float
    log: bool
    ticks: tuple[tuple[float, str], ...]

    def place(self, value: Any) -> float:
        """Where a value of the data lies."""
        number = _number(value)
        return self.at(math.log10(number) if self.log else number)

    def at(self, number: float) -> float:
        """Where a number in the axis's own measure lies."""
        return self.first + (self.last - self.first) * (number - self.low) / ((self.high - self.low) or 1)


@dataclass(frozen=True)
class _Plot:
    """The plot of a figure: its size with what is left free around it, its axes."""

    size: Size
    x: _Axis
    y: _Axis

    @classmethod
    def of(cls, traces: Sequence[Dict], layout: Dict, width: float) -> _Plot:
        margin, height = layout["margin"], layout["height"]
        sides = {"x": layout.get("xaxis", {}), "y": layout.get("yaxis", {})}
        x, y = (_axis(sides[name], traces, name, stacked="barmode" in layout) for name in "xy")
        inside = "inside" in str(sides["y"].get("ticklabelposition"))
        left = 8.0 if inside else 14 + max((_width(words) for _at, words in y.ticks), default=0.0)
        lines = max((words.count("<br>") + 1 for _at, words in x.ticks), default=1)
        bottom = 10 + _TEXT * _LINE * (lines + ("title" in sides["x"]))
        size = Size(width, height + bottom, left, float(margin["r"]), float(margin["t"]), bottom, _TEXT)
        return cls(
            size,
            replace(x, first=size.left, last=size.right_edge),
            replace(y, first=size.foot, last=size.top),
        )


def _axis(said: Dict, traces: Sequence[Dict], name: str, *, stacked: bool) -> _Axis:
    log = said.get("type") == "log"
    if said.get("range"):
        low, high = (_number(end) for end in said["range"])
    else:
        values = [_number(value) for trace in traces for value in trace.get(name) or () if value is not None]
        sums: dict[Any, float] = {}
        for trace in traces if stacked and name == "x" else ():
            for at, value in zip(trace["y"], trace["x"], strict=True):
                sums[at] = sums.get(at, 0.0) + value
        low, high = min([*values, *sums.values()], default=0.0), max([*values, *sums.values()], default=1.0)
        across = any(trace.get("orientation") == "h" for trace in traces)
        bars = any(trace["type"] == "bar" for trace in traces)
        if said.get("rangemode") == "tozero" or (bars and across == (name == "x")):
            low, high = min(low, 0.0), high * 1.05
        elif bars:
            low, high = low - 0.6, high + 0.6
        else:
            room = 0.03 * (high - low) or 0.5
            low, high = low - room, high + room
    return _Axis(low, high, 0.0, 1.0, log, tuple(_ticks(said, low, high, log=log)))


def _ticks(said: Dict, low: float, high: float, *, log: bool) -> Iterator[tuple[float, str]]:
    """The ticks in the axis's own measure with their texts."""
    if "tickvals" in said:
        for value, words in zip(said["tickvals"], said["ticktext"], strict=True):
            number = math.log10(value) if log else _number(value)
            if low <= number <= high:
                yield number, str(words)
        return
    step = tick_step(max(high - min(low, 0.0), 1.0))
    for at in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield at * step, formats.number(at * step)


def _number(value: Any) -> float:
    """A value as a number: a day as its ordinal."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return float(value.toordinal()) if isinstance(value, date) else float(value)


def _axes(plot: _Plot, layout: Dict) -> Iterator[str]:
    """Grid, zero lines, the texts of the ticks and the title of the lower axis."""
    size, ink = plot.size, ON_PAPER
    across, up = layout.get("xaxis", {}), layout.get("yaxis", {})
    inside = "inside" in str(up.get("ticklabelposition"))
    for number, words in plot.y.ticks:
        y = plot.y.at(number)
        if up.get("showgrid", True):
            yield line(size.left, y, size.right_edge, y, ink["hairline"], 0.8)
        lines = words.count("<br>") + 1
        if inside:
            yield _texts(size.left + 4, y - 3 - _TEXT * _LINE * (lines - 1), words, ink["text"])
        else:
            top = y + _TEXT / 3 - _TEXT * _LINE * (lines - 1) / 2
            yield _texts(size.left - 6, top, words, ink["muted"], "end")
    for number, words in plot.x.ticks:
        x = plot.x.at(number)
        if across.get("showgrid", True):
            yield line(x, size.top, x, size.foot, ink["hairline"], 0.8)
        yield _texts(x, size.foot + _TEXT * 1.4, words, ink["muted"], "middle")
    if up.get("zeroline") and plot.y.low < 0 < plot.y.high:
        yield line(size.left, plot.y.at(0), size.right_edge, plot.y.at(0), ink["muted"], 1)
    title = across.get("title", {}).get("text")
    if title:
        yield _texts((size.left + size.right_edge) / 2, size.height - 5, title, ink["muted"], "middle")


def _shape(plot: _Plot, shape: Dict) -> str:
    """A line across the plot: at a value of one axis, from end to end of the other."""
    x0, x1 = (
        (plot.size.left, plot.size.right_edge)
        if shape["xref"] == "x domain"
        else (plot.x.place(shape["x0"]), plot.x.place(shape["x1"]))
    )
    y0, y1 = (
        (plot.size.foot, plot.size.top)
        if shape["yref"] == "y domain"
        else (plot.y.place(shape["y0"]), plot.y.place(shape["y1"]))
    )
    return _stroke([(x0, y0), (x1, y1)], shape["line"])


def _bars(plot: _Plot, trace: Dict, sums: dict[float, float], layout: Dict) -> Iterator[str]:
    """The bars of a trace; stacked ones on those before, whose lengths `sums` holds."""
    across = trace.get("orientation") == "h"
    along, beside = (plot.x, plot.y) if across else (plot.y, plot.x)
    places, lengths = (trace["y"], trace["x"]) if across else (trace["x"], trace["y"])
    half = (1 - layout.get("bargap", 0.12)) / 2
    colour, opacity = _ink(trace["marker"]["color"])
    for place, length in zip(places, lengths, strict=True):
        if formats.missing(length):
            continue
        foot = sums.get(place, 0.0) if "barmode" in layout else 0.0
        sums[place] = foot + length
        ends = sorted((along.place(foot), along.place(foot + length)))
        sides = sorted((beside.at(place - half), beside.at(place + half)))
        x, y = (ends, sides) if across else (sides, ends)
        yield rectangle(x[0], y[0], x[1] - x[0], y[1] - y[0], colour, opacity=opacity)


def _scatter(plot: _Plot, trace: Dict, before: Dict | None) -> Iterator[str]:
    """A line with gaps where values are missing, the band between it and the one before, its markers."""
    points = _points(plot, trace)
    if trace.get("fill") == "tonexty" and before is not None:
        around = [*_points(plot, before), *points[::-1]]
        drawn = " ".join(f"{one[0]:.1f},{one[1]:.1f}" for one in around if one is not None)
        colour, opacity = _ink(trace["fillcolor"])
        yield f'<polygon points="{drawn}" fill="{colour}" fill-opacity="{opacity:g}"/>'
    if "lines" in trace["mode"] and trace["line"].get("width") != 0:
        run: list[tuple[float, float]] = []
        for point in (*points, None):
            if point is not None:
                run.append(point)
                continue
            if len(run) > 1:
                yield _stroke(run, trace["line"])
            run = []
    error = trace.get("error_y")
    for at, point in enumerate(points if error else ()):
        if error and point is not None:
            high, low = (
                plot.y.place(trace["y"][at] + sign * error[name][at])
                for sign, name in ((1, "array"), (-1, "arrayminus"))
            )
            yield line(point[0], high, point[0], low, error["color"], error["thickness"])
    if "markers" in trace["mode"]:
        for at, point in enumerate(points):
            if point is not None:
                yield _marker(point, {name: _of(value, at) for name, value in trace["marker"].items()})


def _points(plot: _Plot, trace: Dict) -> list[tuple[float, float] | None]:
    """Where the values of a trace lie; None where one is missing."""
    return [
        None if formats.missing(x) or formats.missing(y) else (plot.x.place(x), plot.y.place(y))
        for x, y in zip(trace["x"], trace["y"], strict=True)
    ]


def _of(value: Any, at: int) -> Any:
    return value[at] if isinstance(value, list | tuple) else value


def _marker(point: tuple[float, float], said: Dict) -> str:
    """A marker by its symbol, colour and size."""
    x, y = point
    colour, symbol, half = said["color"], str(said.get("symbol", "circle")), said.get("size", 6) / 2
    hollow = symbol.endswith("-open")
    fill = f'fill="{ON_PAPER["paper"] if hollow else colour}" stroke="{colour}" stroke-width="{2 if hollow else 1}"'
    if symbol.startswith("diamond"):
        return f'<path d="M{x:.1f} {y - half:.1f}l{half} {half}l{-half} {half}l{-half} {-half}z" {fill}/>'
    if symbol == "square":
        return rectangle(x - half, y - half, 2 * half, 2 * half, colour)
    if symbol == "line-ns":
        return line(x, y - half, x, y + half, colour, said["line"]["width"])
    if symbol == "x":
        arm = half * 0.8
        return line(x - arm, y - arm, x + arm, y + arm, colour, 3) + line(
            x - arm, y + arm, x + arm, y - arm, colour, 3
        )
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{half:g}" {fill}/>'


def _stroke(points: Sequence[tuple[float, float]], said: Dict) -> str:
    """A line through points, as plotly describes it."""
    colour, opacity = _ink(said["color"])
    dashes = _DASHES.get(said.get("dash", ""), "")
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-opacity="{opacity:g}" '
        f'stroke-width="{said.get("width", 2):g}"{dashed}/>'
    )


def _annotation(plot: _Plot, said: Dict) -> str:
    """A text at a place of the data or of the plot, moved by its shifts."""
    size, words = plot.size, str(said["text"])
    paper_x, paper_y = said.get("xref") == "paper", said.get("yref") == "paper"
    x = (
        size.left + said["x"] * (size.right_edge - size.left)
        if paper_x
        else (plot.x.at(said["x"]) if plot.x.log else plot.x.place(said["x"]))
    )
    y = size.foot - said["y"] * (size.foot - size.top) if paper_y else plot.y.place(said["y"])
    x, y = x + said.get("xshift", 0), y - said.get("yshift", 0)
    font = said.get("font", {})
    text_size = font.get("size", _TEXT)
    height = text_size * _LINE * (words.count("<br>") + 1)
    at = said.get("yanchor", "middle")
    top = y - {"top": 0.0, "middle": height / 2, "bottom": height}[at]
    colour = font.get("color") or ON_PAPER["text"]
    anchor = _ANCHORS[said.get("xanchor", "center")]
    drawn = _texts(x, top + text_size, words, colour, anchor, text_size)
    if "bordercolor" not in said:
        return drawn
    half = _width(words) / 2 + 2
    return (
        f'<rect x="{x - half:.1f}" y="{top:.1f}" width="{2 * half:.1f}" height="{height:.1f}" fill="none" '
        f'stroke="{said["bordercolor"]}"/>{drawn}'
    )


def _legend(plot: _Plot, traces: Sequence[Dict]) -> str:
    """The names of the traces above the plot, each after a patch of its colour."""
    x, y, pieces = plot.size.left, plot.size.top - 14, []
    for trace in traces:
        pieces.append(rectangle(x, y - 9, 11, 11, trace["marker"]["color"]))
        pieces.append(_texts(x + 16, y, trace["name"], ON_PAPER["text"]))
        x += 32 + _width(trace["name"])
    return "".join(pieces)


# Many parameters because a text has its place and its form.
def _texts(x: float, y: float, words: str, colour: str, anchor: str = "start", size: float = _TEXT) -> str:
    """The lines of a text below each other, the first at `y`; bold, colours and sizes as the figures write them."""
    made, bold, styles = [], False, [(colour, size)]
    for at, one in enumerate(_lines(words)):
        pieces = []
        for piece in one:
            if piece in ("<b>", "</b>"):
                bold = piece == "<b>"
            elif piece.startswith("<span"):
                style = dict(_STYLE.findall(piece))
                smaller = float(style.get("font-size", f"{size}px").removesuffix("px"))
                styles.append((style.get("color", styles[-1][0]), smaller))
            elif piece == "</span>":
                styles.pop()
            elif piece:
                weight = ' font-weight="bold"' if bold else ""
                said = escape(unescape(piece))
                pieces.append(
                    f'<tspan fill="{styles[-1][0]}" font-size="{styles[-1][1]:g}"{weight}>{said}</tspan>'
                )
        place = f'x="{x:.1f}" y="{y + at * size * _LINE:.1f}" text-anchor="{anchor}"'
        made.append(f"<text {place}>{''.join(pieces)}</text>")
    return "".join(made)


def _lines(words: str) -> list[list[str]]:
    """A text as lines of pieces: words and marks of form."""
    found: list[list[str]] = [[]]
    for piece in _TAG.split(words):
        if piece == "<br>":
            found.append([])
        else:
            found[-1].append(piece)
    return found


def _width(words: str) -> float:
    """About how wide the longest line of a text is."""
    return max(len(unescape(_TAG.sub("", one))) for one in words.split("<br>")) * _TEXT * GLYPH


def _ink(colour: str) -> tuple[str, float]:
    """A colour and its opacity.

    >>> _ink("rgba(15, 146, 247, 0.2)"), _ink("#0f92f7")
    (('#0f92f7', 0.2), ('#0f92f7', 1.0))
    """
    found = _COLOUR.fullmatch(colour)
    if found is None:
        return colour, 1.0
    return "#" + "".join(f"{int(part):02x}" for part in found.groups()[:3]), float(found[4])
