"""Service debt: care that did not happen and people waiting beyond the law; in tabs how it came about, what clearing takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from indicators.catalogue.definition import definition
from indicators.service_debt.debt import (
    ADJUSTED_DEBT,
    BASELINE_YEAR,
    HIDDEN_DEBT,
    VISIBLE_DEBT,
    VISITS,
    DebtSeries,
    baseline_years,
    debt_areas,
    debt_series,
)
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pages.text import queues
from pages.text import service_debt as words
from pages.text.tables import worst_first
from pages.ui import cache, clearing, components, filters
from pages.ui import debt_balance as balance
from pages.ui.debt_screen import CLEARING, SERIES, VIEW, DebtScreen
from pages.views.service_debt import LENGTH, ServiceDebtView, listed_grain

BASELINE, SCALING, BY = "vertailuvuosi", "suhteutus", "tarkkuus"
UNSCALED, SCALED = "ei", "vaesto"
#: The series opened where nothing is chosen: the plan's own example.
FIRST = "child_health_clinic_visits"
GRAINS = {"month": filters.GRAINS["month"], "year": filters.GRAINS["year"]}
COURSE, SERVICES, ASSUMPTIONS = "kertyma", "palvelut", "oletukset"
TABS = {
    COURSE: N_("How the debt came about"),
    SERVICES: N_("Every service"),
    CLEARING: N_("Clearing"),
    ASSUMPTIONS: N_("What this takes for granted"),
}
_SERIES_WIDTH = 330


def draw() -> None:
    """The page."""
    head = st.container()
    with st.container(key="filter_area"), st.container(key="filter_row", horizontal=True):
        place = st.container(horizontal=True, key="filter_series")
        with st.popover(_("More filters"), key="more_filters"):
            chosen_area = filters.county(ServiceDebtView.read(debt_areas))
            scaled = _scaled()
        every: tuple[DebtSeries, ...] = ServiceDebtView.read(debt_series, chosen_area)
        with place:
            chosen = _series_choice(every)
            baseline, grain = _choices(chosen_area, chosen)
    page = _Page(ServiceDebtView.of(chosen_area, every), chosen, baseline, scaled, grain)
    found, newest = page.found, page.newest
    answers = () if page.view.visible is None else (page.view.visible[0].answer,)
    if found is not None:
        answers = (found.answer, *found.demand_answers, *answers)
    with head:
        components.title(_("Service debt"), *answers)
    DebtScreen(page.view, found, lambda: page.of_every, newest).draw()
    if found is None:
        components.empty(
            _("There is no series to compare"),
            _("Load visits, referrals or yearly counts of this area, or choose another area."),
        )
    # An address that gives numbers for clearing opens what they are given for.
    if VIEW not in st.query_params and any(name in st.query_params for name in clearing.PARAMETERS):
        st.query_params[VIEW] = CLEARING
    drawn: Mapping[str, Callable[[_Page], None]] = {
        COURSE: _course,
        SERVICES: _services,
        CLEARING: _clearing,
        ASSUMPTIONS: _assumptions,
    }
    opened, place = components.tabs(VIEW, filters.labels(TABS))
    with place:
        drawn[opened](page)
    components.sources(*answers)


@dataclass(frozen=True)
class _Page:
    """What the page shows: its view, the series opened (None without one), and the choices of the reader."""

    view: ServiceDebtView
    chosen: DebtSeries | None
    baseline: int
    scaled: bool
    grain: str

    @cached_property
    def found(self) -> balance.SeriesDebt | None:
        """The debt of the series opened."""
        return None if self.chosen is None else self._debt_of(self.chosen, self.grain)

    @cached_property
    def of_every(self) -> list[balance.SeriesDebt]:
        """The debt of every series."""
        return [self._debt_of(one, listed_grain(one)) for one in self.view.every]

    @cached_property
    def newest(self) -> words.Visible:
        """Who waits beyond the law on the newest snapshots."""
        if self.view.visible is None or self.view.visible[0].rows.empty:
            return words.Visible(None, None)
        row = self.view.visible[0].rows.iloc[-1].to_dict()
        return words.Visible(row, None if formats.missing(row["days_beyond"]) else float(row["days_beyond"]))

    def _debt_of(self, series: DebtSeries, grain: str) -> balance.SeriesDebt:
        return balance.series_debt(self.view, series, baseline=self.baseline, grain=grain, scaled=self.scaled)


# --- choices -------------------------------------------------------------------------------------------------------


def _series_choice(every: Sequence[DebtSeries]) -> DebtSeries | None:
    """The series that is opened; None where the area has none."""
    by_key = {series.key: series for series in every}
    if not by_key:
        return None
    care = (key for key, series in by_key.items() if series.kind == VISITS)
    first = FIRST if FIRST in by_key else next(care, next(iter(by_key)))
    return by_key[
        filters.choose(
            SERIES,
            _("What is compared"),
            list(by_key),
            first,
            lambda key: balance.name_of(by_key[key]),
            width=_SERIES_WIDTH,
        )
    ]


def _choices(area: str, chosen: DebtSeries | None) -> tuple[int, str]:
    """The baseline year and, of a series counted from rows, the grain."""
    years = [str(year) for year in ServiceDebtView.read(baseline_years, area)]
    by_year = dict(zip(years, years, strict=True))
    baseline = int(filters.choice(BASELINE, _("Baseline year"), by_year, str(BASELINE_YEAR), shown=False))
    if chosen is None or not chosen.row_level:
        return baseline, "year"
    return baseline, filters.choice(BY, _("Period"), filters.labels(GRAINS), "month", shown=False)


def _scaled() -> bool:
    """Whether what is expected follows the residents of the service's own age group."""
    options = {UNSCALED: _("not scaled"), SCALED: _("by the own age group")}
    return filters.choice(SCALING, _("Scaling of what is expected"), options, UNSCALED) == SCALED


# --- tabs ----------------------------------------------------------------------------------------------------------


def _course(page: _Page) -> None:
    """How the debt of the series opened came about, period by period."""
    if page.found is not None:
        balance.balance(page.found, page.scaled)


def _services(page: _Page) -> None:
    """Every series and every service with a limit, in full."""
    view = page.view
    if page.chosen is not None:
        balance.every_series(page.of_every, page.chosen, view.area, page.baseline, page.scaled)
    if view.visible is None:
        components.empty(
            _("There is no queue snapshot of this area"),
            _("Load a queue extract or counts of queues on the page for loading data."),
        )
        return
    over, lengths = definition(VISIBLE_DEBT), view.lengths()
    components.section(_("Visible debt by service"))
    lacks = {queue for length in lengths.values() for queue in length["missing"] or ()}
    ordered = sorted(lacks, key=lambda one: (one.unit, one.service))
    components.note(queues.part_only(view.only_beyond_limit()))
    components.note(queues.lacking_of(LENGTH, ordered))
    records = worst_first(view.visible[1].rows, over).to_dict("records")
    period = str(view.visible[0].rows["period"].iloc[-1])
    table = words.visible_table(records, lengths, (LENGTH, over), period)
    components.full_table(table, "visible", what=f"visible debt {view.area}")


def _clearing(page: _Page) -> None:
    """What it takes to clear the hidden debt of the series opened, and a queue."""
    today = cache.today()
    if page.found is not None:
        clearing.clear_hidden(page.found, today)
    clearing.clear_queue(page.view.lengths(), today)


def _assumptions(page: _Page) -> None:
    for text in words.assumptions(page.baseline, scaled=page.scaled):
        components.note(text)
    shown = [definition(page.chosen.indicator)] if page.chosen is not None else []
    components.definition_block(
        *shown, definition(HIDDEN_DEBT), definition(ADJUSTED_DEBT), definition(VISIBLE_DEBT)
    )


components.guarded(draw)
