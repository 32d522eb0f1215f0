"""Milestones of projects and their work packages against their days, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from indicators.programme.portfolio import Milestone
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.sheet import Column, Row, Value, data_table, plain_value
from pages.text.portfolio import investment, not_reported
from pages.text.tables import Cell, Table, count_cell, day_cell


@dataclass(frozen=True)
class Package:
    """A work package: its milestones, the longest past its day first; how many are late, reached, and the next day."""

    name: str
    steps: tuple[Milestone, ...]
    late: int
    reached: int
    next_day: date | None


def packages(milestones: Sequence[Milestone], as_of: date) -> list[Package]:
    """The work packages of a project, those with the most milestones past their day without a report first."""
    steps: dict[str, list[Milestone]] = {}
    for step in milestones:
        steps.setdefault(step.work_package or investment(None), []).append(step)
    found = [
        Package(
            name,
            tuple(sorted(mine, key=lambda step: (not step.overdue(as_of), step.planned_end or date.max))),
            sum(step.overdue(as_of) for step in mine),
            sum(step.done is True for step in mine),
            min((day for step in mine if (day := coming_day(step, as_of)) is not None), default=None),
        )
        for name, mine in steps.items()
    ]
    return sorted(found, key=lambda one: (-one.late, one.name))


def coming_day(step: Milestone, as_of: date) -> date | None:
    """The day of a milestone that is neither reached nor past its day."""
    return step.planned_end if step.planned_end and step.planned_end >= as_of and not step.done else None


def packages_table(found: Sequence[Package]) -> Table:
    """One row per work package; columns of which nothing is known are left out."""
    columns: dict[str, list[Cell]] = {
        _("Late without a report"): [count_cell(one.late) for one in found],
        _("Reached"): [count_cell(one.reached) for one in found],
        _("In all"): [count_cell(len(one.steps)) for one in found],
        _("Next day"): [day_cell(one.next_day) if one.next_day else Cell("–", None) for one in found],
    }
    if not any(step.reported for one in found for step in one.steps):
        del columns[_("Reached")]
    if not any(one.next_day for one in found):
        del columns[_("Next day")]
    rows = [(one.name, *(cells[at] for cells in columns.values())) for at, one in enumerate(found)]
    caption = _("Work packages, the most late milestones first")
    return Table.of(caption, (_("Work package"), *columns), rows, range(1, 4))


def steps_html(package: Package, as_of: date) -> str:
    """The milestones of a work package: name, scale, planned days, state; in the order of the package."""
    columns = [
        Column("valitavoite", _("Milestone"), right=False),
        Column("asteikko", _("Scale"), right=False, hides="narrow"),
        Column("suunniteltu", _("Planned"), right=False, hides="narrow"),
        Column("tila", _("Status of the milestone"), right=False),
    ]
    rows = [
        Row(
            step.name,
            "",
            (Value(_scale(step)), plain_value(planned(step)), Value(_state(step, as_of))),
            remark=_quote(step),
        )
        for step in package.steps
    ]
    silent = not any(step.reported for step in package.steps)
    foot = _("Nothing has been reported of these milestones.") if silent else ""
    return data_table(package.name, columns, rows, "", foot=foot)


def _state(step: Milestone, as_of: date) -> str:
    verdict, word = milestone_state(step, as_of)
    if not step.reported:
        word = days_of(step, as_of)
        return f'<span class="tv-ink-limit">{escape(word)}</span>' if step.overdue(as_of) else escape(word)
    shape = formats.VERDICTS[verdict][0]
    return f'<span class="tv-shape tv-{verdict}" aria-hidden="true">{shape}</span> {escape(word)}'


def _scale(step: Milestone) -> str:
    """The words of the scale, the reported one strong."""
    return " / ".join(
        f'<span class="tv-strong">{escape(word)}</span>' if word == step.status else escape(word)
        for word in step.scale
    )


def _quote(step: Milestone) -> str:
    if not step.as_written or step.as_written.casefold() == step.name.casefold():
        return ""
    return f"”{step.as_written}”"


def milestones_table(found: Sequence[Package], as_of: date) -> Table:
    """One row per milestone, for a spreadsheet."""
    header = (_("Work package"), _("Milestone"), _("Scale"), _("Planned"), _("Status of the milestone"))
    rows = [
        (
            *(one.name, step.name, " / ".join(step.scale), planned(step)),
            *(milestone_state(step, as_of)[1], step.as_written or ""),
        )
        for one in found
        for step in one.steps
    ]
    return Table.of(_("Milestones"), (*header, _("As written")), rows)


def days_of(step: Milestone, as_of: date) -> str:
    """How far the day of a milestone is from another day, in words."""
    if step.planned_end is None:
        return _("no day")
    distance = (step.planned_end - as_of).days
    if distance < 0:
        return ngettext("{count} day past its day", "{count} days past its day", -distance).format(
            count=formats.number(-distance)
        )
    return ngettext("in {count} day", "in {count} days", distance).format(count=formats.number(distance))


def milestone_state(step: Milestone, as_of: date) -> tuple[str, str]:
    """A milestone against its day: a verdict for the shape, and words."""
    if step.achieved_on is not None and step.planned_end is not None:
        if step.achieved_on <= step.planned_end:
            return "met", _("reached {day}, in time").format(day=formats.day(step.achieved_on))
        return "not_met", _("reached {day}, after its day").format(day=formats.day(step.achieved_on))
    if step.achieved_on is not None:
        return "met", _("reached {day}").format(day=formats.day(step.achieved_on))
    if step.status is not None:
        passed = step.planned_end is not None and step.planned_end < as_of
        verdict = "met" if step.done else "not_met" if step.done is False and passed else "not_due"
        return verdict, _("reported: {status}").format(status=step.status)
    if step.planned_end is None:
        return "no_data", not_reported()
    if step.overdue(as_of):
        return "no_data", _("not reported, its day has passed")
    return "no_data", _("not reported, its day is to come")


def planned(step: Milestone) -> str:
    """The planned days of a milestone."""
    if step.planned_start is not None and step.planned_end is not None:
        return formats.day_span(step.planned_start, step.planned_end)
    ends = step.planned_end or step.planned_start
    return not_reported() if ends is None else formats.day(ends)
