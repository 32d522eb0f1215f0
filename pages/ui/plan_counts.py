"""Planning a queue of which only counts are known: arrivals and visits are typed, the answer is a range."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from indicators.planning.from_counts import CountsPlan, Range
from indicators.wording import formats
from indicators.wording.translations import _
from pages.text import queue_plan as words
from pages.text.tables import Cell, Table, Value
from pages.ui import components, plan_address
from pages.views.queue_plan import Counts, QueuePlanView

#: The numbers that counts tell of.
_SHOWN = ("queue", "over", "share")


def draw(view: QueuePlanView, counts: Counts) -> None:
    """The form for arrivals and visits, and once they are given the range of what is expected."""
    scenario = view.scenario
    known = scenario.arrivals_a_week is not None and scenario.visits_a_week is not None
    found = view.plan_from_counts(counts) if known else None
    components.finding(_finding(counts, found))
    components.subheading(
        _("Computed from counts: who waits how long is not known, so only ranges are shown.")
    )
    with st.form(f"plan_counts_{scenario.to_link()[-12:]}", border=False):
        cells = st.columns(4, gap="small", vertical_alignment="bottom")
        with cells[0]:
            arrivals = st.number_input(
                _("New entries a week"), min_value=0, value=_whole(scenario.arrivals_a_week), step=1
            )
        with cells[1]:
            visits = st.number_input(
                _("Entries treated a week"), min_value=0, value=_whole(scenario.visits_a_week), step=1
            )
        with cells[2]:
            weeks = st.number_input(
                _("Weeks ahead"), min_value=4, max_value=156, value=scenario.weeks, step=1
            )
        with cells[3]:
            sent = st.form_submit_button(_("Compute"), type="primary")
    if sent:
        if arrivals is None or visits is None:
            st.error(_("Give the new entries and the entries treated a week. Nothing was computed."))
            return
        plan_address.write(
            replace(scenario, arrivals_a_week=float(arrivals), visits_a_week=float(visits), weeks=int(weeks))
        )
        st.rerun()
    if found is not None:
        components.full_table(_table(found), "counts", what="queue plan from counts")
        components.how_to_read(
            _(
                "The least is what happens where all in each band of waits have come lately, the most where all have waited "
                "to its end. Nobody is taken to leave untreated, and the longest waits go first."
            )
        )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _finding(counts: Counts, found: CountsPlan | None) -> str:
    said = _("On {day} {count} waited.").format(
        day=formats.day(counts.day), count=formats.number(counts.waiting)
    )
    if found is None:
        return " ".join((said, _("Give what comes and what is treated a week to see what becomes of them.")))
    week = min(words.TOLD_AT, found.scenario.weeks)
    then = _("In {weeks} weeks {count} wait, computed from counts.").format(
        weeks=week, count=_range("queue", found.planned.queue, week)
    )
    return f"{said} {then}"


def _range(name: str, found: Range, week: int) -> str:
    low, high = float(found.low[week - 1]), float(found.high[week - 1])
    if low != low or high != high:
        return "–"
    return words.shown(name, low) if round(low, 2) == round(high, 2) else words.range_of(name, low, high)


def _table(found: CountsPlan) -> Table:
    at = [week for week in words.READ_AT if week <= found.scenario.weeks]
    rows: list[list[Value]] = []
    for name in _SHOWN:
        numbers: Range = getattr(found.planned, name)
        cells = [Cell(_range(name, numbers, week), _range(name, numbers, week)) for week in at]
        rows.append([_(words.LINES[name]), *cells])
    header = (_("From the least to the most"), *(_("{count} wk").format(count=week) for week in at))
    return Table.of(_("Expected from counts"), header, rows, range(1, len(header)))
