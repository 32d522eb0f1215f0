"""A series as a small line chart in SVG: our line, limits of ordinary variation, the target, marks of deviations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE
from indicators.report.content import Series
from indicators.wording import colours, formats
from indicators.wording.signals import KINDS

#: The size of a chart in points, and what is left free for the texts around it.
WIDTH, HEIGHT = 340.0, 124.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 46.0, 8.0, 24.0
FONT = "Libertinus Serif"
_SIZE = 9
_TICKS, _FEWEST_TICKS = 5, 4
_SHARE_STEP = 20


@dataclass(frozen=True)
class _Scale:
    """From values to points of the drawing."""

    low: float
    high: float
    count: int

    def x(self, at: int) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (at / max(self.count - 1, 1))

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share


def series_chart(one: Series) -> str:
    """The chart of a series as SVG. Its words for those who do not see it are `words.alternative`."""
    rows = one.answer.rows.to_dict("records")
    scale = _scale(one, rows)
    parts = [
        *_axes(one.definition, scale, rows),
        *_limits(one, scale, rows),
        *_target(one, scale),
        *_line(one, scale, rows),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}pt" '
        f'height="{HEIGHT:g}pt" font-family="{FONT}" font-size="{_SIZE}">{"".join(parts)}</svg>'
    )


def lowest_shown(one: Series) -> float:
    """Where the axis of values begins: of shares at the multiple of 20 below everything drawn, else at zero."""
    return _scale(one, one.answer.rows.to_dict("records")).low


def _scale(one: Series, rows: Sequence[dict[str, Any]]) -> _Scale:
    """Shares from the multiple of 20 below everything drawn to 100, everything else from zero."""
    drawn = [float(row["value"]) for row in rows if not formats.missing(row["value"])]
    limits, level = one.signals.limits, one.signals.target
    shown = [*drawn, *([] if level is None else [level])]
    if one.definition.is_share:
        lowest = min([*shown, *([] if limits is None else [max(limits.lower, 0.0)])], default=0.0)
        return _Scale(
            math.floor(lowest / _SHARE_STEP) * _SHARE_STEP if lowest < 100 else 80.0, 100.0, len(rows)
        )
    highest = max([*shown, *([] if limits is None else [limits.upper])], default=1.0)
    step = tick_step(highest)
    return _Scale(0.0, max(math.ceil(highest / step), 1) * step, len(rows))


def tick_step(highest: float) -> float:
    """The step between ticks from zero to a value: 1, 2 or 5 times a power of ten, at least one.

    >>> tick_step(3), tick_step(47), tick_step(500)
    (1.0, 10.0, 100.0)
    """
    rough = max(highest / _TICKS, 1.0)
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough))


def _axes(definition: Definition, scale: _Scale, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    step = _SHARE_STEP if definition.is_share else tick_step(scale.high)
    for at in range(round((scale.high - scale.low) / step) + 1):
        value = scale.low + at * step
        y = scale.y(value)
        yield _rule(_LEFT, y, WIDTH - _RIGHT, y, colours.LIGHT["border"], 0.5)
        said = formats.percent(value, 0) if definition.is_share else formats.number(value)
        yield _text(_LEFT - 4, y + 3, said, anchor="end")
    every = max(len(rows) // _FEWEST_TICKS, 1)
    for at, row in enumerate(rows):
        if at % every == 0 and at <= len(rows) - 1:
            said, _line_break, year = formats.tick(row["period"], with_year=True).partition("<br>")
            yield _text(scale.x(at), HEIGHT - _BOTTOM + 11, f"{said} {year}".strip(), anchor="middle")


def _limits(one: Series, scale: _Scale, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The band of ordinary variation and the mean, for each stretch between breaks."""
    places = [
        at for at, row in enumerate(rows) if row["period"] in {point.label for point in one.signals.points}
    ]
    for group in one.signals.groups:
        if group.limits is None or group.provisional or group.last >= len(places):
            continue
        first, last = scale.x(places[group.first]), scale.x(places[group.last])
        top, bottom = scale.y(group.limits.upper), scale.y(group.limits.lower)
        yield (
            f'<rect x="{first:.1f}" y="{top:.1f}" width="{last - first:.1f}" height="{bottom - top:.1f}" '
            f'fill="{colours.OTHERS}" fill-opacity="0.14"/>'
        )
        mean = scale.y(group.limits.mean)
        yield _rule(first, mean, last, mean, colours.OTHERS, 0.8)


def _target(one: Series, scale: _Scale) -> Iterator[str]:
    level = one.signals.target
    if level is None:
        return
    y = scale.y(level)
    yield _rule(_LEFT, y, WIDTH - _RIGHT, y, colours.TARGET, 1, dashes="4 2")
    said = formats.percent(level, 0) if one.definition.is_share else formats.value(level, one.definition)
    yield _text(WIDTH - _RIGHT + 4, y + 3, said, colour=colours.TARGET)


def _line(one: Series, scale: _Scale, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The line, broken where a value is missing; marks; the label of the judged value."""
    stretches: list[list[str]] = [[]]
    for at, row in enumerate(rows):
        if formats.missing(row["value"]):
            stretches.append([])
        elif row["status"] != INCOMPLETE:
            stretches[-1].append(f"{scale.x(at):.1f},{scale.y(row['value']):.1f}")
    for points in stretches:
        if len(points) > 1:
            yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{colours.OURS}" stroke-width="1.6"/>'
    kinds = {point.label: point.kind for point in one.signals.points}
    for at, row in enumerate(rows):
        if not formats.missing(row["value"]):
            yield _mark(scale.x(at), scale.y(row["value"]), row, kinds.get(row["period"]))
    last = one.signals.last
    judged = [(at, row) for at, row in enumerate(rows) if last is not None and row["period"] == last.label]
    if judged and not formats.missing(judged[0][1]["value"]):
        at, row = judged[0]
        y = scale.y(row["value"])
        level = one.signals.target
        if level is not None and abs(scale.y(level) - y) < _SIZE:
            y += _SIZE if y >= scale.y(level) else -_SIZE
        yield _text(scale.x(at) + 5, y + 3, formats.cell(row, one.definition), bold=True)


def _mark(x: float, y: float, row: dict[str, Any], kind: str | None) -> str:
    """A point; hollow where its period is incomplete, a shape of its own where it deviates."""
    if row["status"] == INCOMPLETE:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="white" stroke="{colours.OURS}"/>'
    if kind in ("improvement", "concern", "neutral"):
        colour = {"improvement": colours.TARGET, "concern": colours.LIMIT}.get(kind, colours.OTHERS)
        if KINDS[kind][0] == "✕":
            return f'<path d="M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6" stroke="{colour}" stroke-width="1.6" fill="none"/>'
        return f'<path d="M{x:.1f} {y - 3.8:.1f}l3.8 3.8l-3.8 3.8l-3.8 -3.8z" fill="{colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.5" fill="{colours.OURS}"/>'


# Many parameters because a line has two ends and a form.
def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, *, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


# Many parameters because a text has its place and its form.
def _text(
    x: float, y: float, said: str, *, anchor: str = "start", colour: str = "", bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    fill = colour or colours.LIGHT["text"]
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}"{weight}>{escape(said)}</text>'
