"""A reader's scenarios of queues: saved under a name, opened again, compared, deleted and taken back; those that ship too."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import streamlit as st

from indicators.catalogue.errors import UsageError
from indicators.engine.queue_plan import QueuePlan
from indicators.planning.scenario import Scenario, from_link, shipped_scenarios
from indicators.wording.translations import _
from pages.access import session
from pages.text import names
from pages.text.markup import plain
from pages.ui import cache, components, plan_address, plan_tabs
from pages.views.queue_plan import QueuePlanView
from pipelines.warehouse.saved import LONGEST_NAME, MOST, Saved, SavedByUser

#: The kind of what is saved, and the session key of what was deleted last.
_KIND, _DELETED = "scenarios", "plan_deleted"
_logger = logging.getLogger("takuuvahti.pages")


def draw(view: QueuePlanView, found: QueuePlan) -> None:
    """Scenarios side by side, saving the open one, and the list of those saved and shipped."""
    plan_tabs.side_by_side(view, found)
    saved = _saved()
    _save_form(view.scenario, saved)
    _taken_back(saved)
    try:
        rows = list(_known(saved))
    except OSError:
        _logger.exception("saved scenarios cannot be read")
        st.error(_("Saved scenarios cannot be read now. Nothing was changed."))
        return
    if not rows:
        components.note(
            _("You have saved no scenarios. Fill in one under “What happens if”, then save it here.")
        )
    for at, (scenario, name) in enumerate(rows):
        _row(at, scenario, name, view, saved)
    shipped = [one for one in shipped_scenarios().values() if one.area == view.scenario.area]
    for at, scenario in enumerate(shipped):
        _row(len(rows) + at, scenario, None, view, saved)
    components.note(
        _(
            "Only you see what you have saved. To share a scenario, share the address of this page: it shows only what its "
            "reader may see."
        )
    )


def _saved() -> SavedByUser:
    return SavedByUser(cache.settings().warehouse, _KIND, session.user())


def _known(saved: SavedByUser) -> Iterator[tuple[Scenario, str]]:
    """The saved scenarios that can be read, each with its name."""
    for one in saved.all():
        try:
            yield from_link(one.text), one.name
        except UsageError:
            continue


def _save_form(scenario: Scenario, saved: SavedByUser) -> None:
    with st.form("plan_save", border=False):
        left, right = st.columns([3, 1], gap="small", vertical_alignment="bottom")
        with left:
            name = st.text_input(_("Save the open scenario as"), value=scenario.name, max_chars=LONGEST_NAME)
        with right:
            sent = st.form_submit_button(_("Save"))
    if not sent:
        return
    called = " ".join((name or "").split())
    if not called:
        st.error(_("Give the scenario a name. Nothing was saved."))
        return
    named = Scenario(**{**vars(scenario), "name": called})
    try:
        if saved.save(Saved(called, named.to_link())):
            st.toast(_("Saved: {name}").format(name=plain(called)))
        else:
            st.error(
                _("There is room for {count} scenarios. Delete one first; nothing was saved.").format(
                    count=MOST
                )
            )
    except OSError:
        _logger.exception("a scenario cannot be saved")
        st.error(_("The scenario cannot be saved now. Nothing was changed."))


def _taken_back(saved: SavedByUser) -> None:
    """What was deleted last can be taken back."""
    gone: Saved | None = st.session_state.get(_DELETED)
    if gone is None:
        return
    left, right = st.columns([3, 1], gap="small", vertical_alignment="center")
    with left:
        components.note(_("Deleted: {name}").format(name=gone.name))
    with right:
        st.button(_("Undo"), key="plan_undo", on_click=_undo, args=[saved, gone])


def _undo(saved: SavedByUser, gone: Saved) -> None:
    try:
        saved.save(gone)
    except OSError:
        _logger.exception("a scenario cannot be saved")
        return
    st.session_state.pop(_DELETED, None)


def _delete(saved: SavedByUser, name: str) -> None:
    try:
        st.session_state[_DELETED] = saved.delete(name)
    except OSError:
        _logger.exception("a scenario cannot be deleted")


def _row(at: int, scenario: Scenario, name: str | None, view: QueuePlanView, saved: SavedByUser) -> None:
    """One scenario: what it is of, and what can be done with it; one that ships has no name of the reader's and stays."""
    with st.container(key=f"plan_scenario_{at}", horizontal=True, vertical_alignment="center", gap="small"):
        of = names.scope(scenario.area, tuple(part for part in scenario.where if part[0] != "area"))
        shown = scenario.name if name is None else name
        remark = _("comes with the software") if name is None else ""
        st.markdown(f"**{plain(shown)}**  \n{plain(' · '.join(part for part in (of, remark) if part))}")
        st.button(_("Open"), key=f"plan_open_{at}", on_click=_open, args=[scenario])
        compared = plan_address.of_queue(scenario, view.scenario)
        if compared != view.scenario:
            st.button(_("Compare"), key=f"plan_compare_{at}", on_click=plan_address.compare, args=[scenario])
        if name is not None:
            st.button(
                _("Delete"), key=f"plan_delete_{at}", on_click=_delete, args=[saved, name], type="tertiary"
            )


def _open(scenario: Scenario) -> None:
    plan_address.write(scenario)
    plan_address.compare_nothing()
