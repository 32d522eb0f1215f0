"""Before and after a dated change in words and tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from indicators.analysis import before_after as ba
from indicators.analysis import intervals
from indicators.analysis.before_after import BeforeAfter, Group, Side
from indicators.catalogue.definition import SHARES, Definition
from indicators.catalogue.periods import Period
from indicators.engine.question import NO_DATA
from indicators.programme.annotations import DatedChange
from indicators.wording import formats
from indicators.wording.translations import N_, _, language, ngettext
from pages.text import names
from pages.text.tables import Cell, Table, Value, coverage_cell, n_cell, period_cell
from pages.text.tiles import Tile

#: The cell of a column that a row has nothing of.
NOT_OF_IT = "–"
#: Units named in a sentence; more are counted.
MOST_NAMED = 3
#: Percentage points of coverage whose change between the windows is mentioned.
COVERAGE_MOVED = 5.0
_REASONS: Mapping[str, str] = {
    ba.NO_WINDOW: N_(
        "There is no whole period on both sides of {day}, so before and after cannot be compared. Choose another day."
    ),
    ba.NUMBERS_SUPPRESSED: N_(
        "There are so few cases that before and after are suppressed to protect privacy. Choose "
        "longer periods or windows, or more units."
    ),
    ba.NOTHING: N_("In a window there are no cases, so before and after cannot be compared."),
    ba.LOW_COVERAGE: N_(
        "Coverage is so low that the figures are not known well enough: they are not compared."
    ),
    ba.NO_BASE: N_(
        "Before the change there was nothing, so there is no change in per cent and the groups "
        "are not compared."
    ),
    ba.NO_OTHERS: N_(
        "The change concerns all units, so there are none without it to compare with. Choose the "
        "units it concerns to compare them with the others."
    ),
}
_NO_INTERVAL: Mapping[str, str] = {
    intervals.NOT_INDEPENDENT: N_(
        "No interval: much the same people or units are in several periods, so the figures are not independent of each other."
    ),
    intervals.TOO_FEW: N_(
        "No interval: with fewer than six periods on a side it is not known how they vary."
    ),
    intervals.NO_VARIATION: N_("No interval: the periods do not vary at all."),
    intervals.FOLLOW_EACH_OTHER: N_(
        "No interval: neighbouring periods are correlated, so an interval would be too narrow."
    ),
}
_LEFT_OUT: Mapping[str, str] = {
    ba.SPLIT_BY_DAY: N_("{periods}: the day falls into it"),
    ba.NOT_WHOLE: N_("{periods}: not complete, without data, or opposite to such a period"),
    ba.NO_CASES: N_("{periods}: no cases in one of the groups"),
}


def length_words(grain: str, count: int) -> str:
    """So many periods of a grain: 13 weeks."""
    if grain == "week":
        said = ngettext("{count} week", "{count} weeks", count)
    elif grain == "month":
        said = ngettext("{count} month", "{count} months", count)
    else:
        said = ngettext("{count} quarter", "{count} quarters", count)
    return said.format(count=count)


def event_words(event: DatedChange, called: Mapping[str, str]) -> str:
    """A dated change as it is offered: its day, its words, the units it is of."""
    of = f" ({units_words(event.units, called)})" if event.units else ""
    return f"{formats.day(event.date)}: {event.text(language())}{of}"


def units_words(units: Sequence[str], called: Mapping[str, str]) -> str:
    """Units by name, more than a few by their number; all of them where there are none."""
    if not units:
        return _("all units")
    if len(units) > MOST_NAMED:
        return ngettext("{count} unit", "{count} units", len(units)).format(count=len(units))
    return ", ".join(called.get(unit, unit) for unit in units)


def change(value: float, found: BeforeAfter) -> str:
    """A group's change with its sign: percentage points, days, and of counts per cent of before."""
    if found.relative:
        return formats.signed(value, 1) + formats.percent_sign()
    return formats.change(value, found.definition)


def difference(value: float, found: BeforeAfter) -> str:
    """A difference of changes with its sign, of counts in percentage points."""
    return formats.points(value) if found.relative else formats.change(value, found.definition)


def interval(found: BeforeAfter) -> str:
    """The interval of the difference; empty without one."""
    if found.low is None or found.high is None:
        return ""
    decimals = 1 if found.relative else found.definition.decimals
    if found.definition.unit == "days" and min(abs(found.low), abs(found.high)) >= 10:
        decimals = 0
    return f"{formats.signed(found.low, decimals)} … {difference(found.high, found)}"


def around(found: BeforeAfter, called: Mapping[str, str]) -> str:
    """Before and after in sentences: the units concerned, the others, the difference with its interval, what chance can do."""
    ours, name = found.affected, names.text(found.definition).name
    units = units_words(ours.units, called)
    if ours.change is None or ours.before.value is None or ours.after.value is None:
        return formats.one_after_another([f"{name}, {units}.", why_not(found)])
    said = [
        _("{name}, {units}: {before} before {day} and {after} after it, a change of {change}.").format(
            name=name,
            units=units,
            day=formats.day(found.day),
            before=side_words(ours.before, found.definition),
            after=side_words(ours.after, found.definition),
            change=change(ours.change, found),
        )
    ]
    if found.others is not None and found.others.change is not None:
        said.append(
            _("In the other units the change was {change}.").format(change=change(found.others.change, found))
        )
    if found.difference is None:
        return formats.one_after_another([*said, why_not(found)])
    words = difference(found.difference, found)
    if found.apart is None:
        said.append(_("Difference of the changes {difference}.").format(difference=words))
        said.append(_(_NO_INTERVAL[found.no_interval]) if found.no_interval else "")
    else:
        said.append(
            _("Difference of the changes {difference} (95% interval {interval}).").format(
                difference=words, interval=interval(found)
            )
        )
        if found.apart:
            said.append(_beyond_chance(found.definition, upward=found.difference > 0))
        else:
            said.append(_("Chance alone can bring about as much."))
    return formats.one_after_another(said)


def _beyond_chance(of: Definition, *, upward: bool) -> str:
    """That a difference is no chance, and whether it is to the better."""
    if of.better == "none":
        return _("Compared with the others the figure changed by more than chance explains.")
    if upward == (of.better == "up"):
        return _("Compared with the others the figure improved by more than chance explains.")
    return _("Compared with the others the figure got worse by more than chance explains.")


def why_not(found: BeforeAfter) -> str:
    """Why there is no difference; empty where there is one."""
    return _(_REASONS[found.reason]).format(day=formats.day(found.day)) if found.reason else ""


def association(found: BeforeAfter, events: Sequence[DatedChange], called: Mapping[str, str]) -> str:
    """That what is seen is an association, and what it does not rule out; empty without a change."""
    if found.affected.change is None:
        return ""
    said = [
        _(
            "This is an association and no proof of a cause: it does not rule out other changes at the same time, a "
            "change in who comes and for what (mix), seasons that differ between the units, units that already went "
            "different ways before, or that a unit chosen for its poor figures gets better by itself."
        )
    ]
    groups = [found.affected, *([found.others] if found.others else [])]
    if any(_moved(group) for group in groups):
        said.append(
            _("Coverage changed too between the windows: a change in what is recorded changes the figure.")
        )
    if found.before and found.after:
        first, last = found.before[0].start, found.after[-1].end
        others = [
            event_words(event, called)
            for event in events
            if first <= event.date <= last and event.date != found.day
        ]
        if others:
            said.append(_("In the same windows: {events}").format(events="; ".join(others)))
    return formats.one_after_another(said)


def _moved(group: Group) -> bool:
    before, after = group.before.coverage, group.after.coverage
    return before is not None and after is not None and abs(after - before) >= COVERAGE_MOVED


def windows(found: BeforeAfter) -> str:
    """What is compared with what, how the values come about, and which periods are left out and why."""
    said = []
    if found.before:
        said.append(
            _("Windows of {length} on both sides: {before} and {after}.").format(
                length=length_words(found.grain, len(found.before)),
                before=formats.day_span(found.before[0].start, found.before[-1].end),
                after=formats.day_span(found.after[0].start, found.after[-1].end),
            )
        )
        said.append(
            _("A window's share is of all its cases together.")
            if found.definition.measure.statistic in SHARES
            else _("A window's value is the mean of its periods.")
        )
    if found.low is not None and found.definition.measure.statistic in SHARES:
        said.append(
            _(
                "The interval knows the chance of single cases only: where the share also varies from period to period by "
                "itself, the true one is wider."
            )
        )
    left_out = []
    for why, words in _LEFT_OUT.items():
        gone = [period for period, reason in found.left_out if reason == why]
        if gone:
            left_out.append(_(words).format(periods=period_spans(gone)))
    if left_out:
        said.append(_("Left out: {what}.").format(what="; ".join(left_out)))
    if found.affected.change is not None:
        said.append(_("Thick and dashed lines: the windows; thin lines with points: their periods."))
    return formats.one_after_another(said)


def tiles(found: BeforeAfter, called: Mapping[str, str]) -> list[Tile]:
    """The change in the units concerned, in the others, and the difference."""
    shown = [_tile(found.affected, formats.capital(units_words(found.affected.units, called)), found)]
    if found.others is not None:
        shown.append(_tile(found.others, _("The other units"), found))
        if found.difference is not None:
            between = interval(found)
            reason = _(_NO_INTERVAL[found.no_interval]) if found.no_interval else ""
            detail = _("95% interval {interval}").format(interval=between) if between else reason
            number = difference(found.difference, found).replace(formats.NBSP, " ")
            shown.append(Tile(_("Difference of the changes"), number, (detail,) if detail else ()))
    return shown


def _tile(group: Group, title: str, found: BeforeAfter) -> Tile:
    # A long unit may go to a line of its own.
    number = _("no value") if group.change is None else change(group.change, found).replace(formats.NBSP, " ")
    details = []
    for words, side in ((_("before"), group.before), (_("after"), group.after)):
        if side.value is not None:
            details.append(f"{words}: {side_words(side, found.definition)}")
    if found.reason == ba.NUMBERS_SUPPRESSED:
        number = formats.verdict("suppressed")
    return Tile(title, number, tuple(details))


def windows_table(found: BeforeAfter, called: Mapping[str, str]) -> Table:
    """One row per group: value, n and coverage before and after, and the change; then the difference."""
    unit = formats.unit_word(found.definition)
    groups = [group for group in (found.affected, found.others) if group is not None]
    sides = [side for group in groups for side in (group.before, group.after)]
    has_n = any(side.denominator is not None for side in sides)
    has_coverage = any(side.coverage is not None for side in sides)
    header = [_("Units")]
    for value, n, coverage in (
        (_("Before, {unit}"), _("n before"), _("Coverage before, %")),
        (_("After, {unit}"), _("n after"), _("Coverage after, %")),
    ):
        header += [value.format(unit=unit), *([n] * has_n), *([coverage] * has_coverage)]
    header.append(_("Change"))
    rows: list[list[Value]] = []
    for group in groups:
        name = units_words(group.units, called) if group is found.affected else _("The other units")
        cells: list[Value] = [formats.capital(name)]
        for side in (group.before, group.after):
            cells += _side_cells(side, found, has_n=has_n, has_coverage=has_coverage)
        moved = group.change
        rows.append([*cells, _nothing(found) if moved is None else Cell(change(moved, found), moved)])
    if found.difference is not None:
        ends = [(_("Difference of the changes"), found.difference)]
        if found.low is not None and found.high is not None:
            ends += [(_("Lower end of the interval (95%)"), found.low), (_("Upper end"), found.high)]
        blank = [NOT_OF_IT] * (len(header) - 2)
        rows += [[words, *blank, Cell(difference(end, found), end)] for words, end in ends]
    return Table.of(_("Before and after"), header, rows, range(1, len(header)))


def periods_table(found: BeforeAfter, called: Mapping[str, str]) -> Table | None:
    """The periods of both windows, the newest first; None where they are suppressed."""
    ours, theirs = found.affected.rows, found.others.rows if found.others else None
    if ours is None:
        return None
    unit = formats.unit_word(found.definition)
    name = formats.capital(units_words(found.affected.units, called))
    shown = [ours, *([] if theirs is None else [theirs])]
    has_n = any(rows["denominator"].notna().any() for rows in shown)
    has_coverage = any(rows["coverage"].notna().any() for rows in shown)
    header = [_("Period"), _("Before or after")]
    for title in (f"{name}, {unit}", _("The other units, {unit}").format(unit=unit))[: len(shown)]:
        header += [title, *([_("n")] * has_n), *([_("Coverage, %")] * has_coverage)]
    others = {} if theirs is None else {row["period"]: row for row in theirs.to_dict("records")}
    rows = []
    for row in reversed(ours.to_dict("records")):
        window = _("before") if row["period_end"] < found.day else _("after")
        cells: list[Value] = [period_cell(row["period"]), window]
        for one in [row, *([others[row["period"]]] if others else [])]:
            value = None if formats.missing(one["value"]) else float(one["value"])
            cells.append(Cell(formats.cell(one, found.definition), value))
            cells += [*([n_cell(one)] * has_n), *([coverage_cell(one)] * has_coverage)]
        rows.append(cells)
    return Table.of(_("Each period of the windows"), header, rows, range(2, len(header)))


def _nothing(found: BeforeAfter) -> Cell:
    word = (
        formats.verdict("suppressed")
        if found.reason == ba.NUMBERS_SUPPRESSED
        else formats.status_word(NO_DATA)
    )
    return Cell(word, None)


def _side_cells(side: Side, found: BeforeAfter, *, has_n: bool, has_coverage: bool) -> list[Cell]:
    if side.value is None:
        return [_nothing(found)] * (1 + has_n + has_coverage)
    n, coverage = side.denominator, side.coverage
    # Of a window with a value these are missing only where they are suppressed.
    hidden = Cell(formats.verdict("suppressed"), None)
    return [
        Cell(formats.value(side.value, found.definition), side.value),
        *([hidden if n is None else Cell(formats.number(n), round(n))] * has_n),
        *([hidden if coverage is None else Cell(formats.percent(coverage, 0), coverage)] * has_coverage),
    ]


def side_words(side: Side, definition: Definition) -> str:
    """A side's value with what it rests on."""
    if side.value is None:
        return ""
    basis = basis_words(side.denominator, side.coverage)
    return formats.value(side.value, definition) + (f" ({basis})" if basis else "")


def basis_words(n: Any, coverage: Any) -> str:
    said = []
    if not formats.missing(n):
        said.append(_("n = {n}").format(n=formats.number(n)))
    if not formats.missing(coverage):
        said.append(_("coverage {coverage}").format(coverage=formats.percent(coverage, 0)))
    return ", ".join(said)


def period_spans(periods: Sequence[Period]) -> str:
    """Periods by name; several in a row by the first and the last."""
    runs: list[list[Period]] = []
    for period in sorted(periods):
        if runs and (period.start - runs[-1][-1].end).days == 1:
            runs[-1].append(period)
        else:
            runs.append([period])
    return ", ".join(
        formats.period(run[0].label)
        if len(run) == 1
        else f"{formats.period(run[0].label)} – {formats.period(run[-1].label)}"
        for run in runs
    )
