"""Synthetic extracts of Exreport: visits month by month, queues snapshot by snapshot, and referrals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipelines.demo.population import (
    BAD_DATES,
    DIGITAL_CLINIC_OPENS,
    DIRT,
    EXTRACT_DATE,
    IN_PERSON_MODES,
    LAST_DAY,
    LOST_ZERO,
    MODES,
    MONTH_ACTIVITY,
    PROFESSIONS,
    REMOTE_MODES,
    SILENT_FROM,
    SILENT_TO,
    UNKNOWN_MUNICIPALITY,
    Chunk,
    World,
    below,
    choose,
    pick,
    share,
    taken,
)

NO_CONTACT_MODES = ((11, 0.55), (9, 0.30), (10, 0.15))
NO_CONTACT_SHARE, OTHER_MODE_SHARE = 0.045, 0.004
UNKNOWN_MODE = MODES.index("R59")
#: The column that only extracts with several producers have, and what it says.
PRODUCER_HEADER, PRODUCERS = "Tuottaja", ("Oma", "Ostettu", "Palveluseteli")
URGENCIES = ("Kiireetön", "Kiireellinen", "Päivystys", "")
STATES = ("Toteutunut", "Peruttu", "Saapumatta", "Varattu", "Siirretty")
STATE_WEIGHTS = ((0, 0.853), (1, 0.097), (2, 0.045), (3, 0.004), (4, 0.001))
NATURES = ("SH", "TH", "")
FIRSTS = ("K", "E", "")
OWN_WISH = 1
#: The part of those put in a queue who leave it unseen.
LEAVING = 0.12
REASONS = ("Resurssi", "Potilaan oma toive", "Lääketieteellinen", "", "Muu syy")
REASON_WEIGHTS = ((0, 0.865), (1, 0.065), (2, 0.04), (3, 0.028), (4, 0.002))

VISIT_HEADER = (
    "Käyntitunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;Yhteystapa;"
    "Kiireellisyys;Käynnin luonne;Ensikäynti;Yhteydenotto;Hoidon tarpeen arviointi;Ajanvaraus tehty;"
    "Käynti;Tila"
)
QUEUE_HEADER = (
    "Poimintapäivä;Jonotunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;"
    "Kiireellisyys;Hoidon tarpeen arviointi;Jonoon asetettu;Varattu aika;Jonotuksen syy"
)


def visits(world: World) -> Iterator[Chunk]:
    """Visits month by month, then the appointments booked for after the extract."""
    number = 1_000_000
    waiting = entries(world) if world.scale.queues_end_in_visits else None
    average = float(world.activity[world.number(date(2024, 1, 1)) : world.number(date(2026, 1, 1))].mean())
    per_day = world.scale.visits_per_year / 365.25 / average
    months = [date(year, month, 1) for year in range(world.first_day.year, 2026) for month in range(1, 13)]
    for purpose, (start, end) in enumerate(zip(months, [*months[1:], EXTRACT_DATE], strict=True)):
        random = world.random(3, purpose)
        days = np.arange(world.number(start), world.number(end))
        expected = per_day * world.activity[days] * (0.94 + 0.12 * random.random(len(days)))
        day = np.repeat(days, np.floor(expected + random.random(len(days))).astype(np.int64))
        yield _visit_rows(world, random, day, number, waiting)
        number += len(day)
    random = world.random(4)
    ahead = np.arange(world.number(EXTRACT_DATE), world.number(date(2026, 4, 1)))
    thinning = 1.0 - np.arange(len(ahead)) / len(ahead)
    expected = 0.16 * per_day * world.activity[ahead] * thinning * world.is_open[ahead]
    day = np.repeat(ahead, np.floor(expected + random.random(len(ahead))).astype(np.int64))
    yield _visit_rows(world, random, day[world.is_open[day]], number, waiting, booked=True)


# Long because the draws of one row follow one another in a fixed order, on which the bytes of the extract depend.
def _visit_rows(
    world: World,
    random: np.random.Generator,
    day: np.ndarray,
    first_number: int,
    waiting: Entries | None,
    *,
    booked: bool = False,
) -> Chunk:
    """One row per visit on the given days, with the faults a real extract has; some of them end the waits of a queue."""
    n = len(day)
    services = np.array([[service.share for service in world.services]])
    service = np.where(world.is_open[day], choose(random, services, n), 0)
    person = world.clients_of(random, service)
    row = np.where(world.is_open[day], world.rows_of(random, service, person), world.emergency_row)
    urgent = share(random, n, np.array([item.urgent for item in world.services])[service]) & (not booked)
    emergency = ~world.is_open[day] | (urgent & (service == 0) & share(random, n, 0.25))
    urgency = np.where(emergency, 2, np.where(urgent, 1, np.where(share(random, n, 0.006), 3, 0)))
    not_urgent = (urgency == 0) | (urgency == 3)

    profession = world.draw_professions(random, service)

    # Doctors and home visits stay mostly where the client is; nurses move to the telephone and the chat.
    levels = np.array([item.remote for item in world.services])
    remote_share = world.between(levels, service, day)
    is_doctor = profession == PROFESSIONS.index("Lääkäri")
    remote_share = remote_share * np.where(is_doctor, 0.55, np.where(service == 0, 1.22, 1.0))
    remote = share(random, n, np.where(emergency, 0.05, remote_share))
    mode = np.where(remote, pick(random, REMOTE_MODES, n), pick(random, IN_PERSON_MODES, n))
    no_contact = share(random, n, NO_CONTACT_SHARE) & ~emergency
    mode = np.where(no_contact, pick(random, NO_CONTACT_MODES, n), mode)
    mode = np.where(share(random, n, OTHER_MODE_SHARE), MODES.index("R90"), mode)
    since_opening = day - world.number(DIGITAL_CLINIC_OPENS)
    digital = share(random, n, np.clip(0.10 + since_opening / 900, 0.0, 0.45)) & (since_opening >= 0)
    digital &= remote & not_urgent & (service == 0) & ~is_doctor
    row = np.where(digital, world.digital_row, row)

    preventive = np.array([item.preventive for item in world.services])[service]
    nature = np.where(share(random, n, preventive), 1, np.where(share(random, n, 0.004), 2, 0))
    first = np.where(share(random, n, np.array([item.first for item in world.services])[service]), 0, 1)
    first = np.where(share(random, n, 0.035), 2, first)
    state = np.full(n, 3) if booked else pick(random, STATE_WEIGHTS, n)

    wait = world.waits(random, row, profession, remote, day)
    wait = np.where(not_urgent, wait, np.where(share(random, n, 0.85), 0, 1))
    assessed = np.where(wait > 0, world.last_open[day - wait], day)
    if booked:
        assessed = np.minimum(assessed, world.last_open[world.number(LAST_DAY) - below(random, 60, n)])
    if waiting is not None:
        seen, of_entry = waiting.seen_in(row, day, (urgency == 0) & ~no_contact & ((state == 0) | booked))
        person[seen], profession[seen] = waiting.person[of_entry], waiting.profession[of_entry]
        assessed[seen], first[seen] = waiting.queued_on[of_entry], 0
    contact_gap = np.where(share(random, n, 0.82), 0, 1 + below(random, 3, n))
    contacted = np.where(contact_gap > 0, world.last_open[assessed - contact_gap], assessed)
    booked_gap = np.minimum(np.where(share(random, n, 0.75), 0, below(random, 5, n)), day - assessed)
    booked_on = np.where(emergency, world.no_day, assessed + booked_gap)
    if booked:
        booked_on = np.minimum(booked_on, world.number(LAST_DAY))
    covered = share(random, n, world.covered(row, day)) | (urgent & share(random, n, 0.3))
    contacted = np.where(share(random, n, 0.08), world.no_day, contacted)
    visit_minute = 8 * 60 + 15 * below(random, 32, n)
    visit_minute = np.where(emergency, below(random, 24 * 60, n), visit_minute)
    earliest = np.minimum(465, visit_minute)
    same_day_minute = earliest + below(random, visit_minute - earliest + 1)
    assessed_minute = np.where(assessed == day, same_day_minute, 480 + below(random, 450, n))
    assessed_minute = np.where(share(random, n, 0.3), world.no_clock, assessed_minute)

    # Faults, each on its own small share of the rows.
    early = share(random, n, DIRT["visit_before_assessment"]) & (state == 0) & ~booked
    assessed = np.where(early, np.minimum(day + 1 + below(random, 6, n), world.number(LAST_DAY)), assessed)
    assessed = np.where(covered | early, assessed, world.no_day)
    bad_day = world.first_bad_day + below(random, len(BAD_DATES), n)
    bad_assessment = share(random, n, DIRT["bad_assessment_date"])
    assessed = np.where(bad_assessment, bad_day, assessed)
    assessed_minute = np.where(assessed >= world.first_bad_day, world.no_clock, assessed_minute)
    bad_visit = share(random, n, DIRT["bad_visit_date"])
    visit = np.where(bad_visit, bad_day, day)
    visit = np.where((state == 1) & share(random, n, 0.10), world.no_day, visit)
    visit_minute = np.where(visit >= world.first_bad_day, world.no_clock, visit_minute)
    unit = world.unit_of_row[row]
    unit = np.where(share(random, n, DIRT["extra_spaces"]), world.spaced_unit + unit, unit)
    unit = np.where(share(random, n, DIRT["blank_unit"]), world.blank_unit, unit)
    unknown = share(random, n, DIRT["unknown_profession"])
    profession = np.where(unknown, PROFESSIONS.index("Hoitokoordinaattori"), profession)
    mode = np.where(share(random, n, DIRT["unknown_mode"]), UNKNOWN_MODE, mode)
    year, municipality, person = person_columns(world, random, service, person)
    producer = _producers(world, world.random(15, first_number), service)
    if waiting is not None:
        producer[seen] = waiting.producer[of_entry]

    order, contradicts = with_repeats(random, n)
    state = np.where(contradicts, np.where(state[order] == 0, 1, 0), state[order])
    take = pa.array(order)
    columns = (
        pa.array(first_number + np.arange(n)).cast(pa.string()),
        *world.person_columns(person, year, municipality),
        world.unit_texts.take(pa.array(unit)),
        world.unit_name_texts.take(pa.array(unit)),
        world.service_texts.take(pa.array(service)),
        world.profession_texts.take(pa.array(profession)),
        taken(MODES, mode),
        taken(URGENCIES, urgency),
        taken(NATURES, nature),
        taken(FIRSTS, first),
        world.day_column(contacted),
        world.day_column(assessed, assessed_minute),
        world.day_column(booked_on),
        world.day_column(visit, visit_minute),
    )
    return (
        *(column.take(take) for column in columns),
        taken(STATES, state),
        *_producer_column(world, producer[order]),
    )


def _producers(world: World, random: np.random.Generator, service: np.ndarray) -> np.ndarray:
    """The producer of each row, by its service, as a number of `PRODUCERS`."""
    found = np.zeros(len(service), dtype=np.int64)
    drawn = random.random(len(service))
    for code, bought, voucher in world.scale.producers:
        mine = service == world.service_number(code)
        found[mine & (drawn < bought + voucher)] = PRODUCERS.index("Palveluseteli")
        found[mine & (drawn < bought)] = PRODUCERS.index("Ostettu")
    return found


def _producer_column(world: World, producer: np.ndarray) -> Chunk:
    return (taken(PRODUCERS, producer),) if world.scale.producers else ()


def person_columns(
    world: World, random: np.random.Generator, service: np.ndarray, person: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Birth year, municipality and person of each row as numbers of their texts, blank for groups."""
    n = len(person)
    group = share(random, n, np.array([item.group for item in world.services])[service])
    year = world.birth_year[person] - 1800
    wrong_year = np.where(share(random, n, 0.5), 1856 - 1800, 2095 - 1800)
    year = np.where(share(random, n, DIRT["birth_year_out_of_range"]), wrong_year, year)
    municipality = world.municipality[person]
    codes = world.municipality_codes
    no_zero = (municipality == codes.index("074")) & share(random, n, 0.2)
    municipality = np.where(no_zero, codes.index(LOST_ZERO), municipality)
    unknown = share(random, n, DIRT["unknown_municipality"])
    municipality = np.where(unknown, codes.index(UNKNOWN_MUNICIPALITY), municipality)
    return (
        np.where(group, world.no_year, year),
        np.where(group, codes.index(""), municipality),
        np.where(group, world.no_person, person),
    )


def with_repeats(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers with some rows twice, and which of the second ones contradict the first."""
    repeated = np.flatnonzero(share(random, n, DIRT["repeated"]))
    contradicted = np.flatnonzero(share(random, n, DIRT["contradicted"]))
    order = np.concatenate([np.arange(n), repeated, contradicted])
    contradicts = np.arange(len(order)) >= n + len(repeated)
    sorting = np.argsort(order, kind="stable")
    return order[sorting], contradicts[sorting]


@dataclass(frozen=True)
class Entries:
    """People put in a queue, one of each array for each: of which unit's service, when, and the day they are served.

    `random` is where the draws of an extract go on. `ends_in_visit` says of whom a visit tells: not of who left the
    queue, waits by own wish, or is in a queue that grows unnoticed.
    """

    random: np.random.Generator
    service: np.ndarray
    person: np.ndarray
    row: np.ndarray
    profession: np.ndarray
    reason: np.ndarray
    queued_on: np.ndarray
    served: np.ndarray
    ends_in_visit: np.ndarray
    producer: np.ndarray

    def seen_in(self, row: np.ndarray, day: np.ndarray, may_be: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The visits in which entries end, and these entries: of one unit's service and day the first of each together."""
        mine = np.flatnonzero(self.ends_in_visit & (self.served >= day.min()) & (self.served <= day.max()))
        theirs = np.flatnonzero(may_be)
        rows = 1 + int(self.row.max(initial=0))
        keys, wanted = self.served[mine] * rows + self.row[mine], day[theirs] * rows + row[theirs]
        by_key, by_wanted = np.argsort(keys, kind="stable"), np.argsort(wanted, kind="stable")
        keys, wanted = keys[by_key], wanted[by_wanted]
        place = np.arange(len(keys)) - np.searchsorted(keys, keys)
        at = np.searchsorted(wanted, keys) + place
        found = at < np.searchsorted(wanted, keys, "right")
        return theirs[by_wanted[at[found]]], mine[by_key[found]]


def entries(world: World) -> Entries:
    """Everybody who is put in a queue."""
    random = world.random(5)
    # People put in a queue up to a year and a quarter earlier may still wait on the first Monday.
    days = np.arange(world.number(world.first_day) - 460, world.number(EXTRACT_DATE))
    days = days[world.is_open[days]]
    per_day = world.scale.queued_per_day * 365.25 / 252
    # Fewer are assessed in the summer, but not as few as are seen.
    expected = per_day * (0.4 + 0.6 * np.array(MONTH_ACTIVITY)[world.month[days]])
    queued_on = np.repeat(days, np.floor(expected + random.random(len(days))).astype(np.int64))
    n = len(queued_on)
    services = np.array([[service.queued for service in world.services]])
    service = choose(random, services, n)
    person = world.clients_of(random, service)
    row = world.rows_of(random, service, person)
    profession = world.draw_professions(random, service)
    reason = pick(random, REASON_WEIGHTS, n)
    wait = world.waits(random, row, profession, np.zeros(n, dtype=bool), queued_on)
    wait = np.where(reason == OWN_WISH, wait * 2 + 20, np.where(reason == 2, wait * 2, wait))
    delay = world.turned("queue_delay", np.ones(n), row, queued_on)
    served = world.served(queued_on, np.floor(wait * delay).astype(np.int64))
    ends_in_visit = (delay == 1) & (reason != OWN_WISH) & ~share(world.random(5, 1), n, LEAVING)
    producer = _producers(world, world.random(5, 2), service)
    return Entries(
        random, service, person, row, profession, reason, queued_on, served, ends_in_visit, producer
    )


def queue(world: World) -> Iterator[Chunk]:
    """Everybody waiting on each Monday; an entry keeps its id from one snapshot to the next."""
    found = entries(world)
    random, service, row, profession = found.random, found.service, found.row, found.profession
    queued_on, served, reason, n = found.queued_on, found.served, found.reason, len(found.row)
    assessed = np.where(share(random, n, 0.09), world.no_day, queued_on)
    assessed = np.where(share(random, n, DIRT["bad_assessment_date"]), world.first_bad_day, assessed)
    listed_gap = np.where(share(random, n, 0.8), 0, below(random, 3, n))
    listed_on = np.minimum(queued_on + listed_gap, served)
    listed_text = np.where(share(random, n, 0.0006), world.no_day, listed_on)
    known_from = queued_on + np.floor((served - queued_on) * (0.15 + 0.8 * random.random(n))).astype(np.int64)
    known_from = np.where(share(random, n, 0.75), known_from, world.no_day)
    urgency = np.where(share(random, n, 0.04), 1, np.where(share(random, n, 0.004), 3, 0))
    unit = world.unit_of_row[row]
    year, municipality, person = person_columns(world, random, service, found.person)
    entry = pa.array([f"J{number:07d}" for number in range(1, n + 1)])
    minute = np.where(assessed >= world.first_bad_day, world.no_clock, 480 + below(random, 450, n))

    first_monday = world.first_day + timedelta(days=-world.first_day.weekday() % 7)
    for snapshot in range(world.number(first_monday), world.number(EXTRACT_DATE), 7):
        waiting = (listed_on <= snapshot) & (served > snapshot)
        if world.number(SILENT_FROM) <= snapshot <= world.number(SILENT_TO):
            waiting &= unit != world.silent_unit
        chosen = np.flatnonzero(waiting)
        chosen = chosen[np.argsort(unit[chosen], kind="stable")]
        repeats, _ = with_repeats(world.random(6, snapshot), len(chosen))
        # A queue has no contradicting rows: all rows of a snapshot come from one moment.
        chosen = chosen[repeats]
        booked_for = np.where(known_from[chosen] <= snapshot, served[chosen], world.no_day)
        yield (
            world.day_column(np.full(len(chosen), snapshot)),
            entry.take(pa.array(chosen)),
            *world.person_columns(person[chosen], year[chosen], municipality[chosen]),
            world.unit_texts.take(pa.array(unit[chosen])),
            world.unit_name_texts.take(pa.array(unit[chosen])),
            world.service_texts.take(pa.array(service[chosen])),
            world.profession_texts.take(pa.array(profession[chosen])),
            taken(URGENCIES, urgency[chosen]),
            world.day_column(assessed[chosen], minute[chosen]),
            world.day_column(listed_text[chosen]),
            world.day_column(booked_for),
            taken(REASONS, reason[chosen]),
            *_producer_column(world, found.producer[chosen]),
        )


REFERRAL_HEADER = (
    "Lähetetunnus;Potilas;Syntymävuosi;Kotikunta;Lähettäjä;Yksikkökoodi;Yksikkö;Palvelu;Kiireellisyys;"
    "Saapunut;Käsitelty;Päätös;Ensikäynti"
)
SENDERS = ("TK-KOK-01", "TK-KAN-01", "TK-KAU-01", "TK-TOH-01", "Työterveyshuolto", "Yksityinen lääkäri", "")
SENDER_WEIGHTS = ((0, 0.42), (1, 0.1), (2, 0.12), (3, 0.08), (4, 0.16), (5, 0.1), (6, 0.02))
DECISIONS = ("Hyväksytty", "Palautettu", "Ohjattu muualle", "")


def referrals(world: World) -> Iterator[Chunk]:
    """Referrals year by year; those that came last are not handled yet."""
    for random, received, numbers, _ in world.arrivals_by_year(8, world.scale.referrals_per_year):
        n = len(received)
        service = pick(
            random, [(world.service_number(code), weight) for code, weight in world.scale.referred], n
        )
        person = world.clients_of(random, service)
        row = world.rows_of(random, service, person)
        urgent = share(random, n, 0.14)
        urgency = np.where(urgent, 1, np.where(share(random, n, 0.01), 3, 0))
        in_time = share(
            random,
            n,
            world.between(np.array([world.scale.handled_in_time]), np.zeros(n, dtype=int), received),
        )
        gap = np.where(in_time, below(random, 22, n), 22 + below(random, 40, n))
        handled = world.until_now(world.next_open[received + np.where(urgent, gap // 7, gap)])
        decision = pick(random, ((0, 0.84), (1, 0.1), (2, 0.06)), n)
        decision = np.where(handled == world.no_day, 3, decision)
        wait = world.waits(random, row, np.zeros(n, dtype=int), np.zeros(n, dtype=bool), received)
        seen = world.until_now(world.next_open[np.minimum(received + gap + wait, len(world.next_open) - 1)])
        seen = np.where(decision == 0, seen, world.no_day)
        # Faults, each on its own small share of the rows.
        bad = share(random, n, DIRT["bad_visit_date"])
        received = np.where(bad, world.first_bad_day + below(random, len(BAD_DATES), n), received)
        year_of_birth, municipality, person = person_columns(world, random, service, person)
        unit = world.unit_of_row[row]
        yield (
            pa.array([f"L{value:07d}" for value in numbers]),
            *world.person_columns(person, year_of_birth, municipality),
            taken(SENDERS, pick(random, SENDER_WEIGHTS, n)),
            world.unit_texts.take(pa.array(unit)),
            world.unit_name_texts.take(pa.array(unit)),
            world.service_texts.take(pa.array(service)),
            taken(URGENCIES, urgency),
            world.day_column(received),
            world.day_column(handled),
            taken(DECISIONS, decision),
            world.day_column(seen),
        )
