"""Control charts, and a course around a dated event."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from indicators.analysis.before_after import BeforeAfter
from indicators.analysis.control_chart import COMMON, SpcPoint, SpcResult
from indicators.analysis.projection import Projection
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import period_of, periods_between, start_of
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages.charts.drawing import (
    HEIGHT,
    LABEL_GAP,
    MORE_THAN_CHANCE,
    ORDINARY,
    Drawing,
    finish,
    label_unit,
    scatter,
    shared_figure,
    time_ticks,
    value_ticks,
)
from pages.charts.series import Break, Step, draw_number, draw_step, hover, middle
from pages.text.before_after import side_words, units_words
from pages.text.projections import projection_words


@dataclass(frozen=True)
class Projected:
    """Where a series is expected to be on a day, with its interval and what a tooltip says of it."""

    day: date
    value: float
    low: float
    high: float
    words: str


def projected_point(found: Projection, definition: Definition) -> Projected | None:
    """A projection as a point of a chart; None where its numbers are not known or suppressed."""
    if found.value is None or found.low is None or found.high is None:
        return None
    words = projection_words(found, None, definition)
    return Projected(found.period.start, found.value, found.low, found.high, words)


@shared_figure
def xmr(
    result: SpcResult,
    definition: Definition,
    grain: str,
    words: Mapping[str, str],
    targets: Sequence[Step] = (),
    ahead: Projected | None = None,
) -> go.Figure:
    """An XmR chart: values with mean and limits between breaks; what is beyond ordinary variation is filled.

    `words` are those of each point, by the name of its period. Provisional limits are dotted. Limits of a share are drawn
    within 0–100; breaks are numbered.
    """
    figure = Drawing()
    points = result.points
    frame = pd.DataFrame(
        {"period_start": [p.date for p in points], "value": pd.Series([p.value for p in points], dtype=float)}
    )
    span = (min(frame["period_start"]), max(frame["period_start"]))
    for step in targets:
        draw_step(figure, step, definition, span)
    levels = _draw_limits(figure, result, definition)
    kinds = [point.kind or COMMON for point in points]
    size = 7 if len(points) <= 60 else 5
    figure.add_trace(
        scatter(
            x=frame["period_start"],
            y=frame["value"],
            mode="lines+markers",
            line={"color": colours.faint(colours.OURS, 0.55), "width": 1.2},
            marker={
                "color": colours.OURS,
                "symbol": [ORDINARY if kind == COMMON else MORE_THAN_CHANCE for kind in kinds],
                "size": [size if kind == COMMON else size + 2 for kind in kinds],
                "opacity": 1,
            },
            hover=[_point_words(point, definition, words) for point in points],
            connectgaps=False,
            cliponaxis=False,
        )
    )
    if ahead is not None:
        _draw_projected(figure, ahead)
        levels.append(ahead.high)
    restarts = [group for group in result.groups if group.reason is not None]
    for at, group in enumerate(restarts, start=1):
        draw_number(figure, Break(points[group.first].date, str(at)), below=True)
    values = value_ticks(frame, definition, [*levels, *(step.value for step in targets)])
    figure.update_layout(xaxis=time_ticks(frame, grain, most=3), yaxis=values)
    _limit_labels(figure, result, definition, values["range"])
    label_unit(figure, definition)
    return finish(figure, HEIGHT, top=36, right=64)


def _draw_limits(figure: Drawing, result: SpcResult, definition: Definition) -> list[float]:
    """Draw the mean and limits of each stretch; returns the levels drawn."""
    levels = []
    for group in result.groups:
        days = [result.points[group.first].date, result.points[group.last].date]
        lines = [] if group.mean is None else [(group.mean, "solid")]
        if group.limits is not None:
            dash = "dot" if group.provisional else "dash"
            lines += [(group.limits.lower, dash), (group.limits.upper, dash)]
        for level, dash in lines:
            drawn = _within_bounds(level, definition)
            levels.append(drawn)
            line = {"color": colours.OTHERS, "width": 1.5, "dash": dash}
            figure.add_trace(scatter(x=days, y=[drawn] * 2, mode="lines", hoverinfo="skip", line=line))
    return levels


def _within_bounds(level: float, definition: Definition) -> float:
    return min(max(level, 0.0), 100.0 if definition.is_share else math.inf)


def _point_words(point: SpcPoint, definition: Definition, words: Mapping[str, str]) -> str:
    said = (
        formats.status_word(point.status)
        if point.value is None
        else f"{formats.value(point.value, definition)}<br>{words.get(point.label, '')}"
    )
    return f"<b>{formats.period(point.label)}</b><br>{said}"


def _draw_projected(figure: Drawing, ahead: Projected) -> None:
    figure.add_trace(
        scatter(
            x=[ahead.day],
            y=[ahead.value],
            mode="markers",
            marker={"symbol": "diamond-open", "size": 10, "color": colours.OURS, "line": {"width": 2}},
            error_y={
                "array": [ahead.high - ahead.value],
                "arrayminus": [ahead.value - ahead.low],
                "color": colours.OURS,
                "thickness": 2,
            },
            hover=[ahead.words],
        )
    )


def _limit_labels(figure: Drawing, result: SpcResult, definition: Definition, scale: Sequence[float]) -> None:
    """The newest mean and limits at the end of their lines, moved apart where they would cover each other."""
    group = result.group
    if group is None or group.mean is None:
        return
    levels = [group.mean]
    if group.limits is not None:
        levels += [group.limits.lower, group.limits.upper]
    pixels = (HEIGHT - 60) / (scale[1] - scale[0])
    placed = -math.inf
    for level in sorted(levels):
        drawn = _within_bounds(level, definition)
        wanted = drawn * pixels
        placed = max(wanted, placed + LABEL_GAP)
        figure.add_annotation(
            x=result.points[group.last].date, y=drawn, showarrow=False, xanchor="left", xshift=9,
            yshift=placed - wanted, text=formats.value(level, definition), font={"size": 11},
        )  # fmt: skip


@dataclass(frozen=True)
class Course:
    """A group around a day: the middle day, value and tooltip of each period; the first and last day, value and tooltip of
    each level.
    """

    name: str
    points: tuple[tuple[date, float | None, str], ...]
    levels: tuple[tuple[date, date, float, str], ...]


@shared_figure
def around(
    courses: Sequence[Course], day: date, day_words: str, definition: Definition, grain: str, axis: str
) -> go.Figure:
    """Groups before and after a marked day: the first strong, the others thin and grey, named above; windows are lines."""
    figure = Drawing()
    for at, course in reversed(list(enumerate(courses))):
        _draw_course(figure, course, day, first=at == 0)
    figure.add_vline(x=day.isoformat(), line={"color": colours.OTHERS, "width": 2, "dash": "dot"})
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
    scale = value_ticks(frame, definition, values)
    first, last = min(level[0] for level in drawn), max(level[1] for level in drawn)
    starts = [period.start for period in periods_between(first, last, grain)]
    ticks = time_ticks(pd.DataFrame({"period_start": starts}), grain, most=3)
    ticks["tickvals"] = [middle(start, period_of(start, grain).end) for start in ticks["tickvals"]]
    figure.update_layout(xaxis=ticks, yaxis=scale)
    above = [
        f'<span style="color:{colours.OURS if at == 0 else colours.OTHERS}">{"━━" if at == 0 else "┅┅"}</span> {course.name}'
        for at, course in enumerate(courses)
    ]
    for line, text in enumerate(reversed([*above, *([] if definition.is_share else [axis])])):
        # Above the plot, where no line can run through it.
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", yanchor="bottom", xanchor="left", yshift=4 + 17 * line, text=text,
            showarrow=False,
        )  # fmt: skip
    return finish(figure, HEIGHT + 20, top=66, right=14)


def _draw_course(figure: Drawing, course: Course, day: date, *, first: bool) -> None:
    colour, width = (colours.OURS, 2.5) if first else (colours.OTHERS, 1.2)
    for part in ([p for p in course.points if p[0] < day], [p for p in course.points if p[0] >= day]):
        figure.add_trace(
            scatter(
                x=[p[0] for p in part],
                y=[p[1] for p in part],
                mode="lines+markers",
                line={"color": colours.faint(colour, 0.55 if first else 0.75), "width": 1.4},
                marker={"color": colour, "opacity": 1, "size": 7 if first else 4},
                hover=[p[2] for p in part],
                connectgaps=False,
                cliponaxis=False,
            )
        )
    line = {"color": colour, "width": width, "dash": "solid" if first else "dash"}
    for start, end, value, words in course.levels:
        x, y = [start, end], [value] * 2
        figure.add_trace(scatter(x=x, y=y, mode="lines", line=line, hover=[words] * 2, cliponaxis=False))


def courses(found: BeforeAfter, called: Mapping[str, str]) -> list[Course]:
    """What the chart draws: per group its periods unless suppressed, and its levels; of counts with before = 100."""
    shown = []
    for group in (found.affected, found.others):
        if group is None or group.before.value is None or group.after.value is None:
            continue
        ours = group is found.affected
        name = formats.capital(units_words(group.units, called)) if ours else _("The other units")
        scale = 100 / group.before.value if found.relative and group.before.value else 1.0
        points = []
        for row in [] if group.rows is None else group.rows.to_dict("records"):
            words = hover(row, found.definition, f"{name}, {formats.period(row['period'])}")
            value = None if formats.missing(row["value"]) else scale * row["value"]
            points.append((middle(row["period_start"], row["period_end"]), value, words))
        levels = [
            (
                periods[0].start,
                periods[-1].end,
                scale * float(side.value or 0.0),
                f"<b>{name}, {when}</b><br>{side_words(side, found.definition)}",
            )
            for periods, side, when in (
                (found.before, group.before, _("before")),
                (found.after, group.after, _("after")),
            )
        ]
        shown.append(Course(name, tuple(points), tuple(levels)))
    return shown
