"""What is to be done, in words: a figure, what it is, where, and the address that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from indicators.analysis.actions import (
    BREACH,
    COVERAGE,
    GROWTH,
    LIMIT,
    MISSING,
    MOST,
    RECORDED,
    WORSENED,
    Alert,
    Work,
)
from indicators.analysis.queue_outlook import FirstDays, Waiting
from indicators.catalogue.dimensions import DIMENSIONS
from indicators.catalogue.periods import Period
from indicators.catalogue.prepared_rows import NOT_BOOKED, OVER, WITHIN_7
from indicators.engine.question import Where
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext

#: What a code of a dimension is called.
Name = Callable[[str, str], str]
#: So many units are named in a sentence.
NAMED = 3
BETWEEN = " · "
#: In an address: a dimension that has a default is not narrowed.
EVERYTHING = "kaikki"
#: What an action is about, of the kinds that say it in one way.
WHAT = {
    GROWTH: N_("more in the queue than 13 weeks ago"),
    WORSENED: N_("within seven days: got worse, and not by chance"),
}


@dataclass(frozen=True)
class Action:
    """One line of a list of things to do.

    `figure` is its number as text, `kind` (limit, breach, growth, coverage, worsened, missing, missed) decides its colour, `what`
    is short and the link, `where` the small print. `page` and `parameters` are the address that shows it; an `indicator` with
    its `scope` instead, where it is about the figure of one (None: the headline), of `period` where it is of one.
    """

    figure: str
    kind: str
    what: str
    where: str
    page: str = ""
    parameters: Where = ()
    indicator: str = ""
    scope: Where | None = None
    period: Period | None = None

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters as an address takes them."""
        return {name: list(values) for name, values in self.parameters}


def actions(work: Work, name: Name) -> tuple[Action, ...]:
    """The lines of what is to be done, most urgent first; before them that no queue is loaded, where none is."""
    found = tuple(_action(alert, name, work) for alert in work.alerts)
    if work.queue_loaded or not work.known:
        return found
    no_queue = Action(
        "–",
        MISSING,
        _("No queue is loaded: those who wait are not seen here"),
        _("Load an extract of the queue on the page for loading data."),
        "queues",
    )
    return (no_queue, *found[: MOST - 1])


def note(work: Work, name: Name) -> str:
    """What is said of a list of things to do: why it is empty, who else is beyond the limit, what is too small to show."""
    if not work.known:
        return _("There is no data yet, so nothing can be said of what to do.")
    also = ""
    if work.also_over:
        also = _("Beyond the limit also: {units}.").format(
            units=listed([name("unit", unit) for unit in work.also_over])
        )
    if work.suppressed:
        units = listed([name("unit", unit) for unit in work.suppressed])
        if work.alerts:
            return formats.one_after_another([also, _("Too few to be shown: {units}.").format(units=units)])
        return _("There are people waiting, but too few to be shown: {units}.").format(units=units)
    if not work.alerts:
        return (
            _("The data shows nothing to act on now.")
            if work.queue_loaded
            else _("The visits show nothing to act on now.")
        )
    return also


def listed(names: Sequence[str]) -> str:
    """Names, those beyond the third as a number."""
    more = len(names) - NAMED
    if more <= 0:
        return ", ".join(names)
    others = ngettext("{count} other", "{count} others", more).format(count=formats.number(more))
    return ", ".join((*names[:NAMED], others))


#: The limit band of a kind.
_BANDS = {LIMIT: OVER, BREACH: WITHIN_7}


def booking_actions(alerts: Sequence[Alert], days: FirstDays, name: Name) -> tuple[Action, ...]:
    """The lines of where a time is to be booked first, each with the first of its limit dates, where that is known."""
    found = []
    for alert in alerts:
        first = days.get(((alert.unit, alert.service or ""), _BANDS[alert.kind], NOT_BOOKED))
        where = [
            _("beyond the limit") if alert.kind == LIMIT else _("passes it within a week"),
            _("no booked time"),
        ]
        if first is not None:
            where.append(_("first limit {day}").format(day=formats.day(first)))
        line = _action(alert, name, Work())
        found.append(replace(line, what=_place(alert, name), where=BETWEEN.join(where)))
    return tuple(found)


def _action(alert: Alert, name: Name, work: Work) -> Action:
    figure, what = _figure(alert), _what(alert)
    where = [_place(alert, name), *_details(alert)]
    if work.stale is not None and alert.kind in (LIMIT, BREACH, GROWTH):
        where.append(_("on {day}").format(day=formats.day(work.stale)))
    small = BETWEEN.join(text for text in where if text)
    if alert.kind == COVERAGE:
        scope = (("unit", (alert.unit,)), *((("service", work.services),) if work.services else ()))
        return Action(figure, alert.kind, what, small, indicator=RECORDED, scope=scope)
    page, parameters = _target(alert, work.services)
    return Action(figure, alert.kind, what, small, page, parameters)


def _figure(alert: Alert) -> str:
    if alert.kind in (COVERAGE, WORSENED):
        if alert.number is not None:
            return formats.percent(alert.number, 1)
        return formats.share_interval(alert.low or 0.0, alert.high or 0.0)
    number = alert.number or 0.0
    return formats.signed(number) if alert.kind == GROWTH else formats.number(number)


def _what(alert: Alert) -> str:
    if alert.kind == COVERAGE:
        if alert.before is not None:
            return _("of visits have a day of assessment: fewer than before")
        return _("of visits have a day of assessment")
    if alert.kind == LIMIT:
        return ngettext("waits beyond the legal limit", "wait beyond the legal limit", alert.number or 0)
    if alert.kind == BREACH:
        return ngettext(
            "passes the legal limit within a week", "pass the legal limit within a week", alert.number or 0
        )
    if alert.kind == MISSING and not alert.queues:
        return _("visits in the last four weeks")
    if alert.kind == MISSING:
        return ngettext("queue without newer data", "queues without newer data", len(alert.queues))
    return _(WHAT[alert.kind])


def _place(alert: Alert, name: Name) -> str:
    """The unit, with the service where it has several queues; of missing queues those with their newest day."""
    if alert.queues:
        return listed([name("unit", unit) for unit in dict.fromkeys(one.unit for one in alert.queues)])
    unit = name("unit", alert.unit)
    if alert.one_of_many and alert.service is not None:
        return f"{unit}, {name('service', alert.service)}"
    return unit


def _details(alert: Alert) -> list[str]:
    if alert.kind in (LIMIT, BREACH):
        return [unbooked(alert.unbooked, alert.number)]
    if alert.kind == GROWTH:
        before, now = alert.before or 0.0, (alert.before or 0.0) + (alert.number or 0.0)
        said = [f"{formats.number(before)} → {formats.number(now)}"]
        return said if alert.judged else [*said, _("may be chance")]
    if alert.kind == COVERAGE:
        said = [formats.period(alert.period)] if alert.period else []
        if alert.before is not None:
            said.insert(0, _("was {share}").format(share=formats.percent(alert.before, 0)))
        return said
    if alert.kind == WORSENED:
        usual = _("usually {share}").format(share=formats.percent(alert.before or 0.0))
        return [usual, formats.period(alert.period)]
    days = [one.day for one in alert.queues if one.day is not None]
    return [_("the newest of {day}").format(day=formats.day(max(days)))] if days else []


def unbooked(waiting: Waiting, among: float | None) -> str:
    """How many of those waiting have no booked time."""
    if waiting.suppressed:
        return _("some without a booked time")
    if waiting.count is None:
        return _("booked times not known")
    if waiting.count == 0:
        return _("all have a booked time")
    if waiting.count == among:
        return _("no booked time")
    return _("without a booked time {count}").format(count=formats.number(waiting.count))


def _target(alert: Alert, services: tuple[str, ...]) -> tuple[str, Where]:
    """The page that shows an action, and its parameters; shares are those of the services, else of all."""
    unit = (_parameter("unit", alert.unit),) if alert.unit else ()
    if alert.kind in (LIMIT, BREACH, GROWTH):
        return "queues", (*unit, *((_parameter("service", alert.service),) if alert.service else ()))
    if alert.kind == WORSENED:
        return "care_guarantee", (*unit, (str(DIMENSIONS["service"].address), services or (EVERYTHING,)))
    if not alert.queues:
        return "data_quality", unit
    units = tuple(dict.fromkeys(one.unit for one in alert.queues))
    return "queues", ((str(DIMENSIONS["unit"].address), units),)


def _parameter(dimension: str, code: str) -> tuple[str, tuple[str, ...]]:
    return str(DIMENSIONS[dimension].address), (code,)
