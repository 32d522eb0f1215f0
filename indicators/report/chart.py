"""A series of a report as a small line chart, and an indicator as a picture to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from indicators.analysis.control_chart import GRAINS, spc
from indicators.analysis.signals import known_until, spc_of
from indicators.answers import answer
from indicators.catalogue.labels import name_of
from indicators.drawing.picture import PICTURE, Picture
from indicators.drawing.svg import ON_PAPER, Size
from indicators.drawing.trend import DatedBreak, Level, Trend, trend
from indicators.engine.measures import definition_of
from indicators.engine.question import Question
from indicators.engine.unit_names import unit_names
from indicators.report import words
from indicators.report.content import Asked, Series, breaks_of, changes_of, targets_drawn
from indicators.wording import formats
from indicators.wording.audience import audience_words
from indicators.wording.translations import _, language
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

FONT = "Libertinus Serif"
#: In points.
_SIZE = Size(340, 124, left=34, right=46, top=8, bottom=24, text=9)


def series_chart(one: Series) -> str:
    """The chart of a series as SVG. Its words for those who do not see it are `words.alternative`."""
    return trend(_trend(one), _SIZE, ink=ON_PAPER, font=FONT)


def lowest_shown(one: Series) -> float:
    """Where the axis of values begins: of shares at the multiple of 20 below everything drawn, else at zero."""
    return _trend(one).lowest()


def axis_sentence(one: Series) -> str:
    """Where the axis of a share begins; empty where that is zero."""
    lowest = lowest_shown(one)
    if not lowest:
        return ""
    return _("The axis begins at {value}").format(value=formats.percent(lowest, 0)) + "."


def _trend(one: Series) -> Trend:
    last = one.signals.last
    return Trend(
        one.answer.rows,
        one.definition,
        one.signals,
        targets=list(_levels(one)),
        breaks=[DatedBreak(change.date, "") for change in one.changes],
        judged=None if last is None else last.label,
    )


def _levels(one: Series) -> Iterator[Level]:
    """Its targets, each over its own period; those before the first period drawn are left out."""
    first = one.answer.rows["period_start"].min() if len(one.answer.rows) else date.max
    for target in one.targets:
        height = target.level_in(one.definition.unit)
        if height is not None and target.period.end >= first:
            said = (
                formats.percent(height, 0)
                if one.definition.is_share
                else formats.value(height, one.definition)
            )
            yield Level(target.period.start, target.period.end, height, said)


def indicator_picture(snapshot: Snapshot, settings: Settings, asked: Asked, question: Question) -> Picture:
    """The chart of one unsplit indicator: with the limits of ordinary variation, its targets and what it rests on.

    Without filters it is narrowed as on the pages, and only then has targets. Narrowed to one unit it starts anew where that
    unit does. Raises BadQuestion.
    """
    definition = definition_of(snapshot, question.indicator)
    where = question.where or definition.headline_where()
    found = answer(snapshot, replace(question, where=where), settings)
    targets = () if question.where else targets_drawn(snapshot, definition, asked.area)
    target = targets[-1] if targets else None
    changes = changes_of(snapshot, definition.id, replace(asked, units=dict(where).get("unit", ())))
    level = None if target is None else target.level_in(definition.unit)
    until = known_until(found, lambda other: answer(snapshot, other, settings))
    signals = (
        spc_of(found, level, breaks_of(changes), until=until)
        if found.grain in GRAINS
        else spc([], [], better=definition.better, labels=[])
    )
    least = settings.monitoring_min_coverage_pct
    one = Series(definition, found, signals, target, changes, targets, least)
    called = unit_names(snapshot)
    narrowed = [name_of(name, code, language(), called) for name, codes in where for code in codes]
    text = definition.text[language()]
    return Picture(
        f"{text.name}, {formats.unit_word(definition)}",
        trend(_trend(one), PICTURE, ink=ON_PAPER),
        subtitle=" · ".join([name_of("area", asked.area, language()), *narrowed]),
        mark=_("Invented data") if any(load.demo for load in found.loads) else "",
        alt=words.alternative(one),
        notes=(
            words.series_sentence(one) or ("" if found.rows["value"].notna().any() else _("No values.")),
            words.changes([one]),
            words.targets(one),
            words.legend([one]),
            axis_sentence(one),
            f"{words.made(asked, found.loads)} · {audience_words(asked.audience.name)} · Takuuvahti",
        ),
    )
