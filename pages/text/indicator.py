"""One indicator in words: the finding, where it stands against its target, its pace, remarks on its chart. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from indicators.analysis import control_chart as spc
from indicators.analysis.change import Change
from indicators.answer_notes import EnteredInstead
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import Period, days_of_months
from indicators.engine.question import INCOMPLETE, SUPPRESSED, with_value
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Actual, Target
from indicators.programme.year_summary import pace_to
from indicators.wording import formats
from indicators.wording.targets import verdict
from indicators.wording.translations import _, ngettext
from pages.sheet.pieces import Fact
from pages.text import names, sentences
from pages.text import targets as words

#: Parts of a split named in a heading; more are counted.
NAMED = 2


def relevant_target(results: Sequence[TargetResult], period: Period, as_of: date) -> Target | None:
    """The target in whose period a period lies, else the first that has not ended, else the last; None without a level."""
    levels = [one.target for one in results if one.target.value is not None and one.target.comparator]
    around = [one for one in levels if one.period.start <= period.start and period.end <= one.period.end]
    coming = [one for one in levels if one.period.end >= as_of]
    return next(iter([*around, *coming, *levels[-1:]]), None)


# Many parameters because the finding has a value, its target and its judgement.
def finding(
    lead: Actual | None,
    rows: pd.DataFrame,
    opened: Definition,
    signal: str,
    results: Sequence[TargetResult],
    as_of: date,
    too_short: str | None = None,
) -> str:
    """The value of a period with its target and signal or noise; else the verdict, pace and end of the targets.

    `rows` are those drawn; `signal` says whether the figure changed, empty where that is not judged;
    without a value of the period the finding says what is missing. `too_short` is the grain asked
    for, where longer periods are shown.
    """
    if lead is None or not lead.has_value:
        return formats.one_after_another(
            [*_without_value(lead, rows, opened), *_targets(None, results, opened, as_of)]
        )
    target = relevant_target(results, lead.period, as_of) if signal else None
    template = (
        _("{when} the actual was {value}.")
        if target is None
        else _("{when} the actual was {value} (target {target}).")
    )
    said = template.format(
        when=formats.in_period(lead.period.label),
        value=words.known(lead, opened),
        target="" if target is None else words.in_words(target),
    )
    why = sentences.why_range(opened) if lead.ranged else ""
    incomplete = words.incomplete(lead) if lead.status == INCOMPLETE else ""
    more = [signal] if signal else _targets(lead, results, opened, as_of)
    return formats.one_after_another([said, why, incomplete, *more, short_words(too_short)])


def short_words(grain: str | None) -> str:
    """That longer periods are shown than asked for, and why; empty where they are not."""
    if grain == "week":
        return _("A week has too few cases, so longer periods are shown.")
    if grain == "month":
        return _("A month has too few cases, so longer periods are shown.")
    return "" if grain is None else _("A quarter has too few cases, so years are shown.")


def split_finding(split: str, kinds: Mapping[str, str | None]) -> str:
    """The heading of the table of a split: its parts that have really changed, by name; else what the split is."""
    improved = [name for name, kind in kinds.items() if kind == spc.IMPROVEMENT]
    worsened = [name for name, kind in kinds.items() if kind == spc.CONCERN]
    said = []
    if worsened:
        said.append(_("Really worsened: {names}").format(names=_few(worsened)))
    if improved:
        said.append(_("Really improved: {names}").format(names=_few(improved)))
    if said:
        return ". ".join(said)
    if any(kind is not None for kind in kinds.values()):
        return _("{split}: nothing but ordinary variation").format(split=split)
    return _("{split}, worst first").format(split=split)


def split_remark(label: str, earlier: int) -> str:
    """The period that the parts of a split are of, and what their change is from."""
    change = ngettext(
        "{period}; change from the period before",
        "{period}; change from the mean of the {count} periods before",
        earlier,
    )
    return change.format(period=formats.capital(formats.period(label)), count=formats.number(earlier))


def _few(called: Sequence[str]) -> str:
    """A few names, and how many more."""
    shown, more = called[:NAMED], len(called) - NAMED
    if more <= 0:
        return ", ".join(shown)
    said = ngettext("{names} and {count} more", "{names} and {count} more", more)
    return said.format(names=", ".join(shown), count=formats.number(more))


def _targets(
    newest: Actual | None, results: Sequence[TargetResult], opened: Definition, as_of: date
) -> list[str]:
    """The last verdict, in short where it is of the value told; the pace to a later target; that targets have ended."""
    judged = [one for one in results if one.verdict in ("met", "not_met")]
    if newest is not None and judged and judged[-1].target.period == newest.period:
        template = (
            _("The target ({target}) was reached.")
            if judged[-1].verdict == "met"
            else _("The target ({target}) was not reached.")
        )
        return [template.format(target=words.in_words(judged[-1].target)), _pace(results, newest, opened)]
    verdict = [_judged(judged[-1], opened)] if judged else []
    return [*verdict, _pace(results, newest, opened), _ended(results, judged, as_of)]


# Many parameters because the small print is of the value, of the periods before and of the targets.
def facts(
    lead: Actual,
    change: Change | None,
    results: Sequence[TargetResult],
    opened: Definition,
    low_coverage_pct: float,
    as_of: date,
    *,
    narrowed: bool,
) -> list[Fact]:
    """What stands below the number: the periods before, n, coverage, the range it leaves, the target in its own period.

    Of a narrowed figure the target is that of the whole area: named, not held against it.
    """
    found = []
    if change is not None:
        before = formats.value(change.before, opened)
        found.append(Fact(formats.capital(sentences.earlier(change)), before))
    if lead.numerator is not None and lead.denominator is not None:
        found.append(Fact(_("n"), f"{formats.number(lead.numerator)}/{formats.number(lead.denominator)}"))
    elif lead.denominator is not None:
        found.append(Fact(_("n"), formats.number(lead.denominator)))
    is_low = lead.coverage is not None and lead.coverage < low_coverage_pct
    if formats.has_coverage(vars(lead)):
        found.append(Fact(_("Coverage"), formats.coverage(vars(lead)), "breach" if is_low else ""))
    if is_low and lead.value is not None and lead.possible_low is not None and lead.possible_high is not None:
        possible = formats.interval(lead.possible_low, lead.possible_high, opened)
        found.append(Fact(_("With what is missing"), possible))
    if lead.as_of is not None:
        found.append(Fact(_("On the day"), formats.day(lead.as_of)))
    target = relevant_target(results, lead.period, as_of)
    if narrowed and target is not None:
        return [*found, Fact(_("Target of the whole area"), words.in_words(target))]
    return [*found, *_own_periods(lead, results, opened)]


def _own_periods(lead: Actual, results: Sequence[TargetResult], opened: Definition) -> list[Fact]:
    """The newest verdict of a target's own period, where the number is of another period; and demo data beside it."""
    begun = [one for one in results if one.target.period.start <= lead.period.end]
    judged = [one for one in begun if one.verdict in ("met", "not_met", "suppressed")]
    found = []
    if judged and judged[-1].target.period != lead.period:
        newest = judged[-1]
        shown = verdict(newest)
        if newest.verdict != "suppressed":
            shown = f"{words.value(newest, opened)}, {shown}"
        found.append(Fact(formats.capital(formats.period(newest.target.period.label)), shown))
    demo = next((one for one in reversed(results) if one.demo_actual is not None), None)
    if demo is not None:
        found.append(Fact(formats.period(demo.target.period.label), words.demo_words(demo, opened)))
    return found


def _without_value(lead: Actual | None, rows: pd.DataFrame, opened: Definition) -> list[str]:
    """The newest value of the rows drawn, or why there is none."""
    if lead is not None and lead.status == SUPPRESSED:
        said = _("{when} the actual is suppressed, because there are so few cases.")
        return [said.format(when=formats.in_period(lead.period.label))]
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


def trend_heading(grain: str | None, opened: Definition) -> str:
    """The heading of the trend: what is drawn, by which periods, in which unit."""
    said = {
        "week": _("{what} by week, {unit}"),
        "month": _("{what} by month, {unit}"),
        "quarter": _("{what} by quarter, {unit}"),
        "year": _("{what} by year, {unit}"),
    }.get(grain or "", _("{what}, published figures, {unit}"))
    what = _("Share") if opened.is_share else names.text(opened).short
    return said.format(what=what, unit=formats.unit_word(opened))


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


def line_remarks(*, demo: bool, published: bool) -> list[str]:
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
