"""The tab of before and after: an indicator on both sides of a dated change, in the units it concerns and in the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import streamlit as st

from indicators.analysis.before_after import LENGTHS, BeforeAfter, before_and_after, units_between
from indicators.catalogue.periods import start_of
from indicators.engine.question import Answer
from indicators.programme.annotations import DatedChange, dated_changes
from indicators.wording import formats
from indicators.wording.translations import _
from pages import charts
from pages.text import before_after, names
from pages.ui import cache, components, filters
from pages.ui.pictures import Caption
from pages.views.indicator import FIRST_GRAIN, IndicatorView

EVENT, DAY, CONCERNED, LENGTH = "tapahtuma", "paiva", "koskee", "ikkuna"
#: In the address: a day of the reader's own.
OWN_DAY = "oma"
#: How far before the last known day the day lies that is offered first.
OWN_DAY_BACK = timedelta(weeks=13)
EARLIEST = date(2000, 1, 1)
MOST_UNITS = 30
#: Letters of an event in its box.
EVENT_LENGTH = 90


def draw(view: IndicatorView) -> tuple[Answer, ...]:
    """Before and after a dated change, in the units concerned and the others; returns the answers behind it."""
    if "unit" not in view.opened.dimensions or not view.by_rows:
        components.empty(
            _("Before and after cannot be shown"),
            _(
                "The figure is not known by unit here, so there are no units with the change and without it. Choose "
                "another indicator or area, or load an extract."
            ),
        )
        return ()
    grain = view.chosen.grain if view.chosen.grain in LENGTHS else FIRST_GRAIN
    question = view.around(grain)
    there: tuple[str, ...] = view.read(units_between, question, cache.settings())
    events: tuple[DatedChange, ...] = view.read(dated_changes, view.opened.id, view.area)
    called = names.names("unit", [*there, *(unit for event in events for unit in event.units)])
    with st.container(key="around_choice"):
        event, day = _day(events, called, view.chosen.last)
        of_event = tuple(unit for unit in (event.units if event else ()) if unit in there)
        # What is noted of all units leaves none without it, whatever units the reader follows.
        first = of_event if event else tuple(unit for unit in view.chosen.of("unit") if unit in there)
        concerned, length = _concerned_and_length(grain, there, called, first)
    found: BeforeAfter = view.read(
        before_and_after, question, cache.settings(), day=day, length=length, units=concerned
    )
    components.subheading(before_after.around(found, called))
    if event is not None and event.units and not of_event:
        components.note(
            _("The units the annotation is of have no data of this indicator: choose the units above.")
        )
    if event is not None and not event.units and concerned:
        components.note(_("The annotation is of all units: those not chosen have the change too."))
    _compared(found, event, called, names.scope(question.area, question.where))
    components.note(before_after.association(found, events, called))
    return tuple(found.answers)


def _concerned_and_length(
    grain: str, there: Sequence[str], called: Mapping[str, str], first: Sequence[str]
) -> tuple[tuple[str, ...], int]:
    """The units the change concerns, and how many periods are compared on each side."""
    cells = st.columns([3, 1.4], gap="small", vertical_alignment="bottom")
    with cells[0]:
        concerned = filters.choose_several(
            CONCERNED,
            _("Units the change concerns (none chosen: all)"),
            {unit: called[unit] for unit in sorted(there, key=called.__getitem__)},
            first,
            MOST_UNITS,
            means_all=True,
        )
    with cells[1]:
        lengths = [str(length) for length in LENGTHS[grain]]
        length = filters.choose(
            LENGTH,
            _("Window on each side"),
            lengths,
            lengths[1],
            lambda code: before_after.length_words(grain, int(code)),
        )
    return concerned, int(length)


def _day(
    events: Sequence[DatedChange], called: Mapping[str, str], last: date | None
) -> tuple[DatedChange | None, date]:
    """The change looked at: one that has been noted, or a day of the reader's own."""
    keyed = {
        event.date.isoformat() + (f"-{at}" if at else ""): event
        for at, event in _numbered(sorted(events, key=lambda event: event.date, reverse=True))
    }

    def said(code: str) -> str:
        if code == OWN_DAY:
            return _("Another day")
        text = before_after.event_words(keyed[code], called)
        return text if len(text) <= EVENT_LENGTH else text[: EVENT_LENGTH - 1].rstrip() + "…"

    past = [code for code, event in keyed.items() if last is None or event.date <= last]
    cells = st.columns([3, 1.4], gap="small", vertical_alignment="bottom")
    with cells[0]:
        chosen = filters.choose(EVENT, _("Change"), [*keyed, OWN_DAY], past[0] if past else OWN_DAY, said)
    if chosen != OWN_DAY:
        return keyed[chosen], keyed[chosen].date
    first = start_of((last or cache.today()) - OWN_DAY_BACK, "month")
    with cells[1]:
        return None, filters.by_day(DAY, _("Day of the change"), first, EARLIEST)


def _numbered(events: Sequence[DatedChange]) -> list[tuple[int, DatedChange]]:
    """Events with how many of the same day come before them."""
    return [
        (sum(other.date == event.date for other in events[:at]), event) for at, event in enumerate(events)
    ]


def _compared(found: BeforeAfter, event: DatedChange | None, called: Mapping[str, str], scope: str) -> None:
    noted = "" if event is None else before_after.event_words(event, called)
    components.note(noted)
    components.tiles(before_after.tiles(found, called))
    drawn = charts.courses(found, called)
    table = before_after.windows_table(found, called)
    if drawn:
        title = _("{name} before and after {day}").format(
            name=names.text(found.definition).name, day=formats.day(found.day)
        )
        axis = _("before = 100") if found.relative else formats.unit_word(found.definition)
        components.chart_block(
            charts.around(drawn, found.day, formats.day(found.day), found.definition, found.grain, axis),
            before_after.around(found, called),
            table,
            "around",
            what=f"{found.definition.id} before and after {found.day}",
            picture=Caption(title, (noted,), scope, found.answers),
            remark=before_after.windows(found),
        )
    else:
        components.note(before_after.windows(found))
    periods = before_after.periods_table(found, called)
    if periods is not None and drawn:
        components.table_block(
            periods,
            "periods",
            what=f"{found.definition.id} periods around {found.day}",
            title=_("Each period of the windows"),
        )
