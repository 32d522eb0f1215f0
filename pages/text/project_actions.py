"""What a project asks of its readers: overrun money, late milestones, deviations, reports that are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from indicators.programme.portfolio import TOTAL, Light, Milestone, Portfolio, money
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.sheet import Action
from pages.text.milestones import coming_day, packages, planned
from pages.text.portfolio import aspect, aspects, investment


@dataclass(frozen=True)
class Places:
    """Addresses the things to do lead to: the tabs of the page, and where a report is entered."""

    money: str
    lights: str
    items: str
    enter: str
    package: Callable[[str], str]


#: So many days ahead a milestone is said to be coming.
AHEAD = timedelta(days=90)


def actions(known: Portfolio, as_of: date, places: Places) -> list[Action]:
    """What asks for action: overrun money, late milestones, deviations, what is not reported, what comes next."""
    said = [*_money_actions(known, places), *_step_actions(known.milestones, as_of, places)]
    deviations = [light for light in newest_lights(known.lights) if light.status == "deviation"]
    if deviations:
        where = ", ".join(aspect(name) for name in aspects(deviations))
        what = ngettext(
            "deviation in the newest traffic lights",
            "deviations in the newest traffic lights",
            len(deviations),
        )
        said.append(Action(formats.number(len(deviations)), "worsened", what, where, places.lights))
    missing = _not_reported(known, as_of)
    if missing:
        said.append(
            Action(
                "–",
                "missing",
                _("Not reported: {what}").format(what=missing),
                _("Enter or load a report"),
                places.enter,
            )
        )
    coming = [step for step in known.milestones if (day := coming_day(step, as_of)) and day <= as_of + AHEAD]
    if coming:
        what = ngettext("milestone is due within 90 days", "milestones are due within 90 days", len(coming))
        first = min(coming, key=lambda step: step.planned_end or date.max)
        said.append(
            Action(
                formats.number(len(coming)),
                "breach",
                what,
                f"{first.name}, {planned(first)}",
                places.package(first.work_package or investment(None)),
            )
        )
    return said[:5]


def _money_actions(known: Portfolio, places: Places) -> list[Action]:
    over = []
    for code in dict.fromkeys(line.investment for line in known.lines):
        amount = money([line for line in known.lines if line.investment == code])
        if amount is not None and amount.remaining is not None and amount.remaining < 0:
            over.append((investment(code), -amount.remaining))
    items = [
        line
        for line in known.lines
        if line.level != TOTAL and line.budget_eur is not None and (line.actual_eur or 0) > line.budget_eur
    ]
    said = [
        Action(formats.euros(amount), "limit", _("over the budget"), name, places.money)
        for name, amount in sorted(over, key=lambda one: -one[1])[:1]
    ]
    if items:
        worst = max(items, key=lambda line: (line.actual_eur or 0) - (line.budget_eur or 0))
        what = ngettext("row of the budget is overrun", "rows of the budget are overrun", len(items))
        said.append(
            Action(
                formats.number(len(items)),
                "limit",
                what,
                _("Most: {item}").format(item=worst.cost_item),
                places.items,
            )
        )
    return said


def _step_actions(milestones: Sequence[Milestone], as_of: date, places: Places) -> list[Action]:
    late = sum(step.overdue(as_of) for step in milestones)
    if not late:
        return []
    worst = packages(milestones, as_of)[0]
    what = ngettext("milestone is late without a report", "milestones are late without a report", late)
    where = _("Most: {item}").format(item=f"{worst.name} ({formats.number(worst.late)})")
    return [Action(formats.number(late), "limit", what, where, places.package(worst.name))]


def newest_lights(lights: Sequence[Light]) -> list[Light]:
    """The lights of the newest report of each investment."""
    newest = {one.investment: one.end for one in sorted(lights, key=lambda one: one.end)}
    return [one for one in lights if one.end == newest[one.investment]]


def _not_reported(known: Portfolio, as_of: date) -> str:
    """What nothing has been reported of, in words; empty where there is nothing."""
    found = []
    if known.lines and all(line.actual_eur is None for line in known.lines):
        found.append(_("spending"))
    # Those that are late without a report are said apart.
    silent = sum(not step.reported and not step.overdue(as_of) for step in known.milestones)
    if silent:
        found.append(
            ngettext("{count} milestone", "{count} milestones", silent).format(count=formats.number(silent))
        )
    return ", ".join(found)
