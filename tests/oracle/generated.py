"""Extracts made up by Hypothesis around the days and ages where the rules turn, and the questions asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import strategies as st

from tests.oracle.extracts import Delivery
from tests.oracle.model import INDICATORS, Asked, Count, splits_of
from tests.pipelines.extracts import QUEUE_HEADER, VISIT_HEADER, queue_entry, visit

#: Days on which a limit changed, a leap day, the turn of a year whose first week is another year's.
TURNS = (date(2023, 9, 1), date(2024, 11, 1), date(2025, 1, 1), date(2024, 2, 29))
NEAR_DAYS = (-31, -8, -2, -1, 0, 1, 2, 7, 30)
#: Days or months from the assessment to the visit or snapshot, on both sides of every limit.
WAITS: tuple[int | relativedelta | None, ...] = (
    *(None, -1, 0, 6, 7, 8, 14, 15),
    *(relativedelta(months=months, days=extra) for months in (3, 4, 6) for extra in (0, 1)),
)
UNITS = ("TK-KOK-01", "HH-KOK-01", "ES-PSY-01")
#: A unit of another area, which delivers its own files.
OTHER_AREA, OTHER_UNIT = "20", "TK-KAJ-01"
#: What master data says of the units: two health centres of the area, so that one can be monitored and one not.
KINDS = {
    UNITS[0]: "health_centre",
    UNITS[2]: "health_centre",
    OTHER_UNIT: "health_centre",
    UNITS[1]: "hospital",
}
SERVICES = (
    *("Avosairaanhoito", "Avosairaanhoito", "Suun terveydenhuolto", "Aikuispsykiatria"),
    *("Erikoissairaanhoito", "Fysioterapia", "Lastenneuvola", "Uusi palvelu"),
)
MODES = ("R10", "R10", "R52", "R56", "R71", "R80", "R90", "R59", "")


@dataclass(frozen=True)
class History:
    """Extracts in the order of loading, and counted queues."""

    deliveries: tuple[Delivery, ...]
    counts: tuple[Count, ...]
    #: Units that master data says have ended: the last day, None where there is a successor and no day.
    ends: tuple[tuple[str, date | None], ...] = ()

    def __repr__(self) -> str:
        files = "\n\n".join(
            f"{d.source} of {d.extract_date}, window {d.window}, origin {d.origin}, whole {d.whole_origin}\n{d.text}"
            for d in self.deliveries
        )
        return f"{files}\n\n{self.counts}\n\n{self.ends}"


def written(on: date | None, time: str = "") -> str:
    """A day as Exreport writes it."""
    return "" if on is None else f"{on.day}.{on.month}.{on.year}{time}"


def born(draw: st.DrawFn, start: date) -> tuple[str, str]:
    """A person and a birth year: around the 23rd birthday, impossible, unknown, exact or by the year alone."""
    kind = draw(st.sampled_from(("year", "year", "year", "exact", "unknown")))
    if kind == "exact":
        birthday = start - relativedelta(years=23) + timedelta(days=draw(st.sampled_from((-1, 0, 1))))
        sign = "A" if birthday.year >= 2000 else "-"
        return f"{birthday:%d%m%y}{sign}90{draw(st.integers(0, 1))}X", ""
    person = draw(st.sampled_from(("P1", "P2", "P3", "")))
    if kind == "unknown":
        return person, ""
    return person, str(start.year - draw(st.sampled_from((0, 6, 7, 21, 22, 23, 23, 24, 74, 75, 121))))


def around(draw: st.DrawFn, turn: date) -> tuple[date | None, date]:
    """An assessment, or none, and the day of the visit or snapshot after it."""
    start = turn + timedelta(days=draw(st.sampled_from(NEAR_DAYS)))
    wait = draw(st.sampled_from(WAITS))
    if wait is None:
        return None, start
    return start, start + (timedelta(days=wait) if isinstance(wait, int) else wait)


def before(draw: st.DrawFn, day: date) -> date | None:
    """A day on or before another, sometimes after it, or none."""
    shift = draw(st.sampled_from((None, 0, 0, -1, -8, 3)))
    return None if shift is None else day + timedelta(days=shift)


@st.composite
def visit_lines(draw: st.DrawFn, turn: date, units: Sequence[str]) -> list[str]:
    """Lines of a visit extract, with what goes wrong in real ones."""
    lines = []
    for key in draw(st.lists(st.integers(1, 60), unique=True, min_size=8, max_size=30)):
        assessed, on = around(draw, turn)
        person, year = born(draw, assessed or on)
        line = visit(
            key,
            person=person,
            born=year,
            municipality=draw(st.sampled_from(("272", "272", "74", "999", ""))),
            unit=draw(st.sampled_from(units)),
            service=draw(st.sampled_from(SERVICES)),
            profession=draw(st.sampled_from(("Lääkäri", "Sairaanhoitaja", "Hoitokoordinaattori", ""))),
            mode=draw(st.sampled_from(MODES)),
            urgency=draw(st.sampled_from(("Kiireetön",) * 5 + ("Kiireellinen", ""))),
            nature=draw(st.sampled_from(("SH",) * 5 + ("TH", ""))),
            first=draw(st.sampled_from(("K", "K", "K", "E", ""))),
            contacted=written(before(draw, assessed or on)),
            assessed=written(assessed, draw(st.sampled_from(("", " 23:59")))),
            booked=written(before(draw, on)),
            visit=draw(st.sampled_from((written(on, " 0:05"),) * 12 + ("31.2.2025", ""))),
            state=draw(st.sampled_from(("Toteutunut",) * 8 + ("Varattu", "Peruttu", "Siirretty"))),
        )
        lines.append(line)
        trouble = draw(st.integers(0, 19))
        if trouble == 0:
            lines.append(line)
        elif trouble == 1:
            lines.append(line.replace("Kokkolan", "Toinen"))
    return lines


@st.composite
def queue_lines(draw: st.DrawFn, turn: date, units: Sequence[str]) -> list[str]:
    """Lines of a queue extract: some units on some Mondays."""
    monday = turn - timedelta(days=turn.weekday())
    lines = []
    for week in draw(st.lists(st.sampled_from((-1, 0, 1, 2, 4, 9)), unique=True, min_size=1, max_size=5)):
        snapshot = monday + timedelta(weeks=week)
        for number in range(draw(st.integers(1, 8))):
            wait = draw(st.sampled_from((None, *WAITS[2:])))
            ago = timedelta(0) if wait is None else timedelta(days=wait) if isinstance(wait, int) else wait
            person, year = born(draw, snapshot - ago)
            lines.append(
                queue_entry(
                    draw(st.sampled_from((number, number + 100))),
                    snapshot=written(snapshot),
                    person=person,
                    born=year,
                    municipality=draw(st.sampled_from(("272", "849"))),
                    unit=draw(st.sampled_from(units)),
                    service=draw(st.sampled_from(SERVICES)),
                    profession=draw(st.sampled_from(("Lääkäri", ""))),
                    urgency=draw(st.sampled_from(("Kiireetön",) * 4 + ("Kiireellinen", ""))),
                    assessed="" if wait is None else written(snapshot - ago),
                    queued=written(snapshot - ago - timedelta(days=draw(st.sampled_from((0, 20))))),
                    reason=draw(
                        st.sampled_from(
                            ("Resurssi",) * 4 + ("Potilaan oma toive", "Lääketieteellinen", "Muu syy", "")
                        )
                    ),
                )
            )
    return lines


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A few extracts around one turn of the rules: delivered again, corrected, late, for one area or two."""
    turn = draw(st.sampled_from(TURNS))
    deliveries = []
    for source in draw(st.sampled_from((("visits", "queue"), ("visits", "visits", "queue", "queue")))):
        own = draw(st.integers(0, 4)) > 0
        origin, units = ("18", UNITS) if own else (OTHER_AREA, (OTHER_UNIT,))
        units = draw(st.sampled_from((units, units[:1], units[-2:])))
        lines = draw((visit_lines if source == "visits" else queue_lines)(turn, units))
        header = VISIT_HEADER if source == "visits" else QUEUE_HEADER
        if source == "visits" and draw(st.booleans()):
            header += ";Lähetteellä"
            known = {line: draw(st.sampled_from(("K", "E", "E", "", "J"))) for line in dict.fromkeys(lines)}
            lines = [f"{line};{known[line]}" for line in lines]
        if draw(st.booleans()):
            header += ";Tuottaja"
            drawn = st.sampled_from(("Oma", "Oma toiminta", "Ostettu", "Palveluseteli", "Kumppani", ""))
            producers = {line: draw(drawn) for line in dict.fromkeys(lines)}
            lines = [f"{line};{producers[line]}" for line in lines]
        window = None
        if source == "visits" and draw(st.booleans()):
            window = (
                turn + timedelta(days=draw(st.sampled_from((-40, -10, 0)))),
                turn + timedelta(days=draw(st.sampled_from((6, 33, 200)))),
            )
        deliveries.append(
            Delivery(
                "exreport_kaynnit" if source == "visits" else "exreport_jono",
                "\r\n".join([header, *lines]) + "\r\n",
                extract_date=turn + timedelta(days=draw(st.sampled_from((8, 60, 230, 231)))),
                window=window,
                origin=origin,
                whole_origin=draw(st.integers(0, 3)) == 0,
            )
        )
    ended = draw(st.sampled_from(((), (), ("Digi",), ("Digi", UNITS[0]))))
    last = st.sampled_from((None, turn + timedelta(days=7), turn + timedelta(days=20)))
    return History(tuple(deliveries), tuple(draw(counted(turn))), tuple((unit, draw(last)) for unit in ended))


@st.composite
def counted(draw: st.DrawFn, turn: date) -> list[Count]:
    """Counted queues of a unit with rows and of one without."""
    found = {}
    for _ in range(draw(st.integers(0, 7))):
        area, unit = draw(st.sampled_from((("18", UNITS[0]), ("18", "Digi"), (OTHER_AREA, "Paltamo"))))
        on = turn + timedelta(days=draw(st.sampled_from((0, 7, 8, 40))))
        service = draw(st.sampled_from(("primary_care", "physiotherapy")))
        waiting, over = draw(st.sampled_from(((5, None), (7, 2), (None, 3), (0, 0), (0, None), (4, 0))))
        found[on, unit, service] = Count(on, area, unit, service, waiting, over)
    return list(found.values())


def counts_text(counts: Sequence[Count]) -> str:
    """Counted queues as their layout writes them."""
    lines = ["snapshot_date,area_code,unit,service,waiting,over_guarantee,note,source"]
    for count in counts:
        numbers = ["" if number is None else str(number) for number in (count.waiting, count.over_limit)]
        lines.append(
            ",".join([count.on.isoformat(), count.area, count.unit, count.service, *numbers, "", ""])
        )
    return "\n".join(lines) + "\n"


@st.composite
def questions(draw: st.DrawFn, turn: date) -> list[Asked]:
    """Every indicator once, each split, narrowed and told by periods in some way."""
    found = []
    for indicator in INDICATORS:
        possible = splits_of(indicator)
        splits = draw(st.lists(st.sampled_from(possible), unique=True, max_size=2))
        where = {}
        for name in draw(st.lists(st.sampled_from(possible), unique=True, max_size=1)):
            where[name] = draw(st.sampled_from(FILTERS[name]))
        dates = draw(st.sampled_from((None, None, None, (-45, 20), (3, 100))))
        found.append(
            Asked(
                indicator,
                by=draw(st.sampled_from(("week", "week", "month", "quarter", "year"))),
                splits=tuple(splits),
                where=tuple(where.items()),
                area=draw(st.sampled_from(("18", "18", "all", OTHER_AREA))),
                date_from=dates and turn + timedelta(days=dates[0]),
                date_to=dates and turn + timedelta(days=dates[1]),
            )
        )
    return found


FILTERS = {
    "patient_group": (("oral_health_75",), ("family_centre", "mental_health_substance")),
    "unit": ((UNITS[0],), UNITS[:2], (OTHER_UNIT, "Digi")),
    "service": (("primary_care",), ("oral_health", "physiotherapy"), ("?Uusi palvelu",)),
    "profession": (("doctor",), ("unknown", "?Hoitokoordinaattori")),
    "mode": (("remote",), ("other", "in_person")),
    "mode_code": (("R10", "R52"), ("unknown", "?R59")),
    "first_visit": (("yes",), ("unknown", "no")),
    "producer": (("bought",), ("own", "unknown"), ("?Kumppani",)),
    "age_group": (("0-22",), ("23+", "unknown")),
    "age_band": (("18-22", "23-29"), ("75+",)),
    "municipality": (("272",), ("074", "?999", "unknown")),
    "area": (("18",), (OTHER_AREA,)),
}
