"""Statutory limits: dated rows of `data/reference/statutory_limits.csv`, chosen by the date of the start event.

A limit is the last day allowed, counted from its start event as in `due_dates`: a number of days, calendar months or
weekdays after it. Examples at every boundary are in `statutory_limit_examples.csv`, read by tests and the definitions page.
The file also has limits that no indicator measures, some of unknown length or in working days of schools; access
indicators use those from the assessment of need to the first care event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import combinations
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, TypeAdapter

from indicators.catalogue.due_dates import UNITS as DUE_UNITS
from indicators.catalogue.due_dates import due_day, due_day_sql
from indicators.catalogue.errors import BadDefinition
from indicators.catalogue.languages import ENGLISH, in_every_language
from indicators.catalogue.parsing import BLANK_IS_NONE, KNOWN_KEYS_ONLY, Words, one_of, parse
from indicators.catalogue.places import REFERENCE, csv_rows

LIMITS = REFERENCE / "statutory_limits.csv"
EXAMPLES = REFERENCE / "statutory_limit_examples.csv"
#: Working days of a school: no calendar of ours knows them.
SCHOOL_DAYS = "school_days"
UNITS = (*DUE_UNITS, SCHOOL_DAYS)
#: Conditions of a limit besides the age; blank: none.
WITHOUT_REFERRAL, REFERRAL_OR_UNKNOWN = "without_referral", "referral_or_unknown"
CONDITIONS = ("", WITHOUT_REFERRAL, REFERRAL_OR_UNKNOWN, "special_support", "over_75_or_allowance")
#: What the visits' `with_referral` must be for a condition to hold.
_BY_REFERRAL = {WITHOUT_REFERRAL: "{} = 'no'", REFERRAL_OR_UNKNOWN: "{} IS DISTINCT FROM 'no'"}
AGE_GROUPS = ("all", "0-22", "23+")
CERTAINTIES = ("A", "B", "M")
#: The age group of an unknown age.
UNKNOWN_AGE = "unknown"
#: The youngest age of the group `23+`.
ADULT_FROM = 23
#: The events the access indicators measure between.
ASSESSMENT, FIRST_CARE = "assessment", "first_care_event"


@dataclass(frozen=True)
class Limit:
    """One limit of one service while it was in force.

    `limit` names the rule across its versions; `value` is None, and `unit` blank, where the length could not be found;
    `age_group` is `all`, `0-22` or `23+` on the start event's date; `condition` is one of CONDITIONS; `valid_from` is
    `date.min` where no first day is known to matter; `valid_to` is the last day, None while in force; `certainty` is A
    (primary source), B (secondary) or M (from memory, to be checked), and what is not A has its letter at the end of
    `legal_basis`; `review` is the day by which the row is looked at again.
    """

    __pydantic_config__ = KNOWN_KEYS_ONLY

    limit: Words
    service: Words
    start_event: Words
    stop_event: Words
    value: Annotated[int | None, BLANK_IS_NONE]
    unit: Annotated[str, one_of(("", *UNITS))]
    age_group: Annotated[str, one_of(AGE_GROUPS)]
    condition: Annotated[str, one_of(CONDITIONS)]
    valid_from: Annotated[date, BeforeValidator(lambda written: written or date.min)]
    valid_to: Annotated[date | None, BLANK_IS_NONE]
    legal_basis: Words
    certainty: Annotated[str, one_of(CERTAINTIES)]
    review: date
    note_fi: Words
    note_sv: Words
    note_en: Words

    @property
    def note(self) -> Mapping[str, str]:
        """What it covers and what must still be checked, by language."""
        return in_every_language({"fi": self.note_fi, "sv": self.note_sv, ENGLISH: self.note_en})

    @property
    def events(self) -> tuple[str, str, str]:
        """The service, and the events between which its time runs."""
        return self.service, self.start_event, self.stop_event

    def in_force(self, day: date) -> bool:
        """Whether it applies to a start event on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def can_be_counted(self) -> bool:
        """Whether a last day follows from it."""
        return self.value is not None and self.unit in DUE_UNITS

    def last_day(self, start: date, eves_are_weekdays: bool = False) -> date | None:
        """The last day on which the limit is still met, None where it cannot be counted.

        >>> limit_for("primary_care", date(2024, 1, 31), "23+").last_day(date(2024, 1, 31))
        datetime.date(2024, 2, 14)
        """
        if self.value is None or not self.can_be_counted:
            return None
        return due_day(start, self.value, self.unit, eves_are_weekdays)


def _checked(limit: Limit) -> Limit:
    faults = []
    if (limit.value is None) != (limit.unit == ""):
        faults.append(f"value {limit.value} and unit {limit.unit!r}: one of them is missing")
    if limit.certainty != "A" and not limit.legal_basis.endswith(f"({limit.certainty})"):
        faults.append(f"legal_basis lacks its certainty ({limit.certainty})")
    if faults:
        raise ValueError(*faults)
    return limit


@cache
def load_limits() -> tuple[Limit, ...]:
    """All limits in the order of the file. Raises BadDefinition with every fault at once."""
    rows = TypeAdapter(Annotated[Limit, AfterValidator(_checked)])
    faults: list[str] = []
    found: list[Limit] = []
    for number, row in enumerate(csv_rows(LIMITS), start=2):
        limits, wrong = parse(rows, row)
        faults += [f"{LIMITS.name}:{number}: {fault}" for fault in wrong]
        found += limits
    faults += [f"{LIMITS.name}: {fault}" for fault in overlaps(found)]
    if faults:
        raise BadDefinition("bad_definitions", faults="; ".join(faults))
    return tuple(found)


def overlaps(limits: Iterable[Limit]) -> list[str]:
    """Pairs of limits that would both apply to one start event; empty where there are none."""
    return [
        f"{one.service} {one.start_event}: {one.valid_from} and {other.valid_from} overlap"
        for one, other in combinations(limits, 2)
        if one.events == other.events
        and (one.age_group == other.age_group or "all" in (one.age_group, other.age_group))
        and (one.condition == other.condition or "" in (one.condition, other.condition))
        and other.valid_from <= (one.valid_to or date.max)
        and one.valid_from <= (other.valid_to or date.max)
    ]


def access_limits() -> tuple[Limit, ...]:
    """The limits from the assessment of need to the first care event."""
    return tuple(limit for limit in load_limits() if limit.events[1:] == (ASSESSMENT, FIRST_CARE))


def services_with_limit() -> tuple[str, ...]:
    """Services that have a limit from the assessment to the first care event."""
    return tuple(dict.fromkeys(limit.service for limit in access_limits()))


def changes_of(services: Iterable[str] = ()) -> list[date]:
    """The days on which an access limit of some of the services (none: of any) began or changed its length.

    A new legal basis for the same length changes nothing.
    """
    wanted = tuple(services) or services_with_limit()
    starts = sorted({limit.valid_from for limit in access_limits() if limit.service in wanted})
    return [day for day in starts if _lengths(wanted, day) != _lengths(wanted, day - timedelta(days=1))]


def _lengths(services: Iterable[str], day: date) -> list[tuple[int | None, str] | None]:
    """The limits of services on a day, for each age and with and without a referral."""
    found = [
        limit_for(service, day, age_group, with_referral)
        for service in services
        for age_group in ("0-22", "23+")
        for with_referral in ("yes", "no")
    ]
    return [None if limit is None else (limit.value, limit.unit) for limit in found]


def limit_for(service: str, start: date, age_group: str, with_referral: str | None = None) -> Limit | None:
    """The access limit of a service for an assessment on a day; None where there is none.

    Without a known age (`unknown`) a limit applies only where it is the same for all ages. `with_referral` is `no` where
    the visit is known to be without one; anything else counts as with a referral.
    """
    condition = WITHOUT_REFERRAL if with_referral == "no" else REFERRAL_OR_UNKNOWN
    return rule_for(service, ASSESSMENT, FIRST_CARE, start, age_group, condition)


def rule_for(
    service: str, start_event: str, stop_event: str, start: date, age_group: str, condition: str = ""
) -> Limit | None:
    """The limit of a service between two events for a start event on a day; None where there is none."""
    for limit in load_limits():
        applies = limit.age_group in ("all", age_group) and limit.condition in ("", condition)
        if limit.events == (service, start_event, stop_event) and applies and limit.in_force(start):
            return limit
    return None


@dataclass(frozen=True)
class Example:
    """A start event on a day, the limit it has and the last day allowed; both None where the law sets none.

    `age` is in whole years on that day, `unknown`, or `all` where every age has the same; `condition` is that of the limit.
    A limit of unknown length is `unknown`.
    """

    service: str
    start_event: str
    stop_event: str
    start_on: date
    age: str
    condition: str
    limit: Annotated[str | None, BLANK_IS_NONE]
    last_day: Annotated[date | None, BLANK_IS_NONE]

    @property
    def age_groups(self) -> tuple[str, ...]:
        """The age groups it is an example of."""
        if self.age == "all":
            return ("0-22", "23+", UNKNOWN_AGE)
        if self.age == UNKNOWN_AGE:
            return (UNKNOWN_AGE,)
        return ("23+" if int(self.age) >= ADULT_FROM else "0-22",)

    def found(self) -> Limit | None:
        """The limit that the rules choose for it."""
        return self.found_for(self.age_groups[0])

    def found_for(self, age_group: str) -> Limit | None:
        """The limit that the rules choose for one of its age groups."""
        return rule_for(
            self.service, self.start_event, self.stop_event, self.start_on, age_group, self.condition
        )


@cache
def load_examples() -> tuple[Example, ...]:
    """The examples at the boundaries of every limit, in the order of the file."""
    return tuple(TypeAdapter(list[Example]).validate_python(csv_rows(EXAMPLES)))


def last_day_sql(
    service: str = "service",
    start: str = "assessed_on",
    age_group: str = "age_group",
    with_referral: str = "NULL",
    eves_are_weekdays: bool = False,
    services: Collection[str] | None = None,
) -> str:
    """The SQL of the last day allowed, NULL where no limit applies; the same rules as `limit_for`.

    Where rows are of some `services` alone, the limits of the others are left out.
    """
    cases = []
    for limit in access_limits():
        if limit.value is None or not limit.can_be_counted:
            continue
        if services is not None and limit.service not in services:
            continue
        condition = f"{service} = '{limit.service}' AND {start} >= DATE '{limit.valid_from}'"
        if limit.valid_to is not None:
            condition += f" AND {start} <= DATE '{limit.valid_to}'"
        if limit.age_group != "all":
            condition += f" AND {age_group} = '{limit.age_group}'"
        if limit.condition in _BY_REFERRAL:
            condition += f" AND {_BY_REFERRAL[limit.condition].format(with_referral)}"
        cases.append(
            f"WHEN {condition} THEN {due_day_sql(start, limit.value, limit.unit, eves_are_weekdays)}"
        )
    return "CASE " + " ".join(cases) + " END" if cases else "NULL::DATE"
