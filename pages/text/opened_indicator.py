"""The opened indicator of the page of targets in words: finding, chart, pace and projection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from indicators.answer_notes import EnteredInstead
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import days_of_months
from indicators.engine.question import INCOMPLETE, SUPPRESSED, Answer, with_value
from indicators.programme.benchmarks import COMPARABLE
from indicators.programme.targets import TargetResult, actual_of
from indicators.programme.verdicts import Actual
from indicators.programme.year_summary import pace_to
from indicators.wording import formats
from indicators.wording.translations import _
from pages.text import sentences
from pages.text import targets as words


def finding(
    answer: Answer, rows: pd.DataFrame, mine: Sequence[TargetResult], as_of: date, low_coverage_pct: float
) -> str:
    """Newest actual, verdict or distance and pace, end of the targets; `rows` are those drawn."""
    opened = answer.definition
    known = [at for at, has_values in enumerate(with_value(answer.rows)) if has_values]
    newest = actual_of(answer, known[-1]) if known else None
    said = (
        _without_newest(rows, opened)
        if newest is None
        else [
            _("{when} the actual was {value}.").format(
                when=formats.in_period(newest.period.label),
                value=words.with_basis(words.known(newest, opened), newest),
            ),
            words.incomplete(newest) if newest.status == INCOMPLETE else "",
            words.low_coverage(newest, opened, low_coverage_pct),
            sentences.why_range(opened) if newest.ranged else "",
        ]
    )
    judged = [one for one in mine if one.verdict in ("met", "not_met")]
    if judged:
        said.append(_judged(judged[-1], opened))
    said += [_pace(mine, newest, opened), _ended(mine, judged, as_of)]
    return formats.one_after_another(said)


def _without_newest(rows: pd.DataFrame, opened: Definition) -> list[str]:
    """The newest value of the rows drawn, or why there is none."""
    if len(rows) and (rows["status"] == SUPPRESSED).any():
        return [_("The actuals are suppressed, because there are so few cases.")]
    if not with_value(rows).any():
        return [_("There is no actual."), words.no_actual(opened)]
    last = rows[with_value(rows)].iloc[-1]
    return [
        _("{when} the actual was {value}.").format(
            when=formats.in_period(last["period"]), value=formats.marked(last.to_dict(), opened)
        )
    ]


def _judged(result: TargetResult, opened: Definition) -> str:
    fields = {
        "target": words.in_words(result.target),
        "period": formats.period(result.target.period.label),
        "value": words.value(result, opened),
        "distance": words.distance(result, opened),
    }
    if result.target.is_direction:
        fields["value"] += f" ({words.year_before(result, opened)})"
    if result.verdict == "met":
        return _("The target ({target}, {period}) was reached: {value}.").format(**fields)
    if result.target.is_direction or not fields["distance"]:
        # A direction and a range have no distance.
        return _("The target ({target}, {period}) was not reached: {value}.").format(**fields)
    return _("The target ({target}, {period}) was not reached: distance {distance}, actual {value}.").format(
        **fields
    )


def _pace(mine: Sequence[TargetResult], newest: Actual | None, opened: Definition) -> str:
    """The pace from the newest actual to the last later target; empty where there is none."""
    if newest is None:
        return ""
    coming = [one.target for one in mine if one.target.period.start > newest.period.end]
    pace = pace_to(coming[-1], newest) if coming else None
    if pace is None:
        return ""
    return _("To the target ({target}, {period}): {pace}.").format(
        target=words.in_words(coming[-1]),
        period=formats.period(coming[-1].period.label),
        pace=words.pace_words(pace, opened),
    )


def _ended(mine: Sequence[TargetResult], judged: Sequence[TargetResult], as_of: date) -> str:
    """That the period of the last target has ended; empty where it has not."""
    newest = judged[-1] if judged else None
    last = max(mine, key=lambda one: (one.target.period.end, one == newest), default=None)
    if last is None or last.target.period.end >= as_of:
        return ""
    day = formats.day(last.target.period.end)
    if last == newest or newest is None:
        return _("The target period ended on {day}.").format(day=day)
    return _("The period of the last target ({target}) ended on {day}: it is not judged.").format(
        target=words.in_words(last.target), day=day
    )


def chart_remarks(rows: pd.DataFrame, mine: Sequence[TargetResult], *, has_steps: bool) -> list[str]:
    """How the values and targets of the chart are read."""
    said = []
    if has_steps:
        said.append(_("Green: the target in its period."))
    if has_steps and any(one.target.unit == "months" for one in mine):
        said.append(
            _(
                "A limit of one month is one of the calendar, 28–31 days: it is drawn at the longest, {days} days."
            ).format(days=formats.number(max(days_of_months(1))))
        )
    if (rows["status"] == INCOMPLETE).any():
        said.append(_("A hollow point: the period is not complete."))
    if (with_value(rows) & rows["value"].isna()).any():
        said.append(_("A bar is the range in which the share lies."))
    return said


def line_remarks(opened: Definition, *, demo: bool, published: bool, doctors: bool) -> list[str]:
    """What the lines to compare with are."""
    said = []
    if demo:
        said.append(
            _("Violet and hollow: demo data. It does not carry the published series on and is not judged.")
        )
    if published:
        said.append(
            _(
                "Violet: THL's Sotkanet 6411, doctor visits within 7 days by year. Hollow points: 2021–2022 are "
                "figures of the municipal era and 2025 is partial. How Sotkanet defines the figure has yet to be "
                "checked against ours."
            )
        )
    elif opened.id == COMPARABLE and not doctors:
        said.append(
            _(
                "Published figures of the country and other areas are of doctor visits alone: choose "
                "them above."
            )
        )
    return said


def entered_words(found: Sequence[EnteredInstead], opened: Definition) -> list[str]:
    """What rows would give where an entered figure counts, year by year."""
    return [
        _("{period}: the entered figure {entered} holds. Computed from rows it would be {computed}.").format(
            period=formats.period(one.period),
            entered=formats.value(one.entered, opened),
            computed=formats.value(one.computed, opened),
        )
        for one in found
    ]
