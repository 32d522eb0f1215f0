"""Service debt: care that did not happen against a baseline year, people waiting beyond the law, and what clearing takes."""

from __future__ import annotations

from collections.abc import Sequence

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
from indicators.wording.translations import _
from pages.text import queues
from pages.text import service_debt as words
from pages.text.tables import worst_first
from pages.ui import cache, clearing, components, filters
from pages.ui import debt_balance as balance
from pages.views.service_debt import LENGTH, ServiceDebtView, listed_grain

SERIES, BASELINE, SCALING, BY = "velka", "vertailuvuosi", "suhteutus", "tarkkuus"
UNSCALED, SCALED = "ei", "vaesto"
#: The series opened where nothing is chosen: the plan's own example.
FIRST = "child_health_clinic_visits"
GRAINS = {"month": filters.GRAINS["month"], "year": filters.GRAINS["year"]}


def draw() -> None:
    """The page."""
    today = cache.today()
    head = st.container()
    areas = ServiceDebtView.read(debt_areas)
    with st.container(key="filter_area"), st.container(key="filter_row"):
        cells = st.columns(2, gap="small")
        with cells[0]:
            area = filters.county(areas)
        every: tuple[DebtSeries, ...] = ServiceDebtView.read(debt_series, area)
        with cells[1]:
            chosen = _series_choice(every)
        baseline, scaled, grain = _choices(area, chosen)
    view = ServiceDebtView.of(area, every)
    newest = _newest(view)
    answers = () if view.visible is None else (view.visible[0].answer,)
    found = None
    if chosen is None:
        with head:
            components.heading(_("Service debt"), words.visible_finding(newest), *answers)
        components.empty(
            _("There is no series to compare"),
            _("Load visits, referrals or yearly counts of this area, or choose another area."),
        )
    else:
        found = balance.series_debt(view, chosen, baseline=baseline, grain=grain, scaled=scaled)
        answers = (found.answer, *found.demand_answers, *answers)
        with head:
            hidden = words.hidden_finding(balance.name_of(chosen), found.plain, of_care=found.has_demand)
            components.heading(_("Service debt"), f"{hidden} {words.visible_finding(newest)}", *answers)
            said = balance.demand_sentence(found)
            if said:
                components.subheading(said)
        components.tiles([*balance.tiles(found), *words.visible_tiles(newest, definition(VISIBLE_DEBT))])
        balance.balance(found, scaled)
        of_every = [
            balance.series_debt(view, one, baseline=baseline, grain=listed_grain(one), scaled=scaled)
            for one in every
        ]
        balance.every_series(of_every, chosen, area, baseline, scaled)
    _by_service(view)
    if found is not None:
        clearing.clear_hidden(found, today)
    clearing.clear_queue(view.lengths(), today)
    _assumptions(baseline, scaled)
    components.sources(*answers)
    shown = [definition(chosen.indicator)] if chosen is not None else []
    components.definition_block(
        *shown, definition(HIDDEN_DEBT), definition(ADJUSTED_DEBT), definition(VISIBLE_DEBT)
    )


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
            SERIES, _("What is compared"), list(by_key), first, lambda key: balance.name_of(by_key[key])
        )
    ]


def _choices(area: str, chosen: DebtSeries | None) -> tuple[int, bool, str]:
    years = [str(year) for year in ServiceDebtView.read(baseline_years, area)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        baseline = int(
            filters.choice(
                BASELINE, _("Baseline year"), dict(zip(years, years, strict=True)), str(BASELINE_YEAR)
            )
        )
        scaled = (
            filters.choice(
                SCALING,
                _("Scaling of what is expected"),
                {UNSCALED: _("not scaled"), SCALED: _("by the own age group")},
                UNSCALED,
            )
            == SCALED
        )
        grain = "year"
        if chosen is not None and chosen.row_level:
            grain = filters.choice(BY, _("Period"), filters.labels(GRAINS), "month")
    return baseline, scaled, grain


# --- who waits beyond the law --------------------------------------------------------------------------------------


def _newest(view: ServiceDebtView) -> words.Visible:
    if view.visible is None or view.visible[0].rows.empty:
        return words.Visible(None, None)
    row = view.visible[0].rows.iloc[-1].to_dict()
    return words.Visible(row, None if formats.missing(row["days_beyond"]) else float(row["days_beyond"]))


def _by_service(view: ServiceDebtView) -> None:
    components.section(
        _("Visible debt by service"),
        _("Queue entries that have waited beyond the legal limit, and for how many days beyond it in all."),
    )
    if view.visible is None:
        components.empty(
            _("There is no queue snapshot of this area"),
            _("Load a queue extract or counts of queues on the page for loading data."),
        )
        return
    over, lengths = definition(VISIBLE_DEBT), view.lengths()
    lacks = {queue for length in lengths.values() for queue in length["missing"] or ()}
    ordered = sorted(lacks, key=lambda one: (one.unit, one.service))
    components.note(queues.part_only(view.only_beyond_limit()))
    components.note(queues.lacking_of(LENGTH, ordered))
    records = worst_first(view.visible[1].rows, over).to_dict("records")
    period = str(view.visible[0].rows["period"].iloc[-1])
    components.table_block(
        words.visible_table(records, lengths, (LENGTH, over), period),
        "visible",
        what=f"visible debt {view.area}",
        title=_("Every service with a legal limit"),
        expanded=True,
    )


def _assumptions(baseline: int, scaled: bool) -> None:
    components.section(_("What this takes for granted"))
    said = [
        _(
            "As much care is expected of every period as was given in the same period of {year}. Whether people needed as "
            "much is not known."
        ).format(year=baseline),
        _(
            "Against 2019, months count from March 2020 and years as whole years from 2020; against a later year, all after it."
        ),
        _(
            "A period above the baseline lessens only debt that was there before it; the rest is growth. A period without a "
            "complete figure is in no sum: missing is not zero."
        ),
        _(
            "Against demand, what is expected is the baseline year's visits × demand now ÷ demand "
            "then, in the same period. Demand is measured by referrals or notifications; where there "
            "are none, by people in care. Residents do not scale it further."
        ),
        _("People may be counted in several months, so months of people do not add up to a year."),
        _("A visit made up later costs what you give as its price. What the wait itself costs is not in it."),
    ]
    if scaled:
        said.append(
            _(
                "Scaled is only what has the residents of the service's own age group loaded. Of the other series what is "
                "expected is not scaled, and the table says so."
            )
        )
    for text in said:
        components.note(text)


components.guarded(draw)
