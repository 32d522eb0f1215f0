"""The drawings of one line: a sparkline in a table, a bar of coverage; and waits in whole days."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from indicators.drawing.svg import ON_PAGE, Ink, Size, line, rectangle, text, tick_step
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
    points = [None if formats.missing(value) else float(value) for value in values]
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
    return _svg(Size(SPARK_WIDTH, SPARK_HEIGHT), pieces, alt)


def coverage_bar(percent: float, *, low: bool, ink: Ink = ON_PAGE) -> str:
    """A bar of 0–100 %; `low` is below what is enough to speak of a share without its range."""
    width, height = 35.0, 5.0
    filled = rectangle(
        0, 0, width * min(max(percent, 0.0), 100.0) / 100, height, ink["breach" if low else "muted"]
    )
    return _svg(Size(width, height), [rectangle(0, 0, width, height, ink["hairline"]), filled], "")


# Many parameters because a histogram has its bars, its marks and its words.
def histogram(
    counts: Sequence[tuple[int, int, float]],
    marks: Mapping[int, tuple[str, str]],
    size: Size,
    *,
    inks: Sequence[str] = (),
    alt: str = "",
    ink: Ink = ON_PAGE,
) -> str:
    """Bars of (first day, last day, count), a bar per stretch of days; `marks` by day: their words and their ink.

    `inks` names the colour of each bar where it has one of its own.
    """
    last = max([bar[1] + 1 for bar in counts] + [day + 1 for day in marks], default=1)
    highest = max((bar[2] / (bar[1] - bar[0] + 1) for bar in counts), default=1.0)
    step = tick_step(highest)
    top = max(math.ceil(highest / step), 1) * step

    def x(day: float) -> float:
        return size.left + (size.right_edge - size.left) * day / last

    def y(value: float) -> float:
        return size.foot - (size.foot - size.top) * value / top

    pieces = []
    for at in range(round(top / step) + 1):
        pieces.append(line(size.left, y(at * step), size.right_edge, y(at * step), ink["hairline"], 0.6))
        said = formats.number(at * step)
        pieces.append(text(size.left - 6, y(at * step) + size.text / 3, said, ink["muted"], anchor="end"))
    for at, (first, until, count) in enumerate(counts):
        height = count / (until - first + 1)
        gap = min(1.0, (x(1) - x(0)) * 0.2)
        colour = ink[inks[at]] if inks else ink["others"]
        pieces.append(
            rectangle(x(first), y(height), x(until + 1) - x(first) - gap, size.foot - y(height), colour)
        )
    every = 7 * max(1, math.ceil(last / 7 / 9))
    for day in range(0, last + 1, every):
        pieces.append(
            text(x(day), size.foot + size.text * 1.3, formats.number(day), ink["muted"], anchor="middle")
        )
    for day, (words, kind) in marks.items():
        beyond = x(day) > (size.left + size.right_edge) / 2
        pieces.append(line(x(day), size.top, x(day), size.foot, ink[kind], 1.5))
        place = x(day) - 5 if beyond else x(day) + 5
        pieces.append(
            text(
                place, size.top + size.text, words, ink[kind], anchor="end" if beyond else "start", bold=True
            )
        )
    return _svg(size, pieces, alt)


def _svg(size: Size, pieces: Sequence[str], alt: str) -> str:
    named = f'role="img" aria-label="{escape(alt, quote=True)}"' if alt else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size.width:g} {size.height:g}" '
        f'width="{size.width:g}" height="{size.height:g}" font-size="{size.text:g}" {named}>{"".join(pieces)}</svg>'
    )
