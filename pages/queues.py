"""Queues: how many wait beyond the legal limit, who passes it next, where to book first; in tabs the depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from indicators.catalogue.dimensions import filters_of
from indicators.engine.choices import last_day, queue_areas
from indicators.engine.question import Answer
from indicators.wording.translations import N_, _
from pages.text import queues as words
from pages.ui import components, filters, queue_booking, queue_depth, queue_screen, queue_tabs
from pages.views.queues import COLUMNS, LENGTH, OVER, URGENT, QueuesView

#: The address parameter of the open tab, and its codes.
VIEW = "nakyma"
BOOK, FLOWS, WAITS, NEAR = "varattavat", "saapuneet", "odotus", "lahella"
OVER_TIME, LIMITS, TABLE = "ajassa", "rajat", "taulukko"
TABS = {
    BOOK: N_("Who to book first"),
    FLOWS: N_("Flow"),
    WAITS: N_("Real waits"),
    NEAR: N_("Near misses"),
    OVER_TIME: N_("Queue over time"),
    LIMITS: N_("Own wish and limits"),
    TABLE: N_("Table and downloads"),
}


def draw() -> None:
    """The page."""
    head = st.container()
    chosen = filters.row(
        "queue",
        filters_of("queue"),
        filters.Offer(grains=("week", "month", "quarter"), span="52vk", areas=QueuesView.read(queue_areas)),
        last=partial(QueuesView.read, last_day, "queue"),
    )
    view = QueuesView.of(chosen)
    answers = [view.ask(chosen.question(of)) for of in (LENGTH, OVER)]
    with head:
        components.title(_("Queues"), *answers)
    if view.period is None:
        components.finding(words.finding(queue_screen.finding_of(view)))
        components.empty(
            _("No queue snapshot fits the choice"),
            _("Choose a longer time or more units, or load a queue extract on the page for loading data."),
        )
        components.definition_block(*COLUMNS, URGENT)
        return
    queue_screen.draw(view)
    drawn: Mapping[str, Callable[[QueuesView], Sequence[Answer]]] = {
        BOOK: queue_booking.book_first,
        FLOWS: queue_depth.flow,
        WAITS: queue_depth.honest_waits,
        NEAR: queue_depth.near_misses,
        OVER_TIME: queue_tabs.over_time,
        LIMITS: queue_tabs.own_wish_and_limits,
        TABLE: queue_tabs.table_and_downloads,
    }
    opened, place = components.tabs(VIEW, filters.labels(TABS))
    with place:
        answers += drawn[opened](view)
    components.sources(*answers)


components.guarded(draw)
