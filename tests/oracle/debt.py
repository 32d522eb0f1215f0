"""The hidden service debt put together the slow and obvious way: from the oracle's own months of visits and its own
reading of published years.

Written from the contract alone. Which published counts are visits of a service, and which tell of its demand, is typed
anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tests.oracle import figures as published
from tests.oracle.comparisons import owed
from tests.oracle.extracts import DAY
from tests.oracle.figures import COUNTRY, CountedAnswer, Figure, fitting, of_stretch
from tests.oracle.model import COMPLETED, Asked, Oracle, Result, name_of, next_start, start_of

ADJUSTED = "service_debt_hidden_adjusted"
INDICATORS = ("service_debt_hidden", ADJUSTED)
BASELINE, SINCE = 2019, date(2020, 3, 1)
PUBLISHED = (
    *("adult_psychiatry_visits", "child_health_clinic_visits", "opioid_substitution_visits"),
    *("school_psych_nurse_visits", "substance_rehab_visits"),
)
#: Published counts of what comes in and of people in care, each with the visits it is published beside.
REFERRED = (("adult_psychiatry_referrals", "adult_psychiatry_visits"), ("child_welfare_notifications", ""))
SEEN = (
    *(("adult_psychiatry_patients", "adult_psychiatry_visits"),),
    *(("child_health_clinic_patients", "child_health_clinic_visits"),),
    *(("opioid_substitution_clients", "opioid_substitution_visits"),),
    *(("school_psych_nurse_clients", "school_psych_nurse_visits"),),
    *(("substance_rehab_clients", "substance_rehab_visits"), ("unemployed_work_ability_clients", "")),
)


@dataclass(frozen=True)
class Step:
    """A month or year since the disturbance: whether it could be compared, and what is owed by its last day."""

    last: date
    compared: bool
    owed: float


@dataclass(frozen=True)
class Ledger:
    """What one series of an area's service owes, from its first month or year since the disturbance on."""

    area: str
    service: str
    first: date
    steps: tuple[Step, ...]


def ledger(
    area: str, service: str, results: Sequence[Result], by: str, demands: Iterable[Sequence[Result]] | None
) -> Ledger | None:
    """The ledger of counts by month or year; None where none of them can be compared.

    With `demands` it is that against the first of them that can be compared; without any such nothing can.
    """
    found = owed(results, by, BASELINE, SINCE)
    if not any(expected is not None and done is not None for _, expected, done, _ in found):
        return None
    if demands is not None:
        nothing = [(start, None, done, 0.0) for start, _, done, _ in found]
        held = (owed(results, by, BASELINE, SINCE, demand=one) for one in demands)
        found = next((one for one in held if any(None not in step for step in one)), nothing)
    steps = tuple(
        Step(next_start(start, by) - DAY, expected is not None and done is not None, debt)
        for start, expected, done, debt in found
    )
    return Ledger(area, service, found[0][0], steps)


def carried_on(oracle: Oracle, mine: Sequence[Figure], asked: Asked) -> list[Result]:
    """A published count with the rows that carry it on: of a period what tells the whole of it, rows first, else a part."""
    rows = oracle.ask(asked) if asked.indicator in COMPLETED else []
    told: dict[date, list[Result]] = defaultdict(list)
    for result in (*rows, *published.ask(mine, asked)):
        told[result.period_start].append(result)
    return [
        next((one for wanted in ("ok", "") for one in told[start] if wanted in one.status and one.status != "no_data"),
             told[start][0])
        for start in sorted(told)
    ]  # fmt: skip


def named_service(figures: Sequence[Figure]) -> str:
    """One count is one series: it is of the service it names, of none where it names several."""
    named = sorted({figure.service for figure in figures if figure.service})
    return named[0] if len(named) == 1 else "unknown"


def came_in(
    oracle: Oracle, figures: Sequence[Figure], area: str, service: str, by: str, visits: str
) -> Iterator[Sequence[Result]]:
    """What tells of demand, the best first: what came in, then people; published in one table with the visits first.

    Referrals from rows are none here. `visits` is the published count of the visits, nothing for rows.
    """
    for counts in (REFERRED, SEEN):
        told = []
        for indicator, beside in counts:
            mine = [figure for figure in figures if (figure.indicator, figure.area) == (indicator, area)]
            of_it = bool(visits) and beside == visits
            if mine and (of_it or named_service(mine) == service != "unknown"):
                results = carried_on(oracle, mine, Asked(indicator, by, area=area))
                told.append((not of_it, not visits, indicator, results))
        if counts == SEEN and service != "unknown":
            people = Asked("patients", by, where=(("service", (service,)),), area=area)
            told.append((bool(visits), bool(visits), "patients", oracle.ask(people)))
        yield from (results for *_, results in sorted(told, key=lambda one: one[:3]))


def ledgers(oracle: Oracle, figures: Sequence[Figure], area: str, adjusted: bool = False) -> Iterator[Ledger]:
    """Of an area: services by months of rows where these compare, the others by published years."""
    by_rows = set()
    for service in sorted({row.service for row in oracle.known.visits if row.area == area} - {"unknown"}):
        months = oracle.ask(Asked("visits", "month", where=(("service", (service,)),), area=area))
        demands = came_in(oracle, figures, area, service, "month", "") if adjusted else None
        found = ledger(area, service, months, "month", demands)
        if found:
            by_rows.add(service)
            yield found
    for indicator in PUBLISHED:
        mine = [figure for figure in figures if (figure.indicator, figure.area) == (indicator, area)]
        service = named_service(mine)
        demands = came_in(oracle, figures, area, service, "year", indicator) if adjusted else None
        years = carried_on(oracle, mine, Asked(indicator, "year", area=area)) if mine else []
        found = ledger(area, service, years, "year", demands)
        if found and service not in by_rows:
            yield found


_KEPT: dict[tuple[int, int, str, bool], tuple[object, object, list[Ledger]]] = {}


def _ledgers(oracle: Oracle, figures: Sequence[Figure], area: str, adjusted: bool) -> list[Ledger]:
    """The ledgers of an area, put together once for the many questions to one world."""
    key = (id(oracle), id(figures), area, adjusted)
    if key not in _KEPT:
        _KEPT[key] = (oracle, figures, list(ledgers(oracle, figures, area, adjusted)))
    return _KEPT[key][2]


def ask(oracle: Oracle, figures: Sequence[Figure], asked: Asked) -> list[Result]:
    """What is owed at the end of every period: from the first comparison or figure to the last."""
    names = {*asked.splits, *dict(asked.where)}
    areas = {row.area for row in oracle.known.visits} | {figure.area for figure in figures}
    if asked.area != "all":
        areas &= {asked.area}
    elif "area" not in names:
        areas -= {COUNTRY}
    known = [
        one
        for area in sorted(areas)
        for one in _ledgers(oracle, figures, area, asked.indicator == ADJUSTED)
        if all({"area": one.area, "service": one.service}[name] in values for name, values in asked.where)
    ]
    entered = fitting(figures, asked)
    ends = [step.last for one in known for step in one.steps if step.compared]
    ends += [figure.last for figure in entered]
    first, last = asked.date_from or min(ends, default=None), asked.date_to or max(ends, default=None)
    if first is None or last is None:
        return []
    groups: dict[tuple[str, ...], tuple[list[Ledger], list[Figure]]] = defaultdict(lambda: ([], []))
    for place, one in enumerate((*known, *entered)):
        named = {"area": one.area, "service": one.service or "unknown"}
        groups[tuple(named[name] for name in asked.splits)][place >= len(known)].append(one)
    results, start = [], start_of(first, asked.by)
    while start <= last:
        end = next_start(start, asked.by) - DAY
        for split in sorted(groups) if asked.splits else [()]:
            mine, said = groups[split]
            told = _of_services(mine, start, end) or of_stretch(asked.indicator, said, start, end)
            if told is not None or not asked.splits:
                value, numerator, denominator, status = told or (None, None, None, "no_data")
                place = (name_of(start, asked.by), start, end, split)
                results.append(Result(*place, value, numerator, denominator, None, status))
        start = end + DAY
    return results


def _of_services(known: Sequence[Ledger], start: date, end: date) -> CountedAnswer | None:
    """What services owe by the last day of a stretch, and its status; None where none was compared in the stretch."""
    by_service: dict[tuple[str, str], list[Ledger]] = defaultdict(list)
    for one in known:
        by_service[one.area, one.service].append(one)
    debts, whole = [], True
    for mine in by_service.values():
        if all(one.first > end for one in mine):
            continue
        balances = []
        for one in mine:
            ended = [step for step in one.steps if step.last <= end]
            compared = [step for step in ended if step.compared]
            if compared and compared[-1].last >= start:
                balances.append(compared[-1].owed)
            whole = whole and bool(ended) and ended == compared and ended[-1].last == end
        if balances:
            debts.append(sum(balances))
    if not debts:
        return None
    return sum(debts), None, None, "ok" if whole else "incomplete_period"
