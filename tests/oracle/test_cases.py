"""The indicators of cases against the second implementation, on extracts made around their due days."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.oracle.assert_same import between, engine_rows
from tests.oracle.cases import INDICATORS, LATE, ask, months_later, nth_weekday
from tests.oracle.extracts import DAY, Delivery
from tests.oracle.model import Asked, last_day, start_of
from tests.spec.table import rows_of

TODAY, NOW = date(2026, 6, 1), datetime(2026, 6, 1, 8, 0)
ENCODINGS = {
    "exreport_lahetteet": "cp1252",
    "pirkko_asiakkuudet": "utf-8-sig",
    "efica_ilmoitukset": "latin-1",
    "efica_palvelutarve": "latin-1",
}
REFERRAL_HEADER = (
    "Lähetetunnus;Potilas;Syntymävuosi;Kotikunta;Lähettäjä;Yksikkökoodi;Yksikkö;Palvelu;Kiireellisyys;"
    "Saapunut;Käsitelty;Päätös;Ensikäynti"
)
PATHWAY_HEADER = (
    "asiakkuus_id;asiakas;syntymavuosi;kotikunta;yksikko;palvelu;yhteydenotto_pvm;ensiarvio_pvm;"
    "hoidon_tarve_todettu_pvm;hoito_alkoi_pvm;paattyi_pvm;tila;menetelma"
)
NOTIFICATION_HEADER = "ILMOITUS_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|LAJI|SAAPUI|PAATETTY|PAATOS"
ASSESSMENT_HEADER = (
    "ARVIOINTI_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|ASIAKASRYHMA|VIREILLE|ALOITETTU|VALMIS|"
    "ERITYINEN_TUKI|HOITOTUKI"
)
#: Days of extraction with Easter, May Day, Midsummer, Christmas and Independence Day, the change of the outpatient
#: limit and ends of months too short for three months later within reach of the due days.
EXTRACTED = (
    *(date(2025, 1, 9), date(2025, 1, 15), date(2025, 4, 1), date(2025, 4, 30), date(2025, 5, 5)),
    *(date(2025, 3, 1), date(2024, 12, 17), date(2025, 7, 1), date(2026, 1, 2), date(2024, 7, 2)),
)
#: The due days of a pathway: of the first contact, and of care under either outpatient limit.
PATHWAY_DUES = (
    lambda on: on + timedelta(days=7),
    lambda on: on + timedelta(days=14),
    lambda on: months_later(on, 3),
)


@dataclass(frozen=True)
class Extracts:
    """Four extracts of one window."""

    deliveries: tuple[Delivery, ...]
    window: tuple[date, date]

    def __repr__(self) -> str:
        files = (f"{d.source} of {d.extract_date}\n{d.text}" for d in self.deliveries)
        return f"window {self.window}\n" + "\n".join(files)


def _not_later(on: date | None, latest: date) -> date | None:
    """A day, or none where it has not come yet."""
    return None if on is None or on > latest else on


def _near(draw: st.DrawFn, due: date, arrived: date, extract_date: date) -> date | None:
    """When something was done: around its due day, at once, or not yet."""
    done = draw(
        st.sampled_from((None, arrived, due - DAY, due, due, due + DAY, due + DAY, due + timedelta(days=9)))
    )
    return _not_later(done, extract_date) if done is None or done >= arrived else arrived


def _arrived(draw: st.DrawFn, first: date, extract_date: date, dues: Sequence) -> date:
    """A day of arrival, mostly one whose due day is that of the extract or beside it."""
    all_days = [first + timedelta(days=n) for n in range((extract_date - first).days + 1)]
    due = draw(st.sampled_from(dues))
    edge = [on for on in all_days if abs((due(on) - extract_date).days) <= 1]
    kind = draw(st.integers(0, 5))
    if kind <= 2 and edge:
        return draw(st.sampled_from(edge))
    if kind == 3:
        ends = [on for on in all_days if on.day in (28, 29, 30, 31, 1)]
        return draw(st.sampled_from(ends))
    return draw(st.sampled_from([first - DAY, extract_date, *all_days]))


def _person(draw: st.DrawFn, start: date, ages: Sequence[int]) -> tuple[str, str]:
    """A person and a birth year around the ages at which rules turn: by year alone, exact, unknown or impossible."""
    age, kind = draw(st.sampled_from(ages)), draw(st.integers(0, 6))
    if kind <= 1:
        birthday = start - relativedelta(years=age) + timedelta(days=draw(st.sampled_from((-1, 0, 1))))
        return f"{birthday:%d%m%y}{'A' if birthday.year >= 2000 else '-'}90{draw(st.integers(0, 1))}X", ""
    if kind == 2:
        return draw(st.sampled_from(("P9", ""))), draw(st.sampled_from(("", str(start.year - 121))))
    return f"P{age}", str(start.year - age + draw(st.sampled_from((-1, 0, 0, 1))))


def _finnish(on: date | None) -> str:
    return "" if on is None else f"{on.day}.{on.month}.{on.year}"


def _compact(on: date | None) -> str:
    return "" if on is None else f"{on:%Y%m%d}"


def _iso(on: date | None) -> str:
    return "" if on is None else on.isoformat()


@st.composite
def referral_lines(draw: st.DrawFn, first: date, extract_date: date) -> list[str]:
    """Lines of a referral extract; some of mental health, whose months Pirkko then does not tell."""
    lines = []
    for key in range(24):
        arrived = _arrived(draw, first, extract_date, (lambda on: on + timedelta(days=21),))
        handled = _near(draw, arrived + timedelta(days=21), arrived, extract_date)
        unit, service = draw(
            st.sampled_from(
                [("ES-PSY-01", "Aikuispsykiatria"), ("ES-KIR-01", "Erikoissairaanhoito")] * 5
                + [("ES-PSY-01", "Mielenterveyspalvelut")]
            )
        )
        urgency = draw(st.sampled_from(("Kiireetön", "Kiireellinen", "")))
        shown = draw(st.sampled_from([_finnish(arrived), _finnish(arrived) + " 23:59"] * 9 + [""]))
        lines.append(
            f"L{key};P{key};1980;272;Lähettäjä;{unit};Yksikkö;{service};{urgency};{shown};"
            f"{_finnish(handled)};{'Hyväksytty' if handled else ''};"
        )
    return lines


@st.composite
def pathway_lines(draw: st.DrawFn, first: date, extract_date: date) -> list[str]:
    """Lines of a pathway extract, with the need found about when the outpatient limit changed, and clients of 22–24."""
    lines = []
    for key in range(40):
        service, ours = draw(
            st.sampled_from(
                [("Mielenterveyspalvelut", "mental_health")] * 2 + [("Päihdepalvelut", "substance_services")]
            )
        )
        arrived = _arrived(draw, first, extract_date, PATHWAY_DUES)
        contact = _near(draw, arrived + timedelta(days=7), arrived, extract_date)
        later = arrived + timedelta(days=draw(st.sampled_from((0, 0, 0, 1, 5, 31))))
        turn = date(2025, 1, 1) - draw(st.sampled_from((0, 1))) * DAY
        need = draw(st.sampled_from((None, later, later, turn if turn >= arrived else later)))
        need = _not_later(need, extract_date)
        person, born = _person(draw, need or arrived, (22, 23, 23, 24))
        care = None
        if need is not None:
            age = draw(st.sampled_from(("0-22", "23+")))
            care = _near(draw, last_day(ours, age, need), need, extract_date)
        state = draw(
            st.sampled_from(
                ("hoidossa", "päättynyt") if care else ("jonossa", "jonossa", "keskeytynyt") * 5 + ("",)
            )
        )
        unit = draw(st.sampled_from(("MT-KOK-01", "MT-KAU-01")))
        ended = draw(
            st.sampled_from((None, None, arrived + timedelta(days=9), start_of(extract_date, "month") - DAY))
        )
        ended = _not_later(ended, extract_date) if state in ("päättynyt", "keskeytynyt") else None
        ended = ended if ended is None or ended >= arrived else None
        days = ";".join(_iso(on) or draw(st.sampled_from(("", "-"))) for on in (contact, need, care, ended))
        lines.append(f"A{key};{person};{born};272;{unit};{service};{arrived};{days};{state};")
    return lines


@st.composite
def notification_lines(draw: st.DrawFn, first: date, extract_date: date) -> list[str]:
    """Lines of an extract of child welfare notifications."""
    lines = []
    for key in range(30):
        arrived = _arrived(draw, first, extract_date, (lambda on: nth_weekday(on, 7),))
        decided = _near(draw, nth_weekday(arrived, 7), arrived, extract_date)
        unit = draw(st.sampled_from(("LS-KOK-01", "LS-KAU-01")))
        shown = draw(st.sampled_from([_compact(arrived)] * 15 + [""]))
        lines.append(f"I{key}|P{key}|2015|272|{unit}|LS|{shown}|{_compact(decided)}|")
    return lines


@st.composite
def assessment_lines(draw: st.DrawFn, first: date, extract_date: date) -> list[str]:
    """Lines of an extract of service-need assessments: families, and clients about 75 years old."""
    lines = []
    for key in range(40):
        group = draw(st.sampled_from(("LAPSIPERHE", "LAPSIPERHE", "IKAANTYNYT", "TYOIKAINEN")))
        ages = (74, 75, 75, 76, 76, 77) if group == "IKAANTYNYT" else (8, 30)
        dues = (lambda on: months_later(on, 3), lambda on: on + timedelta(days=90))
        if group == "IKAANTYNYT":
            dues = (lambda on: nth_weekday(on, 7),)
        arrived = _arrived(draw, first, extract_date, dues)
        person, born = _person(draw, arrived, ages)
        started = _near(draw, nth_weekday(arrived, 7), arrived, extract_date)
        ready = _near(draw, draw(st.sampled_from(dues))(arrived), arrived, extract_date)
        unit = draw(st.sampled_from(("PE-KOK-01", "IK-KOK-01")))
        support = draw(st.sampled_from(("K", "K", "E", "")))
        allowance = draw(st.sampled_from(("", "", "PERUS", "YLIN")))
        lines.append(
            f"T{key}|{person}|{born}|272|{unit}|{group}|{_compact(arrived)}|{_compact(started)}|{_compact(ready)}"
            f"|{support}|{allowance}"
        )
    return lines


@st.composite
def extracts(draw: st.DrawFn) -> Extracts:
    """Four extracts of the quarter of the extract's day and of the two before it."""
    extract_date = draw(st.sampled_from(EXTRACTED))
    first = months_later(start_of(extract_date - DAY, "quarter"), -6)
    last = draw(st.sampled_from((extract_date - DAY, start_of(extract_date, "month") - DAY)))
    later = extract_date + draw(st.sampled_from((0, 1))) * DAY
    files = (
        ("exreport_lahetteet", REFERRAL_HEADER, referral_lines, extract_date, "\r\n"),
        ("pirkko_asiakkuudet", PATHWAY_HEADER, pathway_lines, extract_date, "\n"),
        ("efica_ilmoitukset", NOTIFICATION_HEADER, notification_lines, extract_date, "\r\n"),
        ("efica_palvelutarve", ASSESSMENT_HEADER, assessment_lines, later, "\r\n"),
    )
    deliveries = []
    for source, header, lines, of, end in files:
        text = end.join([header, *draw(lines(first, of)), ""])
        deliveries.append(Delivery(source, text, of, (first, last)))
    return Extracts(tuple(deliveries), (first, last))


def loaded(made: Extracts, folder: Path) -> tuple[Snapshot, Settings]:
    """The published warehouse of four extracts."""
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    for delivery in made.deliveries:
        options = LoadOptions(
            source=delivery.source,
            area=delivery.origin,
            as_of=delivery.extract_date,
            window=delivery.window,
            force=True,
        )
        data = delivery.text.encode(ENCODINGS[delivery.source])
        report = load_bytes(f"{delivery.source}.csv", data, options, own, now=NOW, today=TODAY)
        assert report.status == "loaded", report.findings
    return Warehouse(own.warehouse).current(), own


def disagreements(made: Extracts, snapshot: Snapshot, own: Settings) -> list[str]:
    """Where the engine and the oracle differ, on every indicator by month and quarter, unsplit and by unit."""
    found = []
    first, last = made.window
    for indicator in INDICATORS:
        for by in ("month", "quarter"):
            for splits in ((), ("unit",)):
                asked = Asked(indicator, by, splits, date_from=first, date_to=last)
                mine = ask(made.deliveries, asked)
                theirs = engine_rows(snapshot, asked, own).to_dict("records")
                found += [
                    f"{indicator} by {by} {splits}: {text}" for text in between(mine, theirs, splits)[:3]
                ]
                if INDICATORS[indicator][0] in LATE:
                    told = [(row["period"], row["as_of"]) for row in theirs]
                    days = [(row.period, min(row.period_end, last)) for row in mine]
                    found += [] if told == days else [f"{indicator} by {by} {splits}: as of {told}"]
    return found


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # failing extracts are printed whole: shrinking means loading for minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(made=extracts())
def test_the_engine_agrees_around_every_due_day(made: Extracts) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = disagreements(made, *loaded(made, Path(folder)))
    assert not found, "\n".join(found)


def test_every_day_of_the_calendar_has_its_own_due_day(tmp_path: Path) -> None:
    """A notification and a family's assessment arriving each day from November to July, done on each side of the due day."""
    first, last, extract_date = date(2024, 11, 1), date(2025, 6, 30), date(2025, 12, 1)
    notifications, assessments = [NOTIFICATION_HEADER], [ASSESSMENT_HEADER]
    for at in range((last - first).days + 1):
        arrived = first + timedelta(days=at)
        for shift in (-1, 0, 1):
            decided = nth_weekday(arrived, 7) + shift * DAY
            ready = months_later(arrived, 3) + shift * DAY
            notifications.append(
                f"{at}/{shift}|P|2015|272|U{shift}|LS|{_compact(arrived)}|{_compact(decided)}|"
            )
            assessments.append(
                f"{at}/{shift}|P|2015|272|U{shift}|LAPSIPERHE|{_compact(arrived)}||{_compact(ready)}|K|"
            )
    window = (first, last)
    made = Extracts(
        (
            Delivery("efica_ilmoitukset", "\r\n".join([*notifications, ""]), extract_date, window),
            Delivery("efica_palvelutarve", "\r\n".join([*assessments, ""]), extract_date, window),
        ),
        window,
    )
    snapshot, own = loaded(made, tmp_path)
    for indicator in (
        "child_welfare_7_weekdays",
        "child_family_needs_assessment_3m",
        "social_welfare_deadlines",
    ):
        for splits in ((), ("unit",)):
            asked = Asked(indicator, "month", splits, date_from=first, date_to=last)
            mine = ask(made.deliveries, asked)
            found = between(mine, engine_rows(snapshot, asked, own).to_dict("records"), splits)
            assert not found, f"{indicator} {splits}: {found[:3]}"
    met = {row.split: row.value for row in mine}
    assert met == {("U-1",): 100, ("U0",): 100, ("U1",): 0}


AGE_AT_THE_NEED = """
person      | arrived    | need       | care       | value
------------+------------+------------+------------+------
010102A900X | 2024-12-20 | 2025-01-02 | 2025-03-01 | 100
030102A900X | 2024-12-20 | 2025-01-02 | 2025-03-01 | 0
020102A900X | 2024-12-20 | 2025-01-02 | 2025-04-02 | 100
020102A900X | 2024-12-20 | 2025-01-02 | 2025-04-03 | 0
150602A900X | 2025-02-01 | 2025-06-14 | 2025-06-28 | 100
150602A900X | 2025-02-01 | 2025-06-14 | 2025-06-29 | 0
"""


@pytest.mark.parametrize("row", rows_of(AGE_AT_THE_NEED), ids=lambda row: " ".join(row.values()))
def test_the_limit_of_care_is_that_of_the_age_when_the_need_was_found(
    row: dict[str, str], tmp_path: Path
) -> None:
    """Not of the age at the request: who turned 23 between the two has three months."""
    line = f"A1;{row['person']};;272;MT-KOK-01;Mielenterveyspalvelut;{row['arrived']};;{row['need']};{row['care']};;hoidossa;"
    window = (date(2024, 10, 1), date(2025, 6, 30))
    text = f"{PATHWAY_HEADER}\n{line}\n"
    made = Extracts((Delivery("pirkko_asiakkuudet", text, date(2025, 12, 1), window),), window)
    snapshot, own = loaded(made, tmp_path)
    asked = Asked("mental_health_guarantee", "month", date_from=window[0], date_to=window[1])
    found = engine_rows(snapshot, asked, own).set_index("period")["value"].dropna()
    assert found.to_dict() == {row["need"][:7]: float(row["value"])}


# Whose service-need assessment has a time in the Act: begun on the 8th weekday, ready after three months, each is late.
# Born 10 March 1950: 75 on the day of the 75th birthday, over 75 on the day after it.
WHOSE_TIME = """
group      | person      | born | arrived    | support | allowance | deadlines | late | why
-----------+-------------+------+------------+---------+-----------+-----------+------+----------------------------
LAPSIPERHE | P1          | 2015 | 2025-03-10 | K       |           | 1         | 1    | a child in need of support
LAPSIPERHE | P1          | 2015 | 2025-03-10 | E       |           | 0         | 0    | a target, not the law
LAPSIPERHE | P1          | 2015 | 2025-03-10 |         |           | 0         | 0    | not known
IKAANTYNYT | 100350-900X |      | 2025-03-10 |         |           | 0         | 0    | the 75th birthday
IKAANTYNYT | 100350-900X |      | 2025-03-11 |         |           | 1         | 1    | the day after it
IKAANTYNYT | 290248-900X |      | 2023-03-01 |         |           | 0         | 0    | born on a leap day, turns 75
IKAANTYNYT | 290248-900X |      | 2023-03-02 |         |           | 1         | 1    | and is over
IKAANTYNYT | P1          | 1950 | 2025-12-01 |         |           | 0         | 0    | 75 by the years
IKAANTYNYT | P1          | 1949 | 2025-01-02 |         |           | 1         | 1    | 76 by the years
IKAANTYNYT | P1          |      | 2025-03-10 |         |           | 0         | 0    | age not known
IKAANTYNYT | P1          | 1960 | 2025-03-10 |         | YLIN      | 1         | 1    | the highest allowance
IKAANTYNYT | P1          | 1960 | 2025-03-10 |         | KOROTETTU | 0         | 0    | another allowance
TYOIKAINEN | P1          | 1980 | 2025-03-10 | K       |           | 0         | 0    | an adult
"""


@pytest.mark.parametrize("row", rows_of(WHOSE_TIME), ids=lambda row: row["why"])
def test_whose_assessments_have_a_time_in_the_act(row: dict[str, str], tmp_path: Path) -> None:
    arrived = date.fromisoformat(row["arrived"])
    begun, ready = nth_weekday(arrived, 8), months_later(arrived, 3) + DAY
    line = (
        f"T1|{row['person']}|{row['born']}|272|U|{row['group']}|{_compact(arrived)}|{_compact(begun)}|{_compact(ready)}"
        f"|{row['support']}|{row['allowance']}"
    )
    window = (date(arrived.year, 1, 1), date(arrived.year, 12, 31))
    text = f"{ASSESSMENT_HEADER}\r\n{line}\r\n"
    made = Extracts((Delivery("efica_palvelutarve", text, date(2026, 5, 1), window),), window)
    snapshot, own = loaded(made, tmp_path)
    asked = Asked("social_welfare_deadlines", "year", date_from=window[0], date_to=window[1])
    theirs = engine_rows(snapshot, asked, own)
    (found,) = theirs.to_dict("records")
    assert not between(ask(made.deliveries, asked), theirs.to_dict("records"), ())
    assert int(found["denominator"]) == int(row["deadlines"])
    assert int(found["denominator"]) - int(found["numerator"]) == int(row["late"])
