"""The drawings of one line: a sparkline in a table, a bar of coverage; and waits in whole days."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indicators.drawing.svg import GLYPH, ON_PAGE, Ink, Size, document, line, rectangle, text, tick_step
from indicators.wording import formats

SPARK_WIDTH, SPARK_HEIGHT = 92.0, 24.0
_EDGE = 4.0


# Many parameters because rows of a table may share one scale.
def sparkline(
    values: Iterable[float | None],
    *,
    target: float | None = None,
    low: float | None = None,
    high: float | None = None,
    alt: str = "",
    ink: Ink = ON_PAGE,
) -> str:
    """A small line with gaps and a dot at its end, between `low` and `high` where given; empty with fewer than two values."""
    points = [None if value is None or formats.missing(value) else float(value) for value in values]
    known = [value for value in points if value is not None]
    if len(known) < 2:
        return ""
    with_target = [*known, *([] if target is None else [target])]
    bottom = min(with_target) if low is None else low
    span = ((max(with_target) if high is None else high) - bottom) or 1.0
    step = (SPARK_WIDTH - 2 * _EDGE) / max(len(points) - 1, 1)

    def place(at: int, value: float) -> tuple[float, float]:
        share = min(max((value - bottom) / span, 0.0), 1.0)
        return _EDGE + at * step, SPARK_HEIGHT - _EDGE - (SPARK_HEIGHT - 2 * _EDGE) * share

    pieces = []
    if target is not None:
        y = place(0, target)[1]
        pieces.append(line(0, y, SPARK_WIDTH, y, ink["target"], 1, dashes="3 2"))
    runs: list[list[tuple[float, float]]] = [[]]
    for at, value in enumerate(points):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(at, value))
    for run in (run for run in runs if run):
        ends = run if len(run) > 1 else [(run[0][0] - 1, run[0][1]), (run[0][0] + 1, run[0][1])]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in ends)
        pieces.append(f'<polyline points="{drawn}" fill="none" stroke="{ink["ours"]}" stroke-width="1.4"/>')
    x, y = next(run for run in reversed(runs) if run)[-1]
    pieces.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{ink["ours"]}"/>')
    return document(Size(SPARK_WIDTH, SPARK_HEIGHT), pieces, alt)


def coverage_bar(percent: float, *, low: bool, ink: Ink = ON_PAGE) -> str:
    """A bar of 0–100 %; `low` is below what is enough to speak of a share without its range."""
    width, height = 35.0, 5.0
    filled = rectangle(
        0, 0, width * min(max(percent, 0.0), 100.0) / 100, height, ink["breach" if low else "muted"]
    )
    return document(Size(width, height), [rectangle(0, 0, width, height, ink["hairline"]), filled], "")


@dataclass(frozen=True)
class Bar:
    """A bar of a histogram over whole days, both ends included: its parts from the foot up, each a count, its ink and opacity."""

    first: int
    last: int
    parts: tuple[tuple[float, str, float], ...]
    words: str = ""

    @property
    def height(self) -> float:
        """The count of a day of it."""
        return sum(count for count, _ink, _opacity in self.parts) / (self.last - self.first + 1)


@dataclass(frozen=True)
class _Axes:
    """Where days and counts lie in a histogram."""

    size: Size
    days: int
    top: float

    def x(self, day: float) -> float:
        return self.size.left + (self.size.right_edge - self.size.left) * day / self.days

    def y(self, count: float) -> float:
        return self.size.foot - (self.size.foot - self.size.top) * count / self.top


def histogram(
    bars: Sequence[Bar],
    marks: Mapping[int, tuple[str, str]],
    size: Size,
    *,
    alt: str = "",
    ink: Ink = ON_PAGE,
) -> str:
    """Bars over whole days; `marks` by day: a line at its end, with its words and their ink."""
    days = max([bar.last + 1 for bar in bars] + [day + 1 for day in marks], default=1)
    step = tick_step(max((bar.height for bar in bars), default=1.0))
    ticks = max(math.ceil(max((bar.height for bar in bars), default=1.0) / step), 1)
    axes = _Axes(size, days, ticks * step)
    pieces = []
    for at in range(ticks + 1):
        y = axes.y(at * step)
        pieces.append(line(size.left, y, size.right_edge, y, ink["hairline"], 0.6))
        said = formats.number(at * step)
        pieces.append(text(size.left - 6, y + size.text / 3, said, ink["muted"], anchor="end"))
    pieces += [_bar(bar, axes, ink) for bar in bars]
    every = 7 * max(1, math.ceil(days / 7 / (size.width / 90)))
    for day in range(0, days + 1, every):
        x, y = axes.x(day), size.foot + size.text * 1.3
        pieces.append(text(x, y, formats.number(day), ink["muted"], anchor="middle"))
    return document(size, [*pieces, *_marks(marks, axes, ink)], alt)


def _bar(bar: Bar, axes: _Axes, ink: Ink) -> str:
    gap = min(1.0, (axes.x(1) - axes.x(0)) * 0.2)
    left, right, length = axes.x(bar.first), axes.x(bar.last + 1) - gap, bar.last - bar.first + 1
    found, foot = [], 0.0
    for count, name, opacity in bar.parts:
        top = foot + count / length
        y, height = axes.y(top), axes.y(foot) - axes.y(top)
        found.append(rectangle(left, y, right - left, height, ink[name], opacity=opacity))
        foot = top
    middle = (left + right) / 2
    anchor = "end" if middle > axes.size.width / 2 else "start"
    said = text(middle, axes.y(foot) - 5, bar.words, ink["text"], anchor=anchor, bold=True)
    return f'<g class="tv-point">{"".join(found)}<g class="tv-tip">{said}</g></g>'


def _marks(marks: Mapping[int, tuple[str, str]], axes: _Axes, ink: Ink) -> list[str]:
    """The lines of the marks with their words, each on the first line of text on which it meets no other."""
    size, lines, texts = axes.size, [], []
    taken: list[tuple[float, float, int]] = []
    for day, (words, kind) in sorted(marks.items()):
        x, width = axes.x(day + 1), len(words) * size.text * GLYPH
        beyond = x + width + 5 > size.width
        start = x - 5 - width if beyond else x + 5
        level = next(
            level
            for level in range(len(marks))
            if all(other != level or start > end or start + width < begin for begin, end, other in taken)
        )
        taken.append((start, start + width, level))
        lines.append(line(x, size.top, x, size.foot, ink[kind], 1.5))
        anchor, place = ("end", x - 5) if beyond else ("start", x + 5)
        y = size.top + size.text * (1 + 1.25 * level)
        texts.append(text(place, y, words, ink[kind], anchor=anchor, bold=True, kind="tv-marked"))
    return [*lines, *texts]
