"""The sentences of a report, in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pandas as pd

from indicators.analysis.change import change_against
from indicators.analysis.control_chart import COMMON, CONCERN, IMPROVEMENT, NEUTRAL
from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import name_of
from indicators.engine.question import INCOMPLETE, LoadUsed
from indicators.programme.decisions import decisions
from indicators.programme.verdicts import Target
from indicators.programme.year_summary import headline
from indicators.report.content import Asked, Report, Series
from indicators.report.tables import code_name, known_cell
from indicators.wording import actions as action_words
from indicators.wording import decisions as decision_words
from indicators.wording import formats
from indicators.wording.loads import data_until
from indicators.wording.signals import NOT_ORDINARY, rule_words, turned_words
from indicators.wording.targets import level
from indicators.wording.translations import N_, _, language, ngettext
from pipelines.settings import in_finland

#: Verdicts in the order a board asks for them.
ORDER = ("not_met", "met", "not_due", "suppressed", "no_target", "no_data")
#: How the change of a series against the periods before is said, by its grain: those a series is judged in.
_CHANGES: Mapping[str, str] = {
    "week": N_("{change} against the mean of the {count} weeks before."),
    "month": N_("{change} against the mean of the {count} months before."),
    "quarter": N_("{change} against the mean of the {count} quarters before."),
}


def title(report: Report) -> str:
    """What the report is called."""
    return _("Weekly sheet of units") if report.asked.units else _("Care guarantee and service targets")


def area_name(report: Report) -> str:
    """What the area is called."""
    return name_of("area", report.asked.area, language())


def units_named(report: Report) -> str:
    """The units of a weekly sheet by their names; empty of the board's report."""
    return ", ".join(code_name(report, "unit", unit) for unit in report.asked.units)


def made(asked: Asked, loads: Iterable[LoadUsed]) -> str:
    """Until when there is data in some loads, and the day on which something was made of it."""
    said = (data_until(loads), _("Made on {day}").format(day=formats.day(asked.as_of)))
    return " · ".join(text for text in said if text)


def demo(report: Report) -> str:
    """That the data is invented; empty where none is."""
    return _("Invented data: nothing in this report is about real people or units.") if report.demo else ""


def finding(report: Report) -> list[str]:
    """The counts of verdicts, then what stands worst and best."""
    counts = Counter(result.verdict for result in report.results)
    judged = counts["met"] + counts["not_met"]
    if not report.results:
        return [_("The programme has no targets for {year}.").format(year=report.year)]
    said = [
        ngettext(
            "One target of {year} can be judged: {met} reached, {not_met} not reached.",
            "{count} targets of {year} can be judged: {met} reached, {not_met} not reached.",
            judged,
        ).format(count=judged, year=report.year, met=counts["met"], not_met=counts["not_met"])
    ]
    open_ones = counts["not_due"] + counts["suppressed"]
    if open_ones or counts["no_data"]:
        said.append(
            _("Not yet to be judged: {open}. Without information: {unknown}.").format(
                open=open_ones, unknown=counts["no_data"]
            )
        )
    if no_level := counts["no_target"]:
        said.append(
            ngettext(
                "{count} target has no level to compare with.",
                "{count} targets have no level to compare with.",
                no_level,
            ).format(count=no_level)
        )
    better, worse = signals(report, "improvement"), signals(report, "concern")
    if worse:
        said.append(_("Got worse by more than chance explains: {names}.").format(names=named(worse)))
    if better:
        said.append(_("Got better by more than chance explains: {names}.").format(names=named(better)))
    return said


def to_decide(report: Report) -> list[str]:
    """What the board is asked to decide, as the overview says it, a line each; why these, or that there is nothing."""
    if not report.results:
        return []
    known = {one.target.indicator for one in report.results if one.actual.has_value}
    judged = {one.definition.id: one.signals for one in report.series if one.definition.id in known}
    found = decisions(report.results, judged, headline())
    said = [
        f"{one.figure} {one.what}{action_words.BETWEEN}{one.where}"
        for one in decision_words.decision_actions(found, report.known)
    ]
    return [text for text in (*said, decision_words.note(found, report.results)) if text]


def unchanged(report: Report, shown: Sequence[Series]) -> str:
    """How many series did not change by more than chance explains, and of how many that cannot be said."""
    usual = len([one for one in signals(report, COMMON) if one not in shown])
    rest = len(report.series) - len(shown) - usual
    said = []
    if not shown:
        said.append(_("Nothing has changed by more than chance explains."))
    if usual:
        said.append(
            ngettext(
                "{count} indicator did not change by more than chance explains.",
                "{count} indicators did not change by more than chance explains.",
                usual,
            ).format(count=usual)
        )
    if rest:
        said.append(
            ngettext(
                "{count} indicator cannot be judged yet.", "{count} indicators cannot be judged yet.", rest
            ).format(count=rest)
        )
    return formats.one_after_another(said)


def signals(report: Report, kind: str) -> list[Series]:
    """The series whose newest value is of a kind: improvement, concern, common_cause."""
    return [
        one
        for one in report.series
        if one.is_judged and one.signals.last is not None and one.signals.last.kind == kind
    ]


def changed(report: Report) -> list[Series]:
    """The series that changed by more than chance explains, those for the worse first."""
    return [one for kind in (CONCERN, IMPROVEMENT, NEUTRAL) for one in signals(report, kind)]


def named(series: Sequence[Series]) -> str:
    """Series by the short names of their indicators."""
    return ", ".join(one.definition.text[language()].short for one in series)


def without_information(report: Report) -> str:
    """The targets of which nothing is known, in one line; empty where there is none."""
    names = [
        report.known[result.target.indicator].text[language()].short
        for result in report.results
        if result.verdict == "no_data" and not result.actual.has_value
    ]
    if not names:
        return ""
    return _("No figures have been loaded of: {names}.").format(names="; ".join(dict.fromkeys(names)))


def series_sentence(one: Series) -> str:
    """The newest value of a series and whether it is ordinary variation, in one or two sentences."""
    last = one.signals.last
    if last is None:
        return ""
    rows = one.answer.rows
    at = list(rows["period"]).index(last.label)
    value = known_cell(rows.iloc[at].to_dict(), one.definition, one.least_coverage_pct).text
    said = [_("{when}: {value}.").format(when=formats.capital(formats.period(last.label)), value=value)]
    if not one.tells_newest:
        return said[0]
    change = change_against(one.answer, at)
    if change is not None:
        said.append(
            _change_words(one).format(
                change=formats.change(change.difference, one.definition), count=change.periods
            )
        )
    if not one.is_judged:
        said.append(_("It cannot be judged yet whether this is ordinary variation."))
    elif last.rule is None:
        said.append(_("The change is within ordinary variation."))
    else:
        said.append(_(NOT_ORDINARY[str(last.kind)]).format(rule=rule_words(one.signals, last.label)))
        said.append(turned_words(one.signals, last.label))
    return formats.one_after_another(said)


def _change_words(one: Series) -> str:
    """The sentence of a change against the periods before."""
    return _(_CHANGES[str(one.answer.grain)])


def actions(report: Report) -> list[str]:
    """What is to be done in the units of a weekly sheet, as the page says it, a line each; why there is nothing."""
    if not report.asked.units:
        return []

    def name(dimension: str, code: str) -> str:
        return code_name(report, dimension, code)

    said = [
        f"{one.figure} {one.what}{action_words.BETWEEN}{one.where}"
        for one in action_words.actions(report.work, name)
    ]
    return [text for text in (*said, action_words.note(report.work, name)) if text]


def changes(series: Sequence[Series]) -> str:
    """What changed within some series, so that they start anew; empty where nothing did."""
    said = {
        (change.date, change.text(language()).removesuffix("."))
        for one in series
        for change in one.changes
        if (one.answer.rows["period_start"] < change.date).any()
        and (one.answer.rows["period_end"] > change.date).any()
    }
    if not said:
        return ""
    dated = [f"{formats.day(day)}: {text}" for day, text in sorted(said)]
    return _("Vertical line: {changes}.").format(changes="; ".join(dated))


def alternative(one: Series) -> str:
    """What a chart shows, for those who do not see it: its first, lowest, highest and newest value and its finding."""
    rows = one.answer.rows[one.answer.rows["value"].notna()]
    rows = rows[[one.tells(row) for row in rows.to_dict("records")]]
    if rows.empty:
        return _("No values.")
    lowest, highest = rows.loc[rows["value"].idxmin()], rows.loc[rows["value"].idxmax()]
    first = rows.iloc[0]

    def told(row: Mapping[str, object]) -> str:
        return f"{formats.cell(row, one.definition)} ({formats.period(str(row['period']))})"

    said = _("Line chart of {name}: first {first}, lowest {lowest}, highest {highest}.").format(
        name=one.definition.text[language()].name,
        first=told(first.to_dict()),
        lowest=told(lowest.to_dict()),
        highest=told(highest.to_dict()),
    )
    held = _target_sentence(one.target, one.definition) if one.target is not None else ""
    return formats.one_after_another([said, held, series_sentence(one)])


def targets(one: Series) -> str:
    """The targets of a series whose period has a day of it, a sentence each; empty without any."""
    rows = one.answer.rows
    if rows.empty:
        return ""
    first, last = rows["period_start"].min(), rows["period_end"].max()
    drawn = [held for held in one.targets if held.period.end >= first and held.period.start <= last]
    return formats.one_after_another(_target_sentence(held, one.definition) for held in drawn)


def _target_sentence(target: Target, definition: Definition) -> str:
    said = level(target, definition) or target.as_written
    if not said:
        return ""
    return _("Target {period}: {target}.").format(period=formats.period(target.period.label), target=said)


def legend(series: Sequence[Series]) -> str:
    """How the charts of some series are read: what is drawn in one of them."""
    said = [_("Line: the value of each period.")]
    if any(one.signals.limits is not None and not one.signals.provisional for one in series):
        said.append(_("Thin line and shading: mean and limits of ordinary variation."))
    if any(targets(one) for one in series):
        said.append(_("Dashed line: target."))
    if any(point.kind not in (None, COMMON) for one in series for point in one.signals.points):
        said.append(_("Filled point: more than chance") + ".")
    if any(one.answer.rows["status"].eq(INCOMPLETE).any() for one in series):
        said.append(_("Hollow dashed point: not complete") + ".")
    return " ".join(said)


def grains(report: Report) -> str:
    """Why a weekly sheet has more than one share of a unit; empty without series and figures of units."""
    if not report.series or not report.by_unit:
        return ""
    first = next(iter(report.by_unit.values()))
    return _(
        "The chart is by week, the table of units of {period}, the page of the care guarantee of 13 weeks: so the shares differ."
    ).format(period=formats.period(first.rows["period"].iloc[0]))


def caveats(report: Report) -> list[str]:
    """What to beware of: invented data, small numbers, incomplete periods and low coverage."""
    said = [demo(report)]
    if not report.asked.audience.internal:
        said.append(
            _(
                "Numbers of one to four people are suppressed, and other counts of people differ a little from the exact ones."
            )
        )
    incomplete = [
        report.known[result.target.indicator].text[language()].short
        for result in report.results
        if result.actual.status == INCOMPLETE
    ]
    if incomplete:
        said.append(_("The data of the period is incomplete: {names}.").format(names=", ".join(incomplete)))
    if report.coverage is not None:
        low = _low(report).sort_values("value")
        if len(low):
            worst = code_name(report, "unit", low["unit"].iloc[0])
            said.append(
                ngettext(
                    "In one unit dates of assessment are recorded for under {limit} of visits: least in {unit} ({share}).",
                    "In {count} units dates of assessment are recorded for under {limit} of visits: least in {unit} ({share}).",
                    len(low),
                ).format(
                    count=len(low),
                    limit=formats.percent(report.low_coverage_pct, 0),
                    unit=worst,
                    share=formats.percent(low["value"].iloc[0], 0),
                )
            )
    return [text for text in said if text]


def low_units(report: Report) -> int:
    """In how many units coverage is low."""
    return 0 if report.coverage is None else len(_low(report))


def _low(report: Report) -> pd.DataFrame:
    rows = pd.DataFrame() if report.coverage is None else report.coverage.rows
    return rows[rows["value"] < report.low_coverage_pct]


def published(report: Report) -> str:
    """The version of the data, as its moment of publication."""
    if not report.published_at:
        return ""
    moment = in_finland(datetime.fromisoformat(f"{report.published_at}+00:00"))
    return _("Data published on {day}").format(day=formats.day(moment.date()))
