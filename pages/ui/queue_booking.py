"""The tab of who to book first: who passes the limit by week and group, and below it the list of entries, for who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from indicators.engine.question import Answer
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages import charts
from pages.access import session
from pages.access.decision import Audience
from pages.charts import Weekly
from pages.sheet import link
from pages.text import queue_booking as words
from pages.text.audience import in_file_name
from pages.text.sources import demo_words
from pages.text.tables import Table
from pages.ui import address, components, downloads, pictures, tables
from pages.ui.pictures import Caption
from pages.views.queue_depth import QueueDepthView, sees_exactly
from pages.views.queues import QueuesView
from pipelines.warehouse.audit import Event

#: The address parameter of what is unfolded, and the code of the list.
UNFOLDED, LIST = "avattu", "merkinnat"
#: Rows of the list on the screen at first, and so many more at a time; the rest is in the file.
ROWS, MOST_ROWS = 50, 500
_SHOWN, _SEEN = "queue_list_rows", "queue_list_seen"
_UNIT = address.PARAMETERS["unit"]


def internal_only(view: QueueDepthView) -> None:
    """Say that what is asked for is internal, and what to do."""
    own = session.access().audience
    if sees_exactly(own, view.chosen.of("unit")):
        why = _(
            "They rest on single entries. Turn the shareable view off under “Share or print” to see them."
        )
    elif own.units:
        why = _(
            "They rest on single entries. You see them of your own units alone: choose those in the filters."
        )
    else:
        why = _("They rest on single entries. Ask a manager or an analyst of the unit for them.")
    components.empty(_("These numbers are internal"), why)
    if view.own_units:
        shown = link(components.link_here({_UNIT: list(view.own_units)}), _("Show my own units"))
        st.html(f'<p class="tv-note">{shown}</p>')


def book_first(view: QueuesView) -> Sequence[Answer]:
    """Who passes the limit in the coming weeks if nothing is done, by group, and the entries by their limit."""
    depth = QueueDepthView(view.chosen)
    if not depth.is_exact:
        internal_only(depth)
        return ()
    found = depth.who_passes()
    if found is None:
        components.note(_("Nobody waits in the queues selected."))
        return ()
    components.note(words.who_passes(found))
    weeks, parts = words.weeks_of(found), words.passing_parts(found)
    inks = (colours.LIMIT, colours.BREACH, colours.OTHERS)
    bars = [
        Weekly(formats.capital(name), ink, tuple(float(one) for one in numbers))
        for (name, numbers), ink in zip(parts, inks[: len(parts)], strict=True)
    ]
    table = words.passing_table(found)
    hover = [
        [f"<b>{row[0].text}</b><br>{part.name}: {row[at].text}" for row in table.rows]
        for at, part in enumerate(bars, start=1)
    ]
    figure = charts.weekly_bars(weeks, bars, hover)
    alt = _("Those who pass the limit in each of the coming weeks if nothing is done")
    components.show_chart(figure, alt, "passing")
    reading = (
        _(
            "A bar is of those whose last day allowed is in the week. New entries are as many as lately; a short limit lets "
            "them pass it within these weeks."
        ),
        _(
            "With so many times a week nobody else passes the limit, if those whose limit is first get them first."
        ),
        _("A booked time is taken to be kept. Times already lost are not known beforehand."),
        *words.remarks_on_passing(found),
    )
    components.how_to_read(*reading)
    with st.expander(_("Tables and downloads"), key="table_passing"):
        components.full_table(table, "passing", what="entries by week of limit")
        for split, title in (
            ("unit", _("Unit")),
            ("service", _("Service")),
            ("profession", _("Profession")),
        ):
            of_split = words.passing_by_table(split, depth.passing_by(split), title)
            tables.sorted_table(of_split, f"passing_{split}", what=f"entries by limit and {split}")
        pictures.of_figure(figure, Caption(alt, reading), alt, "passing", what="entries by week of limit")
    place = components.unfold(
        UNFOLDED,
        LIST,
        _("List of entries ({count})").format(count=formats.number(len(depth.entries))),
    )
    if place is not None:
        with place:
            _list(depth, words.list_limits(found))
    return ()


def _list(depth: QueueDepthView, limits: str) -> None:
    """The entries, without persons; that they are read is recorded first."""
    entries = depth.entries
    details = {"page": address.page_name(), "what": "entries by limit", "rows": str(len(entries))}
    seen = (depth.where, len(entries))
    if st.session_state.get(_SEEN) != seen:
        session.record_or_refuse(Event.ROWS_SEEN, **details)
        st.session_state[_SEEN] = seen
    shown = min(st.session_state.get(_SHOWN, ROWS), MOST_ROWS)
    components.note(limits)
    components.show_table(words.entries_table(entries.head(shown)))
    if len(entries) > shown:
        components.note(words.rows_shown(shown, len(entries)))
        if shown < MOST_ROWS:
            st.button(_("Show more"), key="queue_list_more", on_click=_more, icon=":material/expand_more:")
    _downloads(depth, words.entries_table(entries), limits, details)


def _more() -> None:
    st.session_state[_SHOWN] = st.session_state.get(_SHOWN, ROWS) + 2 * ROWS


def _downloads(depth: QueueDepthView, table: Table, limits: str, details: dict[str, str]) -> None:
    """The whole list as CSV and workbook, for who may still see it when the file is made; taking it is recorded."""
    mark = " ".join(text for text in (limits, demo_words() if components.shows_demo() else "") if text)
    recheck = session.recheck(None, partial(_may_see, depth.chosen.of("unit")))
    page, taker = address.page_name(), downloads.Taker.of_run()

    def made(kind: str) -> bytes:
        recheck(Event.ROWS_SEEN, details | {"taken": kind})
        taker.log(page, f"entries by limit {kind}", len(table.rows))
        if kind == "csv":
            return table.csv(mark)
        # Imported when a file is made, not with every page.
        from pages.text.workbook import workbook

        return workbook(table, mark)

    with st.container(horizontal=True, gap="small", key="queue_list_files"):
        for kind, label, mime in (
            ("csv", _("Download the table (CSV)"), "text/csv"),
            (
                "xlsx",
                _("Workbook (Excel)"),
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
        ):
            downloads.button(
                label,
                partial(made, kind),
                name=f"{page}_entries_{in_file_name()}.{kind}",
                mime=mime,
                key=f"queue_list_{kind}",
                icon="download",
            )


def _may_see(units: tuple[str, ...], who: Audience) -> bool:
    return sees_exactly(who, units)
