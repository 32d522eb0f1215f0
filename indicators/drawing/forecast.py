"""A number week by week: as it was known, and on from there as it is expected to go, in one or several cases with their bands."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from indicators.catalogue.periods import period_of
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
from indicators.wording import formats

#: From the last day of a week to its middle, which names it: one that ends on a Monday is the week before.
TO_MIDDLE = timedelta(days=3)
#: How strongly the weeks with fewer weekdays are drawn.
_PALE = 0.1


@dataclass(frozen=True)
class Band:
    """What lies between two lines in each week; `opacity` is how strongly it is drawn."""

    low: Sequence[float | None]
    high: Sequence[float | None]
    opacity: float


@dataclass(frozen=True)
class Course:
    """What is expected in one case: its ink, its middle line by week, its bands, and its words at the right end."""

    ink: str
    middle: Sequence[float | None]
    bands: Sequence[Band] = ()
    words: str = ""
    dashes: str = ""


@dataclass(frozen=True)
class Forecast:
    """What is drawn: days and values that are known, days to come with their cases, the target if any.

    `tips` are what is said of each day under the pointer, known ones first. Shares are 0–100. `short` are those of the days whose
    weeks have fewer weekdays than five.
    """

    days: Sequence[date]
    known: Sequence[float | None]
    ends: Sequence[date]
    courses: Sequence[Course]
    is_share: bool = False
    target: float | None = None
    target_words: str = ""
    now_words: str = ""
    tips: Sequence[str] = ()
    short: Collection[date] = ()

    def axis(self) -> tuple[float, float, float]:
        """Where the axis of values begins and ends, and the step between its ticks."""
        drawn = [value for value in self.known if value is not None]
        for course in self.courses:
            drawn += [value for value in course.middle if value is not None]
            drawn += [
                value for band in course.bands for value in (*band.low, *band.high) if value is not None
            ]
        drawn += [] if self.target is None else [self.target]
        return value_axis(min(drawn, default=0.0), max(drawn, default=1.0), is_share=self.is_share)


def forecast(shown: Forecast, size: Size, *, ink: Ink = ON_PAGE, alt: str = "", font: str = "inherit") -> str:
    """The drawing as SVG; `alt` are the words for those who do not see it."""
    days = [*shown.days, *shown.ends]
    scale = Scale(size, days[0].toordinal(), days[-1].toordinal(), *shown.axis())
    pieces = [
        *_short_weeks(shown, scale, ink),
        *_axes(shown, scale, ink),
        *_bands(shown, scale, ink),
        *_target(shown, scale, ink),
        *_lines(shown, scale, ink),
        *_labels(shown, scale, ink),
        *_tips(shown, scale, ink),
    ]
    return document(size, pieces, alt, font)


def _short_weeks(shown: Forecast, scale: Scale, ink: Ink) -> Iterator[str]:
    size, days = scale.size, [*shown.days, *shown.ends]
    wide = (size.right_edge - size.left) / max(len(days) - 1, 1)
    for day in days:
        if day in shown.short:
            # A week ends on its day.
            left = max(scale.day(day) - wide, size.left)
            yield rectangle(
                left, size.top, scale.day(day) - left, size.foot - size.top, ink["muted"], opacity=_PALE
            )


def _axes(shown: Forecast, scale: Scale, ink: Ink) -> Iterator[str]:
    size = scale.size
    for at in range(round((scale.high - scale.low) / scale.step) + 1):
        value = scale.low + at * scale.step
        y = scale.y(value)
        yield line(size.left, y, size.right_edge, y, ink["hairline"], 1 if at == 0 else 0.6)
        yield text(size.left - 6, y + size.text / 3, formats.number(value), ink["muted"], anchor="end")
    days = [*shown.days, *shown.ends]
    fits = max(int((size.right_edge - size.left) / (size.text * 5.5)), 2)
    every = max(math.ceil(len(days) / fits), 1)
    years: set[str] = set()
    for day in days[(len(days) - 1) % every :: every]:
        said, _break, year = formats.tick(period_of(day - TO_MIDDLE, "week").label, with_year=True).partition(
            "<br>"
        )
        yield text(scale.day(day), size.foot + size.text * 1.3, said, ink["muted"], anchor="middle")
        if year and year not in years and size.bottom > size.text * 2.4:
            yield text(scale.day(day), size.foot + size.text * 2.5, year, ink["muted"], anchor="middle")
        years.add(year)


def _bands(shown: Forecast, scale: Scale, ink: Ink) -> Iterator[str]:
    for course in shown.courses:
        for band in course.bands:
            # It opens from what is known last.
            days, last = [*shown.days[-1:], *shown.ends], shown.known[-1:]
            there = [
                (scale.day(day), scale.y(low), scale.y(high))
                for day, low, high in zip(days, [*last, *band.low], [*last, *band.high], strict=True)
                if low is not None and high is not None
            ]
            if len(there) > 1:
                points = [f"{x:.1f},{high:.1f}" for x, _low, high in there]
                points += [f"{x:.1f},{low:.1f}" for x, low, _high in reversed(there)]
                yield f'<polygon points="{" ".join(points)}" fill="{ink[course.ink]}" fill-opacity="{band.opacity:g}"/>'


def _target(shown: Forecast, scale: Scale, ink: Ink) -> Iterator[str]:
    if shown.target is not None:
        y = scale.y(shown.target)
        yield line(scale.size.left, y, scale.size.right_edge, y, ink["target"], 1.5, dashes="6 3")


def _lines(shown: Forecast, scale: Scale, ink: Ink) -> Iterator[str]:
    size = scale.size
    if shown.days and shown.ends:
        x = scale.day(shown.days[-1])
        yield line(x, size.top, x, size.foot, ink["muted"], 1)
        yield text(x - 5, size.top + size.text * 0.4, shown.now_words, ink["muted"], anchor="end")
    yield from _path(shown.days, shown.known, scale, ink["ours"], "")
    for course in shown.courses:
        # It goes on from what is known last.
        days, values = [*shown.days[-1:], *shown.ends], [*shown.known[-1:], *course.middle]
        yield from _path(days, values, scale, ink[course.ink], course.dashes)


def _path(
    days: Sequence[date], values: Sequence[float | None], scale: Scale, colour: str, dashes: str
) -> Iterator[str]:
    stretch: list[str] = []
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    for day, value in [*zip(days, values, strict=True), (None, None)]:
        if day is not None and value is not None:
            stretch.append(f"{scale.day(day):.1f},{scale.y(value):.1f}")
            continue
        if len(stretch) > 1:
            yield f'<polyline points="{" ".join(stretch)}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
        stretch = []


def _labels(shown: Forecast, scale: Scale, ink: Ink) -> Iterator[str]:
    """What each line is, at its right end, apart from each other."""
    size = scale.size
    said = [
        (scale.y(last), course.words, ink[course.ink], True)
        for course in shown.courses
        if course.words
        and (last := next((one for one in reversed(course.middle) if one is not None), None)) is not None
    ]
    if shown.target is not None and shown.target_words:
        said.append((scale.y(shown.target), shown.target_words, ink["target"], True))
    said.sort(key=lambda one: one[0])
    step = size.text * APART
    places: list[float] = []
    for y, *_rest in said:
        places.append(max(y, places[-1] + step) if places else y)
    # What would end below the foot moves up, and what stands above it too.
    for at in range(len(places) - 1, -1, -1):
        below = places[at + 1] - step if at + 1 < len(places) else size.foot
        places[at] = min(places[at], below)
    for y, (_y, words, colour, bold) in zip(places, said, strict=True):
        yield text(size.right_edge + 6, y + size.text / 3, words, colour, bold=bold)


def _tips(shown: Forecast, scale: Scale, ink: Ink) -> Iterator[str]:
    size, days = scale.size, [*shown.days, *shown.ends]
    apart = (size.right_edge - size.left) / max(len(days), 1)
    for day, tip in zip(days, shown.tips, strict=False):
        x = scale.day(day)
        at = (x - size.left) / max(size.right_edge - size.left, 1)
        half = len(tip) * size.text * GLYPH / 2 / max(size.right_edge - size.left, 1)
        anchor = "start" if at < half else "end" if at > 1 - half else "middle"
        hit = rectangle(x - apart / 2, size.top, apart, size.foot - size.top, ink["ours"], opacity=0)
        cross = line(x, size.top + 6, x, size.foot, ink["muted"], 1)
        said = text(x, size.top + size.text * 0.4, tip, ink["text"], anchor=anchor, bold=True)
        yield f'<g class="tv-point">{hit}<g class="tv-tip">{cross}{said}</g></g>'
