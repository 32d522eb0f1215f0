"""Published series that extracts carry on: the engine against both second implementations put together by one rule.

The rule is typed anew here: rows tell a period that they cover fully, else a publication of the whole period, else rows that
cover a part of it, else what is published of a part.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from indicators.answers import answer
from indicators.catalogue.definition import definition, load_definitions
from indicators.engine import published_series as series
from indicators.engine.question import Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.oracle import cases, figures, model
from tests.oracle.assert_same import between, engine_rows
from tests.oracle.extracts import Delivery, what_is_known
from tests.oracle.model import Asked, Result
from tests.pipelines.extracts import VISIT_HEADER, visit

NOW = datetime(2026, 1, 2, 8, 0)
TODAY = NOW.date()
#: What the extracts cover: 2023 but for a month and a half, 2024 whole, half of 2025.
WINDOW = (date(2023, 2, 15), date(2025, 6, 30))
EXTRACTED = date(2025, 7, 1)
UNITS = {
    "U1": ("Aikuispsykiatria", "Päihdepalvelut", "Opioidikorvaushoito"),
    "U2": ("Lastenneuvola", "Psykkari-toiminta kouluissa", "Suun terveydenhuolto"),
}
HEADER = "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
STRETCHES = (
    *((date(year, 1, 1), date(year, 12, 31)) for year in (2021, 2022, 2023, 2024, 2025)),
    *((date(2024, 4, 1), date(2024, 6, 30)), (date(2025, 7, 1), date(2025, 9, 30))),
    *((date(2023, 1, 1), date(2023, 1, 31)), (date(2023, 3, 1), date(2023, 3, 31))),
    *((date(2022, 8, 1), date(2023, 7, 31)), (date(2025, 1, 1), date(2025, 2, 14))),
)


def visit_lines() -> list[str]:
    """Visits on most days of the window, of every service that a published series is of, some without an assessment."""
    chance, lines = random.Random(7), [VISIT_HEADER]
    day = WINDOW[0]
    while day <= WINDOW[1]:
        for unit, services in UNITS.items():
            for service in services:
                if chance.random() < 0.3:
                    assessed = day - timedelta(days=chance.randrange(-1, 20))
                    lines.append(
                        visit(
                            len(lines),
                            person=chance.choice(("", *(f"P{number}" for number in range(60)))),
                            unit=unit,
                            service=service,
                            profession=chance.choice(("Hammaslääkäri", "Sairaanhoitaja")),
                            nature=chance.choice(("SH", "SH", "TH")),
                            urgency=chance.choice(("Kiireetön", "Kiireetön", "Päivystys")),
                            assessed="" if chance.random() < 0.3 else f"{assessed:%d.%m.%Y}",
                            contacted="",
                            booked="",
                            visit=f"{day:%d.%m.%Y}",
                        )
                    )
        day += timedelta(days=1)
    return lines


def notification_lines() -> list[str]:
    """Notifications of the window, most of them decided."""
    chance = random.Random(8)
    lines = ["ILMOITUS_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|LAJI|SAAPUI|PAATETTY|PAATOS"]
    day = WINDOW[0]
    while day <= WINDOW[1]:
        if chance.random() < 0.4:
            decided = day + timedelta(days=chance.randrange(1, 15))
            done = f"{decided:%Y%m%d}" if decided < EXTRACTED and chance.random() < 0.9 else ""
            lines.append(f"{len(lines)}|A{len(lines)}|2015|272|LS-1|LASTENSUOJELU|{day:%Y%m%d}|{done}|")
        day += timedelta(days=1)
    return lines


def figure_lines() -> list[str]:
    """Figures of every carried-on series, of the whole area, for some of the stretches."""
    chance, lines = random.Random(9), [HEADER]
    for name in figures.CARRIED_ON:
        for first, last in STRETCHES:
            if chance.random() < 0.75:
                whole = chance.randrange(50, 200)
                share = name in figures.PER_CENT
                numbers = f"{chance.randrange(whole)},{whole}," if share else f",,{whole}"
                lines.append(f"{name},18,,{first},{last},{numbers},,,made up")
    return lines


VISITS = Delivery("exreport_kaynnit", "\r\n".join([*visit_lines(), ""]), EXTRACTED, WINDOW)
NOTIFICATIONS = Delivery("efica_ilmoitukset", "\r\n".join([*notification_lines(), ""]), EXTRACTED, WINDOW)
FIGURES = figures.File("\n".join([*figure_lines(), ""]), TODAY)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Settings]:
    """A warehouse of real rows beside published figures."""
    return loaded(tmp_path_factory.mktemp("carried"), demo=False)


def loaded(folder: Path, *, demo: bool) -> tuple[Snapshot, Settings]:
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    files = (
        ("figures", FIGURES.text.encode(), TODAY, None),
        (VISITS.source, VISITS.text.encode("cp1252"), EXTRACTED, WINDOW),
        (NOTIFICATIONS.source, NOTIFICATIONS.text.encode("latin-1"), EXTRACTED, WINDOW),
    )
    for source, data, as_of, window in files:
        options = LoadOptions(
            source=source, as_of=as_of, window=window, force=True, demo=demo and window is not None
        )
        report = load_bytes(f"{source}.csv", data, options, own, now=NOW, today=TODAY)
        assert report.status == "loaded", report.findings
    return Warehouse(own.warehouse).current(), own


def of_rows(asked: Asked) -> list[Result]:
    """What the extracts say."""
    if asked.indicator in model.COMPLETED:
        return model.Oracle(what_is_known([VISITS])).ask(asked)
    window = replace(asked, date_from=WINDOW[0], date_to=WINDOW[1])
    return [] if asked.indicator not in OF_NOTIFICATIONS else cases.ask([NOTIFICATIONS], window)


OF_NOTIFICATIONS = ("child_welfare_notifications", "child_welfare_notification_days")


def carried_on(asked: Asked) -> list[Result]:
    """Period by period, what the rule lets tell."""
    rows = {result.period: result for result in of_rows(asked)}
    published = {result.period: result for result in figures.ask(figures.figures_of([FIGURES]), asked)}
    starts = [result.period_start for result in (*rows.values(), *published.values())]
    found = []
    start, last = min(starts), max(starts)
    while start <= last:
        name, after = model.name_of(start, asked.by), model.next_start(start, asked.by)
        nothing = Result(name, start, after - timedelta(days=1), (), None, None, None, None, "no_data")
        mine, theirs = rows.get(name, nothing), published.get(name, nothing)
        whole = next((one for one in (mine, theirs) if one.status == "ok"), None)
        some = next((one for one in (mine, theirs) if one.status != "no_data"), nothing)
        found.append(whole or some)
        start = after
    return found


@pytest.mark.parametrize("indicator", figures.CARRIED_ON)
def test_rows_tell_what_they_cover_fully_and_publications_the_rest(
    indicator: str, world: tuple[Snapshot, Settings]
) -> None:
    snapshot, own = world
    found = []
    for by in ("month", "quarter", "year"):
        asked = Asked(indicator, by)
        theirs = engine_rows(snapshot, asked, own).to_dict("records")
        found += [f"by {by}: {text}" for text in between(carried_on(asked), theirs, ())]
    assert not found, "\n".join(found[:8])


@pytest.mark.parametrize("indicator", figures.CARRIED_ON)
def test_seams_lie_where_the_one_takes_over_from_the_other(
    indicator: str, world: tuple[Snapshot, Settings]
) -> None:
    snapshot, own = world
    for by in ("month", "year"):
        asked = Asked(indicator, by)
        told = [result for result in carried_on(asked) if result.value is not None]
        rows = {(result.period, result.value) for result in of_rows(asked)}
        kinds = [(result.period_start, (result.period, result.value) in rows) for result in told]
        expected = [(day, now) for (_, before), (day, now) in pairwise(kinds) if before != now]
        found = answer(snapshot, Question(indicator, by=by, suppress=False), own)
        assert [(seam.date, seam.to_rows) for seam in found.seams] == expected


def test_a_split_by_unit_has_rows_alone(world: tuple[Snapshot, Settings]) -> None:
    snapshot, own = world
    found = answer(snapshot, Question("child_health_clinic_visits", by="year", splits=("unit",)), own)
    assert set(found.rows["period"]) == {"2023", "2024", "2025"}
    assert set(found.rows["unit"]) == {"U2"}


def test_a_split_by_service_tells_no_period_twice(world: tuple[Snapshot, Settings]) -> None:
    """A figure that names no service is of the same visits as the rows of the service."""
    snapshot, own = world
    found = answer(
        snapshot, Question("adult_psychiatry_visits", by="year", splits=("service",), suppress=False), own
    )
    whole = answer(snapshot, Question("adult_psychiatry_visits", by="year", suppress=False), own).rows
    told = found.rows.groupby("period")["value"].sum()
    assert told.to_dict() == whole[whole["value"].notna()].set_index("period")["value"].to_dict()


@pytest.mark.parametrize("indicator", figures.CARRIED_ON)
def test_what_is_left_out_of_rows_is_their_own_line(indicator: str, world: tuple[Snapshot, Settings]) -> None:
    snapshot, own = world
    asked = Asked(indicator, "year", rows_only=True)
    theirs = engine_rows(snapshot, asked, own).to_dict("records")
    mine = [result for result in of_rows(asked) if theirs]
    assert not between(mine, theirs, ())


def compared(snapshot: Snapshot, own: Settings, *, suppress: bool) -> list[series.Difference]:
    found = []
    for figure, question in series.questions_of_differences(snapshot, "18", suppress=suppress):
        told = answer(snapshot, question, own)
        one = series.difference_of(figure, told.rows, definition(question.indicator))
        if one is not None:
            found.append(one)
    return found


def test_where_both_tell_a_period_their_difference_is_known(world: tuple[Snapshot, Settings]) -> None:
    snapshot, own = world
    found = {
        (one.indicator, one.period.label): (one.by_rows, one.published)
        for one in compared(snapshot, own, suppress=False)
    }
    expected = {}
    for indicator in figures.CARRIED_ON:
        for by in ("month", "quarter", "year"):
            rows = {
                result.period: result for result in of_rows(Asked(indicator, by)) if result.status == "ok"
            }
            theirs = figures.ask(figures.figures_of([FIGURES]), Asked(indicator, by))
            exact = {(figure.first, figure.last) for figure in figures.figures_of([FIGURES])
                     if figure.indicator == indicator}  # fmt: skip
            expected |= {
                (indicator, told.period): (pytest.approx(rows[told.period].value), pytest.approx(told.value))
                for told in theirs
                if told.period in rows and (told.period_start, told.period_end) in exact
            }
    assert len(expected) > 20
    of_its_own = {key: told for key, told in found.items() if key[1] == "2025-01-01–2025-02-14"}
    assert of_its_own
    assert {key: told for key, told in found.items() if key not in of_its_own} == expected


def test_demo_rows_carry_no_published_series_on(tmp_path: Path) -> None:
    """The same rows as demo data: the series stays published, and where it tells nothing they are a line of their own."""
    snapshot, own = loaded(tmp_path, demo=True)
    for indicator in figures.CARRIED_ON:
        assert series.demo_is_separate(snapshot, indicator, "18") == bool(of_rows(Asked(indicator, "year")))
        found = answer(snapshot, Question(indicator, by="year", suppress=False), own)
        theirs = found.rows.to_dict("records")
        mine = figures.ask(figures.figures_of([FIGURES]), Asked(indicator, "year"))
        assert not between(mine, theirs, ())
        assert not found.demo
        assert not found.seams
    assert not compared(snapshot, own, suppress=False)


def test_every_series_with_figures_that_rows_give_is_asked(world: tuple[Snapshot, Settings]) -> None:
    snapshot, _own = world
    asked = {
        question.indicator for _, question in series.questions_of_differences(snapshot, "18", suppress=True)
    }
    assert asked == set(figures.CARRIED_ON)
    assert asked <= {known.id for known in load_definitions().values() if known.row_level}
