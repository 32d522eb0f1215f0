"""What a plan of a queue rests on, from the rows of a published version: who waits now, its weeks, seasons, limits, breaks."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.limits import access_limits, limit_for
from indicators.catalogue.queue_flow import WAITS
from indicators.engine.cached import cached_per_version
from indicators.engine.question import Where
from indicators.engine.queue_flow import QueueFlow, queue_flow, queues_of
from indicators.kinds.request import where_sql
from indicators.planning.calibration import TYPED_UNDER, Usual, Weeks, usual_of
from indicators.planning.limits_by_week import WEEKDAYS, LimitRule
from indicators.planning.plan import Basis
from indicators.planning.runs import ends_of, expected
from indicators.planning.seasons import FEWEST_WEEKS, Season, measured
from indicators.planning.state import Breaches, Entry, QueueState, RuleGroup, about_to_breach
from indicators.planning.validation import Validation, validate
from pipelines.warehouse import Snapshot

#: Arrivals are shared out to groups as the entries of so many days before the snapshot.
_RECENT_DAYS = 182


def weeks_of(flow: QueueFlow, breaks: tuple[date, ...] = ()) -> Weeks:
    """The weeks of a flow that calibrate: seven days each, visits known, none before the newest break."""
    start = max(breaks, default=date.min)
    after_break = np.array([before >= start for before in flow.before], bool)
    used = np.flatnonzero(flow.seven_days & flow.visits_known & after_break)
    limited = flow.limited[used].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(limited > 0, 1 - flow.over[used].sum(axis=1) / limited, np.nan)
    left = flow.left + flow.moved_out
    return Weeks(
        tuple(flow.days[place] for place in used),
        (flow.closing + flow.treated + left)[used],
        left[used],
        flow.treated[used],
        (flow.arrived + flow.moved_in)[used],
        share,
    )


@cached_per_version(200)
def basis_of(snapshot: Snapshot, where: Where, eves_are_weekdays: bool = False) -> Basis:
    """What a plan of the queues that fit filters rests on. Raises BadQuestion where fewer than 12 weeks are known."""
    flow = queue_flow(snapshot, where, eves_are_weekdays)
    weeks = weeks_of(flow, breaks_of(snapshot, where))
    if len(weeks) < TYPED_UNDER:
        named = ", ".join(value for _name, values in where for value in values)
        raise BadQuestion("no_queue_to_plan", queue=named)
    of_area = _weeks_of_area(snapshot, where, eves_are_weekdays)
    seasons = seasons_of(weeks, of_area, eves_are_weekdays)
    others = _others(snapshot, where, eves_are_weekdays)
    return Basis(state_of_rows(snapshot, where, flow.days[-1]), weeks, seasons, others)


def seasons_of(weeks: Weeks, of_area: Weeks | None, eves_are_weekdays: bool = False) -> tuple[Season, Season]:
    """The seasons of arrivals and of visits: from two years of the queue, else of the area's, else of working days."""
    known = weeks if len(weeks) >= FEWEST_WEEKS or of_area is None else of_area
    arrivals, visits = (
        measured(table.sum(axis=1), known.ends, eves_are_weekdays=eves_are_weekdays)
        for table in (known.arrived, known.treated)
    )
    return arrivals, visits


@cached_per_version(200)
def validation_of(snapshot: Snapshot, where: Where, eves_are_weekdays: bool = False) -> Validation | None:
    """How well the model would have foretold the newest weeks; None where too few are known."""
    basis = basis_of(snapshot, where, eves_are_weekdays)

    def seasons(weeks: Weeks) -> tuple[Season, Season]:
        return seasons_of(weeks, None, eves_are_weekdays)

    weeks = basis.weeks.consecutive
    return validate(weeks, seasons, weeks.ends[-1].toordinal(), basis.usual, basis.state.groups)


def breaches_of(basis: Basis, weeks: int = 8) -> Breaches:
    """Who passes the limit in coming weeks if nothing is done, expected arrivals among them."""
    arrivals = expected(basis.calibration, ends_of(basis.state.snapshot, weeks)).arrivals[0]
    return about_to_breach(basis.state, arrivals.tolist())


def visits_per_treated(snapshot: Snapshot, where: Where, basis: Basis) -> float | None:
    """Realised visits of the queue's units and service for each entry treated, over the calibration weeks; None without any.

    Visits are not removals: follow-ups shorten no queue.
    """
    condition, parameters = where_sql(where)
    window = basis.calibration.window
    first = window[0] - timedelta(days=6)
    rows = snapshot.rows(
        f"""SELECT count(*) FROM visits
            WHERE {condition} AND {DATASETS["visits"].counted} AND visit_on BETWEEN ? AND ?""",
        [*parameters, first, window[-1]],
    )
    treated = float(basis.weeks.last(len(window)).treated.sum())
    return rows[0][0] / treated if treated else None


def breaks_of(snapshot: Snapshot, where: Where) -> tuple[date, ...]:
    """The days of annotations with a break that a queue of some filters has: of its area and units, of no single indicator."""
    filters = dict(where)
    units, areas = filters.get("unit", ()), filters.get("area", ())
    rows = snapshot.rows(
        "SELECT date, unit, area, indicator FROM annotations WHERE break AND date IS NOT NULL ORDER BY date"
    )
    return tuple(
        day
        for day, unit, area, indicator in rows
        if (not areas or area is None or area in areas)
        and (unit is None or unit in units)
        and (indicator is None or indicator.startswith("queue"))
    )


def _weeks_of_area(snapshot: Snapshot, where: Where, eves_are_weekdays: bool) -> Weeks | None:
    """The weeks of the same service in the whole area."""
    wider = tuple(one for one in where if one[0] in ("area", "service"))
    if wider == where:
        return None
    found = weeks_of(queue_flow(snapshot, wider, eves_are_weekdays))
    return found if len(found) else None


def _others(snapshot: Snapshot, where: Where, eves_are_weekdays: bool) -> Usual | None:
    """What is usual in the service's other units of the area."""
    mine = dict(where)
    wider = tuple(one for one in where if one[0] in ("area", "service"))
    units = {unit for _area, unit, _service in queues_of(snapshot, wider)}
    others = sorted(units - set(mine.get("unit", units)))
    found = [
        weeks_of(queue_flow(snapshot, (*wider, ("unit", (unit,))), eves_are_weekdays)) for unit in others
    ]
    return usual_of([weeks for weeks in found if len(weeks)])


def state_of_rows(snapshot: Snapshot, where: Where, day: date) -> QueueState:
    """Who waits in the queues that fit filters on a snapshot day, and by which rules."""
    condition, parameters = where_sql(where)
    rows = snapshot.frame(
        f"""-- one row per start, service, age group, reason and booked day
            SELECT coalesce(CASE WHEN assessed_on <= snapshot_on THEN assessed_on END,
                            CASE WHEN queued_on <= snapshot_on THEN queued_on END, snapshot_on) AS start_on,
                   assessed_on <= snapshot_on IS TRUE AS assessed, service::VARCHAR AS service,
                   age_group::VARCHAR AS age_group, CASE WHEN booked_for >= snapshot_on THEN booked_for END AS booked_for,
                   {WAITS} AS waits, reason IS NOT DISTINCT FROM 'own_wish' AND urgency IS NOT DISTINCT FROM 'non_urgent'
                   AS own_wish, reason IS NOT DISTINCT FROM 'medical' AS medical, count(*) AS n
            FROM queue WHERE {condition} AND {DATASETS["queue"].counted} AND snapshot_on = ? GROUP BY ALL ORDER BY ALL""",
        [*parameters, day],
    )
    groups = _groups(snapshot, where, day)
    number = {key: place for place, (key, _group) in enumerate(groups)}
    own_wish = int(rows.loc[rows["own_wish"], "n"].sum())
    rows = rows[rows["waits"]]
    # Many entries have the same, and looking it up takes longer than what is worked out of it.
    rules = cache(rules_of)
    entries = tuple(
        Entry(
            number[rules(one.service, one.age_group) if one.assessed else ()],
            float(one.n),
            one.start_on.date(),
            booked_for=None if pd.isna(one.booked_for) else one.booked_for.date(),
            medical=bool(one.medical),
        )
        for one in rows.itertuples()
    )
    return QueueState(day, entries, tuple(group for _key, group in groups), own_wish)


def _groups(snapshot: Snapshot, where: Where, day: date) -> list[tuple[tuple[LimitRule, ...], RuleGroup]]:
    """The groups of different limits, each with its part of those who came lately and the weekdays of their assessments."""
    condition, parameters = where_sql(where)
    rows = snapshot.rows(
        f"""-- one row per service, age group and weekday: entries that came lately
            SELECT service::VARCHAR, age_group::VARCHAR, isodow(assessed_on), assessed_on <= snapshot_on IS TRUE,
                   count(DISTINCT (source, origin, entry_id))
            FROM queue WHERE {condition} AND {DATASETS["queue"].counted} AND {WAITS} AND snapshot_on BETWEEN ? AND ?
            GROUP BY ALL ORDER BY ALL""",
        [*parameters, day - timedelta(days=_RECENT_DAYS), day],
    )
    weekdays: dict[tuple[LimitRule, ...], np.ndarray] = {}
    for service, age_group, weekday, assessed, number in rows:
        of = weekdays.setdefault(rules_of(service, age_group) if assessed else (), np.zeros(7))
        of[(weekday or 1) - 1] += number
    total = sum(of.sum() for of in weekdays.values())
    return [
        (
            rules,
            RuleGroup(
                str(place), rules, tuple(of.tolist()) if of.any() else WEEKDAYS, float(of.sum() / total)
            ),
        )
        for place, (rules, of) in enumerate(weekdays.items())
    ]


def rules_of(service: str, age_group: str) -> tuple[LimitRule, ...]:
    """The limits of a service and age group from the assessment, by the day of start; none where no start has one."""
    mine = [limit for limit in access_limits() if limit.service == service]
    ended = {limit.valid_to + timedelta(days=1) for limit in mine if limit.valid_to is not None}
    found = []
    for start in sorted({limit.valid_from for limit in mine} | ended):
        limit = limit_for(service, start, age_group)
        counted = limit is not None and limit.can_be_counted
        found.append(
            LimitRule(start, limit.value, limit.unit) if limit and counted else LimitRule(start, None)
        )
    return tuple(found) if any(rule.value is not None for rule in found) else ()
