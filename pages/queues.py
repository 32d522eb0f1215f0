"""Queues: how many wait, how many beyond the legal limit, who has waited longest; by unit and service, and over time."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.dimensions import filters_of
from indicators.catalogue.limits import services_with_limit
from indicators.catalogue.periods import Period
from indicators.engine.choices import last_day, queue_areas, queues_with_reasons
from indicators.engine.question import INCOMPLETE, NO_DATA, Answer
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages import charts
from pages.text import names
from pages.text import queues as words
from pages.text.queues import QueueFinding
from pages.text.tables import Cell, Table, Value, answer_table, day_cell
from pages.text.tiles import Tile
from pages.ui import components, filters
from pages.views.queues import COLUMNS, LENGTH, LONGEST, OVER, OWN_WISH, URGENT, QueuesView


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
    answers = {d.id: view.ask(chosen.question(d)) for d in (*COLUMNS, URGENT)}
    newest = {d.id: view.newest_row(d) for d in (*COLUMNS, URGENT)}
    with head:
        components.heading(
            _("Queues"), words.finding(_found(view, newest), LENGTH, OVER, LONGEST), *answers.values()
        )
    if view.period is None:
        components.empty(
            _("No queue snapshot fits the choice"),
            _("Choose a longer time or more units, or load a queue extract on the page for loading data."),
        )
        components.definition_block(*COLUMNS, URGENT)
        return
    _tiles(view, answers, newest)
    _over_time(answers, chosen.grain)
    over = newest[OVER.id]
    _units(view, view.period, over_is_known=over is not None and over["status"] != NO_DATA)
    _services(view)
    components.sources(*answers.values())
    components.definition_block(*COLUMNS, URGENT)


def _found(view: QueuesView, newest: Mapping[str, Mapping[str, Any] | None]) -> QueueFinding:
    rows = {
        key: row
        for key, row in view.places.get(LENGTH.id, {}).items()
        if view.period is not None and row["period"] == view.period.label
    }
    days = [row["as_of"] for row in rows.values() if not formats.missing(row["as_of"])]
    return QueueFinding(
        newest[LENGTH.id],
        newest[OVER.id],
        newest[LONGEST.id],
        view.missing_with_numbers(LENGTH),
        sorted({service for _unit, service in rows}),
        view.part_only(),
        view.change(LENGTH),
        view.chosen.grain,
        max(days, default=None),
        view.missing_with_numbers(OVER),
        view.number_only(),
    )


def _tiles(
    view: QueuesView, answers: Mapping[str, Answer], newest: Mapping[str, Mapping[str, Any] | None]
) -> None:
    shown = []
    for found in (*COLUMNS, URGENT):
        row, answer = newest[found.id], answers[found.id]
        if row is None:
            continue
        details = []
        if not formats.missing(row["as_of"]):
            details.append(_("snapshot of {day}").format(day=formats.day(row["as_of"])))
        if found is OVER and formats.has_coverage(row):
            details.append(_("known of {coverage} of the entries").format(coverage=formats.coverage(row)))
        if row["status"] == INCOMPLETE:
            details.append(_("the number is incomplete"))
        # Answers may begin and end with other periods than the length's, where counts replace it.
        at = list(answer.rows["period"]).index(row["period"])
        shown.append(
            Tile(
                names.text(found).short,
                formats.cell(row, found),
                tuple(details),
                change=None
                if found is LONGEST
                else words.change_label(view.change(found), found, view.chosen.grain),
                trend=tuple(answer.rows["value"].iloc[: at + 1].tail(26)),
                trend_words=_("{name} over time").format(name=names.text(found).short),
                first=found is LENGTH,
            )
        )
    components.tiles(shown)


def _over_time(answers: Mapping[str, Answer], grain: str) -> None:
    components.section(
        _("The queue over time"),
        _("Each point is the sum of the units' last snapshots in the period; a hollow point lacks a unit."),
    )
    for found, colour in ((LENGTH, None), (OVER, colours.LIMIT), (LONGEST, None)):
        rows = answers[found.id].rows
        if rows["status"].isin((NO_DATA,)).all():
            continue
        named = names.text(found)
        st.subheader(named.name, anchor=False)
        drawn = {} if colour is None else {"colour": colour}
        components.chart_block(
            charts.trend(rows, found, grain, **drawn),
            _("{name} over time").format(name=named.name),
            answer_table(rows, found, caption=named.name),
            f"trend_{found.id}",
            what=found.id,
        )


def _units(view: QueuesView, period: Period, *, over_is_known: bool) -> None:
    components.section(
        _("Units on the newest snapshot, worst first"),
        _("Entries beyond the legal limit by unit, the first to act on at the top."),
    )
    by_unit = view.ask(view.by_unit)
    without = by_unit.rows.empty and not over_is_known
    missing = view.missing_with_numbers(OVER)
    components.note(words.part_only(view.part_only()))
    components.note("" if without else words.lacking_of(OVER, missing))
    if without:
        # There is no number that could lack a queue: the counts are shown by themselves.
        nothing = f"{names.text(OVER).short}: {formats.status_word(NO_DATA)}."
        components.note(f"{nothing} {words.newest_counts(missing)}".rstrip())
    elif by_unit.rows.empty:
        components.note(_("No service of this choice has a legal limit, so nothing can be beyond it."))
    else:
        units = names.names("unit", list(by_unit.rows["unit"]))
        components.chart_block(
            charts.ranked(by_unit.rows, OVER, "unit", units),
            _("Entries beyond the legal limit by unit, worst first"),
            answer_table(by_unit.rows, OVER, ("unit",), caption=names.text(OVER).name),
            "units",
            what=OVER.id,
        )
    table = _table(view, period)
    st.subheader(_("Every unit and service with its newest count"), anchor=False)
    if view.older:
        components.note(_("A number of an earlier day than the newest snapshot is shown with its day."))
    components.full_table(table, "units_services", what="queue_by_unit_and_service")


def _table(view: QueuesView, period: Period) -> Table:
    """One row per unit and service: length, beyond the limit, longest wait, own wish; the day of its newest number."""
    keys = {key for rows in view.places.values() for key in rows}
    keys |= {(one.unit, one.service) for of in (LENGTH, OVER) for one in view.missing(of)}
    rows = {key: {name: of[key] for name, of in view.places.items() if key in of} for key in keys}
    in_counts_alone = {(one.unit, one.service) for one in view.not_in_rows}
    with_reasons: Set[tuple[str, str]] = view.read(queues_with_reasons) - in_counts_alone
    body: list[list[Value]] = []
    for (unit, service), cells in sorted(rows.items(), key=lambda item: (*_worst(item[1]), item[0])):
        days = [row["as_of"] for row in cells.values() if not formats.missing(row["as_of"])]
        day = max(days, default=None)
        nothing_is_zero = (unit, service) in with_reasons and day is not None and day >= period.start
        body.append(
            [
                words.place(unit, service),
                *(_cell(of, cells.get(of.id), service, day, nothing_is_zero) for of in COLUMNS),
                day_cell(day),
            ]
        )
    return Table.of(
        _("Queue by unit and service, {period}").format(period=formats.period(period.label)),
        (_("Unit and service"), *(names.text(found).short for found in COLUMNS), _("Counted on")),
        body,
        range(1, len(COLUMNS) + 2),
    )


def _cell(
    of: Definition, row: Mapping[str, Any] | None, service: str, day: date | None, nothing_is_zero: bool
) -> Cell:
    """A cell of the table; a missing row is 0 only where it would have been counted.

    A number of another day than the newest of its row is shown with its day.
    """
    if row is None:
        if nothing_is_zero and of in (LENGTH, OWN_WISH):
            return Cell(formats.value(0, of), 0)
        without_limit = of is OVER and service not in services_with_limit()
        return Cell(_("no limit") if without_limit else formats.status_word(NO_DATA), None)
    text = formats.marked(row, of)
    if not formats.missing(row["as_of"]) and row["as_of"] != day:
        text = f"{text} ({formats.day(row['as_of'])})"
    return Cell(text, None if formats.missing(row["value"]) else float(row["value"]))


def _worst(cells: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Sorts the most beyond the limit first, then the longest queue; hidden ones after those that are shown."""

    def of(found: Definition) -> float:
        row = cells.get(found.id)
        return 0.0 if row is None or formats.missing(row["value"]) else -float(row["value"])

    return of(OVER), of(LENGTH)


def _services(view: QueuesView) -> None:
    answer = view.ask(view.by_service)
    codes = list(dict.fromkeys(answer.rows.sort_values("value", ascending=False)["service"]))
    if len(codes) < 2:
        return
    components.section(_("Services side by side"), _("The length of the queue by service, all on one scale."))
    shown = []
    top = float(answer.rows["value"].max())
    for code, name in names.names("service", codes).items():
        rows = answer.rows[answer.rows["service"] == code]
        newest = rows.iloc[-1].to_dict()
        number = formats.short_cell(newest, LENGTH)
        if newest["status"] == INCOMPLETE:
            number = ", ".join((number, _("the number is incomplete")))
        if newest["period"] != answer.rows["period"].iloc[-1]:
            # Without an entry in the newest period the newest there is, under its own name.
            number = f"{formats.period(newest['period'])}: {number}"
        alt = _("Length of the queue by service over time") + f": {name}, {number}"
        drawn = (
            charts.small(rows, LENGTH, view.chosen.grain, top=top) if rows["value"].notna().any() else None
        )
        shown.append(components.Small(name, number, drawn, alt))
    components.small_charts(shown, "services")
    components.table_block(
        answer_table(answer.rows, LENGTH, ("service",), caption=names.text(LENGTH).name),
        "services",
        what=LENGTH.id,
    )


components.guarded(draw)
