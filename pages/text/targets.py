"""Targets and actuals in words and tables, the same on every page.

A target is shown as it was written; a whole sentence is quoted next to its level.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE, NO_DENOMINATOR, SUPPRESSED, Where
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Actual, Target
from indicators.programme.year_summary import Ahead, Pace
from indicators.wording import formats
from indicators.wording import targets as target_wording
from indicators.wording.targets import distance, known, value
from indicators.wording.translations import N_, _, language, ngettext
from pages.text import names, sentences
from pages.text import queues as queue_words
from pages.text.tables import Cell, Table, period_cell
from pages.ui import cache

#: Verdicts in the order a board asks for them, with what a group of them is called.
GROUPS: Mapping[str, str] = {
    "not_met": N_("Not reached"),
    "met": N_("Reached"),
    "not_due": N_("Cannot be judged yet"),
    "suppressed": N_("Suppressed"),
    "no_data": N_("No information"),
    "no_target": N_("No level to compare with"),
}

#: The language that the plans are written in, and how they name days otherwise than the figures next to them.
WRITTEN_IN = "fi"
_UNITS_OF_PLANS = re.compile(r"\d\s*(?:pv|pvä|päivä)", re.IGNORECASE)


def level(target: Target) -> str:
    """A target's level with its comparison, in the unit it was written in: ≥ 80 %, < 1 kk; empty where it has none.

    >>> from indicators.wording.translations import in_language
    >>> from indicators.catalogue.periods import span
    >>> promised = Target("x", "18", span(date(2025, 1, 1), date(2025, 12, 31)), ">=", 80.0, "percent", "80 %", None)
    >>> with in_language("fi"):
    ...     level(promised)
    '≥\\xa080\\xa0%'
    """
    return target_wording.level(target, cache.definitions().get(target.indicator))


def level_amount(target: Target) -> str:
    """The number of a target's level in its own unit; of a stage, or yes and no, the step of that number."""
    return target_wording.level_amount(target, cache.definitions().get(target.indicator))


def wording(target: Target) -> str:
    """The target as it was written where that is short, else its level."""
    return target_wording.wording(target, cache.definitions().get(target.indicator))


def in_words(target: Target) -> str:
    """The target for a sentence: as it was written where that is short, else its level with a word for a comparison.

    Where it was written in another language than the reader's, or with another name of a unit than ours, its level wherever it
    has one.

    >>> from indicators.wording.translations import in_language
    >>> from indicators.catalogue.periods import span
    >>> year = span(date(2025, 1, 1), date(2025, 12, 31))
    >>> with in_language("fi"):
    ...     [in_words(Target("x", "18", year, ">=", 80.0, "percent", said, None)) for said in ("80%:iin", "kasvaa 80 %:iin")]
    ['80%:iin', 'vähintään 80\\xa0%']
    """
    said = wording(target)
    if not said or target.value is None or target.comparator is None:
        return said
    if said != level(target) and language() == WRITTEN_IN and not _UNITS_OF_PLANS.search(said):
        return said
    return target_wording.compared(target, level_amount(target))


def written_otherwise(target: Target) -> str:
    """A short wording of the plan in quotes where `in_words` names its unit in another way; empty where it does not."""
    said = wording(target)
    return f"”{said}”" if language() == WRITTEN_IN and level(target) and _UNITS_OF_PLANS.search(said) else ""


def quote(target: Target) -> str:
    """The whole wording where `wording` does not show it; empty where it does."""
    return (
        "" if level(target) and len(target.as_written) <= target_wording.SHORT_WORDING else target.as_written
    )


def basis(actual: Actual) -> str:
    """What a value rests on: 643/760 or n = 4 850, its coverage, the day of a queue; empty where nothing is known."""
    parts = []
    if actual.numerator is not None and actual.denominator is not None:
        parts.append(f"{formats.number(actual.numerator)}/{formats.number(actual.denominator)}")
    elif actual.denominator is not None:
        parts.append(_("n = {n}").format(n=formats.number(actual.denominator)))
    if formats.has_coverage(vars(actual)):
        parts.append(_("coverage {coverage}").format(coverage=formats.coverage(vars(actual))))
    if actual.as_of is not None:
        parts.append(_("on {day}").format(day=formats.day(actual.as_of)))
    if actual.has_value and actual.status == INCOMPLETE:
        parts.append(_("data incomplete"))
    return ", ".join(parts)


def with_basis(text: str, actual: Actual) -> str:
    """A value with what it rests on in brackets: 84,6 % (643/760)."""
    rests_on = basis(actual)
    return f"{text} ({rests_on})" if rests_on else text


def period(target: Target, year: int | None = None) -> str:
    """The target's period in words; empty where it is the year that is looked at anyway."""
    return (
        "" if year is not None and target.period.label == str(year) else formats.period(target.period.label)
    )


def pace_words(pace: Pace, definition: Definition) -> str:
    """What is left to a target and how much that is a year or a quarter, with the decimals that show it is something."""
    decimals = formats.rounded_away(pace.left, 0, definition.decimals)
    definition = replace(definition, decimals=decimals)
    each = formats.change(pace.each, definition)
    left = formats.change(pace.left, definition)
    if pace.grain == "year":
        return _("{left} left: {each} a year").format(left=left, each=each)
    return _("{left} left: {each} a quarter").format(left=left, each=each)


def what_is_missing(
    result: TargetResult, definition: Definition, as_of: date, low_coverage_pct: float
) -> str:
    """What is missing from a result and why, or what to beware of; empty where there is nothing to say."""
    actual, target = result.actual, result.target
    said = []
    if target.as_written and not target.can_be_judged:
        said.append(_("The source gives no level."))
    if actual.status == SUPPRESSED:
        said.append(_("Suppressed, because there are so few cases that a person could be recognised."))
    elif result.verdict == SUPPRESSED:
        said.append(_("Too close to the target to be judged by shareable figures."))
    elif actual.status == NO_DENOMINATOR:
        said.append(_("In the period there was nothing to judge: no case, or none that has come due."))
    elif not actual.has_value and result.demo_actual is not None:
        said.append(
            _(
                "Of the period there is only demo data, not judged beside published figures: load an extract or a figure."
            )
        )
    elif not actual.has_value:
        said.append(no_actual(definition))
    elif actual.status == INCOMPLETE:
        said.append(incomplete(actual))
    elif target.is_direction:
        said.append(_year_before_missing(result))
    if actual.ranged:
        said.append(sentences.why_range(definition))
    if target.period.end > as_of and target.can_be_judged:
        said.append(_("The period ends on {day}.").format(day=formats.day(target.period.end)))
    said.append(unrecorded(result, definition) or low_coverage(actual, definition, low_coverage_pct))
    return formats.one_after_another(said)


def _year_before_missing(result: TargetResult) -> str:
    """Why a direction with an actual has nothing to compare with; empty where it has."""
    before = result.before
    if before is None or (before.value is None and before.low is None and before.status != SUPPRESSED):
        return _("There is no figure of the year before to compare with.")
    if before.status == SUPPRESSED:
        return _("The figure of the year before is suppressed, because there are so few cases.")
    if before.status == INCOMPLETE:
        return _("The data of the year before is not complete.")
    if result.across_seam:
        return _(
            "One of the two years is published, the other counted from extracts: they cannot be compared."
        )
    if result.new_queues:
        return _(
            "Some of the queues were not counted the year before. Without them the verdict would be another, so none is given."
        )
    return ""


def incomplete(actual: Actual) -> str:
    """Why a period is not complete: its units that are silent, by name, or the remark of a published figure."""
    if actual.missing:
        return queue_words.lacking(actual.missing)
    if actual.missing_units:
        named = sentences.some_of(names.name("unit", code) for code in actual.missing_units)
        return _("The period is not complete: days are missing of {units}.").format(units=named)
    remark = f" ({actual.note})" if actual.note else ""
    return _("The data does not cover the whole period{remark}.").format(remark=remark)


def no_actual(definition: Definition) -> str:
    """Why an indicator has no actual, and what to do about it."""
    if definition.measure.dataset == "visits":
        return _("No visits of the period are loaded: load an extract of visits.")
    if definition.measure.dataset == "queue":
        return _("No queue snapshot of the period is loaded: load an extract of the queue.")
    if definition.measure.dataset == "referrals":
        return _("No referrals or pathways of the period are loaded: load their extract or a figure.")
    if definition.measure.dataset == "cases":
        return _("No social-welfare cases of the period are loaded: load their extract or a figure.")
    return _("The figure has not been entered or loaded yet.")


def low_coverage(actual: Actual, definition: Definition, low_coverage_pct: float) -> str:
    """What low coverage leaves open; empty where coverage is good or not known."""
    if actual.coverage is None or actual.coverage >= low_coverage_pct or actual.value is None:
        return ""
    if actual.possible_low is None or actual.possible_high is None:
        return _("Coverage is low.")
    return _("Coverage is low: the share of all may be {interval}.").format(
        interval=formats.interval(actual.possible_low, actual.possible_high, definition)
    )


def unrecorded(result: TargetResult, definition: Definition) -> str:
    """That missing records decide the verdict, with what the share of all may be; empty where they do not."""
    actual = result.actual
    if not result.unrecorded:
        return ""
    if actual.possible_low is None or actual.possible_high is None:
        return _("Cannot be judged: records are missing.")
    return _("Cannot be judged: records are missing, the share of all may be {interval}.").format(
        interval=formats.interval(actual.possible_low, actual.possible_high, definition)
    )


def earlier_words(result: TargetResult, definition: Definition) -> str:
    """The newest earlier actual with its own period: 2021: 84,6 % (643/760); empty where there is none."""
    if result.earlier is None:
        return ""
    return _("{period}: {value}").format(
        period=formats.period(result.earlier.period.label),
        value=with_basis(known(result.earlier, definition), result.earlier),
    )


def year_finding(results: Sequence[TargetResult], year: int | str, area: str) -> str:
    """The verdicts on an area's targets of a year (or a stretch of years), counted."""
    if not results:
        return _("{area} has no targets for {year}.").format(area=area, year=year)
    counts = {name: sum(result.verdict == name for result in results) for name in GROUPS}
    many, with_level = len(results), len(results) - counts["no_target"]
    if not with_level:
        return _("The targets of {year} have no levels to compare with.").format(year=year)
    said = [
        ngettext("{area}, {year}: {count} target.", "{area}, {year}: {count} targets.", many).format(
            area=area, count=many, year=year
        )
    ]
    if counts["no_data"] == many:
        said.append(_("They cannot be judged, because no actuals of the year are loaded."))
    elif counts["no_data"] == with_level:
        said.append(_("None can be judged."))
        said.append(f"{_joined(_counted(counts))}.")
    else:
        said.append(f"{_joined(_counted(counts))}.")
    return " ".join(said)


def _counted(counts: Mapping[str, int]) -> list[str]:
    """The counts of verdicts in words, first what was reached where anything could be judged."""
    met, missed, waiting = counts["met"], counts["not_met"], counts["not_due"]
    absent, hidden = counts["no_data"], counts["suppressed"]
    said = []
    if met:
        said.append(
            ngettext("{count} target was reached", "{count} targets were reached", met).format(count=met)
        )
    elif missed:
        said.append(_("No target was reached"))
    if missed:
        said.append(
            ngettext("{count} was not reached", "{count} were not reached", missed).format(count=missed)
        )
    if waiting:
        said.append(
            ngettext("{count} cannot be judged yet", "{count} cannot be judged yet", waiting).format(
                count=waiting
            )
        )
    if hidden:
        said.append(
            ngettext(
                "the verdict of {count} is suppressed", "the verdicts of {count} are suppressed", hidden
            ).format(count=formats.elative(hidden))
        )
    if absent:
        said.append(_("for {count} there is no information").format(count=formats.number(absent)))
    if open_ones := counts["no_target"]:
        said.append(
            ngettext("{count} has no level", "{count} have no level", open_ones).format(count=open_ones)
        )
    return [formats.capital(text) if at == 0 else text for at, text in enumerate(said)]


def _joined(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("{first}, and {last}").format(first=", ".join(parts[:-1]), last=parts[-1])


def result_sentence(result: TargetResult, definition: Definition) -> str:
    """One judged target in a sentence: what was reached of it, on what it rests, and the verdict."""
    fields = {
        "name": names.text(definition).short,
        "period": formats.period(result.target.period.label),
        "value": with_basis(value(result, definition), result.actual),
        "target": in_words(result.target),
    }
    if result.verdict == "met":
        return _("{name}, {period}: {value}. The target ({target}) was reached.").format(**fields)
    if result.verdict == "not_met":
        return _("{name}, {period}: {value}. The target ({target}) was not reached.").format(**fields)
    if not result.actual.has_value:
        return ""
    return _("{name}, {period}: {value}. The target ({target}) cannot be judged yet.").format(**fields)


def year_before(result: TargetResult, definition: Definition) -> str:
    """What a direction is compared with: the figure of the year before; empty of a level."""
    if result.before is None or (result.before.value is None and result.before.low is None):
        return ""
    shown = known(result.before, replace(definition, decimals=result.decimals))
    return _("year before: {value}").format(value=shown)


def law_allows_none(definition: Definition) -> str:
    """That the law allows none of those an indicator counts, whatever its target says; empty of any other."""
    return _("the law allows none") if definition.law_allows_none else ""


def promise_fact(result: TargetResult) -> tuple[str, str]:
    """A target of its own period as a line of small print: what was promised, from what, and the verdict."""
    definition, target = definition_of(result), result.target
    promised = in_words(target)
    if result.before is not None and result.before.value is not None:
        promised = f"{promised} ({known(result.before, definition)})"
    name = _("Target {period}: {target}").format(period=formats.period(target.period.label), target=promised)
    return name, target_wording.verdict(result)


def demo_words(result: TargetResult, definition: Definition) -> str:
    """The value of demo data next to a published series; empty where there is none."""
    if result.demo_actual is None:
        return ""
    return _("demo data: {value}, not judged").format(value=known(result.demo_actual, definition))


def narrowed(where: Where) -> str:
    """What a figure is narrowed to, in words; empty where it is not."""
    scope = "; ".join(", ".join(names.name(part, code) for code in codes) for part, codes in where)
    return _("Narrowed to: {scope}").format(scope=scope) if scope else ""


def results_table(results: Sequence[TargetResult], as_of: date, low_coverage_pct: float) -> Table:
    """One row per target: everything that is known of it."""
    header = (
        *(
            _("Indicator"),
            _("Indicator, id"),
            _("Period"),
            _("Target as written"),
            _("Comparison"),
            _("Level"),
        ),
        *(_("Unit of the target"), _("Actual"), _("Numerator"), _("n"), _("Coverage, %"), _("Verdict")),
        *(_("Distance"), _("Earlier period"), _("Earlier actual"), _("What is missing and why"), _("Source")),
    )
    rows = []
    for result in results:
        definition, target, actual = definition_of(result), result.target, result.actual
        earlier = result.earlier
        coverage = formats.coverage(vars(actual)) if formats.has_coverage(vars(actual)) else ""
        rows.append(
            (
                *(names.text(definition).name, definition.id, period_cell(target.period.label)),
                target.as_written,
                level(target)
                if target.is_direction
                else target_wording.SIGNS.get(target.comparator or "", ""),
                Cell(level_amount(target), target.value),
                target.unit,
                Cell(value(result, definition), actual.value),
                *map(_number_cell, (actual.numerator, actual.denominator)),
                Cell(coverage, actual.coverage),
                target_wording.verdict(result),
                Cell(distance(result, definition), result.distance),
                earlier.period.label if earlier else "",
                Cell(known(earlier, definition), earlier.value) if earlier else Cell("", None),
                what_is_missing(result, definition, as_of, low_coverage_pct),
                target.cited_source or "",
            )
        )
    right = (5, 7, 8, 9, 10, 12, 14)
    return Table.of(_("Targets and actuals"), header, rows, right, has_status=True)


def _number_cell(number: float | None) -> Cell:
    return Cell("" if number is None else formats.number(number), number)


def ahead_words(ahead: Ahead, definition: Definition) -> str:
    """What a later promise asks of an actual: distance and pace, or that it is already reached."""
    if ahead.pace is None:
        return _("The level of the later target is already reached.") if ahead.met else ""
    return pace_words(ahead.pace, definition)


def definition_of(result: TargetResult) -> Definition:
    """The definition behind a result."""
    return cache.definitions()[result.target.indicator]
