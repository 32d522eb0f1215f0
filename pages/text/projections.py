"""How fast a target must be approached and where a series is going, in words: pure, tested in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from indicators.analysis import projection as projection
from indicators.analysis.projection import Pace, Projection, pace
from indicators.catalogue.definition import Definition
from indicators.engine.question import OK
from indicators.programme.verdicts import Actual, Target
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pages.text import sentences

#: Why there is no projection, as a sentence.
REASON_WORDS: Mapping[str, str] = {
    projection.NOT_AHEAD: N_("No projection: the target's period is not ahead of the newest value."),
    projection.TOO_FEW: N_("No projection: fewer than 8 periods are known."),
    projection.BREAK_INSIDE: N_("No projection: fewer than 12 values since the law or the method changed."),
    projection.PROVISIONAL: N_("No projection: fewer than 12 values, so the limits are provisional."),
    projection.NO_LIMITS: N_("No projection: the values do not vary enough for limits."),
    projection.BREAK_AHEAD: N_("No projection: the law or the method changes before the target's date."),
    projection.TOO_FAR: N_(
        "No projection: the date is too far ahead, more than a third of the length of the series."
    ),
    projection.NOT_A_LINE: N_("No projection: the values do not scatter about a line."),
}
_COURSE: Mapping[str, str] = {
    projection.ON_COURSE: N_("At this rate the target is reached."),
    projection.OFF_COURSE: N_("At this rate the target is not reached."),
    projection.OPEN: N_("Whether the target is reached is open."),
}


def pace_to_target(target: Target, actual: Actual | None, definition: Definition, as_of: date) -> Pace | None:
    """The pace from the newest complete actual to a target; None where its period is over or nothing can be compared."""
    if actual is None or actual.value is None or actual.status != OK or target.period.end <= as_of:
        return None
    if target.value is None or target.comparator is None or target.unit != definition.unit:
        return None
    return pace(actual.value, actual.period.end, target.value, target.period.end, target.comparator)


def pace_words(
    found: Pace | None, target: Target, definition: Definition, as_of: date, grain: str = "quarter"
) -> str:
    """What a quarter or year must bring, or why there is nothing to say."""
    if target.period.end <= as_of:
        return _("The target's time is over.")
    if found is None:
        return ""
    if found.distance == 0:
        return _("The level is reached already.")
    each = formats.change(found.per_quarter * projection.QUARTERS[grain], definition)
    return (_("{change} a year") if grain == "year" else _("{change} a quarter")).format(change=each)


def from_start(said: str, newest: Actual, definition: Definition) -> str:
    """A pace with the value that it starts from, where that is not the actual shown."""
    if newest.value is None:
        return said
    return _("{pace}, starting from {value} ({period})").format(
        pace=said, value=formats.value(newest.value, definition), period=formats.period(newest.period.label)
    )


def projection_words(found: Projection, target: Target | None, definition: Definition) -> str:
    """Where a series will be in the period of a target, with its interval and whether that keeps it; else why not."""
    if found.reason is not None:
        return _(REASON_WORDS[found.reason])
    said = [
        _("{period}: {value}, with 95% probability {interval}.").format(
            period=formats.capital(formats.period(found.period.label)),
            value=formats.value(found.value or 0.0, definition),
            interval=formats.interval(found.low or 0.0, found.high or 0.0, definition),
        )
    ]
    if target is not None and target.value is not None and target.unit == definition.unit:
        course = found.outlook(target.comparator or "", target.value)
        if course is not None:
            said.append(_(_COURSE[course]))
    return " ".join(said)


@dataclass(frozen=True)
class PaceItem:
    """A line of pace and projection: a figure with its sign, what it is, and what it rests on."""

    figure: str
    what: str
    where: str


# Many parameters because a pace has its start, its end and where it leads.
def pace_items(
    newest: Actual | None,
    target: Target,
    found: Pace | None,
    projected: Projection | None,
    definition: Definition,
    grain: str = "quarter",
) -> list[PaceItem]:
    """What is left to a target ahead, what each quarter or year must bring, what it brings now, and where that leads."""
    if newest is None or found is None:
        return []
    rests_on = formats.period(newest.period.label)
    if found.distance == 0:
        value = formats.value(newest.value or 0.0, definition)
        return [PaceItem(value, _("The level is reached already."), rests_on)]
    each = formats.change(found.per_quarter * projection.QUARTERS[grain], definition)
    needed = (
        _("needed {change} a year from {period} on")
        if grain == "year"
        else _("needed {change} a quarter from {period} on")
    )
    figure, unit = _figure(found.distance, definition)
    where = needed.format(change=each, period=rests_on)
    items = [PaceItem(figure, _("{unit} to the target").format(unit=unit), where)]
    if projected is not None and projected.value is not None and projected.per_quarter is not None:
        figure, unit = _figure(projected.per_quarter, definition)
        points = _("by the last {count} values").format(count=projected.points)
        items.append(PaceItem(figure, _("{unit} a quarter, as it goes now").format(unit=unit), points))
        course = projected.outlook(target.comparator or "", target.value or 0.0)
        said = _("{period}: {interval} with 95% probability").format(
            period=formats.period(projected.period.label),
            interval=formats.interval(projected.low or 0.0, projected.high or 0.0, definition),
        )
        value = formats.value(projected.value, definition)
        items.append(PaceItem(value, _(_COURSE[course]) if course else _("projection"), said))
    return items


def _figure(change: float, definition: Definition) -> tuple[str, str]:
    """A change with its sign, and its unit."""
    figure, _space, unit = formats.change(change, definition).partition(formats.NBSP)
    return figure, unit


def assumptions(found: Projection, target: Target, definition: Definition) -> str:
    """What a projection rests on and takes for granted; empty where there is none."""
    if found.value is None:
        return ""
    return _(
        "Projection to the target {target}: a straight line through the {points} values since the last change of law or "
        "method, {change} a quarter, {steps} periods ahead. It holds only if the development goes on in a line; the "
        "interval is that of one further value. Where a rise levels off the truth lies outside it more often."
    ).format(
        target=sentences.target_words(target, definition),
        points=found.points,
        change=formats.change(found.per_quarter or 0.0, definition),
        steps=found.steps,
    )
