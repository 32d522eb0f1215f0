"""Ready-made figures and targets against the second implementation, on files made around every way they can overlap."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.catalogue.periods import span
from indicators.programme.targets import nothing, target_results
from indicators.programme.verdicts import Target, verdict_of
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.oracle import cases, debt, model
from tests.oracle.assert_same import between, engine_rows
from tests.oracle.extracts import DAY, what_is_known
from tests.oracle.figures import (
    COUNTRY,
    OF_A_DAY,
    PER_CENT,
    READY_MADE,
    SUMS,
    Figure,
    File,
    Promise,
    ask,
    figures_of,
    fitting,
    of_stretch,
    promises_of,
    verdict,
)
from tests.oracle.model import GRAINS, Asked, Oracle, next_start

TODAY, NOW = date(2026, 6, 1), datetime(2026, 6, 1, 8, 0)
NO_ROWS = Oracle(what_is_known(()))
INDICATORS = tuple(sorted({*READY_MADE, *model.INDICATORS, *cases.INDICATORS, *debt.INDICATORS}))
FIGURE_HEADER = (
    "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source"
)
TARGET_HEADER = "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source"
#: The later extract is loaded first and another on its day after it: neither the order nor the date alone decides.
EXTRACTED = (date(2026, 3, 1), date(2026, 1, 2), date(2026, 3, 1))
#: Stretches of whole periods that fill each other, of single days, and such as are no period.
YEARS = [(date(year, 1, 1), date(year, 12, 31)) for year in (2023, 2024)]
QUARTERS = [
    (start, next_start(start, "quarter") - DAY) for start in (date(2024, m, 1) for m in (1, 4, 7, 10))
]
MONTHS = [(start, next_start(start, "month") - DAY) for start in (date(2024, m, 1) for m in range(1, 7))]
WEEKS = [(start, next_start(start, "week") - DAY) for start in (date(2024, 1, 1), date(2024, 12, 30))]
ODD = [(date(2024, 1, 15), date(2024, 2, 15)), (date(2023, 12, 1), date(2024, 3, 31))]
DAYS = [(on, on) for on in (date(2024, 3, 31), date(2024, 12, 31), date(2024, 5, 6))]
LAYOUTS = (
    *(YEARS, QUARTERS, MONTHS, [*YEARS, *QUARTERS], [*QUARTERS, *MONTHS], [*MONTHS, *WEEKS, *ODD]),
    *(DAYS, [*DAYS, *YEARS], [*YEARS, *QUARTERS, *MONTHS, *WEEKS, *ODD, *DAYS]),
)
SERVICES = (
    ("",),
    ("",),
    ("primary_care",),
    ("", "primary_care"),
    ("primary_care", "oral_health"),
    ("", "primary_care", "oral_health"),
)


@dataclass(frozen=True)
class Made:
    """Files of figures and of targets, in the order of loading."""

    figures: tuple[File, ...]
    targets: tuple[File, ...]


def number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def figure_lines(chance: random.Random, indicator: str) -> list[str]:
    """Lines of one indicator: some of the stretches of a layout, for some areas and services."""
    lines = []
    areas = chance.choice((("18",), ("18",), ("18", "20"), ("18", "20", COUNTRY), (COUNTRY,)))
    services, layout = chance.choice(SERVICES), chance.choice(LAYOUTS)
    kept = chance.choice((0.4, 0.8, 1))
    with_parts = indicator not in SUMS and chance.random() < 0.6
    for area in areas:
        for service in services:
            for first, last in layout:
                if chance.random() > kept:
                    continue
                whole = chance.choice((0, 5, 20, 100))
                part, value = chance.randint(0, whole), chance.choice((0, 4, 12.5, 60, 80, 100))
                numbers = (part, whole, None) if with_parts else (None, None, value)
                if chance.random() < 0.08:
                    numbers = chance.choice(((None, None, value), (part, None, None), (part, whole, value)))
                if indicator in SUMS and numbers[1] is not None:
                    numbers = (part, None, None)
                cells = ",".join(map(number, numbers))
                lines.append(f"{indicator},{area},{service},{first},{last},{cells},,,Raportti")
    return lines


def target_lines(chance: random.Random, indicator: str) -> list[str]:
    """Lines of targets of one indicator, some without a level, those of waits also in months."""
    lines = []
    for first, last in sorted({*chance.sample([*YEARS, *QUARTERS, *MONTHS[:2]], 3), chance.choice(ODD)}):
        comparator = chance.choice(("<", "<=", ">", ">=", "="))
        level, unit = chance.choice((0, 4, 12.5, 60, 80, 100)), "percent" if indicator in PER_CENT else ""
        if indicator.endswith("_days"):
            level, unit = chance.choice(
                ((12.5, "days"), (60, "days"), (2, "months"), (1, "months"), (0, "days"))
            )
        if chance.random() < 0.1:
            comparator, level = "", None
        area = chance.choice(("18", "18", "20"))
        lines.append(
            f"{indicator},{area},{first},{last},{comparator},{number(level)},{unit},luvattu,Suunnitelma"
        )
    return lines


def made(seed: int) -> Made:
    """Three files of figures and two of targets: the later ones say some of the earlier ones' keys anew."""
    chance = random.Random(seed)
    figures, targets = [], []
    for of in EXTRACTED:
        mine = [line for name in INDICATORS if chance.random() < 0.6 for line in figure_lines(chance, name)]
        figures.append(File("\n".join([FIGURE_HEADER, *mine, ""]), of))
    for of in EXTRACTED[:2]:
        mine = [line for name in INDICATORS if chance.random() < 0.7 for line in target_lines(chance, name)]
        targets.append(File("\n".join([TARGET_HEADER, *mine, ""]), of))
    return Made(tuple(figures), tuple(targets))


def loaded(files: Made, folder: Path) -> tuple[Snapshot, Settings]:
    """The published warehouse of the files alone."""
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    for source, of_source in (("figures", files.figures), ("targets", files.targets)):
        for at, file in enumerate(of_source):
            options = LoadOptions(source=source, as_of=file.extract_date, force=True)
            report = load_bytes(f"{source}{at}.csv", file.text.encode(), options, own, now=NOW, today=TODAY)
            assert report.status == "loaded", report.findings
    return Warehouse(own.warehouse).current(), own


SEEDS = (1, 2)


@pytest.fixture(scope="module", params=SEEDS)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Made, Snapshot, Settings]:
    files = made(request.param)
    return files, *loaded(files, tmp_path_factory.mktemp("figures"))


ASKED = (
    {"splits": ()},
    {"splits": (), "area": "20"},
    {"splits": (), "area": "all"},
    {"splits": (), "area": COUNTRY},
    {"splits": ("service",), "area": "18"},
    {"splits": ("area",), "area": "all"},
    {"splits": ("service", "area"), "area": "all"},
    {"splits": (), "where": (("service", ("primary_care", "unknown")),)},
    {"splits": ("area",), "area": "all", "where": (("area", ("20", COUNTRY)),)},
    {"splits": (), "date_from": date(2023, 11, 10), "date_to": date(2024, 8, 2)},
)
#: What an indicator has no split or filter by.
WITHOUT = {
    "service": (
        *("change_coaching_units", "ips_employment", "ips_fidelity_points", "ips_first_meeting_days"),
        *("omaolo_services", "guarantee_monitoring_coverage", "health_centre_wait_days"),
        *("oral_health_wait_days", "over_75_oral_health_share", "mental_health_guarantee"),
        *(
            "mental_health_first_contact_7d",
            "substance_services_access",
            "substance_services_first_contact_7d",
        ),
        *(
            "mental_health_not_contacted_in_week",
            "mental_health_still_without_contact",
            "child_welfare_7_weekdays",
            "child_welfare_notification_days",
        ),
        *("child_family_needs_assessment_3m", "child_family_needs_assessment_90d"),
    )
}


def questions(indicator: str, chance: random.Random) -> list[Asked]:
    """Some of the questions that an indicator can be asked, the unsplit one by every grain among them."""
    found = []
    for number_of, changes in enumerate(ASKED):
        names = {*changes["splits"], *dict(changes.get("where", ()))}
        if any(indicator in WITHOUT.get(name, ()) for name in names):
            continue
        if number_of == 0 or chance.random() < 0.4:
            grains = GRAINS if number_of == 0 else (chance.choice(GRAINS[1:]),)
            # What is owed is not known by weeks.
            grains = [by for by in grains if by != "week" or indicator not in debt.INDICATORS]
            found += [replace(Asked(indicator, by), **changes) for by in grains]
    return found


def test_figures_are_put_together_as_the_second_implementation_does(
    world: tuple[Made, Snapshot, Settings],
) -> None:
    files, snapshot, own = world
    figures, found, chance = figures_of(files.figures), [], random.Random(len(files.figures[0].text))
    told = set()
    for indicator in INDICATORS:
        for asked in questions(indicator, chance):
            hidden = asked.indicator in debt.INDICATORS
            mine = debt.ask(NO_ROWS, figures, asked) if hidden else ask(figures, asked)
            told |= {(row.status, indicator in OF_A_DAY, indicator in SUMS) for row in mine}
            theirs = engine_rows(snapshot, asked, own).to_dict("records")
            found += [f"{asked}: {text}" for text in between(mine, theirs, asked.splits)[:2]]
    assert not found, f"{len(found)} differ\n" + "\n".join(found[:12])
    statuses = {"ok", "incomplete_period", "no_denominator", "no_data"}
    assert {status for status, *_ in told} == statuses
    assert {("ok", True, True), ("ok", False, True), ("ok", True, False), ("ok", False, False)} <= told


@pytest.mark.parametrize("as_of", [date(2023, 12, 31), date(2024, 6, 29), TODAY])
def test_targets_are_held_against_the_figure_of_their_own_period(
    as_of: date, world: tuple[Made, Snapshot, Settings]
) -> None:
    files, snapshot, own = world
    figures, promises, found, seen = figures_of(files.figures), promises_of(files.targets), [], set()
    expected = {}
    for promise in promises:
        told = told_of(figures, promise.indicator, promise.area, promise.first, promise.last)
        value, _, _, status = told or (None, None, None, "no_data")
        expected[promise.indicator, promise.area, promise.first, promise.last] = (
            verdict(promise, value, status, as_of),
            value,
        )
    for area in ("18", "20"):
        for one in target_results(snapshot, own, as_of=as_of, area=area, suppress=False):
            target = one.target
            key = (target.indicator, area, target.period.start, target.period.end)
            says, value = expected.pop(key)
            seen.add(says)
            if one.verdict != says or one.actual.value != pytest.approx(value):
                found.append(f"{target} {one.actual} says {one.verdict}, expected {says} of {value}")
    assert not found, f"{len(found)} differ\n" + "\n".join(found[:8])
    assert not expected, "targets without a result"
    assert (
        {"not_due", "no_target"} <= seen
        if as_of < date(2024, 1, 1)
        else {"met", "not_met", "no_data"} <= seen
    )


def told_of(
    figures: list[Figure], indicator: str, area: str, first: date, last: date
) -> tuple[float | None, float | None, float | None, str] | None:
    """What figures say of a stretch of days within the headline of an indicator."""
    where = (("service", ("primary_care",)),) if indicator in OF_PRIMARY_CARE else ()
    return of_stretch(indicator, fitting(figures, Asked(indicator, area=area, where=where)), first, last)


#: Indicators whose headline, and so the comparison with a target, is of primary care.
OF_PRIMARY_CARE = ("seven_day_access", "access_data_coverage", "wait_median", "wait_p90")


@pytest.mark.parametrize(
    "days, comparator, months, said",
    [
        (27, "<", 1, "met"),
        (28, "<", 1, "no_data"),
        (30, "<", 1, "no_data"),
        (31, "<", 1, "not_met"),
        (31, "<=", 1, "no_data"),
        (32, "<=", 1, "not_met"),
        (58, "<", 2, "met"),
        (63, ">", 2, "met"),
    ],
)
def test_days_are_held_against_months_where_every_month_says_the_same(
    days: float, comparator: str, months: int, said: str
) -> None:
    year = (date(2023, 1, 1), date(2023, 12, 31))
    target = Target("health_centre_wait_days", "18", span(*year), comparator, months, "months", "", None)
    actual = replace(nothing(target.period), value=days, status="ok")
    assert verdict_of(target, actual, TODAY) == said
    promise = Promise("health_centre_wait_days", "18", *year, comparator, months, "months")
    assert verdict(promise, days, "ok", TODAY) == said
