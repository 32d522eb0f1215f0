"""One rule of the last day for every unit, wherever it is asked: in Python, in SQL, and in each kind of indicator."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache

import duckdb
import holidays
import pytest

from indicators.answers import answer
from indicators.catalogue import limits
from indicators.catalogue.definition import Deadline, Definition, load_definitions
from indicators.catalogue.due_dates import UNITS, due_day, due_day_sql
from indicators.engine.question import Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.pipelines.extracts import queue, queue_entry, visit, visits

VALUES = {"days": (0, 14, 28), "months": (1, 3, 6), "weekdays": (0, 1, 7)}
HOLIDAYS = holidays.Finland(years=range(2023, 2028))
STARTS = [date(2023, 8, 20) + timedelta(days=step) for step in range(900)]


def slow(start: date, value: int, unit: str, eves_are_weekdays: bool = False) -> date:
    """The last day, day by day: the tests' own way."""
    if unit == "months":
        year, month = divmod(start.year * 12 + start.month - 1 + value, 12)
        return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
    day = start
    while value:
        day += timedelta(days=1)
        value -= unit == "days" or (day.isoweekday() < 6 and not _is_off(day, eves_are_weekdays))
    return day


@cache
def _is_off(day: date, eves_are_weekdays: bool) -> bool:
    midsummer_eve = day.month == 6 and 19 <= day.day <= 25 and day.isoweekday() == 5
    is_eve = midsummer_eve or (day.month, day.day) == (12, 24)
    return day in HOLIDAYS and not (eves_are_weekdays and is_eve)


@pytest.mark.parametrize("eves", [False, True])
@pytest.mark.parametrize(("unit", "value"), [(unit, value) for unit in UNITS for value in VALUES[unit]])
def test_python_and_sql_agree_with_counting_day_by_day(unit: str, value: int, eves: bool) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE starts (start_on DATE)")
        connection.executemany("INSERT INTO starts VALUES (?)", [(day,) for day in STARTS])
        sql = due_day_sql("start_on", value, unit, eves)
        found = connection.execute(f"SELECT {sql} FROM starts ORDER BY start_on").fetchall()
    expected = [slow(day, value, unit, eves) for day in STARTS]
    assert [day for (day,) in found] == expected
    assert [due_day(day, value, unit, eves) for day in STARTS] == expected


def test_a_start_outside_the_calendar_has_no_weekday_in_sql() -> None:
    with duckdb.connect() as connection:
        for start in ("1989-12-31", "2100-01-01"):
            sql = due_day_sql(f"DATE '{start}'", 7, "weekdays")
            assert connection.execute(f"SELECT {sql}").fetchone() == (None,)


def test_another_unit_is_refused() -> None:
    for call in (lambda: due_day(date(2025, 1, 1), 1, "weeks"), lambda: due_day_sql("day", 1, "weeks")):
        with pytest.raises(ValueError, match="'weeks' is none of days, months, weekdays"):
            call()


# Each kind of indicator that holds a date against a deadline, with Midsummer Eve between. Of every kind one row for each
# day from the start on, in a unit of its own.
START, LIMIT_UNITS = date(2025, 6, 18), (("days", 9), ("months", 1), ("weekdays", 7))
DONE = [START + timedelta(days=step) for step in range(40)]
KINDS = {
    "visits": "access_within_limit",
    "queue": "queue_over_limit",
    "pathways": "mental_health_guarantee",
    "referrals": "referral_handling",
    "notifications": "child_welfare_7_weekdays",
    "needs assessments": "child_family_needs_assessment_3m",
}
PATHWAY_HEADER = (
    "asiakkuus_id;asiakas;syntymavuosi;kotikunta;yksikko;palvelu;yhteydenotto_pvm;ensiarvio_pvm;"
    "hoidon_tarve_todettu_pvm;hoito_alkoi_pvm;paattyi_pvm;tila;menetelma"
)
REFERRAL_HEADER = (
    "Lähetetunnus;Potilas;Syntymävuosi;Kotikunta;Lähettäjä;Yksikkökoodi;Yksikkö;Palvelu;Kiireellisyys;"
    "Saapunut;Käsitelty;Päätös;Ensikäynti"
)


def _dotted(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


def _extracts() -> Iterator[tuple[str, bytes]]:
    same = {"assessed": _dotted(START), "born": "1980"}
    units = [(n, f"U{n:02d}", day) for n, day in enumerate(DONE)]
    seen = [
        visit(n, **same, contacted="", booked="", unit=unit, visit=_dotted(day)) for n, unit, day in units
    ]
    yield "exreport_kaynnit", visits(*seen)
    waiting = [
        queue_entry(n, **same, unit=unit, queued=_dotted(START), snapshot=_dotted(day))
        for n, unit, day in units
    ]
    yield "exreport_jono", queue(*waiting)
    lines = {
        "pirkko_asiakkuudet": [
            PATHWAY_HEADER,
            *(
                f"A{n};P{n};1980;272;{unit};Mielenterveyspalvelut;{START};{START};{START};{day};;hoidossa;"
                for n, unit, day in units
            ),
        ],
        "exreport_lahetteet": [
            REFERRAL_HEADER,
            *(
                f"L{n};P{n};1980;272;X;{unit};Y;Erikoissairaanhoito;Kiireetön;{_dotted(START)};{_dotted(day)};;"
                for n, unit, day in units
            ),
        ],
        "efica_ilmoitukset": [
            "ILMOITUS_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|LAJI|SAAPUI|PAATETTY|PAATOS",
            *(f"I{n}|P{n}|2015|272|{unit}|LS|{START:%Y%m%d}|{day:%Y%m%d}|" for n, unit, day in units),
        ],
        "efica_palvelutarve": [
            "ARVIOINTI_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|ASIAKASRYHMA|VIREILLE|ALOITETTU|VALMIS",
            *(f"T{n}|P{n}|1980|272|{unit}|LAPSIPERHE|{START:%Y%m%d}||{day:%Y%m%d}" for n, unit, day in units),
        ],
    }
    for source, written in lines.items():
        yield source, "\r\n".join([*written, ""]).encode()


@pytest.fixture(scope="module")
def every_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Settings]:
    """A warehouse of those rows."""
    own = replace(load_settings({}), warehouse=tmp_path_factory.mktemp("due") / "warehouse")
    for source, data in _extracts():
        options = LoadOptions(source=source, as_of=date(2025, 12, 1), force=True)
        report = load_bytes(
            f"{source}.csv", data, options, own, now=datetime(2026, 1, 2), today=date(2026, 1, 2)
        )
        assert (report.status, report.rows_loaded) == ("loaded", len(DONE)), report.findings
    return Warehouse(own.warehouse).current(), own


def _with_deadline(found: Definition, value: int, unit: str) -> Definition:
    """The definition with that deadline in the place of its own; one of the law's limits is changed in the law."""
    changed = tuple(
        Deadline(one.rows, one.start, one.stop, value, unit) if one.unit != "access_limit" else one
        for one in found.measure.deadlines
    )
    return replace(found, measure=replace(found.measure, deadlines=changed))


@pytest.mark.parametrize("eves", [False, True])
@pytest.mark.parametrize(("unit", "value"), LIMIT_UNITS)
def test_every_kind_of_indicator_counts_every_unit_alike(
    unit: str,
    value: int,
    eves: bool,
    every_day: tuple[Snapshot, Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    law = tuple(
        replace(limit, value=value, unit=unit, valid_to=None)
        for limit in limits.load_limits()
        if limit.valid_from == date(2005, 3, 1) and limit.age_group in ("all", "23+")
    )
    monkeypatch.setattr(limits, "load_limits", lambda: law)
    definitions = {**load_definitions()}
    for indicator in KINDS.values():
        definitions[indicator] = _with_deadline(definitions[indicator], value, unit)
    monkeypatch.setattr("indicators.engine.resolve.definitions_of", lambda snapshot: definitions)
    snapshot, own = every_day
    last = slow(START, value, unit, eves)
    assert START < last < DONE[-1]
    for kind, indicator in KINDS.items():
        asked = Question(indicator, by="year", splits=("unit",), suppress=False)
        rows = answer(snapshot, asked, replace(own, eves_are_weekdays=eves)).rows
        found = dict(zip(rows["unit"], rows["value"], strict=True))
        late = {f"U{n:02d}": day > last for n, day in enumerate(DONE)}
        expected = {
            name: float(is_late) if kind == "queue" else 100.0 * (not is_late)
            for name, is_late in late.items()
        }
        assert found == expected, kind
