"""Synthetic cases of Effica: child welfare notifications and assessments of the need of services."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipelines.demo.population import DIRT, Chunk, World, below, pick, share, taken

NOTIFICATION_HEADER = "ILMOITUS_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|LAJI|SAAPUI|PAATETTY|PAATOS"
ASSESSMENT_HEADER = "ARVIOINTI_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|ASIAKASRYHMA|VIREILLE|ALOITETTU|VALMIS"
NOTIFICATION_UNITS = ("LS-KOK-01", "LS-KAU-01", "")
KINDS = ("LASTENSUOJELU", "ENNAKOLLINEN", "")
DECISIONS = ("ARVIOINTI ALOITETAAN", "EI ARVIOINTIA", "")
#: Client groups: their unit, their share of the assessments, and the lowest and highest age.
CLIENT_GROUPS = (
    ("LAPSIPERHE", "PE-KOK-01", 0.40, 0, 17),
    ("IKAANTYNYT", "IK-KOK-01", 0.34, 75, 97),
    ("TYOIKAINEN", "AS-KOK-01", 0.16, 18, 64),
    ("VAMMAISPALVELU", "VP-KOK-01", 0.10, 3, 80),
)


def notifications(world: World) -> Iterator[Chunk]:
    """Notifications year by year; a family can have several in a year."""
    for random, arrived, numbers, year in world.arrivals_by_year(
        10, world.scale.notifications_per_year, every_day=True
    ):
        n = len(arrived)
        person = world.people_aged(random, 0, 17, n)
        in_time = share(
            random, n, world.between(np.array([world.scale.decided_in_time]), np.zeros(n, dtype=int), arrived)
        )
        gap = np.where(in_time, below(random, 9, n), 10 + below(random, 21, n))
        decided = world.until_now(world.next_open[arrived + gap])
        decision = np.where(decided == world.no_day, 2, share(random, n, 0.62).astype(int))
        kind = pick(random, ((0, 0.93), (1, 0.05), (2, 0.02)), n)
        unit = pick(random, ((0, 0.74), (1, 0.26)), n)
        unit = np.where(share(random, n, DIRT["blank_unit"]), 2, unit)
        yield (
            pa.array([f"{year}{value:05d}" for value in numbers]),
            *world.person_columns(person, world.birth_year[person] - 1800, world.municipality[person]),
            taken(NOTIFICATION_UNITS, unit),
            taken(KINDS, kind),
            world.compact_day_texts.take(pa.array(arrived)),
            world.compact_day_texts.take(pa.array(decided)),
            taken(DECISIONS, decision),
        )


def assessments(world: World) -> Iterator[Chunk]:
    """Assessments year by year; the last ones are not ready yet."""
    for random, arrived, numbers, year in world.arrivals_by_year(11, world.scale.assessments_per_year):
        n = len(arrived)
        everybody = np.zeros(n, dtype=int)
        group = pick(random, [(at, weight) for at, (_, _, weight, _, _) in enumerate(CLIENT_GROUPS)], n)
        person = np.empty(n, dtype=np.int64)
        for at, (_, _, _, youngest, oldest) in enumerate(CLIENT_GROUPS):
            chosen = group == at
            person[chosen] = world.people_aged(random, youngest, oldest, int(chosen.sum()))
        soon = share(random, n, world.between(np.array([world.scale.begun_in_week]), everybody, arrived))
        begun = world.next_open[arrived + np.where(soon, below(random, 8, n), 8 + below(random, 20, n))]
        quick = share(random, n, world.between(np.array([world.scale.ready_in_time]), everybody, arrived))
        ready = world.next_open[begun + np.where(quick, 10 + below(random, 55, n), 85 + below(random, 60, n))]
        begun, ready = world.until_now(begun), world.until_now(ready)
        groups = pa.array([*(name for name, *_ in CLIENT_GROUPS), ""])
        units = pa.array([unit for _, unit, *_ in CLIENT_GROUPS])
        named = np.where(share(random, n, 0.004), len(CLIENT_GROUPS), group)
        yield (
            pa.array([f"{year}{value:05d}" for value in numbers]),
            *world.person_columns(person, world.birth_year[person] - 1800, world.municipality[person]),
            units.take(pa.array(group)),
            groups.take(pa.array(named)),
            world.compact_day_texts.take(pa.array(arrived)),
            world.compact_day_texts.take(pa.array(begun)),
            world.compact_day_texts.take(pa.array(ready)),
        )
