"""A series over time with what it is judged by: its limits, its targets over their periods, breaks, the value judged."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

import pandas as pd

from indicators.analysis.control_chart import COMMON, SpcResult
from indicators.catalogue.definition import Definition
from indicators.drawing.svg import (
    APART,
    GLYPH,
    ON_PAGE,
    Ink,
    Scale,
    Size,
    document,
    line,
    rectangle,
    text,
    value_axis,
)
from indicators.engine.question import INCOMPLETE
from indicators.wording import formats


@dataclass(frozen=True)
class Level:
    """A target over the days it holds: its value and its words, which stand at the right end of the last."""

    first: date
    last: date
    value: float
    words: str = ""


@dataclass(frozen=True)
class DatedBreak:
    """A dated change of law or of method, and what it is."""

    day: date
    words: str


@dataclass(frozen=True)
class Trend:
    """What a trend shows. `rows` are those of an answer, in the order of time; `judged` is the label of the value labelled.

    `links` are the addresses of points by their period; `tips` what is said of a point under the pointer.
    """

    rows: pd.DataFrame
    definition: Definition
    signals: SpcResult | None = None
    targets: Sequence[Level] = ()
    breaks: Sequence[DatedBreak] = ()
    judged: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    tips: Mapping[str, str] = field(default_factory=dict)

    def lowest(self) -> float:
        """Where the axis of values begins: of shares at the multiple of 20 below everything drawn, else at zero."""
        return self._axis()[0]

    def _axis(self) -> tuple[float, float, float]:
        """Where the axis of values begins and ends, and the step between its ticks."""
        drawn = [float(value) for value in self.rows["value"] if not formats.missing(value)]
        drawn += [level.value for level in self.targets]
        limits = [] if self.signals is None else [one.limits for one in self.signals.groups if one.limits]
        lowest = min([*drawn, *(max(one.lower, 0.0) for one in limits)], default=0.0)
        highest = max([*drawn, *(one.upper for one in limits)], default=1.0)
        return value_axis(lowest, highest, is_share=self.definition.is_share)


def _scale(shown: Trend, size: Size) -> Scale:
    days = [_middle(row) for row in shown.rows.to_dict("records")]
    return Scale(size, min(days, default=0), max(days, default=1), *shown._axis())


def _middle(row: Mapping[str, Any]) -> int:
    return int((row["period_start"].toordinal() + row["period_end"].toordinal()) // 2)


def trend(shown: Trend, size: Size, *, ink: Ink = ON_PAGE, alt: str = "", font: str = "inherit") -> str:
    """The trend as SVG; `alt` are the words for those who do not see it."""
    rows = shown.rows.to_dict("records")
    scale = _scale(shown, size)
    pieces = [
        *_axes(scale, rows, ink),
        *_limits(shown, scale, rows, ink),
        *_breaks(shown, scale, ink),
        *_targets(shown, scale, ink),
        *_line(shown, scale, rows, ink),
        *_labels(shown, scale, rows, ink),
    ]
    return document(size, pieces, alt, font)


def _axes(scale: Scale, rows: Sequence[dict[str, Any]], ink: Ink) -> Iterator[str]:
    size = scale.size
    for at in range(round((scale.high - scale.low) / scale.step) + 1):
        value = scale.low + at * scale.step
        y = scale.y(value)
        yield line(size.left, y, size.right_edge, y, ink["hairline"], 1 if at == 0 else 0.6)
        yield text(size.left - 6, y + size.text / 3, formats.number(value), ink["muted"], anchor="end")
    fits = max(int((size.right_edge - size.left) / (size.text * 5.5)), 2)
    every = max(math.ceil(len(rows) / fits), 1)
    years: set[str] = set()
    for at in range((len(rows) - 1) % every, len(rows), every):
        said, _line_break, year = formats.tick(rows[at]["period"], with_year=True).partition("<br>")
        new = year and year not in years
        years.add(year)
        x = scale.x(_middle(rows[at]))
        yield text(x, size.foot + size.text * 1.3, said, ink["muted"], anchor="middle")
        if new and size.bottom > size.text * 2.4:
            yield text(x, size.foot + size.text * 2.5, year, ink["muted"], anchor="middle")


def _limits(shown: Trend, scale: Scale, rows: Sequence[dict[str, Any]], ink: Ink) -> Iterator[str]:
    """The band of ordinary variation and the mean, for each stretch between breaks."""
    if shown.signals is None:
        return
    places = {row["period"]: scale.x(_middle(row)) for row in rows}
    for group in shown.signals.groups:
        if group.limits is None or group.provisional:
            continue
        drawn = [
            places[point.label]
            for point in shown.signals.points[group.first : group.last + 1]
            if point.label in places
        ]
        if len(drawn) < 2:
            continue
        first, last = drawn[0], drawn[-1]
        top, bottom = scale.y(group.limits.upper), scale.y(group.limits.lower)
        yield rectangle(first, top, last - first, bottom - top, ink["ours"], opacity=0.12)
        for y in (top, bottom):
            yield line(first, y, last, y, ink["ours"], 1, dashes="1.5 2.5")
        mean = scale.y(group.limits.mean)
        yield line(first, mean, last, mean, ink["muted"], 1)


def _breaks(shown: Trend, scale: Scale, ink: Ink) -> Iterator[str]:
    """Each break as a line with its words at the foot, on the lowest line of text on which they meet no others."""
    size = scale.size
    taken: list[tuple[float, float, int]] = []
    for one in sorted(shown.breaks, key=lambda dated: dated.day):
        if not scale.first < one.day.toordinal() < scale.last:
            continue
        x, width = scale.day(one.day), len(one.words) * size.text * GLYPH
        yield line(x, size.top, x, size.foot, ink["muted"], 1)
        beyond = x > (size.left + size.right_edge) / 2
        first = x - 5 - width if beyond else x + 5
        level = next(
            tried
            for tried in range(len(shown.breaks))
            if all(other != tried or first > end or first + width < start for start, end, other in taken)
        )
        taken.append((first, first + width, level))
        y = size.foot - 5 - level * size.text * 1.25
        yield text(
            x - 5 if beyond else x + 5, y, one.words, ink["muted"], anchor="end" if beyond else "start"
        )


def _targets(shown: Trend, scale: Scale, ink: Ink) -> Iterator[str]:
    """Each target over its days as a dashed line, joined to the next."""
    before: Level | None = None
    for level in shown.targets:
        first, last = level.first.toordinal(), level.last.toordinal()
        if last < scale.first or first > scale.last:
            continue
        y = scale.y(level.value)
        yield line(scale.x(first), y, scale.x(last), y, ink["target"], 1.5, dashes="6 3")
        if before is not None and level.first.toordinal() - before.last.toordinal() <= 1:
            yield line(scale.x(first), scale.y(before.value), scale.x(first), y, ink["target"], 1)
        before = level


def _line(shown: Trend, scale: Scale, rows: Sequence[dict[str, Any]], ink: Ink) -> Iterator[str]:
    """The line, broken where a value is missing, and dashed to and from a period that is not complete."""
    stretches: list[list[str]] = [[]]
    last: tuple[float, float] | None = None
    from_incomplete = False
    for row in rows:
        if formats.missing(row["value"]):
            stretches.append([])
            last = None
            continue
        x, y = scale.x(_middle(row)), scale.y(row["value"])
        incomplete = row["status"] == INCOMPLETE
        if last is not None and (incomplete or from_incomplete):
            yield line(*last, x, y, ink["ours"], 1.5, dashes="3 3")
        if incomplete:
            stretches.append([])
        else:
            stretches[-1].append(f"{x:.1f},{y:.1f}")
        last, from_incomplete = (x, y), incomplete
    for points in stretches:
        if len(points) > 1:
            yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{ink["ours"]}" stroke-width="2"/>'
    kinds = {} if shown.signals is None else {point.label: point.kind for point in shown.signals.points}
    apart = (scale.size.right_edge - scale.size.left) / max(len(rows), 1)
    for row in rows:
        yield _point(
            shown, scale, row, deviates=kinds.get(row["period"]) not in (None, COMMON), apart=apart, ink=ink
        )


# Many parameters because a point has its place, its form and what is said of it.
def _point(
    shown: Trend, scale: Scale, row: Mapping[str, Any], *, deviates: bool, apart: float, ink: Ink
) -> str:
    """A point: hollow, filled where it deviates, dashed where its period is incomplete; with its tip where it has one."""
    x, label, size = scale.x(_middle(row)), row["period"], scale.size
    drawn = ""
    if not formats.missing(row["value"]):
        y = scale.y(row["value"])
        radius = 4.5 if label == shown.judged else 3.2 if deviates else 2.2
        filled = row["status"] != INCOMPLETE and deviates
        dashes = ' stroke-dasharray="2 1.5"' if row["status"] == INCOMPLETE else ""
        drawn = (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{ink["ours" if filled else "paper"]}" '
            f'stroke="{ink["ours"]}" stroke-width="1.4"{dashes}/>'
        )
    if label not in shown.tips:
        return drawn
    at = (x - size.left) / max(size.right_edge - size.left, 1)
    anchor = "start" if at < 0.3 else "end" if at > 0.7 else "middle"
    link = f' data-href="{escape(shown.links[label], quote=True)}"' if label in shown.links else ""
    hit = rectangle(x - apart / 2, size.top, apart, size.foot - size.top, ink["ours"], opacity=0)
    cross = f'<g class="tv-tip">{line(x, size.top + 6, x, size.foot, ink["muted"], 1)}'
    said = text(x, size.top + size.text * 0.4, shown.tips[label], ink["text"], anchor=anchor, bold=True)
    return f'<g class="tv-point"{link}>{hit}{cross}{said}</g>{drawn}</g>'


def _labels(shown: Trend, scale: Scale, rows: Sequence[dict[str, Any]], ink: Ink) -> Iterator[str]:
    """The value judged and the last target, at the right end, apart from each other."""
    size = scale.size
    drawn = [level for level in shown.targets if level.words and level.last.toordinal() >= scale.first]
    level_y = scale.y(drawn[-1].value) if drawn else None
    for row in rows:
        if row["period"] != shown.judged or formats.missing(row["value"]) or row["status"] == INCOMPLETE:
            continue
        x, y = scale.x(_middle(row)), scale.y(row["value"])
        at_end = x > size.right_edge - size.text * 4
        if at_end and level_y is not None and abs(level_y - y) < size.text * APART:
            y = level_y + size.text * APART * (1 if y >= level_y else -1)
        place = (size.right_edge + 8, y + size.text / 3) if at_end else (x, y - size.text * 0.8)
        said = formats.cell(row, shown.definition)
        yield text(*place, said, ink["text"], anchor="start" if at_end else "middle", bold=True)
    if drawn and level_y is not None:
        yield text(size.right_edge + 8, level_y + size.text / 3, drawn[-1].words, ink["target"], bold=True)
