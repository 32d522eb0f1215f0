"""Ready-made figures and targets put together the slow and obvious way, from the text of their files.

Written from the contract alone. What an indicator is (whether it adds up, tells of a day, is a share) is typed anew here.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from tests.oracle.extracts import DAY
from tests.oracle.model import Asked, Result, name_of, next_start, start_of

#: The whole country, which is no area beside its areas.
COUNTRY = "FI"
PER_CENT = {
    *("access_data_coverage", "access_within_limit", "child_doctor_check_18m_4y", "seven_day_access"),
    *(
        "child_family_needs_assessment_3m",
        "child_family_needs_assessment_90d",
        "child_welfare_7_weekdays",
    ),
    *("digital_service_barriers", "electronic_contacts", "electronic_forms", "ips_employment"),
    *("guarantee_monitoring_coverage", "lene_4y_6y_on_time", "mental_health_first_contact_7d"),
    *("mental_health_guarantee", "oral_health_access_data_coverage", "oral_health_wait_over_7d"),
    *("over_75_living_at_home", "over_75_oral_health_share", "over_75_service_housing"),
    *("public_oral_health_users", "referral_handling", "remote_contacts", "seven_day_access_vulnerable"),
    *("social_welfare_deadlines", "substance_services_access", "substance_services_first_contact_7d"),
}
#: Counts of events: those of parts and of shorter stretches sum to the whole.
SUMS = {
    *("adult_psychiatry_referrals", "adult_psychiatry_visits", "change_coaching_units"),
    *("child_health_clinic_visits", "child_welfare_notifications", "new_digital_care_paths"),
    *("opioid_substitution_visits", "queue_length", "queue_over_limit", "queue_own_wish", "queue_urgent"),
    *(
        "referrals",
        "school_psych_nurse_visits",
        "service_debt_visible",
        "social_welfare_overdue",
        "substance_rehab_visits",
        "visits",
    ),
}
#: What stands at a day: a stretch is told by its last one.
OF_A_DAY = {
    *("digital_care_paths_in_use", "intraoral_scanners", "mental_health_still_without_contact"),
    *("omaolo_services", "population", "queue_length", "queue_longest_wait", "queue_over_limit"),
    *("queue_own_wish", "queue_urgent", "service_debt_hidden", "service_debt_visible"),
    *("service_debt_hidden_adjusted", "social_welfare_overdue"),
}
#: Known from ready-made figures alone, never from rows.
READY_MADE = (
    *("change_coaching_units", "child_doctor_check_18m_4y", "digital_care_paths_in_use"),
    *("digital_service_barriers", "electronic_forms", "intraoral_scanners", "ips_employment"),
    *("ips_fidelity_points", "ips_first_meeting_days", "lene_4y_6y_on_time", "low_threshold_groups"),
    *("new_digital_care_paths", "omaolo_services"),
    *("over_75_living_at_home", "over_75_service_housing", "population", "public_oral_health_users"),
    *("unemployed_work_ability_clients", "youth_mental_health_basic_share"),
)
#: Published series that rows carry on.
CARRIED_ON = (
    *("adult_psychiatry_patients", "adult_psychiatry_referrals", "adult_psychiatry_visits"),
    *("child_health_clinic_patients", "child_health_clinic_visits", "child_welfare_notifications"),
    *("child_family_needs_assessment_90d", "child_welfare_notification_days"),
    *("opioid_substitution_clients", "opioid_substitution_visits", "oral_health_access_data_coverage"),
    *("oral_health_wait_over_7d", "school_psych_nurse_clients", "school_psych_nurse_visits"),
    *("substance_rehab_clients", "substance_rehab_visits"),
)


@dataclass(frozen=True)
class File:
    """A file of figures or targets as it was loaded; the place in a list of files is the order of loading."""

    text: str
    extract_date: date


@dataclass(frozen=True)
class Figure:
    """One figure of an area, service (blank: of all) and stretch of days, both ends included."""

    indicator: str
    area: str
    service: str
    first: date
    last: date
    numerator: float | None
    denominator: float | None
    printed: float | None

    @property
    def parts(self) -> bool:
        """Whether it says what it is a share or mean of."""
        return self.numerator is not None and self.denominator is not None

    @property
    def value(self) -> float | None:
        """From its numerator and denominator where it has both, else as printed."""
        if not self.parts:
            return self.printed
        return _ratio(self.indicator, self.numerator, self.denominator)


def _ratio(indicator: str, numerator: float, denominator: float) -> float | None:
    if denominator == 0:
        return None
    return numerator / denominator * (100 if indicator in PER_CENT else 1)


def _number(text: str) -> float | None:
    return float(text.replace(",", ".")) if text.strip() else None


def newest(
    files: Iterable[File], key: Sequence[str], sound: Callable[[dict[str, str]], bool] = lambda row: True
) -> list[dict[str, str]]:
    """The sound rows that count: of each key that of the later extract date, of one date the one loaded later."""
    kept: dict[tuple[str, ...], dict[str, str]] = {}
    for file in sorted(files, key=lambda file: file.extract_date):
        for row in filter(sound, csv.DictReader(io.StringIO(file.text))):
            kept[tuple(row[name] for name in key)] = row
    return list(kept.values())


def _consistent(row: dict[str, str]) -> bool:
    """Whether a figure has both parts or none, and prints what these make but for its last decimal."""
    numerator, denominator, printed = (_number(row[name]) for name in ("numerator", "denominator", "value"))
    if (numerator is None) != (denominator is None):
        return False
    if printed is None or not denominator:
        return True
    last_decimal = 10.0 ** min(Decimal(row["value"]).normalize().as_tuple().exponent, 0)
    return abs(printed - _ratio(row["indicator_id"], numerator, denominator)) <= last_decimal


def figures_of(files: Iterable[File]) -> list[Figure]:
    """All figures that count."""
    key = ("indicator_id", "area_code", "service", "period_start", "period_end")
    rows = newest(files, key, _consistent)
    return [
        Figure(
            row["indicator_id"],
            row["area_code"],
            row["service"],
            date.fromisoformat(row["period_start"]),
            date.fromisoformat(row["period_end"]),
            *(_number(row[name]) for name in ("numerator", "denominator", "value")),
        )
        for row in rows
    ]


def fitting(figures: Iterable[Figure], asked: Asked) -> list[Figure]:
    """The figures a question is about: they know areas and services, nothing else."""
    names = {*asked.splits, *dict(asked.where)}
    if not names <= {"area", "service"}:
        return []
    found = []
    for figure in figures:
        mine = {"area": figure.area, "service": figure.service or "unknown"}
        country = figure.area == COUNTRY and asked.area == "all" and "area" not in names
        passes = all(mine[name] in values for name, values in asked.where)
        here = asked.area in ("all", figure.area) and not country
        if figure.indicator == asked.indicator and here and passes:
            found.append(figure)
    return found


def ask(figures: Iterable[Figure], asked: Asked) -> list[Result]:
    """The answer to a question where no rows are known; unsplit, with a row for every period."""
    mine = fitting(figures, asked)
    first = asked.date_from or min((figure.first for figure in mine), default=None)
    last = asked.date_to or max((figure.last for figure in mine), default=None)
    if first is None or last is None:
        return []
    groups: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for figure in mine:
        named = {"area": figure.area, "service": figure.service or "unknown"}
        groups[tuple(named[name] for name in asked.splits)].append(figure)
    results = []
    start = start_of(first, asked.by)
    while start <= last:
        end = next_start(start, asked.by) - DAY
        place = (name_of(start, asked.by), start, end)
        for split in sorted(groups) if asked.splits else [()]:
            told = of_stretch(asked.indicator, groups.get(split, []), start, end)
            if told is not None:
                results.append(Result(*place, split, told[0], told[1], told[2], None, told[3]))
            elif not asked.splits:
                results.append(Result(*place, split, None, None, None, None, "no_data"))
        start = end + DAY
    return results


CountedAnswer = tuple[float | None, float | None, float | None, str]


def of_stretch(indicator: str, figures: Sequence[Figure], first: date, last: date) -> CountedAnswer | None:
    """Value, numerator, denominator and status of a stretch of days; None where no figure can tell of it."""
    inside = [figure for figure in figures if first <= figure.first and figure.last <= last]
    chosen: list[Figure] = []
    complete = True
    for area in sorted({figure.area for figure in inside}):
        mine = [figure for figure in inside if figure.area == area]
        if indicator in OF_A_DAY:
            newest_day = max(figure.last for figure in mine)
            of_day = sorted(
                (figure for figure in mine if figure.last == newest_day), key=lambda figure: figure.first
            )
            by_service = {figure.service: figure for figure in reversed(of_day)}
            chosen += [by_service[""]] if "" in by_service else by_service.values()
            continue
        taken, whole = _of_area(mine, first, last)
        chosen += taken
        complete = complete and whole
    if not chosen:
        return None
    complete = complete and not _is_missed(indicator, figures, chosen, last)
    sums = indicator in SUMS or all(figure.parts for figure in chosen)
    if not sums and indicator not in OF_A_DAY:
        one_each = len({(figure.area, figure.service) for figure in chosen}) == len(chosen)
        if not one_each:
            # What does not add up stands alone: the newest part of the stretch.
            newest_part = max((figure.first, figure.last) for figure in chosen)
            chosen = [figure for figure in chosen if (figure.first, figure.last) == newest_part]
            complete = False
            sums = all(figure.parts for figure in chosen)
    if len(chosen) > 1 and not sums:
        return None
    numerator = denominator = None
    if all(figure.parts for figure in chosen):
        numerator = sum(figure.numerator for figure in chosen)
        denominator = sum(figure.denominator for figure in chosen)
        value = _ratio(indicator, numerator, denominator)
    elif any(figure.value is None for figure in chosen):
        value = None
    else:
        value = sum(figure.value for figure in chosen)
    status = "no_denominator" if value is None else "ok" if complete else "incomplete_period"
    return value, numerator, denominator, status


def _is_missed(indicator: str, figures: Sequence[Figure], chosen: Sequence[Figure], last: date) -> bool:
    """Whether somebody told of before is not told of now: an area, or a service where its area is told by services."""
    told = [figure for figure in figures if figure.last <= last]
    for area, service in {(figure.area, figure.service) for figure in told}:
        mine = [figure for figure in chosen if figure.area == area]
        if any(figure.service in ("", service) for figure in mine) or (mine and not service):
            continue
        newest = max(
            (figure for figure in told if (figure.area, figure.service) == (area, service)),
            key=lambda figure: (figure.first, figure.last),
        )
        if indicator not in OF_A_DAY or newest.printed != 0:
            return True
    return False


def _of_area(figures: Sequence[Figure], first: date, last: date) -> tuple[list[Figure], bool]:
    """The figures of one area that tell of a stretch, and whether they fill it.

    A figure of all services holds those of single ones; only where it leaves days out and these do not, they tell.
    """
    tilings = {
        service: _day_by_day([figure for figure in figures if figure.service == service], first, last)
        for service in sorted({figure.service for figure in figures})
    }
    of_all = tilings.pop("", None)
    singles_fill = bool(tilings) and all(whole for _, whole in tilings.values())
    if of_all is not None and (of_all[1] or not singles_fill):
        return of_all
    return [figure for taken, _ in tilings.values() for figure in taken], singles_fill


def _day_by_day(figures: Sequence[Figure], first: date, last: date) -> tuple[list[Figure], bool]:
    """From day to day the longest figure that begins on it; whether no day was left out."""
    taken, whole, on = [], True, first
    while on <= last:
        beginning = [figure for figure in figures if figure.first == on]
        if beginning:
            taken.append(max(beginning, key=lambda figure: figure.last))
            on = taken[-1].last + DAY
        else:
            whole, on = False, on + DAY
    return taken, whole


@dataclass(frozen=True)
class Promise:
    """One target as its file has it."""

    indicator: str
    area: str
    first: date
    last: date
    comparator: str
    level: float | None
    unit: str


def promises_of(files: Iterable[File]) -> list[Promise]:
    """All targets that count."""
    return [
        Promise(
            row["indicator_id"],
            row["area_code"],
            date.fromisoformat(row["period_start"]),
            date.fromisoformat(row["period_end"]),
            row["comparator"],
            _number(row["value"]),
            row["unit"],
        )
        for row in newest(files, ("indicator_id", "area_code", "period_start", "period_end"))
    ]


def verdict(
    promise: Promise,
    value: float | None,
    status: str,
    as_of: date,
    days_over: float | None = None,
    ends: tuple[float | None, float | None] = (None, None),
) -> str:
    """What becomes of a promise whose actual is known as `value` with `status`, or only to lie between two ends.

    `days_over` is, of a promise in months of which single waits are known, the percentile of the days beyond that many
    calendar months.
    """
    if promise.level is None or not promise.comparator:
        return "no_target"
    ended = promise.last <= as_of
    least, most = ends
    if least is not None and most is not None:
        # Every value that can be must say the same.
        kept = {holds(one, promise.comparator, promise.level) for one in (least, most)}
        if promise.comparator == "=" and least < promise.level < most:
            kept = {True, False}
        if not ended or status != "ok" or len(kept) > 1:
            return "not_due"
        return "met" if kept == {True} else "not_met"
    if value is None:
        return "no_data" if ended else "not_due"
    if not ended or status != "ok":
        return "not_due"
    if promise.unit != "months":
        return "met" if holds(value, promise.comparator, promise.level) else "not_met"
    if days_over is not None:
        return "met" if holds(days_over, promise.comparator, 0) else "not_met"
    # Days against calendar months: only what is so of the shortest and of the longest months is known.
    starts = [date(2023, 1, 1) + number * DAY for number in range(4 * 366)]
    lengths = {((start + relativedelta(months=int(promise.level))) - start).days for start in starts}
    said = {holds(value, promise.comparator, length) for length in lengths}
    return "no_data" if len(said) > 1 else "met" if said.pop() else "not_met"


def holds(value: float, comparator: str, level: float) -> bool:
    """Whether a value keeps a level."""
    if comparator == "=":
        return value == level
    if value == level:
        return comparator.endswith("=")
    return (value > level) == comparator.startswith(">")
