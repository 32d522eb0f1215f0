"""Planning a queue of which only counts are known: arrivals and visits are typed, the answer is a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from indicators.planning.from_counts import CountsPlan, Range
from indicators.planning.scenario import Scenario
from indicators.wording import formats
from indicators.wording.translations import _
from pages.text import queue_plan as words
from pages.text.tables import Cell, Table, Value
from pages.ui import components, plan_address
from pages.views.queue_plan import Counts, QueuePlanView

#: The numbers that counts tell of.
_SHOWN = ("queue", "over", "share")


def draw(view: QueuePlanView, why: str) -> None:
    """The form for the numbers of a queue, and once they are given the range of what is expected; `why` only from counts."""
    counts, scenario = view.counts(), view.scenario
    found = view.plan_from_counts(counts)
    components.finding(_finding(counts, found))
    components.subheading(why)
    fields = {
        "waiting": (_("Waiting now"), counts.waiting),
        "over": (_("Beyond the limit"), counts.over),
        "arrivals": (_("New entries a week"), scenario.arrivals_a_week),
        "visits": (_("Entries treated a week"), scenario.visits_a_week),
        "weeks": (_("Weeks ahead"), scenario.weeks),
    }
    given: dict[str, int | None] = {}
    with st.form(f"plan_counts_{scenario.to_link()[-12:]}", border=False):
        cells = st.columns(len(fields), gap="small", vertical_alignment="bottom")
        for cell, (name, (label, value)) in zip(cells, fields.items(), strict=True):
            least, most = (4, 156) if name == "weeks" else (0, None)
            whole = None if value is None else round(value)
            with cell:
                given[name] = st.number_input(label, min_value=least, max_value=most, value=whole, step=1)
        sent = st.form_submit_button(_("Compute"), type="primary")
    if sent:
        _send(scenario, given)
    if found is not None:
        components.full_table(_table(found), "counts", what="queue plan from counts")
        components.how_to_read(
            _(
                "The least is what happens where all in each band of waits have come lately, the most where all have waited "
                "to its end. Nobody is taken to leave untreated, and the longest waits go first."
            )
        )


def _send(scenario: Scenario, given: Mapping[str, int | None]) -> None:
    """Open the scenario with the numbers of the form, or say what is missing in them."""
    waiting, over, arrivals, visits = (given[name] for name in ("waiting", "over", "arrivals", "visits"))
    if waiting is None or arrivals is None or visits is None:
        st.error(_("Give how many wait, come and are treated a week. Nothing was computed."))
        return
    if over is not None and over > waiting:
        st.error(_("More are beyond the limit than wait. Nothing was computed."))
        return
    plan_address.write(
        replace(
            scenario,
            waiting=float(waiting),
            over=None if over is None else float(over),
            arrivals_a_week=float(arrivals),
            visits_a_week=float(visits),
            weeks=given["weeks"] or scenario.weeks,
        )
    )
    st.rerun()


def _finding(counts: Counts, found: CountsPlan | None) -> str:
    if counts.waiting is None:
        said = _("How many wait in this queue is not known.")
    else:
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
