"""The area among the others and the country, and the units of the area, with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from indicators.analysis.funnel import funnel
from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.labels import COUNTRY
from indicators.catalogue.periods import Period, parse_label
from indicators.engine.question import NO_DATA, OK, Answer
from indicators.programme.benchmarks import (
    COMPARABLE,
    Benchmark,
    benchmarks_for,
    newest_comparable_year,
    residents,
    sotkanet,
)
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pages import charts
from pages.charts.references import area_dots, references
from pages.sheet import columns
from pages.text import compare as words
from pages.text import names, sentences
from pages.text.benchmarks import benchmark_table, caution, national_table
from pages.text.tables import answer_table
from pages.ui import address, components, filters, pictures, sheet
from pages.ui.tables import chart_with_reading, sorted_table
from pages.views.compare import ACCESS, CompareView

YEAR, COMPARED, QUARTER, MEASURE, VISITS = "vuosi", "rinnalla", "neljannes", "mittari", "kaynnit"
#: The tabs, by what is in them; those whose figures are computed from rows.
VIEW = "nakyma"
AREAS, UNITS, YEARS, COUNTRY_WIDE = "alueet", "yksikot", "vuodet", "maa"
TABS = {
    AREAS: N_("Areas"),
    UNITS: N_("Units of the area"),
    YEARS: N_("Over the years"),
    COUNTRY_WIDE: N_("THL's national figures"),
}
FROM_ROWS = (UNITS, YEARS)
ALL_VISITS, DOCTORS = "kaikki", "laakari"
KINDS = {ALL_VISITS: N_("All visits"), DOCTORS: N_("Doctor visits")}
MEASURES = (COMPARABLE, "access_within_limit")
#: Lines of other areas next to the own one, the country and our own computed figure.
MOST_AREAS = 4
SOURCE = N_("THL, Sotkanet 6411 (CC BY 4.0); residents: Statistics Finland, 31 December 2025 (CC BY 4.0)")


def draw() -> None:
    """The page."""
    head = st.container()
    areas = list(dict.fromkeys(found.area for found in sotkanet() if found.area != COUNTRY))
    years = sorted({found.period.label for found in sotkanet()})
    with filters.plain_row():
        area = filters.county(areas, width=filters.AREA_WIDTH)
        of_years = dict(zip(years, years, strict=True))
        year = filters.choice(YEAR, _("Year"), of_years, newest_comparable_year(), shown=False)
    view = CompareView(area)
    computed = view.ask(view.doctors)
    of_year = {found.area: found for found in sotkanet() if found.period.label == year}
    tabs = _tabs()
    opened = address.selected(VIEW, tabs, next(iter(tabs)))
    compared = words.Compared(
        names.name("area", area),
        year,
        of_year.get(area),
        of_year.get(COUNTRY),
        [found for code, found in of_year.items() if code != COUNTRY],
        _newest(computed),
        computed.demo,
    )
    with head:
        # The published figures are real: what is made up is marked where it is shown.
        components.title(_("Comparison"), *([computed] if opened in FROM_ROWS else []))
    components.finding(words.finding(compared, ACCESS))
    sheet.show(columns(*words.numbers(compared, ACCESS, components.link_address("upload"))), key="first")
    opened, place = components.tabs(VIEW, tabs)
    shown: list[Answer] = [computed]
    definitions = [ACCESS]
    with place:
        if opened == AREAS:
            _areas(area, year, of_year)
        elif opened == YEARS:
            _over_time(view, areas, computed)
        elif opened == COUNTRY_WIDE:
            components.full_table(national_table(), "national", what="thl published")
        else:
            units, measure = _units(view)
            shown += units
            definitions += [measure] if measure is not ACCESS else []
    components.sources(*shown, cited=[_(SOURCE)])
    components.definition_block(*definitions)


def _tabs() -> dict[str, str]:
    """The tabs; the one that the address speaks of first."""
    asked = st.query_params
    first = AREAS
    if VIEW not in asked and any(name in asked for name in (MEASURE, VISITS, QUARTER)):
        first = UNITS
    elif VIEW not in asked and COMPARED in asked:
        first = YEARS
    return filters.labels({first: TABS[first], **TABS})


def _newest(computed: Answer) -> Mapping[str, Any] | None:
    """The newest complete year with rows, else the newest."""
    rows = computed.rows[computed.rows["status"] != NO_DATA]
    at = sentences.finding_row(rows)
    return None if at is None else rows.iloc[at].to_dict()


def _areas(area: str, year: str, of_year: Mapping[str, Benchmark]) -> None:
    size = residents()
    found = [of_year[code] for code in of_year if code != COUNTRY]
    found.sort(key=lambda one: -size[one.area])
    if not found:
        components.empty(_("Sotkanet has no figures for this year"), _("Choose another year."))
        return
    country = of_year.get(COUNTRY)
    level = None
    if country is not None:
        level_words = f"{names.name('area', COUNTRY)}<br>{formats.value(country.value, ACCESS)}"
        level = country.value, level_words
    reading = [_("Violet: the whole country. Blue: the area chosen. Grey: the other areas.")]
    if found[0].caution:
        reading.append(_("Hollow: {caution}.").format(caution=caution(found[0])))
    title = _("Share of doctor visits within 7 days by area and number of residents, {year}").format(
        year=year
    )
    chart_with_reading(
        charts.by_size(
            area_dots(found, ACCESS, area, words.place("no_interval_known")),
            _("residents"),
            level=level,
            hollow=any(one.caution for one in found),
        ),
        title,
        words.area_table([*([country] if country else []), *found], year, ACCESS),
        "areas",
        what=f"sotkanet {year}",
        picture=pictures.Caption(title, (_(SOURCE),)),
        reading=(
            *reading,
            _(
                "Each dot is an area, placed by its residents: in a small area chance moves the share more. How many visits are "
                "behind a share is not published, so no interval is known and the dots are no order of areas."
            ),
        ),
    )


def _over_time(view: CompareView, areas: Sequence[str], computed: Answer) -> None:
    others = names.names("area", [code for code in areas if code != view.area])
    chosen = filters.choose_several(COMPARED, _("Other areas for comparison"), others, [], MOST_AREAS)
    compared = (view.area, COUNTRY, *chosen)
    figures = benchmarks_for(COMPARABLE, view.doctors.where, compared)
    rows = computed.rows
    has_rows = bool(rows["value"].notna().any())
    if not figures and not has_rows:
        components.empty(_("There is nothing to draw yet"), _("Load a visit extract of this area."))
        return
    reading = [
        _(
            "Thin lines: Sotkanet 6411. Violet: the whole country. Blue: the area chosen. Grey: the other areas."
        ),
        _(
            "Hollow points: 2021–2022 are figures of the municipal era and 2025 is partial. How Sotkanet defines the figure "
            "has yet to be checked against ours."
        ),
    ]
    if has_rows:
        reading.append(_("Strong blue line: computed from own rows."))
    title = _("Share of doctor visits within 7 days by year")
    chart_with_reading(
        charts.against_targets(rows, ACCESS, references=references(figures, ACCESS, compared, own=view.area)),
        title,
        benchmark_table(figures, ACCESS),
        "years",
        what="sotkanet by year",
        picture=pictures.Caption(title, (_(SOURCE),), answers=(computed,) if has_rows else ()),
        reading=reading,
    )
    components.table_block(
        answer_table(rows, ACCESS, caption=_("Doctor visits, computed from own rows")),
        "computed",
        what=f"{COMPARABLE} doctors {view.area}",
        title=_("Own rows, table and download"),
    )


def _units(view: CompareView) -> tuple[tuple[Answer, ...], Definition]:
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        options = {name: names.text(definition(name)).short for name in MEASURES}
        opened = definition(filters.choice(MEASURE, _("Indicator"), options, COMPARABLE))
        kind = filters.choice(VISITS, _("Which visits"), filters.labels(KINDS), ALL_VISITS)
    view = view.of_units(opened, kind == DOCTORS)
    over_time = view.ask(view.quarters)
    known = over_time.rows[over_time.rows["status"] != NO_DATA]
    if known.empty or not over_time.loads:
        components.empty(
            _("There are no rows of the units of this area"),
            _("Load a visit extract of this area on the page for loading data."),
        )
        return (), opened
    quarters = list(known["period"])[::-1]
    whole = [label for label, status in zip(known["period"], known["status"], strict=True) if status == OK]
    first = whole[-1] if whole else quarters[0]
    with row:
        label = filters.choose(QUARTER, _("Quarter"), quarters, first, formats.period)
    period = parse_label(label) or Period(known["period_start"].iloc[-1], known["period_end"].iloc[-1], label)
    view = replace(view, quarter=period)
    answer = view.ask(view.units)
    components.rest_on(answer)
    found = funnel(answer)
    called = names.names("unit", list(answer.rows["unit"]))
    said = words.units_finding(found, called, opened)
    components.note(said)
    records = {row["unit"]: row for row in answer.rows.to_dict("records")}
    hovers = {
        one.key: charts.hover(records[one.key], opened, called[one.key]) + "<br>" + words.place(one.place)
        for one in found.points
    }
    level = "" if found.centre is None else formats.value(found.centre, opened)
    what = f"{opened.id} {kind} by unit {label}"
    sorted_table(words.unit_table(answer, opened, called), "units", what=what)
    figure = charts.funnel(found, called, hovers, level)
    components.show_chart(figure, said, key="chart_units")
    narrowed = words.narrowed(answer.question.where)
    components.note(narrowed)
    reading = (
        _(
            "Each dot is a unit, placed by how many visits its share is of. Between the solid lines lies what chance alone "
            "brings about (99.8 %), between the dotted ones 95 %."
        ),
        _(
            "A filled dot differs by more than chance; a grey one cannot be judged. Suppressed units "
            "are in the table."
        ),
    )
    components.how_to_read(*reading)
    caption = pictures.Caption(
        names.by(opened, "unit", _(KINDS[kind]), formats.period(label)), (said, narrowed, *reading)
    )
    pictures.of_figure(figure, caption, said, f"units_{opened.id}_{kind}_{label}", what=what)
    return (answer,), opened


components.guarded(draw)
