"""Synthetic pathways of Pirkko: from the request for mental-health or substance services to the end of care."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipelines.demo.exreport import person_columns
from pipelines.demo.population import (
    BAD_DATES,
    DIRT,
    Chunk,
    World,
    below,
    pick,
    share,
    taken,
)

PATHWAY_HEADER = (
    "asiakkuus_id;asiakas;syntymavuosi;kotikunta;yksikko;palvelu;yhteydenotto_pvm;ensiarvio_pvm;"
    "hoidon_tarve_todettu_pvm;hoito_alkoi_pvm;paattyi_pvm;tila;menetelma"
)
PATHWAY_STATES = ("jonossa", "hoidossa", "päättynyt", "keskeytynyt", "siirretty")
METHODS = ("", "kognitiivinen terapia", "IPT-N", "tukikeskustelut", "Cool Kids", "verkkoterapia")
METHOD_WEIGHTS = ((0, 0.3), (1, 0.16), (2, 0.12), (3, 0.26), (4, 0.06), (5, 0.1))


def pathways(world: World) -> Iterator[Chunk]:
    """Pathways year by year; the last ones still wait."""
    for random, asked, numbers, _ in world.arrivals_by_year(9, world.scale.pathways_per_year):
        n = len(asked)
        service = pick(
            random, [(world.service_number(code), weight) for code, weight in world.scale.pathway_services], n
        )
        person = world.clients_of(random, service)
        row = world.rows_of(random, service, person)
        everybody = np.zeros(n, dtype=int)
        quick = share(random, n, world.between(np.array([world.scale.assessed_in_week]), everybody, asked))
        assessed_gap = np.where(quick, below(random, 8, n), 8 + below(random, 30, n))
        assessed = world.next_open[asked + assessed_gap]
        found = world.next_open[assessed + below(random, 4, n)]
        soon = share(random, n, world.between(np.array([world.scale.begun_in_two_weeks]), everybody, asked))
        begun = world.next_open[found + np.where(soon, below(random, 15, n), 15 + below(random, 70, n))]
        length = 20 + below(random, 330, n)
        ended = world.next_open[np.minimum(begun + length, len(world.next_open) - 1)]
        # Some give up before care begins.
        gave_up = share(random, n, 0.07)
        left = world.until_now(world.next_open[assessed + below(random, 25, n)])
        assessed, found = world.until_now(assessed), world.until_now(found)
        begun = np.where(gave_up, world.no_day, world.until_now(begun))
        ended = np.where(gave_up, left, np.where(begun == world.no_day, world.no_day, world.until_now(ended)))
        over = ended != world.no_day
        state = np.where(over, np.where(gave_up, 3, 2), np.where(begun == world.no_day, 0, 1))
        state = np.where(share(random, n, 0.002) & (state == 1), 4, state)
        found = np.where(gave_up & over & (found > ended), world.no_day, found)
        assessed = np.where(gave_up & over & (assessed > ended), world.no_day, assessed)
        method = np.where(begun == world.no_day, 0, pick(random, METHOD_WEIGHTS, n))
        # Faults, each on its own small share of the rows.
        blank = share(random, n, DIRT["blank_unit"])
        unit = np.where(blank, world.blank_unit, world.unit_of_row[row])
        bad = share(random, n, DIRT["bad_visit_date"])
        asked = np.where(bad, world.first_bad_day + below(random, len(BAD_DATES), n), asked)
        year_of_birth, municipality, person = person_columns(world, random, service, person)
        yield (
            pa.array([f"A{value:06d}" for value in numbers]),
            *world.person_columns(person, year_of_birth, municipality),
            world.unit_texts.take(pa.array(unit)),
            world.service_texts.take(pa.array(service)),
            *(world.iso_day_texts.take(pa.array(day)) for day in (asked, assessed, found, begun, ended)),
            taken(PATHWAY_STATES, state),
            taken(METHODS, method),
        )
