"""How waits are spread, and where a wait is spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from indicators.analysis.stages import STAGES, StageRow
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages.charts.drawing import (
    HEIGHT,
    RANK_HEIGHT,
    Drawing,
    bar,
    finish,
    label_axis,
    shared_figure,
    wrapped_name,
)
from pages.text.causes import STAGE_WORDS

#: Height of the two lines of a mark's words.
_MARK_HEIGHT = 32


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
    colour: str = colours.LIMIT


@shared_figure
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
    figure = Drawing(
        bar(
            x=list(range(len(bands))), y=counts, marker={"color": colours.OURS}, cliponaxis=False, hover=words
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
        yaxis={
            "range": [0, 1.15 * max([*(count for count in counts if count), 1])],
            "zeroline": False,
            "tickformat": ",d",
        },
    )
    label_axis(figure, axis)
    return finish(figure, HEIGHT, top=30 + _MARK_HEIGHT * len(marks), right=24)


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
class Stack:
    """One bar of stages: its name, the length of each stage in the order of the stages, what a tooltip says of each."""

    name: str
    lengths: tuple[float, ...]
    words: tuple[str, ...]
    total: str


@shared_figure
def stacked(stacks: Sequence[Stack], stages: Sequence[str], axis: str) -> go.Figure:
    """Horizontal bars whose stages sum to the whole, the first on top, the total at the end of each."""
    figure = Drawing()
    positions = list(range(len(stacks)))[::-1]
    for at, stage in enumerate(stages):
        figure.add_trace(
            bar(
                x=[stack.lengths[at] for stack in stacks],
                y=positions,
                orientation="h",
                name=stage,
                marker={"color": colours.STAGES[at]},
                hover=[stack.words[at] for stack in stacks],
            )
        )
    for stack, position in zip(stacks, positions, strict=True):
        figure.add_annotation(
            x=sum(stack.lengths), y=position, text=stack.total, showarrow=False, xanchor="left", xshift=6,
        )  # fmt: skip
    figure.update_yaxes(
        tickvals=positions,
        ticktext=["<br>".join(wrapped_name(stack.name)) for stack in stacks],
        showgrid=False,
    )
    figure.update_xaxes(rangemode="tozero", title={"text": axis}, zeroline=False)
    # The order of the stages is part of what is shown, so it is above the bars, in their colours.
    figure.update_layout(
        barmode="stack", legend={"orientation": "h", "y": 1.0, "yanchor": "bottom",
        "x": 0, "traceorder": "normal", "itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    height = 120 + RANK_HEIGHT * max(1, len(stacks))
    return finish(figure, height, top=56, right=64, showlegend=True)


def _after(bands: Sequence[Band], days: int) -> float | None:
    """Where on the axis the last day within a limit ends; None where the bands do not part there."""
    for at, band in enumerate(bands):
        if band.high == days:
            return at + 0.5
    return None


def stacks(rows: Sequence[StageRow], called: Mapping[str, str]) -> list[Stack]:
    """The bars of a split, the longest wait first; rows without means have none."""
    known = [row for row in rows if row.means is not None and row.whole is not None]
    found = []
    for row in sorted(known, key=lambda row: -(row.whole or 0)):
        means = row.means or ()
        name = called[row.key[0]]
        found.append(
            Stack(
                name,
                tuple(float(mean) for mean in means),
                tuple(
                    f"<b>{name}</b><br>{_(STAGE_WORDS[stage])}: {formats.days(float(mean))}"
                    for stage, mean in zip(STAGES, means, strict=True)
                ),
                formats.days(float(row.whole or 0)),
            )
        )
    return found
