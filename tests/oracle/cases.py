"""Cases with a due day computed the slow and obvious way, from the text of their extracts.

Written from the contract alone, case by case: its own reading of the files, its own calendar of weekdays, its own
calendar months. A case enters a share once its due day has passed at the extract's date, whatever its outcome.
"""

from __future__ import annotations

import calendar
import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

from tests.oracle.extracts import DAY, SERVICES, Delivery, age_on, day, is_over_75
from tests.oracle.model import Asked, Result, last_day, name_of, next_start, start_of

SEPARATORS = {
    "exreport_lahetteet": ";",
    "pirkko_asiakkuudet": ";",
    "efica_ilmoitukset": "|",
    "efica_palvelutarve": "|",
}
#: Source → header of what we need, by our name. The first four are required.
HEADERS: dict[str, dict[str, str]] = {
    "exreport_lahetteet": {
        **{"id": "Lähetetunnus", "unit": "Yksikkökoodi", "group": "Palvelu", "arrived": "Saapunut"},
        **{"person": "Potilas", "born": "Syntymävuosi", "handled": "Käsitelty"},
    },
    "pirkko_asiakkuudet": {
        **{"id": "asiakkuus_id", "unit": "yksikko", "group": "palvelu", "arrived": "yhteydenotto_pvm"},
        **{"person": "asiakas", "born": "syntymavuosi", "state": "tila"},
        **{"contact": "ensiarvio_pvm", "need": "hoidon_tarve_todettu_pvm", "care": "hoito_alkoi_pvm"},
        "ended": "paattyi_pvm",
    },
    "efica_ilmoitukset": {
        **{"id": "ILMOITUS_ID", "unit": "YKSIKKO", "group": "LAJI", "arrived": "SAAPUI"},
        **{"person": "ASIAKAS", "born": "SYNTYMAVUOSI", "decided": "PAATETTY"},
    },
    "efica_palvelutarve": {
        **{"id": "ARVIOINTI_ID", "unit": "YKSIKKO", "group": "ASIAKASRYHMA", "arrived": "VIREILLE"},
        **{"person": "ASIAKAS", "born": "SYNTYMAVUOSI", "started": "ALOITETTU", "ready": "VALMIS"},
        **{"support": "ERITYINEN_TUKI", "allowance": "HOITOTUKI"},
    },
}
REQUIRED = {
    "exreport_lahetteet": ("id", "unit", "group", "arrived"),
    "pirkko_asiakkuudet": ("id", "unit", "group", "arrived", "state"),
    "efica_ilmoitukset": ("id", "unit", "arrived"),
    "efica_palvelutarve": ("id", "unit", "arrived"),
}


@dataclass(frozen=True)
class Case:
    """One referral, pathway, notification or assessment; `group` is the service or the client group."""

    source: str
    key: str
    unit: str
    group: str
    person: str
    born: str
    arrived: date
    days: dict[str, date | None]
    extract_date: date
    special_support: bool = False
    highest_allowance: bool = False


@dataclass(frozen=True)
class Matter:
    """What an indicator sees of a case.

    `on` is the day that decides its period, `due` the last day allowed (None: no limit), `done` the day it was done.
    """

    case: Case
    on: date
    due: date | None
    done: date | None
    entered: bool
    #: Done before it began: there is no interval, the case never enters and is not open either.
    contradicts: bool = False


def cases_of(deliveries: Sequence[Delivery]) -> list[Case]:
    """The cases that count: of one service in one month Exreport's rows before Pirkko's."""
    found = [case for delivery in deliveries for case in _read(delivery)]
    taken = {
        (case.group, case.arrived.year, case.arrived.month)
        for case in found
        if case.source == "exreport_lahetteet"
    }
    return [
        case
        for case in found
        if case.source != "pirkko_asiakkuudet"
        or (case.group, case.arrived.year, case.arrived.month) not in taken
    ]


def _read(delivery: Delivery) -> Iterator[Case]:
    source, headers = delivery.source, HEADERS[delivery.source]
    reader = csv.DictReader(io.StringIO(delivery.text, newline=""), delimiter=SEPARATORS[source])
    for line in reader:
        cells = {name: (line.get(header) or "").strip() for name, header in headers.items()}
        cells = {name: "" if text in ("-", "..", "NULL") else text for name, text in cells.items()}
        if not all(cells[name] for name in REQUIRED[source]):
            continue
        days = {
            name: day(text)
            for name, text in cells.items()
            if name in ("handled", "contact", "need", "care", "ended", "decided", "started", "ready")
        }
        group = SERVICES[cells["group"]] if cells["group"] in SERVICES else cells["group"]
        yield Case(
            source,
            cells["id"],
            cells["unit"],
            group,
            cells["person"],
            cells["born"],
            day(cells["arrived"]),
            days,
            delivery.extract_date,
            cells.get("support") == "K",
            cells.get("allowance") == "YLIN",
        )


@cache
def days_off(year: int) -> frozenset[date]:
    """Public holidays of a year, Midsummer Eve (the Friday of 19–25 June) and Christmas Eve."""
    midsummer_eve = next(on for on in range(19, 26) if date(year, 6, on).isoweekday() == 5)
    return frozenset({*holidays.Finland(years=year), date(year, 6, midsummer_eve), date(year, 12, 24)})


def nth_weekday(arrived: date, number: int) -> date:
    """The n-th weekday after a day, which is not counted itself."""
    on = arrived
    for _ in range(number):
        on += DAY
        while on.isoweekday() > 5 or on in days_off(on.year):
            on += DAY
    return on


def months_later(start: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is too short."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def _when_due(case: Case, on: date, due: date | None, done: date | None, start: date | None = None) -> Matter:
    if done is not None and done < (start or case.arrived):
        return Matter(case, on, due, None, False, contradicts=True)
    return Matter(case, on, due, done, due is not None and due < case.extract_date)


def _referrals(case: Case) -> Iterator[Matter]:
    if case.source == "exreport_lahetteet":
        yield _when_due(case, case.arrived, case.arrived + timedelta(days=21), case.days["handled"])


def _requests(case: Case) -> Iterator[Matter]:
    if case.source in ("exreport_lahetteet", "pirkko_asiakkuudet"):
        yield Matter(case, case.arrived, None, None, True)


def _requests_of(service: str) -> Callable[[Case], Iterator[Matter]]:
    def matters(case: Case) -> Iterator[Matter]:
        if case.source in ("exreport_lahetteet", "pirkko_asiakkuudet") and case.group == service:
            yield Matter(case, case.arrived, None, None, True)

    return matters


def _received(case: Case) -> Iterator[Matter]:
    if case.source == "efica_ilmoitukset":
        yield Matter(case, case.arrived, None, None, True)


def _care(service: str) -> Callable[[Case], Iterator[Matter]]:
    def matters(case: Case) -> Iterator[Matter]:
        need = case.days.get("need")
        if case.source == "pirkko_asiakkuudet" and case.group == service and need is not None:
            age_group, _, _ = age_on(case.person, case.born, need)
            yield _when_due(case, need, last_day(service, age_group, need), case.days["care"], need)

    return matters


def _first_contact(service: str) -> Callable[[Case], Iterator[Matter]]:
    def matters(case: Case) -> Iterator[Matter]:
        if case.source == "pirkko_asiakkuudet" and case.group == service:
            yield _when_due(case, case.arrived, case.arrived + timedelta(days=7), case.days["contact"])

    return matters


def _not_contacted(case: Case) -> Iterator[Matter]:
    """A request belongs to its eighth day: contact on the seventh is in time, on the eighth it is not."""
    if case.source == "pirkko_asiakkuudet" and case.group == "mental_health":
        seventh = case.arrived + timedelta(days=7)
        yield _when_due(case, seventh + DAY, seventh, case.days["contact"])


def _notifications(case: Case) -> Iterator[Matter]:
    if case.source == "efica_ilmoitukset":
        yield _when_due(case, case.arrived, nth_weekday(case.arrived, 7), case.days["decided"])


def _ready(last: Callable[[date], date]) -> Callable[[Case], Iterator[Matter]]:
    def matters(case: Case) -> Iterator[Matter]:
        ready = case.days.get("ready")
        if case.source == "efica_palvelutarve" and case.group == "LAPSIPERHE" and ready is not None:
            if ready < case.arrived:
                yield Matter(case, ready, last(case.arrived), None, False, contradicts=True)
            else:
                yield Matter(case, ready, last(case.arrived), ready, True)

    return matters


def _deadlines(case: Case) -> Iterator[Matter]:
    if case.source == "efica_ilmoitukset":
        due = nth_weekday(case.arrived, 7)
        yield _when_due(case, due, due, case.days["decided"])
    elif case.source == "efica_palvelutarve":
        if case.group == "LAPSIPERHE" and case.special_support:
            due = months_later(case.arrived, 3)
            yield _when_due(case, due, due, case.days["ready"])
        if case.highest_allowance or is_over_75(case.person, case.born, case.arrived):
            due = nth_weekday(case.arrived, 7)
            yield _when_due(case, due, due, case.days["started"])


#: Indicator → the statistic, and what it sees of a case.
INDICATORS: dict[str, tuple[str, Callable[[Case], Iterator[Matter]]]] = {
    "referrals": ("count", _requests),
    "referral_handling": ("share", _referrals),
    "adult_psychiatry_referrals": ("count", _requests_of("adult_psychiatry")),
    "child_welfare_notifications": ("count", _received),
    "mental_health_guarantee": ("share", _care("mental_health")),
    "mental_health_first_contact_7d": ("share", _first_contact("mental_health")),
    "substance_services_access": ("share", _care("substance_services")),
    "substance_services_first_contact_7d": ("share", _first_contact("substance_services")),
    "child_welfare_7_weekdays": ("share", _notifications),
    "child_welfare_notification_days": ("mean", _notifications),
    "child_family_needs_assessment_90d": ("share", _ready(lambda arrived: arrived + timedelta(days=90))),
    "child_family_needs_assessment_3m": ("share", _ready(lambda arrived: months_later(arrived, 3))),
    "social_welfare_deadlines": ("share", _deadlines),
    "mental_health_not_contacted_in_week": ("people not reached", _not_contacted),
    "mental_health_still_without_contact": ("people late", _first_contact("mental_health")),
    "social_welfare_overdue": ("cases late", _deadlines),
}


#: Statistics that tell of the last known day of a period.
LATE = ("people late", "cases late")

#: Indicator → the source (blank: any), and the service, whose rows it counts. Where there has never been one, nothing is
#: known of it, however many other cases there are; indicators that are not here are told by any case.
OF_SUPPLY: dict[str, tuple[str, str | None]] = {
    "referral_handling": ("exreport_lahetteet", None),
    "adult_psychiatry_referrals": ("", "adult_psychiatry"),
    "child_welfare_notifications": ("efica_ilmoitukset", None),
    "mental_health_guarantee": ("pirkko_asiakkuudet", "mental_health"),
    "mental_health_first_contact_7d": ("pirkko_asiakkuudet", "mental_health"),
    "mental_health_not_contacted_in_week": ("pirkko_asiakkuudet", "mental_health"),
    "mental_health_still_without_contact": ("pirkko_asiakkuudet", "mental_health"),
    "substance_services_access": ("pirkko_asiakkuudet", "substance_services"),
    "substance_services_first_contact_7d": ("pirkko_asiakkuudet", "substance_services"),
    "child_welfare_7_weekdays": ("efica_ilmoitukset", None),
    "child_welfare_notification_days": ("efica_ilmoitukset", None),
    "child_family_needs_assessment_90d": ("efica_palvelutarve", None),
    "child_family_needs_assessment_3m": ("efica_palvelutarve", None),
}


def _is_supplied(indicator: str, cases: Sequence[Case]) -> bool:
    if indicator not in OF_SUPPLY:
        return True
    source, group = OF_SUPPLY[indicator]
    return any(source in ("", case.source) and group in (None, case.group) for case in cases)


def ask(deliveries: Sequence[Delivery], asked: Asked) -> list[Result]:
    """The answer to a question from `date_from` to `date_to`, the stated window of every delivery."""
    statistic, sees = INDICATORS[asked.indicator]
    cases = cases_of(deliveries)
    known = _is_supplied(asked.indicator, cases)
    matters = [matter for case in cases for matter in sees(case)]
    results = []
    start = start_of(asked.date_from, asked.by)
    while start <= asked.date_to:
        after = next_start(start, asked.by)
        known_until = min(after - DAY, asked.date_to)
        groups: dict[tuple[str, ...], list[Matter]] = defaultdict(list)
        for matter in matters:
            if _is_late(matter, known_until) if statistic in LATE else start <= matter.on < after:
                groups[tuple(getattr(matter.case, name) for name in asked.splits)].append(matter)
        covered = asked.date_from <= start and after - DAY <= asked.date_to
        for split in sorted(groups) if asked.splits else [()]:
            value, numerator, denominator, coverage = _figures(statistic, groups.get(split, []))
            pending = statistic in ("share", "mean", "people not reached") and any(
                matter.due is not None and not matter.entered and not matter.contradicts
                for matter in groups.get(split, [])
            )
            status = (
                "no_denominator" if value is None else "incomplete_period" if pending or not covered else "ok"
            )
            figures = (value, numerator, denominator, coverage, status)
            if not known:
                figures = (None, None, None, None, "no_data")
            results.append(Result(name_of(start, asked.by), start, after - DAY, split, *figures))
        start = after
    return results


def _is_late(matter: Matter, on: date) -> bool:
    """Whether on a day the due day has passed without what was due, and the pathway has not ended.

    What has ended waits no more: the indicators are of what still waits.
    """
    ended = matter.case.days.get("ended")
    waits = (matter.done is None or matter.done > on) and (ended is None or ended > on)
    return on > matter.due and waits and not matter.contradicts


def _never_in_time(matter: Matter) -> bool:
    """Whether what was due came too late or has not come; what ended before it could be late was not missed."""
    ended = matter.case.days.get("ended")
    if matter.done is not None:
        return matter.done > matter.due
    return ended is None or ended > matter.due


def _figures(
    statistic: str, matters: Sequence[Matter]
) -> tuple[float | None, int | None, int | None, float | None]:
    """Value, numerator, denominator, coverage."""
    if statistic == "count":
        return len(matters), None, None, None
    if statistic == "people not reached":
        missed = [matter.case for matter in matters if matter.entered and _never_in_time(matter)]
        return len({case.person or ("nobody", case.key) for case in missed}), None, None, None
    if statistic == "people late":
        people = {matter.case.person or ("nobody", matter.case.key) for matter in matters}
        return len(people), None, None, None
    if statistic == "cases late":
        return len({(matter.case.source, matter.case.key) for matter in matters}), None, None, None
    entered = [matter for matter in matters if matter.entered]
    coverage = 100 * len(entered) / len(matters) if matters else None
    if statistic == "mean":
        waits = [(matter.done - matter.case.arrived).days for matter in entered if matter.done is not None]
        return sum(waits) / len(waits) if waits else None, None, len(waits), coverage
    met = sum(1 for matter in entered if matter.done is not None and matter.done <= matter.due)
    return 100 * met / len(entered) if entered else None, met, len(entered), coverage
