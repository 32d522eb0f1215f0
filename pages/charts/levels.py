"""The levels of a chart: targets over their periods, limits of the law among waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
from dateutil.relativedelta import relativedelta

from indicators.catalogue.definition import Definition
from indicators.catalogue.due_dates import DAYS, MONTHS, WEEKDAYS
from indicators.catalogue.limits import WITHOUT_REFERRAL, access_limits
from indicators.catalogue.periods import days_of_months
from indicators.drawing.trend import Level
from indicators.engine.question import with_value
from indicators.programme.verdicts import Target
from indicators.wording import formats
from indicators.wording.translations import _
from pages.charts.distribution import Mark
from pages.charts.series import Step
from pages.text import names, sentences
from pages.text.targets import wording


def target_around_period(target: Target | None, rows: pd.DataFrame, definition: Definition) -> list[Step]:
    """A target's level over the days of some rows: strong in the period it was set for, faint before and after."""
    if target is None or target.value is None or rows.empty:
        return []
    first, last, period = rows["period_start"].min(), rows["period_end"].max(), target.period
    words = _("target {target}, {period}").format(
        target=sentences.target_words(target, definition), period=formats.period(period.label)
    )
    pieces = [
        Step(first, min(period.start, last), target.value, words, faint=True),
        Step(period.start, period.end, target.value, ""),
        Step(period.end + timedelta(days=1), last, target.value, "", faint=True),
    ]
    if first > period.end:
        pieces[2] = replace(pieces[2], words=_("{target}: the target period has ended").format(target=words))
    elif first >= period.start:
        pieces[1] = replace(pieces[1], words=words)
    return [piece for piece in pieces if piece.start < piece.end]


def targets_in_periods(targets: Iterable[Target], definition: Definition) -> list[Step]:
    """Targets as levels over their periods, in the unit of the axis."""
    found = []
    for target in targets:
        height = target.level_in(definition.unit)
        if height is not None:
            found.append(Step(target.period.start, target.period.end, height, wording(target)))
    return sorted(found, key=lambda step: step.start)


def after_last_target(targets: Sequence[Step], rows: pd.DataFrame, as_of: date) -> Step | None:
    """The last target's level after its period: a reference, at least a year long, no target any more."""
    if not targets or targets[-1].end >= as_of:
        return None
    last = targets[-1]
    until = min(as_of, last.end + relativedelta(years=1))
    if len(rows):
        until = max(until, max(rows["period_end"]))
    return Step(last.end, until, last.value, _("target period ended"))


def levels_over_time(
    steps: Sequence[Step], rows: pd.DataFrame, as_of: date, *, with_reference: bool = True
) -> list[Level]:
    """The targets of a trend, each over its own period; then, with `with_reference`, the last one's level after its end."""
    levels = [
        Level(step.start, step.end, step.value, _("target {target}").format(target=_amount(step.value)))
        for step in steps
    ]
    after = after_last_target(steps, rows, as_of) if with_reference else None
    if after is not None:
        said = _("target was {target}").format(target=_amount(after.value))
        levels.append(Level(after.start, after.end, after.value, said))
    return levels


def _amount(value: float) -> str:
    return formats.number(value, 0 if float(value).is_integer() else 1)


def limit_marks(services: Sequence[str], today: date) -> list[Mark]:
    """The limits of the law in force for some services (none: all), each with the ages it is for."""
    ages: dict[tuple[int, str], set[str]] = {}
    ends: dict[tuple[int, str], date] = {}
    for limit in access_limits():
        last = limit.last_day(today)
        known = limit.value is not None and last is not None and limit.condition != WITHOUT_REFERRAL
        if known and limit.valid_to is None and (not services or limit.service in services):
            ages.setdefault((limit.value, limit.unit), set()).add(limit.age_group)
            ends[limit.value, limit.unit] = last
    marks = []
    for (value, unit), groups in ages.items():
        length = {
            MONTHS: _("{months} months").format(months=value),
            DAYS: formats.days(value),
            WEEKDAYS: _("{count} weekdays").format(count=value),
        }[unit]
        if len(groups) == 1 and groups != {"all"}:
            whom = names.name("age_group", next(iter(groups))).lower()
            words = _("law {limit}<br>{ages}").format(limit=length, ages=whom)
        else:
            words = _("law {limit}").format(limit=length)
        days = max(days_of_months(value)) if unit == MONTHS else (ends[value, unit] - today).days
        marks.append(Mark(days, words))
    return marks


def chart_words(opened: Definition, rows: pd.DataFrame, targets: Sequence[Step]) -> str:
    """The text alternative of the chart."""
    known = rows[with_value(rows)]
    said = [names.text(opened).name + "."]
    if len(known):
        first, last = known.iloc[0], known.iloc[-1]
        said.append(
            _("From {first} {start} to {last} {end}.").format(
                first=formats.period(first["period"]),
                start=formats.marked(first.to_dict(), opened),
                last=formats.period(last["period"]),
                end=formats.marked(last.to_dict(), opened),
            )
        )
    if targets:
        said.append(
            _("Target {first} in {start}, {last} in {end}.").format(
                first=targets[0].words,
                start=targets[0].start.year,
                last=targets[-1].words,
                end=targets[-1].end.year,
            )
        )
    return " ".join(said)
