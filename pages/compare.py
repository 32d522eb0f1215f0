"""The area beside the others and the country, and the units of the area beside each other, with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import streamlit as st

from indicators.analysis.funnel import funnel, funnel_of
from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.labels import COUNTRY
from indicators.catalogue.periods import Period, parse_label
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, Answer, Question, Where
from indicators.programme.benchmarks import (
    COMPARABLE,
    DOCTOR_VISITS,
    Benchmark,
    benchmarks_for,
    newest_whole_year,
    published_by_thl,
    residents,
    sotkanet,
)
from pages import charts
from pages.charts.references import references, short_area
from pages.text import compare as words
from pages.text import formats, names, sentences
from pages.text.benchmarks import benchmark_table, caution
from pages.text.sources import demo_words
from pages.text.tables import Cell, Table, answer_table
from pages.text.tiles import Tile
from pages.text.translations import N_, _
from pages.ui import cache, components, filters

YEAR, BESIDE, QUARTER, MEASURE, VISITS = "vuosi", "rinnalla", "neljannes", "mittari", "kaynnit"
ALL_VISITS, DOCTORS = "kaikki", "laakari"
KINDS = {ALL_VISITS: N_("All visits"), DOCTORS: N_("Doctor visits")}
MEASURES = (COMPARABLE, "access_within_limit")
ACCESS = definition(COMPARABLE)
#: Lines of other areas beside the own one, the country and our own computed figure.
MOST_BESIDE = 4
SOURCE = N_("THL, Sotkanet 6411 (CC BY 4.0); residents: Statistics Finland, 31 December 2025 (CC BY 4.0)")


def draw() -> None:
    """The page."""
    head = st.container()
    areas = list(dict.fromkeys(found.area for found in sotkanet() if found.area != COUNTRY))
    years = sorted({found.period.label for found in sotkanet()})
    with st.container(key="filter_area"), st.container(key="filter_row"):
        cells = st.columns(2, gap="small", vertical_alignment="bottom")
        with cells[0]:
            area = filters.county(areas)
        with cells[1]:
            year = filters.choice(YEAR, _("Year"), dict(zip(years, years, strict=True)), newest_whole_year())
    where = (*ACCESS.headline_where(), DOCTOR_VISITS)
    computed = cache.ask(Question(COMPARABLE, by="year", area=area, where=where))
    of_year = {found.area: found for found in sotkanet() if found.period.label == year}
    newest = _newest(computed)
    with head:
        components.heading(
            _("Comparison"),
            words.finding(
                words.Compared(
                    names.name("area", area),
                    year,
                    of_year.get(area),
                    of_year.get(COUNTRY),
                    [found for code, found in of_year.items() if code != COUNTRY],
                    newest,
                    computed.demo,
                ),
                ACCESS,
            ),
            computed,
        )
    _tiles(area, year, of_year, newest, computed)
    _areas(area, year, of_year)
    _over_time(area, areas, where, computed)
    _national()
    units, opened = _units(area)
    components.sources(computed, *units, cited=[_(SOURCE)])
    components.definition_block(ACCESS, *([opened] if opened is not ACCESS else []))


def _newest(computed: Answer) -> Mapping[str, Any] | None:
    """The newest complete year that rows tell of, else the newest."""
    rows = computed.rows[computed.rows["status"] != NO_DATA]
    at = sentences.telling_row(rows)
    return None if at is None else rows.iloc[at].to_dict()


def _tiles(
    area: str,
    year: str,
    of_year: Mapping[str, Benchmark],
    newest: Mapping[str, Any] | None,
    computed: Answer,
) -> None:
    shown = []
    for code in (area, COUNTRY):
        found = of_year.get(code)
        name = names.name("area", code)
        details = [_("Sotkanet, {year}").format(year=year)]
        if found is not None and found.caution:
            details.append(caution(found))
        number = formats.status_word(NO_DATA) if found is None else formats.value(found.value, ACCESS)
        shown.append(Tile(name, number, tuple(details), first=code == area))
    if newest is not None:
        details = [formats.period(newest["period"])]
        if newest["status"] != NO_DENOMINATOR and not formats.missing(newest["denominator"]):
            details.append(_("n = {n}").format(n=formats.number(newest["denominator"])))
        if newest["status"] != NO_DENOMINATOR and formats.has_coverage(newest):
            details.append(_("coverage {coverage}").format(coverage=formats.coverage(newest)))
        if newest["status"] == INCOMPLETE:
            details.append(formats.status_word(INCOMPLETE))
        if computed.demo:
            details.append(demo_words())
        shown.append(
            Tile(_("Doctor visits, computed from own rows"), formats.cell(newest, ACCESS), tuple(details))
        )
    components.tiles(shown)


# --- areas ---------------------------------------------------------------------------------------------------------


def _areas(area: str, year: str, of_year: Mapping[str, Benchmark]) -> None:
    """Every area by the number of its residents, never by its share."""
    components.section(
        _("The areas, {year}").format(year=year),
        _(
            "Each dot is an area, placed by its residents: in a small area chance moves the share more. How many visits are "
            "behind a share is not published, so no interval is known and the dots are no order of areas."
        ),
    )
    found = [of_year[code] for code in of_year if code != COUNTRY]
    if not found:
        components.empty(_("Sotkanet has no figures for this year"), _("Choose another year."))
        return
    size = residents()
    found.sort(key=lambda one: -size[one.area])
    called = names.names("area", [one.area for one in found])
    country = of_year.get(COUNTRY)
    said = [
        "<br>".join(
            part
            for part in (
                f"<b>{called[one.area]}, {year}</b>",
                formats.value(one.value, ACCESS),
                _("{count} residents").format(count=formats.number(size[one.area])),
                words.place("no_interval_known"),
                caution(one),
            )
            if part
        )
        for one in found
    ]
    own = next((at for at, one in enumerate(found) if one.area == area), None)
    level_words = ""
    if country is not None:
        level_words = f"{names.name('area', COUNTRY)}<br>{formats.value(country.value, ACCESS)}"
    own_words = "" if own is None else "<br>".join(wrap(short_area(called[area]), 16))
    components.chart_block(
        charts.by_size(
            [size[one.area] for one in found],
            [one.value for one in found],
            said,
            own=own,
            own_words=own_words,
            level=None if country is None else country.value,
            level_words=level_words,
            axis=_("residents"),
            hollow=any(one.caution for one in found),
        ),
        _("Share of doctor visits within 7 days by area and number of residents, {year}").format(year=year),
        _area_table(found, country, year),
        "areas",
        what=f"sotkanet {year}",
        remark=" ".join(
            [
                _("Violet: the whole country. Blue: the area chosen. Grey: the other areas."),
                *([_("Hollow: {caution}.").format(caution=caution(found[0]))] if found[0].caution else []),
            ]
        ),
    )


def _area_table(found: Sequence[Benchmark], country: Benchmark | None, year: str) -> Table:
    """The table twin, largest area first."""
    size = residents()
    # What the funnel says of shares without their n: that no interval is known.
    said = {
        one.key: words.place(one.place)
        for one in funnel_of((one.area, one.value, None, None, OK) for one in found).points
    }
    rows = [
        (
            Cell(*[names.name("area", one.area)] * 2),
            Cell(formats.number(size[one.area]), size[one.area]),
            Cell(formats.value(one.value, ACCESS), one.value),
            Cell(*[said.get(one.area, words.place("no_interval_known"))] * 2),
            Cell(*[caution(one)] * 2),
        )
        for one in [*([country] if country else []), *found]
    ]
    header = (names.dimension("area"), _("Residents"), _("Within 7 days, %"), _("Interval"), _("Remark"))
    caption = _("The areas by number of residents, {year}").format(year=year)
    return Table(header, tuple(rows), (False, True, True, False, False), caption)


def _over_time(area: str, areas: Sequence[str], where: Where, computed: Answer) -> None:
    """Sotkanet's years of the area, the country and some others beside what our own rows tell."""
    components.section(
        _("Over the years"),
        _(
            "Sotkanet's shares by year, and the share of doctor visits computed from own rows where there are any."
        ),
    )
    others = [code for code in areas if code != area]
    chosen = filters.choose_several(
        BESIDE, _("Areas beside"), others, [], lambda code: names.name("area", code), MOST_BESIDE
    )
    compared = (area, COUNTRY, *chosen)
    figures = benchmarks_for(COMPARABLE, where, compared)
    rows = computed.rows
    if not figures and not rows["value"].notna().any():
        components.empty(_("There is nothing to draw yet"), _("Load a visit extract of this area."))
        return
    remarks = [
        _(
            "Violet: Sotkanet 6411. Hollow points: 2021–2022 are figures of the municipal era and 2025 is partial. How "
            "Sotkanet defines the figure has yet to be checked against ours."
        )
    ]
    if rows["value"].notna().any():
        remarks.append(_("Blue: computed from own rows."))
    if computed.demo:
        remarks.append(demo_words() + ".")
    components.chart_block(
        charts.against_targets(rows, ACCESS, references=references(figures, ACCESS, compared)),
        _("Share of doctor visits within 7 days by year"),
        benchmark_table(figures, ACCESS),
        "years",
        what="sotkanet by year",
        remark=" ".join(remarks),
    )
    components.table_block(
        answer_table(rows, ACCESS, caption=_("Doctor visits, computed from own rows")),
        "computed",
        what=f"{COMPARABLE} doctors {area}",
        title=_("Own rows, table and download"),
    )


def _national() -> None:
    """What THL has published of the whole country."""
    body = []
    for one in published_by_thl():
        limit = _("within {days} days").format(days=formats.number(one.within_days))
        who = words.profession(one.profession)
        ages = _("all ages") if one.population == "all" else one.population.removesuffix(" y")
        body.append(
            (
                Cell(formats.period(one.period.label), one.period.label),
                Cell(who, who),
                Cell(ages, ages),
                Cell(limit, limit),
                Cell(formats.percent(one.value, 0), one.value),
            )
        )
    header = (
        _("Period"),
        names.dimension("profession"),
        names.dimension("age_band"),
        _("Limit"),
        _("Share, %"),
    )
    right = (False, False, False, False, True)
    components.table_block(
        Table(header, tuple(body), right, _("National shares that THL has published")),
        "national",
        what="thl published",
        title=_("National shares that THL has published"),
    )


# --- units ---------------------------------------------------------------------------------------------------------


def _units(area: str) -> tuple[tuple[Answer, ...], Definition]:
    """The units of the area as a funnel: shares against their n, with the limits of chance."""
    components.section(
        _("Units of the area"),
        _(
            "Each dot is a unit, placed by how many visits its share is of. Between the solid lines lies what chance alone "
            "brings about (99.8 %), between the dotted ones 95 %."
        ),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        told = {name: names.text(definition(name)).short for name in MEASURES}
        opened = definition(filters.choice(MEASURE, _("Indicator"), told, COMPARABLE))
        kinds = {name: _(said) for name, said in KINDS.items()}
        doctors = filters.choice(VISITS, _("Which visits"), kinds, ALL_VISITS) == DOCTORS
    where = (*opened.headline_where(), *((DOCTOR_VISITS,) if doctors else ()))
    over_time = cache.ask(Question(opened.id, by="quarter", area=area, where=where))
    known = over_time.rows[over_time.rows["status"] != NO_DATA]
    if known.empty or not over_time.loads:
        components.empty(
            _("There are no rows of the units of this area"),
            _("Load a visit extract of this area on the page for loading data."),
        )
        return (), opened
    quarters = list(known["period"])[::-1]
    whole = [row["period"] for row in known.to_dict("records") if row["status"] == OK]
    label = filters.choose(
        QUARTER, _("Quarter"), quarters, whole[-1] if whole else quarters[0], formats.period
    )
    period = parse_label(label)
    answer = cache.ask(
        Question(
            opened.id,
            area=area,
            splits=("unit",),
            where=where,
            periods=(period or Period(known["period_start"].iloc[-1], known["period_end"].iloc[-1], label),),
        )
    )
    found = funnel(answer)
    called = names.names("unit", list(answer.rows["unit"]))
    components.note(words.units_finding(found, called, opened))
    scope = "; ".join(", ".join(names.name(part, code) for code in codes) for part, codes in where)
    records = {row["unit"]: row for row in answer.rows.to_dict("records")}
    said = {
        one.key: charts.hover(records[one.key], opened, called[one.key]) + "<br>" + words.place(one.place)
        for one in found.points
    }
    level = "" if found.centre is None else formats.value(found.centre, opened)
    components.chart_block(
        charts.funnel(found, called, said, level),
        words.units_finding(found, called, opened),
        _unit_table(answer, opened),
        "units",
        what=f"{opened.id} by unit {label}",
        remark=(_("Narrowed to: {scope}.").format(scope=scope) + " " if scope else "")
        + _(
            "A diamond differs by more than chance; a hollow dot cannot be judged. Hidden units are in the table."
        ),
    )
    return (answer,), opened


def _unit_table(answer: Answer, opened: Definition) -> Table:
    """The table twin: the unit with the most visits first, hidden ones last."""
    records = {row["unit"]: row for row in answer.rows.to_dict("records")}
    called = names.names("unit", list(records))
    body = []
    for one in sorted(funnel(answer).points, key=lambda one: (-(one.denominator or 0), called[one.key])):
        row = records[one.key]
        interval = (
            formats.interval(one.low, one.high, opened)
            if one.low is not None and one.high is not None
            else words.place(one.place)
        )
        body.append(
            (
                Cell(called[one.key], called[one.key]),
                Cell(formats.cell(row, opened), one.value),
                Cell(formats.count(row, "denominator"), formats.counted(row, "denominator")),
                Cell(interval, interval),
                Cell(
                    formats.coverage(row),
                    None
                    if row["status"] == NO_DENOMINATOR or formats.missing(row["coverage"])
                    else row["coverage"],
                ),
                Cell(*[words.place(one.place)] * 2),
            )
        )
    header = (
        names.dimension("unit"),
        f"{names.text(opened).short}, {formats.unit_word(opened)}",
        _("n"),
        _("Interval (95 %)"),
        _("Coverage, %"),
        _("Beside the area"),
    )
    period = formats.period(str(answer.rows["period"].iloc[0])) if len(answer.rows) else ""
    caption = _("Units by number of visits, {period}").format(period=period)
    return Table(header, tuple(body), (False, True, True, True, True, False), caption)


components.guarded(draw)
