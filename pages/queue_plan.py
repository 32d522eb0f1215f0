"""Planning a queue: what becomes of it as today and under a scenario, whether it can go on, and what a target takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from indicators.catalogue.errors import BadQuestion
from indicators.catalogue.labels import ALL_AREAS
from indicators.engine.choices import last_day
from indicators.engine.question import Answer
from indicators.engine.queue_plan import QueuePlan
from indicators.planning.scenario import Scenario
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pages.text import names
from pages.text import queue_plan as words
from pages.text.tables import answer_table
from pages.ui import (
    address,
    components,
    filters,
    plan_address,
    plan_counts,
    plan_form,
    plan_scenarios,
    plan_screen,
    plan_tabs,
)
from pages.ui.plan_screen import VIEW
from pages.views.queue_plan import LENGTH, OVER, OpenedQueue, QueuePlanView
from pages.views.selection import Selection

_DIMENSIONS = ("area", "unit", "service", "profession")
WHAT_IF, NEEDED, SCENARIOS, THEORY, TABLE = "entajos", "vaatii", "skenaariot", "teoria", "taulukko"
TABS = {
    WHAT_IF: N_("What happens if"),
    NEEDED: N_("What it takes"),
    SCENARIOS: N_("Scenarios"),
    THEORY: N_("Theory"),
    TABLE: N_("Table and downloads"),
}


def draw() -> None:
    """The page."""
    head = st.container()
    opened, is_faulty = plan_address.opened()
    chosen, why = _choose(opened)
    view = _view(chosen, opened)
    if view is None:
        with head:
            components.title(_("Queue planning"))
        components.finding(_("There is no queue to plan."))
        components.note(_("Choose another area, or load a queue extract on the page for loading data."))
        return
    counted, counts_medical = view.counted(), False
    with head:
        components.title(_("Queue planning"), counted)
    if is_faulty:
        st.error(_("The address holds no scenario that can be opened. The queue is shown as it is."))
    if not view.has_rows:
        plan_counts.draw(
            view, _("Computed from counts: who waits how long is not known, so only ranges are shown.")
        )
    elif not view.may_be_seen:
        _refuse(view, counted)
    else:
        if why is not None:
            components.note(words.why_opened(why))
        counts_medical = _draw_plan(view)
    components.sources(counted)
    components.definition_block(LENGTH, OVER, first=words.who_counts() if counts_medical else "")


def _refuse(view: QueuePlanView, counted: Answer) -> None:
    """Why there is no plan for this audience, what to do, and what it may see of the queue instead."""
    components.finding(_("This plan is not in the shareable view."))
    few = _("In some week so few wait or are beyond the limit that single persons could be told.")
    to_do = (
        _("Choose all units of the service, or sign in with a role that sees the unit's own numbers.")
        if view.scenario.units
        else _("Sign in with a role that sees the unit's own numbers.")
    )
    components.note(formats.one_after_another([few, to_do]))
    components.link("queues", _("Queues"))
    called = names.text(LENGTH).name
    rows = answer_table(counted.rows, LENGTH, caption=called)
    components.table_block(rows, "counted", what=LENGTH.id, title=called, expanded=True)


def _draw_plan(view: QueuePlanView) -> bool:
    """Draw the plan, from counts alone where too few weeks are known; whether it is one from rows."""
    try:
        found = view.plan()
    except BadQuestion:
        plan_counts.draw(
            view,
            _(
                "There are fewer than 12 weekly extracts in a row, so the plan is computed from counts: only ranges."
            ),
        )
        return False
    plan_screen.draw(view, found)
    drawn: Mapping[str, Callable[[QueuePlanView, QueuePlan], None]] = {
        WHAT_IF: plan_form.draw,
        NEEDED: plan_tabs.needed,
        SCENARIOS: plan_scenarios.draw,
        THEORY: plan_tabs.theory,
        TABLE: plan_tabs.numbers,
    }
    opened, place = components.tabs(VIEW, filters.labels(TABS))
    with place:
        drawn[opened](view, found)
    return True


def _choose(opened: Scenario | None) -> tuple[Selection, OpenedQueue | None]:
    """The queue: of the address, else of its scenario, else the one that the view begins with, and why that one."""
    if opened is not None and address.PARAMETERS["area"] not in st.query_params:
        address.write(address.PARAMETERS["area"], [opened.area], [])
    area = filters.selected_area()
    queues = QueuePlanView.queues(area)
    units, service, why = (opened.units, opened.service, None) if opened is not None else ((), "", None)
    if opened is None:
        asked = address.selected_values("unit"), address.selected_values("service")
        found = QueuePlanView.default_queue(queues, *asked)
        if found is not None:
            units, service = (found.unit,) if found.unit else (), found.service
            why = None if any(asked) else found
    chosen = filters.row(
        "queue",
        _DIMENSIONS,
        filters.Offer(
            {"unit": units, "service": (service,) if service else ()},
            grains=("week",),
            areas=QueuePlanView.areas(),
            spans=False,
        ),
        last=partial(QueuePlanView.read, last_day, "queue"),
    )
    return chosen, why


def _view(chosen: Selection, opened: Scenario | None) -> QueuePlanView | None:
    """The view of one queue, of the first of several services chosen; None without any."""
    services = chosen.of("service")
    if not services or chosen.area == ALL_AREAS:
        return None
    units, professions = chosen.of("unit"), chosen.of("profession")
    base = Scenario(
        _("Own scenario"), chosen.area, services[0], units, professions[0] if professions else None
    )
    scenario = base if opened is None else plan_address.of_queue(opened, base)
    return QueuePlanView(scenario, plan_address.compared(base))


components.guarded(draw)
