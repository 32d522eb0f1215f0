"""One indicator: where it stands, which way it goes and why; and in tabs its splits, variation, changes, benchmarks, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import COUNTRY, area_codes
from indicators.engine.choices import last_day
from indicators.engine.question import Answer
from indicators.programme.year_summary import headline
from indicators.wording.translations import N_, _
from pages.text import names
from pages.ui import (
    address,
    before_after,
    cache,
    components,
    filters,
    indicator_screen,
    indicator_tabs,
    styles,
)
from pages.ui.indicator_links import INDICATOR, VIEW
from pages.ui.opened_indicator import OpenedIndicator
from pages.views.indicator import FIRST_GRAIN, IndicatorView, splits_of

SPLITS, VARIATION, AROUND, BENCHMARKS, TABLE, DEFINITION = (
    *("jaottelut", "vaihtelu", "ennen-jalkeen"),
    *("vertailu", "taulukko", "maaritelma"),
)
#: Pixels of the box that chooses the indicator.
BOX_WIDTH = 520
TABS = {
    SPLITS: N_("Splits"),
    VARIATION: N_("Variation"),
    AROUND: N_("Before and after"),
    BENCHMARKS: N_("Benchmarks"),
    TABLE: N_("Table and downloads"),
    DEFINITION: N_("Definition"),
}


def draw() -> None:
    """The page: an indicator, its first screen, and the tab that is open."""
    st.html(styles.BOARD_STYLE)
    head = st.container()
    counties = [code for code in area_codes() if code != COUNTRY]
    area = address.selected(address.PARAMETERS["area"], counties, cache.settings().default_area)
    opened = _indicator(area)
    shown = OpenedIndicator(_view(opened, area), cache.today())
    with head:
        components.title(names.text(opened).name, *shown.series.answers, *shown.judged_results)
    first = next(iter(splits_of(opened)), None) if shown.view.by_rows else None
    answers = indicator_screen.draw(shown, first)
    drawn: Mapping[str, Callable[[], Sequence[Answer]]] = {
        SPLITS: partial(indicator_tabs.splits, shown),
        VARIATION: partial(indicator_tabs.variation_tab, shown),
        AROUND: partial(before_after.draw, shown.view),
        BENCHMARKS: partial(indicator_tabs.benchmarks, shown),
        TABLE: partial(indicator_tabs.table_and_downloads, shown),
        DEFINITION: partial(indicator_tabs.definition, shown),
    }
    open_tab, place = components.tabs(VIEW, filters.labels(TABS))
    with place:
        more = drawn[open_tab]()
    if opened.measure.dataset == "queue":
        components.link("queue_plan", _("Plan this queue"))
    cited = [one.target.cited_source for one in shown.results if one.target.cited_source]
    components.sources(*shown.series.answers, *answers, *more, cited=cited)


def _indicator(area: str) -> Definition:
    """The indicator: those known in the area first, the others marked; of the plans' measures the known ones alone."""
    known = cache.definitions()
    asked = st.query_params.get(INDICATOR)
    there = IndicatorView.known(area)
    listed = {
        name: name in there
        for name, one in known.items()
        if name in there or one.theme is None or name == asked
    }
    options = sorted(listed, key=lambda name: (not listed[name], names.text(known[name]).name.casefold()))
    first = next((name for name in headline() if listed.get(name)), headline()[0])

    def said(name: str) -> str:
        text = names.text(known[name]).name
        return text if listed[name] else _("{name} (no data)").format(name=text)

    return known[filters.choose(INDICATOR, _("Indicator"), options, first, said, width=BOX_WIDTH)]


def _view(opened: Definition, area: str) -> IndicatorView:
    """The filters an indicator has, and the view they select; published figures have no filters but the area."""
    grains = IndicatorView.grains(opened.id, area)
    by_rows = IndicatorView.is_counted(opened.id, area)
    dataset = opened.measure.dataset if by_rows else "visits"
    shown = [name for name in address.PARAMETERS if name in opened.dimensions] if by_rows else ["area"]
    offer = filters.Offer(
        defaults=opened.headline_scope,
        grains=grains or (FIRST_GRAIN,),
        grain=FIRST_GRAIN if not grains or FIRST_GRAIN in grains else grains[0],
        span=address.EVERYTHING,
        spans=by_rows,
    )
    last = partial(IndicatorView.read, last_day, dataset) if by_rows else lambda _area: None
    return IndicatorView.of(opened, filters.row(dataset, shown, offer, last=last))


components.guarded(draw)
