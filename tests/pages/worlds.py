"""Warehouses known by construction, made with the loader from small extracts.

`with_gaps`: whatever is known of it is five or more, and differs from period to period; a zero on a page is therefore
something that is not known. Not known are: two weeks of all visits, half of two others, two weeks of one unit, six weeks of
the queue, one snapshot of a unit, everything of a unit with a few rows a week (hidden), the weeks of a service without
assessment dates (no denominator), referrals and cases whose deadline has not passed, years of figures, targets to come.

`never_complete`: no week, month, quarter or year of it is covered from its first to its last day, so there is nothing to
judge; targets stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import queue, queue_entry, visit, visits

TODAY, NOW = date(2025, 7, 1), datetime(2025, 7, 1, 8, 0)
EXTRACTED = date(2025, 6, 30)
FIRST_MONDAY, WEEKS = date(2025, 1, 6), 25
DAY = timedelta(days=1)
LAST_SNAPSHOT = date(2025, 6, 23)
#: Kokkola and Kannus are large, Perho has a few rows of everything.
BIG, OTHER, SMALL = "TK-KOK-01", "TK-KAN-01", "TK-PER-01"
#: A unit that is known by counts alone, one whose referrals are all still within their time.
COUNTED, NEW = "Toholampi", "ERVA-UUSI"
NAMES = {BIG: "Kokkolan pääterveysasema", OTHER: "Kannuksen terveysasema", SMALL: "Perhon terveysasema"}
#: The area of which nothing but referrals within their time is known.
UNDUE_AREA = "16"
#: A met visit waited a week or less, a late one longer than any limit of the law.
LATE_DAYS = 200
FIGURE_HEADER = (
    "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
)
TARGET_HEADER = "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source"


class World:
    """A warehouse that is being filled, and the numbers of its rows."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = replace(load_settings({}), warehouse=folder)
        self._numbers = 0

    def number(self) -> int:
        """The number of a new row."""
        self._numbers += 1
        return self._numbers

    def load(self, name: str, data: bytes, **options: object) -> None:
        """Load a file as the command line does; nothing may be wrong with it."""
        given = LoadOptions(**{"as_of": EXTRACTED, "loaded_by": "tests", **options})
        report = load_bytes(name, data, given, self.settings, now=NOW, today=TODAY)
        assert report.status == "loaded", report.findings


def written(day: date) -> str:
    """A day as Exreport writes it."""
    return f"{day.day}.{day.month}.{day.year}"


def text(header: str, lines: Iterable[str], encoding: str = "utf-8", end: str = "\n") -> bytes:
    """A file of lines under a heading."""
    return (end.join([header, *lines]) + end).encode(encoding)


def _visits(
    world: World, day: date, unit: str, service: str, profession: str, mode: str, waits: Iterable[int | None]
) -> Iterator[str]:
    """Visits of one day after these waits; None is a visit without an assessment date."""
    for at, wait in enumerate(waits):
        assessed = None if wait is None else day - wait * DAY
        yield visit(
            world.number(),
            unit=unit,
            unit_name=NAMES[unit],
            service=service,
            profession=profession,
            mode=mode,
            first="K" if at % 2 else "E",
            born=("2010", "1956", "1940")[at % 3],
            contacted="" if assessed is None else written(assessed - 3 * DAY),
            assessed="" if assessed is None else written(assessed),
            booked="" if assessed is None or wait is None else written(assessed + (wait // 2) * DAY),
            visit=written(day),
        )


def _waits(met: int, late: int, missing: int = 0) -> list[int | None]:
    return [*(1 + at % 7 for at in range(met)), *([LATE_DAYS] * late), *([None] * missing)]


def _week_of_visits(world: World, week: int, units: Iterable[str]) -> Iterator[str]:
    """What the units did in a week: on its Tuesday, five or more of everything told."""
    day = FIRST_MONDAY + week * 7 * DAY + DAY
    a, b, c = week % 3, week % 4, week % 5
    if BIG in units:
        yield from _visits(
            world, day, BIG, "Avosairaanhoito", "Lääkäri", "R10", _waits(12 + 2 * a, 12 + b, 6)
        )
        yield from _visits(
            world, day, BIG, "Avosairaanhoito", "Sairaanhoitaja", "R50", _waits(14 + c, 11 + a, 6)
        )
        # A service whose assessment dates are missing in every fifth week.
        psychiatric = _waits(0, 0, 12) if c == 0 else _waits(11 + b, 10 + a, 5)
        yield from _visits(world, day, BIG, "Mielenterveyspalvelut", "Psykologi", "R10", psychiatric)
    if OTHER in units:
        yield from _visits(
            world, day, OTHER, "Suun terveydenhuolto", "Hammaslääkäri", "R10", _waits(13 + b, 12 + c, 6)
        )
        yield from _visits(
            world, day, OTHER, "Avosairaanhoito", "Sairaanhoitaja", "R10", _waits(11 + c, 12 + a, 6)
        )
    if SMALL in units:
        yield from _visits(world, day, SMALL, "Avosairaanhoito", "Lääkäri", "R10", _waits(2, 2))


def _stretch(world: World, first: date, last: date, units: Iterable[str]) -> None:
    """An extract of visits that speaks of a stretch of days of some units."""
    units = tuple(units)
    weeks = [
        week for week in range(WEEKS) if first <= FIRST_MONDAY + week * 7 * DAY + DAY <= last
    ]  # the Tuesdays in it
    lines = [line for week in weeks for line in _week_of_visits(world, week, units)]
    world.load(f"kaynnit {first} {units[0]}.csv", visits(*lines), window=(first, last))


def _entries(
    world: World, day: date, unit: str, service: str, counts: tuple[int, int, int, int]
) -> Iterator[str]:
    """A queue on a day: within the limit, beyond it, by own wish, urgent."""
    within, beyond, own, urgent = counts
    for kind, count in (("within", within), ("beyond", beyond), ("own", own), ("urgent", urgent)):
        for at in range(count):
            since = day - (LATE_DAYS + at if kind == "beyond" else 8 + at % 4) * DAY
            yield queue_entry(
                world.number(),
                snapshot=written(day),
                person=f"J{world.number()}",
                unit=unit,
                unit_name=NAMES[unit],
                service=service,
                profession="Hammaslääkäri" if service.startswith("Suun") else "Lääkäri",
                urgency="Kiireellinen" if kind == "urgent" else "Kiireetön",
                assessed=written(since),
                queued=written(since + DAY),
                reason="Potilaan oma toive" if kind == "own" else "Resurssi",
            )


def _queues(world: World) -> None:
    """A snapshot every other Monday, none for six weeks, Kannus missing once; counts of a unit without rows."""
    lines: list[str] = []
    for at, week in enumerate(range(0, WEEKS, 2)):
        if week in (10, 12):
            continue
        day = FIRST_MONDAY + week * 7 * DAY
        lines += _entries(world, day, BIG, "Avosairaanhoito", (20 + at, 11 + 2 * at, 7 + at, 12 + 2 * at))
        if week != 16:
            lines += _entries(
                world, day, OTHER, "Suun terveydenhuolto", (15 + 2 * at, 10 + at, 8 + 2 * at, 9 + at)
            )
        lines += _entries(world, day, SMALL, "Avosairaanhoito", (1, 1, 1, 1))
    world.load("jono.csv", queue(*lines))
    header = "snapshot_date,area_code,unit,service,waiting,over_guarantee,note,source"
    counts = [
        f"2025-{day},18,{COUNTED},oral_health,{n},,,Laskenta" for day, n in (("06-23", 41), ("06-30", 43))
    ]
    world.load("jonot_laskettu.csv", text(header, counts), source="queue_counts")


REFERRAL_HEADER = (
    "Lähetetunnus;Potilas;Syntymävuosi;Kotikunta;Lähettäjä;Yksikkökoodi;Yksikkö;Palvelu;Kiireellisyys;Saapunut;Käsitelty;"
    "Päätös;Ensikäynti"
)


def _referrals(world: World, first: int, unit: str, **options: object) -> None:
    """Referrals that came each week from one on: most handled in time, some late; the newest within their time.

    The extract speaks of the days from that week on.
    """
    lines = []
    for week in range(first, WEEKS):
        came = FIRST_MONDAY + week * 7 * DAY
        for at in range(9 + week % 4 + 6 + week % 3):
            handled = came + (10 if at < 9 + week % 4 else 30) * DAY
            lines.append(
                f"{world.number()};L{world.number()};1970;272;TK;{unit};Psykiatria;Aikuispsykiatria;Kiireetön;"
                f"{written(came)};{written(handled) if handled < EXTRACTED else ''};Hyväksytty;"
            )
    window = (date(2025, 1, 1) if first == 0 else FIRST_MONDAY + first * 7 * DAY, EXTRACTED - DAY)
    world.load(
        f"lahetteet {unit}.csv",
        text(REFERRAL_HEADER, lines, "cp1252", "\r\n"),
        source="exreport_lahetteet",
        window=window,
        **options,
    )


NOTIFICATION_HEADER = "ILMOITUS_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|LAJI|SAAPUI|PAATETTY|PAATOS"


def _cases(world: World) -> None:
    """Notifications and assessments that came on the 3rd of each month and on 26 June: in time, late, open and late, undue."""
    notifications, assessments = [], []
    for month in range(1, 7):
        came = date(2025, month, 3)
        for at in range(8 + month + 7 + month % 3):
            done = came + (4 if at < 8 + month else 25) * DAY
            notifications.append((came, f"{done:%Y%m%d}" if done < EXTRACTED else "", "LS-1"))
        notifications += [(came, "", "LS-1")] * 6
        for group in ("LAPSIPERHE", "IKAANTYNYT"):
            for at in range(9 + month + 6 + month % 4):
                quick = at < 9 + month
                started = came + (3 if quick else 40) * DAY
                ready = came + (50 if quick else 110) * DAY
                assessments.append((came, started, ready, group, "PA-1"))
            assessments += [(came, None, None, group, "PA-1")] * 7
    # All still within their time.
    notifications += [(date(2025, 6, 26), "", "LS-UUSI")] * 8
    window = (date(2025, 1, 1), EXTRACTED - DAY)
    lines = [
        f"{world.number()}|K{world.number()}|2015|272|{unit}|ILMOITUS|{came:%Y%m%d}|{done}|ARVIOINTI"
        for came, done, unit in notifications
    ]
    world.load("ilmoitukset.csv", text(NOTIFICATION_HEADER, lines, "latin-1", "\r\n"), window=window)

    def known(day: date | None) -> str:
        return f"{day:%Y%m%d}" if day is not None and day < EXTRACTED else ""

    lines = [
        f"{world.number()}|K{world.number()}|{'1940' if group == 'IKAANTYNYT' else '2015'}|272|{unit}|{group}|"
        f"{came:%Y%m%d}|{known(started)}|{known(ready)}"
        for came, started, ready, group, unit in assessments
    ]
    header = "ARVIOINTI_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|ASIAKASRYHMA|VIREILLE|ALOITETTU|VALMIS"
    world.load("palvelutarve.csv", text(header, lines, "latin-1", "\r\n"), window=window)


def _pathways(world: World) -> None:
    """Mental-health pathways that began on the 5th of each month: care in time, late, waiting; the newest within their time."""
    header = (
        "asiakkuus_id;asiakas;syntymavuosi;kotikunta;yksikko;palvelu;yhteydenotto_pvm;ensiarvio_pvm;"
        "hoidon_tarve_todettu_pvm;hoito_alkoi_pvm;paattyi_pvm;tila;menetelma"
    )
    lines = []
    for month in range(1, 7):
        asked = date(2025, month, 5)
        found = asked + 9 * DAY
        for at in range(22 + month):
            quick, waiting = at < 9 + month, at >= 16 + month
            first = asked + (3 if quick else 9) * DAY
            begun = None if waiting else found + (6 if quick else 40) * DAY
            begun = begun if begun and begun < LAST_SNAPSHOT else None
            lines.append(
                f"{world.number()};M{world.number()};2008;272;MT-1;Mielenterveyspalvelut;{asked};{first};{found};"
                f"{begun or ''};;{'hoidossa' if begun else 'jonossa'};"
            )
        # Not contacted at all.
        lines += [
            f"{world.number()};M{world.number()};2008;272;MT-1;Mielenterveyspalvelut;{asked};;;;;jonossa;"
            for _ in range(6 + month % 2)
        ]
    # Of the day of the other queues, so that they are all of one day.
    window = (date(2025, 1, 1), LAST_SNAPSHOT - DAY)
    world.load("pirkko.csv", text(header, lines), as_of=LAST_SNAPSHOT, window=window)


def _figures(world: World) -> None:
    """Figures with years missing, half a year, shares without their numbers, and one that is of nothing."""
    world.load(
        "luvut.csv",
        text(
            FIGURE_HEADER,
            [
                "child_health_clinic_visits,18,child_health_clinic,2019-01-01,2019-12-31,,,21907,count,,Lähde",
                "child_health_clinic_visits,18,child_health_clinic,2021-01-01,2021-12-31,,,19842,count,,Lähde",
                "child_health_clinic_visits,18,child_health_clinic,2022-01-01,2022-06-30,,,9842,count,,Lähde",
                "child_health_clinic_visits,18,child_health_clinic,2024-01-01,2024-12-31,,,22111,count,,Lähde",
                "child_health_clinic_patients,18,child_health_clinic,2021-01-01,2021-12-31,,,3311,count,,Lähde",
                "adult_psychiatry_visits,18,adult_psychiatry,2019-01-01,2019-12-31,,,5100,count,,Lähde",
                "over_75_living_at_home,18,,2021-01-01,2021-12-31,,,91.5,percent,,Lähde",
                "over_75_living_at_home,18,,2023-01-01,2023-12-31,,,92.5,percent,,Lähde",
                "electronic_forms,18,,2023-01-01,2023-12-31,120,900,,percent,,Lähde",
                "digital_care_paths_in_use,18,,2023-01-01,2023-12-31,,,6,count,,Lähde",
            ],
        ),
    )


def _targets(world: World) -> None:
    """Targets of periods that are over, half known, not known, hidden and to come; two in words alone."""
    promised = [
        ("seven_day_access", "2024-01-01", "2024-12-31", ">=", "60", "percent", "60 %"),
        ("seven_day_access", "2025-01-01", "2025-03-31", ">=", "50", "percent", "50 %"),
        ("seven_day_access", "2025-10-01", "2025-12-31", ">=", "80", "percent", "80 %"),
        ("access_within_limit", "2025-01-01", "2025-12-31", ">=", "90", "percent", "90 %"),
        ("oral_health_wait_days", "2024-01-01", "2024-12-31", "<=", "60", "days", "60 pv"),
        ("oral_health_wait_days", "2025-01-01", "2025-12-31", "<", "1", "months", "<1 kk"),
        ("referral_handling", "2025-01-01", "2025-03-31", ">=", "90", "percent", "90 %"),
        ("referral_handling", "2025-04-01", "2025-06-30", ">=", "95", "percent", "95 %"),
        ("social_welfare_deadlines", "2025-01-01", "2025-12-31", ">=", "98", "percent", "98 %"),
        ("child_welfare_7_weekdays", "2025-01-01", "2025-12-31", ">=", "97", "percent", "97 %"),
        ("child_family_needs_assessment_90d", "2025-01-01", "2025-12-31", ">=", "96", "percent", "96 %"),
        ("mental_health_guarantee", "2025-01-01", "2025-12-31", ">=", "95", "percent", "95 %"),
        ("electronic_forms", "2025-01-01", "2025-12-31", ">", "10", "percent", "yli 10 %"),
        ("over_75_living_at_home", "2022-01-01", "2022-12-31", ">=", "93", "percent", "93 %"),
        ("over_75_living_at_home", "2025-01-01", "2025-12-31", ">=", "94", "percent", "94 %"),
        ("digital_care_paths_in_use", "2026-01-01", "2026-12-31", ">=", "24", "count", "24"),
        ("ips_employment", "2025-01-01", "2025-12-31", "", "", "percent", "kasvaa"),
    ]
    lines = [
        f"{name},18,{first},{last},{comparator},{value},{unit},{said},Hankesuunnitelma"
        for name, first, last, comparator, value, unit, said in promised
    ]
    world.load("tavoitteet.csv", text(TARGET_HEADER, lines), source="targets")


def _project(world: World) -> None:
    """A project with money that is not reported, or that is reported without a budget, and steps without a report."""
    header = "area_code,project,investment,cost_item,level,year,budget_eur,actual_eur,note,source"
    lines = [
        "18,Hanke,pillar_4/investment_1,Yhteensä,total,2024,100000,40000,,Raportti",
        "18,Hanke,pillar_4/investment_1,Palvelut,item,2024,60000,,,Raportti",
        "18,Hanke,pillar_4/investment_2,Yhteensä,total,2024,50000,,,Raportti",
        "18,Hanke,pillar_4/investment_2,Yhteensä,total,2025,70000,,,Raportti",
        "18,Hanke,pillar_4/investment_3,Yhteensä,total,2025,,7000,,Raportti",
    ]
    world.load("kustannukset.csv", text(header, lines), source="project_budgets")
    header = (
        "area_code,project,investment,report_period_start,report_period_end,aspect,status,progress_pct,source"
    )
    lines = [
        "18,Hanke,pillar_4/investment_1,2024-01-01,2024-12-31,progress,,90,Raportti",
        "18,Hanke,pillar_4/investment_1,2024-01-01,2024-12-31,schedule,as_planned,,Raportti",
        "18,Hanke,pillar_4/investment_2,2024-01-01,2024-12-31,schedule,deviation,,Raportti",
    ]
    world.load("liikennevalot.csv", text(header, lines), source="traffic_lights")
    header = "area_code,project,work_package,milestone,scale,planned_start,planned_end,status,achieved_on,as_written,source"
    lines = [
        "18,Hanke,Pilari 4,Ensimmäinen,kyllä/ei,2024-01-01,2024-12-31,,,,Suunnitelma",
        "18,Hanke,Pilari 4,Toinen,kyllä/ei,,,,,,Suunnitelma",
    ]
    world.load("merkkipaalut.csv", text(header, lines), source="milestones")


def with_gaps(folder: Path) -> Settings:
    """The settings of the warehouse in which nothing known is zero."""
    world = World(folder)
    everyone, most = (BIG, OTHER, SMALL), (BIG, SMALL)
    _stretch(world, date(2025, 1, 6), date(2025, 3, 9), everyone)
    _stretch(world, date(2025, 3, 24), date(2025, 5, 1), everyone)
    _stretch(world, date(2025, 5, 5), date(2025, 6, 26), most)
    _stretch(world, date(2025, 5, 5), date(2025, 5, 25), (OTHER,))
    _stretch(world, date(2025, 6, 9), date(2025, 6, 26), (OTHER,))
    _queues(world)
    _referrals(world, 0, "PSY-1")
    _referrals(world, WEEKS - 3, NEW)
    _referrals(world, WEEKS - 3, "PSY-16", area=UNDUE_AREA)
    _cases(world)
    _pathways(world)
    _figures(world)
    _targets(world)
    _project(world)
    return world.settings


def _half_a_month(world: World, first: date, last: date) -> None:
    """Notifications and referrals of a stretch of days, half of them in time, that speak of these days alone."""
    notifications, referrals = [], []
    for at in range(40):
        came = first + (at % 15) * DAY
        done = came + (3 if at % 2 else 40) * DAY
        number = world.number()
        notifications.append(
            f"{number}|K{number}|2015|272|LS-1|ILMOITUS|{came:%Y%m%d}|{done:%Y%m%d}|ARVIOINTI"
        )
        referrals.append(
            f"{number};L{number};1970;272;TK;PSY-1;Psykiatria;Aikuispsykiatria;Kiireetön;{written(came)};"
            f"{written(done)};Hyväksytty;"
        )
    data = text(NOTIFICATION_HEADER, notifications, "latin-1", "\r\n")
    world.load(f"ilmoitukset {first}.csv", data, source="efica_ilmoitukset", window=(first, last))
    data = text(REFERRAL_HEADER, referrals, "cp1252", "\r\n")
    world.load(f"lahetteet {first}.csv", data, source="exreport_lahetteet", window=(first, last))


def never_complete(folder: Path) -> Settings:
    """The settings of the warehouse in which there is no complete period."""
    world = World(folder)
    for week in range(WEEKS - 10, WEEKS):
        monday = FIRST_MONDAY + week * 7 * DAY
        _stretch(world, monday, monday + 3 * DAY, (BIG, OTHER))
    for month in (3, 4, 5):
        _half_a_month(world, date(2025, month, 4), date(2025, month, 26))
    _targets(world)
    return world.settings
