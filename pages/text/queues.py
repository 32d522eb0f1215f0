"""The finding of the queues page, as sentences written from the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.analysis.change import Change
from indicators.analysis.queue_change import LikeForLike
from indicators.analysis.queue_outlook import QueueOutlook, Waiting
from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE, NO_DATA, SUPPRESSED, Missing
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages.text import names

#: So many missing queues are named in a sentence; the page's table has them all.
NAMED = 6
#: What a change is against, as a line of small print.
AGAINST = {
    "week": N_("Against the {count} weeks before"),
    "month": N_("Against the {count} months before"),
    "quarter": N_("Against the {count} quarters before"),
}


@dataclass(frozen=True)
class QueueFinding:
    """What the finding is written from: the rows of the newest period, None where there is none.

    `missing` are the queues that the length lacks; `services` those it has; of `part_only` only those beyond the limit are
    known, of `number_only` only counts; `change` is that of the length; `newest_day` the newest day of any number; `outlook`
    says who passes the limit next.
    """

    length: Mapping[str, Any] | None
    over: Mapping[str, Any] | None
    missing: Sequence[Missing] = ()
    services: Sequence[str] = ()
    part_only: Sequence[Missing] = ()
    change: Change | LikeForLike | None = None
    grain: str = "week"
    newest_day: date | None = None
    over_missing: Sequence[Missing] = ()
    number_only: Sequence[Missing] = ()
    outlook: QueueOutlook | None = None


def finding(found: QueueFinding) -> str:
    """The state of the queue on its newest day in a few sentences; says so where it cannot say."""
    row = found.length
    if row is None or row["status"] == NO_DATA:
        if found.over is not None and not formats.missing(found.over["value"]):
            unknown = _("The length of the queue is not known.")
            return formats.one_after_another([unknown, _over(found.over)])
        return _("There is no queue snapshot for this choice. Load a queue extract or choose more units.")
    day = formats.day(row["as_of"]) if isinstance(row["as_of"], date) else formats.period(row["period"])
    if row["status"] == SUPPRESSED:
        return _("On {day} so few were waiting that the number is suppressed.").format(day=day)
    count = round(row["value"])
    if count == 0:
        return _("On {day} nobody was waiting.").format(day=day)
    waiting = ngettext(
        "On {day} there was {count} non-urgent entry in the queue.",
        "On {day} there were {count} non-urgent entries in the queue.",
        count,
    ).format(day=day, count=formats.number(count))
    return formats.one_after_another(
        [waiting, _told_of(found), _over(found.over), passing(found.outlook, found.over)]
    )


def passing(outlook: QueueOutlook | None, over: Mapping[str, Any] | None) -> str:
    """Who passes the limit within a week, and how many of them have no booked time; empty where that is not known."""
    if outlook is None or over is None or over["status"] == NO_DATA:
        return ""
    soon, unbooked = outlook.within_7, outlook.within_7_unbooked
    if soon.suppressed:
        return _("So few pass it within a week that the number is suppressed.")
    if soon.count is None:
        return ""
    if soon.count == 0:
        return _("Nobody else passes it within a week.")
    said = ngettext(
        "{count} other passes it within a week", "{count} others pass it within a week", soon.count
    ).format(count=formats.number(soon.count))
    if unbooked.count is None:
        return f"{said}."
    without = _("{count} of them without a booked time").format(count=formats.number(unbooked.count))
    return f"{said}, {without}."


def remarks(found: QueueFinding, over: Definition, length: Definition) -> list[str]:
    """What belongs to the numbers: what they lack, of which days they are, how the same queues changed."""
    row = found.length
    if row is None or row["status"] == NO_DATA:
        known = found.over is not None and not formats.missing(found.over["value"])
        said = [_over_day(found) if known else "", newest_counts(found.missing)]
    elif row["status"] == SUPPRESSED:
        said = [_lacking(found), _number_only(found)]
    elif round(row["value"]) == 0:
        said = [_lacking(found)]
    else:
        said = [
            _lacking(found),
            _over_lacking(found, over),
            _days(row, found.newest_day),
            _over_day(found),
            part_only(found.part_only),
            _number_only(found),
            change_sentence(found.change, length),
        ]
    return [text for text in said if text]


def change_fact(change: Change | LikeForLike | None, definition: Definition, grain: str) -> tuple[str, str]:
    """The change of a count as a line of small print: against what, and by how much; empty where there is none."""
    if change is None:
        return "", ""
    moved = formats.change(round(change.difference), definition)
    if isinstance(change, LikeForLike):
        return _("Since {day}, same queues").format(day=formats.day(change.since)), moved
    if change.periods == 1:
        return _("Against the period before"), moved
    return _(AGAINST[grain]).format(count=change.periods), moved


def waiting_words(waiting: Waiting) -> str:
    """A number of entries, or the word for why there is none."""
    if waiting.count is not None:
        return formats.number(waiting.count)
    return formats.verdict(SUPPRESSED) if waiting.suppressed else formats.status_word(NO_DATA)


def _over_lacking(found: QueueFinding, over: Definition) -> str:
    """The queues that the number beyond the limit lacks; empty where the length lacks them too."""
    said = {(one.area, one.unit, one.service) for one in found.missing}
    others = [one for one in found.over_missing if (one.area, one.unit, one.service) not in said]
    known = found.over is not None and not formats.missing(found.over["value"])
    return lacking_of(over, others) if known else ""


def _days(row: Mapping[str, Any], newest_day: date | None) -> str:
    """That the queues were not all counted on one day; empty where they were."""
    if newest_day is None or not isinstance(row["as_of"], date) or newest_day <= row["as_of"]:
        return ""
    return _("The queues were counted on different days, the last of them on {day}.").format(
        day=formats.day(newest_day)
    )


def _told_of(found: QueueFinding) -> str:
    """Which services an incomplete number covers, where those that it lacks are others."""
    lacking = {one.service for one in found.missing}
    if not found.services or not lacking or lacking & set(found.services):
        return ""
    named = ", ".join(names.name("service", service) for service in found.services)
    return _("The number is of these services alone: {services}.").format(services=named)


def change_sentence(change: Change | LikeForLike | None, length: Definition) -> str:
    """How the queues changed that are known on two days; empty where all were known all the time."""
    if not isinstance(change, LikeForLike):
        return ""
    return _("In the same queues there were {before} on {day}, now {value}: the change is {change}.").format(
        before=formats.number(change.before),
        day=formats.day(change.since),
        value=formats.number(change.value),
        change=formats.change(round(change.difference), length),
    )


def _lacking(found: QueueFinding) -> str:
    """The queues that the number lacks; empty where it lacks none."""
    if found.length is None or found.length["status"] not in (INCOMPLETE, SUPPRESSED):
        return ""
    return lacking(found.missing)


def lacking(missing: Sequence[Missing]) -> str:
    """The queues that a number lacks, each with its newest number and day; empty where it lacks none."""
    if not missing:
        return ""
    return _("The number is incomplete. It lacks: {queues}.").format(queues=listed(missing))


def lacking_of(definition: Definition, missing: Sequence[Missing]) -> str:
    """The queues that an indicator lacks, under its own name; empty where it lacks none."""
    known = lacking(missing)
    return f"{names.text(definition).short}: {known[:1].lower()}{known[1:]}" if known else ""


def newest_counts(missing: Sequence[Missing]) -> str:
    """The newest numbers of queues of which nothing newer is known; empty without any."""
    if not missing:
        return ""
    return _("The newest counts: {queues}.").format(queues=listed(missing))


def part_only(queues: Sequence[Missing]) -> str:
    """Why more may be beyond the limit than wait: of some queues only those beyond it are known."""
    if not queues:
        return ""
    return _("Of these queues only those beyond the limit are known: {queues}.").format(queues=listed(queues))


def lacking_title(count: int) -> str:
    """How many queues the numbers lack, as what opens the list of them."""
    return ngettext("The numbers lack {count} queue", "The numbers lack {count} queues", count).format(
        count=formats.number(count)
    )


def other_units(count: int) -> str:
    """How many units there are besides those shown, as what opens them."""
    return ngettext("{count} other unit", "{count} other units", count).format(count=formats.number(count))


def _number_only(found: QueueFinding) -> str:
    """Why the longest wait, and those waiting by own wish or urgently, are incomplete where the length is not."""
    if not found.number_only:
        return ""
    return _("Of these queues only the number is known, not how long or why people wait: {queues}.").format(
        queues=places(found.number_only)
    )


def places(queues: Sequence[Missing]) -> str:
    """Queues by unit and service alone."""
    known = [place(one.unit, one.service) for one in queues[:NAMED]]
    return "; ".join((*known, *_others(queues)))


def listed(queues: Sequence[Missing]) -> str:
    """Queues by unit and service, each with its newest number and the day of it."""
    known = [f"{place(one.unit, one.service)} ({newest(one)})" for one in queues[:NAMED]]
    return "; ".join((*known, *_others(queues)))


def _others(queues: Sequence[Missing]) -> tuple[str, ...]:
    """How many queues there are beyond those that a sentence names; empty where it names all."""
    more = len(queues) - NAMED
    if more <= 0:
        return ()
    return (ngettext("{count} other", "{count} others", more).format(count=formats.number(more)),)


def place(unit: str, service: str) -> str:
    """A unit and a service by their names."""
    return f"{names.name('unit', unit)}, {names.name('service', service)}"


def newest(one: Missing) -> str:
    """The newest number of a queue and its day, in figures; or what of it is not known or suppressed."""
    if one.day is None:
        return _("number not known")
    if one.newest is None:
        return formats.day(one.day)
    return _("{count} on {day}").format(count=formats.number(one.newest), day=formats.day(one.day))


def _over_day(found: QueueFinding) -> str:
    """The day of the number beyond the limit where it is not that of the length; empty where it is or there is none."""
    if found.over is None or formats.missing(found.over["value"]):
        return ""
    day, known = found.over["as_of"], None if found.length is None else found.length["as_of"]
    if not isinstance(day, date) or (isinstance(known, date) and day >= known):
        return ""
    return _("Those beyond the limit were counted on {day}.").format(day=formats.day(day))


def _over(row: Mapping[str, Any] | None) -> str:
    if row is None or row["status"] == NO_DATA:
        return ""
    if row["status"] == SUPPRESSED:
        return _("So few had waited beyond the legal limit that the number is suppressed.")
    if formats.missing(row["value"]):
        return ""
    count = round(row["value"])
    if count == 0:
        return _("Nobody was known to have waited beyond the legal limit.")
    return ngettext(
        "{count} entry had waited beyond the legal limit.",
        "{count} entries had waited beyond the legal limit.",
        count,
    ).format(count=formats.number(count))
