"""The pieces of a chart over time: lines, targets, breaks, reference lines, labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import label_of, periods_between
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages.charts.drawing import HEIGHT, LABEL_GAP, Drawing, Trace, scatter


@dataclass(frozen=True)
class Step:
    """A level from one day to another: a target, a limit. `faint` before and after the period it was set for."""

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


def hover(row: Mapping[str, Any], definition: Definition, heading: str) -> str:
    """What a tooltip says of a row: its value, n, coverage and period, as the table has them."""
    lines = [f"<b>{heading}</b>", formats.cell(row, definition), *_basis(row)]
    if row["status"] == INCOMPLETE:
        lines.append(formats.status_word(INCOMPLETE))
    return "<br>".join(lines)


@dataclass(frozen=True)
class Reference:
    """A line to compare with: where its points lie in time, their values, what a tooltip says, which are hollow; its colour."""

    name: str
    days: tuple[date, ...]
    values: tuple[float, ...]
    words: tuple[str, ...]
    hollow: tuple[bool, ...]
    colour: str = colours.BENCHMARK


def middle(first: date, last: date) -> date:
    """The day in the middle of a period: where its value is drawn among targets that hold from day to day.

    >>> middle(date(2025, 1, 1), date(2025, 12, 31))
    datetime.date(2025, 7, 2)
    """
    return first + (last - first) / 2


def span_of(
    rows: pd.DataFrame, targets: Sequence[Step], references: Sequence[Reference] = ()
) -> tuple[date, date] | None:
    """The first and last day that a chart of values, targets and lines to compare with shows; None of nothing."""
    known = rows[rows["value"].notna() | rows["low"].notna()]
    days = [*known["period_start"], *known["period_end"]]
    days += [day for step in targets for day in (step.start, step.end)]
    days += [day for reference in references for day in reference.days]
    return (min(days), max(days)) if days else None


def draw_reference(figure: Drawing, reference: Reference) -> None:
    figure.add_trace(
        scatter(
            x=list(reference.days),
            y=list(reference.values),
            mode="lines+markers",
            line={"color": reference.colour, "width": 1.4},
            marker={
                "color": reference.colour,
                "size": 6,
                "symbol": ["circle-open" if hollow else "circle" for hollow in reference.hollow],
                "line": {"width": 1.5, "color": reference.colour},
            },
            hover=reference.words,
            cliponaxis=False,
        )
    )


def label_ends(
    figure: Drawing,
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
    pixels = (HEIGHT - 50) / (scale[1] - scale[0])
    placed, lines_before = -math.inf, 0
    for value, day, text in sorted(labels):
        wanted, lines = value * pixels, 1 + text.count("<br>")
        placed = max(wanted, placed + LABEL_GAP * (lines + lines_before) / 2)
        lines_before = lines
        figure.add_annotation(
            x=day, y=value, text=text, showarrow=False, xanchor="left", align="left", xshift=9,
            yshift=placed - wanted, font={"size": 12 if text.startswith("<b>") else 11},
        )  # fmt: skip


def draw_target_of_period(figure: Drawing, step: Step, *, dotted: bool) -> None:
    """A target's level over its period with its number above; dotted where it only stays as a reference."""
    figure.add_trace(
        scatter(
            x=[step.start, step.end],
            y=[step.value, step.value],
            mode="lines",
            line={
                "color": colours.TARGET,
                "width": 1.5 if dotted else 2.5,
                "dash": "dot" if dotted else "solid",
            },
            hover=[f"<b>{step.words}</b>"] * 2,
            cliponaxis=False,
        )
    )
    figure.add_annotation(
        x=step.end if dotted else middle(step.start, step.end), y=step.value, text=step.words, showarrow=False,
        xanchor="right" if dotted else "center", yanchor="bottom",
        # Above the number, and not under the line, where the newest value has its own: a telephone is narrow.
        yshift=15 if dotted else 2, font={"size": 11},
    )  # fmt: skip


def draw_number(figure: Drawing, change: Break, *, below: bool = False) -> None:
    figure.add_vline(x=change.day.isoformat(), line={"color": colours.OTHERS, "width": 1.2, "dash": "dot"})
    figure.add_annotation(
        x=change.day.isoformat(), y=0 if below else 1, yref="paper", yanchor="bottom", text=change.words,
        showarrow=False, font={"size": 11}, bordercolor=colours.OTHERS, borderwidth=1, borderpad=2, yshift=3,
        xshift=9 if below else 0,
    )  # fmt: skip


def set_day_axis(figure: Drawing, first: date, last: date) -> None:
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
            x=border.isoformat(),
            line={"color": colours.faint(colours.OTHERS, 0.25), "width": 1},
            layer="below",
        )
    start, end = date(first.year, 1, 1), date(last.year, 12, 31)
    figure.update_xaxes(
        tickvals=ticks, ticktext=texts, tickangle=0, showgrid=False, zeroline=False, range=[start, end]
    )


def hover_rest(row: Mapping[str, Any]) -> str:
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


def with_gaps(rows: pd.DataFrame, grain: str) -> pd.DataFrame:
    """The rows of a line with one for every period between its first and last: a missing period is a gap, not a slope."""
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


def draw_main_line(
    figure: Drawing, rows: pd.DataFrame, definition: Definition, colour: str, *, label: bool = True
) -> None:
    """A strong line with hollow points for incomplete periods; of suppressed shares and ranges a bar from end to end."""
    records = rows.to_dict("records")
    hovers = [hover(row, definition, formats.period(row["period"])) for row in records]
    hollow = [row["status"] == INCOMPLETE for row in records]
    size = 8 if len(records) <= 30 else 5
    figure.add_trace(
        scatter(
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
            hover=hovers,
            connectgaps=False,
            cliponaxis=False,
        )
    )
    for row, words in zip(records, hovers, strict=True):
        if formats.missing(row["value"]) and not formats.missing(row["low"]):
            figure.add_trace(
                scatter(
                    x=[row["period_start"]] * 2,
                    y=[row["low"], row["high"]],
                    mode="lines",
                    line={"color": colour, "width": 5},
                    hover=[words] * 2,
                )
            )
    known = rows[rows["value"].notna()]
    if label and len(known):
        last = known.iloc[-1].to_dict()
        figure.add_annotation(
            x=last["period_start"], y=last["value"], text=f"<b>{formats.cell(last, definition)}</b>", showarrow=False,
            xanchor="left", align="left", xshift=9,
        )  # fmt: skip


def draw_possible_range(figure: Drawing, rows: pd.DataFrame) -> None:
    """The range that missing dates leave possible, as a band for each stretch of periods in which it is known."""
    there = rows["possible_low"].notna() & rows["possible_high"].notna()
    for _stretch, known in rows[there].groupby((~there).cumsum()[there]):
        for column, fill in (("possible_low", None), ("possible_high", "tonexty")):
            figure.add_trace(
                scatter(
                    x=known["period_start"],
                    y=known[column],
                    mode="lines",
                    line={"width": 0},
                    fill=fill,
                    fillcolor=colours.faint(colours.OTHERS, 0.22),
                    hoverinfo="skip",
                )
            )


def draw_step(figure: Drawing, step: Step, definition: Definition, span: tuple[date, date] | None) -> None:
    if span is None:
        return
    first, last = max(step.start, span[0]), min(step.end, span[1])
    if first > last:
        return
    figure.add_trace(level_trace(step, first, last, definition))
    if step.words:
        # Above the plot, where no line can run through it.
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=6,
            text=f'<span style="color:{colours.TARGET}">┅┅</span> {step.words}', showarrow=False,
        )  # fmt: skip


def level_trace(step: Step, first: date, last: date, definition: Definition) -> Trace:
    """The line of a step; faint where the level is only a reference."""
    words = f"<b>{step.words}</b><br>" if step.words else ""
    return scatter(
        x=[first, last],
        y=[step.value, step.value],
        mode="lines",
        line={
            "color": colours.TARGET,
            "width": 1.5 if step.faint else 3,
            "dash": "dot" if step.faint else "solid",
        },
        hover=[words + formats.value(step.value, definition)] * 2,
    )


def draw_break(figure: Drawing, change: Break) -> None:
    figure.add_vline(x=change.day.isoformat(), line={"color": colours.OTHERS, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=change.day.isoformat(), y=0, yref="paper", text=change.words, showarrow=False, xanchor="left",
        yanchor="bottom", xshift=4, align="left", font={"size": 12},
    )  # fmt: skip


def days_spanned(rows: pd.DataFrame, targets: Sequence[Step]) -> tuple[date, date] | None:
    if rows.empty:
        return (min(s.start for s in targets), max(s.end for s in targets)) if targets else None
    return min(rows["period_start"]), max(rows["period_start"])
