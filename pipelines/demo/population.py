"""What all synthetic extracts share: the calendar, the people, the units, and their waiting times.

The numbers are chosen so that every page has something to show; they describe no real unit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

import holidays
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indicators.catalogue.places import reference_rows
from pipelines.demo.scales import Scale, demo_services, demo_turns, demo_units

#: The area whose municipalities the clients live in.
AREA = "18"
#: The last day with realised visits; the extracts are taken the day after.
LAST_DAY = date(2025, 12, 31)
EXTRACT_DATE = date(2026, 1, 1)
#: Between these two days waits and contact modes move from their first to their last level.
STORY_START = date(2024, 1, 1)
STORY_DAYS = 730
MOST_YEARS = 10
#: The digital clinic opens, and this unit sends no queue for a while.
DIGITAL_CLINIC, DIGITAL_CLINIC_OPENS = "DK-KOK-01", date(2024, 9, 2)
SILENT_UNIT, SILENT_FROM, SILENT_TO = "TK-PER-01", date(2025, 4, 14), date(2025, 5, 26)
#: Out of hours everybody comes here.
EMERGENCY_UNIT = "TK-KOK-01"

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

AGE_BANDS = (
    *((0, 6, 0.075), (7, 12, 0.075), (13, 17, 0.065), (18, 22, 0.055), (23, 29, 0.08)),
    *((30, 64, 0.40), (65, 74, 0.125), (75, 97, 0.125)),
)

MODES = ("R10", "R20", "R40", "R41", "R52", "R56", "R50", "R51", "R55", "R60", "R71", "R72", "R90", "R59", "")
IN_PERSON_MODES = ((0, 0.93), (1, 0.04), (3, 0.02), (2, 0.01))
REMOTE_MODES = ((4, 0.56), (5, 0.22), (6, 0.10), (7, 0.07), (8, 0.05))

#: Neighbours who use the area's services, the share of clients they are, and codes only dirty rows have.
GUEST_MUNICIPALITIES, GUEST_SHARE = ("208", "598", "599"), 0.015
LOST_ZERO, UNKNOWN_MUNICIPALITY = "74", "999"
#: Dates no calendar has; they follow the real days in the list of date texts.
BAD_DATES = ("31.2.2025", "0.0.0000", "45293", "12.13.2024")
BAD_ISO_DATES = ("2025-02-31", "0000-00-00", "45293", "2024-13-12")
BAD_COMPACT_DATES = ("20250231", "00000000", "45293", "20241312")

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


def demo_window(years: int = 2) -> tuple[date, date]:
    """The first and last day that the visits of so many years hold in full.

    >>> demo_window()
    (datetime.date(2024, 1, 1), datetime.date(2025, 12, 31))
    """
    return date(LAST_DAY.year - years + 1, 1, 1), LAST_DAY


Chunk = Sequence[pa.Array]


class World:
    """Everything the extracts share. Days are numbers since the first of `EPOCH`; texts are taken by number."""

    EPOCH = date(2000, 1, 1)

    def __init__(self, scale: Scale, years: int, seed: int) -> None:
        self.scale, self.years, self.seed = scale, years, seed
        self.first_day = demo_window(years)[0]
        self.services = demo_services(scale)
        self._make_calendar()
        self._make_units()
        self._make_turns()
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
        self.work_done = np.cumsum(self.activity) / self.activity.mean()
        numbers = np.arange(length)
        self.last_open = np.maximum.accumulate(np.where(self.is_open, numbers, 0))
        first_open = np.where(self.is_open, numbers, length - 1)[::-1]
        self.next_open = np.minimum.accumulate(first_open)[::-1]
        self.week = (numbers + self.EPOCH.weekday()) // 7
        self.progress = np.clip((numbers - self.number(STORY_START)) / STORY_DAYS, 0.0, 1.0)
        plain = [f"{day.day}.{day.month}.{day.year}" for day in days]
        self.day_texts = pa.array([*plain, *BAD_DATES, ""])
        self.first_bad_day, self.no_day = length, length + len(BAD_DATES)
        self.iso_day_texts = pa.array([*(f"{day:%Y-%m-%d}" for day in days), *BAD_ISO_DATES, ""])
        self.compact_day_texts = pa.array([*(f"{day:%Y%m%d}" for day in days), *BAD_COMPACT_DATES, ""])
        self.padded_day_texts = pa.array([*(f"{day:%d.%m.%Y}" for day in days), *BAD_DATES, ""])
        clock = [f"{minute // 60}:{minute % 60:02d}" for minute in range(24 * 60)]
        self.clock_texts = pa.array([*(f" {time}" for time in clock), ""])
        self.padded_clock_texts = pa.array([*(f" {time:0>5}" for time in clock), ""])
        self.no_clock = len(clock)

    def _make_units(self) -> None:
        self.rows = demo_units(self.scale)
        codes = list(dict.fromkeys(row.unit for row in self.rows))
        names = {row.unit: row.name_fi for row in self.rows}
        self.unit_of_row = np.array([codes.index(row.unit) for row in self.rows])
        self.service_of_row = np.array([self.service_number(row.service) for row in self.rows])
        self.blank_unit, self.spaced_unit = len(codes), len(codes) + 1
        self.unit_texts = pa.array([*codes, "", *(f" {code} " for code in codes)])
        self.unit_name_texts = pa.array(
            [*(names[code] for code in codes), "", *(names[code] for code in codes)]
        )
        self.share_7d = np.array([row.share_7d for row in self.rows])
        self.tail_days = np.array([row.tail_days for row in self.rows])
        self.coverage = np.array([row.coverage for row in self.rows])
        self.tail_shape = np.array([row.tail_shape for row in self.rows])
        self.digital_row = next(n for n, row in enumerate(self.rows) if row.unit == DIGITAL_CLINIC)
        self.emergency_row = next(n for n, row in enumerate(self.rows) if row.unit == EMERGENCY_UNIT)
        self.silent_unit = codes.index(SILENT_UNIT)
        self.service_texts = pa.array([service.name for service in self.services])
        self.profession_texts = pa.array(PROFESSIONS)
        self.profession_gap = np.array([PROFESSION_GAP[name] for name in PROFESSIONS])
        self.quick = self.profession_gap >= 0.1
        random = self.random(1)
        noise = random.random((int(self.week[-1]) + 1, len(self.rows), 3)).sum(axis=2) - 1.5
        self.week_noise = noise * WEEK_NOISE

    def _make_turns(self) -> None:
        places = {(row.unit, row.service): number for number, row in enumerate(self.rows)}
        self.turns: dict[str, list[tuple[int, int, int, float]]] = {}
        for turn in demo_turns(self.scale):
            at = (places[turn.unit, turn.service], self.number(turn.begins), turn.days, turn.to)
            self.turns.setdefault(turn.level, []).append(at)

    def turned(self, level: str, values: np.ndarray, row: np.ndarray, day: np.ndarray) -> np.ndarray:
        """A level of each unit row on a day, moved as far as the turns of the scale have taken it by then."""
        for turning, begins, days, to in self.turns.get(level, ()):
            moved = np.clip((day - begins) / max(days, 1), 0.0, 1.0)
            values = np.where(row == turning, values + (to - values) * moved, values)
        return values

    def _make_people(self) -> None:
        residents = {
            row["municipality_code"]: int(row["population_2025"])
            for row in reference_rows("municipality_population_2025.csv")
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
        self.municipality = choose(random, np.array([weights + [guests] * len(GUEST_MUNICIPALITIES)]), n)
        band = choose(random, np.array([[weight for _, _, weight in AGE_BANDS]]), n)
        low, high = np.array([[low, high] for low, high, _ in AGE_BANDS]).T
        age = low[band] + below(random, high[band] - low[band] + 1)
        self.birth_year = self.first_day.year - 1 - age
        self._by_age = np.argsort(age, kind="stable")
        self._ages = age[self._by_age]
        # Local ids in no order of age or place, as if given over many years.
        number = 1 + np.argsort(random.random(n * 9), kind="stable")[:n]
        self.no_person = n
        self.person_texts = pa.array([*(f"P{value:07d}" for value in number.tolist()), ""])
        years = [str(year) for year in range(1800, 2101)]
        self.year_texts = pa.array([*years, ""])
        self.no_year = len(years)
        # Who may come to a service: everybody of the right age, the older ones several times over.
        self.clients = []
        for at, service in enumerate(self.services):
            youngest, oldest, weight = service.ages
            fits = (age >= youngest) & (age <= oldest)
            if service.pool < 1:
                order = np.argsort(np.where(fits, self.random(13, at).random(n), 2.0), kind="stable")
                may_come = order[: round(service.pool * int(fits.sum()))]
                fits = np.zeros(n, dtype=bool)
                fits[may_come] = True
            self.clients.append(np.repeat(np.arange(n), np.where(fits, np.where(age >= 65, weight, 1), 0)))
        self.unit_choice = [self._units_by_municipality(number) for number in range(len(self.services))]

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

    def service_number(self, code: str) -> int:
        return next(number for number, service in enumerate(self.services) if service.code == code)

    def draw_professions(
        self, random: np.random.Generator, service: np.ndarray, known: Collection[str] = ()
    ) -> np.ndarray:
        """Draw the profession of each row, by the weights of the service; only `known` ones, if any."""
        profession = np.empty(len(service), dtype=np.int64)
        for number, item in enumerate(self.services):
            chosen = service == number
            weights = [
                (PROFESSIONS.index(name), weight)
                for name, weight in item.professions
                if not known or name in known
            ]
            profession[chosen] = pick(random, weights or [(0, 1.0)], int(chosen.sum()))
        return profession

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
            picked = choose(random, shares, len(chosen), self.municipality[person[chosen]])
            row[chosen] = rows[picked]
        return row

    def people_aged(self, random: np.random.Generator, youngest: int, oldest: int, n: int) -> np.ndarray:
        """`n` people of an age group; the more often one of them comes, the earlier they stand in it."""
        first, last = np.searchsorted(self._ages, [youngest, oldest + 1])
        position = random.random(n)
        return self._by_age[first + np.floor(position * position * (last - first)).astype(np.int64)]

    def arrivals(
        self, random: np.random.Generator, per_year: int, year: int, *, every_day: bool = False
    ) -> np.ndarray:
        """The days on which so many things a year arrive: open days, busier in busier months, or all days."""
        days = np.arange(self.number(date(year, 1, 1)), self.number(date(year + 1, 1, 1)))
        weight = np.array(MONTH_ACTIVITY)[self.month[days]] * np.where(
            self.is_open[days], 1.0, 0.25 * every_day
        )
        expected = per_year * weight / weight.sum() * (0.9 + 0.2 * random.random(len(days)))
        return np.repeat(days, np.floor(expected + random.random(len(days))).astype(np.int64))

    def arrivals_by_year(
        self, purpose: int, per_year: int, *, every_day: bool = False
    ) -> Iterator[tuple[np.random.Generator, np.ndarray, range, int]]:
        """By year a generator, the days on which things arrive, their running numbers from 1, and the year."""
        number = 1
        for year in range(self.first_day.year, LAST_DAY.year + 1):
            random = self.random(purpose, year)
            arrived = self.arrivals(random, per_year, year, every_day=every_day)
            yield random, arrived, range(number, number + len(arrived)), year
            number += len(arrived)

    def person_columns(self, person: np.ndarray, year: np.ndarray, municipality: np.ndarray) -> Chunk:
        """The columns of persons, birth years and municipalities, by the numbers of their texts."""
        return (
            self.person_texts.take(pa.array(person)),
            self.year_texts.take(pa.array(year)),
            self.municipality_texts.take(pa.array(municipality)),
        )

    def until_now(self, day: np.ndarray) -> np.ndarray:
        """Days that have come by the last day of the extracts; of later ones nothing is known yet."""
        return np.where(day <= self.number(LAST_DAY), day, self.no_day)

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
            self.turned("share_7d", self.between(self.share_7d, row, day), row, day)
            + self.profession_gap[profession]
            + np.where(remote, REMOTE_GAP, IN_PERSON_GAP)
            + np.array(MONTH_GAP)[self.month[day]]
            + self.week_noise[self.week[day], row]
        )
        in_time = random.random(len(row)) < np.clip(reached, 0.02, 0.98)
        weights = np.array([SLOW_DAYS, QUICK_DAYS])
        within = choose(random, weights, len(row), (remote | self.quick[profession]).astype(np.int64))
        beyond = random.random(len(row))
        tail = self.turned("tail_days", self.between(self.tail_days, row, day), row, day)
        longer = np.floor(tail * beyond / (self.tail_shape[row] - beyond)).astype(np.int64)
        return np.where(in_time, within, 8 + longer)

    def covered(self, row: np.ndarray, day: np.ndarray) -> np.ndarray:
        """The share of visits whose assessment date is recorded."""
        return self.turned("coverage", self.between(self.coverage, row, day), row, day)

    def served(self, day: np.ndarray, wait: np.ndarray) -> np.ndarray:
        """The open day on which somebody is served who was put in a queue on a day, to wait so many days."""
        last = day + wait
        if self.scale.queues_end_in_visits:
            last = np.searchsorted(self.work_done, self.work_done[day] + wait)
        return self.next_open[np.minimum(last, len(self.next_open) - 1)]

    def day_column(self, day: np.ndarray, minute: np.ndarray | None = None, padded: bool = False) -> pa.Array:
        """Dates as the source writes them, with the time of day where there is one."""
        days = self.padded_day_texts if padded else self.day_texts
        text = days.take(pa.array(day))
        if minute is None:
            return text
        clock = self.padded_clock_texts if padded else self.clock_texts
        return pc.binary_join_element_wise(text, clock.take(pa.array(minute)), "")


def taken(values: Sequence[str], which: np.ndarray) -> pa.Array:
    """Return the texts by their numbers."""
    return pa.array(values).take(pa.array(which))


def choose(
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


def pick(random: np.random.Generator, weights: Sequence[tuple[int, float]], n: int) -> np.ndarray:
    """`n` of the named numbers by their weights."""
    chosen = choose(random, np.array([[weight for _, weight in weights]]), n)
    return np.array([number for number, _ in weights])[chosen]


def below(random: np.random.Generator, limit: np.ndarray | int, n: int | None = None) -> np.ndarray:
    """Whole numbers from 0 to below the limit of each row."""
    size = n if n is not None else len(np.asarray(limit))
    return np.floor(random.random(size) * limit).astype(np.int64)


def share(random: np.random.Generator, n: int, share: float | np.ndarray) -> np.ndarray:
    """True for about this share of `n` rows."""
    return random.random(n) < share
