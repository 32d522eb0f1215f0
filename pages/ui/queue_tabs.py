"""The depth of the queues, a tab each: the queue over time, own wish and limits, table and downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import Any

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.limits import access_limits, services_with_limit
from indicators.catalogue.periods import Period
from indicators.engine.choices import queues_with_reasons
from indicators.engine.question import INCOMPLETE, NO_DATA, Answer
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages import charts
from pages.sheet import Fact, columns, note, number_block
from pages.text import definitions as definition_words
from pages.text import names
from pages.text import queues as words
from pages.text.tables import Cell, Table, Value, answer_table, day_cell
from pages.ui import cache, components, sheet
from pages.ui.pictures import Caption
from pages.views.queues import COLUMNS, LENGTH, LONGEST, OVER, OWN_WISH, URGENT, QueuesView


def over_time(view: QueuesView) -> Sequence[Answer]:
    """The queue, those beyond the limit and the longest wait over time, and the services side by side."""
    answers = [view.ask(view.chosen.question(of)) for of in (LENGTH, OVER, LONGEST)]
    reading = _(
        "Each point is the sum of the units' last snapshots in the period; a hollow point lacks a unit."
    )
    for answer, colour in zip(answers, (None, colours.LIMIT, None), strict=True):
        of = answer.definition
        if answer.rows["status"].isin((NO_DATA,)).all():
            continue
        named = names.text(of)
        st.subheader(named.name, anchor=False)
        drawn = {} if colour is None else {"colour": colour}
        components.chart_block(
            charts.trend(answer.rows, of, view.chosen.grain, **drawn),
            _("{name} over time").format(name=named.name),
            answer_table(answer.rows, of, caption=named.name),
            f"trend_{of.id}",
            what=of.id,
            picture=Caption(
                named.name, (reading,), names.scope(answer.question.area, answer.question.where), (answer,)
            ),
        )
    components.how_to_read(reading)
    return [*answers, *_services(view)]


def _services(view: QueuesView) -> Sequence[Answer]:
    answer = view.ask(view.by_service)
    codes = list(dict.fromkeys(answer.rows.sort_values("value", ascending=False)["service"]))
    if len(codes) < 2:
        return ()
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
    return (answer,)


def own_wish_and_limits(view: QueuesView) -> Sequence[Answer]:
    """Who waits by own wish or without being non-urgent, over time, and the limits by which entries are judged."""
    answers = [view.ask(view.chosen.question(of)) for of in (OWN_WISH, URGENT)]
    sheet.show(columns(*(_number(view, of) for of in (OWN_WISH, URGENT))), "others")
    for answer in answers:
        of = answer.definition
        caption = names.text(of).name
        components.table_block(
            answer_table(answer.rows, of, caption=caption), f"trend_{of.id}", what=of.id, title=caption
        )
    services = view.chosen.of("service")
    limits = [
        limit
        for limit in access_limits()
        if limit.in_force(cache.today()) and (not services or limit.service in services)
    ]
    st.subheader(_("Legal limits in force"), anchor=False)
    components.show_table(definition_words.limits_table(limits, _("Legal limits in force")))
    return answers


def _number(view: QueuesView, of: Definition) -> str:
    """A number of the newest snapshots with its change; empty where there is none."""
    row = view.newest_row(of)
    if row is None:
        return ""
    shown = formats.short_cell(row, of)
    name, change = words.change_fact(view.change(of), of, view.chosen.grain)
    facts = [Fact(name, change)] if name else []
    if not formats.missing(row["as_of"]):
        facts.append(Fact(_("Snapshot"), formats.day(row["as_of"])))
    remark = note(formats.capital(_("the number is incomplete"))) if row["status"] == INCOMPLETE else ""
    return number_block(names.text(of).name, shown, (), facts) + remark


def table_and_downloads(view: QueuesView) -> Sequence[Answer]:
    """Every unit and service with its newest counts, those beyond the limit by unit, and what the figures mean."""
    if view.period is None:
        return ()
    by_unit = view.ask(view.by_unit)
    over = view.newest_row(OVER)
    over_is_known = over is not None and over["status"] != NO_DATA
    missing = view.missing_with_numbers(OVER)
    if by_unit.rows.empty and not over_is_known:
        # There is no number that could lack a queue: the counts are shown by themselves.
        nothing = f"{names.text(OVER).short}: {formats.status_word(NO_DATA)}."
        components.note(f"{nothing} {words.newest_counts(missing)}".rstrip())
    elif by_unit.rows.empty:
        components.note(_("No service of this choice has a legal limit, so nothing can be beyond it."))
    if view.older:
        components.note(_("A number of an earlier day than the newest snapshot is shown with its day."))
    components.full_table(_table(view, view.period), "units_services", what="queue_by_unit_and_service")
    if len(by_unit.rows):
        components.table_block(
            answer_table(by_unit.rows, OVER, ("unit",), caption=names.text(OVER).name), "units", what=OVER.id
        )
    components.definition_block(*COLUMNS, URGENT)
    return (by_unit,)


def _table(view: QueuesView, period: Period) -> Table:
    """One row per unit and service: length, beyond the limit, longest wait, own wish; the day of its newest number."""
    places = {of.id: view.places(of) for of in COLUMNS}
    keys = {key for rows in places.values() for key in rows}
    keys |= {(one.unit, one.service) for of in (LENGTH, OVER) for one in view.missing(of)}
    rows = {key: {name: of[key] for name, of in places.items() if key in of} for key in keys}
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
