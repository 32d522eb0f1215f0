"""Milestones of projects and their work packages against their days, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from indicators.programme.portfolio import Milestone
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.text.portfolio import investment, not_reported
from pages.text.tables import Table


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


def package_columns(found: Sequence[Package]) -> dict[str, tuple[str, ...]]:
    """What is said of work packages, by column; columns of which nothing is known are left out.

    Each has a text for each work package, in their order.
    """
    columns = {
        _("Late without a report"): tuple(formats.number(one.late) for one in found),
        _("Reached"): tuple(formats.number(one.reached) for one in found),
        _("In all"): tuple(formats.number(len(one.steps)) for one in found),
        _("Next day"): tuple("–" if one.next_day is None else formats.day(one.next_day) for one in found),
    }
    if not any(step.reported for one in found for step in one.steps):
        del columns[_("Reached")]
    if not any(one.next_day for one in found):
        del columns[_("Next day")]
    return columns


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
        return ngettext("{count} day late", "{count} days late", -distance).format(
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
