"""The words of the page that plans a queue: what is expected, whether it can go on, how good the model is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.engine.queue_plan import Calibrated, Case, Now, QueuePlan
from indicators.planning.calibration import FULL, LEVELS_ONLY
from indicators.planning.needed import BOOKED, NOT_READY, WhatItTakes
from indicators.planning.scenario import BOUGHT, OWN, VOUCHER, Scenario, Target
from indicators.planning.steady_state import BY_LEAVING, GROWS, LATE, SUSTAINABLE, TIGHT
from indicators.planning.targets import NOT_BY_WEEK, NOT_HELD, OVER, QUEUE, SHARE
from indicators.planning.validation import Validation
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages.views.queue_plan import MOST_OVER, OF_OWN, OpenedQueue

#: The weeks that a plan is read at.
READ_AT = (4, 13, 26, 52)
#: What the finding tells of the future, of a shorter horizon its end.
TOLD_AT = 26
#: The numbers of a plan: their names, in the order of the switch.
LINES = {
    "queue": N_("Waiting"),
    "over": N_("Beyond the limit"),
    "share": N_("Within the limit"),
    "longest": N_("Longest wait"),
}
#: Whose visits they are.
PRODUCERS = {OWN: N_("own staff"), BOUGHT: N_("purchased"), VOUCHER: N_("service voucher")}
#: Whom visits go to.
ORDERS = {
    "calibrated": N_("as today"),
    "longest": N_("the longest waits first"),
    "newest": N_("the newest first"),
}
TARGETS = {
    SHARE: N_("Share within the limit at least, %"),
    QUEUE: N_("Waiting at most"),
    OVER: N_("Beyond the limit at most"),
}


@dataclass(frozen=True)
class Verdict:
    """Whether a queue can go on as it does: in a few words, what that means, and what to do."""

    word: str
    meaning: str
    to_do: str


VERDICTS = {
    GROWS: Verdict(
        N_("The queue grows"),
        N_("More come than are treated or leave: it grows for as long as this goes on."),
        N_("Add visits for good, or find out why more come."),
    ),
    BY_LEAVING: Verdict(
        N_("In balance only because people leave"),
        N_("Visits do not suffice: the queue settles only when more leave it untreated than usual."),
        N_("Find out who leaves the queue and why."),
    ),
    LATE: Verdict(
        N_("In balance, but too late"),
        N_("The queue settles at a length at which the target is not met."),
        N_("Clear the queue once, and add some visits for good."),
    ),
    TIGHT: Verdict(
        N_("No margin"),
        N_("The target is met on average, but ordinary variation is enough to break it."),
        N_("Add a margin of visits, or follow the queue every week."),
    ),
    SUSTAINABLE: Verdict(
        N_("Sustainable"),
        N_("The queue settles within the target with a margin for ordinary variation."),
        N_("No more visits are needed. Follow the queue weekly."),
    ),
}

#: So many visits a week too few are within what a count of weeks can tell.
LEAST_SHORT = 0.5
#: In place of the word on a queue whose own weeks the model has not foretold.
UNTRUSTED = Verdict(
    N_("No forecast to rely on"),
    N_("The model has not foretold this queue's own weeks, so whether it can go on is not said."),
    N_("Follow the queue weekly, and book those beyond the limit first."),
)


#: Why a queue was opened that nobody chose.
OPENED = {
    OF_OWN: N_("Opened is the queue of your unit with most beyond the limit."),
    MOST_OVER: N_("Opened is the queue with most beyond the limit."),
}


def why_opened(found: OpenedQueue) -> str:
    """Why a queue was opened that nobody chose."""
    return _(OPENED[found.why])


def verdict_of(case: Case, tried: Validation | None) -> Verdict:
    """The word on a queue; that there is none where the model failed on weeks it had not seen."""
    return UNTRUSTED if tried is not None and tried.is_poor else VERDICTS[case.word]


def lines_of(*, limited: bool, exact: bool) -> list[str]:
    """The numbers that are shown of a queue: without a limit nobody is beyond or within it; the longest wait is one person's."""
    return [
        name for name in LINES if (limited or name not in ("over", "share")) and (exact or name != "longest")
    ]


def shown(name: str, value: float | None, *, decimals: int = 0) -> str:
    """A number of a plan: people, a share as per cent, weeks of waiting."""
    if value is None:
        return "–"
    if name == "share":
        return formats.percent(100 * value, decimals)
    if name == "longest":
        return weeks(value)
    return formats.number(value, decimals)


def weeks(value: float) -> str:
    """A number of weeks."""
    return _("{count} wk").format(count=formats.number(value))


def at_week(name: str, found: QueuePlan, case: Case, week: int) -> str:
    """A number in a week; a longest wait from the oldest age on is that or more."""
    value = case.at(name, week)
    said = shown(name, value)
    return f"≥ {said}" if name == "longest" and value is not None and value >= found.oldest_age else said


def with_band(name: str, found: QueuePlan, case: Case, week: int) -> str:
    """A number in a week with its range of 80 per cent, unless that is the number itself."""
    low, high = (case.at(name, week, band) for band in ("low_80", "high_80"))
    middle = at_week(name, found, case, week)
    if low is None or high is None or shown(name, low) == shown(name, high):
        return middle
    return f"{middle} ({range_of(name, low, high)})"


def range_of(name: str, low: float, high: float) -> str:
    """Two numbers of a plan, the unit said once."""
    if name == "share":
        return f"{formats.number(100 * low)}–{shown(name, high)}"
    return f"{formats.number(low)}–{shown(name, high)}"


def finding(found: QueuePlan, *, limited: bool, exact: bool, trusted: bool) -> str:
    """How many wait, and what becomes of them as today; without a forecast to rely on, what comes and goes in a week."""
    now = found.now
    if limited:
        told = _("On {day} {count} waited, {over} of them beyond the legal limit.")
        if exact and now.over_medical:
            told = _(
                "On {day} {count} waited, {over} of them beyond the legal limit ({medical} of these for a medical reason)."
            )
    else:
        told = _("On {day} {count} waited.")
    said = told.format(
        day=formats.day(found.snapshot),
        count=formats.number(now.waiting),
        over=formats.number(now.over),
        medical=formats.number(now.over_medical),
    )
    return formats.one_after_another([said, _in_weeks(found, limited=limited) if trusted else _flow(now)])


def _flow(now: Now) -> str:
    come, left, _need = flow_of(now)
    return _("In a week {come} come, {treated} are treated and {left} leave untreated.").format(
        come=formats.number(come, 1),
        treated=formats.number(now.visits_a_week, 1),
        left=formats.number(left, 1),
    )


def flow_of(now: Now) -> tuple[float, float, float]:
    """Who come in a week, who of them leave untreated, and who need a visit, rounded so that the sum agrees."""
    come, need = round(now.arrivals_a_week, 1), round(now.need_a_week, 1)
    return come, come - need, need


def short_of(now: Now) -> float:
    """How many more visits a week those who come need than are given, as counted; 0 where half a visit or less lacks."""
    short = round(now.need_a_week, 1) - round(now.visits_a_week, 1)
    return short if short > LEAST_SHORT else 0.0


def _in_weeks(found: QueuePlan, *, limited: bool) -> str:
    week = min(TOLD_AT, len(found.ends))
    case = found.today
    if limited:
        return _(
            "As today, in {weeks} weeks {count} wait (range {range}), {over} of them beyond the limit."
        ).format(
            weeks=week,
            count=shown("queue", case.at("queue", week)),
            range=_range_at(case, "queue", week),
            over=shown("over", case.at("over", week)),
        )
    return _("As today, in {weeks} weeks {count} wait (range {range}).").format(
        weeks=week, count=shown("queue", case.at("queue", week)), range=_range_at(case, "queue", week)
    )


def _range_at(case: Case, name: str, week: int) -> str:
    return range_of(name, case.at(name, week, "low_80") or 0.0, case.at(name, week, "high_80") or 0.0)


def scenario_finding(found: QueuePlan, *, limited: bool, trusted: bool) -> str:
    """What the scenario changes, from when the target holds, what it costs.

    Without a forecast to rely on it is told by the difference alone.
    """
    week, case = min(TOLD_AT, len(found.ends)), found.planned
    name = f"”{found.scenario.name}”"
    if trusted:
        said = [
            _("Scenario {name}: in {weeks} weeks {count} wait (range {range}).").format(
                name=name,
                weeks=week,
                count=shown("queue", case.at("queue", week)),
                range=_range_at(case, "queue", week),
            ),
            holds(case, found.scenario.target) if limited else "",
        ]
    else:
        more = round((case.at("queue", week) or 0.0) - (found.today.at("queue", week) or 0.0))
        said = [
            _("Scenario {name}: in {weeks} weeks {change} waiting beside as today.").format(
                name=name, weeks=week, change=formats.signed(more)
            )
        ]
    if case.total_euros:
        said.append(
            _("It costs {euros}, {each} for each one treated more.").format(
                euros=formats.euros(case.total_euros), each=formats.euros(case.euros_per_treated)
            )
            if case.euros_per_treated is not None
            else _("It costs {euros}, but nobody more is treated.").format(
                euros=formats.euros(case.total_euros)
            )
        )
    return formats.one_after_another(said)


def target_words(target: Target) -> str:
    """A target in words: at least 90 % within the limit."""
    if target.kind == SHARE:
        return _("at least {share} within the limit").format(share=formats.percent(target.value, 0))
    if target.kind == QUEUE:
        return _("at most {count} waiting").format(count=formats.number(target.value))
    return _("at most {count} beyond the limit").format(count=formats.number(target.value))


def wanted(target: Target, week: int) -> str:
    """What is asked for, as a sentence."""
    return _("Wanted: {target} from week {week} on.").format(target=target_words(target), week=week)


def holds(case: Case, target: Target) -> str:
    """From which week the target is kept, and in how many of the runs."""
    told = target_words(target)
    if case.holds_from_week is None:
        return _("The target ({target}) is not kept within the horizon.").format(target=told)
    chance = formats.percent(100 * case.holds_chance, 0)
    if case.holds_from_week == 1:
        return _(
            "The target ({target}) is kept all the time ({chance} of the runs keep it in the end)."
        ).format(target=told, chance=chance)
    return _(
        "The target ({target}) is kept from week {week} on ({chance} of the runs keep it in the end)."
    ).format(target=told, week=case.holds_from_week, chance=chance)


def holds_short(case: Case) -> str:
    """The week from which the target is kept, with its range, for a table."""
    if case.holds_from_week is None:
        return _("not kept")
    low, high = case.holds_from_low, case.holds_from_high
    middle = _("from week {week}").format(week=case.holds_from_week)
    return middle if low is None else f"{middle} ({low}–{'' if high is None else high})"


def accuracy(found: Validation | None) -> str:
    """How good the model was on weeks it had not seen."""
    if found is None:
        return _("There are too few weeks to try the model on: how good it is is not known.")
    said = _("Tried on weeks it had not seen, the range held {inside} of {weeks}.").format(
        inside=formats.number(found.inside), weeks=formats.number(found.weeks)
    )
    if found.is_small or found.wape is None:
        error = _("The queue was off by {count} on average.").format(
            count=formats.signed(found.mean_error, 1)
        )
    else:
        error = _("The queue was off by {share} on average.").format(
            share=formats.percent(100 * found.wape, 0)
        )
    return f"{said} {error}"


def poor(found: Validation | None) -> str:
    """The warning of a model that was no good; empty where it was."""
    if found is None or not found.is_poor:
        return ""
    if 2 * found.inside < found.weeks:
        return _(
            "No forecast is given: most weeks that the model had not seen fell outside its range. The picture and the table "
            "only show what it would say."
        )
    return _(
        "No forecast is given: that the queue stays as it is would have been the better guess. The picture and the table only "
        "show what the model would say."
    )


def grade(found: Calibrated) -> str:
    """The weeks a plan rests on, and what weakens them."""
    span = formats.day_span(found.first, found.last)
    said = [
        ngettext(
            "It rests on {count} week, {span}.", "It rests on {count} weeks, {span}.", found.weeks
        ).format(count=found.weeks, span=span)
    ]
    if found.grade == LEVELS_ONLY:
        said.append(_("Under half a year: who is treated first is taken from the service's other units."))
    elif found.grade != FULL:
        said.append(_("Under a year: provisional."))
    if found.cleaned:
        said.append(
            ngettext(
                "{count} week in which the list was cleaned is set apart.",
                "{count} weeks in which the list was cleaned are set apart.",
                found.cleaned,
            ).format(count=found.cleaned)
        )
    if found.emptied:
        said.append(
            ngettext(
                "{count} week ended with nobody waiting: there may be more capacity than was seen.",
                "{count} weeks ended with nobody waiting: there may be more capacity than was seen.",
                found.emptied,
            ).format(count=found.emptied)
        )
    if found.trend is not None:
        said.append(
            _("Demand changes by {share} a year; the ranges do not include that it goes on.").format(
                share=f"{formats.signed(100 * found.trend)}{formats.percent_sign()}"
            )
        )
    return " ".join(said)


def seed(value: int) -> str:
    """What the random runs began with: the same gives the same numbers."""
    return _("Seed of the runs: {seed}").format(seed=value)


def inputs(found: QueuePlan) -> str:
    """What a plan came from, for its files: the scenario as it is written, and the seed."""
    written = json.dumps(found.scenario.written(), ensure_ascii=False)
    return "; ".join((seed(found.seed), _("Scenario: {scenario}").format(scenario=written)))


def who_counts() -> str:
    """Whom a plan counts otherwise than the page of queues."""
    return _(
        "Counted are non-urgent entries that wait for care, also for a medical reason. On the page Queues these are not "
        "among those beyond the limit."
    )


def left_out(now: Now) -> str:
    """Who is in the queue and who is not."""
    said = [
        who_counts(),
        _("Not in the queue: {count} who wait by their own wish.").format(count=formats.number(now.own_wish)),
        _("Without a limit, so not in the share: {count}.").format(count=formats.number(now.without_limit)),
        _("With a booked time: {count}; it is kept, and takes a visit of its week.").format(
            count=formats.number(now.booked)
        ),
    ]
    return " ".join(said)


def impossible(found: WhatItTakes, target: Target) -> str:
    """Why a target cannot be reached, and what is nearest."""
    if found.plain.reason not in (NOT_BY_WEEK, NOT_HELD):
        return ""
    said = [
        _("The target cannot be reached by week {week}.").format(week=found.by)
        if found.plain.reason == NOT_BY_WEEK
        else _("The target can be reached by week {week}, but not kept after it.").format(week=found.by),
        {
            BOOKED: _("Entries are booked beyond their limit: they need an earlier time."),
            NOT_READY: _("Not all who wait can be treated sooner, however many visits there are."),
        }.get(
            found.cause or "", _("Up to {count} visits more a week are not enough.").format(count=found.most)
        ),
    ]
    if found.nearest is not None:
        name = "share" if target.kind == SHARE else "queue"
        said.append(
            _("The nearest that is possible in that week: {value}.").format(
                value=shown(name, found.nearest, decimals=1 if name == "share" else 0)
            )
        )
    if found.nearest_week:
        said.append(_("It is first possible in week {week}.").format(week=found.nearest_week))
    return " ".join(said)


def many(scenarios: Sequence[Scenario]) -> Mapping[str, Scenario]:
    """Scenarios by a name of their own each: a number follows a name that came before."""
    found: dict[str, Scenario] = {}
    for one in scenarios:
        name, at = one.name, 2
        while name in found:
            name, at = f"{one.name} ({at})", at + 1
        found[name] = one
    return found
