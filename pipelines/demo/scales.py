"""How much is written at each scale, and what its services and units are like.

`small` and `county` share one set of assumptions, made so that every page has something to show. `showcase` has a set of
its own in the folder of that name: about a fifth of what Keski-Pohjanmaa does, in the proportions its plans and the
national registers give, and three turns for a reader to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from indicators.catalogue.errors import UsageError
from indicators.catalogue.places import csv_rows, reference_rows

_HERE = Path(__file__).parent

#: Shares at the start and the end of the story.
Trend = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """How much is written: visits a year, people who use services, people put in a queue a day, and so on.

    `referred` and `pathway_services` are the services with their share of referrals and pathways. The trends are the
    shares of referrals handled within three weeks; of pathways assessed within a week of the request, and begun within
    two weeks of finding the need; of notifications decided in time; and of assessments ready in 90 days and begun within
    a week. With `queues_end_in_visits` most who leave a queue are seen that day, and a queue moves as fast as work is
    done, so that it grows over summers and holidays.
    `producers` are services with their shares bought and by voucher; where there are any, the extracts say who produces each row.
    `folder` has the services, units, turns and annotations of the scale; without one it has the common ones.
    """

    visits_per_year: int
    people: int
    queued_per_day: int
    referrals_per_year: int
    pathways_per_year: int
    notifications_per_year: int
    assessments_per_year: int
    referred: tuple[tuple[str, float], ...] = (("adult_psychiatry", 0.27), ("specialised_care", 0.73))
    pathway_services: tuple[tuple[str, float], ...] = (("mental_health", 0.74), ("substance_services", 0.26))
    handled_in_time: Trend = (0.78, 0.93)
    assessed_in_week: Trend = (0.62, 0.86)
    begun_in_two_weeks: Trend = (0.55, 0.81)
    decided_in_time: Trend = (0.84, 0.95)
    ready_in_time: Trend = (0.58, 0.79)
    begun_in_week: Trend = (0.70, 0.88)
    queues_end_in_visits: bool = False
    producers: tuple[tuple[str, float, float], ...] = ()
    folder: Path | None = None


SCALES = {
    "small": Scale(20_000, 9_000, 18, 1_500, 800, 420, 520),
    "showcase": Scale(
        150_000,
        16_200,
        69,
        4_670,
        900,
        643,
        395,
        referred=(("adult_psychiatry", 0.11), ("specialised_care", 0.89)),
        pathway_services=(("mental_health", 0.79), ("substance_services", 0.21)),
        handled_in_time=(0.86, 0.91),
        assessed_in_week=(0.78, 0.84),
        begun_in_two_weeks=(0.70, 0.77),
        decided_in_time=(0.955, 0.965),
        ready_in_time=(0.86, 0.90),
        begun_in_week=(0.84, 0.89),
        queues_end_in_visits=True,
        producers=(
            ("oral_health", 0.14, 0.05),
            ("physiotherapy", 0.0, 0.22),
            ("specialised_care", 0.06, 0.0),
        ),
        folder=_HERE / "showcase",
    ),
    "county": Scale(1_400_000, 67_000, 180, 21_000, 5_200, 1_700, 2_600),
}
#: What `setup` loads.
DEFAULT_SCALE = "showcase"


def scale_named(name: str) -> Scale:
    """The scale of a name. Raises UsageError for an unknown one."""
    if name not in SCALES:
        raise UsageError("unknown_scale", value=name, known=", ".join(SCALES))
    return SCALES[name]


@dataclass(frozen=True)
class Service:
    """Assumptions about one service, a row of `services.csv`; shares are 0–1.

    `professions` are names as the source writes them, with weights; `remote` the share of remote contacts at the start
    and the end of the story; `ages` the lowest and highest age and the weight of those aged 65 or more; `pool` the
    share of people of the right age who may come at all. `share` and `queued` are the weights of the service among
    visits and among those put in a queue, in the showcase a year's visits and entries of the real county.
    """

    code: str
    name: str
    share: float
    professions: tuple[tuple[str, float], ...]
    remote: Trend
    urgent: float
    preventive: float
    first: float
    group: float
    ages: tuple[int, int, int]
    queued: float
    pool: float


@dataclass(frozen=True)
class UnitService:
    """A unit and one of its services, a row of the file of units; shares are 0–1.

    `tail_shape` bounds the waits beyond a week: the nearer to 1, the longer are the longest of them.
    """

    unit: str
    name_fi: str
    kind: str
    service: str
    serves: dict[str, float]
    share_7d: Trend
    tail_days: Trend
    coverage: Trend
    tail_shape: float


@dataclass(frozen=True)
class Turn:
    """From a day on a level of a unit's service moves to another one, over so many days.

    `level` is `share_7d`, `tail_days`, `coverage`, or `queue_delay`: how many times longer those put in the queue wait.
    """

    unit: str
    service: str
    level: str
    begins: date
    days: int
    to: float


@cache
def demo_services(scale: Scale = SCALES["small"]) -> tuple[Service, ...]:
    """The services of a scale.

    >>> demo_services()[0].code
    'primary_care'
    """
    return tuple(
        Service(
            row["code"],
            row["name"],
            float(row["share"]),
            tuple(_shares(row["professions"]).items()),
            (float(row["remote_start"]), float(row["remote_end"])),
            float(row["urgent"]),
            float(row["preventive"]),
            float(row["first"]),
            float(row["group"]),
            (int(row["youngest"]), int(row["oldest"]), int(row["weight_65"])),
            # In the common file a service queues as much as it is visited, or not at all.
            float(row["queued"]) if "pool" in row else float(row["share"]) * (row["queued"] == "yes"),
            float(row.get("pool", 1)),
        )
        for row in csv_rows((scale.folder or _HERE) / "services.csv")
    )


@cache
def demo_units(scale: Scale = SCALES["small"]) -> tuple[UnitService, ...]:
    """One entry per unit and health service of the made-up extracts.

    >>> demo_units()[0].name_fi
    'Kokkolan pääterveysasema'
    """
    known = reference_rows("demo_units.csv")
    names = {row["unit"]: (row["name_fi"], row["kind"]) for row in known}
    rows = known if scale.folder is None else csv_rows(scale.folder / "units.csv")
    return tuple(
        UnitService(
            row["unit"],
            *names[row["unit"]],
            row["service"],
            _shares(row["serves"]),
            (float(row["share_7d_start"]), float(row["share_7d_end"])),
            (float(row["tail_start_days"]), float(row["tail_end_days"])),
            (float(row["coverage_start"]), float(row["coverage_end"])),
            float(row.get("tail_shape", 1.15)),
        )
        for row in rows
        if row["share_7d_start"]
    )


def demo_turns(scale: Scale) -> tuple[Turn, ...]:
    """The turns of a scale, none without a folder of its own."""
    if scale.folder is None:
        return ()
    return tuple(
        Turn(
            row["unit"],
            row["service"],
            row["level"],
            date.fromisoformat(row["begins"]),
            int(row["days"]),
            float(row["to"]),
        )
        for row in csv_rows(scale.folder / "turns.csv")
    )


def _shares(text: str) -> dict[str, float]:
    """Shares by name, as in `Lääkäri=0.32 Sairaanhoitaja=0.48`."""
    return {name: float(share) for name, share in (part.split("=") for part in text.split())}
