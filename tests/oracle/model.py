"""The indicators computed the slow and obvious way: the tests' own second implementation.

Written from the contract alone, row by row in plain Python. Nothing is shared with the engine, not even the table
of statutory limits, which is typed anew below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property

from dateutil.relativedelta import relativedelta

from tests.oracle.extracts import DataCoverage, Row, wait_of

DAY = timedelta(days=1)
OUTPATIENT = ("primary_care", "mental_health", "substance_services")
FOR_EVER = date.max

#: Services, age group, first and last day of the assessment, how long care may take.
LIMITS: tuple[tuple[tuple[str, ...], str, date, date, relativedelta], ...] = (
    (OUTPATIENT, "all", date(2005, 3, 1), date(2023, 8, 31), relativedelta(months=3)),
    (OUTPATIENT, "all", date(2023, 9, 1), date(2024, 12, 31), relativedelta(days=14)),
    (OUTPATIENT, "0-22", date(2025, 1, 1), FOR_EVER, relativedelta(days=14)),
    (OUTPATIENT, "23+", date(2025, 1, 1), FOR_EVER, relativedelta(months=3)),
    (("oral_health",), "all", date(2005, 3, 1), date(2023, 8, 31), relativedelta(months=6)),
    (("oral_health",), "all", date(2023, 9, 1), date(2024, 10, 31), relativedelta(months=4)),
    (("oral_health",), "all", date(2024, 11, 1), date(2024, 12, 31), relativedelta(months=3)),
    (("oral_health",), "0-22", date(2025, 1, 1), FOR_EVER, relativedelta(months=3)),
    (("oral_health",), "23+", date(2025, 1, 1), FOR_EVER, relativedelta(months=6)),
    (("adult_psychiatry",), "0-22", date(2005, 3, 1), FOR_EVER, relativedelta(months=3)),
    (("adult_psychiatry",), "23+", date(2005, 3, 1), FOR_EVER, relativedelta(months=6)),
    (("specialised_care",), "all", date(2005, 3, 1), FOR_EVER, relativedelta(months=6)),
)
WITH_LIMIT = frozenset({"physiotherapy", *(service for services, *_ in LIMITS for service in services)})

SUPPLY = ("unit", "service", "area")
#: The groups of people in vulnerable positions: the services, and from which band of age on.
VULNERABLE: dict[str, tuple[tuple[str, ...], str | None]] = {
    "oral_health_75": (("oral_health",), "75+"),
    "mental_health_substance": (("mental_health", "substance_services", "opioid_substitution"), None),
    "family_centre": (("family_services", "child_health_clinic"), None),
}
VISIT_SPLITS = (
    *("unit", "service", "profession", "mode", "mode_code", "first_visit", "producer"),
    *("age_group", "age_band", "municipality", "area"),
)
QUEUE_SPLITS = ("unit", "service", "profession", "producer", "age_group", "age_band", "municipality", "area")
#: A unit with data this many periods back is missed when it falls silent.
LOOK_BACK = {"visits": 4}
GRAINS = ("week", "month", "quarter", "year")


@dataclass(frozen=True)
class Count:
    """A counted queue of a unit and service on a date; blank where it was not counted."""

    on: date
    area: str
    unit: str
    service: str
    waiting: int | None
    over_limit: int | None


@dataclass(frozen=True)
class Asked:
    """A question: an indicator by a grain, split, and narrowed to rows whose values are among those listed."""

    indicator: str
    by: str = "week"
    splits: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    area: str = "18"
    date_from: date | None = None
    date_to: date | None = None
    rows_only: bool = False


@dataclass(frozen=True)
class Result:
    """One row of an answer; None is blank."""

    period: str
    period_start: date
    period_end: date
    split: tuple[str, ...]
    value: float | None
    numerator: int | None
    denominator: int | None
    coverage: float | None
    status: str
    left_out: int | None = None
    missing: frozenset[tuple[str, str, float | None, date | None]] | None = None
    low: float | None = None
    high: float | None = None


@cache
def start_of(on: date, by: str) -> date:
    """The first day of the period a day lies in."""
    if by == "week":
        return on - timedelta(days=on.isoweekday() - 1)
    if by == "month":
        return date(on.year, on.month, 1)
    if by == "quarter":
        return date(on.year, {1: 1, 2: 4, 3: 7, 4: 10}[-(-on.month // 3)], 1)
    return date(on.year, 1, 1)


def next_start(start: date, by: str) -> date:
    """The first day of the period after the one that starts on a day."""
    steps = {
        "week": timedelta(days=7),
        "month": relativedelta(months=1),
        "quarter": relativedelta(months=3),
        "year": relativedelta(years=1),
    }
    return start + steps[by]


def name_of(start: date, by: str) -> str:
    """`2025-W10`, `2025-03`, `2025-Q1` or `2025`."""
    if by == "week":
        thursday = start + timedelta(days=3)
        first = date(thursday.year, 1, 4)
        number = (thursday - start_of(first, "week")).days // 7 + 1
        return f"{thursday.year}-W{number:02d}"
    if by == "month":
        return f"{start.year}-{start.month:02d}"
    if by == "quarter":
        return f"{start.year}-Q{(start.month - 1) // 3 + 1}"
    return f"{start.year}"


def last_day(service: str, age_group: str, assessed: date, with_referral: str = "unknown") -> date | None:
    """The last day care may be given on; None where no limit applies.

    Physiotherapy known to be without a referral is as outpatient care, all other has three months.
    """
    if service == "physiotherapy":
        if with_referral == "no":
            return last_day("primary_care", age_group, assessed)
        return assessed + relativedelta(months=3) if assessed >= date(2005, 3, 1) else None
    for services, ages, first, last, allowed in LIMITS:
        if service in services and ages in ("all", age_group) and first <= assessed <= last:
            return assessed + allowed
    return None


def percentile(values: Iterable[int], share: float) -> float:
    """Interpolated linearly between the two nearest of the sorted values."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _per_cent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


# One measure a kind of completed care: the rows it is about, and (value, numerator, denominator, coverage,
# left out) of some of them; of a share of which only a range is known the range follows in the place of value and numerator.
Figures = (
    tuple[float | None, int | None, int | None, float | None, int | None]
    | tuple[None, None, int, float, None, float, float]
)


def _non_urgent_curative(row: Row) -> bool:
    return row.urgency == "non_urgent" and row.nature == "curative"


def group_of(row: Row) -> str | None:
    """The vulnerable group a visit is of; None where it is of none."""
    for code, (services, band) in VULNERABLE.items():
        if row.service in services and band in (None, row.age_band):
            return code
    return None


def judged_until(row: Row) -> date | None:
    """The last day allowed of a visit the limit can be held against."""
    if row.first_visit != "yes" or wait_of(row) is None:
        return None
    return last_day(row.service, row.age_group, row.assessed, row.with_referral)


def _share_within_7_days(rows: Sequence[Row]) -> Figures:
    waits = [wait for wait in map(wait_of, rows) if wait is not None]
    met = sum(1 for wait in waits if wait <= 7)
    return _per_cent(met, len(waits)), met, len(waits), _per_cent(len(waits), len(rows)), None


def _share_within_limit(rows: Sequence[Row]) -> Figures:
    judged = [(row, limit) for row in rows if (limit := judged_until(row)) is not None]
    met = sum(1 for row, limit in judged if row.on <= limit)
    return _per_cent(met, len(judged)), met, len(judged), _per_cent(len(judged), len(rows)), None


def _share_with_wait(rows: Sequence[Row]) -> Figures:
    known = sum(1 for row in rows if wait_of(row) is not None)
    return _per_cent(known, len(rows)), known, len(rows), 100.0 if rows else None, None


def _share_remote(rows: Sequence[Row]) -> Figures:
    """R50 to R56 and what is known to be done electronically or by telephone."""
    remote = sum(1 for row in rows if row.mode == "remote")
    return _per_cent(remote, len(rows)), remote, len(rows), 100.0 if rows else None, None


def _share_electronic(rows: Sequence[Row]) -> Figures:
    """R56 for sure; of R50 to R55 nobody knows whether it was a telephone call or a video."""
    sure = sum(1 for row in rows if row.mode_code in ("R56", "electronic"))
    either = sum(1 for row in rows if row.mode_code in ("R50", "R51", "R52", "R55"))
    if either:
        ends = 100 * sure / len(rows), 100 * (sure + either) / len(rows)
        return None, None, len(rows), 100.0, None, *ends
    return _per_cent(sure, len(rows)), sure, len(rows), 100.0 if rows else None, None


def _share_over_7_days(rows: Sequence[Row]) -> Figures:
    waits = [wait for wait in map(wait_of, rows) if wait is not None]
    longer = sum(1 for wait in waits if wait > 7)
    return _per_cent(longer, len(waits)), longer, len(waits), _per_cent(len(waits), len(rows)), None


def _of(service: str) -> Callable[[Row], bool]:
    return lambda row: row.service == service


def wait_percentile(share: float) -> Callable[[Sequence[Row]], Figures]:
    def measure(rows: Sequence[Row]) -> Figures:
        waits = [wait for wait in map(wait_of, rows) if wait is not None]
        value = percentile(waits, share) if waits else None
        return value, None, len(waits), _per_cent(len(waits), len(rows)), None

    return measure


def number_of_visits(rows: Sequence[Row]) -> Figures:
    return len(rows), None, None, None, None


def number_of_patients(rows: Sequence[Row]) -> Figures:
    known = [row.person for row in rows if row.person is not None]
    return len(set(known)), None, None, _per_cent(len(known), len(rows)), len(rows) - len(known)


def _share_of_75(rows: Sequence[Row]) -> Figures:
    """Of the people, each once, those who were seen at an age of 75 or more."""
    people = {row.person for row in rows if row.person is not None}
    known = {row.person for row in rows if row.person is not None and row.age_band != "unknown"}
    old = {row.person for row in rows if row.person is not None and row.age_band == "75+"}
    share = _per_cent(len(old), len(known))
    return share, len(old), len(known), _per_cent(len(known), len(people)), None


#: From which coverage on a health centre's guarantee is monitored, per cent.
MONITORED_FROM = 50


def _share_of_centres(rows: Sequence[Row]) -> Figures:
    """Of the health centres with visits, those with an assessment date at half of the visits it is asked of, or more."""
    centres: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.unit_kind == "health_centre":
            centres[row.unit].append(row)
    monitored = 0
    for every in centres.values():
        mine = [row for row in every if _non_urgent_curative(row) and row.service == "primary_care"]
        with_wait = sum(1 for row in mine if wait_of(row) is not None)
        monitored += bool(mine) and with_wait * 100 >= MONITORED_FROM * len(mine)
    share = _per_cent(monitored, len(centres))
    return share, monitored, len(centres), 100.0 if centres else None, None


@dataclass(frozen=True)
class Measure:
    """The rows an indicator of completed care is about, and what is made of them."""

    concerns: Callable[[Row], bool]
    figures: Callable[[Sequence[Row]], Figures]


COMPLETED: dict[str, Measure] = {
    "seven_day_access": Measure(_non_urgent_curative, _share_within_7_days),
    "seven_day_access_vulnerable": Measure(
        lambda row: _non_urgent_curative(row) and group_of(row) is not None, _share_within_7_days
    ),
    "access_within_limit": Measure(
        lambda row: _non_urgent_curative(row) and row.first_visit != "no" and row.service in WITH_LIMIT,
        _share_within_limit,
    ),
    "access_data_coverage": Measure(_non_urgent_curative, _share_with_wait),
    "wait_median": Measure(_non_urgent_curative, wait_percentile(0.5)),
    "wait_p90": Measure(_non_urgent_curative, wait_percentile(0.9)),
    "oral_health_wait_days": Measure(
        lambda row: _non_urgent_curative(row) and row.service == "oral_health", wait_percentile(0.9)
    ),
    "health_centre_wait_days": Measure(
        lambda row: _non_urgent_curative(row) and row.service == "primary_care", wait_percentile(0.9)
    ),
    "visits": Measure(lambda row: True, number_of_visits),
    "patients": Measure(lambda row: True, number_of_patients),
    "electronic_contacts": Measure(lambda row: True, _share_electronic),
    "remote_contacts": Measure(lambda row: True, _share_remote),
    "over_75_oral_health_share": Measure(lambda row: row.service == "oral_health", _share_of_75),
    "adult_psychiatry_visits": Measure(_of("adult_psychiatry"), number_of_visits),
    "adult_psychiatry_patients": Measure(_of("adult_psychiatry"), number_of_patients),
    "substance_rehab_visits": Measure(_of("substance_services"), number_of_visits),
    "substance_rehab_clients": Measure(_of("substance_services"), number_of_patients),
    "opioid_substitution_visits": Measure(_of("opioid_substitution"), number_of_visits),
    "opioid_substitution_clients": Measure(_of("opioid_substitution"), number_of_patients),
    "child_health_clinic_visits": Measure(_of("child_health_clinic"), number_of_visits),
    "child_health_clinic_patients": Measure(_of("child_health_clinic"), number_of_patients),
    "school_psych_nurse_visits": Measure(_of("school_psych_nurse"), number_of_visits),
    "school_psych_nurse_clients": Measure(_of("school_psych_nurse"), number_of_patients),
    "oral_health_wait_over_7d": Measure(
        lambda row: _non_urgent_curative(row) and row.service == "oral_health", _share_over_7_days
    ),
    "oral_health_access_data_coverage": Measure(
        lambda row: (
            _non_urgent_curative(row) and row.service == "oral_health" and row.profession == "dentist"
        ),
        _share_with_wait,
    ),
    "guarantee_monitoring_coverage": Measure(
        lambda row: row.unit_kind == "health_centre",
        _share_of_centres,
    ),
}


def _waits_for_resources(row: Row) -> bool:
    return row.urgency == "non_urgent" and row.reason != "own_wish"


def _length_so_far(row: Row) -> int:
    start = next(day for day in (row.assessed, row.queued) if day is not None and day <= row.on)
    return (row.on - start).days


def _limit_so_far(row: Row) -> date | None:
    return (
        None
        if row.assessed is None or row.assessed > row.on
        else last_day(row.service, row.age_group, row.assessed)
    )


def _longest(rows: Sequence[Row]) -> tuple[float | None, float | None]:
    return (max(map(_length_so_far, rows)) if rows else None), None


def _over_limit(rows: Sequence[Row]) -> tuple[float | None, float | None]:
    judged = [(row, limit) for row in rows if (limit := _limit_so_far(row)) is not None]
    return sum(1 for row, limit in judged if row.on > limit), _per_cent(len(judged), len(rows))


def entries(rows: Sequence[Row]) -> tuple[float | None, float | None]:
    return len(rows), None


def _limit_applies(row: Row) -> bool:
    return _waits_for_resources(row) and row.reason != "medical" and row.service in WITH_LIMIT


#: Indicator → the entries it is about, (value, coverage) of some of them, and what a counted queue says of it.
WAITING: dict[str, tuple[Callable[[Row], bool], Callable[[Sequence[Row]], tuple], str | None]] = {
    "queue_length": (_waits_for_resources, entries, "waiting"),
    "queue_over_limit": (_limit_applies, _over_limit, "over_limit"),
    "service_debt_visible": (_limit_applies, _over_limit, "over_limit"),
    "queue_longest_wait": (_waits_for_resources, _longest, None),
    "queue_urgent": (lambda row: row.urgency != "non_urgent", entries, None),
    "queue_own_wish": (
        lambda row: row.urgency == "non_urgent" and row.reason == "own_wish",
        entries,
        None,
    ),
}
INDICATORS = (*COMPLETED, *WAITING)
#: Of these, services without a limit are no part.
OF_LIMIT = ("queue_over_limit", "service_debt_visible")
#: Area, unit and service of a queue.
Queue = tuple[str, str, str]
#: Services that no unit of the demo extracts gives.
NOT_IN_DEMO = (
    *("opioid_substitution_visits", "opioid_substitution_clients"),
    *("school_psych_nurse_visits", "school_psych_nurse_clients"),
)
IN_DEMO = tuple(name for name in INDICATORS if name not in NOT_IN_DEMO)


#: Indicators of some services: only their visits tell which units a period needs.
OF_SERVICES = {
    "oral_health_wait_days": ("oral_health",),
    "health_centre_wait_days": ("primary_care",),
    "over_75_oral_health_share": ("oral_health",),
    "guarantee_monitoring_coverage": ("primary_care",),
    "seven_day_access_vulnerable": tuple(
        service for services, _ in VULNERABLE.values() for service in services
    ),
    **dict.fromkeys(("adult_psychiatry_visits", "adult_psychiatry_patients"), ("adult_psychiatry",)),
    **dict.fromkeys(("substance_rehab_visits", "substance_rehab_clients"), ("substance_services",)),
    **dict.fromkeys(("opioid_substitution_visits", "opioid_substitution_clients"), ("opioid_substitution",)),
    **dict.fromkeys(("child_health_clinic_visits", "child_health_clinic_patients"), ("child_health_clinic",)),
    **dict.fromkeys(("school_psych_nurse_visits", "school_psych_nurse_clients"), ("school_psych_nurse",)),
    **dict.fromkeys(("oral_health_wait_over_7d", "oral_health_access_data_coverage"), ("oral_health",)),
}

#: What an indicator is about already, and is therefore not split or filtered by.
FIXED = {
    "oral_health_wait_days": ("service",),
    "health_centre_wait_days": ("service",),
    "electronic_contacts": ("mode", "mode_code"),
    "remote_contacts": ("mode", "mode_code"),
    "over_75_oral_health_share": tuple(
        name for name in VISIT_SPLITS if name not in ("unit", "municipality", "area")
    ),
    "guarantee_monitoring_coverage": tuple(name for name in VISIT_SPLITS if name != "area"),
}


def splits_of(indicator: str) -> tuple[str, ...]:
    """What an indicator can be split by."""
    possible = VISIT_SPLITS if indicator in COMPLETED else QUEUE_SPLITS
    if indicator == "seven_day_access_vulnerable":
        possible = ("patient_group", *possible)
    return tuple(name for name in possible if name not in FIXED.get(indicator, ()))


class Oracle:
    """Answers questions from what the extracts say. `ask` gives the rows in the order of time.

    `ends` has, per unit that master data says has ended, its last day, None where it has a successor and no day.
    """

    def __init__(
        self, known: DataCoverage, counts: Sequence[Count] = (), ends: Mapping[str, date | None] | None = None
    ) -> None:
        self.known, self.counts, self.ends = known, tuple(counts), ends or {}
        self._concerned: dict[str, list[Row]] = {}
        self._days: dict[str, frozenset[date]] = {}
        self._present: dict[tuple, dict[tuple[str, ...], dict[date, set[str]]]] = {}
        self._covered: dict[tuple[str, date, date], tuple[bool, bool]] = {}

    def ask(self, asked: Asked) -> list[Result]:
        """The answer to a question."""
        return self._completed(asked) if asked.indicator in COMPLETED else self._waiting(asked)

    # Completed care

    def _completed(self, asked: Asked) -> list[Result]:
        measure = COMPLETED[asked.indicator]
        supply = (
            asked
            if asked.indicator not in OF_SERVICES
            else replace(asked, where=(*asked.where, ("service", OF_SERVICES[asked.indicator])))
        )
        presence = self._presence("visits", supply)
        units = {unit for seen in presence.values() for by_start in seen.values() for unit in by_start}
        covered = [day for unit in units for stretch in self.known.covered.get(unit, ()) for day in stretch]
        groups: dict[tuple[date, tuple[str, ...]], list[Row]] = defaultdict(list)
        for row in self._rows(asked.indicator, self.known.visits, measure.concerns):
            if fits(row, asked):
                split = tuple(value_of(row, name) for name in asked.splits)
                groups[start_of(row.on, asked.by), split].append(row)
        splits = sorted({split for _, split in groups}) if asked.splits else [()]
        results = []
        for start in _starts(asked, covered):
            for split in splits:
                rows = groups.get((start, split), [])
                if asked.splits and not rows:
                    continue
                present = presence.get(_supply(asked, split), {})
                covered_some, complete = self._standing(start, asked.by, present)
                value, numerator, denominator, coverage, left_out, *ends = measure.figures(rows)
                status = "ok" if complete else "incomplete_period"
                if not covered_some and not rows:
                    value = numerator = denominator = coverage = left_out = None
                    status = "no_data"
                elif value is None and not ends:
                    status = "no_denominator"
                figures = (value, numerator, denominator, coverage, status)
                result = _result(asked, start, split, *figures, left_out=left_out if rows else None)
                results.append(replace(result, low=ends[0], high=ends[1]) if ends else result)
        return results

    def _rows(self, name: str, rows: Sequence[Row], concerns: Callable[[Row], bool]) -> list[Row]:
        if name not in self._concerned:
            self._concerned[name] = [row for row in rows if concerns(row)]
        return self._concerned[name]

    def _presence(self, quantity: str, asked: Asked) -> dict[tuple[str, ...], dict[date, set[str]]]:
        """Which units have data, by the unit, service and area of a row of the answer and by period."""
        supply = [name for name in asked.splits if name in SUPPLY]
        asks = (quantity, *supply, asked.by, asked.area, *(part for part in asked.where if part[0] in SUPPLY))
        if asks not in self._present:
            presence: dict = defaultdict(lambda: defaultdict(set))
            for row in getattr(self.known, quantity):
                if fits(row, asked, SUPPLY):
                    of = tuple(getattr(row, name) for name in supply)
                    presence[of][start_of(row.on, asked.by)].add(row.unit)
            self._present[asks] = presence
        return self._present[asks]

    def _standing(self, start: date, by: str, present: dict[date, set[str]]) -> tuple[bool, bool]:
        """Whether some unit a period needs covers some day of it, and whether they all cover every day."""
        end = next_start(start, by) - DAY
        required: set[str] = set()
        before = start
        for _ in range(LOOK_BACK["visits"]):
            before = start_of(before - DAY, by)
            required |= present.get(before, set())
        required = required or present.get(start, set())
        if not required:
            units = {unit for seen in present.values() for unit in seen}
            required = {unit for unit in units if self._covers(unit, start, end)[0]}
        covered = [self._covers(unit, start, end) for unit in required]
        return any(some for some, _ in covered), bool(covered) and all(whole for _, whole in covered)

    def _covers(self, unit: str, first: date, last: date) -> tuple[bool, bool]:
        """Whether some day, and whether every day, of a stretch is covered for a unit."""
        if unit not in self._days:
            self._days[unit] = frozenset(
                begin + timedelta(days=number)
                for begin, end in self.known.covered.get(unit, ())
                for number in range((end - begin).days + 1)
            )
        if (unit, first, last) not in self._covered:
            days = self._days[unit]
            inside = [first + timedelta(days=number) in days for number in range((last - first).days + 1)]
            self._covered[unit, first, last] = any(inside), all(inside)
        return self._covered[unit, first, last]

    # Waiting

    def _waiting(self, asked: Asked) -> list[Result]:
        concerns, figures, _ = WAITING[asked.indicator]
        counted = _number_of_counts(asked)
        counts = self._counts_behind(asked)
        queues = self._queues(asked, counts)
        units = {unit for _, unit, _ in queues}
        # Counts that cannot stand in say who waits, but begin no period of their own.
        told = units if counted else {unit for _, unit, _ in self._queues(asked, [])}
        days = [day for unit in told for day in self.known.snapshots.get(unit, ())]
        days += [count.on for count in self.counts if count.unit in units and counts and counted]
        results = []
        for start in _starts(asked, days):
            end = next_start(start, asked.by) - DAY
            groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
            for row in self._last_entries(units, start, end):
                if concerns(row) and fits(row, asked):
                    groups[tuple(getattr(row, name) for name in asked.splits)].append(row)
            stand_in = self._stand_ins(asked, counts, counted, start, end)
            for split in sorted({*groups, *stand_in}) if asked.splits else [()]:
                mine = [queue for queue in queues if _queue_fits(queue, asked, split)]
                lacking = self._lacking(asked, counts, queues, mine, start, end)
                value, coverage = figures(groups.get(split, []))
                value = value if split not in stand_in else (value or 0) + stand_in[split]
                status = "incomplete_period" if lacking else "ok"
                if not any(self._numbers(queue, counts, counted, start, end) for queue in mine):
                    value, coverage, status = None, None, "no_data"
                elif value is None:
                    status = "no_denominator"
                result = _result(asked, start, split, value, None, None, coverage, status)
                results.append(replace(result, missing=frozenset(lacking)))
        return results

    def _queues(self, asked: Asked, counts: Sequence[Count]) -> list[Queue]:
        """Every unit and service that was ever counted, by rows or counts."""
        rows = {(row.area, row.unit, row.service) for row in self.known.queue if fits(row, asked, SUPPLY)}
        return sorted(rows | {(count.area, count.unit, count.service) for count in counts})

    def _numbers(
        self, queue: Queue, counts: Sequence[Count], counted: str | None, start: date, end: date
    ) -> list[date]:
        """The days of a period on which a queue's number is known."""
        days = [day for day in self._row_days(queue) if start <= day <= end]
        return days + [
            count.on
            for count in counts
            if (count.area, count.unit, count.service) == queue
            and start <= count.on <= end
            and counted is not None
            and getattr(count, counted) is not None
        ]

    def _row_days(self, queue: Queue) -> list[date]:
        return list(self.known.snapshots.get(queue[1], ()))

    def _lacking(
        self,
        asked: Asked,
        counts: Sequence[Count],
        queues: Sequence[Queue],
        mine: Sequence[Queue],
        start: date,
        end: date,
    ) -> list[tuple[str, str, float | None, date | None]]:
        """The queues that a period's sum lacks: unit, service, newest number and its day."""
        counted = _number_of_counts(asked)
        known = [day for queue in mine for day in self._numbers(queue, counts, counted, start, end)]
        found = []
        for queue in mine:
            _, unit, service = queue
            if self._numbers(queue, counts, counted, start, end):
                continue
            if asked.indicator in OF_LIMIT and service not in WITH_LIMIT:
                continue
            if unit in self.ends and (
                self.ends[unit] is None or self.ends[unit] < (max(known) if known else end)
            ):
                continue
            told = [
                (count.on, False, count)
                for count in counts
                if (count.area, count.unit, count.service) == queue and count.on <= end
            ]
            told += [(day, True, None) for day in self._row_days(queue) if day <= end]
            if not told or not self._begun(queue, counts, end):
                continue
            day, by_rows, count = max(told, key=lambda one: one[:2])
            waiting = self._by_snapshot.get((unit, day), [])
            others = [other for other in queues if other[:2] == queue[:2]]
            unit_told = any(self._tellings(other, counts, start, end) for other in others)
            empty = not [row for row in waiting if row.service == service] if by_rows else count.waiting == 0
            if (by_rows and not waiting) or (empty and (unit_told or not by_rows)):
                continue
            found.append((empty, self._newest(asked, queue, counts, end)))
        waiting_units = {told[0] for empty, told in found if not empty}
        return [told for empty, told in found if not empty or told[0] not in waiting_units]

    def _begun(self, queue: Queue, counts: Sequence[Count], end: date) -> bool:
        rows = any(row.on <= end and (row.area, row.unit, row.service) == queue for row in self.known.queue)
        return rows or any(
            count.on <= end and (count.area, count.unit, count.service) == queue for count in counts
        )

    def _tellings(self, queue: Queue, counts: Sequence[Count], start: date, end: date) -> bool:
        """Whether anything, a blank count too, was said of a queue in a period."""
        days = self._row_days(queue) + [
            count.on for count in counts if (count.area, count.unit, count.service) == queue
        ]
        return any(start <= day <= end for day in days)

    def _newest(
        self, asked: Asked, queue: Queue, counts: Sequence[Count], end: date
    ) -> tuple[str, str, float | None, date | None]:
        """The newest known number of a queue up to a day, and when it was counted."""
        concerns, figures, _ = WAITING[asked.indicator]
        counted = _number_of_counts(asked)
        _, unit, service = queue
        told = [
            (count.on, False, float(getattr(count, counted)))
            for count in counts
            if (count.area, count.unit, count.service) == queue
            and count.on <= end
            and counted is not None
            and getattr(count, counted) is not None
        ]
        for day in self._row_days(queue):
            if day <= end:
                rows = [row for row in self._by_snapshot.get((unit, day), []) if row.service == service]
                rows = [row for row in rows if concerns(row) and fits(row, asked)]
                told.append((day, True, float(figures(rows)[0] or 0)))
        if not told:
            return unit, service, None, None
        day, _, number = max(told)
        return unit, service, number, day

    def _last_entries(self, units: Iterable[str], start: date, end: date) -> list[Row]:
        """The entries of each unit's last snapshot in a period."""
        found = []
        for unit in units:
            inside = [day for day in self.known.snapshots.get(unit, ()) if start <= day <= end]
            if inside:
                found += self._by_snapshot.get((unit, max(inside)), ())
        return found

    @cached_property
    def _by_snapshot(self) -> dict[tuple[str, date], list[Row]]:
        found: dict[tuple[str, date], list[Row]] = defaultdict(list)
        for row in self.known.queue:
            found[row.unit, row.on].append(row)
        return found

    def _counts_behind(self, asked: Asked) -> list[Count]:
        """Counted queues of the units and services asked for, whether or not their numbers can answer."""
        return [
            count
            for count in self.counts
            if asked.area in ("all", count.area)
            and all(getattr(count, name) in values for name, values in asked.where if name in SUPPLY)
        ]

    def _stand_ins(
        self, asked: Asked, counts: Sequence[Count], counted: str | None, start: date, end: date
    ) -> dict[tuple[str, ...], int]:
        """Counts by split: the last of each unit and service in the period that has no rows in it."""
        newest: dict[tuple[str, str], Count] = {}
        if counted is None:
            return {}
        for count in sorted(counts, key=lambda count: count.on):
            rows = any(start <= day <= end for day in self.known.snapshots.get(count.unit, ()))
            if start <= count.on <= end and not rows and getattr(count, counted) is not None:
                newest[count.unit, count.service] = count
        found: dict[tuple[str, ...], int] = defaultdict(int)
        for count in newest.values():
            found[tuple(getattr(count, name) for name in asked.splits)] += getattr(count, counted)
        return dict(found)


def fits(row: Row, asked: Asked, names: Sequence[str] | None = None) -> bool:
    """Whether a row passes the question's filters, or those of some dimensions alone."""
    if asked.area != "all" and row.area != asked.area:
        return False
    return all(
        value_of(row, name) in values for name, values in asked.where if names is None or name in names
    )


def value_of(row: Row, name: str) -> str | None:
    """A row's value of a split."""
    return group_of(row) if name == "patient_group" else getattr(row, name)


def _number_of_counts(asked: Asked) -> str | None:
    """What a counted queue says of an indicator; nothing where it cannot tell what is asked apart.

    Counts know unit, service and area: not who waits, why, or how long.
    """
    apart = any(name not in SUPPLY for name in (*asked.splits, *dict(asked.where)))
    return None if apart else WAITING[asked.indicator][2]


def _queue_fits(queue: Queue, asked: Asked, split: tuple[str, ...]) -> bool:
    """Whether a queue is behind a row of the answer, as far as it is split by area, unit and service."""
    of = dict(zip(("area", "unit", "service"), queue, strict=True))
    return all(of[name] == value for name, value in zip(asked.splits, split, strict=True) if name in of)


def _supply(asked: Asked, split: tuple[str, ...]) -> tuple[str, ...]:
    """The unit, service and area of a row of the answer, as far as it is split by them."""
    return tuple(value for name, value in zip(asked.splits, split, strict=True) if name in SUPPLY)


def _starts(asked: Asked, data_coverage: Sequence[date]) -> list[date]:
    """The periods asked for: without dates, from the first to the last known day."""
    first = asked.date_from or min(data_coverage, default=None)
    last = asked.date_to or max(data_coverage, default=None)
    if first is None or last is None:
        return []
    found, start = [], start_of(first, asked.by)
    while start <= last:
        found.append(start)
        start = next_start(start, asked.by)
    return found


def _result(
    asked: Asked,
    start: date,
    split: tuple[str, ...],
    value: float | None,
    numerator: int | None,
    denominator: int | None,
    coverage: float | None,
    status: str,
    left_out: int | None = None,
) -> Result:
    end = next_start(start, asked.by) - DAY
    name = name_of(start, asked.by)
    return Result(name, start, end, split, value, numerator, denominator, coverage, status, left_out)
