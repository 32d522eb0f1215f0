"""Synthetic extracts: made-up visits and queues of one wellbeing services county, for trying and testing.

Nobody in them exists. The figures follow no real unit: their level, growth and faults are chosen in
`data/reference/demo_units.csv` and in the tables below so that every page has something to show.

The same scale, years and seed give the same bytes on every machine. Hence randomness is drawn only as
uniform numbers and turned into values by comparison, multiplication and division, which are exact everywhere;
logarithms and powers are not. Visits are made month by month and queues snapshot by snapshot, so that memory
grows with neither.

To add a layout: write a function that yields the columns of its rows in chunks, and a line in `write_demo`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import holidays
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.errors import UsageError
from pipelines.settings import REFERENCE

#: The area whose municipalities the clients live in.
AREA = "18"
#: The last day with realised visits; the extracts are taken the day after.
LAST_DAY = date(2025, 12, 31)
EXTRACT_DATE = date(2026, 1, 1)
#: Between these two days waits and contact modes move from their first to their last level.
STORY_START = date(2024, 1, 1)
STORY_DAYS = 730
DEFAULT_SEED = 18
MOST_YEARS = 10
#: The digital clinic opens, and this unit sends no queue for a while.
DIGITAL_CLINIC, DIGITAL_CLINIC_OPENS = "DK-KOK-01", date(2024, 9, 2)
SILENT_UNIT, SILENT_FROM, SILENT_TO = "TK-PER-01", date(2025, 4, 14), date(2025, 5, 26)
#: Out of hours everybody comes here.
EMERGENCY_UNIT = "TK-KOK-01"

VISIT_HEADER = (
    "Käyntitunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;Yhteystapa;"
    "Kiireellisyys;Käynnin luonne;Ensikäynti;Yhteydenotto;Hoidon tarpeen arviointi;Ajanvaraus tehty;"
    "Käynti;Tila"
)
QUEUE_HEADER = (
    "Poimintapäivä;Jonotunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;"
    "Kiireellisyys;Hoidon tarpeen arviointi;Jonoon asetettu;Varattu aika;Jonotuksen syy"
)


@dataclass(frozen=True)
class Scale:
    """How much is written: visits a year, people who use services, people put in a queue a day."""

    visits_per_year: int
    people: int
    queued_per_day: int


SCALES = {"small": Scale(20_000, 9_000, 18), "county": Scale(1_400_000, 67_000, 180)}


@dataclass(frozen=True)
class Service:
    """What is assumed of one service; shares are 0–1.

    `professions` are names as the source writes them, with weights; `remote` the share of remote contacts at
    the start and the end of the story; `ages` the lowest and highest age and how much more often those aged
    65 or more come than others.
    """

    code: str
    name: str
    share: float
    professions: tuple[tuple[str, float], ...]
    remote: tuple[float, float]
    urgent: float
    preventive: float
    first: float
    group: float
    ages: tuple[int, int, int]
    queued: bool = True


SERVICES = (
    Service(
        "primary_care",
        "Avosairaanhoito",
        0.53,
        (
            ("Lääkäri", 0.32),
            ("Sairaanhoitaja", 0.48),
            ("Terveydenhoitaja", 0.14),
            ("Fysioterapeutti", 0.04),
            ("Psykologi", 0.02),
        ),
        (0.37, 0.66),
        0.22,
        0.04,
        0.46,
        0.0,
        (0, 120, 2),
    ),
    Service(
        "oral_health",
        "Suun terveydenhuolto",
        0.15,
        (("Hammaslääkäri", 0.66), ("Suuhygienisti", 0.34)),
        (0.02, 0.05),
        0.16,
        0.15,
        0.42,
        0.0,
        (1, 120, 1),
    ),
    Service(
        "mental_health",
        "Mielenterveyspalvelut",
        0.07,
        (("Sairaanhoitaja", 0.6), ("Psykologi", 0.24), ("Lääkäri", 0.16)),
        (0.30, 0.54),
        0.06,
        0.0,
        0.25,
        0.03,
        (13, 120, 1),
    ),
    Service(
        "substance_services",
        "Päihdepalvelut",
        0.025,
        (("Sairaanhoitaja", 0.62), ("Sosiaalityöntekijä", 0.28), ("Lääkäri", 0.10)),
        (0.18, 0.38),
        0.10,
        0.0,
        0.22,
        0.03,
        (18, 75, 1),
    ),
    Service(
        "physiotherapy",
        "Fysioterapia",
        0.065,
        (("Fysioterapeutti", 1.0),),
        (0.06, 0.20),
        0.04,
        0.02,
        0.38,
        0.04,
        (16, 120, 3),
    ),
    Service(
        "child_health_clinic",
        "Lastenneuvola",
        0.075,
        (("Terveydenhoitaja", 0.82), ("Lääkäri", 0.18)),
        (0.05, 0.14),
        0.01,
        0.96,
        0.12,
        0.03,
        (0, 6, 1),
        queued=False,
    ),
    Service(
        "adult_psychiatry",
        "Aikuispsykiatria",
        0.035,
        (("Sairaanhoitaja", 0.5), ("Lääkäri", 0.32), ("Psykologi", 0.18)),
        (0.18, 0.40),
        0.08,
        0.0,
        0.20,
        0.02,
        (18, 120, 1),
    ),
    Service(
        "specialised_care",
        "Erikoissairaanhoito",
        0.05,
        (("Lääkäri", 0.7), ("Sairaanhoitaja", 0.3)),
        (0.18, 0.36),
        0.14,
        0.0,
        0.40,
        0.0,
        (0, 120, 3),
    ),
)

#: How far a profession's share reached in seven days lies from its unit's.
PROFESSION_GAP = {
    "Lääkäri": -0.25,
    "Sairaanhoitaja": 0.12,
    "Terveydenhoitaja": 0.12,
    "Fysioterapeutti": 0.0,
    "Psykologi": -0.06,
    "Hammaslääkäri": -0.08,
    "Suuhygienisti": 0.13,
    "Sosiaalityöntekijä": 0.0,
    "Hoitokoordinaattori": 0.0,
}
PROFESSIONS = tuple(PROFESSION_GAP)
REMOTE_GAP, IN_PERSON_GAP = 0.09, -0.07
#: The same by calendar month: waits grow over the summer and are worked off in the autumn.
MONTH_GAP = (0.0, -0.01, -0.01, 0.0, 0.01, 0.01, -0.02, -0.07, -0.03, 0.0, 0.02, 0.01)
WEEK_NOISE = 0.10

#: How busy a month and a weekday are against the average; public holidays are like Sundays.
MONTH_ACTIVITY = (1.04, 1.06, 1.06, 1.02, 1.02, 0.88, 0.56, 0.92, 1.05, 1.08, 1.08, 0.92)
WEEKDAY_ACTIVITY = (1.16, 1.06, 1.02, 1.00, 0.86, 0.035, 0.03)

#: Weights of the days 0 … 7 within a wait of at most seven days: nurses and remote contacts, and the others.
QUICK_DAYS = (0.42, 0.20, 0.10, 0.07, 0.06, 0.05, 0.05, 0.05)
SLOW_DAYS = (0.14, 0.13, 0.11, 0.10, 0.11, 0.12, 0.14, 0.15)

AGE_BANDS = ((0, 6, 0.075), (7, 12, 0.075), (13, 17, 0.065), (18, 22, 0.055), (23, 29, 0.08))
AGE_BANDS += ((30, 64, 0.40), (65, 74, 0.125), (75, 97, 0.125))

MODES = ("R10", "R20", "R40", "R41", "R52", "R56", "R50", "R51", "R55", "R60", "R71", "R72", "R90", "R59", "")
IN_PERSON_MODES = ((0, 0.93), (1, 0.04), (3, 0.02), (2, 0.01))
REMOTE_MODES = ((4, 0.56), (5, 0.22), (6, 0.10), (7, 0.07), (8, 0.05))
NO_CONTACT_MODES = ((11, 0.55), (9, 0.30), (10, 0.15))
NO_CONTACT_SHARE, OTHER_MODE_SHARE = 0.045, 0.004
UNKNOWN_MODE = MODES.index("R59")

URGENCIES = ("Kiireetön", "Kiireellinen", "Päivystys", "")
STATES = ("Toteutunut", "Peruttu", "Saapumatta", "Varattu", "Siirretty")
STATE_WEIGHTS = ((0, 0.853), (1, 0.097), (2, 0.045), (3, 0.004), (4, 0.001))
NATURES = ("SH", "TH", "")
FIRSTS = ("K", "E", "")
REASONS = ("Resurssi", "Potilaan oma toive", "Lääketieteellinen", "", "Muu syy")
REASON_WEIGHTS = ((0, 0.865), (1, 0.065), (2, 0.04), (3, 0.028), (4, 0.002))

#: Neighbours who use the area's services, the share of clients they are, and codes only dirty rows have.
GUEST_MUNICIPALITIES, GUEST_SHARE = ("208", "598", "599"), 0.015
LOST_ZERO, UNKNOWN_MUNICIPALITY = "74", "999"
#: Dates no calendar has; they follow the real days in the list of date texts.
BAD_DATES = ("31.2.2025", "0.0.0000", "45293", "12.13.2024")

#: Share of rows with each fault.
DIRT = {
    "bad_visit_date": 0.0006,
    "bad_assessment_date": 0.0006,
    "blank_unit": 0.0005,
    "visit_before_assessment": 0.0020,
    "unknown_profession": 0.0006,
    "unknown_mode": 0.0005,
    "unknown_municipality": 0.0005,
    "birth_year_out_of_range": 0.0006,
    "extra_spaces": 0.0015,
    "repeated": 0.0006,
    "contradicted": 0.0003,
}


@dataclass(frozen=True)
class UnitService:
    """One row of `demo_units.csv`: a unit and one of its services; shares are 0–1."""

    unit: str
    name_fi: str
    kind: str
    service: str
    serves: dict[str, float]
    share_7d: tuple[float, float]
    tail_days: tuple[float, float]
    coverage: tuple[float, float]


def demo_units() -> tuple[UnitService, ...]:
    """One entry per unit and service of the made-up extracts.

    >>> demo_units()[0].name_fi
    'Kokkolan pääterveysasema'
    """
    with (REFERENCE / "demo_units.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            UnitService(
                row["unit"],
                row["name_fi"],
                row["kind"],
                row["service"],
                {code: float(share) for code, share in (part.split("=") for part in row["serves"].split())},
                (float(row["share_7d_start"]), float(row["share_7d_end"])),
                (float(row["tail_start_days"]), float(row["tail_end_days"])),
                (float(row["coverage_start"]), float(row["coverage_end"])),
            )
            for row in csv.DictReader(file)
        )


def write_demo(out: Path, scale: str = "small", years: int = 2, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write one synthetic extract per layout into a folder and return the files.

    `years` whole calendar years are covered, the last of them 2025; the AvoHILMO file holds the three months
    before them. Files of the same names are replaced. Raises UsageError for an unknown scale or number of
    years.
    """
    if scale not in SCALES:
        raise UsageError("unknown_scale", value=scale, known=", ".join(SCALES))
    if not 1 <= years <= MOST_YEARS:
        raise UsageError("bad_years", value=years, most=MOST_YEARS)
    world = World(SCALES[scale], years, seed)
    out.mkdir(parents=True, exist_ok=True)
    stamp = f"{EXTRACT_DATE:%Y%m%d}"
    before = f"{world.first_day:%Y%m%d}"
    return [
        _write(out / f"demo_exreport_kaynnit_{stamp}.csv", VISIT_HEADER, "cp1252", "\r\n", _visits(world)),
        _write(out / f"demo_exreport_jono_{stamp}.csv", QUEUE_HEADER, "cp1252", "\r\n", _queue(world)),
        _write(out / f"demo_avohilmo_{before}.csv", avohilmo_header(), "latin-1", "\n", _avohilmo(world)),
    ]


def demo_window(years: int = 2) -> tuple[date, date]:
    """The first and last day that the visits of so many years hold in full.

    >>> demo_window()
    (datetime.date(2024, 1, 1), datetime.date(2025, 12, 31))
    """
    return date(LAST_DAY.year - years + 1, 1, 1), LAST_DAY


def avohilmo_header() -> str:
    """The header of THL's register extract, from its layout in the reference data."""
    with (REFERENCE / "avohilmo_extract_layout.csv").open(encoding="utf-8", newline="") as file:
        return ";".join(row["column"] for row in csv.DictReader(file))


Chunk = Sequence[pa.Array]


def _write(path: Path, header: str, encoding: str, end_of_line: str, chunks: Iterator[Chunk]) -> Path:
    options = pa.csv.WriteOptions(
        include_header=False, delimiter=";", eol=end_of_line, quoting_style="none", batch_size=16_384
    )
    with path.open("wb") as file:
        file.write((header + end_of_line).encode(encoding))
        for columns in chunks:
            text = io.BytesIO()
            table = pa.table(list(columns), names=header.split(";"))
            pa.csv.write_csv(table, text, write_options=options)
            file.write(text.getvalue().decode("utf-8").encode(encoding))
    return path


class World:
    """Everything the extracts share: the calendar, the people, the units and how long they make people wait.

    Days are whole numbers since the first of `EPOCH`; texts of a column are kept once and taken by number.
    """

    EPOCH = date(2000, 1, 1)

    def __init__(self, scale: Scale, years: int, seed: int) -> None:
        self.scale, self.years, self.seed = scale, years, seed
        self.first_day = demo_window(years)[0]
        self._make_calendar()
        self._make_units()
        self._make_people()

    def random(self, *purpose: int) -> np.random.Generator:
        """A generator of its own for each purpose, so that one extract does not change another."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, *purpose])))

    def number(self, day: date) -> int:
        """The day as a whole number."""
        return (day - self.EPOCH).days

    def _make_calendar(self) -> None:
        length = self.number(date(LAST_DAY.year + 2, 1, 1))
        days = [self.EPOCH + timedelta(days=number) for number in range(length)]
        closed = holidays.country_holidays("FI", years=range(self.EPOCH.year, LAST_DAY.year + 2))
        self.month = np.array([day.month - 1 for day in days])
        self.is_open = np.array([day.weekday() < 5 and day not in closed for day in days])
        weekday = np.array([6 if day in closed else day.weekday() for day in days])
        self.activity = np.array(MONTH_ACTIVITY)[self.month] * np.array(WEEKDAY_ACTIVITY)[weekday]
        numbers = np.arange(length)
        self.last_open = np.maximum.accumulate(np.where(self.is_open, numbers, 0))
        first_open = np.where(self.is_open, numbers, length - 1)[::-1]
        self.next_open = np.minimum.accumulate(first_open)[::-1]
        self.week = (numbers + self.EPOCH.weekday()) // 7
        self.progress = np.clip((numbers - self.number(STORY_START)) / STORY_DAYS, 0.0, 1.0)
        plain = [f"{day.day}.{day.month}.{day.year}" for day in days]
        self.day_texts = pa.array([*plain, *BAD_DATES, ""])
        self.first_bad_day, self.no_day = length, length + len(BAD_DATES)
        self.padded_day_texts = pa.array([*(f"{day:%d.%m.%Y}" for day in days), *BAD_DATES, ""])
        clock = [f"{minute // 60}:{minute % 60:02d}" for minute in range(24 * 60)]
        self.clock_texts = pa.array([*(f" {time}" for time in clock), ""])
        self.padded_clock_texts = pa.array([*(f" {time:0>5}" for time in clock), ""])
        self.no_clock = len(clock)

    def _make_units(self) -> None:
        self.rows = demo_units()
        codes = list(dict.fromkeys(row.unit for row in self.rows))
        names = {row.unit: row.name_fi for row in self.rows}
        self.unit_of_row = np.array([codes.index(row.unit) for row in self.rows])
        self.service_of_row = np.array([_service_number(row.service) for row in self.rows])
        self.blank_unit, self.spaced_unit = len(codes), len(codes) + 1
        self.unit_texts = pa.array([*codes, "", *(f" {code} " for code in codes)])
        self.unit_name_texts = pa.array(
            [*(names[code] for code in codes), "", *(names[code] for code in codes)]
        )
        self.share_7d = np.array([row.share_7d for row in self.rows])
        self.tail_days = np.array([row.tail_days for row in self.rows])
        self.coverage = np.array([row.coverage for row in self.rows])
        self.digital_row = next(n for n, row in enumerate(self.rows) if row.unit == DIGITAL_CLINIC)
        self.emergency_row = next(n for n, row in enumerate(self.rows) if row.unit == EMERGENCY_UNIT)
        self.silent_unit = codes.index(SILENT_UNIT)
        self.service_texts = pa.array([service.name for service in SERVICES])
        self.profession_texts = pa.array(PROFESSIONS)
        self.profession_gap = np.array([PROFESSION_GAP[name] for name in PROFESSIONS])
        self.quick = self.profession_gap >= 0.1
        random = self.random(1)
        noise = random.random((int(self.week[-1]) + 1, len(self.rows), 3)).sum(axis=2) - 1.5
        self.week_noise = noise * WEEK_NOISE

    def _make_people(self) -> None:
        with (REFERENCE / "municipality_population_2025.csv").open(encoding="utf-8", newline="") as file:
            residents = {
                row["municipality_code"]: int(row["population_2025"])
                for row in csv.DictReader(file)
                if row["hyvinvointialue_code"] == AREA
            }
        home = list(residents)
        guests = GUEST_SHARE / len(GUEST_MUNICIPALITIES)
        population = sum(residents.values())
        weights = [(1 - GUEST_SHARE) * residents[code] / population for code in home]
        self.municipality_codes = (*home, *GUEST_MUNICIPALITIES, UNKNOWN_MUNICIPALITY, "", LOST_ZERO)
        self.municipality_texts = pa.array(self.municipality_codes)
        n = self.scale.people
        random = self.random(2)
        self.municipality = _choose(random, np.array([weights + [guests] * len(GUEST_MUNICIPALITIES)]), n)
        band = _choose(random, np.array([[weight for _, _, weight in AGE_BANDS]]), n)
        low, high = np.array([[low, high] for low, high, _ in AGE_BANDS]).T
        age = low[band] + _below(random, high[band] - low[band] + 1)
        self.birth_year = self.first_day.year - 1 - age
        # Local ids in no order of age or place, as if given over many years.
        number = 1 + np.argsort(random.random(n * 9), kind="stable")[:n]
        self.no_person = n
        self.person_texts = pa.array([*(f"P{value:07d}" for value in number.tolist()), ""])
        years = [str(year) for year in range(1800, 2101)]
        self.year_texts = pa.array([*years, ""])
        self.no_year = len(years)
        # Who may come to a service: everybody of the right age, the older ones several times over.
        self.clients = []
        for service in SERVICES:
            youngest, oldest, weight = service.ages
            fits = (age >= youngest) & (age <= oldest)
            self.clients.append(np.repeat(np.arange(n), np.where(fits, np.where(age >= 65, weight, 1), 0)))
        self.unit_choice = [self._units_by_municipality(number) for number in range(len(SERVICES))]

    def _units_by_municipality(self, service: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows of a service's units, and per municipality the share of its clients each one serves."""
        rows = np.flatnonzero(self.service_of_row == service)
        places = len(self.municipality_codes)
        shares = np.zeros((places, len(rows)))
        for column, row in enumerate(rows):
            for place, code in enumerate(self.municipality_codes):
                serves = self.rows[row].serves
                # Guests come to the units of the largest municipality.
                served_as = code if code in serves or place < places - 6 else "272"
                shares[place, column] = serves.get(served_as, serves.get("*", 0.0))
        return rows, shares

    def clients_of(self, random: np.random.Generator, service: np.ndarray) -> np.ndarray:
        """A person for each visit; half of the visits are spread evenly, half fall to frequent visitors."""
        person = np.empty(len(service), dtype=np.int64)
        even, position = random.random(len(service)), random.random(len(service))
        position = np.where(even < 0.5, position, position * position)
        for number, clients in enumerate(self.clients):
            chosen = service == number
            person[chosen] = clients[(position[chosen] * len(clients)).astype(np.int64)]
        return person

    def rows_of(self, random: np.random.Generator, service: np.ndarray, person: np.ndarray) -> np.ndarray:
        """The unit row that serves each person: by the service and where the person lives."""
        row = np.empty(len(service), dtype=np.int64)
        for number, (rows, shares) in enumerate(self.unit_choice):
            chosen = np.flatnonzero(service == number)
            picked = _choose(random, shares, len(chosen), self.municipality[person[chosen]])
            row[chosen] = rows[picked]
        return row

    def between(self, levels: np.ndarray, row: np.ndarray, day: np.ndarray) -> np.ndarray:
        """A unit's level on a day, on the straight line from the start to the end of the story."""
        start, end = levels[row, 0], levels[row, 1]
        return start + (end - start) * self.progress[day]

    def waits(
        self,
        random: np.random.Generator,
        row: np.ndarray,
        profession: np.ndarray,
        remote: np.ndarray,
        day: np.ndarray,
    ) -> np.ndarray:
        """Whole days from the assessment to a non-urgent visit, 0 and up."""
        reached = (
            self.between(self.share_7d, row, day)
            + self.profession_gap[profession]
            + np.where(remote, REMOTE_GAP, IN_PERSON_GAP)
            + np.array(MONTH_GAP)[self.month[day]]
            + self.week_noise[self.week[day], row]
        )
        in_time = random.random(len(row)) < np.clip(reached, 0.02, 0.98)
        weights = np.array([SLOW_DAYS, QUICK_DAYS])
        within = _choose(random, weights, len(row), (remote | self.quick[profession]).astype(np.int64))
        beyond = random.random(len(row))
        tail = self.between(self.tail_days, row, day)
        return np.where(in_time, within, 8 + np.floor(tail * beyond / (1.15 - beyond)).astype(np.int64))

    def day_column(self, day: np.ndarray, minute: np.ndarray | None = None, padded: bool = False) -> pa.Array:
        """Dates as the source writes them, with the time of day where there is one."""
        days = self.padded_day_texts if padded else self.day_texts
        text = days.take(pa.array(day))
        if minute is None:
            return text
        clock = self.padded_clock_texts if padded else self.clock_texts
        return pc.binary_join_element_wise(text, clock.take(pa.array(minute)), "")


def _service_number(code: str) -> int:
    return next(number for number, service in enumerate(SERVICES) if service.code == code)


def _choose(
    random: np.random.Generator, weights: np.ndarray, n: int, which: np.ndarray | None = None
) -> np.ndarray:
    """`n` column numbers drawn by the weights of a row; the row is the only one or the one `which` names."""
    rows = np.zeros(n, dtype=np.int64) if which is None else which
    cumulative = np.cumsum(weights, axis=1)
    cumulative = cumulative / np.where(cumulative[:, -1:] > 0, cumulative[:, -1:], 1.0)
    draws = random.random(n)
    chosen = np.zeros(n, dtype=np.int64)
    for column in range(weights.shape[1] - 1):
        chosen += draws >= cumulative[rows, column]
    return chosen


def _pick(random: np.random.Generator, weights: Sequence[tuple[int, float]], n: int) -> np.ndarray:
    """`n` of the named numbers by their weights."""
    chosen = _choose(random, np.array([[weight for _, weight in weights]]), n)
    return np.array([number for number, _ in weights])[chosen]


def _below(random: np.random.Generator, limit: np.ndarray | int, n: int | None = None) -> np.ndarray:
    """Whole numbers from 0 to below the limit of each row."""
    size = n if n is not None else len(np.asarray(limit))
    return np.floor(random.random(size) * limit).astype(np.int64)


def _share(random: np.random.Generator, n: int, share: float | np.ndarray) -> np.ndarray:
    """True for about this share of `n` rows."""
    return random.random(n) < share


def _visits(world: World) -> Iterator[Chunk]:
    """Visits month by month, then the appointments booked for after the extract."""
    number = 1_000_000
    average = float(world.activity[world.number(date(2024, 1, 1)) : world.number(date(2026, 1, 1))].mean())
    per_day = world.scale.visits_per_year / 365.25 / average
    months = [date(year, month, 1) for year in range(world.first_day.year, 2026) for month in range(1, 13)]
    for purpose, (start, end) in enumerate(zip(months, [*months[1:], EXTRACT_DATE], strict=True)):
        random = world.random(3, purpose)
        days = np.arange(world.number(start), world.number(end))
        expected = per_day * world.activity[days] * (0.94 + 0.12 * random.random(len(days)))
        day = np.repeat(days, np.floor(expected + random.random(len(days))).astype(np.int64))
        yield _visit_rows(world, random, day, number)
        number += len(day)
    random = world.random(4)
    ahead = np.arange(world.number(EXTRACT_DATE), world.number(date(2026, 4, 1)))
    thinning = 1.0 - np.arange(len(ahead)) / len(ahead)
    expected = 0.16 * per_day * world.activity[ahead] * thinning * world.is_open[ahead]
    day = np.repeat(ahead, np.floor(expected + random.random(len(ahead))).astype(np.int64))
    yield _visit_rows(world, random, day[world.is_open[day]], number, booked=True)


def _visit_rows(
    world: World, random: np.random.Generator, day: np.ndarray, first_number: int, *, booked: bool = False
) -> Chunk:
    """One row per visit on the given days, with the faults a real extract has."""
    n = len(day)
    services = np.array([[service.share for service in SERVICES]])
    service = np.where(world.is_open[day], _choose(random, services, n), 0)
    person = world.clients_of(random, service)
    row = np.where(world.is_open[day], world.rows_of(random, service, person), world.emergency_row)
    urgent = _share(random, n, np.array([item.urgent for item in SERVICES])[service]) & (not booked)
    emergency = ~world.is_open[day] | (urgent & (service == 0) & _share(random, n, 0.25))
    urgency = np.where(emergency, 2, np.where(urgent, 1, np.where(_share(random, n, 0.006), 3, 0)))
    not_urgent = (urgency == 0) | (urgency == 3)

    profession = np.empty(n, dtype=np.int64)
    for number, item in enumerate(SERVICES):
        chosen = service == number
        weights = [(PROFESSIONS.index(name), weight) for name, weight in item.professions]
        profession[chosen] = _pick(random, weights, int(chosen.sum()))

    # Doctors and home visits stay mostly where the client is; nurses move to the telephone and the chat.
    levels = np.array([item.remote for item in SERVICES])
    remote_share = world.between(levels, service, day)
    is_doctor = profession == PROFESSIONS.index("Lääkäri")
    remote_share = remote_share * np.where(is_doctor, 0.55, np.where(service == 0, 1.22, 1.0))
    remote = _share(random, n, np.where(emergency, 0.05, remote_share))
    mode = np.where(remote, _pick(random, REMOTE_MODES, n), _pick(random, IN_PERSON_MODES, n))
    no_contact = _share(random, n, NO_CONTACT_SHARE) & ~emergency
    mode = np.where(no_contact, _pick(random, NO_CONTACT_MODES, n), mode)
    mode = np.where(_share(random, n, OTHER_MODE_SHARE), MODES.index("R90"), mode)
    since_opening = day - world.number(DIGITAL_CLINIC_OPENS)
    digital = _share(random, n, np.clip(0.10 + since_opening / 900, 0.0, 0.45)) & (since_opening >= 0)
    digital &= remote & not_urgent & (service == 0) & ~is_doctor
    row = np.where(digital, world.digital_row, row)

    preventive = np.array([item.preventive for item in SERVICES])[service]
    nature = np.where(_share(random, n, preventive), 1, np.where(_share(random, n, 0.004), 2, 0))
    first = np.where(_share(random, n, np.array([item.first for item in SERVICES])[service]), 0, 1)
    first = np.where(_share(random, n, 0.035), 2, first)
    state = np.full(n, 3) if booked else _pick(random, STATE_WEIGHTS, n)

    wait = world.waits(random, row, profession, remote, day)
    wait = np.where(not_urgent, wait, np.where(_share(random, n, 0.85), 0, 1))
    assessed = np.where(wait > 0, world.last_open[day - wait], day)
    if booked:
        assessed = np.minimum(assessed, world.last_open[world.number(LAST_DAY) - _below(random, 60, n)])
    contact_gap = np.where(_share(random, n, 0.82), 0, 1 + _below(random, 3, n))
    contacted = np.where(contact_gap > 0, world.last_open[assessed - contact_gap], assessed)
    booked_gap = np.minimum(np.where(_share(random, n, 0.75), 0, _below(random, 5, n)), day - assessed)
    booked_on = np.where(emergency, world.no_day, assessed + booked_gap)
    if booked:
        booked_on = np.minimum(booked_on, world.number(LAST_DAY))
    covered = _share(random, n, world.between(world.coverage, row, day)) | (urgent & _share(random, n, 0.3))
    contacted = np.where(_share(random, n, 0.08), world.no_day, contacted)
    visit_minute = 8 * 60 + 15 * _below(random, 32, n)
    visit_minute = np.where(emergency, _below(random, 24 * 60, n), visit_minute)
    earliest = np.minimum(465, visit_minute)
    same_day_minute = earliest + _below(random, visit_minute - earliest + 1)
    assessed_minute = np.where(assessed == day, same_day_minute, 480 + _below(random, 450, n))
    assessed_minute = np.where(_share(random, n, 0.3), world.no_clock, assessed_minute)

    # Faults, each on its own small share of the rows.
    early = _share(random, n, DIRT["visit_before_assessment"]) & (state == 0) & ~booked
    assessed = np.where(early, np.minimum(day + 1 + _below(random, 6, n), world.number(LAST_DAY)), assessed)
    assessed = np.where(covered | early, assessed, world.no_day)
    bad_day = world.first_bad_day + _below(random, len(BAD_DATES), n)
    bad_assessment = _share(random, n, DIRT["bad_assessment_date"])
    assessed = np.where(bad_assessment, bad_day, assessed)
    assessed_minute = np.where(assessed >= world.first_bad_day, world.no_clock, assessed_minute)
    bad_visit = _share(random, n, DIRT["bad_visit_date"])
    visit = np.where(bad_visit, bad_day, day)
    visit = np.where((state == 1) & _share(random, n, 0.10), world.no_day, visit)
    visit_minute = np.where(visit >= world.first_bad_day, world.no_clock, visit_minute)
    unit = world.unit_of_row[row]
    unit = np.where(_share(random, n, DIRT["extra_spaces"]), world.spaced_unit + unit, unit)
    unit = np.where(_share(random, n, DIRT["blank_unit"]), world.blank_unit, unit)
    unknown = _share(random, n, DIRT["unknown_profession"])
    profession = np.where(unknown, PROFESSIONS.index("Hoitokoordinaattori"), profession)
    mode = np.where(_share(random, n, DIRT["unknown_mode"]), UNKNOWN_MODE, mode)
    year, municipality, person = _person_columns(world, random, service, person)

    order, contradicts = _with_repeats(random, n)
    state = np.where(contradicts, np.where(state[order] == 0, 1, 0), state[order])
    take = pa.array(order)
    columns = (
        pa.array(first_number + np.arange(n)).cast(pa.string()),
        world.person_texts.take(pa.array(person)),
        world.year_texts.take(pa.array(year)),
        world.municipality_texts.take(pa.array(municipality)),
        world.unit_texts.take(pa.array(unit)),
        world.unit_name_texts.take(pa.array(unit)),
        world.service_texts.take(pa.array(service)),
        world.profession_texts.take(pa.array(profession)),
        pa.array(MODES).take(pa.array(mode)),
        pa.array(URGENCIES).take(pa.array(urgency)),
        pa.array(NATURES).take(pa.array(nature)),
        pa.array(FIRSTS).take(pa.array(first)),
        world.day_column(contacted),
        world.day_column(assessed, assessed_minute),
        world.day_column(booked_on),
        world.day_column(visit, visit_minute),
    )
    return (*(column.take(take) for column in columns), pa.array(STATES).take(pa.array(state)))


def _person_columns(
    world: World, random: np.random.Generator, service: np.ndarray, person: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Birth year, municipality and person of each row as numbers of their texts, blank for groups."""
    n = len(person)
    group = _share(random, n, np.array([item.group for item in SERVICES])[service])
    year = world.birth_year[person] - 1800
    wrong_year = np.where(_share(random, n, 0.5), 1856 - 1800, 2095 - 1800)
    year = np.where(_share(random, n, DIRT["birth_year_out_of_range"]), wrong_year, year)
    municipality = world.municipality[person]
    codes = world.municipality_codes
    no_zero = (municipality == codes.index("074")) & _share(random, n, 0.2)
    municipality = np.where(no_zero, codes.index(LOST_ZERO), municipality)
    unknown = _share(random, n, DIRT["unknown_municipality"])
    municipality = np.where(unknown, codes.index(UNKNOWN_MUNICIPALITY), municipality)
    return (
        np.where(group, world.no_year, year),
        np.where(group, codes.index(""), municipality),
        np.where(group, world.no_person, person),
    )


def _with_repeats(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers with some rows twice, and which of the second ones contradict the first."""
    repeated = np.flatnonzero(_share(random, n, DIRT["repeated"]))
    contradicted = np.flatnonzero(_share(random, n, DIRT["contradicted"]))
    order = np.concatenate([np.arange(n), repeated, contradicted])
    contradicts = np.arange(len(order)) >= n + len(repeated)
    sorting = np.argsort(order, kind="stable")
    return order[sorting], contradicts[sorting]


def _queue(world: World) -> Iterator[Chunk]:
    """Everybody waiting on each Monday; an entry keeps its id from one snapshot to the next."""
    random = world.random(5)
    # People put in a queue up to a year and a quarter earlier may still wait on the first Monday.
    days = np.arange(world.number(world.first_day) - 460, world.number(EXTRACT_DATE))
    days = days[world.is_open[days]]
    per_day = world.scale.queued_per_day * 365.25 / 252
    # Fewer are assessed in the summer, but not as few as are seen.
    expected = per_day * (0.4 + 0.6 * np.array(MONTH_ACTIVITY)[world.month[days]])
    queued_on = np.repeat(days, np.floor(expected + random.random(len(days))).astype(np.int64))
    n = len(queued_on)
    services = np.array([[service.share if service.queued else 0.0 for service in SERVICES]])
    service = _choose(random, services, n)
    person = world.clients_of(random, service)
    row = world.rows_of(random, service, person)
    profession = np.empty(n, dtype=np.int64)
    for number, item in enumerate(SERVICES):
        chosen = service == number
        weights = [(PROFESSIONS.index(name), weight) for name, weight in item.professions]
        profession[chosen] = _pick(random, weights, int(chosen.sum()))
    reason = _pick(random, REASON_WEIGHTS, n)
    wait = world.waits(random, row, profession, np.zeros(n, dtype=bool), queued_on)
    wait = np.where(reason == 1, wait * 2 + 20, np.where(reason == 2, wait * 2, wait))
    served = world.next_open[np.minimum(queued_on + wait, len(world.next_open) - 1)]
    assessed = np.where(_share(random, n, 0.09), world.no_day, queued_on)
    assessed = np.where(_share(random, n, DIRT["bad_assessment_date"]), world.first_bad_day, assessed)
    listed_gap = np.where(_share(random, n, 0.8), 0, _below(random, 3, n))
    listed_on = np.minimum(queued_on + listed_gap, served)
    listed_text = np.where(_share(random, n, 0.0006), world.no_day, listed_on)
    known_from = queued_on + np.floor((served - queued_on) * (0.15 + 0.8 * random.random(n))).astype(np.int64)
    known_from = np.where(_share(random, n, 0.75), known_from, world.no_day)
    urgency = np.where(_share(random, n, 0.04), 1, np.where(_share(random, n, 0.004), 3, 0))
    unit = world.unit_of_row[row]
    year, municipality, person = _person_columns(world, random, service, person)
    entry = pa.array([f"J{number:07d}" for number in range(1, n + 1)])
    minute = np.where(assessed >= world.first_bad_day, world.no_clock, 480 + _below(random, 450, n))

    first_monday = world.first_day + timedelta(days=-world.first_day.weekday() % 7)
    for snapshot in range(world.number(first_monday), world.number(EXTRACT_DATE), 7):
        waiting = (listed_on <= snapshot) & (served > snapshot)
        if world.number(SILENT_FROM) <= snapshot <= world.number(SILENT_TO):
            waiting &= unit != world.silent_unit
        chosen = np.flatnonzero(waiting)
        chosen = chosen[np.argsort(unit[chosen], kind="stable")]
        repeats, _ = _with_repeats(world.random(6, snapshot), len(chosen))
        # A queue has no contradicting rows: all rows of a snapshot come from one moment.
        chosen = chosen[repeats]
        booked_for = np.where(known_from[chosen] <= snapshot, served[chosen], world.no_day)
        yield (
            world.day_column(np.full(len(chosen), snapshot)),
            entry.take(pa.array(chosen)),
            world.person_texts.take(pa.array(person[chosen])),
            world.year_texts.take(pa.array(year[chosen])),
            world.municipality_texts.take(pa.array(municipality[chosen])),
            world.unit_texts.take(pa.array(unit[chosen])),
            world.unit_name_texts.take(pa.array(unit[chosen])),
            world.service_texts.take(pa.array(service[chosen])),
            world.profession_texts.take(pa.array(profession[chosen])),
            pa.array(URGENCIES).take(pa.array(urgency[chosen])),
            world.day_column(assessed[chosen], minute[chosen]),
            world.day_column(listed_text[chosen]),
            world.day_column(booked_for),
            pa.array(REASONS).take(pa.array(reason[chosen])),
        )


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


def _avohilmo(world: World) -> Iterator[Chunk]:
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
    shares = [item.share if item.code in SERVICE_FORMS else 0.0 for item in SERVICES]
    service = np.where(world.is_open[day], _choose(random, np.array([shares]), n), 0)
    person = world.clients_of(random, service)
    row = world.rows_of(random, service, person)
    profession = np.empty(n, dtype=np.int64)
    for index, item in enumerate(SERVICES):
        chosen = service == index
        weights = [
            (PROFESSIONS.index(name), weight)
            for name, weight in item.professions
            if name in REGISTER_PROFESSIONS
        ]
        profession[chosen] = _pick(random, weights or [(0, 1.0)], int(chosen.sum()))
    not_urgent = _share(random, n, 0.8) & world.is_open[day]
    remote = _share(random, n, np.array([item.remote[0] for item in SERVICES])[service])
    mode = np.where(remote, _pick(random, REMOTE_MODES, n), _pick(random, IN_PERSON_MODES, n))
    wait = np.where(not_urgent, world.waits(random, row, profession, remote, day), 0)
    assessed = np.where(wait > 0, world.last_open[day - wait], day)
    cancelled = _share(random, n, 0.07)
    covered = _share(random, n, world.between(world.coverage, row, day))
    never = np.full(n, world.no_day)
    hour = 480 + 15 * _below(random, 30, n)
    morning = 480 + _below(random, 400, n)

    def moment(days: np.ndarray, minutes: np.ndarray) -> pa.Array:
        minutes = np.where(days == world.no_day, world.no_clock, minutes)
        return world.day_column(days, minutes, padded=True)

    def text(values: Sequence[str], which: np.ndarray) -> pa.Array:
        return pa.array(values).take(pa.array(which))

    forms = [SERVICE_FORMS.get(item.code, "") for item in SERVICES]
    professions = [REGISTER_PROFESSIONS.get(name, "") for name in PROFESSIONS]
    urgency = text(("E", "K", ""), np.where(not_urgent, 0, np.where(_share(random, n, 0.03), 2, 1)))
    nature = text(("SH", "TH"), _share(random, n, 0.05).astype(np.int64))
    first = text(("E", "K"), _share(random, n, 0.55).astype(np.int64))
    booked_on = np.where(covered, assessed, world.no_day)
    columns = {
        "AVOHILMO_ID": pa.array(first_number + np.arange(n)).cast(pa.string()),
        "TNRO": world.person_texts.take(pa.array(person)),
        "ASIAKAS_KOTIKUNTA": world.municipality_texts.take(pa.array(world.municipality[person])),
        "PALVELUNTUOTTAJA_YKSIKKO": world.unit_texts.take(pa.array(world.unit_of_row[row])),
        "HTA_AMMATTI": text(professions, profession),
        "HTA_ENSIKAYNTI": first,
        "HTA_KIIREELLISYYS": urgency,
        "HTA_LUONNE": nature,
        "AJANVARAUS_AMMATTI": text(professions, profession),
        "AJANVARAUS_PALVELUMUOTO": text(forms, service),
        "AJANVARAUS_YHTEYSTAPA": text(MODES, mode),
        "KAYNTI_KAVIJARYHMA": text(("1", "2"), _share(random, n, 0.02).astype(np.int64)),
        "KAYNTI_KIIREELLISYYS": urgency,
        "KAYNTI_LUONNE": nature,
        "KAYNTI_ENSIKAYNTI": first,
        "KAYNTI_AMMATTI": text(professions, profession),
        "KAYNTI_PALVELUMUOTO": text(forms, service),
        "KAYNTI_YHTEYSTAPA": text(MODES, mode),
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
