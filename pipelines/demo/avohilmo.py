"""Synthetic rows of THL's AvoHILMO register, the three months before the other extracts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from indicators.catalogue.places import reference_rows
from pipelines.demo.population import (
    IN_PERSON_MODES,
    MODES,
    PROFESSIONS,
    REMOTE_MODES,
    Chunk,
    World,
    below,
    choose,
    pick,
    share,
    taken,
)


def avohilmo_header() -> str:
    """The header of THL's register extract, from its layout in the reference data."""
    return ";".join(row["column"] for row in reference_rows("avohilmo_extract_layout.csv"))


#: Codes of the register: service form and the profession classification, as far as the reference lists go.
SERVICE_FORMS = {"primary_care": "T11", "oral_health": "T60", "mental_health": "T71", "physiotherapy": "T51"}
REGISTER_PROFESSIONS = {
    "Lääkäri": "22112",
    "Sairaanhoitaja": "32311",
    "Terveydenhoitaja": "32312",
    "Hammaslääkäri": "22220",
    "Suuhygienisti": "32253",
    "Fysioterapeutti": "32261",
    "Psykologi": "24451",
}


def avohilmo(world: World) -> Iterator[Chunk]:
    """Register rows of the three months before the other extracts, a tenth as many a month."""
    random = world.random(7)
    number = 500_001
    first_year = world.first_day.year - 1
    months = [date(first_year, 10, 1), date(first_year, 11, 1), date(first_year, 12, 1)]
    for start, end in zip(months, [*months[1:], world.first_day], strict=True):
        days = np.arange(world.number(start), world.number(end))
        expected = world.scale.visits_per_year / 365.25 * 0.6 * world.activity[days]
        day = np.repeat(days, np.floor(expected + random.random(len(days))).astype(np.int64))
        yield _avohilmo_rows(world, random, day, number)
        number += len(day)


def _avohilmo_rows(world: World, random: np.random.Generator, day: np.ndarray, first_number: int) -> Chunk:
    n = len(day)
    shares = [item.share if item.code in SERVICE_FORMS else 0.0 for item in world.services]
    service = np.where(world.is_open[day], choose(random, np.array([shares]), n), 0)
    person = world.clients_of(random, service)
    row = world.rows_of(random, service, person)
    profession = world.draw_professions(random, service, REGISTER_PROFESSIONS)
    not_urgent = share(random, n, 0.8) & world.is_open[day]
    remote = share(random, n, np.array([item.remote[0] for item in world.services])[service])
    mode = np.where(remote, pick(random, REMOTE_MODES, n), pick(random, IN_PERSON_MODES, n))
    wait = np.where(not_urgent, world.waits(random, row, profession, remote, day), 0)
    assessed = np.where(wait > 0, world.last_open[day - wait], day)
    cancelled = share(random, n, 0.07)
    covered = share(random, n, world.covered(row, day))
    never = np.full(n, world.no_day)
    hour = 480 + 15 * below(random, 30, n)
    morning = 480 + below(random, 400, n)

    def moment(days: np.ndarray, minutes: np.ndarray) -> pa.Array:
        minutes = np.where(days == world.no_day, world.no_clock, minutes)
        return world.day_column(days, minutes, padded=True)

    forms = [SERVICE_FORMS.get(item.code, "") for item in world.services]
    professions = [REGISTER_PROFESSIONS.get(name, "") for name in PROFESSIONS]
    urgency = taken(("E", "K", ""), np.where(not_urgent, 0, np.where(share(random, n, 0.03), 2, 1)))
    nature = taken(("SH", "TH"), share(random, n, 0.05).astype(np.int64))
    first = taken(("E", "K"), share(random, n, 0.55).astype(np.int64))
    booked_on = np.where(covered, assessed, world.no_day)
    columns = {
        "AVOHILMO_ID": pa.array(first_number + np.arange(n)).cast(pa.string()),
        "TNRO": world.person_texts.take(pa.array(person)),
        "ASIAKAS_KOTIKUNTA": world.municipality_texts.take(pa.array(world.municipality[person])),
        "PALVELUNTUOTTAJA_YKSIKKO": world.unit_texts.take(pa.array(world.unit_of_row[row])),
        "HTA_AMMATTI": taken(professions, profession),
        "HTA_ENSIKAYNTI": first,
        "HTA_KIIREELLISYYS": urgency,
        "HTA_LUONNE": nature,
        "AJANVARAUS_AMMATTI": taken(professions, profession),
        "AJANVARAUS_PALVELUMUOTO": taken(forms, service),
        "AJANVARAUS_YHTEYSTAPA": taken(MODES, mode),
        "KAYNTI_KAVIJARYHMA": taken(("1", "2"), share(random, n, 0.02).astype(np.int64)),
        "KAYNTI_KIIREELLISYYS": urgency,
        "KAYNTI_LUONNE": nature,
        "KAYNTI_ENSIKAYNTI": first,
        "KAYNTI_AMMATTI": taken(professions, profession),
        "KAYNTI_PALVELUMUOTO": taken(forms, service),
        "KAYNTI_YHTEYSTAPA": taken(MODES, mode),
        "SEURANTATIETUE_PAIVITETTY": moment(day + 1, morning),
        "YHTEYDENOTTO_AJANKOHTA": moment(assessed, np.maximum(morning - 12, 0)),
        "HOIDONTARVE_AJANKOHTA": moment(np.where(covered, assessed, world.no_day), morning),
        "AJANVARAUS_AJANKOHTA": moment(booked_on, morning),
        "AJANVARAUS_VARATTU": moment(day, hour),
        "PERUUTUS_AJANKOHTA": moment(np.where(cancelled, np.maximum(assessed, day - 1), never), morning),
        "KAYNTI_ALKOI": moment(np.where(cancelled, never, day), hour),
        "KAYNTI_LOPPUI": moment(np.where(cancelled, never, day), hour + 15),
    }
    blank = pa.array([""]).take(pa.array(np.zeros(n, dtype=np.int64)))
    return [columns.get(name, blank) for name in avohilmo_header().split(";")]
