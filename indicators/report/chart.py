"""A series of a report as a small line chart."""

from __future__ import annotations

from indicators.drawing.svg import ON_PAPER, Size
from indicators.drawing.trend import Level, Trend, trend
from indicators.report.content import Series
from indicators.wording import formats

FONT = "Libertinus Serif"
#: In points.
_SIZE = Size(340, 124, left=34, right=46, top=8, bottom=24, text=9)


def series_chart(one: Series) -> str:
    """The chart of a series as SVG. Its words for those who do not see it are `words.alternative`."""
    return trend(_trend(one), _SIZE, ink=ON_PAPER, font=FONT)


def lowest_shown(one: Series) -> float:
    """Where the axis of values begins: of shares at the multiple of 20 below everything drawn, else at zero."""
    return _trend(one).lowest()


def _trend(one: Series) -> Trend:
    rows, level, last = one.answer.rows, one.signals.target, one.signals.last
    targets = []
    if level is not None and len(rows):
        said = formats.percent(level, 0) if one.definition.is_share else formats.value(level, one.definition)
        targets = [Level(rows["period_start"].min(), rows["period_end"].max(), level, said)]
    return Trend(
        rows, one.definition, one.signals, targets=targets, judged=None if last is None else last.label
    )
