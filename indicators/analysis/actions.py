"""What a manager of units acts on, from the data: who waits too long, which queue grows, what is not recorded, what got worse.

Everything rests on answers made for one audience: what is suppressed there is no action, and is told apart from nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from indicators.analysis.control_chart import CONCERN, Break, SpcResult
from indicators.analysis.intervals import interval_of_shares
from indicators.analysis.queue_outlook import NOT_KNOWN, Ask, QueueOutlook, Waiting, outlook
from indicators.analysis.signals import spc_of
from indicators.catalogue.periods import Period, period_of, preceding, span, whole_weeks
from indicators.engine.question import SUPPRESSED, Answer, Missing, Question, Where
from pipelines.settings import Settings

#: Kinds of actions, the most urgent first.
LIMIT, BREACH, GROWTH, COVERAGE, WORSENED, MISSING = (
    *("limit", "breach", "growth"),
    *("coverage", "worsened", "missing"),
)
KINDS = (LIMIT, BREACH, GROWTH, COVERAGE, WORSENED, MISSING)
QUEUE, SHARE, RECORDED = "queue_length", "seven_day_access", "access_data_coverage"
#: So many actions are shown, and so many of one kind for one unit.
MOST, MOST_OF_UNIT = 5, 2
#: Growth is told over so many weeks, and judged by twice as many.
GROWTH_WEEKS = 13
#: A queue that has grown by less is no action: entries, and per cent of what it was.
LEAST_GROWTH, LEAST_GROWTH_PCT = 5, 10
#: Where chance cannot be judged, growth has to be as large as this: entries, and per cent.
CLEAR_GROWTH, CLEAR_GROWTH_PCT = 10, 25
#: Recording is looked at over so many weeks, and compared with so many before.
RECENT_WEEKS, EARLIER_WEEKS = 4, 13
#: A fall of coverage is clear from so many percentage points; a coverage of fewer visits says nothing.
CLEAR_FALL, LEAST_VISITS = 10.0, 20
#: A unit with so many visits in the weeks before and none in the recent ones is silent.
LEAST_SILENT = 60
#: A queue snapshot is stale when other data is known for more days after it.
STALE_DAYS = 14


@dataclass(frozen=True)
class Alert:
    """One thing to act on, in numbers.

    - `number`: of `limit` and `breach` the entries, of `growth` how many more than 13 weeks before, of `coverage` and
      `worsened` the share in per cent, of `missing` how many queues, 0 where a unit has no visits any more. None: only the
      range `low`–`high` is known of a share.
    - `unbooked`: of the entries those without a booked time. `before`: the number or share it is compared with, None
      where it is compared with nothing. `judged`: whether chance could be ruled out.
    - `service`: of queues alone; `one_of_many` where the unit has several queues, so that the service is named.
    - `period` names the period of a share, `day` is the day of the snapshot. `queues`:
      of `missing` the queues. `weight` sorts the actions of a kind, the largest first.
    """

    kind: str
    unit: str
    service: str | None
    number: float | None
    one_of_many: bool = False
    before: float | None = None
    unbooked: Waiting = NOT_KNOWN
    judged: bool = True
    period: str = ""
    day: date | None = None
    low: float | None = None
    high: float | None = None
    queues: tuple[Missing, ...] = ()
    weight: tuple[float, ...] = ()


@dataclass(frozen=True)
class Work:
    """What is to be done in an area or units, most urgent first.

    `suppressed` are the units of which some number is too small to show; `known` is whether anything is known at all;
    `stale` is the day of the queue snapshots where they are much older than other data; `services` are those it is narrowed to.
    `also_over` are the units where some wait beyond the limit that are not among the alerts, those with most first.
    `queue_loaded` is False where no queue of the area is: then nothing is said of those who wait.
    """

    alerts: tuple[Alert, ...] = ()
    suppressed: tuple[str, ...] = ()
    known: bool = False
    stale: date | None = None
    services: tuple[str, ...] = ()
    queue_loaded: bool = True
    also_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownUntil:
    """The last day that the data of queues and of visits covers; None without any."""

    queue: date | None
    visits: date | None


@dataclass(frozen=True)
class Found:
    """All that could be acted on in an area, and of which units anything is known.

    `alerts` are in no order, those of unknown queues not among them: these are `missing`, judged for the whole area, so that a
    unit's own list says what the area's does. `suppressed` are the units of which a number of a queue is too small to show.
    """

    alerts: tuple[Alert, ...] = ()
    missing: tuple[Missing, ...] = ()
    suppressed: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    stale: date | None = None
    services: tuple[str, ...] = ()
    queue_loaded: bool = True

    def work(self, units: Sequence[str] = ()) -> Work:
        """What is to be done in some units, none named: in all."""
        mine = [alert for alert in self.alerts if not units or alert.unit in units]
        missing = tuple(queue for queue in self.missing if not units or queue.unit in units)
        if missing:
            # Before units that fell silent: of what weighs the same the first is chosen.
            unit = missing[0].unit if len(missing) == 1 else ""
            mine.insert(0, Alert(MISSING, unit, None, float(len(missing)), queues=missing))
        shown = {alert.unit for alert in mine if alert.kind in (LIMIT, BREACH)}
        suppressed = (unit for unit in self.suppressed if unit not in shown and (not units or unit in units))
        known = self.known.intersection(units) if units else self.known
        chosen = most_urgent(mine)
        told = {alert.unit for alert in chosen if alert.kind == LIMIT}
        over = sorted((one for one in mine if one.kind == LIMIT), key=lambda one: -(one.number or 0.0))
        return Work(
            chosen,
            tuple(suppressed),
            bool(known),
            self.stale,
            self.services,
            self.queue_loaded,
            tuple(dict.fromkeys(one.unit for one in over if one.unit not in told)),
        )


def work(
    ask: Ask,
    base: Question,
    known: KnownUntil,
    settings: Settings,
    breaks_of: Callable[[str], Sequence[Break]] = lambda _unit: (),
) -> Work:
    """What is to be done; the same arguments as of `find`, and of the filters of `base` also the one by unit applies."""
    return find(ask, base, known, settings, breaks_of).work(dict(base.where).get("unit", ()))


def find(
    ask: Ask,
    base: Question,
    known: KnownUntil,
    settings: Settings,
    breaks_of: Callable[[str], Sequence[Break]] = lambda _unit: (),
) -> Found:
    """What can be acted on in all units of an area, from at most six questions whatever their number.

    `base` has the area, the audience and the filters, of which the one by service applies; `breaks_of` gives the days on which
    the share of a unit starts anew.
    """
    where: Where = tuple(part for part in base.where if part[0] == "service")
    base = replace(base, where=where, splits=(), periods=(), by=None, date_from=None, date_to=None)
    queues = _QueueAlerts.of(ask, base, known.queue)
    found, with_data = [*queues.alerts()], set(queues.known)
    if known.visits is not None:
        coverage = ask(coverage_question(base, known.visits))
        with_data |= set(coverage.rows.get("unit", ()))
        found += _coverage(coverage, known.visits, settings)
        found += _worsened(ask(share_question(base)), known.visits, breaks_of)
    stale = None
    if known.queue is not None and known.visits is not None:
        stale = known.queue if (known.visits - known.queue).days > STALE_DAYS else None
    services = dict(where).get("service", ())
    return Found(
        tuple(found),
        queues.missing,
        queues.suppressed,
        frozenset(with_data),
        stale,
        services,
        known.queue is not None,
    )


def most_urgent(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """At most five actions in the order of urgency: the worst of each kind, then the second of each, and so on."""
    ordered = sorted(alerts, key=lambda one: (KINDS.index(one.kind), *(-part for part in one.weight)))
    chosen: list[Alert] = []
    for most_of_kind in range(1, MOST + 1):
        for one in ordered:
            same = [other for other in chosen if other.kind == one.kind]
            of_unit = [other for other in same if other.unit == one.unit]
            if (
                one not in chosen
                and len(chosen) < MOST
                and len(same) < most_of_kind
                and len(of_unit) < MOST_OF_UNIT
            ):
                chosen.append(one)
    return tuple(sorted(chosen, key=ordered.index))


@dataclass(frozen=True)
class _QueueAlerts:
    """The newest queues by unit and service, with their lengths over the weeks before."""

    period: Period | None = None
    outlooks: Mapping[tuple[str, ...], QueueOutlook] | None = None
    lengths: Answer | None = None

    @classmethod
    def of(cls, ask: Ask, base: Question, until: date | None) -> _QueueAlerts:
        if until is None:
            return cls()
        period = period_of(until, "week")
        lengths = ask(lengths_question(base, until))
        return cls(period, outlook(ask, base, period), lengths)

    @property
    def known(self) -> frozenset[str]:
        """The units of which any queue is known, in the newest week or before."""
        before = () if self.lengths is None else self.lengths.rows.get("unit", ())
        return frozenset([*(key[0] for key in self.outlooks or {}), *before])

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The queues that the newest week lacks."""
        if self.lengths is None or self.period is None:
            return ()
        return self.lengths.missing.get(self.period.label, ())

    def alerts(self) -> Iterator[Alert]:
        """Who is beyond the limit, who passes it next, and which queues grow."""
        for (unit, service), one in (self.outlooks or {}).items():
            many = self._has_many(unit)
            if one.over.count:
                weight = (one.over_unbooked.count or 0.0, one.over.count)
                alert = Alert(LIMIT, unit, service, one.over.count, many, unbooked=one.over_unbooked)
                yield replace(alert, day=one.as_of, weight=weight)
            if one.within_7_unbooked.count:
                soon = one.within_7_unbooked
                every = soon.count if one.within_7.count is None else one.within_7.count
                alert = Alert(BREACH, unit, service, every, many, unbooked=soon)
                yield replace(alert, day=one.as_of, weight=(soon.count or 0.0, every or 0.0))
        yield from self._growing()

    @property
    def suppressed(self) -> tuple[str, ...]:
        """The units of which some number is too small to show."""
        units = (
            key[0]
            for key, one in (self.outlooks or {}).items()
            if one.over.suppressed or one.within_7_unbooked.suppressed
        )
        return tuple(dict.fromkeys(units))

    def _has_many(self, unit: str) -> bool:
        return sum(key[0] == unit for key in self.outlooks or {}) > 1

    def _growing(self) -> Iterator[Alert]:
        if self.lengths is None or self.period is None:
            return
        before = preceding(self.period, GROWTH_WEEKS)[0]
        for (unit, service), mine in series_by(self.lengths, "unit", "service").items():
            values = dict(zip(mine.rows["period"], mine.rows["value"], strict=True))
            now, then = values.get(self.period.label), values.get(before.label)
            if now is None or then is None or pd.isna(now) or pd.isna(then):
                continue
            if not _is_large(float(now), float(then), LEAST_GROWTH, LEAST_GROWTH_PCT):
                continue
            judged = spc_of(mine)
            told = is_judged(judged) and judged.last is not None and judged.last.label == self.period.label
            clear = _is_large(float(now), float(then), CLEAR_GROWTH, CLEAR_GROWTH_PCT)
            if not (_got_worse(judged) if told else clear):
                continue
            grown = float(now - then)
            alert = Alert(GROWTH, unit, service, grown, self._has_many(unit), float(then), judged=told)
            yield replace(alert, weight=(grown,))


def _is_large(now: float, before: float, least: float, least_pct: float) -> bool:
    """Whether a queue is longer than it was by a number and a part of it."""
    return now - before >= max(least, before * least_pct / 100)


def _got_worse(result: SpcResult) -> bool:
    return result.last is not None and result.last.kind == CONCERN


def is_judged(result: SpcResult) -> bool:
    """Whether the newest value of a series is judged, with limits to be relied on."""
    return result.last is not None and result.unjudged is None and result.limits is not None


def series_by(found: Answer, *splits: str) -> dict[tuple[str, ...], Answer]:
    """The series of each combination of splits of an answer, as an answer of its own that can be judged."""
    rows = found.rows
    if rows.empty:
        return {}
    keys = [tuple(str(part) for part in key) for key in rows[list(splits)].to_numpy(object)]
    unsplit = replace(found.question, splits=())
    return {
        key: replace(
            found,
            question=unsplit,
            rows=rows[[other == key for other in keys]].sort_values("period_start").reset_index(drop=True),
        )
        for key in sorted(set(keys))
    }


def lengths_question(base: Question, until: date) -> Question:
    """The length of each queue by week, as far back as growth is judged."""
    first = preceding(period_of(until, "week"), 2 * GROWTH_WEEKS)[0].start
    return replace(base, indicator=QUEUE, by="week", splits=("unit", "service"), date_from=first)


def recording_periods(until: date) -> tuple[Period, Period]:
    """The weeks whose recording is looked at, and those it is compared with."""
    recent = whole_weeks(until, RECENT_WEEKS)
    end = recent.start - timedelta(days=1)
    return recent, span(end - timedelta(days=7 * EARLIER_WEEKS - 1), end)


def coverage_question(base: Question, until: date) -> Question:
    """The coverage of the dates of assessment of each unit, in the newest weeks and before."""
    return replace(base, indicator=RECORDED, splits=("unit",), periods=recording_periods(until))


def share_question(base: Question) -> Question:
    """The share within seven days of each unit, by week, of all time."""
    return replace(base, indicator=SHARE, by="week", splits=("unit",))


def _coverage(found: Answer, until: date, settings: Settings) -> Iterator[Alert]:
    """Units where few dates of assessment are recorded, or clearly fewer than before."""
    recent, earlier = recording_periods(until)
    by_unit: dict[str, dict[str, Mapping[str, object]]] = {}
    for row in found.rows.to_dict("records"):
        by_unit.setdefault(str(row["unit"]), {})[row["period"]] = {str(k): v for k, v in row.items()}
    for unit, rows in by_unit.items():
        now, before = rows.get(recent.label), rows.get(earlier.label)
        if now is None:
            if before is not None and (_number(before["denominator"]) or 0.0) >= LEAST_SILENT:
                yield Alert(MISSING, unit, None, 0.0, period=recent.label)
            continue
        value, low, high, visits = (_number(now[name]) for name in ("value", "low", "high", "denominator"))
        if value is None and now["status"] != SUPPRESSED:
            continue
        at_most = value if value is not None else high
        if at_most is None or (visits or 0.0) < LEAST_VISITS:
            continue
        fell = before is not None and _fell(now, before)
        if at_most < settings.low_coverage_pct or fell:
            was = _number(before["value"]) if before is not None else None
            low, high = (None, None) if value is not None else (low, high)
            alert = Alert(COVERAGE, unit, None, value, before=was if fell else None, low=low, high=high)
            yield replace(alert, period=recent.label, weight=(100 - at_most,))


def _fell(now: Mapping[str, object], before: Mapping[str, object]) -> bool:
    """Whether a coverage is clearly lower than it was, beyond chance."""
    numbers = [_number(row[name]) for row in (now, before) for name in ("numerator", "denominator")]
    was, high = _number(before["value"]), _number(now["high"])
    if now["status"] == SUPPRESSED:
        return was is not None and high is not None and was - high >= CLEAR_FALL
    met, visits, met_before, visits_before = numbers
    if None in numbers or not visits or not visits_before:
        return False
    shares = [(met or 0.0, visits), (met_before or 0.0, visits_before)]
    difference = 100 * (shares[0][0] / visits - shares[1][0] / visits_before)
    return difference <= -CLEAR_FALL and interval_of_shares(shares, (1, -1))[1] < 0


def _worsened(found: Answer, until: date, breaks_of: Callable[[str], Sequence[Break]]) -> Iterator[Alert]:
    """Units whose share within seven days is worse than ordinary variation in the newest whole week."""
    last = whole_weeks(until, 1)
    for (unit,), mine in series_by(found, "unit").items():
        if last.label not in set(mine.rows["period"]):
            continue
        judged = spc_of(mine, breaks=tuple(breaks_of(unit)), until=last.end)
        point, group = judged.last, judged.group
        if not is_judged(judged) or point is None or group is None or group.mean is None:
            continue
        if point.label == last.label and point.kind == CONCERN and point.value is not None:
            gap = abs(point.value - group.mean)
            alert = Alert(WORSENED, unit, None, point.value, before=group.mean, period=point.label)
            yield replace(alert, weight=(gap,))


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def book_first(outlooks: Mapping[tuple[str, ...], QueueOutlook], most: int = MOST) -> tuple[Alert, ...]:
    """The queues where a time is to be booked first: beyond the limit, then about to pass it, without a booked time.

    `outlooks` are by unit and service.
    """
    units = [key[0] for key in outlooks]
    found: dict[str, list[Alert]] = {LIMIT: [], BREACH: []}
    for (unit, service), one in outlooks.items():
        for kind, waiting in ((LIMIT, one.over_unbooked), (BREACH, one.within_7_unbooked)):
            if waiting.count:
                many = units.count(unit) > 1
                alert = Alert(kind, unit, service, waiting.count, many, unbooked=waiting, day=one.as_of)
                found[kind].append(replace(alert, weight=(waiting.count,)))
    for alerts in found.values():
        alerts.sort(key=lambda one: -one.weight[0])
    # Neither takes all the room of the other.
    taken = found[LIMIT][: max(most - len(found[BREACH]), (most + 1) // 2)]
    return (*taken, *found[BREACH][: most - len(taken)])
