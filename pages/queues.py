"""Queues: how many wait, how many beyond the legal limit, who has waited longest; by unit and service, and over time."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import pandas as pd
import streamlit as st

from indicators.change import change_against
from indicators.choices import last_day, queue_areas, reasons_told
from indicators.definition import Definition, definition
from indicators.limits import services_with_limit
from indicators.periods import Period
from indicators.question import INCOMPLETE, NO_DATA, Answer, Question
from pages.ui import cache, charts, filters, formats, names, parts
from pages.ui.queue_words import QueueFinding, finding
from pages.ui.texts import _

LENGTH, OVER = definition("queue_length"), definition("queue_over_limit")
LONGEST, OWN_WISH, URGENT = (
    definition("queue_longest_wait"),
    definition("queue_own_wish"),
    definition("queue_urgent"),
)
DIMENSIONS = ("area", "unit", "service", "profession", "age_band", "municipality")
#: What the table of units and services tells of each.
COLUMNS = (LENGTH, OVER, LONGEST, OWN_WISH)


@dataclass(frozen=True)
class View:
    """What the page tells: every question it asks, so that no hidden number follows. `period` is that of the newest snapshot."""

    chosen: filters.Chosen
    period: Period | None

    @classmethod
    def of(cls, chosen: filters.Chosen) -> View:
        """The view of what is chosen."""
        # Which periods have a snapshot is no secret.
        rows = cache.ask(replace(chosen.question(LENGTH), suppress=False)).rows
        at = _newest(rows)
        return cls(
            chosen, None if at is None else Period(*rows[["period_start", "period_end", "period"]].iloc[at])
        )

    def ask(self, question: Question) -> Answer:
        """The answer to one of the view's questions."""
        return cache.ask(replace(question, beside=self.questions))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Everything that is asked."""
        found = [*map(self.chosen.question, (*COLUMNS, URGENT)), self.by_service, self.by_place(OVER, "unit")]
        return (*found, *(self.by_place(one, "unit", "service") for one in COLUMNS))

    @property
    def by_service(self) -> Question:
        """The length of the queue by service over time."""
        return self.chosen.question(LENGTH, splits=("service",))

    def by_place(self, of: Definition, *splits: str) -> Question:
        """An indicator by unit, or unit and service, on the newest snapshot."""
        periods = () if self.period is None else (self.period,)
        return replace(self.chosen.question(of, splits=splits), by=None, periods=periods, date_from=None)


def draw() -> None:
    """The page."""
    head = st.container()
    chosen = filters.row(
        "queue",
        DIMENSIONS,
        grains=("week", "month", "quarter"),
        span="52vk",
        last=partial(cache.remembered, last_day, "queue"),
        areas=cache.remembered(queue_areas),
    )
    view = View.of(chosen)
    answers = {d.id: view.ask(chosen.question(d)) for d in (LENGTH, OVER, LONGEST, OWN_WISH, URGENT)}
    length = answers[LENGTH.id]
    at = _newest(length.rows)
    newest = {name: _row(answer, length, at) for name, answer in answers.items()}
    with head:
        found = QueueFinding(
            newest[LENGTH.id],
            newest[OVER.id],
            newest[LONGEST.id],
            [names.name("unit", code) for code in _missing(newest[LENGTH.id])],
            None if at is None else change_against(length, at),
        )
        parts.heading(_("Queues"), finding(found, LENGTH, LONGEST), *answers.values())
    if at is None or view.period is None:
        parts.empty(
            _("No queue snapshot fits the choice"),
            _("Choose a longer time or more units, or load a queue extract on the page for loading data."),
        )
        parts.definition_block(*COLUMNS, URGENT)
        return
    _tiles(answers, newest)
    _over_time(answers, chosen.grain)
    over = newest[OVER.id]
    _units(view, view.period, over_is_known=over is not None and over["status"] != NO_DATA)
    _services(view)
    parts.sources(*answers.values())
    parts.definition_block(*COLUMNS, URGENT)


def _newest(rows: pd.DataFrame) -> int | None:
    """The position of the newest period with a snapshot."""
    known = [at for at, status in enumerate(rows["status"]) if status != NO_DATA]
    return known[-1] if known else None


def _row(answer: Answer, length: Answer, at: int | None) -> Mapping[str, Any] | None:
    """The row of an answer for the newest period of the queue's length; None where it has none."""
    if at is None:
        return None
    mine = answer.rows[answer.rows["period"] == length.rows["period"].iloc[at]]
    return None if mine.empty else mine.iloc[0].to_dict()


def _missing(row: Mapping[str, Any] | None) -> list[str]:
    return [] if row is None or not row["note"] else str(row["note"]).split()


def _tiles(answers: Mapping[str, Answer], newest: Mapping[str, Mapping[str, Any] | None]) -> None:
    """The numbers of the newest snapshot."""
    shown = []
    for found in (LENGTH, OVER, LONGEST, OWN_WISH, URGENT):
        row, answer = newest[found.id], answers[found.id]
        if row is None:
            continue
        details = []
        if not formats.missing(row["as_of"]):
            details.append(_("snapshot of {day}").format(day=formats.day(row["as_of"])))
        if found is OVER and formats.has_coverage(row):
            details.append(_("known of {coverage} of the entries").format(coverage=formats.coverage(row)))
        if row["status"] == INCOMPLETE:
            details.append(formats.status_word(INCOMPLETE))
        # Answers may begin and end with other periods than the length's, which counts stand in for.
        place = list(answer.rows["period"]).index(row["period"])
        change = change_against(answer, place) if found is not LONGEST else None
        shown.append(
            parts.Tile(
                names.text(found).short,
                formats.cell(row, found),
                tuple(details),
                change=None
                if change is None
                else _("{change} against the {count} before").format(
                    change=formats.change(round(change.difference), found), count=change.periods
                )
                if change.periods == change.among
                else _("{change} against the {count} known of the {among} before").format(
                    change=formats.change(round(change.difference), found),
                    count=change.periods,
                    among=change.among,
                ),
                trend=tuple(answer.rows["value"].iloc[: place + 1].tail(26)),
                trend_words=_("{name} over time").format(name=names.text(found).short),
                first=found is LENGTH,
            )
        )
    parts.tiles(shown)


def _over_time(answers: Mapping[str, Answer], grain: str) -> None:
    """Length and those beyond the limit over time, each on an axis of its own."""
    parts.section(
        _("The queue over time"),
        _("Each point is the sum of the units' last snapshots in the period; a hollow point lacks a unit."),
    )
    for found, colour in ((LENGTH, None), (OVER, charts.theme.LIMIT), (LONGEST, None)):
        rows = answers[found.id].rows
        named = names.text(found)
        st.subheader(named.name, anchor=False)
        drawn = {} if colour is None else {"colour": colour}
        parts.chart_block(
            charts.trend(rows, found, grain, **drawn),
            _("{name} over time").format(name=named.name),
            parts.answer_table(rows, found, caption=named.name),
            f"trend_{found.id}",
            what=found.id,
        )


def _units(view: View, period: Period, *, over_is_known: bool) -> None:
    """Units and services on the newest snapshot, worst first."""
    parts.section(
        _("Units on the newest snapshot, worst first"),
        _("Entries beyond the legal limit by unit. Where to act first stands on top."),
    )
    by_unit = view.ask(view.by_place(OVER, "unit"))
    if by_unit.rows.empty and not over_is_known:
        parts.note(f"{names.text(OVER).short}: {formats.status_word(NO_DATA)}.")
    elif by_unit.rows.empty:
        parts.note(_("No service of this choice has a legal limit, so nothing can be beyond it."))
    else:
        units = names.names("unit", list(by_unit.rows["unit"]))
        parts.chart_block(
            charts.ranked(by_unit.rows, OVER, "unit", units),
            _("Entries beyond the legal limit by unit, worst first"),
            parts.answer_table(by_unit.rows, OVER, ("unit",), caption=names.text(OVER).name),
            "units",
            what=OVER.id,
        )
    table = _table(view, period)
    st.subheader(_("Every unit and service of the newest snapshot"), anchor=False)
    st.html(parts.table_html(table))
    parts.download(table, "units_services", what="queue_by_unit_and_service")


def _table(view: View, period: Period) -> parts.Table:
    """One row per unit and service with an entry: length, beyond the limit, longest wait, own wish."""
    rows: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for found in COLUMNS:
        for row in view.ask(view.by_place(found, "unit", "service")).rows.to_dict("records"):
            rows.setdefault((row["unit"], row["service"]), {})[found.id] = row
    ordered = sorted(rows.items(), key=lambda item: _worst(item[1]))
    told: Set[tuple[str, str]] = cache.remembered(reasons_told)
    header = (_("Unit and service"), *(names.text(found).short for found in COLUMNS))
    body = [
        (
            _place(unit, service),
            *(_cell(found, cells.get(found.id), service, (unit, service) in told) for found in COLUMNS),
        )
        for (unit, service), cells in ordered
    ]
    return parts.Table(
        header,
        tuple(body),
        (False, *(True,) * len(COLUMNS)),
        _("Queue by unit and service, {period}").format(period=formats.period(period.label)),
    )


def _place(unit: str, service: str) -> parts.Cell:
    """Unit and service in one cell, so that the numbers fit beside them on a phone."""
    words = f"{names.name('unit', unit)}, {names.name('service', service)}"
    return parts.Cell(words, words)


def _cell(
    found: Definition, row: Mapping[str, Any] | None, service: str, reasons_are_told: bool
) -> parts.Cell:
    """A cell of the table; no row means that nothing was counted, which is 0 only where it would have been.

    Those waiting by their own wish are known where rows tell why one waits; counts and some sources do not.
    """
    if row is None:
        if reasons_are_told and found in (LENGTH, OWN_WISH):
            return parts.Cell(formats.value(0, found), 0)
        without_limit = found is OVER and service not in services_with_limit()
        return parts.Cell(_("no limit") if without_limit else formats.status_word(NO_DATA), None)
    return parts.Cell(
        formats.marked(row, found), None if formats.missing(row["value"]) else float(row["value"])
    )


def _worst(cells: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Sorts the most beyond the limit first, then the longest queue; hidden ones after those that are shown."""

    def of(found: Definition) -> float:
        row = cells.get(found.id)
        return 0.0 if row is None or formats.missing(row["value"]) else -float(row["value"])

    return of(OVER), of(LENGTH)


def _services(view: View) -> None:
    """The length by service, each on a small chart of its own, on one scale."""
    answer = view.ask(view.by_service)
    codes = list(dict.fromkeys(answer.rows.sort_values("value", ascending=False)["service"]))
    if len(codes) < 2:
        return
    parts.section(_("Services beside each other"), _("The length of the queue by service, all on one scale."))
    shown = []
    top = float(answer.rows["value"].max())
    for code, name in names.names("service", codes).items():
        rows = answer.rows[answer.rows["service"] == code]
        newest = rows.iloc[-1].to_dict()
        number = formats.short_marked(newest, LENGTH)
        if newest["period"] != answer.rows["period"].iloc[-1]:
            # Without an entry in the newest period the newest there is, under its own name.
            number = f"{formats.period(newest['period'])}: {number}"
        words = _("Length of the queue by service over time") + f": {name}, {number}"
        drawn = (
            charts.small(rows, LENGTH, view.chosen.grain, top=top) if rows["value"].notna().any() else None
        )
        shown.append(parts.Small(name, number, drawn, words))
    parts.smalls(shown, "services")
    parts.table_block(
        parts.answer_table(answer.rows, LENGTH, ("service",), caption=names.text(LENGTH).name),
        "services",
        what=LENGTH.id,
    )


parts.guarded(draw)
