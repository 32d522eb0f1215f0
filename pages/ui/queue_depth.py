"""The depth of the queues from single entries, a tab each: flow, honest waits, near misses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from indicators.analysis.queue_flow import Flow
from indicators.analysis.queue_outlook import Waiting
from indicators.engine.near_misses import JUST_OVER_DAYS
from indicators.engine.question import Answer
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages import charts
from pages.charts import Weekly
from pages.text import queue_depth as words
from pages.text.queues import waiting_words
from pages.text.tables import Cell, Table, period_cell
from pages.ui import cache, components, pictures, tables
from pages.ui.pictures import Caption
from pages.ui.queue_booking import internal_only
from pages.views.queue_depth import QueueDepthView
from pages.views.queues import QueuesView

#: From the last day of a week to its middle.
_TO_MIDDLE = timedelta(days=3)

# --- flow ----------------------------------------------------------------------------------------------------------


def flow(view: QueuesView) -> Sequence[Answer]:
    """What came to the queues and what left them by week, reconciled; in the shareable view who came and left alone."""
    depth = QueueDepthView(view.chosen)
    if not depth.is_exact or not depth.has_flow:
        _shareable_flow(view)
        return ()
    rows = words.flow_rows(
        depth.flow(), view.chosen.first, eves_are_weekdays=cache.settings().eves_are_weekdays
    )
    if rows.empty:
        _no_flow()
        return ()
    components.note(words.flow_sentence(rows))
    components.show_table(words.reconciliation(rows))
    for text in words.flow_remarks(rows):
        components.note(text)
    table = words.flow_table(rows)
    weeks = words.weeks_with_gaps(rows)

    def line(name: str, column: str, colour: str, dash: str = "solid") -> Weekly:
        numbers = [float(number) for number in rows[column]]
        return Weekly(name, colour, tuple(None if at is None else numbers[at] for _week, at in weeks), dash)

    lines = (
        line(_("came"), "arrived", colours.OTHERS, "dot"),
        line(_("treated"), "treated", colours.OURS),
        line(_("left"), "left", colours.BREACH),
    )
    said = [
        "<br>".join(
            (f"<b>{row[0].text}</b>", *(f"{table.header[at]}: {row[at].text}" for at in (2, 4, 5, 11)))
        )
        for row in reversed(table.rows)
    ]
    hover = ["" if at is None else said[at] for _week, at in weeks]
    reading = (
        _(
            "A week runs from one snapshot to the next. Who came and was treated between two snapshots, or was never listed, "
            "is counted in both. Who is gone and has no visit left otherwise: moved away, changed plans, or the list was "
            "cleaned."
        ),
        _(
            "Entries that wait by own wish are not counted. In a week with public holidays fewer come and are treated."
        ),
    )
    # A week that ends on a Monday is named by the days before.
    _flow_chart([week - _TO_MIDDLE for week, _at in weeks], lines, hover, table, reading)
    return ()


def _no_flow() -> None:
    components.note(
        _("Two snapshots of the same unit in weeks after each other are needed to tell who came and left.")
    )


def _flow_chart(
    weeks: Sequence[date],
    lines: Sequence[Weekly],
    hover: Sequence[str],
    table: Table,
    reading: Sequence[str],
) -> None:
    figure = charts.flows(weeks, lines, hover)
    alt = _("Entries that came to the queue and that left it, by week")
    components.show_chart(figure, alt, "flows")
    components.how_to_read(*reading)
    components.table_block(table, "flows", what="queue_flows")
    pictures.of_figure(figure, Caption(alt, reading), alt, "flows", what="queue_flows")


def _shareable_flow(view: QueuesView) -> None:
    """Who came and left between the listed entries of weeks, small numbers suppressed."""
    found = view.flows()
    if not found:
        _no_flow()
        return
    hover = [_flow_words(one) for one in found]
    components.note(hover[-1])
    rows = [[period_cell(one.period.label), _cell(one.arrived), _cell(one.left)] for one in reversed(found)]
    table = Table.of(
        _("Arrived in the queue and left it"), (_("Period"), _("Arrived"), _("Left")), rows, (1, 2)
    )
    lines = (
        Weekly(_("came"), colours.OTHERS, tuple(one.arrived.count for one in found), "dot"),
        Weekly(_("left"), colours.OURS, tuple(one.left.count for one in found)),
    )
    reading = (
        _(
            "Entries of the newest snapshot of a week that were not in that of the week before, and the other way round. An "
            "entry leaves for whatever reason: care, another place, or a correction."
        ),
        _("Units without a snapshot in both weeks are not counted."),
    )
    _flow_chart([one.period.start for one in found], lines, hover, table, reading)


def _flow_words(one: Flow) -> str:
    return _("{period}: {arrived} arrived, {left} left.").format(
        period=formats.capital(formats.period(one.period.label)),
        arrived=waiting_words(one.arrived),
        left=waiting_words(one.left),
    )


def _cell(waiting: Waiting) -> Cell:
    return Cell(waiting_words(waiting), waiting.count)


# --- honest waits --------------------------------------------------------------------------------------------------


def honest_waits(view: QueuesView) -> Sequence[Answer]:
    """The share seen of those assessed, those still waiting counted in, and the wait of who joins today."""
    depth = QueueDepthView(view.chosen)
    if not depth.is_exact:
        internal_only(depth)
        return ()
    found = depth.waits()
    if found is None or depth.span is None:
        components.note(_("Nobody's need was assessed in this time, or the day of assessment is not known."))
    else:
        components.note(words.honest_sentence(found, depth.span))
        components.show_table(words.honest_table(found))
        components.download(words.honest_table(found), "honest", what="honest waits")
        components.note(words.honest_counts(found))
        components.how_to_read(
            _(
                "Who still waits has waited for at least so long, and counts until then; so does who left without a visit "
                "(Kaplan–Meier). Shares of those already seen leave out who waits longest, and look better than it is."
            ),
            _("Not known: nobody has been followed for so long. Days run from the assessment of need."),
        )
    st.subheader(_("The wait of who joins today"), anchor=False)
    components.note(words.expected_sentence(*depth.expected()))
    by_unit = depth.expected_by_unit()
    if by_unit:
        tables.sorted_table(words.expected_table(by_unit), "expected", what="expected waits")
        components.note(words.few_weeks(by_unit))
        components.how_to_read(
            _(
                "Told from those assessed in the 13 weeks before, as if the days to come were like them. It is that of who "
                "stays: who leaves without a visit is in a column of their own."
            ),
            _(
                "On each of 26 past weeks the wait was told from what was known then, and compared with what became of those "
                "who joined that week. The middle should hold for 50 % of them, the end for 90 %."
            ),
        )
    return ()


# --- near misses ---------------------------------------------------------------------------------------------------


def near_misses(view: QueuesView) -> Sequence[Answer]:
    """What nearly was in time, and what takes times: cancelled, missed, repeated, several services."""
    depth = QueueDepthView(view.chosen)
    if not depth.is_exact:
        internal_only(depth)
        return ()
    components.note(words.entries_just_over(depth.entries, JUST_OVER_DAYS))
    period = depth.visit_span
    if period is None:
        components.note(_("No visits of this area are known."))
        return ()
    target = depth.target()
    level = None if target is None else target.value
    near = depth.near_misses()
    if near:
        components.note(words.near_sentence(near, period, level))
        tables.sorted_table(words.near_table(near, level), "near", what="near misses")
        components.how_to_read(
            _(
                "Visits of non-urgent care whose wait was 8–10 days. It is the fewest visits that would have had to be in time; "
                "it does not tell whether there was a time to give, nor how ill anybody was."
            )
        )
    elif depth.seven_day_where is None:
        components.note(_("The target of seven days is of primary outpatient care, which is not selected."))
    else:
        components.note(_("No visit with known dates fits the choice."))
    lost = depth.lost_time()
    if lost:
        st.subheader(_("Lost times and repeated contacts"), anchor=False)
        tables.sorted_table(words.lost_table(lost), "lost", what="lost times")
        components.how_to_read(
            _(
                "A cancelled time may have been given to somebody else: it does not tell how much time was lost."
            ),
            _("A missed time tells nothing of its reason, nor whether a reminder was sent."),
            _(
                "Contacts again within 14 days are with the same service: many are planned. They do not tell that the first "
                "one failed."
            ),
        )
    people = depth.people_by_services()
    if people:
        st.subheader(_("People of several services"), anchor=False)
        components.show_table(words.people_table(people))
        components.how_to_read(
            _(
                "Who came to several services may need them all: the number does not tell that care was scattered."
            )
        )
    return ()
