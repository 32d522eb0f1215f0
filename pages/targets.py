"""Targets: every target of an area against its actual, year by year, and any indicator opened."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.engine.evaluate import has_row_data
from indicators.engine.measures import with_figures
from indicators.engine.question import Answer, Where
from indicators.programme.benchmarks import COMPARABLE, DOCTOR_VISITS, sotkanet
from indicators.programme.targets import TargetResult, target_results
from indicators.programme.year_summary import headline, target_years
from indicators.wording.translations import N_, _, language
from pages.text import names, signals
from pages.text import opened_indicator as opened_words
from pages.text import targets as words
from pages.ui import address, cache, components, filters, markup, styles, target_board
from pages.ui.opened_indicator import SPLIT, Opened
from pages.ui.target_outlook import Outlook
from pages.ui.target_series import Series
from pages.views.targets import GRAINS, OpenedView, TargetsView, splits_of

INDICATOR, COMPARISON, COMPARED_AREAS = "mittari", "vertailu", "rinnalla"
ALL_VISITS, DOCTORS = "kaikki", "laakari"
VISITS = {ALL_VISITS: N_("All visits"), DOCTORS: N_("Doctor visits and comparison")}
MOST_AREAS = 5


def draw() -> None:
    """The page."""
    st.html(styles.BOARD_STYLE)
    as_of, settings = cache.today(), cache.settings()
    head = st.container()
    with st.container(key="filter_area"), st.container(key="filter_row"):
        area = filters.county_with_targets()
    with st.spinner(_("Targets and actuals are being compared …")):
        results = tuple(TargetsView.read(target_results, settings, as_of=as_of, area=area))
    years = TargetsView.read(target_years, area)
    outlook = Outlook(TargetsView(area), as_of)
    if results:
        table(results, years, outlook)
    else:
        components.empty(
            _("There is nothing to compare with"),
            _(
                "No targets are loaded for this area. Choose another area, or load the area's targets as a file of targets."
            ),
        )
    opened, answers = open_indicator(results, outlook)
    with head:
        name = names.name("area", area)
        said = (
            words.year_finding(results, _stretch(years), name)
            if results
            else _("{area} has no targets.").format(area=name)
        )
        components.heading(_("Targets"), said, *results, *answers)
    cited = [one.target.cited_source for one in results if one.target.cited_source]
    components.sources(*answers, cited=cited, used=[load for one in results for load in one.loads])
    components.definition_block(opened)


def _stretch(years: Sequence[int]) -> str:
    """The years from the first to the last; one by itself, none as nothing."""
    return "–".join(map(str, dict.fromkeys([*years[:1], *years[-1:]])))


# --- all targets ---------------------------------------------------------------------------------------------------


def table(results: Sequence[TargetResult], years: Sequence[int], outlook: Outlook) -> None:
    """One row per indicator with targets, a column for each year; a longer period is in its last year."""
    components.section(
        _("Targets and actuals {years}").format(years=_stretch(years)),
        _("The target as it was written, under it the actual with what it rests on, and the verdict."),
    )
    by_indicator: dict[str, list[TargetResult]] = {}
    for one in results:
        by_indicator.setdefault(one.target.indicator, []).append(one)
    rows = [_row(mine, years, outlook) for mine in sorted(by_indicator.values(), key=_knowledge)]
    header, caption = (_("Indicator"), *map(str, years)), _("Targets and actuals")
    st.html(markup.board_html(header, [("", rows)], caption, kind="tv-tall tv-years"))
    area = outlook.view.area
    components.download(
        words.results_table(results, outlook.as_of, cache.settings().low_coverage_pct),
        area,
        what=f"targets {area}",
    )


def _row(mine: Sequence[TargetResult], years: Sequence[int], outlook: Outlook) -> list[markup.Field]:
    """The row of an indicator: its name with what is known, and a cell for each year."""
    meant = words.definition_of(mine[0])
    name = target_board.indicator_html(meant, mine[0].target.area)
    earlier = max(
        (one for one in mine if one.earlier is not None),
        key=lambda one: one.earlier.period.end if one.earlier else date.min,
        default=None,
    )
    if earlier is not None and not any(one.actual.has_value for one in mine):
        said = html.escape(words.earlier_words(earlier, meant))
        name += f'<span class="tv-muted"><span class="tv-earlier">{said}</span></span>'
    direction = signals.trend_mark(outlook.judged(meant))
    if direction:
        name += markup.muted(_("Direction: {mark}").format(mark=direction))
    cells = []
    for year in years:
        here = [one for one in mine if one.target.period.end.year == year]
        cell = "".join(_year_cell(one, meant, year) + outlook.ahead_html(one, meant) for one in here)
        cells.append(markup.Field(cell, str(year)))
    quotes = dict.fromkeys(target_board.quote_html(one.target) for one in mine)
    return [markup.Field(name), *cells, markup.Field("".join(quotes))]


def _knowledge(mine: Sequence[TargetResult]) -> int:
    """Sorts what has an actual of the period first, then of an earlier one."""
    if any(one.actual.has_value for one in mine):
        return 0
    return 1 if any(one.earlier is not None for one in mine) else 2


def _year_cell(result: TargetResult, meant: Definition, year: int) -> str:
    """A target in its year: as written, the actual and the verdict."""
    actual = target_board.actual_html(result, meant) if result.actual.has_value else ""
    lines = [target_board.target_html(result.target, year), actual, markup.mark(result.verdict)]
    return "".join(f"<div>{line}</div>" for line in lines if line)


# --- one indicator -------------------------------------------------------------------------------------------------


def open_indicator(
    results: Sequence[TargetResult], outlook: Outlook
) -> tuple[Definition, tuple[Answer, ...]]:
    """One indicator opened: finding, trend against the target, its targets, its parts."""
    area = outlook.view.area
    components.section(_("One indicator opened"))
    with st.container(key="opened_choice"):
        definition = _indicator_choice(results, area)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            doctors = (
                definition.id == COMPARABLE
                and filters.choice(COMPARISON, _("Which visits"), filters.labels(VISITS), ALL_VISITS)
                == DOCTORS
            )
            grain = None
            if OpenedView.read(has_row_data, definition.id, area):
                options = {name: _(filters.GRAINS[name]) for name in GRAINS}
                grain = filters.choice(address.GRAIN, _("Period"), options, "quarter")
        where = (*definition.headline_where(), *((DOCTOR_VISITS,) if doctors else ()))
        compared = _compared_areas(area) if doctors else ()
    view = _opened_view(definition, area, where, grain)
    series = Series.of(view)
    mine = [one for one in results if one.target.indicator == definition.id]
    opened = Opened(view, series, mine, compared, doctors, outlook.as_of)
    low = cache.settings().low_coverage_pct
    finding = opened_words.finding(series.answer, series.rows, [] if doctors else mine, outlook.as_of, low)
    st.html(target_board.opened_html(names.text(definition).name, words.narrowed(where), finding))
    opened.trend()
    answers = series.answers
    if mine and not doctors:
        opened.own_targets(outlook)
    if not doctors:
        answers += opened.variation()
    if definition.row_level and series.demo is None:
        answers += opened.split()
    if definition.twin:
        link = target_board.indicator_html(cache.definitions()[definition.twin], area)
        st.html(target_board.note_html(_("To be read with it:"), link))
    return definition, answers


def _opened_view(definition: Definition, area: str, where: Where, grain: str | None) -> OpenedView:
    offered = splits_of(definition)
    split = address.selected(SPLIT, offered, offered[0]) if offered else None
    return OpenedView(definition, area, where, grain, split)


def _indicator_choice(results: Sequence[TargetResult], area: str) -> Definition:
    """The indicator that is opened: those with targets first, the others marked."""
    known = cache.definitions()
    asked = st.query_params.get(INDICATOR)
    promised = list(dict.fromkeys(one.target.indicator for one in results))
    # Of the plans' measures only those with a figure here: the others are on the pages of definitions and entering.
    figures = OpenedView.read(with_figures, area)
    others = [
        name
        for name, one in known.items()
        if name not in promised and (one.theme is None or name in figures or name == asked)
    ]

    def name_of(indicator: str) -> str:
        return known[indicator].text[language()].name

    def label(indicator: str) -> str:
        name = name_of(indicator)
        return name if indicator in promised else _("{name} (no target)").format(name=name)

    options = [*sorted(promised, key=name_of), *sorted(others, key=name_of)]
    first = first_to_open(results, promised)
    return known[filters.choose(INDICATOR, _("Indicator"), options, first, label)]


def first_to_open(results: Sequence[TargetResult], promised: Sequence[str]) -> str:
    """What is opened where nothing is selected: the first headline indicator of which anything is known."""
    known = {one.target.indicator for one in results if one.actual.has_value or one.earlier is not None}
    found = [name for name in headline() if name in known]
    return next(iter([*found, *(name for name in promised if name in known), *promised, *headline()]))


def _compared_areas(area: str) -> tuple[str, ...]:
    """The areas whose published figures are drawn: the country and the own one unless others are selected."""
    there = list(dict.fromkeys(found.area for found in sotkanet()))
    default = [code for code in ("FI", area) if code in there]
    called = names.names("area", there)
    return filters.choose_several(
        COMPARED_AREAS, _("Published figures for comparison"), called, default, MOST_AREAS
    )


components.guarded(draw)
