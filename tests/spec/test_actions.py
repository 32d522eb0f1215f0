"""What to do on Monday: who is beyond the limit or about to pass it, what grows, what is not recorded, as small tables."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta

from indicators.analysis.actions import (
    BREACH,
    COVERAGE,
    GROWTH,
    LIMIT,
    MISSING,
    MOST,
    WORSENED,
    Alert,
    KnownUntil,
    Work,
    book_first,
    find,
    most_urgent,
    work,
)
from indicators.analysis.queue_outlook import Waiting, first_days, outlook, outlook_questions
from indicators.answers import answer
from indicators.catalogue.periods import period_of
from indicators.engine.choices import last_day
from indicators.engine.question import Missing, Question
from indicators.wording import actions as words
from indicators.wording.translations import in_language
from pages.ui.address import EVERYTHING
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.pipelines.extracts import queue, queue_entry, visit, visits
from tests.spec.table import rows_of

NOW = datetime(2025, 12, 1, 8, 0)
SNAPSHOT = date(2025, 3, 31)
BASE = Question("queue_length", area="18", suppress=False)
#: Born so that the limit of primary care is 14 days, and 3 months.
YOUNG, GROWN_UP = "2010", "1970"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def written(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


def load(settings: Settings, name: str, data: bytes) -> None:
    report = load_bytes(name, data, LoadOptions(), settings, now=NOW, today=NOW.date())
    assert report.status == "loaded", report.findings


def current(settings: Settings) -> Snapshot:
    return Warehouse(settings.warehouse).current()


def found(settings: Settings, base: Question = BASE) -> Work:
    snapshot = current(settings)
    known = KnownUntil(*(last_day(snapshot, name, "18") for name in ("queue", "visits")))
    return work(lambda question: answer(snapshot, question, settings), base, known, settings)


def kinds(shown: Work) -> list[tuple[str, str]]:
    return [(one.kind, one.unit) for one in shown.alerts]


def entries(unit: str, count: int, snapshot: date = SNAPSHOT, waited: int = 20, **changes: str) -> list[str]:
    """Entries of children, whose limit is 14 days, all waiting as long."""
    assessed = written(snapshot - timedelta(days=waited))
    fields = {"born": YOUNG, "assessed": assessed, "queued": assessed, "unit": unit, "unit_name": unit}
    fields |= {"snapshot": written(snapshot)} | changes
    return [
        queue_entry(f"{unit}{waited}{changes.get('booked_for', '')}{at}", **fields) for at in range(count)
    ]


# Every entry is judged by its own limit, and days count from the snapshot.
BOUNDARIES = """
waited | booked | counted as
-------+--------+--------------------------------
    15 |        | over unbooked
    15 |      0 | over
    15 |     -1 | over unbooked
    15 |     30 | over
    14 |        | within_7 within_14 unbooked
     8 |        | within_7 within_14 unbooked
     8 |      3 | within_7 within_14
     7 |        | within_14 unbooked
     1 |        | within_14 unbooked
     1 |      9 | within_14
     0 |        |
"""


@pytest.mark.parametrize("row", rows_of(BOUNDARIES), ids=lambda row: f"{row['waited']}-{row['booked']}")
def test_an_entry_passes_its_limit_by_days_from_the_snapshot(settings: Settings, row: dict[str, str]) -> None:
    booked = written(SNAPSHOT + timedelta(days=int(row["booked"]))) if row["booked"] else ""
    load(settings, "jono.csv", queue(*entries("A", 1, waited=int(row["waited"]), booked_for=booked)))
    snapshot = current(settings)
    shown = outlook(lambda q: answer(snapshot, q, settings), BASE, period_of(SNAPSHOT, "week"))
    (one,) = shown.values()
    wanted = row["counted as"].split()
    for name in ("over", "within_7", "within_14"):
        there = float(name in wanted)
        assert getattr(one, name) == Waiting(there), name
        assert getattr(one, f"{name}_unbooked") == Waiting(there if "unbooked" in wanted else 0.0), name


def test_an_outlook_is_what_counting_the_rows_one_by_one_gives(settings: Settings) -> None:
    drawn, lines, counted = random.Random(20251201), [], Counter()
    for at in range(600):
        unit, born = drawn.choice("ABC"), drawn.choice((YOUNG, GROWN_UP))
        service = drawn.choice(("Avosairaanhoito", "Suun terveydenhuolto"))
        assessed = SNAPSHOT - timedelta(days=drawn.randrange(0, 220))
        booked = SNAPSHOT + timedelta(days=drawn.randrange(-5, 20)) if drawn.random() < 0.5 else None
        reason = drawn.choice(("Resurssi", "Potilaan oma toive", "Lääketieteellinen", ""))
        urgency = drawn.choice(("Kiireetön", "Kiireetön", "Kiireellinen"))
        fields = {
            "unit": unit,
            "unit_name": unit,
            "service": service,
            "born": born,
            "reason": reason,
            "urgency": urgency,
            "assessed": written(assessed),
            "queued": written(assessed),
            "booked_for": "" if booked is None else written(booked),
        }
        lines.append(queue_entry(at, **fields))
        if urgency != "Kiireetön" or reason in ("Potilaan oma toive", "Lääketieteellinen"):
            continue
        adult = born == GROWN_UP
        months = {("Avosairaanhoito", True): 3, ("Suun terveydenhuolto", True): 6}.get((service, adult), 3)
        law_of_2025 = assessed >= date(2025, 1, 1)
        if service == "Avosairaanhoito" and not (adult and law_of_2025):
            last = assessed + timedelta(days=14)
        elif service == "Suun terveydenhuolto" and not law_of_2025:
            last = assessed + relativedelta(months=4 if assessed < date(2024, 11, 1) else 3)
        else:
            last = assessed + relativedelta(months=months)
        left = (last - SNAPSHOT).days
        names = ["over"] if left < 0 else []
        names += ["within_7"] if 0 <= left < 7 else []
        names += ["within_14"] if 0 <= left < 14 else []
        unbooked = booked is None or booked < SNAPSHOT
        code = {"Avosairaanhoito": "primary_care", "Suun terveydenhuolto": "oral_health"}[service]
        for name in names:
            counted[unit, code, name] += 1
            counted[unit, code, f"{name}_unbooked"] += unbooked
    load(settings, "jono.csv", queue(*lines))
    snapshot = current(settings)
    shown = outlook(lambda q: answer(snapshot, q, settings), BASE, period_of(SNAPSHOT, "week"))
    got = {
        (*key, name): getattr(one, name).count
        for key, one in shown.items()
        for base in ("over", "within_7", "within_14")
        for name in (base, f"{base}_unbooked")
    }
    assert got == {key: float(counted[key]) for key in got}
    assert sum(counted.values()) == sum(got.values())


def test_nothing_loaded_is_not_nothing_to_do(settings: Settings) -> None:
    load(settings, "jono.csv", queue(*entries("A", 3, waited=1)))
    quiet = found(settings)
    elsewhere = found(settings, replace(BASE, where=(("unit", ("ELSEWHERE",)),)))
    assert (quiet.alerts, quiet.known, elsewhere.alerts, elsewhere.known) == ((), True, (), False)
    with in_language("en"):
        assert words.note(quiet, name) == "The data shows nothing to act on now."
        assert words.note(elsewhere, name).startswith("There is no data yet")


def test_without_a_queue_it_is_said_that_nobody_who_waits_is_seen() -> None:
    alerts = tuple(Alert(COVERAGE, str(at), None, 9.0) for at in range(5))
    with in_language("en"):
        for shown in (Work(known=True, queue_loaded=False), Work(alerts, known=True, queue_loaded=False)):
            first, *others = words.actions(shown, name)
            assert (first.what, first.page) == (
                "No queue is loaded: those who wait are not seen here",
                "queues",
            )
            assert first.where == "Load an extract of the queue on the page for loading data."
            assert len(others) == min(4, len(shown.alerts))
        # It does not claim that there is nothing to do.
        assert (
            words.note(Work(known=True, queue_loaded=False), name) == "The visits show nothing to act on now."
        )
        assert words.actions(Work(queue_loaded=False), name) == ()


def name(_dimension: str, code: str) -> str:
    return code.capitalize()


def test_those_beyond_the_limit_come_first_and_say_who_has_no_time(settings: Settings) -> None:
    lines = [*entries("A", 4), *entries("A", 5, booked_for="2.4.2025"), *entries("B", 7, waited=10)]
    load(settings, "jono.csv", queue(*lines))
    first, second = found(settings).alerts
    assert (first.kind, first.unit, first.number, first.unbooked) == (LIMIT, "A", 9.0, Waiting(4.0))
    assert (second.kind, second.unit, second.number) == (BREACH, "B", 7.0)
    assert not first.one_of_many


def test_what_is_suppressed_is_no_action_and_is_told_of(settings: Settings) -> None:
    # 3 are few whatever the noise, 40 are many.
    load(settings, "jono.csv", queue(*entries("A", 3), *entries("B", 40)))
    shown = found(settings, replace(BASE, suppress=True))
    assert kinds(shown)[0] == (LIMIT, "B") and "A" not in {one.unit for one in shown.alerts}
    assert shown.suppressed == ("A",)
    internal = found(settings)
    assert (LIMIT, "A") in kinds(internal) and internal.suppressed == ()
    own = found(settings, replace(BASE, suppress=True, exact_units=("A",)))
    assert (LIMIT, "A") in kinds(own) and own.suppressed == ()
    with in_language("fi"):
        only = replace(shown, alerts=())
        assert words.note(shown, name) == "Liian pieniä lukuja näytettäviksi: A."
        assert words.note(only, name) == "Odottavia on, mutta luvut ovat liian pieniä näytettäviksi: A."


def test_the_first_limit_day_of_a_suppressed_number_is_not_told(settings: Settings) -> None:
    load(settings, "jono.csv", queue(*entries("A", 3), *entries("B", 40)))
    snapshot, week = current(settings), period_of(SNAPSHOT, "week")
    for suppress, units in ((False, {"A", "B"}), (True, {"B"})):
        question = outlook_questions(replace(BASE, suppress=suppress), week, ("unit", "service"))[-1]
        days = first_days(snapshot, question, settings)
        assert {key[0][0] for key in days} == units
        assert set(days.values()) == {SNAPSHOT - timedelta(days=6)}


def weekly(unit: str, sizes: list[int], last: date = SNAPSHOT) -> list[tuple[date, list[str]]]:
    """A queue of so many new entries on each Monday up to the last."""
    days = [last - timedelta(weeks=len(sizes) - 1 - at) for at in range(len(sizes))]
    return [(day, entries(unit, size, day, waited=1)) for day, size in zip(days, sizes, strict=True)]


def load_weeks(settings: Settings, *queues: list[tuple[date, list[str]]]) -> None:
    lines = [line for weeks in queues for _day, lines in weeks for line in lines]
    load(settings, "jono.csv", queue(*lines))


def test_a_queue_that_grows_beyond_chance_is_an_action_and_one_that_varies_is_not(settings: Settings) -> None:
    steady = [40 + (at % 3) for at in range(14)]
    load_weeks(
        settings, weekly("GROWS", [*steady, *range(44, 83, 3)]), weekly("VARIES", [40, 46] * 13 + [46])
    )
    (one,) = [alert for alert in found(settings).alerts if alert.kind == GROWTH]
    assert (one.unit, one.number, one.before, one.judged) == ("GROWS", 80 - 41, 41.0, True)


def test_growth_from_a_short_series_is_told_as_not_judged_where_it_is_large(settings: Settings) -> None:
    # Only two snapshots, 13 weeks apart.
    earlier = SNAPSHOT - timedelta(weeks=13)
    large, small = [[*entries(unit, 20, earlier, waited=1)] for unit in ("LARGE", "SMALL")]
    lines = [*large, *small, *entries("LARGE", 35, waited=1), *entries("SMALL", 24, waited=1)]
    load(settings, "jono.csv", queue(*lines))
    growth = [alert for alert in found(settings).alerts if alert.kind == GROWTH]
    assert [(one.unit, one.number, one.judged) for one in growth] == [("LARGE", 15.0, False)]


def test_a_queue_without_a_snapshot_in_the_newest_week_is_told_as_missing(settings: Settings) -> None:
    old = SNAPSHOT - timedelta(weeks=3)
    load(settings, "jono.csv", queue(*entries("OLD", 8, old, waited=1), *entries("NEW", 2, waited=1)))
    (one,) = found(settings).alerts
    assert (one.kind, one.unit, one.number) == (MISSING, "OLD", 1.0)
    assert [(queue.unit, queue.day) for queue in one.queues] == [("OLD", old)]


def at_visits(unit: str, day: date, recorded: int, without: int) -> list[str]:
    """Visits of a day of which some have no day of assessment."""
    fields = {"unit": unit, "unit_name": unit, "visit": written(day), "booked": "", "contacted": ""}
    return [
        visit(f"{day:%y%m%d}{ord(unit[0])}{at}", assessed=written(day) if at < recorded else "", **fields)
        for at in range(recorded + without)
    ]


COVERAGE_CASES = """
unit | before    | now       | told
-----+-----------+-----------+---------------
A    | 90 of 100 | 88 of 100 |
B    | 60 of 100 | 60 of 100 | low
C    | 98 of 100 | 82 of 100 | fell
D    | 98 of 100 | 20 of 100 | fell
E    | 18 of 20  | 4 of 5    |
F    | 90 of 100 | 0 of 0    | silent
G    | 20 of 20  | 0 of 0    |
"""


def test_recording_that_is_low_or_fell_clearly_is_an_action(settings: Settings) -> None:
    lines, newest = [], date(2025, 11, 23)
    for row in rows_of(COVERAGE_CASES):
        for column, day in (("before", newest - timedelta(weeks=8)), ("now", newest - timedelta(days=3))):
            recorded, among = map(int, row[column].split(" of "))
            lines += at_visits(row["unit"], day, recorded, among - recorded)
    # A Sunday on which the newest week ends.
    lines += at_visits("A", newest, 1, 0)
    load(settings, "kaynnit_20250901-20251123.csv", visits(*lines))
    snapshot = current(settings)
    known = KnownUntil(None, last_day(snapshot, "visits", "18"))
    assert not find(lambda q: answer(snapshot, q, settings), BASE, known, settings).work().queue_loaded
    shown = {}
    for row in rows_of(COVERAGE_CASES):
        one = replace(BASE, where=(("unit", (row["unit"],)),))
        alerts = work(partial(ask, snapshot, settings), one, known, settings).alerts
        shown[row["unit"]] = " ".join(
            "silent" if alert.kind == MISSING else "fell" if alert.before is not None else "low"
            for alert in alerts
            if alert.kind in (COVERAGE, MISSING)
        )
    assert shown == {row["unit"]: row["told"] for row in rows_of(COVERAGE_CASES)}


def ask(snapshot: Snapshot, settings: Settings, question: Question):
    return answer(snapshot, question, settings)


def test_a_share_that_really_worsened_is_an_action(settings: Settings) -> None:
    lines, newest = [], date(2025, 11, 23)
    for week in range(20):
        day = newest - timedelta(weeks=19 - week)
        late = 3 + week % 2 if week < 19 else 12
        for unit, slow in (("A", late), ("B", 3 + week % 2)):
            for at in range(20):
                assessed = day - timedelta(days=20 if at < slow else 2)
                fields = {"unit": unit, "unit_name": unit, "assessed": written(assessed), "booked": ""}
                key = f"{week}{ord(unit)}{at}"
                lines.append(visit(key, visit=written(day), contacted="", **fields))
    load(settings, "kaynnit_20250701-20251123.csv", visits(*lines))
    worsened = [alert for alert in found(settings).alerts if alert.kind == WORSENED]
    assert [(one.unit, one.number, one.period) for one in worsened] == [("A", 40.0, "2025-W47")]


def alert(kind: str, unit: str, weight: float = 1.0) -> Alert:
    return Alert(kind, unit, "primary_care", weight, weight=(weight,))


CHOICES = """
given                                     | chosen
------------------------------------------+----------------------------
limit A 1                                 | limit A
limit A 1, limit B 5                      | limit B, limit A
growth A 9, limit B 1                     | limit B, growth A
limit A 3, limit A 2, limit A 1           | limit A, limit A
limit A 9, limit B 8, limit C 7, limit D 6, limit E 5, limit F 4 | limit A, limit B, limit C, limit D, limit E
limit A 9, limit B 8, limit C 7, limit D 6, coverage E 1, worsened F 1 | limit A, limit B, limit C, coverage E, worsened F
"""


@pytest.mark.parametrize("row", rows_of(CHOICES), ids=lambda row: row["given"])
def test_the_most_urgent_are_chosen_and_no_kind_takes_all_the_room(row: dict[str, str]) -> None:
    given = [part.split() for part in row["given"].split(", ")]
    chosen = most_urgent([alert(kind, unit, float(weight)) for kind, unit, weight in given])
    assert ", ".join(f"{one.kind} {one.unit}" for one in chosen) == row["chosen"]
    assert len(chosen) <= MOST


def test_times_are_booked_first_beyond_the_limit_and_then_before_it(settings: Settings) -> None:
    lines = [*entries("A", 2), *entries("B", 6), *entries("C", 4, waited=10), *entries("D", 3, waited=3)]
    load(settings, "jono.csv", queue(*lines))
    snapshot, week = current(settings), period_of(SNAPSHOT, "week")
    ask_now = partial(ask, snapshot, settings)
    alerts = book_first(outlook(ask_now, BASE, week))
    assert [(one.kind, one.unit, one.number) for one in alerts] == [
        (LIMIT, "B", 6.0),
        (LIMIT, "A", 2.0),
        (BREACH, "C", 4.0),
    ]
    days = first_days(snapshot, outlook_questions(BASE, week, ("unit", "service"))[-1], settings)
    with in_language("fi"):
        lines = words.booking_actions(alerts, days, name)
    assert [(one.figure, one.what, one.where) for one in lines] == [
        ("6", "B", "yli enimmäisajan · ilman aikaa · ensimmäisen enimmäisaika 25.3.2025 asti"),
        ("2", "A", "yli enimmäisajan · ilman aikaa · ensimmäisen enimmäisaika 25.3.2025 asti"),
        ("4", "C", "ylittyy viikossa · ilman aikaa · ensimmäisen enimmäisaika 4.4.2025 asti"),
    ]
    assert lines[0].query == {"yksikko": ["B"], "palvelu": ["primary_care"]}


SAID = [
    (
        Alert(LIMIT, "veteli", "oral_health", 9.0, True, unbooked=Waiting(6.0)),
        "9|odottaa yli enimmäisajan|Veteli, Oral_health · ilman aikaa 6",
        "9|väntar över maximitiden|Veteli, Oral_health · utan tid 6",
        "9|wait beyond the legal limit|Veteli, Oral_health · without a booked time 6",
    ),
    (
        Alert(LIMIT, "veteli", "oral_health", 1.0, unbooked=Waiting(0.0)),
        "1|odottaa yli enimmäisajan|Veteli · kaikilla on varattu aika",
        "1|väntar över maximitiden|Veteli · alla har en bokad tid",
        "1|waits beyond the legal limit|Veteli · all have a booked time",
    ),
    (
        Alert(LIMIT, "veteli", "oral_health", 9.0, unbooked=Waiting(None, suppressed=True)),
        "9|odottaa yli enimmäisajan|Veteli · osalta puuttuu varattu aika",
        "9|väntar över maximitiden|Veteli · en del utan bokad tid",
        "9|wait beyond the legal limit|Veteli · some without a booked time",
    ),
    (
        Alert(LIMIT, "veteli", "oral_health", 9.0),
        "9|odottaa yli enimmäisajan|Veteli · varatuista ajoista ei ole tietoa",
        "9|väntar över maximitiden|Veteli · uppgift om bokade tider saknas",
        "9|wait beyond the legal limit|Veteli · booked times not known",
    ),
    (
        Alert(BREACH, "perho", "primary_care", 7.0, unbooked=Waiting(7.0)),
        "7|ylittää enimmäisajan viikossa|Perho · ilman aikaa",
        "7|över maximitiden inom en vecka|Perho · utan tid",
        "7|pass the legal limit within a week|Perho · no booked time",
    ),
    (
        Alert(GROWTH, "veteli", "primary_care", 53.0, before=88.0, judged=False),
        "+53|jonossa enemmän kuin 13 viikkoa sitten|Veteli · 88 → 141 · voi olla sattumaa",
        "+53|fler i kön än för 13 veckor sedan|Veteli · 88 → 141 · kan vara slump",
        "+53|more in the queue than 13 weeks ago|Veteli · 88 → 141 · may be chance",
    ),
    (
        Alert(COVERAGE, "kaustinen", None, 58.4, before=91.0),
        "58,4 %|käynneistä arviointipäivä kirjattu, aiempaa harvemmin|Kaustinen · aiemmin 91 %",
        "58,4 %|av besöken har bedömningsdag, färre än tidigare|Kaustinen · tidigare 91 %",
        "58.4%|of visits have a day of assessment: fewer than before|Kaustinen · was 91%",
    ),
    (
        Alert(COVERAGE, "kaustinen", None, 79.6),
        "79,6 %|käynneistä arviointipäivä kirjattu|Kaustinen",
        "79,6 %|av besöken har bedömningsdag|Kaustinen",
        "79.6%|of visits have a day of assessment|Kaustinen",
    ),
    (
        Alert(COVERAGE, "kaustinen", None, None, low=1.2, high=7.4),
        "1–7 %|käynneistä arviointipäivä kirjattu|Kaustinen",
        "1–7 %|av besöken har bedömningsdag|Kaustinen",
        "1–7%|of visits have a day of assessment|Kaustinen",
    ),
    (
        Alert(WORSENED, "veteli", None, 56.7, before=68.0, period="2025-W50"),
        "56,7 %|hoitoon seitsemässä päivässä: heikentynyt aidosti|Veteli · tavallisesti 68,0 % · viikko 50/2025",
        "56,7 %|vård inom sju dagar: verklig försämring|Veteli · vanligen 68,0 % · vecka 50/2025",
        "56.7%|within seven days: got worse, and not by chance|Veteli · usually 68.0% · week 50/2025",
    ),
    (
        Alert(
            MISSING,
            "",
            None,
            2.0,
            queues=tuple(Missing("18", unit, "primary_care", 3.0, date(2025, 11, 3)) for unit in ("a", "b")),
        ),
        "2|jonon uusimmat tiedot puuttuvat|A, B · viimeisin 3.11.2025",
        "2|köer utan nyare uppgifter|A, B · senaste 3.11.2025",
        "2|queues without newer data|A, B · the newest of 3 Nov 2025",
    ),
    (
        Alert(MISSING, "perho", None, 0.0, period="x"),
        "0|käyntiä neljän viime viikon ajalta|Perho",
        "0|besök under de fyra senaste veckorna|Perho",
        "0|visits in the last four weeks|Perho",
    ),
]


@pytest.mark.parametrize("one, fi, sv, en", SAID, ids=lambda part: part if isinstance(part, str) else "")
def test_an_action_in_three_languages(one: Alert, fi: str, sv: str, en: str) -> None:
    for language, wanted in (("fi", fi), ("sv", sv), ("en", en)):
        with in_language(language):
            (line,) = words.actions(Work((one,), known=True), name)
        said = "|".join((line.figure, line.what, line.where)).replace("\xa0", " ")
        assert said == wanted


COUNTS_HEADER = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"


def test_a_queue_of_counts_alone_is_told_of_without_its_booked_times(settings: Settings) -> None:
    row = f"{SNAPSHOT};18;A;primary_care;60;12;;Laskenta"
    load(settings, "jonot.csv", f"{COUNTS_HEADER}\n{row}\n".encode())
    (one,) = found(settings).alerts
    assert (one.kind, one.unit, one.number, one.unbooked) == (LIMIT, "A", 12.0, Waiting(None))


@pytest.mark.parametrize("days, stale", [(14, None), (15, SNAPSHOT)])
def test_queues_older_than_other_data_are_stale(settings: Settings, days: int, stale: date | None) -> None:
    load(settings, "jono.csv", queue(*entries("A", 9)))
    known = KnownUntil(SNAPSHOT, SNAPSHOT + timedelta(days=days))
    assert work(partial(ask, current(settings), settings), BASE, known, settings).stale == stale


PARAMETERS = [
    (Alert(LIMIT, "a", "oral_health", 9.0), (), "queues", {"yksikko": ["a"], "palvelu": ["oral_health"]}),
    (
        Alert(WORSENED, "a", None, 9.0, before=20.0, period="2025-W50"),
        (),
        "care_guarantee",
        {"yksikko": ["a"], "palvelu": [EVERYTHING]},
    ),
    (
        Alert(WORSENED, "a", None, 9.0, before=20.0, period="2025-W50"),
        ("oral_health",),
        "care_guarantee",
        {"yksikko": ["a"], "palvelu": ["oral_health"]},
    ),
    (Alert(MISSING, "a", None, 0.0), (), "data_quality", {"yksikko": ["a"]}),
]


@pytest.mark.parametrize("one, services, page, query", PARAMETERS, ids=lambda part: str(part)[:12])
def test_an_action_leads_to_what_shows_it(
    one: Alert, services: tuple[str, ...], page: str, query: dict[str, list[str]]
) -> None:
    (line,) = words.actions(Work((one,), known=True, services=services), name)
    assert (line.page, line.query) == (page, query)


def test_stale_queues_say_their_day() -> None:
    one = Alert(BREACH, "perho", "primary_care", 7.0, unbooked=Waiting(7.0))
    with in_language("fi"):
        (line,) = words.actions(Work((one,), known=True, stale=date(2025, 11, 3)), name)
    assert line.where == "Perho · ilman aikaa · tilanne 3.11.2025"


@pytest.mark.parametrize("services", [(), ("oral_health",)])
def test_a_coverage_leads_to_its_indicator_with_the_scope_of_its_figure(services: tuple[str, ...]) -> None:
    found = Work((Alert(COVERAGE, "a", None, 9.0),), services=services)
    (line,) = words.actions(found, lambda _dimension, code: code)
    assert (line.indicator, line.page) == ("access_data_coverage", "")
    assert line.scope is not None
    assert dict(line.scope) == {"unit": ("a",)} | ({"service": services} if services else {})


def test_those_who_pass_the_limit_within_a_week_are_all_counted_with_or_without_a_time(
    settings: Settings,
) -> None:
    booked = written(SNAPSHOT + timedelta(days=3))
    lines = [*entries("A", 2, waited=8), *entries("A", 3, waited=8, booked_for=booked)]
    load(settings, "jono.csv", queue(*lines))
    (one,) = (alert for alert in found(settings).alerts if alert.kind == BREACH)
    assert (one.number, one.unbooked) == (5.0, Waiting(2.0))
    with in_language("fi"):
        (line,) = words.actions(found(settings), lambda _dimension, code: code)
    assert (line.figure, line.where) == ("5", "A · ilman aikaa 2")


def test_those_beyond_the_limit_in_units_without_a_line_are_named() -> None:
    told = Alert(LIMIT, "veteli", "primary_care", 3.0, unbooked=Waiting(1.0))
    with in_language("fi"):
        said = words.note(Work((told,), known=True, also_over=("perho", "kaustinen")), name)
    assert said == "Yli enimmäisajan myös: Perho, Kaustinen."
